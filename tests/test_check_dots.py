r"""Sums written with dots, and other spellings that people use: each right one beside one that is not."""

from __future__ import annotations

import random

import pytest

from symderiv.api import check_notes


def d(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


def head(n: int, m: int, k: int, l: int) -> str:
    return (rf"$O_{{ij}} = \sum_{{a=1}}^{{{k}}} \sum_{{c=1}}^{{{l}}} I_{{i+a-1,j+c-1}} W_{{ac}} + b$, where $I$ is ${n} \times {m}$."
            "\n\n")


def verdict(start: str, equation: str, name: str = "x.md") -> str:
    return check_notes(start + equation, name).report.claims[-1].verdict


def written(terms: list[str], shown: int) -> str:
    return " + ".join([*terms[:shown], r"\cdots", terms[-1]])


@pytest.mark.parametrize("seed", range(12))
def test_the_dots_stand_for_every_term_in_between(seed: int) -> None:
    rng = random.Random(seed)
    k, l = rng.randint(1, 3), rng.randint(1, 3)
    n, m = k + rng.randint(1, 3), l + rng.randint(1, 3)
    rows, columns = n - k + 1, m - l + 1
    u, v = rng.randint(1, k), rng.randint(1, l)
    outputs = [(i, j) for i in range(1, rows + 1) for j in range(1, columns + 1)]
    if rng.random() < 0.5:
        outputs.sort(key=lambda o: (o[1], o[0]))
    shown = rng.randint(1, min(3, len(outputs) - 1))
    bias = [d(f"O_{{{i},{j}}}") for i, j in outputs]
    weight = [d(f"O_{{{i},{j}}}") + f" I_{{{i + u - 1},{j + v - 1}}}" for i, j in outputs]
    start = head(n, m, k, l)
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
