"""A layer from the options that describe it: ``conv2d --input 5x5 --kernel 3x3 --stride 2``.

A document that was derived says so in a comment, so that whoever checks it knows the layer.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from symderiv.model import Layer, SymderivError

_FLAGS = {"flip": "--flip", "ceil_mode": "--ceil-mode"}
_SWITCHES = {"bias": "--no-bias", "count_include_pad": "--no-count-include-pad"}
_SIZES = ("input", "kernel", "stride", "padding", "dilation")
_WORDS = ("batch", "channels", "filters", "groups", "ties")
MOST_CHARACTERS = 2_000


@dataclass(frozen=True)
class Stated:
    """A layer, the symbols of its roles, and what positions count from."""

    layer: Layer
    symbols: Mapping[str, str]
    index_base: int = 1


def read_statement(text: str) -> Stated:
    """The layer of such a text, the symbols and the index base beside it.

    Raises:
        SymderivError: it describes none.
    """
    from symderiv.layers import make, own

    if len(text) > MOST_CHARACTERS:
        raise SymderivError("the statement of a layer is too long.")
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise SymderivError(f"the statement of a layer: {error}.") from error
    name = words.pop(0) if words and not words[0].startswith("--") else ""
    given: dict[str, object] = {}
    shapes: dict[str, list[str]] = {}
    symbols: dict[str, str] = {}
    base = 1
    while words:
        option = words.pop(0)
        if option in _FLAGS.values() or option in _SWITCHES.values():
            key = next(k for k, flag in (*_FLAGS.items(), *_SWITCHES.items()) if flag == option)
            given[key] = key in _FLAGS
            continue
        if not words or not option.startswith("--"):
            raise SymderivError(f"the statement of a layer: {option} is not understood.")
        value, key = words.pop(0), option[2:]
        if key == "shape":
            tensor, _, sizes = value.partition("=")
            shapes[tensor] = sizes.split("x")
        elif key == "symbols":
            symbols = dict(part.partition("=")[::2] for part in value.split(","))
        elif key == "index-base":
            base = 0 if value == "0" else 1
        elif key in _SIZES:
            given[key] = value if value in ("same", "valid") else tuple(value.split("x"))
        elif key == "groups":
            given[key] = int(value) if value.isdigit() else value
        else:
            given[key] = value
    formula = given.pop("formula", None)
    return Stated(own(str(formula), shapes) if formula is not None else make(name, **given), symbols, base)
