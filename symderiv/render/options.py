"""What a person chooses about the look of a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from symderiv.model import Derivation, SymderivError

PARTS = ("result", "setting", "forward", "entry", "strip", "general", "regions", "elements", "matrix", "check")
FORMATS = ("latex", "markdown", "text", "json")
ROLES = ("input", "weight", "output", "bias", "loss", "upstream")


Tick = Callable[[str, int, int], None]
"""Told of work done: what, how much, of how much."""


@dataclass(frozen=True)
class Options:
    """The options of a document; the defaults are those of the command line."""

    format: str = "markdown"
    show: tuple[str, ...] = PARTS
    expand: Literal["auto", "all", "none"] = "auto"
    lang: Literal["en", "zh"] = "en"
    symbols: Mapping[str, str] = field(default_factory=dict)
    index_base: int = 1
    style: Literal["default", "notes"] = "default"
    width: float | None = None
    """Points for latex (345) and markdown, columns for text (80)."""
    math: Literal["fence", "dollar"] = "fence"
    standalone: bool = False
    period: str | None = None
    """What ends a displayed sentence: by default a full stop, nothing in a terminal and in the notes' style."""
    template_dir: Path | None = None
    colour: bool = False
    """Bold headings by terminal codes, in text."""

    def __post_init__(self) -> None:
        for part in self.show:
            if part not in PARTS:
                raise SymderivError(f"--show {part}: there is no such part; the parts are {', '.join(PARTS)}.")
        if self.format not in FORMATS:
            raise SymderivError(f"--format {self.format}: use one of {', '.join(FORMATS)}.")
        if self.index_base not in (0, 1):
            raise SymderivError(f"--index-base {self.index_base}: positions count from 0 or from 1.")
        for role, symbol in self.symbols.items():
            if role not in ROLES:
                raise SymderivError(f"--symbols {role}=...: the roles are {', '.join(ROLES)}.")
            if not re.fullmatch(r"[^$%#&~{}]+(\{[^$%#&~{}]*\}[^$%#&~{}]*)*", symbol):
                raise SymderivError(f"--symbols {role}={symbol}: a symbol has no $ % # & ~ and closes its braces, as X^{{(l)}}.")
        if self.period not in (None, "", ".", "。", "．"):
            raise SymderivError(f"--period {self.period}: use '.', '。', '．' or nothing ('').")
        if self.width is not None and self.width < 20:
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
        """The width of a line."""
        return self.width if self.width is not None else 80 if self.format == "text" else 345


def symbol_table(data: Derivation, options: Options) -> dict[str, str]:
    """The printed symbol of every tensor, and of the loss under ``L``.

    Raises:
        SymderivError: two tensors would be printed alike.
    """
    table = {t.name: t.name for t in data.layer.tensors}
    table["L"] = "L"
    roles = {"input": "I", "weight": "W", "output": "O", "bias": "b", "loss": "L"}
    for role, given in options.symbols.items():
        symbol = f"{{{given}}}" if "_" in given and options.format != "text" else given
        if role == "upstream":
            table[data.layer.upstream] = symbol
        elif roles[role] in table:
            table[roles[role]] = symbol
    seen: dict[str, str] = {}
    for tensor, symbol in table.items():
        if symbol in seen:
            raise SymderivError(f"--symbols: {seen[symbol]} and {tensor} would both be written {symbol}. Choose another.")
        seen[symbol] = tensor
    letters = {b.index for b in data.layer.formula.bindings} | {"u", "v", "w", "p", "q", "r"}
    for tensor, symbol in table.items():
        if symbol in letters and tensor != symbol:
            raise SymderivError(f"--symbols: {symbol} is an index letter here. Choose another for {tensor}.")
    return table
