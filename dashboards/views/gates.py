"""What the two gates found: the checks that kept a run from being published, the suites, the source gate.

Here: three tables. Not here: any check (expectations/ holds them), rows and sources (quality.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, notation, words
from dashboards.data import quality as data
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page


@guarded
def refused_run(page: Page) -> None:
    """What kept the last run from being published."""
    refused = page.snapshot.refused
    if not refused or page.snapshot.pinned:
        return
    at = notation.instant(page.snapshot.as_of.fromisoformat(refused["at"]), page.snapshot.zone)
    with section(
        "Checks that failed",
        f"{notation.out_of(refused['failed'], refused['declared'])} in the run of {at}, which is not shown",
        anchor="checks-that-failed",
    ):
        st.table(
            pd.DataFrame(
                [
                    {
                        "Verdict": words.CHECKS["failed"].badge(),
                        "Suite": notation.plain(check["suite"]),
                        "Check": notation.plain(words.check(check["type"])),
                        "Column": notation.plain(check["column"] or notation.NULL),
                    }
                    for check in refused["checks"][:25]
                ]
            ),
            border="horizontal",
            hide_index=True,
        )
        if len(refused["checks"]) > 25:
            st.caption(f"The first 25 of {notation.count(len(refused['checks']))}")


@guarded
def publish_gate(page: Page) -> None:
    """The verdict on the snapshot that is shown, suite by suite."""
    suites = page.snapshot.quality["suites"]
    with section(
        "Publish gate by suite",
        "Checks passed, of declared; this gate judged the whole snapshot before it was published",
        lambda: export.button("publish gate", [_counted(suite) for suite in suites]),
    ):
        st.table(
            pd.DataFrame(
                [
                    {
                        "Verdict": words.CHECKS[suite["verdict"]].badge(),
                        "Suite": notation.plain(suite["suite"]),
                        "Checks": notation.out_of(_counted(suite)["Passed"], suite["declared"]),
                    }
                    for suite in sorted(suites, key=lambda suite: (suite["verdict"] == "passed", suite["suite"]))
                ]
            ),
            border="horizontal",
            hide_index=True,
        )


def _counted(suite: Mapping[str, Any]) -> dict[str, Any]:
    """A suite as it is taken away."""
    passed = sum(check["passed"] for check in suite["checks"])
    return {"Suite": suite["suite"], "Verdict": suite["verdict"], "Passed": passed, "Declared": suite["declared"]}


@guarded
def source_gate(page: Page) -> None:
    """What each landed log was found to be."""
    found = data.source_verdicts(page.ref)
    with section(
        "Source gate by log",
        "Checks passed, of declared; it blocks nothing, but every figure and promise that a failed log feeds says so",
        lambda: export.button("source gate", [row | {"failed_checks": "; ".join(row["failed_checks"] or [])} for row in found]),
    ):
        if not found:
            nothing("The source gate has judged nothing", "0 suites.")
            return
        st.table(
            pd.DataFrame(
                [
                    {
                        "Verdict": words.CHECKS[row["verdict"]].badge(),
                        "Log": notation.plain(row["log"]),
                        "Source": notation.plain(row["source"] or "the log as a whole"),
                        "Checks": notation.out_of(row["passed"], row["declared"]) if row["declared"] else notation.NULL,
                        "Not met": notation.plain(", ".join(words.check(check) for check in row["failed_checks"] or []))
                        or notation.NULL,
                    }
                    for row in sorted(found, key=lambda row: (row["verdict"] != "failed", row["log"], row["source"] or ""))
                ]
            ),
            border="horizontal",
            hide_index=True,
        )
