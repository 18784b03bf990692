"""The Python interface: what a user meets who reads no source."""

import inspect
import subprocess
import sys
from itertools import product

import pytest
import sympy as sp

import symderiv
from symderiv import avg_pool2d, conv1d, conv2d, derive, max_pool2d, own
from symderiv.layers import LAYERS
from symderiv.model import SymderivError

D = derive(conv2d(input=(3, 3), kernel=(2, 2)))
NAMES = derive(conv2d(input=("H", "V"), kernel="K"))


def test_importing_is_cheap_and_offers_the_layers():
    code = "import sys, symderiv; print(sorted(n for n in dir(symderiv) if n[0] != '_'), 'sympy' in sys.modules, 'symderiv.layers' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert out.strip().endswith("False False") and all(repr(name) in out for name in (*LAYERS, "own", "derive", "SymderivError"))
    assert set(symderiv.__all__) <= set(dir(symderiv)) and all(hasattr(symderiv, name) for name in symderiv.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        symderiv.nonsense  # noqa: B018


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_a_signature_and_a_docstring(name):
    function = getattr(symderiv, name)
    signature = inspect.signature(function)
    assert function.__name__ == name and list(signature.parameters)[:2] == ["input", "kernel"] and "count" not in signature.parameters
    doc = inspect.getdoc(function)
    assert "O[i, ..] =" in doc and "Shapes:" in doc and "Raises:" in doc and "count`" not in doc


@pytest.mark.parametrize("make, words", [
    (lambda: conv2d(input=3.0, kernel=2), ["--input 3.0", "whole number"]),
    (lambda: conv2d(input=3, kernel=2.0), ["--kernel 2.0"]),
    (lambda: conv2d(input=3, kernel=None), ["--kernel None"]),
    (lambda: conv2d(input=True, kernel=1), ["--input True"]),
    (lambda: conv2d(input=(3, 3.5), kernel=1), ["--input 3.5"]),
    (lambda: conv2d(input=[], kernel=1), ["--input", "0 numbers", "1 or 2"]),
    (lambda: conv2d(input={"a": 1}, kernel=1), ["--input"]),
    (lambda: conv2d(input="3,3", kernel=1), ["--input '3,3'", "3x3"]),
    (lambda: conv2d(input=3, kernel=2, padding=None), ["--padding None"]),
    (lambda: conv2d(input=3, kernel=2, padding=1.5), ["--padding 1.5"]),
    (lambda: conv2d(input=3, kernel=2, padding=((1, 2, 3), 1)), ["--padding '1:2:3'"]),
    (lambda: conv2d(input=3, kernel=2, bias="no"), ["bias='no'", "True or False"]),
    (lambda: conv2d(input=3, kernel=2, flip=1), ["flip=1"]),
    (lambda: conv2d(input=3, kernel=2, groups=1.5, channels=2), ["--groups 1.5"]),
    (lambda: max_pool2d(input=3, kernel=2, ceil_mode="yes"), ["ceil_mode='yes'"]),
    (lambda: max_pool2d(input=3, kernel=2, ties=True), ["--ties True", "split"]),
    (lambda: avg_pool2d(input=3, kernel=2, count_include_pad=None), ["count_include_pad=None"]),
    (lambda: own("O[i] = I[i]", {"I": 3.5}), ["--shape I 3.5"]),
    (lambda: D.matrix("Z"), ["'Z'", "I, W, b, O"]),
    (lambda: D.gradient("O"), ["'O'", "b, W, I"]),
    (lambda: derive(D.layer, ["Q"]), ["--wrt Q"]),
    (lambda: derive(D.layer, []), ["wrt"]),
    (lambda: D.to_latex(lang="fr"), ["--lang fr", "en, zh"]),
    (lambda: D.to_latex(expand="some"), ["--expand some"]),
    (lambda: D.to_latex(style="mine"), ["--style mine"]),
    (lambda: D.to_markdown(math="katex"), ["--math katex"]),
    (lambda: D.to_latex(show="results"), ["--show results"]),
    (lambda: D.to_latex(show=""), ["--show ''"]),
    (lambda: D.to_latex(show=[]), ["--show names no part"]),
    (lambda: D.to_latex(show=[1]), ["show=[1]"]),
    (lambda: D.to_latex(symbols="input"), ["--symbols input"]),
    (lambda: D.to_latex(symbols=[("input", "X")]), ["symbols="]),
    (lambda: D.to_latex(symbols={"input": 3}), ["symbols="]),
    (lambda: D.to_latex(width="345pt"), ["--width '345pt'"]),
    (lambda: D.to_latex(width=float("nan")), ["--width nan"]),
    (lambda: D.to_latex(index_base=2), ["--index-base 2"]),
    (lambda: D.to_latex(template_dir="/nowhere"), ["/nowhere"]),
    (lambda: derive(conv2d(input=2000, kernel=2)).to_latex(expand="all"), ["--expand all", "--expand none"]),
    (lambda: NAMES.matrix("I"), ["numbers", "H, V, K"]),
    (lambda: NAMES.gradient("I")[1, 2], ["numbers", "H, V, K", ".general"]),
    (lambda: NAMES.gradient("I").matrix(), ["numbers", ".general"]),
    (lambda: NAMES.to_text(show=["elements"]), ["--show elements", "nothing"]),
    (lambda: derive(conv1d(input=99, kernel=2, padding=1)).to_markdown(show="check"), ["--show check", "nothing"]),
])
def test_mistakes_are_told_by_name(make, words):
    with pytest.raises(SymderivError) as error:
        make()
    assert isinstance(error.value, ValueError) and all(w in str(error.value) for w in words), error.value


@pytest.mark.parametrize("make, kind, words", [
    (lambda: derive("conv2d"), TypeError, ["'conv2d'", "conv2d(input="]),
    (lambda: D.gradient("I")["1"], TypeError, ["whole numbers", "'1'"]),
    (lambda: D.gradient("I")[1:2], TypeError, ["whole numbers", ".matrix()"]),
    (lambda: D.gradient("I")[1.0, 2], TypeError, ["whole numbers"]),
    (lambda: D.gradient("I")[0, 1], IndexError, ["I[0, 1]", "from 1"]),
    (lambda: D.gradient("I")[1], IndexError, ["[3, 3]"]),
    (lambda: list(D.gradient("I")), TypeError, [".matrix()"]),
    (lambda: conv2d(3), TypeError, ["kernel"]),
    (lambda: conv2d(input=3, kernel=2, strid=1), TypeError, ["conv2d()", "'strid'", "mean stride?"]),
    (lambda: conv2d(input=3, kernel=2, colour=1), TypeError, ["conv2d()", "'colour'", "takes input, kernel"]),
    (lambda: conv2d(kernel=2), TypeError, ["conv2d()", "'input'"]),
    (lambda: D.to_json(show="result"), TypeError, ["show"]),
])
def test_python_s_own_mistakes(make, kind, words):
    with pytest.raises(kind) as error:
        make()
    assert all(w in str(error.value) for w in words), error.value


class Whole:
    """A whole number as NumPy has them: no int."""

    def __index__(self):
        return 4


def test_words_and_sequences_mean_the_same():
    assert conv2d("3x4", "2") == conv2d((3, 4), 2) == conv2d([3, 4], [2, 2]) == conv2d((3, Whole()), 2)
    assert conv2d("HxV", 2, padding="1:2x0") == conv2d(("H", "V"), 2, padding=((1, 2), 0))
    assert own("O[i,j] = I[i,j]", {"I": "3x4"}) == own("O[i,j] = I[i,j]", {"I": (3, 4)})
    assert D.to_latex(show="result, general") == D.to_latex(show=["result", "general"])
    assert D.to_latex(symbols="input=X,weight=K") == D.to_latex(symbols={"input": "X", "weight": "K"})
    only = derive(D.layer, "I, W")
    assert [g.tensor.name for g in only.data.gradients] == [g.tensor.name for g in derive(D.layer, ("I", "W")).data.gradients] == ["W", "I"]


def test_the_whole_gradient_as_a_matrix():
    """Against SymPy's own derivative of the loss, sum(dO*O)."""
    symbol = {t: {q: sp.Symbol(f"{t}[{q[0]},{q[1]}]") for q in [(i, j) for i in range(1, n + 1) for j in range(1, n + 1)]} for t, n in (("I", 3), ("W", 2), ("dO", 2))}
    loss = sum(
        symbol["dO"][i, j] * (symbol["W"][u, v] * symbol["I"][i + u - 1, j + v - 1])
        for i in (1, 2) for j in (1, 2) for u in (1, 2) for v in (1, 2)
    ) + sp.Symbol("b") * sum(symbol["dO"].values())
    for tensor, n in (("I", 3), ("W", 2)):
        truth = sp.Matrix(n, n, lambda i, j, t=tensor: sp.diff(loss, symbol[t][i + 1, j + 1]))
        assert sp.expand(D.gradient(tensor).matrix() - truth) == sp.zeros(n, n)
    assert D.gradient("b").matrix() == D.gradient("b").expression == sp.diff(loss, sp.Symbol("b"))


@pytest.mark.parametrize("layer", [
    max_pool2d(input=(4, 5), kernel=2, stride=1), avg_pool2d(input=5, kernel=3, padding=1), conv2d(input=5, kernel=2, stride=3, padding=(1, 0)),
    conv1d(input=6, kernel=3, channels=2, filters=2), own("O[i,j] = sum(k=1..2, I[i,k]*I[j,k])", {"I": (3, 2)}), own("O = a*b", {}),
], ids=str)
def test_the_matrix_holds_what_subscripts_give(layer):
    d = derive(layer)
    for gradient in d.data.gradients:
        view, cells = d.gradient(gradient.tensor.name), []
        whole = view.matrix()
        shape = view.shape
        if not shape:
            assert whole == view[()]
            continue
        for q in product(*map(range, shape)):
            cell = whole[q] if len(shape) != 1 else whole[q[0], 0]
            cells.append(sp.expand(cell - view[tuple(x + 1 for x in q)]))
        assert cells and not any(cells)


def test_a_view_says_what_it_is():
    view = D.gradient("I")
    assert view.shape == (3, 3) and NAMES.gradient("I").shape == ("H", "V") and D.gradient("b").shape == ()
    notation = "dI[p,q] = sum(i=max(1, p-1)..min(p, 2), j=max(1, q-1)..min(q, 2), dO[i,j]*W[p-i+1,q-j+1])"
    assert view.general.notation == notation and notation in repr(view) and "(3, 3)" in repr(view)
    assert str(view.general) == "∂L/∂I_pq = Σ_{i=max(1, p-1)}^{min(p, 2)} Σ_{j=max(1, q-1)}^{min(q, 2)} ∂L/∂O_ij·W_{p-i+1, q-j+1}"
    latex = r"\sum_{i=\max(1, p-1)}^{\min(p, 2)} \sum_{j=\max(1, q-1)}^{\min(q, 2)} \frac{\partial L}{\partial O_{ij}} \cdot W_{p-i+1, q-j+1}"
    assert view.general.latex.endswith(latex) and view._repr_latex_().startswith("$") and view._repr_markdown_() == f"$$\n{view.general.latex}\n$$"
    assert "K" in NAMES.gradient("I").general.text
    assert repr(D) == "<Derived conv2d --input 3x3 --kernel 2x2: dL/db, dL/dW, dL/dI>"


SCRIPT = """
from pathlib import Path
from symderiv import Derived, Layer, SymderivError, conv2d, derive, max_pool2d, own

layer: Layer = conv2d(input=(3, "V"), kernel=2, padding=((1, 2), 0), bias=False)
d: Derived = derive(layer, "I,W")
text: str = d.to_latex(lang="zh", show=("result",), symbols={"input": "X"}, template_dir=Path("."))
shape: tuple[int | str, ...] = d.gradient("I").shape
latex: str = d.gradient("I").general.latex
derive(own("O[i] = I[i]", {"I": 3})).to_json()
max_pool2d(3, 2, ties="all")
"""
WRONG = {
    'd.to_latex(lang="fr")': "arg-type", "conv2d(input=3.0, kernel=2)": "arg-type", "conv2d(inptu=3, kernel=2)": "call-arg",
    'd.to_json(show="result")': "call-arg", 'derive("conv2d")': "arg-type", 'n: int = d.gradient("I").shape': "assignment",
    'max_pool2d(3, 2, ties="last")': "arg-type",
}


def test_mypy_knows_the_types(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "good.py").write_text(SCRIPT)
    (tmp_path / "bad.py").write_text(SCRIPT + "\n".join(WRONG) + "\n")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--config-file=", "good.py", "bad.py"], cwd=tmp_path, capture_output=True, text=True)
    first = SCRIPT.count("\n") + 1
    found = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[0] for line in found] == ["bad.py"] * len(WRONG), done.stdout
    for k, kind in enumerate(WRONG.values()):
        assert found[k].startswith(f"bad.py:{first + k}:") and found[k].endswith(f"[{kind}]"), found[k]
