"""The names of a layer's options, once: what is typed, what a document states, and what is read back."""

from __future__ import annotations

import re

SIZES = ("input", "kernel", "stride", "padding", "dilation")
"""One size an axis, as 3x3."""
WORDS = ("batch", "channels", "filters", "groups", "ties")
"""One size or word."""
FLAGS = {"flip": "--flip", "ceil_mode": "--ceil-mode"}
"""Off until they are given."""
SWITCHES = {"bias": "--no-bias", "count_include_pad": "--no-count-include-pad"}
"""On until they are given."""
ALL = (*SIZES, *WORDS, *FLAGS, *SWITCHES)


def split_symbols(text: str) -> list[str]:
    """``input=X,weight=W^{(1,2)}`` at the commas that stand in no brace."""
    return [part.strip() for part in re.split(r",(?![^{]*\})", text)]


def flag(option: str) -> str:
    """The option as it is named: ``ceil_mode`` is ``--ceil-mode``."""
    return "--" + option.replace("_", "-")


def typed_as(option: str) -> str:
    """What one types to leave the default: ``bias`` is ``--no-bias``."""
    return SWITCHES.get(option, flag(option))
