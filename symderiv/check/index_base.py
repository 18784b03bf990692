"""Whether the notes count from 0 or from 1, where no forward formula says it: from what their equations read.

    \\sum_{i=0}^{2} dO_i, an axis of length 3    only from 0: from 1, dO_0 does not exist
    W_{33}, a 3x3 kernel                        only from 1
    \\sum_{i,j} dO_{ij}, W_{11}                 either
"""

from __future__ import annotations

from collections.abc import Iterable

from symderiv.check.arrays import Part, SumOver
from symderiv.check.claims import Link, below, lowerer_of
from symderiv.check.context import Context, Unknown, Unreadable
from symderiv.formula.nodes import Entry, Reduce, UnsupportedNode
from symderiv.index.form import Form


def base_of(links: Iterable[Link], context: Context) -> int | None:
    """The base that most of the equations need, the first of them where they are even; None where none needs one."""
    needed = [base for base in (_needs(link, context) for link in links) if base is not None]
    if not needed:
        return None
    zeros = needed.count(0)
    return needed[0] if 2 * zeros == len(needed) else int(2 * zeros < len(needed))


def _needs(link: Link, context: Context) -> int | None:
    """The one base in which every index that stands alone keeps to its axis."""
    fitting = [base for base in (0, 1) if _fits(link, context, base)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(link: Link, context: Context, base: int) -> bool:
    kept, context.base = context.base, base
    try:
        lowerer = lowerer_of(link, context)
        return all(_inside(lowerer.lower(member), context, base) for member in (link.left, link.right))
    except (Unreadable, Unknown, UnsupportedNode, RecursionError, KeyError):
        return True
    finally:
        context.base = kept


def _inside(member: object, context: Context, base: int) -> bool:
    """Whether numbers, and summed letters under their limits, keep to the axes that they stand on."""
    found = list(below(member))
    limits: dict[str, list[tuple[Form, Form]]] = {}
    for node in found:
        if isinstance(node, (Reduce, SumOver)):
            for b in node.bindings:
                limits.setdefault(b.index, []).append((b.low, b.high))
    for node in found:
        if not isinstance(node, (Entry, Part)):
            continue
        for form, length in zip(node.index, context.shape(node.tensor), strict=False):
            ends = [(form, form)] if form.constant is not None else limits.get(form.plain_name or "", [])
            if length != 1 and any(_below(low, base) or _above(high, length - 1 + base) for low, high in ends):
                return False
    return True


def _below(low: Form, first: int) -> bool:
    return low.constant is not None and low.constant < first


def _above(high: Form, last: Form) -> bool:
    over = (high - last).constant
    return over is not None and over > 0

