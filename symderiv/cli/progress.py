"""A progress bar on standard error, for work that takes long and a person who waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 0.7
"""Seconds of work before a bar is shown."""
WORDS = {"derive": "deriving", "verify": "verifying", "write": "writing"}


class Progress:
    """Call it with what is done; a bar appears when the work is long. Use it as a context manager."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._start = time.monotonic()
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self.tick

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tick(self, what: str, done: int, of: int) -> None:
        """Show that ``done`` of ``of`` is done."""
        if not self._wanted or time.monotonic() - self._start < PATIENCE:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(WORDS.get(what, what), total=of)
        self._bar.update(self._tasks[what], completed=done, total=of)


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def watched(output: str | None) -> bool:
    """Whether a person may be waiting: standard error is a terminal, and the document does not go there too."""
    return sys.stderr.isatty() and (output is not None or not sys.stdout.isatty())
