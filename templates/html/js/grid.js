/* One plane of a tensor as a grid of cells. Of a large tensor both ends and the neighbourhood of the entry asked about. */

const MOST_SHOWN = 32, ENDS = 2;

/* The positions of an axis that are shown, in runs with gaps between them: always as many, so that nothing jumps. */
function visible(n, focus, around, most = MOST_SHOWN) {
  const middle = 2 * around + 1;
  if (n <= most || n <= 2 * ENDS + middle + 2) return [range(n)];
  if (focus - around <= ENDS + 1) return [range(ENDS + middle + 1), range(ENDS, n - ENDS + 1)];
  if (focus + around >= n - ENDS) return [range(ENDS), range(ENDS + middle + 1, n - ENDS - middle)];
  return [range(ENDS), range(middle, focus - around), range(ENDS, n - ENDS + 1)];
}

function shownCount(n, around, most = MOST_SHOWN) {
  return visible(n, 1, around, most).flat().length + (n <= most ? 0 : 1);
}

class Grid {
  constructor(owner, tensor, host) {
    this.owner = owner;
    this.tensor = tensor;
    this.host = host;
    this.shape = owner.relation.shape(tensor);
    this.rank = this.shape.length - owner.rest(tensor);
    this.walked = "grid" in host.dataset;
    this.lit = [];
  }

  get rows() {
    return this.rank === 2 ? this.shape[this.shape.length - 2] : 1;
  }

  get columns() {
    return this.rank ? this.shape[this.shape.length - 1] : 1;
  }

  /* How far round an entry a large grid is shown: the neighbours that share a window with it. */
  around(which) {
    const { axes } = this.owner.relation, axis = axes[axes.length - 2 + which] || axes[0];
    return Math.max(2, Math.min(6, axis.d * (axis.k - 1)));
  }

  runs(which, focus) {
    return visible(which ? this.columns : this.rows, focus, this.around(which));
  }

  /* Whether it stands beside a grid that needs the room. */
  get small() {
    return this.tensor === "W" && Math.max(...this.owner.relation.shape("I").slice(-2)) > 9;
  }

  get large() {
    return Math.max(this.rows, this.columns) > MOST_SHOWN;
  }

  /* The subscripts of the cell in this row and column. */
  index(row, column) {
    return [...this.prefix, ...[row, column].slice(2 - this.rank)];
  }

  draw(prefix, focus) {
    const [row, column] = this.rank === 2 ? focus.slice(-2) : [1, focus[focus.length - 1] || 1];
    const key = JSON.stringify([prefix, this.large ? [row, column] : 0]);
    if (key === this.key) return;
    this.key = key;
    this.prefix = prefix;
    this.cells = new Map();
    this.lit = [];
    const runs = this.runs(1, column);
    const width = shownCount(this.columns, this.around(1));
    const table = element("table", { ...(this.walked ? { role: "grid" } : {}), class: `plane ${width <= (this.small ? 4 : 6) ? "wide" : width <= 14 ? "middle" : "narrow"}${this.shape.length > 2 && !this.owner.data.tight ? " crowded" : ""}`, "aria-label": this.host.dataset.name });
    table.style.setProperty("--columns", width);
    table.append(this.header(runs));
    this.runs(0, row).forEach((run, k) => {
      if (k) table.append(this.gap(runs));
      for (const r of run) table.append(this.row(r, runs));
    });
    this.host.replaceChildren(table);
    this.fill();
    this.stop(this.index(row, column));
  }

  header(runs) {
    const line = element("tr", { class: "heads", "aria-hidden": "true" }, element("td", {}));
    runs.forEach((run, k) => {
      if (k) line.append(element("td", {}));
      for (const c of run) line.append(element("td", {}, this.owner.notation.printed(c)));
    });
    return line;
  }

  gap(runs) {
    const line = element("tr", { class: "gap", "aria-label": this.owner.words.text("left out") }, element("td", {}));
    runs.forEach((run, k) => line.append(...(k ? [element("td", {})] : []), ...run.map(() => element("td", {}, "⋮"))));
    return line;
  }

  row(r, runs) {
    const line = element("tr", {}, element("td", { class: "number", "aria-hidden": "true" }, this.rank === 2 ? this.owner.notation.printed(r) : ""));
    runs.forEach((run, k) => {
      if (k) line.append(element("td", { class: "gap" }, "⋯"));
      for (const c of run) line.append(this.cell(this.index(r, c)));
    });
    return line;
  }

  cell(q) {
    const ref = this.owner.ref(this.tensor, q);
    const made = element("td", { "data-ref": ref });
    if (this.walked) for (const [name, value] of [["role", "gridcell"], ["tabindex", "-1"], ["aria-label", ref]]) made.setAttribute(name, value);
    this.cells.set(q.join(" "), made);
    return made;
  }

  /* Write letters or numbers into the cells, where there is room. */
  fill() {
    const numbers = this.owner.numbers, tensor = this.tensor;
    for (const [key, cell] of this.cells) {
      const q = key ? key.split(" ").map(Number) : [];
      const table = cell.closest("table");
      const room = table.classList.contains("wide") ? 2 : table.classList.contains("middle") ? 1 : 0;
      if (numbers && room) cell.replaceChildren(element("span", { class: "value" }, shown(this.value(q))));
      else if (!numbers && room === 2) cell.replaceChildren(math("math", {}, this.owner.notation.entry(tensor, q)));
      else cell.replaceChildren();
    }
  }

  value(q) {
    return this.tensor === "O" ? this.owner.values.output(q) : this.owner.values.get(this.tensor, q);
  }

  at(q) {
    return this.cells.get(q.join(" "));
  }

  /* The one cell that the tabulator key stops at. */
  stop(q) {
    if (!this.walked) return;
    for (const cell of this.host.querySelectorAll('[tabindex="0"]')) cell.tabIndex = -1;
    const cell = this.at(q) || this.cells.values().next().value;
    if (cell) cell.tabIndex = 0;
  }

  /* Give the focus back that a cell lost when the grid was drawn anew: else the arrow keys would be dead. */
  take() {
    const cell = this.host.querySelector('[tabindex="0"]');
    if (cell && !this.host.contains(document.activeElement)) cell.focus({ preventScroll: true });
  }

  mark(q, kind, badge) {
    const cell = this.at(q);
    if (!cell) return;
    if (!cell.classList.contains(kind)) {
      cell.classList.add(kind);
      this.lit.push([cell, kind]);
    }
    if (badge && !cell.dataset.badge) cell.dataset.badge = badge;
  }

  clear() {
    for (const [cell, kind] of this.lit) {
      cell.classList.remove(kind);
      delete cell.dataset.badge;
    }
    this.lit = [];
  }
}
