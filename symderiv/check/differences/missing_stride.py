"""The stride or the dilation is forgotten in a subscript.

    I_{i+a-1} -> I_{2i+a-2}
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
from symderiv.index.form import name


def stride(scene: Scene) -> Iterator[Candidate]:
    """A forgotten stride or dilation in a subscript."""
    context = scene.context
    axes = context.layer.axes
    for entry in subscripted(scene.right, scene):
        if len(entry.forms) < len(axes):
            continue
        lead = len(entry.forms) - len(axes)
        for attribute in ("s", "d"):
            sizes = [getattr(a, attribute) for a in axes]
            if all(s == 1 for s in sizes):
                continue
            letters = [[n for n in sorted(f.names) if n not in context.layer.sizes] for f in entry.forms[lead:]]
            for pick in cartesian(*letters):
                forms = list(entry.forms)
                for k, (letter, size) in enumerate(zip(pick, sizes, strict=True)):
                    scaled = size * (name(letter) - context.base) + context.base
                    forms[lead + k] = forms[lead + k].replace({letter: scaled})
                yield made("missing-stride", entry, tuple(forms), scene)
