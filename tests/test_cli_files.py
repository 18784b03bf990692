"""Where the command line writes, and what it says when it can't."""

import os
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from symderiv.cli.main import main
from symderiv.render.document import template_folder

SEED = ("derive", "conv2d", "--input", "3x3", "--kernel", "2x2")
FIRST = "<!-- symderiv derive conv2d --input 3x3 --kernel 2x2 -->\n"


def run(*arguments, **given):
    return subprocess.run([sys.executable, "-m", "symderiv", *arguments], text=True, **{"capture_output": True, **given})


def invoke(*arguments):
    return CliRunner().invoke(main, arguments)


def refused(done, *words):
    """Exit status 2, one or two lines, those words."""
    code = done.exit_code if hasattr(done, "exit_code") else done.returncode
    assert code == 2 and len(done.stderr.strip().splitlines()) in (1, 2) and "Traceback" not in done.stderr
    assert all(w in done.stderr for w in words), done.stderr


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_link_stays_and_its_target_is_written(folder):
    (folder / "real.md").write_text("old")
    (folder / "link.md").symlink_to("real.md")
    (folder / "dangling.md").symlink_to("new.md")
    for name in ("link.md", "dangling.md"):
        assert invoke(*SEED, "-o", name).exit_code == 0
        assert (folder / name).is_symlink()
    assert (folder / "real.md").read_text().startswith(FIRST) and (folder / "new.md").read_text().startswith(FIRST)


def test_a_pipe_is_written_straight(folder):
    os.mkfifo("pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((folder / "pipe").read_text(encoding="utf-8")))
    reader.start()
    assert run(*SEED, "-o", "pipe").returncode == 0
    reader.join(60)
    assert read[0].startswith(FIRST) and os.listdir() == ["pipe"]


def test_standard_output_by_other_names(folder):
    assert run(*SEED, "-o", "/dev/stdout").stdout == run(*SEED, "-o", "-").stdout == run(*SEED).stdout
    with open("x.txt", "w") as file:
        run(*SEED, "-o", "/dev/stdout", stdout=file, capture_output=False)
    assert (folder / "x.txt").read_text().startswith(FIRST)
    assert run(*SEED, "-o", os.devnull).returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
@pytest.mark.parametrize("arguments", [SEED, ("--help",), ("layers",), ("schema", "check")])
def test_a_full_device_is_told_in_a_line(arguments):
    with open("/dev/full", "w") as full:
        refused(run(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE), "standard output", "space")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
def test_a_full_file_is_told_in_a_line():
    refused(run(*SEED, "-o", "/dev/full"), "-o /dev/full", "space")


def test_a_reader_that_stops_early_is_no_error():
    done = subprocess.run(f"{sys.executable} -m symderiv derive conv2d --input 60 --kernel 3 --expand all | head -1", shell=True, capture_output=True, text=True)
    assert done.stderr == "" and done.stdout.startswith("<!--")


@pytest.mark.parametrize("output, words", [
    ("nowhere/x.md", ["there is no folder", "nowhere"]), ("file.md/x.md", ["file.md/x.md", "ot a directory"]),
    (".", ["directory"]), ("loop.md", ["loop.md"]), ("x.rtf", ["x.rtf", ".tex", "--format"]), ("a" * 300 + ".md", ["too long"]),
])
def test_a_file_that_can_not_be_is_told_in_a_line(folder, output, words):
    (folder / "file.md").write_text("kept")
    (folder / "loop.md").symlink_to("loop.md")
    refused(invoke(*SEED, "-o", output), *words)
    assert (folder / "file.md").read_text() == "kept" and sorted(os.listdir()) == ["file.md", "loop.md"]


FAULTS = {
    "{% if %}": "Expected an expression", "{{ nonsense }}": "nonsense", "{{ opts.nonsense }}": "nonsense", "{{ 1/0 }}": "division",
    "{{ 1|nofilter }}": "nofilter", "{% include 'base/none.j2' %}": "base/none.j2", "{{ doc.symbol(3) }}": "KeyError",
    "{% include 'base/setting.j2' %}": "recursion",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_template_is_named_with_its_line(folder, fault):
    assert invoke("templates", "--export", "mine").exit_code == 0
    place = folder / "mine" / "base" / "setting.j2"
    lines = place.read_text().split("\n")
    place.write_text("\n".join([*lines[:2], fault, *lines[2:]]))
    (folder / "kept.md").write_text("kept")
    line = 2 if "setting" in fault else 3  # at 2 the import before it exhausts the stack
    refused(invoke(*SEED, "--template-dir", "mine", "-o", "kept.md"), FAULTS[fault], "mine/base/setting.j2:")
    if line == 3:
        refused(invoke(*SEED, "--template-dir", "mine"), "mine/base/setting.j2:3:")
    assert (folder / "kept.md").read_text() == "kept"


def test_a_folder_without_templates_is_refused(folder):
    (folder / "empty").mkdir()
    (folder / "empty" / "notes.md").write_text("no template")
    refused(invoke(*SEED, "--template-dir", "empty"), "--template-dir empty", "--export")


def test_a_fault_of_a_shipped_template_is_ours(folder, monkeypatch):
    """A file of the user's stands in the way, but the fault is elsewhere."""
    (folder / "mine" / "text").mkdir(parents=True)
    shipped = template_folder() / "text" / "parts.j2"
    (folder / "mine" / "text" / "parts.j2").write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr("symderiv.render.document.Tables", lambda elements: None)
    done = invoke(*SEED, "--template-dir", "mine", "--format", "text")
    assert done.exit_code == 2 and "internal error" in done.stderr


def test_templates_are_copied_to_a_new_folder_only(folder):
    (folder / "file").write_text("kept")
    (folder / "full").mkdir()
    (folder / "full" / "mine.j2").write_text("kept")
    (folder / "dangling").symlink_to("nowhere")
    for target, words in {"file": ["file"], "full": ["not empty"], "file/x": ["ot a directory"], "dangling": ["exists"]}.items():
        refused(invoke("templates", "--export", target), *words)
    assert (folder / "file").read_text() == "kept" and os.listdir("full") == ["mine.j2"]
    assert invoke("templates", "--export", "new/deep").exit_code == 0
    made = {p.relative_to("new/deep") for p in (folder / "new" / "deep").relative_to(folder).rglob("*.j2")}
    assert made == {p.relative_to(template_folder()) for p in template_folder().rglob("*.j2")}


def test_an_output_that_is_not_unicode_is_told_in_a_line():
    refused(run(*SEED, "--format", "text", env={**os.environ, "PYTHONIOENCODING": "ascii"}), "ascii", "PYTHONIOENCODING=utf-8", "-o")


def test_of_two_languages_none_is_written_where_one_can_not_be(folder):
    (folder / "notes.zh.md").mkdir()
    refused(invoke(*SEED, "--lang", "en,zh", "-o", "notes.md"), "notes.zh.md", "irectory")
    assert os.listdir() == ["notes.zh.md"]
