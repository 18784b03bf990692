"""A picture as SVG: one string, without ids, fonts, styles or anything to load."""

from __future__ import annotations

import re
from html import escape

from symderiv.render.pictures.names import Words
from symderiv.render.pictures.shapes import Box, Drawing, Line, Text, number

MARGIN = 4.0
PIXELS = 1.5
"""A point on the screen."""
MARK = "<!-- symderiv picture -->"
"""By this a file is known to be ours, and may be written again."""
_ITALIC = 'font-style="italic"'
_SIGNS = re.compile("([∂/]+)")
_FONTS = {
    "mathbf": 'font-weight="bold"', "mathrm": 'font-style="normal"', "boldsymbol": 'font-style="italic" font-weight="bold"',
    "mathsf": 'font-family="sans-serif"', "mathtt": 'font-family="monospace"',
}
FAMILY = "Latin Modern Math, STIX Two Text, Times New Roman, Noto Serif CJK SC, serif"


def svg(drawing: Drawing, title: str, description: str, label: str, family: str = FAMILY, han_font: str | None = None) -> str:
    """The drawing on white, with a title and a description, and both in one label for those who hear it.

    ``han_font`` is for a viewer that does not look a character up in the other fonts of ``family``.
    """
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    scale = PIXELS * drawing.scale
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" width="{number(width * scale)}" '
        f'height="{number(height * scale)}" viewBox="{number(-MARGIN)} {number(-MARGIN)} {number(width)} {number(height)}" '
        f'font-family="{escape(family)}">'
    )
    back = f'<rect x="{number(-MARGIN)}" y="{number(-MARGIN)}" width="{number(width)}" height="{number(height)}" fill="#FFFFFF"/>'
    lines = [head, MARK, f"<title>{escape(title)}</title>", f"<desc>{escape(description)}</desc>", back]
    return "\n".join([*lines, *(_shape(s, han_font) for s in drawing.shapes), "</svg>"])


def _shape(shape: Box | Line | Text, han_font: str | None) -> str:
    if isinstance(shape, Box):
        fill = f"#{shape.fill}" if shape.fill else "none"
        return (
            f'<rect x="{number(shape.x)}" y="{number(shape.y)}" width="{number(shape.width)}" height="{number(shape.height)}" '
            f'fill="{fill}" stroke="#{shape.stroke}" stroke-width="{number(shape.line)}"/>'
        )
    if isinstance(shape, Line):
        return (
            f'<line x1="{number(shape.x1)}" y1="{number(shape.y1)}" x2="{number(shape.x2)}" y2="{number(shape.y2)}" '
            'stroke="#9A9A9A" stroke-width="0.4"/>'
        )
    return _text(shape, han_font)


def _head(words: Words) -> str:
    """A symbol in italics, but for what has a font of its own."""
    rest, out = words.head, ""
    for symbol, font in words.fonts:
        before, _, rest = rest.partition(symbol)
        out += _run(before, _ITALIC) + _run(symbol, _FONTS[font])
    return out + _run(rest, _ITALIC)


def _run(piece: str, style: str) -> str:
    """A piece in a style; its signs are apart, since a font in italics may lack them, and then a viewer takes another for all."""
    if style == _ITALIC and (parts := [part for part in _SIGNS.split(piece) if part])[1:]:
        return "".join(_run(part, style) if not _SIGNS.match(part) else f"<tspan>{escape(part)}</tspan>" for part in parts)
    return f"<tspan {style}>{escape(piece)}</tspan>" if piece else ""


def _text(text: Text, han_font: str | None) -> str:
    """A label: its letters in italics, its subscript smaller and lower."""
    words, size = text.words, text.size
    family = f' font-family="{escape(han_font)}"' if han_font and re.search("[\u2e80-\uffff]", words.head) else ""
    plain = words.upright or re.search("[\u2e80-\uffff ]", words.head)
    head = escape(words.head) if plain else _head(words)
    sub = f'<tspan font-size="{number(size * 0.72)}" dy="{number(size * 0.2)}">{escape(words.sub)}</tspan>' if words.sub else ""
    return (
        f'<text x="{number(text.x)}" y="{number(text.y + 0.33 * size)}" font-size="{number(size)}" '
        f'text-anchor="{text.anchor}"{family} fill="#{text.colour}">{head}{sub}</text>'
    )
