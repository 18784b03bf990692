"""Which files of a folder are documents, what is left in it, and the hooks that name the same files."""

import os
import re
import time
from pathlib import Path

import pytest
from test_embed import ROOT, document, done, embed, folder, put, refused  # noqa: F401  (a fixture)

from symderiv.embed.files import OLD, PREFIX, documents
from symderiv.embed.kinds import BY_NAME


@pytest.mark.parametrize("made", ["node_modules/p", "lib/site-packages/p", ".git", "docs/_build/html", "dist", "env", "cache"])
def test_what_programs_made_is_passed_over(made):
    for name in (made, "docs"):
        Path(name).mkdir(parents=True, exist_ok=True)
        put(f"{name}/a.md", document())
    Path("env").mkdir(exist_ok=True)
    put("env/pyvenv.cfg", "home = /usr/bin")
    Path("cache").mkdir(exist_ok=True)
    put("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55")
    done(".")
    assert "frac" in Path("docs/a.md").read_text() and Path(f"{made}/a.md").read_text() == document()
    done(made)  # named itself it is meant
    assert "frac" in Path(f"{made}/a.md").read_text()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for():
    put("a.md", document())
    os.mkfifo("x.md")
    assert documents(["."]) == ["./a.md"]
    done(".")
    refused("x.md", says=["x.md: this is no regular file"])


def test_what_a_killed_run_left_is_taken_away():
    old, new, other, derive = (put(name, "") for name in (f"{PREFIX}abcd1234", f"{PREFIX}efgh5678", f"{PREFIX}notes.md", ".symderiv-abcd1234"))
    for path in (old, other, derive):
        os.utime(path, (time.time() - OLD - 60,) * 2)
    put("target", "")
    os.utime("target", (time.time() - OLD - 60,) * 2)
    Path(f"{PREFIX}ijkl9012").symlink_to("target")
    put("a.md", document())
    embed("--check", "a.md")
    assert old.exists()  # nothing is written, nothing taken away
    done("a.md")
    assert [p.exists() for p in (old, new, other, derive)] == [False, True, True, True] and Path(f"{PREFIX}ijkl9012").is_symlink()


def test_it_is_taken_away_where_nothing_is_left_to_do_too():
    put("a.md", document())
    done("a.md")
    old, others = put(f"{PREFIX}abcd1234", ""), put(f"{PREFIX}notes-md", "")
    for path in (old, others):
        os.utime(path, (time.time() - OLD - 60,) * 2)
    done("a.md")
    assert not old.exists() and others.exists()


def test_a_temporary_file_has_the_name_that_is_looked_for(monkeypatch):
    seen = []
    whole = os.replace
    monkeypatch.setattr("symderiv.embed.files.os.replace", lambda a, b: (seen.append(Path(a).name), whole(a, b)))
    put("a.md", document())
    done("a.md")
    assert len(seen) == 1 and re.fullmatch(re.escape(PREFIX) + ".{8}", seen[0])


def test_the_check_of_a_removal_says_how_to_remove():
    put("a.md", document())
    done("a.md")
    assert "symderiv embed --remove" in embed("--remove", "--check", "a.md").stderr
    done("--remove", "a.md")
    assert "run symderiv embed on" in embed("--check", "a.md").stderr


def test_the_hooks_are_for_every_document():
    found = re.findall(r"^  files: (.+)$", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == 2
    for pattern in found:
        assert [n for n in BY_NAME if not re.search(pattern, f"docs/notes{n}")] == []
        assert re.search(pattern, "report.Rmd") and not any(re.search(pattern, n) for n in ("a.py", "md", "a.md.txt", "a_md"))
