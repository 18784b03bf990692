"""A directive for Sphinx and MyST; ``extensions = ["symderiv.sphinx"]`` in conf.py.

In reStructuredText ``.. symderiv:: conv2d --input 3x3 --kernel 2x2``; in MyST ```` ```{symderiv} conv2d ... ````,
with ``myst_enable_extensions = ["dollarmath"]``. It takes what a directive of ``symderiv embed`` takes.
"""

from __future__ import annotations

from typing import Any

from docutils.nodes import Node
from sphinx.util.docutils import SphinxDirective

import symderiv
from symderiv.cli.directives import Directives, project_of
from symderiv.embed.kinds import DOLLARS, RESTRUCTURED
from symderiv.model import InternalError, SymderivError


class DerivationDirective(SphinxDirective):  # type: ignore[misc]
    """The derivation of a layer, made when the page is built."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[Node]:
        """The derivation's nodes; what is wrong stands in the page's log with file and line."""
        source, _ = self.get_source_info()
        kind = DOLLARS if type(self.state).__module__.startswith("myst_parser") else RESTRUCTURED
        try:
            text = Directives(project_of(source))(kind, " ".join([*self.arguments, *self.content]))
        except (SymderivError, InternalError) as error:
            raise self.error(f"symderiv: {error}") from error
        # Its headings are no sections of the page: in MyST they become rubrics too.
        nodes: list[Node] = self.parse_text_to_nodes(text, allow_section_headings=False)
        return nodes


def setup(app: Any) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("symderiv", DerivationDirective)
    return {"version": symderiv.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
