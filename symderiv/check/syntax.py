"""Walking and changing syntax trees."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from symderiv.notes import tree

Tree = TypeVar("Tree")
MAPS = {
    "*": "*", "\\ast": "*", "∗": "*", "\\star": "\\star", "⋆": "\\star", "★": "\\star",
    "\\circledast": "\\circledast", "⊛": "\\circledast", "\\otimes": "\\otimes", "⊗": "\\otimes",
}
"""Every sign for a convolution or correlation of maps, and the one of several ways to write it that stands for it."""


@cache
def _fields(kind: Hashable) -> tuple[str, ...] | None:
    """The fields of a class of nodes, its place apart; None where it is none."""
    names: dict[str, object] | None = getattr(kind, "__dataclass_fields__", None)
    return None if names is None or kind is tree.Place else tuple(n for n in names if n != "place")


def parts(expr: object, whole: tuple[type, ...] = ()) -> Iterator[object]:
    """Every node of a tree, in reading order; nothing inside the nodes of the kinds in ``whole``."""
    stack: list[Any] = [expr]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack += item[::-1]
            continue
        names = _fields(item.__class__)
        if names is not None:
            yield item
            if not isinstance(item, whole):
                stack += [getattr(item, name) for name in names[::-1]]


def values(expr: object) -> Iterator[object]:
    """The nodes that are values: nothing inside a subscript, a limit or a condition, which have kinds of their own."""
    return parts(expr, (tree.Indexed, tree.Range, tree.Derivative, tree.Iverson, tree.Condition, tree.Comparison))


def put(expr: Tree, old: object, new: object) -> Tree:
    """The tree with ``old`` (that very object) replaced by an expression of the same standing."""
    return cast(Tree, _put(expr, old, new))


def _put(expr: Any, old: object, new: object) -> object:
    if expr is old:
        return new
    if isinstance(expr, tuple):
        made = tuple([_put(i, old, new) for i in expr])
        return made if any(a is not b for a, b in zip(made, expr, strict=True)) else expr
    names = _fields(expr.__class__)
    if not names:
        return expr
    changed = {}
    for name in names:
        value = getattr(expr, name)
        found = _put(value, old, new)
        if found is not value:
            changed[name] = found
    return replace(expr, **changed) if changed else expr
