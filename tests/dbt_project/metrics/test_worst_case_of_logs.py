"""The effect of undetermined rows on the worst case of every log but requests, and logs with a low match rate."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from metrics_warehouse import Warehouse

from promisekept.sources.contract import contract

pytestmark = pytest.mark.slow

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 5, 12, tzinfo=UTC)
GREATEST = contract()["retention"].column("record_count").most
SHARED = {
    "namespace": "crm", "source": "crm", "occurred_at": MARCH, "occurred_date": MARCH.date(), "recipient_id": "host",
    "purpose_code": "news", "ok_recipient": True, "ok_no_sale": True, "within_policy": True, "exempt_told": False,
    "reason_code": "provide_service", "needs_consent": False, "record_count": 10, "batch_id": "b-0001", "row_number": 1,
    "subject_key": "p2", "ok_not_stopped": True, "possible_stop_right_types": [], "stops_in_force": [],
    "destination_country": "IE", "ok_transfer": True,
}  # fmt: skip
KEPT = {
    "record_key": "crm/r1", "namespace": "crm", "record_id": "r1", "source": "crm", "data_category": "contact",
    "purpose_code": "news", "system": "crm", "has_contract_term": False, "record_count": 40, "created_at": MARCH,
    "created_date": MARCH.date(), "schedule_id": "S", "deleted_at": MAY, "deleted_date": MAY.date(), "is_alive": False,
    "status": "deleted_on_time", "event_id": "e1",
}  # fmt: skip


def conflict(warehouse: Warehouse, log: str, *versions: dict[str, Any]) -> None:
    """Versions of one event that contradict one another."""
    rows = [
        {"namespace": "crm", "source": "crm", "event_id": "x", "verdict": "conflicts", "revision": 0} | row for row in versions
    ]
    warehouse.insert(f"staging.stg_{log}__versions", rows)


def reject(
    warehouse: Warehouse,
    log: str,
    column_name: str | None,
    occurred_at: datetime | None = None,
    event_type: str | None = None,
    **content: Any,
) -> None:
    """A row in quarantine, with its content."""
    stated = {"column_name": column_name, "occurred_at": occurred_at, "event_type": event_type, "content": json.dumps(content)}
    warehouse.reject("crm", log=log, **stated)


def undetermined(warehouse: Warehouse, code: str, value: str = "all") -> dict[int | None, int]:
    """Units that count as missed in the worst case, by month (None: to date)."""
    rows = warehouse.rows(
        "select period_start, unjudged_units from outgoing.marts.fct_metrics where metric_code = ? and dimension_value = ?"
        " and period_grain in ('month', 'to_date') and unjudged_units > 0",
        [code, value],
    )
    return {row["period_start"] and row["period_start"].month: row["unjudged_units"] for row in rows}


def test_a_contradicted_disclosure_is_missed_where_it_belongs_and_with_all_its_records(warehouse):
    warehouse.deliver("crm", log="disclosures")
    warehouse.insert("outgoing.marts.fct_disclosures", [SHARED | {"event_id": "e1"}])
    version = {"occurred_at": MARCH, "recipient_id": "host", "purpose_code": "news", "record_count": 30}
    conflict(warehouse, "disclosures", version, version | {"purpose_code": "calls"})
    assert undetermined(warehouse, "within_policy_rate") == {3: 1, None: 1}
    assert undetermined(warehouse, "within_policy_rate_by_records") == {3: 30, None: 30}
    assert undetermined(warehouse, "within_policy_rate", "host") == {3: 1, None: 1}
    assert undetermined(warehouse, "within_policy_rate", "news") == {3: 1, None: 1}, "nobody knows which purpose it was"
    figure = warehouse.figure("within_policy_rate_by_records", period_start=date(2026, 3, 1))
    assert (figure["value"], figure["value_worst"]) == (1.0, 0.25)
    assert warehouse.figure("sale_count", period_start=date(2026, 3, 1))["value_worst"] == 1


def test_a_rejected_row_is_believed_but_for_the_value_that_was_rejected(warehouse):
    warehouse.deliver("crm", log="disclosures")
    other = SHARED | {"event_id": "e2", "recipient_id": "court", "occurred_at": MAY, "occurred_date": MAY.date()}
    warehouse.insert("outgoing.marts.fct_disclosures", [SHARED | {"event_id": "e1"}, other])
    reject(warehouse, "disclosures", "consideration", MAY, recipient_id="host", record_count="7")
    reject(warehouse, "disclosures", "recipient_id", None, recipient_id="host", purpose_code="news")
    assert undetermined(warehouse, "within_policy_rate", "host")[5] == 2
    assert undetermined(warehouse, "within_policy_rate", "court")[5] == 1
    assert undetermined(warehouse, "within_policy_rate")[3] == 1, "a row whose time nobody can read may belong to any month"
    assert undetermined(warehouse, "within_policy_rate_by_records")[3] == GREATEST, "nobody can read of how many records it is"


@pytest.mark.parametrize(
    ("event_type", "column_name", "content", "weight"),
    [
        ("created", "system", {"record_count": "7"}, 7),
        ("created", "record_count", {"record_count": "12"}, GREATEST),  # such as 12,000
        ("created", "system", {}, GREATEST),  # two columns are wrong
        ("trigger", "jurisdiction", {}, 1),  # states no count
        ("deleted", "method", {"record_count": "3"}, 3),
        ("deleted", "record_count", {}, GREATEST),
        (None, "event_type", {}, GREATEST),
        (None, None, {}, GREATEST),  # a row that can't be read at all
    ],
)
def test_a_rejected_row_of_a_set_counts_as_many_records_as_it_may_be_about(warehouse, event_type, column_name, content, weight):
    """A count with a thousands separator was missed as one record, and over-retention of thousands passed below its limit."""
    warehouse.deliver("crm", log="retention", first_event_at=MARCH)
    kept = KEPT | {"status": "within_period", "is_alive": True, "deleted_at": None, "deleted_date": None, "record_count": 10_000}
    warehouse.insert("outgoing.marts.fct_records", [kept])
    stated = content if column_name is None else {"record_id": "r9"} | content
    reject(warehouse, "retention", column_name, MAY, event_type, **stated)
    assert undetermined(warehouse, "over_retention_rate")[6] == weight
    figure = warehouse.figure("over_retention_rate", period_start=date(2026, 6, 1))
    assert (figure["value"], figure["value_worst"]) == (0, weight / (10_000 + weight))


def test_a_rejected_row_about_a_set_that_is_there_counts_as_many_records_as_the_set(warehouse):
    warehouse.deliver("crm", log="retention", first_event_at=MARCH)
    warehouse.insert("outgoing.marts.fct_records", [KEPT])
    reject(warehouse, "retention", "record_count", MAY, "deleted", record_id="r1")
    assert undetermined(warehouse, "over_retention_rate")[6] == 40


def test_a_doubtful_row_about_a_record_set_counts_from_its_month_on_and_as_heavy_as_the_set(warehouse):
    warehouse.deliver("crm", log="retention", first_event_at=MARCH)
    warehouse.insert("outgoing.marts.fct_records", [KEPT, KEPT | {"record_key": "crm/r2", "record_id": "r2", "event_id": "e2"}])
    for day in (11, 12):
        version = {"occurred_at": MARCH.replace(day=day), "record_id": "r1", "event_type": "deleted"}
        conflict(warehouse, "retention", version, version | {"method": "physical"})
    assert undetermined(warehouse, "deletions_under_hold") == dict.fromkeys(range(3, 10), 1) | {None: 1}
    assert undetermined(warehouse, "deletion_timeliness") == dict.fromkeys(range(3, 10), 40) | {None: 40}
    assert undetermined(warehouse, "over_retained_records", "contact") == dict.fromkeys(range(3, 10), 40) | {None: 40}
    assert undetermined(warehouse, "over_retained_records", "voice") == {}


def test_what_is_under_a_contract_that_nobody_listed_may_have_been_kept_longer_than_its_terms(warehouse):
    warehouse.deliver("crm", log="retention", first_event_at=MARCH)
    alive = KEPT | {"deleted_at": None, "deleted_date": None, "is_alive": True, "status": "within_period"}
    gone = KEPT | {"record_key": "crm/r3", "record_id": "r3", "event_id": "e3", "deleted_record_count": 40}
    unknown = {"has_contract_term": False, "lacks_contract_terms": True, "record_count": 20}
    rows = [
        alive | {"has_contract_term": True},
        alive | unknown | {"record_key": "crm/r2", "record_id": "r2", "event_id": "e2"},
        gone | {"has_contract_term": True},
        gone | unknown | {"record_key": "crm/r4", "record_id": "r4", "event_id": "e4", "deleted_record_count": 20},
    ]
    warehouse.insert("outgoing.marts.fct_records", rows)
    for control, dimension, value in (("CTL-CONTRACT", "contract", "with_terms"), ("CTL-DELETE", "all", "all")):
        warehouse.change(
            f"insert into pack.control_metrics by name select '{control}' as control_id, * exclude (control_id) replace ("
            f"'over_retention_rate' as metric_code, '{dimension}' as dimension, '{value}' as dimension_value)"
            " from pack.control_metrics where control_id = 'CTL-TIME'"
        )
    kept = warehouse.figure("over_retention_rate", "with_terms", date(2026, 5, 1))
    assert (kept["value"], kept["value_worst"]) == (0, 20 / 60)
    deleted = warehouse.figure("deletion_timeliness", "with_terms", date(2026, 5, 1))
    assert (deleted["value"], deleted["value_worst"]) == (1, 40 / 60)
    assert warehouse.figure("over_retention_rate", "all", date(2026, 5, 1))["value_worst"] == 0
    found = warehouse.rows(
        "select entity, control_id, control_ids from outgoing.marts.fct_findings where finding_code = 'contract_without_terms'"
        " order by entity"
    )
    assert found == [
        {"entity": f"retention/crm/{name}", "control_id": "CTL-CONTRACT", "control_ids": ["CTL-CONTRACT"]}
        for name in ("r2", "r4")
    ]


def test_a_promise_by_records_is_not_kept_in_the_worst_case_beside_a_count_that_nobody_can_read(warehouse):
    warehouse.change(
        "insert into pack.control_metrics by name select 'CTL-TIME' as control_id, 'all' as dimension, 'all' as dimension_value,"
        " 'within_policy_rate_by_records' as metric_code, '>=' as operator, 0.9 as target"
    )
    warehouse.change("update pack.registers set present = true")
    for source, log in (("crm", "disclosures"), ("shop", "consents"), ("desk", "requests")):
        warehouse.deliver(source, log=log, read=100_000, landed=100_000)
    warehouse.insert("outgoing.marts.fct_disclosures", [SHARED | {"event_id": "e1"}])
    asked = (
        "select status, reason from outgoing.marts.fct_control_results"
        " where metric_code = 'within_policy_rate_by_records' and period_grain = 'to_date'"
    )
    assert warehouse.rows(asked) == [{"status": "met", "reason": None}]
    reject(warehouse, "disclosures", "record_count", MARCH, recipient_id="host")
    reason = "not in the worst case; how many cases a rejected row holds can't be read"
    assert warehouse.rows(asked) == [{"status": "met_on_main_reading", "reason": reason}]


def test_a_contradicted_notice_of_a_change_is_missed_by_its_whole_audience(warehouse):
    """It was missed as one person, so that a change of which 100 of 5,100 were surely notified had 99 % in the worst case."""
    warehouse.deliver("crm", log="policies", first_event_at=MARCH)
    change = {
        "policy_version_key": "crm/2", "namespace": "crm", "source": "crm", "policy_version": "2", "material": True,
        "published_at": MARCH, "effective_at": MAY, "published_date": MARCH.date(), "effective_date": MAY.date(),
        "audience_size": 100, "notified_count": 100, "notified_before_effective_count": 100, "in_force": True, "event_id": "e1",
    }  # fmt: skip
    warehouse.insert("outgoing.marts.fct_policy_versions", [change])
    notice = {"occurred_at": MARCH, "policy_version": "2", "event_type": "change_notified", "audience_size": 5_000}
    conflict(warehouse, "policies", notice | {"notified_count": 5_000}, notice | {"notified_count": 0})
    figure = warehouse.figure("policy_change_notice_coverage", period_start=date(2026, 5, 1))
    assert (figure["value"], figure["value_worst"]) == (1, 100 / 5_100)
    reject(warehouse, "policies", "audience_size", MARCH, "change_notified", policy_version="2")
    assert undetermined(warehouse, "policy_change_notice_coverage")[5] == GREATEST


def test_a_life_that_never_began_is_one_unit_however_many_rows_it_has(warehouse):
    warehouse.deliver("crm", log="incidents", first_event_at=MAY)
    row = {
        "namespace": "crm", "source": "crm", "revision": 0, "collides": False, "batch_id": "b-0001",
        "landed_at": datetime(2026, 9, 1, tzinfo=UTC), "incident_id": "i1",
    }  # fmt: skip
    kinds = ("occurred", "contained", "authority_notified")
    warehouse.insert(
        "landing.incidents",
        [row | {"event_id": kind, "event_type": kind, "occurred_at": MAY, "row_number": n} for n, kind in enumerate(kinds)],
    )
    assert undetermined(warehouse, "authority_notification_adherence") == dict.fromkeys(range(5, 10), 1) | {None: 1}
    orphans = warehouse.rows("from outgoing.marts.fct_findings where finding_code = 'orphan'")
    assert {row["entity"] for row in orphans} == {"incidents/crm/i1"}
    assert len(orphans) == 3


def people_who_objected(warehouse: Warehouse, known: int) -> None:
    """Ten persons stopped something; the disclosures log knows some of them, one by her other identifier. One only waits."""
    persons = [{"subject_key": f"p{number}", "person_key": f"p{number}", "has_stopped": True} for number in range(10)]
    other = {"subject_key": "other of p0", "person_key": "p0", "has_stopped": True}
    waiting = {"subject_key": "waiting", "person_key": "waiting", "has_stopped": False}
    warehouse.insert("intermediate.int_stops__subjects", [*persons, other, waiting])
    warehouse.deliver("crm", log="disclosures", read=1, landed=1)
    row = {
        "namespace": "crm", "source": "crm", "revision": 0, "collides": False, "batch_id": "b-0001", "occurred_at": MARCH,
        "landed_at": datetime(2026, 9, 1, tzinfo=UTC), "recipient_id": "host",
    }  # fmt: skip
    keys = ["other of p0", *(f"p{number}" for number in range(known)), "waiting", "stranger"]
    warehouse.insert("landing.disclosures", [row | {"event_id": key, "subject_key": key} for key in keys])
    warehouse.insert(
        "outgoing.marts.fct_disclosures", [SHARED | {"event_id": "e1", "ok_not_stopped": True, "stops_in_force": ["objection"]}]
    )
    warehouse.change("insert into run.source_verdicts values ('disclosures', 'crm', 'fresh', 'passed', 1, 1, [])")


def test_a_person_is_found_by_any_identifier_and_once(warehouse):
    people_who_objected(warehouse, known=4)
    figures = {value: warehouse.figure("subject_match_rate", value) for value in ("all", "disclosures")}
    assert {value: (row["numerator"], row["denominator"]) for value, row in figures.items()} == {
        "all": (4, 10), "disclosures": (4, 10),
    }  # fmt: skip


def test_who_becomes_known_after_as_of_was_not_known_then(warehouse):
    """A look back asks what was known of people then, whatever landed since."""
    people_who_objected(warehouse, known=4)
    later = {"occurred_at": datetime(2026, 10, 1, tzinfo=UTC), "landed_at": datetime(2026, 10, 2, tzinfo=UTC)}
    ahead = {"occurred_at": MARCH, "landed_at": MARCH.replace(hour=11)}
    row = {"namespace": "crm", "source": "crm", "revision": 0, "collides": False, "batch_id": "b-0001", "recipient_id": "host"}
    warehouse.insert(
        "landing.disclosures",
        [row | {"event_id": key, "subject_key": key} | dated for key, dated in (("p8", later), ("p9", ahead))],
    )
    figure = warehouse.figure("subject_match_rate", "disclosures")
    assert (figure["numerator"], figure["denominator"]) == (4, 10)


def test_who_is_named_by_versions_that_do_not_count_is_not_known(warehouse):
    """What was superseded or is contradicted names nobody; what counts does, also where other versions of it do not."""
    people_who_objected(warehouse, known=4)
    versions = [
        ("e1", "p5", "superseded"), ("e1", "stranger", "counts"),
        ("e2", "p6", "superseded"), ("e2", "p6", "counts"),
        ("e3", "p7", "conflicts"), ("e3", "p8", "conflicts"),
        ("e4", "p0", "superseded"), ("e4", "stranger", "counts"),
    ]  # fmt: skip
    row = {
        "namespace": "crm", "source": "crm", "revision": 0, "batch_id": "b-0001", "occurred_at": MARCH,
        "landed_at": datetime(2026, 9, 1, tzinfo=UTC), "recipient_id": "host",
    }  # fmt: skip
    rows = [row | {"event_id": event, "subject_key": subject} for event, subject, _ in versions]
    warehouse.insert("landing.disclosures", [one | {"collides": True} for one in rows])
    verdicts = [verdict for _, _, verdict in versions]
    warehouse.insert(
        "staging.stg_disclosures__versions", [one | {"verdict": two} for one, two in zip(rows, verdicts, strict=True)]
    )
    figure = warehouse.figure("subject_match_rate", "disclosures")
    assert (figure["numerator"], figure["denominator"]) == (5, 10)


def test_nothing_done_after_a_stop_proves_nothing_where_identifiers_hardly_meet(warehouse):
    warehouse.change(
        "insert into pack.control_metrics by name select 'CTL-TIME' as control_id, 'disclosure_after_stop' as metric_code,"
        " 'all' as dimension, 'all' as dimension_value, '=' as operator, 0 as target"
    )
    warehouse.change("update pack.registers set present = true")
    people_who_objected(warehouse, known=4)
    warehouse.deliver("desk", log="requests", read=1, landed=1)
    (row,) = warehouse.rows(
        "from outgoing.marts.fct_control_results where metric_code = 'disclosure_after_stop' and period_grain = 'to_date'"
    )
    assert row["status"] == "insufficient_evidence"
    assert row["reason"] == "identifiers hardly meet: 4 of 10 persons concerned are in the log"
    warehouse.change("update landing.disclosures set subject_key = 'p8' where subject_key = 'stranger'")
    (row,) = warehouse.rows(
        "from outgoing.marts.fct_control_results where metric_code = 'disclosure_after_stop' and period_grain = 'to_date'"
    )
    assert row["status"] == "met", "five of ten are enough"


def test_a_disclosure_that_breaks_three_promises_is_three_findings_that_lead_to_one_row(warehouse):
    broken = {
        "event_id": "e7", "ok_recipient": False, "ok_no_sale": False, "ok_not_stopped": False, "within_policy": False,
        "stopped_by": "desk/r1/objection", "stopped_right_types": ["objection"], "subject_key": "p1", "row_number": 7,
    }  # fmt: skip
    warehouse.deliver("crm", log="disclosures")
    warehouse.change(
        "insert into pack.control_metrics by name select 'CTL-TIME' as control_id, 'disclosure_after_stop' as metric_code,"
        " 'right_type' as dimension, 'objection' as dimension_value, '=' as operator, 0 as target"
    )
    warehouse.insert("outgoing.marts.fct_disclosures", [SHARED | {"event_id": "e1"}, SHARED | broken])
    rows = {row["finding_code"]: row for row in warehouse.rows("from outgoing.marts.fct_findings")}
    assert rows.keys() == {"unlisted_recipient", "sale", "shared_after_stop"}
    assert {(row["entity"], row["event_id"], row["batch_id"], row["row_number"]) for row in rows.values()} == {
        ("disclosures/crm/e7", "e7", "b-0001", 7)
    }
    assert rows["shared_after_stop"]["control_id"] == "CTL-TIME", "the promise is about that right"
    assert rows["sale"]["control_id"] is None
    assert json.loads(rows["shared_after_stop"]["detail"])["stopped_by"] == "desk/r1/objection"
