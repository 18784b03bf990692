"""The dozen kinds of node of which every formula consists. Frozen data and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Union

from symderiv.index.form import Form


@dataclass(frozen=True)
class Number:
    """A rational number."""

    value: Fraction


@dataclass(frozen=True)
class Size:
    """The value of an index form, used as a number."""

    form: Form


@dataclass(frozen=True)
class Entry:
    """``T[i, j]``: an entry of a tensor; a scalar has no subscripts."""

    tensor: str
    index: tuple[Form, ...] = ()


@dataclass(frozen=True)
class Sum:
    """``a + b + ...`` in the order written."""

    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Product:
    """``a * b * ...`` in the order written."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Power:
    """``base ^ exponent`` with an integer exponent; negative only over a number or size."""

    base: Node
    exponent: int


@dataclass(frozen=True)
class Binding:
    """``index = low .. high``; limits may name outer indices and sizes; low > high is empty."""

    index: str
    low: Form
    high: Form


@dataclass(frozen=True)
class Reduce:
    """``sum(i=low..high, ..., body)`` or ``max(...)``; the first binding is the outermost."""

    kind: Literal["sum", "max"]
    bindings: tuple[Binding, ...]
    body: Node


@dataclass(frozen=True)
class IsMax:
    """The weight that the tie rule gives the entry at ``at`` in the window ``window``."""

    at: tuple[Form, ...]
    window: tuple[Form, ...]


@dataclass(frozen=True)
class Equal:
    """``left == right``."""

    left: Form
    right: Form


@dataclass(frozen=True)
class Within:
    """``low <= form <= high``."""

    low: Form
    form: Form
    high: Form


@dataclass(frozen=True)
class Divides:
    """``divisor`` divides ``form``."""

    divisor: Form
    form: Form


@dataclass(frozen=True)
class Compare:
    """``left < right``, ``left <= right`` or ``left != right``."""

    left: Form
    sign: Literal["<", "<=", "!="]
    right: Form


Condition = Union[Equal, Within, Divides, Compare]


@dataclass(frozen=True)
class Bracket:
    """``[conditions]``: 1 where all hold, 0 elsewhere (Iverson's bracket)."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Greatest:
    """``max(a, b, ...)`` of values written out."""

    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Branch:
    """One case: ``value`` where all ``conditions`` hold."""

    value: Node
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Cases:
    """The first branch whose conditions hold; without ``otherwise`` nothing is said of the rest."""

    branches: tuple[Branch, ...]
    otherwise: Node | None = None


@dataclass(frozen=True)
class Partial:
    """``dO[..]/dT[..]``: a local derivative, for showing the chain rule."""

    output: Entry
    wrt: Entry


Node = Union[Number, Size, Entry, Sum, Product, Power, Reduce, IsMax, Bracket, Greatest, Cases, Partial]

ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))


@dataclass(frozen=True)
class Formula:
    """``target = body``: one layer's forward pass, or one gradient."""

    target: Entry
    bindings: tuple[Binding, ...]
    """The range of each free index of the target, in the target's order."""
    body: Node


class UnsupportedNode(TypeError):
    """A rule met a node that it has no case for."""

    def __init__(self, node: object, where: str) -> None:
        super().__init__(f"{where} has no rule for {type(node).__name__}: {node!r}")
