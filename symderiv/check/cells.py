"""Claims about matrices, cell by cell: convolution, rotation, transposes and products of matrices.

An unindexed convolution sign takes the layer's own geometry between the input and the kernel;
elsewhere, at stride 1 without padding, "valid" or "full" follows from the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from symderiv.check.arrays import (
    Choice,
    Convolve,
    Grid,
    Lowered,
    Pad,
    Part,
    Plus,
    Pointwise,
    Rotate,
    SumOver,
    Times,
    Total,
    Transposed,
    Vec,
    Whole,
    WholePartial,
)
from symderiv.check.context import Context, ShapeMismatch, Star, Unreadable
from symderiv.check.finalise import from_one
from symderiv.check.spans import every
from symderiv.check.value import Outside, World, add_into, compile_side, multiply
from symderiv.formula.evaluate import Poly
from symderiv.formula.nodes import Entry
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
    return every([range(1, n + 1) for n in shape])


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
    undecided: set[str] = field(default_factory=set)
    meanings: set[tuple[str, Star]] = field(default_factory=set)
    """Each sign that was used, with what it meant."""
    used_size: bool = False
    used_pad: bool = False
    used_single: bool = False
    env: dict[str, int] = field(default_factory=dict)
    """Values of the letters of planes."""

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
            node = from_one(member, self.context.base)  # type: ignore[arg-type]
            return Cells((), {(): compile_side(substitute(node, self.sizes), self.world)(dict(self.env))})
        return rule(self, member)

    def whole(self, member: Whole) -> Cells:
        shape, read = self.world.truth.shapes[member.tensor], self.world.truth.reader(member.tensor)
        return self._made(shape, read)

    def part(self, member: Part) -> Cells:
        """The last axes of a tensor at fixed leading indices."""
        shape, read = self.world.truth.shapes[member.tensor], self.world.truth.reader(member.tensor)
        lead = tuple(f.replace(self.sizes).value(self.env) + 1 - self.context.base for f in member.index)
        if any(not 1 <= x <= n for x, n in zip(lead, shape, strict=False)):
            raise Outside(Entry(member.tensor, member.index), lead, shape[: len(lead)])
        return self._made(shape[len(lead) :], lambda q: read((*lead, *q)))

    def sum_over(self, member: SumOver) -> Cells:
        """Over every value of the indices of planes."""
        spans = []
        for b in member.bindings:
            low, high = (f.replace(self.sizes).value(self.env) for f in (b.low, b.high))
            self.world.budget.spend(max(0, high - low + 1))
            spans.append(range(low, high + 1))
        total: Cells | None = None
        outer = self.env
        for values in every(spans):
            self.env = {**outer, **dict(zip([b.index for b in member.bindings], values, strict=True))}
            total = _added(total, self.value(member.base))
        self.env = outer
        if total is None:
            raise Unreadable(Message("this sum has no terms"), self.place)
        return total

    def pad(self, member: Pad) -> Cells:
        raise Unreadable(Message("how much 'pad' adds is known only under a convolution sign"), self.place)

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
        if left.shape != right.shape and (_single(left) or _single(right)):
            return self._product(left, right)
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
        if _single(left) or _single(right):
            number, cells = (left, right) if _single(left) else (right, left)
            self.used_single = self.used_single or bool(number.shape and not _single(cells))
            (factor,) = number.at.values()
            return self._made(cells.shape, lambda q: multiply(factor, cells.at[q], self.world))
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

    # -- convolution -------------------------------------------------------------------------
    def convolve(self, member: Convolve) -> Cells:
        padded = isinstance(member.left, Pad)
        left = self.value(member.left.base if isinstance(member.left, Pad) else member.left)
        right = self.value(member.right)
        axes = self.world.truth.layer.axes
        if len(axes) == 1:
            left, right = _line(left), _line(right)
        if len(left.shape) != len(right.shape) or len(left.shape) != len(axes):
            raise Unreadable(Message("this convolution sign needs maps with as many axes as the layer has"), self.place)
        if member.sign not in self.context.signs and member.sign != "corr":
            self.undecided.add(member.sign)
        meaning = "correlation" if member.sign == "corr" else self.context.signs.get(member.sign, self.trial)
        turned = meaning == "convolution"
        if member.sign != "corr":
            self.meanings.add((member.sign, meaning))
        if self._passes_over(left, right):
            full = self._is_own(right, self.world.truth.layer.upstream)
            if full and self.context.input_first and not turned and member.sign in self.context.signs:
                # in full mode the two orders are turned against each other; elsewhere only one order is possible
                raise Unreadable(Message("in the notes' forward pass the second map passes over the first; here the first would have to pass over the second"), self.place)
            left, right = right, left
        numbers = [a for a in (x.numbers for x in axes) if a is not None]
        plain = all(a.s == a.d == 1 and a.start == a.end == 0 for a in numbers)
        forward = right.shape == self._plane("W") and self._is_input(left)
        if member.mode and not (forward and member.mode == "valid"):
            if padded:
                raise Unreadable(Message("how much 'pad' adds is not clear here"), self.place)
            return self._correlated(left, right, self._stated(left, right, member.mode), turned)
        if padded and not forward:
            return self._backward(left, right, turned)
        if forward and not (plain and self._is_full(left, right)):
            return self._correlated(left, right, [(a.s, a.d, a.start, a.m) for a in numbers], turned)
        if not plain and not isinstance(member.left, Grid):
            raise Unreadable(Message("with stride, padding or dilation a convolution sign between these maps leaves open what is meant"), self.place)
        return self._correlated(left, right, self._geometry(left, right), turned)

    def _plane(self, tensor: str) -> tuple[int, ...] | None:
        """The last axes of a tensor."""
        shape = self.world.truth.shapes.get(tensor)
        return None if shape is None else shape[len(shape) - len(self.world.truth.layer.axes) :]

    def _backward(self, left: Cells, right: Cells, turned: bool) -> Cells:
        """``pad(dO) * K``: zeros between for the stride, around for the border, and the kernel spread by the dilation."""
        if left.shape != self._plane(self.world.truth.layer.output.name) or right.shape != self._plane("W") or (
                self.target is not None and self.target != self._plane("I")):
            raise Unreadable(Message("how much 'pad' adds is not clear here"), self.place)
        self.used_pad = True
        axes = [a for a in (x.numbers for x in self.world.truth.layer.axes) if a is not None]

        def cell(q: Position) -> Poly:
            total: Poly = {}
            for pairs in product(*(axis.readers(x) for x, axis in zip(q, axes, strict=True))):
                o = tuple(i for i, _ in pairs)
                w = tuple(a if turned else axis.k + 1 - a for (_, a), axis in zip(pairs, axes, strict=True))
                add_into(total, multiply(left.at[o], right.at[w], self.world))
            return {m: c for m, c in total.items() if c}

        plane = self._plane("I")
        assert plane is not None
        return self._made(plane, cell)

    def _passes_over(self, left: Cells, right: Cells) -> bool:
        """``W * X``, ``W * dO`` or ``dO * X``: the kernel, or the smaller map, passes over the other, whichever is named first."""
        if self._is_kernel(left):
            return self._is_input(right) or self._is_own(right, self.world.truth.layer.upstream)
        return self._is_own(left, self.world.truth.layer.upstream) and self._is_input(right)

    def _is_input(self, cells: Cells) -> bool:
        """Whether these are the input's own cells, or a plane of them."""
        return self._is_own(cells, "I")

    def _is_own(self, cells: Cells, tensor: str) -> bool:
        """Whether these are a tensor's own cells, or a plane of them."""
        if cells.shape != self._plane(tensor):
            return False
        found = {m[0][1][: len(m[0][1]) - len(q)] if len(m) == 1 and m[0][0] == tensor and m[0][1][len(m[0][1]) - len(q) :] == q and c == 1 else None
                 for q, poly in cells.at.items() for m, c in poly.items()}
        return len(found) == 1 and None not in found and all(len(p) == 1 for p in cells.at.values())

    def _is_kernel(self, cells: Cells) -> bool:
        """Whether these are entries of the kernel, in whatever order."""
        return cells.shape == self._plane("W") and all(
            len(poly) == 1 and all(len(m) == 1 and m[0][0] == "W" and c == 1 for m, c in poly.items()) for poly in cells.at.values())

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

    def _stated(self, left: Cells, right: Cells, mode: str) -> list[tuple[int, int, int, int]]:
        """The geometry of a written "full", "valid" or "same"."""
        if mode == "same" and any(k % 2 == 0 for k in right.shape):
            raise Unreadable(Message("same padding needs a kernel of odd length and stride 1"), self.place)
        pads = [{"full": k - 1, "valid": 0, "same": k // 2}[mode] for k in right.shape]
        made = tuple(n - k + 1 + 2 * p for n, k, p in zip(left.shape, right.shape, pads, strict=True))
        if min(made) < 1:
            raise ShapeMismatch(right.shape, left.shape)
        if self.target is not None and self.target != made:
            raise ShapeMismatch(made, self.target)
        return [(1, 1, p, m) for p, m in zip(pads, made, strict=True)]

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


def _single(cells: Cells) -> bool:
    """A number, or a map with one entry."""
    return all(n == 1 for n in cells.shape)


def _added(total: Cells | None, part: Cells) -> Cells:
    if total is None:
        return part
    if total.shape != part.shape:
        raise ShapeMismatch(part.shape, total.shape)
    found = {}
    for q, poly in part.at.items():
        both = dict(total.at[q])
        add_into(both, poly)
        found[q] = {m: c for m, c in both.items() if c}
    return Cells(part.shape, found)


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
    Part: Matrices.part,
    SumOver: Matrices.sum_over,
    Pad: Matrices.pad,
    Grid: Matrices.grid,
    Rotate: Matrices.rotate,
    Transposed: Matrices.transposed,
    Vec: Matrices.vec,
    Pointwise: Matrices.pointwise,
    Plus: Matrices.plus,
    Times: Matrices.times,
    Total: Matrices.total,
    Convolve: Matrices.convolve,
}
