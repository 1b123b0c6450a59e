"""Where the requests went: the waterfall, how long they stay open, how old the open ones are.

Here: counts over requests. Not here: rates (adherence.py), rows (worklist.py).
"""

from __future__ import annotations

from dashboards.charts import counts, request_durations, theme
from dashboards.components.sections import guarded, nothing, section
from dashboards.data import population
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from promisekept.presentation import formats, statuses

_AGES = "Requests that are open and have a due date, in weeks to it; the first and the last bar hold all beyond"


@guarded
def waterfall(page: Page, chosen: Filters) -> None:
    """Every request received in the period, in exactly one status."""
    parts = population.waterfall(page.ref, chosen, page.period)
    whole = sum(parts.values())
    with section("Where every request went", f"{formats.count(whole)} received in {page.period.noun}; the parts add up"):
        if not whole:
            nothing("No request was received", f"0 requests with these filters in {page.period.words}.")
            return
        parts_in_words = [(statuses.REQUESTS[status].text, parts.get(status, 0)) for status in statuses.WATERFALL]
        numbers = [{"Status": name, "Requests": number, "Share": formats.share(number, whole)} for name, number in parts_in_words]
        theme.show(counts.waterfall(parts), numbers, "by status")


@guarded
def survival(page: Page, chosen: Filters) -> None:
    """How long requests stay open, those still open included."""
    curve = population.survival(page.ref, chosen, page.period)
    reached = curve[curve["still_open"] <= 0.5 + 1e-9]
    median = float(reached["day"].iloc[0]) if len(reached) else None
    number = int(curve["at_risk"].iloc[0]) if len(curve) else 0
    until = request_durations.drawn_until(curve) if number else 0
    cut = f"; drawn to day {until}" if number and until < curve["day"].iloc[-1] else ""
    middle = (
        f"median {formats.days(int(median))}" if median is not None else "fewer than half are answered, so there is no median"
    )
    with section(
        "How long a request stays open",
        f"Kaplan-Meier, open requests censored; n = {formats.count(number)}" + (f"; {middle}{cut}" if number else ""),
    ):
        if not number:
            nothing("No request was received", f"0 requests with these filters in {page.period.words}.")
            return
        numbers = [
            {"Day": row.day, "At risk": row.at_risk, "Closed": row.closed, "Still open": formats.rate(row.still_open)}
            for row in curve.itertuples()
            if row.closed
        ]
        theme.show(request_durations.survival(curve, median), numbers, "by day", spoken=middle)


@guarded
def ages(page: Page, chosen: Filters) -> None:
    """Open requests by the days left to their date."""
    with section("Age of open requests", _AGES):
        found = population.ages(page.ref, chosen, page.moment)
        if not found:
            nothing("No open request has a due date", "0 open requests with these filters.", good=True)
            return
        overdue = sum(row["n"] for row in found if row["days_left"] < 0)
        whole = sum(row["n"] for row in found)
        numbers = [
            {"Days left": row["days_left"], "Status": statuses.REQUESTS[row["status"]].text, "Requests": row["n"]}
            for row in found
        ]
        theme.show(counts.days_left(found), numbers, "by days", spoken=f"{overdue} of {whole} are overdue", height=theme.LOW)
