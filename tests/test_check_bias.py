"""A layer has a bias when the notes or ``--bias`` say so, wherever the bias stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from symderiv.api import check_notes
from symderiv.cli.main import main

SUM = r"\sum_{u=1}^{2}\sum_{v=1}^{2} W_{uv} I_{i+u-1,j+v-1}"
OVER_B = r"\sum_{a=1}^{2}\sum_{b=1}^{2} W_{ab} I_{i+a-1,j+b-1}"
ELEMENT = "O_{11} = W_{11}I_{11}+W_{12}I_{12}+W_{21}I_{21}+W_{22}I_{22}"
BY_B = r"\frac{\partial L}{\partial b} = \sum_{i,j} \frac{\partial L}{\partial O_{ij}}"
OPTIONS = ["--layer", "conv2d", "--input", "3x3", "--kernel", "2x2"]


@pytest.mark.parametrize("bias", ["b + %s", "%s + b"])
def test_a_bias_on_either_side_of_the_sum(bias: str) -> None:
    claims = check_notes(f"$$O_{{ij}} = {bias % SUM}$$\n\n$${BY_B}$$\n\n$${ELEMENT}$$", "x.md").report.claims
    assert [c.verdict for c in claims] == ["correct", "correct", "wrong"]


def test_the_bias_of_each_filter_before_the_sum() -> None:
    text = (r"$$O_{f,i,j} = b_f + \sum_{c=0}^{1}\sum_{u=0}^{2}\sum_{v=0}^{2} W_{f,c,u,v} I_{c,i+u-1,j+v-1}$$" "\n\n"
            r"$$\frac{\partial L}{\partial b_f} = \sum_{i,j} \frac{\partial L}{\partial O_{f,i,j}}$$" "\n\n"
            r"$$\frac{\partial L}{\partial b_f} = \sum_{f}\sum_{i,j} \frac{\partial L}{\partial O_{f,i,j}}$$")
    assert [c.verdict for c in check_notes(text, "x.md").report.claims] == ["correct", "correct", "wrong"]


CASES = [
    # no bias in the notes: none is missed
    ([f"O_{{ij}} = {SUM}", ELEMENT], [], ["correct", "correct"]),
    ([f"O_{{ij}} = {OVER_B}", ELEMENT], [], ["correct", "correct"]),
    ([ELEMENT], [], ["correct"]),
    # a bias somewhere: it is missed where it is not
    ([f"O_{{ij}} = {SUM} + b", ELEMENT], [], ["correct", "wrong"]),
    ([ELEMENT, BY_B], [], ["wrong", "correct"]),
    ([ELEMENT + "+ b"], [], ["correct"]),
    # the options decide
    ([ELEMENT], ["--bias"], ["wrong"]),
    ([ELEMENT], ["--no-bias"], ["correct"]),
    ([ELEMENT + "+ b"], ["--no-bias"], ["unchecked"]),
    ([ELEMENT + "+ c"], ["--symbols", "bias=c"], ["correct"]),
]


@pytest.mark.parametrize(("equations", "options", "verdicts"), CASES)
def test_under_options(tmp_path: Path, equations: list[str], options: list[str], verdicts: list[str]) -> None:
    import json

    notes = tmp_path / "notes.md"
    notes.write_text("\n\n".join(f"$${e}$$" for e in equations), encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(notes), *OPTIONS, *options, "--format", "json"])
    report = json.loads(done.output)
    claims = report["claims"] if "claims" in report else report["files"][0]["claims"]
    assert [c["verdict"] for c in claims] == verdicts
