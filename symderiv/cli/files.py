"""Which files a person means, and their bytes; nothing else is ever opened."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from symderiv.model import SymderivError
from symderiv.report_model import Message

ENDINGS = (".md", ".markdown", ".mkd", ".qmd", ".rmd", ".tex", ".ltx", ".latex", ".txt")
"""What is taken for notes inside a folder; a file named by itself may have any ending."""


@dataclass(frozen=True)
class Given:
    """A file to check, or standard input's bytes."""

    name: str
    data: bytes | None = None


class Unusable(Exception):
    """A file that can't be read, and why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.key)
        self.message = message


def find(paths: Iterable[str], limit: int) -> list[Given]:
    """The files that the paths name, folders searched in the order of their names.

    In a folder, hidden names and symbolic links are passed over (what is linked to was not named), and so are pipes.

    Raises:
        SymderivError: a folder holds no notes, or ``-`` stands twice.
    """
    found: list[Given] = []
    for path in paths:
        if path == "-":
            if any(g.name == "-" for g in found):
                raise SymderivError("- stands twice: standard input can be read once.")
            found.append(Given("-", sys.stdin.buffer.read(limit + 1)))
        elif os.path.isdir(path):
            inside = list(_inside(path))
            if not inside:
                raise SymderivError(f"{path}: the folder holds no notes; they end in {', '.join(ENDINGS)}.")
            found += inside
        else:
            found.append(Given(path))
    return found


def _inside(folder: str) -> Iterator[Given]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            path = os.path.join(place, name)
            if not name.startswith(".") and name.lower().endswith(ENDINGS) and not os.path.islink(path) and not _is_pipe(path):
                yield Given(path)


def _is_pipe(path: str) -> bool:
    """Whether opening it could wait for ever."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):  # that is told when it is opened
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def read(given: Given, limit: int) -> bytes:
    """The bytes, one more than ``limit`` at most.

    Raises:
        Unusable: with the reason.
    """
    if given.data is not None:
        return given.data
    try:
        if _is_pipe(given.name):
            raise Unusable(Message("this is no regular file; a pipe is read as -, from standard input"))
        with open(given.name, "rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise Unusable(Message("there is no such file")) from None
    except PermissionError:
        raise Unusable(Message("there is no permission to read this file")) from None
    except IsADirectoryError:
        raise Unusable(Message("this is a folder")) from None
    except (OSError, ValueError) as error:
        raise Unusable(Message("it can't be read (%(reason)s)", {"reason": getattr(error, "strerror", None) or str(error)})) from error


def refuse_overwriting(output: str, given: Iterable[Given]) -> None:
    """Never in place.

    Raises:
        SymderivError: the output is one of the files that are read.
    """
    target = Path(output)
    for one in given:
        if one.name == "-" and target.exists() and _is_standard_input(target):
            raise SymderivError(f"-o {output} is the file that standard input reads: it would be overwritten. Give -o another name.")
        if one.name != "-" and target.exists() and os.path.exists(one.name) and os.path.samefile(target, one.name):
            raise SymderivError(f"-o {output}: this file is being checked and is never changed. Name another one.")


def _is_standard_input(target: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(0), target.stat())
    except OSError:
        return False
