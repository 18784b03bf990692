"""``symderiv embed``: the directives of documents are answered in place, again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, NoReturn

import click

from symderiv.cli.kinds import Command
from symderiv.cli.output import fail, write
from symderiv.model import SymderivError


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    check: bool
    check_message: str | None
    diff: bool
    remove: bool
    force: bool
    watch: bool

    @property
    def writes(self) -> bool:
        """Whether files are changed at all."""
        return not (self.check or self.diff)


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the blocks that are not current.")
@click.option("--check-message", metavar="TEXT", help="With --check: what to tell whoever left a block behind.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--remove", is_flag=True, help="Take the contents of the blocks out; the directives stay.")
@click.option("--watch", is_flag=True, help="Go on, and write again whenever a FILE changes or comes into a folder; end it with Ctrl-C.")
@click.option("--force", is_flag=True, help="Overwrite blocks that were edited by hand.")
def embed(paths: tuple[str, ...], **given: Any) -> None:
    """Write derivations into documents: FILE is Markdown, LaTeX, reStructuredText, HTML, Typst or a notebook, or a folder.

    \b
    Markdown, HTML, notebooks  <!-- symderiv: conv2d --input 3x3 --kernel 2x2 --show general -->
                               <!-- /symderiv -->
    LaTeX                      % symderiv: conv2d --input 3x3 --kernel 2x2
                               % /symderiv
    reStructuredText           .. symderiv: conv2d --input 3x3 --kernel 2x2
                               .. /symderiv
    Typst                      // symderiv: conv2d --input 3x3 --kernel 2x2
                               // /symderiv

    What stands between the markers is replaced; everything else stays byte for byte. A directive takes the
    options of 'symderiv derive'; [tool.symderiv] in the nearest pyproject.toml sets defaults of --symbols,
    --lang, --index-base and --math.

    \b
    Exit status: 0 done; 1 with --check: a block is not current; 2 nothing was written.
    """
    asked = Asked(**given)
    if asked.check_message is not None and not asked.check:
        raise SymderivError("--check-message is for --check: give both, or neither.")
    if asked.watch and not (asked.writes and not asked.remove):
        raise SymderivError("--watch writes whenever a file changes: leave out --check, --diff and --remove.")
    if not all(paths):
        raise SymderivError("a FILE has an empty name: name a document or a folder.")
    from symderiv.embed.files import documents

    names = documents(paths)
    if asked.watch:
        _follow(paths, names, asked)
    raise SystemExit(_run(names, asked))


def _follow(paths: Sequence[str], names: Sequence[str], asked: Asked) -> NoReturn:
    """Write now and at each change, in what is new in a folder too; what is wrong is said, and the next change waited for."""
    from symderiv.cli.watch import changes

    following = changes(paths)
    # Ctrl-C ends it, in the midst of writing too: a file is put in place in one go
    with suppress(KeyboardInterrupt):
        for first, changed in chain([(True, names)], ((False, n) for n in following)):
            with suppress(SystemExit):
                try:
                    _run(changed, asked, quiet=not first)
                except SymderivError as error:
                    fail(str(error))
    raise SystemExit(0)


def _run(names: Sequence[str], asked: Asked, quiet: bool = False) -> int:
    """Plan all, then write all; the exit status. ``quiet``: not a word where there is nothing to do."""
    planned = _planned(names, asked)
    faults = [(f.where, f.message) for d in planned for f in d.faults]
    edited = [(b.where, EDITED) for d in planned for b in d.blocks if b.state == "edited" and not asked.force]
    if asked.writes:
        faults += edited
    elif asked.diff and not asked.check:
        click.echo("".join(f"symderiv: {where}: {message}\n" for where, message in edited), nl=False, err=True)
    if faults:
        fail("\nsymderiv: ".join(f"{where}: {message}" for where, message in faults))
    if asked.diff:
        write((line for d in planned for line in _diff(d)), None)
    if asked.check:
        return _checked(planned, asked)
    if asked.writes:
        _write(planned, asked, quiet)
    return 0


EDITED = "this block was edited by hand and is not overwritten: --force overwrites it; move the edit out of the markers to keep it."


def _planned(names: Sequence[str], asked: Asked) -> list[Any]:
    from symderiv.cli.directives import Directives, project_of
    from symderiv.embed.files import plan_file
    from symderiv.embed.plan import Wish

    fills: dict[Any, Directives] = {}
    for name in names if not asked.remove else ():
        fill = fills.setdefault(project_of(name), Directives(project_of(name)))
        plan_file(name, Wish(fill.note))
    for fill in fills.values():
        fill.ahead()
    found = []
    for name in names:
        project = project_of(name)
        fill = fills.setdefault(project, Directives(project))
        found.append(plan_file(name, Wish(None if asked.remove else fill, asked.force)))
    return found


def _checked(planned: Sequence[Any], asked: Asked) -> int:
    behind = [b for d in planned for b in d.blocks if b.state != "current"]
    for block in behind:
        what = "edited by hand" if block.state == "edited" else "stale"
        click.echo(f"{block.where}: {what}: {block.directive}")
    if not behind:
        return 0
    again = "symderiv embed --remove" if asked.remove else "symderiv embed"
    edited = any(b.state == "edited" for b in behind) and not asked.remove
    advice = f"run {again} on these files{'; what was edited by hand is overwritten with --force only' if edited else ''}."
    click.echo(f"symderiv: {asked.check_message or advice}", err=True)
    return 1


def _write(planned: Sequence[Any], asked: Asked, quiet: bool) -> None:
    from symderiv.embed.files import other_names, sweep
    from symderiv.embed.files import write as write_file

    sweep(d.name for d in planned)
    changed = [d for d in planned if d.changed]
    for k, document in enumerate(changed):
        linked = other_names(document.name)
        try:
            write_file(document)
        except KeyboardInterrupt:
            if asked.watch:
                raise
            fail(f"interrupted; {k} of {len(changed)} files were written, each whole: the same command writes the others.", status=130)
        count = sum(b.state != "current" for b in document.blocks)
        done = "emptied" if asked.remove else "written"
        click.echo(f"symderiv: {document.name}: {count} block{'s' if count > 1 else ''} {done}.", err=True)
        if linked:
            names = "another name (a hard link), which keeps" if linked == 1 else f"{linked} other names (hard links), which keep"
            click.echo(f"symderiv: {document.name} has {names} the old text; a symbolic link would follow.", err=True)
    if not quiet and not changed:
        count = sum(len(d.blocks) for d in planned)
        said = f"nothing to do: {count} block{'s' if count > 1 else ''} current" if count else _example(planned)
        click.echo(f"symderiv: {said}.", err=True)


def _example(planned: Sequence[Any]) -> str:
    """What is told where no directive is: how one is written in a document of the first one's kind."""
    from symderiv.embed.kinds import MARKDOWN, kind_of

    kind = next((kind for d in planned if (kind := kind_of(d.name))), MARKDOWN)
    return f"no directive was found; write one as {kind.begin.replace('...', 'conv2d --input 3x3 --kernel 2x2')} and {kind.end} beneath it"


def _diff(document: Any) -> Iterator[str]:
    import re
    from difflib import unified_diff

    before, after = (re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8")) for data in (document.before, document.after))
    if document.changed:
        for line in unified_diff(before, after, document.name, document.name):
            yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
