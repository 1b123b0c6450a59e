"""One record set in a drawer: until when it may be kept and why, what is wrong with it, and the landed row that says so.

Here: what `?record=KEY` shows beside the retention page. Not here: the lists it is opened from (retained.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import access, notation, parameters, words
from dashboards.data import records
from dashboards.figures import guarded
from dashboards.page import Page, exists, file_of
from dashboards.views import lists

_TRIGGERS = {"created": "its creation", "last_activity": "the last activity", "trigger": "the event that the schedule names"}


def drawer_if_asked(page: Page) -> None:
    """Open the drawer where the address names a record set."""
    key = parameters.text("record")
    if key and access.may("rows"):
        st.dialog("Record set", width=560, position="right", on_dismiss=lambda: parameters.drop(["record"]))(_drawer)(page, key)


@guarded
def _drawer(page: Page, key: str) -> None:
    row = records.record(page.ref, key)
    if not row:
        st.markdown("**No such record set**")
        st.caption("This snapshot knows none of that key. It may have been mistyped, or belong to a newer snapshot.")
        return
    over = f" by {notation.days(row['over_days'])}" if row["over_days"] else ""
    word = words.RECORDS[row["status"]]
    st.markdown(f"**{notation.plain(row['record_id'])}** {word.badge(word.text + over)}")
    st.caption(
        f"{notation.days(row['record_count'], of='record')} of {notation.plain(words.sentence(row['data_category']))} in "
        f"{notation.plain(row['system'])} · person {lists.person(row['subject_key'])}"
    )
    for name, value, why in _steps(row, page.snapshot.zone):
        with st.container(border=True, gap=None):
            st.metric(name, value)
            st.caption(why)
    _findings(page, row)
    st.markdown("**Where it comes from**")
    st.caption(f"Source {notation.plain(row['source'])} · batch and row {notation.plain(lists.landed(row))}")


def _steps(row: dict[str, Any], zone: str) -> list[tuple[str, str, str]]:
    since = _TRIGGERS.get(row["trigger"], "its trigger")
    schedule = notation.plain(row["schedule_id"] or "no schedule")
    term = ", shortened by a contract's term" if row["has_contract_term"] else ""
    held = f" · {notation.days(row['held_days'])} on hold" if row["held_days"] else ""
    still = " · a hold stands" if row["on_hold"] else ""
    if row["hold_unreviewed_since"]:
        still += f" and was not placed again since {notation.instant(row['hold_unreviewed_since'], zone)}"
    if row["held_when_overdue"]:
        still += ", placed when it should have been deleted already"
    awaited = f", awaited until {notation.day(row['trigger_due_by'])}" if row["trigger_overdue"] else ""
    kept = f"Not before {notation.day(row['keep_until'])}" if row["keep_until"] else "No minimum period"
    steps = [
        ("Created", notation.day(row["created_date"]), f"The schedule in force then governs: {schedule}{term}"),
        (
            "Period runs from",
            notation.day(row["trigger_date"]),
            f"By {since}" if row["trigger_date"] else f"{since.capitalize()} has not come{awaited}",
        ),
        ("Delete by", notation.day(row["delete_by"]), f"{kept}{held}{still}"),
    ]
    if row["activity_looks_automatic"]:
        many = "On so many days in a row until then that a job may begin the period anew"
        steps.append(("Active like a job", notation.instant(row["activity_automatic_at"], zone), many))
    for part in row["partial_deletions"]:
        number = f"{notation.count(part['record_count'])} of {notation.count(row['record_count'])} records"
        steps.append(("Deleted in part", notation.day(part["deleted_date"]), f"{words.sentence(part['event_type'])}: {number}"))
    if row["deleted_date"]:
        steps.append(("Deleted", notation.day(row["deleted_date"]), words.sentence(row["deletion_event_type"])))
    if row["reappeared_at"]:
        steps.append(("Came back", notation.instant(row["reappeared_at"], zone), "Heard of again after its deletion"))
    return steps


def _findings(page: Page, row: dict[str, Any]) -> None:
    for finding in row["findings"]:
        seen = (
            f" · first seen {notation.instant(finding['first_seen_at'], page.snapshot.zone)}" if finding["first_seen_at"] else ""
        )
        st.markdown(f"**Finding** {notation.plain(finding['word'])}")
        st.caption(f"{words.sentence(finding['severity'])} severity{seen}")
        if exists("Findings"):
            st.page_link(
                file_of("Findings"),
                label="Open the finding",
                icon=":material/arrow_forward:",
                query_params=page.carried | {"finding": finding["finding_key"]},
            )
