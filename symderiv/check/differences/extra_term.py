"""A term that should not be there.

    dO_{11} W_{11} + dO_{12} W_{12} -> dO_{11} W_{11}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderiv.check.differences.base import Candidate, Scene, removed
from symderiv.check.syntax import put, values
from symderiv.notes import tree


def extra(scene: Scene) -> Iterator[Candidate]:
    """A term that should not be there."""
    for node in [p for p in values(scene.right) if isinstance(p, tree.Add) and len(p.terms) > 1]:
        for k, term in enumerate(node.terms):
            terms, signs = node.terms[:k] + node.terms[k + 1 :], node.signs[:k] + node.signs[k + 1 :]
            new: tree.Expr = terms[0] if len(terms) == 1 and signs[0] > 0 else replace(node, terms=terms, signs=signs)
            edit = removed(node, k, scene)
            if edit is not None:
                yield Candidate("extra-term", put(scene.right, node, new), term.place, edit[1], scene.source.slice(term.place), "", edit[0])
