"""How wide a formula will be, estimated: points for LaTeX in Computer Modern at 10pt, columns for text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}_^&]|\s+|.", re.DOTALL)
_LETTERS = {"I": 5.2, "W": 10.6, "O": 7.8, "L": 6.9, "i": 3.5, "j": 4.6, "l": 3.2, "m": 8.8, "w": 7.4, "f": 6.0}
_COMMANDS = {
    r"\partial": 5.9, r"\le": 13.4, r"\ge": 13.4, r"\cdot": 7.3, r"\star": 9.5, r"\times": 12.3,
    r"\min": 13.9, r"\max": 16.2, r"\mid": 8.4, r"\in": 12.3, r"\lfloor": 4.5, r"\rfloor": 4.5,
    r"\lceil": 4.5, r"\rceil": 4.5, r"\{": 5.0, r"\}": 5.0, r"\top": 7.8, r"\#": 8.4, r"\quad": 10.0,
    r"\left": 0.0, r"\right": 0.0, r"\,": 1.7, r"\ ": 3.4, r"\substack": 0.0, r"\operatorname": 0.0,
    r"\mathrm": 0.0, r"\text": 0.0, r"\mathbb": 0.0, r"\ldots": 11.7,
}
_RELATIONS = {"=": 13.4, "<": 13.4, ">": 13.4}
_SIGNS = {"+": 12.3, "-": 12.3, "(": 3.9, ")": 3.9, "[": 2.8, "]": 2.8, ",": 4.5, ".": 2.8, "/": 5.0, ":": 7.8}

_SCRIPT = {"+": 7.8, "-": 7.8, "=": 7.8, ",": 2.8, r"\cdot": 2.8, r"\le": 7.8, r"\times": 7.8, r"\in": 6.7}


@lru_cache(maxsize=50_000)
def tex_width(source: str) -> float:
    """The width in points of a display formula of our own printer."""
    tokens = [t for t in _TOKEN.findall(source) if not t.isspace()]
    return _row(tokens, 0, 1.0)[0]


def _row(tokens: list[str], at: int, scale: float) -> tuple[float, int]:
    """The width up to the closing brace, and the place after it."""
    total = 0.0
    while at < len(tokens) and tokens[at] != "}":
        width, at = _item(tokens, at, scale)
        scripts = [0.0]
        while at < len(tokens) and tokens[at] in "_^":
            part, at = _argument(tokens, at + 1, scale * 0.81)
            scripts.append(part)
        total += width + max(scripts) if not _limits(width) else max(abs(width), *scripts) + 1.7
    return total, at + 1


def _limits(width: float) -> bool:
    return width < 0


def _item(tokens: list[str], at: int, scale: float) -> tuple[float, int]:
    """One atom; an operator with limits has its width negated."""
    token = tokens[at]
    if token == "{":
        return _row(tokens, at + 1, scale)
    if token == r"\frac":
        top, at = _argument(tokens, at + 1, scale)
        bottom, at = _argument(tokens, at, scale)
        return max(top, bottom) + 2.4, at
    if token == r"\sum":
        return (-14.5 if scale == 1.0 else 10.6 * scale), at + 1
    if token == r"\max" and at + 1 < len(tokens) and tokens[at + 1] == "_":
        return -19.5 * scale, at + 1
    return (_plain(token) if scale == 1.0 else _tight(token)) * scale, at + 1


def _argument(tokens: list[str], at: int, scale: float) -> tuple[float, int]:
    if at < len(tokens) and tokens[at] == "{":
        return _row(tokens, at + 1, scale)
    return (_tight(tokens[at]) * scale, at + 1) if at < len(tokens) else (0.0, at)


def _tight(token: str) -> float:
    """An atom in a script, where signs have no space round them."""
    return _SCRIPT.get(token) or _plain(token)


def _plain(token: str) -> float:
    if token in _COMMANDS:
        return _COMMANDS[token]
    if token.startswith("\\"):
        return 8.0
    if token.isdigit():
        return 5.0
    if token in _RELATIONS:
        return _RELATIONS[token]
    if token in _SIGNS:
        return _SIGNS[token]
    if unicodedata.east_asian_width(token) in "WF":
        return 10.0
    if token.isupper():
        return _LETTERS.get(token, 8.4)
    return _LETTERS.get(token, 5.6)


def text_width(source: str) -> int:
    """Terminal columns: 0 for a combining mark, 2 for a wide character."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in source
    )
