"""Symbolic tensors, outputs written out, and SymPy's own derivatives of them.

Only the terms that contain an entry are differentiated, and only in the outputs named by the
caller: SymPy takes 12 s for the whole loss of a 16x16 input. Terms stay apart until a user asks for
an expression: SymPy's first ``Add`` of three terms loads its tensor package, a sixth of its import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product as cartesian
from typing import Any

import sympy as sp

from symderiv.explicit.expand import (
    Expander,
    Expr,
    Factors,
    Terms,
    index_of,
    solved_target,
    symbol_of,
)
from symderiv.formula.evaluate import AtomKey
from symderiv.model import Layer, Position

MOST_KEPT = 4096
"""Terms that are remembered from one layer to the next."""


class Explicit:
    """A layer with numeric sizes, entry by entry."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._symbols: dict[AtomKey, sp.Symbol] = {}
        self._solve_target = solved_target(layer)

    def symbol(self, tensor: str, index: Position) -> sp.Symbol:
        """The symbol of an entry, the same object each time."""
        key = tensor, index
        found = self._symbols.get(key)
        if found is None:
            found = self._symbols[key] = symbol_of(tensor, index)
        return found

    @cached_property
    def _terms(self) -> Terms:
        return Expander(self.layer, self.symbol).terms(self.layer.formula.body)

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
        return sp.Add(*(sp.Mul(*factors) for factors in self._terms(self._solve_target(index), None)))

    def sum_of(self, terms: Iterable[tuple[Any, Iterable[AtomKey]]]) -> Expr:
        """The sum of coefficient times entries, where ``is_max`` is the weight of a window's entry."""
        return sp.Add(*(
            sp.Mul(sp.Rational(c.numerator, c.denominator), *(symbol_of(tensor, index) for tensor, index in entries))
            for c, entries in terms
        ))

    def derivative(self, tensor: str, index: Position, outputs: Iterable[Position]) -> Expr:
        """sum over the given outputs of dL/dO[o] * d O[o]/d T[index]."""
        return sp.Add(*self.derivative_terms(tensor, index, outputs))

    def derivative_terms(self, tensor: str, index: Position, outputs: Iterable[Position]) -> Iterator[Expr]:
        """The same, a term at a time; only terms in which T[index] can stand are built."""
        wanted, x, upstream = (tensor, index), self.symbol(tensor, index), self.layer.upstream
        for o in outputs:
            for factors in self._terms(self._solve_target(o), wanted):
                if any(f is x or (not f.is_Symbol and x in f.free_symbols) for f in factors):
                    yield _weighted(self.symbol(upstream, o), factors, x)

    def polynomial(self, terms: Iterable[Expr]) -> dict[tuple[AtomKey, ...], Any]:
        """The sum of the terms as {sorted atoms: rational coefficient}."""
        out: dict[tuple[AtomKey, ...], Any] = {}
        for whole in terms:
            for key, c in _monomials(whole):
                out[key] = out[key] + c if key in out else c
        return {key: c for key, c in out.items() if c}


@lru_cache(maxsize=MOST_KEPT)
def _weighted(g: Expr, factors: Factors, x: Expr) -> Expr:
    """g times SymPy's derivative of the product; layers of one run meet the same products again."""
    if not all(f.is_Symbol for f in factors):
        return g * sp.diff(sp.Mul(*factors), x)
    # a product of symbols alone is differentiated once, whatever they are called
    names = list(dict.fromkeys(factors))
    letters, derivative = _derivative(tuple(map(names.index, factors)), names.index(x))
    return g * derivative.xreplace(dict(zip(letters, names, strict=True)))


@lru_cache(maxsize=MOST_KEPT)
def _derivative(places: tuple[int, ...], by: int) -> tuple[tuple[Expr, ...], Expr]:
    """SymPy's derivative of the product of the letters at these places, by one of the letters."""
    letters = tuple(sp.Dummy() for _ in range(max(places) + 1))
    return letters, sp.diff(sp.Mul(*(letters[k] for k in places)), letters[by])


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
    return symbol.name.partition("[")[0], index_of(symbol)


def _is_monomial(expression: Expr) -> bool:
    """Whether it is a product of symbols and numbers, so that nothing is to be expanded."""
    return all(f.is_Symbol or f.is_Number for f in sp.Mul.make_args(expression))
