"""What would look like a kept promise and is none: each ends in something other than `met`.

Here: the shipped promises over small lives, a month to each temptation, in one build; and beside most of them a month in
which the same promise is honestly kept, so that the refusal is not for nothing. Not here: the rules of the figures
(../dbt_project/metrics).
"""

from __future__ import annotations

from typing import Any

import pytest
from shipped_promises import AS_OF, COLLECTED, DECIDED, KINDS, RECORD, SHARED, VERDICTS, begun, control, verdict
from world import Report, World

RIGHTS = {
    "access": "ACCESS", "portability": "PORTABILITY", "rectification": "RECTIFICATION", "erasure": "ERASURE",
    "restriction": "RESTRICTION", "objection": "OBJECTION", "automated_decision": "ADM",
}  # fmt: skip


def answered(world: World, right: str, month: int, how: str, **columns: Any) -> None:
    """A request that falls due, and is answered in time, within one month of 2026."""
    request = world.request(f"{right}-{how}-{month}", right=right, received=f"2026-{month - 1:02d}-10", **columns)
    if right == "erasure" and how == "fulfilled":
        request.system_completed(f"2026-{month:02d}-04", system="crm")
    request.happened(how, f"2026-{month:02d}-05", reason_code="exempt" if how == "denied" else None)


def requests(world: World) -> None:
    """Refused in February, granted in April; in June and July answers and receipts that contradict themselves."""
    for right in RIGHTS:
        answered(world, right, 2, "denied")
        answered(world, right, 4, "fulfilled", subject_ref=f"known {right}")
    answered(world, "access", 6, "fulfilled")
    answered(world, "access", 7, "fulfilled")
    for month, step in ((6, "closed"), (7, "receipt")):
        name, begun_at = f"contradicted-{step}", f"2026-{month - 1:02d}-11"
        receipt = {"event_id": f"{name}:receipt"}
        end = {"event_id": f"{name}:end"}
        request = world.request(name, received=begun_at, **receipt).fulfilled("2026-08-20", **end)
        if step == "closed":
            request.fulfilled(f"2026-{month:02d}-05", **end)
        else:
            request.received("2026-08-11", **world.receipt(request, "access") | receipt)
    answered(world, "erasure", 9, "fulfilled", subject_ref="known later")
    world.request("stranger", right="erasure", received="2026-08-10", subject_ref="a stranger").fulfilled("2026-09-05")
    world.request("alone", right="erasure", received="2026-09-10", subject_ref="another").fulfilled("2026-10-05")


def records() -> list[dict[str, Any]]:
    """What the retention log knows of those who were erased."""
    rows: list[dict[str, Any]] = []
    for person, deleted in (("known erasure", "2026-04-04"), ("known later", "2026-09-04")):
        key = {"record_id": person.replace(" ", "-")}
        created = {"event_type": "created", "occurred_at": "2026-01-02T10:00:00Z", "subject_ref": person}
        rows += [key | created | RECORD, key | {"event_type": "deleted", "occurred_at": f"{deleted}T10:00:00Z"}]
    rows += [
        {"record_id": f"of-{right}", "event_type": "created", "occurred_at": "2026-01-02T10:00:00Z"}
        | {"subject_ref": f"known {right}"} | RECORD
        for right in ("objection", "restriction")
    ]  # fmt: skip
    return rows


def sharing() -> list[dict[str, Any]]:
    """For a reason of the four in February, for another one in March and April, and in May with an exemption every time."""
    notified = {"disclosed_to_subject_at": "2026-01-01T08:00:00Z"}
    return [
        SHARED | notified | {"occurred_at": "2026-02-10T08:00:00Z"},
        SHARED | notified | {"occurred_at": "2026-03-10T08:00:00Z", "reason_code": "other"},
        SHARED | notified | {"occurred_at": "2026-04-10T08:00:00Z", "reason_code": "other", "recipient_id": "sister"},
        SHARED | notified | {"occurred_at": "2026-05-01T08:00:00Z"},
        *(
            SHARED | {"occurred_at": f"2026-05-{day}T08:00:00Z", "disclosure_exemption": "already_informed"}
            for day in range(10, 29)
        ),
        *(
            SHARED | {"occurred_at": f"2026-06-{day}T08:00:00Z", "disclosure_exemption": "already_informed"}
            for day in range(10, 29)
        ),
    ]


def collecting() -> list[dict[str, Any]]:
    """With a notice in February; in May exempt but for one, in June exempt every time."""
    rows = []
    for kind in KINDS.values():
        shown = COLLECTED | kind | {"notice_shown_at": "2026-01-01T08:00:00Z"}
        rows += [shown | {"occurred_at": f"2026-{month}-01T08:00:00Z"} for month in ("02", "05")]
        rows += [
            COLLECTED | kind | {"occurred_at": f"2026-{month}-{day}T08:00:00Z", "notice_exemption": "not_required"}
            for month in ("05", "06")
            for day in range(10, 29)
        ]
    return rows


def consenting() -> list[dict[str, Any]]:
    """A withdrawal that its system confirms, and one for which the pack names no system."""
    rows = []
    for purpose, month in (("news", "02"), ("trips", "03")):
        person = DECIDED | {"purpose_code": purpose}
        rows.append(person | {"event_type": "given", "occurred_at": f"2026-{month}-01T08:00:00Z"})
        rows.append(person | {"event_type": "withdrawn", "occurred_at": f"2026-{month}-10T08:00:00Z"})
    applied = {"event_type": "withdrawal_applied", "occurred_at": "2026-02-11T08:00:00Z", "system": "mailer"}
    return [*rows, DECIDED | {"purpose_code": "news"} | applied]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    world = begun(tmp_path_factory.mktemp("green"), "consents", "disclosures", "retention", "collections")
    requests(world)
    logs = {"consents": consenting(), "disclosures": sharing(), "retention": records(), "collections": collecting()}
    for log, rows in logs.items():
        world.deliver([row | {"event_id": f"{log}-{number}"} for number, row in enumerate(rows)], inbox=log)
    return world.run(AS_OF, only=VERDICTS)


@pytest.mark.parametrize("right", RIGHTS)
def test_to_refuse_every_request_in_time_keeps_no_right(report, right):
    """Every answer came in time and names a ground: each deadline is met, and the limit on denials is not."""
    name = f"RIGHT-{RIGHTS[right]}"
    assert verdict(report, name, "deadline_adherence", 2, right) == "met"
    assert verdict(report, name, "denial_without_ground_count", 2, right) == "met"
    assert verdict(report, name, "denial_rate", 2, right) == "missed"
    assert control(report, name, 2)["status"] == "missed"
    assert verdict(report, name, "denial_rate", 4, right) == "met"


def test_to_refuse_every_request_in_time_keeps_no_deadline(report):
    assert verdict(report, "DEADLINE", "deadline_adherence", 2) == "met"
    assert control(report, "DEADLINE", 2) == {"status": "missed", "metric_code": "denial_rate"}
    assert verdict(report, "DEADLINE", "denial_rate", 4) == "met"


def test_an_erasure_of_somebody_who_is_in_no_log_is_not_proven(report):
    assert verdict(report, "RIGHT-ERASURE", "erasure_completeness", 4) == "met"
    assert verdict(report, "RIGHT-ERASURE", "erasure_completeness", 9) == "met_on_main_reading"
    assert verdict(report, "RIGHT-ERASURE", "erasure_completeness", 10) == "insufficient_evidence"


def test_a_withdrawal_that_nobody_is_asked_to_confirm_is_not_confirmed(report):
    assert verdict(report, "CONSENT-PROOF", "withdrawal_unconfirmed", 2) == "met"
    assert verdict(report, "CONSENT-PROOF", "withdrawal_unconfirmed", 3) == "insufficient_evidence"


def test_a_fifth_reason_is_none_of_the_four_whoever_receives(report):
    assert verdict(report, "REASON", "disclosure_reason_rate", 2) == "met"
    for month in (3, 4):
        assert control(report, "REASON", month)["status"] == "missed"


def test_an_exemption_on_every_row_notifies_nobody(report):
    """One person told and nineteen exempt: all who had to be told were told. Without the one nothing is left to judge."""
    assert control(report, "TOLD", 2)["status"] == "met"
    assert verdict(report, "TOLD", "disclosure_told_rate", 5) == "met"
    assert control(report, "TOLD", 5) == {"status": "missed", "metric_code": "told_exempt_rate"}
    assert control(report, "TOLD", 6)["status"] == "missed"


@pytest.mark.parametrize("kind", KINDS)
def test_an_exemption_on_every_collection_gives_no_notice(report, kind):
    collection_type = KINDS[kind]["collection_type"]
    assert control(report, f"NOTICE-{kind}", 2)["status"] == "met"
    assert verdict(report, f"NOTICE-{kind}", "notice_at_collection_rate", 5, collection_type) == "met"
    assert control(report, f"NOTICE-{kind}", 5) == {"status": "missed", "metric_code": "notice_exempt_rate"}
    assert control(report, f"NOTICE-{kind}", 6)["status"] == "missed"


def test_a_late_request_whose_answer_is_contradicted_is_not_answered(report):
    assert verdict(report, "DEADLINE", "deadline_adherence", 4) == "met"
    assert verdict(report, "DEADLINE", "deadline_adherence", 6) == "missed"


def test_a_late_request_whose_receipt_is_contradicted_does_not_vanish(report):
    """The other request of the month was answered in time; where the contradicted one belongs nobody knows, so at worst here."""
    assert verdict(report, "DEADLINE", "deadline_adherence", 7) != "met"
    assert verdict(report, "RIGHT-ACCESS", "deadline_adherence", 7, "access") != "met"


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, World]:
    """Objections under an e-mail address, acts under a customer number, and nothing that links them."""
    folder = tmp_path_factory.mktemp("strangers")
    world = begun(folder, "consents", "disclosures", "collections", "processing", "subject_links")
    world.request("objection", right="objection", received="2026-02-10", subject_ref="C-1").fulfilled("2026-03-05")
    act = {"system": "crm", "automated_decision": False, "legal_basis": "contract", "purpose_code": "care"}
    act |= {"data_categories": ["contact"], "subject_ref": "ann", "occurred_at": "2026-01-20T08:00:00Z"}
    logs = {
        "processing": [act],
        "disclosures": [SHARED | {"occurred_at": "2026-01-20T08:00:00Z"}],
        "consents": [DECIDED | {"purpose_code": "news", "event_type": "given", "occurred_at": "2026-01-20T08:00:00Z"}],
        "collections": [COLLECTED | KINDS["AUTO"] | {"occurred_at": "2026-01-20T08:00:00Z"}],
    }
    for log, rows in logs.items():
        world.deliver([row | {"event_id": f"{log}-{number}"} for number, row in enumerate(rows)], inbox=log)
    return world.run(AS_OF, only=VERDICTS), world


STOPPED = ("processing_after_stop", "disclosure_after_stop")


def to_date(report: Report) -> dict[str, tuple[str, str | None]]:
    rows = report.table("fct_control_results", "control_id = 'CTL-RIGHT-OBJECTION' and period_grain = 'to_date'")
    return {row["metric_code"]: (row["status"], row["reason"]) for row in rows if row["metric_code"] in STOPPED}


def test_that_nothing_was_done_after_a_stop_proves_nothing_where_identifiers_never_meet(strangers):
    report, _ = strangers
    reason = "identifiers hardly meet: 0 of 1 persons concerned are in the log"
    found = to_date(report)
    assert all(found[code][0] == "insufficient_evidence" and reason in found[code][1] for code in STOPPED)


def test_once_somebody_says_who_is_who_only_the_lack_of_an_act_at_risk_is_left(strangers):
    """What was done before the objection could not break it, so it shows nothing either."""
    _, world = strangers
    link = {"subject_ref": "C-1", "other_ref": "ann", "other_ref_type": "customer_id", "occurred_at": "2026-01-01T08:00:00Z"}
    world.deliver([link | {"event_id": "link-1"}], inbox="subject_links")
    found = to_date(world.run(AS_OF, only=VERDICTS))
    assert found == {
        "processing_after_stop": ("insufficient_evidence", "no acts at risk, and no delivery shows that nothing happened"),
        "disclosure_after_stop": ("insufficient_evidence", "no disclosures at risk, and no delivery shows that nothing happened"),
    }
