"""Erasures that were reported as done and left something behind, the oldest first, and the systems that never confirmed.

Here: the two lists of the retention page. Not here: one request (request.py opens it), the share of complete ones (retention.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import access, export, notation
from dashboards.data import erasures as data
from dashboards.data import judged, query
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page, file_of
from dashboards.views import lists

_SIZE = 10


@st.fragment
@guarded
def draw(page: Page, systems: tuple[str, ...]) -> None:
    """Draw both lists; turning a page reruns nothing else."""
    if not judged.holds(page.ref, "fct_erasures"):
        with section("Erasures that left something behind", "0 fulfilled"):
            nothing("No erasure has been fulfilled", "0 requests for erasure are reported as fulfilled.")
        return
    now = data.counts(page.ref, systems)

    def control() -> None:
        export.control(
            "erasures that left something behind",
            lambda: [_said(row) for row in query.every(data.page, page.ref, systems)],
            number=now["left_behind"],
            of=now["judged"],
            filters={"system": systems},
        )

    with section(
        "Erasures that left something behind",
        f"{notation.out_of(now['incomplete'], now['judged'])} judged to date, the oldest first; "
        f"{notation.count(now['pending'])} more are within their grace",
        control if access.may("rows") else None,
        anchor="erasures",
    ):
        _silent(page, systems)
        if access.may("rows"):
            _requests(page, systems, now)


def _silent(page: Page, systems: tuple[str, ...]) -> None:
    found = [row for row in data.unconfirmed(page.ref) if not systems or row["system"] in systems]
    silent = [row for row in found if row["silent"]]
    st.markdown("**Systems that have not confirmed**")
    if not silent:
        expected = sum(row["expected"] for row in found)
        nothing("Every system has confirmed", f"0 of {notation.count(expected)} confirmations are missing.", good=True)
        return
    st.table(
        pd.DataFrame(
            [
                {
                    "System": notation.plain(row["system"]),
                    "Not confirmed": notation.out_of(row["silent"], row["expected"]),
                    "Oldest since": notation.day(row["oldest"]),
                    "Within grace": notation.count(row["within_grace"]),
                }
                for row in silent[:25]
            ]
        ),
        border="horizontal",
        hide_index=True,
    )
    export.button(
        "systems that have not confirmed",
        [
            {
                "System": row["system"],
                "Not confirmed": row["silent"],
                "Expected": row["expected"],
                "Oldest since": row["oldest"],
                "Within grace": row["within_grace"],
            }
            for row in silent
        ],
        filters={"system": systems},
    )


def _requests(page: Page, systems: tuple[str, ...], now: dict[str, Any]) -> None:
    number = now["left_behind"]
    if not number:
        nothing(
            "No erasure left something behind",
            f"0 of {notation.count(now['judged'])} judged{' in the systems chosen' if systems else ''}.",
            good=True,
        )
        return
    if systems:
        st.caption(f"{notation.out_of(number, now['incomplete'])} concern the systems chosen")
    rows = data.page(page.ref, systems, lists.rows_from_to("erasures", number, _SIZE))
    column = st.column_config
    lists.table(
        "leftovers",
        [_said(row) | {"Closed": notation.day(row["closed_date"])} for row in rows],
        alt="Erasures that left something behind, oldest first",
        columns={
            "Request": column.TextColumn(width=92),
            "Closed": column.TextColumn(width=92),
            "What is missing": column.TextColumn(width=196),
            "Left behind": column.TextColumn(width=136),
        },
        opens=lambda place: st.switch_page(
            file_of("Requests"), query_params=page.carried | {"request": rows[place]["request_key"]}
        ),
    )
    lists.turn("erasures", number, len(rows), _SIZE)


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """An erasure in the reader's words, as it is taken away."""
    return {
        "Request": row["request_id"],
        "Closed": row["closed_date"],
        "What is missing": missing(row),
        "Left behind": left_behind(row),
    }


def missing(row: dict[str, Any]) -> str:
    """What an erasure lacks: confirmations, and where data is alive, came back or was created again."""
    parts = [f"{system}: not confirmed" for system in row["unconfirmed_systems"]]
    if row["missed_records"]:
        what = "came back" if row["reappeared_sets"] == row["missed_records"] else "still there"
        where = ", ".join(row["alive_systems"]) or "a record set"
        parts.append(f"{where}: {what}")
    if row["recreated_sets"]:
        parts.append(f"{notation.days(row['recreated_sets'], of='set')} created again")
    return "; ".join(parts)


def left_behind(row: dict[str, Any]) -> str:
    """`1 set · 14 records`, or a dash where only a confirmation is missing."""
    if not row["missed_records"]:
        return notation.NULL
    return f"{notation.days(row['missed_records'], of='set')} · {notation.days(row['missed_record_count'], of='record')}"
