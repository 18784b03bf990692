"""Element equations, term by term: which term of the right side is not one of the true ones, and why.

    wrong-index       dO_{11} W_{22} -> dO_{11} W_{12}
    transposed-index  dO_{11} W_{21} -> dO_{11} W_{12}
    flipped-kernel    every kernel index turned by 180 degrees
    sign, wrong-coefficient, missing-term, extra-term
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symderiv.check.arrays import is_array
from symderiv.check.budget import Budget, TooDear
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.check.differences.base import Scene, Subscripted, removed, subscripted, turned_sign, with_forms
from symderiv.check.differences.sign import signs_of
from symderiv.check.differences.wrong_coefficient import rescaled
from symderiv.check.finalise import from_one
from symderiv.check.judge import Truths
from symderiv.check.lower import Lowerer
from symderiv.check.places import span_of
from symderiv.check.truth import NotEntries
from symderiv.check.value import Fractional, Meaningless, Outside, Unstated, World, compile_side
from symderiv.formula.evaluate import AtomKey, Poly
from symderiv.formula.nodes import UnsupportedNode
from symderiv.index.form import const
from symderiv.notes import tree
from symderiv.report_model import Difference, DifferenceKind, Edit

Monomial = tuple[AtomKey, ...]


@dataclass(frozen=True)
class Term:
    """A term of the right side as written, and its value."""

    node: tree.Expr
    sign: int
    poly: Poly


@dataclass(frozen=True)
class Found:
    """The differences of an element equation, and the edits that would mend them."""

    differences: tuple[Difference, ...]
    edits: tuple[Edit, ...]
    kinds: tuple[DifferenceKind, ...]


def terms_of(scene: Scene, truths: Truths) -> list[Term] | None:
    """The terms with their values; None where one is no polynomial."""
    right = scene.right
    while isinstance(right, tree.Group):
        right = right.inner
    parts = list(zip(right.terms, right.signs, strict=True)) if isinstance(right, tree.Add) else [(right, 1)]
    world = World(truths.at(scene.context.layer, scene.judged.sizes), Budget(100_000), outside_is_named=True)
    found = []
    for node, sign in parts:
        try:
            lowered = Lowerer(scene.context).lower(node)
            if is_array(lowered):
                return None
            poly = compile_side(from_one(lowered, scene.context.base), world)({})  # type: ignore[arg-type]
        except (Unreadable, Unknown, KeyError, NotEntries, TooDear, Outside, Fractional, Unstated, Meaningless, UnsupportedNode):
            return None
        found.append(Term(node, sign, {m: c * sign for m, c in poly.items()}))
    return found


def element_differences(scene: Scene, truths: Truths) -> Found | None:
    """Pair the terms that are not true with the true ones that are missing."""
    truth = scene.judged.outcome.left
    terms = terms_of(scene, truths)
    if terms is None or any(len(t.poly) > 1 for t in terms):
        return None
    missing: dict[Monomial, Fraction] = {m: Fraction(c) for m, c in truth.items()}
    strange: list[Term] = []
    for term in terms:
        ((monomial, c),) = term.poly.items() if term.poly else (((), 0),)
        if term.poly and missing.get(monomial) == c:
            del missing[monomial]
        elif term.poly or not _is_zero(term.node):
            strange.append(term)
    differences: list[Difference] = []
    edits: list[Edit] = []
    flipped = _all_flipped(scene, strange, missing)
    for term in strange:
        _explain_term(term, terms.index(term), missing, scene, differences, edits, flipped)
    _missing(missing, scene, differences, edits)
    return Found(tuple(differences), tuple(edits), tuple(d.kind for d in differences))


def _is_zero(node: tree.Expr) -> bool:
    return isinstance(node, tree.Number) and node.value == 0


def _turned(atom: AtomKey, context: Context) -> AtomKey:
    if atom[0] != "W":
        return atom
    shape = [f.constant or 0 for f in context.shape("W")]
    count = len(context.layer.axes)
    index = tuple(n + 1 - x if k >= len(shape) - count else x for k, (x, n) in enumerate(zip(atom[1], shape, strict=True)))
    return "W", index


def _all_flipped(scene: Scene, strange: list[Term], missing: dict[Monomial, Fraction]) -> bool:
    turned = set()
    for term in strange:
        for monomial in term.poly:
            turned.add(tuple(sorted(_turned(a, scene.context) for a in monomial)))
    return len(strange) > 1 and turned == set(missing)


def _explain_term(term: Term, k: int, missing: dict[Monomial, Fraction], scene: Scene, differences: list[Difference],
                  edits: list[Edit], flipped: bool) -> None:
    source = scene.source
    where = span_of(source, term.node.place)
    written = source.slice(term.node.place)
    ((monomial, c),) = term.poly.items() if term.poly else (((), 0),)
    if monomial in missing:
        want = missing.pop(monomial)
        sign = want == -c
        if sign:
            _turn(term, k, scene, differences, edits)
            return
        scaled = rescaled(term.node, Fraction(want) / Fraction(c), scene)
        found, expected = (str(c), str(want)) if scaled is None else scaled[2:]
        if scaled is not None:
            edits.append(Edit(span_of(source, scaled[0]), scaled[1]))
            where = span_of(source, scaled[0]) if scaled[0].start < scaled[0].end else where
        differences.append(Difference("wrong-coefficient", where, found, expected))
        return
    partner = _partner(monomial, missing, scene.context, flipped)
    if partner is not None:
        entry = _entry_for(term, monomial, partner, scene)
        if entry is not None:
            sub, want_index = entry
            _, text = with_forms(sub, tuple(const(x - 1 + scene.context.base) for x in want_index), scene)
            place = span_of(source, sub.node.place)
            del missing[partner]
            kind = _kind(sub, want_index, scene, flipped)
            differences.append(Difference(kind, place, source.slice(sub.node.place), text))
            edits.append(Edit(place, text))
            return
    differences.append(Difference("extra-term", where, written, ""))
    add = _add(scene)
    edit = removed(add, k, scene) if add is not None and len(add.terms) > 1 else None
    if edit is not None:
        edits.append(Edit(span_of(source, edit[0]), edit[1]))


def _add(scene: Scene) -> tree.Add | None:
    """The right side as terms with signs, as ``terms_of`` counts them."""
    right = scene.right
    while isinstance(right, tree.Group):
        right = right.inner
    return right if isinstance(right, tree.Add) else None


def _turn(term: Term, k: int, scene: Scene, differences: list[Difference], edits: list[Edit]) -> None:
    """A term with the wrong sign."""
    add, written = _add(scene), scene.source.slice(term.node.place)
    if add is None:
        place, text = tree.Place(term.node.place.start, term.node.place.start), "-"
        differences.append(Difference("sign", span_of(scene.source, place), "+", "-"))
        edits.append(Edit(span_of(scene.source, place), text))
        return
    edit = turned_sign(add, k, scene)
    if edit is None:
        marks = {1: "+ ", -1: "- "}
        differences.append(Difference("sign", span_of(scene.source, term.node.place), marks[term.sign] + written, marks[-term.sign] + written))
        return
    where = span_of(scene.source, edit[0])
    differences.append(Difference("sign", where, *signs_of(add, k, scene)))
    edits.append(Edit(where, edit[1]))


def _kind(sub: Subscripted, want: tuple[int, ...], scene: Scene, flipped: bool) -> DifferenceKind:
    have = tuple((f.constant or 0) + 1 - scene.context.base for f in sub.forms)
    if flipped and sub.tensor == "W":
        return "flipped-kernel"
    if len(have) > 1 and have == want[::-1]:
        return "transposed-index"
    return "wrong-index"


def _partner(monomial: Monomial, missing: dict[Monomial, Fraction], context: Context, flipped: bool) -> Monomial | None:
    """The missing true term that differs in one factor's index: with the same upstream entry first."""
    if flipped:
        turned = tuple(sorted(_turned(a, context) for a in monomial))
        return turned if turned in missing else None
    best = None
    for other in missing:
        if len(other) != len(monomial) or [a[0] for a in sorted(other)] != [a[0] for a in sorted(monomial)]:
            continue
        shared = set(other) & set(monomial)
        if len(shared) != len(monomial) - 1:
            continue
        if any(a[0] == context.layer.upstream for a in shared):
            return other
        best = best or other
    return best


def _entry_for(term: Term, monomial: Monomial, partner: Monomial, scene: Scene) -> tuple[Subscripted, tuple[int, ...]] | None:
    (old,) = set(monomial) - set(partner)
    (new,) = set(partner) - set(monomial)
    tensors = {old[0], old[0][1:] if old[0].startswith("d") else old[0]}
    base = scene.context.base
    for sub in subscripted(term.node, scene):
        index = tuple((f.constant if f.constant is not None else -99) + 1 - base for f in sub.forms)
        if sub.tensor in tensors and index == old[1]:
            return sub, new[1]
    return None


def _missing(missing: dict[Monomial, Fraction], scene: Scene, differences: list[Difference], edits: list[Edit]) -> None:
    from symderiv.check.spell import spell_term

    end = tree.Place(scene.right.place.end, scene.right.place.end)
    for monomial, c in missing.items():
        text = spell_term(monomial, c, scene)
        differences.append(Difference("missing-term", span_of(scene.source, end), "", text))
        joined = text if text.startswith("-") else "+ " + text
        edits.append(Edit(span_of(scene.source, end), " " + joined))
