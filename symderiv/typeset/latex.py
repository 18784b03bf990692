"""LaTeX source to PDF by a TeX that is installed, in a folder of its own and without a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from symderiv.model import SymderivError
from symderiv.typeset.stamp import given_time

ENGINES = ("xelatex", "lualatex")
LONGEST = 300
"""Seconds."""


def engine() -> str:
    """The TeX to use.

    Raises:
        SymderivError: there is none.
    """
    found = next((name for name in ENGINES if shutil.which(name)), None)
    if found is None:
        raise SymderivError("--pdf-engine latex needs xelatex or lualatex, and neither is installed: install TeX Live or MiKTeX, or leave the option out.")
    return found


def typeset(source: str) -> bytes:
    """The PDF. TeX runs twice, so that references are right.

    Raises:
        SymderivError: TeX stopped; with the end of what it said.
    """
    program = engine()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(given_time() or 0), "FORCE_SOURCE_DATE": "1", "openin_any": "p", "openout_any": "p"}
    with tempfile.TemporaryDirectory(prefix="symderiv-") as folder:
        (Path(folder) / "a.tex").write_text(source, encoding="utf-8")
        for _ in range(2):
            _run([program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "a.tex"], folder, environment)
        return (Path(folder) / "a.pdf").read_bytes()


def _run(command: list[str], folder: str, environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        raise SymderivError(f"--pdf-engine latex: {command[0]} took over {LONGEST} seconds. Choose fewer parts with --show, or --pdf-engine typst.") from None
    if done.returncode:
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        errors = [line for line in lines if line.startswith(("!", "l."))] or [line for line in lines if line.strip()][-3:]
        raise SymderivError(f"--pdf-engine latex: {command[0]} stopped: {' '.join(errors)[:400]}. --pdf-engine typst needs no TeX.")
