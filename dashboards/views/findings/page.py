"""Findings: everything that is wrong, one row per cause, in one worklist across all logs.

Here: the page, its filters and its table. Not here: one finding in full (drawer.py), its wording (wording.py), the
rows (data/findings.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import layout, parameters, snapshots
from dashboards.components import controls, filter_bar, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import guarded, nothing
from dashboards.components.tables import Column
from dashboards.data import findings as data
from dashboards.data.findings import Selection
from dashboards.page import Page
from dashboards.views.findings import drawer, wording
from promisekept.presentation import formats, labels, statuses

FRAME = "findings_frame"
_FILTERS = ("severity", "area", "clause", "since", "q")
_SORTS = {
    "severity": "Worst first",
    "newest": "Newest first",
    "oldest": "Oldest first",
    "seen": "Last seen first",
    "area": "By area",
}


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Findings")
    number, _, _ = data.kinds(page.ref)
    day = formats.day(page.today)
    sentence = f"All open findings as of {day}, one row per cause: {formats.count(number)} to date{_news(page)}"
    layout.header(page, "Findings", sentence, by_period=False)
    worklist(page)


def _news(page: Page) -> str:
    earlier = snapshots.before(page.ref)
    if earlier is None:
        return ""
    new = data.seen_after(page.ref, page.snapshot.as_of.fromisoformat(earlier["known_at"]))
    return f", {formats.count(new)} from rows that came since snapshot {earlier['id']}"


def read(page: Page) -> Selection:
    """The filters in the address; a value that the snapshot does not hold is dropped."""
    _, areas, clauses = data.kinds(page.ref)
    return Selection(
        severity=parameters.one("severity", data.SEVERITIES) or "",
        area=parameters.several("area", areas),
        clause=parameters.several("clause", clauses),
        since=parameters.day("since"),
        search=parameters.text("q", 80).strip(),
    )


@st.fragment
@guarded
def worklist(page: Page) -> None:
    """The filters, the table and the drawer; they rerun nothing else."""
    selection, zone = read(page), page.snapshot.zone
    whole, areas, clauses = data.kinds(page.ref)
    by_severity = data.severities(page.ref, selection, zone)
    order = parameters.one("sort", data.ORDERS, "severity") or ""
    number = by_severity[selection.severity] if selection.severity else sum(by_severity.values())
    listing = Listing(
        FRAME,
        _columns(zone),
        number,
        (data.page, page.ref, selection, order, zone),
        alt="Findings, one row per cause",
        zone=zone,
        opens=lambda row: tables.opened(drawer.NAME, row["finding_key"], scope="fragment"),
    )
    _controls(selection, by_severity, areas, clauses)
    _second_line(listing, selection, order, whole)
    if not number:
        nothing(
            "No finding matches" if whole else "Nothing is wrong",
            f"0 of {formats.count(whole)} findings {'match these filters.' if whole else 'to date.'}",
            good=not whole,
        )
        if selection.by_name():
            filter_bar.clear(_FILTERS)
    else:
        listing.draw()
    drawer.drawer_of_address(page)


def _controls(selection: Selection, by_severity: dict[str, int], areas: dict[str, int], clauses: dict[str, int]) -> None:
    titles = {"all": f"All · {formats.count(sum(by_severity.values()))}"} | {
        code: f"{statuses.SEVERITIES[code].cell} · {formats.count(number)}" for code, number in by_severity.items()
    }
    in_areas = {code: f"{labels.label(wording.AREAS, code)} · {formats.count(number)}" for code, number in areas.items()}
    against = {code: f"{code} · {formats.count(number)}" for code, number in clauses.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls-findings"):
        controls.segments("severity", "Severity", titles, selection.severity or "all", "all", label_visibility="visible")
        controls.several("area", "Area", in_areas, selection.area, placeholder="All areas", width=160)
        controls.several("clause", "Promise", against, selection.clause, placeholder="All promises", width=150)
        controls.day("since", "First seen since", selection.since)
        controls.search("q", "Search", selection.search, placeholder="Request, system, batch", width=170)


def _second_line(listing: Listing, selection: Selection, order: str, whole: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="controls-list"):
        st.caption(f"{formats.out_of(listing.number, whole)} findings. Select a row to see where it comes from", width="stretch")
        controls.choice("sort", "Sorted by", _SORTS, order, "severity", label_visibility="collapsed", width=150)
        listing.export("worklist", of=whole, filters=selection.by_name())


def _columns(zone: str) -> tuple[Column, ...]:
    return (
        Column("Severity", lambda row: statuses.SEVERITIES[row["severity"]], 90),
        Column("Promise", "clause_id", 66),
        Column("Finding", "word", 236),
        Column("What", wording.what, 166),
        Column("Detail", lambda row: wording.detail(row, zone), 190),
        Column("Happened", "occurred_at", 86, lambda row: formats.local_day(row["occurred_at"], zone)),
        Column("Batch · row", tables.landed, 110),
        Column("First seen", "first_seen_at", 86, lambda row: formats.local_day(row["first_seen_at"], zone)),
        Column("Promises", lambda row: "; ".join(row["clauses"]), only="file"),
        Column("Area", "area", only="file"),
        Column("Code", "finding_code", only="file"),
        Column("Source", "source", only="file"),
        Column("Entity", "entity", only="file"),
        Column("Event", "event_id", only="file"),
        Column("Key", "finding_key", only="file"),
    )


if __name__ == "__main__":
    main()
