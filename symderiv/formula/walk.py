"""Walking over formulas: children, names, substitution, and building without clutter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from symderiv.formula.nodes import (
    ONE,
    ZERO,
    Binding,
    Bracket,
    Branch,
    Cases,
    Compare,
    Condition,
    Divides,
    Entry,
    Equal,
    Formula,
    Greatest,
    IsMax,
    Node,
    Number,
    Partial,
    Power,
    Product,
    Reduce,
    Size,
    Sum,
    UnsupportedNode,
    Within,
)
from symderiv.index.form import Form, FormLike, name

FormMap = Callable[[Form], Form]


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    if isinstance(node, (Entry, Number, IsMax, Size, Bracket)):
        return ()
    if isinstance(node, (Sum, Greatest)):
        return node.terms
    if isinstance(node, Product):
        return node.factors
    if isinstance(node, Power):
        return (node.base,)
    if isinstance(node, Reduce):
        return (node.body,)
    if isinstance(node, Cases):
        rest = (node.otherwise,) if node.otherwise is not None else ()
        return (*(b.value for b in node.branches), *rest)
    if isinstance(node, Partial):
        return (node.output, node.wrt)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)


def entries(node: Node) -> Iterator[Entry]:
    """Every entry, in reading order."""
    return (n for n in walk(node) if isinstance(n, Entry))


def free_forms(formula: Formula) -> list[Form]:
    """The names in limits and subscripts that no index binds, as forms."""
    reduces = [n for n in walk(formula.body) if isinstance(n, Reduce)]
    bindings = [*formula.bindings, *(b for n in reduces for b in n.bindings)]
    used = [f for b in bindings for f in (b.low, b.high)] + [f for e in entries(formula.body) for f in e.index]
    bound = {b.index for b in bindings}
    return [name(n) for f in used for n in sorted(f.names - bound)]


def map_forms(node: Node, change: FormMap) -> Node:
    """The same tree with every index form changed (bound names are not touched)."""

    def deep(child: Node) -> Node:
        return map_forms(child, change)

    if isinstance(node, (Number,)):
        return node
    if isinstance(node, Size):
        form = change(node.form)
        number = form.constant
        return Size(form) if number is None else Number(Fraction(number))
    if isinstance(node, Entry):
        return Entry(node.tensor, tuple(change(f) for f in node.index))
    if isinstance(node, Sum):
        return Sum(tuple(deep(t) for t in node.terms))
    if isinstance(node, Product):
        return product(deep(t) for t in node.factors)
    if isinstance(node, Power):
        return power(deep(node.base), node.exponent)
    if isinstance(node, Reduce):
        return Reduce(node.kind, map_bindings(node.bindings, change), deep(node.body))
    if isinstance(node, IsMax):
        return IsMax(tuple(change(f) for f in node.at), tuple(change(f) for f in node.window))
    if isinstance(node, Bracket):
        return Bracket(tuple(map_condition(c, change) for c in node.conditions))
    if isinstance(node, Greatest):
        return Greatest(tuple(deep(t) for t in node.terms))
    if isinstance(node, Cases):
        branches = tuple(
            Branch(deep(b.value), tuple(map_condition(c, change) for c in b.conditions)) for b in node.branches
        )
        return Cases(branches, None if node.otherwise is None else deep(node.otherwise))
    if isinstance(node, Partial):
        output, wrt = deep(node.output), deep(node.wrt)
        assert isinstance(output, Entry) and isinstance(wrt, Entry)
        return Partial(output, wrt)
    raise UnsupportedNode(node, "map_forms")


def map_condition(condition: Condition, change: FormMap) -> Condition:
    """The condition with its forms changed."""
    if isinstance(condition, Equal):
        return Equal(change(condition.left), change(condition.right))
    if isinstance(condition, Within):
        return Within(change(condition.low), change(condition.form), change(condition.high))
    if isinstance(condition, Compare):
        return Compare(change(condition.left), condition.sign, change(condition.right))
    return Divides(change(condition.divisor), change(condition.form))


def map_bindings(bindings: Iterable[Binding], change: FormMap) -> tuple[Binding, ...]:
    """The bindings with their limits changed."""
    return tuple(Binding(b.index, change(b.low), change(b.high)) for b in bindings)


def substitute(node: Node, values: Mapping[str, FormLike]) -> Node:
    """Replace index and size names by forms; no replaced name may be bound inside."""
    return map_forms(node, lambda f: f.replace(values))


def rename(node: Node, names: Mapping[str, str]) -> Node:
    """Rename indices, bound ones too."""
    forms = {old: Form((((new,), 1),)) for old, new in names.items()}

    def deep(n: Node) -> Node:
        if isinstance(n, Reduce):
            bound = tuple(
                Binding(names.get(b.index, b.index), b.low.replace(forms), b.high.replace(forms))
                for b in n.bindings
            )
            return Reduce(n.kind, bound, deep(n.body))
        if isinstance(n, Sum):
            return Sum(tuple(deep(t) for t in n.terms))
        if isinstance(n, Product):
            return Product(tuple(deep(t) for t in n.factors))
        if isinstance(n, Power):
            return Power(deep(n.base), n.exponent)
        if isinstance(n, Greatest):
            return Greatest(tuple(deep(t) for t in n.terms))
        if isinstance(n, Cases):
            branches = tuple(
                Branch(deep(b.value), tuple(map_condition(c, lambda f: f.replace(forms)) for c in b.conditions))
                for b in n.branches
            )
            return Cases(branches, None if n.otherwise is None else deep(n.otherwise))
        return map_forms(n, lambda f: f.replace(forms))

    return deep(node)


def substitute_formula(formula: Formula, values: Mapping[str, FormLike]) -> Formula:
    """The formula with size names replaced."""
    target = substitute(formula.target, values)
    assert isinstance(target, Entry)
    bound = map_bindings(formula.bindings, lambda f: f.replace(values))
    return replace(formula, target=target, bindings=bound, body=substitute(formula.body, values))


def substitute_gradient(formula: Formula, values: Mapping[str, FormLike]) -> Formula:
    """The same where the target's subscripts are bare letters."""
    return replace(formula, bindings=map_bindings(formula.bindings, lambda f: f.replace(values)), body=substitute(formula.body, values))


def product(factors: Iterable[Node]) -> Node:
    """A product, flat, its numbers multiplied and put in front."""
    number = Fraction(1)
    rest: list[Node] = []
    for factor in _flat(factors, Product):
        if isinstance(factor, Number):
            number *= factor.value
        else:
            rest.append(factor)
    if number == 0:
        return ZERO
    if number != 1:
        rest.insert(0, Number(number))
    if not rest:
        return ONE
    return rest[0] if len(rest) == 1 else Product(tuple(rest))


def power(base: Node, exponent: int) -> Node:
    """A power; of a number it is a number (a divisor of 0 stays, and raises when evaluated)."""
    if isinstance(base, Number) and (base.value or exponent > 0):
        return Number(base.value**exponent)
    return base if exponent == 1 else Power(base, exponent)


def add(terms: Iterable[Node]) -> Node:
    """A sum, flat, without zeros."""
    kept = [t for t in _flat(terms, Sum) if t != ZERO]
    if not kept:
        return ZERO
    return kept[0] if len(kept) == 1 else Sum(tuple(kept))


def reduce_sum(bindings: Iterable[Binding], body: Node) -> Node:
    """A sum over bindings; none of them, and it is the body."""
    bound = tuple(bindings)
    if isinstance(body, Reduce) and body.kind == "sum":
        bound, body = bound + body.bindings, body.body
    return Reduce("sum", bound, body) if bound else body


def _flat(items: Iterable[Node], kind: type) -> Iterator[Node]:
    for item in items:
        if isinstance(item, kind):
            yield from _flat(children(item), kind)
        else:
            yield item


def negative(node: Node) -> tuple[bool, Node]:
    """Whether the term starts with a minus, and the term without it; a sum stays one factor, so that it gets its brackets."""
    if isinstance(node, Number) and node.value < 0:
        return True, Number(-node.value)
    if isinstance(node, Product) and isinstance(node.factors[0], Number):
        first = node.factors[0].value
        if first < 0:
            rest = product([Number(-first), *node.factors[1:]])
            return True, Product((rest,)) if isinstance(rest, Sum) else rest
    return False, node


def window_names(node: Reduce) -> tuple[str, ...]:
    """The free indices of a maximum over one entry, in order of appearance: they name a window."""
    bound = {b.index for b in node.bindings}
    assert isinstance(node.body, Entry)
    found: dict[str, None] = {}
    for form in node.body.index:
        for monomial, _ in form.terms:
            for atom in monomial:
                if isinstance(atom, str) and atom not in bound:
                    found[atom] = None
    return tuple(found)


def maximum(node: Node) -> Reduce | None:
    """The maximum in a formula; a legal formula has at most one."""
    return next((n for n in walk(node) if isinstance(n, Reduce) and n.kind == "max"), None)
