"""The report as one HTML file: no script, nothing fetched, fonts and drawings inside.

Here: the template's environment; every text is escaped by it, and only drawings of charts.py are put in as they are. Not
here: what the report says.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from promisekept.evidence.report.model import Report

HERE = Path(__file__).parent
_FACES = (
    ("Source Serif 4", 400, "SourceSerif4-Regular"),
    ("Source Serif 4", 600, "SourceSerif4-SemiBold"),
    ("Source Sans 3", 400, "SourceSans3-Regular"),
    ("Source Sans 3", 600, "SourceSans3-SemiBold"),
    ("Source Code Pro", 400, "SourceCodePro-Regular"),
)
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
    style = (HERE / "templates" / "report.css").read_text(encoding="utf-8")
    page = environment.get_template("report.html.j2").render(report=report, style=Markup(_faces() + style))  # noqa: S704 - files of ours
    return _MARGINS.sub("\n", page)


@cache
def _faces() -> str:
    return "".join(
        f"@font-face{{font-family:'{family}';font-weight:{weight};src:url(data:font/woff2;base64,{_inlined(name)})}}\n"
        for family, weight, name in _FACES
    )


def _inlined(name: str) -> str:
    return base64.b64encode((HERE / "fonts" / f"{name}.woff2").read_bytes()).decode("ascii")
