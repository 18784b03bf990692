"""What a repair writes: the number that stands there, the whole name, whole entries; and nothing in a chain that breaks it."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.check.corrected import corrected
from symderiv.report_model import Claim, Report

AVERAGE = "$$y_{ij} = \\frac{1}{6} \\sum_{m=1}^{2} \\sum_{n=1}^{3} x_{2i+m-2, 3j+n-3}$$ where $x$ has the shape $4 \\times 6$.\n\n"
D = r"\frac{\partial L}{\partial %s}"


def fixed(text: str, suffix: str = ".md") -> tuple[str, Report, Report]:
    """The corrected copy, the report before and the report on the copy."""
    def judge(changed: str) -> Report:
        return check_notes(changed, "x" + suffix).report

    before = judge(text)
    copy, _ = corrected(text, before, judge)
    return copy, before, judge(copy)


def last(text: str, suffix: str = ".md") -> Claim:
    return check_notes(text, "x" + suffix).report.claims[-1]


def chain(*members: str) -> str:
    return AVERAGE + "$$" + " = ".join(members) + "$$\n"


def test_a_slip_inside_a_chain_is_not_moved_to_its_end() -> None:
    entries = [D % e for e in ("x_{12}", "x_{13}", "x_{24}", r"y_{11}")]
    text = chain(*entries[:3], r"\frac{1}{6} " + entries[3])  # x_24 belongs to window y_12
    copy, before, _ = fixed(text)
    assert [c.verdict for c in before.claims] == ["correct", "correct", "wrong", "wrong"]
    assert copy == text


def test_the_end_of_a_chain_is_mended_where_the_rest_is_right() -> None:
    entries = [D % e for e in ("x_{12}", "x_{13}", "x_{23}")]
    copy, _, after = fixed(chain(*entries, r"\frac{1}{6} " + D % "y_{12}"))
    assert copy == chain(*entries, r"\frac{1}{6} " + D % "y_{11}")
    assert {c.verdict for c in after.claims} == {"correct"}


@pytest.mark.parametrize(("written", "mended"), [
    (r"\frac14 ", r"\frac{1}{6} "),
    (r"\frac{1}{3}\cdot ", r"\frac{1}{6}\cdot "),
    ("2 ", r"\frac{1}{6} "),
    ("", r"\frac{1}{6} \cdot "),
])
def test_a_wrong_fraction_is_replaced(written: str, mended: str) -> None:
    right = D % r"y_{\lceil p/2 \rceil, \lceil q/3 \rceil}"
    copy, _, after = fixed(chain(D % "x_{pq}", written + right))
    assert copy == chain(D % "x_{pq}", mended + right)
    assert after.claims[-1].verdict == "correct"


def test_a_wrong_divisor_is_replaced() -> None:
    cells = "x_{11}+x_{12}+x_{13}+x_{21}+x_{22}+x_{23}"
    copy, _, _ = fixed(chain("y_{11}", rf"\frac{{{cells}}}{{4}}"))
    assert copy == chain("y_{11}", rf"\frac{{{cells}}}{{6}}")


def test_a_wrong_fraction_before_a_bracket() -> None:
    cells = "(x_{11}+x_{12}+x_{13}+x_{21}+x_{22}+x_{23})"
    copy, _, _ = fixed(chain("y_{11}", r"\frac18" + cells))
    assert copy == chain("y_{11}", r"\frac{1}{6}" + cells)


def test_two_numbers_leave_open_which_is_wrong() -> None:
    text = chain(D % "x_{pq}", r"\frac12 \cdot \frac12 " + D % r"y_{\lceil p/2 \rceil, \lceil q/3 \rceil}")
    copy, before, _ = fixed(text)
    assert before.claims[-1].verdict == "wrong"
    assert copy == text


def test_the_name_of_a_gradient_in_brackets_is_kept() -> None:
    text = (
        "x has the shape 4x5.\n\n"
        "out[i,j] = sum_{m=0..1, n=0..2} w[m,n] * x[i+m, j+n] + b\n"
        "dw[m,n] = sum_{i=0..2, j=0..2} dout[i,j] * x[i+m, j+n]\n"
        "dx[p,q] = sum_{m=0..1, n=0..2} dout[p+m, q+n] * w[m,n]\n"
    )
    claim = last(text, ".txt")
    assert claim.verdict == "wrong"
    assert [(d.found, d.expected) for d in claim.differences] == [("dout[p+m, q+n]", "dout[p-m, q-n]")]


def test_a_maximum_is_told_entry_by_entry() -> None:
    pool = r"$$O_{ij} = \max_{1\le a\le 2, 1\le c \le 2} I_{i+a-1,j+c-1}$$ and $I$ has the shape $3 \times 4$." + "\n\n"
    claim = last(pool + r"$$O_{13} = \max\{I_{13}, I_{14}, I_{23}, I_{34}\}$$")
    assert claim.verdict == "wrong"
    assert claim.expected == r"O_{13} = \max\{I_{13}, I_{14}, I_{23}, I_{24}\}"
