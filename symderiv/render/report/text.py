"""The report for a terminal: every claim with its line, and carets under what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symderiv.render.report import parts
from symderiv.render.report.escape import visible
from symderiv.render.report.excerpt import excerpt, source_lines
from symderiv.render.report.options import ReportOptions
from symderiv.render.report.words import MARKS, Words, words
from symderiv.render.width import text_width
from symderiv.report_model import VERDICTS, Checked, Claim, Difference, Report, Span, Verdict

_COLOURS: dict[Verdict, str] = {"correct": "32", "wrong": "31", "incomplete": "33", "unreadable": "35", "unchecked": "36"}
_INDENT = " " * 6


def pieces(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """The report, a file at a time; a table over them at the end."""
    writer = _Writer(words(options.lang), options)
    rows = []
    for number, item in enumerate(items):
        if number:
            yield "\n"
        yield from writer.file(item)
        rows.append(_row(writer.words, item.report))
    if options.several:
        yield "\n" + writer.table(rows)


def _row(_: Words, report: Report) -> list[str]:
    s = report.summary
    if report.problem is not None:
        return [visible(parts.title(_, report)), _.verdict("unreadable"), *[""] * 5]
    return [visible(parts.title(_, report)), *(str(n) for n in (s.claims, s.correct, s.wrong, s.incomplete, s.unreadable, s.unchecked))]


class _Writer:
    def __init__(self, words: Words, options: ReportOptions) -> None:
        self.words, self.options = words, options

    def colour(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.options.colour else text

    def file(self, item: Checked) -> Iterator[str]:
        _, report = self.words, item.report
        yield self.colour("1", visible(parts.title(_, report))) + "\n"
        yield visible(parts.status(_, report)) + "\n"
        if report.encoding != "UTF-8" and report.problem is None:
            yield visible(_("read as %(encoding)s", encoding=report.encoding)) + "\n"
        for layer in report.layers:
            yield visible(_.layer(layer)) + "\n"
        lines = source_lines(item.text)
        for line, said in parts.remarks(_, report):
            yield self.colour("33", _("warning, line %(line)s", line=line)) + visible(_.labelled("", said)) + "\n"
        for claim in report.claims:
            yield "\n"
            yield from self.claim(claim, lines)

    def claim(self, claim: Claim, lines: list[str]) -> Iterator[str]:
        _ = self.words
        verdict = self.colour(_COLOURS[claim.verdict], f"{MARKS[claim.verdict]} {_.verdict(claim.verdict)}")
        line = self.colour("1", _("line %(n)s", n=claim.span.line))
        yield f"{line}  {verdict}  {visible(parts.headline(_, claim))}\n"
        for span, note in self.places(claim):
            yield from self.place(claim, lines, span, note)
        for label, text in parts.details(_, claim):
            yield f"{_INDENT}{self.colour('2', _.labelled(label, ''))}{visible(text)}\n"

    def places(self, claim: Claim) -> Iterator[tuple[Span, str]]:
        """Where carets go, and what is said under them."""
        found: dict[Span, list[Difference]] = {}
        for difference in claim.differences:
            found.setdefault(difference.span, []).append(difference)
        for span, group in found.items():
            yield span, self.words.sentences([parts.difference(self.words, d) for d in group])
        if claim.verdict == "unreadable":
            yield claim.unreadable_at or claim.span, ""
        elif claim.verdict != "correct" and not found:
            yield claim.span, ""

    def place(self, claim: Claim, lines: list[str], span: Span, note: str) -> Iterator[str]:
        number = str(span.line)
        line, carets = excerpt(lines, span, self.options.width - len(number) - len(_INDENT) - 3)
        yield f"{_INDENT}{self.colour('2', number + ' |')} {line}\n"
        tail = f" {visible(note)}" if note and self.fits(carets, note) else ""
        yield f"{_INDENT}{' ' * len(number)}{self.colour('2', ' |')} {self.colour(_COLOURS[claim.verdict], carets + tail)}\n"
        if note and not tail:
            yield f"{_INDENT}{' ' * len(number)}{self.colour('2', ' |')} {self.colour(_COLOURS[claim.verdict], visible(note))}\n"

    def fits(self, carets: str, note: str) -> bool:
        return len(_INDENT) + 5 + text_width(carets) + 1 + text_width(note) <= self.options.width

    def table(self, rows: list[list[str]]) -> str:
        """One line a file, the columns aligned in wide characters too."""
        _ = self.words
        head = [_("file"), _("equations"), *(_.verdict(v) for v in VERDICTS)]
        cells = [head, *rows]
        widths = [max(text_width(r[k]) for r in cells) for k in range(len(head))]
        done = []
        for r, row in enumerate(cells):
            padded = [c + " " * (w - text_width(c)) if k == 0 else " " * (w - text_width(c)) + c for k, (c, w) in enumerate(zip(row, widths, strict=True))]
            line = "  ".join(padded).rstrip()
            done.append(self.colour("1", line) if r == 0 else line)
        return "\n".join(done) + "\n"
