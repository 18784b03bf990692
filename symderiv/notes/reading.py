"""A file -> everything that was found in it: the room's one entry, behind ``symderiv.notes.read``."""

from __future__ import annotations

import re
from dataclasses import replace

from symderiv.notes import commands as table
from symderiv.notes import limits
from symderiv.notes.brackets import match_brackets
from symderiv.notes.cut import cut
from symderiv.notes.find import Findings, Found, find
from symderiv.notes.macros import PACKAGE, Macro, Text, expand, uses_macros
from symderiv.notes.respell import respell
from symderiv.notes.source import decode
from symderiv.notes.tokens import Lexer, Token, strip_phrase
from symderiv.notes.tree import Call, Indexed, Name, Piece, Place, Problem, Prose, Reading, Reduction, Source, Span


def read_notes(data: bytes | str, name: str) -> Reading:
    """See ``symderiv.notes.read``."""
    source, problems = decode(data, name)
    if problems:
        return Reading(source, (), problems)
    found = find(source)
    if len(found.spans) > limits.SPANS:
        place = found.spans[limits.SPANS].place
        problem = Problem(limits.over("mathematics in a file", limits.SPANS, "spans"), place, "spans a file")
        found.problems.append(problem)
        del found.spans[limits.SPANS :]
    return _Reader(source, found).read()


class _Reader:
    def __init__(self, source: Source, found: Findings) -> None:
        self.source, self.found = source, found
        self.macros: dict[str, Macro] = dict(PACKAGE) if "\\sd" in found.text else {}
        self.defined = 0
        self.tokens = 0
        self.expanded = 0
        self.items: list[Span | Prose] = []
        self.last: Piece | None = None
        self.at = 0

    def read(self) -> Reading:
        for found in self.found.spans:
            self._prose(self.at, found.place.start, found.lead)
            span = self._span(found)
            if span is not None:
                self._goes_on(found, span)
                self.items.append(self._conditional(found, self._whole(found, span)))
                self.last = next((piece for piece in reversed(span.pieces) if piece.members and not piece.index_only), self.last)
                if span.problems:
                    self.last = None
            self.at = max(self.at, found.place.end)
        self._prose(self.at, len(self.source.text), None)
        return Reading(self.source, tuple(self.items), tuple(sorted(self.found.problems, key=lambda one: one.place.start)))

    # -- mathematics -----------------------------------------------------------------------
    def _span(self, found: Found) -> Span | None:
        pieces, problems = self._pieces(found)
        if not pieces and not problems:
            return None
        return Span(
            found.kind, found.place, found.inner, tuple(pieces), self.found.block(found.place.start), found.environment,
            self.found.in_table(found.place.start), tuple(problems),
        )  # fmt: skip

    def _pieces(self, found: Found) -> tuple[list[Piece], list[Problem]]:
        if found.problem and found.kind != "plain":
            opening = Place(found.place.start, max(found.inner.start, found.place.start + 1))
            return [], [Problem(found.problem, opening)]
        if found.inner.end - found.inner.start > limits.SPAN_LENGTH:
            message = limits.over("mathematics between delimiters", limits.SPAN_LENGTH, "signs")
            return [], [Problem(message, found.inner, "equation length")]
        while self.defined < len(self.found.macros) and self.found.macros[self.defined][0] <= found.inner.end:
            macro = self.found.macros[self.defined][1]
            self.macros[macro.name] = macro
            self.defined += 1
        start, end = found.inner.start, found.inner.end
        text = Text(self.found.text[start:end], start)
        if self.expanded <= limits.FILE_EXPANDED:
            text, problem, length = expand(text, self.macros)
            self.expanded += length
            if problem:
                return [], [problem]
        elif uses_macros(text, self.macros):
            message = limits.over("macros written out in a file", limits.FILE_EXPANDED, "signs")
            return [], [Problem(message, found.inner, "macros")]
        tokens = match_brackets(respell(Lexer(text, not found.tex).run()), not found.tex)
        if found.lead is not None:
            tokens.insert(0, Token("REL", "=", found.lead))
        self.tokens += len(tokens)
        if self.tokens > limits.FILE_TOKENS:
            message = limits.over("mathematics in a file", limits.FILE_TOKENS, "signs")
            return [], [Problem(message, found.inner, "equation length")]
        if not tokens:
            return [], []
        pieces = cut(tokens, found.inner, self.last if self._joined(found) else None)
        if found.problem:
            pieces = [replace(p, problems=(*p.problems, Problem(found.problem, found.inner))) for p in pieces]
        return pieces, []

    def _joined(self, found: Found) -> bool:
        """Only blank lines or a connective stand between this span and the one before it."""
        if found.lead is not None:
            return True
        for item in reversed(self.items):
            if isinstance(item, Span):
                return True
            if item.heading or strip_phrase(item.text).lower() not in table.CONNECTIVES:
                return False
        return False

    def _whole(self, found: Found, span: Span) -> Span:
        """The span, unreadable where its mathematics goes on in the prose beside it: ``$A = B$ + 1``, ``2$A = B$``."""
        if found.kind != "inline":
            return span
        text = self.found.text
        before, after = text[max(0, found.place.start - 40) : found.place.start], text[found.place.end : found.place.end + 40]
        joined = found.lead is not None
        around: list[tuple[int, Place]] = []
        if not joined and (match := _GOES_BEFORE.search(before)):
            around.append((0, Place(found.place.start - len(match.group()), found.place.start)))
        if match := _GOES_AFTER.match(after):
            around.append((-1, Place(found.place.end, found.place.end + match.end())))
        pieces = list(span.pieces)
        for which, place in around:
            if pieces and (pieces[which].relations or joined):
                problem = Problem("the mathematics goes on outside its delimiters", place)
                pieces[which] = replace(pieces[which], problems=(*pieces[which].problems, problem))
        if joined and self.items and isinstance(self.items[-1], Span) and _GOES_BEFORE.search(self._before_last(text)):
            problem = Problem("the mathematics goes on outside its delimiters", self.items[-1].place)
            pieces[0:1] = [replace(pieces[0], problems=(*pieces[0].problems, problem))] if pieces else []
        return replace(span, pieces=tuple(pieces))

    def _goes_on(self, found: Found, span: Span) -> None:
        """An equation is unreadable where the next formula begins with a sign and goes on with it: ``$A = B$ $+ C$``."""
        earlier = self.items[-1] if self.items else None
        first = span.pieces[0] if span.pieces else None
        if not isinstance(earlier, Span) or found.lead is not None or first is None or first.relations or not earlier.pieces:
            return
        last = earlier.pieces[-1]
        if last.relations and _BEGINS_WITH_SIGN.match(self.found.text, found.inner.start, found.inner.end):
            problem = Problem("the mathematics goes on outside its delimiters", first.place)
            pieces = (*earlier.pieces[:-1], replace(last, problems=(*last.problems, problem)))
            self.items[-1] = replace(earlier, pieces=pieces)

    def _conditional(self, found: Found, span: Span) -> Span:
        """``if $I_1 = O_1$``: entries that are compared after such a word are a condition and no claim."""
        before = self.found.text[max(0, found.place.start - 20) : found.place.start]
        piece = span.pieces[0] if len(span.pieces) == 1 else None
        if found.kind != "inline" or piece is None or not piece.readable or not _compares(piece) or not _IF.search(before):
            return span
        return replace(span, pieces=(replace(piece, index_only=True),))

    def _before_last(self, text: str) -> str:
        start = self.items[-1].place.start
        return text[max(0, start - 40) : start]

    # -- prose -----------------------------------------------------------------------------
    def _prose(self, start: int, end: int, lead: Place | None) -> None:
        """The words between two spans, a line at a time; the ``=`` of ``$A$ = $B$`` is not among them."""
        if lead is not None or start >= end:
            return
        for match in re.finditer(r"[^\r\n]+", self.source.text[start:end]):
            text = match.group()
            first = start + match.start() + len(text) - len(text.lstrip())
            stripped = text.strip()
            if not stripped:
                continue
            visible = self.found.text[first : first + len(stripped)]
            if not visible.strip():
                continue
            place = Place(first, first + len(stripped))
            self.items.append(Prose(stripped, place, self.found.block(first), _heading(stripped), _equals(visible)))


_IF = re.compile(r"(?:(?<![A-Za-z])(?:if|when(?:ever)?)\s{1,3}|(?:若|如果|(?<![相应恰适])当)\s{0,3})$", re.I)
_GOES_BEFORE = re.compile(r"(?:\$[^$\n]{0,30}(?:[-+/]|\\cdot|\\times)[ \t]*\$[ \t]*|[\w)\]}$][ \t]*[+/=·×][ \t]*|(?<![\w.])\d+(?:\.\d+)?|[-+=·×])$")
_BEGINS_WITH_SIGN = re.compile(r"[\s&]{0,20}(?:[+/·×*-]|\\(?:cdot|times|odot)(?![A-Za-z]))\s{0,20}\S")
_GOES_AFTER = re.compile(r"[ \t]*(?:[+/=·×][ \t]*[$\w(\\∂]|\*[ \t]+[$\w]|-[ \t]*(?:[$\d\\]|[A-Za-z]_))")
_HEADING = re.compile(r"(#{1,6})\s|\\(chapter|section|subsection|subsubsection|paragraph)\*?\s*\{")
_LEVELS = {"chapter": 1, "section": 1, "subsection": 2, "subsubsection": 3, "paragraph": 4}
_EQUALS = re.compile(r"(?:[A-Za-z0-9_)\]}'’′α-ωΑ-Ω₀-₉\u4e00-\u9fff]|^)\s*(?:=|＝|:=)\s*(?:[-+]?[A-Za-z0-9(\[{\\∂∇ΣΑ-ω∑]|$)")


def _compares(piece: Piece) -> bool:
    """``I_1 = O_1``, ``x_{pq} = \\max_{a} x_{a}``: an entry and a value that may be the same one."""
    if len(piece.members) != 2 or piece.earlier or piece.conditions or piece.relations[0].kind not in ("=", "neq"):
        return False
    left, right = piece.members
    entry = isinstance(left, Indexed) and isinstance(left.base, Name) and left.base.gradient is None
    return entry and (isinstance(right, Indexed) or (isinstance(right, (Reduction, Call)) and "max" in (getattr(right, "kind", ""), getattr(right, "function", ""))))


def _heading(text: str) -> int:
    match = _HEADING.match(text)
    return 0 if match is None else len(match.group(1)) if match.group(1) else _LEVELS[match.group(2)]


def _equals(text: str) -> bool:
    """An equality sign beside what looks like mathematics; not a length that TeX is given."""
    return bool(_EQUALS.search(re.sub(r"\\[A-Za-z]+\s*=", " ", text)))
