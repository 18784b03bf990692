"""The matrix form of a convolution's dL/dI: full correlation of the upstream gradient.

g is dilated by s-1 zeros, padded by d(k-1)-P (cropped where negative), filled with zeros to n rows,
and cross-correlated with the rotated (and dilated) kernel.
"""

from __future__ import annotations

from symderiv.index.form import Form
from symderiv.model import Correlation, Layer


def correlation(layer: Layer) -> Correlation | None:
    """The correlation that gives dL/dI, for a convolution; sizes may be names."""
    if layer.family != "conv":
        return None
    axes = layer.axes
    before = tuple(a.d * (a.k - 1) - a.start for a in axes)
    return Correlation(
        tuple(a.s - 1 for a in axes), before, tuple(_after(layer, x, b) for x, b in enumerate(before)),
        tuple(a.d - 1 for a in axes), rotate=not layer.flip,
    )


def _after(layer: Layer, x: int, before: Form) -> Form:
    """What is left of n + d(k-1) behind the s(m-1)+1 rows of g."""
    axis = layer.axes[x]
    if axis.s == 1:
        return axis.d * (axis.k - 1) - axis.end
    length = layer.output.shape[x - len(layer.axes)]
    return axis.n + axis.d * (axis.k - 1) - before - axis.s * (length - 1) - 1
