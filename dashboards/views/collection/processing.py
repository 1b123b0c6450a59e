"""Processing, on the collection page: declared purposes, legal bases, consent, what came after a stop, decisions by machine.

Here: its figures, its drawing and its table by purpose. Not here: collection (page.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards.charts import legal_bases, theme
from dashboards.components import export, figure_cards, tables
from dashboards.components.sections import Card, cards, guarded, nothing, pair, section
from dashboards.components.tables import Column
from dashboards.data import control_results, metrics
from dashboards.data import processing as data
from dashboards.page import Page
from promisekept.presentation import formats, labels

_LIMITED = "purpose_limitation_rate"
_COUNTED = {
    "consent_required_on_other_basis": (
        "Different legal basis",
        ("consent_required", "operations that need consent"),
        "The purpose requires consent, and the operation names another basis.",
    ),
    "processing_without_consent": (
        "Without the consent",
        ("on_consent", "operations on consent"),
        "The operation rests on a consent that was not there, or no longer.",
    ),
    "processing_after_stop": (
        "After opt-out or objection",
        ("stoppable", "operations while one was in force"),
        "After a fulfilled erasure, objection or restriction of the person.",
    ),
    "acts_while_pending": (
        "While a request waited",
        ("while_pending", "operations before the answer"),
        "Between the receipt and the answer of an objection or restriction that covers the operation.",
    ),
    "automated_decisions_after_objection": (
        "Automated after objection",
        ("decisions", "automated decisions"),
        "Automated decisions about a person whose objection to them was granted.",
    ),
}
"""Metric -> its name, the operations in its denominator (column and words), and how it is counted."""


@guarded
def draw(page: Page) -> None:
    """The lower half of the page."""
    if not control_results.holds(page.ref, "fct_processing"):
        with section("Processing", "0 operations"):
            nothing(
                "No processing has been landed",
                "0 operations are known, so the use of data is unknown. Add a source of log `processing` to promisekept.yml.",
            )
        return
    found = data.by_purpose(page.ref, page.period)
    operations = sum(row["operations"] for row in found)
    with section(
        "Processing",
        f"{formats.count(operations)} processing operations {figure_cards.during(page.period)}, whatever is chosen above",
        anchor="processing",
    ):
        _figures(page, found)
        if not found:
            nothing("Nothing was processed", f"0 operations in {page.period.words}.")
            return
    pair(lambda: _bases(page, found), lambda: _purposes(found))


def _stops(page: Page) -> tuple[str, figure_cards.Verdict | None]:
    """Operations after a stop by its right, and the promise worst kept of those that ask about one right."""
    by_right = metrics.by_dimension(page.ref, "processing_after_stop", page.period, "right_type")
    verdicts = control_results.verdicts(page.ref, ("processing_after_stop",), page.period, ("right_type", None))
    parts = ", ".join(
        f"{labels.label(labels.RIGHTS, right).lower()} {formats.count(figure.value)}"
        for right, figure in by_right
        if figure.value
    )
    return f", by right: {parts}" if parts else "", verdicts.get("processing_after_stop")


def _figures(page: Page, found: list[dict[str, Any]]) -> None:
    codes, where = (_LIMITED, *_COUNTED), figure_cards.during(page.period)
    got, targets = metrics.figures(page.ref, codes, page.period), control_results.verdicts(page.ref, codes, page.period)
    by_right, stopped = _stops(page)
    limited = figure_cards.of_figure(
        "For a declared purpose",
        got[_LIMITED],
        targets.get(_LIMITED),
        "collections and operations",
        where=where,
        nothing=f"0 collections and operations {where}",
        help="The policy pack declared the purpose on the day of the collection or operation.",
    )

    def counted(code: str) -> Card:
        name, (column, noun), help_text = _COUNTED[code]
        after_stop = code == "processing_after_stop"
        return figure_cards.of_figure(
            name,
            got[code],
            stopped if after_stop else targets.get(code),
            f"of {formats.count(sum(row[column] for row in found))} {noun}",
            where=where + by_right if after_stop else where,
            nothing=f"0 operations {where}",
            help=help_text,
        )

    cards([limited, *map(counted, _COUNTED)])
    st.caption(figure_cards.matched(page, ("processing",)))
    figure_cards.doubts(got, targets, metrics.names(page.ref))


@guarded
def _bases(page: Page, found: list[dict[str, Any]]) -> None:
    order = sorted(found, key=lambda row: -row["operations"])[:12]
    names = {row["purpose_code"]: labels.sentence(row["purpose_code"]) for row in order}
    parts = {code: [row for row in data.bases(page.ref, page.period) if row["purpose_code"] == code] for code in names}
    operations = [(names[code], row["legal_basis"], row["operations"]) for code, rows in parts.items() for row in rows]
    with section("On which basis", "Processing operations by purpose and legal basis, as recorded by the source"):
        numbers = [
            {"Purpose": purpose, "Basis": legal_bases.BASES[basis][0], "Operations": number}
            for purpose, basis, number in operations
        ]
        theme.show(legal_bases.by_purpose(operations), numbers, "by purpose and basis", height=theme.HIGH)


@guarded
def _purposes(found: list[dict[str, Any]]) -> None:
    with section("By purpose", "Against the promise, of the operations that it binds; a dash where it binds none; worst first"):
        tables.small(_PURPOSES, found, most=15)
        export.button("operations", found, _PURPOSES)


def _declared(row: dict[str, Any]) -> str:
    if row["undeclared"]:
        return f":red-badge[:material/cancel: {formats.out_of(row['undeclared'], row['operations'])} not]"
    return ":gray-badge[:material/help: No register]" if row["purpose_unknown"] else "Declared"


def _against(title: str, column: str, of: str, whole: str) -> tuple[Column, Column]:
    """What went against a promise, of the operations that it binds: together on the page, each in the file."""
    return (
        Column(title, column, shown=lambda row: formats.out_of(row[column], row[of] or None)),
        Column(whole, of, only="file"),
    )


_PURPOSES = (
    Column("Purpose", lambda row: labels.sentence(row["purpose_code"])),
    Column("Operations", "operations", only="file"),
    Column("Not declared", "undeclared", only="file"),
    Column("In the pack", _declared, shown=_declared, only="page"),
    *_against("Without consent", "without_consent", "on_consent", "On consent"),
    *_against("After opt-out or objection", "after_stop", "stoppable", "While one was in force"),
    *_against("Decided after an objection", "decisions_after", "decisions", "Automated decisions"),
)
