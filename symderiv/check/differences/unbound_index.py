"""An index that is bound nowhere stands where a known one belongs.

    W_{am} -> W_{ab}
"""

from __future__ import annotations

from collections.abc import Iterator

from symderiv.check.differences.base import (
    Candidate,
    Scene,
    made,
    ranges_of,
    subscripted,
)
from symderiv.index.form import name


def unbound(scene: Scene) -> Iterator[Candidate]:
    """An index that is bound nowhere, where another letter belongs."""
    if scene.read.ready is None:
        return
    loose = {f.index for f in scene.read.ready.right_only}
    known = {f.index for f in scene.read.ready.sides.free} - loose
    known |= {r.index.text for r in ranges_of(scene.right)}
    for entry in subscripted(scene.right, scene):
        for letter in sorted({n for f in entry.forms for n in f.names} & loose):
            for other in sorted(known):
                forms = tuple(f.replace({letter: name(other)}) for f in entry.forms)
                yield made("unbound-index", entry, forms, scene)
