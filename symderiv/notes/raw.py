"""What lies between the grammar and the tree: values that are settled before they reach a tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from symderiv.notes.tokens import Token
from symderiv.notes.tree import (
    NOWHERE,
    Add,
    Expr,
    GradientHint,
    Indexed,
    Name,
    Place,
    Power,
    Problem,
    Product,
    Transpose,
)


class Unreadable(Exception):
    """Raised inside the reading of one member; always caught there and turned into its problem."""

    def __init__(self, message: str, place: Place, limit: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(message, place, limit)


@dataclass
class Script:
    """One script: ``sub``, ``super``, ``bracket``, ``glued``, ``prime`` or ``mark``."""

    kind: str
    rows: Listing | None
    text: str
    place: Place


@dataclass
class Marker:
    """A sign that acts on what follows: a sum, a function, a nabla, the sign of a differential."""

    kind: str
    text: str
    place: Place
    scripts: list[Script] = field(default_factory=list)
    by: Expr | None = None
    """For an operator such as d/dW: what it differentiates by."""


@dataclass
class Scripted:
    """A factor with the scripts met so far."""

    base: Expr | Statements | Braces
    scripts: list[Script]
    place: Place


@dataclass
class Differential:
    """``\\partial L`` or ``dL``; ``letter`` where the d is a letter like any other."""

    of: Expr
    total: bool
    letter: bool
    place: Place


@dataclass
class Braces:
    """Braces that do not print around something that brackets would be needed for."""

    inner: Expr
    place: Place


@dataclass
class Statements:
    """Round or curly brackets around conditions."""

    items: list[Item]
    open: str
    place: Place


@dataclass
class Wordy:
    """Words and statements in turn."""

    parts: list[Token | Expr]
    place: Place


@dataclass
class Listing:
    """Rows of items; an item is None where nothing stands between two commas."""

    rows: list[list[Item]]
    place: Place


@dataclass
class RawSum:
    """Terms and signs as they come in."""

    terms: list[Expr]
    signs: list[int]
    place: Place


Raw = Union[Expr, Marker, Scripted, Differential, Braces, Statements, RawSum]
Item = Union[Raw, Wordy, Listing, None]
Factor = tuple[str, int, Raw]
"""How it is joined to the factor before it, its sign, itself."""


def settle(raw: Item) -> Expr:
    """The tree of something that stands by itself. Raises Unreadable where it cannot."""
    if isinstance(raw, RawSum):
        return Add(tuple(raw.terms), tuple(raw.signs), raw.place)
    if isinstance(raw, Differential):
        return _name_of(raw)
    if isinstance(raw, Braces):
        return raw.inner
    if isinstance(raw, Marker):
        if raw.kind == "DEE":
            return Name("d", "d", place=raw.place)
        raise Unreadable(_LONELY.get(raw.kind, "nothing follows '{}'").format(raw.text), raw.place)
    if isinstance(raw, Statements):
        raise Unreadable("a statement in brackets among factors is not understood", raw.place)
    if isinstance(raw, (Wordy, Listing)):
        message = "words among symbols are not understood" if isinstance(raw, Wordy) else "a list in braces is not understood here"
        raise Unreadable(message, raw.place)
    if raw is None or isinstance(raw, Scripted):
        raise Unreadable("something is missing", NOWHERE if raw is None else raw.place)
    return raw


_LONELY = {
    "PARTIAL": "a differential by itself is not understood", "NABLA": "nabla without what it differentiates",
    "BIG": "nothing follows '{}'", "FUNC": "'{}' without an argument", "INDICATOR": "an indicator without a condition",
    "OPERATOR": "a derivative without what it differentiates",
}  # fmt: skip


def _name_of(raw: Differential) -> Expr:
    """``dW`` that is no part of a fraction: a name that says it is a gradient."""
    if not raw.letter:
        raise Unreadable("a differential by itself is not understood", raw.place)
    renamed = _prefixed(raw.of, raw.place)
    return renamed or Product((Name("d", "d", place=raw.place), raw.of), ("",), raw.place)


def _prefixed(node: Expr, place: Place) -> Expr | None:
    if isinstance(node, Name):
        return Name("d" + node.text, "d" + node.base, node.primes, node.layer, GradientHint("", node.text), place)
    if isinstance(node, (Indexed, Transpose, Power)):
        base = _prefixed(node.base, place)
        if base is None:
            return None
        if isinstance(node, Indexed):
            return Indexed(base, node.groups, place)
        return Transpose(base, place) if isinstance(node, Transpose) else Power(base, node.exponent, place)
    return None


def items_of(listing: Listing | None, place: Place, what: str = "this") -> list[Item]:
    """The items of a list that has one row, nested braces opened; a trailing empty item is dropped."""
    rows = rows_of(listing)
    if len(rows) != 1:
        raise Unreadable(f"several rows in {what} are not understood", place)
    return rows[0]


def one_row(listing: Listing | None) -> Listing | None:
    r"""A list that ``\substack`` has broken behind commas, on one row; any other as it is."""
    inside = _opened(listing)
    if inside is None or len(inside.rows) < 2 or not all(len(row) > 1 and row[-1] is None for row in inside.rows[:-1]):
        return listing
    return Listing([[item for row in inside.rows[:-1] for item in row[:-1]] + inside.rows[-1]], inside.place)


def _opened(listing: Listing | None) -> Listing | None:
    """The list without the braces around the whole of it."""
    while listing and len(listing.rows) == 1 and len(listing.rows[0]) == 1 and isinstance(listing.rows[0][0], Listing):
        listing = listing.rows[0][0]
    return listing


def rows_of(listing: Listing | None) -> list[list[Item]]:
    """The rows of a list, braces around the whole opened, trailing empty items and rows dropped."""
    listing = _opened(listing)
    rows = [row[:-1] if len(row) > 1 and row[-1] is None else row for row in (listing.rows if listing else [])]
    return rows[:-1] if len(rows) > 1 and rows[-1] == [None] else rows
