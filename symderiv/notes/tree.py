"""The syntax tree of handwritten mathematics: what was written, never what it means.

Every node has a ``place``: start and end (exclusive) offsets in code points of ``Source.text``. Places
do not take part in ``==``, so that two trees are equal when they read the same. What comes from
a macro (``\\newcommand``) has the place of the macro's call.

How to lower these trees:

* ``members`` of a ``Piece`` are the A, B, C of ``A = B = C``. A piece with ``problems`` is unreadable
  as a whole; the members that could not be read are ``Unread``.
* Nothing that prints is dropped: brackets are kept as ``Group``, signs in ``Add.signs``, how factors
  were joined in ``Product.joins``. A missing operator is ``""`` in ``joins``.
* Whether ``12`` is twelve or the pair 1, 2 is not decided here. ``W_{12}`` is an ``Indexed`` with
  one item ``Number('12')``; ``W_{ij}`` has one item ``Product((i, j), ('',))``; ``W_{1 2}`` one item
  ``Product((1, 2), ('',))``; ``W_{(i+m)(j+n)}`` one item ``Product`` of two ``Group``; ``W_{1,2}``
  has two items. Split an item only by its digits or by its factors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, Union


@dataclass(frozen=True)
class Place:
    """Offsets ``start <= x < end`` in code points of the decoded text."""

    start: int
    end: int

    def to(self, other: Place) -> Place:
        """The smallest place that holds both."""
        return Place(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Place(0, 0)


# -- expressions -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    """An exact number; ``digits`` as written (``12``, ``0.5``), without a sign."""

    digits: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def value(self) -> Fraction:
        return Fraction(self.digits)


@dataclass(frozen=True)
class Name:
    """A name, normalised: two spellings of one symbol have one ``text``.

    ``text`` is the whole identity: ``W``, ``\\delta`` (also from δ), ``\\omega'``, ``\\hat{x}``,
    ``\\delta^{l+1}``, ``a^{[1]}``, ``\\mathcal{L}``, ``I_{\\text{in}}``, ``dL_dW``. ``base`` is it without
    primes and layer. ``\\boldsymbol{x}``, ``\\mathbf{x}`` are ``x``; ``k1`` in plain text is ``Indexed`` (style
    ``glued``), not a name.
    """

    text: str
    base: str = ""
    primes: int = 0
    layer: str = ""
    """The layer superscript without braces: ``l``, ``l+1``, ``(l)``, ``[1]``, ``*``; empty without one."""
    gradient: GradientHint | None = None
    """Set where the name itself says that it is a gradient: ``dw``, ``dL_dW``, ``grad_W``."""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class GradientHint:
    """What a name such as ``dL_dW`` seems to be the gradient of and by; ``of`` is empty for ``dW``."""

    of: str
    by: str


@dataclass(frozen=True)
class Slice:
    """``start:stop:step`` among bracket items; each part may be missing (``x[:, j]``)."""

    start: Expr | None
    stop: Expr | None
    step: Expr | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


IndexStyle = Literal["sub", "super", "bracket", "paren", "glued"]


@dataclass(frozen=True)
class Subscripts:
    """One group of indices: ``_{..}``, ``^{..}``, ``[..]``, ``(..)`` with a comma, or the digits of ``w11``.

    ``items`` are separated by commas. An item is an expression, a ``Slice`` or (``\\delta_{i=c}``
    is read as ``Iverson`` already, so only for names other than delta) a ``Comparison``.
    """

    items: tuple[Expr, ...]
    style: IndexStyle = "sub"
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Indexed:
    """``base`` with one or more groups of indices, in the order written.

    ``I_{i+a-1}{}_{j+b-1}`` and ``I_{i}[j]`` have two groups; flatten them. ``base`` is a ``Name``, or
    a ``Group``/``Transpose``/``Call``/``Derivative`` (``(A B)_{ij}``, ``W^{T}_{ij}``, ``rot180(W)_{ij}``,
    ``(\\nabla_W L)_{ij}``). A superscript is a group (style ``super``) only where it cannot be a power or
    a layer: it holds a comma (``W^{k,c}``), or is ``ij`` or one letter beside a subscript; the one letter stands first.
    """

    base: Expr
    groups: tuple[Subscripts, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def items(self) -> tuple[Expr, ...]:
        """All items of all groups."""
        return tuple(item for group in self.groups for item in group.items)


DerivativeSpelling = Literal["frac", "slash", "operator", "prime", "nabla", "subscript"]


@dataclass(frozen=True)
class Derivative:
    """The derivative of ``of`` by ``by``, one atom however it was spelled.

    ``frac``: ``\\frac{\\partial L}{\\partial W}``, ``\\dfrac``, ``\\frac{dL}{dW}``, ``\\pdv{L}{W}``; ``slash``:
    ``\\partial L/\\partial W``, ``dL/dW``; ``operator``: ``\\frac{\\partial}{\\partial W} L``; ``prime``:
    ``L_{W}'``, ``L'_{I_{12}}``; ``nabla``: ``\\nabla_W L``; ``subscript``: ``\\partial_W L``. ``total`` with d,
    not with partial.
    """

    of: Expr
    by: Expr
    spelling: DerivativeSpelling = "frac"
    total: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Prime:
    """``f'(x)``: the derivative of a function at ``args``; a prime on a name that is not applied is in the name."""

    function: Expr
    args: tuple[Expr, ...]
    order: int = 1
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Range:
    """The range of one index under a sum or max.

    ``i=1`` with ``^{n}`` above, ``1 \\le i \\le n``, ``i=1..n``: ``low`` and ``high``; both None where none was
    written (``\\sum_{i,j}``, ``\\sum_i``): then it runs its whole axis. Strict limits (``0 < i < n``) have
    ``low_strict``/``high_strict``. One of the two alone (``i \\ge 1``) leaves the other None.
    """

    index: Name
    low: Expr | None = None
    high: Expr | None = None
    low_strict: bool = False
    high_strict: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Reduction:
    """``\\sum``, ``\\max``, ``\\min``, ``\\prod``, ``\\argmax`` with ranges, over ``body``.

    A sum binds the product after it to the next + or - at its depth; so does a max, save that a
    bracket right after it is its whole body. The first range is the outermost; ``\\sum_i\\sum_j`` is a
    reduction in a reduction. ``conditions`` are what restricts the indices besides
    ranges (``\\sum_{j \\ne i}``, s.t.). ``body`` is None for an ``argmax`` that stands alone
    (``\\operatorname{argmax}_{ij}``), whose ``window`` are then the subscripts. A summation without any
    subscript has no ranges and no conditions.
    """

    kind: Literal["sum", "max", "min", "prod", "argmax", "argmin"]
    ranges: tuple[Range, ...]
    conditions: tuple[Condition, ...]
    body: Expr | None
    window: tuple[Expr, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Add:
    """``terms`` with ``signs`` (+1 or -1, one a term) in the order written; one term with -1 is a negation."""

    terms: tuple[Expr, ...]
    signs: tuple[int, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Product:
    """Factors and how each is joined to the one before it; ``joins`` has one fewer than ``factors``.

    A join is ``""`` (juxtaposed), ``\\cdot``, ``\\times``, ``@`` or ``*``. A ``*`` may be a convolution
    where both sides are maps; ``\\times`` may be a size (``3 \\times 3``). Convolution signs that are
    unmistakable are ``Convolution``, division is ``Quotient``.
    """

    factors: tuple[Expr, ...]
    joins: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Quotient:
    """``\\frac{top}{bottom}`` (``slash`` False) or ``top / bottom`` (True)."""

    top: Expr
    bottom: Expr
    slash: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Power:
    """``base`` with a superscript that is not T, a layer or a prime; ``exponent`` may be a name."""

    base: Expr
    exponent: Expr
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Transpose:
    """``W^{T}``, ``W^\\top``, ``W^\\intercal``, Wᵀ."""

    base: Expr
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Convolution:
    """``left SIGN right`` with a sign of convolution, correlation or an elementwise or outer product.

    ``sign`` is ``*`` (only where a side is a matrix or map-like call, else ``*`` is a join), ``\\ast``,
    ``\\star``, ``\\circledast``, ``\\otimes``, ``\\odot`` or ``\\circ``. Signs group from the left and bind
    like products: ``a \\cdot B \\star C`` is ``(a B) \\star C``.
    """

    left: Expr
    sign: str
    right: Expr
    place: Place = field(default=NOWHERE, compare=False, repr=False)
    mode: str = ""
    """``full``, ``valid`` or ``same`` where it is written at the sign."""


@dataclass(frozen=True)
class Call:
    """``function(args)``: ``rot180``, ``exp``, ``vec``, ``pad``, ``floor``, ``ceil``, ``abs``, ``sqrt``, ``max``.

    ``function`` is the name without backslash, a subscript of digits glued on (``\\mathrm{rot}_{180}``
    is ``rot180``), as written else (case kept). Other subscripts are in ``subscripts``
    (``\\mathrm{pad}_{1}`` -> ``pad1`` by the rule; ``\\log_{b}``). ``certain`` is False where it could be a product
    too: a letter such as ``f`` or ``\\sigma`` right before a bracket.
    """

    function: str
    args: tuple[Expr, ...]
    subscripts: Subscripts | None = None
    certain: bool = True
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Group:
    """Brackets around one expression: ``open`` is ``(``, ``[``, ``{`` (printed braces)."""

    inner: Expr
    open: str = "("
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Sequence:
    """Several expressions with commas: ``(p, q)``, ``{1, 2}``; ``open`` is empty without brackets (``i = 1, 2``)."""

    items: tuple[Expr, ...]
    open: str = "("
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Matrix:
    """A matrix by rows of equal length; ``kind`` is ``bmatrix``, ``pmatrix``, ``array`` ... or ``[`` in plain text.

    A cell may be ``Dots``.
    """

    rows: tuple[tuple[Expr, ...], ...]
    kind: str = "bmatrix"
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Case:
    """A row of ``cases``: the condition is None where the row has none."""

    value: Expr
    condition: Condition | None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Cases:
    """``\\begin{cases}`` (or a left brace with an array)."""

    rows: tuple[Case, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Iverson:
    """1 where all conditions hold, else 0.

    ``spelling``: ``bracket`` for ``[i = j]``, ``indicator`` for ``\\mathbb{1}[..]`` or ``\\mathbb{1}_{..}``, ``delta`` for
    ``\\delta_{i=c}``. (``\\delta_{ij}`` without a relation is an ``Indexed``.)
    """

    conditions: tuple[Condition, ...]
    spelling: Literal["bracket", "indicator", "delta"] = "bracket"
    place: Place = field(default=NOWHERE, compare=False, repr=False)


RelationKind = Literal[
    "=", "approx", "neq", "<", ">", "<=", ">=", "in", "notin", "subset", "divides", "ndivides", "prop", "arrow", "assign", "+="
]


@dataclass(frozen=True)
class Relation:
    """A sign between two members. ``text`` as written; for an arrow, ``label`` is what stands over it (``pool``)."""

    kind: RelationKind
    text: str
    label: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Comparison:
    """``a <= b <= c`` inside something (a condition, a range); never at the depth of a piece."""

    members: tuple[Expr, ...]
    relations: tuple[Relation, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Words:
    """Words inside mathematics: ``\\text{..}``, a bare ``otherwise``; ``text`` is stripped."""

    text: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Dots:
    """``\\cdots``, ``\\ldots``, ``\\vdots``, ``...``"""

    text: str = "..."
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Unread:
    """A member that could not be read; its problems are in the piece."""

    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Condition:
    """A condition: words, a statement, or both.

    ``words`` is the phrase before the statement as written (``if``, ``for all``, ``若``; ``""`` for a comma
    alone) or the whole condition (``otherwise``, ``是最大值``), and ``statement`` a ``Comparison``, a name or
    ``Sequence`` (``for all i, j``), or None. Several conditions of one piece or row hold together,
    unless ``join`` is ``or``: then this one is an alternative to the one before it. ``after``:
    words after the statement (``i 是最大值``).
    """

    words: str
    statement: Expr | None = None
    join: Literal["and", "or"] = "and"
    after: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


Expr = Union[
    Number, Name, Slice, Indexed, Derivative, Prime, Reduction, Add, Product, Quotient, Power, Transpose, Convolution,
    Call, Group, Sequence, Matrix, Cases, Iverson, Comparison, Words, Dots, Unread,
]  # fmt: skip


def compound_text(expr: Expr) -> str | None:
    """A name with one plain subscript as one text: ``X_1``, ``X_k``, ``X_{in}``; None for other entries."""
    if not isinstance(expr, Indexed) or not isinstance(expr.base, Name) or len(expr.items) != 1 or expr.groups[0].style != "sub":
        return None
    item = expr.items[0]
    if isinstance(item, Number):
        return f"{expr.base.text}_{item.digits}"
    if isinstance(item, Name):
        return f"{expr.base.text}_{item.text}"
    if isinstance(item, Product) and set(item.joins) == {""} and all(isinstance(one, Name) for one in item.factors):
        return f"{expr.base.text}_{{{''.join(one.text for one in item.factors if isinstance(one, Name))}}}"
    return None


# -- documents ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """What could not be read, and where; ``limit`` names the limit that was reached, if one was."""

    message: str
    place: Place
    limit: str = ""


@dataclass(frozen=True)
class Piece:
    """One equation, chain, mention or statement of a span.

    Claims are its ``links()``. ``earlier`` are the members of the chain that this piece continues (it
    begins with ``=``; empty otherwise), with their own places in an earlier span; then ``relations``
    has one more entry, its first joins ``earlier[-1]`` and ``members[0]``. A piece without relations is
    a mention. Side conditions cut off in the same span are in ``conditions`` already; a piece in a span of
    its own that holds only index letters and numbers has ``index_only``.
    """

    members: tuple[Expr, ...]
    relations: tuple[Relation, ...]
    place: Place
    """From the first own member to the last, without labels, words and delimiters."""
    conditions: tuple[Condition, ...] = ()
    label: str = ""
    connectives: tuple[Words, ...] = ()
    """Leading words of the closed list (then, so, 则 ...), dropped from the members."""
    earlier: tuple[Expr, ...] = ()
    index_only: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def readable(self) -> bool:
        return not self.problems

    def links(self) -> Iterator[tuple[Expr, Relation, Expr]]:
        """Each ``left relation right`` in order, as neighbours in the chain."""
        chain = (*self.earlier[-1:], *self.members)
        yield from zip(chain, self.relations, chain[1:], strict=False)


@dataclass(frozen=True)
class Span:
    """A piece of mathematics between delimiters, or a line of plain-text mathematics.

    ``place`` has the delimiters, ``inner`` has not. ``block`` numbers the paragraph, list item, heading or
    table cell that it stands in (``Prose`` has it too), so that words around it can be found.
    ``problems`` are those of the span itself (not closed, too long); those of its pieces are there.
    """

    kind: Literal["inline", "display", "environment", "fence", "plain"]
    place: Place
    inner: Place
    pieces: tuple[Piece, ...]
    block: int = 0
    environment: str = ""
    in_table: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Prose:
    """Words between spans, a line at most; ``heading`` is its level, 0 for none.

    ``equals`` says that it holds an equality sign beside mathematics, which a reader may
    take for a claim and the checker does not: to be warned about.
    """

    text: str
    place: Place
    block: int = 0
    heading: int = 0
    equals: bool = False


@dataclass(frozen=True)
class Source:
    """A decoded file. ``text`` has no BOM and keeps its line ends; ``encoding`` says which was read."""

    name: str
    text: str
    encoding: str = "utf-8"
    newline: str = "\n"
    starts: tuple[int, ...] = field(default=(0,), repr=False, compare=False)
    """The offset of the first code point of each line."""

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, in code points."""
        from bisect import bisect_right

        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def slice(self, place: Place) -> str:
        """What stands at ``place``."""
        return self.text[place.start : place.end]


@dataclass(frozen=True)
class Reading:
    """Everything that was found in a file, in its order.

    ``problems`` are those of the file (binary, too big) and of mathematics that could not even be
    delimited; ``all_problems`` has those of spans and pieces too.
    """

    source: Source
    items: tuple[Span | Prose, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(item for item in self.items if isinstance(item, Span))

    @property
    def prose(self) -> tuple[Prose, ...]:
        return tuple(item for item in self.items if isinstance(item, Prose))

    def pieces(self) -> Iterator[tuple[Span, Piece]]:
        """Every piece with its span, in order."""
        for span in self.spans:
            for piece in span.pieces:
                yield span, piece

    def all_problems(self) -> Iterator[Problem]:
        """Problems of the file, its spans and its pieces."""
        yield from self.problems
        for span in self.spans:
            yield from span.problems
            for piece in span.pieces:
                yield from piece.problems
