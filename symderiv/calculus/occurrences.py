"""Every place where a tensor stands in a formula, and the path from the root to it.

dF/dr is the product along the path: a sum contributes 1 (its index joins the bound ones), a product
its other factors, a power n*base^(n-1), a maximum the weight of the position.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

from symderiv.formula.nodes import (
    Binding,
    Entry,
    Formula,
    IsMax,
    Node,
    Number,
    Power,
    Product,
    Reduce,
    Sum,
)
from symderiv.formula.walk import power, rename, walk, window_names
from symderiv.index.form import Form, name


@dataclass(frozen=True)
class Occurrence:
    """``T[index]`` below ``bindings``, multiplied by ``factors``."""

    bindings: tuple[Binding, ...]
    factors: tuple[Node, ...]
    index: tuple[Form, ...]


def occurrences(formula: Formula, tensor: str) -> list[Occurrence]:
    """All occurrences of ``tensor``, in reading order."""
    scope = frozenset(b.index for b in formula.bindings)
    return list(_find(formula.body, tensor, Occurrence((), (), ()), scope))


def _find(node: Node, tensor: str, path: Occurrence, scope: frozenset[str]) -> Iterator[Occurrence]:
    if isinstance(node, Entry):
        if node.tensor == tensor:
            yield Occurrence(path.bindings, path.factors, node.index)
    elif isinstance(node, Sum):
        for term in node.terms:
            yield from _find(term, tensor, path, scope)
    elif isinstance(node, Product):
        for k, factor in enumerate(node.factors):
            others = (*path.factors, *node.factors[:k], *node.factors[k + 1 :])
            yield from _find(factor, tensor, Occurrence(path.bindings, others, ()), scope)
    elif isinstance(node, Power) and node.exponent > 0:
        copy = power(_fresh(node.base), node.exponent - 1)
        others = (*path.factors, Number(Fraction(node.exponent)), copy)
        yield from _find(node.base, tensor, Occurrence(path.bindings, others, ()), scope)
    elif isinstance(node, Reduce):
        factors = path.factors
        if node.kind == "max":
            assert isinstance(node.body, Entry)
            factors = (*factors, IsMax(node.body.index, tuple(name(n) for n in window_names(node) if n in scope)))
        inner = Occurrence((*path.bindings, *node.bindings), factors, ())
        yield from _find(node.body, tensor, inner, scope | {b.index for b in node.bindings})


def _fresh(node: Node) -> Node:
    """A copy whose bound indices have new names."""
    bound = [b.index for n in walk(node) if isinstance(n, Reduce) for b in n.bindings]
    numbers = count(2)
    taken = set(bound)
    names = {}
    for old in bound:
        new = next(f"{old}{k}" for k in numbers if f"{old}{k}" not in taken)
        taken.add(new)
        names[old] = new
    return rename(node, names)
