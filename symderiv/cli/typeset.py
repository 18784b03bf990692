"""Formats that are not written but made from another: pages and pictures by Typst or TeX, Word documents by pandoc."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from symderiv.model import Derivation, SymderivError, Tick

MOST_TEXT = 4_000_000
"""Characters that are made into pages: these take half a minute and two gigabytes."""


@dataclass(frozen=True)
class Source:
    """What ``render`` writes for a format."""

    format: str
    standalone: bool = False
    tall: bool = False
    math: Literal["dollar"] | None = None


def source_of(format_: str, engine: str) -> Source:
    """The source that a format is made from; the format itself where it is written."""
    if format_ == "pdf":
        return Source(engine, standalone=True)
    if format_ in ("png", "svg"):
        return Source("typst", standalone=True, tall=True)
    return Source("markdown", math="dollar") if format_ == "docx" else Source(format_)


@dataclass(frozen=True)
class Typesetter:
    """What makes a format from its source."""

    format: str
    engine: str
    han_font: str | None
    """The font for Chinese, where the document is in Chinese and Typst sets it."""

    def made(self, data: Derivation, options: Any, further: Sequence[Derivation], tick: Tick) -> bytes:
        """The document's bytes.

        Raises:
            SymderivError: what makes them can't.
        """
        from symderiv.render.document import render

        if self.han_font:
            options = replace(options, han_font=self.han_font)
        pieces, size = [], 0
        for piece in render(data, options, further, tick):
            pieces.append(piece)
            size += len(piece)
            if size > MOST_TEXT:
                raise SymderivError(
                    f"--format {self.format}: over {MOST_TEXT // 10**6} million characters of formulas are too many for pages. "
                    "Use --expand none, --show with fewer parts, or --format latex."
                )
        return self._make(options.lang)("".join(pieces))

    def _make(self, lang: str) -> Callable[[str], bytes]:
        from symderiv.typeset import latex, pandoc, typst

        if self.format == "docx":
            return lambda source: pandoc.docx(source, lang, "symderiv")
        if self.engine == "latex" and self.format == "pdf":
            return latex.typeset
        return lambda source: typst.typeset(source, self.format, lang == "zh")


def typesetter_of(given: dict[str, Any]) -> Typesetter | None:
    """What makes the format asked for; None where it is written straight.

    Raises:
        SymderivError: a program or a font is missing, or the bytes would go to a terminal.
    """
    from symderiv.cli.output import chosen_format, to_terminal

    format_ = chosen_format(given["format_"], given["output"])
    if format_ not in ("pdf", "png", "svg", "docx"):
        return None
    if format_ != "svg" and to_terminal(given["output"]):
        raise SymderivError(f"--format {format_} is no text for a terminal: name a file, as -o notes.{format_}.")
    from symderiv.typeset import latex, pandoc, typst

    font = None
    if format_ == "docx":
        pandoc.refuse_no_pandoc()
    elif format_ == "pdf" and given["pdf_engine"] == "latex":
        latex.engine()
    else:
        typst.refuse_no_typst(format_)
        font = typst.han_font(format_) if "zh" in given["lang"] else None
    return Typesetter(format_, given["pdf_engine"], font)
