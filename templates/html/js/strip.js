/* One axis as a table: a row is an output, a column an input, a cell the window position that joins them.
   A row read across is the forward pass, a column read down is the gradient. */

const MOST_STRIP = 14;

class Strips {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
    this.at = owner.relation.axes.map(() => 1);
  }

  name(x) {
    const names = { 1: ["one axis"], 2: ["rows axis", "columns axis"], 3: ["depth axis", "rows axis", "columns axis"] };
    return this.owner.words.text(names[this.owner.relation.axes.length][x]);
  }

  /* A table an axis; of a long axis its ends and what lies round the entry asked about. */
  draw({ tensor, q }) {
    const { axes } = this.owner.relation, at = q.slice(q.length - axes.length);
    this.at = axes.map((_, x) => this.place(x, tensor, at[x]));
    const key = JSON.stringify(this.at.filter((_, x) => axes[x].n > MOST_STRIP));
    if (key === this.key) return;
    this.key = key;
    this.host.replaceChildren(...axes.map((axis, x) => this.table(axis, x)));
  }

  /* The input and the output round which axis x is shown. */
  place(x, tensor, at) {
    const { relation } = this.owner, { n, m, k } = relation.axes[x];
    if (tensor === "O") return [Math.max(1, Math.min(n, relation.position(x, at, Math.ceil(k / 2)))), at];
    const t = tensor === "I" ? at : Math.ceil(n / 2), readers = relation.readers(x, t);
    return [t, readers.length ? readers[Math.floor(readers.length / 2)][0] : Math.ceil(m / 2)];
  }

  runs(x, which) {
    const { n, m, k, d, s } = this.owner.relation.axes[x], span = d * (k - 1);
    const around = Math.max(2, Math.min(4, which ? Math.ceil(span / s) : span));
    return visible(which ? m : n, this.at[x][which], around, MOST_STRIP);
  }

  table(axis, x) {
    const { notation } = this.owner, columns = this.runs(x, 0);
    const label = (tensor, t) => math("math", {}, notation.subscripted(notation.symbol(tensor), [t]));
    const head = element("tr", {}, element("td", {}));
    columns.forEach((run, k) => head.append(...(k ? [element("td", { class: "gap" }, "⋯")] : []), ...run.map((t) => element("th", { scope: "col", "data-column": t }, label("I", t)))));
    const table = element("table", { class: axis.n > 9 ? "strip long" : "strip", "data-axis": x }, element("caption", {}, this.name(x)), head);
    this.runs(x, 1).forEach((run, k) => {
      if (k) table.append(element("tr", { class: "gap" }, element("td", {}, "⋮")));
      for (const o of run) table.append(this.row(axis, x, o, columns, label("O", o)));
    });
    return table;
  }

  row(axis, x, o, columns, label) {
    const { notation, relation } = this.owner, joins = new Map(relation.reads(x, o));
    const line = element("tr", { "data-row": o }, element("th", { scope: "row" }, label));
    columns.forEach((run, k) => {
      if (k) line.append(element("td", { class: "gap" }));
      for (const t of run) {
        const a = joins.get(t), w = a && relation.flip ? axis.k + 1 - a : a;
        line.append(element("td", { "data-column": t, "data-place": w || "" }, w ? notation.printed(w) : "·"));
      }
    });
    return line;
  }

  /* Light the column of an input, the row of an output, the places of a weight. */
  show(tensor, q) {
    for (const table of this.host.querySelectorAll("table")) {
      const at = q[q.length - this.owner.relation.axes.length + Number(table.dataset.axis)];
      for (const cell of table.querySelectorAll("td, th")) {
        const row = Number(cell.parentNode.dataset.row);
        const on = { I: Number(cell.dataset.column) === at, O: row === at, W: Number(cell.dataset.place) === at && cell.tagName === "TD" }[tensor];
        cell.classList.toggle("on", Boolean(on));
        cell.classList.toggle("joined", Boolean(on) && Boolean(cell.dataset.place));
      }
    }
  }
}
