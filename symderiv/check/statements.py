"""What one equation says about the layer: a matrix equation, a forward formula, an arrow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from symderiv.check.context import Unreadable
from symderiv.check.forward import bias_name, forward_formula, terms_of
from symderiv.check.spec import Axis, Kind, Spec
from symderiv.check.syntax import MAPS
from symderiv.index.form import Form, const
from symderiv.notes import tree

CALLS = frozenset(("conv", "conv1d", "conv2", "conv2d"))
"""Functions that are a sign between maps."""


def statements(piece: tree.Piece) -> Iterator[Spec]:
    """What the links of a piece say about a layer."""
    if piece.problems:
        return
    for left, relation, right in piece.links():
        if relation.kind == "arrow":
            spec = _arrow(left, relation, right)
            if spec is not None:
                yield spec
        elif relation.kind in ("=", "assign"):
            for a, b in ((left, right), (right, left)):
                spec = _matrix_equation(a, b) or forward_formula(a, b)
                if spec is not None:
                    yield replace(spec, sides=(a, b)) if spec.formula else spec
                    break


# -- matrices --------------------------------------------------------------------------------
def matrix_name(expr: tree.Expr) -> tuple[str, tuple[int, ...], int] | None:
    """The tensor that a matrix writes out entry by entry, its shape, and what it counts from."""
    if not isinstance(expr, tree.Matrix) or not expr.rows:
        return None
    shape = (len(expr.rows), len(expr.rows[0]))
    first = expr.rows[0][0]
    if not isinstance(first, tree.Indexed) or not isinstance(first.base, tree.Name):
        return None
    flat = 1 in shape and all(_rank(c) == 1 for row in expr.rows for c in row)
    base = None
    for r, row in enumerate(expr.rows):
        for c, cell in enumerate(row):
            if not isinstance(cell, tree.Indexed) or cell.base != first.base:
                return None
            index = _literal(cell, 1 if flat else 2)
            if index is None:
                return None
            base = index[-1] if base is None else base
            want = (r + c + base,) if flat else (r + base, c + base)
            if index != want:
                return None
    return first.base.text, (shape[0] * shape[1],) if flat else shape, base or 0


def _rank(cell: tree.Expr) -> int:
    if not isinstance(cell, tree.Indexed):
        return 0
    if len(cell.items) == 1 and isinstance(cell.items[0], tree.Number):
        return 1 if len(cell.items[0].digits) == 1 else 2
    return len(cell.items)


def _literal(cell: tree.Indexed, rank: int) -> tuple[int, ...] | None:
    from symderiv.check.indices import split_items

    try:
        items = split_items(cell, rank)
    except Unreadable:
        return None
    if not all(isinstance(i, tree.Number) and i.digits.isdigit() for i in items):
        return None
    return tuple(int(i.digits) for i in items if isinstance(i, tree.Number))


def _convolved(expr: tree.Expr) -> tuple[tree.Expr, str, tree.Expr] | None:
    if isinstance(expr, tree.Call) and expr.function.lower() in CALLS and len(expr.args) == 2:
        return expr.args[0], "conv", expr.args[1]
    if isinstance(expr, tree.Convolution) and expr.mode not in ("", "valid"):
        return None
    if isinstance(expr, tree.Convolution) and expr.sign in MAPS:
        return expr.left, MAPS[expr.sign], expr.right
    if isinstance(expr, tree.Product) and expr.joins == ("*",):
        return expr.factors[0], "*", expr.factors[1]
    return None


def _matrix_equation(output: tree.Expr, body: tree.Expr) -> Spec | None:
    terms = terms_of(body)
    found = _convolved(terms[0][1]) if terms[0][0] == 1 and len(terms) <= 2 else None
    if found is None:
        return None
    left, sign, right = found
    tensors = [_map(e) for e in (left, right, output)]
    kernel_first = _kernel_first(tensors[0], tensors[1])
    if kernel_first:
        tensors[:2] = tensors[1], tensors[0]
    if any(t is None for t in tensors):
        return None
    (i_name, i_shape, i_base), (w_name, w_shape, _), (o_name, o_shape, _) = [t for t in tensors if t is not None]
    if len({i_name, w_name, o_name}) < 3:
        return None
    shapes = [s for s in (i_shape, w_shape, o_shape) if s is not None]
    count = len(shapes[0]) if shapes else None
    if any(len(s) != count for s in shapes):
        return None
    bias = bias_name(terms)
    if len(terms) == 2 and (bias is None or bias in (i_name, w_name, o_name)):
        return None
    axes = tuple(
        Axis(n=_at(i_shape, x), k=_at(w_shape, x), m=_at(o_shape, x)) for x in range(count or 0)
    )
    names = [("I", i_name), ("W", w_name), ("O", o_name)] + ([("b", bias)] if bias else [])
    return Spec(
        "conv", axes, tuple(names), bias=bias is not None, base=i_base, sign=sign, kernel_first=kernel_first,
        place=output.place.to(body.place),
    )


_Map = tuple[str, tuple[int, ...] | None, int | None]
_KERNEL, _INPUT = re.compile(r"(?:[WwKk]|\\omega)(?![A-Za-z])"), re.compile(r"[IXx](?![A-Za-z])")


def _kernel_first(left: _Map | None, right: _Map | None) -> bool:
    """``W * X``: the sizes say which is the kernel, or else the usual letters."""
    if left is None or right is None:
        return False
    if left[1] is not None and right[1] is not None:
        return left[1] != right[1] and len(left[1]) == len(right[1]) and all(k <= n for k, n in zip(left[1], right[1], strict=True))
    return _KERNEL.match(left[0]) is not None and _INPUT.match(right[0]) is not None


def told_apart(spec: Spec, said: Mapping[str, tuple[int | str, ...]]) -> Spec:
    """A matrix equation whose words name its second map the input, or its first the kernel, or give them such sizes."""
    first, second = spec.name("I"), spec.name("W")
    if not spec.sign or first is None or second is None:
        return spec
    k, n = said.get("shape " + first), said.get("shape " + second)
    larger = k is not None and n is not None and k != n and len(k) == len(n) and all(
        isinstance(a, int) and isinstance(b, int) and a <= b for a, b in zip(k, n, strict=True))
    named = said.get("name I") == (second,) or said.get("name W") == (first,)
    if not larger and not named:
        return spec
    axes = tuple(replace(axis, n=axis.k, k=axis.n) for axis in spec.axes)
    names = tuple(({"I": "W", "W": "I"}.get(role, role), written) for role, written in spec.names)
    return replace(spec, axes=axes, names=names, kernel_first=not spec.kernel_first)


def _map(expr: tree.Expr) -> _Map | None:
    found = matrix_name(expr)
    if found is not None:
        return found
    if isinstance(expr, tree.Name) and expr.gradient is None:
        return expr.text, None, None
    return None


def _at(shape: tuple[int, ...] | None, x: int) -> Form | None:
    return None if shape is None else const(shape[x])


def _arrow(left: tree.Expr, relation: tree.Relation, right: tree.Expr) -> Spec | None:
    label = relation.label.lower()
    if "pool" not in label and "池化" not in label:
        return None
    i, o = _map(left), _map(right)
    if i is None or o is None or i[1] is None or o[1] is None or len(i[1]) != len(o[1]):
        return None
    kind: Kind = "max_pool" if "max" in label or "最大" in label else "avg_pool" if "av" in label or "平均" in label else "pool"
    axes = tuple(Axis(n=const(n), m=const(m)) for n, m in zip(i[1], o[1], strict=True))
    return Spec(kind, axes, (("I", i[0]), ("O", o[0])), base=i[2], place=left.place.to(right.place))
