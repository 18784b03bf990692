"""LaTeX to MathML: whole or not at all, and only elements of a closed list."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report import PAYLOADS

from symderiv.render.report.mathml import mathml

ELEMENTS = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "msub", "msup", "msubsup", "munder", "mover",
    "munderover", "mtable", "mtr", "mtd",
}
SEED = (Path(__file__).parent / "notes" / "student.md").read_text(encoding="utf-8")


def elements(drawn):
    return {e.tag for e in ElementTree.fromstring(drawn).iter()}


def said(drawn):
    return "".join(ElementTree.fromstring(drawn).itertext())


@pytest.mark.parametrize("source", [m[1] or m[2] for m in re.finditer(r"\$\$(.*?)\$\$|\$(.*?)\$", SEED)])
def test_every_formula_of_the_seed_is_drawn(source):
    assert elements(mathml(source)) <= ELEMENTS


@pytest.mark.parametrize(
    "source, text",
    [
        (r"\frac{\partial L}{\partial I_{12}} = W_{22}", "∂L∂I12=W22"), (r"\sum_{i=1}^n x_i'", "∑i=1nxi′"), (r"a^{2}_{ij}", "aij2"),
        (r"\left( \frac{a}{b} \right]", "(ab]"), (r"\text{if } i < j", "if\xa0i<j"), (r"\begin{cases} 1, & x \\ 0 \end{cases}", "{1,x0"),
        (r"A \xrightarrow{\text{pool}} B", "A→poolB"), (r"\hat{x}\,\mathbf{W}", "x^W"), ("1.5 - 2", "1.5−2"), (r"\sqrt{x}", "x"),
    ],
)
def test_signs_and_letters_are_the_sources(source, text):
    assert said(mathml(source)) == text


@pytest.mark.parametrize("source", ["", r"\unknown{x}", "{", "}", r"\frac{1}", r"\begin{bmatrix} 1", r"\end{bmatrix}", r"\left(", r"\text{$x$}", "a $ b", "x" * 9000, "{" * 100 + "}" * 100, "a # b"])
def test_what_is_not_known_is_not_drawn(source):
    assert mathml(source) is None


def test_offending_symbols_are_marked():
    source = r"a \cdot W_{22}"
    assert mathml(source, [(8, 14)]).count('class="bad"') == 2


@given(st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=40), st.lists(st.sampled_from(re.findall(r"\\[A-Za-z]+|.", SEED[:400]) + list(PAYLOADS)), max_size=20).map("".join)))
@settings(max_examples=300, deadline=None)
def test_only_known_elements_whatever_the_source(source):
    drawn = mathml(source, [(0, 3)])
    assert drawn is None or elements(drawn) <= ELEMENTS
