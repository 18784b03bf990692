"""The documentation shows what the program answers: every command in it is run, every derivation derived again."""

from __future__ import annotations

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


def test_a_page_that_is_not_current_is_seen(tmp_path):
    """What stands beneath a command is its output, not what stood there before."""
    sys.path.insert(0, str(DOCS))
    try:
        from make import page
    finally:
        sys.path.remove(str(DOCS))
    text = "<!-- file: a.txt -->\n```text\nx\n```\n\n```console\n$ cat a.txt\nold\n$ symderiv --nonsense | head -1\n```\n"
    again = page(text)
    assert "\n$ cat a.txt\nx\n" in again and "old" not in again and "No such option" in again


def test_every_layer_has_its_formulas():
    text = (DOCS / "layers.md").read_text(encoding="utf-8")
    assert [name for name in LAYERS if not re.search(rf"^<!-- symderiv derive {name} ", text, re.MULTILINE)] == []


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        assert link.startswith("https://") or (ROOT / name).parent.joinpath(link).exists(), link
