"""The sentences in which ``notes/`` says what it could not read, so that they can be translated.

That room knows no catalogue and no other room: its problems are plain English sentences with what was
written put in. Here are those with something put in, as patterns; the others are keys as they stand.
A test collects the sentences of ``notes/`` and finds a translation for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

READINGS = (
    r"'\%(name)s' before this is not understood", r"'\%(name)s' has no argument", r"'\%(name)s' of this is not understood",
    r"'\%(name)s' over more than one letter is not understood", r"'\%(name)s' without an environment",
    r"\begin{%(name)s} is not closed", r"\end{%(name)s} ends nothing",
    "'%(sign)s' after this is not understood", "'%(sign)s' at a function is not understood",
    "'%(sign)s' at this sign is not understood", "'%(sign)s' closes nothing", "'%(sign)s' has nothing before it",
    "'%(sign)s' is not closed", "'%(sign)s' is not understood in mathematics",
    "'%(sign)s' over '%(below)s' is not understood", "'%(sign)s' is not understood",
    "'%(sign)s' is not read here", "'%(sign)s' without an argument",
    r"'%(sign)s': write a power of ten as \cdot 10^{..}", "TeX takes one digit after '%(sign)s': write %(right)s",
    r"a number right after a factor: write \cdot before %(number)s, or braces if it is an index",
    "nothing before '%(sign)s'", "nothing follows '%(sign)s'", "nothing follows the %(sign)s",
    "nothing stands after '%(sign)s'", "several rows in %(what)s are not understood",
    "something is missing after %(sign)s", "the environment '%(name)s' is not understood",
    "the mathematics that '%(sign)s' opens here is not closed before a blank line",
    "the mathematics that '%(sign)s' opens here is not closed", "what belongs to '%(sign)s'? write brackets",
    "%(what)s beyond the limit of %(most)s %(unit)s: it has %(size)s", "%(what)s beyond the limit of %(most)s %(unit)s",
    "%(sign)s cannot follow %(before)s", "%(sign)s is not expected here",
)
LONGEST = 400


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each sentence and what it looks like with its holes filled."""
    return tuple((r, re.compile(re.sub(r"%\\\((\w+)\\\)s|%\((\w+)\)s", _hole, re.escape(r)), re.DOTALL)) for r in READINGS)


def _hole(match: re.Match[str]) -> str:
    return f"(?P<{match[1] or match[2]}>.+?)"


def taken_apart(sentence: str) -> tuple[str, Mapping[str, str]] | None:
    """The sentence's pattern and what was put in; None where it is not one of them."""
    if len(sentence) > LONGEST:
        return None
    for reading, pattern in _patterns():
        match = pattern.fullmatch(sentence)
        if match:
            return reading, match.groupdict()
    return None
