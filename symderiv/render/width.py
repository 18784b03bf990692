"""How wide a formula will be, estimated: points for LaTeX in Computer Modern at 10pt, columns for text.

The rules are those TeX sets mathematics by: every atom has a class, the classes of two neighbours decide the
space between them, and a script is set at 7pt or 5pt. The widths are the fonts' own, rounded to 0.01pt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# Classes of atoms, in the order of the rows and columns of _SPACES. GLUE is no atom; LIMITS is an operator with
# its scripts below and above it.
ORD, OP, BIN, REL, OPEN, CLOSE, PUNCT, INNER, GLUE, LIMITS = range(10)
Atom = tuple[int, float, float]
"""Class, width and italic correction, in points."""

DISPLAY, TEXT, SCRIPT, TINY = range(4)
_SIZE = (0, 0, 1, 2)
"""Of each style, the place of its font (10pt, 7pt, 5pt) in the tables."""
_UNDER = (SCRIPT, SCRIPT, TINY, TINY)
"""Of each style, that of its scripts."""
_PART = (TEXT, SCRIPT, TINY, TINY)
"""Of each style, that of a fraction's parts."""

_SCALES = ((1.0, 0.0), (0.7725, 0.17), (0.62, 0.42))
"""A letter w points wide at 10pt is ``a * w + b`` in each size: small fonts are wider in proportion."""
_SLANTS = (1.0, 0.775, 0.625)
_MU = (0.5556, 0.4551, 0.4085)
"""Points in a math unit, by size."""
_SCRIPT_SPACE = 0.5
_NULL_DELIMITERS = 2.4
_GENEROUS = 12.0
"""Points for what is not in the tables."""


def _points(text: str) -> list[float]:
    return [float(x) for x in text.split()]


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ITALIC = _points(
    "7.50 7.59 7.15 8.28 7.38 6.43 7.86 8.31 4.40 5.55 8.49 6.81 9.70 8.03 7.63 6.42 7.91 7.59 6.13 5.84 6.83 5.83"
    " 9.44 8.28 5.81 6.83 5.29 4.29 4.33 5.20 4.66 4.90 4.77 5.76 3.45 4.12 5.21 2.98 8.78 6.00 4.85 5.03 4.46 4.51"
    " 4.69 3.61 5.72 4.85 7.16 5.72 4.90 4.65"
)
_CORRECTION = _points(
    "0 .50 .72 .28 .58 1.39 0 .81 .78 .96 .72 0 1.09 1.09 .28 1.39 0 .08 .58 1.39 1.09 2.22 1.39 .78 2.22 .72"
    " 0 0 0 0 0 1.08 .36 0 0 .57 .31 .20 0 0 0 0 .36 .28 0 0 0 .36 .27 0 .36 .44"
)
_UPRIGHT = dict(zip(_ALPHABET, _points(
    "7.50 7.08 7.22 7.64 6.81 6.53 7.85 7.50 3.61 5.14 7.78 6.25 9.17 7.50 7.78 6.81 7.78 7.36 5.56 7.22 7.50 7.50"
    " 10.28 7.50 7.50 6.11 5.00 5.56 4.44 5.56 4.44 3.06 5.00 5.56 2.78 3.06 5.28 2.78 8.33 5.56 5.00 5.56 5.28 3.92"
    " 3.94 3.89 5.56 5.28 7.22 5.28 5.28 4.44"
), strict=True)) | dict.fromkeys("0123456789", 5.0)

_SYMBOLS: dict[int, dict[float, str]] = {
    ORD: {
        2.78: r". | \vdots \vert", 3.54: r"\iota", 4.06: r"\epsilon", 4.17: r"\ell", 4.67: r"\varepsilon",
        4.83: r"\delta \xi", 4.98: r"\theta", 5.0: r"/ \| \Vert \backslash", 5.12: r"\zeta", 5.18: r"\rho",
        5.33: r"\eta", 5.51: r"\tau", 5.56: r"\forall \exists \emptyset", 5.58: r"\nu", 5.74: r"\gamma",
        5.77: r"\kappa", 5.84: r"\lambda", 5.96: r"\phi", 6.03: r"\mu", 6.08: r"\pi \sigma", 6.19: r"\beta",
        6.25: r"\Gamma", 6.26: r"\chi", 6.44: r"\alpha", 6.55: r"\varphi", 6.59: r"\omega", 6.88: r"\psi",
        6.95: r"\Lambda", 7.23: r"\Sigma \Phi \Omega", 7.5: r"\Pi \Upsilon \Xi", 7.78: r"\top \bot \Theta \Psi \&",
        8.34: r"\Delta \nabla \# \%", 10.0: r"\infty",
    },
    BIN: {
        2.78: r"\cdot", 5.0: r"* \star \ast \circ \bullet \setminus", 6.67: r"\wedge \vee \land \lor \cap \cup",
        7.78: r"+ - \times \pm \mp \div \odot \oplus \otimes", 20.28: r"\bmod",
    },
    REL: {
        2.78: r": \mid \nmid", 5.0: r"\parallel", 6.67: r"\in \notin \ni",
        7.78: r"= < > \le \ge \leq \geq \ne \neq \ll \gg \sim \approx \equiv \subset \subseteq \propto",
        10.0: r"\to \gets \mapsto \rightarrow \leftarrow \Rightarrow \leftrightarrow",
        16.7: r"\iff \implies \Longrightarrow \longrightarrow \longmapsto",
    },
    OPEN: {2.78: r"[ \lbrack \lvert", 3.89: r"( \langle", 4.45: r"\lfloor \lceil", 5.0: r"\{ \lbrace \lVert"},
    CLOSE: {2.78: r"] ! \rbrack \rvert", 3.89: r") \rangle", 4.45: r"\rfloor \rceil", 4.73: "?", 5.0: r"\} \rbrace \rVert"},
    PUNCT: {2.78: r", ; \colon"},
    INNER: {11.67: r"\ldots \dots \dotsc", 12.83: r"\ddots", 13.34: r"\cdots \dotsb"},
    GLUE: {0.0: r"& }"},
}
_OPERATORS = {LIMITS: "max min sup inf lim det gcd", OP: "exp log ln sin cos tan tanh sinh cosh arg dim ker deg"}
_GLUE = {
    r"\quad": 10.0, r"\qquad": 20.0, r"\ ": 3.34, "~": 3.34, "'": 3.3, r"\,": 1.67, r"\:": 2.23, r"\>": 2.23,
    r"\;": 2.78, r"\!": -1.66,
} | dict.fromkeys((
    r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\limits", r"\nolimits", r"\nonumber", r"\notag", r"\hat",
    r"\bar", r"\tilde", r"\vec", r"\dot", r"\overline", r"\underline", r"\middle",
), 0.0)
"""Spaces, primes, and commands that leave a width as it is."""

_DELIMITERS = {
    "( )": (3.89, 4.59, 5.98, 7.37, 7.92, 8.75), "[ ]": (2.78, 4.17, 4.73, 5.28, 5.84, 6.67),
    r"\lfloor \rfloor \lceil \rceil": (4.45, 4.73, 5.28, 5.84, 6.39, 6.67), r"\{ \}": (5.0, 5.84, 6.67, 7.5, 8.06, 8.89),
    r"\langle \rangle": (3.89, 4.73, 6.12, 7.5, 8.06, 8.06), r"| \vert \lvert \rvert": (2.78, *(3.34,) * 5),
    ".": (1.2,) * 6,
}
"""Delimiters as they are, then from \\big to \\Bigg, then tall as needed."""
_LARGE = {token: widths for tokens, widths in _DELIMITERS.items() for token in tokens.split()}
_BIG = {
    rf"\{name}{suffix}": (kind, level)
    for level, name in enumerate(("big", "Big", "bigg", "Bigg"), 1)
    for suffix, kind in (("", ORD), ("l", OPEN), ("r", CLOSE), ("m", REL))
}
_SUMS = dict.fromkeys((r"\sum", r"\bigcup", r"\bigcap"), (14.45, 10.56)) | {r"\prod": (12.78, 9.45)}
"""Large operators in a display and elsewhere."""

_FRACTIONS = {r"\frac": None, r"\dfrac": DISPLAY, r"\tfrac": TEXT, r"\cfrac": DISPLAY}
_BRACKETS = {"bmatrix": "[", "pmatrix": "(", "Bmatrix": r"\{", "vmatrix": "|", "cases": r"\{"}

# The spaces between neighbours, row by left class and column by right: none, thin, medium, thick.
_SPACE_TABLE = ("01230001", "11030001", "22002002", "33003003", "00000000", "01230001", "11011111", "11231011")
_KEPT_IN_SCRIPTS = {(ORD, OP), (OP, ORD), (OP, OP), (CLOSE, OP), (INNER, OP)}


def _spaces(size: int) -> list[list[float]]:
    """Points between two classes in a font's size."""
    units = (0, 3, 4, 5)
    return [
        [units[int(c)] * _MU[size] if size == 0 or (a, b) in _KEPT_IN_SCRIPTS else 0.0 for b, c in enumerate(row)]
        for a, row in enumerate(_SPACE_TABLE)
    ]


_SPACES = [_spaces(size) for size in range(3)]


def _scaled(width: float, size: int) -> float:
    """The width in points at a size of what is that wide at 10pt."""
    a, b = _SCALES[size]
    return a * width + b


def _font(letters: dict[str, tuple[float, float]], size: int) -> dict[str, Atom]:
    """Every token of a fixed width, with these letters: width and italic correction at 10pt."""
    table = {t: (GLUE, w * (1.0 if "quad" in t else _MU[size] / _MU[0]), 0.0) for t, w in _GLUE.items()}
    for kind, row in _SYMBOLS.items():
        for width, tokens in row.items():
            table |= {t: (kind, _scaled(width, size) if width else 0.0, 0.0) for t in tokens.split()}
    for kind, names in _OPERATORS.items():
        table |= {"\\" + n: (kind, sum(_scaled(_UPRIGHT[c], size) for c in n), 0.0) for n in names.split()}
    table[r"\partial"] = (ORD, _scaled(5.31, size), 0.56 * _SLANTS[size])
    return table | {c: (ORD, _scaled(w, size), s * _SLANTS[size]) for c, (w, s) in letters.items()}


def _fonts(letters: dict[str, tuple[float, float]]) -> list[dict[str, Atom]]:
    return [_font(letters, size) for size in range(3)]


def _unslanted(change: Callable[[float], float]) -> list[dict[str, Atom]]:
    return _fonts({c: (change(w), 0.0) for c, w in _UPRIGHT.items()})


_ROMAN = _unslanted(lambda w: w)
_BOLD = _unslanted(lambda w: 1.16 * w)
_MATH = _fonts(
    {c: (w, 0.0) for c, w in _UPRIGHT.items()}
    | {c: (w, s) for c, w, s in zip(_ALPHABET, _ITALIC, _CORRECTION, strict=True)}
)
_ALPHABETS = {
    **dict.fromkeys((r"\mathrm", r"\operatorname", r"\operatorname*", r"\mathsf", r"\text", r"\mbox"), _ROMAN),
    **dict.fromkeys((r"\mathbf", r"\boldsymbol", r"\textbf", r"\bm"), _BOLD),
    r"\mathbb": _unslanted(lambda w: max(w, 7.8)), r"\mathcal": _unslanted(lambda w: 1.1 * w), r"\mathit": _MATH,
}

_TOKEN = re.compile(r"\\text(?:rm|bf|it)?\s*\{[^{}\\$]*\}|\\operatorname\*|\\[A-Za-z]+|\\.|\S", re.DOTALL)
_GROUP_END = frozenset("}")
_LINE_END = frozenset({r"\\"})
_ROW_END = frozenset({r"\\", "}"})
_CELL_END = frozenset({"&", r"\\", r"\end"})
_FENCE_END = frozenset({r"\right"})
_OPTION_END = frozenset("]")


@lru_cache(maxsize=8192)
def tex_width(source: str) -> float:
    r"""The estimated width of a formula in display style.

    A formula of one sign alone, as ``=`` or ``+``, has the spaces it has between two terms, so that the widths
    of the pieces of a line add up to the line's.

    Args:
        source: LaTeX, without the dollars. Lines parted by ``\\`` count as the widest of them.

    Returns:
        Points, in Computer Modern at 10pt. What is not known counts as a generous width.
    """
    tokens = _TOKEN.findall(source)
    if len(tokens) == 1:
        kind, width, _ = _MATH[0].get(tokens[0], (ORD, 0.0, 0.0))
        if kind in (BIN, REL):
            return width + 2 * _SPACES[0][ORD][kind]
    try:
        return max(_Setter(tokens).lines(DISPLAY, _LINE_END), 0.0)
    except RecursionError:
        return _GENEROUS * len(tokens)


def text_width(source: str) -> int:
    """The terminal columns of a string: 0 for a combining mark, 2 for a wide character, 1 for any other."""
    if source.isascii():
        return len(source)
    return sum(0 if unicodedata.combining(c) else 2 if _wide(c) else 1 for c in source)


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


class _Setter:
    """Reads tokens once, from left to right; every method returns points unless it says otherwise."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at, self.end = tokens, 0, len(tokens)
        self.fonts = _MATH

    def row(self, style: int, stop: frozenset[str]) -> float:
        """What stands before a token of ``stop``, or before the end."""
        tokens, end, font = self.tokens, self.end, self.fonts[_SIZE[style]]
        space = _SPACES[_SIZE[style]]
        total, last, before = 0.0, -1, 0.0
        while self.at < end and (token := tokens[self.at]) not in stop:
            self.at += 1
            kind, width, slant = font.get(token) or self.special(token, style)
            if kind == GLUE:
                total += width
                continue
            limits = kind == LIMITS
            if limits:
                kind = OP
            if self.at < end and tokens[self.at] in "_^":
                total += self.scripts(width, slant, style, limits and style == DISPLAY)
            else:
                total += width + slant
            if kind == BIN and last in (-1, OP, BIN, REL, OPEN, PUNCT):
                kind = ORD
            elif last == BIN and kind in (REL, CLOSE, PUNCT):
                total, last = total - before, ORD
            if last >= 0:
                before = space[last][kind]
                total += before
            last = kind
        return total - before if last == BIN else total

    def lines(self, style: int, stop: frozenset[str]) -> float:
        r"""The widest of the lines parted by ``\\``, before another token of ``stop``."""
        widest = self.row(style, stop)
        while self.at < self.end and self.tokens[self.at] == r"\\":
            self.at += 1
            widest = max(widest, self.row(style, stop))
        return widest

    def scripts(self, width: float, slant: float, style: int, limits: bool) -> float:
        """A nucleus with the scripts that follow it."""
        below = above = -1.0
        while self.at < self.end and self.tokens[self.at] in "_^":
            lower = self.tokens[self.at] == "_"
            self.at += 1
            size = self.argument(_UNDER[style])
            if lower:
                below = max(below, size)
            else:
                above = max(above, size)
        if limits:
            return max(width, below, above)
        right = slant + above if above >= 0 else 0.0
        return width + max(right, below) + _SCRIPT_SPACE

    def argument(self, style: int) -> float:
        """A group in braces, or one token."""
        if self.at >= self.end:
            return 0.0
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            return self.group(style)
        _, width, slant = self.fonts[_SIZE[style]].get(token) or self.special(token, style)
        return width + slant

    def group(self, style: int, stop: frozenset[str] = _GROUP_END) -> float:
        """What stands before the closing brace, which is read."""
        width = self.lines(style, stop) if r"\\" in stop else self.row(style, stop)
        self.at += 1
        return width

    def special(self, token: str, style: int) -> Atom:
        """An atom that is more than one token, or not in the tables."""
        if token == "{":
            return ORD, self.group(style), 0.0
        if token in _FRACTIONS:
            part = _FRACTIONS[token]
            part = _PART[style if part is None else part]
            return ORD, max(self.argument(part), self.argument(part)) + _NULL_DELIMITERS, 0.0
        if token in _SUMS:
            return LIMITS, _SUMS[token][style != DISPLAY], 0.0
        if token in _ALPHABETS:
            return self.alphabet(token, style)
        if token in _BIG:
            kind, level = _BIG[token]
            return kind, self.delimiter(level, style), 0.0
        known = _SPECIAL.get(token)
        if known is not None:
            return known(self, style)
        if token.startswith(r"\text") and token.endswith("}"):
            return ORD, _prose(token, _SIZE[style]), 0.0
        return (GLUE if unicodedata.combining(token[0]) else ORD), _stranger(token, _SIZE[style]), 0.0

    def alphabet(self, token: str, style: int) -> Atom:
        """An argument in another alphabet, or a named operator."""
        outer, self.fonts = self.fonts, _ALPHABETS[token]
        width = self.argument(style)
        self.fonts = outer
        return {r"\operatorname": OP, r"\operatorname*": LIMITS}.get(token, ORD), width, 0.0

    def delimiter(self, level: int, style: int) -> float:
        """The delimiter that comes next, at one of the six levels of size."""
        if self.at >= self.end:
            return 0.0
        widths = _LARGE.get(self.tokens[self.at], _LARGE["("])
        self.at += 1
        return widths[level] if level else _scaled(widths[0], _SIZE[style])

    def fenced(self, style: int) -> Atom:
        r"""What stands from ``\left`` to ``\right``, with delimiters as tall as it needs."""
        opening = self.at
        self.at += 1
        start = self.at
        width = self.row(style, _FENCE_END)
        level = _level(self.tokens[start : self.at])
        self.at, closing = opening, self.at + 1
        width += self.delimiter(level, style)
        self.at = closing
        return INNER, width + self.delimiter(level, style), 0.0

    def stray(self, style: int) -> Atom:
        r"""A ``\right`` without its ``\left``."""
        return CLOSE, self.delimiter(0, style), 0.0

    def table(self, style: int) -> Atom:
        """An environment: columns as wide as their widest cells, 10pt apart, in its brackets."""
        name = self.name()
        if name == "array":
            self.argument(TEXT)
        start, columns, column = self.at, [0.0], 0
        while True:
            cell = self.row(TEXT, _CELL_END)
            if column == len(columns):
                columns.append(0.0)
            columns[column] = max(columns[column], cell)
            token = self.tokens[self.at] if self.at < self.end else r"\end"
            self.at += 1
            if token == r"\end":
                break
            column = column + 1 if token == "&" else 0
        inside = self.tokens[start : self.at]
        tall = r"\frac" in inside or inside.count(r"\\") > 1
        bracket = _LARGE[_BRACKETS.get(name, ".")][5 if tall else 3 if r"\\" in inside else 1]
        self.name()
        return INNER, sum(columns) + 10.0 * (len(columns) - 1) + 2 * bracket, 0.0

    def name(self) -> str:
        """The name in braces, not a width."""
        if self.at >= self.end or self.tokens[self.at] != "{":
            return ""
        start = self.at + 1
        while self.at < self.end and self.tokens[self.at] != "}":
            self.at += 1
        self.at += 1
        return "".join(self.tokens[start : self.at - 1])

    def stack(self, style: int) -> Atom:
        r"""``\substack``."""
        self.at += self.at < self.end and self.tokens[self.at] == "{"
        return ORD, self.group(style, _ROW_END), 0.0

    def root(self, style: int) -> Atom:
        r"""``\sqrt``."""
        return ORD, self.option(TINY) + self.argument(style) + 10.0, 0.0

    def arrow(self, style: int) -> Atom:
        """An arrow with a text above it."""
        return REL, max(self.option(_UNDER[style]), self.argument(_UNDER[style]), 4.0) + 6.4, 0.0

    def option(self, style: int) -> float:
        """An argument in square brackets, if there is one."""
        if self.at >= self.end or self.tokens[self.at] != "[":
            return 0.0
        self.at += 1
        return self.group(style, _OPTION_END)


_SPECIAL: dict[str, Callable[[_Setter, int], Atom]] = {
    r"\left": _Setter.fenced, r"\right": _Setter.stray, r"\begin": _Setter.table, r"\substack": _Setter.stack,
    r"\sqrt": _Setter.root, r"\xrightarrow": _Setter.arrow, r"\xleftarrow": _Setter.arrow,
}


def _level(inside: list[str]) -> int:
    """The size of the delimiters that a formula needs round it."""
    parts = set(inside)
    if r"\begin" in parts or r"\sum" in parts or r"\prod" in parts:
        return 5
    if any(token in (r"\max", r"\min") and inside[k + 1 : k + 2] == ["_"] for k, token in enumerate(inside)):
        return 5
    if r"\frac" in parts:
        return 3
    return 1 if "^" in parts else 0


def _prose(token: str, size: int) -> float:
    """The points of a text in braces, with the command before it."""
    command, _, text = token[:-1].partition("{")
    font = (_BOLD if command.startswith(r"\textbf") else _ROMAN)[size]
    width = 0.0
    for char in text:
        if char.isspace():
            width += _scaled(3.34, size)
        elif char in font:
            width += 3.34 if char == "-" and size == 0 else font[char][1]
        else:
            width += _stranger(char, size)
    return width


def _stranger(token: str, size: int) -> float:
    """The points of a command or a character that is not in the tables."""
    if token[0] == "\\":
        return _scaled(_GENEROUS, size)
    if unicodedata.combining(token):
        return 0.0
    if _wide(token):
        return (10.0, 7.0, 5.0)[size]
    return _scaled(5.0 if token == "–" else 7.8, size)
