"""The verdict on a claim that was read: equal, equal under a completion, or not.

Sizes that are names are judged at small numbers, no two axes alike; the report then says up to which.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from itertools import product as cartesian
from math import prod
from typing import Literal

from symderiv.check.arrays import Grid, Lowered, Part, Whole
from symderiv.check.axes import holds_at_all_sizes
from symderiv.check.beyond import beyond
from symderiv.check.budget import Budget, TooDear
from symderiv.check.cells import Cells, Matrices, same_shape
from symderiv.check.context import Context, Star
from symderiv.check.decide import AS_WRITTEN, Chosen, Free, Outcome, Reading, Sides, bind_sides, decide
from symderiv.check.factors import agree_by_axis
from symderiv.check.finalise import Ready
from symderiv.check.planes import plane_values
from symderiv.check.ranges import free_names
from symderiv.check.truth import Truth
from symderiv.check.value import Fractional, Meaningless, Outside, Unstated, World
from symderiv.formula.nodes import Binding, Entry, IsMax, Node, Number, Partial, Reduce, UnsupportedNode
from symderiv.formula.walk import map_condition, map_forms, walk
from symderiv.index.form import Extreme, Form, FormLike, Ratio, const
from symderiv.index.window import Axis
from symderiv.model import Layer
from symderiv.notes.tree import Place
from symderiv.verify.samples import count_terms, fits

Completion = Literal["sum", "apart", "integers", "stated", "range"]
MOST_SAMPLES = 16
FEW = 4
MOST_LENGTH = 60
MOST_NUMBERS = 4
MOST_TOLD = 400
MOST_TOLD_TERMS = 16_000
MOST_TOLD_IN_ALL = 30_000
MOST_TERMS = 700
MOST_SAMPLE_TERMS = 8_000
MOST_POOLED = 700
"""Cells of a window, where the input's size is a name: a maximum is not compared axis by axis."""
MOST_PADDED = 4
"""Zeros around an axis that are counted when sizes are chosen: with them a kernel may be longer than its input."""
Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Judged:
    """What became of a claim."""

    outcome: Outcome
    sizes: Sizes
    completion: Completion | None = None
    depends: bool = False
    """True for some sizes that the notes leave open and false for others."""
    most: int = 0
    """The largest number tried for a size that is a name; 0 where all are numbers."""
    zero_reads: frozenset[str] = frozenset()
    meanings: frozenset[tuple[str, Star]] = frozenset()
    """The signs between maps on whose meaning it hangs."""
    by_shape: bool = False
    padded: bool = False
    """A ``pad`` was given the zeros that the shapes ask for."""
    single: bool = False
    """A map with one entry was read as a number."""
    empty: bool = False
    """The conditions hold nowhere."""
    apart: bool = False
    """It was compared as if windows did not overlap, since the words say so."""
    one_window: bool = False
    """Windows do not overlap, and it speaks of an entry and the window that holds it."""

    @property
    def equal(self) -> bool:
        return self.outcome.equal


class Truths:
    """Layers with numbers for their sizes, kept for the claims that follow."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, tuple[tuple[str, int], ...]], Truth] = {}
        self._samples: dict[int, list[dict[str, int]]] = {}
        self._layers: list[Layer] = []

    def at(self, layer: Layer, sizes: Sizes) -> Truth:
        """The truth of a layer at these sizes."""
        key = (id(layer), tuple(sorted(sizes.items())))
        if key not in self._made:
            self._layers.append(layer)
            self._made[key] = Truth(layer.bind(dict(sizes)) if sizes else layer)
        return self._made[key]

    def samples(self, layer: Layer, unstated: Sequence[str] = ()) -> list[dict[str, int]]:
        """Numbers for the sizes that are names, the smallest first; those that the notes leave open also alike."""
        if id(layer) not in self._samples:
            self._layers.append(layer)
            self._samples[id(layer)] = sample_sizes(layer, unstated)
        return self._samples[id(layer)]


def _longer(layer: Layer) -> bool:
    """Whether a kernel is longer than the input without its padding."""
    return any(a.k.constant is not None and a.n.constant is not None and a.k.constant > a.n.constant for a in layer.axes)


def sample_sizes(layer: Layer, unstated: Sequence[str] = ()) -> list[dict[str, int]]:
    """Small numbers for every size name: no two of one kind alike where that can be."""
    names = layer.sizes
    if not names:
        return [{}]
    spans = [_span(n, layer) for n in names]
    total = 1
    for span in spans:
        total *= len(span)
    tries: Iterator[tuple[int, ...]] = cartesian(*spans)
    if total > 6_000:
        rng = random.Random(3)
        tries = iter(tuple(rng.choice(s) for s in spans) for _ in range(3_000))
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for values in tries:
        chosen = dict(zip(names, values, strict=True))
        bound = layer.bind(chosen)
        if fits(bound):
            found.append((count_terms(bound), _alike(chosen), values))
    # a long kernel, or many channels, have many terms at every size: then the few smallest
    found = [f for f in found if f[0] <= MOST_TERMS] or sorted(found)[:FEW]
    cells = prod(a.k.constant or 1 for a in layer.axes)
    if not found or (layer.family == "max_pool" and cells > MOST_POOLED):
        raise TooDear("terms of the layer", MOST_POOLED if found else MOST_SAMPLE_TERMS)
    apart = [f for f in found if f[1] == 0] or found
    apart.sort()
    step = max(1, len(apart) // MOST_SAMPLES)
    longer = [f for f in apart if _longer(layer.bind(dict(zip(names, f[2], strict=True))))]
    picked = apart[:3] + longer[:4] + longer[-2:] + apart[3::step][:MOST_SAMPLES] + apart[-1:]
    if unstated:
        named = [k for k, n in enumerate(names) if n not in unstated]
        picked += sorted(f for f in found if f[1] > 0 and not _alike({names[k]: f[2][k] for k in named}))[:MOST_SAMPLES]
    return [dict(zip(names, v, strict=True)) for v in dict.fromkeys(p[2] for p in picked)]


def _span(name: str, layer: Layer) -> Sequence[int]:
    def among(*attributes: str) -> bool:
        return any(name in getattr(a, x).names for a in layer.axes for x in attributes)

    if among("start", "end"):
        return range(0, 3)
    if among("n"):
        reach = [(a.reach.constant, _padding(a)) for a in layer.axes if name in a.n.names]
        low = max((r - min(p, MOST_PADDED) for r, p in reach if r is not None), default=1)
        more = max((min(p, MOST_PADDED) for _, p in reach), default=0)
        return range(max(1, low), max(1, low) + 5 + more)
    if among("s"):
        return range(1, 5)
    more = max((min(_padding(a), MOST_PADDED) for a in layer.axes if name in a.k.names), default=0)
    return range(1, 4 + more)


def _padding(axis: Axis) -> int:
    """The zeros around an axis, where their number is known."""
    return (axis.start.constant or 0) + (axis.end.constant or 0)


def _alike(chosen: Mapping[str, int]) -> int:
    """How many pairs of one letter (N1 and N2) have one value."""
    by_kind: dict[str, list[int]] = {}
    for name, value in chosen.items():
        by_kind.setdefault(name[0], []).append(value)
    return sum(len(v) - len(set(v)) for k, v in by_kind.items() if k in "NKHVCF" or len(v) > 1)


def _full(layer: Layer, sizes: Sizes) -> dict[str, FormLike]:
    values: dict[str, FormLike] = dict(sizes)
    for name, form in layer.derived:
        values[name] = form.replace(values)
    return values


def literals(sides: Sides) -> set[int]:
    """Every whole number in a subscript, a limit or a condition of the claim."""
    found: set[int] = set()

    def note(form: Form) -> Form:
        for monomial, c in form.terms:
            if not monomial:
                found.add(abs(c))
            for atom in monomial:
                if isinstance(atom, Ratio):
                    note(atom.top)
                elif isinstance(atom, Extreme):
                    for inner in atom.forms:
                        note(inner)
        return form

    for side in (sides.left, sides.right):
        map_forms(side, note)
    for condition in sides.conditions:
        map_condition(condition, note)
    return found


def _numbers(form_or: FormLike) -> int:
    return form_or if isinstance(form_or, int) else (form_or.constant or 0)


class Judge:
    """Judges claims under one context."""

    def __init__(self, context: Context, truths: Truths) -> None:
        self.context, self.truths = context, truths
        self._plain = Reading(outside_is_zero=True) if context.zero_outside else Reading(zero_outside=context.zero_tensors) if context.zero_tensors else AS_WRITTEN

    # -- entries -----------------------------------------------------------------------------
    def compare(self, sides: Sides, budget: Budget, reading: Reading = AS_WRITTEN, skip: Callable[[Outcome], bool] | None = None) -> Judged:
        """Both sides at every sample of sizes.

        Raises:
            TooDear: a limit was reached.
        """
        layer = self.context.layer
        zero: frozenset[str] = frozenset()
        results: list[tuple[Outcome, Sizes]] = []
        samples = self.truths.samples(layer, self.context.unstated)
        samples = [*samples, *beyond(layer, literals(sides), samples[0])]
        most = max((v for s in samples for v in s.values()), default=0)
        affordable = True
        for sizes in samples:
            outcome = self._at(sizes, sides, budget, reading, skip)
            if outcome is None:
                affordable = False
                continue
            zero = zero | outcome.zero_reads
            results.append((outcome, sizes))
            if not outcome.equal and not self.context.unstated:
                break
        if self.context.unstated and not any(o.equal for o, _ in results):
            results += self._told_by(sides, budget, reading)
        wrong = [r for r in results if not r[0].equal]
        if self.context.unstated:
            # an entry that a small size has not is the least of what differs
            wrong.sort(key=lambda r: isinstance(r[0].trouble, Outside))
        if not wrong and not affordable:
            raise TooDear("terms of the layer", MOST_SAMPLE_TERMS)
        depends = 0 < len(wrong) < len(results) and not self._wrong_for_good(results)
        if sides.free and not any(o.equal and self._moves(s) for o, s in results):
            # a formula for every entry that only a layer with one window on an axis would make true
            depends = False
        if self.context.unstated and len(wrong) == len(results) and all(self._off_an_open_axis(o) for o, _ in results):
            depends = True
        outcome, at_sizes = wrong[0] if wrong else results[-1]
        empty = not wrong and not any(r[0].checked for r in results)
        return Judged(replace(outcome, equal=outcome.equal and not empty), at_sizes, None, depends, most, zero, empty=empty)

    def _at(self, sizes: Sizes, sides: Sides, budget: Budget, reading: Reading, skip: Callable[[Outcome], bool] | None) -> Outcome | None:
        """Both sides at one sample, large layers axis by axis; None where that fails and all terms are too many."""
        layer, truth = self.context.layer, self.truths.at(self.context.layer, sizes)
        if not sizes:
            return decide(sides, truth, budget, reading, skip=skip)
        bound = bind_sides(sides, _full(layer, sizes))
        if reading == AS_WRITTEN and skip is None:
            by_axis = agree_by_axis(bound, truth.layer, budget)
            if by_axis is not None:
                return by_axis
        reads = any(isinstance(n, (Entry, IsMax, Partial)) for side in (sides.left, sides.right) for n in walk(side))
        if reads and count_terms(truth.layer) > MOST_SAMPLE_TERMS:
            return None
        return decide(bound, truth, budget, reading, skip=skip)

    def _moves(self, sizes: Sizes) -> bool:
        """Whether the window has more than one place on every axis."""
        lengths = [a.m.replace(dict(sizes)).constant for a in self.context.layer.axes]
        return all(m is None or m > 1 for m in lengths)

    def _off_an_open_axis(self, outcome: Outcome) -> bool:
        """Whether an entry does not exist on an axis whose length the notes leave open."""
        trouble = outcome.trouble
        if not isinstance(trouble, Outside):
            return False
        made = {name: form for name, form in self.context.layer.derived}
        lengths = [length.replace(made) for length in self.context.shape(trouble.entry.tensor)]
        return any(
            not 1 <= x <= n and not length.names.isdisjoint(self.context.unstated)
            for x, n, length in zip(trouble.index, trouble.shape, lengths, strict=True)
        )

    def _told_by(self, sides: Sides, budget: Budget, reading: Reading) -> list[tuple[Outcome, Sizes]]:
        """The claim at sizes for which its own numbers would be lengths: it may be true of a layer that the notes have in mind."""
        layer = self.context.layer
        numbers = sorted(n for n in literals(sides) if 1 <= n <= MOST_LENGTH)[-MOST_NUMBERS:]
        spans = [self._lengths(n, numbers) for n in layer.sizes]
        found: list[tuple[Outcome, Sizes]] = []
        total, whole = 0, True
        for values in islice(cartesian(*spans), MOST_TOLD):
            sizes = dict(zip(layer.sizes, values, strict=True))
            small = layer.bind(sizes)
            if not fits(small):
                continue
            terms = count_terms(small)
            if terms > MOST_TOLD_TERMS or total + terms > MOST_TOLD_IN_ALL:
                whole = False
                continue
            total += terms
            outcome = decide(bind_sides(sides, _full(layer, sizes)), self.truths.at(layer, sizes), budget, reading)
            found.append((outcome, sizes))
            if outcome.equal:
                return found
        if not whole:
            raise TooDear("terms of the layer", MOST_TOLD_IN_ALL)
        return found

    def _lengths(self, size: str, numbers: Sequence[int]) -> list[int]:
        """Values of a size: an input's at which it, or the output, has one of the numbers as length."""
        axis = next((a for a in self.context.layer.axes if size in a.n.names), None)
        if axis is None or size not in self.context.unstated:
            return list(dict.fromkeys([*numbers, 1, 2]))[:MOST_NUMBERS]
        others = dict.fromkeys(self.context.layer.sizes, 1)
        m = axis.m
        lengths = [n for n in range(1, MOST_LENGTH * 4) if m.value({**others, size: n}) in numbers]
        return list(dict.fromkeys([*lengths, *numbers]))[: 2 * MOST_NUMBERS]

    def _wrong_for_good(self, results: Sequence[tuple[Outcome, Sizes]]) -> bool:
        """Whether for some numbers of the sizes that have names no number of the open ones makes it right."""
        groups: dict[tuple[int, ...], list[bool]] = {}
        for outcome, sizes in results:
            key = tuple(v for n, v in sizes.items() if n not in self.context.unstated)
            groups.setdefault(key, []).append(outcome.equal)
        return any(not any(g) for g in groups.values())

    def entries(self, ready: Ready, element: bool, budget: Budget, apart: bool = False) -> Judged:
        """As written, and where that is false under each completion of list I; ``apart``: the words say that windows do not overlap."""
        sides = ready.sides
        if apart and self._overlapping():
            named = self._apart(sides)
            if named is None:
                raise UnsupportedNode(sides.right, "a claim about windows that do not overlap")
            return replace(self.compare(sides, budget, replace(self._plain, apart=named)), apart=True)
        by_axis = agree_by_axis(sides, self.context.layer, budget)
        if by_axis is not None:
            return Judged(by_axis, {}, zero_reads=by_axis.zero_reads)
        first = self.compare(sides, budget, self._plain)
        if not first.equal and self.context.layer.pooled is not None and ready.generic:
            first = self._fullest(sides, first, budget)
        if first.equal and first.most and not self.context.unstated and holds_at_all_sizes(sides, self.context.layer, budget):
            first = replace(first, most=0)
        if first.equal or first.depends or first.empty or element or isinstance(first.outcome.trouble, Meaningless):
            return first
        in_window = self._in_its_window(ready, budget)
        if in_window is not None:
            return in_window
        for completion, judged in self._completions(ready, first, budget):
            if judged.equal and judged.outcome.checked:
                return replace(first, completion=completion)
        return first

    def _fullest(self, sides: Sides, first: Judged, budget: Budget) -> Judged:
        """The place where the most windows meet shows best why whole tensors of a pool differ."""
        bound = bind_sides(sides, _full(self.context.layer, first.sizes)) if first.sizes else sides
        outcome = decide(bound, self.truths.at(self.context.layer, first.sizes), budget, self._plain, fullest=True)
        return replace(first, outcome=outcome)

    def _completions(self, ready: Ready, first: Judged, budget: Budget) -> Iterator[tuple[Completion, Judged]]:
        sides = ready.sides
        apart = self._apart(sides)
        chain = any(isinstance(n, Partial) for n in walk(sides.right))
        if apart is not None and self._overlapping() and not chain:
            yield "apart", self.compare(sides, budget, replace(self._plain, apart=apart))
        if ready.right_only and sides.chosen is None and not ready.unsummed and summable(sides, ready.right_only):
            yield "sum", self.compare(summed(sides, ready.right_only, self.context), budget, self._plain)
        if isinstance(first.outcome.trouble, Fractional):
            yield "integers", self.compare(sides, budget, replace(self._plain, integers_only=True))
            yield "integers", self.compare(sides, budget, self._plain, lambda o: isinstance(o.trouble, Fractional))
        if isinstance(first.outcome.trouble, Unstated):
            yield "stated", self.compare(sides, budget, replace(self._plain, stated_only=True))
        free = {f.index for f in sides.free}
        if isinstance(first.outcome.trouble, Outside) and not sides.conditions and _by_free(first.outcome, free):
            yield "range", self.compare(sides, budget, AS_WRITTEN, lambda o: _by_free(o, free))

    def _in_its_window(self, ready: Ready, budget: Budget) -> Judged | None:
        """``dL/dI = dL/dO`` where it is the maximum, else 0: where windows do not overlap an entry has one window at most."""
        sides = ready.sides
        named = self._apart(sides) if ready.generic and sides.chosen is None and not self._overlapping() else None
        chosen = any(isinstance(n, IsMax) for n in walk(sides.right))
        if named is None or any(isinstance(n, Partial) for n in walk(sides.right)) or not (chosen or self._covered()):
            return None
        judged = self.compare(sides, budget, replace(self._plain, apart=named))
        return replace(judged, one_window=True) if judged.equal and judged.outcome.checked else None

    def _covered(self) -> bool:
        """Whether every entry lies in a window."""
        numbers = [a.numbers for a in self.context.layer.axes]
        return all(a is not None and all(a.readers(t) for t in range(1, a.n + 1)) for a in numbers)

    def _apart(self, sides: Sides) -> Chosen | None:
        """Which entry and which window the claim speaks of, for I2."""
        layer = self.context.layer
        if layer.pooled is None:
            return None
        at, windows = None, []
        for n in walk(sides.left):
            if isinstance(n, Entry) and n.tensor == "d" + layer.pooled.name:
                at = n.index
        for n in walk(sides.right):
            if isinstance(n, Reduce):
                return None
            if isinstance(n, Entry) and n.tensor == layer.upstream and n.index not in windows:
                windows.append(n.index)
        if at is None or len(windows) != 1:
            return None
        return Chosen(True, at, windows[0])

    def _overlapping(self) -> bool:
        numbers = [a.numbers for a in self.context.layer.axes]
        return any(a is None or a.s < a.d * (a.k - 1) + 1 for a in numbers)

    # -- matrices ----------------------------------------------------------------------------
    def matrices(self, left: Lowered, right: Lowered, budget: Budget, place: Place) -> Judged:
        """Cell by cell; a sign that no equation decided yet means what makes the first one right.

        An equation that holds under both meanings (a kernel with one entry) decides nothing.

        Raises:
            ShapeMismatch: the two members do not have one shape.
            TooDear: a limit was reached.
        """
        undecided: set[str] = set()
        first = self._matrices(left, right, budget, place, "correlation", undecided)
        if not undecided:
            return first
        second = self._matrices(left, right, budget, place, "convolution", undecided)
        if first.equal and second.equal:
            return replace(first, meanings=frozenset(m for m in first.meanings if m[0] not in undecided))
        return second if second.equal else first

    def _matrices(self, left: Lowered, right: Lowered, budget: Budget, place: Place, trial: Star, undecided: set[str]) -> Judged:
        """Under one meaning of the signs that are not decided.

        Raises:
            ShapeMismatch: the two members do not have one shape.
            TooDear: a limit was reached.
        """
        layer = self.context.layer
        last: Judged | None = None
        samples = self.truths.samples(layer, self.context.unstated)
        most = max((v for s in samples for v in s.values()), default=0)
        for sizes in samples:
            truth = self.truths.at(layer, sizes)
            values = _full(layer, sizes)
            for env in plane_values(left, right, self.context, values, budget, place):
                last = self._cells(left, right, World(truth, budget, loose=frozenset(env)), values, place, trial, undecided, env)
                last = replace(last, sizes=sizes, most=most)
                if not last.equal:
                    return last
        assert last is not None
        return last

    def _cells(self, left: Lowered, right: Lowered, world: World, values: Mapping[str, FormLike], place: Place, trial: Star,
               undecided: set[str], env: Mapping[str, int]) -> Judged:
        """At one choice of sizes and of the letters of planes."""
        pair: list[Cells] = []
        found = Judged(Outcome(True, truth=world.truth), {})
        shapes = [_known_shape(m, world.truth) for m in (left, right)]
        for member, target in ((left, shapes[1]), (right, shapes[0])):
            matrices = Matrices(self.context, world, values, place, target, trial, env=dict(env))
            try:
                pair.append(matrices.value(member))
            except (Outside, Fractional, Unstated, Meaningless) as trouble:
                return replace(found, outcome=Outcome(False, dict(env), trouble=trouble, trouble_left=member is left, truth=world.truth))
            undecided |= matrices.undecided
            found = replace(
                found, meanings=found.meanings | matrices.meanings, by_shape=found.by_shape or matrices.used_size,
                padded=found.padded or matrices.used_pad, single=found.single or matrices.used_single,
            )
        a, b = same_shape(pair[0], pair[1])
        outcome = _cells_differ(a, b, world.truth)
        return replace(found, outcome=replace(outcome, at={**env, **outcome.at}), zero_reads=frozenset(world.zero_reads))


def _cells_differ(a: Cells, b: Cells, truth: Truth) -> Outcome:
    shape = a.shape or b.shape
    names = ("row", "column") if len(shape) == 2 else tuple(f"axis{k}" for k in range(1, len(shape) + 1))
    for q in a.at if a.shape else b.at:
        left, right = a.at[q if a.shape else ()], b.at[q if b.shape else ()]
        if left != right:
            return Outcome(False, dict(zip(names, q, strict=True)), left, right, truth=truth, checked=len(a.at))
    return Outcome(True, truth=truth, checked=len(a.at))


def _known_shape(member: Lowered, truth: Truth) -> tuple[int, ...] | None:
    if isinstance(member, Grid):
        return member.shape
    if isinstance(member, Part):
        return truth.shapes[member.tensor][len(member.index) :]
    return truth.shapes[member.tensor] if isinstance(member, Whole) else None


def _by_free(outcome: Outcome, free: set[str]) -> bool:
    """Whether an entry does not exist because of a free index standing alone, not a number or a sum's."""
    trouble = outcome.trouble
    if not isinstance(trouble, Outside):
        return False
    entry = trouble.entry
    return all(
        1 <= x <= n or (form.names and form.names <= free)
        for form, x, n in zip(entry.index, trouble.index, trouble.shape, strict=True)
    ) and any(form.names for form in entry.index)


def summable(sides: Sides, over: Sequence[Free]) -> bool:
    """Whether the indices stand beside something that a sum may be missing before: not on an entry alone, and not for a number."""
    in_left = set(free_names(sides.left))
    if any(isinstance(sides.right if f.index in in_left else sides.left, Number) for f in over):
        return False
    return not any(isinstance(sides.left if f.index in in_left else sides.right, Entry) for f in over) or (
        isinstance(sides.right, Entry) and not any(f.index in in_left for f in over))


def summed(sides: Sides, over: Sequence[Free], context: Context) -> Sides:
    """The claim with a sum over the indices that stand on one side only."""
    names = {f.index for f in over}
    keep = tuple(f for f in sides.free if f.index not in names)

    def around(node: Node, own: list[Free]) -> Node:
        if not own:
            return node
        return Reduce("sum", tuple(Binding(f.index, const(1), f.length) for f in own), node)

    in_left = set(free_names(sides.left))
    right = around(sides.right, [f for f in over if f.index not in in_left])
    left = around(sides.left, [f for f in over if f.index in in_left])
    return replace(sides, left=left, right=right, free=keep)


def is_element(node: Lowered, context: Context) -> bool:
    """Whether a member is an entry with literal indices."""
    if isinstance(node, Entry):
        return bool(node.index) and all(f.constant is not None for f in node.index)
    if isinstance(node, Partial):
        return is_element(node.wrt, context) and is_element(node.output, context)
    return False
