"""Equal at every size: a claim that is a product over axes is decided one axis at a time.

A gradient of a convolution without channels is, as a set of pairs, the product of what each axis
joins: the term dO[o1,o2] W[a1,a2] stands in dI[p1,p2] exactly where (o1,a1) stands in dI[p1] on the
first axis and (o2,a2) in dI[p2] on the second. Where the claimed side splits in the same way, and
agrees with the truth on each axis, it agrees on the plane. (The reverse need not hold: a side that
does not agree on an axis is left to the comparison on the plane.)

The bound. One axis, kernel k, stride 1, dilation and padding numbers, length n a name. Fix the kernel
position a (for dW, u). Both sides then hold at most one term each: the truth joins the variable v
(the entry p; for dW the output o) with one partner, and so does the claimed side, whose one summed
letter is solved for: a partner that is affine in v and n, standing there where some atoms hold. Let
each atom be a comparison of v, n - v, n or nothing with a constant of size at most C (this is
checked, not assumed), and e = claimed partner - true partner = alpha v + beta n + gamma. Take a
counterexample with n > 2C + 5. Then v > C + 2 or n - v > C + 2. In the first case go to
(v-t, n-t), in the second to (v, n-t), for t = 1, 2: no atom changes its truth, since none of v, n-v, n
that changes comes down to C; n stays long enough for an output, since that is an atom too. If the
sides differed in whether there is a term, they still do. If both have one and e is not 0, e changes by
a multiple of t, so it is 0 for at most one of the two t. Either way there is a counterexample with a
smaller n. So the smallest has n <= 2C + 5, and trying every n up to there proves the claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from symderiv.check.budget import Budget, TooDear
from symderiv.check.decide import Sides, bind_sides, decide
from symderiv.check.truth import Truth
from symderiv.check.value import condition_forms
from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Condition,
    Entry,
    Equal,
    Node,
    Number,
    Product,
    Reduce,
    UnsupportedNode,
    Within,
)
from symderiv.formula.walk import product
from symderiv.index.form import Extreme, Form, const, name
from symderiv.index.window import Axis
from symderiv.layers import make
from symderiv.model import Layer

MOST_LENGTH = 60


@dataclass(frozen=True)
class _Flat:
    """A product under sums."""

    bindings: tuple[Binding, ...]
    entries: tuple[Entry, ...]
    conditions: tuple[Condition, ...]


def holds_at_all_sizes(sides: Sides, layer: Layer, budget: Budget) -> bool:
    """Whether the claim is proved for every size, within ``budget``; False says nothing."""
    claims = _split(sides, layer)
    if claims is None:
        return False
    for axis, own in claims:
        length = axis.n.plain_name
        if length is None:
            if axis.n.constant is None or not _holds(own, axis, layer, budget):
                return False
            continue
        most, least = _bound(own, axis, layer.flip), _least(axis)
        if most is None or most > MOST_LENGTH:
            return False
        for n in range(least, max(most, least) + 1):
            if not _holds(bind_sides(own, {length: n}), axis.replace({length: n}), layer, budget):
                return False
    return True


def _holds(sides: Sides, axis: Axis, layer: Layer, budget: Budget) -> bool:
    """Whether the claim on one axis holds at one length."""
    try:
        outcome = decide(sides, Truth(_layer(axis, layer)), budget)
    except (TooDear, UnsupportedNode, KeyError, ArithmeticError, AssertionError):
        return False
    return outcome.equal and bool(outcome.checked)


def _least(axis: Axis) -> int:
    reach, start, end = axis.reach.constant, axis.start.constant, axis.end.constant
    assert reach is not None and start is not None and end is not None
    return max(1, reach - start - end)


def _layer(axis: Axis, layer: Layer) -> Layer:
    values = [f.constant for f in (axis.n, axis.k, axis.s, axis.start, axis.end, axis.d)]
    n, k, s, start, end, d = values
    return make("conv1d", input=(n,), kernel=(k,), stride=(s,), padding=((start, end),), dilation=(d,),
                bias=any(t.role == "bias" for t in layer.tensors), flip=layer.flip)


# -- splitting ---------------------------------------------------------------------------------
def _split(sides: Sides, layer: Layer) -> list[tuple[Axis, Sides]] | None:
    """The claim on each axis with a length by name; None where it is no product over axes."""
    count = len(layer.axes)
    left, right = sides.left, _flat(sides.right)
    if (layer.family != "conv" or right is None or not isinstance(left, Entry) or sides.chosen is not None or sides.conditions
            or left.tensor not in ("dI", "dW", "db") or len(layer.output.shape) != count):
        return None
    if any(a.s != 1 or any(f.constant is None for f in (a.k, a.d, a.start, a.end)) for a in layer.axes):
        return None
    entries = [left, *right.entries]
    if any(len(e.index) not in (0, count) for e in entries):
        return None
    homes: dict[str, set[int]] = {}
    own = {f.index for f in sides.free} | {b.index for b in right.bindings}
    for entry in entries:
        for x, form in enumerate(entry.index):
            for letter in form.names & own:
                homes.setdefault(letter, set()).add(x)
    if set(homes) != own or any(len(h) != 1 for h in homes.values()):
        return None
    home = {letter: h.pop() for letter, h in homes.items()}
    found = []
    for x, axis in enumerate(layer.axes):
        mine = {letter for letter, h in home.items() if h == x} | axis.n.names | {n for n, _ in layer.derived if n == f"m{x + 1}"}
        part = _project(sides, right, x, home, mine)
        if part is None:
            return None
        derived = {n: form for n, form in layer.derived}
        found.append((axis, bind_sides(part, derived)))
    return found


def _project(sides: Sides, right: _Flat, x: int, home: dict[str, int], mine: set[str]) -> Sides | None:
    def one(entry: Entry) -> Entry:
        return Entry(entry.tensor, entry.index[x : x + 1])

    bindings = tuple(b for b in right.bindings if home[b.index] == x)
    conditions = []
    for c in right.conditions:
        names = {n for f in condition_forms(c) for n in f.names}
        at = {home[n] for n in names if n in home}
        if len(at) != 1:
            return None
        if at == {x}:
            if not names <= mine:
                return None
            conditions.append(c)
    forms = [f for b in bindings for f in (b.low, b.high)] + [f for e in (sides.left, *right.entries) if isinstance(e, Entry) for f in e.index[x : x + 1]]
    if any(not f.names <= mine for f in forms):
        return None
    body = product([*([Bracket(tuple(conditions))] if conditions else []), *(one(e) for e in right.entries)])
    node: Node = Reduce("sum", bindings, body) if bindings else body
    assert isinstance(sides.left, Entry)
    return Sides(one(sides.left), node, tuple(f for f in sides.free if home[f.index] == x))


def _flat(node: Node) -> _Flat | None:
    """Sums around one product of entries and brackets with the coefficient 1."""
    if isinstance(node, Entry):
        return _Flat((), (node,), ())
    if isinstance(node, Bracket):
        return _Flat((), (), node.conditions)
    if isinstance(node, Number):
        return _Flat((), (), ()) if node.value == Fraction(1) else None
    if isinstance(node, Reduce) and node.kind == "sum":
        inner = _flat(node.body)
        return None if inner is None else _Flat((*node.bindings, *inner.bindings), inner.entries, inner.conditions)
    if isinstance(node, Product):
        total = _Flat((), (), ())
        for factor in node.factors:
            part = _flat(factor)
            if part is None:
                return None
            total = _Flat(total.bindings + part.bindings, total.entries + part.entries, total.conditions + part.conditions)
        return total
    return None


# -- the bound ---------------------------------------------------------------------------------
def _bound(sides: Sides, axis: Axis, flip: bool) -> int | None:
    """2C + 5, or None where an atom is of another kind than the argument admits."""
    right, left = _flat(sides.right), sides.left
    k, n = axis.k.constant, axis.n.plain_name
    assert isinstance(left, Entry)
    if right is None or k is None or n is None or len(right.bindings) > 1 or len(sides.free) > 1:
        return None
    made = _Atoms(axis, "v")
    made.add(axis.m - 1)
    if left.tensor == "db":
        ok = len(right.entries) == 1 and right.entries[0].tensor == "dO" and made.sum_of_outputs(right, axis)
        return 2 * made.most + 5 if ok else None
    other = "W" if left.tensor == "dI" else "I"
    by = {e.tensor: e.index[0] for e in right.entries if e.index}
    if len(right.entries) != 2 or set(by) != {"dO", other} or len(sides.free) != 1:
        return None
    free = sides.free[0].index
    for fixed in range(1, k + 1):
        values = {free: name("v")} if left.tensor == "dI" else {free: const(fixed)}
        wanted = const(fixed) if left.tensor == "dI" else name("v")
        solving = by[other] if left.tensor == "dI" else by["dO"]
        solved = _solved(right, solving.replace(values), wanted, values)
        if solved is None:
            return None
        output = name("v") if left.tensor == "dW" else by["dO"].replace(values).replace(solved)
        partner = by[other].replace(values).replace(solved)
        position = k + 1 - fixed if flip else fixed
        shift = axis.d * (position - 1) - axis.start
        made.add(output - 1, axis.m - output)
        if left.tensor == "dI":
            true = name("v") - shift
            made.equality(output - true)
            made.add(true - 1, axis.m - true, name("v") - 1, name(n) - name("v"))
        else:
            made.equality(partner - (name("v") + shift))
            made.add(partner - 1, name(n) - partner, name("v") - 1, axis.m - name("v"))
            made.add(name("v") + shift - 1, name(n) - name("v") - shift)
        made.limits(right, values, solved)
    return 2 * made.most + 5 if made.good else None


def _solved(right: _Flat, form: Form, wanted: Form, values: dict[str, Form]) -> dict[str, Form] | None:
    """The summed letter as a form of the variable: ``form == wanted`` solved for it."""
    if not right.bindings:
        # nothing to solve: the partner stands there where form == wanted, which the atoms must hold
        return None
    letter = right.bindings[0].index
    step = form.coefficient(letter)
    if step is None or step.constant not in (1, -1):
        return None
    return {letter: (wanted - form.replace({letter: 0})) * step.constant}


class _Atoms:
    """The atoms of a claim, and the largest constant among them."""

    def __init__(self, axis: Axis, variable: str) -> None:
        assert axis.n.plain_name is not None
        self.length, self.variable = axis.n.plain_name, variable
        self.ends = {"dO": (const(1), axis.m), "W": (const(1), axis.k), "I": (1 - axis.start, axis.n + axis.end)}
        self.most, self.good = 0, True

    def add(self, *forms: Form) -> None:
        """Comparisons with 0."""
        for form in forms:
            found = self._coefficients(form)
            if found is None or found[:2] not in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)):
                self.good = False
                return
            self.most = max(self.most, abs(found[2]))

    def equality(self, form: Form) -> None:
        """A partner compared with the true one: any coefficients, as the argument tries two steps."""
        self.good = self.good and self._coefficients(form) is not None

    def _coefficients(self, form: Form) -> tuple[int, int, int] | None:
        if any(not isinstance(a, str) for m, _ in form.terms for a in m) or not form.names <= {self.length, self.variable}:
            return None
        values = [form.coefficient(x) for x in (self.variable, self.length)]
        rest = form.replace({self.variable: 0, self.length: 0}).constant
        numbers = [0 if v is None else v.constant for v in values]
        if rest is None or None in numbers or any(v is None and x in form.names for v, x in zip(values, (self.variable, self.length), strict=True)):
            return None
        return numbers[0] or 0, numbers[1] or 0, rest

    def limits(self, right: _Flat, values: dict[str, Form], solved: dict[str, Form]) -> None:
        """low <= letter <= high, and the conditions, as comparisons."""
        for binding in right.bindings:
            value = solved[binding.index]
            self.alone(right, binding, values)
            for low in _alternatives(binding.low, "max"):
                self.add(value - low.replace(values).replace(solved))
            for high in _alternatives(binding.high, "min"):
                self.add(high.replace(values).replace(solved) - value)
        for condition in right.conditions:
            if isinstance(condition, Within):
                pairs = [condition.form - condition.low, condition.high - condition.form]
            elif isinstance(condition, Equal):
                pairs = [condition.left - condition.right]
            else:
                self.good = False
                return
            self.add(*(f.replace(values).replace(solved) for f in pairs))

    def alone(self, right: _Flat, binding: Binding, values: dict[str, Form]) -> None:
        """A summed letter standing alone, or beside numbers only, must not leave its axis: whether it does is an atom as well."""
        for entry in right.entries:
            if not entry.index or binding.index not in entry.index[0].names or not entry.index[0].names.isdisjoint(values):
                continue
            (first, last), index = self.ends[entry.tensor], entry.index[0]
            for kind, limit in (("max", binding.low), ("min", binding.high)):
                for end in _alternatives(limit, kind):
                    at = index.replace({binding.index: end.replace(values)})
                    self.add(at - first, last - at)

    def sum_of_outputs(self, right: _Flat, axis: Axis) -> bool:
        """``sum_i dO[f(i)]``: each output once, where the letter is in its limits."""
        solved = _solved(right, right.entries[0].index[0], name("v"), {})
        if solved is None:
            return False
        self.add(name("v") - 1, axis.m - name("v"))
        self.limits(right, {}, solved)
        return self.good


def _alternatives(form: Form, kind: str) -> Iterator[Form]:
    """The parts of a maximum below a sum, of a minimum above it; the form itself otherwise."""
    if len(form.terms) == 1 and form.terms[0][1] == 1 and len(form.terms[0][0]) == 1:
        (atom,) = form.terms[0][0]
        if isinstance(atom, Extreme) and atom.kind == kind:
            yield from atom.forms
            return
    yield form
