"""Answers in many notations: the same terms, spelled as different people spell them."""

from __future__ import annotations

from dataclasses import dataclass

from check_enumerator import Conv, cells


@dataclass(frozen=True)
class Style:
    """Letters, the spelling of a gradient, the product sign, delimiters, language."""

    name: str
    x: str = "I"
    w: str = "W"
    y: str = "O"
    b: str = "b"
    loss: str = "L"
    spelling: str = "frac"
    dot: str = r" \cdot "
    comma: bool = False
    delimiter: str = "dollar"
    language: str = "en"
    header: str = "matrix"

    @property
    def suffix(self) -> str:
        return ".tex" if self.delimiter in ("equation", "align") else ".txt" if self.delimiter == "plain" else ".md"

    def sub(self, index: tuple[int, ...]) -> str:
        if not index:
            return ""
        if self.delimiter == "plain":
            return "_" + "".join(map(str, index)) if max(index) < 10 and not self.comma else "[" + ",".join(map(str, index)) + "]"
        joined = ",".join(map(str, index)) if self.comma or max(index) > 9 else "".join(map(str, index))
        return "_{" + joined + "}"

    def grad(self, tensor: str, index_text: str) -> str:
        entry = tensor + index_text
        if self.delimiter == "plain":
            return f"d{self.loss}/d{entry}"
        return {
            "frac": rf"\frac{{\partial {self.loss}}}{{\partial {entry}}}",
            "dfrac": rf"\dfrac{{\partial {self.loss}}}{{\partial {entry}}}",
            "d": rf"\frac{{\mathrm{{d}} {self.loss}}}{{\mathrm{{d}} {entry}}}",
            "slash": rf"\partial {self.loss}/\partial {entry}",
            "delta": (rf"\delta{index_text}" if tensor == self.y else rf"\frac{{\partial {self.loss}}}{{\partial {entry}}}"),
        }[self.spelling]

    def factor(self, factor: tuple) -> str:
        kind, index = factor
        if kind == "g":
            return self.grad(self.y, self.sub(index))
        return {"w": self.w, "x": self.x, "b": self.b}[kind] + self.sub(index)

    def term(self, factors: list[tuple]) -> str:
        return (" * " if self.delimiter == "plain" else self.dot).join(self.factor(f) for f in factors)

    def right(self, terms: list[tuple[int, list[tuple]]]) -> str:
        text = ""
        for c, factors in terms:
            size = abs(c)
            body = self.term(factors) if size == 1 else f"{size}{' * ' if self.delimiter == 'plain' else ' '}{self.term(factors)}"
            text += (" - " if c < 0 else " + ") + body if text else ("-" if c < 0 else "") + body
        return text or "0"

    def math(self, equation: str) -> str:
        return {
            "dollar": f"$${equation}$$", "inline": f"${equation}$", "bracket": rf"\[ {equation} \]", "paren": rf"\( {equation} \)",
            "fence": f"```math\n{equation}\n```", "equation": rf"\begin{{equation}}{equation}\end{{equation}}",
            "align": "\\begin{align*}\n" + equation.replace("=", "&=", 1) + "\n\\end{align*}", "plain": equation,
        }[self.delimiter]

    # -- headers -------------------------------------------------------------------------------
    def matrix(self, name: str, shape: tuple[int, ...]) -> str:
        if len(shape) == 1:
            shape = (1, *shape)
            rows = [[f"{name}{self.sub((c,))}" for c in range(1, shape[1] + 1)]]
        else:
            rows = [[f"{name}{self.sub((r, c))}" for c in range(1, shape[1] + 1)] for r in range(1, shape[0] + 1)]
        return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"

    def forward(self, layer: Conv) -> str:
        outs, ins = ("ij", "uv") if len(layer.n) == 2 else ("i", "u")
        reads = []
        for o, a in zip(outs, ins, strict=False):
            const = -layer.s - layer.d + 1 - layer.P
            so = o if layer.s == 1 else f"{layer.s}{o}"
            da = a if layer.d == 1 else f"{layer.d}{a}"
            reads.append(f"{so}+{da}" + (f"{const:+d}" if const else ""))
        if self.delimiter == "plain":
            sums = " ".join(f"sum_{{{a}=1}}^{{{k}}}" for a, k in zip(ins, layer.k, strict=False))
            return f"{self.y}[{','.join(outs)}] = {sums} {self.x}[{','.join(reads)}] * {self.w}[{','.join(ins)}] + {self.b}"
        sums = " ".join(rf"\sum_{{{a}=1}}^{{{k}}}" for a, k in zip(ins, layer.k, strict=False))
        return rf"{self.y}_{{{outs}}} = {sums} {self.x}_{{{', '.join(reads)}}} {self.w}_{{{ins}}} + {self.b}"

    def head(self, layer: Conv) -> str:
        size = r" \times ".join(map(str, layer.n))
        words = {"en": f"Convolution layer: ${self.x}$ has the shape ${size}$.", "zh": f"卷积层：${self.x}$ 的形状为 ${size}$。"}[self.language]
        plain = layer == Conv(layer.n, layer.k)
        parts = []
        if self.delimiter == "plain":
            words = words.replace("$", "").replace(r"\times", "x")
        parts.append(words)
        if self.header == "matrix" and plain and self.delimiter != "plain":
            parts.append(self.math(f"{self.matrix(self.x, layer.n)} * {self.matrix(self.w, layer.k)} + {self.b} = {self.matrix(self.y, layer.m)}"))
        parts.append(self.math(self.forward(layer)))
        if self.spelling == "delta":
            letters = "ij"[: len(layer.n)]
            parts.append(self.math(rf"\delta_{{{letters}}} = \frac{{\partial {self.loss}}}{{\partial {self.y}_{{{letters}}}}}"))
        return "\n\n".join(parts)


STYLES = (
    Style("seed"),
    Style("seed zh", language="zh", header="formula"),
    Style("commas", comma=True, spelling="dfrac", dot=" ", delimiter="bracket"),
    Style("xky", x="X", w="K", y="Y", loss="E", dot=r" \times ", delimiter="fence", language="zh"),
    Style("lower", x="x", w="w", y="z", loss=r"\mathcal{L}", spelling="d", delimiter="equation", header="formula"),
    Style("slash", spelling="slash", delimiter="inline"),
    Style("delta", spelling="delta", delimiter="dollar", dot=" "),
    Style("align", x="A", w="F", y="S", b="c", loss="J", delimiter="align"),
    Style("plain", delimiter="plain", header="formula"),
    Style("plain brackets", delimiter="plain", comma=True, x="x", w="w", y="y", header="formula"),
    Style("paren zh", delimiter="paren", language="zh", spelling="dfrac"),
)
LAYERS = (
    Conv((3, 3), (2, 2)), Conv((4, 4), (3, 3)), Conv((4, 3), (2, 2)), Conv((5, 5), (3, 3), s=2), Conv((4, 4), (3, 3), P=1),
    Conv((5, 4), (2, 2), d=2), Conv((6,), (3,)), Conv((7,), (3,), s=2), Conv((5,), (3,), P=1), Conv((3, 5), (2, 3)),
    Conv((6,), (2,), d=2), Conv((4, 4), (2, 2), s=2),
)

__all__ = ["LAYERS", "STYLES", "Style", "cells"]
