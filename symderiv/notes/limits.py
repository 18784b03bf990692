"""The limits that keep the reading of a stranger's file bounded. Each is named in the problem that reports it."""

from __future__ import annotations

FILE_BYTES = 2_000_000
SPANS = 10_000
"""Pieces of mathematics in a file."""
FILE_TOKENS = 400_000
"""Signs of mathematics that are read in a file, all spans together."""
SPAN_LENGTH = 1_000_000
PIECE_TOKENS = 20_000
"""Signs in one equation."""
NESTING = 40
"""Brackets, scripts, fractions and sums in one another."""
DIGITS = 30
EXPONENT = 64
"""The largest numeric exponent that is read."""
CELLS = 4_096
"""Cells of one matrix."""
EXPANSIONS = 2_000
"""Uses of the file's own macros in a span."""
MACRO_DEPTH = 16
MACRO_LENGTH = 5_000
"""Length of the body of one macro."""
MACRO_PROBLEMS = 50
"""Definitions of macros that are not closed, after which no more are looked for."""
EXPANDED = 50_000
"""Length of a span with its macros expanded."""
FILE_EXPANDED = 50_000
"""How much longer all spans of a file may grow together."""


def over(limit: str, allowed: int, unit: str) -> str:
    """The message of a limit: ``nesting deeper than the limit of 40 levels``."""
    return f"{limit} beyond the limit of {allowed} {unit}"
