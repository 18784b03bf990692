"""The smallest sizes at which a derivation with names is judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product as cartesian
from math import gcd, prod

from symderiv.index.form import FormLike
from symderiv.index.window import NumberAxis
from symderiv.model import Layer, Region

MOST_SAMPLES = 4
MOST_TERMS = 100
MOST_POSITIONS = 24
MOST_TRIED = 5_000
MOST_LEADING = 4
"""More channels, filters or batches than these are judged as a name: no window meets their index."""


def count_terms(layer: Layer) -> int:
    """Outputs times kernel positions, for numeric sizes."""
    from symderiv.formula.nodes import Reduce
    from symderiv.formula.walk import walk

    total = 1
    bindings = list(layer.formula.bindings)
    bindings += [b for n in walk(layer.formula.body) if isinstance(n, Reduce) for b in n.bindings]
    for b in bindings:
        low, high = b.low.constant or 1, b.high.constant
        total *= max(0, (high if high is not None else 1) - low + 1)
    return total


def fits(layer: Layer) -> bool:
    """Whether the numeric layer has an output and legal padding."""
    axes = [axis.numbers for axis in layer.axes]
    if not all(a is not None and _axis_fits(a, layer.family) for a in axes):
        return False
    return all(f.constant is not None and f.constant >= 1 for t in layer.tensors for f in t.shape)


def samples(layer: Layer) -> list[dict[str, int]]:
    """Sizes by name: the smallest that fit, and some at which all names differ.

    Batch, channels, filters and groups vary little: their indices meet no window.
    """
    pads = {n for a in layer.axes for f in (a.start, a.end) for n in f.names}
    window = {n for a in layer.axes for f in (a.n, a.k, a.s, a.start, a.end, a.d) for n in f.names}
    names = [n for n in layer.sizes if n in window or not layer.axes]
    leading = [n for n in layer.sizes if n not in names]
    ones = dict.fromkeys(leading, 1)
    spans = [_span(layer, n, n in pads, len(names)) for n in names]
    fitting = [
        (count, len(names) - len(set(values)), values) for values in _combinations(spans)
        if (count := _count(layer, dict(zip(names, values, strict=True)) | ones)) is not None
    ]
    limit = max(MOST_TERMS, 6 * min((count for count, _, _ in fitting), default=0))
    found = [item for item in fitting if item[0] <= limit]
    found.sort(key=lambda item: (item[0], item[1], item[2]))
    distinct = [v for _, same, v in found if same == 0]
    step = max(1, len(distinct) // (MOST_SAMPLES - 2))
    overlapping = [v for v in distinct if all(x >= 2 for n, x in zip(names, v, strict=True) if n not in pads)]
    picked = [v for _, _, v in found[:2]] + distinct[::step][: MOST_SAMPLES - 2] + distinct[-1:] + overlapping[:1]
    chosen = [dict(zip(names, v, strict=True)) for v in dict.fromkeys(picked)]
    several = [{n: 2 + (k + x) % 2 for x, n in enumerate(leading)} if k else ones for k in range(len(chosen))]
    if leading and len(chosen) == 1:
        chosen, several = chosen * 2, [ones, {n: 2 + x % 2 for x, n in enumerate(leading)}]
    return [{n: (sizes | lead)[n] for n in layer.sizes} for sizes, lead in zip(chosen, several, strict=True)]


def _combinations(spans: Sequence[range]) -> Iterator[tuple[int, ...]]:
    """All combinations of the values, or where they are too many some, evenly apart."""
    every = prod(map(len, spans))
    if every <= MOST_TRIED:
        yield from cartesian(*spans)
        return
    step = every // MOST_TRIED
    step += next(k for k in range(every) if gcd(step + k, every) == 1)
    for k in range(MOST_TRIED):
        place, values = k * step % every, []
        for span in spans:
            place, x = divmod(place, len(span))
            values.append(span[x])
        yield tuple(values)


def _count(layer: Layer, sizes: dict[str, int]) -> int | None:
    """How many terms the layer has at these sizes, up to a factor; None where they do not fit."""
    if not layer.axes:
        bound = layer.bind(sizes)
        return count_terms(bound) if fits(bound) else None
    put: dict[str, FormLike] = dict(sizes)
    axes = [a.replace(put).numbers for a in layer.axes]
    known = [a for a in axes if a is not None]
    if len(known) < len(axes) or not all(_axis_fits(a, layer.family) for a in known):
        return None
    return prod(a.m * a.k for a in known) * _leading(layer)


def _leading(layer: Layer) -> int:
    """Batch, channels and filters that are numbers."""
    lead = len(layer.axes)
    return prod(f.constant or 1 for t in layer.tensors if t.role in ("weight", "output") for f in t.shape[: len(t.shape) - lead])


def _axis_fits(a: NumberAxis, family: str) -> bool:
    if a.m < 1 or min(a.n, a.k, a.s, a.d) < 1 or a.n + a.start + a.end < a.d * (a.k - 1) + 1:
        return False
    return family == "conv" or 2 * max(a.start, a.end) <= a.k


def _span(layer: Layer, name: str, is_pad: bool, count: int) -> range:
    """The values to try for a size: from the smallest that can fit."""
    top = {1: 12, 2: 8, 3: 5, 4: 4}.get(count, 4)
    if is_pad:
        return range(0, top)
    low = 1
    for a in layer.axes:
        reach = a.reach.constant
        if reach is not None and name in a.n.names:
            low = max(low, reach - (a.start.constant or 0) - (a.end.constant or 0))
    return range(low, low + top)


def spread_positions(shape: tuple[int, ...], found: tuple[Region, ...] | None) -> list[tuple[int, ...]]:
    """Some of a tensor's positions: the first of each region, and some evenly apart."""
    cells = prod(shape)
    out: dict[tuple[int, ...], None] = {}
    for region in (found or ())[:MOST_POSITIONS]:
        out[region.representative] = None
    for k in range(0, cells, max(1, cells // MOST_POSITIONS)):
        place, q = k, []
        for n in reversed(shape):
            place, x = divmod(place, n)
            q.append(x + 1)
        out[tuple(reversed(q))] = None
    return list(out)
