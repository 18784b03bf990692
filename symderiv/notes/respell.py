"""Spellings that take several signs, made into one before the brackets are matched.

Half-open intervals ``i \\in [0, k)`` become a call, since their brackets have no partner; ``(\\bmod 2)`` becomes
``\\pmod 2``; ``*_{full}`` is one sign; ``1_{i = j}`` is an indicator.
"""

from __future__ import annotations

from symderiv.notes.tokens import Token

_OPENS = frozenset(("LPAR", "LBRACK", "LSET", "LB", "LABS", "LFLOOR", "LCEIL"))
_CLOSES = frozenset(("RPAR", "RBRACK", "RSET", "RB", "RABS", "RFLOOR", "RCEIL"))
_INTERVAL = {("LBRACK", "RPAR"): "[)", ("LPAR", "RBRACK"): "(]"}
INTERVALS = frozenset(_INTERVAL.values())
MOST_INSIDE = 300
MODES = frozenset(("full", "valid", "same"))


def respell(tokens: list[Token]) -> list[Token]:
    """The tokens with those spellings replaced."""
    for rewrite in (_intervals, _modulus, _modes, _indicators):
        tokens = rewrite(tokens)
    return tokens


def _closing(tokens: list[Token], at: int) -> int:
    """Where the bracket at ``at`` ends, whatever its kind; 0 where it does not, or only far away: a set and a condition are short."""
    depth = 0
    for k in range(at, min(len(tokens), at + MOST_INSIDE)):
        depth += (tokens[k].kind in _OPENS) - (tokens[k].kind in _CLOSES)
        if depth == 0:
            return k
    return 0


def _intervals(tokens: list[Token]) -> list[Token]:
    """``[0, k)`` after a sign of membership, or after ``\\times`` and such a set."""
    out = list(tokens)
    for at, end in reversed(_sets(out)):
        name = _INTERVAL.get((out[at].kind, out[end].kind))
        if name is not None and any(token.kind == "COMMA" for token in out[at:end]):
            opening, closing = out[at], out[end]
            out[end] = closing._replace(kind="RPAR", text=")")
            out[at : at + 1] = [opening._replace(kind="FUNC", text=name), opening._replace(kind="LPAR", text="(", space=False)]
    return out


def _sets(tokens: list[Token]) -> list[tuple[int, int]]:
    """Where each bracketed set begins and ends."""
    found: list[tuple[int, int]] = []
    for at in range(1, len(tokens)):
        last = tokens[at - 1]
        member = last.kind == "REL" and last.text in ("in", "notin")
        times = last.kind == "OP" and last.text == r"\times" and bool(found) and found[-1][1] == at - 2
        if tokens[at].kind in ("LBRACK", "LPAR", "LSET") and (member or times):
            end = _closing(tokens, at)
            if end:
                found.append((at, end))
    return found


def _modulus(tokens: list[Token]) -> list[Token]:
    """``mod`` by any name as the sign; ``(mod 2)`` as ``\\pmod 2``."""
    out = [
        token._replace(kind="OP", text=r"\bmod") if token.kind in ("NAME", "FUNC", "WORDS") and token.text.strip().lower() == "mod" else token
        for token in tokens
    ]
    for at in range(len(out) - 2, -1, -1):
        if out[at].kind != "LPAR" or out[at + 1].kind != "OP" or out[at + 1].text != r"\bmod":
            continue
        end = _closing(out, at)
        if end:
            out[end : end + 1] = []
            out[at : at + 2] = [out[at + 1]._replace(text=r"\pmod", place=out[at].place.to(out[at + 1].place))]
    return out


def _modes(tokens: list[Token]) -> list[Token]:
    """``*_{full}``, ``*_{\\text{valid}}``: how far the maps overlap is part of the sign."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "OP" and token.extra:
            if token.extra in MODES:
                token = token._replace(text=f"{token.text} {token.extra}", extra="")
            else:
                token = token._replace(kind="BAD", text=f"'{token.extra}' over '{token.text}' is not understood", extra="")
        elif token.kind == "OP" and at + 2 < len(tokens) and tokens[at + 1].kind in ("SUB", "SUP") and tokens[at + 2].kind == "LB":
            end = _closing(tokens, at + 2)
            word = "".join(one.text for one in tokens[at + 3 : end]).strip("'’ ").lower() if end else ""
            if word in MODES:
                out.append(token._replace(text=f"{token.text} {word}", place=token.place.to(tokens[end].place)))
                at = end + 1
                continue
        elif token.kind in ("WORDS", "NAME", "FUNC") and 0 < at < len(tokens) - 1 and tokens[at - 1].kind == "COMMA":
            word = token.text.strip("'’‘`\"“” ").lower()
            if word in MODES and tokens[at + 1].kind == "RPAR":
                token = token._replace(kind="NAME", text=f"'{word}'")
        out.append(token)
        at += 1
    return out


def _indicators(tokens: list[Token]) -> list[Token]:
    """``1_{i = j}``: a number has no subscript, so a 1 with a relation below is an indicator."""
    out = list(tokens)
    for at in range(len(out) - 2):
        if out[at].kind == "NUMBER" and out[at].text == "1" and out[at + 1].kind == "SUB" and out[at + 2].kind == "LB":
            end = _closing(out, at + 2)
            if any(token.kind == "REL" for token in out[at + 2 : end]):
                out[at] = out[at]._replace(kind="INDICATOR")
    return out
