"""LaTeX of handwritten notes as MathML, so that a page needs no script; None where any of it is unknown.

Nothing is executed and no macro expanded: a closed list of commands becomes a closed list of elements,
and every character of the source is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape

from symderiv.render.report.escape import visible

LONGEST = 8_000
DEEPEST = 40


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_LETTERS = dict(zip(
    _listed("alpha beta gamma delta epsilon varepsilon zeta eta theta lambda mu nu xi pi rho sigma tau phi varphi chi psi omega "
     "Gamma Delta Theta Lambda Pi Sigma Phi Psi Omega partial nabla ell infty top mathbbm"),
    "αβγδϵεζηθλμνξπρστϕφχψωΓΔΘΛΠΣΦΨΩ∂∇ℓ∞⊤1", strict=True))
_SIGNS = dict(zip(
    _listed("cdot times star ast odot otimes oplus circledast circ le leq leqslant ge geq geqslant ne neq approx equiv in notin cap cup "
     "to rightarrow leftarrow Rightarrow mapsto cdots ldots dots vdots ddots mid div pm lfloor rfloor lceil rceil lbrace rbrace "
     "langle rangle sim triangleq propto forall exists wedge vee land lor setminus subset subseteq"),
    "⋅×⋆∗⊙⊗⊕⊛∘≤≤⩽≥≥⩾≠≠≈≡∈∉∩∪→→←⇒↦⋯……⋮⋱∣÷±⌊⌋⌈⌉{}⟨⟩∼≜∝∀∃∧∨∧∨∖⊂⊆", strict=True))
_LARGE = {"sum": "∑", "prod": "∏"}
_WORDS = frozenset(_listed("max min exp log ln argmax argmin det sin cos tanh lim Pr"))
_SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", "!": "0", " ": "0.3em", "quad": "1em", "qquad": "2em"}
_TEXT = frozenset(_listed("text textrm mbox mathrm operatorname textbf mathsf mathtt textit"))
_STYLED = frozenset(_listed("mathbf boldsymbol bm mathbb mathcal mathit"))
_ACCENTS = {"hat": "^", "widehat": "^", "bar": "¯", "overline": "¯", "tilde": "~", "vec": "→", "dot": "˙"}
_SKIPPED = frozenset(_listed("displaystyle textstyle limits nolimits big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr"))
_FENCES = {"bmatrix": "[]", "pmatrix": "()", "vmatrix": "||", "Bmatrix": "{}", "matrix": "", "array": "", "cases": "{", "aligned": "",
           "align": "", "align*": "", "split": "", "gather": "", "gather*": "", "gathered": "", "equation": "", "equation*": "", "smallmatrix": ""}


_IN_PAGE = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.S)


def in_page(page: str) -> str:
    r"""HTML whose formulas, between ``\(`` and ``\)`` or ``\[`` and ``\]``, are MathML; one that can't be stays."""
    return _IN_PAGE.sub(lambda m: mathml(unescape(m[1] or m[2]), display=m[1] is None) or m[0], page)


class Unknown(Exception):
    """Something that has no MathML here."""


@dataclass(frozen=True)
class Token:
    text: str
    start: int


def mathml(source: str, bad: Sequence[tuple[int, int]] = (), display: bool = False) -> str | None:
    """The formula as a ``<math>`` element, what lies between the offsets of ``bad`` marked; None where it can't be."""
    if len(source) > LONGEST or not source.strip():
        return None
    tokens = [Token(m[0], m.start()) for m in _TOKEN.finditer(visible(source)) if m[0].strip()]
    reader = Reader(tokens, bad)
    try:
        inside = reader.rows(frozenset())
        if reader.at < len(tokens):
            return None
    except Unknown:
        return None
    kind = ' display="block"' if display else ""
    return f"<math{kind}>{inside}</math>"


class Reader:
    """Reads tokens once, from left to right; every method gives elements as text."""

    def __init__(self, tokens: list[Token], bad: Sequence[tuple[int, int]]) -> None:
        self.tokens, self.bad, self.at, self.depth = tokens, bad, 0, 0

    def peek(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def take(self) -> Token:
        if self.at >= len(self.tokens):
            raise Unknown
        self.at += 1
        return self.tokens[self.at - 1]

    def leaf(self, tag: str, text: str, token: Token, more: str = "") -> str:
        marked = ' class="bad"' if any(a <= token.start < b for a, b in self.bad) else ""
        return f"<{tag}{more}{marked}>{escape(text)}</{tag}>"

    def rows(self, stop: frozenset[str]) -> str:
        """Rows of a table where there are ``&`` or ``\\\\``, else one row."""
        table = [[self.row(stop | {"&", r"\\"})]]
        while self.peek() in ("&", r"\\"):
            if self.take().text == "&":
                table[-1].append(self.row(stop | {"&", r"\\"}))
            else:
                table.append([self.row(stop | {"&", r"\\"})])
        if len(table) > 1 and table[-1] == ["<mrow></mrow>"]:
            table.pop()
        if len(table) == 1 and len(table[0]) == 1:
            return table[0][0]
        return "<mtable>" + "".join("<mtr>" + "".join(f"<mtd>{c}</mtd>" for c in row) + "</mtr>" for row in table) + "</mtable>"

    def row(self, stop: frozenset[str]) -> str:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unknown
        out = []
        while self.at < len(self.tokens) and self.peek() not in stop and self.peek() != "}":
            out.append(self.scripted())
        self.depth -= 1
        return "<mrow>" + "".join(out) + "</mrow>"

    def scripted(self) -> str:
        """An atom with what hangs below and above it."""
        limits = self.peek().removeprefix("\\") in {*_LARGE, "max", "min", "lim", "argmax", "argmin"}
        base = "<mrow></mrow>" if self.peek() in ("_", "^") else self.atom()
        while self.peek() in (r"\limits", r"\nolimits"):
            self.take()
        below = above = ""
        while self.peek() in ("_", "^", "'"):
            sign = self.take()
            if sign.text == "'":
                above += self.leaf("mo", "′", sign)
            elif sign.text == "_" and not below:
                below = self.argument()
            elif sign.text == "^":
                above += self.argument()
            else:
                base, below = f"<msub>{base}{below}</msub>", self.argument()
        above = f"<mrow>{above}</mrow>" if above else ""
        name = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{name[2]}>{base}{below}{above}</{name[2]}>"
        if below or above:
            tag = name[0] if below else name[1]
            return f"<{tag}>{base}{below or above}</{tag}>"
        return base

    def argument(self) -> str:
        """``{...}`` or one atom."""
        if self.peek() != "{":
            return self.atom()
        self.take()
        inside = self.rows(frozenset())
        if self.take().text != "}":
            raise Unknown
        return inside

    def atom(self) -> str:
        token = self.take()
        text = token.text
        if text == "{":
            self.at -= 1
            return self.argument()
        if text[0] == "\\" and len(text) > 1:
            return self.command(token, text[1:])
        if text in "}&_^$#%~\\":
            raise Unknown
        if text[0].isdigit():
            return self.leaf("mn", text, token)
        if text.isalpha():
            return self.leaf("mi" if text.isascii() or not _is_word(text) else "mtext", text, token)
        return self.leaf("mo", {"-": "−", "*": "∗"}.get(text, text), token, _stretch(text))

    def command(self, token: Token, name: str) -> str:
        if name in _LETTERS:
            return self.leaf("mi", _LETTERS[name], token, ' mathvariant="normal"' if name == "partial" else "")
        if name in _SIGNS or name in "{}|":
            sign = _SIGNS.get(name, "‖" if name == "|" else name)
            return self.leaf("mo", sign, token, _stretch(sign))
        if name in _LARGE:
            return self.leaf("mo", _LARGE[name], token)
        if name in _WORDS:
            return self.leaf("mo", name, token, ' lspace="0" rspace="0.17em"')
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if name in _SKIPPED:
            return "<mrow></mrow>"
        if name in _TEXT:
            return self.words()
        if name in _STYLED:
            return self.argument()
        if name in _ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo>{escape(_ACCENTS[name])}</mo></mover>'
        return self.structure(name)

    def structure(self, name: str) -> str:
        if name in ("frac", "dfrac", "tfrac"):
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if name == "substack":
            return self.argument()
        if name == "xrightarrow":
            return f"<mover><mo>→</mo>{self.argument()}</mover>"
        if name == "left":
            return self.fenced()
        if name == "begin":
            return self.environment()
        raise Unknown

    def words(self) -> str:
        """The argument of ``\\text``, its words apart as they stand."""
        start = self.take()
        if start.text != "{":
            raise Unknown
        out: list[str] = []
        last = start
        while self.peek() != "}":
            token = self.take()
            if token.text[0] in "\\{$&":
                raise Unknown
            gap = token.start > last.start + len(last.text)
            out.append((" " if gap else "") + token.text)
            last = token
        end = self.take()
        if end.start > last.start + len(last.text):
            out.append(" ")
        return self.leaf("mtext", "".join(out).replace(" ", "\u00a0"), start)

    def fenced(self) -> str:
        """``\\left( ... \\right)``."""
        opening = self.delimiter()
        inside = self.rows(frozenset({r"\right"}))
        if self.take().text != r"\right":
            raise Unknown
        return f"<mrow>{opening}{inside}{self.delimiter()}</mrow>"

    def delimiter(self) -> str:
        token = self.take()
        sign = _SIGNS.get(token.text[1:], token.text.lstrip("\\"))
        if sign == ".":
            return ""
        if sign not in tuple("()[]{}|⌊⌋⌈⌉⟨⟩"):
            raise Unknown
        return self.leaf("mo", sign, token, ' stretchy="true"')

    def name(self) -> str:
        if self.take().text != "{":
            raise Unknown
        out = ""
        while self.peek() != "}":
            out += self.take().text
        self.take()
        return out

    def environment(self) -> str:
        kind = self.name()
        if kind not in _FENCES:
            raise Unknown
        if kind == "array":
            self.name()
        inside = self.rows(frozenset({r"\end"}))
        if self.take().text != r"\end" or self.name() != kind:
            raise Unknown
        fences = _FENCES[kind]
        opening = f'<mo stretchy="true">{fences[0]}</mo>' if fences else ""
        closing = f'<mo stretchy="true">{fences[1]}</mo>' if len(fences) > 1 else ""
        return f"<mrow>{opening}{inside}{closing}</mrow>"


def _stretch(sign: str) -> str:
    """A bracket that was not asked to grow keeps its size."""
    return ' stretchy="false"' if sign in tuple("()[]{}|") else ""


def _is_word(char: str) -> bool:
    return ord(char) >= 0x2E80
