"""The number example as a document sees it: what is put in, what comes out, and one entry by hand."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from symderiv.model import Gradient, Position, Worked
from symderiv.render.boxes import Item
from symderiv.render.breaks import join_terms
from symderiv.render.elements import Elements
from symderiv.render.sums import sum_rule

Values = Mapping[Position, Fraction]
MOST_BY_HAND = 9
"""Terms of an entry that a reader adds by hand."""


class Numbers:
    """A derivation's worked example; only made where there is one that can be shown."""

    def __init__(self, elements: Elements, worked: Worked) -> None:
        self.elements, self.view, self.worked = elements, elements.view, worked

    @property
    def given(self) -> list[list[Item]]:
        """The tensors and the upstream gradient, as lines of a formula."""
        layer = self.view.layer
        names = [t.name for t in layer.tensors if t.role != "output"] + [layer.upstream]
        return self._lines(names)

    @property
    def forward(self) -> list[list[Item]]:
        name = self.view.layer.output.name
        return self._lines([name] if name in self.worked.values else [])

    @property
    def gradients(self) -> list[list[Item]]:
        return self._lines(["d" + g.tensor.name for g in self.view.data.gradients])

    @property
    def fit(self) -> bool:
        """Whether every tensor of the example fits a line."""
        return all(self.view.fits(line) for line in (*self.given, *self.forward, *self.gradients))

    def _lines(self, names: list[str]) -> list[list[Item]]:
        """Equations ``symbol = numbers``, as many on a line as fit."""
        comma = self.view.sign(", \\quad ", ",   ")
        lines: list[list[Item]] = []
        for name in names:
            values = self.worked.values[name]
            if len(next(iter(values))) > 2:
                continue
            piece: list[Item] = [f"{self.view.print.entry(name, [])} = ", self._grid(values)]
            if lines and self.view.fits([*lines[-1], comma, *piece]):
                lines[-1] += [comma, *piece]
            else:
                lines.append(piece)
        return lines

    def _grid(self, values: Values) -> Item:
        rows: dict[int, list[str]] = {}
        for q, value in values.items():
            if not q:
                return self.view.print.number(value)
            rows.setdefault(q[0] if len(q) == 2 else 1, []).append(self.view.print.number(value))
        return list(rows.values())

    def chosen(self) -> list[tuple[str, list[str]]]:
        """For max pooling each output and the entries that are its maximum under the tie rule."""
        layer = self.view.layer
        if layer.pooled is None or layer.family != "max_pool" or len(layer.output.shape) > 2:
            return []
        return [
            (self.view.print.entry(layer.output.name, self.view.index(w)),
             [self.view.print.entry(layer.pooled.name, self.view.index(c)) for c in cells])
            for w, cells in self.worked.chosen.items() if cells
        ]

    def by_hand(self, gradient: Gradient) -> tuple[str, bool] | None:
        """An entry once more in numbers, dL/dI_12 = 1 * 2 + 2 * 1 = 4, and whether it is the one worked through above.

        Another one is taken where that one's gradient is 0, or where it shows no tie that the rule speaks of.
        """
        worked = self.elements.worked_entry(gradient)
        if worked is None or len(worked[0]) > 2:
            return None
        values = self.worked.values["d" + gradient.tensor.name]
        others = [q for q in values if q != worked[0]]
        ranked = sorted((worked[0], *others), key=lambda q: (values[q] == 0, not self._tied(q)))
        told = ((text, q == worked[0]) for q in ranked if (text := self._in_numbers(gradient, q)) is not None)
        return next(told, None)

    def _tied(self, q: Position) -> bool:
        """Whether the entry shares the maximum of a window, where the tie rule lets it; true where nothing may be shared."""
        if self.view.layer.ties == "first":
            return True
        return any(len(cells) > 1 and q in cells for cells in self.worked.chosen.values())

    def _in_numbers(self, gradient: Gradient, q: Position) -> str | None:
        """The entry's sum with numbers put in; None where it has no product, many terms or fractions by fractions."""
        terms = self.elements.terms_at(gradient, q)
        if not 0 < len(terms) <= MOST_BY_HAND:
            return None
        left = self.view.print.entry("d" + gradient.tensor.name, self.view.index(q))
        parts = []
        for coefficient, entries in terms:
            numbers = [abs(coefficient)] if abs(coefficient) != 1 else []
            numbers += [self._value(tensor, index) for tensor, index in entries]
            if len([n for n in numbers if n.denominator != 1]) > 1:
                return None
            texts = [f"({self.view.print.number(n)})" if n < 0 else self.view.print.number(n) for n in numbers]
            parts.append((coefficient < 0, self.view.print.times.join(texts)))
        if len(parts) == 1 and self.view.print.times not in parts[0][1]:
            return None
        total = self.view.print.number(self.worked.values["d" + gradient.tensor.name][q])
        return f"{left} = {join_terms(parts)} = {total}"

    def _value(self, tensor: str, index: Position) -> Fraction:
        if tensor == "is_max":
            cut = self.elements.pooled_rank
            cells = self.worked.chosen[index[cut:]]
            share = Fraction(1, len(cells)) if self.view.layer.ties == "split" and cells else Fraction(1)
            return share if index[:cut] in cells else Fraction(0)
        return self.worked.values[tensor][index]

    def sum_rules(self) -> list[tuple[str, str]]:
        """The sums that must agree, where no padding takes part: as letters and as numbers."""
        sides, layer, view = sum_rule(self.view, display=False), self.view.layer, self.view
        if sides is None or len(layer.output.shape) > len(layer.axes):
            return []
        total = {n: sum(v.values(), Fraction(0)) for n, v in self.worked.values.items()}
        right = str(total["dO"])
        if layer.family == "conv":
            right = f"{view.print.number(total['dO'])}{view.print.times}{_signed(total['W'])}"
        return [(f"{sides[0]} = {sides[1]}", f"{total['dI']} = {right}")]


def _signed(value: Fraction) -> str:
    return f"({value})" if value < 0 else str(value)
