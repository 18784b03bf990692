"""One-line text of an index form; the same skeleton serves every printer.

A form such as ``s*i - s + u - P`` is grouped by what multiplies it, so that it reads
``s*(i-1)+u-P``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from symderiv.index.form import Atom, Extreme, Form, Monomial, Ratio


@dataclass(frozen=True, eq=False)
class Spelling:
    """How the pieces of a form are written in one format."""

    name: Callable[[str], str] = str
    times: str = "*"
    digit_times: str = "*"
    floor: Callable[[str, str], str] = lambda a, b: f"floor(({a})/{b})"
    ceil: Callable[[str, str], str] = lambda a, b: f"ceil(({a})/{b})"
    exact: Callable[[str, str], str] = lambda a, b: f"({a})/{b}"
    extreme: Callable[[str, list[str]], str] = lambda kind, xs: f"{kind}({', '.join(xs)})"
    plus: str = "+"
    minus: str = "-"


PLAIN = Spelling()
Terms = tuple[tuple[Monomial, int], ...]


def write_form(form: Form, spell: Spelling = PLAIN) -> str:
    """The form as text. Parsing the plain spelling gives an equal form."""
    for monomial, _ in form.terms:
        for atom in monomial:
            if not isinstance(atom, str):  # what stands inside of it is equal in another order too, which is written otherwise
                return _written(form.terms, spell)
    return _remembered(form.terms, spell)


def _written(terms: Terms, spell: Spelling) -> str:
    form = Form(terms)
    pieces = [_piece(m, c, inner, spell) for m, c, inner in _grouped(form)]
    if not pieces:
        return "0"
    text = ""
    for negative, body in pieces:
        sign = spell.minus if negative else spell.plus
        text += ("-" + body if negative else body) if not text else sign + body
    return text


_remembered = lru_cache(maxsize=4096)(_written)


def _grouped(form: Form) -> list[tuple[Monomial, int, Form | None]]:
    """Terms in order, those with a common symbolic factor as factor * (rest); constant last."""
    terms = [t for t in form.terms if t[0] != ()]
    out: list[tuple[Monomial, int, Form | None]] = []
    used: set[Monomial] = set()
    for monomial, c in terms:
        if monomial in used:
            continue
        partner = next(
            (
                (m, d)
                for m, d in terms
                if m not in used and len(monomial) == 2 and len(m) == 1 and m[0] in monomial
                and d % c == 0 and isinstance(m[0], str)
            ),
            None,
        )
        if partner is None:
            out.append((monomial, c, None))
            continue
        used |= {monomial, partner[0]}
        factor = partner[0]
        other = monomial[1] if monomial[0] == factor[0] else monomial[0]
        out.append((factor, c, Form((((other,), 1), ((), partner[1] // c)))))
    out = [entry for entry in out if entry[2] is not None or entry[0] not in used]
    if out and out[0][1] < 0:
        first = next((k for k, entry in enumerate(out) if entry[1] > 0), None)
        if first is not None:
            out.insert(0, out.pop(first))
        elif form.offset > 0:
            return [((), form.offset, None), *out]
    return out + ([((), form.offset, None)] if form.offset else [])


def _piece(monomial: Monomial, c: int, inner: Form | None, spell: Spelling) -> tuple[bool, str]:
    names = [_atom(a, spell) for a in monomial]
    if len(monomial) + (inner is not None) + (abs(c) != 1) > 1:
        names = [
            f"({n})" if isinstance(a, Ratio) and a.kind == "exact" else n
            for a, n in zip(monomial, names, strict=True)
        ]
    if inner is not None:
        names.append(f"({write_form(inner, spell)})")
    body = spell.times.join(names)
    if not body:
        return c < 0, str(abs(c))
    return c < 0, body if abs(c) == 1 else f"{abs(c)}{spell.digit_times}{body}"


def _atom(atom: Atom, spell: Spelling) -> str:
    if isinstance(atom, str):
        return spell.name(atom)
    if isinstance(atom, Extreme):
        return spell.extreme(atom.kind, [write_form(f, spell) for f in atom.forms])
    assert isinstance(atom, Ratio)
    write = {"floor": spell.floor, "ceil": spell.ceil, "exact": spell.exact}[atom.kind]
    bottom = write_form(atom.bottom, spell)
    return write(write_form(atom.top, spell), bottom if len(atom.bottom.terms) == 1 else f"({bottom})")
