"""Nodes in SymPy's syntax, for other programs: the JSON's ``expr``. Printed, never parsed back."""

from __future__ import annotations

from collections.abc import Mapping

from symderiv.formula.nodes import (
    Bracket,
    Condition,
    Divides,
    Entry,
    Equal,
    IsMax,
    Node,
    Number,
    Power,
    Product,
    Reduce,
    Size,
    Sum,
    UnsupportedNode,
    Within,
)
from symderiv.formula.walk import negative
from symderiv.index.form import Form
from symderiv.index.write import Spelling, write_form

SYMPY_FORM = Spelling(
    ceil=lambda a, b: f"ceiling(({a})/{b})",
    extreme=lambda kind, xs: f"{kind.capitalize()}({','.join(xs)})",
)


def form_text(form: Form, derived: Mapping[str, Form]) -> str:
    """An index form; derived sizes are written out."""
    return write_form(form.replace(derived), SYMPY_FORM)


def node_text(node: Node, derived: Mapping[str, Form]) -> str:
    """The node in SymPy's syntax over tensors subscripted from 1."""

    def form(f: Form) -> str:
        return form_text(f, derived)

    def deep(n: Node) -> str:
        return node_text(n, derived)

    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, Size):
        text = form(node.form)
        return text if text.isidentifier() else f"({text})"
    if isinstance(node, Entry):
        return node.tensor + (f"[{','.join(form(f) for f in node.index)}]" if node.index else "")
    if isinstance(node, Sum):
        return sum_text([(m, deep(r)) for m, r in map(negative, node.terms)])
    if isinstance(node, Product):
        return _product(node, derived)
    if isinstance(node, Power):
        if node.exponent < 0:
            return f"1/{deep(node.base)}"
        return (deep(node.base) if isinstance(node.base, Entry) else f"({deep(node.base)})") + f"**{node.exponent}"
    if isinstance(node, Reduce):
        limits = ", ".join(f"({b.index}, {form(b.low)}, {form(b.high)})" for b in reversed(node.bindings))
        return f"{'Sum' if node.kind == 'sum' else 'Max'}({deep(node.body)}, {limits})"
    if isinstance(node, IsMax):
        return f"is_max({_tuple([form(f) for f in node.window])}, {_tuple([form(f) for f in node.at])})"
    if isinstance(node, Bracket):
        return f"Piecewise((1, {conditions_text(node.conditions, derived)}), (0, True))"
    raise UnsupportedNode(node, "SymPy's syntax")


def _product(node: Product, derived: Mapping[str, Form]) -> str:
    """Equations as KroneckerDelta, other conditions as a Piecewise that guards the reads."""
    minus, rest = negative(node)
    if minus:
        return "-" + node_text(rest, derived)
    guards = tuple(
        c for f in node.factors if isinstance(f, Bracket) for c in f.conditions if not isinstance(c, Equal)
    )
    parts = [
        f"KroneckerDelta({form_text(c.left, derived)},{form_text(c.right, derived)})"
        for f in node.factors if isinstance(f, Bracket) for c in f.conditions if isinstance(c, Equal)
    ]
    text = "*".join(parts)
    for factor in node.factors:
        if isinstance(factor, Bracket):
            continue
        body = node_text(factor, derived)
        if isinstance(factor, Power) and factor.exponent < 0 and text:
            text += "/" + node_text(factor.base, derived)
            continue
        text += ("*" if text else "") + (f"({body})" if isinstance(factor, Sum) else body)
    text = text or "1"
    return f"Piecewise(({text}, {conditions_text(guards, derived)}), (0, True))" if guards else text


def conditions_text(conditions: tuple[Condition, ...], derived: Mapping[str, Form]) -> str:
    """Conditions joined by And."""
    parts: list[str] = []
    for c in conditions:
        if isinstance(c, Equal):
            parts.append(f"Eq({form_text(c.left, derived)}, {form_text(c.right, derived)})")
        elif isinstance(c, Within):
            middle = form_text(c.form, derived)
            parts.append(f"{form_text(c.low, derived)} <= {middle}")
            parts.append(f"{middle} <= {form_text(c.high, derived)}")
        elif isinstance(c, Divides):
            parts.append(f"Eq(Mod({form_text(c.form, derived)}, {form_text(c.divisor, derived)}), 0)")
        else:
            left, right = form_text(c.left, derived), form_text(c.right, derived)
            parts.append(f"Ne({left}, {right})" if c.sign == "!=" else f"{left} {c.sign} {right}")
    return parts[0] if len(parts) == 1 else f"And({', '.join(parts)})"


def sum_text(terms: list[tuple[bool, str]]) -> str:
    """Signed terms joined; 0 where there are none."""
    text = ""
    for minus, body in terms:
        text += (" - " if minus else " + ") + body if text else ("-" if minus else "") + body
    return text or "0"


def _tuple(parts: list[str]) -> str:
    return f"({parts[0]},)" if len(parts) == 1 else f"({','.join(parts)})"
