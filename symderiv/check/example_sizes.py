"""Sizes that only a number example gives: ``I = [[1, 2], [3, 4]]`` under a layer whose input is a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symderiv.check.context import Context
from symderiv.check.syntax import parts
from symderiv.index.form import Form, FormLike
from symderiv.notes import tree
from symderiv.verify.samples import fits


def has_numbers(expr: object) -> bool:
    """Whether a matrix of numbers, or nothing but numbers, stands there."""
    return literal(expr) or any(
        isinstance(p, tree.Matrix) and p.rows and all(literal(c) for row in p.rows for c in row) for p in parts(expr))


def literal(expr: object) -> bool:
    """Whether an expression holds numbers and operations only."""
    kinds = (tree.Number, tree.Add, tree.Product, tree.Quotient, tree.Power, tree.Group, tree.Call, tree.Sequence)
    return not isinstance(expr, tree.Sequence) and all(isinstance(p, kinds) for p in parts(expr))


def unified(shape: Sequence[Form], found: Sequence[int], known: Mapping[str, int]) -> dict[str, int] | None:
    """``known`` with the names in a shape set to a matrix's lengths; None where they contradict each other."""
    if len(shape) == 1 and len(found) == 2 and 1 in found:
        found = (found[0] * found[1],)
    if len(shape) != len(found):
        return None
    sizes = dict(known)
    for form, length in zip(shape, found, strict=True):
        name = form.plain_name
        if form.constant not in (None, length) or (name is not None and sizes.setdefault(name, length) != length):
            return None
    return sizes


def sized(context: Context, sizes: Mapping[str, int]) -> Context | None:
    """The context with numbers for all its sizes; None where some are missing, or no layer has them."""
    layer = context.layer
    if not set(layer.sizes) <= sizes.keys():
        return None
    bound = layer.bind({name: sizes[name] for name in layer.sizes})
    if not fits(bound):
        return None
    full: dict[str, FormLike] = dict(layer.sized(sizes))
    return replace(context, layer=bound, sizes={name: form.replace(full) for name, form in context.sizes.items()}, unstated=())
