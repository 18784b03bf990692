"""Symbolic tensors, outputs written out, and SymPy's own derivatives of them.

Only the terms that contain an entry are differentiated, and only in the outputs named by the
caller: SymPy takes 12 s for the whole loss of a 16x16 input.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product as cartesian
from typing import Any

import sympy as sp

from symderiv.formula.nodes import (
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
from symderiv.formula.walk import window_names
from symderiv.model import Layer

Expr = Any
Position = tuple[int, ...]
AtomKey = tuple[str, Position]


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
        self._outputs: dict[Position, list[Expr]] = {}

    def symbol(self, tensor: str, index: Position) -> sp.Symbol:
        """The symbol of an entry."""
        found = _symbol(tensor, index)
        self._atoms[found] = (tensor, index)
        return found

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
        return sp.Add(*self._terms_of(index))

    def derivative(self, tensor: str, index: Position, outputs: Iterable[Position]) -> Expr:
        """sum over the given outputs of dL/dO[o] * d O[o]/d T[index]."""
        x = self.symbol(tensor, index)
        total = []
        for o in outputs:
            inside = [t for t in self._terms_of(o) if x in t.free_symbols]
            if inside:
                g = self.symbol(self.layer.upstream, o)
                total.append(g * sp.Add(*(sp.diff(t, x) for t in inside)))
        return sp.Add(*total)

    def polynomial(self, expression: Expr) -> dict[tuple[AtomKey, ...], Any]:
        """The expression as {sorted atoms: rational coefficient}."""
        from fractions import Fraction

        out: dict[tuple[AtomKey, ...], Any] = {}
        for term in sp.Add.make_args(sp.expand(expression)):
            coefficient, factors = term.as_coeff_mul()
            atoms: list[AtomKey] = []
            for factor in factors:
                base, exponent = factor.as_base_exp()
                atoms += [self._atom(base)] * int(exponent)
            if coefficient != 0:
                out[tuple(sorted(atoms))] = Fraction(int(coefficient.p), int(coefficient.q))
        return out

    def _atom(self, symbol: sp.Symbol) -> AtomKey:
        if symbol in self._atoms:
            return self._atoms[symbol]
        return symbol.name.partition("[")[0], _index_of(symbol)

    def _terms_of(self, index: Position) -> list[Expr]:
        if index not in self._outputs:
            env = self._solve_target(index)
            self._outputs[index] = self._terms(self.layer.formula.body, env)
        return self._outputs[index]

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
    def _terms(self, node: Node, env: dict[str, int]) -> list[Expr]:
        """The node's value as a list of terms, so that no large Add is built."""
        if isinstance(node, Number):
            return [sp.Rational(node.value.numerator, node.value.denominator)]
        if isinstance(node, Size):
            return [sp.Integer(node.form.value(env))]
        if isinstance(node, Entry):
            return self._read(node, env)
        if isinstance(node, Sum):
            return [t for term in node.terms for t in self._terms(term, env)]
        if isinstance(node, Product):
            total: list[Expr] = [sp.Integer(1)]
            for factor in node.factors:
                terms = self._terms(factor, env)
                total = [a * b for a in total for b in terms]
            return total
        if isinstance(node, Power):
            return [sp.Add(*self._terms(node.base, env)) ** node.exponent]
        if isinstance(node, Reduce):
            return self._reduce(node, env)
        raise UnsupportedNode(node, "the explicit route")

    def _read(self, node: Entry, env: dict[str, int]) -> list[Expr]:
        index = tuple(f.value(env) for f in node.index)
        shape = self.layer.shape(node.tensor)
        inside = all(1 <= x <= n for x, n in zip(index, shape, strict=True))
        if not inside and node.tensor not in self.layer.padded:
            raise IndexError(f"{node.tensor}{index} is outside {shape}")
        return [self.symbol(node.tensor, index)] if inside else []

    def _bound(self, node: Reduce, env: dict[str, int], depth: int = 0) -> Iterable[dict[str, int]]:
        if depth == len(node.bindings):
            yield env
            return
        b = node.bindings[depth]
        for value in range(b.low.value(env), b.high.value(env) + 1):
            yield from self._bound(node, {**env, b.index: value}, depth + 1)

    def _reduce(self, node: Reduce, env: dict[str, int]) -> list[Expr]:
        if node.kind == "sum":
            return [t for inner in self._bound(node, env) for t in self._terms(node.body, inner)]
        assert isinstance(node.body, Entry)
        cells: dict[Position, Expr] = {}
        for inner in self._bound(node, env):
            for symbol in self._read(node.body, inner):
                cells[self._atoms[symbol][1]] = symbol
        window = tuple(env[n] for n in window_names(node))
        if not cells:
            return []
        return [WindowMax(_symbol("window", window), *cells.values())]
