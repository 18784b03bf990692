"""What the templates of the web page ask for besides the outline: equations and prose as HTML, the script and its data."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from symderiv.render.html.mathml import math

if TYPE_CHECKING:
    from symderiv.render.view import Equation

_INLINE = re.compile(r"\$([^$]+)\$")
_END = "</span></div>"
SCRIPTS = ("relation", "values", "mathml", "words", "grid", "formula", "story", "strip", "controls", "explorer", "sweep", "map",
           "numbers", "quiz", "main")
"""The parts of the page's script, in their order; each is a file of templates/html/js."""


def equation(made: Equation) -> str:
    """A ``<math>`` a term, in a row that wraps."""
    first, *more = made.lines
    terms = [math(f"= {first}"), *map(math, more)]
    return f'<div class="eq"><span class="left">{math(made.left)}</span> <span class="right">{" ".join(terms)}{_END}'


def ended(text: str, mark: str) -> str:
    """The equation with a comma or a full stop behind it."""
    return text.removesuffix(_END) + escape(mark) + _END


def prose(text: str) -> str:
    """Words, and the formulas between dollars drawn."""
    parts = _INLINE.split(text)
    return "".join(math(part, tall=False) if k % 2 else escape(part, quote=False) for k, part in enumerate(parts))


def display(tex: str, end: str) -> str:
    """A formula on a line of its own."""
    return math(tex, end)


def data_text(data: Any) -> str:
    """JSON that may stand inside a script element: nothing in it closes the element."""
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        dumped = dumped.replace(char, f"\\u{ord(char):04x}")
    return dumped


def digest(text: str) -> str:
    """What the page's security policy says of an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def add_to(environment: Any) -> None:
    """The filters and functions of the page's templates."""
    loader = environment.loader

    def source(name: str) -> str:
        """A file of the templates as it stands: a script has braces of its own."""
        return re.sub(r"\n{3,}", "\n\n", str(loader.get_source(environment, name)[0]))

    environment.filters |= {"hyper": prose, "ended": ended, "escaped": escape, "digest": digest}
    environment.globals |= {
        "drawn": display, "data_text": data_text,
        "style": lambda: source("html/page.css"),
        "script": lambda: "\n".join(source(f"html/js/{name}.js") for name in SCRIPTS),
    }
