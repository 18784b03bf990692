"""Nothing is judged on a part, and nothing is lost in silence."""

import pytest

from symderiv.api import check_notes

MATRICES = (
    r"$$\begin{bmatrix} I_{11} & I_{12} & I_{13}\\ I_{21} & I_{22} & I_{23}\\ I_{31} & I_{32} & I_{33}\end{bmatrix} * "
    r"\begin{bmatrix} W_{11} & W_{12}\\ W_{21} & W_{22}\end{bmatrix} = \begin{bmatrix} O_{11} & O_{12}\\ O_{21} & O_{22}\end{bmatrix}$$" "\n\n"
)
RIGHT = r"\frac{\partial L}{\partial I_{11}} = \frac{\partial L}{\partial O_{11}} W_{11}"


def verdicts(text):
    return [c.verdict for c in check_notes(text).report.claims]


@pytest.mark.parametrize("tail", [r"\in \{0\}", r"\to 0", r"\Rightarrow 5", r"\Leftrightarrow W_{11}+1", r"\mid 7", r"\subset \mathbb{R}"])
def test_what_stands_behind_an_equation_is_not_dropped(tail):
    assert verdicts(MATRICES + f"$${RIGHT}$$") == ["correct", "correct"]
    assert verdicts(MATRICES + f"$${RIGHT} {tail}$$") == ["correct", "unreadable"]


def test_an_equation_behind_an_implication_is_judged_as_ever():
    assert verdicts(MATRICES + rf"$${RIGHT} \Rightarrow {RIGHT}$$") == ["correct"] * 3


COUNTED = "Convolution layer, input 4x4, kernel 2x2, stride 1.\n\n$$y_{i,j} = b+\\sum_{u=%d}^{%d}\\sum_{v=%d}^{%d} w_{u,v} x_{%s,%s}$$\n\n"
FROM_NOUGHT = COUNTED % (0, 1, 0, 1, "i+u", "j+v")
FROM_ONE = COUNTED % (1, 2, 1, 2, "i+u-1", "j+v-1")


@pytest.mark.parametrize(("forward", "first"), [(FROM_NOUGHT, 0), (FROM_ONE, 1)])
@pytest.mark.parametrize(("low", "high", "verdict"), [(0, 2, "correct"), (0, 3, "wrong"), (-5, 100, "wrong"), (1, 3, "wrong"), (-1, 2, "wrong")])
def test_limits_outside_a_tensor_are_wrong_from_nought_and_from_one(forward, first, low, high, verdict):
    """The output has three rows: 0..2, or 1..3."""
    sums = "".join(rf"\sum_{{{x}={low + first}}}^{{{high + first}}}" for x in "ij")
    gradient = rf"$$\frac{{\partial L}}{{\partial b}} = {sums} \frac{{\partial L}}{{\partial y_{{i,j}}}}$$"
    assert verdicts(forward + gradient) == ["correct", verdict]


def test_a_file_with_more_mathematics_than_is_read_does_not_pass():
    assert check_notes(MATRICES).report.passed
    assert not check_notes(MATRICES + "$x$ " * 20_001).report.passed
    assert not check_notes(MATRICES + "$$x = 1").report.passed


@pytest.mark.parametrize(("top", "verdict"), [(1, "correct"), (2, "wrong")])
def test_limits_inside_a_matrix_counted_from_nought_are_judged_as_strictly(top, verdict):
    """The output has the rows 0 and 1."""
    left = r"\begin{bmatrix} \frac{\partial L}{\partial w_{0,0}} & \frac{\partial L}{\partial w_{0,1}} \end{bmatrix}"
    cells = " & ".join(
        rf"\sum_{{i=0}}^{{{top}}} \frac{{\partial L}}{{\partial y_{{0,i}}}} x_{{0,{at}}}" for at in ("i", "i+1")
    )
    layer = "Convolution layer, input 1x3, kernel 1x2.\n\n$$y_{i,j} = \\sum_{u=0}^{0}\\sum_{v=0}^{1} w_{u,v} x_{i+u,j+v}$$\n\n"
    assert verdicts(layer + rf"$${left} = \begin{{bmatrix}} {cells} \end{{bmatrix}}$$") == ["correct", verdict]


PLAIN = "Convolution, input 3x3, kernel 2x2.\nO_ij = \u03a3_{a=1}^{2} \u03a3_{b=1}^{2} I_{i+a-1,j+b-1} W_ab\n"


@pytest.mark.parametrize("bullet", ["-", "*", "+"])
@pytest.mark.parametrize("before", ["\n", "Corners:\n"])
def test_a_list_without_delimiters_is_read_item_by_item(bullet, before):
    """Only I_11 is read by O_11 with W_11, only I_33 by O_22 with W_22."""
    items = f"{bullet} dL/dI_33 = dL/dO_22*W_22\n{bullet} dL/dI_11 = dL/dO_12*W_11\n"
    assert verdicts(PLAIN + before + items) == ["correct", "correct", "wrong"]


def test_a_line_that_begins_with_a_minus_still_continues_a_sum():
    assert verdicts(PLAIN + "dL/dI_12 = dL/dO_11*W_12 + dL/dO_12*W_11 + dL/dO_22*W_22\n- dL/dO_22*W_22\n") == ["correct", "correct"]


@pytest.mark.parametrize("lost", ["dL/dI_33\n  = dL/dO_22 * W_21\n", "The corner is\n\n$$= \\frac{\\partial L}{\\partial O_{22}} W_{21}$$\n"])
def test_an_equation_whose_left_side_was_not_found_is_not_lost(lost):
    assert verdicts(PLAIN + "\n" + lost) == ["correct", "unreadable"]


def test_a_number_behind_an_equality_sign_in_a_sentence_is_a_remark():
    assert verdicts(PLAIN + "\nThe number of outputs is $= 4$.\n") == ["correct"]
