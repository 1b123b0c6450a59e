"""Retention: what is kept too long, where, since when?

Here: the order of the page and its five figures. Not here: where data is kept too long (retained.py), erasures that left
something behind (leftovers.py), legal holds (holds.py).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboards import frame, notation, words
from dashboards.data import judged, metrics, records
from dashboards.data.metrics import Figure
from dashboards.data.records import Where
from dashboards.figures import cards, guarded, nothing, pair
from dashboards.page import Page
from dashboards.views import choices, dates, earlier, holds, leftovers, measured, record, retained
from dashboards.views.choices import Choice
from dashboards.views.dates import At

_STATES = ("over_retention_rate", "over_retention_p95_days", "unscheduled_rate")
_FLOWS = ("deletion_timeliness", "reappeared_records", "deletions_under_hold", "early_deletions")
_ERASURES = ("erasure_completeness", "erasures_without_records")


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Retention")
    at = dates.read(page)
    version = notation.plain(page.snapshot.manifest["pack"]["version"])
    sentence = f"Records alive at the end of {notation.day(at.day)}, against the schedule of policy pack {version}"
    if not judged.holds(page.ref, "fct_records"):
        frame.header(page, "Retention", sentence, by_period=False)
        nothing(
            "No retention log has been landed",
            "0 record sets are known, so nothing says what is kept too long. Add a source of log `retention` to promisekept.yml.",
        )
        leftovers.draw(page, ())
        return
    filters = _filters(page)
    where = Where(*(choice.chosen for choice in filters))

    def controls() -> None:
        dates.control(page, at)
        choices.control(filters)

    frame.header(page, "Retention", sentence, controls, by_period=False)
    choices.pills(filters)
    _figures(page, at, where)
    retained.draw(page, at, where, filters)
    with pair() as (left, right):
        with left:
            leftovers.draw(page, where.system)
        with right:
            holds.draw(page, where)
            earlier.by_month(page, at, where)
    record.drawer_if_asked(page)


def _filters(page: Page) -> tuple[Choice, ...]:
    allowed = records.values(records.cells(page.ref))
    return choices.read("category", "Category", allowed["category"], words.sentence), choices.read(
        "system", "System", allowed["system"], str
    )


@guarded
def _figures(page: Page, at: At, where: Where) -> None:
    over = where.single or metrics.ALL
    states = metrics.figures(page.ref, _STATES, at.month, over)
    flows = metrics.figures(page.ref, _FLOWS, at.quarter, over)
    erasures = metrics.figures(page.ref, _ERASURES, at.quarter)
    targets = judged.verdicts(page.ref, _STATES, at.month) | judged.verdicts(page.ref, (*_FLOWS, *_ERASURES), at.quarter)
    if where.single is None:
        states, flows = _counted(page, at, where, states, flows)
    untold = "Known for one filter at a time on earlier dates" if where.single is None and not at.now else ""
    quarter, days = measured.during(at.quarter), states["over_retention_p95_days"]
    cards(
        [
            measured.of_figure(
                "Kept too long",
                states["over_retention_rate"],
                targets.get("over_retention_rate"),
                "records alive and scheduled",
                nothing=untold or "No record with a schedule was alive",
                help="Records past the last day on which their schedule, contract or hold lets them be kept.",
            ),
            measured.of_figure(
                "Days over (p95)",
                replace(days, unit="count", worst=None),
                targets.get("over_retention_p95_days"),
                f"n = {notation.count(days.units)} record sets kept too long",
                nothing=untold or "n = 0: no record set was kept too long",
                help="Of what is kept too long, 95 in 100 sets by no more days than this.",
            ),
            measured.of_figure(
                "Deleted on time",
                flows["deletion_timeliness"],
                targets.get("deletion_timeliness"),
                "records deleted",
                where=quarter,
                nothing=untold or f"n = 0: none with a period was deleted {quarter}",
                help="Of the records deleted in the quarter, on time or late; not those deleted too early or under a hold.",
            ),
            measured.of_figure(
                "Erasures complete",
                erasures["erasure_completeness"],
                targets.get("erasure_completeness"),
                "judged" + (", of all categories and systems," if where.chosen else ""),
                where=quarter,
                nothing=f"0 of {notation.count(erasures['erasure_completeness'].units or 0)} fulfilled {quarter} judged yet",
                help="Of the erasures fulfilled in the quarter whose grace is over: nothing left and every system confirmed.",
            ),
            measured.of_figure(
                "Came back",
                flows["reappeared_records"],
                targets.get("reappeared_records"),
                f"of {notation.count(flows['reappeared_records'].units)} sets back or deleted and scanned for since",
                where=quarter,
                nothing=untold or f"n = 0: no record set was deleted {quarter} whose system was scanned since",
                help="Record sets seen again in the quarter after their deletion, beside those that a later scan shows gone.",
            ),
        ]
    )
    _beside(page, at, states | flows | erasures)
    measured.doubts(states | flows | erasures, targets, metrics.names(page.ref))


def _counted(
    page: Page, at: At, where: Where, states: dict[str, Figure], flows: dict[str, Figure]
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """The figures of a combination of filters, which no mart holds: counted where rows are known, else nothing."""
    untold = dict.fromkeys((*states, *flows), Figure())
    if at.now:
        share, days, without = records.kept(page.ref, where)
        untold |= {"over_retention_rate": share, "over_retention_p95_days": days, "unscheduled_rate": without}
        got = records.deletions(page.ref, where, at.quarter, page.snapshot.zone)
        due = got["on_time"] + got["late"]
        untold["deletion_timeliness"] = Figure(got["on_time"] / due if due else None, got["on_time"], due, None, "share")
        untold["reappeared_records"] = Figure(
            got["came_back"], got["came_back"], None, None, "record sets", units=got["came_back"] + got["stayed_gone"]
        )
        untold["deletions_under_hold"] = Figure(
            got["under_hold"], got["under_hold"], None, None, "record sets", units=got["held"]
        )
        untold["early_deletions"] = Figure(got["early"], got["early"], None, None, "record sets", units=got["with_minimum"])
    return {code: untold[code] for code in states}, {code: untold[code] for code in flows}


def _beside(page: Page, at: At, figures: dict[str, Figure]) -> None:
    """What the cards leave out: records that no schedule names, deletions that were wrong, and how far two logs agree."""
    without = figures["unscheduled_rate"]
    unscheduled = (
        f"{notation.rate(without.value)}, {notation.out_of(without.numerator, without.denominator)} records alive"
        if without.value is not None
        else notation.NULL
    )
    wrong = ", ".join(
        f"{name} {notation.count(figures[code].value)} of {notation.count(figures[code].units or 0)} sets {which}"
        for code, name, which in (
            ("early_deletions", "too early", "with a minimum"),
            ("deletions_under_hold", "under a hold", "that had one"),
        )
    )
    unknown, judged_erasures = figures["erasures_without_records"], figures["erasure_completeness"]
    st.caption(
        f"**Without a schedule** {unscheduled}  ·  **Wrongly deleted** {measured.during(at.quarter)}: {wrong}  ·  "
        f"**Erasures of persons without records** {notation.count(unknown.value)} "
        f"of {notation.count(judged_erasures.units or 0)} fulfilled  ·  "
        f"{measured.matched(page, ('retention',))}"
    )


if __name__ == "__main__":
    main()
