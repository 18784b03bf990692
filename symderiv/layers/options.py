"""Reading and validating the options that window layers share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from operator import index
from typing import Any, Union

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
    if isinstance(value, bool) or (not isinstance(value, (int, str)) and not hasattr(value, "__index__")):
        raise SymderivError(f"--{option} {value!r} is neither a whole number nor a name: write it as 3 or 'H'.")
    text = value.strip() if isinstance(value, str) else str(index(value))
    if re.fullmatch(r"-?[0-9]+", text):
        number = int(text) if len(text) < 20 else LIMIT + 1 if text[0] != "-" else -1
        if number < least:
            raise SymderivError(f"--{option} {text} is too small: use a whole number from {least}.")
        if number > LIMIT:
            raise SymderivError(f"--{option} {text if len(text) < 20 else text[:16] + '...'} is too large: use at most {LIMIT}.")
        return const(number)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", text):
        raise SymderivError(f"--{option} {text!r} is neither a whole number nor a name such as H.{_hint(text)}")
    if text in TENSOR_NAMES:
        what = "the loss" if text == "L" else "a tensor" if not text.startswith("d") else "a gradient"
        raise SymderivError(f"--{option} {text}: {text} is {what} here, so it can't be a size too. Use another letter, for example V.")
    return name(text)


def _hint(text: str) -> str:
    if re.fullmatch(r"[(\[]?\s*\w+(\s*[,X;]\s*\w+)+\s*[)\]]?", text):
        return " Part the axes by a small x: " + "x".join(re.findall(r"[0-9]+|[A-WYZa-wyz]+", text)) + "."
    if re.fullmatch(r"[0-9]+\.[0-9]*", text):
        return " Leave out the point."
    return ""


def split_axes(option: str, text: str) -> list[str]:
    """``3x4`` and ``3×4``, and ``3X4`` between digits (X alone may be a name), as the sizes of the axes.

    Raises:
        SymderivError: a size is missing beside an x.
    """
    between = "X" if re.fullmatch(r"[0-9]+(X[0-9]+)+", text.strip()) else "x"
    parts = [part.strip() for part in text.replace("×", "x").split(between)]
    if not all(parts):
        named = " (a size's name has no x in it)" if re.search("[A-Za-wyz]", text) else ""
        raise SymderivError(f"--{option} {text!r}: a size is missing{' beside the x' if len(parts) > 1 else ''}{named}. Write it as 3x3.")
    return parts


def per_axis(option: str, value: Sizes, count: int, least: int = 1) -> tuple[Form, ...]:
    """One size for every axis, from one value or from ``count`` of them."""
    values: list[SizeLike] = list(split_axes(option, value)) if isinstance(value, str) else _listed(value)
    if len(values) == 1:
        values = values * count
    if len(values) != count:
        shown = "x".join(str(v) for v in values)
        raise SymderivError(f"--{option} {shown} has {len(values)} numbers: give {_one_or(count)}.")
    return tuple(size(option, v, least) for v in values)


def _one_or(count: int) -> str:
    return "1" if count == 1 else f"1 or {count}"


def _listed(value: Iterable[Any] | SizeLike) -> list[Any]:
    """A sequence as a list, anything else as the one value that ``size`` judges."""
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def sizes_of(tensor: str, shape: Sizes) -> tuple[Form, ...]:
    """The shape of a tensor of a formula."""
    option = f"shape {tensor}"
    values: list[SizeLike] = list(split_axes(option, shape)) if isinstance(shape, str) else _listed(shape)
    return tuple(size(option, v) for v in values)


def switch(option: str, value: bool) -> bool:
    """True or False.

    Raises:
        SymderivError: neither.
    """
    if not isinstance(value, bool):
        raise SymderivError(f"{option}={value!r}: use True or False.")
    return value


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
    values: list[Any] = list(split_axes("padding", value)) if isinstance(value, str) else _listed(value)
    for word in values:
        near = get_close_matches(word, ("same", "valid"), 1) if isinstance(word, str) else []
        if near:
            raise SymderivError(f"--padding {word}: write --padding {near[0]}, alone, or a number.")
    if len(values) == 1:
        values = values * count
    if len(values) != count:
        raise SymderivError(f"--padding {'x'.join(map(str, values))} has {len(values)} parts: give {_one_or(count)}.")
    return tuple(_ends(v) for v in values)


def _ends(value: SizeLike | Sequence[SizeLike]) -> tuple[Form, Form]:
    ends = value.split(":") if isinstance(value, str) else _listed(value)
    if len(ends) == 1:
        return (size("padding", ends[0], 0),) * 2
    if len(ends) != 2 or "" in ends:
        raise SymderivError(f"--padding '{':'.join(map(str, ends))}': an axis has a start and an end, as 1:2.")
    return size("padding", ends[0], 0), size("padding", ends[1], 0)


def check_fit(axes: Sequence[Axis], pads_freely: bool = True) -> None:
    """Refuse an axis whose window does not fit; ``pads_freely`` where more padding is a remedy.

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
    largest = "x".join(str((a.n + a.start + a.end - 1) // a.d + 1) for a in known)
    same = all(a.start == a.end for a in known)
    wider = f"--padding {need} or " if pads_freely and same else ""
    raise SymderivError(
        f"--kernel {kernel}{spans} does not fit: the padded input is {room} (input {plain}, padding {pad}). "
        f"Use {wider}a kernel up to {largest}."
    )
