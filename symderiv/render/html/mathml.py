"""The LaTeX that our own printer writes as MathML. Its language is closed: what is not known is a fault of ours."""

from __future__ import annotations

import re
from html import escape

from symderiv.model import InternalError
from symderiv.render.report.mathml import Reader, Token, Unknown
from symderiv.render.symbols import LETTERS, MARKS

_TOKEN = re.compile("\ue000\\d+\ue001|\\\\[A-Za-z]+|\\\\.|\\d+|\\s+|.", re.DOTALL)
_ROW_GAP = re.compile(r"\\\\\[\d+pt\]")
_ALPHABETS = {"mathbf": (0x1D400, 0x1D41A), "boldsymbol": (0x1D468, 0x1D482), "mathcal": (0x1D4D0, 0x1D4EA),
              "mathsf": (0x1D5A0, 0x1D5BA), "mathtt": (0x1D670, 0x1D68A)}
"""Where Unicode keeps the capitals and the small letters of a font. The bold script is whole, the light one has holes."""
_BIG = {"Big", "Bigl", "Bigr"}
_LONELY = re.compile("<mrow>(<(m[in])>[^<]*</\\2>)</mrow>")
"""A row of one letter or number, which is drawn like the letter."""
_SIGNS = {"-": "−", r"\cdot": "⋅", r"\star": "⋆"}
_ACCENTS = {"widetilde": "~", "ddot": "¨"}


def elements(tex: str) -> str:
    """What goes into a ``<math>`` element.

    Raises:
        InternalError: our printer wrote something that has no MathML here.
    """
    tokens = tokens_of(_ROW_GAP.sub(r"\\\\", tex))
    reader = _Marked(tokens, ())
    try:
        found = reader.rows(frozenset())
    except Unknown:
        found = ""
    if not found or reader.at < len(tokens):
        raise InternalError(f"no MathML for {tex}")
    return _LONELY.sub(r"\1", _LONELY.sub(r"\1", found))


def tokens_of(tex: str) -> list[Token]:
    """Commands, numbers and characters, each with its place."""
    return [Token(m[0], m.start()) for m in _TOKEN.finditer(tex) if m[0].strip()]


def math(tex: str, end: str = "", tall: bool = True) -> str:
    """A ``<math>`` element; a sign in front is one between two terms, and ``end`` closes the sentence."""
    sign = re.match(r"[-+=]|\\(?:cdot|star)(?![A-Za-z])", tex)
    before = f'<mo form="infix">{_SIGNS.get(sign[0], sign[0])}</mo>' if sign else ""
    inside = elements(tex[sign.end() :] if sign else tex)
    last = f"<mtext>{escape(end)}</mtext>" if end else ""
    return f'<math{" displaystyle=" + chr(34) + "true" + chr(34) if tall else ""}>{before}{inside}{last}</math>'


class _Marked(Reader):
    """The reader of notes, and what only our printer writes: identities, holes, fonts, tall brackets."""

    def atom(self) -> str:
        token = self.take()
        if token.text[0] == "\ue000":
            return f"<mn>{token.text}</mn>"
        if token.text == "/":
            return self.leaf("mo", "/", token, ' lspace="0" rspace="0"')
        self.at -= 1
        return super().atom()

    def command(self, token: Token, name: str) -> str:
        if name == "entry":
            return f'<mrow data-ref="{escape(self._identity())}">{self.argument()}</mrow>'
        if name in _ALPHABETS:
            return self._styled(name)
        if name in _BIG:
            return self.delimiter().replace('stretchy="true"', 'stretchy="true" minsize="1.8em" maxsize="1.8em"')
        if name in ("max", "min") and self.peek() == "(":
            return self.leaf("mo", name, token, ' lspace="0" rspace="0"')
        if name == "operatorname":
            word, tight = self.words(), self.peek() in ("_", "(", r"\left", "")
            return word if tight else f'<mrow>{word}<mspace width="0.17em"></mspace></mrow>'
        if name in ("mathrm", "mathit"):
            return self._upright(token)
        if name in _ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo>{_ACCENTS[name]}</mo></mover>'
        if name in LETTERS and name != "nabla":
            return self.leaf("mi", LETTERS[name], token)
        if name in MARKS:
            return self.leaf("mo" if name != "top" else "mi", MARKS[name], token)
        if name == "#":
            return self.leaf("mo", "#", token)
        return super().command(token, name)

    def _identity(self) -> str:
        """The argument as it stands."""
        last = self.take()
        if last.text != "{":
            raise Unknown
        text = ""
        while self.peek() != "}":
            token = self.take()
            gap = text and token.start > last.start + len(last.text)
            text, last = f"{text}{' ' if gap else ''}{token.text}", token
        self.take()
        return text

    def _upright(self, token: Token) -> str:
        """A name of several letters as one; anything else as it stands."""
        ends = next((k for k in range(self.at, len(self.tokens)) if self.tokens[k].text == "}"), self.at)
        letters = [t.text for t in self.tokens[self.at + 1 : ends]]
        if not letters or not all(x.isalnum() for x in letters):
            return self.argument()
        self.at = ends + 1
        return self.leaf("mi", "".join(letters), token, ' mathvariant="normal"' if len(letters) == 1 else "")

    def _styled(self, font: str) -> str:
        capital, small = _ALPHABETS[font]

        def letter(match: re.Match[str]) -> str:
            code = ord(match[1])
            found = chr(capital + code - 65) if code < 91 else chr(small + code - 97)
            return f"<mi>{found}</mi>"

        return re.sub("<mi>([A-Za-z])</mi>", letter, self.argument())
