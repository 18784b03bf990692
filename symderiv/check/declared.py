"""Conventions that the notes state in words: what a sign between maps means, and that entries outside their range are 0.

"where $*$ is cross-correlation", "其中 $\\star$ 表示互相关", "terms outside the range count as zero".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symderiv.check.context import Context, Star
from symderiv.check.layers import Group
from symderiv.check.syntax import MAPS
from symderiv.notes import tree

_CORRELATION = r"(?:the\s+|a\s+)?(?:2-?d\s+|valid\s+|full\s+)?(?:cross-?\s?correlation|correlation)|互相关|相关运算|相关"
_CONVOLUTION = (r"(?:the\s+|a\s+)?(?:true|real|proper|mathematical|strict|flipped)\s+convolution|真正?的?卷积|数学(?:上|意义)的?卷积"
                r"|(?:the\s+|a\s+)?convolution\s*[,(]?\s*(?:with|of)\s+(?:a\s+|the\s+)?(?:flipped|rotated)|卷积\s*[(（,，]?\s*(?:核)?(?:需要?)?(?:翻转|旋转)")
_UNFLIPPED = r"(?:the\s+|a\s+)?convolution\s*[,(]?\s*(?:without|with\s*no|no)\s+(?:flip|rotat)|卷积\s*[(（,，]?\s*(?:核)?(?:不|无需?)(?:翻转|旋转)"
_IS = r"\s*(?:(?:here\s+)?(?:is|denotes|means|stands\s+for|represents|will\s+denote)|(?:在这里|在此)?(?:表示|代表|指的?是?|记为|为|是|即))\s*"
_AFTER = re.compile(rf"{_IS}(?:(?P<turned>{_CONVOLUTION})|(?P<straight>{_UNFLIPPED}|{_CORRELATION}))", re.I)
_BEFORE = re.compile(
    rf"(?:(?P<turned>{_CONVOLUTION})|(?P<straight>{_UNFLIPPED}|{_CORRELATION}))\s*(?:(?:is|are)\s+(?:denoted|written)\s+(?:by|as)|[,(（]?\s*(?:written|denoted\s+by)|用|记作|记为|写作)\s*$", re.I)


_ZERO = re.compile(
    r"(?:terms?|entries|entry|elements?|ind(?:ices|exes)|values?|gradients?|anything|everything|those|positions?)\s[^.。;；:：]{0,40}"
    r"(?:outside|out[ -]of[ -](?:range|bounds?)|beyond|exist|undefined)[^.。;；:：]{0,40}(?<![\w.])(?:zeros?|0)(?!\w|\.\d)"
    r"|(?:越界|超出|不存在|出界)[^。；;：:，,]{0,14}(?<![\d.])(?:0|零)(?!\d|\.\d)", re.I)
_NOT_ZERO = re.compile(r"(?:are|is|be|do|does|count)\s*(?:n't|not|never)\s+(?!exist)|(?<![A-Za-z])non-?zero|不[是为]", re.I)


def zero_outside(reading: tree.Reading) -> bool:
    """Whether words say that every entry outside its range is 0."""
    for line in reading.source.text.splitlines():
        said = _ZERO.search(line)
        if said is not None and not _NOT_ZERO.search(said.group()):
            return True
    return False


def declared_signs(reading: tree.Reading) -> dict[str, Star]:
    """For each sign what the words beside it say that it means, the first time that they do."""
    found: dict[str, Star] = {}
    items = reading.items
    for k, item in enumerate(items):
        if not isinstance(item, tree.Span):
            continue
        sign = MAPS.get(reading.source.slice(item.inner).strip().strip("{}").strip())
        if sign is None or sign in found:
            continue
        after, before = (items[j].text if 0 <= j < len(items) and isinstance(items[j], tree.Prose) else "" for j in (k + 1, k - 1))  # type: ignore[union-attr]
        said = _AFTER.match(after) or _BEFORE.search(before)
        if said is not None:
            found[sign] = "convolution" if said["turned"] else "correlation"
    return found


def turn_layers(groups: Sequence[Group], declared: dict[str, Star]) -> None:
    """A layer that only ``O = I * W`` states has its kernel rotated where the sign is said to do that."""
    for group in groups:
        stated = [s for s in group.specs if s.sign and declared.get(s.sign) == "convolution"]
        if stated and all(s.flip is None for s in group.specs):
            group.specs = [replace(s, flip=True) for s in group.specs]
            group.merged = None if group.merged is None else replace(group.merged, flip=True)


def declare(contexts: Sequence[Context], declared: dict[str, Star], reading: tree.Reading) -> None:
    """What is said in words counts for the whole file."""
    zero = zero_outside(reading)
    for context in contexts:
        context.signs.update(declared)
        context.zero_outside = zero
