"""What a user holds after ``derive``: the derivation with its documents, SymPy matrices and gradients."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product as cartesian
from operator import index as whole
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from symderiv.formula.write import write_formula
from symderiv.index.write import write_form
from symderiv.model import Derivation, Gradient, Layer, Position, SymderivError

if TYPE_CHECKING:
    from sympy import Expr, Matrix, NDimArray

    from symderiv.explicit.matrices import Explicit
    from symderiv.render.options import Options

ONE_LINE = 1e6
"""A width at which nothing is broken."""
Lang = Literal["en", "zh"]
Expand = Literal["auto", "all", "none"]
Style = Literal["default", "notes"]
Breaking = Literal["split", "multline", "none"]
Parts = str | Sequence[str]
"""Parts of a document, as ("result", "general") or "result,general"."""
Symbols = str | Mapping[str, str]
"""Printed symbols, as {"input": "X"} or "input=X"."""


class Derived:
    """A verified derivation, with everything that a person does with one."""

    def __init__(self, data: Derivation) -> None:
        self.data = data

    def __repr__(self) -> str:
        from symderiv.render.statement import write_statement

        gradients = ", ".join(f"dL/d{g.tensor.name}" for g in self.data.gradients)
        return f"<Derived {write_statement(self.layer)}: {gradients}>"

    @property
    def layer(self) -> Layer:
        """The layer that was derived."""
        return self.data.layer

    @cached_property
    def _explicit(self) -> Explicit:
        from symderiv.explicit.matrices import Explicit

        return Explicit(self.layer)

    def matrix(self, tensor: str) -> Matrix | NDimArray | Expr:
        """I, W or b in SymPy, entry by entry; O written out.

        A Matrix for one axis (a column) or two, an array for more, a symbol for a scalar.

        Raises:
            SymderivError: there is no such tensor, or a size is a name.
        """
        names = [t.name for t in self.layer.tensors]
        if tensor not in names:
            raise SymderivError(f"there is no tensor {tensor!r}; this layer has {', '.join(names)}.")
        self._refuse_names(f"matrix({tensor!r})", "")
        if tensor != self.layer.output.name:
            return self._explicit.matrix(tensor)
        shape = self.layer.shape(tensor)
        cells = [self._explicit.output(o) for o in cartesian(*(range(1, n + 1) for n in shape))]
        return self._explicit.shaped(cells, shape)

    def gradient(self, tensor: str) -> GradientView:
        """dL/d(tensor), subscripted from 1.

        Raises:
            SymderivError: it was not derived.
        """
        names = [g.tensor.name for g in self.data.gradients]
        if tensor not in names:
            raise SymderivError(f"there is no gradient by {tensor!r}; derived are those by {', '.join(names)}.")
        return GradientView(self, self.data.gradient(tensor))

    def to_latex(
        self, *, show: Parts | None = None, expand: Expand = "auto", lang: Lang = "en", style: Style = "default",
        symbols: Symbols | None = None, index_base: int = 1, width: float | None = None, period: str | None = None,
        standalone: bool = False, document_class: str = "article", number: bool = False, label_prefix: str | None = None,
        breaking: Breaking = "split", sty: bool = False, template_dir: str | PathLike[str] | None = None,
    ) -> str:
        """The document as a LaTeX fragment that needs amsmath, or with ``standalone`` a whole document.

        The options mean what they do on the command line, where ``document_class`` is ``--class`` and ``breaking``
        is ``--break``; ``width`` is in points, by default what the class has (article: 345).

        Raises:
            SymderivError: an option can't be.
        """
        from symderiv.render.paper import Paper

        return self._render("latex", show, symbols, expand=expand, lang=lang, style=style, index_base=index_base, width=width,
                            period=period, standalone=standalone, template_dir=_folder(template_dir),
                            paper=Paper(document_class, number, label_prefix, breaking, sty))

    def to_markdown(
        self, *, show: Parts | None = None, expand: Expand = "auto", lang: Lang = "en", style: Style = "default",
        symbols: Symbols | None = None, index_base: int = 1, width: float | None = None, period: str | None = None,
        math: Literal["fence", "dollar"] = "fence", heading_level: int = 2, template_dir: str | PathLike[str] | None = None,
    ) -> str:
        """The document as Markdown; ``math="dollar"`` for pandoc, Quarto and Jupyter instead of GitHub.

        Raises:
            SymderivError: an option can't be.
        """
        return self._render("markdown", show, symbols, expand=expand, lang=lang, style=style, index_base=index_base, width=width,
                            period=period, math=math, heading_level=heading_level, template_dir=_folder(template_dir))

    def to_typst(
        self, *, show: Parts | None = None, expand: Expand = "auto", lang: Lang = "en", style: Style = "default",
        symbols: Symbols | None = None, index_base: int = 1, width: float | None = None, period: str | None = None,
        standalone: bool = False, heading_level: int = 2, template_dir: str | PathLike[str] | None = None,
    ) -> str:
        """The document as a part of a Typst document, or with ``standalone`` a whole one; ``width`` is in points (345).

        Raises:
            SymderivError: an option can't be.
        """
        return self._render("typst", show, symbols, expand=expand, lang=lang, style=style, index_base=index_base, width=width,
                            period=period, standalone=standalone, heading_level=heading_level, template_dir=_folder(template_dir))

    def to_text(
        self, *, show: Parts | None = None, expand: Expand = "auto", lang: Lang = "en", style: Style = "default",
        symbols: Symbols | None = None, index_base: int = 1, width: float | None = None, period: str | None = None,
        template_dir: str | PathLike[str] | None = None,
    ) -> str:
        """The document as plain Unicode text; ``width`` is in columns (80).

        Raises:
            SymderivError: an option can't be.
        """
        return self._render("text", show, symbols, expand=expand, lang=lang, style=style, index_base=index_base, width=width,
                            period=period, template_dir=_folder(template_dir))

    def to_json(
        self, *, expand: Expand = "auto", lang: Lang = "en", style: Style = "default", symbols: Symbols | None = None,
        index_base: int = 1, width: float | None = None,
    ) -> str:
        """The document as JSON, schema symderiv/derivation/1 (``symderiv schema derivation``).

        Raises:
            SymderivError: an option can't be.
        """
        return self._render("json", None, symbols, expand=expand, lang=lang, style=style, index_base=index_base, width=width)

    def to_html(
        self, *, show: Parts | None = None, expand: Expand = "auto", lang: Lang = "en", style: Style = "default",
        symbols: Symbols | None = None, index_base: int = 1, period: str | None = None,
        template_dir: str | PathLike[str] | None = None,
    ) -> str:
        """The document as one self-contained web page; convolution and pooling with numbers for all sizes can be explored in it.

        Raises:
            SymderivError: an option can't be.
        """
        return self._render("html", show, symbols, expand=expand, lang=lang, style=style, index_base=index_base, period=period,
                            template_dir=_folder(template_dir))

    def picture(self, kind: str, *, entry: Sequence[int] | None = None, lang: Lang = "en",
                symbols: Symbols | None = None, index_base: int = 1) -> str:
        """A picture as one string of SVG: window, entry, regions, backward, matrix or maxima.

        ``entry`` is the entry of the input that it is about, from ``index_base``.

        Raises:
            SymderivError: there is no such picture, or an option can't be.
        """
        from symderiv.render.document import picture_svg
        from symderiv.render.options import Options, symbols_of

        given = symbols_of(symbols) if isinstance(symbols, str) else _mapping(symbols or {})
        options = Options(lang=lang, symbols=given, index_base=index_base, entry=_entry(entry, index_base))
        return picture_svg(self.data, options, kind)

    def _render(self, format: str, show: Parts | None, symbols: Symbols | None, **options: Any) -> str:
        from symderiv.render.document import render
        from symderiv.render.limits import refuse_too_long
        from symderiv.render.options import Options, parts_of, refuse_no_entry, shown, symbols_of

        if show is not None:
            options["show"] = shown(parts_of("show", show) if isinstance(show, str) else _words("show", show))
        if symbols is not None:
            options["symbols"] = symbols_of(symbols) if isinstance(symbols, str) else _mapping(symbols)
        chosen = Options(format=format, **options)
        refuse_no_entry(self.layer, chosen)
        refuse_too_long(self.layer, chosen, [g.tensor.name for g in self.data.gradients])
        return "".join(render(self.data, chosen))

    def _refuse_names(self, what: str, remedy: str) -> None:
        if not self.layer.numeric:
            raise SymderivError(f"{what} needs numbers for all sizes; here {', '.join(self.layer.sizes)} stand for some.{remedy}")

    def _repr_markdown_(self) -> str:
        return self.to_markdown(math="dollar")

    def _repr_latex_(self) -> str:
        """The general gradients as one display, which MathJax and a LaTeX export both take."""
        from symderiv.render.document import general_display

        return general_display(self.data, _options("latex"))

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        """What a notebook may show, by MIME type; it chooses the richest that it can."""
        return _bundle(self, include, exclude)

    def _repr_html_(self) -> str:
        """The document as HTML with MathML, which needs no script."""
        from symderiv.embed.pages import hypertext
        from symderiv.render.report.mathml import in_page

        return in_page(hypertext(self.to_markdown(math="dollar")))


@dataclass(frozen=True)
class General:
    """A general formula, printed: ``str()`` is the text for a terminal."""

    latex: str
    text: str
    notation: str
    """One line in the language of ``--formula``."""

    def __str__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


class GradientView:
    """dL/dT: ``view[1, 2]`` is a SymPy expression, ``view.matrix()`` all of them, ``view.general`` the formula."""

    def __init__(self, owner: Derived, data: Gradient) -> None:
        self._owner, self.data = owner, data

    def __repr__(self) -> str:
        return f"<GradientView {self.general.notation}, shape {self.shape}>"

    @property
    def shape(self) -> tuple[int | str, ...]:
        """The tensor's shape; a size by name is its name."""
        return tuple(write_form(f) if f.constant is None else f.constant for f in self.data.tensor.shape)

    @property
    def general(self) -> General:
        """The general formula, for every position at once."""
        from symderiv.render.view import View
        from symderiv.render.width import tex_width, text_width

        latex, text = (
            View(self._owner.data, _options(format, ONE_LINE), width).general(self.data).text
            for format, width in (("latex", tex_width), ("text", text_width))
        )
        return General(latex, text, write_formula(self.data.formula))

    def _repr_latex_(self) -> str:
        return self.general._repr_latex_()

    def _repr_markdown_(self) -> str:
        return f"$$\n{self.general.latex}\n$$"

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        """What a notebook may show, by MIME type; it chooses the richest that it can."""
        return _bundle(self, include, exclude)

    def _repr_html_(self) -> str | None:
        """The formula as MathML, which needs no script; None where it has none."""
        from symderiv.render.report.mathml import mathml

        return mathml(self.general.latex, display=True)

    def __getitem__(self, index: int | tuple[int, ...]) -> Expr:
        """The gradient of one entry, by SymPy.

        Raises:
            IndexError: it is outside the tensor.
            TypeError: a subscript is no whole number.
            SymderivError: a size is a name.
        """
        tensor = self.data.tensor.name
        given = index if isinstance(index, tuple) else (index,)
        try:
            q = tuple(whole(x) for x in given)
        except TypeError:
            raise TypeError(f"the subscripts of dL/d{tensor} are whole numbers from 1, not {index!r}; .matrix() is the whole") from None
        self._owner._refuse_names(f"the gradient of one entry, {tensor}{list(q)},", " The formula for every size is .general.")
        layer = self._owner.layer
        shape = layer.shape(tensor)
        if len(q) != len(shape) or not all(1 <= x <= n for x, n in zip(q, shape, strict=True)):
            raise IndexError(f"{tensor}{list(q)} is outside {list(shape)}; positions count from 1")
        spans = (range(1, n + 1) for n in layer.shape(layer.output.name))
        return self._owner._explicit.derivative(tensor, q, cartesian(*spans))

    def __iter__(self) -> NoReturn:
        """Not iterable: subscripts begin at 1. Raises TypeError."""
        raise TypeError(f"the gradient by {self.data.tensor.name} is subscripted from 1; go through .matrix()")

    @property
    def expression(self) -> Expr:
        """A scalar's gradient."""
        return self[()]

    def matrix(self) -> Matrix | NDimArray | Expr:
        """Every entry's gradient: a Matrix for one axis (a column) or two, an array for more, an expression for a scalar.

        Raises:
            SymderivError: a size is a name.
        """
        self._owner._refuse_names("matrix()", " The formula for every size is .general.")
        shape = self._owner.layer.shape(self.data.tensor.name)
        found = self._by_region()
        cells = [found[q] if q in found else self[q] for q in cartesian(*(range(1, n + 1) for n in shape))]
        return self._owner._explicit.shaped(cells, shape)

    def _by_region(self) -> dict[Position, Expr]:
        """The entries whose terms a verified region holds: a matrix of them takes no time."""
        explicit, out = self._owner._explicit, {}
        for region in self.data.regions or ():
            if region.size != len(region.terms):
                continue
            for block in region.blocks:
                for q in cartesian(*block):
                    shifts = region.shifts(q) if region.terms else ()
                    terms = ([(e.tensor, e.at(shifts)) for e in t.factors] for t in region.terms)
                    out[q] = explicit.sum_of(zip((t.coefficient for t in region.terms), terms, strict=True))
        return out


def _bundle(shown: Derived | GradientView, include: Collection[str] | None, exclude: Collection[str] | None) -> dict[str, str]:
    """The representations that are asked for, by Jupyter's protocol; only those are made."""
    makers: dict[str, Callable[[], str | None]] = {
        "text/plain": shown.__repr__, "text/latex": shown._repr_latex_, "text/markdown": shown._repr_markdown_,
        "text/html": shown._repr_html_,
    }
    wanted = (t for t in makers if (not include or t in include) and t not in (exclude or ()))
    made = ((t, makers[t]()) for t in wanted)
    return {t: text for t, text in made if text is not None}


def _options(format: str, width: float | None = None) -> Options:
    from symderiv.render.options import Options

    return Options(format=format, width=width)


def _entry(given: Sequence[int] | None, base: int) -> Position | None:
    return None if given is None else tuple(whole(x) - base + 1 for x in given)


def _folder(given: str | PathLike[str] | None) -> Path | None:
    if given is None:
        return None
    folder = Path(given)
    if not folder.is_dir():
        raise SymderivError(f"template_dir: there is no folder {folder}.")
    return folder


def _words(option: str, given: Sequence[str]) -> list[str]:
    words = list(given)
    if not all(isinstance(w, str) for w in words):
        raise SymderivError(f"{option}={given!r}: give names, as ('result', 'general') or 'result,general'.")
    return words


def _mapping(given: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(given, Mapping) or not all(isinstance(s, str) for s in given.values()):
        raise SymderivError(f"symbols={given!r}: give roles and symbols, as {{'input': 'X'}} or 'input=X'.")
    return dict(given)
