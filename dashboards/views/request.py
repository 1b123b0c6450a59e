"""One request: when it was due and why, its timeline, and the landed rows that say so.

Here: the page that `?request=KEY` shows. Not here: how the deadline came about (the trace says it, step by step), nor
how a trace becomes lanes (story.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from dashboards import notation, onward, parameters, words
from dashboards.charts import lives, look
from dashboards.data import findings
from dashboards.data import worklist as data
from dashboards.figures import Card, cards, guarded, nothing, pair, section
from dashboards.page import Page, file_of
from dashboards.views import provenance, story

_PASSED_ON = {"on_time": "done", "late": "done late", "open_in_time": "not yet", "open_overdue": "not done"}
_NO_DATE = {
    "paused": "The clock stands still",
    "no_rule": "No rule was found",
    "no_deadline": "The law sets none",
    "excluded": "Left the population",
}


def draw(page: Page, key: str) -> None:
    """Draw the page of one request; an unknown key says so and shows nothing of it."""
    if st.button("Requests", icon=":material/arrow_back:"):
        parameters.drop(["request"])
        st.rerun()
    row = data.request(page.ref, key)
    if not row:
        st.title("No such request", anchor=False)
        nothing("This snapshot knows no request of that key", "It may have been mistyped, or belong to a newer snapshot.")
        return
    steps, landed = data.trace(page.ref, key)
    zone = row["time_zone"] or page.snapshot.zone
    told = f"promisekept explain {row['namespace']}:{row['request_id']}"
    _head(page, row)
    if row["has_conflict"]:
        _conflict(page, steps, landed)
    cards([_due(row), _extension(row), _acknowledged(row), _answered(row)])
    _timeline(page, row, steps, landed)
    with pair() as (left, right):
        with (
            left,
            section("How the deadline came about", f"The same steps as {notation.code(told)}"),
        ):
            provenance.steps_table(steps)
        with (
            right,
            section(
                "Where these rows came from",
                f"Events of this request, straight from the landed files; times in {notation.plain(zone)}",
            ),
        ):
            provenance.events_table(landed, zone)
    _others(page, row)


def _head(page: Page, row: dict[str, Any]) -> None:
    status = "due_soon" if row["due_soon"] else row["status"]
    word = words.REQUESTS[status]
    late = f"{word.text} by {notation.days(row['days_overdue'])}" if row["days_overdue"] else word.text
    right = words.say(words.RIGHTS, row["right_type"])
    conflict = f" :yellow-badge[:material/difference: {words.CAUSES['conflicting_versions']}]" if row["has_conflict"] else ""
    with st.container(gap="xxsmall"):
        st.title(
            f"{notation.plain(row['request_id'])} · {notation.plain(right)}  :small[:small[{word.badge(late)}{conflict}]]",
            anchor=False,
        )
        person = f"person {row['subject_key'][:4]}…{row['subject_key'][-4:]} · " if row["subject_key"] else ""
        channel = words.say(words.CHANNELS, row["channel"]).lower()
        st.caption(
            f"{notation.plain(row['regime_code'] or 'No law found')}, {notation.plain(words.place(row['jurisdiction']))} · "
            f"{person}received by {notation.plain(channel)} on {notation.day(row['received_date'])} · "
            f"source {notation.plain(row['source'])}"
        )


def _conflict(page: Page, steps: list[dict[str, Any]], landed: list[dict[str, Any]]) -> None:
    says = " ".join(notation.plain(step["says"]) for step in steps if step["step"] == "conflict")
    remedy = "None of them counts until the source delivers the event with a higher revision."
    st.warning(f"**{says}** {remedy}", icon=":material/difference:")
    places = tuple((event["batch_id"], event["row_number"]) for event in landed if event["verdict"] == "conflict")
    for key in findings.of_conflicts(page.ref, places):
        onward.link("Findings", "Open the finding", page.carried | {"finding": key})


def _due(row: dict[str, Any]) -> Card:
    if row["forwarding_status"]:
        note = f"Held for a customer, to be passed on by then: {_PASSED_ON[row['forwarding_status']]}"
        return Card("Due", notation.day(row["forwarding_due_date"]), note)
    if row["due_date"] is None:
        is_undated = row["status"] == "no_deadline" and row["regime_code"] == "DECLARED"
        note = "The source states no due date" if is_undated else _NO_DATE.get(row["status"], "No date")
        if row["due_date_if_resumed"]:
            note += (
                f" since {notation.short_day(row['paused_since'])}: {notation.day(row['due_date_if_resumed'])} if every"
                f" open question were answered today, pause days added {row['paused_days']}"
            )
        return Card("Due", notation.NULL, note)
    if row["due_at"]:
        at = notation.instant(row["due_at"], row["time_zone"])
        return Card("Due", notation.day(row["due_date"]), f"To the instant: {at}, declared by the source")
    back = f"{notation.days(row['paused_days'])} given back" if row["paused_days"] else "no day given back"
    strict = row["conservative_due_date"]
    stricter = (
        "the same by the stricter reading" if strict == row["due_date"] else f"stricter reading {notation.short_day(strict)}"
    )
    base = [f"Base {notation.short_day(row['base_due_date'])}"] if row["base_due_date"] else []
    return Card("Due", notation.day(row["due_date"]), ", ".join([*base, back, *([stricter] if strict else [])]))


def _extension(row: dict[str, Any]) -> Card:
    notice = f"The notice of {notation.short_day(row['notice_date'])}" if row["notice_date"] else "The notice"
    if row["extension_reason"]:
        notice += f" ({notation.plain(row['extension_reason'].replace('_', ' '))})"
    value, note = {
        "valid": ("In effect", f"{notice} came in time"),
        "late": ("No effect", f"{notice} came after the last day"),
        "not_permitted": ("No effect", f"{notice} has none: the rule permits no extension"),
        "revoked": ("Revoked", "The period runs as if it had never been notified"),
    }.get(row["extension_status"], (notation.NULL, "No notice of extension was sent"))
    return Card("Extension", value, note)


def _acknowledged(row: dict[str, Any]) -> Card:
    due = f"Due {notation.short_day(row['ack_due_date'])}" if row["ack_due_date"] else "No rule asks for it"
    on = row["acknowledged_date"]
    return Card("Acknowledged", notation.day(on), f"{due} · {_after(row['received_date'], on)}" if on else f"{due} · not yet")


def _answered(row: dict[str, Any]) -> Card:
    on = row["closed_date"]
    if on:
        said = f"{words.sentence(row['outcome'])}, {_after(row['received_date'], on)}"
        if row["answer_recorded_late"]:
            said += f"; recorded on {notation.instant(row['answer_recorded_at'], row['time_zone'])}, after it was due"
        return Card("Answered", notation.day(on), said)
    if row["days_open"] is None:
        return Card("Answered", notation.NULL, f"Left the population: {words.say({}, row['exclusion_reason'])}")
    if row["has_conflict"]:
        return Card("Answered", notation.NULL, f"{words.CAUSES['conflicting_versions']}: none counts")
    return Card("Answered", notation.NULL, f"Open for {notation.days(row['days_open'])}")


def _after(received: date, day: date) -> str:
    return f"{notation.days((day - received).days)} after receipt" if day > received else "on the day of receipt"


@guarded
def _timeline(page: Page, row: dict[str, Any], steps: list[dict[str, Any]], landed: list[dict[str, Any]]) -> None:
    zone = row["time_zone"] or page.snapshot.zone
    with section("Timeline", f"Local dates in {notation.plain(zone)}"):
        stretches, moments, rules = story.lanes(row, steps, landed, notation.local(page.snapshot.as_of, zone).date(), zone)
        told = ", ".join(f"{moment.words} {notation.day(moment.day)}" for moment in moments)
        lanes = len({part.lane for part in (*stretches, *moments)})
        height = look.LOW if lanes < 3 else look.MIDDLE if lanes < 4 else look.HIGH
        look.show(
            lives.timeline(stretches, moments, rules),
            alternative=f"Timeline: {told}; {'; '.join(rule for _, rule in rules)}.",
            height=height,
        )


def _others(page: Page, row: dict[str, Any]) -> None:
    others = data.siblings(page.ref, row["namespace"], row["request_id"], row["request_key"])
    if not others:
        return
    with section("Other rights of the same request", f"{len(others)} beside this one; each has a clock of its own"):
        for other in others:
            word = words.REQUESTS[other["status"]]
            st.page_link(
                file_of("Requests"),
                label=f"{words.say(words.RIGHTS, other['right_type'])} · {word.cell}",
                query_params=page.carried | {"request": other["request_key"]},
            )
