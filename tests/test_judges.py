"""Every judge refuses what is wrong: a fault is planted in what the engine says, and no derivation comes out."""

from dataclasses import replace

import pytest

from symderiv import api
from symderiv.api import derive
from symderiv.formula.nodes import Binding, Formula, Reduce
from symderiv.layers import make
from symderiv.model import InternalError

SMALL = {"conv": ("conv2d", {"input": 4, "kernel": 2}), "padded": ("conv2d", {"input": 5, "kernel": 3, "padding": 1}),
         "max": ("max_pool2d", {"input": 4, "kernel": 2, "stride": 1, "ties": "split"}), "average": ("avg_pool1d", {"input": 7, "kernel": 3, "stride": 2, "padding": 1})}
LARGE = {"conv": ("conv2d", {"input": 60, "kernel": 3}), "padded": ("conv2d", {"input": 60, "kernel": 3, "padding": 1, "stride": 2}),
         "max": ("max_pool2d", {"input": 60, "kernel": 3, "stride": 1, "ties": "split"}), "average": ("avg_pool2d", {"input": 61, "kernel": 3, "stride": 2, "padding": 1})}


def layer(size, case):
    name, options = {"small": SMALL, "large": LARGE}[size][case]
    return make(name, **options)


def planted(monkeypatch, change, tensor="I"):
    """Every region of ``tensor`` passes through ``change``, which gives the regions back, one of them wrong."""
    right = api.split

    def wrong(at, of, *rest):
        parts = right(at, of, *rest)
        return replace(parts, regions=change(parts.regions)) if of.name == tensor else parts

    monkeypatch.setattr(api, "split", wrong)


def with_first(change):
    """The change made to the first region that has terms."""
    def all_of(regions):
        k = next(k for k, r in enumerate(regions) if r.terms)
        return (*regions[:k], change(regions[k]), *regions[k + 1 :])

    return all_of


def longer(region):
    """A limit of the region's own formula one too high."""
    body = region.formula.body
    if not isinstance(body, Reduce):
        return region
    last = body.bindings[-1]
    return replace(region, formula=Formula(
        region.formula.target, region.formula.bindings,
        Reduce("sum", (*body.bindings[:-1], Binding(last.index, last.low + 1, last.high)), body.body),
    ))


FAULTS = {
    "a term is missing": with_first(lambda r: replace(r, terms=r.terms[1:])),
    "a term is doubled": with_first(lambda r: replace(r, terms=(*r.terms, r.terms[0]))),
    "a coefficient is off": with_first(lambda r: replace(r, terms=(replace(r.terms[0], coefficient=r.terms[0].coefficient * 2), *r.terms[1:]))),
    "a subscript is off": with_first(lambda r: replace(r, terms=(replace(r.terms[0], factors=(
        replace(r.terms[0].factors[0], index=tuple((b + 1, c) for b, c in r.terms[0].factors[0].index)), *r.terms[0].factors[1:])), *r.terms[1:]))),
    "a region is missing": lambda regions: regions[1:],
    "a region is there twice": lambda regions: (*regions, regions[0]),
    "an entry is of another region": lambda regions: (
        replace(regions[0], blocks=(tuple((*ts[:-1], ts[-1], ts[-1] + 1) if x == len(regions[0].blocks[0]) - 1 else ts for x, ts in enumerate(regions[0].blocks[0])),)),
        *regions[1:],
    ),
    "a region's limit is off": lambda regions: tuple(longer(r) if r.formula else r for r in regions),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("case", SMALL)
@pytest.mark.parametrize("size", ["small", "large"])
def test_a_wrong_region_is_caught(monkeypatch, size, case, fault):
    at = layer(size, case)
    if fault == "a region's limit is off" and not any(
        r.formula and isinstance(r.formula.body, Reduce) for r in derive(at, ["I"]).data.gradients[0].regions
    ):
        assert case == "average"  # each entry is in one window: no region has a sum
        return
    planted(monkeypatch, FAULTS[fault])
    with pytest.raises(InternalError):
        derive(at, ["I"])


def test_a_wrong_limit_of_a_region_is_caught_where_entries_are_too_long_to_be_written(monkeypatch):
    at = make("conv2d", input=20, kernel=3, padding=1, channels=2, filters=64)
    assert all(r.formula for r in derive(at, ["I"]).data.gradients[0].regions)
    planted(monkeypatch, lambda regions: tuple(longer(r) for r in regions))
    with pytest.raises(InternalError):
        derive(at, ["I"])


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_wrong_limit_of_a_weight_region_is_caught(monkeypatch, size):
    planted(monkeypatch, lambda regions: tuple(longer(r) for r in regions), "W")
    with pytest.raises(InternalError):
        derive(layer(size, "padded"), ["W"])


@pytest.mark.parametrize(
    "change",
    [
        lambda f: replace(f, rotate=not f.rotate), lambda f: replace(f, before=tuple(b + 1 for b in f.before)),
        lambda f: replace(f, zeros=tuple(z + 1 for z in f.zeros)), lambda f: replace(f, kernel_zeros=tuple(z + 1 for z in f.kernel_zeros)),
    ],
    ids=["rotation", "padding", "stride", "dilation"],
)
@pytest.mark.parametrize("size", ["small", "large"])
def test_a_wrong_correlation_is_caught(monkeypatch, size, change):
    right = api.correlation
    monkeypatch.setattr(api, "correlation", lambda at: change(right(at)))
    with pytest.raises(InternalError):
        derive(layer(size, "padded"), ["I"])


@pytest.mark.parametrize("options", [{"input": ("H", "V"), "kernel": "K"}, {"input": "H", "kernel": 3, "stride": "S", "padding": "P"}])
def test_a_wrong_correlation_with_names_is_caught(monkeypatch, options):
    right = api.correlation
    at = make("conv2d", **options)
    assert derive(at, ["I"]).data.gradients[0].correlation is not None

    def wrong(of):
        form = right(of)
        return form if of.numeric else replace(form, before=tuple(b + 1 for b in form.before))

    monkeypatch.setattr(api, "correlation", wrong)
    with pytest.raises(InternalError):
        derive(at, ["I"])


def test_the_scattered_sum_is_compared_with_the_gradient():
    at = layer("small", "padded")
    truth = api.enumerate_layer(at).gradients["I"]
    api.judge_scatter(at, lambda q: truth[q])
    with pytest.raises(InternalError):
        api.judge_scatter(at, lambda q: truth[q] if q != (5, 5) else truth[(4, 5)])


@pytest.mark.parametrize("case", SMALL)
def test_sympys_own_derivative_is_compared(monkeypatch, case):
    from symderiv.explicit.matrices import Explicit

    right = Explicit.derivative_terms
    monkeypatch.setattr(Explicit, "derivative_terms", lambda *given: list(right(*given))[1:])
    with pytest.raises(InternalError):
        derive(layer("small", case), ["I"])
