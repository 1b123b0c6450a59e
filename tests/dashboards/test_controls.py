"""A control keeps what it is set to in the address, leaves a default out of it, and begins lists at their first page."""

from __future__ import annotations

from datetime import date

from streamlit.testing.v1 import AppTest


def page() -> None:
    """One control of each kind, as in the address."""
    from datetime import date

    import streamlit as st

    from dashboards import parameters
    from dashboards.components import controls

    lists = {"overdue": "Overdue · 9", "open": "All open · 503"}
    sorts = {"due": "Due date", "right": "Right"}
    controls.segments("list", "List", lists, parameters.one("list", lists, "overdue") or "", "overdue")
    controls.choice("sort", "Sorted by", sorts, parameters.one("sort", sorts, "due"), "due", drops=("page", "request"))
    controls.several(
        "right", "Right", {"access": "Access", "erasure": "Erasure"}, parameters.several("right", ["access", "erasure"])
    )
    controls.day("before", "Due before", parameters.day("before", date(2026, 1, 1)), also={"list": "open"})
    controls.search("q", "Search", parameters.text("q"))
    controls.near(
        "period", "Period", {"2026-Q3": "Q3 2026"}, {"2026-Q3": "Q3 2026", "2026": "2026"}, chosen="2026-Q3", default="2026"
    )
    st.caption("drawn")


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(page)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def test_a_control_shows_what_the_address_says():
    app = opened(list="open", sort="right", right="erasure", before="2026-10-24", q="smtp")
    assert not app.exception
    assert app.button_group(key="list").value == "open"
    assert app.selectbox(key="sort").value == "right"
    assert app.multiselect(key="right").value == ["erasure"]
    assert app.date_input(key="before").value == date(2026, 10, 24)
    assert app.text_input(key="q").value == "smtp"
    assert app.selectbox(key="any_period").value == "2026-Q3"


def test_a_change_goes_into_the_address_and_begins_lists_anew():
    app = opened(page="3", request="helpdesk/HD-1/access")
    app.button_group(key="list").set_value("open").run()
    assert (app.query_params["list"], "page" in app.query_params, "request" in app.query_params) == ("open", False, True)
    app.selectbox(key="sort").set_value("right").run()
    assert (app.query_params["sort"], "request" in app.query_params) == ("right", False)
    app.text_input(key="q").set_value("  smtp ").run()
    assert app.query_params["q"] == "smtp"


def test_a_default_leaves_the_address():
    app = opened(list="open")
    app.button_group(key="list").set_value("overdue").run()
    assert "list" not in app.query_params


def test_a_day_sets_what_goes_with_it_and_takes_it_away():
    app = opened()
    app.date_input(key="before").set_value(date(2026, 10, 24)).run()
    assert (app.query_params["before"], app.query_params["list"]) == ("2026-10-24", "open")
    app.date_input(key="before").set_value(None).run()
    assert not {"before", "list"} & set(app.query_params)
