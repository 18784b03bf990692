"""A layer from the options that describe it: ``conv2d --input 5x5 --kernel 3x3 --stride 2``.

A document that was derived says so in a comment, so that whoever checks it knows the layer.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from symderiv.layers.options import split_axes
from symderiv.model import Layer, SymderivError
from symderiv.option_names import FLAGS, SWITCHES, split_symbols

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
        if option in FLAGS.values() or option in SWITCHES.values():
            key = next(k for k, flag in (*FLAGS.items(), *SWITCHES.items()) if flag == option)
            given[key] = key in FLAGS
            continue
        plain = next((k for k in SWITCHES if option == "--" + k.replace("_", "-")), None)
        if plain is not None:
            # "--bias": what derive takes for granted may be said all the same
            given[plain] = True
            continue
        if not words or not option.startswith("--"):
            raise SymderivError(f"the statement of a layer: {option} is not understood.")
        value, key = words.pop(0), option[2:]
        if key == "shape":
            tensor, _, sizes = value.partition("=")
            shapes[tensor] = split_axes(f"shape {tensor}", sizes)
        elif key == "symbols":
            symbols = dict(part.partition("=")[::2] for part in split_symbols(value))
        elif key == "index-base":
            base = 0 if value == "0" else 1
        else:
            given[key] = value
    formula = given.pop("formula", None)
    return Stated(own(str(formula), shapes) if formula is not None else make(name, **given), symbols, base)
