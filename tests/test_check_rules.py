"""Every rule of what a verdict means, by an example; each closes a false "correct" or a contradiction."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.layers import make
from symderiv.report_model import Claim

CONV = r"""$$\begin{bmatrix} I_{11} & I_{12} & I_{13} \\ I_{21} & I_{22} & I_{23} \\ I_{31} & I_{32} & I_{33} \end{bmatrix} * \begin{bmatrix} W_{11} & W_{12} \\ W_{21} & W_{22} \end{bmatrix} + b = \begin{bmatrix} O_{11} & O_{12} \\ O_{21} & O_{22} \end{bmatrix}$$

"""
NAMED = r"""$$O_{ij} = \sum_{a=1}^{k_1} \sum_{c=1}^{k_2} I_{i+a-1, j+c-1} W_{ac} + b$$

"""
STRIDE = r"""$$O_{ij} = \sum_{a=1}^{2} \sum_{c=1}^{2} I_{2i+a-2, 2j+c-2} W_{ac} + b$$ where $I$ has the shape $4 \times 4$.

"""
ZERO = r"""$$y_{ij} = \sum_{a=0}^{1} \sum_{c=0}^{1} x_{i+a, j+c} w_{ac} + b$$ and $x$ has the shape $3 \times 3$.

"""
POOL = r"""$$O_{ij} = \max_{1\le a\le 2, 1\le c \le 2} I_{i+a-1,j+c-1}$$ and $I$ has the shape $3 \times 3$.

"""
APART = r"""$$O_{ij} = \max_{1\le a\le 2, 1\le c \le 2} I_{2i+a-2,2j+c-2}$$ and $I$ has the shape $4 \times 4$.

"""


def last(head: str, equation: str, suffix: str = ".md") -> Claim:
    return check_notes(head + equation, "x" + suffix).report.claims[-1]


def d(entry: str, of: str = "L") -> str:
    return rf"\frac{{\partial {of}}}{{\partial {entry}}}"


CASES = [
    # the general dL/dI in every correct form
    (CONV, d("I_{ij}") + r"=\sum_{a=1}^{2}\sum_{c=1}^{2}" + d("O_{i-a+1,j-c+1}") + "W_{ac}", "correct"),
    (CONV, d("I_{ij}") + r"=\sum_{m}\sum_{n}" + d("O_{mn}") + "W_{i-m+1,j-n+1}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{i=\max(1,p-1)}^{\min(p,2)}\sum_{j=\max(1,q-1)}^{\min(q,2)}" + d("O_{ij}") + "W_{p-i+1,q-j+1}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{i,j}" + d("O_{ij}") + d("I_{pq}", "O_{ij}"), "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{i=1}^{2}\sum_{j=1}^{2}" + d("O_{ij}") + r"\sum_{a=1}^2\sum_{c=1}^2 W_{ac}[i+a-1=p][j+c-1=q]", "correct"),
    (CONV, d("I") + "=" + d("O") + r"*\mathrm{rot}_{180}(W)", "correct"),
    (CONV, d("W") + "= I *" + d("O"), "correct"),
    # C1: numbers and letters standing alone do not read 0
    (CONV, d("I_{33}") + "=" + d("O_{33}") + "W_{11}+" + d("O_{22}") + "W_{22}", "wrong"),
    (CONV, d("I_{pq}") + r"=\sum_{i=1}^{3}\sum_{j=1}^{3}" + d("O_{ij}") + "W_{p-i+1,q-j+1}", "wrong"),
    (CONV, d("I_{pq}") + r"=\sum_{i=p-1}^{p}\sum_{j=q-1}^{q}" + d("O_{ij}") + "W_{p-i+1,q-j+1}", "wrong"),
    # C1 again: letters of sums alone, under limits that the writer chose, do not read 0
    (CONV, d("I_{pq}") + r"=\sum_{m=0}^{2}\sum_{n=0}^{2}" + d("O_{p+m-2,q+n-2}") + "W_{3-m,3-n}", "wrong"),
    (CONV, d("I_{pq}") + r"=\sum_{m=1}^{2}\sum_{n=1}^{2}" + d("O_{p+m-2,q+n-2}") + "W_{3-m,3-n}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{m=0}^{2}\sum_{n=0}^{1}" + d("O_{p-m,q-n}") + "W_{m+1,n+1}", "wrong"),
    (CONV, d("I_{pq}") + r"=\sum_{m=0}^{1}\sum_{n=0}^{1}" + d("O_{p-m,q-n}") + "W_{m+1,n+1}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{i=p-2}^{p-1}\sum_{j=q-2}^{q-1}" + d("O_{i+1,j+1}") + "W_{p-i,q-j}", "wrong"),
    (CONV, d("I_{pq}") + r"=\sum_{i=0}^{1}\sum_{j=0}^{1}" + d("O_{i+1,j+1}") + "W_{p-i,q-j}", "correct"),
    (CONV, d("b") + r"=\sum_{i=0}^{2}\sum_{j=0}^{1}" + d("O_{i+1,j+1}"), "wrong"),
    (CONV, d("W_{pq}") + r"=\sum_{i=-1}^{1}\sum_{j=0}^{1}" + d("O_{i+1,j+1}") + "I_{i+p,j+q}", "wrong"),
    (CONV, r"O_{ij}=\sum_{m=-1}^{1}\sum_{n=0}^{1} W_{m+1,n+1}I_{i+m,j+n} + b", "wrong"),
    (NAMED, d("I_{pq}") + r"=\sum_{m=0}^{k_1}\sum_{n=0}^{k_2-1}" + d("O_{p-m,q-n}") + "W_{m+1,n+1}", "wrong"),
    (NAMED, d("I_{pq}") + r"=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}" + d("O_{p-m,q-n}") + "W_{m+1,n+1}", "correct"),
    (ZERO, r"y_{ij} = \sum_{a=-1}^{1} \sum_{c=0}^{1} x_{i+a, j+c} w_{ac} + b", "wrong"),
    (ZERO, d("x_{pq}") + r"=\sum_{a=1}^{3}\sum_{c=1}^{2}" + d("y_{p-a+1,q-c+1}") + "w_{a-1,c-1}", "wrong"),
    (ZERO, d("x_{pq}") + r"=\sum_{a=1}^{2}\sum_{c=1}^{2}" + d("y_{p-a+1,q-c+1}") + "w_{a-1,c-1}", "correct"),
    # the general formula at one entry: its letter keeps to the axis where it stands alone
    (CONV, d("I_{12}") + r"=\sum_{a=1}^{2}\sum_{c=1}^{2}" + d("O_{2-a,3-c}") + "W_{ac}", "correct"),
    (CONV, d("I_{12}") + r"=\sum_{i=1}^{2}\sum_{j=1}^{2}" + d("O_{ij}") + "W_{2-i,3-j}", "correct"),
    (CONV, d("I_{12}") + r"=\sum_{i=0}^{2}\sum_{j=1}^{2}" + d("O_{ij}") + "W_{2-i,3-j}", "wrong"),
    (CONV, d("I_{pq}") + r"=\sum_{m=1}^{1}\sum_{n=1}^{1}" + d("O_{p+m-2,q+n-2}") + "W_{3-m,3-n}", "wrong"),
    # what stands before "s.t." is an index of the sum
    (CONV, d("I_{pq}") + r"=\sum_{a,c \text{ s.t. } 1 \le p-a+1 \le 2, 1\le q-c+1 \le 2}" + d("O_{p-a+1,q-c+1}") + "W_{ac}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{(i,j) \text{ such that } 1 \le p-i+1 \le 2, 1\le q-j+1 \le 2}" + d("O_{ij}") + "W_{p-i+1,q-j+1}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{a,c \text{ s.t. } 1 \le p-a+1 \le 1, 1\le q-c+1 \le 2}" + d("O_{p-a+1,q-c+1}") + "W_{ac}", "wrong"),
    (CONV, d("I_{pq}") + r"=\sum_{a=1, c=1 \text{ s.t. } 1 \le p-a+1 \le 2, 1\le q-c+1 \le 2}^{2}" + d("O_{p-a+1,q-c+1}") + "W_{ac}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{a \text{ and } c}" + d("O_{p-a+1,q-c+1}") + "W_{ac}", "correct"),
    (CONV, d("I_{pq}") + r"=\sum_{a \text{ for all } c}" + d("O_{p-a+1,q-c+1}") + "W_{ac}", "unreadable"),
    # I3: the formula of the interior, without a word about the border
    (CONV, d("I_{pq}") + "=" + d("O_{p,q}") + "W_{11}+" + d("O_{p-1,q}") + "W_{21}+" + d("O_{p,q-1}") + "W_{12}+" + d("O_{p-1,q-1}") + "W_{22}", "incomplete"),
    (CONV, d("I_{pq}") + "=" + d("O_{p,q}") + "W_{11}+" + d("O_{p-1,q}") + "W_{12}+" + d("O_{p,q-1}") + "W_{21}+" + d("O_{p-1,q-1}") + "W_{22}", "wrong"),
    # kinds of difference
    (CONV, d("I") + "=" + d("O") + "* W", "wrong"),
    (CONV, d("I_{ij}") + "=" + d("O_{ij}"), "wrong"),
    (CONV, r"O_{ij} = \sum_{a=1}^2\sum_{c=1}^2 (I_{i+a-1,j+c-1}W_{ac} + b)", "wrong"),
    (CONV, r"O_{ij} = \sum_{a=1}^2\sum_{c=1}^2 I_{i+a,j+c}W_{ac} + b", "wrong"),
    (CONV, r"O_{ij} = \sum_{a=1}^2\sum_{c=1}^2 I_{i+a-1,j+c-1}W_{ca} + b", "wrong"),
    (CONV, d("W_{ij}") + r"=\sum_{a=1}^2\sum_{c=1}^2" + d("O_{ij}") + "I_{i+a-1,j+c-1}", "wrong"),
    # incomplete, and never for an element
    (CONV, d("W_{ac}") + "=" + d("O_{ij}") + "I_{i+a-1,j+c-1}", "incomplete"),
    (CONV, d("I") + "=" + d("O") + r"\cdot" + d("I", "O"), "incomplete"),
    (CONV, d("I_{22}") + "=" + d("O_{11}") + "W_{22}", "wrong"),
    (POOL, r"\sum_{p=1}^{3}\sum_{q=1}^{3}" + d("I_{pq}", "O_{ij}") + "=4", "wrong"),
    (CONV, r"O_{11}=I_{11}W_{11}+I_{12}W_{12}+I_{21}W_{21}+I_{22}W_{22}+b_{11}", "unreadable"),
    (CONV, d("b_{11}") + r"=\sum_{i,j}" + d("O_{ij}"), "unreadable"),
    ("", r"O_{ij} = \sum_{a=1}^{2} \sum_{c=1}^{2} I_{i+a-1, j+c-1} W_{ac} + b_{ij}", "unchecked"),
    # nothing is said
    (CONV, "0 = 0", "unchecked"),
    (CONV, "W_{11} = W_{11}", "unchecked"),
    (CONV, d("I_{12}") + r"= \phi \cdot W_{12}", "unchecked"),
    (CONV, d("b") + r"\approx \sum_{i,j}" + d("O_{ij}"), "unchecked"),
    ("", d("I_{12}") + "=" + d("O_{11}"), "unchecked"),
    # what is not understood
    (CONV, d("I_{111}") + "=" + d("O_{11}") + "W_{11}", "unreadable"),
    (CONV, d("I_{11}") + "=" + d("O_{11}") + r"W_{11} \text{ on Tuesdays}", "unreadable"),
    (CONV, d("b") + r"=\sum_{i=1}^{1000000000}" + d("O_{11}"), "unreadable"),
    (CONV, d("b") + "= 9^{9^{9^9}}", "unreadable"),
    (CONV, d("b") + r"=\sum_{a=1}^{2} W_{aa} + \sum_{i,j}" + d("O_{ij}") + r"- \sum_{c=1}^2 W_{cc}", "correct"),
    # the scope of a summed letter that comes back
    (CONV, d("W_{pq}") + r"=\sum_{i=1}^{2}\sum_{j=1}^{2} \frac{1}{2}" + d("O_{ij}") + "I_{i+p-1,j+q-1} + \\frac{1}{2}" + d("O_{ij}") + "I_{i+p-1,j+q-1}", "unreadable"),
    # sizes by name: swapped limits are found
    (NAMED, d("I_{pq}") + r"=\sum_{a=1}^{k_1}\sum_{c=1}^{k_2}" + d("O_{p-a+1,q-c+1}") + "W_{ac}", "correct"),
    (NAMED, d("I_{pq}") + r"=\sum_{a=1}^{k_2}\sum_{c=1}^{k_1}" + d("O_{p-a+1,q-c+1}") + "W_{ac}", "wrong"),
    (NAMED, d("b") + r"=\sum_{i=1}^{M}\sum_{j=1}^{N}" + d("O_{ij}"), "unchecked"),
    # stride: a non-integer index
    (STRIDE, d("I_{pq}") + r"=\sum_{a=1}^2\sum_{c=1}^2" + d(r"O_{\frac{p-a}{2}+1,\frac{q-c}{2}+1}") + "W_{ac}", "incomplete"),
    (STRIDE, d("I_{pq}") + r"=\sum_{i=1}^2\sum_{j=1}^2" + d("O_{ij}") + "W_{p-2i+2,q-2j+2}", "correct"),
    (STRIDE, d("I_{pq}") + r"=\sum_{i=1}^2\sum_{j=1}^2" + d("O_{ij}") + "W_{p-i+1,q-j+1}", "wrong"),
    (STRIDE, d("W_{ac}") + r"=\sum_{i=1}^2\sum_{j=1}^2" + d("O_{ij}") + "I_{i+a-1,j+c-1}", "wrong"),
    # from 0
    (ZERO, d("w_{ac}") + r"=\sum_{i=0}^1\sum_{j=0}^1" + d("y_{ij}") + "x_{i+a,j+c}", "correct"),
    (ZERO, d("x_{00}") + "=" + d("y_{00}") + "w_{00}", "correct"),
    (ZERO, d("x_{01}") + "=" + d("y_{00}") + "w_{00}+" + d("y_{01}") + "w_{00}", "wrong"),
    (ZERO, d("x_{11}") + "=" + d("y_{00}") + "w_{00}", "wrong"),
    # pooling
    (POOL, d("I_{pq}") + r"=\sum_{i}\sum_j" + d("O_{ij}") + d("I_{pq}", "O_{ij}"), "correct"),
    (POOL, d("I_{pq}") + r"=\begin{cases}" + d("O_{ij}") + r"& \text{if } I_{pq} \text{ is the maximum} \\ 0 & \text{otherwise}\end{cases}", "incomplete"),
    (POOL, d("I_{pq}", "O_{ij}") + r"=\begin{cases}1 & \text{if max} \\ 0 & \text{otherwise}\end{cases}", "correct"),
    (POOL, d("I_{pq}", "O_{ij}") + r"=\begin{cases}0 & \text{if max} \\ 1 & \text{otherwise}\end{cases}", "wrong"),
    (POOL, d("I_{22}") + "=" + d("O_{11}"), "wrong"),
    (POOL, r"O_{11} = \max(I_{11}, I_{12}, I_{21}, I_{22})", "correct"),
    (POOL, r"O_{11} = \max(I_{11}, I_{12}, I_{21}, I_{23})", "wrong"),
]


@pytest.mark.parametrize(("head", "equation", "verdict"), CASES)
def test_verdict(head: str, equation: str, verdict: str) -> None:
    claim = last(head, f"$${equation}$$")
    assert claim.verdict == verdict, (claim.message, claim.read_as)
    if verdict == "wrong" and not any(d.kind == "shape" for d in claim.differences):
        assert claim.counterexample is not None
        assert claim.counterexample.claimed != claim.counterexample.true
        assert claim.differences


def test_swapped_limits_show_sizes_that_differ() -> None:
    claim = last(NAMED, "$$" + d("I_{pq}") + r"=\sum_{a=1}^{k_2}\sum_{c=1}^{k_1}" + d("O_{p-a+1,q-c+1}") + "W_{ac}$$")
    assert claim.counterexample is not None
    assert claim.counterexample.sizes["K1"] != claim.counterexample.sizes["K2"]


def test_sizes_by_name_are_never_silently_correct() -> None:
    claim = last(NAMED, "$$" + d("W_{ac}") + r"=\sum_{i}\sum_{j}" + d("O_{ij}") + "I_{i+a-1,j+c-1}$$")
    assert claim.verdict == "correct" and any("sizes up to" in m.key for m in claim.assumes)


def test_options_win() -> None:
    layer = make("conv2d", input=(4, 4), kernel=(3, 3), stride=1)
    text = "$$" + d("X_{11}", "E") + "=" + d("Y_{11}", "E") + "K_{11}$$"
    symbols = {"input": "X", "weight": "K", "output": "Y", "loss": "E"}
    assert check_notes(text, "x.md", layer, symbols).report.claims[-1].verdict == "correct"


def test_prose_stride_that_contradicts_is_not_ignored() -> None:
    text = CONV + "$$" + r"O_{ij} = \sum_{a=1}^2\sum_{c=1}^2 I_{i+a-1,j+c-1}W_{ac} + b" + "$$\n\nNow with stride 2:\n\n$$" + d("I_{11}") + "=" + d("O_{11}") + "W_{11}$$"
    assert check_notes(text, "x.md").report.claims[-1].verdict == "unchecked"


def test_repair_in_the_writers_letters() -> None:
    claim = last(CONV, "$$" + d("W_{ac}") + r"=\sum_{i=1}^2\sum_{j=1}^2" + d("O_{ij}") + "I_{i+a,j+c}$$")
    assert claim.repair is not None and claim.repair.edits[0].text == "I_{i+a-1,j+c-1}"
    assert claim.differences[0].kind == "shifted-index"


SMALL = r"""$x$ has the shape $4 \times 4$, $w$ has the shape $3 \times 3$.

$$y = x * w$$

"""


@pytest.mark.parametrize(("equation", "verdict"), [
    ("y = x * w", "correct"), ("y = w * x", "correct"), ("y = 2 x * w", "wrong"), ("y = x * w + w", "wrong"), ("y = x * x", "wrong"),
])
def test_small_letters_of_the_layer_are_no_indices(equation: str, verdict: str) -> None:
    claims = check_notes(SMALL + f"$${equation}$$\n\n$${d('w')} = x * {d('y')}$$", "x.md").report.claims
    assert [c.verdict for c in claims] == ["correct", verdict, "correct"]


def test_a_sum_without_limits_over_a_letter_of_two_axes_is_over_the_outputs() -> None:
    assert last(CONV, "$$" + d("W_{12}") + r"=\sum_{i,j} I_{i,j+1}" + d("O_{ij}") + "$$").verdict == "correct"
    assert last(CONV, "$$" + d("W_{12}") + r"=\sum_{i,j} I_{ij}" + d("O_{ij}") + "$$").verdict == "wrong"
    assert last(CONV, "$$" + d("b") + r"=\sum_{i,j} I_{ij} W_{ij}$$").verdict == "unreadable"


PADDED = r"""$I$ has the shape $4 \times 4$, zero padding 1.

$$O_{ij} = \sum_{a=1}^{3}\sum_{c=1}^{3} I_{i+a-2,j+c-2} W_{ac}$$

"""
CORNER = "O_{11} = %s W_{11} + I_{11}W_{22}+I_{12}W_{23}+I_{21}W_{32}+I_{22}W_{33}"


@pytest.mark.parametrize(("equation", "verdict"), [
    (CORNER % "I_{00}", "correct"), (CORNER % "I_{55}", "correct"), (CORNER % "I_{66}", "wrong"), (CORNER % "I_{-1,0}", "wrong"),
    (d("W_{ac}") + r"=\sum_{p=0}^{5}\sum_{q=0}^{5} I_{pq}" + d("O_{p-a+2,q-c+2}"), "correct"),
    (d("W_{ac}") + r"=\sum_{p=0}^{6}\sum_{q=0}^{5} I_{pq}" + d("O_{p-a+2,q-c+2}"), "wrong"),
])
def test_padding_reaches_as_far_as_it_is(equation: str, verdict: str) -> None:
    assert last(PADDED, f"$${equation}$$").verdict == verdict


OPEN = r"""$$O_{ij} = \sum_{a=1}^{2} \sum_{c=1}^{2} I_{2i+a-2, 2j+c-2} W_{ac}$$

"""


def test_a_general_formula_that_only_one_window_makes_true_is_wrong() -> None:
    assert last(OPEN, "$$" + d("W_{ac}") + r"=\sum_{i}\sum_{j}" + d("O_{ij}") + "I_{i+a-1,j+c-1}$$").verdict == "wrong"
    assert last(OPEN, "$$" + d("W_{ac}") + r"=\sum_{i=1}^{3}\sum_{j=1}^{3}" + d("O_{ij}") + "I_{2i+a-2,2j+c-2}$$").verdict == "unchecked"


def test_a_definition_is_one_whatever_the_range_of_its_letters() -> None:
    text = CONV + r"$V_{ac} = W_{3-a,3-c}$" + "\n\n$$" + d("I_{pq}") + r"=\sum_{a=1}^{2}\sum_{c=1}^{2}" + d("O_{p+a-2,q+c-2}") + "V_{ac}$$"
    assert [c.verdict for c in check_notes(text, "x.md").report.claims][1:] == ["correct", "correct"]
    assert check_notes(text.replace(r"\sum_{a=1}^{2}", r"\sum_{a=0}^{2}"), "x.md").report.claims[-1].verdict == "wrong"


def test_an_entry_that_does_not_exist_is_named_as_the_notes_count() -> None:
    claim = last(ZERO, "$$" + d("x_{pq}") + r"=\sum_{a=0}^{2}\sum_{c=0}^{1} w_{1-a,c}" + d("y_{p+a-1,q-c}") + "$$")
    assert claim.verdict == "wrong" and claim.message.arguments.get("entry") == "w[-1, 0]"
