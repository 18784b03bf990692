"""Bounded work: what one claim, one layer and one file may cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

WORK = 500_000
"""Steps that one claim may cost; a step is about four microseconds."""
NODE_WORK = 6
"""Steps that compiling one node of a side costs."""
PART_WORK = 2
"""Steps that reading one part of an edited equation costs."""
FILE_WORK = 4_000_000
FURTHER_WORK = 600
"""Steps that the verdicts of a file may cost, and how many more for each of its claims."""
FILE_EXPLAINING = 400_000
FURTHER_EXPLAINING = 200
"""The same for looking for repairs."""
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
    """What is left for a file, handed out claim by claim.

    Raises:
        TooDear: from the budget that it hands out, named "work in one file" where the file's end came first.
    """

    def __init__(self, work: int) -> None:
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
