"""Conditions beside an equation and in the words around it: each verdict worked out by hand on a 4x4 input and a 2x2 kernel."""

from __future__ import annotations

import pytest

from symderiv.api import check_notes
from symderiv.report_model import Claim

CONV = r"""A convolution with a 4x4 input I and a 2x2 kernel W.

$O_{ij} = \sum_{a=1}^{2}\sum_{c=1}^{2} I_{i+a-1,j+c-1} W_{ac}$

"""


def d(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


def last(head: str, notes: str) -> Claim:
    return check_notes(head + notes, "x.md").report.claims[-1]


INTERIOR = (d("I_{pq}") + "=" + d("O_{p,q}") + "W_{11}+" + d("O_{p-1,q}") + "W_{21}+" + d("O_{p,q-1}") + "W_{12}+"
            + d("O_{p-1,q-1}") + "W_{22}")
SWAPPED = INTERIOR.replace("W_{21}", "W_{00}").replace("W_{12}", "W_{21}").replace("W_{00}", "W_{12}")
"""The two weights beside the diagonal changed: nowhere in the interior right."""
CORNER = d("I_{pq}") + "=" + d("O_{pq}") + "W_{11}"
TOP = d("I_{1q}") + "=" + d("O_{1q}") + "W_{11}+" + d("O_{1,q-1}") + "W_{12}"


@pytest.mark.parametrize("condition", [
    r"2\le p,q\le 3", r"1< p,q< 4", r"4 > p, q > 1", r"2 \le q, p < 4", r"1 \le p, q \le 3",
])
@pytest.mark.parametrize("between", [r", \quad ", r" \quad ", ", ", r"\quad\text{if }", r"\quad\text{for all }"])
def test_letters_that_share_their_limits_are_each_in_the_range(condition: str, between: str) -> None:
    assert last(CONV, f"$${INTERIOR}{between}{condition}$$").verdict == "correct"
    assert last(CONV, f"$${SWAPPED}{between}{condition}$$").verdict == "wrong"


@pytest.mark.parametrize("condition", [r"2\le p,q\le 4", r"1\le p, q\le 4", r"p,q \ge 2"])
def test_a_range_that_reaches_the_last_row_is_too_wide(condition: str) -> None:
    claim = last(CONV, rf"$${INTERIOR}, \quad {condition}$$")
    assert claim.verdict == "wrong"
    assert claim.counterexample is not None and 4 in claim.counterexample.at.values()


@pytest.mark.parametrize(("condition", "verdict"), [("(q=2,3)", "correct"), ("q=2,3", "correct"), ("(q=2,3,4)", "wrong"), ("(q=1,4)", "wrong")])
def test_an_index_with_a_list_of_values(condition: str, verdict: str) -> None:
    assert last(CONV, rf"$${TOP}, \quad {condition}$$").verdict == verdict


def test_limits_by_letters_can_be_read_in_two_ways() -> None:
    assert last(CONV, rf"$${INTERIOR} \quad \text{{if }} m \le p, q \le n$$").verdict == "unreadable"


@pytest.mark.parametrize("joined", [r"\text{ and }", ", ", r",\ "])
def test_conditions_of_one_case_hold_together(joined: str) -> None:
    left = r"$$\frac{\partial O_{ij}}{\partial I_{pq}} = \begin{cases}"
    rows = r"& %s%s%s\\0,&\text{otherwise}\end{cases}$$"
    p, q, wide = r"0\le p-i\le 1", r"0\le q-j\le 1", r"i\le p\le i+1"
    assert last(CONV, left + "W_{p-i+1,q-j+1}," + rows % (p, joined, q)).verdict == "correct"
    assert last(CONV, left + "W_{p-i+1,q-j+1}," + rows % (wide, joined, r"j\le q\le j+1")).verdict == "correct"
    assert last(CONV, left + "W_{q-j+1,p-i+1}," + rows % (p, joined, q)).verdict == "wrong"
    # the case "q = j" has a derivative too
    assert last(CONV, left + "W_{p-i+1,q-j+1}," + rows % (p, joined, r"1\le q-j\le 1")).verdict == "wrong"


POOL = r"""Max pooling with a 3x3 input $I$ and a 2x2 window, stride 1.

$$O_{ij} = \max_{1\le a\le 2, 1\le c\le 2} I_{i+a-1,j+c-1}$$

"""
BOTTOM = d("I_{pq}") + "=" + d("O_{31}") + "W_{21}"
"""Right for p = 4, q = 1 alone."""
FOUR = d("I_{22}") + "=" + "+".join(d(f"O_{{{i}{j}}}") for i in (1, 2) for j in (1, 2))


def verdicts(notes: str, head: str = CONV) -> list[str]:
    return [claim.verdict for claim in check_notes(head + notes, "x.md").report.claims][1:]


@pytest.mark.parametrize("sentence", [
    "For the corner $p=q=1$: $%s$", "For $p=1, q=1$ we get\n$$%s$$", "If $p=1$ and $q=1$, then $%s$", "当 $p=1, q=1$ 时，$%s$",
    "Corner ($p=q=1$): $%s$", "在 $p=1,q=1$ 处，$%s$", "取 $p=q=1$，得 $%s$", "$%s$, $p=q=1$", "For $p=q=1$, since the kernel lies inside, $%s$",
    "当 $p=q=1$ 时有\n\n$$%s$$", "对于左上角 $p=q=1$：\n\n$$%s$$", "若 $p=1$ 且 $q=1$，则 $%s$", "$%s$ for $p=q=1$.", "$$%s$$\nwhere $p=1$ and $q=1$.",
    "$$%s$$\n\nfor $p=1$, $q=1$", "- For $p=q=1$:\n\n$$%s$$", "For the corner\n$p=q=1$:\n\n$$%s$$",
])
def test_a_condition_of_the_sentence_is_the_condition_of_its_equation(sentence: str) -> None:
    assert verdicts(sentence % CORNER) == ["correct"]
    assert verdicts(sentence % CORNER.replace("W_{11}", "W_{12}")) == ["wrong"]
    # right at another corner only
    assert verdicts(sentence % BOTTOM) == ["wrong"]


@pytest.mark.parametrize("sentence", [
    r"For interior positions $2\le p,q\le 3$: $%s$", r"当 $2\le p\le 3, 2\le q\le 3$ 时，$%s$", r"$%s$ for $p=2,3$ and $q=2,3$",
    r"for all $2\le p\le 3$ and $2\le q\le 3$ we have $$%s$$",
])
def test_ranges_in_words_are_judged_as_ranges(sentence: str) -> None:
    assert verdicts(sentence % INTERIOR) == ["correct"]
    assert verdicts(sentence % SWAPPED) == ["wrong"]
    assert verdicts(sentence.replace("3", "4") % INTERIOR) == ["wrong"]


@pytest.mark.parametrize("sentence", [
    "For all corners: $%s$", "For all $p,q$ except $p=1$: $%s$", "If $p=1$ or $q=1$, $%s$", "For even $p$: $%s$", "除非 $p=1$，$%s$", "当 p 在边界时：\n\n$$%s$$",
    "For $p=1$ and the last column: $%s$", "For $p$ not equal to $1$ or when p=2, $%s$", "$%s$ unless $p=2$.", "$%s$ for the corner.", "若 $p$ 是奇数，则 $%s$",
    "如果窗口不重叠，$%s$", "For p = q = 1: $%s$",
])
def test_a_condition_that_is_not_read_makes_nothing_wrong_and_nothing_right(sentence: str) -> None:
    assert verdicts(sentence % CORNER) == ["unreadable"]
    assert verdicts(sentence % SWAPPED) == ["unreadable"]


@pytest.mark.parametrize("sentence", [
    "For the weight we get $%s$", "对于输入的梯度：\n\n$$%s$$", "For all $p, q$: $%s$", "Now for the input. $%s$", "For $p=q=1$ see above. $%s$",
    "若干步之后有 $%s$", "$%s$ for every entry of the input.", "相当于 $%s$", f"${TOP}$ for $q=2$\n\n$$%s$$",
])
def test_words_that_state_no_condition_take_no_verdict_away(sentence: str) -> None:
    assert verdicts(sentence % SWAPPED)[-1] == "wrong"
    assert verdicts(sentence % CORNER)[-1] == "wrong"


def test_each_equation_has_the_condition_of_its_own_sentence() -> None:
    assert verdicts(f"For $p=q=1$: ${CORNER}$. For $p=4$, $q=1$: ${BOTTOM}$.") == ["correct", "correct"]
    assert verdicts(f"当 $p=q=1$ 时，${CORNER}$；当 $p=4$, $q=1$ 时，${BOTTOM}$。") == ["correct", "correct"]
    assert verdicts(f"For $p=q=1$: ${BOTTOM}$. For $p=4$, $q=1$: ${CORNER}$.") == ["wrong", "wrong"]
    assert verdicts(f"${CORNER}$ for $p=q=1$.\n\n${BOTTOM}$") == ["correct", "wrong"]
    # to which of the two it belongs is not clear
    assert "wrong" not in verdicts(f"${CORNER}$, for $p=q=1$, ${BOTTOM}$")
    assert "correct" not in verdicts(f"${CORNER}$, for $p=q=1$, ${BOTTOM}$")
    assert verdicts(f"If $p=q=1$, ${CORNER}$, otherwise ${BOTTOM}$") == ["correct", "unreadable"]


def test_an_entry_by_numbers_lies_where_it_lies() -> None:
    right, wrong = d("I_{11}") + "=" + d("O_{11}") + "W_{11}", d("I_{11}") + "=" + d("O_{11}") + "W_{22}"
    for sentence in ("For the corner: $%s$", "For $p=q=1$: $%s$", "对于左上角元素：\n\n$$%s$$"):
        assert verdicts(sentence % right) == ["correct"]
        assert verdicts((sentence + f" and ${CORNER}$ for $p=q=1$") % wrong)[0] == "wrong"


def test_letters_that_only_a_sum_binds_take_no_verdict_away() -> None:
    general = d("W_{ac}") + r"=\sum_{i=1}^{3}\sum_{j=1}^{3}" + d("O_{ij}") + "I_{i+a-1,j+c-1}"
    assert verdicts(rf"$${general}$$ where $1 \le i, j \le 3$.") == ["correct"]


@pytest.mark.parametrize("sentence", [
    "If $I_{22}$ is the maximum of all four windows, $%s$", "若 $I_{22}$ 是四个窗口的最大值，则 $%s$", "$%s$ if $I_{22}$ is the largest entry.",
    "若 $I_{22} > I_{11}$，则 $%s$",
])
def test_a_maximum_that_is_named_is_not_dropped(sentence: str) -> None:
    assert verdicts(sentence % FOUR, POOL)[-1] == "unreadable"
    assert verdicts("除非是最大值, $" + d("I_{pq}") + "= 0$.", POOL) == ["unreadable"]


@pytest.mark.parametrize("sentence", [
    "Not only for $p=q=1$ but everywhere: $%s$", "$%s$ not only for $p=q=1$.", "$%s$, also for $p=q=1$.", "不只在 $p=q=1$ 处，$%s$",
    "For $p=q=1$ this is easy, in general $%s$", "For $p=q=1$ and everywhere else, $%s$", "Besides $p=q=1$: $%s$",
])
def test_words_that_widen_a_condition_make_nothing_correct(sentence: str) -> None:
    assert verdicts(sentence % CORNER) == ["unreadable"]


# -- a sentence that only opens -------------------------------------------------------------------
HERE = d("I_{pq}") + "=" + d("O_{11}") + "W_{11}"
"""Right for p = q = 1 alone."""
MORE = d("I_{pq}") + "=" + d("O_{22}") + "W_{11}"


@pytest.mark.parametrize(("opening", "verdict"), [
    ("Let $p=q=1$. Then $%s$.", "correct"), ("Set $p=1$ and $q=1$. We get\n\n$$%s$$", "correct"), ("取 $p=q=1$。则 $%s$。", "correct"),
    ("Let $p=q=2$. Then $%s$.", "wrong"), ("Let $p=q=1$. In general, $%s$.", "wrong"), ("Let $p=q=1$. $%s$.", "unreadable"),
    ("Let $p=q=1$.\n\n# The whole\n\nThen $%s$.", "wrong"), ("Let $k=1$. Then $%s$.", "wrong"),
])
def test_an_opening_sentence_holds_for_the_one_that_says_then(opening: str, verdict: str) -> None:
    assert last(CONV, opening % HERE).verdict == verdict


def test_an_opening_ends_with_the_paragraph_that_uses_it() -> None:
    notes = rf"Let $p=q=1$. Then ${HERE}$. Moreover ${MORE}$." + "\n\n" + rf"So ${HERE}$."
    assert verdicts(notes)[-3:] == ["correct", "unreadable", "wrong"]


@pytest.mark.parametrize(("condition", "verdict"), [
    ("p, q = 2, 3", "correct"), ("p, q = 2, 3, 4", "wrong"), (r"p, q = 2, 3, \ldots, 4", "wrong"), ("q, p = 1, 2, 3", "correct"),
])
def test_a_list_of_letters_takes_every_value_of_the_list(condition: str, verdict: str) -> None:
    assert last(CONV, rf"$${INTERIOR}, \quad {condition}$$").verdict == verdict


def test_as_many_letters_as_values_may_be_one_position() -> None:
    """dI_12 of the 4x4 input has two terms; at the other entries the same letters say something else."""
    edge = d("I_{pq}") + "=" + d("O_{11}") + "W_{12}+" + d("O_{12}") + "W_{11}"
    assert last(CONV, rf"$${edge}, \quad p, q = 1, 2$$").verdict == "unreadable"
    assert last(CONV, rf"$${edge}, \quad (p, q) = (1, 2)$$").verdict == "correct"
    assert last(CONV, rf"$${edge}, \quad p, q \in \{{1, 2\}}$$").verdict == "wrong"
    assert last(CONV, rf"$${SWAPPED}, \quad p, q = 2, 3$$").verdict == "wrong"


@pytest.mark.parametrize(("condition", "verdict"), [
    (r"1 \le p, q \le 2", "correct"), (r"1 \le p, q \le 3", "wrong"), ("p = 1, 2, 3", "wrong"), (r"q \in \{2, 3\}", "wrong"),
    (r"0 \le p \le 2", "wrong"), (r"p \ge 1", "correct"), ("p = 2", "correct"),
])
def test_a_condition_that_speaks_of_a_row_that_is_not_there_is_wrong(condition: str, verdict: str) -> None:
    """The kernel is 2x2; the formula itself is right."""
    formula = d("W_{pq}") + r"= \sum_{i=1}^{3} \sum_{j=1}^{3}" + d("O_{ij}") + "I_{i+p-1,j+q-1}"
    claim = last(CONV, rf"$${formula}, \quad {condition}$$")
    assert claim.verdict == verdict
    assert verdict == "correct" or claim.differences[0].kind == "wrong-limits"


# -- words around mathematics without delimiters ----------------------------------------------
RIGHT, FALSE = "dL/dI_11 = dL/dO_11*W_11", "dL/dI_11 = dL/dO_11*W_12"


@pytest.mark.parametrize("line", [
    "{}   because only one window reads it", "{}, since the window is alone", "{} (upper left corner)", "{}  # the corner", "{} （左上角）", "{}，因为窗口里没有别的元素",
    "corner: {}", "- upper left corner: {}", "左上角：{}", "We find that {}, which is right.", "The gradient {} follows.", "In the corner {}", "我们得到 {}。",
])
def test_words_of_no_weight_beside_plain_mathematics(line: str) -> None:
    assert last(CONV, line.format(RIGHT)).verdict == "correct"
    assert last(CONV, line.format(FALSE)).verdict == "wrong"


@pytest.mark.parametrize("line", ["{} plus more terms", "{} and so on", "{} (twice, only here)", "minus the sum {}", "it is not true that {}"])
def test_words_that_may_belong_to_plain_mathematics_leave_it_unread(line: str) -> None:
    assert last(CONV, line.format(RIGHT)).verdict == "unreadable"


@pytest.mark.parametrize("line", ["a = b for every letter", "The size is n_1 = 3 here", "x = 1 and y = 2 in words", "We set the learning rate = 0.1."])
def test_sentences_without_gradients_stay_prose(line: str) -> None:
    assert len(check_notes(CONV + line, "x.md").report.claims) == 1


@pytest.mark.parametrize("words", ["${}$ (interior only)", "${}$ otherwise", "Otherwise: ${}$", "Interior: ${}$", "${}$（仅内部）", "否则 ${}$"])
def test_a_place_in_words_leaves_a_formula_that_fails_elsewhere_unread(words: str) -> None:
    assert last(CONV, words.format(INTERIOR)).verdict == "unreadable"
    assert last(CONV, words.format(d("I_{44}") + "=" + d("O_{33}") + "W_{22}")).verdict == "correct"
