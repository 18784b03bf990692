"""The bias is missing in a forward formula; missing terms of element equations are in ``elements``.

    \\sum_{a} I_a W_a -> \\sum_{a} I_a W_a + b
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderiv.check.differences.base import (
    Candidate,
    Scene,
)
from symderiv.notes import tree


def missing_bias(scene: Scene) -> Iterator[Candidate]:
    """The bias at the end of a forward formula."""
    written = next((w for w, c in scene.context.roles.items() if c == "b"), None)
    if written is None or scene.context.rank("b"):
        return
    term = tree.Name(written, written)
    end = tree.Place(scene.right.place.end, scene.right.place.end)
    old = scene.right
    new = replace(old, terms=(*old.terms, term), signs=(*old.signs, 1)) if isinstance(old, tree.Add) else tree.Add((old, term), (1, 1))
    yield Candidate("missing-term", new, end, f" + {written}", "", written)
