"""Bounded work, no crash on broken notes, and no SymPy."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import DEAR, HARMLESS, HEAD, UNREADABLE

from symderiv.api import check_notes
from symderiv.check import explain, run
from symderiv.check.budget import FileBudget, TooDear
from symderiv.check.differences import Candidate
from symderiv.check.run import MOST_CLAIMS
from symderiv.report_model import Message, Repair

LEFT = r"\frac{\partial L}{\partial b} = "


@pytest.mark.parametrize("name", DEAR)
def test_what_is_too_dear_is_unreadable_and_names_the_limit(name: str) -> None:
    text, limit = DEAR[name]
    claim = check_notes(text, "x.md").report.claims[-1]
    assert (claim.verdict, claim.message.arguments["limit"]) == ("unreadable", Message(limit))


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_mathematics_is_unreadable(name: str) -> None:
    assert check_notes(UNREADABLE[name], "x.md").report.claims[-1].verdict == "unreadable"


@pytest.mark.parametrize("name", HARMLESS)
def test_no_pattern_is_tried_over_and_over(name: str) -> None:
    """Each would take minutes, or for ever, if a pattern went back over what it had passed."""
    assert all(c.verdict in ("correct", "unreadable") for c in check_notes(HARMLESS[name], "x.md").report.claims)


def test_claims_past_the_limit_are_each_unreadable() -> None:
    report = check_notes(DEAR["claims past the limit"][0], "x.md").report
    assert (report.summary.correct, report.summary.unreadable, report.passed) == (MOST_CLAIMS, 6_001 - MOST_CLAIMS, False)


def test_an_edit_is_the_only_one_only_after_all_were_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + r"$$\frac{\partial L}{\partial W_{ac}} = \sum_{i=1}^{2} \sum_{j=1}^{2} \frac{\partial L}{\partial O_{ij}} I_{i+a, j+c-1}$$"
    assert _repair(text).unique
    tried: list[bool] = []
    right: Callable[..., bool] = explain._right

    def until_found(candidate: Candidate, *rest: object) -> bool:
        if any(tried):
            raise TooDear("work", 1)
        tried.append(right(candidate, *rest))
        return tried[-1]

    monkeypatch.setattr(explain, "_right", until_found)
    repair = _repair(text)
    assert any(tried) and not repair.unique and not repair.certain


def _repair(text: str) -> Repair:
    repair = check_notes(text, "x.md").report.claims[-1].repair
    assert repair is not None
    return repair


def test_a_limit_is_named() -> None:
    claim = check_notes(HEAD + f"$${LEFT}" + r"\sum_{i=1}^{1000000000} W_{11}$$", "x.md").report.claims[-1]
    assert claim.message.arguments["limit"] == Message("work")


def test_broken_notes_never_raise() -> None:
    seed = next(iter((Path(__file__).parent / "notes").rglob("student.md"))).read_text(encoding="utf-8")
    rng = random.Random(3)
    pieces = ["\\sum_{", "}", "^{2}", "W_{12}", "+", "-", "=", "b", "(", "]", "\\max", "$", "$$", "*", "\\\\", "&", "\\begin{cases}", ","]
    for _ in range(60):
        text = seed
        for _ in range(rng.randint(1, 8)):
            k = rng.randrange(len(text))
            text = text[:k] + (rng.choice(pieces) if rng.random() < 0.6 else "") + text[k + rng.randint(0, 5) :]
        report = check_notes(text, "x.md").report
        assert report.summary.claims == len(report.claims)


def test_checking_does_not_load_sympy(tmp_path: Path) -> None:
    notes = tmp_path / "x.md"
    notes.write_text(HEAD + f"$${LEFT}" + r"\sum_{i,j} \frac{\partial L}{\partial O_{ij}}$$", encoding="utf-8")
    code = f"import sys; from symderiv.api import check_notes; r = check_notes(open({str(notes)!r}).read(), 'x.md').report; print(r.summary.correct, 'sympy' in sys.modules, 'jinja2' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["2", "False", "False"]


def test_a_large_general_formula_is_decided() -> None:
    text = r"""$I$ has the shape $28 \times 28$.

$$O_{ij} = \sum_{a=1}^{5} \sum_{c=1}^{5} I_{i+a-1, j+c-1} W_{ac} + b$$

$$\frac{\partial L}{\partial I_{pq}} = \sum_{i=\max(1,p-4)}^{\min(p,24)} \sum_{j=\max(1,q-4)}^{\min(q,24)} \frac{\partial L}{\partial O_{ij}} W_{p-i+1,q-j+1}$$
"""
    claims = check_notes(text, "x.md").report.claims
    assert [c.verdict for c in claims] == ["correct", "correct"]


@pytest.mark.parametrize("layer", [
    "conv2d --input 99999999x99999999 --kernel 9x9", "max_pool2d --input 999x999 --kernel 300x300 --stride 1",
    "conv2d --input 64x64 --kernel 3x3 --channels 512 --filters 512 --groups 512",
    "conv2d --input HxV --kernel 3x3 --padding 99999", "conv2d --input HxV --kernel 40x40",
    "conv2d --input 9x9 --kernel 3x3 --batch 99999999 --channels 9999 --filters 99999",
    "--formula 'O[i] = sum(j=1..999999999, I[i,j]*W[j])' --shape I=9x999999999 --shape W=999999999",
])
def test_a_layer_of_any_size_costs_bounded_work(layer: str) -> None:
    text = f"<!-- symderiv derive {layer} -->\n" + r"""
$$\frac{\partial L}{\partial I_{pq}} = \sum_{i=1}^{2}\sum_{j=1}^{2} \frac{\partial L}{\partial O_{ij}} W_{p-i+1,q-j+1}$$

$\frac{\partial L}{\partial I_{11}} = 0$ and $O = I * W$, $\frac{\partial L}{\partial I_{1}} = 0$, $\frac{\partial L}{\partial I_{1,1,1,1}} = 0$
"""
    report = check_notes(text, "huge.md").report
    assert report.claims and not any(c.verdict == "correct" and c.kind != "definition" for c in report.claims)


def test_all_claims_of_a_file_share_one_budget() -> None:
    file = FileBudget(100)
    with pytest.raises(TooDear), file.claim(70) as first:
        first.spend(50)
        first.spend(30)
    with file.claim(70) as second:
        assert (second.left, second.limit, second.most) == (30, "work in one file", 100)


def test_what_is_compared_axis_by_axis_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "$$O_{ij} = \\sum_{u=1}^{3}\\sum_{v=1}^{3} I_{i+u-1,j+v-1} W_{uv}$$\n\nHere $I$ is $224 \\times 224$.\n\n"
        "$$\\frac{\\partial L}{\\partial W_{uv}} = \\sum_{i=1}^{222}\\sum_{j=1}^{222} \\frac{\\partial L}{\\partial O_{ij}} I_{i+u-1,j+v-1}$$\n"
    )
    assert check_notes(text, "x.md").report.claims[-1].verdict == "correct"
    monkeypatch.setattr(run, "FILE_WORK", 1000)
    claim = check_notes(text, "x.md").report.claims[-1]
    assert (claim.verdict, claim.message.arguments["limit"]) == ("unreadable", Message("work in one file"))
