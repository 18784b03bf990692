"""Number examples in notes: ``I = [[2, 9], [4, 1]]`` sets values, ``O = [[9]]`` is then a claim."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from symderiv.check.arrays import Grid, Lowered, Whole
from symderiv.check.claims import Link, Read
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.check.example import number, positions, with_maxima
from symderiv.check.judge import Truths
from symderiv.check.lower import Lowerer
from symderiv.formula.evaluate import AtomKey
from symderiv.formula.nodes import Entry, Number, Product, Sum
from symderiv.notes import tree
from symderiv.report_model import ClaimKind, Message, Verdict

Told = tuple[Verdict, Message, "ClaimKind | None", "str | None"]


class Examples:
    """The numbers that the notes gave so far, a layer each."""

    def __init__(self, truths: Truths) -> None:
        self.truths = truths
        self.values: dict[int, dict[AtomKey, Fraction]] = {}

    def claim(self, link: Link, context: Context) -> Told | None:
        """The verdict on an equation that sets or claims numbers; None for other equations."""
        if not isinstance(link.left, (tree.Name, tree.Derivative, tree.Indexed)) or not context.layer.numeric:
            return None
        try:
            left, right = Lowerer(context).lower(link.left), Lowerer(context).lower(link.right)
        except (Unreadable, Unknown):
            return None
        if isinstance(left, Entry) and left.index:
            return self._entry(left, _plain_number(right), context)
        tensor = _tensor(left)
        cells = _numbers(right)
        if tensor is None or cells is None:
            return None
        shape = self.truths.at(context.layer, {}).shapes[tensor]
        if isinstance(right, Number) and shape:
            return None
        if not isinstance(right, Number) and not _same(shape, right):
            return None
        return self._set_or_judge(tensor, dict(zip(positions(shape), cells, strict=True)), context)

    def _entry(self, left: Entry, value: Fraction | None, context: Context) -> Told | None:
        """``dL/dI_12 = 1*2 + 2*1``: the numbers are those of the example; a bare 0 may be meant for all numbers."""
        index = [f.constant for f in left.index]
        tensor, layer = left.tensor, context.layer
        if value is None or None in index or not tensor.startswith("d") or tensor == layer.upstream:
            return None
        kind, name = _kind(tensor, context), _plain(tensor, context)
        known = self.values.get(context.id)
        truth = self.truths.at(layer, {})
        q = tuple(x + 1 - context.base for x in index if x is not None)
        if not all(1 <= x <= n for x, n in zip(q, truth.shapes[tensor], strict=True)):
            return None
        try:
            full = with_maxima(truth, known) if known else None
        except KeyError:
            full = None
        true = number(truth.reader(tensor)(q), full) if full is not None else None
        if true == value:
            return "correct", Message("right for these numbers"), kind, name
        if value == 0:
            return None
        if true is None:
            return "unchecked", Message("the numbers for it are not all given"), kind, name
        return "wrong", Message("for these numbers it is %(true)s, not %(claimed)s", {"true": str(true), "claimed": str(value)}), kind, name

    def sums(self, link: Link, context: Context) -> bool:
        """Whether a link of such a chain only works the sum out: ``1*2 + 2*1 = 4``."""
        try:
            first, left, right = (Lowerer(context).lower(x) for x in (link.first, link.left, link.right))
        except (Unreadable, Unknown):
            return False
        if not isinstance(first, Entry) or not first.tensor.startswith("d"):
            return False
        a, b = _plain_number(left), _plain_number(right)
        return a is not None and a == b

    def total(self, read: Read, context: Context) -> bool:
        """Whether ``10 = 10`` states the sum of the upstream gradient of the example."""
        known = self.values.get(context.id, {})
        if not known or not isinstance(read.left, Number):
            return False
        truth = self.truths.at(context.layer, {})
        full = with_maxima(truth, known) or known
        for tensor in (context.layer.upstream, *("d" + t.name for t in context.layer.parameters)):
            cells = [number(truth.reader(tensor)(q), full) for q in positions(truth.shapes[tensor])]
            if None not in cells and sum(c for c in cells if c is not None) == read.left.value:
                return True
        return False

    def _set_or_judge(self, tensor: str, cells: dict[tuple[int, ...], Fraction], context: Context) -> Told | None:
        layer = context.layer
        known = self.values.setdefault(context.id, {})
        if tensor in {t.name for t in layer.parameters} or tensor == layer.upstream:
            if not any(n == tensor for n, _ in known):
                known.update({(tensor, q): v for q, v in cells.items()})
                return "correct", Message("taken as a number example"), "definition", tensor
            same = all(known[tensor, q] == v for q, v in cells.items())
            return ("correct", Message("the number example again"), "definition", tensor) if same else None
        if not known:
            return None
        truth = self.truths.at(layer, {})
        try:
            full = with_maxima(truth, known)
        except KeyError:
            return "unchecked", Message("the numbers for it are not all given"), _kind(tensor, context), tensor
        read = truth.reader(tensor)
        for q, value in cells.items():
            true = number(read(q), full) if full is not None else None
            if true is None:
                return "unchecked", Message("the numbers for it are not all given"), _kind(tensor, context), tensor
            if true != value:
                return "wrong", Message("the entry %(at)s is %(true)s, not %(claimed)s",
                                        {"at": ",".join(map(str, q)), "true": str(true), "claimed": str(value)}), _kind(tensor, context), _plain(tensor, context)
        return "correct", Message("right for these numbers"), _kind(tensor, context), _plain(tensor, context)


def _kind(tensor: str, context: Context) -> ClaimKind:
    return "forward" if tensor == context.layer.output.name else "gradient"


def _plain(tensor: str, context: Context) -> str:
    return tensor if tensor == context.layer.output.name else tensor[1:]


def _tensor(value: Lowered) -> str | None:
    if isinstance(value, (Whole, Entry)) and not getattr(value, "index", ()):
        return value.tensor
    return None


def _numbers(value: Lowered) -> list[Fraction] | None:
    if isinstance(value, Number):
        return [value.value]
    if isinstance(value, Grid) and all(_number(c) is not None for c in value.cells):
        return [n for n in map(_number, value.cells) if n is not None]
    return None


def _number(value: object) -> Fraction | None:
    return value.value if isinstance(value, Number) else None


def _plain_number(value: Lowered) -> Fraction | None:
    """The number that a sum of products of numbers is."""
    if isinstance(value, Number):
        return value.value
    if isinstance(value, (Sum, Product)):
        parts = [_plain_number(p) for p in (value.terms if isinstance(value, Sum) else value.factors)]
        known = [p for p in parts if p is not None]
        if len(known) == len(parts):
            return sum(known, Fraction(0)) if isinstance(value, Sum) else prod(known, start=Fraction(1))
    return None


def _same(shape: tuple[int, ...], grid: Lowered) -> bool:
    assert isinstance(grid, Grid)
    if grid.shape == shape:
        return True
    return len(shape) == 1 and 1 in grid.shape and grid.shape[0] * grid.shape[1] == shape[0]
