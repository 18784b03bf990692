"""The one place that writes: to standard output, or to a file in one go."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from symderiv.model import SymderivError

BY_NAME = {".tex": "latex", ".md": "markdown", ".json": "json", ".txt": "text"}


def fail(message: str, status: int = 2) -> NoReturn:
    """Say what is wrong and how to go on; exit status 2 unless another is asked for."""
    click.echo(f"symderiv: {message}", err=True)
    raise SystemExit(status)


def chosen_format(format_: str | None, output: str | None) -> str:
    """The format asked for, or that of the file's name, or what suits the receiver."""
    if format_:
        return format_
    if output is not None:
        suffix = Path(output).suffix.lower()
        if suffix not in BY_NAME:
            raise SymderivError(f"-o {output}: the name's ending gives no format; use {', '.join(BY_NAME)} or --format.")
        return BY_NAME[suffix]
    return "text" if sys.stdout.isatty() else "markdown"


def terminal_columns(output: str | None) -> float | None:
    """How wide the terminal is, where the text goes to one: no narrower than 40, no wider than 100 columns."""
    if output is not None or not sys.stdout.isatty():
        return None
    return float(min(100, max(40, shutil.get_terminal_size().columns)))


def wants_colour(choice: str, output: str | None) -> bool:
    """Whether to colour: as asked, else by NO_COLOR, FORCE_COLOR and the terminal; never in a file."""
    if choice != "auto":
        return choice == "always"
    if output is not None or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def write(pieces: Iterable[str], output: str | None, encoding: str = "utf-8") -> None:
    """Write the pieces as they come; a file appears only when it is whole.

    Raises:
        SymderivError: the file can't be written.
    """
    if output is None:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
        return
    import tempfile

    target = Path(output)
    if not target.parent.is_dir():
        raise SymderivError(f"-o {output}: there is no folder {target.parent}. Make it first.")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(handle, "w", encoding=encoding, newline="\n") as file:
            for piece in pieces:
                file.write(piece)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, target.stat().st_mode if target.exists() else 0o666 & ~mask)
        os.replace(name, target)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise SymderivError(f"-o {output}: {error.strerror}.") from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
