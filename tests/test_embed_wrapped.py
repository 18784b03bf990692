"""Blocks that a formatter has wrapped or indented anew: not edited, and left as they are until the derivation changes."""

import re
import textwrap

import pytest
from click.testing import CliRunner

from symderiv.cli import main
from symderiv.embed.flow import flowing, flowing_latex

CONV = "conv2d --input 3x3 --kernel 2x2 --show result,entry,general,regions,check"


def embed(*args):
    return CliRunner().invoke(main, ["embed", *map(str, args)])


def written(path, directive, before="", prefix=""):
    lines = [f"<!-- symderiv: {directive} -->", "<!-- /symderiv -->"]
    path.write_text(before + "".join(f"{prefix}{line}\n" for line in lines), encoding="utf-8")
    assert embed(path).exit_code == 0
    return path.read_text(encoding="utf-8")


def wrapped(text, width=50, prefix=""):
    """Prose in short lines, none of which begins a list; markers, fences and their lines, headings and tables as they are."""
    out, code = [], False
    for line in text.split("\n"):
        bare = "" if line == prefix.strip() else line.removeprefix(prefix)
        code ^= bare.startswith(("```", "$$"))
        keep = code or not bare or re.match(r"`{3}|\$\$|[|#<]", bare)
        glued = re.sub(r" (?=[-+*] |\d+[.)] )", "\x01", bare)
        parts = textwrap.wrap(glued, width, break_long_words=False, break_on_hyphens=False)
        out += [line] if keep else [prefix + part.replace("\x01", " ") for part in parts]
    return "\n".join(out)


@pytest.mark.parametrize("name, directive, prefix", [
    ("a.md", CONV, ""), ("a.md", CONV + " --lang zh", ""), ("a.qmd", CONV, ""), ("a.md", CONV, "> "),
    ("a.md", "max_pool2d --input 4x4 --kernel 2x2 --stride 2", ""),
])
def test_wrapped_prose_is_current_and_stays(name, directive, prefix, tmp_path):
    path = tmp_path / name
    before = written(path, directive, prefix=prefix)
    after = wrapped(before, prefix=prefix)
    assert after.count("\n") > before.count("\n") + 5
    path.write_text(after, encoding="utf-8")
    assert embed("--check", path).exit_code == 0
    assert embed(path).exit_code == 0 and path.read_text(encoding="utf-8") == after


@pytest.mark.parametrize("shift", [-1, 1, 2, 3])
def test_a_block_in_a_list_that_is_indented_anew_is_current(shift, tmp_path):
    path = tmp_path / "a.md"
    text = written(path, CONV + " --math fence", "1. one\n\n", "    ")
    moved = re.sub(r"(?m)^ {4}(?=[^<])", " " * (4 + shift), text)
    assert moved != text
    path.write_text(moved)
    assert embed("--check", path).exit_code == 0, embed("--check", path).output
    assert embed(path).exit_code == 0 and path.read_text() == moved


def test_a_wrapped_block_follows_its_directive_and_an_edit_in_it_is_one(tmp_path):
    path = tmp_path / "a.md"
    after = wrapped(written(path, CONV))
    path.write_text(after.replace("symderiv: conv2d --input 3x3", "symderiv: conv2d --input 4x4"))
    assert "stale" in embed("--check", path).output
    assert embed(path).exit_code == 0 and r"4 \times 4" in path.read_text()
    for old, new in (("By hand", "By my hand"), ("O_{ij}", "O_{ji}"), ("There are 9", "There are 8"), ("\n\nThe", "\n\n- The")):
        assert after.count(old)
        path.write_text(after.replace(old, new))
        assert "edited by hand" in embed("--check", path).output, old
        assert embed(path).exit_code == 2 and path.read_text() == after.replace(old, new)


def test_a_wrapped_block_is_emptied(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(wrapped(written(path, CONV)))
    assert embed("--remove", path).exit_code == 0 and path.read_text() == f"<!-- symderiv: {CONV} -->\n<!-- /symderiv -->\n"


@pytest.mark.parametrize("one, other", [
    ("a b", "a\nb"), ("a\n\nb", "a\n\n\nb"), ("  a\n b", "a b"), ("损失 $L$ 的\n梯度", "损失$L$的梯度"),
    ("   ```\n     x\n   ```", "```\n  x\n```"), ("$$\n  x\n$$", "$$\nx\n$$"), ("a\n```\nb\n```", "a\n\n```\nb\n```"),
    ("|  a  | b |\n| :--: | - |", "| a | b |\n|:-:|-|"),
])
def test_what_reads_alike_is_the_same(one, other):
    assert flowing(one.split("\n")) == flowing(other.split("\n"))


@pytest.mark.parametrize("one, other", [
    ("a\n\nb", "a b"), ("a\n- b", "a - b"), ("a\n# b", "a # b"), ("a\n1. b", "a 1. b"), ("    a", "a"), ("a\n===", "a ==="),
    ("```\nx  y\n```", "```\nx y\n```"), ("```\n x\n```", "```\nx\n```"), ("```\nx\n\ny\n```", "```\nx\ny\n```"),
    ("```\nx y\n```", "```\nx\ny\n```"), ("$$\nx y\n$$", "$$\nx\ny\n$$"), ("ab", "a b"), ("|a|\n|b|", "|a| |b|"),
])
def test_white_space_that_means_something_is_not_passed_over(one, other):
    assert flowing(one.split("\n")) != flowing(other.split("\n"))


def reindented(text):
    """As latexindent leaves it: a tab for each environment around a line, the & of an alignment below each other."""
    out, depth = [], 0
    for line in text.split("\n"):
        bare = line.strip()
        depth -= bare.startswith("\\end{")
        cells = bare.split(" & ") if not bare.startswith("%") else [bare]
        out.append("\t" * depth + "   & ".join(cells) if bare else "")
        depth += bare.startswith("\\begin{") and "\\end{" not in bare
    return "\n".join(out)


def test_reindented_latex_is_current_and_stays_and_an_edit_in_it_is_one(tmp_path):
    path = tmp_path / "a.tex"
    path.write_text(f"% symderiv: {CONV}\n% /symderiv\n")
    assert embed(path).exit_code == 0
    before = path.read_text()
    after = reindented(before)
    assert after != before and "\n\t" in after
    path.write_text(after)
    assert embed("--check", path).exit_code == 0, embed("--check", path).output
    assert embed(path).exit_code == 0 and path.read_text() == after
    for old, new in (("O_{ij}", "O_{ji}"), (r"\cdot", r"\times"), ("There are 9", "There are 8")):
        assert after.count(old), old
        path.write_text(after.replace(old, new))
        assert "edited by hand" in embed("--check", path).output, old
    path.write_text(after.replace("symderiv: conv2d --input 3x3", "symderiv: conv2d --input 4x4"))
    assert "stale" in embed("--check", path).output and embed(path).exit_code == 0


@pytest.mark.parametrize("one, other, alike", [
    ("a &= b \\\\\nc &= d", "  a   &= b   \\\\\n  c   &= d", True), ("a b", "a\n  b", True), ("a\n\nb", "a\n\n\n b", True),
    ("a\n\nb", "a b", False), ("a\n% b", "a % b", False), (r"a \& b", r"a\& b", False), ("a b", "ab", False),
])
def test_white_space_of_latex(one, other, alike):
    assert (flowing_latex(one.split("\n")) == flowing_latex(other.split("\n"))) is alike
