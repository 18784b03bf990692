"""Conditions in the sentence around a formula: "For the corner $p=q=1$: ...", "... for $q=2,3$", "当 $p=1$ 时，...".

What is read becomes conditions of the claim. What is not read leaves a doubt: then only an equation that holds
without any condition gets a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symderiv.check.maximum import names_window
from symderiv.check.phrases import BLANK, phrase, without_then
from symderiv.check.syntax import parts
from symderiv.notes import tree
from symderiv.report_model import Message

_END = re.compile(r"[。；;！!？?]|(?<!e\.g)(?<!i\.e)(?<!s\.t)(?<!w\.r\.t)(?<!Eq)(?<!cf)(?<!resp)\.(?=\s|$)")
_ITEM = re.compile(r"^\s*(?:[-*+]\s|\(?[ivx\d]{1,4}[.)、]|（[ivx\d一二三四五六]+）|#|\|)", re.I)
_IF = (r"(?<![A-Za-z])(?:if|when|whenever|provided|unless|except|excluding|suppose|supposing|assuming|assume)(?![A-Za-z])"
       r"|(?<![A-Za-z])(?:otherwise|elsewhere)(?![A-Za-z])|否则|若(?!干)|如果|假如|假设|(?<![相应恰适])当(?![前然作做成])|除非|除了|除去|只有")
_FOR = r"(?<![A-Za-z])(?:for|where|with)(?![A-Za-z])|对于?(?![应称角数比])|其中|满足"
_WORD = re.compile(f"(?P<sure>{_IF})|(?P<maybe>{_FOR})", re.I)
_TRAILING = re.compile(r"\s*[,(（，]?\s*(?:for|if|when|whenever|where|with|provided|unless|except)(?![A-Za-z])")
_CLOSED = re.compile(
    r"(?:the|a|an|all|every|each|any|interior|inner|corner|border|edge|boundary|top|bottom|left|right|upper|lower|first|last|row|column|"
    r"centre|center|central|middle|positions?|entry|entries|elements?|inputs?|pixels?|ind(?:ex|ices)|corners|edges|that|such|with|where|and|is|are|in|at|"
    r"having|satisfying|at|on|let|set|take|now|here|then|so)(?![A-Za-z])|so\s+that|在|取|令|设|于是|处|所有|任意|每个|左|右|上|下|角|边|内部|中心|边界|元素|位置|下标|的|满足|且|并且|和|时|[\s,，、()（）]", re.I)
"""One word, or one sign, that means nothing by itself."""
_PLACES = re.compile(
    r"(?<![A-Za-z])(?:corners?|interior|inner|borders?|edges?|boundar(?:y|ies)|cent(?:re|er|ral)|middle|odd|even|multiples?|divisible|remaining|"
    r"others?|rest|first|last|otherwise)(?![A-Za-z])|角|边|内部|中心|中间|奇|偶|倍|整除|其余|其[他它]|第一|最后", re.I)
_RUNS = re.compile(r"(?<![A-Za-z])sum(?:s|mation)?\s+(?:here\s+)?(?:runs|goes|ranges|is|extends|are)(?![A-Za-z])|求和(?:的)?(?:范围|下标|指标)", re.I)
"""A sentence that gives the sum before it its range."""
SUMMED = "summed over all outputs"
_SUM_OVER = re.compile(r"[\s,，(（]*(?:and\s+|then\s+|再|并)?(?:(?:summed|summing|sum|added\s+up)\s+over\s*(?:all\s*)?|对(?:所有|全部)?\s*)", re.I)
_BETWEEN = re.compile(r"[\s,，、)）]*(?:and|和|以及|与)?[\s,，]*(?:求和)?[\s)）.。]*", re.I)
_TITLE = re.compile(r"[:：]\s*$")
_REMARK = re.compile(r"\s*[(（][^()（）]*[)）]")
_AT_PLACE = re.compile(
    r"(?<![A-Za-z])(?:at|in|on|along|inside|near)\s+(?:the|all|an?)\s+(?:[a-z-]+\s+){0,2}(?:corner|border|edge|boundar|interior|middle|cent)[a-z]{0,10}\s{0,20}[,:]?\s{0,20}$"
    r"|(?:边界|内部|角上|角落|边缘|中间)(?:处|上)?\s{0,20}[,，:：]?\s{0,20}$", re.I)
_ONLY = re.compile(r"(?<![A-Za-z])only(?![A-Za-z])|仅|只", re.I)
_RISK = re.compile(
    r"(?<![A-Za-z])(?:or|and|except|unless|not|only|outside|but|otherwise|without|excluding)(?![A-Za-z])|或|和|且|除|不|非|仅|只|外|否则|以及", re.I)
_WIDER = re.compile(
    r"(?<![A-Za-z])(?:not|also|even|especially|including|particular|example|everywhere|general|always|any|all)(?![A-Za-z])|不|也|都|尤其|特别|包括|例如|一般|总", re.I)
"""Words that say that an equation holds elsewhere too."""
_FORWARD = re.compile(r"[:：]\s*$|(?:then|we have|we get|则|那么|有|时)\s{0,20}[,，]?\s{0,20}$", re.I)
_LEADS = re.compile(r"[:：]\s*$")
OPENING = re.compile(
    r"\s*(?:(?:let|set|take|fix|put|choose|consider|suppose|assume)(?![A-Za-z])|取|令|设|选|固定|考虑|假设|假定)", re.I)
_THEN = re.compile(
    r"\s*(?:(?:then|so|hence|thus|therefore|here|now|in\s+this\s+case|we\s+(?:have|get|obtain|find)|this\s+gives)(?![A-Za-z])"
    r"|则|那么|有|于是|此时|这时|因此|故|所以|可?得)", re.I)
_GENERAL = re.compile(r"\s*(?:(?:in\s+general|generally|for\s+(?:all|any|every|general))(?![A-Za-z])|一般)", re.I)
_GOES_ON = re.compile(r"\s*(?:[a-z,，:：]|则|那么|有|我们|时)")
_RELATED = re.compile(r"(?<![A-Za-z])[a-z]\s*(?:[=<>≤≥≠∈]|\\le|\\ge|\\in(?![a-z]))")


@dataclass(frozen=True)
class Said:
    """What the sentence around a claim states beside it."""

    conditions: tuple[tree.Condition, ...] = ()
    doubt: Message | None = None
    places: bool = False
    """Whether the doubt is only about where an entry lies: of no weight for an entry given by numbers."""
    letters: frozenset[str] = frozenset()
    """Letters that the doubt speaks of: a sum over one of them may be meant otherwise."""


Element = str | tree.Span


@dataclass
class _Group:
    """A condition word and what follows it up to the next claim."""

    word: str
    sure: bool
    before: str
    elements: list[Element] = field(default_factory=list)
    claim_before: tree.Span | None = None
    places: bool = False
    """No condition word, but a place: ``Interior: ...``, ``... (inner entries only)``."""


def said_around(reading: tree.Reading) -> Mapping[int, Said]:
    """For each piece (by identity) the conditions of its sentence."""
    found: dict[int, Said] = {}
    opening: list[Element] = []
    block: int | None = None
    last: tree.Span | None = None
    for sentence in sentences_of(reading):
        if _opens(sentence):
            opening, block = sentence, None
            continue
        at = next((e.block for e in sentence if isinstance(e, tree.Span) and claims(e)), None)
        if not sentence or (block is not None and at is not None and at != block):
            opening = []
        if opening and at is not None:
            # it holds for the first equations after it and in their paragraph
            block = at
            sentence = _opened(opening, sentence, found)
        _read(sentence, found)
        spans = [e for e in sentence if isinstance(e, tree.Span)]
        if last is not None and spans and all(map(_statement, spans)) and any(isinstance(e, str) and _RUNS.search(e) for e in sentence):
            _note(last, Said(tuple(c for s in spans for c in _conditions(s))), found)
        last = next((s for s in reversed(spans) if claims(s)), last)
    return found


def _opens(sentence: list[Element]) -> bool:
    """``Let $p=q=1$.``: a sentence that only gives index letters values, for what follows."""
    spans = [e for e in sentence if isinstance(e, tree.Span)]
    first = sentence[0] if sentence else ""
    return isinstance(first, str) and bool(OPENING.match(first)) and bool(spans) and all(_statement(s) for s in spans)


def _opened(opening: list[Element], sentence: list[Element], found: dict[int, Said]) -> list[Element]:
    """The sentence, with the opening before it where it says "then"; else its claims on those letters are in doubt."""
    letters = {n for e in opening if isinstance(e, tree.Span) for n in _names(e)}
    about = [e for e in sentence if isinstance(e, tree.Span) and claims(e) and letters & _names(e)]
    first = sentence[0]
    words = first if isinstance(first, str) else ""
    if not about or _GENERAL.match(words):
        return sentence
    if _THEN.match(words):
        return [*opening, *sentence]
    text = " ".join(e.strip() if isinstance(e, str) else "…" for e in opening)
    for span in about:
        _note(span, Said(doubt=Message("the condition '%(words)s' beside it can't be read", {"words": text[:60]})), found)
    return sentence


def _names(span: tree.Span) -> set[str]:
    return {p.text for piece in span.pieces for p in parts(piece.members) if isinstance(p, tree.Name)}


# -- sentences ---------------------------------------------------------------------------------
def sentences_of(reading: tree.Reading) -> Iterator[list[Element]]:
    """The sentences in order, an empty one for each heading."""
    sentence: list[Element] = []
    block, line = -1, -1
    judged = False
    for item in reading.items:
        start, _ = reading.source.position(item.place.start)
        if sentence and _breaks(sentence[-1], judged, item, item.block != block, start != line):
            yield sentence
            sentence, judged = [], False
        block, line = item.block, reading.source.position(item.place.end)[0]
        if isinstance(item, tree.Span):
            sentence.append(item)
            judged = judged or claims(item)
            continue
        if item.heading:
            yield []
            continue
        *ended, rest = _END.split(item.text)
        for text in ended:
            yield [*sentence, text]
            sentence, judged = [], False
        if rest.strip():
            sentence.append(rest)
    yield sentence


def _breaks(last: Element, judged: bool, item: tree.Span | tree.Prose, new_block: bool, new_line: bool) -> bool:
    """Whether a sentence ends between two items without a sign that says so; ``judged``: it holds an equation."""
    if isinstance(item, tree.Span):
        # before its first equation a sentence runs on into the display below it
        return new_block and judged and not (isinstance(last, str) and _LEADS.search(last))
    if item.heading or (new_line and _ITEM.match(item.text)):
        return True
    if isinstance(last, tree.Span) and claims(last):
        return (new_block or new_line) and not _TRAILING.match(item.text)
    return new_block and (judged or not _GOES_ON.match(item.text))


def claims(span: tree.Span) -> bool:
    """Whether an equation that is judged stands in a span."""
    return any(
        not piece.index_only and any(r.kind in ("=", "assign", "arrow") for r in piece.relations)
        for piece in span.pieces
    ) or (not span.pieces and bool(span.problems))


# -- groups ------------------------------------------------------------------------------------
def _read(sentence: list[Element], found: dict[int, Said]) -> None:
    spans = [k for k, element in enumerate(sentence) if isinstance(element, tree.Span) and claims(element)]
    if not spans:
        return
    group: _Group | None = None
    last: tree.Span | None = None
    lingering: Said | None = None
    words = ""
    for element in sentence:
        if isinstance(element, tree.Span) and claims(element):
            if group is not None:
                lingering = _forward(group, element, found) or lingering
            elif lingering is not None:
                _note(element, lingering, found)
            group, last, words = None, element, ""
        elif isinstance(element, tree.Span):
            if group is None and _statement(element):
                group = _Group("", True, words if last is not None else "", [words], last)
            if group is not None:
                group.elements.append(element)
        else:
            group, words = _words(element, group, last), element
    if group is not None and last is not None:
        _note(last, _said(group, False), found)


def _words(text: str, group: _Group | None, last: tree.Span | None) -> _Group | None:
    """A condition word opens a group; one inside a group belongs to it, and makes it unread unless it is a joining word."""
    if group is not None:
        group.elements.append(text)
        group.sure = group.sure or any(m.group("sure") for m in _WORD.finditer(text))
        return group
    if last is not None and _SUM_OVER.fullmatch(text):
        return _Group(SUMMED, True, "", [text], last)
    match = _WORD.search(text)
    if match is None:
        remark = _REMARK.match(text) if last is not None else None
        said = remark.group() if remark else text
        if phrase(text.strip(BLANK + "()（）.。")) == "summed" and last is not None:
            return _Group("", True, "", [text.strip(BLANK + "()（）.。")], last)
        limits = (_PLACES.search(said) or _ONLY.search(said)) and (remark or _TITLE.search(text) or _AT_PLACE.search(text))
        return _Group("", False, "" if remark else text, [said], last, True) if limits else None
    sure = any(m.group("sure") for m in _WORD.finditer(text))
    return _Group(match.group(), sure, text[: match.start()], [text[match.end():]], last)


def _by_letters(group: _Group) -> Said:
    """``summed over $i$ and $j$``, ``对 $i, j$ 求和``: the letters, where nothing else is said."""
    names: list[tree.Expr] = []
    for element in group.elements[1:]:
        if isinstance(element, str):
            if not _BETWEEN.fullmatch(element):
                return Said(doubt=_doubt(group))
            continue
        mentioned = _mention(element)
        items = mentioned.items if isinstance(mentioned, tree.Sequence) else (mentioned,)
        names += [i for i in items if i is not None]
    if not names or not all(isinstance(n, tree.Name) for n in names):
        return Said(doubt=_doubt(group))
    place = names[0].place.to(names[-1].place)
    return Said((tree.Condition(SUMMED, tree.Sequence(tuple(names), "", place), place=place),))


def _forward(group: _Group, span: tree.Span, found: dict[int, Said]) -> Said | None:
    """The group before a claim; what it leaves for later claims of the sentence."""
    text = group.elements[-1] if isinstance(group.elements[-1], str) else ""
    said = _said(group, True)
    loose = _unclear(said, group)
    before = group.claim_before
    if before is None or _FORWARD.search(text):
        _note(span, said, found)
    elif not group.before.strip():
        _note(before, _said(group, False), found)
        _note(span, loose, found)
    else:
        _note(before, loose, found)
        _note(span, loose, found)
    return loose if loose.doubt is not None else None


def _unclear(said: Said, group: _Group) -> Said:
    """What a condition is for a claim that it may or may not belong to."""
    return replace(said, conditions=(), doubt=_doubt(group), places=False) if said.conditions else said


def _note(span: tree.Span, said: Said, found: dict[int, Said]) -> None:
    for piece in span.pieces:
        have = found.get(id(piece), Said())
        doubt = have.doubt or said.doubt
        places = (have.places or have.doubt is None) and (said.places or said.doubt is None)
        found[id(piece)] = Said((*have.conditions, *said.conditions), doubt, places, have.letters | said.letters)


def _doubt(group: _Group) -> Message:
    words = " ".join([group.word, *(e.strip() if isinstance(e, str) else "…" for e in group.elements)])
    return Message("the condition '%(words)s' beside it can't be read", {"words": words.strip()[:60]})


def _said(group: _Group, forward: bool) -> Said:
    """The conditions of a group, or the doubt that it leaves."""
    said = _found(group, forward)
    if said.doubt is None:
        return said
    return replace(said, letters=frozenset(n for e in group.elements if isinstance(e, tree.Span) and _statement(e) for n in _names(e)))


def _found(group: _Group, forward: bool) -> Said:
    if group.word == SUMMED:
        opening, behind = str(group.elements[0]).strip(BLANK), group.elements[-1] if isinstance(group.elements[-1], str) else ""
        if not opening.endswith(("对", "所有", "全部")) or "求和" in behind:
            return _by_letters(replace(group, word=""))
        group = replace(group, word=opening, elements=["", *group.elements[1:]])
    whole = "".join(e if isinstance(e, str) else "…" for e in [group.word, *group.elements]).strip(BLANK + "()（）")
    joined = group.before.strip(BLANK + "()（）").lower() in ("", "并", "再", "然后", "and", "then")
    if joined and phrase(without_then(whole)) in ("apart", "summed"):
        return Said((tree.Condition(without_then(whole)),))
    if group.places or phrase(group.word) == "otherwise":
        return Said(doubt=_doubt(group), places=group.places)
    stated = [k for k, element in enumerate(group.elements) if isinstance(element, tree.Span) and _statement(element)]
    texts = [e for e in group.elements if isinstance(e, str)]
    other = [e for e in group.elements if isinstance(e, tree.Span) and not _statement(e)]
    if not stated:
        largest = _largest(group, texts, other) or _largest_of(group, other)
        if largest:
            return Said(largest)
        words = "".join(texts).strip(" ,，:：()（）时则有")
        related = any(_RELATED.search(t) for t in texts) or any(p.relations or p.problems for s in other for p in s.pieces)
        if related or (group.sure and (words or other or forward)):
            return Said(doubt=_doubt(group))
        return Said(doubt=_doubt(group), places=True) if any(map(_PLACES.search, texts)) else Said()
    head, tail = group.elements[: stated[-1]], group.elements[stated[-1] + 1:]
    open_words = any(not _empty(e) if isinstance(e, str) else not _statement(e) for e in head)
    rest = "".join(e if isinstance(e, str) else " " for e in tail)
    negative = re.match(r"unless|except|exclud|除|只", group.word, re.I)
    if open_words or negative or _WIDER.search(group.before) or _WIDER.search(rest) or _RISK.search(rest) or _WORD.search(rest) or _RELATED.search(rest):
        return Said(doubt=_doubt(group))
    return Said(tuple(c for k in stated for c in _conditions(group.elements[k])))


def _largest(group: _Group, texts: Sequence[str], other: Sequence[tree.Span]) -> tuple[tree.Condition, ...]:
    """``If $I_{11}$ is the maximum of its window, then``; which entry is meant is compared with the left side later."""
    if len(other) != 1 or not group.sure or group.elements.index(other[0]) > 1:
        return ()
    entry = _mention(other[0])
    if not isinstance(entry, tree.Indexed):
        return ()
    before, after = texts[0], without_then("".join(texts[1:])).lstrip(BLANK)
    window = _PLAIN_WINDOW.search(after)
    if window is not None and not before.strip() and phrase(group.word) == "joint":
        return _of_plain_window(group.word, entry, after, window)
    if before.strip() or phrase(group.word) != "joint" or phrase(after) not in ("maximum", "not maximum"):
        return ()
    return (tree.Condition(group.word, entry, after=after, place=entry.place),)


_PLAIN_WINDOW = re.compile(r"[(（]\s*(\d{1,3}|[a-z])\s*[,，]\s*(\d{1,3}|[a-z])\s*[)）]")


def _of_plain_window(word: str, entry: tree.Indexed, after: str, found: re.Match[str]) -> tuple[tree.Condition, ...]:
    """``if $I_{12}$ is the maximum of window (1,1)``, the window in plain letters."""
    items = tuple(tree.Number(x, entry.place) if x.isdigit() else tree.Name(x, x, place=entry.place) for x in found.groups())
    window = tree.Sequence(items, "(", entry.place)
    said, behind = after[: found.start()].strip(BLANK), after[found.end() :].strip(BLANK)
    if not names_window(said, behind, window):
        return ()
    return tree.Condition(word, entry, place=entry.place), tree.Condition(said, window, after=behind, place=entry.place)


def _largest_of(group: _Group, other: Sequence[tree.Span]) -> tuple[tree.Condition, ...]:
    """``if $I_{pq}$ is the maximum of window $(i,j)$``: the entry and the window, as a case says it."""
    elements = [e for e in group.elements if not isinstance(e, str) or e.strip()]
    if len(other) != 2 or not group.sure or len(elements) not in (3, 4) or [elements[0], elements[2]] != list(other):
        return ()
    entry, window = _mention(other[0]), _mention(other[1])
    words, behind = elements[1], without_then("".join(e for e in elements[3:] if isinstance(e, str))).strip(BLANK)
    if phrase(group.word) != "joint" or not isinstance(entry, tree.Indexed) or not isinstance(words, str) or window is None:
        return ()
    said = words.strip(BLANK)
    if not names_window(said, behind, window):
        return ()
    return tree.Condition(group.word, entry, place=entry.place), tree.Condition(said, window, after=behind, place=window.place)


def _mention(span: tree.Span) -> tree.Expr | None:
    """The one expression of a span that states nothing."""
    piece = span.pieces[0] if len(span.pieces) == 1 else None
    if piece is None or piece.relations or piece.problems or piece.conditions or len(piece.members) != 1:
        return None
    return piece.members[0]


def _empty(text: str) -> bool:
    """Whether words mean nothing by themselves, word by word."""
    at = 0
    while at < len(text):
        word = _CLOSED.match(text, at)
        if word is None:
            return False
        at = word.end()
    return True


def _statement(span: tree.Span) -> bool:
    """``$p=1$``, ``$2\\le q\\le 3$``: index letters, numbers and relations only."""
    return bool(span.pieces) and not span.problems and all(
        piece.index_only and piece.relations and piece.readable and not piece.earlier for piece in span.pieces)


def _conditions(span: Element) -> Iterator[tree.Condition]:
    assert isinstance(span, tree.Span)
    for piece in span.pieces:
        yield tree.Condition("", tree.Comparison(piece.members, piece.relations, piece.place), place=piece.place)
        yield from piece.conditions


def is_literal(expr: tree.Expr) -> bool:
    """Whether an entry is given by numbers only: ``I_{22}``."""
    entries = [part for part in parts(expr) if isinstance(part, tree.Indexed)]
    return bool(entries) and not any(isinstance(part, tree.Name) for entry in entries for part in parts(entry.groups))
