"""A counterexample with as few numbers as show the fault: the rest are 0, and those that matter 1 where they can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from symderiv.formula.evaluate import AtomKey

MOST_TRIES = 1_500
Values = dict[AtomKey, Fraction]


def shrunk(values: Values, relevant: Iterable[AtomKey], differs: Callable[[Values], bool]) -> Values:
    """The smallest values found at which the sides still differ; ``values`` where nothing smaller does.

    ``relevant`` are the entries that stand in one of the sides. Every step is judged by ``differs``.
    """
    keep = set(relevant)
    best = {k: v if k in keep else Fraction(0) for k, v in values.items()}
    if not differs(best):
        best = dict(values)
    tries = 0
    for wanted in (Fraction(0), Fraction(1)):
        for key in list(best):
            if best[key] in (0, wanted) or tries >= MOST_TRIES:
                continue
            tries += 1
            tried = {**best, key: wanted}
            if differs(tried):
                best = tried
    return best
