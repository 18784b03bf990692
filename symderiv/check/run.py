"""The whole check of one file: every equals sign becomes a claim with a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symderiv.check.bias import speaks_of_bias
from symderiv.check.budget import (
    FILE_EXPLAINING,
    FILE_WORK,
    FURTHER_EXPLAINING,
    FURTHER_WORK,
    PART_WORK,
    FileBudget,
    TooDear,
)
from symderiv.check.chains import certain_in_chains
from symderiv.check.claims import (
    Link,
    Read,
    dear,
    judge_read,
    kind_and_tensor,
    links_of,
    read_link,
    trivial,
)
from symderiv.check.context import Context, ShapeMismatch, Unknown, Unreadable
from symderiv.check.example import counterexample
from symderiv.check.explain import WORK as EXPLAIN_WORK
from symderiv.check.explain import Told, explain
from symderiv.check.judge import Judged, Truths
from symderiv.check.lower import Lowerer, names_in
from symderiv.check.numbers import Examples, with_vector
from symderiv.check.places import span_of
from symderiv.check.premises import Premise, premises_around
from symderiv.check.readas import read_as, write
from symderiv.check.readings import goes_on, in_pairs
from symderiv.check.sentences import SUMMED, Said, is_literal, said_around
from symderiv.check.statements import statements
from symderiv.check.summed import runs_over_sums, sums_over, with_ranges
from symderiv.check.survey import Survey, example_size, new_name, size_claim, survey
from symderiv.check.syntax import parts
from symderiv.check.tell import assumptions, message_for
from symderiv.check.value import Unstated
from symderiv.check.warnings import warnings_of
from symderiv.check.words import Around, conditions_around
from symderiv.formula.nodes import Number
from symderiv.formula.write import write_formula
from symderiv.layers import Stated
from symderiv.model import Layer
from symderiv.notes import tree
from symderiv.report_model import CheckedLayer, Claim, Counterexample, Message, Report

MOST_CLAIMS = 5_000
MOST_SHOWN = 200
"""Letters of a span that are shown where all of it is too long to read."""
_ENDS = Message("where the sum ends is not clear: put brackets around what it covers")
_PAIRED = Message("this may be each letter at every value, or one value for each letter: write (i, j) = (1, 2), or i, j \\in \\{1, 2\\}")


def check(
    reading: tree.Reading, layer: Layer | None = None, symbols: Mapping[str, str] | None = None,
    stated: Sequence[tuple[int, Stated]] = (), unbiased: Layer | None = None,
) -> Report:
    """Judge every claim of a reading. ``layer`` and ``symbols`` win over what the notes say.

    ``stated`` are layers that the file states in so many words, each in force from an offset on.
    ``unbiased`` is meant for ``layer`` where the notes speak of no bias.

    Never raises for what stands in a file.
    """
    if unbiased is not None and not speaks_of_bias(reading, (symbols or {}).get("bias", "b")):
        layer = unbiased
    return _Run(reading, layer, symbols or {}, stated).report()


@dataclass
class _Run:
    reading: tree.Reading
    layer: Layer | None
    symbols: Mapping[str, str]
    stated: Sequence[tuple[int, Stated]] = ()
    truths: Truths = field(default_factory=Truths)
    work: FileBudget = field(init=False)
    explaining: FileBudget = field(init=False)
    """Apart, so that explaining the wrong claims never costs the others their verdicts."""
    indices: set[str] = field(default_factory=set)
    """Every letter that stands in a subscript somewhere in the file."""
    said: Mapping[int, Said] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)
    """Layers of which a forward formula was read and is right."""
    lost: dict[int, int] = field(default_factory=dict)
    """Layers of which only a forward formula stands that was not understood, with its line."""

    def __post_init__(self) -> None:
        claims = sum(len(piece.relations) for _, piece in self.reading.pieces())
        self.work = FileBudget(FILE_WORK + claims * FURTHER_WORK)
        self.explaining = FileBudget(FILE_EXPLAINING + claims * FURTHER_EXPLAINING)

    def report(self) -> Report:
        source = self.reading.source
        unusable = next((p for p in self.reading.problems if not self.reading.items), None)
        if unusable is not None:
            return Report(source.name, problem=Message(unusable.message), encoding=_encoding(source))
        found = survey(self.reading, self.layer, self.symbols, self.stated)
        for _, piece in self.reading.pieces():
            for node in parts(piece.members):
                if isinstance(node, tree.Indexed):
                    self.indices |= {n.text for n in names_in(node.items)}
                elif isinstance(node, tree.Range):
                    self.indices.add(node.index.text)
        claims: list[Claim] = []
        clashes: dict[str, tree.Place] = {}
        examples = Examples(self.truths)
        words = conditions_around(self.reading)
        self.said = said_around(self.reading)
        self.premises = premises_around(self.reading, found)
        self.loss_given = _gives_loss(self.reading, found)
        mentions = 0
        for span in self.reading.spans:
            before = len(claims)
            claims += self._unread(span)
            for piece in span.pieces:
                if len(claims) >= MOST_CLAIMS:
                    claims += self._past(span, piece)
                elif self._about_indices(piece, found):
                    claims += self._number(span, piece, found, examples)
                else:
                    made = list(self._piece(span, piece, found, words, clashes, examples))
                    claims += self._under_its_formula(piece, made, found)
            mentions += len(claims) == before
        claims += (self._over(problem, problem.place) for problem in self.reading.problems if problem.limit)
        claims = certain_in_chains(claims)
        warnings = warnings_of(self.reading, found, clashes, claims)
        return Report(
            source.name, tuple(self._layers(found)), tuple(claims), warnings, len(self.reading.spans), mentions,
            _encoding(source),
        )

    def _layers(self, found: Survey) -> Iterator[CheckedLayer]:
        for context in found.all:
            roles = {canonical: written for written, canonical in context.roles.items()}
            roles["L"] = context.loss
            yield CheckedLayer(
                context.id, context.layer.name, {k: _json(v) for k, v in context.layer.options.items()}, roles,
                context.line, write_formula(context.layer.formula),
            )

    def _piece(self, span: tree.Span, piece: tree.Piece, found: Survey, words: Mapping[int, Around],
               clashes: dict[str, tree.Place], examples: Examples) -> Iterator[Claim]:
        if piece.problems and not piece.relations:
            if _looks_like_claim(piece, self.reading.source) or (
                    any(p.limit for p in piece.problems) and "=" in self.reading.source.slice(span.inner)):
                yield self._unreadable(span, piece, piece.place)
            return
        around = words.get(id(piece), Around())
        links = list(links_of(span, piece))
        if not links and (lost := _in_a_condition(piece)) is not None:
            yield self._because(tree.Problem("the words before this equation can't be read", lost), lost, span.place)
            return
        if piece.problems and not links and any(r.kind in ("=", "assign") for r in piece.relations) and (
                any(p.limit for p in piece.problems) or any(isinstance(p, (tree.Indexed, tree.Derivative)) for p in parts(piece.members))):
            # ``= W_{11}`` with nothing before it; "a stride $= 2$" is a side remark
            yield self._unreadable(span, piece, piece.place)
        for link in links:
            link = replace(link, chosen=around.chosen, unread=around.unread)
            if piece.problems:
                yield self._unreadable(span, piece, link.place)
                continue
            if link.relation.kind in ("=", "assign") and (tail := _other_statement(piece)) is not None:
                yield self._plain(link, "unreadable", Message("'%(sign)s' beside the equation is not understood", {"sign": self.reading.source.slice(tail.place)}),
                                  unreadable_at=span_of(self.reading.source, tail.place))
                continue
            if link.relation.kind in ("approx", "neq", "<", ">", "<=", ">=", "prop"):
                yield self._plain(link, "unchecked", Message("'%(sign)s' is no equation: it is not judged", {"sign": link.relation.text}))
                continue
            if link.relation.kind == "arrow" and not _pools(link.relation):
                continue
            if link.relation.kind not in ("=", "assign", "arrow"):
                continue
            try:
                with self.work.claim() as budget:
                    budget.spend(PART_WORK * sum(1 for _ in parts((link.left, link.right))))
                yield self._under(link, found, clashes, examples)
            except TooDear as error:
                yield self._plain(link, "unreadable", dear(error))
            except Exception:  # a fault of ours in one claim must not cost the verdicts on the others
                yield self._plain(link, "unreadable", Message("this can't be judged"))

    def _under_its_formula(self, piece: tree.Piece, made: list[Claim], found: Survey) -> list[Claim]:
        """The claims of a piece; unreadable after a forward formula that was not, for then words alone say which layer is meant."""
        context, _ = found.at(piece.place.start)
        if context is None or found.fixed is not None or self.stated:
            return made
        if piece.members and piece.relations and _names_output(piece.members[0], context):
            verdicts = {c.verdict for c in made}
            if "correct" in verdicts:
                self.lost.pop(context.id, None)
                self.shown.add(context.id)
            elif verdicts & {"unreadable", "unchecked"} and context.id not in self.shown and isinstance(piece.members[0], (tree.Indexed, tree.Name)):
                self.lost.setdefault(context.id, self.reading.source.position(piece.place.start)[0])
            return made
        line = self.lost.get(context.id)
        if line is None:
            return made
        message = Message("the forward formula on line %(line)s was not understood, so which layer is meant is not known", {"line": line})
        return [replace(c, verdict="unreadable", message=message, differences=(), counterexample=None, repair=None, assumes=()) if c.verdict in ("correct", "wrong", "incomplete") else c for c in made]

    def _about_indices(self, piece: tree.Piece, found: Survey) -> bool:
        """``u = p-i+1``: index letters and numbers only, a side remark and no claim."""
        if piece.index_only:
            return not self._about_tensors(piece, found)
        if piece.problems or not piece.relations or piece.earlier:
            return False
        names = {n.text for n in names_in(piece.members)}
        context, _ = found.at(piece.place.start)
        if context is None or not names:
            return False
        letters = names - context.sizes.keys()
        first = piece.members[0]
        if not letters or not isinstance(first, tree.Name) or first.text not in letters:
            return False
        return letters <= self.indices and not letters & context.roles.keys() and not any(
            isinstance(p, (tree.Indexed, tree.Derivative)) for p in parts(piece.members))

    def _about_tensors(self, piece: tree.Piece, found: Survey) -> bool:
        """``y = x * w``: small letters, but tensors of the layer, and nowhere a subscript."""
        context, _ = found.at(piece.place.start)
        letters = {n.text for n in names_in(piece.members)}
        if any(isinstance(p, tree.Indexed) for p in parts(piece.members)):
            return False
        return context is not None and len(letters) > 1 and letters <= context.roles.keys() and not letters & self.indices

    def _number(self, span: tree.Span, piece: tree.Piece, found: Survey, examples: Examples) -> Iterator[Claim]:
        """``b = 1`` in a number example; other side remarks are mentions."""
        context, _ = found.at(piece.place.start)
        for link in links_of(span, piece):
            if context is None or link.relation.kind not in ("=", "assign"):
                continue
            if isinstance(link.left, tree.Name) and link.left.text in context.roles:
                try:
                    told = examples.claim(link, context)
                except TooDear as error:
                    told = "unreadable", dear(error), None, None
                if told is not None:
                    yield self._plain(link, told[0], told[1], kind=told[2], tensor=told[3], layer=context.id, read_as=_numbers_read(link, context))

    # -- one claim -----------------------------------------------------------------------------
    def _plain(self, link: Link, verdict: str, message: Message, **more: object) -> Claim:
        source = self.reading.source
        return Claim(
            span_of(source, link.place), source.slice(link.place), verdict, message,  # type: ignore[arg-type]
            span_of(source, link.span.place), **more,  # type: ignore[arg-type]
        )

    def _past(self, span: tree.Span, piece: tree.Piece) -> Iterator[Claim]:
        """The claims of a piece beyond as many as a file may hold: none is judged, and each says so."""
        for link in links_of(span, piece):
            if link.relation.kind in ("=", "assign"):
                yield self._plain(link, "unreadable", dear(TooDear("claims in one file", MOST_CLAIMS)))

    def _unread(self, span: tree.Span) -> Iterator[Claim]:
        """A span that is over a limit as a whole, or not closed, is a claim that can't be read, where an equation stands in it."""
        over = next(iter(span.problems), None)
        text = self.reading.source.slice(span.inner)
        if over is not None and not span.pieces and "=" in text and (over.limit or _GRADIENT.search(text)):
            yield self._over(over, span.inner)

    def _over(self, problem: tree.Problem, place: tree.Place) -> Claim:
        place = tree.Place(place.start, min(place.end, place.start + MOST_SHOWN))
        return self._because(replace(problem, place=place), place, place)

    def _unreadable(self, span: tree.Span, piece: tree.Piece, place: tree.Place) -> Claim:
        return self._because(piece.problems[0], place, span.place)

    def _because(self, problem: tree.Problem, place: tree.Place, around: tree.Place) -> Claim:
        source = self.reading.source
        message = Message(problem.message) if not problem.limit else Message(
            "%(what)s: the limit '%(limit)s' was reached", {"what": Message(problem.message), "limit": Message(problem.limit)})
        return Claim(
            span_of(source, place), source.slice(place), "unreadable", message, span_of(source, around),
            unreadable_at=span_of(source, problem.place),
        )

    def _under(self, link: Link, found: Survey, clashes: dict[str, tree.Place], examples: Examples) -> Claim:
        """The claim under the conditions of its sentence; what holds without them holds under them too."""
        said = self.said.get(id(link.piece), Said())
        context, _ = found.at(link.place.start)
        conditions = tuple(c for c in said.conditions if context is None or self._bears_on(c, link, context))
        premise = self.premises.get(id(link.piece), Premise())
        if premise.hard is not None and context is not None:
            return self._plain(link, "unreadable", premise.hard, layer=context.id)
        doubt = said.doubt
        if said.places and is_literal(link.left):
            doubt = None
        if link.chosen is not None and doubt is not None and not conditions and context is not None and link.unread is None:
            doubt = None
        ranged = tuple(c for c in conditions if runs_over_sums(c, link))
        if ranged:
            link, conditions = with_ranges(link, ranged), tuple(c for c in conditions if c not in ranged)
        bare = not conditions
        claim = self._claim(
            link if bare else replace(link, piece=replace(link.piece, conditions=(*link.piece.conditions, *conditions))),
            found, clashes, examples)
        summed = any(c.words == SUMMED for c in conditions)
        if claim.verdict == "unreadable" and not (bare and link.chosen is None) and not summed:
            free = self._claim(replace(link, chosen=None), found, clashes, examples)
            return free if free.verdict == "correct" else claim
        if said.doubt is not None and claim.verdict == "correct" and sums_over(said.letters, link):
            return self._plain(link, "unreadable", said.doubt, layer=claim.layer, kind=claim.kind, tensor=claim.tensor)
        if doubt is None:
            doubt = premise.soft or self._with_loss(link, context)
        if doubt is not None and claim.verdict in ("wrong", "incomplete"):
            return self._plain(link, "unreadable", doubt, layer=claim.layer, kind=claim.kind, tensor=claim.tensor)
        return claim

    def _with_loss(self, link: Link, context: Context | None) -> Message | None:
        """The notes give the loss a formula, which an equation without the upstream gradient may have put in."""
        if not self.loss_given or context is None or any(
                isinstance(p, tree.Derivative) and isinstance(p.of, tree.Name) and p.of.text == context.loss for p in parts(link.right)):
            return None
        return Message("the notes give %(loss)s a formula, and this may have put it in: that is not judged", {"loss": context.loss})

    def _bears_on(self, condition: tree.Condition, link: Link, context: Context) -> bool:
        """Whether a condition restricts a claim: not one on index letters that an entry by numbers does not have."""
        letters = {n.text for n in names_in(condition)}
        if condition.words == SUMMED or not letters or not is_literal(link.left) or not letters <= self.indices or letters & context.sizes.keys():
            return True
        return bool(letters & {n.text for n in names_in((link.first, link.left, link.right))})

    def _claim(self, link: Link, found: Survey, clashes: dict[str, tree.Place], examples: Examples) -> Claim:
        context, why = found.at(link.place.start)
        if context is None:
            return self._plain(link, "unchecked", Message("no layer is known here: %(why)s", {"why": why or ""}))
        if link.relation.kind == "arrow":
            return self._arrow(link, context)
        if isinstance(link.left, tree.Name) and link.left.text in context.matrices and isinstance(link.right, tree.Matrix):
            _define_again(link, context)
        if size_claim(link.left, link.right, context):
            return self._plain(link, "correct", Message("taken as a definition"), kind="definition", layer=context.id,
                               read_as=_numbers_read(link, context))
        if example_size(link.left, link.right, context):
            return self._plain(link, "unchecked", Message("a number for a size that the notes leave open"), layer=context.id)
        link = with_vector(link, context)
        context = examples.at(link, context)
        known = examples.claim(link, context)
        if known is not None:
            verdict, message, kind, tensor = known
            return self._plain(link, verdict, message, kind=kind, tensor=tensor, layer=context.id, read_as=_numbers_read(link, context),
                               counterexample=_both_numbers(verdict, message))
        try:
            read = read_link(link, context)
        except Unknown as error:
            return self._unknown(link, context, error)
        except Unreadable as error:
            if _is_definition(link, context):
                return self._plain(link, "correct", Message("taken as a definition"), kind="definition", layer=context.id)
            return self._plain(link, "unreadable", error.message, layer=context.id,
                               unreadable_at=span_of(self.reading.source, error.place))
        except RecursionError:
            return self._plain(link, "unreadable", Message("the equation is nested too deep"), layer=context.id)
        for letter, place in read.clashes.items():
            clashes.setdefault(letter, place)
        claim = self._judged(link, read, context, examples)
        taken = frozenset(n.text for n in names_in(link.left)) | frozenset(n.text for n in names_in(link.first))
        other = goes_on(link.right, context, taken)
        if other is not None:
            claim = self._both(link, replace(link, right=other), claim, context, _ENDS)
        paired = in_pairs(link.piece.conditions)
        if paired is not None:
            claim = self._both(link, replace(link, piece=replace(link.piece, conditions=paired)), claim, context, _PAIRED)
        return claim

    def _both(self, link: Link, other: Link, claim: Claim, context: Context, doubt: Message) -> Claim:
        """A verdict only where both readings give it; ``doubt`` says what is not clear."""
        try:
            read = read_link(other, context)
            with self.work.claim() as budget:
                judged = judge_read(read, other, context, self.truths, budget)
        except (Unknown, Unreadable):
            return claim
        correct = not isinstance(judged, ShapeMismatch) and judged.equal
        if correct == (claim.verdict == "correct"):
            return claim
        return self._plain(
            link, "unreadable", doubt, layer=context.id,
            unreadable_at=span_of(self.reading.source, link.right.place),
        )

    def _unknown(self, link: Link, context: Context, error: Unknown) -> Claim:
        base = link.left.base if isinstance(link.left, tree.Indexed) else link.left
        if isinstance(base, tree.Name) and new_name(base, context):
            return self._plain(link, "unchecked", error.message, layer=context.id, kind="definition")
        return self._plain(link, "unchecked", error.message, layer=context.id)

    def _judged(self, link: Link, read: Read, context: Context, examples: Examples) -> Claim:
        kind, tensor, index = kind_and_tensor(read, context)
        common: dict[str, object] = {
            "layer": context.id, "kind": kind, "tensor": tensor, "index": index, "read_as": read_as(read),
        }
        if trivial(read):
            if examples.total(read, context) or examples.again(link, context):
                return self._plain(link, "correct", Message("a number of the number example"), **{**common, "kind": "gradient"})
            if _defined_here(link, context):
                return self._plain(link, "correct", Message("taken as a definition"), **{**common, "kind": "definition"})
            if isinstance(read.left, Number) and isinstance(read.right, Number) and not isinstance(link.left, tree.Number):
                return self._plain(link, "correct", Message("the numbers agree"), **common)
            return self._plain(link, "unchecked", Message("both sides are the same expression: it says nothing"), **common)
        try:
            with self.work.claim() as budget:
                judged = judge_read(read, link, context, self.truths, budget)
        except Unreadable as error:
            return self._plain(link, "unreadable", error.message, unreadable_at=span_of(self.reading.source, error.place), **common)
        if isinstance(judged, ShapeMismatch):
            return self._mismatch(link, judged, context, common)
        if context.base_open and self._only_from_zero(link, judged, context):
            return self._plain(
                link, "unreadable", Message("right if positions count from 0, wrong if they count from 1: the notes do not say which"),
                unreadable_at=span_of(self.reading.source, link.right.place), **common)
        if judged.equal and judged.zero_reads and context.zero_denied:
            return self._plain(link, "unreadable", Message("right only if entries outside their range are 0, which the notes deny"), **common)
        if judged.equal:
            context.signs.update(judged.meanings)
            return self._plain(link, "correct", self._correct_message(link, context, kind), assumes=assumptions(judged, read, context), **common)
        if judged.depends:
            return self._plain(link, "unchecked", Message("whether it is right depends on a size that the notes do not give"), **common)
        if judged.empty:
            return self._plain(link, "unchecked", Message("its conditions hold nowhere"), **common)
        with self.work.claim() as budget:
            agrees = examples.agree(read, link, context, budget)
        if agrees:
            return self._plain(link, "correct", Message("right for these numbers"), **common)
        alone = judged.outcome.trouble is None and read.ready is not None and not read.ready.sides.free
        if alone and examples.partly(judged.outcome.left, judged.outcome.right, context):
            return self._plain(
                link, "unreadable", Message("right with the numbers of the example, wrong without them: which is meant is not clear"),
                unreadable_at=span_of(self.reading.source, link.right.place), **common)
        return self._false(link, read, judged, context, common)

    def _only_from_zero(self, link: Link, judged: Judged, context: Context) -> bool:
        """Whether a claim is false counted from 1 and true from 0; one that is true only from 1 settles the base."""
        other = replace(context, base=0, base_open=False)
        try:
            with self.work.claim() as budget:
                found = judge_read(read_link(link, other), link, other, self.truths, budget)
        except (Unknown, Unreadable):
            return False
        from_zero = not isinstance(found, ShapeMismatch) and found.equal
        if judged.equal and not from_zero:
            context.base_open = False
        return from_zero and not judged.equal

    def _correct_message(self, link: Link, context: Context, kind: str | None) -> Message:
        if kind == "forward" and any(s.formula for s in statements(tree.Piece((link.left, link.right), (link.relation,), link.place))):
            return Message("the forward formula of %(layer)s", {"layer": context.layer.name})
        return Message("right")

    def _false(self, link: Link, read: Read, judged: Judged, context: Context, common: Mapping[str, object]) -> Claim:
        verdict = "incomplete" if judged.completion is not None else "wrong"
        example = None
        if read.by_value and isinstance(judged.outcome.trouble, Unstated):
            pass  # by its value the entry is compared with every output: what is written has a value there
        elif read.ready is not None:
            example = counterexample(judged.outcome, read.ready.sides, judged.sizes, context.base)
        else:
            from symderiv.check.decide import Sides
            from symderiv.formula.nodes import ZERO

            example = counterexample(judged.outcome, Sides(ZERO, ZERO), judged.sizes, 1)
        with self.explaining.claim(EXPLAIN_WORK) as budget:
            # what an edit would mend is sought for the layer as it is, not for windows kept apart by the words
            told = Told() if judged.apart else explain(link, read, judged, context, self.truths, self.reading.source, budget)
        return self._plain(
            link, verdict, told.message or message_for(judged, read, context), differences=told.differences, repair=told.repair,
            expected=told.expected, found=self.reading.source.slice(link.right.place), counterexample=example, **common,
        )

    def _mismatch(self, link: Link, error: ShapeMismatch, context: Context, common: Mapping[str, object]) -> Claim:
        from symderiv.report_model import Difference

        found, expected = ("x".join(map(str, s)) for s in (error.found, error.expected))
        message = Message("the sizes do not fit: %(found)s, not %(expected)s", {"found": found, "expected": expected})
        difference = Difference("shape", span_of(self.reading.source, link.right.place), found, expected)
        example = Counterexample({}, {}, found, expected)
        return self._plain(link, "wrong", message, differences=(difference,), counterexample=example, **common)

    def _arrow(self, link: Link, context: Context) -> Claim:
        """``matrix -> matrix`` under pool: the output's size follows from the input's."""
        from symderiv.check.statements import matrix_name

        left, right = matrix_name(link.left), matrix_name(link.right)
        common: dict[str, object] = {"kind": "shape", "layer": context.id, "tensor": context.layer.output.name}
        if left is None or right is None:
            return self._plain(link, "unreadable", Message("the matrices can't be read as tensors"), unreadable_at=span_of(self.reading.source, link.place), layer=context.id)
        if not context.layer.numeric or not context.layer.name.endswith(f"{len(left[1])}d"):
            return self._plain(link, "unchecked", Message("the window's size is not known"), **common)
        truth = self.truths.at(context.layer, {})
        sizes = ("x".join(map(str, m[1])) for m in (left, right))
        common["read_as"] = f"pool(I) = O where the sizes are {' and '.join(sizes)}"
        if context.roles.get(left[0]) != "I" or context.roles.get(right[0]) != "O":
            return self._plain(link, "unchecked", Message("these are not the layer's tensors"), **common)
        want = truth.shapes["I"][-len(left[1]):], truth.shapes["O"][-len(right[1]):]
        if (left[1], right[1]) == want:
            return self._plain(link, "correct", Message("the sizes fit"), **common)
        return self._mismatch(link, ShapeMismatch(right[1], want[1]), context, common)


def _both_numbers(verdict: str, message: Message) -> Counterexample | None:
    """The two numbers of a false number example: the rest stands in the notes."""
    numbers = message.arguments
    if verdict != "wrong" or not {"claimed", "true"} <= numbers.keys():
        return None
    return Counterexample({}, {}, str(numbers["claimed"]), str(numbers["true"]))


def _names_output(member: tree.Expr, context: Context) -> bool:
    """Whether a member is the output or an entry of it."""
    base = member.base if isinstance(member, tree.Indexed) else member
    return isinstance(base, tree.Name) and base.gradient is None and context.roles.get(base.text) == context.layer.output.name


def _pools(relation: tree.Relation) -> bool:
    """An arrow over which pooling is written: it joins the maps of a layer."""
    return "pool" in relation.label.lower() or "池化" in relation.label


def _other_statement(piece: tree.Piece) -> tree.Relation | None:
    """A sign in an equation's own chain that says something that is not judged: nothing is judged on a part."""
    return next((
        r for r in piece.relations if r.kind in ("in", "notin", "subset", "divides", "ndivides") or (r.kind == "arrow" and not _pools(r))
    ), None)


def _numbers_read(link: Link, context: Context) -> str:
    """How an equation of a number example was understood."""
    lowerer = Lowerer(context)
    try:
        return f"{write(lowerer.lower(link.left))} = {write(lowerer.lower(link.right))}"
    except (Unreadable, Unknown, RecursionError):
        return ""


def _defined_here(link: Link, context: Context) -> bool:
    base = link.left.base if isinstance(link.left, tree.Indexed) else link.left
    if isinstance(base, tree.Name) and context.roles.get(base.text) == context.layer.upstream and isinstance(link.right, tree.Derivative):
        return True
    for side in (link.left, link.right):
        base = side.base if isinstance(side, tree.Indexed) else side
        if isinstance(base, tree.Name) and (base.text in context.definitions or base.text in context.matrices):
            return True
    return False


def _is_definition(link: Link, context: Context) -> bool:
    """Whether a link is what gave its left side's name a meaning, whatever the range of its letters: ``V_a = W_{3-a}``."""
    base = link.left.base if isinstance(link.left, tree.Indexed) else None
    found = context.definitions.get(base.text) if isinstance(base, tree.Name) else None
    if found is None or not found.indices or found.tensor:
        return False
    try:
        left, right = (Lowerer(context, frozenset(found.indices)).lower(m) for m in (link.left, link.right))
    except (Unreadable, Unknown, RecursionError):
        return False
    return left == right == found.body


def _define_again(link: Link, context: Context) -> None:
    """A letter for a matrix gets another one: from here on that is meant."""
    assert isinstance(link.left, tree.Name)
    try:
        context.matrices[link.left.text] = Lowerer(context).lower(link.right)
    except (Unreadable, Unknown):
        return


_GRADIENT = re.compile(r"\\partial|\\nabla|∂|_\{?\w")
"""A sign that an equation speaks of gradients or entries."""


def _in_a_condition(piece: tree.Piece) -> tree.Place | None:
    """An equation between gradients that the words before it made a condition."""
    for condition in piece.conditions:
        if isinstance(condition.statement, tree.Comparison) and any(isinstance(p, tree.Derivative) for p in parts(condition.statement.members)):
            return condition.statement.place
    return None


def _gives_loss(reading: tree.Reading, found: Survey) -> bool:
    """Whether ``L = ...`` is more than a number."""
    losses = {context.loss for context in found.all}
    return any(
        isinstance(left, tree.Name) and left.text in losses and not isinstance(right, tree.Number)
        for _, piece in reading.pieces() for left, _, right in piece.links())


def _looks_like_claim(piece: tree.Piece, source: tree.Source) -> bool:
    return "=" in source.slice(piece.place)


def _encoding(source: tree.Source) -> str:
    names = {"utf-8": "UTF-8", "utf-8-bom": "UTF-8 with BOM", "gb18030": "GB18030", "utf-16": "UTF-16"}
    return names.get(source.encoding.lower(), source.encoding)


def _json(value: object) -> object:
    from symderiv.index.form import Form
    from symderiv.index.write import write_form

    if isinstance(value, Form):
        return value.constant if value.constant is not None else write_form(value)
    if isinstance(value, (tuple, list)):
        return [_json(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _json(v) for k, v in value.items()}
    return value
