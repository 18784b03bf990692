"""Matrices for a terminal: brackets of Unicode pieces, several side by side, broken where they are too wide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Union

Item = Union[str, Sequence[Sequence[str]]]
"""A piece of a formula: text, or a matrix as rows of cells."""


def matrix_box(rows: Sequence[Sequence[str]], width: Callable[[str], float]) -> list[str]:
    """The matrix as lines of equal width."""
    columns = [max(int(width(cell)) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for k, row in enumerate(rows):
        left, right = _brackets(k, len(rows))
        cells = ["".join((cell, " " * (n - int(width(cell))))) for cell, n in zip(row, columns, strict=True)]
        lines.append(f"{left} {'  '.join(cells)} {right}")
    return lines


def box_width(rows: Sequence[Sequence[str]], width: Callable[[str], float]) -> int:
    """The columns that a matrix takes."""
    return max(int(width(line)) for line in matrix_box(rows, width))


def _brackets(k: int, count: int) -> tuple[str, str]:
    if count == 1:
        return "[", "]"
    return ("⎡", "⎤") if k == 0 else ("⎣", "⎦") if k == count - 1 else ("⎢", "⎥")


def beside(items: Sequence[Item], room: float, width: Callable[[str], float]) -> str:
    """The items on one line, texts at half height; a new row of boxes where the room ends."""
    rows: list[list[list[str]]] = [[]]
    used = 0
    for item in items:
        box = [item] if isinstance(item, str) else matrix_box(item, width)
        wide = max(int(width(line)) for line in box)
        if rows[-1] and used + wide > room and not isinstance(item, str):
            sign = rows[-1].pop() if len(rows[-1]) > 1 and len(rows[-1][-1]) == 1 else None
            rows.append([[" " * 4 + sign[0].strip() + " "]] if sign else [[" " * 4]])
            used = int(width(rows[-1][0][0]))
        rows[-1].append(box)
        used += wide
    return "\n\n".join("\n".join(line.rstrip() for line in _stack(row, width)) for row in rows if row)


def _stack(boxes: Sequence[Sequence[str]], width: Callable[[str], float]) -> list[str]:
    height = max(len(b) for b in boxes)
    lines = [""] * height
    for box in boxes:
        top = (height - len(box)) // 2
        wide = max(int(width(line)) for line in box)
        for k in range(height):
            text = box[k - top] if top <= k < top + len(box) else ""
            lines[k] += text + " " * (wide - int(width(text)))
    return lines
