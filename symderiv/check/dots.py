r"""``x_{11} w_{11} + x_{12} w_{12} + \cdots + x_{33} w_{33}``: the sum over every position from the first term to the last.

In each term the subscripts that stand in one place run together, each by one step, up or down; the places run
independently of one another. What is written before the dots must be the first of these terms, by rows or by columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from symderiv.check.context import Unreadable
from symderiv.formula.nodes import Binding, Entry, Node, Reduce
from symderiv.formula.walk import map_forms, walk
from symderiv.index.form import Form, const, name
from symderiv.notes.tree import Place
from symderiv.report_model import Message

LETTERS = "uvwxyzstnm"


def between(before: Sequence[Node], last: Node, taken: Collection[str], place: Place) -> Node:
    """The sum that the terms before the dots and the one behind them stand for.

    Raises:
        Unreadable: the terms are no such sum.
    """
    unclear = Unreadable(Message("the dots leave open which terms they stand for"), place)
    if not before:
        raise unclear
    steps = _steps(before[0], last, unclear)
    running = [k for k, step in enumerate(steps) if step != const(0)]
    used = {n for node in (*before, last) for f in _forms(node) for n in f.names} | set(taken)
    letters = dict(zip(running, (x for x in LETTERS if x not in used), strict=False))
    if not running or len(letters) < len(running):
        raise unclear
    term = _at(before[0], last, steps, {k: name(x) for k, x in letters.items()})
    for order in (running, running[::-1]):
        if all(_at(before[0], last, steps, t) == node for t, node in zip(_positions(order, steps), before, strict=False)):
            return Reduce("sum", tuple(Binding(letters[k], const(0), steps[k]) for k in running), term)
    raise unclear


def _forms(node: Node) -> list[Form]:
    return [f for n in walk(node) if isinstance(n, Entry) for f in n.index]


def _steps(first: Node, last: Node, unclear: Unreadable) -> list[Form]:
    """How far each place of the subscripts runs."""
    if map_forms(first, lambda f: const(0)) != map_forms(last, lambda f: const(0)):
        raise unclear
    pairs = [(a.index, b.index) for a, b in zip(_entries(first), _entries(last), strict=True) if a.index]
    outside = [f for n in (first, last) for f in _all_forms(n)]
    if len({len(a) for a, _ in pairs}) != 1 or len(outside) != len(_forms(first)) + len(_forms(last)):
        raise unclear
    found = []
    for k in range(len(pairs[0][0])):
        moves = [(a[k], b[k] - a[k]) for a, b in pairs if b[k] != a[k]]
        step = _length(moves)
        if step is None or any(m not in (step, -step) for _, m in moves):
            raise unclear
        found.append(step)
    return found


def _length(moves: Sequence[tuple[Form, Form]]) -> Form | None:
    """The moves without their sign; of a length by name it is seen from where it starts at a number, or from its one name."""
    if not moves:
        return const(0)
    first = moves[0][1]
    if first.constant is not None:
        return first if first.constant > 0 else -first
    upwards = [m for a, m in moves if a.constant is not None]
    if upwards:
        return upwards[0]
    coefficient = first.coefficient(next(iter(first.names))) if len(first.names) == 1 else None
    if coefficient is None or coefficient.constant is None:
        return None
    return first if coefficient.constant > 0 else -first


def _entries(node: Node) -> list[Entry]:
    return [n for n in walk(node) if isinstance(n, Entry)]


def _all_forms(node: Node) -> list[Form]:
    found: list[Form] = []

    def note(form: Form) -> Form:
        found.append(form)
        return form

    map_forms(node, note)
    return found


def _at(first: Node, last: Node, steps: Sequence[Form], moved: dict[int, Form]) -> Node:
    """The term ``moved`` steps from the first one, towards the last."""
    changes = iter([
        moved.get(k, const(0)) * (0 if a == b else 1 if b - a == steps[k] else -1)
        for one, two in zip(_entries(first), _entries(last), strict=True) for k, (a, b) in enumerate(zip(one.index, two.index, strict=True))
    ])
    return map_forms(first, lambda f: f + next(changes))


def _positions(order: Sequence[int], steps: Sequence[Form]) -> Iterator[dict[int, Form]]:
    """The first positions, the last place of ``order`` running fastest; a length by name is longer than what is written."""
    lengths = [steps[k].constant for k in order]
    count = 0
    while True:
        rest, place = count, {}
        for k, length in zip(reversed(order), reversed(lengths), strict=True):
            if length is None:
                place[k], rest = rest, 0
            else:
                rest, place[k] = divmod(rest, length + 1)
        yield {k: const(x) for k, x in place.items()}
        count += 1
