"""Conditions beside an equation and in the words around it: each verdict worked out by hand on a 4x4 input and a 2x2 kernel."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.report_model import Claim

CONV = r"""A convolution with a 4x4 input I and a 2x2 kernel W.

$O_{ij} = \sum_{a=1}^{2}\sum_{c=1}^{2} I_{i+a-1,j+c-1} W_{ac}$

"""


def d(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


def last(head: str, notes: str) -> Claim:
    return check_notes(head + notes, "x.md").report.claims[-1]


INTERIOR = (d("I_{pq}") + "=" + d("O_{p,q}") + "W_{11}+" + d("O_{p-1,q}") + "W_{21}+" + d("O_{p,q-1}") + "W_{12}+"
            + d("O_{p-1,q-1}") + "W_{22}")
SWAPPED = INTERIOR.replace("W_{21}", "W_{00}").replace("W_{12}", "W_{21}").replace("W_{00}", "W_{12}")
"""The two weights beside the diagonal changed: nowhere in the interior right."""
CORNER = d("I_{pq}") + "=" + d("O_{pq}") + "W_{11}"
TOP = d("I_{1q}") + "=" + d("O_{1q}") + "W_{11}+" + d("O_{1,q-1}") + "W_{12}"


@pytest.mark.parametrize("condition", [
    r"2\le p,q\le 3", r"1< p,q< 4", r"4 > p, q > 1", r"2 \le q, p < 4", r"1 \le p, q \le 3",
])
@pytest.mark.parametrize("between", [r", \quad ", r" \quad ", ", ", r"\quad\text{if }", r"\quad\text{for all }"])
def test_letters_that_share_their_limits_are_each_in_the_range(condition: str, between: str) -> None:
    assert last(CONV, f"$${INTERIOR}{between}{condition}$$").verdict == "correct"
    assert last(CONV, f"$${SWAPPED}{between}{condition}$$").verdict == "wrong"


@pytest.mark.parametrize("condition", [r"2\le p,q\le 4", r"1\le p, q\le 4", r"p,q \ge 2"])
def test_a_range_that_reaches_the_last_row_is_too_wide(condition: str) -> None:
    claim = last(CONV, rf"$${INTERIOR}, \quad {condition}$$")
    assert claim.verdict == "wrong"
    assert claim.counterexample is not None and 4 in claim.counterexample.at.values()


@pytest.mark.parametrize(("condition", "verdict"), [("(q=2,3)", "correct"), ("q=2,3", "correct"), ("(q=2,3,4)", "wrong"), ("(q=1,4)", "wrong")])
def test_an_index_with_a_list_of_values(condition: str, verdict: str) -> None:
    assert last(CONV, rf"$${TOP}, \quad {condition}$$").verdict == verdict


def test_limits_by_letters_can_be_read_in_two_ways() -> None:
    assert last(CONV, rf"$${INTERIOR} \quad \text{{if }} m \le p, q \le n$$").verdict == "unreadable"


@pytest.mark.parametrize("joined", [r"\text{ and }", ", ", r",\ "])
def test_conditions_of_one_case_hold_together(joined: str) -> None:
    left = r"$$\frac{\partial O_{ij}}{\partial I_{pq}} = \begin{cases}"
    rows = r"& %s%s%s\\0,&\text{otherwise}\end{cases}$$"
    p, q, wide = r"0\le p-i\le 1", r"0\le q-j\le 1", r"i\le p\le i+1"
    assert last(CONV, left + "W_{p-i+1,q-j+1}," + rows % (p, joined, q)).verdict == "correct"
    assert last(CONV, left + "W_{p-i+1,q-j+1}," + rows % (wide, joined, r"j\le q\le j+1")).verdict == "correct"
    assert last(CONV, left + "W_{q-j+1,p-i+1}," + rows % (p, joined, q)).verdict == "wrong"
    # the case "q = j" has a derivative too
    assert last(CONV, left + "W_{p-i+1,q-j+1}," + rows % (p, joined, r"1\le q-j\le 1")).verdict == "wrong"
