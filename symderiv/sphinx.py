"""A directive for Sphinx and MyST; ``extensions = ["symderiv.sphinx"]`` in conf.py.

In reStructuredText ``.. symderiv:: conv2d --input 3x3 --kernel 2x2``; in MyST ```` ```{symderiv} conv2d ... ````,
with ``myst_enable_extensions = ["dollarmath"]``. It takes what a directive of ``symderiv embed`` takes.
"""

from __future__ import annotations

import re
from base64 import b64decode
from itertools import islice
from typing import Any

from docutils.nodes import Node, paragraph, raw
from sphinx.util.docutils import SphinxDirective

import symderiv
from symderiv.cli.directives import Directives, project_of
from symderiv.embed.kinds import DOLLARS, LATEX, RESTRUCTURED
from symderiv.embed.pages import tikz_of
from symderiv.model import InternalError, SymderivError

_ADDRESS = re.compile(r"!\[.*\]\(data:image/svg\+xml;base64,([\w+/=]+)\)")


class DerivationDirective(SphinxDirective):  # type: ignore[misc]
    """The derivation of a layer, made when the page is built."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[Node]:
        """The derivation's nodes; what is wrong stands in the page's log with file and line."""
        source, _ = self.get_source_info()
        kind = DOLLARS if type(self.state).__module__.startswith("myst_parser") else RESTRUCTURED
        directive, fill = " ".join([*self.arguments, *self.content]), Directives(project_of(source))
        try:
            text = fill(kind, directive)
            drawn = tikz_of(fill(LATEX, directive)) if "svg" in text else []
        except (SymderivError, InternalError) as error:
            raise self.error(f"symderiv: {error}") from error
        # Its headings are no sections of the page: in MyST they become rubrics too.
        nodes: list[Node] = self.parse_text_to_nodes(text, allow_section_headings=False)
        return _with_pictures(nodes, drawn)


def _with_pictures(nodes: list[Node], drawn: list[str]) -> list[Node]:
    """The nodes with each picture as SVG and, since LaTeX takes none, as TikZ, where there is one for each."""
    svgs = {k: svg for k, node in enumerate(nodes) if (svg := _svg_of(node)) is not None}
    tikz = iter(drawn if len(drawn) == len(svgs) else [])
    found: list[Node] = []
    for k, node in enumerate(nodes):
        found += [raw("", svgs[k], format="html"), *(raw("", body, format="latex") for body in islice(tikz, 1))] if k in svgs else [node]
    return found


def _svg_of(node: Node) -> str | None:
    """The picture that a node is; MyST takes no address that holds one, and leaves the paragraph as it was written."""
    text = str(node.astext())
    if isinstance(node, raw):
        return text if text.startswith("<svg") else None
    address = _ADDRESS.fullmatch(text) if isinstance(node, paragraph) else None
    return b64decode(address[1]).decode() if address else None


def setup(app: Any) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("symderiv", DerivationDirective)
    app.add_latex_package("tikz")
    return {"version": symderiv.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
