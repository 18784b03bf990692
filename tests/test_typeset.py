"""Pages and pictures from the command line: the same bytes twice, one file a language, refused with a remedy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from symderiv.cli.main import main
from symderiv.model import SymderivError
from symderiv.typeset import latex, pandoc, typst

SEED = ("conv2d", "--input", "3x3", "--kernel", "2x2")
STARTS = {"pdf": b"%PDF-1.", "png": b"\x89PNG\r\n\x1a\n", "svg": b"<svg"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def needs_typst():
    pytest.importorskip("typst", reason="the typst package is not installed: pip install 'symderiv[pdf]'")


def derive(*arguments):
    return CliRunner().invoke(main, ["derive", *SEED, *arguments])


def made(*arguments):
    done = derive(*arguments)
    assert done.exit_code == 0, done.stderr
    return Path(arguments[-1]).read_bytes() if Path(arguments[-1]).exists() else b""


def refused(*arguments, says):
    done = derive(*arguments)
    assert done.exit_code == 2 and "Traceback" not in done.stderr and "internal" not in done.stderr, done.stderr
    assert all(word in done.stderr for word in says), done.stderr
    assert not list(Path().iterdir())


@pytest.mark.parametrize("format_", STARTS)
def test_two_runs_give_the_same_bytes(format_):
    needs_typst()
    one, two = (made("-o", f"{name}.{format_}") for name in "ab")
    assert one == two and one.startswith(STARTS[format_])


def test_a_pdf_holds_its_title_language_and_tags_and_no_date_of_its_own(monkeypatch):
    needs_typst()
    pdf = made("--lang", "zh", "-o", "a.pdf")
    assert b"/Lang(zh-CN)" in pdf and b"/StructTreeRoot" in pdf and b"CreationDate" not in pdf
    assert "卷积层：conv2d --input 3x3 --kernel 2x2".encode() in pdf
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert b"D:20010909" in made("-o", "b.pdf")


def test_a_file_a_language():
    needs_typst()
    done = derive("--lang", "en,zh", "--show", "result", "-o", "a.png")
    assert done.exit_code == 0 and sorted(p.name for p in Path().iterdir()) == ["a.en.png", "a.zh.png"]


def test_a_picture_is_one_page_as_tall_as_it_needs():
    needs_typst()

    def size(data):
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")

    (width, short), (same, long) = (size(made("--show", show, "-o", "a.png")) for show in ("result", "result,elements"))
    assert width == same == round((345 + 48) * 192 / 72) and short < long


def test_a_picture_that_would_be_too_tall_is_refused():
    needs_typst()
    done = CliRunner().invoke(main, ["derive", "conv2d", "--input", "64x64", "--kernel", "2", "--expand", "all", "--wrt", "I", "--show", "elements", "-o", "a.png"])
    assert done.exit_code == 2 and "--format pdf" in done.stderr and not list(Path().iterdir())


def test_a_pipe_takes_the_bytes():
    needs_typst()
    done = subprocess.run([sys.executable, "-m", "symderiv", "derive", *SEED, "--show", "result", "--format", "pdf"], capture_output=True, check=True)
    assert done.stdout.startswith(b"%PDF") and done.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of Unix")
def test_a_terminal_takes_no_bytes():
    import pty

    leader, follower = pty.openpty()
    done = subprocess.run([sys.executable, "-m", "symderiv", "derive", *SEED, "--format", "pdf"], stdout=follower, stderr=subprocess.PIPE, text=True)
    os.close(follower)
    os.close(leader)
    assert done.returncode == 2 and "-o notes.pdf" in done.stderr


def test_what_is_missing_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    refused("-o", "a.pdf", says=["pip install 'symderiv[pdf]'", "--pdf-engine latex"])
    refused("-o", "a.svg", says=["pip install 'symderiv[pdf]'"])
    monkeypatch.setenv("PATH", "")
    refused("--pdf-engine", "latex", "-o", "a.pdf", says=["xelatex", "TeX Live"])
    refused("-o", "a.docx", says=["pandoc", "apt install pandoc"])


def test_chinese_without_a_font_is_refused_before_any_box_is_printed(monkeypatch):
    needs_typst()
    monkeypatch.setattr(typst, "HAN_FONTS", ("No Such Font",))
    refused("--lang", "zh", "-o", "a.pdf", says=["Noto Serif CJK SC", "fonts-noto-cjk", "TYPST_FONT_PATHS"])


@pytest.mark.parametrize("arguments, says", [
    (("--format", "pdf", "-o", "a.png"), ["a.png", "--format says pdf"]),
    (("--pdf-engine", "latex", "-o", "a.png"), ["--pdf-engine", "pdf"]),
    (("--standalone", "-o", "a.pdf"), ["--standalone", "latex"]),
    (("--math", "dollar", "-o", "a.docx"), ["--math", "markdown"]),
    (("--pdf-engine", "latex", "--class", "beamer", "-o", "a.pdf"), ["--class", "--pdf-engine latex neither", "choose --format latex and typeset that"]),
])
def test_options_without_effect_are_refused(arguments, says):
    refused(*arguments, says=says)


def test_a_template_of_the_users_can_go_wrong_in_words():
    needs_typst()
    Path("mine/typst").mkdir(parents=True)
    Path("mine/typst/page.j2").write_text("#nothing-of-this-name\n", encoding="utf-8")
    done = derive("--template-dir", "mine", "-o", "a.pdf")
    assert done.exit_code == 2 and "Typst can't set the document: unknown variable" in done.stderr and not Path("a.pdf").exists()


def test_tex_makes_the_same_pages_twice_and_runs_no_program():
    if not any(map(shutil.which, latex.ENGINES)):
        pytest.skip("xelatex is not installed")
    one, two = (made("--pdf-engine", "latex", "--show", "result", "-o", f"{n}.pdf") for n in "ab")
    assert one == two and one.startswith(b"%PDF")
    with pytest.raises(SymderivError, match=r"stopped: .*Undefined control sequence"):
        latex.typeset(r"\documentclass{article}\begin{document}\nosuch\end{document}")
    latex.typeset(r"\documentclass{article}\begin{document}\immediate\write18{touch ran}x\end{document}")
    assert not Path("ran").exists()


def test_word_gets_formulas_that_it_can_edit(monkeypatch):
    if shutil.which("pandoc") is None:
        pypandoc = pytest.importorskip("pypandoc", reason="pandoc is not installed")
        monkeypatch.setenv("PATH", f"{Path(pypandoc.get_pandoc_path()).parent}{os.pathsep}{os.environ['PATH']}")
    from zipfile import ZipFile

    one, two = made("-o", "a.docx"), made("-o", "b.docx")
    assert one == two
    text = ZipFile("a.docx").read("word/document.xml").decode()
    assert "<m:oMath>" in text and "\\" not in re.sub(r"<[^>]*>", "", text)
    assert "<m:t>vec</m:t>" in text and "vecW" not in re.sub(r"<[^>]*>", "", text.replace('<m:begChr m:val="(" />', "("))
    made("--show", "pictures", "-o", "c.docx")
    with ZipFile("c.docx") as file:
        drawn = re.findall(r"<w:drawing>.*?</w:drawing>", file.read("word/document.xml").decode(), re.S)
        targets = dict(re.findall(r'Id="(\w+)" Target="(media/.*?)"', file.read("word/_rels/document.xml.rels").decode()))
        for picture in drawn:
            names, blips = re.findall(r'descr="(.*?)"', picture), re.findall(r'r:embed="(\w+)"', picture)
            assert len(drawn) > 2 and names[0] and names == names[:1] * 2
            assert [file.read("word/" + targets[blip])[:4] for blip in blips] == [b"\x89PNG", b"<svg"]
    with pytest.raises(SymderivError, match="pandoc can't"):
        pandoc.docx("$$\\begin{nosuch} x$$", "en", "t")


def test_word_by_a_pandoc_whose_own_data_is_in_files(monkeypatch, tmp_path):
    """Debian's: its sandbox can't read them."""
    real = shutil.which("pandoc") or pytest.importorskip("pypandoc", reason="pandoc is not installed").get_pandoc_path()
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "pandoc"
    script.write_text(f'#!/bin/sh\ncase "$*" in *--sandbox*) echo "Could not find data file data/data/docx/[Content_Types].xml" >&2; exit 97;; esac\nexec {real} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert made("-o", "a.docx").startswith(b"PK")
