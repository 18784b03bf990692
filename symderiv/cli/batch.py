"""Many files over several processes, the results in order and few of them in memory."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar

from symderiv.model import SymderivError

Item = TypeVar("Item")
Result = TypeVar("Result")
WORTH_IT = 8
"""From so many files on, starting processes pays."""


def processes(asked: int | None, files: int) -> int:
    """How many processes to use."""
    if asked is not None:
        return min(asked, files)
    return min(_cores(), files) if files >= WORTH_IT else 1


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """``map(work, items)`` over processes; at most four results a process wait for their turn.

    Raises:
        SymderivError: a process died.
    """
    if jobs <= 1:
        yield from map(work, items)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    waiting: deque[Future[Result]] = deque()
    pool = ProcessPoolExecutor(jobs)
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= 4 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise SymderivError("a process died, perhaps for lack of memory. Use --jobs 1.") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def counted(items: Iterable[Item], total: int, shown: bool) -> Iterator[Item]:
    """The items, with a count on standard error where a person may be waiting."""
    import time

    last = time.monotonic()
    for number, item in enumerate(items, 1):
        if shown and time.monotonic() - last > 0.2:
            last = time.monotonic()
            sys.stderr.write(f"\r{number}/{total}")
            sys.stderr.flush()
        yield item
    if shown:
        sys.stderr.write("\r" + " " * 20 + "\r")
