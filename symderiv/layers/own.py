"""A layer from a formula that a user typed.

    O[i,j] = sum(k=1..4, I[i,k]*W[k,j])

The output's range is given, or is, for each index with the others at 1, the largest from 1 whose
reads are inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from symderiv.formula.nodes import Binding, Cases, Entry, Formula, Greatest, IsMax, Node, Power, Product, Reduce, Sum
from symderiv.formula.notation import NotationError, Statement, parse_formula
from symderiv.formula.walk import children, entries, free_forms, map_bindings, map_forms, rename, walk
from symderiv.formula.write import write_node
from symderiv.index.form import Form, as_form, const, floor_div
from symderiv.index.prove import Facts
from symderiv.layers.options import Sizes, sizes_of
from symderiv.model import Layer, SymderivError, Tensor

Shapes = Mapping[str, Sizes]


def own(formula: str, shapes: Shapes) -> Layer:
    """The layer ``formula`` over tensors of the given shapes, as {"I": (3, 4), "W": "4x2"}.

    A size is a number or a name. Where the output has no shape, its range is the largest from 1 whose
    reads are inside.

    Raises:
        SymderivError: the formula is outside the notation, a shape is missing or is read outside.
    """
    given = {t: sizes_of(t, shape) for t, shape in shapes.items()}
    try:
        statement, sizes = _read(formula, frozenset().union(*(f.names for shape in given.values() for f in shape)))
    except NotationError as error:
        raise SymderivError(f"--formula: {error}") from error
    body = _unique(statement.body, {n for f in statement.target.index for n in f.names} | set(sizes))
    letters = _letters(statement.target)
    target = statement.target.tensor
    tensors = _tensors(body, target, given)
    _refuse(body, statement.body, target, letters, tensors, sizes)
    shapes_of = {t.name: t.shape for t in tensors}
    if target in given:
        tops = given[target]
        if len(tops) != len(letters):
            raise SymderivError(f"--shape {target}: it has {len(tops)} sizes, the formula {len(letters)} indices.")
    else:
        tops = tuple(_largest(x, letters, body, shapes_of, target) for x in letters)
    bindings = tuple(Binding(x, const(1), top) for x, top in zip(letters, tops, strict=True))
    _check_reads(body, bindings, shapes_of, target)
    whole = Formula(statement.target, bindings, body)
    options: dict[str, object] = {"formula": formula, "shape": {**shapes_of, target: tops}}
    return Layer("formula", options, whole, (*tensors, Tensor(target, "output", tops)))


def _read(formula: str, known: frozenset[str]) -> tuple[Statement, list[str]]:
    """The statement, and its sizes: those known, and names with a capital that limits or subscripts use unbound.

    ``K`` in ``1/K * sum(k=1..K, ...)`` is a size in both places: what is one is known after a first reading.
    """
    statement = parse_formula(formula, known, first=True)
    letters = {n for f in statement.target.index for n in f.names}
    bound = tuple(Binding(x, const(1), const(1)) for x in sorted(letters))
    free = free_forms(Formula(statement.target, bound, statement.body))
    sizes = known | {n for f in free for n in f.names if n[0].isupper()}
    return parse_formula(formula, sizes), sorted(sizes)


def _letters(target: Entry) -> tuple[str, ...]:
    names = [f.plain_name for f in target.index]
    if any(n is None for n in names) or len(set(names)) != len(names):
        raise SymderivError(
            f"--formula: the left side {write_node(target)} needs distinct plain indices, as O[i,j]."
        )
    return tuple(n for n in names if n is not None)


def _unique(body: Node, taken: set[str]) -> Node:
    """Give every bound index a name of its own."""

    def deep(node: Node) -> Node:
        if isinstance(node, Reduce):
            names = {}
            for b in node.bindings:
                new, k = b.index, 1
                while new in taken:
                    k += 1
                    new = f"{b.index}{k}"
                taken.add(new)
                if new != b.index:
                    names[b.index] = new
            renamed = rename(node, names) if names else node
            assert isinstance(renamed, Reduce)
            return replace(renamed, body=deep(renamed.body))
        if isinstance(node, Product):
            return replace(node, factors=tuple(deep(f) for f in node.factors))
        if isinstance(node, Power):
            return replace(node, base=deep(node.base))
        if isinstance(node, Sum):
            return replace(node, terms=tuple(deep(t) for t in node.terms))
        return node

    return deep(body)


def _tensors(body: Node, target: str, given: Mapping[str, tuple[Form, ...]]) -> tuple[Tensor, ...]:
    found: dict[str, int] = {}
    for entry in entries(body):
        rank = len(entry.index)
        if entry.tensor == target:
            raise SymderivError(f"--formula: {target} stands on both sides.")
        if found.setdefault(entry.tensor, rank) != rank:
            raise SymderivError(f"--formula: {entry.tensor} has {found[entry.tensor]} and {rank} subscripts.")
    if not found:
        raise SymderivError("--formula: no tensor is left on the right side to differentiate by.")
    unknown = sorted(set(given) - set(found) - {target})
    if unknown:
        raise SymderivError(f"--shape {unknown[0]}=...: the formula has no {unknown[0]} (it has {', '.join(found)}).")
    tensors = []
    for tensor, rank in found.items():
        shape = given.get(tensor, () if rank == 0 else None)
        if shape is None:
            example = "x".join("3" * rank)
            raise SymderivError(f"--shape {tensor}=... is missing: give its size, for example --shape {tensor}={example}.")
        if len(shape) != rank:
            raise SymderivError(f"--shape {tensor}: {len(shape)} sizes, but the formula gives it {rank} subscripts.")
        role = "weight" if re.match(r"[WKwVU]", tensor) else "bias" if tensor in ("b", "B", "c") and rank < 2 else "input"
        tensors.append(Tensor(tensor, "weight" if role == "weight" else "bias" if role == "bias" else "input", shape))
    return tuple(tensors)


def _refuse(body: Node, typed: Node, target: str, letters: Sequence[str], tensors: Sequence[Tensor], sizes: Sequence[str]) -> None:
    """Name the part that the engine can't do."""
    bound = {b.index for n in walk(body) if isinstance(n, Reduce) for b in n.bindings} | set(letters)
    for tensor in (*(t.name for t in tensors), target):
        if tensor == "L":
            raise SymderivError("--formula: L is the loss here. Use another letter for the tensor.")
        if f"d{target}" == tensor:
            raise SymderivError(f"--formula: {tensor} is the gradient of {target} here. Use another name for the tensor.")
        if tensor in bound or tensor in sizes:
            raise SymderivError(f"--formula: {tensor} is a tensor and an index or a size. Use another letter.")
    for form, scope in _scopes(body, frozenset(letters) | set(sizes)):
        loose = sorted(form.names - scope)
        if loose:
            raise SymderivError(f"--formula: {loose[0]} is bound nowhere. Add it to the left side or to a sum; a size has a capital letter.")
    for entry in entries(body):
        for form in entry.index:
            if not _affine(form, bound):
                raise SymderivError(
                    f"--formula: {write_node(entry)}: a subscript is a sum of whole numbers times indices, such as 2*i+k-1."
                )
    maxima = _maxima(body)
    if len(maxima) > 1:
        shown = " and ".join(map(write_node, _maxima(typed)))
        raise SymderivError(f"--formula: {shown}: only one max in a formula can be differentiated here.")
    for node in maxima:
        _refuse_max(node, body)
    for other in walk(body):
        if isinstance(other, (Greatest, Cases, IsMax)):
            raise SymderivError(f"--formula: {write_node(other)} can't be differentiated here: use max(i=..., I[...]) over one entry.")


def _maxima(body: Node) -> list[Reduce]:
    return [n for n in walk(body) if isinstance(n, Reduce) and n.kind == "max"]


def _affine(form: Form, indices: set[str]) -> bool:
    """Whether the form is linear in every index, none multiplied by another."""
    parts = [form.coefficient(x) for x in form.names & indices]
    return all(isinstance(a, str) for m, _ in form.terms for a in m) and all(c is not None and not c.names & indices for c in parts)


def _refuse_max(node: Reduce, body: Node) -> None:
    text = write_node(node)
    if not isinstance(node.body, Entry):
        raise SymderivError(f"--formula: {text}: the chosen position of max is known only where it runs over one entry.")
    bound = {b.index for b in node.bindings}
    if any(len(f.names & bound) > 1 for f in node.body.index) or not bound <= frozenset().union(
        *(f.names for f in node.body.index)
    ):
        raise SymderivError(f"--formula: {text}: two positions of a window may read the same entry; that can't be done here.")
    for outer in walk(body):
        if isinstance(outer, (Product, Power)) and any(n is node for n in walk(outer)):
            others = [f for f in children(outer) if not any(n is node for n in walk(f))]
            if isinstance(outer, Power) or any(True for f in others for _ in entries(f)):
                raise SymderivError(f"--formula: {text} times a tensor can't be differentiated here.")


def _scopes(node: Node, scope: frozenset[str]) -> Iterator[tuple[Form, frozenset[str]]]:
    if isinstance(node, Reduce):
        for b in node.bindings:
            yield from ((b.low, scope), (b.high, scope))
            scope = scope | {b.index}
    elif isinstance(node, Entry):
        yield from ((f, scope) for f in node.index)
    elif hasattr(node, "form"):
        yield node.form, scope
    for child in children(node):
        yield from _scopes(child, scope)


def _reads(node: Node, bindings: tuple[Binding, ...]) -> Iterator[tuple[Entry, tuple[Binding, ...]]]:
    if isinstance(node, Entry):
        yield node, bindings
    if isinstance(node, Reduce):
        bindings = (*bindings, *node.bindings)
    for child in children(node):
        yield from _reads(child, bindings)


def _extreme(form: Form, bindings: Sequence[Binding], largest: bool) -> Form | None:
    """The subscript's largest (smallest) value over the bound indices."""
    for b in reversed(bindings):
        if b.index not in form.names:
            continue
        c = form.coefficient(b.index)
        number = c.constant if c is not None else None
        if number is None:
            return None
        form = form.replace({b.index: b.high if (number > 0) == largest else b.low})
    return form


def _largest(x: str, letters: Sequence[str], body: Node, shapes: Mapping[str, tuple[Form, ...]], target: str) -> Form:
    """The largest x from 1 whose reads are inside, the other free indices at 1."""
    ones = {y: as_form(1) for y in letters if y != x}
    tops: list[Form] = []
    for entry, bindings in _reads(body, ()):
        bound = map_bindings(bindings, lambda f: f.replace(ones))
        at_one = map_forms(entry, lambda f: f.replace(ones))
        assert isinstance(at_one, Entry)
        for form, n in zip(at_one.index, shapes[entry.tensor], strict=True):
            for largest in (True, False):
                end = _extreme(form, bound, largest)
                c = end.coefficient(x) if end is not None else None
                number = c.constant if c is not None else None
                if end is None or number is None:
                    raise SymderivError(f"--shape {target}=... is needed: the range of {x} does not follow from the reads.")
                rest = end.replace({x: 0})
                if number > 0 and largest:
                    tops.append(floor_div(n - rest, number))
                elif number < 0 and not largest:
                    tops.append(floor_div(rest - 1, -number))
    if not tops:
        raise SymderivError(f"--shape {target}=... is needed: no read limits the index {x}.")
    return Facts((), _ones(shapes)).simplify("min", tops)


def _ones(shapes: Mapping[str, tuple[Form, ...]]) -> dict[str, int]:
    return {n: 1 for shape in shapes.values() for f in shape for n in f.names}


def _check_reads(body: Node, bindings: tuple[Binding, ...], shapes: Mapping[str, tuple[Form, ...]], target: str) -> None:
    """Every read is inside for every output.

    Raises:
        SymderivError: one is not, or that can't be shown.
    """
    least = _ones(shapes)
    for b in bindings:
        top = b.high.constant
        if top is not None and top < 1:
            raise SymderivError(f"--shape {target}=... is needed: no value of {b.index} from 1 has its reads inside.")
    for entry, bound in _reads(body, bindings):
        facts = Facts(tuple((b.index, b.low, b.high) for b in bound), least)
        for form, n in zip(entry.index, shapes[entry.tensor], strict=True):
            least_read = _extreme(form, bound, largest=False)
            if least_read is not None and least_read.constant is not None and least_read.constant < 1:
                raise SymderivError(
                    f"--formula: {write_node(entry)} is read at {least_read.constant}, and subscripts count from 1. "
                    "Add to the subscript, or raise the lower limit of its sum."
                )
            if not (facts.nonnegative(form - 1) and facts.nonnegative(n - form)):
                end = _extreme(form, bound, largest=True)
                outside = end is not None and n.constant is not None and end.constant is not None and end.constant > n.constant
                sure = "is not read inside" if outside else "is not certain to be read inside"
                sizes = "x".join(str(f.constant) if f.constant is not None else repr(f)[5:-1] for f in shapes[entry.tensor])
                raise SymderivError(
                    f"--formula: {write_node(entry)} {sure} its shape {sizes} for every output. "
                    f"Give a smaller --shape {target}=..., or a larger --shape {entry.tensor}=...."
                )


