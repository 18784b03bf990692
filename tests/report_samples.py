"""Reports built by hand, with everything in them that a format must show or make harmless."""

from symderiv.report_model import (
    Checked,
    CheckedLayer,
    Claim,
    Counterexample,
    Difference,
    Edit,
    Message,
    Repair,
    Report,
    Span,
    Warning_,
)

TEXT = """卷积层:

$$O_{ij} = I_{ij}$$

(3) 左上 $\\frac{\\partial L}{\\partial I_{11}} = 3$ 其实

$$\\frac{\\partial L}{\\partial I_{12}} = \\frac{\\partial L}{\\partial O_{11}} \\cdot W_{22} + \\frac{\\partial L}{\\partial O_{12}} \\cdot W_{11}$$

<script>alert(1)</script> $x <b> y$
"""


def place(text, piece, line):
    """The span of a piece of a line."""
    column = text.split("\n")[line - 1].index(piece) + 1
    return Span(line, column, line, column + len(piece))


def slip(text=TEXT):
    """The wrong claim of the sample."""
    line = text.split("\n")[6]
    around = Span(7, 1, 7, len(line) + 1)
    return Claim(
        span=Span(7, 3, 7, len(line) - 1), source=line[2:-2], verdict="wrong", kind="gradient", layer=1, tensor="I",
        index=(1, 2), around=around, read_as="dI[1,2] = dO[1,1]*W[2,2] + dO[1,2]*W[1,1]",
        message=Message("the coefficient of %(of)s is %(found)s; it should be %(expected)s", {"of": "dL/dO_11", "found": "W_22", "expected": "W_12"}),
        found="dO[1,1]*W[2,2]", expected=line[2:-2].replace("W_{22}", "W_{12}"),
        differences=(Difference("wrong-index", place(text, "W_{22}", 7), "W_{22}", "W_{12}"),),
        counterexample=Counterexample({"I": [[1, 2], [3, 4]], "W": [[1]], "dO": [["1/2"]], "b": 0}, {"p": 1}, "7", "9"),
        repair=Repair((Edit(place(text, "W_{22}", 7), "W_{12}"),), line[2:-2].replace("W_{22}", "W_{12}"),
                      Message("right if %(found)s is %(expected)s", {"found": "W_{22}", "expected": "W_{12}"}), True),
    )


def sample(file="notes.md", text=TEXT):
    """A report with one claim of each verdict that notes have."""
    lines = text.split("\n")
    first = Claim(Span(3, 3, 3, 18), "O_{ij} = I_{ij}", "correct", Message("equal"), Span(3, 1, 3, 20), "forward", 1, "O", None, "O[i,j] = I[i,j]",
                  assumes=(Message("an entry read outside its range is 0"),))
    around = place(text, "$" + lines[4].split("$")[1] + "$", 5)
    span = Span(5, around.column + 1, 5, around.end_column - 1)
    unread = Claim(span, lines[4].split("$")[1], "unreadable", Message("can't read %(what)s", {"what": "\x1b[31m<b>"}), around, unreadable_at=place(text, "3$", 5))
    return Checked(Report(
        file, (CheckedLayer(1, "conv2d", {"input": [3, 3], "kernel": [2, 2], "stride": [1, 1], "padding": [0, 0], "bias": True},
                            {"I": "I", "W": "W", "O": "O", "b": "b", "L": "L"}, 3, "O[i,j] = ..."),),
        (first, unread, slip(text)), (Warning_(3, "symbol-clash", Message("%(symbol)s is both the bias and a summation index", {"symbol": "b"})),), 4, 1,
    ), text)
