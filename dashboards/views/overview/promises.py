"""The table of promises: every clause, worst first, with its worst measure; a row opens its drawer.

Here: the table and its search. Not here: the drawer (promise_drawer.py), the verdicts above (page.py).
"""

from __future__ import annotations

from typing import Any

from dashboards import parameters
from dashboards.components import controls, export, tables
from dashboards.components.sections import nothing, section
from dashboards.components.tables import Column
from dashboards.data import promises as data
from dashboards.page import Page
from dashboards.views.overview import promise_drawer
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.periods import months_until


def draw(page: Page, rows: list[dict[str, Any]]) -> None:
    """Draw the section; the search is part of the address."""
    wanted = parameters.text("q", 80).strip()
    shown = [row for row in rows if wanted.casefold() in _searched(row)]

    def draw_controls() -> None:
        controls.search("q", "Search promises", wanted, placeholder="Search promises", label_visibility="collapsed", width=210)
        export.control(
            "promises",
            _columns({}),
            lambda: shown,
            number=len(shown),
            of=len(rows),
            filters={"q": (wanted,)} if wanted else {},
        )

    with section("Promises", "Worst first. Select a row for its measures, its target and its limits", draw_controls):
        if not shown:
            nothing("No promise matches", f"0 of {len(rows)} promises hold these words.")
            return
        months = months_until(page.today, 12)
        tables.listed(
            "promises_frame",
            _columns(data.histories(page.ref, months[0], months[-1])),
            shown,
            alt="Promises with their verdict, worst first",
            opens=lambda row: tables.opened(promise_drawer.NAME, row["clause_id"]),
        )


def _searched(row: dict[str, Any]) -> str:
    return f"{row['clause_id']} {row['promise']} {row['section']} {statuses.VERDICTS[row['status']].text}".casefold()


def _columns(histories: data.Histories) -> tuple[Column, ...]:
    return (
        Column("Status", lambda row: statuses.VERDICTS[row["status"]], 154),
        Column("Clause", "clause_id", 66),
        Column("Promise", "promise", 388),
        Column("Measured", lambda row: formats.measured(row["value"], row["unit"], row["target"]), 74, None, "right", "page"),
        Column("Target", "target", 66, lambda row: formats.target(row["operator"], row["target"], row["unit"]), "right"),
        Column("Out of", formats.base, 174, None, "right", "page"),
        Column("12 months", lambda row: _points(histories, row), 78, only="page"),
        Column("Counted as", lambda row: labels.label(labels.ORIGINS, row["source"]), only="file"),
        Column("Reason", "reason", only="file"),
        Column("Metric", "metric_code", only="file"),
        Column("Only", _narrowed, only="file"),
        *(
            Column(name.capitalize(), name, only="file")
            for name in ("value", "numerator", "denominator", "units", "operator", "breaches")
        ),
        Column("Findings", "findings", 66),
    )


def _points(histories: data.Histories, row: dict[str, Any]) -> list[float]:
    key = (row["clause_id"], row["metric_code"], row["dimension"], row["dimension_value"])
    return [point for point in histories.get(key, []) if point is not None]


def _narrowed(row: dict[str, Any]) -> str | None:
    return None if row["dimension"] in (None, "all") else f"{row['dimension']} {row['dimension_value']}"
