"""The sum of all entries of dL/dI by sums over dL/dO and W: a check that holds for any numbers."""

from __future__ import annotations

from symderiv.formula.nodes import Entry
from symderiv.index.form import name
from symderiv.model import Derivation
from symderiv.render.view import View

KERNEL_LETTERS = "uvw"


def has_sum_rule(data: Derivation) -> bool:
    """Whether dL/dI is there and adds up by a rule: no padding takes part, and the kernel is not one for each group."""
    layer = data.layer
    if layer.padded or layer.family not in ("conv", "max_pool", "avg_pool") or layer.ties == "all":
        return False
    target = layer.formula.target.index
    by_filter = layer.family != "conv" or len(target) == len(layer.axes) or target[1].plain_name == "f"
    return by_filter and any(g.tensor.name == "I" for g in data.gradients)


def sum_rule(view: View, display: bool) -> tuple[str, str] | None:
    """The two sides of the rule, where no padding takes part; tall brackets in a display.

    sum dL/dI = (sum dL/dO)(sum W), with channels a product for each filter; in pooling sum dL/dI = sum dL/dO.
    """
    layer = view.layer
    if not has_sum_rule(view.data):
        return None
    big = view.sign(r"\sum ", "Σ ")
    left, g = big + view.whole("dI"), big + view.whole(layer.upstream)
    if layer.family != "conv":
        return left, g
    space = view.sign(" " if display else r" \, ", "·")
    if len(layer.output.shape) == len(layer.axes):
        return left, space.join(_bracketed(view, s, display) for s in (g, big + view.symbol("W")))
    kernel = ["f", "c", *KERNEL_LETTERS[: len(layer.axes)]]
    parts = []
    for tensor, letters in ((layer.upstream, [b.index for b in layer.formula.bindings]), ("W", kernel)):
        others = ", ".join(x for x in letters if x != "f")
        parts.append(f"{view.sign(chr(92) + 'sum', 'Σ')}_{{{others}}} {view.node(Entry(tensor, tuple(map(name, letters))))}")
    return left, f"{view.sign(chr(92) + 'sum_f', 'Σ_f')} {space.join(_bracketed(view, s, display) for s in parts)}"


def _bracketed(view: View, inside: str, display: bool) -> str:
    return (view.sign(r"\Bigl( %s \Bigr)", "(%s)") if display else "(%s)") % inside
