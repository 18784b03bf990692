"""The sum of the chain rule is missing.

    dO_{ij} dO_{ij}/dI_{pq} -> \\sum_{i=1}^{2} \\sum_{j=1}^{2} dO_{ij} dO_{ij}/dI_{pq}
"""

from __future__ import annotations

from collections.abc import Iterator

from symderiv.check.differences.base import (
    Candidate,
    Scene,
    in_letters,
    to_expr,
)
from symderiv.index.form import const
from symderiv.notes import tree


def missing_sum(scene: Scene) -> Iterator[Candidate]:
    """A sum in front, over the indices that stand on the right only."""
    ready, context = scene.read.ready, scene.context
    if ready is None or not ready.right_only or ready.generic:
        return
    ranges = []
    texts = []
    for f in ready.right_only:
        high = f.length - 1 + context.base
        if any(not isinstance(a, str) for m, _ in high.terms for a in m):
            return
        ranges.append(tree.Range(tree.Name(f.index, f.index), to_expr(const(context.base)), to_expr(high)))
        texts.append(f"\\sum_{{{f.index}={context.base}}}^{{{in_letters(high, context)}}} ")
    body = scene.right if not isinstance(scene.right, tree.Add) else tree.Group(scene.right)
    start = tree.Place(scene.right.place.start, scene.right.place.start)
    text = "".join(texts)
    if isinstance(scene.right, tree.Add):
        start = scene.right.place
        text += f"\\left({scene.source.slice(start)}\\right)"
    if scene.link.span.kind == "plain":
        return
    yield Candidate("missing-sum", tree.Reduction("sum", tuple(ranges), (), body), start, text, "", "".join(texts).strip())
