"""The worklist of open requests: which list, due before which day, in which order; selecting a row opens it.

Here: the section with its controls. Not here: the rows (data/worklist.py), the request that is opened (request.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from dashboards import export, notation, parameters, words
from dashboards.data import population
from dashboards.data import worklist as data
from dashboards.data.selection import Filters
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page
from dashboards.views import filters, lists

_AHEAD = timedelta(days=730)
"""How far ahead a day may be asked for."""
_SORTS = {"due": "Due date", "received": "Received", "request": "Request", "place": "Place", "right": "Right"}
_EMPTY = {
    "overdue": "No request is overdue",
    "due": "No request falls due soon",
    "paused": "No clock stands still",
    "open": "No request is open",
}


@st.fragment
@guarded
def draw(page: Page, chosen: Filters) -> None:
    """Draw the section; its controls rerun nothing else."""
    horizon = page.today + _AHEAD
    before = parameters.day("before", page.today, horizon)
    whole = population.open_now(page.ref, chosen, page.moment)
    now = population.open_now(page.ref, chosen, page.moment, before) if before else whole
    labels = {
        "overdue": f"Overdue · {notation.count(now['overdue'])}",
        "due": f"Due soon · {notation.count(now['due'])}",
        "paused": f"Paused · {notation.count(now['paused'])}",
        "open": f"All open · {notation.count(now['open'])}",
    }
    which = parameters.one("list", data.LISTS, "overdue") or ""
    order = parameters.one("sort", data.ORDERS, "due") or ""

    def controls() -> None:
        st.session_state["list"], st.session_state["sort"], st.session_state["before"] = which, order, before
        st.date_input(
            "Due before", min_value=page.today, max_value=horizon, key="before", format="YYYY-MM-DD", width=144, on_change=_due
        )
        st.selectbox(
            "Sorted by",
            list(data.ORDERS),
            format_func=_SORTS.__getitem__,
            key="sort",
            label_visibility="collapsed",
            width=130,
            on_change=lambda: _keep("sort", "due"),
        )
        st.segmented_control(
            "List",
            list(labels),
            format_func=labels.__getitem__,
            key="list",
            required=True,
            label_visibility="collapsed",
            on_change=lambda: _keep("list", "overdue"),
        )
        export.control(
            f"worklist, {labels[which].partition(' · ')[0].lower()}",
            lambda: [_said(row) for row in data.every(page.ref, chosen, (which, order), page.moment, before=before)],
            number=now[which],
            of=whole["open"],
            filters=chosen.by_name() | ({"before": (before.isoformat(),)} if before else {}),
        )

    is_are = "request is" if whole["open"] == 1 else "requests are"
    due = f", {notation.count(now['open'])} due before {notation.day(before)} with the overdue" if before else ""
    with section(
        "Worklist",
        f"{notation.count(whole['open'])} {is_are} open{due}. Select a row for its timeline and deadline trace",
        controls,
    ):
        number = now[which]
        if not number:
            nothing(
                _EMPTY[which] + (f", and due before {notation.day(before)}" if before else ""),
                f"0 of {notation.count(whole['open'])} open requests{' with these filters' if chosen.chosen else ''}.",
                good=which != "open",
            )
            if chosen.chosen and st.button("Clear filters", on_click=filters.clear):
                st.rerun(scope="app")
            return
        rows = data.page(page.ref, chosen, (which, order), page.moment, lists.rows_from_to("page", number), before=before)
        _table(rows)
        lists.turn("page", number, len(rows))


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """A row in the reader's words, as it is taken away."""
    return {
        "Status": words.REQUESTS[row["status"]].text,
        "Request": row["request_id"],
        "Right": words.say(words.RIGHTS, row["right_type"]),
        "Place": row["jurisdiction"],
        "Law": row["regime_code"],
        "Received": row["received_date"],
        "Due": row["due_date"],
        "Days left": row["days_left"],
        "Cause": words.CAUSES[row["cause"]],
        "Source": row["source"],
    }


def _table(rows: list[dict[str, Any]]) -> None:
    column = st.column_config
    states = {row["status"]: words.REQUESTS[row["status"]] for row in rows}

    def opens(place: int) -> None:
        parameters.put("request", rows[place]["request_key"])
        st.rerun(scope="app")

    lists.table(
        "worklist",
        [
            _said(row)
            | {
                "Status": [words.REQUESTS[row["status"]].cell],
                "Received": notation.day(row["received_date"]),
                "Due": notation.day(row["due_date"]),
            }
            for row in rows
        ],
        alt="Open requests, one row per request and right",
        columns={
            "Status": column.MultiselectColumn(
                width=106, options=[word.cell for word in states.values()], color=[word.colour for word in states.values()]
            ),
            "Request": column.TextColumn(width=104),
            "Right": column.TextColumn(width=108),
            "Place": column.TextColumn(width=64),
            "Law": column.TextColumn(width=102),
            "Received": column.TextColumn(width=94),
            "Due": column.TextColumn(width=94),
            "Days left": column.NumberColumn(width=72, format="%d"),
            "Cause": column.TextColumn(width=216),
            "Source": column.TextColumn(width=96),
        },
        opens=opens,
    )


def _due() -> None:
    """A day asks for all that is open and due before it: most of that is neither overdue nor due soon."""
    day = st.session_state["before"]
    parameters.put("before", day.isoformat() if day else None)
    parameters.put("list", "open" if day else None)
    parameters.drop(["page"])


def _keep(name: str, default: str) -> None:
    parameters.put(name, st.session_state[name], default)
    parameters.drop(["page"])
