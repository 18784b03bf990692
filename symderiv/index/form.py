"""Index forms: integer polynomials in index and size names, with floor, ceil, min and max.

``s*(i-1)+d*(u-1)+1-P`` is a form; so is ``floor((p+P-1)/s)+1``. A form keeps the order in which
its terms were written, since a person reads ``p-i+1`` and not ``1-i+p``; equality ignores it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Literal, Union

Atom = Union[str, "Ratio", "Extreme"]
Monomial = tuple[Atom, ...]


def _key(atom: Atom) -> tuple[int, str]:
    return (0, atom) if isinstance(atom, str) else (1, repr(atom))


@dataclass(frozen=True, eq=False)
class Form:
    """A sum of coefficient * product of atoms; the empty product is the constant."""

    terms: tuple[tuple[Monomial, int], ...] = ()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            other = const(other)
        return isinstance(other, Form) and self._unordered == other._unordered

    def __hash__(self) -> int:
        return hash(self._unordered)

    @cached_property
    def _unordered(self) -> frozenset[tuple[Monomial, int]]:
        return frozenset(self.terms)

    # -- arithmetic ------------------------------------------------------------------------
    def __add__(self, other: FormLike) -> Form:
        return _collect([*self.terms, *as_form(other).terms])

    def __radd__(self, other: int) -> Form:
        return const(other) + self

    def __neg__(self) -> Form:
        return Form(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: FormLike) -> Form:
        return self + (-as_form(other))

    def __rsub__(self, other: int) -> Form:
        return const(other) + (-self)

    def __mul__(self, other: FormLike) -> Form:
        return _collect(
            (tuple(sorted((*m, *n), key=_key)), c * d)
            for m, c in self.terms
            for n, d in as_form(other).terms
        )

    def __rmul__(self, other: int) -> Form:
        return const(other) * self

    # -- questions -------------------------------------------------------------------------
    @cached_property
    def names(self) -> frozenset[str]:
        """Every name in the form, inside floor and max too."""
        found: set[str] = set()
        for monomial, _ in self.terms:
            for atom in monomial:
                found |= {atom} if isinstance(atom, str) else atom.names
        return frozenset(found)

    @property
    def constant(self) -> int | None:
        """The number that this form is, or None."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and self.terms[0][0] == ():
            return self.terms[0][1]
        return None

    @property
    def offset(self) -> int:
        """The constant term."""
        return next((c for m, c in self.terms if m == ()), 0)

    @property
    def plain_name(self) -> str | None:
        """The name that this form is, or None."""
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            atom = self.terms[0][0][0]
            return atom if isinstance(atom, str) else None
        return None

    def coefficient(self, name: str) -> Form | None:
        """The factor of ``name`` where the form is linear in it, None where it is not."""
        found: list[tuple[Monomial, int]] = []
        for monomial, c in self.terms:
            count = sum(1 for atom in monomial if atom == name)
            inside = any(not isinstance(a, str) and name in a.names for a in monomial)
            if count > 1 or inside:
                return None
            if count:
                found.append((tuple(a for a in monomial if a != name), c))
        return _collect(found)

    # -- change ----------------------------------------------------------------------------
    def replace(self, values: Mapping[str, FormLike]) -> Form:
        """The form with names replaced, simplified as far as integers allow."""
        if self.names.isdisjoint(values):
            return self
        total: dict[Monomial, int] = {}
        for monomial, c in self.terms:
            for m, d in _replaced(monomial, c, values) if monomial else (((), c),):
                total[m] = total.get(m, 0) + d
                if not total[m]:
                    del total[m]
        return Form(tuple(total.items()))

    def value(self, env: Mapping[str, int]) -> int:
        """The integer at ``env``. Raises KeyError for a name without a value."""
        total = 0
        for monomial, c in self.terms:
            for atom in monomial:
                c *= env[atom] if isinstance(atom, str) else atom.value(env)
            total += c
        return total

    def __repr__(self) -> str:
        from symderiv.index.write import write_form

        return f"Form({write_form(self)})"


FormLike = Union[Form, int]


@dataclass(frozen=True)
class Ratio:
    """floor(top/bottom), ceil(top/bottom), or the exact quotient top/bottom."""

    kind: Literal["floor", "ceil", "exact"]
    top: Form
    bottom: Form

    @property
    def names(self) -> frozenset[str]:
        return self.top.names | self.bottom.names

    def value(self, env: Mapping[str, int]) -> int:
        top, bottom = self.top.value(env), self.bottom.value(env)
        if self.kind == "exact" and top % bottom:
            raise ArithmeticError(f"{bottom} does not divide {top}")
        return -((-top) // bottom) if self.kind == "ceil" else top // bottom


@dataclass(frozen=True)
class Extreme:
    """max(forms) or min(forms)."""

    kind: Literal["max", "min"]
    forms: tuple[Form, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(f.names for f in self.forms))

    def value(self, env: Mapping[str, int]) -> int:
        values = [f.value(env) for f in self.forms]
        return max(values) if self.kind == "max" else min(values)


def _collect(terms: Iterable[tuple[Monomial, int]]) -> Form:
    total: dict[Monomial, int] = {}
    for monomial, c in terms:
        total[monomial] = total.get(monomial, 0) + c
    if 0 in total.values():
        return Form(tuple([(m, c) for m, c in total.items() if c]))
    return Form(tuple(total.items()))


def const(value: int) -> Form:
    """The number as a form."""
    return Form((((), value),)) if value else Form()


def name(text: str) -> Form:
    """The name as a form."""
    return Form((((text,), 1),))


def integers(forms: Iterable[Form]) -> tuple[int, ...]:
    """The numbers that the forms are. Raises ValueError where one has a name in it."""
    values = tuple(f.constant for f in forms)
    if any(v is None for v in values):
        raise ValueError("a size is a name")
    return tuple(v for v in values if v is not None)


def as_form(value: FormLike) -> Form:
    """A form from a form or an integer."""
    return const(value) if isinstance(value, int) else value


def _replaced(monomial: Monomial, c: int, values: Mapping[str, FormLike]) -> tuple[tuple[Monomial, int], ...]:
    """The terms of c * monomial with names replaced; numbers, by far the most frequent, are multiplied in at once."""
    if len(monomial) == 1 and isinstance(atom := monomial[0], str):
        value = values.get(atom)
        if value is None:
            return ((monomial, c),)
        if isinstance(value, int):
            return (((), c * value),) if c * value else ()
        return tuple([(m, c * d) for m, d in value.terms]) if c != 1 else value.terms
    rest: list[Atom] = []
    product: Form | None = None
    for atom in monomial:
        value = values.get(atom) if isinstance(atom, str) else _replace_atom(atom, values)
        if value is None:
            rest.append(atom)
        elif isinstance(value, int):
            c *= value
        else:
            product = value if product is None else product * value
    if not c:
        return ()
    own = Form(((tuple(sorted(rest, key=_key)) if len(rest) > 1 else tuple(rest), c),))
    return own.terms if product is None else (own * product).terms


def _replace_atom(atom: Atom, values: Mapping[str, FormLike]) -> Form:
    if isinstance(atom, str):
        return as_form(values[atom]) if atom in values else name(atom)
    if isinstance(atom, Ratio):
        top, bottom = atom.top.replace(values), atom.bottom.replace(values)
        return {"floor": floor_div, "ceil": ceil_div, "exact": exact_div}[atom.kind](top, bottom)
    return extreme(atom.kind, [f.replace(values) for f in atom.forms])


def _pull_out(top: Form, divisor: int, low: int) -> tuple[Form, Form]:
    """Split top into divisor * whole + rest, the rest's constant within low .. low+divisor-1."""
    whole: list[tuple[Monomial, int]] = []
    rest: list[tuple[Monomial, int]] = []
    for monomial, c in top.terms:
        if monomial == ():
            shift = (c - low) // divisor
            whole.append((monomial, shift))
            rest.append((monomial, c - shift * divisor))
        elif c % divisor == 0:
            whole.append((monomial, c // divisor))
        else:
            rest.append((monomial, c))
    return _collect(whole), _collect(rest)


def _rounded(kind: Literal["floor", "ceil"], top: Form, bottom: Form) -> Form:
    divisor = bottom.constant
    if divisor is None:
        if top == bottom:
            return const(1)
        return const(0) if not top.terms else Form((((Ratio(kind, top, bottom),), 1),))
    if divisor <= 0:
        raise ZeroDivisionError("a divisor must be positive")
    if divisor == 1:
        return top
    whole, rest = _pull_out(top, divisor, 0 if kind == "floor" else 1 - divisor)
    number = rest.constant
    if number is not None:
        return whole + (number // divisor if kind == "floor" else -((-number) // divisor))
    return Form((((Ratio(kind, rest, bottom),), 1),)) + whole


def floor_div(top: FormLike, bottom: FormLike) -> Form:
    """floor(top/bottom); bottom is positive."""
    return _rounded("floor", as_form(top), as_form(bottom))


def ceil_div(top: FormLike, bottom: FormLike) -> Form:
    """ceil(top/bottom); bottom is positive."""
    return _rounded("ceil", as_form(top), as_form(bottom))


def exact_div(top: FormLike, bottom: FormLike) -> Form:
    """top/bottom where a condition beside it says that it is an integer."""
    top, bottom = as_form(top), as_form(bottom)
    divisor = bottom.constant
    if divisor is not None and all(c % divisor == 0 for _, c in top.terms):
        return Form(tuple((m, c // divisor) for m, c in top.terms))
    return Form((((Ratio("exact", top, bottom),), 1),))


def floored(form: Form) -> Form:
    """The form with floors for its exact quotients: the same where they are whole numbers."""
    total = Form()
    for monomial, c in form.terms:
        part = const(c)
        for atom in monomial:
            exact = isinstance(atom, Ratio) and atom.kind == "exact"
            part = part * (floor_div(floored(atom.top), atom.bottom) if exact and isinstance(atom, Ratio) else Form((((atom,), 1),)))
        total = total + part
    return total


def remainder(form: Form, divisor: Form) -> Form:
    """The form without what the divisor divides anyway: p-2*i+3 by 2 is p+1."""
    number = divisor.constant
    if number is None:
        return form
    return Form(tuple((m, c % number if m == () or c > 0 else -(-c % number)) for m, c in form.terms if c % number))


def whole(form: Form) -> Form:
    """Exact quotients taken out where they cancel: 2*((p-2)/2)+3 is p+1, S*(p/S) is p, (p-2)/2+1 is p/2."""
    total, ratios = Form(), []
    for monomial, c in form.terms:
        ratio = next((a for a in monomial if isinstance(a, Ratio) and a.kind == "exact"), None)
        if len(monomial) == 1 and isinstance(monomial[0], Extreme):
            total = total + extreme(monomial[0].kind, [whole(f) for f in monomial[0].forms]) * c
        elif ratio is None:
            total = total + Form(((monomial, c),))
        elif len(monomial) == 1 and (b := ratio.bottom.constant):
            shared = gcd(c, b)
            top = whole(ratio.top)
            if shared == b:
                total = total + top * (c // b)
            else:
                ratios.append((Ratio("exact", top, const(b // shared)), c // shared))
        else:
            total = total + _cancelled(monomial, ratio) * c
    if len(ratios) == 1 and ratios[0][1] == 1 and total.constant is not None:
        atom = ratios[0][0]
        return exact_div(atom.top + atom.bottom * total, atom.bottom)
    for atom, c in ratios:
        total = Form((((atom,), c),)) + total
    return total


def _cancelled(monomial: Monomial, ratio: Ratio) -> Form:
    """S * (p/S) as p where the divisor is a name that stands before the quotient."""
    rest = list(monomial)
    rest.remove(ratio)
    divisor = ratio.bottom.plain_name
    if divisor not in rest:
        return Form(((monomial, 1),))
    rest.remove(divisor)
    return whole(ratio.top) * Form(((tuple(rest), 1),))


def extreme(kind: Literal["max", "min"], forms: Iterable[Form]) -> Form:
    """max or min of the forms: nested ones flattened, repeated ones and known ones dropped."""
    kept: list[Form] = []
    for form in _flatten(kind, forms):
        gaps = [_gap(form, k) for k in kept]
        if any(g is not None and (g <= 0 if kind == "max" else g >= 0) for g in gaps):
            continue
        kept = [k for k, g in zip(kept, gaps, strict=True) if g is None] + [form]
    if len(kept) == 1:
        return kept[0]
    return Form((((Extreme(kind, tuple(kept)),), 1),))


def _gap(a: Form, b: Form) -> int | None:
    """a - b where it is a number."""
    left, right = dict(a.terms), dict(b.terms)
    number = left.pop((), 0) - right.pop((), 0)
    return number if left == right else None


def _flatten(kind: str, forms: Iterable[Form]) -> Iterator[Form]:
    for form in forms:
        single = form.terms[0][0] if len(form.terms) == 1 and form.terms[0][1] == 1 else ()
        if len(single) == 1 and isinstance(single[0], Extreme) and single[0].kind == kind:
            yield from single[0].forms
        else:
            yield form
