"""Pictures for a document: TikZ in LaTeX, SVG for Markdown, HTML and Typst, boxes for a terminal.

Most documents have none, so what draws is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Literal

from symderiv.model import Position
from symderiv.picture_model import KINDS, Kind, Picture
from symderiv.render.view import View
from symderiv.render.width import tex_width
from symderiv.render.wrap import HARD_SPACE

if TYPE_CHECKING:
    from symderiv.render.pictures.names import Names
    from symderiv.render.pictures.shapes import Drawing

DRAWN_COLUMNS, TEXT_COLUMNS = 36, 16
"""The most columns of a matrix that is shown whole."""
SVG_ROOM = 430.0
BORDERS = 4.0
"""What thick borders at the sides and labels that are wider than was thought may need."""
BETWEEN_PARTS = "\n\\par\\vskip8pt plus 6pt\n"
"""In LaTeX: a page may end there."""
LEAST_ON_SLIDE = 120.0
"""The height of a picture on a slide, however long its caption is: that may go on behind."""
TYPST_FONT = "New Computer Modern"
"""Typst has it in itself; a viewer of the SVG that Typst writes may not."""
Way = Literal["tikz", "image", "svg", "boxes"]


@dataclass(frozen=True)
class Shown:
    """A picture as a template places it."""

    way: Way
    body: str | None
    """TikZ, SVG, boxes, or where the image is; None where it is wider than the page."""
    caption: str
    alt: str
    """The picture's name, without mathematics."""
    points: float = 0.0
    """How wide the picture is on a page of Typst."""
    told_first: bool = False
    """Whether it goes over several slides, so that its caption stands before it."""


class Pictures:
    """A derivation's pictures in one format."""

    def __init__(self, view: View, say: Callable[..., str], entry: Position | None) -> None:
        self.view, self.say = view, say
        self._entry = entry

    @cached_property
    def _names(self) -> Names:
        from symderiv.render.pictures.names import Names

        return Names(self.view.data, self.view.options)

    @cached_property
    def way(self) -> Way:
        """How a picture stands in the document. GitHub, whose Markdown has fences, shows no SVG but from a file."""
        options = self.view.options
        if options.format == "markdown":
            return "image" if options.picture_stem or options.math == "dollar" else "boxes"
        return {"latex": "tikz", "text": "boxes"}.get(options.format, "svg")  # type: ignore[return-value]

    @cached_property
    def _all(self) -> dict[Kind, Picture]:
        draw = self.view.data.pictures
        columns = TEXT_COLUMNS if self.way == "boxes" else DRAWN_COLUMNS
        return {p.kind: p for p in draw(self._entry, columns)} if draw else {}

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that this layer has, of those that are asked for."""
        asked = [kind for kind in KINDS if shows(self.view.options.show, kind)]
        return [kind for kind in asked if kind in self._all] if asked else []

    def of(self, kind: Kind) -> Shown | None:
        """The picture as this document shows it; None where it is not asked for or the layer has none."""
        if kind not in self.kinds:
            return None
        from symderiv.render.pictures.captions import caption, title
        from symderiv.render.pictures.grids import grids
        from symderiv.render.pictures.svg import FAMILY, MARGIN

        body: str | None
        points, many = 0.0, False
        told = caption(self.say, self.view, self._names, self._all[kind], self.way == "boxes")
        if self.way == "boxes":
            body = grids(self._all[kind], self._names, self._columns)
        elif self.way == "tikz":
            parts = self._tikz(kind, told)
            body, many = BETWEEN_PARTS.join(parts), len(parts) > 1
        elif self.way == "image":
            body = self._address(kind)
        elif self.view.options.format == "typst":
            drawing = self._drawing(kind, self.view.options.room - 2 * MARGIN)
            body = self._svg(kind, drawing, f"{TYPST_FONT}, {FAMILY}", self.view.options.han_font, True)
            points = drawing.scale * (drawing.width + 2 * MARGIN)
        else:
            body = self.svg(kind)
        return Shown(self.way, body, told, title(self.say, self._all[kind]), points, many and self.view.options.paper.place.frames)

    def _drawing(self, kind: Kind, room: float) -> Drawing:
        from symderiv.render.pictures.shapes import lay_out

        return lay_out(self._all[kind], self._names, room, self._entries)

    def _tikz(self, kind: Kind, told: str) -> list[str]:
        """In parts where it is taller than a slide, with its caption, or than a column should have in one piece."""
        from symderiv.render.pictures.shapes import lay_out_parts
        from symderiv.render.pictures.tikz import tikz

        room, place = self.view.options.room - BORDERS, self.view.options.paper.place
        tall = max(place.picture - _caption_height(told, room), LEAST_ON_SLIDE) if place.frames else place.picture
        return list(map(tikz, lay_out_parts(self._all[kind], self._names, room, self._entries, tall)))

    def _address(self, kind: Kind) -> str:
        """The file beside the document, or the picture itself where there is none: notebooks show no SVG that stands in their text."""
        from base64 import b64encode
        from urllib.parse import quote

        stem = self.view.options.picture_stem
        if stem:
            return quote(f"{stem}-{kind}.svg")
        return f"data:image/svg+xml;base64,{b64encode(self.svg(kind).encode()).decode('ascii')}"

    @property
    def _columns(self) -> float:
        """Of a terminal; a fence in Markdown has as many as an old one."""
        return self.view.options.room - 4 if self.view.text else 80

    def svg(self, kind: Kind) -> str:
        """The picture as one string, for a page or a file: no ids, no styles, nothing to load.

        Raises:
            KeyError: the layer has no such picture.
        """
        return self._svg(kind, self._drawing(kind, SVG_ROOM))

    def _svg(self, kind: Kind, drawing: Drawing, family: str | None = None, han_font: str | None = None, one_font: bool = False) -> str:
        from symderiv.render.pictures.captions import caption, title
        from symderiv.render.pictures.svg import FAMILY, svg

        told = caption(self.say, self._names.text, self._names, self._all[kind], False).replace(HARD_SPACE, " ")
        _, name = self.say, title(self.say, self._all[kind])
        return svg(drawing, name, told, _("%(name)s: %(told)s", name=name, told=told), family or FAMILY, han_font, one_font)

    def _entries(self, count: int) -> str:
        _ = self.say
        return _("%(n)s entries", n=f"{count:,}") if count != 1 else _("1 entry")


def _caption_height(told: str, room: float) -> float:
    """About how many points a caption takes: prose and, between dollars, mathematics."""
    wide = sum(tex_width(piece if k % 2 else rf"\text{{{piece}}}") for k, piece in enumerate(told.split("$")))
    return 12.0 * ceil(1.1 * wide / room)


def shows(show: tuple[str, ...], kind: Kind) -> bool:
    """Whether the parts that are asked for have this picture."""
    return "pictures" in show or f"picture-{kind}" in show


def picture_files(pictures: Pictures) -> dict[str, str]:
    """The files of a Markdown document's pictures: their names and what they hold."""
    stem = pictures.view.options.picture_stem
    if pictures.way != "image" or not stem:
        return {}
    return {f"{stem}-{kind}.svg": pictures.svg(kind) + "\n" for kind in pictures.kinds}


__all__ = ["KINDS", "Pictures", "Shown", "picture_files", "shows"]
