"""More ways in which a promise looks kept because no evidence shows that it was broken.

Here: cases that fall out of what a figure is about (no register knows the recipient, no schedule the record, nobody the
destination or the printed date) and answers that are dated before the question. Each stands beside one case that was honestly
kept, which alone would be green. Not here: the ways that only refuse or excuse (test_false_green.py).
"""

from __future__ import annotations

from typing import Any

import pytest
from shipped_promises import AS_OF, RECORD, SHARED, VERDICTS, begun, control, verdict
from world import Report, World

pytestmark = pytest.mark.slow

SCHEDULE = "schedule_id,data_category,purpose_code,min_period,max_period,trigger\nS-1,contact,care,P1Y,P10Y,created\n"
TOLD = SHARED | {"disclosed_to_subject_at": "2026-01-01T08:00:00Z"}
CHARGED = {"incident_type": "disclosure", "jurisdiction": "IE"}
NOW_AND_THEN = {"every": "P2000D", "grace": "P1D"}
MAIN_READING = "met_on_main_reading"


def disclosures() -> list[dict[str, Any]]:
    """As promised in January; in February to somebody unlisted, in March to nobody knows where, and in April only so."""
    somewhere = {name: value for name, value in TOLD.items() if name != "destination_country"}
    unlisted = {"recipient_id": "nobody", "reason_code": "other"}
    return [
        *(TOLD | {"occurred_at": f"2026-{month:02d}-10T08:00:00Z"} for month in (1, 2, 3)),
        TOLD | unlisted | {"occurred_at": "2026-02-11T08:00:00Z"},
        somewhere | {"occurred_at": "2026-03-10T09:00:00Z", "recipient_id": "unsigned"},
        somewhere | unlisted | {"occurred_at": "2026-04-10T08:00:00Z"},
    ]


def retention() -> list[dict[str, Any]]:
    """Deleted in its time in January, beside what no schedule covers in February, and in March only that."""
    ends = (("kept", "contact", 1), ("too", "contact", 2), ("free", "voice", 2), ("alone", "voice", 3))
    rows = []
    for name, category, month in ends:
        key = {"record_id": name, "subject_ref": "ann"}
        created = {"event_type": "created", "occurred_at": "2024-06-02T10:00:00Z"} | RECORD | {"data_category": category}
        rows += [key | created, key | {"event_type": "deleted", "occurred_at": f"2026-{month:02d}-10T10:00:00Z"}]
    lasting = {"record_id": "lasting", "event_type": "created", "occurred_at": "2026-04-02T10:00:00Z", "subject_ref": "ann"}
    return [*rows, lasting | RECORD]


def policies() -> list[dict[str, Any]]:
    """A version with its date in January, one without any in February beside another, and in December only such a one."""
    dated = (("1", "2026-01-05", True), ("2", "2026-02-05", True), ("3", "2026-02-06", False), ("4", "2026-12-01", False))
    return [
        {"policy_version": name, "event_type": "published", "occurred_at": f"{day}T10:00:00Z", "material": False}
        | ({"last_updated_shown": day} if is_shown else {})
        for name, day, is_shown in dated
    ]


def incidents() -> list[dict[str, Any]]:
    """The authority was notified the day after in January, in February a year before the detection by a slip of the pen."""
    rows = []
    for name, month, notified in (("spill", 1, "2026-01-06"), ("leak", 2, "2026-02-06"), ("slip", 2, "2025-02-06")):
        key = {"incident_id": name}
        rows.append(key | CHARGED | {"event_type": "detected", "occurred_at": f"2026-{month:02d}-05T10:00:00Z"})
        rows.append(key | {"event_type": "authority_notified", "occurred_at": f"{notified}T10:00:00Z"})
    return rows


def requests(world: World) -> None:
    """Answered in time in January; in February one is answered a year before it came, another never."""
    world.request("kept", received="2025-12-10").acknowledged("2025-12-11").fulfilled("2026-01-05")
    world.request("too", received="2026-01-10").fulfilled("2026-02-05")
    world.request("slip", received="2026-01-11").fulfilled("2025-02-05", right_type="access")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    deliveries = {"disclosures": disclosures(), "retention": retention(), "policies": policies(), "incidents": incidents()}
    world = begun(tmp_path_factory.mktemp("around"), *deliveries, expect=NOW_AND_THEN)
    (world.folder / "pack" / "retention_schedule.csv").write_text(SCHEDULE, encoding="utf-8")
    requests(world)
    for log, rows in deliveries.items():
        world.deliver([row | {"event_id": f"{log}-{number}"} for number, row in enumerate(rows)], inbox=log)
    return world.run(AS_OF, only=(*VERDICTS, "fct_findings"), now=world.instant(AS_OF))


@pytest.mark.parametrize(
    ("name", "metric_code"),
    [
        ("REASON", "disclosure_reason_rate"), ("AGREEMENT", "agreement_coverage"), ("AGREEMENT", "transfer_coverage"),
        ("KEEP", "early_deletions"), ("POLICY-DATE", "policy_date_mismatch_count"),
        ("BREACH-NOTICE", "authority_notification_adherence"), ("DEADLINE", "deadline_adherence"),
    ],
)  # fmt: skip
def test_the_same_promise_honestly_kept_is_met(report, name, metric_code):
    assert verdict(report, name, metric_code, 1) == "met"


def test_a_recipient_in_no_register_receives_for_no_promised_reason_and_under_no_agreement(report):
    assert verdict(report, "REASON", "disclosure_reason_rate", 2) == MAIN_READING
    assert verdict(report, "AGREEMENT", "agreement_coverage", 2) == MAIN_READING
    assert verdict(report, "REASON", "disclosure_reason_rate", 4) == "insufficient_evidence"


def test_data_that_went_nobody_says_where_may_have_gone_anywhere(report):
    assert verdict(report, "AGREEMENT", "transfer_coverage", 3) == MAIN_READING
    assert verdict(report, "AGREEMENT", "transfer_coverage", 4) == "insufficient_evidence"


def test_what_no_schedule_covers_was_not_kept_long_enough_for_sure(report):
    assert verdict(report, "KEEP", "early_deletions", 2) == MAIN_READING
    assert verdict(report, "KEEP", "early_deletions", 3) == "insufficient_evidence"


def test_what_no_schedule_covers_was_not_kept_short_enough_for_sure(report):
    """In January two record sets without a schedule are alive beside one that has one; from March on only the other one is."""
    assert verdict(report, "DELETE", "over_retention_rate", 1) == MAIN_READING
    assert verdict(report, "DELETE", "over_retention_rate", 3) == "insufficient_evidence"
    assert verdict(report, "DELETE", "over_retention_rate", 4) == "met"


def test_a_policy_that_shows_no_date_does_not_carry_the_date_of_its_last_update(report):
    assert verdict(report, "POLICY-DATE", "policy_date_mismatch_count", 2) == MAIN_READING


def test_an_undetermined_case_is_no_absence_of_cases(report):
    """Every delivery of December came, so that silence would be evidence: what is missing is not the log but its rows."""
    assert control(report, "POLICY-DATE", 12) == {
        "status": "insufficient_evidence", "reason": "no case that can be assessed: 1 that can't",
    }  # fmt: skip
    assert verdict(report, "BREACH-NOTICE", "authority_notification_adherence", 12) == "not_applicable"


def test_without_a_register_of_terms_no_contract_is_kept(report):
    """No record set falls under a term of which no file tells: that is no silence either."""
    assert control(report, "CONTRACT", 12) == {
        "status": "insufficient_evidence", "reason": "no register: contract_terms", "dimension_value": "with_terms",
    }  # fmt: skip


def test_an_authority_notified_a_year_before_the_detection_was_not_notified_of_it(report):
    assert verdict(report, "BREACH-NOTICE", "authority_notification_adherence", 2) == MAIN_READING
    (found,) = report.findings("answered_before_detection")
    assert found == {"entity": "incidents/incidents/slip", "control_id": "CTL-BREACH-NOTICE"}


def test_a_request_answered_a_year_before_it_came_was_not_answered_for_sure(report):
    assert verdict(report, "DEADLINE", "deadline_adherence", 2) == MAIN_READING
    (found,) = report.findings("answered_before_receipt")
    assert found == {"entity": "requests/helpdesk/slip/access", "control_id": "CTL-DEADLINE", "event_id": "slip:1:fulfilled"}
