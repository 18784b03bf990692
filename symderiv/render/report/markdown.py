"""The notes as Markdown with a mark after each equation and a footnote for each mark.

Markdown notes stay as they are, but for raw HTML, which is shown and not obeyed. Other files are
shown as code with the marks in the margin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from symderiv.render.report import parts
from symderiv.render.report.escape import markdown, markdown_code, visible
from symderiv.render.report.excerpt import source_lines
from symderiv.render.report.options import ReportOptions
from symderiv.render.report.words import MARKS, Words, words
from symderiv.report_model import VERDICTS, Checked, Claim, Report, Span

_MARKDOWN_NAMES = (".md", ".markdown", ".mkd", ".qmd", ".rmd", "")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_PREFIX = re.compile(r"[ \t>]*")
_FENCE = re.compile("`{3,}")


def pieces(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """The marked notes, a file at a time; a table over the files at the end."""
    _ = words(options.lang)
    rows = []
    for number, item in enumerate(items, 1):
        report = item.report
        yield ("\n" if number > 1 else "") + f"# {markdown(parts.title(_, report))}\n\n{markdown(parts.status(_, report))}\n\n"
        yield from (f"- {markdown(_.layer(layer))}\n" for layer in report.layers)
        for line, said in parts.remarks(_, report):
            yield f"- {markdown(_('warning, line %(line)s', line=line))}{_.labelled('', markdown(said))}\n"
        if report.problem is None:
            yield "\n---\n\n"
            label = f"{number}-" if options.several else ""
            yield from _notes(item, label)
            yield "\n"
            for k, claim in enumerate(report.claims, 1):
                yield from _footnote(_, claim, f"{label}{k}")
        rows.append(_row(_, report))
    if options.several:
        yield "\n" + "".join(_table(_, rows))


def _notes(item: Checked, label: str) -> Iterator[str]:
    if item.report.file == "-" or PurePath(item.report.file).suffix.lower() in _MARKDOWN_NAMES:
        yield from _marked(item, label)
    else:
        yield from _margin(item, label)


def _marked(item: Checked, label: str) -> Iterator[str]:
    """The text with marks: after inline mathematics on its line, after a display on a line of its own."""
    lines = source_lines(item.text)
    marks: dict[Span, list[str]] = {}
    for k, claim in enumerate(item.report.claims, 1):
        marks.setdefault(claim.around, []).append(f"{MARKS[claim.verdict]}[^{label}{k}]")
    ending: dict[int, list[Span]] = {}
    maths: dict[int, list[tuple[int, int]]] = {}
    for span in sorted(marks, key=lambda s: (s.end_line, s.end_column)):
        ending.setdefault(span.end_line, []).append(span)
        for n in range(span.line, span.end_line + 1):
            low = span.column - 1 if n == span.line else 0
            maths.setdefault(n, []).append((low, span.end_column - 1 if n == span.end_line else len(lines[n - 1])))
    for n, line in enumerate(lines, 1):
        inline, below = [], []
        for span in ending.get(n, ()):
            if _is_display(lines, span):
                below.append(" ".join(marks[span]))
            else:
                inline.append((span.end_column - 1, " " + " ".join(marks[span])))
        yield _safe(line, maths.get(n, []), inline) + "\n"
        if below:
            match = _PREFIX.match(line)
            prefix = match[0] if match else ""
            yield f"{prefix.rstrip()}\n{prefix}{' '.join(below)}\n"
            if n < len(lines) and lines[n].strip(" \t>"):
                yield f"{prefix.rstrip()}\n"


def _is_display(lines: list[str], span: Span) -> bool:
    """Whether the span fills its lines, so that a mark beside it would break the display."""
    before = lines[span.line - 1][: span.column - 1]
    after = lines[span.end_line - 1][span.end_column - 1 :]
    return not after.strip() and not before.strip(" \t>")


def _safe(line: str, maths: list[tuple[int, int]], marks: list[tuple[int, str]]) -> str:
    """A line without obeyed HTML: ``&lt;`` in prose, a space after ``<`` in mathematics; marks put in."""
    changes = [(at, "", mark) for at, mark in marks]
    for match in _TAG.finditer(line):
        inside = any(low <= match.start() < high for low, high in maths)
        changes.append((match.start(), "<", "< " if inside else "&lt;"))
    out, done = [], 0
    for at, old, new in sorted(changes, key=lambda change: change[0]):
        out += [line[done:at], new]
        done = at + len(old)
    return "\t".join(visible(part) for part in "".join([*out, line[done:]]).split("\t"))


def _margin(item: Checked, label: str) -> Iterator[str]:
    """The text as code, with line numbers and the marks in the margin."""
    beside: dict[int, str] = {}
    for claim in item.report.claims:
        beside[claim.span.line] = beside.get(claim.span.line, "") + MARKS[claim.verdict]
    longest = max((len(run) for run in _FENCE.findall(item.text)), default=2)
    fence = "`" * (longest + 1)
    yield fence + "\n"
    for n, line in enumerate(source_lines(item.text), 1):
        yield f"{n:>4} {beside.get(n, ''):<4}| {visible(line)}\n"
    yield fence + "\n"
    if item.report.claims:
        yield "\n" + " ".join(f"{c.span.line}{MARKS[c.verdict]}[^{label}{k}]" for k, c in enumerate(item.report.claims, 1)) + "\n"


def _footnote(_: Words, claim: Claim, name: str) -> Iterator[str]:
    topic = parts.about(_, claim)
    said = markdown(_.sentences([p for p in (topic, _.message(claim.message)) if p]))
    line = _("line %(n)s", n=claim.span.line)
    yield f"[^{name}]: **{MARKS[claim.verdict]} {_.verdict(claim.verdict)}**, {line}{_.labelled('', said)}\n\n"
    for found in claim.differences:
        yield f"    - {markdown(parts.difference(_, found))}\n"
    for label, text in parts.details(_, claim):
        code = label in (_("read as"), _("right equation"))
        yield f"    - {_.labelled(markdown(label), markdown_code(text) if code else markdown(text))}\n"
    yield "\n"


def _row(_: Words, report: Report) -> list[str]:
    s = report.summary
    if report.problem is not None:
        return [markdown(parts.title(_, report)), _.verdict("unreadable"), *[""] * len(VERDICTS)]
    return [markdown(parts.title(_, report)), str(s.claims), *(str(getattr(s, v)) for v in VERDICTS)]


def _table(_: Words, rows: list[list[str]]) -> Iterator[str]:
    head = [_("file"), _("equations"), *(_.verdict(v) for v in VERDICTS)]
    yield "| " + " | ".join(head) + " |\n|" + " --- |" + " ---: |" * (len(head) - 1) + "\n"
    for row in rows:
        yield "| " + " | ".join(row) + " |\n"
