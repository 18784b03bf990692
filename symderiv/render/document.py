"""A derivation to a document: the templates are filled lazily, a piece at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symderiv.model import Derivation, Tick, quiet
from symderiv.render.elements import Elements
from symderiv.render.empty import has_numbers, not_empty
from symderiv.render.faults import faults_named, refuse_no_templates
from symderiv.render.numbers import Numbers
from symderiv.render.options import Options
from symderiv.render.paper import Paper, latex_rows
from symderiv.render.phrases import (
    clauses,
    kind_word,
    layer_title,
    letters,
    listed,
    notes_on,
    only_padding,
    output_follows,
    reason,
    region_word,
)
from symderiv.render.statement import write_statement
from symderiv.render.tables import Tables
from symderiv.render.view import Equation, View, count_of
from symderiv.render.width import tex_width, text_width
from symderiv.render.wrap import HARD_SPACE, wrap

_BLANK = re.compile(r"\n{3,}")


def template_folder() -> Path:
    """The shipped templates: inside an installed package, or beside an editable one."""
    inside = Path(__file__).resolve().parent.parent / "templates"
    return inside if inside.is_dir() else inside.parent.parent / "templates"


@dataclass(frozen=True)
class Page:
    """What a template sees of one derivation."""

    view: View
    elements: Elements
    tables: Tables
    numbers: Numbers | None
    title: str
    statement: str
    """The options that the document was made with, for whoever checks it."""


def render(data: Derivation, options: Options, further: Sequence[Derivation] = (), tick: Tick = quiet) -> Iterator[str]:
    """The document's text in pieces, so that memory does not grow with the input.

    ``further`` derivations follow in the same document, each under its layer's name.

    Raises:
        SymderivError: an option does not fit the derivation.
    """
    if options.format == "json":
        from symderiv.render.json_text import json_pieces

        yield from json_pieces(data, options, tick)
        return
    say = translate(options.lang)
    pages = [_page(data, options, say, titled=bool(further), tick=tick)]
    pages += [_page(d, options, say, titled=True, tick=tick, mark=f"{d.layer.name}-") for d in further]
    with faults_named(options.template_dir):
        environment = _environment(options)
        environment.filters["inline"] = pages[0].view.inline
        template = environment.get_template(f"{options.format}/document.j2")
        yield from not_empty(_squeezed(template.generate(
            pages=pages, opts=options, count_of=count_of,
            reason=lambda page, step, g: reason(say, page.view, step, g),
            letters=lambda page: letters(say, page.view), notes_on=lambda page, g, node, told: notes_on(say, page.view, g, node, told),
            only_padding=lambda page, told: only_padding(say, page.view, told).strip(), output_follows=lambda page: output_follows(say, page.view),
            region_word=lambda word: region_word(say, word),
            kind_word=lambda kind, count: kind_word(say, kind, count),
            listed=lambda items: listed(say, items),
            clauses=lambda items: clauses(say, items),
        )), options, all(d.layer.numeric for d in (data, *further)))


def general_display(data: Derivation, options: Options) -> str:
    """The general gradients in one display: ``$$\\begin{aligned} ... \\end{aligned}$$``."""
    view = View(data, options, tex_width)
    rows = (_tex_join(view.general(g)) for g in data.gradients)
    return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


def _squeezed(pieces: Iterable[str]) -> Iterator[str]:
    """The text without blank lines at its start, and with one at most elsewhere."""
    ends = 2
    for piece in pieces:
        out = piece.replace(HARD_SPACE, " ")
        if "\n\n\n" in out:
            out = _BLANK.sub("\n\n", out)
        start = len(out) - len(out.lstrip("\n"))
        out = "\n" * min(start, 2 - ends) + out[start:]
        if out:
            tail = len(out) - len(out.rstrip("\n"))
            ends = min(2, ends + tail) if tail == len(out) else min(2, tail)
            yield out


def _page(data: Derivation, options: Options, say: Callable[..., str], titled: bool, tick: Tick, mark: str = "") -> Page:
    view = View(data, options, text_width if options.format == "text" else tex_width, mark)
    elements = Elements(view, tick)
    worked = data.worked
    numbers = Numbers(elements, worked) if worked is not None and has_numbers(data) else None
    return Page(view, elements, Tables(elements), numbers if numbers and numbers.fit else None, layer_title(say, view) if titled else "", write_statement(data.layer, options.symbols, options.index_base))


def _environment(options: Options) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    if options.template_dir is not None:
        refuse_no_templates(options.template_dir, template_folder())
    folders = [options.template_dir] if options.template_dir else []
    environment = Environment(
        loader=FileSystemLoader([str(f) for f in (*folders, template_folder())]),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False, bytecode_cache=_compiled(),
    )
    environment.globals["_"] = translate(options.lang)
    bare = Paper(options.paper.document_class)
    environment.globals["join_equation"] = _joining(options)
    environment.globals["document_class"] = options.paper.place
    environment.filters["lines"] = lambda equation: latex_rows(bare, equation.left, equation.lines, "")
    environment.filters["label"] = lambda equation: options.paper.label(equation.name)
    environment.filters["unnamed"] = lambda row: row[1:]
    environment.filters["columns"] = text_width
    environment.filters["row"] = _joining(options)
    environment.filters["prose"] = _prose(options)
    environment.filters["wrapped"] = lambda text: wrap(text, int(options.room), text_width)
    return environment


def _compiled() -> Any:
    """Compiled templates in the user's own cache: compiling them takes a fifth of the time of a small document."""
    from jinja2 import FileSystemBytecodeCache
    from platformdirs import user_cache_dir

    folder = Path(user_cache_dir("symderiv", appauthor=False))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


def _translations(lang: str) -> Any:
    import gettext

    if lang == "en":
        return gettext.NullTranslations()
    folder = Path(__file__).resolve().parent / "locale"
    return gettext.translation("symderiv", str(folder), [lang])


def translate(lang: str) -> Callable[..., str]:
    """A function from an English phrase and its values to the phrase in ``lang``."""
    catalogue = _translations(lang)
    return lambda text, **values: str(catalogue.gettext(text)) % values


def _tex_join(equation: Equation) -> str:
    lines = " \\\\\n&\\quad ".join(equation.lines)
    return f"{equation.left} &= {lines}"


def _text_join(equation: Equation) -> str:
    first, *more = equation.lines
    return f"{equation.left} = {first}".rstrip() + "".join(f"\n{' ' * equation.hang}{line}" for line in more)


def _joining(options: Options) -> Callable[[Equation], str]:
    """From an equation to a row of an alignment, or to lines of a terminal."""
    if options.format == "latex":
        return lambda e: latex_rows(options.paper, e.left, e.lines, e.name)
    return _text_join if options.format == "text" else _tex_join


def _prose(options: Options) -> Callable[[str], str]:
    """Spaces beside inline mathematics: none between Han and $ in LaTeX, one in Markdown."""
    han = "\u4e00-\u9fff"

    def tidy(text: str) -> str:
        text = " ".join(text.split())
        if options.format == "latex":
            text = text.replace("--", "-{}-")
        if options.lang == "zh" and options.format != "text":
            gap = " " if options.format == "markdown" else ""
            text = re.sub(rf"([{han}]) *(\$[^$]+\$)", rf"\1{gap}\2", text)
            text = re.sub(rf"(\$[^$]+\$) *([{han}])", rf"\1{gap}\2", text)
        if options.lang == "zh":
            text = re.sub(r" +(?=[（，。；：、？！）])|(?<=[（，。；：、？！）]) +", "", text)
        return text

    return tidy
