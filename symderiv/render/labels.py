"""The labels of a LaTeX document, told in a comment at its end: only there is it known which were written."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator


def with_labels_told(pieces: Iterable[str], prefix: str) -> Iterator[str]:
    """The pieces, and behind them the labels; of those that differ in their numbers only, the first and the last."""
    label = re.compile(rf"\\label\{{{re.escape(prefix)}(.*?)\}}")
    kinds: dict[str, list[str]] = {}
    for piece in pieces:
        for name in label.findall(piece):
            kinds.setdefault(re.sub(r"\d+", "#", name), [name, name])[1] = name
        yield piece
    if kinds:
        told = ", ".join(prefix + first + (f" to {prefix}{last}" if last != first else "") for first, last in kinds.values())
        yield textwrap.fill(told, 100, initial_indent="% Labels: ", subsequent_indent="%   ", break_long_words=False, break_on_hyphens=False) + "\n"
