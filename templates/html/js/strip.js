/* One axis as a table: a row is an output, a column an input, a cell the window position that joins them.
   A row read across is the forward pass, a column read down is the gradient. */

class Strips {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
    const { axes } = owner.relation;
    axes.forEach((axis, x) => {
      if (axis.n <= MOST_SHOWN && axis.m <= MOST_SHOWN) host.append(this.table(axis, x));
    });
    host.hidden = !host.children.length;
  }

  name(x) {
    const names = { 1: ["one axis"], 2: ["rows axis", "columns axis"], 3: ["depth axis", "rows axis", "columns axis"] };
    return this.owner.words.text(names[this.owner.relation.axes.length][x]);
  }

  table(axis, x) {
    const { notation, relation } = this.owner;
    const head = element("tr", {}, element("td", {}), ...range(axis.n).map((t) => element("th", { scope: "col", "data-column": t }, math("math", {}, notation.subscripted(notation.symbol("I"), [t])))));
    const table = element("table", { class: axis.n <= 12 ? "strip" : "strip narrow" }, element("caption", {}, this.name(x)), head);
    for (const o of range(axis.m)) {
      const joins = new Map(relation.reads(x, o));
      const line = element("tr", { "data-row": o }, element("th", { scope: "row" }, math("math", {}, notation.subscripted(notation.symbol("O"), [o]))));
      for (const t of range(axis.n)) {
        const a = joins.get(t);
        const w = a && relation.flip ? axis.k + 1 - a : a;
        line.append(element("td", { "data-column": t, "data-place": w || "" }, w ? notation.printed(w) : "·"));
      }
      table.append(line);
    }
    table.dataset.axis = x;
    return table;
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
