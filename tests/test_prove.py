"""What is called certain holds at every value."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from symderiv.index.form import Form, ceil_div, const, floor_div, name
from symderiv.index.prove import Facts


@st.composite
def forms(draw):
    """Sums of i, N and floors and ceilings of them."""
    total = const(draw(st.integers(-6, 6)))
    for letter in ("i", "N"):
        total = total + name(letter) * draw(st.integers(-3, 3))
    for _ in range(draw(st.integers(0, 2))):
        inside = name(draw(st.sampled_from(["i", "N"]))) * draw(st.integers(-2, 2)) + draw(st.integers(-3, 3))
        rounded = draw(st.sampled_from([floor_div, ceil_div]))(inside, draw(st.integers(2, 3)))
        total = total + rounded * draw(st.integers(-4, 4))
    return total


@settings(max_examples=600, deadline=None)
@given(form=forms(), slope=st.integers(1, 2))
def test_a_certain_inequality_holds_everywhere(form: Form, slope: int):
    top = floor_div(name("N") * slope + 1, 2)
    facts = Facts((("i", const(1), top),), {"N": 1})
    if facts.nonnegative(form):
        for n, i in product(range(1, 14), range(1, 28)):
            if i <= (n * slope + 1) // 2:
                assert form.value({"i": i, "N": n}) >= 0, (form, i, n)


def test_twice_the_half_of_a_size_is_inside_it():
    facts = Facts((("i", const(1), floor_div(name("N"), 2)),), {"N": 1})
    assert facts.nonnegative(name("N") - name("i") * 2) and not facts.nonnegative(name("N") - name("i") * 2 - 1)
