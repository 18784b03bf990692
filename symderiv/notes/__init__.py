"""A file of notes -> mathematics with its places -> syntax trees, and problems.

This room knows no layer and no formula node, and imports nothing of ours. The tree's types are in
``symderiv.notes.tree``; what a tree looks like on one line is in ``symderiv.notes.walk``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symderiv.notes.tree import Reading

__all__ = ["read"]


def read(data: bytes | str, name: str) -> Reading:
    """Everything in a file: spans of mathematics with their equations as trees, prose, problems.

    ``name`` is the file's name; its suffix (.tex, .md, .txt) decides how mathematics is delimited, and where
    it says nothing what the text holds does. Never raises for what a file contains, and takes bounded time.
    """
    from symderiv.notes.reading import read_notes

    return read_notes(data, name)
