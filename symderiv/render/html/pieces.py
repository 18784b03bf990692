"""Where the row of a formula may break: in a sum between factors, in a display before a sign or behind a comma."""

from __future__ import annotations

from collections.abc import Iterator

from symderiv.render.html.mathml import tokens_of

_OPEN = {"{", "[", "(", r"\left", r"\begin", r"\{", r"\lfloor", r"\lceil"}
_CLOSE = {"}", "]", ")", r"\right", r"\end", r"\}", r"\rfloor", r"\rceil"}
_SIGNS = {"=", "+", "-", r"\star", "*"}
_FACTORS = {"[", r"\cdot", r"\sum"}


def of_term(tex: str) -> list[str]:
    """A term's factors, each with the sums in front of it, and its conditions; a term without sums and conditions stays whole."""
    if r"\sum" not in tex and "[" not in tex:
        return [tex]
    return _cut(tex, [
        at for at, token, before in _top(tex) if before == r"\quad" or (token in _FACTORS and before not in ("", "=", "+", "-", r"\sum"))
    ])


def of_display(tex: str) -> list[str]:
    """Of several formulas each; of one the parts between its signs."""
    found = list(_top(tex))
    apart = [at for at, _, before in found if before == r"\quad"]
    return _cut(tex, apart or [at for at, token, before in found if token in _SIGNS and before not in (*_SIGNS, "")])


def _cut(tex: str, cuts: list[int]) -> list[str]:
    ends = [*cuts, len(tex)]
    return [tex[start:end] for start, end in zip([0, *cuts], ends, strict=True)]


def _top(tex: str) -> Iterator[tuple[int, str, str]]:
    """The tokens outside brackets and scripts: where each begins, itself, and the one before it."""
    depth, script, before = 0, False, ""
    for token in tokens_of(tex):
        if token.text in ("_", "^") and not depth:
            script = True
            continue
        depth -= token.text in _CLOSE
        if not depth and not script and token.text not in _CLOSE:
            yield token.start, token.text, before
        if not depth and not script:
            before = token.text
        depth += token.text in _OPEN
        script = script and depth > 0
