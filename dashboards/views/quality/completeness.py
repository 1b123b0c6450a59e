"""Whether anything did not come: what somebody else counted, day by day, and numbers that a source left out.

Here: one section of Data quality and the words for a source's control total. Not here: rows by class (page.py).
"""

from __future__ import annotations

from dashboards.components import export, tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import quality as data
from dashboards.data.query import Row
from dashboards.page import Page
from promisekept.presentation import formats


def in_short(compared: Row | None) -> str:
    """How a source compares with its control total, in a word or two."""
    if compared is None or not compared["stated_days"]:
        return "none"
    return f"{formats.days(compared['differing_days'])} off" if compared["differing_days"] else "agrees"


def control_total(compared: Row) -> str:
    """The same with its denominator."""
    stated, differing, unstated = (compared[name] for name in ("stated_days", "differing_days", "unstated_days"))
    if not stated:
        return "no independent record count"
    days_off = f"{formats.count(differing)} of {formats.days(stated)} off" if differing else f"{formats.days(stated)}, none off"
    return f"{days_off}; {formats.days(unstated)} with events not counted elsewhere" if unstated else days_off


_SOURCES = (
    Column("Source", "source"),
    Column("Independent record count", control_total),
    Column("Numbers missing", "missing_numbers"),
)
_DAYS = (
    Column("Source", "source"),
    Column("Day", "day"),
    Column("Counted elsewhere", "stated"),
    Column("Landed", "events"),
    Column("Difference", "difference", shown=lambda row: f"{row['difference']:+,}"),
    Column("Neither landed nor rejected", "missing_events"),
)


@guarded
def counted_elsewhere(page: Page, sources: int) -> None:
    """Which days differ from their control total, and which sequences have gaps, of so many sources."""
    compared = data.compared(page.ref)
    days = data.differing_days(page.ref)
    stated = sum(row["stated_days"] for row in compared)
    out_of = f", {formats.out_of(len(days), stated)} days counted" if stated else ""
    with section(
        "Counted elsewhere",
        f"Days whose events differ from the independent record count{out_of}; numbers that a source's sequence leaves out",
        lambda: export.button("days that differ", days, _DAYS) if days else None,
    ):
        if not compared:
            nothing(
                "No independent record count",
                f"0 of {formats.count(sources)} sources are counted by anybody else: nobody confirms that all came.",
            )
            return
        tables.small(_SOURCES, compared, most=len(compared))
        if not days:
            if stated:
                nothing(
                    "Every day counted agrees",
                    f"0 of {formats.days(stated)} differ.",
                    good=True,
                )
            return
        tables.small(_DAYS, days)
