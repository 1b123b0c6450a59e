"""The report as one HTML file: no script, nothing fetched, fonts and drawings inside.

Here: the template's environment; every text is escaped by it, and only drawings of charts.py are put in as they are; and
the faces for names in other scripts inside (font_fallback.py). Chinese, Japanese and Korean are left to the reader's fonts: with
those three inside a page would be four times as long. Not here: what the report contains.
"""

from __future__ import annotations

import base64
import html
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from promisekept.evidence.report.font_fallback import FONTS, RIGHT_TO_LEFT, Face, faces_for
from promisekept.evidence.report.model import Report

HERE = Path(__file__).parent
_FACES = (
    ("Source Serif 4", 400, "SourceSerif4-Regular"),
    ("Source Serif 4", 600, "SourceSerif4-SemiBold"),
    ("Source Sans 3", 400, "SourceSans3-Regular"),
    ("Source Sans 3", 600, "SourceSans3-SemiBold"),
    ("Source Code Pro", 400, "SourceCodePro-Regular"),
)
# What the systems that people read with call their fonts for a language whose face is not inside.
_READERS = {
    "Noto Sans JP": ("Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", "Meiryo"),
    "Noto Sans SC": ("Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei"),
    "Noto Sans KR": ("Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic"),
}
_OWN = re.compile("('Source [^']+')")
_WORDS = re.compile(r"(?<=>)[^<>]+(?=<)")
_TURNED = re.compile(f"({RIGHT_TO_LEFT})")
_MARGINS = re.compile(r"\n{2,}")


def to_html(report: Report) -> str:
    """The whole file; its length is about half a megabyte, of which most is fonts."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["drawing"] = Markup  # only ever given what charts.py drew
    faces = faces_for(asdict(report))
    style = _faces() + _styled((HERE / "templates" / "report.css").read_text(encoding="utf-8"), faces.chain)
    page = environment.get_template("report.html.j2").render(report=report, style=Markup(style))  # noqa: S704 - files of ours
    return _MARGINS.sub("\n", _isolated(page) if faces.turns else page)


def _styled(style: str, chain: tuple[Face, ...]) -> str:
    """The style sheet with other faces behind each of the report's own; as it is where there are none."""
    if not chain:
        return style
    inside = [_face(face.family, "400 600", face.page_file) for face in chain if face.page_file]
    families = [f"'{name}'" for face in chain for name in ((face.family,) if face.page_file else _READERS[face.family])]
    return "".join(inside) + _OWN.sub(lambda own: ", ".join((own.group(1), *families)), style)


def _isolated(page: str) -> str:
    """The page with words that run from right to left as one piece, so that no date beside them is drawn into them."""
    head, opened, body = page.partition("<body>")
    return head + opened + _WORDS.sub(_in_pieces, body)


def _in_pieces(words: re.Match[str]) -> str:
    # Read as words and escaped again: `&amp;` would part what `&` does not.
    pieces = _TURNED.split(html.unescape(words.group(0)))
    if len(pieces) == 1:
        return words.group(0)
    return "".join(
        Markup('<bdi dir="rtl">{}</bdi>').format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)
    )


@cache
def _faces() -> str:
    return "".join(_face(family, str(weight), FONTS / f"{name}.woff2") for family, weight, name in _FACES)


def _face(family: str, weight: str, file: Path) -> str:
    inlined = base64.b64encode(file.read_bytes()).decode("ascii")
    return f"@font-face{{font-family:'{family}';font-weight:{weight};src:url(data:font/woff2;base64,{inlined})}}\n"
