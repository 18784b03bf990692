"""LaTeX for papers: every class and engine compiles without an overfull line, references resolve, macros are redefined."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from symderiv.api import derive
from symderiv.cli import main
from symderiv.layers import make, own
from symderiv.render.document import template_folder
from symderiv.render.options import EVERYTHING
from symderiv.render.paper import CLASSES

LAYERS = {
    "seed": lambda: make("conv2d", input=(3, 3), kernel=(2, 2)),
    "stride": lambda: make("conv2d", input=(5, 5), kernel=(3, 3), stride=2, padding=1),
    "names": lambda: make("conv2d", input=("H", "V"), kernel=("K", "K"), stride=2, padding="P"),
    "channels": lambda: make("conv2d", input=(4, 4), kernel=(2, 2), channels=2, filters=3, batch=2),
    "groups": lambda: make("conv1d", input=6, kernel=3, channels=4, filters=6, groups=2),
    "long-subscript": lambda: make("conv2d", input=(7, 6), kernel=(3, 2), channels=4, filters=6, groups=2, stride=3, padding=2, dilation=2, batch=32),
    "long-table": lambda: make("conv2d", input=(7, 6), kernel=(3, 2), channels=4, filters=6, groups=2, padding=1, dilation=2),
    "all-names": lambda: make("conv2d", input=("H", "V"), kernel=("K", "K"), stride="S", dilation="D", padding="P", channels="C", filters="F", batch="N"),
    "large": lambda: make("conv2d", input=(28, 28), kernel=(5, 5), dilation=2),
    "max": lambda: make("max_pool2d", input=(6, 6), kernel=(3, 3), stride=2, padding=1, ties="split"),
    "average": lambda: make("avg_pool2d", input=(9, 11), kernel=3, stride=2, padding=1, count_include_pad=False, ceil_mode=True),
    "own": lambda: own("O[i,j] = sum(k=1..4, I[i,k]*I[j,k])", {"I": (3, 4)}),
}
ENGINES = ("pdflatex", "xelatex", "lualatex")


@cache
def derived(name):
    return derive(LAYERS[name]())


def compile_latex(engine, text, folder, runs=1):
    """The log of a document that compiles; its parts are in the folder."""
    needed = ("acmart.cls", "IEEEtran.cls", "beamer.cls", "ctex.sty")
    if shutil.which(engine) is None or subprocess.run(["kpsewhich", *needed], capture_output=True, text=True).stdout.count("\n") < len(needed):
        pytest.skip(f"{engine}, or a document class, is not installed")
    shutil.copy(template_folder() / "latex" / "symderiv.sty", folder)
    (folder / "a.tex").write_text(text, encoding="utf-8")
    for _ in range(runs):
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
        assert done.returncode == 0, done.stdout[-1500:]
    return (folder / "a.log").read_text(errors="replace")


def put_parts(folder, document_class, lang):
    """A fragment of every layer: of three one without numbers, two with multline, one with macros."""
    slides = {"show": ("result", "forward", "general", "regions", "matrix")} if CLASSES[document_class].frames else {}
    for k, name in enumerate(LAYERS):
        (folder / f"{name}.tex").write_text(derived(name).to_latex(
            document_class=document_class, lang=lang, label_prefix=f"{name}:" if k % 3 != 1 else None,
            breaking="multline" if k % 3 else "split", sty=k % 3 == 2, **slides,
        ), encoding="utf-8")
    begin, end = (r"\begin{frame}[allowframebreaks=0.8]", r"\end{frame}") if slides else ("", "")
    return "\n".join(rf"{begin}\ref{{seed:dI}}\input{{{name}}}{end}" for name in LAYERS)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("document_class", CLASSES)
def test_no_line_is_overfull_in_any_class_with_any_engine(document_class, engine, tmp_path):
    chosen, lang = CLASSES[document_class], "zh" if engine == "xelatex" else "en"
    inside = put_parts(tmp_path, document_class, lang)
    preamble = (chosen.chinese if lang == "zh" else chosen.english) + "\n\\usepackage{symderiv}\n"
    log = compile_latex(engine, preamble + "\\begin{document}\n" + chosen.opening + inside + "\n\\end{document}\n", tmp_path)
    assert re.findall(r"Overfull .*", log) == [] and "Missing character" not in log and "acmart Warning: \\vspace" not in log


DRAWN = {
    "eight": lambda: make("conv2d", input=(8, 8), kernel=(3, 3)),
    "four": lambda: make("conv2d", input=(4, 4), kernel=(2, 2)),
    "seed": LAYERS["seed"],
    "tall-matrices": lambda: make("conv2d", input=(5, 4), kernel=(4, 4)),
    "large": LAYERS["large"],
    "maxima": lambda: make("max_pool2d", input=(6, 6), kernel=3, stride=2, padding=1),
    "close": lambda: make("max_pool2d", input=(5, 5), kernel=2, stride=1),
    "dilated": lambda: make("conv2d", input=(8, 8), kernel=(3, 2), dilation=(2, 1), channels=2, filters=3),
    "product": lambda: own("O[i,j] = sum(k=1..5, I[i,k]*W[k,j])", {"I": (3, 5), "W": (5, 4)}),
}


def lost(tex, pdf):
    """The beginnings of paragraphs and captions that are not in the text of the pages, both without mathematics."""
    pages = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    seen = re.sub(r"\W", "", pages)
    starts = (re.split(r"[$\\]", told)[0] for told in re.findall(r"\\noindent ([A-Z].*)", tex))
    return [start for start in starts if len(start) > 6 and re.sub(r"\W", "", start)[:20] not in seen]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("document_class, name, number", [
    (c, n, number) for c in CLASSES for n in DRAWN for number in ((False, True) if c == "beamer" else (False,))
    if c in ("beamer", "twocolumn", "acm") or n in ("four", "maxima")
])
def test_a_whole_document_with_all_pictures_overfills_no_box_and_loses_nothing(document_class, name, number, tmp_path):
    text = derive(DRAWN[name]()).to_latex(document_class=document_class, standalone=True, show=EVERYTHING, number=number)
    assert re.findall(r"Overfull .*", compile_latex("pdflatex", text, tmp_path)) == []
    assert text.count(r"\noindent ") > 8 and lost(text, tmp_path / "a.pdf") == []


def pages_of(pdf):
    """The letters of each page, for what stands on one."""
    told = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return [re.sub(r"\W", "", page) for page in told.split("\f")]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_a_caption_stands_on_one_slide_and_no_sentence_alone(tmp_path):
    layer = make("conv2d", input=(4, 4), kernel=(3, 3), channels=2, filters=2)
    text = derive(layer).to_latex(document_class="beamer", standalone=True, show=EVERYTHING, expand="none")
    assert re.findall(r"Overfull .*", compile_latex("pdflatex", text, tmp_path)) == []
    pages = pages_of(tmp_path / "a.pdf")
    captions = re.findall(r"\\small\\interlinepenalty=10000 \\noindent (.*?)\\par\}", text)
    ends = [[re.sub(r"\W", "", end) for end in (c.split("$")[0], c.split("$")[-1])] for c in captions]
    assert len(ends) > 4 and all(any(first in page and last in page for page in pages) for first, last in ends)
    given = derive(make("conv2d", input=(4, 4), kernel=(2, 2))).to_latex(document_class="beamer", standalone=True, show=("setting",))
    compile_latex("pdflatex", given, tmp_path)
    assert any("upstreamgradient" in page and "crosscorrelation" in page for page in pages_of(tmp_path / "a.pdf"))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_more_equations_than_a_frame_can_hold_go_over_several(tmp_path):
    layer = make("conv2d", input=(8, 8), kernel=(3, 3), channels=3, filters=3)
    text = derive(layer, wrt=("W",)).to_latex(document_class="beamer", standalone=True, show=("elements",), expand="all")
    assert re.findall(r"Overfull .*", compile_latex("pdflatex", text, tmp_path)) == []
    pages = subprocess.run(["pdftotext", str(tmp_path / "a.pdf"), "-"], capture_output=True, text=True, check=True).stdout
    assert len(set(re.findall(r"∂W(\d{4})", pages))) == 81 and text.count(r"\begin{frame}") > 2
    # 36 terms each, and nothing of a term is lost.
    assert len(re.findall(r"I\d{4}", pages)) == 81 * 36


@pytest.mark.parametrize("show", ["picture-window", "picture-entry", "picture-regions", "picture-backward", "picture-matrix", "matrix,picture-backward"])
def test_pictures_alone_stand_in_frames(show, tmp_path):
    text = derive(DRAWN["four"]()).to_latex(document_class="beamer", standalone=True, show=tuple(show.split(",")))
    assert re.findall(r"Overfull .*", compile_latex("pdflatex", text, tmp_path)) == []
    assert re.findall(r"\\(begin|end)\{frame\}", text) == ["begin", "end"] * text.count(r"\begin{frame}")
    assert 0 < text.index(r"\begin{frame}") < text.index(r"\begin{tikzpicture}") < text.rindex(r"\end{frame}")


AUTHORS = {
    "a4": r"\documentclass[a4paper]{article}", "IEEEtran": r"\documentclass[conference]{IEEEtran}",
    "beamer": r"\documentclass[aspectratio=169]{beamer}",
}


@pytest.mark.parametrize("document_class", AUTHORS)
def test_a_fragment_with_pictures_fits_the_class_as_authors_use_it(document_class, tmp_path):
    frames = CLASSES[document_class].frames
    begin, end = (r"\begin{frame}[allowframebreaks=0.8]{Title}", r"\end{frame}") if frames else ("", "")
    for name in ("four", "maxima", "product"):
        fragment = derive(DRAWN[name]()).to_latex(document_class=document_class, show=EVERYTHING)
        (tmp_path / f"{name}.tex").write_text(fragment, encoding="utf-8")
    inside = "\n".join(rf"{begin}\input{{{name}}}{end}" for name in ("four", "maxima", "product"))
    preamble = AUTHORS[document_class] + "\n\\usepackage{amsmath,tikz}\n"
    log = compile_latex("pdflatex", preamble + "\\begin{document}\n" + inside + "\n\\end{document}\n", tmp_path)
    assert re.findall(r"Overfull .*", log) == []


@pytest.mark.parametrize("document_class", CLASSES)
def test_a_whole_document_in_a_class_compiles(document_class, tmp_path):
    for lang, engine in (("en", "pdflatex"), ("zh", "xelatex")):
        text = derived("seed").to_latex(document_class=document_class, lang=lang, standalone=True, number=True)
        assert re.findall(r"Overfull .*", compile_latex(engine, text, tmp_path)) == []


def test_labels_are_told_and_each_is_one(tmp_path):
    named = ["dI", "dW", "db", "O", "O-2-1", "dI-1-2", "dI-step-1", "dI-entry", "dI-correlation"]
    fragment = derived("seed").to_latex(label_prefix="conv:")
    pooled = derived("max").to_latex(label_prefix="pool:", document_class="twocolumn", style="notes")
    (tmp_path / "part.tex").write_text(fragment + pooled)
    refs = " ".join(rf"\ref{{conv:{name}}}" for name in named)
    log = compile_latex("pdflatex", rf"\documentclass{{article}}\usepackage{{amsmath}}\begin{{document}}{refs}\input{{part}}\end{{document}}", tmp_path, runs=2)
    labels = re.findall(r"\\label\{(.*?)\}", fragment)
    assert "multiply" not in log and "undefined" not in log
    assert len(labels) == len(set(labels)) and {f"conv:{name}" for name in named} <= set(labels)
    numbers = dict(re.findall(r"\\newlabel\{(conv:.*?)\}\{\{(\d+)\}", (tmp_path / "a.aux").read_text()))
    assert list(numbers) == labels
    assert [numbers[f"conv:{name}"] for name in ("db", "dW", "dI", "O", "O-2-1")] == ["1", "2", "3", "4", "7"]


@pytest.mark.parametrize("show", [("result",), ("general",), ("forward", "elements", "entry", "matrix", "regions")])
@pytest.mark.parametrize("standalone", [False, True])
def test_the_labels_that_the_comment_at_the_end_tells_are_those_in_the_text(show, standalone):
    text = derived("seed").to_latex(label_prefix="conv2:", show=show, standalone=standalone)
    body, told = text.split("% Labels: ")
    labels = re.findall(r"\\label\{(.*?)\}", body)
    named = re.findall(r"conv2:[\w-]+", told)
    assert labels and set(named) <= set(labels)
    assert {re.sub(r"-\d+", "-", one) for one in labels} == {re.sub(r"-\d+", "-", one) for one in named}


def test_a_result_that_is_not_shown_leaves_its_name_to_the_last_step():
    text = derived("seed").to_latex(label_prefix="", show=("general",))
    assert [text.count(rf"\label{{{name}}}") for name in ("db", "dW", "dI")] == [1, 1, 1]


def test_without_numbers_there_are_none():
    assert not re.search(r"\\label|\\notag|\\(begin|end)\{(equation|align|multline)\}", derived("seed").to_latex())


def test_breaking():
    long = derived("channels")
    whole = long.to_latex(show=("general", "elements"), breaking="none", document_class="twocolumn")
    assert "&\\quad" not in whole and "split" not in whole
    assert "\\begin{multline*}" in long.to_latex(show=("general",), breaking="multline", document_class="twocolumn")


def test_a_factor_too_wide_behind_the_equals_sign_begins_below_the_left_side_and_breaks_its_subscript_last():
    def made(name, part):
        return derived(name).to_latex(show=(part,), document_class="twocolumn")

    assert "&\\frac" not in made("groups", "result") and "substack" not in made("groups", "result")
    assert "\n&O_{n, f, i, j} = " in made("all-names", "forward") and "substack" not in made("all-names", "forward")
    assert "_{\\substack{3 \\lfloor (q+1)/2 \\rfloor+f-3, q-2 \\lfloor (q+1)/2 \\rfloor+2, \\\\ (r" in made("long-subscript", "result")


def test_macros_are_the_formulas_that_stand_there_without_them():
    """Every macro by its definition in symderiv.sty gives the document without macros."""
    package = (template_folder() / "latex" / "symderiv.sty").read_text()
    plain, short = (derived("seed").to_latex(sty=sty) for sty in (False, True))
    bodies = dict(re.findall(r"^\\newcommand\{(\\sd\w+)\}\[\d\]\{(.*)\}$", package, re.M))
    assert {r"\sdgrad", r"\sdgradline", r"\sdrot", r"\sdpad"} == set(bodies) and all(m in short for m in bodies)
    group = r"\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}"
    for macro, body in bodies.items():
        count = 2 if "#2" in body else 1
        put_in = body.replace("\\", "\\\\").replace("#1", r"\1").replace("#2", r"\2")
        short = re.sub(re.escape(macro) + group * count, put_in, short)
    shown = r"\\begin\{(?:equation|align)\*\}.*?\\end\{(?:equation|align)\*\}|\$[^$]*\$"
    assert re.findall(shown, short, re.S) == re.findall(shown, plain, re.S)


def test_check_reads_a_subscript_on_two_rows(tmp_path):
    (tmp_path / "a.tex").write_text(derived("long-subscript").to_latex(show=("result",), document_class="twocolumn"))
    done = CliRunner().invoke(main, ["check", str(tmp_path / "a.tex"), "--format", "json"])
    assert done.exit_code == 0 and done.output.count('"verdict": "correct"') == 3, done.output


@pytest.mark.parametrize("options", [{"sty": True, "label_prefix": "c:"}, {"document_class": "IEEEtran", "breaking": "multline", "number": True}])
def test_check_reads_what_is_written_for_papers(options, tmp_path):
    """As many equations are found right as in the plain document, and none is anything else."""
    counts = []
    for name, chosen in (("plain.tex", {}), ("paper.tex", options)):
        (tmp_path / name).write_text(derived("seed").to_latex(show=("forward", "general", "elements"), **chosen))
        done = CliRunner().invoke(main, ["check", str(tmp_path / name), "--format", "json"])
        assert done.exit_code == 0, done.output
        counts.append(done.output.count('"correct"'))
    assert counts[0] == counts[1] > 20


@pytest.mark.parametrize("options, words", [
    (["--class", "IEEEtran", "--width", "252pt"], ["--class IEEEtran", "--width", "Keep one"]),
    (["--class", "book"], ["book", "IEEEtran"]), (["--label-prefix", "a b"], ["--label-prefix a b", "conv:"]),
    (["--label-prefix", "x%"], ["--label-prefix"]), (["--break", "never"], ["never", "multline"]),
    (["--format", "markdown", "--number"], ["--number", "markdown", "latex"]),
    (["--format", "text", "--class", "acm"], ["--class", "text", "latex"]),
])
def test_what_can_not_be_is_said(options, words):
    fmt = [] if "--format" in options else ["--format", "latex"]
    done = CliRunner().invoke(main, ["derive", "conv2d", "--input", "3x3", "--kernel", "2x2", *fmt, *options])
    assert done.exit_code == 2 and all(w in done.stderr for w in words), done.stderr


def test_the_macros_are_written_out_once(tmp_path):
    target = tmp_path / "symderiv.sty"
    assert CliRunner().invoke(main, ["templates", "--sty", str(target)]).exit_code == 0
    assert target.read_text() == (template_folder() / "latex" / "symderiv.sty").read_text()
    target.write_text("mine")
    done = CliRunner().invoke(main, ["templates", "--sty", str(target)])
    assert done.exit_code == 2 and "--sty" in done.stderr and target.read_text() == "mine"
    assert CliRunner().invoke(main, ["templates"]).exit_code == 2


EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"


def test_the_examples_are_current():
    done = CliRunner().invoke(main, ["embed", "--check", str(EXAMPLES)])
    assert done.exit_code == 0 and done.output == ""
    kinds = {path.suffix for path in EXAMPLES.iterdir()}
    assert kinds == {".tex", ".md", ".ipynb"}


@pytest.mark.parametrize("name, engine", [("homework", "pdflatex"), ("slides", "xelatex")])
def test_the_examples_compile(name, engine, tmp_path):
    log = compile_latex(engine, (EXAMPLES / f"{name}.tex").read_text(encoding="utf-8"), tmp_path, runs=2)
    assert re.findall(r"Overfull .*|.*undefined.*|.*multiply.*|Missing character.*", log) == []


def test_the_code_of_the_notebook_runs():
    nbformat = pytest.importorskip("nbformat")
    cells = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4).cells
    names = {}
    *code, last = [cell.source for cell in cells if cell.cell_type == "code"]
    for source in code:
        exec(source, names)
    assert eval(last, names) == "W[1,1]*dO[1,2] + W[1,2]*dO[1,1]"
