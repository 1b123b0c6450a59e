"""Retention: what is retained beyond schedule, where, since when?

Here: the order of the page and its five figures. Not here: where data is retained (by_system.py), incomplete
erasures (incomplete_erasures.py), legal holds (holds.py).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboards import layout, markdown
from dashboards.components import figure_cards, filter_bar, tables
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.sections import cards, guarded, nothing, pair
from dashboards.data import control_results, metrics, names, records
from dashboards.data.metrics import Figure
from dashboards.data.records import RecordFilters
from dashboards.page import Page
from dashboards.views.retention import by_system, dates, history, holds, incomplete_erasures, record_drawer
from dashboards.views.retention.dates import StateDate
from promisekept.presentation import formats

_STATES = ("over_retention_rate", "over_retention_p95_days", "unscheduled_rate")
_FLOWS = ("deletion_timeliness", "reappeared_records", "deletions_under_hold", "early_deletions")
_ERASURES = ("erasure_completeness", "erasures_without_records")


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Retention")
    at = dates.read(page)
    version = markdown.plain(page.snapshot.manifest["pack"]["version"])
    sentence = f"Records alive at the end of {formats.day(at.day)}, against the schedule of policy pack {version}"
    if not control_results.holds(page.ref, "fct_records"):
        layout.header(page, "Retention", sentence, by_period=False)
        nothing(
            "No retention log has been landed",
            "0 record sets are known, so retention can't be measured. Add a source of log `retention` to promisekept.yml.",
        )
        incomplete_erasures.draw(page, ())
        return
    if tables.alone(record_drawer.drawer_of_address, page):
        return
    filters = _filters(page)
    own = filter_bar.read_own(page.ref, "fct_records")
    where = RecordFilters(*(choice.chosen for choice in filters), own=filter_bar.own_of(own))
    filters += own

    def controls() -> None:
        dates.control(page, at)
        filter_bar.control(filters)

    layout.header(page, "Retention", sentence, controls, by_period=False)
    filter_bar.pills(filters)
    _figures(page, at, where)
    by_system.draw(page, at, where, filters)

    def held_and_months() -> None:
        holds.draw(page, where)
        history.by_month(page, at, where)

    pair(lambda: incomplete_erasures.draw(page, where.system), held_and_months)
    record_drawer.drawer_of_address(page)


def _filters(page: Page) -> tuple[FilterChoice, ...]:
    allowed = records.values(records.cells(page.ref))
    return filter_bar.read(
        "category", "Category", allowed["category"], names.labels_of(page.ref, "data_category")
    ), filter_bar.read("system", "System", allowed["system"], names.labels_of(page.ref, "system"))


@guarded
def _figures(page: Page, at: StateDate, where: RecordFilters) -> None:
    over = where.single or metrics.ALL
    states = metrics.figures(page.ref, _STATES, at.month, over)
    flows = metrics.figures(page.ref, _FLOWS, at.quarter, over)
    erasures = metrics.figures(page.ref, _ERASURES, at.quarter)
    targets = control_results.verdicts(page.ref, _STATES, at.month) | control_results.verdicts(
        page.ref, (*_FLOWS, *_ERASURES), at.quarter
    )
    if where.single is None:
        states, flows = _counted(page, at, where, states, flows)
    unknown = "Known for one filter at a time on earlier dates" if where.single is None and not at.now else ""
    quarter, days = figure_cards.during(at.quarter), states["over_retention_p95_days"]
    cards(
        [
            figure_cards.of_figure(
                "Retained beyond schedule",
                states["over_retention_rate"],
                targets.get("over_retention_rate"),
                "records alive and scheduled",
                nothing=unknown or "No record with a schedule was alive",
                help="Records past the last day on which their schedule, contract or hold lets them be kept.",
            ),
            figure_cards.of_figure(
                "Days overdue (95th percentile)",
                replace(days, unit="count", worst=None),
                targets.get("over_retention_p95_days"),
                f"n = {formats.count(days.units)} record sets retained beyond schedule",
                nothing=unknown or "n = 0: no record set was retained beyond schedule",
                help="Of the sets retained beyond schedule, 95 in 100 are overdue by no more days than this.",
            ),
            figure_cards.of_figure(
                "Deleted on time",
                flows["deletion_timeliness"],
                targets.get("deletion_timeliness"),
                "records deleted",
                where=quarter,
                nothing=unknown or f"n = 0: none with a period was deleted {quarter}",
                help="Of the records deleted in the quarter, on time or late; not those deleted too early or under a hold.",
            ),
            figure_cards.of_figure(
                "Erasures complete",
                erasures["erasure_completeness"],
                targets.get("erasure_completeness"),
                "assessed" + (", of all categories and systems," if where.chosen else ""),
                where=quarter,
                nothing=f"0 of {formats.count(erasures['erasure_completeness'].units or 0)} fulfilled {quarter} assessed yet",
                help="Of the erasures fulfilled in the quarter whose grace is over: nothing left and every system confirmed.",
            ),
            figure_cards.of_figure(
                "Reappeared after deletion",
                flows["reappeared_records"],
                targets.get("reappeared_records"),
                f"of {formats.count(flows['reappeared_records'].units)} sets back or deleted and scanned for since",
                where=quarter,
                nothing=unknown or f"n = 0: no record set was deleted {quarter} whose system was scanned since",
                help="Record sets seen again in the quarter after their deletion, beside those that a later scan shows gone.",
            ),
        ]
    )
    _beside(page, at, states | flows | erasures)
    figure_cards.doubts(states | flows | erasures, targets, metrics.names(page.ref))


def _counted(
    page: Page, at: StateDate, where: RecordFilters, states: dict[str, Figure], flows: dict[str, Figure]
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """The figures of a combination of filters, which no mart holds: counted where the snapshot has rows, else nothing."""
    counted = dict.fromkeys((*states, *flows), Figure())
    if at.now:
        share, days, without = records.over_retained(page.ref, where)
        counted |= {"over_retention_rate": share, "over_retention_p95_days": days, "unscheduled_rate": without}
        got = records.deletions(page.ref, where, at.quarter, page.snapshot.zone)
        due = got["on_time"] + got["late"]
        counted["deletion_timeliness"] = metrics.share(got["on_time"], due)
        counted["reappeared_records"] = Figure(
            got["reappeared"], got["reappeared"], None, None, "record sets", units=got["reappeared"] + got["confirmed_deleted"]
        )
        counted["deletions_under_hold"] = Figure(
            got["under_hold"], got["under_hold"], None, None, "record sets", units=got["with_hold"]
        )
        counted["early_deletions"] = Figure(got["early"], got["early"], None, None, "record sets", units=got["with_minimum"])
    return {code: counted[code] for code in states}, {code: counted[code] for code in flows}


def _beside(page: Page, at: StateDate, figures: dict[str, Figure]) -> None:
    """What the cards leave out: records that no schedule names, deletions that were wrong, and how far two logs agree."""
    without = figures["unscheduled_rate"]
    unscheduled = (
        f"{formats.rate(without.value)}, {formats.out_of(without.numerator, without.denominator)} records alive"
        if without.value is not None
        else formats.NULL
    )
    wrong = ", ".join(
        f"{name} {formats.count(figures[code].value)} of {formats.count(figures[code].units or 0)} sets {which}"
        for code, name, which in (
            ("early_deletions", "too early", "with a minimum"),
            ("deletions_under_hold", "under a hold", "that had one"),
        )
    )
    unknown, assessed_erasures = figures["erasures_without_records"], figures["erasure_completeness"]
    st.caption(
        f"**Without a schedule** {unscheduled}  ·  **Wrongly deleted** {figure_cards.during(at.quarter)}: {wrong}  ·  "
        f"**Erasures of persons without records** {formats.count(unknown.value)} "
        f"of {formats.count(assessed_erasures.units or 0)} fulfilled  ·  "
        f"{figure_cards.matched(page, ('retention',))}"
    )


if __name__ == "__main__":
    main()
