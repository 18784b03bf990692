"""A derivation to a document: the templates are filled lazily, a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from symderiv.model import Derivation
from symderiv.render.options import Options
from symderiv.render.phrases import layer_title, reason, region_word
from symderiv.render.view import Equation, View, count_of
from symderiv.render.width import tex_width, text_width


def template_folder() -> Path:
    """The shipped templates: inside an installed package, or beside an editable one."""
    inside = Path(__file__).resolve().parent.parent / "templates"
    return inside if inside.is_dir() else inside.parent.parent / "templates"


def render(data: Derivation, options: Options, further: Sequence[Derivation] = ()) -> Iterator[str]:
    """The document's text in pieces, so that memory does not grow with the input.

    ``further`` derivations follow in the same document, each under its layer's name.

    Raises:
        SymderivError: an option does not fit the derivation.
    """
    if options.format == "json":
        from symderiv.render.json_text import json_pieces

        yield from json_pieces(data, options)
        return
    width: Callable[[str], float] = text_width if options.format == "text" else tex_width
    views = [View(d, options, width) for d in (data, *further)]
    say = translate(options.lang)
    titles = [layer_title(say, v) if further else "" for v in views]
    environment = _environment(options)
    template = environment.get_template(f"{options.format}/document.j2")
    yield from template.generate(
        docs=list(zip(views, titles, strict=True)), opts=options, count_of=count_of,
        reason=lambda doc, step, g: reason(say, doc, step, g),
        region_word=lambda word: region_word(say, word),
        **_signs(options),
    )


def _signs(options: Options) -> dict[str, str]:
    """The signs that a template writes between matrices."""
    if options.format == "text":
        return {"star": " ⋆ ", "star_sign": "⋆", "pool_arrow": " → "}
    return {"star": r" \star ", "star_sign": r"\star", "pool_arrow": r" \xrightarrow{\text{pool}} "}


def _environment(options: Options) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folders = [options.template_dir] if options.template_dir else []
    environment = Environment(
        loader=FileSystemLoader([str(f) for f in (*folders, template_folder())]),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False,
    )
    environment.globals["_"] = translate(options.lang)
    environment.globals["join_equation"] = _JOIN[options.format]
    environment.filters["columns"] = text_width
    environment.filters["row"] = _JOIN[options.format]
    environment.filters["prose"] = _prose(options)
    return environment


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
    indent = " " * (len(equation.left) + 3)
    return f"{equation.left} = " + f"\n    {indent}".join(equation.lines)


_JOIN = {"latex": _tex_join, "markdown": _tex_join, "text": _text_join}


def _prose(options: Options) -> Callable[[str], str]:
    """Spaces beside inline mathematics: none between Han and $ in LaTeX, one in Markdown."""
    import re

    han = "\u4e00-\u9fff"

    def tidy(text: str) -> str:
        text = " ".join(text.split())
        if options.lang == "zh" and options.format != "text":
            text = re.sub(rf"([{han}）]) *(\$[^$]+\$)", r"\1 \2" if options.format == "markdown" else r"\1\2", text)
            text = re.sub(rf"(\$[^$]+\$) *([{han}（])", r"\1 \2" if options.format == "markdown" else r"\1\2", text)
        return text

    return tidy
