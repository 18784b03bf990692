"""A number that should not be there, or one that is missing.

    2 dO W -> dO W      \\sum dO -> \\frac{1}{4} \\sum dO
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from symderiv.check.differences.base import Candidate, Scene
from symderiv.check.syntax import put, values
from symderiv.notes import tree


def coefficient(scene: Scene) -> Iterator[Candidate]:
    """A number that should not be there, or a constant factor that is missing."""
    for node in [p for p in values(scene.right) if isinstance(p, tree.Product)]:
        for k, factor in enumerate(node.factors):
            if isinstance(factor, (tree.Number, tree.Quotient)) and len(node.factors) > 1:
                rest = node.factors[:k] + node.factors[k + 1 :]
                joins = node.joins[1:] if k == 0 else node.joins[: k - 1] + node.joins[k:]
                new = rest[0] if len(rest) == 1 else replace(node, factors=rest, joins=joins)
                yield Candidate("wrong-coefficient", put(scene.right, node, new), factor.place, "", scene.source.slice(factor.place), "1",
                                _with_its_sign(node, k))
    ratio = _ratio(scene)
    if ratio is None or ratio <= 0 or max(ratio.numerator, ratio.denominator) >= 10_000:
        return
    plain = scene.link.span.kind == "plain"
    numbers = list(_numbers(scene.right))
    if len(numbers) == 1:
        ((old, below),) = numbers
        value = (_value(old) or 0) * (1 / ratio if below else ratio)
        if value != 1:
            yield Candidate("wrong-coefficient", put(scene.right, old, _number(value)), old.place, _text(value, plain),
                            scene.source.slice(old.place), _text(value, plain))
    elif not numbers:
        yield _in_front(ratio, scene)


def _with_its_sign(node: tree.Product, k: int) -> tree.Place:
    """A factor and the sign of multiplication beside it."""
    if k + 1 < len(node.factors):
        return tree.Place(node.factors[k].place.start, node.factors[k + 1].place.start)
    return tree.Place(node.factors[k - 1].place.end, node.factors[k].place.end)


def rescaled(node: tree.Expr, ratio: Fraction, scene: Scene) -> tuple[tree.Place, str, str, str] | None:
    """The edit that multiplies a term: place and text, and what is found and expected; None where two numbers leave it open."""
    plain, numbers = scene.link.span.kind == "plain", list(_numbers(node))
    if ratio <= 0 or len(numbers) > 1:
        return None
    if not numbers:
        text = _text(ratio, plain)
        return tree.Place(node.place.start, node.place.start), text + ("*" if plain else " "), "1", text
    ((old, below),) = numbers
    value, found = (_value(old) or 0) * (1 / ratio if below else ratio), scene.source.slice(old.place)
    if value == 1 and not below and isinstance(node, tree.Product):
        for k, factor in enumerate(node.factors):
            if factor is old:
                return _with_its_sign(node, k), "", found, "1"
    return old.place, _text(value, plain), found, _text(value, plain)


def _in_front(ratio: Fraction, scene: Scene) -> Candidate:
    """A factor before a right side that has no number."""
    plain = scene.link.span.kind == "plain"
    text, body = _text(ratio, plain), scene.right
    place = tree.Place(scene.right.place.start, scene.right.place.start)
    whole = text + (" * " if plain else " \\cdot ")
    if isinstance(scene.right, tree.Add):
        body, place = tree.Group(scene.right), scene.right.place
        whole = f"{text} ({scene.source.slice(place)})"
    return Candidate("wrong-coefficient", tree.Product((_number(ratio), body), ("\\cdot",)), place, whole, "1", text)


def _numbers(expr: tree.Expr, below: bool = False) -> Iterator[tuple[tree.Expr, bool]]:
    """The numbers that the whole of an expression is multiplied with, and (True) divided by, outside of all sums of terms."""
    if _value(expr) is not None:
        yield expr, below
    elif isinstance(expr, tree.Group):
        yield from _numbers(expr.inner, below)
    elif isinstance(expr, tree.Product):
        for factor in expr.factors:
            yield from _numbers(factor, below)
    elif isinstance(expr, tree.Sequence) and len(expr.items) == 1:
        yield from _numbers(expr.items[0], below)
    elif isinstance(expr, tree.Reduction) and expr.kind == "sum" and expr.body is not None:
        yield from _numbers(expr.body, below)
    elif isinstance(expr, tree.Quotient):
        yield from _numbers(expr.top, below)
        yield from _numbers(expr.bottom, not below)


def _value(expr: tree.Expr) -> Fraction | None:
    """The value of a number or of a fraction of numbers."""
    if isinstance(expr, tree.Number):
        return expr.value
    if isinstance(expr, tree.Quotient):
        top, bottom = _value(expr.top), _value(expr.bottom)
        return top / bottom if top is not None and bottom else None
    return None


def _number(value: Fraction) -> tree.Expr:
    top = tree.Number(str(value.numerator))
    return top if value.denominator == 1 else tree.Quotient(top, tree.Number(str(value.denominator)))


def _text(value: Fraction, plain: bool) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{value.numerator}/{value.denominator}" if plain else f"\\frac{{{value.numerator}}}{{{value.denominator}}}"


def _ratio(scene: Scene) -> Fraction | None:
    left, right = scene.judged.outcome.left, scene.judged.outcome.right
    if not left or left.keys() != right.keys():
        return None
    ratios = {Fraction(left[m]) / Fraction(right[m]) for m in left}
    return ratios.pop() if len(ratios) == 1 else None
