"""Pooling and channels: random answers, judged by plain loops that use nothing of symderiv."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from itertools import product

import pytest

from symderiv.api import check_notes

Poly = dict[tuple, Fraction]


def add(total: Poly, key: tuple, c: Fraction) -> None:
    total[key] = total.get(key, Fraction(0)) + c
    if not total[key]:
        del total[key]


def value(terms: list[tuple[Fraction, tuple]]) -> Poly:
    total: Poly = {}
    for c, key in terms:
        add(total, key, c)
    return total


def grad(entry: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {entry}}}"


def sub(index: tuple[int, ...]) -> str:
    return "_{" + ", ".join(map(str, index)) + "}"


def size(shape: tuple[int, ...]) -> str:
    return r" \times ".join(map(str, shape))


def cells(shape: tuple[int, ...]):
    return list(product(*(range(1, n + 1) for n in shape)))


POOLS = [((3, 3), (2, 2), 1), ((4, 4), (2, 2), 2), ((5, 4), (3, 2), 1), ((5, 5), (3, 3), 2), ((4, 6), (2, 3), 2), ((6, 4), (2, 2), 2)]


def outputs(n: tuple[int, ...], k: tuple[int, ...], s: int) -> tuple[int, ...]:
    return tuple((x - y) // s + 1 for x, y in zip(n, k, strict=True))


def readers(q: tuple[int, ...], n: tuple[int, ...], k: tuple[int, ...], s: int) -> list[tuple[int, ...]]:
    return [o for o in cells(outputs(n, k, s)) if all(0 <= x - s * (y - 1) - 1 < z for x, y, z in zip(q, o, k, strict=True))]


def pool_head(kind: str, n: tuple[int, ...], k: tuple[int, ...], s: int, zh: bool) -> str:
    read = ", ".join(f"{'' if s == 1 else s}{i}+{a}-{s}" for i, a in zip("ij", "ab", strict=True))
    words = f"$I$ 的形状为 ${size(n)}$。" if zh else f"$I$ has the shape ${size(n)}$."
    if kind == "avg":
        return f"{words}\n\n$$O_{{ij}} = \\frac{{1}}{{{k[0] * k[1]}}} \\sum_{{a=1}}^{{{k[0]}}} \\sum_{{b=1}}^{{{k[1]}}} I_{{{read}}}$$\n\n"
    return f"{words}\n\n$$O_{{ij}} = \\max_{{1 \\le a \\le {k[0]}, 1 \\le b \\le {k[1]}}} I_{{{read}}}$$\n\n"


def pool_cases(count: int, seed: int):
    rng = random.Random(seed)
    for _ in range(count):
        n, k, s = rng.choice(POOLS)
        kind, q = rng.choice(["avg", "max"]), rng.choice(cells(n))
        share = Fraction(1, k[0] * k[1]) if kind == "avg" else Fraction(1)
        truth = [(share, o) for o in readers(q, n, k, s)]
        claim, what = list(truth), rng.choice(["right", "right", "missing", "extra", "other", "coefficient", "sign"])
        every = cells(outputs(n, k, s))
        if what == "missing" and claim:
            claim.pop(rng.randrange(len(claim)))
        elif what == "extra":
            claim.append((share, rng.choice(every)))
        elif what == "other" and claim:
            claim[rng.randrange(len(claim))] = (share, rng.choice(every))
        elif what in ("coefficient", "sign") and claim:
            at = rng.randrange(len(claim))
            claim[at] = (claim[at][0] * (2 if what == "coefficient" else -1), claim[at][1])
        rng.shuffle(claim)
        inside = {o for _, o in truth}

        def poly(terms: list[tuple[Fraction, tuple]]) -> Poly:
            # the weight of an entry in a window that does not hold it is 0
            return value([t for t in terms if kind == "avg" or t[1] in inside])  # noqa: B023

        text = ""
        for c, o in claim:
            number = "" if abs(c) == 1 else rf"\frac{{{abs(c).numerator}}}{{{abs(c).denominator}}} " if abs(c).denominator > 1 else f"{abs(c)} "
            bracket = "" if kind == "avg" else rf" [ ({q[0]}, {q[1]}) = \operatorname{{argmax}}_{{{o[0]}, {o[1]}}} ]"
            text += (" - " if c < 0 else " + " if text else "") + number + grad("O" + sub(o)) + bracket
        equation = f"{grad('I' + sub(q))} = {text or '0'}"
        yield pool_head(kind, n, k, s, rng.random() < 0.5), equation, "correct" if poly(claim) == poly(truth) else "wrong", what


def channel_cases(count: int, seed: int):
    rng = random.Random(seed)
    for _ in range(count):
        channels, filters, n, k = rng.choice([(2, 2, (3, 3), (2, 2)), (2, 3, (4, 3), (2, 2)), (3, 2, (3, 4), (2, 3)), (2, 2, (5, 5), (3, 3))])
        m = outputs(n, k, 1)
        head = (f"$I$ has the shape ${size((channels, *n))}$ and $W$ has the shape ${size((filters, channels, *k))}$.\n\n"
                f"$$O_{{fij}} = \\sum_{{c=1}}^{{{channels}}} \\sum_{{a=1}}^{{{k[0]}}} \\sum_{{d=1}}^{{{k[1]}}} I_{{c, i+a-1, j+d-1}} W_{{fcad}} + b_f$$\n\n")
        target = rng.choice(["I", "W", "b"])
        terms: list[tuple[Fraction, tuple]] = []
        if target == "I":
            q = rng.choice(cells((channels, *n)))
            for f, *o in cells((filters, *m)):
                a = tuple(x - y + 1 for x, y in zip(q[1:], o, strict=True))
                if all(1 <= x <= y for x, y in zip(a, k, strict=True)):
                    terms.append((Fraction(1), (("O", (f, *o)), ("W", (f, q[0], *a)))))
        elif target == "W":
            q = rng.choice(cells((filters, channels, *k)))
            terms = [(Fraction(1), (("O", (q[0], *o)), ("I", (q[1], *(x + y - 1 for x, y in zip(o, q[2:], strict=True)))))) for o in cells(m)]
        else:
            q = (rng.randint(1, filters),)
            terms = [(Fraction(1), (("O", (q[0], *o)),)) for o in cells(m)]
        shapes = {"O": (filters, *m), "W": (filters, channels, *k), "I": (channels, *n)}
        claim, what = list(terms), rng.choice(["right", "right", "missing", "index", "index", "sign"])
        at = rng.randrange(len(claim))
        if what == "missing":
            claim.pop(at)
        elif what == "sign":
            claim[at] = (-claim[at][0], claim[at][1])
        elif what == "index":
            factors = list(claim[at][1])
            j = rng.randrange(len(factors))
            factors[j] = (factors[j][0], rng.choice(cells(shapes[factors[j][0]])))
            claim[at] = (claim[at][0], tuple(factors))
        rng.shuffle(claim)
        text = ""
        for c, factors in claim:
            text += (" - " if c < 0 else " + " if text else "") + r" \cdot ".join(grad(t + sub(i)) if t == "O" else t + sub(i) for t, i in factors)
        yield head, f"{grad(target + sub(q))} = {text or '0'}", "correct" if value(claim) == value(terms) else "wrong", what


@pytest.mark.parametrize(("name", "cases"), [("pooling", pool_cases(120, 3)), ("channels", channel_cases(90, 4))])
def test_answers(name: str, cases, capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter = Counter()
    bad = []
    for head, equation, expected, what in cases:
        claim = check_notes(head + f"$${equation}$$", "x.md").report.claims[-1]
        counts[what, claim.verdict == expected] += 1
        if claim.verdict != expected:
            bad.append((head, equation, expected, claim.verdict, claim.message))
    with capsys.disabled():
        print(f"\n{name}: {sum(counts.values())} answers,", {k: counts[k, True] / (counts[k, True] + counts[k, False]) for k, _ in counts})
    assert not bad, bad[0]


GENERAL = [
    # on windows apart, and overlapping: right and wrong general formulas, by their values
    ("avg", r"\frac{1}{K} \sum_{i=1}^{M1} \sum_{j=1}^{M2} D_{ij} [ 0 \le p-S i+S-1 \le K1-1 ] [ 0 \le q-S j+S-1 \le K2-1 ]", True),
    ("avg", r"\frac{1}{K} \sum_{i=1}^{M1} \sum_{j=1}^{M2} D_{ij} [ 0 \le p-S i+S-1 \le K1 ] [ 0 \le q-S j+S-1 \le K2-1 ]", False),
    ("avg", r"\sum_{i=1}^{M1} \sum_{j=1}^{M2} D_{ij} [ 0 \le p-S i+S-1 \le K1-1 ] [ 0 \le q-S j+S-1 \le K2-1 ]", False),
    ("max", r"\sum_{i=1}^{M1} \sum_{j=1}^{M2} D_{ij} [ (p, q) = \operatorname{argmax}_{ij} ]", True),
    ("max", r"\sum_{i=1}^{M1} D_{i1} [ (p, q) = \operatorname{argmax}_{i1} ]", False),
    ("max", r"\sum_{i=1}^{M1} \sum_{j=1}^{M2} D_{ij} \sum_{a=1}^{K1} \sum_{b=1}^{K2} [ (p, q) = \operatorname{argmax}_{ij} ] [ S i+a-S = p ] [ S j+b-S = q ]", True),
    ("max", r"\sum_{i=1}^{M1} \sum_{j=1}^{M2} D_{ij} \sum_{a=1}^{K1} \sum_{b=1}^{K2} [ (p, q) = \operatorname{argmax}_{ij} ] [ S i+a = p ] [ S j+b-S = q ]", False),
    ("max", r"\sum_{i=1}^{M1} \sum_{j=1}^{M2} D_{ij} \frac{\partial O_{ij}}{\partial I_{pq}}", True),
]


@pytest.mark.parametrize(("kind", "formula", "right"), GENERAL)
@pytest.mark.parametrize("pool", POOLS)
def test_general_formulas(kind: str, formula: str, right: bool, pool: tuple) -> None:
    n, k, s = pool
    m = outputs(n, k, s)
    text = formula
    for short, long in (("K1-1", str(k[0] - 1)), ("K2-1", str(k[1] - 1)), ("M1", str(m[0])), ("M2", str(m[1])), ("K1", str(k[0])), ("K2", str(k[1])),
                        ("{K}", f"{{{k[0] * k[1]}}}"), ("+S", f"+{s}"), (" -S", f" -{s}"),
                        ("a-S", f"a-{s}"), ("b-S", f"b-{s}"), ("S ", "" if s == 1 else f"{s} "), ("D_{ij}", grad("O_{ij}")), ("D_{i1}", grad("O_{i1}"))):
        text = text.replace(short, long)
    claim = check_notes(pool_head(kind, n, k, s, False) + f"$${grad('I_{pq}')} = {text}$$", "x.md").report.claims[-1]
    assert (claim.verdict == "correct") is right and claim.verdict != "unreadable", (text, claim.verdict, claim.message)


@pytest.mark.parametrize("condition", [
    r"where $(p,q) = \operatorname{argmax}_{ij}$", r"with $(p,q) = \arg\max_{2i-1 \le a \le 2i, 2j-1 \le b \le 2j} I_{ab}$",
    "if $I_{pq}$ is the maximum of window $(i,j)$", "if $I_{pq}$ is the maximum in the window of $O_{ij}$",
])
def test_the_place_of_the_maximum_beside_an_equation(condition: str) -> None:
    head = "Max pooling, 4x4 input, 2x2 window, stride 2.\n\n"
    right = r"$\frac{\partial L}{\partial I_{pq}} = \frac{\partial L}{\partial O_{ij}}$ "
    (one,) = check_notes(head + right + condition, "x.md").report.claims
    (two,) = check_notes(head + right.replace("$ ", "+1$ ") + condition, "x.md").report.claims
    assert (one.verdict, two.verdict) == ("correct", "wrong")


@pytest.mark.parametrize("condition", [r"where $(p,q) = \arg\max_{a,b} I_{ab}$", r"if $(p,q) = \arg\max_{a,b} I_{2i+a-2,2j+b-2}$ and 0 otherwise"])
def test_another_place_beside_an_equation_leaves_it_unread(condition: str) -> None:
    head = "Max pooling, 4x4 input, 2x2 window, stride 2.\n\n"
    claims = check_notes(head + r"$\frac{\partial L}{\partial I_{pq}} = \frac{\partial L}{\partial O_{ij}}$ " + condition, "x.md").report.claims
    assert [c.verdict for c in claims] == ["unreadable"]


CASES = r"""Max pooling, 4x4 input, 2x2 window, stride %d: $O_{ij} = \max_{1\le a\le 2, 1\le b\le 2} I_{%si+a-%d,%sj+b-%d}$

$\frac{\partial L}{\partial I} = \begin{cases} %s, & \text{if it is the maximum} \\ %s, & \text{otherwise}\end{cases}$"""


@pytest.mark.parametrize(("stride", "values", "verdict"), [
    (2, (r"\frac{\partial L}{\partial O}", "0"), "correct"),
    (2, ("0", r"\frac{\partial L}{\partial O}"), "wrong"),
    (2, (r"2\frac{\partial L}{\partial O}", "0"), "wrong"),
    (1, (r"\frac{\partial L}{\partial O}", "0"), "incomplete"),
])
def test_whole_maps_by_cases_hold_where_windows_do_not_overlap(stride, values, verdict):
    """By enumeration: with stride 2 each entry lies in one window, with stride 1 the centre in four."""
    s = "" if stride == 1 else str(stride)
    claim = check_notes(CASES % (stride, s, stride, s, stride, *values), "notes.md").report.claims[-1]
    assert claim.verdict == verdict
