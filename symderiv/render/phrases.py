"""The reasons of the steps and the names of the regions, in words that the catalogue translates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symderiv.formula.nodes import Bracket, Divides, IsMax, Node, Reduce
from symderiv.formula.walk import walk
from symderiv.index.form import Extreme
from symderiv.model import Gradient, Layer, Step, StepKind, Strip
from symderiv.render.view import View

Translate = Callable[..., str]


def bracket_note(_: Translate, node: Node) -> str:
    """What a bracket in the formula means; empty where there is none."""
    found = any(isinstance(n, (Bracket, IsMax)) for n in walk(node))
    return _(" A bracket is 1 where the statement in it holds and 0 elsewhere.") if found else ""


def _has_bar(node: Node) -> bool:
    return any(isinstance(c, Divides) for n in walk(node) if isinstance(n, Bracket) for c in n.conditions)


def notes_on(_: Translate, view: View, gradient: Gradient, node: Node, told: Any) -> str:
    """The signs in the formula that the document has not explained yet; ``told`` keeps which it has."""
    text = ""
    if not told.argmax and any(isinstance(n, IsMax) for n in walk(node)):
        told["argmax"] = True
        a = view.inline(view.print.argmax + view.print.subscript(view.window_letters(gradient)))
        text += (
            _(" Here %(a)s is the position of the maximum in the window of that output.", a=a) if view.layer.ties == "first"
            else _(" Here %(a)s is the set of positions of the maximum in the window of that output.", a=a)
        )
        if view.layer.ties == "split":
            text += _(" The sign %(s)s counts them.", s=view.inline(view.sign(r"\#", "#")))
        text += only_padding(_, view, told)
    if not told.bracket and bracket_note(_, node):
        told["bracket"] = True
        text += bracket_note(_, node)
    if not told.bar and _has_bar(node):
        told["bar"] = True
        text += _(" A bar says that the number before it divides the one behind it.")
    return text


def only_padding(_: Translate, view: View, told: Any) -> str:
    """What holds for the windows of max pooling without a cell of the input, told once; empty where there are none."""
    windows = view.windows_of_padding
    if told.padding or windows is None:
        return ""
    told["padding"] = True
    outputs, infinity = [view.inline(view.print.entry(view.layer.output.name, view.index(o))) for o in windows], view.inline(view.infinity)
    if not outputs:
        return _(" A window that holds only padding has the value %(inf)s: no position is its maximum, and no gradient flows back from it.", inf=infinity)
    if len(outputs) == 1:
        return _(" The window of %(o)s holds only padding: its value is %(inf)s, no position is its maximum, and no gradient flows back from it.", o=outputs[0], inf=infinity)
    return _(" The windows of %(list)s hold only padding: their value is %(inf)s, no position is their maximum, and no gradient flows back from them.", list=listed(_, outputs), inf=infinity)


def output_follows(_: Translate, view: View) -> str:
    """What the output length follows from: the sizes that matter here."""
    axes = view.layer.axes
    items = [_("input")]
    if any(a.start != 0 or a.end != 0 for a in axes):
        items.append(_("padding"))
    items.append(_("kernel") if view.layer.family == "conv" else _("window"))
    if any(a.d != 1 for a in axes):
        items.append(_("dilation"))
    if any(a.s != 1 for a in axes):
        items.append(_("stride"))
    return listed(_, items)


def reason(_: Translate, view: View, step: Step, gradient: Gradient) -> str:
    """Why the step may be taken."""
    role, family = gradient.tensor.role, view.layer.family
    x = view.inline(view.fixed(gradient))
    if step.kind is StepKind.CHAIN:
        if not view.layer.formula.bindings:
            return _("The loss depends on %(x)s only through the output.", x=x)
        return _("The loss depends on %(x)s only through the outputs, so by the chain rule add over all outputs.", x=x)
    if step.kind is StepKind.LOCAL:
        return _local(_, view, gradient, role, family)
    if step.kind is StepKind.SPLIT:
        return _("The entry %(x)s may stand at several places of the formula; each place gives a sum of its own.", x=x)
    if step.kind is StepKind.COLLAPSE:
        solved = view.solved(gradient, step)
        if not solved:
            return _("Every bracket leaves one value of an index.")
        text = _("A bracket is 1 for one value at most, so each inner sum keeps one term: %(s)s.", s=_list(_, view, solved))
        return text + _filters(_, view, gradient)
    if step.kind is StepKind.INTERSECT:
        return _intersect(_, view, step, gradient)
    if step.kind is StepKind.SINGLE:
        return _("Where the two limits of a sum agree, put the one value in.")
    return _("The sums differ only in the names of their indices; rename and join them.")


def _local(_: Translate, view: View, gradient: Gradient, role: str, family: str) -> str:
    local = view.inline(view.partial(gradient))
    if role == "bias" and family == "conv":
        if not gradient.tensor.shape:
            return _("The same bias is added to every output, so %(d)s is 1: every output hands its gradient back.", d=local)
        return _("A filter adds the same bias at every position and for every sample, so %(d)s is 1 for that filter and 0 for the others.", d=local)
    if role == "weight" and family == "conv":
        return _("The window slides, so every output uses a weight once, multiplied by one entry of the input; that factor is %(d)s.", d=local)
    if family == "max_pool" and view.layer.ties == "split":
        return _("An output is the maximum of its window: by the tie rule %(d)s is one over the number of maxima at each of them, and 0 elsewhere. Only the windows that cover the entry read it.", d=local)
    if family == "max_pool" and view.layer.ties == "all":
        return _("An output is the maximum of its window: by the tie rule %(d)s is 1 at each of the maxima, and 0 elsewhere. Only the windows that cover the entry read it.", d=local)
    if family == "max_pool":
        return _("An output equals one of its inputs: %(d)s is 1 at the chosen position and 0 elsewhere. Only the windows that cover the entry read it.", d=local)
    if family == "avg_pool":
        return _("Each entry counts one over N in every window that holds it, with N the number of cells really averaged; that is %(d)s.", d=local)
    if family == "conv":
        return _("Only the windows that cover the entry read it: %(d)s is the weight where the indices meet, and 0 elsewhere.", d=local)
    return _("The local derivative %(d)s is what multiplies the entry in the formula, where the indices meet.", d=local)


def _filters(_: Translate, view: View, gradient: Gradient) -> str:
    """Why the gradient of a channel adds over the filters."""
    filters = view.layer.options.get("filters")
    if gradient.tensor.role != "input" or view.layer.family != "conv" or filters is None or filters == 1:
        return ""
    groups = view.layer.options["groups"]
    if groups == 1:
        return _(" Every filter reads every channel of the input, so the sum over the filters stays.")
    if filters == groups:
        return ""
    return _(" Every filter of a group reads every channel of the group, so the sum over the filters of the group stays.")


def _intersect(_: Translate, view: View, step: Step, gradient: Gradient) -> str:
    text = _("Every index must stay within its range; intersect the ranges.")
    signs = _signs_in_limits(step.shown)
    if gradient.tensor.role == "input" and view.layer.axes:
        if {"max", "min"} <= signs:
            text += _(" Near the border some windows do not exist: max and min leave them out.")
        elif signs & {"max", "min"}:
            text += _(" Near the border some windows do not exist: %(sign)s leaves them out.", sign="max" if "max" in signs else "min")
        if {"ceil", "floor"} <= signs:
            text += _(" Windows start only every few entries: ceil and floor keep the indices whole.")
        elif "ceil" in signs:
            text += _(" Windows start only every few entries: ceil keeps the indices whole.")
        elif "floor" in signs:
            text += _(" Windows start only every few entries: floor keeps the indices whole.")
    if _has_bar(step.shown):
        text += _(" The bracket that is left keeps only the indices for which it holds.")
    return text


def _signs_in_limits(node: Node) -> set[str]:
    """Which of max, min, ceil and floor stand in the limits of the sums."""
    found: set[str] = set()
    forms = [f for n in walk(node) if isinstance(n, Reduce) for b in n.bindings for f in (b.low, b.high)]
    while forms:
        for monomial, _ in forms.pop().terms:
            for atom in monomial:
                if not isinstance(atom, str):
                    found.add(atom.kind)
                    forms += atom.forms if isinstance(atom, Extreme) else (atom.top, atom.bottom)
    return found


def _list(_: Translate, view: View, items: list[str]) -> str:
    return listed(_, [view.inline(i) for i in items], last=False)


def clauses(_: Translate, items: Sequence[str]) -> str:
    """The same of clauses, which Chinese parts by commas."""
    text = items[0]
    for k, item in enumerate(items[1:], 2):
        text = _("%(a)s and %(b)s", a=text, b=item) if k == len(items) else _("%(a)s, %(b)s", a=text, b=item)
    return text


def listed(_: Translate, items: Sequence[str], last: bool = True) -> str:
    """a, b and c."""
    if len(items) < 2 or not last:
        return _(", ").join(items)
    return _(", ").join(items[:-1]) + _(" and ") + items[-1]


def region_word(_: Translate, name: str) -> str:
    """A region's name in the document's language; one without a name lies at none of these places."""
    return {
        "corner": _("corner"), "edge": _("edge"), "centre": _("centre"), "face": _("face"),
        "end": _("end"), "zero": _("not read"), "all": _("single"), "": _("other"),
    }[name]


def axes_word(_: Translate, layer: Layer, tensor: str, strip: Strip) -> str:
    """Which axes have this table; empty where all have. Those of samples and channels have none."""
    rank, names = len(layer.shape(tensor)), {2: (_("rows"), _("columns")), 3: (_("depth"), _("rows"), _("columns"))}.get(len(layer.axes))
    if len(strip.axes) == (len(layer.axes) or rank):
        return ""
    return _(", ").join(names[axis - rank] if names else _("axis %(n)s", n=axis + 1) for axis in strip.axes)


def kind_word(_: Translate, kind: str, count: int) -> str:
    """A kind of entries, in the plural where there are several."""
    if count == 1:
        return {
            "corner": _("the corner entry"), "inner": _("the centre entry"), "border": _("the border entry"),
            "other": _("the other entry"), "read": _("the entry that a window reads"),
            "zero": _("the entry that no window reads"),
        }[kind]
    return {
        "corner": _("the corner entries"), "inner": _("the inner entries"), "border": _("the border entries"),
        "other": _("the other entries"), "read": _("the entries that a window reads"),
        "zero": _("the entries that no window reads"),
    }[kind]


def letters(_: Translate, view: View) -> str:
    """What the letters of a window layer's forward formula number; empty for own formulas."""
    layer = view.layer
    if not layer.axes:
        return ""
    bound = [b.index for b in layer.formula.bindings]
    summed = [b.index for n in walk(layer.formula.body) if isinstance(n, Reduce) for b in n.bindings]
    names, count = view.letters(None), len(layer.axes)
    o, w = (_position(view, [names.get(n, n) for n in found[-count:]]) for found in (bound, summed))
    place = (
        _(" The position in the output is %(o)s, that in the kernel %(w)s.", o=o, w=w) if layer.family == "conv"
        else _(" The position in the output is %(o)s, that in the window %(w)s.", o=o, w=w)
    )
    if "batch" not in layer.options:
        return place.strip()
    n, c, f, h = map(view.inline, "ncfh")
    items = [_("%(x)s numbers the samples of the batch (here one)", x=n) if layer.options["batch"] == 1
             else _("%(x)s numbers the samples of the batch", x=n)]
    grouped = "h" in bound
    if grouped:
        items.append(_("%(x)s the groups", x=h))
    if "f" in bound:
        items.append(_("%(x)s the filters of a group", x=f) if grouped else _("%(x)s the filters", x=f))
    if "c" in (*bound, *summed):
        items.append(_("%(x)s the channels of a group", x=c) if grouped else _("%(x)s the channels of the input", x=c))
    return _("Here %(list)s.", list=clauses(_, items)) + place


def _position(view: View, names: Sequence[str]) -> str:
    return view.inline(names[0] if len(names) == 1 else f"({', '.join(names)})")


def layer_title(_: Translate, view: View) -> str:
    """A layer's name in the document's language."""
    return {
        "conv": _("Convolution layer"), "max_pool": _("Max-pooling layer"),
        "avg_pool": _("Average-pooling layer"), "own": _("Own formula"),
    }[view.layer.family]
