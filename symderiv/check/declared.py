"""Conventions that the notes state in words: what a sign between maps means, and that entries outside their range are 0.

"where $*$ is cross-correlation", "其中 $\\star$ 表示互相关", "terms outside the range count as zero".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from symderiv.check.context import Context, Star
from symderiv.check.layers import Group
from symderiv.check.syntax import MAPS
from symderiv.notes import tree

_STATES = re.compile(
    r"\s*(?:(?:here\s+)?(?:is|denotes|means|stands\s+for|represents|will\s+denote|for|flips|rotates|turns)(?![A-Za-z])|(?:在这里|在此)?(?:表示|代表|指的?是?|记为|为|是|即|不是)|翻转|旋转)", re.I)
_STATED = re.compile(r"(?:is|are)\s+(?:denoted|written)\s+(?:by|as)\s*$|(?:written|denoted\s+by)\s*$|(?:用|记作|记为|写作)\s*$", re.I)
_CLAUSE = re.compile(r"[^.;。；$]{0,120}")
_NOT_CORRELATION = re.compile(r"(?<![A-Za-z])not\s+(?:a\s+|the\s+)?(?:cross-?\s?)?correlation|不是(?:互)?相关", re.I)
_NOT_CONVOLUTION = re.compile(r"(?<![A-Za-z])not\s+(?:a\s+|the\s+)?(?:true\s+|real\s+)?convolution|不是(?:真正?的?)?卷积", re.I)
_UNFLIPPED = re.compile(r"(?:without|with\s+no|no|not|never)\s+(?:flip|rotat|turn)|(?:不|无需?)(?:翻转|旋转)", re.I)
_FLIPPED = re.compile(r"(?:true|real|proper|mathematical|strict|flipped)\s+convolution|(?:flip|rotat|turn)|真正?的?卷积|数学(?:上|意义)?的?卷积|翻转|旋转", re.I)
_CORRELATION = re.compile(r"correlation|相关", re.I)


def _meaning(clause: str) -> Star | None:
    """What a clause says of a sign; a bare "convolution" leaves it open."""
    if _NOT_CORRELATION.search(clause):
        return "convolution"
    if _NOT_CONVOLUTION.search(clause) or _UNFLIPPED.search(clause):
        return "correlation"
    if _CORRELATION.search(clause):
        return None if _FLIPPED.search(clause) else "correlation"
    return "convolution" if _FLIPPED.search(clause) else None


_OUT = r"(?:outside|out[ -]of[ -](?:range|bounds?)|beyond|exist|undefined)"
_GONE = r"(?:(?<![\w.])(?:zeros?|0)(?!\w|\.\d)|dropped|ignored|omitted|vanish)"
_ZERO = re.compile(
    rf"(?:terms?|entries|entry|elements?|ind(?:ices|exes)|values?|gradients?|anything|everything|those|positions?)\s[^.。;；:：]{{0,40}}{_OUT}[^.。;；:：]{{0,40}}{_GONE}"
    rf"|out[ -]of[ -](?:range|bounds?)\s[^.。;；:：]{{0,40}}{_GONE}"
    r"|(?:越界|超出|不存在|出界|范围(?:之|以)?外)[^。；;：:，,]{0,14}(?<![\d.])(?:0|零)(?!\d|\.\d)", re.I)
_NOT_ZERO = re.compile(r"(?:are|is|be|do|does|count|must|should|can)\s*(?:n't|not|never)\s+(?!exist)|(?<![A-Za-z])non-?zero|不[是为能]|(?<![A-Za-z])never(?![A-Za-z])", re.I)
_OTHERWISE = re.compile(
    rf"wrap(?:s|ped|ping)?\s+around|modulo|cyclic|periodic|circular|循环|取模|周期|(?:do|does|must|should|can)\s*(?:n't|not)\s[^.。]{{0,40}}{_OUT}[^.。]{{0,30}}zero"
    rf"|{_OUT}[^.。]{{0,40}}(?:not|n't|never)\s[^.。]{{0,20}}zero", re.I)
"""Words against zeros outside the range."""


_INPUT = re.compile(r"(?<![A-Za-z])(?:inputs?|images?|pixels?|signals?)(?![A-Za-z])|输入|图像|像素|信号", re.I)


def zero_outside(reading: tree.Reading) -> Literal["all", "input", ""]:
    """Whether words say that every entry outside its range is 0, or those of the input."""
    found: set[Literal["all", "input"]] = set()
    for line in reading.source.text.splitlines():
        said = _ZERO.search(line)
        if said is not None and not _NOT_ZERO.search(line[max(0, said.start() - 60) : said.end()]):
            found.add("input" if _INPUT.search(line[max(0, said.start() - 30) : said.end()]) else "all")
    return "all" if "all" in found else "input" if found else ""


_COUNTED = re.compile(
    r"(?:ind(?:ices|ex(?:es)?|exing)|subscripts?|positions?|count(?:ing|ed|s)?)\s+(?:(?:start|begin|run|go|count)\w{0,3}\s+)?(?:at|from)\s+(0|zero|1|one)(?![\w])|(?:下标|索引|计数)从\s*(0|零|1|一)", re.I)


def counted_from(text: str) -> int | None:
    """The number from which words count positions: "indices start at zero", "下标从 0 开始"."""
    found = _COUNTED.search(text)
    return None if found is None else int((found.group(1) or found.group(2)).lower() in ("1", "one", "一"))


def zero_denied(reading: tree.Reading) -> bool:
    """Whether words say that entries outside their range are something else than 0."""
    return any(_OTHERWISE.search(line) for line in reading.source.text.splitlines())


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
        clause = _CLAUSE.match(after)
        said = _meaning(clause.group()) if clause and _STATES.match(after) else None
        if said is None and _STATED.search(before):
            said = _meaning(before[-80:])
        if said is not None:
            found[sign] = said
    return found


def turn_layers(groups: Sequence[Group], declared: dict[str, Star]) -> None:
    """A layer that only ``O = I * W`` states has its kernel rotated where the sign is said to do that."""
    for group in groups:
        # the first sign that is explained states the layer; a later one is a claim
        stated = [declared[s.sign] for s in group.specs if s.sign in declared]
        if stated[:1] == ["convolution"] and all(s.flip is None for s in group.specs):
            group.specs = [replace(s, flip=True) for s in group.specs]
            group.merged = None if group.merged is None else replace(group.merged, flip=True)


def declare(contexts: Sequence[Context], declared: dict[str, Star], reading: tree.Reading) -> None:
    """What is said in words counts for the whole file."""
    zero, denied = zero_outside(reading), zero_denied(reading)
    for context in contexts:
        context.signs.update(declared)
        context.zero_outside = zero == "all" and not denied
        context.zero_tensors = frozenset("I") if zero == "input" and not denied else frozenset()
        context.zero_denied = denied
