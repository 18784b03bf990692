"""Correct equations rewritten at random stay correct; mutated at random they are caught.

Whether a mutant differs in value is decided by plain loops, never by symderiv.
"""

from __future__ import annotations

import random

from check_enumerator import cells, true_input, true_weight
from check_writer import LAYERS, STYLES
from test_check_corpus import (
    as_terms,
    by_kernel,
    by_output,
    exists,
    general_text,
    general_verdict,
    last_claim,
    value,
    weight,
    wide_output,
)

LETTERS = ("pq", "mn", "rs", "xy")
INNER = ("ij", "uv", "kl", "gh")


def rewritten_element(style, terms, rng: random.Random) -> str:
    """Reordered terms and factors, a common factor taken out, a term split in two, an explicit zero."""
    dot = " * " if style.delimiter == "plain" else style.dot
    pieces = []
    for c, factors in rng.sample(terms, len(terms)):
        body = dot.join(style.factor(f) for f in rng.sample(factors, len(factors)))
        if rng.random() < 0.2:
            pieces += [f"2 {dot} {body}", f"- {body}"]
        elif rng.random() < 0.2 and style.delimiter != "plain":
            pieces.append(rf"\left( {body} \right)")
        else:
            pieces.append(body if c == 1 else f"{c}{dot}{body}")
    if rng.random() < 0.3:
        pieces.append("0")
    text = pieces[0]
    for piece in pieces[1:]:
        text += f" {piece}" if piece.startswith("-") else f" + {piece}"
    return text


def factored(style, terms) -> str | None:
    """g (w + w) + ...: terms that share an upstream entry, in brackets."""
    by_g: dict = {}
    for c, factors in terms:
        if c != 1 or len(factors) != 2:
            return None
        by_g.setdefault(factors[0], []).append(factors[1])
    dot = " * " if style.delimiter == "plain" else style.dot
    return " + ".join(f"{style.factor(g)}{dot}({' + '.join(style.factor(o) for o in others)})" for g, others in by_g.items())


def test_rewritten_elements_stay_correct() -> None:
    rng = random.Random(31)
    for number in range(70):
        layer, style = rng.choice(LAYERS), STYLES[number % len(STYLES)]
        if rng.random() < 0.5:
            q = rng.choice([q for q in cells(layer.n) if true_input(layer, q)])
            left, truth = style.grad(style.x, style.sub(q)), true_input(layer, q)
        else:
            q = rng.choice(list(cells(layer.k)))
            left, truth = style.grad(style.w, style.sub(q)), true_weight(layer, q)
        terms = as_terms(truth)
        right = factored(style, terms) if rng.random() < 0.25 else rewritten_element(style, terms, rng)
        report, text = last_claim(layer, style, f"{left} = {right}")
        assert report.claims[-1].verdict == "correct", text + str(report.claims[-1].message)


def test_mutated_elements_are_caught() -> None:
    rng = random.Random(37)
    caught = 0
    for number in range(90):
        layer, style = rng.choice(LAYERS), STYLES[number % len(STYLES)]
        q = rng.choice([q for q in cells(layer.n) if true_input(layer, q)])
        truth = true_input(layer, q)
        terms = as_terms(truth)
        for _ in range(rng.randint(1, 2)):
            k = rng.randrange(len(terms))
            c, factors = terms[k]
            place = rng.randrange(len(factors))
            kind, index = factors[place]
            axis = rng.randrange(len(index))
            moved = (*index[:axis], max(1, index[axis] + rng.choice((-1, 1))), *index[axis + 1 :])
            terms = [*terms[:k], (c, [*factors[:place], (kind, moved), *factors[place + 1 :]]), *terms[k + 1 :]]
        good = value(terms) == truth and all(exists(layer, f) for _, f in terms)
        report, text = last_claim(layer, style, f"{style.grad(style.x, style.sub(q))} = {style.right(terms)}")
        assert report.claims[-1].verdict == ("correct" if good else "wrong"), text
        caught += not good
    assert caught > 40


def test_rewritten_formulas_stay_correct() -> None:
    rng = random.Random(41)
    styles = [s for s in STYLES if s.delimiter != "plain"]
    done = 0
    while done < 60:
        layer, style = rng.choice(LAYERS), rng.choice(styles)
        forms = [(weight, "W")] + ([(by_output, "I"), (wide_output, "I")] if layer.s == layer.d == 1 else [])
        forms += [(by_kernel, "I")] if layer.s == 1 else []
        form, tensor = rng.choice(forms)
        count = len(layer.n)
        letters, inner = rng.choice(LETTERS)[:count], rng.choice(INNER)[:count]
        if (set(letters) | set(inner)) & {style.x, style.w, style.y, style.b, style.loss}:
            continue
        axes = tuple(form(layer, x, letters[x], inner[x]) for x in range(count))
        assert general_verdict(layer, tensor, axes, tuple(letters)) == "correct"
        text = general_text(style, tensor, axes, tuple(letters), rng.random() < 0.5)
        report, shown = last_claim(layer, style, text)
        assert report.claims[-1].verdict == "correct", shown + str(report.claims[-1].message)
        done += 1
