"""Judging what notes claim: exact integers decide, SymPy is never loaded.

Arrows: a reading of ``notes/`` goes in, a ``Report`` comes out. ``survey`` finds which layer is meant,
``lower`` and ``finalise`` give formula nodes, ``judge`` compares, ``differences`` says what is wrong.
"""

from symderiv.check.run import check

__all__ = ["check"]
