/* Which plane the grids show, letters or numbers, and for a large tensor a way to any entry. */

class Controls {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
    this.choices = [];
    const { relation } = owner;
    if (relation.lead) this.leading(relation);
    if (relation.axes.length === 3) for (const t of ["I", "W", "O"]) if (relation.shape(t)) this.depth(t);
    this.toggle();
    if (owner.grids.get("I").large) this.entry();
  }

  leading({ family, shapes }) {
    const planes = () => this.owner.planes;
    this.choice("sample", shapes.I[0], () => planes().I[0], (n) => ({ I: [n, planes().I[1]], O: [n, planes().O[1]] }));
    if (family !== "conv") return this.choice("channel", shapes.I[1], () => planes().I[1], (c) => ({ I: [planes().I[0], c], O: [planes().O[0], c] }));
    this.choice("channel", shapes.I[1], () => planes().I[1], (c) => this.joined("I", c));
    this.choice("filter", shapes.O[1], () => planes().O[1], (f) => this.joined("O", f));
  }

  /* The planes of a channel, or of a filter, and of a partner in its group. */
  joined(tensor, index) {
    const { relation, planes } = this.owner;
    const leads = relation.leads(tensor, [planes.I[0], index]);
    const other = tensor === "I" ? (lead) => lead.o[1] === planes.O[1] : (lead) => lead.i[1] === planes.I[1];
    const lead = leads.find(other) || leads[0];
    return { I: lead.i, O: lead.o, W: lead.w };
  }

  depth(tensor) {
    const at = this.owner.rest(tensor) - 1, shape = this.owner.relation.shape(tensor);
    const name = element("span", {}, this.owner.words.text("depth of"), " ", math("math", {}, this.owner.notation.symbol(tensor)));
    this.choice(name, shape[at], () => this.owner.planes[tensor][at], (x) => ({ [tensor]: [...this.owner.planes[tensor].slice(0, at), x] }));
  }

  /* A list of the values of a leading subscript; `planes` says which planes a value shows. */
  choice(name, count, now, planes) {
    if (count === 1) return;
    const list = element("select", {}, ...range(count).map((x) => element("option", { value: x }, this.owner.notation.printed(x))));
    const label = typeof name === "string" ? this.owner.words.text(name) : name;
    this.host.append(element("label", {}, label, " ", list));
    list.addEventListener("change", () => this.turn(planes(Number(list.value))));
    this.choices.push([list, now]);
  }

  turn(planes) {
    const { owner } = this;
    for (const [tensor, plane] of Object.entries(planes)) {
      const kept = (owner.planes[tensor] || []).slice(plane.length);
      owner.planes[tensor] = [...plane, ...kept];
    }
    owner.planes.b = owner.planes.O.slice(1, 2);
    owner.refresh();
  }

  toggle() {
    const box = element("input", { type: "checkbox" });
    box.checked = this.owner.numbers;
    box.addEventListener("change", () => this.owner.withNumbers(box.checked));
    this.host.append(element("label", {}, box, " ", this.host.dataset.numbers));
  }

  /* Fields for the row and the column of an entry that is not shown. */
  entry() {
    const { owner } = this, grid = owner.grids.get("I");
    const field = (name, most) => element("input", { type: "number", min: owner.data.base, max: most - 1 + owner.data.base, "aria-label": owner.words.text(name), placeholder: owner.words.text(name) });
    const fields = [...(grid.rank === 2 ? [field("row", grid.rows)] : []), field("column", grid.columns)];
    const form = element("form", { class: "go" }, owner.words.text("go"), " ", ...fields, " ", element("button", {}, "→"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const q = [...owner.planes.I, ...fields.map((f) => Number(f.value) + 1 - owner.data.base)];
      if (owner.relation.has("I", q)) owner.pin({ tensor: "I", q });
    });
    this.host.append(form);
  }

  sync() {
    for (const [list, now] of this.choices) list.value = now();
  }
}
