"""``symderiv check``: files and folders, statuses, outputs, the corrected copy; reports are made by a stand-in."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from report_samples import TEXT, sample

import symderiv.api
from symderiv.cli.main import main
from symderiv.report_model import Checked, Message, Report


def judged(data, name="-", layer=None, symbols=None, unbiased=None):
    """A stand-in for the checker: notes without the slip are correct, an empty file is unusable."""
    text = data.decode("utf-8") if isinstance(data, bytes) else data
    if not text:
        return Checked(Report(name, problem=Message("this is not a text file (UTF-8 or GB18030)")))
    checked = sample(name)
    claims = [checked.report.claims[0]]
    slip = checked.report.claims[2]
    wrong = slip.source in text
    claims.append(slip if wrong else replace(slip, verdict="correct", differences=(), repair=None, counterexample=None))
    return Checked(replace(checked.report, claims=tuple(claims)), text)


@pytest.fixture
def check(monkeypatch, tmp_path):
    """Run the command in an empty folder."""
    monkeypatch.setattr(symderiv.api, "check_notes", judged)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **given: CliRunner().invoke(main, ["check", *arguments], **given)


GOOD = TEXT.replace("W_{22}", "W_{12}")


def write(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")


def test_status_is_0_1_or_2(check, tmp_path):
    write(tmp_path, good=GOOD, bad=TEXT, empty="")
    assert check("good.md").exit_code == 0
    assert check("bad.md").exit_code == 1
    assert check("good.md", "bad.md").exit_code == 1
    one = check("empty.md")
    assert one.exit_code == 2 and not one.stdout and "empty.md" in one.stderr and "Traceback" not in one.stderr
    assert check("none.md").exit_code == 2
    several = check("good.md", "none.md", "--format", "json")
    assert several.exit_code == 1
    rows = json.loads(several.stdout)
    assert [r["file"] for r in rows] == ["good.md", "none.md"] and rows[1]["problem"] == "there is no such file"
    assert check("none.md", "none2.md").exit_code == 2


def test_a_fault_of_ours_in_one_file_is_told_and_spares_the_others(monkeypatch, check, tmp_path):
    def faulty(data, *more):
        if b"fault" in data:
            raise KeyError("p")
        return judged(data, *more)

    monkeypatch.setattr(symderiv.api, "check_notes", faulty)
    write(tmp_path, a=GOOD, b="fault", c=GOOD)
    done = check("a.md", "b.md", "c.md", "--format", "csv")
    assert done.exit_code == 1 and "internal error (KeyError: 'p'); please report it" in done.stdout
    assert done.stdout.count("md,correct,") == 2
    alone = check("b.md")
    assert alone.exit_code == 2 and "internal error" in alone.stderr and "Traceback" not in alone.stderr


def test_one_file_gives_an_object_and_a_folder_a_list(check, tmp_path):
    write(tmp_path, a=GOOD)
    assert isinstance(json.loads(check("a.md", "--format", "json").stdout), dict)
    assert isinstance(json.loads(check(".", "--format", "json").stdout), list)


def test_standard_input(check):
    done = check("-", input=TEXT)
    assert done.exit_code == 1 and done.stdout.startswith("standard input\n")
    assert check("-", "--lang", "zh", input=TEXT).stdout.startswith("标准输入\n")
    assert check("-", "-", input=TEXT).exit_code == 2


def test_folders_are_searched_in_order_and_links_passed_over(check, tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.md", "a.tex", "sub/c.txt", ".hidden.md", "picture.png"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    os.symlink("/etc/hostname", tmp_path / "link.md")
    names = [r["file"] for r in json.loads(check(".", "--format", "json").stdout)]
    assert [os.path.normpath(n) for n in names] == ["a.tex", "b.md", os.path.join("sub", "c.txt")]
    (tmp_path / "none").mkdir()
    done = check("none")
    assert done.exit_code == 2 and "none" in done.stderr and ".md" in done.stderr


def test_processes_give_the_same_in_the_same_order(check, tmp_path):
    for k in range(23):
        (tmp_path / f"{k:02}.md").write_text(TEXT if k % 3 else GOOD, encoding="utf-8")
    one, two = (check(".", "--format", "csv", "--jobs", n).stdout for n in "12")
    assert one == two and len(one.splitlines()) == 24


@pytest.mark.parametrize("ending, start", [(".json", "{"), (".html", "<!DOCTYPE"), (".sarif", "{"), (".csv", "file,"), (".md", "# "), (".txt", "a.md")])
def test_the_output_s_name_gives_the_format(check, tmp_path, ending, start):
    write(tmp_path, a=TEXT)
    done = check("a.md", "-o", f"out{ending}")
    assert done.exit_code == 1 and not done.stdout
    assert (tmp_path / f"out{ending}").read_text(encoding="utf-8").startswith(start)


def test_the_notes_are_never_overwritten(check, tmp_path):
    write(tmp_path, a=TEXT)
    os.link(tmp_path / "a.md", tmp_path / "same.md")
    for output in ("a.md", "./a.md", "same.md"):
        for more in ((), ("--fix",)):
            done = check("a.md", "-o", output, *more)
            assert done.exit_code == 2 and "never changed" in done.stderr
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == TEXT


def test_fix_writes_a_corrected_copy_and_reports_on_the_notes(check, tmp_path):
    write(tmp_path, a=TEXT)
    done = check("a.md", "--fix", "-o", "b.md")
    assert done.exit_code == 1 and "✗ wrong" in done.stdout and "b.md: corrected line 7" in done.stderr
    assert (tmp_path / "b.md").read_text(encoding="utf-8") == GOOD
    assert check("b.md").exit_code == 0
    nothing = check("b.md", "--fix", "-o", "c.md")
    assert "nothing was corrected" in nothing.stderr and (tmp_path / "c.md").read_text(encoding="utf-8") == GOOD


def test_fix_keeps_line_ends(check, tmp_path):
    (tmp_path / "a.md").write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert check("a.md", "--fix", "-o", "b.md").exit_code == 1
    assert (tmp_path / "b.md").read_bytes() == GOOD.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("change", [{"unique": False}, {"certain": False}])
def test_fix_leaves_what_is_not_certain(monkeypatch, check, tmp_path, change):
    def unsure(data, *more):
        checked = judged(data, *more)
        claims = tuple(c if c.repair is None else replace(c, repair=replace(c.repair, **change)) for c in checked.report.claims)
        return replace(checked, report=replace(checked.report, claims=claims))

    monkeypatch.setattr(symderiv.api, "check_notes", unsure)
    write(tmp_path, a=TEXT)
    assert "nothing was corrected" in check("a.md", "--fix", "-o", "b.md").stderr
    assert (tmp_path / "b.md").read_text(encoding="utf-8") == TEXT


def test_fix_drops_an_edit_that_does_not_mend(monkeypatch, check, tmp_path):
    def stubborn(data, *more):
        return replace(sample(), text=data.decode() if isinstance(data, bytes) else data)

    monkeypatch.setattr(symderiv.api, "check_notes", stubborn)
    write(tmp_path, a=TEXT)
    assert "nothing was corrected" in check("a.md", "--fix", "-o", "b.md").stderr


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("a.md", "--fix"), ["--fix", "-o"]),
        (("a.md", "a.md", "--fix", "-o", "b.md"), ["--fix", "one file"]),
        (("a.md", "-o", "b.pdf"), ["-o b.pdf", ".html", "--format"]),
        (("a.md", "-o", "none/b.md"), ["-o none/b.md", "no folder"]),
        (("a.md", "--input", "3x3"), ["--input", "--layer"]),
        (("a.md", "--layer", "conv2x", "--input", "3x3", "--kernel", "2x2"), ["conv2x", "conv2d"]),
        (("a.md", "--layer", "conv2d", "--input", "3x3", "--kernel", "9x9"), ["--kernel 9x9", "--padding 3"]),
        (("a.md", "--symbols", "input"), ["--symbols input", "input=X"]),
        (("a.md", "--symbols", "inptu=X"), ["--symbols inptu", "input"]),
        (("a.md", "--jobs", "0"), ["--jobs", "0"]),
        (("a.md", "--format", "pdf"), ["--format", "pdf", "sarif"]),
        ((), ["FILE"]),
    ],
)
def test_bad_options_are_refused_in_words(check, tmp_path, arguments, said):
    write(tmp_path, a=TEXT)
    done = check(*arguments)
    assert done.exit_code == 2 and not done.stdout
    assert all(word in done.stderr for word in said), done.stderr


def test_the_schema_is_printed():
    done = CliRunner().invoke(main, ["schema", "check"])
    assert json.loads(done.stdout)["title"] == "symderiv/check/1"


def test_names_that_are_not_utf_8(check, tmp_path):
    if sys.platform != "linux":
        pytest.skip("file names are bytes on Linux alone")
    with open(os.fsencode(tmp_path) + b"/\xff.md", "wb") as file:
        file.write(TEXT.encode())
    for format_ in ("text", "json", "csv", "html", "sarif", "github", "markdown"):
        assert check(".", "--format", format_).exit_code == 1


def modules_after(*arguments):
    import subprocess

    code = (
        "import sys, runpy; sys.argv = ['symderiv', *sys.argv[1:]]\n"
        "try: runpy.run_module('symderiv', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(*(m for m in ('sympy', 'jinja2', 'lark', 'torch') if m in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    return done.stderr.split("\n")[-2].split()


SEED = str(Path(__file__).parent / "notes" / "student.md")


def test_check_never_imports_sympy_and_the_detector_sees_an_import():
    assert modules_after("check", SEED) == []
    assert modules_after("check", SEED, "--layer", "conv2d", "--input", "3x3", "--kernel", "2x2") == []
    assert modules_after("check", SEED, "--format", "html") == ["jinja2"]
    assert modules_after("check", "--help") == []
    assert "sympy" in modules_after("derive", "conv2d", "--input", "3x3", "--kernel", "2x2")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_seed_s_report_suffices_to_correct_the_notes(lang):
    """The slip's place and its right form are in the terminal report; 24 equations, status 1."""
    done = CliRunner().invoke(main, ["check", SEED, "--lang", lang])
    assert done.exit_code == 1
    assert r"\frac{\partial L}{\partial O_{11}} \cdot W_{12}" in done.stdout
    document = json.loads(CliRunner().invoke(main, ["check", SEED, "--lang", lang, "--format", "json"]).stdout)
    verdicts = [(c["line"], c["verdict"]) for c in document["claims"] if c["verdict"] != "correct"]
    assert verdicts == [(19, "wrong"), (35, "wrong"), (53, "incomplete"), (57, "incomplete"), (63, "incomplete")]
    assert len(document["claims"]) == 24


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html", "sarif", "github", "csv"])
def test_the_seed_in_every_format(format_, lang):
    import jsonschema

    done = CliRunner().invoke(main, ["check", SEED, "--lang", lang, "--format", format_])
    assert done.exit_code == 1 and done.exception.__class__ is SystemExit
    if format_ == "json":
        schema = json.loads(CliRunner().invoke(main, ["schema", "check"]).stdout)
        jsonschema.validate(json.loads(done.stdout), schema)


def test_a_pipe_never_blocks(check, tmp_path):
    write(tmp_path, good=GOOD)
    os.mkfifo(tmp_path / "pipe.md")
    assert check(".").exit_code == 0
    one = check("pipe.md")
    assert one.exit_code == 2 and "no regular file" in one.stderr and not one.stdout


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_corrected_copy_keeps_the_encoding(tmp_path, codec):
    (tmp_path / "in.md").write_bytes(("卷积 " + SLIP).encode(codec))
    CliRunner().invoke(main, ["check", str(tmp_path / "in.md"), "--fix", "-o", str(tmp_path / "out.md")])
    assert "卷积" in (tmp_path / "out.md").read_bytes().decode(codec)
    assert (tmp_path / "out.md").read_bytes()[:3] == ("卷积 " + SLIP).encode(codec)[:3]


SLIP = r"""$$O_{ij} = \sum_{a=1}^{2} \sum_{c=1}^{2} I_{i+a-1, j+c-1} W_{ac}$$ and $I$ is $3 \times 3$.

$$\frac{\partial L}{\partial I_{12}} = \frac{\partial L}{\partial O_{11}} W_{22} + \frac{\partial L}{\partial O_{12}} W_{11}$$
"""
