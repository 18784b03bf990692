"""The JSON's ``expr`` as a SymPy expression.

    Sum(dO[i]*W[p-i+1], (i, Max(1,p-1), Min(p,2)))

Read by Python's own parser and built node by node; nothing of the text is ever run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import product as cartesian
from typing import Any

import sympy as sp

MOST_CHARACTERS = 1_000_000


def read_expr(text: str) -> Any:
    """The SymPy expression that an ``expr`` of the derivation's JSON writes.

    Entries are ``Indexed`` (``I[1,2]``, subscripts from 1), scalars and indices are symbols, the weight of a
    maximum is the undefined function ``is_max((window), (position))``.

    Raises:
        ValueError: the text is not in the syntax of SCHEMA's ``expr``.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"an expression has at most {MOST_CHARACTERS:,} characters, this one {len(text):,}")
    try:
        return _read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"not an expression: {text[:60]!r}") from error


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b, ast.Pow: lambda a, b: a**b,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.LtE: sp.Le, ast.Lt: sp.Lt, ast.GtE: sp.Ge, ast.Gt: sp.Gt,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Sum": sp.Sum, "Min": sp.Min, "floor": sp.floor, "ceiling": sp.ceiling, "Piecewise": sp.Piecewise,
    "KroneckerDelta": sp.KroneckerDelta, "Eq": sp.Eq, "Ne": sp.Ne, "And": sp.And, "Mod": sp.Mod,
    "is_max": sp.Function("is_max"),
}


def _read(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            return sp.true if node.value else sp.false
        if isinstance(node.value, int):
            return sp.Integer(node.value)
    elif isinstance(node, ast.Name):
        return sp.Symbol(node.id)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_read(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_read(node.left), _read(node.right))
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
        return _COMPARE[type(node.ops[0])](_read(node.left), _read(node.comparators[0]))
    elif isinstance(node, ast.Tuple):
        return sp.Tuple(*map(_read, node.elts))
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        at = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return sp.IndexedBase(node.value.id)[tuple(map(_read, at))]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _call(node.func.id, list(map(_read, node.args)))
    raise ValueError(f"{ast.unparse(node)[:60]!r} is not in the syntax of expr")


def _call(name: str, arguments: list[Any]) -> Any:
    if name == "Max":
        ranges = [a for a in arguments[1:] if isinstance(a, sp.Tuple)]
        return _greatest(arguments[0], ranges) if ranges else sp.Max(*arguments)
    if name not in _FUNCTIONS:
        raise ValueError(f"{name}(...) is not a function of expr; they are Max, {', '.join(_FUNCTIONS)}")
    return _FUNCTIONS[name](*arguments)


def _greatest(body: Any, ranges: list[Any]) -> Any:
    """The maximum of the body over ranges of numbers, written out."""
    if not all(low.is_Integer and high.is_Integer for _, low, high in ranges):
        raise ValueError("a maximum over a range with names can't be a SymPy expression: put numbers for the sizes")
    values = cartesian(*(range(int(low), int(high) + 1) for _, low, high in ranges))
    names = [index for index, _, _ in ranges]
    return sp.Max(*(body.subs(dict(zip(names, v, strict=True))) for v in values))
