"""Erasures that were reported as done and are incomplete, the oldest first, and the systems that never confirmed.

Here: the two lists of the retention page. Not here: one request (requests/detail.py), the share of complete ones (page.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import access
from dashboards.components import export, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import control_results, names
from dashboards.data import erasures as data
from dashboards.page import Page, file_of
from promisekept.presentation import formats

_SIZE = 10


def missing(row: dict[str, Any]) -> str:
    """What an erasure lacks: confirmations, and where data is alive, reappeared after deletion or was created again."""
    parts = [f"{system}: not confirmed" for system in row["unconfirmed_systems"]]
    if row["missed_records"]:
        what = "reappeared after deletion" if row["reappeared_sets"] == row["missed_records"] else "still there"
        where = ", ".join(row["alive_systems"]) or "a record set"
        parts.append(f"{where}: {what}")
    if row["recreated_sets"]:
        parts.append(f"{formats.days(row['recreated_sets'], of='set')} created again")
    return "; ".join(parts)


def left_behind(row: dict[str, Any]) -> str:
    """`1 set · 14 records`, or a dash where only a confirmation is missing."""
    if not row["missed_records"]:
        return formats.NULL
    return f"{formats.days(row['missed_records'], of='set')} · {formats.days(row['missed_record_count'], of='record')}"


def _systems(page: Page) -> tuple[Column, ...]:
    return (
        Column("System", "system", shown=lambda row: names.written(page.ref, "system", row["system"])),
        Column("Not confirmed", "silent", shown=lambda row: formats.out_of(row["silent"], row["expected"])),
        Column("Expected", "expected", only="file"),
        Column("Oldest since", "oldest"),
        Column("Within grace", "within_grace"),
    )


_ERASURES = (
    Column("Request", "request_id", 92),
    Column("Closed", "closed_date", 92),
    Column("What is missing", missing, 196),
    Column("Remaining data", left_behind, 136),
)


@st.fragment
@guarded
def draw(page: Page, systems: tuple[str, ...]) -> None:
    """Draw both lists; turning a page reruns nothing else."""
    if not control_results.holds(page.ref, "fct_erasures"):
        with section("Incomplete erasures", "0 fulfilled"):
            nothing("No erasure has been fulfilled", "0 requests for erasure are reported as fulfilled.")
        return
    now = data.counts(page.ref, systems)
    listing = Listing(
        "leftovers",
        _ERASURES,
        now["left_behind"],
        (data.page, page.ref, systems),
        alt="Incomplete erasures, oldest first",
        opens=lambda row: st.switch_page(file_of("Requests"), query_params=page.carried | {"request": row["request_key"]}),
        size=_SIZE,
        parameter="erasures",
    )

    def control() -> None:
        listing.export("incomplete erasures", of=now["assessed"], filters={"system": systems})

    with section(
        "Incomplete erasures",
        f"{formats.out_of(now['incomplete'], now['assessed'])} assessed to date, the oldest first; "
        f"{formats.count(now['pending'])} more are within their grace",
        control if access.may("rows") else None,
        anchor="erasures",
    ):
        _unconfirmed(page, systems)
        if access.may("rows"):
            _requests(listing, systems, now)


def _unconfirmed(page: Page, systems: tuple[str, ...]) -> None:
    found = [row for row in data.unconfirmed(page.ref) if not systems or row["system"] in systems]
    unconfirmed = [row for row in found if row["silent"]]
    st.markdown("**Systems that have not confirmed**")
    if not unconfirmed:
        expected = sum(row["expected"] for row in found)
        nothing("Every system has confirmed", f"0 of {formats.count(expected)} confirmations are missing.", good=True)
        return
    tables.small(_systems(page), unconfirmed)
    export.button("systems that have not confirmed", unconfirmed, _systems(page), filters={"system": systems})


def _requests(listing: Listing, systems: tuple[str, ...], now: dict[str, Any]) -> None:
    if not listing.number:
        nothing(
            "No erasure is incomplete",
            f"0 of {formats.count(now['assessed'])} assessed{' in the systems chosen' if systems else ''}.",
            good=True,
        )
        return
    if systems:
        st.caption(f"{formats.out_of(listing.number, now['incomplete'])} concern the systems chosen")
    listing.draw()
