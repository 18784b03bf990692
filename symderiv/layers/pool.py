"""Pooling layers. Meaning and defaults are those of torch.nn.MaxPool1d..3d and AvgPool1d..3d.

    max_pool2d   O[i,j] = max(u=1..k1, v=1..k2, I[s1*(i-1)+d1*(u-1)+1-P1, ...])
    avg_pool2d   O[i,j] = 1/N * sum(u=1..k1, v=1..k2, I[s1*(i-1)+u-P1, ...])

N is the number of cells of the window inside the padded input (``count_include_pad``, the default)
or inside the input. The stride is the kernel unless it is given.
"""

from __future__ import annotations

from symderiv.formula.nodes import Formula
from symderiv.index.form import Form, FormLike
from symderiv.index.window import Axis
from symderiv.layers.options import Pads, SizeLike, Sizes, check_fit, paddings, per_axis, size, switch
from symderiv.layers.window import OUT, Window, instantiate, refuse_clashes, twin_axes
from symderiv.model import Layer, SymderivError, Tensor, Ties


def max_pool(
    count: int, input: Sizes, kernel: Sizes, stride: Sizes | None = None, padding: Pads = 0,
    dilation: Sizes = 1, channels: SizeLike | None = None, batch: SizeLike | None = None,
    ceil_mode: bool = False, ties: Ties = "first",
) -> Layer:
    """Max pooling over ``count`` axes, as torch.nn has it; padding never wins.

        O[i, ..] = max over u, .. of I[s*(i-1) + d*(u-1) + 1 - P, ..]

    A size is a number or a name, one for all axes or a sequence. ``stride`` is the kernel if it is not
    given. ``ties`` says who receives the gradient where a maximum stands twice: the "first", "all", or
    a "split" share each. Shapes: I is input, or (batch, channels, ..) with either of those given.

    Raises:
        SymderivError: an option is out of range or does not fit the others.
    """
    if ties not in ("first", "all", "split"):
        raise SymderivError(f"--ties {ties}: use first, all or split.")
    window, options = _window(count, input, kernel, stride, padding, dilation, ceil_mode)
    lead, shape, extra = _lead(channels, batch)
    text = _max_text(window, lead)
    options |= extra | {"dilation": tuple(a.d for a in window.axes), "ceil_mode": ceil_mode, "ties": ties}
    return _layer(f"max_pool{count}d", window, text, shape, options, "max_pool", ties)


def avg_pool(
    count: int, input: Sizes, kernel: Sizes, stride: Sizes | None = None, padding: Pads = 0,
    channels: SizeLike | None = None, batch: SizeLike | None = None, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Layer:
    """Average pooling over ``count`` axes, as torch.nn has it.

        O[i, ..] = 1/N * sum over u, .. of I[s*(i-1) + u - P, ..]

    N counts the window's cells inside the padded input, or with ``count_include_pad=False`` inside the
    input. A size is a number or a name, one for all axes or a sequence. ``stride`` is the kernel if it
    is not given. Shapes: I is input, or (batch, channels, ..) with either of those given.

    Raises:
        SymderivError: an option is out of range or does not fit the others.
    """
    window, options = _window(count, input, kernel, stride, padding, 1, ceil_mode)
    lead, shape, extra = _lead(channels, batch)
    text = _average_text(window, lead, count_include_pad)
    switch("count_include_pad", count_include_pad)
    options |= extra | {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    return _layer(f"avg_pool{count}d", window, text, shape, options, "avg_pool", "first")


def pool_twin(layer: Layer) -> Layer:
    """The pooling layer with its input, batch and channels as names: input1, batch, channels."""
    axes = twin_axes(layer.axes)
    options = dict(layer.options) | {"input": tuple(a.n for a in axes)}
    lead, shape, extra = _lead("channels", "batch") if "batch" in options else ("", {}, {})
    window = Window(axes)
    if layer.family == "max_pool":
        text = _max_text(window, lead)
    else:
        text = _average_text(window, lead, bool(options["count_include_pad"]))
    return _layer(layer.name, window, text, shape, options | extra, layer.family, layer.ties)


def _max_text(window: Window, lead: str) -> str:
    return f"O[{lead}{window.outputs()}] = max({window.kernel_ranges()}, I[{lead}{window.reads()}])"


def _average_text(window: Window, lead: str, include_pad: bool) -> str:
    divisor = "".join(f"/({_cells(x, window.axes[x - 1], include_pad)})" for x in range(1, window.count + 1))
    return f"O[{lead}{window.outputs()}] = 1{divisor} * sum({window.kernel_ranges()}, I[{lead}{window.reads()}])"


def _cells(x: int, axis: Axis, include_pad: bool) -> str:
    """How many positions of the window on axis x are averaged."""
    o = OUT[x - 1]
    if include_pad:
        return f"min(k{x}, n{x}+P{x}+E{x}-s{x}*({o}-1))" if axis.ceil_mode else f"min(k{x})"
    if axis.start == 0 and axis.end == 0 and not axis.ceil_mode:
        return f"min(k{x})"
    return f"min(min(k{x}, n{x}+P{x}-s{x}*({o}-1))-max(1, P{x}+1-s{x}*({o}-1))+1)"


def _window(count: int, input: Sizes, kernel: Sizes, stride: Sizes | None, padding: Pads,
            dilation: Sizes, ceil_mode: bool) -> tuple[Window, dict[str, object]]:
    k, d = per_axis("kernel", kernel, count), per_axis("dilation", dilation, count)
    s = k if stride is None else per_axis("stride", stride, count)
    pads = paddings(padding, k, d, s, same_allowed=False)
    for (start, end), length in zip(pads, k, strict=True):
        for pad in (start, end):
            if pad.constant and length.constant and 2 * pad.constant > length.constant:
                raise SymderivError(
                    f"--padding {pad.constant} is over half of --kernel {length.constant}: "
                    f"pooling allows at most {length.constant // 2}, so that no window is all padding."
                )
    n = per_axis("input", input, count)
    switch("ceil_mode", ceil_mode)
    starts, ends = [p[0] for p in pads], [p[1] for p in pads]
    axes = tuple(
        Axis(n_, k_, s_, start, end, d_, ceil_mode)
        for n_, k_, s_, start, end, d_ in zip(n, k, s, starts, ends, d, strict=True)
    )
    check_fit(axes, pads_freely=False)
    return Window(axes), {"input": n, "kernel": k, "stride": s, "padding": pads}


def _lead(channels: SizeLike | None, batch: SizeLike | None) -> tuple[str, dict[str, Form], dict[str, object]]:
    if channels is None and batch is None:
        return "", {}, {}
    n, c = size("batch", 1 if batch is None else batch), size("channels", 1 if channels is None else channels)
    return "n,c,", {"N": n, "C": c}, {"batch": n, "channels": c}


def _layer(title: str, window: Window, text: str, shape: dict[str, Form], options: dict[str, object],
           family: str, ties: Ties) -> Layer:
    refuse_clashes(options)
    values: dict[str, FormLike] = {**window.values, **shape}
    ranges = [(OUT[x], f"m{x + 1}") for x in range(window.count)]
    if shape:
        ranges = [("n", "N"), ("c", "C"), *ranges]
    formula: Formula = instantiate(text, ranges, values)
    lead = tuple(shape.values())
    tensors = (
        Tensor("I", "input", (*lead, *(a.n for a in window.axes))),
        Tensor("O", "output", (*lead, *(window.length(x) for x in range(1, window.count + 1)))),
    )
    padded = any(a.start != 0 or a.end != 0 or a.ceil_mode for a in window.axes)
    return Layer(
        title, options, formula, tensors, "max_pool" if family == "max_pool" else "avg_pool", window.axes,
        window.derived, frozenset({"I"}) if padded else frozenset(), ties,
    )
