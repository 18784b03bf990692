"""A plus for a minus, or the reverse.

    -dO W -> dO W
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderiv.check.differences.base import Candidate, Scene, turned_sign
from symderiv.check.syntax import put, values
from symderiv.notes import tree


def sign(scene: Scene) -> Iterator[Candidate]:
    """A plus for a minus, or the reverse."""
    for node in [p for p in values(scene.right) if isinstance(p, tree.Add)]:
        for k in range(len(node.terms)):
            signs = (*node.signs[:k], -node.signs[k], *node.signs[k + 1 :])
            edit = turned_sign(node, k, scene)
            if edit is not None:
                yield Candidate("sign", put(scene.right, node, replace(node, signs=signs)), *edit, *signs_of(node, k, scene))
    if not isinstance(scene.right, tree.Add):
        yield Candidate("sign", tree.Add((scene.right,), (-1,)), tree.Place(scene.right.place.start, scene.right.place.start), "-",
                        "+", "-")


def signs_of(node: tree.Add, k: int, scene: Scene) -> tuple[str, str]:
    """The sign as it is and as it should be, with its term where other terms stand beside it."""
    marks = {1: "+", -1: "-"}
    term = " " + scene.source.slice(node.terms[k].place) if len(node.terms) > 1 else ""
    return marks[node.signs[k]] + term, marks[-node.signs[k]] + term
