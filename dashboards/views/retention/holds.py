"""Legal holds: what they keep, and whether anything was deleted under one.

Here: one section of the retention page. Not here: what is kept without a hold (by_system.py).
"""

from __future__ import annotations

import streamlit as st

from dashboards import access
from dashboards.components import export, tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import names, records
from dashboards.data.records import RecordFilters
from dashboards.page import Page
from promisekept.presentation import formats, statuses
from promisekept.presentation.periods import TO_DATE

_HOLDS = (
    Column("Legal hold", "hold_ref", 150),
    Column("Sets", "sets", 60),
    Column("Records", "records", 80),
    Column("Longest on hold, days", "longest", 150),
)


def _on_hold(page: Page) -> tuple[Column, ...]:
    return (
        Column("Category", lambda row: names.label(page.ref, "data_category", row["category"])),
        Column("System", "system", shown=lambda row: names.written(page.ref, "system", row["system"])),
        Column("Sets", "sets"),
        Column("Records", "records"),
        Column("Longest on hold, days", "longest"),
        Column("Sets not reviewed in time", "not_reviewed"),
    )


def _deleted(page: Page) -> tuple[Column, ...]:
    return (
        Column("Record set", "record_id"),
        Column("Category", lambda row: names.label(page.ref, "data_category", row["data_category"])),
        Column("System", "system", shown=lambda row: names.written(page.ref, "system", row["system"])),
        Column("Records", "record_count"),
        Column("Deleted", "deleted_date"),
        Column("Source", "source", only="file"),
        Column("Batch · row", tables.landed),
    )


@guarded
def draw(page: Page, where: RecordFilters) -> None:
    """Draw the section."""
    groups = records.holds(page.ref, where)
    on_hold, alive = sum(row["records"] for row in groups), records.alive(page.ref, where)
    with section("Legal holds", f"On hold on {formats.day(page.today)}: {formats.out_of(on_hold, alive)} records alive"):
        if groups:
            tables.small(_on_hold(page), groups, most=10)
            export.button("by category and system", groups, _on_hold(page), filters=where.bound())
        else:
            nothing("No hold stands", f"0 of {formats.count(alive)} records alive are on hold.")
        if groups and access.may("rows"):
            _by_hold(page, where)
        _broken(page, where)


def _by_hold(page: Page, where: RecordFilters) -> None:
    """Which holds these are; a row opens the first record set that it protects."""
    found = records.by_hold(page.ref, where)
    tables.listed(
        "by_hold",
        _HOLDS,
        found[: tables.MOST],
        alt="Legal holds by their reference, with what they protect",
        opens=lambda row: tables.opened("record", row["record_key"]),
    )
    export.button("by hold", found, _HOLDS, filters=where.bound())


def _broken(page: Page, where: RecordFilters) -> None:
    broken = records.broken_holds(page.ref, where)
    deleted = records.deletions(page.ref, where, TO_DATE, page.snapshot.zone)
    if not broken:
        nothing(
            "No record was deleted under a hold",
            f"0 of {formats.count(deleted['with_hold'])} sets that had a hold and were deleted to date.",
            good=True,
        )
        return
    of = formats.out_of(deleted["under_hold"], deleted["with_hold"])
    st.markdown(f"{statuses.RECORDS['deleted_under_hold'].badge()} {of} sets that had a hold and were deleted to date")
    if access.may("rows"):
        tables.small(_deleted(page), broken)
        export.button("deleted under a hold", broken, _deleted(page), filters=where.bound())
