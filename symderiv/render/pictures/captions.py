"""What stands under a picture, and is said for it."""

from __future__ import annotations

from symderiv.picture_model import Picture
from symderiv.render.phrases import Translate
from symderiv.render.pictures.names import Names
from symderiv.render.pictures.shapes import MOST_LETTERED
from symderiv.render.view import View


def title(_: Translate, picture: Picture) -> str:
    """The picture's name."""
    return {
        "window": _("The sliding window"), "entry": _("The outputs that read one entry"), "regions": _("The number of terms of each entry"),
        "backward": _("The rotated kernel on the upstream gradient"), "matrix": _("The matrix of the layer"),
        "maxima": _("The chosen maxima"),
    }[picture.kind]


def caption(_: Translate, view: View, names: Names, picture: Picture, boxes: bool) -> str:
    """The caption in the document's letters; boxes have neither colours nor hatching to speak of."""
    parts = {
        "window": _window, "entry": _entry, "regions": _regions, "backward": _backward, "matrix": _matrix, "maxima": _maxima,
    }[picture.kind](_, view, names, picture, boxes)
    return parts + _padding(_, picture, boxes) + _lead(_, view, picture)


def _entry_of(view: View, picture: Picture, tensor: str = "I") -> str:
    return view.inline(view.print.entry(tensor, view.index(picture.entry or ())))


def _window(_: Translate, view: View, names: Names, picture: Picture, boxes: bool) -> str:
    i = view.inline(view.symbol("I"))
    if view.layer.family == "conv":
        return _("The window slides over %(i)s. Above each panel is the output; every cell in the window names the weight that it meets.", i=i)
    return _("The window slides over %(i)s. Above each panel is the output, in the window the entries that it reads.", i=i)


def _entry(_: Translate, view: View, names: Names, picture: Picture, boxes: bool) -> str:
    x, o = _entry_of(view, picture), view.inline(view.symbol(view.layer.output.name))
    if view.layer.family == "max_pool":
        return _("Who reads %(x)s? Each panel shows the window of one output that does; the last panel shows where these outputs stand in %(o)s.", x=x, o=o)
    if view.layer.family == "avg_pool":
        return _("Who reads %(x)s? Each panel shows the window of one output that does, and the entry's share in that average; the last panel puts all shares where their outputs stand.", x=x)
    text = _("Who reads %(x)s? Each panel shows the window of one output that does, and the weight that meets the entry there; the last panel puts all these weights where their outputs stand.", x=x)
    given = [c for c in picture.grids[-1].cells if c.tone == "given"]
    if len(given) < 2:
        return text
    if view.layer.flip:
        return text + _(" In the order of the outputs the kernel is read forwards.")
    return text + _(" In the order of the outputs the kernel is read backwards.")


def _regions(_: Translate, view: View, names: Names, picture: Picture, boxes: bool) -> str:
    i = view.inline(view.symbol("I"))
    text = (
        _("The number of terms in the gradient of each entry of %(i)s.", i=i) if boxes
        else _("The number of terms in the gradient of each entry of %(i)s: the more terms, the darker.", i=i)
    )
    grid = picture.grids[0]
    if None in (*grid.rows, *grid.columns):
        text += _(" Rows and columns that repeat others are left out; the legend counts all entries.")
    return text


def _backward(_: Translate, view: View, names: Names, picture: Picture, boxes: bool) -> str:
    g = view.inline(view.whole(view.layer.upstream))
    if view.layer.flip:
        text = _("%(g)s with its zeros, and on it the kernel: multiply the two factors in each cell and add.", g=g)
    else:
        text = _("%(g)s with its zeros, and on it the kernel rotated by 180 degrees: multiply the two factors in each cell and add.", g=g)
    if names.upstream_letter:
        text += _(" Here %(s)s stands for %(g)s.", s=view.inline(names.upstream_letter), g=g)
    if any(c.tone == "zero" for grid in picture.grids for c in grid.cells):
        text += _(" The zeros between its entries are the windows that the stride skips.")
    if picture.crops:
        text += _(" Entries outside the grid are cropped.")
    return text


def _matrix(_: Translate, view: View, names: Names, picture: Picture, boxes: bool) -> str:
    o, i = (view.inline(view.symbol(t)) for t in (view.layer.output.name, "I"))
    if not picture.blocks:
        text = _("The layer as a matrix: a row is an output, a column an entry of %(i)s.", i=i)
        if not boxes and len(picture.grids[0].columns) > MOST_LETTERED:
            text += _(" A cell holds the subscripts of its weight.")
        if boxes:
            return text + _(" A point is 0.")
        if len(view.layer.axes) == 1:
            return text + _(" An empty cell is 0, and each weight of the kernel has a colour.")
        return text + _(" An empty cell is 0, and each row of the kernel has a colour.")
    empty = _(" A point is 0.") if boxes else _(" An empty cell is 0.")
    if len(picture.grids) == 1:
        return _("The pattern of the layer's matrix: a row is an output, a column an entry of %(i)s, and the number is the kernel position that joins them.", i=i) + empty
    return _(
        "The pattern of the layer's matrix. First its blocks, a row of %(o)s against a row of %(i)s: the number is the row of the kernel. "
        "Then the inside of a block: the number is the column of the kernel.", o=o, i=i,
    ) + empty


def _maxima(_: Translate, view: View, names: Names, picture: Picture, boxes: bool) -> str:
    g = view.inline(view.whole("dI"))
    if boxes:
        return _("The number example: the maximum of each window, in square brackets, receives that output's gradient; the last panel is %(g)s.", g=g)
    return _("The number example: the maximum of each window, with a thick border, receives that output's gradient; the last panel is %(g)s.", g=g)


def _padding(_: Translate, picture: Picture, boxes: bool) -> str:
    if not any(c.tone == "padding" for grid in picture.grids for c in grid.cells):
        return ""
    if boxes:
        return _(" The sign ░ is a zero of the padding.") if picture.kind == "backward" else _(" The sign ░ is padding.")
    return _(" Hatched zeros are padding.") if picture.kind == "backward" else _(" Hatched cells are padding.")


def _lead(_: Translate, view: View, picture: Picture) -> str:
    if not picture.lead:
        return ""
    if view.layer.family != "conv":
        return _(" Shown are one sample and one channel; their subscripts are left out in the cells.")
    if picture.kind == "regions":
        return _(" Shown is one channel; the terms are those of all filters.")
    return _(" Shown are one sample, one channel and one filter; their subscripts are left out in the cells.")


