"""LaTeX for papers: every class and engine compiles without an overfull line, references resolve, macros are redefined."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from symderiv.api import derive
from symderiv.layers import make, own
from symderiv.render.document import template_folder
from symderiv.render.paper import CLASSES

LAYERS = {
    "seed": lambda: make("conv2d", input=(3, 3), kernel=(2, 2)),
    "stride": lambda: make("conv2d", input=(5, 5), kernel=(3, 3), stride=2, padding=1),
    "names": lambda: make("conv2d", input=("H", "V"), kernel=("K", "K"), stride=2, padding="P"),
    "channels": lambda: make("conv2d", input=(4, 4), kernel=(2, 2), channels=2, filters=3, batch=2),
    "groups": lambda: make("conv1d", input=6, kernel=3, channels=4, filters=6, groups=2),
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
    """A fragment of every layer: each third with labels, with multline, with macros."""
    for k, name in enumerate(LAYERS):
        (folder / f"{name}.tex").write_text(derived(name).to_latex(
            document_class=document_class, lang=lang, label_prefix=f"{name}:" if k % 3 != 1 else None,
            breaking="multline" if k % 3 else "split", sty=k % 3 == 2,
        ), encoding="utf-8")
    return "\n".join(rf"\par\noindent\ref{{seed:dI}}\input{{{name}}}" for name in LAYERS)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("document_class", CLASSES)
def test_no_line_is_overfull_in_any_class_with_any_engine(document_class, engine, tmp_path):
    chosen, lang = CLASSES[document_class], "zh" if engine == "xelatex" else "en"
    inside = put_parts(tmp_path, document_class, lang)
    if chosen.frames:
        inside = "\\begin{frame}[allowframebreaks]\n" + inside + "\n\\end{frame}"
    preamble = (chosen.chinese if lang == "zh" else chosen.english) + "\n\\usepackage{symderiv}\n"
    log = compile_latex(engine, preamble + "\\begin{document}\n" + inside + "\n\\end{document}\n", tmp_path)
    assert re.findall(r"Overfull .hbox.*", log) == [] and "Missing character" not in log
