"""The blocks of a document: a directive, what stands beneath it, and the closing marker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from symderiv.embed.kinds import Kind
from symderiv.embed.places import marked
from symderiv.embed.text import Line, lines_of, without_prefix, without_quote

_MARK = re.compile(r"symderiv[ \t]*:(?!:)|/[ \t]*symderiv\b")
"""What every marker has, of any kind."""


class MarkerError(Exception):
    """A marker that can't be: its line, and what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Block:
    """One directive with its contents, as spans of the document's text."""

    directive: str
    line: int
    prefix: str
    """What each of its lines begins with, inside a list or a quotation."""
    ending: str
    """The line ending of the directive, which the contents take."""
    inner: tuple[int, int]
    seal: tuple[int, int]
    """Where the closing marker holds its digest."""
    digest: str | None
    contents: tuple[str, ...]
    """The lines between the markers, without ending and prefix."""
    placed: tuple[str, ...]
    """The same without the signs of a quotation only, as they are indented."""
    column: int
    """Where the directive stands in these."""


@lru_cache(maxsize=16)  # a document is gone through for what it asks, and again for the answers
def find_blocks(text: str, kind: Kind) -> tuple[Block, ...]:
    """The blocks of a document, in order.

    Raises:
        MarkerError: a marker is not closed, not opened, inside another block, damaged or not alone on its line.
    """
    if not kind.spot.search(text):
        return ()
    lines = lines_of(text)
    found: list[Block] = []
    open_at: tuple[Line, re.Match[str]] | None = None
    for line in marked(text, lines, kind):
        if len(_MARK.findall(line.text)) > 1:
            raise MarkerError(line.number, f"two markers on one line: write one a line, {kind.begin} and beneath it {kind.end} on a line of its own.")
        opening, closing = kind.opening.fullmatch(line.text), kind.closing.fullmatch(line.text)
        if opening:
            if open_at is not None:
                raise MarkerError(line.number, f"a directive inside the block of line {open_at[0].number}: close that one first, with {kind.end}.")
            open_at = line, opening
        elif closing:
            if open_at is None:
                raise MarkerError(line.number, f"{kind.end} closes nothing: write {kind.begin} above it, or take it out.")
            found.append(_block(lines, *open_at, line, closing, kind))
            open_at = None
        else:
            raise MarkerError(line.number, f"a marker must stand alone on one line, as {kind.begin} or {kind.end}.")
    if open_at is not None:
        raise MarkerError(open_at[0].number, f"this directive is not closed: write {kind.end} on a line beneath it.")
    return tuple(found)


def _block(lines: list[Line], first: Line, opening: re.Match[str], last: Line, closing: re.Match[str], kind: Kind) -> Block:
    seal = re.fullmatch(r"[ \t]*([0-9a-f]*)", closing["seal"])
    if seal is None:
        raise MarkerError(last.number, f"{closing['seal'].strip()!r} in the closing marker is not a digest: write {kind.end} alone.")
    prefix = opening["prefix"].removeprefix("\ufeff")
    start, stop = closing.span("seal")
    inside = [line.text for line in lines[first.number:last.number - 1]]
    return Block(
        opening["directive"].strip(), first.number, prefix, first.ending, (first.stop, last.start),
        (last.start + start, last.start + stop), seal[1] or None,
        tuple(without_prefix(line, prefix) for line in inside), tuple(without_quote(line, prefix) for line in inside),
        len(without_quote(prefix, prefix).expandtabs(4)),
    )
