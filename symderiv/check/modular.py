"""Remainders, congruences and intervals in conditions: ``p \\bmod 2 = 1``, ``p \\equiv 1 \\pmod 2``, ``p \\in [0, k)``."""

from __future__ import annotations

from dataclasses import replace

from symderiv.check.context import Context, Unreadable
from symderiv.check.indices import form_of
from symderiv.formula.nodes import Compare, Condition, Divides, Within
from symderiv.index.form import Form
from symderiv.notes import tree
from symderiv.report_model import Message

Names = frozenset[str]
_REMAINDERS = ("mod", "pmod")


def modular(left: tree.Expr, relation: tree.Relation, right: tree.Expr, context: Context, bound: Names) -> list[Condition]:
    """A statement about a remainder; empty for other links.

    Raises:
        Unreadable: what is divided is not clear, or the remainder is none.
    """
    if relation.kind != "=":
        return []
    above, below = _remainder(left), _remainder(right)
    if above is None and below is None:
        return []
    if below is not None and below.function == "pmod":
        if above is not None:
            raise Unreadable(Message("this condition can't be read"), relation.place)
        return [Divides(_modulus(below, context, bound), form_of(left, context, bound) - form_of(below.args[0], context, bound))]
    call, other = (above, right) if above is not None else (below, left)
    if call is None or (above is not None and below is not None):
        raise Unreadable(Message("this condition can't be read"), relation.place)
    modulus, rest = _modulus(call, context, bound), form_of(other, context, bound)
    if rest != 0 and not (rest.constant is not None and modulus.constant is not None and 0 <= rest.constant < modulus.constant):
        raise Unreadable(Message("a remainder is less than its divisor"), other.place)
    return [Divides(modulus, form_of(call.args[0], context, bound) - rest)]


def _modulus(call: tree.Call, context: Context, bound: Names) -> Form:
    modulus = form_of(call.args[1], context, bound)
    if modulus.constant is not None and modulus.constant <= 0:
        raise Unreadable(Message("a divisor must be positive"), call.args[1].place)
    return modulus


def _remainder(expr: tree.Expr) -> tree.Call | None:
    """The remainder that a member is; ``p - 1 \\bmod 2`` is that of the whole, since a number has none of its own.

    Raises:
        Unreadable: ``p + q \\bmod 2`` may be that of q.
    """
    while isinstance(expr, tree.Group):
        expr = expr.inner
    if isinstance(expr, tree.Call) and expr.function in _REMAINDERS:
        return expr
    if not isinstance(expr, tree.Add):
        return None
    last = expr.terms[-1]
    if not isinstance(last, tree.Call) or last.function not in _REMAINDERS:
        return None
    if last.function == "mod" and not isinstance(last.args[0], tree.Number):
        raise Unreadable(Message("what is divided here? write brackets"), last.place)
    whole = replace(expr, terms=(*expr.terms[:-1], last.args[0]))
    return replace(last, args=(whole, last.args[1]))


def interval(left: tree.Expr, relation: tree.Relation, right: tree.Expr, context: Context, bound: Names) -> list[Condition]:
    """``i \\in [0, k)`` and ``i \\in [0, k]``: integers between the ends; empty for other links."""
    if relation.kind != "in":
        return []
    if isinstance(right, tree.Sequence) and right.open == "[" and len(right.items) == 2:
        kind, ends = "[]", right.items
    elif isinstance(right, tree.Call) and right.function in ("[)", "(]") and len(right.args) == 2:
        kind, ends = right.function, right.args
    else:
        return []
    low, high = (form_of(end, context, bound) for end in ends)
    items = left.items if isinstance(left, tree.Sequence) else (left,)
    if isinstance(left, tree.Sequence) and left.open:
        raise Unreadable(Message("this condition can't be read"), left.place)
    found: list[Condition] = []
    for item in items:
        form = form_of(item, context, bound)
        if kind == "[]":
            found.append(Within(low, form, high))
        elif kind == "[)":
            found += [Compare(low, "<=", form), Compare(form, "<", high)]
        else:
            found += [Compare(low, "<", form), Compare(form, "<=", high)]
    return found
