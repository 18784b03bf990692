"""The lines of a document on which a marker counts: not in code, and never beside other text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from symderiv.embed.kinds import DOLLARS, LATEX, MARKDOWN, NOTEBOOK, TYPST, Kind
from symderiv.embed.text import Line

_VERBATIM = r"\\begin\{(verbatim\*?|[BLV]?Verbatim\*?|lstlisting|minted|comment|filecontents\*?)\}"


def marked(text: str, lines: Sequence[Line], kind: Kind) -> Iterator[Line]:
    """The lines that hold what is meant for a marker, in order."""
    if kind in (MARKDOWN, DOLLARS, NOTEBOOK):
        yield from _in_markdown(text, lines, kind)
    elif kind is LATEX:
        yield from _in_latex(lines, kind)
    elif kind is TYPST:
        yield from _in_typst(text, lines, kind)
    else:
        yield from (line for line in lines if kind.spot.search(line.text))


def _in_markdown(text: str, lines: Sequence[Line], kind: Kind) -> Iterator[Line]:
    """Comments that CommonMark takes for HTML: none in a fence, in indented or in inline code."""
    from markdown_it import MarkdownIt

    blocks, inline = MarkdownIt("commonmark").disable("inline"), MarkdownIt("commonmark")
    env: dict[str, Any] = {}
    # A parser's line is ours, and a byte order mark is not a character of the first one.
    for token in blocks.parse(text.removeprefix("\ufeff"), env):
        if token.map is None or not kind.spot.search(token.content):
            continue
        here = [line for line in lines[token.map[0]:token.map[1]] if kind.spot.search(line.text)]
        if token.type == "html_block":
            yield from here
        elif token.type == "inline":
            inside = [child for of in inline.parseInline(token.content, env) for child in of.children or ()]
            if any(child.type == "html_inline" and kind.spot.match(child.content) for child in inside):
                yield here[0]


def _in_latex(lines: Sequence[Line], kind: Kind) -> Iterator[Line]:
    """Comments outside verbatim text, and before the document's end. Behind a command a % is left alone."""
    verbatim = None
    for line in lines:
        if verbatim is not None:
            verbatim = None if f"\\end{{{verbatim}}}" in line.text else verbatim
            continue
        spot = kind.spot.search(line.text)
        begun = re.search(_VERBATIM, line.text)
        if begun and (spot is None or begun.start() < spot.start()):
            verbatim = begun[1] if f"\\end{{{begun[1]}}}" not in line.text[begun.end():] else None
        elif spot and not re.search(r"\\$|\\verb|(?<!\\)%", line.text[:spot.start()]):
            yield line


_HIDDEN = re.compile(r"(?<!:)//[^\r\n]*|/\*.*?(?:\*/|\Z)|(?P<ticks>`{3,}|`).*?(?:(?P=ticks)|\Z)", re.DOTALL)
"""A comment of one line, one of several, and raw text."""


def _in_typst(text: str, lines: Sequence[Line], kind: Kind) -> Iterator[Line]:
    """Comments of one line that are neither in a longer comment nor in raw text."""
    hidden = [match.span() for match in _HIDDEN.finditer(text) if not match[0].startswith("//")]
    for line in lines:
        if kind.spot.search(line.text) and not any(start <= line.start < end for start, end in hidden):
            yield line
