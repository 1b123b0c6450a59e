"""Data quality: may the figures be trusted? Freshness, rows accounted for, and rows by class.

Here: the order of the page and its sentences. Not here: any check (gates.py shows what they found), the counts (data/quality.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashboards import layout, markdown
from dashboards.charts import counts, theme
from dashboards.components import export, tables
from dashboards.components.sections import Card, cards, guarded, nothing, pair, section
from dashboards.components.tables import Column
from dashboards.data import quality as data
from dashboards.page import Page
from dashboards.views.quality import completeness, deletions, gates
from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.statuses import Status


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Data quality")
    layout.header(
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
        "Read = landed + duplicate + corrected by a later version + conflicting + quarantined; freshness as of the snapshot",
        lambda: export.control("sources", _columns(page), lambda: sources, number=len(sources), of=len(sources)),
    ):
        _sources(page, sources)
    completeness.counted_elsewhere(page, len(sources))
    pair(lambda: _quarantine(page, sources), lambda: gates.publish_gate(page))
    gates.source_gate(page)
    deletions.purged_rows(page)


def _freshness(row: dict[str, Any]) -> Status:
    """Fresh, stale or not read; of a source without a schedule that, and since when it had no row."""
    if data.freshness(row) == "unread":
        return statuses.CHECKS["unread"]
    days = data.without_rows(row)
    if days is None:
        return statuses.CHECKS[data.freshness(row)]
    gone = f"{formats.days(days)} without rows"
    text = f"{statuses.CHECKS['unknown'].text}, {gone}"
    return replace(statuses.CHECKS["stale"], text=text, brief=f"No schedule, {gone}")


def _balances(row: dict[str, Any]) -> bool:
    return row["read"] == sum(row[name] for name in labels.ROW_CLASSES)


def _figures(page: Page, sources: list[dict[str, Any]]) -> None:
    gate = page.snapshot.quality
    read, accounted = sum(row["read"] for row in sources), sum(sum(row[name] for name in labels.ROW_CLASSES) for row in sources)
    rejected = sum(row["quarantined"] for row in sources)
    stale = [row for row in sources if data.freshness(row) == "stale"]
    unread = [row for row in sources if data.freshness(row) == "unread"]
    unstated = sum(data.freshness(row) == "unknown" for row in sources)
    passed = gate["passed"] == gate["declared"]
    balanced = all(_balances(row) for row in sources)
    names = ", ".join(markdown.code(row["source"]) for row in stale[:3])
    cards(
        [
            Card(
                "Checks passed",
                formats.count(gate["passed"]),
                f"of {formats.count(gate['declared'])} declared, loaded and run by the publish gate",
                badge=":green-badge[:material/check_circle: Gate passed]" if passed else ":red-badge[:material/cancel: Failed]",
            ),
            Card(
                "Rows accounted for",
                formats.rate(accounted / read if read else None),
                f"{formats.out_of(accounted, read)} read" if read else "No row was read",
                badge=""
                if not read
                else ":green-badge[:material/check_circle: Balances]"
                if balanced
                else ":red-badge[:material/cancel: Differs]",
            ),
            Card("In quarantine", formats.count(rejected), f"of {formats.count(read)} read · {formats.share(rejected, read)}"),
            Card(
                "Stale sources",
                formats.count(len(stale)),
                f"of {len(sources)}{' · ' + names if names else ''}{f' · {unstated} without schedule' if unstated else ''}",
                badge=statuses.CHECKS["unread"].badge(f"{len(unread)} could not be read")
                if unread
                else ":yellow-badge[:material/history: Late]"
                if stale
                else "",
            ),
        ]
    )


@guarded
def _sources(page: Page, sources: list[dict[str, Any]]) -> None:
    if not sources:
        nothing("No source is configured", "0 sources; add one to promisekept.yml.")
        return
    tables.listed("sources", _columns(page), sources, page.snapshot.zone, alt="Sources with their rows by class")


def _columns(page: Page) -> tuple[Column, ...]:
    compared = {row["source"]: row for row in data.compared(page.ref)}
    return (
        Column("Freshness", _freshness, 240),
        Column("Source", "source", 126),
        Column("Log", "log", 90),
        Column("Last delivery", "last_landed_at", 94, lambda row: formats.local_day(row["last_landed_at"], page.snapshot.zone)),
        Column("Read", "read", 70),
        *(Column(title, name, min(40 + 5 * len(title), 96)) for name, title in labels.ROW_CLASSES.items()),
        Column("Independent count", lambda row: completeness.in_short(compared.get(row["source"])), 110),
        Column("Check", lambda row: "= balances" if _balances(row) else "≠ differs", 84),
    )


@guarded
def _quarantine(page: Page, sources: list[dict[str, Any]]) -> None:
    read = sum(row["read"] for row in sources)
    found = [(labels.reject_reason(row["reason"], row["column_name"]), int(row["rows"])) for row in data.quarantine(page.ref)]
    whole = sum(number for _, number in found)
    with section("Why rows are in quarantine", f"{formats.out_of(whole, read)} rows read"):
        if not whole:
            nothing("No row is in quarantine", f"0 of {formats.count(read)} rows read were rejected.", good=True)
            return
        shown = found[:8] + ([("Other reasons", sum(number for _, number in found[8:]))] if len(found) > 8 else [])
        numbers = [{"Reason": reason, "Rows": number, "Share": formats.share(number, whole)} for reason, number in found]
        theme.show(counts.by_reason(shown), numbers, "by reason", height=theme.height(len(shown), 3, 7))


if __name__ == "__main__":
    main()
