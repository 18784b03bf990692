"""Symbolic tensors, outputs written out, and SymPy's own derivatives of them.

Only the terms that contain an entry are differentiated, and only in the outputs named by the
caller: SymPy takes 12 s for the whole loss of a 16x16 input. Terms stay apart until a user asks for
an expression: SymPy's first ``Add`` of three terms loads its tensor package, a sixth of its import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product as cartesian
from typing import Any

import sympy as sp

from symderiv.formula.evaluate import compile_condition, compile_form
from symderiv.formula.nodes import (
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
from symderiv.model import Layer

Expr = Any
Position = tuple[int, ...]
AtomKey = tuple[str, Position]
Factors = tuple[Expr, ...]
"""A term of an output: its factors, not multiplied yet."""
Test = tuple[int, Form, int]
MOST_KEPT = 4096
"""Terms that are remembered from one layer to the next."""


class WindowMax(sp.Function):  # type: ignore[misc]
    """max of the entries of one window; the first argument is a symbol that names the window."""

    def _eval_derivative(self, x: Expr) -> Expr:
        """The weight that the tie rule gives the entry ``x``: a symbol of its own."""
        if x not in self.args[1:]:
            return sp.Integer(0)
        cell, window = _index_of(x), _index_of(self.args[0])
        return _symbol("is_max", cell + window)


def _index_of(symbol: sp.Symbol) -> Position:
    inside = symbol.name.partition("[")[2].rstrip("]")
    return tuple(int(x) for x in inside.split(",") if x)


def _symbol(tensor: str, index: Position) -> sp.Symbol:
    return sp.Symbol(f"{tensor}[{','.join(map(str, index))}]" if index else tensor)


class Explicit:
    """A layer with numeric sizes, entry by entry."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._atoms: dict[sp.Symbol, AtomKey] = {}
        self._symbols: dict[AtomKey, sp.Symbol] = {}
        self._known_tests: dict[tuple[int, AtomKey], list[Test]] = {}
        self._inside: dict[tuple[int, str], bool] = {}
        self._fast: dict[int, Callable[[dict[str, int]], int]] = {}
        self._shapes = {t.name: layer.shape(t.name) for t in layer.tensors}

    def symbol(self, tensor: str, index: Position) -> sp.Symbol:
        """The symbol of an entry."""
        key = tensor, index
        if key not in self._symbols:
            found = self._symbols[key] = _symbol(tensor, index)
            self._atoms[found] = key
        return self._symbols[key]

    def matrix(self, tensor: str) -> Expr:
        """The tensor as a SymPy Matrix (one or two axes), NDimArray (more) or Symbol (a scalar)."""
        shape = self.layer.shape(tensor)
        if not shape:
            return self.symbol(tensor, ())
        cells = [self.symbol(tensor, q) for q in cartesian(*(range(1, n + 1) for n in shape))]
        return self.shaped(cells, shape)

    @staticmethod
    def shaped(cells: list[Expr], shape: Position) -> Expr:
        """The cells as a Matrix (one or two axes), an array (more) or a bare expression."""
        if not shape:
            return cells[0]
        if len(shape) <= 2:
            return sp.Matrix(shape[0], shape[1] if len(shape) == 2 else 1, cells)
        return sp.ImmutableDenseNDimArray(cells, shape)

    def output(self, index: Position) -> Expr:
        """O[index] as a SymPy expression."""
        return sp.Add(*(sp.Mul(*factors) for factors in self._terms(self.layer.formula.body, self._solve_target(index))))

    def sum_of(self, terms: Iterable[tuple[Any, Iterable[AtomKey]]]) -> Expr:
        """The sum of coefficient times entries, where ``is_max`` is the weight of a window's entry."""
        return sp.Add(*(
            sp.Mul(sp.Rational(c.numerator, c.denominator), *(_symbol(tensor, index) for tensor, index in entries))
            for c, entries in terms
        ))

    def derivative(self, tensor: str, index: Position, outputs: Iterable[Position]) -> Expr:
        """sum over the given outputs of dL/dO[o] * d O[o]/d T[index]."""
        return sp.Add(*self.derivative_terms(tensor, index, outputs))

    def derivative_terms(self, tensor: str, index: Position, outputs: Iterable[Position]) -> Iterator[Expr]:
        """The same, a term at a time; only terms in which T[index] can stand are built."""
        x, upstream = self.symbol(tensor, index), self.layer.upstream
        for o in outputs:
            g = self.symbol(upstream, o)
            for factors in self._terms(self.layer.formula.body, self._solve_target(o), (tensor, index)):
                if x in factors or any(x in f.free_symbols for f in factors if not f.is_Symbol):
                    yield _weighted(g, factors, x)

    def polynomial(self, terms: Iterable[Expr]) -> dict[tuple[AtomKey, ...], Any]:
        """The sum of the terms as {sorted atoms: rational coefficient}."""
        out: dict[tuple[AtomKey, ...], Any] = {}
        for whole in terms:
            for key, c in _monomials(whole):
                out[key] = out[key] + c if key in out else c
        return {key: c for key, c in out.items() if c}

    def _solve_target(self, index: Position) -> dict[str, int]:
        """The values of the free indices at which the target has these subscripts."""
        letters = [b.index for b in self.layer.formula.bindings]
        forms = self.layer.formula.target.index
        if all(f.plain_name for f in forms):
            return {str(f.plain_name): x for f, x in zip(forms, index, strict=True)}
        spans: list[Iterable[int]] = []
        plain = {f.plain_name: x for f, x in zip(forms, index, strict=True) if f.plain_name}
        for b in self.layer.formula.bindings:
            span = range(b.low.constant or 0, (b.high.constant or 0) + 1)
            spans.append((plain[b.index],) if b.index in plain else span)
        for values in cartesian(*spans):
            env = dict(zip(letters, values, strict=True))
            if tuple(f.value(env) for f in forms) == index:
                return env
        raise ValueError(f"no output {index}")

    # -- the formula, term by term ---------------------------------------------------------
    def _terms(self, node: Node, env: dict[str, int], wanted: AtomKey | None = None) -> list[Factors]:
        """The node's value as terms; neither a product nor a sum is built yet.

        With ``wanted`` terms in which that entry can't stand may be left out.
        """
        if isinstance(node, Number):
            return [(sp.Rational(node.value.numerator, node.value.denominator),)]
        if isinstance(node, Size):
            return [(sp.Integer(node.form.value(env)),)]
        if isinstance(node, Entry):
            return [(symbol,) for symbol in self._read(node, env)]
        if isinstance(node, Sum):
            return [t for term in node.terms for t in self._terms(term, env, wanted)]
        if isinstance(node, Product):
            total: list[Factors] = [()]
            held = [self._holds(f, wanted) for f in node.factors]
            for factor, holds in zip(node.factors, held, strict=True):
                terms = self._terms(factor, env, wanted if holds and sum(held) == 1 else None)
                total = [(*a, *b) for a in total for b in terms]
            return total
        if isinstance(node, Power):
            return [(sp.Add(*(sp.Mul(*t) for t in self._terms(node.base, env))) ** node.exponent,)]
        if isinstance(node, Reduce):
            return self._reduce(node, env, wanted)
        if isinstance(node, Bracket):
            return [()] if all(compile_condition(c)(env) for c in node.conditions) else []
        raise UnsupportedNode(node, "the explicit route")

    def _read(self, node: Entry, env: dict[str, int]) -> list[Expr]:
        index = tuple([self._value(f, env) for f in node.index])
        shape = self._shapes[node.tensor]
        inside = all(1 <= x <= n for x, n in zip(index, shape, strict=True))
        if not inside and node.tensor not in self.layer.padded:
            raise IndexError(f"{node.tensor}{index} is outside {shape}")
        return [self.symbol(node.tensor, index)] if inside else []

    def _value(self, form: Form, env: dict[str, int]) -> int:
        """The form's value; known by its id, as the layer keeps its forms."""
        if id(form) not in self._fast:
            self._fast[id(form)] = compile_form(form)
        return self._fast[id(form)](env)

    def _bound(self, node: Reduce, env: dict[str, int], tests: Sequence[Test] = (), depth: int = 0
               ) -> Iterator[dict[str, int]]:
        """The values of the bound indices at which every test holds."""
        if depth == len(node.bindings):
            yield env
            return
        b = node.bindings[depth]
        ready = [t for t in tests if t[0] == depth]
        for value in range(self._value(b.low, env), self._value(b.high, env) + 1):
            inner = {**env, b.index: value}
            if not ready or all(self._value(form, inner) == at for _, form, at in ready):
                yield from self._bound(node, inner, tests, depth + 1)

    def _reduce(self, node: Reduce, env: dict[str, int], wanted: AtomKey | None) -> list[Factors]:
        if node.kind == "sum":
            tests = self._tests(node, wanted)
            if any(depth < 0 and self._value(form, env) != at for depth, form, at in tests):
                return []
            return [t for inner in self._bound(node, env, tests) for t in self._terms(node.body, inner, wanted)]
        assert isinstance(node.body, Entry)
        cells: dict[Position, Expr] = {}
        for inner in self._bound(node, env):
            for symbol in self._read(node.body, inner):
                cells[self._atoms[symbol][1]] = symbol
        window = tuple(env[n] for n in window_names(node))
        if not cells:
            return []
        return [(WindowMax(_symbol("window", window), *cells.values()),)]


    def _holds(self, node: Node, wanted: AtomKey | None) -> bool:
        """Whether the entry's tensor stands in the node; known by the node's id, as the layer keeps its nodes."""
        if wanted is None:
            return False
        key = id(node), wanted[0]
        if key not in self._inside:
            self._inside[key] = any(e.tensor == wanted[0] for e in entries(node))
        return self._inside[key]

    def _tests(self, node: Reduce, wanted: AtomKey | None) -> list[Test]:
        if wanted is None:
            return []
        key = id(node), wanted
        if key not in self._known_tests:
            self._known_tests[key] = _tests(node, wanted)
        return self._known_tests[key]


@lru_cache(maxsize=MOST_KEPT)
def _weighted(g: Expr, factors: Factors, x: Expr) -> Expr:
    """g times SymPy's derivative of the product; layers of one run meet the same products again."""
    return g * sp.diff(sp.Mul(*factors), x)


@lru_cache(maxsize=MOST_KEPT)
def _monomials(whole: Expr) -> tuple[tuple[tuple[AtomKey, ...], Fraction], ...]:
    """The terms of an expression: sorted atoms, and the coefficient."""
    found = []
    for term in sp.Add.make_args(whole if _is_monomial(whole) else sp.expand(whole)):
        coefficient, factors = term.as_coeff_mul()
        atoms: list[AtomKey] = []
        for factor in factors:
            base, exponent = factor.as_base_exp()
            atoms += [_atom(base)] * int(exponent)
        found.append((tuple(sorted(atoms)), Fraction(int(coefficient.p), int(coefficient.q))))
    return tuple(found)


def _atom(symbol: sp.Symbol) -> AtomKey:
    return symbol.name.partition("[")[0], _index_of(symbol)


def _tests(node: Reduce, wanted: AtomKey) -> list[Test]:
    """What the subscripts must be in every term that the entry is in: depth of the last index, form, value.

    Only where the body is a product in which the tensor stands once; the depth is -1 before any binding.
    """
    factors = node.body.factors if isinstance(node.body, Product) else (node.body,)
    found = [f for f in factors if isinstance(f, Entry) and f.tensor == wanted[0]]
    inside = sum(1 for f in factors for e in entries(f) if e.tensor == wanted[0])
    if len(found) != 1 or inside != 1:
        return []
    depth = {b.index: k for k, b in enumerate(node.bindings)}
    return [
        (max((depth.get(n, -1) for n in form.names), default=-1), form, at)
        for form, at in zip(found[0].index, wanted[1], strict=True)
    ]


def _is_monomial(expression: Expr) -> bool:
    """Whether it is a product of symbols and numbers, so that nothing is to be expanded."""
    return all(f.is_Symbol or f.is_Number for f in sp.Mul.make_args(expression))
