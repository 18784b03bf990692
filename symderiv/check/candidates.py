"""The library layers that statements leave open: padding at the end, ceil mode, what an average divides by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from itertools import product as cartesian

from symderiv.check.spec import Axis, Spec
from symderiv.index.form import Form, const
from symderiv.index.window import Axis as WindowAxis

MOST = 48
MOST_END = 8


def candidates(spec: Spec, axes: Sequence[Axis], wanted: Sequence[Form | None], padded: bool,
               extra: Mapping[str, Sequence[int | str]]) -> Iterator[dict[str, object]]:
    """Options that give the outputs the lengths wanted, the plainest first.

    More padding at the end than at the start, and ceil mode, are tried only where the notes speak of
    padding: elsewhere an output of another length is a mistake, not a layer.
    """
    found = list(islice(_all(spec, axes, wanted, padded, extra), MOST))
    if found:
        return iter(found)
    # where lengths are names, no form need be the very one that was written
    return islice(_all(spec, axes, [None] * len(axes), padded, extra), MOST)


def _all(spec: Spec, axes: Sequence[Axis], wanted: Sequence[Form | None], padded: bool,
         extra: Mapping[str, Sequence[int | str]]) -> Iterator[dict[str, object]]:
    pool = spec.kind != "conv"
    common: dict[str, object] = {}
    if spec.kind == "max_pool" and extra.get("ties"):
        common["ties"] = extra["ties"][0]
    modes = (False, True) if pool and (padded or spec.loose) else (False,)
    for ceil in modes:
        ends = [_ends(a, w, ceil, padded) for a, w in zip(axes, wanted, strict=True)]
        for chosen in cartesian(*ends):
            options: dict[str, object] = {"padding": tuple(
                (_option(a.p), _option(e)) for a, e in zip(axes, chosen, strict=True)), **common}
            if pool:
                options["ceil_mode"] = ceil
            yield options
            if spec.kind == "avg_pool" and spec.loose:
                yield options | {"count_include_pad": False}


def _ends(axis: Axis, want: Form | None, ceil: bool, padded: bool) -> list[Form]:
    """Padding at the end that gives the wanted length; as at the start where nothing fits."""
    assert axis.p is not None
    start = axis.p
    tries = [start, *(const(e) for e in range(MOST_END + 1) if const(e) != start)]
    if want is None or not (padded or start != 0):
        return [start]
    found = [e for e in tries if _length(axis, e, ceil) == want]
    return found[:3] or ([start] if want.constant is not None else [])


def _length(axis: Axis, end: Form, ceil: bool) -> Form:
    assert axis.n is not None and axis.k is not None and axis.s is not None and axis.p is not None and axis.d is not None
    return WindowAxis(axis.n, axis.k, axis.s, axis.p, end, axis.d, ceil).m


def _option(form: Form | None) -> int | str:
    assert form is not None
    return form.constant if form.constant is not None else (form.plain_name or "")
