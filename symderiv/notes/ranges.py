"""What stands under a sum or a maximum, and conditions: ``i = 1``, ``1 \\le a \\le 2``, ``i, j``, ``if i = j``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from symderiv.notes import commands as table
from symderiv.notes import limits
from symderiv.notes.raw import Item, Listing, Unreadable, Wordy, items_of, rows_of, settle
from symderiv.notes.tokens import Token
from symderiv.notes.tree import (
    Add,
    Call,
    Comparison,
    Condition,
    Dots,
    Expr,
    Group,
    Name,
    Number,
    Place,
    Power,
    Product,
    Range,
    Relation,
    Sequence,
    Slice,
    Words,
)

_UP = {"<": True, "<=": False}
_DOWN = {">": True, ">=": False}


# -- conditions --------------------------------------------------------------------------------


def conditions_of(rows: list[list[Item]], place: Place) -> tuple[Condition, ...]:
    """The conditions of a list with commas, rows and words; they hold together unless joined by "or"."""
    found: list[Condition] = []
    for row in rows:
        for item in _valued(_spread(_members(row), numbers=True)):
            if item is None:
                continue
            _one(item, found)
    if not found:
        raise Unreadable("an empty condition", place)
    return tuple(found)


def _one(item: Item, found: list[Condition]) -> None:
    """Add the condition or conditions of one item."""
    if not isinstance(item, Wordy):
        node = settle(item)
        if isinstance(node, Words):
            found.append(Condition(node.text, place=node.place))
        elif not _listed(node, found):
            found.append(Condition("", node, place=node.place))
        return
    words, join = "", "and"
    start: Place | None = None
    last: int | None = None
    for part in item.parts:
        if isinstance(part, Token):
            phrase = part.text.strip().lower()
            if (phrase in table.AND_WORDS or phrase in table.OR_WORDS) and not words and (found or last is not None):
                join = "or" if phrase in table.OR_WORDS else "and"
                start = part.place
            elif last is not None and part is item.parts[-1]:
                found[last] = replace(found[last], after=part.text, place=found[last].place.to(part.place))
            else:
                words = f"{words} {part.text}".strip()
                start = start or part.place
        else:
            place = part.place if start is None else start.to(part.place)
            found.append(Condition(words, part, "or" if join == "or" else "and", place=place))
            words, join, start, last = "", "and", None, len(found) - 1
    if words and start is not None:
        found.append(Condition(words, None, "or" if join == "or" else "and", place=start))
    elif join == "or":
        raise Unreadable("nothing follows 'or'", item.place)


def _listed(node: Expr, found: list[Condition]) -> bool:
    """``for all i, j``: a bare name after a condition with words goes to its list."""
    if not found or not isinstance(node, Name) or not found[-1].words or found[-1].after:
        return False
    before = found[-1].statement
    if isinstance(before, Name):
        items: tuple[Expr, ...] = (before, node)
    elif isinstance(before, Sequence) and not before.open:
        items = (*before.items, node)
    else:
        return False
    place = items[0].place.to(node.place)
    found[-1] = replace(found[-1], statement=Sequence(items, "", place), place=found[-1].place.to(node.place))
    return True


def _members(row: list[Item]) -> list[Item]:
    """``p-i, q-j \\in \\{0, 1\\}``: expressions before a membership are members of that set too."""
    result: list[Item] = list(row)
    for at in range(len(row) - 2, -1, -1):
        item, following = result[at], result[at + 1]
        if isinstance(following, Wordy) and len(following.parts) == 2 and isinstance(following.parts[1], Token):
            following = following.parts[0]  # type: ignore[assignment]
        if not isinstance(following, Comparison) or [r.kind for r in following.relations] != ["in"]:
            continue
        alone = item.parts[-1] if isinstance(item, Wordy) else item
        if alone is None or isinstance(alone, Token):
            continue
        node = settle(alone)
        if isinstance(node, (Comparison, Words, Number, Dots)) or (isinstance(node, Sequence) and node.open):
            continue
        shared = Comparison((node, following.members[1]), following.relations, node.place.to(following.place))
        result[at] = Wordy([*item.parts[:-1], shared], item.place) if isinstance(item, Wordy) else shared
    return result


def _valued(row: list[Item]) -> list[Item]:
    """``q = 2, 3``: bare numbers after an equality are further values of it."""
    result: list[Item] = []
    for item in row:
        last = result[-1] if result else None
        if isinstance(item, (Number, Dots)) and isinstance(last, Comparison) and len(last.members) == 2 and last.relations[0].kind == "=":
            values = last.members[1]
            before = values.items if isinstance(values, Sequence) and not values.open else (values,)
            if isinstance(before[0], Number):
                listed = Sequence((*before, item), "", before[0].place.to(item.place))
                result[-1] = Comparison((last.members[0], listed), last.relations, last.place.to(item.place))
                continue
        result.append(item)
    return result


def _spread(row: list[Item], numbers: bool = False) -> list[Item]:
    """``1 \\le i, j \\le 2`` is ``1 \\le i \\le 2`` and ``1 \\le j \\le 2``.

    ``numbers``: only after a number; ``i \\le p, j \\le q`` may also be two statements, and is then unreadable.
    """
    result: list[Item] = []
    at = 0
    while at < len(row):
        item = row[at]
        lead = item.parts[:-1] if numbers and isinstance(item, Wordy) else []
        first = item.parts[-1] if lead and isinstance(item, Wordy) else item
        group = _shared(first, row[at + 1:])
        if group is None:
            result.append(item)
            at += 1
            continue
        ranges, used = group
        if numbers and not isinstance(ranges[0].members[0], Number):
            raise Unreadable("these limits can be read in two ways: write each range by itself", ranges[0].place)
        result += [Wordy([*lead, ranges[0]], item.place), *ranges[1:]] if lead and isinstance(item, Wordy) else ranges
        at += 1 + used
    return result


def _shared(first: Item | Token | Expr, rest: list[Item]) -> tuple[list[Comparison], int] | None:
    """The range of each letter, and how many items after the first belong to them."""
    if not (isinstance(first, Comparison) and len(first.members) == 2 and isinstance(first.members[1], Name)):
        return None
    ways = next((way for way in (_UP, _DOWN) if first.relations[0].kind in way), None)
    if ways is None:
        return None
    names: list[Expr] = [first.members[1]]
    for used, item in enumerate(rest, 1):
        if isinstance(item, Wordy) and not isinstance(item.parts[0], Token) and isinstance(item.parts[0], Comparison):
            opening = item.parts[0]
            if len(opening.members) == 2 and isinstance(opening.members[0], Name) and opening.relations[0].kind in ways:
                raise Unreadable("these limits can be read in two ways: write each range by itself", first.place)
        if isinstance(item, Name):
            names.append(item)
        elif isinstance(item, Comparison) and isinstance(item.members[0], Name) and item.relations[0].kind in ways and len(item.members) == 2:
            names.append(item.members[0])
            place = first.place.to(item.place)
            relations = (first.relations[0], item.relations[0])
            return [Comparison((first.members[0], name, item.members[1]), relations, place) for name in names], used
        else:
            return None
    return None


# -- ranges ------------------------------------------------------------------------------------


@dataclass
class _Under:
    """What has been read under a reduction."""

    ranges: list[Range] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    lows: int = 0
    """How many of the ranges got a low limit from ``i = 1`` and wait for the limit above."""


def ranges_of(under: Listing | None, above: Listing | None, place: Place) -> tuple[tuple[Range, ...], tuple[Condition, ...]]:
    """The ranges and conditions of ``\\sum_{under}^{above}``. Raises Unreadable for what is neither."""
    found = _Under()
    for row in rows_of(under):
        _row(row, found, place)
    if above is None:
        _equations(found)
    if above is not None:
        _limits_above([settle(item) for item in items_of(above, place, "a limit")], found, place)
    return tuple(found.ranges), tuple(found.conditions)


def _equations(found: _Under) -> None:
    """``p = i+a-1`` under a sum without a limit above is an equation, and no first value of p."""
    for r in found.ranges:
        if r.low is not None and r.high is None and isinstance(r.low, (Add, Product)) and not r.low_strict:
            sign = Relation("=", "=", "", r.place)
            found.conditions.append(Condition("", Comparison((r.index, r.low), (sign,), r.place), place=r.place))
    found.ranges = [r for r in found.ranges if r.low is None or r.high is not None or not isinstance(r.low, (Add, Product)) or r.low_strict]


def _row(row: list[Item], found: _Under, place: Place) -> None:
    names: list[Name] = []
    items = _before_words(_spread(row))
    at = 0
    while at < len(items):
        item = items[at]
        if item is None:
            raise Unreadable("something is missing under this sign", place)
        if isinstance(item, Wordy):
            _flush(names, found)
            found.conditions += conditions_of([items[at:]], place)
            return
        node = settle(item)
        if isinstance(node, Slice) and node.start is not None and node.step is None:
            # "i, j : 0 <= p-i < 2": what follows the colon are conditions
            rest: list[Item] = [] if node.stop is None else [node.stop]
            items[at : at + 1] = [node.start, *rest]
            continue
        if isinstance(node, Name):
            names.append(node)
        elif isinstance(node, Comparison):
            used = _comparison(node, [settle(one) for one in items[at + 1 :] if not isinstance(one, Wordy) and one is not None], names, found)
            names = []
            at += used
        elif (listed := _names(node)) is not None:
            _flush(names, found)
            names = []
            _flush(listed, found)
        else:
            raise Unreadable("this is not a range of an index", node.place)
        at += 1
    _flush(names, found)


def _before_words(row: list[Item]) -> list[Item]:
    """``a, b s.t. ...``: what stands before the words is an index of the sum, not a part of the condition."""
    result: list[Item] = []
    for item in row:
        lead = item.parts[0] if isinstance(item, Wordy) else None
        if isinstance(item, Wordy) and lead is not None and not isinstance(lead, Token) and len(item.parts) > 1:
            second = item.parts[1]
            such = isinstance(second, Token) and second.text.strip(" ,，:：").lower() in table.SUCH_THAT_WORDS
            if such or isinstance(lead, Name) or _names(lead) is not None:
                rest = item.parts[1:]
                result.append(lead)
                while len(rest) > 1 and _and(rest[0]) and isinstance(rest[1], Name):
                    result.append(rest[1])
                    rest = rest[2:]
                result += [Wordy(rest, item.place)] if rest else []
                continue
        result.append(item)
    return result


def _and(part: Token | Expr) -> bool:
    return isinstance(part, Token) and part.text.strip().lower() in table.AND_WORDS


def _flush(names: list[Name], found: _Under) -> None:
    found.ranges += [Range(name, place=name.place) for name in names]


def _names(node: Expr) -> list[Name] | None:
    """``(i, j)`` or ``ij``: each letter an index."""
    if isinstance(node, Sequence) and all(isinstance(item, Name) for item in node.items):
        return [item for item in node.items if isinstance(item, Name)]
    if isinstance(node, Product) and set(node.joins) == {""} and all(isinstance(item, Name) for item in node.factors):
        return [item for item in node.factors if isinstance(item, Name)]
    if isinstance(node, Group) and isinstance(node.inner, Name):
        return [node.inner]
    return None


def _joined(node: Expr) -> Name | None:
    """``ch = 1``: adjacent letters before a limit are one name."""
    if isinstance(node, Name):
        return node
    listed = _names(node) if isinstance(node, Product) else None
    if listed is not None:
        text = "".join(name.text for name in listed)
        return Name(text, text, place=node.place)
    return None


def _comparison(node: Comparison, rest: list[Expr], before: list[Name], found: _Under) -> int:
    """One comparison under the sign; returns how many of the items after it belong to it (``i = 1, \\ldots, n``)."""
    kinds = [relation.kind for relation in node.relations]
    members = node.members
    if set(kinds) == {"="}:
        return _equality(node, rest, before, found)
    if kinds == ["in"] and isinstance(members[0], Name) and _is_set(members[1]):
        # "a, b \in \{1, 2\}": each of them
        for name in before:
            _membership(Comparison((name, members[1]), node.relations, name.place), found)
        before = []
    _flush(before, found)
    index = _joined(members[1]) if len(members) == 3 else None
    if index is not None and all(kind in _UP for kind in kinds):
        low, high = members[0], members[2]
        found.ranges.append(Range(index, low, high, _UP[kinds[0]], _UP[kinds[1]], node.place))
    elif index is not None and all(kind in _DOWN for kind in kinds):
        found.ranges.append(Range(index, members[2], members[0], _DOWN[kinds[1]], _DOWN[kinds[0]], node.place))
    elif kinds == ["in"]:
        _membership(node, found)
    elif len(members) == 2 and isinstance(members[0], Name) and kinds[0] in ("<=", "<", ">=", ">", "neq"):
        _one_sided(members[0], node.relations[0], members[1], node, found)
    else:
        found.conditions.append(Condition("", node, place=node.place))
    return 0


def _equality(node: Comparison, rest: list[Expr], before: list[Name], found: _Under) -> int:
    """``i = 1``, ``i = j = 1``, ``i = 1..n``, ``i = 1, \\ldots, n``; ``m, n = 0`` binds both names."""
    names = [_joined(member) for member in node.members[:-1]]
    if any(name is None for name in names):
        _flush(before, found)
        found.conditions.append(Condition("", node, place=node.place))
        return 0
    low: Expr = node.members[-1]
    high: Expr | None = None
    used = 0
    last = node.members[-1]
    if isinstance(last, Product) and len(last.factors) == 3 and isinstance(last.factors[1], Dots):
        low, high = last.factors[0], last.factors[2]
    else:
        dots = next((at for at, one in enumerate(rest[:3]) if isinstance(one, Dots)), None)
        if dots is not None and dots + 1 < len(rest) and not isinstance(rest[dots + 1], Comparison):
            if dots and not _follows(low, rest[:dots]):
                raise Unreadable("this list of values is not understood", rest[0].place)
            high, used = rest[dots + 1], dots + 2
        elif rest and isinstance(rest[0], Number):
            count = next((at for at, one in enumerate(rest) if not isinstance(one, Number)), len(rest))
            if not _follows(low, rest[:count]):
                raise Unreadable(r"a list of values under the sign: write 1 \le i \le n", rest[0].place)
            high, used = rest[count - 1], count
    for name in [*before, *(name for name in names if name is not None)]:
        found.ranges.append(Range(name, low, high, place=name.place.to(node.place)))
        found.lows += high is None
    return used


def _follows(low: Expr, values: list[Expr]) -> bool:
    """``1, 2, \\ldots``: each value is one more than the one before."""
    numbers = [one.value if isinstance(one, Number) else None for one in (low, *values)]
    return all(a is not None and b is not None and b == a + 1 for a, b in pairwise(numbers))


def _one_sided(name: Name, relation: Relation, limit: Expr, node: Comparison, found: _Under) -> None:
    known = any(one.index.text == name.text for one in found.ranges)
    if relation.kind == "neq" or known:
        if not known:
            found.ranges.append(Range(name, place=name.place))
        found.conditions.append(Condition("", node, place=node.place))
    elif relation.kind in _UP:
        found.ranges.append(Range(name, None, limit, False, _UP[relation.kind], node.place))
    else:
        found.ranges.append(Range(name, limit, None, _DOWN[relation.kind], False, node.place))


def _membership(node: Comparison, found: _Under) -> None:
    """``i \\in \\{1, 2\\}`` is a range, ``(i, j) \\in R_p`` a condition on both."""
    left, right = node.members
    names = [left] if isinstance(left, Name) else _names(left)
    if names is None:
        found.conditions.append(Condition("", node, place=node.place))
        return
    each = _product_set(right, len(names))
    if each is not None:
        for name, one in zip(names, each, strict=True):
            _membership(replace(node, members=(name, one)), found)
        return
    if isinstance(right, Call) and right.function in ("[)", "(]") and len(right.args) == 2:
        strict = right.function == "(]", right.function == "[)"
        found.ranges += [Range(name, right.args[0], right.args[1], *strict, node.place) for name in names]
        return
    if isinstance(right, Sequence) and right.open == "{" and (values := _members_of(right)) is not None:
        # what is no run of numbers would leave open whether a value outside the axis is meant
        if any(b != a + 1 for a, b in pairwise(values)):
            raise Unreadable("this set is no run of numbers", right.place)
        found.ranges += [Range(name, right.items[0], right.items[-1], place=node.place) for name in names]
        return
    if isinstance(right, Sequence) and right.open == "[" and len(right.items) == 2:
        found.ranges += [Range(name, right.items[0], right.items[1], place=node.place) for name in names]
        return
    _flush(names, found)
    found.conditions.append(Condition("", node, place=node.place))


def _members_of(values: Sequence) -> list[int] | None:
    """The whole numbers of ``{-1, 0, 1}`` and ``{1, ..., 4}``, in order; None where something else stands there."""
    found: list[int] = []
    dots = False
    for item in values.items:
        negative = isinstance(item, Add) and len(item.terms) == 1 and item.signs == (-1,)
        inner = item.terms[0] if isinstance(item, Add) and negative else item
        if isinstance(item, Dots) and found and not dots:
            dots = True
            continue
        if not isinstance(inner, Number) or not inner.digits.isdigit():
            return None
        value = -int(inner.digits) if negative else int(inner.digits)
        if dots and value > found[-1]:
            found += range(found[-1] + 1, min(value, found[-1] + limits.CELLS))
            dots = False
        found.append(value)
    return None if dots or len(found) < 1 else found


def _product_set(expr: Expr, count: int) -> list[Expr] | None:
    """``\\{0, 1\\}^2`` and ``[0, k) \\times [0, l)``: a set for each index."""
    if isinstance(expr, Power) and isinstance(expr.exponent, Number) and expr.exponent.digits == str(count) and _is_set(expr.base):
        return [expr.base] * count
    if isinstance(expr, Product) and set(expr.joins) == {r"\times"} and len(expr.factors) == count and all(map(_is_set, expr.factors)):
        return list(expr.factors)
    return None


def _is_set(expr: Expr) -> bool:
    return (isinstance(expr, Sequence) and expr.open in ("{", "[")) or (isinstance(expr, Call) and expr.function in ("[)", "(]"))


def _limits_above(above: list[Expr], found: _Under, place: Place) -> None:
    """The limits above: one for all, or one for each index that has ``= low`` below."""
    waiting = [at for at, one in enumerate(found.ranges) if one.high is None]
    if (found.lows and len(waiting) != found.lows) or not waiting:
        raise Unreadable("the limits above and below do not fit", place)
    if len(above) not in (1, len(waiting)) or any(isinstance(one, (Comparison, Slice, Dots)) for one in above):
        raise Unreadable("the limits above and below do not fit", place)
    for number, at in enumerate(waiting):
        found.ranges[at] = replace(found.ranges[at], high=above[number if len(above) > 1 else 0])
