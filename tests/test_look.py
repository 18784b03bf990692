"""Pieces of the look: boxes in a terminal, wrapped Chinese, blank lines, region formulas."""

import re
from fractions import Fraction

import pytest

from symderiv.api import derive
from symderiv.layers import make, own
from symderiv.render.boxes import beside
from symderiv.render.document import _squeezed
from symderiv.render.width import text_width
from symderiv.render.wrap import wrap


def test_matrices_stand_side_by_side():
    text = beside([[["a", "b"], ["c", "d"]], " + ", [["1"], ["2"], ["3"]]], 40, text_width)
    assert text == "⎡ a  b ⎤   ⎡ 1 ⎤\n⎣ c  d ⎦ + ⎢ 2 ⎥\n           ⎣ 3 ⎦"


def test_matrices_that_are_too_wide_go_on_below():
    text = beside(["x = ", [["1", "2"]], " + ", [["3", "4"]]], 14, text_width)
    assert text == "x = [ 1  2 ]\n\n    + [ 3  4 ]"
    assert max(map(text_width, text.split("\n"))) <= 14


@pytest.mark.parametrize("columns", [10, 21, 40])
def test_chinese_is_wrapped_by_columns_and_no_line_begins_with_a_stop(columns):
    text = "窗口每滑到一处就用一次权重，与它相乘的只有输入的一个元素（即 I_11）。故 b = 1。"
    lines = wrap(text, columns, text_width).split("\n")
    assert all(text_width(line) <= columns + 2 for line in lines)
    assert not any(line[0] in "，。）、" for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_one_blank_line_at_most_wherever_pieces_end():
    pieces = ["\n\n", "a\n", "\n\n\n", "b\n\n\n\nc", "\n", "\n", "\n", "d\n"]
    assert "".join(_squeezed(iter(pieces))) == "a\n\nb\n\nc\n\nd\n"


def test_a_region_says_what_its_limits_come_to():
    text = derive(
        make("conv2d", input=(28, 28), kernel=5), ["I"]
    ).to_text()
    assert "∂L/∂I_{1, q} = Σ_{j=q-4}^{q} ∂L/∂O_{1, j}·W_{1, q-j+1},   5 ≤ q ≤ 24" in text
    strided = derive(make("conv1d", input=9, kernel=3, stride=2), ["I"]).to_text()
    assert re.search(r"∂L/∂I_p = ∂L/∂O_\{p/2\}·W₂,   p ∈ \{2, 4, 6, 8\}", strided)


def test_an_own_formula_gets_the_strip_the_matrix_and_the_numbers():
    text = derive(own("O[i] = sum(u=1..2, I[2*i+u-2]*W[u])", {"I": (5,), "W": (2,)})).to_text()
    assert "O₂  .   .   1   2   ." in text and "J = " in text and "By hand" in text


def test_what_jupyter_shows_is_one_display():
    shown = derive(make("conv1d", input=3, kernel=2))._repr_latex_()
    assert shown.startswith("$$") and shown.endswith("$$") and "medskip" not in shown and shown.count(r"\partial L") >= 6


def test_numbers_by_hand_are_the_gradient():
    d = derive(make("conv2d", input=(3, 3), kernel=(2, 2)))
    assert d.data.worked.values["dI"][1, 2] == Fraction(4)
    assert "∂L/∂I₁₂ = 1·2 + 2·1 = 4" in d.to_text()
