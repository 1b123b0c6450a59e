"""The worklist of open requests: which list, due before which day, in which order; selecting a row opens it.

Here: the section with its controls. Not here: the rows (data/worklist.py), the request that is opened (detail.py).
"""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from dashboards import parameters
from dashboards.components import controls, filter_bar, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import population
from dashboards.data import worklist as data
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses

_AHEAD = timedelta(days=730)
"""How far ahead a day may be asked for."""
_SORTS = {"due": "Due date", "received": "Received", "request": "Request", "place": "Jurisdiction", "right": "Right"}
_EMPTY = {
    "overdue": "No request is overdue",
    "due": "No request falls due soon",
    "paused": "No request is paused",
    "open": "No request is open",
}

TABLE = (
    Column("Status", lambda row: statuses.REQUESTS[row["status"]], 92),
    Column("Request", "request_id", 92),
    Column("Right", lambda row: labels.label(labels.RIGHTS, row["right_type"]), 108),
    Column("Jurisdiction", lambda row: labels.jurisdiction(row["jurisdiction"]), 86),
    Column("Law", lambda row: labels.regime(row["regime_code"]), 154),
    Column("Received", "received_date", 90),
    Column("Due", "due_date", 90),
    Column("Days left", "days_left", 66),
    Column("Cause", lambda row: labels.REQUEST_CAUSES[row["cause"]], 208),
    Column("Source", "source", 96),
)


@st.fragment
@guarded
def draw(page: Page, chosen: Filters) -> None:
    """Draw the section; its controls rerun nothing else."""
    horizon = page.today + _AHEAD
    before = parameters.day("before", page.today, horizon)
    whole = population.open_now(page.ref, chosen, page.moment)
    now = population.open_now(page.ref, chosen, page.moment, before) if before else whole
    titles = {
        "overdue": f"Overdue · {formats.count(now['overdue'])}",
        "due": f"Due soon · {formats.count(now['due'])}",
        "paused": f"Paused · {formats.count(now['paused'])}",
        "open": f"All open · {formats.count(now['open'])}",
    }
    which = parameters.one("list", data.LISTS, "overdue") or ""
    order = parameters.one("sort", data.ORDERS, "due") or ""

    listing = Listing(
        "worklist",
        TABLE,
        now[which],
        (data.page, page.ref, chosen, (which, order, before), page.moment),
        alt="Open requests, one row per request and right",
        opens=lambda row: tables.opened("request", row["request_key"]),
    )

    def draw_controls() -> None:
        controls.day("before", "Due before", before, also={"list": "open"}, min_value=page.today, max_value=horizon)
        controls.choice("sort", "Sorted by", _SORTS, order, "due", width=130)
        controls.segments("list", "List", titles, which, "overdue", label_visibility="visible")
        listing.export(
            f"worklist, {titles[which].partition(' · ')[0].lower()}",
            of=whole["open"],
            filters=chosen.bound() | ({"before": (before.isoformat(),)} if before else {}),
        )

    is_are = "request is" if whole["open"] == 1 else "requests are"
    due = f", {formats.count(now['open'])} due before {formats.day(before)} with the overdue" if before else ""
    with section(
        "Worklist",
        f"{formats.count(whole['open'])} {is_are} open{due}. Select a row for its timeline and deadline trace",
        draw_controls,
    ):
        if not listing.number:
            nothing(
                _EMPTY[which] + (f", and due before {formats.day(before)}" if before else ""),
                f"0 of {formats.count(whole['open'])} open requests{' with these filters' if chosen.chosen else ''}.",
                good=which != "open",
            )
            if chosen.chosen:
                filter_bar.clear(name for name, _ in chosen.chosen)
            return
        listing.draw()
