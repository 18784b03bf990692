"""The one-line notation, read: ``O[i,j] = sum(u=1..2, v=1..2, I[i+u-1,j+v-1]*W[u,v]) + b``.

The grammar, by precedence: ``+ -``, ``* /``, unary minus, ``^``, then numbers, names with
subscripts, brackets, ``sum(...)``, ``max(...)``, ``is_max((at), (window))``, ``[conditions]`` and
``cases(value if conditions; ...; value otherwise)``.
Division is by a number or by a size. Subscripts and limits are index forms: integers, names, sums,
products, exact quotients, ``floor(a/b)``, ``ceil(a/b)``, ``min(...)``, ``max(...)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Branch,
    Cases,
    Compare,
    Condition,
    Divides,
    Entry,
    Equal,
    Greatest,
    IsMax,
    Node,
    Number,
    Power,
    Reduce,
    Size,
    Within,
)
from symderiv.formula.walk import add, product
from symderiv.index.form import Form, ceil_div, const, exact_div, extreme, floor_div, name

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z_0-9]*)|(\.\.|==|<=|!=|[-+*/^()\[\],=|<;]))")
_LIMIT_DEPTH = 60


class NotationError(ValueError):
    """The text is not in the notation; says where."""

    def __init__(self, message: str, text: str, position: int) -> None:
        super().__init__(f"{message} (column {position + 1} of '{text}')")
        self.message, self.text, self.position = message, text, position


@dataclass(frozen=True)
class Statement:
    """A parsed ``target = body``."""

    target: Entry
    body: Node


def parse_formula(text: str, sizes: Iterable[str] = (), first: bool = False) -> Statement:
    """Parse ``target = body``. Names in ``sizes`` are sizes, other bare names scalar tensors.

    On a ``first`` reading, whose sizes are not all known, any bare name may divide.

    Raises:
        NotationError: the text is outside the notation.
    """
    parser = _Parser(text, frozenset(sizes), first)
    target = parser.target()
    parser.expect("=")
    body = parser.expression()
    parser.end()
    return Statement(target, body)


def parse_node(text: str, sizes: Iterable[str] = (), indices: Iterable[str] = ()) -> Node:
    """Parse a right side whose free indices are ``indices``."""
    parser = _Parser(text, frozenset(sizes))
    parser.bound = list(indices)
    body = parser.expression()
    parser.end()
    return body


class _Parser:
    def __init__(self, text: str, sizes: frozenset[str], first: bool = False) -> None:
        self.text, self.sizes, self.first = text, sizes, first
        self.tokens = self._split(text)
        self.at = 0
        self.depth = 0
        self.bound: list[str] = []

    def _split(self, text: str) -> list[tuple[str, int]]:
        tokens, position = [], 0
        text_end = len(text.rstrip())
        while position < text_end:
            match = _TOKEN.match(text, position)
            if match is None:
                start = position + len(text[position:]) - len(text[position:].lstrip())
                raise NotationError(f"'{text[start]}' is not part of the notation", text, start)
            tokens.append((match.group().strip(), match.end() - len(match.group().strip())))
            position = match.end()
        return [*tokens, ("", text_end)]

    # -- tokens ----------------------------------------------------------------------------
    @property
    def token(self) -> str:
        return self.tokens[self.at][0]

    @property
    def after(self) -> str:
        return self.ahead(1)

    def ahead(self, count: int) -> str:
        """The token so many places on; empty behind the end."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)][0]

    def fail(self, message: str) -> NotationError:
        return NotationError(message, self.text, self.tokens[self.at][1])

    def take(self, token: str) -> bool:
        if self.token == token:
            self.at += 1
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise self.fail(f"expected '{token}', found '{self.token or 'the end'}'")

    def end(self) -> None:
        if self.token:
            hint = ": write * between factors" if self.token[0].isalnum() or self.token == "(" else ""
            raise self.fail(f"'{self.token}' was not expected here{hint}")

    def word(self) -> str:
        if not re.match(r"[A-Za-z_]", self.token):
            raise self.fail(f"expected a name, found '{self.token or 'the end'}'")
        self.at += 1
        return self.tokens[self.at - 1][0]

    # -- values ----------------------------------------------------------------------------
    def target(self) -> Entry:
        tensor = self.word()
        index = self.subscripts() if self.token == "[" else ()
        self.bound += sorted(frozenset().union(*(f.names for f in index)) - self.sizes)
        return Entry(tensor, index)

    def subscripts(self) -> tuple[Form, ...]:
        self.expect("[")
        forms = [self.form()]
        while self.take(","):
            forms.append(self.form())
        self.expect("]")
        return tuple(forms)

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > _LIMIT_DEPTH:
            raise self.fail(f"brackets are nested more than {_LIMIT_DEPTH} deep")
        minus = self.take("-")
        terms = [self._signed(minus, self.term())]
        while self.token in ("+", "-"):
            minus = self.token == "-"
            self.at += 1
            terms.append(self._signed(minus, self.term()))
        self.depth -= 1
        return add(terms)

    @staticmethod
    def _signed(minus: bool, term: Node) -> Node:
        return product([Number(Fraction(-1)), term]) if minus else term

    def term(self) -> Node:
        factors = [self.factor()]
        while self.token in ("*", "/"):
            divide = self.token == "/"
            self.at += 1
            factor = self.factor()
            factors.append(self._inverse(factor) if divide else factor)
        return product(factors)

    def _inverse(self, node: Node) -> Node:
        if isinstance(node, Number) and node.value:
            return Number(1 / node.value)
        if isinstance(node, Size) or (self.first and isinstance(node, Entry) and not node.index):
            return Power(node, -1)
        raise self.fail("division is by a number or a size, and not by 0")

    def factor(self) -> Node:
        """A power, or minus one: ``x + -y``, ``2*-y``."""
        minus = self.take("-")
        return self._signed(minus, self.power())

    def power(self) -> Node:
        base = self.atom()
        if not self.take("^"):
            return base
        if not self.token.isdigit() or not 1 <= int(self.token) <= 9:
            raise self.fail("a power is a whole number from 1 to 9")
        self.at += 1
        return Power(base, int(self.tokens[self.at - 1][0]))

    def atom(self) -> Node:
        token = self.token
        if token[:1].isdigit():
            self.at += 1
            return Number(Fraction(token))
        if self.take("("):
            if self.token == "-" and self.after == "":
                raise self.fail("an expression is missing")
            node = self.expression()
            self.expect(")")
            return node
        if token == "[":
            return self.bracket()
        if token in ("sum", "max") and self.after == "(" and self.ahead(3) == "=":
            return self.reduce()
        if token == "max" and self.after == "(":
            return self.greatest()
        if token in ("min", "floor", "ceil") and self.after == "(":
            return Size(self.form_atom())
        if token == "cases" and self.after == "(":
            return self.cases()
        if token == "is_max" and self.after == "(":
            return self.is_max()
        if token == "sum" and self.after == "(":
            raise self.fail("a sum needs its limits, as sum(k=1..3, ...)")
        if token == "sum" or (token and self.after == "(" and token.isidentifier()):
            raise self.fail(
                f"'{token}(' is not a function of the notation (sum, max, min, floor, ceil)"
            )
        return self.named()

    def greatest(self) -> Node:
        """max of index forms, or else of values."""
        before = self.at, self.depth
        try:
            form = self.form_atom()
            if form.names <= self.sizes | set(self.bound):
                return Size(form)
        except NotationError:
            pass
        self.at, self.depth = before
        self.at += 2
        terms = [self.expression()]
        while self.take(","):
            terms.append(self.expression())
        self.expect(")")
        return Greatest(tuple(terms))

    def cases(self) -> Node:
        self.at += 2
        branches: list[Branch] = []
        rest: Node | None = None
        while rest is None:
            value = self.expression()
            if self.take("otherwise"):
                rest = value
                break
            self.expect("if")
            conditions = [self.condition()]
            while self.take(","):
                conditions.append(self.condition())
            branches.append(Branch(value, tuple(conditions)))
            if not self.take(";"):
                break
        self.expect(")")
        return Cases(tuple(branches), rest)

    def named(self) -> Node:
        word = self.word()
        if self.token == "[":
            return Entry(word, self.subscripts())
        if word in self.sizes or word in self.bound:
            return Size(name(word))
        return Entry(word)

    def reduce(self) -> Node:
        kind = self.word()
        self.expect("(")
        bindings: list[Binding] = []
        outer = list(self.bound)
        while self.after == "=":
            bindings.append(self.binding())
            self.expect(",")
        body = self.expression()
        self.expect(")")
        self.bound = outer
        return Reduce("sum" if kind == "sum" else "max", tuple(bindings), body)

    def binding(self) -> Binding:
        index = self.word()
        if index in self.bound or index in self.sizes:
            raise self.fail(f"the index {index} already has a meaning here; use another letter")
        self.expect("=")
        low = self.form()
        self.expect("..")
        high = self.form()
        self.bound.append(index)
        return Binding(index, low, high)

    def is_max(self) -> Node:
        self.word()
        self.expect("(")
        at = self.tuple()
        self.expect(",")
        window = self.tuple()
        self.expect(")")
        return IsMax(at, window)

    def tuple(self) -> tuple[Form, ...]:
        self.expect("(")
        forms: list[Form] = []
        while self.token != ")":
            forms.append(self.form())
            if not self.take(","):
                break
        self.expect(")")
        return tuple(forms)

    def bracket(self) -> Node:
        self.expect("[")
        conditions = [self.condition()]
        while self.take(","):
            conditions.append(self.condition())
        self.expect("]")
        return Bracket(tuple(conditions))

    def condition(self) -> Condition:
        first = self.form()
        if self.take("=="):
            return Equal(first, self.form())
        if self.take("|"):
            return Divides(first, self.form())
        if self.take("!="):
            return Compare(first, "!=", self.form())
        if self.take("<"):
            return Compare(first, "<", self.form())
        self.expect("<=")
        middle = self.form()
        if not self.take("<="):
            return Compare(first, "<=", middle)
        return Within(first, middle, self.form())

    # -- index forms -----------------------------------------------------------------------
    def form(self) -> Form:
        self.depth += 1
        if self.depth > _LIMIT_DEPTH:
            raise self.fail(f"brackets are nested more than {_LIMIT_DEPTH} deep")
        minus = self.take("-")
        total = -self.form_term() if minus else self.form_term()
        while self.token in ("+", "-"):
            self.at += 1
            minus = self.tokens[self.at - 1][0] == "-"
            total = total - self.form_term() if minus else total + self.form_term()
        self.depth -= 1
        return total

    def form_term(self) -> Form:
        total = self.form_atom()
        while self.token in ("*", "/"):
            self.at += 1
            divide = self.tokens[self.at - 1][0] == "/"
            other = self.form_atom()
            if divide and other.constant is not None and other.constant <= 0:
                raise self.fail("a divisor must be positive")
            total = exact_div(total, other) if divide else total * other
        return total

    def form_atom(self) -> Form:
        token = self.token
        if "." in token and token[0].isdigit():
            raise self.fail("a subscript or limit is a whole number")
        if token.isdigit():
            if len(token) > 9:
                raise self.fail("a number in a subscript has at most 9 digits")
            self.at += 1
            return const(int(token))
        if self.take("("):
            form = self.form()
            self.expect(")")
            return form
        if token in ("floor", "ceil") and self.after == "(":
            return self.rounded(token)
        if token in ("min", "max") and self.after == "(":
            self.at += 1
            forms = self.tuple()
            return extreme("min" if token == "min" else "max", forms)
        return name(self.word())

    def rounded(self, kind: str) -> Form:
        self.at += 2
        top = self.form_atom()
        bottom = const(1)
        if self.take("/"):
            bottom = self.form_atom()
        self.expect(")")
        if bottom.constant is not None and bottom.constant <= 0:
            raise self.fail("a divisor must be positive")
        return floor_div(top, bottom) if kind == "floor" else ceil_div(top, bottom)
