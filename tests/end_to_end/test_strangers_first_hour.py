"""A stranger with one wide table: init, ten lines of mapping, check, run, a published adherence.

What it protects: nobody reads that a promise was missed because a log was never connected.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest
from command import promisekept, promisekept_from_nothing

from promisekept.publishing.reader import open_current

pytestmark = pytest.mark.slow

PROGRESS = re.compile(r" *[0-9]+\.[0-9] s  [a-z]")
TICKETS = """\
Ticket ID;Opened;Closed;Outcome;Requester Email;Request Type;Internal remark
T-1;03/02/2026;03/20/2026;Granted;ann@example.org;access;first
T-2;03/03/2026;05/29/2026;Granted;bob@example.org;access;late by any reading
T-3;03/04/2026;03/30/2026;Refused;cyd@example.org;erasure;
T-4;03/05/2026;;;dee@example.org;access;still open
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stranger")
    tickets = folder / "tickets.csv"
    tickets.write_text("\ufeff" + TICKETS.replace("\n", "\r\n"), encoding="utf-8")
    made = folder / "Company #1 [EU]"  # a wildcard in the path of each pattern, and a fragment in that of each database
    assert promisekept("init", made, "--from", tickets, "--country", "US").code == 0
    settings = (made / "promisekept.yml").read_text(encoding="utf-8").replace("jurisdiction: US", "jurisdiction: US-CA")
    (made / "promisekept.yml").write_text(settings, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def published(project):
    result = promisekept_from_nothing("run", "--config", project, "--as-of", "2026-06-30", "--format", "json")
    assert result.code == 0, result.err
    return result.json


def test_the_draft_asks_what_every_status_means(project):
    mapping = (project / "mappings" / "requests.sql").read_text(encoding="utf-8")
    assert '"Granted" mean in law?' in mapping
    assert "month first" in mapping


def test_the_draft_is_short_enough_to_be_read(project):
    mapping = (project / "mappings" / "requests.sql").read_text(encoding="utf-8")
    assert len([line for line in mapping.splitlines() if not line.startswith("--")]) <= 20


def test_check_shows_the_first_rows_as_events_and_changes_nothing(project):
    result = promisekept("check", "--config", project, "--format", "json")
    assert result.code == 0, result.out + result.err
    source, page = result.json["sources"]
    assert (page["log"], page["waits"], page["sound"]) == ("remediations", True, True), "nobody recorded anything yet"
    assert source["counts"]["landed"] == 7
    assert {event["event_type"] for event in source["events"]} <= {"received", "fulfilled", "denied"}
    assert not (project / ".promisekept" / "landing").exists()


def test_an_adherence_is_published(published):
    figure = published["scorecard"]["metrics"]["deadline_adherence"]
    assert (figure["numerator"], figure["denominator"]) == (2, 4)


def test_no_control_of_an_absent_log_is_missed(project, published):
    with open_current(project / ".promisekept") as snapshot:
        rows = snapshot.cursor().execute(
            "select control_id, metric_code, status, reason from marts.fct_control_results where reason ilike 'no log%'"
        )
        absent = rows.fetchall()
    assert absent
    assert Counter(status for _, _, status, _ in absent) == {"insufficient_evidence": len(absent)}


def test_the_worksheet_remark_and_the_addresses_stay_behind(project, published):
    for file in (project / ".promisekept").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"@example.org" not in content, file
            assert b"late by any reading" not in content, file


def test_explain_shows_the_steps_of_one_request(project, published):
    result = promisekept("explain", "T-2", "--config", project)
    assert result.code == 0, result.err
    assert "45 calendar days" in result.out or "45 days" in result.out


def test_explain_of_an_unknown_request_says_where_to_look(project, published):
    result = promisekept("explain", "T-99", "--config", project)
    assert result.code == 2
    assert "has no such request" in result.err
    assert "quarantine list" in result.err


def test_a_second_run_with_nothing_new_publishes_nothing_new_and_reports_its_progress_alone(project, published):
    again = promisekept("run", "--config", project, "--as-of", "2026-06-30")
    assert again.code == 0, again.err
    assert again.out.splitlines()[-1] == f"Nothing new since snapshot {published['snapshot']}: nothing was built."
    strange = [line for line in again.err.splitlines() if line.strip() and not PROGRESS.match(line)]
    assert strange == []
