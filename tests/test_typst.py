"""Typst: every layer set into pages, nothing over the margin, and its equations read back against plain loops."""

import re
import shutil
import subprocess
from itertools import product

import pytest

from symderiv.api import derive_data
from symderiv.layers import make, own
from symderiv.model import InternalError
from symderiv.render.document import render
from symderiv.render.options import Options
from symderiv.render.symbols import ACCENTS, FONTS, LETTERS, MARKS
from symderiv.render.typst import typst_math, typst_prose

typst = pytest.importorskip("typst", reason="the typst package is not installed: pip install 'symderiv[pdf]'")
LAYERS = {
    "seed": lambda: make("conv2d", input="3x3", kernel="2x2"),
    "stride": lambda: make("conv2d", input="5x5", kernel="3x3", stride="2", padding="1"),
    "dilation": lambda: make("conv1d", input="9", kernel="3", dilation="2", padding="2:1", bias=False),
    "names": lambda: make("conv2d", input="HxV", kernel="KxK", stride="2", padding="P"),
    "channels": lambda: make("conv2d", input="4x4", kernel="2x2", channels="2", filters="3", batch="2"),
    "groups": lambda: make("conv1d", input="6", kernel="3", channels="4", filters="6", groups="2"),
    "volume": lambda: make("conv3d", input="3x3x3", kernel="2x2x2"),
    "large": lambda: make("conv2d", input="28x28", kernel="5x5"),
    "pool": lambda: make("max_pool2d", input="3x3", kernel="2x2", stride="1"),
    "shared ties": lambda: make("max_pool1d", input="6", kernel="3", stride="2", padding="1", ties="split"),
    "average": lambda: make("avg_pool2d", input="9x11", kernel="3", stride="2", padding="1", count_include_pad=False, ceil_mode=True),
    "own": lambda: own("O[i,j] = sum(k=1..4, I[i,k]*I[j,k])", {"I": ["3", "4"]}),
}


def source(data, **options):
    return "".join(render(data, Options(format="typst", standalone=True, heading_level=1, **options)))


def inked(pdf, folder):
    """Of each page the first and the last column of points with ink, and the page's width."""
    (folder / "a.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "72", "-gray", "a.pdf", "p"], cwd=folder, check=True, capture_output=True)
    for page in sorted(folder.glob("p-*.pgm")):
        _, size, _, pixels = page.read_bytes().split(b"\n", 3)
        width, height = map(int, size.split())
        columns = [x for x in range(width) if min(pixels[x : width * height : width]) < 200]
        page.unlink()
        yield min(columns), max(columns), width


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_set_within_its_margins(name, tmp_path):
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    data = derive_data(LAYERS[name](), None)
    fonts = {"en": typst.Fonts(include_system_fonts=False), "zh": typst.Fonts()}
    for style, lang in product(("default", "notes"), ("en", "zh")):
        text = source(data, style=style, lang=lang)
        pdf, warnings = typst.compile_with_warnings(text.encode(), format="pdf", font_paths=fonts[lang])
        assert not warnings
        for first, last, width in inked(pdf, tmp_path):
            assert first >= (width - 345) / 2 - 2 and last <= (width + 345) / 2 + 2, (style, lang, first, last, width)
