"""A symbol that a user gave in LaTeX as a terminal shows it: ``\\delta`` is δ, ``X^{(l)}`` is X^(l)."""

from __future__ import annotations

import re

_GREEK = dict(zip(
    ["alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell", "nabla", "partial"],
    "αβγδϵεζηθικλμνξπρστυϕφχψωΓΔΘΛΞΠΣΥΦΨΩℓ∇∂", strict=True,
))
_SCRIPT = dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))
_ALPHABETS = {"mathcal": 0x1D49C, "mathscr": 0x1D49C, "mathbf": 0x1D400, "boldsymbol": 0x1D400, "bm": 0x1D400}
_DOUBLE = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307", "vec": "\u20d7", "overline": "\u0305"}


def plain(symbol: str) -> str:
    """The symbol without LaTeX's commands and braces where Unicode has them; what it has not stays as it is."""
    text = re.sub(r"\\([A-Za-z]+)\s*(?:\{([A-Za-z])\}|([A-Za-z])(?![A-Za-z]))", _lettered, symbol)
    text = re.sub(r"\\([A-Za-z]+)\s*", lambda m: _GREEK.get(m[1], m[0]), text)
    return re.sub(r"\{([^{}]*)\}", r"\1", text) if "\\" not in text else text


def _lettered(match: re.Match[str]) -> str:
    command, letter = match[1], match[2] or match[3]
    if command in _ACCENTS:
        return letter + _ACCENTS[command]
    if command == "mathbb":
        return _DOUBLE.get(letter, match[0])
    if command in ("mathrm", "mathit", "operatorname", "text"):
        return letter
    if command not in _ALPHABETS:
        return match[0]
    if _ALPHABETS[command] == 0x1D49C and letter in _SCRIPT:
        return _SCRIPT[letter]
    capital = letter.isupper()
    return chr(_ALPHABETS[command] + ord(letter) - (65 if capital else 97) + (0 if capital else 26))
