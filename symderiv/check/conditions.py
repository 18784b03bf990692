"""Conditions: statements about indices, case statements, and "is the maximum"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from symderiv.check import maximum
from symderiv.check.arrays import Choice, Lowered, is_array
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.check.indices import form_of
from symderiv.check.modular import interval, modular
from symderiv.check.phrases import Phrase, parity, phrase
from symderiv.formula.nodes import Branch, Cases, Compare, Condition, Divides, Entry, Equal, IsMax, Node, Within
from symderiv.index.form import Form, const, floor_div
from symderiv.notes import tree
from symderiv.report_model import Message

if TYPE_CHECKING:
    from symderiv.check.lower import Lowerer

Names = frozenset[str]
MOST_AMONG = 24
MOST_SPAN = 10_000


def kind_of(condition: tree.Condition) -> Phrase:
    """What the words of a condition say, those after its statement too."""
    if parity_of(condition) is not None:
        return "joint"
    words, after = phrase(condition.words), phrase(condition.after)
    if after in ("maximum", "not maximum") and words in ("joint", "unknown"):
        return after if words == "joint" else "unknown"
    if after != "joint":
        return "unknown"
    return words


def parity_of(condition: tree.Condition) -> int | None:
    """1 where the words say that what stands between them is odd, 0 for even, None for other words."""
    statement = condition.statement
    if statement is None or isinstance(statement, (tree.Comparison, tree.Iverson)):
        return None
    return parity(condition.words, condition.after)


def statements(condition: tree.Condition, context: Context, bound: Names) -> list[Condition]:
    """The conditions on indices that hold together; none for "for all i, j".

    Raises:
        Unreadable: words or a statement outside the closed list.
    """
    if condition.join == "or" or kind_of(condition) != "joint":
        raise Unreadable(Message("the condition '%(words)s' can't be read", {"words": condition.words or condition.after}), condition.place)
    statement = condition.statement
    if statement is None:
        raise Unreadable(Message("the condition '%(words)s' can't be read", {"words": condition.words}), condition.place)
    while isinstance(statement, tree.Group):
        statement = statement.inner
    odd = parity_of(condition)
    if odd is not None:
        items = statement.items if isinstance(statement, tree.Sequence) else (statement,)
        return [Divides(const(2), form_of(item, context, bound) - odd) for item in items]
    if isinstance(statement, tree.Comparison):
        return comparison(statement, context, bound)
    if isinstance(statement, tree.Name) or (
        isinstance(statement, tree.Sequence) and all(isinstance(i, tree.Name) for i in statement.items)
    ):
        return []
    if isinstance(statement, tree.Iverson):
        # the conditions of one row of cases, all together
        return [test for one in statement.conditions for test in statements(one, context, bound)]
    if isinstance(statement, tree.Sequence):
        found: list[Condition] = []
        for item in statement.items:
            if not isinstance(item, tree.Comparison):
                raise Unreadable(Message("this condition can't be read"), item.place)
            found += comparison(item, context, bound)
        return found
    raise Unreadable(Message("this condition can't be read"), condition.place)


def comparison(expr: tree.Comparison, context: Context, bound: Names) -> list[Condition]:
    """Each link of ``a <= b < c``. Raises Unreadable."""
    alone = _apart(expr)
    if len(alone) > 1:
        return [test for one in alone for test in comparison(one, context, bound)]
    expr = alone[0]
    found: list[Condition] = []
    pairs = zip(expr.members, expr.relations, expr.members[1:], strict=False)
    for left, relation, right in pairs:
        special = modular(left, relation, right, context, bound) or interval(left, relation, right, context, bound)
        if special:
            found += special
            continue
        if relation.kind == "in" and isinstance(right, tree.Sequence) and right.open == "{" and not isinstance(left, tree.Sequence):
            found += _among(form_of(left, context, bound), right, context, bound)
            continue
        if relation.kind == "in" and isinstance(right, tree.Group) and right.open == "{":
            found.append(Equal(form_of(left, context, bound), form_of(right.inner, context, bound)))
            continue
        if isinstance(left, tree.Sequence) or isinstance(right, tree.Sequence):
            found += _tuples(left, relation, right, context, bound)
            continue
        found.append(_link(form_of(left, context, bound), relation, form_of(right, context, bound)))
    if len(found) == 2 and all(isinstance(c, Compare) and c.sign == "<=" for c in found):
        first, second = found
        assert isinstance(first, Compare) and isinstance(second, Compare)
        if [r.kind for r in expr.relations] == ["<=", "<="]:
            return [Within(first.left, first.right, second.right)]
    return found


def _apart(expr: tree.Comparison) -> list[tree.Comparison]:
    """``2 <= p, q <= 3`` is a range for each letter, ``q = 2, 3`` a set of values, ``i, j = 1, 2`` a set for each.

    Raises:
        Unreadable: ``i <= p, q <= j``, which may also be two statements.
    """
    lists = [k for k, member in enumerate(expr.members) if isinstance(member, tree.Sequence) and not member.open]
    if len(lists) == 2 == len(expr.members) and expr.relations[0].kind == "=":
        names, values = expr.members
        assert isinstance(names, tree.Sequence) and isinstance(values, tree.Sequence)
        among = (replace(expr.relations[0], kind="in"),)
        return [replace(expr, members=(name, replace(values, open="{")), relations=among) for name in names.items]
    if len(lists) != 1:
        return [expr]
    at, listed = lists[0], expr.members[lists[0]]
    assert isinstance(listed, tree.Sequence)
    kinds = {relation.kind for relation in expr.relations}
    if kinds == {"="} and at == 1 == len(expr.relations) and isinstance(listed.items[0], tree.Number):
        return [replace(expr, members=(expr.members[0], replace(listed, open="{")), relations=(replace(expr.relations[0], kind="in"),))]
    ordered = kinds <= {"<", "<="} or kinds <= {">", ">="} or (kinds == {"in"} and at == 0)
    if not ordered or at == len(expr.members) - 1 or (at and not isinstance(expr.members[0], tree.Number)):
        raise Unreadable(Message("this condition can't be read"), listed.place)
    return [replace(expr, members=(*expr.members[:at], item, *expr.members[at + 1:])) for item in listed.items]


def _among(form: Form, values: tree.Sequence, context: Context, bound: Names) -> list[Condition]:
    """``p \\in \\{2, 4, 6\\}``: steps of one length, or the zeros of a product."""
    numbers = _numbers(values, context, bound)
    if len(numbers) == 1:
        return [Equal(form, const(numbers[0]))]
    steps = {b - a for a, b in pairwise(numbers)}
    if len(steps) == 1:
        found: list[Condition] = [Within(const(numbers[0]), form, const(numbers[-1]))]
        return found if steps == {1} else [*found, Divides(const(steps.pop()), form - numbers[0])]
    if len(numbers) > MOST_AMONG:
        raise Unreadable(Message("a set has more than %(most)s members", {"most": MOST_AMONG}), values.place)
    total = const(1)
    for number in numbers:
        total = total * (form - number)
    return [Equal(total, const(0))]


def _numbers(values: tree.Sequence, context: Context, bound: Names) -> list[int]:
    """The members of a set in order; ``2, 4, \\ldots, 10`` goes on by the step of the first two."""
    found: list[int] = []
    open_end = False
    for item in values.items:
        if isinstance(item, tree.Dots):
            if open_end or len(found) < 2:
                raise Unreadable(Message("dots leave open what stands there"), item.place)
            open_end = True
            continue
        number = form_of(item, context, bound).constant
        if number is None:
            raise Unreadable(Message("this condition can't be read"), item.place)
        if open_end:
            step = found[-1] - found[-2]
            if step < 1 or number <= found[-1] or (number - found[-1]) % step or (number - found[-1]) // step > MOST_SPAN:
                raise Unreadable(Message("dots leave open what stands there"), item.place)
            found += range(found[-1] + step, number, step)
            open_end = False
        found.append(number)
    if open_end or not found:
        raise Unreadable(Message("dots leave open what stands there"), values.place)
    return sorted(set(found))


def _tuples(left: tree.Expr, relation: tree.Relation, right: tree.Expr, context: Context, bound: Names) -> list[Condition]:
    if not (isinstance(left, tree.Sequence) and isinstance(right, tree.Sequence) and relation.kind == "="
            and len(left.items) == len(right.items)):
        raise Unreadable(Message("this condition can't be read"), relation.place)
    return [
        Equal(form_of(a, context, bound), form_of(b, context, bound))
        for a, b in zip(left.items, right.items, strict=True)
    ]


def _link(left: Form, relation: tree.Relation, right: Form) -> Condition:
    if relation.kind == "=":
        return Equal(left, right)
    if relation.kind == "neq":
        return Compare(left, "!=", right)
    if relation.kind in ("<", "<="):
        return Compare(left, "<" if relation.kind == "<" else "<=", right)
    if relation.kind in (">", ">="):
        return Compare(right, "<" if relation.kind == ">" else "<=", left)
    if relation.kind == "divides":
        return Divides(left, right)
    if relation.kind == "ndivides" and left.constant is not None and left.constant > 0:
        return Compare(right - floor_div(right, left) * left, "!=", const(0))
    raise Unreadable(Message("'%(sign)s' can't be read in a condition", {"sign": relation.text}), relation.place)


def _window(expr: tree.Expr) -> tuple[tree.Expr, ...] | None:
    """The subscripts of an argmax that stands alone."""
    if isinstance(expr, tree.Reduction) and expr.kind == "argmax" and expr.body is None:
        return expr.window
    return None


SHARED = "shared"


def _shared(expr: tree.Iverson) -> bool:
    return any(c.words == SHARED for c in expr.conditions)


def without_shares(expr: tree.Product, context: Context) -> tree.Product:
    """``1/#argmax_w [q in argmax_w]`` is the weight of q under split ties: the share is drawn into its bracket.

    Raises:
        Unreadable: a share has no bracket of its window beside it.
        Unknown: ties go by another rule.
    """
    shares = [f for f in expr.factors if _share(f) is not None]
    if not shares:
        return expr
    if context.layer.ties != "split":
        raise Unknown(Message("a share of 1/#argmax needs ties that are shared"), shares[0].place)
    factors = [f for f in expr.factors if _share(f) is None]
    for share in shares:
        at = next((k for k, f in enumerate(factors) if isinstance(f, tree.Iverson) and not _shared(f) and _member_of(f) == _share(share)), None)
        if at is None:
            raise Unreadable(Message("this share needs the bracket of its window beside it"), share.place)
        bracket = factors[at]
        assert isinstance(bracket, tree.Iverson)
        factors[at] = replace(bracket, conditions=tuple(replace(c, words=SHARED) for c in bracket.conditions))
    return tree.Product(tuple(factors), ("",) * (len(factors) - 1), expr.place)


def _share(expr: tree.Expr) -> tuple[tree.Expr, ...] | None:
    """The window of ``1/#argmax_w``."""
    if not isinstance(expr, tree.Quotient) or not isinstance(expr.top, tree.Number) or expr.top.value != 1:
        return None
    bottom = expr.bottom
    if isinstance(bottom, tree.Call) and bottom.function == "#" and len(bottom.args) == 1:
        return _window(bottom.args[0])
    return None


def _member_of(expr: tree.Iverson) -> tuple[tree.Expr, ...] | None:
    """The window of ``[q in argmax_w]``."""
    statement = expr.conditions[0].statement if len(expr.conditions) == 1 else None
    if isinstance(statement, tree.Comparison) and len(statement.members) == 2 and statement.relations[0].kind == "in":
        return _window(statement.members[1])
    return None


def chosen_bracket(lowerer: Lowerer, expr: tree.Iverson, bound: Names) -> Node | None:
    """``[(p, q) = argmax_{ij}]`` or ``[x_{pq} = y_{ij}]`` as the weight of that entry in that window; None for other brackets."""
    context = lowerer.context
    found = _argmax_side(expr)
    if found is None:
        return maximum.bracket(lowerer, expr, bound)
    relation, left, right = found
    if relation.kind == "in" and context.tie_rule and context.layer.ties != "all" and not _shared(expr):
        raise Unknown(Message("this gives every tied entry the whole gradient; the notes give ties by the rule '%(rule)s'",
                              {"rule": context.layer.ties}), expr.place)
    pooled = context.layer.pooled
    if pooled is None:
        raise Unreadable(Message("an argmax needs a layer with a maximum"), expr.place)
    if right.body is not None:
        return maximum.argmax_of(left, right, lowerer, bound)
    at = left.items if isinstance(left, tree.Sequence) else (left,)
    if len(at) != len(pooled.shape):
        raise Unreadable(Message("%(count)s subscripts are needed here: write commas between them",
                                 {"count": len(pooled.shape)}), expr.place)
    return IsMax(tuple(form_of(i, context, bound) for i in at), maximum.window_of_argmax(right, context))


def _argmax_side(expr: tree.Iverson) -> tuple[tree.Relation, tree.Expr, tree.Reduction] | None:
    """The relation, the place and the argmax of a bracket that holds just that."""
    if len(expr.conditions) != 1 or not isinstance(expr.conditions[0].statement, tree.Comparison):
        return None
    statement = expr.conditions[0].statement
    if len(statement.members) != 2 or statement.relations[0].kind not in ("=", "in"):
        return None
    left, right = statement.members
    for place, found in ((left, right), (right, left)):
        if isinstance(found, tree.Reduction) and found.kind == "argmax":
            return statement.relations[0], place, found
    return None


def cases(lowerer: Lowerer, expr: tree.Cases, bound: Names) -> Lowered:
    """A case statement: by conditions on indices, or by "is the maximum"."""
    values = [lowerer.lower(row.value, bound) for row in expr.rows]
    by_value = maximum.cases(lowerer, expr, values, bound)
    if by_value is not None:
        return by_value
    kinds = ["otherwise" if row.condition is None else kind_of(row.condition) for row in expr.rows]
    for row, kind in zip(expr.rows, kinds, strict=True):
        if kind == "unknown":
            assert row.condition is not None
            words = row.condition.words or row.condition.after
            raise Unreadable(Message("the condition '%(words)s' can't be read", {"words": words}), row.condition.place)
    if "maximum" in kinds or "not maximum" in kinds:
        return _by_maximum(lowerer, expr, values, kinds, bound)
    if any(is_array(v) for v in values):
        raise Unreadable(Message("cases of whole tensors need a condition on their entries"), expr.place)
    branches: list[Branch] = []
    rest: Node | None = None
    for k, (row, value, kind) in enumerate(zip(expr.rows, values, kinds, strict=True)):
        if kind == "otherwise":
            if k != len(values) - 1 or rest is not None:
                raise Unreadable(Message("only the last case may be without a condition"), row.place)
            rest = value  # type: ignore[assignment]
            continue
        assert row.condition is not None
        tests = statements(row.condition, lowerer.context, bound | lowerer.indices)
        branches.append(Branch(value, tuple(tests)))  # type: ignore[arg-type]
    return Cases(tuple(branches), rest)


def _by_maximum(lowerer: Lowerer, expr: tree.Cases, values: list[Lowered], kinds: Sequence[str], bound: Names) -> Lowered:
    if len(values) != 2 or list(kinds) not in (
        ["maximum", "not maximum"], ["maximum", "otherwise"], ["not maximum", "maximum"], ["not maximum", "otherwise"],
    ):
        raise Unreadable(Message("these cases can't be read together"), expr.place)
    named = [
        _named_entry(lowerer, row.condition.statement, bound)
        for row in expr.rows if row.condition is not None and row.condition.statement is not None
    ]
    if len(set(named)) > 1:
        raise Unreadable(Message("the cases speak of different entries"), expr.place)
    first, second = values if kinds[0] == "maximum" else values[::-1]
    return Choice(first, second, named[0] if named else None)


def _named_entry(lowerer: Lowerer, statement: tree.Expr, bound: Names) -> tuple[Form, ...]:
    """The entry of ``I_{pq} is the maximum``."""
    pooled = lowerer.context.layer.pooled
    found = lowerer.lower(statement, bound)
    if pooled is None or not isinstance(found, Entry) or found.tensor != pooled.name:
        raise Unreadable(Message("this condition can't be read"), statement.place)
    return found.index
