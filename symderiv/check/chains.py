"""Repairs of members of a chain ``A = B = C``: an edit of one member touches the claims on both its sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symderiv.report_model import Claim


def certain_in_chains(claims: Sequence[Claim]) -> list[Claim]:
    """A repair stays certain only at the end of its chain, all other claims of which are correct."""
    found: list[Claim] = []
    for chain in _chains(claims):
        faults = [c for c in chain if c.verdict != "correct"]
        sure = len(chain) == 1 or (len(faults) == 1 and faults[0] is chain[-1])
        found += chain if sure else [_uncertain(c) for c in chain]
    return found


def _chains(claims: Sequence[Claim]) -> Iterator[list[Claim]]:
    """Claims that share a member: the right one of the first is the left one of the next."""
    chain: list[Claim] = []
    for claim in claims:
        end = chain[-1].span if chain else None
        if end is not None and (claim.span.line, claim.span.column) >= (end.end_line, end.end_column):
            yield chain
            chain = []
        chain.append(claim)
    if chain:
        yield chain


def _uncertain(claim: Claim) -> Claim:
    return claim if claim.repair is None else replace(claim, repair=replace(claim.repair, certain=False))
