"""Evaluation by definition, in exact polynomials over the rationals.

A value is a dict from a monomial (a sorted tuple of atoms) to its coefficient. Atoms are
``(tensor, index)``; the weight of a maximum is the atom ``("is_max", at + window)``.
Reading any tensor outside its range raises, except one that the layer declares padded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import itemgetter
from typing import Union

from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Compare,
    Condition,
    Divides,
    Entry,
    Equal,
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
    Within,
)
from symderiv.formula.walk import window_names
from symderiv.index.form import Form

AtomKey = tuple[str, tuple[int, ...]]
Monomial = tuple[AtomKey, ...]
Coefficient = Union[int, Fraction]
Poly = dict[Monomial, Coefficient]
Env = dict[str, int]
Compiled = Callable[[Env], Poly]
Test = Callable[[Env], bool]
Turn = Callable[[Env, Poly], None]
"""One turn of a sum's loops: adds to the total."""
UNIT: Monomial = ()


class OutOfRange(IndexError):
    """A tensor was read outside its range."""


@dataclass(frozen=True)
class Space:
    """The tensors' shapes; which of them may be read outside (as 0, or as nothing under max)."""

    shapes: Mapping[str, tuple[int, ...]]
    padded: frozenset[str] = frozenset()
    windows: dict[tuple[int, ...], tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    """For each window the distinct cells it reads: a weight of any other cell is 0."""
    jacobian: Callable[[AtomKey, AtomKey], Poly] | None = None


def evaluate(node: Node, env: Mapping[str, int], space: Space) -> Poly:
    """The value of ``node`` at the integers ``env``.

    Raises:
        OutOfRange: a tensor that is not padded is read outside its range.
    """
    return compile_node(node, space)(dict(env))


def compile_node(node: Node, space: Space) -> Compiled:
    """The node as a function of its indices, made once and called often."""
    if isinstance(node, Number):
        value: Poly = {UNIT: node.value} if node.value else {}
        return lambda env: value
    if isinstance(node, Size):
        form = compile_form(node.form)
        return lambda env: _number(form(env))
    if isinstance(node, Entry):
        return _entry(node, space)
    if isinstance(node, Sum):
        parts = [compile_node(t, space) for t in node.terms]
        return lambda env: add_polys(p(env) for p in parts)
    if isinstance(node, Product):
        return _product(node, space)
    if isinstance(node, Power):
        return _power(node, space)
    if isinstance(node, Reduce):
        if node.kind == "max":
            return _maximum(node, space)
        return _sum(node.bindings, *_early(node.body), space)
    if isinstance(node, IsMax):
        return _is_max(node, space)
    if isinstance(node, Bracket):
        tests = [compile_condition(c) for c in sorted(node.conditions, key=_late)]
        return lambda env: {UNIT: 1} if all(t(env) for t in tests) else {}
    if isinstance(node, Partial):
        return _partial(node, space)
    raise UnsupportedNode(node, "evaluate")


def _late(part: Node | Condition) -> bool:
    """Divisibility is tested first: other conditions may hold exact quotients."""
    conditions = part.conditions if isinstance(part, Bracket) else (part,)
    return not all(isinstance(c, Divides) for c in conditions)


def compile_form(form: Form) -> Callable[[Env], int]:
    """The form as a fast function of the environment."""
    number = form.constant
    if number is not None:
        fixed = number
        return lambda env: fixed
    simple = [(c, m[0] if m else None) for m, c in form.terms if len(m) <= 1]
    if len(simple) < len(form.terms) or any(n is not None and not isinstance(n, str) for _, n in simple):
        return form.value
    offset = form.offset
    pairs = [(c, n) for c, n in simple if isinstance(n, str)]
    if len(pairs) == 1 and pairs[0][0] == 1:
        only = pairs[0][1]
        return (lambda env: env[only] + offset) if offset else itemgetter(only)
    if len(pairs) == 2:
        (a, x), (b, y) = pairs
        return lambda env: a * env[x] + b * env[y] + offset
    return lambda env: sum(c * env[n] for c, n in pairs) + offset


def compile_index(forms: Sequence[Form]) -> Callable[[Env], tuple[int, ...]]:
    """The subscripts as a fast function of the environment."""
    if len(forms) == 2:
        first, second = compile_form(forms[0]), compile_form(forms[1])
        return lambda env: (first(env), second(env))
    parts = [compile_form(f) for f in forms]
    return lambda env: tuple([f(env) for f in parts])


def compile_condition(condition: Condition) -> Callable[[Env], bool]:
    """The condition as a function of the environment."""
    if isinstance(condition, Equal):
        left, right = compile_form(condition.left), compile_form(condition.right)
        return lambda env: left(env) == right(env)
    if isinstance(condition, Within):
        low, form, high = (compile_form(f) for f in (condition.low, condition.form, condition.high))
        return lambda env: low(env) <= form(env) <= high(env)
    if isinstance(condition, Compare):
        left, right, sign = compile_form(condition.left), compile_form(condition.right), condition.sign
        if sign == "!=":
            return lambda env: left(env) != right(env)
        return (lambda env: left(env) < right(env)) if sign == "<" else lambda env: left(env) <= right(env)
    divisor, top = compile_form(condition.divisor), compile_form(condition.form)
    return lambda env: top(env) % divisor(env) == 0


def add_polys(polys: Iterable[Poly]) -> Poly:
    """The sum; terms that cancel are dropped."""
    total: Poly = {}
    for poly in polys:
        for monomial, c in poly.items():
            total[monomial] = total[monomial] + c if monomial in total else c
    return {m: c for m, c in total.items() if c}


def multiply_polys(a: Poly, b: Poly) -> Poly:
    """The product."""
    if len(a) == 1 and len(b) == 1:
        ((m, c),), ((n, d),) = a.items(), b.items()
        return {tuple(sorted(m + n)) if m and n else m or n: c * d}
    return add_polys({tuple(sorted(m + n)): c * d} for m, c in a.items() for n, d in b.items())


def _number(value: Coefficient) -> Poly:
    return {UNIT: value} if value else {}


def _entry(node: Entry, space: Space) -> Compiled:
    atom = _atom(node, space)

    def read(env: Env) -> Poly:
        found = atom(env)
        return {} if found is None else {(found,): 1}

    return read


def _entries(nodes: Iterable[Node], space: Space) -> Compiled:
    """A product of entries alone, the most frequent: one monomial."""
    atoms = [_atom(n, space) for n in nodes if isinstance(n, Entry)]

    def read(env: Env) -> Poly:
        found = []
        for atom in atoms:
            key = atom(env)
            if key is None:
                return {}
            found.append(key)
        return {tuple(sorted(found)): 1}

    return read


def _atom(node: Entry, space: Space) -> Callable[[Env], AtomKey | None]:
    """The entry that is read; None where it is outside a padded tensor."""
    shape, tensor = space.shapes[node.tensor], node.tensor
    place, padded = compile_index(node.index), tensor in space.padded

    def read(env: Env) -> AtomKey | None:
        index = place(env)
        for x, n in zip(index, shape, strict=True):
            if not 1 <= x <= n:
                break
        else:
            return tensor, index
        if padded:
            return None
        raise OutOfRange(f"{tensor}{list(index)} is outside {list(shape)}")

    return read


def _product(node: Product, space: Space) -> Compiled:
    # what is most often 0 comes first: the rest is then not read
    order = sorted(node.factors, key=lambda f: (not isinstance(f, Bracket), _late(f), not isinstance(f, Partial), not isinstance(f, Reduce)))
    if all(isinstance(f, Entry) for f in order):
        return _entries(order, space)
    parts = [compile_node(f, space) for f in order]

    def multiply(env: Env) -> Poly:
        total: Poly | None = None
        for part in parts:
            value = part(env)
            if not value:
                return {}
            total = value if total is None else multiply_polys(total, value)
        return {UNIT: 1} if total is None else total

    return multiply


def _power(node: Power, space: Space) -> Compiled:
    base = compile_node(node.base, space)

    def raise_to(env: Env) -> Poly:
        value = base(env)
        if node.exponent < 0:
            if value.keys() - {UNIT} or not value:
                raise ArithmeticError("only a number that is not 0 can be divided by")
            return {UNIT: Fraction(value[UNIT]) ** node.exponent}
        total: Poly = {UNIT: 1}
        for _ in range(node.exponent):
            total = multiply_polys(total, value)
        return total

    return raise_to


def _early(body: Node) -> tuple[list[Condition], Node]:
    """The conditions that multiply the body, to be tested as soon as their names are bound."""
    if not isinstance(body, Product):
        return (list(body.conditions), Number(Fraction(1))) if isinstance(body, Bracket) else ([], body)
    found = [c for f in body.factors if isinstance(f, Bracket) for c in f.conditions]
    rest = tuple(f for f in body.factors if not isinstance(f, Bracket))
    for inner in rest:  # a sum beside them is 0 too where a condition in it fails for all its letters
        if isinstance(inner, Reduce) and inner.kind == "sum":
            own = {b.index for b in inner.bindings}
            found += [c for c in _early(inner.body)[0] if own.isdisjoint(_names(c))]
    return found, Product(rest) if rest else Number(Fraction(1))


def _names(condition: Condition) -> frozenset[str]:
    if isinstance(condition, Equal):
        return condition.left.names | condition.right.names
    if isinstance(condition, Within):
        return condition.low.names | condition.form.names | condition.high.names
    if isinstance(condition, Compare):
        return condition.left.names | condition.right.names
    return condition.divisor.names | condition.form.names


def _solved(index: str, tests: Iterable[Condition], later: frozenset[str]) -> tuple[Condition, int, Callable[[Env], int]] | None:
    """An equation ``step * index + rest == 0`` among the conditions, in letters that have values by then; its step and its rest."""
    for condition in tests:
        if not isinstance(condition, Equal) or index not in _names(condition) or _names(condition) & later:
            continue
        form = condition.left - condition.right
        if any(not isinstance(atom, str) for monomial, _ in form.terms for atom in monomial):
            continue
        step = form.coefficient(index)
        if step is not None and step.constant:
            return condition, step.constant, compile_form(form.replace({index: 0}))
    return None


def _sum(bindings: tuple[Binding, ...], tests: list[Condition], body: Node, space: Space) -> Compiled:
    depth_of = {b.index: k for k, b in enumerate(bindings, 1)}
    solved = [_solved(b.index, tests, frozenset(x.index for x in bindings[k + 1 :])) for k, b in enumerate(bindings)]
    met = {id(found[0]) for found in solved if found is not None}
    at_depth: list[list[Test]] = [[] for _ in range(len(bindings) + 1)]
    for condition in sorted(tests, key=_late):
        if id(condition) not in met:
            depth = max((depth_of.get(n, 0) for n in _names(condition)), default=0)
            at_depth[depth].append(compile_condition(condition))
    value, first = compile_node(body, space), at_depth[0]

    def put(env: Env, total: Poly) -> None:
        for monomial, c in value(env).items():
            total[monomial] = total[monomial] + c if monomial in total else c

    turn: Turn = put
    for b, only, further in reversed(list(zip(bindings, solved, at_depth[1:], strict=True))):
        turn = _every(b, further, turn) if only is None else _one(b, only[1], only[2], further, turn)

    def sum_up(env: Env) -> Poly:
        total: Poly = {}
        if all(test(env) for test in first):
            turn(dict(env), total)
        return {m: c for m, c in total.items() if c} if total else total

    return sum_up


def _every(binding: Binding, tests: Sequence[Test], turn: Turn) -> Turn:
    """A turn for each value of the letter at which the tests hold."""
    index, low, high = binding.index, compile_form(binding.low), compile_form(binding.high)

    def run(env: Env, total: Poly) -> None:
        for value in range(low(env), high(env) + 1):
            env[index] = value
            for test in tests:
                if not test(env):
                    break
            else:
                turn(env, total)

    return run


def _one(binding: Binding, step: int, rest: Callable[[Env], int], tests: Sequence[Test], turn: Turn) -> Turn:
    """A turn for the one value of the letter that an equation leaves, if it is under the letter's limits and the tests hold."""
    index, low, high = binding.index, compile_form(binding.low), compile_form(binding.high)

    def run(env: Env, total: Poly) -> None:
        value, over = divmod(-rest(env), step)
        if over or not low(env) <= value <= high(env):
            return
        env[index] = value
        for test in tests:
            if not test(env):
                return
        turn(env, total)

    return run


def _maximum(node: Reduce, space: Space) -> Compiled:
    """The maximum is an atom; its window's distinct cells are noted, so that weights know them."""
    assert isinstance(node.body, Entry)
    free, tensor = window_names(node), node.body.tensor
    shape, at = space.shapes[tensor], compile_index(node.body.index)
    limits = [(b.index, compile_form(b.low), compile_form(b.high)) for b in node.bindings]

    def cells(depth: int, env: Env) -> Iterator[tuple[int, ...]]:
        if depth == len(limits):
            cell = at(env)
            if all(1 <= x <= n for x, n in zip(cell, shape, strict=True)):
                yield cell
            elif tensor not in space.padded:
                raise OutOfRange(f"{tensor}{list(cell)} is outside {list(shape)}")
            return
        index, low, high = limits[depth]
        for value in range(low(env), high(env) + 1):
            env[index] = value
            yield from cells(depth + 1, env)

    def value(env: Env) -> Poly:
        place = tuple(env[n] for n in free)
        if place not in space.windows:
            space.windows[place] = tuple(dict.fromkeys(cells(0, dict(env))))
        return {(("max", place),): 1}

    return value


def _is_max(node: IsMax, space: Space) -> Compiled:
    at, window = compile_index(node.at), compile_index(node.window)

    def weight(env: Env) -> Poly:
        cell, place = at(env), window(env)
        if cell not in space.windows[place]:
            return {}
        return {(("is_max", cell + place),): 1}

    return weight


def _partial(node: Partial, space: Space) -> Compiled:
    output, wrt = compile_index(node.output.index), compile_index(node.wrt.index)
    of, by, jacobian = node.output.tensor, node.wrt.tensor, space.jacobian
    assert jacobian is not None, "a local derivative has a value only under a layer"

    def value(env: Env) -> Poly:
        return jacobian((of, output(env)), (by, wrt(env)))

    return value
