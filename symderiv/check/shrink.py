"""A counterexample with as few numbers as show the fault: the rest are 0, and those that matter 1 where they can be."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice

from symderiv.formula.evaluate import AtomKey, Poly

WORK = 150_000
"""Terms that may be put in, over all attempts."""
MOST_GUESSES = 12
Values = dict[AtomKey, Fraction]


def shrunk(values: Values, left: Poly, right: Poly, differs: Callable[[Values], bool]) -> Values:
    """The smallest values found at which the sides still differ; ``values`` where nothing smaller does.

    One term that stands on one side only is tried first, its entries 1 and all others 0. Every step is
    judged by ``differs``.
    """
    zero = dict.fromkeys(values, Fraction(0))
    unlike = (m for m in {**left, **right} if left.get(m, 0) != right.get(m, 0))
    for monomial in islice(unlike, MOST_GUESSES):
        tried = {**zero, **{a: Fraction(1) for a in monomial if a in zero}}
        if differs(tried):
            return tried
    keep = {a for poly in (left, right) for m in poly for a in m}
    best = {k: v if k in keep else Fraction(0) for k, v in values.items()}
    if not differs(best):
        best = dict(values)
    tries = WORK // (1 + len(left) + len(right))
    for wanted in (Fraction(0), Fraction(1)):
        for key in list(best):
            if best[key] in (0, wanted) or tries <= 0:
                continue
            tries -= 1
            tried = {**best, key: wanted}
            if differs(tried):
                best = tried
    return best
