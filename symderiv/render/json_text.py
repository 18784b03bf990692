"""The JSON document (schema symderiv/derivation/1), a piece at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product as cartesian

from symderiv.formula.nodes import Formula, Node
from symderiv.formula.walk import substitute
from symderiv.formula.write import write_formula
from symderiv.index.form import Form
from symderiv.model import Derivation, Gradient, Region, Template, Tick
from symderiv.render.elements import MOST_TERMS, Elements
from symderiv.render.options import Options
from symderiv.render.stamp import Holes, Stamp, stamped
from symderiv.render.sympy_text import form_text, node_text, sum_text
from symderiv.render.tables import Tables, spans
from symderiv.render.view import View, count_of
from symderiv.render.width import tex_width

SCHEMA = "symderiv/derivation/1"


def json_pieces(data: Derivation, options: Options, tick: Tick) -> Iterator[str]:
    """The document; elements are written as they are made."""
    view = View(data, replace(options, format="latex", width=options.width or 1e9), tex_width)
    writer = _Writer(view, options, tick)
    yield "{\n"
    yield from writer.head()
    yield from writer.forward()
    yield ' "gradients": {\n'
    for k, gradient in enumerate(data.gradients):
        yield from writer.gradient(gradient)
        yield ",\n" if k < len(data.gradients) - 1 else "\n"
    yield " },\n"
    yield f' "verification": {json.dumps(writer.verification(), ensure_ascii=False)}\n}}\n'


class _Writer:
    def __init__(self, view: View, options: Options, tick: Tick) -> None:
        self.view, self.options, self.data = view, options, view.data
        self.parts = Elements(view, tick)
        self.tables = Tables(self.parts)
        self.layer = view.layer
        self.derived = dict(self.layer.derived)

    def expr(self, node: Node) -> str:
        return node_text(node, self.derived)

    def size(self, form: Form) -> int | str:
        return form.constant if form.constant is not None else form_text(form, self.derived)

    def _option(self, key: str, value: object) -> object:
        if isinstance(value, Form):
            return self.size(value)
        if key == "padding" and isinstance(value, tuple):
            pairs = [[self._option("", x) for x in pair] for pair in value]
            return [a for a, _ in pairs] if all(a == b for a, b in pairs) else pairs
        if isinstance(value, tuple):
            return [self._option("", x) for x in value]
        if isinstance(value, dict):
            return {k: self._option("", v) for k, v in value.items()}
        return value

    def _target(self, formula: Formula) -> str:
        """The left side, as O[n,3*h+f-3,i,j]."""
        return self.expr(formula.target)

    def head(self) -> Iterator[str]:
        options = {k: self._option(k, v) for k, v in self.layer.options.items()}
        tensors = {t.name: {"role": t.role, "shape": [self.size(f) for f in t.shape]} for t in self.layer.tensors}
        for key, value in (
            ("schema", SCHEMA), ("layer", {"name": self.layer.name, "options": options}),
            ("index_base", self.options.index_base), ("derived", {n: form_text(f, self.derived) for n, f in self.layer.derived}),
            ("tensors", tensors),
        ):
            yield f' "{key}": {json.dumps(value, ensure_ascii=False)},\n'

    def forward(self) -> Iterator[str]:
        formula = self.layer.formula
        fields = {
            "indices": [b.index for b in formula.bindings], "target": self._target(formula), "latex": self.view.forward.text,
            "expr": self.expr(formula.body), "notation": write_formula(formula),
        }
        yield ' "forward": {' + json.dumps(fields, ensure_ascii=False)[1:-1]
        show = self.layer.numeric and self.data.forward is not None
        expanded = show and self.parts.shows_elements(count_of(self.layer.shape(self.layer.output.name)))
        yield f', "expanded": {json.dumps(expanded)}'
        if expanded and self.data.forward is not None:
            yield ', "elements": ['
            for k, (o, terms) in enumerate(self.data.forward()):
                left = self.view.print.entry(self.layer.output.name, self.view.index(o))
                latex = self.parts.sum_of(left, [self.parts.template(t, Holes()) for t in terms]).text
                expr = sum_text([self.term(t, Holes()) for t in terms])
                yield ("," if k else "") + "\n  " + _element(o, latex, expr)
            yield "]"
        yield "},\n"

    def term(self, term: Template, holes: Holes) -> tuple[bool, str]:
        """A term in SymPy's syntax, with holes."""
        factors = []
        for entry in term.factors:
            marks = [holes.mark(slot) for slot in entry.index]
            if entry.tensor == "is_max":
                cut = self.parts.pooled_rank
                factors.append(f"is_max({_tuple(marks[cut:])}, {_tuple(marks[:cut])})")
            elif entry.tensor == "max" and self.layer.pooled:
                cells = self.data.windows.get(tuple(b for b, _ in entry.index), ())
                name = self.layer.pooled.name
                factors.append(f"Max({', '.join(_subscripted(name, c) for c in cells) or '-oo'})")
            else:
                factors.append(entry.tensor + (f"[{','.join(marks)}]" if marks else ""))
        c = abs(term.coefficient)
        if c != 1 or not factors:
            factors.insert(0, str(c))
        return term.coefficient < 0, "*".join(factors)

    def gradient(self, g: Gradient) -> Iterator[str]:
        view = self.view
        steps = []
        for step in g.steps:
            equation = view.step(g, step)
            steps.append({"kind": step.kind.value, "latex": equation.text, "reason": self._reason(step, g), "expr": self.expr(step.after)})
        general = {
            "indices": [b.index for b in g.formula.bindings], "target": self._target(g.formula), "latex": view.general(g).text,
            "expr": self.expr(g.formula.body), "notation": write_formula(g.formula), "steps": steps,
        }
        yield f'  "{g.tensor.name}": {{\n   "general": {json.dumps(general, ensure_ascii=False)}'
        matrix = self._matrix(g)
        if matrix:
            yield f',\n   "matrix": {json.dumps({"latex": matrix}, ensure_ascii=False)}'
        if g.regions is not None:
            rows = [self._region(g, r) for r in g.regions]
            yield f',\n   "regions": {json.dumps(rows, ensure_ascii=False)}'
        expanded = self.layer.numeric and self.parts.shows_elements(count_of(self.layer.shape(g.tensor.name)))
        yield f',\n   "expanded": {json.dumps(expanded)}'
        if expanded:
            yield ',\n   "elements": ['
            yield from self._elements(g)
            yield "\n   ]"
        yield "\n  }"

    def _reason(self, step: object, g: Gradient) -> str:
        from symderiv.model import Step
        from symderiv.render.document import translate
        from symderiv.render.phrases import bracket_note, reason

        assert isinstance(step, Step)
        say = translate(self.options.lang)
        return reason(say, self.view, step, g) + bracket_note(say, step.shown)

    def _matrix(self, g: Gradient) -> str | None:
        line = self.tables.correlation_line(g)
        if line:
            return self.view.line(line)
        if g.correlation:
            return self.tables.correlation_formula(g).text
        jacobian = self.tables.jacobian(g)
        return rf"{jacobian[1]}, \quad {self.view.line(jacobian[0])}" if jacobian else None

    def _region(self, g: Gradient, region: Region) -> dict[str, object]:
        q = region.representative
        latex = self.parts.element(g, q).text if g.terms_each <= MOST_TERMS else self.view.general(g).text
        where = " ∪ ".join(" × ".join("{" + spans(ts) + "}" for ts in block) for block in region.blocks)
        row: dict[str, object] = {
            "name": region.name, "kernel_positions": [list(k) for k in region.kernel_positions],
            "count": region.count, "representative": list(q), "latex": latex, "where": where,
        }
        if region.formula is not None:
            row["general"] = {
                "latex": self.view.equation(region.formula.target, region.formula.body, g).text,
                "expr": self.expr(region.formula.body), "notation": write_formula(region.formula),
            }
        return row

    def _elements(self, g: Gradient) -> Iterator[str]:
        shape = self.layer.shape(g.tensor.name)
        if g.regions is None or g.terms_each > MOST_TERMS:
            yield from self._summed(g, shape)
            return

        def one(region: Region) -> Stamp:
            holes = Holes()
            equation = self.parts.region_equation(g, region, holes)
            axes = len(shape)
            start = (0,) * axes if region.name == "zero" else region.representative
            place = [
                holes.mark((t, tuple(u if k == x else 0 for k in range(axes))))
                for x, (t, u) in enumerate(zip(start, region.units, strict=True))
            ]
            expr = sum_text([self.term(t, holes) for t in region.terms])
            latex = json.dumps(equation.text, ensure_ascii=False)
            text = f'    {{"index": [{", ".join(place)}], "latex": {latex}, "expr": {json.dumps(expr, ensure_ascii=False)}}}'
            return Stamp.of(text, holes)

        for k, text in enumerate(stamped(g.regions, one, shape)):
            yield (",\n" if k else "\n") + text

    def _summed(self, g: Gradient, shape: Sequence[int]) -> Iterator[str]:
        letters = [b.index for b in g.formula.bindings]
        latex = self.parts.elements(g, lambda e: e.text)
        for k, q in enumerate(cartesian(*(range(1, n + 1) for n in shape))):
            body = substitute(g.formula.body, dict(zip(letters, q, strict=True)))
            yield (",\n" if k else "\n") + "    " + _element(q, next(latex), self.expr(body))

    def verification(self) -> dict[str, object]:
        v = self.data.verification
        out: dict[str, object] = {
            "method": v.method, "checked": v.checked, "passed": v.passed,
            "steps_checked": v.steps_checked, "steps_passed": v.steps_passed,
        }
        return out | ({"sample": v.sample} if v.sample else {})


def _element(q: Sequence[int], latex: str, expr: str) -> str:
    return json.dumps({"index": list(q), "latex": latex, "expr": expr}, ensure_ascii=False)


def _tuple(parts: Sequence[str]) -> str:
    return f"({parts[0]},)" if len(parts) == 1 else f"({','.join(parts)})"


def _subscripted(tensor: str, index: Sequence[int]) -> str:
    return f"{tensor}[{','.join(map(str, index))}]"
