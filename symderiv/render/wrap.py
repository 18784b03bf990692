"""Breaking prose to a number of terminal columns; between Han characters too, never before closing punctuation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_PIECE = re.compile(r"[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]|[^\s\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]+|\s+")
HARD_SPACE = "\ue002"
"""A space at which prose is broken only where it must be; it becomes a space when the document is written."""
_IN_FORMULA = re.compile(f"{HARD_SPACE}|[^{HARD_SPACE}]+")
_BEHIND = re.compile("[^·,，、]+[·,，、]?|[·,，、]")
_NOT_FIRST = "，。、；：？！）》」』】·"
_NOT_LAST = "（《「『【"


def wrap(text: str, columns: int, width: Callable[[str], float]) -> str:
    """The text in lines of at most so many columns where its words allow it.

    A formula that is wider than a line is broken at its own spaces, then behind a dot or a comma.
    """
    lines, line = [], ""
    for piece in _narrow(_units(text), columns, width):
        if piece.isspace() and piece != HARD_SPACE:
            line += " " if line else ""
        elif line.strip() and width(line) + width(piece) > columns:
            lines.append(line.rstrip(f" {HARD_SPACE}"))
            line = "" if piece == HARD_SPACE else piece
        else:
            line += piece
    return "\n".join([*lines, line.rstrip()])


def _narrow(units: Iterable[str], columns: int, width: Callable[[str], float]) -> Iterator[str]:
    for unit in units:
        for piece in _IN_FORMULA.findall(unit) if width(unit) > columns else (unit,):
            yield from _BEHIND.findall(piece) if width(piece) > columns else (piece,)


def _units(text: str) -> list[str]:
    """Words, Han characters and spaces; closing punctuation stays with what is before it."""
    out: list[str] = []
    for piece in _PIECE.findall(text):
        if out and not out[-1].isspace() and (piece[0] in _NOT_FIRST or out[-1][-1] in _NOT_LAST):
            out[-1] += piece
        else:
            out.append(piece)
    return out
