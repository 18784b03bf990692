"""LaTeX for papers and slides: widths of document classes, numbers and labels, macros that an author may redefine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from symderiv.model import SymderivError


@dataclass(frozen=True)
class DocumentClass:
    """A document class: how wide its lines are, and how a document in it begins."""

    width: float
    """Points that a line holds, as if it were set at 10pt."""
    english: str
    chinese: str
    """The preamble's first lines, the latter for xelatex."""
    opening: str = ""
    """What stands behind the document's beginning."""
    frames: bool = False
    """Its text stands in frames."""
    kept: int = 12
    """An equation of more lines than this may be broken over pages."""
    rows: int = 28
    """The lines of a table, which does not break."""
    matrix: int = 40
    """The lines of a matrix, a row of fractions counted as two."""
    picture: float = 400.0
    """The points of a picture that does not break, on slides with its caption; a taller one breaks between its panels."""


_CTEX = "\n\\usepackage[scheme=plain]{ctex}"
CLASSES = {
    "article": DocumentClass(345, r"\documentclass{article}", r"\documentclass[zihao=false]{ctexart}"),
    "a4": DocumentClass(345, r"\documentclass[a4paper]{article}", r"\documentclass[a4paper,zihao=false]{ctexart}"),
    "twocolumn": DocumentClass(229, r"\documentclass[twocolumn]{article}", r"\documentclass[twocolumn,zihao=false]{ctexart}", picture=250),
    "IEEEtran": DocumentClass(252, r"\documentclass[journal]{IEEEtran}", r"\documentclass[journal]{IEEEtran}" + _CTEX, picture=250),
    "acm": DocumentClass(
        241, "\\documentclass[sigconf,nonacm,balance=false]{acmart}\n\\settopmatter{printacmref=false}\n\\title{}",
        "\\documentclass[sigconf,nonacm,balance=false]{acmart}\n\\settopmatter{printacmref=false}\n\\title{}" + _CTEX,
        r"\maketitle", picture=250,
    ),
    "beamer": DocumentClass(275, r"\documentclass{beamer}", r"\documentclass{ctexbeamer}", frames=True, kept=3, rows=6, matrix=7, picture=170),
}
"""By the names of ``--class``. Slides are set at 11pt in a sans serif, acmart at 9pt;
the width of 10pt leaves room for its Libertine, which the tests do not have: they set Computer Modern.
Its columns are not balanced: the package that does it forgets the depth of a display that ends a column,
and a picture may be taller than half of a last page."""

NUMBER = 30.0
"""Points that the number of an equation takes of its line."""


@dataclass(frozen=True)
class Paper:
    """What a LaTeX document asks of its equations."""

    document_class: str = "article"
    number: bool = False
    """Equations that have a name are numbered."""
    label_prefix: str | None = None
    """They are numbered, and labelled by this and their name."""
    breaking: Literal["split", "multline", "none"] = "split"
    """How an equation that stands alone is broken where it is too wide."""
    sty: bool = False
    """The macros of symderiv.sty are used."""

    def __post_init__(self) -> None:
        if self.document_class not in CLASSES:
            raise SymderivError(f"--class {self.document_class}: use one of {', '.join(CLASSES)}; for any other give --width.")
        if self.breaking not in ("split", "multline", "none"):
            raise SymderivError(f"--break {self.breaking}: use one of split, multline, none.")
        if self.label_prefix is not None and not re.fullmatch(r"[A-Za-z0-9:._/+-]*", self.label_prefix):
            raise SymderivError(f"--label-prefix {self.label_prefix}: use letters, digits and : . _ / + -, as conv: for \\ref{{conv:dI}}.")

    @property
    def numbered(self) -> bool:
        """Whether named equations have numbers."""
        return self.number or self.label_prefix is not None

    @property
    def place(self) -> DocumentClass:
        """What the document class is like."""
        return CLASSES[self.document_class]

    def label(self, name: str) -> str:
        r"""``\label{conv:dI}``, or nothing."""
        return rf" \label{{{self.label_prefix}{name}}}" if name and self.label_prefix is not None else ""


def latex_rows(paper: Paper, left: str, lines: tuple[str, ...], name: str, flush: bool = False) -> str:
    """An equation inside an alignment.

    A page may break between two equations of a block, and inside one of many lines, but not beside its ends
    unless its matrices are tall.
    Of its lines the last has the number. With ``flush`` they are aligned at its left side.
    """
    text = f"&{left} = {lines[0]}" if flush else f"{left} &= {lines[0]}"
    silent = r" \notag" if paper.numbered else ""
    tall = _too_tall(paper, lines)
    for k, line in enumerate(lines[1:], 1):
        kept = not tall and (len(lines) <= paper.place.kept or k <= 2 or k >= len(lines) - 2)
        text += f"{silent} \\\\{'*' if kept else ''}\n&\\quad {line}"
    return text + (paper.label(name) if name else silent)


def may_break(paper: Paper, lines: Sequence[str]) -> bool:
    """Whether a page may break inside an equation."""
    return len(lines) > paper.place.kept or _too_tall(paper, lines)


def _too_tall(paper: Paper, lines: Sequence[str]) -> bool:
    """Whether matrices make an equation taller than may stay together: a page or a slide would not hold it."""
    heights = [_height(line) for line in lines]
    return len(heights) > 1 and max(heights) > 1 and sum(heights) > paper.place.kept * 5 / 3


_MATRIX = re.compile(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", re.DOTALL)


def _height(line: str) -> float:
    """By the height of a line of fractions: two rows of a matrix, or one row of fractions."""
    rows = ((body.count(r"\\") + 1) * (2 if r"\frac" in body else 1) for body in _MATRIX.findall(line))
    return max(1.0, max(rows, default=0) / 2)


# -- the macros of templates/latex/symderiv.sty -------------------------------------------------
_MACROS = {
    r"\sdgrad": r"\frac{\partial %s}{\partial %s}", r"\sdrot": r"\operatorname{rot}_{180}(%s)",
    r"\sdpad": r"\operatorname{pad}\left(%s\right)",
}


def grad(of: str, by: str) -> str:
    """The macro of a partial derivative."""
    return rf"\sdgrad{{{of}}}{{{by}}}"


def spelled_out(tex: str) -> str:
    """The formula with the macros written out, as they are defined: what its width is measured by."""
    for macro, body in _MACROS.items():
        while (start := tex.find(macro + "{")) >= 0:
            arguments, end = [], start + len(macro)
            for _ in range(body.count("%s")):
                stop = group_end(tex, end)
                arguments.append(tex[end + 1 : stop - 1])
                end = stop
            tex = tex[:start] + body % tuple(arguments) + tex[end:]
    return tex


def group_end(tex: str, start: int) -> int:
    """The position behind the group in braces that begins at ``start``."""
    depth = 0
    for k in range(start, len(tex)):
        depth += (tex[k] == "{") - (tex[k] == "}")
        if depth == 0:
            return k + 1
    return len(tex)
