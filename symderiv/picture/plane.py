"""The two axes that a picture shows: of one axis the first is a single row, of channels one pair is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product as cartesian

from symderiv.index.form import const
from symderiv.index.window import Axis, NumberAxis
from symderiv.model import Layer
from symderiv.picture_model import Cell, Frame, Grid, Position, Ref, Tone

MOST_WHOLE = 9
"""The longest axis that is shown whole where only a part of it matters."""
MOST_SIDE = 16
"""The most rows or columns of a grid with labels in it."""

Place = tuple[int, int]


@dataclass(frozen=True)
class Plane:
    """A layer with one or two window axes, seen at one sample, channel and filter."""

    layer: Layer
    axes: tuple[NumberAxis, NumberAxis]
    flat: bool
    lead_in: Position
    lead_out: Position
    lead_weight: Position

    def entry(self, t: Place) -> Ref:
        """The entry of the input at t."""
        return Ref("I", (*self.lead_in, *t[self.flat :]))

    def output(self, o: Place) -> Ref:
        return Ref(self.layer.output.name, (*self.lead_out, *o[self.flat :]))

    def upstream(self, o: Place) -> Ref:
        return Ref(self.layer.upstream, (*self.lead_out, *o[self.flat :]))

    def weight(self, a: Place) -> Ref:
        """The weight that the window's place a meets: a true convolution turns the kernel."""
        at = tuple(x.k + 1 - u for x, u in zip(self.axes, a, strict=True)) if self.layer.flip else a
        return Ref("W", (*self.lead_weight, *at[self.flat :]))

    @property
    def outputs(self) -> list[Place]:
        return places(x.m for x in self.axes)

    def reads(self, o: Place) -> dict[Place, Place]:
        """What the window of o covers: each position, padding too, and its place in the window."""
        return {
            (self.axes[0].position(o[0], a[0]), self.axes[1].position(o[1], a[1])): a for a in places(x.k for x in self.axes)
        }

    def readers(self, t: Place) -> list[tuple[Place, Place]]:
        """The outputs that read the entry at t, with its place in their windows, in the order of the outputs."""
        rows, columns = (x.readers(p) for x, p in zip(self.axes, t, strict=True))
        return sorted(((o, p), (a, b)) for o, a in rows for p, b in columns)

    def inside(self, t: Place) -> bool:
        return all(1 <= p <= x.n for p, x in zip(t, self.axes, strict=True))


def places(sizes: Iterable[int]) -> list[Place]:
    """Every position of two axes, in rows."""
    first, second = sizes
    return list(cartesian(range(1, first + 1), range(1, second + 1)))


def plane_of(layer: Layer, lead_in: Position) -> Plane | None:
    """The layer's plane at an input's sample and channel; None where it has other than one or two axes of numbers."""
    axes = [a.numbers for a in layer.axes]
    known = [a for a in axes if a is not None]
    if len(known) != len(axes) or len(known) not in (1, 2):
        return None
    one = Axis(const(1), const(1), const(1), const(0), const(0), const(1)).numbers
    assert one is not None
    flat = len(known) == 1
    pair = (one, known[0]) if flat else (known[0], known[1])
    if not lead_in or layer.family != "conv":
        return Plane(layer, pair, flat, lead_in, lead_in, ())
    (filters, share), channels = layer.shape("W")[:2], layer.shape("I")[1]
    sample, channel = lead_in
    first = (channel - 1) // share * (filters * share // channels) + 1
    return Plane(layer, pair, flat, lead_in, (sample, first), (first, (channel - 1) % share + 1))


def ticks(low: int, high: int, wanted: Collection[int], whole: int = MOST_WHOLE) -> tuple[int | None, ...]:
    """The positions of an axis that are shown: all of a short one, else the wanted ones, their neighbours, and gaps."""
    if high - low < whole:
        return tuple(range(low, high + 1))
    near = {t for w in wanted for t in (w - 1, w, w + 1) if low <= t <= high}
    found: list[int | None] = []
    before = low - 1
    for t in sorted(near):
        if t - before == 2:
            found.append(t - 1)
        elif t - before > 2:
            found.append(None)
        found.append(t)
        before = t
    if high - before == 1:
        found.append(high)
    elif high > before:
        found.append(None)
    return tuple(found)


def some(items: list[Place], most: int) -> list[tuple[Place, bool]]:
    """All of a few items, else the first three and the last; with each whether items are left out before it."""
    if len(items) <= most:
        return [(item, False) for item in items]
    return [*((item, False) for item in items[:3]), (items[-1], True)]


def axis_range(axis: NumberAxis) -> tuple[int, int]:
    """The first and the last position of the input with all padding that a window reads."""
    return min(1, axis.position(1, 1)), max(axis.n, axis.position(axis.m, axis.k))


def framed(rows: tuple[int | None, ...], columns: tuple[int | None, ...], cover: Collection[Place], of: Ref | None) -> Frame | None:
    """The border round these positions; None where some of them are not shown."""
    at = [(rows.index(r), columns.index(c)) for r, c in cover if r in rows and c in columns]
    if len(at) < len(cover):
        return None
    (top, left), (bottom, right) = (tuple(f(x[k] for x in at) for k in (0, 1)) for f in (min, max))
    return Frame(top, left, bottom - top + 1, right - left + 1, of)


def input_grid(plane: Plane, o: Place, whole: bool = False) -> Grid | None:
    """The input and the window of the output o: what it covers is of the tone ``window``, padding is hatched."""
    reads = plane.reads(o)
    shown = []
    for k, axis in enumerate(plane.axes):
        low, high = axis_range(axis)
        shown.append(ticks(low, high, {t[k] for t in reads}, high - low + 1 if whole else MOST_WHOLE))
    rows, columns = shown
    frame = framed(rows, columns, reads, plane.output(o))
    if max(len(rows), len(columns)) > MOST_SIDE or frame is None:
        return None
    cells = []
    for (r, t), (c, u) in cartesian(enumerate(rows), enumerate(columns)):
        if t is None or u is None:
            continue
        tone: Tone = "padding" if not plane.inside((t, u)) else "window" if (t, u) in reads else "plain"
        cells.append(Cell(r, c, tone))
    return Grid(plane.output(o), rows, columns, tuple(cells), (frame,), flat=plane.flat)
