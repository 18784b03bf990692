"""Refusing a document in which nothing stands, and telling of a part that is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

from symderiv.model import Derivation, SymderivError
from symderiv.picture_model import KINDS
from symderiv.render.options import PARTS, PICTURES, Options
from symderiv.render.sums import has_sum_rule

_FRAME = (
    r"^(?:#+ .*|=+ .*|//.*|#(?:set|show)\b.*|<!--.*-->|%.*|\\(?:begingroup|par\\endgroup|documentclass|usepackage|par\\medskip\\noindent\\textbf)\b.*"
    r"|\\(?:begin|end)\{document\}|.+\n-{3,})$"
)
"""What a document has round its parts: comments, headings, the preamble."""
NEED_NUMBERS = ("entry", "strip", "regions", "elements", "check", *PICTURES)
"""The parts that a layer with a name for a size does not have."""
ENOUGH = 8_000
"""Characters after which there is more than a frame."""


def not_empty(pieces: Iterable[str], options: Options, numeric: bool) -> Iterator[str]:
    """The pieces, the first held back until there is more than a frame; ``numeric`` is whether all sizes are numbers.

    A web page sees to it itself: its frame is long.

    Raises:
        SymderivError: there is nothing more.
    """
    held = ""
    rest = iter(pieces)
    if options.show == PARTS or options.format == "html":
        yield from rest
        return
    for piece in rest:
        held += piece
        if len(held) > ENOUGH:
            break
    if not re.sub(_FRAME, "", held, flags=re.MULTILINE).strip():
        refuse_empty(options, numeric)
    yield held
    yield from rest


def refuse_empty(options: Options, numeric: bool) -> NoReturn:
    """Say that nothing stands in the parts that were asked for. Raises SymderivError."""
    idle = [] if numeric else unnumbered(options.show)
    why = f": {_listed(idle)} need{'' if idle[1:] else 's'} numbers for all sizes" if idle else ""
    raise SymderivError(f"--show {','.join(options.show)}: with these options this layer has nothing to write there{why}. Show other parts too.")


def unnumbered(show: Sequence[str]) -> list[str]:
    """Those of the parts that need a number for every size."""
    return [part for part in show if part in NEED_NUMBERS]


def left_out(data: Derivation, show: Sequence[str]) -> list[str]:
    """What to tell of the parts that were asked for and that this layer does not have, beside others that it has."""
    if has_sum_rule(data):
        show = [part for part in show if part != "check"]
    if not data.layer.numeric:
        idle = unnumbered(show)
        if not idle or len(idle) == len(show):
            return []
        why = "are left out: they need" if idle[1:] else "is left out: it needs"
        return [f"--show {','.join(idle)} {why} numbers for all sizes."]
    return _left_out_of_numbers(data, show)


def _left_out_of_numbers(data: Derivation, show: Sequence[str]) -> list[str]:
    found = {p.kind for p in data.pictures(None, 1)} if data.pictures and set(show) & set(PICTURES) else set()
    if "pictures" in show and not found:
        return ["--show pictures is left out: there are pictures of convolution and pooling with one or two axes, and of dL/dI."]
    missing = [f"picture-{kind}" for kind in KINDS if f"picture-{kind}" in show and kind not in found]
    if missing:
        return [f"--show {','.join(missing)} is left out: this layer has no such picture, or one too large to be read."]
    if "check" in show and len(show) > 1 and not has_numbers(data):
        return ["--show check is left out: only a small layer with numbers for all sizes has a number example."]
    return []


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def has_numbers(data: Derivation) -> bool:
    """Whether the check with numbers can be written: sizes in numbers, few cells, an output that fits on paper."""
    return data.worked is not None and len(data.layer.output.shape) <= 2
