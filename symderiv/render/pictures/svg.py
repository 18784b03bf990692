"""A picture as SVG: one string, without ids, fonts, styles or anything to load."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
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
_ALPHABETS = {
    "mathbf": "BOLD", "mathrm": "", "boldsymbol": "BOLD ITALIC", "mathsf": "SANS-SERIF", "mathtt": "MONOSPACE",
}
MATH_FONT = "New Computer Modern Math"
"""Typst has it in itself."""
FAMILY = "Latin Modern Math, STIX Two Text, Times New Roman, Noto Serif CJK SC, serif"


def svg(drawing: Drawing, title: str, description: str, label: str, family: str = FAMILY, han_font: str | None = None,
        one_font: bool = False) -> str:
    """The drawing on white, with a title and a description, and both in one label for those who hear it.

    ``han_font`` is for a viewer that does not look a character up in the other fonts of ``family``, and ``one_font``
    for one that sets a whole label in the font that has its ∂.
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
    return "\n".join([*lines, *(_shape(s, han_font, one_font) for s in drawing.shapes), "</svg>"])


def _shape(shape: Box | Line | Text, han_font: str | None, one_font: bool) -> str:
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
    return _text(shape, han_font, one_font)


def _parts(words: Words) -> Iterator[tuple[str, str | None]]:
    """The pieces of a symbol, and the font of those that have one of their own; the others are in italics."""
    rest = words.head
    for symbol, font in words.fonts:
        before, _, rest = rest.partition(symbol)
        yield from ((before, None), (symbol, font))
    yield rest, None


def _head(words: Words) -> str:
    return "".join(_run(piece, _FONTS[font] if font else _ITALIC) for piece, font in _parts(words))


def _mathematical(words: Words) -> str:
    """The same by the letters of mathematics, which one font has with its signs."""
    letters = (_letter(c, _ALPHABETS[font] if font else "ITALIC") for piece, font in _parts(words) for c in piece)
    return _run("".join(letters), f'font-family="{MATH_FONT}"')


def _letter(char: str, alphabet: str) -> str:
    """A letter of mathematics; the character itself where there is none."""
    if (char, alphabet) == ("h", "ITALIC"):
        return "ℎ"
    name = re.sub("^(?:LATIN|GREEK) (CAPITAL|SMALL) LETTER ", r"\1 ", unicodedata.name(char, ""))
    try:
        return unicodedata.lookup(f"MATHEMATICAL {alphabet} {name}")
    except KeyError:
        return char


def _run(piece: str, style: str) -> str:
    """A piece in a style; its signs are apart, since a font in italics may lack them, and then a viewer takes another for all."""
    if style == _ITALIC and (parts := [part for part in _SIGNS.split(piece) if part])[1:]:
        return "".join(_run(part, style) if not _SIGNS.match(part) else f"<tspan>{escape(part)}</tspan>" for part in parts)
    return f"<tspan {style}>{escape(piece)}</tspan>" if piece else ""


def _text(text: Text, han_font: str | None, one_font: bool) -> str:
    """A label: its letters in italics, its subscript smaller and lower."""
    (words, sup), size = text.words.raised(), text.size
    family = f' font-family="{escape(han_font)}"' if han_font and re.search("[\u2e80-\uffff]", words.head) else ""
    plain = words.upright or re.search("[\u2e80-\uffff ]", words.head)
    signed = one_font and not plain and _SIGNS.search(words.head)
    head = escape(words.head) if plain else _mathematical(words) if signed else _head(words)
    up = size * 0.38 if sup else 0.0
    raised = f'<tspan font-size="{number(size * 0.66)}" dy="{number(-up)}">{escape(sup)}</tspan>' if sup else ""
    sub = f'<tspan font-size="{number(size * 0.72)}" dy="{number(size * 0.2 + up)}">{escape(words.sub)}</tspan>' if words.sub else ""
    return (
        f'<text x="{number(text.x)}" y="{number(text.y + 0.33 * size)}" font-size="{number(size)}" '
        f'text-anchor="{text.anchor}"{family} fill="#{text.colour}">{head}{raised}{sub}</text>'
    )
