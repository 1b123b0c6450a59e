"""Legal holds: what they keep, and whether anything was deleted under one.

Here: one section of the retention page. Not here: what is kept without a hold (retained.py).
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import access, export, notation, words
from dashboards.data import records
from dashboards.data.records import Where
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page
from dashboards.periods import TO_DATE
from dashboards.views import lists


@guarded
def draw(page: Page, where: Where) -> None:
    """Draw the section."""
    held = records.holds(page.ref, where)
    on_hold, alive = sum(row["records"] for row in held), records.alive(page.ref, where)
    with section("Legal holds", f"On hold on {notation.day(page.today)}: {notation.out_of(on_hold, alive)} records alive"):
        if held:
            st.table(
                pd.DataFrame(
                    [
                        {
                            "Category": notation.plain(words.sentence(row["category"])),
                            "System": notation.plain(row["system"]),
                            "Sets": notation.count(row["sets"]),
                            "Records": notation.count(row["records"]),
                            "Longest held": notation.days(row["longest"]),
                            "Sets not reviewed in time": notation.count(row["not_reviewed"]),
                        }
                        for row in held[:10]
                    ]
                ),
                border="horizontal",
                hide_index=True,
            )
            if len(held) > 10:
                st.caption(f"The 10 of {len(held)} with most records")
            export.button(
                "by category and system",
                [
                    {
                        "Category": words.sentence(row["category"]),
                        "System": row["system"],
                        "Sets": row["sets"],
                        "Records": row["records"],
                        "Longest held, days": row["longest"],
                        "Sets not reviewed in time": row["not_reviewed"],
                    }
                    for row in held
                ],
                filters=where.bound(),
            )
        else:
            nothing("No hold stands", f"0 of {notation.count(alive)} records alive are on hold.")
        _broken(page, where)


def _broken(page: Page, where: Where) -> None:
    broken = records.broken_holds(page.ref, where)
    deleted = records.deletions(page.ref, where, TO_DATE, page.snapshot.zone)
    if not broken:
        nothing(
            "No record was deleted under a hold",
            f"0 of {notation.count(deleted['held'])} sets that had a hold and were deleted to date.",
            good=True,
        )
        return
    of = notation.out_of(deleted["under_hold"], deleted["held"])
    st.markdown(f"{words.RECORDS['deleted_under_hold'].badge()} {of} sets that had a hold and were deleted to date")
    if not access.may("rows"):
        return
    st.table(
        pd.DataFrame(
            [
                {
                    "Record set": notation.plain(row["record_id"]),
                    "Where": notation.plain(f"{words.sentence(row['data_category'])} in {row['system']}"),
                    "Records": notation.count(row["record_count"]),
                    "Deleted": notation.day(row["deleted_date"]),
                    "Batch · row": notation.plain(lists.landed(row)),
                }
                for row in broken
            ]
        ),
        border="horizontal",
        hide_index=True,
    )
    export.button(
        "deleted under a hold",
        [
            {
                "Record set": row["record_id"],
                "Category": words.sentence(row["data_category"]),
                "System": row["system"],
                "Records": row["record_count"],
                "Deleted": row["deleted_date"],
                "Source": row["source"],
                "Batch · row": lists.landed(row),
            }
            for row in broken
        ],
        filters=where.bound(),
    )
