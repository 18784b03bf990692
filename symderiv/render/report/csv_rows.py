"""A row a file, for a class of submissions."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from io import StringIO

from symderiv.render.report.escape import csv_cell
from symderiv.render.report.options import ReportOptions
from symderiv.render.report.words import words
from symderiv.report_model import VERDICTS, Checked, Report

COLUMNS = ("file", "status", "claims", *VERDICTS, "spans", "mentions", "warnings", "differences", "layers", "problem")
"""They are keys for other programs: not translated."""


def pieces(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """The header and the rows, each as soon as its file is checked."""
    say = words(options.lang)
    yield _line(COLUMNS)
    for item in items:
        report, s = item.report, item.report.summary
        kinds = Counter(d.kind for c in report.claims for d in c.differences)
        yield _line((
            report.file, status(report), s.claims, *(getattr(s, v) for v in VERDICTS), s.spans, s.mentions,
            len(report.warnings), " ".join(f"{k}:{n}" for k, n in sorted(kinds.items())),
            "; ".join(layer.name for layer in report.layers),
            "" if report.problem is None else say.message(report.problem),
        ))


def status(report: Report) -> str:
    """``correct``, ``not correct``, ``no equation`` or ``unreadable``."""
    if report.problem is not None:
        return "unreadable"
    if report.passed and not report.claims:
        return "no equation"
    return "correct" if report.passed else "not correct"


def _line(cells: Iterable[object]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([csv_cell(str(c)) for c in cells])
    return out.getvalue()
