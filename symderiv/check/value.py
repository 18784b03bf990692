"""The value of a claim's side: exact polynomials, with every doubtful read noticed.

As ``formula.evaluate``, but for what strangers wrote: a side is compiled once to closures, every
step is paid for from a budget, and a read outside a tensor's range is told apart by how its index
is written. An index that follows a free letter (``p-a+1``) reads 0 there and the side remembers it; a
number, an index standing alone (``O_33``, ``O_{ij}``) and one of summed letters only (``W_{4-m}``, whose
limits the writer chose) name an entry that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from symderiv.check.budget import WORK, Budget, TooDear
from symderiv.check.narrowing import chain_over_readers, condition_bounds, entry_bounds, merged
from symderiv.check.truth import Truth, chosen_atom, max_atom
from symderiv.formula.evaluate import (
    UNIT,
    Compiled,
    Env,
    Poly,
    compile_condition,
    compile_form,
    multiply_polys,
)
from symderiv.formula.nodes import (
    Bracket,
    Cases,
    Condition,
    Entry,
    Greatest,
    IsMax,
    Node,
    Number,
    Partial,
    Power,
    Product,
    Reduce,
    Size,
    Sum,
    UnsupportedNode,
)
from symderiv.formula.walk import walk
from symderiv.index.form import Form

MOST_MONOMIALS = 20_000
MOST_POWER = 16


class Outside(Exception):
    """An entry that does not exist was named by a number or by an index standing alone."""

    def __init__(self, entry: Entry, index: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__(f"{entry.tensor}{list(index)} is outside {list(shape)}")
        self.entry, self.index, self.shape = entry, index, shape


class Fractional(Exception):
    """An index is not an integer, and no condition beside it says when it is."""


class Unstated(Exception):
    """No case of a case statement applies."""


class Meaningless(Exception):
    """A division by zero, or by something that is not a number."""


@dataclass
class World:
    """A layer with numbers for its sizes, and what evaluation there noticed."""

    truth: Truth
    budget: Budget
    fractional_is_zero: bool = False
    outside_is_zero: bool = False
    """Read every entry outside its range as 0: to show numbers, or because the notes say so."""
    zero_outside: frozenset[str] = frozenset()
    """Tensors of which the notes say that their entries outside the range are 0."""
    outside_is_named: bool = False
    """Let an entry that does not exist stand for itself: to compare what is written, term by term."""
    zero_reads: set[str] = field(default_factory=set)
    """Tensors that a composite index read outside their range, where the layer has no padding."""
    loose: frozenset[str] = frozenset()
    """Letters with which a composite index may leave its range: see ``loose_letters``."""


def compile_side(node: Node, world: World) -> Compiled:
    """The node as a function of its indices. Raises UnsupportedNode."""
    if isinstance(node, Number):
        value: Poly = {UNIT: node.value} if node.value else {}
        return lambda env: value
    if isinstance(node, Size):
        form = _form(node.form)
        return lambda env: _number(form(env))
    if isinstance(node, Entry):
        return _entry(node, world)
    if isinstance(node, Sum):
        return _add([compile_side(t, world) for t in node.terms], world)
    if isinstance(node, Product):
        return _product(node, world)
    if isinstance(node, Power):
        return _power(node, world)
    if isinstance(node, Reduce):
        return _sum(node, world) if node.kind == "sum" else _maximum(node, world)
    if isinstance(node, Greatest):
        return _greatest(node, world)
    if isinstance(node, IsMax):
        return _is_max(node, world)
    if isinstance(node, Bracket):
        tests = [_condition(c) for c in node.conditions]
        return lambda env: {UNIT: 1} if all(t(env) for t in tests) else {}
    if isinstance(node, Cases):
        return _cases(node, world)
    if isinstance(node, Partial):
        return _partial(node, world)
    raise UnsupportedNode(node, "check")


def _form(form: Form) -> Callable[[Env], int]:
    inner = compile_form(form)

    def value(env: Env) -> int:
        try:
            return inner(env)
        except ZeroDivisionError as error:
            raise Meaningless("a division by zero in an index") from error
        except ArithmeticError as error:
            raise Fractional(str(error)) from error

    return value if any(not isinstance(a, str) for m, _ in form.terms for a in m) else inner


def _condition(condition: Condition) -> Callable[[Env], bool]:
    inner = compile_condition(condition)

    def holds(env: Env) -> bool:
        try:
            return inner(env)
        except ZeroDivisionError as error:
            raise Meaningless("a division by zero in a condition") from error
        except ArithmeticError:
            return False

    return holds


def _number(value: int) -> Poly:
    return {UNIT: value} if value else {}


def composite(form: Form) -> bool:
    """Whether an index is more than a number or one name."""
    return form.constant is None and form.plain_name is None


def loose_letters(side: Node, free: Iterable[str]) -> frozenset[str]:
    """The letters with which a composite index may leave its range: the free ones, and those that stand alone.

    ``sum_a dO[2-a] W[a]`` is the general formula at an entry with numbers: its letter keeps to the axis of W.
    """
    alone = (f.plain_name for n in walk(side) if isinstance(n, Entry) for f in n.index)
    return frozenset(free) | {x for x in alone if x is not None}


def _is_loose(form: Form, world: World) -> bool:
    return composite(form) and not form.names.isdisjoint(world.loose)


def _entry(node: Entry, world: World) -> Compiled:
    shape = world.truth.shapes[node.tensor]
    forms = [_form(f) for f in node.index]
    loose = [_is_loose(f, world) for f in node.index]
    read, padded = world.truth.reader(node.tensor), node.tensor in world.truth.padded
    spend = world.budget.spend
    if len(forms) != len(shape):
        raise UnsupportedNode(node, f"an entry with {len(shape)} subscripts")
    inner = list(zip(forms, shape, loose, world.truth.reach[node.tensor], strict=True))

    def value(env: Env) -> Poly:
        spend(1)
        index = []
        gone = False
        for form, n, free, (first, last) in inner:
            x = form(env)
            index.append(x)
            if not 1 <= x <= n:
                if not (free or first <= x <= last or world.outside_is_zero or world.outside_is_named or node.tensor in world.zero_outside):
                    raise Outside(node, tuple(f(env) for f in forms), shape)
                gone = True
        if gone:
            if world.outside_is_named and not padded:
                return {((node.tensor, tuple(index)),): 1}
            if not padded:
                world.zero_reads.add(node.tensor)
            return {}
        return read(tuple(index))

    def lenient(env: Env) -> Poly:
        try:
            return value(env)
        except Fractional:
            if world.fractional_is_zero:
                return {}
            raise

    return lenient if any(not isinstance(a, str) for f in node.index for m, _ in f.terms for a in m) else value


def _add(parts: list[Compiled], world: World) -> Compiled:
    def value(env: Env) -> Poly:
        total: Poly = {}
        for part in parts:
            add_into(total, part(env))
        world.budget.spend(len(total))
        return {m: c for m, c in total.items() if c}

    return value


def add_into(total: Poly, poly: Poly) -> None:
    for monomial, c in poly.items():
        total[monomial] = total.get(monomial, 0) + c


def multiply(a: Poly, b: Poly, world: World) -> Poly:
    longest = len(next(iter(a), ())) + len(next(iter(b), ()))
    world.budget.spend(len(a) * len(b) * (1 + longest // 2))
    if len(a) * len(b) > MOST_MONOMIALS * 10:
        raise TooDear("terms after expansion", MOST_MONOMIALS)
    found = multiply_polys(a, b)
    if len(found) > MOST_MONOMIALS:
        raise TooDear("terms after expansion", MOST_MONOMIALS)
    return found


def _product(node: Product, world: World) -> Compiled:
    """Brackets first: they guard what stands beside them. Then every factor, even after a zero."""
    guards = [compile_side(f, world) for f in node.factors if isinstance(f, Bracket)]
    parts = [compile_side(f, world) for f in node.factors if not isinstance(f, Bracket)]

    def value(env: Env) -> Poly:
        for guard in guards:
            if not guard(env):
                return {}
        total: Poly | None = None
        for part in parts:
            found = part(env)
            total = found if total is None else multiply(total, found, world)
        return {UNIT: 1} if total is None else total

    return value


def _power(node: Power, world: World) -> Compiled:
    base, exponent = compile_side(node.base, world), node.exponent
    if abs(exponent) > MOST_POWER:
        raise TooDear("exponent", MOST_POWER)

    def value(env: Env) -> Poly:
        found = base(env)
        if exponent < 0:
            if found.keys() - {UNIT} or not found:
                raise Meaningless("only a number that is not 0 can be divided by")
            return {UNIT: Fraction(found[UNIT]) ** exponent}
        total: Poly = {UNIT: 1}
        for _ in range(exponent):
            total = multiply(total, found, world)
        return total

    return value


def _split(node: Node) -> tuple[list[Condition], Node]:
    """The conditions that multiply a sum's body, and the body without them."""
    if isinstance(node, Bracket):
        return list(node.conditions), Number(Fraction(1))
    if not isinstance(node, Product):
        return [], node
    found = [c for f in node.factors if isinstance(f, Bracket) for c in f.conditions]
    rest = tuple(f for f in node.factors if not isinstance(f, Bracket))
    return found, Product(rest) if rest else Number(Fraction(1))


def condition_forms(condition: Condition) -> tuple[Form, ...]:
    """The forms of a condition, in order."""
    return tuple(f for f in vars(condition).values() if isinstance(f, Form))


def _sum(node: Reduce, world: World) -> Compiled:
    node = merged(node, world.truth.shapes)
    tests, body = _split(node.body)
    depth_of = {b.index: k for k, b in enumerate(node.bindings, 1)}
    at_depth: list[list[Callable[[Env], bool]]] = [[] for _ in range(len(node.bindings) + 1)]
    for condition in tests:
        names = frozenset().union(*(f.names for f in condition_forms(condition)))
        at_depth[max((depth_of.get(n, 0) for n in names), default=0)].append(_condition(condition))
    limits = [(b.index, _form(b.low), _form(b.high)) for b in node.bindings]
    inner, spend = compile_side(body, world), world.budget.spend
    _refuse_endless(node)
    by_condition = condition_bounds(tests, node.bindings)
    by_entry = None if tests else entry_bounds(body, node.bindings, world.truth, world.loose)
    zero_reads = world.zero_reads
    chain = None if tests else chain_over_readers(body, node.bindings, world.truth.shapes)
    wrt = [] if chain is None else [_form(f) for f in chain.wrt.index]

    def over_readers(env: Env, total: Poly) -> bool:
        """The chain rule over the outputs that read the entry; False where that is not known."""
        assert chain is not None
        outputs = world.truth.readers(chain.wrt.tensor, tuple(f(env) for f in wrt))
        if outputs is None:
            return False
        letters = [f.plain_name or "" for f in chain.output.index]
        spans = {b.index: (b.low.constant or 0, b.high.constant or 0) for b in node.bindings}
        for o in outputs:
            spend(1)
            if all(spans[x][0] <= v <= spans[x][1] for x, v in zip(letters, o, strict=True)):
                env.update(zip(letters, o, strict=True))
                add_into(total, inner(env))
        return True

    def narrowed(depth: int, first: int, last: int, env: Env, whole: bool) -> tuple[int, int]:
        for bound in by_condition[depth]:
            first, last = bound.narrow(first, last, env)
        if by_entry is not None and not whole:
            for bound in by_entry[0][depth]:
                low, high = bound.narrow(first, last, env)
                if bound.tensor and first <= last and (low > first or high < last):
                    zero_reads.add(bound.tensor)
                first, last = low, high
        return first, last

    def run(depth: int, env: Env, total: Poly, whole: bool) -> None:
        for test in at_depth[depth]:
            if not test(env):
                return
        if depth == len(limits):
            add_into(total, inner(env))
            if len(total) > MOST_MONOMIALS:
                raise TooDear("terms after expansion", MOST_MONOMIALS)
            return
        index, low, high = limits[depth]
        first, last = low(env), high(env)
        if last - first > WORK:
            raise TooDear("work", WORK)
        spend(1)
        first, last = narrowed(depth, first, last, env, whole)
        for value in range(first, last + 1):
            spend(1)
            env[index] = value
            run(depth + 1, env, total, whole)

    def value(env: Env) -> Poly:
        total: Poly = {}
        if chain is not None and over_readers(dict(env), total):
            return {m: c for m, c in total.items() if c}
        whole = by_entry is not None and any(not 1 <= env[x] <= n for x, n in by_entry[1])
        run(0, dict(env), total, whole)
        return {m: c for m, c in total.items() if c}

    return value


def _refuse_endless(node: Reduce) -> None:
    """A sum whose numbers alone exceed the budget is not begun. Raises TooDear."""
    total, inner = 1, node
    while True:
        for b in inner.bindings:
            low, high = b.low.constant, b.high.constant
            if low is not None and high is not None:
                total *= max(1, high - low + 1)
        if not isinstance(inner.body, Reduce):
            break
        inner = inner.body
    if total > WORK:
        raise TooDear("work", WORK)


def _envs(node: Reduce, world: World) -> Callable[[Env], Iterator[Env]]:
    limits = [(b.index, _form(b.low), _form(b.high)) for b in node.bindings]

    def run(depth: int, env: Env) -> Iterator[Env]:
        if depth == len(limits):
            yield env
            return
        index, low, high = limits[depth]
        for value in range(low(env), high(env) + 1):
            world.budget.spend(1)
            env[index] = value
            yield from run(depth + 1, env)

    return lambda env: run(0, dict(env))


def _maximum(node: Reduce, world: World) -> Compiled:
    """The maximum of a window is an atom that names its cells, however it was written."""
    every, inner = _envs(node, world), compile_side(node.body, world)
    if not isinstance(node.body, Entry):
        raise UnsupportedNode(node, "a maximum of something that is not an entry")
    padded = node.body.tensor in world.truth.padded

    def value(env: Env) -> Poly:
        found = []
        for place in every(env):
            before = len(world.zero_reads)
            poly = inner(place)
            if not poly and not padded:
                assert isinstance(node.body, Entry)
                raise Outside(node.body, tuple(f.value(place) for f in node.body.index), world.truth.shapes[node.body.tensor])
            assert len(world.zero_reads) == before
            found.append(poly)
        return max_atom([p for p in found if p])

    return value


def _greatest(node: Greatest, world: World) -> Compiled:
    parts = [compile_side(t, world) for t in node.terms]
    return lambda env: max_atom([p(env) for p in parts])


def _is_max(node: IsMax, world: World) -> Compiled:
    at, window = [_form(f) for f in node.at], [_form(f) for f in node.window]
    shape = world.truth.shapes[world.truth.layer.output.name]

    def weight(env: Env) -> Poly:
        world.budget.spend(1)
        cell, place = tuple(f(env) for f in at), tuple(f(env) for f in window)
        gone = [f for x, n, f in zip(place, shape, node.window, strict=True) if not 1 <= x <= n]
        if gone and (world.outside_is_zero or all(_is_loose(f, world) for f in gone)):
            world.zero_reads.add(world.truth.layer.output.name)
            return {}
        if gone:
            raise Outside(Entry(world.truth.layer.output.name, node.window), place, shape)
        return chosen_atom(world.truth, cell, place)

    return weight


def _cases(node: Cases, world: World) -> Compiled:
    branches = [([_condition(c) for c in b.conditions], compile_side(b.value, world)) for b in node.branches]
    rest = compile_side(node.otherwise, world) if node.otherwise is not None else None

    def value(env: Env) -> Poly:
        for tests, inner in branches:
            if all(t(env) for t in tests):
                return inner(env)
        if rest is None:
            raise Unstated
        return rest(env)

    return value


def _partial(node: Partial, world: World) -> Compiled:
    parts = [(e, [_form(f) for f in e.index], world.truth.shapes[e.tensor]) for e in (node.output, node.wrt)]
    local, spend, reach = world.truth.local, world.budget.spend, world.truth.reach

    def value(env: Env) -> Poly:
        spend(1)
        found = []
        gone = False
        for entry, forms, shape in parts:
            index = tuple(f(env) for f in forms)
            for x, n, form, (first, last) in zip(index, shape, entry.index, reach[entry.tensor], strict=True):
                if not 1 <= x <= n:
                    if not (_is_loose(form, world) or first <= x <= last or world.outside_is_zero):
                        raise Outside(entry, index, shape)
                    gone = True
            found.append((entry.tensor, index))
        if gone:
            world.zero_reads.add(parts[0][0].tensor)
            return {}
        return local(found[0], found[1])

    return value
