"""Where data is retained beyond schedule, drawn: category by system, and age against the schedule.

Here: the middle of the retention page on its date. Not here: the figures above (page.py), the rows (overdue.py), other
dates (history.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards import access, markdown
from dashboards.charts import heatmap, retention, theme
from dashboards.charts.heatmap import HeatmapCell
from dashboards.charts.retention import Bar
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.sections import guarded, nothing, pair, section
from dashboards.data import names, records
from dashboards.data.records import RecordFilters
from dashboards.page import Page
from dashboards.views.retention import history, overdue
from dashboards.views.retention.dates import StateDate
from promisekept.presentation import formats

_ROWS, _COLUMNS = 8, 6
"""What the heat shows at most; all of it stands in its numbers."""
_LONGEST = 4
"""Ages are drawn up to so many periods: one set kept for ever would squeeze all others to the left."""


def draw(page: Page, at: StateDate, where: RecordFilters, filters: Sequence[FilterChoice]) -> None:
    """The charts and tables of a date; single cells and sets are there for the day of the snapshot only."""
    if not at.now:
        pair(
            lambda: history.kept_by(page, at, "data_category", "category"), lambda: history.kept_by(page, at, "system", "system")
        )
        nothing(
            "Single record sets are shown as of the snapshot",
            f"This snapshot knows each set as of {formats.day(page.today)}. Choose that date, or a snapshot of "
            f"{formats.day(at.day)}, for the sets.",
        )
        return
    found = records.cells(page.ref, where.own)
    pair(lambda: _heat(page, found, where), lambda: _ages(page, found, where))
    overdue.groups(page, found, where, filters)
    if access.may("rows") and any(row["over_sets"] for row in where.among(found)):
        overdue.sets(page, found, where)


@guarded
def _heat(page: Page, found: list[dict[str, Any]], where: RecordFilters) -> None:
    totals: dict[tuple[str, str], list[int]] = {}
    for row in found:
        cell = totals.setdefault((row["category"], row["system"]), [0, 0])
        cell[0] += row["over"]
        cell[1] += row["alive"] or 0
    categories, systems = (list(dict.fromkeys(cell[place] for cell in totals)) for place in (0, 1))
    columns = systems[:_COLUMNS]
    rows = [category for category in categories if any((category, system) in totals for system in columns)][:_ROWS]
    left_out = (
        f"; the {len(rows)} of {len(categories)} categories and {len(columns)} of {len(systems)} systems with most of them"
        if len(rows) < len(categories) or len(columns) < len(systems)
        else ""
    )
    with section(
        "Retained beyond schedule, by category and system",
        f"Share of records alive and scheduled; count below. Stronger: larger share{left_out}",
    ):
        kind, place = (names.labels_of(page.ref, dimension) for dimension in ("data_category", "system"))
        cells = [
            HeatmapCell(category, system, kind(category), place(system), over, alive, where.holds(category, system))
            for (category, system), (over, alive) in totals.items()
            if alive and category in rows and system in columns
        ]
        if not cells:
            nothing("No record with a schedule is alive", "0 records.")
            return
        numbers = [
            {
                "Category": kind(category),
                "System": place(system),
                "Retained beyond schedule": over,
                "Alive": alive,
                "Share": formats.rate(over / alive) if alive else formats.NULL,
            }
            for (category, system), (over, alive) in totals.items()
        ]
        worst = "; ".join(
            f"{cell.row} in {cell.column} {formats.rate(cell.over / cell.alive)}, {formats.out_of(cell.over, cell.alive)}"
            for cell in cells
            if cell.over
        )
        key = f"heat_{st.session_state.get('heat', 0)}"
        theme.show(
            heatmap.heat(cells, list(map(kind, rows)), list(map(place, columns))),
            numbers,
            "by category and system",
            spoken=worst or "none",
            height=theme.height(len(rows), 0, 4),
            key=key,
            on_select=lambda: _choose_cell(key, where),
        )


def _choose_cell(key: str, where: RecordFilters) -> None:
    """A click on a cell filters by it; a click on the cell that filters takes the filter away."""
    clicked = st.session_state[key]["selection"].get(heatmap.CELL) or []
    st.session_state["heat"] = st.session_state.get("heat", 0) + 1
    if clicked:
        overdue.choose(str(clicked[0]["category"]), str(clicked[0]["system"]), where)


@guarded
def _ages(page: Page, found: list[dict[str, Any]], where: RecordFilters) -> None:
    candidates = [row for row in where.among(found) if row["alive"] and row["ends"]]
    if not candidates:
        with section("Age against the schedule", "Records alive, by their age"):
            nothing("No period ends for these records", "0 record sets with a period that has begun and a day to be deleted by.")
        return
    subject = candidates[0]
    limit, unit = records.period(page.ref, subject["schedule_id"])
    width = max(1, round(limit / 15)) if unit == "day" else max(1, round(limit / 30))
    scope = RecordFilters((subject["category"],), (subject["system"],), own=where.own)
    last = _LONGEST * max(limit, 1) // width
    counted = records.ages(page.ref, scope, subject["schedule_id"], (width, unit, last), page.today)
    period = formats.days(limit, of=unit)
    name, system = (
        names.label(page.ref, "data_category", subject["category"]),
        names.written(page.ref, "system", subject["system"]),
    )
    terms = sum(row["by_contract"] for row in counted)
    shorter = f"; {formats.days(terms, of='set')} under a contract's own term" if terms else ""
    beyond = "; the last bar holds all beyond" if any(row["bin"] == last for row in counted) else ""
    with section(
        f"Age of {markdown.plain(name[:1].lower() + name[1:])} against the schedule",
        f"Records in {system} by age in {unit}s; delete by {period} ({markdown.plain(subject['schedule_id'])}){shorter}{beyond}",
    ):
        if not counted:
            nothing("No period has begun", "0 of these record sets have a date from which their period runs.")
            return
        bars = [Bar(row["bin"] * width, (row["bin"] + 1) * width, row["kind"], row["records"], row["sets"]) for row in counted]
        numbers = [
            {
                f"Age in {unit}s": f"{bar.start}{formats.TO}{bar.end - 1}" if width > 1 else str(bar.start),
                "State": retention.KINDS[bar.kind],
                "Records": bar.records,
                "Record sets": bar.sets,
            }
            for bar in bars
        ]
        over, whole = sum(bar.records for bar in bars if bar.kind == "over"), sum(bar.records for bar in bars)
        theme.show(
            retention.ages(bars, limit, unit, f"Delete by {period}"),
            numbers,
            "by age",
            spoken=f"{formats.out_of(over, whole)} records beyond schedule; delete by {period}",
            height=theme.HIGH,
        )
