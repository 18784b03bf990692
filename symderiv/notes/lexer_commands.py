"""What the lexer does at a backslash. A command that is in no table becomes a ``BAD`` token."""

from __future__ import annotations

import re
from collections.abc import Callable

from symderiv.notes import commands as table
from symderiv.notes.tokens import Lexer, Token, strip_phrase

_SKIP = re.compile(r"\s*")
_ENVIRONMENT = re.compile(r"\s*\{([^{}]*)\}")
_OPTION = re.compile(r"\s*\[[^\]\n]*\]")
_INNER_MATH = re.compile(r"\$([^$]*)\$|\\\((.*?)\\\)")
_ROW = re.compile(r"\*?\s*(?:\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|\\baselineskip|\\jot)\s*\])?")
_LENGTH = re.compile(r"\s*(?:\{[^{}]*\}|[-+]?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu))")


def command(lexer: Lexer, name: str, end: int) -> None:
    """Read the command ``name`` whose letters end at ``end``."""
    start = lexer.at
    if name not in table.SPACES_WITH_ARGUMENT and name not in _STARRED and name.endswith("*") and len(name) > 1:
        name, end = name[:-1], end - 1
    if _simple(lexer, name, start, end):
        return
    if handler := _HANDLERS.get(name):
        handler(lexer, name, start, end)
    else:
        lexer.bad(f"'\\{name}' is not understood", start, end)


_STARRED = frozenset(("operatorname*", "hspace*", "vspace*", "tag*"))


def _simple(lexer: Lexer, name: str, start: int, end: int) -> bool:
    """Commands without an argument of their own."""
    if name in table.TRANSPARENT or name in table.SPACES:
        lexer.at = end
        lexer.space = True
        return True
    key = "\\" + name
    if name in table.WIDE:
        token = ("WIDE", name)
    elif name in table.OPERATORS:
        token = ("OP", table.OPERATORS[name])
    elif name in table.RELATIONS:
        token = ("REL", table.RELATIONS[name])
    elif name in table.IMPLIES:
        token = ("CUT", key)
    elif name in table.BIG:
        token = ("BIG", table.BIG[name])
    elif name in table.DOTS:
        token = ("DOTS", "...")
    elif name in table.WORD_SIGNS:
        token = ("WORDS", table.WORD_SIGNS[name])
    elif name in table.GREEK:
        token = ("NAME", key)
    elif name in _SINGLE:
        token = _SINGLE[name]
    elif key in table.DELIMITERS:
        token = table.DELIMITERS[key]
    elif name in table.FUNCTIONS and name != "sqrt" and name != "arg":
        token = ("FUNC", name)
    else:
        return False
    lexer.emit(*token, start, end)
    return True


_SINGLE = {
    "partial": ("PARTIAL", "partial"), "nabla": ("NABLA", "nabla"), "prime": ("PRIME", "'"), "vert": ("BAR", "|"),
    "cr": ("ROW", r"\cr"), "newline": ("ROW", r"\newline"), "#": ("FUNC", "#"), "lvert": ("LABS", "|"),
    "rvert": ("RABS", "|"), "colon": ("COLON", ":"), "ddagger": ("NAME", r"\ddagger"), "dagger": ("NAME", r"\dagger"),
}  # fmt: skip


def _argument(lexer: Lexer, at: int) -> tuple[int, int, int] | None:
    """Inner start, inner end and end of the argument at ``at``: a group, or one sign."""
    text = lexer.text
    at = _SKIP.match(text, at).end()  # type: ignore[union-attr]
    if at >= len(text):
        return None
    if text[at] == "{":
        end = lexer.closed.get(at, -1)
        return None if end < 0 else (at + 1, end - 1, end)
    if text[at] in "}&^_":
        return None
    single = re.compile(r"\\[A-Za-z]+|\\?.", re.S).match(text, at)
    return (at, single.end(), single.end()) if single else None


def _intertext(lexer: Lexer, name: str, start: int, end: int) -> None:
    """Prose between two rows: words where they open a condition, else nothing but a cut."""
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    words = strip_phrase(lexer.text[found[0] : found[1]])
    if any(re.search(rf"\b{re.escape(one)}\b" if one.isascii() else one, words.lower()) for one in table.OPENING):
        return _words(lexer, found[0], found[1], start, found[2])
    return lexer.emit("CUT", words, start, found[2])


def _no_argument(lexer: Lexer, name: str, start: int, end: int) -> None:
    lexer.bad(f"'\\{name}' has no argument", start, end)


# -- words and names ---------------------------------------------------------------------------


def _text(lexer: Lexer, name: str, start: int, end: int) -> None:
    """``\\text{..}``: words, or a name where it is used as one (before a bracket or a script)."""
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    inner_start, inner_end, after = found
    inner = lexer.text[inner_start:inner_end]
    word = inner.strip()
    if word == "grad" and _gradient(lexer, start, after):
        return None
    if word in ("–", "—", "-", "..", "...", "…"):
        return lexer.emit("DOTS", "..", start, after)
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", word) and word.lower() not in table.CONDITION_WORDS:
        following = lexer.text[after : after + 1]
        used = following in ("(", "_", "^", "[") or word in table.WORD_FUNCTIONS
        if used and (len(word) > 1 or following):
            return _identifier_word(lexer, word, start, after)
    _words(lexer, inner_start, inner_end, start, after)


def _words(lexer: Lexer, inner_start: int, inner_end: int, start: int, after: int) -> None:
    """Words with mathematics in them: ``\\text{if $i = j$}`` gives words, then the tokens of ``i = j``."""
    at = inner_start
    for match in _INNER_MATH.finditer(lexer.text, inner_start, inner_end):
        _phrase(lexer, at, match.start(), start if at == inner_start else at)
        group = 1 if match.group(1) is not None else 2
        lexer.out += lexer.sub(*match.span(group))
        at = match.end()
    _phrase(lexer, at, inner_end, start if at == inner_start else at)
    lexer.at = after
    lexer.space = True


def _phrase(lexer: Lexer, start: int, end: int, _from: int) -> None:
    raw = lexer.text[start:end]
    words = strip_phrase(raw.replace("\\ ", " "))
    if words:
        lexer.emit("WORDS", re.sub(r"\s+", " ", words), start, end)
    elif punctuation := raw.strip(" \t\r\n~\u3000"):
        kind = table.PUNCTUATION.get(punctuation[0], "COMMA")
        lexer.emit(kind, punctuation[0], start, end)


def _identifier(lexer: Lexer, name: str, start: int, end: int) -> None:
    """``\\mathrm{rot}``, ``\\operatorname{vec}``: a function, a name, the d of a derivative."""
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    inner = lexer.text[found[0] : found[1]]
    word = re.sub(r"\\[,;:! ]|~|\s|\\-", "", inner)
    if word == "d":
        return lexer.emit("PARTIAL", "d", start, found[2])
    if word == "grad" and _gradient(lexer, start, found[2]):
        return None
    if word in ("T", r"\top", r"\intercal"):
        return lexer.emit("NAME", "T", start, found[2])
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", word):
        return _identifier_word(lexer, word, start, found[2])
    if re.fullmatch(r"[A-Za-z]+\\?_[A-Za-z]+", word):
        return lexer.emit("NAME", word.replace("\\", ""), start, found[2])
    if re.fullmatch(r"[\u4e00-\u9fff]+", word):
        return lexer.emit("WORDS", word, start, found[2])
    if re.search(r"\s", inner.strip()) and re.fullmatch(r"[A-Za-z .,]+", inner):
        return _words(lexer, found[0], found[1], start, found[2])
    lexer.at = end
    lexer.space = True
    return None


_BELOW = re.compile(r"\s*_\s*")
_OF_LOSS = re.compile(r"\s*(?:[({]\s*)?(?:[LEJC](?![A-Za-z_])|\\mathcal|\\ell)")


def _gradient(lexer: Lexer, start: int, end: int) -> bool:
    """``\\text{grad}_{w_{11}}`` is the gradient of the loss by what stands below; before a loss it is a nabla."""
    below = _BELOW.match(lexer.text, end)
    found = _argument(lexer, below.end()) if below else None
    if found is None:
        return False
    inside = lexer.sub(found[0], found[1])
    if _OF_LOSS.match(lexer.text, found[2]):
        lexer.emit("NABLA", "nabla", start, end)
        lexer.braced("SUB", inside, end, found[2])
        return True
    if not inside or inside[0].kind != "NAME" or not inside[0].text.isalpha():
        return False
    lexer.emit("NAME", f"grad_{inside[0].text}", start, found[2])
    lexer.out += inside[1:]
    return True


def _identifier_word(lexer: Lexer, word: str, start: int, end: int) -> None:
    if word.lower() in ("argmax", "argmin"):
        lexer.emit("BIG", word.lower(), start, end)
    elif word in ("max", "min"):
        lexer.emit("BIG", word, start, end)
    elif word.lower() in table.CONDITION_WORDS:
        lexer.emit("WORDS", word, start, end)
    elif word in table.WORD_FUNCTIONS or word in table.FUNCTIONS or _applied(word, lexer.text[end : end + 1]):
        lexer.emit("FUNC", word, start, end)
    else:
        lexer.emit("NAME", word, start, end)


def _applied(word: str, following: str) -> bool:
    """A word of several letters right before a bracket; ``rot`` before its angle."""
    return (following == "(" and len(word) > 1) or (following == "_" and word.lower() in ("rot", "flip", "reverse"))


def _alphabet(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""``\mathcal{L}`` is a name of its own; ``\mathbb{1}`` an indicator."""
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    inner = lexer.text[found[0] : found[1]].strip()
    if inner == "1" or (name.startswith("mathbb") and inner == "I" and lexer.text[found[2] : found[2] + 1] in ("[", "(", "_", "\\", "{")):
        lexer.emit("INDICATOR", "1", start, found[2])
    elif re.fullmatch(r"[A-Za-z]+", inner):
        lexer.emit("NAME", f"\\{name}{{{inner}}}", start, found[2])
    else:
        lexer.bad(f"'\\{name}' of this is not understood", start, found[2])
    return None


def _bold(lexer: Lexer, name: str, start: int, end: int) -> None:
    """Bold is transparent, but a bold 1 is an indicator."""
    found = _argument(lexer, end)
    if found is not None and lexer.text[found[0] : found[1]].strip() == "1":
        lexer.emit("INDICATOR", "1", start, found[2])
    else:
        lexer.at = end
        lexer.space = True


def _accent(lexer: Lexer, name: str, start: int, end: int) -> None:
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    inner = [token for token in lexer.sub(found[0], found[1]) if token.kind not in ("LB", "RB")]
    if len(inner) == 1 and inner[0].kind == "NAME":
        lexer.emit("NAME", f"\\{name}{{{inner[0].text}}}", start, found[2])
    elif inner and inner[0].kind == "BAD":
        lexer.out.append(inner[0])
        lexer.at = found[2]
    else:
        lexer.bad(f"'\\{name}' over more than one letter is not understood", start, found[2])
    return None


# -- structure ---------------------------------------------------------------------------------


_UNDER = re.compile(r"\s*[_^]\s*(?=\{)")


def _brace(lexer: Lexer, name: str, start: int, end: int) -> None:
    """``\\underbrace{a + b}_{\\text{why}}``: the group, without what is written at the brace."""
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    inner_start, inner_end, after = found
    inside = lexer.sub(inner_start, inner_end)
    lexer.out += [Token("LB", "{", lexer.source.place(start, inner_start)), *inside, Token("RB", "}", lexer.source.place(inner_end, after))]
    note = _UNDER.match(lexer.text, after)
    remark = _argument(lexer, note.end()) if note else None
    if remark and "=" in lexer.text[remark[0] : remark[1]]:
        lexer.bad("an equation at a brace is not read: write it by itself", after, remark[2])
    lexer.at = remark[2] if remark else after
    return None


def _colour(lexer: Lexer, name: str, start: int, end: int) -> None:
    option = _OPTION.match(lexer.text, end)
    found = _argument(lexer, option.end() if option else end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    lexer.at = found[2]
    lexer.space = True
    return None


_POINTS = {"pt": 1.0, "em": 10.0, "ex": 4.3, "mm": 2.8, "cm": 28.0, "in": 72.0, "mu": 0.6}


def _space(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""``\hspace{1cm}`` separates as ``\quad`` does; less than a letter's width is no more than a space."""
    length = _LENGTH.match(lexer.text, end)
    size = re.search(r"([-+]?\d*\.?\d+)\s*(pt|em|ex|mm|cm|in|mu)", length.group()) if length else None
    after = length.end() if length else end
    if size and float(size.group(1)[:8]) * _POINTS[size.group(2)] < 8:
        lexer.at, lexer.space = after, True
    else:
        lexer.emit("WIDE", name, start, after)


def _fraction(lexer: Lexer, name: str, start: int, end: int) -> None:
    lexer.emit("FRAC", name, start, end)


def _physics(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""``\pdv{L}{W}``: a fraction of differentials."""
    top = _argument(lexer, end)
    bottom = _argument(lexer, top[2]) if top else None
    if top is None or bottom is None:
        return _no_argument(lexer, name, start, end)
    letter = "d" if name in ("dv", "odv") else "partial"
    place = lexer.source.place(start, end)
    lexer.emit("FRAC", "frac", start, end)
    for one in (top, bottom):
        lexer.out += [Token("LB", "{", place), Token("PARTIAL", letter, place), *lexer.sub(one[0], one[1]), Token("RB", "}", place)]
    lexer.at = bottom[2]
    return None


def _root(lexer: Lexer, name: str, start: int, end: int) -> None:
    if lexer.text[end : end + 1] == "[":
        return lexer.bad("a root with a degree is not understood", start, end)
    return lexer.emit("SQRT", "sqrt", start, end)


def _row(lexer: Lexer, name: str, start: int, end: int) -> None:
    spacing = _ROW.match(lexer.text, end)
    lexer.row = len(lexer.out) + 1
    lexer.emit("ROW", r"\\", start, spacing.end() if spacing else end)


def _begin(lexer: Lexer, name: str, start: int, end: int) -> None:
    match = _ENVIRONMENT.match(lexer.text, end)
    if match is None:
        return lexer.bad(f"'\\{name}' without an environment", start, end)
    environment, after = match.group(1).strip(), match.end()
    if name == "end":
        return lexer.emit("ENDENV", environment, start, after)
    if environment == "array" or environment.startswith("aligned") or environment in ("gathered", "bmatrix*", "pmatrix*"):
        option = _OPTION.match(lexer.text, after)
        after = option.end() if option else after
    if environment in table.WITH_ARGUMENT:
        found = _argument(lexer, after)
        after = found[2] if found else after
    if environment in table.MATRICES:
        return lexer.emit("MATRIX", environment, start, after)
    if environment in table.CASES:
        return lexer.emit("CASES", environment, start, after)
    if environment == "subarray":
        return lexer.emit("LB", "{", start, after, environment)
    if environment in table.ALIGNED:
        return lexer.emit("ALIGN", environment, start, after)
    return lexer.bad(f"the environment '{environment[:40]}' is not understood", start, after)


def _left(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""``\left(``: the bracket with ``extra`` left; ``\left.`` is a token of its own."""
    at = _SKIP.match(lexer.text, end).end()  # type: ignore[union-attr]
    match = re.compile(r"\\[A-Za-z]+|\\?.", re.S).match(lexer.text, at)
    sign = match.group() if match else ""
    after = match.end() if match else end
    if name == "middle" and sign in ("|", r"\vert", r"\mid"):
        return lexer.emit("REL", "divides", start, after)
    if sign == ".":
        return lexer.emit("NODELIM", name, start, after, name)
    if sign in ("|", r"\vert", r"\lvert", r"\rvert"):
        return lexer.emit("LABS" if name == "left" else "RABS", "|", start, after, name)
    if sign in table.DELIMITERS and name != "middle":
        return lexer.emit(*table.DELIMITERS[sign], start, after, name)
    return lexer.bad(f"'\\{name}' before this is not understood", start, after)


def _arg(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""``\arg\max``, ``\arg \min``."""
    match = re.compile(r"\s*(?:\\[,;!: ]|~)*\s*\\(max|min)(?![A-Za-z])").match(lexer.text, end)
    if match is None:
        return lexer.bad("'\\arg' is not understood", start, end)
    return lexer.emit("BIG", "arg" + match.group(1), start, match.end())


_DOUBT = re.compile(r"[?？]|\b(?:wrong|false|not)\b|错|不[对是等]", re.I)


def _over(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""``\stackrel{def}{=}``, ``\overset{!}{=}``: the sign below; ``\underset{a,b}{\max}``: limits."""
    first = _argument(lexer, end)
    second = _argument(lexer, first[2]) if first else None
    if first is None or second is None:
        return _no_argument(lexer, name, start, end)
    below = [token for token in lexer.sub(second[0], second[1]) if token.kind not in ("LB", "RB")]
    if name == "underset" and len(below) == 1 and below[0].kind == "BIG":
        lexer.emit("BIG", below[0].text, start, second[2])
        lexer.braced("SUB", lexer.sub(first[0], first[1]), start, second[2])
    elif name != "underset" and len(below) == 1 and below[0].kind == "REL":
        label = _label_text(lexer.text[first[0] : first[1]])
        if _DOUBT.search(label):
            return lexer.bad(f"'\\{name}' of this is not understood", start, second[2])
        lexer.emit("REL", below[0].text, start, second[2], label)
    elif name != "underset" and len(below) == 1 and below[0].kind == "OP":
        lexer.emit("OP", below[0].text, start, second[2], _label_text(lexer.text[first[0] : first[1]]).lower() or "?")
    else:
        lexer.bad(f"'\\{name}' of this is not understood", start, second[2])
    return None


def _label_text(raw: str) -> str:
    return strip_phrase(re.sub(r"\\(?:[A-Za-z]+\*?|.)|[{}]", " ", raw))


def _arrow(lexer: Lexer, name: str, start: int, end: int) -> None:
    option = _OPTION.match(lexer.text, end)
    found = _argument(lexer, option.end() if option else end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    below = _label_text(option.group().strip()[1:-1]) if option else ""
    label = " ".join(part for part in (_label_text(lexer.text[found[0] : found[1]]), below) if part)
    return lexer.emit("REL", "assign" if name == "xleftarrow" else "arrow", start, found[2], label)


def _boxed(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""``\boxed{A = B}`` is the equation; a box around a part of one groups as braces do."""
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    inside = lexer.sub(found[0], found[1])
    if not any(token.kind == "REL" for token in inside):
        inside = [Token("LB", "{", lexer.source.place(start, found[0])), *inside, Token("RB", "}", lexer.source.place(found[1], found[2]))]
    lexer.out += inside
    lexer.at = found[2]
    return None


_NUMBERED = re.compile(r"\s*(?:\{\s*)?\(?\s*([\w.*-]{1,12})\s*\)?(?:\s*\})?\s*$")


def _equation_number(lexer: Lexer, name: str, start: int, end: int) -> None:
    r"""TeX's own ``\eqno (3)``: the rest of the display."""
    match = _NUMBERED.match(lexer.text, end)
    if match is None:
        return lexer.bad(f"'\\{name}' is not understood", start, end)
    return lexer.emit("LABEL", match.group(1), start, match.end())


def _label(lexer: Lexer, name: str, start: int, end: int) -> None:
    found = _argument(lexer, end)
    if found is None:
        return _no_argument(lexer, name, start, end)
    label = lexer.text[found[0] : found[1]].strip() if name != "label" else ""
    if _DOUBT.search(label):
        return lexer.bad(f"'\\{name}' of this is not understood", start, found[2])
    return lexer.emit("LABEL", label, start, found[2])


def _not(lexer: Lexer, name: str, start: int, end: int) -> None:
    match = re.compile(r"\s*(=|\\in(?![A-Za-z]))").match(lexer.text, end)
    if match is None:
        whole = re.compile(r"\s*\\(?:Rightarrow|implies|Longrightarrow|iff|Leftrightarrow)(?![A-Za-z])").match(lexer.text, end)
        return lexer.bad("'\\not' is not understood", start, whole.end() if whole else end)
    return lexer.emit("REL", "neq" if match.group(1) == "=" else "notin", start, match.end())


_HANDLERS: dict[str, Callable[[Lexer, str, int, int], None]] = {
    **dict.fromkeys(table.TEXT, _text),
    **dict.fromkeys(("intertext", "shortintertext"), _intertext),
    **dict.fromkeys(table.IDENTIFIER, _identifier),
    **dict.fromkeys(table.ALPHABETS, _alphabet),
    **dict.fromkeys(table.ACCENTS, _accent),
    **dict.fromkeys(table.COLOURS, _colour),
    **dict.fromkeys(("underbrace", "overbrace"), _brace),
    **dict.fromkeys(table.SPACES_WITH_ARGUMENT, _space),
    **dict.fromkeys(table.FRACTIONS, _fraction),
    **dict.fromkeys(("pdv", "dv", "pdiff", "odv"), _physics),
    **dict.fromkeys(("left", "right", "middle"), _left),
    **dict.fromkeys(("begin", "end"), _begin),
    **dict.fromkeys(("overset", "stackrel", "underset"), _over),
    **dict.fromkeys(("xrightarrow", "xleftarrow", "xlongrightarrow"), _arrow),
    **dict.fromkeys(("eqno", "leqno"), _equation_number),
    "boxed": _boxed,
    **dict.fromkeys(("tag", "tag*", "label"), _label),
    "sqrt": _root, "\\": _row, "arg": _arg, "not": _not,
}  # fmt: skip
for _name in ("mathbf", "boldsymbol", "bm", "bold", "symbf", "pmb"):
    _HANDLERS[_name] = _bold
