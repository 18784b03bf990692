"""A sum begins or ends at the wrong number.

    \\sum_{a=1}^{3} -> \\sum_{a=1}^{2}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderiv.check.context import Unreadable
from symderiv.check.differences.base import Candidate, Scene, in_letters, to_expr
from symderiv.check.indices import form_of
from symderiv.check.syntax import parts, put
from symderiv.index.form import Form, const
from symderiv.notes import tree


def limits(scene: Scene) -> Iterator[Candidate]:
    """One limit for another: one off, or another length of the layer."""
    context, base = scene.context, scene.context.base
    letters = frozenset(p.index.text for p in parts(scene.right) if isinstance(p, tree.Range))
    lengths: list[Form] = []
    for t in context.layer.tensors:
        for n in t.shape:
            if n not in lengths:
                lengths.append(n)
    for r in [p for p in parts(scene.right) if isinstance(p, tree.Range)]:
        if r.low is None or r.high is None:
            continue
        try:
            yield from _inside(r.low, scene, letters)
            yield from _inside(r.high, scene, letters)
            low, high = form_of(r.low, context, letters), form_of(r.high, context, letters)
        except Unreadable:
            continue
        for end, old, options in (
            ("high", r.high, [high + 1, high - 1, *(n - 1 + base for n in lengths)]),
            ("low", r.low, [low + 1, low - 1, const(base)]),
        ):
            for form in dict.fromkeys(options):
                if form == (high if end == "high" else low):
                    continue
                new = replace(r, low=to_expr(form)) if end == "low" else replace(r, high=to_expr(form))
                text = in_letters(form, context)
                if any(not isinstance(a, str) for m, _ in form.terms for a in m):
                    continue
                yield Candidate("wrong-limits", put(scene.right, r, new), old.place, text,
                                scene.source.slice(old.place), text)


def _inside(limit: tree.Expr, scene: Scene, letters: frozenset[str]) -> Iterator[Candidate]:
    """One number of a ``max(1, p-1)`` or ``min(p, 2)`` for another: the other ones stay as they are written."""
    whole = limit.place
    for call in [p for p in parts(limit) if isinstance(p, tree.Call) and p.function in ("max", "min")]:
        for arg in call.args:
            for item in arg.items if isinstance(arg, tree.Sequence) else (arg,):
                form = form_of(item, scene.context, letters)
                if any(not isinstance(a, str) for m, _ in form.terms for a in m):
                    continue
                for step in (1, -1, 2, -2):
                    text = in_letters(form + step, scene.context)
                    new = put(scene.right, item, to_expr(form + step))
                    shown = (scene.source.slice(tree.Place(whole.start, item.place.start)) + text
                             + scene.source.slice(tree.Place(item.place.end, whole.end)))
                    yield Candidate("wrong-limits", new, whole, text, scene.source.slice(whole), shown, item.place)
