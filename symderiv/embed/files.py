"""Documents on the disk: read, planned, and replaced in one go by a temporary file that is renamed."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from symderiv.embed.kinds import BY_NAME, NOTEBOOK, Kind, kind_of
from symderiv.embed.plan import Fault, Judged, Planned, Wish, plan
from symderiv.model import SymderivError

MOST_BYTES = 20_000_000
"""Of a document."""


@dataclass(frozen=True)
class Document:
    """A file as it is, as it should be, and what was found in it."""

    name: str
    before: bytes
    after: bytes
    blocks: tuple[Judged, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether it must be written."""
        return self.before != self.after


def documents(paths: Iterable[str]) -> list[str]:
    """The files that the paths name, each once; in a folder those whose names tell their kind.

    In a folder hidden names and symbolic links are passed over (what is linked to was not named), what is no regular
    file, and folders of what others made: packages, environments, caches, builds.

    Raises:
        SymderivError: a folder holds no document.
    """
    found: dict[str, str] = {}
    for path in paths:
        inside = list(_inside(path)) if os.path.isdir(path) else [path]
        if not inside:
            raise SymderivError(f"{path}: the folder holds no document; they end in {', '.join(BY_NAME)}.")
        for name in inside:
            found.setdefault(os.path.realpath(name), name)
    return list(found.values())


def _inside(folder: str) -> Iterator[str]:
    for place, names in _walked(folder):
        for name in sorted(names):
            path = os.path.join(place, name)
            if kind_of(name) is not None and not name.startswith(".") and not os.path.islink(path) and os.path.isfile(path):
                yield path


def _walked(folder: str) -> Iterator[tuple[str, list[str]]]:
    """The folders that are searched, with the names in them."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not _made(os.path.join(place, f)))
        yield place, names


MADE = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist", "_build", "_site", "_book", "htmlcov"})
"""Names of folders that programs fill; such a folder is searched where it is named itself."""
MARKS = ("pyvenv.cfg", "CACHEDIR.TAG")
"""Files by which an environment and a cache are known, whatever their names."""


def _made(folder: str) -> bool:
    name = os.path.basename(folder)
    return name.startswith(".") or name in MADE or any(os.path.exists(os.path.join(folder, mark)) for mark in MARKS)


def folders_of(paths: Iterable[str]) -> list[str]:
    """The folders in which the documents that the paths name are, or may come to be."""
    found = set()
    for path in paths:
        found |= {os.path.realpath(place) for place, _ in _walked(path)} if os.path.isdir(path) else {os.path.dirname(os.path.realpath(path))}
    return sorted(found)


def plan_file(name: str, wish: Wish) -> Document:
    """Read and plan one file; what is wrong with it is in the answer. Nothing is written."""
    try:
        data = _read(name)
        kind = kind_of(name)
        if kind is None:
            raise SymderivError(f"the name's ending tells no kind of document; use {', '.join(BY_NAME)}.")
        if not any("symderiv".encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be")):
            return Document(name, data, data)
        planned = _planned(name, _decoded(name, data), kind, wish)
    except _Wrong as error:
        return Document(name, b"", b"", faults=(error.fault,))
    except SymderivError as error:
        return Document(name, b"", b"", faults=(Fault(name, str(error)),))
    after = planned.text.encode("utf-8")
    faults = planned.faults
    if after != data and not faults:
        faults = tuple(_unwritable(name))
    return Document(name, data, after, planned.blocks, faults)


def _planned(name: str, text: str, kind: Kind, wish: Wish) -> Planned:
    if kind is NOTEBOOK:
        from symderiv.embed.notebook import plan_notebook

        return plan_notebook(text, wish, name)
    return plan(text, kind, wish, lambda line: f"{name}:{line}")


class _Wrong(Exception):
    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(where, message)


def _read(name: str) -> bytes:
    try:
        with open(name, "rb", opener=_unblocked) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SymderivError("this is no regular file; embed writes in place.")
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SymderivError(f"it can't be read: {error.strerror or error}.") from error
    if len(data) > MOST_BYTES:
        raise SymderivError(f"it is larger than {MOST_BYTES // 10**6} MB. Split it.")
    return data


def _unblocked(name: str, flags: int) -> int:
    """Open a pipe too without waiting for who writes into it."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _decoded(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Wrong(f"{name}:1", "the file is UTF-16: save it as UTF-8.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(data[:error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
        raise _Wrong(f"{name}:{line}", f"the byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8.") from error


def _unwritable(name: str) -> Iterator[Fault]:
    target = os.path.realpath(name)
    if not os.access(target, os.W_OK):
        yield Fault(name, "there is no permission to write this file.")
    elif not os.access(os.path.dirname(target), os.W_OK):
        yield Fault(name, "there is no permission to write in its folder.")


def other_names(name: str) -> int:
    """How many hard links a file has besides this name; they keep the old text when it is written."""
    return os.stat(os.path.realpath(name)).st_nlink - 1


PREFIX = ".symderiv-embed-"
"""Of the temporary files of this command, which stay behind only where the program is killed."""
OLD = 60
"""Seconds after which one is nobody's: it takes the place of a document at once. Were it not, that run would say so."""


def sweep(names: Iterable[str]) -> None:
    """Take our own temporary files away that a killed run has left beside these documents."""
    for folder in {os.path.dirname(os.path.realpath(name)) for name in names}:
        for path in Path(folder).glob(f"{PREFIX}????????"):
            _take_away(path)


def _take_away(path: Path) -> None:
    with suppress(OSError):
        if re.fullmatch("[a-z0-9_]{8}", path.name.removeprefix(PREFIX)):  # as tempfile makes names
            found = path.lstat()
            mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and mine and time.time() - found.st_mtime > OLD:
                path.unlink()


def write(document: Document) -> None:
    """Put the new bytes in the file's place; a symbolic link, the mode and the owner stay.

    A hard link is left behind: writing in place would keep it, and lose the text when it is interrupted.

    Raises:
        SymderivError: it changed since it was read, or can't be written.
    """
    target = Path(os.path.realpath(document.name))
    temporary = None
    try:
        if target.read_bytes() != document.before:
            raise SymderivError(f"{document.name} was changed meanwhile and is left as it is. Run this again.")
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=PREFIX)
        with open(handle, "wb") as file:
            file.write(document.after)
            file.flush()
            os.fsync(file.fileno())
        was = target.stat()
        with suppress(OSError, AttributeError):  # only root gives files away, and Windows has no owners
            os.chown(temporary, was.st_uid, was.st_gid)
        os.chmod(temporary, stat.S_IMODE(was.st_mode))
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise SymderivError(f"{document.name} can't be written: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
