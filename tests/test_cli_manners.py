"""Foolish command lines: each is refused in one or two lines that name the option, the value and the remedy."""

import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from symderiv.cli.main import main
from symderiv.layers import EXAMPLES, LAYERS, make
from symderiv.layers.statement import read_statement
from symderiv.option_names import ALL, SWITCHES, flag
from symderiv.render.statement import write_statement
from symderiv.render.symbols import NoSymbol, Spelling, spell

ROOT = Path(__file__).resolve().parent.parent
SEED = "derive conv2d --input 3x3 --kernel 2x2"
OWN = "derive --formula O[i]=I[i]"


def invoke(line, *more):
    """The words of the line; in one of them ␣ is a blank and ∅ nothing."""
    words = [w.replace("␣", " ").replace("∅", "") for w in line.split()]
    return CliRunner().invoke(main, [*words, *more])


FOOLISH = {
    # options without an effect
    f"{SEED} --format markdown --standalone": ["--standalone", "markdown", "latex"],
    f"{SEED} --format text --standalone": ["--standalone", "text", "latex"],
    f"{SEED} --format json --standalone": ["--standalone", "json", "latex"],
    f"{SEED} --format latex --math dollar": ["--math", "latex", "markdown"],
    f"{SEED} --format text --math fence": ["--math", "text", "markdown"],
    f"{SEED} --format json --show result": ["--show", "json"],
    f"{SEED} --format json --period .": ["--period", "json"],
    f"{SEED} --format json --template-dir .": ["--template-dir", "json"],
    f"{SEED} --format latex --color always": ["--color", "latex", "text"],
    f"{SEED} --wrt ∅": ["--wrt ''", "I,W,b"],
    f"{SEED} --wrt I,,W": ["--wrt", "I,,W"],
    f"{SEED} --wrt Q": ["--wrt Q", "W"],
    f"{SEED} --show ∅": ["--show ''", "result"],
    f"{SEED} --show result,": ["--show", "beside a comma"],
    f"{SEED} --show nonsense": ["--show nonsense", "general"],
    f"{SEED} --style notes --show matrix": ["--show matrix", "--style notes", "general"],
    f"{SEED} --lang fr": ["--lang", "fr", "zh"],
    f"{SEED} --lang en,zh": ["--lang en,zh", "-o notes.md"],
    f"{SEED} --expand some": ["--expand", "some", "none"],
    "derive conv1d --input N --kernel 2 --expand all": ["--expand all", "N is a name"],
    "derive conv2d --input HxV --kernel 2 --expand all": ["--expand all", "H, V are names"],
    # symbols
    f"{SEED} --no-bias --symbols bias=c": ["bias=c", "no b", "weight"],
    "derive max_pool2d --input 4 --kernel 2 --symbols weight=K": ["weight=K", "no W"],
    f"{OWN} --shape I=3 --symbols bias=c": ["bias=c", "formula"],
    "derive conv2d --input HxH --kernel 2 --symbols input=H": ["H is the name of a size"],
    f"{SEED} --symbols input=i": ["i is an index letter"],
    f"{SEED} --style notes --symbols input=a": ["a is an index letter"],
    f"{SEED} --symbols weight=v": ["v is an index letter"],
    f"{SEED} --symbols input=q": ["q is an index letter"],
    "derive conv3d --input 3 --kernel 2 --symbols weight=w": ["w is an index letter"],
    "derive max_pool3d --input 3 --kernel 2 --symbols input=w": ["w is an index letter"],
    "derive conv1d --input N --kernel 2 --batch 2 --symbols weight=f": ["f is an index letter"],
    "derive conv2d --input 4 --kernel 2 --channels 2 --symbols bias=c": ["c is an index letter"],
    f"{SEED} --symbols input=W": ["I and W", "written W"],
    f"{SEED} --symbols ∅": ["--symbols ''", "input=X"],
    f"{SEED} --symbols input": ["--symbols input", "input=X"],
    f"{SEED} --symbols input=X,input=Y": ["input", "X", "Y"],
    f"{SEED} --symbols foo=X": ["foo", "weight"],
    f"{SEED} --symbols input=\\foo": ["\\foo", "\\delta"],
    f"{SEED} --symbols input=\\input{{/etc/passwd}}": ["\\input", "\\delta"],
    f"{SEED} --symbols upstream=delta": ["upstream=delta", "\\delta", "quotes"],
    f"{SEED} --symbols input=\\frac{{": ["\\frac"],
    f"{SEED} --symbols input=X^{{(l)": ["not closed"],
    f"{SEED} --symbols input=a$b": ["$"],
    # parts with nothing in them
    "derive conv2d --input 9 --kernel 2 --padding 1 --show check": ["--show check", "nothing"],
    "derive conv2d --input HxV --kernel 2 --show elements,regions": ["--show elements,regions", "nothing"],
    f"{SEED} --show elements --expand none": ["--show elements", "nothing"],
    "derive conv2d --input 9 --kernel 2 --padding 1 --show check --format latex": ["--show check", "nothing"],
    "derive conv2d --input 9 --kernel 2 --padding 1 --show check --format latex --standalone --lang zh": ["--show check", "nothing"],
    "derive conv2d --input 9 --kernel 2 --padding 1 --show check --format text": ["--show check", "nothing"],
    "derive conv2d --input HxV --kernel 2 --show strip,regions,entry": ["nothing", "strip, regions and entry need numbers for all sizes"],
    "derive conv1d --input N --kernel 2 --padding 1 --show check": ["nothing", "check needs numbers for all sizes"],
    # a format and a name for another one
    f"{SEED} --lang en,zh --format json -o x.md": ["-o x.md", "markdown", "json", "x.json"],
    f"{SEED} --format latex -o x.txt": ["-o x.txt", "text", "latex", "x.tex"],
    # given twice
    f"{SEED} --input 4x4": ["--input", "twice"],
    f"{SEED} --lang zh --lang en": ["--lang", "twice"],
    f"{SEED} --bias --no-bias": ["--bias", "twice"],
    f"{OWN} --shape I=3 --shape I=4": ["--shape I", "3 and 4"],
    "check --lang en --lang zh notes.md": ["--lang", "twice"],
    # sizes
    "derive conv2d --input 3x --kernel 2": ["--input", "3x", "3x3"],
    "derive conv2d --input x --kernel 2": ["--input", "'x'"],
    "derive conv2d --input ∅ --kernel 2": ["--input ''", "3x3"],
    "derive conv2d --input 3,3 --kernel 2": ["--input", "3,3", "3x3"],
    "derive conv2d --input (3,4) --kernel 2": ["--input", "(3,4)", "3x4"],
    "derive conv2d --input 3XK --kernel 2": ["--input", "3XK", "3xK"],
    "derive conv2d --input 3.0 --kernel 2": ["--input", "3.0", "point"],
    "derive conv2d --input 3␣3 --kernel 2": ["--input", "3 3"],
    "derive conv2d --input 3x3x3 --kernel 2": ["--input 3x3x3", "1 or 2"],
    "derive conv1d --input 3x3 --kernel 2": ["--input 3x3", "give 1."],
    "derive conv2d --input -3 --kernel 2": ["--input -3", "from 1"],
    "derive conv2d --input 99999999999999999999999 --kernel 2": ["--input", "too large"],
    "derive conv2d --input maxxmax --kernel 2": ["--input", "no x in it"],
    "derive conv2d --input 3 --kernel 0": ["--kernel 0"],
    "derive conv2d --input 3 --kernel L": ["--kernel L", "loss"],
    "derive conv2d --input 3 --kernel dO": ["--kernel dO", "gradient"],
    "derive conv2d --input HxW --kernel 3": ["--input W", "tensor"],
    "derive conv1d --input N --kernel k": ["--kernel k", "index", "K"],
    "derive max_pool1d --input N --kernel k": ["--kernel k", "index", "K"],
    "derive conv1d --input N --kernel 2 --stride s": ["--stride s", "index", "S"],
    "derive conv1d --input N --kernel 2 --batch n": ["--batch n", "index"],
    "derive conv1d --input m1 --kernel 2": ["--input m1", "output length"],
    "derive conv2d --input 3 --kernel 2 --stride 0": ["--stride 0", "from 1"],
    "derive conv2d --input 3 --kernel 2 --padding 1:2:3": ["--padding '1:2:3'", "1:2."],
    "derive conv2d --input 3 --kernel 2 --padding 1:": ["--padding '1:'", "1:2."],
    "derive conv2d --input 3 --kernel 2 --padding 1x2x3": ["--padding 1x2x3", "1 or 2"],
    "derive conv2d --input 3 --kernel 2 --padding -1": ["--padding -1", "from 0"],
    "derive conv2d --input 3 --kernel 2 --padding samex1": ["--padding same", "alone"],
    "derive conv2d --input 5 --kernel 3 --stride 2 --padding same": ["--padding same", "--stride 1"],
    "derive max_pool2d --input 5 --kernel 3 --padding same": ["--padding same", "pooling"],
    "derive max_pool2d --input 5 --kernel 3 --padding 2": ["--padding 2", "--kernel 3", "at most 1"],
    "derive max_pool2d --input 5 --kernel 6": ["--kernel 6x6", "up to 5x5"],
    "derive conv2d --input 5 --kernel 4 --dilation 3": ["spans 10x10", "--padding 3", "up to 2x2"],
    "derive conv2d --input 3 --kernel 2 --groups 0": ["--groups 0"],
    "derive conv2d --input 3 --kernel 2 --groups two": ["--groups two", "must be a whole number"],
    "derive conv3d --input 3 --kernel 2 --groups G": ["--groups G", "must be a whole number"],
    "derive conv2d --input 3 --kernel 2 --groups 2x2": ["--groups 2x2", "must be a whole number"],
    "derive conv2d --input 3 --kernel 2 --groups -1": ["--groups -1", "from 1"],
    "derive conv2d --input 3 --kernel 2 --groups ∅": ["--groups", "must be a whole number"],
    "derive conv2d --input 3 --kernel 2 --groups 2 --channels 3": ["--groups 2", "--channels 3", "--channels 4"],
    "derive conv2d --input 3 --kernel 2 --groups 2 --channels C": ["--groups 2", "C", "number"],
    "derive max_pool2d --input 3 --kernel 2 --ties last": ["--ties last", "split"],
    "derive avg_pool2d --input 3 --kernel 2 --dilation 2": ["--dilation", "--stride"],
    "derive conv2d --kernel 2": ["--input", "missing"],
    "derive conv2d --input 2": ["--kernel", "missing"],
    # names of layers and commands
    "derive": ["name a layer", "--formula"],
    "derive --input 3 --kernel 2": ["name a layer"],
    "derive con2d --input 3 --kernel 2": ["con2d", "Did you mean conv2d?"],
    "derive conv --input 3 --kernel 2": ["conv1d or conv2d or conv3d?"],
    "derive MaxPool2d --input 3 --kernel 2": ["mean max_pool2d?"],
    "derive ∅ --input 3 --kernel 2": ["''", "max_pool2d"],
    "derive conv2d extra --input 3 --kernel 2": ["extra"],
    "derive ∅ --formula O[i]=I[i]": ["--formula", "empty name"],
    "derive conv2d --formula O[i]=I[i]": ["--formula", "conv2d"],
    f"{OWN} --shape I=3 --kernel 2": ["--formula", "--kernel"],
    f"{OWN} --shape I": ["--shape I", "3x4"],
    f"{OWN} --shape I=": ["--shape I", "missing"],
    f"{OWN} --shape =3": ["--shape =3"],
    f"{OWN} --shape I=3 --shape J=3": ["--shape J"],
    f"{OWN}": ["--shape I", "missing"],
    "derive --formula ∅": ["--formula"],
    "derive conv2d --input 3 --kernel 2 --shape I=3": ["--shape", "--formula"],
    "schema": ["derivation, check"],
    "schema foo": ["foo", "derivation"],
    "completion": ["bash, zsh, fish"],
    "templates": ["--export"],
    "verify": ["name a layer"],
    "verify conv2d --input 3 --kernel 2 --against tensorflow": ["--against", "torch"],
    "verify conv2d --input N --kernel 2 --against torch": ["--against torch", "numbers"],
    "nonsense": ["nonsense"],
    "conv2d --input 3x3": ["conv2d", "symderiv derive conv2d"],
    "verify conv2d --kernel": ["--kernel", "argument", "verify --help"],
    "derive conv2d --kernel-size 2": ["--kernel-size", "--kernel'"],
    "derive conv2d 3x3 2x2": ["3x3 2x2"],
    f"{SEED} --index-base 2": ["--index-base 2"],
    f"{SEED} --width 5": ["--width 5", "20"],
    f"{SEED} --width wide": ["--width wide", "345pt"],
    f"{SEED} --period !": ["--period !"],
    "derive conv2d --input 4096 --kernel 3 --expand all": ["16,777,226", "--expand none"],
}


@pytest.mark.parametrize("line", FOOLISH)
def test_a_foolish_command_line_is_refused_in_words(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept.md").write_text("kept")
    at_file = line.startswith("derive") and "--format" not in line and "--lang en,zh" not in line
    done = invoke(line, *(["-o", "kept.md"] if at_file else []))
    assert done.exit_code == 2 and done.stdout == "" and len(done.stderr.strip().splitlines()) in (1, 2), done.output
    assert "internal error" not in done.stderr and "Traceback" not in done.stderr
    assert all(w in done.stderr for w in FOOLISH[line]), done.stderr
    assert (tmp_path / "kept.md").read_text() == "kept" and os.listdir() == ["kept.md"]


@pytest.mark.parametrize("line, same", [
    ("derive conv2d --input 3X3 --kernel 2×2", SEED), ("derive conv2d --input 3␣x␣3 --kernel 2", SEED),
    (f"{SEED} --padding 0:0x0", SEED), (f"{SEED} --bias", SEED), (f"{SEED} --padding valid", SEED),
    (f"{SEED} -o -", SEED), (f"{SEED} --color auto --format markdown", SEED),
    (f"{SEED} --symbols upstream=δ", f"{SEED} --symbols upstream=\\delta"),
])
def test_what_is_meant_is_understood(line, same):
    a, b = invoke(line), invoke(same)
    assert a.exit_code == b.exit_code == 0

    def body(done):
        return done.stdout.partition("\n")[2]

    assert body(a) == body(b)


def test_without_a_command_the_help_is_shown():
    done = invoke("")
    assert done.exit_code == 0 and done.stdout == invoke("--help").stdout


@pytest.mark.parametrize("line", [
    "derive conv1d --input 4 --kernel 2 --symbols weight=w", "derive conv1d --input N --kernel 2 --symbols weight=v,input=q",
    f"{SEED} --symbols weight=w", f"{SEED} --style notes --symbols weight=w", f"{SEED} --style notes --symbols input=p",
    "derive conv1d --input 4 --kernel 2 --style notes --symbols weight=a", f"{SEED} --wrt b --symbols input=p",
])
def test_a_letter_that_no_index_has_is_a_symbol(line):
    done = invoke(line, "--format", "text")
    letter = re.search(r"=(\w)", line.partition("--symbols")[2])[1]
    assert done.exit_code == 0, done.stderr
    indices = {n for found in re.findall(r"(?:Σ_\{|[A-Za-z]_\{?)([a-z](?:, ?[a-z])*|[a-z]+)", done.stdout) for n in found}
    assert letter not in indices and re.search(rf"{letter}[_₁]", done.stdout)


def test_the_two_meanings_of_b_are_told_where_there_are_two():
    for line, told in ((SEED, True), (f"{SEED} --channels 2", False), (f"{SEED} --no-bias", False), (f"{SEED} --symbols bias=c", False),
                       ("derive conv1d --input 4 --kernel 2", False), ("derive conv3d --input 3 --kernel 2", False)):
        done = invoke(line, "--style", "notes", "--format", "text")
        assert ("b is an index" in done.stdout) == told, line


def test_a_file_for_each_language(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke(f"{SEED} --lang en,zh -o notes.md")
    assert done.exit_code == 0 and "notes.en.md and notes.zh.md" in done.stderr
    for lang in ("en", "zh"):
        assert (tmp_path / f"notes.{lang}.md").read_text(encoding="utf-8") == invoke(f"{SEED} --lang {lang}").stdout
    assert sorted(os.listdir()) == ["notes.en.md", "notes.zh.md"]


@pytest.mark.parametrize("symbol, tex, text", [
    ("X", "X", "X"), ("Loss", "Loss", "Loss"), (r"\delta", r"\delta", "δ"), ("δ", r"\delta", "δ"), (r"\ell", r"\ell", "ℓ"),
    (r"\mathcal{L}", r"\mathcal{L}", "L"), (r"\mathbf{X}", r"\mathbf{X}", "X"), (r"\boldsymbol{\theta}", r"\boldsymbol{\theta}", "θ"),
    (r"\hat x", r"\hat x", "x\u0302"), (r"\hat{x}", r"\hat{x}", "x\u0302"), ("W^{(l)}", "W^{(l)}", "W^(l)"), (r"W^\ast", r"W^\ast", "W^∗"),
    ("x_1", "{x_1}", "x_1"), ("x_{ab}^2", "{x_{ab}^2}", "x_ab^2"), ("X'", "X'", "X'"),
])
def test_plain_names_are_symbols(symbol, tex, text):
    assert spell(symbol) == Spelling(tex, text)


@pytest.mark.parametrize("symbol", [
    "", " ", "1", "{X}", "x y", r"\delta x", "x_1_2", "x_12", "x^", "x^{}", r"\mathbf", r"\mathbf{}", r"\hat", r"\foo", r"\frac{1}{2}",
    r"\input{x}", r"\mathbb{R}", "x}", "x^{(l)", "x%", "x&y", "x#", "x~", r"x\\y", r"x_{\input{a}}", "x\ny", "x^{a\n\nb}", "delta", "mu", "é", "X" * 61, "^2", "_", "'",
])
def test_nothing_else_is(symbol):
    with pytest.raises(NoSymbol):
        spell(symbol)


@pytest.mark.parametrize("name, options", [
    ("conv2d", {"input": "5x6", "kernel": "3x2", "stride": "2x1", "padding": "1:2x0", "dilation": "1x2", "bias": False, "flip": True}),
    ("conv1d", {"input": 9, "kernel": 3, "channels": 4, "filters": 6, "groups": 2, "batch": 3, "padding": "same"}),
    ("conv2d", {"input": ("H", "V"), "kernel": "K", "padding": "P", "stride": 2}),
    ("max_pool2d", {"input": 5, "kernel": 2, "stride": 1, "ceil_mode": True, "ties": "split"}),
    ("avg_pool3d", {"input": 5, "kernel": 2, "padding": 1, "count_include_pad": False}),
])
def test_a_statement_is_read_back_as_the_layer(name, options):
    layer = make(name, **options)
    symbols = {"input": "X^{(1,2)}", "output": "Y"}
    stated = read_statement(write_statement(layer, symbols, 0))
    assert stated.layer == layer and stated.symbols == symbols and stated.index_base == 0


def test_a_part_that_is_left_out_is_told():
    done = invoke("derive conv2d --input 9 --kernel 2 --padding 1 --show result,check")
    assert done.exit_code == 0 and "Result" in done.stdout and "--show check" in done.stderr
    ruled = invoke("derive conv2d --input 9 --kernel 2 --show result,check")  # the sums that must agree stand there
    assert "sums over all entries" in ruled.stdout and not ruled.stderr
    assert invoke("derive conv2d --input 9 --kernel 2").stderr == invoke(f"{SEED} --show result,check").stderr == ""


@pytest.mark.parametrize("show, told", [
    ("general,strip,regions", "--show strip,regions are left out: they need numbers for all sizes."),
    ("entry,general", "--show entry is left out: it needs numbers for all sizes."),
    ("check,result,elements", "--show elements is left out: it needs numbers for all sizes."), ("general,matrix", ""),
])
def test_parts_that_need_numbers_are_told_of(show, told):
    done = invoke("derive conv2d --input HxV --kernel 2 --show", show)
    assert done.exit_code == 0 and done.stderr.strip() == (f"symderiv: {told}" if told else "")
    assert invoke("derive conv2d --input HxV --kernel 2").stderr == ""


@pytest.mark.parametrize("show", ["check,result,strip", "strip,check,result", "entry,result,check,regions", "regions,matrix,check"])
def test_the_first_part_that_a_style_lacks_is_named(show):
    first = next(part for part in show.split(",") if part != "entry")
    assert f"--show {first}: --style notes has no such part" in invoke(f"{SEED} --style notes --show {show}").stderr


@pytest.mark.parametrize("show, numbered", [("regions", []), ("strip", []), ("regions,elements", ["(1)", "(2)"]), ("general", ["(1)", "(2)", "(3)"])])
def test_headings_are_numbered_where_there_are_several(show, numbered):
    assert re.findall(r"^## (\(\d\))", invoke(f"{SEED} --show {show}").stdout, re.MULTILINE) == numbered


@pytest.mark.parametrize("format_, name", [("json", "x.json"), ("latex", "x.TEX"), ("json", "x.dat"), ("text", "x")])
def test_a_format_goes_with_its_own_ending_and_with_strange_ones(format_, name, tmp_path):
    done = invoke(f"{SEED} --format {format_} -o", str(tmp_path / name))
    assert done.exit_code == 0 and (tmp_path / name).read_text(encoding="utf-8") == invoke(f"{SEED} --format {format_}").stdout


def test_the_layers_are_listed_with_an_example_each():
    listed = invoke("layers").stdout
    examples = [line.strip() for line in listed.splitlines() if line.startswith("    symderiv ")]
    assert len(examples) == len(LAYERS) + 1 and all(f"symderiv derive {name} " in listed for name in LAYERS)
    typed = {word for e in examples for word in e.split() if word.startswith("--")}
    assert typed == {SWITCHES.get(option, flag(option)) for option in ALL} | {"--formula", "--shape"}


@pytest.mark.parametrize("example", EXAMPLES.values())
def test_an_example_runs(example):
    done = CliRunner().invoke(main, ["derive", *shlex.split(example), "--format", "text"])
    assert done.exit_code == 0 and "∂L/∂I" in done.stdout, done.stderr


def test_the_readme_s_first_command_writes_both_languages(tmp_path, monkeypatch):
    """The part behind the installation, which .ci/run tries in a clone of its own."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"^## Install\n.*?^    (.*?)$", readme, re.MULTILINE | re.DOTALL)[1]
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, shlex.split(command.split("&& .venv/bin/symderiv ")[1]))
    assert done.exit_code == 0
    for lang, word in (("en", "Result"), ("zh", "结论")):
        text = (tmp_path / f"notes.{lang}.md").read_text(encoding="utf-8")
        assert word in text and r"\sum_{i=\max(1, p-1)}^{\min(p, 2)}" in text


def test_every_command_of_the_readme_is_one(tmp_path, monkeypatch):
    """Each line 'symderiv ...' of the README is understood; those that derive are run."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    symderiv (.*)$|`symderiv ((?:derive|templates|layers|schema|completion) [^`]*)`", readme, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.en.md").write_text("$1 = 1$")
    assert len(lines) > 5
    for words in (shlex.split(a or b) for a, b in lines):
        if "torch" in words or "..." in words:
            continue
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0 or words[0] == "check", (words, done.stderr)


def test_the_python_of_the_readme_runs():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.search(r"^In Python:\n\n((?:    .*\n)+)", readme, re.MULTILINE)[1].splitlines()
    names = {}
    for line in lines:
        code, _, said = line.strip().partition("#")
        if "import" in code or re.match(r"\w+ = ", code):
            exec(code, names)
        else:
            value = eval(code, names)
            assert value is not None and (", a SymPy expression" not in said or str(value) == said.split(", a SymPy")[0].strip())
    assert len(lines) == 8


@pytest.mark.parametrize("format_, mark", [("latex", "% "), ("markdown", "<!-- ")])
def test_a_formula_on_several_lines_is_stated_on_one(format_, mark):
    """A comment that goes on in a second line would be part of the document."""
    done = CliRunner().invoke(main, ["derive", "--formula", "O[i] =\n  I[i]\n", "--shape", "I=3", "--format", format_])
    assert f"{mark}symderiv derive --formula 'O[i] = I[i]' --shape I=3 --shape O=3" in done.stdout.splitlines()[:2][format_ == "latex"]
