"""What the templates of the web page ask for besides the outline: equations and prose as HTML, the script and its data."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from symderiv.render.html.mathml import math
from symderiv.render.html.pieces import of_display, of_term

if TYPE_CHECKING:
    from symderiv.render.view import Equation

_INLINE = re.compile(r"\$([^$]+)\$")
_MARK = re.compile(r"[,.;:!?)、，。；：！？）」』”]+")
"""What must not begin a line."""
_LONG = 60
"""The LaTeX of a formula in a sentence that may break."""
_WIDE = 7
"""The columns of a matrix from which a telephone shows it smaller."""
_END = "</span></div>"
SCRIPTS = ("relation", "values", "mathml", "words", "grid", "formula", "story", "strip", "controls", "explorer", "sweep", "map",
           "numbers", "quiz", "main")
"""The parts of the page's script, in their order; each is a file of templates/html/js."""


def equation(made: Equation) -> str:
    """A row that wraps: a ``<math>`` a term, and of a sum a ``<math>`` a factor."""
    first, *more = made.lines
    terms = ("".join(map(math, of_term(line))) for line in (f"= {first}", *more))
    return f'<div class="eq"><span class="left">{math(made.left)}</span> <span class="right">{" ".join(terms)}{_END}'


def ended(text: str, mark: str) -> str:
    """The equation with a comma or a full stop behind it, on the line of what it closes."""
    row = text.removesuffix(_END)
    last = row.rfind("<math")
    return f"{row[:last]}{_glued(row[last:], mark)}{_END}"


def _glued(drawn: str, mark: str) -> str:
    return f'<span class="glued">{drawn}{escape(mark, quote=False)}</span>' if mark else drawn


def prose(text: str) -> str:
    """Words, and the formulas between dollars drawn, each together with the comma or full stop behind it."""
    words, *rest = _INLINE.split(text)
    out = escape(words, quote=False)
    for tex, after in zip(rest[::2], rest[1::2], strict=True):
        found = _MARK.match(after)
        mark = found[0] if found else ""
        *before, last = of_display(tex) if len(tex) > _LONG else [tex]
        out += "".join(math(part, tall=False) for part in before) + _glued(math(last, tall=False), mark) + escape(after[len(mark):], quote=False)
    return out


def display(tex: str, end: str) -> str:
    """A formula on a line of its own; a narrow screen breaks it before a sign or between its parts."""
    *before, last = of_display(tex)
    drawn = "".join(map(math, before)) + math(last, end)
    return f'<span class="broad">{drawn}</span>' if _columns(tex) >= _WIDE else drawn


def _columns(tex: str) -> int:
    """The most columns of a matrix in the formula."""
    return max(row.count("&") for row in tex.split(r"\\")) + 1


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
