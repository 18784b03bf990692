"""The outline of a document: what its templates may ask for, free of any format's syntax.

Everything mathematical is turned to text by the format's printer; nothing is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from itertools import product as cartesian
from math import prod

from symderiv.formula.nodes import Entry, Node, Partial
from symderiv.formula.rebase import from_zero
from symderiv.formula.walk import maximum, rename, window_names
from symderiv.index.form import Form, name
from symderiv.model import Derivation, Gradient, Position, Step, Tensor
from symderiv.render.boxes import Item, beside, box_width
from symderiv.render.breaks import CONTINUED, break_terms, join_terms, stack_subscripts, too_wide
from symderiv.render.options import PAGED, Options, indices_of, printed_letters, symbol_table
from symderiv.render.paper import NUMBER, group_end, spelled_out
from symderiv.render.plain_symbols import plain
from symderiv.render.printer import MacroPrinter, Printer, TextPrinter
from symderiv.render.wrap import HARD_SPACE

MATRIX = 8
MULTLINE_GAP = 10.0
"""Points that multline leaves beside its first and last line."""
MOST_COLUMNS = 10
MOST_NAMED = 4
"""Windows of padding that are named one by one."""


@dataclass(frozen=True)
class Equation:
    """left = lines joined; the lines are broken to the width already."""

    left: str
    lines: tuple[str, ...]
    hang: int = 0
    """In a terminal, the columns before the lines after the first."""
    flush: bool = False
    """The lines after the first start below the left side, since behind the equals sign one has no room."""
    name: str = ""
    """What it is called where it has a number, as dI or dI-1-2."""

    @property
    def text(self) -> str:
        return f"{self.left} = {' '.join(self.lines)}"


def _printer(options: Options) -> type[Printer]:
    if options.format == "html":
        from symderiv.render.html.printer import MarkedPrinter

        return MarkedPrinter
    return TextPrinter if options.format == "text" else MacroPrinter if options.paper.sty else Printer


class View:
    """A derivation as a document sees it."""

    def __init__(self, data: Derivation, options: Options, width: Callable[[str], float], mark: str = "") -> None:
        self.data, self.options, self.width, self.mark = data, options, width, mark
        if options.paper.sty:
            self.width = lambda tex: width(spelled_out(tex))
        self.layer = data.layer
        self.text = options.format == "text"
        self.symbols = symbol_table(data, options)
        if self.text:
            self.symbols = {tensor: plain(symbol) for tensor, symbol in self.symbols.items()}
        forms = [f for t in self.layer.tensors for f in t.shape]
        self.compact = all(f.constant is not None and f.constant <= 9 for f in forms)
        self.print = _printer(options)(self.symbols, self.compact, self.layer.upstream, self.layer.ties)
        self.base = options.index_base - 1
        behind = len(options.stop) + 4 if self.text else 8.0 if options.stop else 3.0 if options.format in PAGED else 0.0
        self.room = options.room - behind - (NUMBER if options.paper.numbered else 0.0)
        """The width of a display's line, less the full stop or comma behind it and a terminal's indentation."""

    # -- equations -------------------------------------------------------------------------
    def rebased(self, node: Node) -> Node:
        """The node with positions counted from the chosen base."""
        if self.base == 0:
            return node
        return from_zero(node, frozenset(self.layer.sizes) | {n for n, _ in self.layer.derived})

    def letters(self, gradient: Gradient | None) -> dict[str, str]:
        """Canonical index letters to the printed ones."""
        return printed_letters(self.layer, self.options, gradient)

    @property
    def bias_is_an_index(self) -> bool:
        """Whether the forward formula has an index with the letter of its bias."""
        names = self.letters(None)
        return self.symbols.get("b") in {names.get(n, n) for n in indices_of(self.layer.formula)}

    def named(self, *parts: str) -> str:
        """The name of an equation, other than those of other layers in the document."""
        return self.mark + "-".join(parts)

    def equation(
        self, target: Node, body: Node, gradient: Gradient | None = None, beside: float | None = None, name: str = ""
    ) -> Equation:
        """target = body, in the document's letters and base, broken to its width.

        ``beside`` is the width of the widest left side in the same block of equations; None: it stands alone.
        """
        names = self.letters(gradient)
        left = self.print.node(_renamed(self.rebased(target), names))
        terms = self.print.terms(_renamed(self.rebased(body), names))
        return self.broken(left, terms, beside=beside or 0.0, name=name, alone=beside is None)

    def broken(self, left: str, terms: Sequence[tuple[bool, str]], width: Callable[[str], float] | None = None,
               beside: float = 0.0, name: str = "", alone: bool = False) -> Equation:
        """left = the sum of printed terms, broken to the width; further where others do not stand ``beside`` it."""
        width = width or self.width
        if self.options.format == "html":
            return Equation(left, tuple(join_terms([term]) if not k else f"{'-' if term[0] else '+'} {term[1]}" for k, term in enumerate(terms)) or ("0",), name=name)
        breaking = self.options.paper.breaking
        if breaking == "none":
            return Equation(left, (join_terms(terms),), name=name)
        if breaking == "multline" and alone:
            room = self.room - MULTLINE_GAP
            first, *more = break_terms(left, terms, room, width, below=0.0)[0]
            return Equation(left, (first, *(stack_subscripts(line, room, width) for line in more)), name=name)
        spare = 1.0 if self.text else max(0.0, beside - width(left))
        lines, hang = break_terms(left, terms, self.room - spare, width)
        if self.text or not too_wide(left, lines, self.room - spare, width):
            return Equation(left, tuple(lines), hang, name=name)
        return self._narrowed(left, terms, lines if not alone else None, self.room - spare, name, width)

    def _narrowed(self, left: str, terms: Sequence[tuple[bool, str]], lines: Sequence[str] | None, room: float, name: str,
                  width: Callable[[str], float]) -> Equation:
        """An equation with a factor too wide for any line behind the equals sign.

        Its lines begin below the left side, unless they are given since others stand in the same block; then a
        subscript that is too long still goes on rows.
        """
        below = width(left) + width("=") + CONTINUED if lines else CONTINUED
        lines = lines or break_terms(left, terms, room, width, below=below)[0]
        first, *more = lines
        fitted = (first, *(stack_subscripts(line, room - below, width) for line in more))
        return Equation(left, fitted, flush=below == CONTINUED, name=name)

    def without_left(self, equation: Equation) -> str:
        """The right side of an equation, its lines below each other."""
        if self.text or len(equation.lines) == 1:
            return "\n".join(equation.lines)
        if self.options.format == "html":
            return " ".join(equation.lines)
        return "\\begin{aligned}\n& " + " \\\\\n&\\quad ".join(equation.lines) + "\n\\end{aligned}"

    def with_conditions(self, equation: Equation, conditions: Sequence[str]) -> Equation:
        """The equation with conditions behind it, on lines of their own where the width asks for it."""
        if not conditions:
            return equation
        *first, last = equation.lines
        tail, gap = ", ".join(conditions), self.sign(r", \quad ", ",   ")
        if self._below(equation, len(first) > 0) + self.width(last + gap + tail) <= self.room:
            return replace(equation, lines=(*first, last + gap + tail))
        lines = [last + ",", conditions[0]]
        for condition in conditions[1:]:
            joined = f"{lines[-1]}, {condition}"
            if self._below(equation, True) + self.width(joined) <= self.room:
                lines[-1] = joined
            else:
                lines[-1:] = [lines[-1] + ",", condition]
        return replace(equation, lines=(*first, *lines))

    def _below(self, equation: Equation, continued: bool) -> float:
        """Where a line of the equation starts."""
        start = self.width(equation.left) + (3.0 if self.text else self.width("="))
        if not continued:
            return start
        return equation.hang if self.text else CONTINUED if equation.flush else start + CONTINUED

    def node(self, node: Node, gradient: Gradient | None = None) -> str:
        return self.print.node(_renamed(self.rebased(node), self.letters(gradient)))

    @property
    def forward(self) -> Equation:
        return self.equation(self.layer.formula.target, self.layer.formula.body, name=self.named(self.layer.output.name))

    def general(self, gradient: Gradient) -> Equation:
        return self.equation(gradient.formula.target, gradient.formula.body, gradient, name=self.named("d" + gradient.tensor.name))

    def step(self, gradient: Gradient, step: Step) -> Equation:
        """A step; the last one is the general formula, which has been named where the result stands before."""
        number = next(k for k, s in enumerate(gradient.steps, 1) if s is step)
        told = "result" in self.options.show and self.options.style != "notes"
        parts = (f"step-{number}",) if told or number < len(gradient.steps) else ()
        name = self.named("d" + gradient.tensor.name, *parts)
        return self.equation(gradient.formula.target, step.shown, gradient, name=name)

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

    def output_entry(self, gradient: Gradient | None = None) -> str:
        return self.node(self.layer.formula.target, gradient)

    def upstream_entry(self, gradient: Gradient | None = None) -> str:
        return self.node(Entry(self.layer.upstream, self.layer.formula.target.index), gradient)

    def upstream_definition(self) -> str:
        """dL/dO_ij, with its own symbol in front where the user chose one."""
        own = self.upstream_entry()
        plain = self.print.gradient_of(self.output_entry())
        return own if self.layer.upstream not in self.symbols else f"{own} = {plain}"

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

    # -- for the templates -----------------------------------------------------------------
    def fixed_letters(self, gradient: Gradient) -> list[str]:
        """The letters of the entry asked about."""
        names = self.letters(gradient)
        return [self.print.form_name(names.get(b.index, b.index)) for b in gradient.formula.bindings]

    def fixed_names(self, gradient: Gradient) -> str:
        """p, q: the same as a list."""
        return ", ".join(self.fixed_letters(gradient))

    def window_letters(self, gradient: Gradient) -> list[str]:
        names = self.letters(gradient)
        found = maximum(self.layer.formula.body)
        sizes = {*self.layer.sizes, *(n for n, _ in self.layer.derived)}
        return [names.get(n, n) for n in window_names(found) if n not in sizes] if found else []

    def inline(self, text: str) -> str:
        """Mathematics inside prose, a table cell or a list; in a terminal it is not broken at its spaces."""
        return text.replace(" ", HARD_SPACE) if self.text else f"${slashed(text)}$"

    def sign(self, tex: str, text: str) -> str:
        """The one or the other, by format."""
        return text if self.options.format == "text" else tex

    @property
    def infinity(self) -> str:
        """The value of a maximum over nothing."""
        return self.sign(r"-\infty", "-∞")

    @property
    def reads_padding(self) -> bool:
        """Whether a window may reach beyond its tensor; of sizes by name that is not known."""
        axes = [a.numbers for a in self.layer.axes]
        known = [a for a in axes if a is not None]
        if not known or len(known) < len(axes):
            return bool(self.layer.padded)
        return any(a.position(1, 1) < 1 or a.position(a.m, a.k) > a.n for a in known)

    @property
    def windows_of_padding(self) -> list[Position] | None:
        """The outputs of max pooling whose window holds no cell of the input, where they are few enough to name; None without any."""
        axes = [a.numbers for a in self.layer.axes]
        if self.layer.family != "max_pool" or None in axes:
            return None
        known = [a for a in axes if a is not None]
        filled = [{o for t in range(1, a.n + 1) for o, _ in a.readers(t)} for a in known]
        count = prod(a.m for a in known) - prod(map(len, filled))
        if not count:
            return None
        if count > MOST_NAMED or len(self.layer.output.shape) > len(known):
            return []
        return [o for o in cartesian(*(range(1, a.m + 1) for a in known)) if any(x not in f for x, f in zip(o, filled, strict=True))]

    # -- formulas with matrices ------------------------------------------------------------
    def line(self, items: Sequence[Item]) -> str:
        """Texts and matrices side by side."""
        if self.options.format == "text":
            return beside(items, self.room, self.width)
        return "".join(i if isinstance(i, str) else bmatrix(i) for i in items)

    def fits(self, items: Sequence[Item]) -> bool:
        """Whether the items fit a line; in a terminal, where a line is broken, whether each matrix fits one."""
        if self.text:
            return all(self._with_sign(before, item) <= self.room for before, item in pairwise(["", *items]))
        wide = 0.0
        for item in items:
            if isinstance(item, str):
                wide += self.width(item) + 5
            else:
                if self.tall(item) > self.options.paper.place.matrix:
                    return False
                columns = [max(self.width(cell) for cell in column) for column in zip(*item, strict=True)]
                wide += sum(columns) + 10 * len(columns) + 3
        return wide <= self.room

    def tall(self, rows: Sequence[Sequence[str]]) -> int:
        """The lines of a matrix, a row of fractions counted as two."""
        return sum(2 if any(_is_tall(cell) for cell in row) else 1 for row in rows)

    def _with_sign(self, before: Item, item: Item) -> float:
        """The columns of a matrix that goes on below, with the sign before it."""
        if isinstance(item, str):
            return 0.0
        return 4 + (self.width(before.strip()) + 1 if isinstance(before, str) else 0) + box_width(item, self.width)


def slashed(tex: str) -> str:
    r"""Derivatives as ``\partial L/\partial O_{11}``: as fractions their letters would be tiny in a line of prose."""
    head = r"\frac{\partial "
    tex = tex.replace(r"\sdgrad{", r"\sdgradline{")
    while (start := tex.find(head)) >= 0:
        middle = group_end(tex, start + len(r"\frac"))
        end = group_end(tex, middle)
        top, bottom = tex[start + len(r"\frac{") : middle - 1], tex[middle + 1 : end - 1]
        tex = f"{tex[:start]}{top}/{bottom}{tex[end:]}"
    return tex


def _is_tall(cell: str) -> bool:
    return r"\frac" in cell or r"\sdgrad" in cell


def bmatrix(rows: Sequence[Sequence[str]]) -> str:
    """A LaTeX matrix; rows of fractions and of superscripts stand apart. amsmath's own takes ten columns."""
    gap = r" \\[4pt] " if any(_is_tall(cell) or "^" in cell for row in rows for cell in row) else r" \\ "
    body = gap.join(" & ".join(row) for row in rows)
    if len(rows[0]) <= MOST_COLUMNS:
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
    return rf"\left[ \begin{{array}}{{{'c' * len(rows[0])}}} {body} \end{{array}} \right]"


def count_of(shape: Sequence[int]) -> int:
    """How many positions a shape has."""
    total = 1
    for n in shape:
        total *= n
    return total


def _renamed(node: Node, names: dict[str, str]) -> Node:
    return rename(node, names) if names else node
