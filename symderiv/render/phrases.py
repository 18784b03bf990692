"""The reasons of the steps and the names of the regions, in words that the catalogue translates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symderiv.formula.nodes import Bracket, Divides
from symderiv.formula.walk import walk
from symderiv.model import Gradient, Step, StepKind
from symderiv.render.view import View

Translate = Callable[..., str]


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
        return _("%(x)s may stand at several places of the formula; each place gives a sum of its own.", x=x)
    if step.kind is StepKind.COLLAPSE:
        solved = view.solved(gradient, step)
        if not solved:
            return _("Every bracket leaves one value of an index.")
        return _("A bracket is 1 for one value at most, so each inner sum keeps one term: %(s)s.",
                 s=_list(_, view, solved))
    if step.kind is StepKind.INTERSECT:
        return _intersect(_, view, gradient)
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
        return _("The window slides, so every output uses a weight once, multiplied by one entry of the input; that factor is %(d)s. A bracket is 1 where the statement in it holds and 0 elsewhere.", d=local)
    if family == "max_pool":
        return _("An output equals one of its inputs: %(d)s is 1 at the chosen position and 0 elsewhere. Only the windows that cover the entry read it.", d=local)
    if family == "avg_pool":
        return _("Each entry counts one over N in every window that holds it, with N the number of cells really averaged; that is %(d)s. A bracket is 1 where the statement in it holds and 0 elsewhere.", d=local)
    if family == "conv":
        return _("Only the windows that cover the entry read it: %(d)s is the weight where the indices meet, and 0 elsewhere. A bracket is 1 where the statement in it holds and 0 elsewhere.", d=local)
    return _("%(d)s is what multiplies the entry in the formula, where the indices meet. A bracket is 1 where the statement in it holds and 0 elsewhere.", d=local)


def _intersect(_: Translate, view: View, gradient: Gradient) -> str:
    text = _("Every index must stay within its range; intersect the ranges.")
    if gradient.tensor.role == "input" and view.layer.axes:
        text += _(" Near the border some windows do not exist: max and min leave them out.")
        if any(a.s != 1 for a in view.layer.axes):
            text += _(" Windows start only every few entries: ceil and floor keep the indices whole.")
    if any(isinstance(c, Divides) for n in walk(gradient.formula.body) if isinstance(n, Bracket) for c in n.conditions):
        text += _(" The bracket that is left keeps only the indices at which the number before the bar divides the one behind it.")
    return text


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
    """A region's name in the document's language."""
    return {
        "corner": _("corner"), "edge": _("edge"), "centre": _("centre"), "face": _("face"),
        "end": _("end"), "zero": _("not read"), "all": _("single"),
    }[name]


def layer_title(_: Translate, view: View) -> str:
    """A layer's name in the document's language."""
    return {
        "conv": _("Convolution layer"), "max_pool": _("Max-pooling layer"),
        "avg_pool": _("Average-pooling layer"), "own": _("Own formula"),
    }[view.layer.family]
