"""The documents that rooms hand to each other. Data only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from fractions import Fraction
from functools import cached_property
from operator import mul
from typing import Literal

from symderiv.formula.nodes import Entry, Formula, Node
from symderiv.formula.walk import free_forms, maximum, substitute, substitute_formula
from symderiv.index.form import Form, FormLike
from symderiv.index.window import Axis
from symderiv.picture_model import Picture

Role = Literal["input", "weight", "bias", "output"]
Family = Literal["conv", "max_pool", "avg_pool", "own"]
Ties = Literal["first", "all", "split"]


Tick = Callable[[str, int, int], None]
"""Told of work done: what, how much, of how much."""


def quiet(what: str, done: int, of: int) -> None:
    """The tick of one who has nobody to tell."""


class SymderivError(ValueError):
    """Something that a user can mend: the message names the option, the value and the remedy."""


class InternalError(RuntimeError):
    """Two routes disagree: nothing may be printed."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of a layer; a scalar has the empty shape."""

    name: str
    role: Role
    shape: tuple[Form, ...]


@dataclass(frozen=True)
class Layer:
    """A forward formula and the tensors in it."""

    name: str
    options: Mapping[str, object]
    formula: Formula
    tensors: tuple[Tensor, ...]
    family: Family = "own"
    axes: tuple[Axis, ...] = ()
    """The window axes; they are the last axes of the input and of the output."""
    derived: tuple[tuple[str, Form], ...] = ()
    """Names for sizes that follow from others, such as ``m1``."""
    padded: frozenset[str] = frozenset()
    """Tensors that may be read outside their range: 0 there, nothing under max."""
    ties: Ties = "first"
    flip: bool = False

    def tensor(self, name: str) -> Tensor:
        """The tensor of that name. Raises KeyError."""
        return next(t for t in self.tensors if t.name == name)

    @cached_property
    def output(self) -> Tensor:
        return self.tensor(self.formula.target.tensor)

    @cached_property
    def parameters(self) -> tuple[Tensor, ...]:
        """All tensors but the output, in the order bias, weight, input."""
        order = {"bias": 0, "weight": 1, "input": 2}
        found = [t for t in self.tensors if t.role != "output"]
        return tuple(sorted(found, key=lambda t: order[t.role]))

    @cached_property
    def pooled(self) -> Tensor | None:
        """The tensor whose maximum is taken; None where there is no maximum."""
        found = maximum(self.formula.body)
        return self.tensor(found.body.tensor) if found and isinstance(found.body, Entry) else None

    @cached_property
    def upstream(self) -> str:
        """The name of dL/dOutput."""
        return "d" + self.output.name

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """The names of sizes that a user gave, in order of appearance."""
        names: dict[str, None] = {}
        derived = {n for n, _ in self.derived}
        forms = [f for t in self.tensors for f in t.shape]
        forms += [f for a in self.axes for f in (a.n, a.k, a.s, a.start, a.end, a.d)]
        if not self.axes:
            forms += free_forms(self.formula)
        for form in forms:
            for found in sorted(form.names):
                if found not in derived:
                    names[found] = None
        return tuple(names)

    @property
    def numeric(self) -> bool:
        return not self.sizes

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape in integers. Raises ValueError where a size is a name."""
        values = [f.constant for f in self.tensor(name).shape]
        if any(v is None for v in values):
            raise ValueError(f"the shape of {name} has a name in it")
        return tuple(v for v in values if v is not None)

    def sized(self, values: Mapping[str, FormLike]) -> dict[str, FormLike]:
        """The values, and those of the derived sizes that follow from them."""
        full: dict[str, FormLike] = dict(values)
        for name, form in self.derived:
            follows = form.replace(full)
            if follows.constant is not None:
                full[name] = follows
        return full

    def bind(self, values: Mapping[str, FormLike]) -> Layer:
        """The layer with size names replaced; derived sizes follow."""
        full = self.sized(values)
        left = [(name, form.replace(full)) for name, form in self.derived if name not in full]
        return replace(
            self,
            formula=substitute_formula(self.formula, full),
            tensors=tuple(replace(t, shape=tuple(f.replace(full) for f in t.shape)) for t in self.tensors),
            axes=tuple(a.replace(full) for a in self.axes),
            derived=tuple(left),
        )


class Extent(IntEnum):
    """How much of a derivation is asked for; each holds those before it. What is made is judged."""

    GENERAL = 0
    """The general formulas and their steps, at every position."""
    REGIONS = 1
    """The regions and their formulas too."""
    ALL = 2
    """Also every element, by SymPy as well, the matrix forms and the number example."""


class StepKind(Enum):
    """Why a step may be taken; the catalogue holds the words."""

    CHAIN = "chain"
    LOCAL = "local"
    SPLIT = "split"
    COLLAPSE = "collapse"
    INTERSECT = "intersect"
    SINGLE = "single"
    MERGE = "merge"


@dataclass(frozen=True)
class Step:
    """One step of a derivation. ``after`` equals the gradient and can be evaluated."""

    kind: StepKind
    after: Node
    shown: Node
    """What is printed: ``after``, or for the chain rule the same with local derivatives."""
    solved: tuple[tuple[str, Form], ...] = ()
    """The indices that were eliminated, and what they are."""
    intersected: bool = False

    def bind(self, values: Mapping[str, FormLike]) -> Step:
        """The step with size names replaced."""
        return replace(
            self, after=substitute(self.after, values), shown=substitute(self.shown, values),
            solved=tuple((n, f.replace(values)) for n, f in self.solved),
        )


@dataclass(frozen=True)
class Template:
    """A term whose subscripts are base + sum(coefficient * shift), a shift an axis."""

    coefficient: Fraction
    factors: tuple[TemplateEntry, ...]


@dataclass(frozen=True)
class TemplateEntry:
    """An entry, or the weight of a maximum (tensor ``is_max``), of a template."""

    tensor: str
    index: tuple[tuple[int, tuple[int, ...]], ...]
    """For each subscript its base and its coefficient of each axis's shift."""

    def at(self, shifts: tuple[int, ...]) -> tuple[int, ...]:
        """The subscripts at the given shifts."""
        if not any(shifts):
            return tuple([b for b, _ in self.index])
        return tuple([b + sum(map(mul, cs, shifts)) for b, cs in self.index])


@dataclass(frozen=True)
class Region:
    """Positions that share one formula, shifted: products over axes of positions."""

    name: str
    kernel_positions: tuple[tuple[int, ...], ...]
    blocks: tuple[tuple[tuple[int, ...], ...], ...]
    """Each block is a product over the tensor's axes of positions in rising order."""
    units: tuple[int, ...]
    """How far a shift of one moves the position, an axis each."""
    terms: tuple[Template, ...]
    size: int = 0
    """How many terms each entry has; ``terms`` is empty where they are too many to write."""
    formula: Formula | None = None
    """The general formula for this region alone; None where regions are single entries."""

    @property
    def count(self) -> int:
        total = 0
        for block in self.blocks:
            size = 1
            for positions in block:
                size *= len(positions)
            total += size
        return total

    def holds(self, position: Iterable[int]) -> bool:
        """Whether the position is one of the region's."""
        at = tuple(position)
        return any(all(t in ts for t, ts in zip(at, block, strict=True)) for block in self.blocks)

    def shifts(self, position: tuple[int, ...]) -> tuple[int, ...]:
        """How far the position is from the representative, in units."""
        start = self.representative
        return tuple((t - t0) // u for t, t0, u in zip(position, start, self.units, strict=True))

    @property
    def representative(self) -> tuple[int, ...]:
        return tuple(positions[0] for positions in self.blocks[0])


@dataclass(frozen=True)
class Strip:
    """An axis of a tensor, and those like it: which output reads which position, through which inner index."""

    axes: tuple[int, ...]
    """The tensor's axes, counted from 0."""
    cells: tuple[tuple[int, ...], ...]
    """A row an output, a column a position; the inner index that joins them, 0 where none does."""


@dataclass(frozen=True)
class Correlation:
    """dL/dI = pad(dilate(g)) cross-correlated with the kernel (rotated unless flipped)."""

    zeros: tuple[Form, ...]
    """Zeros between neighbours of g, an axis each (stride - 1)."""
    before: tuple[Form, ...]
    """Rings of zeros before the first entry; negative crops."""
    after: tuple[Form, ...]
    """After the last; the rows that no window reads are among them."""
    kernel_zeros: tuple[Form, ...]
    """Zeros between neighbours of the kernel (dilation - 1)."""
    rotate: bool

    def bind(self, values: Mapping[str, FormLike]) -> Correlation:
        """The same with size names replaced."""
        def put(forms: tuple[Form, ...]) -> tuple[Form, ...]:
            return tuple(f.replace(values) for f in forms)

        return Correlation(put(self.zeros), put(self.before), put(self.after), put(self.kernel_zeros), self.rotate)


@dataclass(frozen=True)
class Gradient:
    """Everything about dL/dT for one tensor T."""

    tensor: Tensor
    formula: Formula
    steps: tuple[Step, ...]
    regions: tuple[Region, ...] | None
    """None where a size is a name, or where an entry is better written as its sum."""
    terms_each: int
    """The largest number of terms of an element."""
    correlation: Correlation | None = None
    strips: tuple[Strip, ...] = ()


@dataclass(frozen=True)
class Verification:
    """What was compared, and that all of it agreed."""

    method: str
    checked: int
    passed: int
    steps_checked: int
    steps_passed: int
    sample: str | None = None


Position = tuple[int, ...]


@dataclass(frozen=True)
class Worked:
    """A number example that a reader can redo by hand."""

    layer: Layer
    values: Mapping[str, Mapping[Position, Fraction]]
    """Every tensor and gradient by name: I, W, b, O, dO, dI, dW, db."""
    chosen: Mapping[Position, tuple[Position, ...]]
    """For max pooling: each window's positions that receive its gradient."""


@dataclass(frozen=True)
class Derivation:
    """A verified derivation; there is no other kind."""

    layer: Layer
    gradients: tuple[Gradient, ...]
    verification: Verification
    forward: Callable[[], Iterable[tuple[Position, tuple[Template, ...]]]] | None = field(
        repr=False, compare=False
    )
    """Each output's index and terms, in row-major order, where they are few."""
    windows: Mapping[Position, tuple[Position, ...]] = field(default_factory=dict, repr=False)
    """For max pooling of a small input: the cells of each window."""
    worked: Worked | None = None
    pictures: Callable[[Position | None, int], tuple[Picture, ...]] | None = field(default=None, repr=False, compare=False)
    """The pictures about an entry of the input, a matrix of up to so many columns whole; judged before they are handed out."""

    def gradient(self, name: str) -> Gradient:
        """The gradient of that tensor. Raises KeyError with the names there are."""
        for g in self.gradients:
            if g.tensor.name == name:
                return g
        raise KeyError(f"no gradient of {name}; there are {[g.tensor.name for g in self.gradients]}")


def upstream_entry(layer: Layer) -> Entry:
    """g[o] for the layer's own free indices."""
    return Entry(layer.upstream, layer.formula.target.index)
