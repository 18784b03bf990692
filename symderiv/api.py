"""The whole program as functions: a layer in, a verified derivation out, a document from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

from symderiv.calculus.correlation import correlation
from symderiv.calculus.differentiate import differentiate
from symderiv.calculus.narrow import tidied
from symderiv.calculus.regions import MOST_TERMS, Split, split, templates
from symderiv.derived import Derived
from symderiv.formula.evaluate import Poly, compile_node
from symderiv.formula.nodes import Formula
from symderiv.formula.walk import substitute_gradient
from symderiv.index.form import Form
from symderiv.model import (
    Correlation,
    Derivation,
    Extent,
    Gradient,
    InternalError,
    Layer,
    Position,
    Region,
    Step,
    StepKind,
    SymderivError,
    Template,
    Tensor,
    Tick,
    Verification,
    quiet,
)
from symderiv.picture_model import Picture
from symderiv.verify.enumerate import Truth, enumerate_layer, outputs_of
from symderiv.verify.example import worked_example
from symderiv.verify.judge import (
    WindowTruth,
    judge_correlation,
    judge_formulas,
    judge_regions,
    judge_representative,
    judge_scatter,
    judge_steps,
    judge_value,
    judge_weight_formulas,
    positions,
)
from symderiv.verify.samples import MOST_LEADING, count_terms, samples, spread_positions

if TYPE_CHECKING:
    from symderiv.explicit.matrices import Explicit
    from symderiv.layers import Stated
    from symderiv.report_model import Checked, Claim, Report

FULL = 3_000
"""Up to this many output-times-kernel terms everything is judged at every position."""
MOST_READ = 1_500_000
"""Reads of the enumeration that judging the regions of long sums may cost."""
SYMPY_TERMS = 2_500
"""SymPy differentiates the representatives of a large layer up to this many terms in all."""
MOST_OWN = 200_000
"""Up to this many terms an own formula is enumerated in full, its steps judged at some positions."""

def derive_data(layer: Layer, wrt: Sequence[str] | None = None, tick: Tick = quiet, extent: Extent = Extent.ALL) -> Derivation:
    """Derive and verify the gradients of ``layer``.

    With less than all of the ``extent`` a small layer goes without what was not asked for, and has no pictures; SymPy,
    which judges the elements, is then not loaded.

    Raises:
        SymderivError: the layer can't be derived, or not be verified.
        InternalError: two routes disagree.
    """
    data = _derived(layer, _chosen(layer, wrt), tick, extent)
    if extent < Extent.ALL:
        return data
    return replace(data, pictures=lambda entry, columns: _pictures(data, entry, columns))


def _pictures(data: Derivation, entry: Position | None, columns: int) -> tuple[Picture, ...]:
    """The pictures, judged. Most documents have none."""
    from symderiv.picture import draw
    from symderiv.verify.pictures import judge_pictures

    found = draw(data, entry, columns)
    judge_pictures(data, found)
    return found


def _derived(layer: Layer, chosen: list[Tensor], tick: Tick, extent: Extent) -> Derivation:
    if not layer.numeric:
        return _with_names(layer, chosen, tick)
    terms = count_terms(layer)
    if terms <= FULL or (not layer.axes and terms <= MOST_OWN):
        return _in_full(layer, chosen, tick, extent)
    if not layer.axes:
        raise SymderivError(
            f"this formula has {terms:,} terms, too many to verify one by one. "
            "Give the sizes as names, for example --shape I=NxK: they are verified at small sizes."
        )
    return _large(layer, chosen, tick)


def _chosen(layer: Layer, wrt: Sequence[str] | None) -> list[Tensor]:
    names = [t.name for t in layer.parameters]
    for name in wrt or ():
        if name not in names:
            raise SymderivError(f"--wrt {name}: {layer.name} has no tensor {name} to differentiate by; it has {', '.join(names)}.")
    return [t for t in layer.parameters if not wrt or t.name in wrt]


def _in_full(layer: Layer, chosen: Sequence[Tensor], tick: Tick, extent: Extent) -> Derivation:
    """Small enough: every element at every position, and every step (of a large own formula at some)."""
    truth = enumerate_layer(layer)
    by_sympy = _by_sympy(layer, truth) if extent == Extent.ALL else None
    large = count_terms(layer) > FULL
    gradients, positions_checked, steps_checked, sampled = [], 0, 0, 0
    for k, tensor in enumerate(chosen):
        tick("derive", k, len(chosen))
        shape, by_definition = layer.shape(tensor.name), truth.gradients[tensor.name]
        formula, steps = differentiate(layer, tensor)
        # where the steps of a large formula are judged, the regions say
        parts = split(layer, tensor, formula, truth.space) if large or extent >= Extent.REGIONS else Split(None, MOST_TERMS + 1)
        at = list(positions(shape))
        if large:
            at = spread_positions(shape, parts.regions)
            sampled = max(sampled, len(at))
        judge_steps(formula, steps, by_definition, truth.space, at)
        if parts.regions is not None:
            judge_regions(tensor.name, parts.regions, by_definition, shape, summed=parts.most > MOST_TERMS)
            judge_formulas(tensor.name, parts.regions, by_definition, truth.space, every=True)
            if by_sympy is not None:
                by_sympy(tensor, parts.regions)
        form = _matrix_form(layer, tensor, by_definition) if extent == Extent.ALL else None
        gradients.append(Gradient(tensor, formula, steps, parts.regions, parts.most, form, parts.strips))
        positions_checked += prod(shape)
        steps_checked += len(steps)
    how = f"every element; the steps at up to {sampled} positions of each tensor" if sampled else None
    verification = Verification("exact enumeration", positions_checked, positions_checked, steps_checked, steps_checked, how)
    return Derivation(
        layer, tuple(gradients), verification, lambda: _forward(layer, truth.outputs.items()), truth.space.windows,
        worked_example(layer, truth) if extent == Extent.ALL else None,
    )


def _by_sympy(layer: Layer, truth: Truth) -> Callable[[Tensor, Sequence[Region]], None]:
    """A judge by SymPy's derivative of each representative; the outputs to differentiate come from the enumeration."""
    from symderiv.explicit.matrices import Explicit

    explicit, outputs, upstream = Explicit(layer), list(truth.outputs), layer.upstream

    def judge(tensor: Tensor, found: Sequence[Region]) -> None:
        for region in found:
            if region.terms:
                g = truth.gradients[tensor.name][region.representative]
                met = {atom for m in g for atom in m}
                touched = [o for o in outputs if (upstream, o) in met]
                touched += [o for o in outputs if o not in touched] if len(outputs) <= 16 else []
                terms = explicit.derivative_terms(tensor.name, region.representative, touched)
                judge_representative(tensor.name, region, explicit.polynomial(terms))

    return judge


def _matrix_form(layer: Layer, tensor: Tensor, by_definition: Mapping[Position, Poly]) -> Correlation | None:
    """A convolution's dL/dI as a full correlation; judged, and the scattered sum beside it."""
    form = correlation(layer) if tensor.name == "I" else None
    if form is not None:
        judge_correlation(layer, form, lambda q: by_definition.get(q, {}), positions(layer.shape("I")))
        judge_scatter(layer, lambda q: by_definition.get(q, {}))
    return form


def _judge_small(layer: Layer, derived: Sequence[tuple[Tensor, Formula, tuple[Step, ...]]], tick: Tick) -> str:
    """Judge every step, and the matrix form, at small sizes; says which."""
    chosen = samples(layer)
    if not chosen:
        raise SymderivError(f"no small sizes for {', '.join(layer.sizes)} give {layer.name} an output: it can't be verified.")
    for k, sizes in enumerate(chosen):
        tick("verify", k, len(chosen))
        small = layer.bind(sizes)
        truth, full = enumerate_layer(small), layer.sized(sizes)
        for tensor, formula, steps in derived:
            by_definition, at = truth.gradients[tensor.name], positions(small.shape(tensor.name))
            judge_steps(substitute_gradient(formula, full), tuple(s.bind(full) for s in steps), by_definition, truth.space, at)
            form, named = _matrix_form(small, tensor, by_definition), correlation(layer)
            if form is not None and (named is None or named.bind(full) != form):
                raise InternalError(f"the matrix form of {layer.name} at {sizes}: {named} is not {form}")
    return "; ".join(", ".join(f"{n}={v}" for n, v in s.items()) for s in chosen)


def _leading_named(layer: Layer) -> tuple[Layer, dict[str, int]]:
    """The layer with names for many channels, filters or batches, so that few of them are judged, and their numbers."""
    from symderiv.layers import make

    numbers = {
        letter: form.constant for option, letter in (("batch", "B"), ("channels", "C"), ("filters", "F"))
        if isinstance(form := layer.options.get(option), Form) and form.constant is not None and form.constant > MOST_LEADING}
    if not numbers or not layer.axes or layer.options.get("groups", 1) != 1 or numbers.keys() & set(layer.sizes):
        return layer, {}
    names = {"B": "batch", "C": "channels", "F": "filters"}
    return make(layer.name, **{**{k: _plain(v) for k, v in layer.options.items()}, **{names[x]: x for x in numbers}}), numbers


def _plain(option: Any) -> Any:
    """An option as it is given: forms as numbers or names."""
    if isinstance(option, tuple):
        return tuple(map(_plain, option))
    if isinstance(option, Form):
        return option.plain_name if option.constant is None else option.constant
    return option


def _with_names(layer: Layer, chosen: Sequence[Tensor], tick: Tick) -> Derivation:
    """Sizes by name: the general formula, judged at small sizes."""
    source, numbers = _leading_named(layer)
    general = [(t, *differentiate(source, source.tensor(t.name))) for t in chosen]
    sample = _judge_small(source, general, tick)
    derived = [(t, substitute_gradient(f, numbers), tuple(s.bind(numbers) for s in steps)) for t, f, steps in general] if numbers else general
    gradients = tuple(
        Gradient(t, f, s, None, MOST_TERMS + 1, correlation(layer) if t.name == "I" else None) for t, f, s in derived
    )
    steps = sum(len(s) for _, _, s in derived)
    return Derivation(layer, gradients, Verification("exact enumeration", 0, 0, steps, steps, sample), None)


def _large(layer: Layer, chosen: Sequence[Tensor], tick: Tick) -> Derivation:
    """Derived with sizes as names, judged at small ones, then the numbers put in."""
    from symderiv.explicit.matrices import Explicit
    from symderiv.layers import twin_of, twin_sizes

    twin = twin_of(layer)
    derived = [(twin.tensor(t.name), *differentiate(twin, twin.tensor(t.name))) for t in chosen]
    sample = _judge_small(twin, derived, tick)
    full = twin.sized(twin_sizes(layer, twin))
    truth, explicit = WindowTruth(layer), Explicit(layer)
    gradients, positions_checked, steps_checked, told = [], 0, 0, ""
    for tensor, general, steps in derived:
        bound = tuple(s.bind(full) for s in steps)
        formula = tidied(substitute_gradient(general, full), layer.shape(tensor.name))
        if formula.body != bound[-1].after:
            bound = (*bound, Step(StepKind.SINGLE, formula.body, formula.body, intersected=True))
        parts = split(layer, layer.tensor(tensor.name), formula, truth.space)
        form = correlation(layer) if tensor.name == "I" else None
        if tensor.name == "I":
            found = parts.regions
            if found is None:
                told = _judge_some(truth, formula, form)
            elif parts.most > MOST_TERMS:
                parts, told = _judge_long_regions(truth, formula, parts, form, tick)
            else:
                told = _judge_regions_of_input(truth, formula, found, form, explicit, tick)
        if tensor.name == "W" and parts.regions is not None:
            judge_weight_formulas(layer, parts.regions)
        gradients.append(Gradient(layer.tensor(tensor.name), formula, bound, parts.regions, parts.most, form, parts.strips))
        positions_checked += prod(layer.shape(tensor.name))
        steps_checked += len(bound)
    how = f"steps at {sample}" + (f"; dL/dI: {told}" if told else "")
    verification = Verification("exact enumeration", positions_checked, positions_checked, steps_checked, steps_checked, how)
    return Derivation(layer, tuple(gradients), verification, lambda: _forward(layer, outputs_of(layer, truth.space)))


def _judge_regions_of_input(truth: WindowTruth, formula: Formula, found: tuple[Region, ...], form: Correlation | None,
                            explicit: Explicit, tick: Tick) -> str:
    """dL/dI of a large layer: its classes, and each representative by every route; says so."""
    truth.judge_classes(found)
    value = _general(truth, formula)
    every = -(-sum(len(r.terms) for r in found) // SYMPY_TERMS)
    for k, region in enumerate(found):
        tick("verify", k, len(found))
        q = region.representative
        if region.name == "zero":
            continue
        if not region.terms:
            raise InternalError(f"the region of I{list(q)} has no terms")
        judge_representative("I", region, truth.gradient(q))
        judge_representative("I", region, value(q))
        if k % every == 0:
            judge_representative("I", region, explicit.polynomial(explicit.derivative_terms("I", q, truth.touched(q))))
        judge_formulas("I", (region,), truth.gradient, truth.space, every=False)
        if form is not None:
            judge_correlation(truth.layer, form, truth.gradient, [q])
    by_sympy = "" if every == 1 else f" (by SymPy every {every}th)"
    return f"each class of positions against t(o, a), each representative in full{by_sympy}"


def _judge_long_regions(truth: WindowTruth, formula: Formula, parts: Split, form: Correlation | None, tick: Tick) -> tuple[Split, str]:
    """The same where an entry has too many terms to be written; a region that is too dear to judge loses its formula."""
    found, left = list(parts.regions or ()), MOST_READ
    truth.judge_classes(tuple(found))
    value = _general(truth, formula)
    judged = 0
    for k, region in enumerate(found):
        tick("verify", k, len(found))
        q = region.representative
        if region.name == "zero":
            continue
        left -= 3 * truth.cost(q)
        if left < 0:
            found[k] = replace(region, formula=None)
            continue
        judged += 1
        judge_value(f"dI{list(q)}", value(q), truth.gradient(q))
        judge_formulas("I", (region,), truth.gradient, truth.space, every=False)
        if form is not None:
            judge_correlation(truth.layer, form, truth.gradient, [q])
    how = f"each class of positions against t(o, a), {judged} of {len(found)} representatives in full"
    return replace(parts, regions=tuple(found)), how


def _judge_some(truth: WindowTruth, formula: Formula, form: Correlation | None) -> str:
    """dL/dI of a large layer whose regions are not told apart: at its first, middle and last entry, where they are not too long."""
    shape = truth.layer.shape("I")
    value, judged = _general(truth, formula), 0
    for q in dict.fromkeys((tuple(1 for _ in shape), tuple((n + 1) // 2 for n in shape), shape)):
        if truth.cost(q) > MOST_OWN:
            continue
        judged += 1
        judge_value(f"dI{list(q)}", value(q), truth.gradient(q))
        if form is not None:
            judge_correlation(truth.layer, form, truth.gradient, [q])
    return f"at {judged} of 3 entries, the first, the middle and the last"


def _general(truth: WindowTruth, formula: Formula) -> Callable[[Position], Poly]:
    """The general formula as a function of the position."""
    compiled, letters = compile_node(formula.body, truth.space), [b.index for b in formula.bindings]
    return lambda q: compiled(dict(zip(letters, q, strict=True)))


def _forward(layer: Layer, outputs: Iterable[tuple[Position, Poly]]) -> Iterator[tuple[Position, tuple[Template, ...]]]:
    """Every output written out, in the order given."""
    order = [t.name for t in layer.tensors]
    for index, value in outputs:
        terms = []
        for monomial, c in value.items():
            factors = sorted(monomial, key=lambda a: order.index(a[0]) if a[0] in order else -1)
            terms.append(templates({tuple(factors): c}, "", 0)[0])
        yield index, tuple(terms)


def derive(layer: Layer, wrt: str | Sequence[str] | None = None) -> Derived:
    """Derive every gradient of ``layer``, or those by ``wrt`` ("I,W" or ["I", "W"]), and verify them.

    Raises:
        SymderivError: the layer can't be derived, or not be verified.
        TypeError: it is no layer.
    """
    if not isinstance(layer, Layer):
        raise TypeError(f"derive takes a layer, as derive(conv2d(input=(3, 3), kernel=(2, 2))), not {layer!r}")
    if wrt is None:
        return Derived(derive_data(layer, None))
    names = [t.strip() for t in wrt.split(",")] if isinstance(wrt, str) else list(wrt)
    if not names:
        raise SymderivError("wrt names no tensor: write it as 'I,W', or leave it out.")
    return Derived(derive_data(layer, names))


def verify_torch(layer: Layer) -> str:
    """Compare every gradient with PyTorch's autograd in float64.

    Raises:
        SymderivError: PyTorch is missing, or can't express the layer.
        InternalError: a gradient differs.
    """
    from symderiv.verify.against_torch import compare

    if not layer.numeric:
        raise SymderivError("--against torch needs numbers for all sizes.")
    return compare(layer, enumerate_layer(layer))


FILE_LIMIT = 4_000_000
"""Bytes of the largest file of notes that is checked."""


def check_notes(
    data: bytes | str, name: str = "-", layer: Layer | None = None, symbols: Mapping[str, str] | None = None,
    unbiased: Layer | None = None,
) -> Checked:
    """Judge every equation of handwritten notes.

    ``layer`` and ``symbols`` (role to the notes' letter) win over what the notes say. ``unbiased`` is
    the same layer without a bias: it is meant where the notes speak of none. Never raises for what is
    in a file: what can't be read is so in the report.
    """
    from symderiv.check import check
    from symderiv.notes import read
    from symderiv.report_model import Checked

    reading = read(data, name)
    stated = _stated(reading.source.text) if layer is None and not symbols else ()
    return Checked(check(reading, layer, symbols or {}, stated, unbiased), reading.source.text)


# of one line each, and nothing in it that is tried twice: notes may hold a million spaces
_STATEMENT = re.compile(r"^[ \t]{0,40}(?:<!--|%)[ \t]{0,40}symderiv derive (.{1,2000})$", re.MULTILINE)


def _stated(text: str) -> tuple[tuple[int, Stated], ...]:
    """The layers that a derived document states in its comments, each with the offset from which it holds."""
    from symderiv.layers import read_statement

    found = []
    known: dict[str, Stated] = {}
    for match in _STATEMENT.finditer(text):
        said = match[1].strip().removesuffix("-->").strip()
        try:
            if said not in known:
                known[said] = read_statement(said)
            found.append((match.start(), known[said]))
        except SymderivError:
            return ()
    return tuple(found)


def corrected_copy(
    checked: Checked, layer: Layer | None = None, symbols: Mapping[str, str] | None = None, unbiased: Layer | None = None
) -> tuple[str, tuple[Claim, ...]]:
    """The notes with every repair that is certain and unique, judged again, and the claims that it mends."""
    from symderiv.check.corrected import corrected

    def judge(text: str) -> Report:
        return check_notes(text, checked.report.file, layer, symbols, unbiased).report

    return corrected(checked.text, checked.report, judge)
