"""The inbox of the page: what is written into it lands once and whole, whoever writes at the same time and whatever is cut off.

Here: acts from the page's hand to landing. Not here: what becomes of a group (tests/dbt_project/remediations), the dialogs
(tests/dashboards).
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from source_project import Project

from promisekept.errors import PublishingError
from promisekept.remediation import inbox as inboxes
from promisekept.remediation.inbox import Act, find_inbox, problems, record, recorded
from promisekept.sources.landing.validation import REASONS

AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
GROUP = "0" * 32


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "Clients [2026]"  # whose name is a pattern
    folder.mkdir()
    return Project(folder).source("page", log="remediations", path="inbox/*.jsonl")


def act(event_type="commented", **columns) -> Act:
    given = {"note": "Draft sent to the provider", "group_key": GROUP} | columns
    return Act(uuid.uuid4().hex, AT, event_type, "dana@example.org", "officer", **given)


ACTS = (
    act("assigned", note=None, owner="Legal", due_date=date(2026, 8, 31)),
    act("commented"),
    act("accepted", accepted_until=date(2026, 8, 31), evidence_ref="contract://renewal"),
    act("resolved"),
    act("reopened"),
    act("attested", group_key=None, note=None, control_id="C", result="kept", valid_until=date(2026, 12, 31), evidence_ref="x:1"),
    act("withdrawn", group_key=None, note=None, withdrawn_event_id="1"),
)


def test_every_kind_of_act_lands_as_it_was_recorded(project):
    inbox = find_inbox(project.settings)
    for one in ACTS:
        assert problems(one) == {}
        record(inbox, one)
    assert sum(landed.counts["landed"] for landed in project.land()) == len(ACTS)
    rows = project.query("select event_id, event_type, note, due_date, accepted_until, role from landing.remediations")
    written = [(one.event_id, one.event_type, one.note, one.due_date, one.accepted_until, one.role) for one in ACTS]
    assert sorted(rows, key=str) == sorted(written, key=str)
    assert {entry.act for entry in recorded(inbox, project.settings)} == set(ACTS)
    assert {entry.rejected for entry in recorded(inbox, project.settings)} == {None}
    assert project.land() == []
    with pytest.raises(PublishingError, match="File exists"):
        record(inbox, ACTS[0])


@pytest.mark.parametrize(
    ("column", "wrong", "reason"),
    [
        ("note", "Ask jane@example.org, who stopped it", "personal_data_in_identifier"),
        ("note", "Call +353 86 123 4567", "personal_data_in_identifier"),
        ("note", "x" * 501, "too_long"),
        ("note", "", "missing_value"),
        ("owner", "SSN-219-09-9999", "personal_data_in_identifier"),
        ("evidence_ref", "not a reference", "invalid_uri"),
        ("evidence_ref", "mailto:jane", "personal_data_in_identifier"),
        ("role", "", "missing_value"),
        ("event_type", "forgiven", "unknown_code"),
    ],
)
def test_what_landing_would_reject_is_not_recorded_and_what_gets_in_otherwise_says_why(project, column, wrong, reason):
    """The page's check is that of landing: the same row, delivered past it, is rejected for the same column and reason."""
    inbox, one = find_inbox(project.settings), replace(act(), **{column: wrong})
    assert problems(one) == {column: REASONS[reason]}
    with pytest.raises(PublishingError, match="nothing was recorded") as error:
        record(inbox, one)
    assert not wrong or wrong not in str(error.value)
    assert list(inbox.folder.iterdir()) == []
    project.file("past.jsonl", inboxes._line(one))
    assert project.land_one().quarantined == {reason: 1}
    assert project.rejects()[0][1:3] == (reason, column)
    assert recorded(inbox, project.settings) == [inboxes.RecordedAct(one, REASONS[reason])]


def test_sessions_that_record_at_once_lose_nothing(project):
    writer = (
        "import sys, json, uuid\n"
        "from datetime import datetime, UTC\n"
        "from pathlib import Path\n"
        "from promisekept.remediation.inbox import Act, Inbox, record\n"
        "for number in range(40):\n"
        "    at, who = datetime(2026, 6, 30, tzinfo=UTC), sys.argv[2]\n"
        "    act = Act(uuid.uuid4().hex, at, 'commented', who, 'officer', 'g', note=str(number))\n"
        "    record(Inbox(Path(sys.argv[1]), '.jsonl', 'page'), act)\n"
    )
    inbox = find_inbox(project.settings)
    people = [f"person {number}" for number in range(4)]
    running = [subprocess.Popen([sys.executable, "-c", writer, str(inbox.folder), person]) for person in people]
    assert [process.wait(60) for process in running] == [0] * len(people)
    found = recorded(inbox, project.settings)
    assert {(entry.act.subject_ref, entry.act.note) for entry in found} == {(p, str(n)) for p in people for n in range(40)}
    assert len(list(inbox.folder.iterdir())) == len(found) == 160


@pytest.mark.parametrize("at", ["fsync", "link"])
def test_an_interrupted_act_was_never_recorded(project, monkeypatch, at):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    inbox = find_inbox(project.settings)
    monkeypatch.setattr(inboxes.os, at, interrupt)
    with pytest.raises(KeyboardInterrupt):
        record(inbox, act())
    monkeypatch.undo()
    assert list(inbox.folder.iterdir()) == []
    (inbox.folder / ".act-killed.part").write_bytes(inboxes._line(act())[:40])  # what a kill leaves: half a line, hidden
    assert project.land() == []
    assert recorded(inbox, project.settings) == []


def test_only_a_folder_of_json_lines_without_a_mapping_is_an_inbox(tmp_path):
    project = Project(tmp_path)
    for number, reader in enumerate(
        [
            {"path": "inbox/*.csv"},
            {"path": "*/all/*.jsonl"},
            {"path": "inbox/one-*.jsonl"},
            {"path": "s3://acts/*.jsonl"},
            {"path": "inbox/*.jsonl", "done_suffix": ".done"},
        ]
    ):
        project.source(f"page{number}", log="remediations", reader=reader)
    project.source("requests", path="inbox/*.jsonl")
    assert find_inbox(project.settings) is None
    assert find_inbox(project.source("second", log="remediations", path="inbox/*.ndjson").settings).source == "second"


def test_what_others_delivered_into_the_folder_is_no_act_of_the_page(project):
    project.file("tickets.jsonl", json.dumps({"event_id": "T-1", "event_type": "commented"}) + "\n")
    project.file("half.jsonl", '{"event_id": "T-')
    assert recorded(find_inbox(project.settings), project.settings) == []
