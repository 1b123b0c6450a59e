"""From two keys of a source to what is published: a control total, a sequence, and a second identifier, in one whole run."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from world import World, help_desk

from orchestration.run import run_job
from promisekept.publishing.reader import open_current

pytestmark = pytest.mark.slow

AS_OF = "2026-06-01"


def record(number: int, event_type: str, at: str, **columns):
    life = (
        {"system": "crm", "data_category": "mail", "purpose_code": "news", "record_count": 1} if event_type == "created" else {}
    )
    return {
        "event_id": f"{number}:{event_type}",
        "record_id": f"rec{number}",
        "event_type": event_type,
        "occurred_at": f"{at}T10:00:00Z",
        **life,
        **columns,
    }


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("counted"))
    desk = help_desk("helpdesk", "requests") | {
        "defaults": {"subject_ref_type": "email"},
        "control_total": "./counts.csv",
        "sequence": "ticket",
        "links": {"column": "customer_number", "type": "customer_id"},
    }
    crm = help_desk("crm", "records") | {"log": "retention"}
    world.configure(desk, crm)
    (world.folder / "counts.csv").write_text("day,count\n2026-03-10,2\n2026-03-11,3\n2026-03-20,1\n2026-05-31,0\n2026-06-01,7\n")
    jane = world.request(
        "r1", right="erasure", received="2026-03-10", subject_ref="jane@example.org", customer_number="C-1", ticket=1
    )
    jane.fulfilled("2026-03-20", ticket=6)
    world.request("r2", received="2026-03-10", subject_ref="joe@example.org", ticket=2)
    world.request("r3", received="2026-03-11", subject_ref="jim@example.org", ticket=3)
    world.deliver([record(1, "created", "2026-01-05", subject_ref="C-1"), record(1, "seen", "2026-05-05")], inbox="records")
    return world.run(AS_OF, now=datetime(2026, 6, 1, 6, tzinfo=UTC))


def test_each_control_total_stands_beside_the_events_of_its_day(report):
    days = {row["day"]: row for row in report.table("fct_source_completeness", "source = 'helpdesk'")}
    assert {day: (row["stated"], row["events"], row["difference"]) for day, row in days.items() if row["stated"] is not None} == {
        "2026-03-10": (2, 2, 0),
        "2026-03-11": (3, 1, -2),
        "2026-03-20": (1, 1, 0),
        "2026-05-31": (0, 0, 0),
    }
    assert days["2026-06-01"] == {"unstated_reason": "day_not_over", "missing_numbers": 2}
    assert {row["missing_numbers"] for row in report.table("fct_source_completeness", "source = 'crm'")} == {None}


def test_a_day_that_differs_and_numbers_that_never_came_are_findings(report):
    (short,) = report.findings("control_total_differs")
    assert (short["source"], json.loads(short["detail"])) == (
        "helpdesk",
        {"day": "2026-03-11", "stated": 3, "events": 1, "difference": -2},
    )
    (gap,) = report.findings("sequence_gap")
    assert json.loads(gap["detail"]) == {"column_name": "ticket", "first_missing": 4, "last_missing": 5, "missing": 2}


def test_what_is_missing_counts_in_the_worst_case_of_its_log_alone(report):
    """Two of the eleventh of March are counted by a control total; the two numbers that never came may be the same."""
    figures = {
        row["metric_code"]: row["unjudged_units"]
        for row in report.table("fct_metrics", "period_start = '2026-03-01' and period_grain = 'month' and dimension = 'all'")
    }
    requests = ("requests_received", "deadline_adherence", "acknowledgement_adherence", "denial_without_ground_count")
    assert {figures[code] for code in requests} == {2}
    assert {figures[code] for code in ("over_retention_rate", "within_policy_rate", "record_sets_recreated")} == {0}


def test_a_source_is_confirmed_only_if_its_totals_cover_all_that_it_delivered(report):
    has_total = {row["source"]: row["has_control_total"] for row in report.table("audit_sources")}
    assert has_total == {"helpdesk": True, "helpdesk_links": False, "crm": False}


def test_a_request_by_one_identifier_meets_the_records_of_the_other(report):
    (erasure,) = report.table("fct_erasures")
    assert (erasure["status"], erasure["missed_records"]) == ("incomplete", 1)


def test_what_is_counted_otherwise_later_is_restated_and_published(tmp_path):
    """A corrected control total ended each run from then on: the worst cases of closed months changed, and no cause was known."""
    world = World(tmp_path / "counted")
    desk = help_desk("helpdesk", "requests") | {"defaults": {"subject_ref_type": "email"}, "control_total": "./counts.csv"}
    desk |= {"sequence": "ticket", "skip": "event_type = 'draft'"}

    def published(hour: int, march: int) -> set[tuple[str, str]]:
        (world.folder / "counts.csv").write_text(f"day,count\n2026-03-11,{march}\n")
        world.deliver()
        now = f"2026-06-01T{hour:02d}:00:00+00:00"
        assert run_job(world.folder, as_of="2026-06-01T00:00:00+00:00", now=now).published
        with open_current(world.settings.home) as snapshot:
            restated = "select distinct unnest(causes), versions[1] from history.fct_restatements where snapshot = ?"
            return set(snapshot.cursor().execute(restated, [snapshot.manifest["id"]]).fetchall())

    world.configure(desk)
    for number, ticket in ((1, 1), (2, 2), (3, 5)):
        world.request(f"r{number}", received="2026-03-11", subject_ref=f"p{number}@example.org", ticket=ticket)
    assert published(1, 9) == set()
    assert published(2, 3) == {("missing_events", "control total of helpdesk")}
    # Drafts bring the numbers, and no row lands.
    world.deliver(
        [
            {"event_id": f"d{number}", "request_id": "d", "event_type": "draft", "occurred_at": "2026-03-11", "ticket": number}
            for number in (3, 4)
        ]
    )
    assert published(3, 3) == {("missing_events", "sequence of helpdesk")}
    world.request("r4", received="2026-05-30", subject_ref="p4@example.org", ticket=9)
    published(4, 3)
    world.configure({name: value for name, value in desk.items() if name != "sequence"})
    assert published(5, 3) == {("pack", "sources.helpdesk.sequence ticket -> None")}
