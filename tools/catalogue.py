"""Bring the Chinese catalogues up to date: python tools/catalogue.py [--check] [FOLDER].

Collects the English phrases of templates and code, adds those that a .po file lacks at its end, with
nothing behind them, and compiles the .mo files. Translations stay as they are. Exit status 1 where a
phrase has no translation yet; with --check nothing is written. FOLDER is the project (by default this one).
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from symderiv.render.report.readings import READINGS

LOCALE = Path("symderiv/render/locale/zh/LC_MESSAGES")
SOURCES = {
    "symderiv": ("templates/base/*.j2", "templates/latex/*.j2", "templates/markdown/*.j2", "templates/text/*.j2", "templates/html/[!r]*.j2",
                 "symderiv/render/*.py", "symderiv/render/html/*.py", "symderiv/render/pictures/*.py"),
    "check": ("templates/html/report.j2", "symderiv/render/report/*.py", "symderiv/check/**/*.py", "symderiv/notes/**/*.py", "symderiv/cli/*.py"),
}
"""Where the phrases of each catalogue stand."""
MARKERS = {"_", "Message", "words"}
"""What a phrase is handed to in Python."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="only say what is missing")
    arguments.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    given = arguments.parse_args()
    missing = [line for domain in SOURCES for line in update(given.folder, domain, given.check)]
    print("\n".join(missing) if missing else "every phrase has its translation")
    return 1 if missing else 0


def update(root: Path, domain: str, check: bool) -> Iterator[str]:
    """Write the catalogue's two files, and name each phrase without a translation."""
    place = root / LOCALE / f"{domain}.po"
    with open(place, "rb") as file:
        catalogue = read_po(file)
    for phrase in collect(root, domain):
        if phrase not in catalogue:
            catalogue.add(phrase)
        message = catalogue.get(phrase)
        if message is not None and not message.string:
            yield f"{domain}.po: {phrase!r}"
    if not check:
        place.write_bytes(_bytes(write_po, catalogue, width=0))
        place.with_suffix(".mo").write_bytes(_bytes(write_mo, catalogue))


def collect(root: Path, domain: str) -> list[str]:
    """The domain's English phrases, each once, in the order of the files."""
    files = [path for pattern in SOURCES[domain] for path in sorted(root.glob(pattern))]
    found = (p for path in files for p in (_of_template if path.suffix == ".j2" else _of_module)(path.read_text(encoding="utf-8")))
    spoken = READINGS if domain == "check" else ()
    return [p for p in dict.fromkeys((*found, *spoken)) if p not in ("en", "zh") and re.search("[A-Za-z,]", re.sub(r"%\(\w+\)s", "", p))]


def _of_template(text: str) -> Iterator[str]:
    for _, _, phrase in extract_from_ast(Environment().parse(text), ("_",)):
        first = phrase[0] if isinstance(phrase, tuple) else phrase  # a tuple where values are put in
        if isinstance(first, str):
            yield first


def _of_module(text: str) -> Iterator[str]:
    """The literals that a marker is called with, on either side of a condition too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKERS and node.args:
            yield from _literals(node.args[0])


def _literals(node: ast.expr) -> Iterable[str]:
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _bytes(writer: object, catalogue: Catalog, **options: int) -> bytes:
    made = BytesIO()
    writer(made, catalogue, **options)  # type: ignore[operator]
    return made.getvalue()


if __name__ == "__main__":
    sys.exit(main())
