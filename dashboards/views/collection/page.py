"""Collection: were people notified when their data was collected, and is it processed for what was declared?

Here: the order of the page and the figures of collection. Not here: the tables of notices (notices.py),
processing (processing.py).
"""

from __future__ import annotations

from typing import Any

from dashboards import access, layout, markdown
from dashboards.charts import theme
from dashboards.components import figure_cards, filter_bar, rates
from dashboards.components.sections import Card, cards, guarded, nothing, pair, section
from dashboards.data import collections as data
from dashboards.data import control_results, metrics
from dashboards.data.collections import CollectionFilters
from dashboards.page import Page
from dashboards.views.collection import notices, processing
from promisekept.presentation import formats, labels

_SENTENCE = "Collections and processing operations, by the day on which they happened"
_NOTIFIED, _EXEMPT, _UNLISTED = "notice_at_collection_rate", "notice_exempt_rate", "unlisted_category_count"

_TITLES = ("Notified in time", "Collections")


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Collection")
    if not control_results.holds(page.ref, "fct_collections"):
        layout.header(page, "Collection", _SENTENCE)
        nothing(
            "No collection has been landed",
            "0 collections are known, so nothing shows who was notified. Add a source of log `collections` to promisekept.yml.",
        )
        processing.draw(page)
        return
    filters = (
        filter_bar.read("type", "Type", data.values(page.ref, "type"), labels.sentence),
        filter_bar.read("feature", "Feature", data.values(page.ref, "feature"), labels.sentence),
    )
    what = CollectionFilters(*(choice.chosen for choice in filters))
    layout.header(page, "Collection", _SENTENCE, lambda: filter_bar.control(filters))
    filter_bar.pills(filters)
    target = figure_cards.target_of(_verdicts(page, what).get(_NOTIFIED))
    _figures(page, what)
    pair(lambda: _ranked(page, what, target), lambda: _by_month(page, what, target))
    notices.by_type(page, what)
    if access.may("rows"):
        notices.not_notified_rows(page, what, filters)
    processing.draw(page)


def _scope(what: CollectionFilters) -> str:
    """The months are known for one filter at a time."""
    return markdown.plain(labels.sentence(what.single[1])) if what.chosen and what.single else "all types and features"


def _verdicts(page: Page, what: CollectionFilters) -> dict[str, Any]:
    """What promises ask: of the type chosen, else of every type, where the one worst kept speaks."""
    own = what.single if what.single and what.single[0] == "collection_type" else ("collection_type", None)
    return control_results.verdicts(page.ref, (_NOTIFIED, _EXEMPT), page.period, own)


@guarded
def _figures(page: Page, what: CollectionFilters) -> None:
    period, where = page.period, figure_cards.during(page.period)
    got = data.counts(page.ref, what, period)
    if what.single:
        notified, exempt = metrics.figures(page.ref, (_NOTIFIED, _EXEMPT), period, what.single).values()
    else:
        due, every = got["notified"] + got["not_notified"], got["collections"]
        notified, exempt = metrics.share(got["notified"], due), metrics.share(got["exempt"], every)
    targets = _verdicts(page, what)
    unlisted = metrics.figures(page.ref, (_UNLISTED,), period)[_UNLISTED]
    listed = control_results.verdicts(page.ref, (_UNLISTED,), period)
    cards(
        [
            figure_cards.of_figure(
                "Notified at collection",
                notified,
                targets.get(_NOTIFIED),
                "collections",
                where=where,
                nothing=f"0 collections {where}",
                help="The notice was shown at or before the collection; those with an exemption are counted apart.",
            ),
            Card(
                "Not notified in time",
                formats.count(got["not_notified"]),
                f"of {formats.count(got['collections'])} collections {where}",
            ),
            figure_cards.of_figure(
                "Exempt from notice",
                exempt,
                targets.get(_EXEMPT),
                "collections",
                where=where,
                nothing=f"0 collections {where}",
                help="Collections for which the source states a ground why nobody had to be notified.",
            ),
            figure_cards.of_figure(
                "Undeclared data categories",
                unlisted,
                listed.get(_UNLISTED),
                f"of {formats.count(unlisted.units or 0)} collections and processing operations",
                where=where,
                nothing=f"0 rows {where}",
                help="Rows with a category of data that the policy pack does not list; whatever type and feature.",
            ),
        ]
    )
    figure_cards.doubts({_NOTIFIED: notified, _EXEMPT: exempt}, targets | listed, metrics.names(page.ref))


@guarded
def _ranked(page: Page, what: CollectionFilters, target: tuple[str, float] | None) -> None:
    with section("Notified at collection, by type and feature", "Share with 95% interval, lowest first. Hollow: n < 10"):
        found = data.by_type(page.ref, what, page.period)
        points = [
            (
                labels.sentence(row["feature"] or row["collection_type"]),
                metrics.share(row["notified"], row["notified"] + row["not_notified"]),
            )
            for row in found
            if row["notified"] + row["not_notified"]
        ]
        if not points:
            nothing("Nothing was collected", f"0 collections with these filters in {page.period.words}.")
            return
        rates.ranked("Type or feature", points, target, _TITLES)


@guarded
def _by_month(page: Page, what: CollectionFilters, target: tuple[str, float] | None) -> None:
    with section("Notified at collection, month by month", f"Share of collections, with 95% interval; {_scope(what)}"):
        first, *_, last = rates.months(page)
        found = metrics.monthly(page.ref, _NOTIFIED, first, last, what.single or metrics.ALL)
        points = [(month, figure) for month, figure in found if figure.denominator]
        if not points:
            nothing("Nothing was collected", "0 collections in the last 18 months.")
            return
        rates.by_month(page, points, target, _TITLES, height=theme.HIGH)


if __name__ == "__main__":
    main()
