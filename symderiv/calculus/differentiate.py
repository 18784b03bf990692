"""dL/dT for any formula: the chain rule, every occurrence solved, the results merged.

    dL/dT[q]  =  sum over occurrences r, over o and c, of  g[o] * (dF/dr)(o, c) * [f(o, c) = q]
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

from symderiv.calculus.occurrences import Occurrence, occurrences
from symderiv.calculus.solve import Problem, collapse, fixed_equations, intersect, settle
from symderiv.formula.nodes import (
    ZERO,
    Binding,
    Bracket,
    Entry,
    Formula,
    IsMax,
    Node,
    Number,
    Partial,
    Power,
    Product,
    Reduce,
    Sum,
)
from symderiv.formula.walk import add, power, product, reduce_sum, rename
from symderiv.index.form import const, name
from symderiv.index.prove import Facts
from symderiv.model import Layer, Step, StepKind, Tensor, upstream_entry

_LETTERS = "pqrstxyzabcdefgh"


def differentiate(layer: Layer, tensor: Tensor) -> tuple[Formula, tuple[Step, ...]]:
    """The general gradient of ``tensor`` and the steps that lead to it."""
    fixed = fixed_letters(layer, tensor)
    facts = Facts(
        tuple((q, const(1), n) for q, n in zip(fixed, tensor.shape, strict=True)), least(layer)
    )
    found = occurrences(layer.formula, tensor.name)
    problems = [_problem(layer, occurrence, fixed) for occurrence in found]
    target = Entry("d" + tensor.name, tuple(name(q) for q in fixed))
    bindings = tuple(Binding(q, const(1), n) for q, n in zip(fixed, tensor.shape, strict=True))
    steps = _steps(layer, tensor, target, problems, found, facts)
    return Formula(target, bindings, steps[-1].after), steps


def fixed_letters(layer: Layer, tensor: Tensor) -> tuple[str, ...]:
    """Letters for the fixed entry: none that the layer uses already."""
    used = set(layer.sizes) | {b.index for b in layer.formula.bindings}
    used |= {b.index for o in occurrences(layer.formula, tensor.name) for b in o.bindings}
    used |= {t.name for t in layer.tensors} | {n for n, _ in layer.derived}
    free = [c for c in _LETTERS if c not in used]
    return tuple(free[: len(tensor.shape)])


def least(layer: Layer) -> dict[str, int]:
    """The least value of each size name: 0 for a padding, 1 for all others."""
    pads: set[str] = set()
    for axis in layer.axes:
        pads |= axis.start.names | axis.end.names
    sizes = {n for f in (f for t in layer.tensors for f in t.shape) for n in f.names}
    sizes |= {n for a in layer.axes for f in (a.n, a.k, a.s, a.d) for n in f.names}
    return {n: 0 if n in pads and n not in sizes else 1 for n in {*pads, *sizes, *layer.sizes, *(n for n, _ in layer.derived)}}


def _problem(layer: Layer, occurrence: Occurrence, fixed: tuple[str, ...]) -> Problem:
    return Problem(
        (*layer.formula.bindings, *occurrence.bindings),
        frozenset(b.index for b in occurrence.bindings),
        (upstream_entry(layer), *occurrence.factors),
        fixed_equations(occurrence.index, fixed),
    )


def _steps(layer: Layer, tensor: Tensor, target: Entry, problems: list[Problem],
           found: list[Occurrence], facts: Facts) -> tuple[Step, ...]:
    if not problems:
        return (Step(StepKind.CHAIN, ZERO, ZERO),)
    outer = layer.formula.bindings
    local = _local(problems, found)
    nested = _nest(outer, upstream_entry(layer), local)
    chain = reduce_sum(
        outer, product([upstream_entry(layer), Partial(layer.formula.target, Entry(tensor.name, target.index))])
    )
    steps = [Step(StepKind.CHAIN, nested, chain), Step(StepKind.LOCAL, nested, nested)]
    steps += _solve(problems, facts, several=len(problems) > 1)
    last = steps[-1].after
    merged = merge(last)
    if merged != last:
        steps.append(Step(StepKind.MERGE, merged, merged, intersected=True))
    final = _signed(steps[-1].after)
    if final != steps[-1].after:
        steps[-1] = replace(steps[-1], after=final, shown=final)
    return tuple(steps)


def _signed(node: Node) -> Node:
    """A negative number in front of its sum: -1/5 * sum(i, g[i]) for sum(i, -1/5*g[i])."""
    if isinstance(node, Sum):
        return add(_signed(t) for t in node.terms)
    bindings, body = _split(node)
    first = body.factors[0] if bindings and isinstance(body, Product) else None
    if isinstance(body, Product) and isinstance(first, Number) and first.value < 0:
        return product([first, _sum_over(bindings, product(body.factors[1:]))])
    return node


def _local(problems: list[Problem], found: list[Occurrence]) -> Node:
    """dO[o]/dT[q] by definition: for every occurrence the other factors where indices meet."""
    parts = []
    for problem, occurrence in zip(problems, found, strict=True):
        brackets = [Bracket((e,)) for e in problem.equations]
        parts.append(_sum_over(occurrence.bindings, product([*occurrence.factors, *brackets])))
    return add(parts)


def _sum_over(bindings: tuple[Binding, ...], body: Node) -> Node:
    return Reduce("sum", bindings, body) if bindings else body


def _nest(outer: tuple[Binding, ...], upstream: Entry, local: Node) -> Node:
    return _sum_over(outer, product([upstream, local]))


def _solve(problems: list[Problem], facts: Facts, several: bool) -> list[Step]:
    steps: list[Step] = []
    if several:
        node = add(p.node for p in problems)
        steps.append(Step(StepKind.SPLIT, node, node))
    collapsed = [collapse(p, facts) for p in problems]
    if any(p.solved for p in collapsed):
        node = add(p.node for p in collapsed)
        solved = tuple(s for p in collapsed for s in p.solved)
        steps.append(Step(StepKind.COLLAPSE, node, node, solved))
    met = [intersect(p, facts) for p in collapsed]
    if met != collapsed:
        node = add(p.node for p in met)
        steps.append(Step(StepKind.INTERSECT, node, node, intersected=True))
    settled = [settle(p) for p in met]
    if settled != met:
        node = add(p.node for p in settled)
        solved = tuple(s for p, q in zip(settled, met, strict=True) for s in p.solved[len(q.solved):])
        steps.append(Step(StepKind.SINGLE, node, node, solved, intersected=True))
    if steps:
        steps[-1] = replace(steps[-1], intersected=True)
    return steps


def merge(node: Node) -> Node:
    """Join sums that differ only in the names of their indices or in one factor.

    ``sum(j, g[p,j]*I[j,q]) + sum(i, g[i,p]*I[i,q])  ->  sum(j, (g[p,j] + g[j,p])*I[j,q])``
    """
    if not isinstance(node, Sum):
        return node
    done: list[Node] = []
    for term in node.terms:
        for k, earlier in enumerate(done):
            joined = _join(earlier, term)
            if joined is not None:
                done[k] = joined
                break
        else:
            done.append(term)
    return add(done)


def _join(a: Node, b: Node) -> Node | None:
    ab, a_body = _split(a)
    bb, b_body = _split(b)
    if len(ab) != len(bb):
        return None
    for order in permutations(range(len(bb))):
        names = {bb[k].index: ab[x].index for x, k in enumerate(order)}
        renamed = rename(Reduce("sum", tuple(bb[k] for k in order), b_body) if bb else b_body, names)
        rb, r_body = _split(renamed)
        if rb != ab:
            continue
        body = _join_products(_factors(a_body), _factors(r_body))
        if body is not None:
            return ZERO if body == ZERO else _sum_over(ab, body)
    return None


def _split(node: Node) -> tuple[tuple[Binding, ...], Node]:
    return (node.bindings, node.body) if isinstance(node, Reduce) and node.kind == "sum" else ((), node)


def _factors(node: Node) -> tuple[Node, ...]:
    return node.factors if isinstance(node, Product) else (node,)


def _join_products(a: tuple[Node, ...], b: tuple[Node, ...]) -> Node | None:
    """a + b as one product where all but one factor, and a number, are common: 2*x*c - y*c = (2*x - y)*c."""
    (m, a), (n, b) = _coefficient(a), _coefficient(b)
    common, rest_b = [], list(b)
    rest_a = []
    for factor in a:
        if factor in rest_b:
            rest_b.remove(factor)
            common.append(factor)
        else:
            rest_a.append(factor)
    if len(rest_a) > 1 or len(rest_b) > 1 or not common or any(isinstance(f, IsMax) for f in (*rest_a, *rest_b)):
        return None
    if not rest_a and not rest_b:
        return product([Number(m + n), *common])
    joined = add([product([Number(m), *rest_a]), product([Number(n), *rest_b])])
    return product([joined, *common])


def _coefficient(factors: tuple[Node, ...]) -> tuple[Fraction, tuple[Node, ...]]:
    """The number in front, and the other factors, equal ones as a power."""
    first = factors[0]
    number, rest = (first.value, factors[1:]) if isinstance(first, Number) else (Fraction(1), factors)
    return number, _powers(rest)


def _powers(factors: tuple[Node, ...]) -> tuple[Node, ...]:
    """Equal entries as one power, where the first of them stood."""
    counts: dict[Node, int] = {}
    for factor in factors:
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) and factor.exponent > 0 else (factor, 1)
        counts[base] = counts.get(base, 0) + exponent
    return tuple(power(base, n) for base, n in counts.items())
