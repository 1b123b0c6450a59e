"""What is written where the short form would mislead: sums of days, values that round alike, cut text, sources without rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from opened_pages import frames, written

from dashboards.charts import counts, incident_deadlines
from dashboards.charts.incident_deadlines import Lane
from dashboards.charts.rendering import Drawing
from dashboards.components import tables, terms
from dashboards.data import quality
from dashboards.views.quality import page as quality_page
from dashboards.views.restatements import figure_drawer
from promisekept.presentation import formats, glossary, statuses

AS_OF = datetime(2026, 10, 1, 3, 59, tzinfo=UTC)


def test_days_over_a_count_are_written_as_days() -> None:
    row = {"old_value": 21.2, "new_value": 21.3, "old_numerator": 14725, "new_numerator": 14760, "old_denominator": 692,
           "new_denominator": 692, "old_value_worst": 21.2, "new_value_worst": 21.3}  # fmt: skip
    assert figure_drawer.value(row, "old", "days") == "21.2 days · 14,725 days, 692 cases"
    assert formats.fraction(1204, 1249, "share") == "1,204 of 1,249"


@pytest.mark.parametrize(
    ("before", "now", "unit", "shown"),
    [
        (0.98996, 0.99004, "share", ("98.996%", "99.004%")),
        (0.9896, 0.9904, "share", ("98.96%", "99.04%")),
        (0.5, 0.6, "share", ("50.0%", "60.0%")),
        (21.24, 21.16, "days", ("21.24 days", "21.16 days")),
        (0.99, 0.99, "share", ("99.0%", "99.0%")),
        (None, 0.99, "share", (formats.NULL, "99.0%")),
    ],
)
def test_values_that_differ_are_never_written_alike(
    before: float | None, now: float | None, unit: str, shown: tuple[str, str]
) -> None:
    assert formats.apart(before, now, unit) == shown


def test_text_without_room_ends_with_an_ellipsis_and_other_text_is_whole() -> None:
    text = "Best efforts are made to tell people of a material change before it takes effect"
    cut = tables._fitted(text, 272)
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])
    assert 30 < len(cut) < 60
    assert tables._fitted(text, 700) == text
    assert tables._cuts([text, "Legal", 12, None, ["Kept"]], 272) == {text: cut}
    assert tables._cuts([text], None) == {}
    titles = [
        tables._config(tables.Column("Corrected by a later version", "n", width), [{"n": 1}], has_cut=False)
        for width in (96, 200)
    ]
    assert [(one["label"], one["help"]) for one in titles] == [
        ("Corrected b…", "Corrected by a later version"),
        ("Corrected by a later version", None),
    ]


def test_a_term_leads_to_its_definition_where_it_stands_first_and_nowhere_else() -> None:
    meaning = glossary.TERMS["Worst case"]
    assert terms.linked("A worst case, the worst case") == f'A [worst case](#term-worst-case "{meaning}"), the worst case'
    for untouched in ("`worst case`", "[the worst case](requests)", ":red-badge[Worst case]", "worst cases", "a finding, kept"):
        assert terms.linked(untouched) == untouched
    assert written(terms.linked("**Strict interpretation** 96.3%; worst case")) == "**Strict interpretation** 96.3%; worst case"
    assert set(glossary.VERDICTS) == set(statuses.VERDICTS)


def test_a_source_without_a_schedule_is_stale_after_thirty_days_without_rows() -> None:
    def source(days: int, *, fresh: bool | None = None) -> dict[str, object]:
        return {"is_fresh": fresh, "as_of": AS_OF, "last_event_at": AS_OF - timedelta(days=days)}

    assert [quality.freshness(source(days)) for days in (-400, 0, 30, 31, 250)] == ["unknown"] * 3 + ["stale"] * 2
    assert quality.freshness(source(250, fresh=True)) == "fresh"
    shown = quality_page._freshness(source(250))
    assert shown.text == "No delivery schedule configured, 250\u00a0days without rows"
    assert (shown.code, shown.narrow_cell) == ("stale", "△ No schedule, 250\u00a0days without rows")


def _scales(drawing: Drawing) -> list[dict[str, object]]:
    layers = drawing.specification["layer"]
    return [layer["encoding"]["x"]["scale"] for layer in layers if "scale" in layer["encoding"].get("x", {})]


def test_no_mark_of_an_incident_lies_outside_its_axis_and_a_long_one_compresses_it() -> None:
    def lane(*ends: float) -> Lane:
        return Lane(f"INC-{ends[0]}", [("Within the hours", 0.0, 72.0), ("Past the hours", 72.0, ends[0])],
                    [("Contained", ends[-1])], 72.0, "late")  # fmt: skip

    for shown, kind in (([lane(84.0, 93.0)], None), ([lane(84.0, 93.0), lane(2871.0)], "symlog")):
        drawing = incident_deadlines.lanes(shown)
        last = max(
            value for rows in frames(drawing) for row in rows for name, value in row.items() if name in ("at", "to", "due")
        )
        for scale in _scales(drawing):
            assert scale["domain"][1] > last  # type: ignore[index]
            assert scale.get("type") == kind
            assert not scale.get("clamp")


def test_months_name_their_year_at_the_first_and_at_each_turn_of_the_year() -> None:
    months = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    drawing = counts.missed_by_month([(month, 1, 2) for month in months])
    assert "['Nov|2025', 'Dec', 'Jan|2026', 'Feb']" in str(drawing.specification)
