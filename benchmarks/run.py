"""Time the program against `import sympy` and a plain loop, in one run: python benchmarks/run.py."""

import subprocess
import sys
import time

LOOP = """
n, k = {n}, {k}
m = n - k + 1
for p in range(1, n + 1):
    for q in range(1, n + 1):
        t = []
        for i in range(max(1, p - k + 1), min(p, m) + 1):
            for j in range(max(1, q - k + 1), min(q, m) + 1):
                t.append("\\\\frac{{\\\\partial L}}{{\\\\partial O_{{%d, %d}}}} \\\\cdot W_{{%d, %d}}" % (i, j, p - i + 1, q - j + 1))
        print("\\\\frac{{\\\\partial L}}{{\\\\partial I_{{%d, %d}}}} &= %s \\\\\\\\" % (p, q, " + ".join(t)))
"""


def seconds(*command, runs=5):
    """The median of whole-process times."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    return sorted(times)[runs // 2]


def derive(*options):
    return seconds(sys.executable, "-m", "symderiv", "derive", *options, "--format", "latex")


def elements(size, kernel):
    return derive("conv2d", "--input", size, "--kernel", kernel, "--wrt", "I", "--show", "elements", "--expand", "all")


def main():
    python = sys.executable
    base = seconds(python, "-c", "import sympy")
    bare = seconds(python, "-c", "pass")
    loops = {n: seconds(python, "-c", LOOP.format(n=n, k=3)) - bare for n in (224, 448)}
    large = {n: elements(f"{n}x{n}", "3x3") for n in (224, 448)}
    rows = [
        ("--help / import sympy", seconds(python, "-m", "symderiv", "--help") / base, 0.5),
        ("3x3/2x2 LaTeX / import sympy", derive("conv2d", "--input", "3x3", "--kernel", "2x2") / base, 1.8),
        ("28x28/5x5 every dL/dI / import sympy", elements("28x28", "5x5") / base, 3.0),
        ("224x224/3x3 every dL/dI, less the import / plain loop", (large[224] - base) / loops[224], 2.0),
        ("each further equation (448 less 224) / plain loop", (large[448] - large[224]) / (loops[448] - loops[224]), 0.5),
        ("4096x4096 --expand none / import sympy", derive("conv2d", "--input", "4096x4096", "--kernel", "3x3", "--expand", "none") / base, 1.8),
    ]
    print("| what | ratio | bar |\n|---|---|---|")
    for name, ratio, bar in rows:
        print(f"| {name} | {ratio:.2f} | {bar} |")


if __name__ == "__main__":
    main()
