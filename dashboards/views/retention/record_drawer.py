"""One record set in a drawer: until when it may be kept and why, what is wrong with it, and the landed row that records it.

Here: what `?record=KEY` shows beside the retention page. Not here: the lists it is opened from (by_system.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import access, markdown, parameters
from dashboards.components import landed_rows, links, tables
from dashboards.components.sections import Card, guarded
from dashboards.data import names, own_dimensions, records
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses

_TRIGGERS = {"created": "its creation", "last_activity": "the last activity", "trigger": "the event that the schedule names"}


def drawer_of_address(page: Page) -> bool:
    """Open the drawer where the address names a record set; whether it is the sheet."""
    key = parameters.text("record")
    if key and access.may("rows"):
        return tables.drawer("Record set", "record", _drawer, page, key)
    return False


@guarded
def _drawer(page: Page, key: str) -> None:
    row = records.record(page.ref, key)
    if not row:
        st.markdown("**No such record set**")
        st.caption("This snapshot holds none of that key. It may have been mistyped, or belong to a newer snapshot.")
        return
    over = f" by {formats.days(row['over_days'])}" if row["over_days"] else ""
    word = statuses.RECORDS[row["status"]]
    st.markdown(f"**{markdown.plain(row['record_id'])}** {word.badge(word.text + over)}")
    stated = own_dimensions.stated(page.ref, "fct_records", row)
    own = "".join(f" · {markdown.plain(title)} {markdown.plain(value)}" for title, value in stated.items())
    st.caption(
        f"{formats.days(row['record_count'], of='record')} of {markdown.plain(labels.sentence(row['data_category']))} in "
        f"{names.written(page.ref, 'system', row['system'])} · person {tables.person(row['subject_key'])}{own}"
    )
    for name, value, why in _steps(row, page.snapshot.zone):
        with st.container(border=True, gap=None):
            Card(name, value, why).show()
    _findings(page, row)
    st.markdown("**Where it comes from**")
    landed_rows.origin(page, row)


def _steps(row: dict[str, Any], zone: str) -> list[tuple[str, str, str]]:
    since = _TRIGGERS.get(row["trigger"], "its trigger")
    schedule = markdown.plain(row["schedule_id"] or "no schedule")
    term = ", shortened by a contract's term" if row["has_contract_term"] else ""
    on_hold = f" · {formats.days(row['held_days'])} on hold" if row["held_days"] else ""
    held_by = ", ".join(markdown.plain(hold) for hold in row.get("hold_refs") or [])
    still = f" · legal hold {held_by} stands" if held_by else " · a hold stands" if row["on_hold"] else ""
    if row["hold_unreviewed_since"]:
        still += f" and was not placed again since {formats.instant(row['hold_unreviewed_since'], zone)}"
    if row["held_when_overdue"]:
        still += ", placed when it should have been deleted already"
    awaited = f", awaited until {formats.day(row['trigger_due_by'])}" if row["trigger_overdue"] else ""
    minimum = f"Not before {formats.day(row['keep_until'])}" if row["keep_until"] else "No minimum period"
    steps = [
        ("Created", formats.day(row["created_date"]), f"The schedule in force then governs: {schedule}{term}"),
        (
            "Period runs from",
            formats.day(row["trigger_date"]),
            f"By {since}" if row["trigger_date"] else f"{since.capitalize()} has not come{awaited}",
        ),
        ("Delete by", formats.day(row["delete_by"]), f"{minimum}{on_hold}{still}"),
    ]
    if row["activity_looks_automatic"]:
        many = "On so many days in a row until then that a job may begin the period again"
        steps.append(("Active like a job", formats.instant(row["activity_automatic_at"], zone), many))
    for part in row["partial_deletions"]:
        number = f"{formats.count(part['record_count'])} of {formats.count(row['record_count'])} records"
        steps.append(("Deleted in part", formats.day(part["deleted_date"]), f"{labels.sentence(part['event_type'])}: {number}"))
    if row["deleted_date"]:
        steps.append(("Deleted", formats.day(row["deleted_date"]), labels.sentence(row["deletion_event_type"])))
    if row["reappeared_at"]:
        steps.append(("Reappeared after deletion", formats.instant(row["reappeared_at"], zone), "Recorded again"))
    return steps


def _findings(page: Page, row: dict[str, Any]) -> None:
    for finding in row["findings"]:
        seen = (
            f" · first seen {formats.instant(finding['first_seen_at'], page.snapshot.zone)}" if finding["first_seen_at"] else ""
        )
        st.markdown(f"**Finding** {markdown.plain(finding['word'])}")
        st.caption(f"{labels.sentence(finding['severity'])} severity{seen}")
        links.link("Findings", "Open the finding", page.carried | {"finding": finding["finding_key"]})
