"""What a reader should know and is no verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from symderiv.check.context import Context, Unreadable
from symderiv.check.lower import Lowerer
from symderiv.check.survey import Survey
from symderiv.check.syntax import parts
from symderiv.notes import tree
from symderiv.report_model import Claim, Message, Warning_, WarningKind


def warnings_of(reading: tree.Reading, found: Survey, clashes: Mapping[str, tree.Place], claims: Sequence[Claim]
                ) -> tuple[Warning_, ...]:
    """All warnings, by line."""
    warnings: list[Warning_] = []
    source = reading.source
    names = {written: canonical for c in found.all for written, canonical in c.roles.items()}
    roles = {"I": Message("the input"), "W": Message("the weight"), "O": Message("the output"), "b": Message("the bias")}
    for letter, place in clashes.items():
        line, column = source.position(place.start)
        role = roles.get(names.get(letter, ""), Message("a tensor"))
        warnings.append(Warning_(line, "symbol-clash", Message(
            "%(name)s is both %(role)s and a summation index", {"name": letter, "role": role}), column))
    for prose in reading.prose:
        if prose.equals:
            line, column = source.position(prose.place.start)
            warnings.append(Warning_(line, "prose-equation", Message("an equals sign in the text beside mathematics is not checked"), column))
    for problem in (*reading.problems, *(p for s in reading.spans for p in s.problems)):
        line, column = source.position(problem.place.start)
        kind: WarningKind = "limit" if problem.limit else "prose-equation" if "in code" in problem.message else "unterminated"
        warnings.append(Warning_(line, kind, Message(problem.message), column))
    warnings += _from_claims(claims, {c.id: c.base for c in found.all})
    warnings += _headings(reading, found)
    return tuple(sorted(warnings, key=lambda w: (w.line, w.column)))


_FROM_TWO = Message("positions seem to be counted from 0 in one place and from 1 in another")


def _from_claims(claims: Sequence[Claim], bases: Mapping[int, int]) -> list[Warning_]:
    found = []
    for claim in claims:
        if claim.verdict == "wrong" and claim.index and 0 in claim.index and bases.get(claim.layer or 0) == 1:
            found.append(Warning_(claim.span.line, "index-base", _FROM_TWO, claim.span.column))
        if claim.verdict == "unreadable" and claim.message.key == "the range of %(index)s is not known":
            at = claim.unreadable_at or claim.span
            found.append(Warning_(at.line, "unbound-index", Message("an index has no sum and does not stand on the left side"), at.column))
        for d in claim.differences:
            if d.kind == "shifted-index":
                found.append(Warning_(d.span.line, "index-base", _FROM_TWO, d.span.column))
            elif d.kind == "unbound-index":
                found.append(Warning_(d.span.line, "unbound-index", Message("an index has no sum and does not stand on the left side"), d.span.column))
    return found


_Holds = Callable[[tuple[int, ...], tuple[int, ...]], bool]
_WHERE: tuple[tuple[re.Pattern[str], Message, _Holds], ...] = (
    (re.compile(r"左上|(?:top|upper)[- ]left", re.I), Message("top left"), lambda q, n: all(x == 1 for x in q)),
    (re.compile(r"右下|(?:bottom|lower)[- ]right", re.I), Message("bottom right"), lambda q, n: q == n),
    (re.compile(r"中心|中央|中间|\bcent(?:re|er)\b|\bmiddle\b", re.I), Message("centre"), lambda q, n: all(1 < x < m for x, m in zip(q, n, strict=True))),
    (re.compile(r"角(?:上|落|处|点)?(?:的)?元素|\bcorners?\b", re.I), Message("corner"), lambda q, n: all(x in (1, m) for x, m in zip(q, n, strict=True))),
)


def _headings(reading: tree.Reading, found: Survey) -> list[Warning_]:
    """Words such as "top left" before a list of entries that are elsewhere."""
    warnings: list[Warning_] = []
    last: tuple[int, tuple[Message, _Holds] | None] | None = None
    for item in reading.items:
        line, column = reading.source.position(item.place.start)
        if isinstance(item, tree.Prose):
            last = line, next(((words, holds) for pattern, words, holds in _WHERE if pattern.search(item.text)), None)
            continue
        if last is None or last[0] != line or last[1] is None:
            continue
        context, _ = found.at(item.place.start)
        if context is None or not context.layer.numeric:
            continue
        words, holds = last[1]
        strange = [text for text, q, n in _listed(item, context) if not holds(q, n)]
        if strange:
            warnings.append(Warning_(line, "heading-mismatch", Message(
                "the words say %(where)s, which does not fit %(entries)s", {"where": words, "entries": tuple(strange)}), column))
    return warnings


def _listed(span: tree.Span, context: Context) -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    lowerer = Lowerer(context)
    for piece in span.pieces:
        if piece.relations:
            return
        for node in parts(piece.members):
            if not isinstance(node, tree.Indexed) or not isinstance(node.base, tree.Name) or lowerer.tensor_of(node.base) != "I":
                continue
            try:
                index = [f.constant for f in lowerer.subscripts(node, "I", frozenset())]
            except Unreadable:
                continue
            if all(x is not None for x in index):
                q = tuple(x - context.base + 1 for x in index if x is not None)
                yield node.base.text + "_" + "".join(str(x) for x in index), q, context.layer.shape("I")
