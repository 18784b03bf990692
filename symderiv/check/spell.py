"""True terms in the writer's own letters and syntax."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from symderiv.check.differences.base import Scene
from symderiv.formula.evaluate import AtomKey, Poly
from symderiv.formula.nodes import UnsupportedNode
from symderiv.notes import tree

Monomial = tuple[AtomKey, ...]


def _subscript(index: Iterable[int], scene: Scene) -> str:
    plain = scene.link.span.kind == "plain"
    numbers = [x - 1 + scene.context.base for x in index]
    texts = [str(x) for x in numbers]
    own = scene.hand.numbers(numbers)
    if own is not None:
        return own
    # three digits in a row are hard to tell apart
    short = len(texts) <= 2 and all(len(t) == 1 for t in texts)
    inner = "".join(texts) if short else ", ".join(texts)
    if not texts:
        return ""
    return f"_{inner}" if plain and short else f"_{{{inner}}}"


def spell_atom(atom: AtomKey, scene: Scene) -> str:
    """One entry; an upstream entry as the writer spells derivatives."""
    context, plain = scene.context, scene.link.span.kind == "plain"
    tensor, index = atom
    shown = scene.hand.entry(tensor, [x - 1 + context.base for x in index])
    if shown is not None:
        return shown
    if tensor == "is_max":
        rank = len(context.layer.pooled.shape) if context.layer.pooled else 0
        at = ", ".join(str(x - 1 + context.base) for x in index[:rank])
        window = "".join(str(x - 1 + context.base) for x in index[rank:])
        return f"[ ({at}) = \\operatorname{{argmax}}_{{{window}}} ]"
    if tensor.startswith("max "):
        return _maximum(tensor.removeprefix("max "), index, scene)
    if tensor == context.layer.upstream:
        own = next((w for w, c in context.roles.items() if c == tensor), None)
        own = own or next((w for w, d in context.definitions.items() if d.tensor == tensor and _used(w, scene)), None)
        if own is not None:
            return own + _subscript(index, scene)
        entry = context.written(tensor[1:]) + _subscript(index, scene)
        if scene.hand.around is not None:
            return entry.join(scene.hand.around)
        if plain:
            return f"d{context.loss}/d{entry}"
        return f"\\frac{{\\partial {context.loss}}}{{\\partial {entry}}}"
    return context.written(tensor) + _subscript(index, scene)


def _maximum(tensor: str, index: tuple[int, ...], scene: Scene) -> str:
    """The greatest of entries of one tensor; ``index`` holds the indices of all of them, one after the other."""
    if "|" in tensor or tensor == "of nothing":
        raise UnsupportedNode(tensor, "the greatest of entries in words")
    rank = scene.context.rank(tensor)
    entries = ", ".join(spell_atom((tensor, index[k : k + rank]), scene) for k in range(0, len(index), rank))
    return f"max({entries})" if scene.link.span.kind == "plain" else rf"\max\{{{entries}\}}"


def _used(name: str, scene: Scene) -> bool:
    from symderiv.check.lower import names_in

    return any(n.text == name for n in names_in(scene.right))


def spell_term(monomial: Monomial, c: Fraction | int, scene: Scene) -> str:
    """A term, its factors in the writer's order; else the upstream entry first."""
    usual = [t for t in (scene.context.layer.upstream, "I", "W") if t not in scene.hand.order]
    order = {tensor: k for k, tensor in enumerate((*scene.hand.order, *usual))}
    factors = [spell_atom(a, scene) for a in sorted(monomial, key=lambda a: (order.get(a[0], len(order)), a[1]))]
    dot = scene.hand.dot if scene.hand.dot is not None else "*" if scene.link.span.kind == "plain" else " \\cdot "
    body = dot.join(factors)
    if not factors:
        return str(c)
    if not isinstance(c, int) and c.denominator != 1 and scene.link.span.kind != "plain":
        return f"{'-' if c < 0 else ''}\\frac{{{abs(c.numerator)}}}{{{c.denominator}}} {body}"
    if c == 1:
        return body
    return "-" + body if c == -1 else f"{c}{dot}{body}"


def spell_poly(poly: Poly, scene: Scene) -> str:
    """A true right side, by output position."""
    def key(monomial: Monomial) -> tuple[object, ...]:
        g = [a for a in monomial if a[0] == scene.context.layer.upstream]
        return (g[0][1] if g else (), sorted(monomial))

    text = ""
    for monomial in sorted(poly, key=key):
        term = spell_term(monomial, Fraction(poly[monomial]), scene)
        if text:
            text += " - " + term[1:] if term.startswith("-") else " + " + term
        else:
            text = term
    return text or "0"


def whole_equation(scene: Scene, right: str) -> str:
    """Left side and relation as written, and another right side."""
    left = scene.source.slice(tree.Place(scene.link.left.place.start, scene.link.right.place.start))
    return left + right
