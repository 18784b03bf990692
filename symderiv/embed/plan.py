"""What would become of a document: every block judged and filled, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from symderiv.embed.kinds import Kind
from symderiv.embed.markers import Block, MarkerError, find_blocks
from symderiv.embed.text import digest, normal, with_prefix
from symderiv.model import SymderivError

State = Literal["current", "stale", "edited"]
Fill = Callable[[Kind, str], str]
"""From a directive to the text that it asks for.

Raises:
    SymderivError: it can't be.
"""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a document: where, and the remedy."""

    where: str
    message: str


@dataclass(frozen=True)
class Judged:
    """A directive, where it stands, and what its block is."""

    where: str
    directive: str
    state: State


@dataclass(frozen=True)
class Planned:
    """A document's text as it should be; as it is where there are faults."""

    text: str
    blocks: tuple[Judged, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What is wanted of the blocks."""

    fill: Fill | None
    """None: they are emptied."""
    force: bool = False
    """Edited blocks are overwritten."""


def plan(text: str, kind: Kind, wish: Wish, place: Callable[[int], str]) -> Planned:
    """Judge and fill the blocks of a text; ``place`` names a line in it."""
    try:
        blocks = find_blocks(text, kind)
    except MarkerError as error:
        return Planned(text, faults=(Fault(place(error.line), error.message),))
    judged, faults, pieces, at = [], [], [], 0
    for block in blocks:
        try:
            wanted = wish.fill(kind, block.directive) if wish.fill else ""
        except SymderivError as error:
            faults.append(Fault(place(block.line), str(error)))
            continue
        state, inner = _judge(block, wanted, kind)
        judged.append(Judged(place(block.line), block.directive, state))
        if state == "current" or (state == "edited" and not wish.force):
            continue
        pieces += [text[at:block.inner[0]], _written(block, wanted, kind) if inner else text[slice(*block.inner)]]
        pieces += [text[block.inner[1]:block.seal[0]], f" {digest(normal(wanted.split(chr(10))))}" if wanted else ""]
        at = block.seal[1]
    return Planned("".join([*pieces, text[at:]]) if not faults else text, tuple(judged), tuple(faults))


def _judge(block: Block, wanted: str, kind: Kind) -> tuple[State, bool]:
    """What a block is, and whether its contents must change (else only its closing marker)."""
    now, right = normal(block.contents), normal(wanted.split("\n"))
    if now == right and (now or not block.contents):
        return ("current" if block.digest == (digest(right) if right else None) else "stale"), False
    if not now or (block.digest is not None and block.digest == digest(now)):
        return "stale", True
    return "edited", True


def _written(block: Block, wanted: str, kind: Kind) -> str:
    """The contents as they stand in the document."""
    if not wanted:
        return ""
    lines: Sequence[str] = wanted.strip("\n").split("\n")
    lines = ["", *lines, ""] if kind.padded else lines
    return "".join(with_prefix(line.rstrip(), block.prefix) + block.ending for line in lines)
