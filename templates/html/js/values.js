/* Numbers for every tensor, and everything that follows from them by the definition of the layer. */

const DIGITS = { W: [1, 2, -1, 3, 0, -2, 1, 4, -3] };

class Values {
  constructor(relation, data) {
    this.relation = relation;
    this.ties = data.ties;
    this.given = data.values || {};
    this.typed = new Map(["I", "W", "b", "dO"].filter((t) => relation.shape(t)).map((t) => [t, new Map()]));
  }

  digit(tensor, k) {
    if (tensor === "I" && this.relation.family === "max_pool") return (7 * k + 2) % 149;  // no window has its maximum twice
    if (tensor === "I") return (7 * k + Math.floor(k / 3) + 2) % 10;
    if (tensor === "W") return DIGITS.W[k % 9];
    return tensor === "b" ? k + 1 : (k % 9) + 1;
  }

  offset(tensor, q) {
    return this.relation.shape(tensor).reduce((at, n, k) => at * n + q[k] - 1, 0);
  }

  /* What was typed, or what the example has, or a made-up digit: a large tensor is never stored. */
  get(tensor, q) {
    const at = this.offset(tensor, q), typed = this.typed.get(tensor).get(at);
    if (typed !== undefined) return typed;
    return this.given[tensor] ? this.given[tensor][at] : this.digit(tensor, at);
  }

  set(tensor, q, value) {
    this.typed.get(tensor).set(this.offset(tensor, q), value);
  }

  every(tensor) {
    return product(this.relation.shape(tensor).map((n) => range(n)));
  }

  output(o) {
    const uses = this.relation.uses("O", o);
    if (this.relation.family === "max_pool") return Math.max(...uses.map((u) => this.get("I", u.i)));
    if (this.relation.family === "avg_pool") return uses.reduce((sum, u) => sum + this.get("I", u.i), 0) / this.relation.averaged(o);
    const bias = this.typed.has("b") ? this.get("b", this.relation.lead ? [o[1]] : []) : 0;
    return uses.reduce((sum, u) => sum + this.get("I", u.i) * this.get("W", u.w), bias);
  }

  /* The entries of a max-pooling window that receive its gradient, by the tie rule. */
  chosen(o) {
    const cells = this.relation.uses("O", o).map((u) => u.i);
    const top = Math.max(...cells.map((i) => this.get("I", i)));
    const best = cells.filter((i) => this.get("I", i) === top);
    return this.ties === "first" ? best.slice(0, 1) : best;
  }

  /* What multiplies g[o] in the gradient, by the use. */
  factor(tensor, use) {
    if (tensor === "b") return 1;
    if (this.relation.family === "conv") return tensor === "I" ? this.get("W", use.w) : this.get("I", use.i);
    if (this.relation.family === "avg_pool") return 1 / this.relation.averaged(use.o);
    const best = this.chosen(use.o);
    if (!best.some((i) => same(i, use.i))) return 0;
    return this.ties === "split" ? 1 / best.length : 1;
  }

  usesOf(tensor, q) {
    return tensor === "b" ? this.relation.usesOfBias(q) : this.relation.uses(tensor, q);
  }

  /* The gradient by its formula. */
  gradient(tensor, q) {
    return this.usesOf(tensor, q).reduce((sum, use) => sum + this.get("dO", use.o) * this.factor(tensor, use), 0);
  }

  /* The sum of outputs times upstream gradient; a window of padding alone depends on nothing. */
  loss() {
    return this.every("O").map((o) => this.get("dO", o) * this.output(o)).filter(Number.isFinite).reduce((x, y) => x + y, 0);
  }

  /* (L(x + h) - L(x - h)) / 2h, from the forward pass alone, and how exact that is. */
  quotient(tensor, q) {
    const h = 2 ** -16, x = this.get(tensor, q);
    this.set(tensor, q, x + h);
    const above = this.loss();
    this.set(tensor, q, x - h);
    const below = this.loss();
    this.set(tensor, q, x);
    return { value: (above - below) / (2 * h), error: 1e-10 * Math.max(Math.abs(above), Math.abs(below)) };
  }
}

function shown(value) {
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  return String(Math.round(value * 1e4) / 1e4).replace("-", "−");
}
