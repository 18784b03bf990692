"""Notebooks, Sphinx with MyST, and pandoc: real builds of small sites."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from symderiv.api import derive
from symderiv.layers import make

ASKED = "conv2d --input 3x3 --kernel 2x2 --show result,regions --wrt I"
FORMULA = r"\sum_{i=\max(1, p-1)}^{\min(p, 2)} \sum_{j=\max(1, q-1)}^{\min(q, 2)} \frac{\partial L}{\partial O_{ij}} \cdot W_{p-i+1, q-j+1}"
"""By hand, from the notes."""


def test_a_notebook_chooses_among_what_it_can_show():
    d = derive(make("conv2d", input=3, kernel=2))
    shown = d._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/latex", "text/markdown", "text/html"}
    assert FORMULA in shown["text/latex"] and FORMULA in shown["text/markdown"]
    assert "<math" in shown["text/html"] and "\\(" not in shown["text/html"] and "\\[" not in shown["text/html"]
    assert set(d._repr_mimebundle_(include={"text/latex"})) == {"text/latex"}
    g = d.gradient("I")._repr_mimebundle_(exclude={"text/plain"})
    assert set(g) == {"text/latex", "text/markdown", "text/html"} and FORMULA in g["text/latex"] and g["text/html"].startswith("<math")


def build(folder, *options, builder="html"):
    return subprocess.run([sys.executable, "-m", "sphinx", "-q", "-b", builder, *options, str(folder), str(folder / "out")], capture_output=True, text=True)


def site(folder, rst, md):
    (folder / "conf.py").write_text('extensions = ["symderiv.sphinx", "myst_parser", "sphinx.ext.mathjax"]\nmyst_enable_extensions = ["dollarmath"]\n')
    (folder / "index.rst").write_text(f"Page\n====\n\n.. toctree::\n\n   second\n\n{rst}\n\nBehind it.\n")
    (folder / "second.md").write_text(f"# Second\n\n{md}\n\nBehind it.\n")


def test_a_sphinx_site_has_the_derivation_in_both_markups(tmp_path):
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    site(tmp_path, f".. symderiv:: {ASKED}", f"```{{symderiv}} {ASKED} --lang zh\n```")
    done = build(tmp_path, "-W")
    assert done.returncode == 0, done.stderr
    first, second = ((tmp_path / "out" / n).read_text(encoding="utf-8") for n in ("index.html", "second.html"))
    for page, heading in ((first, "Result"), (second, "结论")):
        assert FORMULA in page and heading in page and "<table" in page and "Behind it." in page and "{symderiv}" not in page


def test_a_wrong_directive_is_told_with_its_line(tmp_path):
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    site(tmp_path, ".. symderiv:: conv2d --input 3x3 --kernel 9x9", "Text.")
    done = build(tmp_path)
    assert "index.rst:8" in done.stderr and "--kernel 9x9" in done.stderr and "Traceback" not in done.stderr


def pandoc(text, folder, *options):
    binary = pytest.importorskip("pypandoc").get_pandoc_path()
    pytest.importorskip("panflute")
    (folder / "filter.py").write_text("from symderiv.pandoc import main\nmain()\n")
    path = os.pathsep.join([str(Path(binary).parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [binary, "--from", "markdown", "--to", "latex", "--filter", str(folder / "filter.py"), *options]
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=folder, env={**os.environ, "PATH": path})


def test_pandoc_replaces_the_code_blocks_of_the_class(tmp_path):
    done = pandoc(f"Before.\n\n```{{.symderiv}}\n{ASKED}\n```\n\n```python\nsymderiv\n```\n", tmp_path)
    assert done.returncode == 0, done.stderr
    flat = "".join(done.stdout.split())
    assert "".join(FORMULA.split()) in flat and "Before." in done.stdout and "--input" not in done.stdout.replace("% symderiv", "") and "symderiv" in done.stdout
    assert "longtable" in done.stdout


def test_pandoc_is_told_what_can_not_be(tmp_path):
    done = pandoc("```{.symderiv}\nconv2d --input 3x3 --kernel 9x9\n```\n", tmp_path)
    assert done.returncode != 0 and done.stdout == "" and "--kernel 9x9" in done.stderr and "Traceback" not in done.stderr


DRAWN = "conv2d --input 3x3 --kernel 2x2 --show result,pictures"


def test_in_latex_pandoc_draws_the_pictures(tmp_path):
    done = pandoc(f"---\nheader-includes: '\\newcommand{{\\mine}}{{}}'\n---\n\n```{{.symderiv}}\n{DRAWN}\n```\n", tmp_path, "--standalone")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(r"\begin{tikzpicture}") == 5 and r"\usepackage{tikz}" in done.stdout and "data:image" not in done.stdout
    assert r"\newcommand{\mine}" in done.stdout


def test_a_sphinx_site_draws_the_pictures_in_html_and_in_latex(tmp_path):
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    site(tmp_path, f".. symderiv:: {DRAWN}", f"```{{symderiv}} {DRAWN} --lang zh\n```")
    done = build(tmp_path, "-W")
    assert done.returncode == 0, done.stderr
    assert [(tmp_path / "out" / name).read_text(encoding="utf-8").count("<svg") for name in ("index.html", "second.html")] == [5, 5]
    done = build(tmp_path, "-W", builder="latex")
    assert done.returncode == 0, done.stderr
    (made,) = [p.read_text(encoding="utf-8") for p in (tmp_path / "out").glob("*.tex")]
    assert made.count(r"\begin{tikzpicture}") == 10 and r"\usepackage{tikz}" in made
