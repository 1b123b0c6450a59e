"""What is retained beyond schedule, row by row: where and since when, and the record sets themselves, oldest first.

Here: two tables of the retention page; a row of the first filters, one of the second opens its drawer. Not here: the charts
above (by_system.py), the drawer (record_drawer.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards import parameters
from dashboards.components import export, filter_bar, tables
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.listing import Listing
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import names, records
from dashboards.data.records import RecordFilters
from dashboards.page import Page
from promisekept.presentation import formats

_GROUPS, _SETS = 25, 10


def _places(page: Page) -> tuple[Column, ...]:
    return (
        Column("Category", lambda row: names.label(page.ref, "data_category", row["category"]), 160),
        Column("System", "system", 140, lambda row: names.label(page.ref, "system", row["system"])),
        Column("Schedule", "schedule_id", 170),
        Column("Records", "over", 140, lambda row: formats.out_of(row["over"], row["alive"]), "right"),
        Column("Alive", "alive", only="file"),
        Column("Share", lambda row: formats.rate(row["over"] / row["alive"]), 80, None, "right", "page"),
        Column("Record sets", "over_sets", 90),
        Column("Since", "since", 110),
        Column("Longest overdue, days", "longest", 160),
    )


def _record_sets(page: Page) -> tuple[Column, ...]:
    return (
        Column("Record set", "record_id", 96),
        Column("Person", lambda row: tables.person(row["subject_key"]), 90),
        Column("Category", lambda row: names.label(page.ref, "data_category", row["data_category"]), 130),
        Column("System", "system", 112, lambda row: names.label(page.ref, "system", row["system"])),
        Column("Records", "record_count", 72),
        Column("Schedule", "schedule_id", 126),
        Column("Delete by", "delete_by", 92),
        Column("Days overdue", "over_days", 96),
        Column("Source", "source", 114),
        Column("Batch · row", tables.landed, 104),
    )


def choose(category: str, system: str, where: RecordFilters) -> None:
    """Filter by a cell, or no longer where it is what is chosen already."""
    chosen = (where.category, where.system) != ((category,), (system,))
    parameters.put("category", [category] if chosen else None)
    parameters.put("system", [system] if chosen else None)
    parameters.drop(["page", "record"])


@guarded
def groups(page: Page, found: list[dict[str, Any]], where: RecordFilters, filters: Sequence[FilterChoice]) -> None:
    """By category, system and schedule, most first."""
    columns = _places(page)
    shown = [row for row in where.among(found) if row["over"]]
    over, sets = sum(row["over"] for row in shown), sum(row["over_sets"] for row in shown)
    whole = sum(row["alive"] or 0 for row in where.among(found))
    more = f"; the {_GROUPS} largest of {len(shown)}" if len(shown) > _GROUPS else ""

    def control() -> None:
        export.control(
            "retained beyond schedule, by category, system and schedule",
            columns,
            lambda: shown,
            number=len(shown),
            of=len(found),
            filters=where.bound(),
        )

    with section(
        "Retained beyond schedule: where, and since when",
        f"{formats.out_of(over, whole)} records, in {formats.count(sets)} sets{more}. Select a row to look at it alone",
        control,
        anchor="retained-beyond-schedule",
    ):
        if not shown:
            nothing("Nothing is retained beyond schedule", f"0 of {formats.count(whole)} records alive and scheduled.", good=True)
            if where.chosen:
                filter_bar.clear(choice.name for choice in filters)
            return
        tables.listed(
            "groups",
            columns,
            shown[:_GROUPS],
            alt="Records retained beyond schedule by category, system and schedule, most first",
            opens=lambda row: _open_group(row, where),
        )


def _open_group(row: dict[str, Any], where: RecordFilters) -> None:
    if (where.category, where.system) != ((row["category"],), (row["system"],)):
        choose(row["category"], row["system"], where)
    st.rerun(scope="app")


@st.fragment
@guarded
def sets(page: Page, found: list[dict[str, Any]], where: RecordFilters) -> None:
    """The record sets of what was chosen, a page at a time."""
    number = sum(row["over_sets"] for row in where.among(found))
    every = sum(row["over_sets"] for row in found)
    listing = Listing(
        "sets",
        _record_sets(page),
        number,
        (records.overdue, page.ref, where),
        alt="Record sets retained beyond schedule, oldest first",
        opens=lambda row: tables.opened("record", row["record_key"]),
        size=_SETS,
    )
    with section(
        "Record sets retained beyond schedule",
        f"{formats.out_of(number, every)} sets, the longest overdue first. Select a row for its history",
        lambda: listing.export("record sets retained beyond schedule", of=every, filters=where.bound()),
    ):
        listing.draw()
