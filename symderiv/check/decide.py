"""Equal or not: two sides over every value of the free indices, by exact integers.

A claim in formula nodes, a layer, and the ranges of the free indices go in; out comes whether the
sides are the same polynomial everywhere, and if not, the first place where they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from symderiv.check.budget import NODE_WORK, Budget
from symderiv.check.spans import every
from symderiv.check.truth import NotEntries, Position, Truth
from symderiv.check.value import Fractional, Meaningless, Outside, Unstated, World, compile_side, loose_letters
from symderiv.formula.evaluate import AtomKey, Compiled, Env, Poly, compile_condition
from symderiv.formula.nodes import Condition, Entry, Equal, Node, Within
from symderiv.formula.walk import walk
from symderiv.index.form import Form, FormLike


@dataclass(frozen=True)
class Free:
    """A free index and its range; ``length`` may hold size names."""

    index: str
    length: Form


@dataclass(frozen=True)
class Chosen:
    """"If the entry is (not) the maximum": of the window named, or of any window at all."""

    positive: bool
    at: tuple[Form, ...]
    window: tuple[Form, ...] | None


@dataclass(frozen=True)
class Sides:
    """A claim, lowered: ``left == right`` for all ``free`` where the conditions hold."""

    left: Node
    right: Node
    free: tuple[Free, ...] = ()
    conditions: tuple[Condition, ...] = ()
    chosen: Chosen | None = None


@dataclass(frozen=True)
class Reading:
    """A way to look at the sides: as written, or under one completion of list I."""

    apart: Chosen | None = None
    """I2: windows do not overlap; only the window named counts."""
    integers_only: bool = False
    """I3: terms with an index that is not an integer are 0."""
    stated_only: bool = False
    """I3: where no case applies, nothing is claimed."""
    outside_is_zero: bool = False
    """The notes say that every entry outside its range is 0."""
    zero_outside: frozenset[str] = frozenset()
    """The notes say it of these tensors only."""
    within: tuple[tuple[Form, int], ...] = ()
    """I3: only where these entries' indices are in range: pairs of index and axis length."""


@dataclass(frozen=True)
class Outcome:
    """What comparing found."""

    equal: bool
    at: Mapping[str, int] = field(default_factory=dict)
    left: Poly = field(default_factory=dict)
    right: Poly = field(default_factory=dict)
    trouble: Outside | Fractional | Unstated | Meaningless | None = None
    trouble_left: bool = False
    other_known: bool = False
    """With trouble on one side: whether the other one has a value."""
    zero_reads: frozenset[str] = frozenset()
    truth: Truth | None = None
    shares: bool = False
    """Equal only because the weights in each window add to 1."""
    checked: int = 0
    """How many values of the free indices were compared."""


AS_WRITTEN = Reading()


def decide(sides: Sides, truth: Truth, budget: Budget, reading: Reading = AS_WRITTEN, fullest: bool = False,
           skip: Callable[[Outcome], bool] | None = None) -> Outcome:
    """Compare at one choice of numbers for the sizes; the first difference, or the one with the most terms.

    ``skip`` names troubles to leave out: nothing is claimed where they arise.

    Raises:
        TooDear: the budget or a limit on size was reached.
        UnsupportedNode: a node has no value here.
    """
    world = World(truth, budget, fractional_is_zero=reading.integers_only, outside_is_zero=reading.outside_is_zero, zero_outside=reading.zero_outside)
    budget.spend(NODE_WORK * sum(1 for side in (sides.left, sides.right) for _ in walk(side)))
    letters = [f.index for f in sides.free]
    left, right = (compile_side(s, replace(world, loose=loose_letters(s, letters))) for s in (sides.left, sides.right))
    tests = [compile_condition(c) for c in sides.conditions]
    checked = 0
    best: Outcome | None = None
    shared = False
    for env in _places(sides.free, sides.chosen, reading.apart, truth, budget):
        if not all(_holds(t, env) for t in tests):
            continue
        if not _admitted(reading, env):
            continue
        weights = _weights(sides.chosen, reading.apart, truth, env)
        if weights is None:
            continue
        checked += 1
        sided = [_value(f, env) for f in (left, right)]
        if reading.stated_only and any(isinstance(v, Unstated) for v in sided):
            continue
        found = _compare(sided, weights)
        if found is not None and found.trouble is not None and skip is not None and skip(found):
            checked -= 1
            continue
        if found is not None and found.trouble is None and truth.layer.pooled is not None and truth.layer.ties != "all":
            one = _once_each(found.left, truth), _once_each(found.right, truth)
            shared = shared or one[0] == one[1]
            found = None if one[0] == one[1] else found
        if found is not None:
            found = replace(found, at=dict(env), zero_reads=frozenset(world.zero_reads), truth=truth, checked=checked)
            if not fullest:
                return found
            if best is None or len(found.left) >= len(best.left):
                best = found
    if best is not None:
        return best
    for env in stated_beyond(sides, tests, budget):
        found = _compare([_value(f, env) for f in (left, right)], lambda value: value)
        if found is not None and isinstance(found.trouble, Outside) and (skip is None or not skip(found)):
            return replace(found, at=env, truth=truth, checked=checked + 1)
    return Outcome(True, zero_reads=frozenset(world.zero_reads), truth=truth, checked=checked, shares=shared)


def stated_beyond(sides: Sides, tests: Sequence[Callable[[Env], bool]], budget: Budget) -> Iterator[Env]:
    """One place off each axis that a condition reaches beyond: ``p = 1, 2, 3`` speaks of a third row."""
    for f in sides.free:
        length = f.length.constant or 0
        for value in (0, length + 1):
            if any(_reaches(c, f.index, value) for c in sides.conditions):
                others = (g for g in sides.free if g is not f)
                places = ({**env, f.index: value} for env in environments(tuple(others), budget))
                yield from islice((e for e in places if all(_holds(t, e) for t in tests)), 1)


def _reaches(condition: Condition, letter: str, value: int) -> bool:
    """Whether a range in numbers holds this value of the letter."""
    if isinstance(condition, Within):
        low, form, high = condition.low, condition.form, condition.high
    elif isinstance(condition, Equal):
        low, form, high = condition.right, condition.left, condition.right
    else:
        return False
    at = form.replace({letter: value}).constant
    if letter not in form.names or at is None or low.constant is None or high.constant is None:
        return False
    return low.constant <= at <= high.constant


def _once_each(poly: Poly, truth: Truth) -> Poly:
    """The weights of a window add to 1: its last cell's weight is 1 less the others."""
    total: Poly = {}
    rank = len(truth.layer.pooled.shape) if truth.layer.pooled else 0
    for monomial, c in poly.items():
        last = next((a for a in monomial if a[0] == "is_max" and truth.windows[a[1][rank:]][-1] == a[1][:rank]), None)
        if last is None:
            total[monomial] = total.get(monomial, 0) + c
            continue
        rest = list(monomial)
        rest.remove(last)
        window = last[1][rank:]
        for weight, sign in [((), 1), *((((("is_max", cell + window),)), -1) for cell in truth.windows[window][:-1])]:
            key = tuple(sorted((*rest, *weight)))
            total[key] = total.get(key, 0) + sign * c
    return {m: c for m, c in total.items() if c}


def _value(side: Compiled, env: Env) -> Poly | Outside | Fractional | Unstated | Meaningless:
    try:
        return side(env)
    except (Outside, Fractional, Unstated, Meaningless) as error:
        return error
    except NotEntries:
        return Meaningless("a maximum of something that is not entries")


def _compare(sided: Sequence[Poly | Outside | Fractional | Unstated | Meaningless], weights: Weights) -> Outcome | None:
    polys: list[Poly] = []
    for k, value in enumerate(sided):
        if isinstance(value, dict):
            polys.append(weights(value))
            continue
        other = sided[1 - k]
        known = weights(other) if isinstance(other, dict) else {}
        return Outcome(
            False, left=known if k else {}, right={} if k else known, trouble=value, trouble_left=k == 0,
            other_known=isinstance(other, dict),
        )
    if polys[0] == polys[1]:
        return None
    return Outcome(False, left=polys[0], right=polys[1])


def _holds(test: Callable[[Env], bool], env: Env) -> bool:
    try:
        return test(env)
    except ArithmeticError:
        return False


def environments(free: Sequence[Free], budget: Budget) -> Iterator[Env]:
    """Every value of the free indices."""
    spans = []
    for f in free:
        n = f.length.constant
        assert n is not None, "sizes have numbers here"
        spans.append(range(1, n + 1))
    names = [f.index for f in free]
    for values in every(spans):
        budget.spend(1)
        yield dict(zip(names, values, strict=True))


def _places(free: Sequence[Free], chosen: Chosen | None, apart: Chosen | None, truth: Truth, budget: Budget) -> Iterator[Env]:
    """Every value of the free indices at which a condition that names a cell of a window may hold.

    Of cells and windows in letters only the pairs are made of which one has the other, in the same order.
    """
    pair = next((c for c in (chosen, apart) if c is not None and c.positive and c.window is not None), None)
    cell, window = ([f.plain_name or "" for f in forms] for forms in ((pair.at, pair.window or ()) if pair else ((), ())))
    if not cell or "" in (*cell, *window) or len(set(cell)) < len(cell) or len(set(window)) < len(window):
        return environments(free, budget)
    names = [f.index for f in free]
    if names == [*cell, *(x for x in window if x not in cell)]:
        return _pairs(free, cell, window, lambda q: truth.readers(truth.pooled, q) or (), budget)
    if names == [*window, *(x for x in cell if x not in window)]:
        return _pairs(free, window, cell, lambda o: truth.windows[o] if truth.cells(o) else (), budget)
    return environments(free, budget)


def _pairs(free: Sequence[Free], first: Sequence[str], second: Sequence[str],
           found: Callable[[Position], Iterable[Position]], budget: Budget) -> Iterator[Env]:
    lengths = {f.index: f.length.constant or 0 for f in free}
    for env in environments(free[: len(first)], budget):
        for q in found(tuple(env[x] for x in first)):
            budget.spend(1)
            both = env | dict(zip(second, q, strict=True))
            if all(both[x] == env[x] for x in first) and all(1 <= both[x] <= lengths[x] for x in second):
                yield both


def _admitted(reading: Reading, env: Env) -> bool:
    for form, n in reading.within:
        try:
            if not 1 <= form.value(env) <= n:
                return False
        except ArithmeticError:
            return False
    return True


# -- the weights of maxima under a condition -------------------------------------------------
Weights = Callable[[Poly], Poly]


def _plain(poly: Poly) -> Poly:
    return poly


def _weights(chosen: Chosen | None, apart: Chosen | None, truth: Truth, env: Env) -> Weights | None:
    """What the conditions say of the weights at this place; None where they do not hold."""
    if chosen is None and apart is None:
        return _plain
    fixed: dict[AtomKey, int] = {}
    dropped: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    none_of: tuple[int, ...] | None = None
    if chosen is not None:
        cell = tuple(f.value(env) for f in chosen.at)
        if chosen.window is None:
            none_of = cell
            if chosen.positive:
                return None
        else:
            window = tuple(f.value(env) for f in chosen.window)
            if chosen.positive and cell not in truth.cells(window):
                return None
            fixed["is_max", cell + window] = int(chosen.positive)
    if apart is not None:
        assert apart.window is not None
        cell = tuple(f.value(env) for f in apart.at)
        window = tuple(f.value(env) for f in apart.window)
        if cell not in truth.cells(window):
            return None
        dropped = cell, window

    def known(atom: AtomKey) -> int | None:
        if atom[0] != "is_max":
            return None
        if atom in fixed:
            return fixed[atom]
        if none_of is not None and atom[1][: len(none_of)] == none_of:
            return 0
        if dropped is not None:
            cell, window = dropped
            if atom[1][: len(cell)] == cell and atom[1] != cell + window:
                return 0
        return None

    return lambda poly: _put_in(poly, known)


def _put_in(poly: Poly, known: Callable[[AtomKey], int | None]) -> Poly:
    total: Poly = {}
    for monomial, c in poly.items():
        rest = []
        for atom in monomial:
            value = known(atom)
            if value is None:
                rest.append(atom)
            else:
                c = c * value
        if c:
            key = tuple(rest)
            total[key] = total.get(key, 0) + c
    return {m: c for m, c in total.items() if c}


def bind_sides(sides: Sides, values: Mapping[str, FormLike]) -> Sides:
    """The claim with size names replaced by numbers."""
    from symderiv.formula.walk import map_condition, substitute

    def put(form: Form) -> Form:
        return form.replace(values)

    return Sides(
        substitute(sides.left, values),
        substitute(sides.right, values),
        tuple(Free(f.index, put(f.length)) for f in sides.free),
        tuple(map_condition(c, put) for c in sides.conditions),
        sides.chosen,
    )


def element(node: Node) -> Entry | None:
    """The entry that a side is, where it is one."""
    return node if isinstance(node, Entry) else None
