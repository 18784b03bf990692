"""All pictures of a derivation."""

from __future__ import annotations

from symderiv.model import Derivation
from symderiv.picture import maps, slide
from symderiv.picture.plane import Plane, plane_of
from symderiv.picture_model import Picture, Position


def draw(data: Derivation, entry: Position | None, columns: int) -> tuple[Picture, ...]:
    """The pictures that the layer has, without those that would be too large to be read.

    ``entry`` is the entry of the input that two of them are about, by default one in the middle; a matrix of up
    to ``columns`` columns is shown whole. None at all for own formulas, three axes and sizes by name.
    """
    layer = data.layer
    gradient = next((g for g in data.gradients if g.tensor.role == "input"), None)
    if layer.family == "own" or not layer.numeric or gradient is None:
        return ()
    shape = layer.shape("I")
    q = entry or tuple((n + 1) // 2 if k >= len(shape) - len(layer.axes) else 1 for k, n in enumerate(shape))
    plane = plane_of(layer, q[: len(shape) - len(layer.axes)])
    if plane is None:
        return ()
    t = _place(plane, q)
    conv = layer.family == "conv"
    found = (
        slide.window(plane), slide.entry(plane, gradient, t), maps.regions(plane, gradient),
        slide.backward(plane, gradient.correlation, t) if gradient.correlation else None,
        maps.matrix(plane, columns) if conv else None, maps.maxima(plane, data.worked),
    )
    return tuple(p for p in found if p is not None)


def _place(plane: Plane, q: Position) -> tuple[int, int]:
    return (1, q[-1]) if plane.flat else (q[-2], q[-1])
