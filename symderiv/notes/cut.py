"""The tokens of a span -> its equations, as VERDICTS.md says.

Cut at depth 0 at rows, ``\\quad``, ``;``, a full stop and implication arrows, and at a comma where an equality
sign stands before it and another follows before the next cut. A row that begins with a sign of addition or
multiplication continues the member before it, one that begins with a relation the chain before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from symderiv.notes import commands as table
from symderiv.notes import limits
from symderiv.notes.indices import index_letters, places_maximum, uses_only_indices
from symderiv.notes.parse import parse_conditions, parse_member
from symderiv.notes.tokens import Token, strip_phrase
from symderiv.notes.tree import Comparison, Condition, Expr, Piece, Place, Problem, Relation, Unread, Words

_UP = frozenset("LPAR LBRACK LSET LABS LFLOOR LCEIL LB INDEX MATRIX CASES".split())  # noqa: SIM905
_DOWN = frozenset("RPAR RBRACK RSET RABS RFLOOR RCEIL RB END".split())  # noqa: SIM905
_SIGNS = frozenset(("OP", "SIGN", "REL", "BIG", "FUNC", "NABLA", "PARTIAL", "INDICATOR", "CUT", "COMMA"))
"""A span that is one of these alone only mentions it: "the sign \\star means ..."."""
_STOPS = frozenset(("SEMI", "PERIOD", "CUT"))
_HARD = frozenset(("ROW", "WIDE", "SEMI", "CUT", "PERIOD"))
_SHARING = frozenset(("<", "<=", ">", ">=", "in"))
_LABEL = re.compile(r"\d{1,3}(?:\.\d{1,3})?[a-z]?|[ivx]{1,5}|[IVX]{1,5}|[a-h]|\*{1,3}|[一二三四五六七八九十]")


@dataclass
class _Segment:
    """Tokens between two cuts. ``stop``: a full stop or ``;`` stands before it, ``comma``: a comma."""

    tokens: list[Token]
    stop: bool = False
    comma: bool = False
    label: str = ""
    connectives: list[Words] = field(default_factory=list)


def cut(tokens: list[Token], place: Place, before: Piece | None = None) -> list[Piece]:
    """The pieces of a span. ``before``: the piece of an earlier span that a leading ``=`` continues."""
    pieces: list[Piece] = []
    pending: list[Condition] = []
    troubles: list[Problem] = []
    if len(tokens) == 1 and tokens[0].kind in _SIGNS:
        return [Piece((Words(tokens[0].text, tokens[0].place),), (), tokens[0].place)]
    segments = _comma_cuts(_continued(_segments(_flattened(tokens))))
    for number, segment in enumerate(segments):
        following = segments[number + 1].tokens[0].kind if number + 1 < len(segments) else ""
        piece = _piece(segment, pieces[-1] if pieces else before, not pieces and not pending)
        if not piece.members and not piece.relations:
            _place_conditions(piece, pieces, pending, troubles)
        elif (not segment.stop or _implied(piece) or not piece.index_only) and following != "REL" and _dangling(piece, pieces):
            pieces[-1] = _with_rest(pieces[-1], piece)
        elif _side_condition(piece, pieces):
            pieces[-1] = _with_statement(pieces[-1], piece)
        else:
            if pending or troubles:
                problems = (*troubles, *piece.problems)
                piece = replace(piece, conditions=(*pending, *piece.conditions), problems=problems)
                pending, troubles = [], []
            pieces.append(piece)
    if pending or troubles:
        pieces.append(Piece((), (), place, tuple(pending), problems=tuple(troubles)))
    return pieces


# -- segments ----------------------------------------------------------------------------------


def _flattened(tokens: list[Token]) -> list[tuple[int, Token]]:
    """Tokens with their depth, alignments taken away: they print nothing."""
    result: list[tuple[int, Token]] = []
    depth, cells, column = 0, [False], 0
    for at, token in enumerate(tokens):
        kind = token.kind
        if kind in _DOWN and depth:
            depth -= 1
            if len(cells) > 1:
                cells.pop()
        if kind in ("ALIGN", "UNALIGN"):
            continue
        if kind == "AMP" and not cells[-1]:
            column += 1
            if not _separates(tokens, at, column):
                continue
            token = token._replace(kind="WIDE", text="&")
            if depth:
                token = token._replace(kind="BAD", text="'&' between factors is not understood")
        if kind == "ROW" and not cells[-1]:
            column = 0
            if depth:
                continue
        result.append((depth, token))
        if kind in _UP:
            depth += 1
            cells.append(kind in ("MATRIX", "CASES", "LB"))
    return result


_NEXT_TO = frozenset(("REL", "SIGN", "OP", "ROW", "AMP", "ALIGN", "UNALIGN", "WIDE", "CUT"))


def _separates(tokens: list[Token], at: int, column: int) -> bool:
    """Whether this ``&`` stands between two columns of equations: not beside a relation, and not an alignment point."""
    before = tokens[at - 1].kind if at else "ROW"
    after = tokens[at + 1].kind if at + 1 < len(tokens) else "ROW"
    if "REL" in (before, after) or before in ("ROW", "ALIGN") or after in ("ROW", "UNALIGN", "AMP"):
        return False
    return column % 2 == 0 or (before not in _NEXT_TO and after not in _NEXT_TO)


def _segments(tokens: list[tuple[int, Token]]) -> list[_Segment]:
    segments = [_Segment([])]
    for depth, token in tokens:
        if depth == 0 and token.kind in _HARD:
            if segments[-1].tokens:
                segments.append(_Segment([]))
            segments[-1].stop = segments[-1].stop or token.kind in _STOPS or token.text == "&"
            if token.kind == "CUT":
                segments[-1].connectives.append(Words(token.text, token.place))
        else:
            segments[-1].tokens.append(token)
    return _labelled([segment for segment in segments if segment.tokens])


def _labelled(segments: list[_Segment]) -> list[_Segment]:
    """A segment that is only a label belongs to the equation before it, or to the next."""
    result: list[_Segment] = []
    waiting = ""
    for segment in segments:
        tags = [token for token in segment.tokens if token.kind == "LABEL"]
        segment.tokens = [token for token in segment.tokens if token.kind != "LABEL"]
        segment.label = next((token.text for token in tags if token.text), "")
        alone = _whole_label(segment.tokens)
        if not segment.tokens or alone:
            if result and not result[-1].label:
                result[-1].label = alone or segment.label
            else:
                waiting = alone or segment.label
            continue
        segment.label = segment.label or waiting
        waiting = ""
        result.append(segment)
    return result


def _whole_label(tokens: list[Token]) -> str:
    """``(1)`` or ``\\cdots (1)`` standing alone."""
    rest = list(tokens)
    while rest and rest[0].kind == "DOTS":
        rest.pop(0)
    if len(rest) == 1 and rest[0].kind == "WORDS":
        match = re.fullmatch(r"[(（]\s*(.*?)\s*[)）]", rest[0].text)
        return match.group(1) if match and _LABEL.fullmatch(match.group(1)) else ""
    if len(rest) < 3 or rest[0].kind != "LPAR" or rest[-1].kind != "RPAR":
        return ""
    text = "".join(token.text for token in rest[1:-1])
    return text if _LABEL.fullmatch(text) else ""


def _continued(segments: list[_Segment]) -> list[_Segment]:
    """Rows joined to the member that they continue."""
    result: list[_Segment] = []
    for segment in segments:
        if result and not segment.connectives and _continues(result[-1], segment):
            result[-1].tokens += segment.tokens
            result[-1].label = result[-1].label or segment.label
        else:
            result.append(segment)
    return result


def _continues(before: _Segment, segment: _Segment) -> bool:
    last, first = before.tokens[-1], segment.tokens[0]
    if last.kind in ("SIGN", "OP", "REL") or first.kind == "OP" or _ends_in_sum(before.tokens):
        return True
    if segment.stop or last.kind == "COMMA":
        return False
    # A bracket [condition] never begins an equation: it multiplies the row before (derive breaks lines so).
    return first.kind == "SIGN" or first.text == "["


def _ends_in_sum(tokens: list[Token]) -> bool:
    """Whether the last thing is a summation sign with its limits: what it sums stands in the next row."""
    at = len(tokens)
    while at and tokens[at - 1].kind not in ("BIG", "REL", "SIGN", "OP"):
        close = at - 1
        if tokens[close].kind in _DOWN:
            depth = 1
            while depth and close:
                close -= 1
                depth += (tokens[close].kind in _DOWN) - (tokens[close].kind in _UP)
        if close and tokens[close - 1].kind in ("SUB", "SUP"):
            at = close - 1
            continue
        return False
    return bool(at) and at < len(tokens) and tokens[at - 1].kind == "BIG"


def _comma_cuts(segments: list[_Segment]) -> list[_Segment]:
    result: list[_Segment] = []
    for segment in segments:
        # where a bracket is not closed, nothing says what a comma separates
        cuts = [] if any(token.kind == "BAD" for token in segment.tokens) else _commas(segment.tokens)
        bounds = [-1, *cuts, len(segment.tokens)]
        for number, (start, end) in enumerate(pairwise(bounds)):
            part = segment.tokens[start + 1 : end]
            if number == 0:
                result.append(replace(segment, tokens=part))
            elif part:
                result.append(_Segment(part, comma=True))
    return result


def _commas(tokens: list[Token]) -> list[int]:
    """Where a comma separates two equations."""
    depth, commas, equals = 0, [], []
    for at, token in enumerate(tokens):
        depth += (token.kind in _UP) - (token.kind in _DOWN)
        if depth == 0 and token.kind == "COMMA":
            commas.append(at)
        elif depth == 0 and token.kind == "REL" and token.text == "=":
            equals.append(at)
    chosen: list[int] = []
    limit = len(tokens)
    for comma in reversed(commas):
        if any(comma < equal < limit for equal in equals) and any(equal < comma for equal in equals):
            chosen.append(comma)
            limit = comma
    return chosen[::-1]


# -- one piece ---------------------------------------------------------------------------------


def _piece(segment: _Segment, before: Piece | None, first: bool) -> Piece:
    """The equation, mention or statement of one segment."""
    tokens, label, connectives = list(segment.tokens), segment.label, list(segment.connectives)
    conditions: list[Condition] = []
    problems: list[Problem] = []
    while tokens:
        if tokens[0].kind in ("COMMA", "COLON") and not segment.comma:
            tokens.pop(0)
        elif (found := _leading_label(tokens)) is not None:
            label, tokens = label or found[0], tokens[found[1] :]
        elif tokens[0].kind == "WORDS" and (words := _connective(tokens[0])):
            label = label or words[1]
            if words[0]:
                connectives.append(Words(words[0], tokens[0].place))
            tokens.pop(0)
        elif first and tokens[0].kind == "WORDS" and strip_phrase(tokens[0].text).lower() in table.DEFINING:
            connectives.append(Words(strip_phrase(tokens[0].text), tokens[0].place))
            tokens.pop(0)
        elif tokens[0].kind == "WORDS":
            used = _opening(tokens)
            found_conditions, problem = parse_conditions(tokens[:used], _place(tokens[:used]))
            conditions += found_conditions
            problems += [problem] if problem else []
            tokens = tokens[used:]
            while tokens and tokens[0].kind == "COMMA":
                tokens.pop(0)
        else:
            break
    while tokens and tokens[-1].kind in ("COMMA", "COLON"):
        tokens.pop()
    place = _place(tokens or segment.tokens)
    if len(tokens) > limits.PIECE_TOKENS:
        problem = Problem(limits.over("equation length", limits.PIECE_TOKENS, "signs"), place, "equation length")
        members: tuple[Expr, ...] = (Unread(place),)
        return Piece(members, (), place, label=label, problems=(problem,))
    main, tail = ([], tokens[1:-1]) if _bracketed_condition(tokens) else _tail(tokens)
    if tail:
        found_conditions, problem = parse_conditions(tail, _place(tail))
        conditions += found_conditions
        problems += [problem] if problem else []
    members, relations, found_problems = _chain(main)
    problems += found_problems
    earlier: tuple[Expr, ...] = ()
    if main and main[0].kind == "REL":
        earlier, trouble = _earlier(before, main[0])
        problems += [trouble] if trouble else []
    return Piece(
        members, relations, _place(main or tokens or segment.tokens), tuple(conditions), label, tuple(connectives),
        earlier, uses_only_indices(members) or places_maximum(members), tuple(sorted(problems, key=lambda one: one.place.start)),
    )  # fmt: skip


def _place(tokens: list[Token]) -> Place:
    return tokens[0].place.to(tokens[-1].place)


def _leading_label(tokens: list[Token]) -> tuple[str, int] | None:
    """``(1)`` before an equation: its text and how many tokens it is."""
    if tokens[0].kind != "LPAR":
        return None
    close = next((at for at, token in enumerate(tokens[:6]) if token.kind == "RPAR"), 0)
    if not close or close + 1 >= len(tokens):
        return None
    text = "".join(token.text for token in tokens[1:close])
    following = tokens[close + 1]
    if not _LABEL.fullmatch(text) or following.kind in ("SIGN", "OP", "REL", "SUB", "SUP", "PRIME", "COMMA", "MARK"):
        return None
    return (text, close + 1) if text[0].isdigit() or following.space else None


def _connective(token: Token) -> tuple[str, str] | None:
    """The connective and the label that words consist of, or None: ``(i) 则``."""
    text = strip_phrase(token.text)
    label = ""
    if match := re.match(r"[(（]\s*([^()（）]{1,5}?)\s*[)）]\s*", text):
        if not _LABEL.fullmatch(match.group(1)):
            return None
        label, text = match.group(1), strip_phrase(text[match.end() :])
    return (text, label) if text.lower() in table.CONNECTIVES or (label and not text) else None


def _opening(tokens: list[Token]) -> int:
    """How many tokens a leading condition takes: the words alone, or up to a comma or connective."""
    text = tokens[0].text.strip().lower()
    first = text.split()[0] if text.split() else text
    if first not in table.OPENING and not any(text.startswith(one) for one in table.OPENING if not one.isascii()):
        return 1
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.kind in _UP) - (token.kind in _DOWN)
        ends = token.kind == "COMMA" or (token.kind == "WORDS" and at and _connective(token) and token.text not in table.AND_WORDS)
        if depth == 0 and at and ends and not _inside_range(tokens, at):
            return at
    return len(tokens)


def _inside_range(tokens: list[Token], comma: int) -> bool:
    """Whether a comma stands between the letters of ``2 \\le p, q \\le 3``."""
    first, last = comma - 1, comma + 1
    while first > 1 and tokens[first - 1].kind == "COMMA":
        first -= 2
    while last + 1 < len(tokens) and tokens[last + 1].kind == "COMMA":
        last += 2
    if tokens[comma].kind != "COMMA" or first < 1 or last + 1 >= len(tokens):
        return False
    low, high = tokens[first - 1], tokens[last + 1]
    return low.kind == high.kind == "REL" and low.text in _SHARING and low.text[0] == high.text[0] and low.text != "in"


def _tail(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The chain, and the conditions after it: from its first words, or from a comma before a relation."""
    depth = 0
    commas: list[int] = []
    relations: list[int] = []
    end = len(tokens)
    for at, token in enumerate(tokens):
        depth += (token.kind in _UP) - (token.kind in _DOWN)
        if depth == 0 and token.kind == "WORDS" and at:
            end = at
            break
        if depth == 0 and token.kind in ("COMMA", "REL"):
            (commas if token.kind == "COMMA" else relations).append(at)
    if _shared_range(tokens[:end], commas, relations):
        return tokens[:end], tokens[end:]
    bounds = [*commas, end]
    for comma, following in pairwise(bounds):
        inside = [at for at in relations if comma < at < following]
        before = any(at < comma for at in relations)
        if inside and (before or not any(_equals(tokens[at]) for at in relations)):
            return tokens[:comma], tokens[comma + 1 :]
    stop = end - 1 if end < len(tokens) and end - 1 in commas else end
    return tokens[:stop], tokens[end:]


def _shared_range(tokens: list[Token], commas: list[int], relations: list[int]) -> bool:
    """``2 \\le p, q \\le 3`` and ``p, q \\le 3``: the letters share the limits, so these commas cut nothing."""
    if not commas or not relations or any(tokens[at].text not in _SHARING for at in relations):
        return False
    if all(comma < relations[0] for comma in commas):
        return True
    return (
        len(relations) == 2 and relations[0] == 1 and relations[0] < commas[0] and commas[-1] < relations[1]
        and len({tokens[at].text[0] for at in relations}) == 1 and tokens[relations[0]].text != "in"
    )


def _bracketed_condition(tokens: list[Token]) -> bool:
    """A piece that is one pair of round brackets around a relation or words: ``\\quad (1 \\le i \\le 2)``."""
    if not tokens or tokens[0].kind != "LPAR" or tokens[-1].kind != "RPAR":
        return False
    depth, related = 0, False
    for token in tokens[:-1]:
        depth += (token.kind in _UP) - (token.kind in _DOWN)
        if depth == 0:
            return False
        related = related or (depth == 1 and token.kind in ("REL", "WORDS"))
    return related


def _equals(token: Token) -> bool:
    return token.kind == "REL" and token.text == "="


def _chain(tokens: list[Token]) -> tuple[tuple[Expr, ...], tuple[Relation, ...], list[Problem]]:
    """The members between the relations at depth 0, each read by itself."""
    members: list[Expr] = []
    relations: list[Relation] = []
    problems: list[Problem] = []
    start, depth = 0, 0
    for at, token in enumerate([*tokens, None]):
        if token is not None:
            depth += (token.kind in _UP) - (token.kind in _DOWN)
            if depth or token.kind != "REL":
                continue
        part = tokens[start:at]
        if part:
            member, problem = parse_member(part, _place(part))
            members.append(member)
            problems += [problem] if problem else []
        elif start or at == len(tokens):
            where = tokens[at - 1].place if at else Place(0, 0)
            if tokens:
                members.append(Unread(where))
                problems.append(Problem(f"nothing stands after '{tokens[at - 1].text}'", where))
        if token is not None:
            relations.append(Relation(token.text, token.text, token.extra, token.place))  # type: ignore[arg-type]
        start = at + 1
    return tuple(members), tuple(relations), problems


def _earlier(before: Piece | None, token: Token) -> tuple[tuple[Expr, ...], Problem | None]:
    """The members of the chain that a leading relation continues."""
    if before is None or not before.members:
        return (), Problem(f"'{token.text}' has nothing before it", token.place)
    if not before.readable:
        return (*before.earlier, *before.members), Problem("it continues an equation that could not be read", token.place)
    return (*before.earlier, *before.members), None


# -- conditions that stand apart ---------------------------------------------------------------


def _place_conditions(piece: Piece, pieces: list[Piece], pending: list[Condition], troubles: list[Problem]) -> None:
    """Conditions without an equation belong to the equation before them in the span, else to the next."""
    if pieces and (piece.conditions or piece.problems):
        last = pieces[-1]
        pieces[-1] = replace(last, conditions=(*last.conditions, *piece.conditions), problems=(*last.problems, *piece.problems))
    else:
        pending += piece.conditions
        troubles += piece.problems


def _side_condition(piece: Piece, pieces: list[Piece]) -> bool:
    """``m = p - i`` after a claim whose indices these letters are."""
    if not pieces or not piece.index_only or not piece.relations or piece.earlier or not piece.readable:
        return False
    if not all(isinstance(c.statement, Comparison) and not c.words and not c.after for c in piece.conditions):
        return False
    last = pieces[-1]
    if not last.relations or last.index_only:
        return False
    indices, others = index_letters((*last.earlier, *last.members))
    here, _ = index_letters(piece.members, bare=True)
    if all(r.kind not in ("=", "assign") for r in piece.relations):
        # a range is no claim: it restricts what stands before it, wherever its letters stand there
        return bool(here & (indices | others))
    return bool(here & indices) and not (here - indices) & others


def _dangling(piece: Piece, pieces: list[Piece]) -> bool:
    """Something without a relation after an equation: it may be a factor of it, so the equation is not whole without it."""
    alone = not piece.connectives or _implied(piece)
    return bool(pieces) and bool(pieces[-1].relations) and not piece.relations and alone and not piece.label


def _implied(piece: Piece) -> bool:
    """An implication arrow with no equation behind it."""
    return bool(piece.connectives) and all(c.text in _IMPLIES for c in piece.connectives)


_IMPLIES = frozenset((r"\Rightarrow", r"\implies", r"\Longrightarrow", r"\iff", r"\Leftrightarrow", "=>", "⇒", "⟹", "⟺", "⇔"))


def _with_rest(last: Piece, piece: Piece) -> Piece:
    rest = tuple(Condition("", member, place=member.place) for member in piece.members)
    return replace(last, conditions=(*last.conditions, *rest, *piece.conditions), problems=(*last.problems, *piece.problems))


def _with_statement(last: Piece, piece: Piece) -> Piece:
    statement = Comparison(piece.members, piece.relations, piece.place)
    return replace(last, conditions=(*last.conditions, Condition("", statement, place=piece.place), *piece.conditions))
