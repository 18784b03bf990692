"""The maximum of a window by its value or its place: ``[x_{pq} = y_{ij}]``, ``(p, q) = \\argmax_{a, c} x_{i+a, j+c}``.

In its window an entry that equals the output is the maximum, every tied one. Outside its window an entry may equal
the output by chance: nothing is said there, so that a sum over windows that do not hold the entry gets no verdict
as if it were 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from symderiv.check.arrays import Choice, Lowered, is_array
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.check.indices import form_of, split_items
from symderiv.formula.nodes import (
    Bracket,
    Branch,
    Cases,
    Condition,
    Divides,
    Entry,
    Equal,
    IsMax,
    Node,
    Number,
    Partial,
    Within,
)
from symderiv.formula.walk import add, product, walk
from symderiv.index.form import Form, const
from symderiv.index.window import Axis
from symderiv.notes import tree
from symderiv.report_model import Message

if TYPE_CHECKING:
    from symderiv.check.lower import Lowerer

Names = frozenset[str]
Place = tuple[Form, ...]


@dataclass(frozen=True)
class ByValue:
    """``at`` is (or is not) the maximum of ``window``."""

    at: Place
    window: Place
    positive: bool = True


NAMED = "window"
"""The label of a sign that stands for words: "the maximum" is then the one that the tie rule takes."""
_IS = r"(?:is|attains)\s+(?P<no>not\s+)?(?:the\s+)?(?:maximum|max|maximal\s+entry|largest\s+entry)\s+(?:of|in)\s+(?:the\s+)?window"
_OF_PLACE = (
    (re.compile(rf"{_IS}\s*", re.I), re.compile("")),
    (re.compile(r"(?P<no>不)?是\s*(?:该)?窗口\s*"), re.compile(r"\s*(?:中|内|里)?的?最大(?:值|元素|者)\s*时?")),
)
_OF_OUTPUT = (
    (re.compile(rf"{_IS}\s+(?:of|for|at|belonging\s+to)\s*", re.I), re.compile("")),
    (re.compile(r"(?P<no>不)?是\s*"), re.compile(r"\s*(?:的|所在的?|对应的?)窗口(?:中|内|里)?的?最大(?:值|元素|者)\s*时?")),
)
"""The words before a window, or the output that it makes, and those after it."""


def _named(words: str, after: str, window: tree.Expr) -> re.Match[str] | None:
    pairs = _OF_PLACE if isinstance(window, tree.Sequence) else _OF_OUTPUT if isinstance(window, tree.Indexed) else ()
    return next((m for before, behind in pairs if (m := before.fullmatch(words)) and behind.fullmatch(after)), None)


def names_window(words: str, after: str, window: tree.Expr) -> bool:
    """``is the maximum of window`` before ``(i, j)``, ``is the maximum in the window of`` before ``O_{ij}``."""
    return _named(words, after, window) is not None


def by_named_window(conditions: Sequence[tree.Condition], context: Context) -> tuple[tree.Condition, ...]:
    """``if I_{pq} is the maximum of window (i, j)`` as ``if I_{pq} = O_{ij}``, the output's letter being the notes'."""
    letter = next((written for written, tensor in context.roles.items() if tensor == context.layer.output.name), None)
    found: list[tree.Condition] = []
    for condition in conditions:
        window, before = condition.statement, found[-1] if found else None
        said = None if window is None else _named(condition.words, condition.after, window)
        if said is None or letter is None or before is None or before.after or not isinstance(before.statement, tree.Indexed):
            found.append(condition)
            continue
        output = window if isinstance(window, tree.Indexed) else _output(letter, window)
        sign = tree.Relation("neq" if said["no"] else "=", "=", NAMED, condition.place)
        equal = tree.Comparison((before.statement, output), (sign,), condition.place)
        found[-1] = replace(before, statement=equal)
    return tuple(found)


def _output(letter: str, window: tree.Expr | None) -> tree.Expr:
    assert isinstance(window, tree.Sequence)
    return tree.Indexed(tree.Name(letter, letter), (tree.Subscripts(window.items),), window.place)


# -- by value ----------------------------------------------------------------------------------
def by_value(condition: tree.Condition, lowerer: Lowerer, bound: Names) -> ByValue | None:
    """``x_{pq} = y_{ij}`` or ``x_{pq} = \\max ...`` as a statement about the maximum; None for other conditions.

    Raises:
        Unreadable: an entry is compared with what is no output of its layer.
        Unknown: ties go by another rule than "every tied entry".
    """
    statement, pooled = condition.statement, lowerer.context.layer.pooled
    while isinstance(statement, tree.Group):
        statement = statement.inner
    if pooled is None or not isinstance(statement, tree.Comparison) or len(statement.members) != 2:
        return None
    left, right = statement.members
    kind = statement.relations[0].kind
    if isinstance(left, tree.Reduction) and left.kind == "argmax":
        left, right = right, left
    if isinstance(right, tree.Reduction) and right.kind == "argmax":
        return _by_place(left, right, statement.relations[0], lowerer, bound)
    if kind not in ("=", "neq") or not (_is_entry(left, lowerer) or _is_entry(right, lowerer)):
        return None
    if condition.join == "or":
        raise Unreadable(Message("this condition can't be read"), statement.place)
    cell, value = (left, right) if _is_entry(left, lowerer, pooled.name) else (right, left)
    at = lowerer.lower(cell, bound)
    if not isinstance(at, Entry) or at.tensor != pooled.name:
        raise Unreadable(Message("this condition can't be read"), statement.place)
    window = _valued(value, lowerer, bound)
    context = lowerer.context
    if context.tie_rule and context.layer.ties != "all" and statement.relations[0].label != NAMED:
        raise Unknown(Message("this gives every tied entry the whole gradient; the notes give ties by the rule '%(rule)s'",
                              {"rule": context.layer.ties}), statement.place)
    lowerer.by_value = True
    return ByValue(at.index, window, kind == "=")


def _by_place(left: tree.Expr, found: tree.Reduction, relation: tree.Relation, lowerer: Lowerer, bound: Names) -> ByValue:
    """``(p, q) = \\argmax_{a, c} x_{ac}`` beside an equation: the entry at p, q is the one that its window chooses."""
    if relation.kind not in ("=", "assign"):
        raise Unreadable(Message("'%(sign)s' can't be read in a condition", {"sign": relation.text}), relation.place)
    if found.body is not None:
        weight = argmax_of(left, found, lowerer, bound)
        return ByValue(weight.at, weight.window)
    at = left.items if isinstance(left, tree.Sequence) else (left,)
    return ByValue(tuple(form_of(i, lowerer.context, bound) for i in at), window_of_argmax(found, lowerer.context))


def _is_entry(expr: tree.Expr, lowerer: Lowerer, tensor: str = "") -> bool:
    """Whether an expression is an entry of the pooled tensor or of the output."""
    if not isinstance(expr, tree.Indexed) or not isinstance(expr.base, tree.Name):
        return False
    found, layer = lowerer.tensor_of(expr.base), lowerer.context.layer
    assert layer.pooled is not None
    return found == tensor if tensor else found in (layer.pooled.name, layer.output.name)


def _valued(expr: tree.Expr, lowerer: Lowerer, bound: Names) -> Place:
    """The window whose maximum an expression is."""
    if isinstance(expr, tree.Reduction) and expr.kind == "max" and expr.body is not None and expr.ranges:
        window, _ = _over_window(expr, lowerer, bound)
        return window
    listed = _listed(expr)
    if listed:
        return _window_with(listed, expr, lowerer, bound)
    found = lowerer.lower(expr, bound)
    if not isinstance(found, Entry) or found.tensor != lowerer.context.layer.output.name:
        raise Unreadable(Message("this condition can't be read"), expr.place)
    return found.index


def _listed(expr: tree.Expr) -> tuple[tree.Expr, ...]:
    """The entries of ``\\max(x_1, x_2, x_3)``."""
    if isinstance(expr, tree.Call) and expr.function == "max":
        return expr.args[0].items if len(expr.args) == 1 and isinstance(expr.args[0], tree.Sequence) else expr.args
    if isinstance(expr, tree.Reduction) and expr.kind == "max" and not expr.ranges and not expr.conditions and expr.body is not None:
        inner = expr.body.inner if isinstance(expr.body, tree.Group) else expr.body
        return inner.items if isinstance(inner, tree.Sequence) else ()
    return ()


def _window_with(listed: tuple[tree.Expr, ...], expr: tree.Expr, lowerer: Lowerer, bound: Names) -> Place:
    """The window that has just these entries, by numbers. Raises Unreadable where none has."""
    context, pooled = lowerer.context, lowerer.context.layer.pooled
    bad = Unreadable(Message("this is the maximum of no window of the layer"), expr.place)
    found = [lowerer.lower(e, bound) for e in listed]
    cells = {tuple(f.constant for f in e.index) for e in found if isinstance(e, Entry) and pooled is not None and e.tensor == pooled.name}
    axes = context.layer.axes
    if len(cells) != len(listed) or any(x is None for cell in cells for x in cell) or not context.layer.numeric or not axes:
        raise bad
    lead = {cell[: -len(axes)] for cell in cells}
    window = [const(x) for x in next(iter(lead)) if x is not None]
    count = 1
    for k, axis in enumerate(axes):
        mine = {cell[k - len(axes)] for cell in cells}
        fits = [o for o in range(axis.m.constant or 0) if mine == {x + context.base for x in range(axis.n.constant or 0) if _holds(axis, x, o)}]
        if len(fits) != 1:
            raise bad
        window.append(const(fits[0] + context.base))
        count *= len(mine)
    if len(lead) != 1 or count != len(cells):
        raise bad
    return tuple(window)


def bracket(lowerer: Lowerer, expr: tree.Iverson, bound: Names) -> Node | None:
    """``[x_{pq} = y_{ij}, ...]``; None where no entry is compared with an output."""
    from symderiv.check.conditions import kind_of, statements

    values = [(c, by_value(c, lowerer, bound)) for c in expr.conditions]
    stated = [v for _, v in values if v is not None]
    if not stated:
        return None
    if any(v is not None and (kind_of(c) != "joint" or c.words or c.after) for c, v in values):
        raise Unreadable(Message("this condition can't be read"), expr.place)
    tests = [t for c, v in values if v is None for t in statements(c, lowerer.context, bound)]
    weights: list[Node] = [_guarded(v, lowerer.context) for v in stated]
    return product([Bracket(tuple(tests)), *weights] if tests else weights)


def _guarded(value: ByValue, context: Context) -> Node:
    """The weight, where the entry lies in the window; elsewhere nothing is said."""
    return Cases((Branch(_weight(value), tuple(inside(value.at, value.window, context))),), None)


def _weight(value: ByValue) -> Node:
    weight = IsMax(value.at, value.window)
    return weight if value.positive else add([Number(Fraction(1)), product([Number(Fraction(-1)), weight])])


def inside(at: Place, window: Place, context: Context) -> list[Condition]:
    """When the entry ``at`` lies in the window: 0 <= t - s*(o-1) - 1 + P <= d*(k-1), and d divides it."""
    axes, lead = context.layer.axes, len(at) - len(context.layer.axes)
    found: list[Condition] = [Equal(t, o) for t, o in zip(at[:lead], window[:lead], strict=True)]
    for axis, t, o in zip(axes, at[lead:], window[lead:], strict=True):
        offset = t - context.base - axis.s * (o - context.base) + axis.start
        found.append(Within(const(0), offset, axis.d * (axis.k - 1)))
        if axis.d != 1:
            found.append(Divides(axis.d, offset))
    return found


def cases(lowerer: Lowerer, expr: tree.Cases, values: Sequence[Lowered], bound: Names) -> Lowered | None:
    """Two rows, the first (or both) by ``x_{pq} = y_{ij}``; None where no row compares an entry with an output.

    Raises:
        Unreadable: more rows, or rows that do not exclude each other.
    """
    from symderiv.check.conditions import kind_of, statements

    rows = [_row(row, lowerer, bound) for row in expr.rows]
    if not any(stated for stated, _ in rows):
        return None
    bad = Unreadable(Message("these cases can't be read together"), expr.place)
    if len(rows) != 2 or any(row.condition is not None and not _joint(row.condition, lowerer.context) for row in expr.rows[:1]):
        raise bad
    (first, others), (second, more) = rows
    last = expr.rows[1].condition
    if len(first) != 1 or more:
        raise bad
    if second:
        opposite = ByValue(first[0].at, first[0].window, not first[0].positive)
        if others or second != [opposite] or last is None or not _joint(last, lowerer.context):
            raise bad
    elif last is not None and kind_of(last) != "otherwise":
        raise bad
    value = first[0]
    tests = [t for c in others for t in statements(c, lowerer.context, bound | lowerer.indices)]
    if not tests:
        base, other = values if value.positive else (values[1], values[0])
        return Choice(base, other, value.at, value.window)
    if any(is_array(v) for v in values):
        raise Unreadable(Message("cases of whole tensors need a condition on their entries"), expr.place)
    weight, rest = _weight(value), _weight(ByValue(value.at, value.window, not value.positive))
    chosen = add([product([values[0], weight]), product([values[1], rest])])  # type: ignore[list-item]
    guarded = Cases((Branch(chosen, tuple(inside(value.at, value.window, lowerer.context))),), None)
    return Cases((Branch(guarded, tuple(tests)),), values[1])  # type: ignore[arg-type]


def _row(row: tree.Case, lowerer: Lowerer, bound: Names) -> tuple[list[ByValue], list[tree.Condition]]:
    """What a row's condition says of the maximum, and its other conditions."""
    if row.condition is None or row.condition.statement is None:
        return [], []
    several = isinstance(row.condition.statement, tree.Iverson)
    parts = by_named_window(_parts(row.condition), lowerer.context)
    found = [(c, by_value(c, lowerer, bound | lowerer.indices)) for c in parts]
    stated = [v for _, v in found if v is not None]
    if not stated:
        return [], []
    if several and any(c.join == "or" for c in parts):
        raise Unreadable(Message("this condition can't be read"), row.condition.place)
    return stated, [c for c, v in found if v is None]


def _joint(condition: tree.Condition, context: Context) -> bool:
    """Whether the words around a row's condition only join it."""
    from symderiv.check.conditions import kind_of

    return all(kind_of(c) == "joint" for c in by_named_window(_parts(condition), context))


def _parts(condition: tree.Condition) -> tuple[tree.Condition, ...]:
    """The conditions of a row, which hold together."""
    return condition.statement.conditions if isinstance(condition.statement, tree.Iverson) else (condition,)


# -- by place ----------------------------------------------------------------------------------
def argmax_of(left: tree.Expr, found: tree.Reduction, lowerer: Lowerer, bound: Names) -> IsMax:
    """``(p, q) = \\argmax_{a, c} x_{i+a, j+c}``: the entry that these values of a and c name.

    Raises:
        Unreadable: what is searched is no window of the layer.
    """
    window, body = _over_window(found, lowerer, bound)
    letters = [r.index.text for r in found.ranges]
    at = left.items if isinstance(left, tree.Sequence) else (left,)
    if len(at) != len(letters):
        raise Unreadable(Message("%(count)s subscripts are needed here: write commas between them", {"count": len(letters)}), left.place)
    composite = any(f.plain_name not in letters for f in body.index)
    if composite and all(isinstance(i, tree.Name) for i in at):
        raise Unreadable(Message("is this a place in the window or in the input?"), left.place)
    values = {x: form_of(i, lowerer.context, bound) for x, i in zip(letters, at, strict=True)}
    return IsMax(tuple(f.replace(values) for f in body.index), window)


def _over_window(found: tree.Reduction, lowerer: Lowerer, bound: Names) -> tuple[Place, Entry]:
    """The window that the ranges run over, and the entry under them. Raises Unreadable where they run over something else."""
    context = lowerer.context
    layer, pooled = context.layer, context.layer.pooled
    bad = Unreadable(Message("this is the maximum of no window of the layer"), found.place)
    if found.body is None or found.conditions or pooled is None or not layer.axes:
        raise bad
    inner = bound
    spans: dict[str, tuple[Form | None, Form | None]] = {}
    for r in found.ranges:
        ends = [None if end is None else form_of(end, context, inner) for end in (r.low, r.high)]
        if r.index.text in spans:
            raise bad
        spans[r.index.text] = (
            None if ends[0] is None else ends[0] + int(r.low_strict), None if ends[1] is None else ends[1] - int(r.high_strict))
        inner = inner | {r.index.text}
    body = lowerer.lower(found.body, inner)
    if not isinstance(body, Entry) or body.tensor != pooled.name:
        raise bad
    lead = len(body.index) - len(layer.axes)
    if any(f.names & spans.keys() for f in body.index[:lead]):
        raise bad
    window = list(body.index[:lead])
    left = set(spans)
    for axis, form in zip(layer.axes, body.index[lead:], strict=True):
        run = [x for x in spans if x in form.names]
        if len(run) != 1 or run[0] not in left:
            raise bad
        left.remove(run[0])
        low, high = spans[run[0]]
        if low is None and high is None:
            low, high = const(context.base), const(context.base) + axis.k - 1
        if low is None or high is None or high - low + 1 != axis.k or form.coefficient(run[0]) != axis.d or low.names & spans.keys():
            raise bad
        start = _divided(form.replace({run[0]: low}) - context.base + axis.start, axis.s)
        if start is None:
            raise bad
        window.append(start + context.base)
    if left:
        raise bad
    return tuple(window), body


def _divided(form: Form, by: Form) -> Form | None:
    """The form over a number that divides it; None where none does."""
    number = by.constant
    if number == 1:
        return form
    if number is None or any(c % number for _, c in form.terms):
        return None
    return Form(tuple((m, c // number) for m, c in form.terms))


def window_of_argmax(found: tree.Reduction, context: Context) -> Place:
    """The window of ``\\argmax_{ij}`` that stands alone. Raises Unreadable."""
    dummy = tree.Indexed(tree.Name("argmax"), (tree.Subscripts(found.window),), found.place)
    return tuple(form_of(i, context, frozenset()) for i in split_items(dummy, context.rank(context.layer.output.name)))


# -- beside an equation --------------------------------------------------------------------------
def of_left(condition: tree.Condition, left: Lowered, lowerer: Lowerer) -> None:
    """``if I_{22} is the maximum``: what is named must be what the left side is about.

    Raises:
        Unreadable: it is another entry, or none.
    """
    if condition.statement is None:
        return
    found = lowerer.lower(condition.statement)
    pooled = lowerer.context.layer.pooled
    if pooled is None or not isinstance(found, Entry) or found.tensor != pooled.name or found.index != _entry_index(left):
        raise Unreadable(Message("the condition speaks of another entry than the left side"), condition.place)


def speaks_of(value: ByValue, sides: Sequence[Lowered], place: tree.Place, context: Context) -> None:
    """``x_{pq} = y_{ij}`` beside an equation: both must be the entry and the window that it is about.

    Raises:
        Unreadable: one of them is not.
    """
    windows = {
        n.index for side in sides if not is_array(side) for n in walk(side)  # type: ignore[arg-type]
        if isinstance(n, Entry) and n.tensor in (context.layer.output.name, context.layer.upstream)
    }
    if _entry_index(sides[0]) != value.at or windows - {value.window}:
        raise Unreadable(Message("the condition speaks of another window than the equation"), place)
    if not value.positive and not _in_this_only(value, context):
        raise Unreadable(Message("the condition speaks of one window, and the entry may lie in others"), place)


def _in_this_only(value: ByValue, context: Context) -> bool:
    """Whether an entry lies in the window named, and in no other: then not to be its maximum is to be none's."""
    axes = context.layer.axes
    for at, window, axis in zip(value.at[-len(axes):], value.window[-len(axes):], axes, strict=True):
        s, k = axis.s.constant, axis.k.constant
        if at.constant is None or window.constant is None or axis.m.constant is None:
            if s is None or k is None or axis.d != 1 or s < k:
                return False
            continue
        holding = [o for o in range(axis.m.constant) if _holds(axis, at.constant - context.base, o)]
        if holding != [window.constant - context.base]:
            return False
    return True


def _holds(axis: Axis, position: int, window: int) -> bool:
    """Whether a window holds a position, both counted from 0; sizes are numbers."""
    offset = const(position) - axis.s * window + axis.start
    number, d, k = offset.constant, axis.d.constant, axis.k.constant
    return number is not None and d is not None and k is not None and 0 <= number <= d * (k - 1) and number % d == 0


def _entry_index(left: Lowered) -> Place | None:
    if isinstance(left, Partial):
        return left.wrt.index
    return left.index if isinstance(left, Entry) else None
