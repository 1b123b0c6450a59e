"""The share beyond schedule at other dates than the snapshot's: month by month, and by category or system on one of them.

Here: figures that `fct_metrics` holds for every month's end. Not here: what needs single record sets (by_system.py, overdue.py).
"""

from __future__ import annotations

from dashboards import markdown
from dashboards.charts import retention, theme
from dashboards.components import figure_cards
from dashboards.components.sections import guarded, nothing, section
from dashboards.data import control_results, metrics, names
from dashboards.data.records import RecordFilters
from dashboards.page import Page
from dashboards.views.retention.dates import StateDate
from promisekept.presentation import formats
from promisekept.presentation.periods import months_until


@guarded
def by_month(page: Page, at: StateDate, where: RecordFilters) -> None:
    """The share at the end of each of the last eighteen months."""
    over = where.single or metrics.ALL
    months = months_until(page.today, 18)
    points = metrics.monthly(page.ref, "over_retention_rate", months[0], months[-1], over)
    measured = [(month, figure) for month, figure in points if figure.value is not None]
    target = _target(page, at)
    scope = "all categories and systems" if over == metrics.ALL else names.label(page.ref, *over)
    with section(
        "Retained beyond schedule, month by month",
        f"Share of records alive and scheduled at the end of each month; {markdown.plain(scope)}",
    ):
        if not measured:
            nothing("No month has a figure yet", "0 records with a schedule were alive at the end of any month.")
            return
        numbers = [
            {
                "End of": f"{month:%b %Y}",
                "Retained beyond schedule": figure.numerator,
                "Alive": figure.denominator,
                "Share": formats.rate(figure.value, target[1] if target else None),
            }
            for month, figure in measured
        ]
        theme.show(
            retention.share_by_month(measured, target, at.day.replace(day=1), months[-1]), numbers, "by month", height=theme.LOW
        )


@guarded
def kept_by(page: Page, at: StateDate, dimension: str, noun: str) -> None:
    """The share by the values of one dimension, the largest first."""
    found = metrics.by_dimension(page.ref, "over_retention_rate", at.month, dimension)
    points = sorted(
        ((names.label(page.ref, dimension, value), figure) for value, figure in found if figure.value is not None),
        key=lambda point: (-(point[1].value or 0), -(point[1].denominator or 0)),
    )
    target = _target(page, at)
    with section(
        f"Retained beyond schedule, by {noun}", f"Share of records alive and scheduled at the end of {formats.day(at.day)}"
    ):
        if not points:
            nothing("No record with a schedule was alive", f"0 records at the end of {formats.day(at.day)}.")
            return
        shown = points[:10]
        numbers = [
            {
                noun.capitalize(): name,
                "Retained beyond schedule": figure.numerator,
                "Alive": figure.denominator,
                "Share": formats.rate(figure.value),
            }
            for name, figure in points
        ]
        theme.show(retention.over_retained_by(shown, target), numbers, f"by {noun}", height=theme.HIGH)


def _target(page: Page, at: StateDate) -> tuple[str, float] | None:
    verdicts = control_results.verdicts(page.ref, ("over_retention_rate",), at.month)
    return figure_cards.target_of(verdicts.get("over_retention_rate"))
