"""Whether notes speak of a bias: where the options leave it open, their layer has one only then."""

from __future__ import annotations

from symderiv.check.statements import statements
from symderiv.notes import tree

_INSIDE = (tree.Subscripts, tree.Range, tree.Condition, tree.Comparison, tree.Iverson)
"""Where a letter is an index, whatever it is elsewhere."""


def speaks_of_bias(reading: tree.Reading, letter: str) -> bool:
    """Whether the letter stands somewhere as a tensor, or a forward formula adds one."""
    return any(
        (not piece.index_only and _stands(piece.members, letter)) or any(spec.bias for spec in statements(piece))
        for _, piece in reading.pieces()
    )


def _stands(expr: object, letter: str) -> bool:
    stack = [expr]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack += item
        elif isinstance(item, tree.Name):
            if letter == item.text or (item.gradient is not None and item.gradient.by == letter):
                return True
        elif hasattr(item, "__dataclass_fields__") and not isinstance(item, (*_INSIDE, tree.Place)):
            stack += [getattr(item, name) for name in item.__dataclass_fields__ if name != "place"]
    return False
