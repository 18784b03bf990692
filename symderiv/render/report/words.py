"""The words of a report in its language: gettext's domain ``check``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from symderiv.render.report.readings import taken_apart
from symderiv.report_model import Argument, CheckedLayer, ClaimKind, DifferenceKind, Message, Report, Verdict

Translate = Callable[..., str]
MARKS: dict[Verdict, str] = {"correct": "✓", "wrong": "✗", "incomplete": "!", "unreadable": "?", "unchecked": "-"}


@lru_cache(maxsize=4)
def words(lang: str) -> Words:
    """The words of that language."""
    import gettext

    folder = Path(__file__).resolve().parent.parent / "locale"
    catalogue = gettext.NullTranslations() if lang == "en" else gettext.translation("check", str(folder), [lang])
    return Words(lang, catalogue.gettext)


class Words:
    """Phrases and messages in one language."""

    def __init__(self, lang: str, look_up: Callable[[str], str]) -> None:
        self.lang, self._look_up = lang, look_up

    def __call__(self, text: str, **values: object) -> str:
        """The phrase with its holes filled."""
        return self._look_up(text) % values if values else self._look_up(text)

    def message(self, message: Message) -> str:
        """A message of the checker."""
        filled = {name: self.argument(value) for name, value in message.arguments.items()}
        return self._look_up(message.key) % filled if filled else self.reading(message.key)

    def reading(self, sentence: str) -> str:
        """A sentence without holes, or one in which ``notes/`` has filled them already."""
        said = self._look_up(sentence)
        apart = taken_apart(sentence) if said == sentence and self.lang != "en" else None
        if apart is None:
            return said
        pattern, put_in = apart
        return self._look_up(pattern) % {name: self._look_up(text) for name, text in put_in.items()}

    def read_as(self, text: str) -> str:
        """How an equation was read: the notation, with its side conditions in words of the language."""
        _ = self
        formula, where, condition = text.partition(" where ")
        if not where:
            return text
        window = re.fullmatch(r"\((.*)\) (is|is not) the maximum of window \((.*)\)", condition)
        if window is not None:
            said = _("%(formula)s where (%(at)s) is the maximum of window (%(window)s)") if window[2] == "is" else _(
                "%(formula)s where (%(at)s) is not the maximum of window (%(window)s)")
            return said % {"formula": formula, "at": window[1], "window": window[3]}
        entry = re.fullmatch(r"\((.*)\) is not the maximum", condition)
        if entry is not None:
            return _("%(formula)s where (%(at)s) is not the maximum") % {"formula": formula, "at": entry[1]}
        sizes = re.fullmatch(r"the sizes are (\S+) and (\S+)", condition)
        if sizes is not None:
            return _("%(formula)s where the sizes are %(first)s and %(second)s") % {"formula": formula, "first": sizes[1], "second": sizes[2]}
        return _("%(formula)s where %(conditions)s") % {"formula": formula, "conditions": condition}

    def argument(self, value: Argument) -> str:
        """What fills a hole of a message."""
        if isinstance(value, Message):
            return self.message(value)
        if isinstance(value, tuple):
            return self.listed([self.argument(v) for v in value])
        return str(value)

    def listed(self, items: list[str]) -> str:
        """``a, b, c`` or ``a、b、c``."""
        return ("、" if self.lang == "zh" else ", ").join(items)

    def sentences(self, items: list[str]) -> str:
        """Parts of one line, such as a verdict and its reason."""
        return ("；" if self.lang == "zh" else "; ").join(items)

    def labelled(self, label: str, text: str) -> str:
        """``label: text``."""
        return f"{label}：{text}" if self.lang == "zh" else f"{label}: {text}"

    def verdict(self, verdict: Verdict) -> str:
        """A verdict's word."""
        _ = self
        return {
            "correct": _("correct"), "wrong": _("wrong"), "incomplete": _("incomplete"),
            "unreadable": _("unreadable"), "unchecked": _("unchecked"),
        }[verdict]

    def kind(self, kind: ClaimKind) -> str:
        """What a claim is about."""
        _ = self
        return {
            "shape": _("shape"), "forward": _("forward formula"), "gradient": _("gradient"),
            "chain-rule": _("chain rule"), "local-derivative": _("local derivative"), "definition": _("definition"),
        }[kind]

    def difference(self, kind: DifferenceKind) -> str:
        """A kind of difference in words."""
        _ = self
        return {
            "wrong-index": _("wrong index"), "missing-term": _("missing term"), "extra-term": _("term too many"),
            "wrong-coefficient": _("wrong coefficient"), "sign": _("wrong sign"),
            "transposed-index": _("indices swapped"), "flipped-kernel": _("kernel rotated, or not rotated, by 180°"),
            "shifted-index": _("index shifted"), "wrong-limits": _("wrong limits of the sum"),
            "missing-sum": _("missing sum"), "missing-case": _("missing case"),
            "missing-stride": _("missing stride"), "unbound-index": _("index that nothing binds"),
            "scope": _("term inside or outside the sum"), "shape": _("shapes do not fit"),
        }[kind]

    def role(self, name: str) -> str:
        """The role of a canonical tensor name."""
        _ = self
        known = {"I": _("input"), "W": _("weight"), "O": _("output"), "b": _("bias"), "L": _("loss"), "dO": _("upstream gradient")}
        return known.get(name, name)

    def layer(self, layer: CheckedLayer) -> str:
        """A layer as the command line would name it, and which letter is what."""
        _ = self
        name = " ".join([layer.name, *(_option(n, v) for n, v in layer.options.items() if _telling(n, v))])
        roles = self.listed([f"{symbol} = {self.role(role)}" for role, symbol in layer.roles.items()])
        if layer.inferred_from_line is None:
            return self.labelled(_("layer %(id)s, as the options say", id=layer.id), self.sentences([name, roles]))
        start = _("layer %(id)s, taken from line %(line)s", id=layer.id, line=layer.inferred_from_line)
        return self.labelled(start, self.sentences([name, roles]))

    def counts(self, report: Report) -> str:
        """One line: how many claims, and what became of them."""
        _, s = self, report.summary
        parts = [
            _("%(n)s correct", n=s.correct), _("%(n)s wrong", n=s.wrong), _("%(n)s incomplete", n=s.incomplete),
            _("%(n)s unreadable", n=s.unreadable), _("%(n)s unchecked", n=s.unchecked),
        ]
        shown = [p for p, n in zip(parts, (1, s.wrong, s.incomplete, s.unreadable, s.unchecked), strict=True) if n]
        total = _("1 equation") if s.claims == 1 else _("%(n)s equations", n=s.claims)
        return self.labelled(total, self.listed(shown))


_DEFAULTS = {"bias": True, "ceil_mode": False, "count_include_pad": True}


def _telling(name: str, value: object) -> bool:
    """Whether an option says more than its default does."""
    numbers = value if isinstance(value, (list, tuple)) else [value]
    if name in ("stride", "dilation"):
        return any(n != 1 for n in numbers)
    if name == "padding":
        return any(n not in (0, [0, 0], (0, 0)) for n in numbers)
    return value is not _DEFAULTS.get(name)


def _option(name: str, value: object) -> str:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    if isinstance(value, dict):  # the shapes of an own formula's tensors
        return " ".join(f"--{flag} {tensor}={_size(shape)}" for tensor, shape in value.items())
    text = _size(value)
    return f"--{flag} '{text}'" if " " in text else f"--{flag} {text}"


def _size(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "x".join(":".join(str(n) for n in dict.fromkeys(v)) if isinstance(v, (list, tuple)) else str(v) for v in value)
    return str(value)
