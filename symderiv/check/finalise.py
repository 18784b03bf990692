"""From two lowered members to sides that can be compared: whole tensors get indices, free indices
their ranges, and what was counted from 0 is counted from 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from symderiv.check.arrays import (
    ARRAYS,
    Choice,
    Convolve,
    Grid,
    Lowered,
    Pad,
    Part,
    Plus,
    Pointwise,
    Rotate,
    SumOver,
    Times,
    Total,
    Transposed,
    Vec,
    Whole,
    WholePartial,
)
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.check.decide import Chosen, Free, Sides
from symderiv.check.ranges import alone, free_names, in_groups
from symderiv.check.value import condition_forms
from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Branch,
    Cases,
    Condition,
    Entry,
    IsMax,
    Node,
    Number,
    Partial,
    Reduce,
)
from symderiv.formula.walk import add, children, map_condition, map_forms, product, rename, walk
from symderiv.index.form import Form, const, name
from symderiv.notes.tree import Place
from symderiv.report_model import Message

LETTERS = {"I": "pqrst", "W": "uvwxy", "O": "ijklm", "b": "f"}


@dataclass(frozen=True)
class Ready:
    """Sides, and what making them took for granted."""

    sides: Sides
    right_only: tuple[Free, ...] = ()
    """Free indices that stand on one side only: a sum over them is missing, or they are unbound."""
    generic: bool = False
    """Whole tensors stood there, read entry by entry."""
    unsummed: bool = False
    """Letters of whole tensors that are no outputs stand on one side only: no sum over outputs mends that."""
    single: bool = False
    """A map with one entry was read as a number."""


def matrices(value: Lowered) -> bool:
    """Whether a member says something about whole matrices that no single entry says."""
    if isinstance(value, (Grid, Convolve, Rotate, Transposed, Pointwise, Vec, Part, Pad, SumOver)):
        return True
    if isinstance(value, Times):
        return any(matrices(f) for f in value.factors)
    if isinstance(value, Plus):
        return any(matrices(t) for t in value.terms)
    if isinstance(value, Total):
        return matrices(value.base)
    return isinstance(value, Choice) and (matrices(value.base) or matrices(value.other))


def finalise(left: Lowered, right: Lowered, first: Lowered, conditions: Sequence[Condition], chosen: bool | None,
             context: Context, place: Place) -> Ready:
    """The sides of a claim without matrices.

    Raises:
        Unreadable: an index has no range, or a condition can't be placed.
        Unknown: a name in a limit is not defined.
    """
    letters = _letters(context, [left, right, first])
    generic = any(isinstance(v, ARRAYS) for v in (left, right))
    single = _one_map(left, right, letters, context)
    nodes = [_node(v, letters, context, left, place) for v in (left, right, first)]
    known = set(context.layer.sizes) | {n for n, _ in context.layer.derived}
    nodes = [_unique_bound(n, known) for n in nodes]
    a, b, head = nodes
    free: list[Free] = []
    only: list[Free] = []
    in_left, in_right = list(dict.fromkeys(free_names(a))), list(dict.fromkeys(free_names(b)))
    for letter in dict.fromkeys([*in_left, *in_right]):
        if letter in known:
            continue
        found = Free(letter, _range(letter, head, a, b, context, place))
        free.append(found)
        if (letter in in_left) != (letter in in_right):
            only.append(found)
    named = {f.index for f in free} | known
    for condition in conditions:
        strange = sorted({n for f in condition_forms(condition) for n in f.names} - named)
        if strange:
            raise Unreadable(Message("the index %(index)s of a condition stands on neither side", {"index": strange[0]}), place)
    choice = _chosen(chosen, a, b, context, place, letters) if chosen is not None else None
    sides = Sides(a, b, tuple(free), tuple(conditions), choice)
    written = {n for v in (left, right) for n in _all_names(v)}
    inner = {x for t, found in letters.items() if t != context.layer.output.name for x in found} - written
    unsummed = generic and any(f.index in inner for f in only)
    return Ready(_from_one(sides, context.base), tuple(only), generic, unsummed, single)


def _one_map(left: Lowered, right: Lowered, letters: dict[str, tuple[str, ...]], context: Context) -> bool:
    """``dL/dI = dL/dO W`` where dL/dO has one entry: W and I then have one size, and are compared entry by entry."""
    if not context.layer.numeric:
        return False
    if isinstance(left, Whole):
        mine = _of(left.tensor, context)
    elif isinstance(left, WholePartial) and left.wrt is None and (
            left.output is not None or all(n == 1 for n in context.layer.shape(context.layer.output.name))):
        mine = left.by
    else:
        return False
    factors = right.factors if isinstance(right, Times) else (right,)
    wholes = [f for f in factors if isinstance(f, Whole)]
    if any(isinstance(f, ARRAYS) and not isinstance(f, Whole) for f in factors):
        return False
    large = [_of(w.tensor, context) for w in wholes if any(n != 1 for n in context.layer.shape(_of(w.tensor, context)))]
    if len(large) != 1 or large[0] == mine or context.layer.shape(large[0]) != context.layer.shape(mine):
        return False
    letters[large[0]] = letters[mine]
    return len(wholes) > 1


# -- whole tensors -----------------------------------------------------------------------------
def _letters(context: Context, values: Sequence[Lowered]) -> dict[str, tuple[str, ...]]:
    """Index letters for each tensor that stands without indices, none of them used otherwise."""
    taken = {n for v in values for n in _all_names(v)} | set(context.layer.sizes)
    found: dict[str, tuple[str, ...]] = {}
    for t in context.layer.tensors:
        letters = []
        for k in range(len(t.shape)):
            pool = LETTERS.get(t.name, "pqrst")
            letter = pool[k] if k < len(pool) else f"{pool[0]}{k}"
            while letter in taken:
                letter += "'"
            taken.add(letter)
            letters.append(letter)
        found[t.name] = tuple(letters)
    return found


def _all_names(value: Lowered) -> set[str]:
    if isinstance(value, (Times, Plus)):
        parts = value.factors if isinstance(value, Times) else value.terms
        return {n for p in parts for n in _all_names(p)}
    if isinstance(value, Choice):
        return _all_names(value.base) | _all_names(value.other)
    if isinstance(value, Total):
        return _all_names(value.base)
    if isinstance(value, WholePartial):
        return {n for p in (value.output, value.wrt) if p is not None for n in _all_names(p)}
    if isinstance(value, ARRAYS):
        return set()
    bound = {b.index for n in walk(value) if isinstance(n, Reduce) for b in n.bindings}
    return bound | set(free_names(value))


def _of(tensor: str, context: Context) -> str:
    names = {t.name for t in context.layer.tensors}
    return tensor if tensor in names else tensor[1:]


def _entry(tensor: str, letters: Mapping[str, tuple[str, ...]], context: Context) -> Entry:
    return Entry(tensor, tuple(name(x) for x in letters[_of(tensor, context)]))


def _at(left: Lowered) -> tuple[Form, ...] | None:
    """The entry that "is the maximum" is said of: the one on the left side."""
    if isinstance(left, Entry):
        return left.index
    if isinstance(left, Partial):
        return left.wrt.index
    return None


def _node(value: Lowered, letters: Mapping[str, tuple[str, ...]], context: Context, left: Lowered,
          place: Place) -> Node:
    def deep(v: Lowered) -> Node:
        return _node(v, letters, context, left, place)

    if isinstance(value, Whole):
        return _entry(value.tensor, letters, context)
    if isinstance(value, WholePartial):
        top = value.output or _entry(value.of, letters, context)
        by = value.wrt or _entry(value.by, letters, context)
        assert isinstance(top, Entry) and isinstance(by, Entry)
        return Partial(top, by)
    if isinstance(value, Times):
        return product(deep(f) for f in value.factors)
    if isinstance(value, Plus):
        return add(
            deep(t) if s > 0 else product([Number(Fraction(-1)), deep(t)])
            for s, t in zip(value.signs, value.terms, strict=True)
        )
    if isinstance(value, Choice):
        return _choice(value, deep(value.base), deep(value.other), letters, context, left, place)
    if isinstance(value, Total):
        body = deep(value.base)
        bindings = []
        held = _letters_of(left, letters, context)
        for letter, length in dict(alone(body, context)).items():
            if letter in held:
                continue
            bindings.append(Binding(letter, const(context.base), length + (context.base - 1)))
        return Reduce("sum", tuple(bindings), body)
    if isinstance(value, ARRAYS):
        raise Unreadable(Message("matrices can't be read entry by entry here"), place)
    return value


def _letters_of(left: Lowered, letters: Mapping[str, tuple[str, ...]], context: Context) -> tuple[str, ...]:
    """The letters of a whole tensor on the left: a sum without indices does not run over them."""
    if isinstance(left, WholePartial):
        return letters[left.by] if left.wrt is None else ()
    return letters[_of(left.tensor, context)] if isinstance(left, Whole) else ()


def _choice(value: Choice, base: Node, other: Node, letters: Mapping[str, tuple[str, ...]], context: Context,
            left: Lowered, place: Place) -> Node:
    pooled = context.layer.pooled
    if pooled is None:
        raise Unreadable(Message("'is the maximum' needs a layer with a maximum"), place)
    at = _at(left)
    cell = at if at is not None else tuple(name(x) for x in letters[pooled.name])
    if value.at is not None and value.at != cell:
        raise Unreadable(Message("the condition speaks of another entry than the left side"), place)
    if len(cell) != len(pooled.shape):
        raise Unreadable(Message("which entry is the maximum?"), place)
    if isinstance(left, Partial):
        window = left.output.index
    elif isinstance(left, WholePartial) and left.output is None:
        window = tuple(name(x) for x in letters[context.layer.output.name])
    else:
        window = _window_of([base, other], context, place, value.window)
    if value.window is not None and value.window != window:
        raise Unreadable(Message("the condition speaks of another window than the equation"), place)
    weight = IsMax(cell, window)
    rest = add([Number(Fraction(1)), product([Number(Fraction(-1)), weight])])
    return add([product([base, weight]), product([other, rest])])


def _window_of(nodes: Sequence[Node], context: Context, place: Place, named: tuple[Form, ...] | None = None) -> tuple[Form, ...]:
    """The one output position that the nodes speak of; ``named``: that of their condition."""
    found: list[tuple[Form, ...]] = []
    for node in nodes:
        for n in walk(node):
            if isinstance(n, Entry) and n.tensor in (context.layer.output.name, context.layer.upstream) and n.index not in found:
                found.append(n.index)
    if not found and named is not None:
        return named
    if len(found) != 1:
        raise Unreadable(Message("the maximum of which window?"), place)
    return found[0]


# -- conditions on the maximum ---------------------------------------------------------------
def _chosen(positive: bool, left: Node, right: Node, context: Context, place: Place,
            letters: Mapping[str, tuple[str, ...]]) -> Chosen:
    pooled = context.layer.pooled
    if pooled is None:
        raise Unreadable(Message("'is the maximum' needs a layer with a maximum"), place)
    at: tuple[Form, ...] | None = None
    windows: list[tuple[Form, ...]] = []
    for n in (*walk(left), *walk(right)):
        if isinstance(n, Entry):
            if n.tensor in (pooled.name, "d" + pooled.name) and at is None:
                at = n.index
            if n.tensor in (context.layer.output.name, context.layer.upstream) and n.index not in windows:
                windows.append(n.index)
    if at is None or len(windows) > 1:
        raise Unreadable(Message("which entry is the maximum of which window?"), place)
    if not windows and positive:
        raise Unreadable(Message("the maximum of which window?"), place)
    return Chosen(positive, at, windows[0] if windows else None)


# -- free indices ----------------------------------------------------------------------------
def _range(letter: str, head: Node, a: Node, b: Node, context: Context, place: Place) -> Form:
    for member in (head, a, b):
        lengths: list[Form] = []
        for found, length in alone(member, context):
            if found == letter and length not in lengths:
                lengths.append(length)
        if len(lengths) > 1:
            raise Unreadable(Message("the index %(index)s stands on axes of different lengths", {"index": letter}), place)
        if lengths:
            return lengths[0]
    for member in (head, a, b):
        found_length = in_groups(letter, member, context)
        if found_length is not None:
            return found_length
    inside = any(letter in f.names for m in (a, b) for n in walk(m) if isinstance(n, Entry) for f in n.index)
    if inside:
        raise Unreadable(Message("the range of %(index)s is not known", {"index": letter}), place)
    raise Unknown(Message("%(name)s is not defined", {"name": letter}), place)


def _unique_bound(node: Node, sizes: set[str]) -> Node:
    """Bound letters that are not free elsewhere in the node, nor sizes."""
    taken = set(free_names(node)) | sizes

    def deep(n: Node) -> Node:
        if isinstance(n, Reduce):
            names = {}
            for b in n.bindings:
                new = b.index
                while new in taken:
                    new += "'"
                taken.add(new)
                if new != b.index:
                    names[b.index] = new
            renamed = _renamed(n, names) if names else n
            return replace(renamed, body=deep(renamed.body))
        return rebuilt(n, deep)

    return deep(node)


def _renamed(node: Reduce, names: Mapping[str, str]) -> Reduce:
    """The sum with its own indices renamed; its first limits are outside their scope."""
    bindings: list[Binding] = []
    scope: dict[str, str] = {}
    for b in node.bindings:
        forms = {old: name(new) for old, new in scope.items()}
        bindings.append(Binding(names.get(b.index, b.index), b.low.replace(forms), b.high.replace(forms)))
        if b.index in names:
            scope[b.index] = names[b.index]
    body = rename_free(node.body, scope)
    return Reduce(node.kind, tuple(bindings), body)


def rename_free(node: Node, names: Mapping[str, str]) -> Node:
    """Rename free indices only; a sum that binds one of them hides it."""
    if not names:
        return node
    if isinstance(node, Reduce):
        scope = dict(names)
        bindings = []
        for b in node.bindings:
            forms = {old: name(new) for old, new in scope.items()}
            bindings.append(Binding(b.index, b.low.replace(forms), b.high.replace(forms)))
            scope.pop(b.index, None)
        return Reduce(node.kind, tuple(bindings), rename_free(node.body, scope))
    if children(node) and not isinstance(node, Partial):
        return rebuilt(_conditions_renamed(node, names), lambda n: rename_free(n, names))
    return rename(node, names)


def _conditions_renamed(node: Node, names: Mapping[str, str]) -> Node:
    if not isinstance(node, Cases):
        return node
    forms = {old: name(new) for old, new in names.items()}
    return Cases(
        tuple(Branch(b.value, tuple(map_condition(c, lambda f: f.replace(forms)) for c in b.conditions)) for b in node.branches),
        node.otherwise,
    )


def rebuilt(node: Node, change: object) -> Node:
    """The node with every child changed."""
    from symderiv.formula.nodes import Greatest, Power, Product, Sum

    assert callable(change)
    if isinstance(node, Sum):
        return Sum(tuple(change(t) for t in node.terms))
    if isinstance(node, Greatest):
        return Greatest(tuple(change(t) for t in node.terms))
    if isinstance(node, Product):
        return Product(tuple(change(t) for t in node.factors))
    if isinstance(node, Power):
        return Power(change(node.base), node.exponent)
    if isinstance(node, Reduce):
        return replace(node, body=change(node.body))
    if isinstance(node, Cases):
        return Cases(
            tuple(Branch(change(b.value), b.conditions) for b in node.branches),
            None if node.otherwise is None else change(node.otherwise),
        )
    return node


# -- counting from 0 -------------------------------------------------------------------------
def _from_one(sides: Sides, base: int) -> Sides:
    if base == 1:
        return sides
    back = {f.index: name(f.index) - 1 for f in sides.free}

    def shift(form: Form) -> Form:
        return form.replace(back)

    choice = sides.chosen
    if choice is not None:
        choice = Chosen(
            choice.positive, tuple(shift(f) + 1 for f in choice.at),
            None if choice.window is None else tuple(shift(f) + 1 for f in choice.window),
        )
    return Sides(
        from_one(map_forms(sides.left, shift), base), from_one(map_forms(sides.right, shift), base), sides.free,
        tuple(map_condition(c, shift) for c in sides.conditions), choice,
    )


def from_one(node: Node, base: int) -> Node:
    """The node with its positions and its bound indices counted from 1; free letters keep their values."""
    return node if base == 1 else _bound_up(_positions_up(node))


def _bound_up(node: Node) -> Node:
    """Every bound index counted from 1, so that one that stands alone under a tensor still stands alone."""
    if not isinstance(node, Reduce):
        return rebuilt(node, _bound_up)
    back = {b.index: name(b.index) - 1 for b in node.bindings}
    bindings = tuple(Binding(b.index, b.low.replace(back) + 1, b.high.replace(back) + 1) for b in node.bindings)
    return Reduce(node.kind, bindings, map_forms(_bound_up(node.body), lambda f: f.replace(back)))


def _positions_up(node: Node) -> Node:
    """Every subscript one higher; limits and conditions stay."""
    if isinstance(node, Entry):
        return Entry(node.tensor, tuple(f + 1 for f in node.index))
    if isinstance(node, IsMax):
        return IsMax(tuple(f + 1 for f in node.at), tuple(f + 1 for f in node.window))
    if isinstance(node, Partial):
        top, by = _positions_up(node.output), _positions_up(node.wrt)
        assert isinstance(top, Entry) and isinstance(by, Entry)
        return Partial(top, by)
    if isinstance(node, Bracket):
        return node
    return rebuilt(node, _positions_up)
