"""Collection: were people told when their data was collected, and is it processed for what was declared?

Here: the order of the page and the figures of collection. Not here: the tables of notices (notices.py),
processing (processing.py).
"""

from __future__ import annotations

from typing import Any

from dashboards import access, frame, notation, words
from dashboards.charts import look, rates
from dashboards.data import collections as data
from dashboards.data import judged, metrics
from dashboards.data.collections import What
from dashboards.data.metrics import Figure
from dashboards.figures import Card, cards, guarded, nothing, pair, section
from dashboards.page import Page
from dashboards.periods import months_until
from dashboards.views import choices, measured, notices, processing

_SENTENCE = "Collections and acts of processing, by the day on which they happened"
_TOLD, _EXEMPT, _UNLISTED = "notice_at_collection_rate", "notice_exempt_rate", "unlisted_category_count"


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Collection")
    if not judged.holds(page.ref, "fct_collections"):
        frame.header(page, "Collection", _SENTENCE)
        nothing(
            "No collection has been landed",
            "0 collections are known, so nothing says who was told. Add a source of log `collections` to promisekept.yml.",
        )
        processing.draw(page)
        return
    filters = (
        choices.read("type", "Type", data.values(page.ref, "type"), words.sentence),
        choices.read("feature", "Feature", data.values(page.ref, "feature"), words.sentence),
    )
    what = What(*(choice.chosen for choice in filters))
    frame.header(page, "Collection", _SENTENCE, lambda: choices.control(filters))
    choices.pills(filters)
    target = measured.target_of(_verdicts(page, what).get(_TOLD))
    _figures(page, what)
    with pair() as (left, right):
        with (
            left,
            section("Told at collection, by type and feature", "Share with 95% interval, lowest first. Hollow: fewer than 10"),
        ):
            _ranked(page, what, target)
        with right, section("Told at collection, month by month", f"Share of collections, with 95% interval; {_scope(what)}"):
            _by_month(page, what, target)
    notices.by_type(page, what)
    if access.may("rows"):
        notices.untold(page, what, filters)
    processing.draw(page)


def _scope(what: What) -> str:
    """The months are known for one filter at a time."""
    return "all types and features" if what.single in (None, metrics.ALL) else notation.plain(words.sentence(what.single[1]))


def _verdicts(page: Page, what: What) -> dict[str, Any]:
    """What promises ask: of the type chosen, else of every type, where the one worst kept speaks."""
    own = what.single if what.single and what.single[0] == "collection_type" else ("collection_type", None)
    return judged.verdicts(page.ref, (_TOLD, _EXEMPT), page.period, own)


@guarded
def _figures(page: Page, what: What) -> None:
    period, where = page.period, measured.during(page.period)
    got = data.counts(page.ref, what, period)
    if what.single:
        told, exempt = metrics.figures(page.ref, (_TOLD, _EXEMPT), period, what.single).values()
    else:
        due, every = got["told"] + got["not_told"], got["collections"]
        told = Figure(got["told"] / due if due else None, got["told"], due, None, "share")
        exempt = Figure(got["exempt"] / every if every else None, got["exempt"], every, None, "share")
    targets = _verdicts(page, what)
    unlisted = metrics.figures(page.ref, (_UNLISTED,), period)[_UNLISTED]
    listed = judged.verdicts(page.ref, (_UNLISTED,), period)
    cards(
        [
            measured.of_figure(
                "Told at collection",
                told,
                targets.get(_TOLD),
                "collections",
                where=where,
                nothing=f"0 collections {where}",
                help="The notice was shown at or before the collection; those with an exemption are counted apart.",
            ),
            Card(
                "Not told in time",
                notation.count(got["not_told"]),
                f"of {notation.count(got['collections'])} collections {where}",
            ),
            measured.of_figure(
                "Exempt from notice",
                exempt,
                targets.get(_EXEMPT),
                "collections",
                where=where,
                nothing=f"0 collections {where}",
                help="Collections for which the source states a ground why nobody had to be told.",
            ),
            measured.of_figure(
                "Categories nobody listed",
                unlisted,
                listed.get(_UNLISTED),
                f"of {notation.count(unlisted.units or 0)} collections and acts of processing",
                where=where,
                nothing=f"0 rows {where}",
                help="Rows with a category of data that the policy pack does not list; whatever type and feature.",
            ),
        ]
    )
    measured.doubts({_TOLD: told, _EXEMPT: exempt}, targets | listed, metrics.names(page.ref))


@guarded
def _ranked(page: Page, what: What, target: tuple[str, float] | None) -> None:
    found = data.by_type(page.ref, what, page.period)
    points = [
        (
            words.sentence(row["feature"] or row["collection_type"]),
            Figure(row["told"] / (row["told"] + row["not_told"]), row["told"], row["told"] + row["not_told"]),
        )
        for row in found
        if row["told"] + row["not_told"]
    ]
    if not points:
        nothing("Nothing was collected", f"0 collections with these filters in {page.period.words}.")
        return
    numbers = [
        {
            "What": name,
            "Told": figure.numerator,
            "Collections": figure.denominator,
            "Share": notation.rate(figure.value, target[1] if target else None),
        }
        for name, figure in points
    ]
    shown = points[:12]
    look.show(
        rates.ranked(shown, target, "Collected by"),
        alternative="Told at collection: " + rates.spoken(shown, target),
        numbers=numbers,
        name="by type and feature",
        height=look.HIGH,
    )


@guarded
def _by_month(page: Page, what: What, target: tuple[str, float] | None) -> None:
    months = months_until(page.today, 18)
    found = metrics.monthly(page.ref, _TOLD, months[0].start, months[-1].start, what.single or metrics.ALL)
    points = [(month, figure) for month, figure in found if figure.denominator]
    if not points:
        nothing("Nothing was collected", "0 collections in the last 18 months.")
        return
    named = [(f"{month:%b %Y}", figure) for month, figure in points]
    numbers = [
        {
            "Month": name,
            "Told": figure.numerator,
            "Collections": figure.denominator,
            "Share": notation.rate(figure.value, target[1] if target else None),
        }
        for name, figure in named
    ]
    running = months[-1].start if page.today < months[-1].end else months[-1].end
    look.show(
        rates.over_months(points, target, running),
        alternative="Told at collection: " + rates.spoken(named, target),
        numbers=numbers,
        name="by month",
        height=look.HIGH,
    )


if __name__ == "__main__":
    main()
