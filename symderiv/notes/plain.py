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


_TITLE = re.compile(r"[A-Za-z]{3,30}(?:[ -][A-Za-z]{3,30}){0,4}[:：][ \t]+|[\u4e00-\u9fff]{1,12}[:：][ \t]*")
"""Words before mathematics, ``upper left corner: ``."""
_REMARK = re.compile(
    r"(?<=[ \t])(?:\#|//|<-|←|—|–)(?=[^\r\n]{0,200}?(?:[A-Za-z]{3}|[\u4e00-\u9fff]))[^\r\n]*$|(?:[,;，；][ \t]{0,20})?(?:(?<![A-Za-z])(?:because|since|due to)(?![A-Za-z])|因为|由于)[^\r\n]*$"
    r"|(?:\((?=[^()]*[a-z]{3})(?![^()]*\b(?:otherwise|else|if|when|for|where|unless|only|except)\b)[^()\r\n\d=*/+_^]+\)"
    r"|（(?![^（）]*(?:否则|其他|其它|其余|若|如果|当|仅|只|除))[^（）\r\n\d=*/+_^]*[\u4e00-\u9fff][^（）\r\n\d=*/+_^]*）)[.。]?[ \t]{0,20}$", re.I)
"""Words behind mathematics that neither restrict it nor go on with it."""


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
    evident = continues or (after_plain and line.lstrip().startswith("="))
    title = _TITLE.match(text, first, last)
    begin, end = title.end() if title else first, _without_remark(text, first, last)
    for a, b in dict.fromkeys([(begin, end), (first, last)]):
        tex = bool(re.search(r"\\[A-Za-z]", text[a:b]))
        if a < b and _is_formula(Lexer(Text(text[a:b], a), not tex).run(), text, evident):
            return a, b, tex, continues
    return None


def _without_remark(text: str, first: int, last: int) -> int:
    """Where a remark begins that says nothing of its own: a comment, "because ...", words in brackets."""
    found = _REMARK.search(text, first, last)
    if found is None or _SIGNS.search(found.group()):
        return last
    return first + len(text[first : found.start()].rstrip())


# -- mathematics in a sentence -----------------------------------------------------------------
_SUBSCRIPTED = re.compile(r"[_∂₀-₉\[]|\\partial|\\nabla|[A-Za-z]\d|d[A-Za-z]/d[A-Za-z]")
_UP = frozenset(("LPAR", "LBRACK", "LB"))
_DOWN = frozenset(("RPAR", "RBRACK", "RB"))
_BETWEEN = frozenset(("WORDS", "COMMA", "COLON", "PERIOD", "SEMI", "CUT"))
_LEADING = re.compile(
    r"(?:(?:so|thus|hence|therefore|then|and|also|now|finally|similarly|likewise|for (?:example|instance)|we (?:have|get|find|obtain|see)|(?:this|which) gives"
    r"|it follows|that|the (?:gradient|derivative|result|answer|equation|formula)|is|(?:in|at|for) the (?:(?:top|bottom|upper|lower)[ -]?)?(?:(?:left|right) )?"
    r"(?:corner|edge|border|centre|center|interior|middle))(?![A-Za-z])|因此|所以|于是|得到|得|有|即|故|从而|例如|同理|我们|可得|[\s,:，：])*", re.I)
_FOLLOWING = re.compile(
    r"(?:(?:which|that|is right|is true|follows|holds|as (?:above|before|expected|claimed)|too|as well|again|(?:by|from) the chain rule)(?![A-Za-z])|成立|同理|[\s,.;，。；])*", re.I)
_OPERATES = re.compile(r"(?<![A-Za-z])(?:minus|plus|times|twice|half|not|never|n't|without|except|unless|sum|difference|product)(?![A-Za-z])|[$`=]|负|倍|不", re.I)
"""Words before a colon that may do something to the equation behind it."""
BESIDE = "words stand beside this mathematics: put it between dollar signs, or on a line of its own"


def inside(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool, str]]:
    """The equations between gradients or entries in a line of prose: begin, end, whether it is LaTeX, and what is against reading it.

    Only words of the closed lists may stand beside an equation that is read: others may belong to it.
    """
    head, _, tail = text[start:end].partition("=")
    if not (_SUBSCRIPTED.search(head) and _SUBSCRIPTED.search(tail)) or "|" in text[start:end] or "`" in text[start:end]:
        return
    tex = bool(re.search(r"\\[A-Za-z]", text[start:end]))
    tokens = Lexer(Text(text[start:end], start), not tex).run()
    if any(token.kind == "BAD" for token in tokens):
        return
    runs = [run for run in _runs(tokens) if _equates(run) and _is_formula(run, text, False)]
    at = start
    for k, run in enumerate(runs):
        first, last = run[0].place.start, run[-1].place.end
        behind = text[last : runs[k + 1][0].place.start if k + 1 < len(runs) else end]
        before = text[at:first]
        led = _LEADING.fullmatch(before) or (not k and before.rstrip().endswith((":", "：")) and not _OPERATES.search(before))
        good = led and (_FOLLOWING.fullmatch(behind) or (k + 1 < len(runs) and _LEADING.fullmatch(behind)))
        yield first, last, tex, "" if good else BESIDE
        at = last


def _runs(tokens: list[Token]) -> Iterator[list[Token]]:
    """What stands between words and commas; brackets that hold a word are words."""
    run: list[Token] = []
    group: list[Token] = []
    depth = 0
    for token in tokens:
        depth += token.kind in _UP
        if depth:
            group.append(token)
            depth -= token.kind in _DOWN
            if depth:
                continue
            if not any(_prose(t) for t in group):
                run += group
            elif run:
                yield run
                run = []
            group = []
        elif _prose(token) or token.kind in _BETWEEN:
            if run:
                yield run
            run = []
        else:
            run.append(token)
    if run:
        yield run


def _prose(token: Token) -> bool:
    return token.kind == "WORDS" or (token.kind == "NAME" and len(token.text) > 1 and token.text.isalpha())


def _equates(run: list[Token]) -> bool:
    """Gradients or entries stand on both sides of an equality sign."""
    at = next((k for k, token in enumerate(run) if token.kind == "REL" and token.text == "="), 0)

    def entries(part: list[Token]) -> bool:
        glued = any(a.kind == "NAME" and b.kind in ("NUMBER", "LBRACK") and not b.space for a, b in pairwise(part))
        return glued or any(token.kind in ("SUB", "PARTIAL", "NABLA") for token in part)

    return entries(run[:at]) and entries(run[at + 1 :])


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
