"""A request of which one event is recorded in conflicting versions: what contradicts what, and what settles it.

Here: the box above the figures and the table of differences. Not here: the rest of the page (detail.py). Nothing here decides
which version is true: none counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import markdown
from dashboards.components import links, tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import findings
from dashboards.page import Page
from promisekept.errors import PromisekeptError
from promisekept.presentation import formats, labels, statuses
from promisekept.publishing.provenance import deliveries, landed_rows

_ANSWERS = ("fulfilled", "partially_fulfilled", "denied")
_ALWAYS = ("event_id", "revision", "event_type")
"""Columns that are shown though they are equal: they show that it is one event."""


@dataclass(frozen=True, slots=True)
class Version:
    """One landed row of an event in conflicting versions.

    Attributes:
        event: as the trace's provenance has it.
        landed: the row as it landed; empty where it can't be read.
        landed_at: when it landed, where the ledger has its batch.
    """

    event: Mapping[str, Any]
    landed: Mapping[str, Any]
    landed_at: datetime | None

    @property
    def is_answer(self) -> bool:
        """Whether it would close the request."""
        return self.event.get("event_type") in _ANSWERS

    def day(self, zone: str) -> date:
        """The local date on which it happened, as it records it."""
        return formats.local(self.event["occurred_at"], zone).date()


def versions(page: Page, landed: list[dict[str, Any]]) -> list[Version]:
    """The landed rows that contradict each other, in their order of occurrence."""
    events = [event for event in landed if event["verdict"] == "conflict" and event.get("occurred_at")]
    home = Path(page.ref.home)
    try:
        rows = landed_rows(home, [(event["batch_id"], event["row_number"]) for event in events])
        batches = deliveries(home, {event["batch_id"] for event in events})
    except PromisekeptError:
        rows, batches = {}, {}
    return [
        Version(
            event,
            rows.get((event["batch_id"], event["row_number"]), {}),
            batches[event["batch_id"]].landed_at if event["batch_id"] in batches else None,
        )
        for event in events
    ]


def box(page: Page, row: dict[str, Any], steps: list[dict[str, Any]], found: list[Version]) -> None:
    """What contradicts what, what it means for the state, and what settles it."""
    zone = row["time_zone"] or page.snapshot.zone
    kinds = {str(version.event["event_type"]) for version in found}
    days = [version.day(zone) for version in found]
    sentence = " ".join(step["says"] for step in steps if step["step"] == "conflict")
    if len(kinds) == 1 and len(set(days)) > 1:
        what = "The answer" if kinds <= set(_ANSWERS) else f"The event “{labels.sentence(next(iter(kinds))).lower()}”"
        sentence = f"{what} is recorded {_times(len(found))} with different dates: {' and '.join(map(formats.day, days))}."
    conflicts = findings.of_conflicts(
        page.ref, tuple((version.event["batch_id"], version.event["row_number"]) for version in found)
    )
    settled = [
        f"event {one['event_id']} with revision {int(one['detail'].get('revision') or 0) + 1}"
        for one in conflicts
        if one["event_id"]
    ]
    sentences = [f"**{markdown.plain(sentence)}**", markdown.plain(_meaning(row, found, days))]
    if settled:
        source = labels.sentence(found[0].event["source"]) if found else "the source"
        sentences.append(
            markdown.plain(
                f"It is settled when {source} delivers {' and '.join(settled)}; the next snapshot then derives the state again."
            )
        )
    else:
        sentences.append("It is settled when the source delivers the event with a higher revision.")
    st.warning(" ".join(sentences), icon=":material/difference:")
    for one in conflicts:
        links.link("Findings", "Open the finding", page.carried | {"finding": one["finding_key"]})


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


def _meaning(row: dict[str, Any], found: list[Version], days: list[date]) -> str:
    """Where the versions lie, and that none counts."""
    none = "neither counts" if len(found) == 2 else "none counts"
    state = statuses.REQUESTS[row["status"]].text.lower()
    placed = ""
    if row["due_date"] and found and all(version.is_answer for version in found):
        in_time = sum(day <= row["due_date"] for day in days)
        every = "Both are" if len(days) == 2 else "All are"
        if in_time == len(days):
            placed = f"{every} no later than the due date, yet "
        elif in_time == 0:
            placed = f"{every} after the due date, and "
        else:
            placed = f"{in_time} of {len(days)} {'is' if in_time == 1 else 'are'} no later than the due date, yet "
    sentence = f"{placed}{none} while they contradict each other, so the request stands as {state}."
    return sentence[:1].upper() + sentence[1:]


@guarded
def differences(page: Page, found: list[Version]) -> None:
    """The columns of the contract in which the versions differ, side by side."""
    with section("Where the versions differ", "Columns of the log contract; the other columns are equal"):
        readable = [version for version in found if version.landed]
        if len(readable) < 2:
            nothing("The landed rows can't be read here", "The files of the landing zone are elsewhere, or were deleted.")
            return
        names = dict.fromkeys(name for version in readable for name in version.landed)
        rows = []
        for name in names:
            values = [version.landed.get(name) for version in readable]
            differs = any(value != values[0] for value in values)
            if name in _OF_LANDING or not (differs or name in _ALWAYS):
                continue
            rows.append({"column": name, "differs": differs} | {str(place): value for place, value in enumerate(values)})
        columns = [Column("Column", "column", shown=_name)]
        for place, version in enumerate(readable):
            when = (
                f", landed {formats.day(formats.local(version.landed_at, page.snapshot.zone).date())}"
                if version.landed_at
                else ""
            )
            title = f"{version.event['batch_id']} · {formats.count(version.event['row_number'])}{when}"
            columns.append(Column(title, str(place), shown=lambda one, place=str(place): _value(one, place)))  # type: ignore[misc]
        tables.small(tuple(columns), rows, most=len(rows))


_OF_LANDING = ("source", "namespace", "batch_id", "key_id", "landed_at", "row_number", "collides")


def _name(one: dict[str, Any]) -> str:
    name = markdown.plain(one["column"])
    return f":yellow-background[**{name}**]" if one["differs"] else name


def _value(one: dict[str, Any], place: str) -> str:
    value = one[place]
    if isinstance(value, datetime):
        text = value.isoformat().replace("+00:00", "Z")
    elif one["column"].endswith("_key") and value:
        text = tables.shortened(str(value))
    else:
        text = (
            ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value) if value is not None else formats.NULL
        )
    return f"**{markdown.plain(text)}**" if one["differs"] else markdown.plain(text)
