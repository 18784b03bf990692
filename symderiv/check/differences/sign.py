"""A plus for a minus, or the reverse.

    -dO W -> dO W
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderiv.check.differences.base import Candidate, Scene, joined
from symderiv.check.syntax import parts, put
from symderiv.notes import tree


def sign(scene: Scene) -> Iterator[Candidate]:
    """A plus for a minus, or the reverse."""
    for node in [p for p in parts(scene.right) if isinstance(p, tree.Add)]:
        for k, term in enumerate(node.terms):
            signs = (*node.signs[:k], -node.signs[k], *node.signs[k + 1 :])
            new: tree.Expr = replace(node, signs=signs)
            text = joined(node.terms, signs, scene)
            shown = scene.source.slice(term.place)
            marks = {1: "+ ", -1: "- "}
            yield Candidate("sign", put(scene.right, node, new), node.place, text,
                            marks[node.signs[k]] + shown, marks[signs[k]] + shown)
    if not isinstance(scene.right, tree.Add):
        shown = scene.source.slice(scene.right.place)
        yield Candidate("sign", tree.Add((scene.right,), (-1,)), tree.Place(scene.right.place.start, scene.right.place.start), "-",
                        shown, "-" + shown)
