"""Following the changes of files, by watchfiles."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from logging import getLogger

from symderiv.embed.files import documents, folders_of
from symderiv.embed.kinds import kind_of
from symderiv.model import SymderivError

Watch = Callable[..., Iterator[set[tuple[object, str]]]]


def changes(paths: Sequence[str]) -> Iterator[list[str]]:
    """The documents that ``paths`` name and that changed or came, each time some did, until the program is interrupted.

    Folders are watched, those of named files too, since editors put a new file in the old one's place.

    Raises:
        SymderivError: watchfiles is missing.
    """
    return _changes(_watch(), paths)


def _changes(watch: Watch, paths: Sequence[str]) -> Iterator[list[str]]:
    while (yield from _changes_in(watch, paths, folders_of(paths))):
        pass


def _changes_in(watch: Watch, paths: Sequence[str], folders: Sequence[str]) -> Generator[list[str], None, bool]:
    """The same in these folders, until there are others to watch; whether that was the end, and not Ctrl-C."""
    begun = False
    for found in watch(*folders, watch_filter=_may_matter, recursive=False, raise_interrupt=False, rust_timeout=1000, yield_on_timeout=True):
        changed = {os.path.realpath(path) for _, path in found}
        present = [n for n in _documents(paths) if (os.path.realpath(n) in changed or not begun) and os.path.exists(n)] if changed or not begun else []
        begun = True  # the first time is for what changed while the watching began
        if present:
            yield present
        if changed and folders_of(paths) != folders:
            return True
    return False


def _may_matter(change: object, path: str) -> bool:
    return kind_of(path) is not None or os.path.isdir(path)


def _documents(paths: Sequence[str]) -> list[str]:
    """The documents that are there now; a folder may have none for a while."""
    found: list[str] = []
    for path in paths:
        with suppress(SymderivError):
            found += documents([path])
    return list(dict.fromkeys(found))


def _watch() -> Watch:
    try:
        watch: Watch = import_module("watchfiles").watch
    except ImportError:
        raise SymderivError("--watch needs watchfiles: pip install 'symderiv[watch]'.") from None
    getLogger("watchfiles").setLevel("ERROR")  # Ctrl-C is how it ends, and nothing to warn of
    return watch
