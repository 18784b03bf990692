"""``embed --watch``, in a process of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_embed import document, done, embed, folder, put, refused  # noqa: F401  (a fixture)

from symderiv.embed import files

PATIENCE = 60


@pytest.fixture
def watching():
    put("a.md", document())
    put("b.md", document())
    command = [sys.executable, "-m", "symderiv", "embed", "--watch", "a.md", "b.md"]
    # a shell starts what runs in the background with SIGINT ignored; nobody's Ctrl-C reaches it then
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    with open("said.txt", "w") as said:
        process = subprocess.Popen(command, stderr=said, stdout=said)
    signal.signal(signal.SIGINT, ours)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, Path("said.txt").read_text()
        time.sleep(0.05)


def test_changes_are_followed_and_faults_are_said(watching):
    a, b = Path("a.md"), Path("b.md")
    until(lambda: b"frac" in a.read_bytes() and b"frac" in b.read_bytes())
    a.write_bytes(a.read_bytes().replace(b"3x3", b"4x4", 1))
    until(lambda: b"{i=1}^{3}" in a.read_bytes())
    a.write_bytes(a.read_bytes().replace(b": conv2d", b": con2d", 1))
    until(lambda: "a.md:3: there is no layer 'con2d'" in Path("said.txt").read_text())
    put("new.md", a.read_bytes().replace(b": con2d --input 4x4", b": conv2d --input 5x5", 1)).replace(a)  # as editors do
    until(lambda: b"{i=1}^{4}" in a.read_bytes())
    assert watching.poll() is None
    watching.send_signal(signal.SIGINT)
    assert watching.wait(PATIENCE) == 0
    assert "Traceback" not in Path("said.txt").read_text() and sorted(p.name for p in Path().iterdir()) == ["a.md", "b.md", "said.txt"]


def test_what_comes_into_a_folder_is_followed():
    Path("docs/deep").mkdir(parents=True)
    put("docs/a.md", document())
    command = [sys.executable, "-m", "symderiv", "embed", "--watch", "docs"]
    with open("said.txt", "w") as said:
        process = subprocess.Popen(command, stderr=said, stdout=said)
    try:
        until(lambda: b"frac" in Path("docs/a.md").read_bytes())
        put("docs/deep/b.md", document())
        until(lambda: b"frac" in Path("docs/deep/b.md").read_bytes())
        Path("docs/new/deeper").mkdir(parents=True)
        put("docs/new/deeper/c.md", document())
        until(lambda: b"frac" in Path("docs/new/deeper/c.md").read_bytes())
        put("docs/new/deeper/d.md", document())
        until(lambda: b"frac" in Path("docs/new/deeper/d.md").read_bytes())
        Path("docs/node_modules").mkdir()
        put("docs/node_modules/e.md", document())
        put("f.md", document())
        put("docs/g.md", document())
        until(lambda: b"frac" in Path("docs/g.md").read_bytes())
        assert Path("docs/node_modules/e.md").read_text() == Path("f.md").read_text() == document()
    finally:
        process.kill()
        process.wait()


def test_ctrl_c_in_the_midst_of_writing_ends_it_too(monkeypatch):
    put("a.md", document())

    def interrupted(target):
        raise KeyboardInterrupt

    monkeypatch.setattr("symderiv.embed.files.write", interrupted)
    assert done("a.md", "--watch").stderr == "" and Path("a.md").read_text() == document()


def test_ctrl_c_between_two_files_tells_how_many_were_written(monkeypatch):
    put("a.md", document())
    put("b.md", document())
    whole = files.write

    def second_interrupted(target):
        if target.name == "b.md":
            raise KeyboardInterrupt
        whole(target)

    monkeypatch.setattr("symderiv.embed.files.write", second_interrupted)
    ended = embed("a.md", "b.md")
    assert ended.exit_code == 130 and "interrupted; 1 of 2 files were written" in ended.stderr
    assert "frac" in Path("a.md").read_text() and Path("b.md").read_text() == document()


def test_without_watchfiles_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    put("a.md", document())
    refused("a.md", "--watch", says=["pip install 'symderiv[watch]'"])


@pytest.mark.parametrize("other", ["--check", "--diff", "--remove"])
def test_watch_goes_with_writing(other):
    put("a.md", document())
    refused("a.md", "--watch", other, says=["--watch", "leave out"])
