"""Findings: everything that is wrong, one row per cause, in one worklist across all logs.

Here: the page, its filters and its table. Not here: one finding in full (drawer.py), its wording (wording.py), the
rows (data/findings.py).
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboards import layout, parameters, snapshots
from dashboards.components import export, filter_bar, tables
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
    _controls(selection, by_severity, areas, clauses)
    _second_line(page, selection, order, number, whole)
    if not number:
        nothing(
            "No finding matches" if whole else "Nothing is wrong",
            f"0 of {formats.count(whole)} findings {'match these filters.' if whole else 'to date.'}",
            good=not whole,
        )
        if selection.by_name():
            filter_bar.clear(_FILTERS)
    else:
        rows = data.page(page.ref, selection, order, zone, tables.rows_from_to("page", number))
        tables.listed(
            FRAME,
            _columns(zone),
            rows,
            zone,
            alt="Findings, one row per cause",
            opens=lambda row: tables.opened(drawer.NAME, row["finding_key"], scope="fragment"),
        )
        tables.turn("page", number, len(rows))
    drawer.drawer_if_asked(page)


def _controls(selection: Selection, by_severity: dict[str, int], areas: dict[str, int], clauses: dict[str, int]) -> None:
    titles = {"all": f"All · {formats.count(sum(by_severity.values()))}"} | {
        code: f"{statuses.SEVERITIES[code].cell} · {formats.count(number)}" for code, number in by_severity.items()
    }
    st.session_state["severity"] = selection.severity or "all"
    st.session_state["area"], st.session_state["clause"] = list(selection.area), list(selection.clause)
    st.session_state["since"], st.session_state["q"] = selection.since, selection.search
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls-findings"):
        st.segmented_control(
            "Severity",
            list(titles),
            format_func=titles.__getitem__,
            key="severity",
            required=True,
            on_change=lambda: _keep("severity", "all"),
        )
        st.multiselect(
            "Area",
            list(areas),
            format_func=lambda code: f"{labels.label(wording.AREAS, code)} · {formats.count(areas[code])}",
            key="area",
            placeholder="All areas",
            width=160,
            on_change=lambda: _keep("area"),
        )
        st.multiselect(
            "Promise",
            list(clauses),
            format_func=lambda code: f"{code} · {formats.count(clauses[code])}",
            key="clause",
            placeholder="All promises",
            width=150,
            on_change=lambda: _keep("clause"),
        )
        st.date_input("First seen since", key="since", format="YYYY-MM-DD", width=144, on_change=_keep_day)
        st.text_input(
            "Search",
            key="q",
            icon=":material/search:",
            placeholder="Request, system, batch",
            max_chars=80,
            width=170,
            on_change=lambda: _keep("q"),
        )


def _second_line(page: Page, selection: Selection, order: str, number: int, whole: int) -> None:
    st.session_state["sort"], zone = order, page.snapshot.zone
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="controls-list"):
        st.caption(f"{formats.out_of(number, whole)} findings. Select a row to see where it comes from", width="stretch")
        st.selectbox(
            "Sorted by",
            list(data.ORDERS),
            format_func=_SORTS.__getitem__,
            key="sort",
            label_visibility="collapsed",
            width=150,
            on_change=lambda: _keep("sort", "severity"),
        )
        export.control(
            "worklist",
            lambda: tables.exported(_columns(zone), data.every(page.ref, selection, order, zone)),
            number=number,
            of=whole,
            filters=selection.by_name(),
        )


def _columns(zone: str) -> tuple[Column, ...]:
    return (
        Column("Severity", lambda row: statuses.SEVERITIES[row["severity"]], 90),
        Column("Promise", "clause_id", 66),
        Column("Finding", "word", 236),
        Column("What", wording.what, 166),
        Column("Detail", lambda row: wording.detail(row, zone), 190),
        Column("Happened", "occurred_at", 86, lambda row: _day(row["occurred_at"], zone)),
        Column("Batch · row", tables.landed, 110),
        Column("First seen", "first_seen_at", 86, lambda row: _day(row["first_seen_at"], zone)),
        Column("Promises", lambda row: "; ".join(row["clauses"]), only="file"),
        Column("Area", "area", only="file"),
        Column("Code", "finding_code", only="file"),
        Column("Source", "source", only="file"),
        Column("Entity", "entity", only="file"),
        Column("Event", "event_id", only="file"),
        Column("Key", "finding_key", only="file"),
    )


def _day(at: datetime | None, zone: str) -> str:
    return formats.day(formats.local(at, zone).date() if at else None)


def _keep(name: str, default: str | None = None) -> None:
    value = st.session_state[name]
    parameters.put(name, value.strip() if isinstance(value, str) else value, default)
    parameters.drop(["page"])


def _keep_day() -> None:
    chosen = st.session_state["since"]
    parameters.put("since", chosen.isoformat() if chosen else None)
    parameters.drop(["page"])


if __name__ == "__main__":
    main()
