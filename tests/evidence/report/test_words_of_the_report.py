"""The report of the demo organisation speaks the glossary's language."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from glossary import not_to_be_read
from printed import Page

from promisekept.evidence.report import Report
from promisekept.evidence.report.verdicts import VERDICTS


def texts(part: Any) -> list[str]:
    """Every text of the report model; drawings are left out."""
    if isinstance(part, str):
        return [] if part.startswith("<svg ") else [part]
    if is_dataclass(part):
        return [text for field in fields(part) for text in texts(getattr(part, field.name))]
    return [text for one in part for text in texts(one)] if isinstance(part, (list, tuple)) else []


def test_the_report_says_no_label_that_the_glossary_replaced(report: Report):
    """In lower case the same words may stand in the organisation's own promises."""
    words = texts(report)
    assert len(words) > 1_000
    assert not_to_be_read(words, labels=True) == []


def test_every_verdict_is_printed_with_its_glyph_and_label(page: Page):
    assert [mark.word for mark in VERDICTS.values() if f"{mark.shape} {mark.word}" not in page.text] == []
