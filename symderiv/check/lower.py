"""From syntax to formula nodes: what each thing written means under a layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symderiv.check import conditions as cond
from symderiv.check.arrays import (
    ARRAYS,
    Array,
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
    inner_arrays,
    is_array,
)
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.check.dots import between
from symderiv.check.indices import form_of, split_items, text_of
from symderiv.check.ranges import standing_alone
from symderiv.check.spec import by_case
from symderiv.check.statements import CALLS
from symderiv.check.syntax import MAPS, parts
from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Entry,
    Equal,
    Greatest,
    IsMax,
    Node,
    Number,
    Partial,
    Power,
    Reduce,
    Size,
)
from symderiv.formula.walk import add, product
from symderiv.index.form import Form, const, name
from symderiv.notes import tree
from symderiv.report_model import Message

MOST_NODES = 4_000
MOST_CELLS = 1_024
MOST_POWER = 16
MOST_DIGITS = 12
Names = frozenset[str]
CORRELATIONS = ("corr", "correlate", "correlate2d", "xcorr")
PADS = frozenset({"pad", "Pad", "padding", "zeropad"})
HALF_TURN = (tree.Number("180"), tree.Call("deg", (tree.Number("180"),)))
ROTATIONS = frozenset({"rot180", "rotate180", "rot", "flip", "rotate", "flip180", "Rot180", "ROT180", "rot_180"})


class Lowerer:
    """Lowers expressions under one context; indices stay as written (from 0 where the notes count so)."""

    def __init__(self, context: Context, indices: Names = frozenset()) -> None:
        self.context = context
        self.indices = indices
        """Letters that are indices of a definition being lowered."""
        self.free: Names = frozenset()
        """Index letters of the left side: elsewhere they are numbers."""
        self.kronecker = False
        """Whether an undefined delta is Kronecker's: in a local derivative no upstream gradient can stand."""
        self.maps = False
        """Whether a convolution sign stands in the claim: ``W_{fc}`` is then a plane."""
        self.by_value = False
        """Whether an entry was compared with a maximum: with two largest entries a window has two."""
        self.left = MOST_NODES
        self.clashes: dict[str, tree.Place] = {}
        """Bound letters that also name a tensor of the layer."""

    def lower(self, expr: tree.Expr, bound: Names = frozenset()) -> Lowered:
        """What ``expr`` means.

        Raises:
            Unreadable: some of it is not understood.
            Unknown: a name has no meaning here.
        """
        self.left -= 1
        if self.left < 0:
            raise Unreadable(Message("the equation has more than %(most)s parts", {"most": MOST_NODES}), expr.place)
        rule = _RULES.get(type(expr))
        if rule is None:
            raise Unreadable(Message("this can't be read here"), expr.place)
        found: Lowered = rule(self, expr, bound)
        return found

    def scalar(self, expr: tree.Expr, bound: Names = frozenset()) -> Node:
        """The meaning of one number. Raises Unreadable where it is a matrix."""
        found = self.lower(expr, bound)
        return _one(found, expr.place)

    # -- names ---------------------------------------------------------------------------------
    def tensor_of(self, written: tree.Name) -> str | None:
        """The canonical tensor (or gradient) that a name stands for."""
        context = self.context
        if written.text in context.roles:
            return context.roles[written.text]
        definition = context.definitions.get(written.text)
        if definition is not None and definition.tensor:
            return definition.tensor
        if written.gradient is not None and written.gradient.of in ("", context.loss):
            return self._gradient_by(written.gradient.by)
        return self._by_case(written)

    def _by_case(self, written: tree.Name) -> str | None:
        """``X`` for the map of ``x_{ij}``, and the reverse, where the letter stands for nothing else."""
        other, context = by_case(written.text), self.context
        if other is None or written.text in (*context.sizes, *context.apart, *self.free, context.loss):
            return None
        return context.roles.get(other)

    def _gradient_by(self, by: str) -> str | None:
        roles = self.context.roles
        if by in roles:
            return "d" + roles[by]
        near = {r for n, r in roles.items() if n.lower() == by.lower()}
        return "d" + near.pop() if len(near) == 1 else None

    def name(self, expr: tree.Name, bound: Names) -> Lowered:
        if expr.text in bound or expr.text in self.indices:
            return Size(name(expr.text))
        tensor = self.tensor_of(expr)
        if tensor is not None:
            return Whole(tensor) if self.context.rank(tensor) else Entry(tensor)
        if expr.text in self.context.definitions:
            found = self.context.definitions[expr.text]
            if not found.indices:
                return found.body
            raise Unreadable(Message("%(name)s needs its indices here", {"name": expr.text}), expr.place)
        if expr.text in self.context.matrices:
            return self.context.matrices[expr.text]  # type: ignore[return-value]
        if expr.text in self.context.sizes:
            return _size(self.context.sizes[expr.text])
        if expr.gradient is not None and expr.gradient.of:
            return self._local_name(expr)
        if expr.text in self.free:
            return Size(name(expr.text))
        raise Unknown(Message("%(name)s is not defined", {"name": expr.text}), expr.place)

    def _local_name(self, expr: tree.Name) -> Lowered:
        assert expr.gradient is not None
        roles = self.context.roles
        of, by = roles.get(expr.gradient.of), roles.get(expr.gradient.by)
        if of != self.context.layer.output.name or by is None:
            raise Unknown(Message("%(name)s is not defined", {"name": expr.text}), expr.place)
        return WholePartial(None, Entry(by) if not self.context.rank(by) else None, of, by)

    def indexed(self, expr: tree.Indexed, bound: Names) -> Lowered:
        base = expr.base
        compound = tree.compound_text(expr)
        if compound is not None and compound in self.context.roles:
            return self.name(tree.Name(compound, compound, place=expr.place), bound)
        while isinstance(base, tree.Group):
            base = base.inner
        if isinstance(base, tree.Transpose):
            inner = base.base.inner if isinstance(base.base, tree.Group) else base.base
            items = split_items(expr, 2)
            return self._entry(inner, replace(expr, base=inner, groups=(tree.Subscripts((items[1], items[0])),)), bound)
        if isinstance(base, tree.Call) and base.function in ROTATIONS and len(base.args) == 1:
            return self._rotated(base.args[0], expr, bound)
        return self._entry(base, expr, bound)

    def _entry(self, base: tree.Expr, expr: tree.Indexed, bound: Names) -> Lowered:
        if isinstance(base, tree.Name):
            tensor = self.tensor_of(base)
            if tensor is not None:
                part = self._part(expr, tensor, bound)
                if part is not None:
                    return part
                return Entry(tensor, self.subscripts(expr, tensor, bound))
            if base.text in self.context.definitions:
                return self._defined(base, expr, bound)
            if self.kronecker and base.text == "\\delta" and len(expr.items) == 2:
                a, b = (form_of(i, self.context, bound | self.indices) for i in expr.items)
                return Bracket((Equal(a, b),))
            text = text_of(expr)
            if text is not None and text in self.context.sizes:
                return _size(self.context.sizes[text])
            raise Unknown(Message("%(name)s is not defined", {"name": base.text}), base.place)
        if isinstance(base, tree.Derivative):
            found = self.lower(base, bound)
            if isinstance(found, Whole):
                part = self._part(expr, found.tensor, bound)
                if part is not None:
                    return part
                return Entry(found.tensor, self.subscripts(expr, found.tensor, bound))
        raise Unreadable(Message("an index can't stand here"), expr.place)

    def _part(self, expr: tree.Indexed, tensor: str, bound: Names) -> Part | None:
        """A plane: letters for the leading axes alone; those of size 1 may be left out."""
        shape = self.context.shape(tensor)
        lead = len(shape) - len(self.context.layer.axes)
        if not self.maps or lead < 1 or not self.context.layer.axes:
            return None
        ones = 0
        while ones < lead - 1 and shape[ones] == 1:
            ones += 1
        for missing in range(ones + 1):
            try:
                items = split_items(expr, lead - missing)
            except Unreadable:
                continue
            front = [const(self.context.base)] * missing
            return Part(tensor, (*front, *(form_of(i, self.context, bound | self.indices) for i in items)))
        return None

    def _rotated(self, inner: tree.Expr, expr: tree.Indexed, bound: Names) -> Lowered:
        base = inner.inner if isinstance(inner, tree.Group) else inner
        found = self._entry(base, replace(expr, base=base), bound)
        if not isinstance(found, Entry):
            raise Unreadable(Message("an index can't stand here"), expr.place)
        shape, first = self.context.shape(found.tensor), self.context.base
        count = len(self.context.layer.axes) or len(shape)
        flipped = [
            n - 1 + 2 * first - f if k >= len(shape) - count else f
            for k, (f, n) in enumerate(zip(found.index, shape, strict=True))
        ]
        return Entry(found.tensor, tuple(flipped))

    def _defined(self, base: tree.Name, expr: tree.Indexed, bound: Names) -> Node:
        from symderiv.formula.walk import substitute

        found = self.context.definitions[base.text]
        items = split_items(expr, len(found.indices))
        values = {x: form_of(i, self.context, bound | self.indices) for x, i in zip(found.indices, items, strict=True)}
        return substitute(found.body, values)

    def subscripts(self, expr: tree.Indexed, tensor: str, bound: Names) -> tuple[Form, ...]:
        """The indices of an entry; those of leading axes of size 1 may be left out."""
        shape = self.context.shape(tensor)
        if not shape:
            raise Unreadable(Message("%(name)s is one number here: it has no subscript", {"name": self.context.written(tensor)}), expr.place)
        ones = 0
        items: list[tree.Expr] = []
        while ones < len(shape) and shape[ones] == 1:
            ones += 1
        for missing in range(0, min(ones, len(shape) - 1) + 1):
            try:
                items = split_items(expr, len(shape) - missing)
                break
            except Unreadable:
                if missing == min(ones, len(shape) - 1) and self._without_ones(expr, tensor, shape) is None:
                    items = split_items(expr, len(shape))
        inner = None if items else self._without_ones(expr, tensor, shape)
        if inner is not None:
            return tuple(const(self.context.base) if i is None else form_of(i, self.context, bound | self.indices) for i in inner)
        lead = [const(self.context.base)] * (len(shape) - len(items))
        return (*lead, *(form_of(i, self.context, bound | self.indices) for i in items))

    def _without_ones(self, expr: tree.Indexed, tensor: str, shape: tuple[Form, ...]) -> list[tree.Expr | None] | None:
        """The items where every leading axis of size 1 is left out, also one behind a longer axis."""
        lead = len(shape) - len(self.context.layer.axes)
        kept = [k for k, n in enumerate(shape) if k >= lead or n != 1]
        if not self.context.layer.axes or len(kept) == len(shape):
            return None
        try:
            items = split_items(expr, len(kept))
        except Unreadable:
            return None
        found: list[tree.Expr | None] = [None] * len(shape)
        for k, item in zip(kept, items, strict=True):
            found[k] = item
        return found

    # -- derivatives ---------------------------------------------------------------------------
    def derivative(self, expr: tree.Derivative, bound: Names) -> Lowered:
        of = expr.of.inner if isinstance(expr.of, tree.Group) else expr.of
        by = expr.by.inner if isinstance(expr.by, tree.Group) else expr.by
        if isinstance(by, tree.Call) and by.function in ("vec", "Vec") and len(by.args) == 1:
            return Vec(self._array(replace(expr, by=by.args[0]), bound))
        target = self._by(by, bound)
        if isinstance(target, Part):
            if not (isinstance(of, tree.Name) and of.text == self.context.loss):
                raise Unreadable(Message("a derivative is by a tensor or an entry of one"), expr.place)
            return Part("d" + target.tensor, target.index)
        if isinstance(of, tree.Name) and of.text == self.context.loss:
            return Whole("d" + target.tensor) if isinstance(target, Whole) else Entry("d" + target.tensor, target.index)
        if isinstance(of, tree.Name) and self.tensor_of(of) is None:
            raise Unknown(Message("%(name)s is not defined", {"name": of.text}), of.place)
        top = self._by(of, bound)
        if isinstance(top, Part):
            raise Unreadable(Message("a derivative is by a tensor or an entry of one"), expr.place)
        if top.tensor != self.context.layer.output.name or target.tensor.startswith("d"):
            raise Unknown(Message("the derivative of %(of)s by %(by)s is not known here",
                                  {"of": top.tensor, "by": target.tensor}), expr.place)
        if isinstance(top, Entry) and isinstance(target, Entry):
            return Partial(top, target)
        return WholePartial(
            top if isinstance(top, Entry) else None, target if isinstance(target, Entry) else None,
            top.tensor, target.tensor,
        )

    def _by(self, expr: tree.Expr, bound: Names) -> Entry | Whole | Part:
        if isinstance(expr, tree.Name) and self.tensor_of(expr) is None:
            raise Unknown(Message("%(name)s is not defined", {"name": expr.text}), expr.place)
        found = self.name(expr, frozenset()) if isinstance(expr, tree.Name) else self.lower(expr, bound)
        if isinstance(found, (Entry, Whole, Part)):
            return found
        raise Unreadable(Message("a derivative is by a tensor or an entry of one"), expr.place)

    def _array(self, expr: tree.Expr, bound: Names) -> Array:
        found = self.lower(expr, bound)
        if not is_array(found):
            raise Unreadable(Message("a whole tensor is needed here"), expr.place)
        return found

    # -- sums and maxima -----------------------------------------------------------------------
    def reduction(self, expr: tree.Reduction, bound: Names) -> Lowered:
        if expr.kind not in ("sum", "max") or expr.body is None:
            raise Unreadable(Message("'%(name)s' can't be read here", {"name": expr.kind}), expr.place)
        if not expr.ranges:
            listed = self._listed(expr, bound)
            return self._bare(expr, bound) if listed is None else self.reduction(listed, bound)
        inside = bound
        limits: list[tuple[tree.Range, Form | None, Form | None]] = []
        for r in expr.ranges:
            if r.index.text in self.context.roles:
                self.clashes.setdefault(r.index.text, r.index.place)
            low = None if r.low is None else form_of(r.low, self.context, inside | self.indices) + int(r.low_strict)
            high = None if r.high is None else form_of(r.high, self.context, inside | self.indices) - int(r.high_strict)
            limits.append((r, low, high))
            inside = inside | {r.index.text}
        body = self.lower(expr.body, inside)
        if is_array(body):
            return self._summed_array(expr, limits, body)
        node = _one(body, expr.place)
        tests = [c for k in expr.conditions for c in cond.statements(k, self.context, inside | self.indices)]
        if any(isinstance(k.statement, tree.Name) for k in expr.conditions):
            raise Unreadable(Message("over which indices is the sum?"), expr.place)
        if tests:
            if expr.kind == "max":
                raise Unreadable(Message("a condition under max can't be read here"), expr.place)
            node = product([Bracket(tuple(tests)), node])
        bindings = tuple(self._binding(r, low, high, node) for r, low, high in limits)
        if expr.kind == "max" and isinstance(node, Reduce) and node.kind == "max":
            # the maximum of maxima is one maximum
            return Reduce("max", (*bindings, *node.bindings), node.body)
        return Reduce("sum" if expr.kind == "sum" else "max", bindings, node)

    def _summed_array(self, expr: tree.Reduction, limits: Sequence[tuple[tree.Range, Form | None, Form | None]],
                      body: Lowered) -> Lowered:
        if expr.kind != "sum" or expr.conditions or not any(isinstance(p, Part) for p in all_arrays(body)):
            raise Unreadable(Message("a sum over indices of a whole tensor can't be read: write its indices"), expr.place)
        bindings = []
        for r, low, high in limits:
            lengths = list(dict.fromkeys(n for x, n in plane_letters(body, self.context) if x == r.index.text))
            if len(lengths) != 1:
                raise Unreadable(Message("the range of %(index)s is not known", {"index": r.index.text}), r.index.place)
            first = const(self.context.base)
            bindings.append(Binding(r.index.text, first if low is None else low, lengths[0] + first - 1 if high is None else high))
        return SumOver(tuple(bindings), body)  # type: ignore[arg-type]

    def _binding(self, r: tree.Range, low: Form | None, high: Form | None, body: Node) -> Binding:
        if low is None or high is None:
            lengths = standing_alone(r.index.text, body, self.context)
            if len(lengths) > 1:
                # sum_i dO[i] I[i]: a sum over the outputs, as no other entry need exist for each of its values
                lengths = standing_alone(r.index.text, body, self.context, of_outputs=True)
            if len(lengths) != 1:
                raise Unreadable(Message("the range of %(index)s is not known", {"index": r.index.text}), r.index.place)
            first = const(self.context.base)
            low = first if low is None else low
            high = lengths[0] + first - 1 if high is None else high
        return Binding(r.index.text, low, high)

    def _listed(self, expr: tree.Reduction, bound: Names) -> tree.Reduction | None:
        """A sum under equations only, ``\\sum_{i+a-1=p}``: over their letters that neither the left side nor a sum around it has."""
        if expr.kind != "sum" or not expr.conditions or not all(
                isinstance(c.statement, tree.Comparison) and not c.words and not c.after and c.join == "and" for c in expr.conditions):
            return None
        known = self.free | bound | self.indices | self.context.sizes.keys() | self.context.roles.keys()
        found = {n.text: n for n in names_in(tuple(c.statement for c in expr.conditions)) if n.text not in known}
        if not found or not found.keys() <= {n.text for n in names_in(expr.body)}:
            return None
        return replace(expr, ranges=tuple(tree.Range(n, place=n.place) for n in found.values()))

    def _bare(self, expr: tree.Reduction, bound: Names) -> Lowered:
        body = expr.body
        assert body is not None
        if expr.conditions:
            raise Unreadable(Message("over which indices is the sum?"), expr.place)
        if expr.kind == "max":
            inner = body.inner if isinstance(body, tree.Group) else body
            items = inner.items if isinstance(inner, tree.Sequence) else (inner,)
            return self._number_max(tree.Call("max", items, place=expr.place)) or Greatest(tuple(self.scalar(i, bound) for i in items))
        found = self.lower(body, bound)
        if not is_array(found):
            raise Unreadable(Message("over which indices is the sum?"), expr.place)
        return Total(found)

    def _number_max(self, expr: tree.Call) -> Node | None:
        """A maximum of numbers and index letters; None where entries stand in it."""
        if any(n.text in self.context.roles or n.text in self.context.definitions for n in names_in(expr.args)):
            return None
        try:
            return _size(form_of(expr, self.context, self.indices))
        except Unreadable:
            return None

    # -- arithmetic ----------------------------------------------------------------------------
    def addition(self, expr: tree.Add, bound: Names) -> Lowered:
        dots = [k for k, t in enumerate(expr.terms) if isinstance(t, tree.Dots)]
        if dots:
            if len(dots) > 1 or dots[0] != len(expr.terms) - 2 or any(s < 0 for s in expr.signs):
                raise Unreadable(Message("the dots leave open which terms they stand for"), expr.terms[dots[0]].place)
            written = [self.scalar(t, bound) for t in expr.terms if not isinstance(t, tree.Dots)]
            return between(written[:-1], written[-1], bound | self.indices | self.free | set(self.context.roles) | set(self.context.sizes), expr.terms[dots[0]].place)
        terms = [self.lower(t, bound) for t in expr.terms]
        if any(is_array(t) for t in terms):
            return Plus(tuple(terms), expr.signs)
        if any(isinstance(t, Total) for t in terms):
            return Plus(tuple(terms), expr.signs)
        nodes = [_one(t, expr.place) for t in terms]
        return add([t if s > 0 else product([Number(Fraction(-1)), t]) for s, t in zip(expr.signs, nodes, strict=True)])

    def times(self, expr: tree.Product, bound: Names) -> Lowered:
        expr = cond.without_shares(expr, self.context)
        expr = self._by_brackets(expr, bound)
        if len(expr.factors) == 1:
            return self.lower(expr.factors[0], bound)
        factors = [self.lower(f, bound) for f in expr.factors]
        if not any(is_array(f) or isinstance(f, Total) for f in factors):
            return product([_one(f, expr.place) for f in factors])
        groups: list[list[Lowered]] = [[factors[0]]]
        for join, factor in zip(expr.joins, factors[1:], strict=True):
            if join == "*" and is_array(factor) and any(is_array(f) for f in groups[-1]):
                groups.append([factor])
            else:
                groups[-1].append(factor)
        parts: list[Lowered] = [g[0] if len(g) == 1 else Times(tuple(g)) for g in groups]
        total = parts[0]
        for part in parts[1:]:
            total = Convolve(total, part, "*")  # type: ignore[arg-type]
        return total

    def _by_brackets(self, expr: tree.Product, bound: Names) -> tree.Product:
        """``W(2)``, ``dL/dI(p)``: right behind a tensor of one axis a bracket is its index and no factor."""
        factors: list[tree.Expr] = [expr.factors[0]]
        joins: list[str] = []
        for join, factor in zip(expr.joins, expr.factors[1:], strict=True):
            last = factors[-1]
            if join == "" and isinstance(factor, tree.Group) and factor.open == "(" and factor.place.start == last.place.end and self._has_one_axis(last, bound):
                factors[-1] = tree.Indexed(last, (tree.Subscripts((factor.inner,), "paren", factor.place),), last.place.to(factor.place))
                continue
            joins.append(join)
            factors.append(factor)
        return expr if len(factors) == len(expr.factors) else tree.Product(tuple(factors), tuple(joins), expr.place)

    def _has_one_axis(self, expr: tree.Expr, bound: Names) -> bool:
        if not isinstance(expr, (tree.Name, tree.Derivative)):
            return False
        try:
            found = self.lower(expr, bound)
        except (Unreadable, Unknown):
            return False
        return isinstance(found, Whole) and self.context.rank(found.tensor) == 1

    def convolution(self, expr: tree.Convolution, bound: Names) -> Lowered:
        left, right = self.lower(expr.left, bound), self.lower(expr.right, bound)
        if not is_array(left) or not is_array(right):
            if expr.sign in ("*", "\\ast", "∗") and not is_array(left) and not is_array(right):
                return product([_one(left, expr.place), _one(right, expr.place)])
            place = expr.right.place if is_array(left) else expr.left.place
            raise Unreadable(Message("'%(sign)s' needs whole tensors on both sides", {"sign": expr.sign}), place)
        if expr.sign in ("\\odot", "\\circ", "⊙", "∘"):
            return Pointwise(left, right)
        if expr.sign not in MAPS:
            raise Unreadable(Message("'%(sign)s' can't be read here", {"sign": expr.sign}), expr.place)
        return Convolve(left, right, MAPS[expr.sign], expr.mode)

    def quotient(self, expr: tree.Quotient, bound: Names) -> Lowered:
        bottom = self.scalar(expr.bottom, bound)
        if isinstance(bottom, Number) and bottom.value == 0:
            raise Unreadable(Message("a division by zero"), expr.bottom.place)
        if not _numeric(bottom):
            raise Unreadable(Message("division is by a number or a size"), expr.bottom.place)
        inverse: Node = Number(1 / bottom.value) if isinstance(bottom, Number) else Power(bottom, -1)
        top = self.lower(expr.top, bound)
        if is_array(top):
            return Times((inverse, top))
        return product([inverse, top])  # type: ignore[list-item]

    def power(self, expr: tree.Power, bound: Names) -> Lowered:
        exponent = expr.exponent
        if not isinstance(exponent, tree.Number) or not exponent.digits.isdigit():
            raise Unreadable(Message("this superscript can't be read"), exponent.place)
        if len(exponent.digits) > 3 or int(exponent.digits) > MOST_POWER:
            raise Unreadable(Message("an exponent is over the limit of %(most)s", {"most": MOST_POWER}), exponent.place)
        base = expr.base.base if isinstance(expr.base, tree.Indexed) else expr.base
        if isinstance(base, tree.Name) and base.base in self.context.superscripts:
            raise Unreadable(Message("the superscript may be a power or a layer"), exponent.place)
        if int(exponent.digits) < 2:
            raise Unreadable(Message("this superscript can't be read"), exponent.place)
        return Power(self.scalar(expr.base, bound), int(exponent.digits))

    def number(self, expr: tree.Number, bound: Names) -> Lowered:
        if len(expr.digits) > MOST_DIGITS:
            raise Unreadable(Message("a number has more than %(most)s digits", {"most": MOST_DIGITS}), expr.place)
        return Number(expr.value)

    def group(self, expr: tree.Group, bound: Names) -> Lowered:
        return self.lower(expr.inner, bound)

    def sequence(self, expr: tree.Sequence, bound: Names) -> Lowered:
        if len(expr.items) == 1:
            return self.lower(expr.items[0], bound)
        raise Unreadable(Message("several expressions with commas can't be read here"), expr.place)

    def transpose(self, expr: tree.Transpose, bound: Names) -> Lowered:
        return Transposed(self._array(expr.base, bound))

    def call(self, expr: tree.Call, bound: Names) -> Lowered:
        function = expr.function
        args = expr.args
        if len(args) == 1 and isinstance(args[0], tree.Sequence):
            args = args[0].items
        if function in ROTATIONS and len(args) == 1 and expr.subscripts is None:
            return Rotate(self._array(args[0], bound))
        if function in PADS and len(args) == 1 and expr.subscripts is None:
            return Pad(self._array(args[0], bound))
        if (function, *args[1:]) in (("rot90", tree.Number("2")), *(("rot", angle) for angle in HALF_TURN)):
            return Rotate(self._array(args[0], bound))
        if function.lower() in (*CALLS, *CORRELATIONS) and len(args) in (2, 3) and expr.subscripts is None:
            return self._convolved(expr, args, bound)
        if function in ("vec", "Vec") and len(args) == 1:
            return Vec(self._array(args[0], bound))
        if function == "max" and expr.subscripts is None:
            return self._number_max(expr) or Greatest(tuple(self.scalar(a, bound) for a in args))
        if function in ("floor", "ceil", "min"):
            return _size(form_of(expr, self.context, bound | self.indices))
        if not expr.certain and len(args) == 1:
            return self.times(tree.Product((tree.Name(function, function, place=expr.place), args[0]), ("",), expr.place), bound)
        raise Unreadable(Message("'%(name)s' can't be read here", {"name": function}), expr.place)

    def _convolved(self, expr: tree.Call, args: tuple[tree.Expr, ...], bound: Names) -> Convolve:
        """``conv(a, b)``, ``conv(a, b, 'full')``."""
        mode = args[2].text.strip("'") if len(args) == 3 and isinstance(args[2], tree.Name) else ""
        if len(args) == 3 and mode not in ("full", "valid", "same"):
            raise Unreadable(Message("this can't be read here"), args[2].place)
        sign = "conv" if expr.function.lower() in CALLS else "corr"
        return Convolve(self._array(args[0], bound), self._array(args[1], bound), sign, mode)

    def matrix(self, expr: tree.Matrix, bound: Names) -> Lowered:
        rows, columns = len(expr.rows), len(expr.rows[0]) if expr.rows else 0
        if rows * columns > MOST_CELLS:
            raise Unreadable(Message("a matrix has more than %(most)s cells", {"most": MOST_CELLS}), expr.place)
        for cell in (c for row in expr.rows for c in row):
            if isinstance(cell, tree.Dots):
                raise Unreadable(Message("dots leave open what stands there"), cell.place)
        maps, self.maps = self.maps, False
        try:
            return Grid((rows, columns), tuple(self.scalar(c, bound) for row in expr.rows for c in row))
        finally:
            self.maps = maps

    # -- conditions ----------------------------------------------------------------------------
    def iverson(self, expr: tree.Iverson, bound: Names) -> Lowered:
        chosen = cond.chosen_bracket(self, expr, bound | self.indices)
        if chosen is not None:
            return chosen
        tests = [c for k in expr.conditions for c in cond.statements(k, self.context, bound | self.indices)]
        if not tests:
            raise Unreadable(Message("this condition can't be read"), expr.place)
        return Bracket(tuple(tests))

    def cases(self, expr: tree.Cases, bound: Names) -> Lowered:
        return cond.cases(self, expr, bound)


def _size(form: Form) -> Node:
    number = form.constant
    return Size(form) if number is None else Number(Fraction(number))


def _numeric(node: Node) -> bool:
    from symderiv.formula.walk import walk

    return not any(isinstance(n, (Entry, IsMax, Partial, Bracket)) for n in walk(node))


_RULES: dict[type, Any] = {
    tree.Name: Lowerer.name,
    tree.Indexed: Lowerer.indexed,
    tree.Derivative: Lowerer.derivative,
    tree.Reduction: Lowerer.reduction,
    tree.Add: Lowerer.addition,
    tree.Product: Lowerer.times,
    tree.Convolution: Lowerer.convolution,
    tree.Quotient: Lowerer.quotient,
    tree.Power: Lowerer.power,
    tree.Number: Lowerer.number,
    tree.Group: Lowerer.group,
    tree.Sequence: Lowerer.sequence,
    tree.Transpose: Lowerer.transpose,
    tree.Call: Lowerer.call,
    tree.Matrix: Lowerer.matrix,
    tree.Iverson: Lowerer.iverson,
    tree.Cases: Lowerer.cases,
}


def index_letters(expr: tree.Expr) -> Names:
    """The names that stand alone as a subscript somewhere in an expression."""
    found: set[str] = set()
    for part in parts(expr):
        if isinstance(part, tree.Indexed):
            for item in part.items:
                single = item.factors if isinstance(item, tree.Product) and not any(item.joins) else (item,)
                found |= {i.text for i in single if isinstance(i, tree.Name)}
    return frozenset(found)


def all_arrays(value: Lowered) -> Iterator[Lowered]:
    """An array and every array inside it."""
    yield value
    for inner in inner_arrays(value):
        yield from all_arrays(inner)


def plane_letters(value: Lowered, context: Context) -> Iterator[tuple[str, Form]]:
    """Each letter that stands alone as a plane's index, with the axis's length."""
    for part in all_arrays(value):
        if isinstance(part, Part):
            for form, length in zip(part.index, context.shape(part.tensor), strict=False):
                if form.plain_name is not None:
                    yield form.plain_name, length


def names_in(expr: object) -> Iterator[tree.Name]:
    """Every name in a tree, in reading order."""
    stack = [expr]
    while stack:
        item = stack.pop()
        if isinstance(item, tree.Name):
            yield item
        elif isinstance(item, tuple):
            stack += item[::-1]
        elif hasattr(item, "__dataclass_fields__"):
            stack += [getattr(item, f) for f in reversed(item.__dataclass_fields__) if f != "place"]


def _one(value: Lowered, place: tree.Place) -> Node:
    """A lowered expression that must be one number. Raises Unreadable where it is a whole tensor."""
    if isinstance(value, ARRAYS):
        raise Unreadable(Message("a number is needed here, not a whole tensor"), place)
    return value
