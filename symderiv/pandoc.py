"""A filter for pandoc and Quarto: ``pandoc --filter symderiv-pandoc``.

A code block of the class symderiv becomes the derivation that its text asks for, as a directive of
``symderiv embed`` does: ```` ```{.symderiv} ````, ``conv2d --input 3x3 --kernel 2x2``, ```` ``` ````.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from symderiv.cli.directives import Directives, project_of
from symderiv.embed.kinds import DOLLARS, LATEX
from symderiv.embed.pages import tikz_of
from symderiv.model import InternalError, SymderivError


def derivation(element: Any, doc: Any) -> Any:
    """The blocks of a derivation in the place of a code block of our class; None for any other element."""
    import panflute

    if not isinstance(element, panflute.CodeBlock) or "symderiv" not in element.classes:
        return None
    directive = " ".join(element.text.split())
    blocks = panflute.convert_text(doc.symderiv(DOLLARS, directive))
    return _with_tikz(blocks, directive, doc) if doc.format in ("latex", "beamer") else blocks


def _with_tikz(blocks: list[Any], directive: str, doc: Any) -> list[Any]:
    """The blocks with TikZ for their pictures, since LaTeX takes no SVG; where the two do not fit each other they stay."""
    import panflute

    shown = [k for k, block in enumerate(blocks) if isinstance(block, panflute.Figure) or _is_image(block)]
    drawn = tikz_of(doc.symderiv(LATEX, directive)) if shown else []
    if not drawn or len(drawn) != len(shown):
        return blocks
    doc.symderiv_draws = True
    for k, body in zip(shown, drawn, strict=True):
        blocks[k] = panflute.RawBlock(body, "latex")
    return blocks


def _is_image(block: Any) -> bool:
    """Whether a paragraph is a picture and nothing else."""
    import panflute

    return isinstance(block, panflute.Para) and [type(child) for child in block.content] == [panflute.Image]


def _finalize(doc: Any) -> None:
    """Ask for the package that draws, which pandoc's template does not load."""
    import panflute

    if doc.symderiv_draws:
        known = doc.metadata.content.get("header-includes")
        more = panflute.MetaBlocks(panflute.RawBlock("\\usepackage{tikz}", "latex"))
        doc.metadata["header-includes"] = panflute.MetaList(*([] if known is None else known.content if isinstance(known, panflute.MetaList) else [known]), more)


def _prepare(doc: Any) -> None:
    doc.symderiv_draws = False
    doc.symderiv = Directives(project_of(os.path.join(os.getcwd(), "document")))


def main() -> None:
    """Filter the document on standard input; a block that can't be is told, and pandoc writes nothing."""
    try:
        import panflute
    except ImportError:
        sys.exit("symderiv: the filter needs panflute: pip install 'symderiv[pandoc]'.")
    try:
        panflute.run_filter(derivation, prepare=_prepare, finalize=_finalize)
    except (SymderivError, InternalError) as error:
        sys.exit(f"symderiv: {error}")


if __name__ == "__main__":
    main()
