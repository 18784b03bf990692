"""Pieces of the look: boxes in a terminal, wrapped Chinese, blank lines, region formulas."""

import re
import shutil
import subprocess
import unicodedata
from fractions import Fraction

import pytest

from symderiv.api import derive
from symderiv.cli.output import terminal_columns
from symderiv.layers import make, own
from symderiv.model import SymderivError
from symderiv.render.boxes import beside
from symderiv.render.breaks import break_terms
from symderiv.render.document import _squeezed
from symderiv.render.kinds import kinds
from symderiv.render.options import Options
from symderiv.render.plain_symbols import plain
from symderiv.render.width import text_width
from symderiv.render.wrap import wrap


def test_matrices_stand_side_by_side():
    text = beside([[["a", "b"], ["c", "d"]], " + ", [["1"], ["2"], ["3"]]], 40, text_width)
    assert text == "⎡ a  b ⎤   ⎡ 1 ⎤\n⎣ c  d ⎦ + ⎢ 2 ⎥\n           ⎣ 3 ⎦"


def test_matrices_that_are_too_wide_go_on_below():
    text = beside(["x = ", [["1", "2"]], " + ", [["3", "4"]]], 14, text_width)
    assert text == "x = [ 1  2 ]\n\n    + [ 3  4 ]"
    assert max(map(text_width, text.split("\n"))) <= 14


@pytest.mark.parametrize("columns", [10, 21, 40])
def test_chinese_is_wrapped_by_columns_and_no_line_begins_with_a_stop(columns):
    text = "窗口每滑到一处就用一次权重，与它相乘的只有输入的一个元素（即 I_11）。故 b = 1。"
    lines = wrap(text, columns, text_width).split("\n")
    assert all(text_width(line) <= columns + 2 for line in lines)
    assert not any(line[0] in "，。）、" for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_one_blank_line_at_most_wherever_pieces_end():
    pieces = ["\n\n", "a\n", "\n\n\n", "b\n\n\n\nc", "\n", "\n", "\n", "d\n"]
    assert "".join(_squeezed(iter(pieces))) == "a\n\nb\n\nc\n\nd\n"


def test_a_region_says_what_its_limits_come_to():
    text = derive(
        make("conv2d", input=(28, 28), kernel=5), ["I"]
    ).to_text()
    assert "∂L/∂I_{1, q} = Σ_{j=q-4}^{q} ∂L/∂O_{1, j}·W_{1, q-j+1},   5 ≤ q ≤ 24" in text
    strided = derive(make("conv1d", input=9, kernel=3, stride=2), ["I"]).to_text()
    assert re.search(r"∂L/∂I_p = ∂L/∂O_\{p/2\}·W₂,   p ∈ \{2, 4, 6, 8\}", strided)


def test_an_own_formula_gets_the_strip_the_matrix_and_the_numbers():
    text = derive(own("O[i] = sum(u=1..2, I[2*i+u-2]*W[u])", {"I": (5,), "W": (2,)})).to_text()
    assert "O₂  .   .   1   2   ." in text and "J = " in text and "By hand" in text


def test_what_jupyter_shows_is_one_display():
    shown = derive(make("conv1d", input=3, kernel=2))._repr_latex_()
    assert shown.startswith("$$") and shown.endswith("$$") and "medskip" not in shown and shown.count(r"\partial L") >= 6


def test_numbers_by_hand_are_the_gradient():
    d = derive(make("conv2d", input=(3, 3), kernel=(2, 2)))
    assert d.data.worked.values["dI"][1, 2] == Fraction(4)
    assert "∂L/∂I₁₂ = 1·2 + 2·1 = 4" in d.to_text()


GRID = {
    "seed": make("conv2d", input=(3, 3), kernel=(2, 2)),
    "stride and padding": make("conv2d", input=(5, 5), kernel=(3, 3), stride=2, padding=1),
    "flipped": make("conv2d", input=(5, 5), kernel=(2, 2), stride=2, flip=True),
    "dilation": make("conv1d", input=12, kernel=3, dilation=2),
    "groups": make("conv1d", input=6, kernel=3, channels=4, filters=6, groups=2),
    "channels": make("conv2d", input=(4, 4), kernel=(2, 2), channels=2, filters=3, batch=2),
    "three axes": make("conv3d", input=3, kernel=2),
    "names": make("conv2d", input=("H", "V"), kernel=("K", "K"), stride=2, padding="P"),
    "long names": make("conv2d", input=("Hin", "Vin"), kernel=("Kone", "Ktwo"), stride=2),
    "wide": make("conv1d", input=40, kernel=3),
    "many regions": make("conv2d", input=(28, 28), kernel=(5, 5), stride=3),
    "max overlap": make("max_pool2d", input=(4, 4), kernel=(3, 3), stride=1),
    "max large window": make("max_pool2d", input=(9, 9), kernel=(5, 5), stride=1),
    "max split": make("max_pool2d", input=(6, 6), kernel=(3, 3), stride=2, padding=1, ties="split"),
    "average": make("avg_pool2d", input=(9, 11), kernel=3, stride=2, padding=1, count_include_pad=False, ceil_mode=True),
    "matrix product": own("O[i,j] = sum(k=1..4, I[i,k]*W[k,j])", {"I": (3, 4), "W": (4, 2)}),
    "quadratic": own("O[i,j] = sum(k=1..4, I[i,k]*I[j,k])", {"I": (3, 4)}),
}


def columns_of(line):
    """Terminal columns, counted from Unicode's own table."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("case", GRID)
def test_no_line_of_text_is_wider_than_the_terminal(case):
    derived = derive(GRID[case])
    wide = [
        (columns, lang, style, line)
        for columns in (80, 60) for lang in ("en", "zh") for style in ("default", "notes")
        for line in derived.to_text(lang=lang, width=columns, style=style).split("\n") if columns_of(line) > columns
    ]
    assert not wide


def test_a_narrow_terminal_breaks_all_but_single_atoms():
    text = derive(GRID["stride and padding"]).to_text(width=40)
    wide = {line.strip() for line in text.split("\n") if columns_of(line) > 40}
    assert all(" " not in atom for atom in wide), wide


def test_a_products_line_ends_with_its_dot_and_a_sum_goes_on_with_its_plus():
    lines, _ = break_terms("O", [(False, "Σ_{i=1}^{2} A_{i, 1}·B_{i, 2}·C_{i, 3}·D_{i, 4}"), (True, "E")], 32, text_width)
    assert lines == ["Σ_{i=1}^{2} A_{i, 1}·", "B_{i, 2}·C_{i, 3}·D_{i, 4}", "- E"]
    lines, _ = break_terms("O", [(False, "A [i = p] [j = q]")], 16, text_width)
    assert lines == ["A [i = p]·", "[j = q]"]


@pytest.mark.parametrize(("given", "shown"), [
    (r"\delta", "δ"), (r"\mathcal{L}", "ℒ"), (r"X^{(l)}", "X^(l)"), (r"\hat y", "y\u0302"), (r"\mathbf{W}", "𝐖"),
    (r"\unheard{x}", r"\unheard{x}"), ("K", "K"), (r"\partial E", "∂E"),
])
def test_a_symbol_in_latex_is_unicode_in_a_terminal(given, shown):
    assert plain(given) == shown


def test_the_terminals_width_is_taken_within_reason(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for columns, taken in (("72", 72), ("20", 40), ("300", 100)):
        monkeypatch.setenv("COLUMNS", columns)
        assert terminal_columns(None) == taken and terminal_columns("a.txt") is None


@pytest.mark.parametrize("case", GRID)
def test_a_narrow_column_of_latex_holds_everything(case, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    (tmp_path / "part.tex").write_text(derive(GRID[case]).to_latex(width=229.0))
    (tmp_path / "a.tex").write_text(r"\documentclass[twocolumn]{article}\usepackage{amsmath}\begin{document}\input{part}\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
    assert re.findall(r"Overfull .hbox.*", (tmp_path / "a.log").read_text(errors="replace")) == []


NOTES = {
    # case: each entry's kind, drawn by hand; c corner, i inner, o other, b border, r read, z read by no window
    "conv2d 3x3 2x2": ((3, 3), (2, 2), {}, ["coc", "oio", "coc"]),
    "conv2d 6x6 3x3": ((6, 6), (3, 3), {}, ["cooooc", "oiiiio", "oiiiio", "oiiiio", "oiiiio", "cooooc"]),
    "conv2d 5x5 3x3 stride 2": ((5, 5), (3, 3), {"stride": 2, "padding": 1}, ["coooc", "oiiio", "oiiio", "oiiio", "coooc"]),
    "conv2d 6x6 3x3 stride 2": ((6, 6), (3, 3), {"stride": 2}, ["coooc" "z", "oiiio" "z", "oiiio" "z", "oiiio" "z", "coooc" "z", "z" * 6]),
    "conv2d 3x3 1x2": ((3, 3), (1, 2), {}, ["bib"] * 3),
    "max_pool2d 4x4 2x2": ((4, 4), (2, 2), {}, ["rrrr"] * 4),
    "max_pool2d 3x3 2x2": ((3, 3), (2, 2), {}, ["rrz", "rrz", "zzz"]),
}


@pytest.mark.parametrize("case", NOTES)
def test_the_kinds_of_entries_are_where_they_lie(case):
    size, kernel, options, drawn = NOTES[case]
    gradient = derive(make(case.split()[0], input=size, kernel=kernel, **options), ["I"]).data.gradient("I")
    found = {q: kind[0] for kind, members in kinds(gradient, 2).items() for q in members}
    assert ["".join(found[r, c] for c in range(1, size[1] + 1)) for r in range(1, size[0] + 1)] == drawn


def test_kinds_are_numbered_as_they_come_and_one_alone_is_not():
    strided = derive(make("conv2d", input=(5, 5), kernel=(3, 3), stride=2, padding=1)).to_text(style="notes")
    assert [m[0] for m in re.findall(r"^\((i+)\) For the (\w+)", strided, re.M)] == ["i", "ii", "iii"]
    pooled = derive(make("max_pool2d", input=(4, 4), kernel=(2, 2))).to_text(style="notes")
    assert not re.search(r"^\(i", pooled, re.M) and "Element by element:" in pooled


def test_two_tensors_of_one_shape_have_numbers_of_their_own():
    worked = derive(own("O[i] = sum(k=1..3, A[i,k]*C[k]) + D[i]", {"A": (3, 3), "C": (3,), "D": (3,)})).data.worked
    values = [tuple(worked.values[name].values()) for name in ("A", "C", "D")]
    assert len(set(values)) == 3 and len({v[:3] for v in values}) == 3


@pytest.mark.parametrize(("options", "words"), [
    ({"channels": 2, "filters": 3, "batch": 2}, ["n numbers the samples of the batch, f the filters and c the channels", "Every filter reads every channel"]),
    ({"channels": 2, "filters": 3}, ["(here one)"]),
    ({"channels": 4, "filters": 4, "groups": 2}, ["h the groups", "f the filters of a group", "c the channels of a group", "Every filter of a group"]),
])
def test_every_letter_is_introduced(options, words):
    text = " ".join(derive(make("conv2d", input=(3, 3), kernel=(2, 2), **options)).to_text().split())
    assert all(word in text for word in words)


def test_signs_are_explained_once_and_where_they_first_stand():
    text = derive(make("max_pool2d", input=(4, 4), kernel=(2, 2), stride=1)).to_text()
    flat = " ".join(text.split())
    assert flat.count("is the position of the maximum") == 1 and flat.count("A bracket is 1 where") == 1
    assert flat.index("is the position of the maximum") < flat.index("Setting")
    named = derive(make("conv2d", input=("H", "V"), kernel=(2, 2), stride=2)).to_text(symbols={"upstream": r"\delta"})
    assert named.count("The output lengths are") == 1 and named.index("The output lengths are") < named.index("Σ")
    assert named.index("δ_{i, j} = ∂L/∂O_{i, j}") < named.index("Σ")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pooling_speaks_of_windows(lang):
    for name in ("max_pool2d", "avg_pool2d"):
        text = derive(make(name, input=(5, 5), kernel=(3, 3), stride=2, padding=1)).to_text(lang=lang)
        assert "卷积" not in text and "核" not in text and "kernel" not in text


def test_chinese_has_no_space_beside_full_width_marks():
    for case in ("seed", "channels", "max split", "quadratic"):
        text = derive(GRID[case]).to_markdown(lang="zh")
        assert not re.findall(r" [（），。；：、]|[（），。；：、] ", text)


def test_a_minus_after_a_sum_stands_in_brackets():
    text = derive(own("O[i] = sum(k=1..3, 0-W[i,k]*X[k])", {"W": (2, 3), "X": (3,)})).to_latex()
    assert not re.search(r"\\sum_\{[^}]*\}\^\{[^}]*\} -", text) and "(-W_{i, k}" in text.replace("ik", "i, k")


def test_a_page_breaks_between_equations_and_not_inside_one():
    text = derive(GRID["stride and padding"]).to_latex()
    align = re.search(r"\\begin\{align\*\}.*?\\end\{align\*\}", text, re.S)[0]
    assert r"\\*" in align and re.findall(r"(\\\\\*?)\n&\\quad", align) == [r"\\*"] * align.count("&\\quad")


def test_many_regions_are_several_tables_and_the_rest_is_counted():
    layer = make("conv2d", input=(40, 40), kernel=(9, 9), stride=1)
    regions = derive(layer, ["I"]).data.gradient("I").regions
    assert len(regions) == 17 * 17
    text = derive(layer, ["I"]).to_latex(show=("regions",))
    tables = re.findall(r"\\begin\{tabular\}.*?\\end\{tabular\}", text, re.S)
    assert [t.count(r"\\") - 1 for t in tables] == [28] * 7 + [4] and "the first 200 of them; -{}-format json has all 289" in text


def test_a_matrix_with_superscripts_has_its_rows_apart():
    text = derive(GRID["seed"]).to_latex(symbols={"input": "X^{(l)}"})
    assert re.search(r"X\^\{\(l\)\}_\{13\} \\\\\[4pt\] X\^\{\(l\)\}_\{21\}", text)


@pytest.mark.parametrize(
    "options, rule",
    [
        ({"input": 30, "kernel": 3, "stride": 2, "dilation": 2}, "Σ ∂L/∂I = (Σ ∂L/∂O)·(Σ W)"),
        ({"input": (5, 6), "kernel": 2, "channels": 3, "filters": 2, "batch": 2}, "Σ ∂L/∂I = Σ_f (Σ_{n, i, j} ∂L/∂O_nfij)·(Σ_{c, u, v} W_fcuv)"),
        ({"input": 30, "kernel": 3, "padding": 1}, None),
    ],
)
def test_the_sums_that_agree_are_those_of_autograd(options, rule):
    torch = pytest.importorskip("torch")
    layer = make("conv2d", **options)
    text = derive(layer).to_text(show=("general", "check"))
    if rule is None:
        assert "sums over all entries" not in text
        return
    assert rule in text
    many = "channels" in options
    size = options["input"] if isinstance(options["input"], tuple) else (options["input"],) * 2
    image = torch.randn(options.get("batch", 1), options.get("channels", 1), *size, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(options.get("filters", 1), options.get("channels", 1), *(options["kernel"],) * 2, dtype=torch.float64)
    out = torch.nn.functional.conv2d(image, weight, stride=options.get("stride", 1), dilation=options.get("dilation", 1))
    g = torch.randn_like(out)
    out.backward(g)
    right = sum(g[:, f].sum() * weight[f].sum() for f in range(len(weight))) if many else g.sum() * weight.sum()
    assert abs(image.grad.sum() - right) < 1e-9


def flat(layer, **options):
    """The document on one line."""
    return " ".join(derive(layer).to_text(**options).split())


@pytest.mark.parametrize(("ties", "lang", "words"), [
    ("first", "en", "is 1 at the chosen position and 0 elsewhere"), ("split", "en", "is one over the number of maxima at each of them"),
    ("all", "en", "is 1 at each of the maxima"), ("first", "zh", "在选中的位置为 1"), ("split", "zh", "最大值个数的倒数"), ("all", "zh", "在每个最大值处都为 1"),
])
def test_the_local_derivative_of_a_maximum_is_told_by_the_tie_rule(ties, lang, words):
    text = flat(make("max_pool2d", input=3, kernel=2, stride=1, ties=ties), lang=lang, show=("general",))
    said = [w for w in ("chosen position", "one over the number", "each of the maxima", "选中的位置", "的倒数", "每个最大值处都为") if w in text]
    assert words.replace(" ", "") in text.replace(" ", "") and len(said) == 1


@pytest.mark.parametrize(("name", "options", "signs"), [
    ("conv2d", {"input": 3, "kernel": 2}, {"max", "min"}), ("conv2d", {"input": 5, "kernel": 3, "stride": 2, "padding": 1}, {"ceil", "floor"}),
    ("avg_pool2d", {"input": 4, "kernel": 2}, {"ceil", "floor"}), ("conv1d", {"input": 9, "kernel": 3, "stride": 2}, {"max", "min", "ceil", "floor"}),
    ("max_pool1d", {"input": 7, "kernel": 2, "stride": 3}, {"min", "ceil", "floor"}),
])
def test_only_signs_that_stand_in_the_limits_are_spoken_of(name, options, signs):
    text = derive(make(name, **options), ["I"]).to_text(show=("general",), width=300)
    told, formula = re.search(r"intersect the ranges\.(.*)\n\n(.*)\n", text).groups()
    shown = {sign for sign, mark in (("max", "max("), ("min", "min("), ("ceil", "⌈"), ("floor", "⌊")) if mark in formula}
    assert shown == signs == {sign for sign in ("max", "min", "ceil", "floor") if re.search(rf"\b{sign}\b", told)}


@pytest.mark.parametrize(("name", "options", "words"), [
    ("avg_pool2d", {"input": 4, "kernel": 2}, "From input, window and stride the output length follows: ⌊(4-1-1)/2⌋ + 1 = 2."),
    ("conv2d", {"input": 3, "kernel": 3, "padding": 1}, "From input, padding and kernel the output length follows: 3+1+1-2 = 3."),
    ("conv1d", {"input": 9, "kernel": 3, "dilation": 2}, "From input, kernel and dilation the output length follows: 9-2·2 = 5."),
    ("max_pool1d", {"input": 9, "kernel": 3, "dilation": 2, "padding": 1}, "From input, padding, window, dilation and stride the output length follows: ⌊(9+1+1-2·2-1)/3⌋ + 1 = 3."),
])
def test_the_output_length_names_the_sizes_that_matter(name, options, words):
    assert words in flat(make(name, **options), show=("setting",))


def test_a_window_that_holds_only_padding_is_told_of_once():
    lone = make("max_pool1d", input=1, kernel=2, stride=2, padding=1, dilation=2, ceil_mode=True)
    told = "The window of O₁ holds only padding: its value is -∞, no position is its maximum, and no gradient flows back from it."
    for parts in ({}, {"show": ("forward",)}, {"show": ("general",)}, {"show": ("forward", "general")}):
        assert flat(lone, **parts).count(told) == 1
    assert "O₁ = -∞ " in flat(lone) and "(-∞)" not in flat(lone)
    assert "holds only padding" not in flat(make("max_pool1d", input=5, kernel=3, stride=2, padding=1))
    wide = make("max_pool2d", input=(1, 3), kernel=(2, 1), stride=(2, 1), padding=(1, 0), dilation=(2, 1), ceil_mode=True)
    assert "The windows of O₁₁, O₁₂ and O₁₃ hold only padding" in flat(wide)
    many = make("max_pool1d", input=1, kernel=2, stride=2, padding=1, dilation=2, ceil_mode=True, channels=2)
    assert "A window that holds only padding has the value -∞" in flat(many)


@pytest.mark.parametrize("ties", ["split", "all"])
@pytest.mark.parametrize(("size", "kernel", "stride"), [(3, 2, 1), (4, 2, 2), (5, 3, 2), (3, 3, 1)])
def test_the_numbers_of_a_tie_rule_have_a_tie(ties, size, kernel, stride):
    d = derive(make("max_pool2d", input=size, kernel=kernel, stride=stride, ties=ties))
    given = d.data.worked.values["I"]
    expected, tied = dict.fromkeys(given, Fraction(0)), set()
    starts = range(1, size - kernel + 2, stride)
    for k, (r, c) in enumerate((r, c) for r in starts for c in starts):
        window = [(x, y) for x in range(r, r + kernel) for y in range(c, c + kernel)]
        best = [q for q in window if given[q] == max(given[x] for x in window)]
        tied |= set(best) if len(best) > 1 else set()
        for q in best:
            expected[q] += Fraction(k + 1, len(best) if ties == "split" else 1)
    assert tied and expected == d.data.worked.values["dI"]
    row, column, total = re.search(r"By hand[^∂]*∂L/∂I([₁-₉])([₁-₉]) = [^=]* = ([0-9/]+)\.", flat(d.data.layer, show=("check",))).groups()
    q = ("₀₁₂₃₄₅₆₇₈₉".index(row), "₀₁₂₃₄₅₆₇₈₉".index(column))
    assert q in tied and Fraction(total) == expected[q]


@pytest.mark.parametrize(("name", "options"), [("max_pool2d", {"input": 4, "kernel": 2}), ("max_pool1d", {"input": 9, "kernel": 3}), ("max_pool2d", {"input": 5, "kernel": 3, "stride": 2, "padding": 1})])
def test_by_hand_is_no_entry_without_a_gradient(name, options):
    text = flat(make(name, **options))
    total = re.search(r"By hand[^∂]*∂L/∂I[₁-₉]+ = [^=]* = ([0-9/]+)\.", text)[1]
    assert int(total) > 0 and "worked through above: ∂L/∂I₁₁ " not in text


def test_of_several_parts_that_notes_do_not_have_the_first_is_named():
    for show in (("check", "matrix", "regions"), ("forward", "strip", "result")):
        with pytest.raises(SymderivError, match=f"--show {show[0] if show[0] != 'forward' else 'strip'}: "):
            Options(style="notes", show=show)
