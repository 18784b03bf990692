"""Comparing what a picture shows with the enumeration: a picture that says something else is not drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product as cartesian

from symderiv.formula.evaluate import compile_node
from symderiv.index.window import NumberAxis
from symderiv.model import Derivation, InternalError, Layer
from symderiv.picture_model import Cell, Grid, Label, Picture, Position, Ref
from symderiv.verify.judge import WindowTruth

Reads = dict[Position, Label]
"""What reads, or is read, and with what."""


def judge_pictures(data: Derivation, pictures: tuple[Picture, ...]) -> None:
    """Every picture, by the definition of the layer alone.

    Raises:
        InternalError: one shows what is not so.
    """
    if not pictures:
        return
    truth = WindowTruth(data.layer)
    for picture in pictures:
        if picture.kind == "window":
            _judge_window(truth, picture)
        elif picture.kind == "entry":
            _judge_entry(truth, picture)
        elif picture.kind == "regions":
            _judge_regions(truth, picture)
        elif picture.kind == "backward":
            _judge_backward(truth, picture)
        elif picture.kind == "matrix":
            _judge_matrix(truth, picture)
        else:
            _judge_maxima(data, truth, picture)


def _same(picture: Picture, place: object, shown: object, true: object) -> None:
    if shown != true:
        raise InternalError(f"the picture {picture.kind} at {place} shows {shown}, which is {true}")


def _cells(grid: Grid, lead: Position) -> Iterator[tuple[Position, Cell]]:
    """Each cell with the position that it stands for."""
    for cell in grid.cells:
        row, column = grid.rows[cell.row], grid.columns[cell.column]
        if not isinstance(row, int) or not isinstance(column, int):
            raise InternalError("a cell of a picture stands in a row or column that is left out")
        yield (*lead, *((column,) if grid.flat else (row, column))), cell


def _inside(layer: Layer, q: Position) -> bool:
    return all(1 <= x <= n for x, n in zip(q, layer.shape("I"), strict=True))


# -- the window ----------------------------------------------------------------------------------
def _judge_window(truth: WindowTruth, picture: Picture) -> None:
    for grid in picture.grids:
        o = _of(grid, truth.layer.output.name)
        lead = picture.lead
        true = {q: w for q, w in _read_by(truth, o).items() if q[: len(lead)] == lead}
        shown = {q: c.label for q, c in _cells(grid, lead) if c.tone == "window"}
        _same(picture, o, shown, true)
        _judge_padding(truth, picture, grid, lead)
        _judge_frame(truth, picture, grid, o)


def _judge_padding(truth: WindowTruth, picture: Picture, grid: Grid, lead: Position) -> None:
    for q, cell in _cells(grid, lead):
        _same(picture, q, cell.tone == "padding", not _inside(truth.layer, q))


def _judge_frame(truth: WindowTruth, picture: Picture, grid: Grid, o: Position) -> None:
    """The border is round all that the window spans, padding too."""
    (frame,) = grid.frames
    axes = _axes(truth)
    shown = [grid.rows[frame.row : frame.row + frame.height], grid.columns[frame.column : frame.column + frame.width]]
    for axis, x, positions in zip(axes, o[-len(axes) :], shown[-len(axes) :], strict=True):
        span = range(axis.position(x, 1), axis.position(x, axis.k) + 1)
        _same(picture, o, positions, tuple(span))


def _of(grid: Grid, tensor: str) -> Position:
    if grid.title is None or grid.title.tensor != tensor:
        raise InternalError(f"a picture has the title {grid.title}, not an entry of {tensor}")
    return grid.title.index


def _read_by(truth: WindowTruth, o: Position) -> Reads:
    """What the output o reads, and with what, by its formula."""
    layer = truth.layer
    letters = [b.index for b in layer.formula.bindings]
    spans = [range(b.low.constant or 0, (b.high.constant or 0) + 1) for b in layer.formula.bindings]
    env = _solve(truth, o, letters, spans)
    found: Reads = {}
    for monomial in compile_node(layer.formula.body, truth.space)(env):
        if monomial and monomial[0][0] == "max":
            return {q: Ref("I", q) for q in truth.windows[monomial[0][1]]}
        entries = [a for a in monomial if a[0] == "I"]
        if entries:
            weight = next((a for a in monomial if a[0] == "W"), entries[0])
            found[entries[0][1]] = Ref(*weight)
    return found


def _solve(truth: WindowTruth, o: Position, letters: list[str], spans: list[range]) -> dict[str, int]:
    """The values of the free indices at which the formula's left side is O[o]; groups have one index more."""
    count = len(truth.axes)
    head = spans[: len(spans) - count]
    for leading in cartesian(*head):
        env = dict(zip(letters, (*leading, *o[len(o) - count :]), strict=True))
        if tuple(f.value(env) for f in truth.layer.formula.target.index) == o:
            return env
    raise InternalError(f"a picture shows the output {list(o)}, which there is not")


# -- one entry -----------------------------------------------------------------------------------
def _judge_entry(truth: WindowTruth, picture: Picture) -> None:
    q, (*windows, outputs) = picture.entry, picture.grids
    if q is None:
        raise InternalError("a picture of one entry says not of which")
    lead = _of(windows[0], truth.layer.output.name)[: len(picture.lead)]
    true = _readers(truth, q, lead)
    shown = {o: c.label for o, c in _cells(outputs, lead) if c.tone == "given"}
    _same(picture, q, shown, true)
    for grid in windows:
        o = _of(grid, truth.layer.output.name)
        focus = {p: c.label for p, c in _cells(grid, q[: len(picture.lead)]) if c.tone == "focus"}
        own = {q: Ref("I", q)} if truth.layer.family == "max_pool" else {q: true.get(o)}
        _same(picture, o, focus, own)
        read = {p for p in _read_by(truth, o) if p[: len(picture.lead)] == q[: len(picture.lead)]}
        _same(picture, o, {p for p, c in _cells(grid, q[: len(picture.lead)]) if c.tone in ("window", "focus")}, read)
        _judge_padding(truth, picture, grid, q[: len(picture.lead)])
        _judge_frame(truth, picture, grid, o)


def _readers(truth: WindowTruth, q: Position, lead: Position) -> Reads:
    """The outputs of one sample and filter that read I[q], and with what."""
    found: Reads = {}
    for monomial, c in truth.gradient(q).items():
        o = next(a[1] for a in monomial if a[0] == truth.layer.upstream)
        if o[: len(lead)] != lead:
            continue
        weight = next((a for a in monomial if a[0] == "W"), None)
        pooled = truth.layer.family == "max_pool"
        found[o] = Ref(*weight) if weight else Ref(truth.layer.output.name, o) if pooled else Fraction(c)
    return found


# -- the kernel on the upstream gradient ---------------------------------------------------------
def _judge_backward(truth: WindowTruth, picture: Picture) -> None:
    for grid in picture.grids:
        q = _of(grid, "dI")
        lead = next((c.label.index[: len(picture.lead)] for c in grid.cells if isinstance(c.label, Ref)), ())
        pairs = [(c.label, c.second) for c in grid.cells if isinstance(c.label, Ref) and isinstance(c.second, Ref)]
        shown = Counter(tuple(sorted((a.tensor, a.index) for a in pair)) for pair in pairs)
        true = {m for m in truth.gradient(q) if any(t == truth.layer.upstream and o[: len(picture.lead)] == lead for t, o in m)}
        # A window of zeros alone names no filter: it is true where nothing reaches the entry.
        _same(picture, q, set(shown), true)
        _same(picture, q, set(shown.values()) <= {1}, True)


# -- maps ----------------------------------------------------------------------------------------
def _judge_regions(truth: WindowTruth, picture: Picture) -> None:
    (grid,) = picture.grids
    lead = picture.lead
    tables = [[len(axis.readers(t)) for t in range(1, axis.n + 1)] for axis in _axes(truth)]
    counts = Counter({1: 1})
    for table in tables:
        counts = _times(counts, Counter(table))
    times = 1
    for q, cell in _cells(grid, lead):
        terms = len(truth.gradient(q))
        _same(picture, q, cell.label, Fraction(terms))
        here = 1
        for table, t in zip(tables, q[len(picture.lead) :], strict=True):
            here *= table[t - 1]
        times = terms // here if here else times
        key = next(k for k in picture.legend if k.level == cell.level)
        _same(picture, q, key.number, terms)
    _same(picture, "the legend", {k.number: k.entries for k in picture.legend}, {n * times: m for n, m in counts.items()})


def _times(left: Counter[int], right: Counter[int]) -> Counter[int]:
    out: Counter[int] = Counter()
    for a, m in left.items():
        for b, n in right.items():
            out[a * b] += m * n
    return out


def _axes(truth: WindowTruth) -> list[NumberAxis]:
    return [a for a in truth.axes if a is not None]


def _judge_matrix(truth: WindowTruth, picture: Picture) -> None:
    if picture.blocks:
        axes = _axes(truth)
        for axis, grid in zip(axes, picture.grids, strict=True):
            for (o, t), cell in _cells(grid, ()):
                a = next((a for a in range(1, axis.k + 1) if axis.position(o, a) == t), None)
                kernel = None if a is None else axis.k + 1 - a if truth.layer.flip else a
                _same(picture, (o, t), cell.label, None if kernel is None else Fraction(kernel))
        return
    (grid,) = picture.grids
    shown: dict[Position, Reads] = {}
    lead: Position = ()
    for cell in grid.cells:
        row, entry = grid.rows[cell.row], grid.columns[cell.column]
        if not isinstance(row, Ref) or not isinstance(entry, Ref):
            raise InternalError("a row or column of the matrix is no entry")
        lead = row.index[: len(picture.lead)]
        column = shown.setdefault(entry.index, {})
        if cell.label is not None:
            column[row.index] = cell.label
    for index, column in shown.items():
        _same(picture, index, column, _readers(truth, index, lead))


# -- maxima --------------------------------------------------------------------------------------
def _judge_maxima(data: Derivation, truth: WindowTruth, picture: Picture) -> None:
    worked = data.worked
    if worked is None:
        raise InternalError("a picture of maxima without a number example")
    *windows, back = picture.grids
    values, got = worked.values["I"], {q: Fraction(0) for q in worked.values["I"]}
    shown: set[Position] = set()
    for grid in windows:
        cells = {q: c for q, c in _cells(grid, ())}
        for frame in grid.frames:
            o = frame.of.index if frame.of else ()
            shown.add(o)
            inside = {q for q, c in cells.items() if frame.row <= c.row < frame.row + frame.height and frame.column <= c.column < frame.column + frame.width}
            read = set(_read_by(truth, o))
            _same(picture, o, {q for q in inside if cells[q].tone in ("window", "focus")}, read)
            best = _best(truth.layer, values, read)
            _same(picture, o, {q for q in inside if cells[q].tone == "focus"}, set(best))
        for q, c in cells.items():
            _same(picture, q, c.label, values.get(q))
    for o, g in worked.values[truth.layer.upstream].items():
        best = _best(truth.layer, values, set(_read_by(truth, o)))
        for q in best:
            got[q] += g / len(best) if truth.layer.ties == "split" else g
    _same(picture, "the gradient", {q: c.label for q, c in _cells(back, ())}, got)


def _best(layer: Layer, values: Mapping[Position, Fraction], read: set[Position]) -> list[Position]:
    """The positions of the maximum under the tie rule, in reading order."""
    top = max((values[q] for q in read), default=None)
    best = sorted(q for q in read if values[q] == top)
    return best[:1] if layer.ties == "first" else best


