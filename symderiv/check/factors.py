"""Large layers of numbers: a claim that is a product over axes is compared one axis at a time.

Each side is a sum of terms that are products of entries, and every index letter and every condition
belongs to one axis: batch, channels, filters, or one of the window's. Then the terms of a side are
all combinations of what it has on each axis, a term's coefficient is the product of the axes' ones,
and a combination is named by its entries, since no tensor stands twice. So two sides that agree on
each axis agree. (Sides that do not agree on an axis may still agree: that is left to the comparison
of all terms.) The layer itself is such a product: on the axis of the filters O[f] = I W[f] + b[f],
of the channels O = sum_c I[c] W[c] + b, of the batch O[n] = I[n] W + b, and on a window's axis it is
the one-dimensional convolution; a local derivative dO/dI is the product of those of the axes. So is
average pooling whose windows are all divided by one number, by the product of the numbers of its axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from symderiv.check.budget import Budget, TooDear
from symderiv.check.decide import Outcome, Sides, decide
from symderiv.check.truth import Truth
from symderiv.check.value import condition_forms
from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Condition,
    Entry,
    Node,
    Number,
    Partial,
    Product,
    Reduce,
    Sum,
    UnsupportedNode,
)
from symderiv.formula.walk import product
from symderiv.layers import make, own
from symderiv.model import Layer
from symderiv.verify.samples import count_terms

LEAST_TERMS = 300
"""Smaller layers are compared term by term."""
_LEAD = {"I": ("n", "c"), "W": ("f", "c"), "O": ("n", "f"), "b": ("f",)}
_LEAD_POOL = {"I": ("n", "c"), "O": ("n", "c")}
_LEAD_LAYER = {
    "n": ("O[i] = I[i] * W + b", ("O", "I")), "f": ("O[i] = I * W[i] + b[i]", ("O", "W", "b")),
    "c": ("O = sum(i=1..{n}, I[i] * W[i]) + b", ("I", "W")),
}


@dataclass(frozen=True)
class _Terms:
    """Sums and conditions around one product of entries and local derivatives."""

    bindings: tuple[Binding, ...] = ()
    factors: tuple[Entry | Partial, ...] = ()
    conditions: tuple[Condition, ...] = ()
    coefficient: Fraction = Fraction(1)

    def __add__(self, other: _Terms) -> _Terms:
        return _Terms(
            self.bindings + other.bindings, self.factors + other.factors, self.conditions + other.conditions, self.coefficient * other.coefficient)

    @property
    def entries(self) -> list[Entry]:
        """Every entry, those of local derivatives too."""
        return [e for f in self.factors for e in ((f.output, f.wrt) if isinstance(f, Partial) else (f,))]


def agree_by_axis(sides: Sides, layer: Layer, budget: Budget) -> Outcome | None:
    """That the sides are equal, where they are on every axis, found within ``budget``; None says nothing."""
    if not layer.numeric or layer.options.get("groups", 1) != 1 or count_terms(layer) < LEAST_TERMS:
        return None
    if layer.family != "conv" and not _averages(layer):
        return None
    if sides.chosen is not None or len(_axes(layer)) < 2:  # one axis by itself is the whole comparison
        return None
    pair = _without_bias(sides, layer)
    if pair is None:
        return None
    homes, shares = _homes(sides, pair, layer), _shares(pair, layer)
    if homes is None or shares is None:
        return None
    outcome = Outcome(True, checked=1)
    for axis in _axes(layer):
        part = _on(axis, sides, pair, homes, layer, shares.get(axis))
        found = None if part is None else _compared(part, _axis_layer(axis, layer, pair[2]), budget)
        if found is None or not found.equal or not found.checked:
            return None
        outcome = Outcome(True, zero_reads=outcome.zero_reads | found.zero_reads, checked=outcome.checked * found.checked)
    return outcome


def _averages(layer: Layer) -> bool:
    """Average pooling whose every window is divided by one number."""
    body = layer.formula.body
    return layer.family == "avg_pool" and not layer.options.get("ceil_mode") and isinstance(body, Product) and all(
        isinstance(f, (Number, Reduce)) for f in body.factors)


def _shares(pair: tuple[_Terms, _Terms, bool], layer: Layer) -> dict[Home, Fraction] | None:
    """What of the right side's coefficient each axis has: 1/k of each window's, or nothing; None for another coefficient."""
    left, right = pair[0].coefficient, pair[1].coefficient
    if left == right == 1:
        return {}
    numbers = [a.numbers for a in layer.axes]
    shares: dict[Home, Fraction] = {x: Fraction(1, n.k) for x, n in enumerate(numbers) if n is not None}
    return shares if layer.family != "conv" and left == 1 and right == prod(shares.values()) else None


def _compared(sides: Sides, layer: Layer, budget: Budget) -> Outcome | None:
    try:
        return decide(sides, Truth(layer), budget)
    except (TooDear, UnsupportedNode, KeyError, ArithmeticError, AssertionError):
        return None


# -- sides -------------------------------------------------------------------------------------
def _without_bias(sides: Sides, layer: Layer) -> tuple[_Terms, _Terms, bool] | None:
    """Both sides as terms, and whether the bias is left out: ``O = sum + b`` is the sum, where b is the layer's."""
    left = _terms(sides.left)
    if left is None:
        return None
    forward = [e for e in left.factors if isinstance(e, Entry) and e.tensor == "O"]
    if not forward:
        right = _terms(sides.right)
        return None if right is None else (left, right, True)
    parts = sides.right.terms if isinstance(sides.right, Sum) else (sides.right,)
    biases = [p for p in parts if isinstance(p, Entry) and p.tensor == "b"]
    rest = [p for p in parts if p not in biases]
    wanted = [forward[0].index[1:2] if layer.tensor("b").shape else ()] if any(t.name == "b" for t in layer.tensors) else []
    if len(left.factors) != 1 or [b.index for b in biases] != wanted or len(rest) != 1:
        return None
    right = _terms(rest[0])
    return None if right is None else (left, right, False)


def _terms(node: Node) -> _Terms | None:
    if isinstance(node, (Entry, Partial)):
        return _Terms(factors=(node,))
    if isinstance(node, Bracket):
        return _Terms(conditions=node.conditions)
    if isinstance(node, Number):
        return _Terms(coefficient=Fraction(node.value)) if node.value else None
    if isinstance(node, Reduce) and node.kind == "sum":
        inner = _terms(node.body)
        return None if inner is None else _Terms(bindings=node.bindings) + inner
    if isinstance(node, Product):
        total = _Terms()
        for factor in node.factors:
            part = _terms(factor)
            if part is None:
                return None
            total = total + part
        return total
    return None


# -- axes --------------------------------------------------------------------------------------
Home = str | int


def _axes(layer: Layer) -> list[Home]:
    windows: list[Home] = list(range(len(layer.axes)))
    if len(layer.output.shape) == len(windows):
        return windows
    return ["n", "f", "c", *windows] if layer.family == "conv" else ["n", "c", *windows]


def _places(tensor: str, layer: Layer) -> tuple[Home, ...]:
    """The axis of each subscript of a tensor or a gradient."""
    name = tensor[1:] if tensor.startswith("d") else tensor
    lead = (_LEAD if layer.family == "conv" else _LEAD_POOL)[name] if len(layer.output.shape) > len(layer.axes) else ()
    return (*lead, *(() if name == "b" else range(len(layer.axes))))


def _homes(sides: Sides, pair: tuple[_Terms, _Terms, bool], layer: Layer) -> dict[str, Home] | None:
    """The one axis of each letter; None where a letter has none or two, or a tensor stands twice."""
    found: dict[str, set[Home]] = {}
    letters = {f.index for f in sides.free}
    for terms in pair[:2]:
        own_letters = {b.index for b in terms.bindings}
        if len(own_letters) != len(terms.bindings) or own_letters & letters:
            return None
        letters |= own_letters
        tensors = [_value_of(f) for f in terms.factors]
        if len(set(tensors)) != len(tensors):
            return None
        for entry in terms.entries:
            places = _places(entry.tensor, layer)
            if len(places) != len(entry.index):
                return None
            for place, form in zip(places, entry.index, strict=True):
                for letter in form.names:
                    found.setdefault(letter, set()).add(place)
    for condition in (c for terms in pair[:2] for c in terms.conditions):
        # a letter that no entry has is of the axis that a condition joins it to: ``2i + u - 2 = p``
        names = {n for f in condition_forms(condition) for n in f.names}
        at = {h for n in names if n in found for h in found[n]}
        for letter in (names & letters) - found.keys():
            found[letter] = set(at)
    if set(found) != letters or any(len(h) != 1 for h in found.values()):
        return None
    return {letter: next(iter(h)) for letter, h in found.items()}


def _value_of(factor: Entry | Partial) -> str:
    """Which tensor's entry a factor is; dO/dI is one of W and the reverse."""
    if isinstance(factor, Entry):
        return factor.tensor
    return {"I": "W", "W": "I"}.get(factor.wrt.tensor, f"d{factor.output.tensor}/d{factor.wrt.tensor}")


def _on(axis: Home, sides: Sides, pair: tuple[_Terms, _Terms, bool], homes: dict[str, Home], layer: Layer, share: Fraction | None) -> Sides | None:
    """The claim on one axis, with its share of the coefficient."""
    nodes: list[Node] = []
    for terms in pair[:2]:
        node = _side_on(axis, terms, homes, layer)
        if node is None:
            return None
        nodes.append(node)
    if share is not None:
        nodes[1] = product([Number(share), nodes[1]])
    conditions = _conditions_on(axis, sides.conditions, homes)
    if conditions is None:
        return None
    return Sides(nodes[0], nodes[1], tuple(f for f in sides.free if homes[f.index] == axis), conditions)


def _conditions_on(axis: Home, conditions: Sequence[Condition], homes: dict[str, Home]) -> tuple[Condition, ...] | None:
    """Those that speak of the axis; None where one speaks of several, or of none."""
    found = []
    for condition in conditions:
        at = {homes.get(n) for f in condition_forms(condition) for n in f.names}
        if len(at) != 1 or None in at:
            return None
        if axis in at:
            found.append(condition)
    return tuple(found)


def _side_on(axis: Home, terms: _Terms, homes: dict[str, Home], layer: Layer) -> Node | None:
    def one(entry: Entry) -> Entry:
        places = _places(entry.tensor, layer)
        return Entry(entry.tensor, tuple(f for f, place in zip(entry.index, places, strict=True) if place == axis))

    bindings = tuple(b for b in terms.bindings if homes[b.index] == axis)
    if any(homes.get(n) != axis for b in bindings for f in (b.low, b.high) for n in f.names):
        return None
    conditions = _conditions_on(axis, terms.conditions, homes)
    if conditions is None:
        return None
    factors: list[Node] = [Bracket(conditions)] if conditions else []
    factors += [Partial(one(f.output), one(f.wrt)) if isinstance(f, Partial) else one(f) for f in terms.factors]
    body = product(factors)
    return Reduce("sum", bindings, body) if bindings else body


def _axis_layer(axis: Home, layer: Layer, bias: bool) -> Layer:
    """The layer on one axis."""
    has_bias = bias and any(t.name == "b" for t in layer.tensors)
    if isinstance(axis, int):
        n = layer.axes[axis].numbers
        assert n is not None
        if layer.family != "conv":
            return make("avg_pool1d", input=(n.n,), kernel=(n.k,), stride=(n.s,), padding=((n.start, n.end),))
        return make("conv1d", input=(n.n,), kernel=(n.k,), stride=(n.s,), padding=((n.start, n.end),), dilation=(n.d,),
                    bias=has_bias, flip=layer.flip)
    if layer.family != "conv":
        return own("O[i] = I[i]", {"I": (layer.shape("I")[axis == "c"],)})
    formula, indexed = _LEAD_LAYER[axis]
    shape = {"n": layer.shape("I")[0], "f": layer.shape("W")[0], "c": layer.shape("W")[1]}[axis]
    text = formula.format(n=shape) if has_bias else formula.format(n=shape).partition(" + b")[0]
    tensors = ("I", "W", "b") if has_bias else ("I", "W")
    return own(text, {t: (shape,) if t in indexed else () for t in tensors})
