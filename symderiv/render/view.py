"""The outline of a document: what its templates may ask for, free of any format's syntax.

Everything mathematical is turned to text by the format's printer; nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from itertools import product as cartesian

from symderiv.formula.nodes import Binding, Entry, Node, Partial
from symderiv.formula.walk import maximum, rename, substitute, window_names
from symderiv.index.form import Form, name
from symderiv.model import Derivation, Gradient, Region, Step, Template, Tensor
from symderiv.render.options import Options, symbol_table
from symderiv.render.printer import TEXT_FORM, Printer, TextPrinter, break_terms, join_terms
from symderiv.render.stamp import Holes, Stamp, stamped

AUTO_ELEMENTS = 100
MATRIX = 8
BLOCK = 40
STRIP = 12


@dataclass(frozen=True)
class Equation:
    """left = lines joined; the lines are broken to the width already."""

    left: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.left} = {' '.join(self.lines)}"


class View:
    """A derivation as a document sees it."""

    def __init__(self, data: Derivation, options: Options, width: Callable[[str], float]) -> None:
        self.data, self.options, self.width = data, options, width
        self.layer = data.layer
        self.symbols = symbol_table(data, options)
        forms = [f for t in self.layer.tensors for f in t.shape]
        self.compact = all(f.constant is not None and f.constant <= 9 for f in forms)
        maker = TextPrinter if options.format == "text" else Printer
        spelling = TEXT_FORM if options.format == "text" else None
        extra = {"spelling": spelling} if spelling else {}
        self.print = maker(self.symbols, self.compact, self.layer.upstream, self.layer.ties, **extra)
        self.base = options.index_base - 1

    # -- equations -------------------------------------------------------------------------
    def rebased(self, node: Node) -> Node:
        """The node with positions counted from the chosen base."""
        if self.base == 0:
            return node
        return _from_zero(node, frozenset(self.layer.sizes) | {n for n, _ in self.layer.derived})

    def letters(self, gradient: Gradient | None) -> dict[str, str]:
        """Canonical index letters to the printed ones."""
        if self.options.style != "notes" or len(self.layer.axes) != 2 or self.layer.formula.bindings[0].index != "i":
            return {}
        if gradient is None:
            return {"u": "a", "v": "b"}
        if gradient.tensor.role == "bias":
            return {}
        return {"i": "a", "j": "b", "p": "i", "q": "j"}

    def equation(self, target: Node, body: Node, gradient: Gradient | None = None) -> Equation:
        """target = body, in the document's letters and base, broken to its width."""
        names = self.letters(gradient)
        left = self.print.node(_renamed(self.rebased(target), names))
        terms = self.print.terms(_renamed(self.rebased(body), names))
        return Equation(left, tuple(break_terms(left, terms, self.options.room, self.width)))

    def node(self, node: Node, gradient: Gradient | None = None) -> str:
        return self.print.node(_renamed(self.rebased(node), self.letters(gradient)))

    @property
    def forward(self) -> Equation:
        return self.equation(self.layer.formula.target, self.layer.formula.body)

    def general(self, gradient: Gradient) -> Equation:
        return self.equation(gradient.formula.target, gradient.formula.body, gradient)

    def step(self, gradient: Gradient, step: Step) -> Equation:
        return self.equation(gradient.formula.target, step.shown, gradient)

    def solved(self, gradient: Gradient, step: Step) -> list[str]:
        """u = p-i+1 and so on, as the step found them."""
        out = []
        names = self.letters(gradient)
        for index, form in step.solved:
            if form.plain_name is not None and form.plain_name == index:
                continue
            shown = form if self.base == 0 else form.replace({n: name(n) + 1 for n in self._indices(form)}) - 1
            new = {n: name(m) for n, m in names.items()}
            text = self.print.form(shown.replace(new))
            out.append(f"{self.print.form_name(names.get(index, index))} = {text}")
        return list(dict.fromkeys(out))

    def _indices(self, form: Form) -> list[str]:
        sizes = set(self.layer.sizes) | {n for n, _ in self.layer.derived}
        return [n for n in form.names if n not in sizes]

    # -- tensors ---------------------------------------------------------------------------
    def symbol(self, tensor: str) -> str:
        return self.symbols[tensor]

    def fixed(self, gradient: Gradient) -> str:
        """The entry asked about, as I_{pq}."""
        target = Entry(gradient.tensor.name, gradient.formula.target.index)
        return self.node(target, gradient)

    def fixed_gradient(self, gradient: Gradient) -> str:
        return self.node(gradient.formula.target, gradient)

    def output_entry(self, gradient: Gradient | None = None) -> str:
        return self.node(self.layer.formula.target, gradient)

    def upstream_entry(self, gradient: Gradient | None = None) -> str:
        return self.node(Entry(self.layer.upstream, self.layer.formula.target.index), gradient)

    def partial(self, gradient: Gradient) -> str:
        wrt = Entry(gradient.tensor.name, gradient.formula.target.index)
        return self.node(Partial(self.layer.formula.target, wrt), gradient)

    def whole(self, tensor: str) -> str:
        """dL/dI for the whole tensor."""
        return self.print.entry(tensor, [])

    def shape(self, tensor: Tensor) -> str:
        times = "×" if self.options.format == "text" else r" \times "
        return times.join(self.print.form(f) for f in tensor.shape)

    def grid(self, tensor: str) -> list[list[str]] | None:
        """The entries of a small tensor as rows; None where it is large or has over two axes."""
        found = self.layer.tensor(tensor.removeprefix("d") if tensor not in self.symbols else tensor)
        if not self.layer.numeric or len(found.shape) not in (1, 2):
            return None
        shape = self.layer.shape(found.name)
        if max(shape) > MATRIX:
            return None
        rows = shape[0] if len(shape) == 2 else 1
        return [
            [self.print.entry(tensor, self.index(((r,) if len(shape) == 2 else ()) + (c,))) for c in range(1, shape[-1] + 1)]
            for r in range(1, rows + 1)
        ]

    def index(self, q: Sequence[int]) -> list[str]:
        return [str(x + self.base) for x in q]

    # -- elements --------------------------------------------------------------------------
    def shows_elements(self, count: int) -> bool:
        expand = self.options.expand
        return expand == "all" or (expand == "auto" and count <= AUTO_ELEMENTS)

    def _element(self, left: str, terms: Sequence[tuple[bool, str]]) -> Equation:
        digits = "8" if self.compact else "888"
        wide = [(m, _widest(t, digits)) for m, t in terms]
        lines = break_terms(_widest(left, digits), wide, self.options.room, self.width, products=False)
        if len(lines) == 1:
            return Equation(left, (join_terms(terms),))
        return Equation(left, tuple(_rebreak(lines, wide, terms)))

    def template(self, term: Template, holes: Holes) -> tuple[bool, str]:
        """A term of an element with its holes."""
        base = self.base
        factors = []
        for entry in term.factors:
            marks = [holes.mark((b + base, cs)) for b, cs in entry.index]
            if entry.tensor == "is_max":
                cut = self.pooled_rank
                factors.append(self.print.weight(marks[:cut], marks[cut:]))
            elif entry.tensor == "max" and self.layer.pooled:
                cells = self.data.windows.get(tuple(b for b, _ in entry.index), ())
                inside = ", ".join(self.print.entry(self.layer.pooled.name, self.index(c)) for c in cells)
                factors.append((r"\max " if self.options.format != "text" else "max") + self.print.braces(inside))
            else:
                factors.append(self.print.entry(entry.tensor, marks))
        weights = [e.tensor == "is_max" for e in term.factors]
        text = ""
        c = abs(term.coefficient)
        if c != 1 or not factors:
            text = self.print.number(c)
        for k, factor in enumerate(factors):
            tight = weights[k] or (k == 0 and c != 1)
            text += (" " if tight else self.print.times) + factor if text else factor
        return term.coefficient < 0, text

    def region_equation(self, gradient: Gradient, region: Region, holes: Holes) -> Equation:
        """The formula of a region with holes."""
        axes = len(gradient.tensor.shape)
        start = (0,) * axes if region.name == "zero" else region.representative
        units = [tuple(u if k == x else 0 for k in range(axes)) for x, u in enumerate(region.units)]
        place = [holes.mark((t + self.base, u)) for t, u in zip(start, units, strict=True)]
        left = self.print.entry("d" + gradient.tensor.name, place)
        if gradient.terms_each > 400:
            return Equation(left, ("0",))
        return self._element(left, [self.template(t, holes) for t in region.terms])

    def elements(self, gradient: Gradient, join: Callable[[Equation], str]) -> Iterator[str]:
        """Every element equation's text, in row-major order; lazily."""
        assert gradient.regions is not None
        shape = self.layer.shape(gradient.tensor.name)
        if gradient.terms_each > 400:
            yield from (join(e) for e in self._summed(gradient, shape))
            return

        def one(region: Region) -> Stamp:
            holes = Holes()
            return Stamp.of(join(self.region_equation(gradient, region, holes)), holes)

        yield from stamped(gradient.regions, one, shape)

    def _summed(self, gradient: Gradient, shape: Sequence[int]) -> Iterator[Equation]:
        """Elements with hundreds of terms, each as its sum."""
        letters = [b.index for b in gradient.formula.bindings]
        for q in cartesian(*(range(1, n + 1) for n in shape)):
            values = dict(zip(letters, q, strict=True))
            body = substitute(gradient.formula.body, values)
            left = self.print.entry("d" + gradient.tensor.name, self.index(q))
            terms = self.print.terms(self.rebased(body))
            yield Equation(left, tuple(break_terms(left, terms, self.options.room, self.width)))

    def element(self, gradient: Gradient, q: Sequence[int]) -> Equation:
        """One element."""
        assert gradient.regions is not None
        for region in gradient.regions:
            for block in region.blocks:
                if all(t in ts for t, ts in zip(q, block, strict=True)):
                    holes = Holes()
                    equation = self.region_equation(gradient, region, holes)
                    shifts = tuple(q) if region.name == "zero" else region.shifts(tuple(q))
                    return _filled(equation, holes, shifts)
        raise KeyError(tuple(q))

    def members(self, gradient: Gradient, names: Sequence[str]) -> list[tuple[int, ...]]:
        """The positions of the regions of these names, in row-major order."""
        found = []
        for region in gradient.regions or ():
            if region.name in names:
                for block in region.blocks:
                    found += list(cartesian(*block))
        return sorted(found)

    def forward_elements(self) -> list[Equation] | None:
        """Every output written out, where they are few."""
        if self.data.forward is None:
            return None
        out = []
        for o, terms in self.data.forward():
            left = self.print.entry(self.layer.output.name, self.index(o))
            out.append(self._element(left, [self.template(t, Holes()) for t in terms]))
        return out

    def blocks(self, items: Iterator[str]) -> Iterator[list[str]]:
        """In blocks of some 40 rows."""
        while chunk := list(islice(items, BLOCK)):
            yield chunk

    # -- tables ----------------------------------------------------------------------------
    def worked_entry(self, gradient: Gradient) -> tuple[tuple[int, ...], list[Template], Region] | None:
        """The first entry that exactly two terms reach, or the one with most up to nine."""
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

    def counts(self, gradient: Gradient) -> list[list[int]] | None:
        """How many terms reach each entry, for a small plane."""
        if gradient.regions is None or len(gradient.tensor.shape) not in (1, 2):
            return None
        shape = self.layer.shape(gradient.tensor.name)
        if max(shape) > 12 or gradient.terms_each > 400:
            return None
        rows = shape[0] if len(shape) == 2 else 1
        table = [[0] * shape[-1] for _ in range(rows)]
        for region in gradient.regions:
            for block in region.blocks:
                for q in cartesian(*block):
                    table[q[0] - 1 if len(shape) == 2 else 0][q[-1] - 1] = len(region.terms)
        return table

    def strip(self) -> tuple[list[list[int]], int, int] | None:
        """One axis: cell (o, t) holds the kernel position; 0 where there is none."""
        axis = self.layer.axes[-1].numbers if self.layer.axes else None
        if axis is None or axis.n > STRIP or axis.m > STRIP:
            return None
        table = [[0] * axis.n for _ in range(axis.m)]
        for o in range(1, axis.m + 1):
            for a in range(1, axis.k + 1):
                t = axis.position(o, a)
                if 1 <= t <= axis.n:
                    table[o - 1][t - 1] = a
        return table, axis.n, axis.m

    # -- for the templates -----------------------------------------------------------------
    def fixed_names(self, gradient: Gradient) -> str:
        """p, q: the letters of the entry asked about."""
        names = self.letters(gradient)
        return ", ".join(self.print.form_name(names.get(b.index, b.index)) for b in gradient.formula.bindings)

    @property
    def pooled_rank(self) -> int:
        """How many subscripts the tensor has whose maximum is taken."""
        return len(self.layer.pooled.shape) if self.layer.pooled else 0

    def window_letters(self, gradient: Gradient) -> list[str]:
        names = self.letters(gradient)
        found = maximum(self.layer.formula.body)
        return [names.get(n, n) for n in window_names(found)] if found else []

    def inline(self, text: str) -> str:
        """Mathematics inside a table cell or a list."""
        return text if self.options.format == "text" else f"${text}$"

    def axis_labels(self, tensor: str, count: int) -> list[str]:
        base = self.symbol(tensor)
        return [self.inline(base + self.print.subscript([str(t + self.base)])) for t in range(1, count + 1)]

    def strip_rows(self, cells: list[list[int]]) -> list[list[str]]:
        labels = self.axis_labels(self.layer.output.name, len(cells))
        dot = "."
        return [
            [label, *(str(a + self.base) if a else dot for a in row)]
            for label, row in zip(labels, cells, strict=True)
        ]

    def unread(self, cells: list[list[int]], count: int) -> bool:
        return any(not any(row[t] for row in cells) for t in range(count))

    def region_rows(self, gradient: Gradient, word: Callable[[str], str]) -> list[list[str]]:
        rows = []
        for region in gradient.regions or ():
            where = self.where(region)
            rows.append([
                word(region.name), str(region.count), str(len(region.terms)),
                self.inline(r" \times ".join(rf"\{{{w}\}}" for w in where).replace("–", r"\text{–}").replace("…", r"\ldots"))
                if self.options.format != "text" else " × ".join(f"{{{w}}}" for w in where),
            ])
        return rows

    def entry_list(self, gradient: Gradient, members: Sequence[tuple[int, ...]], m: Callable[[str], str]) -> str:
        separator = "、" if self.options.lang == "zh" else ", "
        return separator.join(m(self.print.entry(gradient.tensor.name, self.index(q))) for q in members)

    def bracketed(self, values: Sequence[int]) -> str:
        inside = ", ".join(map(str, values))
        return self.inline(f"({inside})" if len(values) > 1 else inside)

    def correlation_grids(self, gradient: Gradient) -> tuple[list[list[str]], list[list[str]]] | None:
        """The padded upstream gradient and the kernel that passes over it, for a small plane."""
        form = gradient.correlation
        if form is None or len(gradient.tensor.shape) != 2 or self.grid("dI") is None:
            return None
        (m1, m2), kernel = self.layer.shape(self.layer.output.name), self.layer.shape("W")
        sizes = [
            before + (z + 1) * (m - 1) + 1 + after
            for before, z, m, after in zip(form.before, form.zeros, (m1, m2), form.after, strict=True)
        ]

        def g(r: int, c: int) -> str:
            o, x = divmod(r - form.before[0], form.zeros[0] + 1)
            p, y = divmod(c - form.before[1], form.zeros[1] + 1)
            inside = x == 0 and y == 0 and 0 <= o < m1 and 0 <= p < m2
            return self.print.entry(self.layer.upstream, self.index((o + 1, p + 1))) if inside else "0"

        def w(r: int, c: int) -> str:
            o, x = divmod(r, form.kernel_zeros[0] + 1)
            p, y = divmod(c, form.kernel_zeros[1] + 1)
            if x or y:
                return "0"
            at = (kernel[0] - o, kernel[1] - p) if form.rotate else (o + 1, p + 1)
            return self.print.entry("W", self.index(at))

        padded = [[g(r, c) for c in range(sizes[1])] for r in range(sizes[0])]
        spread = [(k - 1) * (z + 1) + 1 for k, z in zip(kernel, form.kernel_zeros, strict=True)]
        turned = [[w(r, c) for c in range(spread[1])] for r in range(spread[0])]
        columns = sizes[1] + spread[1] + gradient.tensor.shape[1].value({})
        wide = 10.0 * columns + sum(max(self.width(cell) for cell in col) for grid in (padded, turned) for col in zip(*grid, strict=True))
        if self.options.format != "text" and wide + 25 * gradient.tensor.shape[1].value({}) > self.options.room:
            return None
        return padded, turned

    def grids_fit(self, grids: Sequence[Sequence[Sequence[str]]]) -> bool:
        """Whether small matrices fit side by side on a line."""
        if self.options.format == "text":
            return True
        columns = [max(self.width(cell) for cell in column) for grid in grids for column in zip(*grid, strict=True)]
        return sum(columns) + 10 * len(columns) + 40 <= self.options.room

    def jacobian(self, gradient: Gradient) -> tuple[str, str] | None:
        """The matrix C with vec(O) = C vec(T) + ..., and the gradient as its transpose."""
        if self.options.format == "text" or self.layer.family != "conv" or not gradient.tensor.shape:
            return None
        shape, out = self.layer_shape(gradient.tensor.name), self.layer_shape(self.layer.output.name)
        if not gradient.regions or shape is None or out is None or count_of(shape) > 16 or count_of(out) > 9:
            return None
        columns = list(cartesian(*(range(1, n + 1) for n in shape)))
        rows = list(cartesian(*(range(1, n + 1) for n in out)))
        cell: dict[tuple[tuple[int, ...], tuple[int, ...]], list[str]] = {}
        for q in columns:
            for region in gradient.regions:
                for block in region.blocks:
                    if region.name != "zero" and all(t in ts for t, ts in zip(q, block, strict=True)):
                        for term in region.terms:
                            at = [(e.tensor, e.at(region.shifts(q))) for e in term.factors]
                            o = next(i for t, i in at if t == self.layer.upstream)
                            rest = [self.print.entry(t, self.index(i)) for t, i in at if t != self.layer.upstream]
                            cell.setdefault((o, q), []).append(self.print.times.join(rest) or "1")
        grid = [[" + ".join(cell.get((o, q), ["0"])) for q in columns] for o in rows]
        if sum(max(self.width(c) for c in col) + 10 for col in zip(*grid, strict=True)) + 40 > self.options.room:
            return None
        letter = "C" if gradient.tensor.role == "input" else "X"
        if letter in self.symbols.values():
            return None
        body = r" \\ ".join(" & ".join(row) for row in grid)
        first = rf"{letter} = \begin{{bmatrix}} {body} \end{{bmatrix}}"
        vec = r"\operatorname{vec}"
        loss = self.symbols["L"]
        one, two = self.symbol(gradient.tensor.name), self.symbol(self.layer.output.name)
        second = (
            rf"\frac{{\partial {loss}}}{{\partial {vec} {one}}} = {letter}^{{\top}} "
            rf"\frac{{\partial {loss}}}{{\partial {vec} {two}}}"
        )
        return first, second

    def layer_shape(self, tensor: str) -> tuple[int, ...] | None:
        return self.layer.shape(tensor) if self.layer.numeric else None

    # -- the number example ----------------------------------------------------------------
    def worked_grids(self) -> list[tuple[str, str]] | None:
        """Each tensor's symbol and its numbers."""
        worked = self.data.worked
        if worked is None or len(self.layer.output.shape) > 2 or self.layer.output.name not in worked.values:
            return None
        names = [t.name for t in self.layer.tensors if t.role != "output"]
        names += [self.layer.output.name, self.layer.upstream]
        names += ["d" + g.tensor.name for g in self.data.gradients]
        out = []
        for found in names:
            values = worked.values[found]
            if values and len(next(iter(values))) > 2:
                continue
            out.append((self.print.entry(found, []), self._numbers(values)))
        return out

    def _numbers(self, values: Mapping[tuple[int, ...], Fraction]) -> str:
        rows: dict[int, list[str]] = {}
        for q, value in values.items():
            if not q:
                return self.print.number(value)
            rows.setdefault(q[0] if len(q) == 2 else 1, []).append(self.print.number(value))
        if self.options.format == "text":
            return "[" + "; ".join(", ".join(row) for row in rows.values()) + "]"
        body = r" \\ ".join(" & ".join(row) for row in rows.values())
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"

    def sum_rules(self) -> list[tuple[str, str, str]]:
        """The sums that must agree, where no padding takes part."""
        worked, layer = self.data.worked, self.layer
        if worked is None or layer.padded or "dI" not in worked.values or "I" not in self.symbols:
            return []
        big = "Σ" if self.options.format == "text" else r"\sum "
        total = {n: sum(v.values(), Fraction(0)) for n, v in worked.values.items()}
        left, g = big + self.whole("dI"), big + self.whole("dO")
        if layer.family == "conv" and len(layer.formula.bindings) == len(layer.axes):
            w = f"({big}{self.symbol('W')})"
            rule = f"{left} = ({g}){' ' if self.options.format != 'text' else ''}{w}"
            return [(rule, str(total["dI"]), f"({total['dO']}) ({total['W']})")]
        if layer.family in ("max_pool", "avg_pool") and layer.ties != "all":
            return [(f"{left} = {g}", str(total["dI"]), str(total["dO"]))]
        return []

    def text_table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        """A table in plain columns."""
        table = [list(head), *(list(r) for r in rows)]
        wide = [int(max(self.width(r[k]) for r in table)) for k in range(len(head))]
        lines = []
        for row in table:
            cells = [c + " " * (n - int(self.width(c))) for c, n in zip(row, wide, strict=True)]
            lines.append("    " + "  ".join(cells).rstrip())
        return "\n".join(lines)

    def where(self, region: Region) -> list[str]:
        """For each axis the positions, as 1, 2-4 or 2, 4, ..., 10."""
        if region.name == "zero" and len(region.blocks) > 1:
            return []
        return [spans([t + self.base for t in ts]) for ts in region.blocks[0]]


def count_of(shape: Sequence[int]) -> int:
    """How many positions a shape has."""
    total = 1
    for n in shape:
        total *= n
    return total


def spans(ts: Sequence[int]) -> str:
    """Positions in short."""
    if len(ts) == 1:
        return str(ts[0])
    step = ts[1] - ts[0]
    even = all(b - a == step for a, b in pairwise(ts))
    if even and step == 1:
        return f"{ts[0]}–{ts[-1]}"
    if len(ts) <= 4:
        return ", ".join(map(str, ts))
    return f"{ts[0]}, {ts[1]}, …, {ts[-1]}" if even else f"{ts[0]}, …, {ts[-1]}"


def _widest(text: str, digits: str) -> str:
    """A text with holes as it will look at its widest."""
    return re.sub("\ue000\\d+\ue001", digits, text) if "\ue000" in text else text


def _rebreak(
    lines: Sequence[str], wide: Sequence[tuple[bool, str]], terms: Sequence[tuple[bool, str]]
) -> Iterator[str]:
    """The same breaks over the terms with their holes."""
    at = 0
    for number, line in enumerate(lines):
        count = 1
        while _line(wide[at : at + count], number) != line:
            count += 1
        yield _line(terms[at : at + count], number)
        at += count


def _line(terms: Sequence[tuple[bool, str]], number: int) -> str:
    """Terms on one line; a line that continues starts with its sign."""
    if number == 0:
        return join_terms(terms)
    (minus, body), *rest = terms
    return f"{'-' if minus else '+'} {join_terms([(False, body), *rest])}"


def _filled(equation: Equation, holes: Holes, shifts: tuple[int, ...]) -> Equation:
    def fill(text: str) -> str:
        stamp = Stamp.of(text, holes)
        out = stamp.pieces[0]
        for (base, cs), piece in zip(stamp.slots, stamp.pieces[1:], strict=True):
            out += str(base + sum(c * x for c, x in zip(cs, shifts, strict=True))) + piece
        return out

    return Equation(fill(equation.left), tuple(fill(line) for line in equation.lines))


def _renamed(node: Node, names: dict[str, str]) -> Node:
    return rename(node, names) if names else node


def _from_zero(node: Node, sizes: frozenset[str]) -> Node:
    """Every index, position and limit one less, sizes as they are."""
    from symderiv.formula.nodes import Bracket, IsMax, Number, Power, Product, Reduce, Size, Sum
    from symderiv.formula.walk import map_condition

    def up(form: Form) -> Form:
        return form.replace({n: name(n) + 1 for n in form.names if n not in sizes})

    def down(form: Form) -> Form:
        return up(form) - 1

    def deep(n: Node) -> Node:
        if isinstance(n, Entry):
            return Entry(n.tensor, tuple(down(f) for f in n.index))
        if isinstance(n, IsMax):
            return IsMax(tuple(down(f) for f in n.at), tuple(down(f) for f in n.window))
        if isinstance(n, Reduce):
            bound = tuple(Binding(b.index, down(b.low), down(b.high)) for b in n.bindings)
            return Reduce(n.kind, bound, deep(n.body))
        if isinstance(n, Sum):
            return Sum(tuple(deep(t) for t in n.terms))
        if isinstance(n, Product):
            return Product(tuple(deep(t) for t in n.factors))
        if isinstance(n, Power):
            return Power(deep(n.base), n.exponent)
        if isinstance(n, Size):
            return Size(up(n.form))
        if isinstance(n, Bracket):
            return Bracket(tuple(map_condition(c, up) for c in n.conditions))
        if isinstance(n, Partial):
            output, wrt = deep(n.output), deep(n.wrt)
            assert isinstance(output, Entry) and isinstance(wrt, Entry)
            return Partial(output, wrt)
        assert isinstance(n, Number)
        return n

    return deep(node)


def number_text(value: Fraction) -> str:
    """A rational in plain text."""
    return str(value)


