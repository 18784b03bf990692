"""The names of a layer's options, once: what is typed, what a document states, and what is read back."""

from __future__ import annotations

SIZES = ("input", "kernel", "stride", "padding", "dilation")
"""One size an axis, as 3x3."""
WORDS = ("batch", "channels", "filters", "groups", "ties")
"""One size or word."""
FLAGS = {"flip": "--flip", "ceil_mode": "--ceil-mode"}
"""Off until they are given."""
SWITCHES = {"bias": "--no-bias", "count_include_pad": "--no-count-include-pad"}
"""On until they are given."""
ALL = (*SIZES, *WORDS, *FLAGS, *SWITCHES)


def flag(option: str) -> str:
    """The option as it is typed: ``ceil_mode`` is ``--ceil-mode``."""
    return "--" + option.replace("_", "-")
