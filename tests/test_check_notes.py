"""Hand-written notes as files: the expected verdicts stand beside each equation, as comments.

``<!-- expect: correct wrong -->`` (in LaTeX ``% expect: ...``) names the verdicts of the claims that end
since the comment before, in order.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from symderiv.api import check_notes

FILES = sorted((Path(__file__).parent / "test_check_data").iterdir())
COMMENT = re.compile(r"(?:<!--|%)[ ]expect:([a-z ]*)(?:-->)?")


def expected(text: str) -> list[tuple[int, list[str]]]:
    """Each comment's offset and verdicts."""
    return [(m.start(), m.group(1).split()) for m in COMMENT.finditer(text)]


def pairs(path: Path) -> list[tuple[str, str, str, str]]:
    """Source, expected and found verdict, message, of every claim of a file."""
    text = path.read_text(encoding="utf-8")
    # comments in plain text would be prose with words; blanks keep every place
    shown = COMMENT.sub(lambda m: " " * len(m.group()), text)
    report = check_notes(shown, path.name).report
    starts = [0]
    for line in shown.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    claims = [(starts[c.span.end_line - 1] + c.span.end_column - 1, c) for c in report.claims]
    found, before = [], -1
    for at, verdicts in expected(text):
        here = [c for end, c in claims if before < end <= at]
        before = at
        for k in range(max(len(here), len(verdicts))):
            want = verdicts[k] if k < len(verdicts) else "nothing"
            got = here[k].verdict if k < len(here) else "nothing"
            found.append((here[k].source if k < len(here) else "", want, got, str(here[k].message.key) if k < len(here) else ""))
    assert not [c.source for end, c in claims if end > before], "a claim without an expectation"
    return found


def test_there_are_many_files() -> None:
    assert len(FILES) >= 25
    assert sum(len(expected(p.read_text(encoding="utf-8"))) for p in FILES) >= 150


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_notes(path: Path) -> None:
    bad = [row for row in pairs(path) if row[1] != row[2]]
    assert not bad


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter = Counter()
    for path in FILES:
        for _, want, got, _ in pairs(path):
            counts[want, got] += 1
    with capsys.disabled():
        print()
        for verdict in ("correct", "wrong", "incomplete", "unreadable", "unchecked"):
            hit = counts[verdict, verdict]
            told = sum(n for (_, got), n in counts.items() if got == verdict)
            present = sum(n for (want, _), n in counts.items() if want == verdict)
            if told or present:
                print(f"  {verdict:11} {present:4} expected, precision {hit / max(1, told):.2f}, recall {hit / max(1, present):.2f}")
    assert not [k for k in counts if k[1] == "correct" != k[0]], "a false correct"
    assert not [k for k in counts if k[1] == "wrong" != k[0]], "a false wrong"
