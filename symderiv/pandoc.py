"""A filter for pandoc and Quarto: ``pandoc --filter symderiv-pandoc``.

A code block of the class symderiv becomes the derivation that its text asks for, as a directive of
``symderiv embed`` does: ```` ```{.symderiv} ````, ``conv2d --input 3x3 --kernel 2x2``, ```` ``` ````.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from symderiv.cli.directives import Directives, project_of
from symderiv.embed.kinds import DOLLARS
from symderiv.model import InternalError, SymderivError


def derivation(element: Any, doc: Any) -> Any:
    """The blocks of a derivation in the place of a code block of our class; None for any other element."""
    import panflute

    if not isinstance(element, panflute.CodeBlock) or "symderiv" not in element.classes:
        return None
    return panflute.convert_text(doc.symderiv(DOLLARS, " ".join(element.text.split())))


def _prepare(doc: Any) -> None:
    doc.symderiv = Directives(project_of(os.path.join(os.getcwd(), "document")))


def main() -> None:
    """Filter the document on standard input; a block that can't be is told, and pandoc writes nothing."""
    try:
        import panflute
    except ImportError:
        sys.exit("symderiv: the filter needs panflute: pip install 'symderiv[pandoc]'.")
    try:
        panflute.run_filter(derivation, prepare=_prepare)
    except (SymderivError, InternalError) as error:
        sys.exit(f"symderiv: {error}")


if __name__ == "__main__":
    main()
