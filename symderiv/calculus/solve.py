"""From the chain rule to the closed form: eliminate indices, intersect ranges, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symderiv.formula.nodes import Binding, Bracket, Condition, Divides, Equal, Node, Within
from symderiv.formula.walk import map_bindings, map_condition, map_forms, product, reduce_sum
from symderiv.index.form import Form, ceil_div, exact_div, floor_div, floored, name, remainder, whole
from symderiv.index.prove import Facts, equal_always


@dataclass(frozen=True)
class Problem:
    """sum(bindings, product(factors) * [equations] * [conditions])."""

    bindings: tuple[Binding, ...]
    inner: frozenset[str]
    """The indices that were bound inside the forward formula; they are eliminated first."""
    factors: tuple[Node, ...]
    equations: tuple[Equal, ...]
    conditions: tuple[Condition, ...] = ()
    solved: tuple[tuple[str, Form], ...] = ()

    @property
    def node(self) -> Node:
        """The problem as a formula."""
        brackets = [Bracket((c,)) for c in (*self.equations, *self.conditions)]
        return reduce_sum(self.bindings, product([*self.factors, *brackets]))

    def put(self, index: str, form: Form) -> Problem:
        """Replace an index everywhere and drop its binding."""

        def change(f: Form) -> Form:
            return whole(f.replace({index: form}))

        def limit(f: Form) -> Form:
            """A limit stays a whole number also where a bracket says that the quotient is none."""
            return f.replace({index: floored(form)})

        return replace(
            self,
            bindings=map_bindings([b for b in self.bindings if b.index != index], limit),
            factors=tuple(map_forms(f, change) for f in self.factors),
            equations=tuple(Equal(change(e.left), e.right) for e in self.equations),
            conditions=tuple(map_condition(c, change) for c in self.conditions),
            solved=(*((n, change(f)) for n, f in self.solved), (index, form)),
        )


def collapse(problem: Problem, facts: Facts) -> Problem:
    """Use each equation to eliminate one index.

    ``sum(o, a, g[o]*W[a]*[o+a-1 == t])  ->  sum(o, g[o]*W[t-o+1]*[1 <= t-o+1 <= k])``
    """
    left: list[Equal] = []
    while problem.equations:
        equation, rest = problem.equations[0], problem.equations[1:]
        problem = replace(problem, equations=rest)
        choice = _choose(equation.left, problem)
        if choice is None:
            if not _known(equation, facts):
                left.append(equation)
            continue
        problem = _eliminate(problem, equation, *choice, facts)
    conditions = tuple(c for c in problem.conditions if not _always(c, problem, facts))
    return replace(problem, conditions=(*left, *conditions))


def _known(equation: Equal, facts: Facts) -> bool:
    gap = equation.left - equation.right
    return facts.nonnegative(gap) and facts.nonnegative(-gap)


def _choose(left: Form, problem: Problem) -> tuple[Binding, Form] | None:
    """The binding to eliminate and its coefficient: unit and inner before unit and outer."""
    found = [(b, c) for b in problem.bindings if (c := left.coefficient(b.index)) is not None and c.terms]
    units = [(b, c) for b, c in found if c.constant in (1, -1)]
    for choices in (
        [(b, c) for b, c in units if b.index in problem.inner],
        units,
        [(b, c) for b, c in found if b.index in problem.inner],
        found,
    ):
        usable = [(b, c) for b, c in choices if len(c.terms) == 1]
        if usable:
            return usable[-1]
    return None


def _eliminate(problem: Problem, equation: Equal, binding: Binding, c: Form, facts: Facts) -> Problem:
    """``c*x + rest == q``: x = (q - rest)/c where c divides, in the range of x."""
    rest = equation.left.replace({binding.index: 0})
    top = equation.right - rest
    if c.terms[0][1] < 0:
        c, top = -c, -top
    solution = exact_div(top, c)
    problem = problem.put(binding.index, solution)
    new: list[Condition] = [Within(binding.low * c, top, binding.high * c)]
    if c != 1:
        new.append(Divides(c, remainder(top, c)))
    return replace(problem, conditions=(*problem.conditions, *new))


def _always(condition: Condition, problem: Problem, facts: Facts) -> bool:
    if not isinstance(condition, Within):
        return False
    known = facts.with_ranges([(b.index, b.low, b.high) for b in problem.bindings])
    return known.nonnegative(condition.form - condition.low) and known.nonnegative(
        condition.high - condition.form
    )


def intersect(problem: Problem, facts: Facts) -> Problem:
    """Turn conditions into limits: an inequality limits the innermost index in it.

    ``sum(o=1..m, g[o]*W[t-o+1]*[1 <= t-o+1 <= k])  ->  sum(o=max(1,t-k+1)..min(m,t), g[o]*W[t-o+1])``
    """
    limits: dict[str, tuple[list[Form], list[Form]]] = {
        b.index: ([b.low], [b.high]) for b in problem.bindings
    }
    kept: list[Condition] = []
    for condition in problem.conditions:
        if not isinstance(condition, Within):
            kept.append(condition)
            continue
        parts = (condition.form - condition.low, condition.high - condition.form)
        open_parts = [p for p in parts if not facts.nonnegative(p)]
        if not all(_limitable(p, problem.bindings) for p in open_parts):
            kept.append(condition)
            continue
        for part in open_parts:
            _limit(part, problem.bindings, limits)
    bindings: list[Binding] = []
    known = facts
    for b in problem.bindings:
        low = known.simplify("max", limits[b.index][0])
        high = known.simplify("min", limits[b.index][1])
        bindings.append(Binding(b.index, low, high))
        known = known.with_ranges([(b.index, b.low, b.high)])
    return replace(problem, bindings=tuple(bindings), conditions=tuple(kept))


def _innermost(form: Form, bindings: Sequence[Binding]) -> str | None:
    return next((b.index for b in reversed(bindings) if b.index in form.names), None)


def _limitable(form: Form, bindings: Sequence[Binding]) -> bool:
    index = _innermost(form, bindings)
    if index is None:
        return False
    c = form.coefficient(index)
    return c is not None and len(c.terms) == 1


def _limit(form: Form, bindings: Sequence[Binding], limits: dict[str, tuple[list[Form], list[Form]]]) -> None:
    """Add what ``form >= 0`` says of its innermost index."""
    index = _innermost(form, bindings)
    assert index is not None
    c = form.coefficient(index)
    assert c is not None
    rest = form.replace({index: 0})
    if c.terms[0][1] > 0:
        limits[index][0].append(ceil_div(-rest, c))
    else:
        limits[index][1].insert(-1, floor_div(rest, -c))


def settle(problem: Problem) -> Problem:
    """Where low is high always, put the one value in."""
    while True:
        single = next((b for b in problem.bindings if equal_always(b.low, b.high)), None)
        if single is None:
            return problem
        problem = problem.put(single.index, single.high)


def fixed_equations(index: Sequence[Form], fixed: Sequence[str]) -> tuple[Equal, ...]:
    """[f(o, c) = q], an equation an axis."""
    return tuple(Equal(f, name(q)) for f, q in zip(index, fixed, strict=True))
