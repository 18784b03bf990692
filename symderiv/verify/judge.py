"""Comparing what the two routes say with the enumeration: no agreement, no derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product as cartesian

from symderiv.formula.evaluate import (
    AtomKey,
    Env,
    Poly,
    Space,
    add_polys,
    compile_form,
    compile_node,
)
from symderiv.formula.nodes import Binding, Bracket, Entry, Equal, Formula, Node, Product, Reduce, Sum
from symderiv.formula.walk import add, children, entries, product
from symderiv.index.form import FormLike, const, integers
from symderiv.index.window import NumberAxis
from symderiv.model import Correlation, InternalError, Layer, Position, Region, Step, Template

Gradient = Mapping[Position, Poly]
Pair = tuple[int, int]


def positions(shape: tuple[int, ...]) -> Iterator[Position]:
    """Every position, in row-major order."""
    return cartesian(*(range(1, n + 1) for n in shape))


def judge_steps(formula: Formula, steps: tuple[Step, ...], truth: Gradient, space: Space,
                at: Iterable[Position]) -> None:
    """Every step at the given positions.

    Raises:
        InternalError: a step differs from the gradient by definition.
    """
    nodes: dict[int, Node] = {}
    for step in steps:
        nodes[id(step.after)] = step.after
        nodes[id(step.shown)] = step.shown
    nodes[id(formula.body)] = formula.body
    compiled = [(n, compile_node(n, space)) for n in nodes.values()]
    letters = [b.index for b in formula.bindings]
    for q in at:
        env = dict(zip(letters, q, strict=True))
        for node, function in compiled:
            try:
                value = function(env)
            except (IndexError, ArithmeticError) as error:
                raise InternalError(f"{formula.target.tensor}{list(q)}: {error} in {node}") from error
            judge_value(f"{formula.target.tensor}{list(q)}", value, truth.get(q, {}))


def template_poly(terms: tuple[Template, ...], shifts: tuple[int, ...]) -> Poly:
    """The exact value of a region's formula at a member."""
    return add_polys(
        {tuple(sorted((e.tensor, e.at(shifts)) for e in t.factors)): t.coefficient} for t in terms
    )


def judge_regions(name: str, found: tuple[Region, ...], truth: Gradient, shape: tuple[int, ...], summed: bool) -> None:
    """Every position is in one region, and has that region's formula.

    Raises:
        InternalError: it is not, or has not.
    """
    seen: set[Position] = set()
    for region in found:
        for block in region.blocks:
            for q in cartesian(*block):
                if q in seen:
                    raise InternalError(f"{name}{list(q)} is in two regions")
                seen.add(q)
                if region.name == "zero":
                    judge_value(f"{name}{list(q)}", {}, truth.get(q, {}))
                elif not summed:
                    if not region.terms:
                        raise InternalError(f"the region of {name}{list(q)} has no terms")
                    judge_value(f"{name}{list(q)}", template_poly(region.terms, region.shifts(q)), truth.get(q, {}))
    if len(seen) != len(set(positions(shape))):
        raise InternalError(f"{name}: the regions cover {len(seen)} positions of {shape}")


def judge_representative(name: str, region: Region, other: Poly) -> None:
    """A region's formula at its representative against another route's.

    Raises:
        InternalError: they differ.
    """
    zero = (0,) * len(region.units)
    judge_value(f"{name}{list(region.representative)}", template_poly(region.terms, zero), other)


class WindowTruth:
    """A large window layer by definition, one input entry at a time."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        shapes = {t.name: layer.shape(t.name) for t in layer.tensors}
        shapes |= {"d" + n: s for n, s in shapes.items()}
        self.windows: dict[Position, tuple[Position, ...]] = {}
        self.space = Space(shapes, layer.padded, self.windows)
        self.axes = [a.numbers for a in layer.axes]
        self._gradients: dict[Position, Poly] = {}
        self._target = [compile_form(f) for f in layer.formula.target.index]

    def gradient(self, q: Position) -> Poly:
        """dL/dI[q] by definition: of every output that a window lets read it, the terms it stands in."""
        if q not in self._gradients:
            self._gradients[q] = self._gradient(q)
        return self._gradients[q]

    def _gradient(self, q: Position) -> Poly:
        atom: AtomKey = ("I", q)
        body = compile_node(_with_entry(self.layer.formula.body, "I", q), self.space)
        parts: list[Poly] = []
        for o, env in self._touched(q):
            g: AtomKey = (self.layer.upstream, o)
            for monomial, c in body(env).items():
                if atom in monomial:
                    rest = list(monomial)
                    rest.remove(atom)
                    parts.append({tuple(sorted((*rest, g))): c})
                elif monomial and monomial[0][0] == "max" and q in self.windows[monomial[0][1]]:
                    parts.append({tuple(sorted((("is_max", q + monomial[0][1]), g))): c})
        return add_polys(parts)

    def touched(self, q: Position) -> list[Position]:
        """The outputs that may read I[q], by trying every (o, a) on every axis."""
        return [o for o, _ in self._touched(q)]

    def cost(self, q: Position) -> int:
        """About how many reads dL/dI[q] by definition takes."""
        cells = 1
        for axis in self.axes:
            cells *= axis.k if axis is not None else 1
        return len(self.touched(q)) * cells

    def _touched(self, q: Position) -> Iterator[tuple[Position, dict[str, int]]]:
        count = len(self.axes)
        bindings = self.layer.formula.bindings
        letters = [b.index for b in bindings]
        lead = bindings[: len(bindings) - count]
        spans = [range(b.low.constant or 0, (b.high.constant or 0) + 1) for b in lead]
        tests = self._lead_tests(q)
        windows = []
        for axis, t in zip(self.axes, q[len(q) - count :], strict=True):
            assert isinstance(axis, NumberAxis)
            windows.append(sorted({o for o, _ in axis.readers(t)}))
        for leading in cartesian(*spans):
            env = dict(zip(letters, leading, strict=False))
            if not all(low(env) <= x <= high(env) for low, x, high in tests):
                continue
            for o in cartesian(*windows):
                full = dict(zip(letters, (*leading, *o), strict=True))
                yield tuple(f(full) for f in self._target), full

    def _lead_tests(self, q: Position) -> list[tuple[Callable[[Env], int], int, Callable[[Env], int]]]:
        """For each subscript of I before the window axes: its least value, q's, and its largest, by the outer indices."""
        count = len(self.axes)
        found = next((e, bound) for e, bound in _reads(self.layer.formula.body, ()) if e.tensor == "I")
        tests = []
        for form, x in zip(found[0].index[: len(q) - count], q, strict=False):
            low: dict[str, FormLike] = {b.index: b.low for b in found[1]}
            high: dict[str, FormLike] = {b.index: b.high for b in found[1]}
            tests.append((compile_form(form.replace(low)), x, compile_form(form.replace(high))))
        return tests

    def judge_classes(self, found: tuple[Region, ...]) -> None:
        """Every member of every region is read through the same (o, a), shifted, on every axis.

        Raises:
            InternalError: one is not.
        """
        count = len(self.axes)
        made = {axis: _reading_table(axis) for axis in {a for a in self.axes if a is not None}}
        tables = [made[axis] for axis in self.axes if axis is not None]
        total = 0
        seen: set[tuple[int, int, int]] = set()
        for region in found:
            total += region.count
            for block in region.blocks:
                if region.name == "zero":
                    if not any(all(not table[t] for t in ts) for table, ts in zip(tables, block[len(block) - count :], strict=True)):
                        raise InternalError("a region of zeros is read")
                    continue
                for table, ts, unit in zip(tables, block[len(block) - count :], region.units[len(block) - count :], strict=True):
                    if (id(table), id(ts), unit) not in seen:
                        seen.add((id(table), id(ts), unit))
                        _same_class(table, ts, unit)
        cells = 1
        for n in self.layer.shape("I"):
            cells *= n
        if total != cells:
            raise InternalError(f"the regions cover {total} of {cells} positions")


def _reads(node: Node, bindings: tuple[Binding, ...]) -> Iterator[tuple[Entry, tuple[Binding, ...]]]:
    """Every entry with the bindings around it."""
    if isinstance(node, Entry):
        yield node, bindings
    if isinstance(node, Reduce):
        bindings = (*bindings, *node.bindings)
    for child in children(node):
        yield from _reads(child, bindings)


def _with_entry(node: Node, tensor: str, q: Position) -> Node:
    """The node without terms of sums in which T[q] can't stand."""
    if isinstance(node, Sum):
        return add(_with_entry(t, tensor, q) for t in node.terms if any(e.tensor == tensor for e in entries(t)))
    if isinstance(node, Product):
        return Product(tuple(_with_entry(f, tensor, q) for f in node.factors))
    if isinstance(node, Reduce) and node.kind == "sum":
        inside = [e for e in entries(node.body) if e.tensor == tensor]
        if len(inside) == 1:
            meets = Bracket(tuple(Equal(f, const(x)) for f, x in zip(inside[0].index, q, strict=True)))
            fixed = {f.plain_name: x for f, x in zip(inside[0].index, q, strict=True)}
            return Reduce("sum", tuple(_at(b, fixed.get(b.index)) for b in node.bindings), product([node.body, meets]))
    return node


def _at(binding: Binding, value: int | None) -> Binding:
    """The binding at the one value that a subscript of its own asks for, where that is in its range."""
    low, high = binding.low.constant, binding.high.constant
    if value is None or low is None or high is None or not low <= value <= high:
        return binding
    return Binding(binding.index, const(value), const(value))


def _reading_table(axis: NumberAxis) -> dict[int, list[tuple[int, int]]]:
    """For every position the (o, a) that read it."""
    table: dict[int, list[tuple[int, int]]] = {t: [] for t in range(1, axis.n + 1)}
    for o in range(1, axis.m + 1):
        for a in range(1, axis.k + 1):
            t = axis.position(o, a)
            if t in table:
                table[t].append((o, a))
    return table


def _same_class(table: Mapping[int, list[tuple[int, int]]], ts: tuple[int, ...], unit: int) -> None:
    first = table[ts[0]]
    for t in ts:
        shift = (t - ts[0]) // unit
        if table.get(t) != [(o + shift, a) for o, a in first]:
            raise InternalError(f"position {t} is not of the class of {ts[0]}")


def judge_formulas(name: str, found: tuple[Region, ...], truth: Gradient | Callable[[Position], Poly], space: Space,
                   every: bool) -> None:
    """Each region's own formula, at every member or at its first and last.

    Raises:
        InternalError: it differs there from the gradient by definition.
    """
    for region in found:
        if region.formula is None:
            continue
        body = compile_node(region.formula.body, space)
        letters = [b.index for b in region.formula.bindings]
        places = [k for k, f in enumerate(region.formula.target.index) if f.constant is None]
        first, last = region.representative, tuple(ts[-1] for ts in region.blocks[0])
        for q in cartesian(*region.blocks[0]) if every else dict.fromkeys((first, last)):
            env = dict(zip(letters, (q[k] for k in places), strict=True))
            want = truth(q) if callable(truth) else truth.get(q, {})
            try:
                judge_value(f"the formula of the region of {list(first)} at {name}{list(q)}", body(env), want)
            except (IndexError, ArithmeticError) as error:
                raise InternalError(f"the formula of the region of {list(first)} at {name}{list(q)}: {error}") from error


def judge_correlation(layer: Layer, form: Correlation, gradient: Callable[[Position], Poly], at: Iterable[Position]) -> None:
    """The full correlation at the given entries of I, computed entry by entry, against the gradient by definition.

    dL/dI[n,c] = sum over the filters f of c's group of pad(g[n,f]) * kernel[f, c within its group].

    Raises:
        InternalError: they differ.
    """
    count = len(layer.axes)
    kernel, output = layer.shape("W"), layer.shape("O")
    zeros, before, between = integers(form.zeros), integers(form.before), integers(form.kernel_zeros)
    for q in at:
        parts: list[Poly] = []
        for o_lead, w_lead in _leading(layer, q):
            for a in positions(kernel[-count:]):
                cell = []
                for x in range(count):
                    place = q[len(q) - count + x] + (a[x] - 1) * (between[x] + 1) - before[x]
                    o, rest = divmod(place - 1, zeros[x] + 1)
                    cell.append(o + 1 if rest == 0 else 0)
                if all(1 <= o <= m for o, m in zip(cell, output[-count:], strict=True)):
                    w = tuple(k + 1 - y for k, y in zip(kernel[-count:], a, strict=True)) if form.rotate else a
                    g, weight = ("dO", (*o_lead, *cell)), ("W", (*w_lead, *w))
                    parts.append({tuple(sorted((g, weight))): 1})
        judge_value(f"the correlation at {list(q)}", add_polys(parts), gradient(q))


def judge_scatter(layer: Layer, gradient: Callable[[Position], Poly]) -> None:
    """Every output lays g times the kernel on the patch that it read, and overlaps add.

    Raises:
        InternalError: the sum differs from the gradient by definition.
    """
    axes = [a.numbers for a in layer.axes]
    kernel, output = layer.shape("W")[-len(axes) :], layer.shape("O")[-len(axes) :]
    for q in positions(layer.shape("I")[: -len(axes)]):
        laid: dict[Position, list[Poly]] = {}
        for o_lead, w_lead in _leading(layer, (*q, *([1] * len(axes)))):
            for o in positions(output):
                for a in positions(kernel):
                    t = tuple(x.position(i, u) for x, i, u in zip(axes, o, a, strict=True) if x is not None)
                    w = tuple(k + 1 - u for k, u in zip(kernel, a, strict=True)) if layer.flip else a
                    pair = (("dO", (*o_lead, *o)), ("W", (*w_lead, *w)))
                    laid.setdefault(t, []).append({tuple(sorted(pair)): 1})
        for t in positions(layer.shape("I")[-len(axes) :]):
            judge_value(f"the scattered sum at {[*q, *t]}", add_polys(laid.get(t, [])), gradient((*q, *t)))


def _leading(layer: Layer, q: Position) -> Iterator[tuple[Position, Position]]:
    """The leading subscripts of dO and of W that meet those of I: the filters of the channel's group."""
    if len(q) == len(layer.axes):
        yield (), ()
        return
    n, c = q[:2]
    (filters, share), channels = layer.shape("W")[:2], layer.shape("I")[1]
    each = filters * share // channels
    for f in range(1, filters + 1):
        if (f - 1) // each == (c - 1) // share:
            yield (n, f), (f, (c - 1) % share + 1)


def judge_value(place: str, value: Poly, truth: Poly) -> None:
    """Two values at one place.

    Raises:
        InternalError: they differ.
    """
    if value != truth:
        raise InternalError(f"{place}: {value} is not {truth}")


def judge_weight_formulas(layer: Layer, found: tuple[Region, ...]) -> None:
    """Each region's own formula of dL/dW, at its first and last member, an axis at a time.

    dL/dW[f,c,a] is the sum of dO[n,f,o] * I[n,c,t(o,a)] over the samples n and over the o, on each axis
    alone, whose t(o,a) is inside the input.

    Raises:
        InternalError: it adds other pairs.
    """
    count = len(layer.axes)
    for region in found:
        if region.formula is None:
            continue
        last = tuple(ts[-1] for ts in region.blocks[0])
        for q in dict.fromkeys((region.representative, last)):
            pairs = _pairs_by_axis(region.formula, q, layer.upstream)
            want = [(len(w), _ends(w)) for w in _weight_pairs(layer, q)]
            if pairs != want[len(want) - len(pairs) :] or len(pairs) < count:
                raise InternalError(f"the formula of the region of {list(region.representative)} at W{list(q)} adds other pairs")


def _ends(items: Sequence[Pair]) -> tuple[Pair, ...]:
    """The first two and the last: with their number they are all of an arithmetic progression."""
    return (*items[:2], *items[-1:])


def _pairs_by_axis(formula: Formula, q: Position, upstream: str) -> list[tuple[int, tuple[Pair, ...]]]:
    """The subscripts of dO and I that a formula of dL/dW[q] pairs, the other indices at their least.

    Of each axis their number and ends: both subscripts are linear in the one index that runs.
    """
    env: dict[str, int] = {}
    for f, x in zip(formula.target.index, q, strict=True):
        if f.plain_name is not None:
            env[f.plain_name] = x
    body = formula.body
    bindings = body.bindings if isinstance(body, Reduce) else ()
    spans = {}
    for b in bindings:
        spans[b.index] = range(b.low.value(env), b.high.value(env) + 1)
        env[b.index] = spans[b.index].start
    found = {e.tensor: e.index for e in entries(body)}
    pairs = []
    for g, t in zip(found[upstream], found["I"], strict=True):
        index = next((n for n in spans if n in g.names | t.names), None)
        if index is None:
            pairs.append((1, _ends([(g.value(env), t.value(env))])))
            continue
        if g.coefficient(index) is None or t.coefficient(index) is None:
            raise InternalError(f"{g} and {t} are not linear in {index}")
        span = spans[index]
        at = [env | {index: v} for v in (*span[:2], *span[-1:])]
        pairs.append((len(span), tuple((g.value(e), t.value(e)) for e in at)))
    return pairs


def _weight_pairs(layer: Layer, q: Position) -> list[list[Pair]]:
    """The same by definition."""
    axes = [a.numbers for a in layer.axes]
    pairs: list[list[Pair]] = []
    if len(q) > len(axes):
        (filters, share), (samples, channels) = layer.shape("W")[:2], layer.shape("I")[:2]
        group = (q[0] - 1) // (filters * share // channels)
        pairs = [[(n, n) for n in range(1, samples + 1)], [(q[0], group * share + q[1])]]
    for axis, a in zip(axes, q[len(q) - len(axes) :], strict=True):
        assert axis is not None
        place = axis.k + 1 - a if layer.flip else a
        reads = ((o, axis.position(o, place)) for o in range(1, axis.m + 1))
        pairs.append([(o, t) for o, t in reads if 1 <= t <= axis.n])
    return pairs
