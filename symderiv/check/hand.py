"""How the writer spells entries and products: read off one claim, for what is recommended in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from symderiv.check.claims import Link
from symderiv.check.context import Context
from symderiv.check.lower import Lowerer
from symderiv.check.syntax import parts, values
from symderiv.notes import tree

NUMBERS = re.compile(r"(?P<open>_\{\s*|_|\[\s*|)\d+(?:(?P<comma>\s*,\s*|\s+)\d+)*(?P<close>\s*[}\]]|)")
JOIN = re.compile(r"\s*(?:\\cdot|\\times|\\,|\*|)\s*")


@dataclass(frozen=True)
class Spelled:
    """An entry in three pieces: ``\\dfrac{\\partial L}{\\partial O``, ``_{1,2}``, ``}``."""

    before: str
    index: str
    after: str


@dataclass(frozen=True)
class Hand:
    """The spelling of each tensor that a claim shows, of a list of numbers, of a derivative of the loss, and of a product."""

    entries: Mapping[str, Spelled]
    index: str
    around: tuple[str, str] | None
    """What stands before and after the entry in a derivative of the loss."""
    dot: str | None
    order: tuple[str, ...] = ()
    """The tensors of a product, as they follow each other."""

    def entry(self, tensor: str, index: Sequence[int]) -> str | None:
        """An entry of a tensor; None where the claim does not show how that is spelled."""
        shown = self.entries.get(tensor)
        if shown is None:
            return None
        numbers = reindexed(shown.index, index) or self.numbers(index)
        return None if numbers is None else shown.before + numbers + shown.after

    def numbers(self, index: Sequence[int]) -> str | None:
        """Index numbers between the writer's brackets; None where the claim has none."""
        return reindexed(self.index, index)


def reindexed(written: str, index: Sequence[int]) -> str | None:
    """``_{1,2}``, ``_12`` or ``[1, 2]`` with other numbers; None where ``written`` is no such list, or can't hold them."""
    found = NUMBERS.fullmatch(written)
    if found is None or not index:
        return None
    digits = [str(x) for x in index]
    comma = found["comma"] or ""
    if not comma and (found["open"].startswith("[") or any(len(x) > 1 for x in digits) or len(digits) > 2):
        comma = ", "
    inner = comma.join(digits)
    if not found["close"] and len(inner) > 2:
        return None
    return found["open"] + inner + found["close"]


def hand_of(link: Link, context: Context, source: tree.Source) -> Hand:
    """The hand of a claim: its right side first, then its left one."""
    lowerer = Lowerer(context)
    entries: dict[str, Spelled] = {}
    inside: set[int] = set()
    around: tuple[str, str] | None = None
    index = ""
    for node in parts((link.right, link.left)):
        if isinstance(node, tree.Derivative) and isinstance(node.by, tree.Indexed):
            inside.add(id(node.by))
            if not isinstance(node.of, tree.Name) or node.of.text != context.loss:
                continue
            ends = (source.slice(tree.Place(node.place.start, node.by.place.start)),
                    source.slice(tree.Place(node.by.place.end, node.place.end)))
            around = around or ends
            _note(entries, node.by, "d", ends, lowerer, source)
        elif isinstance(node, tree.Indexed):
            if id(node) not in inside:
                _note(entries, node, "", ("", ""), lowerer, source)
            group = source.slice(node.groups[0].place)
            if NUMBERS.fullmatch(group) and sum(c.isdigit() for c in index) < 2:
                index = group if sum(c.isdigit() for c in group) > 1 else index or group
    dot, order = next(_products(link.right, lowerer, source), (None, ()))
    return Hand(entries, index, around, dot, order)


def _note(entries: dict[str, Spelled], node: tree.Indexed, prefix: str, ends: tuple[str, str], lowerer: Lowerer, source: tree.Source) -> None:
    """Remember the first spelling of a tensor."""
    tensor = _tensor(node, lowerer)
    if tensor is not None and len(node.groups) == 1 and node.groups[0].style != "super":
        place = node.groups[0].place
        name = source.slice(tree.Place(node.place.start, place.start))
        rest = source.slice(tree.Place(place.end, node.place.end))
        entries.setdefault(prefix + tensor, Spelled(ends[0] + name, source.slice(place), rest + ends[1]))


def _products(expr: tree.Expr, lowerer: Lowerer, source: tree.Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Two entries that are multiplied: what stands between them, and their tensors."""
    for node in values(expr):
        if isinstance(node, tree.Product):
            for one, two in zip(node.factors, node.factors[1:], strict=False):
                gap = source.slice(tree.Place(one.place.end, two.place.start))
                tensors = _tensor(one, lowerer), _tensor(two, lowerer)
                if tensors[0] and tensors[1] and JOIN.fullmatch(gap):
                    # a command needs a space before a letter
                    yield gap + " " if gap[-1:].isalpha() else gap, (tensors[0], tensors[1])


def _tensor(factor: tree.Expr, lowerer: Lowerer) -> str | None:
    """The tensor of an entry, or of an entry in a derivative."""
    prefix, entry = ("d", factor.by) if isinstance(factor, tree.Derivative) else ("", factor)
    base = entry.base if isinstance(entry, tree.Indexed) else None
    tensor = lowerer.tensor_of(base) if isinstance(base, tree.Name) else None
    return None if tensor is None else prefix + tensor
