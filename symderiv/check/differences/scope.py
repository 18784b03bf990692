"""A term stands inside a sum and is added each time.

    \\sum_{a} (I_a W_a + b) -> \\sum_{a} I_a W_a + b
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderiv.check.differences.base import Candidate, Scene, joined
from symderiv.check.syntax import parts, put, values
from symderiv.notes import tree


def scope(scene: Scene) -> Iterator[Candidate]:
    """A term inside a bracketed sum that uses none of its indices, put outside."""
    for node in [p for p in parts(scene.right) if isinstance(p, tree.Reduction)]:
        outer, inner = _innermost(node)
        group = inner.body
        if not isinstance(group, tree.Group) or not isinstance(group.inner, tree.Add):
            continue
        add = group.inner
        for k, term in enumerate(add.terms):
            rest_terms = add.terms[:k] + add.terms[k + 1 :]
            rest_signs = add.signs[:k] + add.signs[k + 1 :]
            if len(rest_terms) == 1 and rest_signs == (1,):
                body: tree.Expr = rest_terms[0]
                text = scene.source.slice(rest_terms[0].place)
            else:
                body = tree.Group(tree.Add(rest_terms, rest_signs))
                text = joined(rest_terms, rest_signs, scene)
                text = f"({text})"
            sum_ = put(outer, group, body)
            new = tree.Add((sum_, term), (1, add.signs[k]))
            sign = "+" if add.signs[k] > 0 else "-"
            outside = f"{text} {sign} {scene.source.slice(term.place)}"
            yield Candidate("scope", put(scene.right, outer, new), group.place, outside,
                            scene.source.slice(term.place), outside)


def brackets(scene: Scene) -> Iterator[Candidate]:
    """Brackets around terms that a factor does not belong to: ``g_1 (w_2 + g_2 w_1)``."""
    for node in [p for p in values(scene.right) if isinstance(p, tree.Product)]:
        for k, factor in enumerate(node.factors):
            if not isinstance(factor, tree.Group) or not isinstance(factor.inner, tree.Add) or k != len(node.factors) - 1 or node is not scene.right:
                continue
            add = factor.inner
            first = replace(node, factors=(*node.factors[:-1], add.terms[0]))
            shown = scene.source.slice(factor.place)
            inside = scene.source.slice(add.place)
            yield Candidate("scope", tree.Add((first, *add.terms[1:]), (1, *add.signs[1:])), factor.place, inside, shown, inside)


def _innermost(node: tree.Reduction) -> tuple[tree.Reduction, tree.Reduction]:
    inner = node
    while isinstance(inner.body, tree.Reduction):
        inner = inner.body
    return node, inner
