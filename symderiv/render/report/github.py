"""Workflow commands that GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symderiv.render.report import parts
from symderiv.render.report.escape import github_message, github_property
from symderiv.render.report.options import ReportOptions
from symderiv.render.report.words import Words, words
from symderiv.report_model import Checked, Claim, Span, Verdict

_LEVELS: dict[Verdict, str] = {"wrong": "error", "incomplete": "warning", "unreadable": "warning", "unchecked": "notice"}


def pieces(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """A line for every claim that is not correct and for every warning."""
    say = words(options.lang)
    for item in items:
        report = item.report
        name = report.file
        if report.problem is not None:
            yield _command("error", name, None, say.verdict("unreadable"), say.message(report.problem))
        for claim in report.claims:
            if claim.verdict != "correct":
                yield _command(_LEVELS[claim.verdict], name, place(claim), _title(say, claim), body(say, claim))
        for line, said in parts.remarks(say, report):
            yield _command("notice", name, Span(line, 1, line, 1), say("warning"), said)


def place(claim: Claim) -> Span:
    """Where a reader should look first."""
    return claim.differences[0].span if claim.differences else claim.unreadable_at or claim.span


def body(_: Words, claim: Claim) -> str:
    """Everything about the claim, a line each."""
    lines = [_.message(claim.message), *(parts.difference(_, d) for d in claim.differences)]
    return "\n".join([*lines, *(_.labelled(label, text) for label, text in parts.details(_, claim))])


def _title(_: Words, claim: Claim) -> str:
    kinds = dict.fromkeys(_.difference(d.kind) for d in claim.differences)
    return _.labelled(_.verdict(claim.verdict), _.listed(list(kinds))) if kinds else _.verdict(claim.verdict)


def _command(level: str, file: str, span: Span | None, title: str, message: str) -> str:
    properties = [] if file == "-" else [f"file={github_property(file)}"]
    if span is not None:
        properties += [f"line={span.line}", f"endLine={span.end_line}"]
        if span.line == span.end_line and span.end_column > span.column:
            properties += [f"col={span.column}", f"endColumn={span.end_column}"]
    properties.append(f"title={github_property(title)}")
    return f"::{level} {','.join(properties)}::" + "%0A".join(github_message(line) for line in message.split("\n")) + "\n"
