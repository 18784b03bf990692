"""What words say about a layer: shapes, stride, padding, dilation, kernel. Only closed phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


def _pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern whose blanks are bounded, so that a long run of them is not tried over and over."""
    return re.compile(text.replace(r"\s*", r"\s{0,20}").replace(r"\s+", r"\s{1,20}"), flags)


def _row(*words: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(word, re.I) for word in words)


SIZE = r"\$?\s*(\d{1,4}(?:\s*(?:\\times|×|x|X|\*)\s*\d{1,4}){0,3})\s*\$?"
_SIZE_NAME = r"(?:\d{1,5}|[A-WYZa-wyz](?:_\{?\w\}?|\d)?)"
_NAMED = _pattern(
    r"(?<![A-Za-z])(\\?[A-Za-z]{1,40}(?:_\{?\w{1,40}\}?)?(?:\^\{?\(?l(?:\s*[-+]\s*\d)?\)?\}?)?|[Α-ω])\s*\$?\s*"
    r"(?:has\s+(?:the\s+)?(?:shape|size)|(?:is|be|are)\s+of\s+(?:the\s+)?(?:shape|size)|be\s+an?\s+(?=\$?\s*\d+\s*(?:\\times|×|x))|has\s+dimensions?|的?形状[为是:：]|的?大小[为是:：]|的?尺寸[为是:：]"
    r"|\\in\s*\\mathbb\s*\{?R\}?\s*\^|∈\s*(?:ℝ|R)\s*\^?|的?形状为)\s*\{?\(?"
    rf"\$?\s*(\(\s*{_SIZE_NAME}(?:\s*,\s*{_SIZE_NAME}){{1,4}}\s*\)|{_SIZE_NAME}(?:\s*(?:\\times|×|x)\s*{_SIZE_NAME}){{0,4}})(?![A-Za-z0-9_])",
)
_IS = _pattern(
    r"(?<![A-Za-z\\])([A-Z])\s*\$?\s*(?:is|为|是)\s*\$?\s*(\d{1,4}(?:\s*(?:\\times|×|x)\s*\d{1,4}){1,4})"
)
_LENGTH = _pattern(
    rf"(?<![A-Za-z\\])(\\?[A-Za-z]+)\s*\$?\s*(?:has\s+length|of\s+length|的?长度?[为是])\s*\$?\s*({_SIZE_NAME})(?![A-Za-z0-9_])"
)
_NUMBERS = {
    "stride": _pattern(rf"(?:\bstrides?\b|步[长幅])\s*(?:of|is|=|为|是|:|：|\$?\s*s\s*=)?\s*(?:of\s*)?{SIZE}", re.I),
    "padding": _pattern(rf"(?:\b(?:zero[- ]?)?padding\b|(?:零?填充|补零))\s*(?:of|is|=|为|是|:|：|\$?\s*[pP]\s*=)?\s*{SIZE}", re.I),
    "dilation": _pattern(rf"(?:\bdilation\b|膨胀率?|空洞率|扩张率)\s*(?:rate)?\s*(?:of|is|=|为|是|:|：|\$?\s*d\s*=)?\s*{SIZE}", re.I),
    "kernel": _pattern(rf"(?:\b(?:kernels?|filters?|windows?|pool(?:ing)? size)\b|卷积核|池化核|滤波器|窗口)\s*(?:size)?\s*(?:of|is|=|为|是|大小为|:|：)?\s*{SIZE}", re.I),
    "input": _pattern(rf"(?:\binput\b|输入)\s*(?:size|大小|尺寸)?\s*(?:of|is|=|为|是|:|：)?\s*{SIZE}", re.I),
    "output": _pattern(rf"(?:\boutput\b|输出)\s*(?:size|大小|尺寸)?\s*(?:of|is|=|为|是|:|：)?\s*{SIZE}", re.I),
}
_BEFORE = {
    "kernel": _pattern(rf"{SIZE}\s*(?:的\s*)?(?:kernel|filter|window|卷积核|池化核|窗口|max[- ]?pool|(?:最大|平均)?池化|convolution|卷积)", re.I),
    "input": _pattern(rf"{SIZE}\s*(?:的\s*)?(?:input|输入)", re.I),
    "output": _pattern(rf"{SIZE}\s*(?:的\s*)?(?:output|输出)", re.I),
}
_KINDS = (
    ("max_pool", _pattern(r"max[- ]?pool|最大池化", re.I)),
    ("avg_pool", _pattern(r"(?:average|avg|mean)[- ]?pool|平均池化|均值池化", re.I)),
    ("conv", _pattern(r"convolution|conv\d?d|\bconv\b|卷积", re.I)),
)
_CLAUSE = _pattern(
    r"\$\s*(\\?[A-Za-z]+)\s*\$\s*(?:is|为)\s*\$\s*(\w+(?:\s*(?:\\times|×)\s*\w+){0,5})\s*\$"
)
_LISTING = _pattern(r"\s*(?:\\noindent\s*)?(?:Here\b|In\s+this\s+layer\b|其中|该层中)")
_UPSTREAM = _pattern(r"(?:upstream\s+gradient|上游梯度)\s*(?:is\s*|为\s*|记为\s*)?\$\s*(\\?[A-Za-z]+)\s*(?:_|\$)", re.I)
_PADDED = _pattern(
    r"outside\s+(?:its|the|their)\s+range\s+(?:is|are|count\w*)\b|\bpadded\s+with\b|\bpad\w*\s+(?:only\s+)?(?:at|on)\s+the\s+end\b"
    r"|\bceil[_ -]mode\b|超出范围.{0,6}填充|末端填充|上取整模式", re.I
)
_TIES = (
    ("first", _row(r"\btakes?\s+the\s+first\b"), _row(r"\btie\b", r"\bthe\s+first\b"), _row("并列", "第一个")),
    ("all", _row(r"\btie\b", r"\b(?:every|each|all)\b", r"\btied?\b", r"\b(?:whole|full)\b"), _row("并列", "每个|所有|都", "全部|全")),
    ("split", _row(r"\bties?\b", r"\b(?:shared|split|divided)\s+equally\b"), _row("并列", "平分|均分")),
)
"""What is said of a tie: one of the rows of words, in this order."""
_NEGATED = _pattern(r"(?:no|without|无|没有|不)\s*(?:padding|填充|补零)", re.I)


@dataclass(frozen=True)
class Fact:
    """One thing that a line of prose says."""

    what: str
    """``stride``, ``padding``, ``dilation``, ``kernel``, ``input``, ``output``, ``shape``, ``kind``, ``upstream``, ``ties`` or ``padded``."""
    values: tuple[int | str, ...]
    name: str = ""
    offset: int = 0


def facts(text: str) -> Iterator[Fact]:
    """Everything that a line says, with offsets into it."""
    for match in _NAMED.finditer(text):
        sizes = tuple(_value(v.strip("() ")) for v in re.split(r"\\times|×|x|,", match.group(2)))
        if all(v != "" for v in sizes):
            yield Fact("shape", sizes, match.group(1), match.start())
    for pattern in (_IS, _LENGTH):
        for match in pattern.finditer(text):
            yield Fact("shape", tuple(_value(v) for v in re.split(r"\\times|×|x", match.group(2))), match.group(1), match.start())
    if _LISTING.match(text):
        # only a sentence that lists shapes: "$b$ is $3$" elsewhere may be a value
        for match in _CLAUSE.finditer(text):
            yield Fact("shape", tuple(_value(v) for v in re.split(r"\\times|×", match.group(2))), match.group(1), match.start())
    for match in _UPSTREAM.finditer(text):
        if match.group(1) not in ("\\frac", "\\dfrac", "\\tfrac", "\\partial"):
            yield Fact("upstream", (match.group(1),), offset=match.start())
    found = _PADDED.search(text)
    if found is not None:
        yield Fact("padded", (1,), offset=found.start())
    for rule, *rows in _TIES:
        starts = [start for row in rows if (start := _in_order(row, text)) is not None]
        if starts:
            yield Fact("ties", (rule,), offset=min(starts))
            break
    for what, pattern in _NUMBERS.items():
        for match in pattern.finditer(text):
            # "the kernel is 1 there" is no size: only stride, padding and dilation are single numbers
            if what in ("stride", "padding", "dilation") or len(_sizes(match.group(1))) > 1:
                yield Fact(what, _sizes(match.group(1)), offset=match.start())
    for what, pattern in _BEFORE.items():
        for match in pattern.finditer(text):
            if "x" in match.group(1).lower() or "×" in match.group(1) or "times" in match.group(1):
                yield Fact(what, _sizes(match.group(1)), offset=match.start())
    for match in _NEGATED.finditer(text):
        yield Fact("padding", (0,), offset=match.start())
    for kind, pattern in _KINDS:
        found = pattern.search(text)
        if found is not None:
            yield Fact("kind", (kind,), offset=found.start())


def _in_order(words: Iterable[re.Pattern[str]], text: str) -> int | None:
    """Where the first of some words stands, if the others follow in order; one search for each."""
    start, at = None, 0
    for word in words:
        found = word.search(text, at)
        if found is None:
            return None
        start, at = found.start() if start is None else start, found.end()
    return start


def _value(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isdigit() else text


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(v) for v in re.findall(r"\d+", text))
