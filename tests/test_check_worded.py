"""Layers that words describe: each with an equation that is right for it and a twin that is not.

The right equations are written out by hand from the definition of the layer.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symderiv.api import check_notes
from symderiv.check import prose


def d(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


def verdicts(text: str) -> list[str]:
    return [claim.verdict for claim in check_notes(text, "x.md").report.claims]


AVERAGE = d("x_{12}") + r"=\frac14" + d("y_{11}"), d("x_{12}") + "=" + d("y_{11}")
FIRST = d("x_{11}") + "=" + d("y_{11}") + "w_{11}", d("x_{11}") + "=" + d("y_{11}") + "w_{12}"
SECOND = d("x_{2}") + "=" + d("y_{1}") + "w_{2}+" + d("y_{2}") + "w_{1}", d("x_{2}") + "=" + d("y_{1}") + "w_{2}"
STRIDED = d("x_{23}") + "=" + d("y_{11}") + "w_{23}+" + d("y_{12}") + "w_{21}", d("x_{23}") + "=" + d("y_{11}") + "w_{23}"
SAME = (d("x_{11}") + "=" + d("y_{11}") + "w_{22}+" + d("y_{12}") + "w_{21}+" + d("y_{21}") + "w_{12}+" + d("y_{22}") + "w_{11}",
        d("x_{11}") + "=" + d("y_{11}") + "w_{11}")

WORDED = [
    ("A 1-D convolution $y = x * w$ with input of length 4 and kernel of length 2.", SECOND),
    ("A 1-D convolution $y = x * w$: length 4, kernel 2.", SECOND),
    ("一维卷积 $y = x * w$：输入长度为 4，卷积核长度为 2。", SECOND),
    ("Convolution $y = x * w$; $x$ is 3x3, $w$ is 2x2.", FIRST),
    ("Convolution $y = x * w$; input $x$ 4x4, kernel $w$ 2x2.", FIRST),
    (r"Input $x$ ($4\times4$), kernel $w$ ($2\times2$), stride 1: $y = x \star w$.", FIRST),
    (r"$\mathbf{y} = \mathbf{x} * \mathbf{w}$, where $\mathbf x$ is $3\times3$ and $\mathbf w$ is $2\times 2$.", FIRST),
    ("Let $y = x * w$ with a 5×5 image $x$ and a 3×3 filter $w$, stride 2, no padding.", STRIDED),
    ("Convolution of a 5×5 image with a 3×3 filter, stride 2, valid padding.", STRIDED),
    ("A 5×5 input $x$ is convolved with a 3×3 kernel $w$ with stride 2, giving $y$.", STRIDED),
    ("Convolution $y = x * w$, a 3×3 kernel $w$ on a 4×4 input $x$, same padding.", SAME),
    ("卷积 $y = x * w$：输入为 4×4，卷积核为 3×3，填充方式为 same。", SAME),
    ("卷积层：输入为 4×4，卷积核为 2×2，步长为 2，无填充。", (d("x_{12}") + "=" + d("y_{11}") + "w_{12}", d("x_{12}") + "=" + d("y_{11}") + "w_{21}")),
    ("卷积层：输入为 4×4，卷积核 2×2，步长 2，填充 1。", (d("x_{11}") + "=" + d("y_{11}") + "w_{22}", d("x_{11}") + "=" + d("y_{11}") + "w_{11}")),
    ("Convolution of a 4x4 input $x$ with a 2x2 kernel $w$, strides (2, 1).", (d("x_{21}") + "=" + d("y_{11}") + "w_{21}", d("x_{31}") + "=" + d("y_{31}") + "w_{11}")),
    ("2×2 平均池化，步幅 2，输入为 4×4。", AVERAGE),
    ("对 4×4 的输入做 2×2 平均池化，步幅为 2。", AVERAGE),
    ("Average pooling with a 2×2 window and stride 2 on a 4×4 input $x$ gives $y$.", AVERAGE),
    ("# Convolution\n\n$y = x * w$, $x$ is 3×3, $w$ is 2×2.\n\n$$" + FIRST[0] + "$$\n\n# Pooling\n\n2×2 average pooling with stride 2 of a 4×4 input $x$ to $y$.", AVERAGE),
    (r"$$y_{fij} = \sum_{c=1}^{C}\sum_{a=1}^{2}\sum_{b=1}^{2} x_{c,i+a-1,j+b-1} w_{fcab}$$ with $C=2$ and 3 filters, $x$ is $2\times 4\times4$.",
     (d("x_{1,1,1}") + r"=\sum_{f=1}^{3}" + d("y_{f,1,1}") + "w_{f,1,1,1}", d("x_{1,1,1}") + r"=\sum_{f=1}^{2}" + d("y_{f,1,1}") + "w_{f,1,1,1}")),
]  # fmt: skip


@pytest.mark.parametrize(("head", "pair"), WORDED)
def test_worded_layer(head: str, pair: tuple[str, str]) -> None:
    right, wrong = (verdicts(f"{head}\n\n$${one}$$")[-1] for one in pair)
    assert (right, wrong) == ("correct", "wrong")


DOUBTFUL = [
    "Unlike 3×3 max pooling, 2×2 average pooling with stride 2 of a 4×4 input $x$.",
    "A 3×3 convolution followed by 2×2 average pooling with stride 2 on a 4×4 input $x$.",
    "2×2 average pooling on a 4×4 input $x$.",
    "2×2 global average pooling with stride 2 on a 4×4 input $x$.",
    "2×2 average pooling with stride 2 and some padding on a 4×4 input $x$.",
]
"""Two layers, or something that changes the layer and is not said or not read."""

OTHER = [
    "Convolution with circular padding 1 of a 4x4 input $x$ with a 2x2 kernel $w$.",
    "Transposed convolution of a 4x4 input $x$ with a 2x2 kernel $w$.",
    "Depthwise convolution of a 4x4 input $x$ with a 2x2 kernel $w$.",
    "True convolution (the kernel is flipped) of a 4x4 input $x$ with a 2x2 kernel $w$.",
    "Convolution $y = x * w$ of a 4x4 input $x$ with a 2x2 kernel $w$, same padding.",
    "反卷积：输入 $x$ 为 4×4，卷积核 $w$ 为 2×2。",
]


@pytest.mark.parametrize("words", DOUBTFUL)
def test_words_that_leave_the_pooling_open_make_no_layer(words: str) -> None:
    assert verdicts(f"{words}\n\n$${AVERAGE[0]}$$")[-1] == "unchecked"


@pytest.mark.parametrize("words", OTHER)
def test_words_for_another_layer_are_not_read_as_a_convolution(words: str) -> None:
    assert verdicts(f"{words}\n\n$${FIRST[0]}$$")[-1] == "unchecked"


@pytest.mark.parametrize(("words", "verdict"), [("Now 2×2 max pooling with stride 2 on the same input.", "wrong"), ("With a 3×3 window instead:", "unchecked")])
def test_words_that_speak_of_another_layer_end_the_first(words: str, verdict: str) -> None:
    head = f"2×2 average pooling, stride 2, input $x$ 4×4, output $y$.\n\n$${AVERAGE[0]}$$\n\n"
    assert verdicts(f"{head}{words}\n\n$${AVERAGE[0]}$$") == ["correct", verdict]


def test_a_size_in_an_example_is_no_size_of_the_layer() -> None:
    head = r"$$y_{fij} = \sum_{c=1}^{C}\sum_{a=1}^{2}\sum_{b=1}^{2} x_{c,i+a-1,j+b-1} w_{fcab}$$ For $C=2$ it is easy." + "\n\n"
    right = d("w_{fcab}") + r"=\sum_{i,j}" + d("y_{fij}") + "x_{c,i+a-1,j+b-1}"
    assert verdicts(f"{head}$${right}$$")[1:] == ["unchecked", "correct"]
    assert verdicts(f"{head}$${d('w_{f,3,1,1}')}={d('w_{f,3,1,1}')}\\cdot 2$$")[-1] != "correct"


def test_the_same_padding_as_before_is_not_same_padding() -> None:
    head = "Convolution $y = x * w$ of a 4x4 input $x$ with a 3x3 kernel $w$, padding 0.\n\nWith the same padding:\n\n"
    assert verdicts(f"{head}$${FIRST[0]}$$")[-1] == "correct"


@pytest.mark.parametrize("words", [
    r"Input $n \times m$, kernel $k \times k$.", r"An $n \times m$ input and a $k \times k$ kernel.", r"输入为 $n\times m$，卷积核为 $k \times k$。",
])
def test_sizes_by_letters_are_the_layer_s(words: str) -> None:
    """n rows and m columns: the output has n-k+1 rows, and swapping the two is wrong."""
    forward = r"$$O_{ij} = \sum_{a=1}^k \sum_{b=1}^k I_{i+a-1,j+b-1} W_{ab}$$"
    gradient = (r"$$\frac{\partial L}{\partial W_{pq}} = \sum_{i=1}^{%s-k+1} \sum_{j=1}^{%s-k+1}"
                r" \frac{\partial L}{\partial O_{ij}} I_{i+p-1,j+q-1}$$")
    notes = "\n\n".join([words, forward, gradient % ("n", "m"), gradient % ("m", "n")])
    assert [c.verdict for c in check_notes(notes, "x.md").report.claims] == ["correct", "correct", "wrong"]


def test_the_sizes_of_named_tensors_and_of_one_axis() -> None:
    named = r"Let the input $x$ be $3\times 3$ and the kernel $w$ be $2 \times 2$." "\n\n" r"$y_{ij} = \sum_{a=1}^2 \sum_{b=1}^2 x_{i+a-1,j+b-1} w_{ab}$"
    line = "Convolution, input 5, kernel 3: " r"$O_i = \sum_{a=1}^3 I_{i+a-1} W_a, \quad i = 1,2,3$"
    for notes, sizes in ((named, ([3, 3], [2, 2])), (line, ([5], [3]))):
        report = check_notes(notes, "x.md").report
        options = report.layers[0].options
        assert [c.verdict for c in report.claims] == ["correct"] and (list(options["input"]), list(options["kernel"])) == sizes


@pytest.mark.parametrize("number", range(len(prose._NEEDED)))
def test_a_phrase_is_never_passed_over_for_its_words(number: int) -> None:
    """Whatever a pattern finds holds one of the words by which it is first looked for."""
    pattern = list(prose._NEEDED)[number]
    # the few letters that only ``re.IGNORECASE`` takes for ASCII ones are left out
    letters = st.characters(max_codepoint=0x9FFF, exclude_characters="ıİſ\u212a")

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.from_regex(pattern, alphabet=letters))
    def check(text: str) -> None:
        assert prose._Line(text).may_match(pattern)

    check()
