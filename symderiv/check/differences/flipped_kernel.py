"""The kernel turned by 180 degrees, or not turned: convolution for correlation.

    W_{ab} -> W_{3-a,3-b}      dO * W -> dO * rot180(W)
"""

from __future__ import annotations

from collections.abc import Iterator

from symderiv.check.differences.base import Candidate, Scene, made, subscripted
from symderiv.check.lower import ROTATIONS, Lowerer
from symderiv.check.syntax import parts, put
from symderiv.notes import tree


def flipped(scene: Scene) -> Iterator[Candidate]:
    """The kernel turned by 180 degrees."""
    context = scene.context
    for entry in subscripted(scene.right, scene):
        if entry.tensor != "W":
            continue
        count = len(context.layer.axes)
        shape = context.shape("W")
        forms = tuple(
            n - 1 + 2 * context.base - f if k >= len(shape) - count else f
            for k, (f, n) in enumerate(zip(entry.forms, shape, strict=True))
        )
        yield made("flipped-kernel", entry, forms, scene)


def rotation(scene: Scene) -> Iterator[Candidate]:
    """Turn a map, or undo it."""
    if scene.read.ready is not None:
        return
    for node in list(parts(scene.right)):
        if isinstance(node, tree.Call) and node.function in ROTATIONS and len(node.args) == 1:
            inner = node.args[0]
            text = scene.source.slice(inner.place)
            yield Candidate("flipped-kernel", put(scene.right, node, inner), node.place, text,
                            scene.source.slice(node.place), text)
        elif isinstance(node, (tree.Name, tree.Matrix)) and _is_kernel(node, scene):
            shown = scene.source.slice(node.place)
            text = f"\\mathrm{{rot}}_{{180}}({shown})" if scene.link.span.kind != "plain" else f"rot180({shown})"
            new = tree.Call("rot180", (node,), place=node.place)
            yield Candidate("flipped-kernel", put(scene.right, node, new), node.place, text, shown, text)


def _is_kernel(node: tree.Name | tree.Matrix, scene: Scene) -> bool:
    """The kernel by its name, or written out as a matrix of its entries."""
    lowerer = Lowerer(scene.context)
    if isinstance(node, tree.Name):
        return lowerer.tensor_of(node) == "W"
    names = [p.base for p in parts(node) if isinstance(p, tree.Indexed)]
    return bool(names) and all(isinstance(n, tree.Name) and lowerer.tensor_of(n) == "W" for n in names)
