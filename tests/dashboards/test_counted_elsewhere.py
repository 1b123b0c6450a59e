"""Control totals and sequences on the page Data quality."""

from __future__ import annotations

import pytest
from opened_pages import Open, rows_of, texts

from dashboards.data import quality as data
from dashboards.views.quality.completeness import control_total, in_short
from promisekept.presentation import formats


def test_a_source_says_whether_anybody_else_counted_it_and_whether_that_agrees(open_page: Open) -> None:
    table = rows_of(open_page("/quality"), "Independent count").set_index("Source")["Independent count"]
    assert {name: said.replace("\u00a0", " ") for name, said in table.items()} == {
        "helpdesk": "1 day off",
        "legacy_tickets": "none",
        "consent_db": "agrees",
    }


def test_the_days_that_differ_and_the_numbers_that_never_came_stand_on_the_page(open_page: Open) -> None:
    app = open_page("/quality")
    assert "Counted elsewhere" in texts(app)
    assert "1 of 4 days counted" in texts(app).replace("\u00a0", " ")
    sources = next(one.value for one in app.table if "Numbers missing" in one.value).to_dict("records")
    told = [
        (row["Source"].replace("\\", ""), row["Independent record count"].replace("\u00a0", " "), row["Numbers missing"])
        for row in sources
    ]
    assert told == [
        ("consent_db", "1 day, none off; 1 day with events not counted elsewhere", formats.NULL),
        ("helpdesk", "1 of 3 days off", "3"),
    ]
    (day,) = next(one.value for one in app.table if "Landed" in one.value).to_dict("records")
    assert (day["Counted elsewhere"], day["Landed"], day["Difference"]) == ("44", "41", "-3")
    assert day["Neither landed nor rejected"] == "2"


def test_where_nobody_else_counts_the_page_says_so(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "compared", lambda ref: [])
    monkeypatch.setattr(data, "differing_days", lambda ref: [])
    app = open_page("/quality")
    assert "No independent record count" in texts(app)
    assert "0 of 3 sources are counted by anybody else" in texts(app)
    assert set(rows_of(app, "Independent count")["Independent count"]) == {"none"}


def test_a_source_that_only_numbers_its_rows_has_no_total() -> None:
    numbered = {"stated_days": 0, "differing_days": 0, "unstated_days": 0}
    assert (in_short(numbered), control_total(numbered)) == ("none", "no independent record count")
