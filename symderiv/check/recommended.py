"""What a report recommends is read and judged like the notes themselves before it is told."""

from __future__ import annotations

from dataclasses import replace

from symderiv.check.budget import Budget, TooDear
from symderiv.check.claims import Link, judge_read, read_link
from symderiv.check.context import ShapeMismatch, Unknown, Unreadable
from symderiv.check.differences.base import Scene
from symderiv.check.judge import Truths
from symderiv.check.truth import NotEntries
from symderiv.check.value import Fractional, Meaningless, Outside, Unstated
from symderiv.formula.nodes import UnsupportedNode
from symderiv.notes import read


def recommended(text: str, scene: Scene, truths: Truths, budget: Budget) -> bool:
    """Whether an equation, as it would stand in the file, is read and is correct where the claim stands."""
    plain = scene.link.span.kind == "plain"
    reading = read(text + "\n" if plain else f"$$\n{text}\n$$\n", "x.txt" if plain else "x.md")
    pieces = [piece for _, piece in reading.pieces() if piece.relations]
    if len(pieces) != 1 or list(reading.all_problems()):
        return False
    links = list(pieces[0].links())
    if len(links) != 1:
        return False
    ((left, relation, right),) = links
    link = scene.link
    first = left if link.first is link.left else link.first
    link = replace(link, left=left, relation=relation, right=right, first=first)
    # what holds without the conditions around the claim holds under them
    return _right(link, scene, truths, budget) or _right(replace(link, piece=pieces[0], chosen=None), scene, truths, budget)


def _right(link: Link, scene: Scene, truths: Truths, budget: Budget) -> bool:
    try:
        judged = judge_read(read_link(link, scene.context), link, scene.context, truths, budget)
    except (Unreadable, Unknown, TooDear, NotEntries, Outside, Fractional, Unstated, Meaningless, UnsupportedNode, KeyError, RecursionError):
        return False
    return not isinstance(judged, ShapeMismatch) and judged.equal
