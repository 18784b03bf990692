"""Every layer at random sizes and options: both routes against enumeration, and against PyTorch."""

import random
from itertools import product as cartesian

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symderiv import api
from symderiv.api import derive, derive_data
from symderiv.calculus import solve
from symderiv.explicit.matrices import Explicit
from symderiv.formula.notation import parse_node
from symderiv.formula.write import write_node
from symderiv.layers import LAYERS, make, own
from symderiv.model import InternalError, SymderivError
from symderiv.verify.against_torch import compare
from symderiv.verify.enumerate import enumerate_layer
from symderiv.verify.judge import judge_formulas, judge_regions, judge_steps, positions


def random_layer(rng: random.Random, name: str):
    axes = int(name[-2])
    top = {1: 9, 2: 5, 3: 3}[axes]
    o = {
        "input": [rng.randint(1, top) for _ in range(axes)],
        "kernel": [rng.randint(1, 3) for _ in range(axes)],
        "stride": [rng.randint(1, 4) for _ in range(axes)],
    }
    if name.startswith("conv"):
        o |= {
            "padding": [(rng.randint(0, 2), rng.randint(0, 2)) for _ in range(axes)],
            "dilation": [rng.randint(1, 3) for _ in range(axes)],
            "flip": rng.random() < 0.2,
            "bias": rng.random() < 0.8,
        }
        if axes < 3 and rng.random() < 0.4:
            g = rng.randint(1, 3)
            o |= {"groups": g, "channels": g * rng.randint(1, 2), "filters": g * rng.randint(1, 2), "batch": rng.randint(1, 2)}
    else:
        o |= {"padding": [(rng.randint(0, 1), rng.randint(0, 1)) for _ in range(axes)], "ceil_mode": rng.random() < 0.5}
        if rng.random() < 0.3:
            o |= {"channels": rng.randint(1, 2), "batch": rng.randint(1, 2)}
        if name.startswith("max"):
            o |= {"dilation": [rng.randint(1, 2) for _ in range(axes)], "ties": rng.choice(["first", "all", "split"])}
        else:
            o |= {"count_include_pad": rng.random() < 0.5}
    return make(name, **o)


def layers_of(name: str, seed: int, count: int):
    rng = random.Random(seed)
    found = []
    while len(found) < count:
        try:
            found.append(random_layer(rng, name))
        except SymderivError:
            continue
    return found


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_both_routes_agree_with_enumeration(name, seed):
    """derive_data raises InternalError unless every step, region and representative agrees."""
    for layer in layers_of(name, seed, 2):
        data = derive_data(layer)
        truth, explicit = enumerate_layer(layer), Explicit(layer)
        assert data.verification.checked == sum(
            len(list(cartesian(*map(range, layer.shape(t.name))))) for t in layer.parameters
        )
        for t in layer.parameters:
            for q in list(cartesian(*(range(1, n + 1) for n in layer.shape(t.name))))[:12]:
                found = explicit.polynomial(explicit.derivative_terms(t.name, q, truth.outputs))
                assert found == truth.gradients[t.name].get(q, {})


@pytest.mark.parametrize("name", LAYERS)
def test_enumeration_agrees_with_autograd(name):
    pytest.importorskip("torch")
    checked = 0
    for layer in layers_of(name, 7, 100):
        try:
            assert "agree" in compare(layer, enumerate_layer(layer))
            checked += 1
        except SymderivError:  # ties other than first, unequal padding
            continue
    assert checked >= 3


@pytest.mark.parametrize(
    "formula, shapes",
    [
        ("O[i,j] = sum(k=1..4, I[i,k]*W[k,j])", {"I": (3, 4), "W": (4, 2)}),
        ("O[i,j] = sum(k=1..4, I[i,k]*I[j,k])", {"I": (3, 4)}),
        ("O[i] = sum(k=1..i, I[i,k]*W[k]) + c - x/3", {"I": (3, 4), "W": (4,)}),
        ("O = sum(i=1..3, I[i])*b", {"I": (3,)}),
        ("O[i] = sum(c=1..2, max(u=1..2, I[c,2*i+u-2]))", {"I": (2, 6)}),
        ("O[i] = I[i,i]*(W[i]-3*I[i,1])^2", {"I": (3, 4), "W": (3,)}),
    ],
)
def test_own_formulas(formula, shapes):
    layer = own(formula, shapes)
    assert derive_data(layer).verification.passed > 0
    pytest.importorskip("torch")
    assert "agree" in compare(layer, enumerate_layer(layer))


def test_the_entry_where_the_notes_slipped():
    d = derive(make("conv2d", input=(3, 3), kernel=(2, 2)))
    assert str(d.gradient("I")[1, 2]) == "W[1,1]*dO[1,2] + W[1,2]*dO[1,1]"
    assert write_node(d.data.gradient("I").formula.body) == (
        "sum(i=max(1, p-1)..min(p, 2), j=max(1, q-1)..min(q, 2), dO[i,j]*W[p-i+1,q-j+1])"
    )


def test_overlapping_windows_add():
    """I = [[1,2,3],[4,9,5],[6,7,8]], g = [[1,10],[100,1000]]: the centre gets 1111, not 1000."""
    truth = enumerate_layer(make("max_pool2d", input=3, kernel=2, stride=1))
    g = {(1, 1): 1, (1, 2): 10, (2, 1): 100, (2, 2): 1000}
    total = sum(g[m[0][1]] * c for m, c in truth.gradients["I"][2, 2].items())
    assert total == 1111


@pytest.mark.parametrize(
    "options, sizes",
    [
        ({"input": ("H", "V"), "kernel": ("K", "K"), "stride": 2, "padding": "P"}, {"H": 6, "V": 5, "K": 3, "P": 1}),
        ({"input": ("H", "V"), "kernel": (3, 2)}, {"H": 4, "V": 7}),
    ],
)
def test_sizes_by_name(options, sizes):
    data = derive_data(make("conv2d", **options))
    assert data.verification.sample
    assert all(step.after is not None for g in data.gradients for step in g.steps)


@pytest.mark.parametrize("name", LAYERS)
def test_printing_and_parsing_are_inverse(name):
    for layer in layers_of(name, 3, 10):
        for g in derive_data(layer).gradients:
            indices = [b.index for b in g.formula.bindings]
            for step in g.steps:
                assert parse_node(write_node(step.after), (), indices) == step.after


def floor_for_ceil(monkeypatch):
    monkeypatch.setattr(solve, "ceil_div", solve.floor_div)


def dropped_upper_limit(monkeypatch):
    original = solve._limit

    def planted(form, bindings, limits):
        c = form.coefficient(solve._innermost(form, bindings))
        if c.terms[0][1] > 0:
            original(form, bindings, limits)

    monkeypatch.setattr(solve, "_limit", planted)


def shifted_solution(monkeypatch):
    original = solve.exact_div
    monkeypatch.setattr(solve, "exact_div", lambda top, bottom: original(top, bottom) + 1)


@pytest.mark.parametrize("plant", [floor_for_ceil, dropped_upper_limit, shifted_solution])
def test_a_planted_fault_is_caught(plant, monkeypatch):
    layer = make("conv1d", input=7, kernel=3, stride=2, padding=1)
    assert derive_data(layer)
    plant(monkeypatch)
    with pytest.raises(InternalError):
        derive_data(layer)


@pytest.mark.parametrize("name", LAYERS)
def test_the_road_for_large_layers_agrees_with_enumeration(name, monkeypatch):
    """Derived with names, judged at small sizes, then bound: everything it says is compared in full here."""
    monkeypatch.setattr(api, "FULL", 0)
    for layer in layers_of(name, 11, 12):
        data = derive_data(layer)
        truth = enumerate_layer(layer)
        assert data.verification.sample
        for g in data.gradients:
            shape = layer.shape(g.tensor.name)
            judge_steps(g.formula, g.steps, truth.gradients[g.tensor.name], truth.space, positions(shape))
            if g.regions is not None:
                judge_regions(g.tensor.name, g.regions, truth.gradients[g.tensor.name], shape, g.terms_each > 400)
                judge_formulas(g.tensor.name, g.regions, truth.gradients[g.tensor.name], truth.space, every=True)


@pytest.mark.parametrize(
    "options",
    [
        {"input": 56, "kernel": 3, "padding": 1, "channels": 64, "filters": 64, "groups": 64},
        {"input": 28, "kernel": 3, "stride": 2, "padding": 1, "channels": 16, "filters": 32, "groups": 4, "batch": 8},
        {"input": 224, "kernel": 7, "stride": 2, "padding": 3, "channels": 3, "filters": 64, "batch": 32},
    ],
)
def test_layers_of_real_networks(options):
    assert derive_data(make("conv2d", **options)).verification.passed > 100_000
