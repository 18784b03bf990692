"""What exactly is wrong, where, and which small edit mends it: every edit is judged before it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symderiv.calculus.differentiate import differentiate
from symderiv.check.arrays import Whole
from symderiv.check.budget import PART_WORK, Budget, TooDear
from symderiv.check.claims import Link, Read, read_link
from symderiv.check.context import Context, ShapeMismatch, Unknown, Unreadable
from symderiv.check.decide import bind_sides, decide
from symderiv.check.differences import GENERAL, Candidate, Scene
from symderiv.check.differences.elements import Found, element_differences
from symderiv.check.factors import agree_by_axis
from symderiv.check.finalise import LETTERS
from symderiv.check.general import true_form
from symderiv.check.judge import Judge, Judged, Truths
from symderiv.check.places import span_of
from symderiv.check.recommended import recommended
from symderiv.check.slices import sliced
from symderiv.check.spell import spell_poly, whole_equation
from symderiv.check.syntax import parts
from symderiv.check.truth import NotEntries
from symderiv.check.value import Fractional, Meaningless, Outside, Unstated
from symderiv.formula.evaluate import Poly
from symderiv.formula.nodes import Entry, Number, Product, Reduce, UnsupportedNode
from symderiv.formula.walk import walk
from symderiv.index.form import FormLike
from symderiv.notes.tree import Place, Range, Source
from symderiv.report_model import Difference, Edit, Message, Repair, Span

WORK = 100_000
"""Steps spent on looking for a repair, over all edits that are tried."""
MOST_CANDIDATES = 600
MOST_LENGTH = 4_000
LARGER = 6
MOST_SPOKEN = 4
"""Terms of a side that a sentence can hold."""
MOST_TERMS = 1_000
"""Terms of both sides of an element equation that are told apart one by one."""


@dataclass(frozen=True)
class Told:
    """The explanation of one false claim."""

    message: Message | None = None
    differences: tuple[Difference, ...] = ()
    repair: Repair | None = None
    expected: str = ""


def explain(link: Link, read: Read, judged: Judged, context: Context, truths: Truths, source: Source, budget: Budget) -> Told:
    """Look for the difference in its smallest form, within ``budget``."""
    scene = Scene(link, read, judged, context, source)
    if sliced(link.left, link.right):
        return Told(Message("the two sides differ"), _fallback(scene))
    trouble = judged.outcome.trouble
    if isinstance(trouble, Outside) and _on_the_left(trouble, scene):
        return Told(None, _fallback(scene))
    try:
        if read.element:
            told = _element(scene, truths, budget)
            if told is not None:
                return told
        return _general(scene, truths, budget)
    except (TooDear, NotEntries, Outside, Fractional, Unstated, Meaningless, UnsupportedNode, Unreadable, Unknown):
        return Told(None, _fallback(scene))


# -- element equations -------------------------------------------------------------------------
def _element(scene: Scene, truths: Truths, budget: Budget) -> Told | None:
    outcome = scene.judged.outcome
    if outcome.truth is None or scene.read.ready is None:
        return None
    if len(outcome.left) + len(outcome.right) > MOST_TERMS:
        return Told(None, _fallback(scene))
    if outcome.trouble is not None:
        scene = replace(scene, judged=replace(scene.judged, outcome=replace(outcome, left=_left_value(scene, truths))))
    found = element_differences(scene, truths)
    if found is None or not found.differences:
        return None
    if scene.judged.sizes:
        # a size that the notes leave open: only what is so at another size too is told
        found = _at_larger(found, scene, truths)
        place = span_of(scene.source, scene.link.right.place)
        return Told(Message("the two sides differ"), found.differences or (Difference("wrong-index", place, "", ""),))
    true = scene.judged.outcome.left
    expected = _spelled(true, scene, truths, budget) if len(true) <= 60 else ""
    repair = _element_repair(found, scene, truths, expected, budget)
    # the writer's own order of terms, where a repair keeps it
    return Told(_element_message(found), found.differences, repair, repair.latex if repair is not None else expected)


def _spelled(true: Poly, scene: Scene, truths: Truths, budget: Budget) -> str:
    """The right equation in the writer's own spelling, or where that can't be read in the plainest one."""
    for hand in (scene, replace(scene, plain_hand=True)):
        text = whole_equation(hand, spell_poly(true, hand))
        if recommended(text, scene, truths, budget):
            return text
    return ""


def _at_larger(found: Found, scene: Scene, truths: Truths) -> Found:
    """The differences that are also there where every size that is a name is larger."""
    judged = replace(scene.judged, sizes={n: v + LARGER for n, v in scene.judged.sizes.items()})
    larger = replace(scene, judged=judged)
    larger = replace(larger, judged=replace(judged, outcome=replace(judged.outcome, left=_left_value(larger, truths))))
    again = element_differences(larger, truths)
    kept = tuple(d for d in found.differences if again is not None and d in again.differences)
    return Found(kept, (), tuple(d.kind for d in kept))


def _left_value(scene: Scene, truths: Truths) -> dict:  # type: ignore[type-arg]
    from symderiv.check.value import World, compile_side

    assert scene.read.ready is not None
    world = World(truths.at(scene.context.layer, scene.judged.sizes), Budget(), outside_is_zero=True)
    return compile_side(scene.read.ready.sides.left, world)({})


def _element_message(found: Found) -> Message:
    first = found.differences[0]
    if len(found.differences) > 1 and len(set(found.kinds)) == 1 and first.kind == "flipped-kernel":
        return Message("the kernel is turned by 180 degrees where it should not be, or the reverse")
    if len(found.differences) > 1:
        return Message("%(count)s terms are not as they should be", {"count": len(found.differences)})
    return _message(first.kind, first.found, first.expected)


def _element_repair(found: Found, scene: Scene, truths: Truths, expected: str, budget: Budget) -> Repair | None:
    edits = found.edits
    if len(edits) != len(found.differences) or len(edits) > 3 or not expected:
        return None
    message = _repair_message(found.differences[0].found, found.differences[0].expected) if len(edits) == 1 else Message(
        "right with %(count)s edits", {"count": len(edits)})
    latex = _applied(scene, list(edits))
    if not recommended(latex, scene, truths, budget):
        return None
    return Repair(edits, latex, message, len(edits) == 1, len(edits) == 1)


# -- general formulas --------------------------------------------------------------------------
def _general(scene: Scene, truths: Truths, budget: Budget) -> Told:
    mended, all_tried = _mended(scene, truths, budget)
    if not mended:
        unsummed = _unsummed(scene)
        if unsummed is not None:
            place = span_of(scene.source, scene.link.right.place)
            return Told(unsummed, (Difference("missing-sum", place, "", _sum_sign(scene)),), None, _true_form(scene, truths, budget))
        return Told(_at_one(scene), _fallback(scene), None, _true_form(scene, truths, budget))
    first = mended[0]
    difference = Difference(first.kind, span_of(scene.source, first.place), first.found, first.expected)
    edit = Edit(span_of(scene.source, first.edit or first.place), first.text)
    latex = _applied(scene, [edit])
    # wider limits at the same place are as right: no other mistake is meant
    mended = [c for c in mended if c is first or c.place != first.place or first.kind != "wrong-limits"]
    unique = len(mended) == 1 and all_tried
    if not recommended(latex, scene, truths, budget):
        return Told(None, _fallback(scene), None, _true_form(scene, truths, budget))
    repair = Repair((edit,), latex, _repair_message(first.found, first.expected), unique, unique)
    message = None if scene.judged.completion == "apart" else _message(first.kind, first.found, first.expected)
    if len(mended) > 1:
        edits = tuple(dict.fromkeys(_arrow(c) for c in mended))
        message = Message("several edits would mend it: %(edits)s", {"edits": edits})
    return Told(message, (difference,), repair, latex)


def _mended(scene: Scene, truths: Truths, budget: Budget) -> tuple[list[Candidate], bool]:
    """Up to three edits that mend the claim, and whether all that there are were tried; half the work is kept to judge what is told."""
    mended: list[Candidate] = []
    if scene.link.place.end - scene.link.place.start > MOST_LENGTH:
        return mended, False
    kept = budget.left // 2
    search = Budget(budget.left - kept, budget.limit, budget.most)
    try:
        for candidate in _mending(scene, truths, search):
            if all(c.text != candidate.text or c.place != candidate.place for c in mended):
                mended.append(candidate)
            if len(mended) >= 3:
                break
    except TooDear:
        return mended, False
    finally:
        budget.left = kept + max(0, search.left)
    return mended, True


def _mending(scene: Scene, truths: Truths, budget: Budget) -> Iterator[Candidate]:
    """The edits that make the claim right on all of V."""
    tried, each = 0, PART_WORK * sum(1 for _ in parts((scene.link.left, scene.link.right)))
    for finder in GENERAL:
        for candidate in finder(scene):
            tried += 1
            if tried > MOST_CANDIDATES:
                raise TooDear("repairs", MOST_CANDIDATES)
            budget.spend(each)
            if _right(candidate, scene, truths, budget):
                yield candidate


def _right(candidate: Candidate, scene: Scene, truths: Truths, budget: Budget) -> bool:
    link = replace(scene.link, right=candidate.right)
    judge = Judge(scene.context, truths)
    try:
        read = read_link(link, scene.context)
        if read.ready is None:
            return judge.matrices(read.left, read.right, budget, link.place).equal
        if read.ready.right_only and any(f.index not in _left_names(read) for f in read.ready.right_only):
            return False
        outcome = scene.judged.outcome
        if outcome.truth is not None and scene.read.ready is not None and {f.index for f in read.ready.sides.free} == set(outcome.at):
            bound = bind_sides(read.ready.sides, {**_sizes(scene), **outcome.at})
            if not decide(replace(bound, free=()), outcome.truth, budget).equal:
                return False
        return agree_by_axis(read.ready.sides, scene.context.layer, budget) is not None or judge.compare(read.ready.sides, budget).equal
    except TooDear as error:
        if error.limit == budget.limit:
            raise
        return False
    except (Unreadable, Unknown, ShapeMismatch, NotEntries, Meaningless, UnsupportedNode, RecursionError, KeyError):
        return False


def _left_names(read: Read) -> set[str]:
    from symderiv.check.ranges import free_names

    assert read.ready is not None
    return set(free_names(read.ready.sides.left))


def _sizes(scene: Scene) -> dict[str, FormLike]:
    from symderiv.check.judge import _full

    return dict(_full(scene.context.layer, scene.judged.sizes))


def _unsummed(scene: Scene) -> Message | None:
    """A gradient written without any sum, where the true one is a sum: that, and which tensors it leaves out."""
    ready, left = scene.read.ready, scene.read.left
    if ready is None or scene.judged.completion is not None or not isinstance(left, (Entry, Whole)) or not left.tensor.startswith("d"):
        return None
    # one term without any sum: a sum that was written out, or cases, have another fault
    if left.tensor == scene.context.layer.upstream or not all(isinstance(n, (Entry, Product, Number)) for n in walk(ready.sides.right)):
        return None
    written = {n.tensor for n in walk(ready.sides.right) if isinstance(n, Entry)}
    formula, _ = differentiate(scene.context.layer, scene.context.layer.tensor(left.tensor[1:]))
    if scene.context.layer.upstream not in written or not isinstance(formula.body, Reduce):
        return None
    absent = sorted({n.tensor for n in walk(formula.body) if isinstance(n, Entry)} - written)
    if not absent:
        return Message("the sum over the outputs that read the entry is missing")
    return Message("the sum over the outputs that read the entry is missing, and so is the factor %(factor)s",
                   {"factor": tuple(scene.context.written(t) for t in absent)})


def _sum_sign(scene: Scene) -> str:
    """``\\sum_{i, j}`` over what stands on one side only, or over the outputs."""
    ready, context = scene.read.ready, scene.context
    # an entry's own letters are not summed over, where the claim names neither
    only = [f.index for f in ready.right_only if f.index not in _left_names(scene.read)] if ready is not None else []
    return rf"\sum_{{{', '.join(only or LETTERS['O'][: context.rank(context.layer.output.name)])}}}"


def _fallback(scene: Scene) -> tuple[Difference, ...]:
    """A kind where no single edit mends the claim, from what the comparison met."""
    place = span_of(scene.source, scene.link.right.place)
    found = scene.source.slice(scene.link.right.place)
    before = span_of(scene.source, Place(scene.link.right.place.start, scene.link.right.place.start))
    completion, trouble = scene.judged.completion, scene.judged.outcome.trouble
    if completion in ("sum", "apart"):
        return (Difference("missing-sum", before, "", _sum_sign(scene)),)
    if completion in ("integers", "stated", "range") or isinstance(trouble, (Unstated, Fractional)):
        return (Difference("missing-case", place, found, ""),)
    if isinstance(trouble, Outside) and _on_the_left(trouble, scene):
        at = scene.link.left.place
        return (Difference("wrong-limits", span_of(scene.source, at), scene.source.slice(at), ""),)
    if isinstance(trouble, Outside):
        return (Difference("wrong-limits", _range_left(trouble, scene) or place, "", ""),)
    ready = scene.read.ready
    if ready is not None and any(f.index not in _left_names(scene.read) for f in ready.right_only):
        return (Difference("unbound-index", place, found, ""),)
    left, right = scene.judged.outcome.left, scene.judged.outcome.right
    missing, extra = left.keys() - right.keys(), right.keys() - left.keys()
    if missing and not extra:
        return (Difference("missing-term", place, "", ""),)
    if extra and not missing:
        # nothing is told of the whole side: only some of what it sums up is too much
        return (Difference("extra-term", place, "", ""),)
    if not missing and not extra:
        opposite = all(right[m] == -left[m] for m in left)
        return (Difference("sign" if opposite else "wrong-coefficient", place, found, ""),)
    return (Difference("wrong-index", place, found, ""),)


def _on_the_left(trouble: Outside, scene: Scene) -> bool:
    """Whether the entry that does not exist is the left side."""
    return isinstance(scene.read.left, Entry) and scene.read.ready is not None and trouble.entry == scene.read.ready.sides.left


def _range_left(trouble: Outside, scene: Scene) -> Span | None:
    """Where the letters are summed that leave their axis; which limit they need is told only by an edit that was judged."""
    letters = {n for f in trouble.entry.index for n in f.names}
    ends = [r.low.place.to(r.high.place) for r in parts(scene.right)
            if isinstance(r, Range) and r.index.text in letters and r.low is not None and r.high is not None]
    return span_of(scene.source, ends[0]) if len(ends) == 1 else None


def _at_one(scene: Scene) -> Message | None:
    """Both sides at the position where they were seen to differ, where they are short and all exists."""
    outcome = scene.judged.outcome
    if outcome.trouble is not None or scene.judged.completion is not None or not outcome.at or scene.read.ready is None:
        return None
    if max(len(outcome.left), len(outcome.right)) > MOST_SPOKEN:
        return None
    try:
        found, expected = spell_poly(outcome.right, scene), spell_poly(outcome.left, scene)
    except UnsupportedNode:
        return None
    at = ", ".join(f"{name} = {value - 1 + scene.context.base}" for name, value in outcome.at.items())
    if scene.judged.sizes:
        at = ", ".join([*(f"{name} = {n}" for name, n in scene.judged.sizes.items()), at])
    return Message("at %(at)s it gives %(found)s; it should be %(expected)s", {"at": at, "found": found, "expected": expected})


def _true_form(scene: Scene, truths: Truths, budget: Budget) -> str:
    """The right equation where no small edit mends the written one: the derivation's own formula."""
    try:
        text = true_form(scene)
        return text if text and recommended(text, scene, truths, budget) else ""
    except (Unreadable, UnsupportedNode, KeyError, ValueError):
        return ""


def _arrow(candidate: Candidate) -> str:
    """What an edit changes: two edits may put the same symbols at different places."""
    return f"{candidate.found or '…'} → {candidate.expected or '…'}"


def _applied(scene: Scene, edits: list[Edit]) -> str:
    """The source of the whole claim with the edits made."""
    place = scene.link.place
    text = scene.source.slice(place)
    starts = scene.source.starts
    # the last place first; what is put in at one place stays in order
    for edit in reversed(sorted(edits, key=lambda e: (e.span.line, e.span.column))):
        start = starts[edit.span.line - 1] + edit.span.column - 1 - place.start
        end = starts[edit.span.end_line - 1] + edit.span.end_column - 1 - place.start
        text = text[:start] + edit.text + text[end:]
    return text


def _repair_message(found: str, expected: str) -> Message:
    if not found:
        return Message("right with %(expected)s", {"expected": expected})
    if not expected:
        return Message("right without %(found)s", {"found": found})
    return Message("right if %(found)s is %(expected)s", {"found": found, "expected": expected})


def _message(kind: str, found: str, expected: str) -> Message:
    hole = {"found": found, "expected": expected}
    if kind == "missing-term":
        return Message("the term %(expected)s is missing", hole)
    if kind == "extra-term":
        return Message("the term %(found)s should not be there", hole)
    if kind == "sign" and len(found) > 1:
        return Message("the sign of %(found)s is wrong", hole)
    if kind == "wrong-coefficient":
        return Message("the coefficient %(found)s should be %(expected)s", hole)
    if kind == "missing-sum":
        return Message("a sum is missing: %(expected)s", hole)
    if kind == "wrong-limits":
        return Message("the limit %(found)s should be %(expected)s", hole)
    if kind == "scope" and not (found.startswith(("(", "[", "\\left")) and expected in found):
        return Message("%(found)s stands inside the sum and is added each time", hole)
    if kind == "flipped-kernel":
        return Message("the kernel is turned by 180 degrees where it should not be, or the reverse: %(found)s should be %(expected)s", hole)
    if kind == "missing-stride":
        return Message("the stride or dilation is forgotten: %(found)s should be %(expected)s", hole)
    if kind == "unbound-index":
        return Message("an index of %(found)s is bound nowhere: it should be %(expected)s", hole)
    if kind == "transposed-index":
        return Message("the indices are swapped: %(found)s should be %(expected)s", hole)
    if kind == "shifted-index":
        return Message("an index is shifted: %(found)s should be %(expected)s", hole)
    return Message("%(found)s should be %(expected)s", hole)
