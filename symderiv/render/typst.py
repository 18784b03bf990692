r"""From the LaTeX that the printer writes to Typst: ``\frac{a}{b}`` is ``frac(a, b)``, prose is escaped.

Order, signs, brackets and line breaks are the printer's, so both formats say the same. Only what the printer
and ``--symbols`` can write is known here; anything else is an internal error, never passed on. Signs are written
as Unicode characters, which all versions of Typst read alike, and every bracket is escaped: Typst would pair it,
and a broken line may hold one of a pair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from symderiv.model import InternalError
from symderiv.render.symbols import ACCENTS, FONTS, LETTERS, MARKS

_HOLE = "\ue000\\d+\ue001"
_TOKEN = re.compile(
    rf"\\(?:operatorname|mathrm|text)\{{[^{{}}\\]*\}}|\\begin\{{array\}}\{{c+\}}|\\(?:begin|end)\{{[a-z]+\}}|\\\\\*?(?:\[4pt\])?"
    rf"|\\[A-Za-z]+|\\.|(?:\d|{_HOLE})+|\s+|[^\\]",
    re.DOTALL,
)
_SIGNS = {
    r"\partial": "∂", r"\cdot": "⋅", r"\times": "×", r"\le": "≤", r"\ne": "≠", r"\in": "∈", r"\mid": "∣", r"\cup": "∪",
    r"\infty": "∞", r"\ldots": "…", r"\sum": "∑", r"\max": "max", r"\min": "min", r"\quad": "quad", r"\,": "thin", r"\#": r"\#",
    r"\lfloor": r"\⌊", r"\rfloor": r"\⌋", r"\lceil": r"\⌈", r"\rceil": r"\⌉", r"\{": r"\{", r"\}": r"\}",
    "(": r"\(", ")": r"\)", "[": r"\[", "]": r"\]", "/": r"\/", ",": r"\,", ";": r"\;", ".": ".", "*": "∗", "'": "'",
    "=": "=", "+": "+", "-": "-", "<": "<", ">": ">", ":": ":", "。": '"。"', "．": '"．"', "\ue002": " ",
    "&": "&", "\\\\": "\\\n", "\\\\*": "\\\n", "\\\\[4pt]": "\\\n",
} | {rf"\{name}": char for name, char in (LETTERS | MARKS).items()}
_FONT_OF = {"mathcal": "cal(", "mathbf": "upright(bold(", "mathrm": "upright(", "mathit": "italic(", "mathsf": "sans(", "mathtt": "mono(", "boldsymbol": "bold("}
_ACCENT_OF = {
    "hat": "hat(", "widehat": "hat(", "bar": "macron(", "overline": "overline(", "tilde": "tilde(", "widetilde": "tilde(",
    "vec": "arrow(", "dot": "dot(", "ddot": "dot.double(",
}
assert set(_FONT_OF) == FONTS and set(_ACCENT_OF) == set(ACCENTS)
_WORD_END, _WORD_START = re.compile(r"[A-Za-z0-9\ue001]\Z"), re.compile(r"[A-Za-z0-9\ue000]")
_PLAIN = re.compile(rf"(?:\d|{_HOLE})+|[A-Za-z]")
_INLINE = re.compile(r"\$([^$]+)\$")
_GOES_ON = re.compile(r"(\\\n&?quad) (?=[+-] )")
"""A line that goes on with a sign; behind nothing Typst takes it for that of a number, and sets it tight."""
_SPECIAL = re.compile(r"[\\#$*_`<>@\[\]~\"'=/+-]")
_PRE = re.compile(r"\d+[.)]")


def typst_math(tex: str) -> str:
    """The formula, without dollars.

    Raises:
        InternalError: something in it is not the printer's.
    """
    reader = _Reader(_TOKEN.findall(tex))
    text = reader.until(())
    if reader.tokens:
        raise InternalError(f"{reader.tokens[-1]!r} closes nothing in {tex!r}")
    return _GOES_ON.sub(r'\1 "" ', text)


def typst_prose(text: str) -> str:
    """Prose with formulas between dollars as Typst's markup; no other character of it means anything there."""
    out, at = [], 0
    for match in _INLINE.finditer(text):
        out += [_escaped(text[at:match.start()]), f"${typst_math(match[1])}$"]
        at = match.end()
    whole = "".join([*out, _escaped(text[at:])])
    return re.sub(_PRE, lambda m: m[0][:-1] + "\\" + m[0][-1], whole, count=1) if _PRE.match(whole) else whole


def typst_string(text: str) -> str:
    """A string of Typst's code, with its quotes."""
    return '"' + re.sub(r'[\\"]', r"\\\g<0>", " ".join(text.split())) + '"'


def _escaped(text: str) -> str:
    """A hyphen, a plus and an equals sign mean something at a line's start only, and in pairs."""
    return _SPECIAL.sub(lambda m: m[0] if m[0] in "'-" and text[m.end() : m.end() + 1] not in ("-", "?") and m.start() else "\\" + m[0], text)


class _Reader:
    """Reads tokens from the left; each method takes what it names."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens[::-1]

    def until(self, stop: Sequence[str]) -> str:
        """What stands before a token of ``stop``, which is left."""
        out: list[str] = []
        while self.tokens and self.tokens[-1] not in stop:
            token = self.tokens.pop()
            if token.isspace():
                out.append(" ")
                continue
            if token in "_^":
                self._attach(out, token)
            else:
                atom = self._atom(token)
                out += [" ", atom] if out and _WORD_END.search(out[-1]) and _WORD_START.match(atom) else [atom]
        return re.sub(r"(?<=\n) +|  +(?= )", "", "".join(out)).strip(" ")

    def _attach(self, out: list[str], sign: str) -> None:
        """A script, behind the atom before it."""
        inside = self._argument()
        script = sign + (inside if _PLAIN.fullmatch(inside) else f"({inside})")
        if not out:
            raise InternalError(f"a script behind nothing: {sign}{inside}")
        out.append(script)

    def _atom(self, token: str) -> str:
        if token in _SIGNS:
            return _SIGNS[token]
        if re.fullmatch(rf"(?:\d|{_HOLE})+|[A-Za-z]", token):
            return token
        if token == "{":
            return self._group()
        known = _COMMANDS.get(token)
        if known is not None:
            return known(self)
        name = token[1:]
        if name in _FONT_OF or name in _ACCENT_OF:
            head = _FONT_OF.get(name) or _ACCENT_OF[name]
            return head + self._argument() + ")" * head.count("(")
        worded = re.fullmatch(r"\\(operatorname|mathrm|text)\{([^{}\\]*)\}", token)
        if worded:
            quoted = typst_string(worded[2])
            return {"operatorname": f"op({quoted})", "mathrm": f"upright({quoted})", "text": quoted}[worded[1]]
        if token.startswith(r"\begin{array}"):
            return self._matrix("array", "#none")
        raise InternalError(f"no Typst for {token!r}")

    def _argument(self) -> str:
        """A group in braces, or one token."""
        while self.tokens and self.tokens[-1].isspace():
            self.tokens.pop()
        if not self.tokens:
            raise InternalError("an argument is missing")
        token = self.tokens.pop()
        return self._group() if token == "{" else self._atom(token)

    def _group(self) -> str:
        inside = self.until(("}",))
        self._take("}")
        return inside

    def _take(self, token: str) -> None:
        if not self.tokens or self.tokens.pop() != token:
            raise InternalError(f"{token} is missing")

    def fraction(self) -> str:
        return f"frac({self._argument()}, {self._argument()})"

    def arrow(self) -> str:
        return f"stretch(→)^({self._argument()})"

    def substack(self) -> str:
        self._take("{")
        return self._group().replace("\\\n", r"\ ")

    def big(self) -> str:
        r"""``\Bigl(`` and ``\Bigr)``, each by itself, since they may stand on two lines."""
        return f"lr({self._atom(self.tokens.pop())}, size: #1.8em)"

    def fenced(self) -> str:
        opening = self._atom(self.tokens.pop())
        while self.tokens and self.tokens[-1].isspace():
            self.tokens.pop()
        if self.tokens and self.tokens[-1].startswith(r"\begin{array}"):
            self.tokens.pop()
            inside = self._matrix("array", '"["')
            self.until((r"\right",))
            self._take(r"\right")
            self.tokens.pop()
            return inside
        inside = self.until((r"\right",))
        self._take(r"\right")
        return f"lr({opening} {inside} {self._atom(self.tokens.pop())})"

    def matrix(self) -> str:
        return self._matrix("bmatrix", '"["')

    def _matrix(self, name: str, delimiter: str) -> str:
        """Rows parted by semicolons; tall cells stand apart."""
        end = rf"\end{{{name}}}"
        rows: list[list[str]] = [[]]
        apart = ""
        while True:
            rows[-1].append(self.until(("&", "\\\\", "\\\\[4pt]", end)) or '""')
            if not self.tokens:
                raise InternalError(f"{end} is missing")
            token = self.tokens.pop()
            if token == end:
                break
            if token != "&":
                rows.append([])
                apart = "row-gap: #0.7em, " if token.endswith("]") else apart
        body = "; ".join(", ".join(row) for row in rows)
        return f"mat(delim: {delimiter}, {apart}{body})"

    def aligned(self) -> str:
        inside = self.until((r"\end{aligned}",))
        self._take(r"\end{aligned}")
        return inside


_COMMANDS: dict[str, Callable[[_Reader], str]] = {
    r"\frac": _Reader.fraction, r"\substack": _Reader.substack, r"\Bigl": _Reader.big, r"\Bigr": _Reader.big,
    r"\left": _Reader.fenced, r"\xrightarrow": _Reader.arrow, r"\begin{bmatrix}": _Reader.matrix, r"\begin{aligned}": _Reader.aligned,
}
