"""Maps of a whole layer: how many terms each entry's gradient has, the matrix, and where the maxima lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product as cartesian
from math import prod

from symderiv.index.window import NumberAxis
from symderiv.model import Gradient, Worked
from symderiv.picture.plane import Place, Plane, axis_range, framed, input_grid, places, some, ticks
from symderiv.picture_model import Cell, Frame, Grid, Key, Picture, Position, Ref, Tone

MOST_MAP = 26
"""The most rows or columns of a map."""
WHOLE_MAP = 12
MOST_MAXIMA = 9


def regions(plane: Plane, gradient: Gradient) -> Picture | None:
    """Each entry's number of terms, alike rows and columns of a large input left out; the legend counts all entries."""
    found = gradient.regions
    if found is None:
        return None
    rows, columns = (_classes(x) for x in plane.axes)
    if max(len(rows), len(columns)) > MOST_MAP:
        return None
    sizes: Counter[int] = Counter()
    for region in found:
        for block in region.blocks:
            if all(x in xs for x, xs in zip(plane.lead_in, block, strict=False)):
                sizes[region.size] += prod(len(ts) for ts in block[len(plane.lead_in) :])
    levels = {n: k for k, n in enumerate(sorted(sizes))}
    cells = []
    for (r, t), (c, u) in cartesian(enumerate(rows), enumerate(columns)):
        if t is None or u is None:
            continue
        n = _size_at(gradient, plane.entry((t, u)).index)
        cells.append(Cell(r, c, "shade", Fraction(n), level=levels[n]))
    legend = tuple(Key(k, n, sizes[n]) for n, k in levels.items())
    return Picture("regions", (Grid(None, rows, columns, tuple(cells), flat=plane.flat),), legend=legend, lead=plane.lead_in)


def _classes(axis: NumberAxis) -> tuple[int | None, ...]:
    """The positions of an axis that are shown: of each class, read through the same window places, at least one."""
    first: dict[tuple[int, ...], int] = {}
    for t in range(1, axis.n + 1):
        first.setdefault(tuple(a for _, a in axis.readers(t)), t)
    return ticks(1, axis.n, {1, axis.n, *first.values()}, WHOLE_MAP)


def _size_at(gradient: Gradient, q: Position) -> int:
    return next(r.size for r in gradient.regions or () if r.holds(q))


def matrix(plane: Plane, most: int) -> Picture | None:
    """The layer as a matrix: rows are outputs, columns entries, cells weights; by blocks where it is too large."""
    inputs, outputs = places(x.n for x in plane.axes), plane.outputs
    if len(inputs) <= most and len(outputs) <= most:
        cells = []
        for r, o in enumerate(outputs):
            reads = plane.reads(o)
            for c, t in enumerate(inputs):
                label = plane.weight(reads[t]) if t in reads else None
                cells.append(Cell(r, c, "shade" if label else "plain", label, level=_band(plane, label) if label else 0))
        rows, columns = tuple(map(plane.output, outputs)), tuple(map(plane.entry, inputs))
        return Picture("matrix", (Grid(None, rows, columns, tuple(cells)),), lead=plane.lead_in)
    grids = [g for x in plane.axes[plane.flat :] for g in [_one_axis(x, plane.layer.flip)]]
    if any(g is None for g in grids):
        return None
    return Picture("matrix", tuple(g for g in grids if g is not None), lead=plane.lead_in, blocks=True)


def _band(plane: Plane, weight: Ref) -> int:
    """The kernel's row, whose weights make a block; of one axis the kernel's position."""
    return weight.index[-1 if plane.flat else -2] - 1


def _one_axis(axis: NumberAxis, flip: bool) -> Grid | None:
    """One axis: rows are outputs, columns inputs, a cell the kernel position that joins them."""
    rows = ticks(1, axis.m, {1, 2, axis.m})
    wanted = {t for o in rows if o for a in range(1, axis.k + 1) for t in [axis.position(o, a)] if 1 <= t <= axis.n}
    columns = ticks(1, axis.n, wanted)
    if max(len(rows), len(columns)) > MOST_MAP:
        return None
    cells = []
    for (r, o), (c, t) in cartesian(enumerate(rows), enumerate(columns)):
        if o is None or t is None:
            continue
        a = next((a for p, a in axis.readers(t) if p == o), None)
        kernel = None if a is None else axis.k + 1 - a if flip else a
        cells.append(Cell(r, c, "plain") if kernel is None else Cell(r, c, "shade", Fraction(kernel), level=kernel - 1))
    return Grid(None, rows, columns, tuple(cells))


def maxima(plane: Plane, worked: Worked | None) -> Picture | None:
    """The number example of max pooling: each window with the entries that it chooses, and the gradient that results."""
    if worked is None or plane.lead_in or plane.layer.family != "max_pool":
        return None
    values, chosen = worked.values["I"], worked.chosen
    apart = all(x.s >= x.d * (x.k - 1) + 1 for x in plane.axes)
    grids = []
    for o, skipped in some(plane.outputs, MOST_MAXIMA):
        grid = input_grid(plane, o, whole=True)
        if grid is None:
            return None
        best = chosen[plane.output(o).index]
        cells = tuple(_numbered(plane, cell, grid, values, best) for cell in grid.cells)
        grids.append(replace(grid, cells=cells, skipped=skipped))
    if apart:
        grids = [_at_once(plane, values, chosen)]
    gradient = worked.values["dI"]
    back = tuple(
        Cell(r, c, "given" if gradient[q] else "plain", gradient[q])
        for r, c in cartesian(range(plane.axes[0].n), range(plane.axes[1].n)) for q in [plane.entry((r + 1, c + 1)).index]
    )
    rows, columns = (tuple(range(1, x.n + 1)) for x in plane.axes)
    return Picture("maxima", (*grids, Grid(Ref("dI"), rows, columns, back, flat=plane.flat)))


def _numbered(plane: Plane, cell: Cell, grid: Grid, values: Mapping[Position, Fraction], best: tuple[Position, ...]) -> Cell:
    t, u = grid.rows[cell.row], grid.columns[cell.column]
    assert isinstance(t, int) and isinstance(u, int)
    if cell.tone == "padding":
        return cell
    q = plane.entry((t, u)).index
    return replace(cell, label=values[q], tone="focus" if q in best else cell.tone)


def _at_once(plane: Plane, values: Mapping[Position, Fraction], chosen: Mapping[Position, tuple[Position, ...]]) -> Grid:
    """Windows that do not overlap, all on one input."""
    read = {t: o for o in plane.outputs for t in plane.reads(o)}
    rows, columns = (tuple(range(first, last + 1)) for first, last in map(axis_range, plane.axes))
    frames: list[Frame] = [f for o in plane.outputs for f in [framed(rows, columns, plane.reads(o), plane.output(o))] if f]
    cells = []
    for (r, t), (c, u) in cartesian(enumerate(rows), enumerate(columns)):
        at: Place = (t, u)
        if not plane.inside(at):
            cells.append(Cell(r, c, "padding"))
            continue
        q = plane.entry(at).index
        best = at in read and q in chosen[plane.output(read[at]).index]
        tone: Tone = "focus" if best else "window" if at in read else "plain"
        cells.append(Cell(r, c, tone, values[q]))
    return Grid(Ref("I"), rows, columns, tuple(cells), tuple(frames), flat=plane.flat)
