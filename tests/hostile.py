"""Notes that would hang, or bring down, a checker without limits: for each the text, and what is told of its last claim.

The tests look at what is told; ``benchmarks/check.py`` measures how long the slowest takes.
"""

from __future__ import annotations

from itertools import pairwise
from string import ascii_lowercase as LETTERS

HEAD = r"""$$O_{ij} = \sum_{a=1}^{2} \sum_{c=1}^{2} I_{i+a-1, j+c-1} W_{ac} + b$$ and $I$ has the shape $3 \times 3$.

"""


def _claim(right: str, before: str = "") -> str:
    return f"{before}{HEAD}$$" + r"\frac{\partial L}{\partial b} = " + f"{right}$$\n"


def _doubling(count: int) -> str:
    """Macros of which each is the next one twice: 2^count signs in all."""
    names = LETTERS[: count + 1]
    doubled = "".join(rf"\newcommand{{\m{x}}}{{\m{y}\m{y}}}" for x, y in pairwise(names))
    return doubled + rf"\newcommand{{\m{names[-1]}}}{{1}}"


def _nested(opening: str, count: int, closing: str) -> str:
    return opening * count + "1" + closing * count


_CELLS = "&".join(["W_{11}"] * 150)

POOL = r"""$$O_{ij} = \max_{1 \le a \le 2180,\ 1 \le b \le 2} I_{i+a-1, j+b-1}$$

$\frac{\partial L}{\partial I_{pq}} = \frac{\partial L}{\partial O_{ij}}$ (i) if $I_{pq}$ is the maximum of its window

$\frac{\partial L}{\partial I_{pq}} = 0$ (ii) if $I_{pq}$ is not the maximum
"""

DEAR: dict[str, tuple[str, str]] = {
    "a tower of powers": (_claim("9^{9^{9^9}}"), "exponent"),
    "a tower of powers as an index": (_claim("W_{9^{9^9},1}"), "exponent"),
    "braces": (_claim(_nested("{", 3000, "}")), "nesting"),
    "open braces": (_claim("{" * 300_000), "equation length"),
    "nested fractions": (_claim(_nested(r"\frac{1}{", 600, "}")), "nesting"),
    "nested scripts": (_claim("W_{" * 1000 + "1" + "}" * 1000), "nesting"),
    "nested substacks": (_claim(_nested(r"\sum_{\substack{", 500, "}}")), "nesting"),
    "nested floors": (_claim(_nested(r"\lfloor ", 3000, r"\rfloor ")), "nesting"),
    "a matrix of 150 x 150": (_claim(r"\begin{bmatrix}" + r"\\".join([_CELLS] * 150) + r"\end{bmatrix}"), "equation length"),
    "a sum to 10^9": (_claim(r"\sum_{i=1}^{1000000000} W_{11}"), "work"),
    "sums to 999 in one another": (_claim("".join(rf"\sum_{{{x}=1}}^{{999}}" for x in "defghk") + "W_{11}"), "work"),
    "a number of 10^5 digits": (_claim("9" * 100_000), "digits"),
    "a name of 10^5 letters": (_claim("a" * 100_000), "equation length"),
    "10^5 signs": (_claim("+-" * 50_000 + "1"), "equation length"),
    "a power of a power of a sum": (_claim("((W_{11}+W_{12}+W_{21}+W_{22})^{16})^{16}"), "work"),
    "a product of 60 sums": (_claim("*".join(["(W_{11}+W_{12}+W_{21}+W_{22}+b)"] * 60)), "work"),
    "macros that call themselves": (_claim(r"\a", r"\newcommand{\a}{\a\a}"), "macros"),
    "macros that call one another": (_claim(r"\a", r"\newcommand{\a}{\b\b}\newcommand{\b}{\c\c}\newcommand{\c}{\a\a}"), "macros"),
    "macros that double 20 times": (_claim(r"\ma", _doubling(20)), "macros"),
    "a macro that doubles its argument": (_claim(_nested(r"\d{", 40, "}"), r"\newcommand{\d}[1]{#1#1}"), "macros"),
    "a long macro in every claim": (HEAD + r"\newcommand{\a}{" + "1+" * 1900 + "1}" + r"$b = \a$ " * 400, "macros"),
    "claims past the limit": (HEAD + "$b = 1$ " * 6000, "claims in one file"),
    "a window of 2180 rows": (POOL, "terms of the layer"),
    "spans past the limit": (HEAD + "$W$ " * 11_000 + "$b = 1$", "spans a file"),
}
"""Text, and the limit that is named."""

UNREADABLE: dict[str, str] = {
    "a factorial of 10^8": _claim("100000000!"),
    "a division by zero": _claim(r"\frac{1}{0}"),
    "a huge index": _claim("W_{9999999999999999999,1}"),
    "3,000 sums": _claim(r"\sum_{i}" * 3000 + "W_{11}"),
    "words in a condition": _claim(r"b,\ \text{if " + "is the " * 2000 + "}"),
    "nothing but backslashes": _claim("\\" * 20_001 + "x"),
}
"""What can't be read for another reason."""

HARMLESS: dict[str, str] = {
    "10^6 spaces": HEAD + " " * 1_000_000 + "$b = 1$",
    "10^5 line ends": HEAD + "\n" * 100_000,
    "10^6 letters": "a" * 1_000_000,
    "names that go on": "a_" * 100_000 + " = 1",
    "words that open a shape": "I " + "has " * 50_000,
    "words that open a condition": HEAD + "when " + "at " * 60 + "zzz $p = 1$, $b = 1$",
    "words that open a tie": "tie all tied " * 20_000,
    "commas after a condition": HEAD + "if " + ", " * 50_000 + "x $b = 1$",
    "a statement with 10^6 spaces": "% symderiv derive a" + " " * 1_000_000 + "x\n" + HEAD,
    "letters before a sign": HEAD + "a" * 19_000 + " = b",
    "words that lead on": HEAD + "that is " * 2000 + "xyz dL/db = dL/dO_11",
    "spaces behind a sign": HEAD + ("b_1 = c_1" + " " * 19_000 + "x\n") * 40,
    "spaces behind a place": HEAD + "in the corner" + " " * 500_000 + "x $b = 1$",
    "brackets of words": HEAD + "b_1 = c_1 " + "(word " * 3000,
    "dollars": "$" * 200_000,
    "open delimiters": r"\(" * 50_000 + r"\[" * 50_000,
    "open environments": r"\begin{cases}\begin{align}" * 10_000,
    "open tables": r"\begin{tabular}" * 20_000,
    "open comments": "<!--" * 50_000,
    "open tags": ("<a" + " " * 300) * 300,
    "open verbatim": "".join(rf"\verb{chr(k)}" for k in range(0x3400, 0x3400 + 20_000)),
    "open macros": r"\newcommand\a[" * 20_000,
    "backticks": "".join("`" * (k % 300) + " " for k in range(2000)),
    "nested lists": "".join(" " * k + "- a\n" for k in range(1000)),
    "brackets, quotes, stars": "[" * 50_000 + ">" * 50_000 + "*" * 50_000 + "|" * 50_000,
    "combining marks": "$x" + "\u0301" * 100_000 + " = 1$",
    "directions of writing": "\u202e" * 100_000,
}
"""What holds no claim, or a plain one, between much that is tried in vain."""
