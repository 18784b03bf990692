"""Bytes -> text: which encoding, which line ends, and whether it is text at all."""

from __future__ import annotations

import re

from symderiv.notes import limits
from symderiv.notes.tree import Place, Problem, Source

_NEWLINE = re.compile(r"\r\n|\n|\r")


def decode(data: bytes | str, name: str) -> tuple[Source, tuple[Problem, ...]]:
    """The file as text, and what is wrong with it as a file.

    UTF-8 with or without BOM, UTF-16 with BOM, else GB18030, in this order; a file that is none of
    them, holds NUL bytes or is above the size limit gives an empty text and a problem.
    """
    if isinstance(data, str):
        if len(data) > limits.FILE_BYTES:
            return Source(name, ""), (_too_big(len(data)),)
        return _source(name, data.removeprefix("\ufeff"), "text"), ()
    if len(data) > limits.FILE_BYTES:
        return Source(name, ""), (_too_big(len(data)),)
    for encoding, text in _attempts(data):
        if "\0" in text:
            break
        return _source(name, text, encoding), ()
    return Source(name, "", "binary"), (Problem("this is not a text file (UTF-8 or GB18030)", Place(0, 0)),)


def _attempts(data: bytes) -> list[tuple[str, str]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        order = [("utf-16", "utf-16")]
    elif data.startswith(b"\xef\xbb\xbf"):
        order = [("utf-8-bom", "utf-8-sig")]
    else:
        order = [("utf-8", "utf-8"), ("gb18030", "gb18030")]
    for label, codec in order:
        try:
            return [(label, data.decode(codec))]
        except UnicodeDecodeError:
            continue
    return []


def _too_big(size: int) -> Problem:
    message = f"{limits.over('file size', limits.FILE_BYTES, 'bytes')}: it has {size}"
    return Problem(message, Place(0, 0), "file size")


def _source(name: str, text: str, encoding: str) -> Source:
    ends = [match for match in _NEWLINE.finditer(text)]
    newline = ends[0].group() if ends else "\n"
    return Source(name, text, encoding, newline, (0, *(match.end() for match in ends)))
