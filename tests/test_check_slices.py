"""Slices of arrays: what they mean is counted out here by Python's own slices."""

from itertools import product

import pytest

from symderiv.api import check_notes

PLAIN = "Convolution, 3x4 input, 2x2 kernel, stride 1, indices from 0.\n\n"
FROM_ONE = "Convolution of a 3x3 input with a 2x2 kernel: $O = I \\star W$ (cross-correlation).\n\n"


def verdicts(text, name="notes.md"):
    return [c.verdict for c in check_notes(text, name).report.claims]


@pytest.mark.parametrize(("a", "b"), list(product(range(2), repeat=2)))
def test_every_slice_against_pythons_own(a, b):
    # dW[a,b] = sum over i, j of I[i+a, j+b]*dO[i,j]: the entries of I that Python's slice takes, in order
    wanted = [(i + a, j + b) for i in range(2) for j in range(3)]
    lines, expected = [], []
    for r, c in product(range(2), repeat=2):
        taken = [(x, y) for x in range(3)[r : r + 2] for y in range(4)[c : c + 3]]
        lines.append(f"dW[{a},{b}] = sum(I[{r}:{r + 2}, {c}:{c + 3}] * dO)")
        expected.append("correct" if taken == wanted else "wrong")
    assert verdicts(PLAIN + "\n".join(lines), "notes.txt") == expected and expected.count("correct") == 1


@pytest.mark.parametrize(("text", "verdict"), [
    (r"$O[i,j] = \sum(I[i:i+2, j:j+2] * W)$", "correct"),
    (r"$O[i,j] = \sum(I[j:j+2, i:i+2] * W)$", "wrong"),
    (r"$O_{ij} = \sum I[i:i+1, j:j+1] \odot W$", "correct"),
    (r"$O_{ij} = \sum I[i:i+2, j:j+1] \odot W$", "unreadable"),
    (r"$O_{ij} = \sum I[i:i+3, j:j+3] \odot W$", "unreadable"),
    (r"$O_{ij} = \sum I[i:i+1, j:j+1] W$", "unreadable"),
    (r"$O_{ij} = \sum I[i:i+1, j:j+1] \star W$", "unreadable"),
    (r"$\nabla_W L = \sum_{i,j} \frac{\partial L}{\partial O_{ij}} I[i:i+1, j:j+1]$", "correct"),
    (r"$\nabla_W L = \sum_{i,j} \frac{\partial L}{\partial O_{ij}} I[j:j+1, i:i+1]$", "wrong"),
    (r"$\nabla_W L = \sum_{i,j} \frac{\partial L}{\partial O_{ij}} I[i:i+1:1, j:j+1]$", "unreadable"),
    (r"$\nabla_W L = \sum_{i,j} \frac{\partial L}{\partial O_{ij}} I[i:, j:j+1]$", "unreadable"),
    (r"$\frac{\partial L}{\partial W_{ab}} = \sum(I[a:a+1, b:b+1] \odot \frac{\partial L}{\partial O})$", "correct"),
    (r"$\frac{\partial L}{\partial W_{ab}} = 2\sum(I[a:a+1, b:b+1] \odot \frac{\partial L}{\partial O})$", "wrong"),
    (r"$\frac{\partial L}{\partial W_{12}} = \sum(I[1:2, 2:3] \odot \frac{\partial L}{\partial O})$", "correct"),
    (r"$\frac{\partial L}{\partial W_{12}} = \sum(I[1:3, 2:4] \odot \frac{\partial L}{\partial O})$", "unreadable"),
    (r"$\frac{\partial L}{\partial I}[i:i+1, j:j+1] = \frac{\partial L}{\partial O_{ij}} W$", "unreadable"),
])
def test_slices_that_count_from_one(text, verdict):
    assert verdicts(FROM_ONE + text)[1:] == [verdict]


def test_slices_with_channels():
    text = r"""Conv with 2 input channels, 3 filters, input 4x4, kernel 2x2: $O_{fij} = \sum_c\sum_{a=1}^2\sum_{b=1}^2 I_{c,i+a-1,j+b-1} W_{fcab}$

$\frac{\partial L}{\partial W_{fcab}} = \sum(I[c, a:a+2, b:b+2] \odot \frac{\partial L}{\partial O_f})$

$\frac{\partial L}{\partial W_{fc}} = \sum_{i,j} \frac{\partial L}{\partial O_{fij}} I[c, i:i+1, j:j+1]$

$\frac{\partial L}{\partial W_{fc}} = \sum_{i,j} \frac{\partial L}{\partial O_{fij}} I[c, j:j+1, i:i+1]$"""
    assert verdicts(text) == ["correct", "correct", "correct", "wrong"]


def test_slices_of_every_size():
    text = r"""Input $n\times n$, kernel $k\times k$: $O_{ij} = \sum_{a=1}^k\sum_{b=1}^k I_{i+a-1,j+b-1} W_{ab}$

$\frac{\partial L}{\partial W} = \sum_{i=1}^{n-k+1}\sum_{j=1}^{n-k+1} \frac{\partial L}{\partial O_{ij}} I[i:i+k-1, j:j+k-1]$

$O_{ij} = \sum I[i:i+k-1, j:j+k-1] \odot W$

$O_{ij} = \sum I[i:i+k, j:j+k] \odot W$

$O_{ij} = \sum I[i:i+n, j:j+n] \odot W$"""
    assert verdicts(text) == ["correct", "correct", "correct", "unreadable", "unreadable"]


def test_slices_of_pooling():
    text = r"""Max pooling 4x4 input, 2x2 windows, stride 2, indices from 0.

$O[i,j] = \max(I[2*i:2*i+2, 2*j:2*j+2])$

$O[0,1] = \max(I[0:2, 2:4])$

$O[0,1] = \max(I[0:2, 1:3])$"""
    assert verdicts(text) == ["correct", "correct", "wrong"]
