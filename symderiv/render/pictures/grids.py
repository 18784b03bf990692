"""A picture for a terminal: grids of Unicode boxes side by side."""

from __future__ import annotations

from collections.abc import Sequence

from symderiv.picture_model import Cell, Grid, Picture
from symderiv.render.pictures.names import Names
from symderiv.render.width import text_width

PADDING, COVERED, NOTHING = "░", "∙", "·"
_SIDES = "┌┬┐", "├┼┤", "└┴┘"


def grids(picture: Picture, names: Names, room: float) -> str | None:
    """The picture within so many columns; None where one grid is wider."""
    blocks = [_fitting(picture, g, names, room) for g in picture.grids]
    rows: list[list[list[str]]] = [[]]
    used = 0
    for grid, block in zip(picture.grids, blocks, strict=True):
        if block is None:
            return None
        if grid.skipped:
            block = [("⋯  " if k == len(block) // 2 else "   ") + line for k, line in enumerate(block)]
        wide = int(text_width(block[0]))
        if rows[-1] and used + 3 + wide > room:
            rows.append([])
            used = 0
        used += wide + (3 if rows[-1] else 0)
        rows[-1].append(block)
    return "\n\n".join(_beside(row) for row in rows)


def _beside(blocks: Sequence[list[str]]) -> str:
    tall = max(map(len, blocks))
    padded = [[*b, *([" " * int(text_width(b[0]))] * (tall - len(b)))] for b in blocks]
    return "\n".join("   ".join(lines).rstrip() for lines in zip(*padded, strict=True))


def _fitting(picture: Picture, grid: Grid, names: Names, room: float) -> list[str] | None:
    """With borders, or where those do not fit without them."""
    for bordered in ((True, False) if picture.kind != "matrix" else (False,)):
        block = _block(picture, grid, names, bordered)
        if text_width(block[0]) <= room:
            return block
    return None


def _block(picture: Picture, grid: Grid, names: Names, bordered: bool) -> list[str]:
    """Lines of equal width: the title, the columns' positions, the rows."""
    texts = [["⋯" if c is None else "⋮" if r is None else "" for c in grid.columns] for r in grid.rows]
    for cell in grid.cells:
        texts[cell.row][cell.column] = _text(cell, grid, picture, names)
    heads = [names.tick(t, picture).text for t in grid.columns] if grid.headed else [""] * len(grid.columns)
    sides = ["⋮" if t is None else names.tick(t, picture).text for t in grid.rows] if grid.headed and not grid.flat else [""] * len(grid.rows)
    widths = [max(int(text_width(t)) for t in (head, *column)) for head, column in zip(heads, zip(*texts, strict=True), strict=True)]
    if bordered:
        widths = [max(3, *widths)] * len(widths)
    left = max(int(text_width(s)) for s in sides)
    left += 1 if left else 0
    rows = _bordered(texts, widths) if bordered else [" ".join(_centred(t, n) for t, n in zip(row, widths, strict=True)) for row in texts]
    inner = int(text_width(rows[0]))
    lines = [_centred(names.label(grid.title).text, inner)] if grid.title else []
    if grid.headed:
        gap = " "
        line = gap.join(_centred(h, n) for h, n in zip(heads, widths, strict=True))
        lines.append(f" {line} " if bordered else line)
    before = [" " * left] * len(lines)
    step = 2 if bordered else 1
    for k in range(len(rows)):
        at = (k - 1) // 2 if bordered else k
        named = k % step == (1 if bordered else 0)
        before.append((sides[at] if named else "").rjust(left - 1) + " " if left else "")
    total = inner + left
    return [(b + line).ljust(total + int(len(b + line) - text_width(b + line))) for b, line in zip(before, [*lines, *rows], strict=True)]


def _text(cell: Cell, grid: Grid, picture: Picture, names: Names) -> str:
    label = PADDING if cell.tone == "padding" else names.label(cell.label, picture).text
    if cell.second is not None:
        return f"{label}·{names.label(cell.second, picture).text}"
    if cell.tone == "focus":
        return f"[{label}]"
    if cell.tone == "padding":
        return PADDING
    if cell.tone == "window":
        return label or COVERED
    if cell.tone == "plain":
        # A terminal has no shades: what a window does not cover stays empty.
        return NOTHING if picture.kind == "matrix" else "" if any(c.tone == "window" for c in grid.cells) else label
    return label


def _centred(text: str, width: int) -> str:
    spare = width - int(text_width(text))
    return " " * (spare // 2) + text + " " * (spare - spare // 2)


def _bordered(texts: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    def rule(ends: str) -> str:
        return ends[0] + ends[1].join("─" * n for n in widths) + ends[2]

    lines = [rule(_SIDES[0])]
    for k, row in enumerate(texts):
        lines.append("│" + "│".join(_centred(t, n) for t, n in zip(row, widths, strict=True)) + "│")
        lines.append(rule(_SIDES[2] if k == len(texts) - 1 else _SIDES[1]))
    return lines
