"""What a person chooses about the look of a document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from symderiv.formula.nodes import Formula, Node, Reduce
from symderiv.formula.walk import walk
from symderiv.model import Derivation, Gradient, Layer, Position, SymderivError
from symderiv.option_names import split_symbols
from symderiv.picture_model import KINDS
from symderiv.render.paper import Paper

if TYPE_CHECKING:
    from symderiv.render.symbols import Spelling

PARTS = ("result", "setting", "forward", "entry", "strip", "general", "regions", "elements", "matrix", "check")
PICTURES = ("pictures", *(f"picture-{kind}" for kind in KINDS))
"""Parts that are written on demand: all pictures, or one of them."""
EVERYTHING = (*PARTS, "pictures")
ABOUT_ENTRY = ("entry", "check", "pictures", "picture-entry", "picture-backward")
"""The parts that are about one entry of the input; the other pictures show its sample and channel."""
NOT_IN_NOTES = ("result", "strip", "regions", "matrix", "check")
"""The parts that handwritten notes don't have, and ``style="notes"`` leaves out."""
FORMATS = ("latex", "markdown", "text", "json", "html", "typst")
PAGED = ("latex", "typst")
"""The formats that a line of a page bounds."""
TENSOR_OF = {"input": "I", "weight": "W", "output": "O", "bias": "b", "loss": "L"}
ROLES = ("input", "weight", "output", "bias", "loss", "upstream")


@dataclass(frozen=True)
class Options:
    """The options of a document; the defaults are those of the command line."""

    format: str = "markdown"
    show: tuple[str, ...] = PARTS
    entry: Position | None = None
    """The entry of the input that is worked through and drawn, from 1; by default one that shows most."""
    expand: Literal["auto", "all", "none"] = "auto"
    lang: Literal["en", "zh"] = "en"
    symbols: Mapping[str, str] = field(default_factory=dict)
    index_base: int = 1
    style: Literal["default", "notes"] = "default"
    width: float | None = None
    """Points for latex (345, or what the document class has), typst and markdown, columns for text (80)."""
    math: Literal["fence", "dollar"] = "fence"
    standalone: bool = False
    paper: Paper = field(default_factory=Paper)
    """Numbers, labels, document class and macros, in latex."""
    tall: bool = False
    """Of a whole Typst document: one page as tall as it needs, for a picture."""
    han_font: str = "Noto Serif CJK SC"
    """What a whole Typst document sets Chinese in."""
    heading_level: int = 2
    """Of markdown's headings: 2 is ``##``."""
    period: str | None = None
    """What ends a displayed sentence: by default a full stop, nothing in a terminal and in the notes' style."""
    template_dir: Path | None = None
    picture_stem: str | None = None
    """What the files of a Markdown document's pictures begin with; without it pictures stand in the document."""
    colour: bool = False
    """Bold headings by terminal codes, in text."""

    def __post_init__(self) -> None:
        for option, value, words in (
            ("format", self.format, FORMATS), ("expand", self.expand, ("auto", "all", "none")), ("lang", self.lang, ("en", "zh")),
            ("style", self.style, ("default", "notes")), ("math", self.math, ("fence", "dollar")),
        ):
            if value not in words:
                raise SymderivError(f"--{option} {value}: use one of {', '.join(words)}.")
        for part in self.show:
            if part not in (*PARTS, *PICTURES):
                raise SymderivError(f"--show {part}: there is no such part; the parts are {', '.join((*PARTS, *PICTURES))}.")
        if not self.show:
            raise SymderivError(f"--show names no part; the parts are {', '.join(PARTS)}.")
        if self.style == "notes" and self.show not in (PARTS, EVERYTHING):
            for part in (p for p in self.show if p in NOT_IN_NOTES):
                raise SymderivError(f"--show {part}: --style notes has no such part; it has {', '.join(p for p in PARTS if p not in NOT_IN_NOTES)}.")
        if self.index_base not in (0, 1):
            raise SymderivError(f"--index-base {self.index_base}: positions count from 0 or from 1.")
        for role, symbol in self.symbols.items():
            if role not in ROLES:
                raise SymderivError(f"--symbols {role}=...: the roles are {', '.join(ROLES)}.")
            _spelled(role, symbol)
        if not 1 <= self.heading_level <= 6:
            raise SymderivError(f"--heading-level {self.heading_level}: use 1 (#) to 6 (######).")
        if self.period not in (None, "", ".", "。", "．"):
            raise SymderivError(f"--period {self.period}: use '.', '。', '．' or nothing ('').")
        if self.width is not None and (isinstance(self.width, bool) or not isinstance(self.width, (int, float))):
            raise SymderivError(f"--width {self.width!r}: use a number of points or columns.")
        if self.width is not None and not self.width >= 20:
            raise SymderivError(f"--width {self.width:g} is too narrow: use at least 20.")

    @property
    def stop(self) -> str:
        """What ends a displayed sentence."""
        if self.period is not None:
            return self.period
        return "" if self.format == "text" or self.style == "notes" else "."

    @property
    def comma(self) -> str:
        """What parts two displayed equations of one list."""
        return "," if self.stop else ""

    @property
    def room(self) -> float:
        """The width of a line; a browser breaks lines itself."""
        if self.format == "html":
            return 1e6
        return self.width if self.width is not None else 80 if self.format == "text" else self.paper.place.width


def _spelled(role: str, symbol: str) -> Spelling:
    from symderiv.render.symbols import NoSymbol, spell

    try:
        return spell(symbol)
    except NoSymbol as error:
        raise SymderivError(f"--symbols {role}={symbol}: {error}. Write a plain name, as X, \\delta or W^{{(l)}}.") from error


def refuse_idle_symbols(layer: Layer, symbols: Mapping[str, str]) -> None:
    """Refuse a symbol for a tensor that the layer does not have.

    Raises:
        SymderivError: names it.
    """
    names = {t.name for t in layer.tensors}
    for role, symbol in symbols.items():
        if TENSOR_OF.get(role, "") not in names and role not in ("loss", "upstream"):
            has = [r for r, t in TENSOR_OF.items() if t in names]
            own = " Put the letter into the formula itself." if layer.family == "own" else f" Its roles are {', '.join([*has, 'loss', 'upstream'])}."
            raise SymderivError(f"--symbols {role}={symbol}: this layer has no {TENSOR_OF[role]}.{own}")


def parts_of(option: str, text: str) -> list[str]:
    """The words between the commas.

    Raises:
        SymderivError: one is empty.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        example = {"wrt": "I,W,b", "show": "result,general"}[option]
        raise SymderivError(f"--{option} {text!r} names nothing{' beside a comma' if any(parts) else ''}: write it as {example}, or leave it out.")
    return parts


def shown(words: Sequence[str]) -> tuple[str, ...]:
    """The parts that the words of ``--show`` mean: ``all`` is every part with all pictures."""
    return EVERYTHING if "all" in words else tuple(words)


def entry_of(text: str, base: int) -> Position:
    """The position that ``--entry`` names, from 1.

    Raises:
        SymderivError: it is none.
    """
    if not re.fullmatch(r" *[0-9]{1,9}( *, *[0-9]{1,9})* *", text):
        raise SymderivError(f"--entry {text}: write the subscripts of an entry of the input, as 1,2.")
    return tuple(int(t) - base + 1 for t in text.split(","))


def refuse_no_entry(layer: Layer, options: Options) -> None:
    """Refuse an entry that the input does not have, and pictures alone of a layer that has none.

    Raises:
        SymderivError: with the range.
    """
    q = options.entry
    if set(options.show) <= set(PICTURES) and layer.numeric and (layer.family == "own" or len(layer.axes) > 2):
        raise SymderivError(f"--show {','.join(options.show)}: there are pictures of convolution and pooling with one or two axes only. Show other parts.")
    if q is None:
        return
    base = options.index_base
    told = ",".join(str(x + base - 1) for x in q)
    if layer.family == "own" or not layer.numeric:
        why = "own formulas have no single input" if layer.family == "own" else "it needs numbers for all sizes"
        raise SymderivError(f"--entry {told} can't be shown: {why}. Leave it out.")
    shape = layer.shape("I")
    if len(q) != len(shape) or not all(1 <= x <= n for x, n in zip(q, shape, strict=True)):
        first, last = (",".join(str(x + base - 1) for x in at) for at in ((1,) * len(shape), shape))
        raise SymderivError(f"--entry {told}: the input's entries go from {first} to {last}.")


def refuse_idle_entry(layer: Layer, options: Options, wrt: Sequence[str] | None) -> None:
    """Refuse an entry where no part is about one.

    Raises:
        SymderivError: names the parts that are.
    """
    if options.entry is None or options.format == "json":
        return
    told = ",".join(str(x + options.index_base - 1) for x in options.entry)
    if wrt is not None and "I" not in wrt:
        raise SymderivError(f"--entry {told} has no effect: --wrt {','.join(wrt)} leaves out I, whose entry it is. Leave it out, or add I.")
    leading = len(layer.shape("I")) > len(layer.axes)
    if not set(options.show) & {*ABOUT_ENTRY, *(PICTURES if leading else ())}:
        raise SymderivError(
            f"--entry {told} has no effect with --show {','.join(options.show)}: it is for {', '.join(ABOUT_ENTRY)}. "
            "Leave it out, or show one of them."
        )


def symbols_of(text: str | None) -> dict[str, str]:
    """Role to symbol, as ``--symbols`` gives them.

    Raises:
        SymderivError: a part is not ``role=symbol``.
    """
    out: dict[str, str] = {}
    for part in split_symbols(text) if text is not None else ():
        role, sign, symbol = part.partition("=")
        if not sign or not symbol.strip():
            raise SymderivError(f"--symbols {part or repr(text)}: write it as input=X,weight=K.")
        if role.strip() in out:
            raise SymderivError(f"--symbols: {role.strip()} is given twice ({out[role.strip()]} and {symbol.strip()}). Keep one.")
        out[role.strip()] = symbol.strip()
    return out


def symbol_table(data: Derivation, options: Options) -> dict[str, str]:
    """The printed symbol of every tensor, and of the loss under ``L``.

    Raises:
        SymderivError: two tensors would be printed alike, or one like an index or a size.
    """
    table = {t.name: t.name for t in data.layer.tensors}
    table["L"] = "L"
    for role, given in options.symbols.items():
        spelling = _spelled(role, given)
        symbol = spelling.text if options.format == "text" else spelling.tex
        if role == "upstream":
            table[data.layer.upstream] = symbol
        elif TENSOR_OF[role] in table:
            table[TENSOR_OF[role]] = symbol
    seen: dict[str, str] = {}
    for tensor, symbol in table.items():
        plain = re.sub(r"[{}\s]", "", symbol)
        if plain in seen:
            raise SymderivError(f"--symbols: {seen[plain]} and {tensor} would both be written {symbol}. Choose another.")
        seen[plain] = tensor
    sizes = {*data.layer.sizes, *(n for n, _ in data.layer.derived)}
    letters = _index_letters(data, options)
    for tensor, symbol in table.items():
        if tensor == symbol:
            continue
        if symbol in letters:
            raise SymderivError(f"--symbols: {symbol} is an index letter here. Choose another for {tensor}.")
        if symbol in sizes:
            raise SymderivError(f"--symbols: {symbol} is the name of a size here. Choose another for {tensor}, or for the size.")
    return table


def printed_letters(layer: Layer, options: Options, gradient: Gradient | None) -> dict[str, str]:
    """Canonical index letters to the printed ones, in the forward formula or in a gradient's."""
    if options.style != "notes" or len(layer.axes) != 2 or layer.formula.bindings[0].index != "i":
        return {}
    if gradient is None:
        return {"u": "a", "v": "b"}
    if gradient.tensor.role == "bias":
        return {}
    return {"i": "a", "j": "b", "p": "i", "q": "j"}


def indices_of(formula: Formula) -> set[str]:
    """The letters of a formula's own indices and of those under its sums."""
    return {b.index for b in formula.bindings} | _bound(formula.body)


def _bound(node: Node) -> set[str]:
    return {b.index for n in walk(node) if isinstance(n, Reduce) for b in n.bindings}


def _index_letters(data: Derivation, options: Options) -> set[str]:
    """The letters that indices have in the document: in the forward formula, in the gradients and on the way to them."""
    names = printed_letters(data.layer, options, None)
    found = {names.get(n, n) for n in indices_of(data.layer.formula)}
    for g in data.gradients:
        names = printed_letters(data.layer, options, g)
        letters = indices_of(g.formula).union(*(_bound(step.shown) for step in g.steps))
        found |= {names.get(n, n) for n in letters}
    return found
