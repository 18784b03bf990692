/* The layer as a relation: output o reads input t through the window position a, on every axis
       t(o, a) = s*(o - 1) + d*(a - 1) + 1 - start,   1 <= t <= n.
   Only integers, all counted from 1. A use is one product of the forward pass: { o, i, w, a }. */

const MOST_USES = 3000;

/* Every choice of one element a list, in row-major order; of many the first `most`. */
function product(lists, most = Infinity) {
  return lists.reduce((heads, list, k) => {
    const rest = lists.slice(k + 1).reduce((x, later) => x * later.length, 1);
    return heads.flatMap((head) => list.map((x) => [...head, x])).slice(0, rest ? Math.ceil(most / rest) : 0);
  }, [[]]);
}

function range(count, first = 1) {
  return Array.from({ length: count }, (_, k) => first + k);
}

function same(p, q) {
  return p.length === q.length && p.every((x, k) => x === q[k]);
}

class Relation {
  constructor(data) {
    this.family = data.family;
    this.axes = data.axes;
    this.shapes = data.shapes;
    this.flip = data.flip;
    this.groups = data.groups;
    this.cells = data.cells;
    this.lead = data.shapes.O.length - data.axes.length;
  }

  /* How many filters read a channel. */
  get filters() {
    return this.family === "conv" && this.lead ? this.shapes.O[1] / this.groups : 1;
  }

  shape(tensor) {
    return this.shapes[tensor === "dO" ? "O" : tensor];
  }

  has(tensor, q) {
    const shape = this.shape(tensor);
    return Boolean(shape) && q.length === shape.length && q.every((x, k) => Number.isInteger(x) && x >= 1 && x <= shape[k]);
  }

  position(x, o, a) {
    const { s, d, start } = this.axes[x];
    return s * (o - 1) + d * (a - 1) + 1 - start;
  }

  /* Every [o, a] that reads position t of axis x, by output. */
  readers(x, t) {
    const { k, s, d, start, m } = this.axes[x];
    const found = [];
    for (let a = k; a >= 1; a--) {
      const from = t + start - 1 - d * (a - 1);
      if (from >= 0 && from % s === 0 && from / s < m) found.push([from / s + 1, a]);
    }
    return found;
  }

  /* Every [t, a] that output o of axis x reads, padding left out. */
  reads(x, o) {
    const { n, k } = this.axes[x];
    return range(k).map((a) => [this.position(x, o, a), a]).filter(([t]) => t >= 1 && t <= n);
  }

  /* Every [o, t] that meets at window position a of axis x. */
  meets(x, a) {
    const { n, m } = this.axes[x];
    return range(m).map((o) => [o, this.position(x, o, a)]).filter(([, t]) => t >= 1 && t <= n);
  }

  /* The leading subscripts (sample, channel, filter) that go together; one empty record where there are none. */
  leads(tensor, q) {
    if (!this.lead) return [{ o: [], i: [], w: [] }];
    if (this.family !== "conv") return [{ o: q.slice(0, 2), i: q.slice(0, 2), w: [] }];
    const [batch, channels] = this.shapes.I, filters = this.shapes.O[1];
    const perChannel = channels / this.groups, perFilter = filters / this.groups;
    const record = (n, c, f) => ({ o: [n, f], i: [n, c], w: [f, c - Math.floor((c - 1) / perChannel) * perChannel] });
    const group = (index, size) => Math.floor((index - 1) / size);
    if (tensor === "I") return range(perFilter, group(q[1], perChannel) * perFilter + 1).map((f) => record(q[0], q[1], f));
    if (tensor === "W") return range(batch).map((n) => record(n, group(q[0], perFilter) * perChannel + q[1], q[0]));
    return range(perChannel, group(q[1], perFilter) * perChannel + 1).map((c) => record(q[0], c, q[1]));
  }

  weightAt(lead, a) {
    if (this.family !== "conv") return null;
    return [...lead, ...a.map((x, k) => (this.flip ? this.axes[k].k + 1 - x : x))];
  }

  /* The uses of an entry of I, W or O, in the order of the printed formulas; of a weight the first of many. */
  uses(tensor, q) {
    const at = q.slice(q.length - this.axes.length), most = tensor === "W" ? MOST_USES : Infinity;
    const found = [];
    for (const lead of this.leads(tensor, q)) {
      if (found.length >= most) return found.slice(0, most);
      for (const pairs of product(this.axes.map((_, x) => this.onAxis(tensor, x, at[x])), most)) {
        const a = pairs.map((p) => p.a);
        found.push({ o: [...lead.o, ...pairs.map((p) => p.o)], i: [...lead.i, ...pairs.map((p) => p.t)], w: this.weightAt(lead.w, a), a });
      }
    }
    return found.slice(0, most);
  }

  /* How many uses there are. */
  total(tensor, q) {
    if (tensor === "b") return this.outputs("b");
    const at = q.slice(q.length - this.axes.length);
    return this.axes.reduce((all, _, x) => all * this.onAxis(tensor, x, at[x]).length, this.leads(tensor, q).length);
  }

  /* What weight q reads for output o: the use, or null where that is padding or another filter. */
  meeting(q, o) {
    const lead = this.leads("W", q).find((one) => same(one.o, o.slice(0, this.lead)));
    const at = q.slice(q.length - this.axes.length), out = o.slice(this.lead);
    const read = this.axes.map(({ k }, x) => this.position(x, out[x], this.flip ? k + 1 - at[x] : at[x]));
    return lead && read.every((t, x) => t >= 1 && t <= this.axes[x].n) ? { o, i: [...lead.i, ...read], w: q } : null;
  }

  /* The positions that an output reads on the axes alone. */
  window(o) {
    return product(this.axes.map((_, x) => this.reads(x, o[this.lead + x]).map(([t]) => t)));
  }

  onAxis(tensor, x, at) {
    if (tensor === "I") return this.readers(x, at).map(([o, a]) => ({ o, a, t: at }));
    if (tensor === "W") {
      const a = this.flip ? this.axes[x].k + 1 - at : at;
      return this.meets(x, a).map(([o, t]) => ({ o, a, t }));
    }
    const read = this.reads(x, at).map(([t, a]) => ({ o: at, a, t }));
    return this.flip ? read.reverse() : read;
  }

  /* How many outputs there are that could use a weight or a bias. */
  outputs(tensor) {
    const each = this.shapes.O.slice(this.lead).reduce((x, y) => x * y, 1);
    return this.lead && tensor !== "O" ? this.shapes.O[0] * each : each;
  }

  /* The outputs that a bias is added to; of many the first. */
  usesOfBias(q) {
    const places = product(this.shapes.O.slice(this.lead).map((m) => range(m)), MOST_USES);
    const leads = this.lead ? range(this.shapes.O[0]).map((n) => [n, q[0]]) : [[]];
    return leads.slice(0, Math.ceil(MOST_USES / places.length)).flatMap((lead) => places.map((o) => ({ o: [...lead, ...o] }))).slice(0, MOST_USES);
  }

  /* The number of terms of dL/dI at q, without making them. */
  count(q) {
    return this.axes.reduce((total, _, x) => total * this.readers(x, q[this.lead + x]).length, this.filters);
  }

  /* In average pooling, how many cells the window of an output averages. */
  averaged(o) {
    return this.axes.reduce((total, _, x) => total * this.cells[x][o[this.lead + x] - 1], 1);
  }
}
