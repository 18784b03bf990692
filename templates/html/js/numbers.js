/* Numbers that the reader types into I, W, b and dL/dO; what follows from them, and the difference quotients. */

const MOST_TYPED = 144, MOST_WORK = 400000, LARGEST = 1e6;  // of larger numbers a difference quotient tells nothing

class NumberPanel {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
    this.given = ["I", "W", "b", "dO"].filter((t) => owner.relation.shape(t));
    this.follows = ["O", ...this.given.filter((t) => t !== "dO").map((t) => `d${t}`)];
    host.hidden = !this.fits();
    if (host.hidden) return;
    owner.listeners.push(() => this.draw());
  }

  /* Whether the tensors are small enough to be typed, and the quotients cheap enough for every keystroke. */
  fits() {
    const { relation } = this.owner, size = (t) => relation.shape(t).reduce((x, y) => x * y, 1);
    const plane = (t) => relation.shape(t).slice(-2).reduce((x, y) => x * y, 1);
    const kernel = relation.axes.reduce((x, axis) => x * axis.k, relation.lead ? relation.shape("I")[1] : 1);
    const entries = this.given.reduce((x, t) => x + size(t), 0);
    return this.given.every((t) => plane(t) <= MOST_TYPED) && entries * size("O") * kernel <= MOST_WORK;
  }

  plane(tensor) {
    const t = { dO: "O" }[tensor] || tensor.replace(/^d(?=[IWb])/, "");
    if (t === "b") return [];
    return (this.owner.planes[t] || []).slice(0, this.owner.rest(t));
  }

  draw() {
    const key = JSON.stringify(this.owner.planes);
    if (key !== this.key) {
      this.key = key;
      this.host.querySelector("[data-part='given']").replaceChildren(...this.given.map((t) => this.figure(t, (q) => this.field(t, q))));
      this.host.querySelector("[data-part='follows']").replaceChildren(...this.follows.map((t) => this.figure(t, (q) => this.result(t, q))));
    }
    this.update();
  }

  figure(tensor, cell) {
    const { relation, notation } = this.owner, shape = relation.shape(tensor === "dO" ? "O" : tensor.replace(/^d(?=[IWb])/, ""));
    const prefix = this.plane(tensor), rank = shape.length - prefix.length;
    const rows = rank === 2 ? shape[shape.length - 2] : 1, columns = rank ? shape[shape.length - 1] : 1;
    const table = element("table", {});
    table.style.setProperty("--columns", columns);
    for (const r of range(rows)) table.append(element("tr", {}, ...range(columns).map((c) => cell([...prefix, ...[r, c].slice(2 - rank)]))));
    return element("figure", {}, element("figcaption", {}, math("math", {}, notation.entry(tensor, []))), table);
  }

  field(tensor, q) {
    const name = this.owner.ref(tensor, q);
    const field = element("input", { type: "text", inputmode: "decimal", size: "3", "aria-label": name, "data-value": name });
    field.value = shown(this.owner.values.get(tensor, q)).replace("−", "-");
    field.addEventListener("input", () => this.typed(field, tensor, q));
    return element("td", {}, field);
  }

  result(tensor, q) {
    return element("td", { "data-result": this.owner.ref(tensor, q) });
  }

  typed(field, tensor, q) {
    const value = Number(field.value.trim().replace("−", "-")), good = field.value.trim() !== "" && Number.isFinite(value);
    const small = Math.abs(value) <= LARGEST;
    field.classList.toggle("bad", !good || !small);
    field.setAttribute("aria-invalid", String(!good || !small));
    if (!good || !small) return this.tell(this.owner.words.text(good ? "too large" : "no number", { value: field.value }), false);
    this.owner.values.set(tensor, q, value);
    this.owner.revalue();
    this.update();
  }

  update() {
    const { values } = this.owner;
    for (const cell of this.host.querySelectorAll("[data-result]")) {
      const [name, ...parts] = cell.dataset.result.split(" "), q = parts.map((p) => Number(p) + 1 - this.owner.data.base);
      cell.textContent = shown(name === "O" ? values.output(q) : values.gradient(name.slice(1), q));
    }
    this.compare();
  }

  /* Every gradient against its difference quotient. */
  compare() {
    const { values, words } = this.owner;
    let all = 0, good = 0;
    for (const tensor of this.given.filter((t) => t !== "dO")) {
      for (const q of values.every(tensor)) {
        const formula = values.gradient(tensor, q), quotient = values.quotient(tensor, q);
        const agrees = Math.abs(formula - quotient.value) <= 1e-6 * Math.max(1, Math.abs(formula)) + quotient.error;
        all += 1;
        good += agrees ? 1 : 0;
        const cell = this.host.querySelector(`[data-result="${this.owner.ref(`d${tensor}`, q)}"]`);
        if (cell) cell.classList.toggle("apart", !agrees);
      }
    }
    this.tell(good === all ? words.text("agree", { n: all }) : words.text("disagree", { k: good, n: all }), good === all);
  }

  tell(text, good) {
    const said = this.host.querySelector("[data-part='quotients']");
    said.textContent = text;
    said.classList.toggle("good", good);
  }
}
