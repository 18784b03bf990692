"""What is known of a layer from what the notes state: its kind, its axes, the letters of its tensors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from symderiv.index.form import Form
from symderiv.notes import tree

Kind = Literal["conv", "max_pool", "avg_pool", "pool", "own"]

CASES = frozenset("xwyz")
"""Letters whose capital is commonly the map of the small one's entries."""


def by_case(letter: str) -> str | None:
    """``x`` for ``X`` and the reverse; None for letters that commonly differ in meaning."""
    return letter.swapcase() if letter.lower() in CASES else None


@dataclass(frozen=True)
class Axis:
    """One window axis as far as it is known; a size is a number or the writer's name."""

    n: Form | None = None
    k: Form | None = None
    s: Form | None = None
    p: Form | None = None
    d: Form | None = None
    m: Form | None = None


@dataclass(frozen=True)
class Spec:
    """What is known of a layer."""

    kind: Kind
    axes: tuple[Axis, ...]
    names: tuple[tuple[str, str], ...] = ()
    """Canonical name and the writer's, for I, W, O, b."""
    bias: bool | None = None
    flip: bool | None = None
    base: int | None = None
    lead: tuple[tuple[str, Form | None], ...] = ()
    """Leading axes (batch, channels, filters) with their sizes; empty where there are none."""
    sign: str = ""
    """The sign between input and kernel in a matrix equation."""
    kernel_first: bool = False
    """Whether the kernel stands before the sign."""
    line: int = 0
    place: tree.Place = field(default=tree.NOWHERE, compare=False)
    formula: bool = False
    """Whether it is a forward formula; a matrix equation only gives sizes."""
    loose: bool = False
    """Whether the layer that it suggests must be compared with it before it counts."""
    sides: tuple[tree.Expr, tree.Expr] | None = field(default=None, compare=False)
    """A forward formula's two members."""

    def name(self, canonical: str) -> str | None:
        return dict(self.names).get(canonical)
