"""Findings: everything that is wrong, one row per cause, in one worklist across all logs.

Here: the page, its filters and its table. Not here: one finding in full (finding.py), its wording (finding_words.py), the
rows (data/findings.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, frame, notation, parameters, snapshots, words
from dashboards.data import findings as data
from dashboards.data.findings import Asked
from dashboards.figures import guarded, nothing
from dashboards.page import Page
from dashboards.views import finding, finding_words

SIZE = 15
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
    page = frame.open_page("Findings")
    number, _, _ = data.kinds(page.ref)
    day = notation.day(page.today)
    sentence = f"Everything that is wrong by {day}, one row per cause: {notation.count(number)} to date{_news(page)}"
    frame.header(page, "Findings", sentence, by_period=False)
    worklist(page)


def _news(page: Page) -> str:
    earlier = snapshots.before(page.ref)
    if earlier is None:
        return ""
    new = data.seen_after(page.ref, page.snapshot.as_of.fromisoformat(earlier["known_at"]))
    return f", {notation.count(new)} from rows that came since snapshot {earlier['id']}"


def read(page: Page) -> Asked:
    """The filters in the address; a value that the snapshot does not hold is dropped."""
    _, areas, clauses = data.kinds(page.ref)
    return Asked(
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
    asked, zone = read(page), page.snapshot.zone
    whole, areas, clauses = data.kinds(page.ref)
    by_severity = data.severities(page.ref, asked, zone)
    order = parameters.one("sort", data.ORDERS, "severity") or ""
    number = by_severity[asked.severity] if asked.severity else sum(by_severity.values())
    _controls(asked, by_severity, areas, clauses)
    _second_line(page, asked, order, number, whole)
    if not number:
        nothing(
            "No finding matches" if whole else "Nothing is wrong",
            f"0 of {notation.count(whole)} findings {'match these filters.' if whole else 'to date.'}",
            good=not whole,
        )
        if asked.by_name():
            st.button("Clear filters", on_click=lambda: parameters.drop([*_FILTERS, "page"]))
    else:
        pages = -(-number // SIZE)
        at = parameters.number("page", 1, pages)
        rows = data.page(page.ref, asked, order, zone, (SIZE * (at - 1), SIZE * at))
        _table(page, rows)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(
                f"Rows {SIZE * (at - 1) + 1}{notation.TO}{SIZE * (at - 1) + len(rows)} of {notation.count(number)}",
                width="content",
            )
            if pages > 1:
                st.session_state["page"] = at
                st.pagination(pages, key="page", on_change=lambda: parameters.put("page", str(st.session_state["page"]), "1"))
    finding.drawer_if_asked(page, FRAME)


def _controls(asked: Asked, by_severity: dict[str, int], areas: dict[str, int], clauses: dict[str, int]) -> None:
    labels = {"all": f"All · {notation.count(sum(by_severity.values()))}"} | {
        code: f"{words.SEVERITIES[code].cell} · {notation.count(number)}" for code, number in by_severity.items()
    }
    st.session_state["severity"] = asked.severity or "all"
    st.session_state["area"], st.session_state["clause"] = list(asked.area), list(asked.clause)
    st.session_state["since"], st.session_state["q"] = asked.since, asked.search
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls-findings"):
        st.segmented_control(
            "Severity",
            list(labels),
            format_func=labels.__getitem__,
            key="severity",
            required=True,
            on_change=lambda: _keep("severity", "all"),
        )
        st.multiselect(
            "Area",
            list(areas),
            format_func=lambda code: f"{words.say(finding_words.AREAS, code)} · {notation.count(areas[code])}",
            key="area",
            placeholder="All areas",
            width=160,
            on_change=lambda: _keep("area"),
        )
        st.multiselect(
            "Promise",
            list(clauses),
            format_func=lambda code: f"{code} · {notation.count(clauses[code])}",
            key="clause",
            placeholder="All promises",
            width=150,
            on_change=lambda: _keep("clause"),
        )
        st.date_input("First seen since", key="since", format="YYYY-MM-DD", width=130, on_change=_keep_day)
        st.text_input(
            "Search",
            key="q",
            icon=":material/search:",
            placeholder="Request, system, batch",
            max_chars=80,
            width=170,
            on_change=lambda: _keep("q"),
        )


def _second_line(page: Page, asked: Asked, order: str, number: int, whole: int) -> None:
    st.session_state["sort"] = order
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="controls-list"):
        st.caption(f"{notation.out_of(number, whole)} findings. Select a row to see where it comes from", width="stretch")
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
            lambda: [
                _said(row, page.snapshot.zone) | _exact(row) for row in data.every(page.ref, asked, order, page.snapshot.zone)
            ],
            number=number,
            of=whole,
            filters=asked.by_name(),
        )


def _said(row: dict[str, Any], zone: str) -> dict[str, Any]:
    """A finding in the reader's words."""
    return {
        "Severity": words.SEVERITIES[row["severity"]].text,
        "Promise": row["clause_id"] or notation.NULL,
        "Finding": row["word"],
        "What": finding_words.what(row),
        "Detail": finding_words.detail(row, zone),
        "Happened": notation.day(notation.local(row["occurred_at"], zone).date()) if row["occurred_at"] else notation.NULL,
        "Batch · row": f"{row['batch_id']} · {notation.count(row['row_number'])}" if row["batch_id"] else notation.NULL,
        "First seen": notation.day(notation.local(row["first_seen_at"], zone).date()) if row["first_seen_at"] else notation.NULL,
    }


def _exact(row: dict[str, Any]) -> dict[str, Any]:
    """What a file must say exactly: instants, and the keys by which a finding is found again."""
    return {
        "Happened": row["occurred_at"],
        "First seen": row["first_seen_at"],
        "Promises": "; ".join(row["clauses"]),
        "Area": row["area"],
        "Code": row["finding_code"],
        "Source": row["source"],
        "Entity": row["entity"],
        "Event": row["event_id"],
        "Key": row["finding_key"],
    }


def _table(page: Page, rows: list[dict[str, Any]]) -> None:
    zone = page.snapshot.zone
    table = pd.DataFrame([_said(row, zone) | {"Severity": [words.SEVERITIES[row["severity"]].cell]} for row in rows])
    column = st.column_config
    states = list(words.SEVERITIES.values())
    st.dataframe(
        table,
        hide_index=True,
        row_height=34,
        height="content",
        selection_mode="single-row",
        on_select=lambda: finding.choose(FRAME, [row["finding_key"] for row in rows]),
        placeholder=notation.NULL,
        key=finding.frame_key(FRAME),
        alt="Findings, one row per cause",
        column_config={
            "Severity": column.MultiselectColumn(
                width=90, options=[word.cell for word in states], color=[word.colour for word in states]
            ),
            "Promise": column.TextColumn(width=66),
            "Finding": column.TextColumn(width=236),
            "What": column.TextColumn(width=166),
            "Detail": column.TextColumn(width=190),
            "Happened": column.TextColumn(width=86),
            "Batch · row": column.TextColumn(width=110),
            "First seen": column.TextColumn(width=86),
        },
    )


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
