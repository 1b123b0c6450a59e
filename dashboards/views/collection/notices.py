"""Who was notified of a collection and who was not: by type and feature, and the single collections.

Here: two tables of the collection page. Not here: its figures and charts (page.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards.components import export, figure_cards, filter_bar, tables
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.listing import Listing
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import collections as data
from dashboards.data.collections import CollectionFilters
from dashboards.page import Page
from promisekept.presentation import formats, labels


def _due(row: Mapping[str, Any]) -> int:
    return int(row["notified"] + row["not_notified"])


_TYPES = (
    Column("Type", lambda row: labels.sentence(row["collection_type"]), 140),
    Column("Feature", lambda row: labels.sentence(row["feature"]) or None, 196),
    Column("Notified in time", "notified", 160, lambda row: formats.out_of(row["notified"], _due(row)), "right"),
    Column("Share", lambda row: formats.rate(row["notified"] / _due(row) if _due(row) else None), 100, None, "right", "page"),
    Column("Notified late", "notified_late", 110),
    Column("Notice not in force", "notified_of_no_policy", 124),
    Column("Never notified", lambda row: row["not_notified"] - row["notified_late"] - row["notified_of_no_policy"], 110),
    Column("Exempt", "exempt", 150, lambda row: formats.out_of(row["exempt"], row["collections"]), "right"),
    Column("Collections", "collections", only="file"),
)
_COLLECTIONS = (
    Column("Collection", "event_id", 100),
    Column("Type", lambda row: labels.sentence(row["collection_type"]), 90),
    Column("Feature", lambda row: labels.sentence(row["feature"]) or None, 120),
    Column("Data", lambda row: ", ".join(map(labels.sentence, row["data_categories"] or [])) or None, 162),
    Column("Purpose", lambda row: labels.sentence(row["purpose_code"]) or None, 140),
    Column("Collected", "occurred_at", 156),
    Column("Notified", lambda row: row["notice_shown_at"] or "never", 90),
    Column("Source", "source", 90),
    Column("Batch · row", tables.landed, 98),
)


@guarded
def by_type(page: Page, what: CollectionFilters) -> None:
    """Every type and feature with its notices."""
    found = data.by_type(page.ref, what, page.period)
    every = sum(row["collections"] for row in found)

    def control() -> None:
        export.control(
            "collections by type and feature",
            _TYPES,
            lambda: found,
            number=len(found),
            of=len(data.by_type(page.ref, CollectionFilters(), page.period)),
            filters=what.bound(),
        )

    with section(
        "By type and feature",
        f"{formats.count(every)} collections {figure_cards.during(page.period)}, those with most not notified first",
        control,
    ):
        if not found:
            nothing("Nothing was collected", f"0 collections with these filters in {page.period.words}.")
            return
        tables.listed("types", _TYPES, found[:25], alt="Collections by type and feature")


@st.fragment
@guarded
def not_notified_rows(page: Page, what: CollectionFilters, filters: tuple[FilterChoice, ...]) -> None:
    """The collections before which the person was not notified, a page at a time."""
    got = data.counts(page.ref, what, page.period)
    listing = Listing(
        "not_notified_rows",
        _COLLECTIONS,
        got["not_notified"],
        (data.not_notified_rows, page.ref, what, page.period),
        alt="Collections before which the person was not notified",
        zone=page.snapshot.zone,
    )
    with section(
        "Collected before the person was notified",
        f"{formats.out_of(listing.number, got['collections'])} collections {figure_cards.during(page.period)}, the newest first",
        lambda: listing.export("collected before the person was notified", of=got["collections"], filters=what.bound()),
        anchor="not-notified",
    ):
        if not listing.number:
            nothing(
                "Everybody was notified in time",
                f"0 of {formats.count(got['collections'])} collections{' with these filters' if what.chosen else ''}.",
                good=bool(got["collections"]),
            )
            if what.chosen:
                filter_bar.clear(choice.name for choice in filters)
            return
        listing.draw()
