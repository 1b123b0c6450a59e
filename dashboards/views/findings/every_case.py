"""The findings case by case: one line per finding, with the landed row that it leads back to.

Here: the filters and the table. Not here: one finding in full (drawer.py), the rows (data/findings.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import streamlit as st

from dashboards.components import controls, filter_bar, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import nothing
from dashboards.components.tables import Column
from dashboards.data import finding_groups
from dashboards.data import findings as data
from dashboards.data.findings import FindingFilters
from dashboards.data.query import Row
from dashboards.page import Page
from dashboards.views.findings import drawer, wording
from dashboards.views.findings.by_cause import FILTERS
from promisekept.presentation import formats, labels, statuses

_SORTS = {
    "severity": "Worst first",
    "newest": "Newest first",
    "oldest": "Oldest first",
    "seen": "Last seen first",
    "area": "By area",
}


def draw(page: Page, selection: FindingFilters) -> None:
    """Draw the filters and the list."""
    zone = page.snapshot.zone
    whole, *_ = data.kinds(page.ref)
    by_severity = data.severities(page.ref, selection, zone)
    order = controls.sorting(_SORTS)
    number = by_severity[selection.severity] if selection.severity else sum(by_severity.values())
    listing = Listing(
        "findings_frame",
        _columns(zone),
        number,
        (data.page, page.ref, selection, order, zone),
        alt="Findings, one line per case",
        zone=zone,
        opens=lambda row: tables.opened(drawer.NAME, row["finding_key"], scope="fragment"),
    )
    _controls(page, selection, by_severity, order)
    _second_line(listing, selection, whole)
    if number:
        listing.draw()
        return
    nothing(
        "No finding matches" if whole else "Nothing is wrong",
        f"0 of {formats.count(whole)} findings {'match these filters.' if whole else 'to date.'}",
        good=not whole,
    )
    if selection.by_name():
        filter_bar.clear(FILTERS)


def _by_cause(page: Page, selection: FindingFilters) -> list[Row]:
    """The causes of what the other filters choose; state and owner are theirs."""
    return finding_groups.groups(page.ref, replace(selection, state="", owner="", groups=None), page.snapshot.zone)


def _controls(page: Page, selection: FindingFilters, by_severity: dict[str, int], order: str) -> None:
    _, areas, clauses = data.kinds(page.ref)
    causes = _by_cause(page, selection)
    cases = Counter[str]()
    for row in causes:
        cases[row["state"]] += row["cases"]
    states = {"": "All"} | {
        code: f"{statuses.REMEDIATIONS[code].cell} · {formats.count(cases[code])}" for code in finding_groups.STATES
    }
    owners = {"": "All"} | {owner: owner for owner in finding_groups.named_owners(causes)}
    if selection.owner:
        owners.setdefault(selection.owner, selection.owner)
    titles = {"all": f"All · {formats.count(sum(by_severity.values()))}"} | {
        code: f"{statuses.SEVERITIES[code].cell} · {formats.count(number)}" for code, number in by_severity.items()
    }
    in_areas = {code: f"{labels.label(wording.AREAS, code)} · {formats.count(number)}" for code, number in areas.items()}
    against = {code: f"{code} · {formats.count(number)}" for code, number in clauses.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls-findings"):
        controls.segments("severity", "Severity", titles, selection.severity or "all", "all", label_visibility="visible")
        controls.several("area", "Area", in_areas, selection.area, placeholder="All areas", width=160)
        controls.several("clause", "Promise", against, selection.clause, placeholder="All promises", width=150)
        controls.choice("state", "State", states, selection.state, width=160)
        controls.choice("owner", "Owner", owners, selection.owner, width=150)
        controls.day("since", "First seen since", selection.since)
        controls.search("q", "Search", selection.search, placeholder="Request, system, batch", width=190)
        controls.choice("sort", "Sorted by", _SORTS, order, "severity", width=150)


def _second_line(listing: Listing, selection: FindingFilters, whole: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="controls-list"):
        st.caption(f"{formats.out_of(listing.number, whole)} findings", width="stretch")
        listing.export("worklist", of=whole, filters=selection.by_name())


def _columns(zone: str) -> tuple[Column, ...]:
    return (
        Column("Severity", lambda row: statuses.SEVERITIES[row["severity"]], 90),
        Column("Promise", "clause_id", 66),
        Column("Finding", "word", 236),
        Column("What", wording.what, 166),
        Column("Detail", lambda row: wording.detail(row, zone), 190),
        Column("Happened", "occurred_at", 90, lambda row: formats.local_day(row["occurred_at"], zone)),
        Column("Batch · row", tables.landed, 110),
        Column("First seen", "first_seen_at", 90, lambda row: formats.local_day(row["first_seen_at"], zone)),
        Column("Promises", lambda row: "; ".join(row["clauses"]), only="file"),
        Column("Area", "area", only="file"),
        Column("Code", "finding_code", only="file"),
        Column("Source", "source", only="file"),
        Column("Entity", "entity", only="file"),
        Column("Event", "event_id", only="file"),
        Column("Key", "finding_key", only="file"),
    )
