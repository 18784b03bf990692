"""The labels of a picture in a document's letters, for TeX, for SVG and for a terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from symderiv.model import Derivation
from symderiv.picture_model import Label, Picture, Ref, Tick
from symderiv.render.options import Options
from symderiv.render.view import View, slashed
from symderiv.render.width import tex_width, text_width

_FONT = re.compile(r"\{?\\(mathbf|mathrm|mathsf|mathtt|boldsymbol)\b")


_RAISED = re.compile(r"(.+)\^(\([^()]*\)|.)")


@dataclass(frozen=True)
class Words:
    """One label: TeX without dollars, plain text, and the plain text's parts."""

    tex: str
    text: str
    head: str
    sub: str = ""
    fonts: tuple[tuple[str, str], ...] = ()
    """Symbols in the head, in their order, that TeX sets in a font of their own, as mathbf."""

    @property
    def upright(self) -> bool:
        """Whether it is a number or a sign."""
        return not any(c.isalpha() for c in self.head)

    def raised(self) -> tuple[Words, str]:
        """The label without its superscript, as K^(l) has one, and that."""
        match = _RAISED.fullmatch(self.head)
        if match is None:
            return self, ""
        fonts = tuple((symbol.removesuffix(f"^{match[2]}"), font) for symbol, font in self.fonts)
        return replace(self, head=match[1], fonts=fonts), match[2]

    def width(self, size: float) -> float:
        """About how wide it is, in points; an SVG has the subscript behind the superscript."""
        more = (0.08 * len(self.sub) if size < 8 else 0) + (0.36 * len(self.raised()[1]) if self.sub else 0)
        return (tex_width(self.tex) / 10 + more) * size


class Names:
    """Prints a derivation's labels."""

    def __init__(self, data: Derivation, options: Options) -> None:
        self.tex = View(data, replace(options, format="latex", width=None), tex_width)
        self.text = View(data, replace(options, format="text", width=None), text_width)
        self.upstream = data.layer.upstream

    @cached_property
    def upstream_letter(self) -> str | None:
        """What stands for the upstream gradient in a cell, which dL/dO does not fit; None where a symbol was chosen."""
        if self.upstream in self.text.symbols:
            return None
        return next(c for c in "gGhHuv" if c not in self.text.symbols.values())

    def label(self, label: Label, picture: Picture | None = None, bare: bool = False) -> Words:
        """A label; in a cell, where the picture is given, without sample and channel; ``bare`` is only its subscripts."""
        if label is None:
            return Words("", "", "")
        if isinstance(label, Fraction):
            return self._number(label)
        index = label.index[len(picture.lead) if picture else 0 :]
        if bare:
            sub = self._with_index("", "", index).sub
            return Words(sub, sub, sub)
        if label.tensor == self.upstream and self.upstream_letter:
            head = tex_head = self.upstream_letter
        elif label.tensor in self.text.symbols:
            head, tex_head = self.text.symbols[label.tensor], self.tex.symbols[label.tensor]
        else:
            head = self.text.print.entry(label.tensor, [])
            whole = slashed(self.tex.print.entry(label.tensor, self.tex.index(index)))
            return replace(self._with_index(head, whole, index), fonts=self._fonts("L", label.tensor.removeprefix("d")))
        words = self._with_index(head, tex_head + self.tex.print.subscript(self.tex.index(index)), index)
        return replace(words, fonts=self._fonts(label.tensor))

    def _fonts(self, *tensors: str) -> tuple[tuple[str, str], ...]:
        """The symbols of these tensors that have a font of their own."""
        found = ((self.text.symbols.get(t, ""), _FONT.match(self.tex.symbols.get(t, ""))) for t in tensors)
        return tuple((symbol, font[1]) for symbol, font in found if font)

    def _with_index(self, head: str, tex: str, index: tuple[int, ...]) -> Words:
        parts = self.text.index(index)
        sub = ("" if self.text.print.tight(parts) or len(parts) < 2 else ", ").join(parts)
        return Words(tex, head + self.text.print.subscript(parts), head, sub)

    def _number(self, number: Fraction) -> Words:
        text = self.text.print.number(number)
        return Words(text, text, text.replace("-", "−"))

    def tick(self, tick: Tick, picture: Picture) -> Words:
        """What stands beside a row or column."""
        if tick is None:
            return Words(r"\cdots", "⋯", "⋯")
        if isinstance(tick, Ref):
            return self.label(tick, picture)
        return self._number(Fraction(tick + self.text.base))
