"""Withdrawals and the systems that have to stop: how long each took, and which have not confirmed, oldest first.

Here: two sections of the consent page. Not here: the rows (data/withdrawals.py), the page's figures (page.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import parameters
from dashboards.charts import consents as charts
from dashboards.charts import theme
from dashboards.components import controls, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import metrics, names
from dashboards.data import withdrawals as data
from dashboards.data.query import Row
from dashboards.data.withdrawals import WithdrawalFilters
from dashboards.page import Page
from dashboards.views.consent import withdrawal_drawer
from promisekept.presentation import formats, statuses

MOST = 12
"""Systems that a chart of the greatest height holds."""
_PERCENTILES = {"median": "withdrawal_propagation_p50_hours", "p95": "withdrawal_propagation_p95_hours"}
_EMPTY = {
    "unconfirmed": "Every system that is due has confirmed",
    "pending": "No confirmation is awaited",
    "late": "No confirmation came late",
}


def _state(row: dict[str, Any]) -> str:
    again = row["status"] == "unconfirmed" and row["consented_again_at"] is not None
    return "given_again" if again else str(row["status"])


def _overdue(hours: float) -> str:
    """`31 h`, `12 days`; a dash where the hours are not over."""
    if hours <= 0:
        return formats.NULL
    return formats.days(int(hours // 24)) if hours >= 48 else charts.hours(hours)


def _columns(page: Page) -> tuple[Column, ...]:
    return (
        Column("Status", lambda row: statuses.WITHDRAWALS[_state(row)], 126),
        Column("System", "system", 120, lambda row: names.label(page.ref, "system", row["system"])),
        Column("Purpose", lambda row: names.label(page.ref, "purpose_code", row["purpose_code"]), 110),
        Column("Person", lambda row: tables.person(row["subject_key"]), 92),
        Column("Withdrawn", "withdrawn_at", 158),
        Column("Confirm by", "confirm_by", 158),
        Column("Overdue", lambda row: _overdue(row["hours_over"]), 76, align="right"),
        Column("Source", "source", 120),
        Column("Batch · row", tables.landed, 112),
    )


def with_percentiles(page: Page, chosen: WithdrawalFilters, found: list[Row]) -> list[Row]:
    """The systems with the percentiles that the mart holds; with purposes chosen it holds none, and those counted stay."""
    if chosen.purpose:
        return found
    percentiles = metrics.by_value(page.ref, tuple(_PERCENTILES.values()), page.period, "system")
    return [
        row | {name: percentiles[row["system"]][code].value for name, code in _PERCENTILES.items()}
        if row["system"] in percentiles
        else row
        for row in found
    ]


@guarded
def took(page: Page, chosen: WithdrawalFilters) -> None:
    """Median to 95th percentile by system, against the limit."""
    found = data.by_system(page.ref, chosen, page.period, page.snapshot.zone)
    found = with_percentiles(page, chosen, found)
    limits = sorted({limit for row in found for limit in row["limits"]})
    many = "Limits" if len(limits) > 1 else "Limit"
    limit = f" {many} of the policy pack: {' and '.join(str(hours) for hours in limits)} hours" if limits else ""
    with section(
        "How long each system took to apply a withdrawal",
        f"Hours from a withdrawal in {page.period.noun} to the confirmation; bar: median to 95th percentile of all expected "
        f"(Kaplan-Meier, unconfirmed ones as long as they last), beside the system how many confirmed.{limit}",
    ):
        if not found:
            nothing(
                "Nobody withdrew a consent that a system has to apply",
                f"0 withdrawals in {page.period.words} with these filters.",
            )
            return
        numbers = [
            {
                "System": names.label(page.ref, "system", row["system"]),
                "Confirmed": row["confirmed"],
                "Expected": row["expected"],
                "In time": row["in_time"],
                "Median, hours": row["median"],
                "95th percentile, hours": row["p95"],
                "Limit, hours": " and ".join(map(str, row["limits"])),
            }
            for row in found
        ]
        drawn = [row | {"called": names.label(page.ref, "system", row["system"])} for row in found[:MOST]]
        if len(found) > MOST:
            st.caption(f"The {MOST} of {len(found)} systems that took longest, those that confirmed none first")
        theme.show(
            charts.took(drawn, limits),
            numbers,
            "by system",
            height=theme.height(len(found), 4, 7),
        )


@st.fragment
@guarded
def worklist(page: Page, chosen: WithdrawalFilters) -> None:
    """Which systems have not confirmed which withdrawals; its controls rerun nothing else."""
    now = data.counted(page.ref, chosen)
    titles = {
        "unconfirmed": f"Not confirmed · {formats.count(now['unconfirmed'])}",
        "pending": f"Still in time · {formats.count(now['pending'])}",
        "late": f"Confirmed late · {formats.count(now['late'])}",
    }
    which = parameters.one("list", data.LISTS, "unconfirmed") or ""

    listing = Listing(
        "withdrawals_frame",
        _columns(page),
        now[which],
        (data.page, page.ref, chosen, which, page.snapshot.as_of),
        alt="Withdrawals and the systems that have to confirm them, oldest first",
        zone=page.snapshot.zone,
        opens=lambda row: tables.opened(withdrawal_drawer.NAME, row["withdrawal_key"]),
        order="oldest first",
    )

    def draw_controls() -> None:
        controls.segments("list", "List", titles, which, "unconfirmed")
        listing.export(f"withdrawals, {titles[which].partition(' · ')[0].lower()}", of=now["expected"], filters=chosen.bound())

    oldest = f", the oldest withdrawal {formats.age(page.snapshot.as_of - now['oldest'])} ago" if now["unconfirmed"] else ""
    most = sorted((now["by_system"] or {}).items(), key=lambda item: (-item[1], item[0]))
    spoken = ", ".join(f"{names.written(page.ref, 'system', system)} {formats.count(number)}" for system, number in most[:3])
    rest = f" and {len(most) - 3} more systems" if len(most) > 3 else ""
    with section(
        "Systems that have not confirmed a withdrawal",
        f"{formats.out_of(now['unconfirmed'], now['expected'])} expected confirmations ever are overdue{oldest}"
        f"{': ' if spoken else ''}{spoken}{rest}. Oldest first, whatever the period",
        draw_controls,
        anchor="not-confirmed",
    ):
        if not listing.number:
            narrowed = " with these filters" if chosen.chosen else ""
            nothing(_EMPTY[which], f"0 of {formats.count(now['expected'])} expected confirmations{narrowed}.", good=True)
            return
        if any(_state(row) == "given_again" for row in listing.draw()):
            st.caption("Given again: the person consented again before the system confirmed, so nothing can confirm it any more")
