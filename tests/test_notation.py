"""The one-line notation, both ways: every legal node is what its text is parsed to."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symderiv.formula.nodes import (
    Binding,
    Bracket,
    Branch,
    Cases,
    Compare,
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
from symderiv.formula.notation import NotationError, parse_node
from symderiv.formula.walk import add, product
from symderiv.formula.write import write_node
from symderiv.index.form import ceil_div, const, exact_div, extreme, floor_div, name

SIZES = ("N", "K")
FREE = ("p", "q")
simple = st.builds(
    lambda names, offset: sum((name(n) * c for n, c in names), const(offset)),
    st.lists(st.tuples(st.sampled_from((*SIZES, *FREE)), st.integers(-3, 3)), max_size=3), st.integers(-9, 9),
)
forms = st.one_of(
    simple,
    st.builds(lambda a, b, c: floor_div(a, b) + c, simple, st.integers(1, 4), simple),
    st.builds(lambda a, b, c: ceil_div(a, b) + c, simple, st.integers(1, 4), simple),
    st.builds(exact_div, simple, st.integers(1, 4)),
    st.builds(lambda kind, parts: extreme(kind, parts), st.sampled_from(("min", "max")), st.lists(simple, min_size=1, max_size=3)),
    st.builds(lambda a, b, c: a * (b + c), st.sampled_from([name("N"), name("K")]), st.sampled_from([name("p"), name("q")]), st.integers(-2, 2)),
)
conditions = st.one_of(
    st.builds(Equal, forms, forms), st.builds(Within, forms, forms, forms), st.builds(Divides, forms, forms),
    st.builds(Compare, forms, st.sampled_from(("<", "<=", "!=")), forms),
)
brackets = st.builds(lambda c: Bracket(tuple(c)), st.lists(conditions, min_size=1, max_size=2))
entries = st.builds(lambda t, i: Entry(t, tuple(i)), st.sampled_from("IWg"), st.lists(forms, max_size=3))
leaves = st.one_of(
    st.builds(lambda a, b: Number(Fraction(a, b)), st.integers(0, 9), st.integers(1, 7)),
    st.sampled_from([Size(name("N")), Size(name("K"))]), entries, brackets,
    st.builds(lambda a, w: IsMax(tuple(a), tuple(w)), st.lists(forms, min_size=1, max_size=2), st.lists(forms, min_size=1, max_size=2)),
)


def reduced(kind, count, low, high, body):
    return Reduce(kind, tuple(Binding(f"i{k}", low, high) for k in range(count)), body)


def deeper(children):
    bound = st.integers(1, 2)
    return st.one_of(
        st.builds(lambda xs: add(xs), st.lists(children, min_size=2, max_size=3)),
        st.builds(lambda xs: product(xs), st.lists(children, min_size=2, max_size=3)),
        st.builds(lambda sign, x: product([Number(Fraction(sign)), x]), st.sampled_from((-1, -2)), children),
        st.builds(lambda x, e: Power(x, e), entries, st.integers(2, 4)),
        st.builds(lambda c, low, high, x: reduced("sum", c, low, high, x), bound, forms, forms, leaves),
        st.builds(lambda c, low, high, x: reduced("max", c, low, high, x), bound, forms, forms, entries),
        st.builds(lambda xs: Greatest(tuple(xs)), st.lists(entries, min_size=1, max_size=3)),
        st.builds(
            lambda rows, rest: Cases(tuple(Branch(v, tuple(c)) for v, c in rows), rest),
            st.lists(st.tuples(children, st.lists(conditions, min_size=1, max_size=2)), min_size=1, max_size=2),
            st.none() | children,
        ),
    )


@settings(max_examples=400, deadline=None)
@given(node=st.recursive(leaves, deeper, max_leaves=6))
def test_the_text_of_a_node_is_read_as_the_node(node: Node):
    assert parse_node(write_node(node), SIZES, FREE) == node, write_node(node)


@pytest.mark.parametrize("text", ["", "(", "sum(", "sum(i=1..2", "I[", "I[1", "[1", "[1 <", "cases(", "cases(1", "cases(1 if", "max(", "1..2", "is_max(", "a b", "I[1.5]", "9" * 30 + "]"])
def test_what_is_no_notation_is_refused_with_its_place(text):
    with pytest.raises(NotationError, match="column"):
        parse_node(text)
