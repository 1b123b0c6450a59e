"""The report as PDF, set by typst from the same model: the whole text stack is in its package, so no host has a say.

Here: handing the model over as data, never as markup, and the compiler's settings. Not here: what the report says, or how it
looks (templates/report.typ). Characters that the committed fonts do not have are written as their code points, so that a
name in another script is still told apart from every other; the HTML shows them.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from promisekept.evidence.report.asking import instant_of
from promisekept.evidence.report.model import Report

HERE = Path(__file__).parent
_RANGES = HERE / "fonts" / "covered.txt"


def to_pdf(report: Report) -> bytes:
    """The whole document; its date is the snapshot's as_of."""
    return _compiled(report, "pdf", None)[0]


def to_pictures(report: Report, dots_per_inch: float = 70) -> list[bytes]:
    """Its pages as PNG, for people to look at before a template ships."""
    return _compiled(report, "png", dots_per_inch)


def _compiled(report: Report, form: Literal["pdf", "png"], dots_per_inch: float | None) -> list[bytes]:
    told = json.dumps(_settable(asdict(report)), ensure_ascii=False, sort_keys=True)
    made: bytes | list[bytes] = typst.compile(
        str(HERE / "templates" / "report.typ"),
        root=str(HERE / "templates"),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        format=form,
        ppi=dots_per_inch,
        sys_inputs={"report": told},
        pdf_standards=["ua-1"] if form == "pdf" else [],
        timestamp=int(instant_of(report.as_of).timestamp()),
    )
    return [made] if isinstance(made, bytes) else made


def _settable(told: Any) -> Any:
    """The same data with only characters that can be set; drawings are left alone, as typst draws what it has of them."""
    if isinstance(told, str):
        return told if told.startswith("<svg ") else _covered().sub(_named, told)
    if isinstance(told, dict):
        return {key: _settable(value) for key, value in told.items()}
    if isinstance(told, (list, tuple)):
        return [_settable(value) for value in told]
    return told


def _named(match: re.Match[str]) -> str:
    return "".join(f"(U+{ord(letter):04X})" for letter in match.group(0))


@cache
def _covered() -> re.Pattern[str]:
    """What no committed family can set: everything outside of the ranges that all of them have."""
    ranges = _RANGES.read_text(encoding="ascii").split()
    inside = "".join("-".join(f"\\U{int(end, 16):08x}" for end in one.split("-")) for one in ranges)
    return re.compile(f"[^{inside}\n]+")
