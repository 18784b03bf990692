"""The smallest sizes at which a derivation with names is judged."""

from __future__ import annotations

from itertools import product as cartesian

from symderiv.model import Layer

MOST_SAMPLES = 5
MOST_TERMS = 160


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
    for axis in layer.axes:
        a = axis.numbers
        if a is None or a.m < 1 or min(a.n, a.k, a.s, a.d) < 1:
            return False
        if a.n + a.start + a.end < a.d * (a.k - 1) + 1:
            return False
        if layer.family != "conv" and 2 * max(a.start, a.end) > a.k:
            return False
    return all(f.constant is not None and f.constant >= 1 for t in layer.tensors for f in t.shape)


def samples(layer: Layer) -> list[dict[str, int]]:
    """Sizes by name: the smallest that fit, and some at which all names differ."""
    names = layer.sizes
    pads = {n for a in layer.axes for f in (a.start, a.end) for n in f.names}
    top = {1: 12, 2: 8, 3: 5, 4: 4}.get(len(names), 4)
    reach = 0
    for a in layer.axes:
        known = a.reach.constant
        if known is not None and a.n.constant is None:
            reach = max(reach, known - 1 - (a.start.constant or 0) - (a.end.constant or 0))
    spans = []
    for n in names:
        sizes = any(n in a.n.names for a in layer.axes)
        low = 0 if n in pads else max(1, reach + 1) if sizes else 1
        spans.append(range(low, low + top))
    fitting = []
    for values in cartesian(*spans):
        choice = dict(zip(names, values, strict=True))
        bound = layer.bind(choice)
        if fits(bound):
            fitting.append((count_terms(bound), len(names) - len(set(values)), values))
    limit = max(MOST_TERMS, 6 * min((count for count, _, _ in fitting), default=0))
    found = [item for item in fitting if item[0] <= limit]
    found.sort(key=lambda item: (item[0], item[1], item[2]))
    distinct = [v for _, same, v in found if same == 0]
    step = max(1, len(distinct) // (MOST_SAMPLES - 2))
    picked = [v for _, _, v in found[:2]] + distinct[::step][: MOST_SAMPLES - 2] + distinct[-1:]
    return [dict(zip(names, v, strict=True)) for v in dict.fromkeys(picked)]
