"""A fides database from its published definitions to published facts: the truth that the test put in comes out.

What it protects: the four figures that the application itself gets wrong. A deadline that moves with the day of the export
(T1), overdue requests left out by their status (T2), a completion that is blank (T3), a status taken for another one (T4).
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from fides_database import Fides
from world import World

from promisekept.project import preset

pytestmark = pytest.mark.slow

AS_OF = "2026-05-04T12:00:00+00:00"
PURPOSES = (
    "purpose_code,name,consent_required,consent_valid_days,withdrawal_hours,systems\nmarketing,Marketing,true,730,24,mailer;crm\n"
)
UNFINISHED = (
    "identity_unverified", "requires_input", "pending", "approved", "in_processing", "paused", "awaiting_email_send",
    "requires_manual_finalization", "pending_external", "error", "awaiting_pre_approval", "pre_approval_not_eligible",
)  # fmt: skip


def database() -> Fides:
    fides = Fides()
    for status in UNFINISHED:
        fides.request(status, status, person=f"{status}@example.org")
    fides.request("null due date", "in_processing", due_date=None)
    fides.request("canceled", "canceled", canceled_at="2026-03-09T10:00:00+00:00")
    fides.request("on time", "complete", finished_processing_at="2026-03-30T10:00:00+00:00")
    fides.request(
        "late", "complete", "erasure", finished_processing_at="2026-04-20T10:00:00+00:00", due_date="2026-06-01T00:00:00+00:00"
    )
    fides.request("blank", "complete")
    fides.add("auditlog", privacy_request_id="blank", action="finished", created_at="2026-03-21T10:00:00+00:00")
    fides.request("denied", "denied", reviewed_at="2026-03-10T10:00:00+00:00")
    fides.request("counted", "complete", finished_processing_at="2026-03-30T10:00:00+00:00", duplicate_request_group_id=GROUP)
    fides.request("again", "duplicate", duplicate_request_group_id=GROUP, updated_at="2026-03-03T10:00:00+00:00")
    fides.request("test", "complete", source="Dataset Test", finished_processing_at="2026-03-03T10:00:00+00:00")
    fides.request("california", "pending", location="us_ca")
    fides.request("carry", "complete", "consent")
    fides.served("2026-03-01T09:59:00+00:00")
    fides.preference("opt_in", "2026-03-01T10:00:00+00:00")
    fides.preference("opt_out", "2026-03-10T10:00:00+00:00", privacy_request_id="carry")
    fides.executed("carry", "mailer", "complete", "2026-03-10T11:00:00+00:00", "consent")
    fides.executed("carry", "crm", "error", "2026-03-10T11:00:00+00:00", "consent")
    fides.preference("opt_in", "2026-03-01T10:00:00+00:00", "ann@example.org")
    fides.preference("opt_out", "2026-03-01T10:00:00+00:00", "bob@example.org")
    return fides


GROUP = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("fides"))
    chosen = preset("fides-csv")
    for file, text in chosen.files():
        (world.folder / file).parent.mkdir(exist_ok=True)
        (world.folder / file).write_text(text, encoding="utf-8")
    world.configure(*yaml.safe_load(chosen.sources(country="IE", time_zone="Europe/Dublin")))
    (world.folder / "pack" / "purposes.csv").write_text(PURPOSES, encoding="utf-8")
    database().dump(Path(world.folder, "inbox"))
    return world


@pytest.fixture(scope="module")
def report(world):
    return world.run(AS_OF, only=("fct_requests", "fct_consents", "fct_findings"))


def test_t1_a_deadline_comes_from_the_law_of_the_place_and_the_systems_own_date_is_only_compared(report):
    dates = {
        key: (report.request(key)["due_date"], report.request(key)["declared_due_date"])
        for key in ("late", "california", "null due date")
    }
    assert dates == {
        "late": ("2026-04-02", "2026-06-01"),
        "california": ("2026-04-16", "2026-04-16"),
        "null due date": ("2026-04-02", None),
    }
    differing = {row["entity"] for row in report.findings("declared_differs")}
    assert "requests/fides/late/erasure" in differing and "requests/fides/california/access" not in differing


def test_t2_whatever_is_not_answered_is_overdue_in_every_status_and_without_a_due_date_of_its_own(report):
    overdue = {row["request_id"]: row["days_overdue"] for row in report.table("fct_requests", "status = 'open_overdue'")}
    assert overdue == {**dict.fromkeys([*UNFINISHED, "null due date", "canceled"], 32), "california": 18}
    assert {row["entity"].split("/")[2] for row in report.findings("overdue_open")} == set(overdue)


def test_t3_an_answer_is_dated_also_where_the_request_itself_is_blank(report):
    closed = {
        row["request_id"]: (row["status"], row["closed_date"], row["outcome"])
        for row in report.table("fct_requests", "closed_date is not null")
    }
    assert closed == {
        "on time": ("closed_on_time", "2026-03-30", "fulfilled"),
        "late": ("closed_late", "2026-04-20", "fulfilled"),
        "blank": ("closed_on_time", "2026-03-21", "fulfilled"),
        "denied": ("closed_on_time", "2026-03-10", "denied"),
        "counted": ("closed_on_time", "2026-03-30", "fulfilled"),
        "test": ("excluded", "2026-03-03", "fulfilled"),
    }


def test_t4_no_status_is_taken_for_another_one(report):
    assert report.request("error")["outcome"] is None
    assert report.request("canceled") == {"status": "open_overdue", "outcome": None}
    (reject,) = report.findings("quarantined")
    assert reject["event_id"] == "canceled:access:canceled"


def test_what_is_no_request_leaves_the_population_and_says_why(report):
    excluded = {row["request_id"]: row["exclusion_reason"] for row in report.table("fct_requests", "status = 'excluded'")}
    assert excluded == {"again": "duplicate", "test": "test"}
    assert report.table("fct_requests", "request_id = 'carry'") == []


def test_consents_are_what_people_said_and_a_system_that_did_not_stop_is_found(report):
    states = sorted((row["state"], row["valid_from"][:10], (row["valid_to"] or "")[:10]) for row in report.table("fct_consents"))
    assert states == [
        ("active", "2026-03-01", ""),
        ("active", "2026-03-01", "2026-03-10"),
        ("refused", "2026-03-01", ""),
        ("withdrawn", "2026-03-10", ""),
    ]
    assert {row["purpose_code"] for row in report.table("fct_consents")} == {"marketing"}
    (unconfirmed,) = report.findings("withdrawal_unconfirmed")
    assert '"system":"crm"' in unconfirmed["detail"]
    assert len(report.findings("consent_not_provable")) == 1
