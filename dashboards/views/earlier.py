"""The share kept too long at other dates than the snapshot's: month by month, and by category or system on one of them.

Here: figures that `fct_metrics` holds for every month's end. Not here: what needs single record sets (retained.py, overdue.py).
"""

from __future__ import annotations

from dashboards import notation, words
from dashboards.charts import keeping, look
from dashboards.data import judged, metrics
from dashboards.data.records import Where
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page
from dashboards.periods import months_until
from dashboards.views import measured
from dashboards.views.dates import At


@guarded
def by_month(page: Page, at: At, where: Where) -> None:
    """The share at the end of each of the last eighteen months."""
    over = where.single or metrics.ALL
    months = months_until(page.today, 18)
    points = metrics.monthly(page.ref, "over_retention_rate", months[0].start, months[-1].start, over)
    told = [(month, figure) for month, figure in points if figure.value is not None]
    target = measured.target_of(judged.verdicts(page.ref, ("over_retention_rate",), at.month).get("over_retention_rate"))
    scope = {"all": "all categories and systems", "system": over[1]}.get(over[0], words.sentence(over[1]))
    with section(
        "Kept too long, month by month", f"Share of records alive and scheduled at the end of each month; {notation.plain(scope)}"
    ):
        if not told:
            nothing("No month has a figure yet", "0 records with a schedule were alive at the end of any month.")
            return
        running = months[-1].start if page.today < months[-1].end else months[-1].end
        numbers = [
            {
                "End of": f"{month:%b %Y}",
                "Kept too long": figure.numerator,
                "Alive": figure.denominator,
                "Share": notation.rate(figure.value, target[1] if target else None),
            }
            for month, figure in told
        ]
        spoken = "; ".join(f"{row['End of']} {row['Share']}" for row in numbers)
        look.show(
            keeping.share_by_month(told, target, at.month.start, running),
            alternative=f"Share kept too long at the end of each month: {spoken}.",
            numbers=numbers,
            name="by month",
            height=look.LOW,
        )


@guarded
def kept_by(page: Page, at: At, dimension: str, noun: str) -> None:
    """The share by the values of one dimension, the largest first."""
    found = metrics.by_dimension(page.ref, "over_retention_rate", at.month, dimension)
    points = sorted(
        (
            (value if dimension == "system" else words.sentence(value), figure)
            for value, figure in found
            if figure.value is not None
        ),
        key=lambda point: (-(point[1].value or 0), -(point[1].denominator or 0)),
    )
    target = measured.target_of(judged.verdicts(page.ref, ("over_retention_rate",), at.month).get("over_retention_rate"))
    with section(f"Kept too long, by {noun}", f"Share of records alive and scheduled at the end of {notation.day(at.day)}"):
        if not points:
            nothing("No record with a schedule was alive", f"0 records at the end of {notation.day(at.day)}.")
            return
        shown = points[:10]
        numbers = [
            {
                noun.capitalize(): name,
                "Kept too long": figure.numerator,
                "Alive": figure.denominator,
                "Share": notation.rate(figure.value),
            }
            for name, figure in points
        ]
        spoken = "; ".join(f"{row[noun.capitalize()]} {row['Share']}" for row in numbers)
        look.show(
            keeping.kept_by(shown, target),
            alternative=f"Kept too long by {noun}: {spoken}.",
            numbers=numbers,
            name=f"by {noun}",
            height=look.HIGH,
        )
