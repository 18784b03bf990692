"""Nothing is judged on a part: what goes on after an equation, and words that speak of other sizes."""

import pytest
from click.testing import CliRunner

from symderiv.api import check_notes
from symderiv.cli.main import main

LAYER = "Convolution, input 3x3, kernel 2x2: $O_{ij}=\\sum_{a=1}^{2}\\sum_{b=1}^{2} I_{i+a-1,j+b-1} W_{ab}$\n\n"


def grad(of):
    return rf"\frac{{\partial L}}{{\partial {of}}}"


I11 = f"{grad('I_{11}')} = {grad('O_{11}')} W_{{11}}"
I33 = f"${grad('I_{33}')} = {grad('O_{22}')} W_{{22}}$"


def verdicts(text, name="notes.md"):
    return [c.verdict for c in check_notes(text, name).report.claims]


@pytest.mark.parametrize("rest", [". I_{22}", ".W_{12}+I_{22}", r" . (1+W_{12})", ".5", ";2", "; W_{12}", r"\cdot W_{11}. W_{12}"])
@pytest.mark.parametrize("around", ["$%s$", "$$%s$$", r"\[%s\]"])
def test_what_follows_a_stop_belongs_to_the_equation(rest, around):
    assert verdicts(LAYER + around % (I11 + rest))[1:] == ["unreadable"]


def test_a_dot_between_factors_is_not_the_end():
    assert verdicts(LAYER + f"${grad('I_{11}')} = {grad('O_{11}')} . W_{{11}}$")[1:] == ["unreadable"]


def test_a_stop_between_equations_still_cuts():
    assert verdicts(LAYER + f"${I11}. {I33[1:-1]}; {I11}.$")[1:] == ["correct"] * 3


@pytest.mark.parametrize("join", ["$$\n\n$$", "$ $", "$\n$"])
def test_the_next_formula_may_go_on(join):
    edge = "$$" if join.startswith("$$") else "$"
    assert verdicts(f"{LAYER}{edge}{I11}{join}+{grad('O_{12}')} W_{{12}}{edge}")[1:] == ["unreadable"]


def test_words_between_formulas_keep_them_apart():
    assert verdicts(LAYER + f"${I11}$, and $-W_{{12}}$ is a weight")[1:] == ["correct"]


@pytest.mark.parametrize("text", ["I_{11}+" * 3999 + "I_{11}", "I" * 30_010])
def test_an_equation_over_the_limit_says_so(text):
    (claim,) = check_notes(f"${text} = W_{{11}}$", "notes.md").report.claims
    assert claim.verdict == "unreadable" and "equation length" in str(claim.message)


@pytest.mark.parametrize("words", [
    "Now take a 5x5 input and a 3x3 kernel.", "Convolution, input 5x5, kernel 3x3:", "Let the kernel be 3x3.", "Suppose the input is 5x5.",
    "考虑 5x5 输入，3x3 卷积核：", "第二层卷积：输入 5x5，卷积核 3x3。", r"输入改为 $5\times 5$。", "## 5x5 input",
    r"Now let $I$ be $5\times5$ and $W$ be $3\times3$.", "With two input channels:", "## Three channels", "下面是多通道：",
])
def test_other_sizes_in_words_are_another_layer(words):
    assert verdicts(f"{LAYER}{words}\n\n{I33}")[-1] == "unreadable"


@pytest.mark.parametrize("words", ["if the input is 5x5 and the kernel 3x3.", "for a 5x5 input", "(5x5 input, 3x3 kernel)", "，若输入为 5x5"])
def test_other_sizes_beside_an_equation(words):
    assert verdicts(f"{LAYER}{I33} {words}")[-1] == "unreadable"


@pytest.mark.parametrize("words", [
    "For the 3x3 input and the 2x2 kernel:", "The 2x2 kernel slides over the 3x3 input.", "Each 2x2 window of the input is read once.",
    "Unlike a 5x5 input, this one is small.", "The padded gradient is 4x4.", "With one channel:",
])
def test_the_same_sizes_or_parts_are_not(words):
    assert verdicts(f"{LAYER}{words}\n\n{I33}")[-1] == "correct"


@pytest.mark.parametrize("symbol", [r"\mathbf{K}", r"\boldsymbol{x}", r"\mathrm{in}", r"\omega"])
def test_a_symbol_in_bold_is_the_letter_that_is_read(symbol):
    ran = CliRunner().invoke(main, ["derive", "conv2d", "--input", "3x3", "--kernel", "2x2", "--symbols", f"weight={symbol}", "--format", "markdown"])
    assert ran.exit_code == 0 and set(verdicts(ran.output)) == {"correct"}


def test_the_sum_that_the_seeds_line_57_lacks_is_over_the_outputs():
    text = (r"$O_{ij} = \max_{\substack{1 \leq a \leq 2 \\ 1 \leq b \leq 2}} \{ I_{i+a-1, j+b-1} \}$, input 3x3" + "\n\n"
            + "若是取最大值的位置\n\n$" + r"\text{则 } \frac{\partial L}{\partial I} = \frac{\partial L}{\partial O}$")
    claim = check_notes(text, "notes.md").report.claims[-1]
    assert (claim.verdict, [d.expected for d in claim.differences]) == ("incomplete", [r"\sum_{i, j}"])


@pytest.mark.parametrize("options", [
    "avg_pool2d --input HxV --kernel 9x8 --stride 9x8 --channels 64", "max_pool2d --input HxV --kernel 8x8", "avg_pool2d --input HxV --kernel 16",
])
def test_large_pooling_windows_by_name_are_read_back(options):
    ran = CliRunner().invoke(main, ["derive", *options.split(), "--format", "markdown"])
    assert ran.exit_code == 0 and set(verdicts(ran.output)) == {"correct"}


AVERAGE = r"""Average pooling, 24x20 input, 4x3 window, stride 4x3: $O_{ij} = \frac{1}{12}\sum_{a=1}^{4}\sum_{b=1}^{3} I_{4i+a-4,3j+b-3}$

$\frac{\partial L}{\partial I_{pq}} = %s \sum_{i=1}^{6}\sum_{j=1}^{6}\sum_{a=1}^{4}\sum_{b=1}^{3} [4i+a-4=p][3j+b-%d=q] \frac{\partial L}{\partial O_{ij}}$"""


@pytest.mark.parametrize(("coefficient", "shift", "verdict"), [
    (r"\frac{1}{12}", 3, "correct"), (r"\frac{1}{4}\frac{1}{3}", 3, "correct"), (r"\frac{1}{13}", 3, "wrong"), ("", 3, "wrong"), (r"\frac{1}{12}", 2, "wrong"),
])
def test_averages_of_numbers_axis_by_axis(coefficient, shift, verdict):
    """Each entry up to row 24 and column 18 lies in one window of 12 cells, the others in none."""
    assert verdicts(AVERAGE % (coefficient, shift))[-1] == verdict


@pytest.mark.parametrize("wrt", ["I", "W"])
def test_many_channels_are_derived_as_a_name(wrt):
    """The same text as with three channels, but for the numbers."""
    def text(c, f):
        ran = CliRunner().invoke(main, ["derive", "conv2d", "--input", "HxV", "--kernel", "3x3", "--channels", c, "--filters", f, "--wrt", wrt, "--show", "general", "--format", "text"])
        assert ran.exit_code == 0
        return ran.output
    assert text("67", "89").replace("67", "3").replace("89", "4") == text("3", "4")


@pytest.mark.parametrize(("below", "verdict"), [
    (r"\substack{i+a-1=p\\j+b-1=q}", "correct"), (r"i+a-1=p,\, j+b-1=q", "correct"), (r"i+a=p+1,\, q=j+b-1", "correct"),
    (r"\substack{i+a-1=p\\j+b=q}", "wrong"), (r"i+a-1=q,\, j+b-1=p", "wrong"), (r"i+a-1=p", "wrong"),
])
def test_a_sum_under_equations_is_over_their_letters(below, verdict):
    assert verdicts(f"{LAYER}${grad('I_{pq}')} = \\sum_{{{below}}} {grad('O_{ij}')} W_{{ab}}$")[-1] == verdict


DW = rf"${grad('W_{ab}')} = \sum_{{i,j}} {grad('O_{ij}')} I_{{i+a-1,j+b-1}}$"


@pytest.mark.parametrize("text", [
    DW + " with $i$ and $j$ from 1 to 2.", DW + ", where the sum is over the first two rows only.", "Sum over odd $i$ only: " + DW,
    DW + "，其中求和只取前两行。", DW + "，其中 $i,j$ 取 1 到 2。", DW + " where $i,j$ run over $1,2$.",
])
def test_a_range_of_a_sum_in_words(text):
    """With an input of 4x4 the outputs are 3x3, so a sum over fewer is another one."""
    assert verdicts(LAYER.replace("3x3", "4x4") + text)[-1] == "unreadable"


@pytest.mark.parametrize("words", [
    "The image is now 4x4.\n\n", "Larger image (4x4): ", "For a four-by-four input: ", "把图像换成 4x4 的：", "We repeat with a 4 by 4 input.\n\n",
    "步长为二。\n\n", "This time the kernel moves two pixels at a time.\n\n", "We surround the image with a ring of zeros.\n\n", "采用循环边界：",
    "From here on W means the rotated kernel.\n\n", "以下 $W$ 表示旋转 180° 后的核。\n\n", "Suppose we flip the kernel. Then ", "Indices start at 0 from now on.\n\n",
    "从现在起下标从 0 开始。\n\n",
])
def test_words_that_make_it_another_layer(words):
    assert verdicts(LAYER + words + I33)[-1] == "unreadable"


@pytest.mark.parametrize("text", [
    "下式是错的：%s", "%s. This is wrong.", "%s\n\nThe last equation is not true.", "%s\n\n上式不对。", "~~%s~~", r"\sout{%s}", "### Common mistakes\n\n%s",
    "It would be a blunder to write %s.", "%s is what a careless student obtains.", "We assume for contradiction that %s.", "Except at the corner, %s.",
    "%s (only if the stride were 2).", "%s, up to a factor of 2.", "%s — off by a sign.", "%s 这个式子少了一项。", "Twice this is the gradient: %s",
    "Is it true that %s?", "Which of these is false? %s", "$-$ %s", r"$2\cdot$%s",
])
def test_words_that_deny_or_change_an_equation(text):
    assert verdicts(LAYER + text % I33)[-1] == "unreadable"


@pytest.mark.parametrize("sign", [r"\overset{\text{wrong}}{=}", r"\overset{?}{=}"])
def test_a_sign_of_doubt_above_the_equality(sign):
    assert verdicts(LAYER + I33.replace("=", sign))[-1] == "unreadable"


@pytest.mark.parametrize("text", [
    "For the corner, %s", "The corner is read once, so %s", "右下角：%s", "因此 %s", "We do not need padding here, so %s", "Indices start at 1.\n\n%s",
    "## Errors of the layer\n\n%s", "The error reaches the corner: %s", "%s since one window reads it.", "%s. The sum runs over the outputs.", "The rotated kernel is used below.\n\n%s",
])
def test_words_that_change_nothing(text):
    assert verdicts(LAYER + text % I33)[-1] == "correct"


def test_the_stride_of_a_layer_with_sizes_by_name_is_compared():
    text = (r"Convolution, input 2x4x3, kernel 3x2, stride 1, 3 output channels: "
            r"$O_{o,r,t}=\sum_{c=0}^{1}\sum_{k=0}^{2}\sum_{l=0}^{1} I_{c,r+k,t+l} W_{o,c,k,l}$")
    assert verdicts(text) == ["correct"]


@pytest.mark.parametrize("forward", [
    r"$O = \text{ReLU}(I * W)$", r"$O_i = \sigma(I_i W_1 + I_{i+1} W_2)$", r"$O_i = \text{mystery}(I_i, I_{i+1})$",
])
def test_nothing_is_judged_after_a_forward_formula_that_was_not_understood(forward):
    """The words name a plain convolution, but the formula is of another layer: its gradient has a factor more."""
    gradient = f"${grad('W_1')} = \\sum_i {grad('O_i')} I_i$"
    words = "1D convolution with input size 4 and kernel size 2, output "
    assert verdicts(f"{words}{forward}.\n\n{gradient}")[-1] == "unreadable"
    assert verdicts(f"{words}$O_i = I_i W_1 + I_{{i+1}} W_2$.\n\n{gradient}") == ["correct", "correct"]


@pytest.mark.parametrize("before", [
    "With the same stride but a 4x4 input, ", "Here $n=4$ is the side of the input. ", "Here $W_{22}$ denotes the corner of the rotated kernel. ",
    "With weight decay, ", "With dropout on the input, ", "## ReLU\n\n", "The stride is 1 vertically and 2 horizontally. ", "The loss has an L2 penalty on W. ",
    "The kernel is applied at every second position. ", "After batch normalisation, ", "All weights of the kernel are tied. ", "经过激活函数之后，", "加上正则项后，", "<del>",
    "Common mistakes:\n\n- $x = 1$\n- ", "We pad by 1 on the left only. ",
])
def test_words_that_bring_something_else_in(before):
    assert verdicts(f"{LAYER}{before}{I33}\n")[-1] == "unreadable"


@pytest.mark.parametrize("before", ["Without weight decay, ", "The kernel is shared by all positions. ", "The same stride as above. ", "No dropout is used. ", "L is averaged over the batch. "])
def test_words_that_bring_nothing_in(before):
    assert verdicts(f"{LAYER}{before}{I33}\n")[-1] == "correct"


@pytest.mark.parametrize("after", ["[^1]\n\n[^1]: This is wrong.", "[^n]\n\n[^n]: wrong, see below"])
def test_a_footnote_may_deny_it(after):
    assert verdicts(f"{LAYER}{I33}{after}\n")[-1] == "unreadable"
    assert verdicts(f"{LAYER}{I33}[^2]\n\n[^2]: See chapter 3.\n")[-1] == "correct"


def test_a_label_may_deny_it():
    assert verdicts(f"{LAYER}{I33[:-1]} \\tag{{false}}$")[-1] == "unreadable"
    assert verdicts(f"{LAYER}{I33[:-1]} \\tag{{3}}$")[-1] == "correct"


@pytest.mark.parametrize(("words", "verdict"), [
    ("Entries of the input outside its range count as zero. ", "wrong"), ("All entries outside their range count as zero. ", "correct"),
])
def test_zeros_outside_are_those_of_the_tensor_named(words, verdict):
    assert verdicts(f"{LAYER}{words}${grad('I_{33}')} = {grad('O_{33}')} W_{{11}} + {grad('O_{22}')} W_{{22}}$")[-1] == verdict
    assert verdicts(f"{LAYER}{words}${grad('W_{11}')} = \\sum_{{i,j}} {grad('O_{ij}')} I_{{ij}} + {grad('O_{11}')} I_{{44}}$")[-1] == "correct"


def test_a_kernel_of_numbers_stands_for_its_letters():
    text = "1D convolution, input of length 3, kernel $W=(1,-1)$: $O_i = I_i W_1 + I_{i+1} W_2$\n\n"
    assert verdicts(text + f"${grad('I_3')} = -{grad('O_2')}$")[-1] == "unreadable"
    assert verdicts(text + f"${grad('I_1')} = -{grad('O_1')}$")[-1] == "wrong"
    assert verdicts(text + f"${grad('I_3')} = {grad('O_2')} W_2$")[-1] == "correct"
