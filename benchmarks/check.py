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
