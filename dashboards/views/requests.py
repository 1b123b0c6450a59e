"""Requests: which breach this week and why, is the rate sound, where did all go?

Here: the order of the page, its figures and their sentences. Not here: the filters (filters.py), the worklist
(worklist.py), one request in full (request.py), which `?request=KEY` shows instead.
"""

from __future__ import annotations

from dashboards import frame, notation, parameters, words
from dashboards.charts import counts, lives, look, rates
from dashboards.data import metrics, population, promises
from dashboards.data.metrics import Figure
from dashboards.data.population import Filters
from dashboards.figures import Card, cards, guarded, nothing, pair, section
from dashboards.frame import Page
from dashboards.periods import months_until
from dashboards.views import filters, request, worklist

import streamlit as st  # isort: skip

_SENTENCE = "Requests of people about their data, one row per request and right; by the date the answer was due"
Target = tuple[str, float] | None


def main() -> None:
    """Draw the page, or one request where the address names one."""
    page = frame.open_page("Requests")
    key = parameters.text("request")
    if key:
        request.draw(page, key)
        return
    chosen = filters.read(page)
    frame.header(page, "Requests", _SENTENCE, lambda: filters.control(page, chosen))
    filters.pills(page, chosen)
    target = promises.target_of(page.ref, "deadline_adherence", *(chosen.single or ("all", "all"))) or promises.target_of(page.ref, "deadline_adherence", "all", "all")
    _figures(page, chosen, target)
    with pair() as (left, right):
        with left, section("Answered on time", "Share of requests due in the month, with 95% interval"):
            _rate(page, chosen, target)
        with right:
            _waterfall(page, chosen)
    worklist.draw(page, chosen)
    with pair() as (left, right):
        with left:
            _survival(page, chosen)
        with right, section("By place", "Answered on time, with 95% interval; lowest first. Hollow: fewer than 10 due"):
            _places(page, chosen, target)
    with section("Age of open requests", "Requests that are open and have a due date, in weeks to it; the first and the last bar hold all beyond"):
        _ages(page, chosen)


def _adherence(page: Page, chosen: Filters) -> tuple[Figure, Figure]:
    if chosen.single:
        both = metrics.figures(page.ref, ("deadline_adherence", "deadline_adherence_strict"), page.period, *chosen.single)
        return both["deadline_adherence"], both["deadline_adherence_strict"]
    start, end = page.period.start, page.period.end
    return population.adherence(page.ref, chosen, start, end), population.adherence(page.ref, chosen, start, end, strict=True)


@guarded
def _figures(page: Page, chosen: Filters, target: Target) -> None:
    main_reading, strict = _adherence(page, chosen)
    got, now = population.received(page.ref, chosen, page.period), population.open_now(page.ref, chosen, page.today, page.soon)
    answered = population.days_to_answer(page.ref, chosen, page.period)
    possible = got["possible"] / got["judged"] if got["judged"] else None
    opened = f"of {notation.count(now['open'])} open"
    goal = target[1] if target else None
    aim = f" · target {notation.target(target[0], target[1], 'share')}" if target else ""
    below = target is not None and main_reading.value is not None and main_reading.value < target[1]
    nearest = f" · the first in {notation.days(now['nearest'])}" if now["due"] and now["nearest"] else ""
    cards([
        Card(
            "Answered on time", notation.rate(main_reading.value, goal),
            f"{notation.out_of(main_reading.numerator, main_reading.denominator)}{aim}" if main_reading.denominator else f"None fell due in {page.period.noun}",
            badge=":red-badge[:material/cancel: Below]" if below else "", help="Closed on time, of those closed or overdue whose date lies in the period.",
        ),
        Card(
            "Best still possible", notation.rate(possible, goal),
            f"{notation.out_of(got['possible'], got['judged'])} if all open are in time" if got["judged"] else f"None was received in {page.period.noun}",
            help="Of the requests received in the period: on time if every open one were answered in time.",
        ),
        Card("Overdue now", notation.count(now["overdue"]), opened + (f" · oldest {notation.days(now['oldest'])}" if now["overdue"] else "")),
        Card(f"Due by {notation.short_day(page.soon)}", notation.count(now["due"]), opened + nearest),
        Card(
            "Median days to answer", notation.count(answered["median"]),
            f"90th percentile {notation.count(answered['p90'])} · n = {notation.count(answered['closed'])} closed" if answered["closed"] else f"None was closed in {page.period.noun}",
        ),
    ])  # fmt: skip
    _beside(page, strict, main_reading, got, goal)


def _beside(page: Page, strict: Figure, main_reading: Figure, got: dict[str, int], goal: float | None) -> None:
    worst = f"at worst {notation.rate(main_reading.worst, goal)}" if main_reading.worst is not None else "the worst case is known for one filter at a time"
    ways = [f"{notation.count(got[name])} {name.replace('_', ' ')}" for name in ("excluded", "paused", "closed_while_paused")]
    warned = " · :yellow-badge[:material/warning: The requests log failed its checks]" if main_reading.quality == "failed" else ""
    st.caption(
        f"**Stricter reading** {notation.rate(strict.value, goal)}, {notation.out_of(strict.numerator, strict.denominator)}; {worst}  ·  "
        f"**Ways out of the clock,** of {notation.count(got['received'])} received in {page.period.noun}: {', '.join(ways)}; "
        f"{notation.count(got['denied'])} denied of {notation.count(got['closed'])} closed{warned}"
    )


@guarded
def _rate(page: Page, chosen: Filters, target: Target) -> None:
    months = months_until(page.today, 18)
    first, last = months[0].start, months[-1].end
    if chosen.single:
        points = metrics.monthly(page.ref, "deadline_adherence", first, months[-1].start, *chosen.single)
    else:
        points = population.monthly_adherence(page.ref, chosen, first, last)
    points = [(month, figure) for month, figure in points if figure.denominator]
    if not points:
        nothing("Nothing fell due", "In none of the last 18 months did a request with these filters fall due.")
        return
    named = [(f"{month:%b %Y}", figure) for month, figure in points]
    numbers = [{"Month": name, "On time": figure.numerator, "Due": figure.denominator, "Share": notation.rate(figure.value, target[1] if target else None)} for name, figure in named]
    running = months[-1].start if page.today < months[-1].end else last
    look.show(rates.over_months(points, target, running), alternative="Answered on time: " + rates.spoken(named, target), numbers=numbers, name="by month")


@guarded
def _waterfall(page: Page, chosen: Filters) -> None:
    parts = population.waterfall(page.ref, chosen, page.period)
    whole = sum(parts.values())
    with section("Where every request went", f"{notation.count(whole)} received in {page.period.noun}; the parts add up"):
        if not whole:
            nothing("No request was received", f"0 requests with these filters in {page.period.words}.")
            return
        told = [(words.REQUESTS[status].text, parts.get(status, 0)) for status in counts.WATERFALL]
        numbers = [{"Status": name, "Requests": number, "Share": notation.share(number, whole)} for name, number in told]
        look.show(counts.waterfall(parts), alternative=f"Of {whole} received: " + ", ".join(f"{name} {number}" for name, number in told), numbers=numbers, name="by status")


@guarded
def _survival(page: Page, chosen: Filters) -> None:
    curve = population.survival(page.ref, chosen, page.period)
    reached = curve[curve["still_open"] <= 0.5 + 1e-9]
    median = float(reached["day"].iloc[0]) if len(reached) else None
    number = int(curve["at_risk"].iloc[0]) if len(curve) else 0
    middle = f"median {notation.days(int(median))}" if median is not None else "fewer than half are answered, so there is no median"
    with section("How long a request stays open", f"Kaplan-Meier, open requests censored; n = {notation.count(number)}" + (f"; {middle}" if number else "")):
        if not number:
            nothing("No request was received", f"0 requests with these filters in {page.period.words}.")
            return
        numbers = [
            {"Day": row.day, "At risk": row.at_risk, "Closed": row.closed, "Still open": notation.rate(row.still_open)} for row in curve.itertuples() if row.closed
        ]
        look.show(lives.survival(curve, median), alternative=f"Share of {number} requests still open by days since receipt; {middle}.", numbers=numbers, name="by day")


@guarded
def _places(page: Page, chosen: Filters, target: Target) -> None:
    if chosen.chosen:
        found = [(code, population.adherence(page.ref, filters.narrowed(chosen, code), page.period.start, page.period.end))
                 for code in chosen.jurisdiction or metrics.values_of(page.ref, "jurisdiction")]  # fmt: skip
    else:
        found = metrics.by_dimension(page.ref, "deadline_adherence", page.period, "jurisdiction")
    points = [(words.place(code), figure) for code, figure in found if figure.denominator]
    if not points:
        nothing("Nothing fell due", f"In {page.period.words} no request with these filters fell due.")
        return
    shown = sorted(points, key=lambda point: -(point[1].denominator or 0))[:12]
    if len(shown) < len(points):
        st.caption(f"The {len(shown)} of {len(points)} places with the most requests due")
    numbers = [{"Place": name, "On time": figure.numerator, "Due": figure.denominator, "Share": notation.rate(figure.value)} for name, figure in points]
    look.show(rates.ranked(shown, target), alternative="Answered on time by place: " + rates.spoken(shown, target), numbers=numbers, height=look.HIGH if len(shown) > 7 else look.MIDDLE, name="by place")


@guarded
def _ages(page: Page, chosen: Filters) -> None:
    found = population.ages(page.ref, chosen, page.today)
    if not found:
        nothing("No open request has a due date", "0 open requests with these filters.", good=True)
        return
    overdue = sum(row["n"] for row in found if row["days_left"] < 0)
    whole = sum(row["n"] for row in found)
    numbers = [{"Days left": row["days_left"], "Status": words.REQUESTS[row["status"]].text, "Requests": row["n"]} for row in found]
    look.show(counts.days_left(found), alternative=f"{whole} open requests by days to their due date; {overdue} are overdue.", numbers=numbers, height=look.LOW, name="by days")


if __name__ == "__main__":
    main()
