"""``symderiv check``: handwritten notes in, a verdict on every equation out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from symderiv.cli.arguments import DESCRIBING, layer_of, layer_options
from symderiv.cli.kinds import Command
from symderiv.cli.output import fail, wants_colour, write
from symderiv.model import Layer, SymderivError

BY_NAME = {".txt": "text", ".json": "json", ".md": "markdown", ".html": "html", ".sarif": "sarif", ".csv": "csv"}
FORMATS = ("text", "json", "markdown", "html", "sarif", "github", "csv")


@dataclass(frozen=True)
class Settings:
    """What every file is checked with."""

    layer: Layer | None
    symbols: Mapping[str, str]
    unbiased: Layer | None = None
    """The layer without a bias, where the options leave open whether it has one."""


def _describing(command: Any) -> Any:
    for option in reversed(layer_options("what the notes say")):
        command = option(command)
    return click.option("--layer", metavar="LAYER", help="The layer that the notes treat (default: what they say themselves).")(command)


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@_describing
@click.option("--symbols", metavar="ROLE=S,...", help="The notes' letters, as input=X,weight=K,output=Y,bias=b,loss=L.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Default: by -o's name, else text.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="The language of the report.")
@click.option("--fix", is_flag=True, help="Write a corrected copy to -o FILE: only edits that are certain, checked again.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes (default: one a core from 8 files on).")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour of --format text; NO_COLOR and FORCE_COLOR are honoured.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file, in one go.")
def check(paths: tuple[str, ...], **given: Any) -> None:
    """Check every equation of handwritten notes: FILE is Markdown, LaTeX or plain text, a folder, or - for standard input.

    \b
    Exit status: 0 every equation is correct; 1 at least one is not, or was lost to a limit; 2 nothing could be checked.
    """
    settings = _settings(given)
    output, fix = given["output"], given["fix"]
    format_ = _format(given["format_"], None if fix else output)
    from symderiv.api import FILE_LIMIT
    from symderiv.cli.files import find, refuse_overwriting

    several = len(paths) > 1 or Path(paths[0]).is_dir()
    _refuse_fix(fix, output, several)
    files = find(paths, FILE_LIMIT)
    if output is not None:
        refuse_overwriting(output, files)
    status = _Status()
    checked: Iterable[Any] = status.watch(_all(files, settings, given["jobs"], output))
    if fix:
        checked = [_corrected(one, settings, output, given["lang"]) for one in checked]
    _print(checked, format_, several, given, None if fix else output, status)
    raise SystemExit(status.code)


def _settings(given: dict[str, Any]) -> Settings:
    layer = _layer(given)
    open_ = layer is not None and layer.family == "conv" and given["bias"] is None
    return Settings(layer, _letters(given["symbols"]), _layer({**given, "bias": False}) if open_ else None)


def _layer(given: dict[str, Any]) -> Layer | None:
    layer = given["layer"]
    described = [n for n in DESCRIBING if given[n] not in (None, ())]
    if layer is None and not described:
        return None
    if layer is None and given["formula"] is None:
        raise SymderivError(f"--{described[0].replace('_', '-')} describes a layer: name it too, as --layer conv2d.")
    return layer_of(layer, given)


def _letters(text: str | None) -> dict[str, str]:
    """Role to the notes' letter, each role known and each letter used once."""
    from symderiv.render.options import ROLES, symbols_of

    letters = symbols_of(text)
    for role in letters:
        if role not in ROLES:
            raise SymderivError(f"--symbols {role}=...: the roles are {', '.join(ROLES)}.")
    for role, letter in letters.items():
        twice = [r for r, one in letters.items() if one == letter and r != role]
        if twice:
            raise SymderivError(f"--symbols: {role} and {twice[0]} are both {letter}. Give each its own letter.")
    return letters


def _format(asked: str | None, output: str | None) -> str:
    if asked is not None or output is None:
        return asked or "text"
    suffix = Path(output).suffix.lower()
    if suffix not in BY_NAME:
        raise SymderivError(f"-o {output}: the name's ending gives no format; use {', '.join(BY_NAME)} or --format.")
    return BY_NAME[suffix]


def _refuse_fix(fix: bool, output: str | None, several: bool) -> None:
    if not fix:
        return
    if output is None:
        raise SymderivError("--fix writes a corrected copy: name it with -o FILE.")
    if several:
        raise SymderivError("--fix corrects one file at a time: name one FILE.")


class _Status:
    """What the files add up to, noted while they pass by."""

    def __init__(self) -> None:
        self.files = self.unusable = 0
        self.passed = True
        self.problem: Any = None

    def watch(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.files += 1
            if item.report.problem is not None:
                self.unusable += 1
                self.problem = item.report.problem
            self.passed = self.passed and item.report.passed
            yield item

    @property
    def code(self) -> int:
        if self.unusable == self.files:
            return 2
        return 0 if self.passed else 1


def _all(files: Any, settings: Settings, jobs: int | None, output: str | None) -> Iterator[Any]:
    from symderiv.cli.batch import counted, in_order, processes

    results = in_order(partial(_one, settings), files, processes(jobs, len(files)))
    shown = len(files) > 1 and sys.stderr.isatty() and (output is not None or not sys.stdout.isatty())
    return counted(results, len(files), shown)


def _one(settings: Settings, given: Any) -> Any:
    """One file's report, in whichever process; a file that can't be used has a problem and no claims."""
    from symderiv.api import FILE_LIMIT, check_notes
    from symderiv.cli.files import Unusable, read
    from symderiv.report_model import Checked, Message, Report

    try:
        return check_notes(read(given, FILE_LIMIT), given.name, settings.layer, settings.symbols, settings.unbiased)
    except Unusable as error:
        return Checked(Report(given.name, problem=error.message))
    except Exception as error:  # a fault of ours in one file must not cost the reports on the others
        said = f"{type(error).__name__}: {error}"
        return Checked(Report(given.name, problem=Message("internal error (%(error)s); please report it", {"error": said})))


def _corrected(checked: Any, settings: Settings, output: str, lang: str) -> Any:
    """Write the corrected copy; the report that is printed stays that of the notes as they are."""
    from symderiv.api import corrected_copy
    from symderiv.render.report.words import words

    if checked.report.problem is None:
        text, done = corrected_copy(checked, settings.layer, settings.symbols, settings.unbiased)
        write([text], output, codec_of(checked.report.encoding))
        _ = words(lang)
        lines = _.listed([str(c.span.line) for c in done])
        said = _("%(file)s: corrected line %(lines)s", file=output, lines=lines) if done else _("%(file)s: nothing was corrected", file=output)
        click.echo(said, err=True)
    return checked


def codec_of(encoding: str) -> str:
    """Python's name of the encoding that a report tells of, for writing the like."""
    return {"UTF-8 with BOM": "utf-8-sig", "GB18030": "gb18030", "UTF-16": "utf-16"}.get(encoding, "utf-8")


def _print(checked: Iterable[Any], format_: str, several: bool, given: dict[str, Any], output: str | None, status: _Status) -> None:
    import shutil

    from symderiv import __version__
    from symderiv.render.report import ReportOptions, render_reports
    from symderiv.render.report.words import words

    width = shutil.get_terminal_size((100, 24)).columns if output is None and sys.stdout.isatty() else 100
    colour = format_ == "text" and wants_colour(given["color"], output)
    options = ReportOptions(format_, given["lang"], colour, max(width, 40), several, __version__)
    checked = iter(checked)
    if not several:
        first = next(checked)
        if first.report.problem is not None:
            fail(f"{first.report.file}: {words(given['lang']).message(first.report.problem)}.")
        checked = iter([first])
    write(render_reports(checked, options), output)
