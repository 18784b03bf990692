"""Typst source to PDF, PNG or SVG by the typst package, with no TeX and no network."""

from __future__ import annotations

import os
from typing import Any

from symderiv.model import SymderivError
from symderiv.typeset.stamp import given_time

HAN_FONTS = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "Source Han Serif CN", "Songti SC", "STSong", "SimSun", "NSimSun", "FandolSong",
    "AR PL SungtiL GB", "AR PL UMing CN", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Heiti SC",
    "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback",
)
"""Fonts that have the characters of simplified Chinese, those with serifs first."""
PIXELS_PER_INCH = 192.0
TALLEST = 20_000
"""Points of the tallest picture; a PNG of this height takes 170 megabytes while it is made."""
NO_TIME = b"#set document(date: none)\n"


def refuse_no_typst(format_: str) -> None:
    """Refuse where the package is missing.

    Raises:
        SymderivError: says how to install it.
    """
    _module(format_)


def han_font(format_: str) -> str:
    """The first installed font that has the Chinese characters; Typst prints boxes in silence where there is none.

    Raises:
        SymderivError: says what to install.
    """
    families = set(_fonts(format_).families())
    found = next((name for name in HAN_FONTS if name in families), None)
    if found is None:
        raise SymderivError(
            f"--format {format_} --lang zh needs a font with Chinese characters, and none is installed: install Noto Serif CJK SC "
            "(apt install fonts-noto-cjk; brew install font-noto-serif-cjk-sc), or name a folder with one in TYPST_FONT_PATHS."
        )
    return found


def typeset(source: str, format_: str, chinese: bool) -> bytes:
    """The pages of a PDF, or the one page of a picture.

    The bytes hang on the source, the package and, in Chinese, the font: on no clock and on no other font.

    Raises:
        SymderivError: the picture would be too tall, or Typst can't read the source.
    """
    typst = _module(format_)
    stamp = given_time()
    data = (b"" if stamp is not None else NO_TIME) + source.encode()
    fonts = _fonts(format_) if chinese else typst.Fonts(include_system_fonts=False)
    if format_ != "pdf" and (height := _height(typst, data, fonts)) > TALLEST:
        raise SymderivError(
            f"--format {format_}: the picture would be {height:,.0f} points tall, and {TALLEST:,} are the most. "
            "Choose fewer parts with --show, --expand none, or --format pdf."
        )
    try:
        made = typst.compile(data, format=format_, ppi=PIXELS_PER_INCH, font_paths=fonts, timestamp=stamp or 0)
    except typst.TypstError as error:
        raise SymderivError(f"--format {format_}: Typst can't set the document: {error.message}") from error
    assert isinstance(made, bytes)
    return made


def _height(typst: Any, data: bytes, fonts: Any) -> float:
    """How tall the one page becomes, asked of Typst before anything is drawn."""
    import json

    asked = data + b"\n#context [#metadata(here().position().y.pt()) <end>]\n"
    return float(json.loads(typst.query(asked, "<end>", field="value", one=True, font_paths=fonts)))


def _fonts(format_: str) -> Any:
    folders = [f for f in os.environ.get("TYPST_FONT_PATHS", "").split(os.pathsep) if f]
    return _module(format_).Fonts(font_paths=folders)


def _module(format_: str) -> Any:
    try:
        import typst
    except ImportError:
        other = " With a TeX on the machine there is --pdf-engine latex." if format_ == "pdf" else ""
        raise SymderivError(f"--format {format_} needs the typst package: pip install 'symderiv[pdf]'.{other}") from None
    return typst
