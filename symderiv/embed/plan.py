"""What would become of a document: every block judged and filled, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from symderiv.embed.kinds import Kind
from symderiv.embed.markers import Block, MarkerError, find_blocks
from symderiv.embed.text import digest, sealed, with_prefix
from symderiv.model import SymderivError

State = Literal["current", "stale", "edited"]
Fill = Callable[[Kind, str], "str | None"]
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
class Edit:
    """A span of a text, and what takes its place."""

    start: int
    stop: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits that follow each other in order; all else is the same characters."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [text[at:edit.start], edit.text]
        at = edit.stop
    return "".join([*pieces, text[at:]])


@dataclass(frozen=True)
class Planned:
    """A document's text as it should be; as it is where there are faults."""

    text: str
    blocks: tuple[Judged, ...] = ()
    faults: tuple[Fault, ...] = ()
    edits: tuple[Edit, ...] = ()


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
    judged: list[Judged] = []
    faults: list[Fault] = []
    edits: list[Edit] = []
    labels: dict[str, int] = {}
    for block in blocks:
        try:
            wanted = wish.fill(kind, block.directive) if wish.fill else ""
            if wanted is None:
                continue
            _refuse_labels(kind, wanted, block.line, labels)
        except SymderivError as error:
            faults.append(Fault(place(block.line), str(error)))
            continue
        right = _forms(kind, wanted.split("\n"))
        state, inner = _judge(block, right, kind)
        judged.append(Judged(place(block.line), block.directive, state))
        if state == "stale" or (state == "edited" and wish.force):
            edits += [Edit(*block.inner, _written(block, wanted, kind))] if inner else []
            edits.append(Edit(*block.seal, f" {digest(right[-1])}" if wanted else ""))
    edits = [] if faults else edits
    return Planned(edited(text, edits), tuple(judged), tuple(faults), tuple(edits))


def _refuse_labels(kind: Kind, wanted: str, line: int, known: dict[str, int]) -> None:
    """Refuse a label that an earlier block has; those of this block are ``known`` from now on."""
    names = kind.label.findall(wanted) if kind.label else []
    for name in names:
        if name in known:
            raise SymderivError(f"the label {name} is that of an equation in the block of line {known[name]} too: give each block a --label-prefix of its own.")
    known.update(dict.fromkeys(names, line))


def _judge(block: Block, right: Sequence[str], kind: Kind) -> tuple[State, bool]:
    """What a block is beside the forms of what it should say, and whether its contents must change (else only its closing marker)."""
    same = kind.normal(block.contents) == right[0]
    now = right if same else _forms(kind, block.contents, block.placed, block.column)
    alike = same or any(one == other for one, other in zip(now, right, strict=True))
    if alike and (now[0] or not block.contents):
        return ("current" if any(sealed(block.digest, form) for form in right) else "stale"), False
    if not now[0] or any(sealed(block.digest, form) for form in now) or _bare(now[0]) == _bare(right[0]):
        return "stale", True
    return "edited", True


def _forms(kind: Kind, lines: Sequence[str], placed: Sequence[str] | None = None, column: int = 0) -> list[str]:
    """What of a block counts: its lines, and what they say however they are wrapped. The last has the digest."""
    flow = [kind.flow(lines if placed is None else placed, column)] if kind.flow else []
    return [kind.normal(lines), *flow]


def _bare(text: str) -> str:
    """What is left when a formatter that knows no mathematics has doubled backslashes and joined lines: nobody's edit."""
    return re.sub(r"[\\\s]", "", text)


def _written(block: Block, wanted: str, kind: Kind) -> str:
    """The contents as they stand in the document."""
    if not wanted:
        return ""
    lines: Sequence[str] = wanted.strip("\n").split("\n")
    lines = ["", *lines, ""] if kind.padded else lines
    return "".join(with_prefix(line.rstrip(), block.prefix) + block.ending for line in lines)
