"""What every format says about a claim, in words and in order; a format decides only how it looks."""

from __future__ import annotations

from collections.abc import Iterator

from symderiv.render.report.words import Words
from symderiv.report_model import Claim, Counterexample, Difference, Report, Values

MOST_CELLS = 20
"""Entries of a tensor that are written out."""
MOST_FEW = 8


def about(words: Words, claim: Claim) -> str:
    """``gradient of I at (1, 2)``; empty where the claim was not read far enough."""
    if claim.kind is None:
        return ""
    kind = words.kind(claim.kind)
    if claim.tensor is None:
        return kind
    if claim.index is None:
        return words("%(kind)s, %(tensor)s", kind=kind, tensor=claim.tensor)
    index = ", ".join(str(n) for n in claim.index)
    return words("%(kind)s, %(tensor)s[%(index)s]", kind=kind, tensor=claim.tensor, index=index)


def headline(words: Words, claim: Claim) -> str:
    """What the claim is about, and, unless it is correct, why it is not."""
    topic = about(words, claim)
    if claim.verdict == "correct":
        return topic
    said = words.message(claim.message)
    return words.labelled(topic, said) if topic else said


def difference(words: Words, found: Difference) -> str:
    """``wrong index: W_{22} should be W_{12}``."""
    name = words.difference(found.kind)
    if found.kind == "wrong-limits" and found.found and not found.expected:
        return words.labelled(words("outside its range"), words("%(found)s does not exist", found=found.found))
    if found.found and found.expected:
        said = words("%(found)s should be %(expected)s", found=found.found, expected=found.expected)
    elif found.expected:
        said = words("%(expected)s is missing", expected=found.expected)
    elif found.found and found.kind in ("extra-term", "scope"):
        said = words("%(found)s should not be there", found=found.found)
    else:
        said = found.found
    if not said:
        return name
    return words.labelled(name, said)


def values(words: Words, example: Counterexample) -> str:
    """``W = [[0, 1], [0, 0]], p = 1, everything else 0``: tensors of zeros are not written out, nor long ones."""
    shown = {name: list(entries(value)) for name, value in example.values.items()}
    given = [_tensor(words, name, example.values[name], cells) for name, cells in shown.items() if any(v != 0 for _, v in cells)]
    given += [f"{name} = {n}" for group in (example.sizes, example.at) for name, n in group.items()]
    if len(shown) > sum(any(v != 0 for _, v in cells) for cells in shown.values()):
        given.append(words("everything else 0"))
    return words.listed(given)


def _tensor(words: Words, name: str, value: Values, cells: list[tuple[tuple[int, ...], object]]) -> str:
    if len(cells) <= MOST_CELLS:
        return f"{name} = {nested(value)}"
    few = [(at, v) for at, v in cells if v != 0]
    if len(few) > MOST_FEW:
        return words("%(tensor)s as in --format json", tensor=name)
    return words("%(entries)s (else 0)", entries=words.listed([f"{name}[{','.join(map(str, at))}] = {v}" for at, v in few]))


def entries(value: Values, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], object]]:
    """Every entry with its position."""
    if isinstance(value, (list, tuple)):
        for k, inner in enumerate(value, 1):
            yield from entries(inner, (*at, k))
    else:
        yield at, value


def nested(value: Values) -> str:
    """A tensor's entries on one line."""
    return "[" + ", ".join(nested(v) for v in value) + "]" if isinstance(value, (list, tuple)) else str(value)


def details(words: Words, claim: Claim) -> Iterator[tuple[str, str]]:
    """Labels and texts that follow a verdict, but for the differences."""
    if claim.read_as:
        yield words("read as"), words.read_as(claim.read_as)
    if claim.assumes:
        yield words("assuming"), words.sentences([words.message(m) for m in claim.assumes])
    if claim.expected:
        yield words("right equation"), claim.expected
        if r"\operatorname{argmax}" in claim.expected:
            yield words("notation"), words("a bracket is 1 where what stands in it holds, else 0; argmax names the place of the maximum in that window")
    if claim.counterexample is not None:
        yield words("counterexample"), proof(words, claim.counterexample)
    if claim.repair is not None:
        yield words("repair"), repair(words, claim)


def proof(words: Words, example: Counterexample) -> str:
    """The counterexample as a sentence."""
    if not example.values:
        return words("what is written gives %(claimed)s; the true value is %(true)s", claimed=example.claimed, true=example.true)
    if example.claimed == "does not exist":
        return words("with %(values)s, what is written does not exist; the true value is %(true)s", values=values(words, example), true=example.true)
    if example.true == "does not exist":
        return words("with %(values)s, what is written gives %(claimed)s; the left side does not exist", values=values(words, example), claimed=example.claimed)
    return words(
        "with %(values)s, what is written gives %(claimed)s; the true value is %(true)s",
        values=values(words, example), claimed=example.claimed, true=example.true,
    )


def repair(words: Words, claim: Claim) -> str:
    """What small edit mends the claim."""
    assert claim.repair is not None
    said = words.message(claim.repair.message)
    return said if claim.repair.unique else words.sentences([said, words("other edits may mend it too")])


def title(words: Words, report: Report) -> str:
    """The file's name as a reader knows it."""
    return words("standard input") if report.file == "-" else report.file


def status(words: Words, report: Report) -> str:
    """One line about the whole file."""
    if report.problem is not None:
        return words.labelled(words.verdict("unreadable"), words.message(report.problem))
    if not report.claims:
        return words("no equation was found")
    return words.counts(report)


def remarks(words: Words, report: Report) -> Iterator[tuple[int, str]]:
    """The warnings with their lines."""
    for warning in report.warnings:
        yield warning.line, words.message(warning.message)
