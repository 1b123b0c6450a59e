"""What Data quality says of control totals and sequences."""

from __future__ import annotations

from opened_pages import Open, rows_of, texts

from dashboards import notation
from dashboards.views.completeness import control_total


def test_a_source_says_whether_anybody_else_counted_it_and_whether_that_agrees(open_page: Open) -> None:
    table = rows_of(open_page("/quality"), "Control total").set_index("Source")["Control total"]
    assert {name: said.replace("\u00a0", " ") for name, said in table.items()} == {
        "helpdesk": "1 of 3 days off",
        "legacy_tickets": "no control total",
        "consent_db": "1 day agree, 1 not stated",
    }


def test_the_days_that_differ_and_the_numbers_that_never_came_stand_on_the_page(open_page: Open) -> None:
    app = open_page("/quality")
    assert "Counted elsewhere" in texts(app)
    assert "1 of 4 days stated" in texts(app).replace("\u00a0", " ")
    sources = next(one.value for one in app.table if "Numbers missing" in one.value).to_dict("records")
    assert [(row["Source"].replace("\\", ""), row["Numbers missing"]) for row in sources] == [
        ("consent_db", notation.NULL),
        ("helpdesk", "3"),
    ]
    (day,) = next(one.value for one in app.table if "Held" in one.value).to_dict("records")
    assert (day["Stated"], day["Held"], day["Difference"]) == ("44", "41", "-3")


def test_without_a_row_there_is_no_total() -> None:
    assert control_total(None) == "no control total"
    nothing_stated = {"stated_days": 0, "differing_days": 0, "unstated_days": 0}
    assert control_total(nothing_stated) == "no control total"
