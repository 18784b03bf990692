"""Regions: positions of a tensor that share one gradient formula, shifted.

The indices of a formula fall into components (two are together when one subscript has both). Where
every axis of the tensor has its component for itself, a region is a product of axis classes: on one
axis, two positions are of one class when their solutions (o, a) differ only in one shift variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product as cartesian
from math import lcm, prod
from operator import mul

from symderiv.calculus.narrow import narrowed
from symderiv.calculus.occurrences import Occurrence, occurrences
from symderiv.formula.evaluate import Env, Monomial, Poly, Space, compile_index, evaluate
from symderiv.formula.nodes import ONE, Bracket, Entry, Formula, IsMax, Node, Number, Power, Product, Size
from symderiv.formula.walk import add, product, walk
from symderiv.index.form import Form, const, exact_div, name, whole
from symderiv.model import Layer, Region, Strip, Template, TemplateEntry, Tensor, upstream_entry

MOST_TERMS = 400
"""An element with more terms is written as its sum."""
MOST_PAIRS = 400_000
MOST_APART = 2_000
"""With more regions, or more terms in all of them, they are not told apart: the general formula stands for all."""
MOST_WRITTEN = 50_000
MOST_SINGLE = 4_096
MOST_TOLD = 4
"""A region whose sums have gaps is written term by term up to so many."""
MOST_REGIONS = 100
"""With more regions than this none gets a formula of its own."""
MOST_STRIP = 12

Values = tuple[int, ...]


@dataclass(frozen=True)
class Component:
    """Indices that subscripts tie together, and the axis of the tensor that they fix."""

    names: tuple[str, ...]
    axis: int | None


@dataclass(frozen=True)
class AxisClass:
    """Positions of one axis with the same solutions up to a shift; base values by solution."""

    positions: tuple[int, ...]
    solutions: tuple[Values, ...]
    slots: Mapping[Form, int]
    """How far each subscript moves while the position moves by ``unit``."""
    unit: int
    interior: bool


@dataclass(frozen=True)
class Split:
    """A tensor's positions by region."""

    regions: tuple[Region, ...] | None
    """None where entries are too many, or too long, to be told apart."""
    most: int
    """The largest number of terms of an element."""
    strips: tuple[Strip, ...] = ()


def split(layer: Layer, tensor: Tensor, formula: Formula, space: Space) -> Split:
    """The regions of dL/d(tensor), each with its own formula, and its axes as tables."""
    found = occurrences(layer.formula, tensor.name)
    if not found:
        every = tuple(tuple(range(1, n + 1)) for n in layer.shape(tensor.name))
        return Split((Region("zero", (), (every,), (1,) * len(every), ()),), 0)
    splitter = _Splitter(layer, tensor, found[0])
    if len(found) == 1 and splitter.separable:
        parts, most = splitter.regions()
        if parts is not None and len(parts) <= MOST_REGIONS:
            padded = {name: layer.shape(name) for name in layer.padded}
            parts = tuple(_with_formula(r, formula, padded) for r in parts)
        return Split(parts, most, splitter.strips())
    return Split(*_each_alone(layer, tensor, formula, space))


def _with_formula(region: Region, formula: Formula, padded: Mapping[str, Values]) -> Region:
    """The region with the general formula narrowed to it."""
    if region.name == "zero" or not region.blocks[0]:
        return region
    own = narrowed(formula, region.blocks[0], {}, padded)
    gaps = any(isinstance(n, Bracket) for n in walk(own.body))
    if gaps and 0 < len(region.terms) <= MOST_TOLD:
        own = replace(own, body=_written(region, [b.index for b in formula.bindings]))
    return replace(region, formula=own)


def _written(region: Region, letters: Sequence[str]) -> Node:
    """The terms of a region one by one, in the letters of its positions: no gaps are left to a bracket."""
    blocks = region.blocks[0]
    moved = [
        exact_div(name(x) - ts[0], unit) if len(ts) > 1 else const(0)
        for x, ts, unit in zip(letters, blocks, region.units, strict=True)
    ]

    def entry(of: TemplateEntry) -> Node:
        index = tuple(whole(sum((m * c for m, c in zip(moved, cs, strict=True)), const(b))) for b, cs in of.index)
        return IsMax(index[: len(letters)], index[len(letters) :]) if of.tensor == "is_max" else Entry(of.tensor, index)

    return add(product([Number(t.coefficient), *map(entry, t.factors)]) for t in region.terms)


class _Splitter:
    """The regions of one occurrence."""

    def __init__(self, layer: Layer, tensor: Tensor, occurrence: Occurrence) -> None:
        self.layer, self.tensor, self.occurrence = layer, tensor, occurrence
        self.bindings = (*layer.formula.bindings, *occurrence.bindings)
        self.outer = [b.index for b in layer.formula.bindings]
        self.inner = [b.index for b in occurrence.bindings]
        self.factors = _flat_factors(layer, occurrence)
        self.shape = layer.shape(tensor.name)
        self.components = self._components()
        self._classed: dict[object, list[tuple[int, ...]]] = {}
        self._solved: dict[object, dict[int, list[Values]]] = {}

    @property
    def separable(self) -> bool:
        """Whether axes share no index and every factor is plain."""
        if any(b.low.constant is None or b.high.constant is None for b in self.bindings):
            return False
        if not all(isinstance(f, (Entry, IsMax, Number)) or _size(f) for f in self.factors):
            return False
        axes = [x for c in self._groups() for x, f in enumerate(self.occurrence.index) if f.names & set(c)]
        alone = len(axes) == len(set(axes)) == len([c for c in self.components if c.axis is not None and c.names])
        plain = all(f.names or n == 1 for f, n in zip(self.occurrence.index, self.shape, strict=True))
        return alone and plain

    def _forms(self) -> Iterator[Form]:
        yield from self.occurrence.index
        for factor in self.factors:
            if isinstance(factor, Entry):
                yield from factor.index
            elif isinstance(factor, IsMax):
                yield from (*factor.at, *factor.window)
            elif (form := _size(factor)) is not None:
                yield form

    def _groups(self) -> list[tuple[str, ...]]:
        group = {b.index: {b.index} for b in self.bindings}
        for form in self._forms():
            joined = set().union(*(group[n] for n in form.names if n in group))
            for n in joined:
                group[n] = joined
        order = [b.index for b in self.bindings]
        unique = {tuple(n for n in order if n in g) for g in group.values()}
        return sorted(unique, key=lambda g: order.index(g[0]))

    def _components(self) -> list[Component]:
        out = []
        for names in self._groups():
            axes = [x for x, f in enumerate(self.occurrence.index) if f.names & set(names)]
            out.append(Component(names, axes[0] if len(axes) == 1 else None))
        return out + [Component((), x) for x, f in enumerate(self.occurrence.index) if not f.names]

    # -- one axis --------------------------------------------------------------------------
    def _solutions(self, component: Component) -> Iterator[Values]:
        """All values of the component's indices at which no padded entry is read outside."""
        spans, checks = self._spans(component), self._checks(component)
        if not checks:
            yield from cartesian(*spans)
            return
        for values in cartesian(*spans):
            if all(1 <= offset + sum(map(mul, weights, values)) <= n for offset, weights, n in checks):
                yield values

    def _spans(self, component: Component) -> tuple[range, ...]:
        ranges = {b.index: range(b.low.constant or 0, (b.high.constant or 0) + 1) for b in self.bindings}
        return tuple(ranges[n] for n in component.names)

    def _checks(self, component: Component) -> tuple[tuple[int, Values, int], ...]:
        """Offset, weights and length of every padded subscript in which the component's indices stand."""
        return tuple(
            (*_linear(form, component.names), self.layer.shape(f.tensor)[x])
            for f in self.factors
            if isinstance(f, Entry) and f.tensor in self.layer.padded
            for x, form in enumerate(f.index)
            if form.names & set(component.names)
        )

    def classes(self, component: Component) -> list[AxisClass]:
        """The classes of the component's axis, by first position."""
        assert component.axis is not None
        if not component.names:
            return [AxisClass((1,), ((),), {}, 1, True)]
        form = self.occurrence.index[component.axis]
        at, slopes, unit = self._moves(component)
        return [
            AxisClass(ts, tuple(at[ts[0]]), {f: int(x * unit) for f, x in slopes}, unit, self._interior(component, form, ts[0], at[ts[0]]))
            for ts in self._alike(component, at, slopes, unit)
        ]

    def _class_count(self, component: Component) -> int:
        return len(self._alike(component, *self._moves(component))) if component.names else 1

    def _moves(self, component: Component) -> tuple[dict[int, list[Values]], list[tuple[Form, Fraction]], int]:
        """The solutions by position, the slopes of the subscripts, and the move by which all are whole."""
        slopes = self._slopes(component)
        return self._by_position(component), slopes, lcm(*(x.denominator for _, x in slopes))

    def _slopes(self, component: Component) -> list[tuple[Form, Fraction]]:
        """Of every subscript with an index of the component: how far it moves while the position moves by one."""
        form = self.occurrence.index[component.axis or 0]
        shift = next(n for n in (*self.outer, *self.inner) if n in form.names)
        step = (form.coefficient(shift) or const(1)).constant or 1
        touched = dict.fromkeys(f for f in self._forms() if f.names & set(component.names))
        return [(f, Fraction(_linear(f, (shift,))[1][0], step)) for f in touched]

    def _alike(self, component: Component, at: dict[int, list[Values]], slopes: list[tuple[Form, Fraction]],
               unit: int) -> list[tuple[int, ...]]:
        """The positions by class: those with the same terms, shifted; the same object for axes that are alike."""
        sizes = [f for f in map(_size, self.factors) if f is not None and f.names & set(component.names)]
        linear = [(*_linear(f, component.names), int(x * unit)) for f, x in slopes if f not in sizes]
        key = (id(at), tuple(linear), unit, component.names if sizes else ())
        if key not in self._classed:
            grouped: dict[object, list[int]] = {}
            for t, solutions in at.items():
                columns = [_column(solutions, offset, weights, moves, unit, t) for offset, weights, moves in linear] if solutions else []
                columns += [tuple(f.value(dict(zip(component.names, v, strict=True))) for v in solutions) for f in sizes]
                grouped.setdefault(tuple(columns), []).append(t)
            self._classed[key] = [tuple(ts) for ts in grouped.values()]
        return self._classed[key]

    def _by_position(self, component: Component) -> dict[int, list[Values]]:
        """The solutions of every position of the component's axis; axes that are alike are solved once."""
        axis = component.axis or 0
        offset, weights = _linear(self.occurrence.index[axis], component.names)
        key = (offset, weights, self.shape[axis], self._spans(component), self._checks(component))
        if key not in self._solved:
            at: dict[int, list[Values]] = {t: [] for t in range(1, self.shape[axis] + 1)}
            for values in self._solutions(component):
                t = offset + sum(map(mul, weights, values))
                if t in at:
                    at[t].append(values)
            self._solved[key] = at
        return self._solved[key]

    def is_window(self, component: Component) -> bool:
        """Whether the component ties an output index to a summed one (a sliding window)."""
        if self.layer.axes:
            axis = component.axis
            return axis is not None and axis >= len(self.shape) - len(self.layer.axes)
        return bool(set(component.names) & set(self.outer)) and bool(set(component.names) & set(self.inner))

    def _interior(self, component: Component, form: Form, t: int, solutions: list[Values]) -> bool:
        outer = [n for n in component.names if n in self.outer]
        ranges = {b.index: range(b.low.constant or 0, (b.high.constant or 0) + 1) for b in self.bindings}
        if not form.names & set(outer):
            return len(solutions) == prod(len(ranges[n]) for n in outer)
        inner = [n for n in component.names if n in self.inner]
        places = [component.names.index(n) for n in inner]
        reached = {tuple(v[p] for p in places) for v in solutions}
        c = form.coefficient(next(n for n in outer if n in form.names))
        stride = abs(c.constant or 1) if c is not None else 1
        zero = dict.fromkeys(component.names, 0)
        for values in cartesian(*(ranges[n] for n in inner)):
            env = zero | dict(zip(inner, values, strict=True))
            if (t - form.value(env)) % stride == 0 and values not in reached:
                return False
        return True

    def strips(self) -> tuple[Strip, ...]:
        """The short axes on which one output index and one inner index meet; those that are alike share a table."""
        first = len(self.shape) - len(self.layer.axes) if self.layer.axes else 0
        found: dict[tuple[Values, ...], tuple[int, ...]] = {}
        for component in self.components:
            axis = component.axis
            cells = self._joined(component, axis) if axis is not None and axis >= first else None
            if cells and axis is not None:
                found[cells] = tuple(sorted((*found.get(cells, ()), axis)))
        return tuple(sorted((Strip(axes, cells) for cells, axes in found.items()), key=lambda s: s.axes))

    def _joined(self, component: Component, axis: int) -> tuple[Values, ...] | None:
        """Of each output on an axis the inner index through which it reads each position; None where that is no table, or a long one."""
        outer = [n for n in component.names if n in self.outer]
        inner = [n for n in component.names if n in self.inner]
        form, length = self.occurrence.index[axis], self.shape[axis]
        if len(outer) != 1 or len(inner) != 1 or not {outer[0], inner[0]} <= form.names:
            return None
        outputs, places = (self._range(n[0]) for n in (outer, inner))
        if max(length, len(outputs)) > MOST_STRIP or places.start < 1:
            return None
        cells = [[0] * length for _ in outputs]
        for row, o in zip(cells, outputs, strict=True):
            for a in places:
                t = form.value({outer[0]: o, inner[0]: a})
                if 1 <= t <= length:
                    row[t - 1] = a
        return tuple(map(tuple, cells))

    def _range(self, index: str) -> range:
        bound = next(b for b in self.bindings if b.index == index)
        return range(bound.low.constant or 0, (bound.high.constant or 0) + 1)

    # -- products --------------------------------------------------------------------------
    def regions(self) -> tuple[tuple[Region, ...] | None, int]:
        ranges = {b.index: (b.high.constant or 0) - (b.low.constant or 0) + 1 for b in self.bindings}
        if any(prod(ranges[n] for n in c.names) > MOST_PAIRS for c in self.components if c.axis is not None):
            return None, MOST_TERMS + 1
        if prod(self._class_count(c) for c in self.components if c.axis is not None) > MOST_APART:
            return None, MOST_TERMS + 1
        by_axis = {c.axis: (c, self.classes(c)) for c in self.components if c.axis is not None}
        free = [c for c in self.components if c.axis is None]
        free_count = prod(ranges[n] for c in free for n in c.names)
        order = [by_axis[x] for x in range(len(self.shape))]
        free_solutions = [list(self._solutions(c)) for c in free] if free_count <= MOST_TERMS else []
        most = free_count * prod(max(len(a.solutions) for a in cs) for _, cs in order)
        written = free_count * prod(sum(len(a.solutions) for a in cs) for _, cs in order)
        if most <= MOST_TERMS and written > MOST_WRITTEN:
            return None, most
        found: list[Region] = []
        empty: list[tuple[tuple[int, ...], ...]] = []
        for choice in cartesian(*(cs for _, cs in order)):
            if any(not a.solutions for a in choice):
                empty.append(tuple(a.positions for a in choice))
                continue
            terms = (
                self._terms([c for c, _ in order], choice, free, free_solutions)
                if most <= MOST_TERMS
                else ()
            )
            found.append(
                Region(
                    self._name([c for c, _ in order], choice),
                    self._kernel_positions([c for c, _ in order], choice),
                    (tuple(a.positions for a in choice),),
                    tuple(a.unit for a in choice),
                    terms,
                    free_count * prod(len(a.solutions) for a in choice),
                )
            )
        if empty:
            found.append(Region("zero", (), tuple(empty), (1,) * len(self.shape), ()))
        return tuple(found), most

    def _name(self, components: Sequence[Component], choice: Sequence[AxisClass]) -> str:
        flags = [a.interior for c, a in zip(components, choice, strict=True) if self.is_window(c)]
        return region_name(flags)

    def _kernel_positions(self, components: Sequence[Component], choice: Sequence[AxisClass]) -> tuple[Values, ...]:
        parts = []
        for component, axis in zip(components, choice, strict=True):
            names = [n for n in component.names if n in self.inner]
            form = self.occurrence.index[component.axis or 0]
            if not self.is_window(component) or not form.names & set(self.outer):
                continue
            places = [component.names.index(n) for n in names]
            parts.append(sorted({tuple(v[p] for p in places) for v in axis.solutions}))
        return tuple(sum(combo, ()) for combo in cartesian(*parts)) if parts else ()

    def _terms(self, components: Sequence[Component], choice: Sequence[AxisClass],
               free: Sequence[Component], free_solutions: Sequence[list[Values]]) -> tuple[Template, ...]:
        names = [n for c in components for n in c.names] + [n for c in free for n in c.names]
        rank = [b.index for b in self.bindings]
        envs = []
        for combo in cartesian(*(a.solutions for a in choice), *free_solutions):
            envs.append(dict(zip(names, (v for part in combo for v in part), strict=True)))
        envs.sort(key=lambda e: tuple(e[n] for n in rank))
        slots = [a.slots for a in choice]
        moved = [(tensor, value, tuple(tuple(axis.get(f, 0) for axis in slots) for f in forms)) for tensor, forms, value in self._subscripts]
        return tuple(
            Template(self._coefficient(env), tuple(TemplateEntry(x, tuple(zip(at(env), moves, strict=True))) for x, at, moves in moved))
            for env in envs)

    @cached_property
    def _subscripts(self) -> list[tuple[str, tuple[Form, ...], Callable[[Env], Values]]]:
        """Of every entry of a term its tensor, and its subscripts as forms and as a function of the indices."""
        found = []
        for factor in self.factors:
            if isinstance(factor, Entry):
                found.append((factor.tensor, factor.index, compile_index(factor.index)))
            elif isinstance(factor, IsMax):
                forms = (*factor.at, *factor.window)
                found.append(("is_max", forms, compile_index(forms)))
        return found

    def _coefficient(self, env: Env) -> Fraction:
        """What a term is multiplied by: numbers and sizes."""
        coefficient = ONE.value
        for factor in self.factors:
            if isinstance(factor, Number):
                coefficient *= factor.value
            elif (form := _size(factor)) is not None:
                value = Fraction(form.value(env))
                coefficient *= 1 / value if isinstance(factor, Power) else value
        return coefficient


def _linear(form: Form, names: Sequence[str]) -> tuple[int, Values]:
    """The form's constant and its coefficient of each name; its other names count as 0."""
    weights = tuple((c.constant or 0) if (c := form.coefficient(n)) is not None else 0 for n in names)
    return form.value(dict.fromkeys(form.names, 0)), weights


def region_name(interior: Sequence[bool]) -> str:
    """corner, edge, face, centre, end or all, from which window axes are interior."""
    if not interior:
        return "all"
    count, inside = len(interior), sum(interior)
    if inside == count:
        return "centre"
    if count == 1:
        return "end"
    return {0: "corner", count - 1: "edge" if count == 2 else "face"}.get(inside, "edge")


def _flat_factors(layer: Layer, occurrence: Occurrence) -> list[Node]:
    out: list[Node] = [upstream_entry(layer)]
    for factor in occurrence.factors:
        out += factor.factors if isinstance(factor, Product) else [factor]
    return out


def _size(node: Node) -> Form | None:
    if isinstance(node, Size):
        return node.form
    if isinstance(node, Power) and isinstance(node.base, Size) and node.exponent == -1:
        return node.base.form
    return None


def _column(solutions: Sequence[Values], offset: int, weights: Values, moves: int, unit: int, t: int) -> Values:
    """A subscript's value in every solution of position t, less what t itself contributes."""
    rest = unit * offset - moves * t
    held = [(k, unit * w) for k, w in enumerate(weights) if w]
    if len(held) == 1:
        place, w = held[0]
        return tuple([w * v[place] + rest for v in solutions])
    if len(held) == 2:
        (place, w), (other, x) = held
        return tuple([w * v[place] + x * v[other] + rest for v in solutions])
    return tuple([sum([w * v[k] for k, w in held]) + rest for v in solutions])


def _each_alone(layer: Layer, tensor: Tensor, formula: Formula, space: Space) -> tuple[tuple[Region, ...] | None, int]:
    """Every entry its own region, from the general formula; None where entries are many or long."""
    shape = layer.shape(tensor.name)
    if prod(shape) > MOST_SINGLE:
        return None, MOST_TERMS + 1
    found, most = [], 0
    letters = [b.index for b in formula.bindings]
    for position in cartesian(*(range(1, n + 1) for n in shape)):
        poly = evaluate(formula.body, dict(zip(letters, position, strict=True)), space)
        most = max(most, len(poly))
        if most > MOST_TERMS:
            return None, most
        terms = templates(poly, layer.upstream, len(shape))
        name = "all" if poly else "zero"
        found.append(Region(name, (), (tuple((t,) for t in position),), (1,) * len(shape), terms, len(poly)))
    return tuple(found), most


def templates(poly: Poly, upstream: str, axes: int) -> tuple[Template, ...]:
    """An exact polynomial as terms without shifts, by output position."""
    out = []
    for monomial, c in sorted(poly.items(), key=lambda item: _by_output(item[0], upstream)):
        ordered = sorted(monomial, key=lambda atom: atom[0] != upstream)
        entries = tuple(TemplateEntry(t, tuple((x, (0,) * axes) for x in index)) for t, index in ordered)
        out.append(Template(Fraction(c), entries))
    return tuple(out)


def _by_output(monomial: Monomial, upstream: str) -> tuple[tuple[Values, ...], Monomial]:
    return tuple(i for t, i in monomial if t == upstream), monomial


