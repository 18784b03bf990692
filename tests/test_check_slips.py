"""Slips planted at random in general formulas at random sizes: called wrong, told by their kind, mended to the true value.

What is true comes from plain loops (``check_enumerator``); formulas and repairs are read by patterns of this file, which
know nothing of the checker.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import pytest
from check_enumerator import Conv, cells, put, true_bias, true_input, true_weight

from symderiv.api import check_notes
from symderiv.report_model import Claim

Pair = tuple[str, str]
SUM = re.compile(r"\\sum_\{(\w)=([^{}]*)\}\^\{([^{}]*)\}")
FACTOR = re.compile(r"\s*(-?)\s*(\\frac\{1\}\{\d+\}|\d*)\s*(?:\\cdot)?\s*")
ENTRIES = re.compile(r"\\frac\{\\partial L\}\{\\partial O_\{([^{}]*)\}\}(?:\s*([IW])_\{([^{}]*)\})?")


@dataclass(frozen=True)
class Formula:
    """A factor, two sums, an upstream entry and one of I or W; every piece as it is written."""

    tensor: str
    letters: tuple[str, ...]
    inner: Pair
    low: Pair
    high: Pair
    upstream: Pair
    other: str
    index: Pair
    factor: str = ""
    summed: int = 2

    @property
    def text(self) -> str:
        ranges = list(zip(self.inner, self.low, self.high, strict=True))[: self.summed]
        sums = "".join(rf"\sum_{{{x}={a}}}^{{{b}}} " for x, a, b in ranges)
        at = "_{" + ",".join(self.letters) + "}" if self.letters else ""
        entry = f" {self.other}_{{{','.join(self.index)}}}" if self.other else ""
        return rf"\frac{{\partial L}}{{\partial {self.tensor}{at}}} = {self.factor}{sums}\frac{{\partial L}}{{\partial O_{{{','.join(self.upstream)}}}}}{entry}"


def affine(const: int, *parts: tuple[int, str]) -> str:
    """``2i-p+1``."""
    text = ""
    for c, letter in parts:
        text += ("-" if c < 0 else "+" if text else "") + (str(abs(c)) if abs(c) > 1 else "") + letter
    return text + (f"{const:+d}" if const else "")


def right_forms(layer: Conv) -> Iterator[Formula]:
    """The true formulas of the layer, by kernel position, by output and for each tensor."""
    s, pad, m, k = layer.s, layer.P, layer.m, layer.k
    ones, outs, kernel = ("1", "1"), (str(m[0]), str(m[1])), (str(k[0]), str(k[1]))
    if s == 1:
        yield Formula("I", ("p", "q"), ("a", "c"), ones, kernel,
                      (affine(1 + pad, (1, "p"), (-1, "a")), affine(1 + pad, (1, "q"), (-1, "c"))), "W", ("a", "c"))
    yield Formula("I", ("p", "q"), ("i", "j"), ones, outs, ("i", "j"), "W",
                  (affine(s + pad, (1, "p"), (-s, "i")), affine(s + pad, (1, "q"), (-s, "j"))))
    yield Formula("W", ("a", "c"), ("i", "j"), ones, outs, ("i", "j"), "I",
                  (affine(-s - pad, (s, "i"), (1, "a")), affine(-s - pad, (s, "j"), (1, "c"))))
    yield Formula("b", (), ("i", "j"), ones, outs, ("i", "j"), "", ("", ""))


def slips(right: Formula, layer: Conv, rng: random.Random) -> Iterator[tuple[str, Formula]]:
    axis = rng.randrange(2)

    def on(pair: Pair, new: str) -> Pair:
        return (new, pair[1]) if axis == 0 else (pair[0], new)

    yield "sign", replace(right, factor="-")
    yield "wrong-coefficient", replace(right, factor=rng.choice(["2 ", "3 ", r"\frac{1}{2} "]))
    yield "wrong-limits", replace(right, high=on(right.high, str(int(right.high[axis]) + rng.choice((1, -1)))))
    yield "wrong-limits", replace(right, low=on(right.low, rng.choice(["0", "2"])))
    yield "missing-sum", replace(right, summed=1)
    if right.other:
        yield "transposed-index", replace(right, index=right.index[::-1])
        step = rng.choice((1, -1))
        yield "shifted-index", replace(right, index=on(right.index, shifted(right.index[axis], step)))
    if right.other == "W":
        first, second = (turned(f, n) for f, n in zip(right.index, layer.k, strict=True))
        yield "flipped-kernel", replace(right, index=(first, second))
    if layer.s > 1 and right.other and right.upstream == ("i", "j"):
        pair = [(1, "p", -1, "i"), (1, "q", -1, "j")] if right.other == "W" else [(1, "i", 1, "a"), (1, "j", 1, "c")]
        const = 1 + layer.P if right.other == "W" else -1 - layer.P
        plain = [affine(const, (c, x), (d, y)) for c, x, d, y in pair]
        yield "missing-stride", replace(right, index=(plain[0], plain[1]))


def shifted(form: str, by: int) -> str:
    parts, const = apart(form)
    return affine(const + by, *((c, x) for x, c in parts))


def apart(form: str) -> tuple[list[tuple[str, int]], int]:
    """The letters of an affine form with their coefficients, and its constant."""
    parts, const = [], 0
    for sign, number, letter in re.findall(r"([+-]?)\s*(\d*)\s*([a-z]?)", form):
        c = int(number or 1) * (-1 if sign == "-" else 1)
        if letter:
            parts.append((letter, c))
        elif number:
            const += c
    return parts, const


def value(form: str, env: dict[str, int]) -> int:
    parts, const = apart(form)
    return const + sum(c * env[x] for x, c in parts)


def turned(form: str, size: int) -> str:
    """The kernel position seen from the other end."""
    parts, const = apart(form)
    return affine(size + 1 - const, *((-c, x) for x, c in parts))


def evaluate(equation: str, layer: Conv, env: dict[str, int]) -> dict | None:
    """What the right side of an equation is worth at ``env``; None where a letter is bound nowhere or an entry does not exist."""
    side = equation.split(" = ", 1)[1]
    ranges = SUM.findall(side)
    rest = SUM.sub("", side)
    sign, factor = FACTOR.match(rest).groups()
    entries = ENTRIES.fullmatch(rest[FACTOR.match(rest).end() :].strip())
    assert entries is not None, equation
    times = fraction(factor) * (-1 if sign else 1)
    total: dict = {}
    for values in product(*(range(value(a, env), value(b, env) + 1) for _, a, b in ranges)):
        inner = {**env, **{x: v for (x, _, _), v in zip(ranges, values, strict=True)}}
        factors = []
        for kind, index, shape in (("g", entries[1], layer.m), (str(entries[2]).lower().replace("i", "x"), entries[3], layer.k if entries[2] == "W" else layer.n)):
            if index is None:
                continue
            forms = index.split(",")
            if any(x not in inner for f in forms for x in re.findall("[a-z]", f)):
                return None
            at = tuple(value(f, inner) for f in forms)
            for x, n, f in zip(at, shape, forms, strict=True):
                if not 1 <= x <= n and re.fullmatch(r"\s*[a-z]\s*", f):
                    return None
                padded = kind == "x" and 1 - layer.P <= x <= n + layer.P
                follows = set(re.findall("[a-z]", f)) & set("pq")
                if not 1 <= x <= n and not padded and not follows:
                    return None
            factors.append((kind, at) if all(1 <= x <= n for x, n in zip(at, shape, strict=True)) else None)
        if None not in factors:
            put(total, factors, times)
    return total


def fraction(text: str) -> Fraction:
    if text.startswith("\\frac"):
        return Fraction(1, int(re.findall(r"\d+", text)[1]))
    return Fraction(text or 1)


def holds(equation: str, formula: Formula, layer: Conv) -> bool:
    """Whether an equation is true at every position, by plain loops."""
    shape = {"I": layer.n, "W": layer.k, "b": ()}[formula.tensor]
    for at in cells(shape):
        truth = {"I": true_input, "W": true_weight}[formula.tensor](layer, at) if shape else true_bias(layer)
        if evaluate(equation, layer, dict(zip(formula.letters, at, strict=True))) != truth:
            return False
    return True


def random_layer(rng: random.Random) -> Conv:
    k = rng.choice([(2, 3), (3, 2), (2, 2), (3, 3)])
    s, pad = rng.choice([(1, 0), (1, 0), (1, 1), (2, 0), (2, 1)])
    return Conv((k[0] + s * rng.randint(1, 2) - pad, k[1] + s * rng.randint(1, 3) - pad), k, s, pad)


def notes(layer: Conv, chinese: bool) -> str:
    read = [affine(-layer.s - layer.P, (layer.s, o), (1, a)) for o, a in (("i", "a"), ("j", "c"))]
    sizes = rf"${layer.n[0]} \times {layer.n[1]}$"
    kernel, out = rf"${layer.k[0]} \times {layer.k[1]}$", rf"${layer.m[0]} \times {layer.m[1]}$"
    words = (f"卷积层：输入 {sizes}，卷积核 {kernel}，步长 {layer.s}，填充 {layer.P}，输出 {out}。" if chinese
             else f"Convolution, input {sizes}, kernel {kernel}, stride {layer.s}, padding {layer.P}, output {out}.")
    forward = rf"O_{{ij}} = \sum_{{a=1}}^{{{layer.k[0]}}}\sum_{{c=1}}^{{{layer.k[1]}}} I_{{{read[0]},{read[1]}}} W_{{ac}} + b"
    return f"{words}\n\n$${forward}$$\n\n"


def judged(layer: Conv, equation: str, chinese: bool) -> Claim:
    return check_notes(f"{notes(layer, chinese)}$${equation}$$\n", "x.md").report.claims[-1]


def cases(seed: int, count: int) -> Iterator[tuple[Conv, str, Formula, Formula, bool]]:
    rng = random.Random(seed)
    for _ in range(count):
        layer = random_layer(rng)
        right = rng.choice(list(right_forms(layer)))
        yield layer, "none", right, right, rng.random() < 0.5
        kind, slip = rng.choice(list(slips(right, layer, rng)))
        yield layer, kind, slip, right, rng.random() < 0.5


@pytest.mark.parametrize("seed", range(5))
def test_a_random_slip_in_a_formula(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter = Counter()
    bad = []
    for layer, kind, written, right, chinese in cases(seed, 30):
        claim = judged(layer, written.text, chinese)
        true = holds(written.text, right, layer)
        assert kind != "none" or true, (layer, written.text)
        if true:
            counts["right"] += 1
            if claim.verdict != "correct":
                bad.append((layer, "right", written.text, claim.verdict, claim.message))
            continue
        counts[kind] += 1
        told = {d.kind for d in claim.differences}
        if claim.verdict not in (("wrong", "incomplete") if kind == "missing-sum" else ("wrong",)):
            bad.append((layer, kind, written.text, claim.verdict, claim.message))
        elif kind not in told:
            bad.append((layer, kind, written.text, told, claim.message, claim.repair and claim.repair.latex))
        if claim.repair is not None and claim.repair.certain and not holds(claim.repair.latex, right, layer):
            bad.append((layer, "repair", written.text, claim.repair.latex))
    with capsys.disabled():
        print("\nslips in formulas:", dict(counts))
        for row in bad:
            print("  ", *row)
    assert not bad
