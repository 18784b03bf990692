"""A text in lines that keep their ends, and what of two blocks counts as the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_BAR = re.compile(r"[ \t]*\|[ \t]*")
_TAG = re.compile(r" ?(</?[a-z][^<>]*>) ?")
_CLOSED = re.compile(r" (/?>)$")
_STATEMENT = re.compile(r"^(?:%|//|\.\.) symderiv derive [^\n]*\n?|<!-- symderiv derive .*?-->\s?", re.MULTILINE)
_RULE = re.compile(r"[|:-]+")


@dataclass(frozen=True)
class Line:
    """A line without its end, where it starts in the text, and that end."""

    number: int
    start: int
    text: str
    ending: str

    @property
    def stop(self) -> int:
        """Where the next line starts."""
        return self.start + len(self.text) + len(self.ending)


def lines_of(text: str) -> list[Line]:
    """The lines, at CR LF, LF and CR only: no other character ends a line in a document."""
    found: list[Line] = []
    for match in _LINE.finditer(text):
        if match.group():
            found.append(Line(len(found) + 1, match.start(), match[1], match[2]))
    return found


def normal(lines: Sequence[str]) -> str:
    """The lines as they count: without trailing spaces and outer blank lines, tables without their padding.

    Formatters and line-ending filters change nothing else in a block.
    """
    return "\n".join(row(line.rstrip()) for line in lines).strip("\n")


def normal_html(lines: Sequence[str]) -> str:
    """The same for HTML, where a formatter breaks lines and indents."""
    return _TAG.sub(lambda tag: _CLOSED.sub(r"\1", tag[1]), " ".join(" ".join(lines).split()))


def row(line: str) -> str:
    """A row of a Markdown table, however its columns are aligned; any other line as it is."""
    if not line.startswith("|"):
        return line
    row = _BAR.sub("|", line)
    return re.sub("-+", "-", row) if _RULE.fullmatch(row) else row


def digest(text: str) -> str:
    """What the closing marker holds of a normal text, without the comment that says the layer.

    Whoever puts another size in all over a document changes the directive, and that comment with it.
    """
    return _hashed(_STATEMENT.sub("", text, count=1))


def sealed(seal: str | None, text: str) -> bool:
    """Whether a closing marker's digest is that of a normal text; once it was that of the comment too."""
    return seal in (digest(text), _hashed(text)) if text else seal is None


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def without_prefix(line: str, prefix: str) -> str:
    """The line as it stands inside a list or a quotation whose lines begin so."""
    if line.startswith(prefix):
        return line[len(prefix):]
    return "" if line.strip() == prefix.strip() else line


def without_quote(line: str, prefix: str) -> str:
    """The line without the signs of quotations in the prefix; its indentation stays."""
    return re.sub(rf"(?:[ \t]*>){{{prefix.count('>')}}}", "", line, count=1) if ">" in prefix else line


def with_prefix(line: str, prefix: str) -> str:
    """The line inside it again; a blank one without trailing spaces."""
    return prefix + line if line else prefix.rstrip()
