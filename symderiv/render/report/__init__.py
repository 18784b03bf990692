"""Checked files to text: a printer a format, all fed one report at a time so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from symderiv.render.report.options import FORMATS, ReportOptions
from symderiv.report_model import Checked


def render_reports(items: Iterable[Checked], options: ReportOptions) -> Iterator[str]:
    """The document over the checked files, in pieces, each as soon as its file is checked."""
    printer = import_module(f"symderiv.render.report.{FORMATS[options.format]}")
    pieces: Iterator[str] = printer.pieces(items, options)
    return pieces


__all__ = ["Checked", "ReportOptions", "render_reports"]
