"""The gradient by definition: every output written out, every entry's terms collected.

dL/dT[q] = sum over outputs o of g[o] * (what multiplies T[q] in O[o]). No rule of calculus is used
beyond: the derivative of c*x^n*rest by x is n*c*x^(n-1)*rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as cartesian

from symderiv.formula.evaluate import (
    AtomKey,
    Poly,
    Space,
    add_polys,
    compile_index,
    compile_node,
)
from symderiv.model import Layer

Position = tuple[int, ...]


@dataclass(frozen=True)
class Truth:
    """Every output and every gradient of a layer with numeric sizes, as exact polynomials."""

    space: Space
    outputs: dict[Position, Poly]
    gradients: dict[str, dict[Position, Poly]]


def enumerate_layer(layer: Layer) -> Truth:
    """All outputs and gradients of ``layer`` by definition.

    Raises:
        OutOfRange: the forward formula reads a tensor outside its range.
    """
    shapes = {t.name: layer.shape(t.name) for t in layer.tensors}
    shapes |= {"d" + name: shape for name, shape in shapes.items()}
    windows: dict[Position, tuple[Position, ...]] = {}
    bare = Space(shapes, layer.padded, windows)
    outputs = dict(outputs_of(layer, bare))
    pooled = layer.pooled.name if layer.pooled else ""
    gradients: dict[str, dict[Position, Poly]] = {t.name: {} for t in layer.parameters}
    local: dict[tuple[AtomKey, AtomKey], Poly] = {}
    for o, poly in outputs.items():
        g: AtomKey = (layer.upstream, o)
        for atom, derivative in _derivatives(poly, pooled, windows):
            tensor, q = atom
            local[(layer.output.name, o), atom] = derivative
            weighted = {tuple(sorted((*m, g))): c for m, c in derivative.items()}
            place = gradients[tensor]
            place[q] = add_polys([place[q], weighted]) if q in place else weighted
    space = Space(shapes, layer.padded, windows, lambda o, q: local.get((o, q), {}))
    return Truth(space, outputs, gradients)


def outputs_of(layer: Layer, space: Space) -> Iterator[tuple[Position, Poly]]:
    """Every output of a layer with numeric sizes by definition, in row-major order of its indices."""
    body = compile_node(layer.formula.body, space)
    place = compile_index(layer.formula.target.index)
    letters = [b.index for b in layer.formula.bindings]
    ranges = [range(b.low.constant or 0, (b.high.constant or 0) + 1) for b in layer.formula.bindings]
    for values in cartesian(*ranges):
        env = dict(zip(letters, values, strict=True))
        yield place(env), body(env)


def _derivatives(poly: Poly, pooled: str, windows: dict[Position, tuple[Position, ...]]
                 ) -> list[tuple[AtomKey, Poly]]:
    """The derivative of one output by every entry that stands in it."""
    found: dict[AtomKey, list[Poly]] = {}
    for monomial, c in poly.items():
        for atom in dict.fromkeys(monomial):
            rest = list(monomial)
            rest.remove(atom)
            times = c * monomial.count(atom)
            if atom[0] == "max":
                for cell in windows[atom[1]]:
                    weight: AtomKey = ("is_max", cell + atom[1])
                    found.setdefault((pooled, cell), []).append({tuple(sorted((*rest, weight))): times})
            else:
                found.setdefault(atom, []).append({tuple(rest): times})
    return [(atom, add_polys(parts)) for atom, parts in found.items()]
