"""Single words that deny, doubt, ask or change: each case was once called "correct", or a right one "wrong"."""

import re

import pytest

from symderiv.api import check_notes

HEAD = "Convolution with input 3x3, kernel 2x2, stride 1.\n\n" + r"$O_{ij}=\sum_{a=1}^2\sum_{b=1}^2 I_{i+a-1,j+b-1}W_{ab}$" + "\n\n"


def gradient(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


RIGHT = f"${gradient('I_{11}')} = {gradient('O_{11}')} W_{{11}}$"
WRONG = f"${gradient('I_{11}')} = {gradient('O_{11}')} W_{{22}}$"
GENERAL = rf"${gradient('I_{pq}')}=\sum_{{i,j}}{gradient('O_{ij}')}W_{{p-i+1,q-j+1}}$"


def verdicts(case: str) -> list[str]:
    text = case.replace("{R}", RIGHT).replace("{X}", WRONG).replace("{G}", GENERAL).replace("{D}", f"${RIGHT}$")
    text = re.sub(r"E\((\w_\{\d+\})\)", lambda found: gradient(found.group(1)), text)
    return [c.verdict for c in check_notes(HEAD + text + "\n", "notes.md").report.claims][1:]


AGAINST = (
    '{R} is untrue.',
    "{R} can't be right.",
    '{R} holds nowhere.',
    '{R} ceases to hold.',
    'We never have {R}.',
    'Far from {R}.',
    'I doubt that {R}.',
    'We reject {R}.',
    '{R}? No.',
    '{R} — not!',
    '{R}, which is absurd.',
    'One might think that {R}, but this fails.',
    '{R} unless the stride is 1.',
    'Neither {R} nor {X}.',
    '{R} iff $W_{11} = W_{22}$.',
    'Is {R} ?',
    'Let us check whether {R}.',
    'Student A claims {R}; student B disagrees.',
    '{R}\n\nThe line above is wrong.',
    '> {R}\n\nThis quote is mistaken.',
    'The formulas below contain an error each.\n\n- {R}',
    '{D}\nis wrong.',
    '{D}\n\nis false because the kernel is flipped.',
    '## Wrong formulas\n\n{R}',
    '## Questions: true or false?\n\n{R}',
    '{R} 显然不对。',
    '下式有误：{R}',
    '下式有误。\n\n{R}',
    '判断正误：{R}',
    '## 判断题\n\n{R}',
    '{R} 成立吗？',
    '是否有 {R}',
    '试问 {R}？',
    '证明或否定：{R}',
    '{R} 未必成立。',
    '我怀疑 {R}。',
    '很难说 {R}。',
    '反例：{R}',
    'Now the stride is doubled.\n\n{G}',
    'We now double the stride. {G}',
    'Consider the strided case. {G}',
    'With holes in the kernel, {G}',
    '现在步幅加倍。\n\n{G}',
    '考虑带步幅的情形：{G}',
    '在输入外补一圈零。{G}',
    'On a torus, {R}.',
    'In full mode, {R}.',
    'The image is now mirrored: {R}',
    'For a fully connected layer, {R}.',
    'Redefine $W$ as its own rotation. {R}',
    'From now on $I$ denotes the padded input. {R}',
    'In this section $W$ and $I$ swap roles: {R}',
    'Now swap the letters: $I$ is the kernel and $W$ the input.\n\n{R}',
    '以下记 $W$ 为翻转后的核。{R}',
    '此后 $O$ 表示激活后的输出。{R}',
    '令 $I$ 表示填充后的输入。{R}',
    'Using the mean over the batch, {R}.',
    'Up to sign, {R}.',
    'Approximately, {R}.',
    'To first order, {R}.',
    'Modulo a constant, {R}.',
    '差一个常数，{R}',
    '近似地有 {R}',
    'Dropping out $I_{11}$, {R}.',
    'Since the kernel is masked at $W_{11}$, {R}.',
)


@pytest.mark.parametrize("case", AGAINST)
def test_a_right_equation_that_is_denied_doubted_or_of_something_else_is_not_correct(case):
    assert "correct" not in verdicts(case)


SUPPOSED = (
    'Take a kernel of ones. Then $E(I_{11}) = E(O_{11})$.',
    'With an all-ones kernel, $E(I_{11}) = E(O_{11})$.',
    'Suppose all weights are 1. Then $E(I_{11}) = E(O_{11})$.',
    'Let $W$ be the identity matrix. Then $E(I_{11}) = E(O_{11})$.',
    '取全 1 卷积核，则 $E(I_{11}) = E(O_{11})$。',
    '例：设卷积核全为 1。\n\n$E(I_{11}) = E(O_{11})$',
    'For the zero kernel, $E(I_{11})=0$.',
    'For $W = 0$: {X}',
    'Let all weights be equal. Then {X}.',
    '设所有权重相等，则 {X}。',
    'Let $W_{22} = W_{11}$. Then {X}.',
    'Assume a symmetric kernel with $W_{11}=W_{22}$.\n\n{X}',
    'Next we consider a 3x3 kernel on the same input.\n\n$E(I_{33})=E(O_{11})W_{33}$',
    'Do not confuse this with {X}.',
    'The book has a typo: {X}.',
    'An early draft had {X}.',
    'Find the error in {X}.',
    'Correct the following: {X}',
    'Student A writes {X}. Who is right?',
    '切勿使用 {X}。',
    '严禁写 {X}',
    '改错：{X}',
    '书上误印为 {X}。',
    '{X} 应改为 {R}。',
    '{X} should read {R}.',
)


@pytest.mark.parametrize("case", SUPPOSED)
def test_an_equation_under_an_assumption_or_quoted_is_not_wrong(case):
    assert "wrong" not in verdicts(case) or "{R}" in case


@pytest.mark.parametrize("case", [
    "The gradient does not depend on the bias: {R}", "No padding is used, so {R}", "The kernel is not rotated here: {R}", "Since no other window reads it, {R}.",
    "Windows may not overlap elsewhere; {R}", "Not only the corner: {R}", "The error reaches the corner: {R}", "There is nothing wrong: {R}", "这里不旋转卷积核，所以 {R}", "不难看出 {R}",
    "其他窗口用不到它，故 {R}", "By the chain rule, {R}.", "Only one window contains it, hence {R}.", "I could not do the rest. {R}", "不仅如此，{R}", "The error term at the corner: {R}",
    "Which outputs use the corner? Only one: {R}",
])
def test_words_that_say_nothing_against_it(case):
    assert verdicts(case) == ["correct"]


@pytest.mark.parametrize("case", [
    "Instead of summing over the kernel we sum over the outputs: {G}", "To avoid confusion we swap the order of summation: {G}", "The kernel is mirrored here: {G}",
    "It is not obvious, but {R}.", "其他输出不会用到它，故 {R}", "交换求和次序，得 {G}", "卷积核与输出错位相加：{G}", "毫无疑问，{R}", "From now on we sum over the outputs: {G}", "Sometimes this is written as {G}",
    "与翻转后的卷积核相乘：{G}", "The mask is not needed: {R}",
])
def test_ordinary_telling_leaves_it_read(case):
    assert verdicts(case) == ["correct"]


TOLD = (
    'Buggy version: {R}',
    'Before fix: {R}',
    'TODO: fix {R}',
    'Dead end: {R}',
    '{R} [sic]',
    '{R} (✗)',
    '{R} -- nope.',
    '{R} 👎',
    'Student answer: {R}. Teacher: 0 points.',
    'My classmate claimed that {R}, which the teacher crossed out.',
    'ChatGPT told me {R}, but it hallucinated.',
    'It is a common myth that {R}.',
    'Here is the trap: {R}',
    'One is tempted to write {R}.',
    'I used to believe {R}.',
    'Nothing supports {R}.',
    '{R} lacks a term.',
    '{R} has one factor too many.',
    '{R} is what you get when you forget to flip.',
    'The first edition printed {R}; this has been withdrawn.',
    'Before the erratum, the text said {R}.',
    '{R} would be the answer to a different exercise.',
    '{R} gives only half of the gradient.',
    'Negate the right side of {R}.',
    '{R} with every plus read as a minus.',
    '{R} (the minus sign was dropped for readability)',
    'Replace $W_{11}$ by $W_{22}$ in the following: {R}',
    'Here $W_{11}$ stands for its square: {R}',
    '{R}, to which the gradient of the skip connection must be added.',
    '{R} once the output is divided by the batch size.',
    'With the straight-through estimator instead, {R}.',
    'In this line $I$ means the padded input: {R}',
    '{R} holds in expectation.',
    'Ignoring the contribution of the second window, {R}.',
    '千万别写成 {R}。',
    '（×）{R}',
    '很多博客抄来抄去都是 {R}，其实不然。',
    '{R} 与数值结果不符。',
    '第一版教材印的是 {R}，后已更正。',
    '假如 {R} 成立，就会推出矛盾。',
    '反证法：设 {R}。',
    '{R} 尚待证明。',
    '{R} 的右边应取相反数。',
    '{R}（此处省略了负号）',
    '{R} 仅为真实梯度的一半。',
    '忽略常数因子，{R}。',
    '把 $W_{11}$ 换成 $W_{22}$：{R}',
    '这里的 $W$ 已经旋转了 180 度：{R}',
    '{R} 在期望意义下成立。',
    '{D}\n\nUnfortunately that does not pass the gradient check.',
    '{D}\n\nOops, I forgot the factor $2$ here.',
    '{D}\n\nScrap that.',
    '{D}\n\nThis is a classical blunder.',
    '{D}\n\nEquation (1) needs an extra minus sign.',
    '{D}\n\n更正：右边漏了一个负号。',
    '{D}\n\n这个结果经不起检验。',
    '> {R}\n\nThe quotation above must be corrected.',
    '### Bug\n\n{R}',
    '{R}[^1]\n\n[^1]: Actually off by a sign.',
)


@pytest.mark.parametrize("case", TOLD)
def test_further_words_against_it(case):
    assert "correct" not in verdicts(case)


@pytest.mark.parametrize("case", ["$W_{ab} = 0$ out of range.", "Outside the image $I_{pq} = 0$.", "图像之外 $I_{pq} = 0$。"])
def test_zeros_out_of_range_are_a_convention_and_not_wrong(case):
    assert verdicts(case) == ["unreadable"]


@pytest.mark.parametrize("case", [
    "We find the gradient at the corner: {R}", "Each copy of the kernel is scaled by the gradient, so {G}", "Every gradient is multiplied by the weight between them: {G}", "Replacing the letters gives {G}",
    "Ignoring the bias, {R}.", "The corner points: {R}", "Don't forget the rotation: {G}", "Here $\\star$ means cross-correlation. {R}", "The bias is omitted here: {R}", "With every window that contains it, {G}", "忽略偏置，{R}",
])
def test_ordinary_derivations_stay_read(case):
    assert "unreadable" not in verdicts(case)
