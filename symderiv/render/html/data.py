"""What the page's script evaluates: the index map an axis, the regions, the full correlation. Data, put down as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from symderiv.index.form import Form, integers
from symderiv.index.window import NumberAxis
from symderiv.model import Derivation, Gradient, Layer
from symderiv.render.html.words import words
from symderiv.render.phrases import region_word
from symderiv.render.places import place
from symderiv.render.view import View

MOST_REGIONS = 200
"""The most regions that a page lists."""
MOST_AXES = 3


def explorer(view: View, say: Callable[..., str]) -> Mapping[str, object] | None:
    """The data of the page's interactive part; None for own formulas, names for sizes, and where a gradient was not asked for."""
    layer = view.layer
    axes = [a.numbers for a in layer.axes]
    known = [a for a in axes if a is not None]
    whole = len(view.data.gradients) == len(layer.parameters)
    if layer.family == "own" or not known or len(known) < len(axes) or not layer.numeric or not whole:
        return None
    of_input = view.data.gradient("I")
    return {
        "family": layer.family, "base": view.options.index_base, "tight": view.compact, "flip": layer.flip, "ties": layer.ties,
        "shapes": {t.name: list(layer.shape(t.name)) for t in layer.tensors},
        "axes": [{"n": a.n, "k": a.k, "s": a.s, "d": a.d, "start": a.start, "m": a.m} for a in known],
        "groups": _groups(layer), "cells": [_cells(layer, a) for a in known] if layer.family == "avg_pool" else None,
        "upstream": layer.upstream in view.symbols, "regions": _regions(layer, of_input, say), "correlation": _correlation(of_input),
        "values": _values(view.data), "words": words(say),
    }


def _groups(layer: Layer) -> int:
    groups = layer.options.get("groups")
    return (groups.constant or 1) if isinstance(groups, Form) else 1


def _cells(layer: Layer, axis: NumberAxis) -> list[int]:
    """Of each output on the axis, how many positions are averaged."""
    padded = bool(layer.options["count_include_pad"])
    return [axis.averaged(o, padded) for o in range(1, axis.m + 1)]


def _regions(layer: Layer, gradient: Gradient, say: Callable[..., str]) -> list[dict[str, object]]:
    named = [(r, place(layer, "I", r)) for r in (gradient.regions or ())[:MOST_REGIONS]]
    return [
        {"name": region_word(say, name) if name else "", "count": r.count, "terms": r.size, "at": list(r.representative),
         "blocks": [[_runs(ts) for ts in block] for block in r.blocks]}
        for r, name in named
    ]


def _runs(ts: Sequence[int]) -> list[list[int]]:
    """Rising positions as [first, step, count], so that a large input costs no more than a small one."""
    if len(ts) == 1:
        return [[ts[0], 1, 1]]
    out: list[list[int]] = []
    at = 0
    for step, group in groupby(b - a for a, b in pairwise(ts)):
        count = len(list(group))
        out.append([ts[at] + (step if out else 0), step, count + (0 if out else 1)])
        at += count
    return out


def _correlation(gradient: Gradient) -> dict[str, object] | None:
    form = gradient.correlation
    if form is None:
        return None
    return {
        "zeros": integers(form.zeros), "before": integers(form.before), "after": integers(form.after),
        "between": integers(form.kernel_zeros), "rotate": form.rotate,
    }


def _values(data: Derivation) -> dict[str, list[Any]] | None:
    """The numbers of the worked example, in row-major order; None where the page makes up its own."""
    if data.worked is None:
        return None
    given = [t.name for t in data.layer.parameters] + [data.layer.upstream]
    return {name: [float(v) for _, v in sorted(data.worked.values[name].items())] for name in given}
