"""The seed's notes get exactly the verdicts of the issue."""

from __future__ import annotations

from pathlib import Path

import pytest

from symderiv.api import check_notes
from symderiv.report_model import Claim, Report

NOTES = Path(__file__).parent / "notes"
SEED = next(iter(sorted(NOTES.rglob("student.md"))), None)
EXPECTED = {
    7: ["correct"], 11: ["correct"], 15: ["correct"] * 2, 17: ["correct"] * 2, 19: ["wrong"], 25: ["correct"] * 2,
    27: ["correct"] * 2, 31: ["correct"], 35: ["wrong"], 37: ["correct"], 39: ["correct"], 41: ["correct"], 45: ["correct"],
    49: ["correct"], 53: ["incomplete"], 55: ["correct"], 57: ["incomplete"], 59: ["correct"], 61: ["correct"], 63: ["incomplete"],
}


@pytest.fixture(scope="module")
def report() -> Report:
    assert SEED is not None, "the seed's notes are among the tests"
    return check_notes(SEED.read_bytes(), "student.md").report


def on(report: Report, line: int) -> Claim:
    return next(c for c in report.claims if c.span.line == line)


def test_verdicts(report: Report) -> None:
    found: dict[int, list[str]] = {}
    for claim in report.claims:
        found.setdefault(claim.span.line, []).append(claim.verdict)
    assert found == EXPECTED
    assert len(report.claims) == 24 and report.summary.unreadable == 0 and report.summary.unchecked == 0


def test_the_wrong_element_is_told_exactly(report: Report) -> None:
    claim = on(report, 35)
    assert [(d.kind, d.found, d.expected) for d in claim.differences] == [("wrong-index", "W_{22}", "W_{12}")]
    assert claim.repair is not None and claim.repair.unique and claim.counterexample is not None
    assert claim.counterexample.claimed != claim.counterexample.true


def test_the_missing_formula_is_given(report: Report) -> None:
    assert r"\max(1, i-1)" in on(report, 19).expected and "W_{i-k+1, j-l+1}" in on(report, 19).expected


def test_overlapping_windows_get_the_classic_numbers(report: Report) -> None:
    for line in (53, 57, 63):
        example = on(report, line).counterexample
        assert example is not None and (example.claimed, example.true) == ("1000", "1111")
        assert example.values["I"] == [[1, 2, 3], [4, 9, 5], [6, 7, 8]]


def test_pooling_lines_say_what_they_assume(report: Report) -> None:
    assert all(on(report, line).assumes for line in (55, 59, 61))


def test_warnings(report: Report) -> None:
    kinds = {(w.line, w.kind) for w in report.warnings}
    assert (11, "symbol-clash") in kinds and (23, "heading-mismatch") in kinds


def test_two_layers(report: Report) -> None:
    assert [layer.name for layer in report.layers] == ["conv2d", "max_pool2d"]
    assert report.layers[0].roles == {"I": "I", "W": "W", "O": "O", "b": "b", "L": "L"}


def test_the_slips_without_a_sum_get_the_formula_that_they_lack(report):
    assert [d.kind for d in on(report, 19).differences] == ["missing-sum"]
    assert "factor" in on(report, 19).message.key
    chain = on(report, 53).expected
    assert chain.startswith(r"\frac{\partial L}{\partial I_{pq}} = \sum_{i=1}^{2} \sum_{j=1}^{2}") and r"\partial O_{ij}}{\partial I_{pq}}" in chain
    for line in (57, 63):
        assert r"[ (p, q) = \operatorname{argmax}_{ij} ]" in on(report, line).expected
