"""A directive to the text that it asks for: its options are those of ``derive``, read by the same code."""

from __future__ import annotations

import gc
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from symderiv.cli.arguments import derivations, extent_of, layer_of, options_of, refuse_early
from symderiv.cli.batch import in_order, processes
from symderiv.embed.kinds import Kind
from symderiv.model import SymderivError
from symderiv.option_names import flag

NOT_HERE = {
    "output": "a directive writes where it stands", "pdf_engine": "a directive makes no PDF", "format_": "the document's kind gives the format",
    "standalone": "a directive writes a part of a document", "color": "a document has no colours",
    "template_dir": "a directive reads no files",
}
"""Options of ``derive`` that a directive may not have, and why."""
MOST_CHARACTERS = 2_000
"""Of a directive."""
MOST_TEXT = 4_000_000
"""Characters of one block."""
_WRITING = re.compile(r" --(?:show|expand|lang)\b")
"""From here on a directive is about the writing, where it stands in the usual order."""
KEYS = ("symbols", "lang", "index-base", "math", "heading-level")
"""What ``[tool.symderiv]`` may hold."""


class Directives:
    """The text of every directive; the same one is derived once."""

    def __init__(self, project: Path | None) -> None:
        self._project = project
        self._known: dict[tuple[str, str], str] = {}
        self._derivations: dict[Any, Any] = {}
        self._noted: list[tuple[Kind, str]] = []

    def __call__(self, kind: Kind, directive: str) -> str:
        """What stands beneath the directive.

        Raises:
            SymderivError: it can't be.
        """
        key = kind.name + str(kind.math), directive
        if key not in self._known:
            text = self._derived(directive, kind)
            self._known[key] = kind.convert(text) if kind.convert else text
        return self._known[key]

    def note(self, kind: Kind, directive: str) -> None:
        """Remember a directive for ``ahead``; nothing is derived yet, and its block is left as it is."""
        self._noted.append((kind, directive))

    def ahead(self) -> None:
        """Derive what was noted, over several processes if it is much; what can't be answered is left for when its turn comes."""
        waiting = sorted(dict.fromkeys(self._noted), key=lambda pair: pair[1])
        jobs = processes(None, len(waiting) - 1)
        if jobs <= 1:
            return
        first, *rest = waiting
        with suppress(SymderivError):
            self(*first)  # what it loads, the processes have from the start
        # a share is what one derivation answers: small, so that no process works long after the others are done
        shares = [list(alike) for _, alike in groupby(rest, lambda pair: _WRITING.split(pair[1])[0])]
        # else each process would go through all that is loaded when it collects, and so copy it
        gc.freeze()
        try:
            for known in in_order(partial(_answered, self._project), shares, jobs):
                self._known.update(known)
        finally:
            gc.unfreeze()

    @cached_property
    def _defaults(self) -> dict[str, str]:
        return _defaults(self._project) if self._project else {}

    def _derived(self, directive: str, kind: Kind) -> str:
        try:
            return _derived(directive, kind, self._defaults, self._derivations)
        except SymderivError as error:
            blamed = [key for key in self._defaults if flag(key) in str(error) and flag(key) not in directive]
            raise SymderivError(f"{error} ({flag(blamed[0])} comes from {self._project}.)" if blamed else str(error)) from error


def _answered(project: Path | None, asked: Sequence[tuple[Kind, str]]) -> dict[tuple[str, str], str]:
    """The texts of directives, by what ``Directives`` knows them by."""
    fill = Directives(project)
    for pair in asked:
        with suppress(SymderivError):
            fill(*pair)
    return fill._known


def _derived(directive: str, kind: Kind, defaults: Mapping[str, str], known: dict[Any, Any]) -> str:
    """The text of a directive; ``known`` derivations, by layer and tensors, are not made again."""
    from symderiv.render.document import render
    from symderiv.render.options import parts_of
    from symderiv.render.statement import write_statement

    given, typed, preset = _read(directive, {**defaults, **_of_kind(kind)})
    for option, why in NOT_HERE.items():
        if option in typed:
            raise SymderivError(f"{flag(option.rstrip('_'))} can't stand in a directive: {why}. Leave it out.")
    if "heading_level" in typed and not kind.has_levels:
        raise SymderivError(f"--heading-level has no effect in {kind.name}: its headings have no level here. Leave it out.")
    if len(given["lang"]) > 1:
        raise SymderivError(f"--lang {','.join(given['lang'])}: a directive writes one language. Write a directive for each.")
    given["format_"] = kind.format
    layer = layer_of(given.pop("layer"), given)
    if "symbols" in preset:
        given["symbols"] = _of_its_roles(given["symbols"], layer)
    options = options_of(given, typed, fixed=True)
    wrt = parts_of("wrt", given["wrt"]) if given["wrt"] is not None else None
    refuse_early(layer, options, wrt)
    extent = extent_of(options)
    key = write_statement(layer), tuple(wrt or ()), options.style
    if key not in known or known[key][0] < extent:
        known[key] = extent, derivations(layer, options, wrt)
    data, further = known[key][1]
    pieces, size = [], 0
    for piece in render(data, options, further):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_TEXT:
            raise SymderivError("the block would be longer than 4 million characters. Use --expand none, or --show with fewer parts.")
    return "".join(pieces)


def _of_kind(kind: Kind) -> dict[str, str]:
    """The options of ``derive`` whose defaults are other ones in such a document."""
    given = {"math": kind.math, "heading_level": kind.heading_level}
    return {name: str(value) for name, value in given.items() if value is not None}


def _read(directive: str, defaults: Mapping[str, str]) -> tuple[dict[str, Any], list[str], list[str]]:
    """The values of all options of ``derive``, the names of those typed, and of those that a default gave."""
    from symderiv.cli.main import derive

    if len(directive) > MOST_CHARACTERS:
        raise SymderivError(f"the directive is longer than {MOST_CHARACTERS} characters.")
    try:
        words = shlex.split(directive)
    except ValueError as error:
        raise SymderivError(f"the directive's quotes: {str(error).lower()}. Close each quote.") from error
    if not words:
        raise SymderivError("the directive is empty: name a layer, as conv2d --input 3x3 --kernel 2x2.")
    if words[0] in ("derive", "symderiv"):
        raise SymderivError(f"leave out {words[0]}: a directive begins with the layer, as conv2d --input 3x3 --kernel 2x2.")
    try:
        # No --help: it would print, and end the run.
        with derive.make_context("symderiv derive", words, help_option_names=[], default_map=dict(defaults)) as context:
            sources = {name: context.get_parameter_source(name) for name in context.params}
            typed = [n for n, s in sources.items() if s is ParameterSource.COMMANDLINE]
            return dict(context.params), typed, [n for n, s in sources.items() if s is ParameterSource.DEFAULT_MAP]
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption):
            barred = {flag(n.rstrip("_")) for n in NOT_HERE}
            error = click.NoSuchOption(error.option_name, possibilities=[p for p in error.possibilities or () if p not in barred], ctx=error.ctx)
        said = " ".join(error.format_message().split()).rstrip(".")
        raise SymderivError(f"{said}{'' if said.endswith('?') else '.'} See 'symderiv derive --help'.") from error


def _of_its_roles(symbols: str, layer: Any) -> str | None:
    """A project's symbols, those left out that this layer has no tensor for."""
    from symderiv.render.options import TENSOR_OF, symbols_of

    names = {t.name for t in layer.tensors}
    kept = [f"{r}={s}" for r, s in symbols_of(symbols).items() if r not in TENSOR_OF or r == "loss" or TENSOR_OF[r] in names]
    return ",".join(kept) or None


def project_of(name: str) -> Path | None:
    """The pyproject.toml nearest to a document, whose ``[tool.symderiv]`` gives defaults."""
    folders = Path(os.path.realpath(name)).parents
    return next((f / "pyproject.toml" for f in folders if (f / "pyproject.toml").is_file()), None)


def _defaults(project: Path) -> dict[str, str]:
    """The table ``[tool.symderiv]``, by the names of ``derive``'s parameters.

    Raises:
        SymderivError: it can't be read, or holds what it can't.
    """
    try:
        data = project.read_bytes()
    except OSError as error:
        raise SymderivError(f"{project} can't be read: {error.strerror}.") from error
    if b"symderiv" not in data:
        return {}
    table = _parsed(project, data).get("tool", {}).get("symderiv", {})
    if not isinstance(table, dict):
        raise SymderivError(f"{project}: tool.symderiv is no table: write [tool.symderiv] and lines such as lang = \"zh\".")
    return {key.replace("-", "_"): _default(project, key, value) for key, value in table.items()}


def _default(project: Path, key: str, value: Any) -> str:
    if key not in KEYS:
        raise SymderivError(f"{project}: [tool.symderiv] has no {key}; it takes {', '.join(KEYS)}.")
    if key == "symbols" and isinstance(value, dict) and all(isinstance(v, str) for v in value.values()):
        return ",".join(f"{role}={symbol}" for role, symbol in value.items())
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise SymderivError(f"{project}: [tool.symderiv] {key} = {value!r}: write it as on the command line, in quotes.")
    return str(value)


def _parsed(project: Path, data: bytes) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = _toml(project).loads(data.decode("utf-8"))
    except ValueError as error:
        raise SymderivError(f"{project}: {error}.") from error
    return parsed


def _toml(project: Path) -> Any:
    for module in ("tomllib", "tomli"):
        try:
            return import_module(module)
        except ImportError:
            continue
    raise SymderivError(f"{project} has [tool.symderiv], which Python 3.10 reads with tomli: pip install tomli.")
