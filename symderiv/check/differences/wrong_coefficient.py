"""A number that should not be there, or one that is missing.

    2 dO W -> dO W      \\sum dO -> \\frac{1}{4} \\sum dO
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from symderiv.check.differences.base import Candidate, Scene
from symderiv.check.syntax import parts, put
from symderiv.notes import tree


def coefficient(scene: Scene) -> Iterator[Candidate]:
    """A number that should not be there, or a constant factor that is missing."""
    for node in [p for p in parts(scene.right) if isinstance(p, tree.Product)]:
        for k, factor in enumerate(node.factors):
            if isinstance(factor, (tree.Number, tree.Quotient)) and len(node.factors) > 1:
                rest = node.factors[:k] + node.factors[k + 1 :]
                joins = node.joins[1:] if k == 0 else node.joins[: k - 1] + node.joins[k:]
                new = rest[0] if len(rest) == 1 else replace(node, factors=rest, joins=joins)
                kept = tree.Place(rest[0].place.start, rest[-1].place.end)
                text = scene.source.slice(kept) if k in (0, len(node.factors) - 1) else ""
                if text:
                    yield Candidate("wrong-coefficient", put(scene.right, node, new), node.place, text,
                                    scene.source.slice(factor.place), "1")
    ratio = _ratio(scene)
    if ratio is not None and ratio > 0 and ratio.numerator < 10_000 and ratio.denominator < 10_000:
        number: tree.Expr = tree.Number(str(ratio.numerator))
        text = str(ratio.numerator)
        if ratio.denominator != 1:
            number = tree.Quotient(number, tree.Number(str(ratio.denominator)))
            text = f"\\frac{{{ratio.numerator}}}{{{ratio.denominator}}}"
            if scene.link.span.kind == "plain":
                text = f"{ratio.numerator}/{ratio.denominator}"
        body = tree.Group(scene.right) if isinstance(scene.right, tree.Add) else scene.right
        start = tree.Place(scene.right.place.start, scene.right.place.start)
        if isinstance(scene.right, tree.Add):
            start = scene.right.place
            whole = f"{text} ({scene.source.slice(start)})"
        else:
            whole = text + (" * " if scene.link.span.kind == "plain" else " \\cdot ")
        yield Candidate("wrong-coefficient", tree.Product((number, body), ("\\cdot",)), start, whole, "1", text)


def _ratio(scene: Scene) -> Fraction | None:
    left, right = scene.judged.outcome.left, scene.judged.outcome.right
    if not left or left.keys() != right.keys():
        return None
    ratios = {Fraction(left[m]) / Fraction(right[m]) for m in left}
    return ratios.pop() if len(ratios) == 1 else None
