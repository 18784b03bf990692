"""Reading notes: source -> tree, errors with their columns, files, limits, and that nothing ever raises."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symderiv.notes import read
from symderiv.notes.tree import Number, Prose, Reading, Span
from symderiv.notes.walk import dump
from tests.test_notes_data.tables import ERRORS, PLAIN, TREES

DATA = Path(__file__).parent / "test_notes_data"


def trees(reading: Reading) -> list[str]:
    assert not list(reading.all_problems()), [problem.message for problem in reading.all_problems()]
    return [dump(piece) for _, piece in reading.pieces()]


@pytest.mark.parametrize(("source", "expected"), TREES)
def test_tree(source: str, expected: list[str]) -> None:
    assert trees(read(f"$${source}$$", "a.md")) == expected


@pytest.mark.parametrize(("source", "expected"), PLAIN)
def test_plain_text(source: str, expected: list[str]) -> None:
    assert trees(read(source, "a.txt")) == expected


@pytest.mark.parametrize(("source", "column", "message"), ERRORS)
def test_error(source: str, column: int, message: str) -> None:
    reading = read(f"$${source}$$", "a.md")
    problem = next(reading.all_problems())
    assert (problem.message, reading.source.position(problem.place.start)) == (message, (1, column + 2))


@pytest.mark.parametrize("path", sorted((DATA / "valid").iterdir()), ids=lambda path: path.name)
def test_valid_file(path: Path) -> None:
    reading = read(path.read_bytes(), path.name)
    assert trees(reading)


@pytest.mark.parametrize("path", sorted((DATA / "invalid").iterdir()), ids=lambda path: path.name)
def test_invalid_file(path: Path) -> None:
    reading = read(path.read_bytes(), path.name)
    problems = list(reading.all_problems())
    assert problems
    assert all(0 <= problem.place.start <= problem.place.end <= len(reading.source.text) for problem in problems)


def test_homework_has_24_claims() -> None:
    reading = read((DATA / "valid" / "homework-equations.md").read_bytes(), "a.md")
    assert sum(len(piece.relations) for _, piece in reading.pieces()) == 24


# -- places ------------------------------------------------------------------------------------


def test_places_slice_the_file() -> None:
    reading = read("# 卷积\r\n\r\n设 $a_{1} = b + c$ 。\r\n", "a.md")
    _, piece = next(reading.pieces())
    assert reading.source.slice(piece.place) == "a_{1} = b + c"
    assert reading.source.slice(piece.members[1].place) == "b + c"
    assert reading.source.position(piece.place.start) == (3, 4)
    assert reading.source.newline == "\r\n"


def test_macro_has_the_place_of_its_call_and_arguments_keep_theirs() -> None:
    reading = read("\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n$\\pd{L}{I_{12}} = x$", "a.md")
    _, piece = next(reading.pieces())
    assert reading.source.slice(piece.members[0].place) == "\\pd{L}{I_{12}}"
    assert reading.source.slice(piece.members[0].by.place) == "I_{12}"  # type: ignore[union-attr]


def test_chain_goes_on_across_displays() -> None:
    reading = read("$$A$$\n\nso\n\n$$= B$$\n\nother words\n\n$$= C$$\n", "a.md")
    first, second, third = (piece for _, piece in reading.pieces())
    assert [dump(one) for one in second.earlier] == ["A"]
    assert [(dump(left), dump(right)) for left, _, right in second.links()] == [("A", "B")]
    assert first.readable and second.readable and not third.readable


def test_equality_between_two_inline_spans_joins_them() -> None:
    pieces = [piece for _, piece in read("$A$ = $B$", "a.md").pieces()]
    assert [(dump(left), dump(right)) for left, _, right in pieces[1].links()] == [("A", "B")]


@pytest.mark.parametrize("text", ["$A$ + $B$ = $C$", "$A = B$ + 1", "2$A = B$", "$A = B$ + $C$"])
def test_mathematics_that_goes_on_in_prose_is_unreadable(text: str) -> None:
    assert list(read(text, "a.md").all_problems())


def test_prose_with_an_equality_sign_is_reported() -> None:
    prose = [item for item in read("The rate = 0.1 here, $x = 1$.\n\nhttp://a.b/?c=d", "a.md").items if isinstance(item, Prose)]
    assert [item.equals for item in prose] == [True, False]


def test_code_is_not_mathematics() -> None:
    assert not read("`$x = 1$`\n\n```\n$y = 2$\n```\n<!-- $z = 3$ -->\nprice $5 and $10", "a.md").spans


def test_latex_comments_and_verbatim_are_not_mathematics() -> None:
    text = "\\documentclass{article}\n\\begin{document}\n% $a=1$\n\\verb|$b=2$| $c = 3$\n\\end{document} $d=4$"
    assert trees(read(text, "a.tex")) == ["c = 3"]


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("$甲 = 1$".encode(), "utf-8"), (b"\xef\xbb\xbf$a = 1$", "utf-8-bom"), ("中文 $a = 1$".encode("gb18030"), "gb18030"),
        (b"\x00\x01\x02", "binary"), (b"", "utf-8"),
    ],
)  # fmt: skip
def test_encoding(data: bytes, encoding: str) -> None:
    reading = read(data, "a.md")
    assert reading.source.encoding == encoding
    assert bool(reading.problems) == (encoding == "binary")


def test_number_is_exact() -> None:
    _, piece = next(read("$x = 0.1$", "a.md").pieces())
    assert isinstance(piece.members[1], Number) and piece.members[1].value * 10 == 1


LIMITS = [
    ("$x = 9^{9^{9^9}}$", "exponent"), ("$x = 9^{1000}$", "exponent"), ("$x=" + "{" * 3000 + "a" + "}" * 3000 + "$", "nesting"),
    ("$x=" + "\\frac{1}{" * 600 + "x" + "}" * 600 + "$", "nesting"), ("$x=" + "(" * 500 + "x" + ")" * 500 + "$", "nesting"),
    ("$x=" + "1" * 100_000 + "$", "digits"), ("$x=" + "a+" * 30_000 + "b$", "equation length"),
    ("$x=" + "a \\star " * 500 + "b$", "nesting"), ("$x=" + "\\sum_i " * 500 + "b$", "nesting"),
    ("$A = \\begin{bmatrix}" + "\\\\".join(["1" + "&1" * 149] * 150) + "\\end{bmatrix}$", "matrix cells"),
    ("\\newcommand{\\a}{\\a\\a}$x = \\a$", "macros"), ("x" * 5_000_000, "file size"), ("$x$ " * 21_000, "spans a file"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "limit"), LIMITS, ids=[f"{limit}-{n}" for n, (_, limit) in enumerate(LIMITS)])
def test_limit_is_named(text: str, limit: str) -> None:
    assert limit in {problem.limit for problem in read(text, "a.md").all_problems()}


HEAVY = [
    "|a|b|\n|-|-|\n" * 5_000, "$" * 20_001, "$ a " * 10_000, "\\(" * 10_000, "$" + "(" * 20_000 + "]" * 20_000 + "$",
    "\\newcommand{\\a}{" * 10_000, "$" + "\\text{" * 10_000 + "$", "\\begin{align}" * 10_000, "<!--" * 20_000, "|" * 50_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HEAVY, ids=range(len(HEAVY)))
def test_work_grows_with_the_file_and_not_its_square(text: str) -> None:
    started = time.perf_counter()
    read(text, "a.md")
    assert time.perf_counter() - started < 10


# -- never raises ------------------------------------------------------------------------------

PIECES = [
    "\\frac{\\partial L}{\\partial I_{12}}", "\\sum_{i=1}^{2}", "\\max_{", "I_{i+a-1}", "W", "dL/dI_12", "=", "&", "\\\\", "{", "}",
    "(", ")", "[", "]", "|", "^", "_", "'", "\\left", "\\right", ".", ",", ";", "\\text{if }", "\\begin{cases}", "\\end{cases}",
    "\\begin{bmatrix}", "\\end{bmatrix}", "$", "$$", "\\(", "\\)", "\n", "\n\n", " ", "*", "\\cdot", "+", "-", "/", "d", "\\partial",
    "\\nabla", "\\mathbb{1}", "1", "23", "\\delta", "\\sigma'", ":", "\\quad", "∂", "Σ", "₁", "则", "若", "\\newcommand{\\a}", "\\a", "#1",
    "`", "```math\n", "\\begin{align}", "\\end{align}", "%", "\\", "\\hat", "\\operatorname{vec}", "\\mathrm{d}", "\\underset{", "|-|-|\n",
]  # fmt: skip


def check(text: str) -> None:
    started = time.perf_counter()
    for name in ("a.md", "a.tex", "a.txt"):
        reading = read(text, name)
        size = len(reading.source.text)
        for item in reading.items:
            assert 0 <= item.place.start <= item.place.end <= size
            if isinstance(item, Span):
                for piece in item.pieces:
                    assert len(piece.relations) == len(piece.members) - (0 if piece.earlier or not piece.readable else 1) or not piece.readable or not piece.members
                    assert isinstance(dump(piece), str)
    assert time.perf_counter() - started < 3


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_fuzz_pieces(text: str) -> None:
    check(f"$${text}$$")
    check(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_fuzz_text(text: str) -> None:
    check(text)
    check(f"${text}$")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_fuzz_bytes(data: bytes) -> None:
    read(data, "a.md")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([source for source, _ in TREES]), st.data())
def test_fuzz_mutants(source: str, data: st.DataObject) -> None:
    """A known equation with one part taken out or doubled."""
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 6)))
    check(f"$${source[:start]}{data.draw(st.sampled_from(['', source[start:end] * 2, '{', ')', '&']))}{source[end:]}$$")


# -- the room ----------------------------------------------------------------------------------


def test_shipped_grammar_is_fresh() -> None:
    from symderiv.notes import build_grammar

    assert (build_grammar.HERE / "grammar.json").read_text(encoding="utf-8") == build_grammar.text()


def test_reading_loads_neither_lark_nor_sympy() -> None:
    code = "import sys; from symderiv.notes import read; read('$x=1$', 'a.md'); print(sorted({'lark', 'sympy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
