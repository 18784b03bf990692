"""What is so: a layer's outputs, local derivatives and gradients by definition, made on demand.

dL/dT[q] = sum over outputs o of dL/dO[o] * dO[o]/dT[q], each output written out as a polynomial. No
rule of calculus is used beyond: the derivative of c*x^n*rest by x is n*c*x^(n-1)*rest. The weight
that the tie rule gives a cell in a window is the atom ``is_max``; a maximum is an atom that names
the cells of its window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod

from symderiv.check.budget import LAYER_TERMS, TooDear
from symderiv.check.spans import every
from symderiv.formula.evaluate import UNIT, AtomKey, Poly, Space, compile_form, compile_node
from symderiv.formula.nodes import Reduce
from symderiv.formula.walk import walk
from symderiv.model import Layer

Position = tuple[int, ...]


class Truth:
    """A layer with numeric sizes."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.padded = layer.padded
        self.shapes = {t.name: layer.shape(t.name) for t in layer.tensors}
        self.shapes |= {"d" + name: shape for name, shape in list(self.shapes.items())}
        numbers = [a.numbers for a in layer.axes]
        self._axes = [a for a in numbers if a is not None] if all(numbers) else []
        self.reach = {name: self._reach(name) for name in self.shapes}
        """For each axis of a tensor the first and the last position that can be read: padding counts."""
        self.windows: dict[Position, tuple[Position, ...]] = {}
        self._cells: dict[Position, frozenset[Position]] = {}
        self._space = Space(dict(self.shapes), layer.padded, self.windows)
        self._body = compile_node(layer.formula.body, self._space)
        self._letters = [b.index for b in layer.formula.bindings]
        self._spans = [range(b.low.constant or 0, (b.high.constant or 0) + 1) for b in layer.formula.bindings]
        self._target = [compile_form(f) for f in layer.formula.target.index]
        self._place: dict[Position, tuple[int, ...]] | None = None
        self._plain = all(f.plain_name == x for f, x in zip(layer.formula.target.index, self._letters, strict=False))
        self._plain = self._plain and len(self._letters) == len(layer.formula.target.index)
        self._raw: dict[Position, Poly] = {}
        self._written, self._each = 0, _terms_each(layer)
        self._local: dict[Position, dict[AtomKey, Poly]] = {}
        self._gradients: dict[AtomKey, Poly] = {}
        self._all: dict[str, dict[Position, Poly]] = {}
        self.pooled = layer.pooled.name if layer.pooled else ""

    def _reach(self, tensor: str) -> tuple[tuple[int, int], ...]:
        found = [(1, n) for n in self.shapes[tensor]]
        if tensor in self.padded:
            for k, axis in enumerate(reversed(self.layer.axes), 1):
                numbers = axis.numbers
                assert numbers is not None
                found[-k] = 1 - numbers.start, max(numbers.n + numbers.end, numbers.position(numbers.m, numbers.k))
        return tuple(found)

    # -- outputs ---------------------------------------------------------------------------
    def outputs(self) -> Iterator[Position]:
        """Every output's position, in row-major order."""
        return every([range(1, n + 1) for n in self.shapes[self.layer.output.name]])

    def _values(self, o: Position) -> tuple[int, ...]:
        if self._plain:
            return o
        if self._place is None:
            self._place = {}
            if prod(len(s) for s in self._spans) > LAYER_TERMS:
                raise TooDear("terms of the layer", LAYER_TERMS)
            for values in every(self._spans):
                env = dict(zip(self._letters, values, strict=True))
                self._place[tuple(f(env) for f in self._target)] = values
        return self._place[o]

    def raw(self, o: Position) -> Poly:
        """O[o] with its maximum named by window."""
        if o not in self._raw:
            self._written += self._each
            if self._written > LAYER_TERMS:
                raise TooDear("terms of the layer", LAYER_TERMS)
            self._raw[o] = self._body(dict(zip(self._letters, self._values(o), strict=True)))
        return self._raw[o]

    def output(self, o: Position) -> Poly:
        """O[o] with its maximum named by cells."""
        return {
            tuple(sorted(x for a in m for x in self._named(a))): c for m, c in self.raw(o).items()
        }

    def _named(self, atom: AtomKey) -> tuple[AtomKey, ...]:
        if atom[0] != "max":
            return (atom,)
        found = max_atom([{((self.pooled, cell),): 1} for cell in self.windows[atom[1]]])
        ((monomial, _),) = found.items()
        return monomial

    def cells(self, window: Position) -> frozenset[Position]:
        """The cells of a window, to look up one."""
        if window not in self._cells:
            self.raw(window)
            self._cells[window] = frozenset(self.windows[window])
        return self._cells[window]

    # -- derivatives -----------------------------------------------------------------------
    def locals_of(self, o: Position) -> dict[AtomKey, Poly]:
        """The derivative of O[o] by every entry that stands in it."""
        if o not in self._local:
            found: dict[AtomKey, Poly] = {}
            for monomial, c in self.raw(o).items():
                for atom in dict.fromkeys(monomial):
                    rest = list(monomial)
                    rest.remove(atom)
                    times = c * monomial.count(atom)
                    if atom[0] == "max":
                        cells = self.windows[atom[1]]
                        for cell in cells:
                            weight: tuple[AtomKey, ...] = () if len(cells) == 1 else (("is_max", cell + atom[1]),)
                            _put(found.setdefault((self.pooled, cell), {}), tuple(sorted((*rest, *weight))), times)
                    else:
                        _put(found.setdefault(atom, {}), tuple(rest), times)
            self._local[o] = found
        return self._local[o]

    def local(self, output: AtomKey, wrt: AtomKey) -> Poly:
        """dO[o]/dT[q]; of an entry by an entry of its own tensor, 1 or 0."""
        if output[0] == wrt[0]:
            return {UNIT: 1} if output[1] == wrt[1] else {}
        if output[0] != self.layer.output.name:
            return {}
        return self.locals_of(output[1]).get(wrt, {})

    def gradient(self, tensor: str, q: Position) -> Poly:
        """dL/dT[q]."""
        key = (tensor, q)
        if key not in self._gradients:
            if self._windowed(tensor):
                self._gradients[key] = self._sum_over(key, self._readers(q))
            else:
                self._gradients[key] = self._every(tensor).get(q, {})
        return self._gradients[key]

    def _windowed(self, tensor: str) -> bool:
        return bool(self._axes) and tensor == "I" and self._plain

    def readers(self, tensor: str, q: Position) -> Iterator[Position] | None:
        """The outputs that may depend on an entry; None where every one may."""
        inside = all(1 <= x <= n for x, n in zip(q, self.shapes[tensor], strict=True))
        return self._readers(q) if inside and self._windowed(tensor) else None

    def _readers(self, q: Position) -> Iterator[Position]:
        """The outputs that read I[q]: on every window axis by trying each (o, a)."""
        count = len(self._axes)
        lead = [range(1, n + 1) for n in self.shapes[self.layer.output.name][: len(q) - count]]
        axes = [sorted({o for o, _ in axis.readers(t)}) for axis, t in zip(self._axes, q[len(q) - count :], strict=True)]
        return every([*lead, *axes])

    def _sum_over(self, wrt: AtomKey, outputs: Iterator[Position]) -> Poly:
        total: Poly = {}
        for o in outputs:
            derivative = self.locals_of(o).get(wrt)
            if derivative:
                g: AtomKey = (self.layer.upstream, o)
                for m, c in derivative.items():
                    _put(total, tuple(sorted((*m, g))), c)
        return total

    def _every(self, tensor: str) -> dict[Position, Poly]:
        """All entries of a gradient at once, since each needs every output."""
        if tensor not in self._all:
            if prod(self.shapes[self.layer.output.name]) * self._each > LAYER_TERMS:
                raise TooDear("terms of the layer", LAYER_TERMS)
            found: dict[Position, Poly] = {}
            for o in self.outputs():
                g: AtomKey = (self.layer.upstream, o)
                for (name, q), derivative in self.locals_of(o).items():
                    if name == tensor:
                        place = found.setdefault(q, {})
                        for m, c in derivative.items():
                            _put(place, tuple(sorted((*m, g))), c)
            self._all[tensor] = found
        return self._all[tensor]

    # -- reading ---------------------------------------------------------------------------
    def reader(self, tensor: str) -> Callable[[Position], Poly]:
        """What an entry of ``tensor`` stands for: an output and a gradient are written out."""
        if tensor == self.layer.output.name:
            return self.output
        if tensor.startswith("d") and tensor != self.layer.upstream:
            of = tensor[1:]
            return lambda q: self.gradient(of, q)
        return lambda q: {((tensor, q),): 1}


def _terms_each(layer: Layer) -> int:
    """The largest number of terms, or of cells of a window, that one output has."""
    total = 1
    for node in walk(layer.formula.body):
        if isinstance(node, Reduce):
            for b in node.bindings:
                low, high = b.low.constant, b.high.constant
                total *= max(1, 1 + (high - low if low is not None and high is not None else 0))
    return total


def _put(poly: Poly, monomial: tuple[AtomKey, ...], c: object) -> None:
    value = poly.get(monomial, 0) + c  # type: ignore[operator]
    if value:
        poly[monomial] = value
    else:
        poly.pop(monomial, None)


def chosen_atom(truth: Truth, cell: Position, window: Position) -> Poly:
    """The weight of a cell in a window: 0 outside it, 1 where it is the only one."""
    if not truth.layer.pooled:
        return {}
    cells = truth.cells(window)
    if cell not in cells:
        return {}
    return {UNIT: 1} if len(cells) == 1 else {(("is_max", cell + window),): 1}


def max_atom(values: Sequence[Poly]) -> Poly:
    """The greatest of entries, as an atom that names them; of one entry it is the entry."""
    cells: set[AtomKey] = set()
    for poly in values:
        if len(poly) != 1:
            raise NotEntries
        ((monomial, c),) = poly.items()
        if c != 1 or len(monomial) != 1:
            raise NotEntries
        cells.add(monomial[0])
    if not cells:
        return {(("max of nothing", ()),): 1}
    if len(cells) == 1:
        return {(next(iter(cells)),): 1}
    names = "|".join(sorted({n for n, _ in cells}))
    return {((f"max {names}", tuple(x for _, q in sorted(cells) for x in q)),): 1}


class NotEntries(Exception):
    """A maximum of something that is not a set of entries."""
