"""SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from symderiv.render.report import parts
from symderiv.render.report.escape import json_text
from symderiv.render.report.github import body, place
from symderiv.render.report.options import ReportOptions
from symderiv.render.report.words import Words, words
from symderiv.report_model import DIFFERENCE_KINDS, WARNING_KINDS, Checked, Claim, Repair, Report, Span, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Verdict, str] = {"wrong": "error", "incomplete": "warning", "unreadable": "warning", "unchecked": "note"}
Document = dict[str, object]


def pieces(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """One run over all files, a result at a time."""
    say = words(options.lang)
    driver = {"name": "symderiv", "version": options.version, "rules": _rules(say)}
    yield f'{{\n"$schema": {json.dumps(SCHEMA)},\n"version": "2.1.0",\n"runs": [{{\n'
    yield f'"tool": {{"driver": {_dumped(driver)}}},\n"columnKind": "unicodeCodePoints",\n"results": ['
    first = True
    for item in items:
        for result in results(say, item.report):
            yield ("\n" if first else ",\n") + _dumped(result)
            first = False
    yield "\n]}]}\n"


def _dumped(document: object) -> str:
    return json_text(json.dumps(document, ensure_ascii=False))


def _rules(_: Words) -> list[Document]:
    rules: list[Document] = [{"id": k, "shortDescription": {"text": _.difference(k)}} for k in DIFFERENCE_KINDS]
    rules += [{"id": v, "shortDescription": {"text": _.verdict(v)}} for v in _LEVELS]
    rules += [{"id": f"warning/{k}", "shortDescription": {"text": _("warning")}} for k in WARNING_KINDS]
    rules.append({"id": "unusable-file", "shortDescription": {"text": _.verdict("unreadable")}})
    return rules


def results(_: Words, report: Report) -> Iterator[Document]:
    """One for every claim that is not correct, every warning, and a file that can't be used."""
    if report.problem is not None:
        yield _result("unusable-file", "error", _.message(report.problem), report.file, None)
    for claim in report.claims:
        if claim.verdict != "correct":
            rule = claim.differences[0].kind if claim.differences else claim.verdict
            result = _result(rule, _LEVELS[claim.verdict], body(_, claim), report.file, place(claim))
            result["properties"] = {"verdict": claim.verdict, "source": claim.source}
            if claim.repair is not None and claim.repair.edits:
                result["fixes"] = [_fix(_, claim, claim.repair, report.file)]
            yield result
    for warning in report.warnings:
        span = Span(warning.line, warning.column, warning.line, warning.column)
        yield _result(f"warning/{warning.kind}", "note", _.message(warning.message), report.file, span)


def _result(rule: str, level: str, message: str, file: str, span: Span | None) -> Document:
    place: Document = {"artifactLocation": _artifact(file)}
    if span is not None:
        place["region"] = _region(span)
    return {"ruleId": rule, "level": level, "message": {"text": message}, "locations": [{"physicalLocation": place}]}


def _artifact(file: str) -> Document:
    return {"uri": "stdin" if file == "-" else quote(file.replace("\\", "/").encode("utf-8", "surrogateescape"), safe="/~")}


def _region(span: Span) -> Document:
    return {"startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}


def _fix(_: Words, claim: Claim, repair: Repair, file: str) -> Document:
    replacements = [{"deletedRegion": _region(e.span), "insertedContent": {"text": e.text}} for e in repair.edits]
    return {
        "description": {"text": parts.repair(_, claim)},
        "artifactChanges": [{"artifactLocation": _artifact(file), "replacements": replacements}],
    }
