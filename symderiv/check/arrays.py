"""Whole tensors and matrices in a claim, and what the operations between them mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard, Union

from symderiv.formula.nodes import Binding, Cases, Condition, Entry, Node, Product, Sum
from symderiv.index.form import Form


@dataclass(frozen=True)
class Whole:
    """A tensor, or a gradient, without indices."""

    tensor: str


@dataclass(frozen=True)
class Part:
    """One plane of a tensor with leading axes: ``W_{fc}`` of filters and channels."""

    tensor: str
    index: tuple[Form, ...]


@dataclass(frozen=True)
class SumOver:
    """A sum of arrays over indices."""

    bindings: tuple[Binding, ...]
    base: Array


@dataclass(frozen=True)
class Pad:
    """``pad(base)``: the zeros that the layer's geometry asks for."""

    base: Array


@dataclass(frozen=True)
class WholePartial:
    """``dO/dI``: a side may have indices."""

    output: Node | None
    wrt: Node | None
    of: str
    by: str


@dataclass(frozen=True)
class Grid:
    """A matrix written out; ``cells`` in row-major order."""

    shape: tuple[int, ...]
    cells: tuple[Node, ...]


@dataclass(frozen=True)
class Convolve:
    """``left * right``: which of correlation or convolution is a convention; ``full`` of both borders."""

    left: Array
    right: Array
    sign: str
    mode: str = ""
    """``full``, ``valid`` or ``same`` where it is written."""


@dataclass(frozen=True)
class Rotate:
    """``rot180(base)``."""

    base: Array


@dataclass(frozen=True)
class Transposed:
    """``base^T``."""

    base: Array


@dataclass(frozen=True)
class Pointwise:
    """The product entry by entry."""

    left: Array
    right: Array


@dataclass(frozen=True)
class Vec:
    """``vec(base)``: the rows one after another, as a column."""

    base: Array


@dataclass(frozen=True)
class Times:
    """Factors side by side: a matrix product where the sizes are matrices, else the chain rule's product."""

    factors: tuple[Array | Node, ...]


@dataclass(frozen=True)
class Plus:
    """Terms with signs; a number or a scalar is added to every entry."""

    terms: tuple[Array | Node, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True)
class Total:
    """The sum over all entries."""

    base: Array


@dataclass(frozen=True)
class Choice:
    """``base`` where the entry is the maximum (weight 1), ``other`` elsewhere."""

    base: Array | Node
    other: Array | Node
    at: tuple[Form, ...] | None = None
    """The entry that the condition names, where it names one."""
    window: tuple[Form, ...] | None = None
    """The window that the condition names, where it names one."""


Array = Union[
    Whole, Part, SumOver, Pad, WholePartial, Grid, Convolve, Rotate, Transposed, Pointwise, Vec, Times, Plus, Total, Choice
]
ARRAYS = (Whole, Part, SumOver, Pad, WholePartial, Grid, Convolve, Rotate, Transposed, Pointwise, Vec, Times, Plus, Total, Choice)
Lowered = Union[Array, Node]

__all__ = [
    "ARRAYS", "Array", "Cases", "Choice", "Condition", "Convolve", "Grid", "Lowered", "Pad", "Part", "Plus",
    "Pointwise", "Rotate", "SumOver", "Times", "Total", "Transposed", "Vec", "Whole", "WholePartial",
]


def inner_arrays(value: Lowered) -> tuple[Lowered, ...]:
    """The arrays and nodes directly inside an array."""
    if not isinstance(value, ARRAYS):
        return ()
    found: list[Lowered] = []
    for field in value.__dataclass_fields__:
        part = getattr(value, field)
        for one in part if isinstance(part, tuple) else (part,):
            if isinstance(one, (*ARRAYS, Sum, Product, Entry)):
                found.append(one)
    return tuple(found)


def is_array(value: Lowered) -> TypeGuard[Array]:
    """Whether a lowered expression is more than one number."""
    return isinstance(value, ARRAYS) and not isinstance(value, Total)
