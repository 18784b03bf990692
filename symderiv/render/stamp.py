"""A region's formula printed once, with holes for integers; every member fills the holes.

Holes are filled in two goes: those that hang on the row once a row, the rest once a column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product as cartesian

from symderiv.model import Region

Slot = tuple[int, tuple[int, ...]]
_HOLE = re.compile("\ue000(\\d+)\ue001")


class Holes:
    """Collects slots while a formula is printed with marks in their place."""

    def __init__(self) -> None:
        self.slots: dict[Slot, int] = {}

    def mark(self, slot: Slot) -> str:
        """The text to print for a slot: its digits if it never changes, otherwise a mark."""
        base, coefficients = slot
        if not any(coefficients):
            return str(base)
        return f"\ue000{self.slots.setdefault(slot, len(self.slots))}\ue001"


@dataclass(frozen=True)
class Stamp:
    """A text with holes: literal pieces with a slot between each two."""

    pieces: tuple[str, ...]
    slots: tuple[Slot, ...]

    @staticmethod
    def of(text: str, holes: Holes) -> Stamp:
        by_number = {k: slot for slot, k in holes.slots.items()}
        parts = _HOLE.split(text)
        return Stamp(tuple(parts[0::2]), tuple(by_number[int(k)] for k in parts[1::2]))

    def row(self, lead: Sequence[int]) -> tuple[str, list[tuple[int, int]]]:
        """With all shifts but the last: a format string, and base and step of each hole left."""
        text, left = [self.pieces[0].replace("%", "%%")], []
        for (base, coefficients), piece in zip(self.slots, self.pieces[1:], strict=True):
            for c, x in zip(coefficients, lead, strict=False):
                base += c * x
            last = coefficients[-1] if coefficients else 0
            if last:
                text.append("%d")
                left.append((base, last))
            else:
                text.append(str(base))
            text.append(piece.replace("%", "%%"))
        return "".join(text), left


def stamped(found: Sequence[Region], print_region: Callable[[Region], Stamp], shape: Sequence[int]
            ) -> Iterator[str]:
    """Every position's text, in row-major order."""
    if not shape:
        yield "".join(print_region(found[0]).pieces)
        return
    stamps = {id(r): print_region(r) for r in found}
    blocks = [(r, b) for r in found for b in r.blocks]
    lead_axes = len(shape) - 1
    lookup = [_positions(blocks, axis) for axis in range(lead_axes)]
    for lead in cartesian(*(range(1, n + 1) for n in shape[:-1])):
        inside = set(range(len(blocks)))
        for axis in range(lead_axes):
            inside &= lookup[axis][lead[axis]]
        yield from _row(blocks, inside, stamps, lead, shape[-1])


def _positions(blocks: Sequence[tuple[Region, tuple[tuple[int, ...], ...]]], axis: int) -> dict[int, set[int]]:
    """For every position of an axis, the blocks that hold it."""
    out: dict[int, set[int]] = {}
    for k, (_, block) in enumerate(blocks):
        for t in block[axis]:
            out.setdefault(t, set()).add(k)
    return out


def _row(blocks: Sequence[tuple[Region, tuple[tuple[int, ...], ...]]], inside: set[int],
         stamps: dict[int, Stamp], lead: tuple[int, ...], length: int) -> Iterator[str]:
    """One row: a format a region, then an integer or a few a column."""
    texts: list[tuple[str, list[tuple[int, int]], int, int] | None] = [None] * (length + 1)
    for k in inside:
        region, block = blocks[k]
        start = region.representative
        zero = region.name == "zero"
        if zero:
            start = (0,) * len(start)
        shifts = [(t - t0) // u for t, t0, u in zip(lead, start, region.units, strict=False)]
        made = (*stamps[id(region)].row(shifts), start[-1], region.units[-1])
        for t in block[-1]:
            texts[t] = made
    for t in range(1, length + 1):
        found = texts[t]
        assert found is not None, f"no region holds {(*lead, t)}"
        text, holes, start_t, unit = found
        x = (t - start_t) // unit
        yield text % tuple([b + c * x for b, c in holes])
