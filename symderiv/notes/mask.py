"""What is not mathematics although it stands in the file: code, comments, definitions. Blanked, so that offsets stay."""

from __future__ import annotations

import re

from symderiv.notes.macros import Macro, definitions
from symderiv.notes.tree import Place, Problem

_FENCE = re.compile(r"^(?P<lead>[ \t>]*(?:[-*+]\s+|\d+[.)]\s+)?)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n\r]*)$", re.M)
_FRONT = re.compile(r"\A---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?$", re.S | re.M)
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_TICKS = re.compile(r"(?<!`)`+(?!`)")
_TAG = re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9-]*)(?:\s+[A-Za-z_:][^<>=\s]*(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))?)*\s*/?>")
_LINK = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)|https?://[^\s<>)]+")
_TEX_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n\r]*")
_VERBATIM = re.compile(r"\\begin\{(verbatim\*?|lstlisting|minted|comment|Verbatim|alltt)\}.*?(?:\\end\{\1\}|\Z)", re.S)
_VERB = re.compile(r"\\(?:verb\*?|lstinline)(?:\[[^\]]{0,500}\])?([^A-Za-z\s*{])[^\n]{0,2000}?\1")
_IF_FALSE = re.compile(r"\\iffalse\b.*?(?:\\fi\b|\Z)", re.S)
_DOCUMENT = re.compile(r"\\begin\{document\}")
_DOCUMENT_END = re.compile(r"\\end\{document\}.*\Z", re.S)


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these parts made of spaces; line ends stay."""
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        start = max(start, at)
        parts += [text[at:start], re.sub(r"[^\r\n]", " ", text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def markdown(text: str) -> tuple[str, list[tuple[int, int, int, int]], list[Problem]]:
    """The text without code, comments, tags and links, and the ``math`` fences (place and inner place)."""
    problems: list[Problem] = []
    fences: list[tuple[int, int, int, int]] = []
    blank = [match.span() for match in (_FRONT.match(text),) if match]
    at = blank[0][1] if blank else 0
    while match := _FENCE.search(text, at):
        closing = re.compile(rf"^[ \t>]*{re.escape(match['mark'][0])}{{{len(match['mark'])},}}[ \t]*\r?$", re.M).search(text, match.end())
        start, inner_end = match.start("mark"), closing.start() if closing else len(text)
        end = closing.end() if closing else len(text)
        if re.match(r"\{?\.?math\b", match["info"].strip()):
            if closing is None:
                problems.append(Problem("this ```math block is not closed", Place(start, match.end())))
            else:
                fences.append((start, end, match.end(), inner_end))
        blank.append((start, end))
        at = end if end > match.start() else match.end() + 1
    text = _blank(text, blank)
    text = _blank(text, [match.span() for match in _HTML_COMMENT.finditer(text)])
    text = _blank(text, _code(text))
    return _blank(text, [match.span() for pattern in (_TAG, _LINK) for match in pattern.finditer(text)]), fences, problems


def _code(text: str) -> list[tuple[int, int]]:
    """Inline code; not GitLab's ``$`..`$``."""
    spans: list[tuple[int, int]] = []
    ticks = list(_TICKS.finditer(text))
    following: dict[int, list[int]] = {}
    for number in range(len(ticks) - 1, -1, -1):
        following.setdefault(len(ticks[number].group()), []).append(number)
    number = 0
    while number < len(ticks):
        match = ticks[number]
        same = following[len(match.group())]
        while same and same[-1] <= number:
            same.pop()
        if not same or "\n\n" in text[match.end() : min(ticks[same[-1]].start(), match.end() + 2000)]:
            number += 1
            continue
        close = ticks[same[-1]]
        if not (text[match.start() - 1 : match.start()] == "$" and text[close.end() : close.end() + 1] == "$"):
            spans.append((match.start(), close.end()))
        number = same[-1] + 1
    return spans


def latex(text: str) -> str:
    """The body of a LaTeX file without comments, verbatim text, what comes before and after the document."""
    begin = _DOCUMENT.search(text)
    text = _blank(text, [match.span() for match in _VERBATIM.finditer(text)])
    text = _blank(text, [match.span() for match in _VERB.finditer(text)])
    text = _blank(text, [(match.end(1), match.end()) for match in _TEX_COMMENT.finditer(text)])
    text = _blank(text, [match.span() for match in _IF_FALSE.finditer(text)])
    text = _blank(text, [match.span() for match in (_DOCUMENT_END.search(text),) if match])
    return text if begin is None else _keep_definitions(text, begin.end())


def _keep_definitions(text: str, start: int) -> str:
    """The preamble blank but for its macros."""
    found, _ = definitions(text[:start])
    bounds = [0, *(edge for first, last, _ in found for edge in (first, last)), start]
    pairs = [(bounds[i], bounds[i + 1]) for i in range(0, len(bounds), 2)]
    return _blank(text, [(first, last) for first, last in pairs if first < last])


def macros(text: str) -> tuple[str, list[tuple[int, Macro]], list[Problem]]:
    """The text without its definitions, and these with where they end."""
    if "\\newcommand" not in text and "\\def" not in text and "command" not in text and "\\DeclareMath" not in text:
        return text, [], []
    found, problems = definitions(text)
    return _blank(text, [(start, end) for start, end, _ in found]), [(end, macro) for _, end, macro in found], problems
