"""A picture laid out: rectangles, lines and labels at places in points, for SVG and TikZ alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Union

from symderiv.picture_model import Cell, Frame, Grid, Picture, Tick
from symderiv.render.pictures.names import Names, Words
from symderiv.render.width import text_width

Anchor = Literal["middle", "end", "start"]
# Okabe and Ito's colours, lightened where a label stands on them.
INK, FAINT, RULE = "222222", "666666", "9A9A9A"
FILLS = {"plain": "FFFFFF", "padding": "EDEDED", "zero": "F5F5F5", "window": "C6E4F6", "focus": "F2B84B", "given": "A6DBC9"}
BORDER = "D55E00"
BANDS = ("C6E4F6", "F8DFAE", "B9E2D5", "F3ECA2", "EBCDDD", "F1C4AB", "DDDDDD")
LIGHT, DARK = (238, 246, 252), (0, 114, 178)
TITLE, HEAD, LABEL, SMALL = 9.0, 6.0, 8.0, 7.0
GAP = 18.0
ROW_GAP, LEGEND_GAP = 0.7 * GAP, 9.0
SCALES = 1.0, 0.9, 0.8, 0.7
MOST_TALL = 400.0
"""A picture that would be taller than this, which no page break can help, is made smaller."""
LEAST_FOR_ONE_ROW = 0.83
"""Panels are made so much smaller at the most to stand in one row."""
MOST_LETTERED = 12
"""The columns of a matrix up to which its cells name the tensor, and not the subscripts alone."""


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str | None
    stroke: str
    line: float


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Text:
    """A label: its middle height is y."""

    x: float
    y: float
    words: Words
    size: float
    anchor: Anchor = "middle"
    colour: str = INK


Shape = Union[Box, Line, Text]


@dataclass
class Drawing:
    """Shapes within a width and a height; ``scale`` below 1 makes it fit the page."""

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)
    scale: float = 1.0


DOTS = Words(r"\cdots", "⋯", "⋯")
DOWN = Words(r"\vdots", "⋮", "⋮")
Legend = Callable[[int], str]
"""The words for how many entries have a number of terms."""


def lay_out(picture: Picture, names: Names, room: float, entries: Legend) -> Drawing:
    """The picture, its grids side by side as many as the room takes; smaller where it would be too tall."""
    for scale in SCALES:
        drawing = _stacked(_rows(picture, names, room / scale, entries), ROW_GAP)
        if drawing.height * scale <= MOST_TALL:
            break
    drawing.scale = min(scale, room / drawing.width)
    return drawing


def lay_out_parts(picture: Picture, names: Names, room: float, entries: Legend, tall: float) -> list[Drawing]:
    """The picture whole where it is at most ``tall`` points high, else its rows in as few drawings as hold them."""
    whole = lay_out(picture, names, room, entries)
    if whole.height * whole.scale <= tall:
        return [whole]
    tries = [_packed(_rows(picture, names, room / scale, entries), room, tall, scale) for scale in SCALES]
    return min(tries, key=len)


def _packed(rows: Sequence[Drawing], room: float, tall: float, scale: float) -> list[Drawing]:
    """As many rows in each drawing as are not too tall together; a row that is too tall alone is made smaller."""
    groups: list[list[Drawing]] = []
    for row in rows:
        if groups and _height([*groups[-1], row]) * scale <= tall:
            groups[-1].append(row)
        else:
            groups.append([row])
    parts = [_stacked(group, ROW_GAP) for group in groups]
    for part in parts:
        part.scale = min(scale, room / part.width, tall / part.height)
    return parts


def _height(rows: Sequence[Drawing]) -> float:
    return sum(row.height for row in rows) + ROW_GAP * (len(rows) - 1)


def _rows(picture: Picture, names: Names, room: float, entries: Legend) -> list[Drawing]:
    """The panels in one row where they nearly fit, else in rows of about as many; below the last row the legend."""
    panels = [_panel(picture, g, names) for g in picture.grids]
    items = [(panel, 14.0 if grid.skipped else 0.0) for grid, panel in zip(picture.grids, panels, strict=True)]
    if _length(items) * LEAST_FOR_ONE_ROW <= room:
        rows = [_row(items)]
    else:
        count = len(_wrapped(items, room, len(items)))
        rows = [_row(some) for some in _wrapped(items, room, -(-len(items) // count))]
    if picture.legend:
        rows[-1] = _stacked([rows[-1], _legend(picture, names, room, entries)], LEGEND_GAP)
    return rows


Item = tuple[Drawing, float]
"""A panel, and the room for the dots before it."""


def _length(items: Sequence[Item]) -> float:
    return sum(panel.width + dots for panel, dots in items) + GAP * (len(items) - 1)


def _wrapped(items: Sequence[Item], room: float, most: int) -> list[list[Item]]:
    """Rows of up to ``most`` panels that the room takes."""
    rows: list[list[Item]] = [[]]
    for item in items:
        if rows[-1] and (len(rows[-1]) == most or _length([*rows[-1], item]) > room):
            rows.append([])
        rows[-1].append(item)
    return rows


def _row(items: Sequence[Item]) -> Drawing:
    row = Drawing(_length(items), max(panel.height for panel, _ in items))
    x = 0.0
    for panel, dots in items:
        if dots:
            row.shapes.append(Text(x + dots - 10, panel.height / 2 + 8, DOTS, 10.0))
        row.shapes += [_moved(s, x + dots, 0) for s in panel.shapes]
        x += dots + panel.width + GAP
    return row


def _panel(picture: Picture, grid: Grid, names: Names) -> Drawing:
    """One grid with its title and the positions beside it."""
    size = _cell_size(picture, grid, names)
    ticks = [names.tick(t, picture) for t in grid.rows]
    left = max(w.width(HEAD) for w in ticks) + 4 if grid.headed and not grid.flat else 0.0
    top = (TITLE + 6 if grid.title else 0.0) + (HEAD + 4 if grid.headed else 0.0)
    drawing = Drawing(left + size * len(grid.columns), top + size * len(grid.rows))
    if grid.title:
        drawing.shapes.append(Text(left + size * len(grid.columns) / 2, TITLE / 2 + 1, names.label(grid.title), TITLE))
    if grid.headed:
        for k, tick in enumerate(grid.columns):
            drawing.shapes.append(Text(left + size * (k + 0.5), top - HEAD / 2 - 2, names.tick(tick, picture), HEAD, colour=FAINT))
        for k, tick in enumerate(grid.rows if not grid.flat else ()):
            drawing.shapes.append(Text(left - 3, top + size * (k + 0.5), _vertical(tick, names, picture), HEAD, "end", FAINT))
    for k, tick in enumerate(grid.rows):
        if tick is None:
            drawing.shapes.append(Text(left + size * len(grid.columns) / 2, top + size * (k + 0.5), DOWN, LABEL, colour=FAINT))
    for k, tick in enumerate(grid.columns):
        if tick is None:
            drawing.shapes.append(Text(left + size * (k + 0.5), top + size * len(grid.rows) / 2, DOTS, LABEL, colour=FAINT))
    for cell in grid.cells:
        words = names.label(cell.label, picture, _bare(picture, grid)), names.label(cell.second, picture)
        drawing.shapes += _cell(cell, left + size * cell.column, top + size * cell.row, size, picture, words)
    for cell in grid.cells:
        if cell.tone == "focus":
            drawing.shapes.append(Box(left + size * cell.column, top + size * cell.row, size, size, None, INK, 1.4))
    drawing.shapes += [_frame(f, left, top, size) for f in grid.frames]
    return drawing


def _vertical(tick: Tick, names: Names, picture: Picture) -> Words:
    return DOWN if tick is None else names.tick(tick, picture)


def _cell_size(picture: Picture, grid: Grid, names: Names) -> float:
    """Square cells that the widest label fits, and the widest tick above them."""
    bare, type_size = _bare(picture, grid), _label_size(picture)
    words = [names.label(x, picture, bare) for c in grid.cells for x in (c.label, c.second) if x is not None]
    heads = [names.tick(t, picture).width(HEAD) + 3 for t in grid.columns] if grid.headed else []
    least = {"matrix": 13.0, "regions": 16.0, "backward": 23.0}.get(picture.kind, 20.0)
    # two labels with superscripts stand below each other
    tall = 3.6 * type_size if any(c.second for c in grid.cells) and any(w.raised()[1] for w in words) else 0.0
    return max(least, tall, *(w.width(type_size) + 5 for w in words), *heads)


def _bare(picture: Picture, grid: Grid) -> bool:
    return picture.kind == "matrix" and len(grid.columns) > MOST_LETTERED


def _label_size(picture: Picture) -> float:
    return {"matrix": HEAD, "backward": SMALL}.get(picture.kind, LABEL)


def _cell(cell: Cell, x: float, y: float, size: float, picture: Picture, words: tuple[Words, Words]) -> list[Shape]:
    (label, second), type_size = words, _label_size(picture)
    fill, ink = _fill(cell, picture)
    shapes: list[Shape] = [Box(x, y, size, size, fill, RULE, 0.4)]
    if cell.tone == "padding":
        a = size * 0.3
        shapes += [Line(x, y + a, x + a, y), Line(x + size - a, y + size, x + size, y + size - a)]
        if cell.label is None:
            shapes += [Line(x, y + size, x + size, y), Line(x, y + size - a, x + size - a, y), Line(x + a, y + size, x + size, y + a)]
    if cell.second is not None:
        shapes.append(Text(x + size / 2, y + size * 0.28, label, type_size, colour=ink))
        shapes.append(Text(x + size / 2, y + size * 0.7, second, type_size, colour=ink))
    elif cell.label is not None:
        faint = cell.tone in ("padding", "zero")
        shapes.append(Text(x + size / 2, y + size / 2, label, type_size, colour=FAINT if faint else ink))
    return shapes


def _fill(cell: Cell, picture: Picture) -> tuple[str, str]:
    if cell.tone != "shade":
        return FILLS[cell.tone], INK
    if picture.kind == "matrix":
        return BANDS[cell.level % len(BANDS)], INK
    return _shade(cell.level, len(picture.legend))


def _shade(level: int, count: int) -> tuple[str, str]:
    """One blue from light to dark, so that order shows in grey too; white ink on the dark ones."""
    part = level / max(1, count - 1)
    colour = [round(a + (b - a) * part) for a, b in zip(LIGHT, DARK, strict=True)]
    return "".join(f"{c:02X}" for c in colour), "FFFFFF" if part > 0.7 else INK


def _frame(frame: Frame, left: float, top: float, size: float) -> Box:
    return Box(left + size * frame.column, top + size * frame.row, size * frame.width, size * frame.height, None, BORDER, 1.8)


def _legend(picture: Picture, names: Names, room: float, entries: Legend) -> Drawing:
    """Each shade with its number, and how many entries have it."""
    legend, x, y, size = Drawing(0, 13), 0.0, 0.0, 13.0
    for key in picture.legend:
        told = entries(key.entries)
        number = names.tick(key.number - names.text.base, picture)
        swatch = max(size, number.width(LABEL) + 4)
        wide = swatch + 4 + 0.46 * LABEL * text_width(told)
        if x and x + wide > room:
            x, y = 0.0, y + size + 4
        fill, ink = _shade(key.level, len(picture.legend))
        legend.shapes += [
            Box(x, y, swatch, size, fill, RULE, 0.4), Text(x + swatch / 2, y + size / 2, number, LABEL, colour=ink),
            Text(x + swatch + 4, y + size / 2, Words(rf"\text{{{told}}}", told, told), LABEL, "start"),
        ]
        legend.width, legend.height = max(legend.width, x + wide), y + size
        x += wide + 12
    return legend


def _stacked(drawings: Sequence[Drawing], gap: float) -> Drawing:
    """One above the other, each in the middle."""
    whole = Drawing(max(d.width for d in drawings), sum(d.height for d in drawings) + gap * (len(drawings) - 1))
    y = 0.0
    for drawing in drawings:
        whole.shapes += [_moved(s, (whole.width - drawing.width) / 2, y) for s in drawing.shapes]
        y += drawing.height + gap
    return whole


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    if isinstance(shape, Box):
        return Box(shape.x + dx, shape.y + dy, shape.width, shape.height, shape.fill, shape.stroke, shape.line)
    if isinstance(shape, Line):
        return Line(shape.x1 + dx, shape.y1 + dy, shape.x2 + dx, shape.y2 + dy)
    return Text(shape.x + dx, shape.y + dy, shape.words, shape.size, shape.anchor, shape.colour)


def number(value: float) -> str:
    """A coordinate in as few characters as it takes."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


__all__ = ["Box", "Drawing", "Line", "Text", "lay_out", "lay_out_parts", "number"]
