"""Whether a layer's own formula is the one that the notes wrote."""

from __future__ import annotations

from symderiv.check.arrays import is_array
from symderiv.check.budget import Budget, TooDear
from symderiv.check.context import Context, ShapeMismatch, Unknown, Unreadable
from symderiv.check.finalise import finalise
from symderiv.check.judge import Judge, Truths
from symderiv.check.lower import Lowerer, index_letters
from symderiv.formula.nodes import UnsupportedNode
from symderiv.notes import tree

WORK = 400_000


def is_instance(context: Context, sides: tuple[tree.Expr, tree.Expr]) -> bool:
    """Whether the forward formula, read under the layer, holds everywhere."""
    lowerer = Lowerer(context)
    lowerer.free = index_letters(sides[0])
    try:
        left, right = lowerer.lower(sides[0]), lowerer.lower(sides[1])
        if is_array(left) or is_array(right):
            return False
        ready = finalise(left, right, left, (), None, context, sides[0].place)
        return Judge(context, Truths()).compare(ready.sides, Budget(WORK)).equal
    except (Unreadable, Unknown, ShapeMismatch, TooDear, UnsupportedNode, KeyError, ArithmeticError, RecursionError):
        return False
