"""The entries of an input by kind, as handwritten notes sort them: corner, inner, other, unread."""

from __future__ import annotations

from itertools import product as cartesian

from symderiv.model import Gradient, Position


def kinds(gradient: Gradient, axes: int) -> dict[str, list[Position]]:
    """Every position under its kind, the kinds in the order of the notes; kinds without a member are left out.

    An axis has a border where its first or last entry that is read has fewer readers than others. An entry is
    ``corner`` at the border of both axes, ``inner`` at none, ``other`` at one; ``border`` or ``inner`` where one
    axis alone has a border, ``read`` where none has; ``zero`` where no window reads it.
    ``axes`` is how many of the last axes windows pass over.
    """
    lead = len(gradient.tensor.shape) - axes
    borders = [b for x in range(axes) if (b := _border(gradient, lead + x))[1]]
    found: dict[str, list[Position]] = {k: [] for k in ("corner", "border", "read", "inner", "other", "zero")}
    for region in gradient.regions or ():
        for block in region.blocks:
            for q in cartesian(*block):
                at = sum(q[axis] in border for axis, border in borders)
                found["zero" if not region.size else _kind(at, len(borders))].append(q)
    return {kind: sorted(members) for kind, members in found.items() if members}


def _border(gradient: Gradient, axis: int) -> tuple[int, set[int]]:
    """The axis, and its first and last positions that are read, where they have fewer readers than others."""
    readers: dict[int, int] = {}
    for region in gradient.regions or ():
        for block in region.blocks:
            for t in block[axis]:
                readers[t] = max(readers.get(t, 0), region.size)
    read = sorted(t for t, n in readers.items() if n)
    most = max(readers.values(), default=0)
    return axis, {t for t in (*read[:1], *read[-1:]) if readers[t] < most}


def _kind(at: int, borders: int) -> str:
    if not borders:
        return "read"
    if at == 0:
        return "inner"
    if borders == 1:
        return "border"
    return "corner" if at == borders else "other"
