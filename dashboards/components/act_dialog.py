"""The dialog in which somebody records what is done about a group of findings, or attests a control: all are built alike.

Here: what an action is called, means and asks for, and recording it. Not here: who may act and where it goes
(remediating.py), the drawers that open the dialog (views/findings/group_drawer.py, views/overview/promise_drawer.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from dashboards import clock, markdown, remediating
from dashboards.components import export, tables
from dashboards.components.sections import guarded
from dashboards.data import remediations
from dashboards.page import Page
from promisekept.errors import PublishingError
from promisekept.presentation import formats, statuses
from promisekept.remediation.inbox import problems

OPEN = "act"
"""The session's action and what it is about, while the dialog is open."""
_NOTE = 500
RESULTS = ("kept", "kept with remarks", "not kept")
_USUAL = timedelta(days=30)
"""How long an owner has, unless another day is chosen."""
_NO_NAMES = "No names or contact data of individuals: the text is checked before it is recorded"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done about a group.

    Attributes:
        name: on its button.
        icon: beside it.
        title: of its dialog.
        meaning: what it changes, and what it does not.
        text: what its text is called; empty where it has none.
        asks: what else it asks for: `owner`, `until`, `result`, `reference`, `confirmation`.
    """

    name: str
    icon: str
    title: str
    meaning: str
    text: str = ""
    asks: tuple[str, ...] = ()


ACTIONS: Mapping[str, Action] = {
    "assigned": Action(
        "Assign",
        "person_add",
        "Assign to an owner",
        "The owner fixes the cause. After the due date the group is overdue.",
        asks=("owner",),
    ),
    "commented": Action("Comment", "add_comment", "Comment", "A comment changes no state.", "Comment"),
    "accepted": Action(
        "Accept",
        "gavel",
        "Accept until a date",
        "**Accepting does not change the verdict.** {verdict}The group leaves the list of open work until the date; pages and"
        " bundles show it as accepted beside the verdict, with your role and reason.",
        "Reason",
        ("until", "reference", "confirmation"),
    ),
    "resolved": Action(
        "Resolve",
        "task_alt",
        "Resolve",
        "The cause is fixed. A case that happens after this opens the group again; no figure of the past changes.",
        "How",
        ("reference",),
    ),
    "reopened": Action("Reopen", "undo", "Reopen", "The group returns to the list of open work.", "Reason"),
    "attested": Action(
        "Attest",
        "verified_user",
        "Attest the control",
        "What somebody assessed outside the logs. It is shown as a manual assessment until the last day, never as kept.",
        asks=("result", "reference"),
    ),
    "withdrawn": Action(
        "Withdraw",
        "delete",
        "Withdraw the entry",
        "A second line strikes the first. Both stand in the log; the state does not change.",
        asks=("confirmation",),
    ),
}
"""Event type -> the action that records it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is about.

    Attributes:
        columns: the column of the log that names it, with its value.
        heading: Markdown of its first line.
        about: the line below.
        named: on the button and in the list of what is recorded.
        severity: of a group.
        verdict: Markdown of the verdict that an acceptance leaves as it is.
    """

    columns: Mapping[str, str]
    heading: str
    about: str
    named: str
    severity: str = ""
    verdict: str = ""

    @property
    def key(self) -> str:
        """What distinguishes it from others."""
        return next(iter(self.columns.values()))


def ask(event_type: str, key: str, withdrawn_event_id: str = "") -> None:
    """Open the dialog of an action in place of the drawer."""
    st.session_state[OPEN] = (event_type, key, withdrawn_event_id)
    st.rerun()


def opened(page: Page, keys: Collection[str]) -> str | None:
    """The key among these for which the dialog is to be drawn; None where it is closed or this reader may not act."""
    event_type, key, _ = st.session_state.get(OPEN, ("", "", ""))
    return key if event_type in ACTIONS and key in keys and remediating.may_act(page) else None


def open_dialog(page: Page, subject: Subject) -> None:
    """Draw the dialog; closing it leads back to the drawer."""
    event_type, _, withdrawn_id = st.session_state[OPEN]
    st.dialog(ACTIONS[event_type].title, width=600, on_dismiss=_close)(_dialog)(page, subject, event_type, withdrawn_id)


def _close() -> None:
    st.session_state.pop(OPEN, None)


@guarded
def _dialog(page: Page, subject: Subject, event_type: str, withdrawn_id: str) -> None:
    action = ACTIONS[event_type]
    st.markdown(subject.heading)
    st.caption(markdown.plain(subject.about))
    meaning = action.meaning.replace("{verdict}", subject.verdict)
    (st.warning if event_type == "accepted" else st.info)(meaning, icon=":material/info:")
    with st.container(key="act_fields"):
        columns, is_ready = _fields(page, subject, event_type)
    if withdrawn_id:
        columns["withdrawn_event_id"] = withdrawn_id
    one = remediating.act(event_type, **subject.columns, **columns)
    name, role = export.reader()
    signed = "on this machine" if role == "local" else f"signed in as {role}"
    st.caption("By whom")
    now = formats.instant(clock.now(), page.snapshot.zone)
    st.markdown(f":material/badge: **{markdown.plain(name)}**, {signed} · {markdown.plain(now)}")
    st.caption("What will be recorded")
    tables.facts(_recorded(subject, event_type, columns))
    if "confirmation" in action.asks:
        is_ready &= st.checkbox(_confirmation(page, event_type), key="act_confirmed")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="act_cancel"):
            _close()
            st.rerun()
        label = _effect(subject, event_type, columns)
        is_clicked = st.button(label, icon=f":material/{action.icon}:", key="act_record", disabled=not is_ready)
    if is_clicked:
        wrong = problems(one)
        for column, why in wrong.items():
            st.error(f"**{_LABELS.get(column, action.text)}**: {why}. Nothing was recorded.", icon=":material/error:")
        if not wrong:
            _record(one)


def _record(one: Any) -> None:
    try:
        remediating.write(one)
    except PublishingError as error:
        st.error(markdown.plain(error), icon=":material/error:")
        return
    _close()
    st.rerun()


_LABELS = {
    "owner": "Owner",
    "due_date": "Due",
    "accepted_until": "Until",
    "result": "Result",
    "valid_until": "Valid until",
    "evidence_ref": "Evidence",
}


def _fields(page: Page, subject: Subject, event_type: str) -> tuple[dict[str, Any], bool]:
    """The columns that the fields give, and whether all that is required is filled."""
    action, today = ACTIONS[event_type], remediating.today(page)
    columns: dict[str, Any] = {}
    required: list[Any] = []
    if action.text:
        note = st.text_area(f"{action.text} · required", max_chars=_NOTE, height=90, key="act_note")
        st.caption(_NO_NAMES)
        columns["note"] = note.strip() or None
        required.append(columns["note"])
    left, right = st.columns(2)
    if "owner" in action.asks:
        owners = remediations.owners(page.ref)
        with left:
            columns["owner"] = (
                st.selectbox("Owner · required", owners, index=None, key="act_owner", placeholder="A role or team")
                if owners
                else st.text_input(
                    "Owner · required", max_chars=100, key="act_owner", help="A role or team, never a person"
                ).strip()
                or None
            )
        with right:
            columns["due_date"] = st.date_input(
                "Due · required", today + _USUAL, min_value=today, format="YYYY-MM-DD", key="act_due"
            )
        required += [columns["owner"], columns["due_date"]]
    if "until" in action.asks:
        longest = remediating.longest_acceptance(subject.severity)
        with left:
            columns["accepted_until"] = st.date_input(
                "Until · required",
                value=None,
                min_value=today,
                max_value=today + timedelta(days=longest),
                format="YYYY-MM-DD",
                key="act_until",
            )
            st.caption(f"At most {formats.days(longest)} for {statuses.SEVERITIES[subject.severity].text}")
        required.append(columns["accepted_until"])
    if "result" in action.asks:
        with left:
            columns["result"] = st.selectbox("Result · required", RESULTS, index=None, key="act_result")
        with right:
            last = date(today.year + 1, today.month, min(today.day, 28))
            columns["valid_until"] = st.date_input(
                "Valid until · required", last, min_value=today, format="YYYY-MM-DD", key="act_valid_until"
            )
        required += [columns["result"], columns["valid_until"]]
    if "reference" in action.asks:
        is_required = "result" in action.asks
        with right if "until" in action.asks else st.container():
            label = f"Evidence · {'required' if is_required else 'optional'}"
            reference = st.text_input(label, max_chars=200, key="act_reference", placeholder="https://…")
            st.caption("A reference to where the proof lies, not the proof")
        columns["evidence_ref"] = reference.strip() or None
        required += [columns["evidence_ref"]] if is_required else []
    return columns, all(required)


def _confirmation(page: Page, event_type: str) -> str:
    if event_type == "withdrawn":
        return "Strike the entry that I recorded"
    return f"My role allows me to accept this risk for {markdown.plain(page.snapshot.manifest['organisation'])}"


def _recorded(subject: Subject, event_type: str, columns: Mapping[str, Any]) -> dict[str, str | None]:
    until = columns.get("accepted_until")
    applies = subject.named + (f", and cases of this cause until {formats.day(until)}" if until else "")
    after = {f"On {formats.day(until + timedelta(days=1))}": "the group is open again"} if until else {}
    counts = "the next snapshot; pending until then" + ("" if event_type == "withdrawn" else ", and you can withdraw it")
    return {"Applies to": applies, "Counts from": counts, **after}


def _effect(subject: Subject, event_type: str, columns: Mapping[str, Any]) -> str:
    """What the button does, in words."""
    if event_type == "assigned":
        return f"Assign to {columns.get('owner')}" if columns.get("owner") else "Assign"
    if event_type == "accepted":
        until = columns.get("accepted_until")
        return f"Accept {subject.named}" + (f" until {formats.day(until)}" if until else "")
    named = {"commented": "Record the comment", "withdrawn": "Withdraw the entry"}
    return named.get(event_type, f"{ACTIONS[event_type].name} {subject.named}")
