"""The first walk over a file: statements about layers in groups, conventions, the loss, definitions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symderiv.check.claims import Link, links_of
from symderiv.check.context import Context, Definition, Star, Unknown, Unreadable
from symderiv.check.declared import counted_from, declare, declared_signs, turn_layers
from symderiv.check.forward import loose_items
from symderiv.check.index_base import base_of
from symderiv.check.indices import form_of, text_of
from symderiv.check.layers import Group, NoLayer, build, given, loss_of, merge
from symderiv.check.lower import Lowerer, names_in
from symderiv.check.prose import SAME, Fact, facts, key_of, unclear
from symderiv.check.ranges import free_names
from symderiv.check.spec import Spec, by_case
from symderiv.check.statements import matrix_name, statements, told_apart
from symderiv.check.syntax import parts
from symderiv.check.worded import Words, bind_letters, size_given, states_size
from symderiv.layers import Stated
from symderiv.model import Layer
from symderiv.notes import tree
from symderiv.report_model import Message

OPTIONS = {"stride": "s", "padding": "p", "dilation": "d"}


@dataclass
class Survey:
    """Which layer is in force where."""

    contexts: list[tuple[int, Context | None, Message | None]] = field(default_factory=list)
    """Where each begins (an offset), the context, or why there is none."""
    fixed: Context | None = None

    def at(self, offset: int) -> tuple[Context | None, Message | None]:
        """The layer in force at ``offset``; before the first statement, the first."""
        if self.fixed is not None:
            return self.fixed, None
        current: tuple[Context | None, Message | None] = (None, Message("the notes do not say which layer it is"))
        for k, (start, context, why) in enumerate(self.contexts):
            if start <= offset or k == 0:
                current = context, why
        return current

    @property
    def all(self) -> list[Context]:
        if self.fixed is not None:
            return [self.fixed]
        return [c for _, c, _ in self.contexts if c is not None]


def survey(reading: tree.Reading, layer: Layer | None, symbols: Mapping[str, str],
           stated: Sequence[tuple[int, Stated]] = ()) -> Survey:
    """Everything that must be known before the first claim is judged."""
    groups = [] if layer is not None or stated else _groups(reading)
    tensors = {written for g in groups for spec in g.specs for _, written in spec.names}
    loss = symbols.get("loss") or _loss(reading, tensors)
    base = _base(reading)
    declared = declared_signs(reading)
    turn_layers(groups, declared)
    if layer is not None:
        context = given(layer, symbols, loss)
        for _, piece in reading.pieces():
            for spec in statements(piece):
                if spec.sign:
                    context.signs.setdefault(spec.sign, "convolution" if layer.flip else "correlation")
        found = Survey(fixed=context)
    elif stated:
        found = Survey([(offset, _of_statement(k, s, reading, offset), None) for k, (offset, s) in enumerate(stated, 1)])
    else:
        found = Survey(_contexts(groups, loss, base))
        _one_meaning(found.all)
    declare(found.all, declared, reading)
    supers, apart = superscripts(reading), own_letters(reading)
    for context in found.all:
        context.superscripts = supers
        context.apart |= apart
    if layer is not None:
        _count_from(reading, found, base)
    elif not all(context.base_told for context in found.all):
        _count_by_need(reading, found)
    _definitions(reading, found)
    return found


def _of_statement(number: int, stated: Stated, reading: tree.Reading, offset: int) -> Context:
    """The context of a layer that the file states itself."""
    context = given(stated.layer, stated.symbols, stated.symbols.get("loss", "L"))
    context.id, context.base, context.line = number, stated.index_base, reading.source.position(offset)[0]
    meaning: Star = "convolution" if stated.layer.flip else "correlation"
    context.signs = {"*": meaning, "\\star": "correlation"}
    return context


# -- conventions -------------------------------------------------------------------------------
def _one_meaning(contexts: Sequence[Context]) -> None:
    """A sign between maps means one thing in the whole file: what its first layer says."""
    shared: dict[str, Star] = {}
    for context in contexts:
        shared.update({sign: meaning for sign, meaning in context.signs.items() if sign not in shared})
        context.signs = shared


def _loss(reading: tree.Reading, tensors: Collection[str]) -> str:
    names: list[str] = []
    indexed: set[str] = set()
    for _, piece in reading.pieces():
        for d in (p for p in parts(piece.members) if isinstance(p, tree.Derivative)):
            if isinstance(d.of, tree.Name):
                names.append(d.of.text)
            for other in (d.of, d.by):
                if isinstance(other, tree.Indexed) and isinstance(other.base, tree.Name):
                    indexed.add(other.base.text)
            if isinstance(d.by, tree.Name):
                indexed.add(d.by.text)
    names = [n for n in names if n not in tensors]
    return loss_of([n for n in names if n not in indexed] or names, {})


def _count_from(reading: tree.Reading, found: Survey, base: int) -> None:
    """The base of a layer that options describe: a forward formula's, else what the equations need, else a guess from their numbers."""
    context = found.fixed
    assert context is not None
    told = _stated_base(reading)
    if told is None:
        _definitions(reading, found)
        told = base_of((link for span in reading.spans for piece in span.pieces if not piece.problems for link in links_of(span, piece)), context)
        context.definitions.clear()
        context.matrices.clear()
    context.base = told if told is not None else min(base, _base_of_limits(reading)) if context.layer.sizes else base
    context.base_open = told is None and context.base == 1


def _count_by_need(reading: tree.Reading, found: Survey) -> None:
    """The bases of layers that no forward formula describes: what their equations need, and not a 0 anywhere in the file."""
    _definitions(reading, found)
    said = counted_from(reading.source.text)
    links: dict[int, list[Link]] = {}
    for span in reading.spans:
        for piece in span.pieces:
            context, _ = found.at(piece.place.start)
            if context is not None and not context.base_told and not piece.problems:
                links.setdefault(context.id, []).extend(links_of(span, piece))
    for context in found.all:
        if context.base_told:
            continue
        own = links.get(context.id, [])
        told = said if said is not None else 0 if any(map(_from_zero, own)) else base_of(own, context)
        if told is None and context.layer.numeric:
            context.base, context.base_open = 1, context.base == 0
        elif told is not None:
            context.base = told
    for context in found.all:
        context.definitions.clear()
        context.matrices.clear()


def _from_zero(link: Link) -> bool:
    """Whether a slice begins at 0, as only code writes it."""
    starts = [p.start for p in parts((link.left, link.right)) if isinstance(p, tree.Slice)]
    return any(isinstance(start, tree.Number) and start.value == 0 for start in starts)


def _stated_base(reading: tree.Reading) -> int | None:
    """What the first forward formula or matrix counts from."""
    for _, piece in reading.pieces():
        for spec in statements(piece):
            if spec.base is not None:
                return spec.base
    return None


def _base(reading: tree.Reading) -> int:
    """0 where some entry's subscript is the number 0, else 1."""
    items = [i for _, piece in reading.pieces() for node in parts(piece.members) if isinstance(node, tree.Indexed) for i in node.items]
    starts = [i.start if isinstance(i, tree.Slice) else i for i in items]
    numbers = [i.digits for i in starts if isinstance(i, tree.Number)]
    return 0 if any(digits.startswith("0") for digits in numbers) else 1


def _base_of_limits(reading: tree.Reading) -> int:
    """0 where sums begin at 0 and none at 1, else 1: names for all sizes leave no numbers in subscripts."""
    lows = {
        r.low.digits for _, piece in reading.pieces() for r in parts(piece.members)
        if isinstance(r, tree.Range) and isinstance(r.low, tree.Number)
    }
    return 0 if "0" in lows and "1" not in lows else 1


def superscripts(reading: tree.Reading) -> frozenset[str]:
    """Names that stand with letter superscripts somewhere."""
    found: set[str] = set()
    for _, piece in reading.pieces():
        for n in names_in(piece.members):
            if n.layer:
                found.add(n.base)
    return frozenset(found)


def own_letters(reading: tree.Reading) -> frozenset[str]:
    """Letters that an equation gives a meaning of their own: ``X = im2col(x)``, but not ``X = [x_11 ...]`` or ``Y = X * W``."""
    found: set[str] = set()
    for _, piece in reading.pieces():
        for left, relation, right in piece.links():
            for side, other in ((left, right), (right, left)):
                if isinstance(side, tree.Name) and len(side.text) == 1 and relation.kind in ("=", "assign"):
                    matrix = matrix_name(other)
                    alike = matrix is not None and matrix[0] == side.text.swapcase()
                    if not alike and not any(isinstance(p, (tree.Convolution, tree.Derivative)) or (isinstance(p, tree.Product) and "*" in p.joins) for p in parts(other)):
                        found.add(side.text)
    return frozenset(found)


# -- groups ------------------------------------------------------------------------------------
@dataclass
class _State:
    groups: list[Group] = field(default_factory=list)
    pending: dict[str, tuple[int | str, ...]] = field(default_factory=dict)
    lengths: dict[str, tree.Expr] = field(default_factory=dict)
    opened: bool = False
    """Whether prose spoke of another layer, or a heading stood, since the last statement."""
    words: Words = field(default_factory=Words)
    block: int = -9
    """The paragraph of the last statement: what follows it there may give its sizes numbers."""
    before: str = ""
    """The words right before a span."""
    early: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    """Sizes with a number that stand before any statement, with their paragraph."""

    def number(self, given: dict[str, int], block: int) -> None:
        """Take in sizes with their numbers, beside a statement or before one."""
        if not given:
            return
        if block in (self.block, self.block + 1) and not self.opened and self.groups:
            self.groups[-1].give(given)
        else:
            self.early.append((block, given))

    def at(self, block: int) -> list[dict[str, int]]:
        """A statement stands here: the sizes right before it are its own."""
        own = [sizes for place, sizes in self.early if place in (block, block - 1)]
        self.early, self.block, self.before = [], block, ""
        return own


def _groups(reading: tree.Reading) -> list[Group]:
    state = _State()
    seen: set[int] = set()
    for item in reading.items:
        if isinstance(item, tree.Prose):
            state.before = item.text
            if item.heading:
                state.opened, state.words = True, Words()
            line, _ = reading.source.position(item.place.start)
            if line not in seen:
                seen.add(line)
                text = _line(reading.source, line)
                found = list(facts(text))
                for fact in found:
                    _note(state, fact, item.place.start)
                _by_words(state, found, item.place.start, line, unclear(text, found))
            continue
        for piece in item.pieces:
            _length_formulas(state, piece)
            if states_size(state.before):
                state.number(size_given(piece), item.block)
            for spec in statements(piece):
                sizes = state.at(item.block)
                line, _ = reading.source.position(spec.place.start)
                _place(state, replace(spec, line=line))
                for given_here in sizes:
                    state.groups[-1].give(given_here)
    known: dict[str, int] = {}
    for group in state.groups:
        known = group.numbers = {**known, **group.numbers}
    bind_letters(state.groups, reading)
    return state.groups


def _by_words(state: _State, found: Sequence[Fact], offset: int, line: int, doubt: bool) -> None:
    """A layer that words alone describe begins where they are complete."""
    current = state.groups[-1] if state.groups else None
    if current is not None and current.specs and not state.opened:
        if not state.words.departs(current, found):
            return
        state.words = Words()
        state.groups.append(Group([], {}, offset, Message("prose names a layer that no formula describes")))
    state.words.add(found, doubt)
    spec = state.words.spec()
    if spec is not None:
        state.groups.append(Group([replace(spec, line=line)], dict(state.words.said), offset, worded=True))
        state.pending, state.opened = {}, False


def _length_formulas(state: _State, piece: tree.Piece) -> None:
    """``m_1 = \\lfloor (H-K)/2 \\rfloor + 1``: which layer of several fits is seen from it."""
    if piece.problems:
        return
    for left, relation, right in piece.links():
        text = text_of(left)
        if text is not None and relation.kind in ("=", "assign") and not isinstance(right, tree.Matrix):
            (state.groups[-1].lengths if state.groups else state.lengths).setdefault(text, right)


def _line(source: tree.Source, line: int) -> str:
    start = source.starts[line - 1]
    end = source.starts[line] if line < len(source.starts) else len(source.text)
    return re.sub(r"\s{40,}", " " * 40, source.text[start:end])


def _note(state: _State, fact: Fact, offset: int) -> None:
    key = key_of(fact)
    current = state.groups[-1] if state.groups else None
    if fact.what == "other":
        return
    if fact.what == "kind":
        state.pending[key] = fact.values
        return
    if current is None:
        state.pending[key] = fact.values
        return
    if fact.what in OPTIONS and _contradicts(current, fact):
        state.pending[key] = fact.values
        state.groups.append(Group([], dict(state.pending), offset, Message("prose names a layer that no formula describes")))
        return
    if fact.what in ("input", "output", "kernel") or state.opened:
        state.pending[key] = fact.values
    if key not in current.extra and (not state.opened or fact.what == "ties"):
        current.extra[key] = fact.values


def _contradicts(group: Group, fact: Fact) -> bool:
    if fact.what in group.extra:
        return group.extra[fact.what] != fact.values
    for spec in group.specs:
        if spec.formula and spec.axes:
            if isinstance(fact.values[0], str):
                return fact.values != (SAME,) or not all(a.p is not None and a.k is not None and a.p * 2 == a.k - 1 for a in spec.axes)
            sizes = [getattr(a, OPTIONS[fact.what]) for a in spec.axes]
            values = fact.values * len(sizes) if len(fact.values) == 1 else fact.values
            known = [(f.constant, v) for f, v in zip(sizes, values, strict=False) if f is not None]
            if any(c is not None and c != v for c, v in known):
                return True
    return False


def _place(state: _State, spec: Spec) -> None:
    current = state.groups[-1] if state.groups else None
    kind = state.pending.get("kind")
    if spec.kind == "pool" and kind is not None and kind[0] in ("max_pool", "avg_pool"):
        spec = replace(spec, kind=kind[0])  # type: ignore[arg-type]
    if current is not None and current.worded and not state.opened:
        # what is written as a formula counts; the words then give its sizes, as before any formula
        current.specs, current.worded = [], False
    spec = told_apart(spec, state.pending | (current.extra if current is not None and not state.opened else {}))
    if current is not None and current.specs:
        merged = merge(current.merged or current.specs[0], spec, "padded" in current.extra)
        if merged is not None:
            current.specs.append(spec)
            current.merged = merged
            state.opened = False
            return
        if not state.opened and _same_names(current.specs[0], spec):
            return
    if current is not None and not current.specs:
        current.specs.append(spec)
        current.why = None
        current.extra |= state.pending
    else:
        state.groups.append(Group([spec], dict(state.pending), spec.place.start, lengths=state.lengths))
        state.lengths = {}
    state.pending, state.opened = {}, False


def _same_names(a: Spec, b: Spec) -> bool:
    """Whether two statements speak of one layer's letters, in whatever roles: the second is then a claim about the first."""
    kinds = {a.kind, b.kind}
    same_kind = len(kinds) == 1 or kinds in ({"pool", "max_pool"}, {"pool", "avg_pool"})
    mine = dict(a.names)
    alike = all(mine.get(c, w) == w or (not b.axes and by_case(w) == mine[c]) for c, w in b.names)
    return same_kind and (alike or {w for _, w in b.names} <= set(mine.values()))


def _contexts(groups: list[Group], loss: str, base: int) -> list[tuple[int, Context | None, Message | None]]:
    found: list[tuple[int, Context | None, Message | None]] = []
    identity = 0
    for group in groups:
        if not group.specs:
            found.append((group.start, None, group.why))
            continue
        try:
            context = build(group, identity + 1, loss, base)
        except NoLayer as error:
            found.append((group.start, None, error.why))
            continue
        identity += 1
        found.append((group.start, context, None))
    return found


# -- definitions -----------------------------------------------------------------------------
def _definitions(reading: tree.Reading, found: Survey) -> None:
    """New names that stand for something known; they may be used before they are defined."""
    for _ in range(3):
        changed = False
        for _, piece in reading.pieces():
            if piece.problems:
                continue
            context, _ = found.at(piece.place.start)
            if context is None:
                continue
            for left, relation, right in piece.links():
                if relation.kind in ("=", "assign"):
                    changed |= define(left, right, context) or define(right, left, context)
        if not changed:
            return


def define(left: tree.Expr, right: tree.Expr, context: Context) -> bool:
    """Take ``left = right`` as a definition where left is a new name and right is fully known."""
    from symderiv.check.arrays import ARRAYS, Grid, Rotate, Transposed, Whole
    from symderiv.formula.nodes import Entry

    base = left.base if isinstance(left, tree.Indexed) else left
    if not isinstance(base, tree.Name) or not new_name(base, context):
        return False
    if _define_size(left, right, context):
        return True
    letters: tuple[str, ...] = ()
    if isinstance(left, tree.Indexed):
        items = loose_items(left)
        if all(isinstance(i, tree.Number) for i in items):
            return _define_by_entry(base, left, right, context)
        letters = tuple(i.text for i in items if isinstance(i, tree.Name))
        if len(letters) != len(items) or len(set(letters)) != len(letters):
            return False
    try:
        body = Lowerer(context, frozenset(letters)).lower(right)
    except (Unreadable, Unknown):
        return False
    if isinstance(body, Whole) and not letters:
        context.definitions[base.text] = Definition((), Entry(body.tensor), body.tensor)
        return True
    if not letters and (isinstance(body, Grid) or (isinstance(body, (Rotate, Transposed)) and isinstance(body.base, Whole))):
        context.matrices[base.text] = body
        return True
    if isinstance(body, ARRAYS):
        return False
    known = set(context.layer.sizes) | {n for n, _ in context.layer.derived}
    if set(free_names(body)) - set(letters) - known:
        return False
    if not letters and not isinstance(body, Entry):
        return False
    tensor = body.tensor if isinstance(body, Entry) and tuple(f.plain_name for f in body.index) == letters else ""
    if any(n not in set(free_names(body)) for n in letters):
        return False
    context.definitions[base.text] = Definition(letters, body, tensor)
    return True


def _define_by_entry(base: tree.Name, left: tree.Indexed, right: tree.Expr, context: Context) -> bool:
    """``d11 = dL/dO_11``: the name stands for that tensor, entry by entry."""
    from symderiv.check.indices import split_items
    from symderiv.formula.nodes import Entry

    try:
        body = Lowerer(context).lower(right)
        if not isinstance(body, Entry) or not body.index:
            return False
        index = tuple(form_of(i, context, frozenset()) for i in split_items(left, len(body.index)))
    except (Unreadable, Unknown):
        return False
    if index != body.index:
        return False
    context.definitions[base.text] = Definition((), body, body.tensor)
    return True


def _define_size(left: tree.Expr, right: tree.Expr, context: Context) -> bool:
    """``m_1 = H - 2``: a new name for a length made of known sizes."""
    text = text_of(left)
    if text is None or text in context.sizes:
        return False
    try:
        form = form_of(right, context, frozenset())
    except Unreadable:
        return False
    if not form.names or not form.names <= set(context.layer.sizes):
        return False
    context.sizes[text] = form
    return True


def size_claim(left: tree.Expr, right: tree.Expr, context: Context) -> bool | None:
    """Whether an equation between sizes is the one that gave the name its value; None for other equations."""
    text = text_of(left)
    if text is None or text not in context.sizes:
        return None
    try:
        form = form_of(right, context, frozenset())
    except Unreadable:
        return None
    if not form.names <= set(context.layer.sizes):
        return None
    return form == context.sizes[text]


def example_size(left: tree.Expr, right: tree.Expr, context: Context) -> bool:
    """Whether a size that is a name gets a number, as in an example: "for n = 3"."""
    text = text_of(left)
    form = context.sizes.get(text) if text is not None else None
    return isinstance(right, tree.Number) and form is not None and form.constant is None


def new_name(name: tree.Name, context: Context) -> bool:
    """Whether the notes gave this name no meaning yet; the name of a gradient never becomes another thing."""
    return (
        name.gradient is None and name.text not in context.roles and name.text != context.loss and name.text not in context.sizes
        and name.text not in context.definitions and name.text not in context.matrices and Lowerer(context).tensor_of(name) is None
    )
