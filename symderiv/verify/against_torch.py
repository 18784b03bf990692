"""PyTorch's own autograd in float64 as an oracle; PyTorch is not a dependency."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import product as cartesian
from typing import Any

from symderiv.formula.evaluate import AtomKey
from symderiv.formula.nodes import Entry, Node, Number, Power, Product, Reduce, Size, Sum, UnsupportedNode
from symderiv.index.form import Form
from symderiv.model import InternalError, Layer, Position, SymderivError
from symderiv.verify.enumerate import Truth
from symderiv.verify.example import value_of

Tensors = dict[str, Any]


def compare(layer: Layer, truth: Truth, seed: int = 0) -> str:
    """Compare every gradient with autograd at random integers; a sentence that says so.

    Raises:
        SymderivError: PyTorch is missing, or can't express the layer.
        InternalError: a gradient differs.
    """
    torch = _torch()
    if layer.family == "max_pool" and layer.ties != "first":
        raise SymderivError("--against torch knows only --ties first: that is what PyTorch does.")
    rng = random.Random(seed)
    tensors: Tensors = {}
    for t in layer.parameters:
        shape = layer.shape(t.name)
        values = rng.sample(range(-999, 1000), _cells(shape)) if _cells(shape) < 1000 else [rng.randint(-999, 999) for _ in range(_cells(shape))]
        tensors[t.name] = torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_()
    if any(not cells for cells in truth.space.windows.values()):
        raise SymderivError("a window lies wholly in the padding: PyTorch's gradient there is no gradient.")
    try:
        output = _forward(layer, tensors, torch)
    except RuntimeError as error:
        raise SymderivError(f"PyTorch refuses this layer: {str(error).splitlines()[0]}.") from error
    if tuple(output.shape) != layer.shape(layer.output.name):
        raise InternalError(f"PyTorch's output is {tuple(output.shape)}, ours {layer.shape(layer.output.name)}")
    upstream = torch.tensor([float(rng.randint(-99, 99)) for _ in range(output.numel())], dtype=torch.float64)
    (output * upstream.reshape(output.shape)).sum().backward()
    values_of = _values(layer, truth, tensors, upstream.reshape(output.shape))
    checked = 0
    for t in layer.parameters:
        gradient = tensors[t.name].grad
        for q in cartesian(*(range(1, n + 1) for n in layer.shape(t.name))):
            ours = float(value_of(truth.gradients[t.name].get(q, {}), values_of))
            theirs = float(gradient[tuple(x - 1 for x in q)]) if gradient is not None else 0.0
            if abs(ours - theirs) > 1e-6 * max(1.0, abs(ours)):
                raise InternalError(f"d{t.name}{list(q)}: ours {ours}, PyTorch's {theirs}")
            checked += 1
    return f"{layer.name}: PyTorch {torch.__version__} autograd in float64: {checked} of {checked} positions agree."


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise SymderivError("--against torch needs PyTorch: pip install torch.") from None
    return torch


def _cells(shape: Position) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


def _values(layer: Layer, truth: Truth, tensors: Tensors, upstream: Any) -> Mapping[AtomKey, Fraction]:
    """The numbers as exact values, and the first maximum of each window."""
    values: dict[AtomKey, Fraction] = {}
    for name, tensor in tensors.items():
        for q in cartesian(*(range(1, n + 1) for n in layer.shape(name))):
            values[name, q] = Fraction(float(tensor.detach()[tuple(x - 1 for x in q)]))
    for o in truth.outputs:
        values[layer.upstream, o] = Fraction(float(upstream[tuple(x - 1 for x in o)]))
    pooled = layer.pooled.name if layer.pooled else ""
    for window, cells in truth.space.windows.items():
        best = max(cells, key=lambda c: values[pooled, c], default=None)
        for c in cells:
            values["is_max", c + window] = Fraction(int(c == best))
    return values


def _numbers(value: object) -> list[int]:
    assert isinstance(value, tuple)
    return [f.constant for f in value if isinstance(f, Form) and f.constant is not None]


def _forward(layer: Layer, tensors: Tensors, torch: Any) -> Any:
    """PyTorch's own layer; for an own formula scalar operations by its definition."""
    if layer.family == "own":
        return _own(layer, tensors, torch)
    f = torch.nn.functional
    count = len(layer.axes)
    axes = [a.numbers for a in layer.axes]
    known = [a for a in axes if a is not None]
    pads = [x for a in reversed(known) for x in (a.start, a.end)]
    stride, kernel = [a.s for a in known], [a.k for a in known]
    many = "batch" in layer.options
    x = tensors["I"] if many else tensors["I"][None, None]
    even = all(a.start == a.end for a in known)
    if layer.family == "conv":
        w = tensors["W"] if many else tensors["W"][None, None]
        if layer.flip:
            w = torch.flip(w, list(range(-count, 0)))
        b = tensors.get("b")
        groups = layer.options.get("groups")
        out = getattr(f, f"conv{count}d")(
            f.pad(x, pads), w, None if b is None else b.reshape(-1), stride=stride,
            dilation=[a.d for a in known], groups=groups.constant if isinstance(groups, Form) else 1,
        )
    elif layer.family == "max_pool":
        ceil = bool(layer.options["ceil_mode"])
        if ceil and not even:
            raise SymderivError("PyTorch has no ceil_mode with unequal padding.")
        out = getattr(f, f"max_pool{count}d")(
            x if even else f.pad(x, pads, value=-float("inf")), kernel, stride,
            [a.start for a in known] if even else 0, [a.d for a in known], ceil_mode=ceil,
        )
    else:
        if not even:
            raise SymderivError("PyTorch has no average pooling with unequal padding.")
        out = getattr(f, f"avg_pool{count}d")(
            x, kernel, stride, [a.start for a in known], ceil_mode=bool(layer.options["ceil_mode"]),
            count_include_pad=bool(layer.options["count_include_pad"]),
        )
    return out if many else out[0, 0]


def _own(layer: Layer, tensors: Tensors, torch: Any) -> Any:
    shape = layer.shape(layer.output.name)
    letters = [b.index for b in layer.formula.bindings]
    cells = [
        torch.as_tensor(_scalar(layer.formula.body, dict(zip(letters, o, strict=True)), tensors, torch), dtype=torch.float64)
        for o in cartesian(*(range(1, n + 1) for n in shape))
    ]
    return torch.stack(cells).reshape(shape)


def _scalar(node: Node, env: dict[str, int], tensors: Tensors, torch: Any) -> Any:
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Size):
        return float(node.form.value(env))
    if isinstance(node, Entry):
        return tensors[node.tensor][tuple(f.value(env) - 1 for f in node.index)]
    if isinstance(node, Sum):
        return sum(_scalar(t, env, tensors, torch) for t in node.terms)
    if isinstance(node, Product):
        total: Any = 1.0
        for factor in node.factors:
            total = total * _scalar(factor, env, tensors, torch)
        return total
    if isinstance(node, Power):
        return _scalar(node.base, env, tensors, torch) ** node.exponent
    if isinstance(node, Reduce):
        parts = [_scalar(node.body, e, tensors, torch) for e in _bound(node, env, 0)]
        return sum(parts) if node.kind == "sum" else torch.stack(parts).max(0).values
    raise UnsupportedNode(node, "PyTorch")


def _bound(node: Reduce, env: dict[str, int], depth: int) -> Any:
    if depth == len(node.bindings):
        yield env
        return
    b = node.bindings[depth]
    for value in range(b.low.value(env), b.high.value(env) + 1):
        yield from _bound(node, {**env, b.index: value}, depth + 1)
