"""Answers at many sizes and in many notations: every verdict against a program of plain loops."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from check_enumerator import Axis, Conv, Linear, cells, general, put, true_bias, true_input, true_output, true_weight
from check_writer import LAYERS, STYLES, Style

from symderiv.api import check_notes


def value(terms: list[tuple[int, list[tuple]]]) -> dict:
    total: dict = {}
    for c, factors in terms:
        put(total, factors, c)
    return total


def exists(layer: Conv, factors: list[tuple]) -> bool:
    shapes = {"g": layer.m, "w": layer.k, "x": layer.n, "b": ()}
    return all(all(1 <= i <= n for i, n in zip(index, shapes[kind], strict=False)) for kind, index in factors)


def as_terms(truth: dict) -> list[tuple[int, list[tuple]]]:
    return [(c, list(m)) for m, c in sorted(truth.items())]


def turned(layer: Conv, index: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k + 1 - a for k, a in zip(layer.k, index, strict=False))


def mutants(layer: Conv, truth: dict, rng: random.Random):
    """Every kind of mistake that an element equation can have, where it can have it."""
    terms = as_terms(truth)
    yield "none", terms
    if not terms:
        return
    k = rng.randrange(len(terms))
    c, factors = terms[k]
    for position, (kind, index) in enumerate(factors):
        if kind in ("w", "x") and index:
            shape = layer.k if kind == "w" else layer.n
            others = [i for i in cells(shape) if i != index]
            if others:
                new = rng.choice(others)
                changed = [*factors[:position], (kind, new), *factors[position + 1 :]]
                yield "wrong-index", [*terms[:k], (c, changed), *terms[k + 1 :]]
            if len(index) == 2 and index[0] != index[1] and all(1 <= i <= n for i, n in zip(index[::-1], shape, strict=False)):
                changed = [*factors[:position], (kind, index[::-1]), *factors[position + 1 :]]
                yield "transposed-index", [*terms[:k], (c, changed), *terms[k + 1 :]]
    if len(terms) > 1:
        yield "missing-term", terms[:k] + terms[k + 1 :]
    extra = [("g", rng.choice(list(cells(layer.m)))), ("w", rng.choice(list(cells(layer.k))))]
    yield "extra-term", [*terms, (1, extra)]
    yield "sign", [*terms[:k], (-c, factors), *terms[k + 1 :]]
    yield "wrong-coefficient", [*terms[:k], (2 * c, factors), *terms[k + 1 :]]
    if any(kind == "w" for kind, _ in factors):
        yield "flipped-kernel", [(c, [(kd, turned(layer, i)) if kd == "w" else (kd, i) for kd, i in f]) for c, f in terms]


def element_cases():
    rng = random.Random(11)
    for number, layer in enumerate(LAYERS):
        for style in (STYLES[number % len(STYLES)], STYLES[(number + 4) % len(STYLES)]):
            q = rng.choice([q for q in cells(layer.n) if true_input(layer, q)])
            a = rng.choice(list(cells(layer.k)))
            o = rng.choice(list(cells(layer.m)))
            for left, truth in (
                (style.grad(style.x, style.sub(q)), true_input(layer, q)),
                (style.grad(style.w, style.sub(a)), true_weight(layer, a)),
                (style.y + style.sub(o), true_output(layer, o)),
            ):
                if style.delimiter == "plain" and left.startswith(style.y):
                    left = style.y + style.sub(o)
                for kind, terms in mutants(layer, truth, rng):
                    shuffled = terms if rng.random() < 0.5 else rng.sample(terms, len(terms))
                    good = value(shuffled) == truth and all(exists(layer, f) for _, f in shuffled)
                    yield layer, style, f"{left} = {style.right(shuffled)}", "correct" if good else "wrong", kind


def last_claim(layer: Conv, style: Style, equation: str):
    text = style.head(layer) + "\n\n" + style.math(equation) + "\n"
    report = check_notes(text, "answer" + style.suffix).report
    return report, text


ELEMENTS = list(element_cases())


def test_there_are_many_answers() -> None:
    assert len(ELEMENTS) >= 150
    assert len({style.name for _, style, *_ in ELEMENTS}) == len(STYLES)


def test_element_equations(capsys: pytest.CaptureFixture[str]) -> None:
    hits: Counter = Counter()
    told: Counter = Counter()
    present: Counter = Counter()
    false_correct, disagree = [], []
    for layer, style, equation, expected, kind in ELEMENTS:
        report, text = last_claim(layer, style, equation)
        claim = report.claims[-1] if report.claims else None
        got = claim.verdict if claim else "nothing"
        if got != expected:
            disagree.append((style.name, layer, equation, expected, got))
        if got == "correct" and expected != "correct":
            false_correct.append((text, expected))
        if expected == "wrong":
            present[kind] += 1
            kinds = {d.kind for d in claim.differences} if claim else set()
            hits[kind] += kind in kinds
            for k in kinds:
                told[k] += 1
            assert claim is None or claim.verdict != "wrong" or claim.counterexample is not None, equation
    with capsys.disabled():
        print(f"\n{len(ELEMENTS)} element equations, {len(disagree)} disagreements, {len(false_correct)} false correct")
        for kind in sorted(present):
            precision = hits[kind] / told[kind] if told[kind] else 1.0
            print(f"  {kind:18} {present[kind]:4} cases, precision {precision:.2f}, recall {hits[kind] / present[kind]:.2f}")
        for row in disagree[:8]:
            print("  ", row)
    assert not false_correct
    assert len(disagree) <= 0.02 * len(ELEMENTS)


# -- general formulas ------------------------------------------------------------------------
def by_output(layer: Conv, axis: int, p: str, i: str) -> Axis:
    """o from max(1, ...) to min(m, p): stride 1, dilation 1."""
    k, m = layer.k[axis], layer.m[axis]
    return Axis(i, (Linear(1), Linear(layer.P + 1 - k, ((p, 1),))), (Linear(m), Linear(layer.P, ((p, 1),))),
                Linear(0, ((i, 1),)), Linear(1 + layer.P, ((p, 1), (i, -1))))


def wide_output(layer: Conv, axis: int, p: str, i: str) -> Axis:
    tight = by_output(layer, axis, p, i)
    return Axis(i, (Linear(1),), (Linear(layer.m[axis]),), tight.first, tight.second)


def by_kernel(layer: Conv, axis: int, p: str, i: str) -> Axis:
    return Axis(i, (Linear(1),), (Linear(layer.k[axis]),), Linear(layer.P + layer.d, ((p, 1), (i, -layer.d))), Linear(0, ((i, 1),)))


def weight(layer: Conv, axis: int, p: str, i: str) -> Axis:
    const = 1 - layer.P - layer.s - layer.d
    return Axis(i, (Linear(1),), (Linear(layer.m[axis]),), Linear(0, ((i, 1),)), Linear(const, ((i, layer.s), (p, layer.d))))


def moved(form: Linear, by: int) -> Linear:
    return Linear(form.const + by, form.parts, form.over)


def axis_mutants(axis: Axis):
    yield axis
    for step in (-1, 1):
        yield Axis(axis.letter, axis.low, axis.high, axis.first, moved(axis.second, step))
        yield Axis(axis.letter, axis.low, (moved(axis.high[0], step), *axis.high[1:]), axis.first, axis.second)
        yield Axis(axis.letter, (moved(axis.low[0], step), *axis.low[1:]), axis.high, axis.first, axis.second)
        yield Axis(axis.letter, axis.low, axis.high, moved(axis.first, step), axis.second)
    swapped = tuple((x, -c) for x, c in axis.second.parts)
    yield Axis(axis.letter, axis.low, axis.high, axis.first, Linear(axis.second.const, swapped))
    yield Axis(axis.letter, axis.low, axis.high, axis.second, axis.first)


def limits_text(forms: tuple[Linear, ...], kind: str) -> str:
    return forms[0].text() if len(forms) == 1 else rf"\{kind}({', '.join(f.text() for f in forms)})"


def general_text(style: Style, tensor: str, axes: tuple[Axis, ...], letters: tuple[str, ...], swap: bool) -> str:
    sums = " ".join(rf"\sum_{{{a.letter}={limits_text(a.low, 'max')}}}^{{{limits_text(a.high, 'min')}}}" for a in axes)
    first = style.grad(style.y, "_{" + ", ".join(a.first.text() for a in axes) + "}")
    second = (style.w if tensor == "I" else style.x) + "_{" + ", ".join(a.second.text() for a in axes) + "}"
    pair = (second, first) if swap else (first, second)
    left = style.grad(style.x if tensor == "I" else style.w, "_{" + ", ".join(letters) + "}")
    return rf"{left} = {sums} {pair[0]}{style.dot}{pair[1]}"


def general_verdict(layer: Conv, tensor: str, axes: tuple[Axis, ...], letters: tuple[str, ...]) -> str:
    shape = layer.n if tensor == "I" else layer.k
    for q in cells(shape):
        truth = true_input(layer, q) if tensor == "I" else true_weight(layer, q)
        found = general(layer, "w" if tensor == "I" else "x", axes, dict(zip(letters, q, strict=False)))
        if found != truth:
            return "false"
    return "correct"


def general_cases(count: int, seed: int):
    rng = random.Random(seed)
    styles = [s for s in STYLES if s.delimiter != "plain"]
    made = 0
    while made < count:
        layer = rng.choice(LAYERS)
        forms = [(weight, "W")]
        if layer.s == layer.d == 1:
            forms += [(by_output, "I"), (wide_output, "I")]
        if layer.s == 1:
            forms.append((by_kernel, "I"))
        form, tensor = rng.choice(forms)
        count_axes = len(layer.n)
        letters = tuple(rng.choice(("pq", "mn", "rs", "xy"))[:count_axes]) if rng.random() < 0.8 else ("p", "q")[:count_axes]
        inner = rng.choice(("ij", "uv", "ab", "kl"))[:count_axes]
        style = rng.choice(styles)
        used = {style.x, style.w, style.y, style.b, style.loss}
        if set(letters) & used or set(inner) & used:
            continue
        axes = tuple(form(layer, x, letters[x], inner[x]) for x in range(count_axes))
        if rng.random() < 0.65:
            which = rng.randrange(count_axes)
            options = list(axis_mutants(axes[which]))
            axes = (*axes[:which], rng.choice(options), *axes[which + 1 :])
        made += 1
        yield layer, style, general_text(style, tensor, axes, letters, rng.random() < 0.4), general_verdict(layer, tensor, axes, letters)


def test_general_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter = Counter()
    bad = []
    for layer, style, equation, expected in general_cases(220, 5):
        report, _ = last_claim(layer, style, equation)
        claim = report.claims[-1]
        counts[expected, claim.verdict] += 1
        agrees = claim.verdict == "correct" if expected == "correct" else claim.verdict in ("wrong", "incomplete")
        if not agrees:
            bad.append((layer, style.name, equation, expected, claim.verdict, claim.message))
    with capsys.disabled():
        print("\ngeneral formulas:", dict(counts))
        for row in bad[:8]:
            print("  ", row)
    assert not [b for b in bad if b[3] == "false" and b[4] == "correct"]
    assert not bad


def test_bias() -> None:
    for layer in LAYERS[:6]:
        style = STYLES[0]
        terms = as_terms(true_bias(layer))
        report, _ = last_claim(layer, style, f"{style.grad(style.b, '')} = {style.right(terms)}")
        assert report.claims[-1].verdict == "correct"
        report, _ = last_claim(layer, style, f"{style.grad(style.b, '')} = {style.right(terms[1:] or [(2, terms[0][1])])}")
        assert report.claims[-1].verdict == "wrong"


# -- sums over a letter that is shifted or turned ------------------------------------------------
def with_letter(form: Linear, letter: str, sign: int, by: int) -> Linear:
    """The form with ``sign * letter + by`` for the letter."""
    step = dict(form.parts).get(letter, 0)
    return Linear(form.const + step * by, tuple((x, c * sign if x == letter else c) for x, c in form.parts), form.over)


def shifted(axis: Axis, sign: int, by: int) -> Axis:
    """The same sum: its letter x is ``sign * y + by``, and y runs where x is between its limits."""
    first, second = (with_letter(f, axis.letter, sign, by) for f in (axis.first, axis.second))
    if sign > 0:
        low, high = (tuple(moved(f, -by) for f in forms) for forms in (axis.low, axis.high))
    else:
        low, high = (tuple(Linear(by - f.const, tuple((x, -c) for x, c in f.parts)) for f in forms) for forms in (axis.high, axis.low))
    return Axis(axis.letter, low, high, first, second)


def shifted_cases(count: int, seed: int):
    rng = random.Random(seed)
    layers = [layer for layer in LAYERS if layer.s == 1]
    for _ in range(count):
        layer = rng.choice(layers)
        form, tensor = rng.choice([(weight, "W"), (by_kernel, "I")] + ([(wide_output, "I")] if layer.d == 1 else []))
        axes = [shifted(form(layer, x, "pq"[x], "uv"[x]), rng.choice((1, -1)), rng.randint(-2, 3)) for x in range(len(layer.n))]
        if rng.random() < 0.6:
            which = rng.randrange(len(axes))
            axes[which] = rng.choice(list(axis_mutants(axes[which])))
        style = rng.choice([s for s in STYLES if s.delimiter != "plain" and not {s.x, s.w, s.y, s.b, s.loss} & set("pquv")])
        letters = tuple("pq"[: len(axes)])
        yield layer, style, general_text(style, tensor, tuple(axes), letters, rng.random() < 0.4), general_verdict(layer, tensor, tuple(axes), letters)


def test_shifted_sums(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter = Counter()
    bad = []
    for layer, style, equation, expected in shifted_cases(90, 8):
        claim = last_claim(layer, style, equation)[0].claims[-1]
        counts[expected, claim.verdict] += 1
        if (claim.verdict == "correct") != (expected == "correct") or claim.verdict not in ("correct", "wrong", "incomplete"):
            bad.append((layer, style.name, equation, expected, claim.verdict, claim.message))
    with capsys.disabled():
        print("\nshifted sums:", dict(counts))
        for row in bad[:8]:
            print("  ", row)
    assert not bad
    assert counts["correct", "correct"] > 20 and counts["false", "wrong"] > 30
