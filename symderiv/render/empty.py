"""Refusing a document in which nothing stands, and telling of a part that is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from symderiv.model import Derivation, SymderivError
from symderiv.render.options import PARTS, Options

_FRAME = (
    r"^(?:#+ .*|<!--.*-->|%.*|\\(?:begingroup|par\\endgroup|documentclass|usepackage|par\\medskip\\noindent\\textbf)\b.*"
    r"|\\(?:begin|end)\{document\}|.+\n-{3,})$"
)
"""What a document has round its parts: comments, headings, the preamble."""
ENOUGH = 8_000
"""Characters after which there is more than a frame."""


def not_empty(pieces: Iterable[str], options: Options) -> Iterator[str]:
    """The pieces, the first held back until there is more than a frame.

    Raises:
        SymderivError: there is nothing more.
    """
    held = ""
    rest = iter(pieces)
    if options.show == PARTS:
        yield from rest
        return
    for piece in rest:
        held += piece
        if len(held) > ENOUGH:
            break
    if not re.sub(_FRAME, "", held, flags=re.MULTILINE).strip():
        raise SymderivError(f"--show {','.join(options.show)}: with these options this layer has nothing to write there. Show other parts too.")
    yield held
    yield from rest


def has_numbers(data: Derivation) -> bool:
    """Whether the check with numbers can be written: sizes in numbers, few cells, an output that fits on paper."""
    return data.worked is not None and len(data.layer.output.shape) <= 2
