"""Products over axes: what is called equal axis by axis is equal term by term, and large layers are judged."""

from __future__ import annotations

import random
import re
import time
from collections import Counter

import pytest

from symderiv.api import check_notes, derive
from symderiv.check import factors
from symderiv.layers import make

LAYERS = [
    {"input": (3, 4), "kernel": (2, 2), "channels": 2, "filters": 3}, {"input": (4, 4), "kernel": (2, 3), "batch": 2, "padding": 1},
    {"input": (5, 4), "kernel": (2, 2), "stride": (2, 1), "channels": 2}, {"input": (5, 5), "kernel": (2, 2), "dilation": 2, "filters": 2},
    {"input": (4, 5), "kernel": (3, 2), "flip": True}, {"input": (4, 4), "kernel": (2, 2), "padding": ((0, 1), (1, 0)), "bias": False},
]


def mutant(text: str, rng: random.Random) -> str:
    """The equation's right side with one number or index letter changed."""
    left, sign, right = text.partition("=")
    places = list(re.finditer(r"(?<![a-zA-Z\\])(?:[1-9]|[cfijnpqrsuv])(?![a-zA-Z])", right))
    if not places:
        return text
    at = rng.choice(places)
    # a 0 would make the whole file count from 0
    new = str(max(1, int(at[0]) + rng.choice([-1, 1, 1]))) if at[0].isdigit() else rng.choice("cfijnpqrsuv")
    return left + sign + right[: at.start()] + new + right[at.end() :]


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_by_axis_and_by_term_agree(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(number)
    layer = make("conv2d", **LAYERS[number])
    document = derive(layer).to_markdown(expand="none")
    equations = [m for m in re.findall(r"```math\n(.*?)\n```", document, re.DOTALL) if "partial" in m and "aligned" not in m and "pad" not in m]
    assert len(equations) >= 5
    mutants = [mutant(rng.choice(equations), rng) for _ in range(24)]
    text = "\n\n".join(f"$$\n{e.rstrip('. ')}\n$$" for e in [*equations, *mutants])
    found = []
    for least in (0, 10**9):
        monkeypatch.setattr(factors, "LEAST_TERMS", least)
        found.append([(c.source, c.verdict == "correct") for c in check_notes(text, "x.md", layer).report.claims])
    assert found[0] == found[1]
    counts = Counter(right for _, right in found[0])
    assert counts[True] >= len(equations) and counts[False] >= 8


@pytest.mark.parametrize("options", [
    {"input": (28, 28), "kernel": (5, 5), "batch": 8, "channels": 6, "filters": 16},
    {"input": (33, 32), "kernel": (3, 3), "batch": 2, "channels": 6, "filters": 16, "stride": 2, "padding": 1},
    {"input": (64, 64), "kernel": (3, 3), "channels": 64, "filters": 64, "padding": 1, "dilation": 2},
])
def test_large_documents_are_read_back(options: dict) -> None:
    text = derive(make("conv2d", **options)).to_markdown()
    began = time.process_time()
    report = check_notes(text, "large.md").report
    assert time.process_time() - began < 30
    assert len(report.claims) > 30 and {c.verdict for c in report.claims} == {"correct"}


def test_a_slip_in_a_large_layer_is_not_correct() -> None:
    layer = make("conv2d", input=(28, 28), kernel=(5, 5), batch=4, channels=6, filters=16)
    good = r"""\frac{\partial L}{\partial I_{n,c,p,q}} = \sum_{f=1}^{16} \sum_{i=\max(1,p-4)}^{\min(p,24)} \sum_{j=\max(1,q-4)}^{\min(q,24)}
    \frac{\partial L}{\partial O_{n,f,i,j}} W_{f,c,p-i+1,q-j+1}"""
    for old, new in (("", ""), ("{16}", "{15}"), ("p-4", "p-3"), ("W_{f,c", "W_{c,f"), ("(q,24)", "(q,23)"), ("p-i+1", "p-i"), ("n,f,i,j", "n,f,j,i")):
        claim = check_notes(f"$${good.replace(old, new)}$$", "x.md", layer).report.claims[0]
        assert (claim.verdict == "correct") is (old == ""), new
