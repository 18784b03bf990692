"""What the sentence says of summed letters: ``\\sum_{i,j} ...`` for ``$i,j = 1,2$`` is a sum over these values alone."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from symderiv.check.claims import Link
from symderiv.check.lower import index_letters, names_in
from symderiv.check.syntax import parts
from symderiv.notes import tree

T = TypeVar("T")


def runs_over_sums(condition: tree.Condition, link: Link) -> bool:
    """Whether a condition is about summed letters of the equation, and no other index letter of it."""
    letters = {n.text for n in names_in(condition)}
    summed = {p.index.text for p in parts((link.left, link.right)) if isinstance(p, tree.Range)}
    return bool(letters & summed) and not letters & (set(index_letters(link.left)) - summed)


def sums_over(letters: frozenset[str], link: Link) -> bool:
    """Whether the equation sums over one of the letters."""
    return any(isinstance(p, tree.Range) and p.index.text in letters for p in parts((link.left, link.right)))


def with_ranges(link: Link, conditions: tuple[tree.Condition, ...]) -> Link:
    """The conditions at the sums whose letters they speak of."""
    left, right = (_placed(side, conditions) for side in (link.left, link.right))
    first = left if link.first is link.left else link.first
    return replace(link, left=left, right=right, first=first)


def _placed(expr: T, conditions: tuple[tree.Condition, ...]) -> T:
    if isinstance(expr, tuple):
        return tuple(_placed(part, conditions) for part in expr)  # type: ignore[return-value]
    if not is_dataclass(expr) or isinstance(expr, tree.Place):
        return expr
    changed = replace(expr, **{f.name: _placed(getattr(expr, f.name), conditions) for f in fields(expr) if f.init and f.name != "place"})  # type: ignore[type-var]
    if isinstance(changed, tree.Reduction) and changed.kind == "sum":
        mine = {r.index.text for r in changed.ranges}
        inner = {p.index.text for p in parts(changed.body) if isinstance(p, tree.Range)}
        here = tuple(c for c in conditions if (names := {n.text for n in names_in(c)}) & mine and not names & inner)
        if here:
            changed = replace(changed, conditions=(*changed.conditions, *here))
    return changed
