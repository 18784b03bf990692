"""Which letters of an expression stand as indices; by spelling alone, since nothing here knows a layer."""

from __future__ import annotations

from symderiv.notes.tree import (
    Add,
    Call,
    Dots,
    Expr,
    Group,
    Indexed,
    Iverson,
    Name,
    Number,
    Product,
    Quotient,
    Range,
    Reduction,
    Sequence,
    Subscripts,
)
from symderiv.notes.walk import children

_PLAIN = (Name, Number, Add, Product, Quotient, Group, Sequence, Dots)
_ROUNDED = frozenset(("floor", "ceil", "mod", "max", "min"))


def is_index_letter(name: Name) -> bool:
    """One small letter, Latin or Greek, maybe primed, without layer or gradient."""
    letter = name.base
    small = (len(letter) == 1 and letter.islower()) or (letter.startswith("\\") and letter[1:2].islower() and "{" not in letter)
    return small and not name.layer and name.gradient is None


def uses_only_indices(members: tuple[Expr, ...]) -> bool:
    """Index letters and numbers only, and at least one letter: ``i = j``, ``m = p - i``."""
    waiting: list[object] = list(members)
    letters = 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name):
            if not is_index_letter(node):
                return False
            letters += 1
        elif not isinstance(node, _PLAIN) and not (isinstance(node, Call) and node.function in _ROUNDED):
            return False
        waiting += children(node)
    return letters > 0


def places_maximum(members: tuple[Expr, ...]) -> bool:
    """``(p, q) = \\argmax_{a, b} x_{ab}``: index letters, and the place of a maximum that they name."""
    found = [m for m in members if isinstance(m, Reduction) and m.kind == "argmax"]
    rest = tuple(m for m in members if m not in found)
    return len(found) == 1 and len(rest) == 1 and uses_only_indices(rest)


def index_letters(members: tuple[Expr, ...], bare: bool = False) -> tuple[set[str], set[str]]:
    """The names inside subscripts, ranges and brackets of conditions, and those elsewhere; ``bare``: all of the first kind."""
    inside: set[str] = set()
    outside: set[str] = set()
    waiting: list[tuple[object, bool]] = [(member, bare) for member in members]
    while waiting:
        node, index = waiting.pop()
        if isinstance(node, Name):
            (inside if index else outside).add(node.text)
            continue
        if isinstance(node, Indexed):
            waiting.append((node.base, index))
            waiting += [(group, True) for group in node.groups]
            continue
        deeper = index or isinstance(node, (Subscripts, Range, Iverson))
        waiting += [(child, deeper) for child in children(node)]
    return inside, outside
