"""dL/dI of a convolution by other roads, each as LaTeX of every element: python benchmarks/rivals.py ROAD N K.

Roads: sympy-loss (differentiate the whole loss), sympy-outputs (each output by what it contains),
symengine-loss (the same as the first, in C++), loop (a plain loop that only prints the text).
"""

import sys


def entries(n, k, symbol):
    m = n - k + 1
    i = [[symbol(f"I_{p + 1},{q + 1}") for q in range(n)] for p in range(n)]
    w = [[symbol(f"W_{a + 1},{b + 1}") for b in range(k)] for a in range(k)]
    g = [[symbol(f"g_{o + 1},{r + 1}") for r in range(m)] for o in range(m)]
    return i, w, g


def output(i, w, k, o, r):
    return sum(i[o + a][r + b] * w[a][b] for a in range(k) for b in range(k))


def loss_by_sympy(n, k):
    from sympy import Symbol, diff, latex

    i, w, g = entries(n, k, Symbol)
    m = n - k + 1
    loss = sum(g[o][r] * output(i, w, k, o, r) for o in range(m) for r in range(m))
    for p in range(n):
        for q in range(n):
            print(latex(diff(loss, i[p][q])))


def outputs_by_sympy(n, k):
    from sympy import Add, Symbol, diff, latex

    i, w, g = entries(n, k, Symbol)
    m = n - k + 1
    outputs = [[output(i, w, k, o, r) for r in range(m)] for o in range(m)]
    for p in range(n):
        for q in range(n):
            near = [(o, r) for o in range(max(0, p - k + 1), min(p, m - 1) + 1) for r in range(max(0, q - k + 1), min(q, m - 1) + 1)]
            print(latex(Add(*(g[o][r] * diff(outputs[o][r], i[p][q]) for o, r in near))))


def loss_by_symengine(n, k):
    from symengine import Symbol, diff

    i, w, g = entries(n, k, Symbol)
    m = n - k + 1
    loss = sum(g[o][r] * output(i, w, k, o, r) for o in range(m) for r in range(m))
    for p in range(n):
        for q in range(n):
            print(diff(loss, i[p][q]))


def plain_loop(n, k):
    m = n - k + 1
    for p in range(1, n + 1):
        for q in range(1, n + 1):
            t = []
            for i in range(max(1, p - k + 1), min(p, m) + 1):
                for j in range(max(1, q - k + 1), min(q, m) + 1):
                    t.append("\\frac{\\partial L}{\\partial O_{%d, %d}} \\cdot W_{%d, %d}" % (i, j, p - i + 1, q - j + 1))
            print("\\frac{\\partial L}{\\partial I_{%d, %d}} &= %s \\\\" % (p, q, " + ".join(t)))


ROADS = {
    "sympy-loss": loss_by_sympy, "sympy-outputs": outputs_by_sympy, "symengine-loss": loss_by_symengine, "loop": plain_loop,
}

if __name__ == "__main__":
    ROADS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
