"""What stands in reStructuredText and HTML says the same as the Markdown, and their own readers take it without a word."""

import re
import shlex
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from test_embed import done, folder, put, refused  # noqa: F401  (a fixture)

from symderiv.embed.pages import hypertext, restructured
from symderiv.embed.text import normal_html
from symderiv.layers import EXAMPLES
from symderiv.model import InternalError

DIRECTIVES = (*EXAMPLES.values(), "conv2d --input 3x3 --kernel 2x2 --style notes", "conv2d --input 3x3 --kernel 2x2",
              "max_pool2d --input 3x3 --kernel 2x2 --stride 1 --ties split")


def read_markdown(text):
    """The words, and apart from them the formulas, by a reader of a few lines."""
    formulas = []
    for part in re.split(r"\$\$\n(.*?)\n\$\$", text, flags=re.S)[1::2]:
        formulas.append(" ".join(part.split()))
    rest = re.sub(r"\$\$\n.*?\n\$\$|<!--[^\n]*-->|^\|[:|-]+\|$|^## ", "", text, flags=re.S | re.M)
    rest = re.sub(r"\$([^$\n]+)\$", lambda m: formulas.append(" ".join(m[1].split())) or "¤", rest)
    return "".join(re.sub(r"\|", "", rest).split()), sorted(formulas)


def read_restructured(text):
    said = StringIO()
    tree = publish_doctree(text, settings_overrides={"warning_stream": said, "report_level": 1})
    assert said.getvalue() == ""
    formulas = []
    for node in [*tree.findall(nodes.math_block), *tree.findall(nodes.comment)]:
        if isinstance(node, nodes.math_block):
            formulas.append(" ".join(node.astext().split()))
        node.parent.remove(node)
    for node in list(tree.findall(nodes.math)):
        formulas.append(" ".join(node.astext().split()))
        node.parent.replace(node, nodes.Text("¤"))
    return "".join(tree.astext().split()), sorted(formulas)


PRETTIFIED = """
    <svg
      width="495"
      viewBox="-4 -4 330 93"
    >
      <rect
        x="-4"
        fill="#FFFFFF"
      />
      <path d="M0 0" />
      <title>The sliding window</title>
    </svg>
"""
AS_WRITTEN = """<svg width="495" viewBox="-4 -4 330 93">
<rect x="-4" fill="#FFFFFF"/>
<path d="M0 0"/>
<title>The sliding window</title>
</svg>
"""


def test_how_a_formatter_lays_out_tags_does_not_count():
    assert normal_html(PRETTIFIED.split("\n")) == normal_html(AS_WRITTEN.split("\n"))
    assert normal_html(PRETTIFIED.replace("93", "94").split("\n")) != normal_html(AS_WRITTEN.split("\n"))


def test_a_formatter_is_told_to_leave_pictures_alone():
    """prettier would put blanks between a letter and its subscript; the words are its own."""
    put("a.html", "<!-- symderiv: conv2d --input 3x3 --kernel 2x2 --show pictures -->\n<!-- /symderiv -->\n")
    done("a.html")
    text = Path("a.html").read_text(encoding="utf-8")
    assert text.count("<svg ") == text.count("<!-- prettier-ignore -->\n<svg ") > 3


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.open = "", []

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read_html(text):
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    formulas = []
    text = re.sub(r"\\\[\n(.*?)\n\\\]", lambda m: formulas.append(" ".join(m[1].split())) or "", page.text, flags=re.S)
    text = re.sub(r"\\\((.*?)\\\)", lambda m: formulas.append(" ".join(m[1].split())) or "¤", text)
    return "".join(text.split()), sorted(formulas)


def markdown(directive, lang):
    put("a.qmd", f"<!-- symderiv: {directive} --lang {lang} -->\n<!-- /symderiv -->\n")
    done("a.qmd")
    return "\n".join(Path("a.qmd").read_text(encoding="utf-8").split("\n")[1:-2])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("directive", DIRECTIVES)
def test_both_say_what_the_markdown_says(directive, lang):
    text = markdown(directive, lang)
    words, formulas = read_markdown(text)
    assert len(words) > 100 and len(formulas) > 5
    assert read_restructured(restructured(text)) == (words, formulas)
    assert read_html(hypertext(text)) == (words, formulas)


def test_what_would_be_markup_is_escaped():
    text = "(ii) one * two_ `three` |four| <five> & $a<b$s.\n\n| | .. |\n|:-:|:-:|\n| - | 1. x |\n"
    plain = "(ii) one * two_ `three` |four| <five> & ¤s. .. - 1. x"
    for words, formulas in (read_restructured(restructured(text)), read_html(hypertext(text))):
        assert words == "".join(plain.split()) and formulas == ["a<b"]


@pytest.mark.parametrize("text", ["* a list\n$$\nx", "$$\nnever closed\n", "| a | b |\n|:-:|:-:|\n| 1 |\n"])
def test_other_markdown_is_an_internal_error(text):
    with pytest.raises(InternalError):
        hypertext(text)


@pytest.mark.parametrize("suffix, level, convert", [(".rst", "", restructured), (".html", " --heading-level 3", hypertext)])
def test_the_block_is_the_conversion(suffix, level, convert):
    directive = shlex.join(["conv2d", "--input", "3x3", "--kernel", "2x2"])
    text = markdown(directive + level, "en")
    opened, closed = {".rst": (".. symderiv: {}", ".. /symderiv"), ".html": ("<!-- symderiv: {} -->", "<!-- /symderiv -->")}[suffix]
    put("a" + suffix, f"{opened.format(directive)}\n{closed}\n")
    done("a" + suffix)
    assert convert(text).strip() in Path("a" + suffix).read_text()


def test_html_stays_current_when_a_formatter_breaks_its_lines():
    put("a.html", "<body>\n  <!-- symderiv: conv2d --input 3x3 --kernel 2x2 -->\n  <!-- /symderiv -->\n</body>\n")
    done("a.html")
    text = Path("a.html").read_text()
    start, end = text.index("--kernel 2x2 -->") + 16, text.index("<!-- /symderiv")
    inside = re.sub(r"<p>", "<p>\n        ", text[start:end]).replace(" is ", "\n      is ").replace("</p>", "\n</p>")
    put("a.html", text[:start] + inside + text[end:])
    before = Path("a.html").read_bytes()
    done("a.html")
    assert Path("a.html").read_bytes() == before and before != text.encode()
    put("a.html", before.replace(b"entries", b"items"))
    assert "entries" not in Path("a.html").read_text()
    refused("a.html", says=["--force"])
