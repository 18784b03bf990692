/* The interactive part of one layer: which entry is asked about, and everything that lights up with it. */

class Explorer {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.relation = new Relation(data);
    this.notation = new Notation(root, data);
    this.words = new Words(data.words);
    this.values = new Values(this.relation, data);
    this.numbers = data.family === "max_pool";
    this.pinned = null;
    this.grids = new Map();
    for (const host of root.querySelectorAll("[data-grid]")) this.grids.set(host.dataset.grid, new Grid(this, host.dataset.grid, host));
    this.row = new FormulaRow(this, this.part("formula"));
    this.strips = new Strips(this, this.part("strips"));
    this.start = this.example();
    this.planes = this.planesOf("I", this.start.q);
    this.listeners = [];
    this.controls = new Controls(this, this.part("controls"));
    this.questions = root.querySelectorAll("[data-ask]");
    this.events();
  }

  part(name) {
    return this.root.querySelector(`[data-part="${name}"]`);
  }

  ref(tensor, q) {
    return [tensor, ...q.map((x) => this.notation.printed(x))].join(" ");
  }

  /* From "dO 1 2" to the tensor and the position; null where there is no such entry. */
  parse(ref) {
    const [name, ...parts] = ref.split(/[ -]/);
    const tensor = name.length === 2 && name[0] === "d" ? name[1] : name;
    const q = parts.map((p) => Number(p) + 1 - this.data.base);
    return this.relation.has(tensor, q) ? { tensor, q } : null;
  }

  /* The entry that the page begins with: in a small layer the first that two terms reach, as in the derivation, else
     one in the middle; in max pooling one that is a maximum. */
  example() {
    const { relation } = this, shape = relation.shape("I");
    const middle = shape.map((n, k) => (k < relation.lead ? 1 : Math.ceil(n / 2)));
    const found = this.data.regions.find((r) => r.terms === 2), most = Math.max(0, ...this.data.regions.map((r) => r.terms));
    if (relation.family === "max_pool") return { tensor: "I", q: this.winner() || middle };
    return { tensor: "I", q: found && most <= 4 ? found.at : middle };
  }

  /* In max pooling the entry that is the maximum of most windows, among the outputs of a plane that is not too large. */
  winner() {
    const { relation, values } = this, sizes = relation.shapes.O.slice(relation.lead), wins = new Map();
    const lead = range(relation.lead).map(() => 1);
    for (const o of product(sizes.map((m) => range(Math.min(m, 12))))) {
      for (const i of values.chosen([...lead, ...o])) wins.set(String(i), { i, count: 1 + (wins.get(String(i)) || { count: 0 }).count });
    }
    return [...wins.values()].reduce((best, one) => (one.count > best.count ? one : best), { count: 0 }).i;
  }

  get asked() {
    return this.pinned || this.hovered || this.start;
  }

  // -- planes: which sample, channel, filter and depth the grids show

  /* How many subscripts the planes of a tensor have; of a bias only the filter's is shown. */
  rest(tensor) {
    const shape = this.relation.shape(tensor);
    if (tensor === "b") return shape.length;
    return Math.max(0, shape.length - 2 - (this.relation.axes.length === 1 ? -1 : 0));
  }

  planesOf(tensor, q) {
    const planes = Object.fromEntries(["I", "W", "O"].filter((t) => this.relation.shape(t)).map((t) => [t, this.plane(t, q, tensor)]));
    if (this.relation.shape("b")) planes.b = tensor === "b" ? q : planes.O.slice(1, 2);
    return planes;
  }

  /* The plane of tensor t that has most to do with entry q: its own, or that of its first use which the grid shows already. */
  plane(t, q, tensor) {
    const cut = (p) => p.slice(0, this.rest(t));
    if (t === tensor) return cut(q);
    const uses = this.usesOf(tensor, q);
    const of = (use) => (t === "I" ? use.i : t === "O" ? use.o : use.w);
    const now = this.planes && this.planes[t];
    const fits = uses.filter((use) => of(use));
    if (!fits.length) return now || range(this.rest(t)).map(() => 1);
    return now && fits.some((use) => same(cut(of(use)), now)) ? now : cut(of(fits[0]));
  }

  usesOf(tensor, q) {
    return this.values.usesOf(tensor, q);
  }

  draw(focus) {
    for (const [tensor, grid] of this.grids) {
      grid.draw(this.planes[tensor].slice(0, this.rest(tensor)), this.focusIn(tensor, focus));
    }
  }

  /* The position in another tensor round which a large grid is shown. */
  focusIn(tensor, { tensor: asked, q }) {
    if (tensor === asked) return q;
    const at = (use) => ({ I: use.i, W: use.w, O: use.o })[tensor];
    const first = this.usesOf(asked, q).find((use) => at(use) && same(at(use).slice(0, this.rest(tensor)), this.planes[tensor]));
    if (first) return at(first);
    const grid = this.grids.get(tensor);
    return [Math.ceil(grid.rows / 2), Math.ceil(grid.columns / 2)];
  }

  // -- asking about an entry

  pin(asked, keepFragment) {
    this.pinned = asked;
    if (asked) this.planes = this.planesOf(asked.tensor, asked.q);
    if (!keepFragment) history.replaceState(null, "", asked ? `#${this.fragment(asked)}` : location.href.split("#")[0]);
    this.refresh();
  }

  fragment({ tensor, q }) {
    return this.root.dataset.prefix + this.ref(tensor, q).replaceAll(" ", "-");
  }

  /* Ask about the entry that the address names, if it names one of this layer. */
  follow() {
    const { prefix } = this.root.dataset, fragment = location.hash.slice(1);
    const asked = fragment.startsWith(prefix) ? this.parse(fragment.slice(prefix.length)) : null;
    if (asked) this.pin(asked, true);
    return Boolean(asked);
  }

  refresh() {
    const held = Array.from(this.grids.values()).find((grid) => grid.host.contains(document.activeElement));
    this.draw(this.asked);
    this.strips.draw(this.asked);
    this.show(this.asked);
    this.controls.sync();
    for (const listener of this.listeners) listener(this.asked);
    if (held) held.take();
  }

  /* Letters or numbers in cells and terms. */
  withNumbers(on) {
    this.numbers = on;
    this.revalue();
  }

  /* The numbers have changed. */
  revalue() {
    for (const grid of this.grids.values()) grid.fill();
    this.show(this.asked);
  }

  hover(asked) {
    if (this.pinned) return this.emphasise(asked);
    this.hovered = asked;
    this.show(this.asked);
  }

  show({ tensor, q }) {
    const uses = this.usesOf(tensor, q);
    this.shown = { tensor, q, uses };
    for (const grid of this.grids.values()) grid.clear();
    this.mark(tensor, q, uses);
    this.row.show(tensor, q, uses);
    this.part("story").replaceChildren(tell(this, tensor, q, uses));
    for (const button of this.questions) button.setAttribute("aria-pressed", String(button.dataset.ask === tensor));
    this.part("state").textContent = this.words.text(this.pinned ? "pinned" : "not pinned");
    this.strips.show(tensor, q);
    this.light(tensor, q);
  }

  mark(tensor, q, uses) {
    const { I, W, O, b } = Object.fromEntries(this.grids);
    const numbered = this.numbered(tensor, uses);
    for (const use of this.seen(tensor, q, uses)) {
      const badge = numbered.get(use) || "";
      O.mark(use.o, "out", tensor === "O" ? "" : badge);
      if (use.w && W) W.mark(use.w, "weight", tensor === "W" ? "" : badge);
      if (use.i && tensor !== "I") I.mark(use.i, "patch", badge);
    }
    if (tensor === "I") this.markWindows(q, uses);
    if (b && tensor === "O") b.mark(this.relation.lead ? [q[1]] : [], "weight");
    if (this.relation.family === "max_pool") this.markMaxima(tensor, q, uses);
    this.grids.get(tensor).mark(q, "asked");
    this.grids.get(tensor).mark(q, this.pinned ? "pinned" : "asked");
  }

  /* A number for each use in the planes that are shown, where they are a few: it stands on both of its partners. */
  numbered(tensor, uses) {
    const other = tensor === "O" ? "I" : "O", plane = this.planes[other];
    const here = uses.filter((use) => same((other === "I" ? use.i : use.o).slice(0, plane.length), plane));
    return new Map(here.length > 1 && here.length <= MOST_TERMS ? here.map((use, k) => [use, String(k + 1)]) : []);
  }

  /* The uses that may light up: where they are more than are listed, those of the outputs on the screen. */
  seen(tensor, q, uses) {
    if (uses.length === this.relation.total(tensor, q)) return uses;
    const outputs = Array.from(this.grids.get("O").cells.keys(), (key) => key.split(" ").map(Number));
    const use = tensor === "W" ? (o) => this.relation.meeting(q, o) : (o) => (!this.relation.lead || o[1] === q[0] ? { o } : null);
    return outputs.map(use).filter(Boolean);
  }

  /* The windows that contain an input, in its own plane; those of all filters are the same. */
  markWindows(q, uses) {
    const { lead } = this.relation, plane = q.slice(0, lead), grid = this.grids.get("I");
    const windows = new Map(uses.map((use) => [use.o.slice(lead).join(" "), use.o]));
    for (const o of windows.values()) for (const t of this.relation.window(o)) grid.mark([...plane, ...t], "patch");
  }

  markMaxima(tensor, q, uses) {
    const windows = tensor === "O" ? [q] : uses.map((use) => use.o);
    for (const o of windows) for (const i of this.values.chosen(o)) this.grids.get("I").mark(i, "chosen");
  }

  /* While an entry is pinned, pointing at another one shows what the two have to do with each other. */
  emphasise(asked) {
    const { uses } = this.shown;
    const holds = (use) => asked && [use.i, use.o, use.w].some((p, k) => p && ["I", "O", "W"][k] === asked.tensor && same(p, asked.q));
    this.focusTerms(uses.flatMap((use, k) => (holds(use) ? [k] : [])), asked && asked.tensor === this.shown.tensor);
  }

  focusTerms(numbers, own) {
    for (const cell of this.root.querySelectorAll("td.focus")) cell.classList.remove("focus");
    this.row.emphasise(own ? [] : numbers);
    if (own || numbers.length > MOST_TERMS) return;
    for (const k of numbers) {
      const { i, o, w } = this.shown.uses[k];
      for (const [tensor, p] of [["I", i], ["O", o], ["W", w]]) {
        const cell = p && this.grids.has(tensor) && this.grids.get(tensor).at(p);
        if (cell) cell.classList.add("focus");
      }
    }
  }

  /* The entry wherever it stands in the written derivation. */
  light(tensor, q) {
    this.index = this.index || this.inText();
    for (const node of this.lights || []) node.classList.remove("lit");
    this.lights = ["", "d"].flatMap((d) => this.index.get(d + this.ref(tensor, q)) || []);
    for (const node of this.lights) node.classList.add("lit");
  }

  inText() {
    const found = new Map();
    for (const node of document.querySelectorAll(`[data-derivation="${this.root.dataset.page}"] [data-ref]`)) {
      const list = found.get(node.dataset.ref);
      if (list) list.push(node);
      else found.set(node.dataset.ref, [node]);
    }
    return found;
  }

  // -- events

  events() {
    const text = document.querySelector(`[data-derivation="${this.root.dataset.page}"]`);
    const found = (event) => {
      const node = event.target.closest && event.target.closest("[data-ref]");
      return node && !node.closest("[data-own]") ? this.parse(node.dataset.ref) : null;
    };
    for (const place of [this.root, text]) {
      place.addEventListener("pointerover", (event) => this.over(event, found(event)));
      place.addEventListener("click", (event) => this.click(event, found(event)));
    }
    this.root.addEventListener("focusin", (event) => this.focus(found(event), event.target));
    this.root.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.pinned) return;
      const cell = this.root.contains(document.activeElement) && document.activeElement.closest("[data-grid] [data-ref]");
      if (cell) this.hovered = this.parse(cell.dataset.ref);  // what has the focus is asked about, not where the pointer rested
      this.pin(null);
    });
    for (const button of this.questions) button.addEventListener("click", () => this.question(button.dataset.ask));
    this.part("grids").addEventListener("pointerleave", () => this.hover(null));
  }

  over(event, asked) {
    const term = event.target.closest && event.target.closest("[data-part='formula'] [data-term]");
    if (term) return this.focusTerms([Number(term.dataset.term)]);
    if (event.target.closest && event.target.closest("[data-part='formula']")) return this.focusTerms([]);
    if (asked && event.target.closest("td")) this.hover(asked);
    else if (asked) this.light(asked.tensor, asked.q);
  }

  click(event, asked) {
    if (!asked) return;
    const again = this.pinned && this.pinned.tensor === asked.tensor && same(this.pinned.q, asked.q);
    const walked = event.target.closest("[data-grid]");  // asked now: a large grid is drawn anew, and the cell then lies in none
    this.hovered = asked;
    this.pin(again ? null : asked);
    const cell = this.grids.get(asked.tensor).at(asked.q);
    if (cell && walked) cell.focus({ preventScroll: true });
  }

  /* The same question of each tensor: its first bias, its first weight, the entry that the page begins with. */
  question(tensor) {
    const ones = this.relation.shape(tensor).map(() => 1);
    const q = { b: ones, W: [...(this.relation.lead ? this.planes.W.slice(0, 2) : []), ...ones.slice(this.relation.lead)], I: this.start.q }[tensor];
    this.pin({ tensor, q: tensor === "b" && this.relation.lead ? this.planes.O.slice(1, 2) : q });
  }

  focus(asked, target) {
    if (!asked || !target.closest("[data-grid]")) return;
    const grid = this.grids.get(asked.tensor);
    grid.stop(asked.q);
    if (!this.pinned) this.hover(asked);
  }

  key(event) {
    const cell = event.target.closest("[data-grid] [data-ref]");
    if (!cell) return;
    const asked = this.parse(cell.dataset.ref);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.click(event, asked);
    }
    const to = this.neighbour(asked, event.key);
    if (!to) return;
    event.preventDefault();
    this.walk(asked.tensor, to);
  }

  neighbour({ tensor, q }, key) {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
    const grid = this.grids.get(tensor);
    if (!grid.rank) return null;
    const last = q.length - 1;
    if (key === "Home" || key === "End") return [...q.slice(0, last), key === "Home" ? 1 : grid.columns];
    if (!move || (grid.rank === 1 && move[0])) return null;
    const to = q.slice();
    to[last] += move[1];
    if (grid.rank === 2) to[last - 1] += move[0];
    return this.relation.has(tensor, to) ? to : null;
  }

  walk(tensor, q) {
    const grid = this.grids.get(tensor);
    if (this.pinned) this.pin({ tensor, q });
    else if (grid.large) {
      this.hovered = { tensor, q };
      this.refresh();
    }
    const cell = grid.at(q);
    if (cell) cell.focus({ preventScroll: false });
  }
}
