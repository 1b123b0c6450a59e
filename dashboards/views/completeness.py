"""Whether anything did not come: what somebody else counted, day by day, and numbers that a source left out.

Here: one section of Data quality and the words for a source's control total. Not here: rows by class (quality.py).
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import export, notation
from dashboards.data import quality as data
from dashboards.data.query import Row
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page

_MOST = 25


def in_short(compared: Row | None) -> str:
    """What a control total says of a source, in a word or two."""
    if compared is None or not compared["stated_days"]:
        return "none"
    return f"{notation.days(compared['differing_days'])} off" if compared["differing_days"] else "agrees"


def control_total(compared: Row) -> str:
    """The same with what it is out of."""
    stated, differing, unstated = (compared[name] for name in ("stated_days", "differing_days", "unstated_days"))
    if not stated:
        return "no control total"
    said = f"{notation.count(differing)} of {notation.days(stated)} off" if differing else f"{notation.days(stated)}, none off"
    return f"{said}; {notation.days(unstated)} with events not stated" if unstated else said


@guarded
def counted_elsewhere(page: Page, sources: int) -> None:
    """Which days differ from their control total, and which sequences have gaps, of so many sources."""
    compared = data.compared(page.ref)
    days = data.differing_days(page.ref)
    stated = sum(row["stated_days"] for row in compared)
    out_of = f", {notation.out_of(len(days), stated)} days stated" if stated else ""
    with section(
        "Counted elsewhere",
        f"Days whose events differ from the control total{out_of}; numbers that a source's sequence leaves out",
        lambda: export.button("days that differ", days) if days else None,
    ):
        if not compared:
            nothing(
                "No control total",
                f"0 of {notation.count(sources)} sources are counted by anybody else: nobody confirms that all came.",
            )
            return
        st.table(
            pd.DataFrame(
                [
                    {
                        "Source": notation.plain(row["source"]),
                        "Control total": control_total(row),
                        "Numbers missing": notation.NULL
                        if row["missing_numbers"] is None
                        else notation.count(row["missing_numbers"]),
                    }
                    for row in compared
                ]
            ),
            border="horizontal",
            hide_index=True,
        )
        if not days:
            if stated:
                nothing("Every day stated agrees", f"0 of {notation.days(stated)} differ from the control total.", good=True)
            return
        st.table(
            pd.DataFrame(
                [
                    {
                        "Source": notation.plain(row["source"]),
                        "Day": notation.day(row["day"]),
                        "Stated": notation.count(row["stated"]),
                        "Held": notation.count(row["events"]),
                        "Difference": f"{row['difference']:+,}",
                    }
                    for row in days[:_MOST]
                ]
            ),
            border="horizontal",
            hide_index=True,
        )
        if len(days) > _MOST:
            st.caption(f"The newest {_MOST} of {notation.count(len(days))}; all of them are findings")
