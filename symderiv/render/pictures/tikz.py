"""A picture as TikZ: needs the package tikz and nothing of its libraries."""

from __future__ import annotations

from symderiv.render.pictures.shapes import Box, Drawing, Line, Text, number


def tikz(drawing: Drawing) -> str:
    """The drawing; a fixed size of type keeps labels inside their cells in documents of any size."""
    colours = sorted({c for s in drawing.shapes for c in _colours(s)})
    scale = f", scale={drawing.scale:.3f}, transform shape" if drawing.scale < 1 else ""
    lines = [rf"\begin{{tikzpicture}}[x=1pt, y=-1pt, inner sep=0pt, outer sep=0pt, anchor=base{scale}]"]
    lines += [rf"\definecolor{{sd{c}}}{{HTML}}{{{c}}}" for c in colours]
    lines += map(_shape, drawing.shapes)
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _colours(shape: Box | Line | Text) -> list[str]:
    if isinstance(shape, Box):
        return [c for c in (shape.fill, shape.stroke) if c]
    return ["9A9A9A"] if isinstance(shape, Line) else [shape.colour]


def _shape(shape: Box | Line | Text) -> str:
    if isinstance(shape, Box):
        fill = f"fill=sd{shape.fill}, " if shape.fill else ""
        return (
            rf"\path[{fill}draw=sd{shape.stroke}, line width={number(shape.line)}pt] ({number(shape.x)},{number(shape.y)}) "
            f"rectangle ({number(shape.x + shape.width)},{number(shape.y + shape.height)});"
        )
    if isinstance(shape, Line):
        return (
            rf"\draw[sd9A9A9A, line width=0.4pt] ({number(shape.x1)},{number(shape.y1)}) -- "
            f"({number(shape.x2)},{number(shape.y2)});"
        )
    anchor = {"middle": "base", "end": "base east", "start": "base west"}[shape.anchor]
    size = number(shape.size)
    return (
        rf"\node[anchor={anchor}, text=sd{shape.colour}, font=\fontsize{{{size}}}{{{size}}}\selectfont] at "
        f"({number(shape.x)},{number(shape.y + 0.33 * shape.size)}) {{${shape.words.tex}$}};"
    )
