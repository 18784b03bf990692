"""Spellings of sizes, channels, maxima, conditions and gradients: each right equation beside one with a slip.

What is right was worked out by hand from the definition for these few entries; the slip changes one index.
"""

import pytest

from symderiv.api import check_notes

PLANE = r"3x3 input, 2x2 kernel: $y_{ij} = \sum_{a=1}^2\sum_{b=1}^2 x_{i+a-1,j+b-1} w_{ab}$"



def verdicts(text):
    return [c.verdict for c in check_notes(text, "notes.md").report.claims]


@pytest.mark.parametrize("words", [
    "1D convolution, input 5, window 2:", "1D convolution, a vector of length 5 and a kernel of length 2:", "1D convolution, the input has $n=5$ entries:",
    "一维卷积，输入长度为 5，卷积核长度为 2：", "1D convolution, input of length $n=5$, kernel size $k=2$:",
])
def test_sizes_in_words_of_one_axis(words):
    text = words + " $O_i = I_i W_1 + I_{i+1} W_2$\n\n$dL/dI_5 = dL/dO_4 W_2$\n\n$dL/dI_4 = dL/dO_4 W_2 + dL/dO_3 W_1$"
    assert verdicts(text) == ["correct", "correct", "wrong"]


@pytest.mark.parametrize("words", ["x: 3x3, w: 2x2.", "2D convolution, x 3x3, kernel w 2x2:", "输入 x：3×3，w：2×2。"])
def test_sizes_beside_letters(words):
    text = words + PLANE[PLANE.index(" $"):] + "\n\n$dL/dx_{13} = dL/dy_{12} w_{12}$\n\n$dL/dx_{13} = dL/dy_{12} w_{11}$"
    assert verdicts(text) == ["correct", "correct", "wrong"]


@pytest.mark.parametrize("words", [
    "Convolution with 2 input channels of size 4x4, and 3 filters of size 2x2:", "Convolution, input 2x4x4, 3 filters:", "2 input channels, each of size 4x4, 3 filters, convolution:",
])
def test_sizes_of_planes(words):
    text = words + r""" $O_{fij} = \sum_{c=1}^2\sum_{a=1}^2\sum_{b=1}^2 I_{c,i+a-1,j+b-1} W_{fcab}$

$\frac{\partial L}{\partial I_{1,4,4}} = \sum_{f=1}^3 \frac{\partial L}{\partial O_{f,3,3}} W_{f,1,2,2}$

$\frac{\partial L}{\partial I_{1,4,4}} = \sum_{f=1}^3 \frac{\partial L}{\partial O_{f,3,3}} W_{f,1,1,2}$"""
    assert verdicts(text) == ["correct", "correct", "wrong"]


def test_sizes_by_name_in_words():
    text = r"""Input length $n$, kernel length $k$: $O_i = \sum_{a=1}^{k} I_{i+a-1} W_a$

$\frac{\partial L}{\partial W_a} = \sum_{i=1}^{n-k+1} \frac{\partial L}{\partial O_i} I_{i+a-1}$

$\frac{\partial L}{\partial W_a} = \sum_{i=1}^{n-k} \frac{\partial L}{\partial O_i} I_{i+a-1}$"""
    assert verdicts(text) == ["correct", "correct", "wrong"]


def test_sizes_with_numbers_before_the_formula():
    text = r"""1D convolution, the input has $n=5$ entries and the kernel $k=2$: $O_i = \sum_{a=1}^{k} I_{i+a-1} W_a$

$dL/dI_5 = dL/dO_4 W_2$

$dL/dI_5 = dL/dO_4 W_1$"""
    assert verdicts(text) == ["correct", "correct", "wrong"]


@pytest.mark.parametrize(("o", "i", "w"), [("O^{f}_{ij}", "I^{c}_{%s}", "W^{f,c}_{%s}"), ("O_{ij}^f", "I_{%s}^{c}", "W^{fc}_{%s}"), ("O^f_{i,j}", "I^c_{%s}", "W_{f,c,%s}")])
def test_channels_above(o, i, w):
    grad = o.replace("ij", "p-a+1,q-b+1").replace("i,j", "p-a+1,q-b+1")
    text = rf"""Convolution with 2 input channels, 3 filters, input 4x4, kernel 2x2: ${o} = \sum_c \sum_{{a,b}} {i % 'i+a-1,j+b-1'} {w % 'a,b'}$

$\frac{{\partial L}}{{\partial {w % 'a,b'}}} = \sum_{{i,j}} \frac{{\partial L}}{{\partial {o}}} {i % 'i+a-1,j+b-1'}$

$\frac{{\partial L}}{{\partial {i % 'p,q'}}} = \sum_f \sum_{{a=1}}^2\sum_{{b=1}}^2 \frac{{\partial L}}{{\partial {grad}}} {w % 'a,b'}$

$\frac{{\partial L}}{{\partial {i % 'p,q'}}} = \sum_f \sum_{{a=1}}^2\sum_{{b=1}}^2 \frac{{\partial L}}{{\partial {grad}}} {w % 'b,a'}$"""
    assert verdicts(text) == ["correct", "correct", "correct", "wrong"]


def test_a_letter_above_a_plane_is_no_index():
    assert verdicts(PLANE + "\n\n$dL/dx^{k}_{11} = dL/dy_{11} w_{11}$")[1:] == ["unreadable"]


@pytest.mark.parametrize("maximum", [
    r"\max_{a,b\in\{1,2\}}", r"\max_{a \in \{1,2\}} \max_{b \in \{1,2\}}", r"\max_{1\le a\le 2}\max_{1\le b\le 2}", r"\underset{a,b\in\{1,2\}}{\max}",
])
def test_maxima_over_sets_and_maxima(maximum):
    text = rf"""Max pooling, 3x3 input, stride 1: $O_{{ij}} = {maximum} I_{{i+a-1,j+b-1}}$

$O_{{ij}} = {maximum} I_{{i+a-1,j+b}}$"""
    assert verdicts(text) == ["correct", "wrong"]


@pytest.mark.parametrize("spelt", [
    r"$\frac{\partial L}{\partial I_1} = \frac{\partial L}{\partial O_1}$ if $I_1 = O_1$", r"If $I_1 = O_1$, then $\frac{\partial L}{\partial I_1} = \frac{\partial L}{\partial O_1}$.",
    r"若 $I_1 = O_1$，则 $\frac{\partial L}{\partial I_1} = \frac{\partial L}{\partial O_1}$", r"$\frac{\partial L}{\partial I_1} = 0$ when $I_1 \neq O_1$",
])
def test_a_comparison_after_if_is_a_condition(spelt):
    layer = r"Max pooling, input of length 5, window size 3, stride 1: $O_i = \max_{a=1..3} I_{i+a-1}$"
    assert verdicts(f"{layer}\n\n- {spelt}") == ["correct", "correct"]
    assert verdicts(f"{layer}\n\n- {spelt.replace('O_1', 'O_2')}")[1] in ("unchecked", "unreadable")


@pytest.mark.parametrize(("entry", "window", "verdict"), [("I_1", "O_1", "correct"), ("I_1", "O_2", "unreadable"), ("I_2", "O_1", "unreadable"), ("I_5", "O_3", "correct")])
def test_not_the_maximum_of_one_window_of_several(entry, window, verdict):
    layer = r"Max pooling, input of length 5, window size 3, stride 1: $O_i = \max_{a=1..3} I_{i+a-1}$"
    assert verdicts(rf"{layer} so $\frac{{\partial L}}{{\partial {entry}}} = 0$ if ${entry} \neq {window}$")[1] == verdict


@pytest.mark.parametrize(("right", "wrong"), [
    (r"\boxed{\frac{\partial L}{\partial x_{11}} = \frac{\partial L}{\partial y_{11}} w_{11}}", r"\boxed{\frac{\partial L}{\partial x_{11}} = \frac{\partial L}{\partial y_{11}} w_{12}}"),
    (r"dL/dx_{11} = \boxed{dL/dy_{11} w_{11}}", r"dL/dx_{12} = \boxed{dL/dy_{11} w_{11}}"),
    (r"dL/dx_{13} = dL/dy_{12} w_{12} \eqno(3)", r"dL/dx_{13} = dL/dy_{12} w_{22} \eqno(3)"),
    (r"dL\_dw_{11} = \sum_{i,j} x_{ij} dL\_dy_{ij}", r"dL\_dw_{12} = \sum_{i,j} x_{ij} dL\_dy_{ij}"),
    (r"\text{grad}_{w_{11}} = \sum_{i=1}^2\sum_{j=1}^2 x_{ij} dL/dy_{ij}", r"\text{grad}_{w_{11}} = \sum_{i=1}^2\sum_{j=1}^2 x_{ji} dL/dy_{ij}"),
    (r"\mathrm{grad}_{w} L = x \star \frac{\partial L}{\partial y}", r"\mathrm{grad}_{x} L = x \star \frac{\partial L}{\partial y}"),
    (r"\operatorname{grad}_w = x \star \mathrm{grad}_y", r"\operatorname{grad}_w = x \star \mathrm{rot}_{180}(\mathrm{grad}_y)"),
    (r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \star_{full} \mathrm{rot}_{180^\circ}(w)", r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \star_{full} w"),
    (r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \star_{full} rot(w, 180^\circ)", r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \star_{valid} rot(w, 180^\circ)"),
])
def test_spellings_of_gradients_and_rotations(right, wrong):
    assert verdicts(f"{PLANE}, where $\\star$ is cross-correlation.\n\n$${right}$$\n")[1:] == ["correct"]
    assert verdicts(f"{PLANE}, where $\\star$ is cross-correlation.\n\n$${wrong}$$\n")[1] in ("wrong", "unreadable")


@pytest.mark.parametrize("text", [r"\boxed{dL/dy_{11} + 0} w_{11}", r"\boxed{w_{11}", r"dL/dy_{11} w_{11} \eqno(3) + 1"])
def test_what_is_boxed_or_numbered_by_halves_is_unreadable(text):
    assert verdicts(f"{PLANE}\n\n$dL/dx_{{11}} = {text}$")[1] == "unreadable"


SUMS = r"\frac{\partial L}{\partial W_{ab}} = \frac{\partial L}{\partial O_{ij}} I_{i+a-1,j+b-1}"
LAYER = r"3x3 input, 2x2 kernel: $O_{ij} = \sum_{a=1}^2\sum_{b=1}^2 I_{i+a-1,j+b-1} W_{ab}$" + "\n\n"


@pytest.mark.parametrize(("words", "verdict"), [
    (" where the sum runs over all outputs", "correct"), (", summed over $i$ and $j$", "correct"), (" (summed over $i, j$).", "correct"), ("，对 $i, j$ 求和。", "correct"),
    (", summed over $i$", "unreadable"), (", summed over $i$ and $j$ from 1 to 2", "unreadable"), (", summed over $i<j$", "unreadable"), ("", "incomplete"),
])
def test_a_sum_in_words(words, verdict):
    assert verdicts(f"{LAYER}${SUMS}${words}\n")[1] == verdict
    slip = SUMS.replace("j+b-1", "j+b")
    assert verdicts(f"{LAYER}${slip}${words}\n")[1] in ("wrong", "unreadable")


def test_a_sum_in_words_over_letters_that_are_not_there():
    assert verdicts(LAYER + r"$\frac{\partial L}{\partial I_{11}} = \frac{\partial L}{\partial O_{11}} W_{11}$, summed over $i$ and $j$")[1] == "unreadable"


@pytest.mark.parametrize(("right", "verdict"), [
    (r"\sum_{i,j}\sum_{a,b} \frac{\partial L}{\partial O_{ij}} W_{ab}\delta_{p,i+a-1}\delta_{q,j+b-1}", "correct"),
    (r"\sum_{i,j}\sum_{a,b} \frac{\partial L}{\partial O_{ij}} W_{ab}\delta_{p,i+a}\delta_{q,j+b-1}", "wrong"),
    (r"\sum_{\substack{i,j,a,b \\ p=i+a-1, q=j+b-1}} \frac{\partial L}{\partial O_{ij}} W_{ab}", "correct"),
    (r"\sum_{p=i+a-1, q=j+b-1} \frac{\partial L}{\partial O_{ij}} W_{ab}", "correct"),
    (r"\sum_{p=i+a-1, q=j+b} \frac{\partial L}{\partial O_{ij}} W_{ab}", "wrong"),
    (r"\sum_{p=i-a+1, q=j-b+1} \frac{\partial L}{\partial O_{ij}} W_{ab}", "wrong"),
])
def test_sums_under_equations_and_kroneckers_delta(right, verdict):
    assert verdicts(LAYER + rf"$\frac{{\partial L}}{{\partial I_{{pq}}}} = {right}$")[1] == verdict


def test_one_tensor_is_not_another_of_other_sizes():
    claim = check_notes(LAYER + r"$\frac{\partial L}{\partial W} = I$", "notes.md").report.claims[1]
    assert claim.verdict == "wrong" and [d.kind for d in claim.differences] == ["shape"]


MAXIMA = r"Max pooling, input 3x3, window 2x2, stride 1: $O_{ij} = \max_{1\le a\le 2, 1\le b \le 2} I_{i+a-1,j+b-1}$" + "\n\n"


@pytest.mark.parametrize("said", [
    "若 $I_{12}$ 是窗口 (1,1) 的最大值，则 ", "若 $I_{12}$ 是窗口 $(1,1)$ 的最大值，则 ", "If $I_{12}$ is the maximum of window (1,1) then ", "If $I_{12}$ is the maximum of window $(1,1)$, then ",
])
def test_windows_by_numbers(said):
    assert verdicts(MAXIMA + said + r"$\frac{\partial O_{11}}{\partial I_{12}} = 1$")[1] == "correct"
    assert verdicts(MAXIMA + said + r"$\frac{\partial O_{11}}{\partial I_{12}} = 0$")[1] == "wrong"
    assert verdicts(MAXIMA + said + r"$\frac{\partial O_{12}}{\partial I_{12}} = 1$")[1] == "unreadable"


@pytest.mark.parametrize(("entries", "verdict"), [
    (r"I_{11}, I_{12}, I_{21}, I_{22}", "correct"), (r"I_{12}, I_{13}, I_{22}, I_{23}", "wrong"), (r"I_{11}, I_{12}, I_{21}", "unreadable"), (r"I_{11}, I_{12}, I_{13}, I_{22}", "unreadable"),
])
def test_a_maximum_of_entries_written_out(entries, verdict):
    text = MAXIMA + rf"$\frac{{\partial O_{{11}}}}{{\partial I_{{12}}}} = \mathbb{{1}}[I_{{12}} = \max({entries})]$"
    assert verdicts(text)[1] == verdict


@pytest.mark.parametrize("names", [("X_1", "X_2"), ("X_{in}", "W_k"), (r"\mathbf{x}_0", "K_1")])
def test_names_with_a_subscript_in_braces(names):
    x, w = names
    text = rf"""3x3 input, 2x2 kernel: $O_{{ij}} = \sum_{{a=1}}^2\sum_{{b=1}}^2 {{{x}}}_{{i+a-1,j+b-1}} {{{w}}}_{{ab}}$

$\frac{{\partial L}}{{\partial {{{x}}}_{{13}}}} = \frac{{\partial L}}{{\partial O_{{12}}}} {{{w}}}_{{12}}$

$\frac{{\partial L}}{{\partial {{{x}}}_{{13}}}} = \frac{{\partial L}}{{\partial O_{{12}}}} {{{w}}}_{{21}}$"""
    assert verdicts(text) == ["correct", "correct", "wrong"]


@pytest.mark.parametrize("sizes", ["3x3 input $x$, 2x2 kernel $w$:", "an input $x$, 3x3 input and 2x2 kernel $w$:"])
def test_a_size_before_a_word_is_of_that_word(sizes):
    assert verdicts(sizes + PLANE[PLANE.index(" $"):] + "\n\n$dL/dx_{13} = dL/dy_{12} w_{12}$") == ["correct", "correct"]


def test_each_layer_has_the_numbers_of_its_own_sizes():
    part = "# {t}\n\n1D convolution, the input has $n={n}$ entries and the kernel $k={k}$: ${o}_i = \\sum_{{a=1}}^{{k}} {i}_{{i+a-1}} {w}_a$\n\n$dL/d{i}_{n} = dL/d{o}_{m} {w}_{k}$\n\n"
    text = part.format(t="One", n=5, k=2, m=4, o="O", i="I", w="W") + part.format(t="Two", n=7, k=3, m=5, o="Y", i="X", w="V")
    assert verdicts(text) == ["correct"] * 4
    assert verdicts(text.replace("V_3", "V_2")) == ["correct"] * 3 + ["wrong"]


@pytest.mark.parametrize(("text", "verdict"), [
    ("卷积：输入 5x5，卷积核 2x2，输入通道数 2，输出通道数 3。", "correct"), ("Convolution, input 5x5, kernel 2x2, channels: 2, output channels: 3.", "correct"),
])
def test_numbers_of_channels_behind_the_word(text, verdict):
    text += r"""

$O_{f,i,j} = \sum_{c=1}^{2} \sum_{u=1}^{2} \sum_{v=1}^{2} W_{f,c,u,v} X_{c,i+u-1,j+v-1} + b_{f}$

$dL/dX_{c,p,q} = \sum_{f=1}^{3}\sum_{u=1}^2\sum_{v=1}^2 dL/dO_{f,p-u+1,q-v+1} W_{f,c,u,v}$

$dL/dX_{c,p,q} = -\sum_{f=1}^{3}\sum_{u=1}^2\sum_{v=1}^2 dL/dO_{f,p-u+1,q-v+1} W_{f,c,u,v}$"""
    report = check_notes(text, "notes.md").report
    assert [c.verdict for c in report.claims] == ["correct", verdict, "wrong"] and [d.kind for d in report.claims[2].differences] == ["sign"]


def test_a_pair_behind_window_is_no_size():
    text = r"Max pooling: $O_{ij}=\max_{1\le a,b\le 2} I_{i+a-1,j+b-1}$, input 3x3." + "\n\n$dL/dI_{11} = dL/dO_{11}$ if $I_{11}$ is the maximum of window $(1,1)$"
    assert verdicts(text) == ["correct", "correct"]


@pytest.mark.parametrize(("size", "verdict"), [("4", "correct"), ("3", "unchecked")])
def test_a_size_of_the_output_must_fit(size, verdict):
    text = rf"1D convolution with input size 5, kernel size 2 and output size $m = {size}$: $O_i = \sum_{{a=1}}^{{2}} I_{{i+a-1}} W_a$." + "\n\n$dL/dI_1 = dL/dO_1 W_1$"
    assert verdicts(text)[-1] == verdict


def test_sizes_left_open_are_no_reason_for_wrong():
    text = r"""$O_{ncij}=\sum_{a=1}^2\sum_{b=1}^2\sum_{d=1}^2 I_{n,d,i+a-1,j+b-1}W_{cdab}$

$dL/dW_{cdab}=\sum_{n=1}^2\sum_{i=1}^3\sum_{j=1}^3 dL/dO_{ncij} I_{n,d,i+a-1,j+b-1}$"""
    assert verdicts(text) == ["correct", "unchecked"]


def test_kernels_longer_than_the_input_without_its_padding_are_tried():
    # with n = 2 and k = 4 only one output reads the entry 2, and the sum is empty there
    text = r"""1D convolution with input size $n$, kernel size $k$ and output size $m = n+2-k+1$: $O_i = \sum_{a=1}^{k} I_{i+a-2} W_a$.

$\frac{\partial L}{\partial I_p} = \sum_{i=\max(1,p-m+1)}^{m} \frac{\partial L}{\partial O_i} W_{p-i+2}$"""
    assert verdicts(text) == ["correct", "wrong"]


SETS = r"Convolution with input 4x4, kernel 2x2: $O_{ij}=\sum_{a=0}^1\sum_{b=0}^1 I_{i+a,j+b}W_{ab}$." + "\n\n"


@pytest.mark.parametrize(("values", "verdict"), [(r"\{0,1\}", "correct"), (r"\{-1,0,1\}", "wrong"), (r"\{0,1,2\}", "wrong"), (r"\{0,\dots,1\}", "correct"), (r"\{1\}", "wrong"), (r"\{0,2\}", "unreadable")])
def test_sums_over_sets_keep_to_their_axis(values, verdict):
    text = SETS + rf"$\frac{{\partial L}}{{\partial I_{{pq}}}} = \sum_{{a\in\{{0,1\}}}}\sum_{{b\in{values}}} W_{{ab}} \frac{{\partial L}}{{\partial O_{{p-a,q-b}}}}$"
    assert verdicts(text)[1] == verdict


@pytest.mark.parametrize("words", ["for $I_{pq}$ in window $(i,j)$", "inside the window", ", where $I_{pq}$ belongs to the window of $O_{ij}$"])
def test_words_that_keep_it_to_a_window(words):
    text = r"Average pooling with input 4x4, window 2x2, stride 1." + "\n\n" + r"$\frac{\partial O_{ij}}{\partial I_{pq}} = \frac14$ " + words
    assert verdicts(text) == ["unreadable"]


def test_einstein_sums_over_what_stands_twice():
    assert verdicts(LAYER + f"${SUMS}$ (Einstein summation).")[1] == "correct"


def test_brackets_behind_a_tensor_of_one_axis_are_its_index():
    text = "1D convolution with input size 5, kernel size 2.\n\nO_i = I_i*W_1 + I_{i+1}*W_2\n\ndL/dI(2) = dL/dO(1)*W(2) + dL/dO(2)*W(1)\ndL/dI(2) = dL/dO(1)*W(1) + dL/dO(2)*W(2)\n"
    assert [c.verdict for c in check_notes(text, "notes.txt").report.claims] == ["correct", "correct", "wrong"]


@pytest.mark.parametrize(("lead", "verdict"), [
    ("1D convolution with input size 5, kernel size 2:", "correct"), ("1D convolution with input size 5, kernel size 2; twice this:", "unreadable"),
    ("1D convolution with input size 5, kernel size 2, it is not:", "unreadable"),
])
def test_plain_mathematics_behind_a_colon(lead, verdict):
    text = lead + " O_i = I_i*W_1 + I_{i+1}*W_2\n\ndL/dI_2 = dL/dO_1*W_2 + dL/dO_2*W_1\n"
    assert [c.verdict for c in check_notes(text, "notes.txt").report.claims] == [verdict] * 2


def test_a_statement_may_say_what_is_taken_for_granted():
    text = "<!-- symderiv derive conv2d --input 4x4 --kernel 2x2 --bias -->\n\n$dL/dI_{11} = dL/dO_{11} W_{11}$\n\n$dL/db = \\sum_{i,j} dL/dO_{ij}$\n"
    assert verdicts(text) == ["correct", "correct"]


@pytest.mark.parametrize("word", ["扩张", "扩张率", "空洞率", "膨胀率为", "膨胀"])
def test_dilation_in_chinese(word):
    text = rf"卷积：输入 4x5，卷积核 2x2，步幅 1，{word} 2。" + "\n\n" + r"$dL/dW_{uv} = \sum_{x=1}^2\sum_{y=1}^3 I_{2u+x-2, 2v+y-2} dL/dO_{xy}$"
    assert verdicts(text) == ["correct"]


@pytest.mark.parametrize("words", ["Take an input of size 5 and a kernel of size 3:", "The input has size 5, the kernel size 3:", "The input has 5 entries and the kernel 3:"])
def test_sizes_of_one_axis_in_a_sentence(words):
    text = words + r" $y_i = \sum_{k=1}^{3} x_{i+k-1} w_k$" + "\n\n$dL/dx_5 = dL/dy_3 w_3$\n\n$dL/dx_5 = dL/dy_3 w_2$"
    assert verdicts(text) == ["correct", "correct", "wrong"]


def test_what_differs_at_every_size_is_told_before_what_a_small_size_has_not():
    claim = check_notes(r"$$y_i = \sum_{k=1}^{3} x_{i+k-1} w_k$$" + "\n\n$y_3 = x_3 w_1 + x_4 w_2 - x_5 w_3$", "notes.md").report.claims[1]
    assert claim.verdict == "wrong" and claim.counterexample is not None and claim.counterexample.claimed != "does not exist"
