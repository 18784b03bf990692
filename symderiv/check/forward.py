"""A forward formula with its sum: compared with t(o, a) = s*(o-1) + d*(a-1) + 1 - P, axis by axis.

What is not of that form belongs to no layer of the library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symderiv.check.context import Context, Unreadable
from symderiv.check.indices import form_of, text_of
from symderiv.check.spec import Axis, Kind, Spec
from symderiv.check.spelled import Entry, Limits, spelled
from symderiv.index.form import Form, const
from symderiv.notes import tree


def terms_of(expr: tree.Expr) -> list[tuple[int, tree.Expr]]:
    if isinstance(expr, tree.Group):
        return terms_of(expr.inner)
    if isinstance(expr, tree.Add):
        return [(s * t_sign, t) for s, term in zip(expr.signs, expr.terms, strict=True) for t_sign, t in terms_of(term)]
    return [(1, expr)]


def bias_name(terms: list[tuple[int, tree.Expr]]) -> str | None:
    if len(terms) == 2 and terms[1][0] == 1:
        term = terms[1][1]
        if isinstance(term, tree.Name):
            return term.text
        if isinstance(term, tree.Indexed) and isinstance(term.base, tree.Name):
            return term.base.text
    return None


def loose_items(expr: tree.Indexed) -> list[tree.Expr]:
    """Subscripts where the rank is not known: letters side by side are one index each."""
    return [item for group in expr.groups for item in _loose(group)]


def _loose(group: tree.Subscripts) -> list[tree.Expr]:
    items = list(group.items)
    if len(items) == 1 and isinstance(items[0], tree.Product) and all(j == "" for j in items[0].joins):
        factors = items[0].factors
        if not isinstance(factors[0], tree.Number) and all(isinstance(f, (tree.Name, tree.Group)) or _digit(f) for f in factors):
            return [f.inner if isinstance(f, tree.Group) else f for f in factors]
    return items


def _digit(expr: tree.Expr) -> bool:
    return isinstance(expr, tree.Number) and len(expr.digits) == 1


def _plain_indices(expr: tree.Expr) -> list[str] | None:
    """The left side's letters; a leading axis written as a sum (the filters of groups) is the text ``""``."""
    if not isinstance(expr, tree.Indexed) or not isinstance(expr.base, tree.Name) or expr.base.gradient is not None:
        return None
    items = loose_items(expr)
    names = [i.text if isinstance(i, tree.Name) else "" for i in items]
    plain = [n for n in names if n]
    if not plain or not names[-1] or len(plain) != len(set(plain)) or len(plain) < len(names) - 1:
        return None
    return names if len(plain) == len(names) or len(names) > 2 else None


@dataclass
class _Sum:
    """The pieces of a forward formula's right side."""

    ranges: list[tree.Range]
    factors: list[tree.Expr]
    divisors: list[tree.Expr]


def _unfold(expr: tree.Expr, kind: str) -> _Sum | None:
    """Nested sums (or maxima) over a product of entries, with divisors in front or around."""
    if isinstance(expr, tree.Group):
        return _unfold(expr.inner, kind)
    if isinstance(expr, tree.Sequence) and len(expr.items) == 1:
        return _unfold(expr.items[0], kind)
    if isinstance(expr, tree.Reduction):
        if expr.kind != kind or expr.conditions or expr.body is None or not expr.ranges:
            return None
        inner = _unfold(expr.body, kind)
        return None if inner is None else _Sum([*expr.ranges, *inner.ranges], inner.factors, inner.divisors)
    if isinstance(expr, tree.Quotient):
        top = _unfold(expr.top, kind) if not (isinstance(expr.top, tree.Number) and expr.top.value == 1) else _Sum([], [], [])
        return None if top is None else _Sum(top.ranges, top.factors, [*top.divisors, expr.bottom])
    if isinstance(expr, tree.Product):
        total = _Sum([], [], [])
        for factor in expr.factors:
            part = _unfold(factor, kind)
            if part is None:
                return None
            total = _Sum(total.ranges + part.ranges, total.factors + part.factors, total.divisors + part.divisors)
        return total
    return _Sum([], [expr], []) if isinstance(expr, tree.Indexed) else None


def forward_formula(left: tree.Expr, right: tree.Expr) -> Spec | None:
    outputs = _plain_indices(left)
    if outputs is None or not isinstance(left, tree.Indexed) or not isinstance(left.base, tree.Name):
        return None
    terms = terms_of(right)
    if len(terms) > 1 and (whole := spelled(terms, len(outputs), forms)) is not None:
        bias = None if whole.bias is None else bias_name([terms[0], (1, whole.bias)])
        return _conv(left, outputs, (whole.read, whole.weight), whole.limits, bias, left.place.to(right.place))
    if len(terms) > 2 or any(s < 0 for s, _ in terms):
        return None
    order = terms[::-1] if isinstance(terms[0][1], (tree.Name, tree.Indexed)) else terms
    maximum = _unfold(order[0][1], "max") if isinstance(order[0][1], (tree.Reduction, tree.Group)) else None
    if len(terms) == 1 and maximum is not None and maximum.ranges and len(maximum.factors) == 1:
        return _pool("max_pool", left, outputs, maximum, left.place.to(right.place))
    found = _unfold(order[0][1], "sum")
    if found is None or not found.ranges:
        return None
    if len(found.factors) == 1 and len(terms) == 1:
        return _pool("avg_pool", left, outputs, found, left.place.to(right.place))
    if len(found.factors) == 2 and not found.divisors:
        bias = bias_name(order)
        if len(terms) == 2 and bias is None:
            return None
        limits, entries = _limits(found), [_entry_of(f) for f in found.factors]
        if limits is None or entries[0] is None or entries[1] is None:
            return None
        spec = _conv(left, outputs, (entries[0], entries[1]), limits, bias, left.place.to(right.place))
        lead = outputs[: len(outputs) - len(spec.axes)] if spec is not None else []
        return spec if len(terms) == 1 or _one_each(order[1][1], lead) else None
    return None


def _one_each(bias: tree.Expr, lead: list[str]) -> bool:
    """Whether a bias has one entry a filter, or is a number: ``b_{ij}``, one each position, is of no layer here."""
    return bool(lead) or not isinstance(bias, tree.Indexed) or not any(isinstance(i, tree.Name) for i in loose_items(bias))


class _Letters:
    """A stand-in context in which every name is itself."""

    def __init__(self, exprs: list[tree.Expr]) -> None:
        self.sizes: dict[str, Form] = {}
        from symderiv.check.lower import names_in
        from symderiv.index.form import name

        for expr in exprs:
            for found in _indexed_in(expr):
                text = text_of(found)
                if text is not None:
                    self.sizes[text] = name(text)
            for single in names_in(expr):
                self.sizes.setdefault(single.text, name(single.text))


def _indexed_in(expr: object) -> Iterator[tree.Indexed]:
    if isinstance(expr, tree.Indexed):
        yield expr
    if isinstance(expr, tuple):
        for part in expr:
            yield from _indexed_in(part)
    elif hasattr(expr, "__dataclass_fields__"):
        for f in expr.__dataclass_fields__:
            if f != "place":
                yield from _indexed_in(getattr(expr, f))


def forms(items: list[tree.Expr]) -> list[Form] | None:
    """The items as forms over the writer's own names; None where one is no form."""
    stub: Context = _Letters(items)  # type: ignore[assignment]
    try:
        return [form_of(i, stub, frozenset()) for i in items]
    except Unreadable:
        return None


def _limits(found: _Sum) -> dict[str, tuple[Form, Form] | None] | None:
    limits: dict[str, tuple[Form, Form] | None] = {}
    for r in found.ranges:
        if r.index.text in limits:
            return None
        if r.low is None or r.high is None:
            limits[r.index.text] = None
            continue
        ends = forms([r.low, r.high])
        if ends is None:
            return None
        limits[r.index.text] = ends[0] + int(r.low_strict), ends[1] - int(r.high_strict)
    return limits


def _entry_of(expr: tree.Expr) -> tuple[str, list[Form]] | None:
    if not isinstance(expr, tree.Indexed) or not isinstance(expr.base, tree.Name):
        return None
    found = forms(loose_items(expr))
    return None if found is None else (expr.base.text, found)


def _conv(left: tree.Indexed, outputs: list[str], entries: tuple[Entry, Entry], limits: Limits, bias: str | None,
          place: tree.Place) -> Spec | None:
    sums = set(limits)
    read, weight = entries
    if not _mixed(read[1], outputs, sums):
        read, weight = weight, read
    if not _mixed(read[1], outputs, sums) or _mixed(weight[1], outputs, sums):
        return None
    lead = _conv_lead(outputs, read[1], weight[1], limits)
    loose = lead is None
    if lead is None:
        lead = _grouped_lead(outputs, read[1], weight[1], limits)
    if lead is None:
        return None
    o_lead, i_lead, w_lead, sizes = lead
    axes: list[Axis] = []
    flips: set[bool] = set()
    bases: set[int] = set()
    for letter, read_form, weight_form in zip(outputs[o_lead:], read[1][i_lead:], weight[1][w_lead:], strict=True):
        solved = _conv_axis(letter, read_form, weight_form, limits)
        if solved is None:
            return None
        axis, flip, base = solved
        axes.append(axis)
        flips.add(flip)
        bases.add(base)
    if len(flips) != 1 or len(bases) != 1:
        return None
    assert isinstance(left.base, tree.Name)
    names = [("I", read[0]), ("W", weight[0]), ("O", left.base.text)] + ([("b", bias)] if bias else [])
    if len({n for _, n in names}) != len(names):
        return None
    return Spec(
        "conv", tuple(axes), tuple(names), bias=bias is not None, flip=flips.pop(), base=bases.pop(), lead=sizes,
        place=place, formula=True, loose=loose,
    )


def _grouped_lead(outputs: list[str], read: list[Form], weight: list[Form],
                  limits: dict[str, tuple[Form, Form] | None]) -> Lead | None:
    """Two leading axes each, joined in a way that only the shapes explain: filters in groups."""
    count = _window_axes(outputs, read, limits)
    if not (len(outputs) - count == len(read) - count == len(weight) - count == 2):
        return None
    return 2, 2, 2, (("batch", None), ("channels", None), ("filters", None), ("groups", None))


def _window_axes(outputs: list[str], read: list[Form], limits: dict[str, tuple[Form, Form] | None]) -> int:
    """How many of the last subscripts of the input hold an output's letter and a summed one."""
    count = 0
    while count < min(len(outputs), len(read)):
        form = read[-1 - count]
        if outputs[-1 - count] not in form.names or not form.names & set(limits):
            break
        count += 1
    return count


def _mixed(index: list[Form], outputs: list[str], sums: set[str]) -> bool:
    """Whether some subscript holds an output's letter and a summed one."""
    return any(f.names & set(outputs) and f.names & sums for f in index)


Lead = tuple[int, int, int, tuple[tuple[str, "Form | None"], ...]]


def _conv_lead(outputs: list[str], read: list[Form], weight: list[Form],
               limits: dict[str, tuple[Form, Form] | None]) -> Lead | None:
    """How many leading axes O, I and W have, with the sizes of batch, channels and filters."""
    count = _window_axes(outputs, read, limits)
    if "" in outputs:
        return None
    o_lead, i_lead, w_lead = len(outputs) - count, len(read) - count, len(weight) - count
    if min(o_lead, i_lead, w_lead) < 0 or max(o_lead, i_lead, w_lead) > 2:
        return None
    if not (o_lead or i_lead or w_lead):
        return 0, 0, 0, ()
    sizes: dict[str, Form | None] = {"batch": const(1), "channels": const(1), "filters": const(1)}
    o_left, i_left, w_left = outputs[:o_lead], [f.plain_name for f in read[:i_lead]], [f.plain_name for f in weight[:w_lead]]
    if o_left and i_left and o_left[0] == i_left[0] and o_left[0] not in w_left:
        sizes["batch"] = None
        o_left, i_left = o_left[1:], i_left[1:]
    if i_left and w_left and i_left[-1] == w_left[-1] and i_left[-1] in limits:
        limit = limits[str(i_left[-1])]
        sizes["channels"] = None if limit is None else limit[1] - limit[0] + 1
        i_left, w_left = i_left[:-1], w_left[:-1]
    if o_left and w_left and o_left[-1] == w_left[0]:
        sizes["filters"] = None
        o_left, w_left = o_left[:-1], w_left[1:]
    if o_left or i_left or w_left:
        return None
    return o_lead, i_lead, w_lead, tuple(sizes.items())


def _conv_axis(letter: str, read: Form, weight: Form, limits: dict[str, tuple[Form, Form] | None]) -> tuple[Axis, bool, int] | None:
    solved = _read(letter, read, limits)
    if solved is None:
        return None
    run, s, d, rest = solved
    turn = weight.coefficient(run)
    if turn is None or turn.constant not in (1, -1) or weight.names & (limits.keys() - {run}):
        return None
    offset = weight.replace({run: 0})
    limit = limits[run]
    if limit is None:
        low: Form | None = None
        if offset.terms or turn.constant != 1:
            return None
    else:
        low = limit[0]
    backwards = d.constant is not None and d.constant < 0
    for base in (1, 0):
        first = const(base) if low is None else low
        if limit is None:
            length = None
        else:
            length = limit[1] - limit[0] + 1
            start = first + offset if turn.constant == 1 else offset - limit[1]
            if start != base:
                continue
        if backwards:
            if limit is None:
                return None
            rest_here = rest + d * (limit[0] + limit[1])
            axis = _axis(length, s, -d, rest_here, base, first)
        else:
            axis = _axis(length, s, d, rest, base, first)
        if axis is not None:
            return axis, (turn.constant == 1) == backwards, base
    return None


def _read(letter: str, read: Form, limits: dict[str, tuple[Form, Form] | None]) -> tuple[str, Form, Form, Form] | None:
    """The summed letter, the stride, the dilation and the rest of one subscript of the input."""
    runs = [r for r in limits if r in read.names]
    if len(runs) != 1:
        return None
    run = runs[0]
    s, d = read.coefficient(letter), read.coefficient(run)
    if s is None or d is None or not _size_like(s) or d.names & {letter, run}:
        return None
    if not (_size_like(d) or (d.constant is not None and d.constant < 0)):
        return None
    return run, s, d, read.replace({letter: 0, run: 0})


def _size_like(form: Form) -> bool:
    return form.plain_name is not None or (form.constant is not None and form.constant >= 1)


def _axis(length: Form | None, s: Form, d: Form, rest: Form, base: int, first: Form) -> Axis | None:
    """P = base - s*base - d*first - rest, where that is a legal padding."""
    p = const(base) - s * base - d * first - rest
    if not (p.plain_name is not None or (p.constant is not None and p.constant >= 0)):
        return None
    if length is not None and not _size_like(length):
        return None
    return Axis(k=length, s=s, d=d, p=p)


def _pool(kind: Kind, left: tree.Indexed, outputs: list[str], found: _Sum, place: tree.Place) -> Spec | None:
    limits, entry = _limits(found), _entry_of(found.factors[0])
    if limits is None or entry is None or len(entry[1]) != len(outputs):
        return None
    lead = 0
    while lead < len(outputs) and entry[1][lead].plain_name == outputs[lead]:
        lead += 1
    if lead > 2 or lead == len(outputs):
        return None
    axes: list[Axis] = []
    bases: set[int] = set()
    for letter, read in zip(outputs[lead:], entry[1][lead:], strict=True):
        solved = _read(letter, read, limits)
        if solved is None:
            return None
        run, s, d, rest = solved
        limit = limits[run]
        if limit is None or (d.constant is not None and d.constant < 0):
            return None
        base = 0 if limit[0] == 0 else 1
        axis = _axis(limit[1] - limit[0] + 1, s, d, rest, base, limit[0])
        if axis is None:
            base = 1 - base
            axis = _axis(limit[1] - limit[0] + 1, s, d, rest, base, limit[0])
        if axis is None:
            return None
        axes.append(axis)
        bases.add(base)
    if len(bases) != 1:
        return None
    loose = kind == "avg_pool" and not _divides_by_window(found.divisors, axes)
    if loose and not _divisors_run(found.divisors, outputs):
        return None
    assert isinstance(left.base, tree.Name)
    names = (("I", entry[0]), ("O", left.base.text))
    sizes: tuple[tuple[str, Form | None], ...] = ()
    if lead:
        sizes = (("batch", None if lead == 2 else const(1)), ("channels", None))
    return Spec(kind, tuple(axes), names, base=bases.pop(), lead=sizes, place=place, formula=True, loose=loose)


def _divisors_run(divisors: list[tree.Expr], outputs: list[str]) -> bool:
    """Whether the divisor changes with the output: the number of cells that a window has at a border."""
    found = forms(divisors)
    return found is not None and any(f.names & set(outputs) for f in found)


def _divides_by_window(divisors: list[tree.Expr], axes: list[Axis]) -> bool:
    found = forms(divisors)
    if found is None or not axes:
        return False
    total, cells = const(1), const(1)
    for f in found:
        total = total * f
    for axis in axes:
        assert axis.k is not None
        cells = cells * axis.k
    return total == cells
