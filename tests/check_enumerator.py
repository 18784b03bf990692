"""What is true, by plain loops over t(o, a) = s(o-1) + d(a-1) + 1 - P. Nothing of symderiv is used here.

A value is a dict from a monomial (a sorted tuple of factors such as ``("g", (1, 2))``) to its coefficient.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product


@dataclass(frozen=True)
class Conv:
    """A convolution (cross-correlation) with the same stride, padding and dilation on every axis."""

    n: tuple[int, ...]
    k: tuple[int, ...]
    s: int = 1
    P: int = 0
    d: int = 1

    @property
    def m(self) -> tuple[int, ...]:
        return tuple((n + 2 * self.P - self.d * (k - 1) - 1) // self.s + 1 for n, k in zip(self.n, self.k, strict=False))

    def read(self, o: tuple[int, ...], a: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(self.s * (x - 1) + self.d * (y - 1) + 1 - self.P for x, y in zip(o, a, strict=False))

    def inside(self, t: tuple[int, ...]) -> bool:
        return all(1 <= x <= n for x, n in zip(t, self.n, strict=False))


def cells(shape: tuple[int, ...]):
    return product(*(range(1, n + 1) for n in shape))


def put(total: dict, factors: list, c=1) -> None:
    key = tuple(sorted(factors))
    total[key] = total.get(key, 0) + c
    if not total[key]:
        del total[key]


def true_input(layer: Conv, q: tuple[int, ...]) -> dict:
    total: dict = {}
    for o in cells(layer.m):
        for a in cells(layer.k):
            if layer.read(o, a) == q:
                put(total, [("g", o), ("w", a)])
    return total


def true_weight(layer: Conv, a: tuple[int, ...]) -> dict:
    total: dict = {}
    for o in cells(layer.m):
        t = layer.read(o, a)
        if layer.inside(t):
            put(total, [("g", o), ("x", t)])
    return total


def true_bias(layer: Conv) -> dict:
    total: dict = {}
    for o in cells(layer.m):
        put(total, [("g", o)])
    return total


def true_output(layer: Conv, o: tuple[int, ...]) -> dict:
    total: dict = {}
    for a in cells(layer.k):
        t = layer.read(o, a)
        if layer.inside(t):
            put(total, [("w", a), ("x", t)])
    put(total, [("b", ())])
    return total


@dataclass(frozen=True)
class Linear:
    """An index or a limit on one axis: const + sum(coefficient * letter), divided exactly by ``over``."""

    const: int = 0
    parts: tuple[tuple[str, int], ...] = ()
    over: int = 1

    def value(self, env: dict) -> Fraction:
        return Fraction(self.const + sum(c * env[x] for x, c in self.parts), self.over)

    @property
    def alone(self) -> bool:
        return len(self.parts) == 0 or (len(self.parts) == 1 and self.parts[0][1] == 1 and self.const == 0 and self.over == 1)

    def text(self) -> str:
        out = ""
        for x, c in self.parts:
            piece = x if abs(c) == 1 else f"{abs(c)}{x}"
            out += ("-" if c < 0 else "+" if out else "") + piece
        if self.const or not out:
            out += ("+" if self.const > 0 and out else "") + str(self.const)
        return out if self.over == 1 else rf"\frac{{{out}}}{{{self.over}}}"


@dataclass(frozen=True)
class Axis:
    """One axis of a general formula: the summed letter with its limits, and the two factors' indices."""

    letter: str
    low: tuple[Linear, ...]
    high: tuple[Linear, ...]
    first: Linear
    second: Linear


def general(layer: Conv, kind: str, axes: tuple[Axis, ...], env: dict, minus: bool = False, times: int = 1) -> dict | None:
    """The value of ``sum g[first] * other[second]`` at ``env``; None where an entry does not exist.

    ``kind`` is ``w`` (for dL/dI) or ``x`` (for dL/dW). An index that follows a letter of ``env`` reads 0
    outside its range; one of summed letters only names an entry that does not exist there.
    """
    total: dict = {}
    spans = []
    for axis in axes:
        low = max(f.value(env) for f in axis.low)
        high = min(f.value(env) for f in axis.high)
        spans.append(range(int(low), int(high) + 1))
    sizes = layer.k if kind == "w" else layer.n
    for values in product(*spans):
        inner = {**env, **{a.letter: v for a, v in zip(axes, values, strict=False)}}
        gone = False
        index = []
        for shape, name in ((layer.m, "first"), (sizes, "second")):
            found = []
            for axis, size in zip(axes, shape, strict=False):
                form: Linear = getattr(axis, name)
                x = form.value(inner)
                if x.denominator != 1:
                    return None
                if not 1 <= x <= size:
                    padded = kind == "x" and name == "second" and 1 - layer.P <= x <= size + layer.P
                    follows = not form.alone and any(letter in env for letter, _ in form.parts)
                    if not follows and not padded:
                        return None
                    gone = True
                found.append(int(x))
            index.append(tuple(found))
        if not gone:
            put(total, [("g", index[0]), (kind, index[1])], -times if minus else times)
    return total
