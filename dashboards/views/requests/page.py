"""Requests: which breach this week and why, is the rate sound, where did all go?

Here: the order of the page. Not here: its parts (adherence.py, outcomes.py, worklist.py), one request (detail.py), which
`?request=KEY` shows instead.
"""

from __future__ import annotations

from functools import partial

from dashboards import access, layout, parameters, snapshots
from dashboards.components import export, filter_bar
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.sections import pair
from dashboards.data import metrics, promises
from dashboards.data.request_filters import Filters
from dashboards.page import Page
from dashboards.views.requests import adherence, detail, outcomes, worklist
from promisekept.assessment.due_dates import NAME, calendar_file
from promisekept.presentation import labels

_SENTENCE = "Requests of people about their data, one row per request and right; by the date the answer was due"


def main() -> None:
    """Draw the page, or one request where the address names one."""
    page = layout.open_page("Requests")
    key = parameters.text("request")
    if key and access.may("rows"):
        detail.draw(page, key)
        return
    choices = [_choice(page, name, column) for name, column in Filters.DIMENSIONS.items()]
    own = filter_bar.read_own(page.ref, "fct_requests")
    chosen = Filters(**{choice.name: choice.chosen for choice in choices}, own=filter_bar.own_of(own))
    choices += own

    def controls() -> None:
        filter_bar.control(choices)
        if access.may("rows"):
            export.document("Due dates", "Due dates", "", NAME, lambda: calendar_file(snapshots.opened(page.ref)))

    layout.header(page, "Requests", _SENTENCE, controls)
    filter_bar.pills(choices)
    target = promises.target_of(page.ref, "deadline_adherence", *(chosen.single or ("all", "all"))) or promises.target_of(
        page.ref, "deadline_adherence", "all", "all"
    )
    adherence.figures(page, chosen, target)
    pair(lambda: adherence.by_month(page, chosen, target), lambda: outcomes.waterfall(page, chosen), beside=True)
    if access.may("rows"):
        worklist.draw(page, chosen)
    pair(lambda: outcomes.survival(page, chosen), lambda: adherence.by_jurisdiction(page, chosen, target))
    outcomes.ages(page, chosen)


def _choice(page: Page, name: str, column: str) -> FilterChoice:
    allowed = metrics.values_of(page.ref, column)
    return filter_bar.read(name, labels.DIMENSIONS[column], allowed, partial(labels.dimension_value, column))


if __name__ == "__main__":
    main()
