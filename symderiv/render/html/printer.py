"""LaTeX whose entries carry their identity, for ``mathml`` to read: \\entry{I 1 2}{I_{12}}."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symderiv.render.printer import HOLE, Printer


@dataclass(frozen=True)
class MarkedPrinter(Printer):
    """The LaTeX printer; an entry whose subscripts are all numbers, or holes for them, says which it is."""

    def entry(self, tensor: str, parts: Sequence[str]) -> str:
        text = super().entry(tensor, parts)
        if not all(p.isdigit() or p[0] == HOLE for p in parts):
            return text
        return rf"\entry{{{' '.join((tensor, *parts))}}}{{{text}}}"
