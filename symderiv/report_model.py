"""What a checked file is: the documents that ``check/`` hands to ``render/``. Data only.

Words are never stored: a ``Message`` is an English phrase with holes, the key of the catalogue
domain ``check`` that holds it in every other language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Union, get_args

Verdict = Literal["correct", "wrong", "incomplete", "unreadable", "unchecked"]
ClaimKind = Literal["shape", "forward", "gradient", "chain-rule", "local-derivative", "definition"]
DifferenceKind = Literal[
    "wrong-index", "missing-term", "extra-term", "wrong-coefficient", "sign", "transposed-index",
    "flipped-kernel", "shifted-index", "wrong-limits", "missing-sum", "missing-case", "missing-stride",
    "unbound-index", "scope", "shape",
]
WarningKind = Literal[
    "symbol-clash", "heading-mismatch", "unbound-index", "index-base", "prose-equation",
    "unterminated", "encoding", "layer", "limit", "other",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
CLAIM_KINDS: tuple[ClaimKind, ...] = get_args(ClaimKind)
DIFFERENCE_KINDS: tuple[DifferenceKind, ...] = get_args(DifferenceKind)
WARNING_KINDS: tuple[WarningKind, ...] = get_args(WarningKind)

Argument = Union[str, int, "Message", tuple[Union[str, "Message"], ...]]
"""What fills a hole; a tuple is a list, joined as the language does."""
Values = Union[str, int, list["Values"]]
"""A tensor's entries, nested as its axes are; a rational that is not an integer is a string."""


@dataclass(frozen=True)
class Message:
    """A sentence in every language: ``key`` is the English one, with ``%(name)s`` for each argument.

    Write it as a literal, ``Message("the coefficient of %(of)s is %(found)s", {"of": ..., "found": ...})``:
    the test that looks for missing translations reads the source. It starts in lower case and has no
    full stop. Mathematics among the arguments is a plain line such as ``dL/dO_11`` or ``W_22``.
    """

    key: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A piece of the file: 1-based, in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Difference:
    """The smallest thing that is not as it should be."""

    kind: DifferenceKind
    span: Span
    """The offending symbols; where something is missing, the place where it belongs."""
    found: str
    """As the writer wrote it; empty where it is missing."""
    expected: str
    """In the writer's own letters; empty where it should not be there."""


@dataclass(frozen=True)
class Counterexample:
    """Numbers that a stranger can put in to see that the two sides differ."""

    values: Mapping[str, Values]
    """Every tensor by its canonical name: I, W, b, dO."""
    at: Mapping[str, int]
    """The value of each free index; empty for an element equation."""
    claimed: str
    true: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The value of each size that the notes leave as a name."""


@dataclass(frozen=True)
class Edit:
    """Replace that piece of the file by ``text``."""

    span: Span
    text: str


@dataclass(frozen=True)
class Repair:
    """A small edit in the writer's own letters that makes the claim right."""

    edits: tuple[Edit, ...]
    latex: str
    """The whole equation as it then stands in the file."""
    message: Message
    """Such as "right if W_22 is W_12"."""
    unique: bool
    """No other repair of as few edits makes it right."""
    certain: bool = True
    """Nothing is assumed about what the writer meant; only such a repair is written by --fix."""


@dataclass(frozen=True)
class Claim:
    """One equals sign between its two neighbours, and what became of it."""

    span: Span
    """From the first character of the left member to the last of the right one."""
    source: str
    """Exactly that slice of the file."""
    verdict: Verdict
    message: Message
    """Why; for a wrong one the difference in words, for an unreadable one what was not understood."""
    around: Span
    """The whole mathematical span that holds the claim, delimiters included; marks go after it."""
    kind: ClaimKind | None = None
    """None only where it was not read far enough to know."""
    layer: int | None = None
    """The id of the layer it is about."""
    tensor: str | None = None
    """The canonical name of the tensor on the left side."""
    index: tuple[int, ...] | None = None
    """None for a general formula and for a whole tensor."""
    read_as: str = ""
    """The whole equation in the formula notation; empty where it was not read."""
    assumes: tuple[Message, ...] = ()
    """The conventions on which the verdict hangs."""
    found: str = ""
    """The right side as it was understood, in the writer's letters."""
    expected: str = ""
    """The whole right equation in the writer's letters and syntax; empty where it is right or unknown."""
    differences: tuple[Difference, ...] = ()
    counterexample: Counterexample | None = None
    repair: Repair | None = None
    unreadable_at: Span | None = None
    """For an unreadable claim, the place that was not understood."""


@dataclass(frozen=True)
class CheckedLayer:
    """A layer that the notes treat, and which letter plays which role."""

    id: int
    name: str
    options: Mapping[str, object]
    """Ready for JSON, as in the derivation's document."""
    roles: Mapping[str, str]
    """Canonical name to the writer's symbol: ``{"I": "X", "W": "K", "O": "Y", "b": "b", "L": "L"}``."""
    inferred_from_line: int | None = None
    """None where the options of the command said it."""
    formula: str = ""
    """The forward pass in the formula notation."""


@dataclass(frozen=True)
class Warning_:
    """Something that a reader should know and that is no verdict."""

    line: int
    kind: WarningKind
    message: Message
    column: int = 1


@dataclass(frozen=True)
class Summary:
    """How many there are of what."""

    spans: int
    mentions: int
    correct: int
    wrong: int
    incomplete: int
    unreadable: int
    unchecked: int

    @property
    def claims(self) -> int:
        return self.correct + self.wrong + self.incomplete + self.unreadable + self.unchecked


@dataclass(frozen=True)
class Report:
    """Everything about one file."""

    file: str
    """Its name as the user gave it; ``-`` for standard input."""
    layers: tuple[CheckedLayer, ...] = ()
    claims: tuple[Claim, ...] = ()
    """In the order of the file."""
    warnings: tuple[Warning_, ...] = ()
    spans: int = 0
    """Pieces of mathematics between delimiters."""
    mentions: int = 0
    """Spans that state nothing."""
    encoding: str = "UTF-8"
    """How the file was read: UTF-8, UTF-8 with BOM, GB18030."""
    problem: Message | None = None
    """Why the file can't be used at all; there are no claims then."""

    @property
    def summary(self) -> Summary:
        """Counted from the claims."""
        counts = dict.fromkeys(VERDICTS, 0)
        for claim in self.claims:
            counts[claim.verdict] += 1
        return Summary(self.spans, self.mentions, **counts)

    @property
    def passed(self) -> bool:
        """Every claim is correct, and none was lost to a limit; nothing unreadable or unchecked counts as correct."""
        lost = any(w.kind in ("limit", "unterminated") for w in self.warnings)
        return self.problem is None and not lost and all(c.verdict == "correct" for c in self.claims)


@dataclass(frozen=True)
class Checked:
    """A report and the text that it is about, decoded; the text is empty where the file can't be used."""

    report: Report
    text: str = ""
