"""A number example: small integers through the forward formula, and the gradients by definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from symderiv.formula.evaluate import AtomKey, Coefficient, Poly
from symderiv.model import Layer, Position, Worked
from symderiv.verify.enumerate import Truth
from symderiv.verify.judge import positions

MOST_CELLS = 40
PRIME = 41
"""Above the most cells: by it every cell of an input gets a number of its own."""


def worked_example(layer: Layer, truth: Truth) -> Worked | None:
    """Numbers for a layer whose tensors a person can write down, None for larger ones."""
    if any(len(list(positions(layer.shape(t.name)))) > MOST_CELLS for t in layer.tensors):
        return None
    values: dict[AtomKey, Coefficient] = {}
    alike: dict[str, int] = {}
    for tensor in layer.parameters:
        turn = alike[tensor.role] = alike.get(tensor.role, -1) + 1
        for k, q in enumerate(positions(layer.shape(tensor.name))):
            values[tensor.name, q] = _digit(tensor.role, k, turn) if tensor.shape or layer.family == "own" else 1
    for k, o in enumerate(truth.outputs):
        values[layer.upstream, o] = k + 1
    if layer.ties != "first":
        _make_a_tie(layer, truth, values)
    elif layer.pooled is not None:
        _part_the_ties(layer.pooled.name, list(positions(layer.shape(layer.pooled.name))), truth, values)
    chosen = _choose(layer, truth, values)
    return Worked(layer, _all(layer, truth, values), chosen)


def _digit(role: str, k: int, turn: int) -> int:
    """Small digits that repeat late, so that no two places, and no two tensors (``turn``), look alike by accident."""
    if role == "input":
        return (7 * k + k // 3 + 2 + 3 * turn) % 10
    if role == "bias":
        return 1 + k + turn
    return (1, 2, -1, 3, 0, -2, 1, 4, -3)[(k + 4 * turn) % 9]


def _part_the_ties(tensor: str, cells: Sequence[Position], truth: Truth, values: dict[AtomKey, Coefficient]) -> None:
    """Other digits where a window has its maximum twice; numbers that are all different where all digits have such a window."""
    numbers = ([(7 * k + r * (k // 3) + 2) % 10 for k in range(len(cells))] for r in range(2, 10))
    for further in (*numbers, [(7 * k + 2) % PRIME for k in range(len(cells))]):
        if not any(_tied(tensor, window, values) for window in truth.space.windows.values()):
            return
        values.update({(tensor, q): x for q, x in zip(cells, further, strict=True)})


def _tied(tensor: str, cells: Sequence[Position], values: Mapping[AtomKey, Coefficient]) -> bool:
    """Whether a window's maximum stands in it twice, so that it has no derivative there."""
    ranked = sorted((values[tensor, c] for c in cells), reverse=True)
    return len(ranked) > 1 and ranked[0] == ranked[1]


def _make_a_tie(layer: Layer, truth: Truth, values: dict[AtomKey, Coefficient]) -> None:
    """Raise the runner-up of the first window with two cells to its maximum, so that the tie rule has something to do."""
    assert layer.pooled is not None
    entries = [[(layer.pooled.name, c) for c in cells] for cells in truth.space.windows.values()]
    ranked = [sorted(window, key=lambda e: values[e], reverse=True) for window in entries if len(window) > 1]
    if ranked and all(values[first] != values[second] for first, second, *_ in ranked):
        first, second, *_ = ranked[0]
        values[second] = values[first]


def _choose(layer: Layer, truth: Truth, values: dict[AtomKey, Coefficient]) -> dict[Position, tuple[Position, ...]]:
    """The tie rule, by its definition; the weights go into ``values``."""
    chosen: dict[Position, tuple[Position, ...]] = {}
    pooled = layer.pooled.name if layer.pooled else ""
    for window, cells in truth.space.windows.items():
        if not cells:
            chosen[window] = ()
            continue
        top = max(values[pooled, c] for c in cells)
        best = tuple(c for c in cells if values[pooled, c] == top)
        best = best[:1] if layer.ties == "first" else best
        chosen[window] = best
        for c in cells:
            share = Fraction(1, len(best)) if layer.ties == "split" else 1
            values["is_max", c + window] = share if c in best else 0
        values["max", window] = top
    return chosen


def value_of(poly: Poly, values: Mapping[AtomKey, Coefficient]) -> Fraction:
    """The polynomial's value."""
    total: Coefficient = 0
    for monomial, c in poly.items():
        for atom in monomial:
            c = c * values[atom]
        total += c
    return Fraction(total)


def _all(layer: Layer, truth: Truth, values: dict[AtomKey, Coefficient]) -> dict[str, dict[Position, Fraction]]:
    out: dict[str, dict[Position, Fraction]] = {}
    for (tensor, q), value in values.items():
        if tensor not in ("is_max", "max"):
            out.setdefault(tensor, {})[q] = Fraction(value)
    empty = {("max", w) for w, cells in truth.space.windows.items() if not cells}
    if not empty:
        out[layer.output.name] = {o: value_of(poly, values) for o, poly in truth.outputs.items()}
    for t in layer.parameters:
        gradient = truth.gradients[t.name]
        out["d" + t.name] = {q: value_of(gradient.get(q, {}), values) for q in positions(layer.shape(t.name))}
    return out
