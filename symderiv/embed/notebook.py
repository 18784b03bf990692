"""Notebooks: the blocks of their Markdown cells, edited inside the JSON's own strings.

nbformat says whether the file is a notebook; it is not asked to write one, since it would lay the whole file out anew.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]

from symderiv.embed.kinds import NOTEBOOK
from symderiv.embed.plan import Edit, Fault, Judged, Planned, Wish, edited, plan
from symderiv.embed.text import lines_of
from symderiv.model import InternalError, SymderivError

_BLANK = re.compile(r"[ \t\r\n]*")
_CHARACTER = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.S)
Span = tuple[int, int]


def plan_notebook(text: str, wish: Wish, name: str) -> Planned:
    """Judge and fill the blocks of every Markdown cell.

    Raises:
        SymderivError: nbformat is missing, or the file is no notebook that it takes.
    """
    if not NOTEBOOK.spot.search(text):
        return Planned(text)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    _validate(body)
    blocks: list[Judged] = []
    faults: list[Fault] = []
    edits: list[Edit] = []
    wanted: list[str] = []
    for number, source in _markdown_cells(body):
        planned = plan(source.text, NOTEBOOK, wish, lambda line, n=number: f"{name}: cell {n}, line {line}")  # type: ignore[misc]
        blocks += planned.blocks
        faults += planned.faults
        wanted.append(planned.text)
        for edit in planned.edits:
            edits += source.raw(edit)
    after = edited(body, edits)
    if [source.text for _, source in _markdown_cells(after)] != wanted:
        raise InternalError(f"{name}: the notebook would not read as planned")
    return Planned(mark + after, tuple(blocks), tuple(faults))


def _validate(text: str) -> None:
    try:
        from nbformat import ValidationError, reader, validate
    except ImportError:
        raise SymderivError("a notebook with directives needs nbformat: pip install 'symderiv[notebook]'.") from None
    try:
        found = json.loads(text)
        format_ = found.get("nbformat") if isinstance(found, dict) else None
        if isinstance(format_, int) and format_ != 4:
            raise SymderivError(f"the notebook has format {format_}: open it in Jupyter and save it, which makes it 4.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            validate(reader.reads(text), version=4)
    except (ValueError, AttributeError, TypeError, ValidationError, RecursionError) as error:
        if isinstance(error, SymderivError):
            raise
        said = (str(error).splitlines() or [""])[0][:120]
        raise SymderivError(f"this is no valid notebook ({said}): open it in Jupyter and save it.") from error


@dataclass(frozen=True)
class _Source:
    """A cell's source: its text, and the spans of the JSON strings that it is made of."""

    json: str
    strings: tuple[Span, ...]

    @property
    def parts(self) -> list[str]:
        return [json.loads(self.json[start:stop], strict=False) for start, stop in self.strings]

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def raw(self, edit: Edit) -> list[Edit]:
        """The same edit in the notebook's text: whole strings where lines are strings, else inside one.

        Raises:
            SymderivError: the strings are cut elsewhere.
        """
        starts, at = [], 0
        for part in self.parts:
            starts.append(at)
            at += len(part)
        if edit.start in starts and edit.stop in starts and len(starts) > 1 and (not edit.text or edit.text.endswith(("\n", "\r"))):
            first, last = (self.strings[starts.index(offset)][0] for offset in (edit.start, edit.stop))
            between = self.json[self.strings[0][1]:self.strings[1][0]]
            return [Edit(first, last, "".join(self._quoted(line.text + line.ending) + between for line in lines_of(edit.text)))]
        for start, (opening, closing) in zip(starts, self.strings, strict=True):
            characters = [m.start() for m in _CHARACTER.finditer(self.json[:closing - 1], opening + 1)] + [closing - 1]
            if start <= edit.start and edit.stop < start + len(characters):
                first, last = characters[edit.start - start], characters[edit.stop - start]
                return [Edit(first, last, self._quoted(edit.text)[1:-1])]
        raise SymderivError("a cell's text is not cut at its lines: open the notebook in Jupyter and save it.")

    def _quoted(self, text: str) -> str:
        """As the notebook writes characters beyond ASCII."""
        return json.dumps(text, ensure_ascii=self.json.isascii() and "\\u" in self.json)


def _markdown_cells(text: str) -> Iterator[tuple[int, _Source]]:
    """The Markdown cells with their numbers from 1."""
    members = dict(_members(text, _skip(text, 0)))
    if "cells" not in members:
        return
    for number, cell in enumerate(_items(text, members["cells"][0]), 1):
        fields = dict(_members(text, cell[0]))
        if json.loads(text[slice(*fields["cell_type"])]) == "markdown":
            source = fields["source"]
            strings = (source,) if text[source[0]] == '"' else tuple(_items(text, source[0]))
            yield number, _Source(text, strings)


def _skip(text: str, at: int) -> int:
    """Behind the blanks."""
    match = _BLANK.match(text, at)
    assert match is not None
    return match.end()


_DECODER = json.JSONDecoder(strict=False)


def _members(text: str, at: int) -> Iterator[tuple[str, Span]]:
    """The members of the object at an offset, each with its value's span."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = scanstring(text, at + 1, False)
        start = _skip(text, _skip(text, at) + 1)
        _, stop = _DECODER.raw_decode(text, start)
        yield key, (start, stop)
        at = _skip(text, stop)
        at = _skip(text, at + 1) if text[at] == "," else at


def _items(text: str, at: int) -> Iterator[Span]:
    """The spans of the items of the list at an offset."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        _, stop = _DECODER.raw_decode(text, at)
        yield at, stop
        at = _skip(text, stop)
        at = _skip(text, at + 1) if text[at] == "," else at
