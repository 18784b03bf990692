"""Spellings that a person reads: each with a right equation, which must be read, and a wrong twin, which must not pass.

The verdicts follow by hand from the forward formula at the head; none is taken from the checker.
"""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.report_model import Claim


def d(entry: str, of: str = "L") -> str:
    return rf"\frac{{\partial {of}}}{{\partial {entry}}}"


MAX = r"""$$y_{ij} = \max_{0\le a\le 1, 0\le c \le 1} x_{i+a,j+c}$$ and $x$ has the shape $3 \times 3$.

"""
APART = r"""$$y_{ij} = \max_{0\le a\le 1, 0\le c \le 1} x_{2i+a,2j+c}$$ and $x$ has the shape $4 \times 4$.

"""
CONV = r"""$$y_{ij} = \sum_{a=0}^{1}\sum_{c=0}^{1} x_{i+a,j+c} w_{ac}$$ and $x$ has the shape $4\times 4$.

"""
STRIDE = r"""$$y_{i} = \sum_{a=1}^{2} x_{2i+a-2} w_{a}$$ and $x$ has length 6.

"""
MAPS = r"""$$\begin{bmatrix} x_{11}&x_{12}&x_{13}\\x_{21}&x_{22}&x_{23}\\x_{31}&x_{32}&x_{33}\end{bmatrix} * \begin{bmatrix} w_{11}&w_{12}\\w_{21}&w_{22}\end{bmatrix} = \begin{bmatrix} y_{11}&y_{12}\\y_{21}&y_{22}\end{bmatrix}$$

"""
PLAIN = "Convolution y = x * w, x is 3x3, w is 2x2.\n\n"
XM, XP = d("x_{pq}") + "=", d("x_p") + "="
TIGHT = r"\sum_{i=\max(0,p-1)}^{\min(p,1)}\sum_{j=\max(0,q-1)}^{\min(q,1)}" + d("y_{ij}")
ALL = r"\sum_{i=0}^{2}\sum_{j=0}^{2}" + d("y_{ij}") + " w_{p-i,q-j}"
SHIFTED = d("y_{p-a,q-c}")


def odd(first: str, second: str, one: str = "w_1", two: str = "w_2") -> str:
    """dL/dx of STRIDE by cases: at odd places w_1, at even ones w_2."""
    return XP + r"\begin{cases}" + d("y_{(p+1)/2}") + f"{one} & {first}\\\\" + d("y_{p/2}") + f"{two} & {second}" + r"\end{cases}"


def local(condition: str, one: str = "1", other: str = "0") -> str:
    return d("x_{pq}", "y_{ij}") + rf"=\begin{{cases}}{one} & {condition}\\{other}&\text{{otherwise}}\end{{cases}}"


PAIRS = [
    # the maximum by its value
    (MAX, XM + TIGHT + r"\,\mathbf 1\{x_{pq}=y_{ij}\}", XM + TIGHT + r"\,\mathbf 1\{x_{pq}\ne y_{ij}\}", "wrong"),
    (MAX, XM + TIGHT + r"\,1_{x_{pq}=y_{ij}}", XM + TIGHT + r"\,1_{x_{pq}=y_{ji}}", "wrong"),
    (MAX, XM + TIGHT + "[y_{ij}=x_{pq}]", XM + r"\sum_{i,j}" + d("y_{ij}") + "[y_{ij}=x_{pq}]", "incomplete"),
    (MAX, XM + r"\sum_{i,j}" + d("y_{ij}") + r"[x_{pq}=y_{ij}][p-i\in\{0,1\}][q-j\in\{0,1\}]",
     XM + r"\sum_{i,j}" + d("y_{ij}") + r"[x_{pq}=y_{ji}][p-i\in\{0,1\}][q-j\in\{0,1\}]", "wrong"),
    (MAX, XM + r"\sum_{i,j}" + d("y_{ij}") + r"\,\mathbb{1}[x_{pq}=y_{ij},\; 0\le p-i\le 1,\; 0\le q-j\le 1]",
     XM + r"\sum_{i,j}" + d("y_{ij}") + r"\,\mathbb{1}[x_{pq}=y_{ij},\; 0\le p-i\le 1,\; 0\le q-j\le 0]", "wrong"),
    (MAX, XM + r"\sum_{a=0}^{1}\sum_{c=0}^{1}" + SHIFTED + "[x_{pq}=y_{p-a,q-c}]",
     XM + r"\sum_{a=0}^{1}\sum_{c=0}^{1}" + SHIFTED + "[x_{pq}=y_{p-c,q-a}]", "wrong"),
    (MAX, local(r"\text{if } x_{pq}=y_{ij}"), local(r"\text{if } x_{pq}\ne y_{ij}"), "wrong"),
    (MAX, local(r"x_{pq}=y_{ij},\ p-i\in\{0,1\},\ q-j\in\{0,1\}"),
     local(r"x_{pq}=y_{ij},\ p-i\in\{0,1\},\ q-j\in\{0,1\}", "0", "1"), "wrong"),
    (MAX, local(r"x_{pq}=\max_{0\le a,c\le 1} x_{i+a,j+c}"), local(r"x_{pq}=\max_{0\le a,c\le 2} x_{i+a,j+c}"), "unreadable"),
    (MAX, local("x_{pq}=y_{ij}"), local("x_{pq}=y_{ji}"), "unreadable"),
    # and by an argmax over written ranges
    (MAX, XM + TIGHT + r"[(p,q)=\arg\max_{i\le m\le i+1, j\le n\le j+1} x_{mn}]",
     XM + TIGHT + r"[(p,q)=\arg\max_{i\le m\le i+1, j\le n\le j+2} x_{mn}]", "unreadable"),
    (MAX, XM + r"\sum_{i,j}" + d("y_{ij}") + r"[(p-i,q-j)=\arg\max_{a,c\in\{0,1\}} x_{i+a,j+c}]",
     XM + r"\sum_{i,j}" + d("y_{ij}") + r"[(p-i,q-j)=\arg\max_{a,c\in\{0,1\}} x_{j+a,i+c}]", "wrong"),
    (MAX, XM + r"\sum_{i,j}" + d("y_{ij}") + r"[(p-i,q-j)=\arg\max_{a,c\in\{0,1\}} x_{i+a,j+c}]",
     XM + r"\sum_{i,j}" + d("y_{ij}") + r"[(p,q)=\arg\max_{a,c\in\{0,1\}} x_{i+a,j+c}]", "unreadable"),
    # beside an equation
    (APART, d("x_{11}") + "=" + d("y_{00}") + r"\quad\text{if } x_{11}=y_{00}",
     d("x_{11}") + "=" + d("y_{00}") + r"\quad\text{if } x_{01}=y_{00}", "unreadable"),
    (APART, d("x_{11}") + r"=0\quad\text{if } x_{11}\ne y_{00}", d("x_{11}") + "=" + d("y_{00}") + r"\quad\text{if } x_{11}\ne y_{00}", "wrong"),
    (APART, d("x_{11}") + "=" + d("y_{00}") + r"\quad\text{若 } x_{11} \text{ 是该窗口中的最大值}",
     d("x_{11}") + "=" + d("y_{00}") + r"\quad\text{若 } x_{10} \text{ 是该窗口中的最大值}", "unreadable"),
    (APART, d("x_{11}") + "=" + d("y_{00}") + r"\quad\text{if } x_{11} \text{ is the maximum of the window}",
     d("x_{11}") + "=" + d("y_{00}") + r"\quad\text{if } x_{01} \text{ is the maximum of the window}", "unreadable"),
    # sets and intervals
    (CONV, XM + ALL + r"[p-i, q-j\in\{0,1\}]", XM + ALL + r"[p-i, q-j\in\{0\}]", "wrong"),
    (CONV, XM + ALL + r"\mathbb{1}[p-i\in[0,2)]\,\mathbb 1[q-j \in [0,2)]", XM + ALL + r"\mathbb{1}[p-i\in[0,2)]\,\mathbb 1[q-j \in [0,1)]", "wrong"),
    (CONV, XM + ALL + r"\mathbb{1}[p-i\in[0,1]]\,\mathbb 1[q-j \in (-1,1]]", XM + ALL + r"\mathbb{1}[p-i\in[0,1]]\,\mathbb 1[q-j \in (0,1]]", "wrong"),
    (CONV, XM + r"\sum_{\substack{i,j:\\ 0\le p-i<2\\ 0\le q-j<2}}" + d("y_{ij}") + "w_{p-i,q-j}",
     XM + r"\sum_{\substack{i,j:\\ 0\le p-i<1\\ 0\le q-j<2}}" + d("y_{ij}") + "w_{p-i,q-j}", "wrong"),
    (CONV, XM + r"\sum_{(a,c)\in\{0,1\}^2}" + SHIFTED + "w_{ac}", XM + r"\sum_{(a,c)\in\{0,1\}^2}" + SHIFTED + "w_{ca}", "wrong"),
    (CONV, XM + r"\sum_{(a,c)\in[0,2)\times[0,2)}" + SHIFTED + "w_{ac}", XM + r"\sum_{(a,c)\in[0,2)\times[0,1)}" + SHIFTED + "w_{ac}", "wrong"),
    (CONV, XM + r"\sum_{a=0,1}\sum_{c=0,1}" + SHIFTED + "w_{ac}", XM + r"\sum_{a=0,1}\sum_{c=0,1}" + SHIFTED + "w_{ca}", "wrong"),
    # odd, even, remainders
    (STRIDE, odd(r"p \text{ odd}", r"p \text{ even}"), odd(r"p \text{ even}", r"p \text{ odd}"), "wrong"),
    (STRIDE, odd(r"\text{for odd } p", r"\text{for even } p"), odd(r"\text{for odd } p", r"\text{for even } p", "w_2", "w_1"), "wrong"),
    (STRIDE, odd(r"\text{若 } p \text{ 为奇数}", r"\text{若 } p \text{ 为偶数}"), odd(r"p \text{ 为奇数}", r"p \text{ 为偶数}", "w_2", "w_2"), "wrong"),
    (STRIDE, odd(r"p \bmod 2 = 1", r"p \bmod 2 = 0"), odd(r"p \bmod 2 = 1", r"p \bmod 2 = 0", "w_2", "w_1"), "wrong"),
    (STRIDE, odd(r"p - 1 \bmod 2 = 0", r"p \% 2 = 0"), odd(r"p \bmod 2 = 3", r"p \bmod 2 = 0"), "unreadable"),
    (STRIDE, odd(r"p \equiv 1 \pmod 2", r"p\equiv 0 \pmod{2}"), odd(r"p \equiv 1 \pmod 2", r"p\equiv 0 \pmod{2}", "w_1", "w_1"), "wrong"),
    (STRIDE, odd(r"p \equiv 1 (\bmod 2)", r"p\equiv 2 (\text{mod } 2)"), odd(r"p \equiv 0 (\bmod 2)", r"p\equiv 1 (\text{mod } 2)"), "wrong"),
    (STRIDE, odd(r"2 \mid p-1", r"2\nmid p-1"), odd(r"2 \nmid p-1", r"2\mid p-1"), "wrong"),
    # convolutions as calls, and how far the maps overlap
    (MAPS, d("x") + r"=\text{conv}(" + d("y") + r", \text{rot180}(w), \text{'full'})", d("x") + r"=\text{conv}(" + d("y") + r", w, \text{'valid'})", "wrong"),
    (MAPS, d("x") + "=" + d("y") + r"\overset{\text{full}}{*}\mathrm{rot}_{180}(w)", d("x") + "=" + d("y") + r"\overset{\text{full}}{*}w", "wrong"),
    (MAPS, d("x") + "=" + d("y") + r"*_{full}\mathrm{rot180}(w)", d("x") + "=" + d("y") + r"*_{\text{valid}}\mathrm{rot180}(w)", "wrong"),
    (MAPS, d("w") + r"=\mathrm{conv2d}(x," + d("y") + ")", d("w") + r"=\mathrm{conv2d}(" + d("y") + ",w)", "wrong"),
    (MAPS, d("w") + r"=\mathrm{corr}(x," + d("y") + ")", d("w") + r"=\mathrm{corr}(x,\mathrm{rot180}(" + d("y") + "))", "wrong"),
    # capitals for the maps of small letters
    (MAPS, d("X") + "=" + d("Y") + r"* \mathrm{rot180}(W)", d("X") + "=" + d("Y") + "* W", "wrong"),
    (MAPS, d("W") + "= X *" + d("Y"), r"X = \mathrm{im2col}(x) \\ " + d("W") + "= X *" + d("Y"), "unchecked"),
    (MAPS, d("w") + "= x *" + d("y"), d("w") + r"= \hat x *" + d("y"), "unchecked"),
]  # fmt: skip

LINES = [
    (PLAIN, "dL/dx_12 = dL/dy_11*w_12 + dL/dy_12*w_11", "dL/dx_12 = dL/dy_11*w_21 + dL/dy_12*w_11", "wrong"),
    (PLAIN, "grad_w = conv2d(x, grad_y)", "grad_w = conv2d(grad_y, w)", "wrong"),
    (PLAIN, "dx = conv2(dy, np.rot90(w, 2), 'full')", "dx = conv2(dy, np.rot90(w, 1), 'full')", "unreadable"),
    (PLAIN, "dx[0,1] = dy[0,0]*w[0,1] + dy[0,1]*w[0,0]", "dx[0,1] = dy[0,0]*w[1,0] + dy[0,1]*w[0,0]", "wrong"),
]


def last(text: str, suffix: str) -> Claim:
    return check_notes(text, "x" + suffix).report.claims[-1]


@pytest.mark.parametrize(("head", "right", "wrong", "verdict"), PAIRS)
def test_formula(head: str, right: str, wrong: str, verdict: str) -> None:
    claim, twin = last(f"{head}$${right}$$", ".md"), last(f"{head}$${wrong}$$", ".md")
    assert (claim.verdict, twin.verdict) == ("correct", verdict), (claim.message, twin.message)
    assert (claim.span.line, claim.span.column) == (3, 3)


@pytest.mark.parametrize(("head", "right", "wrong", "verdict"), LINES)
def test_plain_line(head: str, right: str, wrong: str, verdict: str) -> None:
    claim, twin = last(head + right, ".txt"), last(head + wrong, ".txt")
    assert (claim.verdict, twin.verdict) == ("correct", verdict), (claim.message, twin.message)
    assert (claim.span.line, claim.span.column) == (3, 1)


def test_ties_that_go_to_the_first_entry_are_not_decided_by_value() -> None:
    head = MAX.replace("3 \\times 3$.", "3 \\times 3$. In a tie the window takes the first.")
    assert last(f"{head}$${XM}{TIGHT}[x_{{pq}}=y_{{ij}}]$$", ".md").verdict == "unchecked"


def test_a_value_that_decides_names_what_it_takes_for_granted() -> None:
    keys = {m.key for m in last(f"{MAX}$${local('x_{pq}=y_{ij}')}$$", ".md").assumes}
    assert {"the largest entry of a window stands there once", "only entries of the window are compared with its maximum"} <= keys


POOL = "Max pooling, input 4x4, window 2x2, stride 2; at a tie the first one counts.\n\n"
LOCAL = r"\frac{\partial O_{ij}}{\partial I_{pq}}"


@pytest.mark.parametrize("condition", [
    r"\text{if } I_{pq} \text{ is the maximum of window } (i,j)", r"\text{若 } I_{pq} \text{ 是窗口 } (i,j) \text{ 中的最大值}",
])
def test_the_maximum_of_a_window_that_is_named(condition: str) -> None:
    """Windows do not overlap: one hands all of its gradient on, and nothing to the others."""
    def verdict(equation: str) -> str:
        return check_notes(POOL + f"$${equation}$$\n", "x.md").report.claims[0].verdict

    assert verdict(rf"{LOCAL} = 1 \quad {condition}") == "correct"
    assert verdict(rf"{LOCAL} = 0 \quad {condition}") == "wrong"
    assert verdict(rf"{LOCAL} = \begin{{cases}} 1 & {condition} \\ 0 & \text{{otherwise}} \end{{cases}}") == "correct"
    assert verdict(rf"{LOCAL} = \begin{{cases}} 0 & {condition} \\ 1 & \text{{otherwise}} \end{{cases}}") == "wrong"
    assert verdict(rf"{LOCAL} = 1 \quad {condition}".replace("(i,j)", "(j,i)")) == "unreadable"


@pytest.mark.parametrize("words", ["若 $%s$ 是最大值，则 ", "If $%s$ is the maximum of its window, then "])
def test_words_say_that_an_entry_is_the_maximum(words: str) -> None:
    """3x3 with windows of 2x2: the corner lies in one window, the centre in four."""
    def verdict(entry: str, right: str, named: str = "") -> str:
        notes = "Max pooling, input 3x3, window 2x2, stride 1.\n\n" + words % f"I_{{{named or entry}}}"
        return check_notes(notes + rf"$\frac{{\partial L}}{{\partial I_{{{entry}}}}} = {right}$.", "x.md").report.claims[0].verdict

    one = r"\frac{\partial L}{\partial O_{11}}"
    assert verdict("11", one) == "correct" and verdict("22", one) == "wrong"
    assert verdict("11", "0") == "unreadable", "of which window?"
    assert verdict("11", one.replace("11", "12")) == "unchecked", "that window does not hold the corner: nothing is said"
    assert verdict("11", one, named="12") == "unreadable"
