"""How a claim was understood, in the formula notation."""

from __future__ import annotations

from symderiv.check.arrays import (
    ARRAYS,
    Choice,
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
)
from symderiv.check.claims import Read
from symderiv.formula.write import write_condition, write_node


def read_as(read: Read) -> str:
    """``left = right``, both sides with their free indices' conditions."""
    if read.ready is None:
        return f"{write(read.left)} = {write(read.right)}"
    sides = read.ready.sides
    text = f"{write_node(sides.left)} = {write_node(sides.right)}"
    if sides.conditions:
        text += " where " + ", ".join(map(write_condition, sides.conditions))
    if sides.chosen is not None:
        at = ",".join(map(_form, sides.chosen.at))
        text += f" where ({at}) {'is' if sides.chosen.positive else 'is not'} the maximum"
        if sides.chosen.window is not None:
            text += f" of window ({','.join(map(_form, sides.chosen.window))})"
    return text


def _form(form: object) -> str:
    from symderiv.index.form import Form
    from symderiv.index.write import write_form

    assert isinstance(form, Form)
    return write_form(form)


def write(value: Lowered) -> str:
    """A member with whole tensors in it."""
    if isinstance(value, Whole):
        return value.tensor
    if isinstance(value, Part):
        return f"{value.tensor}[{','.join([*map(_form, value.index), ':'])}]"
    if isinstance(value, SumOver):
        limits = ", ".join(f"{b.index}={_form(b.low)}..{_form(b.high)}" for b in value.bindings)
        return f"sum({limits}, {write(value.base)})"
    if isinstance(value, WholePartial):
        return f"d({write(value.output) if value.output else value.of})/d({write(value.wrt) if value.wrt else value.by})"
    if isinstance(value, Grid):
        width = value.shape[1]
        rows = [value.cells[k : k + width] for k in range(0, len(value.cells), width)]
        return "[" + "; ".join(", ".join(write_node(c) for c in row) for row in rows) + "]"
    if isinstance(value, Convolve):
        mode = f", {value.mode}" if value.mode else ""
        return f"{'corr' if value.sign == 'corr' else 'conv'}({write(value.left)}, {write(value.right)}{mode})"
    if isinstance(value, (Rotate, Transposed, Vec, Total, Pad)):
        word = {Rotate: "rot180", Transposed: "T", Vec: "vec", Total: "total", Pad: "pad"}[type(value)]
        return f"{word}({write(value.base)})"
    if isinstance(value, Pointwise):
        return f"hadamard({write(value.left)}, {write(value.right)})"
    if isinstance(value, Times):
        return " * ".join(f"({write(f)})" if isinstance(f, Plus) else write(f) for f in value.factors)
    if isinstance(value, Plus):
        text = ""
        for sign, term in zip(value.signs, value.terms, strict=True):
            text += (" + " if sign > 0 else " - ") if text else ("" if sign > 0 else "-")
            text += write(term)
        return text
    if isinstance(value, Choice):
        return f"cases({write(value.base)} if maximum; {write(value.other)} otherwise)"
    assert not isinstance(value, ARRAYS)
    return write_node(value)
