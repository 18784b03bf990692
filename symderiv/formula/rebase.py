"""Formulas counted from 0: the engine counts from 1, a printer may not."""

from __future__ import annotations

from dataclasses import replace

from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Divides,
    Entry,
    IsMax,
    Node,
    Number,
    Partial,
    Power,
    Product,
    Reduce,
    Size,
    Sum,
)
from symderiv.formula.walk import map_condition
from symderiv.index.form import Extreme, Form, Ratio, extreme, name


def from_zero(node: Node, sizes: frozenset[str]) -> Node:
    """Every index, position and limit one less, sizes as they are."""
    def up(form: Form) -> Form:
        return form.replace({n: name(n) + 1 for n in form.names if n not in sizes})

    def down(form: Form) -> Form:
        return lowered(up(form))

    def deep(n: Node) -> Node:
        if isinstance(n, Entry):
            return Entry(n.tensor, tuple(down(f) for f in n.index))
        if isinstance(n, IsMax):
            return IsMax(tuple(down(f) for f in n.at), tuple(down(f) for f in n.window))
        if isinstance(n, Reduce):
            bound = tuple(Binding(b.index, down(b.low), down(b.high)) for b in n.bindings)
            return Reduce(n.kind, bound, deep(n.body))
        if isinstance(n, Sum):
            return Sum(tuple(deep(t) for t in n.terms))
        if isinstance(n, Product):
            return Product(tuple(deep(t) for t in n.factors))
        if isinstance(n, Power):
            return Power(deep(n.base), n.exponent)
        if isinstance(n, Size):
            return Size(up(n.form))
        if isinstance(n, Bracket):
            return Bracket(tuple(map_condition(c, up if isinstance(c, Divides) else down) for c in n.conditions))
        if isinstance(n, Partial):
            output, wrt = deep(n.output), deep(n.wrt)
            assert isinstance(output, Entry) and isinstance(wrt, Entry)
            return Partial(output, wrt)
        assert isinstance(n, Number)
        return n

    return deep(node)


def lowered(form: Form) -> Form:
    """One less: max(1, p+1) - 1 is max(0, p), and ceil((p+S)/S) - 1 is ceil(p/S)."""
    atom = form.terms[0][0][0] if len(form.terms) == 1 and form.terms[0][1] == 1 and form.terms[0][0] else None
    if isinstance(atom, Extreme):
        return extreme(atom.kind, [lowered(f) for f in atom.forms])
    if isinstance(atom, Ratio) and atom.bottom.constant is None and any(t in atom.top.terms for t in atom.bottom.terms):
        return Form((((replace(atom, top=atom.top - atom.bottom),), 1),))
    return form - 1
