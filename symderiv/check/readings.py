"""What may have been meant in two ways; a verdict is given where both have it.

    \\sum_a I_a W_a + V_a      (\\sum_a I_a W_a) + V_a   or   \\sum_a (I_a W_a + V_a)
    i, j = 1, 2               each of them 1 or 2       or   i = 1 and j = 2
"""

from __future__ import annotations

from dataclasses import replace

from symderiv.check.context import Context
from symderiv.check.lower import names_in
from symderiv.check.syntax import parts, put
from symderiv.notes import tree


def goes_on(expr: tree.Expr, context: Context, taken: frozenset[str]) -> tree.Expr | None:
    """The other reading of ``expr``; None where there is one reading only.

    ``taken`` are letters that have a meaning outside: indices of the left side.
    """
    for node in parts(expr):
        if not isinstance(node, tree.Add):
            continue
        for k, term in enumerate(node.terms):
            letters = _bound(term) - context.roles.keys() - context.sizes.keys() - taken
            if not letters:
                continue
            last = k
            for later in range(k + 1, len(node.terms)):
                if letters & _free(node.terms[later]):
                    last = later
            if last > k:
                return put(expr, node, _extended(node, k, last))
    return None


def in_pairs(conditions: tuple[tree.Condition, ...]) -> tuple[tree.Condition, ...] | None:
    """``i, j = 1, 2`` as ``(i, j) = (1, 2)``; None where no condition is a list of as many letters as values."""
    read = tuple(_paired(c) for c in conditions)
    return read if read != conditions else None


def _paired(condition: tree.Condition) -> tree.Condition:
    statement = condition.statement
    if not isinstance(statement, tree.Comparison) or len(statement.members) != 2 or statement.relations[0].kind != "=":
        return condition
    names, values = statement.members
    if not (isinstance(names, tree.Sequence) and isinstance(values, tree.Sequence) and not names.open and not values.open):
        return condition
    if len(names.items) != len(values.items) or any(isinstance(v, tree.Dots) for v in values.items):
        return condition
    return replace(condition, statement=replace(statement, members=(replace(names, open="("), replace(values, open="("))))


def _bound(term: tree.Expr) -> frozenset[str]:
    if isinstance(term, tree.Product) and term.factors:
        return _bound(term.factors[-1])
    if not isinstance(term, tree.Reduction) or term.kind != "sum" or term.body is None:
        return frozenset()
    inner = _bound(term.body)
    return inner | {r.index.text for r in term.ranges}


def _free(term: tree.Expr) -> set[str]:
    own = {p.index.text for p in parts(term) if isinstance(p, tree.Range)}
    return {n.text for n in names_in(term)} - own


def _extended(node: tree.Add, k: int, last: int) -> tree.Expr:
    """Terms k+1 .. last drawn into the sum of term k."""
    more = node.terms[k + 1 : last + 1]
    signs = tuple(s * node.signs[k] for s in node.signs[k + 1 : last + 1])
    grown = _grow(node.terms[k], more, signs)
    terms = (*node.terms[:k], grown, *node.terms[last + 1 :])
    if len(terms) == 1 and node.signs[k] > 0:
        return grown
    return replace(node, terms=terms, signs=(*node.signs[: k + 1], *node.signs[last + 1 :]))


def _grow(term: tree.Expr, more: tuple[tree.Expr, ...], signs: tuple[int, ...]) -> tree.Expr:
    if isinstance(term, tree.Product):
        return replace(term, factors=(*term.factors[:-1], _grow(term.factors[-1], more, signs)))
    assert isinstance(term, tree.Reduction) and term.body is not None
    if isinstance(term.body, tree.Reduction):
        return replace(term, body=_grow(term.body, more, signs))
    return replace(term, body=tree.Group(tree.Add((term.body, *more), (1, *signs))))
