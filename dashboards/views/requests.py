"""Requests: which breach this week and why, is the rate sound, where did all go?

Here: the order of the page. Not here: its parts (punctuality.py, whereabouts.py, worklist.py), the filters (filters.py),
one request in full (request.py), which `?request=KEY` shows instead.
"""

from __future__ import annotations

from dashboards import access, frame, parameters
from dashboards.data import promises
from dashboards.figures import pair, section
from dashboards.views import filters, punctuality, request, whereabouts, worklist

_SENTENCE = "Requests of people about their data, one row per request and right; by the date the answer was due"


def main() -> None:
    """Draw the page, or one request where the address names one."""
    page = frame.open_page("Requests")
    key = parameters.text("request")
    if key and access.may("rows"):
        request.draw(page, key)
        return
    chosen = filters.read(page)
    frame.header(page, "Requests", _SENTENCE, lambda: filters.control(page, chosen))
    filters.pills(page, chosen)
    target = promises.target_of(page.ref, "deadline_adherence", *(chosen.single or ("all", "all"))) or promises.target_of(
        page.ref, "deadline_adherence", "all", "all"
    )
    punctuality.figures(page, chosen, target)
    with pair() as (left, right):
        with left, section("Answered on time", "Share of requests due in the month, with 95% interval"):
            punctuality.by_month(page, chosen, target)
        with right:
            whereabouts.waterfall(page, chosen)
    if access.may("rows"):
        worklist.draw(page, chosen)
    with pair() as (left, right):
        with left:
            whereabouts.survival(page, chosen)
        with right, section("By place", "Answered on time, with 95% interval; lowest first. Hollow: fewer than 10 due"):
            punctuality.by_place(page, chosen, target)
    with section(
        "Age of open requests",
        "Requests that are open and have a due date, in weeks to it; the first and the last bar hold all beyond",
    ):
        whereabouts.ages(page, chosen)


if __name__ == "__main__":
    main()
