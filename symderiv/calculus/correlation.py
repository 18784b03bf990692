"""The matrix form of a convolution's dL/dI: full correlation of the upstream gradient.

g is dilated by s-1 zeros, padded by d(k-1)-P (cropped where negative), filled with zeros to n rows,
and cross-correlated with the rotated (and dilated) kernel.
"""

from __future__ import annotations

from symderiv.model import Correlation, Layer


def correlation(layer: Layer) -> Correlation | None:
    """The correlation that gives dL/dI, for a convolution with numeric sizes."""
    axes = [a.numbers for a in layer.axes]
    known = [a for a in axes if a is not None]
    if layer.family != "conv" or len(known) != len(axes):
        return None
    before = tuple(a.d * (a.k - 1) - a.start for a in known)
    spread = [a.s * (a.m - 1) + 1 for a in known]
    after = tuple(
        a.n + a.d * (a.k - 1) - b - g for a, b, g in zip(known, before, spread, strict=True)
    )
    return Correlation(
        tuple(a.s - 1 for a in known), before, after, tuple(a.d - 1 for a in known), rotate=not layer.flip
    )
