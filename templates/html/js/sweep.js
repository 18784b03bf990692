/* The gradient of the input, twice. Scatter: output after output hands its gradient back to its window.
   Gather: the rotated kernel stands over the gradient with zeros round it, once for every entry. */

const MOST_STEPS = 800;

class Sweep {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
    this.slider = host.querySelector("[data-part='slider']");
    this.row = new FormulaRow(owner, host.querySelector("[data-part='sum']"));
    this.grid = new Grid(owner, "I", host.querySelector("[data-own='scatter']"));
    this.way = "scatter";
    for (const button of host.querySelectorAll("[data-way]")) button.addEventListener("click", () => this.turn(button.dataset.way));
    this.slider.addEventListener("input", () => this.draw());
    owner.listeners.push((asked) => this.follow(asked));
  }

  /* Which outputs, or entries, the slider runs over: all of a filter or a channel, of all depths; or where they are
     many the outputs of the entry, or its row. */
  get steps() {
    const { relation, planes } = this.owner, tensor = this.way === "scatter" ? "O" : "I";
    const plane = planes[tensor].slice(0, relation.lead), sizes = relation.shape(tensor).slice(plane.length);
    if (sizes.reduce((x, y) => x * y, 1) <= MOST_STEPS) return product(sizes.map((n) => range(n))).map((at) => [...plane, ...at]);
    if (tensor === "I") return range(sizes[sizes.length - 1]).map((t) => [...this.entry.slice(0, -1), t]);
    return relation.uses("I", this.entry).map((use) => use.o).filter((o) => same(o.slice(0, plane.length), plane));
  }

  turn(way) {
    this.way = way;
    for (const button of this.host.querySelectorAll("[data-way]")) button.setAttribute("aria-pressed", String(button.dataset.way === way));
    for (const panel of this.host.querySelectorAll("[data-own]")) panel.hidden = panel.dataset.own !== way;
    this.follow(this.owner.asked);
  }

  follow({ tensor, q }) {
    if (tensor === "I") this.entry = q;
    if (!this.entry) this.entry = this.owner.start.q;
    const steps = this.steps;
    this.slider.max = steps.length - (this.way === "scatter" ? 0 : 1);
    if (this.way === "scatter") this.slider.value = this.middle(steps);
    else this.slider.value = Math.max(0, steps.findIndex((at) => same(at, this.entry)));
    this.draw();
  }

  /* Where the slider stands at first: half of the entry's terms are there. */
  middle(steps) {
    const uses = this.owner.relation.uses("I", this.entry);
    const half = uses[Math.floor((uses.length - 1) / 2)];
    return half ? steps.findIndex((at) => same(at, half.o)) + 1 : 0;
  }

  draw() {
    const step = Number(this.slider.value);
    if (this.way === "scatter") this.scatter(step);
    else this.gather(this.steps[step]);
  }

  scatter(step) {
    const { owner } = this, { relation, words, notation } = owner;
    const steps = this.steps, now = steps[step - 1];
    this.grid.draw(owner.planes.I.slice(0, owner.rest("I")), now && this.grid.large ? relation.uses("O", now)[0].i : this.entry);
    this.grid.clear();
    const before = new Set(steps.slice(0, step).map(String));
    const uses = relation.uses("I", this.entry);
    const there = uses.filter((use) => before.has(String(use.o))).length;
    this.fill(before, now);
    this.grid.mark(this.entry, "asked");
    this.row.show("I", this.entry, this.ordered(uses, before), there);
    const said = now
      ? words.say({ conv: "step", max_pool: "step max", avg_pool: "step pool" }[relation.family], { o: drawn(owner, "O", now), k: step, n: steps.length })
      : words.say("step none");
    const far = words.say("so far", { k: there, n: uses.length, x: drawn(owner, "I", this.entry) });
    this.tell(element("p", {}, said, words.space, far));
    this.slider.setAttribute("aria-valuetext", now ? owner.ref("O", now) : notation.printed(0));
  }

  /* Terms of other filters count as missing while one filter's outputs pass by. */
  ordered(uses, before) {
    return [...uses.filter((use) => before.has(String(use.o))), ...uses.filter((use) => !before.has(String(use.o)))];
  }

  /* In every cell how many of its terms are there, in max pooling what it has received; in the window of the output
     now, the weight that it lays there. */
  fill(before, now) {
    const { relation, notation, values } = this.owner, pool = relation.family === "max_pool";
    const laid = new Map(now ? relation.uses("O", now).map((use) => [use.i.join(" "), use]) : []);
    for (const [key, cell] of this.grid.cells) {
      const q = key.split(" ").map(Number), use = laid.get(key);
      const terms = relation.uses("I", q).filter((t) => !pool || values.factor("I", t)), there = terms.filter((t) => before.has(String(t.o)));
      cell.style.setProperty("--part", terms.length ? there.length / terms.length : 0);
      const wide = cell.closest("table").classList.contains("wide");
      const received = () => shown(there.reduce((sum, t) => sum + values.get("dO", t.o) * values.factor("I", t), 0));
      const text = element("span", { class: "value" }, pool ? received() : `${there.length}/${terms.length}`);
      if (use && use.w && wide) cell.replaceChildren(math("math", {}, notation.entry("W", use.w)), text);
      else cell.replaceChildren(...(wide ? [text] : []));
      if (use) this.grid.mark(q, "patch");
    }
    if (pool && now) for (const i of values.chosen(now)) this.grid.mark(i, "chosen");
  }

  gather(q) {
    const { owner } = this, { relation, words } = owner;
    this.entry = q;
    this.host.querySelector("[data-own='gather']").replaceChildren(this.padded(q));
    const uses = relation.uses("I", q), of = (use) => !relation.lead || use.o[1] === owner.planes.O[1];
    const here = uses.filter(of), others = uses.filter((use) => !of(use));
    this.row.show("I", q, [...here, ...others], here.length);
    const key = owner.data.correlation.rotate ? "gather" : "gather flip";
    const left = ["none left", "one left"][here.length] || "left";
    const parts = [words.say(key, { x: drawn(owner, "I", q) }), words.space, words.say(left, { n: here.length })];
    if (others.length) parts.push(words.space, words.say("other filters"));
    this.tell(element("p", {}, ...parts));
    this.slider.setAttribute("aria-valuetext", owner.ref("I", q));
  }

  tell(paragraph) {
    this.host.querySelector("[data-part='said']").replaceChildren(paragraph);
  }

  /* One axis of the padded gradient: of each place the output that stands there (0 for a zero) and the kernel place over it. */
  places(x, t) {
    const { zeros, before, after, between, rotate } = this.owner.data.correlation, { m, k } = this.owner.relation.axes[x];
    const length = before[x] + (m - 1) * (zeros[x] + 1) + 1 + after[x], span = (k - 1) * (between[x] + 1) + 1;
    return range(length, 0).map((r) => {
      const o = (r - before[x]) / (zeros[x] + 1), inside = Number.isInteger(o) && o >= 0 && o < m;
      const j = (r - (t - 1)) / (between[x] + 1), over = r >= t - 1 && r < t - 1 + span;
      const w = over && Number.isInteger(j) ? (rotate ? k - j : j + 1) : 0;
      return { r: r + 1, o: inside ? o + 1 : 0, over, w };
    });
  }

  padded(q) {
    const { owner } = this, { relation, notation } = owner, { lead } = relation;
    const at = q.slice(lead), axes = relation.axes.map((_, x) => this.places(x, at[x]));
    const [rows, columns] = axes.length === 2 ? axes : [[{ r: 1, o: -1, over: true, w: -1 }], axes[0]];
    const pick = (list, t) => list.filter((p) => list.length <= MOST_SHOWN + 8 || p.r <= ENDS || p.r > list.length - ENDS || Math.abs(p.r - t) <= this.grid.around(1) + 2);
    const shownColumns = pick(columns, at[at.length - 1]), shownRows = pick(rows, at[0]);
    const wide = shownColumns.length <= 8;
    const table = element("table", { class: `plane padded ${wide ? "wide" : shownColumns.length <= 14 ? "middle" : "narrow"}` });
    table.style.setProperty("--columns", shownColumns.length);
    for (const row of shownRows) {
      const line = element("tr", {});
      for (const column of shownColumns) line.append(this.place(row, column, axes.length, wide));
      table.append(line);
    }
    return table;
  }

  place(row, column, rank, wide) {
    const { owner } = this, { notation, planes } = owner;
    const one = (name) => [row[name], column[name]].slice(2 - rank);
    const o = one("o"), w = one("w"), output = o.every((x) => x > 0), weight = row.over && column.over && w.every((x) => x > 0);
    const cell = element("td", { class: [output ? "out" : "zero", row.over && column.over ? "over" : "", output && weight ? "used" : ""].join(" ") });
    const lead = owner.relation.lead ? planes.O.slice(0, 2) : [];
    if (wide && weight) cell.append(math("math", { class: "weight" }, notation.entry("W", [...(owner.relation.lead ? planes.W.slice(0, 2) : []), ...w])));
    if (wide) cell.append(output ? formula(notation.entry("dO", [...lead, ...o])) : "0");
    return cell;
  }
}
