"""The general formula inside one region: what max, min, floor and ceil come to there.

    dI[p,q], q = 1   sum(j=max(1, q-1)..min(q, 2), ...)  ->  the term j = 1
    dI[p,q], 2 <= q <= 27                                ->  sum(j=q-1..q, ...)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Condition,
    Divides,
    Entry,
    Equal,
    Formula,
    Node,
    Product,
    Reduce,
    Sum,
    Within,
)
from symderiv.formula.walk import add, map_forms, product, substitute
from symderiv.index.form import (
    Extreme,
    Form,
    FormLike,
    ceil_div,
    const,
    exact_div,
    extreme,
    floor_div,
    name,
    remainder,
    whole,
)
from symderiv.index.prove import Facts, equal_always

Positions = Sequence[int]
MOST_TRIED = 60


def narrowed(formula: Formula, positions: Sequence[Positions], least: Mapping[str, int],
             padded: Mapping[str, Sequence[int]]) -> Formula:
    """``formula`` for the positions of a region, an axis each, its limits simplified as far as they allow.

    Positions that stand evenly apart are counted by a letter of their own while limits are simplified:
    on 2, 4, 6 floor(p/2) is p/2. What reads only zeros is left out of the sums: ``padded`` has the
    shapes of the tensors that are 0 outside.
    """
    single: dict[str, FormLike] = {}
    spread: dict[str, FormLike] = {}
    back: dict[str, FormLike] = {}
    ranges, bindings = [], []
    for b, ts in zip(formula.bindings, positions, strict=True):
        step = _step(ts)
        if len(ts) == 1:
            single[b.index] = ts[0]
            continue
        bindings.append(Binding(b.index, const(ts[0]), const(ts[-1])))
        if step is None or step == 1:
            ranges.append((b.index, const(ts[0]), const(ts[-1])))
            continue
        count = f"{b.index}_"
        spread[b.index] = name(count) * step + ts[0]
        back[count] = exact_div(name(b.index) - ts[0], step)
        ranges.append((count, const(0), const(len(ts) - 1)))
    facts = Facts(tuple(ranges), least)
    body = _simplified(_inside(substitute(formula.body, {**single, **spread}), padded), facts)
    target = substitute(formula.target, single)
    assert isinstance(target, Entry)
    closed = map_forms(substitute(body, back), whole) if back else body
    return Formula(target, tuple(bindings), closed)


def tidied(formula: Formula, shape: Sequence[int]) -> Formula:
    """The formula with its limits simplified as far as the tensor's own sizes allow."""
    ranges = tuple((b.index, const(1), const(n)) for b, n in zip(formula.bindings, shape, strict=True))
    return Formula(formula.target, formula.bindings, _simplified(formula.body, Facts(ranges, {})))


def _inside(node: Node, padded: Mapping[str, Sequence[int]]) -> Node:
    """Sums of products without the terms whose entry of a padded tensor is 0."""
    if isinstance(node, Sum):
        return add(_inside(t, padded) for t in node.terms)
    if not isinstance(node, Reduce) or node.kind != "sum":
        return node
    factors = node.body.factors if isinstance(node.body, Product) else (node.body,)
    limits = {b.index: ([b.low], [b.high]) for b in node.bindings}
    for entry in factors:
        if isinstance(entry, Entry) and entry.tensor in padded:
            for form, n in zip(entry.index, padded[entry.tensor], strict=True):
                _limit_read(form, n, limits)
    return replace(node, bindings=tuple(
        Binding(b.index, extreme("max", limits[b.index][0]), extreme("min", limits[b.index][1])) for b in node.bindings
    ))


def _limit_read(form: Form, n: int, limits: Mapping[str, tuple[list[Form], list[Form]]]) -> None:
    """1 <= form <= n as limits of the index in it, where it has one with a number before it."""
    running = [x for x in limits if x in form.names]
    if len(running) != 1:
        return
    c = form.coefficient(running[0])
    step = c.constant if c is not None else None
    if step is not None and step > 0:
        rest = form.replace({running[0]: 0})
        low, high = limits[running[0]]
        low.append(ceil_div(1 - rest, step))
        high.append(floor_div(n - rest, step))


def _step(ts: Positions) -> int | None:
    """The distance between neighbours where it is one for all."""
    steps = {b - a for a, b in pairwise(ts)}
    return steps.pop() if len(steps) == 1 else None


def _simplified(node: Node, facts: Facts) -> Node:
    if isinstance(node, Sum):
        return add(_simplified(t, facts) for t in node.terms)
    if isinstance(node, Product):
        return product(_simplified(f, facts) for f in node.factors)
    if isinstance(node, Reduce) and node.kind == "sum":
        return _sum(node, facts)
    if isinstance(node, Bracket):
        kept = tuple(c for c in node.conditions if not _holds(c, facts))
        return Bracket(kept) if kept else product([])
    return node


def _sum(node: Reduce, facts: Facts) -> Node:
    """Its limits simplified, outermost first; a limit that is one value is put in."""
    bindings: list[Binding] = []
    body, left, known = node.body, list(node.bindings), facts
    while left:
        b = left.pop(0)
        low, high = _limit(b.low, known), _limit(b.high, known)
        if equal_always(low, high):
            body = substitute(body, {b.index: high})
            left = [Binding(c.index, c.low.replace({b.index: high}), c.high.replace({b.index: high})) for c in left]
            continue
        only = _divided(b.index, low, high, body)
        if only is not None:
            body = substitute(body, {b.index: only})
            left = [Binding(c.index, c.low.replace({b.index: only}), c.high.replace({b.index: only})) for c in left]
            continue
        bindings.append(Binding(b.index, low, high))
        known = known.with_ranges([(b.index, low, high)])
    inner = _simplified(body, known)
    return Reduce("sum", tuple(bindings), inner) if bindings else inner


def _divided(index: str, low: Form, high: Form, body: Node) -> int | None:
    """The one value in a short range at which every bracket of a product that is about the index alone holds."""
    first, last = low.constant, high.constant
    if first is None or last is None or last - first > MOST_TRIED:
        return None
    factors = body.factors if isinstance(body, Product) else (body,)
    tests = [
        c for f in factors if isinstance(f, Bracket) for c in f.conditions
        if isinstance(c, Divides) and c.divisor.constant and remainder(c.form, c.divisor).names == {index}
    ]
    held = [
        v for v in range(first, last + 1)
        if all(remainder(c.form, c.divisor).value({index: v}) % (c.divisor.constant or 1) == 0 for c in tests)
    ]
    return held[0] if tests and len(held) == 1 else None


def _limit(form: Form, facts: Facts) -> Form:
    """A limit without the parts of max or min that never decide; a number where it is one value."""
    value = facts.value(form)
    if value is not None:
        return const(value)
    atom = form.terms[0][0][0] if len(form.terms) == 1 and form.terms[0][1] == 1 and form.terms[0][0] else None
    return facts.simplify(atom.kind, atom.forms) if isinstance(atom, Extreme) else form


def _holds(condition: Condition, facts: Facts) -> bool:
    if isinstance(condition, Within):
        return facts.nonnegative(condition.form - condition.low) and facts.nonnegative(condition.high - condition.form)
    if isinstance(condition, Divides):
        divisor = condition.divisor.constant
        return divisor is not None and not remainder(condition.form, condition.divisor).terms
    assert isinstance(condition, Equal)
    return condition.left == condition.right
