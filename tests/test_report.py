"""Reports of checked files: every format says all, and repeats nothing that its reader would obey."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_samples import TEXT, place, sample, slip

from symderiv.render.report import ReportOptions, escape, render_reports
from symderiv.render.report.excerpt import excerpt
from symderiv.render.report.options import FORMATS
from symderiv.render.report.readings import READINGS
from symderiv.render.report.words import words
from symderiv.report_model import (
    CLAIM_KINDS,
    DIFFERENCE_KINDS,
    VERDICTS,
    WARNING_KINDS,
    Checked,
    Claim,
    Message,
    Report,
    Span,
    Warning_,
)

ROOT = Path(__file__).resolve().parent.parent


def render(*items, **options):
    return "".join(render_reports(items or [sample()], ReportOptions(**options)))


def hostile(payload, file="x.md"):
    """A report in which everything that a file can put there is the payload."""
    text = f"a {payload} $x$\n"
    base = slip()
    claim = replace(
        base, span=Span(1, 3, 1, 5), around=Span(1, 2, 1, 5), source=payload, read_as=payload, expected=payload,
        found=payload, message=Message("can't read %(what)s", {"what": payload}), assumes=(Message("%(x)s", {"x": payload}),),
        differences=(replace(base.differences[0], span=Span(1, 3, 1, 5), found=payload, expected=payload),),
        repair=replace(base.repair, latex=payload, message=Message("right if %(x)s", {"x": payload})),
    )
    layer = replace(sample().report.layers[0], roles={"I": payload}, formula=payload)
    warning = Warning_(1, "other", Message("%(x)s", {"x": payload}))
    return Checked(Report(file, (layer,), (claim,), (warning,), 1, 0), text)


# -- text --------------------------------------------------------------------------------------


def test_text_points_at_the_slip_and_mends_it():
    out = render()
    assert "line 7  ✗ wrong  gradient, I[1, 2]: the coefficient of dL/dO_11 is W_22; it should be W_12" in out
    lines = out.split("\n")
    at = next(k for k, line in enumerate(lines) if line.lstrip().startswith("7 |"))
    start = lines[at + 1].index("^")
    assert lines[at][start:].startswith("W_{22}") and "^" * 6 + " wrong index: W_{22} should be W_{12}" in lines[at + 1]
    assert "with I = [[1, 2], [3, 4]], W = [[1]], dO = [[1/2]], p = 1, everything else 0, what is written gives 7; the true value is 9" in out
    assert "right if W_{22} is W_{12}" in out and "read as: dI[1,2] = dO[1,1]*W[2,2]" in out
    assert "\x1b" not in out


def test_colour_only_when_asked():
    coloured = render(colour=True)
    assert "\x1b[31m✗ wrong\x1b[0m" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == render()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_carets_stay_under_their_symbols(width):
    """Wide characters count two columns, combining marks none, and a cut line is cut beside them."""
    for line in ("$$a = W_{22}$$", "左上元素左上元素 $a = W_{22}$ 其实" * 3, "e\u0301e\u0301 = W_{22}", "\t\x1b W_{22}" + "x" * 300, "y" * 300 + "W_{22}"):
        span = place(line, "W_{22}", 1)
        shown, carets = excerpt([line], span, width)
        column, cell = 0, {}
        for char in shown:
            w = escape_width(char)
            if w:
                cell[column] = char
            column += w
        assert column <= width
        start = len(carets) - len(carets.lstrip())
        assert "".join(cell.get(start + k, "") for k in range(6)) == "W_{22}"
        assert carets.strip() == "^" * 6


def escape_width(char):
    from symderiv.render.width import text_width

    return text_width(char)


def test_a_place_beyond_the_text_is_survived():
    assert excerpt(["abc"], Span(9, 5, 9, 7), 40)[1].strip() == "^"
    assert excerpt(["abc"], Span(1, 9, 3, 2), 40) == ("abc", "   ^")


def test_several_files_end_with_a_table():
    problem = Checked(Report("中文.md", problem=Message("the file is empty")))
    table = render(sample("a.md"), problem, several=True).split("\n\n")[-1].splitlines()
    assert table[0].split() == ["file", "equations", *VERDICTS]
    assert table[1].split() == ["a.md", "3", "1", "1", "0", "1", "0"]
    assert table[2].split() == ["中文.md", "unreadable"]


# -- json, sarif, csv, github ------------------------------------------------------------------


def schema():
    return json.loads((ROOT / "symderiv" / "schemas" / "check.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("several", [False, True])
def test_json_keeps_its_contract(lang, several):
    import jsonschema

    items = [sample(), hostile("\u202e\x9b\ud800")] if several else [sample()]
    document = json.loads(render(*items, format="json", lang=lang, several=several))
    jsonschema.validate(document, schema())
    report = document[0] if several else document
    assert report["summary"] == {"spans": 4, "mentions": 1, "correct": 1, "wrong": 1, "incomplete": 0, "unreadable": 1, "unchecked": 0}
    wrong = report["claims"][2]
    assert (wrong["line"], wrong["column"], wrong["end_line"], wrong["end_column"]) == (7, 3, 7, len(wrong["source"]) + 3)
    assert wrong["differences"][0] | {"end_line": 7, "end_column": 87} == {
        "kind": "wrong-index", "found": "W_{22}", "expected": "W_{12}", "line": 7, "column": 81, "end_line": 7, "end_column": 87,
    }
    assert wrong["counterexample"]["claimed"] == "7" and wrong["counterexample"]["true"] == "9"
    assert wrong["repair"]["edits"] == 1 and "repair" not in report["claims"][0]


def test_the_schema_lists_the_kinds_that_the_model_has():
    claim = schema()["$defs"]["claim"]["properties"]
    assert claim["verdict"]["enum"] == list(VERDICTS) and claim["kind"]["enum"] == [*CLAIM_KINDS, None]
    assert claim["differences"]["items"]["properties"]["kind"]["enum"] == list(DIFFERENCE_KINDS)
    warnings = schema()["$defs"]["report"]["properties"]["warnings"]
    assert warnings["items"]["properties"]["kind"]["enum"] == list(WARNING_KINDS)


def test_the_schema_refuses_a_wrong_claim_without_its_proof():
    import jsonschema

    document = json.loads(render(format="json"))
    del document["claims"][2]["counterexample"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_sarif_has_places_and_fixes():
    document = json.loads(render(sample("a folder/笔记.md"), format="sarif"))
    run = document["runs"][0]
    assert document["version"] == "2.1.0" and run["columnKind"] == "unicodeCodePoints"
    rules = {r["id"] for r in run["tool"]["driver"]["rules"]}
    assert all(r["ruleId"] in rules for r in run["results"])
    wrong = next(r for r in run["results"] if r["ruleId"] == "wrong-index")
    where = wrong["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "a%20folder/%E7%AC%94%E8%AE%B0.md"
    assert where["region"] == {"startLine": 7, "startColumn": 81, "endLine": 7, "endColumn": 87}
    assert wrong["level"] == "error"
    assert wrong["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "W_{12}"


def test_github_names_file_line_and_column():
    out = render(format="github")
    assert "::error file=notes.md,line=7,endLine=7,col=81,endColumn=87,title=wrong%3A wrong index::the coefficient" in out
    assert all(re.match("::(error|warning|notice) ", line) for line in out.splitlines())


def test_csv_has_a_row_a_file():
    rows = list(csv.DictReader(io.StringIO(render(sample(), sample("b.md"), format="csv", several=True))))
    assert [r["file"] for r in rows] == ["notes.md", "b.md"]
    assert rows[0]["wrong"] == "1" and rows[0]["differences"] == "wrong-index:1" and rows[0]["status"] == "not correct"


# -- markdown and html -------------------------------------------------------------------------


def test_markdown_keeps_the_notes_and_marks_each_equation():
    out = render(format="markdown")
    assert "$$O_{ij} = I_{ij}$$\n\n✓[^1]\n\n(3) 左上" in out
    assert "= 3$ ?[^2] 其实" in out
    assert "W_{11}$$\n\n✗[^3]\n\n" in out
    assert out.count("\n[^") == 3


def test_markdown_marks_stay_inside_lists_and_quotes():
    claim = sample().report.claims[0]
    quoted = replace(claim, span=Span(1, 5, 1, 10), around=Span(1, 3, 1, 12))
    out = render(Checked(Report("a.md", claims=(quoted,)), "> $$a = 1$$\n> next\n"), format="markdown")
    assert "> $$a = 1$$\n>\n> ✓[^1]\n>\n> next" in out
    listed = replace(claim, span=Span(1, 7, 1, 12), around=Span(1, 5, 1, 14))
    out = render(Checked(Report("a.md", claims=(listed,)), "> - $$a = 1$$\n> next\n"), format="markdown")
    assert "> - $$a = 1$$ ✓[^1]\n> next" in out


def test_latex_notes_become_code_with_marks_in_the_margin():
    out = render(replace(sample(), report=replace(sample().report, file="a.tex")), format="markdown")
    assert "   7 ✗   | $$\\frac" in out and "7✗[^3]" in out


class Page(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.said = set(), set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.said += data


def test_html_is_self_contained_and_whole():
    text = render(format="html", several=True)
    page = Page(text)
    assert all(line in page.said for line in TEXT.split("\n"))
    assert not re.search(r"(src|href)=\"(?!#)", text) and "http:" not in text and "https:" not in text and "script" not in page.tags
    assert '<span class="claim wrong bad">W_{22}</span>' in text


# -- harmless ----------------------------------------------------------------------------------

PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "</code></details><b>",
    "\x1b[31mred\x1b]0;title\x07", "\x9b31m", "\u202eabc", "=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "\t=1+1",
    "%0A::error::x", "\r\n::error::x", "::set-output name=a::b", "`a``b", "[x](javascript:alert(1))", "![x](http://a.b/c.png)",
    "a|b", "${{7*7}}{{7*7}}{% raw %}", "%s %(x)d %", "\ud800", "\0", "\u2028x", "[^1]: no",
)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("format", FORMATS)
def test_nothing_repeated_is_obeyed(format, payload, lang):
    out = render(hostile(payload), format=format, lang=lang, several=True)
    out.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)
    if format == "html":
        page = Page(out)
        assert not page.tags & {"script", "img", "svg"} and not any(a.startswith("on") for a in page.attributes)
    if format == "csv":
        for row in csv.reader(io.StringIO(out)):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    if format == "github":
        assert all(re.match("::(error|warning|notice) [^:]*::", line) for line in out.split("\n")[:-1])
        assert "\r" not in out
    if format in ("json", "sarif"):
        json.loads(out)
    if format == "markdown":
        assert not re.search(r"(?<!\\)<[A-Za-z/!?]", re.sub(r"(`+) ?.*? ?\1", "", out))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["=1.md", "a\nb.md", "<b>.md", "\udcff.md", "a,b:c%.md", "| x |.md"])
def test_file_names_are_harmless_too(format, name):
    problem = Checked(Report(name, problem=Message("the file is empty")))
    out = render(replace(sample(), report=replace(sample().report, file=name)), problem, format=format, several=True)
    out.encode("utf-8")
    if format == "github":
        assert all(line.startswith("::") for line in out.split("\n")[:-1])
    if format == "csv":
        assert len(out.splitlines()) == 3


def test_json_escapes_what_is_invisible():
    assert escape.json_text('"\u202e\x7f"') == '"\\u202e\\u007f"'


# -- words -------------------------------------------------------------------------------------

FOLDER = ROOT / "symderiv" / "render" / "locale" / "zh" / "LC_MESSAGES"


def phrases():
    """Every English phrase of the checker: calls of the words in render, and Message literals anywhere."""
    import ast

    found = set()
    package = ROOT / "symderiv"
    for path in [*package.glob("render/report/*.py"), *package.glob("check/**/*.py"), *package.glob("notes/**/*.py"), *package.glob("cli/*.py")]:
        report = "report" in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = getattr(node.func, "id", "")
            if name == "Message" or (name in ("_", "words") and (report or path.name == "check.py")):
                found.add(node.args[0].value)
    page = (ROOT / "templates" / "html" / "report.j2").read_text(encoding="utf-8")
    found |= {m[1] for m in re.finditer(r"_\('([^']*)'", page)} | set(READINGS)
    return {p for p in found if isinstance(p, str)} - {"en", "zh"}


def readings():
    """The sentences of notes/ with a sign in each place that it fills."""
    import ast

    def said(node):
        if isinstance(node, ast.IfExp):
            return said(node.body) + said(node.orelse)
        if isinstance(node, ast.Constant):
            return [node.value.replace("{}", "x")] if isinstance(node.value, str) else []
        if isinstance(node, ast.JoinedStr):
            return ["".join(v.value if isinstance(v, ast.Constant) else "x" for v in node.values)]
        return []

    found = set()
    for path in (ROOT / "symderiv" / "notes").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("Unreadable", "Problem", "bad", "_broken", "_spoil"):
                found |= {s for a in node.args for s in said(a)}
            if name == "_replace" and any(k.arg == "kind" and getattr(k.value, "value", "") == "BAD" for k in node.keywords):
                found |= {s for k in node.keywords if k.arg == "text" for s in said(k.value)}
            if name == "over":
                found |= {f"{node.args[0].value} beyond the limit of 7 {node.args[2].value}"} if isinstance(node.args[2], ast.Constant) else set()
    return sorted(s for s in found if " " in s)


@pytest.mark.parametrize("sentence", readings())
def test_every_sentence_of_the_reader_has_its_chinese(sentence):
    said = words("zh").message(Message(sentence))
    assert re.search("[\u4e00-\u9fff]", said), said
    left = re.sub(r"\\\w+|begin|end|math|TeX|UTF|GB", "", said)
    assert not re.search("[a-z]{4,}", left), said
    assert words("en").message(Message(sentence)) == sentence


def holes(phrase):
    return set(re.findall(r"%\((\w+)\)s", phrase))


def test_every_phrase_has_its_chinese_with_the_same_holes():
    zh = words("zh")
    missing = sorted(p for p in phrases() if zh._look_up(p) == p and re.search("[a-z]{2}", re.sub(r"%\(\w+\)s", "", p)))
    assert len(phrases()) > 50 and not missing, missing
    assert not [p for p in phrases() if holes(p) != holes(zh._look_up(p))]


def test_the_compiled_catalogue_is_the_written_one():
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    made = io.BytesIO()
    with open(FOLDER / "check.po", "rb") as file:
        write_mo(made, read_po(file))
    assert made.getvalue() == (FOLDER / "check.mo").read_bytes()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_has_words(lang):
    say = words(lang)
    for kind in DIFFERENCE_KINDS:
        assert say.difference(kind)
    for kind in CLAIM_KINDS:
        assert say.kind(kind)
    for verdict in VERDICTS:
        assert say.verdict(verdict)


def test_a_claim_is_counted_once():
    claim = sample().report.claims[0]
    report = Report("a", claims=tuple(replace(claim, verdict=v) for v in (*VERDICTS, "wrong")))
    assert report.summary.claims == 6 and report.summary.wrong == 2 and not report.passed
    assert Report("a").passed and isinstance(claim, Claim)
