"""Conditions that the words around a formula state: "若是取最大值的位置, 则 ..."."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from symderiv.check.phrases import phrase, prose_condition
from symderiv.notes import tree
from symderiv.report_model import Message

_ITEM = re.compile(r"^\s*(?:[-*+]\s|\(?[ivx\d]{1,4}[.)、]|（[ivx\d一二三四五六]+）|#)", re.I)
_END = re.compile(r"综上|总之|in summary|to sum up|altogether|in all", re.I)


@dataclass(frozen=True)
class Around:
    """What the words before a piece say."""

    chosen: bool | None = None
    unread: Message | None = None


def conditions_around(reading: tree.Reading) -> Mapping[int, Around]:
    """For each piece (by identity) the condition in force: on its line, or of its list item after "then"."""
    found: dict[int, Around] = {}
    source = reading.source
    item_condition = Around()
    line_condition: tuple[int, Around] = (0, Around())
    for item in reading.items:
        line, _ = source.position(item.place.start)
        if isinstance(item, tree.Prose):
            if item.heading or _ITEM.match(item.text) or _END.search(item.text):
                item_condition = Around()
            condition = prose_condition(item.text)
            if condition is not None:
                around = _around(condition)
                line_condition = line, around
                if around.chosen is not None:
                    item_condition = around
            continue
        for piece in item.pieces:
            around = line_condition[1] if line_condition[0] == line else Around()
            if around == Around() and piece.connectives:
                around = item_condition
            if around != Around():
                found[id(piece)] = around
    return found


def _around(condition: str) -> Around:
    kind = phrase(condition)
    if kind in ("maximum", "not maximum"):
        return Around(chosen=kind == "maximum")
    if not condition or kind in ("joint", "apart"):
        return Around()
    return Around(unread=Message("the condition '%(words)s' before it can't be read", {"words": condition[:60]}))
