"""Bounded work: what one claim, one layer and one file may cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

WORK = 2_000_000
"""Steps that one claim may cost; about a second."""
FILE_WORK = 60_000_000
"""Steps that all claims of a file may cost together."""
LAYER_TERMS = 200_000
"""Terms of a layer's outputs that are written out; about 100 megabytes."""


class TooDear(Exception):
    """A limit was reached; ``limit`` names it and ``most`` is its value."""

    def __init__(self, limit: str, most: int) -> None:
        super().__init__(f"{limit}: {most}")
        self.limit, self.most = limit, most


@dataclass
class Budget:
    """Work left for one claim; ``limit`` and ``most`` are told when it is used up."""

    left: int = WORK
    limit: str = "work"
    most: int = WORK

    def spend(self, steps: int) -> None:
        """Pay; raises TooDear when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise TooDear(self.limit, self.most)


class FileBudget:
    """What is left for a file, handed out claim by claim."""

    def __init__(self, work: int = FILE_WORK) -> None:
        self.work = self.left = work

    @contextmanager
    def claim(self, most: int = WORK) -> Iterator[Budget]:
        """The budget of one claim; what it used is taken off the file's."""
        short = self.left < most
        budget = Budget(self.left, "work in one file", self.work) if short else Budget(most, "work", most)
        given = budget.left
        try:
            yield budget
        finally:
            self.left = max(0, self.left - given + max(0, budget.left))
