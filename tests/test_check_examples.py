"""Number examples: sizes that only an example gives, another example, and numbers in the place of letters. All worked out by hand."""

from __future__ import annotations

from symderiv.api import check_notes

POOL = r"""$$O_{ij} = \max_{1\le a\le 2, 1\le c\le 2} I_{2i+a-2,2j+c-2}$$

"""
CONV = r"""$$O_{ij} = \sum_{a=1}^{2}\sum_{c=1}^{2} I_{i+a-1,j+c-1} W_{ac} + b$$ where $I$ has the shape $%s$.

"""
OF_I, OF_O, OF_W = (rf"\frac{{\partial L}}{{\partial {x}}}" for x in "IOW")


def grid(rows: str) -> str:
    return r"\begin{bmatrix}" + r"\\".join("&".join(row.split()) for row in rows.split("/")) + r"\end{bmatrix}"


def verdicts(head: str, *equations: str) -> list[str]:
    return [c.verdict for c in check_notes(head + "\n\n".join(f"$${e}$$" for e in equations), "x.md").report.claims][1:]


INPUT = "1 3 2 4/5 6 7 8/3 2 1 0/1 2 3 4"


def test_an_example_gives_the_sizes() -> None:
    assert verdicts(
        POOL, f"I = {grid(INPUT)}", f"O = {grid('6 8/3 4')}", f"O = {grid('6 8/2 4')}", f"{OF_O} = {grid('1 2/3 4')}",
        f"{OF_I} = {grid('0 0 0 0/0 1 0 2/3 0 0 0/0 0 0 4')}", f"{OF_I} = {grid('0 0 0 0/0 1 0 2/0 0 0 0/3 0 0 4')}",
        r"\frac{\partial L}{\partial I_{31}} = 3", r"\frac{\partial L}{\partial I_{31}} = 4",
    ) == ["correct", "correct", "wrong", "correct", "correct", "wrong", "correct", "wrong"]


def test_sizes_by_name_keep_their_generality() -> None:
    general = OF_W.replace("W", "W_{ac}") + r" = \sum_{i,j}" + OF_O.replace("O", "O_{ij}") + "I_{i+a-1,j+c-1}"
    assert verdicts(
        CONV % r"H \times V", f"I = {grid('1 2 3/4 5 6/7 8 9')}", f"W = {grid('1 0/0 -1')}", "b = 1", f"O = {grid('-3 -3/-3 -3')}", general,
        general.replace("c-1", "c"),
    )[-2:] == ["correct", "wrong"]


def test_another_example_of_another_size() -> None:
    first = f"I = {grid('1 2 3/4 5 6/7 8 9')}", f"W = {grid('1 0/0 -1')}", r"b = 0", f"O = {grid('-4 -4/-4 -4')}"
    second = f"I = {grid('1 2/3 5')}", f"W = {grid('1 0/0 1')}", r"b = 0", f"O = {grid('6')}", f"O = {grid('7')}"
    head = r"$$O_{ij} = \sum_{a=1}^{2}\sum_{c=1}^{2} I_{i+a-1,j+c-1} W_{ac} + b$$" + "\n\n"
    found = verdicts(head, *first, *second)
    assert found == ["correct"] * 8 + ["wrong"]


def test_another_example_of_the_same_size() -> None:
    head = CONV % r"3 \times 3"
    given = f"W = {grid('1 0/0 -1')}", "b = 0"
    assert verdicts(
        head, *given, f"I = {grid('1 2 3/4 5 6/7 8 9')}", f"O = {grid('-4 -4/-4 -4')}", f"I = {grid('2 2 3/4 5 6/7 8 9')}",
        f"O = {grid('-3 -4/-4 -4')}", f"O = {grid('-4 -4/-4 -4')}",
    ) == ["correct"] * 6 + ["wrong"]


def test_numbers_in_the_place_of_letters() -> None:
    head = CONV % r"3 \times 3"
    given = f"I = {grid('1 2 3/4 5 6/7 8 9')}", f"W = {grid('1 0/0 -1')}", "b = 1", f"{OF_O} = {grid('1 2/3 4')}"
    terms = "+".join(rf"\frac{{\partial L}}{{\partial O_{{{i}{j}}}}} I_{{{i}{j}}}" for i in (1, 2) for j in (1, 2))
    left = OF_W.replace("W", "W_{11}")
    assert verdicts(head, *given, rf"{left} = {terms} = 1\cdot 1 + 2\cdot 2 + 3 \cdot 4 + 4\cdot 5 = 37")[4:] == ["correct"] * 3
    assert verdicts(head, *given, rf"{left} = {terms} = 1\cdot 1 + 2\cdot 2 + 3 \cdot 4 + 4\cdot 6 = 41")[4:] == ["correct", "wrong", "correct"]
    # a false equation between letters stays false, whatever the numbers
    assert verdicts(head, *given, rf"{left} = 37 I_{{11}}")[4:] == ["wrong"]
    for kernel, verdict in (("-1 0/0 1", "correct"), ("1 0/0 -1", "wrong"), ("-1 0/1 1", "wrong")):
        assert verdicts(head, *given, f"{OF_I} = {OF_O} * {grid(kernel)}")[4:] == [verdict]
        assert verdicts(head, *given, f"{OF_I} = {grid('1 2/3 4')} * {grid(kernel)}")[4:] == [verdict]
