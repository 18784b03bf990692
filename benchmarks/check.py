"""Time the checker against `import sympy` in one run: python benchmarks/check.py [--files 1000]."""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOTES = Path(__file__).resolve().parent.parent / "tests" / "notes" / "student.md"
GENERAL = r"""
$$O_{ij} = \sum_{a=1}^{5} \sum_{b=1}^{5} I_{i+a-1, j+b-1} \cdot W_{ab}$$

$$\frac{\partial L}{\partial I_{pq}} = \sum_{i=\max(1,p-4)}^{\min(p,24)} \sum_{j=\max(1,q-4)}^{\min(q,24)} \frac{\partial L}{\partial O_{ij}} W_{p-i+1,q-j+1}$$
"""
LAYER = ("--layer", "conv2d", "--input", "28x28", "--kernel", "5x5", "--no-bias")


def seconds(*command, runs=5):
    """The median of whole-process times; exit status 1 (not all correct) is fine."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.DEVNULL)
        assert done.returncode in (0, 1), command
        times.append(time.perf_counter() - start)
    return sorted(times)[runs // 2]


def check(*arguments, runs=5):
    return seconds(sys.executable, "-m", "symderiv", "check", *map(str, arguments), runs=runs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=1000)
    files = parser.parse_args().files
    base = seconds(sys.executable, "-c", "import sympy")
    with tempfile.TemporaryDirectory() as folder:
        general = Path(folder) / "general.md"
        general.write_text(GENERAL, encoding="utf-8")
        rows = [
            ("the seed's notes, text / import sympy", check(NOTES) / base, 1.5),
            ("the seed's notes, html / import sympy", check(NOTES, "--format", "html") / base, None),
            ("general dL/dI at 28x28/5x5 / import sympy", check(general, *LAYER) / base, None),
        ]
        rows.append(("the slowest of the hostile notes of tests/hostile.py: seconds", slowest_hostile(), 1))
        rows.append(("2,000 general claims with sizes by name: seconds", check(_symbolic(Path(folder) / "symbolic.md"), runs=1), 10))
        rows.append(("5,000 element equations: seconds", check(_elements(Path(folder) / "elements.md"), runs=1), 10))
        few, many = Path(folder) / "few", Path(folder) / "many"
        for batch, count in ((few, 8), (many, files)):
            batch.mkdir()
            for k in range(count):
                shutil.copy(NOTES, batch / f"student{k:04}.md")
        small = memory(few)
        took = check(many, "--jobs", 2, "--format", "csv", runs=1)
        rows.append((f"{files} files with --jobs 2, less than 60 s a thousand: seconds", took, 60 * files / 1000))
        rows.append((f"peak memory of {files} files / of 8", memory(many) / small, 1.2))
    print("| what | ratio | bar |\n|---|---|---|")
    for name, ratio, bar in rows:
        print(f"| {name} | {ratio:.2f} | {'' if bar is None else bar} |")


def slowest_hostile():
    """Processor seconds of the slowest, in this process."""
    sys.path.insert(0, str(NOTES.parent.parent))
    from hostile import DEAR, HARMLESS, UNREADABLE

    from symderiv.api import check_notes

    check_notes("$a = b$", "first.md")  # loads everything
    times = []
    for text in [*(text for text, _ in DEAR.values()), *UNREADABLE.values(), *HARMLESS.values()]:
        start = time.process_time()
        check_notes(text, "hostile.md")
        times.append(time.process_time() - start)
    return max(times)


def _symbolic(path):
    """Every second claim is wrong."""
    head = r"$$O_{ij} = \sum_{a=1}^{k} \sum_{b=1}^{l} I_{i+a-1, j+b-1} W_{ab}$$ where $I$ has the shape $m \times n$." + "\n\n"
    claim = r"$$\frac{\partial L}{\partial W_{ab}} = \sum_{i=1}^{m-k+1} \sum_{j=1}^{n-l+1} \frac{\partial L}{\partial O_{ij}} I_{i+a-%d, j+b-1}$$" + "\n\n"
    path.write_text(head + "".join(claim % (1 + k % 2) for k in range(2000)), encoding="utf-8")
    return path


def _elements(path):
    head = r"$$O_{ij} = \sum_{a=1}^{2} \sum_{c=1}^{2} I_{i+a-1, j+c-1} W_{ac} + b$$ and $I$ has the shape $3 \times 3$." + "\n\n"
    claim = r"$$\frac{\partial L}{\partial I_{12}} = \frac{\partial L}{\partial O_{11}} W_{12} + \frac{\partial L}{\partial O_{12}} W_{11}$$" + "\n\n"
    path.write_text(head + claim * 4999, encoding="utf-8")
    return path


def memory(folder):
    """The largest resident size of a whole batch in one process, in its own child so that batches don't mix."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-m", "symderiv", "check", str(folder), "--jobs", "1", "--format", "csv"]
    return int(subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
