"""Feed random and mutated notes to the checker and every report: no exception, no hang.

    python tests/fuzz_check.py --seconds 300                    random mutations, a process a core
    python tests/fuzz_check.py --engine hypothesis --inputs 20000
    python tests/fuzz_check.py --engine atheris --seconds 300   coverage-guided, where atheris is installed

An input that raises, or takes more than a second of processor time, is written to --keep and shown.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from symderiv.api import check_notes
from symderiv.render.report import ReportOptions, render_reports
from symderiv.render.report.options import FORMATS

SECOND = 1.0
HANG = 5.0
"""Seconds of processor time, not of the clock, after which an input is given up: cores are shared."""
QUICK = ("text", "json", "markdown", "csv", "sarif", "github")

TEX = r"""
\frac \partial \sum \max \min \prod \begin{bmatrix} \end{bmatrix} \begin{cases} \end{cases} \begin{align} \end{align}
\text{ \mathrm{rot}_{180} \odot \star \otimes \circledast \cdot \times \quad \\ & \substack{ \left( \right) \mathbb{1} \delta \nabla_W
$ $$ \( \) \[ \] ```math ``` { } _ ^ ( ) [ ] = + - * / , ; | < > ' \xrightarrow{pool} \newcommand{\x}{ \def\a{\a\a} \input{/etc/passwd}
I W O b L i j a p q I_{ij} W_{ab} O_{11} \frac{\partial{L}}{\partial{I_{12}}} I_{i+a-1,j+b-1} W_{p-i+1,q-j+1}
"""
PIECES = (
    *TEX.split(), r"\frac{\partial L}{\partial I_{12}}", r"\frac{\partial L}{\partial O_{ij}}",
    "0", "1", "2", "9", "12", "180", "10^9", "9^{9^{9^9}}", "(10^8)!", r"\sum_{i=1}^{1000000000}", r"\frac{1}{", "^{", "_{", "\n", "\n\n", " ", "\t",
    "卷积层", "其中", "否则", "是最大值", "步幅为 2", "stride 2", "where", "otherwise", "∂L/∂I_12", "Σ", "·", "≤", "₁₂", "²", "\u202e", "\x1b[31m", "\r\n", "%", "# ",
    "dL/dI_12 = dL/dO_11*W_12", "dw11 = x11*d11 + x12*d12", "x[l, 2*j + k]", "|---|---|\n|", "> ", "- ", "(1)", "(ii)", "e\u0301", "𝟙", "\ufeff", "\x00",
)
DEEP = (
    "{" * 3000, "$" + "(" * 500 + "a" + ")" * 500 + "$", "$" + r"\frac{1}{" * 600 + "x" + "}" * 600 + "$",
    r"$O_{11} = \begin{bmatrix}" + " & ".join(["1"] * 150) + r"\\ " * 150 + r"\end{bmatrix}$", "$9^{9^{9^9}} = W_{11}$",
    r"$$\frac{\partial L}{\partial b} = \sum_{i=1}^{1000000000} \frac{\partial L}{\partial O_{ii}}$$", "$x = 100000000!$",
    r"\newcommand{\a}{\b\b}\newcommand{\b}{\c\c}\newcommand{\c}{\a\a}$\a = \b$", "$" * 5000, "a = b\n" * 3000, r"$" + "x_{" * 900 + "$",
    "$$O_{ij} = (a+b)^{64}(a+c)^{64}(b+c)^{64}$$", "$O_{11} = " + "+".join(f"I_{{{k}1}}W_{{11}}" for k in range(3000)) + "$",
    "$" + " = ".join(["W_{11}"] * 4000) + "$", r"$\sum_{a,b,c,d,e,f} I_{abcdef} = O_{11}$", "|" * 4000, "[" * 4000, "`" * 4000, "*" * 4000,
)


class Hang(BaseException):
    """The time ran out; not an Exception, so that nothing inside catches it."""


def exercise(data: bytes, formats: tuple[str, ...] = tuple(FORMATS), languages: tuple[str, ...] = ("en", "zh")) -> None:
    """Check the notes and write every report.

    Raises:
        AssertionError: it took more than a second.
    """
    start = time.process_time()
    checked = check_notes(data, "fuzz.md")
    took = time.process_time() - start
    for format in formats:
        for lang in languages:
            text = "".join(render_reports([checked], ReportOptions(format, lang)))
            text.encode("utf-8")
            if format in ("json", "sarif"):
                json.loads(text)
    total = time.process_time() - start
    lines = checked.text.split("\n")
    for claim in checked.report.claims:
        if claim.span.line == claim.span.end_line and "\r" not in checked.text:
            assert claim.source == lines[claim.span.line - 1][claim.span.column - 1 : claim.span.end_column - 1], "source is not the slice"
    assert took <= SECOND, f"check took {took:.2f} s"
    assert total <= len(formats) * SECOND, f"reports took {total - took:.2f} s"


def _alarm(*_: object) -> None:
    raise Hang


def survived(data: bytes, formats: tuple[str, ...], keep: Path, languages: tuple[str, ...] = ("en", "zh")) -> bool:
    """Whether the input was survived; if not it is kept and shown."""
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        exercise(data, formats, languages)
        return True
    except (Exception, Hang) as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        keep.mkdir(parents=True, exist_ok=True)
        where = traceback.extract_tb(error.__traceback__)[-1]
        name = f"{type(error).__name__}-{Path(where.filename).stem}-{where.lineno}-{abs(hash(data)) % 10**8}.md"
        (keep / name).write_bytes(data)
        print(f"{name}: {type(error).__name__}: {error}", flush=True)
        return False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def corpus() -> list[str]:
    """Notes to start from."""
    found = [p.read_text(encoding="utf-8", errors="replace") for p in sorted(Path(__file__).parent.glob("notes/**/*.md"))]
    from report_samples import TEXT

    return [*found, TEXT]


def mutated(source: random.Random, texts: list[str]) -> bytes:
    """A few pieces put together, or a slice of notes with pieces put in, taken out, doubled and swapped."""
    kind = source.random()
    if kind < 0.25:
        text = "".join(source.choice(PIECES) for _ in range(source.randrange(1, 40)))
        text = source.choice(("{}", "${}$", "$${}$$", "\\[{}\\]", "```math\n{}\n```", "O = {}")).replace("{}", text)
    else:
        text = source.choice(texts)
        start = source.randrange(len(text)) if source.random() < 0.7 else 0
        text = text[start : start + int(20 + 1480 * source.random() ** 4)]
        for _ in range(source.randrange(1, 12)):
            text = _mutation(source, text)
    data = text.encode("utf-8", "replace")
    if source.random() < 0.03 and data:
        at = source.randrange(len(data))
        data = data[:at] + bytes([source.randrange(256)]) + data[at + 1 :]
    return data


def _mutation(source: random.Random, text: str) -> str:
    a, b = sorted((source.randrange(len(text) + 1), source.randrange(len(text) + 1)))
    b = min(b, a + source.randrange(1, 60))
    return source.choice((
        lambda: text[:a] + source.choice(PIECES) + text[a:],
        lambda: text[:a] + source.choice(PIECES) + text[b:],
        lambda: text[:a] + text[b:],
        lambda: text[:b] + text[a:b] + text[b:],
        lambda: text[:a] + text[a:b][::-1] + text[b:],
        lambda: text[:a] + chr(source.randrange(0x20, 0x3000)) + text[a + 1 :],
        lambda: text[:a] + str(source.randrange(100)) + text[a + 1 :],
    ))()


def _worker(seed: int, seconds: float, keep: Path, counts: multiprocessing.SimpleQueue) -> None:
    signal.signal(signal.SIGPROF, _alarm)
    source, texts = random.Random(seed), corpus()
    end, done, failed = time.monotonic() + seconds, 0, 0
    for text in DEEP:
        failed += not survived(text.encode(), tuple(FORMATS), keep)
        done += 1
    while time.monotonic() < end:
        formats = (source.choice(QUICK),) if source.random() < 0.98 else tuple(FORMATS)
        failed += not survived(mutated(source, texts), formats, keep, (source.choice(("en", "zh")),))
        done += 1
    counts.put((done, failed))


def run_random(seconds: float, seed: int, jobs: int, keep: Path) -> int:
    """Random mutations over processes; the number of failures."""
    counts: multiprocessing.SimpleQueue = multiprocessing.SimpleQueue()
    workers = [multiprocessing.Process(target=_worker, args=(seed + k, seconds, keep, counts)) for k in range(jobs)]
    for worker in workers:
        worker.start()
    results = [counts.get() for _ in workers]
    for worker in workers:
        worker.join()
    failed = sum(f for _, f in results)
    print(f"{sum(d for d, _ in results)} inputs, {failed} failures, seed {seed}", flush=True)
    return failed


def run_hypothesis(inputs: int, keep: Path) -> int:
    """Hypothesis, which shrinks what it finds."""
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    pieces = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=60).map("".join)
    notes = st.one_of(pieces, pieces.map(lambda s: f"${s}$"), pieces.map(lambda s: f"$$\n{s}\n$$"), st.text(max_size=300))
    data = st.one_of(notes.map(lambda s: s.encode("utf-8", "replace")), st.binary(max_size=300))
    done = 0

    @settings(max_examples=inputs, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(data)
    def check(one: bytes) -> None:
        nonlocal done
        done += 1
        assert survived(one, ("text", "json", "html"), keep)

    signal.signal(signal.SIGPROF, _alarm)
    try:
        check()
    finally:
        print(f"{done} inputs by hypothesis")
    return 0


def run_atheris(seconds: float, keep: Path) -> int:
    """Coverage-guided, by atheris, from the corpus and with the pieces as its dictionary; it ends the process itself."""
    import tempfile

    import atheris

    exercise(corpus()[0].encode())  # everything is imported now, so that everything is instrumented
    atheris.instrument_all()
    folder = Path(tempfile.mkdtemp())
    for k, text in enumerate([*corpus(), *DEEP, *(f"${line}$" for t in corpus() for line in t.split("$") if "=" in line)]):
        (folder / f"{k}.md").write_text(text, encoding="utf-8")
    words = folder.with_suffix(".dict")
    quoted = ("".join(f"\\x{byte:02x}" for byte in piece.encode("utf-8", "replace")) for piece in PIECES)
    words.write_text("".join(f'"{q}"\n' for q in quoted), encoding="ascii")

    def one(data: bytes) -> None:
        exercise(data, ("text", "json"))

    options = [f"-max_total_time={int(seconds)}", "-timeout=20", f"-artifact_prefix={keep}/", f"-dict={words}", "-max_len=3000"]
    atheris.Setup([sys.argv[0], *options, str(folder)], one)
    atheris.Fuzz()
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["random", "hypothesis", "atheris"], default="random")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--inputs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    given = parser.parse_args()
    if given.engine == "hypothesis":
        raise SystemExit(run_hypothesis(given.inputs, given.keep))
    if given.engine == "atheris":
        given.keep.mkdir(parents=True, exist_ok=True)
        raise SystemExit(run_atheris(given.seconds, given.keep))
    raise SystemExit(bool(run_random(given.seconds, given.seed, given.jobs, given.keep)))


if __name__ == "__main__":
    main()
