"""Documents of every format and language: complete, compiled, and refused politely."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from symderiv import api
from symderiv.cli.main import main
from symderiv.layers import make
from symderiv.render.document import template_folder

ROOT = Path(__file__).resolve().parent.parent
SEED = ("conv2d", "--input", "3x3", "--kernel", "2x2")
CASES = {
    "seed": SEED,
    "pool": ("max_pool2d", "--input", "3x3", "--kernel", "2x2", "--stride", "1"),
    "stride": ("conv2d", "--input", "5x5", "--kernel", "3x3", "--stride", "2", "--padding", "1"),
    "names": ("conv2d", "--input", "HxV", "--kernel", "KxK", "--stride", "2", "--padding", "P"),
    "channels": ("conv2d", "--input", "4x4", "--kernel", "2x2", "--channels", "2", "--filters", "3", "--batch", "2"),
    "groups": ("conv1d", "--input", "6", "--kernel", "3", "--channels", "4", "--filters", "6", "--groups", "2"),
    "own": ("--formula", "O[i,j] = sum(k=1..4, I[i,k]*I[j,k])", "--shape", "I=3x4"),
    "wide counts": ("avg_pool2d", "--input", "9x11", "--kernel", "3", "--stride", "2", "--padding", "1", "--no-count-include-pad", "--ceil-mode"),
    "average": ("avg_pool1d", "--input", "7", "--kernel", "3", "--stride", "2", "--padding", "1", "--ceil-mode", "--no-count-include-pad"),
}


def run(*arguments):
    import sys

    return subprocess.run([sys.executable, "-m", "symderiv", *arguments], capture_output=True, text=True)


def derive(*arguments):
    done = run("derive", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_notes_equations_are_the_students_with_the_slip_mended():
    text = re.sub(r"\s+", "", derive(*SEED, "--style", "notes", "--format", "latex"))
    d, o = r"\frac{\partialL}{\partialI_{%s}}", r"\frac{\partialL}{\partialO_{%s}}\cdotW_{%s}"
    expected = {
        "11": [("11", "11")], "13": [("12", "12")], "31": [("21", "21")], "33": [("22", "22")],
        "12": [("11", "12"), ("12", "11")], "21": [("11", "21"), ("21", "11")],
        "23": [("12", "22"), ("22", "12")], "32": [("21", "22"), ("22", "21")],
        "22": [("11", "22"), ("12", "21"), ("21", "12"), ("22", "11")],
    }
    for entry, terms in expected.items():
        assert d % entry + "=" + "+".join(o % t for t in terms) + r"\end" in text
    assert r"\sum_{a=\max(1,i-1)}^{\min(i,2)}" in text


@pytest.mark.parametrize("case", CASES)
def test_json_holds_what_it_promises(case):
    import jsonschema

    document = json.loads(derive(*CASES[case], "--format", "json"))
    jsonschema.validate(document, json.loads(run("schema", "derivation").stdout))
    assert document["schema"] == "symderiv/derivation/1"
    v = document["verification"]
    assert v["checked"] == v["passed"] and v["steps_checked"] == v["steps_passed"] > 0
    for name, g in document["gradients"].items():
        assert g["general"]["steps"][-1]["expr"] == g["general"]["expr"]
        assert "KroneckerDelta" not in g["general"]["expr"]
        shape = document["tensors"][name]["shape"]
        if "regions" in g and all(isinstance(n, int) for n in shape):
            cells = 1
            for n in shape:
                cells *= n
            assert sum(r["count"] for r in g["regions"]) == cells


@pytest.mark.parametrize("size", [("16x16", "3x3", "W"), ("12x12", "5x5", "I,W")])
def test_equations_longer_than_a_page_go_on_over_the_next(size, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    out = tmp_path / "a.tex"
    derive("conv2d", "--input", size[0], "--kernel", size[1], "--wrt", size[2], "--show", "elements", "--expand", "all", "--standalone", "-o", str(out))
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0 and "Overfull" not in (tmp_path / "a.log").read_text(errors="replace")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("case", CASES)
def test_latex_compiles_without_overfull_lines(case, lang, tmp_path):
    engine = "xelatex" if lang == "zh" else "pdflatex"
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    out = tmp_path / "a.tex"
    derive(*CASES[case], "--lang", lang, "--standalone", "-o", str(out))
    done = subprocess.run([engine, "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
    log = (tmp_path / "a.log").read_text(errors="replace")
    wide = [float(w) for w in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert not wide, f"overfull: {wide}"
    assert "Missing character" not in log


@pytest.mark.parametrize("fmt", ["markdown", "text"])
@pytest.mark.parametrize("case", CASES)
def test_chinese_leaves_no_english(case, fmt):
    text = derive(*CASES[case], "--lang", "zh", "--format", fmt)
    prose = re.sub(r"```math.*?```|\$[^$]*\$|<!--.*?-->", "", text, flags=re.S)
    words = {w for w in re.findall(r"\b[a-z]{4,}\b", prose)} - {"argmax", "expand"}
    assert not words, words


def phrases():
    sources = [*(template_folder() / "base").glob("*.j2"), ROOT / "symderiv" / "render" / "phrases.py"]
    pattern = r"""_\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    return [m[1][1:-1] for s in sources for m in re.finditer(pattern, s.read_text(encoding="utf-8"))]


def test_every_phrase_has_its_chinese():
    from symderiv.render.document import _translations

    catalogue = _translations("zh")
    missing = [p for p in phrases() if catalogue.gettext(p) == p]
    assert len(phrases()) > 50 and not missing, missing


def test_the_compiled_catalogue_is_the_written_one(tmp_path):
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    folder = ROOT / "symderiv" / "render" / "locale" / "zh" / "LC_MESSAGES"
    made = BytesIO()
    with open(folder / "symderiv.po", "rb") as file:
        write_mo(made, read_po(file))
    assert made.getvalue() == (folder / "symderiv.mo").read_bytes()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("conv2d", "--input", "3x3", "--kernel", "9x9"), ["--kernel 9x9", "3x3", "--padding 3"]),
        (("conv2d", "--input", "4", "--kernel", "2", "--stride", "0"), ["--stride 0"]),
        (("conv2d", "--input", "4", "--kernel", "2", "--channels", "3", "--groups", "2"), ["--groups 2", "channels 3"]),
        (("conv2x", "--input", "4", "--kernel", "2"), ["conv2x", "conv2d"]),
        (("conv2d", "--input", "HxW", "--kernel", "2"), ["W", "another letter"]),
        (("conv2d", "--input", "3", "--kernel", "2", "--index-base", "2"), ["--index-base 2"]),
        (("conv2d", "--input", "4096", "--kernel", "3", "--expand", "all"), ["16,777,226", "--expand none"]),
        (("conv2d", "--input", "3", "--kernel", "2", "--symbols", "input=W"), ["--symbols", "W"]),
        (("max_pool2d", "--input", "4", "--kernel", "2", "--padding", "2"), ["--padding 2", "at most 1"]),
        (("--formula", "O[i] = max(u=1..2, I[i]*W[u])", "--shape", "I=3", "--shape", "W=2"), ["max(u=1..2, I[i]*W[u])"]),
        (("--formula", "O[i] = exp(I[i])", "--shape", "I=3"), ["exp("]),
    ],
)
def test_bad_input_is_refused_in_words(arguments, words, tmp_path):
    out = tmp_path / "kept.md"
    out.write_text("kept")
    done = run("derive", *arguments, "-o", str(out))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert all(w in done.stderr for w in words), done.stderr
    assert out.read_text() == "kept" and len(list(tmp_path.iterdir())) == 1


def modules_after(*arguments):
    import sys

    code = "import sys, runpy; sys.argv = ['symderiv', *sys.argv[1:]]\ntry: runpy.run_module('symderiv', run_name='__main__')\nexcept SystemExit: pass\nprint('sympy' in sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    return done.stderr.strip().splitlines()[-1]


def test_help_does_not_import_sympy():
    assert modules_after("--help") == "False"
    assert modules_after("derive", *SEED) == "True"


def test_elements_of_a_large_input_are_the_regions_stamped():
    """28x28/5x5 dL/dI, against a plain loop over the definition."""
    text = derive("conv2d", "--input", "28x28", "--kernel", "5x5", "--wrt", "I", "--expand", "all", "--format", "json")
    elements = json.loads(text)["gradients"]["I"]["elements"]
    assert len(elements) == 784
    for e in elements:
        p, q = e["index"]
        terms = [
            f"dO[{i},{j}]*W[{p - i + 1},{q - j + 1}]"
            for i in range(1, 25) for j in range(1, 25) if 1 <= p - i + 1 <= 5 and 1 <= q - j + 1 <= 5
        ]
        assert e["expr"] == " + ".join(terms)


def test_the_gallery_has_not_drifted(tmp_path):
    import sys

    done = subprocess.run([sys.executable, str(ROOT / "outputs" / "make.py"), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir() if p.suffix != ".png"}
    kept = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "outputs").iterdir() if p.suffix not in (".png", ".py", "")}
    assert made.keys() == kept.keys()
    assert [n for n in made if made[n] != kept[n]] == [], "run python outputs/make.py"


@pytest.mark.parametrize("case", ["seed", "pool", "stride", "channels"])
def test_counting_from_zero_is_the_same_shifted(case):
    """Every element equation counted from 0 is the one counted from 1 with each digit one less."""
    def elements(base):
        text = derive(*CASES[case], "--format", "markdown", "--show", "elements", "--expand", "all", "--index-base", base, "--width", "9999")
        return [line for line in text.split("\n") if line.startswith(r"\frac{\partial L}")]

    def down(match):
        return match[1] + re.sub(r"\d", lambda d: str(int(d[0]) - 1), match[2]) + match[3]

    shifted = [re.sub(r"(_\{|\()([\d, ]+)(\}|\))", down, e) for e in elements("1")]
    assert shifted and shifted == elements("0")


def test_json_counts_its_latex_from_the_base_and_all_else_from_one():
    one, nought = (json.loads(derive(*SEED, "--format", "json", "--index-base", base)) for base in "10")
    assert (one["index_base"], nought["index_base"]) == (1, 0)
    first, shifted = (d["gradients"]["I"]["elements"][1] for d in (one, nought))
    assert first["index"] == shifted["index"] == [1, 2] and first["expr"] == shifted["expr"] == "dO[1,1]*W[1,2] + dO[1,2]*W[1,1]"
    assert "I_{12}" in first["latex"] and "I_{01}" in shifted["latex"]


def test_json_says_what_stands_on_the_left_and_what_its_names_are():
    groups = json.loads(derive(*CASES["groups"], "--format", "json"))
    assert groups["forward"]["target"] == "O[n,3*h+f-3,i]" and groups["gradients"]["I"]["general"]["target"] == "dI[p,q,r]"
    named = json.loads(derive(*CASES["names"], "--format", "json"))
    assert set(named["derived"]) == {"m1", "m2"} and "m_1" in named["forward"]["latex"] + named["gradients"]["b"]["general"]["latex"]


def test_a_maximum_inside_a_sum_names_its_window():
    text = derive("--formula", "O[i] = sum(c=1..2, max(u=1..2, I[c,2*i+u-2]))", "--shape", "I=2x6", "--format", "json")
    element = json.loads(text)["gradients"]["I"]["elements"][6 + 2]  # I[2,3]: window 2 of channel 2
    assert element == {
        "index": [2, 3], "expr": "dO[2]*is_max((2,2), (2,3))",
        "latex": r"\frac{\partial L}{\partial I_{23}} = \frac{\partial L}{\partial O_{2}} [ (2, 3) = \operatorname{argmax}_{22} ]",
    }
    prose = derive("--formula", "O[i] = sum(c=1..2, max(u=1..2, I[c,2*i+u-2]))", "--shape", "I=2x6")
    assert "first in reading order" in prose


PLACES = {
    "two columns": ("252pt", r"\documentclass[journal]{IEEEtran}\usepackage{amsmath}\begin{document}%s\end{document}"),
    "article in two columns": ("229pt", r"\documentclass[twocolumn]{article}\usepackage{amsmath}\begin{document}%s\end{document}"),
    "slides": ("300pt", r"\documentclass[10pt]{beamer}\begin{document}\begin{frame}[allowframebreaks]%s\end{frame}\end{document}"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("case", CASES)
def test_fragments_fit_columns_and_slides(case, place, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    if any(subprocess.run(["kpsewhich", f"{c}.cls"], capture_output=True).returncode for c in ("IEEEtran", "beamer")):
        pytest.skip("the classes IEEEtran and beamer are not installed")
    width, whole = PLACES[place]
    derive(*CASES[case], "--width", width, "-o", str(tmp_path / "part.tex"))
    (tmp_path / "a.tex").write_text(whole % r"\input{part}")
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
    log = (tmp_path / "a.log").read_text(errors="replace")
    assert re.findall(r"Overfull .hbox.*", log) == []


def test_a_users_template_overlays_the_shipped_one(tmp_path):
    (tmp_path / "markdown").mkdir()
    shipped = (template_folder() / "markdown" / "parts.j2").read_text(encoding="utf-8")
    (tmp_path / "markdown" / "parts.j2").write_text(shipped.replace("{{ '#' * opts.heading_level }} {{ text }}", "#### MINE {{ text }}"), encoding="utf-8")
    assert "#### MINE Setting" in derive(*SEED, "--format", "markdown", "--template-dir", str(tmp_path))


def test_colour_is_asked_for_or_for_a_terminal():
    import os
    import sys

    def run_with(*options, **env):
        command = [sys.executable, "-m", "symderiv", "derive", *SEED, "--format", "text", *options]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env}).stdout

    assert "\x1b[" in run_with("--color", "always") and "\x1b[" not in run_with()
    assert "\x1b[" in run_with(FORCE_COLOR="1") and "\x1b[" not in run_with(FORCE_COLOR="1", NO_COLOR="1")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("derive", *SEED, "--format", "gif"), ["'gif'", "'latex'"]),
        (("derive", "--foo"), ["--foo"]),
        (("fooo",), ["fooo"]),
        (("derive", *SEED, "-o", "."), ["'.'", "directory"]),
        (("derive", *SEED, "--symbols", "input=X,input=Y"), ["input", "X", "Y"]),
        (("derive", *SEED, "--width", "nan"), ["--width nan", "345pt"]),
        (("derive", "--formula", "L[i] = I[i]", "--shape", "I=3"), ["L is the loss"]),
    ],
)
def test_refusals_are_one_line_or_two(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.strip().splitlines()) <= 2
    assert all(w in done.stderr for w in words), done.stderr


def test_a_part_left_out_leaves_no_heading():
    text = derive(*SEED, "--show", "elements")
    assert "Bias" not in text and "(1) Weight" in text and "(2) Input" in text
    text = derive(*CASES["channels"], "--show", "entry,check,matrix", "--wrt", "b,I")
    assert "Bias" not in text and "## Input" in text


def shown_strips(*arguments):
    """The tables of the axes: what stands in the corner, and of each output the place at each position, 0 for none."""
    found = re.findall(r"^\| ([^|$]*)\|((?: \$I[^|]*\|)+)\n\|[-:|]+\n((?:\|.*\n)+)", derive(*arguments, "--show", "strip"), re.MULTILINE)
    return {head.strip(): [[int(x) if x.strip() != "." else 0 for x in row.split("|")[2:-1]] for row in rows.splitlines()] for head, _, rows in found}


def strip_by_loops(n, k, s, p, d):
    m = (n + 2 * p - d * (k - 1) - 1) // s + 1
    return [[next((a for a in range(1, k + 1) if s * (o - 1) + d * (a - 1) + 1 - p == t), 0) for t in range(1, n + 1)] for o in range(1, m + 1)]


@pytest.mark.parametrize(("words", "axes"), [
    ("conv2d --input 6x4 --kernel 3x2 --stride 2x1", {"rows": (6, 3, 2, 0, 1), "columns": (4, 2, 1, 0, 1)}),
    ("conv2d --input 5x5 --kernel 2x2 --padding 1x0 --channels 2", {"rows": (5, 2, 1, 1, 1), "columns": (5, 2, 1, 0, 1)}),
    ("conv2d --input 5x5 --kernel 2x2", {"": (5, 2, 1, 0, 1)}), ("conv1d --input 6 --kernel 2 --dilation 2", {"": (6, 2, 1, 0, 2)}),
    ("conv3d --input 4x3x3 --kernel 2", {"depth": (4, 2, 1, 0, 1), "rows, columns": (3, 2, 1, 0, 1)}),
    ("max_pool2d --input 40x6 --kernel 3", {"columns": (6, 3, 3, 0, 1)}),
])
def test_every_axis_has_its_table_and_like_axes_share_one(words, axes):
    assert shown_strips(*words.split()) == {name: strip_by_loops(*sizes) for name, sizes in axes.items()}


@pytest.mark.parametrize(("lang", "names"), [("en", ["end", "other", "centre", "other", "end"]), ("zh", ["端点", "其他", "内部", "其他", "端点"])])
def test_a_region_at_no_named_place_is_another_one(lang, names):
    text = derive("conv1d", "--input", "5", "--kernel", "3", "--show", "regions", "--lang", lang)
    assert re.findall(r"^\| (\w+) \| 1 \|", text, re.MULTILINE) == names


def test_an_upstream_symbol_is_introduced():
    assert r"\delta_{ij} = \partial L/\partial O_{ij}" in derive(*SEED, "--symbols", r"upstream=\delta")


def test_elements_of_many_terms_are_sums_until_all_are_asked_for():
    layer = make("conv2d", input=(6, 6), kernel=(2, 2), channels=2, filters=6, groups=2, batch=3)
    few, every = (api.derive(layer, wrt=("b",)).to_text(show=("elements",), expand=expand) for expand in ("auto", "all"))
    assert "up to 75 terms; --expand all writes them:" in " ".join(few.split()) and few.count("∂L/∂b") == 6 and few.count("Σ") == 18
    assert "Σ" not in every and every.count("∂L/∂O") == 6 * 75


def test_a_forward_pass_of_many_terms_is_not_written_out():
    layer = make("conv2d", input=(9, 9), kernel=(8, 8))
    assert "Written out" not in api.derive(layer).to_text(show=("forward",)) and "Written out" in api.derive(layer).to_text(show=("forward",), expand="all")


@pytest.mark.parametrize("size, told", [("5x4", False), ("6x4", True)])
def test_padding_is_told_of_where_a_window_reaches_it(size, told):
    result = CliRunner().invoke(main, ["derive", "max_pool2d", "--input", size, "--kernel", "3x2", "--stride", "2x1", "--ceil-mode"])
    assert result.exit_code == 0 and ("outside its range is padding" in result.stdout) is told
