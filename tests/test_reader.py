"""What the JSON writes under ``expr`` is read back as SymPy, whose own evaluation is then the judge."""

import json

import pytest
import sympy as sp

from symderiv import avg_pool2d, conv1d, conv2d, derive, own, read_expr


@pytest.mark.parametrize(
    "layer",
    [
        conv2d(input=3, kernel=2), conv1d(input=7, kernel=3, stride=2, dilation=2), conv1d(input=4, kernel=2, channels=2, filters=2),
        avg_pool2d(input=(3, 4), kernel=2, stride=1), own("O[i] = sum(k=1..i, y[2*i])*c", {"y": (6,)}), own("O[i,j] = sum(k=1..2, A[i,k]*A[j,k])", {"A": (3, 2)}),
    ],
    ids=lambda x: x.name,
)
def test_the_general_formula_gives_the_elements(layer):
    document = json.loads(derive(layer).to_json(expand="all"))
    for gradient in document["gradients"].values():
        general = gradient.get("general", gradient)
        formula = read_expr(general["expr"])
        for element in gradient["elements"]:
            at = dict(zip(map(sp.Symbol, general["indices"]), element["index"], strict=True))
            assert sp.expand(formula.subs(at).doit() - read_expr(element["expr"])) == 0


@pytest.mark.parametrize("text", ["__import__('os')", "I.x", "(lambda: 1)()", "1.5", "foo(1)", "I[1", "I[1:2]", "", "Max(I[k], (k, 1, K))", "(" * 500 + ")" * 500])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        read_expr(text)


def test_exact_quotients_and_the_weight_of_a_maximum():
    assert read_expr("1/4") == sp.Rational(1, 4)
    assert str(read_expr("is_max((1,1), (1,2))*dO[1,1]")) == "dO[1, 1]*is_max((1, 1), (1, 2))"
    assert read_expr("Max(I[k], (k, 1, 2))") == sp.Max(sp.IndexedBase("I")[1], sp.IndexedBase("I")[2])
