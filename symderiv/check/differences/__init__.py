"""The kinds of difference, a file each, in the order in which they are tried.

A new kind is a file with a function from a scene to candidate edits, and a line here. An edit is only told
after the edited equation was judged right.
"""

from __future__ import annotations

from symderiv.check.differences import (
    extra_term,
    flipped_kernel,
    missing_stride,
    missing_sum,
    missing_term,
    scope,
    shifted_index,
    sign,
    transposed_index,
    unbound_index,
    wrong_coefficient,
    wrong_index,
    wrong_limits,
)
from symderiv.check.differences.base import Candidate, Finder, Scene

GENERAL: tuple[Finder, ...] = (
    missing_sum.missing_sum, scope.scope, scope.brackets, missing_term.missing_bias, sign.sign, wrong_coefficient.coefficient,
    extra_term.extra, unbound_index.unbound, transposed_index.transposed, flipped_kernel.flipped, missing_stride.stride,
    shifted_index.shifted, wrong_limits.limits, wrong_index.reversed_signs, wrong_index.renamed, wrong_index.other_entry,
    wrong_index.other_tensor, flipped_kernel.rotation, transposed_index.transpose,
)

__all__ = ["GENERAL", "Candidate", "Finder", "Scene"]
