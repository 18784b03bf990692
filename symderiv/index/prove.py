"""What holds for every value of the indices: a missed fact is allowed, a wrong one is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from symderiv.index.form import Extreme, Form, Ratio, as_form, const, extreme

Interval = tuple["int | None", "int | None"]


@dataclass(frozen=True)
class Facts:
    """Ranges of indices, outermost first, and the least value of every size name."""

    ranges: tuple[tuple[str, Form, Form], ...]
    least: Mapping[str, int]

    def with_ranges(self, more: Sequence[tuple[str, Form, Form]]) -> Facts:
        """These facts and the ranges of further, inner indices."""
        return Facts((*self.ranges, *more), self.least)

    def nonnegative(self, form: Form) -> bool:
        """Whether form >= 0 is certain."""
        if form.constant is not None:
            return form.constant >= 0
        lowered = self._lowered(form)
        if lowered is not None and self._sizes_nonnegative(_without_floors(lowered)):
            return True
        low = self._interval(form)[0]
        return low is not None and low >= 0

    def value(self, form: Form) -> int | None:
        """The one value that the form has, where interval arithmetic sees it."""
        low, high = self._interval(form)
        return low if low is not None and low == high else None

    def _lowered(self, form: Form) -> Form | None:
        """A lower bound without indices, by putting each at its worse end."""
        for name, low, high in reversed(self.ranges):
            if name not in form.names:
                continue
            c = form.coefficient(name)
            if c is None or not c.terms:
                return None
            if all(x > 0 for _, x in c.terms):
                end = low
            elif all(x < 0 for _, x in c.terms):
                end = high
            else:
                return None
            form = form.replace({name: end})
        return form

    def _sizes_nonnegative(self, form: Form) -> bool:
        total = 0
        for monomial, c in form.terms:
            if any(not isinstance(a, str) for a in monomial):
                return False
            if monomial and c < 0:
                return False
            for atom in monomial:
                c *= self.least.get(str(atom), 0)
            total += c
        return total >= 0

    # -- plain interval arithmetic ---------------------------------------------------------
    def _interval(self, form: Form) -> Interval:
        known: dict[str, Interval] = {n: (v, None) for n, v in self.least.items()}
        for name, low, high in self.ranges:
            known[name] = (_interval(low, known)[0], _interval(high, known)[1])
        return _interval(form, known)

    def simplify(self, kind: Literal["max", "min"], forms: Sequence[Form]) -> Form:
        """max or min without the forms that never decide."""
        kept: list[Form] = []
        flat = extreme(kind, forms)
        atom = flat.terms[0][0][0] if len(flat.terms) == 1 and len(flat.terms[0][0]) == 1 else None
        parts = atom.forms if isinstance(atom, Extreme) and flat.terms[0][1] == 1 else (flat,)
        for k, form in enumerate(parts):
            others = [*kept, *parts[k + 1 :]]
            if kind == "max":
                useless = any(self.nonnegative(o - form) for o in others)
            else:
                useless = any(self.nonnegative(form - o) for o in others)
            if not useless:
                kept.append(form)
        return extreme(kind, kept)


def _interval(form: Form, known: Mapping[str, Interval]) -> Interval:
    low: int | None = 0
    high: int | None = 0
    for monomial, c in form.terms:
        a, b = _monomial(monomial, known)
        ends = (a, b) if c > 0 else (b, a)
        low = None if low is None or ends[0] is None else low + c * ends[0]
        high = None if high is None or ends[1] is None else high + c * ends[1]
    return low, high


def _monomial(monomial: tuple[object, ...], known: Mapping[str, Interval]) -> Interval:
    if not monomial:
        return 1, 1
    if len(monomial) > 1:
        return None, None
    atom = monomial[0]
    if isinstance(atom, str):
        return known.get(atom, (None, None))
    if isinstance(atom, Ratio):
        divisor = atom.bottom.constant
        if divisor is None:
            return None, None
        a, b = _interval(atom.top, known)
        up = divisor - 1 if atom.kind == "ceil" else 0
        return (
            None if a is None else (a + up) // divisor,
            None if b is None else (b + up) // divisor,
        )
    assert isinstance(atom, Extreme)
    ends = [_interval(f, known) for f in atom.forms]
    lows, highs = [e[0] for e in ends], [e[1] for e in ends]
    pick = max if atom.kind == "max" else min
    some_low = [x for x in lows if x is not None]
    some_high = [x for x in highs if x is not None]
    if atom.kind == "max":
        low = max(some_low) if some_low else None
        high = pick(some_high) if len(some_high) == len(highs) else None
    else:
        low = pick(some_low) if len(some_low) == len(lows) else None
        high = min(some_high) if some_high else None
    return low, high


def _without_floors(form: Form) -> Form:
    """A lower bound without floors and ceilings that are divided by a factor of their coefficient: -2*floor(N/2) >= -N."""
    total = Form()
    for monomial, c in form.terms:
        atom = monomial[0] if len(monomial) == 1 else None
        divisor = atom.bottom.constant if isinstance(atom, Ratio) else None
        if not isinstance(atom, Ratio) or divisor is None or atom.kind == "exact" or c % divisor:
            total = total + Form(((monomial, c),))
            continue
        least = atom.top if atom.kind == "ceil" else atom.top - (divisor - 1)
        most = atom.top if atom.kind == "floor" else atom.top + (divisor - 1)
        total = total + (least if c > 0 else most) * (c // divisor)
    return total


def equal_always(a: Form, b: Form) -> bool:
    """Whether two limits are the same form, floor((e+c-1)/c) and ceil(e/c) being one."""
    return a == b or _floors(a) == _floors(b)


def _floors(form: Form) -> Form:
    """Every ceil(e/c) as floor((e+c-1)/c)."""
    from symderiv.index.form import floor_div

    total = const(0)
    for monomial, c in form.terms:
        atom = monomial[0] if len(monomial) == 1 else None
        if isinstance(atom, Ratio) and atom.kind == "ceil":
            total = total + floor_div(atom.top + atom.bottom - 1, atom.bottom) * c
        else:
            total = total + Form(((monomial, c),))
    return as_form(total)
