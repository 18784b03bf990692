"""Which values of a summed index can give a term at all: the rest of a wide sum is not walked.

Everything here leaves out only values whose term is 0 and whose evaluation nothing would notice. A
condition that fails guards what stands beside it, so any value that it excludes may go. An index that
follows a free letter reads 0 outside its range, but one standing alone or of summed letters only is a
mistake to be told there: so entries narrow a sum only where no such index leaves its range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symderiv.check.truth import Truth
from symderiv.formula.evaluate import Env, compile_form
from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Condition,
    Entry,
    Equal,
    Node,
    Number,
    Partial,
    Product,
    Reduce,
    Size,
    Within,
)
from symderiv.index.form import Form

Value = Callable[[Env], int]


@dataclass(frozen=True)
class Bound:
    """``low <= step * x + rest <= high`` for the index x of one depth."""

    step: int
    rest: Value
    low: Value
    high: Value
    tensor: str = ""
    """Set where it comes from an entry's index: its zeros are a convention."""

    def narrow(self, first: int, last: int, env: Env) -> tuple[int, int]:
        """The values of x from first to last that can satisfy it."""
        rest, low, high = self.rest(env), self.low(env), self.high(env)
        if self.step > 0:
            return max(first, -((rest - low) // self.step)), min(last, (high - rest) // self.step)
        step = -self.step
        return max(first, -((high - rest) // step)), min(last, (rest - low) // step)


def condition_bounds(conditions: Sequence[Condition], bindings: Sequence[Binding]) -> list[list[Bound]]:
    """For each binding the bounds that conditions give, once the bindings before it have values."""
    found: list[list[Bound]] = [[] for _ in bindings]
    for condition in conditions:
        if isinstance(condition, Equal):
            form, low, high = condition.left - condition.right, None, None
        elif isinstance(condition, Within):
            form, low, high = condition.form, condition.low, condition.high
        else:
            continue
        depth = _deepest([f for f in (form, low, high) if f is not None], bindings)
        if depth is None:
            continue
        index = bindings[depth].index
        if any(f is not None and index in f.names for f in (low, high)):
            continue
        solved = _affine(form, index)
        if solved is None or not all(_plain(f) for f in (low, high) if f is not None):
            continue
        zero: Value = lambda env: 0  # noqa: E731
        found[depth].append(Bound(
            solved[0], compile_form(solved[1]), zero if low is None else compile_form(low), zero if high is None else compile_form(high)))
    return found


def entry_bounds(body: Node, bindings: Sequence[Binding], truth: Truth, loose: frozenset[str]) -> tuple[list[list[Bound]], list[tuple[str, int]]] | None:
    """Bounds from the indices of entries, and the outer letters standing alone with their lengths.

    None where something in the body would be noticed that narrowing leaves out.
    """
    factors = body.factors if isinstance(body, Product) else (body,)
    entries = [f for f in factors if isinstance(f, Entry)]
    if not entries or not all(isinstance(f, (Entry, Number, Size)) for f in factors):
        return None
    own = {b.index: b for b in bindings}
    outer: list[tuple[str, int]] = []
    found: list[list[Bound]] = [[] for _ in bindings]
    for entry in entries:
        padded = entry.tensor in truth.padded
        for form, n, ends in zip(entry.index, truth.shapes[entry.tensor], truth.reach[entry.tensor], strict=True):
            if not _plain(form):
                return None
            if form.constant is not None:
                if not ends[0] <= form.constant <= ends[1]:
                    return None
                continue
            letter = form.plain_name
            if letter is not None and letter not in own:
                outer.append((letter, n))
                continue
            if letter is not None or form.names.isdisjoint(loose):
                if not _keeps_inside(form, own, ends):
                    return None
                if not padded:
                    continue
            depth = _deepest([form], bindings)
            solved = None if depth is None else _affine(form, bindings[depth].index)
            if depth is not None and solved is not None:
                found[depth].append(Bound(
                    solved[0], compile_form(solved[1]), _constant(1), _constant(n), "" if padded else entry.tensor))
    return found, outer


def merged(node: Reduce, shapes: Mapping[str, tuple[int, ...]]) -> Reduce:
    """One sum for sums in sums, the inner letters first where brackets then solve for the outer ones.

    The value is the same, and so is what evaluation notices: an inner sum is drawn out only from beside
    entries that exist for every value of the outer letters.
    """
    while isinstance(node.body, Reduce) and node.body.kind == "sum" and not _letters(node) & _letters(node.body):
        node = Reduce("sum", (*node.bindings, *node.body.bindings), node.body.body)
    if not isinstance(node.body, Product):
        return node
    inner = [f for f in node.body.factors if isinstance(f, Reduce)]
    others = [f for f in node.body.factors if not isinstance(f, Reduce)]
    if len(inner) != 1 or inner[0].kind != "sum" or not all(isinstance(f, (Entry, Number)) for f in others):
        return node
    within = merged(inner[0], shapes)
    own = {b.index: b for b in node.bindings}
    factors = within.body.factors if isinstance(within.body, Product) else (within.body,)
    if not any(isinstance(f, Bracket) for f in factors) or own.keys() & _letters(within):
        return node
    limits = [(b, frozenset(own)) for b in within.bindings] + [(b, _letters(within)) for b in node.bindings]
    if any((b.low.names | b.high.names) & strange for b, strange in limits):
        return node
    for entry in others:
        if isinstance(entry, Entry):
            for form, n in zip(entry.index, shapes[entry.tensor], strict=True):
                if form.plain_name not in own or not _inside(own[form.plain_name or ""], n):
                    return node
    return Reduce("sum", _in_turn(within.bindings, node.bindings, factors), Product((*others, *factors)))


def _in_turn(inner: Sequence[Binding], outer: Sequence[Binding], factors: Sequence[Node]) -> tuple[Binding, ...]:
    """Inner letters, each followed by the outer ones that an equation in brackets then solves for: one axis after another."""
    equations = [c.left.names | c.right.names for f in factors if isinstance(f, Bracket) for c in f.conditions if isinstance(c, Equal)]
    letters = {b.index for b in (*inner, *outer)}
    order: list[Binding] = []
    waiting = list(outer)
    for binding in inner:
        order.append(binding)
        known = {b.index for b in order}
        while waiting and any(names & letters - known == {waiting[0].index} for names in equations):
            order.append(waiting.pop(0))
            known.add(order[-1].index)
    return (*order, *waiting)


def _letters(node: Reduce) -> frozenset[str]:
    return frozenset(b.index for b in node.bindings)


def chain_over_readers(body: Node, bindings: Sequence[Binding], shapes: Mapping[str, tuple[int, ...]]) -> Partial | None:
    """The local derivative of a chain rule ``sum_o dO[o] dO[o]/dT[q]`` that only outputs reading q can make a term of."""
    factors = body.factors if isinstance(body, Product) else (body,)
    partials = [f for f in factors if isinstance(f, Partial)]
    own = {b.index: b for b in bindings}
    if len(partials) != 1 or not all(isinstance(f, (Entry, Number, Partial)) for f in factors):
        return None
    (partial,) = partials
    if not isinstance(partial.output, Entry) or not isinstance(partial.wrt, Entry):
        return None
    letters = [f.plain_name for f in partial.output.index]
    if sorted(x or "" for x in letters) != sorted(own) or any(f.names & own.keys() or not _plain(f) for f in partial.wrt.index):
        return None
    for entry in (partial.output, *(f for f in factors if isinstance(f, Entry))):
        for form, n in zip(entry.index, shapes[entry.tensor], strict=True):
            if form.plain_name not in own or not _inside(own[form.plain_name or ""], n):
                return None
    return partial


def _constant(value: int) -> Value:
    return lambda env: value


def _inside(binding: Binding, n: int) -> bool:
    low, high = binding.low.constant, binding.high.constant
    return low is not None and high is not None and low >= 1 and high <= n


def _keeps_inside(form: Form, own: Mapping[str, Binding], span: tuple[int, int]) -> bool:
    """Whether an index of summed letters stays within a span whatever their values under limits by numbers."""
    low = high = form.replace(dict.fromkeys(form.names, 0)).constant or 0
    for letter in form.names:
        binding, step = own.get(letter), form.coefficient(letter)
        if binding is None or step is None or step.constant is None:
            return False
        ends = binding.low.constant, binding.high.constant
        if ends[0] is None or ends[1] is None:
            return False
        found = sorted(step.constant * x for x in (ends[0], ends[1]))
        low, high = low + found[0], high + found[1]
    return span[0] <= low and high <= span[1]


def _plain(form: Form) -> bool:
    """Whether a form has names only: no floor, ceil, exact quotient or extreme."""
    return all(isinstance(atom, str) for monomial, _ in form.terms for atom in monomial)


def _affine(form: Form, index: str) -> tuple[int, Form] | None:
    """The step and the rest of a form that is affine in the index."""
    if not _plain(form):
        return None
    step = form.coefficient(index)
    if step is None or not step.constant:
        return None
    return step.constant, form.replace({index: 0})


def _deepest(forms: Sequence[Form], bindings: Sequence[Binding]) -> int | None:
    names = frozenset().union(*(f.names for f in forms))
    depths = [k for k, b in enumerate(bindings) if b.index in names]
    return max(depths) if depths else None
