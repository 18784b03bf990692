"""Estimated widths against the real ones."""

import re
import shutil
import subprocess

import pytest

from symderiv.render.width import tex_width, text_width

BACKWARD = (
    r"\frac{\partial L}{\partial I_{22}} = \frac{\partial L}{\partial O_{11}} \cdot W_{22}"
    r" + \frac{\partial L}{\partial O_{12}} \cdot W_{21} + \frac{\partial L}{\partial O_{21}} \cdot W_{12}"
    r" + \frac{\partial L}{\partial O_{22}} \cdot W_{11}"
)
FORMULAS = [
    BACKWARD,
    r"O_{11} = I_{11} \cdot W_{11} + I_{12} \cdot W_{12} + I_{21} \cdot W_{21} + I_{22} \cdot W_{22}",
    r"\sum_{i=\max(1, p-1)}^{\min(p, 2)}",
    r"\sum_{i=\max(1, \lceil (p-3)/2 \rceil + 1)}^{\min(m_1, \lfloor p/2 \rfloor + 1)}",
    r"\sum_{i=1}^{2} \sum_{j=1}^{2} \frac{\partial L}{\partial O_{ij}} \cdot W_{p-i+1, q-j+1}",
    r"\frac{\partial L}{\partial I_{pq}} = \sum_{i=\max(1, p-1)}^{\min(p, 2)} \sum_{j=\max(1, q-1)}^{\min(q, 2)}"
    r" \frac{\partial L}{\partial O_{ij}} \cdot W_{p-i+1, q-j+1}",
    r"W_{p-i+1, q-j+1}",
    r"I_{n, c, 2(i-1)+k-1, 2(j-1)+l-1}",
    r"\left[ (1,1) = \operatorname{argmax}_{11} \right]",
    r"[ (1, 1) = \operatorname{argmax}_{11} ]",
    r"\frac{1}{\# \operatorname{argmax}_{i, j}} [ p \in \operatorname{argmax}_{i, j} ]",
    r"\frac{1}{4}",
    r"-\frac{1}{4} x",
    r"\frac{1}{k_1 k_2}",
    r"\frac{\partial L}{\partial O_{n, f, i, j}}",
    r"\frac{\partial L}{\partial W_{f, c, k, l}} = \sum_{n=1}^{N} \sum_{i=1}^{m_1} \sum_{j=1}^{m_2}"
    r" \frac{\partial L}{\partial O_{n, f, i, j}} \cdot I_{n, c, i+k-1, j+l-1}",
    r"\frac{\partial O_{ij}}{\partial I_{pq}} = [ 1 \le p-i+1 \le 2 ] [ 1 \le q-j+1 \le 2 ]",
    r"\frac{\partial L}{\partial b_f} = \sum_{i=1}^{2} \frac{\partial L}{\partial O_{f, i}}",
    r"\max_{1 \le k \le 2} \{ I_{i+k-1} \}",
    r"O_{ij} = \max_{\substack{1 \le k \le 2 \\ 1 \le l \le 3}} \{ I_{i+k-1, j+l-1} \}",
    r"[ 2 \mid p - 1 ]",
    r"\lfloor (n + 2 p - k)/s \rfloor + 1",
    r"\begin{bmatrix} I_{11} & I_{12} & I_{13} \\ I_{21} & I_{22} & I_{23} \\ I_{31} & I_{32} & I_{33} \end{bmatrix}",
    r"\begin{bmatrix} W_{22} & W_{21} \\ W_{12} & W_{11} \end{bmatrix}",
    r"\begin{bmatrix} \frac{\partial L}{\partial O_{11}} & \frac{\partial L}{\partial O_{12}} \\"
    r" \frac{\partial L}{\partial O_{21}} & \frac{\partial L}{\partial O_{22}} \end{bmatrix}"
    r" \star \begin{bmatrix} W_{22} & W_{21} \\ W_{12} & W_{11} \end{bmatrix}",
    r"\begin{bmatrix} 0 & 1 & 0 & -1 \end{bmatrix}^{\top}",
    r"\mathbf{J}^\top \mathbf{g} = \begin{bmatrix} a & b \\ c & d \end{bmatrix} \mathbf{g}",
    r"2 \times 3 - 4 + 5 = 7, \quad x < y, \quad y > 3.5",
    r"\text{where } 1 \le p \le 3 \text{ and } q \ne 2",
    r"\mathrm{Hout} = \mathrm{Hin} - \mathrm{kernel} + 1",
    r"\left( \frac{a}{b} + c \right) \cdot \left( x + y \right)",
    r"\left[ \frac{1}{N} \sum_{i=1}^{N} x_i^2 \right]",
    r"\bigl( x + \Bigl[ y - z \Bigr] \bigr)",
    r"\lambda_{\alpha\beta} + \mu^2 - \sigma_i^{2} \Delta",
    r"\exp(-x^2) + \min(a, b) - \max(c, d)",
    r"\frac{\frac{a}{b}}{c_{i_{jk}}}",
    r"x_{i_{j+1}}^{k^{2}} \, y \; z",
    r"I \xrightarrow{\text{pool}} O",
    r"1 \le n \le N, \; n \in \{1, \ldots, N\} \qquad (n, m)",
    r"L = -\sum_{i} t_i \cdot y_i",
    r"a - b - (-c) - d \cdot (-3)",
    r"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    r"a_{bcdefghijklmnopqrstuvwxyz}",
    r"S_{1234567890}",
]


def measured(formulas, folder):
    """The points that TeX gives each formula."""
    boxes = "\n".join(rf"\setbox0=\hbox{{$\displaystyle {f}$}}\typeout{{width=\the\wd0}}" for f in formulas)
    source = rf"\documentclass[10pt]{{article}}\usepackage{{amsmath}}\begin{{document}}{boxes}\end{{document}}"
    (folder / "widths.tex").write_text(source)
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "widths.tex"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return [float(w) for w in re.findall(r"^width=([\d.]+)pt", done.stdout, re.MULTILINE)]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_estimates_are_close_to_tex_and_hardly_ever_below(tmp_path):
    real = measured(FORMULAS, tmp_path)
    assert len(real) == len(FORMULAS)
    wrong = [
        (formula, width, tex_width(formula))
        for formula, width in zip(FORMULAS, real, strict=True)
        if not width - 1 <= tex_width(formula) <= 1.08 * width + 3
    ]
    assert not wrong


def test_the_hand_written_equation_fits_a_line():
    assert tex_width(BACKWARD) <= 345


@pytest.mark.parametrize(("whole", "pieces"), [
    ("a = b", ["a", "=", "b"]),
    ("a + b - c", ["a", "+", "b", "-", "c"]),
    (r"x \cdot y \le z", ["x", r"\cdot", "y", r"\le", "z"]),
])
def test_pieces_add_up_to_the_line(whole, pieces):
    assert sum(map(tex_width, pieces)) == pytest.approx(tex_width(whole), abs=0.01)


def test_a_prefix_minus_and_a_script_have_no_spaces():
    assert tex_width("-x") == pytest.approx(7.78 + tex_width("x"))
    assert tex_width("a_{i+j}") < tex_width("a_{i}") + tex_width("+") - 4 + tex_width("a_{j}") - tex_width("a_{}")


def test_han_characters_are_ten_points():
    assert tex_width(r"\text{其中}") == 20
    assert tex_width(r"x \text{ 或 } y") > tex_width("x y") + 16


@pytest.mark.parametrize("source", [
    "", "{", "}", "_", "^", "\\", "x_", r"\frac", r"\frac{a", r"\left", r"\left(", r"\right", r"\begin", r"\begin{bmatrix}",
    r"\begin{bmatrix} a & b", r"\end{x}", r"\text{", r"\text", r"\substack", r"\bigl", r"\sqrt[", r"\xrightarrow",
    r"a \\ b & c", r"\mathbb{1}", "é ≤ \u0301 \ue000", "{" * 20000, "_" * 20000, r"\frac" * 20000, r"\left(" * 5000,
])
def test_anything_has_a_width(source):
    assert tex_width(source) >= 0


def test_an_unknown_command_counts_generously():
    assert tex_width(r"\unheardof") >= 10
    assert tex_width(r"a + \unheardof{b}") > tex_width("a + b") + 10


@pytest.mark.parametrize(("text", "columns"), [
    ("", 0), ("O[i,j]", 6), ("∂L/∂O₁₁", 7), ("其中", 4), ("ｆ", 2), ("e\u0301", 1), ("x̂ = 1", 5),
])
def test_terminal_columns(text, columns):
    assert text_width(text) == columns
