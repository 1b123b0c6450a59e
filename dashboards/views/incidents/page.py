"""Incidents: were the authority and the individuals notified in time, and which deadline is running?

Here: the page. Not here: drawing (charts/incident_deadlines.py), the hours of a jurisdiction (the mart holds them).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from dashboards import access, layout, markdown
from dashboards.charts import incident_deadlines, theme
from dashboards.components import figure_cards, filter_bar, tables
from dashboards.components.filter_bar import FilterChoice
from dashboards.components.listing import Listing
from dashboards.components.sections import Card, cards, guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import control_results, metrics
from dashboards.data import incidents as data
from dashboards.page import Page
from dashboards.views.incidents import drawer, timeline
from promisekept.presentation import formats, labels, statuses

_SENTENCE = "By the day of detection; one whose deadline is running is always shown"
_CODES = ("authority_notification_adherence", "person_notification_adherence", "incident_count", "affected_subjects")
_SIZE = 12


def took(row: dict[str, Any]) -> str:
    """`69 of 72 hours`: how long the notification of the authority took, of the hours that the jurisdiction gives."""
    if row["authority_hours"] is None:
        return formats.NULL
    hours = formats.count(round(row["authority_hours"], 1))
    return f"{hours} of {formats.count(row['authority_due_hours'])} hours" if row["authority_due_hours"] else f"{hours} hours"


_COLUMNS = (
    Column("Status", lambda row: statuses.INCIDENTS[row["status"]], 128),
    Column("Incident", "incident_id", 86),
    Column("Type", lambda row: labels.sentence(row["incident_type"]), 140),
    Column("Jurisdiction", lambda row: labels.jurisdiction(row["jurisdiction"]), 96),
    Column("Detected", "detected_at", 158),
    Column("Notify authority by", "authority_due_at", 158),
    Column("Notified after", took, 112, align="right"),
    Column("Affected", "affected_subjects", 70),
    Column("Individuals", lambda row: statuses.INCIDENTS[row["persons_status"]].text, 124),
    Column("Notify individuals by", "persons_due_at", 158),
    Column("Source", "source", 104),
    Column("Batch · row", tables.landed, 90),
)


def _status(code: str) -> str:
    return statuses.INCIDENTS[code].text


def main() -> None:
    """Draw the page."""
    page = layout.open_page("Incidents")
    if not control_results.holds(page.ref, "fct_incidents"):
        layout.header(page, "Incidents", _SENTENCE)
        nothing(
            "No incident has been landed",
            "0 incidents are known. If none happened, a source of log `incidents` that delivers an empty file each interval "
            "makes the silence evidence.",
        )
        return
    if not access.may("rows"):
        layout.header(page, "Incidents", _SENTENCE)
        _figures(page)
        return
    if tables.alone(drawer.drawer_of_address, page):
        return
    filters = (filter_bar.read("status", "Status", data.statuses(page.ref), _status),)
    layout.header(page, "Incidents", _SENTENCE, lambda: filter_bar.control(filters))
    filter_bar.pills(filters)
    _figures(page)
    _draw(page, filters)
    drawer.drawer_of_address(page)


@guarded
def _figures(page: Page) -> None:
    got, targets = metrics.figures(page.ref, _CODES, page.period), control_results.verdicts(page.ref, _CODES, page.period)
    now, where = data.now(page.ref), figure_cards.during(page.period)
    total = formats.count(now["known"])
    notified, types = (
        got["authority_notification_adherence"],
        metrics.by_dimension(page.ref, "incident_count", page.period, "incident_type"),
    )
    by_type = ", ".join(
        f"{formats.count(figure.value)} {markdown.plain(labels.sentence(code).lower())}" for code, figure in types if figure.value
    )
    cards(
        [
            figure_cards.of_figure(
                "Supervisory authority notified in time",
                notified,
                targets.get("authority_notification_adherence"),
                "that had to be notified",
                where=where,
                nothing=f"0 notifications fell due {where}",
                help="By the end of the hours that the law of the jurisdiction gives, counted from the detection.",
            ),
            figure_cards.of_figure(
                "Individuals notified in time",
                got["person_notification_adherence"],
                targets.get("person_notification_adherence"),
                "that had to be notified",
                where=where,
                nothing=f"0 notifications of individuals fell due {where}",
                help="Breaches whose individuals were notified by the end of the time that the law of the jurisdiction gives.",
            ),
            _running(page, now, total),
            Card(
                "Overdue now",
                formats.count(now["overdue"]),
                f"of {total} incidents to date" + (f" · since {_at(page, now['oldest_due'])}" if now["overdue"] else ""),
                badge=statuses.INCIDENTS["open_overdue"].badge() if now["overdue"] else "",
            ),
            Card(
                "Incidents",
                formats.count(got["incident_count"].value or 0),
                f"detected {where}, of {total} to date{': ' + by_type if by_type else ''}",
            ),
            Card(
                "Persons affected",
                formats.count(got["affected_subjects"].value) if got["affected_subjects"].value is not None else formats.NULL,
                f"by the {formats.count(got['incident_count'].value or 0)} of {total} incidents detected {where}, as last stated",
            ),
        ]
    )
    if now["assessed_overdue"]:
        st.markdown(
            f":small[:yellow-badge[:material/warning: Assessed late] {formats.out_of(now['assessed_overdue'], now['known'])} "
            "incidents were assessed as no risk only after the hours were over, without a notification]"
        )
    figure_cards.doubts(got, targets, metrics.names(page.ref))


def _running(page: Page, now: dict[str, Any], total: str) -> Card:
    left = f" · the first ends {_at(page, now['next_due'])}" if now["running"] else ""
    return Card(
        "Deadline running",
        formats.count(now["running"]),
        f"of {total} incidents to date{left}",
        badge=statuses.INCIDENTS["open_in_time"].badge(f"{_left(page, now['next_due'])} left") if now["running"] else "",
    )


def _at(page: Page, instant: datetime) -> str:
    return formats.instant(instant, page.snapshot.zone)


def _left(page: Page, due: datetime) -> str:
    hours = max(0, int((due - page.snapshot.as_of).total_seconds() // 3600))
    return formats.days(hours, of="hour")


@st.fragment
@guarded
def _draw(page: Page, filters: tuple[FilterChoice, ...]) -> None:
    status = filters[0].chosen
    listing = Listing(
        "incidents",
        _COLUMNS,
        data.count(page.ref, status, page.period),
        (data.page, page.ref, status, page.period),
        alt="Incidents with their deadline",
        zone=page.snapshot.zone,
        opens=lambda row: tables.opened(drawer.NAME, row["incident_key"]),
        size=_SIZE,
    )
    with section(
        "Notification deadlines",
        "One lane per incident, in hours since its detection; the line across a lane ends the hours in which the authority "
        "must be notified",
    ):
        if not listing.number:
            _none(page, filters)
            return
        shown = [timeline.lane(row, page.snapshot.as_of) for row in listing.rows()]
        theme.show(
            incident_deadlines.lanes(shown),
            spoken="; ".join(f"{one.name}: {one.words}" for one in shown),
            height=theme.height(len(shown), 2, 5),
        )

    def control() -> None:
        listing.export("incidents", of=data.now(page.ref)["known"], filters={"status": status})

    note = f"{formats.days(listing.number, of='incident')}: those with a running deadline first, then the newest"
    with section("Incidents", note, control):
        listing.draw()


def _none(page: Page, filters: tuple[FilterChoice, ...]) -> None:
    total = formats.count(data.now(page.ref)["known"])
    chosen = bool(filters[0].chosen)
    nothing(
        "No incident matches" if chosen else f"No incident was detected in {page.period.words}",
        f"0 of {total} incidents to date{' match these filters' if chosen else ''}.",
        good=not chosen,
    )
    if chosen:
        filter_bar.clear(choice.name for choice in filters)


if __name__ == "__main__":
    main()
