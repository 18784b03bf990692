"""The second pass over the tokens: arguments get their braces, brackets their partner.

After it every ``SUB``, ``SUP``, ``FRAC`` and ``SQRT`` is followed by a group in braces, every bracket has a
partner or is ``BAD``, a ``[`` right after a name is an ``INDEX``, a bar opens, closes or divides, ``w11`` has
its digits below, and the d of a differential is a ``DEE``.
"""

from __future__ import annotations

from dataclasses import dataclass

from symderiv.notes import limits
from symderiv.notes.tokens import Token

_CLOSES = {
    "RPAR": "LPAR", "RBRACK": "LBRACK", "RSET": "LSET", "RABS": "LABS", "RFLOOR": "LFLOOR", "RCEIL": "LCEIL", "RB": "LB",
}  # fmt: skip
_OPENS = frozenset(_CLOSES.values())
_PRINTED = frozenset(("LPAR", "LBRACK", "LSET", "LABS", "LFLOOR", "LCEIL"))
_WANTS = {"SUB": 1, "SUP": 1, "FRAC": 2, "SQRT": 1}
_OPERAND = frozenset(("NAME", "NUMBER", "INDICATOR", "DOTS", "MARK", "PRIME"))
_SINGLE = frozenset(("NUMBER", "NAME", "INDICATOR", "DOTS", "PRIME", "OP", "SIGN", "DEGREE", "WORDS", "FUNC", "BIG", "PARTIAL"))


@dataclass
class _Frame:
    """An open bracket: its kind, where it is in the output, and what holds inside and after it."""

    kind: str
    at: int
    owner: str
    index: bool
    glue: bool
    operand: bool
    left: int = 0
    """Arguments still wanted after this one."""
    maybe_index: bool = False
    relation: bool = False
    name: str = ""


def match_brackets(tokens: list[Token], plain: bool) -> list[Token]:
    """The tokens of a span with every argument and bracket settled."""
    return _Matcher(plain).run(tokens)


class _Matcher:
    def __init__(self, plain: bool) -> None:
        self.plain = plain
        self.out: list[Token] = []
        self.stack: list[_Frame] = []
        self.operand = False
        self.want, self.owner = 0, ""
        self.dropped: set[int] = set()
        self.failures = 0
        """Closing brackets without an opening one; after some, they are no longer searched for."""

    def run(self, tokens: list[Token]) -> list[Token]:
        waiting = list(reversed(tokens))
        while waiting:
            token = waiting.pop()
            if self.want:
                self._argument(token, waiting)
            else:
                self._token(token, waiting)
        if self.want:
            self._spoil(len(self.out) - 1, f"nothing follows '{self.out[-1].text}'")
        for frame in self.stack:
            self._spoil(frame.at, _unclosed(frame, self.out[frame.at]))
        return [token for at, token in enumerate(self.out) if at not in self.dropped]

    # -- helpers ---------------------------------------------------------------------------
    def _spoil(self, at: int, message: str, limit: str = "") -> None:
        if self.out[at].kind != "BAD":
            self.out[at] = self.out[at]._replace(kind="BAD", text=message, extra=limit)

    def _push(self, token: Token, kind: str, owner: str = "", left: int = 0, maybe_index: bool = False) -> None:
        top = self.stack[-1] if self.stack else None
        index, glue = (top.index, top.glue) if top else (False, True)
        if owner == "SUB":
            big = len(self.out) >= 2 and self.out[-2].kind == "BIG"
            index, glue = True, self.plain or big
        elif maybe_index:
            index, glue = True, True
        if len(self.stack) >= 2 * limits.NESTING:
            message = limits.over("nesting", limits.NESTING, "levels")
            self._emit(token._replace(kind="BAD", text=message, extra="nesting"))
            return
        operand = self.operand if owner in ("SUB", "SUP") else True
        self.out.append(token._replace(kind=kind))
        self.stack.append(_Frame(kind, len(self.out) - 1, owner, index, glue, operand, left, maybe_index, name=token.text))
        if len(self.stack) > limits.NESTING:
            self._spoil(len(self.out) - 1, limits.over("nesting", limits.NESTING, "levels"), "nesting")
        self.operand = False

    @property
    def _index(self) -> bool:
        return bool(self.stack) and self.stack[-1].index

    def _emit(self, token: Token, operand: bool | None = None) -> None:
        self.out.append(token)
        self.operand = token.kind in _OPERAND if operand is None else operand

    # -- arguments -------------------------------------------------------------------------
    def _argument(self, token: Token, waiting: list[Token]) -> None:
        """The token that follows ``_``, ``^`` or a fraction: a group, or one sign that gets braces."""
        owner, left = self.owner, self.want - 1
        self.want = 0
        if token.kind == "LB":
            self._push(token, "LB", owner, left)
        elif token.kind == "BAD" or token.kind not in _SINGLE:
            self._spoil(len(self.out) - 1, f"nothing follows '{self.out[-1].text}'")
            waiting.append(token)
        elif token.kind == "NUMBER" and len(token.text) > 1 and not self.plain:
            self._split_number(token, owner, left, waiting)
        else:
            place = token.place
            self._push(Token("LB", "{", place), "LB", owner, left)
            waiting += [Token("RB", "}", place), token]

    def _split_number(self, token: Token, owner: str, left: int, waiting: list[Token]) -> None:
        """TeX takes one digit: fine in ``\\frac12``; ``I_12`` means something else than it says."""
        if owner in ("SUB", "SUP"):
            sign = "_" if owner == "SUB" else "^"
            self._emit(token._replace(kind="BAD", text=f"TeX takes one digit after '{sign}': write {sign}{{{token.text[:12]}}}"))
            return
        start = token.place.start
        middle = type(token.place)(start, min(start + 1, token.place.end))
        rest = type(token.place)(middle.end, max(middle.end, token.place.end))
        self.want, self.owner = left + 1, owner
        waiting += [token._replace(text=token.text[1:], place=rest), token._replace(text=token.text[0], place=middle)]

    # -- tokens ----------------------------------------------------------------------------
    def _token(self, token: Token, waiting: list[Token]) -> None:
        kind = token.kind
        if kind in _WANTS:
            if kind in ("SUB", "SUP") and not self.out and not self.stack:
                self._emit(token._replace(kind="BAD", text=f"nothing before '{token.text}'"))
                return
            keep = self.operand
            self._emit(token, keep if kind in ("SUB", "SUP") else False)
            self.want, self.owner = _WANTS[kind], kind
        elif kind == "BAR":
            self._bar(token)
        elif kind == "NODELIM":
            self._no_delimiter(token)
        elif kind in _OPENS:
            indexing = kind == "LBRACK" and self._after_name(token)
            self._push(token, kind, maybe_index=indexing)
        elif kind in _CLOSES:
            self._close(token)
        elif kind in ("MATRIX", "CASES", "ALIGN"):
            self._push(token, kind)
        elif kind == "ENDENV":
            self._end(token)
        elif kind in ("ROW", "AMP") and self.stack and self.stack[-1].kind in _PRINTED:
            self._inner_break(token, waiting)
        elif kind == "NUMBER":
            self._number(token)
        elif kind == "NAME":
            self._emit(token._replace(kind="DEE") if token.text == "d" and not self._index else token)
        else:
            if kind == "REL" and self.stack:
                self.stack[-1].relation = True
            self._emit(token)

    def _inner_break(self, token: Token, waiting: list[Token]) -> None:
        """A row's end or ``&`` inside printed brackets says nothing beside an operator; between factors it is not understood."""
        while waiting and waiting[-1].kind == "WIDE":
            waiting.pop()  # the indent of a row
        following = next((one.kind for one in reversed(waiting) if one.kind not in ("ROW", "AMP", "WIDE")), "")
        if self.operand and following not in ("SIGN", "OP", "REL", "COMMA") and following not in _CLOSES:
            self._emit(token._replace(kind="BAD", text="a line that ends between two factors, inside brackets, is not understood"))

    def _after_name(self, token: Token) -> bool:
        if token.space or token.extra == "left" or not self.out or not self.operand:
            return False
        last = self.out[-1].kind
        return last in ("NAME", "PRIME", "RB", "RBRACK", "MARK") and not (last == "RBRACK" and self.out[-1].extra != "index")

    def _number(self, token: Token) -> None:
        """Digits right after a letter stand below it; a number after another factor is a slip."""
        glue = self.stack[-1].glue if self.stack else True
        last = self.out[-1] if self.out else None
        if last and last.kind in ("NAME", "DEE") and not token.space and glue and last.place.end == token.place.start:
            self._emit(Token("SUB", "glued", token.place))
            self._emit(Token("LB", "{", token.place))
            self._emit(token)
            self._emit(Token("RB", "}", token.place), True)
        elif self.operand and not self._index and self.out[-1].kind != "DOTS":
            self._emit(token._replace(kind="BAD", text=rf"a number right after a factor: write \cdot before {token.text[:12]}, or braces if it is an index"))
        else:
            self._emit(token)

    def _bar(self, token: Token) -> None:
        if self.operand and self.stack and self.stack[-1].name == "|":
            self._close(token._replace(kind="RABS"))
        elif not self.operand:
            self._push(token, "LABS")
        else:
            if self.stack:
                self.stack[-1].relation = True
            self._emit(token._replace(kind="REL", text="divides"), False)

    # -- closing ---------------------------------------------------------------------------
    def _close(self, token: Token) -> None:
        frame = self._unwind(_CLOSES[token.kind], "")
        if frame is None:
            self._emit(token._replace(kind="BAD", text=f"'{_printed(token)}' closes nothing"))
            return
        if frame.maybe_index and not frame.relation:
            self.out[frame.at] = self.out[frame.at]._replace(kind="INDEX")
            token = token._replace(extra="index")
        elif frame.maybe_index:
            token = token._replace(extra="")
        if self.out[frame.at].kind == "BAD":
            self._emit(self.out[frame.at]._replace(place=token.place))
            return
        if token.kind == "RB" and self._mark(frame, token):
            return
        self._emit(token, frame.operand)
        if frame.left:
            self.want, self.owner = frame.left, frame.owner
        if token.kind == "RB" and not frame.owner and len(self.out) - frame.at == 2:
            self.dropped.update((frame.at, frame.at + 1))
            self.operand = frame.at > 0

    def _mark(self, frame: _Frame, token: Token) -> bool:
        """A superscript of primes, a star, a sign or a degree is a mark on the name before it."""
        if frame.owner != "SUP":
            return False
        inside = self.out[frame.at + 1 :]
        place = self.out[frame.at].place.to(token.place)
        if inside and all(one.kind == "PRIME" for one in inside):
            marks = [one._replace(place=place) for one in inside]
        elif len(inside) == 1 and inside[0].kind in ("OP", "SIGN", "DEGREE"):
            marks = [Token("MARK", _MARKS.get(inside[0].text, inside[0].text), place)]
        else:
            return False
        del self.out[frame.at - 1 :]
        self.dropped = {at for at in self.dropped if at < frame.at - 1}
        for one in marks:
            self._emit(one)
        return True

    def _unwind(self, kind: str, name: str) -> _Frame | None:
        """Pop to the innermost open ``kind``; what was opened inside it and not closed is spoilt."""
        for depth in range(len(self.stack) - 1 if self.failures < 100 else -1, -1, -1):
            frame = self.stack[depth]
            if frame.kind == kind and (not name or frame.name == name):
                for inner in self.stack[depth + 1 :]:
                    self._spoil(inner.at, _unclosed(inner, self.out[inner.at]))
                del self.stack[depth:]
                return frame
            if frame.kind in ("MATRIX", "CASES", "ALIGN") and not name:
                break
        self.failures += 1
        return None

    def _end(self, token: Token) -> None:
        kind = next((frame.kind for frame in reversed(self.stack) if frame.name == token.text), "")
        if token.text == "subarray":
            self._close(token._replace(kind="RB"))
            return
        frame = self._unwind(kind, token.text) if kind else None
        if frame is None:
            self._emit(token._replace(kind="BAD", text=f"\\end{{{token.text[:40]}}} ends nothing"))
            return
        ending = "UNALIGN" if frame.kind == "ALIGN" else "END"
        self._emit(token._replace(kind=ending), ending == "END")

    def _no_delimiter(self, token: Token) -> None:
        r"""``\left.`` and ``\right.``: nothing where both are, cases after ``\left\{``."""
        if token.extra == "left":
            self._push(token, "NODELIM")
            return
        frame = self.stack[-1] if self.stack else None
        if frame and frame.kind == "NODELIM":
            self.stack.pop()
            self.dropped.add(frame.at)
            self.operand = True
        elif frame and frame.kind == "LSET" and self._cases(frame):
            self.stack.pop()
            self.operand = True
        else:
            self._emit(token._replace(kind="BAD", text=r"'\right.' closes nothing that is understood"))

    def _cases(self, frame: _Frame) -> bool:
        first, last = frame.at + 1, len(self.out) - 1
        if last <= first or self.out[first].kind not in ("MATRIX", "ALIGN", "CASES") or self.out[last].kind not in ("END", "UNALIGN"):
            return False
        self.out[first] = self.out[first]._replace(kind="CASES")
        self.out[last] = self.out[last]._replace(kind="END")
        self.dropped.add(frame.at)
        return True


_MARKS = {r"\ast": "*", r"\star": "*", r"\circ": "°"}


def _printed(token: Token) -> str:
    return {"RPAR": ")", "RBRACK": "]", "RSET": r"\}", "RABS": "|", "RB": "}"}.get(token.kind, token.text)


def _unclosed(frame: _Frame, token: Token) -> str:
    if frame.kind in ("MATRIX", "CASES", "ALIGN"):
        return f"\\begin{{{frame.name}}} is not closed"
    if frame.kind == "NODELIM":
        return r"'\left.' is not closed"
    printed = {"LPAR": "(", "LBRACK": "[", "LSET": r"\{", "LABS": "|", "LB": "{"}.get(frame.kind, token.text)
    return f"'{printed}' is not closed"
