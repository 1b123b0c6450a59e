"""What is kept too long, row by row: where and since when, and the record sets themselves, oldest first.

Here: two tables of the retention page; a row of the first filters, one of the second opens its drawer. Not here: the charts
above (retained.py), the drawer (record.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards import export, notation, parameters, words
from dashboards.data import query, records
from dashboards.data.records import Where
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page
from dashboards.views import lists
from dashboards.views.choices import Choice

_GROUPS, _SETS = 25, 10


def choose(category: str, system: str, where: Where) -> None:
    """Filter by a cell, or no longer where it is what is chosen already."""
    chosen = (where.category, where.system) != ((category,), (system,))
    parameters.put("category", [category] if chosen else None)
    parameters.put("system", [system] if chosen else None)
    parameters.drop(["page", "record"])


@guarded
def groups(found: list[dict[str, Any]], where: Where, filters: Sequence[Choice]) -> None:
    """By category, system and schedule, most first."""
    shown = [row for row in where.among(found) if row["over"]]
    over, sets = sum(row["over"] for row in shown), sum(row["over_sets"] for row in shown)
    whole = sum(row["alive"] or 0 for row in where.among(found))
    more = f"; the {_GROUPS} largest of {len(shown)}" if len(shown) > _GROUPS else ""

    def control() -> None:
        export.control(
            "kept too long, by category, system and schedule",
            lambda: [
                {
                    "Category": words.sentence(row["category"]),
                    "System": row["system"],
                    "Schedule": row["schedule_id"],
                    "Records": row["over"],
                    "Alive": row["alive"],
                    "Record sets": row["over_sets"],
                    "Since": row["since"],
                    "Days over, longest": row["longest"],
                }
                for row in shown
            ],
            number=len(shown),
            of=len(found),
            filters=where.bound(),
        )

    with section(
        "Kept too long: where, and since when",
        f"{notation.out_of(over, whole)} records, in {notation.count(sets)} sets{more}. Select a row to look at it alone",
        control,
        anchor="kept-too-long",
    ):
        if not shown:
            nothing("Nothing is kept too long", f"0 of {notation.count(whole)} records alive and scheduled.", good=True)
            if where.chosen and st.button("Clear filters", on_click=lists.clear, args=(filters,)):
                st.rerun()
            return
        column = st.column_config
        lists.table(
            "groups",
            [
                {
                    "Category": words.sentence(row["category"]),
                    "System": row["system"],
                    "Schedule": row["schedule_id"],
                    "Records": notation.out_of(row["over"], row["alive"]),
                    "Share": notation.rate(row["over"] / row["alive"]),
                    "Record sets": row["over_sets"],
                    "Since": notation.day(row["since"]),
                    "Longest over": notation.days(row["longest"]),
                }
                for row in shown[:_GROUPS]
            ],
            alt="Records kept too long by category, system and schedule, most first",
            columns={
                "Category": column.TextColumn(width=180),
                "System": column.TextColumn(width=150),
                "Schedule": column.TextColumn(width=170),
                "Records": column.TextColumn(width=140, alignment="right"),
                "Share": column.TextColumn(width=80, alignment="right"),
                "Record sets": column.NumberColumn(width=90, format="localized"),
                "Since": column.TextColumn(width=110),
                "Longest over": column.TextColumn(width=110, alignment="right"),
            },
            opens=lambda place: _open_group(shown[place], where),
        )


def _open_group(row: dict[str, Any], where: Where) -> None:
    if (where.category, where.system) != ((row["category"],), (row["system"],)):
        choose(row["category"], row["system"], where)
    st.rerun(scope="app")


@st.fragment
@guarded
def sets(page: Page, found: list[dict[str, Any]], where: Where) -> None:
    """The record sets of what was chosen, a page at a time."""
    number = sum(row["over_sets"] for row in where.among(found))
    every = sum(row["over_sets"] for row in found)

    def control() -> None:
        export.control(
            "record sets kept too long",
            lambda: [_said(row) for row in query.every(records.overdue, page.ref, where)],
            number=number,
            of=every,
            filters=where.bound(),
        )

    with section(
        "Record sets kept too long",
        f"{notation.out_of(number, every)} sets, the one that should have gone first on top. Select a row for its history",
        control,
    ):
        rows = records.overdue(page.ref, where, lists.rows_from_to("page", number, _SETS))
        column = st.column_config
        lists.table(
            "sets",
            [_said(row) | {"Delete by": notation.day(row["delete_by"])} for row in rows],
            alt="Record sets kept too long, oldest first",
            columns={
                "Record set": column.TextColumn(width=96),
                "Person": column.TextColumn(width=90),
                "Category": column.TextColumn(width=130),
                "System": column.TextColumn(width=112),
                "Records": column.NumberColumn(width=72, format="localized"),
                "Schedule": column.TextColumn(width=126),
                "Delete by": column.TextColumn(width=92),
                "Days over": column.NumberColumn(width=78, format="localized"),
                "Source": column.TextColumn(width=114),
                "Batch · row": column.TextColumn(width=104),
            },
            opens=lambda place: _open_set(rows[place]["record_key"]),
        )
        lists.turn("page", number, len(rows), _SETS)


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """A record set in the reader's words, as it is taken away."""
    return {
        "Record set": row["record_id"],
        "Person": lists.person(row["subject_key"]),
        "Category": words.sentence(row["data_category"]),
        "System": row["system"],
        "Records": row["record_count"],
        "Schedule": row["schedule_id"],
        "Delete by": row["delete_by"],
        "Days over": row["over_days"],
        "Source": row["source"],
        "Batch · row": lists.landed(row),
    }


def _open_set(key: str) -> None:
    parameters.put("record", key)
    st.rerun(scope="app")
