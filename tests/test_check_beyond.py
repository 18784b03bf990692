"""With sizes by name, a claim that fails only beyond the numbers that it holds is not correct."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.layers import make

G, GD = r"\frac{\partial L}{\partial O_{ij}}", r"\frac{\partial L}{\partial O_{i}}"
D = r"\frac{{\partial L}}{{\partial {}}} = ".format
LINE = make("conv1d", input=("N",), kernel=(3,), stride=2)
PLANE = make("conv2d", input=("H", "V"), kernel=(2, 2))
KERNEL = make("conv1d", input=("N",), kernel=("K",))
CHANNELS = make("conv1d", input=("N",), kernel=(2,), channels="C", filters="F")
SUM = r"\sum_{i=1}^{m_1} \sum_{j=1}^{m_2} "

RIGHT = [
    (LINE, D("W_{k}") + rf"\sum_{{i=1}}^{{m_1}} {GD} I_{{2i+k-2}}"),
    (LINE, D("I_{t}") + rf"\sum_{{i=1}}^{{m_1}} {GD} W_{{t-2i+2}}"),
    (PLANE, D("W_{uv}") + SUM + f"{G} I_{{i+u-1,j+v-1}}"),
    (KERNEL, D("W_{k}") + rf"\sum_{{i=1}}^{{m_1}} {GD} I_{{i+k-1}}"),
    (CHANNELS, D("b_{f}") + r"\sum_{i=1}^{m_1} \frac{\partial L}{\partial O_{1,f,i}}"),
]
WRONG = [
    (LINE, D("W_{k}") + rf"\sum_{{i=1}}^{{\min(m_1,9)}} {GD} I_{{2i+k-2}}"),
    (LINE, D("W_{k}") + rf"\sum_{{i=1}}^{{m_1}} {GD} I_{{2i+k-2}} [i \ne 12]"),
    (LINE, D("I_{t}") + rf"\sum_{{i=1}}^{{\min(m_1,20)}} {GD} W_{{t-2i+2}}"),
    (LINE, D("I_{t}") + rf"\sum_{{i=1}}^{{m_1}} {GD} W_{{t-2i+2}} [t \ne 31]"),
    (PLANE, D("W_{uv}") + r"\sum_{i=1}^{\min(m_1,9)} \sum_{j=1}^{m_2} " + f"{G} I_{{i+u-1,j+v-1}}"),
    (PLANE, D("W_{uv}") + r"\sum_{i=1}^{m_1} \sum_{j=1}^{\min(m_2,15)} " + f"{G} I_{{i+u-1,j+v-1}}"),
    (PLANE, D("W_{uv}") + SUM + f"{G} I_{{i+u-1,j+v-1}} (1 - [i = 9] [j = 8])"),
    (KERNEL, D("I_{p}") + r"\sum_{u=1}^{\min(K,6)} \frac{\partial L}{\partial O_{p-u+1}} W_{u}"),
    (CHANNELS, D("I_{1,c,p}") + r"\sum_{f=1}^{\min(F,7)} \sum_{u=1}^{2} \frac{\partial L}{\partial O_{1,f,p-u+1}} W_{f,c,u}"),
]


@pytest.mark.parametrize(("layer", "equation"), RIGHT)
def test_the_right_formula_is_correct(layer, equation: str) -> None:
    assert check_notes(f"$${equation}$$", "x.md", layer).report.claims[0].verdict == "correct"


@pytest.mark.parametrize(("layer", "equation"), WRONG)
def test_a_number_beyond_the_small_sizes_is_seen(layer, equation: str) -> None:
    claim = check_notes(f"$${equation}$$", "x.md", layer).report.claims[0]
    assert claim.verdict in ("wrong", "incomplete") and claim.counterexample is not None


def test_numbers_too_large_to_try_are_not_called_correct() -> None:
    claim = check_notes("$$" + D("W_{k}") + rf"\sum_{{i=1}}^{{\min(m_1,99999)}} {GD} I_{{2i+k-2}}$$", "x.md", LINE).report.claims[0]
    assert claim.verdict == "unreadable" and "limit" in claim.message.key
