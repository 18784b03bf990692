"""Subscripts: from what was written to index forms, as many as the tensor has axes."""

from __future__ import annotations

from fractions import Fraction

from symderiv.check.context import Context, Unreadable
from symderiv.index.form import Form, ceil_div, const, exact_div, extreme, floor_div, name
from symderiv.notes.tree import (
    Add,
    Call,
    Expr,
    Group,
    Indexed,
    Name,
    Number,
    Place,
    Product,
    Quotient,
    Sequence,
    Slice,
    Subscripts,
)
from symderiv.report_model import Message

MOST_DIGITS = 6
MOST_TERMS = 60


def form_of(expr: Expr, context: Context, bound: frozenset[str]) -> Form:
    """An index form. Raises Unreadable where the expression is none."""
    if isinstance(expr, Number):
        return _number(expr)
    if isinstance(expr, (Name, Indexed)):
        return _name(expr, context, bound)
    if isinstance(expr, Group):
        return form_of(expr.inner, context, bound)
    if isinstance(expr, Add):
        total = const(0)
        for sign, term in zip(expr.signs, expr.terms, strict=True):
            part = form_of(term, context, bound)
            total = total + part if sign > 0 else total - part
        return _small(total, expr.place)
    if isinstance(expr, Product):
        total = const(1)
        for factor in expr.factors:
            total = total * form_of(factor, context, bound)
        return _small(total, expr.place)
    if isinstance(expr, Quotient):
        return _ratio("exact", expr, context, bound)
    if isinstance(expr, Call):
        return _call(expr, context, bound)
    if isinstance(expr, Sequence) and expr.open and len(expr.items) == 1:
        return form_of(expr.items[0], context, bound)
    raise Unreadable(Message("this is no index"), expr.place)


def _small(form: Form, place: Place) -> Form:
    if len(form.terms) > MOST_TERMS:
        raise Unreadable(Message("an index has more than %(most)s terms", {"most": MOST_TERMS}), place)
    return form


def _number(expr: Number) -> Form:
    if len(expr.digits) > MOST_DIGITS + 4:
        raise Unreadable(Message("a number in an index has more than %(most)s digits", {"most": MOST_DIGITS + 4}), expr.place)
    value = Fraction(expr.digits)
    if value.denominator != 1:
        raise Unreadable(Message("an index is not an integer"), expr.place)
    return const(int(value))


def text_of(expr: Expr) -> str | None:
    """One text for a name with or without a plain subscript: ``k``, ``k_1``, ``H_out``."""
    if isinstance(expr, Name):
        return expr.text
    if isinstance(expr, Indexed) and isinstance(expr.base, Name) and len(expr.items) == 1:
        item = expr.items[0]
        if isinstance(item, Number):
            return f"{expr.base.text}_{item.digits}"
        if isinstance(item, Name):
            return f"{expr.base.text}_{item.text}"
    return None


def _name(expr: Name | Indexed, context: Context, bound: frozenset[str]) -> Form:
    text = text_of(expr)
    if text is None:
        raise Unreadable(Message("this is no index"), expr.place)
    if text in bound:
        return name(text)
    if text in context.sizes:
        return context.sizes[text]
    if isinstance(expr, Indexed):
        raise Unreadable(Message("the size %(name)s is not known", {"name": text}), expr.place)
    return name(text)


def _ratio(kind: str, expr: Quotient, context: Context, bound: frozenset[str]) -> Form:
    top, bottom = form_of(expr.top, context, bound), form_of(expr.bottom, context, bound)
    if bottom.constant is not None and bottom.constant <= 0:
        raise Unreadable(Message("a divisor must be positive"), expr.bottom.place)
    if kind == "floor":
        return floor_div(top, bottom)
    return ceil_div(top, bottom) if kind == "ceil" else exact_div(top, bottom)


def _call(expr: Call, context: Context, bound: frozenset[str]) -> Form:
    args = expr.args
    if len(args) == 1 and isinstance(args[0], Sequence):
        args = args[0].items
    if expr.function in ("max", "min") and args:
        forms = [form_of(a, context, bound) for a in args]
        return extreme("max" if expr.function == "max" else "min", forms)
    if expr.function == "mod" and len(args) == 2:
        top, bottom = form_of(args[0], context, bound), form_of(args[1], context, bound)
        if bottom.constant is None or bottom.constant <= 0:
            raise Unreadable(Message("a divisor must be positive"), args[1].place)
        return top - floor_div(top, bottom) * bottom
    if expr.function in ("floor", "ceil") and len(args) == 1:
        inner = args[0].inner if isinstance(args[0], Group) else args[0]
        if isinstance(inner, Quotient):
            return _ratio(expr.function, inner, context, bound)
        return form_of(inner, context, bound)
    raise Unreadable(Message("'%(name)s' is not a function of indices", {"name": expr.function}), expr.place)


def split_items(expr: Indexed, rank: int) -> list[Expr]:
    """The items of an entry's subscripts, one an axis.

    Raises:
        Unreadable: their number is not the rank, and one item does not split into it.
    """
    items = list(expr.items)
    if any(isinstance(i, Slice) for i in items):
        raise Unreadable(Message("a slice stands for many entries"), expr.place)
    above = len(expr.groups) > 1 and any(group.style == "super" for group in expr.groups)
    if len(items) == rank and not above:
        return items
    # with indices above, "x^k_{11}" has three
    found = _split(items[0]) if len(items) == 1 else [one for group in expr.groups for one in _apart(group)]
    if len(found) == rank:
        return found
    raise Unreadable(
        Message("%(count)s subscripts are needed here: write commas between them", {"count": rank}), expr.place
    )


def _apart(group: Subscripts) -> list[Expr]:
    """The items of one group among several: ``W^{f,c}_{ab}``."""
    return _split(group.items[0]) if len(group.items) == 1 else list(group.items)


def _split(item: Expr) -> list[Expr]:
    if isinstance(item, Number) and item.digits.isdigit():
        start = item.place.start
        return [Number(d, Place(start + k, start + k + 1)) for k, d in enumerate(item.digits)]
    if isinstance(item, Product) and all(j == "" for j in item.joins):
        found: list[Expr] = []
        for factor in item.factors:
            if isinstance(factor, Indexed) or (isinstance(factor, Number) and len(item.factors) > 1 and len(factor.digits) > 1):
                found += _split(factor)
            else:
                found.append(factor.inner if isinstance(factor, Group) else factor)
        return found
    if isinstance(item, Indexed) and isinstance(item.base, Name) and item.groups[0].style == "glued" and len(item.items) == 1:
        return [item.base, *_split(item.items[0])]
    return [item]
