"""What words say about a layer: shapes, stride, padding, dilation, kernel. Only closed phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SIZE = r"\$?\s*(\d{1,4}(?:\s*(?:\\times|×|x|X|\*)\s*\d{1,4}){0,3})\s*\$?"
_NAMED = re.compile(
    r"(\\?[A-Za-z]+(?:_\{?\w+\}?)?|[Α-ω])\s*\$?\s*"
    r"(?:has\s+(?:the\s+)?(?:shape|size)|is\s+of\s+(?:shape|size)|has\s+dimensions?|的?形状[为是:：]|的?大小[为是:：]|的?尺寸[为是:：]"
    r"|\\in\s*\\mathbb\s*\{?R\}?\s*\^|∈\s*(?:ℝ|R)\s*\^?|的?形状为)\s*\{?\(?"
    r"\$?\s*(\w{1,6}(?:\s*(?:\\times|×|x|,)\s*\w{1,6}){0,4})",
)
_IS = re.compile(
    r"(?<![A-Za-z\\])([A-Z])\s*\$?\s*(?:is|为|是)\s*\$?\s*(\d{1,4}(?:\s*(?:\\times|×|x)\s*\d{1,4}){1,4})"
)
_LENGTH = re.compile(r"(?<![A-Za-z\\])([A-Z])\s*\$?\s*(?:has\s+length|of\s+length|长度?为)\s*\$?\s*(\d{1,4})")
_NUMBERS = {
    "stride": re.compile(rf"(?:\bstrides?\b|步[长幅])\s*(?:of|is|=|为|是|:|：|\$?\s*s\s*=)?\s*(?:of\s*)?{SIZE}", re.I),
    "padding": re.compile(rf"(?:\b(?:zero[- ]?)?padding\b|(?:零?填充|补零))\s*(?:of|is|=|为|是|:|：|\$?\s*[pP]\s*=)?\s*{SIZE}", re.I),
    "dilation": re.compile(rf"(?:\bdilation\b|膨胀率?|空洞率|扩张率)\s*(?:rate)?\s*(?:of|is|=|为|是|:|：|\$?\s*d\s*=)?\s*{SIZE}", re.I),
    "kernel": re.compile(rf"(?:\b(?:kernels?|filters?|windows?|pool(?:ing)? size)\b|卷积核|池化核|滤波器|窗口)\s*(?:size)?\s*(?:of|is|=|为|是|大小为|:|：)?\s*{SIZE}", re.I),
    "input": re.compile(rf"(?:\binput\b|输入)\s*(?:size|大小|尺寸)?\s*(?:of|is|=|为|是|:|：)?\s*{SIZE}", re.I),
    "output": re.compile(rf"(?:\boutput\b|输出)\s*(?:size|大小|尺寸)?\s*(?:of|is|=|为|是|:|：)?\s*{SIZE}", re.I),
}
_BEFORE = {
    "kernel": re.compile(rf"{SIZE}\s*(?:的\s*)?(?:kernel|filter|window|卷积核|池化核|窗口|max[- ]?pool|(?:最大|平均)?池化|convolution|卷积)", re.I),
    "input": re.compile(rf"{SIZE}\s*(?:的\s*)?(?:input|输入)", re.I),
    "output": re.compile(rf"{SIZE}\s*(?:的\s*)?(?:output|输出)", re.I),
}
_KINDS = (
    ("max_pool", re.compile(r"max[- ]?pool|最大池化", re.I)),
    ("avg_pool", re.compile(r"(?:average|avg|mean)[- ]?pool|平均池化|均值池化", re.I)),
    ("conv", re.compile(r"convolution|conv\d?d|\bconv\b|卷积", re.I)),
)
_NEGATED = re.compile(r"(?:no|without|zero|无|没有|不)\s*(?:padding|填充|补零)", re.I)


@dataclass(frozen=True)
class Fact:
    """One thing that a line of prose says."""

    what: str
    """``stride``, ``padding``, ``dilation``, ``kernel``, ``input``, ``output``, ``shape``, ``kind`` or ``convention``."""
    values: tuple[int | str, ...]
    name: str = ""
    offset: int = 0


def facts(text: str) -> Iterator[Fact]:
    """Everything that a line says, with offsets into it."""
    for match in _NAMED.finditer(text):
        sizes = tuple(_value(v) for v in re.split(r"\\times|×|x|,", match.group(2)))
        if all(isinstance(v, int) or re.fullmatch(r"[A-Za-z]\w?", v) for v in sizes):
            yield Fact("shape", sizes, match.group(1), match.start())
    for pattern in (_IS, _LENGTH):
        for match in pattern.finditer(text):
            yield Fact("shape", _sizes(match.group(2)), match.group(1), match.start())
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


def _value(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isdigit() else text


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(v) for v in re.findall(r"\d+", text))
