"""Notes that count from 0 where options, and no forward formula, describe the layer; and one claim that fails alone."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.check.run import _Run
from symderiv.layers import make
from symderiv.model import Layer
from symderiv.report_model import Claim

ONE = make("conv2d", input=(5, 4), kernel=(2, 3), padding=(0, 1))
"""The output is 4x4."""
MANY = make("conv2d", input=(5, 4), kernel=(2, 3), padding=(0, 1), channels=3, filters=2)
DW = r"\frac{\partial L}{\partial W_{u,v}} = \sum_{i=%d}^{%d}\sum_{j=%d}^{%d} \frac{\partial L}{\partial O_{i,j}} I_{i+u%s,j+v%s}"
DW_MANY = r"\frac{\partial L}{\partial W_{f,c,u,v}} = \sum_{i=%d}^{%d}\sum_{j=%d}^{%d} \frac{\partial L}{\partial O_{f,i,j}} I_{c,i+u%s,j+v%s}"
FORWARD = r"O_{f,i,j} = b_f + \sum_{c=0}^{2}\sum_{u=0}^{1}\sum_{v=0}^{2} W_{f,c,u,v} I_{c,i+u,j+v-1}"
DI = r"\frac{\partial L}{\partial I_{c,p,q}} = \sum_{f=0}^{1}\sum_{u=0}^{1}\sum_{v=0}^{2} \frac{\partial L}{\partial O_{f,p-u,q-v+1}} W_{f,c,u,v}"
PLANES = r"\frac{\partial L}{\partial I_{c}} = \sum_{f=0}^{%d} \frac{\partial L}{\partial O_{f}} * \mathrm{rot180}(W_{f,c})"


def claims(layer: Layer, *equations: str) -> tuple[Claim, ...]:
    return check_notes("\n\n".join(f"$${e}$$" for e in equations), "x.md", layer).report.claims


def verdicts(layer: Layer, *equations: str) -> list[str]:
    return [c.verdict for c in claims(layer, *equations)]


@pytest.mark.parametrize(("layer", "form"), [(ONE, DW), (MANY, DW_MANY)])
@pytest.mark.parametrize(("values", "verdict"), [
    ((0, 3, 0, 3, "", "-1"), "correct"),  # from 0: the padding of the second axis is taken off
    ((0, 3, 0, 3, "", ""), "wrong"),
    ((1, 4, 1, 4, "-1", "-2"), "correct"),  # from 1
    ((1, 4, 1, 4, "", "-1"), "wrong"),
])
def test_limits_that_fit_only_one_way_tell_the_base(layer: Layer, form: str, values: tuple[object, ...], verdict: str) -> None:
    assert verdicts(layer, form % values) == [verdict]


def test_channels_and_filters_count_from_0_too() -> None:
    assert verdicts(MANY, FORWARD, DI, DW_MANY % (0, 3, 0, 3, "", "-1")) == ["correct"] * 3
    assert verdicts(MANY, DI.replace("W_{f,c,u,v}", "W_{c,f,u,v}"))[0] == "wrong"


def test_numbers_in_subscripts_tell_it() -> None:
    """W_{1,2} is the last weight from 0 and W_{2,3} the last from 1."""
    last = r"\frac{\partial L}{\partial W_{%s}} = \sum_{i,j} \frac{\partial L}{\partial O_{ij}} I_{%s}"
    assert verdicts(ONE, last % ("2,3", "i+1,j+1")) == ["correct"]
    assert verdicts(ONE, last % ("1,0", "i+1,j-1"), last % ("1,2", "i+1,j+1")) == ["correct"] * 2


def test_one_base_a_file() -> None:
    """Two equations count from 0; the third is right only from 1."""
    zero, one = DW % (0, 3, 0, 3, "", "-1"), DW % (1, 4, 1, 4, "-1", "-2")
    assert verdicts(ONE, zero, one, zero) == ["correct", "wrong", "correct"]
    assert verdicts(ONE, one, zero, one) == ["correct", "wrong", "correct"]


def test_planes_with_a_letter_that_leaves_its_axis() -> None:
    plain = make("conv2d", input=(4, 5), kernel=(2, 2), channels=3, filters=2)
    assert verdicts(plain, PLANES % 1) == ["correct"]
    # the weights beside it count from 1: filter 0 does not exist
    other = r"\frac{\partial L}{\partial W_{2,3,2,2}} = \sum_{i=1}^{3}\sum_{j=1}^{4} \frac{\partial L}{\partial O_{2,i,j}} I_{3,i+1,j+1}"
    one = r"\frac{\partial L}{\partial b_f} = \sum_{i=1}^{3}\sum_{j=1}^{4} \frac{\partial L}{\partial O_{f,i,j}}"
    assert verdicts(plain, other, PLANES % 1, one) == ["correct", "wrong", "correct"]


def test_a_fault_of_ours_costs_one_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = _Run._judged

    def failing(self: _Run, link, read, context, examples):  # type: ignore[no-untyped-def]
        if link.right.place.start > 60 and "b" in self.reading.source.slice(link.left.place):
            raise ValueError("a fault")
        return judged(self, link, read, context, examples)

    monkeypatch.setattr(_Run, "_judged", failing)
    bias = r"\frac{\partial L}{\partial b} = \sum_{i,j} \frac{\partial L}{\partial O_{ij}}"
    good = DW % (1, 4, 1, 4, "-1", "-2")
    found = claims(ONE, good, bias, good)
    assert [c.verdict for c in found] == ["correct", "unreadable", "correct"]
    assert found[1].source == bias


FREE = r"\frac{\partial L}{\partial W_{u,v}} = \sum_{i,j} \frac{\partial L}{\partial O_{i,j}} I_{i+u%s,j+v%s}"
BIAS = r"\frac{\partial L}{\partial b} = \sum_{i,j} \frac{\partial L}{\partial O_{i,j}}"
SMALL = make("conv2d", input=(4, 5), kernel=(3, 3), padding=1)


def test_right_in_one_base_only_where_nothing_tells_which() -> None:
    """From 0 the padding alone is taken off, from 1 one more; an equation that is right only from 1 settles it."""
    (claim,) = claims(SMALL, FREE.replace(r"\sum_{i,j}", r"\sum_{i}\sum_{j}") % ("-1", "-1"))
    assert claim.verdict == "unreadable"
    assert "count from 0" in claim.message.key
    assert verdicts(SMALL, BIAS, FREE % ("-2", "-2"), FREE % ("-1", "-1")) == ["correct", "correct", "wrong"]
    assert verdicts(SMALL, FREE % ("-3", "-3"), FREE % ("", "")) == ["wrong", "wrong"]


HEAD = "Convolution with input 3x3, kernel 2x2, stride 1.\n\n"


@pytest.mark.parametrize(("text", "expected"), [
    (r"$dL/dI_{11} = dL/dO_{11} W_{11}$" + "\n\n" + r"$dL/dI_{12} = dL/dO_{11} W_{02} + dL/dO_{12} W_{11}$", ["correct", "wrong"]),
    (r"$dL/dW_{ab}=\sum_{i=1}^2\sum_{j=1}^2 dL/dO_{ij} I_{i+a-1,j+b-1}$" + "\n\nThere is no $I_{00}$.", ["correct"]),
    (r"$dL/dI_{33} = dL/dO_{22} W_{22}$" + "\n\n" + r"$dL/dI_{12} = dL/dO_{11} W_{02}$", ["correct", "wrong"]),
    (r"$dL/dI_{00} = dL/dO_{00} W_{00}$" + "\n\n" + r"$dL/dI_{22} = dL/dO_{11} W_{11}$", ["correct", "correct"]),
])
def test_one_zero_does_not_count_for_the_whole_file(text, expected):
    assert [c.verdict for c in check_notes(HEAD + text, "notes.md").report.claims] == expected
