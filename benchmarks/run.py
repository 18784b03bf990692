"""Time the program against `import sympy`, a plain loop and other roads, in one run: python benchmarks/run.py [--slow].

Whole processes, medians, the commands taken in turn so that a busy machine is busy for all of them.
With --slow also SymPy on the whole loss of 28x28/5x5 (minutes).
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

PYTHON = sys.executable
RIVALS = str(Path(__file__).with_name("rivals.py"))
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def derive(*options):
    return [PYTHON, "-m", "symderiv", "derive", "conv2d", *options, "--format", "latex"]


def elements(size, kernel):
    return derive("--input", size, "--kernel", kernel, "--wrt", "I", "--show", "elements", "--expand", "all")


def rival(road, n, k):
    return [PYTHON, RIVALS, road, str(n), str(k)]


def report(folder, name, directives):
    """A command that embeds a report of these directives."""
    path = Path(folder, f"{name}.md")
    path.write_text("# Report\n" + "".join(f"\n<!-- symderiv: {d} -->\n<!-- /symderiv -->\n" for d in directives), encoding="utf-8")
    return [PYTHON, "-m", "symderiv", "embed", str(path)]


def reports(folder):
    """Reports of 50 blocks: five layers in turn, and 50 layers of which no two are alike, of one kind and of five."""
    usual = [f"conv2d --input {n}x{n} --kernel 2x2" for n in range(3, 8)] * 10
    different = [f"conv2d --input {h}x{v} --kernel {k}" for k, h, v in product((2, 3), range(3, 8), range(3, 8))]
    sizes = [f"--input {h}x{v}" for h, v in product(range(4, 9), range(4, 6))]
    mixed = [
        *(f"conv2d {size} --kernel {k}" for k in (2, 3) for size in sizes),
        *(f"conv2d {size} --kernel 3 --stride 2 --padding 1" for size in sizes),
        *(f"{layer} {size} --kernel 2" for layer in ("max_pool2d", "avg_pool2d") for size in sizes),
    ]
    return {
        "50 usual": report(folder, "usual", usual),
        "50 mixed": report(folder, "mixed", mixed),
        "50 different": report(folder, "different", different),
        "50 general,regions": report(folder, "regions", [f"{d} --show general,regions" for d in different]),
        "50 result": report(folder, "result", [f"{d} --show result" for d in different]),
    }


COMMANDS = {
    "python": [PYTHON, "-c", "pass"],
    "sympy": [PYTHON, "-c", "import sympy"],
    "help": [PYTHON, "-m", "symderiv", "--help"],
    "seed": derive("--input", "3x3", "--kernel", "2x2"),
    "28": elements("28x28", "5x5"),
    "4096": derive("--input", "4096x4096", "--kernel", "3x3", "--expand", "none"),
    "224": elements("224x224", "3x3"),
    "448": elements("448x448", "3x3"),
    "loop 224": rival("loop", 224, 3),
    "loop 448": rival("loop", 448, 3),
}
OTHERS = {
    "SymPy, the whole loss, 12x12/3x3": (rival("sympy-loss", 12, 3), elements("12x12", "3x3")),
    "SymPy, output by output, 28x28/5x5": (rival("sympy-outputs", 28, 5), elements("28x28", "5x5")),
}


def once(command):
    """Seconds of one run, and its peak memory in MB where the system tells it."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT)
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        memory = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    else:
        child.wait()
        memory = float("nan")
    with child.stderr as said:
        errors = said.read().decode()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {errors}")
    return time.perf_counter() - start, memory


def measured(commands, runs):
    """Medians of whole-process times, and the largest memory, by name."""
    for command in commands.values():
        once(command)
    times = {name: [] for name in commands}
    memory = {}
    for _ in range(runs):
        for name, command in commands.items():
            seconds, peak = once(command)
            times[name].append(seconds)
            memory[name] = max(peak, memory.get(name, 0.0))
    return {name: sorted(found)[runs // 2] for name, found in times.items()}, memory


def main():
    with tempfile.TemporaryDirectory() as folder:
        t, memory = measured(COMMANDS | reports(folder), 5)
    base = t["sympy"]
    loops = {n: t[f"loop {n}"] - t["python"] for n in ("224", "448")}
    rows = [
        ("--help / import sympy", t["help"] / base, "0.5"),
        ("3x3/2x2 LaTeX / import sympy", t["seed"] / base, "1.8"),
        ("28x28/5x5 every dL/dI / import sympy", t["28"] / base, "3.0"),
        ("224x224/3x3 every dL/dI, less the import / plain loop", (t["224"] - base) / loops["224"], "2.0"),
        ("each further equation (448 less 224) / plain loop", (t["448"] - t["224"]) / (loops["448"] - loops["224"]), "0.5"),
        ("4096x4096 --expand none / import sympy", t["4096"] / base, "1.8"),
        ("report of 50 blocks, 5 layers in turn / import sympy", t["50 usual"] / base, "4.0"),
        ("the same, 50 different layers of five kinds / import sympy", t["50 mixed"] / base, "4.0"),
        ("the same, 50 different convolutions / import sympy", t["50 different"] / base, "4.0"),
        ("the same with --show general,regions / import sympy", t["50 general,regions"] / base, "4.0"),
        ("the same with --show result / import sympy", t["50 result"] / base, "4.0"),
    ]
    print("| what | ratio | bar |\n|---|---|---|")
    for name, ratio, bar in rows:
        print(f"| {name} | {ratio:.2f} | {bar} |")
    print(f"\nPeak memory of 224x224/3x3: {memory['224']:.0f} MB (bar 150).\n")
    others = dict(OTHERS)
    if importlib.util.find_spec("symengine"):
        others["SymEngine, the whole loss, 28x28/5x5"] = (rival("symengine-loss", 28, 5), elements("28x28", "5x5"))
    else:
        print("SymEngine is not installed: its row is left out.\n")
    if "--slow" in sys.argv:
        others["SymPy, the whole loss, 28x28/5x5"] = (rival("sympy-loss", 28, 5), elements("28x28", "5x5"))
    print("| the same elements by | its time / ours |\n|---|---|")
    for name, (theirs, ours) in others.items():
        print(f"| {name} | {once(theirs)[0] / once(ours)[0]:.1f} |")


if __name__ == "__main__":
    main()
