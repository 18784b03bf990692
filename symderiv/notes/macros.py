"""A text whose characters know where they stand in the file, and the file's own simple macros.

Expansion is text for text with limits; nothing is executed. Characters that come from a macro's body have
the place of the whole call, those of its arguments keep their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from symderiv.notes import limits
from symderiv.notes.tree import Place, Problem


@dataclass(frozen=True)
class Text:
    """``text`` with the place of each character: ``base + i``, or ``where[i]`` after an expansion."""

    text: str
    base: int = 0
    where: tuple[Place, ...] | None = None

    def place(self, start: int, end: int) -> Place:
        """The place in the file of ``text[start:end]``."""
        if self.where is None:
            return Place(self.base + start, self.base + end)
        if start >= len(self.where):
            last = self.where[-1].end if self.where else self.base
            return Place(last, last)
        return self.where[start].to(self.where[max(start, min(end, len(self.where)) - 1)])

    def part(self, start: int, end: int) -> Text:
        """A part of it."""
        where = None if self.where is None else self.where[start:end]
        return Text(self.text[start:end], self.base + start, where)

    def spelled(self, start: int, end: int, written: str) -> Text:
        """``text[start:end]`` spelled in other letters, one for one."""
        return Text(written, self.base, tuple(self.place(i, i + 1) for i in range(start, end)))


@dataclass(frozen=True)
class Macro:
    """``\\newcommand{\\name}[count]{body}``; ``default`` is that of an optional first argument."""

    name: str
    count: int
    body: str
    default: str | None = None


PACKAGE = {m.name: m for m in (
    Macro("sdgrad", 2, r"\frac{\partial #1}{\partial #2}"), Macro("sdgradline", 2, r"\partial #1/\partial #2"),
    Macro("sdrot", 1, r"\operatorname{rot}_{180}(#1)"), Macro("sdpad", 1, r"\operatorname{pad}\left(#1\right)"),
)}
"""Those of symderiv.sty, which a fragment uses and does not define."""
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand\*?|providecommand\*?|renewcommand\*?)\s*(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))\s*"
    r"(?:\[(\d)\])?\s*(?:\[([^\]\n]{0,500})\])?\s*(?=\{)"
)
_DEF = re.compile(r"\\def\s*\\([A-Za-z]+)\s*((?:#\d)*)\s*(?=\{)")
_OPERATOR = re.compile(r"\\DeclareMathOperator\*?\s*(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))\s*(?=\{)")
_BRACES = re.compile(r"\\\\.|[{}]", re.S)
_USE = re.compile(r"\\([A-Za-z]+)")


def group_end(text: str, start: int, stop: int | None = None) -> int:
    """The offset after the brace that closes the one at ``start``; -1 where none does before ``stop``."""
    depth, at, end = 0, start, len(text) if stop is None else min(stop, len(text))
    while at < end:
        char = text[at]
        if char == "\\":
            at += 2
            continue
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return -1


def closings(text: str) -> dict[int, int]:
    """For each opening brace that is closed, the offset after the closing one."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACES.finditer(text):
        if match.group() == "{":
            opened.append(match.start())
        elif match.group() == "}" and opened:
            found[opened.pop()] = match.end()
    return found


def definitions(text: str) -> tuple[list[tuple[int, int, Macro]], list[Problem]]:
    """The macros defined in a text, each with the start and end of its definition."""
    found: list[tuple[int, int, Macro]] = []
    problems: list[Problem] = []
    for pattern in (_DEFINITION, _DEF, _OPERATOR):
        for match in pattern.finditer(text):
            if len(problems) > limits.MACRO_PROBLEMS:
                break
            end = group_end(text, match.end(), match.end() + limits.MACRO_LENGTH)
            if end < 0:
                problems.append(Problem("the definition of this macro is not closed", Place(match.start(), match.end())))
                continue
            found.append((match.start(), end, _macro(pattern, match, text[match.end() + 1 : end - 1])))
    return sorted(found, key=lambda one: one[0]), problems


def _macro(pattern: re.Pattern[str], match: re.Match[str], body: str) -> Macro:
    if pattern is _OPERATOR:
        return Macro(match.group(1) or match.group(2), 0, rf"\operatorname{{{body}}}")
    if pattern is _DEF:
        return Macro(match.group(1), match.group(2).count("#"), body)
    return Macro(match.group(1) or match.group(2), int(match.group(3) or 0), body, match.group(4))


def uses_macros(text: Text, macros: dict[str, Macro]) -> bool:
    """Whether a macro of the file stands in a text."""
    return bool(macros) and any(match.group(1) in macros for match in _USE.finditer(text.text))


def expand(text: Text, macros: dict[str, Macro]) -> tuple[Text, Problem | None, int]:
    """The text with its macros written out, or as it is and a problem that names the limit; and how much longer it grew."""
    if not uses_macros(text, macros):
        return text, None, 0
    uses = written = 0
    for _ in range(limits.MACRO_DEPTH):
        result, count = _once(text, macros)
        uses += count
        written += max(0, len(result.text) - len(text.text))
        if count == 0:
            return text, None, written
        if uses > limits.EXPANSIONS or len(result.text) > limits.EXPANDED:
            break
        text = result
    message = limits.over("macros", limits.EXPANSIONS, f"uses, {limits.MACRO_DEPTH} levels or {limits.EXPANDED} signs")
    return text, Problem(message, text.place(0, len(text.text)), "macros"), written


def _once(text: Text, macros: dict[str, Macro]) -> tuple[Text, int]:
    """Every macro of the text written out once."""
    out: list[str] = []
    where: list[Place] = []
    at = count = length = 0
    closed = closings(text.text)
    for match in _USE.finditer(text.text):
        if match.start() < at or match.group(1) not in macros or length > limits.EXPANDED:
            continue
        macro = macros[match.group(1)]
        arguments = _arguments(text.text, match.end(), macro, closed)
        if arguments is None:
            continue
        spans, end = arguments
        _copy(text, at, match.start(), out, where)
        _body(text, macro, spans, text.place(match.start(), end), out, where)
        length = len(where)
        at, count = end, count + 1
    _copy(text, at, len(text.text), out, where)
    return Text("".join(out), text.base, tuple(where)), count


def _copy(text: Text, start: int, end: int, out: list[str], where: list[Place]) -> None:
    out.append(text.text[start:end])
    where += [text.place(i, i + 1) for i in range(start, end)]


def _body(text: Text, macro: Macro, spans: list[tuple[int, int] | str], call: Place, out: list[str], where: list[Place]) -> None:
    for part in re.split(r"(#\d)", macro.body):
        number = int(part[1]) - 1 if re.fullmatch(r"#\d", part) else -1
        if 0 <= number < len(spans):
            span = spans[number]
            if isinstance(span, str):
                out.append(span)
                where += [call] * len(span)
            else:
                _copy(text, *span, out, where)
        else:
            out.append(part)
            where += [call] * len(part)
    if re.search(r"\\[A-Za-z]+$", macro.body):
        out.append(" ")
        where.append(call)


def _arguments(
    text: str, at: int, macro: Macro, closed: dict[int, int]
) -> tuple[list[tuple[int, int] | str], int] | None:
    """Where each argument stands, and the end of the call; None where one is missing."""
    spans: list[tuple[int, int] | str] = []
    if macro.default is not None:
        close = text.find("]", at) if text.startswith("[", at) else -1
        spans.append((at + 1, close) if close > 0 else macro.default)
        at = close + 1 if close > 0 else at
    while len(spans) < macro.count:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            return None
        if text[at] == "{":
            end = closed.get(at, -1)
            if end < 0:
                return None
            spans.append((at + 1, end - 1))
        else:
            single = re.compile(r"\\[A-Za-z]+|\\?.", re.S).match(text, at)
            end = single.end() if single else at + 1
            spans.append((at, end))
        at = end
    return spans, at
