"""Data quality: may the figures be trusted? Freshness, rows accounted for, and rows by class.

Here: the order of the page and its sentences. Not here: any check (gates.py shows what they found), the counts (data/quality.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, frame, notation, words
from dashboards.charts import counts, look
from dashboards.data import quality as data
from dashboards.figures import Card, cards, guarded, nothing, pair, section
from dashboards.page import Page
from dashboards.views import completeness, gates, retired


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Data quality")
    frame.header(
        page,
        "Data quality",
        "Whether the figures may be trusted: freshness, rows accounted for, and the checks of the gates",
        by_period=False,
    )
    sources = data.sources(page.ref)
    _figures(page, sources)
    gates.refused_run(page)
    with section(
        "Sources",
        "Read = landed + duplicate + superseding + conflicting + quarantined, for each source; freshness as of the snapshot",
        lambda: export.control("sources", lambda: sources, number=len(sources), of=len(sources)),
    ):
        _sources(page, sources)
    completeness.counted_elsewhere(page, len(sources))
    with pair() as (left, right):
        with left:
            _quarantine(page, sources)
        with right:
            gates.publish_gate(page)
    gates.source_gate(page)
    retired.fallen_out(page)


def _balances(row: dict[str, Any]) -> bool:
    return row["read"] == sum(row[name] for name in data.CLASSES)


def _figures(page: Page, sources: list[dict[str, Any]]) -> None:
    gate = page.snapshot.quality
    read, told = sum(row["read"] for row in sources), sum(sum(row[name] for name in data.CLASSES) for row in sources)
    refused = sum(row["quarantined"] for row in sources)
    stale = [row for row in sources if data.freshness(row) == "stale"]
    unstated = sum(data.freshness(row) == "unknown" for row in sources)
    passed = gate["passed"] == gate["declared"]
    balanced = all(_balances(row) for row in sources)
    names = ", ".join(notation.plain(row["source"]) for row in stale[:3])
    cards(
        [
            Card(
                "Checks passed",
                notation.count(gate["passed"]),
                f"of {notation.count(gate['declared'])} declared, loaded and run by the publish gate",
                badge=":green-badge[:material/check_circle: Gate passed]" if passed else ":red-badge[:material/cancel: Failed]",
            ),
            Card(
                "Rows accounted for",
                notation.rate(told / read if read else None),
                f"{notation.out_of(told, read)} read" if read else "No row was read",
                badge=""
                if not read
                else ":green-badge[:material/check_circle: Balances]"
                if balanced
                else ":red-badge[:material/cancel: Differs]",
            ),
            Card("In quarantine", notation.count(refused), f"of {notation.count(read)} read · {notation.share(refused, read)}"),
            Card(
                "Stale sources",
                notation.count(len(stale)),
                f"of {len(sources)}{' · ' + names if names else ''}{f' · {unstated} state no interval' if unstated else ''}",
                badge=":yellow-badge[:material/history: Late]" if stale else "",
            ),
        ]
    )


@guarded
def _sources(page: Page, sources: list[dict[str, Any]]) -> None:
    if not sources:
        nothing("No source is configured", "0 sources; add one to promisekept.yml.")
        return
    compared = {row["source"]: row for row in data.compared(page.ref)}
    table = pd.DataFrame(
        [
            {
                "Freshness": [words.CHECKS[data.freshness(row)].cell],
                "Source": row["source"],
                "Log": row["log"],
                "Last delivery": notation.day(notation.local(row["last_landed_at"], page.snapshot.zone).date())
                if row["last_landed_at"]
                else notation.NULL,
                "Read": row["read"],
                **{name.capitalize(): row[name] for name in data.CLASSES},
                "Check": "= balances" if _balances(row) else "≠ differs",
                "Control total": completeness.in_short(compared.get(row["source"])),
            }
            for row in sources
        ]
    )
    column = st.column_config
    numbers = {
        name: column.NumberColumn(width=80, format="localized")
        for name in ("Read", *(name.capitalize() for name in data.CLASSES))
    }
    states = [words.CHECKS[code] for code in ("fresh", "stale", "unknown")]
    st.dataframe(
        table,
        hide_index=True,
        row_height=34,
        height="content",
        placeholder=notation.NULL,
        alt="Sources with their rows by class",
        column_config={
            "Freshness": column.MultiselectColumn(
                width=104, options=[word.cell for word in states], color=[word.colour for word in states]
            ),
            "Source": column.TextColumn(width=130),
            "Log": column.TextColumn(width=96),
            "Last delivery": column.TextColumn(width=112, alignment="right"),
            **numbers,
            "Check": column.TextColumn(width=84),
            "Control total": column.TextColumn(width=88),
        },
    )


@guarded
def _quarantine(page: Page, sources: list[dict[str, Any]]) -> None:
    read = sum(row["read"] for row in sources)
    found = [(words.refusal(row["reason"], row["column_name"]), int(row["rows"])) for row in data.quarantine(page.ref)]
    whole = sum(number for _, number in found)
    with section("Why rows are in quarantine", f"{notation.out_of(whole, read)} rows read"):
        if not whole:
            nothing("No row is in quarantine", f"0 of {notation.count(read)} rows read were refused.", good=True)
            return
        shown = found[:8] + ([("Other reasons", sum(number for _, number in found[8:]))] if len(found) > 8 else [])
        numbers = [{"Reason": reason, "Rows": number, "Share": notation.share(number, whole)} for reason, number in found]
        look.show(
            counts.by_reason(shown),
            alternative="Refused rows: " + ", ".join(f"{reason} {number}" for reason, number in found),
            numbers=numbers,
            name="by reason",
            height=look.HIGH if len(shown) > 7 else look.MIDDLE if len(shown) > 3 else look.LOW,
        )


if __name__ == "__main__":
    main()
