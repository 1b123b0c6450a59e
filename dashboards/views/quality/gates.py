"""What the two gates found: the checks that kept a run from being published, the suites, the source gate.

Here: three tables. Not here: any check (expectations/ holds them), rows and sources (page.py).
"""

from __future__ import annotations

from dashboards.components import export, tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import quality as data
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses

_FAILED = (
    Column("Verdict", lambda _: statuses.CHECKS["failed"]),
    Column("Suite", "suite"),
    Column("Check", lambda check: labels.expectation(check["type"])),
    Column("Column", "column"),
)
_SUITES = (
    Column("Verdict", lambda suite: statuses.CHECKS[suite["verdict"]]),
    Column("Suite", "suite"),
    Column("Passed", "passed", shown=lambda suite: formats.out_of(suite["passed"], suite["declared"])),
    Column("Declared", "declared", only="file"),
)
_LOGS = (
    Column("Verdict", lambda row: statuses.CHECKS[row["verdict"]]),
    Column("Log", "log"),
    Column("Source", lambda row: row["source"] or "the log as a whole"),
    Column("Passed", "passed", shown=lambda row: formats.out_of(row["passed"], row["declared"] or None)),
    Column("Declared", "declared", only="file"),
    Column("Not met", lambda row: ", ".join(map(labels.expectation, row["failed_checks"] or []))),
)


@guarded
def refused_run(page: Page) -> None:
    """What kept the last run from being published."""
    refused = page.snapshot.refused
    if not refused or page.snapshot.pinned:
        return
    at = formats.instant(page.snapshot.as_of.fromisoformat(refused["at"]), page.snapshot.zone)
    note = f"{formats.out_of(refused['failed'], refused['declared'])} in the run of {at}, which is not shown"
    with section("Checks that failed", note, anchor="checks-that-failed"):
        tables.small(_FAILED, refused["checks"])


@guarded
def publish_gate(page: Page) -> None:
    """The verdict on the snapshot that is shown, suite by suite."""
    suites = [suite | {"passed": sum(check["passed"] for check in suite["checks"])} for suite in page.snapshot.quality["suites"]]
    with section(
        "Publish gate by suite",
        f"Checks passed, of declared; {_looked_at(page)}",
        lambda: export.button("publish gate", suites, _SUITES),
    ):
        ordered = sorted(suites, key=lambda suite: (suite["verdict"] == "passed", suite["suite"]))
        tables.small(_SUITES, ordered, most=len(ordered))


def _looked_at(page: Page) -> str:
    """Which rows the publish gate has looked at."""
    quality, snapshot = page.snapshot.quality, page.snapshot
    changed_only = sum(check.get("changed_only", False) for suite in quality["suites"] for check in suite["checks"])
    if not changed_only:
        return "this gate checked the whole snapshot before it was published"
    at = formats.instant(snapshot.as_of.fromisoformat(quality["whole_at"]), snapshot.zone)
    return f"{changed_only} of them looked at the rows that had changed, and at every row in the build as of {at}"


@guarded
def source_gate(page: Page) -> None:
    """The verdict on each landed log."""
    found = data.source_verdicts(page.ref)
    with section(
        "Source gate by log",
        "Checks passed, of declared; it blocks nothing, but every figure and promise that a failed log feeds is marked",
        lambda: export.button("source gate", found, _LOGS),
    ):
        if not found:
            nothing("The source gate has checked nothing", "0 suites.")
            return
        ordered = sorted(found, key=lambda row: (row["verdict"] != "failed", row["log"], row["source"] or ""))
        tables.small(_LOGS, ordered, most=len(ordered))
