"""A derivation to a document: the templates are filled lazily, a piece at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symderiv.model import Derivation, Position, SymderivError, Tick, quiet
from symderiv.render.elements import Elements
from symderiv.render.empty import has_numbers, not_empty, refuse_empty
from symderiv.render.faults import faults_named, refuse_no_templates
from symderiv.render.labels import with_labels_told
from symderiv.render.numbers import Numbers
from symderiv.render.options import Options, refuse_no_entry
from symderiv.render.paper import Paper, latex_rows, may_break
from symderiv.render.phrases import (
    axes_word,
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
from symderiv.render.pictures import Pictures, picture_files
from symderiv.render.statement import write_statement
from symderiv.render.tables import Tables
from symderiv.render.typst import typst_math, typst_prose, typst_string
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
    pictures: Pictures
    title: str
    statement: str
    """The options that the document was made with, for whoever checks it."""
    explorer: Mapping[str, object] | None = None
    """In a web page, what its script evaluates; None where there is nothing to explore."""


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
    pages = _pages(data, options, further, tick)
    with faults_named(options.template_dir):
        environment = _environment(options)
        environment.filters["inline"] = pages[0].view.inline
        template = environment.get_template(f"{options.format}/document.j2")
        pieces = not_empty(_squeezed(template.generate(
            pages=pages, opts=options, count_of=count_of, title=_title(pages[0], say),
            reason=lambda page, step, g: reason(say, page.view, step, g),
            letters=lambda page: letters(say, page.view), notes_on=lambda page, g, node, told: notes_on(say, page.view, g, node, told),
            only_padding=lambda page, told: only_padding(say, page.view, told).strip(), output_follows=lambda page: output_follows(say, page.view),
            region_word=lambda word: region_word(say, word), axes_word=lambda layer, tensor, strip: axes_word(say, layer, tensor, strip),
            layer_title=lambda page: layer_title(say, page.view), refuse_empty=lambda page: refuse_empty(options, page.view.layer.numeric),
            kind_word=lambda kind, count: kind_word(say, kind, count),
            listed=lambda items: listed(say, items),
            clauses=lambda items: clauses(say, items),
        )), options, all(d.layer.numeric for d in (data, *further)))
        prefix = options.paper.label_prefix if options.format == "latex" else None
        yield from pieces if prefix is None else with_labels_told(pieces, prefix)


def pictures_beside(data: Derivation, options: Options, further: Sequence[Derivation] = ()) -> dict[str, str]:
    """The files of the pictures of a Markdown document, by their names; only with ``options.picture_stem``."""
    if options.picture_stem is None:
        return {}
    return {name: text for page in _pages(data, options, further, quiet) for name, text in picture_files(page.pictures).items()}


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


def picture_svg(data: Derivation, options: Options, kind: str) -> str:
    """One picture as SVG.

    Raises:
        SymderivError: the layer has none of that kind, or no such entry.
    """
    refuse_no_entry(data.layer, options)
    pictures = _page(data, replace(options, show=("pictures",)), translate(options.lang), titled=False, tick=quiet).pictures
    found = next((k for k in pictures.kinds if k == kind), None)
    if found is None:
        raise SymderivError(f"there is no picture {kind!r} of this layer; it has {', '.join(pictures.kinds) or 'none'}.")
    return pictures.svg(found)


def _pages(data: Derivation, options: Options, further: Sequence[Derivation], tick: Tick) -> list[Page]:
    """A page of each derivation; the pictures and labels of a further one have names of their own."""
    say, stem = translate(options.lang), options.picture_stem
    first = _page(data, options, say, titled=bool(further), tick=tick)
    others = ((d, replace(options, picture_stem=f"{stem}-{d.layer.name}") if stem else options) for d in further)
    return [first, *(_page(d, o, say, titled=True, tick=tick, mark=f"{d.layer.name}-") for d, o in others)]


def _page(data: Derivation, options: Options, say: Callable[..., str], titled: bool, tick: Tick, mark: str = "") -> Page:
    view = View(data, options, _WIDTH.get(options.format, tex_width), mark)
    elements = Elements(view, tick)
    worked = data.worked
    numbers = Numbers(elements, worked) if worked is not None and has_numbers(data) else None
    pictures = Pictures(view, say, _entry_drawn(elements))
    return Page(view, elements, Tables(elements), numbers if numbers and numbers.fit else None, pictures, layer_title(say, view) if titled else "",
                write_statement(data.layer, options.symbols, options.index_base), _explorer(view, say))


def _explorer(view: View, say: Callable[..., str]) -> Mapping[str, object] | None:
    if view.options.format != "html":
        return None
    from symderiv.render.html.data import explorer

    return explorer(view, say)


def _entry_drawn(elements: Elements) -> Position | None:
    """The entry that the pictures are about: the one that the text works through."""
    given = elements.view.options.entry
    by_input = [g for g in elements.view.data.gradients if g.tensor.role == "input" and g.regions]
    worked = elements.worked_entry(by_input[0]) if by_input and given is None and elements.view.layer.axes else None
    return worked[0] if worked else given


def _title(page: Page, say: Callable[..., str]) -> str:
    """What a reader of files calls the document: the layer, and what it was asked with."""
    colon = "：" if page.view.options.lang == "zh" else ": "
    return f"{layer_title(say, page.view)}{colon}{page.statement}"


_ENVIRONMENTS: dict[str, Any] = {}
"""Of the last options, by all that they say: many blocks of one document have the same."""


def _environment(options: Options) -> Any:
    key = repr(options)
    if key not in _ENVIRONMENTS:
        if len(_ENVIRONMENTS) >= 8:
            _ENVIRONMENTS.clear()
        _ENVIRONMENTS[key] = _new_environment(options)
    return _ENVIRONMENTS[key]


def _new_environment(options: Options) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    if options.template_dir is not None:
        refuse_no_templates(options.template_dir, template_folder())
    folders = [options.template_dir] if options.template_dir else []
    environment = Environment(
        loader=FileSystemLoader([str(f) for f in (*folders, template_folder())]),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False, bytecode_cache=_compiled(), auto_reload=options.template_dir is not None,
    )
    environment.globals["_"] = translate(options.lang)
    bare = Paper(options.paper.document_class)
    environment.globals["join_equation"] = _joining(options)
    environment.globals["document_class"] = options.paper.place
    environment.filters["lines"] = lambda equation: latex_rows(bare, equation.left, equation.lines, "", equation.flush)
    environment.filters["label"] = lambda equation: options.paper.label(equation.name)
    environment.filters["may_break"] = lambda equation: may_break(options.paper, equation.lines)
    environment.filters["unnamed"] = lambda row: row[1:]
    environment.filters["columns"] = text_width
    environment.filters["row"] = _joining(options)
    environment.filters["typst"], environment.filters["typst_string"] = typst_math, typst_string
    environment.filters["prose"] = _prose(options)
    if options.format == "html":
        from symderiv.render.html import page as html

        html.add_to(environment)
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
    return f"&{equation.left} = {lines}" if equation.flush else f"{equation.left} &= {lines}"


def _text_join(equation: Equation) -> str:
    first, *more = equation.lines
    return f"{equation.left} = {first}".rstrip() + "".join(f"\n{' ' * equation.hang}{line}" for line in more)


def _typst_join(equation: Equation) -> str:
    return typst_math(_tex_join(equation))


_JOIN = {"typst": _typst_join, "markdown": _tex_join, "text": _text_join}
_WIDTH: dict[str, Callable[[str], float]] = {"text": text_width, "html": lambda text: 0.0}


def _joining(options: Options) -> Callable[[Equation], str]:
    """From an equation to a row of an alignment, or to lines of a terminal."""
    if options.format == "latex":
        return lambda e: latex_rows(options.paper, e.left, e.lines, e.name, e.flush)
    if options.format == "html":
        from symderiv.render.html.page import equation

        return equation
    return _JOIN[options.format]


def _prose(options: Options) -> Callable[[str], str]:
    """Spaces beside inline mathematics: none between Han and $ in LaTeX, one in Markdown."""
    han = "\u4e00-\u9fff"

    def tidy(text: str) -> str:
        text = " ".join(text.split())
        if options.format == "latex":
            text = text.replace("--", "-{}-")
        if options.lang == "zh" and options.format != "text":
            gap = " " if options.format in ("markdown", "html", "typst") else ""
            text = re.sub(rf"([{han}]) *(\$[^$]+\$)", rf"\1{gap}\2", text)
            text = re.sub(rf"(\$[^$]+\$) *([{han}])", rf"\1{gap}\2", text)
        if options.lang == "zh":
            text = re.sub(r" +(?=[（，。；：、？！）])|(?<=[（，。；：、？！）]) +", "", text)
        return typst_prose(text) if options.format == "typst" else text

    return tidy
