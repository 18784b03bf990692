"""Flat lists of factors -> trees: the reach of a sum, calls, derivatives, slashes, convolutions."""

from __future__ import annotations

import re

from symderiv.notes import limits
from symderiv.notes.ranges import conditions_of, ranges_of
from symderiv.notes.raw import (
    Braces,
    Differential,
    Factor,
    Listing,
    Marker,
    Raw,
    Script,
    Scripted,
    Statements,
    Unreadable,
    items_of,
    settle,
)
from symderiv.notes.scripts import attach, finish
from symderiv.notes.tree import (
    Add,
    Call,
    Comparison,
    Convolution,
    Derivative,
    Expr,
    Group,
    Indexed,
    Iverson,
    Matrix,
    Name,
    Number,
    Place,
    Prime,
    Product,
    Quotient,
    Reduction,
    Sequence,
    Slice,
    Subscripts,
    Words,
)

SIGNS = frozenset((r"\star", r"\circledast", r"\otimes", r"\odot", r"\ast", r"\circ"))
_LETTERS = frozenset((r"\sigma", r"\phi", r"\varphi", r"\psi", "f", "F", "g", "h", "a", r"\tanh"))
_PLAIN_LETTERS = frozenset((r"\sigma", r"\phi", r"\varphi", r"\psi", "f", "F"))
_MAPS = re.compile(r"(?i)rot|flip|pad|conv|corr|up|dilat|transpose|vec|crop|unpool")


def resolve(factors: list[Factor]) -> Raw:
    """The meaning of a list of factors; a lone differential or sign is given back for what is around it."""
    if len(factors) == 1:
        alone = factors[0][2]
        if isinstance(alone, Braces):
            return alone.inner
        if isinstance(alone, Marker) and not alone.scripts and alone.kind != "DEE":
            return alone
    if sum(isinstance(factor[2], Marker) for factor in factors) > limits.NESTING:
        raise Unreadable(limits.over("nesting", limits.NESTING, "levels"), _place(factors), "nesting")
    rest = list(factors)
    for at in range(len(rest) - 1, -1, -1):
        join, sign, raw = rest[at]
        if isinstance(raw, Marker) and raw.kind == "BIG":
            node, used = _reduction(raw, rest[at + 1 :])
            rest[at : at + 1 + used] = [(join, sign, node)]
    return _product(rest)


def _place(factors: list[Factor]) -> Place:
    return factors[0][2].place.to(factors[-1][2].place)


# -- sums and maxima ---------------------------------------------------------------------------


def _reduction(marker: Marker, after: list[Factor]) -> tuple[Expr, int]:
    """The reduction and how many of the factors after it are its body."""
    under, above = _limits(marker)
    kind = marker.text
    if under is None and after and after[0][0] == "" and isinstance(after[0][2], Statements):
        return _notation(kind, after[0][2], marker), 1
    if kind != "sum" and kind != "prod" and after and after[0][0] == "" and _is_bracket(after[0][2]):
        bracket = after[0][2]
        if under is None and above is None:
            call = Call(kind, _arguments(bracket), place=marker.place.to(bracket.place))
            if kind in ("max", "min") and not isinstance(bracket, Sequence):
                return Reduction(kind, (), (), settle(bracket), (), call.place), 1  # type: ignore[arg-type]
            return call, 1
        after = after[:1]
    if not after:
        if not kind.startswith("arg") or above is not None:
            raise Unreadable(f"nothing follows the {kind}", marker.place)
        window = tuple(settle(item) for item in items_of(under, marker.place, "a subscript")) if under else ()
        return Reduction(kind, (), (), None, window, marker.place), 0  # type: ignore[arg-type]
    if after[0][0] != "":
        raise Unreadable(f"nothing follows the {kind}", marker.place)
    ranges, conditions = ranges_of(under, above, marker.place)
    body = settle(_product(after))
    return Reduction(kind, ranges, conditions, body, (), marker.place.to(body.place)), len(after)  # type: ignore[arg-type]


def _limits(marker: Marker) -> tuple[Listing | None, Listing | None]:
    under: Listing | None = None
    above: Listing | None = None
    for script in marker.scripts:
        if script.kind == "sub" and under is None:
            under = script.rows
        elif script.kind == "super" and above is None:
            above = script.rows
        else:
            raise Unreadable(f"'{script.text}' at this sign is not understood", script.place)
    return under, above


def _notation(kind: str, statements: Statements, marker: Marker) -> Expr:
    """``sum(i=1..2, j=1..2, body)``, the one-line notation."""
    ranges, conditions = ranges_of(Listing([statements.items[:-1]], statements.place), None, statements.place)
    body = settle(statements.items[-1])
    if isinstance(body, Comparison) or not ranges:
        raise Unreadable("the last of these should be what is summed", statements.place)
    place = marker.place.to(statements.place)
    return Reduction(kind, ranges, conditions, body, (), place)  # type: ignore[arg-type]


# -- heads -------------------------------------------------------------------------------------


def _product(factors: list[Factor]) -> Raw:
    """Factors without sums, or with one at the end."""
    done: list[Factor] = []
    for at in range(len(factors) - 1, -1, -1):
        join, sign, raw = factors[at]
        _apply(join, sign, raw, done, factors[at - 1][2] if at else None)
    done.reverse()
    return _joined(_slashes(_differences(done)))


def _apply(join: str, sign: int, raw: Raw, done: list[Factor], before: Raw | None) -> None:
    """Put one factor before those that are done (they stand in reverse order)."""
    following = done[-1] if done and done[-1][0] == "" and done[-1][1] > 0 else None
    if isinstance(raw, Marker):
        node, used = _head(raw, following, done[-2] if len(done) > 1 else None)
        if used:
            done.pop()
        done.append((join, sign, node))
        return
    letter = _letter(raw)
    if letter is not None and following is not None and _touches(raw, following[2]):
        bracket, primes = following[2], letter[1]
        if _is_bracket(bracket):
            call = _letter_call(raw, letter[0], primes, bracket)
            if call is not None:
                done.pop()
                done.append((join, sign, call))
                return
    if isinstance(raw, Scripted) and _is_bracket(raw) and before is not None and (isinstance(before, Marker) or _letter(before)):
        done.append((join, sign, raw))
        return
    node = finish(raw)
    if following is not None and isinstance(following[2], Sequence) and following[2].open == "(" and isinstance(node, (Name, Indexed)):
        done.pop()
        group = Subscripts(following[2].items, "paren", following[2].place)
        base, groups = (node.base, node.groups) if isinstance(node, Indexed) else (node, ())
        node = Indexed(base, (*groups, group), node.place.to(group.place))
    done.append((join, sign, node))


def _touches(raw: Raw, bracket: Raw) -> bool:
    return raw.place.end == bracket.place.start


def _is_bracket(raw: Raw) -> bool:
    base = raw.base if isinstance(raw, Scripted) else raw
    return isinstance(base, (Group, Sequence)) and base.open != ""


def _arguments(raw: Raw) -> tuple[Expr, ...]:
    base = raw.base if isinstance(raw, Scripted) else raw
    if isinstance(base, Sequence):
        return base.items
    assert isinstance(base, Group)
    return (base.inner,)


def _letter(raw: Raw) -> tuple[Name, int] | None:
    """A letter that may be a function, and its primes: ``\\sigma'``."""
    if isinstance(raw, Name) and raw.text in _PLAIN_LETTERS:
        return raw, 0
    if isinstance(raw, Scripted) and isinstance(raw.base, Name) and raw.base.text in _LETTERS:
        primes = sum(script.kind == "prime" for script in raw.scripts)
        others = [script for script in raw.scripts if script.kind not in ("prime", "super")]
        if primes and not others:
            return raw.base, primes
    return None


def _letter_call(raw: Raw, name: Name, primes: int, bracket: Raw) -> Expr | None:
    place = raw.place.to(bracket.place)
    arguments = _arguments(bracket)
    function = name
    if isinstance(raw, Scripted):
        finished = finish(Scripted(name, [script for script in raw.scripts if script.kind != "prime"], raw.place))
        if not isinstance(finished, Name):
            return None
        function = finished
    node: Expr = Prime(function, arguments, primes, place) if primes else Call(function.text, arguments, None, False, place)
    return _rescript(node, bracket, place)


def _rescript(node: Expr, bracket: Raw, place: Place) -> Expr:
    """The scripts of ``f(x)_{ij}`` belong to the whole call."""
    return attach(node, Scripted(node, bracket.scripts, place)) if isinstance(bracket, Scripted) else node


def _head(marker: Marker, following: Factor | None, after: Factor | None) -> tuple[Raw, bool]:
    """What a sign makes of the factor after it, and whether it took it."""
    operand = following[2] if following else None
    if marker.kind == "FUNC":
        return _function(marker, operand, after), True
    if marker.kind == "INDICATOR":
        return _indicator(marker, operand)
    if marker.kind == "DEE":
        return _dee(marker, operand)
    if marker.kind == "OPERATOR" or marker.scripts:
        return _operator(marker, operand, after), True
    if marker.kind == "NABLA":
        raise Unreadable("nabla without what it differentiates by: write it below", marker.place)
    if operand is None:
        return marker, False
    return Differential(_expr(operand), marker.text == "d", False, marker.place.to(operand.place)), True


def _expr(raw: Raw) -> Expr:
    if isinstance(raw, Braces):
        raise Unreadable("braces do not print: write brackets", raw.place)
    return settle(finish(raw))


def _function(marker: Marker, operand: Raw | None, after: Factor | None) -> Expr:
    """``\\exp(x)``, ``\\operatorname{vec} W``, ``\\mathrm{rot}_{180}(W)``, ``\\tanh'(z)``, ``\\log^2 x``."""
    if operand is None:
        raise Unreadable(f"'{marker.text}' without an argument", marker.place)
    name, below, primes, outer = _function_scripts(marker)
    place = marker.place.to(operand.place)
    if _is_bracket(operand):
        arguments = _arguments(operand)
    else:
        if after is not None and after[0] == "":
            raise Unreadable(f"what belongs to '{marker.text}'? write brackets", place)
        arguments = (_expr(operand),)
    if primes:
        function = Name(name, name, place=marker.place)
        node: Expr = Prime(function, arguments, primes, place)
    else:
        node = Call(name, arguments, below, True, place)
    node = _rescript(node, operand, place) if _is_bracket(operand) else node
    return attach(node, Scripted(node, outer, place)) if outer else node


def _function_scripts(marker: Marker) -> tuple[str, Subscripts | None, int, list[Script]]:
    name, primes = marker.text, 0
    below: Subscripts | None = None
    outer: list[Script] = []
    for script in marker.scripts:
        if script.kind == "prime":
            primes += 1
        elif script.kind == "super":
            outer.append(script)
        elif script.kind in ("sub", "glued") and below is None:
            items = [_degrees(item) for item in items_of(script.rows, script.place, "a subscript")]
            if len(items) == 1 and isinstance(items[0], Number):
                name += items[0].digits
            else:
                below = Subscripts(tuple(items), "sub", script.place)
        else:
            raise Unreadable(f"'{script.text}' at a function is not understood", script.place)
    return name, below, primes, outer


def _degrees(item: object) -> Expr:
    """``180^\\circ`` as 180."""
    if isinstance(item, Scripted) and isinstance(item.base, Number) and all(one.text == "°" for one in item.scripts):
        return item.base
    node = settle(item)  # type: ignore[arg-type]
    return node.args[0] if isinstance(node, Call) and node.function == "deg" else node


def _indicator(marker: Marker, operand: Raw | None) -> tuple[Expr, bool]:
    """``\\mathbb{1}_{i=j}``, ``\\mathbb{1}[i = j]``, ``\\mathbb{1}\\{..\\}``."""
    if marker.scripts:
        if len(marker.scripts) > 1 or marker.scripts[0].kind not in ("sub", "bracket"):
            raise Unreadable("this indicator is not understood", marker.place)
        script = marker.scripts[0]
        items = items_of(script.rows, script.place, "a subscript")
        if len(items) == 1 and isinstance(items[0], Statements):
            return Iverson(conditions_of([items[0].items], script.place), "indicator", marker.place.to(script.place)), False
        return Iverson(conditions_of([items], script.place), "indicator", marker.place.to(script.place)), False
    if isinstance(operand, (Statements, Iverson)):
        found = operand.conditions if isinstance(operand, Iverson) else conditions_of([operand.items], operand.place)
        return Iverson(found, "indicator", marker.place.to(operand.place)), True
    raise Unreadable("an indicator without a condition", marker.place)


def _dee(marker: Marker, operand: Raw | None) -> tuple[Raw, bool]:
    """The letter d: of a differential right before a name, else a name."""
    if marker.scripts:
        return _expr(Scripted(Name("d", "d", place=_letter_place(marker)), marker.scripts, marker.place)), False
    if operand is not None and operand.place.start == marker.place.end:
        node = finish(operand)
        if isinstance(node, (Name, Indexed)) or not isinstance(node, (Marker, Statements, Differential, Group, Sequence, Number)):
            return Differential(settle(node), True, True, marker.place.to(operand.place)), True
    return Name("d", "d", place=marker.place), False


def _letter_place(marker: Marker) -> Place:
    return Place(marker.place.start, marker.place.start + 1)


def _operator(marker: Marker, operand: Raw | None, after: Factor | None) -> Expr:
    """``\\nabla_W L``, ``\\partial_W L``, ``\\frac{\\partial}{\\partial W} L``."""
    by = marker.by
    if by is None:
        script = marker.scripts[0]
        if len(marker.scripts) > 1 or script.kind != "sub":
            raise Unreadable("a derivative of higher order is not understood", marker.place)
        items = items_of(script.rows, script.place, "a subscript")
        if len(items) != 1:
            raise Unreadable("a derivative by several things is not understood", script.place)
        by = settle(items[0])
    if operand is None:
        raise Unreadable("a derivative without what it differentiates", marker.place)
    if marker.kind == "OPERATOR" and after is not None and after[0] == "" and not _is_bracket(operand):
        raise Unreadable("what is differentiated here? write brackets", marker.place.to(operand.place))
    spelling = {"NABLA": "nabla", "OPERATOR": "operator"}.get(marker.kind, "subscript")
    of = _expr(operand)
    return Derivative(of, by, spelling, marker.text == "d", marker.place.to(of.place))  # type: ignore[arg-type]


# -- slashes and signs -------------------------------------------------------------------------


def _differences(done: list[Factor]) -> list[Factor]:
    """``d L / d I`` with spaces: the d of both sides is that of a differential."""
    result: list[Factor] = []
    at = 0
    while at < len(done):
        if _spaced(done, at) and (_spaced(done, at + 2) or (at and done[at][0] == "/" and isinstance(result[-1][2], Differential))):
            join, sign, letter = done[at]
            of = settle(done[at + 1][2])
            result.append((join, sign, Differential(of, True, True, letter.place.to(of.place))))
            at += 2
        else:
            result.append(done[at])
            at += 1
    return result


def _spaced(done: list[Factor], at: int) -> bool:
    letter = done[at][2] if at + 1 < len(done) else None
    if not (isinstance(letter, Name) and letter.text == "d"):
        return False
    nearby = at + 2 < len(done) and done[at + 2][0] == "/"
    return done[at + 1][0] == "" and isinstance(done[at + 1][2], (Name, Indexed)) and (nearby or done[at][0] == "/")


def _slashes(factors: list[Factor]) -> list[Factor]:
    """Divisions and derivatives written with a slash. ``a/b c`` has two readings and is refused."""
    done: list[Factor] = []
    if sum(join == "/" for join, _, _ in factors) > limits.NESTING:
        raise Unreadable(limits.over("nesting", limits.NESTING, "levels"), _place(factors), "nesting")
    for at, (join, sign, raw) in enumerate(factors):
        if join not in ("/", r"\bmod", r"\pmod"):
            done.append((join, sign, raw))
            continue
        before, before_sign, left = done.pop()
        place = left.place.to(raw.place)
        if isinstance(left, Differential) and isinstance(raw, Differential) and sign > 0:
            node: Expr = Derivative(left.of, raw.of, "slash", left.total, place)
        elif join == "/":
            following = factors[at + 1] if at + 1 < len(factors) else None
            bottom = settle(raw)
            unclear = following is not None and following[0] == "" and not isinstance(bottom, Number)
            if unclear or (isinstance(bottom, Reduction) and isinstance(bottom.body, Product)):
                raise Unreadable("a/b c can be read in two ways: write brackets or a fraction", place)
            node = Quotient(settle(left), _signed(sign, bottom), True, place)
        else:
            if (done and before != "/") or (at + 1 < len(factors) and factors[at + 1][0] != "/"):
                raise Unreadable("how far does 'mod' reach? write brackets", place)
            node = Call(join[1:].removeprefix("b"), (settle(left), _signed(sign, settle(raw))), place=place)
        done.append((before, before_sign, node))
    return done


def _signed(sign: int, node: Expr) -> Expr:
    return node if sign > 0 else Add((node,), (-1,), node.place)


def _joined(factors: list[Factor]) -> Raw:
    """The product, cut at its signs of convolution."""
    if len(factors) == 1 and factors[0][1] > 0:
        return factors[0][2]
    nodes = [_factor(sign, raw, at == len(factors) - 1) for at, (_, sign, raw) in enumerate(factors)]
    joins = [join for join, _, _ in factors]
    cuts = [at for at in range(1, len(nodes)) if joins[at].split(" ")[0] in SIGNS or " " in joins[at]]
    if not cuts or any(join == "*" for join in joins[1:]):
        cuts += [at for at in range(1, len(nodes)) if joins[at] == "*" and (_is_map(nodes[at - 1]) or _is_map(nodes[at]))]
        cuts.sort()
    if not cuts:
        return _times(nodes, joins[1:])
    if len(cuts) > limits.NESTING:
        raise Unreadable(limits.over("nesting", limits.NESTING, "levels"), _place(factors), "nesting")
    if len({joins[at] for at in cuts}) > 1:
        raise Unreadable("different signs of convolution or product: write brackets", _place(factors))
    left = _times(nodes[: cuts[0]], joins[1 : cuts[0]])
    for at, end in zip(cuts, [*cuts[1:], len(nodes)], strict=True):
        right = _times(nodes[at:end], joins[at + 1 : end])
        sign, _, mode = joins[at].partition(" ")
        left = Convolution(left, sign, right, left.place.to(right.place), mode)
    return left


def _factor(sign: int, raw: Raw, last: bool) -> Expr:
    if isinstance(raw, Braces):
        raise Unreadable("braces do not print: write brackets", raw.place)
    node = settle(raw)
    if isinstance(node, (Comparison, Slice, Words)):
        raise Unreadable("this is not a factor", node.place)
    if isinstance(node, Reduction) and not last and node.kind in ("sum", "prod"):
        raise Unreadable("how far does this sum reach? write brackets", node.place)
    return _signed(sign, node)


def _is_map(node: Expr) -> bool:
    if isinstance(node, Matrix):
        return True
    return isinstance(node, Call) and bool(_MAPS.match(node.function))


def _times(nodes: list[Expr], joins: list[str]) -> Expr:
    if len(nodes) == 1:
        return nodes[0]
    return Product(tuple(nodes), tuple(joins), nodes[0].place.to(nodes[-1].place))
