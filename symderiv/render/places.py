"""Where a region lies, for a reader: a place is named only where all of its entries are there."""

from __future__ import annotations

from collections.abc import Sequence

from symderiv.model import Layer, Region


def place(layer: Layer, tensor: str, region: Region) -> str:
    """The region's name, empty where it is not the place that it names.

    Regions are named by the windows that are missing: with padding the first row may miss none, and with a large
    kernel the second row misses some. A corner here lies at the end of every axis that windows pass over, an edge
    at the end of one, the centre at none.
    """
    ends = _ends(region, layer.shape(tensor)[-len(layer.axes) :]) if layer.axes else None
    if region.name in ("zero", "all") or ends is None:
        return region.name
    return region.name if ends == {region.name} else ""


def _ends(region: Region, sizes: Sequence[int]) -> set[str]:
    """The places of the region's entries."""
    rank, found = len(sizes), set()
    for block in region.blocks:
        counts = {0}
        for positions, n in zip(block[-rank:], sizes, strict=True):
            here = {t in (1, n) for t in positions}
            counts = {count + at for count in counts for at in here}
        found |= {_named(count, rank) for count in counts}
    return found


def _named(ends: int, rank: int) -> str:
    """What an entry is called that lies at the end of so many axes."""
    if ends == 0:
        return "centre"
    if ends == rank:
        return "end" if rank == 1 else "corner"
    return "face" if ends == 1 and rank > 2 else "edge"
