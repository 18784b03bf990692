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
from test_engine import layers_of

from symderiv.api import derive
from symderiv.layers import LAYERS, make
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
            return {ast.Add: lambda: a + b, ast.Sub: lambda: a - b, ast.Mult: lambda: a * b, ast.Div: lambda: a / b, ast.Pow: lambda: a ** int(b)}[type(n.op)]()
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


# -- every layer, from the options that the document itself states ----------------------------------------------------
def window(options, axis, name, default):
    value = options.get(name)
    return default if value is None else value[axis]


class Plain:
    """A layer by plain loops over t(o, a), from the JSON's options and shapes alone."""

    def __init__(self, document):
        self.options = o = document["layer"]["options"]
        self.name = document["layer"]["name"]
        self.n = len(o["input"])
        self.pads = [p if isinstance(p, list) else [p, p] for p in o["padding"]]
        self.axes = [
            (o["stride"][x], window(o, x, "dilation", 1), self.pads[x][0]) for x in range(self.n)
        ]
        self.k = o["kernel"]
        self.shapes = {t: tuple(x["shape"]) for t, x in document["tensors"].items()}

    def cells(self, o):
        """Kernel position and input position of every cell of a window that is inside the input."""
        for a in product(*(range(1, k + 1) for k in self.k)):
            t = tuple(s * (i - 1) + d * (u - 1) + 1 - p for (s, d, p), i, u in zip(self.axes, o, a, strict=True))
            if all(1 <= x <= n for x, n in zip(t, self.options["input"], strict=True)):
                yield a, t

    def averaged(self, o):
        """How many cells PyTorch divides by."""
        if not self.options["count_include_pad"]:
            return len(list(self.cells(o)))
        total = 1
        for x, (s, _, p) in enumerate(self.axes):
            low = s * (o[x] - 1) + 1 - p
            total *= min(low + self.k[x] - 1, self.options["input"][x] + self.pads[x][1]) - low + 1
        return total

    def terms(self, o):
        """Output o as (coefficient, entries multiplied) for the linear layers."""
        lead, at = o[: len(o) - self.n], o[len(o) - self.n :]
        if self.name.startswith("avg"):
            n = self.averaged(at)
            return [(Fraction(1, n), [("I", lead + t)]) for _, t in self.cells(at)]
        out = []
        flip = self.options.get("flip", False)
        for a, t in self.cells(at):
            w = tuple(k + 1 - x for k, x in zip(self.k, a, strict=True)) if flip else a
            if not lead:
                out.append((Fraction(1), [("I", t), ("W", w)]))
                continue
            (n, f), share = lead, self.shapes["W"][1]
            group = (f - 1) // (self.options["filters"] // self.options["groups"])
            for c in range(1, share + 1):
                out.append((Fraction(1), [("I", (n, group * share + c, *t)), ("W", (f, c, *w))]))
        if self.options["bias"]:
            out.append((Fraction(1), [("b", lead[1:2])]))
        return out


def truth_of(plain, values, ties):
    """Every gradient by definition, and the weight of every cell in every window."""
    grads = {t: {q: Fraction(0) for q in positions(s)} for t, s in plain.shapes.items() if t not in ("O", "dO")}
    weights = {}
    for o in positions(plain.shapes["O"]):
        g = values["dO"][o]
        if plain.name.startswith("max"):
            lead, at = o[: len(o) - plain.n], o[len(o) - plain.n :]
            cells = [lead + t for _, t in plain.cells(at)]
            best = [c for c in cells if values["I"][c] == max(values["I"][x] for x in cells)]
            best = best[:1] if ties == "first" else best
            for c in cells:
                share = Fraction(1, len(best)) if ties == "split" else Fraction(1)
                weights[c, o] = share if c in best else Fraction(0)
                grads["I"][c] += g * weights[c, o]
            continue
        for c, entries in plain.terms(o):
            for k, (tensor, q) in enumerate(entries):
                rest = [values[t][x] for j, (t, x) in enumerate(entries) if j != k]
                grads[tensor][q] += g * c * math.prod(rest, start=Fraction(1))
    return grads, weights


class PoolReader(Reader):
    """The reader with the weights of windows; a weight is asked for only in a window's own cells or is 0."""

    def __init__(self, values, shapes, padded, weights):
        super().__init__(values, shapes, padded)
        self.weights = weights

    def call_is_max(self, args, env):
        o, at = (tuple(int(self.value(x, env)) for x in a.elts) for a in args)
        assert all(1 <= x <= n for x, n in zip(o, self.shapes["O"], strict=True)), f"no window {o}"
        return self.weights.get((at, o), Fraction(0))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", LAYERS)
def test_every_layers_expressions_are_the_derivative(name, seed):
    for layer in layers_of(name, seed + 100, 3):
        document = json.loads(derive(layer).to_json(expand="all"))
        plain = Plain(document)
        shapes = plain.shapes | {"dO": plain.shapes["O"]}
        rng = random.Random(seed)
        values = {t: {q: Fraction(rng.randint(-3, 3)) for q in positions(s)} for t, s in shapes.items()}
        grads, weights = truth_of(plain, values, document["layer"]["options"].get("ties", "first"))
        padded = {"I"} if any(map(any, plain.pads)) or document["layer"]["options"].get("ceil_mode") else set()
        reader = PoolReader(values, shapes, padded, weights)
        for tensor, g in document["gradients"].items():
            assert [tuple(e["index"]) for e in g["elements"]] == positions(shapes[tensor])
            formulas = [g["general"]["expr"], *(s["expr"] for s in g["general"]["steps"])]
            for e in g["elements"]:
                q = tuple(e["index"])
                env = {x: Fraction(y) for x, y in zip(g["general"]["indices"], q, strict=True)}
                assert reader.read(e["expr"]) == grads[tensor][q]
                for expr in formulas:
                    assert reader.read(expr, **env) == grads[tensor][q], expr
            for region in g.get("regions", ()):
                if "general" in region:
                    q = tuple(region["representative"])
                    env = {x: Fraction(y) for x, y in zip(g["general"]["indices"], q, strict=True)}
                    assert reader.read(region["general"]["expr"], **env) == grads[tensor][q]


@pytest.mark.parametrize("options, sizes", [
    ({"input": ("H", "V"), "kernel": ("K", "K"), "stride": 2, "padding": "P"}, {"H": 6, "V": 5, "K": 3, "P": 1}),
    ({"input": ("H", 5), "kernel": (3, "K")}, {"H": 4, "K": 2}),
    ({"input": ("H", "V"), "kernel": 3, "stride": "S", "dilation": 2, "padding": 1}, {"H": 9, "V": 8, "S": 3}),
    ({"input": ("H", "V"), "kernel": 2, "channels": "C", "filters": "F", "batch": "N"}, {"H": 3, "V": 4, "C": 2, "F": 3, "N": 2}),
])
def test_sizes_by_name_with_numbers_put_in(options, sizes):
    """The general formula of names, evaluated at numbers, is the gradient of the layer of those numbers."""
    general = json.loads(derive(make("conv2d", **options)).to_json())["gradients"]

    def number(value):
        if isinstance(value, tuple):
            return tuple(number(v) for v in value)
        return sizes.get(value, value)

    document = json.loads(derive(make("conv2d", **{k: number(v) for k, v in options.items()})).to_json(expand="none"))
    plain = Plain(document)
    shapes = plain.shapes | {"dO": plain.shapes["O"]}
    rng = random.Random(1)
    values = {t: {q: Fraction(rng.randint(-9, 9)) for q in positions(s)} for t, s in shapes.items()}
    grads, _ = truth_of(plain, values, "first")
    reader = Reader(values, shapes, {"I"} if any(map(any, plain.pads)) else set())
    names = {n: Fraction(v) for n, v in sizes.items()}
    for tensor, g in general.items():
        for q in positions(shapes[tensor]):
            env = names | {x: Fraction(y) for x, y in zip(g["general"]["indices"], q, strict=True)}
            for expr in (g["general"]["expr"], *(s["expr"] for s in g["general"]["steps"])):
                assert reader.read(expr, **env) == grads[tensor][q], expr
