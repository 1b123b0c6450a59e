"""The findings by cause: one line per group, with its number of cases, its owner, its state and when it is due.

Here: the filters and the table. Not here: one group in full (group_drawer.py), the groups (data/finding_groups.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboards import remediating
from dashboards.components import controls, filter_bar, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import nothing
from dashboards.components.tables import Column
from dashboards.data import finding_groups as data
from dashboards.data import findings
from dashboards.data.findings import FindingFilters
from dashboards.page import Page
from dashboards.views.findings import drawer, wording
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.statuses import Status

_SORTS = {
    "severity": "Worst first",
    "cases": "Most cases first",
    "newest": "Newest case first",
    "oldest": "Oldest case first",
    "due": "Due first",
}
FILTERS = ("state", "severity", "area", "clause", "since", "owner", "q")


def draw(page: Page, selection: FindingFilters) -> None:
    """Draw the filters and the list."""
    zone = page.snapshot.zone
    order = controls.sorting(_SORTS)
    every = data.groups(page.ref, replace(selection, severity=""), zone)
    found = [row for row in every if selection.severity in ("", row["severity"])]
    shown = data.in_state(found, selection.state, selection.owner)
    whole = data.groups(page.ref, FindingFilters(), zone)
    cases, every_case = (sum(row["cases"] for row in rows) for rows in (shown, whole))
    listing = Listing(
        "groups_frame",
        _columns(_pending(page)),
        len(shown),
        (data.listed, shown, order),
        alt="Findings, one line per cause",
        zone=zone,
        opens=lambda row: tables.opened(drawer.GROUP, row["group_key"], scope="fragment"),
    )
    _controls(page, selection, every, found, order)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="controls-list"):
        by_severity = Counter(row["severity"] for row in shown)
        kinds = " · ".join(f"{statuses.SEVERITIES[code].text} {by_severity[code]}" for code in findings.SEVERITIES)
        number = f"{formats.days(len(shown), of='cause')}, {formats.out_of(cases, every_case)} cases. {kinds}"
        st.caption(number, width="stretch")
        listing.export("causes", of=len(whole), filters=selection.by_name())
    if not shown:
        title = "No group matches" if whole else "No finding in this snapshot"
        of = f"0 of {formats.count(len(whole))} causes match these filters." if whole else "Nothing is wrong to date."
        nothing(title, of, good=not whole)
        if selection.by_name():
            filter_bar.clear(FILTERS)
        return
    listing.draw()


def _controls(
    page: Page, selection: FindingFilters, every: list[dict[str, Any]], found: list[dict[str, Any]], order: str
) -> None:
    number = data.counts(found)
    states = {"": f"Not resolved · {formats.count(number[''])}"} | {
        code: f"{statuses.REMEDIATIONS[code].cell} · {formats.count(number[code])}" for code in data.STATES
    }
    by_severity = Counter(row["severity"] for row in every)
    severities = {"": "All"} | {code: f"{statuses.SEVERITIES[code].text} · {by_severity[code]}" for code in findings.SEVERITIES}
    _, areas, clauses = findings.kinds(page.ref)
    in_areas = {code: labels.label(wording.AREAS, code) for code in areas}
    owners = {"": "All"} | {owner: owner for owner in data.named_owners(every)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls-findings"):
        controls.segments("state", "State", states, selection.state, "", label_visibility="visible")
        controls.choice("severity", "Severity", severities, selection.severity, width=120)
        controls.several("area", "Area", in_areas, selection.area, placeholder="All", width=130)
        controls.several("clause", "Promise", {code: code for code in clauses}, selection.clause, placeholder="All", width=130)
        controls.choice("owner", "Owner", owners, selection.owner, width=130)
        controls.search("q", "Search", selection.search, placeholder="Recipient, system, source", width=210)
        controls.choice("sort", "Sorted by", _SORTS, order, "severity", width=170)


def _pending(page: Page) -> frozenset[str | None]:
    """The groups about which something is recorded that this snapshot does not have yet."""
    return frozenset(act.group_key for act in remediating.pending(remediating.not_yet_shown(page)))


def _columns(pending: frozenset[str | None]) -> tuple[Column, ...]:
    def states(row: dict[str, Any]) -> tuple[Status, ...]:
        return (wording.state(row), *((statuses.PENDING,) if row["group_key"] in pending else ()))

    return (
        Column("State", states, 176),
        Column("Severity", lambda row: statuses.SEVERITIES.get(row["severity"]), 90),
        Column("Cases", "cases", 60),
        Column("Finding, by cause", wording.group, 314),
        Column("Promise", "clause_id", 66),
        Column("First", "first_day", 90),
        Column("Last", "last_day", 90),
        Column("Owner", "owner", 110),
        Column("Due", "due_date", 90),
        Column("Promises", lambda row: "; ".join(row["clauses"]), only="file"),
        Column("Accepted until", "accepted_until", only="file"),
        Column("Code", "finding_code", only="file"),
        Column("Cause", lambda row: "; ".join(f"{name}={value}" for name, value in row["cause"].items()), only="file"),
        Column("Key", "group_key", only="file"),
    )
