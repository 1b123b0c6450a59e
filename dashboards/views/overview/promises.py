"""The table of promises: every clause, worst first, with its worst measure; a row opens its drawer.

Here: the table and its search. Not here: the drawer (promise_drawer.py), the verdicts above (page.py).
"""

from __future__ import annotations

from itertools import pairwise
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
from promisekept.presentation.statuses import VERDICT_GROUPS

_TREND = 4
"""Fewer months draw no sparkline."""
_STEPS = 8


def draw(page: Page, rows: list[dict[str, Any]], group: str | None) -> None:
    """Draw the section; the search and the group of verdicts are part of the address."""
    wanted = parameters.text("q", 80).strip()
    codes = VERDICT_GROUPS[group].codes if group else tuple(statuses.VERDICTS)
    shown = [row for row in rows if row["status"] in codes and wanted.casefold() in _searched(row)]

    def draw_controls() -> None:
        titles = {"": "All verdicts"} | {code: one.text for code, one in VERDICT_GROUPS.items()}
        controls.choice("status", "Verdict", titles, group or "", width=160)
        controls.search("q", "Search promises", wanted, placeholder="Clause or words", width=180)
        filters = {name: (value,) for name, value in (("q", wanted), ("status", group or "")) if value}
        export.control("promises", _columns({}), lambda: shown, number=len(shown), of=len(rows), filters=filters)

    with section(
        "Promises",
        "Worst first: by distance to the target, then severity and cases. Each shows the measure that made its verdict",
        draw_controls,
    ):
        if not shown:
            nothing("No promise matches", f"0 of {len(rows)} promises match.")
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
        Column("Status", lambda row: statuses.VERDICTS[row["status"]], 150),
        Column("Clause", "clause_id", 60),
        Column("Promise", "promise", 272),
        Column("Measured", _measured, 72, None, "right", "page"),
        Column("Target", "target", 62, lambda row: formats.target(row["operator"], row["target"], row["unit"]), "right"),
        Column("Out of", _base, 118, None, "right", "page"),
        Column("Distance to target", "distance", 150, _distance, "right"),
        Column("12 months", lambda row: _points(histories, row), 72, only="page"),
        Column("Owner", "owner", 140),
        Column("Counted as", lambda row: labels.label(labels.ORIGINS, row["source"]), only="file"),
        Column("Reason", "reason", only="file"),
        Column("Metric", "metric_code", only="file"),
        Column("Only", _narrowed, only="file"),
        *(
            Column(name.capitalize(), name, only="file")
            for name in ("value", "numerator", "denominator", "units", "operator", "breaches")
        ),
        Column("Findings", "findings", only="file"),
    )


def _measured(row: dict[str, Any]) -> str:
    return formats.NULL if _is_unknown(row) else formats.measured(row["value"], row["unit"], row["target"])


def _base(row: dict[str, Any]) -> str:
    """Its denominator; the population of a count without its noun, for which there is no room."""
    if _is_unknown(row) or row["value"] is None:
        return ""
    return formats.base(row) if row["denominator"] is not None else f"of {formats.count(row['units'])}"


def _is_unknown(row: dict[str, Any]) -> bool:
    """Whether the evidence of a figure is not good enough to show it as one."""
    return bool(row["status"] == "insufficient_evidence")


def _distance(row: dict[str, Any]) -> str:
    """In points where it was missed; why, where it could not be assessed."""
    if _is_unknown(row):
        return labels.sentence(row["reason"])
    return formats.points(row["distance"])


def _points(histories: data.Histories, row: dict[str, Any]) -> list[float]:
    """The months of the measure, as far as they have a value; too few of them are no trend."""
    key = (row["clause_id"], row["metric_code"], row["dimension"], row["dimension_value"])
    points = [point for point in histories.get(key, []) if point is not None]
    if len(points) < _TREND:
        return []
    # The column rounds corners; points on the straight line between two months leave none to round.
    between = [start + (end - start) * step / _STEPS for start, end in pairwise(points) for step in range(_STEPS)]
    return [*between, points[-1]]


def _narrowed(row: dict[str, Any]) -> str | None:
    return None if row["dimension"] in (None, "all") else f"{row['dimension']} {row['dimension_value']}"
