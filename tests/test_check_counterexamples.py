"""The true value that a counterexample tells is the one that plain loops give for its numbers."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes

HEAD = r"""$I$ has the shape $4 \times 4$.

$$O_{ij} = \sum_{u=1}^{2}\sum_{v=1}^{2} I_{i+u-1,j+v-1} W_{uv} + b$$

"""
G, LEFT = r"\frac{\partial L}{\partial O_{ij}}", r"\frac{\partial L}{\partial I_{pq}}"
WRONG = [
    rf"{LEFT} = \sum_{{i=p-1}}^{{p}} \sum_{{j=q-1}}^{{q}} {G} W_{{p-i+1,q-j+1}}",
    rf"{LEFT} = \frac{{\partial L}}{{\partial O_{{pq}}}} W_{{11}} + \frac{{\partial L}}{{\partial O_{{p,q-1}}}} W_{{12}}",
    rf"{LEFT} = \frac{{\partial L}}{{\partial O_{{pq}}}}", rf"{LEFT} = 0",
    rf"{LEFT} = \sum_{{i=1}}^{{3}} \sum_{{j=1}}^{{3}} {G} W_{{i-p+1,j-q+1}}",
    rf"{LEFT} = \sum_{{i=1}}^{{4}} \sum_{{j=1}}^{{3}} {G} W_{{p-i+1,q-j+1}}",
    rf"{LEFT} = \sum_{{i=1}}^{{3}} \sum_{{j=1}}^{{3}} {G} W_{{p-i+1,q-j}}",
    rf"{LEFT} = \frac{{1}}{{2}} \sum_{{i=1}}^{{3}} \sum_{{j=1}}^{{3}} {G} W_{{p-i+1,q-j+1}}",
]


@pytest.mark.parametrize("equation", WRONG)
def test_the_true_value_is_that_of_plain_loops(equation: str) -> None:
    claim = check_notes(f"{HEAD}$${equation}$$", "x.md").report.claims[-1]
    assert claim.verdict in ("wrong", "incomplete")
    example = claim.counterexample
    assert example is not None
    g, w, p, q = example.values["dO"], example.values["W"], example.at["p"], example.at["q"]
    true = sum(g[i][j] * w[p - 1 - i][q - 1 - j] for i in range(3) for j in range(3) if 0 <= p - 1 - i < 2 and 0 <= q - 1 - j < 2)
    assert example.true == str(true) and example.claimed != example.true
    # one entry of each is enough, and the rest is 0
    assert sum(x != 0 for row in (*g, *w) for x in row) <= 2


def test_a_sum_that_is_written_out_is_not_called_missing() -> None:
    claim = check_notes(f"{HEAD}$${WRONG[1]}$$", "x.md").report.claims[-1]
    assert "sum" not in claim.message.key
