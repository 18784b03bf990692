"""Number examples in notes: ``I = [[2, 9], [4, 1]]`` sets values, ``O = [[9]]`` is then a claim."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symderiv.check.arrays import ARRAYS, Grid, Lowered, Whole
from symderiv.check.budget import Budget
from symderiv.check.cells import Matrices, same_shape
from symderiv.check.claims import Link, Read, below
from symderiv.check.context import Context, ShapeMismatch, Unknown, Unreadable
from symderiv.check.example import number, positions, with_maxima
from symderiv.check.example_sizes import has_numbers, literal, sized, unified
from symderiv.check.judge import Truths
from symderiv.check.lower import Lowerer
from symderiv.check.truth import NotEntries, Truth
from symderiv.check.value import Fractional, Meaningless, Outside, Unstated, World, compile_side
from symderiv.formula.evaluate import AtomKey, Poly
from symderiv.formula.nodes import Entry, Number, Power, Product, Sum, UnsupportedNode
from symderiv.model import Ties
from symderiv.notes import tree
from symderiv.report_model import ClaimKind, Message, Verdict

Told = tuple[Verdict, Message, "ClaimKind | None", "str | None"]


def with_vector(link: Link, context: Context) -> Link:
    """``W = (1, -1)``: a list of numbers for a tensor is its row."""
    right = link.right
    if not isinstance(link.left, tree.Name) or not isinstance(right, tree.Sequence) or not right.open or not all(map(literal, right.items)):
        return link
    tensor = Lowerer(context).tensor_of(link.left)
    if tensor is None or not context.rank(tensor):
        return link
    return replace(link, right=tree.Matrix((right.items,), "[", right.place))


class Examples:
    """The numbers that the notes gave so far, a layer each."""

    def __init__(self, truths: Truths) -> None:
        self.truths = truths
        self.values: dict[int, dict[AtomKey, Fraction]] = {}
        self.rules: dict[int, Ties] = {}
        """The tie rule that an example was seen to follow."""
        self.sizes: dict[int, dict[str, int]] = {}
        """The lengths that an example's matrices gave to sizes that are names."""
        self.pending: dict[int, list[Link]] = {}
        """Numbers given before all sizes were known."""
        self._sized: dict[tuple[int, tuple[tuple[str, int], ...]], Context] = {}

    def at(self, link: Link, context: Context) -> Context:
        """The context that an equation with numbers is read in: with the example's sizes, where the layer's are names."""
        if context.layer.numeric or not (has_numbers(link.left) or has_numbers(link.right)):
            return context
        given = self._given(link, context)
        if given is not None and isinstance(given[1], Grid):
            self._learn(given[0], given[1].shape, context)
        sizes = self.sizes.get(context.id, {})
        key = context.id, tuple(sorted(sizes.items()))
        if key not in self._sized:
            found = sized(context, sizes)
            if found is None:
                return context
            self._sized[key] = found
        bound = self._sized[key]
        for earlier in self.pending.pop(context.id, []):
            self.claim(earlier, bound)
        return bound

    def _learn(self, tensor: str, shape: tuple[int, ...], context: Context) -> None:
        """Note the lengths; where they contradict those before, another example begins."""
        found = unified(context.shape(tensor), shape, self.sizes.get(context.id, {}))
        if found is None:
            found = unified(context.shape(tensor), shape, {})
            if found is None:
                return
            self.values.pop(context.id, None)
            self.pending.pop(context.id, None)
        self.sizes[context.id] = found

    def _given(self, link: Link, context: Context) -> tuple[str, Lowered] | None:
        """The parameter or upstream gradient that an equation gives numbers, and the numbers."""
        if not isinstance(link.left, (tree.Name, tree.Derivative)):
            return None
        try:
            left, right = Lowerer(context).lower(link.left), Lowerer(context).lower(link.right)
        except (Unreadable, Unknown):
            return None
        tensor = _tensor(left)
        names = {t.name for t in context.layer.parameters} | {context.layer.upstream}
        return None if tensor not in names or tensor is None or _numbers(right) is None else (tensor, right)

    def claim(self, link: Link, context: Context) -> Told | None:
        """The verdict on an equation that sets or claims numbers; None for other equations."""
        told = self._arithmetic(link, context)
        if told is not None:
            return told
        if not isinstance(link.left, (tree.Name, tree.Derivative, tree.Indexed)):
            return None
        if not context.layer.numeric:
            given = self._given(link, context)
            if given is None or unified(context.shape(given[0]), getattr(given[1], "shape", ()), {}) is None:
                return None
            self.pending.setdefault(context.id, []).append(link)
            return "correct", Message("taken as a number example"), "definition", given[0]
        try:
            left, right = Lowerer(context).lower(link.left), Lowerer(context).lower(link.right)
        except (Unreadable, Unknown):
            return None
        if isinstance(left, Entry) and left.index:
            return self._entry(left, right, context)
        tensor = _tensor(left)
        cells = _numbers(right)
        if tensor is None or cells is None:
            return None
        shape = self.truths.at(context.layer, {}).shapes[tensor]
        if not isinstance(right, Grid) and shape:
            return None
        if isinstance(right, Grid) and not _same(shape, right):
            return None
        return self._set_or_judge(tensor, dict(zip(positions(shape), cells, strict=True)), context)

    def _arithmetic(self, link: Link, context: Context) -> Told | None:
        """``1 * 2 + 2 * 1 = 4``: no letters on either side."""
        if not literal(link.left) or not literal(link.right) or link.left == link.right:
            return None
        try:
            values = [_value(Lowerer(context).lower(m)) for m in (link.left, link.right)]
        except (Unreadable, Unknown, ArithmeticError):
            return None
        if None in values:
            return None
        if values[0] == values[1]:
            return "correct", Message("the numbers agree"), None, None
        return "wrong", Message("the left side is %(true)s, not %(claimed)s", {"true": str(values[0]), "claimed": str(values[1])}), None, None

    def _entry(self, left: Entry, right: Lowered, context: Context) -> Told | None:
        """``dL/dI_12 = 1 * 2 + 2 * 1``: judged with the numbers of the example, where letters give no number."""
        value = None if isinstance(right, ARRAYS) else _value(right)
        index = [f.constant for f in left.index]
        if value is None or None in index:
            return None
        truth = self.truths.at(context.layer, {})
        q = tuple(x + 1 - context.base for x in index if x is not None)
        if any(not 1 <= x <= n for x, n in zip(q, truth.shapes[left.tensor], strict=True)):
            return None
        poly, known = truth.reader(left.tensor)(q), self.values.setdefault(context.id, {})
        kind, tensor = _kind(left.tensor, context), _plain(left.tensor, context)
        if not any(poly) or (not value and not known):
            return None
        given = left.tensor in {t.name for t in context.layer.parameters} or left.tensor == context.layer.upstream
        if given and (left.tensor, q) not in known:
            known[left.tensor, q] = value
            return "correct", Message("taken as a number example"), "definition", left.tensor
        rules = self._rules(context)
        true = self._number(poly, known, truth, rules[0])
        if true is None:
            return "unchecked", Message("the numbers for it are not all given"), kind, tensor
        for rule in rules:
            if self._number(poly, known, truth, rule) == value:
                return "correct", self._agreed(context, rule, rules, left.tensor), kind, tensor
        return "wrong", Message("with the numbers of the example it is %(true)s, not %(claimed)s",
                                {"true": str(true), "claimed": str(value)}), kind, tensor

    def _number(self, poly: Poly, known: dict[AtomKey, Fraction], truth: Truth, rule: Ties | None = None) -> Fraction | None:
        """The value of a polynomial in the example; None where numbers are missing."""
        try:
            full = with_maxima(truth, known, rule)
        except KeyError:
            return None
        return None if full is None else number(poly, full)

    def _rules(self, context: Context) -> tuple[Ties | None, ...]:
        """The tie rules that the numbers may follow: one that is stated, or that an earlier example followed, else any."""
        layer = context.layer
        if not layer.pooled or context.tie_rule:
            return (None,)
        if context.id in self.rules:
            return (self.rules[context.id],)
        return ("first", "all", "split")

    def agree(self, read: Read, link: Link, context: Context, budget: Budget) -> bool:
        """Whether an equation with numbers in the place of letters (``I_11 W_11 + ... = 1 * 2 + ...``) holds in the example.

        Raises:
            TooDear: the budget was used up; it may hold.
        """
        known = self.values.get(context.id)
        if not known or not context.layer.numeric:
            return False
        truth = self.truths.at(context.layer, {})
        try:
            pair = _evaluated(read, link, context, truth, budget)
        except (Unreadable, ShapeMismatch, Outside, Fractional, Unstated, Meaningless, UnsupportedNode, NotEntries, KeyError, ArithmeticError):
            return False
        return pair is not None and any(
            all(a is not None and a == b for a, b in zip(*([self._number(p, known, truth, rule) for p in side] for side in pair), strict=True))
            for rule in self._rules(context))

    def partly(self, left: Poly, right: Poly, context: Context) -> bool:
        """Whether two values are the same once the example's numbers stand for letters that the equation leaves out."""
        known = self.values.get(context.id, {})
        written = {name for monomial in right for name, _ in monomial}
        given = {key: value for key, value in known.items() if key[0] not in written}
        return bool(given) and left != right and _with(left, given) == _with(right, given)

    def again(self, link: Link, context: Context) -> bool:
        """``dL/dI_12 = 4 = 4``: the second link of a chain whose first one was judged by the example."""
        return bool(self.values.get(context.id)) and link.first is not link.left and not literal(link.first)

    def total(self, read: Read, context: Context) -> bool:
        """Whether ``10 = 10`` states the sum of the upstream gradient of the example."""
        known = self.values.get(context.id, {})
        if not known or not isinstance(read.left, Number):
            return False
        truth = self.truths.at(context.layer, {})
        full = with_maxima(truth, known) or known
        for tensor in (context.layer.upstream, *("d" + t.name for t in context.layer.parameters)):
            cells = [number(truth.reader(tensor)(q), full) for q in positions(truth.shapes[tensor])]
            if None not in cells and sum(c for c in cells if c is not None) == read.left.value:
                return True
        return False

    def _set_or_judge(self, tensor: str, cells: dict[tuple[int, ...], Fraction], context: Context) -> Told | None:
        layer = context.layer
        known = self.values.setdefault(context.id, {})
        if tensor in {t.name for t in layer.parameters} or tensor == layer.upstream:
            if all(known.get((tensor, q)) == v for q, v in cells.items()):
                return "correct", Message("the number example again"), "definition", tensor
            if any(n == tensor for n, _ in known):  # another example: what was said of the outputs is over
                self.values[context.id] = known = {k: v for k, v in known.items() if k[0] not in (tensor, layer.upstream)}
            known.update({(tensor, q): v for q, v in cells.items()})
            return "correct", Message("taken as a number example"), "definition", tensor
        truth = self.truths.at(layer, {})
        read = truth.reader(tensor)
        if not known and (not any(cells.values()) or not any(m for q in cells for m in read(q))):
            return None
        rules = self._rules(context)
        for rule in rules:
            if all(self._number(read(q), known, truth, rule) == value for q, value in cells.items()):
                return "correct", self._agreed(context, rule, rules, tensor), _kind(tensor, context), _plain(tensor, context)
        for q, value in cells.items():
            true = self._number(read(q), known, truth, rules[0])
            if true is None:
                return "unchecked", Message("the numbers for it are not all given"), _kind(tensor, context), _plain(tensor, context)
            if true != value:
                return "wrong", Message("the entry %(at)s is %(true)s, not %(claimed)s",
                                        {"at": ",".join(map(str, q)), "true": str(true), "claimed": str(value)}), _kind(tensor, context), _plain(tensor, context)
        raise AssertionError("some cell differs")

    def _agreed(self, context: Context, rule: Ties | None, rules: tuple[Ties | None, ...], tensor: str) -> Message:
        """Right; with the tie rule that it follows, where the notes do not say one."""
        if len(rules) == 1 or rule is None or rule == rules[0] or tensor == context.layer.output.name:
            return Message("right for these numbers")
        self.rules[context.id] = rule
        return Message("right for these numbers, if ties go by the rule '%(rule)s'", {"rule": rule})


def _with(poly: Poly, known: dict[AtomKey, Fraction]) -> Poly:
    """The polynomial with numbers for the entries that are known."""
    found: Poly = {}
    for monomial, c in poly.items():
        rest = tuple(atom for atom in monomial if atom not in known)
        for atom in monomial:
            c = c * known.get(atom, 1)
        found[rest] = found.get(rest, 0) + c
    return {m: c for m, c in found.items() if c}


def _evaluated(read: Read, link: Link, context: Context, truth: Truth, budget: Budget) -> tuple[list[Poly], list[Poly]] | None:
    """Both members, cell by cell, where one of them has numbers in the place of letters."""
    world = World(truth, budget)
    if read.ready is not None:
        sides = read.ready.sides
        if sides.free or sides.chosen is not None or sides.conditions or not any(_value(s) is not None for s in (sides.left, sides.right)):
            return None
        return [compile_side(sides.left, world)({})], [compile_side(sides.right, world)({})]
    if not any(isinstance(g, Grid) and any(_numbers(g) or ()) for m in (read.left, read.right) for g in below(m)):
        return None
    shape = truth.shapes[read.left.tensor] if isinstance(read.left, Whole) else None
    left, right = same_shape(*(Matrices(context, world, {}, link.place, shape).value(m) for m in (read.left, read.right)))
    return list(left.at.values()), list(right.at.values())


def _kind(tensor: str, context: Context) -> ClaimKind:
    return "forward" if tensor == context.layer.output.name else "gradient"


def _plain(tensor: str, context: Context) -> str:
    return tensor if tensor == context.layer.output.name else tensor[1:]


def _tensor(value: Lowered) -> str | None:
    if isinstance(value, (Whole, Entry)) and not getattr(value, "index", ()):
        return value.tensor
    return None


def _value(node: object) -> Fraction | None:
    """The number that a node without letters is."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, (Sum, Product)):
        total = Fraction(int(isinstance(node, Product)))
        for part in node.terms if isinstance(node, Sum) else node.factors:
            value = _value(part)
            if value is None:
                return None
            total = total + value if isinstance(node, Sum) else total * value
        return total
    if isinstance(node, Power):
        base = _value(node.base)
        return None if base is None or (not base and node.exponent < 0) else base**node.exponent
    return None


def _numbers(value: Lowered) -> list[Fraction] | None:
    single = None if isinstance(value, ARRAYS) else _value(value)
    if single is not None:
        return [single]
    if isinstance(value, Grid) and all(_number(c) is not None for c in value.cells):
        return [n for n in map(_number, value.cells) if n is not None]
    return None


def _number(value: object) -> Fraction | None:
    return _value(value)


def _same(shape: tuple[int, ...], grid: Lowered) -> bool:
    assert isinstance(grid, Grid)
    if grid.shape == shape:
        return True
    return len(shape) == 1 and 1 in grid.shape and grid.shape[0] * grid.shape[1] == shape[0]
