"""Directives in notebooks: Markdown cells change inside the JSON, whose other bytes stay."""

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from test_embed import SEED, derived, done, embed, folder, put, refused, snapshot  # noqa: F401  (a fixture)

OPEN, SHUT = f"<!-- symderiv: {SEED} -->", "<!-- /symderiv -->"
CELL = f"# 标题 😀\n\n\"quoted\" \\ back\n\n{OPEN}\n{SHUT}\n\nthe end"


def book(*sources):
    cells = [v4.new_code_cell(f"print('{OPEN}')\n{SHUT}", id="code"), v4.new_raw_cell(CELL, id="raw")]
    cells += [v4.new_markdown_cell(s, id=f"m{k}") for k, s in enumerate(sources)]
    return v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "P"}, "z": 1, "a": [1.50, None]})


def by_jupyter(*sources):
    return nbformat.writes(book(*sources)) + "\n"


def in_one_string(*sources):
    return json.dumps(book(*sources), indent=2, ensure_ascii=False)


def in_ascii(*sources):
    return json.dumps(book(*sources), ensure_ascii=True, separators=(" , ", " :  "))


def by_lines_in_ascii(*sources):
    text = json.dumps(json.loads(by_jupyter(*sources)), indent=4, ensure_ascii=True)
    return text.replace("\n", "\r\n")


WRITERS = (by_jupyter, in_one_string, in_ascii, by_lines_in_ascii)


def cell_text(name, number=2):
    source = json.loads(Path(name).read_text(encoding="utf-8"))["cells"][number]["source"]
    return source if isinstance(source, str) else "".join(source)


@pytest.mark.parametrize("writer", WRITERS)
def test_only_the_block_changes(writer):
    before = put("a.ipynb", writer(CELL)).read_bytes().decode()
    done("a.ipynb")
    after = Path("a.ipynb").read_bytes().decode()
    head, tail = CELL.split(f"{OPEN}\n")[0], "\n\nthe end"
    text = cell_text("a.ipynb")
    assert text.startswith(head + OPEN + "\n\n") and text.endswith(" -->" + tail)
    inside = text[len(head + OPEN):text.rindex("<!-- /symderiv")]
    assert inside.strip("\n") == derived(*SEED.split(), "--format", "markdown", "--math", "dollar").strip("\n")
    mark = OPEN.replace('"', '\\"')
    at, end = before.rindex(mark) + len(mark), before.rindex("/symderiv") + len("/symderiv")
    assert after.startswith(before[:at]) and after.endswith(before[end:])
    assert after.isascii() == before.isascii() and ("\r\n" in after) == ("\r\n" in before)
    whole, was = json.loads(after), json.loads(before)
    whole["cells"][2]["source"] = was["cells"][2]["source"]
    assert whole == was


def test_what_jupyter_wrote_is_as_jupyter_writes_it():
    put("a.ipynb", by_jupyter(CELL, "no block", CELL))
    done("a.ipynb")
    text = Path("a.ipynb").read_text(encoding="utf-8")
    assert nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" == text
    assert text.count("/symderiv ") >= 2 and cell_text("a.ipynb", 4) == cell_text("a.ipynb", 2)


@pytest.mark.parametrize("writer", WRITERS)
def test_twice_changes_nothing_and_remove_takes_it_back(writer):
    wider = b"symderiv: conv2d --input 3x3", b"symderiv: conv2d --input 4x4"
    before = put("a.ipynb", writer(CELL, CELL)).read_bytes()
    done("a.ipynb")
    then = snapshot()
    done("a.ipynb")
    assert done("--check", "a.ipynb").output == "" and snapshot() == then
    put("a.ipynb", Path("a.ipynb").read_bytes().replace(*wider))
    found = embed("--check", "a.ipynb")
    assert found.exit_code == 1 and "a.ipynb: cell 3, line 5: stale" in found.output and "cell 4, line 5" in found.output
    done("a.ipynb")
    assert "{i=1}^{3}" in cell_text("a.ipynb")
    done("a.ipynb", "--remove")
    assert Path("a.ipynb").read_bytes() == before.replace(*wider)


def test_an_edited_cell_is_kept_without_force():
    put("a.ipynb", by_jupyter(CELL))
    done("a.ipynb")
    right = Path("a.ipynb").read_bytes()
    put("a.ipynb", right.replace(b"scalar", b"number"))
    refused("a.ipynb", says=["cell 3, line 5", "--force"])
    done("a.ipynb", "--force")
    assert Path("a.ipynb").read_bytes() == right


@pytest.mark.parametrize("text, says", [
    (by_jupyter(f"x\n{OPEN}\n"), ["bad.ipynb: cell 3, line 2", "not closed"]),
    (by_jupyter(f"{OPEN.replace('conv2d', 'con2d')}\n{SHUT}"), ["bad.ipynb: cell 3, line 1", "con2d"]),
    (by_jupyter(CELL)[:-20], ["bad.ipynb", "no valid notebook", "Jupyter"]),
    ('{"cells": [], "x": "<!-- symderiv: -->"}', ["bad.ipynb", "Jupyter"]),
    ('{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [], "x": "<!-- symderiv: -->"}', ["bad.ipynb", "format 3", "Jupyter"]),
    ('"<!-- symderiv: -->"', ["bad.ipynb", "Jupyter"]),
])
def test_wrong_notebooks_are_refused(text, says):
    put("good.ipynb", by_jupyter(CELL))
    put("bad.ipynb", text)
    refused("good.ipynb", "bad.ipynb", says=says)


def test_without_nbformat_it_says_what_to_install(monkeypatch):
    with_block, without = by_jupyter(CELL), by_jupyter("x").replace(OPEN, "symderiv").replace(SHUT, "symderiv")
    monkeypatch.setitem(sys.modules, "nbformat", None)
    put("a.ipynb", with_block)
    refused("a.ipynb", says=["a.ipynb", "pip install 'symderiv[notebook]'"])
    put("a.ipynb", without)
    done("a.ipynb")


@pytest.mark.parametrize("writer", [in_ascii, by_lines_in_ascii])
def test_a_notebook_in_ascii_stays_so(writer):
    put("a.ipynb", writer(CELL.replace(SEED, SEED + " --lang zh")))
    done("a.ipynb")
    assert Path("a.ipynb").read_bytes().isascii() and "梯度" in cell_text("a.ipynb")


def test_a_source_that_is_no_text_is_told():
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": [f"<!-- symderiv: {SEED} -->\n", 3]}
    put("a.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    refused("a.ipynb", says=["a.ipynb", "no valid notebook"])
