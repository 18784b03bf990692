"""An index names another entry than it should.

    W_{22} -> W_{12}      W_{i-p+1} -> W_{p-i+1}      dO_{aj} -> dO_{ij}      O_{ij} -> dO_{ij}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product as cartesian

from symderiv.check.differences.base import (
    Candidate,
    Scene,
    Subscripted,
    made,
    ranges_of,
    subscripted,
)
from symderiv.check.syntax import parts, put
from symderiv.index.form import Form, const, name
from symderiv.notes import tree
from symderiv.report_model import DifferenceKind

MOST_CELLS = 64


def reversed_signs(scene: Scene) -> Iterator[Candidate]:
    """``O_{p+a-1}`` for ``O_{p-a+1}``, ``W_{i-p+1}`` for ``W_{p-i+1}``: the difference the other way round."""
    base = scene.context.base
    for entry in subscripted(scene.right, scene):
        options: list[list[Form]] = []
        for f in entry.forms:
            names = [m for m, _ in f.terms if m]
            choices = [f]
            if len(names) >= 2:
                choices += [2 * base - f + k for k in (0, -1, 1)]
                for monomial, c in f.terms:
                    if monomial and abs(c) == 1:
                        turned = Form(tuple((m, -x if m == monomial else x) for m, x in f.terms))
                        choices += [turned + k for k in (0, -2, 2)]
            options.append(choices)
        picks = list(cartesian(*options))
        for forms in picks[1:200]:
            same_move = len({_move(a, b) for a, b in zip(entry.forms, forms, strict=True)}) == 1
            if same_move or sum(a != b for a, b in zip(entry.forms, forms, strict=True)) == 1:
                yield made("wrong-index", entry, forms, scene)


def _move(a: Form, b: Form) -> tuple[object, ...]:
    signs = tuple(c for m, c in b.terms if m)
    return (a == b, signs, b.offset)


def renamed(scene: Scene) -> Iterator[Candidate]:
    """One letter of an index for another that has a meaning here."""
    ready = scene.read.ready
    if ready is None:
        return
    known = {f.index for f in ready.sides.free} | {r.index.text for r in ranges_of(scene.right)}
    for entry in subscripted(scene.right, scene):
        for k, form in enumerate(entry.forms):
            for letter in sorted(form.names & known):
                for other in sorted(known - form.names):
                    forms = list(entry.forms)
                    forms[k] = form.replace({letter: name(other)})
                    yield made("wrong-index", entry, tuple(forms), scene)


def other_entry(scene: Scene) -> Iterator[Candidate]:
    """Literal indices: another entry of the same tensor."""
    context = scene.context
    for entry in subscripted(scene.right, scene):
        shape = [f.constant for f in context.shape(entry.tensor)]
        if any(f.constant is None for f in entry.forms) or any(n is None for n in shape) or not entry.forms:
            continue
        base = context.base
        spans = [range(base, base + (n or 0)) for n in shape]
        total = 1
        for span in spans:
            total *= len(span)
        if total > MOST_CELLS:
            continue
        for values in cartesian(*spans):
            forms = tuple(const(v) for v in values)
            if forms != entry.forms:
                yield made(_literal_kind(entry, forms, scene), entry, forms, scene)


def other_tensor(scene: Scene) -> Iterator[Candidate]:
    """``O_{ij}`` for its gradient, or one tensor for another of as many indices."""
    context = scene.context
    names = {tensor: written for written, tensor in context.roles.items()}
    inside = {id(p.by) for p in parts(scene.right) if isinstance(p, tree.Derivative)}
    for entry in subscripted(scene.right, scene):
        shown = scene.source.slice(entry.node.place)
        if id(entry.node) in inside:
            continue
        if entry.tensor == context.layer.output.name and scene.link.span.kind != "plain":
            before, after = scene.hand.around or (rf"\frac{{\partial {context.loss}}}{{\partial ", "}")
            gradient = tree.Derivative(tree.Name(context.loss, context.loss), entry.node)
            text = before + shown + after
            yield Candidate("wrong-index", put(scene.right, entry.node, gradient), entry.node.place, text, shown, text)
        for tensor in ("I", "W"):
            if tensor == entry.tensor or tensor not in names or context.rank(tensor) != len(entry.forms):
                continue
            new = replace(entry.node, base=tree.Name(names[tensor], names[tensor]))
            text = names[tensor] + scene.source.slice(tree.Place(entry.node.groups[0].place.start, entry.node.place.end))
            yield Candidate("wrong-index", put(scene.right, entry.node, new), entry.node.place, text, shown, text)


def _literal_kind(entry: Subscripted, forms: tuple[Form, ...], scene: Scene) -> DifferenceKind:
    if len(forms) > 1 and forms == entry.forms[::-1]:
        return "transposed-index"
    if entry.tensor == "W":
        shape = scene.context.shape("W")
        if all(a + b == n - 1 + 2 * scene.context.base for a, b, n in zip(entry.forms, forms, shape, strict=True)):
            return "flipped-kernel" if all(a != b for a, b in zip(entry.forms, forms, strict=True)) else "wrong-index"
    return "wrong-index"
