"""The window on the input, the outputs that read one entry, and the rotated kernel on the upstream gradient."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product as cartesian

from symderiv.index.form import integers
from symderiv.model import Correlation, Gradient
from symderiv.picture.plane import MOST_SIDE, Place, Plane, framed, input_grid, some, ticks
from symderiv.picture_model import Cell, Grid, Label, Picture, Ref, Tone

MOST_WINDOWS = 6
MOST_READERS = 4


def window(plane: Plane) -> Picture | None:
    """The window at the first outputs and the last; in each cell the weight that reads it, or of pooling the entry."""
    pool = plane.layer.family != "conv"
    grids = []
    for o, skipped in some(plane.outputs, MOST_WINDOWS):
        grid, reads = input_grid(plane, o), plane.reads(o)
        if grid is None:
            return None
        cells = []
        for cell in grid.cells:
            t = _at(grid, cell)
            label = None if cell.tone != "window" else plane.entry(t) if pool else plane.weight(reads[t])
            cells.append(replace(cell, label=label))
        grids.append(replace(grid, cells=tuple(cells), skipped=skipped))
    return Picture("window", tuple(grids), lead=plane.lead_in)


def entry(plane: Plane, gradient: Gradient, t: Place) -> Picture | None:
    """The windows that hold the entry at t, and all outputs that read it, each with what it reads it with."""
    readers = dict(plane.readers(t))
    if not readers:
        return None
    with_what = {o: _meets(plane, gradient, t, o, a) for o, a in readers.items()}
    if plane.layer.family == "avg_pool" and None in with_what.values():
        return None
    grids = []
    for o, skipped in some(list(readers), MOST_READERS):
        grid = input_grid(plane, o)
        if grid is None:
            return None
        cells = [
            replace(cell, tone="focus", label=with_what[o] or plane.entry(t)) if _at(grid, cell) == t else cell for cell in grid.cells
        ]
        grids.append(replace(grid, cells=tuple(cells), skipped=skipped))
    outputs = _readers_grid(plane, with_what)
    if outputs is None:
        return None
    return Picture("entry", (*grids, outputs), plane.entry(t).index, lead=plane.lead_in)


def _meets(plane: Plane, gradient: Gradient, t: Place, o: Place, a: Place) -> Label:
    """What multiplies the entry at t in the output o: a weight, the share of an average; a maximum has nothing of the kind."""
    if plane.layer.family == "conv":
        return plane.weight(a)
    if plane.layer.family == "max_pool":
        return None
    q = plane.entry(t).index
    for region in gradient.regions or ():
        if not region.holds(q):
            continue
        for term in region.terms:
            at = [e.at(region.shifts(q)) for e in term.factors]
            if plane.upstream(o).index in at:
                return Fraction(term.coefficient)
    return None


def _readers_grid(plane: Plane, with_what: dict[Place, Label]) -> Grid | None:
    rows, columns = (ticks(1, x.m, {o[k] for o in with_what}) for k, x in enumerate(plane.axes))
    if max(len(rows), len(columns)) > MOST_SIDE:
        return None
    cells = []
    for (r, i), (c, j) in cartesian(enumerate(rows), enumerate(columns)):
        if i is None or j is None:
            continue
        reads = (i, j) in with_what
        label = (with_what[i, j] or plane.output((i, j))) if reads else None
        cells.append(Cell(r, c, "given" if reads else "plain", label))
    return Grid(Ref(plane.layer.output.name), rows, columns, tuple(cells), flat=plane.flat)


def backward(plane: Plane, form: Correlation, t: Place) -> Picture | None:
    """The upstream gradient with its zeros, and the kernel on it for the first entry, the entry at t and the last."""
    last = (plane.axes[0].n, plane.axes[1].n)
    grids = []
    for q in dict.fromkeys(((1, 1), t, last)):
        grid = _padded(plane, form, q)
        if grid is None:
            return None
        grids.append(grid)
    crops = any((f.constant or 0) < 0 for f in (*form.before, *form.after))
    return Picture("backward", tuple(grids), plane.entry(t).index, lead=plane.lead_in, crops=crops)


def _padded(plane: Plane, form: Correlation, q: Place) -> Grid | None:
    zeros, before, between = (_both(plane, integers(f)) for f in (form.zeros, form.before, form.kernel_zeros))
    covered: list[dict[int, int]] = []
    shown = []
    for k, axis in enumerate(plane.axes):
        places = {q[k] + a * (between[k] + 1): a + 1 for a in range(axis.k)}
        covered.append(places)
        shown.append(ticks(1, axis.n + axis.d * (axis.k - 1), set(places)))
    rows, columns = shown
    cover = list(cartesian(*covered))
    frame = framed(rows, columns, [(r, c) for r, c in cover], Ref("dI", plane.entry(q).index))
    if max(len(rows), len(columns)) > MOST_SIDE or frame is None:
        return None
    cells = []
    for (r, y), (c, x) in cartesian(enumerate(rows), enumerate(columns)):
        if y is None or x is None:
            continue
        i, rest = divmod(y - before[0] - 1, zeros[0] + 1)
        j, remainder = divmod(x - before[1] - 1, zeros[1] + 1)
        o = (i + 1, j + 1)
        within = all(1 <= p <= axis.m for p, axis in zip(o, plane.axes, strict=True))
        between_them = all(0 <= p - b - 1 <= (axis.m - 1) * (z + 1) for p, b, z, axis in zip((y, x), before, zeros, plane.axes, strict=True))
        here = within and not rest and not remainder
        tone: Tone = "given" if here else "zero" if between_them else "padding"
        second = _turned(plane, form, (covered[0][y], covered[1][x])) if y in covered[0] and x in covered[1] else None
        cells.append(Cell(r, c, tone, plane.upstream(o) if here else Fraction(0), second))
    return Grid(Ref("dI", plane.entry(q).index), rows, columns, tuple(cells), (frame,), headed=False, flat=plane.flat)


def _turned(plane: Plane, form: Correlation, a: Place) -> Ref:
    at = tuple(x.k + 1 - u for x, u in zip(plane.axes, a, strict=True)) if form.rotate else a
    return Ref("W", (*plane.lead_weight, *at[plane.flat :]))


def _both(plane: Plane, numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (0, *numbers) if plane.flat else numbers


def _at(grid: Grid, cell: Cell) -> Place:
    row, column = grid.rows[cell.row], grid.columns[cell.column]
    assert isinstance(row, int) and isinstance(column, int)
    return row, column
