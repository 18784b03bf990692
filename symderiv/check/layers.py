"""Which layer is meant: statements that fit merge into one; the letters are bound to roles once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from symderiv.check.context import Context, Star
from symderiv.check.statements import Axis, Kind, Spec
from symderiv.index.form import Form, const, name
from symderiv.layers import make
from symderiv.model import Layer, SymderivError, Tensor

ROLE_OF = {"input": "I", "weight": "W", "kernel": "W", "output": "O", "bias": "b", "loss": "L", "upstream": "dO"}


@dataclass
class Group:
    """The statements that describe one layer, in the order of the file."""

    specs: list[Spec] = field(default_factory=list)
    extra: dict[str, tuple[int | str, ...]] = field(default_factory=dict)
    """What prose said: stride, padding, dilation, kernel, input, and shapes by written name."""
    start: int = 0
    """The offset where it begins."""
    why: str = ""
    """Why there is no library layer, where there is none."""


# -- merging ---------------------------------------------------------------------------------
def merge(a: Spec, b: Spec) -> Spec | None:
    """One layer from two statements, or None where they contradict each other."""
    kind = _kind(a, b)
    if kind is None or (a.axes and b.axes and len(a.axes) != len(b.axes)):
        return None
    names = dict(a.names)
    for canonical, written in b.names:
        if names.setdefault(canonical, written) != written:
            return None
    axes = a.axes or b.axes
    if a.axes and b.axes:
        joined = [_axis(x, y) for x, y in zip(a.axes, b.axes, strict=True)]
        if any(j is None for j in joined):
            return None
        axes = tuple(j for j in joined if j is not None)
    if bool(a.lead) != bool(b.lead) and a.formula and b.formula:
        return None
    merged = replace(
        a, kind=kind, axes=axes, names=tuple(names.items()), formula=a.formula or b.formula, lead=a.lead or b.lead,
    )
    for attribute in ("bias", "flip", "base"):
        mine, theirs = getattr(a, attribute), getattr(b, attribute)
        if mine is not None and theirs is not None and mine != theirs:
            if attribute == "bias" and not (a.formula and b.formula):
                theirs = mine or theirs
            else:
                return None
        merged = replace(merged, **{attribute: theirs if theirs is not None else mine})
    return merged if fits(merged) else None


def _kind(a: Spec, b: Spec) -> Kind | None:
    if a.kind == b.kind:
        return a.kind
    kinds = {a.kind, b.kind}
    if "pool" in kinds and kinds & {"max_pool", "avg_pool"}:
        return a.kind if b.kind == "pool" else b.kind
    return None


def _axis(a: Axis, b: Axis) -> Axis | None:
    values: dict[str, Form | None] = {}
    for attribute in ("n", "k", "s", "p", "d", "m"):
        mine, theirs = getattr(a, attribute), getattr(b, attribute)
        if mine is not None and theirs is not None and mine != theirs:
            if mine.constant is None and theirs.constant is not None:
                mine = theirs
            elif not (theirs.constant is None and mine.constant is not None):
                return None
        values[attribute] = mine if mine is not None else theirs
    return Axis(**values)


def fits(spec: Spec) -> bool:
    """Whether the sizes that are known agree: m = floor((n + 2P - d(k-1) - 1)/s) + 1."""
    for axis in spec.axes:
        numbers = [None if f is None else f.constant for f in (axis.n, axis.k, axis.m)]
        n, k, m = numbers
        if n is None or k is None or m is None or not spec.formula:
            continue
        s, p, d = (1 if f is None else f.constant for f in (axis.s, axis.p, axis.d))
        p = 0 if axis.p is None else p
        if s is None or p is None or d is None:
            continue
        if (n + 2 * p - d * (k - 1) - 1) // s + 1 != m:
            ends = n + p + max(0, s * (m - 1) + d * (k - 1) + 1 - p - n)
            if (ends - d * (k - 1) - 1) // s + 1 != m or axis.p in (None, 0):
                return False
    return True


# -- from a group to a layer -------------------------------------------------------------------
@dataclass(frozen=True)
class NoLayer(Exception):
    """A layer that the library has not, or whose sizes do not fit."""

    why: str


def build(group: Group, identity: int, loss: str, base: int | None) -> Context:
    """The layer of a group of statements.

    Raises:
        NoLayer: it is none of the library's, or its sizes contradict each other.
    """
    spec = group.specs[0]
    for other in group.specs[1:]:
        joined = merge(spec, other)
        assert joined is not None, "only statements that fit are grouped"
        spec = joined
    if not spec.axes:
        spec = replace(spec, axes=(Axis(),) * _axis_count(spec, group.extra))
    if spec.kind in ("own", "pool") or not spec.axes:
        raise NoLayer("the notes do not say which layer it is" if spec.kind != "own" else "an own layer")
    sizes: dict[str, Form] = {}
    unstated: list[str] = []
    options: dict[str, object] = {}
    _refuse_words(spec, group.extra)
    spec = _with_prose(spec, group.extra)
    axes = [_known(axis, x, sizes, unstated, spec) for x, axis in enumerate(spec.axes, 1)]
    for option, attribute in (("input", "n"), ("kernel", "k"), ("stride", "s"), ("padding", "p"), ("dilation", "d")):
        if option == "dilation" and spec.kind == "avg_pool":
            continue
        options[option] = tuple(_plain(getattr(a, attribute)) for a in axes)
    if spec.lead:
        for option, form in spec.lead:
            if option == "filters" and spec.kind != "conv":
                continue
            options[option] = _plain(_sized(form, {"batch": "N0", "channels": "C0", "filters": "F0"}[option], sizes, unstated))
    layer_name = f"{spec.kind}{len(axes)}d"
    if spec.kind == "conv":
        options["bias"] = bool(spec.bias)
        if spec.flip:
            options["flip"] = True
    try:
        layer = make(layer_name, **options)
    except SymderivError as error:
        raise NoLayer(str(error)) from error
    _check_outputs(layer, spec)
    for x, axis in enumerate(spec.axes):
        if axis.m is not None and axis.m.constant is None:
            sizes.setdefault(_text(axis.m), layer.output.shape[len(layer.output.shape) - len(axes) + x])
    roles = {written: canonical for canonical, written in spec.names}
    base = spec.base if spec.base is not None else base
    signs: dict[str, Star] = {}
    for each in group.specs:
        if each.sign:
            signs.setdefault(each.sign, "convolution" if spec.flip else "correlation")
    return Context(
        identity, layer, roles, loss, sizes, tuple(unstated), 1 if base is None else base, signs, spec.line,
    )


def _axis_count(spec: Spec, extra: Mapping[str, tuple[int | str, ...]]) -> int:
    """How many axes the words give to layers whose equation names whole tensors only."""
    shapes = [extra["shape " + written] for _, written in spec.names if "shape " + written in extra]
    counts = {len(v) for v in (*shapes, *(extra[w] for w in ("input", "kernel", "output") if w in extra)) if v}
    return counts.pop() if len(counts) == 1 else 0


def _refuse_words(spec: Spec, extra: Mapping[str, tuple[int | str, ...]]) -> None:
    """Words and formula must not say two things.

    Raises:
        NoLayer: they do.
    """
    if not spec.formula:
        return
    for what, attribute in (("stride", "s"), ("padding", "p"), ("dilation", "d"), ("kernel", "k")):
        values = extra.get(what)
        if not values:
            continue
        sizes = [getattr(a, attribute) for a in spec.axes]
        full = values * len(sizes) if len(values) == 1 else values
        for form, value in zip(sizes, full, strict=False):
            if form is not None and form.constant is not None and isinstance(value, int) and form.constant != value:
                raise NoLayer(f"the words say {what} {value}, the formula {form.constant}")


def _with_prose(spec: Spec, extra: Mapping[str, tuple[int | str, ...]]) -> Spec:
    """Sizes that only prose gives."""
    shapes = {canonical: extra["shape " + written] for canonical, written in spec.names if "shape " + written in extra}
    count = len(spec.axes)
    axes = list(spec.axes)
    lead = dict(spec.lead)
    for canonical, attribute in (("I", "n"), ("W", "k"), ("O", "m")):
        values = shapes.get(canonical)
        if values is None or len(values) < count:
            continue
        for x, value in enumerate(values[len(values) - count :]):
            axes[x] = _filled(axes[x], attribute, value)
        rest = values[: len(values) - count]
        order = {"I": ("batch", "channels"), "W": ("filters", "channels"), "O": ("batch", "filters")}[canonical]
        if spec.kind != "conv":
            order = ("batch", "channels")
        for option, value in zip(order[len(order) - len(rest) :], rest, strict=False):
            if lead and lead.get(option) is None:
                lead[option] = _form(value)
    for what, attribute in (("input", "n"), ("kernel", "k"), ("stride", "s"), ("padding", "p"), ("dilation", "d"), ("output", "m")):
        values = extra.get(what)
        if values and len(values) in (1, count):
            full = values * count if len(values) == 1 else values
            for x, value in enumerate(full):
                axes[x] = _filled(axes[x], attribute, value)
    return replace(spec, axes=tuple(axes), lead=tuple(lead.items()))


def _form(value: int | str) -> Form:
    return const(value) if isinstance(value, int) else name(value)


def _filled(axis: Axis, attribute: str, value: int | str) -> Axis:
    mine = getattr(axis, attribute)
    if mine is None or (mine.constant is None and isinstance(value, int)):
        return replace(axis, **{attribute: _form(value)})
    return axis


def _known(axis: Axis, x: int, sizes: dict[str, Form], unstated: list[str], spec: Spec) -> Axis:
    """The axis with canonical names for the sizes that the notes name, and for those they leave out."""
    axis = _completed(axis, spec)
    return Axis(
        n=_sized(axis.n, f"N{x}", sizes, unstated), k=_sized(axis.k, f"K{x}", sizes, unstated),
        s=_sized(axis.s or const(1), f"S{x}", sizes, unstated), p=_sized(axis.p or const(0), f"P{x}", sizes, unstated),
        d=_sized(axis.d or const(1), f"D{x}", sizes, unstated),
    )


def _completed(axis: Axis, spec: Spec) -> Axis:
    """A kernel length from the other two, where the stride is 1 or no formula says otherwise."""
    n, k, m = (None if f is None else f.constant for f in (axis.n, axis.k, axis.m))
    plain = (axis.s is None or axis.s == 1) and (axis.d is None or axis.d == 1)
    p = 0 if axis.p is None else axis.p.constant
    if not plain or p is None:
        return axis
    if n is not None and m is not None and k is None and axis.k is None and n + 2 * p - m + 1 >= 1:
        return replace(axis, k=const(n + 2 * p - m + 1))
    if n is None and axis.n is None and k is not None and m is not None:
        return replace(axis, n=const(m + k - 1 - 2 * p))
    return axis


def _text(form: Form) -> str:
    return form.plain_name or ""


def _sized(form: Form | None, canonical: str, sizes: dict[str, Form], unstated: list[str]) -> Form:
    if form is None:
        unstated.append(canonical)
        return name(canonical)
    if form.constant is not None:
        return form
    return sizes.setdefault(_text(form), name(canonical))


def _plain(form: object) -> int | str:
    assert isinstance(form, Form)
    return form.constant if form.constant is not None else (form.plain_name or "")


def _check_outputs(layer: Layer, spec: Spec) -> None:
    """The output's length must be the one stated.

    Raises:
        NoLayer: it is not.
    """
    for axis, made in zip(spec.axes, layer.axes, strict=True):
        want, is_ = None if axis.m is None else axis.m.constant, made.m.constant
        if want is not None and is_ is not None and want != is_:
            raise NoLayer(f"the sizes do not fit: the output has length {is_}, not {want}")


# -- given by options --------------------------------------------------------------------------
def given(layer: Layer, symbols: Mapping[str, str], loss: str) -> Context:
    """The context of a layer that the command's options describe."""
    roles: dict[str, str] = {}
    written = {ROLE_OF.get(role, role): text for role, text in symbols.items()}
    for t in layer.tensors:
        roles[written.get(t.name, _symbol(t, symbols))] = t.name
    if "dO" in written:
        roles[written["dO"]] = layer.upstream
    sizes = {n: name(n) for n in layer.sizes}
    for derived, form in layer.derived:
        sizes[derived] = form
    return Context(1, layer, roles, written.get("L", loss), sizes, line=None)


def _symbol(tensor: Tensor, symbols: Mapping[str, str]) -> str:
    return symbols.get(tensor.role, tensor.name)


def loss_of(names: Sequence[str], roles: Mapping[str, str]) -> str:
    """The one name that is differentiated and is no tensor; L where there is none."""
    found = [n for n in dict.fromkeys(names) if n not in roles]
    return found[0] if len(found) == 1 else ("L" if "L" in found or not found else found[0])
