"""Refusing a document that nobody could read, before any work is done."""

from __future__ import annotations

from collections.abc import Sequence

from symderiv.model import Layer, SymderivError
from symderiv.render.options import Options

MOST = 2_000_000
"""Element equations in one document."""


def refuse_too_long(layer: Layer, options: Options, wrt: Sequence[str] | None) -> None:
    """Refuse ``--expand all`` over millions of entries.

    Raises:
        SymderivError: says how large it would be, and how to go on.
    """
    if options.expand != "all" or not layer.numeric:
        return
    parts = [t for t in layer.parameters if not wrt or t.name in wrt]
    count = 0
    for tensor in parts:
        cells = 1
        for n in layer.shape(tensor.name):
            cells *= n
        count += cells
    if count > MOST:
        raise SymderivError(
            f"--expand all would write {count:,} equations, about {count * 150 // 10**6:,} MB. "
            "Use --expand none for the formulas by region, or --wrt W."
        )
