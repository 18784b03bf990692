"""A layer that words alone describe: "2x2 average pooling with stride 2 on a 4x4 input".

Nothing is made of words that say two things, nor of words that leave out what changes the layer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from symderiv.check.layers import Group
from symderiv.check.prose import Fact, key_of
from symderiv.check.spec import Axis, Kind, Spec
from symderiv.check.syntax import parts
from symderiv.index.form import Form, const
from symderiv.notes import tree

USUAL = {"I": ("I", "X", "x"), "W": ("W", "w", "K"), "O": ("O", "Y", "y", "Z", "z")}
"""Letters that stand for the input, the kernel and the output where the words give none."""
_TWICE = ("kind", "channels", "filters", "input", "kernel", "output", "stride", "padding", "dilation")
_LAYER_KINDS: Mapping[str, Kind] = {"conv": "conv", "max_pool": "max_pool", "avg_pool": "avg_pool"}


@dataclass
class Words:
    """What the words of a section say of its layer."""

    said: dict[str, tuple[int | str, ...]] = field(default_factory=dict)
    doubtful: bool = False
    """Whether they say two things."""

    def add(self, found: Sequence[Fact], doubt: bool = False) -> None:
        """Take in the facts of a line; ``doubt``: something in it was not read."""
        self.doubtful = self.doubtful or doubt or any(fact.what == "other" for fact in found)
        for fact in found:
            key = key_of(fact)
            value = (fact.name,) if fact.what == "name" else fact.values
            if self.said.setdefault(key, value) != value and (fact.what in _TWICE or fact.what in ("shape", "name")):
                self.doubtful = True

    def departs(self, current: Group, found: Sequence[Fact]) -> bool:
        """Whether a line without a heading speaks of another layer than the one in force."""
        kinds = {fact.values[0] for fact in found if fact.what == "kind"}
        sizes = {fact.what: fact.values for fact in found if fact.what in ("kernel", "input")}
        kind = current.specs[0].kind
        if kinds and kind not in kinds and kind != "pool" and "kernel" in sizes and (current.worded or "input" in sizes):
            return True
        return current.worded and any(current.extra.get(what, values) != values for what, values in sizes.items())

    def spec(self) -> Spec | None:
        """The layer, where kind and kernel (and, of a pooling, the stride) are said."""
        kind = _LAYER_KINDS.get(str(self.said.get("kind", ("",))[0]))
        if self.doubtful or kind is None:
            return None
        roles = ("I", "W", "O", "b") if kind == "conv" else ("I", "O")
        names = tuple((role, str(self.said[f"name {role}"][0])) for role in roles if f"name {role}" in self.said)
        shapes = {role: self.said.get(f"shape {name}") for role, name in names}
        kernel = self.said.get("kernel") or shapes.get("W")
        given = self.said.get("input") or shapes.get("I")
        if kernel is None or len({w for _, w in names}) < len(names):
            return None
        if kind != "conv" and ("stride" not in self.said or len(given or kernel) != len(kernel)):
            return None
        if kind == "conv" and (given is None or len(given) != len(kernel)):
            return None
        if len(kernel) > 2:
            # 2x3x3 is more often two channels than a third axis
            return None
        return Spec(kind, (Axis(),) * len(kernel), names, bias="b" in dict(names), lead=self._lead(kind))

    def _lead(self, kind: Kind) -> tuple[tuple[str, Form | None], ...]:
        """Batch, channels and filters, where their numbers are said."""
        if not {"channels", "filters"} & self.said.keys():
            return ()
        options = ("channels", "filters") if kind == "conv" else ("channels",)
        return (("batch", const(1)), *((option, None) for option in options))


_STATING = re.compile(r"(?:^|(?<![A-Za-z]))(?:with|where|and|let|here|has|have|of)\s*$|(?:input|signal|sequence|kernel|filter|window)(?:\s+(?:size|length|width))?\s*$|[,，、]\s*(?:and\s*)?$|(?:其中|设|令|且|有|和)\s*$", re.I)


def states_size(before: str) -> bool:
    """Whether ``C = 2`` after these words states a size; "for n = 3" gives an example of one."""
    return not before.strip() or _STATING.search(before[-80:]) is not None


def size_given(piece: tree.Piece) -> dict[str, int]:
    """``C = 2``: a size by name with its number."""
    if piece.problems or piece.earlier or len(piece.members) != 2 or piece.relations[0].kind not in ("=", "assign"):
        return {}
    left, right = piece.members
    if not isinstance(left, tree.Name) or not isinstance(right, tree.Number) or not right.digits.isdigit() or len(right.digits) > 4:
        return {}
    return {left.text: int(right.digits)}


def bind_letters(groups: Sequence[Group], reading: tree.Reading) -> None:
    """Give the roles of layers in words the usual letters, where exactly one of them is used."""
    if not any(group.worded for group in groups):
        return
    used = {
        part.base.text for _, piece in reading.pieces() for part in parts(piece.members)
        if isinstance(part, tree.Indexed) and isinstance(part.base, tree.Name)
    } | {
        side.text for _, piece in reading.pieces() for part in parts(piece.members) if isinstance(part, tree.Derivative)
        for side in (part.of, part.by) if isinstance(side, tree.Name)
    }
    used |= {
        part.gradient.by for _, piece in reading.pieces() for part in parts(piece.members)
        if isinstance(part, tree.Name) and part.gradient is not None and len(part.gradient.by) == 1 and part.gradient.by.swapcase() not in used
    }
    added = _added(reading)
    for group in groups:
        if group.worded:
            spec = _bound(group.specs[0], used)
            if spec.kind == "conv" and spec.name("b") is None and added:
                spec = replace(spec, names=(*spec.names, ("b", added)), bias=True)
            group.specs = [spec]


def _added(reading: tree.Reading) -> str:
    """The letter of a bias: ``b`` or ``\\beta`` added to the rest of an output, maybe with the filter's index."""
    for _, piece in reading.pieces():
        for left, relation, right in piece.links():
            base = left.base if isinstance(left, tree.Indexed) else left
            if relation.kind != "=" or not isinstance(base, tree.Name) or base.text not in USUAL["O"] or not isinstance(right, tree.Add):
                continue
            for term, sign in zip(right.terms, right.signs, strict=True):
                name = term.base if isinstance(term, tree.Indexed) else term
                if sign > 0 and isinstance(name, tree.Name) and name.text in ("b", "B", "\\beta"):
                    return name.text
    return ""


def _bound(spec: Spec, used: set[str]) -> Spec:
    names = dict(spec.names)
    for role, letters in USUAL.items():
        found = [x for x in letters if x in used and x not in names.values()]
        if role not in names and len(found) == 1 and (role != "W" or spec.kind == "conv"):
            names[role] = found[0]
    return replace(spec, names=tuple(names.items()))
