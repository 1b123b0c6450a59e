"""An erasure that was reported as done, from files as sources deliver them to what is published, day by day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from published import run
from world import Report, World, help_desk

from orchestration import pipeline
from promisekept.publishing.reader import open_snapshot

pytestmark = pytest.mark.slow

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
RECORDS = [
    {"record_id": record_id, "event_type": event_type, "occurred_at": occurred_at}
    | ({"subject_ref": "A-17", "data_category": "mail", "purpose_code": "news", "record_count": 40} if system else {})
    | ({"system": system} if system else {})
    for record_id, event_type, occurred_at, system in (
        ("R-1", "created", "2026-01-10T10:00:00Z", "crm"),
        ("R-1", "deleted", "2026-03-12T10:00:00Z", None),
        ("R-2", "created", "2026-01-10T10:00:00Z", "mail"),
        ("R-2", "deleted", "2026-04-10T10:00:00Z", None),  # a day after the grace
    )
]
LINKS = [
    {"subject_ref": "ann@example.org", "other_ref": "A-17", "other_ref_type": "customer_id", "subject_ref_type": "email"}
    | {"occurred_at": "2025-06-01T08:00:00Z"}
]


def erasure(build: pipeline.Build) -> dict[str, Any]:
    (row,) = Report(build.outgoing).table("fct_erasures")
    return row


def built(world: World, as_of: str) -> pipeline.Build:
    build = world.prepare(as_of, now=NOW)
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    return build


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[pipeline.Build, dict[str, Any]]]:
    """First the requests alone land, the next day the records and who is who."""
    folder: Path = tmp_path_factory.mktemp("erasures")
    world = World(folder)
    logs = {"requests": "email", "retention": "customer_id", "subject_links": "email"}
    world.configure(
        *(help_desk(log, inbox=log) | {"log": log, "defaults": {"subject_ref_type": kind}} for log, kind in logs.items())
    )
    request = world.request("r1", right="erasure", received="2026-03-01", subject_ref="ann@example.org")
    request.system_completed("2026-03-12", system="crm").system_completed("2026-03-09", system="mail")
    request.fulfilled("2026-03-10")
    first = built(world, "2026-06-29")
    found = [(first, erasure(first))]
    for log, rows in (("retention", RECORDS), ("subject_links", LINKS)):
        world.deliver([row | {"event_id": f"{log}-{number}"} for number, row in enumerate(rows)], inbox=log)
    second = built(world, "2026-06-30")
    assert not second.full_refresh
    return [*found, (second, erasure(second))]


def test_without_a_log_of_records_an_erasure_is_not_proven(days):
    _, found = days[0]
    assert (found["status"], found["record_sets"], found["expected_systems"]) == ("no_records_found", 0, [])


def test_records_under_another_identifier_show_that_it_was_not_complete(days):
    _, found = days[1]
    assert found == {
        "status": "incomplete",
        "grace_ends_date": "2026-04-09",
        "judged_at": "2026-04-09T22:59:59.999999+00:00",
        "record_sets": 2,
        "erased_sets": 1,
        "missed": ["retention/R-2"],
        "missed_record_count": 40,
        "confirmed_systems": ["crm", "mail"],
        "unconfirmed_systems": [],
        "event_id": "r1:3:fulfilled",
    }


def test_the_published_erasures_pass_their_guards(days):
    build, _ = days[1]
    verdict = pipeline.audit(build, pipeline.write(build))
    assert {suite.subject: suite.failed for suite in verdict.suites if suite.failed} == {}
    assert "fct_erasures" in {suite.subject for suite in verdict.suites}
    assert verdict.success


def test_what_comes_back_after_the_grace_restates_the_closed_month(tmp_path):
    """A backup restored in July brought back what March had published as erased: the old figure stayed."""
    world = World(tmp_path)
    world.configure(*(help_desk(log, inbox=log) | {"log": log} for log in ("requests", "retention")))
    request = world.request("r1", right="erasure", received="2026-03-01", subject_ref="A-17")
    request.fulfilled("2026-03-10").system_completed("2026-03-12", system="crm")
    world.deliver([row | {"event_id": f"{number}"} for number, row in enumerate(RECORDS[:2])], inbox="retention")
    run(world, "2026-06-29")
    seen = {"record_id": "R-1", "event_type": "seen", "occurred_at": "2026-07-05T10:00:00Z", "event_id": "back"}
    world.deliver([seen], inbox="retention")
    restated = run(world, "2026-07-10")
    with open_snapshot(world.settings.home, restated.id) as snapshot:
        (found,) = snapshot.cursor().execute("select status, missed, missed_record_count from marts.fct_erasures").fetchall()
        rows = snapshot.cursor().execute(
            "select old_numerator, old_denominator, new_numerator, new_denominator, causes, len(batches)"
            " from history.fct_restatements"
            " where metric_code = 'erasure_completeness' and period_grain = 'month' and dimension = 'all'"
        )
        assert rows.fetchall() == [(1, 1, 0, 1, ["later_event"], 1)]
    assert found == ("incomplete", ["retention/R-1"], 40)
