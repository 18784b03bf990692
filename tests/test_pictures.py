"""What pictures show, read back from SVG, TikZ and boxes, against plain loops over the layer's sizes."""

import base64
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from symderiv.api import derive, derive_data
from symderiv.cli.main import main
from symderiv.derived import Derived
from symderiv.layers import make
from symderiv.model import InternalError, SymderivError
from symderiv.picture_model import Cell, Ref
from symderiv.verify.pictures import judge_pictures

SEED = ["derive", "conv2d", "--input", "3x3", "--kernel", "2x2"]
SVG = "{http://www.w3.org/2000/svg}"


def run(*words: str) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(("lang", "words"), [("en", "each {} of the kernel has a colour"), ("zh", "卷积核的{}用一种颜色")])
def test_of_one_axis_it_is_the_weight_that_has_a_colour(lang, words):
    one, two = {"en": ("weight", "row"), "zh": ("每个权重", "每一行")}[lang]
    flat = run("derive", "conv1d", "--input", "5", "--kernel", "3", "--show", "picture-matrix", "--format", "html", "--lang", lang)
    square = run(*SEED, "--show", "picture-matrix", "--format", "html", "--lang", lang)
    assert words.format(one) in flat and words.format(two) not in flat
    assert words.format(two) in square


# -- plain loops ---------------------------------------------------------------------------------
def reads(n, k, s, p, d):
    """Of each output its (position, kernel place) pairs, padding left out; one number an axis."""
    sizes = [(a + 2 * b - c * (e - 1) - 1) // f + 1 for a, b, c, e, f in zip(n, p, d, k, s, strict=True)]
    found = {}
    for o in product(*(range(1, m + 1) for m in sizes)):
        for a in product(*(range(1, x + 1) for x in k)):
            t = tuple(s[x] * (o[x] - 1) + d[x] * (a[x] - 1) + 1 - p[x] for x in range(len(n)))
            if all(1 <= y <= m for y, m in zip(t, n, strict=True)):
                found.setdefault(o, []).append((t, a))
    return found


SIZES = [
    ((3, 3), (2, 2), (1, 1), (0, 0), (1, 1)), ((5, 5), (3, 3), (2, 2), (1, 1), (1, 1)), ((6, 5), (2, 3), (1, 2), (0, 1), (2, 1)),
    ((8,), (3,), (2,), (1,), (2,)), ((30, 24), (3, 2), (1, 2), (1, 0), (1, 1)),
]


def layer(kind, n, k, s, p, d, **more):
    def axes(x):
        return "x".join(map(str, x))

    return make(f"{kind}{len(n)}d", input=axes(n), kernel=axes(k), stride=axes(s), padding=axes(p), dilation=axes(d), **more)


def cells_of(grid):
    """Position of each cell of a grid whose ticks are positions, to the cell."""
    return {
        ((grid.columns[c.column],) if grid.flat else (grid.rows[c.row], grid.columns[c.column])): c for c in grid.cells
    }


@pytest.mark.parametrize("sizes", SIZES)
def test_the_data_against_loops(sizes):
    n = sizes[0]
    table = reads(*sizes)
    q = tuple(min(4, x // 2 + 1) for x in n)
    found = {p.kind: p for p in derive_data(layer("conv", *sizes)).pictures(q, 36)}
    for grid in found["window"].grids:
        shown = {t: c.label.index for t, c in cells_of(grid).items() if c.tone == "window"}
        assert shown == dict(table[grid.title.index])
    readers = {o: a for o, pairs in table.items() for t, a in pairs if t == q}
    outputs = cells_of(found["entry"].grids[-1])
    assert {o: c.label.index for o, c in outputs.items() if c.tone == "given"} == readers
    assert len(readers) >= 1
    terms = {t: 0 for t in product(*(range(1, x + 1) for x in n))}
    for pairs in table.values():
        for t, _ in pairs:
            terms[t] += 1
    (plane,) = found["regions"].grids
    assert all(c.label == terms[t] for t, c in cells_of(plane).items())
    counts = list(terms.values())
    assert {k.number: k.entries for k in found["regions"].legend} == {x: counts.count(x) for x in counts}
    for grid in found["backward"].grids:
        true = {(o, a) for o, pairs in table.items() for t, a in pairs if t == grid.title.index}
        shown = [(c.label.index, c.second.index) for c in grid.cells if isinstance(c.label, Ref) and c.second]
        assert sorted(shown) == sorted(true)
    matrix = found["matrix"]
    if not matrix.blocks:
        (grid,) = matrix.grids
        shown = {(grid.rows[c.row].index, grid.columns[c.column].index, c.label.index) for c in grid.cells if c.label}
        assert shown == {(o, t, a) for o, pairs in table.items() for t, a in pairs}
    else:
        for x, grid in enumerate(matrix.grids):
            axis = reads(*((size[x],) for size in sizes))
            for (o, t), c in cells_of(grid).items():
                assert c.label == next((a for (u,), (a,) in axis.get((o,), []) if u == t), None)


def test_groups_show_one_channel_of_its_group():
    data = derive_data(make("conv2d", input="4x4", kernel="2x2", channels=4, filters=4, groups=2, batch=2))
    found = {p.kind: p for p in data.pictures((2, 4, 2, 2), 36)}
    assert {c.label.index[:2] for g in found["window"].grids for c in g.cells if c.label} == {(3, 2)}
    assert all(g.title.index[:2] == (2, 3) for g in found["window"].grids)


@pytest.mark.parametrize("ties", ["first", "all", "split"])
def test_maxima_against_loops(ties):
    data = derive_data(make("max_pool2d", input="3x3", kernel="2x2", stride=1, ties=ties))
    *windows, back = next(p for p in data.pictures(None, 36) if p.kind == "maxima").grids
    gradient = {q: Fraction(0) for q in product((1, 2, 3), repeat=2)}
    for k, grid in enumerate(windows):
        cells = cells_of(grid)
        i, j = grid.title.index
        window = [(i + u, j + v) for u in (0, 1) for v in (0, 1)]
        top = max(cells[t].label for t in window)
        best = [t for t in window if cells[t].label == top]
        best = best[:1] if ties == "first" else best
        assert [t for t in sorted(cells) if cells[t].tone == "focus"] == best
        for t in best:
            gradient[t] += Fraction(k + 1, len(best)) if ties == "split" else k + 1
    assert {t: c.label for t, c in cells_of(back).items()} == gradient


# -- faults that are planted ---------------------------------------------------------------------
def wrong(label):
    if isinstance(label, Ref):
        return Ref(label.tensor, (*label.index[:-1], label.index[-1] + 1))
    return label + 1


@pytest.mark.parametrize("kind", ["window", "entry", "regions", "backward", "matrix"])
@pytest.mark.parametrize("which", ["label", "tone"])
def test_a_wrong_picture_is_not_handed_out(kind, which):
    data = derive_data(make("conv2d", input="3x3", kernel="2x2"))
    picture = next(p for p in data.pictures((1, 2), 36) if p.kind == kind)
    judge_pictures(data, (picture,))
    grid = picture.grids[-1]
    at = next(k for k, c in enumerate(grid.cells) if (isinstance(c.label, Ref) and (c.second or kind != "backward")) or kind == "regions")
    cell = grid.cells[at]
    changed = replace(cell, label=wrong(cell.label)) if which == "label" or kind in ("regions", "matrix", "backward") else replace(cell, tone="plain")
    bad = replace(picture, grids=(*picture.grids[:-1], replace(grid, cells=(*grid.cells[:at], changed, *grid.cells[at + 1 :]))))
    with pytest.raises(InternalError, match=f"the picture {kind}"):
        judge_pictures(data, (bad,))


def test_a_shifted_frame_a_wrong_legend_and_a_wrong_maximum_are_found():
    data = derive_data(make("conv2d", input="3x3", kernel="2x2"))
    window, _, regions, *_rest = data.pictures((1, 2), 36)
    grid = window.grids[0]
    moved = replace(window, grids=(replace(grid, frames=(replace(grid.frames[0], column=1),)), *window.grids[1:]))
    short = replace(regions, legend=(replace(regions.legend[0], entries=3), *regions.legend[1:]))
    pool = derive_data(make("max_pool2d", input="3x3", kernel="2x2", stride=1))
    maxima = pool.pictures(None, 36)[-1]
    first = maxima.grids[0]
    tones = tuple(replace(c, tone={"focus": "window", "window": "focus"}.get(c.tone, c.tone)) for c in first.cells)
    for owner, bad in ((data, moved), (data, short), (pool, replace(maxima, grids=(replace(first, cells=tones), *maxima.grids[1:])))):
        with pytest.raises(InternalError, match="the picture"):
            judge_pictures(owner, (bad,))


# -- read back from what is drawn ----------------------------------------------------------------
def from_shapes(boxes, texts):
    """(title, row, column, labels) of every cell with a label, from rectangles and texts in points."""
    titles = [(x, y, t) for x, y, size, t in texts if size == 9]
    heads = [(x, y, t) for x, y, size, t in texts if size == 6]
    found = set()
    for x, y, w, h in boxes:
        inside = [t for a, b, size, t in texts if size in (7, 8) and x < a < x + w and y < b - 0.33 * size < y + h]
        if not inside:
            continue
        mid = x + w / 2, y + h / 2
        column = max(((b, t) for a, b, t in heads if abs(a - mid[0]) < 0.1 and b < mid[1]), default=(0, ""))[1]
        row = max(((a, t) for a, b, t in heads if abs(b - 2 - mid[1]) < 0.1 and a < x), default=(0, ""))[1]
        above = max(b for _, b, _ in titles if b < mid[1])
        title = min((abs(a - mid[0]), t) for a, b, t in titles if b == above)[1]
        found.add((title, row, column, *inside))
    return found


def from_svg(text):
    root = ET.fromstring(text)
    boxes = [tuple(float(r.get(k)) for k in ("x", "y", "width", "height")) for r in root.iter(SVG + "rect") if r.get("stroke-width") == "0.4"]
    texts = [(float(t.get("x")), float(t.get("y")), float(t.get("font-size")), "".join(t.itertext())) for t in root.iter(SVG + "text")]
    return from_shapes(boxes, texts)


def from_tikz(text):
    boxes = [
        (float(a), float(b), float(c) - float(a), float(d) - float(b))
        for a, b, c, d in re.findall(r"line width=0\.4pt\] \(([\d.-]+),([\d.-]+)\) rectangle \(([\d.-]+),([\d.-]+)\)", text)
    ]
    texts = [
        (float(x), float(y), float(size), re.sub(r"[_{}]|\\partial ", lambda m: "∂" if m[0].startswith("\\") else "", tex))
        for size, x, y, tex in re.findall(r"fontsize\{([\d.]+)\}.*? at \(([\d.-]+),([\d.-]+)\) \{\$(.*)\$\};", text)
    ]
    return from_shapes(boxes, texts)


def from_boxes(text):
    """The same from grids of Unicode boxes."""
    plain = text.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    lines = plain.split("\n")
    found = set()
    for k, line in enumerate(lines):
        for match in re.finditer("┌[─┬]*┐", line):
            left, right = match.span()
            title = lines[k - 2][left:right].strip()
            heads = lines[k - 1][left:right].split()
            if len(heads) != match[0].count("┬") + 1:
                continue
            for row in range(k + 1, len(lines), 2):
                cells = lines[row][left:right].strip()
                if not cells.startswith("│"):
                    break
                side = lines[row][:left].split()[-1:]
                found |= {(title, side[0], heads[c], t) for c, t in enumerate(x.strip(" []") for x in cells[1:-1].split("│")) if t.strip("∙░")}
    return found


def window_by_loops(sizes):
    return {
        (f"O{o[0]}{o[1]}", str(t[0]), str(t[1]), f"W{a[0]}{a[1]}") for o, pairs in reads(*sizes).items() for t, a in pairs
    }


def test_the_drawn_window_says_what_loops_say(tmp_path):
    sizes = SIZES[0]
    true = window_by_loops(sizes)
    assert len(true) == 16
    assert from_svg(Derived(derive_data(layer("conv", *sizes))).picture("window")) == true
    assert from_tikz(run(*SEED, "--format", "latex", "--show", "picture-window")) == true
    assert from_boxes(run(*SEED, "--format", "text", "--show", "picture-window")) == true


@pytest.mark.parametrize("document_class, tall", [("beamer", 170), ("twocolumn", 250), ("article", 400)])
def test_a_picture_in_parts_has_every_panel_and_no_part_is_too_tall(document_class, tall):
    sizes = ((6, 6), (3, 3), (1, 1), (1, 1), (1, 1))
    words = ["derive", "conv2d", "--input", "6x6", "--kernel", "3x3", "--padding", "1", "--format", "latex", "--show", "picture-window"]
    text = run(*words, "--class", document_class)
    parts = re.findall(r"\\begin\{tikzpicture\}.*?\\end\{tikzpicture\}", text, re.S)
    assert (len(parts) > 1) == (document_class != "article")
    # Over several slides the reader is told first what is to be seen.
    assert (text.index("The window slides") < text.index(parts[0])) == (document_class == "beamer")
    shown = set().union(*map(from_tikz, parts))
    assert shown == from_svg(Derived(derive_data(layer("conv", *sizes))).picture("window")) and shown < window_by_loops(sizes)
    for part in parts:
        scale = float((re.search(r"scale=([\d.]+)", part) or ["", "1"])[1])
        assert scale >= 0.5
        bottoms = [float(y) for y in re.findall(r"rectangle \([\d.-]+,([\d.-]+)\)", part)]
        assert max(bottoms) * scale <= tall


def test_symbols_keep_their_fonts():
    """Bold and upright as TeX sets them, in entries and in derivatives; every other letter is slanted."""
    symbols = {"input": r"\mathbf{X}", "weight": r"\boldsymbol{K}", "loss": r"\mathrm{E}"}
    drawn = Derived(derive_data(layer("conv", *SIZES[0]))).picture("backward", symbols=symbols)
    heads = {re.sub(r"<tspan font-size.*", "", head) for head in re.findall(r"<text[^>]*>(<tspan.*)</text>", drawn)}
    assert heads == {
        '<tspan font-style="italic">g</tspan>', '<tspan font-style="italic" font-weight="bold">K</tspan>',
        '<tspan font-style="italic">∂</tspan><tspan font-style="normal">E</tspan>'
        '<tspan font-style="italic">/∂</tspan><tspan font-weight="bold">X</tspan>',
    }


def test_the_drawn_entry_says_what_loops_say():
    true = {("O", "1", "1", "W23"), ("O", "1", "2", "W21"), ("O11", "1", "2", "W23"), ("O12", "1", "2", "W21")}
    words = ["derive", "conv2d", "--input", "5x5", "--kernel", "3x3", "--stride", "2", "--padding", "1", "--entry", "1,2", "--show", "picture-entry"]
    assert from_svg(Derived(derive_data(layer("conv", *SIZES[1]))).picture("entry", entry=(1, 2))) == true
    assert from_svg(svg_of(run(*words, "--format", "html"))) == true
    assert from_tikz(run(*words, "--format", "latex")) == true
    assert from_boxes(run(*words, "--format", "text")) == true


def test_positions_from_0_and_chosen_symbols():
    text = run(*SEED, "--index-base", "0", "--entry", "0,1", "--symbols", r"weight=K,upstream=\delta", "--format", "text", "--show", "picture-entry,picture-backward")
    assert from_boxes(text) >= {("O", "0", "0", "K01"), ("O", "0", "1", "K00")}
    assert "δ₀₀·K₀₁" in text and "δ₀₁·K₀₀" in text and " g " not in text


# -- files, formats, refusals --------------------------------------------------------------------
def test_markdown_has_its_pictures_beside_it_and_writes_over_nothing_else(tmp_path):
    out = tmp_path / "my notes.md"
    run(*SEED, "--show", "pictures", "-o", str(out))
    names = re.findall(r"!\[.+\]\((.+)\)", out.read_text(encoding="utf-8"))
    assert names == [f"my%20notes-{k}.svg" for k in ("window", "entry", "regions", "backward", "matrix")]
    for name in names:
        text = (tmp_path / name.replace("%20", " ")).read_text(encoding="utf-8")
        root = ET.fromstring(text)
        assert root.find(SVG + "title").text and root.find(SVG + "desc").text
        assert "id=" not in text and "href" not in text and "<style" not in text
    run(*SEED, "--show", "pictures", "-o", str(out))
    other = tmp_path / "a-window.svg"
    other.write_text("<svg>mine</svg>", encoding="utf-8")
    result = CliRunner().invoke(main, [*SEED, "--show", "pictures", "-o", str(tmp_path / "a.md")])
    assert result.exit_code == 2 and "a-window.svg" in result.stderr
    assert other.read_text(encoding="utf-8") == "<svg>mine</svg>" and not (tmp_path / "a.md").exists() and not (tmp_path / "a-entry.svg").exists()


def test_without_a_file_markdown_has_boxes_or_an_image_in_itself():
    assert from_boxes(run(*SEED, "--show", "picture-window", "--format", "markdown")) == window_by_loops(SIZES[0])
    data = re.search(r"base64,([\w+/=]+)\)", run(*SEED, "--show", "picture-window", "--format", "markdown", "--math", "dollar"))
    assert from_svg(base64.b64decode(data[1])) == window_by_loops(SIZES[0])


@pytest.mark.parametrize(("name", "begin", "end"), [("a.html", "<!--", "-->"), ("a.rst", "..", "")])
def test_embedded_pages_hold_svg(tmp_path, name, begin, end):
    page = tmp_path / name
    page.write_text(f"{begin} symderiv: conv2d --input 3x3 --kernel 2x2 --show picture-window {end}\n\n{begin} /symderiv {end}\n", encoding="utf-8")
    run("embed", str(page))
    text = page.read_text(encoding="utf-8")
    svg = text[text.index("<svg") : text.index("</svg>") + 6]
    assert from_svg(svg) == window_by_loops(SIZES[0])
    assert (".. raw:: html" in text) == name.endswith("rst")


def svg_of(text):
    return text[text.index("<svg") : text.index("</svg>") + 6]


@pytest.mark.parametrize("format_", ["html", "typst"])
def test_a_page_and_a_typst_document_hold_svg(format_):
    text = run(*SEED, "--show", "picture-window", "--format", format_)
    if format_ == "typst":
        text = "\n".join(re.sub(r"\\(.)", r"\1", line[3:-2]) for line in text.split("\n") if line.startswith('  "'))
    assert from_svg(svg_of(text)) == window_by_loops(SIZES[0])


def test_pictures_on_typst_s_pages_keep_to_the_margins_and_to_one_chinese_font():
    typst = pytest.importorskip("typst", reason="the typst package is not installed: pip install 'symderiv[pdf]'")
    words = ["derive", "max_pool2d", "--input", "28x28", "--kernel", "3", "--lang", "zh", "--show", "pictures", "--width", "229", "--format", "typst"]
    text = run(*words, "--standalone")
    widths = [float(w) for w in re.findall(r"width: ([\d.]+)pt, alt", text)]
    assert len(widths) == 3 and all(60 < w <= 229 for w in widths)
    assert set(re.findall(r'font-family=\\"([^"]*)\\"[^>]*>[^<]*[一-鿿]', text)) == {"Noto Serif CJK SC"}
    _, warnings = typst.compile_with_warnings(text.encode(), format="pdf", font_paths=typst.Fonts())
    assert not warnings


def test_a_word_document_holds_its_pictures_and_has_none_beside_it(tmp_path, monkeypatch):
    if shutil.which("pandoc") is None:
        pypandoc = pytest.importorskip("pypandoc", reason="pandoc is not installed")
        monkeypatch.setenv("PATH", f"{Path(pypandoc.get_pandoc_path()).parent}{os.pathsep}{os.environ['PATH']}")
    run(*SEED, "--show", "picture-window", "-o", str(tmp_path / "a.docx"))
    assert os.listdir(tmp_path) == ["a.docx"]
    with ZipFile(tmp_path / "a.docx") as made:
        (name,) = [n for n in made.namelist() if n.endswith(".svg")]
        assert from_svg(made.read(name)) == window_by_loops(SIZES[0])


@pytest.mark.parametrize(("words", "told"), [
    (["conv3d", "--input", "3x3x3", "--kernel", "2x2x2", "--show", "pictures"], "one or two axes"),
    (["--formula", "O[i] = 2*I[i]", "--shape", "I=3", "--show", "pictures"], "one or two axes"),
    (["conv2d", "--input", "HxV", "--kernel", "2x2", "--show", "pictures"], "numbers for all sizes"),
    (["conv2d", "--input", "3x3", "--kernel", "2x2", "--entry", "4,1"], "from 1,1 to 3,3"),
    (["conv2d", "--input", "3x3", "--kernel", "2x2", "--entry", "1,x"], "--entry 1,x"),
    (["conv2d", "--input", "3x3", "--kernel", "2x2", "--entry", "1,1", "--show", "result,picture-window"], "--entry 1,1 has no effect with --show result,picture-window"),
    (["conv2d", "--input", "3x3", "--kernel", "2x2", "--entry", "1,1", "--wrt", "W,b"], "leaves out I"),
    (["conv2d", "--input", "3x3", "--kernel", "2x2", "--entry", "1,1", "--format", "json"], "has no effect in json"),
    (["conv2d", "--input", "3x3", "--kernel", "2x2", "--show", "picture-none"], "there is no such part"),
])
def test_what_can_not_be_drawn_is_said(words, told):
    result = CliRunner().invoke(main, ["derive", *words])
    assert result.exit_code == 2 and told in result.stderr and result.stdout == ""


@pytest.mark.parametrize("part", ["entry", "check", "pictures", "picture-entry", "picture-backward"])
def test_what_is_about_an_entry_follows_the_option(part):
    first, second = (run(*SEED, "--show", part, "--entry", at, "--format", "text") for at in ("1,1", "1,2"))
    assert first != second


def test_the_other_pictures_show_the_entry_s_channel():
    words = ["derive", "conv2d", "--input", "4x4", "--kernel", "2x2", "--channels", "4", "--filters", "4", "--groups", "2", "--show", "picture-window", "--format", "text"]
    assert run(*words, "--entry", "1,1,1,1") != run(*words, "--entry", "1,4,1,1")


def test_a_picture_that_a_layer_has_not_is_told_and_all_means_all():
    result = CliRunner().invoke(main, [*SEED, "--show", "result,picture-maxima"])
    assert result.exit_code == 0 and "picture-maxima is left out" in result.stderr
    whole = run(*SEED, "--show", "all", "--format", "text")
    assert whole.count("┌") > 10 and "Check with numbers" in whole
    with pytest.raises(SymderivError, match="maxima"):
        Derived(derive_data(make("conv2d", input="3x3", kernel="2x2"))).picture("maxima")


def test_a_large_map_is_drawn_by_classes():
    data = derive_data(make("conv2d", input="224x224", kernel="3x3", padding=1))
    regions = next(p for p in data.pictures(None, 36) if p.kind == "regions")
    assert {k.number: k.entries for k in regions.legend} == {4: 4, 6: 4 * 222, 9: 222 * 222}
    assert len(regions.grids[0].cells) < 100 and None in regions.grids[0].rows
    text = run("derive", "conv2d", "--input", "224x224", "--kernel", "3x3", "--padding", "1", "--show", "pictures", "--format", "text")
    assert max(map(len, text.split("\n"))) <= 80


def test_a_second_sign_beside_every_colour():
    """In grey a label, hatching or a thick border tells what a colour tells."""
    data = derive_data(make("conv2d", input="5x5", kernel="3x3", stride=2, padding=1))
    for picture in data.pictures(None, 36):
        for grid in picture.grids:
            for cell in grid.cells:
                assert isinstance(cell, Cell)
                signed = cell.label is not None or cell.tone in ("plain", "padding") or any(
                    f.row <= cell.row < f.row + f.height and f.column <= cell.column < f.column + f.width for f in grid.frames
                )
                assert signed, (picture.kind, cell)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_pictures_in_a_narrow_column_compile_without_an_overfull_box(tmp_path):
    parts = []
    for k, words in enumerate((SEED, ["derive", "max_pool2d", "--input", "4x4", "--kernel", "2x2"], ["derive", "conv2d", "--input", "28x28", "--kernel", "5x5"])):
        parts.append(run(*words, "--show", "pictures", "--format", "latex", "--width", "229"))
        (tmp_path / f"part{k}.tex").write_text(parts[-1], encoding="utf-8")
    inputs = "".join(f"\\input{{part{k}}}" for k in range(len(parts)))
    (tmp_path / "a.tex").write_text(rf"\documentclass[twocolumn]{{article}}\usepackage{{amsmath,tikz}}\begin{{document}}{inputs}\end{{document}}", encoding="utf-8")
    subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert "Overfull" not in (tmp_path / "a.log").read_text(encoding="latin-1")


def test_in_a_derivative_only_the_letters_are_in_italics():
    text = derive(make("conv2d", input=(3, 3), kernel=(2, 2))).picture("backward")
    assert '<tspan>∂</tspan><tspan font-style="italic">L</tspan><tspan>/∂</tspan><tspan font-style="italic">I</tspan>' in text


def test_in_typst_a_derivative_is_in_the_letters_of_mathematics():
    """A viewer that knows no other font takes one for all of a label: letters in italics would be upright beside a ∂."""
    symbols = {"loss": r"\mathrm{E}", "input": r"\mathbf{h}"}
    for given, heads in (({}, ("𝜕𝐿/𝜕𝐼",)), ({"symbols": symbols}, ("𝜕E/𝜕𝐡",)), ({"symbols": {"input": "h"}}, ("𝜕𝐿/𝜕ℎ",))):
        drawn = derive(make("conv2d", input=(3, 3), kernel=(2, 2))).to_typst(show=("picture-backward",), **given)
        named = set(re.findall(r'font-family=\\"New Computer Modern Math\\">([^<]*)</tspan>', drawn))
        assert named == set(heads)


def test_in_typst_a_picture_with_a_short_caption_stands_in_the_middle():
    typst = pytest.importorskip("typst")
    data = derive(make("conv2d", input=(3, 3), kernel=(2, 2))).to_typst(show=("picture-regions",), standalone=True, lang="zh")
    page = typst.compile(data.encode(), format="svg").decode()
    left, width = re.search(r'<image transform="translate\(([\d.]+).*?" width="([\d.]+)"', page).groups()
    assert abs(2 * float(left) + float(width) - 345) < 1


def test_a_superscript_of_a_symbol_is_one_in_svg():
    options = ("conv2d", "--input", "3x3", "--kernel", "2x2", "--show", "pictures", "--format", "html", "--symbols", r"weight=K^{(l)},loss=E")
    result = CliRunner().invoke(main, ["derive", *options])
    assert result.exit_code == 0, result.output
    drawn = "".join(re.findall(r"<text .*?</text>", result.stdout, re.DOTALL))
    assert "^" not in drawn and re.search(r">K</tspan><tspan [^>]*dy=\"-[^>]*>\(l\)</tspan><tspan [^>]*>11</tspan>", drawn)
