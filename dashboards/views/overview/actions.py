"""What can still be prevented, and whether more or fewer promises are missed than before: the upper half of the overview.

Here: `Act on today` and `Missed promises by month`. Not here: the verdicts (page.py) and their table (promises.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.charts import counts, theme
from dashboards.components import links
from dashboards.components.sections import guarded, nothing, section
from dashboards.data import names, opt_outs, population, promises, quality
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from promisekept.presentation import formats, statuses
from promisekept.presentation.periods import months_until
from promisekept.presentation.statuses import Status

_BARS = "missed_by_month"
_AFTER_STOP = Status("after_stop", "After opt-out or objection", "priority_high", "▲", "red")
_LATE = replace(statuses.CHECKS["stale"], text="Late sources")
_UNREAD = replace(statuses.CHECKS["unread"], text="Sources not read")


@guarded
def act(page: Page) -> None:
    """Exactly three things to do, each with its number and a link to its rows."""
    with section("Act on today", "What can still be prevented comes first"):
        now = population.open_now(page.ref, Filters(), page.moment)
        nearest = (
            f", the first in {formats.days(now['nearest'])}"
            if now["due"] and now["nearest"]
            else ", the first today"
            if now["due"]
            else ""
        )
        notices = f"; {now['late_notices']} because of a late extension notice" if now["late_notices"] else ""
        oldest = f", the oldest by {formats.days(now['oldest'])}{notices}" if now["overdue"] else ""

        def waiting(status: str, which: str, words: str) -> _Task:
            sentence = f"**{now[which]} of {formats.count(now['open'])} open requests** {words}"
            return _Task(statuses.REQUESTS[status], sentence, now[which], "request", "Requests", {"list": which})

        due = waiting("due_soon", "due", f"fall due{nearest}")
        overdue = waiting("open_overdue", "overdue", f"are past their date{oldest}")
        with st.container(border=True):
            for task in (due, overdue, _stopped(page) or _unread(page) or _late(page)):
                _draw(page, task)


@dataclass(frozen=True, slots=True)
class _Task:
    status: Status
    sentence: str
    number: int
    noun: str
    title: str
    query: Mapping[str, str] = field(default_factory=dict)


def _stopped(page: Page) -> _Task | None:
    """What was shared though a person had stopped it; None where nothing was, or no log records it."""
    found = opt_outs.after_stop(page.ref, page.period)
    if not found["after"]:
        return None
    recipients = [names.written(page.ref, "recipient_id", code) for code in found["recipients"] or []]
    to = f", all to {recipients[0]}" if len(recipients) == 1 else f", to {len(recipients)} recipients" if recipients else ""
    sharing = links.leads_to("Sharing") is not None
    title, query = ("Sharing", {"check": "not_stopped"}) if sharing else ("Findings", {"q": "shared_after_stop"})
    sentence = (
        f"**{formats.count(found['after'])} of {formats.count(found['disclosures'])} disclosures** in {page.period.words}{to}"
    )
    return _Task(_AFTER_STOP, sentence, found["after"], "disclosure", title, query)


def _unread(page: Page) -> _Task | None:
    """Sources that could not be read: until they are, no promise that rests on them can be assessed."""
    task = _sources(page, _UNREAD, "unread", "could not be read")
    return task if task.number else None


def _late(page: Page) -> _Task:
    """Sources whose next delivery is overdue."""
    return _sources(page, _LATE, "stale", "deliver late")


def _sources(page: Page, status: Status, freshness: str, words: str) -> _Task:
    sources = quality.sources(page.ref)
    found = [row for row in sources if quality.freshness(row) == freshness]
    named = ", ".join(markdown.code(row["source"]) for row in found[:2]) + (" and others" if len(found) > 2 else "")
    sentence = f"**{len(found)} of {len(sources)} sources** {words}{': ' if named else ''}{named}"
    return _Task(status, sentence, len(found), "source", "Data quality")


def _draw(page: Page, task: _Task) -> None:
    badge = task.status.badge() if task.number else f":green-badge[:material/check_circle: {task.status.text}]"
    left, right = st.columns([72, 28], vertical_alignment="center", gap="small")
    left.markdown(f"{badge}\\\n{task.sentence}")
    label = formats.plural(task.number, task.noun)
    query = page.carried | dict(task.query)
    with right:
        links.link(task.title, label, query)


@guarded
def trend(page: Page, number: int) -> None:
    """Missed and not assessable promises in each of the last twelve months, of so many."""
    with section("Missed promises by month", f"Of {number}, as assessed for each month. A bar opens its promises"):
        months = months_until(page.today, 12)
        found = promises.verdicts_by_month(page.ref, months[0], months[-1])
        by_month: dict[Any, Counter[str]] = {}
        for row in found:
            by_month.setdefault(row["month"], Counter())[row["status"]] += row["promises"]
        points = [
            (month, by_month[month]["missed"], sum(by_month[month][status] for status in statuses.NOT_ASSESSABLE))
            for month in sorted(by_month)
        ]
        if not points:
            nothing("No month has been assessed yet", "The first appears with the first month that has begun.")
            return
        numbers = [{"Month": f"{month:%b %Y}", "Missed": missed, "Not assessable": unknown} for month, missed, unknown in points]
        opens: dict[str, Any] = {"key": _BARS, "on_select": _open_bar, "selection_mode": counts.BAR}
        theme.show(counts.missed_by_month(points), numbers, "by month", height=theme.LOW, **opens)


def _open_bar() -> None:
    """Ask for the promises that a bar counts: its month, and missed or not assessable."""
    picked = st.session_state[_BARS]["selection"].get(counts.BAR) or []
    if picked:
        for name in ("period", "status"):
            parameters.put(name, str(picked[0][name]))
