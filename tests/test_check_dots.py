r"""Sums written with dots, and other spellings that people use: each right one beside one that is not."""

from __future__ import annotations

import random

import pytest

from symderiv.api import check_notes


def d(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


def head(n: int, m: int, k: int, h: int) -> str:
    return (rf"$O_{{ij}} = \sum_{{a=1}}^{{{k}}} \sum_{{c=1}}^{{{h}}} I_{{i+a-1,j+c-1}} W_{{ac}} + b$, where $I$ is ${n} \times {m}$."
            "\n\n")


def verdict(start: str, equation: str, name: str = "x.md") -> str:
    return check_notes(start + equation, name).report.claims[-1].verdict


def written(terms: list[str], shown: int) -> str:
    return " + ".join([*terms[:shown], r"\cdots", terms[-1]])


@pytest.mark.parametrize("seed", range(12))
def test_the_dots_stand_for_every_term_in_between(seed: int) -> None:
    rng = random.Random(seed)
    k, h = rng.randint(1, 3), rng.randint(1, 3)
    n, m = k + rng.randint(1, 3), h + rng.randint(1, 3)
    rows, columns = n - k + 1, m - h + 1
    u, v = rng.randint(1, k), rng.randint(1, h)
    outputs = [(i, j) for i in range(1, rows + 1) for j in range(1, columns + 1)]
    if rng.random() < 0.5:
        outputs.sort(key=lambda o: (o[1], o[0]))
    shown = rng.randint(1, min(3, len(outputs) - 1))
    bias = [d(f"O_{{{i},{j}}}") for i, j in outputs]
    weight = [d(f"O_{{{i},{j}}}") + f" I_{{{i + u - 1},{j + v - 1}}}" for i, j in outputs]
    start = head(n, m, k, h)
    assert verdict(start, f"${d('b')} = {written(bias, shown)}$") == "correct"
    assert verdict(start, f"${d(f'W_{{{u},{v}}}')} = {written(weight, shown)}$") == "correct"
    if len(bias) > 2:
        assert verdict(start, f"${d('b')} = {written(bias[:-1], 1)}$") in ("wrong", "unreadable")
    assert verdict(start, f"${d('b')} = 2 {written(bias, 1)}$") in ("wrong", "unreadable")


@pytest.mark.parametrize(("equation", "expected"), [
    (d("I_{22}") + "=" + d("O_{11}") + r"W_{22} + \cdots + " + d("O_{22}") + "W_{11}", "correct"),
    (d("I_{22}") + "=" + d("O_{11}") + r"W_{11} + \cdots + " + d("O_{22}") + "W_{22}", "wrong"),
    (d("b") + "=" + d("O_{11}") + "+" + d("O_{22}") + r" + \cdots + " + d("O_{33}"), "unreadable"),
    (d("b") + "=" + d("O_{11}") + r" - \cdots + " + d("O_{33}"), "unreadable"),
    (d("b") + "=" + d("O_{11}") + r" + \cdots + " + d("O_{22}") + r" + \cdots + " + d("O_{33}"), "unreadable"),
    (d("b") + "=" + d("O_{11}") + r" + \cdots + W_{22}", "unreadable"),
    (d("b") + "=" + d("O_{11}") + r" + \cdots", "unreadable"),
])
def test_dots_that_are_clear_and_dots_that_are_not(equation: str, expected: str) -> None:
    assert verdict(head(4, 4, 2, 2), f"${equation}$") == expected


NAMED = r"$O_{i} = \sum_{a=1}^{k} I_{i+a-1} W_{a}$." + "\n\n"


@pytest.mark.parametrize(("equation", "expected"), [
    (r"O_i = I_i W_1 + I_{i+1} W_2 + \cdots + I_{i+k-1} W_k", "correct"),
    (r"O_i = I_i W_1 + I_{i+1} W_2 + \cdots + I_{i+k} W_k", "unreadable"),
    (r"O_i = I_{i+k-1} W_1 + I_{i+k-2} W_2 + \cdots + I_{i} W_k", "wrong"),
    (d("I_p") + "=" + d("O_p") + "W_1 + " + d("O_{p-1}") + r"W_2 + \cdots + " + d("O_{p-k+1}") + "W_k", "correct"),
    (d("I_p") + "=" + d("O_p") + "W_1 + " + d("O_{p+1}") + r"W_2 + \cdots + " + d("O_{p+k-1}") + "W_k", "wrong"),
])
def test_dots_up_to_a_size_by_name(equation: str, expected: str) -> None:
    assert verdict(NAMED, f"${equation}$") == expected


CHANNELS = (r"$O_{f,i,j} = \sum_{c=1}^{2}\sum_{a=1}^2 \sum_{e=1}^2 I_{c,i+a-1,j+e-1} W_{f,c,a,e}$, $I$ is $2\times 3\times 3$, $W$ is $2\times 2\times 2\times 2$."
            "\n\n")


@pytest.mark.parametrize(("start", "right", "wrong"), [
    (CHANNELS, r"$O_f = \sum_{c} I_c * W_{f,c}$", r"$O_f = \sum_{c} I_f * W_{f,c}$"),
    (CHANNELS, r"$O_f = \sum_{c=1}^{2} W_{f,c} * I_c$", r"$O_f = \sum_{c=1}^{2} W_{c,f} * I_c$"),
    (head(3, 3, 2, 2), f"${d('I')} = {d('O')} *_{{full}} rot180(W)$", f"$O = I * W + b$, ${d('I')} = {d('O')} *_{{full}} W$"),
    (head(3, 3, 2, 2), "dL/dI_22 = Σᵢ Σⱼ dL/dO_ij W₃₋ᵢ,₃₋ⱼ", "dL/dI_22 = Σᵢ Σⱼ dL/dO_ij Wᵢ,ⱼ"),
    (head(3, 3, 2, 2), rf"${d('I_{11}')} = \underbrace{{{d('O_{11}')}}}_{{\text{{one window}}}} W_{{11}}$",
     rf"${d('I_{11}')} = \underbrace{{{d('O_{11}')}}}_{{\text{{one window}}}} W_{{12}}$"),
    (head(3, 3, 2, 2) + "Let $K = \\operatorname{rot180}(W)$ and $O = I * W + b$.\n\n", f"${d('I')} = {d('O')} *_{{full}} K$", f"${d('I')} = {d('O')} *_{{full}} W$"),
    (head(3, 3, 2, 2), "dL/db = sum_{i,j} dL/dO_{ij}", "dL/db = sum_{i,j} dL/dI_{ij}"),
    (head(3, 3, 2, 2), r"$\frac{\partial Loss}{\partial I_{11}} = \frac{\partial Loss}{\partial O_{11}} W_{11}$",
     r"$\frac{\partial Loss}{\partial I_{11}} = \frac{\partial Loss}{\partial O_{11}} W_{12}$"),
    (head(3, 3, 2, 2), rf"\begin{{align}} {d('I_{11}')} &= {d('O_{11}')} W_{{11}} && \text{{(chain rule)}} \end{{align}}",
     rf"\begin{{align}} {d('I_{11}')} &= {d('O_{11}')} W_{{12}} && \text{{(链式法则)}} \end{{align}}"),
])
def test_spellings(start: str, right: str, wrong: str) -> None:
    assert (verdict(start, right), verdict(start, wrong)) == ("correct", "wrong")


def test_the_largest_entry_is_the_maximum() -> None:
    pool = "Max pooling: a 4x4 input $I$, a 2x2 window, stride 2, output $O$.\n\n"
    words = "If $I_{{11}}$ is the largest in its window, ${}$."
    assert verdict(pool, words.format(f"{d('I_{11}')} = {d('O_{11}')}")) == "correct"
    assert verdict(pool, words.format(f"{d('I_{11}')} = {d('O_{12}')}")) != "correct"


@pytest.mark.parametrize("seed", range(10))
def test_a_forward_sum_that_is_written_out_gives_the_layer(seed: int) -> None:
    rng = random.Random(100 + seed)
    rank, base = rng.choice([(1, 0), (1, 1), (2, 1), (2, 0)])
    k = [rng.randint(1, 3) for _ in range(rank)]
    if k == [1] * rank:
        k[0] = 2
    s, step = rng.randint(1, 2), rng.randint(1, 2)
    kernel = [(a,) for a in range(k[0])] if rank == 1 else [(a, c) for a in range(k[0]) for c in range(k[1])]

    def read(a: tuple[int, ...], shift: int = 0) -> str:
        offsets = [step * x + base - s * base + (shift if n == 0 else 0) for n, x in enumerate(a)]
        return "x_{" + ",".join(f"{s if s > 1 else ''}{letter}{o:+d}" for letter, o in zip("ij", offsets, strict=False)) + "}"

    def weight(a: tuple[int, ...]) -> str:
        return "w_{" + ",".join(str(x + base) for x in a) + "}"

    places = ",".join("ij"[:rank])
    order = kernel[:]
    rng.shuffle(order)
    start = f"$y_{{{places}}} = " + " + ".join(f"{read(a)} {weight(a)}" for a in order) + "$\n\n"
    a = rng.choice(kernel)
    gradient = rf"$\frac{{\partial L}}{{\partial {weight(a)}}} = \sum_{{{places}}} \frac{{\partial L}}{{\partial y_{{{places}}}}} "
    report = check_notes(start + gradient + f"{read(a)}$\n\n" + gradient + f"{read(a, 1)}$", "x.md").report
    assert report.layers[0].options["kernel"] == k
    assert [c.verdict for c in report.claims[:2]] == ["correct", "correct"] and report.claims[2].verdict in ("wrong", "unchecked")


def test_a_sum_with_a_step_of_its_own_is_no_layer() -> None:
    assert verdict("", r"$y_i = x_{i} w_1 + x_{i+3} w_2 + x_{i+1} w_3$") == "unchecked"


def test_an_equation_at_a_brace_is_not_dropped() -> None:
    assert verdict(head(3, 3, 2, 2), rf"${d('I_{11}')} = {d('O_{11}')} \underbrace{{\frac{{\partial O_{{11}}}}{{\partial I_{{11}}}}}}_{{= W_{{12}}}}$") == "unreadable"
