"""Which layer is meant: statements that fit merge into one; the letters are bound to roles once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from symderiv.check.candidates import candidates
from symderiv.check.context import Context, Star, Unreadable
from symderiv.check.indices import form_of
from symderiv.check.instance import is_instance
from symderiv.check.prose import SAME
from symderiv.check.spec import Axis, Kind, Spec, by_case
from symderiv.index.form import Form, const, name
from symderiv.layers import make
from symderiv.model import Layer, SymderivError, Tensor
from symderiv.notes import read, tree
from symderiv.report_model import Message

ROLE_OF = {"input": "I", "weight": "W", "kernel": "W", "output": "O", "bias": "b", "loss": "L", "upstream": "dO"}


@dataclass
class Group:
    """The statements that describe one layer, in the order of the file."""

    specs: list[Spec] = field(default_factory=list)
    extra: dict[str, tuple[int | str, ...]] = field(default_factory=dict)
    """What prose said: stride, padding, dilation, kernel, input, and shapes by written name."""
    start: int = 0
    """The offset where it begins."""
    why: Message | None = None
    """Why there is no library layer, where there is none."""
    lengths: dict[str, tree.Expr] = field(default_factory=dict)
    """Formulas for lengths by the writer's name: ``m_1 = H-K+1``."""
    merged: Spec | None = None
    """One statement from all of ``specs``, kept so that each further one is merged once."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Sizes by name that the notes give a number: ``C = 2``."""
    worded: bool = False
    """Whether only words describe the layer."""
    _twice: set[str] = field(default_factory=set)

    def give(self, sizes: Mapping[str, int]) -> None:
        """Sizes by name with their numbers; one that is given two numbers has none."""
        for name_, value in sizes.items():
            if self.numbers.setdefault(name_, value) != value:
                self._twice.add(name_)
        for name_ in self._twice:
            self.numbers.pop(name_, None)


# -- merging ---------------------------------------------------------------------------------
def merge(a: Spec, b: Spec, padded: bool = False) -> Spec | None:
    """One layer from two statements, or None where they contradict each other.

    ``padded``: the words say that entries outside the range are padding, so that the end may be padded more.
    """
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
        loose=a.loose or b.loose,
    )
    for attribute in ("bias", "flip", "base"):
        mine, theirs = getattr(a, attribute), getattr(b, attribute)
        if mine is not None and theirs is not None and mine != theirs:
            if attribute == "bias" and not (a.formula and b.formula):
                theirs = mine or theirs
            else:
                return None
        merged = replace(merged, **{attribute: theirs if theirs is not None else mine})
    return merged if fits(merged, padded) else None


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


def fits(spec: Spec, padded: bool) -> bool:
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
            if ends < n + p or (ends - d * (k - 1) - 1) // s + 1 != m or not (padded or p):
                return False
    return True


# -- from a group to a layer -------------------------------------------------------------------
@dataclass(frozen=True)
class NoLayer(Exception):
    """A layer that the library has not, or whose sizes do not fit."""

    why: Message


def build(group: Group, identity: int, loss: str, base: int | None) -> Context:
    """The layer of a group of statements: the first of the library's that all of them fit.

    Raises:
        NoLayer: it is none of the library's, or its sizes contradict each other.
    """
    spec = group.specs[0]
    for other in group.specs[1:]:
        joined = merge(spec, other, "padded" in group.extra)
        assert joined is not None, "only statements that fit are grouped"
        spec = joined
    if not spec.axes:
        spec = replace(spec, axes=(Axis(),) * _axis_count(spec, group.extra))
    if spec.kind in ("own", "pool") or not spec.axes:
        raise NoLayer(Message("the notes do not say which layer it is") if spec.kind != "own" else Message("an own layer"))
    spec = _numbered(spec, group.numbers)
    group.extra = _worded_padding(spec, group.extra)
    _refuse_words(spec, group.extra)
    spec = _with_prose(spec, group.extra)
    naming = Naming()
    axes = [_known(axis, x, naming, spec) for x, axis in enumerate(spec.axes, 1)]
    shared = _options(spec, axes, naming)
    wanted = [_wanted(axis, naming, group.lengths) for axis in spec.axes]
    refused: NoLayer | None = None
    for options in candidates(spec, axes, wanted, "padded" in group.extra, group.extra):
        try:
            context = _context(group, spec, make(f"{spec.kind}{len(axes)}d", **shared, **options), naming, identity, loss, base)
            _check_outputs(context.layer, wanted)
        except SymderivError as error:
            refused = refused or NoLayer(Message("such a layer cannot be made: %(error)s", {"error": str(error)}))
            continue
        except NoLayer as error:
            refused = refused or error
            continue
        if not spec.loose or all(is_instance(context, s.sides) for s in group.specs if s.sides is not None and s.loose):
            return context
        refused = refused or NoLayer(Message("the formula is none of the library's layers"))
    raise refused or NoLayer(Message("the formula is none of the library's layers"))


@dataclass
class Naming:
    """The writer's names of sizes, and sizes without a name or a number."""

    sizes: dict[str, Form] = field(default_factory=dict)
    unstated: list[str] = field(default_factory=list)


def _options(spec: Spec, axes: Sequence[Axis], naming: Naming) -> dict[str, object]:
    """The options that all candidates share."""
    options: dict[str, object] = {}
    for option, attribute in (("input", "n"), ("kernel", "k"), ("stride", "s"), ("dilation", "d")):
        if option == "dilation" and spec.kind == "avg_pool":
            continue
        options[option] = tuple(_plain(getattr(a, attribute)) for a in axes)
    for option, form in spec.lead:
        if option == "groups":
            if form is None or form.constant is None:
                raise NoLayer(Message("the shapes do not say how many groups the filters have"))
            options[option] = form.constant
        elif option != "filters" or spec.kind == "conv":
            canonical = {"batch": "N0", "channels": "C0", "filters": "F0"}[option]
            options[option] = _plain(_sized(form, canonical, naming))
    if spec.kind == "conv":
        options["bias"] = bool(spec.bias)
        if spec.flip:
            options["flip"] = True
    return options


def _context(group: Group, spec: Spec, layer: Layer, naming: Naming, identity: int, loss: str, base: int | None) -> Context:
    sizes = dict(naming.sizes)
    for x, axis in enumerate(spec.axes):
        if axis.m is not None and axis.m.constant is None:
            sizes.setdefault(_text(axis.m), layer.output.shape[len(layer.output.shape) - len(spec.axes) + x])
    sizes = {text: const(value) for text, value in group.numbers.items()} | sizes
    roles = {written: canonical for canonical, written in spec.names}
    upstream = group.extra.get("upstream")
    if upstream and str(upstream[0]) not in roles:
        roles[str(upstream[0])] = layer.upstream
    told = spec.base is not None
    base = spec.base if spec.base is not None else base
    signs: dict[str, Star] = {}
    for each in group.specs:
        if each.sign and any(a.k is None or a.k != 1 for a in spec.axes):
            signs.setdefault(each.sign, "convolution" if spec.flip else "correlation")
    return Context(
        identity, layer, roles, loss, sizes, tuple(naming.unstated), 1 if base is None else base, signs, spec.line,
        tie_rule=bool(group.extra.get("ties")), base_told=told,
        input_first=next((not s.kernel_first for s in group.specs if s.sign), False),
        apart=frozenset(key[6:] for key, values in group.extra.items() if key.startswith("shape ") and key[6:] not in roles
                        and not _shaped(by_case(key[6:]), values, roles, layer)),
    )


def _shaped(letter: str | None, values: tuple[int | str, ...], roles: Mapping[str, str], layer: Layer) -> bool:
    """Whether the tensor of a letter has the shape that the words give to the letter's other case."""
    role = roles.get(letter or "")
    return role is not None and tuple(f.constant for f in layer.tensor(role).shape) == values


def _wanted(axis: Axis, naming: Naming, lengths: Mapping[str, tree.Expr]) -> Form | None:
    """The output's length in canonical names, where the notes give it."""
    if axis.m is None or axis.m.constant is not None:
        return axis.m
    text = _text(axis.m)
    if text in naming.sizes:
        return naming.sizes[text]
    if text not in lengths:
        return None
    stub: Context = naming  # type: ignore[assignment]
    try:
        form = form_of(lengths[text], stub, frozenset())
    except Unreadable:
        return None
    return form if form.names <= {n for f in naming.sizes.values() for n in f.names} else None


def _axis_count(spec: Spec, extra: Mapping[str, tuple[int | str, ...]]) -> int:
    """How many axes the words give to layers whose equation names whole tensors only."""
    shapes = [extra["shape " + written] for _, written in spec.names if "shape " + written in extra]
    counts = {len(v) for v in (*shapes, *(extra[w] for w in ("input", "kernel", "output") if w in extra)) if v}
    return counts.pop() if len(counts) == 1 else 0


def _numbered(spec: Spec, numbers: Mapping[str, int]) -> Spec:
    """Sizes that the notes give as ``C = 2`` as numbers."""

    def number(form: Form | None) -> Form | None:
        value = None if form is None or form.plain_name is None else numbers.get(form.plain_name)
        return form if value is None else const(value)

    axes = tuple(Axis(*(number(getattr(axis, x)) for x in ("n", "k", "s", "p", "d", "m"))) for axis in spec.axes)
    return replace(spec, axes=axes, lead=tuple((option, number(form)) for option, form in spec.lead))


def _worded_padding(spec: Spec, extra: Mapping[str, tuple[int | str, ...]]) -> dict[str, tuple[int | str, ...]]:
    """The words with "same" padding as numbers: (k-1)/2 for an odd kernel at stride 1.

    Raises:
        NoLayer: the padding is of another kind, or no number of cells on both sides keeps the size.
    """
    word = extra.get("padding", (0,))[0]
    if isinstance(word, int):
        return dict(extra)
    if word != SAME:
        raise NoLayer(Message("padding that is %(word)s instead of 0 is no layer of the library", {"word": word}))
    known = _with_prose(spec, {k: v for k, v in extra.items() if k != "padding"})
    found: list[int | str] = []
    for axis in known.axes:
        k, s, d = (1 if f is None else f.constant for f in (axis.k, axis.s, axis.d))
        if axis.k is None or k is None or d is None or s != 1 or d * (k - 1) % 2:
            raise NoLayer(Message("same padding needs a kernel of odd length and stride 1"))
        found.append(d * (k - 1) // 2)
    return {**extra, "padding": tuple(found)}


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
                raise NoLayer(Message(
                    "the words say %(what)s %(words)s, the formula says %(formula)s",
                    {"what": Message(what), "words": value, "formula": form.constant}))


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
        if "groups" in lead and canonical == "W":
            order = ("filters", "")
        if spec.kind != "conv":
            order = ("batch", "channels")
        open_ = tuple(o for o in order if o and o in lead and lead[o] is None)
        meant = open_ if len(open_) == len(rest) else order[len(order) - len(rest) :]
        for option, value in zip(meant, rest, strict=False):
            if option and lead and lead.get(option) is None:
                lead[option] = _form(value)
    for option in ("batch", "channels", "filters"):
        if option in lead and lead[option] is None and option in extra:
            lead[option] = _form(extra[option][0])
    if "groups" in lead and "W" in shapes and lead["groups"] is None:
        lead["groups"] = _groups(lead["channels"], shapes["W"])
    for what, attribute in (("input", "n"), ("kernel", "k"), ("stride", "s"), ("padding", "p"), ("dilation", "d"), ("output", "m")):
        values = extra.get(what)
        if values and what in ("input", "output") and count > 1 and len(values) in range(count + 1, count + 3) and lead:
            # "an input of 2x4x4": what stands before the axes is channels, and a batch
            leading, values = values[: len(values) - count], values[len(values) - count :]
            order = ("batch", "channels" if what == "input" or spec.kind != "conv" else "filters")
            for option, value in zip(order[-len(leading) :], leading, strict=True):
                if option in lead and lead[option] is None:
                    lead[option] = _form(value)
        if values and len(values) in (1, count):
            full = values * count if len(values) == 1 else values
            for x, value in enumerate(full):
                axes[x] = _filled(axes[x], attribute, value)
    return replace(spec, axes=tuple(axes), lead=tuple(lead.items()))


def _groups(channels: Form | None, weight: Sequence[int | str]) -> Form | None:
    """Groups: the input's channels over those of one filter."""
    each = weight[1] if len(weight) > 2 else None
    if channels is None or channels.constant is None or not isinstance(each, int) or not each or channels.constant % each:
        return None
    return const(channels.constant // each)


def _form(value: int | str) -> Form:
    return const(value) if isinstance(value, int) else name(value)


def _filled(axis: Axis, attribute: str, value: int | str) -> Axis:
    mine = getattr(axis, attribute)
    if mine is None or (mine.constant is None and isinstance(value, int)):
        return replace(axis, **{attribute: _form(value)})
    return axis


def _known(axis: Axis, x: int, naming: Naming, spec: Spec) -> Axis:
    """The axis with canonical names for the sizes that the notes name, and for those they leave out."""
    axis = _completed(axis, spec)
    return Axis(
        n=_sized(axis.n, f"N{x}", naming), k=_sized(axis.k, f"K{x}", naming),
        s=_sized(axis.s or const(1), f"S{x}", naming), p=_sized(axis.p or const(0), f"P{x}", naming),
        d=_sized(axis.d or const(1), f"D{x}", naming),
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


def _sized(form: Form | None, canonical: str, naming: Naming) -> Form:
    if form is None:
        naming.unstated.append(canonical)
        return name(canonical)
    if form.constant is not None:
        return form
    return naming.sizes.setdefault(_text(form), name(canonical))


def _plain(form: object) -> int | str:
    assert isinstance(form, Form)
    return form.constant if form.constant is not None else (form.plain_name or "")


def _check_outputs(layer: Layer, wanted: Sequence[Form | None]) -> None:
    """The output's length must be the one stated.

    Raises:
        NoLayer: it is not.
    """
    for want, made in zip(wanted, layer.axes, strict=True):
        if want is not None and want.constant is not None and made.m.constant is not None and want != made.m:
            raise NoLayer(Message(
                "the sizes do not fit: the output has length %(made)s, not %(want)s",
                {"made": made.m.constant, "want": want.constant}))


# -- given by options --------------------------------------------------------------------------
def given(layer: Layer, symbols: Mapping[str, str], loss: str) -> Context:
    """The context of a layer that the command's options describe."""
    roles: dict[str, str] = {}
    symbols = {role: _as_read(text) for role, text in symbols.items()}
    written = {ROLE_OF.get(role, role): text for role, text in symbols.items()}
    for t in layer.tensors:
        roles[written.get(t.name, _symbol(t, symbols))] = t.name
    if "dO" in written:
        roles[written["dO"]] = layer.upstream
    sizes = {n: name(n) for n in layer.sizes}
    for derived, form in layer.derived:
        sizes[derived] = form
        if derived[1:].isdigit():
            sizes[f"{derived[0]}_{derived[1:]}"] = form
    return Context(1, layer, roles, written.get("L", loss), sizes, line=None, tie_rule=True)


def _as_read(symbol: str) -> str:
    """The name that a symbol is in notes: ``\\mathbf{K}`` is read as K."""
    if not symbol.startswith("\\") and "_" not in symbol:
        return symbol
    pieces = [p for span in read(f"${symbol}$", "symbol").spans for p in span.pieces]
    only = pieces[0].members[0] if len(pieces) == 1 and len(pieces[0].members) == 1 and not pieces[0].problems else None
    if only is not None and (compound := tree.compound_text(only)) is not None:
        return compound
    return only.text if isinstance(only, tree.Name) and only.gradient is None else symbol


def _symbol(tensor: Tensor, symbols: Mapping[str, str]) -> str:
    return symbols.get(tensor.role, tensor.name)


def loss_of(names: Sequence[str], roles: Mapping[str, str]) -> str:
    """The one name that is differentiated and is no tensor; L where there is none."""
    found = [n for n in dict.fromkeys(names) if n not in roles]
    return found[0] if len(found) == 1 else ("L" if "L" in found or not found else found[0])
