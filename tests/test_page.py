"""The web page as a file: self-contained, safe, whole, in both languages."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from symderiv.api import derive, derive_data
from symderiv.layers import make, own
from symderiv.model import SymderivError
from symderiv.render.document import render, template_folder, translate
from symderiv.render.html.mathml import math
from symderiv.render.html.page import SCRIPTS, data_text, prose
from symderiv.render.html.pieces import of_display, of_term
from symderiv.render.html.words import words
from symderiv.render.options import EVERYTHING, Options
from symderiv.render.symbols import ACCENTS, FONTS, LETTERS, spell

LAYERS = {
    "seed": ("conv2d", {"input": "3x3", "kernel": "2x2"}),
    "channels": ("conv2d", {"input": "4x4", "kernel": "2x2", "channels": 2, "filters": 4, "groups": 2, "stride": 2, "padding": "1:0"}),
    "flip": ("conv1d", {"input": 5, "kernel": 2, "flip": True}),
    "volume": ("conv3d", {"input": 3, "kernel": 2}),
    "maxima": ("max_pool2d", {"input": "4x4", "kernel": "3x3", "stride": 2, "padding": 1, "ties": "split"}),
    "averages": ("avg_pool2d", {"input": "5x5", "kernel": "2x2", "ceil_mode": True}),
    "names": ("conv2d", {"input": "HxV", "kernel": "KxK", "stride": "S", "padding": "P"}),
}
VOID = {"meta", "input", "br", "hr", "img", "link"}
MATHML = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "msub", "msup", "msubsup", "munder", "mover", "munderover",
    "mtable", "mtr", "mtd",
}


class Reader(HTMLParser):
    """Every start tag with its attributes, and what is not closed as it was opened."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.faults, self.words = [], [], [], []
        self.feed(text)
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        if not {"script", "style", "math", "code", "title"} & set(self.open):
            self.words.append(data)


def page_of(case, **options):
    name, given = LAYERS[case]
    return "".join(render(derive_data(make(name, **given)), Options(format="html", **options)))


@pytest.fixture(scope="module", params=LAYERS)
def page(request):
    return page_of(request.param)


def test_it_is_whole_html_with_ids_of_its_own(page):
    read = Reader(page)
    assert read.faults == []
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[a-z][a-z0-9-]*", i) for i in ids)
    assert all(a["href"][1:] in ids for tag, a in read.tags if tag == "a")
    assert sum(tag == "h1" for tag, _ in read.tags) == 1
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(("tex", "parts"), [
    (r"= \sum_{i=1}^{2} \sum_{j=1}^{2} g_{ij} \cdot W_{p-i+1}", [r"= \sum_{i=1}^{2} \sum_{j=1}^{2} g_{ij} ", r"\cdot W_{p-i+1}"]),
    (r"= \sum_{i=1}^{2} g_{i} \sum_{u=1}^{2} W_{u} [ i+u-1 = p ]", [r"= \sum_{i=1}^{2} g_{i} ", r"\sum_{u=1}^{2} W_{u} ", "[ i+u-1 = p ]"]),
    (r"+ g_{11} \cdot W_{12}", [r"+ g_{11} \cdot W_{12}"]),
    (r"\sum_{i=\lceil (p-1)/2 \rceil}^{2} \sum_i g_i", [r"\sum_{i=\lceil (p-1)/2 \rceil}^{2} \sum_i g_i"]),
])
def test_a_term_breaks_between_its_factors(tex, parts):
    assert of_term(tex) == parts


@pytest.mark.parametrize(("tex", "parts"), [
    (r"A \star \begin{bmatrix} 1 & -2 \end{bmatrix} + b = O", ["A ", r"\star \begin{bmatrix} 1 & -2 \end{bmatrix} ", "+ b ", "= O"]),
    (r"A = -3, \quad B = 2", [r"A = -3, \quad ", "B = 2"]),
    ("A = -3", ["A ", "= -3"]),
    (r"\frac{a+b}{c} (d + e) x^{n-1}", [r"\frac{a+b}{c} (d + e) x^{n-1}"]),
])
def test_a_display_breaks_between_formulas_or_before_signs(tex, parts):
    assert of_display(tex) == parts


def test_it_asks_nothing_of_the_network(page):
    read = Reader(page)
    assert not [a for _, a in read.tags if {"src", "srcset", "style", "onclick", "data", "action", "poster"} & set(a)]
    assert not [tag for tag, _ in read.tags if tag in ("link", "img", "iframe", "object", "embed", "base", "form")]
    assert set(re.findall(r"https?://[^\"'\s<>)]*", page)) <= {"http://www.w3.org/1998/Math/MathML"}
    assert not re.search(r"@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|importScripts|import\s*\(|innerHTML|eval\(", page)


def test_its_security_policy_allows_its_own_script_and_style_and_no_other(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    for tag, name in (("style", "style"), ('script type="module"', "script")):
        inside = re.search(rf"<{tag}>(.*?)</{name}>", page, re.DOTALL)[1]
        assert base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode() in policy


def test_mathematics_is_mathml_and_every_entry_says_which_it_is(page):
    found = []
    for drawn in re.findall("<math.*?</math>", page, re.DOTALL):
        root = ElementTree.fromstring(drawn)
        assert {e.tag for e in root.iter()} <= MATHML
        for marked in (e for e in root.iter() if "data-ref" in e.attrib):
            tensor, *index = marked.attrib["data-ref"].split()
            said = re.sub("[,/]", "", "".join(marked.itertext()))
            assert said == ("∂L∂" if tensor[0] == "d" else "") + tensor.removeprefix("d") + "".join(index)
            found.append(tensor)
    assert found or "HxV" in page
    assert "\ue000" not in page and "\\" not in re.sub("<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)


def test_element_equations_carry_the_entries_that_they_hold():
    text = page_of("seed", show=("elements",))
    rows = [re.findall('data-ref="([^"]*)"', row) for row in re.findall('<div class="eq">.*?</div>', text)]
    assert ["dI 1 2", "dO 1 1", "W 1 2", "dO 1 2", "W 1 1"] in rows
    assert len(re.findall("<math", re.search('<div class="eq">[^\n]*dI 2 2.*?</div>', text)[0])) == 5


def test_the_data_is_the_index_map_and_the_regions():
    data = json.loads(re.search(r'<script type="application/json" id="data-1">(.*?)</script>', page_of("seed"), re.DOTALL)[1])
    assert data["axes"] == [{"n": 3, "k": 2, "s": 1, "d": 1, "start": 0, "m": 2}] * 2
    assert [(r["at"], r["terms"], r["blocks"]) for r in data["regions"]][4] == ([2, 2], 4, [[[[2, 1, 1]], [[2, 1, 1]]]])
    assert data["correlation"] == {"zeros": [0, 0], "before": [1, 1], "after": [1, 1], "between": [0, 0], "rotate": True}
    assert data["values"]["dO"] == [1, 2, 3, 4]


@pytest.mark.parametrize(("name", "options", "told"), [
    ("conv2d", {"input": "3x3", "kernel": "2x2"}, {(1, 1): "corner", (1, 2): "edge", (2, 2): "centre", (3, 3): "corner"}),
    ("conv2d", {"input": "5x5", "kernel": "3x3"}, {(1, 1): "corner", (1, 2): "", (2, 2): "", (2, 3): "", (3, 3): "centre", (3, 5): "edge"}),
    ("max_pool2d", {"input": "6x6", "kernel": 3, "stride": 2, "padding": 1}, {(1, 1): "", (2, 2): "centre", (1, 6): "", (6, 6): "corner"}),
    ("max_pool2d", {"input": "4x4", "kernel": 2}, {(1, 1): "", (2, 2): ""}),
    ("conv2d", {"input": "4x4", "kernel": "2x2", "channels": 2}, {(1, 1, 1, 1): "corner", (1, 1, 2, 2): "centre", (1, 1, 1, 2): "edge"}),
    ("conv3d", {"input": 3, "kernel": 2}, {(1, 1, 1): "corner", (1, 1, 2): "edge", (1, 2, 2): "face", (2, 2, 2): "centre"}),
    ("conv1d", {"input": 5, "kernel": 2, "stride": 2}, {(5,): "not read"}),
])
def test_a_region_is_called_by_a_place_only_where_it_is_there(name, options, told):
    text = "".join(render(derive_data(make(name, **options)), Options(format="html", show=("regions", "check"))))
    rows = json.loads(re.search(r'id="data-1">(.*?)</script>', text, re.DOTALL)[1])["regions"]
    names = {tuple(row["at"]): row["name"] for row in rows}
    assert {at: names[at] for at in told} == told


def test_the_table_of_regions_names_no_place_either():
    text = page_of("maxima", show=("regions",))
    names = [cell for cell in re.findall("<tr><td>(.*?)</td>", text) if re.match("[a-z]", cell)]
    assert names == []  # four of nine regions lie where a name says: no column


def test_an_average_says_how_many_cells_each_window_averages():
    text = "".join(render(derive_data(make("avg_pool1d", input=5, kernel=3, stride=2, padding=1, count_include_pad=False)), Options(format="html")))
    assert json.loads(re.search(r'id="data-1">(.*?)</script>', text, re.DOTALL)[1])["cells"] == [[2, 3, 2]]


def test_the_regions_of_a_large_input_are_short():
    data = derive_data(make("conv2d", input=224, kernel=3))
    text = "".join(render(data, Options(format="html")))
    found = re.search(r'id="data-1">(.*?)</script>', text, re.DOTALL)[1]
    centre = max(json.loads(found)["regions"], key=lambda r: r["count"])
    assert centre["blocks"] == [[[[3, 1, 220]], [[3, 1, 220]]]] and len(found) < 20_000


@pytest.mark.parametrize("options", [{"input": 9, "kernel": 2, "stride": 3}, {"input": "11x8", "kernel": "3x2", "stride": "2x3", "dilation": 2, "padding": 1}])
def test_runs_stand_for_the_regions_positions(options):
    regions = derive_data(make("conv2d", **options)).gradient("I").regions
    text = "".join(render(derive_data(make("conv2d", **options)), Options(format="html", show=("result",))))
    told = json.loads(re.search(r'id="data-1">(.*?)</script>', text, re.DOTALL)[1])["regions"]
    for region, row in zip(regions, told, strict=True):
        spread = tuple(tuple(tuple(first + step * k for first, step, n in runs for k in range(n)) for runs in block) for block in row["blocks"])
        assert spread == region.blocks


@pytest.mark.parametrize("case", ["names"])
def test_without_numbers_there_is_no_interactive_part_and_the_page_says_so(case):
    text = page_of(case)
    assert "data-explore " not in text and "no interactive part" in text
    assert "\\frac" not in text and "<math" in text


def test_a_page_without_anything_is_refused():
    with pytest.raises(SymderivError, match="nothing to write there: check needs numbers"):
        page_of("names", show=("check",))


def test_an_own_formula_is_a_document():
    text = "".join(render(derive_data(own("O[i] = sum(k=1..2, I[i+k-1]*W[k])", {"I": ["3"], "W": ["2"]})), Options(format="html")))
    assert Reader(text).faults == [] and "data-explore " not in text


def test_a_mark_is_glued_to_the_formula_before_it():
    text = prose("由 $a$、$b$ 得 $c$。(see $d$) $e$ ends")
    assert [re.sub("<[^>]*>", "", kept) for kept in re.findall('<span class="glued">.*?</span>', text)] == ["a、", "c。", "d)"]
    assert re.sub("<[^>]*>", "", text) == "由 a、b 得 c。(see d) e ends"


def test_nothing_in_the_data_closes_its_script():
    assert "<" not in data_text({"x": "</script><!--&\u2028"}) and json.loads(data_text({"x": "</script>"})) == {"x": "</script>"}


def test_symbols_are_drawn_and_never_obeyed():
    for letter in LETTERS:
        assert LETTERS[letter] in math(spell(rf"\{letter}").tex)
    for macro in (*FONTS, *ACCENTS):
        for inner in ("x", r"\delta", "X_1"):
            assert "<math" in math(spell(rf"\{macro}{{{inner}}}").tex)
    for symbol in ("W^{(l)}", "x'", r"\hat x", r"\theta^\star", "x^{a*b}", r"h_{t-1}"):
        assert "<mi>" in math(spell(symbol).tex)
    text = page_of("seed", symbols={"input": r"\mathbf{X}", "upstream": r"\delta^{(l)}", "loss": r"\mathcal{L}"})
    assert "𝐗" in text and "𝓛" in text and Reader(text).faults == []
    with pytest.raises(SymderivError):
        page_of("seed", symbols={"input": "</script>"})


@pytest.mark.parametrize("case", [c for c in LAYERS if c != "names"])
def test_a_chinese_page_has_no_english_sentence(case):
    text = page_of(case, lang="zh")
    assert '<html lang="zh-CN">' in text
    for said in Reader(text).words:
        assert not re.search(r"[a-z]{3,} [a-z]{2,}", said), said
    data = json.loads(re.search(r'id="data-1">(.*?)</script>', text, re.DOTALL)[1])
    for key, said in data["words"].items():
        assert re.search("[\u4e00-\u9fff，、]", said), key


@pytest.mark.parametrize("case", ["seed", "maxima", "names"])
def test_a_chinese_page_has_chinese_marks(case):
    text = page_of(case, lang="zh", show=EVERYTHING)
    labels = [a["aria-label"] for _, a in Reader(text).tags if "aria-label" in a]
    title = re.search("<title>(.*?)</title>", text)[1]
    for said in (title, *labels, *Reader(text).words):
        assert not re.search("[\u4e00-\u9fff] ?[:;,!?](?![\\w])|[，。；：、？！] +[\\w]", said), said
    assert re.match("[\u4e00-\u9fff]+：", title)


def test_a_phrase_has_the_same_places_in_both_languages():
    english, chinese = words(translate("en")), words(translate("zh"))
    for key, phrase in english.items():
        assert set(re.findall(r"\{\w+\}", phrase)) == set(re.findall(r"\{\w+\}", chinese[key])), key


def test_every_phrase_that_the_script_says_is_there_and_none_is_idle():
    folder = template_folder() / "html" / "js"
    code = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    assert sorted(path.stem for path in Path(folder).iterdir()) == sorted(SCRIPTS)
    phrases = words(translate("en"))
    for said in re.findall(r'words\.(?:say|text)\(\s*"([^"]+)"', code):
        assert said in phrases
    assert [key for key in phrases if f'"{key}"' not in code] == []


def test_no_script_file_is_long():
    for path in (template_folder() / "html").rglob("*.*"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 500


def test_the_python_call():
    found = derive(make("conv2d", input=(3, 3), kernel=(2, 2)))
    assert found.to_html(lang="zh").startswith("<!DOCTYPE html>\n<html lang=\"zh-CN\">")
    with pytest.raises(SymderivError, match="more than a browser can hold"):
        derive(make("conv2d", input=(80, 80), kernel=(2, 2))).to_html(expand="all")


def test_notes_and_their_pooling_share_a_page():
    data, pool = (derive_data(make(n, input="3x3", kernel="2x2", stride=1)) for n in ("conv2d", "max_pool2d"))
    text = "".join(render(data, Options(format="html", style="notes"), [pool]))
    read = Reader(text)
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert read.faults == [] and len(ids) == len(set(ids)) and {"data-1", "data-2"} <= set(ids)


def test_a_style_sheet_of_ones_own_is_taken(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "page.css").write_text("body { color: navy }\n", encoding="utf-8")
    text = page_of("seed", template_dir=tmp_path)
    assert "<style>body { color: navy }\n</style>" in text and "--asked" not in text
