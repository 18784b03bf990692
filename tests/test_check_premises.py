"""Words around an equation that deny it, speak of another layer, assume values or state a convention: none is passed over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from symderiv.api import check_notes

CONV = r"""Input 3x3, kernel 2x2: $O_{ij} = \sum_{a=1}^2 \sum_{b=1}^2 I_{i+a-1,j+b-1} W_{ab}$

"""


def d(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


def verdicts(notes: str) -> list[str]:
    return [c.verdict for c in check_notes(CONV + notes, "x.md").report.claims[1:]]


CORNER = f"${d('I_{11}')} = {d('O_{11}')} W_{{11}}$"
FALSE = f"${d('I_{11}')} = {d('O_{11}')} W_{{22}}$"


@pytest.mark.parametrize("words", [
    "It is not true that {}", "{} does not hold.", "{} 不成立", "注意不是 {}", "With zero padding of one, {}", "After padding the input by 1: {}",
    "用 1 圈 0 填充输入后，{}", "## Average pooling\n\n{}", "对于平均池化，{}", "For true convolution (kernel flipped), {}", "For a transposed convolution: {}",
    "Now consider average pooling.\n{}",
])
def test_an_equation_that_words_deny_or_give_to_another_layer_is_not_judged(words: str) -> None:
    assert verdicts(words.format(CORNER)) == verdicts(words.format(FALSE)) == ["unreadable"]


@pytest.mark.parametrize("words", ["With ReLU after it, {}", "翻转卷积核后，{}", "For the second layer, flipping the kernel: {}"])
def test_words_that_may_change_the_layer_take_back_only_a_false(words: str) -> None:
    assert (verdicts(words.format(CORNER)), verdicts(words.format(FALSE))) == (["correct"], ["unreadable"])


@pytest.mark.parametrize("words", ["In max pooling this differs.\n\n{}", "The notes on padding are elsewhere.\n\n{}", "With the stride of 1, {}", "By the chain rule, {}"])
def test_words_elsewhere_change_nothing(words: str) -> None:
    assert (verdicts(words.format(CORNER)), verdicts(words.format(FALSE))) == (["correct"], ["wrong"])


@pytest.mark.parametrize("notes", [
    r"Suppose $W_{11} = 0$. Then " + f"${d('I_{11}')} = 0$", r"Let $W_{11} = 1$. Then " + f"${d('I_{11}')} = {d('O_{11}')}$",
    rf"Let $L = \sum_{{ij}} O_{{ij}}$, so ${d('O_{ij}')} = 1$ and ${d('I_{11}')} = W_{{11}}$",
])
def test_what_holds_under_an_assumption_is_not_called_false(notes: str) -> None:
    assert "wrong" not in verdicts(notes) and verdicts(notes)[-1] == "unreadable"


def test_without_the_assumption_it_is_false() -> None:
    assert verdicts(f"${d('I_{11}')} = 0$") == verdicts(f"${d('I_{11}')} = W_{{11}}$") == ["wrong"]


@pytest.mark.parametrize("words", ["{}, where $*$ is cross-correlation.", "{}，其中 $*$ 表示互相关", "这里 $*$ 表示互相关。{}", "$*$ denotes correlation. {}"])
def test_a_sign_means_what_the_words_say(words: str) -> None:
    plain, turned = f"${d('I')} = {d('O')} *_{{full}} W$", rf"${d('I')} = {d('O')} *_{{full}} \operatorname{{rot180}}(W)$"
    assert (verdicts(words.format(plain)), verdicts(words.format(turned))) == (["wrong"], ["correct"])
    other = words.replace("cross-correlation", "true convolution").replace("互相关", "真卷积").replace("correlation", "true convolution")
    assert (verdicts(other.format(plain)), verdicts(other.format(turned))) == (["correct"], ["wrong"])


WIDE = f"${d('I_{ij}')} = \\sum_{{m=i-1}}^{{i}} \\sum_{{n=j-1}}^{{j}} {d('O_{mn}')} W_{{i-m+1,j-n+1}}$"


@pytest.mark.parametrize("words", ["Terms outside the range count as zero: {}", "下标越界的项视为 0。{}", "Entries of dO that do not exist are taken as 0.\n\n{}"])
def test_zeros_outside_the_range_where_the_words_say_so(words: str) -> None:
    assert verdicts(words.format(WIDE)) == ["correct"]
    assert verdicts(words.format(WIDE.replace("i-m+1", "i-m+2"))) == ["wrong"]
    assert verdicts(WIDE) == ["wrong"]


def test_entries_that_do_not_exist_are_not_zero_where_the_words_deny_it() -> None:
    assert verdicts(f"Terms outside the range are not zero: {WIDE}") == ["wrong"]


@pytest.mark.parametrize("wrt", ["W", "I"])
def test_a_sum_without_indices_runs_over_the_outputs(wrt: str) -> None:
    chain = rf"${d(wrt)} = \sum {d('O')} \frac{{\partial O}}{{\partial {wrt}}}$"
    assert verdicts(chain) == ["correct"]
    assert verdicts(chain.replace(r"\sum", r"2 \sum")) == ["wrong"]


@pytest.mark.parametrize("notes", ["This costs $5 and {}.", "{}", "A {} B"])
def test_dollars_of_another_kind_do_not_hide_an_equation(notes: str) -> None:
    assert verdicts(notes.format(FALSE)) == verdicts(notes.format(FALSE.replace("22}$", "22} $"))) == ["wrong"]


@pytest.mark.parametrize("notes", ["`dL/dI_11 = dL/dO_11*W_22`", "```\ndL/dI_11 = dL/dO_11*W_22\n```"])
def test_an_equation_in_code_is_warned_of(notes: str) -> None:
    report = check_notes(CONV + notes, "x.md").report
    assert len(report.claims) == 1 and [w.kind for w in report.warnings] == ["prose-equation"]


def test_a_program_is_not_warned_of() -> None:
    assert not check_notes(CONV + "```python\ndI_11 = dO_11*W_22\n```\n`x = 3`", "x.md").report.warnings


def test_ties_in_mathematics_strike_nothing_out() -> None:
    assert verdicts(FALSE.replace(" = ", "~~=~~")) == ["wrong"]


def test_an_equation_that_is_not_closed_is_unreadable() -> None:
    assert verdicts("$" + FALSE.strip("$") + "\n\nmore") == ["unreadable"]


def test_the_file_behind_standard_input_is_not_overwritten(tmp_path: Path) -> None:
    notes = tmp_path / "in.md"
    notes.write_text(CONV)
    command = [sys.executable, "-m", "symderiv", "check", "-", "--format", "html", "-o", str(notes)]
    with notes.open() as file:
        done = subprocess.run(command, stdin=file, capture_output=True, text=True)
    assert done.returncode == 2 and "overwritten" in done.stderr and notes.read_text() == CONV


POOL = "Max pooling: a 3x3 input $I$, a 2x2 window, stride 1, output $O$.\n\n"
ONE = rf"${d('I_{pq}')} = {d('O_{ij}')}$"


@pytest.mark.parametrize("words", ["若窗口不重叠，{} 若 $I_{{pq}}$ 是窗口 $(i,j)$ 的最大值", "If windows do not overlap, {} when $I_{{pq}}$ is the maximum of window $(i,j)$"])
def test_windows_that_do_not_overlap_by_the_words(words: str) -> None:
    (right,) = check_notes(POOL + words.format(ONE), "x.md").report.claims
    (twice,) = check_notes(POOL + words.format(ONE.replace("= ", "= 2 ")), "x.md").report.claims
    assert (right.verdict, twice.verdict) == ("correct", "wrong")
    assert "windows do not overlap" in [m.key for m in right.assumes]


@pytest.mark.parametrize("words", ["{} (summed over all outputs)", "{}（对所有输出求和）", "{}, sum over all outputs"])
def test_a_sum_in_words(words: str) -> None:
    product = f"${d('W_{ac}')} = {d('O_{ij}')} I_{{i+a-1,j+c-1}}$"
    assert verdicts(product) == ["incomplete"]
    assert (verdicts(words.format(product)), verdicts(words.format(product.replace("= ", "= 2 ")))) == (["correct"], ["wrong"])


def test_no_counterexample_where_the_written_value_exists() -> None:
    chosen = rf"${d('I_{pq}')} = \sum_{{(i,j)}} {d('O_{ij}')} \cdot \mathbb{{1}}(I_{{pq}} = O_{{ij}})$"
    (claim,) = check_notes(POOL + chosen, "x.md").report.claims
    assert (claim.verdict, claim.counterexample) == ("incomplete", None) and "does not lie in" in claim.message.key


HEAD = r"Input 4x4, kernel 2x2: $O_{ij} = \sum_{a=1}^2\sum_{b=1}^2 I_{i+a-1,j+b-1} W_{ab}$" + "\n\n"
SUMMED = f"${d('W_{ab}')} = \\sum_{{i,j}} {d('O_{ij}')} I_{{i+a-1,j+b-1}}$"
LINE = "Input 5, kernel 2: $O_{i} = \\sum_{a=1}^2 I_{i+a-1} W_{a}$\n\n"


def last(notes: str) -> str:
    return check_notes(notes, "x.md").report.claims[-1].verdict


@pytest.mark.parametrize(("words", "expected"), [
    (" for $i,j=1,2,3$", "correct"), (r", $1 \le i,j \le 3$", "correct"), (" for all $a,b$", "correct"), (". The sum runs over $i,j=1,2,3$.", "correct"),
    (" for $i,j=1,2$", "wrong"), (r", $1 \le i,j \le 2$", "wrong"), (r" where $i,j \in \{1,2\}$", "wrong"), ("，其中 $i,j=1,2$", "wrong"),
    (". The sum runs over $i,j=1,2$.", "wrong"), (", sum over $i<j$", "unreadable"),
])
def test_a_range_beside_a_sum_is_the_sum_s(words: str, expected: str) -> None:
    assert last(HEAD + SUMMED + words) == expected


@pytest.mark.parametrize("words", ["Do not treat entries outside as zero. ", "Indices wrap around. ", "Indices are taken modulo 4. ", "Terms outside the range are not zero. "])
def test_zeros_outside_the_range_are_not_assumed_against_the_words(words: str) -> None:
    full = rf"${d('I_p')} = \sum_{{a=1}}^2 {d('O_{p-a+1}')} W_a$"
    assert (last(LINE + full), last(LINE + words + full)) == ("correct", "unreadable")


@pytest.mark.parametrize("words", ["Out-of-range entries are dropped. ", "范围之外的项视为零。"])
def test_more_words_for_zeros_outside(words: str) -> None:
    assert last(LINE + words + f"${d('I_p')} = {d('O_p')} W_1 + {d('O_{p-1}')} W_2$") == "correct"


@pytest.mark.parametrize("words", ["$*$ is convolution, not cross-correlation. ", "$*$ flips the kernel. ", r"$*$ 不是互相关而是卷积。"])
def test_a_sign_that_is_not_what_it_seems(words: str) -> None:
    assert (last(HEAD + words + f"${d('W')} = I * {d('O')}$"), last(HEAD + words + f"${d('I')} = {d('O')} * W$")) == ("wrong", "correct")


@pytest.mark.parametrize("words", [
    "With stride two, {}", "## Stride two\n\n{}", "Now let the stride be two. {}", "步长二：{}", "Pad the input by one on every side. {}", "## Zero padding\n\n{}", "补零后 {}",
    "(padding one) {}", "### Pooling\n\n{}", "## Fully connected\n\n{}", "minus {}", "2 times {}", "{}, divided by the batch size", "{}，再除以9",
    "We do **not** have {}", "{} (wrong)", "❌ {}", "We refute {}", "不能写成 {}", "这是不正确的：{}", "{}，这是不正确的",
])
def test_more_words_that_an_equation_is_not_judged_under(words: str) -> None:
    assert last(HEAD + words.format(CORNER)) == "unreadable"


@pytest.mark.parametrize("words", ["With stride 1, {}", "Without padding, {}", "There is no padding: {}", "## Convolution\n\n{}", "## Gradients\n\n{}", "{}, which is right.", "Not only that: {}", "{} is not zero.", "There is nothing wrong: {}"])
def test_words_that_fit_the_layer(words: str) -> None:
    assert (last(HEAD + words.format(CORNER)), last(HEAD + words.format(FALSE))) == ("correct", "wrong")


MAX = "Max pooling with a 2×2 window and stride 2 on a 4×4 input $I$ gives $O$.\n\n"


@pytest.mark.parametrize("notes", [
    MAX + f"Suppose $I_{{12}}$ is the maximum of its window. Then ${d('I_{11}')} = 0$.", MAX + f"设 $I_{{12}}$ 是窗口的最大值。则 ${d('I_{12}')} = {d('O_{11}')}$",
    HEAD + f"${d('I_{12}')} = {d('O_{11}')} W_{{12}}$ if $W_{{11}} = 0$", HEAD + f"Since $W_{{11}} = 0$, ${d('I_{12}')} = {d('O_{11}')} W_{{12}}$",
    HEAD + f"Assume $W_{{11}}$ is zero. Then ${d('I_{12}')} = {d('O_{11}')} W_{{12}}$",
    f"Input of length $n$, kernel of length 2: $y_i = x_i w_1 + x_{{i+1}} w_2$\n\n${d('x_n')} = {d('y_{n-1}')} w_2$",
    LINE + f"At the left border, ${d('I_p')} = {d('O_p')} W_1$", LINE + f"In the interior, ${d('I_p')} = {d('O_p')} W_1 + {d('O_{p-1}')} W_2$",
])
def test_what_is_right_under_its_words_is_not_called_false(notes: str) -> None:
    report = check_notes(notes, "x.md").report
    assert not {c.verdict for c in report.claims} & {"wrong", "incomplete"}


@pytest.mark.parametrize("words", ["模型结构与卷积层一致：", "The sizes are the same as for the convolution: ", "Unlike convolution, "])
def test_another_layer_may_be_named_to_compare_with_it(words: str) -> None:
    """As the notes do before the pooling layer's own sizes."""
    sizes = r"$\begin{bmatrix} I_{11} & I_{12} \\ I_{21} & I_{22} \end{bmatrix} \xrightarrow{\text{max pool}} \begin{bmatrix} O_{11} \end{bmatrix}$"
    report = check_notes("Max pooling, 2x2 window, stride 1.\n\n" + words + sizes, "x.md").report
    assert [c.verdict for c in report.claims] == ["correct"]


PLANES = "Convolution, input 4x4 with 2 channels, 3 filters of size 2x2: $O_f = \\sum_c W_{f,c} * I_c + b_f$\n\n"


def test_planes_with_a_bias_say_what_the_star_means() -> None:
    assert last(PLANES + f"${d('I_c')} = \\sum_f {d('O_f')} * W_{{f,c}}$") == "wrong"
    assert last(PLANES + f"${d('W_{f,c}')} = I_c * {d('O_f')}$") == "correct"


@pytest.mark.parametrize("notes", [
    "第2个元素的梯度为 dL/dI_12 = dL/dO_11*W_11", "for 3x3 dL/dI_12 = dL/dO_11*W_11", rf"$\text{{For the second entry: }} {d('I_{12}')} = {d('O_{11}')} W_{{11}}$",
    rf"$\not\Rightarrow {d('I_{11}')} = {d('O_{11}')} W_{{11}}$",
])
def test_an_equation_behind_words_that_are_not_understood_is_not_lost(notes: str) -> None:
    assert verdicts(notes) == ["unreadable"]


def test_not_yet_summed_is_no_sum() -> None:
    product = f"${d('W_{ac}')} = {d('O_{ij}')} I_{{i+a-1,j+c-1}}$"
    assert verdicts(product + "，尚未对所有输出求和") == ["incomplete"]
