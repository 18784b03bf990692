"""Reading and validating the options that window layers share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Union

from symderiv.index.form import Form, const, floor_div, name
from symderiv.index.window import Axis
from symderiv.model import SymderivError

SizeLike = Union[int, str]
Sizes = Union[SizeLike, Sequence[SizeLike]]
Pads = Union[SizeLike, Sequence[Union[SizeLike, Sequence[SizeLike]]]]
TENSOR_NAMES = frozenset({"I", "W", "b", "O", "L", "dO", "dI", "dW", "db", "g"})
LIMIT = 10**9


def size(option: str, value: SizeLike, least: int = 1) -> Form:
    """A number from ``least``, or a name.

    Raises:
        SymderivError: neither.
    """
    text = str(value).strip()
    if re.fullmatch(r"-?\d+", text):
        number = int(text)
        if number < least:
            raise SymderivError(f"--{option} {text} is too small: use a whole number from {least}.")
        if number > LIMIT:
            raise SymderivError(f"--{option} {text} is too large: use at most {LIMIT}.")
        return const(number)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", text):
        raise SymderivError(f"--{option} {text!r} is neither a whole number nor a name such as H.")
    if text in TENSOR_NAMES:
        raise SymderivError(
            f"--{option} {text}: a size may not have a tensor's name ({text}). Use another letter, for example V."
        )
    return name(text)


def per_axis(option: str, value: Sizes, count: int, least: int = 1) -> tuple[Form, ...]:
    """One size for every axis, from one value or from ``count`` of them."""
    values = [value] * count if isinstance(value, (int, str)) else list(value)
    if len(values) == 1:
        values = values * count
    if len(values) != count:
        shown = "x".join(str(v) for v in values)
        raise SymderivError(f"--{option} {shown} has {len(values)} numbers: give 1 or {count}.")
    return tuple(size(option, v, least) for v in values)


def paddings(value: Pads, kernel: Sequence[Form], dilation: Sequence[Form], stride: Sequence[Form],
             same_allowed: bool) -> tuple[tuple[Form, Form], ...]:
    """Start and end padding of each axis; ``same`` puts the smaller half at the start."""
    count = len(kernel)
    if value == "valid":
        return tuple((const(0), const(0)) for _ in range(count))
    if value == "same":
        if not same_allowed:
            raise SymderivError("--padding same is for convolutions: give a number for pooling.")
        if any(s != 1 for s in stride):
            raise SymderivError("--padding same needs --stride 1: give the padding as a number.")
        totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple((floor_div(t, 2), t - floor_div(t, 2)) for t in totals)
    words = [value] if isinstance(value, str) else [v for v in value if isinstance(v, str)] if not isinstance(value, int) else []
    for word in words:
        near = get_close_matches(word, ("same", "valid"), 1)
        if near:
            raise SymderivError(f"--padding {word}: write --padding {near[0]}, alone, or a number.")
    values = [value] * count if isinstance(value, (int, str)) else list(value)
    if len(values) == 1:
        values = values * count
    if len(values) != count:
        raise SymderivError(f"--padding has {len(values)} parts: give 1 or {count}.")
    return tuple(_ends(v) for v in values)


def _ends(value: SizeLike | Sequence[SizeLike]) -> tuple[Form, Form]:
    if isinstance(value, str) and ":" in value:
        value = value.split(":")
    if isinstance(value, (int, str)):
        return (size("padding", value, 0),) * 2
    if len(value) != 2:
        raise SymderivError(f"--padding {value!r}: an axis has a start and an end, as 1:2.")
    return size("padding", value[0], 0), size("padding", value[1], 0)


def check_fit(axes: Sequence[Axis]) -> None:
    """Refuse an axis whose window does not fit.

    Raises:
        SymderivError: with the sizes and the remedy.
    """
    numbers = [a.numbers for a in axes]
    known = [a for a in numbers if a is not None]
    if all(a.n + a.start + a.end >= a.d * (a.k - 1) + 1 for a in known):
        return
    shown = [a for a in known if a.n + a.start + a.end < a.d * (a.k - 1) + 1]
    kernel = "x".join(str(a.k) for a in known)
    room = "x".join(str(a.n + a.start + a.end) for a in known)
    plain = "x".join(str(a.n) for a in known)
    pad = "x".join(str(a.start) if a.start == a.end else f"{a.start}:{a.end}" for a in known)
    need = max(-(-(a.d * (a.k - 1) + 1 - a.n) // 2) for a in shown)
    dilated = any(a.d > 1 for a in known)
    reach = "x".join(str(a.d * (a.k - 1) + 1) for a in known)
    spans = f" (with --dilation it spans {reach})" if dilated else ""
    raise SymderivError(
        f"--kernel {kernel}{spans} does not fit: the padded input is {room} (input {plain}, padding {pad}). "
        f"Use --padding {need} or a kernel up to {room}."
    )
