"""One glyph for each verdict, on pages, in the report and on the command line."""

from __future__ import annotations

from collections import Counter

from fontTools.ttLib import TTFont
from glossary import ROOT

from promisekept.cli.scorecard import scorecard_text
from promisekept.evidence.report import verdicts
from promisekept.evidence.report.font_fallback import FONTS
from promisekept.presentation.statuses import KEPT, NOT_ASSESSABLE, NOT_YET_MEASURABLE, VERDICTS


def test_every_verdict_has_a_glyph_of_its_own():
    assert Counter(verdict.glyph for verdict in VERDICTS.values()).most_common(1)[0][1] == 1
    assert {*KEPT, "missed", *NOT_ASSESSABLE, *NOT_YET_MEASURABLE} == set(VERDICTS)


def test_the_report_draws_the_glyph_and_label_of_the_pages():
    drawn = {code: (mark.shape, mark.word) for code, mark in verdicts.VERDICTS.items()}
    assert drawn == {code: (verdict.glyph, verdict.text) for code, verdict in VERDICTS.items()}


def test_the_fonts_of_the_report_have_every_glyph():
    for font in ("SourceSans3-Regular", "SourceSans3-SemiBold"):
        glyphs_of_font = TTFont(FONTS / f"{font}.ttf").getBestCmap()
        assert [verdict.glyph for verdict in VERDICTS.values() if ord(verdict.glyph) not in glyphs_of_font] == []


def test_the_command_line_prints_the_glyph_and_label_of_the_pages():
    card = {
        "organisation": "Larkfield",
        "as_of": "2026-09-30T23:59:59-04:00",
        "time_zone": "America/New_York",
        "promises": dict.fromkeys(VERDICTS, 1),
        "metrics": {},
        "requests": {},
    }
    text = scorecard_text(card)
    assert [verdict.cell for verdict in VERDICTS.values() if verdict.cell not in text] == []


def test_no_other_module_draws_a_verdict():
    glyphs = {verdict.glyph for verdict in VERDICTS.values()} - {"–", "○", "●", "△"}  # noqa: RUF001 - glyphs of other statuses too
    rooms = ("dashboards", "promisekept", "orchestration", "expectations")
    drawing = {
        str(file.relative_to(ROOT))
        for room in rooms
        for kind in ("*.py", "*.typ", "*.j2")
        for file in (ROOT / room).rglob(kind)
        if glyphs & set(file.read_text(encoding="utf-8"))
    }
    assert drawing == {"promisekept/presentation/statuses.py"}


def test_a_verdict_fits_the_column_that_leaves_room_for_the_promise():
    assert [verdict.narrow_cell for verdict in VERDICTS.values() if len(verdict.narrow_cell) > 23] == []
    assert VERDICTS["met_on_main_reading"].narrow_cell == "◊ Kept (standard only)"
    assert VERDICTS["missed"].narrow_cell == VERDICTS["missed"].cell
