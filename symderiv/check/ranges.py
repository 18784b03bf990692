"""Which axis an index runs over: the one where it stands alone."""

from __future__ import annotations

from collections.abc import Iterator

from symderiv.check.context import Context
from symderiv.check.value import condition_forms
from symderiv.formula.nodes import Bracket, Cases, Entry, IsMax, Node, Partial, Reduce, Size
from symderiv.formula.walk import children, walk
from symderiv.index.form import Form, const

Seen = tuple[str, Form]


def alone(node: Node, context: Context, bound: frozenset[str] = frozenset()) -> Iterator[Seen]:
    """Each index that stands alone on an axis, with the axis's length; bound ones left out."""
    if isinstance(node, Entry):
        yield from _entry(node, context, bound)
    elif isinstance(node, IsMax):
        pooled, output = context.layer.pooled, context.layer.output
        for forms, tensor in ((node.at, pooled), (node.window, output)):
            if tensor is not None:
                yield from _entry(Entry(tensor.name, forms), context, bound)
    elif isinstance(node, Reduce):
        yield from alone(node.body, context, bound | {b.index for b in node.bindings})
    else:
        for child in children(node):
            yield from alone(child, context, bound)


def in_groups(letter: str, node: Node, context: Context) -> Form | None:
    """The range of ``h`` or ``f`` in ``2 h + f - 2`` on a leading axis: groups of 2, each place in one way."""
    for part in walk(node):
        if not isinstance(part, Entry):
            continue
        lead = len(part.index) - len(context.layer.axes)
        for form, length in zip(part.index[:lead], context.shape(part.tensor), strict=False):
            size, n = _group_size(form, context.base), length.constant
            if letter in form.names and size is not None and n is not None and n % size == 0:
                return const(size) if form.coefficient(letter) == 1 else const(n // size)
    return None


def _group_size(form: Form, base: int) -> int | None:
    """g of ``g h + f - g`` counted from 1, of ``g h + f`` counted from 0."""
    names = sorted(form.names)
    if len(names) != 2:
        return None
    found = [form.coefficient(n) for n in names]
    sizes = [f.constant for f in found if f is not None and f.constant is not None]
    if len(sizes) != 2 or min(sizes) != 1:
        return None
    size = max(sizes)
    rest = form.replace({n: 0 for n in names}).constant
    return size if size > 1 and rest == -size * base else None


def _entry(node: Entry, context: Context, bound: frozenset[str]) -> Iterator[Seen]:
    for form, length in zip(node.index, context.shape(node.tensor), strict=True):
        plain = form.plain_name
        if plain is not None and plain not in bound:
            yield plain, length


def standing_alone(index: str, node: Node, context: Context, of_outputs: bool = False) -> list[Form]:
    """The distinct lengths of the axes where ``index`` stands alone; with ``of_outputs`` those of outputs and their gradients."""
    found: list[Form] = []
    outputs = (context.layer.output.name, context.layer.upstream)
    nodes = [n for n in walk(node) if isinstance(n, Entry) and n.tensor in outputs] if of_outputs else [node]
    for name, length in (seen for n in nodes for seen in alone(n, context)):
        if name == index and length not in found:
            found.append(length)
    return found


def free_names(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every unbound name in an index, a limit or a condition, in reading order."""
    forms: list[Form] = []
    if isinstance(node, Entry):
        forms = list(node.index)
    elif isinstance(node, IsMax):
        forms = [*node.at, *node.window]
    elif isinstance(node, Size):
        forms = [node.form]
    elif isinstance(node, Bracket):
        forms = [f for c in node.conditions for f in condition_forms(c)]
    elif isinstance(node, Cases):
        forms = [f for b in node.branches for c in b.conditions for f in condition_forms(c)]
    elif isinstance(node, Partial):
        forms = [*node.output.index, *node.wrt.index]
    if isinstance(node, Reduce):
        inside = bound
        for b in node.bindings:
            yield from _names([b.low, b.high], inside)
            inside = inside | {b.index}
        yield from free_names(node.body, inside)
        return
    yield from _names(forms, bound)
    if not isinstance(node, Partial):
        for child in children(node):
            yield from free_names(child, bound)


def _names(forms: list[Form], bound: frozenset[str]) -> Iterator[str]:
    for form in forms:
        for monomial, _ in form.terms:
            for atom in monomial:
                if isinstance(atom, str):
                    if atom not in bound:
                        yield atom
                else:
                    yield from sorted(atom.names - bound)
