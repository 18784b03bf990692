"""What the words around an equation make of it besides conditions: that it is false, of another layer, or under an assumption.

Nothing is judged under such words. What is said for certain (``hard``) leaves the equation unread; what may bear on it
(``soft``) leaves it unread unless it holds for the layer as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symderiv.check.context import Context
from symderiv.check.declared import counted_from
from symderiv.check.hazards import against, asked, otherwise, out_of_range, supposed, within
from symderiv.check.lower import names_in
from symderiv.check.prose import facts
from symderiv.check.sentences import OPENING, Element, claims, sentences_of
from symderiv.check.survey import Survey
from symderiv.notes import tree
from symderiv.report_model import Message

_FALSE_LAST = re.compile(
    r"[\s.。,，]*(?:(?:but\s+)?(?:(?:this|that|it|which|the|these|those)(?:\s+\w+){0,2}\s+)?(?:is|was|are|were|seems?)\s+(?:\w+\s+)?(?:wrong|false|untrue|mistaken|absurd|incorrect|not\s+(?:true|right|correct))|(?:上式|上面的?(?:式子|等式)?|这个?(?:式子|等式)?|该式)(?:是)?(?:错误?的?|不对|不成立|不正确))", re.I)
_ANNOUNCED = re.compile(
    r"(?<![A-Za-z])(?:(?:wrong|false|incorrect)\s*[:：?？]?|common\s+(?:mistakes?|errors?)\s*[:：]?)[\s>\d.]*$|(?:哪个|哪些).{0,6}(?:错|不对).{0,4}[?？]\s*$|(?:错误?的?|不对|误区|错误答案)\s*[:：]?[\s>\d.]*$", re.I)
"""A sentence that says of what follows it that it is false."""
_REDEFINED = re.compile(
    r"(?<![A-Za-z{])[A-Z](?:_\{?\w{1,4}\}?)?\$?\s*(?:now\s+)?(?:denotes?|means?|stands?\s+for|表示|记)[^.。;；]{0,40}(?:rotated|flipped|旋转|翻转)"
    r"|(?:now|henceforth|from\s+here(?:\s+on)?)\s*,?\s+\$?\\?[A-Za-z]+(?:_\{?\w{1,4}\}?)?\$?\s+(?:denotes?|stands?\s+for|is\s+the\s+(?:gradient|derivative|error))|(?:suppose|if|assume|say)\s+(?:that\s+)?we\s+(?:flip|rotate)|^with\s+the\s+(?:kernel|filter)\s+(?:rotated|flipped)", re.I)
_SUMMED = re.compile(
    r"(?:run(?:s|ning)?\s+(?:over|from)|sum(?:s|med)?\s+(?:is\s+|are\s+|runs?\s+)?(?:over|from)|只?取\s*\$?\d|求和).{0,24}(?:\d|first|last|diagonal|odd|even|前|后|奇|偶|对角)|(?:sum|求和)[^.。]{0,20}(?:only|just|只|仅)|(?:odd|even)\s+\S{1,12}\s+only|from\s+\d+\s+to\s+\d+|…\s*(?:run\w*\s+over|只?取)\s*…", re.I)
"""A range of a sum in words, which was not taken in."""
_AREA = re.compile(r"(?<![\w.×x])(\d{1,4}|two|three|four|five|six|seven|eight)\s*(?:\\times|×|x|X|[- ]by[- ])\s*(\d{1,4}|two|three|four|five|six|seven|eight)(?![\w×])", re.I)
_WHOLE = re.compile(r"image|picture|input|example|map|exercise|图像|图片|输入|例|换成|改成|变成", re.I)
_CHANGED_BEFORE = re.compile(r"(?:(?<![A-Za-z])(?:minus|plus|times|twice|half(?:\s+of)?)|负的?|倍|乘以?|除以|加上|减去)\s*$", re.I)
_CHANGED_AFTER = re.compile(r"[\s,，(（]*(?:(?:divided|multiplied|times|plus|minus|scaled)(?![A-Za-z])|(?:再|然后|还要)?(?:除以|乘以|加上|减去))", re.I)
_ANOTHER = re.compile(
    r"transposed\s+conv|deconv|depth-?wise|separable|true\s+convolution|real\s+convolution|circular|causal|反卷积|转置卷积|可分离|逐深度|真卷积|真正的卷积|循环卷积|循环边界|周期边界|因果", re.I)
_OTHER = (r"relu|sigmoid|tanh|softmax|(?:batch|layer)[\s-]?norm\w*|normali[sz]ation|activation|non-?linearity|drop-?out|激活|归一化")
_BESIDES = re.compile(
    rf"(?<![A-Za-z\\])(?:weight\s+decay|regulari[sz]\w*|penalt(?:y|ies)|drop-?out|learning\s+rate|momentum|every\s+(?:second|third|other)\s+(?:position|pixel|entry|row|column|step)\w*"
    rf"|(?:weights?|kernels?|filters?|parameters?)\s[^.;]{{0,30}}(?<![A-Za-z])tied|tied\s+(?:weights?|kernels?|filters?|parameters?)|(?:after|before|through|behind|following)\s+(?:an?\s+|the\s+)?(?:{_OTHER})"
    r"|vertical\w*[^.;]{0,40}horizontal|horizontal\w*[^.;]{0,40}vertical|along\s+(?:the\s+)?(?:rows|columns)[^.;]{0,40}along\s+(?:the\s+)?(?:rows|columns)|on\s+the\s+(?:left|right|top|bottom)(?:\s+side)?\s+only)"
    r"|权重衰减|正则|惩罚项|随机失活|学习率|动量|每隔(?:一|1)|(?:经过|通过)(?:ReLU|激活|批归一化)|(?:只|仅)(?:在)?(?:左|右|上|下)(?:侧|边|方)?(?:填充|补)", re.I)
"""Something else takes part: the equation is about more than the layer."""
_ABSENT = re.compile(r"(?<![A-Za-z])(?:no|not|without|never|ignor\w*|omit\w*|neglect\w*|drop\s+the)(?![A-Za-z])|不|无|没有|忽略", re.I)
_PERHAPS = re.compile(
    r"flip|transpos|group(?:ed|s)|global|adaptive|翻转|旋转|分组|全局|relu|sigmoid|tanh|activation|激活|fully\s+connected|全连接|(?:second|next|other|previous|third)\s+layer|第[二三四]层|下一层|另一层"
    , re.I)
_DILATED = re.compile(r"dilat|atrous|空洞|膨胀|扩张", re.I)
_PAD = re.compile(r"(?<![A-Za-z])(?:zero[- ]?)?pad(?:ding|ded)?(?![A-Za-z])|填充|补零", re.I)
_FULL = re.compile(r"full|correlat|全填充|互相关|相关", re.I)
"""Padding that belongs to the backward pass."""
_NO_PAD = re.compile(r"(?:not|n't)\s+(?:need|use|want)\s+(?:any\s+)?padding|(?<![A-Za-z])(?:no|without|valid|unpadded|the\s+same|as\s+before|as\s+above)(?![A-Za-z])|同样|前面|不填充|不补零|无填充|没有填充|无需", re.I)
_STRIDE = re.compile(r"(?<![A-Za-z])strides?(?![A-Za-z])\s*(?:(?:of|be|is|are|to|equals|=)\s*)*(\d+|one|two|three|four)(?![\w])|步[长幅]\s*(?:为|是|=|取|等于|改成|改为)?\s*(\d+|[一二两三四])"
    r"|(?<![A-Za-z])mov(?:es?|ing)\s+(?:by\s+)?(two|three|four|[2-9])(?![\w])|(?:移动|滑动|跳)([二两三四2-9])[格步个]", re.I)
_NUMBERS = {"five": 5, "six": 6, "seven": 7, "eight": 8, "one": 1, "two": 2, "three": 3, "four": 4, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_HEADED = re.compile(rf"{_OTHER}|pooling|池化|fully|dense|linear\s+layer|全连接|recurrent|attention|循环神经|batch\s*norm|归一化", re.I)
_SIZED = re.compile(r"(?:length|size|width|height|长度?|大小|宽|高)\s*(?:of\s*|is\s*|为\s*|是\s*)?\$\s*([A-Za-z])\s*\$", re.I)
_GIVEN = re.compile(r"(?:(?<![A-Za-z])(?:if|since|when|where|with|assum\w*|suppos\w*|because|as|let|provided|for)|若|当|因为|由于|设|假设|其中|如果)\s*$", re.I)
_LIKE = re.compile(r"(?<![A-Za-z])(?:like|unlike|same|similar(?:ly)?|as\s+(?:in|for|with)|analog\w*|compared?)(?![A-Za-z])|一致|相同|类似|一样|同理|不同|相比", re.I)
"""Another layer is named to compare with it."""
_SAME_BUT = re.compile(r"(?:the\s+)?same\s+(?:stride|padding|dilation|kernel|filter|input|image|notation|letters|loss|way|rule|steps?)|(?:步幅|步长|填充|卷积核)(?:相同|不变|一样)", re.I)
"""What stays the same while a size changes."""
_BACK = re.compile(
    r"[\s.。,，>]*(?:this|that|it|the\s+(?:above|last|quot\w+|line|formula|equation|result)|unfortunately|scrap|oops|why\s+is\s+this|(?:eq\w*\.?|equation|formula)\s*\(?\d|更正|这个?|上式|该式|以上|糟糕)", re.I)
_BELOW = re.compile(r"(?<![A-Za-z])(?:below|following|next)(?![A-Za-z])|下式|下面|以下|如下", re.I)
_STRUCK = re.compile(r"(?:<(?:del|s|strike)\b[^>]{0,20}>|~~|\\(?:sout|st|xout)\{)\s*$", re.I)
_FOOTNOTE = re.compile(r"\s?\[\^([\w-]{1,20})\](?!:)")
_BULLET = re.compile(r"\s*(?:[-*+•]|\(?\w{1,3}[.)])(?:\s|$)")
_VALUE = re.compile(r"max|最大|largest|(?<![A-Za-z])zero(?![A-Za-z])|[为是]\s*(?:0|零)", re.I)
_PADDING = re.compile(
    r"(?<![A-Za-z])(?:with|using)\s+(?:zero[- ]?)?padding|padding\s+the\s+input|(?:input|image)\s+is\s+(?:zero[- ])?padded|(?:ring|border|frame)\s+of\s+zeros?|[一两二]圈(?:零|0)|(?:用|加上?|使用|采用).{0,8}填充.{0,3}输入|填充输入|输入.{0,6}填充", re.I)
_OF_GRADIENTS = re.compile(r"(?<![A-Za-z])(?:gradients?|upstream|delta)(?![A-Za-z])|梯度|误差", re.I)
_PART = re.compile(r"patch|window|region|block|sub|crop|slid|pad|full|each|every|neighbo|receptive|窗口|区域|子|块|局部|填充|补零|每个|感受野|滑动", re.I)
"""A size beside these may be that of a part, or of a tensor with zeros around it."""
_CHANNELS = re.compile(r"(?<![A-Za-z])(?:two|three|four|several|multiple|many|multi|[2-9]|\d\d+)[\s-](?:(?:input|output|colou?r)[\s-])?(?:channels?|filters)|(?:多个?|[两三四2-9]个?)(?:输入|输出)?通道", re.I)
_TURNS = re.compile(
    r"\s*(?:(?:now|next|consider|suppose|let|for|with|in\s+the\s+case|assume|take|pad|this\s+time|we\s+(?:pad|surround|append|repeat|take|use|flip|rotate))(?![A-Za-z])|下面|现在|考虑|接下来|对于|若|设|假设|这一?次|把|改|四周)", re.I)


_OF_A_SIGN = re.compile(r"…\s*(?:is|denotes|means|stands\s+for|represents|表示|代表|指|为|是)[^,.;，。；]*(?:convolution|correlation|卷积|互相关)[^,.;，。；]*", re.I)
"""What a sign means is read elsewhere."""


NEAR = 400
"""How many letters of the words beside an equation are looked at."""


@dataclass(frozen=True)
class Premise:
    """Why an equation is not judged (``hard``), or not called false (``soft``)."""

    hard: Message | None = None
    soft: Message | None = None

    def __or__(self, other: Premise) -> Premise:
        return Premise(self.hard or other.hard, self.soft or other.soft)


def premises_around(reading: tree.Reading, found: Survey) -> Mapping[int, Premise]:
    """For each piece (by identity) what the words around it say."""
    result: dict[int, Premise] = {}
    turned: tuple[int, str] | None = None
    assumed: tuple[int, Premise] | None = None
    last = -1
    previous: tree.Span | None = None
    announced = False
    here = 0
    source = reading.source
    sized = frozenset(m.group(1) for m in _SIZED.finditer(reading.source.text))
    for sentence in sentences_of(reading):
        if not sentence:
            turned = assumed = None
            continue
        whole = _texts(sentence)
        whole = whole if len(whole) < 2 * NEAR else whole[:NEAR] + " " + whole[-NEAR:]
        spans = [e for e in sentence if isinstance(e, tree.Span)]
        about = [s for s in spans if claims(s)]
        first = sentence[0] if isinstance(sentence[0], str) else ""
        if previous is not None and not about and (_FALSE_LAST.match(first) or (_BACK.match(first) and against(whole))):
            piece = previous.pieces[-1]
            result[id(piece)] = result.get(id(piece), Premise()) | Premise(Message("the words beside it say that it does not hold"))
        if not about:
            written = " ".join(e if isinstance(e, str) else source.slice(e.place) for e in sentence)[:NEAR]
            if _TURNS.match(first) or any(_sizes_said(written)) or _AREA.search(written) or _STRIDE.search(written) or _REDEFINED.search(written) or counted_from(written) is not None or _BESIDES.search(written) or otherwise(written):
                turned = last, written
        block = about[0].block if about else None
        if assumed is not None and block is not None and block > assumed[0] + 1:
            assumed = None
        for span, before, after in _neighbours(sentence):
            context = found.at(_offset(span))[0]
            premise = _changed(before, after, context) | _sized(span, sized, context) | (assumed[1] if assumed is not None else Premise())
            if context is not None and found.fixed is None:
                premise = premise | _of_layer(before + " " + after, context) | _of_channels(before, context)
                if turned is not None and _start(found, _offset(span)) <= turned[0]:
                    premise = premise | replace(_of_layer(turned[1], context), soft=None) | _redefined(turned[1], context) | _of_channels(turned[1], context)
            if against(before + " … " + after) or asked(source.text[span.place.end : span.place.end + 64]):
                premise = premise | Premise(Message("the words beside it say that it does not hold"))
            if within(before + " " + after):
                premise = premise | Premise(soft=Message("the words beside it restrict it: '%(words)s'", {"words": (after or before)[:60]}))
            if _vanishes(span) and out_of_range(before + " " + after):
                premise = premise | Premise(soft=Message("the words beside it restrict it: '%(words)s'", {"words": (after or before)[:60]}))
            if supposed(before + " " + after):
                premise = premise | Premise(soft=Message("the words before it assume something: '%(words)s'", {"words": before[-60:] or after[:60]}))
            if announced or _STRUCK.search(source.text[max(0, span.place.start - 24) : span.place.start]) or _noted_false(source, span):
                premise = premise | Premise(Message("the words beside it say that it does not hold"))
            for piece in span.pieces:
                result[id(piece)] = premise
        if not about and supposed(whole):
            assumed = max((s.block for s in spans), default=here + 1), Premise(soft=Message("the words before it assume something: '%(words)s'", {"words": whole[:60]}))
        if OPENING.match(first) and not about and spans and _VALUE.search(whole):
            assumed = spans[-1].block, Premise(soft=Message("the words before it assume something: '%(words)s'", {"words": whole[:60]}))
        given = any(_assumes(span) and _GIVEN.search(before) for span, before, _ in _neighbours(sentence))
        if given or (OPENING.match(first) and any(map(_assumes, about))):
            assert block is not None
            assumed = block, Premise(soft=Message("the words before it assume something: '%(words)s'", {"words": whole[:60]}))
            for span in about:
                for piece in span.pieces:
                    result[id(piece)] = result[id(piece)] | assumed[1]
        announced = _announces(sentence, whole) or (announced and _BULLET.match(first) is not None)
        last = spans[-1].place.end if spans else last
        previous = about[-1] if about else None
        here = spans[-1].block if spans else here
    for heading, span in _headed(reading):
        context = found.at(_offset(span))[0]
        if context is None or found.fixed is not None or _start(found, _offset(span)) > heading.place.start:
            continue
        if against(heading.text[:NEAR]):
            premise = Premise(Message("the words beside it say that it does not hold"))
        else:
            premise = Premise()
        premise = premise | replace(_of_layer(heading.text[:NEAR], context, True), soft=None) | _of_channels(heading.text[:NEAR], context)
        for piece in span.pieces:
            result[id(piece)] = result.get(id(piece), Premise()) | premise
    return result


def _announces(sentence: Sequence[Element], whole: str) -> bool:
    """Whether a sentence says of what follows it that it is false; behind an equation only its last words may."""
    at = max((k for k, e in enumerate(sentence) if isinstance(e, tree.Span) and claims(e)), default=-1)
    tail = _texts(sentence[at + 1 :])[-80:] if at >= 0 else whole[-80:]
    if _FALSE_LAST.match(tail if at >= 0 else whole):
        return False
    return _ANNOUNCED.search(tail) is not None or (at < 0 and _BELOW.search(whole) is not None and against(whole))


def _noted_false(source: tree.Source, span: tree.Span) -> bool:
    """Whether the footnote at an equation says that it is false."""
    mark = _FOOTNOTE.match(source.text, span.place.end)
    note = re.search(rf"^\[\^{re.escape(mark.group(1))}\]:[ \t]*(.{{0,200}})", source.text, re.M) if mark else None
    return note is not None and against(note.group(1))


def _offset(span: tree.Span) -> int:
    """Where its first equation begins: a layer that it states is in force from there."""
    return span.pieces[0].place.start if span.pieces else span.place.start


def _start(found: Survey, offset: int) -> int:
    """Where the layer in force at ``offset`` was stated."""
    return max((start for start, _, _ in found.contexts if start <= offset), default=-1)


def _headed(reading: tree.Reading) -> Iterator[tuple[tree.Prose, tree.Span]]:
    """Each span with the heading above it."""
    heading: tree.Prose | None = None
    for item in reading.items:
        if isinstance(item, tree.Span):
            if heading is not None:
                yield heading, item
        elif item.heading:
            heading = item


def _neighbours(sentence: Sequence[Element]) -> Iterator[tuple[tree.Span, str, str]]:
    """Each span with an equation, and the words before and behind it up to the next one."""
    at = [k for k, e in enumerate(sentence) if isinstance(e, tree.Span) and claims(e)]
    for k, place in enumerate(at):
        span = sentence[place]
        assert isinstance(span, tree.Span)
        before = sentence[at[k - 1] + 1 if k else 0 : place]
        yield span, _texts(before)[-NEAR:], _texts(sentence[place + 1 : at[k + 1] if k + 1 < len(at) else None])[:NEAR]


def _texts(elements: Sequence[Element]) -> str:
    return " ".join("".join(e.replace("**", "").replace("__", "") if isinstance(e, str) else " … " for e in elements).split())


def _changed(before: str, after: str, context: Context | None) -> Premise:
    """Words that do something to the equation, give its letters another meaning, or its sum a range."""
    done = _CHANGED_BEFORE.search(before) or _CHANGED_AFTER.match(after)
    if done or any(_REDEFINED.search(text) for text in (before, after)) or _recounted(before + " " + after, context):
        return Premise(Message("the words beside it change it"))
    if any(_SUMMED.search(text) for text in (before, after)):
        return Premise(Message("what the words sum over is not clear"))
    return Premise()


def _redefined(text: str, context: Context) -> Premise:
    """Whether a sentence before gives a letter or the indices another meaning."""
    changed = _REDEFINED.search(text) or _recounted(text, context)
    return Premise(Message("the words before it change what its letters mean")) if changed else Premise()


def _recounted(text: str, context: Context | None) -> bool:
    """Whether words count indices from another number than the notes do."""
    said = counted_from(text)
    return said is not None and context is not None and context.base != said


def _sized(span: tree.Span, sized: frozenset[str], context: Context | None) -> Premise:
    """``an input of length $n$``: the letter is a size, although nothing made it one."""
    if context is None:
        return Premise()
    loose = sized & {n.text for piece in span.pieces for n in names_in(piece.members)} - context.sizes.keys() - context.roles.keys()
    return Premise(soft=Message("%(name)s is a size in the words, which was not taken in", {"name": min(loose)})) if loose else Premise()


def _of_layer(text: str, context: Context, heading: bool = False) -> Premise:
    """Whether words speak of another layer than the one in force."""
    layer, text = context.layer, _OF_A_SIGN.sub("", text)
    kinds = {str(fact.values[0]) for fact in facts(text) if fact.what == "kind"}
    message = Message("the words beside it speak of another layer: '%(words)s'", {"words": " ".join(text.split())[:60]})
    unpadded = all(a.start.constant == a.end.constant == 0 for a in layer.axes)
    undilated = all(a.d.constant == 1 for a in layer.axes)
    if _other_sizes(text, context):
        return Premise(message)
    if not heading and otherwise(text):
        return Premise(message)
    besides = _BESIDES.search(text)
    if besides is not None and not _ABSENT.search(text[max(0, besides.start() - 30) : besides.end() + 20]):
        return Premise(message)
    if layer.axes and kinds and layer.family not in kinds:
        return Premise(soft=message) if _LIKE.search(text) else Premise(message)
    if heading and layer.family == "conv" and _HEADED.search(text):
        return Premise(message)
    strides = {int(x) if x.isdigit() else _NUMBERS[x.lower()] for m in _STRIDE.finditer(text) for x in m.groups() if x}
    if layer.axes and strides and any(a.s.constant not in strides for a in layer.axes):
        return Premise(message)
    if layer.family == "conv" and ((_ANOTHER.search(text) and not layer.flip) or (undilated and _DILATED.search(text))):
        return Premise(message)
    plain = not any(p.search(text) for p in (_OF_GRADIENTS, _NO_PAD, _FULL))
    if layer.axes and unpadded and plain and (_PADDING.search(text) or (_PAD.search(text) and "…" not in text)):
        return Premise(message)
    perhaps = _PERHAPS.search(text) or (_PAD.search(text) and not (unpadded and _NO_PAD.search(text)))
    return Premise(soft=message) if layer.axes and perhaps else Premise()


def _of_channels(text: str, context: Context) -> Premise:
    """Whether words give several channels or filters to a layer that has none."""
    layer = context.layer
    if layer.axes and len(layer.output.shape) == len(layer.axes) and _CHANNELS.search(text):
        return Premise(Message("the words beside it speak of another layer: '%(words)s'", {"words": " ".join(text.split())[:60]}))
    return Premise()


def _sizes_said(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The sizes of an input or a kernel that words give in numbers."""
    if _LIKE.search(_SAME_BUT.sub(" ", text)):
        return
    for fact in facts(text):
        if fact.what in ("input", "kernel", "shape") and not _PART.search(text):
            yield fact.name or fact.what, tuple(v for v in fact.values if isinstance(v, int))


def _other_sizes(text: str, context: Context) -> bool:
    """Whether words give an input or a kernel other sizes than the layer's, where these are numbers."""
    axes = context.layer.axes
    if _WHOLE.search(text) and not _PART.search(text) and not _LIKE.search(_SAME_BUT.sub(" ", text)) and _other_area(text, context):
        return True
    for what, values in _sizes_said(text):
        role = {"input": "I", "kernel": "W"}.get(what) or context.roles.get(what)
        if role not in ("I", "W"):
            continue
        own = [(a.n if role == "I" else a.k).constant for a in axes]
        if len(values) in (1, len(own)) and any(n is not None and n != v for n, v in zip(own, values * len(own), strict=False)):
            return True
    return False


def _other_area(text: str, context: Context) -> bool:
    """Whether ``4x4`` or ``four by four`` is the size of no tensor of the layer, where these are numbers."""
    layer = context.layer
    if len(layer.axes) != 2 or any(f.constant is None for a in layer.axes for f in (a.n, a.k)):
        return False
    own = {tuple(f.constant for f in t.shape[-2:]) for t in layer.tensors}
    said = {tuple(int(x) if x.isdigit() else _NUMBERS[x.lower()] for x in m.groups()) for m in _AREA.finditer(text)}
    return bool(said - own)


def _vanishes(span: tree.Span) -> bool:
    """``$W_{ab} = 0$``."""
    return any(isinstance(piece.members[-1], tree.Number) and piece.members[-1].value == 0 for piece in span.pieces if piece.relations)


def _assumes(span: tree.Span) -> bool:
    """``$W_{11} = 0$``: an entry or a gradient with a number for its value."""
    return any(
        (isinstance(piece.members[0], (tree.Indexed, tree.Derivative)) and isinstance(piece.members[-1], tree.Number))
        or (isinstance(piece.members[0], tree.Name) and isinstance(piece.members[-1], tree.Number) and piece.members[-1].value == 0)
        or (len(piece.members) == 2 and all(isinstance(m, tree.Indexed) and isinstance(m.base, tree.Name) and m.base.gradient is None for m in piece.members))
        for piece in span.pieces if piece.relations and len(piece.members) > 1)
