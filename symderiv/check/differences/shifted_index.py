"""An index off by one: counted from 0 in one place, from 1 in another.

    I_{i+a,j+b} -> I_{i+a-1,j+b-1}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as cartesian

from symderiv.check.differences.base import (
    Candidate,
    Scene,
    made,
    subscripted,
)


def shifted(scene: Scene) -> Iterator[Candidate]:
    """Every index, or one, off by one."""
    for entry in subscripted(scene.right, scene):
        if all(f.constant is not None for f in entry.forms):
            continue
        together = [(step,) * len(entry.forms) for step in (-2, 2, -3, 3)]
        for steps in (*cartesian((0, -1, 1), repeat=len(entry.forms)), *together):
            if any(steps):
                forms = tuple(f + s for f, s in zip(entry.forms, steps, strict=True))
                yield made("shifted-index", entry, forms, scene)
