"""The corrected copy of notes: only repairs that are certain, and the result judged again before it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from symderiv.report_model import Claim, Edit, Report, Span


def corrected(text: str, report: Report, judge: Callable[[str], Report]) -> tuple[str, tuple[Claim, ...]]:
    """The text with every repair that is certain and unique, and the claims that it mends.

    All repairs are put in together; where the notes then are not as much better as promised, one after
    the other, each kept only if it mends its claim and harms none.
    """
    sure = [k for k, c in enumerate(report.claims) if c.repair is not None and c.repair.certain and c.repair.unique]
    kept = _compatible(report, sure)
    if not kept:
        return text, ()
    if not _better(report, judge(_edited(text, report, kept)), kept):
        wanted, kept = kept, []
        for k in wanted:
            if _better(report, judge(_edited(text, report, [*kept, k])), [*kept, k]):
                kept.append(k)
    return _edited(text, report, kept), tuple(report.claims[k] for k in kept)


def _better(before: Report, after: Report, mended: Sequence[int]) -> bool:
    """Whether the mended claims are correct now and every correct one still is."""
    if len(before.claims) != len(after.claims):
        return False
    pairs = enumerate(zip(before.claims, after.claims, strict=True))
    return all(new.verdict == "correct" for k, (old, new) in pairs if k in mended or old.verdict == "correct")


def _compatible(report: Report, sure: Sequence[int]) -> list[int]:
    """The claims whose edits do not overlap those of an earlier one."""
    taken: list[tuple[tuple[int, int], tuple[int, int]]] = []
    kept = []
    for k in sure:
        ends = [_ends(e.span) for e in _edits(report, k)]
        if ends and all(high <= a or b <= low for low, high in ends for a, b in taken):
            taken += ends
            kept.append(k)
    return kept


def _ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.line, span.column), (span.end_line, span.end_column)


def _edits(report: Report, k: int) -> tuple[Edit, ...]:
    repair = report.claims[k].repair
    return () if repair is None else repair.edits


def _edited(text: str, report: Report, claims: Sequence[int]) -> str:
    """The text with the edits of those claims, the last place first so that the others stay put."""
    starts = [0, *(m.end() for m in re.finditer("\r\n|\n|\r", text))]
    edits = [e for k in claims for e in _edits(report, k)]
    for edit in sorted(edits, key=lambda e: _ends(e.span), reverse=True):
        low = starts[edit.span.line - 1] + edit.span.column - 1
        high = starts[edit.span.end_line - 1] + edit.span.end_column - 1
        text = text[:low] + edit.text + text[high:]
    return text
