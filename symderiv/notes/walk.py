"""Over the syntax tree: children, and a compact dump for tests and for eyes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from symderiv.notes.tree import (
    Add,
    Call,
    Case,
    Cases,
    Comparison,
    Condition,
    Convolution,
    Derivative,
    Dots,
    Expr,
    Group,
    Indexed,
    Iverson,
    Matrix,
    Name,
    Number,
    Piece,
    Place,
    Power,
    Prime,
    Product,
    Quotient,
    Range,
    Reduction,
    Sequence,
    Slice,
    Subscripts,
    Transpose,
    Words,
)


def children(node: object) -> Iterator[Any]:
    """The nodes right under a node, in the order written; also subscripts, ranges, conditions and cases."""
    if not is_dataclass(node):
        return
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, tuple):
            for item in value:
                yield from (one for one in (item if isinstance(item, tuple) else (item,)) if is_dataclass(one))
        elif is_dataclass(value) and not isinstance(value, Place):
            yield value


def dump(node: object) -> str:
    """One line: ``(= (d L (I 12)) (* (d L (O 11)) \\cdot (W 22)))`` for a piece, an s-expression for a node."""
    if isinstance(node, Piece):
        return _piece(node)
    return _DUMPS[type(node)](node) if type(node) in _DUMPS else type(node).__name__.lower()


def _list(head: str, *parts: object) -> str:
    texts = [part if isinstance(part, str) else dump(part) for part in parts]
    return f"({' '.join([head, *texts])})"


def _piece(piece: Piece) -> str:
    chain = [dump(member) for member in (*(("^",) if piece.earlier else ()), *piece.members) if not isinstance(member, str)]
    if piece.earlier:
        chain.insert(0, "^")
    text = chain[0] if chain else ""
    for relation, member in zip(piece.relations, chain[1:], strict=False):
        label = f"[{relation.label}]" if relation.label else ""
        text += f" {relation.kind}{label} {member}"
    text += "".join(f" | {dump(condition)}" for condition in piece.conditions)
    return (f"#{piece.label} " if piece.label else "") + text.strip()


def _number(node: Number) -> str:
    return node.digits


def _name(node: Name) -> str:
    return f"{node.text}~{node.gradient.of}/{node.gradient.by}" if node.gradient else node.text


def _add(node: Add) -> str:
    parts = [("-" if sign < 0 else "") + dump(term) for sign, term in zip(node.signs, node.terms, strict=True)]
    return _list("+", *parts)


def _product(node: Product) -> str:
    parts = [dump(node.factors[0])]
    for join, factor in zip(node.joins, node.factors[1:], strict=True):
        parts += [join] if join else []
        parts.append(dump(factor))
    return _list("*", *parts)


def _subscripts(node: Subscripts) -> str:
    style = {"sub": "", "super": "^", "bracket": "[]", "paren": "()", "glued": "_"}[node.style]
    return style + (",".join(dump(item) for item in node.items))


def _indexed(node: Indexed) -> str:
    return _list(dump(node.base), *[_subscripts(group) for group in node.groups])


def _range(node: Range) -> str:
    if node.low is None and node.high is None:
        return dump(node.index)
    low = "" if node.low is None else ("<" if node.low_strict else "") + dump(node.low)
    high = "" if node.high is None else ("<" if node.high_strict else "") + dump(node.high)
    return f"{dump(node.index)}={low}..{high}"


def _reduction(node: Reduction) -> str:
    parts = [*node.ranges, *node.conditions]
    window = [f"@{','.join(dump(item) for item in node.window)}"] if node.window else []
    return _list(node.kind, *parts, *window, *([node.body] if node.body is not None else []))


def _derivative(node: Derivative) -> str:
    return _list("D" if node.total else "d", node.of, node.by)


def _condition(node: Condition) -> str:
    words = f'"{node.words}" ' if node.words else ""
    statement = dump(node.statement) if node.statement is not None else ""
    after = f' "{node.after}"' if node.after else ""
    return ("or " if node.join == "or" else "") + (words + statement + after).strip()


def _comparison(node: Comparison) -> str:
    parts = [dump(node.members[0])]
    for relation, member in zip(node.relations, node.members[1:], strict=True):
        parts += [relation.kind, dump(member)]
    return f"<{' '.join(parts)}>"


def _call(node: Call) -> str:
    below = [f"_{_subscripts(node.subscripts)}"] if node.subscripts else []
    return _list(node.function + ("" if node.certain else "?"), *below, *node.args)


def _matrix(node: Matrix) -> str:
    return f"[{'; '.join(' '.join(dump(cell) for cell in row) for row in node.rows)}]"


def _case(node: Case) -> str:
    return f"{dump(node.value)} if {dump(node.condition)}" if node.condition else dump(node.value)


def _slice(node: Slice) -> str:
    parts = [node.start, node.stop] if node.step is None else [node.start, node.stop, node.step]
    return ":".join("" if part is None else dump(part) for part in parts)


def _optional_open(node: Sequence) -> str:
    return f"{node.open or ','}{' '.join(dump(item) for item in node.items)}{_CLOSE.get(node.open, ',')}"


_CLOSE = {"(": ")", "[": "]", "{": "}"}
_DUMPS: dict[type, Any] = {
    Number: _number, Name: _name, Add: _add, Product: _product, Subscripts: _subscripts, Indexed: _indexed,
    Range: _range, Reduction: _reduction, Derivative: _derivative, Condition: _condition, Comparison: _comparison,
    Call: _call, Matrix: _matrix, Case: _case, Slice: _slice, Sequence: _optional_open,
    Quotient: lambda node: _list("/", node.top, node.bottom),
    Power: lambda node: _list("pow", node.base, node.exponent),
    Transpose: lambda node: _list("T", node.base),
    Convolution: lambda node: _list("conv", node.left, f"{node.sign} {node.mode}".strip(), node.right),
    Prime: lambda node: _list("prime" + "'" * (node.order - 1), node.function, *node.args),
    Group: lambda node: f"{node.open}{dump(node.inner)}{_CLOSE[node.open]}",
    Iverson: lambda node: f"[[{node.spelling}: {', '.join(dump(one) for one in node.conditions)}]]",
    Cases: lambda node: f"(cases {'; '.join(dump(row) for row in node.rows)})",
    Words: lambda node: f'"{node.text}"',
    Dots: lambda node: "...",
}  # fmt: skip


def nodes(root: Expr) -> Iterator[object]:
    """The node and everything under it, without recursion."""
    waiting: list[object] = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(list(children(node)))
