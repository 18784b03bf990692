"""The same indices in another order, or a matrix that should (not) be transposed.

    W_{ji} -> W_{ij}      W x -> W^T x
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from symderiv.check.differences.base import Candidate, Scene, made, subscripted
from symderiv.check.lower import Lowerer
from symderiv.check.syntax import parts, put
from symderiv.index.form import name
from symderiv.notes import tree


def transposed(scene: Scene) -> Iterator[Candidate]:
    """The same indices in another order."""
    for entry in subscripted(scene.right, scene):
        for forms in permutations(entry.forms):
            if forms != entry.forms:
                yield made("transposed-index", entry, forms, scene)
        letters = sorted({n for f in entry.forms for n in f.names} - set(scene.context.layer.sizes))
        for one, two in combinations(letters, 2):
            swapped = {one: name(two), two: name(one)}
            forms = tuple(f.replace(swapped) for f in entry.forms)
            if forms != entry.forms:
                yield made("transposed-index", entry, forms, scene)


def transpose(scene: Scene) -> Iterator[Candidate]:
    """Transpose a matrix, or undo it."""
    if scene.read.ready is not None:
        return
    turned = [p.base for p in parts(scene.right) if isinstance(p, tree.Transpose)]
    for node in list(parts(scene.right)):
        if any(node is t for t in turned):
            continue
        if isinstance(node, tree.Transpose):
            text = scene.source.slice(node.base.place)
            yield Candidate("transposed-index", put(scene.right, node, node.base), node.place, text,
                            scene.source.slice(node.place), text)
        elif isinstance(node, tree.Name) and Lowerer(scene.context).tensor_of(node) is not None:
            shown = scene.source.slice(node.place)
            yield Candidate("transposed-index", put(scene.right, node, tree.Transpose(node, node.place)), node.place,
                            shown + "^{T}", shown, shown + "^{T}")
