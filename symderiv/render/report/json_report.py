"""The JSON document (schema symderiv/check/1): an object for a file, a list for several."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from symderiv.render.report.escape import json_text
from symderiv.render.report.options import ReportOptions
from symderiv.render.report.parts import repair
from symderiv.render.report.words import Words, words
from symderiv.report_model import Checked, Claim, Counterexample, Difference, Report

SCHEMA = "symderiv/check/1"
Document = dict[str, object]


def pieces(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """The document, a file at a time."""
    say = words(options.lang)
    if options.several:
        yield "["
    for number, item in enumerate(items):
        yield ",\n" if number else "\n" if options.several else ""
        yield json_text(json.dumps(report_document(say, item.report), ensure_ascii=False, indent=1))
    yield "\n]\n" if options.several else "\n"


def report_document(_: Words, report: Report) -> Document:
    """One file's report."""
    s = report.summary
    document: Document = {
        "schema": SCHEMA, "file": report.file.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        "encoding": report.encoding,
        "layers": [
            {
                "id": layer.id, "name": layer.name, "options": dict(layer.options), "roles": dict(layer.roles),
                "inferred_from_line": layer.inferred_from_line, "notation": layer.formula,
            }
            for layer in report.layers
        ],
        "summary": {
            "spans": s.spans, "mentions": s.mentions, "correct": s.correct, "wrong": s.wrong,
            "incomplete": s.incomplete, "unreadable": s.unreadable, "unchecked": s.unchecked,
        },
        "claims": [_claim(_, claim) for claim in report.claims],
        "warnings": [
            {"line": w.line, "column": w.column, "kind": w.kind, "message": _.message(w.message)} for w in report.warnings
        ],
    }
    if report.problem is not None:
        document["problem"] = _.message(report.problem)
    return document


def _claim(_: Words, claim: Claim) -> Document:
    span = claim.span
    document: Document = {
        "line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column,
        "source": claim.source, "layer": claim.layer, "kind": claim.kind, "tensor": claim.tensor,
        "index": None if claim.index is None else list(claim.index),
        "verdict": claim.verdict, "message": _.message(claim.message), "read_as": claim.read_as,
        "assumes": [_.message(m) for m in claim.assumes], "found": claim.found, "expected": claim.expected,
        "differences": [_difference(d) for d in claim.differences],
    }
    if claim.repair is not None:
        document["repair"] = {
            "edits": len(claim.repair.edits), "latex": claim.repair.latex, "message": repair(_, claim),
            "unique": claim.repair.unique,
            "replacements": [
                {
                    "line": e.span.line, "column": e.span.column, "end_line": e.span.end_line,
                    "end_column": e.span.end_column, "text": e.text,
                }
                for e in claim.repair.edits
            ],
        }
    if claim.counterexample is not None:
        document["counterexample"] = _counterexample(claim.counterexample)
    if claim.unreadable_at is not None:
        document["unreadable_at"] = {"line": claim.unreadable_at.line, "column": claim.unreadable_at.column}
    return document


def _difference(d: Difference) -> Document:
    return {
        "kind": d.kind, "found": d.found, "expected": d.expected, "line": d.span.line, "column": d.span.column,
        "end_line": d.span.end_line, "end_column": d.span.end_column,
    }


def _counterexample(example: Counterexample) -> Document:
    document: Document = {
        "values": dict(example.values), "at": dict(example.at), "claimed": example.claimed, "true": example.true,
    }
    if example.sizes:
        document["sizes"] = dict(example.sizes)
    return document
