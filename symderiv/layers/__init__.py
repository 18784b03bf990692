"""The layers, by name: a function from options to a Layer, and a line in ``LAYERS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from symderiv.layers.conv import conv
from symderiv.layers.own import own
from symderiv.layers.pool import avg_pool, max_pool
from symderiv.model import Layer, SymderivError

LAYERS: Mapping[str, Callable[..., Layer]] = {
    "conv1d": partial(conv, 1),
    "conv2d": partial(conv, 2),
    "conv3d": partial(conv, 3),
    "max_pool1d": partial(max_pool, 1),
    "max_pool2d": partial(max_pool, 2),
    "max_pool3d": partial(max_pool, 3),
    "avg_pool1d": partial(avg_pool, 1),
    "avg_pool2d": partial(avg_pool, 2),
    "avg_pool3d": partial(avg_pool, 3),
}

WINDOW_OPTIONS = ("input", "kernel", "stride", "padding", "dilation")
CHANNEL_OPTIONS = ("batch", "channels")


def accepted(layer: str) -> tuple[str, ...]:
    """The options that a layer takes."""
    if layer.startswith("conv"):
        return (*WINDOW_OPTIONS, *CHANNEL_OPTIONS, "filters", "groups", "bias", "flip")
    if layer.startswith("max"):
        return (*WINDOW_OPTIONS, *CHANNEL_OPTIONS, "ceil_mode", "ties")
    return (*WINDOW_OPTIONS[:4], *CHANNEL_OPTIONS, "ceil_mode", "count_include_pad")


def make(layer: str, **options: object) -> Layer:
    """The layer of that name.

    Raises:
        SymderivError: there is no such layer, or it does not take an option.
    """
    if layer not in LAYERS:
        from difflib import get_close_matches

        near = get_close_matches(layer, LAYERS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SymderivError(f"there is no layer {layer!r}.{hint} The layers are {', '.join(LAYERS)}.")
    for option in options:
        if option not in accepted(layer):
            flag = option.replace("_", "-")
            takes = ", ".join("--" + o.replace("_", "-") for o in accepted(layer))
            raise SymderivError(f"{layer} has no --{flag}; it takes {takes}.")
    for needed in ("input", "kernel"):
        if needed not in options:
            raise SymderivError(f"--{needed} is missing: for example --input 3x3 --kernel 2x2.")
    return LAYERS[layer](**options)


def with_input(layer: Layer, names: tuple[str, ...]) -> Layer:
    """The same layer with its input sizes as names: the twin that is judged at small sizes."""
    options: dict[str, object] = {k: _plain(v) for k, v in layer.options.items()}
    options["input"] = names
    if "batch" in options:
        options = {k: v for k, v in options.items() if not (k == "groups" and layer.family != "conv")}
    return LAYERS[layer.name](**options)


def _plain(value: object) -> object:
    """Index forms back to the numbers and names that options take."""
    from symderiv.index.form import Form

    if isinstance(value, Form):
        return value.constant if value.constant is not None else value.plain_name
    if isinstance(value, tuple):
        return tuple(_plain(v) for v in value)
    return value


__all__ = ["LAYERS", "accepted", "make", "own", "with_input"]
