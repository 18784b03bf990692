"""Walking and changing syntax trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from symderiv.notes import tree

Tree = TypeVar("Tree")
MAPS = {
    "*": "*", "\\ast": "*", "∗": "*", "\\star": "\\star", "⋆": "\\star", "★": "\\star",
    "\\circledast": "\\circledast", "⊛": "\\circledast", "\\otimes": "\\otimes", "⊗": "\\otimes",
}
"""Every sign for a convolution or correlation of maps, and the one of several ways to write it that stands for it."""

def parts(expr: object) -> Iterator[object]:
    """Every node of a tree, in reading order."""
    stack = [expr]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack += item[::-1]
        elif hasattr(item, "__dataclass_fields__") and not isinstance(item, tree.Place):
            yield item
            stack += [getattr(item, name) for name in reversed(item.__dataclass_fields__) if name != "place"]


def put(expr: Tree, old: object, new: object) -> Tree:
    """The tree with ``old`` (that very object) replaced by an expression of the same standing."""
    return cast(Tree, _put(expr, old, new))


def _put(expr: object, old: object, new: object) -> object:
    if expr is old:
        return new
    if isinstance(expr, tuple):
        made = tuple(_put(i, old, new) for i in expr)
        return made if any(a is not b for a, b in zip(made, expr, strict=True)) else expr
    if is_dataclass(expr) and not isinstance(expr, (tree.Place, type)):
        changed = {}
        for f in fields(expr):
            if f.name == "place":
                continue
            value = getattr(expr, f.name)
            found = _put(value, old, new)
            if found is not value:
                changed[f.name] = found
        return replace(expr, **changed) if changed else expr
    return expr
