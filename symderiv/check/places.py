"""Offsets to lines and columns."""

from __future__ import annotations

from symderiv.notes.tree import Place, Source
from symderiv.report_model import Span


def span_of(source: Source, place: Place) -> Span:
    """The span of a place, 1-based."""
    return Span(*source.position(place.start), *source.position(place.end))
