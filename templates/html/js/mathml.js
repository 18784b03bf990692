/* MathML built node by node. The symbols of the tensors stand in the page's templates. */

const MATHML = "http://www.w3.org/1998/Math/MathML";

function math(tag, attributes, ...children) {
  const node = document.createElementNS(MATHML, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function formula(...children) {
  return math("math", { displaystyle: "true" }, ...children);
}

function sign(text) {
  return math("mo", { form: "infix" }, text);
}

class Notation {
  constructor(root, data) {
    this.root = root;
    this.base = data.base;
    this.tight = data.tight;
    this.family = data.family;
    this.ties = data.ties;
    this.upstream = data.upstream;
  }

  symbol(tensor) {
    const template = this.root.querySelector(`template[data-symbol="${tensor}"]`);
    return math("mrow", {}, ...Array.from(template.content.firstElementChild.childNodes, (node) => node.cloneNode(true)));
  }

  /* The number that is printed for a position. */
  printed(x) {
    return String(x - 1 + this.base);
  }

  subscripted(base, q) {
    if (!q.length) return base;
    const parts = q.map((x) => this.printed(x));
    if (this.tight && parts.every((p) => p.length === 1)) return math("msub", {}, base, math("mn", {}, parts.join("")));
    const row = math("mrow", {});
    parts.forEach((part, k) => row.append(...(k ? [math("mo", { rspace: "0.1em" }, ",")] : []), math("mn", {}, part)));
    return math("msub", {}, base, row);
  }

  /* An entry, or the derivative of the loss by one: I, W, b, O, dI, dW, db, dO. */
  entry(tensor, q) {
    const ref = [tensor, ...q.map((x) => this.printed(x))].join(" ");
    const own = tensor.length === 1 || (tensor === "dO" && this.upstream);
    if (own) return math("mrow", { "data-ref": ref }, this.subscripted(this.symbol(tensor), q));
    const partial = () => math("mi", { mathvariant: "normal" }, "∂");
    const below = math("mrow", {}, partial(), this.subscripted(this.symbol(tensor[1]), q));
    return math("mrow", { "data-ref": ref }, math("mfrac", {}, math("mrow", {}, partial(), this.symbol("L")), below));
  }

  times() {
    return math("mo", {}, "⋅");
  }

  fraction(bottom) {
    return math("mfrac", {}, math("mn", {}, "1"), bottom);
  }

  tuple(q) {
    if (q.length === 1) return math("mn", {}, this.printed(q[0]));
    const row = math("mrow", {}, math("mo", { stretchy: "false" }, "("));
    q.forEach((x, k) => row.append(...(k ? [math("mo", {}, ",")] : []), math("mn", {}, this.printed(x))));
    row.append(math("mo", { stretchy: "false" }, ")"));
    return row;
  }

  /* [ i = argmax_o ], under the tie rule. */
  chosen(i, o) {
    const argmax = () => this.subscripted(math("mi", {}, "argmax"), o);
    const open = math("mo", { stretchy: "false" }, "["), close = math("mo", { stretchy: "false" }, "]");
    const statement = math("mrow", {}, open, this.tuple(i), math("mo", {}, this.ties === "first" ? "=" : "∈"), argmax(), close);
    if (this.ties !== "split") return statement;
    return math("mrow", {}, this.fraction(math("mrow", {}, math("mo", {}, "#"), argmax())), statement);
  }

  /* The term of a use in the formula of an entry: g W, g I, g, g/N, or I W in the forward pass. */
  term(tensor, use, averaged) {
    if (tensor === "O") {
      const read = this.entry("I", use.i);
      return use.w ? [read, this.times(), this.entry("W", use.w)] : [read];
    }
    const g = this.entry("dO", use.o);
    if (tensor === "b") return [g];
    if (this.family === "avg_pool") return [this.fraction(math("mn", {}, String(averaged))), g];
    if (this.family === "max_pool") return [g, this.chosen(use.i, use.o)];
    return [g, this.times(), tensor === "I" ? this.entry("W", use.w) : this.entry("I", use.i)];
  }
}
