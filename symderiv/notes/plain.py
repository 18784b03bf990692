"""Lines that are mathematics without delimiters: ``dL/dI_12 = dL/dO_11*W_12``, ``∂L/∂I₁₁ = ...``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from symderiv.notes import commands as table
from symderiv.notes.macros import Text
from symderiv.notes.tokens import Lexer, Token

_LINE = re.compile(r"[^\r\n]+")
_LIST = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,3}[.)]|[(（](?:\d{1,3}|[ivx]{1,5})[)）])[ \t]+)*")
_HEADING = re.compile(r"[ \t>]*#{1,6}[ \t]")
_EVIDENCE = frozenset(("SUB", "SUP", "PARTIAL", "BIG", "NABLA", "OP", "FRAC"))
_MAX_LINE = 20_000
_SIGNS = re.compile(r"=|＝|≜|:=")
_ITEM = re.compile(r"[ \t>]*([-*+])[ \t]+(?:\{[^{}=]*\}|\([^()=]*\)|\[[^\[\]=]*\]|[^-=＝≜:+*·×⋅{}()\[\]])+(?:=|＝|≜|:=)")
"""A bullet before one left side: ``- dL/dI_11 = ...``, where ``- a*b = ...`` is a term with a minus."""
_START = re.compile(r"[ \t]*(=|＝|[+·×*/⋅]\s|[+·×]|-\s*\S)")


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every line that may be mathematics."""
    for match in _LINE.finditer(text):
        if match.end() - match.start() <= _MAX_LINE and not match.group().isspace():
            yield match.span()


def is_item(line: str, listed: bool) -> bool:
    """Whether a line is an item of a list with an equation of its own, not a term of the equation before it.

    ``listed``: no such equation, or another item, stands directly before it; a plus is then a bullet too.
    """
    found = _ITEM.match(line)
    return found is not None and (found.group(1) != "+" or listed)


def judge(text: str, start: int, end: int, after_plain: bool, listed: bool = False) -> tuple[int, int, bool, bool] | None:
    """Where the mathematics of a line begins and ends, whether it is LaTeX, whether it continues the line before.

    ``after_plain``: only blank lines stand between it and such a line; ``listed``: see `is_item`.
    None where the line is prose: words of a sentence in it, no equality sign, or no sign of a formula.
    """
    line = text[start:end]
    continues = after_plain and bool(_START.match(line)) and not line.lstrip().startswith(("=", "＝")) and not is_item(line, listed)
    if not continues and (not _SIGNS.search(line) or _HEADING.match(line)):
        return None
    first = start if continues else start + _LIST.match(line).end()  # type: ignore[union-attr]
    last = start + len(line.rstrip())
    if first >= last or ("|" in line and line.count("|") > 2):
        return None
    tex = bool(re.search(r"\\[A-Za-z]", line))
    tokens = Lexer(Text(text[first:last], first), not tex).run()
    if not _is_formula(tokens, text, continues or (after_plain and line.lstrip().startswith("="))):
        return None
    return first, last, tex, continues


def _is_formula(tokens: list[Token], text: str, evident: bool) -> bool:
    names = [token for token in tokens if token.kind == "NAME"]
    if not tokens or any(token.kind == "BAD" for token in tokens):
        return False
    if tokens[0].kind in ("SUP", "SUB", "OP") and not evident:
        return False
    for one, two in pairwise(tokens):
        if one.kind == "PERIOD" and not two.space:
            return False
        if one.kind == two.kind == "NAME" and two.space and _wordlike(one) + _wordlike(two) > 0:
            return False
        if two.space and _wordlike(one) and two.kind in ("NUMBER", "NAME", "PARTIAL", "LPAR"):
            return False
        if {one.kind, two.kind} == {"NAME", "WORDS"} and (_wordlike(one) or _wordlike(two)):
            return False
    words = [token for token in tokens if token.kind == "WORDS"]
    if any(not _known(token) for token in words):
        return False
    if evident:
        return True
    related = any(token.kind == "REL" and token.text == "=" for token in tokens)
    greek = any(token.text.startswith("\\") for token in names)
    brackets = any(
        one.kind == "NAME" and two.kind == "LBRACK" and not two.space for one, two in pairwise(tokens)
    )
    hinted = any(re.match(r"d[A-Za-z]+_d|grad_|\w+_grad$", token.text) for token in names)
    glued = any(
        one.kind == "NAME" and two.kind == "NUMBER" and not two.space for one, two in pairwise(tokens)
    )
    applied = any(one.kind == "FUNC" and two.kind == "LPAR" and not two.space for one, two in pairwise(tokens))
    return related and (greek or brackets or hinted or glued or applied or any(token.kind in _EVIDENCE for token in tokens))


def _wordlike(token: Token) -> bool:
    return token.kind == "NAME" and len(token.text) > 1 and token.text.isalpha()


def _known(token: Token) -> bool:
    text = token.text.strip().lower()
    return text in table.CONDITION_WORDS or text in table.CONNECTIVES or not text.isascii()
