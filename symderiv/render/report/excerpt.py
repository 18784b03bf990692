"""A source line with a caret under the offending symbols, cut to the terminal's width."""

from __future__ import annotations

import re

from symderiv.render.report.escape import visible
from symderiv.render.width import text_width
from symderiv.report_model import Span

_LINE_END = re.compile("\r\n|\n|\r")


def source_lines(text: str) -> list[str]:
    """The lines of a file as an editor counts them."""
    return _LINE_END.split(text)


def excerpt(lines: list[str], span: Span, room: int) -> tuple[str, str]:
    """The first line of the span and the carets under it, both at most ``room`` columns wide.

    Wide characters count two columns and combining marks none.
    """
    line = visible(lines[span.line - 1]) if span.line <= len(lines) else ""
    start = min(span.column - 1, len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line)
    end = max(start, end)
    left, right = _window(line, start, end, room - 2)
    before = "…" if left else ""
    after = "…" if right < len(line) else ""
    lead = text_width(before + line[left:start])
    carets = max(1, text_width(line[start:min(end, right)]))
    return before + line[left:right] + after, " " * lead + "^" * carets


def _window(line: str, start: int, end: int, room: int) -> tuple[int, int]:
    """Which part of the line to show: all of it, or what surrounds ``start`` to ``end``."""
    if text_width(line) <= room:
        return 0, len(line)
    left = start
    margin = max(4, (room - text_width(line[start:end])) // 2)
    while left > 0 and text_width(line[left - 1 : start]) <= margin:
        left -= 1
    right, used = left, 0
    while right < len(line) and used + (step := text_width(line[right])) <= room:
        used += step
        right += 1
    while left > 0 and used + (step := text_width(line[left - 1])) <= room:
        used += step
        left -= 1
    return left, right
