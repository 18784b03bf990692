/* The formula of one entry: a math element a term, in a row that wraps, each term with its numbers beneath. */

const MOST_TERMS = 36;

class FormulaRow {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
  }

  /* Show the formula of an entry; of its terms those before `upto` are there, the others faint. */
  show(tensor, q, uses, upto = Infinity) {
    const { notation, relation } = this.owner, total = relation.total(tensor, q);
    const left = tensor === "O" ? "O" : `d${tensor}`;
    const head = element("span", { class: "left" }, formula(notation.entry(left, q)));
    const right = element("span", { class: "right" });
    const terms = uses.slice(0, MOST_TERMS);
    this.host.replaceChildren(element("div", { class: terms.length > MOST_NAMED ? "eq many" : "eq" }, head, " ", right));
    if (tensor === "O") return this.forward(right, q, terms, total);
    if (!terms.length) right.append(formula(sign("="), math("mn", {}, "0")));
    terms.forEach((use, k) => {
      const averaged = relation.family === "avg_pool" ? relation.averaged(use.o) : 0;
      right.append(this.term(k, notation.term(tensor, use, averaged), this.product(tensor, use), k < upto, use), " ");
    });
    this.rest(right, total);
    if (uses.length === total) this.total(right, () => this.owner.values.gradient(tensor, q), total);
  }

  forward(right, q, terms, count) {
    const { notation, relation, values } = this.owner;
    if (relation.family === "max_pool") {
      const row = math("mrow", {}, math("mo", {}, "max"), math("mo", { stretchy: "false" }, "{"));
      terms.forEach((use, k) => row.append(...(k ? [math("mo", {}, ",")] : []), notation.entry("I", use.i)));
      row.append(math("mo", { stretchy: "false" }, "}"));
      right.append(formula(sign("="), terms.length ? row : math("mrow", {}, sign("−"), math("mi", {}, "∞"))));
    } else {
      if (relation.family === "avg_pool") right.append(formula(sign("="), notation.fraction(math("mn", {}, String(relation.averaged(q)))), math("mo", { stretchy: "false" }, "(")), " ");
      const first = relation.family === "avg_pool" ? "" : "=";
      terms.forEach((use, k) => right.append(this.term(k, notation.term("O", use), this.product("O", use), true, use, k ? "+" : first), " "));
      this.rest(right, count);
      if (relation.family === "avg_pool") right.append(formula(math("mo", { stretchy: "false" }, ")")));
      if (values.typed.has("b")) right.append(formula(sign("+"), notation.entry("b", relation.lead ? [q[1]] : [])));
    }
    this.total(right, () => values.output(q), count);
  }

  term(k, nodes, numbers, there, use, before = k ? "+" : "=") {
    const made = element("span", { class: there ? "term" : "term faint", "data-term": k });
    made.append(formula(...(before ? [sign(before)] : []), ...nodes));
    if (this.owner.numbers && numbers) made.append(element("span", { class: "value" }, numbers));
    if (this.owner.relation.family === "max_pool" && use.w === null && this.owner.values.factor("I", use) === 0) made.classList.add("idle");
    return made;
  }

  /* The numbers of a term, as 3·(−1). */
  product(tensor, use) {
    const { values, relation } = this.owner;
    const factors = tensor === "O"
      ? [values.get("I", use.i), ...(use.w ? [values.get("W", use.w)] : [])]
      : [values.get("dO", use.o), ...(tensor === "b" ? [] : [values.factor(tensor, use)])];
    return factors.map((x) => (x < 0 ? `(${shown(x)})` : shown(x))).join("·");
  }

  rest(right, count) {
    if (count <= MOST_TERMS) return;
    right.append(element("span", { class: "more" }, this.owner.words.text("more terms", { n: count - MOST_TERMS })), " ");
  }

  total(right, value, count) {
    if (this.owner.numbers && count) right.append(element("span", { class: "total" }, formula(sign("="), math("mn", {}, shown(value())))));
  }

  /* Put one term, or those that hold an entry, into the foreground. */
  emphasise(numbers) {
    for (const term of this.host.querySelectorAll("[data-term]")) term.classList.toggle("focus", numbers.includes(Number(term.dataset.term)));
  }
}
