"""The table of promises: every clause, worst first, with its worst measure; a row opens its drawer.

Here: the table and its search. Not here: the drawer (promise.py), the verdicts above (overview.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, notation, parameters, words
from dashboards.data import promises as data
from dashboards.figures import nothing, section
from dashboards.page import Page
from dashboards.periods import months_until
from dashboards.views import promise

FRAME = "promises_frame"


def draw(page: Page, rows: list[dict[str, Any]]) -> None:
    """Draw the section; the search is part of the address."""
    wanted = parameters.text("q", 80).strip()
    shown = [row for row in rows if wanted.casefold() in _searched(row)]

    def controls() -> None:
        st.session_state["q"] = wanted
        st.text_input(
            "Search promises",
            key="q",
            icon=":material/search:",
            placeholder="Search promises",
            label_visibility="collapsed",
            max_chars=80,
            width=210,
            on_change=lambda: parameters.put("q", st.session_state["q"].strip()),
        )
        export.control(
            "promises",
            lambda: [_exact(row) for row in shown],
            number=len(shown),
            of=len(rows),
            filters={"q": (wanted,)} if wanted else {},
        )

    with section("Promises", "Worst first. Select a row for its measures, its target and its limits", controls):
        if not shown:
            nothing("No promise matches", f"0 of {len(rows)} promises hold these words.")
            return
        _table(page, shown)


def _searched(row: dict[str, Any]) -> str:
    return f"{row['clause_id']} {row['promise']} {row['section']} {words.PROMISES[row['status']].text}".casefold()


def _exact(row: dict[str, Any]) -> dict[str, Any]:
    """A promise as it is taken away: every number as the mart holds it."""
    return {
        "Status": words.PROMISES[row["status"]].text,
        "Clause": row["clause_id"],
        "Promise": row["promise"],
        "Counted as": words.ORIGINS.get(row["source"], row["source"]),
        "Reason": row["reason"],
        "Metric": row["metric_code"],
        "Only": None if row["dimension"] in (None, "all") else f"{row['dimension']} {row['dimension_value']}",
        **{
            name.replace("_", " ").capitalize(): row[name]
            for name in ("value", "numerator", "denominator", "units", "operator", "target", "breaches", "findings")
        },
    }


def _table(page: Page, rows: list[dict[str, Any]]) -> None:
    months = months_until(page.today, 12)
    histories = data.histories(page.ref, months[0].start, months[-1].start)
    table = pd.DataFrame(
        [
            {
                "Status": [words.PROMISES[row["status"]].cell],
                "Clause": row["clause_id"],
                "Promise": row["promise"],
                "Measured": notation.measured(row["value"], row["unit"], row["target"]),
                "Target": notation.target(row["operator"], row["target"], row["unit"]),
                "Out of": notation.base(row),
                "12 months": [
                    point
                    for point in histories.get(
                        (row["clause_id"], row["metric_code"], row["dimension"], row["dimension_value"]), []
                    )
                    if point is not None
                ],
                "Findings": row["findings"],
            }
            for row in rows
        ]
    )
    column = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        row_height=34,
        height="content",
        selection_mode="single-row",
        key=promise.frame_key(FRAME),
        placeholder=notation.NULL,
        on_select=lambda: promise.choose(FRAME, [row["clause_id"] for row in rows]),
        alt="Promises with their verdict, worst first",
        column_config={
            "Status": column.MultiselectColumn(
                width=180,
                options=[word.cell for word in words.PROMISES.values()],
                color=[word.colour for word in words.PROMISES.values()],
            ),
            "Clause": column.TextColumn(width=72),
            "Promise": column.TextColumn(width=270),
            "Measured": column.TextColumn(width=80, alignment="right"),
            "Target": column.TextColumn(width=72, alignment="right"),
            "Out of": column.TextColumn(width=190, alignment="right"),
            "12 months": column.LineChartColumn(width=96, color="gray"),
            "Findings": column.NumberColumn(width=70, format="localized"),
        },
    )
