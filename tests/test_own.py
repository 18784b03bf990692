"""Own formulas: random ones through every view and both oracles, and those that once went wrong."""

import json
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_contract import Reader, positions

from symderiv.api import derive, derive_data, verify_torch
from symderiv.layers import make, own
from symderiv.model import SymderivError


class Writer:
    """A random formula over I (two axes), W (one axis) and a scalar c."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def index(self, bound):
        name = self.rng.choice([*bound, "1", "2"])
        if name.isdigit():
            return name
        return self.rng.choice([name, name, f"{name}+1", f"2*{name}", f"2*{name}-1", f"4-{name}", f"{name}+{self.rng.choice(bound)}"])

    def term(self, bound, depth):
        kind = self.rng.random()
        letter = self.rng.choice([k for k in "kuvw" if k not in bound] or ["z"])
        if depth and kind < 0.3:
            low, high = self.rng.choice(["1", "1", *bound[:1]]), self.rng.choice(["2", "3", *bound])
            return f"sum({letter}={low}..{high}, {self.sum([*bound, letter], depth - 1)})"
        if depth and kind < 0.38:
            return f"max({letter}=1..2, I[{self.index([*bound, letter])},{self.rng.choice([letter, *bound])}])"
        if depth and kind < 0.45:
            return f"({self.sum(bound, depth - 1)})"
        if kind < 0.65:
            return f"I[{self.index(bound)},{self.index(bound)}]"
        return self.rng.choice([f"W[{self.index(bound)}]", f"W[{self.index(bound)}]", "c", "2", "1/3", f"W[{self.index(bound)}]^2"])

    def sum(self, bound, depth):
        text = "-" if self.rng.random() < 0.1 else ""
        for k in range(self.rng.choice([1, 1, 2])):
            text += self.rng.choice([" + ", " - "]) if k else ""
            text += "*".join(self.term(bound, depth) for _ in range(self.rng.choice([1, 1, 2])))
        return text


def random_own(seed):
    rng = random.Random(seed)
    free = rng.choice([["i"], ["i", "j"], []])
    target = f"O[{','.join(free)}]" if free else "O"
    formula = f"{target} = {Writer(rng).sum(free, 2)}"
    shapes = {"I": (rng.randint(1, 5), rng.randint(1, 5)), "W": (rng.randint(1, 6),)}
    shapes = {k: v for k, v in shapes.items() if f"{k}[" in formula}
    if free and rng.random() < 0.7:
        shapes["O"] = tuple(rng.randint(1, 3) for _ in free)
    return own(formula, shapes)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_random_formula_is_derived_verified_and_written_or_refused(seed):
    for shift in range(6):
        try:
            layer = random_own(seed + shift)
        except SymderivError:
            continue
        derived = derive(layer)
        assert derived.to_latex() and derived.to_text(lang="zh") and derived.to_json(expand="all") and derived.to_markdown(index_base=0)
        if derived.data.verification.checked and pytest.importorskip("torch"):
            assert "agree" in verify_torch(layer)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_what_is_printed_is_what_was_judged(seed):
    """The text of the general formulas and of every step, read by a reader of its own, against the elements' text."""
    try:
        layer = random_own(seed)
    except SymderivError:
        return
    text = derive(layer).to_json(expand="all")
    if "is_max" in text or "Max(" in text:
        return
    document = json.loads(text)
    rng = random.Random(seed)
    shapes = {t: tuple(x["shape"]) for t, x in document["tensors"].items()} | {"dO": tuple(document["tensors"]["O"]["shape"])}
    values = {t: {q: Fraction(rng.randint(-9, 9)) for q in positions(s)} for t, s in shapes.items()}
    reader = Reader(values, shapes, set())
    for g in (document["forward"], *document["gradients"].values()):
        general = g.get("general", g)
        formulas = [general["expr"], *(s["expr"] for s in general.get("steps", ()))]
        for e in g["elements"]:
            env = {x: Fraction(y) for x, y in zip(general["indices"], e["index"], strict=True)}
            want = reader.read(e["expr"])
            for expr in formulas:
                assert reader.read(expr, **env) == want, (layer.options["formula"], expr, e)


@pytest.mark.parametrize(
    "options",
    [
        {"input": ("H", "V"), "kernel": "K"}, {"input": ("H", 5), "kernel": 3, "stride": 2, "padding": "P"},
        {"input": ("H", "V"), "kernel": 2, "stride": "S", "ties": "split"}, {"input": ("H", "V"), "kernel": "K", "dilation": "D"},
        {"input": ("H", "V"), "kernel": "K", "channels": "C", "batch": "N", "ceil_mode": True},
    ],
)
def test_max_pooling_with_sizes_by_name(options):
    derived = derive(make("max_pool2d", **options))
    assert derived.data.verification.sample and r"\operatorname{argmax}" in derived.to_latex()


@pytest.mark.parametrize(
    "formula, shapes",
    [
        ("O[i] = y[i] - (x[i] - a)", {"x": (2,), "y": (2,)}),  # a minus before a bracket
        ("O = (a - b)*(-(a - c))", {}),
        ("O = I[1,1]*sum(v=1..2, I[2,v])", {"I": (2, 3)}),  # a factor beside a sum over the same tensor
        ("O = -max(w=1..2, I[w+w,w])", {"I": (4, 5)}),  # two subscripts with one index
        ("O[i] = W[2]*I[2*i,4-i] - W[i]", {"I": (4, 3), "W": (4,)}),
        ("O[i] = [i == 1]*I[i]", {"I": (3,)}),
        ("O[i] = sum(k=1..3, [k <= i]*I[k])", {"I": (3,), "O": (3,)}),
        ("O[i] = sum(k=1..3, [k != i, k < 3]*I[k]*W[i])", {"I": (3,), "W": (3,)}),
        ("O[i,j] = sum(k=1..20, A[i,k]*B[k,j])", {"A": (20, 20), "B": (20, 20)}),  # above the size judged at every position
    ],
)
def test_formulas_that_once_went_wrong(formula, shapes):
    derived = derive(own(formula, shapes))
    assert derived.data.verification.passed > 0
    assert derived.to_latex() and derived.to_text() and derived.to_json()


@pytest.mark.parametrize(
    "formula, part",
    [
        ("O = sum(w=1..2, max(v=1..2, I[v,w]))*W[2]", "max(v=1..2, I[v,w])"),
        ("O[i] = max(I[i], W[i])", "max(I[i], W[i])"),
        ("O[i] = cases(I[i] if i <= 2; 0 otherwise)", "cases("),
        ("O[i] = is_max((i), (i))*I[i]", "is_max("),
    ],
)
def test_what_can_not_be_done_is_named(formula, part):
    shapes = {"I": (2, 2) if "I[v,w]" in formula else (3,), "W": (3,)}
    with pytest.raises(SymderivError) as caught:
        derive_data(own(formula, {k: v for k, v in shapes.items() if f"{k}[" in formula}))
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "formula, shapes, expected",
    [
        ("O[i] = x[i]*x[i]*x[i]", {"x": (3,)}, "3*dO[p]*x[p]**2"),
        ("O[i] = x[i]*x[i]*y + x[i]*y*4", {"x": (3,)}, "(2*x[p] + 4)*dO[p]*y"),
        ("O[i] = x[i] - x[i]", {"x": (3,)}, "0"),
        ("O[i] = 2*x[i] - x[i]", {"x": (3,)}, "dO[p]"),
        ("O[i] = 0.5*x[i] + -3*x[i]*-y", {"x": (3,)}, "(1/2 + 3*y)*dO[p]"),
        ("O[i] = 1/K*sum(k=1..K, x[i+k-1])", {"x": ("N",)}, "Sum(dO[i]/K, (i, Max(1,p-K+1), Min(p,N-K+1)))"),
        ("O[i] = sum(k=1..K, x[i+k-1])", {"x": ("N",)}, "Sum(dO[i], (i, Max(1,p-K+1), Min(p,N-K+1)))"),
    ],
)
def test_the_general_formula_is_as_a_person_writes_it(formula, shapes, expected):
    document = json.loads(derive(own(formula, shapes), wrt=["x"]).to_json())
    assert document["gradients"]["x"]["general"]["expr"] == expected


@pytest.mark.parametrize(
    "formula, said",
    [
        ("O[i] = x[i-1]", "x[i-1] is read at 0"),
        ("O[i] = x[i*i]", "x[i*i]: a subscript is a sum of whole numbers times indices"),
        ("O[i] = x[i/2]", "a subscript is a sum of whole numbers times indices"),
        ("O[i] = x[1.5*i]", "a subscript or limit is a whole number"),
        ("O[i] = x[i]*0", "no tensor is left"),
        ("O[i] = x[i] x[i]", "write * between factors"),
        ("O[i] = x[i+k]", "k is bound nowhere"),
        ("O[i] = x[i]/W", "division is by a number or a size"),
        ("O[i] = max(k=1..2, x[i+k-1]) + max(u=1..2, x[i])", "max(k=1..2, x[i+k-1]) and max(u=1..2, x[i])"),
    ],
)
def test_a_refusal_names_the_part(formula, said):
    with pytest.raises(SymderivError) as caught:
        own(formula, {"x": (5,)})
    assert said in str(caught.value)


def test_a_limit_is_whole_where_the_bracket_is_nought():
    """O[i] = sum(k=1..i, y[2*i]) = i*y[2*i], so that dL/dy[p] = p/2*dO[p/2] for even p and 0 for odd p."""
    document = json.loads(derive(own("O[i] = sum(k=1..i, y[2*i])", {"y": (6,)})).to_json())
    reader = Reader({"dO": {(1,): Fraction(5), (2,): Fraction(7), (3,): Fraction(11)}}, {"dO": (3,)}, set())
    general = document["gradients"]["y"]["general"]["expr"]
    assert [reader.read(general, p=Fraction(p)) for p in range(1, 7)] == [0, 5, 0, 14, 0, 33]


@pytest.mark.parametrize(
    "options, limits",
    [
        ({"input": 3, "kernel": 2}, "Σ_{i=max(0, p-1)}^{min(p, 1)} ∂L/∂O_i·W_{p-i}"),
        ({"input": 9, "kernel": 3, "stride": 2, "padding": 1}, "Σ_{i=⌈(p-1)/2⌉}^{⌊(p+1)/2⌋} ∂L/∂O_i·W_{p-2·i+1}"),
        ({"input": "H", "kernel": "K", "stride": "S"}, "Σ_{i=max(0, ⌈(p-K+1)/S⌉)}^{min(⌊p/S⌋, m₁-1)} ∂L/∂O_i·W_{p-S·i}"),
    ],
)
def test_counting_from_zero_leaves_no_stray_ones(options, limits):
    text = derive(make("conv1d", **options), wrt=["I"]).to_text(index_base=0, show=("result",), width=300)
    assert limits in text


def test_a_halved_size_is_read_inside():
    document = json.loads(derive(own("O[i] = I[2*i]", {"I": ("N",)})).to_json())
    reader = Reader({"dO": {(1,): Fraction(3), (2,): Fraction(5)}}, {"dO": (2,)}, set())
    expr = document["gradients"]["I"]["general"]["expr"]
    assert [reader.read(expr, p=Fraction(p), N=Fraction(5)) for p in range(1, 6)] == [0, 3, 0, 5, 0]


@pytest.mark.parametrize(
    "formula, shapes, said",
    [
        ("O[i] = sum(k=1..i*i, I[k])", {"I": (9,), "O": (3,)}, "I[k] is not certain to be read inside"),
        ("O[i] = sum(k, I[k])", {"I": (6,)}, "a sum needs its limits"),
        ("O[i] = A[i]*dO[i]", {"A": (3,), "dO": (3,)}, "dO is the gradient of O"),
    ],
)
def test_a_refusal_says_no_more_than_is_so(formula, shapes, said):
    with pytest.raises(SymderivError) as caught:
        own(formula, shapes)
    assert said in str(caught.value)
