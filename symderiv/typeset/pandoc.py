"""Markdown to a Word document by pandoc, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess

from symderiv.model import SymderivError
from symderiv.typeset.stamp import given_time
from symderiv.typeset.word import finished


def refuse_no_pandoc() -> None:
    """Refuse where it is missing.

    Raises:
        SymderivError: says how to install it.
    """
    if shutil.which("pandoc") is None:
        raise SymderivError("--format docx needs pandoc, which is not installed: apt install pandoc, brew install pandoc, or see pandoc.org.")


def docx(markdown: str, lang: str, title: str) -> bytes:
    """The document; its formulas can be edited in Word.

    Raises:
        SymderivError: pandoc stopped, or could not read a formula.
    """
    command = ["pandoc", "--from=markdown", "--to=docx", "--output=-", f"--metadata=lang:{'zh-CN' if lang == 'zh' else lang}", f"--metadata=pagetitle:{title}"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(given_time() or 0)}
    # Debian keeps pandoc's own data in files, which its sandbox can't read
    for further in (["--sandbox"], []):
        done = subprocess.run([*command, *further], input=markdown.encode(), env=environment, capture_output=True, check=False)
        said = done.stderr.decode("utf-8", "replace").strip()
        if "data file" not in said:
            break
    if done.returncode or "Could not convert TeX math" in said:
        raise SymderivError(f"--format docx: pandoc can't make the document: {' '.join(said.split())[:300]}")
    return finished(done.stdout)
