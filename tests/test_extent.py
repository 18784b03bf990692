"""A document that shows less is derived with less: the same text, still judged, and without SymPy where that judges nothing shown."""

from __future__ import annotations

import subprocess
import sys

import pytest

from symderiv import api
from symderiv.api import derive_data
from symderiv.cli.arguments import FORMULAS, extent_of
from symderiv.layers import make, own
from symderiv.model import Extent, InternalError
from symderiv.render.document import render
from symderiv.render.options import PARTS, Options

LAYERS = {
    "seed": lambda: make("conv2d", input="3x3", kernel="2x2"),
    "stride": lambda: make("conv2d", input="5x6", kernel="3x2", stride=2, padding=1, flip=True),
    "channels": lambda: make("conv1d", input=5, kernel=2, channels=2, filters=4, groups=2, batch=2),
    "unread": lambda: make("conv1d", input=8, kernel=1, stride=3),
    "max": lambda: make("max_pool2d", input="4x4", kernel="2x2", stride=1, ties="split"),
    "avg": lambda: make("avg_pool1d", input=5, kernel=3, stride=2, padding=1, count_include_pad=False),
    "large": lambda: make("conv2d", input="40x40", kernel="3x3"),
    "names": lambda: make("conv2d", input="HxV", kernel="KxK", stride=2),
    "product": lambda: own("O[i,j] = sum(k=1..4, I[i,k]*W[k,j])", {"I": ["3", "4"], "W": ["4", "2"]}),
}
SHOWN = (*((part,) for part in FORMULAS), FORMULAS, ("regions",), (*FORMULAS, "regions"))


@pytest.mark.parametrize("name", LAYERS)
def test_the_text_is_the_same(name):
    layer = LAYERS[name]()
    whole = derive_data(layer)
    for show in SHOWN:
        if name in ("names", "product") and show == ("regions",):
            continue  # that layer has none, and nothing else is asked for
        for lang in ("en", "zh"):
            options = Options(show=show, lang=lang)
            less = derive_data(layer, extent=extent_of(options))
            assert "".join(render(less, options)) == "".join(render(whole, options)), show
            assert less.verification == whole.verification


@pytest.mark.parametrize("show, extent", [
    (("result", "general"), Extent.GENERAL), (("result", "regions"), Extent.REGIONS),
    *(((part,), Extent.ALL) for part in PARTS if part not in (*FORMULAS, "regions")), (("pictures",), Extent.ALL),
])
def test_what_a_part_needs(show, extent, tmp_path):
    assert extent_of(Options(show=show)) == extent
    assert extent_of(Options(show=show, format="json")) == extent_of(Options(show=show, template_dir=tmp_path)) == Extent.ALL


@pytest.mark.parametrize("extent", Extent)
def test_a_wrong_formula_is_seen_at_every_extent(monkeypatch, extent):
    right = api.differentiate

    def wrong(layer, tensor):
        return right(layer, tensor)[0], right(make("conv2d", input="3x3", kernel="2x2", flip=True), tensor)[1]

    monkeypatch.setattr(api, "differentiate", wrong)
    with pytest.raises(InternalError):
        derive_data(LAYERS["seed"](), ["I"], extent=extent)


@pytest.mark.parametrize("extent", [Extent.REGIONS, Extent.ALL])
def test_a_wrong_region_is_seen(monkeypatch, extent):
    right = api.split

    def wrong(*given):
        found = right(*given)
        first, second, *rest = found.regions
        swapped = [type(first)(**{**vars(first), "formula": second.formula}), second, *rest]
        return type(found)(tuple(swapped), found.most, found.strips)

    monkeypatch.setattr(api, "split", wrong)
    with pytest.raises(InternalError):
        derive_data(LAYERS["seed"](), ["I"], extent=extent)


@pytest.mark.parametrize("show, loaded", [("result,general", "False"), ("general,regions", "False"), ("elements", "True")])
def test_sympy_is_loaded_where_it_judges(show, loaded):
    code = (
        "import sys; from symderiv.cli.main import main\n"
        "try: main()\nfinally: print('sympy' in sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "derive", "conv2d", "--input", "3x3", "--kernel", "2x2", "--show", show]
    assert subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stderr.split() == [loaded]
