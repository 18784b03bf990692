"""The loop is closed: whatever ``derive`` writes is read back with every equation correct."""

from __future__ import annotations

import random

import pytest

from symderiv.api import check_notes, derive
from symderiv.layers import make
from symderiv.model import SymderivError


def one(rng: random.Random):
    kind = rng.choice(["conv", "conv", "max_pool", "avg_pool"])
    dims = rng.choice([1, 2, 2])
    options: dict = {
        "input": tuple(rng.randint(2, 5) for _ in range(dims)), "kernel": tuple(rng.randint(1, 3) for _ in range(dims)),
    }
    for name, value, share in (("stride", rng.randint(1, 3), 0.4), ("padding", 1, 0.3), ("channels", 2, 0.2)):
        if rng.random() < share:
            options[name] = value
    if kind != "avg_pool" and rng.random() < 0.2:
        options["dilation"] = 2
    if kind == "conv" and rng.random() < 0.3:
        options["bias"] = False
    if kind == "conv" and rng.random() < 0.2:
        options["flip"] = True
    shown: dict = {}
    if rng.random() < 0.4:
        shown["lang"] = "zh"
    if rng.random() < 0.3:
        shown["index_base"] = 0
    if rng.random() < 0.3:
        shown["symbols"] = {"input": "X", "output": "Y"} | ({"weight": "K", "bias": "B"} if kind == "conv" else {})
    if rng.random() < 0.2:
        shown["style"] = "notes"
    return f"{kind}{dims}d", options, shown, rng.choice(["markdown", "latex"])


def grid(count: int, seed: int):
    rng = random.Random(seed)
    while count:
        name, options, shown, form = one(rng)
        try:
            make(name, **options)
        except SymderivError:
            continue
        count -= 1
        yield name, options, shown, form


@pytest.mark.parametrize(("name", "options", "shown", "form"), list(grid(40, 2)))
def test_derive_is_read_back(name: str, options: dict, shown: dict, form: str) -> None:
    derived = derive(make(name, **options))
    text = derived.to_markdown(**shown) if form == "markdown" else derived.to_latex(**shown)
    report = check_notes(text, "derived.md" if form == "markdown" else "derived.tex").report
    assert report.claims
    bad = [(c.verdict, c.source, c.message) for c in report.claims if c.verdict != "correct"]
    assert not bad, bad[:3]
