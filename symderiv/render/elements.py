"""Element equations: a region's formula printed once, every member stamped from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from itertools import product as cartesian

from symderiv.formula.walk import substitute
from symderiv.model import Gradient, Position, Region, Template, TemplateEntry
from symderiv.render.kinds import kinds
from symderiv.render.printer import unicode_subscripts
from symderiv.render.stamp import Holes, Stamp, stamped
from symderiv.render.view import Equation, View, count_of

AUTO_ELEMENTS = 100
AUTO_TERMS = 1500
AUTO_EACH = 60
"""So many equations, terms in all of them, and terms in one, are written without being asked for."""
BLOCK = 40
MOST_TERMS = 400
"""An element with more terms is written as its sum."""


class Elements:
    """The elements of a derivation's tensors, in the view's letters and width."""

    def __init__(self, view: View, tick: Callable[[str, int, int], None]) -> None:
        self.view, self.tick = view, tick

    def shows_elements(self, count: int, each: int = 1) -> bool:
        """Whether ``count`` element equations of up to ``each`` terms are written."""
        expand = self.view.options.expand
        terms = count * (1 if self._is_long(each) else each)
        return expand == "all" or (expand == "auto" and count <= AUTO_ELEMENTS and terms <= AUTO_TERMS)

    def summed(self, gradient: Gradient) -> bool:
        """Whether the elements are written as their sums, since nobody reads so many terms."""
        return gradient.regions is None or self._is_long(gradient.terms_each)

    def shortened(self, gradient: Gradient) -> bool:
        """Whether they are so, and ``--expand all`` would write their terms."""
        return self.summed(gradient) and gradient.regions is not None and gradient.terms_each <= MOST_TERMS

    def _is_long(self, each: int) -> bool:
        return each > (AUTO_EACH if self.view.options.expand == "auto" else MOST_TERMS)

    def sum_of(self, left: str, terms: Sequence[tuple[bool, str]], name: str = "") -> Equation:
        """left = the terms, broken as wide as their holes may become."""
        return self.view.broken(left, terms, self._measure, name=name)

    def _measure(self, text: str) -> float:
        """The width of a text with its holes filled."""
        if "\ue000" in text:
            text = re.sub("\ue000\\d+\ue001", self._digits, text)
        return self.view.width(unicode_subscripts(text) if self.view.options.format == "text" else text)

    @cached_property
    def _digits(self) -> str:
        """As many digits as a subscript may have."""
        forms = (f.constant or 0 for t in self.view.layer.tensors for f in t.shape)
        return "8" * len(str(max(forms, default=0)))

    def template(self, term: Template, holes: Holes) -> tuple[bool, str]:
        """A term of an element with its holes."""
        base = self.view.base
        factors = []
        for entry in term.factors:
            marks = [holes.mark((b + base, cs)) for b, cs in entry.index]
            if entry.tensor == "is_max":
                cut = self.pooled_rank
                factors.append(self.view.print.weight(marks[:cut], marks[cut:]))
            elif entry.tensor == "max" and self.view.layer.pooled:
                cells = self.view.data.windows.get(tuple(b for b, _ in entry.index), ())
                inside = ", ".join(self.view.print.entry(self.view.layer.pooled.name, self.view.index(c)) for c in cells)
                most = self.view.sign(r"\max ", "max") + self.view.print.braces(inside)
                alone = len(term.factors) == 1 and term.coefficient == 1
                factors.append(most if cells else self.view.infinity if alone else f"({self.view.infinity})")
            else:
                factors.append(self.view.print.entry(entry.tensor, marks))
        factors, weights = self._powers(term, factors)
        text = ""
        c = abs(term.coefficient)
        if c != 1 or not factors:
            text = self.view.print.number(c)
        for k, factor in enumerate(factors):
            gap = self.view.print.before_weight if weights[k] else " " if k == 0 and c != 1 else self.view.print.times
            text += gap + factor if text else factor
        return term.coefficient < 0, text

    def _powers(self, term: Template, printed: Sequence[str]) -> tuple[list[str], list[bool]]:
        """The printed factors, a repeated one as a power, and which of them are weights."""
        if len(set(term.factors)) == len(term.factors):
            return list(printed), [e.tensor == "is_max" for e in term.factors]
        factors: list[str] = []
        weights: list[bool] = []
        counts = Counter(term.factors)
        for entry, text in zip(term.factors, printed, strict=True):
            if not (count := counts.pop(entry, 0)):
                continue
            raised = "^" in self.view.print.symbols.get(entry.tensor, "")
            base = f"({text})" if raised and count > 1 else text
            factors.append(self.view.print.raised(base, count) if count > 1 else text)
            weights.append(entry.tensor == "is_max")
        return factors, weights

    def region_equation(self, gradient: Gradient, region: Region, holes: Holes) -> Equation:
        """The formula of a region with holes."""
        axes = len(gradient.tensor.shape)
        start = (0,) * axes if region.name == "zero" else region.representative
        units = [tuple(u if k == x else 0 for k in range(axes)) for x, u in enumerate(region.units)]
        place = [holes.mark((t + self.view.base, u)) for t, u in zip(start, units, strict=True)]
        left = self.view.print.entry("d" + gradient.tensor.name, place)
        return self.sum_of(left, [self.template(t, holes) for t in region.terms], self.view.named("d" + gradient.tensor.name, *place))

    def elements(self, gradient: Gradient, join: Callable[[Equation], str]) -> Iterator[str]:
        """Every element equation's text, in row-major order; lazily."""
        shape = self.view.layer.shape(gradient.tensor.name)
        total = count_of(shape)
        if gradient.regions is None or self.summed(gradient):
            yield from self._told((join(e) for e in self._summed(gradient, shape)), total)
            return

        def one(region: Region) -> Stamp:
            holes = Holes()
            return Stamp.of(join(self.region_equation(gradient, region, holes)), holes)

        yield from self._told(stamped(gradient.regions, one, shape), total)

    def _told(self, items: Iterator[str], total: int) -> Iterator[str]:
        """The items; from time to time how many there were is told."""
        text = self.view.options.format == "text"
        for k, item in enumerate(items):
            if k % 1000 == 0:
                self.tick("write", k, total)
            yield unicode_subscripts(item) if text else item

    def _summed(self, gradient: Gradient, shape: Sequence[int]) -> Iterator[Equation]:
        """Elements with many terms, each as its sum."""
        letters = [b.index for b in gradient.formula.bindings]
        for q in cartesian(*(range(1, n + 1) for n in shape)):
            values = dict(zip(letters, q, strict=True))
            body = substitute(gradient.formula.body, values)
            left = self.view.print.entry("d" + gradient.tensor.name, self.view.index(q))
            name = self.view.named("d" + gradient.tensor.name, *self.view.index(q))
            yield self.view.broken(left, self.view.print.terms(self.view.rebased(body)), name=name)

    def entry(self, gradient: Gradient, q: Sequence[int]) -> Equation:
        """The element that is worked through; among the elements it has another name."""
        return replace(self.element(gradient, q), name=self.view.named("d" + gradient.tensor.name, "entry"))

    def element(self, gradient: Gradient, q: Sequence[int]) -> Equation:
        """One element."""
        region, holes = _region_of(gradient, q), Holes()
        equation = self.region_equation(gradient, region, holes)
        shifts = tuple(q) if region.name == "zero" else region.shifts(tuple(q))
        filled = _filled(equation, holes, shifts)
        if self.view.options.format != "text":
            return filled
        return replace(filled, left=unicode_subscripts(filled.left), lines=tuple(map(unicode_subscripts, filled.lines)))

    def terms_at(self, gradient: Gradient, q: Position) -> list[tuple[Fraction, list[tuple[str, Position]]]]:
        """One element's terms: the coefficient, and of each factor the tensor and the subscripts."""
        region = _region_of(gradient, q)
        if not region.terms:
            return []
        shifts = region.shifts(q)
        return [(t.coefficient, [(e.tensor, e.at(shifts)) for e in t.factors]) for t in region.terms]

    def kinds(self, gradient: Gradient) -> dict[str, list[Position]]:
        """The positions by kind, as handwritten notes sort them."""
        return kinds(gradient, len(self.view.layer.axes))

    def of(self, gradient: Gradient, members: Sequence[Position], join: Callable[[Equation], str]) -> Iterator[str]:
        """The element equations of these positions."""
        return (join(self.element(gradient, q)) for q in members)

    def forward_elements(self) -> list[Equation] | None:
        """Every output written out, where they are few and none has too many terms."""
        if self.view.data.forward is None:
            return None
        out = []
        for o, terms in self.view.data.forward():
            if self._is_long(len(terms)):
                return None
            left = self.view.print.entry(self.view.layer.output.name, self.view.index(o))
            name = self.view.named(self.view.layer.output.name, *self.view.index(o)) if o else ""
            out.append(self.sum_of(left, [self.template(t, Holes()) for t in terms], name))
        return out

    def blocks(self, items: Iterator[str]) -> Iterator[list[str]]:
        """In blocks of some 40 rows."""
        while chunk := list(islice(items, BLOCK)):
            yield chunk

    def worked_entry(self, gradient: Gradient) -> tuple[Position, list[Template], Region] | None:
        """The first entry that exactly two terms reach, or the one with most up to nine."""
        if self.view.options.entry is not None and gradient.tensor.role == "input":
            return self._chosen_entry(gradient, self.view.options.entry)
        best: tuple[int, tuple[int, ...], Region] | None = None
        for region in gradient.regions or ():
            count = len(region.terms)
            if not count or count > 9:
                continue
            rank = (0 if count == 2 else 1, -count if count != 2 else 0)
            key = (rank[0] * 100 + rank[1], region.representative, region)
            if best is None or key[:2] < best[:2]:
                best = key
        if best is None:
            return None
        return best[1], list(best[2].terms), best[2]

    def _chosen_entry(self, gradient: Gradient, q: Position) -> tuple[Position, list[Template], Region] | None:
        """The entry that was asked for, its terms as those of a region of its own."""
        region = _region_of(gradient, q) if gradient.regions is not None else None
        if region is None or not region.terms:
            return None
        shifts, still = region.shifts(q), (0,) * len(q)
        terms = [
            Template(t.coefficient, tuple(TemplateEntry(e.tensor, tuple((x, still) for x in e.at(shifts))) for e in t.factors))
            for t in region.terms
        ]
        return q, terms, region

    @property
    def pooled_rank(self) -> int:
        """How many subscripts the tensor has whose maximum is taken."""
        return len(self.view.layer.pooled.shape) if self.view.layer.pooled else 0

    def readers(self, terms: Sequence[Template]) -> list[tuple[str, str]]:
        """Of each term, at its representative, the output and what multiplies its gradient."""
        out = []
        for term in terms:
            of = [e for e in term.factors if e.tensor == self.view.layer.upstream]
            rest = tuple(
                TemplateEntry(e.tensor, tuple((b, ()) for b, _ in e.index))
                for e in term.factors if e.tensor != self.view.layer.upstream
            )
            output = self.view.print.entry(self.view.layer.output.name, self.view.index([b for b, _ in of[0].index]))
            out.append((output, self.template(Template(term.coefficient, rest), Holes())[1]))
        return out


def _region_of(gradient: Gradient, q: Sequence[int]) -> Region:
    assert gradient.regions is not None
    return next(region for region in gradient.regions if region.holds(q))


def _filled(equation: Equation, holes: Holes, shifts: tuple[int, ...]) -> Equation:
    def fill(text: str) -> str:
        stamp = Stamp.of(text, holes)
        out = stamp.pieces[0]
        for (base, cs), piece in zip(stamp.slots, stamp.pieces[1:], strict=True):
            out += str(base + sum(c * x for c, x in zip(cs, shifts, strict=True))) + piece
        return out

    return replace(equation, left=fill(equation.left), lines=tuple(fill(line) for line in equation.lines), name=fill(equation.name))
