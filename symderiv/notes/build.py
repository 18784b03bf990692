"""What each rule of the grammar builds; the names are those after ``->`` in grammar.lark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symderiv.notes import limits
from symderiv.notes.ranges import conditions_of
from symderiv.notes.raw import (
    Braces,
    Differential,
    Item,
    Listing,
    Marker,
    RawSum,
    Script,
    Scripted,
    Statements,
    Unreadable,
    Wordy,
    items_of,
    rows_of,
    settle,
)
from symderiv.notes.scripts import make_name
from symderiv.notes.terms import resolve
from symderiv.notes.tokens import Token
from symderiv.notes.tree import (
    Add,
    Call,
    Case,
    Cases,
    Comparison,
    Condition,
    Convolution,
    Derivative,
    Dots,
    Expr,
    Group,
    Iverson,
    Matrix,
    Name,
    Number,
    Place,
    Product,
    Quotient,
    Reduction,
    Relation,
    Sequence,
    Slice,
)

Values = list[Any]


def _span(values: Values) -> Place:
    places: list[Place] = [value.place for value in values if value is not None and not isinstance(value, list)]
    return places[0].to(places[-1])


# -- lists -------------------------------------------------------------------------------------


def _rows_one(values: Values) -> list[Any]:
    return [values[0]]


def _rows_more(values: Values) -> list[Any]:
    values[0].append(values[2])
    return values[0]  # type: ignore[no-any-return]


def _nothing(values: Values) -> None:
    return None


def _same(values: Values) -> Any:
    return values[0]


def _listing(rows: list[list[Item]], first: Token, last: Token) -> Listing:
    return Listing(rows, first.place.to(last.place))


def _slice(values: Values) -> Slice:
    parts = [None if value is None else settle(value) for value in values[::2]]
    return Slice(parts[0], parts[1], parts[2] if len(parts) > 2 else None, _span(values))


def _wordy(values: Values) -> Wordy:
    parts = [value if isinstance(value, Token) else settle(value) for value in values]
    return Wordy(parts, _span(values))


def _wordy_more(values: Values) -> Wordy:
    first: Wordy = values[0]
    first.parts += [value if isinstance(value, Token) else settle(value) for value in values[1:]]
    first.place = first.place.to(values[-1].place)
    return first


# -- sums and comparisons ----------------------------------------------------------------------


def _relation(token: Token) -> Relation:
    return Relation(token.text, token.text, token.extra, token.place)  # type: ignore[arg-type]


def _compare(values: Values) -> Comparison:
    left, right = settle(values[0]), settle(values[2])
    relation, place = _relation(values[1]), left.place.to(right.place)
    if isinstance(left, Comparison):
        return Comparison((*left.members, right), (*left.relations, relation), place)
    return Comparison((left, right), (relation,), place)


def _expr_one(values: Values) -> Any:
    return resolve(values[0])


def _term(factors: Values) -> Expr:
    raw = resolve(factors)
    if isinstance(raw, Add) and any(isinstance(factor[2], Braces) for factor in factors):
        raise Unreadable("braces do not print: write brackets", raw.place)
    return settle(raw)


def _sign(token: Token) -> int:
    return -1 if token.text == "-" else 1


def _expr_signed(values: Values) -> RawSum:
    term = _term(values[1])
    return RawSum([term], [_sign(values[0])], values[0].place.to(term.place))


def _expr_more(values: Values) -> RawSum:
    first, term = values[0], _term(values[-1])
    if not isinstance(first, RawSum):
        left = settle(first)
        first = RawSum([left], [1], left.place)
    sign = _sign(values[1]) * (_sign(values[2]) if len(values) == 4 else 1)
    first.terms.append(term)
    first.signs.append(sign)
    first.place = first.place.to(term.place)
    return first


# -- factors -----------------------------------------------------------------------------------


def _term_one(values: Values) -> list[Any]:
    return [("", 1, values[0])]


def _term_more(values: Values) -> list[Any]:
    join = values[1].text if len(values) > 2 else ""
    sign = _sign(values[2]) if len(values) == 4 else 1
    values[0].append((join, sign, values[-1]))
    return values[0]  # type: ignore[no-any-return]


def _add_script(base: Any, script: Script) -> Any:
    if isinstance(base, (Marker, Scripted)):
        base.scripts.append(script)
        base.place = base.place.to(script.place)
        return base
    if isinstance(base, Differential):
        raise Unreadable("a differential with an index or power is not understood", script.place)
    return Scripted(base, [script], base.place.to(script.place))


def _script(values: Values) -> Any:
    base, sign, opening, rows, closing = values
    kind = {"SUP": "super"}.get(sign.kind, "glued" if sign.text == "glued" else "sub")
    return _add_script(base, Script(kind, _listing(rows, opening, closing), sign.text, sign.place.to(closing.place)))


def _index(values: Values) -> Any:
    base, opening, rows, closing = values
    place = opening.place.to(closing.place)
    return _add_script(base, Script("bracket", Listing(rows, place), "[", place))


def _prime(values: Values) -> Any:
    base, token = values
    return _add_script(base, Script("prime" if token.kind == "PRIME" else "mark", None, token.text, token.place))


# -- atoms -------------------------------------------------------------------------------------


def _number(values: Values) -> Number:
    return Number(values[0].text, values[0].place)


def _name(values: Values) -> Name:
    return make_name(values[0])


def _marker(values: Values) -> Marker:
    return Marker(values[0].kind, values[0].text, values[0].place)


def _dots(values: Values) -> Dots:
    return Dots(values[0].text, values[0].place)


_OPEN = {"LPAR": "(", "LBRACK": "[", "LSET": "{"}


def _group(values: Values) -> Any:
    opening, rows, closing = values
    place, sign = opening.place.to(closing.place), _OPEN[opening.kind]
    rows = rows_of(Listing(rows, place))
    if len(rows) > 1:
        return _plain_matrix(rows, sign, place)
    items = rows[0]
    if any(isinstance(item, (Comparison, Wordy)) for item in items):
        return Iverson(conditions_of([items], place), "bracket", place) if sign == "[" else Statements(items, sign, place)
    if len(items) == 1:
        if items[0] is None:
            raise Unreadable("nothing stands in these brackets", place)
        if isinstance(items[0], (Differential, Marker)) and sign == "(":
            return items[0]
        return Group(settle(items[0]), sign, place)
    if sign == "[" and all(isinstance(item, Sequence) and item.open == "[" for item in items):
        return _plain_matrix([[*item.items] for item in items if isinstance(item, Sequence)], sign, place)
    return Sequence(tuple(settle(item) for item in items), sign, place)


def _plain_matrix(rows: list[list[Item]], sign: str, place: Place) -> Matrix:
    """``[a, b; c, d]`` and ``[[a, b], [c, d]]``."""
    if sign != "[":
        raise Unreadable("several rows in these brackets are not understood", place)
    return _matrix_of([[settle(item) for item in row] for row in rows], "[", place)


def _matrix_of(rows: list[list[Expr]], kind: str, place: Place) -> Matrix:
    if sum(len(row) for row in rows) > limits.CELLS:
        raise Unreadable(limits.over("cells of a matrix", limits.CELLS, "cells"), place, "matrix cells")
    if len({len(row) for row in rows}) > 1:
        raise Unreadable("the rows of this matrix are not of one length", place)
    return Matrix(tuple(tuple(row) for row in rows), kind, place)


def _delimited(values: Values) -> Call:
    opening, rows, closing = values
    place = opening.place.to(closing.place)
    items = items_of(Listing(rows, place), place, "these brackets")
    if len(items) != 1:
        raise Unreadable("a list in these brackets is not understood", place)
    name = {"LABS": "abs", "LFLOOR": "floor", "LCEIL": "ceil"}[opening.kind]
    return Call(name, (settle(items[0]),), place=place)


def _braces(values: Values) -> Any:
    """Braces do not print: what needs brackets in them is kept apart, everything else stands as it is."""
    opening, rows, closing = values
    place = opening.place.to(closing.place)
    if len(rows) > 1 or len(rows[0]) > 1 or isinstance(rows[0][0], Wordy):
        return Listing(rows, place)
    inner = rows[0][0]
    if inner is None:
        raise Unreadable("nothing stands in these braces", place)
    node = settle(inner) if isinstance(inner, RawSum) else inner
    loose = isinstance(node, (Add, Reduction, Convolution, Comparison, Slice)) or (isinstance(node, Quotient) and node.slash)
    return Braces(node, place) if loose and not isinstance(node, (Marker, Differential)) else node


def _fraction(values: Values) -> Any:
    place = values[0].place.to(values[-1].place)
    top = _argument(values[2], values[1], values[3])
    bottom = _argument(values[5], values[4], values[6])
    above, below = _differential(top), _differential(bottom)
    if above and below:
        if not above.letter and not below.letter and above.total != below.total:
            raise Unreadable("one d and one partial in a fraction", place)
        return Derivative(above.of, below.of, "frac", above.total, place)
    if below and isinstance(top, Marker) and top.kind in ("PARTIAL", "DEE") and not top.scripts:
        return Marker("OPERATOR", "d" if below.total else "partial", place, by=below.of)
    if isinstance(top, Name) and top.text == "d" and below and below.total:
        return Marker("OPERATOR", "d", place, by=below.of)
    return Quotient(settle(top), settle(bottom), False, place)


def _argument(rows: list[list[Item]], opening: Token, closing: Token) -> Item:
    items = items_of(_listing(rows, opening, closing), opening.place.to(closing.place), "a fraction")
    if len(items) != 1 or items[0] is None:
        raise Unreadable("this part of a fraction is not understood", opening.place.to(closing.place))
    return items[0]


def _differential(item: Item) -> Differential | None:
    """``\\partial L``, ``dL`` or ``d L`` as the top or bottom of a fraction."""
    if isinstance(item, Differential):
        return item
    if isinstance(item, Product) and len(item.factors) == 2 and item.joins == ("",):
        letter, of = item.factors
        if isinstance(letter, Name) and letter.text == "d" and not isinstance(of, Number):
            return Differential(of, True, True, item.place)
    return None


def _root(values: Values) -> Call:
    place = values[0].place.to(values[-1].place)
    return Call("sqrt", (settle(_argument(values[2], values[1], values[3])),), place=place)


# -- matrices and cases ------------------------------------------------------------------------


def _cell_one(values: Values) -> list[Any]:
    return [values[0]]


def _cell_more(values: Values) -> list[Any]:
    values[0].append(values[2])
    return values[0]  # type: ignore[no-any-return]


def _trimmed(rows: list[list[list[Item]]]) -> list[list[list[Item]]]:
    return rows[:-1] if len(rows) > 1 and rows[-1] == [[None]] else rows


def _matrix(values: Values) -> Any:
    opening, rows, closing = values
    place = opening.place.to(closing.place)
    table = [[_cell(cell, place) for cell in row] for row in _trimmed(rows)]
    matrix = _matrix_of(table, opening.text, place)
    if opening.text == "vmatrix" and len(table) == 1 and len(table[0]) == 1:
        return Group(table[0][0], "(", place)
    return matrix


def _cell(cell: list[Item], place: Place) -> Expr:
    if len(cell) != 1 or cell[0] is None:
        raise Unreadable("an empty cell or a list in a matrix is not understood", place)
    return settle(cell[0])


def _cases(values: Values) -> Cases:
    opening, rows, closing = values
    return Cases(tuple(_case(row, opening.place) for row in _trimmed(rows)), opening.place.to(closing.place))


def _case(row: list[list[Item]], place: Place) -> Case:
    """``value, & condition``; the condition may also follow the value in the same cell."""
    value_cell = [item for item in row[0] if item is not None]
    if not value_cell or len(row) > 2:
        raise Unreadable("this row of cases is not understood", place)
    first, rest = value_cell[0], value_cell[1:]
    if isinstance(first, Wordy):
        if isinstance(first.parts[0], Token) or len(first.parts) < 2:
            raise Unreadable("words in place of a value are not understood", first.place)
        value = settle(first.parts[0])
        rest = [Wordy(first.parts[1:], first.place), *rest]
    else:
        value = settle(first)
    if isinstance(value, Comparison):
        raise Unreadable("a relation in place of a value is not understood", value.place)
    items: list[Item] = [*rest, *(item for cell in row[1:] for item in cell if item is not None)]
    whole = value.place
    if not items:
        return Case(value, None, whole)
    conditions = conditions_of([items], place)
    whole = whole.to(conditions[-1].place)
    return Case(value, _one_condition(conditions), whole)


def _one_condition(conditions: tuple[Condition, ...]) -> Condition:
    """Several conditions of one row as one whose statement is an Iverson bracket of them all."""
    if len(conditions) == 1:
        return conditions[0]
    place = conditions[0].place.to(conditions[-1].place)
    return Condition("", Iverson(conditions, "bracket", place), place=place)


ACTIONS: dict[str, Callable[[Values], Any]] = {
    "start": _same, "rows_one": _rows_one, "rows_more": _rows_more, "row_one": _rows_one, "row_more": _rows_more,
    "nothing": _nothing, "same": _same, "slice": _slice, "wordy": _wordy, "wordy_more": _wordy_more,
    "compare": _compare, "expr_one": _expr_one, "expr_signed": _expr_signed, "expr_more": _expr_more,
    "term_one": _term_one, "term_more": _term_more, "script": _script, "index": _index, "prime": _prime,
    "number": _number, "name": _name, "marker": _marker, "dots": _dots, "group": _group, "delimited": _delimited,
    "braces": _braces, "fraction": _fraction, "root": _root, "matrix": _matrix, "cases": _cases,
    "cell_one": _cell_one, "cell_more": _cell_more,
}  # fmt: skip
