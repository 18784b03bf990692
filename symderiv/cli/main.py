"""The commands, thin: each calls the API and one place writes and reports."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from symderiv import __version__
from symderiv.cli.arguments import derivations, layer_of, layer_options, options_of, refuse_early
from symderiv.cli.check import check
from symderiv.cli.embed import embed
from symderiv.cli.kinds import Command, Languages, complete_layer
from symderiv.cli.output import (
    fail,
    files_of,
    picture_stem,
    refuse_unwritable,
    silence_standard_output,
    terminal_columns,
    wants_colour,
    write,
    write_pictures,
)
from symderiv.cli.progress import Progress, watched
from symderiv.cli.typeset import typesetter_of
from symderiv.model import InternalError, SymderivError
from symderiv.option_names import typed_as

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Program(click.Group):
    """A group that tells of every error in one or two lines, with exit status 2."""

    command_class = Command

    def main(
        self, args: Sequence[str] | None = None, prog_name: str | None = None, complete_var: str | None = None,
        standalone_mode: bool = True, **extra: Any,
    ) -> Any:
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, **extra)
        try:
            status = super().main(args, prog_name, complete_var, False, **extra)
        except click.UsageError as error:
            if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
                click.echo(error.format_message())
                raise SystemExit(0) from None
            where = error.ctx.command_path if error.ctx else "symderiv"
            said = " ".join(error.format_message().split()).rstrip(".")
            fail(f"{said}{'' if said.endswith('?') else '.'} See '{where} --help'.")
        except click.ClickException as error:
            fail(error.format_message())
        except click.Abort:
            fail("interrupted; no file is left half-written.", status=130)
        except BrokenPipeError:
            silence_standard_output()
            raise SystemExit(0) from None
        except OSError as error:
            silence_standard_output()
            fail(f"standard output can't be written: {error.strerror or error}.")
        raise SystemExit(status if isinstance(status, int) else 0)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and args[0] in complete_layer(ctx, self.params[0], ""):
            raise click.UsageError(f"{args[0]} is a layer: write 'symderiv derive {args[0]} ...'", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SymderivError as error:
            fail(str(error))
        except InternalError as error:
            fail(f"internal error, nothing was written: {error}. Please report it.")
        except (BrokenPipeError, click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            if os.environ.get("SYMDERIV_TRACEBACK"):
                raise
            what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            fail(f"internal error, nothing was written: {what}. Please report it (SYMDERIV_TRACEBACK=1 shows where).")


@click.group(cls=Program, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="symderiv")
def main() -> None:
    """Write the backward pass of a layer, with every step and its reason, and verify it.

    \b
    symderiv derive conv2d --input 3x3 --kernel 2x2 -o notes.md
    symderiv derive max_pool2d --input 3x3 --kernel 2x2 --stride 1 --lang zh
    symderiv derive --formula 'O[i,j] = sum(k=1..4, I[i,k]*W[k,j])' --shape I=3x4 --shape W=4x2
    symderiv check notes.md
    """


main.add_command(check)
main.add_command(embed)


def _describing(command: Any) -> Any:
    """The layer's name, and the options that describe it."""
    for option in reversed(layer_options()):
        command = option(command)
    return click.argument("layer", required=False, shell_complete=complete_layer)(command)


@main.command()
@_describing
@click.option("--wrt", metavar="T,...", help="The tensors to differentiate by, as I,W,b (default: all).")
@click.option("--show", metavar="PART,...", help="The parts to write (json has them all): result, setting, forward, entry, strip, general, regions, elements, matrix, check; pictures, or picture-window, -entry, -regions, -backward, -matrix, -maxima; all for everything.")
@click.option("--entry", metavar="P,Q", help="The entry of the input to work through and draw, as 1,2 (default: one that shows most).")
@click.option("--expand", type=click.Choice(["auto", "all", "none"]), default="auto", help="Element equations: all, none, or those of up to 100 entries.")
@click.option("--format", "format_", type=click.Choice(["latex", "markdown", "text", "json", "html", "typst", "pdf", "png", "svg", "docx"]), help="Default: by -o's name, text on a terminal, markdown otherwise.")
@click.option("--lang", type=Languages(), default="en", help="The language of the document: en, zh, or en,zh with -o notes.md for notes.en.md and notes.zh.md.")
@click.option("--style", type=click.Choice(["default", "notes"]), default="default", help="notes: the structure and letters of handwritten notes.")
@click.option("--symbols", metavar="ROLE=S,...", help=r"Printed symbols, as input=X,weight=K,output=Y,bias=b,loss=L,upstream=\delta.")
@click.option("--index-base", type=int, default=1, metavar="0|1", help="Count positions from 0 or from 1.")
@click.option("--width", metavar="W", help="Line width: points for latex, typst, pdf and pictures (345pt), columns for text (80).")
@click.option("--heading-level", type=int, default=2, metavar="N", help="Level of the headings of markdown and typst (default 2, that is ## or ==).")
@click.option("--period", metavar="MARK", help="What ends a displayed sentence: '.', '。', '．' or nothing (default: '.').")
@click.option("--math", type=click.Choice(["fence", "dollar"]), default="fence", help="Markdown displays: ```math (GitHub) or $$ (pandoc, Quarto).")
@click.option("--pdf-engine", type=click.Choice(["typst", "latex"]), default="typst", help="What makes a PDF: the typst package (symderiv[pdf]), or an installed TeX.")
@click.option("--class", "class_", type=click.Choice(["article", "a4", "twocolumn", "IEEEtran", "acm", "beamer"]), help="LaTeX: break lines for the columns of this document class (default article); with --standalone, a document in it.")
@click.option("--number", is_flag=True, help="LaTeX: number the equations.")
@click.option("--label-prefix", metavar="P", help=r"LaTeX: number and label them, as conv: for \ref{conv:dI}, conv:dW, conv:O, conv:dI-1-2.")
@click.option("--break", "break_", type=click.Choice(["split", "multline", "none"]), default="split", help="LaTeX: how a long equation is broken: at its equals sign, over the whole width, or not.")
@click.option("--sty", is_flag=True, help="LaTeX: use the macros of symderiv.sty (see 'symderiv templates').")
@click.option("--standalone", is_flag=True, help="A whole LaTeX or Typst document instead of a fragment.")
@click.option("--template-dir", type=click.Path(exists=True, file_okay=False), help="Your templates, laid over the shipped ones.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour of --format text; NO_COLOR and FORCE_COLOR are honoured.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file, in one go.")
def derive(layer: str | None, **given: Any) -> None:
    """Derive and verify the gradients of LAYER (see 'symderiv layers') or of a --formula."""
    given["output"] = None if given["output"] == "-" else given["output"]
    context = click.get_current_context()
    typed = [n for n in given if context.get_parameter_source(n) is ParameterSource.COMMANDLINE]
    options = options_of(given, typed)
    found = layer_of(layer, given)
    files = files_of(given["lang"], given["output"])
    for output in files.values():
        refuse_unwritable(output)
    typesetter = typesetter_of(given)
    from symderiv.render.document import pictures_beside, render
    from symderiv.render.empty import left_out
    from symderiv.render.options import parts_of

    wrt = parts_of("wrt", given["wrt"]) if given["wrt"] is not None else None
    refuse_early(found, options, wrt)
    if options.format == "text":
        width = options.width if options.width is not None else terminal_columns(given["output"])
        options = replace(options, colour=wants_colour(given["color"], given["output"]), width=width)
    with Progress(watched(given["output"])) as tick:
        data, further = derivations(found, options, wrt, tick)
        for told in left_out(data, options.show) if "show" in typed else []:
            click.echo(f"symderiv: {told}", err=True)
        for lang, output in files.items():
            chosen = replace(options, lang=lang, picture_stem=None if typesetter else picture_stem(options.format, output))
            write_pictures(pictures_beside(data, chosen, further), output)
            write(typesetter.made(data, chosen, further, tick) if typesetter else render(data, chosen, further, tick), output)
    if len(files) > 1:
        click.echo(f"symderiv: wrote {' and '.join(map(str, files.values()))}.", err=True)


@main.command()
@_describing
@click.option("--against", type=click.Choice(["exact", "torch"]), default="exact", help="exact: enumeration of the forward pass; torch: autograd in float64.")
def verify(layer: str | None, against: str, **given: Any) -> None:
    """Check every gradient of LAYER against an oracle that shares no code with the engine."""
    found = layer_of(layer, given)
    from symderiv.api import derive_data, verify_torch

    if against == "torch":
        click.echo(verify_torch(found))
        return
    v = derive_data(found).verification
    positions = f"{v.passed} of {v.checked} positions and " if v.checked else ""
    click.echo(f"{found.name}: {v.method}: {positions}{v.steps_passed} of {v.steps_checked} steps agree.")
    if v.sample:
        click.echo(f"judged at: {v.sample}")


@main.command()
def layers() -> None:
    """List the layers, their options and an example each.

    A size is a number for all axes, AxB, or a name (HxV) for the formula that holds for every size.
    """
    from symderiv.layers import EXAMPLES, LAYERS, accepted

    for name, example in EXAMPLES.items():
        options = map(typed_as, accepted(name)) if name in LAYERS else ("--shape",)
        title = name if name in LAYERS else "--formula F, a layer of your own"
        click.echo(f"{title}\n    {' '.join(options)}\n    symderiv derive {example}")


@main.command()
@click.option("--export", "folder", type=click.Path(file_okay=False), metavar="DIR", help="Copy the shipped templates here.")
@click.option("--sty", "package", type=click.Path(dir_okay=False), metavar="FILE", help="Write symderiv.sty, the macros of 'derive --sty', here.")
def templates(folder: str | None, package: str | None) -> None:
    """Copy the templates or the LaTeX macros out, to restyle them."""
    if (folder is None) == (package is None):
        raise SymderivError("give --export DIR for the templates, or --sty symderiv.sty for the LaTeX macros.")
    if folder is not None:
        _export(folder)
    if package is not None:
        from symderiv.render.document import template_folder

        if os.path.exists(package):
            raise SymderivError(f"--sty {package}: this file is there, and may hold your own macros. Name another, or delete it.")
        write([(template_folder() / "latex" / "symderiv.sty").read_text(encoding="utf-8")], package)


def _export(folder: str) -> None:
    import shutil
    from pathlib import Path

    from symderiv.render.document import template_folder

    target = Path(folder)
    try:
        if target.exists() and any(target.iterdir()):
            raise SymderivError(f"--export {folder}: the folder is not empty. Name a new one.")
        shutil.copytree(template_folder(), target, dirs_exist_ok=True)
    except OSError as error:
        raise SymderivError(f"--export {folder}: the templates can't be written there: {_reason(error)}. Name another folder.") from error
    click.echo(f"templates copied to {folder}")


def _reason(error: OSError) -> str:
    """The system's words; shutil gathers those of several files."""
    if error.strerror is None and error.args and isinstance(error.args[0], list):
        return str(error.args[0][0][2])
    return error.strerror or str(error)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    maker = get_completion_class(shell)
    assert maker is not None
    click.echo(maker(main, {}, "symderiv", "_SYMDERIV_COMPLETE").source())


@main.command()
@click.argument("document", type=click.Choice(["derivation", "check"]))
def schema(document: str) -> None:
    """Print the JSON Schema of a document that other programs read."""
    from importlib.resources import files

    click.echo(files("symderiv.schemas").joinpath(f"{document}.json").read_text(encoding="utf-8"), nl=False)
