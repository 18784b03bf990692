"""What a file says, made harmless for the format that repeats it."""

from __future__ import annotations

import re

_TERMINAL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]")
_JSON = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#!|~$&^]|:(?=//)|(?<=www)\.)")


def visible(text: str) -> str:
    """Control characters, those that turn the writing direction and lone surrogates, as signs that do nothing.

    A tab becomes a space: every character that stays keeps its place, so that carets fit.
    """
    return _TERMINAL.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in "\t\n\r":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def json_text(dumped: str) -> str:
    """JSON as ``json.dumps(ensure_ascii=False)`` gives it, with invisible characters as ``\\uXXXX``."""
    return _JSON.sub(lambda m: f"\\u{ord(m[0]):04x}", dumped)


def markdown(text: str) -> str:
    """Plain words inside a Markdown paragraph: nothing in them is markup."""
    return _MARKDOWN.sub(r"\\\1", visible(text))


def markdown_code(text: str) -> str:
    """A code span that holds the text, whatever backquotes are in it."""
    text = visible(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = visible(text)
    return "'" + text if text.lstrip(" '\"").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) else text


def github_message(text: str) -> str:
    """The text of a workflow command."""
    return _github(visible(text))


def github_property(text: str) -> str:
    """A value before the text of a workflow command."""
    return github_message(text).replace(":", "%3A").replace(",", "%2C")


def _github(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
