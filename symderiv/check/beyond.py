"""Sizes by name that lie beyond the numbers of a claim: ``min(m, 20)`` is m at every small size.

With stride s, kernel k and dilation d in numbers and K the largest number of the claim, taking one
stride out of an input that is longer than 2(K + d(k-1) + 1) + 2s leaves all comparisons as they are,
so that length is tried on each axis; all axes together at the length that first gives K + 1 outputs;
and every other name (kernel, stride, channels, ...) at K + 2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from symderiv.index.window import NumberAxis
from symderiv.model import Layer
from symderiv.verify.samples import fits

LEAST = 2
"""A claim without larger numbers says nothing that small sizes do not show."""


def beyond(layer: Layer, numbers: Collection[int], smallest: Mapping[str, int]) -> list[dict[str, int]]:
    """The sizes to try."""
    top = max(numbers, default=0)
    if not layer.sizes or top < LEAST:
        return []
    found: list[dict[str, int]] = []
    for sizes in _wanted(layer, top, smallest):
        if sizes not in found and fits(layer.bind(sizes)):
            found.append(sizes)
    return found


def _wanted(layer: Layer, top: int, smallest: Mapping[str, int]) -> Iterator[dict[str, int]]:
    lengths = {a.n.plain_name for a in layer.axes if a.n.plain_name}
    for name in layer.sizes:
        if name in lengths:
            yield _longer(layer, {**smallest}, {name}, lambda a: 2 * (top + a.d * (a.k - 1) + 1) + 2 * a.s)
        else:
            yield _longer(layer, {**smallest, name: top + 2}, lengths, lambda a: a.d * (a.k - 1) + 1 + top + a.s)
    yield _longer(layer, {**smallest}, lengths, lambda a: a.s * top + a.d * (a.k - 1) + 1)


def _longer(layer: Layer, sizes: dict[str, int], names: Collection[str | None], length: Callable[[NumberAxis], int]) -> dict[str, int]:
    """The sizes with inputs of these names as long as the axis asks for, never shorter."""
    # an axis has numbers only where its output exists: it is bound with a length that surely is enough
    wide = {**sizes, **{a.n.plain_name: 10**6 for a in layer.axes if a.n.plain_name}}
    for axis, bound in zip(layer.axes, layer.bind(wide).axes, strict=True):
        numbers, name = bound.numbers, axis.n.plain_name
        if numbers is not None and name in names and name is not None:
            sizes[name] = max(sizes[name], length(numbers))
    return sizes
