"""Nodes as LaTeX or Unicode text. Order, signs and brackets are decided here, once for both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import takewhile

from symderiv.formula.nodes import (
    Bracket,
    Condition,
    Divides,
    Entry,
    Equal,
    IsMax,
    Node,
    Number,
    Partial,
    Power,
    Product,
    Reduce,
    Size,
    Sum,
    UnsupportedNode,
    Within,
)
from symderiv.formula.walk import negative, walk
from symderiv.index.form import Form
from symderiv.index.write import Spelling, write_form
from symderiv.render.breaks import join_terms
from symderiv.render.paper import grad

_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


MOST_KEPT = 4096
"""Entries whose text is remembered."""
HOLE = "\ue000"
"""The first character of a hole that a stamp fills later."""


def tex_name(name: str) -> str:
    """A size or index name: k1 is k_1, several letters are upright."""
    match = re.fullmatch(r"([A-Za-z])(\d+)", name)
    if match:
        return f"{match[1]}_{{{match[2]}}}" if len(match[2]) > 1 else f"{match[1]}_{match[2]}"
    return name if len(name) == 1 else rf"\mathrm{{{name}}}"


def _tex_extreme(kind: str, parts: list[str]) -> str:
    return rf"\{kind}({', '.join(parts)})"


def _grouped(text: str) -> str:
    return f"({text})" if re.search(r"[+\-]", text[1:]) else text


TEX_FORM = Spelling(
    name=tex_name, times=" ", digit_times=" ",
    floor=lambda a, b: rf"\lfloor {_grouped(a)}/{b} \rfloor",
    ceil=lambda a, b: rf"\lceil {_grouped(a)}/{b} \rceil",
    exact=lambda a, b: f"{_grouped(a)}/{b}",
    extreme=_tex_extreme,
)
TEXT_FORM = Spelling(
    name=lambda n: n.translate(_SUBSCRIPT) if re.fullmatch(r"[A-Za-z]\d+", n) else n,
    times="·", digit_times="·",
    floor=lambda a, b: f"⌊{_grouped(a)}/{b}⌋",
    ceil=lambda a, b: f"⌈{_grouped(a)}/{b}⌉",
    exact=lambda a, b: f"{_grouped(a)}/{b}",
)


@dataclass(frozen=True)
class Printer:
    """LaTeX; the text printer overrides the smallest pieces."""

    symbols: Mapping[str, str]
    compact: bool
    upstream: str
    """The canonical name of dL/dO."""
    ties: str = "first"
    spelling: Spelling = TEX_FORM
    printed: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict, compare=False, repr=False)
    """The entries printed so far: a document says each of them several times."""

    # -- smallest pieces -------------------------------------------------------------------
    times = r" \cdot "
    le, equal, divides, belongs, unequal = r"\le", "=", r"\mid", r"\in", r"\ne"
    argmax = r"\operatorname{argmax}"

    def form(self, form: Form) -> str:
        return write_form(form, self.spelling)

    def subscript(self, parts: Sequence[str]) -> str:
        if not parts:
            return ""
        return "_{" + ("" if self.tight(parts) else ", ").join(parts) + "}"

    def tight(self, parts: Sequence[str]) -> bool:
        """Whether subscripts stand without commas: single digits, or single letters; 2 beside v would be read as twice v."""
        if not self.compact:
            return False
        for p in parts:
            if len(p) != 1 and p[0] != HOLE:
                return False
        return len({p.isalpha() for p in parts}) == 1

    def gradient_of(self, of: str) -> str:
        """The derivative of the loss by what is printed already."""
        return rf"\frac{{\partial {self.symbols['L']}}}{{\partial {of}}}"

    def rotated(self, kernel: str) -> str:
        """The kernel turned by 180 degrees."""
        return rf"\operatorname{{rot}}_{{180}}({kernel})"

    def padded(self, inside: str) -> str:
        """A tensor with zeros round it."""
        return rf"\operatorname{{pad}}\left({inside}\right)"

    def fraction(self, top: str, bottom: str) -> str:
        return rf"\frac{{{top}}}{{{bottom}}}"

    def big_sum(self, index: str, low: str, high: str) -> str:
        return rf"\sum_{{{index}={low}}}^{{{high}}}"

    def big_max(self, ranges: Sequence[tuple[str, str, str]]) -> str:
        rows = [rf"{low} \le {index} \le {high}" for index, low, high in ranges]
        under = rows[0] if len(rows) == 1 else r"\substack{" + r" \\ ".join(rows) + "}"
        return rf"\max_{{{under}}}"

    def braces(self, inside: str) -> str:
        return rf"\{{ {inside} \}}"

    def round(self, inside: str, node: Node) -> str:
        """In round brackets, tall ones round what is tall; \\Bigl may stand on another line than its partner."""
        return rf"\Bigl( {inside} \Bigr)" if self._tall(node) else f"({inside})"

    def _tall(self, node: Node) -> bool:
        return any(
            isinstance(n, (Reduce, Partial)) or (isinstance(n, Entry) and n.tensor not in self.symbols)
            or (isinstance(n, Number) and n.value.denominator != 1)
            for n in walk(node)
        )

    def square(self, inside: str) -> str:
        return rf"[ {inside} ]"

    def size(self, count: str) -> str:
        return rf"\# {count}"

    # -- entries ---------------------------------------------------------------------------
    def entry(self, tensor: str, parts: Sequence[str]) -> str:
        """An entry by canonical name: O, dO, I, dI, b, the weight of a maximum."""
        key = tensor, tuple(parts)
        text = self.printed.get(key)
        if text is None:
            own = self.symbols.get(tensor)
            name = self.symbols[tensor.removeprefix("d")] if own is None else own
            text = name + self.subscript(parts)
            text = self.gradient_of(text) if own is None else text
            if len(self.printed) < MOST_KEPT:
                self.printed[key] = text
        return text

    def weight(self, at: Sequence[str], window: Sequence[str]) -> str:
        """The weight of a position in a window, under the tie rule."""
        place = f"({', '.join(at)})" if len(at) > 1 else at[0]
        argmax = self.argmax + self.subscript(window)
        if self.ties == "first":
            return self.square(f"{place} {self.equal} {argmax}")
        body = self.square(f"{place} {self.belongs} {argmax}")
        return self.fraction("1", self.size(argmax)) + " " + body if self.ties == "split" else body

    def number(self, value: Fraction) -> str:
        if value.denominator == 1:
            return str(value.numerator)
        sign = "-" if value < 0 else ""
        return sign + self.fraction(str(abs(value.numerator)), str(value.denominator))

    # -- nodes -----------------------------------------------------------------------------
    def terms(self, node: Node) -> list[tuple[bool, str]]:
        """The node's top-level terms: whether each starts with a minus, and the rest."""
        parts = node.terms if isinstance(node, Sum) else (node,)
        out = []
        for part in parts:
            minus, rest = negative(part)
            out.append((minus, self.node(rest)))
        return out

    def node(self, node: Node) -> str:
        """The node, without brackets round it."""
        if isinstance(node, Number):
            return self.number(node.value)
        if isinstance(node, Size):
            return self.form(node.form)
        if isinstance(node, Entry):
            return self.entry(node.tensor, [self.form(f) for f in node.index])
        if isinstance(node, Sum):
            return join_terms(self.terms(node))
        if isinstance(node, Product):
            return self._product(node)
        if isinstance(node, Power):
            return self._power(node)
        if isinstance(node, Reduce):
            return self._reduce(node)
        if isinstance(node, IsMax):
            return self.weight([self.form(f) for f in node.at], [self.form(f) for f in node.window])
        if isinstance(node, Bracket):
            return " ".join(self.square(self.condition(c)) for c in node.conditions)
        if isinstance(node, Partial):
            return self._partial(node)
        raise UnsupportedNode(node, "the printer")

    def condition(self, condition: Condition) -> str:
        if isinstance(condition, Equal):
            return f"{self.form(condition.left)} {self.equal} {self.form(condition.right)}"
        if isinstance(condition, Within):
            parts = (condition.low, condition.form, condition.high)
            return f" {self.le} ".join(self.form(f) for f in parts)
        if isinstance(condition, Divides):
            return f"{self.form(condition.divisor)} {self.divides} {self.form(condition.form)}"
        sign = {"<": "<", "<=": self.le, "!=": self.unequal}[condition.sign]
        return f"{self.form(condition.left)} {sign} {self.form(condition.right)}"

    def _partial(self, node: Partial) -> str:
        top = self.node(node.output)
        return rf"\frac{{\partial {top}}}{{\partial {self.node(node.wrt)}}}"

    def _power(self, node: Power) -> str:
        base = self.node(node.base)
        if node.exponent < 0:
            return self.fraction("1", base)
        plain = isinstance(node.base, (Entry, Size)) and not self._raised(node.base)
        return self.raised(base if plain else self.round(base, node.base), node.exponent)

    def raised(self, base: str, exponent: int) -> str:
        """A power of what is printed already."""
        return f"{base}^{exponent}"

    def _raised(self, node: Node) -> bool:
        """Whether the name itself has a superscript, or is a derivative, so that a power needs brackets."""
        return isinstance(node, Entry) and "^" in self.symbols.get(node.tensor, "^")

    def _product(self, node: Product) -> str:
        minus, rest = negative(node)
        if minus:
            return "-" + self.node(rest)
        text, before = "", False
        factors = node.factors
        for k, factor in enumerate(factors):
            if _is_divisor(factor):
                if k and _is_divisor(factors[k - 1]):
                    continue
                body = self._divided(_run(factors[k:]))
            else:
                body = self.node(factor)
            last = k == len(factors) - 1
            if isinstance(factor, Sum) or (isinstance(factor, Reduce) and not last) or (k and body.startswith("-")):
                body = self.round(body, factor)
            tight = before or isinstance(factor, (Bracket, Reduce, IsMax))
            gap = self.before_weight if isinstance(factor, IsMax) else " " if tight else self.times
            text += gap + body if text else body
            before = isinstance(factor, Number) or (isinstance(factor, Power) and factor.exponent < 0)
        return text

    def _divided(self, bases: Sequence[Node]) -> str:
        """1 over the product, equal sizes as a power."""
        if len(bases) == 1:
            return self.fraction("1", self.node(bases[0]))
        parts = []
        for base in dict.fromkeys(bases):
            text, count = self.node(base), bases.count(base)
            parts.append(text if count == 1 else self.raised(text, count))
        return self.fraction("1", self.spelling.times.join(parts))

    @property
    def before_weight(self) -> str:
        """What joins the weight of a maximum to the factor before it."""
        return " "

    def _reduce(self, node: Reduce) -> str:
        ranges = [(self.form_name(b.index), self.form(b.low), self.form(b.high)) for b in node.bindings]
        body = self.node(node.body)
        if node.kind == "max":
            return f"{self.big_max(ranges)} {self.braces(body)}"
        if isinstance(node.body, Sum) or body.startswith("-"):
            body = self.round(body, node.body)
        return " ".join(self.big_sum(*r) for r in ranges) + " " + body

    def form_name(self, name: str) -> str:
        return self.spelling.name(name)


def _is_divisor(node: Node) -> bool:
    """Whether it is 1 over a name; a longer divisor keeps its fraction, which a line can break behind."""
    return isinstance(node, Power) and node.exponent < 0 and isinstance(node.base, Size) and bool(node.base.form.plain_name)


def _run(factors: Sequence[Node]) -> list[Node]:
    """What the divisors at the front divide by."""
    return [f.base for f in takewhile(_is_divisor, factors) if isinstance(f, Power)]


@dataclass(frozen=True)
class MacroPrinter(Printer):
    """LaTeX by the macros of symderiv.sty."""

    def gradient_of(self, of: str) -> str:
        return grad(self.symbols["L"], of)

    def rotated(self, kernel: str) -> str:
        return rf"\sdrot{{{kernel}}}"

    def padded(self, inside: str) -> str:
        return rf"\sdpad{{{inside}}}"

    def _partial(self, node: Partial) -> str:
        return grad(self.node(node.output), self.node(node.wrt))


@dataclass(frozen=True)
class TextPrinter(Printer):
    """Unicode, one line."""

    spelling: Spelling = TEXT_FORM
    times = "·"
    le, equal, divides, belongs, unequal = "≤", "=", "|", "∈", "≠"
    argmax = "argmax"

    def subscript(self, parts: Sequence[str]) -> str:
        if not parts:
            return ""
        if self.tight(parts):
            joined = "".join(parts)
            return joined.translate(_SUBSCRIPT) if joined.isdigit() else "_" + joined
        if len(parts) == 1 and (parts[0].isalnum() or parts[0][0] == HOLE):
            return parts[0].translate(_SUBSCRIPT) if parts[0].isdigit() else "_" + parts[0]
        return "_{" + ", ".join(parts) + "}"

    def rotated(self, kernel: str) -> str:
        return f"rot180({kernel})"

    def padded(self, inside: str) -> str:
        return f"pad({inside})"

    def gradient_of(self, of: str) -> str:
        return f"∂{self.symbols['L']}/∂{of}"

    def raised(self, base: str, exponent: int) -> str:
        return base + str(exponent).translate(_SUPERSCRIPT)

    def fraction(self, top: str, bottom: str) -> str:
        bottom = f"({bottom})" if "·" in bottom and not re.search(r"[+\-]", bottom[1:]) else bottom
        return f"{_grouped(top)}/{_grouped(bottom)}" if top != "1" or not bottom.isdigit() else f"1/{bottom}"

    def big_sum(self, index: str, low: str, high: str) -> str:
        return f"Σ_{{{index}={low}}}^{{{high}}}"

    def big_max(self, ranges: Sequence[tuple[str, str, str]]) -> str:
        return "max_{" + ", ".join(f"{low} ≤ {index} ≤ {high}" for index, low, high in ranges) + "}"

    def braces(self, inside: str) -> str:
        return f"{{{inside}}}"

    def round(self, inside: str, node: Node) -> str:
        return f"({inside})"

    def square(self, inside: str) -> str:
        return f"[{inside}]"

    @property
    def before_weight(self) -> str:
        return self.times if self.ties == "split" else " "

    def size(self, count: str) -> str:
        return f"#{count}"

    def _partial(self, node: Partial) -> str:
        return f"∂{self.node(node.output)}/∂{self.node(node.wrt)}"


def unicode_subscripts(text: str) -> str:
    """O_11, filled in after it was printed, as the printer would have written it."""
    return re.sub(r"_(\d+)", lambda m: m[1].translate(_SUBSCRIPT), text)
