"""Bring the pages up to date: python docs/make.py [FOLDER]. Every output that they show is a real run.

A fence ``console`` holds commands behind ``$ `` and, beneath each, what it wrote. The commands of a page run one
after another in one empty folder; a fence behind ``<!-- file: NAME -->`` is first written there as NAME. The
derivations between the markers are written by ``symderiv embed``. A page on which an output has come out of its
fence is named, and left as it is.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

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
            fence = "`" * max([3, *(len(run) + 1 for run in re.findall("^ {0,3}(`{3,})", shown, re.MULTILINE))])
            return f"{fence}console\n{shown}{fence}"

        return PART.sub(again, text)


def damage(text: str) -> Iterator[str]:
    """Where a page holds remains of an output outside its fence, as it happens when a fence was closed too early."""
    lines, fenced, shown = text.splitlines(), set[int](), dict[str, int]()
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence" and token.map:
            first, last = token.map
            fenced.update(range(first, last))
            if lines[last - 1].strip().strip(token.markup[0]) or len(lines[last - 1].strip()) < len(token.markup) or last - first < 2:
                yield f"line {first + 1}: this fence is not closed"
            if not token.info.strip():
                yield f"line {first + 1}: this fence says no language; it may be the end of another"
            if token.info.strip() == "console":
                shown |= {line.strip(): first + k for k, line in enumerate(lines[first:last], 1)}
    inside = False
    for number, line in enumerate(lines, 1):
        inside = not line.startswith("<!-- /symderiv") and (inside or line.startswith("<!-- symderiv:"))
        if number - 1 not in fenced and not inside and len(line.strip()) > 3 and line.strip() in shown:
            yield f"line {number}: this stands outside the fence that shows it, see line {shown[line.strip()]}"


def main() -> None:
    """Write the README and the pages of docs/ into the project, or into a folder laid out like it."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    (target / "docs").mkdir(exist_ok=True)
    made = []
    for source in (ROOT / "README.md", *sorted(HERE.glob("*.md"))):
        again = page(source.read_text(encoding="utf-8"))
        wrong = [f"{source.relative_to(ROOT)}: {fault}" for fault in damage(again)]
        if wrong:
            raise SystemExit("\n".join([*wrong, "Take out what is left over; nothing was written to this page."]))
        made.append(target / source.relative_to(ROOT))
        made[-1].write_text(again, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "symderiv", "embed", *map(str, made)], check=True)


if __name__ == "__main__":
    main()
