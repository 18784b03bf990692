"""Tokens -> tree, by the LALR(1) tables that lark built from grammar.lark.

The driver is a loop over a stack: no recursion, so that nesting cannot exhaust anything. It builds
the tree as it reduces. A member that cannot be read gives ``Unread`` and a problem, never an exception.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from symderiv.notes.build import ACTIONS
from symderiv.notes.ranges import conditions_of
from symderiv.notes.raw import Item, Unreadable, settle
from symderiv.notes.tokens import Token
from symderiv.notes.tree import Comparison, Condition, Expr, Place, Problem, Sequence, Unread

_END = "$END"


@lru_cache(maxsize=1)
def _tables() -> tuple[list[dict[str, int]], list[tuple[str, int, Any]]]:
    data = json.loads((Path(__file__).parent / "grammar.json").read_text(encoding="utf-8"))
    # a rule that passes its one value on needs no call: most steps of a parse are such
    rules = [(left, length, None if action == "same" else ACTIONS[action]) for left, length, action in data["rules"]]
    return data["states"], rules


def parse_rows(tokens: list[Token], place: Place) -> list[list[Item]]:
    """The rows of items that the tokens form. Raises Unreadable at the first token that does not fit."""
    states, rules = _tables()
    stack: list[int] = [0]
    values: list[Any] = []
    last = Token(_END, "", Place(place.end, place.end))
    for token in (*tokens, last):
        if token.kind == "BAD":
            raise Unreadable(token.text, token.place, token.extra)
        while True:
            action = states[stack[-1]].get(token.kind)
            if action is None:
                raise _unexpected(token, tokens)
            if action >= 0:
                stack.append(action)
                values.append(token)
                break
            left, length, build = rules[-action - 1]
            if build is None:
                stack[-1] = states[stack[-2]][left]
                continue
            if length:
                taken = values[-length:]
                del values[-length:], stack[-length:]
            else:
                taken = []
            if left == "start":
                return taken[0]  # type: ignore[no-any-return]
            values.append(build(taken))
            stack.append(states[stack[-1]][left])
    raise AssertionError("the end of input is always shifted or refused")


_NAMES = {
    "SIGN": "a sign", "OP": "an operator", "REL": "a relation", "COMMA": "a comma", "WORDS": "words", "AMP": "'&'",
    "ROW": r"'\\'", "RB": "'}'", "SEMI": "';'", "COLON": "':'", "PRIME": "a prime", "PERIOD": "a full stop",
    "SUB": "'_'", "SUP": "'^'", "LABEL": "a label", "WIDE": r"'\quad'", "CUT": "an arrow", "MARK": "a mark",
    "NODELIM": r"'\left.'", "ALIGN": "an alignment", "UNALIGN": "the end of an alignment", "DEGREE": "a degree sign",
}  # fmt: skip


def _unexpected(token: Token, tokens: list[Token]) -> Unreadable:
    if token.kind == _END:
        if not tokens:
            return Unreadable("nothing stands here", token.place)
        before = tokens[-1]
        return Unreadable(f"something is missing after {_said(before)}", before.place)
    at = next((i for i, one in enumerate(tokens) if one is token), 0)
    if at and tokens[at - 1].kind in ("SIGN", "OP", "REL") and token.kind != "WORDS":
        return Unreadable(f"{_said(token)} cannot follow {_said(tokens[at - 1])}", token.place)
    return Unreadable(f"{_said(token)} is not expected here", token.place)


def _said(token: Token) -> str:
    shown = token.text[:20]
    if token.kind in ("SIGN", "OP", "COMMA", "SEMI", "REL") and shown:
        return f"'{shown}'"
    return _NAMES.get(token.kind, f"'{shown}'")


def parse_member(tokens: list[Token], place: Place) -> tuple[Expr, Problem | None]:
    """One member of a chain: an expression, or several with commas (a ``Sequence`` without brackets)."""
    try:
        rows = parse_rows(tokens, place)
        items = rows[0][:-1] if len(rows[0]) > 1 and rows[0][-1] is None else rows[0]
        if len(rows) > 1:
            raise Unreadable("several rows are not understood here", place)
        nodes = tuple(_single(item, place) for item in items)
        return (nodes[0] if len(nodes) == 1 else Sequence(nodes, "", place)), None
    except Unreadable as error:
        return Unread(place), error.problem


def _single(item: Item, place: Place) -> Expr:
    if item is None:
        raise Unreadable("nothing stands here", place)
    node = settle(item)
    if isinstance(node, Comparison):
        raise Unreadable("a relation is not expected here", node.place)
    return node


def parse_conditions(tokens: list[Token], place: Place) -> tuple[tuple[Condition, ...], Problem | None]:
    """Conditions with commas and words."""
    try:
        return conditions_of(parse_rows(tokens, place), place), None
    except Unreadable as error:
        return (), error.problem
