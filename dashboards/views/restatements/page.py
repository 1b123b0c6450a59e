"""Restatements: which figures of closed periods did a later snapshot change, and why?

Here: the page and its table. Not here: one figure with the deliveries that changed it (figure_drawer.py), the rows
(data/restatements.py), their wording (figure_drawer.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import layout, parameters
from dashboards.components import controls, export, tables
from dashboards.components.listing import Listing
from dashboards.components.sections import Card, cards, guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import restatements as data
from dashboards.data.restatements import Publication, RestatementFilters, SequenceRange
from dashboards.page import Page
from dashboards.views.restatements import figure_drawer
from promisekept.presentation import formats, labels

_SENTENCE = "Figures of closed periods that a later snapshot restated, with the cause of each"


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Restatements")
    if not data.has_history(page.snapshot):
        layout.header(page, "Restatements", _SENTENCE, by_period=False)
        nothing("This snapshot brings no history", "It was published before histories were kept. The next one brings it.")
        return
    published = data.published(page.ref)
    if len(published) < 2:
        layout.header(page, "Restatements", _SENTENCE, by_period=False)
        nothing("This is the first snapshot", "0 figures were published before it, so none can be restated.", good=True)
        return
    until = _chosen("to", published[:-1], published[0])
    after = _chosen("from", [one for one in published if one.sequence < until.sequence], published[published.index(until) + 1])
    span = SequenceRange(after.sequence, until.sequence)
    if tables.alone(figure_drawer.drawer_of_address, page, span):
        return
    layout.header(page, "Restatements", _SENTENCE, lambda: _spans(page, published, after, until), by_period=False)
    _figures(page, span, after, until)
    _causes(page, span)
    worklist(page, span)


def _chosen(name: str, allowed: list[Publication], default: Publication) -> Publication:
    wanted = parameters.one(name, [one.id for one in allowed], default.id)
    return next(one for one in allowed if one.id == wanted)


def _spans(page: Page, published: list[Publication], after: Publication, until: Publication) -> None:
    titles = {one.id: _label(one, page.snapshot.zone) for one in published}
    older = {one.id: titles[one.id] for one in published if one.sequence < until.sequence}
    newer = {one.id: titles[one.id] for one in published[:-1]}
    drops = ("page", "figure")
    controls.choice("from", "Compared with", older, after.id, next(iter(older)), drops=drops, width=220)
    controls.choice("to", "Restated by", newer, until.id, published[0].id, drops=(*drops, "from"), width=220)


def _label(one: Publication, zone: str) -> str:
    return f"{one.id} · {formats.local_day(one.published_at, zone)}" if one.published_at else one.id


def _figures(page: Page, span: SequenceRange, after: Publication, until: Publication) -> None:
    now, published_before = data.counted(page.ref, span), data.figures_published(page.ref, span.after)
    snapshots = formats.plural(until.sequence - after.sequence, "snapshot")
    of = f"of {formats.count(now['restated'])} restated"
    cards(
        [
            Card(
                "Figures restated",
                formats.count(now["restated"]),
                f"of {formats.count(published_before)} that {after.id} published of closed periods · by {snapshots}",
            ),
            Card("Over everything", formats.count(now["whole"]), f"{of}; the others are breakdowns of them"),
            Card("Changed", formats.count(now["changed"]), of),
            Card("Added or gone", formats.count(now["added"] + now["gone"]), f"{of}: {now['added']} added, {now['gone']} gone"),
        ]
    )


@guarded
def _causes(page: Page, span: SequenceRange) -> None:
    found = data.by_cause(page.ref, span)
    whole = data.counted(page.ref, span)["restated"]
    if not found:
        return
    columns = (
        Column("Cause", lambda row: labels.label(labels.RESTATEMENT_CAUSES, row["cause"])),
        Column("Figures", "figures", shown=lambda row: formats.out_of(row["figures"], whole)),
        Column("Batches", "batches"),
    )
    note = "Figures by cause; several causes may hold for one"
    with section("Why", note, lambda: export.button("by cause", found, columns)):
        tables.small(columns, found)


@st.fragment
@guarded
def worklist(page: Page, span: SequenceRange) -> None:
    """The figures, a page at a time; the controls rerun nothing else."""
    counted, names = data.counted(page.ref, span), figure_drawer.names(page)
    scope = parameters.one("scope", ("every",), "whole")
    selection = RestatementFilters(scope == "whole", parameters.several("metric", counted["metrics"] or []))
    number = data.number(page.ref, span, selection)
    listing = Listing(
        "restatements_frame",
        figure_drawer.columns(names, data.units(page.ref)),
        number,
        (data.page, page.ref, span, selection),
        alt="Restated figures with old and new value",
        opens=lambda row: tables.opened(figure_drawer.NAME, row["figure"], scope="fragment"),
    )

    def draw_controls() -> None:
        titles = {
            "whole": f"Over everything · {formats.count(counted['whole'])}",
            "every": f"Every breakdown · {formats.count(counted['restated'])}",
        }
        figure_titles = {code: names.get(code, labels.sentence(code)) for code in counted["metrics"] or []}
        drawn: dict[str, Any] = {"placeholder": "All figures", "label_visibility": "collapsed", "width": 220}
        controls.several("metric", "Figures", figure_titles, selection.metric, **drawn)
        controls.segments("scope", "Breakdown", titles, scope or "", "whole")
        listing.export(
            "list",
            of=counted["restated"],
            filters={"metric": selection.metric, "from": (str(span.after),), "to": (str(span.until),), "scope": (scope or "",)},
        )

    with section("Restated figures", "Newest periods first. Select a row for the deliveries that changed it", draw_controls):
        if not number:
            published_before = data.figures_published(page.ref, span.after)
            nothing(
                "No figure was restated" if not counted["restated"] else "No restated figure matches",
                f"0 of {formats.count(counted['restated'] or published_before)} "
                + ("restated figures." if counted["restated"] else "figures of closed periods were restated."),
                good=not counted["restated"],
            )
        else:
            listing.draw()
    figure_drawer.drawer_of_address(page, span)


if __name__ == "__main__":
    main()
