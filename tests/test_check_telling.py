"""One planted slip in a right equation: its kind, its place, and a repair that is right by the definition."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from check_enumerator import Conv, cells, put, true_input, true_weight

from symderiv.api import check_notes
from symderiv.check.corrected import corrected
from symderiv.report_model import Claim, Report

PLAIN = (r"Convolution, input $4 \times 5$, kernel $2 \times 3$, stride 1, output $3 \times 3$." + "\n\n"
         r"$$O_{ij} = \sum_{a=1}^2\sum_{c=1}^3 I_{i+a-1,j+c-1} W_{ac} + b$$" + "\n\n")
STRIDED = (r"Convolution, input $5 \times 5$, kernel $3 \times 3$, stride 2, output $2 \times 2$." + "\n\n"
           r"$$O_{ij} = \sum_{a=1}^3\sum_{c=1}^3 I_{2i+a-2,2j+c-2} W_{ac}$$" + "\n\n")
AVERAGE = (r"Average pooling: input 4x4, window 3x3, stride 1, output 2x2." + "\n\n"
           r"$$O_{ij} = \frac{1}{9}\sum_{a=1}^{3}\sum_{b=1}^{3} I_{i+a-1,j+b-1}$$" + "\n\n")


def g(at: str) -> str:
    return rf"\frac{{\partial L}}{{\partial O_{{{at}}}}}"


def d(at: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {at}}} = "


FULL = r"\sum_{a=1}^2\sum_{c=1}^3 " + g("p-a+1,q-c+1") + " W_{ac}"
LIMITS = r"\sum_{i=\max(1,p-1)}^{\min(p,3)}\sum_{j=\max(1,q-%s)}^{\min(q,%s)} " + g("ij") + " W_{p-i+1,q-j+1}"

# notes, the equation as written, the kind, the offending symbols, what the repair puts in the file
SLIPS = [
    (PLAIN, d("I_{pq}") + "-" + FULL, "sign", "-", d("I_{pq}") + FULL),
    (PLAIN, d("I_{pq}") + "2" + FULL, "wrong-coefficient", "2", d("I_{pq}") + FULL),
    (PLAIN, d("I_{pq}") + FULL + " + W_{11}", "extra-term", "W_{11}", d("I_{pq}") + FULL),
    (PLAIN, d("W_{ac}") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij") + " I_{i+c-1,j+a-1}", "transposed-index", "I_{i+c-1,j+a-1}",
     d("W_{ac}") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij") + " I_{i+a-1,j+c-1}"),
    (PLAIN, d("I_{pq}") + LIMITS % (1, 3), "wrong-limits", r"\max(1,q-1)", d("I_{pq}") + LIMITS % (2, 3)),
    (PLAIN, d("I_{pq}") + LIMITS % (2, 4), "wrong-limits", r"\min(q,4)", d("I_{pq}") + LIMITS % (2, 3)),
    (PLAIN, d("b") + r"\sum_{i=1}^3\sum_{j=1}^2 " + g("ij"), "wrong-limits", "2", d("b") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij")),
    (PLAIN, d("b") + r"\sum_{i=1}^3\sum_{j=1}^3 O_{ij}", "wrong-index", "O_{ij}", d("b") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij")),
    (PLAIN, d("W_{ac}") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij") + " W_{i+a-1,j+c-1}", "wrong-index", "W_{i+a-1,j+c-1}",
     d("W_{ac}") + r"\sum_{i=1}^3\sum_{j=1}^3 " + g("ij") + " I_{i+a-1,j+c-1}"),
    (PLAIN, d("I_{11}") + g("33") + " W_{11}", "wrong-index", "O_{33}", d("I_{11}") + g("11") + " W_{11}"),
    (PLAIN, d("I_{11}") + "-" + g("11") + " W_{11}", "sign", "-", d("I_{11}") + g("11") + " W_{11}"),
    (PLAIN, d("I_{12}") + g("11") + " W_{12} - " + g("12") + " W_{11}", "sign", "-",
     d("I_{12}") + g("11") + " W_{12} + " + g("12") + " W_{11}"),
    (PLAIN, d("I_{12}") + g("11") + " W_{12} + 2" + g("12") + " W_{11}", "wrong-coefficient", "2",
     d("I_{12}") + g("11") + " W_{12} + " + g("12") + " W_{11}"),
    (PLAIN, d("I_{12}") + g("11") + " (W_{12} + " + g("12") + " W_{11})", "scope", "(W_{12} + " + g("12") + " W_{11})",
     d("I_{12}") + g("11") + " W_{12} + " + g("12") + " W_{11}"),
    (STRIDED, d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-i+1,q-j+1}", "missing-stride", "W_{p-i+1,q-j+1}",
     d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-2i+2,q-2j+2}"),
    (STRIDED, d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-2i,q-2j}", "shifted-index", "W_{p-2i,q-2j}",
     d("I_{pq}") + r"\sum_{i=1}^2\sum_{j=1}^2 " + g("ij") + " W_{p-2i+2,q-2j+2}"),
]


def told(notes: str, equation: str) -> Claim:
    claim = check_notes(notes + "$$" + equation + "$$\n", "x.md").report.claims[-1]
    assert claim.verdict == "wrong"
    return claim


@pytest.mark.parametrize(("notes", "written", "kind", "symbols", "mended"), SLIPS)
def test_a_planted_slip_is_told_where_it_stands(notes: str, written: str, kind: str, symbols: str, mended: str) -> None:
    claim = told(notes, written)
    assert [x.kind for x in claim.differences] == [kind]
    span = claim.differences[0].span
    assert ("$$" + written)[span.column - 1 : span.end_column - 1] == symbols
    assert claim.repair is not None and claim.repair.latex == mended
    assert claim.counterexample is not None and claim.counterexample.claimed != claim.counterexample.true
    assert check_notes(notes + "$$" + mended + "$$\n", "x.md").report.claims[-1].verdict == "correct"


@pytest.mark.parametrize("written", [
    d("I_{pq}") + r"\frac19\sum_{i=\max(1,p-2)}^{\min(3,p)}\sum_{j=\max(1,q-2)}^{\min(3,q)}" + g("ij"),
    d("I_{pq}") + r"\frac19\sum_{i=1}^{2}\sum_{j=1}^{2}" + g("ij"),
])
def test_no_limit_is_recommended_that_does_not_mend_the_sum(written: str) -> None:
    claim = told(AVERAGE, written)
    assert all(not x.expected for x in claim.differences) and claim.repair is None
    assert r"\frac{1}{9} \cdot" not in claim.expected
    assert check_notes(AVERAGE + "$$" + claim.expected + "$$\n", "x.md").report.claims[-1].verdict == "correct"


def test_a_term_is_not_too_much_where_the_size_is_unknown() -> None:
    notes = ("Conv 1D, kernel 3, dilation 2, stride 1, no padding.\n\n$$y_i = \\sum_{k=0}^{2} w_k x_{i+2k}$$\n\n"
             "where $\\delta_i = \\partial L/\\partial y_i$.\n\n")
    claim = told(notes, r"\frac{\partial L}{\partial x_4} = \delta_2w_1+\delta_1w_2")
    assert not any(x.kind == "extra-term" and "w_1" in x.found for x in claim.differences)


def test_sizes_that_do_not_fit_show_both() -> None:
    claim = told(PLAIN, r"(5-3)/2+1 = 3")
    assert claim.counterexample is not None
    assert (claim.counterexample.claimed, claim.counterexample.true) == ("3", "2")


Term = tuple[int, tuple[int, ...], tuple[int, ...]]
TERM = re.compile(r"(?P<sign>[+-]?)\s*(?P<c>\d*)\s*\\frac\{\\partial L\}\{\\partial O_\{(?P<o>[\d, ]+)\}\}\s*(?:\\cdot )?\s*W_\{(?P<w>[\d, ]+)\}")


def written(terms: list[Term]) -> str:
    text = ""
    for c, o, w in terms:
        sign = "-" if c < 0 else "+" if text else ""
        text += f" {sign} {abs(c) if abs(c) > 1 else ''}{g(f'{o[0]}{o[1]}')} W_{{{w[0]}{w[1]}}}"
    return text.strip()


def digits(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d", text)))


def value(side: str) -> dict:
    """The value of a side as it stands in a file, read by a pattern that knows nothing of the checker."""
    total: dict = {}
    assert TERM.sub("", side).strip() == ""
    for m in TERM.finditer(side):
        c = int(m["c"] or 1) * (-1 if m["sign"] == "-" else 1)
        put(total, [("g", digits(m["o"])), ("w", digits(m["w"]))], c)
    return total


def slips(layer: Conv, terms: list[Term], rng: random.Random) -> Iterator[tuple[str, list[Term]]]:
    k = rng.randrange(len(terms))
    c, o, w = terms[k]
    before, after = terms[:k], terms[k + 1 :]
    yield "sign", [*before, (-c, o, w), *after]
    yield "wrong-coefficient", [*before, (3 * c, o, w), *after]
    others = [(c, x, w) for x in cells(layer.m)] + [(c, o, x) for x in cells(layer.k)]
    strange = [t for t in others if t[1:] not in {u[1:] for u in terms}]
    yield "extra-term", [*before, (c, o, w), rng.choice(strange), *after]
    if len(terms) > 1:
        yield "missing-term", before + after


@pytest.mark.parametrize("seed", range(6))
def test_a_random_slip_in_an_element_is_told_and_its_repair_has_the_true_value(seed: int) -> None:
    rng = random.Random(seed)
    k = rng.choice([(2, 2), (2, 3), (3, 2)])
    n = k[0] + rng.randint(1, 2), k[1] + rng.randint(1, 2)
    layer = Conv(n, k)
    q = rng.choice(list(cells(n)))
    truth = true_input(layer, q)
    terms = [(c, m[0][1], m[1][1]) for m, c in sorted(truth.items())]
    notes = (rf"Convolution, input ${n[0]} \times {n[1]}$, kernel ${k[0]} \times {k[1]}$, stride 1." + "\n\n"
             + rf"$$O_{{ij}} = \sum_{{a=1}}^{k[0]}\sum_{{c=1}}^{k[1]} I_{{i+a-1,j+c-1}} W_{{ac}}$$" + "\n\n")
    for kind, changed in slips(layer, terms, rng):
        if not changed or value(written(changed)) == truth:
            continue
        claim = told(notes, d(f"I_{{{q[0]}{q[1]}}}") + written(changed))
        assert [x.kind for x in claim.differences] == [kind], written(changed)
        assert claim.repair is not None, (kind, written(changed))
        assert value(claim.repair.latex.split(" = ")[1]) == truth
        assert value(claim.expected.split(" = ")[1]) == truth


def test_the_corrected_copy_has_fewer_wrongs_and_no_new_ones() -> None:
    def judge(text: str) -> Report:
        return check_notes(text, "x.md").report

    text = PLAIN + "\n\n".join("$$" + slip[1] + "$$" for slip in SLIPS if slip[0] == PLAIN) + "\n"
    before = judge(text)
    copy, mended = corrected(text, before, judge)
    after = judge(copy)
    assert len(mended) >= 8
    assert len(after.claims) == len(before.claims)
    assert Counter(c.verdict for c in after.claims)["wrong"] == Counter(c.verdict for c in before.claims)["wrong"] - len(mended)
    assert all(new.verdict == "correct" for old, new in zip(before.claims, after.claims, strict=True) if old.verdict == "correct")


def test_the_slips_above_are_slips_by_plain_loops() -> None:
    layer = Conv((4, 5), (2, 3))
    assert true_input(layer, (1, 2)) == {(("g", (1, 1)), ("w", (1, 2))): 1, (("g", (1, 2)), ("w", (1, 1))): 1}
    assert true_input(layer, (1, 1)) == {(("g", (1, 1)), ("w", (1, 1))): 1}
    assert true_weight(layer, (1, 2))[("g", (1, 1)), ("x", (1, 2))] == 1


_OF_PLANES = r"3x3 input, 2x2 kernel: $O_{ij} = \sum_{a=1}^2\sum_{b=1}^2 I_{i+a-1,j+b-1} W_{ab}$" + "\n\n"


@pytest.mark.parametrize(("written", "found", "expected"), [
    (r"dL/dI_{33} = dL/dO_{33} W_{22}", "O_{33}", "O_{22}"), (r"dL/dI_{33} = dL/dO_{22} W_{33}", "W_{33}", "W_{22}"),
    (r"dL/dI_{11} = dL/dO_{11} W_{00}", "W_{00}", "W_{11}"),
])
def test_an_index_out_of_range_is_a_wrong_index(written, found, expected):
    claim = check_notes(_OF_PLANES + f"${written}$", "notes.md").report.claims[1]
    assert [(d.kind, d.found, d.expected) for d in claim.differences] == [("wrong-index", found, expected)]
    assert claim.repair is not None and claim.repair.latex == written.replace(found, expected)


@pytest.mark.parametrize("entry", ["I_{44}", "I_{00}"])
def test_a_left_side_that_does_not_exist(entry):
    report = check_notes(_OF_PLANES + f"$dL/d{entry} = 0$", "notes.md").report
    (difference,) = report.claims[1].differences
    assert (difference.kind, difference.found) == ("wrong-limits", f"dL/d{entry}")
    assert [w.kind for w in report.warnings] == (["index-base"] if "0" in entry else [])


def test_an_index_that_nothing_binds_is_shown():
    text = _OF_PLANES + r"$dL/dW_{ab} = \sum_{i,j} dL/dO_{ij} I_{i+a-1,j+c-1}$"
    report = check_notes(text, "notes.md").report
    claim = report.claims[1]
    assert claim.verdict == "unreadable" and [w.kind for w in report.warnings] == ["unbound-index"]
    assert text.splitlines()[2][claim.unreadable_at.column - 1] == "c"
