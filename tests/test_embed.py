"""Derivations inside documents: what stands between two markers changes, and not a byte beside it."""

import hashlib
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from symderiv.cli.main import main
from symderiv.embed import files
from symderiv.embed.plan import Wish

SEED = "conv2d --input 3x3 --kernel 2x2 --show result --wrt b"
SAID = {".md": f"<!-- symderiv: {SEED} -->", ".tex": f"% symderiv: {SEED}", ".rst": f".. symderiv: {SEED}"}
CLOSED = {".md": "<!-- /symderiv -->", ".tex": "% /symderiv", ".rst": ".. /symderiv"}
SAID[".html"], CLOSED[".html"] = SAID[".md"], CLOSED[".md"]
SAID[".typ"], CLOSED[".typ"] = f"// symderiv: {SEED}", "// /symderiv"
KINDS = tuple(SAID)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def embed(*arguments):
    return CliRunner().invoke(main, ["embed", *arguments])


def done(*arguments):
    result = embed(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


def refused(*arguments, says):
    """Exit status 2, no traceback, these words; and the folder is as it was."""
    before = snapshot()
    result = embed(*arguments)
    assert result.exit_code == 2 and "Traceback" not in result.stderr and "internal error" not in result.stderr
    assert all(word in result.stderr for word in says), result.stderr
    assert snapshot() == before
    return result


def snapshot():
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(Path().rglob("*")) if p.is_file()}


def put(name, text):
    """The file's own bytes: no line ending is translated."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Path(name)


def document(suffix=".md", directive=None, end="\n", inside=""):
    return end.join(["before", "", directive or SAID[suffix], *([inside] if inside else []), CLOSED[suffix], "", "after"])


def derived(*words):
    """What the command itself writes, in a process of its own."""
    out = subprocess.run([sys.executable, "-m", "symderiv", "derive", *words], capture_output=True, text=True, check=True)
    return out.stdout


def parted(data, suffix=".md"):
    """The bytes before, inside and behind the block, the closing marker without its digest."""
    head, rest = data.split(SAID[suffix].encode(), 1)
    start, name, end = CLOSED[suffix].partition("/symderiv")
    close = (re.escape(start) + name + "( [0-9a-f]{16})?" + end).encode()
    inside, tail = rest[:re.search(close, rest).start()], rest[re.search(close, rest).end():]
    return head, inside, tail


# -- what is written -----------------------------------------------------------------------------


def test_a_markdown_block_is_what_derive_writes():
    put("a.md", document())
    done("a.md")
    _, inside, _ = parted(Path("a.md").read_bytes())
    assert inside.decode().strip("\n") == derived(*SEED.split(), "--format", "markdown").strip("\n")
    assert inside.startswith(b"\n\n") and inside.endswith(b"\n\n")  # prettier wants blank lines there


def test_a_latex_block_is_what_derive_writes():
    put("a.tex", document(".tex"))
    done("a.tex")
    _, inside, _ = parted(Path("a.tex").read_bytes(), ".tex")
    assert inside.decode()[1:] == derived(*SEED.split(), "--format", "latex").strip("\n") + "\n"


def test_quarto_and_r_markdown_get_dollars():
    for name in ("a.qmd", "a.Rmd"):
        put(name, document())
        done(name)
        assert b"\n$$\n" in Path(name).read_bytes() and b"```" not in Path(name).read_bytes()
    put("b.md", document(directive=f"<!-- symderiv: {SEED} --math dollar -->"))
    done("b.md")
    assert b"\n$$\n" in Path("b.md").read_bytes()


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_outside_the_block_every_byte_stays(suffix, end, mark):
    odd = "tab\there, 中文, trailing   \x0c\x0b\x85\u2028 and no end"
    before = mark + end.join([odd, "", SAID[suffix], CLOSED[suffix] + "  ", "", "", odd]).encode()
    put("a" + suffix, before)
    done("a" + suffix)
    after = Path("a" + suffix).read_bytes()
    assert parted(after, suffix)[::2] == parted(before, suffix)[::2]
    inside = parted(after, suffix)[1].decode()
    assert ("frac(∂ L, ∂ b)" if suffix == ".typ" else r"\frac{\partial L}{\partial b}") in inside
    assert set(re.findall(r"\r\n|\r|\n", inside)) == {end}


def test_a_marker_on_the_first_line_behind_a_byte_order_mark():
    put("a.md", f"\ufeff{SAID['.md']}\n{CLOSED['.md']}")
    done("a.md")
    assert b"frac" in Path("a.md").read_bytes() and Path("a.md").read_bytes().count(b"\xef\xbb\xbf") == 1


def test_mixed_line_endings_stay_and_the_block_takes_the_directives():
    put("a.md", f"one\r\ntwo\n\n{SAID['.md']}\r\n{CLOSED['.md']}\nthree\rfour\r\n")
    done("a.md")
    head, inside, tail = parted(Path("a.md").read_bytes())
    assert (head, tail) == (b"one\r\ntwo\n\n", b"\nthree\rfour\r\n") and b"\n" not in inside.replace(b"\r\n", b"")


@pytest.mark.parametrize("prefix", ["> ", "   ", ">   > "])
def test_inside_a_quotation_or_a_list_every_line_begins_so(prefix):
    head = "- item\n\n" if prefix.isspace() else ""
    put("a.md", f"{head}{prefix}{SAID['.md']}\n{prefix}{CLOSED['.md']}\n\nend\n")
    done("a.md")
    text = Path("a.md").read_text()
    block = text[len(head):text.index("\n\nend")].split("\n")
    assert len(block) > 5
    assert all(line.startswith(prefix) or line == prefix.rstrip() for line in block)
    assert all(line == line.rstrip() for line in block)
    assert done("--check", "a.md").output == ""


def test_mode_link_and_time(folder):
    put("real.md", document()).chmod(0o640)
    owner = (12345, 54321) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    os.chown("real.md", *owner)
    Path("link.md").symlink_to("real.md")
    done("link.md")
    assert Path("link.md").is_symlink() and os.readlink("link.md") == "real.md" and b"frac" in Path("real.md").read_bytes()
    assert stat.S_IMODE(Path("real.md").stat().st_mode) == 0o640
    assert (Path("real.md").stat().st_uid, Path("real.md").stat().st_gid) == owner
    os.utime("real.md", ns=(10**18, 10**18))
    inode = Path("real.md").stat().st_ino
    done("link.md")
    done("real.md", "link.md")
    assert Path("real.md").stat().st_mtime_ns == 10**18 and Path("real.md").stat().st_ino == inode
    assert sorted(os.listdir()) == ["link.md", "real.md"]


def test_a_file_without_a_directive_is_not_touched():
    put("a.md", b"\xff\xfe is not our affair")
    put("b.md", "text about symderiv")
    before = snapshot()
    assert "no directive" in done("a.md", "b.md").stderr
    assert snapshot() == before


def test_several_blocks_and_a_folder():
    Path("docs/in").mkdir(parents=True)
    Path("docs/.hidden").mkdir()
    two = SAID[".md"].replace("3x3", "4x4")
    put("docs/in/a.md", document() + "\n" + document(directive=two))
    put("docs/b.tex", document(".tex"))
    put("docs/.hidden/c.md", document())
    put("docs/notes.txt", document())
    done("docs")
    assert len(re.findall(rb"/symderiv [0-9a-f]{16} ", Path("docs/in/a.md").read_bytes())) == 2
    assert b"frac" in Path("docs/b.tex").read_bytes()
    assert b"frac" not in Path("docs/.hidden/c.md").read_bytes() + Path("docs/notes.txt").read_bytes()


# -- again and again -----------------------------------------------------------------------------

DAMAGE = {
    "nothing": lambda t: t,
    "trailing spaces": lambda t: re.sub(r"\n", "  \n", t),
    "CR LF": lambda t: t.replace("\n", "\r\n"),
    "no blank lines at the block's ends": lambda t: re.sub(r"\n+(?=<!-- /)", "\n", re.sub(r"(<!-- symderiv: .*)\n+", r"\1\n", t)),
    "more blank lines at the block's ends": lambda t: re.sub(r"\n(?=<!-- /)", "\n\n\n", t),
    "an end of file": lambda t: t.rstrip("\n") + "\n",
    "tables aligned": lambda t: t.replace("|:-:|:-:|", "| :----: | :-: |").replace("|:-:|:-:|", "| :--: | :-----: |").replace("| corner |", "|  corner   |"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_formatters_leave_a_block_current(damage, lang):
    put("a.md", document(directive=f"<!-- symderiv: conv2d --input 3x3 --kernel 2x2 --lang {lang} -->"))
    done("a.md")
    text = Path("a.md").read_text(encoding="utf-8")
    changed = DAMAGE[damage](text)
    assert damage in ("nothing", "an end of file") or changed != text
    put("a.md", changed)
    before = snapshot()
    assert done("--check", "a.md").output == ""
    done("a.md")
    assert snapshot() == before


def test_a_changed_directive_is_stale_and_written_anew():
    put("a.md", document())
    done("a.md")
    put("a.md", Path("a.md").read_bytes().replace(b"3x3", b"4x4", 1))
    found = embed("--check", "a.md")
    assert found.exit_code == 1 and "a.md:3: stale: conv2d --input 4x4" in found.output
    done("a.md")
    assert rb"\sum_{i=1}^{3}" in Path("a.md").read_bytes()
    assert done("--check", "a.md").output == ""


def test_a_block_without_its_digest_gets_it_back():
    put("a.md", document())
    done("a.md")
    right = Path("a.md").read_bytes()
    put("a.md", re.sub(rb"(/symderiv) [0-9a-f]+", rb"\1", right))
    assert embed("--check", "a.md").exit_code == 1
    done("a.md")
    assert Path("a.md").read_bytes() == right


def test_an_edited_block_is_kept_without_force():
    put("a.md", document())
    put("b.md", document())
    done("a.md")
    right = Path("a.md").read_bytes()
    put("a.md", right.replace(rb"\sum", rb"\SUM", 1))
    refused("a.md", "b.md", says=["a.md:3", "edited", "--force"])
    found = embed("--check", "a.md")
    assert found.exit_code == 1 and "a.md:3: edited by hand" in found.output and "with --force only" in found.output
    refused("a.md", "--remove", says=["a.md:3", "--force"])
    done("--force", "a.md")
    assert Path("a.md").read_bytes() == right


def test_what_a_formatter_without_mathematics_did_is_mended_without_force():
    put("a.md", document())
    done("a.md")
    right = Path("a.md").read_bytes()
    put("a.md", right.replace(rb"$\partial L/\partial b$", rb"$\\partial L/\\partial b$"))
    assert Path("a.md").read_bytes() != right and "stale" in embed("--check", "a.md").output
    done("a.md")
    assert Path("a.md").read_bytes() == right


def test_text_that_nobody_derived_is_kept_without_force():
    put("a.md", document(inside="my own words"))
    refused("a.md", says=["a.md:3", "edited", "--force"])


@pytest.mark.parametrize("suffix", (*KINDS, ".qmd"))
def test_another_size_put_in_all_over_the_document_is_no_edit(suffix):
    said = SAID.get(suffix, SAID[".md"]).replace("--show result --wrt b", "--show result,forward,pictures" if suffix != ".tex" else "--show result")
    name = put("a" + suffix, document(suffix if suffix in SAID else ".md", said)).name
    done(name)
    put(name, Path(name).read_bytes().replace(b"3x3", b"4x4"))
    assert b"symderiv derive conv2d --input 4x4" in Path(name).read_bytes()
    done(name)
    assert embed("--check", name).exit_code == 0 and re.search(r"4 (\\times|×) 4", Path(name).read_text())
    put(name, Path(name).read_bytes().replace(b"4x4", b"5x5").replace(b"shape of", b"form of"))
    refused(name, says=["edited", "--force"])


def test_a_digest_of_the_block_with_its_comment_still_counts():
    """As it was written before the comment was left out of it."""
    put("a.md", document())
    done("a.md")
    text = Path("a.md").read_text()
    inside = text.split(SAID[".md"])[1].split("<!-- /symderiv")[0].strip("\n")
    old = hashlib.sha256(inside.encode()).hexdigest()[:16]
    put("a.md", re.sub(r"(/symderiv) \w{16}", rf"\1 {old}", text))
    assert old not in text and embed("--check", "a.md").exit_code == 0
    put("a.md", Path("a.md").read_text().replace("--wrt b", "--wrt W"))
    done("a.md")


def test_an_edited_block_whose_directive_changed_too_is_kept():
    put("a.md", document())
    done("a.md")
    put("a.md", Path("a.md").read_bytes().replace(rb"\sum", rb"\SUM", 1).replace(b"3x3", b"4x4", 1))
    refused("a.md", says=["a.md:3", "edited"])


@pytest.mark.parametrize("suffix", KINDS)
def test_remove_takes_out_what_was_put_in(suffix):
    before = put("a" + suffix, document(suffix)).read_bytes()
    done("a" + suffix)
    done("--remove", "a" + suffix)
    assert Path("a" + suffix).read_bytes() == before


# -- check, diff ---------------------------------------------------------------------------------


def test_check_writes_nothing_and_tells_what_to_run():
    put("a.md", document())
    before = snapshot()
    found = embed("--check", "a.md", "--check-message", "run make docs")
    assert found.exit_code == 1 and "a.md:3: stale: " + SEED in found.output and "run make docs" in found.stderr
    assert "symderiv embed" in embed("--check", "a.md").stderr
    assert snapshot() == before
    refused("a.md", "--check-message", "x", says=["--check-message", "--check"])


def test_diff_shows_and_writes_nothing():
    put("a.md", document())
    before = snapshot()
    shown = done("--diff", "a.md").output
    assert "--- a.md" in shown and r"+\frac{\partial L}{\partial b}" in shown and "-<!-- /symderiv -->" in shown
    assert snapshot() == before
    assert embed("--diff", "--check", "a.md").exit_code == 1
    done("a.md")
    assert done("--diff", "a.md").output == ""
    put("a.md", Path("a.md").read_bytes().replace(rb"\sum", rb"\SUM", 1))
    shown = done("--diff", "a.md")
    assert shown.stdout == "" and "a.md:3" in shown.stderr and "--force" in shown.stderr
    assert r"-\frac{\partial L}{\partial b} = \SUM" in done("--diff", "--force", "a.md").stdout


# -- what can't be -------------------------------------------------------------------------------

OPEN, SHUT = SAID[".md"], CLOSED[".md"]
WRONG = {
    "not closed": (f"x\n{OPEN}\ntext\n", ["bad.md:2", "not closed", SHUT]),
    "nested": (f"{OPEN}\n{OPEN}\n{SHUT}\n{SHUT}\n", ["bad.md:2", "line 1", "close"]),
    "never opened": (f"a\n\n{SHUT}\n", ["bad.md:3", "closes nothing"]),
    "beside text": (f"see {OPEN}\n{SHUT}\n", ["bad.md:1", "alone"]),
    "on two lines": ("<!-- symderiv: conv2d\n--input 3x3 -->\n<!-- /symderiv -->\n", ["bad.md:1", "one line"]),
    "two directives on a line": (f"{OPEN} {OPEN}\n\n{SHUT}\n", ["bad.md:1", "two markers", "one a line"]),
    "both markers on a line": (f"{OPEN}{SHUT}\n", ["bad.md:1", "two markers", f"{SHUT} on a line of its own"]),
    "an option of another kind": (f"<!-- symderiv: {SEED} --class beamer -->\n{SHUT}\n", ["bad.md:1", "--class", "latex. Leave it out.\n"]),
    "a damaged closing marker": (f"{OPEN}\n<!-- /symderiv xyz -->\n", ["bad.md:2", "xyz", SHUT]),
    "no such layer": ("<!-- symderiv: con2d --input 3x3 -->\n<!-- /symderiv -->\n", ["bad.md:1", "con2d", "conv2d"]),
    "no such option": (f"<!-- symderiv: {SEED} --inptu 3 -->\n{SHUT}\n", ["bad.md:1", "--inptu"]),
    "a bad value": (f"<!-- symderiv: {SEED} --lang fr -->\n{SHUT}\n", ["bad.md:1", "--lang", "fr"]),
    "a kernel that does not fit": (f"<!-- symderiv: conv2d --input 2x2 --kernel 5x5 -->\n{SHUT}\n", ["bad.md:1", "--kernel 5x5", "--padding"]),
    "an open quote": (f"<!-- symderiv: conv2d --input '3x3 -->\n{SHUT}\n", ["bad.md:1", "quot"]),
    "nothing": (f"<!-- symderiv: -->\n{SHUT}\n", ["bad.md:1", "empty", "conv2d"]),
    "two languages": (f"<!-- symderiv: {SEED} --lang en,zh -->\n{SHUT}\n", ["bad.md:1", "one language"]),
    "the command": (f"<!-- symderiv: derive {SEED} -->\n{SHUT}\n", ["bad.md:1", "leave out derive"]),
    "an option twice": (f"<!-- symderiv: {SEED} --input 4 -->\n{SHUT}\n", ["bad.md:1", "--input", "twice"]),
    "an option of LaTeX": (f"<!-- symderiv: {SEED} --color always -->\n{SHUT}\n", ["bad.md:1", "--color"]),
    "a part that the layer does not have": (f"<!-- symderiv: conv2d --input HxV --kernel KxK --padding P --show check -->\n{SHUT}\n", ["bad.md:1", "check"]),
    "help": (f"<!-- symderiv: {SEED} --help -->\n{SHUT}\n", ["bad.md:1", "--help"]),
    "UTF-16": (f"{OPEN}\n{SHUT}\n".encode("utf-16"), ["bad.md:1", "UTF-16", "UTF-8"]),
    "Latin-1": (b"a\r\ncaf\xe9\r\n" + f"{OPEN}\n{SHUT}\n".encode(), ["bad.md:2", "0xe9", "UTF-8"]),
    "GB 18030": (f"{OPEN}\n{SHUT}\n卷积\n".encode("gb18030"), ["bad.md:3", "UTF-8"]),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_document_is_refused_and_nothing_is_written_anywhere(what):
    text, says = WRONG[what]
    put("good.md", document())
    put("bad.md", text)
    refused("good.md", "bad.md", says=says)
    refused("bad.md", "good.md", "--force", says=says)
    refused("bad.md", "--check", says=says)


@pytest.mark.parametrize("option", ["-o x.md", "--output x.md", "--format json", "--standalone", "--template-dir .", "--color always"])
def test_a_directive_does_nothing_but_derive(option):
    put("bad.md", f"<!-- symderiv: {SEED} {option} -->\n{SHUT}\n")
    refused("bad.md", says=["bad.md:1", option.split()[0].replace("-o", "--output") if option.startswith("-o") else option.split()[0], "Leave it out"])


def test_no_shell_ever_runs():
    put("bad.md", f"<!-- symderiv: {SEED} --symbols 'input=$(touch hacked)' -->\n{SHUT}\n")
    refused("bad.md", says=["bad.md:1", "--symbols"])
    put("bad.md", f"<!-- symderiv: {SEED} ; touch hacked -->\n{SHUT}\n")
    refused("bad.md", says=["bad.md:1"])
    assert not Path("hacked").exists()


def test_a_plan_with_a_fault_changes_nothing():
    from symderiv.embed.kinds import MARKDOWN
    from symderiv.embed.plan import Wish, plan
    from symderiv.model import SymderivError

    def fill(kind, directive):
        if directive == "bad":
            raise SymderivError("no")
        return "text"

    text = f"<!-- symderiv: good -->\n{SHUT}\n<!-- symderiv: bad -->\n{SHUT}\n"
    planned = plan(text, MARKDOWN, Wish(fill), str)
    assert planned.text == text and [(f.where, f.message) for f in planned.faults] == [("3", "no")]


def test_all_faults_are_named_at_once():
    put("a.md", f"<!-- symderiv: nope -->\n{SHUT}\n\n<!-- symderiv: nope -->\n{SHUT}\n")
    put("b.tex", "% symderiv: conv2d\n")
    said = refused("a.md", "b.tex", "missing.md", says=["a.md:1", "a.md:4", "b.tex:1", "missing.md"]).stderr
    assert all(line.startswith("symderiv: ") for line in said.strip().splitlines())


@pytest.mark.parametrize("name, says", [("a.txt", [".md"]), ("a", [".md"]), ("missing.md", ["No such file"])])
def test_files_that_are_no_documents(name, says):
    if name != "missing.md":
        put(name, document())
    refused(name, says=[name, *says])


def test_code_is_no_directive():
    put("a.md", "\n".join([
        "```markdown", OPEN, SHUT, "```", "", f"    {OPEN}", f"    {SHUT}", "", f"write `{OPEN}` for one", "",
        "~~~", OPEN, "~~~", "", "1. item", "", "   ```", f"   {OPEN}", "   ```", "",
    ]))
    put("a.tex", "\n".join([r"\begin{verbatim}", SAID[".tex"], r"\end{verbatim}", f"100\\{SAID['.tex']}", f"% write {SAID['.tex']}", ""]))
    before = snapshot()
    done("a.md", "a.tex")
    assert snapshot() == before


def test_indented_text_of_restructuredtext_is_no_directive():
    put("a.rst", f"::\n\n   {SAID['.rst']}\n   {CLOSED['.rst']}\n")
    before = snapshot()
    done("a.rst")
    assert snapshot() == before


def test_typst_in_raw_text_and_in_longer_comments_is_no_directive():
    hidden = [f"```\n{SAID['.typ']}\n{CLOSED['.typ']}\n```\n", f"/*\n{SAID['.typ']}\n*/\n", f"see https://{SAID['.typ'][3:]} there\n"]
    put("a.typ", "= Title\n" + "".join(hidden))
    before = snapshot()
    done("a.typ")
    assert snapshot() == before
    put("b.typ", "https://a.b `x` /* y */\n" + document(".typ"))
    done("b.typ")
    assert "$ frac(∂ L, ∂ b) = ∑_(i=1)^2 ∑_(j=1)^2 frac(∂ L, ∂ O_(i j)). $" in Path("b.typ").read_text(encoding="utf-8")


def test_a_file_that_changes_meanwhile_is_left_alone():
    from symderiv.embed.files import plan_file, write
    from symderiv.embed.plan import Wish
    from symderiv.model import SymderivError

    put("a.md", document())
    planned = plan_file("a.md", Wish(lambda kind, directive: "text"))
    put("a.md", "someone was here")
    with pytest.raises(SymderivError, match="changed meanwhile"):
        write(planned)
    assert snapshot().keys() == {Path("a.md")} and Path("a.md").read_text() == "someone was here"


@pytest.mark.parametrize("barred, says", [("a.md", "write this file"), ("", "in its folder")])
def test_what_may_not_be_written_is_found_before_anything_is(barred, says, monkeypatch, folder):
    """By what the system says of a path: root may write everywhere."""
    put("a.md", document())
    put("b.md", document())
    true = os.access
    monkeypatch.setattr(os, "access", lambda path, how: Path(path) != folder / barred and true(path, how))
    refused("b.md", "a.md", says=["a.md", "permission", says])


# -- defaults ------------------------------------------------------------------------------------


def project(text, folder="."):
    return put(f"{folder}/pyproject.toml", "[tool.symderiv]\n" + text)


def test_the_nearest_pyproject_sets_defaults_and_options_win():
    project('lang = "zh"\nindex-base = 0\nmath = "dollar"\nsymbols = {input = "X", weight = "K"}\n')
    put("a.md", document(directive="<!-- symderiv: conv2d --input 3x3 --kernel 2x2 -->"))
    put("p.md", document(directive="<!-- symderiv: max_pool2d --input 3x3 --kernel 2x2 -->"))
    put("b.md", document(directive="<!-- symderiv: conv2d --input 3x3 --kernel 2x2 --lang en --math fence --symbols input=Y -->"))
    put("c.tex", document(".tex"))
    done("a.md", "b.md", "c.tex", "p.md")
    a, b = (Path(n).read_text(encoding="utf-8") for n in ("a.md", "b.md"))
    assert "结论" in a and "\n$$\n" in a and "X_{00}" in a and "K_{00}" in a
    assert "结论" not in b and "```math" in b and "Y_{00}" in b and "W_{00}" in b
    Path("sub").mkdir()
    put("sub/pyproject.toml", "[project]\n")
    put("sub/a.md", document())
    done("sub/a.md")
    assert "结论" not in Path("sub/a.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text, says", [
    ('lnag = "zh"\n', ["pyproject.toml", "lnag", "lang"]), ("lang = [1]\n", ["pyproject.toml", "lang"]),
    ('lang = "fr"\n', ["--lang", "fr", "pyproject.toml"]), ("lang = \n", ["pyproject.toml", "line 2"]),
    ('symbols = "inptu=X"\n', ["inptu", "pyproject.toml"]), ('template-dir = "x"\n', ["pyproject.toml", "template-dir"]),
])
def test_wrong_defaults(text, says):
    project(text)
    put("a.md", document())
    refused("a.md", says=["a.md:3", *says])


# -- the machine ---------------------------------------------------------------------------------


def dies_at(step, documents):
    """Write the documents in a process of its own that kills itself before the given line of ``write``; whether it got there."""
    child = os.fork()
    if child == 0:
        seen = 0

        def trace(frame, event, argument):
            nonlocal seen
            if frame.f_code is not files.write.__code__:
                return None
            if event == "line":
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            for document in documents:
                files.write(document)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_killed_at_any_line_of_the_writing_a_document_is_old_or_new(folder):
    names = [str(put(f"{k}{ending}", document(ending) + "x" * 100_000 + "\n")) for k, ending in enumerate([".md", ".tex", ".rst", ".html"] * 2)]
    old = {name: Path(name).read_bytes() for name in names}
    planned = [files.plan_file(name, Wish(lambda kind, directive: f"{directive}\n" * 50)) for name in names]
    new = {d.name: d.after for d in planned}
    assert all(d.changed and not d.faults for d in planned)
    step, partly = 1, 0
    while dies_at(step, planned):
        now = {name: Path(name).read_bytes() for name in names}
        assert all(now[name] in (old[name], new[name]) for name in names)
        partly += now not in (old, new)
        for name in names:
            Path(name).write_bytes(old[name])
        step += 1
    assert step > 100 and partly > 80 and {name: Path(name).read_bytes() for name in names} == new


def test_another_name_of_the_file_is_told(folder):
    put("a.md", document())
    os.link("a.md", "b.md")
    before = Path("b.md").read_bytes()
    told = done("a.md").stderr
    assert "a.md has another name (a hard link), which keeps the old text" in told
    assert Path("b.md").read_bytes() == before != Path("a.md").read_bytes()
    assert "hard link" not in done("a.md").stderr


# -- what the project says of it -----------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent


def test_the_readme_s_directive_is_answered_and_its_own_markers_are_code():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"^    (<!-- symderiv: .*)\n    (<!-- /symderiv -->)\n", readme, re.MULTILINE)
    put("README.md", readme)
    put("a.md", f"{example[1]}\n{example[2]}\n")
    before = Path("README.md").read_bytes()
    done("README.md", "a.md")
    assert Path("README.md").read_bytes() == before and "角" in Path("a.md").read_text(encoding="utf-8")


def test_the_hooks_of_pre_commit_are_commands():
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"^  entry: symderiv (.*)$", text, re.MULTILINE)
    put("a.md", document())
    assert len(entries) == len(re.findall(r"^- id: ", text, re.MULTILINE)) == 2
    assert [CliRunner().invoke(main, [*entry.split(), "a.md"]).exit_code for entry in reversed(entries)] == [1, 0]


def test_headings_have_the_level_that_the_document_needs():
    put("a.md", "<!-- symderiv: conv1d --input 4 --kernel 2 --show result,forward --heading-level 4 -->\n<!-- /symderiv -->\n")
    put("a.html", "<!-- symderiv: conv1d --input 4 --kernel 2 --show result -->\n<!-- /symderiv -->\n"
                  "<!-- symderiv: conv1d --input 4 --kernel 2 --show result --heading-level 5 -->\n<!-- /symderiv -->\n")
    done("a.md", "a.html")
    assert re.findall(r"^#+ .*", Path("a.md").read_text(), re.MULTILINE) == ["#### Result", "#### Forward pass"]
    assert re.findall(r"<h\d>", Path("a.html").read_text()) == ["<h3>", "<h5>"]


def test_many_directives_are_the_same_as_one_by_one():
    """From some ten on several processes derive them."""
    asked = [f"conv1d --input {n} --kernel 2 --show result" for n in range(3, 15)]
    put("all.md", "".join(f"<!-- symderiv: {a} -->\n<!-- /symderiv -->\n" for a in asked))
    done("all.md")
    for k, one in enumerate(asked):
        put(f"{k}.md", f"<!-- symderiv: {one} -->\n<!-- /symderiv -->\n")
        done(f"{k}.md")
    assert Path("all.md").read_text() == "".join(Path(f"{k}.md").read_text() for k in range(len(asked)))


def test_one_fault_among_many_directives_writes_nothing():
    text = "".join(f"<!-- symderiv: conv1d --input {n} --kernel 5 --show result -->\n<!-- /symderiv -->\n" for n in range(3, 16))
    put("all.md", text)
    result = embed("all.md")
    assert result.exit_code == 2 and "all.md:1" in result.stderr and "all.md:3" in result.stderr and "all.md:5" not in result.stderr
    assert Path("all.md").read_text() == text


def test_two_blocks_with_one_label_are_refused():
    block = f"% symderiv: {SEED} --label-prefix c:\n% /symderiv\n"
    put("a.tex", f"x\n{block}\n{block}")
    refused("a.tex", says=["a.tex:5", "c:db", "line 2", "--label-prefix"])
    refused("--check", "a.tex", says=["a.tex:5"])
    put("a.tex", block + block.replace("c:", "d:") + block.replace("--label-prefix c:", ""))
    done("a.tex")
    assert re.findall(r"\\label\{(.*?)\}", Path("a.tex").read_text()) == ["c:db", "d:db"]
    done("--remove", "a.tex")


@pytest.mark.parametrize("suffix", KINDS)
def test_where_no_directive_is_one_is_told_as_the_document_has_it(suffix):
    put(f"a{suffix}", "no directive\n")
    said = done(f"a{suffix}").stderr
    begin = SAID[suffix].replace(" --show result --wrt b", "")
    assert f"write one as {begin} and {CLOSED[suffix]} beneath it" in said


@pytest.mark.parametrize("suffix", KINDS)
def test_two_markers_on_a_line_are_told_in_every_kind(suffix):
    put(f"a{suffix}", f"{SAID[suffix]} {CLOSED[suffix]}\n\n{CLOSED[suffix]}\n")
    refused(f"a{suffix}", says=[f"a{suffix}:1", "two markers"])


def test_an_option_is_proposed_only_if_a_directive_may_have_it():
    put("a.md", "<!-- symderiv: conv2d --input 3x3 --kernel 2x2 --formt latex -->\n<!-- /symderiv -->\n")
    result = embed("a.md")
    assert result.exit_code == 2 and "--formt" in result.stderr and "'--format'" not in result.stderr
    put("b.md", "<!-- symderiv: conv2d --input 3x3 --kernel 2x2 --shw result -->\n<!-- /symderiv -->\n")
    assert "--show" in embed("b.md").stderr


def test_a_file_without_a_name_is_refused():
    refused("", says=["FILE has an empty name"])
