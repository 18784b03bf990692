/* One or two sentences about an entry: who uses it. */

const MOST_NAMED = 9;

function drawn(owner, tensor, q) {
  return math("math", {}, owner.notation.entry(tensor, q));
}

function tell(owner, tensor, q, uses) {
  const teller = { I: owner.relation.family === "conv" ? tellInput : tellPooled, W: tellWeight, b: tellBias, O: tellOutput }[tensor];
  return element("p", {}, ...teller(owner, q, uses));
}

function tellInput(owner, q, uses) {
  const { words, relation } = owner, x = drawn(owner, "I", q);
  if (!uses.length) return [words.say("no window", { x })];
  const outputs = uses.map((use) => drawn(owner, "O", use.o)), weights = uses.map((use) => drawn(owner, "W", use.w));
  if (uses.length === 1) return [words.say("one window", { x, o: outputs[0], w: weights[0] })];
  if (relation.lead && relation.shape("O")[1] / relation.groups > 1) return [words.say("many terms", { x, n: uses.length })];
  const turn = words.say(relation.flip ? "forwards" : "backwards");
  if (uses.length > MOST_NAMED) return [words.say("many windows", { x, n: uses.length }), words.space, turn];
  return [words.say("windows", { x, n: uses.length, o: words.list(outputs), w: words.list(weights) }), words.space, turn];
}

function tellPooled(owner, q, uses) {
  const { words, relation, values } = owner, x = drawn(owner, "I", q);
  if (!uses.length) return [words.say("no window", { x })];
  const parts = [words.say(uses.length === 1 ? "one pool" : "pools", { x, n: uses.length, o: drawn(owner, "O", uses[0].o) })];
  if (relation.family !== "max_pool") return parts;
  const won = uses.filter((use) => values.factor("I", use) !== 0).map((use) => drawn(owner, "O", use.o));
  return [...parts, words.space, won.length ? words.say("maximum of", { o: words.list(won) }) : words.say("no maximum")];
}

function tellWeight(owner, q) {
  const n = owner.relation.total("W", q), all = owner.relation.outputs("W"), x = drawn(owner, "W", q);
  return [owner.words.say(n === all ? "all use weight" : "some use weight", { x, n, k: all })];
}

function tellBias(owner, q) {
  return [owner.words.say("all use bias", { x: drawn(owner, "b", q), n: owner.relation.total("b", q) })];
}

function tellOutput(owner, q, uses) {
  const { words, relation, values } = owner, x = drawn(owner, "O", q);
  if (!uses.length) return [words.say("takes nothing")];
  const parts = [words.say(relation.family === "conv" ? "output reads" : "output pools", { x })];
  const window = relation.axes.reduce((total, axis) => total * axis.k, relation.leads("O", q).length);
  if (window > uses.length) parts.push(words.space, words.say("in padding", { k: window - uses.length }));
  if (relation.family !== "max_pool") return parts;
  return [...parts, words.space, words.say("takes", { a: words.list(values.chosen(q).map((i) => drawn(owner, "I", i))) })];
}
