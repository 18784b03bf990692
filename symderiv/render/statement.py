"""A layer written as the options that describe it: ``conv2d --input 5x5 --kernel 3x3 --stride 2``.

It stands in a comment of every document, so that whoever checks the document knows the layer.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from symderiv.index.form import Form
from symderiv.index.write import write_form
from symderiv.model import Layer
from symderiv.option_names import FLAGS, SIZES, SWITCHES, WORDS


def write_statement(layer: Layer, symbols: Mapping[str, str] | None = None, index_base: int = 1) -> str:
    """The options that describe the layer, those at their defaults left out."""
    options = layer.options
    if "formula" in options:
        parts = ["--formula", " ".join(str(options["formula"]).split())]  # a comment is one line
        shapes = options["shape"]
        assert isinstance(shapes, Mapping)
        for tensor, shape in shapes.items():
            if shape:
                parts += ["--shape", f"{tensor}={'x'.join(map(_size, shape))}"]
    else:
        parts = [layer.name]
        for option in SIZES:
            if option in options and not _default(layer, option):
                parts += [f"--{option}", "same" if option == "padding" and _is_same(options[option]) else _sizes(options[option])]
        for option in WORDS:
            value = options.get(option)
            if value is not None and value != "first":
                parts += [f"--{option}", _size(value)]
        parts += [flag for option, flag in FLAGS.items() if options.get(option)]
        parts += [flag for option, flag in SWITCHES.items() if options.get(option) is False]
    if symbols:
        parts += ["--symbols", ",".join(f"{role}={symbol}" for role, symbol in symbols.items())]
    if index_base != 1:
        parts += ["--index-base", str(index_base)]
    return shlex.join(parts)


def _size(value: object) -> str:
    return write_form(value) if isinstance(value, Form) else str(value)


def _sizes(value: object) -> str:
    assert isinstance(value, tuple)
    return "x".join(
        _size(v) if not isinstance(v, tuple) else _size(v[0]) if v[0] == v[1] else f"{_size(v[0])}:{_size(v[1])}" for v in value
    )


def _is_same(padding: object) -> bool:
    """Whether a padding is no number and no name: only ``same`` under a kernel by name makes one such."""
    assert isinstance(padding, tuple)
    return any(p.constant is None and p.plain_name is None for pair in padding for p in pair)


def _default(layer: Layer, option: str) -> bool:
    value = layer.options[option]
    assert isinstance(value, tuple)
    if option == "padding":
        return all(p == 0 for pair in value for p in pair)
    if option == "stride":
        return value == layer.options["kernel"] if layer.family != "conv" else all(v == 1 for v in value)
    return option == "dilation" and all(v == 1 for v in value)
