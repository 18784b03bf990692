"""Refusing a document that nobody could read, before any work is done."""

from __future__ import annotations

from collections.abc import Sequence

from symderiv.model import Layer, SymderivError
from symderiv.render.options import Options

MOST = 2_000_000
"""Element equations in one document."""
MOST_DRAWN = 5_000
"""The same in a web page, which holds each as a tree."""


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
    if options.format == "html" and count > MOST_DRAWN:
        raise SymderivError(
            f"--expand all would put {count:,} equations into the page, more than a browser can hold (at most {MOST_DRAWN:,}). "
            "Leave it out: the page shows the equation of every entry that one points at."
        )
    if count > MOST:
        raise SymderivError(
            f"--expand all would write {count:,} equations, about {count * 150 // 10**6:,} MB. "
            "Use --expand none for the formulas by region, or --wrt W."
        )
