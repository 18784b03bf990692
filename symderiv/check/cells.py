"""Claims about matrices, cell by cell: convolution, rotation, transposes and products of matrices.

An unindexed convolution sign takes the layer's own geometry between the input and the kernel;
elsewhere, at stride 1 without padding, "valid" or "full" follows from the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product as cartesian

from symderiv.check.arrays import (
    Choice,
    Convolve,
    Grid,
    Lowered,
    Pad,
    Plus,
    Pointwise,
    Rotate,
    Times,
    Total,
    Transposed,
    Vec,
    Whole,
    WholePartial,
)
from symderiv.check.context import Context, ShapeMismatch, Star, Unreadable
from symderiv.check.finalise import positions_up
from symderiv.check.value import World, add_into, compile_side, multiply
from symderiv.formula.evaluate import Poly
from symderiv.formula.walk import substitute
from symderiv.index.form import FormLike
from symderiv.notes.tree import Place
from symderiv.report_model import Message

Position = tuple[int, ...]


@dataclass(frozen=True)
class Cells:
    """A matrix of polynomials; a number has the empty shape."""

    shape: tuple[int, ...]
    at: Mapping[Position, Poly]


def positions(shape: tuple[int, ...]) -> Iterator[Position]:
    """Every position in row-major order."""
    return cartesian(*(range(1, n + 1) for n in shape))


@dataclass
class Matrices:
    """Evaluates members of one claim."""

    context: Context
    world: World
    sizes: Mapping[str, FormLike]
    place: Place
    target: tuple[int, ...] | None = None
    """The shape of the other member: it decides between valid and full."""
    trial: Star = "correlation"
    """What a sign means that no equation decided yet."""
    used_star: bool = False
    undecided: set[str] = field(default_factory=set)
    used_size: bool = False

    def value(self, member: Lowered) -> Cells:
        """All cells.

        Raises:
            ShapeMismatch: two parts do not fit together.
            Unreadable: an operation has no meaning here.
        """
        rule = _RULES.get(type(member))
        if rule is None:
            if isinstance(member, (WholePartial, Choice)):
                raise Unreadable(Message("this can't be read beside a matrix"), self.place)
            node = member if self.context.base == 1 else positions_up(member)  # type: ignore[arg-type]
            return Cells((), {(): compile_side(substitute(node, self.sizes), self.world)({})})  # type: ignore[arg-type]
        return rule(self, member)

    def whole(self, member: Whole) -> Cells:
        shape, read = self.world.truth.shapes[member.tensor], self.world.truth.reader(member.tensor)
        return self._made(shape, read)

    def grid(self, member: Grid) -> Cells:
        cells = [self.value(c).at[()] for c in member.cells]
        return Cells(member.shape, dict(zip(positions(member.shape), cells, strict=True)))

    def _made(self, shape: tuple[int, ...], cell: Callable[[Position], Poly]) -> Cells:
        found = {}
        for q in positions(shape):
            self.world.budget.spend(1)
            found[q] = cell(q)
        return Cells(shape, found)

    def rotate(self, member: Rotate) -> Cells:
        base = self.value(member.base)
        count = len(self.context.layer.axes) or len(base.shape)
        turned = range(len(base.shape) - count, len(base.shape))
        return self._made(
            base.shape, lambda q: base.at[tuple(n + 1 - x if k in turned else x for k, (x, n) in enumerate(zip(q, base.shape, strict=True)))]
        )

    def transposed(self, member: Transposed) -> Cells:
        base = _matrix(self.value(member.base))
        return self._made((base.shape[1], base.shape[0]), lambda q: base.at[q[1], q[0]])

    def vec(self, member: Vec) -> Cells:
        base = self.value(member.base)
        cells = list(base.at.values())
        return Cells((len(cells), 1), {(k, 1): c for k, c in enumerate(cells, 1)})

    def pointwise(self, member: Pointwise) -> Cells:
        left, right = self.value(member.left), self.value(member.right)
        if left.shape != right.shape:
            raise ShapeMismatch(right.shape, left.shape)
        return self._made(left.shape, lambda q: multiply(left.at[q], right.at[q], self.world))

    def plus(self, member: Plus) -> Cells:
        parts = [self.value(t) for t in member.terms]
        shape = next((p.shape for p in parts if p.shape), ())
        for part in parts:
            if part.shape and part.shape != shape:
                raise ShapeMismatch(part.shape, shape)

        def cell(q: Position) -> Poly:
            total: Poly = {}
            for sign, part in zip(member.signs, parts, strict=True):
                poly = part.at[q if part.shape else ()]
                add_into(total, poly if sign > 0 else {m: -c for m, c in poly.items()})
            return {m: c for m, c in total.items() if c}

        return self._made(shape, cell)

    def times(self, member: Times) -> Cells:
        total: Cells | None = None
        for factor in member.factors:
            part = self.value(factor)
            total = part if total is None else self._product(total, part)
        assert total is not None
        return total

    def _product(self, left: Cells, right: Cells) -> Cells:
        if not left.shape or not right.shape:
            number, cells = (left, right) if not left.shape else (right, left)
            return self._made(cells.shape, lambda q: multiply(number.at[()], cells.at[q], self.world))
        a, b = _matrix(left), _matrix(right)
        if a.shape[1] != b.shape[0]:
            raise ShapeMismatch(b.shape, (a.shape[1], b.shape[1]))

        def cell(q: Position) -> Poly:
            total: Poly = {}
            for k in range(1, a.shape[1] + 1):
                add_into(total, multiply(a.at[q[0], k], b.at[k, q[1]], self.world))
            return {m: c for m, c in total.items() if c}

        return self._made((a.shape[0], b.shape[1]), cell)

    def total(self, member: Total) -> Cells:
        base = self.value(member.base)
        total: Poly = {}
        for poly in base.at.values():
            add_into(total, poly)
        return Cells((), {(): {m: c for m, c in total.items() if c}})

    def pad(self, member: Pad) -> Cells:
        """s-1 zeros between neighbours, d(k-1)-P before the first, then as many as give n rows; crops where negative."""
        base, axes = self.value(member.base), [a.numbers for a in self.world.truth.layer.axes]
        if not self._is_upstream(base) or len(base.shape) != len(axes) or None in axes:
            raise Unreadable(Message("'%(name)s' can't be read here", {"name": "pad"}), self.place)
        self.used_size = True
        known = [a for a in axes if a is not None]
        shape = tuple(a.n + a.d * (a.k - 1) for a in known)
        at = {
            tuple(a.d * (a.k - 1) - a.start + a.s * (o - 1) + 1 for a, o in zip(known, q, strict=True)): poly
            for q, poly in base.at.items()
        }
        return Cells(shape, {q: at.get(q, {}) for q in positions(shape)})

    def _is_upstream(self, cells: Cells) -> bool:
        name = self.world.truth.layer.upstream
        return all(poly == {((name, q),): 1} for q, poly in cells.at.items()) and cells.shape == self.world.truth.shapes[name]

    # -- convolution -------------------------------------------------------------------------
    def convolve(self, member: Convolve) -> Cells:
        left, right = self.value(member.left), self.value(member.right)
        shapes, axes = self.world.truth.shapes, self.world.truth.layer.axes
        if len(axes) == 1:
            left, right = _line(left), _line(right)
        if len(left.shape) != len(right.shape) or len(left.shape) != len(axes):
            raise Unreadable(Message("this convolution sign needs maps with as many axes as the layer has"), self.place)
        if member.sign not in self.context.signs:
            self.undecided.add(member.sign)
        turned = self.context.signs.get(member.sign, self.trial) == "convolution"
        self.used_star = True
        numbers = [a.numbers for a in axes]
        plain = all(a is not None and a.s == a.d == 1 and a.start == a.end == 0 for a in numbers)
        if isinstance(member.left, Pad) and right.shape == shapes.get("W"):
            return self._correlated(left, right, [(1, a.d, 0, a.n) for a in numbers if a is not None], turned)
        forward = right.shape == shapes.get("W") and self._is_input(left)
        if forward and not (plain and self._is_full(left, right)):
            geometry = [(a.s, a.d, a.start, a.m) for a in numbers if a is not None]
        elif not plain and not isinstance(member.left, Grid):
            raise Unreadable(Message("with stride, padding or dilation a convolution sign between these maps leaves open what is meant"), self.place)
        else:
            geometry = self._geometry(left, right)
        return self._correlated(left, right, geometry, turned)

    def _is_input(self, cells: Cells) -> bool:
        return all(poly == {(("I", q),): 1} for q, poly in cells.at.items()) and cells.shape == self.world.truth.shapes["I"]

    def _is_full(self, left: Cells, right: Cells) -> bool:
        full = tuple(n + k - 1 for n, k in zip(left.shape, right.shape, strict=True))
        return self.target == full and full != tuple(n - k + 1 for n, k in zip(left.shape, right.shape, strict=True))

    def _geometry(self, left: Cells, right: Cells) -> list[tuple[int, int, int, int]]:
        valid = tuple(n - k + 1 for n, k in zip(left.shape, right.shape, strict=True))
        full = tuple(n + k - 1 for n, k in zip(left.shape, right.shape, strict=True))
        self.used_size = True
        if self.target == full and full != valid:
            return [(1, 1, k - 1, m) for k, m in zip(right.shape, full, strict=True)]
        if self.target == valid or self.target is None:
            if min(valid) < 1:
                raise ShapeMismatch(right.shape, left.shape)
            return [(1, 1, 0, m) for m in valid]
        raise ShapeMismatch(valid if min(valid) >= 1 else full, self.target)

    def _correlated(self, left: Cells, right: Cells, geometry: list[tuple[int, int, int, int]], turned: bool) -> Cells:
        def cell(o: Position) -> Poly:
            total: Poly = {}
            for a in positions(right.shape):
                t = tuple(s * (x - 1) + d * (y - 1) + 1 - p for x, y, (s, d, p, _) in zip(o, a, geometry, strict=True))
                if t not in left.at:
                    continue
                w = tuple(k + 1 - y for k, y in zip(right.shape, a, strict=True)) if turned else a
                add_into(total, multiply(left.at[t], right.at[w], self.world))
            return {m: c for m, c in total.items() if c}

        return self._made(tuple(m for *_, m in geometry), cell)


def _matrix(cells: Cells) -> Cells:
    """A vector as a column."""
    if len(cells.shape) == 2:
        return cells
    if len(cells.shape) == 1:
        return Cells((cells.shape[0], 1), {(q[0], 1): p for q, p in cells.at.items()})
    raise ShapeMismatch(cells.shape, cells.shape[-2:])


def _line(cells: Cells) -> Cells:
    """A row or a column as a vector."""
    if len(cells.shape) == 2 and 1 in cells.shape:
        shape = (cells.shape[0] * cells.shape[1],)
        return Cells(shape, dict(zip(positions(shape), cells.at.values(), strict=True)))
    return cells


def same_shape(left: Cells, right: Cells) -> tuple[Cells, Cells]:
    """Both with one shape: a vector may be written as a row or a column.

    Raises:
        ShapeMismatch: the shapes differ.
    """
    if left.shape == right.shape or not left.shape or not right.shape:
        return left, right
    squeezed = [tuple(n for n in c.shape if n != 1) for c in (left, right)]
    lines = [sum(1 for n in c.shape if n != 1) <= 1 for c in (left, right)]
    if all(lines) and squeezed[0] == squeezed[1] and min(len(left.shape), len(right.shape)) == 1:
        shape = squeezed[0]
        return tuple(Cells(shape, dict(zip(positions(shape), c.at.values(), strict=True))) for c in (left, right))  # type: ignore[return-value]
    raise ShapeMismatch(right.shape, left.shape)


_RULES: dict[type, Callable[..., Cells]] = {
    Whole: Matrices.whole,
    Grid: Matrices.grid,
    Rotate: Matrices.rotate,
    Pad: Matrices.pad,
    Transposed: Matrices.transposed,
    Vec: Matrices.vec,
    Pointwise: Matrices.pointwise,
    Plus: Matrices.plus,
    Times: Matrices.times,
    Total: Matrices.total,
    Convolve: Matrices.convolve,
}
