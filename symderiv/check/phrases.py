"""The closed lists of words that a condition may be made of; anything else is not understood."""

from __future__ import annotations

import re
from typing import Literal

MOST_LENGTH = 200
"""Longer words are no phrase of these lists."""
Phrase = Literal["maximum", "not maximum", "otherwise", "joint", "apart", "summed", "remark", "unknown"]

_NOT = re.compile(r"不是|非|没有|\bnot\b|\bisn'?t\b|未", re.I)
_MAXIMUM = re.compile(
    r"(?:该|这个|此|对应|the\s+|this\s+|it\s+|its\s+|that\s+)*"
    r"(?:(?:不是|非|没有|未|是|为|在|was\s+|is\s+|at\s+|not\s+|isn'?t\s+|attains\s+)*)"
    r"(?:the\s+|a\s+|(?:其|它)?(?:所在|对应)?的?(?:该|这个|池化)*窗口(?:中|内|里)?的?|取到?|取得)*"
    r"(?:最大值?|max(?:imum|imal)?|largest|greatest|argmax)"
    r"(?:\s*(?:的?(?:位置|元素|点|值|处)|position|element|entry|value|location)?)"
    r"(?:\s*(?:of|in)\s+(?:the|its|a|any)\s+window|时)?",
    re.I,
)
_OTHERWISE = re.compile(r"otherwise|else|elsewhere|o\.w\.|(?:在?其[他它余](?:情况|位置|元素|处|地方)?)|否则|不然", re.I)
_JOINT = re.compile(
    r"if|when|whenever|where|with|for|for all|for any|for every|for each|and|provided(?: that)?|such that|s\.?t\.?|subject to|"
    r"若|当|如果|其中|对|对于|对所有的?|对于所有的?|任意|且|并且|满足|时|在",
    re.I,
)
_APART = re.compile(
    r"(?:(?:the|that|pooling)\s+)*windows?\s+(?:(?:do|does|did)\s*(?:not|n't)|never)\s+overlap|(?:the\s+)?windows\s+are\s+(?:disjoint|non-?overlapping)|(?:there\s+is\s+)?no\s+overlap"
    r"|(?:各|池化)?(?:池化)?窗口(?:之间|彼此|互相|相互)?(?:不|互不|没有|无)(?:相互)?重叠|不重叠", re.I)
_SUMMED = re.compile(
    r"(?:and\s+|then\s+)?(?:sum(?:med|ming)?|add(?:ed)?\s+up|(?:where\s+|with\s+)?(?:the\s+)?sum(?:mation)?\s+(?:is\s+(?:taken\s+)?|runs?\s+|running\s+|goes\s+|extends\s+))\s*over\s+(?:all\s+)?(?:the\s+)?(?:outputs?|windows?)(?:\s+positions?|\s+entries|\s+elements)?"
    r"|(?:using\s+|by\s+|with\s+)?(?:the\s+)?einstein(?:['’]s)?\s+(?:summation|sum|notation|convention)(?:\s+convention)?|爱因斯坦求和(?:约定|记号)?"
    r"|(?:并|再)?对?(?:所有|全部|每个)?的?(?:输出|窗口)(?:位置|元素)?求和", re.I)
_REMARK = re.compile(
    r"[(（\[]?\s*(?:(?:by|from|using|with|via|use|apply(?:ing)?)\s+)?(?:the\s+)?(?:chain\s+rule|forward\s+(?:pass|formula|equation)|product\s+rule|linearity|definition(?:\s+of\s+\w+)?"
    r"|substitut(?:e|ing|ion)|simplif(?:y|ying|ied)|expand(?:ing|ed)?|rearrang(?:e|ing|ed)|collect(?:ing)?(?:\s+terms)?|链式法则|前向公式|前向传播|定义|由定义|代入|化简|展开|整理|合并)\s*[)）\]]?", re.I)
"""Why a step holds: it restricts nothing."""
_LEAD = re.compile(r"^(?:if|when|where|for|若|当|如果|对于?)\s*(?:it\s+)?", re.I)
_TAIL = re.compile(r"(?:时|的时候|则|then)$", re.I)


def phrase(words: str) -> Phrase:
    """What words say: nothing is guessed from a part of them."""
    text = words.strip().strip(",;:，；：。. ").strip()
    if len(text) > MOST_LENGTH:
        return "unknown"
    if not text or _JOINT.fullmatch(text):
        return "joint"
    if _OTHERWISE.fullmatch(text):
        return "otherwise"
    bare = _TAIL.sub("", _LEAD.sub("", text).strip().strip(",，").strip()).strip()
    if _MAXIMUM.fullmatch(bare):
        return "not maximum" if _NOT.search(bare) else "maximum"
    if _APART.fullmatch(bare):
        return "apart"
    if _SUMMED.fullmatch(bare):
        return "summed"
    if _REMARK.fullmatch(text):
        return "remark"
    return "unknown"


_CONDITION = re.compile(r"(?:若(?!干)|如果|(?<![相应恰适])当(?![前然作做成])|(?<![A-Za-z])(?:if|when|whenever|provided)(?![A-Za-z]))(.*)$", re.I | re.S)

_THEN = re.compile(r"(?:则|那么|有|then|we have|we get)$", re.I)
BLANK = ",，:： \t\r\n\f\v\u00a0\u3000"


def without_then(text: str) -> str:
    """The words of a condition without what only leads on to its consequence."""
    return _THEN.sub("", text.rstrip(BLANK)).rstrip(BLANK)


def prose_condition(text: str) -> str | None:
    """The condition that words before a formula state ("若是取最大值的位置, 则"); None without one."""
    found = _CONDITION.search(text)
    if found is None:
        return None
    inner = re.split(r"[。;；]", found.group(1))[0]
    return without_then(inner).strip()


_PARITY = re.compile(
    r"(?:(?:and|is|are|be|both|all|an?|均|都|皆|为|是)\s*)*(?P<which>odd|even|奇数|偶数|奇|偶)(?:\s*(?:numbers?|integers?))?\s*(?:时)?", re.I)


def parity(words: str, after: str) -> int | None:
    """1 for odd, 0 for even, where the words around an expression say just that: "for odd p", "若 p 是奇数"."""
    before, behind = words.strip(), after.strip().strip(",;.，；。 ")
    if behind:
        found = _PARITY.fullmatch(behind)
        joint = not before or _JOINT.fullmatch(before)
    else:
        found = _PARITY.fullmatch(_LEAD.sub("", before).strip())
        joint = True
    if found is None or not joint:
        return None
    return int(found.group("which").lower() in ("odd", "奇数", "奇"))
