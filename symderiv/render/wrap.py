"""Breaking prose to a number of terminal columns; between Han characters too, never before closing punctuation."""

from __future__ import annotations

import re
from collections.abc import Callable

_PIECE = re.compile(r"[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]|[^\s\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]+|\s+")
_NOT_FIRST = "，。、；：？！）》」』】·"
_NOT_LAST = "（《「『【"


def wrap(text: str, columns: int, width: Callable[[str], float]) -> str:
    """The text in lines of at most so many columns where its words allow it."""
    lines, line = [], ""
    for piece in _units(text):
        if piece.isspace():
            line += " " if line else ""
        elif line.strip() and width(line) + width(piece) > columns:
            lines.append(line.rstrip())
            line = piece
        else:
            line += piece
    return "\n".join([*lines, line.rstrip()])


def _units(text: str) -> list[str]:
    """Words, Han characters and spaces; closing punctuation stays with what is before it."""
    out: list[str] = []
    for piece in _PIECE.findall(text):
        if out and not out[-1].isspace() and (piece[0] in _NOT_FIRST or out[-1][-1] in _NOT_LAST):
            out[-1] += piece
        else:
            out.append(piece)
    return out
