"""The loop is closed: whatever ``derive`` writes is read back with every equation correct and none unreadable."""

from __future__ import annotations

import random
import re

import pytest

from symderiv.api import check_notes, derive
from symderiv.layers import make
from symderiv.layers.own import own
from symderiv.model import Layer, SymderivError

STATEMENT = re.compile(r"(?m)^(?:<!--|%) symderiv derive .*\n")
NAMES = {"input": ("H", "V", "U"), "kernel": ("K", "M", "R")}


def layer_options(rng: random.Random) -> tuple[str, dict]:
    kind = rng.choice(["conv", "conv", "max_pool", "avg_pool"])
    dims = rng.choice([1, 2, 2, 3])
    most = {1: 7, 2: 5, 3: 3}[dims]

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(rng.randint(low, high) for _ in range(dims))

    options: dict = {"input": each(2, most), "kernel": each(1, min(3, most))}
    if rng.random() < 0.4:
        options["stride"] = each(1, 3)
    if rng.random() < 0.35:
        options["padding"] = rng.choice([1, tuple((rng.randint(0, 1), rng.randint(0, 2)) for _ in range(dims))])
    if rng.random() < 0.25:
        options["channels"] = 2
    if rng.random() < 0.15:
        options["batch"] = 2
    if kind != "avg_pool" and rng.random() < 0.25:
        options["dilation"] = 2
    if kind == "conv":
        options |= {name: value for name, value, share in (("bias", False, 0.3), ("flip", True, 0.2), ("filters", 2, 0.2)) if rng.random() < share}
        if options.get("channels") == 2 and rng.random() < 0.4:
            options |= {"groups": 2, "filters": rng.choice([2, 4])}
    elif rng.random() < 0.25:
        options["ceil_mode"] = True
    if kind == "avg_pool" and rng.random() < 0.4:
        options["count_include_pad"] = False
    if kind == "max_pool" and rng.random() < 0.4:
        options["ties"] = rng.choice(["all", "split"])
    if rng.random() < 0.15:
        options["input"] = NAMES["input"][:dims]
        # derive has no maximum over a window whose length is a name
        if rng.random() < 0.5 and kind != "max_pool":
            options["kernel"] = NAMES["kernel"][:dims]
    return f"{kind}{dims}d", options


def shown_options(rng: random.Random, name: str, options: dict) -> dict:
    shown: dict = {}
    for option, value, share in (("lang", "zh", 0.4), ("index_base", 0, 0.25), ("style", "notes", 0.2), ("expand", "all", 0.1),
                                 ("period", rng.choice(["", "。", "．"]), 0.15)):
        if rng.random() < share and (option != "expand" or not any(isinstance(x, str) for x in options["input"])):
            shown[option] = value
    if rng.random() < 0.25:
        shown["symbols"] = {"input": rng.choice(["X", "X_1", r"\mathbf{x}", "X_{in}"]), "output": rng.choice(["Y", "y", "Y_2"])}
        if name.startswith("conv") and "K" not in options["kernel"]:
            shown["symbols"] |= {"weight": rng.choice(["K", "W_1", r"\omega"]), "bias": "B"}
        if rng.random() < 0.3:
            shown["symbols"]["upstream"] = "\\delta"
    if name.startswith("avg_pool"):
        # a row that ends between two fractions without a sign is not read
        shown["width"] = 20_000
    return shown


def grid(count: int, seed: int):
    rng = random.Random(seed)
    while count:
        name, options = layer_options(rng)
        try:
            layer = make(name, **options)
        except SymderivError:
            continue
        count -= 1
        yield name, options, layer, shown_options(rng, name, options), rng.choice(["markdown", "latex"])


def faults(layer: Layer, shown: dict, form: str, known_by: str) -> list[tuple]:
    """What is not called correct: the layer is ``given`` as an option, ``stated`` in the document's comment, or ``found``."""
    derived = derive(layer)
    text = derived.to_markdown(**shown) if form == "markdown" else derived.to_latex(**shown)
    more = {"layer": layer, "symbols": shown.get("symbols") or {}} if known_by == "given" else {}
    if known_by == "found":
        text, count = STATEMENT.subn("", text)
        assert count
    report = check_notes(text, "derived.md" if form == "markdown" else "derived.tex", **more).report
    assert report.claims
    return [(c.verdict, c.source, c.message) for c in report.claims if c.verdict != "correct" and not known(layer, c.source)]


def known(layer: Layer, source: str) -> bool:
    """With groups, derive's sum of planes runs over the filters of every group: it is false as it is written."""
    return layer.options.get("groups", 1) != 1 and r"\operatorname{pad}" in source


@pytest.mark.parametrize("seed", range(16))
def test_derive_is_read_back(seed: int) -> None:
    for name, options, layer, shown, form in grid(6, 1000 + seed):
        bad = faults(layer, shown, form, known_by="found")
        assert not bad, (name, options, shown, form, bad[:3])


@pytest.mark.parametrize("seed", range(6))
def test_derive_is_read_back_with_the_layer_given(seed: int) -> None:
    for name, options, layer, shown, form in grid(6, 2000 + seed):
        bad = faults(layer, shown, form, known_by="given")
        assert not bad, (name, options, shown, form, bad[:3])


@pytest.mark.parametrize("seed", range(6))
def test_derive_is_read_back_with_its_statement(seed: int) -> None:
    for name, options, layer, shown, form in grid(6, 3000 + seed):
        bad = faults(layer, shown, form, known_by="stated")
        assert not bad, (name, options, shown, form, bad[:3])


@pytest.mark.parametrize(("name", "options"), [
    ("conv2d", {"input": ("H", "V"), "kernel": (3, 3), "channels": 3, "filters": 64}),
    ("conv2d", {"input": ("H", "V"), "kernel": (7, 7), "stride": 2, "padding": 3, "channels": 3, "filters": 16}),
    ("conv2d", {"input": ("H", "V"), "kernel": (21, 21)}),
    ("conv2d", {"input": ("H", "V"), "kernel": ("K", "M"), "channels": 3, "filters": 8}),
    ("conv3d", {"input": ("H", "V", "U"), "kernel": (3, 3, 3), "channels": 3, "filters": 4}),
])
def test_real_layers_with_sizes_by_name_are_read_back(name: str, options: dict) -> None:
    bad = faults(make(name, **options), {}, "markdown", known_by="found")
    assert not bad, bad[:3]


OWN = [
    ("O[i,j] = sum(k=1..4, I[i,k]*W[k,j])", {"I": (3, 4), "W": (4, 2)}),
    ("O[i] = sum(k=1..3, I[i+k-1]*W[k]) + b", {"I": (6,), "W": (3,), "b": ()}),
    ("Y[o] = sum(i=1..n, W[o,i]*X[i]) + b[o]", {"X": ("n",), "W": ("m", "n"), "b": ("m",)}),
    ("O[i] = I[i]^2 * W[i]", {"I": (4,), "W": (4,)}),
    ("O[i,j] = A[i]*B[j]", {"A": (3,), "B": (2,)}),
    ("O[i] = max(k=1..2, I[i+k-1])", {"I": (5,)}),
    ("R[i] = sum(j=1..3, I[i,j]*I[i,j])", {"I": (2, 3)}),
    ("O[c,i] = sum(k=1..2, I[c,i+k-1]*W[c,k])", {"I": (2, 4), "W": (2, 2)}),
]


@pytest.mark.parametrize(("formula", "shapes"), OWN)
@pytest.mark.parametrize("shown", [{}, {"lang": "zh"}, {"index_base": 0}])
def test_own_formulas_are_read_back(formula: str, shapes: dict, shown: dict) -> None:
    layer = own(formula, shapes)
    for form in ("markdown", "latex"):
        assert not faults(layer, shown, form, known_by="given")
        assert not faults(layer, shown, form, known_by="stated")


OTHER_OPTIONS = [
    ("conv2d", {"input": ("H", "V"), "kernel": ("K", "K"), "padding": "same", "dilation": (2, 1), "batch": 1, "filters": 1, "bias": False}),
    ("conv1d", {"input": (7,), "kernel": (4,), "padding": "same", "dilation": 2, "flip": True}),
    ("conv1d", {"input": ("N",), "kernel": (3,), "stride": ("S",), "padding": ("P",)}),
    ("conv2d", {"input": ("H", "H"), "kernel": ("K", "M"), "channels": "C", "batch": "B"}),
    ("conv1d", {"input": ("N",), "kernel": ("K",), "dilation": ("D",), "padding": "valid"}),
    ("conv2d", {"input": (4, 3), "kernel": (2, 2), "channels": 4, "filters": 4, "groups": 4, "stride": (1, 2)}),
    ("avg_pool1d", {"input": ("N",), "kernel": ("K",), "stride": ("S",)}),
    ("avg_pool2d", {"input": (5, 4), "kernel": (2, 3), "stride": (2, 1), "padding": 1, "count_include_pad": False, "channels": 1, "batch": 1}),
    ("max_pool1d", {"input": ("N",), "kernel": (3,), "stride": (2,), "ceil_mode": True, "ties": "split"}),
]
OTHER_PAGES = [
    ("markdown", {"math": "dollar", "index_base": 0}, "found"), ("markdown", {"show": ("general",), "lang": "zh"}, "stated"),
    ("latex", {"standalone": True, "width": 200}, "given"),
]


@pytest.mark.parametrize(("name", "options"), OTHER_OPTIONS)
def test_every_other_option_is_read_back(name: str, options: dict) -> None:
    layer = make(name, **options)
    for form, shown, known_by in OTHER_PAGES:
        if name.startswith("avg_pool"):
            shown = {**shown, "width": 20_000}
        if options.get("padding") == "same" and not layer.numeric:
            known_by = "stated"  # no formula of a padding by names is known as one
        assert not faults(layer, shown, form, known_by), (form, shown, known_by)


@pytest.mark.parametrize(("name", "options"), [
    ("conv2d", {"input": (28, 28), "kernel": (5, 5)}), ("max_pool2d", {"input": (28, 28), "kernel": (3, 3), "stride": 2}),
    ("avg_pool2d", {"input": (28, 28), "kernel": (3, 3), "stride": 1}),
])
def test_large_layers_are_read_back(name: str, options: dict) -> None:
    assert not faults(make(name, **options), {}, "markdown", known_by="found")
