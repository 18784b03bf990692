"""The proof for all sizes: what it proves holds at every size tried, far beyond its bound."""

from __future__ import annotations

import random

import pytest

from symderiv.api import check_notes
from symderiv.check.axes import holds_at_all_sizes
from symderiv.check.budget import Budget
from symderiv.check.decide import Free, Sides, bind_sides, decide
from symderiv.check.truth import Truth
from symderiv.formula.nodes import Binding, Entry, Reduce
from symderiv.formula.walk import product
from symderiv.index.form import Form, const, extreme, name
from symderiv.layers import make

FAR = 26


def claims(rng: random.Random, count: int):
    """Claims on one axis near the true ones: limits, shifts and signs moved about."""
    for _ in range(count):
        k, d, start, end = rng.randint(1, 3), rng.choice([1, 1, 2]), rng.choice([0, 0, 1]), rng.choice([0, 1])
        layer = make("conv1d", input=("N",), kernel=(k,), dilation=d, padding=((start, end),), bias=True)
        m: Form = layer.output.shape[0]
        p, i, off = name("p"), name("i"), rng.choice([0, 0, 0, 0, 1, -1])
        limits = [(const(1), m), (const(1), name("N")), (const(1), const(rng.randint(1, 6))), (const(1), extreme("min", [p, m])),
                  (extreme("max", [const(1), p - k + 1]), extreme("min", [p + rng.choice([0, start]), m])),
                  (const(rng.choice([1, 2])), m - rng.choice([0, 0, 1]))]
        low, high = rng.choice(limits)
        kind = rng.choice(["outputs", "kernel", "weight", "bias"])
        if kind == "bias":
            yield layer, Sides(Entry("db"), Reduce("sum", (Binding("i", low.replace({"p": 1}), high.replace({"p": 1})),), Entry("dO", (i,))))
            continue
        if kind == "outputs" and d == 1:
            body = product([Entry("dO", (i,)), Entry("W", (p - i + 1 + start + off,))])
            left, length = Entry("dI", (p,)), name("N")
        elif kind == "weight":
            body = product([Entry("dO", (i,)), Entry("I", (i + (p - 1) * d - start + off,))])
            left, length = Entry("dW", (p,)), const(k)
        else:
            low, high = const(1), const(k + rng.choice([0, 0, 0, -1]))
            body = product([Entry("dO", (p - i * d + d + start + off,)), Entry("W", (i,))])
            left, length = Entry("dI", (p,)), name("N")
        yield layer, Sides(left, Reduce("sum", (Binding("i", low, high),), body), (Free("p", length),))


def test_what_is_proved_holds_far_beyond_the_bound() -> None:
    proved = true = 0
    for layer, sides in claims(random.Random(4), 260):
        least = next(n for n in range(1, 12) if (layer.axes[0].m.replace({"N": n}).constant or 0) >= 1)
        holds = True
        for n in range(least, FAR):
            values = dict(layer.sized({"N": n}))
            outcome = decide(bind_sides(sides, values), Truth(layer.bind({"N": n})), Budget())
            holds = holds and outcome.equal
            if not holds:
                break
        assert not holds_at_all_sizes(sides, layer, Budget(10))
        said = holds_at_all_sizes(sides, layer, Budget())
        assert holds or not said, sides
        proved, true = proved + said, true + holds
    assert true > 60 and proved >= 0.8 * true, (proved, true)


HEAD = r"""$$y_{ij} = \sum_{a=1}^{2}\sum_{b=1}^{3} x_{i+a-1,j+b-1} w_{ab}$$

Here $x$ is $n_1 \times n_2$ and $y$ is $m_1 \times m_2$.

"""
NAMED = HEAD.replace("{2}", "{k_1}", 1).replace("{3}", "{k_2}", 1)


@pytest.mark.parametrize(("head", "sampled"), [(HEAD, False), (NAMED, True)])
def test_a_sample_is_told_as_one(head: str, sampled: bool) -> None:
    d = r"\frac{{\partial L}}{{\partial {}}}".format
    text = head + f"$${d('x_{pq}')} = " + r"\sum_{i=1}^{m_1}\sum_{j=1}^{m_2} " + d("y_{ij}") + "w_{p-i+1,q-j+1}$$"
    claim = check_notes(text, "x.md").report.claims[-1]
    assert claim.verdict == "correct"
    assert any("sizes up to" in m.key for m in claim.assumes) is sampled
