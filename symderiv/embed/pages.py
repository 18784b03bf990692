"""From the Markdown that ``derive`` writes to what reStructuredText and HTML can show: mathematics stays LaTeX.

The Markdown is ours and has six kinds of blocks, parted by blank lines; anything else is an internal error.
"""

from __future__ import annotations

import html
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from symderiv.model import InternalError

_INLINE = re.compile(r"\$([^$\n]+)\$")
_BLOCKS = re.compile(
    r"(?P<comment><!-- .* -->)\n|(?P<heading>#{1,6} .+)\n|\$\$\n(?P<display>(?:(?!\$\$).*\n)+)\$\$\n"
    r"|(?P<table>(?:\|.*\|\n?){2,})|!\[.*\]\(data:image/svg\+xml;base64,(?P<picture>[\w+/=]+)\)\n"
    r"|(?P<paragraph>[^|#$<\s!].*|\$[^$].*)(?:\n|\Z)"
)


@dataclass(frozen=True)
class Piece:
    """One block of the document, by its kind; of a display the TeX, of a picture the SVG."""

    kind: Literal["comment", "heading", "display", "table", "picture", "paragraph"]
    text: str


def pieces_of(markdown: str) -> Iterator[Piece]:
    """The blocks of a document that ``derive`` wrote with ``--math dollar``.

    Raises:
        InternalError: it is none.
    """
    at = 0
    while at < len(markdown):
        if markdown[at] == "\n":
            at += 1
            continue
        match = _BLOCKS.match(markdown, at)
        if match is None or match.lastgroup is None:
            raise InternalError(f"no block of our Markdown: {markdown[at:at + 60]!r}")
        text = match[match.lastgroup].strip("\n")
        yield Piece(match.lastgroup, b64decode(text).decode() if match.lastgroup == "picture" else text)  # type: ignore[arg-type]
        at = match.end()


def _prose(text: str, escape: Callable[[str], str], formula: Callable[[str, str, str], str]) -> str:
    """Text with its inline formulas; ``formula`` also gets the characters beside it."""
    out, at = [], 0
    for match in _INLINE.finditer(text):
        before, after = text[match.start() - 1:match.start()], text[match.end():match.end() + 1]
        out += [escape(text[at:match.start()]), formula(match[1].strip(), before, after)]
        at = match.end()
    return "".join([*out, escape(text[at:])])


def _rows(table: str) -> list[list[str]]:
    """The cells of a table, its head first; a bar in a formula is ours and is written in TeX, so none parts cells."""
    head, _, *rows = ([cell.strip() for cell in row[1:-1].split("|")] for row in table.split("\n"))
    found = [head, *rows]
    if any(len(row) != len(head) for row in found):
        raise InternalError(f"a table with uneven rows: {table[:60]!r}")
    return found


_DRAWN = re.compile(r"\{\\centering\n(\\begin\{tikzpicture\}.*?\\end\{tikzpicture\})\n\\par\}", re.DOTALL)


def tikz_of(latex: str) -> list[str]:
    """The pictures of a fragment of LaTeX that ``derive`` wrote, each in its centre."""
    return [f"\\begin{{center}}\n{body}\n\\end{{center}}" for body in _DRAWN.findall(latex)]


# -- reStructuredText ----------------------------------------------------------------------------


def restructured(markdown: str) -> str:
    """The document for docutils and Sphinx: ``math`` directives and roles, rubrics for headings."""
    return "\n\n".join(map(_restructured, pieces_of(markdown))) + "\n"


def _restructured(piece: Piece) -> str:
    if piece.kind == "comment":
        return ".. " + piece.text.removeprefix("<!-- ").removesuffix(" -->")
    if piece.kind == "heading":
        return f".. rubric:: {_rst(piece.text.lstrip('#').strip())}"
    if piece.kind == "display":
        return ".. math::\n\n" + "\n".join(f"   {line}" for line in piece.text.split("\n"))
    if piece.kind == "picture":
        return ".. raw:: html\n\n" + "\n".join(f"   {line}" for line in piece.text.split("\n"))
    if piece.kind == "table":
        return "\n".join([".. list-table::", "   :header-rows: 1", "", *map(_list_row, _rows(piece.text))])
    return _rst(piece.text)


def _list_row(cells: Sequence[str]) -> str:
    return "\n".join(f"   {' ' if k else '*'} - {_rst(cell)}".rstrip() for k, cell in enumerate(cells))


_MARKUP = re.compile(r"[!-/:;<-@\[-`{-~]|(?:\d+|[A-Za-z]|[ivxlcdm]+)[.)]\s")
"""How a list, a comment, a rule and other blocks begin."""


def _rst(text: str) -> str:
    out = _prose(text, lambda part: re.sub(r"[\\*`_|]", r"\\\g<0>", part), _role)
    return "\\" + out if _MARKUP.match(out) and not out.startswith((":math:", "\\")) else out


def _role(tex: str, before: str, after: str) -> str:
    """A role needs a blank or punctuation on both sides; an escaped blank is one and shows nothing."""
    left = "" if not before or before in " ([{" else "\\ "
    right = "" if not after or after in " )]}.,;:!?" else "\\ "
    return f"{left}:math:`{tex}`{right}"


# -- HTML ----------------------------------------------------------------------------------------


def hypertext(markdown: str) -> str:
    r"""The document for a page with MathJax or KaTeX, between ``\(`` and ``\)``, ``\[`` and ``\]``."""
    return "\n".join(map(_hypertext, pieces_of(markdown))) + "\n"


def _hypertext(piece: Piece) -> str:
    if piece.kind == "comment":
        return piece.text
    if piece.kind == "heading":
        level, _, text = piece.text.partition(" ")
        return f"<h{len(level)}>{_html(text)}</h{len(level)}>"
    if piece.kind == "display":
        return f"<p>\\[\n{_escaped(piece.text)}\n\\]</p>"
    if piece.kind == "picture":
        # prettier would put blanks between a letter and its subscript
        return f"<!-- prettier-ignore -->\n{piece.text}"
    if piece.kind == "table":
        head, *rows = _rows(piece.text)
        body = [f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>" for row in rows]
        top = "".join(f"<th>{_html(cell)}</th>" for cell in head)
        return "\n".join(["<table>", f"<thead><tr>{top}</tr></thead>", "<tbody>", *body, "</tbody>", "</table>"])
    return f"<p>{_html(piece.text)}</p>"


def _html(text: str) -> str:
    return _prose(text, _escaped, lambda tex, before, after: f"\\({_escaped(tex)}\\)")


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
