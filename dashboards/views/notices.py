"""Who was told of a collection and who was not: by type and feature, and the single collections.

Here: two tables of the collection page. Not here: its figures and charts (collection.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import export, notation, words
from dashboards.data import collections as data
from dashboards.data import query
from dashboards.data.collections import What
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page
from dashboards.views import lists, measured
from dashboards.views.choices import Choice


@guarded
def by_type(page: Page, what: What) -> None:
    """Every type and feature with its notices."""
    found = data.by_type(page.ref, what, page.period)
    every = sum(row["collections"] for row in found)

    def control() -> None:
        export.control(
            "collections by type and feature",
            lambda: [
                {
                    "Type": words.sentence(row["collection_type"]),
                    "Feature": words.sentence(row["feature"]),
                    "Told in time": row["told"],
                    "Told after": row["told_after"],
                    "Notice not in force": row["told_of_no_policy"],
                    "Never told": row["not_told"] - row["told_after"] - row["told_of_no_policy"],
                    "Exempt": row["exempt"],
                    "Collections": row["collections"],
                }
                for row in found
            ],
            number=len(found),
            of=len(data.by_type(page.ref, What(), page.period)),
            filters=what.bound(),
        )

    with section(
        "By type and feature",
        f"{notation.count(every)} collections {measured.during(page.period)}, those with most not told first",
        control,
    ):
        if not found:
            nothing("Nothing was collected", f"0 collections with these filters in {page.period.words}.")
            return
        column = st.column_config
        lists.table(
            "types",
            [
                {
                    "Type": words.sentence(row["collection_type"]),
                    "Feature": words.sentence(row["feature"]) or notation.NULL,
                    "Told in time": notation.out_of(row["told"], row["told"] + row["not_told"]),
                    "Share": notation.rate(
                        row["told"] / (row["told"] + row["not_told"]) if row["told"] + row["not_told"] else None
                    ),
                    "Told after": row["told_after"],
                    "Notice not in force": row["told_of_no_policy"],
                    "Never told": row["not_told"] - row["told_after"] - row["told_of_no_policy"],
                    "Exempt": notation.out_of(row["exempt"], row["collections"]),
                }
                for row in found[:25]
            ],
            alt="Collections by type and feature",
            columns={
                "Type": column.TextColumn(width=140),
                "Feature": column.TextColumn(width=210),
                "Told in time": column.TextColumn(width=160, alignment="right"),
                "Share": column.TextColumn(width=100, alignment="right"),
                "Told after": column.NumberColumn(width=110, format="localized"),
                "Never told": column.NumberColumn(width=110, format="localized"),
                "Exempt": column.TextColumn(width=150, alignment="right"),
            },
            opens=None,
        )


@st.fragment
@guarded
def untold(page: Page, what: What, filters: tuple[Choice, ...]) -> None:
    """The collections before which the person was not told, a page at a time."""
    got = data.counts(page.ref, what, page.period)
    number = got["not_told"]

    def control() -> None:
        export.control(
            "collected before the person was told",
            lambda: [_said(row) for row in query.every(data.untold, page.ref, what, page.period)],
            number=number,
            of=got["collections"],
            filters=what.bound(),
        )

    with section(
        "Collected before the person was told",
        f"{notation.out_of(number, got['collections'])} collections {measured.during(page.period)}, the newest first",
        control,
        anchor="not-told",
    ):
        if not number:
            nothing(
                "Everybody was told in time",
                f"0 of {notation.count(got['collections'])} collections{' with these filters' if what.chosen else ''}.",
                good=bool(got["collections"]),
            )
            if what.chosen and st.button("Clear filters", on_click=lists.clear, args=(filters,)):
                st.rerun(scope="app")
            return
        zone = page.snapshot.zone
        rows = data.untold(page.ref, what, page.period, lists.rows_from_to("page", number))
        column = st.column_config
        lists.table(
            "untold",
            [
                _said(row)
                | {
                    "Collected": notation.instant(row["occurred_at"], zone),
                    "Told": notation.instant(row["notice_shown_at"], zone) if row["notice_shown_at"] else "never",
                }
                for row in rows
            ],
            alt="Collections before which the person was not told",
            columns={
                "Collection": column.TextColumn(width=100),
                "Type": column.TextColumn(width=90),
                "Feature": column.TextColumn(width=120),
                "Data": column.TextColumn(width=170),
                "Purpose": column.TextColumn(width=140),
                "Collected": column.TextColumn(width=150),
                "Told": column.TextColumn(width=90),
                "Source": column.TextColumn(width=90),
                "Batch · row": column.TextColumn(width=96),
            },
            opens=None,
        )
        lists.turn("page", number, len(rows))


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """A collection in the reader's words, as it is taken away."""
    return {
        "Collection": row["event_id"],
        "Type": words.sentence(row["collection_type"]),
        "Feature": words.sentence(row["feature"]) or notation.NULL,
        "Data": ", ".join(words.sentence(code) for code in row["data_categories"] or []) or notation.NULL,
        "Purpose": words.sentence(row["purpose_code"]) or notation.NULL,
        "Collected": row["occurred_at"],
        "Told": row["notice_shown_at"] or "never",
        "Source": row["source"],
        "Batch · row": lists.landed(row),
    }
