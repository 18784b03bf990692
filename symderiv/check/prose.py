"""What words say about a layer: shapes, stride, padding, dilation, kernel. Only closed phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


def _pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern whose blanks are bounded, so that a long run of them is not tried over and over."""
    return re.compile(text.replace(r"\s*", r"\s{0,20}").replace(r"\s+", r"\s{1,20}"), flags)


def _row(*words: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(word, re.I) for word in words)


SIZE = r"\$?\s*(\d{1,4}(?:\s*(?:\\times|×|x|X|\*)\s*\d{1,4}){0,3}|[(（]\s*\d{1,4}(?:\s*[,，]\s*\d{1,4}){1,2}\s*[)）])\s*\$?"
_SIZE_NAME = r"(?:\d{1,5}|[A-WYZa-wyz](?:_\{?\w\}?|\d)?)"
_NAMED = _pattern(
    r"(?<![A-Za-z])(\\?[A-Za-z]{1,40}(?:_\{?\w{1,40}\}?)?(?:\^\{?\(?l(?:\s*[-+]\s*\d)?\)?\}?)?|[Α-ω])\s*\$?\s*"
    r"(?:has\s+(?:the\s+)?(?:shape|size)|(?:is|be|are)\s+of\s+(?:the\s+)?(?:shape|size)|be\s+an?\s+(?=\$?\s*\d+\s*(?:\\times|×|x))|has\s+dimensions?|的?形状[为是:：]|的?大小[为是:：]|的?尺寸[为是:：]"
    r"|\\in\s*\\mathbb\s*\{?R\}?\s*\^|∈\s*(?:ℝ|R)\s*\^?|的?形状为)\s*\{?\(?"
    rf"\$?\s*(\(\s*{_SIZE_NAME}(?:\s*,\s*{_SIZE_NAME}){{1,4}}\s*\)|{_SIZE_NAME}(?:\s*(?:\\times|×|x)\s*{_SIZE_NAME}){{0,4}})(?![A-Za-z0-9_])",
)
_LETTER = r"(?:\\(?:mathbf|boldsymbol|bm|mathit)\s*\{?\s*)?(?<![A-Za-z])([A-Za-z])\}?"
_MANY = r"\d{1,4}(?:\s*(?:\\times|×|x)\s*\d{1,4}){1,4}(?![A-Za-z0-9_])"
_IS = _pattern(rf"(?<![A-Za-z\\]){_LETTER}\s*\$?\s*(?:(?:is|be)\s+(?:an?\s+)?|为|是|[(（])\s*\$?\s*({_MANY})")
_BIAS = _pattern(rf"(?:\bbias\b|偏置)\s*(?:为)?\s*\$\s*{_LETTER}\s*(?=\$)", re.I)
_OTHER_LAYER = _pattern(
    r"transpos|deconv|fraction|depth-?wise|separable|group(?:ed|s)|dilated|atrous|true\s+convolution|flip|causal|global|adaptive|circular|spatial pyramid"
    r"|反卷积|转置|逐深度|深度|可分离|分组|空洞卷积|膨胀卷积|全局|自适应|因果|翻转|旋转", re.I)
"""Words that make another layer of a convolution or a pooling, beyond sizes."""
_GEOMETRY = {"stride": _pattern(r"\bstrides?\b|步[长幅]", re.I), "padding": _pattern(r"\b(?:padding|padded)\b|填充|补零", re.I),
             "dilation": _pattern(r"\bdilation\b|膨胀率?|空洞率?|扩张率?", re.I)}
_TENSOR = {
    "I": r"(?<![A-Za-z])(?:inputs?|images?|signals?|feature\s+maps?|sequences?)(?![A-Za-z])|输入|图像|信号|序列",
    "W": r"(?<![A-Za-z])(?:kernels?|filters?|weights?)(?![A-Za-z])|卷积核|滤波器|核|权重",
    "O": r"(?<![A-Za-z])(?:outputs?)(?![A-Za-z])|输出",
}
_NAMING = {
    role: _pattern(rf"(?:{words})(?:\s+(?:matrix|map|image|vector|tensor|矩阵))?\s*[,，]?\s*\$\s*{_LETTER}\s*(?=\$|=|\\in|\\times)", re.I)
    for role, words in _TENSOR.items()
}
_GIVES = _pattern(rf"(?:(?<![A-Za-z])(?:gives|yields|produces|to)(?![A-Za-z])|得到|得)\s*(?:the\s+)?\$\s*{_LETTER}\s*(?=\$)", re.I)
_PLAIN_EQUATION = _pattern(r"(?<![A-Za-z0-9_$\\])([A-Za-z])\s*=\s*([A-Za-z])\s*[*∗⋆]\s*([A-Za-z])(?![A-Za-z0-9_(\[$])")
_NEXT = r"\s*\$?\s*(?:的\s*)?(?:kernel|filter|window|convol|pool|output|input|image|卷积|核|滤波|窗口|池化|输出|输入|图像)"
"""``an input $x$, 2x2 kernel``: the size of what follows it."""
_APPOSED = {
    role: _pattern(rf"(?:{words})\s*\$\s*{_LETTER}\s*\$\s*[,，(（]?\s*(?:(?:is|be|has|为|是)\s+(?:an?\s+)?)?(?:of\s+(?:size|shape)\s+)?\$?\s*({_MANY})(?!{_NEXT})", re.I)
    for role, words in _TENSOR.items()
}
_BESIDE = _pattern(rf"(?<![A-Za-z0-9.\\])(?<!\d )([B-Zb-z])\$?\s*[:：]?\s*\$?\s*({_MANY})(?!{_NEXT})")
"""``x: 3x3`` and ``kernel w 2x2``; the article is no letter."""
_LENGTH = _pattern(
    rf"(?<![A-Za-z\\])(\\?[A-Za-z]+)\s*\$?\s*(?:has\s+length|of\s+length|的?长度?[为是])\s*\$?\s*({_SIZE_NAME})(?![A-Za-z0-9_])"
)
_SIZED = r"(?:(?:的?(?:大小|尺寸))?\s*(?:of\s+(?:size\s+)?|(?:is|be)\s+(?:of\s+size\s+)?|=|改?为|是|:|：)?)\s*"
_LONG = {
    "input": re.compile(r"(?:\b(?:input|signal|sequence|vector|array)\b|输入|信号|序列|向量)[^.;。；,，\d]{0,16}?(?:length|长度?)\s*(?:of|is|=|为|是)?\s*\$?\s*(\d{1,4})(?![\d×x])", re.I),
    "kernel": re.compile(r"(?:\b(?:kernel|filter|window)\b|卷积核|滤波器|核|窗口)[^.;。；,，\d]{0,16}?(?:length|width|size|长度?|宽度?|大小)\s*(?:of|is|=|为|是)?\s*\$?\s*(\d{1,4})\s*\$?(?!\s*(?:[\d×x]|\\times))", re.I),
}
_OF_LENGTH = r"(?:\s+(?:of|has|is|have|with|size|length|width|a|an))*(?:的?(?:长度?|大小|宽度?)[为是]?)?\s*"
_LETTERED = {
    what: _pattern(rf"(?:{words}){_OF_LENGTH}\$\s*[A-Za-z]\s*=\s*(\d{{1,4}})\s*\$", re.I)
    for what, words in (("input", r"(?<![A-Za-z])(?:input|signal|sequence|vector)(?![A-Za-z])|输入|信号|序列|向量"), ("output", r"(?<![A-Za-z])output(?![A-Za-z])|输出"),
                        ("kernel", r"(?<![A-Za-z])(?:kernel|filter|window)(?![A-Za-z])|卷积核|滤波器|窗口"))
}
"""``the input has $n = 5$ entries``."""
_HAS = _pattern(
    r"(?<![A-Za-z])(?:inputs?|signals?|sequences?)\s+(?:of|has|have|with)\s+(?:an?\s+)?(?:size\s+|length\s+)?(?:of\s+)?\$?(\d{1,4})\$?(?:\s+(?:entries|elements|samples|numbers))?\s*,?\s*(?:and\s+)?(?:an?\s+|the\s+)?"
    r"(?:kernel|filter|window)\s+(?:of\s+|has\s+|with\s+)?(?:an?\s+)?(?:size\s+|length\s+)?(?:of\s+)?\$?(\d{1,4})\$?(?!\s*(?:[\d×x.]|\\times|channels?|filters?))", re.I)
"""``an input of size 5 and a kernel of size 3``."""
_LETTER_OF = {
    what: _pattern(rf"\$\s*[A-Za-z]\s*=\s*(\d{{1,4}})\s*\$\s*,?\s*(?:(?:is|being|denotes|for)\s+)?(?:the\s+)?(?:side|size|width|height|length)\s+of\s+the\s+(?:{words})", re.I)
    for what, words in (("input", "inputs?|images?|signal|sequence"), ("kernel", "kernel|filter|window"))
}
"""``$n = 5$ is the side of the input``."""
_NAMED_LENGTH = {
    what: _pattern(rf"(?:{words})(?:\s+(?:of|has|with))?(?:\s*(?:length|size|width)|的?(?:长度?|大小|宽度?))(?:\s+(?:of|is)|为|是)?\s*\$\s*([A-WYZa-wyz])\s*\$", re.I)
    for what, words in (("input", r"(?<![A-Za-z])(?:input|signal|sequence)(?![A-Za-z])|输入|信号|序列"),
                        ("kernel", r"(?<![A-Za-z])(?:kernel|filter|window)(?![A-Za-z])|卷积核|滤波器|窗口"))
}
"""``an input of length $n$``."""
_PLANES = _pattern(rf"(?<!output )(?:channels?\s*,?\s*(?:each\s+)?of\s+(?:size\s+)?|通道，?(?:每个)?(?:的)?(?:大小|尺寸)?(?:为|是)?\s*){SIZE}", re.I)
"""``2 channels of size 4x4``."""
_LENGTHS = re.compile(
    r"(?:\blength\b|长度?|\binput(?:\s+size)?\b|输入(?:大小|尺寸)?)\s*(?:of|is|=|为|是)?\s*\$?(\d{1,4})\$?\s*[,，;；和及]?\s*(?:and\s+)?(?:an?\s+)?(?:kernel|filter|(?:pooling\s+)?window|卷积核|核|窗口)\s*(?:size|长度?|大小)?\s*(?:of|is|=|为|是)?\s*\$?(\d{1,4})(?!\s*\$?\s*(?:[\d×x]|\\times))", re.I)
_COUNTS = {
    "channels": re.compile(r"(?<![\d.])(?<!×)(?<!× )(?<!x)(?<!times )(?<!times)(\d{1,4})\s*\$?\s*(?:input[- ]channels?|channels?(?!\s+of\s+the\s+output)|个?(?:输入)?通道)", re.I),
    "filters": re.compile(r"(?<![\d.])(?<!×)(?<!× )(?<!x)(?<!times )(?<!times)(\d{1,4})\s*\$?\s*(?:output[- ]channels?|filters|kernels|个?输出通道|个(?:卷积核|滤波器))", re.I),
}
_COUNTED = {
    "channels": re.compile(r"(?:输入)?(?<!输出)通道数?(?:为|是|[:：=])?\s*\$?(\d{1,4})|(?<!output )channels?\s*(?:=|:|of|is)\s*\$?(\d{1,4})(?!\s*[×x\d])", re.I),
    "filters": re.compile(r"(?:输出通道|卷积核|滤波器)(?:个?数)(?:为|是|[:：=])?\s*\$?(\d{1,4})|output\s+channels?\s*(?:=|:|of|is)\s*\$?(\d{1,4})(?!\s*[×x\d])", re.I),
    "batch": re.compile(r"(?:batch(?:\s+size)?|批(?:量|次)?(?:大小)?)\s*(?:of|is|=|:|为|是)?\s*\$?(\d{1,4})(?!\s*[×x\d])", re.I),
}
"""The number behind the word."""
_NUMBERS = {
    "stride": _pattern(rf"(?:\bstrides?\b|步[长幅])\s*(?:of|is|=|为|是|:|：|\$?\s*s\s*=)?\s*(?:of\s*)?{SIZE}", re.I),
    "padding": _pattern(rf"(?:\b(?:zero[- ]?)?padding\b|(?:零?填充|补零))\s*(?:of|is|=|为|是|:|：|\$?\s*[pP]\s*=)?\s*{SIZE}", re.I),
    "dilation": _pattern(rf"(?:\bdilation\b|膨胀率?|空洞率?|扩张率?)\s*(?:rate)?\s*(?:of|is|=|为|是|:|：|\$?\s*d\s*=)?\s*{SIZE}", re.I),
    "kernel": _pattern(rf"(?:\b(?:kernels?|filters?|windows?|pool(?:ing)? size)\b|卷积核|池化核|滤波器|窗口)\s*(?:size)?\s*{_SIZED}{SIZE}", re.I),
    "input": _pattern(rf"(?:\b(?:input|image)\b|输入|图像)\s*(?:size)?\s*{_SIZED}{SIZE}", re.I),
    "output": _pattern(rf"(?:\boutput\b|输出)\s*(?:size)?\s*{_SIZED}{SIZE}", re.I),
}
_BEFORE = {
    "kernel": _pattern(rf"{SIZE}\s*(?:的\s*)?(?:kernel|filter|window|卷积核|滤波器|池化核|窗口|(?:max|average|avg|mean)[- ]?pool|(?:最大|平均|均值)?池化|convolution|卷积)", re.I),
    "input": _pattern(rf"{SIZE}\s*(?:的\s*)?(?:(?:grey\s*scale\s+|gray\s*scale\s+)?image|input|输入|图像)", re.I),
    "output": _pattern(rf"{SIZE}\s*(?:的\s*)?(?:output|输出)", re.I),
}
_BY_NAME = r"\$\s*([A-WYZa-wyz](?:_\{?\w\}?)?(?:\s*(?:\\times|×)\s*[A-WYZa-wyz](?:_\{?\w\}?)?){1,2})\s*\$"
_OF_NAMES = {
    what: (_pattern(rf"(?:{words})\s*(?:size)?\s*{_SIZED}{_BY_NAME}", re.I), _pattern(rf"{_BY_NAME}\s*(?:的\s*)?(?:{words})", re.I))
    for what, words in (("input", r"(?<![A-Za-z])(?:input|image)(?![A-Za-z])|输入|图像"), ("output", r"(?<![A-Za-z])output(?![A-Za-z])|输出"),
                        ("kernel", r"(?<![A-Za-z])(?:kernel|filter|window)s?(?![A-Za-z])|卷积核|滤波器|窗口"))
}
"""Sizes by letters, ``an $n \\times n$ input``; only in mathematics."""
_KINDS = (
    ("max_pool", _pattern(r"max[- ]?pool|最大池化", re.I)),
    ("avg_pool", _pattern(r"(?:average|avg|mean)[- ]?pool|平均池化|均值池化", re.I)),
    ("conv", _pattern(r"convolution|convolv|conv\d?d|\bconv\b|卷积", re.I)),
)
_SIZE_WORD = re.compile(r"size|shape|大小|尺寸|=|[为是]", re.I)
_CLAUSE = _pattern(
    r"\$\s*(?:\\(?:mathbf|boldsymbol|bm)\{|\{)?(\\?[A-Za-z]+(?:_(?:\{[A-Za-z0-9]{1,12}\}|[A-Za-z0-9]))?)\}?\s*\$\s*(?:is|为)\s*\$\s*(\w+(?:\s*(?:\\times|×)\s*\w+){0,5})\s*\$"
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
_NEGATED = _pattern(r"(?:\bno|\bwithout|(?<!the )\bvalid|[\"'‘“`]valid[\"'’”`]|无|没有|不)\s*(?:zero[- ])?(?:padding|填充|补零)|\bpadding\s*(?:=|is|:)\s*[\"'‘“`]?valid\b", re.I)
_SAME = _pattern(
    r"(?<!the )(?<![A-Za-z])[\"'‘“`]?same[\"'’”`]?[- ]?(?:zero[- ])?padding|\bpadding\s*(?:=|is|:)\s*[\"'‘“`]?same\b"
    r"|(?<!the )[\"'‘“`]?same[\"'’”`]?\s*(?:convolution|填充|卷积|模式)|填充(?:方式)?(?:为|是|：)\s*[\"'‘“`]?same", re.I)
_OTHER_PADS = _pattern(
    r"(?<![A-Za-z])(circular|cyclic|periodic|reflect(?:ion|ive)?|replicat(?:e|ion)|mirror(?:ed)?)\s+padding|(循环|周期|反射|镜像|复制)填充", re.I)


SAME = "same"
"""Padding that keeps the size: (k-1)/2 for an odd kernel at stride 1."""


@dataclass(frozen=True)
class Fact:
    """One thing that a line of prose says."""

    what: str
    """``stride``, ``padding``, ``dilation``, ``kernel``, ``input``, ``output``, ``channels``, ``filters``, ``shape``, ``name``, ``kind``, ``other``, ``upstream``, ``ties`` or ``padded``."""
    values: tuple[int | str, ...]
    name: str = ""
    offset: int = 0


_NEEDED: dict[re.Pattern[str], tuple[str, ...]] = {
    _NAMED: ("shape", "size", "be", "dimension", "形状", "大小", "尺寸", "\\in", "∈"),
    _LENGTH: ("length", "长"), _NEGATED: ("padding", "填充", "补零"), _SAME: ("same",), _PADDED: ("range", "pad", "ceil", "填充", "上取整"),
    _OTHER_PADS: ("padding", "填充"),
    _LENGTHS: ("length", "长", "input", "输入"), _LONG["input"]: ("length", "长"), _LONG["kernel"]: ("kernel", "filter", "window", "核", "滤波器", "窗口"),
    _PLANES: ("channel", "通道"), **{pattern: ("length", "size", "width", "长", "大小", "宽") for pattern in _NAMED_LENGTH.values()},
    _COUNTED["channels"]: ("channel", "通道"), _COUNTED["filters"]: ("channel", "数"), _COUNTED["batch"]: ("batch", "批"),
    _COUNTS["channels"]: ("channel", "通道"), _COUNTS["filters"]: ("channel", "filter", "kernel", "通道", "卷积核", "滤波器"),
    _BEFORE["kernel"]: ("kernel", "filter", "window", "核", "滤波器", "窗口", "pool", "池化", "convol", "卷积"),
    _BEFORE["input"]: ("image", "input", "输入", "图像"), _BEFORE["output"]: ("output", "输出"),
    **{pattern: ("pool", "池化") for kind, pattern in _KINDS if kind != "conv"},
}
"""Words of which one is in whatever a dear pattern finds: looking for them costs little."""


class _Line:
    """A line of prose, searched only for what its words allow."""

    def __init__(self, text: str) -> None:
        self.text, self.folded = text, text.casefold()

    def may_match(self, pattern: re.Pattern[str]) -> bool:
        return pattern not in _NEEDED or any(word in self.folded for word in _NEEDED[pattern])

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.search(self.text) if self.may_match(pattern) else None

    def every(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        return pattern.finditer(self.text) if self.may_match(pattern) else iter(())


def key_of(fact: Fact) -> str:
    """Under which key a fact is kept: shapes and names by what they are of."""
    if fact.what == "shape":
        return f"shape {fact.name}"
    return f"name {fact.values[0]}" if fact.what == "name" else fact.what


def facts(text: str) -> Iterator[Fact]:
    """Everything that a line says, with offsets into it."""
    line = _Line(text)
    for match in line.every(_NAMED):
        sizes = tuple(_value(v.strip("() ")) for v in re.split(r"\\times|×|x|,", match.group(2)))
        if all(v != "" for v in sizes):
            yield Fact("shape", sizes, match.group(1), match.start())
    for role, pattern in _NAMING.items():
        for match in line.every(pattern):
            yield Fact("name", (role,), match.group(1), match.start())
    for match in line.every(_GIVES):
        yield Fact("name", ("O",), match.group(1), match.start())
    digits = re.search(r"\d", text) is not None
    for pattern in _APPOSED.values() if digits else ():
        for match in line.every(pattern):
            yield Fact("shape", _extents(match.group(2)), match.group(1), match.start())
    equation = line.search(_PLAIN_EQUATION)
    if equation is not None:
        for role, letter in zip("OIW", equation.groups(), strict=True):
            yield Fact("name", (role,), letter, equation.start())
    yield from _one_axis(line) if digits else ()
    for what, pattern in _COUNTS.items() if digits else ():
        for match in line.every(pattern):
            yield Fact(what, (int(match.group(1)),), offset=match.start())
    for what, pattern in _COUNTED.items() if digits else ():
        for match in line.every(pattern):
            yield Fact(what, (int(next(g for g in match.groups() if g)),), offset=match.start())
    for pattern in (_IS, _BESIDE, _LENGTH) if digits else (_LENGTH,):
        for match in line.every(pattern):
            yield Fact("shape", _extents(match.group(2)), match.group(1), match.start())
    if _LISTING.match(text):
        # only a sentence that lists shapes: "$b$ is $3$" elsewhere may be a value
        for match in line.every(_CLAUSE):
            yield Fact("shape", _extents(match.group(2)), match.group(1), match.start())
    for match in line.every(_UPSTREAM):
        if match.group(1) not in ("\\frac", "\\dfrac", "\\tfrac", "\\partial"):
            yield Fact("upstream", (match.group(1),), offset=match.start())
    found = line.search(_PADDED)
    if found is not None:
        yield Fact("padded", (1,), offset=found.start())
    for rule, *rows in _TIES:
        starts = [start for row in rows if (start := _in_order(row, text)) is not None]
        if starts:
            yield Fact("ties", (rule,), offset=min(starts))
            break
    for what, pattern in _NUMBERS.items() if digits else ():
        for match in line.every(pattern):
            # "the kernel is 1 there" is no size: only stride, padding and dilation are single numbers
            named = what == "kernel" and match.group(1).startswith(("(", "（")) and not _SIZE_WORD.search(match.group())
            if not named and (what in ("stride", "padding", "dilation") or len(_sizes(match.group(1))) > 1):
                yield Fact(what, _sizes(match.group(1)), offset=match.start())
    for what, pattern in _BEFORE.items() if digits else ():
        for match in line.every(pattern):
            if "x" in match.group(1).lower() or "×" in match.group(1) or "times" in match.group(1):
                yield Fact(what, _sizes(match.group(1)), offset=match.start())
    for match in line.every(_HAS) if digits else ():
        yield Fact("input", (int(match.group(1)),), offset=match.start())
        yield Fact("kernel", (int(match.group(2)),), offset=match.start())
    for what, pattern in _LETTERED.items() if digits else ():
        for match in line.every(pattern):
            yield Fact(what, (int(match.group(1)),), offset=match.start())
    for what, pattern in _LETTER_OF.items() if digits and "$" in text else ():
        for match in line.every(pattern):
            yield Fact(what, (int(match.group(1)),), offset=match.start())
    for match in line.every(_PLANES) if digits else ():
        if len(_sizes(match.group(1))) > 1:
            yield Fact("input", _sizes(match.group(1)), offset=match.start())
    for what, pattern in _NAMED_LENGTH.items() if "$" in text else ():
        for match in line.every(pattern):
            yield Fact(what, (match.group(1),), offset=match.start())
    for what, patterns in _OF_NAMES.items() if "$" in text else ():
        for match in (m for p in patterns for m in line.every(p)):
            yield Fact(what, _extents(match.group(1)), offset=match.start())
    for match in line.every(_NEGATED):
        yield Fact("padding", (0,), offset=match.start())
    for match in line.every(_SAME):
        yield Fact("padding", (SAME,), offset=match.start())
    for match in line.every(_OTHER_PADS):
        yield Fact("padding", ((match.group(1) or match.group(2)).lower(),), offset=match.start())
    other = line.search(_OTHER_LAYER)
    if other is not None:
        yield Fact("other", (other.group().lower(),), offset=other.start())
    for match in line.every(_BIAS):
        yield Fact("name", ("b",), match.group(1), match.start())
    for kind, pattern in _KINDS:
        found = line.search(pattern)
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


def unclear(text: str, found: Sequence[Fact]) -> bool:
    """Whether stride, padding or dilation is spoken of with no number that was read."""
    told = {fact.what for fact in found}
    return any(pattern.search(text) and what not in told for what, pattern in _GEOMETRY.items())


def _one_axis(line: _Line) -> Iterator[Fact]:
    """``length 4, kernel 2``: single numbers are sizes only where a length is spoken of."""
    both = line.search(_LENGTHS)
    if both is not None:
        yield Fact("input", (int(both.group(1)),), offset=both.start())
        yield Fact("kernel", (int(both.group(2)),), offset=both.start())
        return
    found = {what: line.search(pattern) for what, pattern in _LONG.items()}
    if found["input"] is not None:
        for what, match in found.items():
            if match is not None:
                yield Fact(what, (int(match.group(1)),), offset=match.start())


def _value(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isdigit() else text


def _extents(text: str) -> tuple[int | str, ...]:
    """Sizes or their names: ``3 \\times n``."""
    return tuple(_value(v) for v in re.split(r"\\times|×|(?<=\d)\s*x\s*(?=\d)", text))


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(v) for v in re.findall(r"\d+", text))
