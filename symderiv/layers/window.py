"""What conv and pool layers share: axes, letters, and putting numbers into a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from symderiv.formula.nodes import Binding, Formula
from symderiv.formula.notation import parse_formula
from symderiv.formula.walk import substitute_formula
from symderiv.index.form import Form, FormLike, const, name
from symderiv.index.window import Axis
from symderiv.model import SymderivError

OUT, KERNEL, FIXED = "ijk", "uvw", "pqrst"
LETTERS = frozenset(OUT + KERNEL + FIXED + "nhfc")
"""What indices are called: also batch n, group h, filter f and channel c."""


@dataclass(frozen=True)
class Window:
    """The axes with numbers or names, and the names that the formula text uses for them."""

    axes: tuple[Axis, ...]

    @property
    def count(self) -> int:
        return len(self.axes)

    @property
    def values(self) -> dict[str, FormLike]:
        """n1, k1, s1, P1, d1 and so on, as the user gave them."""
        out: dict[str, FormLike] = {}
        for x, axis in enumerate(self.axes, 1):
            out |= {f"n{x}": axis.n, f"k{x}": axis.k, f"s{x}": axis.s, f"P{x}": axis.start, f"d{x}": axis.d}
            out[f"E{x}"] = axis.end
            out[f"m{x}"] = self.length(x)
        return out

    def length(self, x: int) -> Form:
        """The output length of axis x: a number, a name, or the derived name m<x>."""
        m = self.axes[x - 1].m
        return m if m.constant is not None or m.plain_name else name(f"m{x}")

    @property
    def derived(self) -> tuple[tuple[str, Form], ...]:
        """The definitions of the derived names."""
        return tuple(
            (f"m{x}", self.axes[x - 1].m)
            for x in range(1, self.count + 1)
            if self.length(x).plain_name == f"m{x}" and self.axes[x - 1].m.plain_name != f"m{x}"
        )

    def reads(self) -> str:
        """The subscripts of the input: s1*(i-1)+d1*(u-1)+1-P1, ..."""
        return ",".join(
            f"s{x}*({OUT[x - 1]}-1)+d{x}*({KERNEL[x - 1]}-1)+1-P{x}" for x in range(1, self.count + 1)
        )

    def outputs(self) -> str:
        return ",".join(OUT[: self.count])

    def kernels(self) -> str:
        return ",".join(KERNEL[: self.count])

    def kernel_ranges(self) -> str:
        return ", ".join(f"{KERNEL[x - 1]}=1..k{x}" for x in range(1, self.count + 1))


MOST_CELLS = 64
"""A kernel with more cells than this is a name in the twin, so that it is judged with small ones."""


def twin_axes(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """The axes with their input lengths as names, and those of a large kernel and its padding too; equal ones share a name."""
    cells = prod(a.k.constant or 0 for a in axes)
    named = [replace(a, n=name(f"input{x}")) for x, a in enumerate(axes, 1)]
    if cells <= MOST_CELLS:
        return tuple(named)
    known: dict[tuple[str, Form], Form] = {}

    def of(kind: str, size: Form, x: int) -> Form:
        return size if size == 0 or (kind == "kernel" and size == 1) else known.setdefault((kind, size), name(f"{kind}{x}"))

    return tuple(
        replace(a, k=of("kernel", a.k, x), start=of("padding", a.start, x), end=of("padding", a.end, x + len(axes)))
        for x, a in enumerate(named, 1)
    )


def instantiate(text: str, ranges: Sequence[tuple[str, str]], values: Mapping[str, FormLike]) -> Formula:
    """Parse a layer's formula, give its free indices their ranges, put the sizes in."""
    statement = parse_formula(text, sizes=values.keys())
    bindings = tuple(Binding(i, const(1), name(top)) for i, top in ranges)
    return substitute_formula(Formula(statement.target, bindings, statement.body), values)


def refuse_clashes(options: Mapping[str, object]) -> None:
    """A size may not have the letter of an index, whether this layer needs that letter or not.

    Raises:
        SymderivError: it has.
    """
    for option, value in options.items():
        for found in sorted(_names(value)):
            if found in LETTERS:
                raise SymderivError(f"--{option} {found}: {found} is the letter of an index. Use a capital for a size, for example {found.upper()}.")
            if re.fullmatch("m[0-9]+", found):
                raise SymderivError(f"--{option} {found}: {found} is what the output length is called. Use another name, for example M.")


def _names(value: object) -> frozenset[str]:
    if isinstance(value, Form):
        return value.names
    if isinstance(value, tuple):
        return frozenset().union(*map(_names, value))
    return frozenset()
