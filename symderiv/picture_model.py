"""What a picture shows, free of any format: grids of cells with labels, tones and frames. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Union

Position = tuple[int, ...]
Kind = Literal["window", "entry", "regions", "backward", "matrix", "maxima"]
KINDS: tuple[Kind, ...] = ("window", "entry", "regions", "backward", "matrix", "maxima")
Tone = Literal["plain", "padding", "zero", "window", "focus", "given", "shade"]
"""What a cell is. No tone is told by its colour alone: padding is hatched, a focus has a thick border,
the others have labels."""


@dataclass(frozen=True)
class Ref:
    """An entry of a tensor by its canonical name, positions from 1; the empty index is the whole tensor."""

    tensor: str
    index: Position = ()


Label = Union[Ref, Fraction, None]
Tick = Union[int, Ref, None]
"""What stands beside a row or column: its position, an entry, or None where positions are left out."""


@dataclass(frozen=True)
class Cell:
    """A cell at a row and a column of its grid, both counted from 0 over the grid's ticks."""

    row: int
    column: int
    tone: Tone = "plain"
    label: Label = None
    second: Label = None
    """What the label is multiplied by."""
    level: int = 0
    """Of a shade: its rank among the shades, from 0."""


@dataclass(frozen=True)
class Frame:
    """A thick border round cells: the first row and column, and how many of each."""

    row: int
    column: int
    height: int
    width: int
    of: Ref | None = None


@dataclass(frozen=True)
class Grid:
    """Cells in rows and columns; no cell stands in a row or column that is left out."""

    title: Ref | None
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    cells: tuple[Cell, ...]
    frames: tuple[Frame, ...] = ()
    headed: bool = True
    """Whether the ticks are shown; of a grid with one row only those of the columns."""
    flat: bool = False
    """One axis alone: the one row has no position."""
    skipped: bool = False
    """Whether grids like it are left out before it."""


@dataclass(frozen=True)
class Key:
    """A line of the legend: the shade, the number in its cells, and how many entries have it."""

    level: int
    number: int
    entries: int


@dataclass(frozen=True)
class Picture:
    """One picture of a layer; it has been judged by enumeration."""

    kind: Kind
    grids: tuple[Grid, ...]
    entry: Position | None = None
    """The entry of the input that it is about."""
    legend: tuple[Key, ...] = ()
    lead: Position = ()
    """The sample and channel of the input that are shown; cells are printed without such subscripts."""
    blocks: bool = False
    """Of the matrix: by blocks, an axis each, since it is too large to be shown whole."""
    crops: bool = False
    """Of the backward pass: some of the upstream gradient lies outside."""
