"""How well requests are answered: the five figures of the requests page, the rate by month, and by place.

Here: shares with their interval, target, strict interpretation and worst case. Not here: where requests went (outcomes.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import streamlit as st

from dashboards import markdown
from dashboards.components import rates, terms
from dashboards.components.rates import MOST, Target
from dashboards.components.sections import Card, cards, guarded, nothing, section
from dashboards.data import adherence, metrics, population
from dashboards.data.metrics import Figure
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from promisekept.presentation import formats, labels

_TITLES = ("On time", "Due")
_ON_TIME = "Closed on time, of those closed or overdue whose date lies in the period."
_SO_FAR = ":blue-badge[:material/schedule: So far]"


def _on_time(page: Page, chosen: Filters, found: Figure, target: Target) -> Card:
    """The rate; while its period runs, how much of it is of due dates still to come, so that it is no rate of the whole."""
    name, goal = "Answered on time", target[1] if target else None
    if not found.denominator:
        return Card(name, formats.rate(found.value, goal), f"None fell due in {page.period.noun}", help=_ON_TIME)
    counted = formats.out_of(found.numerator, found.denominator)
    aim = f" · target {formats.target(target[0], target[1], 'share')}" if target else ""
    badge = ":red-badge[:material/cancel: Below]" if goal is not None and (found.value or 0) < goal else ""
    last = page.period.end - timedelta(days=1) if page.period.end else page.today
    if last <= page.today:
        return Card(name, formats.rate(found.value, goal), f"{counted} that fell due{aim}", badge=badge, help=_ON_TIME)
    ahead = adherence.still_to_come(page.ref, chosen, page.period.start, page.period.end, page.today)
    answered, until = formats.count(ahead["answered"]), formats.short_day(last)
    if ahead["answered"] == found.denominator:
        so_far = f"No due date of {page.period.noun} has passed: {answered} were answered before theirs"
    else:
        so_far = f"{counted} so far{aim} · {answered} of them answered before a date still to come"
    note = f"{so_far} · {formats.count(ahead['open'])} more due by {until}"
    return Card(name, formats.rate(found.value, goal), note, badge=badge or _SO_FAR, help=_ON_TIME)


@guarded
def figures(page: Page, chosen: Filters, target: Target) -> None:
    """Five figures, and beside them the strict interpretation and what was excluded or paused."""
    main_reading, strict = _adherence(page, chosen)
    got, now = population.received(page.ref, chosen, page.period), population.open_now(page.ref, chosen, page.moment)
    answered = population.days_to_answer(page.ref, chosen, page.period)
    possible = got["possible"] / got["due"] if got["due"] else None
    opened = f"of {formats.count(now['open'])} open"
    goal = target[1] if target else None
    nearest = f" · by {formats.short_day(now['last'])}, first {_when(now['nearest'])}" if now["due"] else ""
    cards(
        [
            _on_time(page, chosen, main_reading, target),
            Card(
                "Maximum achievable",
                formats.rate(possible, goal),
                f"{formats.out_of(got['possible'], got['due'])} received with a deadline, if all open are in time"
                if got["due"]
                else f"None was received in {page.period.noun}",
                help="Of the requests received in the period: on time if every open one were answered in time.",
            ),
            Card(
                "Overdue now",
                formats.count(now["overdue"]),
                opened + (f" · oldest {formats.days(now['oldest'])}" if now["overdue"] else ""),
            ),
            Card("Due soon", formats.count(now["due"]), opened + nearest),
            Card(
                "Median days to answer",
                formats.count(answered["median"]),
                f"90th percentile {formats.count(answered['p90'])} · n = {formats.count(answered['closed'])} closed"
                if answered["closed"]
                else f"None was closed in {page.period.noun}",
            ),
        ]
    )
    _beside(page, strict, main_reading, got, goal)


def _adherence(page: Page, chosen: Filters) -> tuple[Figure, Figure]:
    if chosen.single:
        both = metrics.figures(page.ref, ("deadline_adherence", "deadline_adherence_strict"), page.period, chosen.single)
        return both["deadline_adherence"], both["deadline_adherence_strict"]
    start, end = page.period.start, page.period.end
    return adherence.adherence(page.ref, chosen, start, end), adherence.adherence(page.ref, chosen, start, end, strict=True)


def _beside(page: Page, strict: Figure, main_reading: Figure, got: dict[str, int], goal: float | None) -> None:
    worst = (
        f"worst case {formats.rate(main_reading.worst, goal)}"
        if main_reading.worst is not None
        else "the worst case is known for one filter at a time"
    )
    warned = " · :yellow-badge[:material/warning: The requests log failed its checks]" if main_reading.is_doubted else ""
    for check in _warnings(page):
        breaches = f"{formats.count(check['unexpected'])} against the rule that {markdown.plain(check['column'])}"
        warned += f" · :yellow-badge[:material/warning: The publish gate warns: {breaches}]"
    uncounted = population.without_control_total(page.ref)
    names = f" · {labels.NO_COUNT}: {', '.join(map(markdown.code, uncounted))}" if uncounted else ""
    beside = (
        f"**{labels.STRICT}** {formats.rate(strict.value, goal)}, "
        f"{formats.out_of(strict.numerator, strict.denominator)}; {worst}  ·  "
        f"**Excluded or paused** in {page.period.noun}, of {population.excluded_or_paused(got)}{names}{warned}"
    )
    st.caption(terms.linked(beside))


def _warnings(page: Page) -> list[dict[str, Any]]:
    """What the publish gate found of the requests that stands beside their figures and blocks nothing."""
    return [
        check
        for suite in page.snapshot.quality["suites"]
        if suite["suite"] == "fct_requests"
        for check in suite["checks"]
        if check.get("beside_figures") and not check["passed"]
    ]


@guarded
def by_month(page: Page, chosen: Filters, target: Target) -> None:
    """The rate of the last eighteen months against its target."""
    with section("Answered on time", "Share of requests due in the month, with 95% interval"):
        first, *_, last = rates.months(page)
        if chosen.single:
            points = metrics.monthly(page.ref, "deadline_adherence", first, last, chosen.single)
        else:
            points = adherence.monthly_adherence(page.ref, chosen, first, last)
        points = [(month, figure) for month, figure in points if figure.denominator]
        if not points:
            nothing("Nothing fell due", "In none of the last 18 months did a request with these filters fall due.")
            return
        rates.by_month(page, points, target, _TITLES)


@guarded
def by_jurisdiction(page: Page, chosen: Filters, target: Target) -> None:
    """The rate by jurisdiction, lowest first."""
    with section("By jurisdiction", "Answered on time, with 95% interval; lowest first. Hollow: fewer than 10 due"):
        if chosen.chosen:
            found = [
                (code, adherence.adherence(page.ref, replace(chosen, jurisdiction=(code,)), page.period.start, page.period.end))
                for code in chosen.jurisdiction or metrics.values_of(page.ref, "jurisdiction")
            ]
        else:
            found = metrics.by_dimension(page.ref, "deadline_adherence", page.period, "jurisdiction")
        points = [(labels.jurisdiction(code), figure) for code, figure in found if figure.denominator]
        if not points:
            nothing("Nothing fell due", f"In {page.period.words} no request with these filters fell due.")
            return
        if len(points) > MOST:
            st.caption(f"The {MOST} of {len(points)} jurisdictions with the most requests due")
        points.sort(key=lambda point: -(point[1].denominator or 0))
        rates.ranked("Jurisdiction", points, target, _TITLES)


def _when(days: int) -> str:
    return f"in {formats.days(days)}" if days else "today"
