"""One request: when it was due and why, its timeline, and the landed rows behind it.

Here: the page that `?request=KEY` shows. Not here: how the deadline came about (its trace, step by step), nor
how a trace becomes lanes (timeline.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from dashboards import markdown, parameters
from dashboards.charts import request_timeline, theme
from dashboards.components import links
from dashboards.components.sections import Card, cards, guarded, nothing, pair, section
from dashboards.data import findings, own_dimensions
from dashboards.data import worklist as data
from dashboards.page import Page, file_of
from dashboards.views.requests import conflict, provenance, timeline
from promisekept.presentation import formats, labels, statuses

_PASSED_ON = {"on_time": "done", "late": "done late", "open_in_time": "not yet", "open_overdue": "not done"}
_NO_DATE = {
    "paused": "The deadline is paused",
    "no_rule": "No rule was found",
    "no_deadline": "The law sets none",
    "excluded": "Left the population",
}


def draw(page: Page, key: str) -> None:
    """Draw the page of one request; an unknown key shows nothing of it."""
    if not parameters.printing() and st.button("Requests", icon=":material/arrow_back:"):
        parameters.drop(["request"])
        st.rerun()
    row = data.request(page.ref, key)
    if not row:
        st.title("No such request", anchor=False)
        nothing("This snapshot holds no request of that key", "It may have been mistyped, or belong to a newer snapshot.")
        return
    steps, landed = data.trace(page.ref, key)
    zone = row["time_zone"] or page.snapshot.zone
    _head(page, row)
    versions = conflict.versions(page, landed) if row["has_conflict"] else []
    if row["has_conflict"]:
        conflict.box(page, row, steps, versions)
    cards([_due(row), _extension(row), _acknowledged(row), _answered(row, versions)])
    _timeline(page, row, steps, landed)
    if row["has_conflict"]:
        provenance.steps_table(row, steps)
        pair(lambda: provenance.events_table(landed, zone), lambda: conflict.differences(page, versions))
    else:
        pair(lambda: provenance.steps_table(row, steps), lambda: provenance.events_table(landed, zone))
    _findings(page, row)
    _others(page, row)


def _head(page: Page, row: dict[str, Any]) -> None:
    status = "due_soon" if row["due_soon"] else row["status"]
    word = statuses.REQUESTS[status]
    late = f"{word.text} by {formats.days(row['days_overdue'])}" if row["days_overdue"] else word.text
    right = labels.label(labels.RIGHTS, row["right_type"])
    first = (
        f":yellow-badge[:material/difference: {labels.REQUEST_CAUSES['conflicting_versions']}] " if row["has_conflict"] else ""
    )
    with st.container(gap="xxsmall"):
        st.title(
            f"{markdown.plain(row['request_id'])} · {markdown.plain(right)}  :small[:small[{first}{word.badge(late)}]]",
            anchor=False,
        )
        person = f"person {row['subject_key'][:4]}…{row['subject_key'][-4:]} · " if row["subject_key"] else ""
        channel = labels.label(labels.CHANNELS, row["channel"]).lower()
        stated = own_dimensions.stated(page.ref, "fct_requests", row)
        own = "".join(f" · {markdown.plain(title)} {markdown.plain(value)}" for title, value in stated.items())
        law = labels.regime(row["regime_code"]) if row["regime_code"] else "No law found"
        st.caption(
            f"{markdown.plain(law)}, {markdown.plain(labels.jurisdiction(row['jurisdiction']))} · "
            f"{person}received by {markdown.plain(channel)} on {formats.day(row['received_date'])} · "
            f"source {markdown.code(row['source'])}{own}"
        )


def _due(row: dict[str, Any]) -> Card:
    if row["forwarding_status"]:
        note = f"Held for a customer, to be passed on by then: {_PASSED_ON[row['forwarding_status']]}"
        return Card("Due", formats.day(row["forwarding_due_date"]), note)
    if row["due_date"] is None:
        is_undated = row["status"] == "no_deadline" and row["regime_code"] == "DECLARED"
        note = "The source records no due date" if is_undated else _NO_DATE.get(row["status"], "No date")
        if row["due_date_if_resumed"]:
            note += (
                f" since {formats.short_day(row['paused_since'])}: {formats.day(row['due_date_if_resumed'])} if every"
                f" open question were answered today, pause days added {row['paused_days']}"
            )
        return Card("Due", formats.NULL, note)
    if row["due_at"]:
        at = formats.instant(row["due_at"], row["time_zone"])
        return Card("Due", formats.day(row["due_date"]), f"To the instant: {at}, declared by the source")
    back = f"pause days added {row['paused_days']}" if row["paused_days"] else "no pause days added"
    strict = row["conservative_due_date"]
    stricter = (
        "the same by the strict interpretation"
        if strict == row["due_date"]
        else f"strict interpretation {formats.short_day(strict)}"
    )
    base = [f"Initial deadline {formats.short_day(row['base_due_date'])}"] if row["base_due_date"] else []
    return Card("Due", formats.day(row["due_date"]), ", ".join([*base, back, *([stricter] if strict else [])]))


def _extension(row: dict[str, Any]) -> Card:
    notice = f"The notice of {formats.short_day(row['notice_date'])}" if row["notice_date"] else "The notice"
    if row["extension_reason"]:
        notice += f" ({markdown.plain(row['extension_reason'].replace('_', ' '))})"
    value, note = {
        "valid": ("In effect", f"{notice} came in time"),
        "late": ("No effect", f"{notice} came after the last day"),
        "not_permitted": ("No effect", f"{notice} has none: the rule permits no extension"),
        "revoked": ("Revoked", "The period runs as if it had never been notified"),
    }.get(row["extension_status"], (formats.NULL, "No notice of extension was sent"))
    return Card("Extension", value, note)


def _acknowledged(row: dict[str, Any]) -> Card:
    due = f"Due {formats.short_day(row['ack_due_date'])}" if row["ack_due_date"] else "No rule asks for it"
    on = row["acknowledged_date"]
    return Card("Acknowledged", formats.day(on), f"{due} · {_after(row['received_date'], on)}" if on else f"{due} · not yet")


def _answered(row: dict[str, Any], versions: list[conflict.Version]) -> Card:
    on = row["closed_date"]
    if on:
        answer = f"{labels.sentence(row['outcome'])}, {_after(row['received_date'], on)}"
        if row["answer_recorded_late"]:
            answer += f"; recorded on {formats.instant(row['answer_recorded_at'], row['time_zone'])}, after it was due"
        return Card("Answered", formats.day(on), answer)
    if row["days_open"] is None:
        return Card("Answered", formats.NULL, f"Left the population: {labels.label({}, row['exclusion_reason'])}")
    if row["has_conflict"]:
        answers = [version for version in versions if version.is_answer]
        what = f"{len(answers)} contradictory answers" if answers else labels.REQUEST_CAUSES["conflicting_versions"]
        return Card("Answered", formats.NULL, f"{what}: {'neither' if len(answers) == 2 else 'none'} counts")
    return Card("Answered", formats.NULL, f"Open for {formats.days(row['days_open'])}")


def _after(received: date, day: date) -> str:
    return f"{formats.days((day - received).days)} after receipt" if day > received else "on the day of receipt"


@guarded
def _timeline(page: Page, row: dict[str, Any], steps: list[dict[str, Any]], landed: list[dict[str, Any]]) -> None:
    zone = row["time_zone"] or page.snapshot.zone
    today = formats.local(page.snapshot.as_of, zone).date()
    segments, moments, rules = timeline.lanes(row, steps, landed, today, zone)
    due = timeline.due_apart(row, today)
    notes = [f"Local dates in {markdown.plain(zone)}"]
    if due:
        notes.append("the overdue part has its own scale, as it is more than three times the period")
    if not all(moment.counts for moment in moments):
        notes.append("○ with ✕: does not count")
    with section("Timeline", "; ".join(notes)):
        spoken = [f"{one.words}{'' if one.counts else ', does not count,'} {formats.day(one.day)}" for one in moments]
        lanes = len({segment.lane for segment in segments} | {moment.lane for moment in moments})
        theme.show(
            request_timeline.timeline(segments, moments, rules, due),
            spoken="; ".join([", ".join(spoken), *(rule for _, rule in rules)]).removeprefix("; "),
            height=theme.height(lanes + bool(due), 2, 3),
        )


@guarded
def _findings(page: Page, row: dict[str, Any]) -> None:
    """The findings about this request, each with the way to it."""
    found = findings.of_request(page.ref, row["request_key"])
    if not found:
        return
    with section("Findings of this request", formats.days(len(found), of="finding")):
        for one in found:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                promises = f" :small[:gray[{', '.join(one['clauses'])}]]" if one["clauses"] else ""
                st.markdown(f"{statuses.SEVERITIES[one['severity']].badge()} {markdown.plain(one['word'])}{promises}")
                links.link("Findings", "Open", page.carried | {"finding": one["finding_key"]})


def _others(page: Page, row: dict[str, Any]) -> None:
    others = data.siblings(page.ref, row["namespace"], row["request_id"], row["request_key"])
    if not others:
        return
    with section("Other rights of the same request", f"{len(others)} beside this one; each has a deadline of its own"):
        for other in others:
            word = statuses.REQUESTS[other["status"]]
            st.page_link(
                file_of("Requests"),
                label=f"{labels.label(labels.RIGHTS, other['right_type'])} · {word.cell}",
                query_params=page.carried | {"request": other["request_key"]},
            )
