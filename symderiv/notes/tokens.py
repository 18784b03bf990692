"""Text -> tokens: the signs of LaTeX, Unicode and plain-text mathematics, each with its place.

The tokeniser never fails: what it does not know becomes a ``BAD`` token whose ``text`` is the
message, and the equation around it is then unreadable. Kinds are the grammar's terminals and, for the
cutting: ``CUT`` (an implication arrow), ``WIDE`` (``\\quad``), ``PERIOD``, ``LABEL``, ``ALIGN``/``UNALIGN``
(an aligned environment's ends), ``BAR``, ``LEFT``/``RIGHT`` (of ``\\left``, ``\\right``), ``BEGIN``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property
from typing import NamedTuple

from symderiv.notes import commands as table
from symderiv.notes import limits
from symderiv.notes.macros import Text, closings
from symderiv.notes.tree import Place


class Token(NamedTuple):
    """One sign. ``space``: white space before it. ``extra``: what stands over an arrow, an environment's name."""

    kind: str
    text: str
    place: Place
    space: bool = False
    extra: str = ""


_WORD = re.compile(r"[A-Za-z]+")
_TEX_WORD = re.compile(r"[A-Za-z]{1,40}")
"""The start of a longer run is no word either: each of its letters is a name, and looks at no more than this."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_EXPONENT = re.compile(r"[eE][-+]?\d+")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+\*?|.)", re.S)
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z]*")
_GRADIENT_NAME = re.compile(
    r"d[A-Za-z]+_d[A-Za-z]+(?:\d+(?![A-Za-z]))?|grad_[A-Za-z]+|[A-Za-z]+_grad\b|d(?:L|J|E|Loss|loss)d[A-Za-z]\b"
)
_TEX_GRADIENT = re.compile(r"d[A-Z]\\?_d[A-Za-z](?![A-Za-z])|grad\\?_[A-Za-z](?![A-Za-z])")
"""``dL\\_dW``: Markdown's authors write the backslash, so that no emphasis begins there."""
_PLAIN_SCRIPT = re.compile(r"_(\d+|[a-z]+\d*(?:[a-z]\d*)*(?![A-Za-z])|[A-Za-z])")
_MODE = re.compile(r"(['\"`])(full|valid|same)['\"]")
"""How far two maps overlap, as code writes it."""
_PREFIX = re.compile(r"(?:np|numpy|torch|signal|F)\.(?=[a-z])")
_SUCH_THAT = re.compile(r"s\.\s?t\.")
_SIGNS = {
    ":=": ("REL", "="), "==": ("REL", "="), "<=": ("REL", "<="), ">=": ("REL", ">="), "!=": ("REL", "neq"),
    "->": ("REL", "arrow"), "=>": ("CUT", "=>"), "+=": ("REL", "+="), "...": ("DOTS", "..."), "..": ("DOTS", ".."),
    "=": ("REL", "="), "<": ("REL", "<"), ">": ("REL", ">"), "+": ("SIGN", "+"), "-": ("SIGN", "-"),
    "−": ("SIGN", "-"), "－": ("SIGN", "-"), "＋": ("SIGN", "+"), "–": ("SIGN", "-"), "^": ("SUP", "^"), "_": ("SUB", "_"),
    "%": ("OP", r"\bmod"), "/": ("OP", "/"), "*": ("OP", "*"), "|": ("BAR", "|"), "…": ("DOTS", "..."), "⋯": ("DOTS", "..."),
    "'": ("PRIME", "'"), "’": ("PRIME", "'"), "′": ("PRIME", "'"), "∂": ("PARTIAL", "partial"), "∇": ("NABLA", "nabla"),
    "∑": ("BIG", "sum"), "Σ": ("BIG", "sum"), "∏": ("BIG", "prod"), "⇒": ("CUT", "⇒"), "∴": ("CUT", "∴"),
    "∵": ("CUT", "∵"), "⟹": ("CUT", "⇒"), "⊤": ("NAME", r"\top"), "∞": ("NAME", r"\infty"), "ℓ": ("NAME", r"\ell"),
    "ℒ": ("NAME", r"\mathcal{L}"), "𝟙": ("INDICATOR", "1"), "∀": ("WORDS", "for all"), "∧": ("WORDS", "and"),
    "∨": ("WORDS", "or"), "∩": ("WORDS", "and"), "√": ("FUNC", "sqrt"), "°": ("DEGREE", "°"),
}  # fmt: skip
_TURNED = re.compile(r"(?:rot|flip|Rot)180(?=\s*\(|\s*\\left|_)")
_LOSS = re.compile(r"(?:Loss|loss|Cost|cost)(?![A-Za-z])")
_PHRASE_STRIP = " \t\r\n,.;:，。；：、~\u3000"


class Lexer:
    """One pass over a text. ``plain``: letters in a run are one name, ``I_12`` has both digits below."""

    def __init__(self, text: Text, plain: bool, depth: int = 0) -> None:
        self.source, self.text, self.plain, self.depth = text, text.text, plain, depth
        self.at = 0
        self.space = False
        self.out: list[Token] = []
        self.matrices = self.cells = 0
        self.row = 0
        """Where in the output the row begins."""

    def run(self) -> list[Token]:
        """All tokens of the text."""
        text, end = self.text, len(self.text)
        while self.at < end:
            char = text[self.at]
            if char.isspace() or char in "~\u200b\ufeff\u2061\u2062":
                self.at += 1
                self.space = True
            elif char == "%" and not self.plain:
                newline = text.find("\n", self.at)
                self.at = end if newline < 0 else newline + 1
            elif char == "\\":
                self._command()
            elif char.isascii():
                self._ascii(char)
            else:
                self._unicode(char)
            if len(self.out) - self.row > limits.PIECE_TOKENS:
                self._too_long()
        return self.out

    def _too_long(self) -> None:
        """One sign for all of a row that is too long; what follows the row is read again."""
        start = self.out[self.row].place.start - self.source.base if self.source.where is None else 0
        end = self.text.find("\\\\", self.at)
        del self.out[self.row :]
        message = limits.over("equation length", limits.PIECE_TOKENS, "signs")
        self.out.append(Token("BAD", message, self.source.place(max(start, 0), self.at), False, "equation length"))
        self.at = len(self.text) if end < 0 else end

    @cached_property
    def closed(self) -> dict[int, int]:
        """Where each brace of the text is closed."""
        return closings(self.text)

    # -- output ----------------------------------------------------------------------------
    def emit(self, kind: str, text: str, start: int, end: int, extra: str = "") -> None:
        self.out.append(Token(kind, text, self.source.place(start, end), self.space, extra))
        self.space = False
        self.at = end
        if kind == "MATRIX":
            self.matrices, self.cells = self.matrices + 1, 0
        elif kind == "ENDENV" and text in table.MATRICES:
            self.matrices = max(0, self.matrices - 1)
        elif kind in ("AMP", "ROW") and self.matrices:
            self._cell(start)

    def _cell(self, start: int) -> None:
        """Count a cell; past the limit the rest of the matrix is one sign."""
        self.cells += 1
        if self.cells > limits.CELLS:
            end = self.text.find("\\end", self.at)
            end = len(self.text) if end < 0 else end
            self.cells = 0
            message = limits.over("cells of a matrix", limits.CELLS, "cells")
            self.emit("BAD", message, start, end, "matrix cells")

    def bad(self, message: str, start: int, end: int) -> None:
        self.emit("BAD", message, start, end)

    def braced(self, kind: str, inside: list[Token], start: int, end: int) -> None:
        """``SUB { ... }`` made of tokens that need no braces in the text."""
        place = self.source.place(start, end)
        self.out += [
            Token(kind, kind, place, self.space), Token("LB", "{", place), *inside, Token("RB", "}", place),
        ]  # fmt: skip
        self.space = False
        self.at = end

    def sub(self, start: int, end: int) -> list[Token]:
        """The tokens of a part of the text."""
        if self.depth > limits.NESTING:
            return [Token("BAD", limits.over("nesting", limits.NESTING, "levels"), self.source.place(start, end), False, "nesting")]
        return Lexer(self.source.part(start, end), self.plain, self.depth + 1).run()

    # -- plain signs -----------------------------------------------------------------------
    def _ascii(self, char: str) -> None:
        text, at = self.text, self.at
        if char.isdigit():
            self._number()
        elif char.isalpha():
            self._letters()
        elif mode := _MODE.match(text, at):
            self.emit("NAME", f"'{mode.group(2)}'", at, mode.end())
        elif char == "_" and self.plain and (script := _PLAIN_SCRIPT.match(text, at)):
            self._plain_script(script)
        elif text.startswith("**", at):
            self.emit("SUP", "^", at, at + 2) if self.plain else self.bad("'**' is not read here", at, at + 2)
        elif text[at : at + 2] in _SIGNS:
            found = "..." if text.startswith("...", at) else text[at : at + 2]
            self.emit(*_SIGNS[found], at, at + len(found))
        elif char in _SIGNS:
            self.emit(*_SIGNS[char], at, at + 1)
        elif char in "{}" and not self.plain:
            self.emit("LB" if char == "{" else "RB", char, at, at + 1)
        elif char in table.DELIMITERS:
            self._brace_or_bracket(char)
        elif char in table.PUNCTUATION:
            self.emit(table.PUNCTUATION[char], char, at, at + 1)
        elif char == "@" and self.plain:
            self.emit("OP", "@", at, at + 1)
        else:
            self.bad(f"'{char}' is not understood in mathematics", at, at + 1)

    def _brace_or_bracket(self, char: str) -> None:
        """In plain text, braces right after ``_`` or ``^`` group; elsewhere they print."""
        at = self.at
        if self.plain and char == "{" and self.out and self.out[-1].kind in ("SUB", "SUP") and not self.space:
            self.emit("LB", "{", at, at + 1, "script")
        elif self.plain and char == "}":
            self.emit("RB" if self._open_script() else "RSET", "}", at, at + 1)
        else:
            self.emit(*table.DELIMITERS[char], at, at + 1)

    def _open_script(self) -> bool:
        depth = 0
        for token in reversed(self.out):
            if token.kind in ("RB", "RSET"):
                depth += 1
            elif token.kind in ("LB", "LSET"):
                if depth == 0:
                    return token.kind == "LB"
                depth -= 1
        return False

    def _number(self) -> None:
        match = _NUMBER.match(self.text, self.at)
        assert match is not None
        start, end = match.span()
        if exponent := _EXPONENT.match(self.text, end):
            if not self.plain or int(exponent.group()[1:][:9]) not in range(-limits.EXPONENT, limits.EXPONENT + 1):
                self.bad(rf"'{match.group()[:20]}{exponent.group()[:20]}': write a power of ten as \cdot 10^{{..}}", start, exponent.end())
                return
            end = exponent.end()
        if end - start > limits.DIGITS:
            self.emit("BAD", limits.over("digits of a number", limits.DIGITS, "digits"), start, end, "digits")
        else:
            self.emit("NUMBER", self.text[start:end], start, end)

    def _letters(self) -> None:
        text, at = self.text, self.at
        if such := _SUCH_THAT.match(text, at):
            self.emit("WORDS", "s.t.", at, such.end())
            return
        match = (_WORD if self.plain else _TEX_WORD).match(text, at)
        assert match is not None
        run = match.group()
        if self.plain:
            self._plain_letters(run)
        elif gradient := _TEX_GRADIENT.match(text, at):
            self.emit("NAME", gradient.group().replace("\\", ""), at, gradient.end())
        elif (turned := _TURNED.match(text, at)) and turned.group() in table.WORD_FUNCTIONS:
            self.emit("FUNC", turned.group(), at, turned.end())
        elif (loss := _LOSS.match(text, at)) and self.out and self.out[-1].text in ("partial", "d"):
            self.emit("NAME", loss.group(), at, loss.end())
        elif run in table.BARE_WORDS and (len(run) > 2 or self.space):
            self._word(run, at, match.end())
        else:
            self.emit("NAME", text[at], at, at + 1)

    def _plain_letters(self, run: str) -> None:
        at = self.at
        if self._two_indices(run):
            self.emit("NAME", run[0], at, at + 1)
            self.emit("NAME", run[1], at + 1, at + 2)
        elif prefix := _PREFIX.match(self.text, at):
            self.at = prefix.end()
        elif gradient := _GRADIENT_NAME.match(self.text, at):
            run = gradient.group().rstrip("0123456789")
            self.emit("NAME", run, at, at + len(run))
        elif run in table.GREEK:
            self.emit("NAME", "\\" + run, at, at + len(run))
        elif run == "T" and self.out and self.text[at - 1 : at] == ".":
            self.out.pop()
            self.braced("SUP", [Token("NAME", "T", self.source.place(at, at + 1))], at - 1, at + 1)
        elif _is_differential(run):
            self.emit("NAME", "d", at, at + 1)
            self.emit("NAME", run[1:], at + 1, at + len(run))
        elif run.lower() in table.CONDITION_WORDS or run.lower() in table.CONNECTIVES:
            self.emit("WORDS", run, at, at + len(run))
        elif len(run) > 1 and run.lower() in {"partial"}:
            self.emit("PARTIAL", "partial", at, at + len(run))
        else:
            digits = re.compile(r"\d+[A-Za-z]*").match(self.text, at + len(run))
            if digits and run + digits.group() in table.WORD_FUNCTIONS:
                run += digits.group()
            self._word(run, at, at + len(run))

    def _two_indices(self, run: str) -> bool:
        """``_{ij}``: two letters alone in the braces of a subscript."""
        alone = bool(self.out) and self.out[-1].kind == "LB" and self.out[-1].extra == "script" and self.text[self.at + len(run) :][:1] == "}"
        return alone and len(run) == 2 and run.isalpha() and run.islower() and run not in ("in", "to", "hw", "kw")

    def _word(self, run: str, start: int, end: int, name: bool = True) -> None:
        """A run of letters that is a word: a big operator, a function, words, or else a name of its own."""
        if run in table.BIG:
            self.emit("BIG", table.BIG[run], start, end)
        elif run in table.WORD_FUNCTIONS or run in table.FUNCTIONS:
            self.emit("FUNC", run, start, end)
        elif run.lower() in table.CONDITION_WORDS or not name:
            self.emit("WORDS", run, start, end)
        else:
            self.emit("NAME", run, start, end)

    def _plain_script(self, match: re.Match[str]) -> None:
        """``_12`` or ``_ij``: all digits, or each letter by itself."""
        start = match.start(1)
        inside = []
        for piece in re.finditer(r"\d+|[A-Za-z]", match.group(1)):
            kind = "NUMBER" if piece.group().isdigit() else "NAME"
            inside.append(Token(kind, piece.group(), self.source.place(start + piece.start(), start + piece.end())))
        if len(match.group(1)) > limits.DIGITS:
            self.emit("BAD", limits.over("digits of a number", limits.DIGITS, "digits"), self.at, match.end(), "digits")
            return
        self.braced("SUB", inside, self.at, match.end())

    def _unicode(self, char: str) -> None:
        at = self.at
        if char in _SIGNS:
            self.emit(*_SIGNS[char], at, at + 1)
        elif char in table.UNICODE_GREEK:
            self.emit("NAME", "\\" + table.UNICODE_GREEK[char], at, at + 1)
        elif char in table.UNICODE_OPERATORS:
            self.emit("OP", table.UNICODE_OPERATORS[char], at, at + 1)
        elif char in table.UNICODE_RELATIONS:
            self.emit("REL", table.UNICODE_RELATIONS[char], at, at + 1)
        elif char in table.DELIMITERS:
            self.emit(*table.DELIMITERS[char], at, at + 1)
        elif char in table.PUNCTUATION:
            self.emit(table.PUNCTUATION[char], char, at, at + 1)
        elif char in table.SUBSCRIPT:
            self._script_run("SUB", table.SUBSCRIPT)
        elif char in table.SUPERSCRIPT:
            self._script_run("SUP", table.SUPERSCRIPT)
        elif char in table.CIRCLED:
            self.emit("LABEL", table.CIRCLED[char], at, at + 1)
        elif cjk := _CJK.match(self.text, at):
            self.emit("WORDS", cjk.group(), at, cjk.end())
        elif (normal := unicodedata.normalize("NFKC", char)) != char and len(normal) == 1 and normal.isascii() and normal.isalnum():
            self.emit("NUMBER" if normal.isdigit() else "NAME", normal, at, at + 1)
        else:
            self.bad(f"'{char}' is not understood in mathematics", at, at + 1)

    def _script_run(self, kind: str, letters: dict[str, str]) -> None:
        """A run of small Unicode letters, ``ᵢ₊₁``."""
        start = end = self.at
        while end < len(self.text) and (self.text[end] in letters or (kind == "SUB" and self.text[end] == "," and self.text[end + 1 : end + 2] in letters)):
            end += 1  # ``W₃₋ᵢ,₃₋ⱼ``: there is no small comma
        written = "".join(letters.get(char, char) for char in self.text[start:end])
        inner = Lexer(self.source.spelled(start, end, written), False, self.depth + 1).run()
        self.braced(kind, inner, start, end)

    # -- commands: see lexer_commands ------------------------------------------------------
    def _command(self) -> None:
        from symderiv.notes.lexer_commands import command

        match = _COMMAND.match(self.text, self.at)
        if match is None:
            self.bad("a backslash at the end", self.at, self.at + 1)
            return
        command(self, match.group()[1:], match.end())


def _is_differential(run: str) -> bool:
    """``dL``, ``dLoss``, ``dw``, ``dout``: a d and a name; not ``dim``, ``depth``."""
    return bool(re.fullmatch(r"d(?:[A-Z][A-Za-z]*|[a-z]|out|loss|bias|input|weight)", run))


def strip_phrase(text: str) -> str:
    """Words without the punctuation around them."""
    stripped = text.strip(_PHRASE_STRIP)
    return stripped + "." if stripped in ("s.t", "i.e", "e.g") else stripped
