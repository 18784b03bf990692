"""Breaking a long right side into lines: before a plus, then between factors, by estimated width."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from symderiv.render.paper import group_end

Width = Callable[[str], float]

_GAP = 3.0
"""Columns of ``=`` or ``+`` and the spaces beside it, in a terminal."""
_INDENT = 4.0
CONTINUED = 14.0
"""Points before a continued line: a quad, and the space round a sign at its start."""
_NARROW = 36
"""Columns that a continued line needs, to stand below the first line's right side."""
_FACTOR = re.compile(r" (\[|\\sum|\\cdot|Σ|\\frac|\\sdgrad)")
_SIGN = re.compile(r" (=|[-+] |\\(le|in|mid|cdot|star)\b)")
"""What a line inside brackets may break before; 3 j, a product, stays together."""
_SUMS = ("\\sum", "Σ")


def join_terms(terms: Sequence[tuple[bool, str]]) -> str:
    """Signed terms on one line."""
    text = ""
    for minus, body in terms:
        if text:
            text += (" - " if minus else " + ") + body
        else:
            text = ("-" if minus else "") + body
    return text or "0"


def in_columns(width: Width) -> bool:
    """Whether the widths are a terminal's columns; points otherwise."""
    return width("=") <= 2


def break_terms(
    left: str, terms: Sequence[tuple[bool, str]], room: float, width: Width, below: float | None = None
) -> tuple[list[str], int]:
    """The right side as lines, broken before a plus where ``left = line`` would be too wide.

    A term that is too wide alone is broken before a factor, then at smaller and smaller pieces.
    ``below`` is where lines after the first start, in points; by default behind the first one's equals sign.

    Returns:
        The lines, and in a terminal the columns before each but the first: below the right side, or a few, with
        an empty first line, where that leaves too little room.
    """
    if not in_columns(width):
        start = width(left) + width("=")
        return _lines(terms, start, start + CONTINUED if below is None else below, room, width), 0
    start = width(left) + _GAP
    lines = _lines(terms, start, start, room, width)
    if len(lines) == 1 or (room - start >= _NARROW and all(start + width(line) <= room for line in lines)):
        return lines, int(start)
    fewer = _lines(terms, start, _INDENT, room, width)
    if start + width(fewer[0]) > room:
        fewer = ["", *_lines(terms, _INDENT, _INDENT, room, width)]
    return fewer, int(_INDENT)


def too_wide(left: str, lines: Sequence[str], room: float, width: Width, below: float | None = None) -> bool:
    """Whether a line is, of those that ``break_terms`` gave in points."""
    start = width(left) + width("=")
    later = start + CONTINUED if below is None else below
    return any((later if k else start) + width(line) > room for k, line in enumerate(lines))


def stack_subscripts(line: str, room: float, width: Width) -> str:
    """The line with its longest subscript on rows of its own, as few as make it fit; without a list there it stays."""
    groups = [(at + 2, group_end(line, at + 1) - 1) for at in range(len(line)) if line.startswith("_{", at)]
    start, end = max(groups, key=lambda g: g[1] - g[0], default=(0, 0))
    items = _items(line[start:end])
    if width(line) <= room or len(items) < 2:
        return line
    best = min((_stacked(line, start, end, items, (k,)) for k in range(1, len(items))), key=width)
    return best if width(best) <= room else _stacked(line, start, end, items, tuple(range(1, len(items))))


def _stacked(line: str, start: int, end: int, items: Sequence[str], cuts: Sequence[int]) -> str:
    rows = [", ".join(items[a:b]) for a, b in zip((0, *cuts), (*cuts, len(items)), strict=True)]
    return line[:start] + r"\substack{" + r", \\ ".join(rows) + "}" + line[end:]


def _items(text: str) -> list[str]:
    """What stands between the commas that no bracket holds."""
    items, depth = [""], 0
    for part in re.split(r"([(){}\[\]]|, )", text):
        depth += (part in "([{") - (part in ")]}") if len(part) == 1 else 0
        if part == ", " and depth == 0:
            items.append("")
        else:
            items[-1] += part
    return items


def _lines(terms: Sequence[tuple[bool, str]], start: float, below: float, room: float, width: Width) -> list[str]:
    """The terms in lines; the first starts at ``start``, the others at ``below``."""
    columns = in_columns(width)
    plus = _GAP if columns else width("+")
    lines: list[str] = []
    line, used = "", start
    for k, (minus, body) in enumerate(terms):
        sign = "" if k == 0 and not minus else "-" if k == 0 else "- " if minus else "+ "
        before = plus if k else width(sign) if sign else 0.0
        size = width(body) + before
        if line and used + size > room:
            lines.append(line)
            line, used = "", below
        pieces = [body]
        if used + size > room:
            first = room - used - before
            pieces = _pieces(body, first, min(first, room - below) if columns and not line else room - below, width, columns)
        head, *more = pieces
        line += (" " if line else "") + sign + head
        used += size
        if more:
            lines += [line, *more[:-1]]
            line, used = more[-1], below + width(more[-1])
    return [*lines, line or "0"]


def _pieces(body: str, first: float, later: float, width: Width, columns: bool) -> list[str]:
    """A product as lines: the first of one room, the others of another."""
    sign = 1.0 if columns else width(r"\cdot")
    lines = _fill(body, first - sign, later - sign, width, columns, 0)
    inside = [_unfinished(" ".join(lines[:k])) for k in range(1, len(lines))]
    return [a if inner else _closed(a, b, columns) for a, b, inner in zip(lines, lines[1:], inside, strict=False)] + lines[-1:]


def _fill(body: str, first: float, later: float, width: Width, columns: bool, level: int) -> list[str]:
    """The pieces of a level, as many on a line as fit; a piece that fits no line goes a level deeper."""
    out, room = [""], first
    for part in _cut(body, columns, level):
        joined = (out[-1] + part).strip()
        if width(joined) <= room or (out == [""] and room >= later and level == _DEEPEST):
            out[-1] = joined
        elif width(part.strip()) <= later or level == _DEEPEST:
            out, room = [*out, part.strip()], later
        else:
            left = room - width(out[-1] + " ") if out[-1] else room
            head, *rest = _fill(part.strip(), max(left, 0.0), later, width, columns, level + 1)
            gap = " " if part.startswith(" ") and out[-1] else ""
            out = [*out[:-1], out[-1] + (gap + head if head else ""), *rest]
            room = later if rest else room
    return out


_DEEPEST = 3


def _cut(body: str, columns: bool, level: int) -> list[str]:
    """The text in pieces, none lost: cut where the level allows it, never inside a script or a TeX group.

    Level 0 is before a factor and before a plus in brackets; 1 at the spaces of a product; 2 behind a product's
    dot; 3 between the items of a list and at any sign in brackets.
    """
    cuts, open_ = [0], [""]
    for k, c in enumerate(body):
        last = body[k - 1 : k]
        if c in "([" or (c == "{" and (last == "\\" or (columns and last not in "_^"))):
            open_.append("(" if c == "(" else "[")
        elif c == "{":
            open_.append("{")
        elif c in ")]}" and len(open_) > 1:
            open_.pop()
        if "{" not in open_ and k and _allowed(body, k, open_, columns, level):
            cuts.append(k)
    return [body[a:b] for a, b in zip(cuts, [*cuts[1:], len(body)], strict=True)]


def _allowed(body: str, k: int, open_: Sequence[str], columns: bool, level: int) -> bool:
    depth, last = len(open_) - 1, body[k - 1]
    if level == 0:
        bracketed = depth == 1 and open_[-1] == "(" and body[k : k + 3] in (" + ", " - ")
        return (depth == 0 and _FACTOR.match(body, k) is not None) or bracketed
    if level == 1:
        return columns and depth == 0 and body[k] == " "
    if level == 2:
        return columns and depth == 0 and last == "·"
    closing = body.startswith((" \\Bigr", " \\}"), k)
    if depth == 0 or closing:
        return False
    if columns:
        return body[k] == " " or last == "·"
    return body[k] == " " and (last in ",=+-" or _SIGN.match(body, k) is not None)


def _closed(line: str, following: str, columns: bool) -> str:
    """A line that ends between two factors, with the sign that they are multiplied."""
    signed = line.endswith(("·", ",", "(", "[", "{", "=", "≤", "∈", "+", "-", "⋆", "\\star", "\\cdot")) or not line
    if signed or following.startswith(("\\cdot", "+ ", "- ", ")", "]", "}")) or _ends_with_sum(line):
        return line
    return line + ("·" if columns else r" \cdot")


def _unfinished(line: str) -> bool:
    """Whether a bracket is open at the line's end, inside which it was cut."""
    plain = line.replace("\\{", "(").replace("\\}", ")")
    return any(plain.count(a) > plain.count(b) for a, b in (("(", ")"), ("[", "]"), ("{", "}")))


def _ends_with_sum(line: str) -> bool:
    """Whether the line ends with the sign of a sum and its limits."""
    at = max(line.rfind(s) for s in _SUMS)
    if at < 0:
        return False
    depth = 0
    for k in range(at, len(line)):
        depth += (line[k] == "{") - (line[k] == "}")
        if depth == 0 and line[k] == " ":
            return False
        if depth == 0 and line[k] == "}" and line[k + 1 : k + 2] not in ("^", ""):
            return False
    return True
