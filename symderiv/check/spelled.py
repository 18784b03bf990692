"""A forward formula whose sum is written out: ``y_i = x_i w_1 + x_{i+1} w_2 + x_{i+2} w_3``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symderiv.check.context import Unreadable
from symderiv.check.indices import split_items
from symderiv.index.form import Form, const, name
from symderiv.notes import tree

MOST_TERMS = 200
Entry = tuple[str, list[Form]]
Limits = dict[str, "tuple[Form, Form] | None"]
FormsOf = Callable[[list[tree.Expr]], "list[Form] | None"]


@dataclass(frozen=True)
class Spelled:
    """The same with summed letters: the two entries of a term, and the limits of the letters."""

    read: Entry
    weight: Entry
    limits: Limits
    bias: tree.Expr | None


def spelled(terms: Sequence[tuple[int, tree.Expr]], rank: int, forms_of: FormsOf) -> Spelled | None:
    """The sum that the terms are; None where their weights are no whole kernel, or the input is not read in equal steps."""
    if not 2 <= len(terms) <= MOST_TERMS or any(sign < 0 for sign, _ in terms):
        return None
    products = [t for _, t in terms if isinstance(t, tree.Product)]
    rest = [t for _, t in terms if not isinstance(t, tree.Product)]
    if len(products) < 2 or len(rest) > 1 or not all(isinstance(t, (tree.Name, tree.Indexed)) for t in rest):
        return None
    reads: dict[tuple[int, ...], list[Form]] = {}
    names: set[tuple[str, str]] = set()
    for term in products:
        pair = _pair(term, rank, forms_of)
        if pair is None or pair[1] in reads:
            return None
        names.add(pair[0])
        reads[pair[1]] = pair[2]
    if len(names) != 1:
        return None
    (read, weight), = names
    made = _steps(reads, rank)
    if made is None:
        return None
    forms, limits = made
    return Spelled((read, forms), (weight, [name(x) for x in limits]), limits, rest[0] if rest else None)


def _pair(term: tree.Product, rank: int, forms_of: FormsOf) -> tuple[tuple[str, str], tuple[int, ...], list[Form]] | None:
    """The names of input and kernel, the kernel's numbers, and the input's subscripts."""
    found: list[tuple[str, list[Form]]] = []
    for factor in term.factors:
        inner = factor.inner if isinstance(factor, tree.Group) else factor
        if not isinstance(inner, tree.Indexed) or not isinstance(inner.base, tree.Name) or inner.base.gradient is not None:
            return None
        try:
            forms = forms_of(list(split_items(inner, rank)))
        except Unreadable:
            return None
        if forms is None:
            return None
        found.append((inner.base.text, forms))
    if len(found) != 2:
        return None
    literal = [all(f.constant is not None for f in forms) for _, forms in found]
    if sorted(literal) != [False, True]:
        return None
    (read, subscripts), (weight, numbers) = found if literal[1] else found[::-1]
    return (read, weight), tuple(f.constant or 0 for f in numbers), subscripts


def _steps(reads: Mapping[tuple[int, ...], list[Form]], rank: int) -> tuple[list[Form], Limits] | None:
    lows = [min(q[x] for q in reads) for x in range(rank)]
    highs = [max(q[x] for q in reads) for x in range(rank)]
    size = 1
    for low, high in zip(lows, highs, strict=True):
        size *= high - low + 1
    if size != len(reads) or len(set(lows)) != 1 or lows[0] not in (0, 1):
        return None
    corner = tuple(lows)
    forms: list[Form] = []
    limits: Limits = {}
    for x in range(rank):
        step = 1
        if highs[x] > lows[x]:
            next_ = reads[(*corner[:x], lows[x] + 1, *corner[x + 1 :])][x] - reads[corner][x]
            if next_.constant is None or next_.constant == 0:
                return None
            step = next_.constant
        if any(f[x] != reads[corner][x] + step * (q[x] - lows[x]) for q, f in reads.items()):
            return None
        letter = f"summed {x + 1}"
        limits[letter] = const(lows[x]), const(highs[x])
        forms.append(reads[corner][x] + (name(letter) - lows[x]) * step)
    return forms, limits
