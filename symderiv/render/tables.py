"""Tables and matrices of a derivation: regions, counts, an axis as a strip, the matrix forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from itertools import product as cartesian

from symderiv.formula.nodes import Entry
from symderiv.formula.walk import entries
from symderiv.index.form import Form, integers
from symderiv.model import Correlation, Gradient, Layer, Position, Region, Strip, Template, TemplateEntry
from symderiv.render.boxes import Item
from symderiv.render.breaks import join_terms
from symderiv.render.elements import MOST_TERMS, Elements
from symderiv.render.options import PAGED
from symderiv.render.places import place
from symderiv.render.stamp import Holes
from symderiv.render.sums import sum_rule
from symderiv.render.view import Equation, View, count_of
from symderiv.render.wrap import wrap

MOST_LISTED = 12
"""The most positions of a set that is no progression."""
MOST_NAMED = 16
"""The most entries of a kind that are named one by one."""
MOST_COUNTED = 12
"""The longest side of a plane whose number of terms is shown entry by entry."""


@dataclass(frozen=True)
class Pads:
    """The zeros round and between the entries of the upstream gradient and of the kernel, as printed."""

    around: str | None
    """The width on every side, where it is one."""
    before: str
    after: str
    zeros: str
    kernel_zeros: str
    crops: bool


class Tables:
    """What a document shows of a derivation besides equations."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.view: View = elements.view

    # -- one axis, and the regions ---------------------------------------------------------
    def axis_labels(self, tensor: str, count: int) -> list[str]:
        base = self.view.symbol(tensor)
        return [self.view.inline(base + self.view.print.subscript([str(t + self.view.base)])) for t in range(1, count + 1)]

    def strip_rows(self, cells: Sequence[Sequence[int]]) -> list[list[str]]:
        labels = self.axis_labels(self.view.layer.output.name, len(cells))
        return [
            [label, *(str(a + self.view.base) if a else "." for a in row)]
            for label, row in zip(labels, cells, strict=True)
        ]

    def strips(self, gradient: Gradient, word: Callable[[Layer, str, Strip], str]) -> list[list[list[str]]]:
        """The axes as tables, as many as fit a line; the head of each is its first row."""
        layer, name = self.view.layer, gradient.tensor.name
        made = ([[word(layer, name, s), *self.axis_labels(name, len(s.cells[0]))], *self.strip_rows(s.cells)] for s in gradient.strips)
        return [rows for rows in made if self._fits(rows)]

    def _fits(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether the table fits a line: in small type, 12 points between two columns."""
        if self.view.text:
            return max(map(self.view.width, self.text_table(rows[0], rows[1:]).split("\n"))) <= self.view.options.room
        if self.view.options.format not in PAGED:
            return True
        return sum(self._columns(rows)) <= self._room

    def _columns(self, rows: Sequence[Sequence[str]]) -> list[float]:
        """The widths of a table's columns: in small type, 12 points between two."""
        columns = (max(self.view.width(cell.strip("$")) for cell in column) for column in zip(*rows, strict=True))
        return [0.95 * width + 12 for width in columns]

    def columns(self, rows: Sequence[Sequence[str]]) -> str:
        """LaTeX's columns: centred, the last one broken where the table would be too wide."""
        *before, last = self._columns(rows)
        if sum(before) + last <= self._room:
            return "c" * len(rows[0])
        return "c" * len(before) + f"p{{{self._last(before):.0f}pt}}"

    @property
    def _room(self) -> float:
        """The width of a table, which has no number beside it."""
        return self.view.options.room - 8.0

    def _last(self, before: Sequence[float]) -> float:
        """The width of a table's last column, which is broken."""
        return max(self._room - sum(before) - 12, 60.0)

    most_rows = 200
    """The most regions that a document lists."""

    def parted(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Sequence[Sequence[str]]]:
        """The rows below a head as tables: in LaTeX, whose tables do not break, as many in one as a page holds in any case."""
        rows = rows[: self.most_rows]
        if self.view.options.format != "latex":
            return [rows]
        most, used = self.view.options.paper.place.rows, 0
        tables: list[list[Sequence[str]]] = []
        for row, lines in zip(rows, self._heights(head, rows), strict=True):
            if not tables or used + lines > most:
                tables.append([row])
                used = 0
            else:
                tables[-1].append(row)
            used += lines
        return list(tables)

    def _heights(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
        """About how many lines each row of a table has: its last cell is broken where the table would be too wide."""
        *before, last = self._columns([head, *rows])
        if sum(before) + last <= self._room:
            return [1] * len(rows)
        return [self._lines(row[-1].strip("$"), self._last(before)) for row in rows]

    def _lines(self, text: str, room: float) -> int:
        """The lines of a cell, which is broken before its signs."""
        lines, used = 1, 0.0
        for part in re.split(r"(?=\\times|\\cup)", text):
            wide = self.view.width(part) + 5
            lines, used = (lines, used + wide) if used + wide <= room or not used else (lines + 1, wide)
        return lines

    def unread(self, strips: Sequence[Sequence[Sequence[str]]]) -> bool:
        """Whether a column of a strip has no number."""
        return any(set(column[1:]) == {"."} for rows in strips for column in zip(*rows, strict=True))

    def region_rows(self, gradient: Gradient, word: Callable[[str], str], rest: str) -> list[list[str]]:
        """For each region its name, the number of its entries and of their terms, and where it lies.

        A region that is not the place which it names is another one, and all of them are where most are not. Axes on which every region is the whole range, such as the batch, are left out.
        """
        found, shape = gradient.regions or (), self.view.layer.shape(gradient.tensor.name)
        told = [k for k, n in enumerate(shape) if any(len(b[k]) < n for r in found for b in r.blocks)]
        places = [place(self.view.layer, gradient.tensor.name, r) for r in found]
        if 2 * sum(map(bool, places)) < len(places):
            places = [""] * len(places)
        return [
            [word(name), str(r.count), str(r.size), self.where(r, told or range(len(shape))) or rest] for r, name in zip(found, places, strict=True)
        ]

    def where(self, region: Region, axes: Sequence[int]) -> str:
        """The region's positions on these axes as products of sets; empty where they are too many to list."""
        if len(region.blocks) > 4 or any(len(b[k]) > MOST_LISTED and not _even(b[k]) for b in region.blocks for k in axes):
            return ""
        times, cup = self.view.sign(r" \times ", " × "), self.view.sign(r" \cup ", " ∪ ")
        blocks = [times.join(self._set(block[k]) for k in axes) for block in region.blocks]
        return self.view.inline(cup.join(blocks))

    def _set(self, ts: Sequence[int]) -> str:
        text = spans([t + self.view.base for t in ts])
        if self.view.options.format == "text":
            return f"{{{text}}}"
        return r"\{" + text.replace("–", r"\text{–}").replace("…", r"\ldots") + r"\}"

    def regions_say_more(self, gradient: Gradient, show: Sequence[str]) -> bool:
        """Whether the regions' formulas are not those of the elements over again."""
        bodies = {r.formula.body for r in gradient.regions or () if r.formula is not None}
        if len(bodies) < 2:
            return False
        elements = "elements" in show and self.elements.shows_elements(count_of(self.view.layer.shape(gradient.tensor.name)), gradient.terms_each)
        return not elements or any(r.count > 1 for r in gradient.regions or ())

    def region_formulas(self, gradient: Gradient) -> list[Equation]:
        """Each region's own formula, and beside it the positions for which it holds."""
        out, shape = [], self.view.layer.shape(gradient.tensor.name)
        lefts = (self.view.node(r.formula.target, gradient) for r in gradient.regions or () if r.formula is not None)
        widest = max(map(self.view.width, lefts), default=0.0)
        for k, region in enumerate(gradient.regions or (), 1):
            if region.formula is None:
                continue
            name = self.view.named("d" + gradient.tensor.name, f"region-{k}")
            equation = self.view.equation(region.formula.target, region.formula.body, gradient, widest, name)
            ranges = [self._range(gradient, k, ts) for k, ts in enumerate(region.blocks[0]) if 1 < len(ts) < shape[k]]
            out.append(self.view.with_conditions(equation, ranges))
        return out

    def _range(self, gradient: Gradient, axis: int, ts: Sequence[int]) -> str:
        letter = self.view.fixed_letters(gradient)[axis]
        if ts[-1] - ts[0] == len(ts) - 1:
            le = self.view.print.le
            return f"{ts[0] + self.view.base} {le} {letter} {le} {ts[-1] + self.view.base}"
        return f"{letter} {self.view.print.belongs} {self._set(ts)}"

    def entry_list(self, gradient: Gradient, members: Sequence[tuple[int, ...]], m: Callable[[str], str]) -> str:
        separator = "、" if self.view.options.lang == "zh" else ", "
        told = [m(self.view.print.entry(gradient.tensor.name, self.view.index(q))) for q in members]
        return separator.join(told if len(told) <= MOST_NAMED else [*told[:3], "…", told[-1]])

    def pads(self, form: Correlation) -> Pads:
        """How the upstream gradient and the kernel are filled with zeros, in words' form."""
        around = (*form.before, *form.after)
        before, after, zeros, between = map(self._bracketed, (form.before, form.after, form.zeros, form.kernel_zeros))
        same = before if len(set(around)) == 1 else None
        may_crop = any((f.constant or 0) < 0 or (f.constant is None and any(m and c < 0 for m, c in f.terms)) for f in around)
        return Pads(same, before, after, zeros, between, may_crop)

    def _bracketed(self, forms: Sequence[Form]) -> str:
        """One for each axis, or the one that all share."""
        if len(set(forms)) > 1:
            return self.view.inline(f"({', '.join(map(self.view.print.form, forms))})")
        number = forms[0].constant
        return self.view.inline(self.view.print.form(forms[0])) if number is None else str(number)

    def counts(self, gradient: Gradient) -> list[list[str]] | None:
        """How many terms reach each entry, for a small plane."""
        if gradient.regions is None or len(gradient.tensor.shape) not in (1, 2):
            return None
        shape = self.view.layer.shape(gradient.tensor.name)
        if max(shape) > MOST_COUNTED:
            return None
        rows = shape[0] if len(shape) == 2 else 1
        table = [["0"] * shape[-1] for _ in range(rows)]
        for region in gradient.regions:
            for block in region.blocks:
                for q in cartesian(*block):
                    table[q[0] - 1 if len(shape) == 2 else 0][q[-1] - 1] = str(region.size)
        return table

    def text_table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        """A table in plain columns; a last cell that is too wide goes on below."""
        table = [list(head), *(list(r) for r in rows)]
        *wide, _ = (int(max(self.view.width(r[k]) for r in table)) for k in range(len(head)))
        before = 4 + sum(wide) + 2 * len(wide)
        lines = []
        for *cells, last in table:
            start = "  ".join(c + " " * (n - int(self.view.width(c))) for c, n in zip(cells, wide, strict=True))
            rest = wrap(last, int(self.view.options.room) - before, self.view.width).split("\n")
            lines += [f"    {start}  {rest[0]}".rstrip(), *(" " * before + line for line in rest[1:])]
        return "\n".join(lines)

    def output_lengths(self) -> list[str]:
        """floor((5+1+1-3)/2)+1 = 3 and so on, each once; nothing where it is plain."""
        axes = [(a, a.numbers) for a in self.view.layer.axes]
        if not any(n is not None and (n.s, n.d, n.start, n.end) != (1, 1, 0, 0) for _, n in axes):
            return []
        out = []
        for axis, n in axes:
            if n is None or axis.ceil_mode:
                return []
            pads = f"+{n.start}+{n.end}" if n.start or n.end else ""
            span = rf"{n.d}\cdot {n.k - 1}" if n.d > 1 else str(n.k - 1)
            if n.s == 1:
                out.append(self.view.inline(self.view.sign(f"{n.n}{pads}-{span} = {n.m}", f"{n.n}{pads}-{span} = {n.m}".replace(r"\cdot ", "·"))))
                continue
            top = f"({n.n}{pads}-{span}-1)/{n.s}"
            out.append(self.view.inline(self.view.sign(rf"\lfloor {top} \rfloor + 1 = {n.m}", f"⌊{top}⌋ + 1 = {n.m}".replace(r"\cdot ", "·"))))
        return list(dict.fromkeys(out))

    @property
    def strided(self) -> bool:
        """Whether stride or dilation is not 1 on some axis."""
        return any(a.s != 1 or a.d != 1 for a in self.view.layer.axes)

    # -- matrix forms ----------------------------------------------------------------------
    def shapes_line(self) -> list[Item] | None:
        """The layer as an equation of matrices, I * W + b = O, where they are small."""
        view, family = self.view, self.view.layer.family
        grids = {t.name: view.grid(t.name) for t in view.layer.tensors if len(t.shape) in (1, 2)}
        i, w, o = (grids.get(n) for n in ("I", "W", "O"))
        if family == "own" or i is None or o is None or (family == "conv" and w is None):
            return None
        if family != "conv" or w is None:
            return [i, view.sign(r" \xrightarrow{\text{pool}} ", " → "), o]
        plain = view.options.style == "notes" or view.layer.flip
        star = " * " if plain else view.sign(r" \star ", " ⋆ ")
        return [i, star, w, (f" + {view.symbol('b')}" if "b" in view.symbols else "") + " = ", o]

    def apart(self, items: Sequence[Item]) -> list[list[Item]]:
        """The matrices of a line one by one, each with its symbol, for a line that they do not fit."""
        names = ["I", "W", "O"] if self.view.layer.family == "conv" else ["I", "O"]
        grids = [i for i in items if not isinstance(i, str)]
        return [[f"{self.view.symbol(n)} = ", g] for n, g in zip(names, grids, strict=True)]

    def backwards(self, gradient: Gradient) -> tuple[str, list[str], list[str]] | None:
        """The entry with most readers, the outputs in their order, and the weights they meet it with."""
        if not gradient.regions or gradient.terms_each > MOST_TERMS:
            return None
        region = max(gradient.regions, key=lambda r: len(r.terms))
        pairs = self.elements.readers(self._of_one_filter(region.terms))
        if not 1 < len(pairs) <= 9:
            return None
        entry = self.view.print.entry(gradient.tensor.name, self.view.index(region.representative))
        return entry, [o for o, _ in pairs], [w for _, w in pairs]

    def _of_one_filter(self, terms: Sequence[Template]) -> list[Template]:
        """The terms whose output has the channel of the first one's."""
        lead = len(self.view.layer.output.shape) - len(self.view.layer.axes)
        of = [next(e for e in term.factors if e.tensor == self.view.layer.upstream).index[:lead] for term in terms]
        return [term for term, index in zip(terms, of, strict=True) if [b for b, _ in index] == [b for b, _ in of[0]]]

    def correlation_formula(self, gradient: Gradient) -> Equation:
        """dL/dI = pad(dL/dO) * rot180(W); with channels for one sample and channel, summed over the filters."""
        view, layer = self.view, self.view.layer
        form = gradient.correlation
        assert form is not None
        formula, many = layer.formula, self.many
        reads = {e.tensor: e.index[:2] if many else () for e in entries(formula.body)}
        g = view.node(Entry(layer.upstream, formula.target.index[:2] if many else ()))
        w = view.node(Entry("W", reads["W"]))
        turned = view.print.rotated(w) if form.rotate else w
        pad = view.print.padded(g)
        product = f"{pad} {view.sign(chr(92) + 'star', '⋆')} {turned}"
        for b in formula.bindings:
            if many and b.index == "f":
                last = b.high + view.base
                product = f"{view.print.big_sum('f', str(1 + view.base), view.print.form(last))} {product}"
        left = view.node(Entry("d" + gradient.tensor.name, reads["I"]))
        return view.broken(left, [(False, product)], name=view.named("d" + gradient.tensor.name, "correlation"))

    def channel(self, gradient: Gradient) -> str:
        """The channel of the input that a term of the forward formula reads."""
        read = next(e for e in entries(self.view.layer.formula.body) if e.tensor == gradient.tensor.name)
        shown = self.view.rebased(Entry(read.tensor, read.index[1:2]))
        assert isinstance(shown, Entry)
        return self.view.print.form(shown.index[0])

    @property
    def many(self) -> bool:
        """Whether tensors have axes besides those of the window."""
        return len(self.view.layer.output.shape) > len(self.view.layer.axes)

    def correlation_line(self, gradient: Gradient) -> list[Item] | None:
        """The same entry by entry, for a small plane."""
        grids, left = self.correlation_grids(gradient), self.view.grid("d" + gradient.tensor.name)
        if grids is None or left is None:
            return None
        line: list[Item] = [left, " = ", grids[0], self.view.sign(r" \star ", " ⋆ "), grids[1]]
        return line if self.view.fits(line) else None

    def correlation_grids(self, gradient: Gradient) -> tuple[list[list[str]], list[list[str]]] | None:
        """The padded upstream gradient and the kernel that passes over it, for a small plane."""
        form = gradient.correlation
        if form is None or not self.view.layer.numeric or len(gradient.tensor.shape) != 2 or self.view.grid("dI") is None:
            return None
        (m1, m2), kernel = self.view.layer.shape(self.view.layer.output.name), self.view.layer.shape("W")
        zeros, front, back, between = map(integers, (form.zeros, form.before, form.after, form.kernel_zeros))
        sizes = [
            before + (z + 1) * (m - 1) + 1 + after
            for before, z, m, after in zip(front, zeros, (m1, m2), back, strict=True)
        ]

        def g(r: int, c: int) -> str:
            o, x = divmod(r - front[0], zeros[0] + 1)
            p, y = divmod(c - front[1], zeros[1] + 1)
            inside = x == 0 and y == 0 and 0 <= o < m1 and 0 <= p < m2
            return self.view.print.entry(self.view.layer.upstream, self.view.index((o + 1, p + 1))) if inside else "0"

        def w(r: int, c: int) -> str:
            o, x = divmod(r, between[0] + 1)
            p, y = divmod(c, between[1] + 1)
            if x or y:
                return "0"
            at = (kernel[0] - o, kernel[1] - p) if form.rotate else (o + 1, p + 1)
            return self.view.print.entry("W", self.view.index(at))

        padded = [[g(r, c) for c in range(sizes[1])] for r in range(sizes[0])]
        spread = [(k - 1) * (z + 1) + 1 for k, z in zip(kernel, between, strict=True)]
        turned = [[w(r, c) for c in range(spread[1])] for r in range(spread[0])]
        return padded, turned

    @property
    def sum_rule(self) -> Equation | None:
        """The sum over all entries of dL/dI, where it can be said."""
        sides = sum_rule(self.view, display=True)
        return self.view.broken(sides[0], [(False, sides[1])]) if sides else None

    def scatter(self, gradient: Gradient) -> list[Item] | Equation | None:
        """dL/dI as a sum over the outputs, each laying g times the kernel on the patch it read; where small."""
        view, shape = self.view, gradient.tensor.shape
        if gradient.correlation is None or len(shape) != 2 or not gradient.regions:
            return None
        n1, n2 = view.layer.shape(gradient.tensor.name)
        out = view.layer.shape(view.layer.output.name)
        if max(n1, n2) > 4 or count_of(out) > 4:
            return None
        laid: dict[Position, dict[Position, str]] = {}
        for q in cartesian(range(1, n1 + 1), range(1, n2 + 1)):
            for o, factor in self._pairs(gradient, q):
                laid.setdefault(o, {})[q] = factor
        items: list[Item] = [view.whole("d" + gradient.tensor.name), " = "]
        terms = []
        for k, o in enumerate(sorted(laid)):
            grid = [[laid[o].get((r, c), "0") for c in range(1, n2 + 1)] for r in range(1, n1 + 1)]
            g = view.print.entry(view.layer.upstream, view.index(o))
            items += [(" + " if k else "") + g + " ", grid]
            terms.append((False, f"{g} {view.line([grid])}"))
        if view.text:
            return items if view.fits(items) else None
        return view.broken(view.whole("d" + gradient.tensor.name), terms, name=view.named("d" + gradient.tensor.name, "scatter"))

    def _pairs(self, gradient: Gradient, q: Position) -> list[tuple[Position, str]]:
        """For the entry q of a tensor every output's index and what multiplies its gradient."""
        out: dict[Position, list[tuple[bool, str]]] = {}
        for region in gradient.regions or ():
            if region.name == "zero" or not any(all(t in ts for t, ts in zip(q, b, strict=True)) for b in region.blocks):
                continue
            for term in region.terms:
                at = [TemplateEntry(e.tensor, tuple((x, ()) for x in e.at(region.shifts(q)))) for e in term.factors]
                o = next(tuple(x for x, _ in e.index) for e in at if e.tensor == self.view.layer.upstream)
                rest = tuple(e for e in at if e.tensor != self.view.layer.upstream)
                out.setdefault(o, []).append(self.elements.template(Template(term.coefficient, rest), Holes()))
        return [(o, join_terms(terms)) for o, terms in out.items()]

    def jacobian(self, gradient: Gradient) -> tuple[list[Item], str] | None:
        """The matrix of local derivatives by rows written out as vectors, and the gradient as its transpose."""
        view, tensor = self.view, gradient.tensor
        plain_bias = tensor.role == "bias" and view.layer.family == "conv"
        if not view.layer.numeric or not tensor.shape or plain_bias or not gradient.regions or gradient.terms_each > MOST_TERMS:
            return None
        shape, out = view.layer.shape(tensor.name), view.layer.shape(view.layer.output.name)
        first = {"conv": "C" if tensor.role == "input" else "X", "own": "J"}.get(view.layer.family, "C")
        letter = next((c for c in first + "MAT" if not any(c in symbol for symbol in view.symbols.values())), None)
        if count_of(shape) > 16 or count_of(out) > 9 or not out or letter is None:
            return None
        columns = list(cartesian(*(range(1, n + 1) for n in shape)))
        pairs = {q: dict(self._pairs(gradient, q)) for q in columns}
        rows = [[pairs[q].get(o, "0") for q in columns] for o in cartesian(*(range(1, n + 1) for n in out))]
        line: list[Item] = [f"{letter} = ", rows]
        if not view.fits(line):
            return None
        vec = view.sign(r"\operatorname{vec}", "vec")
        left, right = (
            view.print.gradient_of(f"{vec}({view.symbol(t)})") for t in (tensor.name, view.layer.output.name)
        )
        return line, f"{left} = {letter}{view.sign('^{' + chr(92) + 'top} ', 'ᵀ ')}{right}"


def _even(ts: Sequence[int]) -> bool:
    return len({b - a for a, b in pairwise(ts)}) <= 1


def spans(ts: Sequence[int]) -> str:
    """Positions in short."""
    if len(ts) == 1:
        return str(ts[0])
    step = ts[1] - ts[0]
    even = all(b - a == step for a, b in pairwise(ts))
    if even and step == 1:
        return f"{ts[0]}–{ts[-1]}"
    if len(ts) <= 4 or not even:
        return ", ".join(map(str, ts))
    return f"{ts[0]}, {ts[1]}, …, {ts[-1]}"


