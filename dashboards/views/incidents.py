"""Incidents: were the authority and the individuals notified in time, and which clock runs now?

Here: the page. Not here: the drawing of the clocks (charts/clocks.py), the hours of a place (the mart says them).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from dashboards import access, export, frame, notation, words
from dashboards.charts import clocks, look
from dashboards.data import incidents as data
from dashboards.data import judged, metrics, query
from dashboards.figures import Card, cards, guarded, nothing, section
from dashboards.page import Page
from dashboards.views import choices, lanes, lists, measured
from dashboards.views.choices import Choice

_SENTENCE = "By the day of detection; one whose clock runs is always shown"
_CODES = ("authority_notification_adherence", "person_notification_adherence", "incident_count", "affected_subjects")
_SIZE = 12


def _status(code: str) -> str:
    return words.INCIDENTS[code].text


def main() -> None:
    """Draw the page."""
    page = frame.open_page("Incidents")
    if not judged.holds(page.ref, "fct_incidents"):
        frame.header(page, "Incidents", _SENTENCE)
        nothing(
            "No incident has been landed",
            "0 incidents are known. If none happened, a source of log `incidents` that delivers an empty file each interval "
            "makes the silence evidence.",
        )
        return
    if not access.may("rows"):
        frame.header(page, "Incidents", _SENTENCE)
        _figures(page)
        return
    filters = (choices.read("status", "Status", data.statuses(page.ref), _status),)
    frame.header(page, "Incidents", _SENTENCE, lambda: choices.control(filters))
    choices.pills(filters)
    _figures(page)
    _draw(page, filters)


@guarded
def _figures(page: Page) -> None:
    got, targets = metrics.figures(page.ref, _CODES, page.period), judged.verdicts(page.ref, _CODES, page.period)
    now, where = data.now(page.ref), measured.during(page.period)
    known = notation.count(now["known"])
    told, types = (
        got["authority_notification_adherence"],
        metrics.by_dimension(page.ref, "incident_count", page.period, "incident_type"),
    )
    by_type = ", ".join(
        f"{notation.count(figure.value)} {notation.plain(words.sentence(code).lower())}" for code, figure in types if figure.value
    )
    cards(
        [
            measured.of_figure(
                "Authority told in time",
                told,
                targets.get("authority_notification_adherence"),
                "that had to be told",
                where=where,
                nothing=f"0 notifications fell due {where}",
                help="By the end of the hours that the law of the place gives, counted from the detection.",
            ),
            measured.of_figure(
                "Individuals notified in time",
                got["person_notification_adherence"],
                targets.get("person_notification_adherence"),
                "that had to be notified",
                where=where,
                nothing=f"0 notifications of individuals fell due {where}",
                help="Breaches whose individuals were notified by the end of the time that the law of the place gives.",
            ),
            _running(page, now, known),
            Card(
                "Overdue now",
                notation.count(now["overdue"]),
                f"of {known} incidents to date" + (f" · since {_at(page, now['oldest_due'])}" if now["overdue"] else ""),
                badge=words.INCIDENTS["open_overdue"].badge() if now["overdue"] else "",
            ),
            Card(
                "Incidents",
                notation.count(got["incident_count"].value or 0),
                f"detected {where}, of {known} to date{': ' + by_type if by_type else ''}",
            ),
            Card(
                "Persons affected",
                notation.count(got["affected_subjects"].value) if got["affected_subjects"].value is not None else notation.NULL,
                f"by the {notation.count(got['incident_count'].value or 0)} of {known} incidents detected {where}, "
                "as last stated",
            ),
        ]
    )
    if now["assessed_overdue"]:
        st.markdown(
            f":small[:yellow-badge[:material/warning: Assessed late] {notation.out_of(now['assessed_overdue'], now['known'])} "
            "incidents were assessed as no risk only after the hours were over, without a notification]"
        )
    measured.doubts(got, targets, metrics.names(page.ref))


def _running(page: Page, now: dict[str, Any], known: str) -> Card:
    left = f" · the first ends {_at(page, now['next_due'])}" if now["running"] else ""
    return Card(
        "Clock runs now",
        notation.count(now["running"]),
        f"of {known} incidents to date{left}",
        badge=words.INCIDENTS["open_in_time"].badge(f"{_left(page, now['next_due'])} left") if now["running"] else "",
    )


def _at(page: Page, instant: datetime) -> str:
    return notation.instant(instant, page.snapshot.zone)


def _left(page: Page, due: datetime) -> str:
    hours = max(0, int((due - page.snapshot.as_of).total_seconds() // 3600))
    return notation.days(hours, of="hour")


@st.fragment
@guarded
def _draw(page: Page, filters: tuple[Choice, ...]) -> None:
    status = filters[0].chosen
    number = data.count(page.ref, status, page.period)
    rows = data.page(page.ref, status, page.period, lists.rows_from_to("page", number, _SIZE)) if number else []
    with section(
        "Clocks",
        "One lane per incident, in hours since its detection; the line across a lane ends the hours in which the authority "
        "must be told",
    ):
        if not rows:
            _none(page, filters)
            return
        shown = [lanes.lane(row, page.snapshot.as_of) for row in rows]
        look.show(
            clocks.lanes(shown),
            alternative="Incidents, hours since detection: " + "; ".join(f"{one.name}: {one.words}" for one in shown) + ".",
            height=look.HIGH if len(shown) > 5 else look.MIDDLE if len(shown) > 2 else look.LOW,
        )

    def control() -> None:
        export.control(
            "incidents",
            lambda: [_said(row) for row in query.every(data.page, page.ref, status, page.period)],
            number=number,
            of=data.now(page.ref)["known"],
            filters={"status": status},
        )

    told = f"{notation.days(number, of='incident')}: those whose clock runs first, then the newest"
    with section("Incidents", told, control):
        _table(page, rows)
        lists.turn("page", number, len(rows), _SIZE)


def _none(page: Page, filters: tuple[Choice, ...]) -> None:
    known = notation.count(data.now(page.ref)["known"])
    chosen = bool(filters[0].chosen)
    nothing(
        "No incident matches" if chosen else f"No incident was detected in {page.period.words}",
        f"0 of {known} incidents to date{' match these filters' if chosen else ''}.",
        good=not chosen,
    )
    if chosen and st.button("Clear filters", on_click=lists.clear, args=(filters,)):
        st.rerun(scope="app")


def took(row: dict[str, Any]) -> str:
    """`69 of 72 hours`: how long it took to tell the authority, of the hours that the place gives."""
    if row["authority_hours"] is None:
        return notation.NULL
    told = notation.count(round(row["authority_hours"], 1))
    return f"{told} of {notation.count(row['authority_due_hours'])} hours" if row["authority_due_hours"] else f"{told} hours"


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """An incident in the reader's words, as it is taken away."""
    return {
        "Status": words.INCIDENTS[row["status"]].text,
        "Incident": row["incident_id"],
        "Type": words.sentence(row["incident_type"]),
        "Place": row["jurisdiction"],
        "Detected": row["detected_at"],
        "Tell by": row["authority_due_at"],
        "Told after": took(row),
        "Affected": row["affected_subjects"],
        "Individuals": words.INCIDENTS[row["persons_status"]].text,
        "Notify individuals by": row["persons_due_at"],
        "Source": row["source"],
        "Batch · row": lists.landed(row),
    }


def _table(page: Page, rows: list[dict[str, Any]]) -> None:
    zone = page.snapshot.zone

    def at(instant: datetime | None) -> str:
        return notation.NULL if instant is None else notation.instant(instant, zone)

    column = st.column_config
    states = {row["status"]: words.INCIDENTS[row["status"]] for row in rows}
    lists.table(
        "incidents",
        [
            _said(row)
            | {
                "Status": [words.INCIDENTS[row["status"]].cell],
                "Detected": at(row["detected_at"]),
                "Tell by": at(row["authority_due_at"]),
                "Notify individuals by": at(row["persons_due_at"]),
            }
            for row in rows
        ],
        alt="Incidents with their clock",
        columns={
            "Status": column.MultiselectColumn(
                width=128, options=[word.cell for word in states.values()], color=[word.colour for word in states.values()]
            ),
            "Incident": column.TextColumn(width=86),
            "Type": column.TextColumn(width=140),
            "Place": column.TextColumn(width=66),
            "Detected": column.TextColumn(width=152),
            "Tell by": column.TextColumn(width=152),
            "Told after": column.TextColumn(width=112, alignment="right"),
            "Affected": column.NumberColumn(width=70, format="localized"),
            "Individuals": column.TextColumn(width=124),
            "Notify individuals by": column.TextColumn(width=152),
            "Source": column.TextColumn(width=104),
            "Batch · row": column.TextColumn(width=90),
        },
        opens=None,
    )


if __name__ == "__main__":
    main()
