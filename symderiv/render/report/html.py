"""A page that holds the notes, a mark beside each equation and what is to be said about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from symderiv.render.document import template_folder
from symderiv.render.report import parts
from symderiv.render.report.escape import visible
from symderiv.render.report.excerpt import source_lines
from symderiv.render.report.mathml import mathml
from symderiv.render.report.options import ReportOptions
from symderiv.render.report.words import MARKS, Words, words
from symderiv.report_model import VERDICTS, Checked, Claim, Report, Span


@dataclass(frozen=True)
class Piece:
    """A part of a line that looks alike."""

    text: str
    classes: str


@dataclass(frozen=True)
class Line:
    """A line of the notes and the claims that start on it."""

    number: int
    pieces: tuple[Piece, ...]
    claims: tuple[tuple[int, Claim], ...]


def pieces(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """The page, a file at a time."""
    _ = words(options.lang)
    rows: list[list[str]] = []
    template = _environment(_).get_template("html/report.j2")
    yield from template.generate(
        files=_files(_, items, rows), rows=rows, lang={"en": "en", "zh": "zh-CN"}[options.lang],
        several=options.several, drawn=_drawn, right=_right, verdicts=VERDICTS, marks=MARKS, words=_, parts=parts,
    )


def _environment(_: Words) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(str(template_folder())), undefined=StrictUndefined, autoescape=True,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, finalize=_harmless,
    )
    environment.globals["_"] = _
    return environment


def _drawn(claim: Claim) -> Any:
    """The claim as it was written, drawn; empty where it is not LaTeX that can be drawn."""
    places = [d.span for d in claim.differences] + ([claim.unreadable_at] if claim.unreadable_at else [])
    return _markup(mathml(claim.source, [(_offset(claim, p.line, p.column), _offset(claim, p.end_line, p.end_column)) for p in places]))


def _right(claim: Claim) -> Any:
    """The right equation, drawn."""
    return _markup(mathml(claim.expected))


def _markup(drawn: str | None) -> Any:
    from markupsafe import Markup

    return Markup(drawn or "")


def _offset(claim: Claim, line: int, column: int) -> int:
    """A place of the file as an offset in the claim's source."""
    if line <= claim.span.line:
        return column - claim.span.column if line == claim.span.line else 0
    before = claim.source.splitlines(keepends=True)[: line - claim.span.line]
    return sum(map(len, before)) + column - 1


def _harmless(value: Any) -> Any:
    """What is printed, without characters that a browser would obey."""
    return visible(value) if type(value) is str else value


def _files(_: Words, items: Iterable[Checked], rows: list[list[str]]) -> Iterator[dict[str, object]]:
    for number, item in enumerate(items, 1):
        report, s = item.report, item.report.summary
        counts = [s.claims, *(getattr(s, v) for v in VERDICTS)]
        shown = [""] * len(counts) if report.problem else [str(n) for n in counts]
        rows.append([parts.title(_, report), *shown])
        yield {"number": number, "report": report, "lines": _lines(report, item.text)}


def _lines(report: Report, text: str) -> Iterator[Line]:
    source = source_lines(text) if report.problem is None else []
    cover: dict[int, list[tuple[int, int, str]]] = {}
    starting: dict[int, list[tuple[int, Claim]]] = {}
    for k, claim in enumerate(report.claims, 1):
        starting.setdefault(claim.span.end_line, []).append((k, claim))
        _spread(cover, source, claim.span, f"claim {claim.verdict}")
        for difference in claim.differences:
            _spread(cover, source, difference.span, "bad")
        if claim.unreadable_at is not None:
            _spread(cover, source, claim.unreadable_at, "bad")
    for n, line in enumerate(source, 1):
        yield Line(n, tuple(_cut(line, cover.get(n, []))), tuple(starting.get(n, ())))


def _spread(cover: dict[int, list[tuple[int, int, str]]], source: list[str], span: Span, name: str) -> None:
    for n in range(span.line, min(span.end_line, len(source)) + 1):
        low = span.column - 1 if n == span.line else 0
        high = span.end_column - 1 if n == span.end_line else len(source[n - 1])
        cover.setdefault(n, []).append((low, max(high, low + (name == "bad")), name))


def _cut(line: str, spans: list[tuple[int, int, str]]) -> Iterator[Piece]:
    """The line in pieces, each with the names of the spans that cover it."""
    cuts = sorted({0, len(line), *(min(c, len(line)) for low, high, _ in spans for c in (low, high))})
    active: dict[str, int] = {}
    changes: dict[int, list[tuple[str, int]]] = {}
    for low, high, name in spans:
        changes.setdefault(min(low, len(line)), []).append((name, 1))
        changes.setdefault(min(high, len(line)), []).append((name, -1))
    for low, high in pairwise(cuts):
        for name, change in changes.get(low, ()):
            active[name] = active.get(name, 0) + change
        yield Piece(line[low:high], " ".join(name for name, n in active.items() if n > 0))
