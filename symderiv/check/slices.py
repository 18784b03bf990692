"""Slices as code writes them: ``sum(I[i:i+2, j:j+2] * W)``, ``dW = \\sum_{ij} dO_{ij} I[i:i+1, j:j+1]``.

An equation between arrays that holds slices is the equation of their entries: every array gets the same new
letters, a slice ``start:stop`` becomes ``start + a - first``. Whether ``stop`` still belongs to the slice is seen
from the length that the other arrays have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symderiv.check.arrays import Part, Whole
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.check.indices import form_of
from symderiv.check.lower import Lowerer
from symderiv.check.syntax import parts
from symderiv.index.form import Form
from symderiv.notes import tree
from symderiv.report_model import Message

LETTERS = ("a", "b", "c", "u", "v", "w")
_POINTWISE = frozenset(("*", "\\odot", "\\circ", "\\ast"))


def sliced(*members: tree.Expr) -> bool:
    """Whether a slice of an array stands in a member."""
    return any(isinstance(part, tree.Slice) for member in members for part in parts(member))


def entrywise(left: tree.Expr, right: tree.Expr, context: Context) -> tuple[tree.Expr, tree.Expr]:
    """Both members entry by entry.

    Raises:
        Unreadable: what the slices mean is not clear.
    """
    if sliced(left):
        raise Unreadable(Message("a slice stands for many entries"), left.place)
    names = {p.text for member in (left, right) for p in parts(member) if isinstance(p, tree.Name)}
    count = len(context.layer.axes)
    letters = [x for x in LETTERS if x not in names and x not in context.sizes][:count]
    if not count or len(letters) < count:
        raise Unreadable(Message("a slice stands for many entries"), right.place)
    reader = _Reader(context, tuple(letters))
    if _whole(left, context) is None:
        return left, reader.number(right)
    lengths = reader.lengths_of(left)
    return reader.entry(left, lengths), reader.entry(right, lengths)


def _whole(expr: tree.Expr, context: Context) -> str | None:
    """The tensor, or the gradient, that an expression without slices names as an array or a plane of one."""
    if sliced(expr):
        return None
    lowerer = Lowerer(context)
    lowerer.maps = True
    try:
        found = lowerer.lower(expr)
    except (Unreadable, Unknown):
        return None
    if isinstance(found, Part) and any(f.constant is None and f.plain_name is None for f in found.index):
        # the letters of an entry, not multiplied as one index of a plane
        return None
    return found.tensor if isinstance(found, (Whole, Part)) else None


@dataclass(frozen=True)
class _Reader:
    context: Context
    letters: tuple[str, ...]

    def lengths_of(self, expr: tree.Expr) -> list[Form]:
        """The lengths of the last axes of an array."""
        tensor = _whole(expr, self.context)
        assert tensor is not None
        return list(self.context.shape(tensor)[-len(self.letters) :])

    # -- one number --------------------------------------------------------------------------
    def number(self, expr: tree.Expr) -> tree.Expr:
        """An expression that is a number: sums and maxima over all entries of an array with slices are written out."""
        if not sliced(expr):
            return expr
        if isinstance(expr, tree.Group):
            return replace(expr, inner=self.number(expr.inner))
        if isinstance(expr, tree.Reduction) and expr.body is not None:
            if expr.ranges or expr.conditions:
                return replace(expr, body=self.number(expr.body))
            if expr.kind in ("sum", "max"):
                return self._over(expr, expr.body)
        if isinstance(expr, tree.Call) and expr.function == "max" and len(expr.args) == 1:
            return self._over(tree.Reduction("max", (), (), expr.args[0], place=expr.place), expr.args[0])
        if isinstance(expr, tree.Add):
            return replace(expr, terms=tuple(map(self.number, expr.terms)))
        if isinstance(expr, tree.Product):
            return replace(expr, factors=tuple(map(self.number, expr.factors)))
        if isinstance(expr, tree.Quotient):
            return replace(expr, top=self.number(expr.top))
        raise Unreadable(Message("a slice stands for many entries"), expr.place)

    def _over(self, expr: tree.Reduction, body: tree.Expr) -> tree.Expr:
        wholes = [found for found in map(self._partner, _factors(body)) if found is not None]
        lengths = wholes[0] if wholes else [a.k for a in self.context.layer.axes]
        first = self.context.base
        ranges = []
        for letter, length in zip(self.letters, lengths, strict=True):
            if not wholes and length.constant is None:
                raise Unreadable(Message("the range of %(index)s is not known", {"index": letter}), expr.place)
            low = None if length.constant is None else _number(first, expr.place)
            high = None if length.constant is None else _number(first + length.constant - 1, expr.place)
            ranges.append(tree.Range(tree.Name(letter, letter, place=expr.place), low, high, place=expr.place))
        return replace(expr, ranges=tuple(ranges), body=self.entry(body, lengths))

    def _partner(self, expr: tree.Expr) -> list[Form] | None:
        return None if _whole(expr, self.context) is None else self.lengths_of(expr)

    # -- one entry of an array ---------------------------------------------------------------
    def entry(self, expr: tree.Expr, lengths: list[Form]) -> tree.Expr:
        """The entry at the letters of an array with these lengths; numbers stay what they are."""
        if _whole(expr, self.context) is not None:
            if self.lengths_of(expr) != lengths:
                raise Unreadable(Message("the slice and what stands beside it have different lengths"), expr.place)
            return self._at(expr, [tree.Name(x, x, place=expr.place) for x in self.letters])
        if isinstance(expr, tree.Indexed) and any(isinstance(i, tree.Slice) for i in expr.items):
            return self._slice(expr, lengths)
        if not sliced(expr) and not any(_whole(p, self.context) for p in _factors(expr)):
            return expr
        if isinstance(expr, tree.Group):
            return replace(expr, inner=self.entry(expr.inner, lengths))
        if isinstance(expr, tree.Product) and all(j in ("", "\\cdot", *_POINTWISE) for j in expr.joins):
            arrays = sum(sliced(f) or _whole(f, self.context) is not None for f in expr.factors)
            if arrays > 1 and not any(j in _POINTWISE for j in expr.joins):
                raise Unreadable(Message("how these arrays are multiplied is not clear: write \\odot for entry by entry"), expr.place)
            return replace(expr, factors=tuple(self.entry(f, lengths) for f in expr.factors), joins=("\\cdot",) * len(expr.joins))
        if isinstance(expr, tree.Convolution) and expr.sign in _POINTWISE and not expr.mode:
            both = self.entry(expr.left, lengths), self.entry(expr.right, lengths)
            return tree.Product(both, ("\\cdot",), expr.place)
        if isinstance(expr, tree.Reduction) and expr.kind == "sum" and expr.ranges and expr.body is not None:
            return replace(expr, body=self.entry(expr.body, lengths))
        if isinstance(expr, tree.Add):
            return replace(expr, terms=tuple(self.entry(t, lengths) for t in expr.terms))
        if isinstance(expr, tree.Quotient) and not sliced(expr.bottom):
            return replace(expr, top=self.entry(expr.top, lengths))
        raise Unreadable(Message("a slice stands for many entries"), expr.place)

    def _at(self, expr: tree.Expr, items: list[tree.Expr]) -> tree.Expr:
        subscripts = tree.Subscripts(tuple(items), "bracket", expr.place)
        if isinstance(expr, tree.Derivative):
            return replace(expr, by=self._at(expr.by, items))
        if isinstance(expr, tree.Indexed):
            return replace(expr, groups=(tree.Subscripts(tuple(expr.items), "bracket", expr.place), subscripts))
        while isinstance(expr, tree.Group):
            expr = expr.inner
        return tree.Indexed(expr, (subscripts,), expr.place)

    def _slice(self, expr: tree.Indexed, lengths: list[Form]) -> tree.Expr:
        items = list(expr.items)
        count = len(self.letters)
        if len(items) < count or not all(isinstance(i, tree.Slice) for i in items[-count:]) or any(isinstance(i, tree.Slice) for i in items[:-count]):
            raise Unreadable(Message("a slice stands for many entries"), expr.place)
        tensor = _whole(expr.base, self.context)
        own = self.context.shape(tensor)[-count:] if tensor else ()
        made: list[tree.Expr] = []
        for letter, item, length, axis in zip(self.letters, items[-count:], lengths, own, strict=False):
            assert isinstance(item, tree.Slice)
            made.append(self._position(letter, item, length, axis))
        if len(made) < count:
            raise Unreadable(Message("a slice stands for many entries"), expr.place)
        return self._at(replace(expr, groups=(tree.Subscripts(tuple(items[:-count]), "bracket", expr.place),)) if items[:-count] else expr.base, made)

    def _position(self, letter: str, item: tree.Slice, length: Form, axis: Form) -> tree.Expr:
        """``start + letter - first``, once it is clear that the slice has the length that it needs."""
        name = tree.Name(letter, letter, place=item.place)
        if item.step is not None:
            raise Unreadable(Message("a slice with a step can't be read"), item.place)
        if item.start is None and item.stop is None:
            if axis != length:
                raise Unreadable(Message("the slice and what stands beside it have different lengths"), item.place)
            return name
        if item.start is None or item.stop is None:
            raise Unreadable(Message("a slice stands for many entries"), item.place)
        start, stop = (form_of(e, self.context, frozenset()) for e in (item.start, item.stop))
        if stop - start not in (length, length - 1):
            raise Unreadable(Message("the slice and what stands beside it have different lengths"), item.place)
        python = stop - start == length
        if python and self.context.base == 1 and start.plain_name is None:
            # code counts from 0 where the end of a slice does not belong to it
            raise Unreadable(Message("from which number this slice counts is not clear"), item.place)
        if not python and self.context.base == 0:
            raise Unreadable(Message("whether the end of this slice belongs to it is not clear"), item.place)
        if self.context.slice_end not in (None, not python):
            raise Unreadable(Message("the end of a slice belongs to it in one place of the notes and not in another"), item.place)
        self.context.slice_end = not python
        shift = tree.Add((item.start, name), (1, 1), item.place)
        first = self.context.base
        return tree.Add((*shift.terms, _number(first, item.place)), (1, 1, -1), item.place) if first else shift


def _factors(expr: tree.Expr) -> list[tree.Expr]:
    """The parts of a product, whatever joins them."""
    if isinstance(expr, tree.Group):
        return _factors(expr.inner)
    if isinstance(expr, tree.Product):
        return [one for f in expr.factors for one in _factors(f)]
    if isinstance(expr, tree.Convolution):
        return [*_factors(expr.left), *_factors(expr.right)]
    return [expr]


def _number(value: int, place: tree.Place) -> tree.Number:
    return tree.Number(str(value), place)
