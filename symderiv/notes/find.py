"""Where the mathematics of a file stands: delimiters in Markdown and LaTeX, whole lines in plain text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Literal

from symderiv.notes import commands as table
from symderiv.notes import limits, mask, plain
from symderiv.notes.macros import Macro
from symderiv.notes.tree import Place, Problem, Source

SpanKind = Literal["inline", "display", "environment", "fence", "plain"]


@dataclass(frozen=True)
class Found:
    """One span before it is read. ``tex``: read as LaTeX, else as plain text. ``lead``: the ``=`` before it in prose."""

    kind: SpanKind
    place: Place
    inner: Place
    environment: str = ""
    tex: bool = True
    problem: str = ""
    lead: Place | None = None


@dataclass
class Findings:
    """All spans of a file in order, the text they are read from, macros, blocks and problems."""

    text: str
    spans: list[Found] = field(default_factory=list)
    macros: list[tuple[int, Macro]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    tables: list[tuple[int, int]] = field(default_factory=list)
    latex: bool = False

    def block(self, offset: int) -> int:
        """The number of the paragraph, list item, heading or cell at an offset."""
        return bisect_right(self.blocks, offset)

    def in_table(self, offset: int) -> bool:
        number = bisect_right(self.tables, (offset, len(self.text) + 1)) - 1
        return number >= 0 and offset < self.tables[number][1]


_TEX_FILE = re.compile(r"\\documentclass|\\begin\{document\}|\\usepackage")
_MARKED = re.compile(r"\$|\\\(|\\\[|\\begin\{|^```|^#{1,6} ", re.M)
_ENVIRONMENTS = "|".join(re.escape(name) for name in sorted(table.ALIGNED, key=len, reverse=True))
_OPENERS = re.compile(
    rf"(?P<escaped>\\\\|\\\$)|(?P<display>\$\$)|(?P<gitlab>\$`)|(?P<inline>\$)|(?P<square>\\\[)|(?P<round>\\\()"
    rf"|\\begin\s*\{{(?P<environment>{_ENVIRONMENTS})\}}"
)
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n|\r[ \t]*\r")


def find(source: Source) -> Findings:
    """The spans of a file, by its name and by what it holds."""
    text = source.text
    suffix = source.name.lower().rsplit(".", 1)[-1]
    is_latex = suffix in ("tex", "latex", "ltx", "sty") or (suffix not in ("md", "markdown", "qmd", "rmd", "txt") and bool(_TEX_FILE.search(text)))
    fences: list[tuple[int, int, int, int]] = []
    problems: list[Problem] = []
    if is_latex:
        text = mask.latex(text)
    else:
        text, fences, problems = mask.markdown(text)
        problems += _in_code(source.text, text, fences)
    text, macros, more = mask.macros(text)
    found = Findings(text, macros=macros, problems=[*problems, *more], latex=is_latex)
    found.spans = _delimited(text, fences, found.problems)
    found.text = _restored(source.text, text, fences)
    if not is_latex:
        found.spans = _leads(sorted([*found.spans, *_plain_lines(found, source)], key=lambda span: span.place.start), text)
    else:
        found.spans = _leads(found.spans, text)
    found.tables = _tables(text, is_latex)
    found.blocks = _blocks(found, source)
    return found


_CODE = re.compile(r"^[ \t>]*(?:```+|~~~+)[ \t]*(?:te?xt|plain|(?:la)?tex)?[ \t]*\r?\n(.*?)^[ \t>]*(?:```|~~~)|(?<!`)`([^`\r\n]{3,400})`(?!`)", re.M | re.S)
MOST_IN_CODE = 20


def _in_code(original: str, masked: str, fences: list[tuple[int, int, int, int]]) -> list[Problem]:
    """A word on equations that stand as code, which is not read: the first of each piece of code without a language."""
    found: list[Problem] = []
    for match in _CODE.finditer(original):
        start, end = match.span(1 if match.group(1) is not None else 2)
        if len(found) >= MOST_IN_CODE:
            break
        if "=" not in original[start:end] or not masked[start:end].isspace() or any(a <= start < b for a, b, _, _ in fences):
            continue
        lines = (line.span() for line in _LINES.finditer(original, start, end) if "=" in line.group())
        one = next((line for line in lines if "\\partial" in original[line[0] : line[1]] or next(plain.inside(original, *line), None)), None)
        if one is not None:
            found.append(Problem("mathematics in code is not read: put it between dollar signs", Place(*one)))
    return found


_LINES = re.compile(r"[^\r\n]{3,2000}")


def _restored(original: str, text: str, fences: list[tuple[int, int, int, int]]) -> str:
    """The masked text with the inside of the mathematics fences put back."""
    parts, at = [], 0
    for _, _, start, end in fences:
        parts += [text[at:start], original[start:end]]
        at = end
    return "".join([*parts, text[at:]])


# -- delimiters --------------------------------------------------------------------------------


def _delimited(text: str, fences: list[tuple[int, int, int, int]], problems: list[Problem]) -> list[Found]:
    spans = [Found("fence", Place(start, end), Place(first, last)) for start, end, first, last in fences]
    closers = _Closers(text)
    at = 0
    while len(spans) <= limits.SPANS and (match := _OPENERS.search(text, at)):
        kind = match.lastgroup
        span = None
        if kind == "display":
            span = closers.display(match.start(), match.end())
        elif kind == "gitlab":
            span = closers.simple("inline", match.start(), match.end(), "`$") or closers.inline(match.start(), match.start() + 1)
        elif kind == "inline":
            span = closers.inline(match.start(), match.end())
        elif kind == "square":
            span = closers.simple("display", match.start(), match.end(), r"\]", True)
        elif kind == "round":
            span = closers.simple("inline", match.start(), match.end(), r"\)", True)
        elif kind == "environment":
            span = closers.environment(match.start(), match.end(), match["environment"])
        if span is None:
            at = match.end()
        else:
            spans.append(span)
            at = max(span.place.end, match.end())
    return sorted(spans, key=lambda span: span.place.start)


_NEARBY = 300
"""How far is looked around a delimiter."""
_TRIES = 40
"""Dollars that are tried as the end of an inline span."""
_CURRENCY = re.compile(r"\$\d[\d,.]*(?:\s|$|[,.;:)!?]|\s*(?:k|M|million|USD|dollars)\b)")
_LOOKS_MATHEMATICAL = re.compile(r"[=_^]|\\[A-Za-z]")


class _Closers:
    """The end of a span from its beginning; an offset is never searched twice for the same closer."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blanks = [match.start() for match in _BLANK_LINE.finditer(text)]
        self.missing: dict[str, int] = {}
        """For a closer, the offset from which it is known not to occur."""

    def _find(self, closer: str, start: int) -> int:
        if start >= self.missing.get(closer, len(self.text) + 1):
            return -1
        at = self._next(closer, start)
        if at < 0:
            self.missing[closer] = start
        return at

    def _next(self, closer: str, start: int) -> int:
        at = start
        while (at := self.text.find(closer, at)) >= 0:
            slashes = 0
            while self.text[at - 1 - slashes : at - slashes] == "\\":
                slashes += 1
            if slashes % 2 == 0:
                return at
            at += 1
        return -1

    def _paragraph(self, start: int) -> int:
        number = bisect_left(self.blanks, start)
        return self.blanks[number] if number < len(self.blanks) else len(self.text)

    def _mathematical(self, start: int, end: int) -> bool:
        """Whether what follows an opening sign looks like mathematics."""
        return bool(_LOOKS_MATHEMATICAL.search(self.text, start, min(end, start + _NEARBY)))

    def _broken(self, kind: SpanKind, start: int, inner: int, message: str, environment: str = "") -> Found:
        end = max(self._paragraph(inner), inner)
        return Found(kind, Place(start, end), Place(inner, end), environment, problem=message)

    def display(self, start: int, inner: int) -> Found | None:
        """``$$ .. $$``; two dollars with nothing mathematical after them on a line of prose are an empty span."""
        before = self.text[max(0, start - _NEARBY) : start].rpartition("\n")[2]
        rest = self.text[inner : inner + _NEARBY].partition("\n")[0]
        if before.strip(" \t\r>") and "$$" not in rest and not _LOOKS_MATHEMATICAL.search(rest):
            return None
        close = self._find("$$", inner)
        if close < 0:
            return self._broken("display", start, inner, "the mathematics that '$$' opens here is not closed")
        if self._paragraph(inner) < close and not (self._alone(start, inner) and self._alone(close, close + 2)):
            return self._broken("display", start, inner, "the mathematics that '$$' opens here is not closed before a blank line")
        return Found("display", Place(start, close + 2), Place(inner, close))

    def _alone(self, start: int, end: int) -> bool:
        """These signs are a line by themselves."""
        before = self.text[max(0, start - _NEARBY) : start].rpartition("\n")[2]
        return not (before + self.text[end : end + _NEARBY].partition("\n")[0]).strip(" \t\r>")

    def inline(self, start: int, inner: int) -> Found | None:
        close = self._find("$", inner)
        stop = self._paragraph(inner)
        spaced = self.text[inner : inner + 1].isspace()
        tries = 0
        while 0 <= close < stop and tries < _TRIES:
            tries += 1
            tight = not self.text[close - 1].isspace()
            digit = self.text[close + 1 : close + 2].isdigit()
            if close > inner and ((tight and not digit) or (spaced and not tight)):
                return Found("inline", Place(start, close + 1), Place(inner, close))
            if not tight and not self.text[close + 1 : close + 2].isspace() and _CURRENCY.match(self.text, start):
                return None  # "it costs $5 and $x = 1$": the second one opens
            close = self._find("$", close + 1)
        if _CURRENCY.match(self.text, start) or not self._mathematical(inner, stop):
            return None
        close = self._find("$", inner)
        if inner < close < stop and not stop > self._find("$", close + 1) >= 0 and self._mathematical(inner, close):
            return Found("inline", Place(start, close + 1), Place(inner, close))  # ``$x = 1 $``: the only two of the paragraph
        return self._broken("inline", start, inner, "the mathematics that '$' opens here is not closed")

    def simple(self, kind: SpanKind, start: int, inner: int, closer: str, must: bool = False) -> Found | None:
        close = self._find(closer, inner)
        if close >= 0:
            return Found(kind, Place(start, close + len(closer)), Place(inner, close))
        opener = self.text[start:inner]
        if must and self._mathematical(inner, self._paragraph(inner)):
            return self._broken(kind, start, inner, f"the mathematics that '{opener}' opens here is not closed")
        return None

    def environment(self, start: int, inner: int, name: str) -> Found:
        closer = f"\\end{{{name}}}"
        close = self._find(closer, inner)
        if close < 0:
            return self._broken("environment", start, inner, f"\\begin{{{name}}} is not closed", name)
        end = close + len(closer)
        # the environment's own ends are read too: they say that & aligns
        return Found("environment", Place(start, end), Place(start, end), name)


# -- lines of plain text -----------------------------------------------------------------------


def _plain_lines(found: Findings, source: Source) -> list[Found]:
    spans: list[Found] = []
    taken = [(span.place.start, span.place.end) for span in found.spans]
    number, listed = 0, True
    for start, end in plain.lines(found.text if not taken else _without(found.text, taken)):
        while number < len(taken) and taken[number][1] <= start:
            number += 1
        if number < len(taken) and taken[number][0] < end:
            continue
        follows = bool(spans) and not source.text[spans[-1].place.end : start].strip()
        adjacent = follows and len(re.findall(r"\r\n|\n|\r", source.text[spans[-1].place.end : start])) <= 1
        listed = listed if adjacent else True
        what = plain.judge(source.text, start, end, follows, listed)
        if what is None:
            spans += (Found("plain", Place(a, b), Place(a, b), tex=tex, problem=problem) for a, b, tex, problem in plain.inside(source.text, start, end))
            continue
        first, last, tex, continues = what
        listed = plain.is_item(source.text[start:end], listed)
        if continues and adjacent:
            place = Place(spans[-1].place.start, last)
            spans[-1] = Found("plain", place, place, tex=spans[-1].tex)
        elif not continues:
            spans.append(Found("plain", Place(first, last), Place(first, last), tex=tex))
    return spans


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in spans:
        if start >= at:
            parts += [text[at:start], re.sub(r"[^\r\n]", " ", text[start:end])]
            at = end
    return "".join([*parts, text[at:]])


def _leads(spans: list[Found], text: str) -> list[Found]:
    """``$A$ = $B$``: the second inline span begins with the sign between them."""
    result: list[Found] = []
    for span in spans:
        between = text[result[-1].place.end : span.place.start] if result else ""
        inline = span.kind == "inline" and bool(result) and result[-1].kind == "inline"
        if inline and len(between) < 200 and between.strip() in ("=", "＝", r"\=") and not _BLANK_LINE.search(between):
            offset = result[-1].place.end + len(between) - len(between.lstrip())
            lead = Place(offset, offset + len(between.strip()))
            span = Found(span.kind, span.place, span.inner, span.environment, span.tex, span.problem, lead)
        result.append(span)
    return result


# -- blocks ------------------------------------------------------------------------------------

_DELIMITER_ROW = re.compile(r"^[ \t>]*[|:-][-|: \t]*$", re.M)
_TABULAR = re.compile(r"\\begin\{(tabular\*?|tabularx|longtable|array)\}.*?\\end\{\1\}", re.S)
_NEW_BLOCK = re.compile(
    r"^[ \t>]*(?:(?:[-*+]|\d{1,3}[.)]|[(（][^()（）\n]{1,4}[)）])[ \t]|#{1,6}[ \t]|\\item\b|\\(?:sub)*section\b|\\chapter\b|\\paragraph\b)", re.M
)


def _tables(text: str, is_latex: bool) -> list[tuple[int, int]]:
    if is_latex:
        return [match.span() for match in _TABULAR.finditer(text)]
    spans: list[tuple[int, int]] = []
    for match in _DELIMITER_ROW.finditer(text):
        inside = bool(spans) and match.start() < spans[-1][1]
        if inside or "|" not in match.group() or "-" not in match.group():
            continue
        start = text.rfind("\n", 0, max(0, match.start() - 1)) + 1
        end = match.end()
        while (newline := text.find("\n", end + 1)) >= 0 and "|" in text[end + 1 : newline]:
            end = newline
        if newline < 0 and "|" in text[end + 1 :]:
            end = len(text)
        spans.append((start, end))
    return spans


def _blocks(found: Findings, source: Source) -> list[int]:
    text = found.text
    starts = {0}
    starts.update(match.end() for match in _BLANK_LINE.finditer(text))
    for match in _NEW_BLOCK.finditer(text):
        starts.add(match.start())
        if text[match.start() : match.end()].lstrip(" \t>").startswith("#"):
            newline = text.find("\n", match.end())
            starts.add(newline + 1 if newline >= 0 else len(text))
    taken = [(span.place.start, span.place.end) for span in found.spans]
    for start, end in found.tables:
        number = bisect_right(taken, (start, 0))
        for match in re.finditer(r"(?<!\\)[|&]|\n", text[start:end]):
            offset = start + match.end()
            while number < len(taken) and taken[number][1] <= offset:
                number += 1
            if not (number < len(taken) and taken[number][0] < offset):
                starts.add(offset)
    return sorted(start for start in starts if not _inside(taken, start))


def _inside(taken: list[tuple[int, int]], offset: int) -> bool:
    number = bisect_right(taken, (offset, 0)) - 1
    return number >= 0 and taken[number][0] < offset < taken[number][1]
