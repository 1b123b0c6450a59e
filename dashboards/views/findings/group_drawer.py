"""One group of findings in a drawer beside the worklist: what is wrong, what was done about it, and its cases.

Here: the drawer of a cause. Not here: one case down to its landed row (drawer.py), the list (by_cause.py).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from dashboards import markdown, parameters, remediating
from dashboards.components import act_dialog, links, paper, tables
from dashboards.components.act_dialog import Subject
from dashboards.components.sections import guarded
from dashboards.data import findings, promises, remediations
from dashboards.data.findings import FindingFilters
from dashboards.page import Page
from dashboards.views.findings import drawer, wording
from promisekept.presentation import formats, statuses
from promisekept.remediation.inbox import RecordedAct

_OPEN = ("assigned", "commented", "accepted", "resolved")
_OFFERED = {"accepted": ("commented", "resolved", "reopened"), "resolved": ("commented", "reopened")}
"""State -> the actions that it offers; those of an open group without one."""
_WHO = (
    "Who acted stands by role and name while an entry waits for the run. Once it has landed a person is a pseudonym, here as "
    "everywhere: the same person always has the same one, and only the source of the log knows the name."
)
_SIZE = 8
_PAGE = "cases"


def open_drawer(page: Page, row: dict[str, Any]) -> bool:
    """Open the drawer of a group; whether it is the sheet."""
    return tables.drawer("Finding, by cause", drawer.GROUP, _drawer, page, row)


def subject(page: Page, row: dict[str, Any]) -> Subject:
    """The group as the dialog of an action names it."""
    cases = formats.days(row["cases"], of="case")
    owner = f" · owner {row['owner']}, due {formats.day(row['due_date'])}" if row["owner"] else ""
    return Subject(
        {"group_key": row["group_key"]},
        f"{_severity(row)} **{markdown.plain(f'{cases}: {wording.group(row)}')}**".strip(),
        f"{', '.join(row['clauses']) or 'No promise'} · {wording.days(row)}{owner}",
        cases,
        row["severity"],
        _verdict(page, row),
    )


def _verdict(page: Page, row: dict[str, Any]) -> str:
    """The verdict of the group's promise, which stays as it is."""
    promise = next((one for one in promises.promises(page.ref, page.period) if one["clause_id"] == row["clause_id"]), None)
    if promise is None:
        return ""
    sentence = f"{promise['clause_id']} stays {statuses.VERDICTS[promise['status']].text}"
    if promise["value"] is not None:
        measured = formats.measured(promise["value"], promise["unit"], promise["target"])
        target = formats.target(promise["operator"], promise["target"], promise["unit"])
        sentence += f": {measured}, {formats.base(promise)}, target {target}, {page.period.label}"
    return markdown.plain(sentence) + ". "


def _severity(row: dict[str, Any]) -> str:
    """Its badge; none where no case is left and no kept snapshot names the finding."""
    return statuses.SEVERITIES[row["severity"]].badge() if row["severity"] else ""


@guarded
def _drawer(page: Page, row: dict[str, Any]) -> None:
    due = f":gray-badge[:material/event: Due {formats.day(row['due_date'])}]" if row["due_date"] else ""
    code = markdown.code(row["finding_code"]) if row["finding_code"] else ""
    st.markdown(" ".join(filter(None, (_severity(row), wording.state(row).badge(), due, code))))
    st.markdown(f"**{markdown.plain(formats.days(row['cases'], of='case'))}: {markdown.plain(wording.group(row))}**")
    tables.facts(
        {
            "Promise": ", ".join(row["clauses"]) or f"{formats.NULL} no promise is measured by it",
            "First, last case": wording.days(row),
            "Owner": row["owner"],
            **({"Code of the cause": " · ".join(str(row["cause"][name]) for name in row["named"])} if row.get("named") else {}),
            "Key": row["group_key"],
        }
    )
    _act(page, row)
    entries = [entry for entry in remediating.not_yet_shown(page) if entry.act.group_key == row["group_key"]]
    _pending(row, entries)
    _history(page, row, entries)
    if row["cases"]:
        _list(page, row)
    else:
        st.markdown("**Cases** :small[:gray[none is left in this snapshot]]")
    _links(page, row)


def _act(page: Page, row: dict[str, Any]) -> None:
    """The buttons for those who may act; a word where nothing can be recorded."""
    if not remediating.may_act(page):
        return
    if remediating.inbox() is None:
        st.caption(remediating.NO_INBOX)
        return
    with st.container(horizontal=True, gap="xsmall", key="controls-act"):
        for event_type in _OFFERED.get(row["state"], _OPEN) if row["cases"] else ("commented",):
            action = act_dialog.ACTIONS[event_type]
            if st.button(action.name, icon=f":material/{action.icon}:", key=f"act_{event_type}"):
                act_dialog.ask(event_type, row["group_key"])


def _pending(row: dict[str, Any], entries: list[RecordedAct]) -> None:
    """What is recorded and not in the snapshot, and why something was rejected."""
    for entry in entries:
        if entry.rejected:
            sentence = f"It recorded: {wording.done(asdict(entry.act))}{_note(entry.act.note)}"
            st.error(
                f"**Rejected by the run**: {markdown.plain(entry.rejected)}. {markdown.plain(sentence)}", icon=":material/error:"
            )
    for act in remediating.pending(entries):
        with st.container(key=f"pending_{act.event_id}", gap="xsmall"):
            sentence = f"{wording.done(asdict(act))}{_note(act.note)}. Until then the state is {wording.state(row).text}."
            st.markdown(f":material/pending: **Recorded, in the next snapshot:** {markdown.plain(sentence)}")
            if remediating.is_mine(act) and st.button("Withdraw the entry", key=f"w_{act.event_id}", type="tertiary"):
                act_dialog.ask("withdrawn", row["group_key"], act.event_id)


def _history(page: Page, row: dict[str, Any], entries: list[RecordedAct]) -> None:
    zone, withdrawn_ids = page.snapshot.zone, remediating.withdrawn(entries)
    st.markdown("**What was done** :small[:gray[newest first]]", help=None if parameters.printing() else _WHO)
    with st.container(gap="xsmall"):
        for entry in entries:
            one = entry.act
            if not entry.rejected and one.event_type != "withdrawn":
                word = "withdrawn" if one.event_id in withdrawn_ids else "in the next snapshot"
                _line("pending", asdict(one), f"{one.role}, {one.subject_ref}", zone, word)
        for event in remediations.events(page.ref, row["group_key"]):
            by = f"{event['role']}, person {tables.shortened(event['actor_key'])}"
            _line("circle", event, by, zone, "withdrawn" if event["is_withdrawn"] else "")
        first_seen = formats.instant(row["first_seen_at"], zone) if row["first_seen_at"] else formats.NULL
        st.markdown(f":material/radio_button_unchecked: First seen :small[:gray[{markdown.plain(first_seen)}]]")


def _line(icon: str, event: dict[str, Any], by: str, zone: str, word: str) -> None:
    done = markdown.plain(wording.done(event))
    done = f"~~{done}~~" if word == "withdrawn" else f"**{done}**"
    badge = f" :blue-badge[{word}]" if word else ""
    about = f"{formats.instant(event['occurred_at'], zone)} · {by}{_note(event['note'])}"
    st.markdown(f":material/{icon}: {done}{badge}  \n:small[:gray[{markdown.plain(about)}]]")


def _note(text: str | None) -> str:
    return f" · “{text}”" if text else ""


def _list(page: Page, row: dict[str, Any]) -> None:
    """The cases, newest first, each with the way to its landed row."""
    zone = page.snapshot.zone
    key = f"{_PAGE}_{row['group_key']}"
    is_paper = parameters.printing()
    size = paper.ROWS if is_paper else _SIZE
    number, shown = row["cases"], 1 if is_paper else int(st.session_state.get(key, 1))
    begin = size * (shown - 1)
    chosen = FindingFilters(groups=(row["group_key"],))
    cases = findings.page(page.ref, chosen, "newest", zone, (begin, begin + size))
    of = f"{formats.count(begin + 1)}{formats.TO}{formats.count(begin + len(cases))} of {formats.count(number)}"
    st.markdown(f"**Cases** :small[:gray[{of}, newest first]]")
    with st.container(gap=None):
        for case in cases:
            happened = formats.instant(case["occurred_at"], zone) if case["occurred_at"] else "not readable"
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(f":small[{markdown.plain(f'{happened} · {wording.what(case)} · {tables.landed(case)}')}]")
                if not is_paper and st.button("Landed row", key=f"case_{case['finding_key']}", type="tertiary"):
                    tables.opened(drawer.NAME, case["finding_key"])
    if number > size and not is_paper:
        st.pagination(-(-number // _SIZE), key=key)


def _links(page: Page, row: dict[str, Any]) -> None:
    with st.container(gap="xxsmall"):
        area = wording.PAGES.get(row["area"], "")
        if area:
            links.link(area, f"{area}: the figures that it counts in", page.carried)
        for clause in row["clauses"]:
            links.link("Traceability", f"How {clause} is measured", page.carried | {"clause": clause})
