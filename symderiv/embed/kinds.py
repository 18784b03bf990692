"""The kinds of documents, by the name's ending: how a marker is written, and what stands between two."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from symderiv.embed.flow import flowing, flowing_latex
from symderiv.embed.pages import hypertext, restructured
from symderiv.embed.text import normal, normal_html

_SEAL = r"(?P<seal>[^\r\n]*?)"


@dataclass(frozen=True)
class Kind:
    """How documents of a kind are marked.

    ``spot`` finds what is meant for a marker anywhere in a line, ``opening`` and ``closing`` match the whole line.
    """

    name: str
    format: str
    """What ``derive`` writes for it."""
    spot: re.Pattern[str]
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    begin: str
    end: str
    """The markers as one types them."""
    math: str | None = None
    """``--math`` where that is not the default of ``derive``."""
    heading_level: int | None = None
    """The same of ``--heading-level``."""
    has_levels: bool = True
    """Whether ``--heading-level`` means something."""
    padded: bool = True
    """A blank line stands inside each marker."""
    convert: Callable[[str], str] | None = None
    """From what ``derive`` writes to what the document can show."""
    normal: Callable[[Sequence[str]], str] = normal
    """What of a block's lines counts, whatever formatters do to them."""
    flow: Callable[[Sequence[str], int], str] | None = None
    """The same where they wrap prose and indent blocks anew: lines as they stand in the document, and the directive's column."""
    label: re.Pattern[str] | None = None
    """A name that a document may have once."""


def _comments(
    name: str, math: str | None = None, convert: Callable[[str], str] | None = None, same: Callable[[Sequence[str]], str] = normal,
    heading_level: int | None = None,
) -> Kind:
    return Kind(
        name, "markdown", re.compile(r"<!--[ \t]*(?:symderiv[ \t]*:|/[ \t]*symderiv\b)"),
        re.compile(r"(?P<prefix>\ufeff?[ \t>]*)<!--[ \t]*symderiv[ \t]*:(?P<directive>[^\r\n]*?)-->[ \t]*"),
        re.compile(rf"[ \t>]*<!--[ \t]*/[ \t]*symderiv\b{_SEAL}(?P<gap>[ \t]*)-->[ \t]*"),
        "<!-- symderiv: ... -->", "<!-- /symderiv -->", math, heading_level, convert=convert, normal=same,
        flow=flowing if same is normal else None,
    )


MARKDOWN = _comments("Markdown")
DOLLARS = _comments("Markdown", "dollar")
"""For pandoc, Quarto and Jupyter."""
NOTEBOOK = _comments("notebook", "dollar")
"""The text of a Markdown cell."""
LATEX = Kind(
    "LaTeX", "latex", re.compile(r"%[% \t]*(?:symderiv[ \t]*:|/[ \t]*symderiv\b)"),
    re.compile(r"(?P<prefix>\ufeff?[ \t]*)%+[ \t]*symderiv[ \t]*:(?P<directive>[^\r\n]*)"),
    re.compile(rf"[ \t]*%+[ \t]*/[ \t]*symderiv\b{_SEAL}(?P<gap>[ \t]*)"),
    "% symderiv: ...", "% /symderiv", padded=False, flow=flowing_latex, label=re.compile(r"\\label\{([^}]*)\}"),
)
RESTRUCTURED = Kind(
    "reStructuredText", "markdown", re.compile(r"(?:^|(?<=\r))\ufeff?\.\.[ \t]+(?:symderiv[ \t]*:(?!:)|/[ \t]*symderiv\b)", re.M),
    re.compile(r"(?P<prefix>\ufeff?)\.\.[ \t]+symderiv[ \t]*:(?!:)(?P<directive>[^\r\n]*)"),
    re.compile(rf"\.\.[ \t]+/[ \t]*symderiv\b{_SEAL}(?P<gap>[ \t]*)"),
    ".. symderiv: ...", ".. /symderiv", "dollar", has_levels=False, convert=restructured,
)
"""Its markers stand at the line's start: indented text may be a literal block."""
TYPST = Kind(
    "Typst", "typst", re.compile(r"(?:^|(?<=\r))\ufeff?[ \t]*///*[ \t]*(?:symderiv[ \t]*:|/[ \t]*symderiv\b)", re.M),
    re.compile(r"(?P<prefix>\ufeff?[ \t]*)///*[ \t]*symderiv[ \t]*:(?P<directive>[^\r\n]*)"),
    re.compile(rf"[ \t]*///*[ \t]*/[ \t]*symderiv\b{_SEAL}(?P<gap>[ \t]*)"),
    "// symderiv: ...", "// /symderiv",
)
HTML = _comments("HTML", "dollar", hypertext, normal_html, 3)
BY_NAME = {
    ".md": MARKDOWN, ".markdown": MARKDOWN, ".mkd": MARKDOWN, ".qmd": DOLLARS, ".rmd": DOLLARS,
    ".tex": LATEX, ".ltx": LATEX, ".latex": LATEX,
    ".ipynb": NOTEBOOK, ".rst": RESTRUCTURED, ".typ": TYPST, ".html": HTML, ".htm": HTML,
}


def kind_of(name: str) -> Kind | None:
    """The kind of a file; None where its name gives none."""
    return BY_NAME.get(PurePath(name).suffix.lower())
