"""Sentences about a verdict: what it assumes, and what is wrong where no edit says it better."""

from __future__ import annotations

from symderiv.check.arrays import Choice
from symderiv.check.claims import Read
from symderiv.check.context import Context
from symderiv.check.judge import Judged
from symderiv.check.value import Fractional, Outside, Unstated
from symderiv.report_model import Message


def assumptions(judged: Judged, read: Read, context: Context) -> tuple[Message, ...]:
    """The conventions that a correct verdict hangs on."""
    found: list[Message] = []
    if judged.zero_reads:
        found.append(Message("a tensor read outside its range is 0"))
    if context.base == 0:
        found.append(Message("positions count from 0"))
    if judged.outcome.shares:
        found.append(Message("each window hands its gradient on exactly once (ties: %(rule)s)", {"rule": context.layer.ties}))
    if read.by_value and context.layer.ties != "all":
        found.append(Message("the largest entry of a window stands there once"))
    if read.by_value and isinstance(read.right, Choice):
        found.append(Message("only entries of the window are compared with its maximum"))
    for meaning in sorted({m for _, m in judged.meanings}, reverse=True):
        kind = Message("cross-correlation") if meaning == "correlation" else Message("convolution with a rotated kernel")
        found.append(Message("the sign between the maps is %(kind)s", {"kind": kind}))
    if judged.single or (read.ready is not None and read.ready.single):
        found.append(Message("a map with one entry is read as a number"))
    if judged.apart:
        found.append(Message("windows do not overlap"))
    if judged.padded:
        found.append(Message("pad adds the zeros, and crops, as the sizes ask"))
    if judged.by_shape:
        found.append(Message("valid or full follows from the sizes"))
    sides = read.ready.sides if read.ready is not None else None
    chosen = sides.chosen if sides is not None else None
    if judged.one_window or (chosen is not None and chosen.window is not None):
        found.append(Message("one window and one position in it are meant"))
    elif chosen is not None:
        found.append(Message("the entry is not the maximum of any window"))
    if judged.most:
        found.append(Message("checked for sizes up to %(most)s", {"most": judged.most}))
    return tuple(found)


def message_for(judged: Judged, read: Read, context: Context) -> Message:
    """What is wrong or missing, in one sentence."""
    trouble = judged.outcome.trouble
    if judged.completion == "apart":
        return Message("true only where windows do not overlap: an entry that several windows choose gets the sum")
    if judged.completion == "sum":
        assert read.ready is not None
        names = tuple(f.index for f in read.ready.right_only)
        if read.ready.generic:
            return Message("the sum over the outputs is missing")
        return Message("the sum over %(indices)s is missing", {"indices": names})
    if judged.completion == "integers":
        return Message("true only where the index is an integer: the condition is missing")
    if judged.completion == "stated" and read.by_value:
        return Message("an entry may equal the maximum of a window that it does not lie in: only windows that contain it count")
    if judged.completion == "stated":
        return Message("a case is left out")
    if judged.completion == "range":
        return Message("true only where every index is in its range: a case is left out")
    if isinstance(trouble, Outside):
        index = ", ".join(str(x - 1 + context.base) for x in trouble.index)
        shape = "x".join(map(str, trouble.shape))
        return Message("%(entry)s does not exist: the size is %(shape)s",
                       {"entry": f"{context.written(trouble.entry.tensor)}[{index}]", "shape": shape})
    if isinstance(trouble, Fractional):
        return Message("an index is not an integer")
    if isinstance(trouble, Unstated):
        return Message("no case applies to some entry")
    return Message("the two sides differ")
