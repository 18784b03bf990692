"""What a report recommends, put into the file: correct, in the writer's spelling; and the corrected copy is better.

A sample of all answers and notes of these tests by a fixed seed; the whole with ``SYMDERIV_WHOLE_CORPUS=1``.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_check_corpus import ELEMENTS, general_cases, shifted_cases
from test_check_notes import COMMENT
from test_check_notes import FILES as NOTES
from test_check_telling import SLIPS

from symderiv.api import check_notes
from symderiv.check.corrected import corrected
from symderiv.report_model import Claim, Report

WHOLE = bool(os.environ.get("SYMDERIV_WHOLE_CORPUS"))
STUDENTS = sorted((Path(__file__).parent / "notes").iterdir())
NUMBERS = re.compile(r"([A-Za-z]|\\delta)_\{?(\d(?:,? ?\d)+)\}?")
FALSE = ("wrong", "incomplete", "unreadable")


def answers() -> list[tuple[str, str]]:
    """Each answer after its layer, as a file."""
    found = [("slip.md", f"{notes}$${written}$$\n") for notes, written, *_ in SLIPS]
    for layer, style, equation, *_ in [*ELEMENTS, *general_cases(220, 5), *shifted_cases(90, 8)]:
        found.append(("answer" + style.suffix, style.head(layer) + "\n\n" + style.math(equation) + "\n"))
    return found


def files() -> list[tuple[str, str]]:
    """Name and text."""
    found = [(p.name, COMMENT.sub(lambda m: " " * len(m.group()), p.read_text(encoding="utf-8"))) for p in (*NOTES, *STUDENTS)]
    single = answers()
    return found + (single if WHOLE else random.Random(3).sample(single, 150))


FILES = files()


def judge(name: str, text: str) -> Report:
    return check_notes(text, name).report


def put_in(text: str, claim: Claim, equation: str) -> str:
    """The text with an equation in the place of a claim."""
    starts = [0, *(m.end() for m in re.finditer("\r\n|\n|\r", text))]
    low, high = starts[claim.span.line - 1] + claim.span.column - 1, starts[claim.span.end_line - 1] + claim.span.end_column - 1
    return text[:low] + equation + text[high:]


def equations(claim: Claim) -> Iterator[str]:
    yield from dict.fromkeys(filter(None, (claim.expected, claim.repair.latex if claim.repair else "")))


def bare(side: str) -> str:
    return re.sub(r"[\s{}&]|\\[,;]", "", side)


def spellings(text: str) -> set[tuple[str, str]]:
    """Each letter with how its index numbers are written: ``dd``, ``d,d`` or ``d, d``."""
    return {(m[1], re.sub(r"\d", "d", m[2])) for m in NUMBERS.finditer(text)}


def faults(name: str, text: str) -> Iterator[str]:
    """Every recommended equation that is not as good as its word."""
    report = judge(name, text)
    for k, claim in enumerate(report.claims):
        for equation in equations(claim):
            told = f"{name}: {claim.source}  ->  {equation}"
            after = judge(name, put_in(text, claim, equation)).claims
            if len(after) != len(report.claims) or after[k].verdict != "correct":
                yield f"{told}: {after[k].verdict if k < len(after) else 'lost'}"
            elif (after[k].kind, after[k].tensor, after[k].index) != (claim.kind, claim.tensor, claim.index):
                yield f"{told}: is about something else"
            left, _, right = equation.partition("=")
            if bare(left) == bare(right):
                yield f"{told}: says nothing"
            own = spellings(claim.source)
            for letter, form in spellings(equation):
                forms = {f for x, f in own if x == letter and f.count("d") == form.count("d")}
                if forms and form not in forms:
                    yield f"{told}: {letter} is spelled {form}"


@pytest.mark.parametrize("part", range(6))
def test_what_is_recommended_is_right_in_its_place(part: int) -> None:
    assert not [fault for name, text in FILES[part::6] for fault in faults(name, text)]


@pytest.mark.parametrize("part", range(6))
def test_the_corrected_copy_is_better(part: int) -> None:
    for name, text in FILES[part::6]:
        before = judge(name, text)
        copy, mended = corrected(text, before, lambda changed, name=name: judge(name, changed))
        assert bool(mended) == (copy != text)
        if not mended:
            continue
        after = judge(name, copy)
        assert len(after.claims) == len(before.claims), copy
        worse = [new.source for old, new in zip(before.claims, after.claims, strict=True) if new.verdict in FALSE and new.verdict != old.verdict]
        assert not worse, copy
        count = [sum(c.verdict in FALSE for c in report.claims) for report in (before, after)]
        assert count[1] <= count[0] - len(mended), copy


def test_much_is_recommended() -> None:
    """Else the tests above say nothing."""
    reports = [judge(name, text) for name, text in FILES[-60:]]
    claims = [c for report in reports for c in report.claims]
    assert sum(bool(c.expected) for c in claims) >= 15
    assert sum(c.repair is not None for c in claims) >= 10


@pytest.mark.parametrize(("written", "recommended"), [
    (r"\dfrac{\partial L}{\partial O_{1,1}} W_{2,1}", r"\dfrac{\partial L}{\partial O_{1,1}} W_{1,1}"),
    (r"\frac{\mathrm d L}{\mathrm d O_{12}}W_{11}", r"\frac{\mathrm d L}{\mathrm d O_{11}}W_{11}"),
    (r"2\,\partial L/\partial O_{1, 1} \times W_{1, 1}", r"\partial L/\partial O_{1, 1} \times W_{1, 1}"),
])
def test_the_right_side_is_spelled_as_the_writer_spells(written: str, recommended: str) -> None:
    left = r"\frac{\partial L}{\partial I_{11}} = "
    notes = r"$$\begin{bmatrix} I_{11} & I_{12} & I_{13} \\ I_{21} & I_{22} & I_{23} \end{bmatrix} * \begin{bmatrix} W_{11} & W_{12} \\ W_{21} & W_{22} \end{bmatrix} = \begin{bmatrix} O_{11} & O_{12} \end{bmatrix}$$" + "\n\n"
    claim = judge("x.md", f"{notes}$${left}{written}$$\n").claims[-1]
    assert claim.verdict == "wrong"
    assert claim.expected == left + recommended
