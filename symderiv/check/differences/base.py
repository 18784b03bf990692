"""What the kinds of difference share: a candidate edit, and how to make edited syntax and its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from symderiv.check.claims import Link, Read
from symderiv.check.context import Context, Unreadable
from symderiv.check.hand import Hand, hand_of
from symderiv.check.indices import form_of, split_items
from symderiv.check.judge import Judged
from symderiv.check.lower import Lowerer
from symderiv.check.syntax import parts, put
from symderiv.index.form import Form
from symderiv.index.write import write_form
from symderiv.notes import tree
from symderiv.report_model import DifferenceKind


@dataclass(frozen=True)
class Scene:
    """A false claim with everything that a kind of difference may look at."""

    link: Link
    read: Read
    judged: Judged
    context: Context
    source: tree.Source

    plain_hand: bool = False
    """Whether what is told is spelled in the plainest way, where the writer's own can't be read."""

    @property
    def right(self) -> tree.Expr:
        return self.link.right

    @cached_property
    def hand(self) -> Hand:
        """How the writer spells entries."""
        return Hand({}, "", None, None) if self.plain_hand else hand_of(self.link, self.context, self.source)


@dataclass(frozen=True)
class Candidate:
    """One edit of the right side."""

    kind: DifferenceKind
    right: tree.Expr
    place: tree.Place
    """Of the offending symbols."""
    text: str
    """What stands there after the edit."""
    found: str
    expected: str
    edit: tree.Place | None = None
    """What ``text`` replaces, where that is more than the offending symbols."""


Finder = Callable[[Scene], Iterator[Candidate]]


@dataclass(frozen=True)
class Subscripted:
    """An entry of a tensor in the syntax: its indices as written, as forms."""

    node: tree.Indexed
    tensor: str
    forms: tuple[Form, ...]
    whole: object
    """The derivative around it, where it stands in one; else the entry itself."""


def subscripted(expr: tree.Expr, scene: Scene) -> Iterator[Subscripted]:
    """Every entry, in reading order."""
    lowerer = Lowerer(scene.context)
    for node in parts(expr):
        if not isinstance(node, tree.Indexed) or not isinstance(node.base, tree.Name):
            continue
        tensor = lowerer.tensor_of(node.base)
        if tensor is None:
            continue
        try:
            rank = scene.context.rank(tensor)
            items = split_items(node, rank)
            forms = tuple(form_of(i, scene.context, _letters(expr)) for i in items)
        except Unreadable:
            continue
        yield Subscripted(node, tensor, forms, node)


def _letters(expr: tree.Expr) -> frozenset[str]:
    return frozenset(r.index.text for r in parts(expr) if isinstance(r, tree.Range))


def with_forms(entry: Subscripted, forms: tuple[Form, ...], scene: Scene) -> tuple[tree.Indexed, str]:
    """The entry with other indices, and the text of the whole entry, in its own style."""
    items = tuple(to_expr(f) for f in forms)
    group = entry.node.groups[0]
    new = replace(entry.node, groups=(replace(group, items=items),))
    texts = [in_letters(f, scene.context) for f in forms]
    short = all(len(t) == 1 and t.isalnum() for t in texts)
    base = _base_text(entry.node, scene)
    comma = len(entry.node.items) > 1 or not short
    if group.style == "bracket":
        return new, f"{base}[{_comma(entry.node, scene).join(texts)}]"
    if group.style == "glued" and short:
        return new, base + "".join(texts)
    inner = _comma(entry.node, scene).join(texts) if comma and not (short and len(entry.node.items) == 1) else "".join(texts)
    braces = (len(inner) > 1 and "\\" in scene.source.slice(scene.link.span.place)) or scene.link.span.kind != "plain"
    if scene.link.span.kind == "plain" and not braces:
        return new, f"{base}_{inner}" if short else f"{base}_{{{inner}}}"
    return new, f"{base}_{{{inner}}}"


def _comma(node: tree.Indexed, scene: Scene) -> str:
    """The comma between two indices, with its space, as written."""
    items = node.groups[0].items
    gap = scene.source.slice(tree.Place(items[0].place.end, items[1].place.start)) if len(items) > 1 else ""
    return gap if gap.strip() == "," else ", "


def _base_text(node: tree.Indexed, scene: Scene) -> str:
    """The name of an entry as written; the place of a gradient's name (``dout[i,j]``) may be that of the whole entry."""
    if node.base.place.end < node.place.end:
        return scene.source.slice(node.base.place)
    text = scene.source.slice(node.place)
    return text.split("[", 1)[0] if node.groups[0].style == "bracket" else text.rsplit("_", 1)[0]


def to_expr(form: Form) -> tree.Expr:
    """Syntax for an index form; floor, max and the like are kept as names that nothing knows."""
    terms: list[tree.Expr] = []
    signs: list[int] = []
    for monomial, c in form.terms:
        factors: list[tree.Expr] = []
        if abs(c) != 1 or not monomial:
            factors.append(tree.Number(str(abs(c))))
        factors += [tree.Name(str(a), str(a)) for a in monomial]
        terms.append(factors[0] if len(factors) == 1 else tree.Product(tuple(factors), ("\\cdot",) * (len(factors) - 1)))
        signs.append(1 if c > 0 else -1)
    if not terms:
        return tree.Number("0")
    if len(terms) == 1 and signs[0] > 0:
        return terms[0]
    return tree.Add(tuple(terms), tuple(signs))


def in_letters(form: Form, context: Context) -> str:
    """The form with the writer's names for sizes."""
    from symderiv.index.form import name

    back = {}
    for written, value in context.sizes.items():
        if value.plain_name:
            back[value.plain_name] = name(written)
    return re.sub(r"(?<=\d)\*(?=[A-Za-z\\])", "", write_form(form.replace(back))).replace("*", " ")


def made(kind: DifferenceKind, entry: Subscripted, forms: tuple[Form, ...], scene: Scene) -> Candidate:
    """The edit that gives ``entry`` the indices ``forms``."""
    new, text = with_forms(entry, forms, scene)
    right = put(scene.right, entry.node, new)
    found = scene.source.slice(entry.node.place)
    return Candidate(kind, right, entry.node.place, text, found, text)


def joined(terms: tuple[tree.Expr, ...], signs: tuple[int, ...], scene: Scene) -> str:
    """Terms with their signs, as written."""
    text = ""
    for term, sign in zip(terms, signs, strict=True):
        piece = scene.source.slice(term.place)
        text += (f" {'+' if sign > 0 else '-'} " if text else ("" if sign > 0 else "-")) + piece
    return text


SIGNS = "+-\u2212"


def sign_at(node: tree.Add, k: int, scene: Scene) -> tree.Place | None:
    """The sign before a term; the empty place before a first term without one; None where it is not plain to see."""
    start, end = node.terms[k - 1].place.end if k else node.place.start, node.terms[k].place.start
    gap = scene.source.slice(tree.Place(start, end)) if start <= end else "?"
    found = [x for x, c in enumerate(gap) if c in SIGNS]
    if not k and not gap.strip():
        return tree.Place(end, end)
    if len(found) != 1 or gap.replace(gap[found[0]], "").strip():
        return None
    return tree.Place(start + found[0], start + found[0] + 1)


def turned_sign(node: tree.Add, k: int, scene: Scene) -> tuple[tree.Place, str] | None:
    """The edit that gives a term the other sign."""
    place = sign_at(node, k, scene)
    if place is None:
        return None
    return place, "-" if node.signs[k] > 0 else "+" if k else ""


def removed(node: tree.Add, k: int, scene: Scene) -> tuple[tree.Place, str] | None:
    """The edit that takes a term and its sign away."""
    own, after = sign_at(node, k, scene), sign_at(node, 1, scene)
    if own is None:
        return None
    if k:
        return tree.Place(node.terms[k - 1].place.end, node.terms[k].place.end), ""
    if after is None:
        return None
    return tree.Place(node.place.start, node.terms[1].place.start if node.signs[1] > 0 else after.start), ""


def ranges_of(expr: tree.Expr) -> Iterator[tree.Range]:
    """Every range of every sum."""
    return (p for p in parts(expr) if isinstance(p, tree.Range))
