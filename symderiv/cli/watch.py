"""Following the changes of files, by watchfiles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

from symderiv.model import SymderivError

Watch = Callable[..., Iterator[set[tuple[object, str]]]]


def changes(names: Sequence[str]) -> Iterator[list[str]]:
    """The files among ``names`` that changed, each time some did, until the program is interrupted.

    Their folders are watched, since editors put a new file in the old one's place.

    Raises:
        SymderivError: watchfiles is missing.
    """
    return _changes(_watch(), names)


def _changes(watch: Watch, names: Sequence[str]) -> Iterator[list[str]]:
    real = {os.path.realpath(name): name for name in names}
    folders = sorted({os.path.dirname(path) for path in real})

    def ours(change: object, path: str) -> bool:
        return os.path.realpath(path) in real

    begun = False
    for found in watch(*folders, watch_filter=ours, recursive=False, raise_interrupt=False, rust_timeout=1000, yield_on_timeout=True):
        changed = {real[os.path.realpath(path)] for _, path in found}
        present = [name for name in names if (name in changed or not begun) and os.path.exists(name)]
        begun = True  # the first time is for what changed while the watching began
        if present:
            yield present


def _watch() -> Watch:
    try:
        watch: Watch = import_module("watchfiles").watch
    except ImportError:
        raise SymderivError("--watch needs watchfiles: pip install 'symderiv[watch]'.") from None
    return watch
