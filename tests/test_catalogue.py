"""The contributor's way to the catalogues: python tools/catalogue.py."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import test_documents
import test_report

ROOT = Path(__file__).resolve().parent.parent
LOCALE = "symderiv/render/locale/zh/LC_MESSAGES"


def run(*arguments):
    return subprocess.run([sys.executable, str(ROOT / "tools" / "catalogue.py"), *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path):
    for folder in ("templates", "symderiv"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def read(folder):
    return {path.name: path.read_bytes() for path in (folder / LOCALE).iterdir()}


def test_no_phrase_lacks_its_translation():
    done = run("--check")
    assert done.returncode == 0, done.stdout


def test_the_phrases_that_the_tests_know_are_collected():
    """Two other readers of the sources, one by pattern and one by the syntax tree, find none that it misses."""
    sys.path.insert(0, str(ROOT / "tools"))
    import catalogue

    assert set(test_documents.phrases()) <= set(catalogue.collect(ROOT, "symderiv"))
    assert {p for p in test_report.phrases() if any(c.isalpha() for c in p)} <= set(catalogue.collect(ROOT, "check"))


def test_a_new_phrase_is_added_and_the_old_ones_stay(copy):
    import gettext

    before = read(copy)
    assert run(copy).returncode == 0
    assert {n: b.strip() for n, b in read(copy).items()} == {n: b.strip() for n, b in before.items()}
    for place, text in (
        ("templates/base/setting.j2", "{{ para(_('A phrase of %(kind)s kind.', kind='new')) }}"),
        ("symderiv/render/phrases.py", "\n\ndef more(_: Translate, a: bool) -> str:\n    return _('One more.' if a else 'One less.')\n"),
    ):
        with open(copy / place, "a", encoding="utf-8") as file:
            file.write(text)
    checked = run("--check", copy)
    new = ["A phrase of %(kind)s kind.", "One more.", "One less."]
    assert checked.returncode == 1 and all(p in checked.stdout for p in new) and len(checked.stdout.splitlines()) == 3
    assert run(copy).returncode == 1
    po = (copy / LOCALE / "symderiv.po").read_text(encoding="utf-8")
    assert po.startswith(before["symderiv.po"].decode().strip()) and po.count("\nmsgid ") == before["symderiv.po"].decode().count("\nmsgid ") + 3
    (copy / LOCALE / "symderiv.po").write_text(po.replace('msgid "One more."\nmsgstr ""', 'msgid "One more."\nmsgstr "再加一个。"'), encoding="utf-8")
    assert "One more." not in run(copy).stdout
    with open(copy / LOCALE / "symderiv.mo", "rb") as file:
        made = gettext.GNUTranslations(file)
    assert made.gettext("One more.") == "再加一个。" and made.gettext("Let") == "设" and made.gettext("One less.") == "One less."
