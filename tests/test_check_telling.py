"""One planted slip in a right equation: its kind, its place, and a repair that is right by the definition."""

from __future__ import annotations

import pytest
from check_enumerator import Conv, true_input, true_weight

from symderiv.api import check_notes
from symderiv.report_model import Claim

PLAIN = (r"Convolution, input $4 \times 5$, kernel $2 \times 3$, stride 1, output $3 \times 3$." + "\n\n"
         r"$$O_{ij} = \sum_{a=1}^2\sum_{c=1}^3 I_{i+a-1,j+c-1} W_{ac} + b$$" + "\n\n")
STRIDED = (r"Convolution, input $5 \times 5$, kernel $3 \times 3$, stride 2, output $2 \times 2$." + "\n\n"
           r"$$O_{ij} = \sum_{a=1}^3\sum_{c=1}^3 I_{2i+a-2,2j+c-2} W_{ac}$$" + "\n\n")
AVERAGE = (r"Average pooling: input 4x4, window 3x3, stride 1, output 2x2." + "\n\n"
           r"$$O_{ij} = \frac{1}{9}\sum_{a=1}^{3}\sum_{b=1}^{3} I_{i+a-1,j+b-1}$$" + "\n\n")


def g(at: str) -> str:
    return rf"\frac{{\partial L}}{{\partial O_{{{at}}}}}"


def d(at: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {at}}} = "


FULL = r"\sum_{a=1}^2\sum_{c=1}^3 " + g("p-a+1,q-c+1") + " W_{ac}"
LIMITS = r"\sum_{i=\max(1,p-1)}^{\min(p,3)}\sum_{j=\max(1,q-%s)}^{\min(q,%s)} " + g("ij") + " W_{p-i+1,q-j+1}"

# notes, the equation as written, the kind, the offending symbols, what the repair puts in the file
SLIPS = [
    (PLAIN, d("I_{pq}") + "-" + FULL, "sign", "-", d("I_{pq}") + FULL),
    (PLAIN, d("I_{pq}") + "2" + FULL, "wrong-coefficient", "2", d("I_{pq}") + FULL),
    (PLAIN, d("I_{pq}") + FULL + " + W_{11}", "extra-term", "W_{11}", d("I_{pq}") + FULL),
    (PLAIN, d("W_{ac}") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij") + " I_{i+c-1,j+a-1}", "transposed-index", "I_{i+c-1,j+a-1}",
     d("W_{ac}") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij") + " I_{i+a-1, j+c-1}"),
    (PLAIN, d("I_{pq}") + LIMITS % (1, 3), "wrong-limits", r"\max(1,q-1)", d("I_{pq}") + LIMITS % (2, 3)),
    (PLAIN, d("I_{pq}") + LIMITS % (2, 4), "wrong-limits", r"\min(q,4)", d("I_{pq}") + LIMITS % (2, 3)),
    (PLAIN, d("b") + r"\sum_{i=1}^3\sum_{j=1}^2 " + g("ij"), "wrong-limits", "2", d("b") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij")),
    (PLAIN, d("I_{11}") + g("33") + " W_{11}", "wrong-index", "O_{33}", d("I_{11}") + g("11") + " W_{11}"),
    (PLAIN, d("I_{11}") + "-" + g("11") + " W_{11}", "sign", "-", d("I_{11}") + g("11") + " W_{11}"),
    (PLAIN, d("I_{12}") + g("11") + " W_{12} - " + g("12") + " W_{11}", "sign", "-",
     d("I_{12}") + g("11") + " W_{12} + " + g("12") + " W_{11}"),
    (PLAIN, d("I_{12}") + g("11") + " W_{12} + 2" + g("12") + " W_{11}", "wrong-coefficient", "2",
     d("I_{12}") + g("11") + " W_{12} + " + g("12") + " W_{11}"),
    (PLAIN, d("I_{12}") + g("11") + " (W_{12} + " + g("12") + " W_{11})", "scope", "(W_{12} + " + g("12") + " W_{11})",
     d("I_{12}") + g("11") + " W_{12} + " + g("12") + " W_{11}"),
    (STRIDED, d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-i+1,q-j+1}", "missing-stride", "W_{p-i+1,q-j+1}",
     d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-2 i+2, q-2 j+2}"),
    (STRIDED, d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-2i,q-2j}", "shifted-index", "W_{p-2i,q-2j}",
     d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-2 i+2, q-2 j+2}"),
]


def told(notes: str, equation: str) -> Claim:
    claim = check_notes(notes + "$$" + equation + "$$\n", "x.md").report.claims[-1]
    assert claim.verdict == "wrong"
    return claim


@pytest.mark.parametrize(("notes", "written", "kind", "symbols", "mended"), SLIPS)
def test_a_planted_slip_is_told_where_it_stands(notes: str, written: str, kind: str, symbols: str, mended: str) -> None:
    claim = told(notes, written)
    assert [x.kind for x in claim.differences] == [kind]
    span = claim.differences[0].span
    assert ("$$" + written)[span.column - 1 : span.end_column - 1] == symbols
    assert claim.repair is not None and claim.repair.latex == mended
    assert claim.counterexample is not None and claim.counterexample.claimed != claim.counterexample.true
    assert check_notes(notes + "$$" + mended + "$$\n", "x.md").report.claims[-1].verdict == "correct"


@pytest.mark.parametrize("written", [
    d("I_{pq}") + r"\frac19\sum_{i=\max(1,p-2)}^{\min(3,p)}\sum_{j=\max(1,q-2)}^{\min(3,q)}" + g("ij"),
    d("I_{pq}") + r"\frac19\sum_{i=1}^{2}\sum_{j=1}^{2}" + g("ij"),
])
def test_no_limit_is_recommended_that_does_not_mend_the_sum(written: str) -> None:
    claim = told(AVERAGE, written)
    assert all(not x.expected for x in claim.differences) and claim.repair is None
    assert r"\frac{1}{9} \cdot" not in claim.expected
    assert check_notes(AVERAGE + "$$" + claim.expected + "$$\n", "x.md").report.claims[-1].verdict == "correct"


def test_a_term_is_not_too_much_where_the_size_is_unknown() -> None:
    notes = ("Conv 1D, kernel 3, dilation 2, stride 1, no padding.\n\n$$y_i = \\sum_{k=0}^{2} w_k x_{i+2k}$$\n\n"
             "where $\\delta_i = \\partial L/\\partial y_i$.\n\n")
    claim = told(notes, r"\frac{\partial L}{\partial x_4} = \delta_2w_1+\delta_1w_2")
    assert not any(x.kind == "extra-term" and "w_1" in x.found for x in claim.differences)


def test_sizes_that_do_not_fit_show_both() -> None:
    claim = told(PLAIN, r"(5-3)/2+1 = 3")
    assert claim.counterexample is not None
    assert (claim.counterexample.claimed, claim.counterexample.true) == ("3", "2")


def test_the_slips_above_are_slips_by_plain_loops() -> None:
    layer = Conv((4, 5), (2, 3))
    assert true_input(layer, (1, 2)) == {(("g", (1, 1)), ("w", (1, 2))): 1, (("g", (1, 2)), ("w", (1, 1))): 1}
    assert true_input(layer, (1, 1)) == {(("g", (1, 1)), ("w", (1, 1))): 1}
    assert true_weight(layer, (1, 2))[("g", (1, 1)), ("x", (1, 2))] == 1
