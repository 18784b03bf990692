"""Typst: every layer set into pages, nothing over the margin, and its equations read back against plain loops."""

import re
import shutil
import subprocess
from itertools import pairwise, product

import pytest

from symderiv.api import derive, derive_data
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


def test_a_line_that_is_too_wide_is_seen(tmp_path):
    data = derive_data(LAYERS["stride"](), None)
    wide = re.sub(r"margin: \(x: [\d.]+pt", "margin: (x: 125.14pt", source(data, width=500))
    pdf = typst.compile(wide.encode(), format="pdf")
    assert max(last for _, last, _ in inked(pdf, tmp_path)) > 500


def test_in_a_users_document_long_blocks_go_over_pages(tmp_path):
    data = derive_data(make("conv2d", input="9x9", kernel="2x2"), None)
    part = "".join(render(data, Options(format="typst", show=("elements",))))
    (tmp_path / "a.pdf").write_bytes(typst.compile(f"= Mine\n{part}".encode(), format="pdf"))
    text = subprocess.run(["pdftotext", "-bbox", "a.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    heights = [float(y) for y in re.findall(r'yMax="([\d.]+)"', text)]
    assert max(heights) <= 842 - 60 and text.count("<page") >= 5
    assert "#show" not in "".join(render(data, Options(format="typst", show=("result",))))


TERM = re.compile(r"frac\(∂ L, ∂ O_(\d+|\([^()]*\))\) ⋅ (\w)_(\d+|\([^()]*\))")
ROW = re.compile(r"frac\(∂ L, ∂ (\w)_(\d+|\([^()]*\))\) &= ")


def position(text):
    """(1\\, 12) or 12: the subscripts."""
    return tuple(map(int, text.strip("()").split("\\,"))) if "," in text else tuple(map(int, text.strip("()")))


def read_elements(text):
    """Of each element equation of the source the terms, as sets of (output, tensor, position)."""
    text = text.replace("\\\n&quad \"\" ", "").replace("\\\n&quad ", "")
    starts = list(ROW.finditer(text))
    found = {}
    for start, following in pairwise([*starts, None]):
        body = re.split(r"\$|\\, \\\n", text[start.end() : following.start() if following else len(text)])[0].rstrip("\\, .\n")
        terms = [(position(m[1]), m[2], position(m[3])) for m in TERM.finditer(body)]
        assert re.sub(TERM, "t", body).split(" + ") == ["t"] * len(terms) or body == "0", body
        found[start[1], position(start[2])] = sorted(terms)
    return found


@pytest.mark.parametrize("n, k, s, p", [(3, 2, 1, 0), (5, 3, 2, 1), (12, 5, 1, 0), (11, 3, 3, 2)])
def test_elements_in_the_source_are_those_of_the_loops(n, k, s, p):
    data = derive_data(make("conv2d", input=n, kernel=k, stride=s, padding=p), None)
    m = (n + 2 * p - k) // s + 1
    expected = {("I", q): [] for q in product(range(1, n + 1), repeat=2)} | {("W", q): [] for q in product(range(1, k + 1), repeat=2)}
    for i, j, u, v in product(range(1, m + 1), range(1, m + 1), range(1, k + 1), range(1, k + 1)):
        q = (s * (i - 1) + u - p, s * (j - 1) + v - p)
        if min(q) >= 1 and max(q) <= n:
            expected["I", q].append(((i, j), "W", (u, v)))
            expected["W", (u, v)].append(((i, j), "I", q))
    found = read_elements(source(data, show=("elements",), expand="all"))
    assert found == {at: sorted(terms) for at, terms in expected.items()}


def test_the_text_of_the_pages_holds_the_equations(tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    (tmp_path / "a.pdf").write_bytes(typst.compile(source(derive_data(LAYERS["seed"](), None)).encode(), format="pdf"))
    text = subprocess.run(["pdftotext", "-layout", "a.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    plain = re.sub(r"\s", "", text).translate({0x1D434 + k: chr(65 + k) for k in range(26)} | {0x1D44E + k: chr(97 + k) for k in range(26)})
    assert "O11=I11⋅W11+I12⋅W12+I21⋅W21+I22⋅W22+b," in plain
    assert "⋅W22+⋅W21+⋅W12+⋅W11," in plain


def test_prose_is_text_whatever_stands_in_it(tmp_path):
    odd = """1. #panic("x") *b* _i_ @ref <l> `raw` [d] ~ // c /* c */ \\ -- --- -? = + - / $p$ 'q' "r" https://a.b #let"""
    source = f"#set smartquote(enabled: false)\n{typst_prose(odd)}\n\n{typst_prose('- a')}\n\n{typst_prose('= b')}\n\n{typst_prose('+ c')}\n\n{typst_prose('/ d: e')}"
    for kind in ("heading", "list", "enum", "terms", "ref", "raw", "link", "strong", "emph"):
        assert typst.query(source.encode(), kind) == "[]", kind
    (tmp_path / "a.pdf").write_bytes(typst.compile(source.encode(), format="pdf"))
    text = subprocess.run(["pdftotext", "-layout", "a.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert re.sub(r"\s", "", text.replace("\U0001d45d", "p")).startswith(re.sub(r"\s", "", odd.replace("$", "") + "- a= b+ c/ d: e"))


def test_every_symbol_that_a_user_may_choose_is_known():
    texs = [f"\\{n}" for n in (*LETTERS, *MARKS)] + [f"\\{n}{{X_{{1}}}}" for n in (*FONTS, *ACCENTS)] + [r"W^{(l)}_{i,j}'", r"\hat x", "{x_1}", "XY"]
    source = "\n\n".join(f"$ {typst_math(tex)}_1 / {typst_math('W_{' + tex + '}')} $" for tex in texs)
    _, warnings = typst.compile_with_warnings(source.encode(), format="pdf", ignore_system_fonts=True)
    assert not warnings


@pytest.mark.parametrize("tex", [r"\input{x}", r"\frac{a}", "{a", "a}", r"\left( a", r"\begin{bmatrix} a", "_1", "#x", "é"])
def test_what_is_not_the_printers_is_never_passed_on(tex):
    with pytest.raises(InternalError):
        typst_math(tex)


def test_what_leads_to_a_formula_or_a_table_stays_with_it():
    text = derive(make("conv2d", input=(4, 4), kernel=(2, 2))).to_typst(standalone=True, show=("result", "general", "entry", "strip", "check"))
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    leading = [part for part, behind in pairwise(parts) if behind.startswith(("$ ", "#[#show", "#block(breakable")) and part[0].isalpha()]
    assert leading == [] and text.count("#block(sticky: true)") > 12
    assert "breakable: true" not in text and "#block(breakable: false, width: 100%)[#align(center, table(" in text
