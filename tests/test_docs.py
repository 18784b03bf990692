"""The documentation shows what the program answers: every command in it is run, every derivation derived again."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from symderiv.layers import LAYERS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = ["README.md", *sorted(f"docs/{p.name}" for p in DOCS.glob("*.md"))]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run([sys.executable, str(DOCS / "make.py"), str(folder)], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_current(made, name):
    shown, again = (folder.joinpath(name).read_text(encoding="utf-8") for folder in (ROOT, made))
    assert shown == again, "run python docs/make.py"


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("docs_make", DOCS / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PAGES)
def test_every_output_stays_in_its_fence(generator, name):
    assert list(generator.damage((ROOT / name).read_text(encoding="utf-8"))) == []


FENCED = "````console\n$ cat a.md\n```math\nx = 1\n```\n\nSo x is one.\n````\n"


@pytest.mark.parametrize("rest, said", [
    ("\nSo x is one.\n", "line 10: this stands outside"),
    ("\nSo x is one.\n```\n\n## Next\n", "line 11: this fence is not closed"),
    ("\n```\n\nleft\n\n```\n", "line 10: this fence says no language"),
])
def test_an_output_outside_its_fence_is_seen(generator, rest, said):
    assert list(generator.damage(FENCED)) == []
    assert any(fault.startswith(said) for fault in generator.damage(FENCED + rest))


def test_a_fence_closed_by_its_output_is_seen(generator):
    """As a page is typed by hand: the output's own fence ends the one around it."""
    text = "<!-- file: a.md -->\n````markdown\n```math\nx\n```\n````\n\n```console\n$ cat a.md\n```math\nx\n```\n\n```\n"
    assert list(generator.damage(generator.page(text)))


def test_a_page_that_is_not_current_is_seen(generator):
    """What stands beneath a command is its output, not what stood there before."""
    text = "<!-- file: a.txt -->\n```text\nx\n```\n\n```console\n$ cat a.txt\nold\n$ symderiv --nonsense | head -1\n```\n"
    again = generator.page(text)
    assert "\n$ cat a.txt\nx\n" in again and "old" not in again and "No such option" in again


def test_every_layer_has_its_formulas():
    text = (DOCS / "layers.md").read_text(encoding="utf-8")
    assert [name for name in LAYERS if not re.search(rf"^<!-- symderiv derive {name} ", text, re.MULTILINE)] == []


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        assert link.startswith("https://") or (ROOT / name).parent.joinpath(link).exists(), link


def test_the_examples_show_what_their_text_says():
    """A report on several files has a right and a wrong one; the JSON shows a difference."""
    checking, json_page = ((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("checking", "json"))
    assert "\nann.md,correct,2,2,0," in checking and "\nben.md,not correct,2,1,1," in checking
    assert '"verdict": "wrong"' in json_page and '"counterexample": {' in json_page


def test_a_room_stands_once_in_the_table():
    rooms = re.findall(r"^\| (`\S+/`)", (DOCS / "how-it-works.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rooms) > 8 and sorted(rooms) == sorted(set(rooms))
