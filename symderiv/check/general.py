"""The true general formula in the writer's letters: the derivation's own, spelled as the notes spell."""

from __future__ import annotations

from symderiv.calculus.differentiate import differentiate
from symderiv.check.arrays import Whole
from symderiv.check.context import Context
from symderiv.check.differences.base import Scene
from symderiv.check.finalise import Ready
from symderiv.check.judge import summed
from symderiv.check.spell import whole_equation
from symderiv.formula.nodes import (
    Bracket,
    Compare,
    Divides,
    Entry,
    Equal,
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
from symderiv.formula.rebase import from_zero
from symderiv.formula.walk import negative, rename, substitute, walk
from symderiv.formula.write import write_node
from symderiv.index.form import Form, name
from symderiv.index.write import Spelling, write_form

LATEX = Spelling(
    times=" ", digit_times=" ", floor=lambda a, b: rf"\left\lfloor \frac{{{a}}}{{{b}}} \right\rfloor",
    ceil=lambda a, b: rf"\left\lceil \frac{{{a}}}{{{b}}} \right\rceil", exact=lambda a, b: rf"\frac{{{a}}}{{{b}}}",
    extreme=lambda kind, xs: rf"\{kind}({', '.join(xs)})",
)
SPARE = "ijklmuvwxyabcefgh"


def true_form(scene: Scene) -> str:
    """``left = the derivation's formula``, or the written side under the sum that it lacks.

    Empty where the left side is no gradient with plain indices.
    """
    context, ready = scene.context, scene.read.ready
    if ready is None:
        return ""
    if scene.judged.completion == "sum":
        return _with_sum(scene, ready)
    left = scene.read.left
    whole = isinstance(left, Whole)
    if isinstance(left, Whole) and isinstance(ready.sides.left, Entry):
        # the letters that the whole tensor got, whatever they count from
        left = Entry(left.tensor, tuple(name(x) for f in ready.sides.left.index for x in f.names))
    if not isinstance(left, Entry) or not left.tensor.startswith("d") or left.tensor == context.layer.upstream:
        return ""
    names = [n for n in (f.plain_name for f in left.index) if n]
    if len(set(names)) != len(left.index):
        return ""
    tensor = context.layer.tensor(left.tensor[1:])
    formula, _ = differentiate(context.layer, tensor)
    body = _relettered(formula.body, [b.index for b in formula.bindings], names, context)
    if context.base == 0:
        body = from_zero(body, frozenset({*context.layer.sizes, *(n for n, _ in context.layer.derived)}))
    if scene.link.span.kind == "plain":
        return _plain(scene, body)
    return f"{_gradient(left, context)} = {spell(body, context)}" if whole else whole_equation(scene, spell(body, context))


def _plain(scene: Scene, body: Node) -> str:
    """In the one-line notation, where the writer's letters are its own."""
    same = all(written == canonical for written, canonical in scene.context.roles.items())
    return whole_equation(scene, write_node(body)) if same else ""


def _with_sum(scene: Scene, ready: Ready) -> str:
    """The claim with the sum over the letters that stand on one side only, entry by entry."""
    context = scene.context
    if context.base == 0 or scene.link.span.kind == "plain":
        return ""
    sides = summed(ready.sides, ready.right_only, context)
    if not isinstance(sides.left, Entry):
        return ""
    left = _gradient(sides.left, context) if sides.left.tensor.startswith("d") else spell(sides.left, context)
    return f"{left} = {spell(sides.right, context)}"


def _gradient(entry: Entry, context: Context) -> str:
    """``dL/dI_{pq}`` as a fraction, whatever letter the writer has for it."""
    inner = context.written(entry.tensor[1:]) + _index(entry.index, context)
    return rf"\frac{{\partial {context.loss}}}{{\partial {inner}}}"


def _relettered(body: Node, fixed: list[str], wanted: list[str], context: Context) -> Node:
    """The writer's letters for the fixed indices, others for the sums where they would clash."""

    bound = [b.index for n in walk(body) if isinstance(n, Reduce) for b in n.bindings]
    spare = [x for x in SPARE if x not in wanted and x not in context.roles and x not in context.layer.sizes]
    moved: dict[str, str] = {}
    for letter in bound:
        if letter in wanted or letter in context.roles:
            new = next(x for x in spare if x not in moved.values() and x not in bound)
            moved[letter] = new
    body = rename(body, moved)
    return substitute(body, {f: name(w) for f, w in zip(fixed, wanted, strict=True)})


def _form(form: Form, context: Context) -> str:
    back = {v.plain_name: name(w) for w, v in context.sizes.items() if v.plain_name}
    return write_form(form.replace(back), LATEX)


def _index(forms: tuple[Form, ...], context: Context) -> str:
    texts = [_form(f, context) for f in forms]
    if not texts:
        return ""
    return "_{" + ("".join(texts) if len(texts) <= 2 and all(len(t) == 1 for t in texts) else ", ".join(texts)) + "}"


def spell(node: Node, context: Context) -> str:
    """The node as LaTeX in the notes' symbols. Raises UnsupportedNode."""
    if isinstance(node, Number):
        value = node.value
        return str(value) if value.denominator == 1 else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    if isinstance(node, Size):
        return _form(node.form, context)
    if isinstance(node, Entry):
        if node.tensor == context.layer.upstream and node.tensor not in context.roles.values():
            inner = context.written(node.tensor[1:]) + _index(node.index, context)
            return rf"\frac{{\partial {context.loss}}}{{\partial {inner}}}"
        return context.written(node.tensor) + _index(node.index, context)
    if isinstance(node, Partial):
        return rf"\frac{{\partial {spell(node.output, context)}}}{{\partial {spell(node.wrt, context)}}}"
    if isinstance(node, IsMax):
        at = ", ".join(_form(f, context) for f in node.at)
        return rf"[ ({at}) = \operatorname{{argmax}}{_index(node.window, context)} ]"
    if isinstance(node, Sum):
        return _sum(node, context)
    if isinstance(node, Product):
        return _product(node, context)
    if isinstance(node, Power):
        return f"{spell(node.base, context)}^{{{node.exponent}}}" if node.exponent > 0 else rf"\frac{{1}}{{{spell(node.base, context)}}}"
    if isinstance(node, Reduce) and node.kind == "sum":
        signs = " ".join(rf"\sum_{{{b.index}={_form(b.low, context)}}}^{{{_form(b.high, context)}}}" for b in node.bindings)
        body = spell(node.body, context)
        return f"{signs} ({body})" if isinstance(node.body, Sum) else f"{signs} {body}"
    if isinstance(node, Bracket):
        return "[ " + ", ".join(_condition(c, context) for c in node.conditions) + " ]"
    raise UnsupportedNode(node, "the notes' letters")


def _sum(node: Sum, context: Context) -> str:
    text = ""
    for term in node.terms:
        minus, rest = negative(term)
        text += (" - " if minus else " + ") if text else ("-" if minus else "")
        text += spell(rest, context)
    return text


def _product(node: Product, context: Context) -> str:
    pieces = [f"({spell(f, context)})" if isinstance(f, Sum) else spell(f, context) for f in node.factors]
    text = pieces[0]
    for factor, piece in zip(node.factors[1:], pieces[1:], strict=True):
        bare = isinstance(factor, (Bracket, IsMax, Reduce)) or isinstance(node.factors[0], Number)
        text += (" " if bare and not piece[0].isdigit() else " \\cdot ") + piece
    return text


def _condition(condition: object, context: Context) -> str:
    if isinstance(condition, Equal):
        return f"{_form(condition.left, context)} = {_form(condition.right, context)}"
    if isinstance(condition, Within):
        return r" \le ".join(_form(f, context) for f in (condition.low, condition.form, condition.high))
    if isinstance(condition, Divides):
        return rf"{_form(condition.divisor, context)} \mid {_form(condition.form, context)}"
    assert isinstance(condition, Compare)
    sign = {"<": "<", "<=": r"\le", "!=": r"\ne"}[condition.sign]
    return f"{_form(condition.left, context)} {sign} {_form(condition.right, context)}"


__all__ = ["spell", "true_form"]
