"""Bring the pages up to date: python docs/make.py [FOLDER]. Every output that they show is a real run.

A fence ``console`` holds commands behind ``$ `` and, beneath each, what it wrote. The commands of a page run one
after another in one empty folder; a fence behind ``<!-- file: NAME -->`` is first written there as NAME. The
derivations between the markers are written by ``symderiv embed``.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PART = re.compile(r"^<!-- file: (?P<name>\S+) -->\n```\w*\n(?P<text>.*?)^```$|^(?P<fence>`{3,})console\n(?P<console>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)


def output(command: str, folder: Path) -> str:
    """What ``command`` writes, errors with the rest, in a terminal of 80 columns without colour."""
    script = 'symderiv() { "$PYTHON" -m symderiv "$@"; }\n' + command
    env = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    return "".join(line.rstrip() + "\n" for line in done.stdout.rstrip().splitlines())


def page(text: str) -> str:
    """``text`` with the output beneath each command as it is now."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def again(part: re.Match[str]) -> str:
            if part["name"]:
                (folder / part["name"]).write_text(part["text"], encoding="utf-8")
                return part[0]
            commands = [line for line in part["console"].splitlines() if line.startswith("$ ")]
            shown = "".join(f"{c}\n{output(c[2:], folder)}" for c in commands)
            fence = "`" * max([3, *(len(run) + 1 for run in re.findall("^`{3,}", shown, re.MULTILINE))])
            return f"{fence}console\n{shown}{fence}"

        return PART.sub(again, text)


def main() -> None:
    """Write the README and the pages of docs/ into the project, or into a folder laid out like it."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    (target / "docs").mkdir(exist_ok=True)
    made = []
    for source in (ROOT / "README.md", *sorted(HERE.glob("*.md"))):
        made.append(target / source.relative_to(ROOT))
        made[-1].write_text(page(source.read_text(encoding="utf-8")), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "symderiv", "embed", *map(str, made)], check=True)


if __name__ == "__main__":
    main()
