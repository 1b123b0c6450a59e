"""Recording what is done about findings: who may, where it goes, and what is recorded but not in the snapshot yet.

Here: the inbox of the project, for the person who reads. Not here: the dialogs (components/act_dialog.py), the file of an act
(promisekept/remediation), what the snapshot holds (data/remediations.py).
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from dashboards import access, bundling, clock, parameters
from dashboards.components import export
from dashboards.data import remediations
from dashboards.page import Page
from promisekept.policy import load_pack
from promisekept.presentation import formats
from promisekept.remediation.inbox import Act, Inbox, RecordedAct, find_inbox, record, recorded

NO_INBOX = (
    "Nothing can be recorded here: this project has no source of the log `remediations` that reads JSON lines from a folder. "
    "docs/configuration.md has one to copy."
)


def inbox() -> Inbox | None:
    """Where acts go; None where the dashboard was started without a project, or the project has no such source."""
    settings = bundling.project()
    return find_inbox(settings) if settings else None


def may_act(page: Page) -> bool:
    """Whether this reader may record something on this page: never on an older snapshot than the newest, nor on paper."""
    return access.may("remediate") and not page.snapshot.pinned and not parameters.printing()


def today(page: Page) -> date:
    """The organisation's day on which something is recorded now."""
    return formats.local(clock.now(), page.snapshot.zone).date()


def act(event_type: str, **columns: Any) -> Act:
    """What would be recorded now by whoever reads."""
    name, role = export.reader()
    return Act(uuid.uuid4().hex, clock.now(), event_type, name, role, **columns)


def write(one: Act) -> None:
    """Record it for the next run.

    Raises:
        PublishingError: landing would reject it, or the folder can't be written.
    """
    place = inbox()
    if place is not None:
        record(place, one)


def not_yet_shown(page: Page) -> list[RecordedAct]:
    """What is recorded and not in this snapshot, newest first: pending, or rejected by the run that read it."""
    settings, place = bundling.project(), inbox()
    if settings is None or place is None or page.snapshot.pinned:
        return []
    shown_ids = remediations.shown_act_ids(page.ref)
    return [entry for entry in reversed(recorded(place, settings)) if entry.act.event_id not in shown_ids]


def withdrawn(entries: list[RecordedAct]) -> frozenset[str]:
    """The ids of acts that were withdrawn while they were pending."""
    return frozenset(entry.act.withdrawn_event_id for entry in entries if entry.act.withdrawn_event_id)


def pending(entries: list[RecordedAct]) -> list[Act]:
    """What waits for the next run and was not withdrawn."""
    withdrawn_ids = withdrawn(entries)
    waiting = [entry.act for entry in entries if not entry.rejected]
    return [one for one in waiting if one.event_id not in withdrawn_ids and one.event_type != "withdrawn"]


def is_mine(one: Act) -> bool:
    """Whether whoever reads now recorded it and may withdraw it here; paper has no buttons."""
    return one.subject_ref == export.reader()[0] and not parameters.printing()


def longest_acceptance(severity: str) -> int:
    """For how many days the pack lets findings of a severity be accepted."""
    settings = bundling.project()
    return int(load_pack(settings.pack).settings.thresholds[f"acceptance_days_{severity}"]) if settings else 0
