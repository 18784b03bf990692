"""Small integers that show two sides apart, chosen so that a stranger can redo the sum.

Only assignments that a person could make are tried: every maximum and every weight of a maximum
follows from the input's numbers by the layer's tie rule. The pair of values is computed again from
the definition before it is reported.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

from symderiv.check.decide import Chosen, Outcome, Sides
from symderiv.check.shrink import shrunk
from symderiv.check.spans import every
from symderiv.check.truth import Position, Truth
from symderiv.formula.evaluate import AtomKey, Poly
from symderiv.index.form import Form
from symderiv.model import Ties
from symderiv.report_model import Counterexample, Values

TRIES = 60
MOST_CELLS = 4_000
Numbers = Mapping[AtomKey, Fraction]


def counterexample(outcome: Outcome, sides: Sides, sizes: Mapping[str, int], base: int = 1) -> Counterexample | None:
    """Numbers at which the two sides of ``outcome`` differ; None where none were found."""
    truth = outcome.truth
    if truth is None or outcome.equal or (outcome.trouble is not None and not outcome.other_known):
        return None
    if sum(_cells(truth.layer.shape(t.name)) for t in truth.layer.tensors) > MOST_CELLS:
        return None
    at = {name: value - (1 - base) for name, value in outcome.at.items()}

    def pair(values: dict[AtomKey, Fraction]) -> tuple[Fraction | None, Fraction | None] | None:
        """Both sides' values, where the numbers are ones that the claim speaks of."""
        numbers = with_maxima(truth, values)
        if numbers is None or not _condition_holds(sides.chosen, outcome.at, numbers, truth):
            return None
        return number(outcome.left, numbers), number(outcome.right, numbers)

    def differs(values: dict[AtomKey, Fraction]) -> bool:
        """Whether the sides differ; of a side that does not exist, whether the other is not 0."""
        found = pair(values)
        if found is None:
            return False
        if outcome.trouble is not None:
            return bool(found[1 if outcome.trouble_left else 0])
        return None not in found and found[0] != found[1]

    for values in assignments(truth, _cell(sides.chosen, outcome.at), outcome.at):
        found = pair(values)
        if found is None or (outcome.trouble is None and not differs(values)):
            continue
        if truth.layer.pooled is None and differs(values):
            values = shrunk(values, outcome.left, outcome.right, differs)
            found = pair(values) or found
        left, right = (str(v) for v in found)
        if outcome.trouble is not None:
            left, right = ("does not exist", right) if outcome.trouble_left else (left, "does not exist")
        return Counterexample(_nested(truth, values), at, right, left, dict(sizes))
    return None


def _cells(shape: tuple[int, ...]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


def _cell(chosen: Chosen | None, at: Mapping[str, int]) -> Position | None:
    if chosen is None:
        return None
    return tuple(_value(f, at) for f in chosen.at)


def _value(form: Form, at: Mapping[str, int]) -> int:
    return form.value(at)


def positions(shape: tuple[int, ...]) -> Iterator[Position]:
    """Every position, in row-major order."""
    return every([range(1, n + 1) for n in shape])


def assignments(truth: Truth, peak: Position | None, at: Mapping[str, int]) -> Iterator[dict[AtomKey, Fraction]]:
    """Numbers for every input, parameter and upstream entry: plain ones first."""
    layer = truth.layer
    upstream = layer.upstream, layer.shape(layer.output.name)
    cells = [(t.name, layer.shape(t.name), t.role) for t in layer.parameters]
    if layer.pooled and len(at) >= len(layer.shape(layer.pooled.name)):
        guess = tuple(at.values())[: len(layer.shape(layer.pooled.name))]
        yield _peaked(truth, peak or guess)
    if layer.pooled and peak is None:
        shape = layer.shape(layer.pooled.name)
        yield _peaked(truth, tuple((n + 1) // 2 for n in shape))
    rng = random.Random(7)
    for attempt in range(TRIES):
        most = 3 if attempt < 4 else 9
        values: dict[AtomKey, Fraction] = {}
        for name, shape, role in cells:
            total = _cells(shape)
            distinct = role == "input" and layer.pooled is not None
            draw = rng.sample(range(1, total + 1), total) if distinct else [rng.randint(1, most) for _ in range(total)]
            values |= {(name, q): Fraction(x) for q, x in zip(positions(shape), draw, strict=True)}
        name, shape = upstream
        values |= {(name, q): Fraction(rng.randint(1, most)) for q in positions(shape)}
        yield values


def _peaked(truth: Truth, cell: Position) -> dict[AtomKey, Fraction]:
    """Pooling: one entry is the greatest, and every window's gradient is a power of ten."""
    layer = truth.layer
    assert layer.pooled is not None
    name, shape = layer.pooled.name, layer.shape(layer.pooled.name)
    values: dict[AtomKey, Fraction] = {}
    count = 0
    for q in positions(shape):
        if q == cell:
            values[name, q] = Fraction(_cells(shape))
        else:
            count += 1
            values[name, q] = Fraction(count)
    small = _cells(layer.shape(layer.output.name)) <= 6
    for k, o in enumerate(positions(layer.shape(layer.output.name))):
        values[layer.upstream, o] = Fraction(10**k if small else k + 1)
    return values


def with_maxima(truth: Truth, values: dict[AtomKey, Fraction], rule: Ties | None = None) -> dict[AtomKey, Fraction] | None:
    """The numbers and, by the tie rule (the layer's own), the weight of every cell of every window."""
    layer = truth.layer
    rule = rule or layer.ties
    if not layer.pooled:
        return values
    full, name = dict(values), layer.pooled.name
    for o in truth.outputs():
        truth.raw(o)
        cells = truth.windows[o]
        if not cells:
            continue
        top = max(values[name, c] for c in cells)
        best = [c for c in cells if values[name, c] == top]
        best = best[:1] if rule == "first" else best
        for c in cells:
            share = Fraction(1, len(best)) if rule == "split" else Fraction(1)
            full["is_max", c + o] = share if c in best else Fraction(0)
    return full


def _condition_holds(chosen: Chosen | None, at: Mapping[str, int], numbers: Numbers, truth: Truth) -> bool:
    if chosen is None:
        return True
    cell = tuple(f.value(at) for f in chosen.at)
    if chosen.window is None:
        return not any(numbers.get(("is_max", cell + o), 0) for o in truth.outputs())
    window = tuple(f.value(at) for f in chosen.window)
    truth.raw(window)
    alone = truth.windows[window] == (cell,)
    return bool(alone or numbers.get(("is_max", cell + window), 0)) is chosen.positive


def number(poly: Poly, numbers: Numbers) -> Fraction | None:
    """The polynomial's value; None where an atom has none."""
    total = Fraction(0)
    for monomial, c in poly.items():
        value = Fraction(c)
        for atom in monomial:
            known = _known(atom, numbers)
            if known is None:
                return None
            value *= known
        total += value
    return total


def _known(atom: AtomKey, numbers: Numbers) -> Fraction | None:
    if atom[0].startswith("max "):
        return _greatest(atom, numbers)
    return numbers.get(atom)


def _greatest(atom: AtomKey, numbers: Numbers) -> Fraction | None:
    name = atom[0][4:]
    rank = next((len(q) for n, q in numbers if n == name), 0)
    if not rank or len(atom[1]) % rank:
        return None
    cells = [atom[1][k : k + rank] for k in range(0, len(atom[1]), rank)]
    return max((numbers[name, c] for c in cells if (name, c) in numbers), default=None)


def _nested(truth: Truth, values: Mapping[AtomKey, Fraction]) -> dict[str, Values]:
    layer = truth.layer
    names = [t.name for t in layer.parameters if t.role == "input"]
    names += [t.name for t in layer.parameters if t.role != "input"]
    found: dict[str, Values] = {n: _nest(n, layer.shape(n), (), values) for n in names}
    found[layer.upstream] = _nest(layer.upstream, layer.shape(layer.output.name), (), values)
    return found


def _nest(name: str, shape: tuple[int, ...], at: Position, values: Mapping[AtomKey, Fraction]) -> Values:
    if len(at) == len(shape):
        value = values[name, at]
        return int(value) if value.denominator == 1 else str(value)
    return [_nest(name, shape, (*at, x), values) for x in range(1, shape[len(at)] + 1)]
