"""The calendar file holds every due date once, parses by a library that is not ours, and names nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from command import promisekept
from icalendar import Calendar
from published_demo import copy_published_demo

from promisekept.assessment.due_dates import calendar_file
from promisekept.assessment.remediations import remediations
from promisekept.publishing.export_log import entries
from promisekept.publishing.reader import SnapshotReader, open_current

REQUESTS = "select due_date from marts.fct_requests where status in ('open_in_time', 'open_overdue') and due_date is not null"
GROUPS = "select due_date from marts.fct_remediations where state in ('assigned', 'overdue')"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_published_demo(tmp_path_factory.mktemp("due") / "larkfield", tmp_path_factory)


@pytest.fixture(scope="module")
def reader(demo: Path):
    with open_current(demo / ".promisekept") as opened:
        yield opened


def test_every_due_date_of_a_request_and_a_remediation_is_one_whole_day(reader: SnapshotReader):
    events = Calendar.from_ical(calendar_file(reader)).walk("VEVENT")
    due = [row[0] for question in (REQUESTS, GROUPS) for row in reader.cursor().execute(question).fetchall()]
    assert sorted(event.decoded("dtstart") for event in events) == sorted(due)
    assert all(event.decoded("dtend") == event.decoded("dtstart") + timedelta(days=1) for event in events)
    assert len({event["uid"] for event in events}) == len(events)
    assert any("Remediation due (overdue): " in event["summary"] for event in events)


def test_the_file_names_nobody_and_keeps_to_its_form(reader: SnapshotReader):
    file = calendar_file(reader)
    persons = (
        reader.cursor().execute("select distinct subject_key from marts.fct_requests where subject_key is not null").fetchall()
    )
    assert persons
    assert not any(key.encode() in file for (key,) in persons)
    assert file.endswith(b"END:VCALENDAR\r\n")
    assert max(map(len, file.split(b"\r\n"))) <= 75
    assert file == calendar_file(reader)
    hostile = "A; B, C\\ and 株式会社 " * 9 + "\r\nBEGIN:VEVENT"
    named = Calendar.from_ical(calendar_file(replace(reader, manifest={**reader.manifest, "organisation": hostile})))
    unescaped = re.sub(r"\\(.)", r"\1", str(named["x-wr-calname"]))
    assert unescaped == "Due dates, " + " ".join(hostile.split())
    assert len(named.walk("VEVENT")) == len(Calendar.from_ical(file).walk("VEVENT"))


def test_the_command_writes_it_and_the_export_log_says_so(demo: Path, reader: SnapshotReader, tmp_path: Path):
    out = tmp_path / "due.ics"
    written = promisekept("calendar", "--config", demo, "--out", out, "--format", "json")
    assert (written.code, out.read_bytes()) == (0, calendar_file(reader))
    last = entries(demo / ".promisekept")[-1].export
    assert (last.content, last.rows, last.sha256) == ("Due dates", written.json["due_dates"], written.json["sha256"])


def test_groups_are_sorted_by_what_is_due_and_a_snapshot_without_acts_says_so(reader: SnapshotReader):
    groups = remediations(reader.cursor())
    counted = dict(reader.cursor().execute("select state, count(*) from marts.fct_remediations group by state").fetchall())
    assert groups.is_recorded
    assert (len(groups.overdue), len(groups.accepted)) == (counted["overdue"], counted["accepted"])
    assert len(groups.open) == len(groups.groups) - counted["accepted"] - counted["resolved"]
    assert [row["overdue_days"] for row in groups.overdue] == sorted(
        (row["overdue_days"] for row in groups.overdue), reverse=True
    )
    assert len(groups.due(date.min, date.max)) == counted["assigned"]
    assert not replace(groups, groups=[row | {"acts": 0} for row in groups.groups]).is_recorded
