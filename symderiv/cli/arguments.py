"""From what was typed to a layer and to a document's options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import click

from symderiv.model import Derivation, Extent, Layer, SymderivError, Tick, quiet
from symderiv.option_names import ALL, flag


def layer_options(bias: str = "with") -> tuple[Callable[[Any], Any], ...]:
    """The options that describe a layer; ``bias`` says what holds without --bias."""
    return (
        click.option("--input", "input", metavar="AxB", help="Input size, as 3x3; a name such as HxV gives the general formula."),
        click.option("--kernel", metavar="AxB", help="Kernel (window) size."),
        click.option("--stride", metavar="AxB", help="Stride (default: 1, for pooling the kernel)."),
        click.option("--padding", metavar="AxB", help="Padding (default 0): a number, AxB, start:end, same or valid."),
        click.option("--dilation", metavar="AxB", help="Dilation (default 1)."),
        click.option("--batch", metavar="N", help="Batch size."),
        click.option("--channels", metavar="C", help="Input channels."),
        click.option("--filters", metavar="F", help="Output channels of a convolution."),
        click.option("--groups", metavar="G", help="Groups of a convolution."),
        click.option("--bias/--no-bias", default=None, help=f"With a bias or without (default: {bias})."),
        click.option("--flip", is_flag=True, default=None, help="True convolution: the forward pass rotates the kernel."),
        click.option("--ceil-mode", is_flag=True, default=None, help="Pooling: round the output size up."),
        click.option("--count-include-pad/--no-count-include-pad", default=None, help="Average pooling: count padded cells (default) or not."),
        click.option("--ties", metavar="RULE", help="Max pooling, who gets the gradient at a tie: first (default), all or split."),
        click.option("--formula", metavar="F", help="Your own formula, as 'O[i] = sum(k=1..3, I[i+k-1]*W[k])'."),
        click.option("--shape", multiple=True, metavar="T=AxB", help="The size of a tensor of --formula, once for each."),
    )


DESCRIBING = (*ALL, "formula", "shape")
"""The parameters of ``layer_options``."""


def layer_of(layer: str | None, given: dict[str, Any]) -> Layer:
    """The layer that the options describe.

    Raises:
        SymderivError: they describe none.
    """
    from symderiv.layers import make, own

    chosen = {n: given[n] for n in ALL if given[n] is not None}
    if given["formula"] is not None:
        if layer is not None or chosen:
            extra = flag(next(iter(chosen))) if chosen else layer or "the empty name of one"
            raise SymderivError(f"--formula makes a layer of its own: leave out {extra}.")
        return own(given["formula"], _shapes(given["shape"]))
    if layer is None:
        raise SymderivError("name a layer (see 'symderiv layers') or give a --formula.")
    if given["shape"]:
        raise SymderivError("--shape goes with --formula: use --input and --kernel here.")
    return make(layer, **chosen)


def _shapes(texts: Sequence[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for text in texts:
        tensor, sizes = _shape(text)
        if tensor in out:
            raise SymderivError(f"--shape {tensor} is given twice ({'x'.join(out[tensor])} and {'x'.join(sizes)}). Keep one.")
        out[tensor] = sizes
    return out


def _shape(text: str) -> tuple[str, list[str]]:
    from symderiv.layers import split_axes

    name, sign, sizes = text.partition("=")
    if not sign or not name.strip():
        raise SymderivError(f"--shape {text}: write it as --shape I=3x4.")
    return name.strip(), split_axes(f"shape {name.strip()}", sizes)


PROSE = ("latex", "markdown", "text", "typst", "pdf", "png", "svg", "docx")
HEEDED_BY = {
    "standalone": ("latex", "typst"), "math": ("markdown",), "heading_level": ("markdown", "typst"), "color": ("text",),
    "class_": ("latex",), "number": ("latex",), "label_prefix": ("latex",), "break_": ("latex",), "sty": ("latex",),
    "show": (*PROSE, "html"), "entry": (*PROSE, "html"), "period": (*PROSE, "html"), "template_dir": (*PROSE, "html"), "pdf_engine": ("pdf",),
    "width": (*PROSE, "json"),
}
"""The formats that an option has a meaning in; the options that are not here have one in all."""
IDLE = {"color": "auto"}
"""Values that say nothing, which are taken everywhere."""


def _refuse_idle(given: dict[str, Any], typed: Collection[str], format_: str, fixed: bool) -> None:
    """Refuse an option that the format gives no meaning; ``fixed``: there is no other to choose."""
    for option, formats in HEEDED_BY.items():
        if option in typed and format_ not in formats and given[option] != IDLE.get(option):
            by_tex = format_ == "pdf" and "latex" in formats and given["pdf_engine"] == "latex"
            said = f"in {format_}" + (", with --pdf-engine latex neither" if by_tex else "")
            remedy = "Leave it out." if fixed else "Leave it out, or choose --format latex and typeset that." if by_tex else "Leave it out, or choose another --format."
            raise SymderivError(f"{flag(option.rstrip('_'))} has no effect {said}: it is for {', '.join(formats)}. {remedy}")


def options_of(given: dict[str, Any], typed: Collection[str], fixed: bool = False) -> Any:
    """The document's options; ``typed`` are those that stand on the command line, or in a document whose format is ``fixed``.

    Raises:
        SymderivError: one of them can't be, or would have no effect.
    """
    from pathlib import Path

    from symderiv.cli.output import chosen_format
    from symderiv.cli.typeset import source_of
    from symderiv.render.options import PARTS, Options, entry_of, parts_of, shown, symbols_of
    from symderiv.render.paper import Paper

    format_ = chosen_format(given["format_"], given["output"])
    _refuse_idle(given, typed, format_, fixed)
    if given["class_"] is not None and given["width"] is not None:
        raise SymderivError(f"--class {given['class_']} and --width {given['width']}: the class gives the width. Keep one.")
    show = shown(parts_of("show", given["show"])) if given["show"] is not None else PARTS
    folder = Path(given["template_dir"]) if given["template_dir"] else None
    made = source_of(format_, given["pdf_engine"])
    return Options(
        format=made.format, tall=made.tall, show=show, expand=given["expand"], lang=given["lang"][0], symbols=symbols_of(given["symbols"]),
        index_base=given["index_base"], style=given["style"], width=_width(given["width"]), math=made.math or given["math"],
        standalone=made.standalone or given["standalone"], template_dir=folder, period=given["period"],
        entry=entry_of(given["entry"], given["index_base"]) if given["entry"] is not None else None,
        heading_level=1 if (made.standalone or format_ == "docx") and "heading_level" not in typed else given["heading_level"],
        paper=Paper(given["class_"] or "article", given["number"], given["label_prefix"], given["break_"], given["sty"]),
    )


def _width(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        width = float(text.removesuffix("pt"))
    except ValueError:
        width = float("nan")
    if not 0 < width < 1e6:
        raise SymderivError(f"--width {text}: write a number of points or columns, as 345pt.")
    return width


def refuse_early(layer: Layer, options: Any, wrt: Sequence[str] | None) -> None:
    """Refuse, before any work, what the layer can't give.

    Raises:
        SymderivError: with the remedy.
    """
    from symderiv.render.limits import refuse_too_long
    from symderiv.render.options import refuse_idle_entry, refuse_idle_symbols, refuse_no_entry

    if options.expand == "all" and not layer.numeric:
        names = f"{', '.join(layer.sizes)} {'is a name' if len(layer.sizes) == 1 else 'are names'}"
        raise SymderivError(f"--expand all needs numbers for all sizes: {names}.")
    refuse_idle_symbols(layer, options.symbols)
    refuse_no_entry(layer, options)
    refuse_idle_entry(layer, options, wrt)
    refuse_too_long(layer, options, wrt)


FORMULAS = ("result", "setting", "forward", "general")
"""The parts of a document in which no region and no element stands."""


def derivations(layer: Layer, options: Any, wrt: Sequence[str] | None, tick: Tick = quiet) -> tuple[Derivation, list[Derivation]]:
    """The layer's derivation, and those that follow it in the same document."""
    from symderiv.api import derive_data

    extent = extent_of(options)
    data = derive_data(layer, wrt, tick, extent)
    pooled = pooling_beside(layer) if options.style == "notes" and not wrt and options.format != "json" else None
    return data, [derive_data(pooled, None, tick, extent)] if pooled else []


def extent_of(options: Any) -> Extent:
    """How much of the derivation the document shows; JSON and the web page have everything."""
    shown = set(options.show)
    if options.format in ("json", "html") or options.template_dir is not None or not shown <= {*FORMULAS, "regions"}:
        return Extent.ALL
    return Extent.REGIONS if "regions" in shown else Extent.GENERAL


def pooling_beside(layer: Layer) -> Layer | None:
    """Max pooling with the same window and stride, as handwritten notes go on; None where it does not fit."""
    from symderiv.layers import make

    if layer.name != "conv2d" or "channels" in layer.options or not layer.numeric:
        return None
    axes = [a.numbers for a in layer.axes]
    if any(a is None or 2 * max(a.start, a.end) > a.k for a in axes):
        return None
    known = [a for a in axes if a is not None]
    return make(
        "max_pool2d", input=[a.n for a in known], kernel=[a.k for a in known], stride=[a.s for a in known],
        padding=[(a.start, a.end) for a in known], dilation=[a.d for a in known],
    )
