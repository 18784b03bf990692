"""Builds ``grammar.json`` from ``grammar.lark``: the LALR(1) tables and nothing else.

lark is needed here and in the tests only. What is shipped is plain JSON, read in a few
milliseconds; a test compares it with what the grammar gives.

    python -m symderiv.notes.build_grammar
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def build() -> dict[str, Any]:
    """The tables: ``rules`` as [left side, length, action's name], ``states`` as {terminal or rule: number}.

    A number n >= 0 is "shift and go to state n", n < 0 "reduce by rule -n - 1". Raises lark's GrammarError
    where the grammar has a conflict.
    """
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    parser: Any = Lark((HERE / "grammar.lark").read_text(encoding="utf-8"), parser="lalr", lexer="basic", strict=False)
    table = parser.parser.parser._parse_table
    rules: list[Any] = []
    numbers: dict[Any, int] = {}
    for rule in parser.rules:
        numbers[rule] = len(rules)
        rules.append([rule.origin.name, len(rule.expansion), rule.alias or rule.origin.name])
    order = _order(table, Shift)
    states: list[dict[str, int]] = []
    for state in order:
        actions = sorted(table.states[state].items())
        states.append({token: order[to] if kind is Shift else -numbers[to] - 1 for token, (kind, to) in actions})
    return {"rules": rules, "states": states}


def _order(table: Any, shift: Any) -> dict[Any, int]:
    """A number for each state that hangs on the grammar alone: breadth first from the start, by name."""
    first = table.start_states["start"]
    order, waiting = {first: 0}, [first]
    for state in waiting:
        for _, (kind, to) in sorted(table.states[state].items()):
            if kind is shift and to not in order:
                order[to] = len(order)
                waiting.append(to)
    return order


def text() -> str:
    """The file's text."""
    return json.dumps(build(), separators=(",", ":"), sort_keys=True) + "\n"


if __name__ == "__main__":
    (HERE / "grammar.json").write_text(text(), encoding="utf-8")
