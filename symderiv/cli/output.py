"""The one place that writes: to standard output, straight into a pipe or device, or to a file in one go."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NoReturn

import click

from symderiv.model import SymderivError

BY_NAME = {
    ".tex": "latex", ".md": "markdown", ".json": "json", ".txt": "text", ".html": "html", ".typ": "typst", ".pdf": "pdf", ".png": "png",
    ".svg": "svg", ".docx": "docx",
}


def fail(message: str, status: int = 2) -> NoReturn:
    """Say what is wrong and how to go on; exit status 2 unless another is asked for."""
    click.echo(f"symderiv: {message}", err=True)
    raise SystemExit(status)


def chosen_format(format_: str | None, output: str | None) -> str:
    """The format asked for, or that of the file's name, or what suits the receiver.

    Raises:
        SymderivError: the name's ending gives no format, or another one than asked for.
    """
    if format_:
        _refuse_mismatch(format_, output)
        return format_
    if output is None or _is_standard_output(output):
        return "text" if sys.stdout.isatty() else "markdown"
    suffix = Path(output).suffix.lower()
    if suffix in BY_NAME:
        return BY_NAME[suffix]
    if _in_place(output):
        return "markdown"
    raise SymderivError(f"-o {output}: the name's ending gives no format; use {', '.join(BY_NAME)} or --format.")


def _refuse_mismatch(format_: str, output: str | None) -> None:
    suffix = Path(output or "").suffix.lower()
    if BY_NAME.get(suffix, format_) != format_:
        ending = next(end for end, name in BY_NAME.items() if name == format_)
        raise SymderivError(f"-o {output}: the ending {suffix} is that of {BY_NAME[suffix]}, and --format says {format_}. Leave out --format, or name the file {Path(output or '').with_suffix(ending)}.")


def files_of(languages: Sequence[str], output: str | None) -> dict[str, str | None]:
    """The file of each language: notes.en.md and notes.zh.md where there are two.

    Raises:
        SymderivError: several documents can't go to one place.
    """
    if len(languages) == 1:
        return {languages[0]: output}
    if output is None or _in_place(output) or _is_standard_output(output):
        raise SymderivError(f"--lang {','.join(languages)} writes a file for each language: name one, as -o notes.md.")
    path = Path(output)
    return {lang: str(path.with_suffix(f".{lang}{path.suffix}")) for lang in languages}


def terminal_columns(output: str | None) -> float | None:
    """How wide the terminal is, where the text goes to one: no narrower than 40, no wider than 100 columns."""
    if output is not None or not sys.stdout.isatty():
        return None
    return float(min(100, max(40, shutil.get_terminal_size().columns)))


def to_terminal(output: str | None) -> bool:
    """Whether a person would see the bytes on a terminal."""
    return (output is None or _is_standard_output(output)) and sys.stdout.isatty()


def wants_colour(choice: str, output: str | None) -> bool:
    """Whether to colour: as asked, else by NO_COLOR, FORCE_COLOR and the terminal; never in a file."""
    if choice != "auto":
        return choice == "always"
    if output is not None or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def write(pieces: Iterable[str] | bytes, output: str | None, encoding: str = "utf-8") -> None:
    """Write the pieces as they come, or bytes; a file appears only when it is whole.

    A symbolic link stays, and what it points to is written. A pipe, a device and standard output
    by another name can't appear in one go: they are written straight.

    Raises:
        SymderivError: the file can't be written.
    """
    if output is None or _is_standard_output(output):
        _to_standard_output(pieces)
        return
    refuse_unwritable(output)
    try:
        if _in_place(output):
            # Appending: /dev/stderr may be a file that others write to as well.
            with open(output, "ab") as file:
                _fill(file, pieces, encoding)
        else:
            _replace(pieces, Path(os.path.realpath(output)), encoding)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SymderivError(f"-o {output} can't be written: {error.strerror or error}.") from error


def picture_stem(format_: str, output: str | None) -> str | None:
    """What the pictures' files beside a Markdown document begin with; None where it is no file of its own."""
    if format_ != "markdown" or output is None or _is_standard_output(output) or _in_place(output):
        return None
    return Path(output).stem


def write_pictures(pictures: Mapping[str, str], output: str | None) -> None:
    """Write files beside the output; one that holds anything but a picture of ours is not written over.

    Raises:
        SymderivError: such a file is there, or one can't be written.
    """
    if output is None or not pictures:
        return
    paths = {Path(output).with_name(name): text for name, text in pictures.items()}
    for path in paths:
        if path.exists() and not _is_picture(path):
            raise SymderivError(f"-o {output}: the picture {path.name} would be written over a file that is none of ours. Move that file, or give -o another name.")
    for path, text in paths.items():
        write([text], str(path))


def _is_picture(path: Path) -> bool:
    from symderiv.render.pictures.svg import MARK

    try:
        return MARK in path.read_text(encoding="utf-8", errors="replace")[:4000]
    except OSError:
        return False


def _fill(file: BinaryIO, pieces: Iterable[str] | bytes, encoding: str) -> None:
    for piece in (pieces,) if isinstance(pieces, bytes) else pieces:
        file.write(piece if isinstance(piece, bytes) else piece.encode(encoding))


def refuse_unwritable(output: str | None) -> None:
    """Find out before the work, not after it, where that is possible.

    Raises:
        SymderivError: the file's folder is missing, or the name can't be a file's.
    """
    if output is None or output == "-":
        return
    target = Path(os.path.realpath(output))
    try:
        if stat.S_ISDIR(os.stat(output).st_mode):
            raise SymderivError(f"-o {output} can't be written: {os.strerror(errno.EISDIR)}.")
        if not os.access(output, os.W_OK):
            raise SymderivError(f"-o {output} can't be written: {os.strerror(errno.EACCES)}.")
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise SymderivError(f"-o {output}: there is no folder {target.parent}. Make it first.") from None
    except OSError as error:
        raise SymderivError(f"-o {output} can't be written: {error.strerror}.") from error


def _to_standard_output(pieces: Iterable[str] | bytes) -> None:
    try:
        if isinstance(pieces, bytes):
            sys.stdout.buffer.write(pieces)
            pieces = ()
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except UnicodeEncodeError as error:
        raise SymderivError(
            f"standard output can't take {error.object[error.start]!a} in the encoding {error.encoding}: set PYTHONIOENCODING=utf-8, or write a file with -o."
        ) from error
    except OSError as error:
        silence_standard_output()
        raise SymderivError(f"standard output can't be written: {error.strerror}.") from error


def silence_standard_output() -> None:
    """Let what is still held back go nowhere: Python would fail on it once more while it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(pieces: Iterable[str] | bytes, target: Path, encoding: str) -> None:
    """A new file beside the old one, then put in its place."""
    import tempfile

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".symderiv-")
    try:
        with open(handle, "wb") as file:
            _fill(file, pieces, encoding)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _in_place(output: str) -> bool:
    """Whether it is there and no regular file: a pipe, a terminal, a device."""
    try:
        return not stat.S_ISREG(os.stat(output).st_mode) or os.path.abspath(output).startswith(("/dev/fd/", "/dev/stderr"))
    except OSError:
        return False


def _is_standard_output(output: str) -> bool:
    if output == "-":
        return True
    try:
        return os.path.samestat(os.stat(output), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):
        return False
