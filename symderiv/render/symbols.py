"""The printed symbols that a user may choose: plain mathematical names, as TeX and as terminal text.

A name is letters or one macro, perhaps in a font or under an accent, with primes and scripts:
X, \\delta, \\mathcal{L}, \\hat x, W^{(l)}, x_1. Only macros that amsmath knows are allowed, since a
fragment must compile anywhere, and no other macro, since what TeX runs should be no surprise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "ϕ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}
LETTERS = GREEK | {"ell": "ℓ", "hbar": "ℏ", "imath": "ı", "jmath": "ȷ", "nabla": "∇"}
MARKS = {"prime": "′", "ast": "∗", "star": "⋆", "dagger": "†", "top": "⊤", "circ": "∘"}
FONTS = frozenset({"mathcal", "mathbf", "mathrm", "mathit", "mathsf", "mathtt", "boldsymbol"})
ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0305", "tilde": "\u0303",
           "widetilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308"}
LONGEST = 60
_MACRO_OF = {char: rf"\{macro}" for macro, char in reversed(LETTERS.items())}
_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z]+|[0-9]+|\S|\s+")
_BETWEEN = frozenset("(),+-*/[]=")


@dataclass(frozen=True)
class Spelling:
    """A symbol in TeX and in a terminal."""

    tex: str
    text: str


class NoSymbol(ValueError):
    """It is none; the message says why."""


def spell(symbol: str) -> Spelling:
    """The symbol's two spellings.

    Raises:
        NoSymbol: it is no plain mathematical name.
    """
    if len(symbol) > LONGEST:
        raise NoSymbol(f"it has over {LONGEST} characters")
    symbol = symbol.strip()
    reader = _Reader(_TOKEN.findall(symbol))
    found = reader.name()
    if reader.next:
        raise NoSymbol(f"{'a blank' if reader.next.isspace() else reader.next} may not stand there")
    # As the user wrote it, which is what a reader looks for; TeX refuses x_1_2, so a subscript goes in braces.
    tex = symbol if symbol.isascii() else found.tex
    return Spelling(f"{{{tex}}}" if "_" in tex else tex, found.text)


class _Reader:
    """Reads tokens from the left; each method takes what it names."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    @property
    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def name(self) -> Spelling:
        """Letters or a macro, primes, and a script of each kind at most."""
        found, seen = self._nucleus(), ""
        while self.next == "'":
            found = _joined(found, self._plain())
        while self.next in ("_", "^") and self.next not in seen:
            mark = self.tokens.pop(0)
            seen += mark
            inner = self._script(mark)
            found = Spelling(f"{found.tex}{mark}{{{inner.tex}}}", f"{found.text}{mark}{inner.text}")
        return found

    def _plain(self) -> Spelling:
        token = self.tokens.pop(0)
        return Spelling(token, token)

    def _nucleus(self) -> Spelling:
        token = self.next
        macro = token[1:] if token.startswith("\\") else ""
        if token in LETTERS:
            raise NoSymbol(f"for the letter write \\{token}, in quotes, since a shell takes the backslash away")
        if re.fullmatch("[A-Za-z]+", token):
            return self._plain()
        if token in _MACRO_OF:
            self.tokens.pop(0)
            return Spelling(_MACRO_OF[token], token)
        if macro in LETTERS:
            self.tokens.pop(0)
            return Spelling(token, LETTERS[macro])
        if macro in FONTS or macro in ACCENTS:
            self.tokens.pop(0)
            inner = self._argument(token)
            return Spelling(f"{token}{{{inner.tex}}}", inner.text + ACCENTS.get(macro, ""))
        if macro:
            raise NoSymbol(rf"{token} is not known here; \delta, \ell, \hat x, \mathcal{{L}} and \mathbf{{X}} are")
        raise NoSymbol(f"{token} begins no letter" if token else "a letter is missing")

    def _argument(self, of: str) -> Spelling:
        self._spaces()
        if self.next == "{":
            self.tokens.pop(0)
            found = self.name()
            self._close(of)
            return found
        return self._single(of)

    def _script(self, of: str) -> Spelling:
        if self.next != "{":
            return self._single(of)
        self.tokens.pop(0)
        found = Spelling("", "")
        while self.next not in ("}", ""):
            token = self.next
            macro = token[1:] if token.startswith("\\") else ""
            if token.isdigit() or token in _BETWEEN or token == " ":
                found = _joined(found, self._plain())
            elif macro in MARKS:
                self.tokens.pop(0)
                found = _joined(found, Spelling(token, MARKS[macro]))
            else:
                found = _joined(found, self.name())
        self._close(of)
        if not found.tex.strip():
            raise NoSymbol(f"nothing stands behind {of}")
        return found

    def _single(self, of: str) -> Spelling:
        """One letter, digit or macro: TeX takes no more without braces."""
        self._spaces()
        token = self.next
        if re.fullmatch("[A-Za-z]{2,}|[0-9]{2,}", token):
            raise NoSymbol(f"put braces round what stands behind {of}: {of}{{{token}}}")
        if re.fullmatch("[A-Za-z0-9]", token):
            return self._plain()
        if token[1:] in MARKS and of in "_^":
            self.tokens.pop(0)
            return Spelling(token, MARKS[token[1:]])
        if token[1:] in LETTERS or token in _MACRO_OF:
            return self._nucleus()
        raise NoSymbol(f"nothing that fits stands behind {of}")

    def _spaces(self) -> None:
        while self.next.isspace():
            self.tokens.pop(0)

    def _close(self, of: str) -> None:
        if self.next != "}":
            raise NoSymbol(f"the brace behind {of} is not closed" if not self.next else f"{self.next} may not stand behind {of}")
        self.tokens.pop(0)


def _joined(a: Spelling, b: Spelling) -> Spelling:
    """One behind the other; a macro is parted from a letter that follows it."""
    gap = " " if re.search(r"\\[A-Za-z]+$", a.tex) and re.match("[A-Za-z]", b.tex) else ""
    return Spelling(a.tex + gap + b.tex, a.text + b.text)
