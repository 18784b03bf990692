/* Hide a term of the formula and let the reader find it. */

class Quiz {
  constructor(owner, host) {
    this.owner = owner;
    this.host = host;
    this.turn = 0;
    this.answers = host.querySelector("[data-part='answers']");
    this.said = host.querySelector("[data-part='verdict']");
    this.row = new FormulaRow({ ...owner, numbers: false, relation: owner.relation, values: owner.values, notation: owner.notation, words: owner.words }, host.querySelector("[data-part='hidden']"));
    host.querySelector("button[data-part='another']").addEventListener("click", () => this.ask());
    this.entries = owner.data.regions.filter((r) => r.terms > 1 && r.terms <= 9).map((r) => r.at);
    host.hidden = !this.entries.length;
    if (!host.hidden) this.ask();
  }

  /* Another entry and another of its terms each time, the same for everyone. */
  ask() {
    const { relation } = this.owner;
    const q = this.entries[(this.turn * 5 + Math.floor(this.entries.length / 2)) % this.entries.length];
    const uses = relation.uses("I", q), k = (this.turn * 3 + 1) % uses.length;
    this.turn += 1;
    this.row.show("I", q, uses);
    const term = this.row.host.querySelector(`[data-term="${k}"]`);
    term.replaceChildren(formula(...(k ? [sign("+")] : [sign("=")])), element("span", { class: "hole", "aria-label": this.owner.words.text("gap") }, "?"));
    term.classList.add("asked");
    this.said.textContent = this.owner.words.text("which");
    this.said.className = "verdict";
    const wrong = this.distractors(q, uses, uses[k]);
    const choices = [uses[k], ...wrong].map((use, n) => ({ use, right: n === 0 }));
    const shift = (this.turn * 7) % choices.length;
    this.answers.replaceChildren(...choices.map((_, n) => choices[(n + shift) % choices.length]).map((c) => this.button(q, uses[k], term, k, c)));
  }

  /* Products that do not stand in the sum: the kernel not turned, a neighbouring weight, an output that does not read the entry. */
  distractors(q, uses, use) {
    const { relation } = this.owner, { lead, axes } = relation;
    const key = (u) => `${u.o}|${u.w}`, taken = new Set(uses.map(key)), found = [];
    const add = (u) => {
      if (found.length < 3 && !taken.has(key(u))) {
        taken.add(key(u));
        found.push(u);
      }
    };
    const tail = (p) => p.slice(p.length - axes.length), head = (p) => p.slice(0, p.length - axes.length);
    const weights = use.w ? product(axes.map((axis) => range(axis.k))).map((w) => ({ ...use, w: [...head(use.w), ...w] })) : [];
    const near = (axis, o) => range(axis.m < 5 ? axis.m : 5, axis.m < 5 ? 1 : Math.max(1, Math.min(axis.m - 4, o - 2)));
    const outputs = product(axes.map((axis, n) => near(axis, use.o[lead + n]))).map((o) => ({ ...use, o: [...use.o.slice(0, lead), ...o] }));
    const idle = outputs.filter((u) => !uses.some((v) => same(u.o, v.o)));
    if (use.w) add({ ...use, w: [...head(use.w), ...tail(use.w).map((x, n) => axes[n].k + 1 - x)] });
    weights.slice(0, 1).concat(idle.slice(0, 1), weights, idle).forEach(add);
    return found;
  }

  button(q, truth, term, k, { use, right }) {
    const { notation, relation } = this.owner;
    const averaged = relation.family === "avg_pool" ? relation.averaged(use.o) : 0;
    const nodes = () => notation.term("I", use, averaged);
    const button = element("button", { type: "button" }, formula(...nodes()));
    button.addEventListener("click", () => {
      this.verdict(q, truth, use, right);
      button.classList.add(right ? "good" : "bad");
      if (right) term.replaceChildren(formula(...(k ? [sign("+")] : [sign("=")]), ...nodes()));
    });
    return button;
  }

  verdict(q, truth, use, right) {
    const { words } = this.owner, x = drawn(this.owner, "I", q), o = drawn(this.owner, "O", use.o);
    this.said.className = right ? "verdict good" : "verdict bad";
    if (right) this.said.textContent = words.text("right");
    else if (!same(use.o, truth.o)) this.said.replaceChildren(words.say("wrong output", { o, x }));
    else this.said.replaceChildren(words.say("wrong weight", { o, x, w: drawn(this.owner, "W", truth.w) }));
  }
}
