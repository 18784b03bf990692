"""The JSON's expressions, evaluated by a reader of its own that raises on any read outside its range.

The truth is L(T + 1 at q) - L(T) by plain loops over t(o, a) = s(o-1) + d(a-1) + 1 - P: the layer is
linear in each tensor, so this difference is the derivative.
"""

import ast
import json
import math
import random
from fractions import Fraction
from itertools import product

import pytest

from symderiv.api import derive
from symderiv.layers import make
from symderiv.model import SymderivError


class Reader:
    def __init__(self, values, shapes, padded):
        self.values, self.shapes, self.padded = values, shapes, padded

    def read(self, text, **env):
        return self.value(ast.parse(text, mode="eval").body, env)

    def value(self, n, env):
        if isinstance(n, ast.Constant):
            return Fraction(n.value) if not isinstance(n.value, bool) else n.value
        if isinstance(n, ast.Name):
            return env[n.id] if n.id in env else self.values[n.id][()]
        if isinstance(n, ast.UnaryOp):
            return -self.value(n.operand, env)
        if isinstance(n, ast.BinOp):
            a, b = self.value(n.left, env), self.value(n.right, env)
            return {ast.Add: lambda: a + b, ast.Sub: lambda: a - b, ast.Mult: lambda: a * b, ast.Div: lambda: a / b}[type(n.op)]()
        if isinstance(n, ast.Compare):
            assert isinstance(n.ops[0], ast.LtE)
            return self.value(n.left, env) <= self.value(n.comparators[0], env)
        if isinstance(n, ast.Subscript):
            parts = n.slice.elts if isinstance(n.slice, ast.Tuple) else [n.slice]
            index = tuple(self.value(p, env) for p in parts)
            assert all(Fraction(x).denominator == 1 for x in index), f"fractional subscript {index}"
            name = n.value.id
            inside = all(1 <= x <= m for x, m in zip(index, self.shapes[name], strict=True))
            assert inside or name in self.padded, f"{name}{index} is outside {self.shapes[name]}"
            return self.values[name][tuple(map(int, index))] if inside else Fraction(0)
        return getattr(self, "call_" + n.func.id)(n.args, env)

    def call_Sum(self, args, env):
        term, *limits = args

        def run(k, env):
            if k < 0:
                return self.value(term, env)
            name, low, high = limits[k].elts
            values = range(math.ceil(self.value(low, env)), math.floor(self.value(high, env)) + 1)
            return sum((run(k - 1, {**env, name.id: Fraction(v)}) for v in values), Fraction(0))

        return run(len(limits) - 1, env)

    def call_Max(self, args, env):
        return max(self.value(a, env) for a in args)

    def call_Min(self, args, env):
        return min(self.value(a, env) for a in args)

    def call_floor(self, args, env):
        return Fraction(math.floor(self.value(args[0], env)))

    def call_ceiling(self, args, env):
        return Fraction(math.ceil(self.value(args[0], env)))

    def call_Mod(self, args, env):
        return self.value(args[0], env) % self.value(args[1], env)

    def call_Eq(self, args, env):
        return self.value(args[0], env) == self.value(args[1], env)

    def call_And(self, args, env):
        return all(self.value(a, env) for a in args)

    def call_KroneckerDelta(self, args, env):
        return Fraction(int(self.call_Eq(args, env)))

    def call_Piecewise(self, args, env):
        for pair in args:
            value, condition = pair.elts
            if self.value(condition, env):
                return self.value(value, env)
        return Fraction(0)


def forward(o, k, values, axes, shape):
    total = values["b"][()]
    for a in product(*(range(1, x + 1) for x in k)):
        t = tuple(s * (i - 1) + d * (u - 1) + 1 - p for (s, d, p), i, u in zip(axes, o, a, strict=True))
        if all(1 <= x <= n for x, n in zip(t, shape, strict=True)):
            total += values["I"][t] * values["W"][a]
    return total


def positions(shape):
    return list(product(*(range(1, n + 1) for n in shape)))


@pytest.mark.parametrize("seed", range(60))
def test_expressions_are_the_derivative(seed):
    rng = random.Random(seed)
    count = rng.choice([1, 1, 2])
    n = [rng.randint(1, 7 if count == 1 else 4) for _ in range(count)]
    k = [rng.randint(1, 3) for _ in range(count)]
    s, d, p = ([rng.randint(low, 3 if low else 2) for _ in range(count)] for low in (1, 1, 0))
    try:
        layer = make(f"conv{count}d", input=n, kernel=k, stride=s, dilation=d, padding=p)
    except SymderivError:
        return
    document = json.loads(derive(layer).to_json(expand="all"))
    shapes = {t: tuple(x["shape"]) for t, x in document["tensors"].items()}
    shapes["dO"] = shapes["O"]
    values = {t: {q: Fraction(rng.randint(-99, 99)) for q in positions(shape)} for t, shape in shapes.items()}
    reader = Reader(values, shapes, {"I"} if any(p) else set())
    axes = list(zip(s, d, p, strict=True))

    def loss():
        return sum(values["dO"][o] * forward(o, k, values, axes, n) for o in positions(shapes["O"]))

    for e in document["forward"]["elements"]:
        assert reader.read(e["expr"]) == forward(tuple(e["index"]), k, values, axes, n)
    base = loss()
    for tensor, g in document["gradients"].items():
        elements = {tuple(e["index"]): e["expr"] for e in g["elements"]}
        assert list(elements) == positions(shapes[tensor])
        for q in positions(shapes[tensor]):
            values[tensor][q] += 1
            truth = loss() - base
            values[tensor][q] -= 1
            env = {x: Fraction(y) for x, y in zip(g["general"]["indices"], q, strict=True)}
            assert reader.read(elements[q]) == truth
            assert reader.read(g["general"]["expr"], **env) == truth
            for step in g["general"]["steps"]:
                assert reader.read(step["expr"], **env) == truth
