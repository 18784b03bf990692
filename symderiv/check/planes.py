"""Planes of tensors with leading axes: which values their letters take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symderiv.check.arrays import Lowered, Part, SumOver, inner_arrays
from symderiv.check.budget import Budget
from symderiv.check.context import Context, Unreadable
from symderiv.check.spans import every
from symderiv.index.form import Form, FormLike
from symderiv.notes.tree import Place
from symderiv.report_model import Message


def plane_values(left: Lowered, right: Lowered, context: Context, sizes: Mapping[str, FormLike], budget: Budget,
                 place: Place) -> Iterator[dict[str, int]]:
    """Every value of the free letters of planes, as the notes count; one empty value where there are none.

    Raises:
        Unreadable: a letter's range is not known.
    """
    spans: dict[str, Form] = {}
    for member in (left, right):
        for letter, length in _free(member, context, frozenset()):
            if length is None:
                if letter not in spans:
                    raise Unreadable(Message("the range of %(index)s is not known", {"index": letter}), place)
            else:
                spans.setdefault(letter, length)
    ranges = []
    for length in spans.values():
        n = length.replace(sizes).constant
        assert n is not None, "sizes have numbers here"
        ranges.append(range(context.base, n + context.base))
    for values in every(ranges):
        budget.spend(1)
        yield dict(zip(spans, values, strict=True))


def _free(member: Lowered, context: Context, bound: frozenset[str]) -> Iterator[tuple[str, Form | None]]:
    if isinstance(member, SumOver):
        bound = bound | {b.index for b in member.bindings}
    if isinstance(member, Part):
        for form, length in zip(member.index, context.shape(member.tensor), strict=False):
            if form.plain_name is not None and form.plain_name not in bound:
                yield form.plain_name, length
            elif form.plain_name is None:
                yield from ((name, None) for name in sorted(form.names - bound - set(context.layer.sizes)))
    for inner in inner_arrays(member):
        yield from _free(inner, context, bound)
