"""Convolution layers, in the frameworks' sense: cross-correlation with a kernel, plus a bias.

    O[i,j] = sum(u=1..k1, v=1..k2, I[s1*(i-1)+d1*(u-1)+1-P1, ...] * W[u,v]) + b

Meaning and defaults are those of torch.nn.Conv1d, Conv2d and Conv3d. ``flip=True`` is convolution
in the mathematical sense: W[k1+1-u, k2+1-v] instead of W[u,v].
"""

from __future__ import annotations

from symderiv.formula.nodes import Formula
from symderiv.index.form import Form, FormLike, const, name
from symderiv.index.window import Axis
from symderiv.layers.options import Pads, SizeLike, Sizes, check_fit, paddings, per_axis, size, switch
from symderiv.layers.window import KERNEL, OUT, Window, instantiate, refuse_clashes, twin_axes
from symderiv.model import Layer, SymderivError, Tensor


def conv(
    count: int, input: Sizes, kernel: Sizes, stride: Sizes = 1, padding: Pads = 0, dilation: Sizes = 1,
    channels: SizeLike | None = None, filters: SizeLike | None = None, groups: int | str | None = None,
    batch: SizeLike | None = None, bias: bool = True, flip: bool = False,
) -> Layer:
    """A convolution over ``count`` axes, as torch.nn has it: cross-correlation, plus a bias.

        O[i, ..] = sum over u, .. of I[s*(i-1) + d*(u-1) + 1 - P, ..] * W[u, ..] + b

    A size is a number or a name, one for all axes or a sequence: 3, "H", (3, "V"), "3xV". ``padding``
    also takes "same", "valid" and (start, end) an axis. ``flip`` reads the kernel rotated, which is
    convolution in the mathematical sense.

    Shapes: I is input, W is kernel, b a scalar. With any of batch, channels, filters and groups, I is
    (batch, channels, ..), W (filters, channels/groups, ..), b (filters,), O (batch, filters, ..).

    Raises:
        SymderivError: an option is out of range or does not fit the others.
    """
    k, d = per_axis("kernel", kernel, count), per_axis("dilation", dilation, count)
    s = per_axis("stride", stride, count)
    pads = paddings(padding, k, d, s, same_allowed=True)
    n = per_axis("input", input, count)
    axes = tuple(Axis(*a) for a in zip(n, k, s, [p[0] for p in pads], [p[1] for p in pads], d, strict=True))
    check_fit(axes)
    many = any(o is not None for o in (channels, filters, groups, batch))
    shape = _grouped(channels, filters, groups, batch) if many else {}
    return _assemble(axes, shape, switch("bias", bias), switch("flip", flip))


def conv_twin(layer: Layer) -> Layer:
    """The convolution with its input, batch, channels, filters and groups as names: input1, batch and so on.

    With groups ``channels`` and ``filters`` are those of one group, or 1.
    """
    axes = twin_axes(layer.axes)
    shape: dict[str, Form] = {}
    if "groups" in layer.options:
        g, c, f = (_form(layer.options[option]) for option in ("groups", "channels", "filters"))
        if g == 1:
            shape = _shares(name("batch"), g, name("channels"), name("filters"))
        else:
            one_channel, one_filter = c == g, f == g
            shape = _shares(
                name("batch"), name("groups"), const(1) if one_channel else name("channels"), const(1) if one_filter else name("filters")
            )
    return _assemble(axes, shape, bool(layer.options["bias"]), layer.flip)


def _form(value: object) -> Form:
    assert isinstance(value, Form)
    return value


def _assemble(axes: tuple[Axis, ...], shape: dict[str, Form], bias: bool, flip: bool) -> Layer:
    """The layer over validated axes and leading sizes."""
    window = Window(axes)
    options: dict[str, object] = {
        "input": tuple(a.n for a in axes), "kernel": tuple(a.k for a in axes), "stride": tuple(a.s for a in axes),
        "padding": tuple((a.start, a.end) for a in axes), "dilation": tuple(a.d for a in axes),
    }
    if shape:
        options |= {"batch": shape["N"], "channels": shape["C"], "filters": shape["F"], "groups": shape["G"]}
    options |= {"bias": bias}
    if flip:
        options["flip"] = True
    refuse_clashes(options)
    formula, tensors = _formula(window, shape, bias, flip)
    padded = any(p != 0 for a in axes for p in (a.start, a.end))
    return Layer(
        f"conv{window.count}d", options, formula, tensors, "conv", axes, window.derived,
        frozenset({"I"}) if padded else frozenset(), flip=flip,
    )


def _grouped(channels: SizeLike | None, filters: SizeLike | None, groups: int | str | None,
             batch: SizeLike | None) -> dict[str, Form]:
    """N, C, F, G and the shares Cg = C/G and Fg = F/G."""
    if isinstance(groups, str) and not groups.strip().lstrip("-").isdecimal():
        raise SymderivError(f"--groups {groups}: the groups must be a whole number, not a name, for example --groups 2.")
    g = size("groups", 1 if groups is None else groups)
    c = size("channels", channels if channels is not None else g.constant or 1)
    f = size("filters", filters if filters is not None else g.constant or 1)
    number = g.constant
    assert number is not None
    share = {}
    for option, total in (("channels", c), ("filters", f)):
        if number > 1 and total.constant is None:
            raise SymderivError(f"--groups {number} needs --{option} as a number that it divides, not the name {total.plain_name}. Use --groups 1.")
        if number > 1 and (total.constant or 0) % number:
            raise SymderivError(
                f"--groups {number} does not divide --{option} {total.constant}. "
                f"Use --{option} {number * -(-(total.constant or 1) // number)} or --groups 1."
            )
        share[option] = total if number == 1 else const((total.constant or 0) // number)
    n = size("batch", 1 if batch is None else batch)
    return _shares(n, g, share["channels"], share["filters"])


def _shares(batch: Form, groups: Form, channels: Form, filters: Form) -> dict[str, Form]:
    """The sizes by the formula's names, from the channels and filters of one group."""
    return {"N": batch, "C": groups * channels, "F": groups * filters, "G": groups, "Cg": channels, "Fg": filters}


def _formula(window: Window, shape: dict[str, Form], bias: bool, flip: bool) -> tuple[Formula, tuple[Tensor, ...]]:
    count = window.count
    values: dict[str, FormLike] = {**window.values, **shape}
    ranges = [(OUT[x], f"m{x + 1}") for x in range(count)]
    weight = ",".join(f"k{x}+1-{KERNEL[x - 1]}" for x in range(1, count + 1)) if flip else window.kernels()
    lead_o, lead_i, lead_w, extra = "", "", "", ""
    if shape:
        lead_o, lead_i, lead_w, extra, free = _letters(shape)
        ranges = [*free, *ranges]
    plus = ("" if not bias else " + b" if not shape else f" + b[{lead_w.split(',')[0]}]")
    text = (
        f"O[{lead_o}{window.outputs()}] = sum({extra}{window.kernel_ranges()}, "
        f"I[{lead_i}{window.reads()}]*W[{lead_w}{weight}]){plus}"
    )
    space_i = tuple(a.n for a in window.axes)
    space_o = tuple(window.length(x) for x in range(1, count + 1))
    space_w = tuple(a.k for a in window.axes)
    if shape:
        space_i = (shape["N"], shape["C"], *space_i)
        space_o = (shape["N"], shape["F"], *space_o)
        space_w = (shape["F"], shape["Cg"], *space_w)
    tensors = [Tensor("I", "input", space_i), Tensor("W", "weight", space_w)]
    if bias:
        tensors.append(Tensor("b", "bias", (shape["F"],) if shape else ()))
    tensors.append(Tensor("O", "output", space_o))
    return instantiate(text, ranges, values), tuple(tensors)


def _letters(shape: dict[str, Form]) -> tuple[str, str, str, str, list[tuple[str, str]]]:
    """Leading subscripts of O, I and W, the extra sum, and the extra free indices."""
    if shape["G"] == 1:
        return "n,f,", "n,c,", "f,c,", "c=1..C, ", [("n", "N"), ("f", "F")]
    one_filter, one_channel = shape["Fg"] == 1, shape["Cg"] == 1
    f = "h" if one_filter else "Fg*(h-1)+f"
    c = "h" if one_channel else "Cg*(h-1)+c"
    free = [("n", "N"), ("h", "G")] + ([] if one_filter else [("f", "Fg")])
    return (
        f"n,{f},", f"n,{c},", f"{f},{'1' if one_channel else 'c'},",
        "" if one_channel else "c=1..Cg, ", free,
    )
