"""One claim for each equals sign: lowered, judged, and told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symderiv.check.arrays import ARRAYS, Grid, Lowered, Part, Whole, WholePartial
from symderiv.check.budget import Budget, TooDear
from symderiv.check.conditions import kind_of, statements
from symderiv.check.context import Context, ShapeMismatch, Unreadable
from symderiv.check.finalise import Ready, finalise, matrices
from symderiv.check.indices import split_items
from symderiv.check.judge import Judge, Judged, Truths, is_element, summable, summed
from symderiv.check.lower import PADS, Lowerer, index_letters
from symderiv.check.maximum import by_named_window, by_value, of_left, speaks_of
from symderiv.check.slices import entrywise, sliced
from symderiv.check.syntax import MAPS, parts
from symderiv.formula.nodes import Condition, Entry, Partial, UnsupportedNode
from symderiv.formula.walk import walk
from symderiv.notes import tree
from symderiv.report_model import ClaimKind, Message


@dataclass(frozen=True)
class Link:
    """One claim as it stands in the file."""

    left: tree.Expr
    relation: tree.Relation
    right: tree.Expr
    first: tree.Expr
    piece: tree.Piece
    span: tree.Span
    chosen: bool | None = None
    """From the words around it: the entry is (not) the maximum."""
    unread: Message | None = None
    """A condition around it that was not understood."""

    @property
    def place(self) -> tree.Place:
        return self.left.place.to(self.right.place)


@dataclass(frozen=True)
class Read:
    """A claim after lowering."""

    left: Lowered
    right: Lowered
    first: Lowered
    ready: Ready | None
    """None for matrices."""
    element: bool
    clashes: dict[str, tree.Place]
    by_value: bool = False
    """Whether an entry was compared with the maximum of a window."""
    apart: bool = False
    """The words beside it say that windows do not overlap."""


def links_of(span: tree.Span, piece: tree.Piece) -> Iterator[Link]:
    """The claims of a piece, in order."""
    chain = (*piece.earlier, *piece.members)
    if not chain:
        return
    for left, relation, right in piece.links():
        yield Link(left, relation, right, chain[0], piece, span)


def read_link(link: Link, context: Context) -> Read:
    """Lower both members.

    Raises:
        Unreadable, Unknown: something is not understood, or not defined.
    """
    if link.unread is not None:
        raise Unreadable(link.unread, link.place)
    if sliced(link.left, link.right):
        whole = link.first is link.left
        left_side, right_side = entrywise(link.left, link.right, context)
        link = replace(link, left=left_side, right=right_side, first=left_side if whole else link.first)
    lowerer = lowerer_of(link, context)
    left, right = lowerer.lower(link.left), lowerer.lower(link.right)
    first = left if link.first is link.left else lowerer.lower(link.first)
    tests: list[Condition] = []
    chosen = link.chosen
    extra: set[str] = set()
    over: set[str] = set()
    for condition in by_named_window(link.piece.conditions, context):
        kind = kind_of(condition)
        if kind in ("maximum", "not maximum"):
            of_left(condition, left, lowerer)
            chosen = kind == "maximum"
            continue
        if kind in ("apart", "summed", "remark") and condition.statement is None:
            extra.add(kind)
            continue
        if kind == "summed" and isinstance(condition.statement, tree.Sequence) and not condition.after:
            extra.add(kind)
            over |= {i.text for i in condition.statement.items if isinstance(i, tree.Name)}
            continue
        value = by_value(condition, lowerer, frozenset()) if kind == "joint" else None
        if value is not None:
            speaks_of(value, (left, right), condition.place, context)
            chosen = value.positive
            continue
        tests += statements(condition, context, frozenset())
    if matrices(left) or matrices(right):
        if tests or chosen is not None or extra - {"remark"}:
            raise Unreadable(Message("a condition beside a matrix can't be read"), link.place)
        return Read(left, right, first, None, False, lowerer.clashes, lowerer.by_value)
    try:
        ready = finalise(left, right, first, tests, chosen, context, link.place)
    except Unreadable as error:
        raise _at_letter(error, link) from None
    if over and not ready.right_only and not over <= {p.index.text for p in parts(link.right) if isinstance(p, tree.Range)}:
        raise Unreadable(Message("what the words sum over is not clear"), link.place)
    if "summed" in extra and ready.right_only:
        if not summable(ready.sides, ready.right_only) or ready.unsummed or (over and over != {f.index for f in ready.right_only}):
            raise Unreadable(Message("what the words sum over is not clear"), link.place)
        ready = replace(ready, sides=summed(ready.sides, ready.right_only, context), right_only=())
    element = is_element(left, context) and not ready.sides.free
    return Read(left, right, first, ready, element, lowerer.clashes, lowerer.by_value, "apart" in extra)


def _at_letter(error: Unreadable, link: Link) -> Unreadable:
    """The same error at the letter that it speaks of, where it has no place of its own."""
    letter = error.message.arguments.get("index")
    if error.place != link.place or letter is None:
        return error
    at = next((p.place for p in parts((link.left, link.right)) if isinstance(p, tree.Name) and p.text == letter), error.place)
    return Unreadable(error.message, at)


def lowerer_of(link: Link, context: Context) -> Lowerer:
    """What reads the members of this link."""
    lowerer = Lowerer(context)
    lowerer.maps = any(_of_maps(m) or _of_planes(m, context) for m in (link.left, link.right))
    lowerer.kronecker = _is_local(link.first, context) or _is_local(link.left, context) or _has_upstream(link.right, context)
    lowerer.free = index_letters(link.first) | index_letters(link.left)
    return lowerer


def _is_local(member: tree.Expr, context: Context) -> bool:
    """Whether a member is a derivative of something else than the loss."""
    return isinstance(member, tree.Derivative) and not (isinstance(member.of, tree.Name) and member.of.text == context.loss)


def _has_upstream(member: tree.Expr, context: Context) -> bool:
    """Whether the output's gradient stands there as a derivative: then an undefined delta with two indices is Kronecker's."""
    return any(
        isinstance(p, tree.Derivative) and isinstance(p.of, tree.Name) and p.of.text == context.loss for p in parts(member))


def _of_maps(member: tree.Expr) -> bool:
    """Whether a convolution sign or a padding stands in a member."""
    return any(
        (isinstance(p, tree.Convolution) and p.sign in MAPS) or (isinstance(p, tree.Call) and p.function in PADS)
        for p in parts(member)
    )


def _of_planes(member: tree.Expr, context: Context) -> bool:
    """``W_{f,c} * I_c``: a plain star between planes, entries with the subscripts of leading axes alone."""
    lead = len(context.layer.output.shape) - len(context.layer.axes)
    if lead < 1 or not context.layer.axes:
        return False
    return any(
        isinstance(p, tree.Product) and any(j == "*" and _plane(a, context) and _plane(b, context) for j, a, b in zip(p.joins, p.factors, p.factors[1:], strict=False))
        for p in parts(member))


def _plane(factor: tree.Expr, context: Context) -> bool:
    if isinstance(factor, tree.Derivative):
        factor = factor.by
    if not isinstance(factor, tree.Indexed) or not isinstance(factor.base, tree.Name):
        return False
    tensor = context.roles.get(factor.base.text)
    if tensor is None or len(factor.groups) != 1:
        return False
    shape = context.shape(tensor)
    lead = len(shape) - len(context.layer.axes)
    ones = sum(1 for n in shape[:lead] if n == 1)
    try:
        return any(len(split_items(factor, n)) == n for n in range(max(1, lead - ones), lead + 1)) and len(factor.items) <= lead
    except Unreadable:
        return False


def kind_and_tensor(read: Read, context: Context) -> tuple[ClaimKind | None, str | None, tuple[int, ...] | None]:
    """What sort of claim it is, and about which tensor."""
    for member in (read.first, read.left, read.right):
        tensor = _tensor(member)
        if tensor is None:
            continue
        index = _index(member)
        output = context.layer.output.name
        if isinstance(member, (Partial, WholePartial)):
            return "local-derivative", tensor, index
        if tensor == output:
            return "forward", tensor, index
        if tensor.startswith("d") and tensor not in {t.name for t in context.layer.tensors}:
            chain = any(_has_partial(m) for m in (read.left, read.right))
            return ("chain-rule" if chain else "gradient"), tensor[1:], index
        if member is not read.right:
            return "definition", tensor, index
    for member in (read.left, read.right):
        if isinstance(member, Grid) and isinstance(member.cells[0], Entry) and member.cells[0].tensor.startswith("d"):
            return "gradient", member.cells[0].tensor[1:], None
    for member in (read.left, read.right):
        if _mentions(member, context.layer.output.name):
            return "forward", context.layer.output.name, None
    return None, None, None


def _tensor(member: Lowered) -> str | None:
    if isinstance(member, (Whole, Entry, Part)):
        return member.tensor
    if isinstance(member, Partial):
        return member.wrt.tensor
    if isinstance(member, WholePartial):
        return member.by
    return None


def _index(member: Lowered) -> tuple[int, ...] | None:
    entry = member.wrt if isinstance(member, Partial) else member
    if isinstance(entry, Entry) and entry.index:
        values = [f.constant for f in entry.index]
        if all(v is not None for v in values):
            return tuple(v for v in values if v is not None)
    return None


def _has_partial(member: Lowered) -> bool:
    return any(isinstance(n, (Partial, WholePartial)) for n in below(member))


def _mentions(member: Lowered, tensor: str) -> bool:
    return any(isinstance(n, (Entry, Whole)) and n.tensor == tensor for n in below(member))


def below(member: object) -> Iterator[object]:
    """Every array and node below."""
    yield member
    if isinstance(member, ARRAYS):
        for field in member.__dataclass_fields__:
            value = getattr(member, field)
            for part in value if isinstance(value, tuple) else (value,):
                if hasattr(part, "__dataclass_fields__"):
                    yield from below(part)
    elif hasattr(member, "__dataclass_fields__"):
        yield from walk(member)  # type: ignore[arg-type]


def trivial(read: Read) -> bool:
    """Both sides are one expression."""
    if read.ready is None:
        return read.left == read.right
    return read.ready.sides.left == read.ready.sides.right


def judge_read(read: Read, link: Link, context: Context, truths: Truths, budget: Budget) -> Judged | ShapeMismatch:
    """Compare. Raises Unreadable where a limit is reached."""
    judge = Judge(context, truths)
    try:
        _same_shape(read, context)
        if read.ready is None:
            return judge.matrices(read.left, read.right, budget, link.place)
        return judge.entries(read.ready, read.element, budget, read.apart)
    except ShapeMismatch as error:
        return error
    except TooDear as error:
        raise Unreadable(dear(error), link.place) from error
    except (UnsupportedNode, RecursionError, KeyError, ArithmeticError) as error:
        raise Unreadable(Message("this can't be judged"), link.place) from error


def _same_shape(read: Read, context: Context) -> None:
    """Raises ShapeMismatch where one whole tensor is said to be another of other sizes."""
    if context.layer.family == "conv" and isinstance(read.left, Whole) and isinstance(read.right, Whole):
        found, wanted = (tuple(f.constant for f in context.shape(m.tensor)) for m in (read.right, read.left))
        if found != wanted and None not in (*found, *wanted):
            raise ShapeMismatch(tuple(n or 0 for n in found), tuple(n or 0 for n in wanted))


def dear(error: TooDear) -> Message:
    """Which limit was reached."""
    return Message("too dear to judge: the limit '%(limit)s' of %(most)s was reached", {"limit": Message(error.limit), "most": error.most})
