"""The one-line notation, written: ``parse_node(write_node(node)) == node`` for legal nodes."""

from __future__ import annotations

from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Cases,
    Compare,
    Condition,
    Entry,
    Equal,
    Formula,
    Greatest,
    IsMax,
    Node,
    Number,
    Partial,
    Power,
    Product,
    Reduce,
    Size,
    Sum,
    UnsupportedNode,
    Within,
)
from symderiv.formula.walk import negative
from symderiv.index.form import Form, Ratio
from symderiv.index.write import write_form


def write_formula(formula: Formula) -> str:
    """``target = body``."""
    return f"{write_node(formula.target)} = {write_node(formula.body)}"


def write_node(node: Node) -> str:
    """The node in the one-line notation."""
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, Size):
        return _size(node.form)
    if isinstance(node, Entry):
        return node.tensor + (f"[{_forms(node.index)}]" if node.index else "")
    if isinstance(node, Sum):
        return _sum(node)
    if isinstance(node, Product):
        return _product(node)
    if isinstance(node, Power):
        base = write_node(node.base)
        if node.exponent < 0:
            return f"1/{base}"
        return (base if isinstance(node.base, Entry) else f"({base})") + f"^{node.exponent}"
    if isinstance(node, Reduce):
        return f"{node.kind}({', '.join(map(write_binding, node.bindings))}, {write_node(node.body)})"
    if isinstance(node, IsMax):
        return f"is_max(({_forms(node.at)}), ({_forms(node.window)}))"
    if isinstance(node, Bracket):
        return f"[{', '.join(map(write_condition, node.conditions))}]"
    if isinstance(node, Greatest):
        return f"max({', '.join(map(write_node, node.terms))})"
    if isinstance(node, Cases):
        cases = [f"{write_node(b.value)} if {', '.join(map(write_condition, b.conditions))}" for b in node.branches]
        rest = [] if node.otherwise is None else [f"{write_node(node.otherwise)} otherwise"]
        return f"cases({'; '.join([*cases, *rest])})"
    if isinstance(node, Partial):
        return f"d({write_node(node.output)})/d({write_node(node.wrt)})"
    raise UnsupportedNode(node, "the notation")


def write_binding(binding: Binding) -> str:
    """``i=1..n``."""
    return f"{binding.index}={write_form(binding.low)}..{write_form(binding.high)}"


def write_condition(condition: Condition) -> str:
    """``a == b``, ``a <= b <= c`` or ``d | e``."""
    if isinstance(condition, Equal):
        return f"{write_form(condition.left)} == {write_form(condition.right)}"
    if isinstance(condition, Within):
        return " <= ".join(write_form(f) for f in (condition.low, condition.form, condition.high))
    if isinstance(condition, Compare):
        return f"{write_form(condition.left)} {condition.sign} {write_form(condition.right)}"
    return f"{write_form(condition.divisor)} | {write_form(condition.form)}"


def _size(form: Form) -> str:
    """A name, or one function; anything else as ``min(form)``, so that it is read as one number."""
    single = len(form.terms) == 1 and form.terms[0][1] == 1 and len(form.terms[0][0]) == 1
    text = write_form(form)
    exact = single and isinstance(form.terms[0][0][0], Ratio) and form.terms[0][0][0].kind == "exact"
    return text if single and not exact else f"min({text})"


def _forms(forms: tuple[Form, ...]) -> str:
    return ",".join(write_form(f) for f in forms)


def _sum(node: Sum) -> str:
    text = ""
    for term in node.terms:
        minus, rest = negative(term)
        if text:
            text += " - " if minus else " + "
        elif minus:
            text = "-"
        text += write_node(rest)
    return text


def _product(node: Product) -> str:
    minus, rest = negative(node)
    if minus:
        return "-" + write_node(rest)
    text = ""
    for factor in node.factors:
        if text and isinstance(factor, Power) and factor.exponent < 0:
            text += "/" + write_node(factor.base)
            continue
        body = write_node(factor)
        text += ("*" if text else "") + (f"({body})" if isinstance(factor, Sum) else body)
    return text
