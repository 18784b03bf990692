"""The layers, by name: a function from options to a Layer, and a line in ``LAYERS``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Concatenate, ParamSpec

from symderiv.index.form import Form
from symderiv.layers.conv import conv, conv_twin
from symderiv.layers.options import split_axes
from symderiv.layers.own import own
from symderiv.layers.pool import avg_pool, max_pool, pool_twin
from symderiv.layers.statement import Stated, read_statement
from symderiv.model import Layer, SymderivError
from symderiv.option_names import SIZES, flag, typed_as

P = ParamSpec("P")


def _over(count: int, make: Callable[Concatenate[int, P], Layer]) -> Callable[P, Layer]:
    """The layer over ``count`` axes, with a name, a signature and a docstring of its own."""

    @wraps(make)
    def layer(*args: P.args, **options: P.kwargs) -> Layer:
        _refuse_misfits(layer, args, options)
        return make(count, *args, **options)

    layer.__name__ = layer.__qualname__ = f"{make.__name__}{count}d"
    axes = "1 axis" if count == 1 else f"{count} axes"
    layer.__doc__ = (make.__doc__ or "").replace("``count`` axes", axes).replace("NAME", layer.__name__)
    own = signature(make)
    layer.__signature__ = own.replace(parameters=list(own.parameters.values())[1:])  # type: ignore[attr-defined]
    return layer


def _refuse_misfits(layer: Callable[..., Layer], args: Sequence[object], options: Mapping[str, object]) -> None:
    """Python's own words name the function behind the layer.

    Raises:
        TypeError: the layer does not take these arguments; with the option that is meant, perhaps.
    """
    from difflib import get_close_matches

    taken = signature(layer)
    for option in options:
        if option not in taken.parameters:
            near = get_close_matches(option, taken.parameters, 1)
            hint = f" Did you mean {near[0]}?" if near else f" It takes {', '.join(taken.parameters)}."
            raise TypeError(f"{layer.__name__}() has no option {option!r}.{hint}")
    try:
        taken.bind(*args, **options)
    except TypeError as error:
        raise TypeError(f"{layer.__name__}(): {error}") from None


conv1d, conv2d, conv3d = _over(1, conv), _over(2, conv), _over(3, conv)
max_pool1d, max_pool2d, max_pool3d = _over(1, max_pool), _over(2, max_pool), _over(3, max_pool)
avg_pool1d, avg_pool2d, avg_pool3d = _over(1, avg_pool), _over(2, avg_pool), _over(3, avg_pool)

LAYERS: Mapping[str, Callable[..., Layer]] = {
    "conv1d": conv1d, "conv2d": conv2d, "conv3d": conv3d,
    "max_pool1d": max_pool1d, "max_pool2d": max_pool2d, "max_pool3d": max_pool3d,
    "avg_pool1d": avg_pool1d, "avg_pool2d": avg_pool2d, "avg_pool3d": avg_pool3d,
}

CHANNEL_OPTIONS = ("batch", "channels")


EXAMPLES: Mapping[str, str] = {
    "conv1d": "conv1d --input 10 --kernel 3 --dilation 2 --padding same --flip",
    "conv2d": "conv2d --input HxV --kernel KxK --stride 2 --padding P",
    "conv3d": "conv3d --input 3x4x4 --kernel 2 --channels 4 --filters 2 --groups 2 --batch 2 --no-bias",
    "max_pool1d": "max_pool1d --input 9 --kernel 3 --stride 2 --padding 1 --ties split",
    "max_pool2d": "max_pool2d --input 5x6 --kernel 3x2 --stride 2 --ceil-mode",
    "max_pool3d": "max_pool3d --input 3x4x4 --kernel 2 --stride 1 --channels 2",
    "avg_pool1d": "avg_pool1d --input N --kernel K --stride S",
    "avg_pool2d": "avg_pool2d --input 5x5 --kernel 3 --stride 2 --padding 1:0x1 --no-count-include-pad",
    "avg_pool3d": "avg_pool3d --input 4 --kernel 2 --batch 2 --channels 3",
    "--formula": "--formula 'O[i,j] = sum(k=1..4, I[i,k]*W[k,j])' --shape I=3x4 --shape W=4x2",
}
"""What to type behind ``symderiv derive``; together they use every option."""


def accepted(layer: str) -> tuple[str, ...]:
    """The options that a layer takes."""
    if layer.startswith("conv"):
        return (*SIZES, *CHANNEL_OPTIONS, "filters", "groups", "bias", "flip")
    if layer.startswith("max"):
        return (*SIZES, *CHANNEL_OPTIONS, "ceil_mode", "ties")
    return (*SIZES[:4], *CHANNEL_OPTIONS, "ceil_mode", "count_include_pad")


def _near(layer: str) -> list[str]:
    """The layers that are meant, perhaps: MaxPool2d, conv, con2d."""
    from difflib import get_close_matches

    by_letters = {name.replace("_", ""): name for name in LAYERS}
    letters = re.sub("[^a-z0-9]", "", layer.lower())
    begun = [name for key, name in by_letters.items() if letters and key.startswith(letters)]
    return begun or [by_letters[key] for key in get_close_matches(letters, by_letters, 1)]


def make(layer: str, **options: object) -> Layer:
    """The layer of that name.

    Raises:
        SymderivError: there is no such layer, or it does not take an option.
    """
    if layer not in LAYERS:
        near = _near(layer)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise SymderivError(f"there is no layer {layer!r}.{hint} The layers are {', '.join(LAYERS)}.")
    for option in options:
        if option not in accepted(layer):
            takes = ", ".join(map(typed_as, accepted(layer)))
            raise SymderivError(f"{layer} has no {flag(option)}; it takes {takes}.")
    for needed in ("input", "kernel"):
        if needed not in options:
            raise SymderivError(f"--{needed} is missing: for example --input 3x3 --kernel 2x2.")
    return LAYERS[layer](**options)


def twin_of(layer: Layer) -> Layer:
    """The same window layer with its input, batch, channels, filters and groups as names.

    It is what is derived, and judged at small sizes, where the layer itself is large.
    """
    return conv_twin(layer) if layer.family == "conv" else pool_twin(layer)


def twin_sizes(layer: Layer, twin: Layer) -> dict[str, int]:
    """The numbers of the twin's names."""
    out: dict[str, int] = {}
    for tensor, named in zip(layer.tensors, twin.tensors, strict=True):
        for number, form in zip(tensor.shape, named.shape, strict=True):
            if form.plain_name is not None and number.constant is not None:
                out[form.plain_name] = number.constant
    for axis, other in zip(layer.axes, twin.axes, strict=True):
        for number, form in ((axis.k, other.k), (axis.start, other.start), (axis.end, other.end)):
            if form.plain_name is not None and number.constant is not None:
                out[form.plain_name] = number.constant
    if "groups" in twin.sizes:
        groups = layer.options["groups"]
        assert isinstance(groups, Form) and groups.constant is not None
        out["groups"] = groups.constant
        out["filters"] = layer.shape("W")[0] // groups.constant
    return {name: out[name] for name in twin.sizes}


__all__ = [
    "EXAMPLES",
    "avg_pool1d", "avg_pool2d", "avg_pool3d", "conv1d", "conv2d", "conv3d", "max_pool1d", "max_pool2d", "max_pool3d",
    "LAYERS", "Stated", "accepted", "make", "own", "read_statement", "split_axes", "twin_of", "twin_sizes"]
