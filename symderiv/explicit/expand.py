"""A formula written out in symbols, term by term: compiled once a layer, asked for every output.

A term is a tuple of factors that are not multiplied yet: most are differentiated by one entry, which stands in few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product as cartesian
from typing import Any

import sympy as sp

from symderiv.formula.evaluate import AtomKey, Env, compile_condition, compile_form, compile_index
from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Entry,
    Node,
    Number,
    Power,
    Product,
    Reduce,
    Size,
    Sum,
    UnsupportedNode,
)
from symderiv.formula.walk import entries, window_names
from symderiv.index.form import Form
from symderiv.model import Layer, Position

Expr = Any
Factors = tuple[Expr, ...]
Value = Callable[[Env], int]
Test = tuple[int, Value, int]
"""Behind how many indices it can be told, and what must have which value."""
Terms = Callable[[Env, "AtomKey | None"], list[Factors]]
"""The terms at the values of the indices. With an entry, those in which it can't stand may be left out."""


class WindowMax(sp.Function):  # type: ignore[misc]
    """max of the entries of one window; the first argument is a symbol that names the window."""

    def _eval_derivative(self, x: Expr) -> Expr:
        """The weight that the tie rule gives the entry ``x``: a symbol of its own."""
        if x not in self.args[1:]:
            return sp.Integer(0)
        cell, window = index_of(x), index_of(self.args[0])
        return symbol_of("is_max", cell + window)


def index_of(symbol: sp.Symbol) -> Position:
    """The subscripts in a symbol's name."""
    inside = symbol.name.partition("[")[2].rstrip("]")
    return tuple(int(x) for x in inside.split(",") if x)


def symbol_of(tensor: str, index: Position) -> sp.Symbol:
    """The symbol of an entry."""
    return sp.Symbol(f"{tensor}[{','.join(map(str, index))}]" if index else tensor)


@dataclass(frozen=True)
class Expander:
    """Writes the formulas of a layer out; ``symbol`` gives an entry's symbol, the same object for the same entry."""

    layer: Layer
    symbol: Callable[[str, Position], Expr]

    def terms(self, node: Node) -> Terms:
        """The node as a function of its indices.

        Raises:
            UnsupportedNode: it can't be written out.
        """
        if isinstance(node, Entry):
            read = self._reader(node)
            return lambda env, wanted: [] if (found := read(env)) is None else [(found,)]
        if isinstance(node, Number):
            number: list[Factors] = [(sp.Rational(node.value.numerator, node.value.denominator),)]
            return lambda env, wanted: number
        if isinstance(node, Size):
            size = compile_form(node.form)
            return lambda env, wanted: [(sp.Integer(size(env)),)]
        if isinstance(node, Sum):
            return self._sum(node.terms)
        if isinstance(node, Product):
            return self._product(node.factors)
        if isinstance(node, Power):
            base, exponent = self.terms(node.base), node.exponent
            return lambda env, wanted: [(sp.Add(*(sp.Mul(*t) for t in base(env, None))) ** exponent,)]
        if isinstance(node, Reduce):
            return self._summed(node) if node.kind == "sum" else self._largest(node)
        if isinstance(node, Bracket):
            tests = [compile_condition(c) for c in node.conditions]
            return lambda env, wanted: [()] if all(t(env) for t in tests) else []
        raise UnsupportedNode(node, "the explicit route")

    def _reader(self, node: Entry) -> Callable[[Env], Expr]:
        """The symbol that is read; None where it is outside a padded tensor."""
        tensor, shape, padded = node.tensor, self.layer.shape(node.tensor), node.tensor in self.layer.padded
        place, symbol = compile_index(node.index), self.symbol

        def read(env: Env) -> Expr:
            index = place(env)
            for x, n in zip(index, shape, strict=True):
                if not 1 <= x <= n:
                    if padded:
                        return None
                    raise IndexError(f"{tensor}{index} is outside {shape}")
            return symbol(tensor, index)

        return read

    def _sum(self, nodes: Sequence[Node]) -> Terms:
        parts = [(self.terms(n), _tensors(n)) for n in nodes]
        return lambda env, wanted: [
            t for part, tensors in parts if wanted is None or wanted[0] in tensors for t in part(env, wanted)]

    def _product(self, nodes: Sequence[Node]) -> Terms:
        if all(isinstance(n, Entry) for n in nodes):
            return self._entries([n for n in nodes if isinstance(n, Entry)])
        parts = [(self.terms(n), _tensors(n)) for n in nodes]

        def multiply(env: Env, wanted: AtomKey | None) -> list[Factors]:
            # an entry that stands in one factor alone is in no term without it
            once = wanted is not None and sum(wanted[0] in tensors for _, tensors in parts) == 1
            total: list[Factors] = [()]
            for part, tensors in parts:
                terms = part(env, wanted if once and wanted is not None and wanted[0] in tensors else None)
                total = [(*a, *b) for a in total for b in terms]
            return total

        return multiply

    def _entries(self, nodes: Sequence[Entry]) -> Terms:
        """A product of entries alone, the most frequent: one term."""
        readers = [self._reader(n) for n in nodes]

        def multiply(env: Env, wanted: AtomKey | None) -> list[Factors]:
            found = [read(env) for read in readers]
            return [] if None in found else [tuple(found)]

        return multiply

    def _summed(self, node: Reduce) -> Terms:
        body, limits = self.terms(node.body), _limits(node.bindings)
        known: dict[AtomKey, list[Test]] = {}

        def add_up(env: Env, wanted: AtomKey | None) -> list[Factors]:
            tests: Sequence[Test] = ()
            if wanted is not None:
                if wanted not in known:
                    known[wanted] = _tests(node, wanted)
                tests = known[wanted]
            return [t for inner in _bound(limits, tests, env) for t in body(inner, wanted)]

        return add_up

    def _largest(self, node: Reduce) -> Terms:
        assert isinstance(node.body, Entry)
        read, limits, names = self._reader(node.body), _limits(node.bindings), window_names(node)

        def largest(env: Env, wanted: AtomKey | None) -> list[Factors]:
            cells = dict.fromkeys(cell for inner in _bound(limits, (), env) if (cell := read(inner)) is not None)
            window = tuple(env[n] for n in names)
            return [(WindowMax(symbol_of("window", window), *cells),)] if cells else []

        return largest


def solved_target(layer: Layer) -> Callable[[Position], Env]:
    """From an output's position to the values of the free indices at which the target has these subscripts."""
    letters = [b.index for b in layer.formula.bindings]
    forms = layer.formula.target.index
    plain = [f.plain_name for f in forms]
    if all(plain):
        names = [str(n) for n in plain]
        return lambda index: dict(zip(names, index, strict=True))

    def solve(index: Position) -> Env:
        given = {n: x for n, x in zip(plain, index, strict=True) if n}
        spans = [
            (given[b.index],) if b.index in given else range(b.low.constant or 0, (b.high.constant or 0) + 1)
            for b in layer.formula.bindings]
        for values in cartesian(*spans):
            env = dict(zip(letters, values, strict=True))
            if tuple(f.value(env) for f in forms) == index:
                return env
        raise ValueError(f"no output {index}")

    return solve


def _tensors(node: Node) -> frozenset[str]:
    return frozenset(e.tensor for e in entries(node))


def _limits(bindings: Sequence[Binding]) -> list[tuple[str, Value, Value]]:
    return [(b.index, compile_form(b.low), compile_form(b.high)) for b in bindings]


def _bound(limits: Sequence[tuple[str, Value, Value]], tests: Sequence[Test], env: Env) -> list[Env]:
    """The values of the bound indices at which every test holds."""
    if not all(form(env) == at for depth, form, at in tests if not depth):
        return []
    found = [env]
    for depth, (index, low, high) in enumerate(limits, 1):
        ready = [(form, at) for d, form, at in tests if d == depth]
        inner = []
        for outer in found:
            for value in range(low(outer), high(outer) + 1):
                further = {**outer, index: value}
                for form, at in ready:
                    if form(further) != at:
                        break
                else:
                    inner.append(further)
        found = inner
    return found


def _tests(node: Reduce, wanted: AtomKey) -> list[Test]:
    """What the subscripts must be in every term that the entry is in.

    Only where the body is a product in which the tensor stands once.
    """
    factors = node.body.factors if isinstance(node.body, Product) else (node.body,)
    found = [f for f in factors if isinstance(f, Entry) and f.tensor == wanted[0]]
    inside = sum(1 for f in factors for e in entries(f) if e.tensor == wanted[0])
    if len(found) != 1 or inside != 1:
        return []
    depth = {b.index: k for k, b in enumerate(node.bindings, 1)}
    return [(_depth(form, depth), compile_form(form), at) for form, at in zip(found[0].index, wanted[1], strict=True)]


def _depth(form: Form, depth: dict[str, int]) -> int:
    return max((depth.get(n, 0) for n in form.names), default=0)
