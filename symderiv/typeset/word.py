"""Pictures in a Word document: their names for who hears them, and pixels for programs that show no SVG."""

from __future__ import annotations

import io
import re
from zipfile import ZipFile, ZipInfo

_DRAWING = re.compile(r"<w:drawing>.*?</w:drawing>", re.DOTALL)
_NAME = re.compile(r'<wp:docPr descr="([^"]*)"')
_SOURCE = re.compile(r'descr="data:[^"]*"')
_BLIP = re.compile(r'<a:blip>(?=.*?svgBlip[^>]* r:embed="(rId\d+)")', re.DOTALL)
_HAN = re.compile("[\u2e80-\uffff]")
_FONTS = 'font-family="New Computer Modern, New Computer Modern Math, '
_SHEET = '#set page(width: auto, height: auto, margin: 0pt)\n#image(format: "svg", bytes("%s"))\n'


def finished(data: bytes) -> bytes:
    """The document of pandoc, its pictures finished; it is made anew from the same parts, in the same order."""
    source, out = ZipFile(io.BytesIO(data)), io.BytesIO()
    parts = {info: source.read(info) for info in source.infolist()}
    pixels = {i.filename: png for i, part in parts.items() if i.filename.endswith(".svg") and (png := _pixels(part.decode()))}
    with ZipFile(out, "w") as target:
        for info, part in parts.items():
            target.writestr(info, _part(info.filename, part.decode(), pixels) if info.filename.endswith((".xml", ".rels")) else part, info.compress_type)
            if info.filename in pixels:
                beside = ZipInfo(f"{info.filename}.png", info.date_time)
                target.writestr(beside, pixels[info.filename], info.compress_type)
    return out.getvalue()


def _part(name: str, text: str, pixels: dict[str, bytes]) -> str:
    stems = [svg.removeprefix("word/media/").removesuffix(".svg") for svg in pixels]
    if name == "word/document.xml":
        return _DRAWING.sub(lambda drawing: _drawing(drawing[0], stems), text)
    if name == "word/_rels/document.xml.rels":
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
        more = "".join(f'<Relationship Type="{kind}" Id="{stem}png" Target="media/{stem}.svg.png" />' for stem in stems)
        return text.replace("</Relationships>", f"{more}</Relationships>")
    if name == "[Content_Types].xml":
        more = "".join(f'<Override PartName="/word/media/{stem}.svg.png" ContentType="image/png" />' for stem in stems)
        return text.replace("</Types>", f"{more}</Types>")
    return text


def _drawing(text: str, stems: list[str]) -> str:
    """A picture with its name in the place of its bytes, and pixels before the SVG."""
    name = _NAME.search(text)
    text = _SOURCE.sub(lambda _: f'descr="{name[1] if name else ""}"', text)
    return _BLIP.sub(lambda blip: f'<a:blip r:embed="{blip[1]}png">' if blip[1] in stems else blip[0], text)


def _pixels(svg: str) -> bytes | None:
    """A PNG by the typst package; None where it is missing, or has no font for the Chinese."""
    from symderiv.model import SymderivError
    from symderiv.typeset.typst import han_font, typeset

    try:
        han = _HAN.search(re.sub("<(title|desc)>.*?</|aria-label=\"[^\"]*\"", "", svg)) is not None
        fonts = _FONTS + (f"{han_font('docx')}, " if han else "")
        escaped = svg.replace('font-family="', fonts, 1).replace("\\", "\\\\").replace('"', '\\"')
        return typeset(_SHEET % escaped, "png", chinese=han)
    except SymderivError:
        return None
