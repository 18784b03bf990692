"""A block as it reads, whatever a formatter did to its lines: prose in one line, blocks without their indentation.

What white space means something to Markdown stays: the lines of code and of displays, an indentation of four that
makes code, and a break behind which a line would begin a list or a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from symderiv.embed.text import row

_FENCE = re.compile(r"(`{3,}|~{3,}|\$\$)")
_ALONE = re.compile(r"\||#{1,6}(?: |$)|<|>|(?:[-+*]|\d{1,9}[.)])(?: |$)|=+$|([-*_] ?){3,}$")
"""How a line begins that is a block of its own, and never goes on with the prose above it."""
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u201c\u201d\u2026"
_BESIDE_HAN = re.compile(rf"(?<=[{_WIDE}]) | (?=[{_WIDE}])")
"""A blank that a line's end is to one formatter, and nothing to another."""
_BESIDE_CELL = re.compile(r" ?((?<!\\)&|\\\\) ?")
CODE = 4
"""Columns by which a block is indented to be code."""


def flowing(lines: Sequence[str], base: int = 0) -> str:
    """The pieces of Markdown, each in a line; it stands at the column ``base``."""
    pieces: list[str] = []
    prose: list[str] = []
    fence: tuple[str, int] | None = None
    for line in (line.expandtabs(CODE).rstrip() for line in lines):
        bare = line.lstrip()
        column = len(line) - len(bare)
        if fence is not None:
            pieces.append(_inside(line, bare, *fence))
            fence = None if bare.startswith(fence[0]) and not bare.strip(fence[0][0]) else fence
        elif bare and not _ALONE.match(bare) and not _FENCE.match(bare):
            prose.append(bare if prose else _placed(bare, column - base))
        else:
            pieces += _one_line(prose)
            prose = []
            if bare:
                pieces.append(_placed(row(bare), column - base))
                fence = _opened(bare, column)
    return "\n".join([*pieces, *_one_line(prose)])


def flowing_latex(lines: Sequence[str], _: int = 0) -> str:
    """The paragraphs of LaTeX, each in a line, and its comments; a blank beside an & or a line's end says nothing."""
    pieces: list[str] = []
    words: list[str] = []
    for line in lines:
        bare = line.strip()
        if bare and not bare.startswith("%"):
            words.append(bare)
            continue
        pieces += [" ".join(words), bare]
        words = []
    said = (_BESIDE_CELL.sub(r"\1", " ".join(piece.split())) for piece in (*pieces, " ".join(words)))
    return "\n".join(piece for piece in said if piece)


def _placed(bare: str, by: int) -> str:
    """A block's first line; it keeps an indentation that means something, to the left as to the right."""
    return bare if abs(by) < CODE else f"{by}: {bare}"


def _opened(bare: str, column: int) -> tuple[str, int] | None:
    """The fence that a line opens: its sign, and the column it stands at. A display may be closed on its own line."""
    match = _FENCE.match(bare)
    closed = match and match[1] == "$$" and bare.endswith("$$") and len(bare) > 3
    return (match[1], column) if match and not closed else None


def _inside(line: str, bare: str, sign: str, column: int) -> str:
    """A line of code or of a display: nothing of it counts to the left of its fence, and in a display no indentation does."""
    return bare if sign == "$$" else line[min(column, len(line) - len(bare)):]


def _one_line(prose: Sequence[str]) -> list[str]:
    return [_BESIDE_HAN.sub("", " ".join(" ".join(prose).split()))] if prose else []
