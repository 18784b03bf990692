"""Every choice of one value from each of several ranges, without writing the ranges out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

MOST_WRITTEN = 100_000


def every(spans: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """The Cartesian product, the last range running fastest.

    ``itertools.product`` first makes a tuple of each range, which a stranger's sizes may not cost.
    """
    if all(len(s) <= MOST_WRITTEN for s in spans):
        yield from product(*spans)
        return
    for first in spans[0]:
        for rest in every(spans[1:]):
            yield (first, *rest)
