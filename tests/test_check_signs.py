"""C3: a sign between maps means one thing in a file, and only what decides it fixes it."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.report_model import Claim, Message

LAYER = r"""$X$ has the shape $4 \times 4$, $W$ has the shape $3 \times 3$.

$$Y_{ij}=\sum_{m=1}^{3}\sum_{n=1}^{3}W_{mn}X_{i+m-1,j+n-1}$$

"""
OTHER = r"""# Another layer

$A$ has the shape $5 \times 5$, $K$ has the shape $2 \times 2$.

$$B_{ij}=\sum_{m=1}^{2}\sum_{n=1}^{2}K_{mn}A_{i+m-1,j+n-1}$$

"""
ONE = r"""# One by one

$P$ has the shape $3 \times 3$, $V$ has the shape $1 \times 1$.

$$Q_{ij}=\sum_{m=1}^{1}\sum_{n=1}^{1}V_{mn}P_{i+m-1,j+n-1}$$

"""


def claims(*parts: str) -> list[Claim]:
    return list(check_notes("".join(parts), "x.md").report.claims)


def verdicts(*parts: str) -> list[str]:
    return [c.verdict for c in claims(*parts)]


def says(claim: Claim) -> set[str]:
    kinds = (m.arguments.get("kind") for m in claim.assumes)
    return {k.key for k in kinds if isinstance(k, Message)}


def turned(y: str, x: str, k: str, sign: str = "*") -> str:
    return rf"$$\frac{{\partial L}}{{\partial {x}}} = \frac{{\partial L}}{{\partial {y}}} {sign} \mathrm{{rot180}}({k})$$" + "\n\n"


def plain(y: str, x: str, k: str, sign: str = "*") -> str:
    return rf"$$\frac{{\partial L}}{{\partial {x}}} = \frac{{\partial L}}{{\partial {y}}} {sign} {k}$$" + "\n\n"


def test_the_second_layer_keeps_the_first_ones_meaning() -> None:
    assert verdicts(LAYER, turned("Y", "X", "W"), OTHER, turned("B", "A", "K"), plain("B", "A", "K"))[1:] == [
        "correct", "correct", "correct", "wrong"]
    assert verdicts(LAYER, plain("Y", "X", "W"), OTHER, plain("B", "A", "K"), turned("B", "A", "K"))[1:] == [
        "correct", "correct", "correct", "wrong"]


def test_one_sign_however_it_is_written() -> None:
    assert verdicts(LAYER, turned("Y", "X", "W"), plain("Y", "X", "W", r"\ast"))[1:] == ["correct", "wrong"]


def test_two_signs_may_mean_two_things_and_each_is_told() -> None:
    found = claims(LAYER, plain("Y", "X", "W"), turned("Y", "X", "W", r"\star"), plain("Y", "X", "W"))
    assert [c.verdict for c in found[1:]] == ["correct", "correct", "correct"]
    assert [says(c) for c in found[1:]] == [{"convolution with a rotated kernel"}, {"cross-correlation"}, {"convolution with a rotated kernel"}]


def test_a_kernel_with_one_entry_decides_nothing() -> None:
    found = claims(ONE, turned("Q", "P", "V"), OTHER, plain("B", "A", "K"))
    assert [c.verdict for c in found] == ["correct"] * 4
    assert not says(found[1])


def test_a_wrong_equation_and_its_repair_decide_nothing() -> None:
    assert verdicts(LAYER, plain("Y", "X", "W^T"), plain("Y", "X", "W"))[1:] == ["wrong", "correct"]
    assert verdicts(LAYER, plain("Y", "X", "W^T"), turned("Y", "X", "W"))[1:] == ["wrong", "correct"]


SQUARE = r"The input $I$ is 3x3, the kernel $W$ is 2x2, the output is $O$. "
LETTERS = r"The input $A$ is 3x3, the kernel $B$ is 2x2. $C = B * A$" + "\n\n"


def gradient(of: str, value: str) -> str:
    return rf"$\frac{{\partial L}}{{\partial {of}}} = {value}$" + "\n\n"


def test_the_kernel_may_be_named_before_the_map() -> None:
    """``W * I`` is the layer of ``I * W``: O_11 = I_11 W_11 + ..., and its first entry's gradient is dO_11 W_11."""
    first = gradient("I_{11}", r"\frac{\partial L}{\partial O_{11}} W_{11}")
    for forward in ("$O = W * I$", "$O = I * W$"):
        assert verdicts(SQUARE, forward, "\n\n", first) == ["correct", "correct"]
    right, wrong = (gradient("A_{12}", rf"\frac{{\partial L}}{{\partial C_{{11}}}} {b} + \frac{{\partial L}}{{\partial C_{{12}}}} B_{{11}}")
                    for b in ("B_{12}", "B_{21}"))
    assert verdicts(LETTERS, right, wrong) == ["correct", "correct", "wrong"]


def test_gradients_with_the_kernel_or_the_smaller_map_first() -> None:
    d = r"\frac{\partial L}{\partial O}"
    said = SQUARE + "$O = W * I$\n\n"
    assert verdicts(said, gradient("W", f"{d} * I"), gradient("I", rf"\mathrm{{rot180}}(W) * {d}"), gradient("I", f"W * {d}"),
                    gradient("W", rf"{d} * \mathrm{{rot180}}(I)")) == ["correct", "correct", "correct", "wrong", "wrong"]


SIGNED = ("Convolution with input 3x3, kernel 2x2. Here $\\star$ is cross-correlation and $*$ is true convolution. The forward pass is $O = I \\star W$.\n\n")


@pytest.mark.parametrize(("equation", "verdict"), [
    (r"O = I * W", "wrong"), (r"O = I * \mathrm{rot}_{180}(W)", "correct"), (r"O = W * I", "wrong"), (r"O = W \star I", "correct"),
    (r"\frac{\partial L}{\partial I} = \mathrm{rot}_{180}(W) \star_{full} \frac{\partial L}{\partial O}", "unreadable"),
    (r"\frac{\partial L}{\partial I} = \frac{\partial L}{\partial O} \star_{full} \mathrm{rot}_{180}(W)", "correct"),
    (r"\frac{\partial L}{\partial I} = \frac{\partial L}{\partial O} \star_{full} W", "wrong"),
    (r"\frac{\partial L}{\partial I} = W *_{full} \frac{\partial L}{\partial O}", "correct"),
])
def test_a_second_sign_is_a_claim_and_full_correlation_has_an_order(equation, verdict):
    text = SIGNED + r"$$\frac{\partial L}{\partial I_{11}} = \frac{\partial L}{\partial O_{11}} W_{11}$$" + f"\n\n$${equation}$$\n"
    assert [c.verdict for c in check_notes(text, "notes.md").report.claims] == ["correct", "correct", verdict]
