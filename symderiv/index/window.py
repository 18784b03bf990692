"""One axis of a window layer: which input position an output reads through a kernel position.

    t(o, a) = s*(o-1) + d*(a-1) + 1 - P        1 <= o <= m, 1 <= a <= k
"""

from __future__ import annotations

from dataclasses import dataclass

from symderiv.index.form import Form, ceil_div, extreme, floor_div


@dataclass(frozen=True)
class Axis:
    """Input length n, kernel length k, stride s, padding at both ends, dilation d."""

    n: Form
    k: Form
    s: Form
    start: Form
    end: Form
    d: Form
    ceil_mode: bool = False

    @property
    def reach(self) -> Form:
        """The length that a window spans: d*(k-1)+1."""
        return self.d * (self.k - 1) + 1

    @property
    def m(self) -> Form:
        """Output length: floor((n + start + end - d*(k-1) - 1)/s) + 1.

        With ``ceil_mode`` ceil for floor, less a last window that starts beyond n + start.
        """
        room = self.n + self.start + self.end - self.reach
        if not self.ceil_mode:
            return floor_div(room, self.s) + 1
        return extreme("min", [ceil_div(room, self.s) + 1, floor_div(self.n + self.start - 1, self.s) + 1])

    def replace(self, values: dict[str, Form | int]) -> Axis:
        """The axis with names replaced."""
        forms = [f.replace(values) for f in (self.n, self.k, self.s, self.start, self.end, self.d)]
        n, k, s, start, end, d = forms
        return Axis(n, k, s, start, end, d, self.ceil_mode)

    @property
    def numbers(self) -> NumberAxis | None:
        """The axis in integers, or None where a size is a name."""
        values = [f.constant for f in (self.n, self.k, self.s, self.start, self.end, self.d, self.m)]
        if any(v is None for v in values):
            return None
        return NumberAxis(*(v for v in values if v is not None))


@dataclass(frozen=True)
class NumberAxis:
    """An axis whose sizes are integers."""

    n: int
    k: int
    s: int
    start: int
    end: int
    d: int
    m: int

    def position(self, o: int, a: int) -> int:
        """t(o, a); outside 1..n it is padding."""
        return self.s * (o - 1) + self.d * (a - 1) + 1 - self.start

    def readers(self, t: int) -> list[tuple[int, int]]:
        """Every (o, a) that reads position t, by output."""
        if self.m <= self.k:
            tried = ((o, *divmod(t - self.position(o, 1), self.d)) for o in range(1, self.m + 1))
            return [(o, a + 1) for o, a, rest in tried if rest == 0 and 0 <= a < self.k]
        found = []
        for a in range(1, self.k + 1):
            o, rest = divmod(t - self.position(1, a), self.s)
            if rest == 0 and 0 <= o < self.m:
                found.append((o + 1, a))
        return sorted(found)

    def averaged(self, o: int, padded: bool) -> int:
        """How many positions of window o lie inside the input, or inside the padded input."""
        low, high = (1 - self.start, self.n + self.end) if padded else (1, self.n)
        return sum(low <= self.position(o, a) <= high for a in range(1, self.k + 1))
