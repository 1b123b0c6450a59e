"""Whose rows a day changes, and that no others change: one case per kind of event about a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import model_builds
import pytest
from incremental_worlds import build, changed_keys, facts, land, prepared
from warehouse import Warehouse

FIRST, NEXT = datetime(2026, 1, 10, 18, tzinfo=UTC), datetime(2026, 1, 12, 18, tzinfo=UTC)
Row = dict[str, Any]


def consent(person: str, event_type: str, at: str, **columns: Any) -> Row:
    row = {"log": "consents", "subject_ref": person, "event_type": event_type, "occurred_at": at, "mechanism": "form"}
    return row | {"purpose_code": "product_news"} | columns


def act(person: str, at: str, **columns: Any) -> Row:
    row = {"log": "processing", "subject_ref": person, "occurred_at": at, "purpose_code": "product_news", "system": "crm"}
    return row | {"data_categories": ["contact_details"], "automated_decision": False, "legal_basis": "consent"} | columns


def disclosure(person: str | None, event_id: str, **columns: Any) -> Row:
    row = {"log": "disclosures", "subject_ref": person, "event_id": event_id, "occurred_at": "2026-01-08T09:00:00Z"}
    row |= {"recipient_id": "cloudhost", "reason_code": "provide_service", "purpose_code": "service_delivery"}
    return row | {"data_categories": ["contact_details"], "consideration": "none", "record_count": 1} | columns


def collection(person: str, event_id: str, **columns: Any) -> Row:
    row = {"log": "collections", "subject_ref": person, "event_id": event_id, "occurred_at": "2026-01-08T09:00:00Z"}
    row |= {"collection_type": "automatic", "data_categories": ["contact_details"], "purpose_code": "service_delivery"}
    return row | columns


def link(one: str, other: str, at: str) -> Row:
    return {"log": "subject_links", "subject_ref": one, "other_ref": other, "occurred_at": at}


def received(person: str, at: str, right_type: str = "consent_withdrawal", **columns: Any) -> Row:
    row = {"log": "requests", "request_id": person, "event_type": "received", "subject_ref": person, "occurred_at": at}
    return row | {"right_type": right_type, "jurisdiction": "US-CT"} | columns


BEFORE = [
    consent("settled", "given", "2026-01-02T09:00:00Z", purpose_code="partner_sharing"),
    act("settled", "2026-01-03T09:00:00Z"),
    consent("lapsed", "given", "2026-01-02T09:00:00Z"),
    consent("lapsing", "given", "2026-01-06T09:00:00Z"),
    act("lapsing", "2026-01-09T09:00:00Z"),
    consent("waiting", "withdrawn", "2026-01-10T12:00:00Z"),
    consent("waiting on", "withdrawn", "2026-01-10T17:59:59Z", purpose_code="partner_sharing"),
    act("foreseen", "2026-01-11T09:00:00Z", event_id="foreseen"),
    act("far ahead", "2026-01-12T18:00:00.000001Z", event_id="far ahead"),
    consent("one voice", "given", "2026-01-07T09:00:00Z"),
    act("another voice", "2026-01-08T09:00:00Z", event_id="spoken"),
    act("not this one", "2026-01-08T09:00:00Z", event_id="mistaken"),
    consent("reader", "given", "2026-01-08T09:00:00Z", policy_version="v9", notice_id="n", event_id="read"),
    consent("reader of another", "given", "2026-01-08T09:00:00Z", policy_version="v8", notice_id="n"),
    {"log": "policies", "policy_version": "v9", "event_type": "published", "occurred_at": "2026-01-01T09:00:00Z"},
    {"log": "policies", "policy_version": "v8", "event_type": "effective", "occurred_at": "2026-01-01T09:00:00Z"},
    disclosure(None, "of nobody"),
    disclosure(None, "of somebody after all"),
    disclosure("nobody after all", "of nobody after all"),
    disclosure("of an earlier policy", "earlier", disclosed_to_subject_at="2025-12-31T09:00:00Z"),
    disclosure("of the policy", "at the time", disclosed_to_subject_at="2026-01-02T09:00:00Z"),
    collection("shown an earlier policy", "shown earlier", notice_shown_at="2025-12-31T09:00:00Z"),
    collection("shown the policy", "shown at the time", notice_shown_at="2026-01-02T09:00:00Z"),
    link("linked before", "its other name", "2026-01-05T09:00:00Z"),
    act("its other name", "2026-01-08T09:00:00Z", event_id="by its other name"),
    {"log": "requests", "request_id": "r", "event_type": "received", "subject_ref": "requester", "right_type": "objection",
     "occurred_at": "2026-01-03T09:00:00Z"},
    act("requester", "2026-01-09T09:00:00Z", event_id="objected to"),
    received("collected again", "2026-01-03T09:00:00Z", "erasure"),
    {"log": "requests", "request_id": "collected again", "event_type": "fulfilled", "occurred_at": "2026-01-05T09:00:00Z"},
    act("collected again", "2026-01-09T09:00:00Z", event_id="after it was collected again"),
    act("decided late", "2026-01-05T09:00:00Z", event_id="before the decision"),
    act("decided late", "2026-01-09T09:00:00Z", event_id="after the decision"),
    received("objector", "2026-01-03T09:00:00Z", "objection"),
    {"log": "requests", "request_id": "objector", "event_type": "fulfilled", "occurred_at": "2026-01-04T09:00:00Z"},
    act("objector", "2026-01-09T09:00:00Z", event_id="after the objection", legal_basis="contract"),
    received("overdue today", "2025-12-27T12:00:00Z"),
    received("overdue for days", "2025-12-20T12:00:00Z"),
    received("not due yet", "2025-12-28T12:00:00Z"),
    received("overdue and not stopping", "2025-11-27T12:00:00Z", right_type="access"),
]  # fmt: skip
SINCE = [
    link("one voice", "another voice", "2026-01-05T09:00:00Z"),
    act("that one", "2026-01-08T09:00:00Z", event_id="mistaken", revision=1),
    {"log": "policies", "policy_version": "v9", "event_type": "effective", "occurred_at": "2026-01-07T09:00:00Z"},
    {"log": "policies", "policy_version": "v7", "event_type": "effective", "occurred_at": "2025-12-30T09:00:00Z"},
    disclosure(None, "of nobody either"),
    collection("collected again", "ends the stop"),
    collection("somebody", "changes nothing else"),
    disclosure("somebody", "of somebody after all", revision=1),
    disclosure(None, "of nobody after all", revision=1),
    act("linked before", "2026-01-11T09:00:00Z", purpose_code="partner_sharing", event_id="since"),
    consent("decided late", "given", "2026-01-07T09:00:00Z"),
    act("objector", "2026-01-02T09:00:00Z", event_id="before the objection", legal_basis="legitimate_interests"),
    {"log": "requests", "request_id": "r", "event_type": "fulfilled", "occurred_at": "2026-01-05T09:00:00Z"},
]
ALL_OF_IT, NOTHING = "-infinity", "infinity"
CHANGED = {
    "lapsing": "2026-01-12 09:00:00+00",
    "decided late": "2026-01-07 09:00:00+00",
    "waiting": NOTHING,
    **dict.fromkeys(("one voice", "another voice", "reader", "requester", "collected again"), ALL_OF_IT),
}


@pytest.fixture(scope="module")
def incremental(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = prepared(tmp_path_factory.mktemp("changed"))
    land(warehouse, BEFORE)
    build(warehouse, FIRST, full_refresh=True)
    land(warehouse, SINCE)
    return build(warehouse, NEXT, full_refresh=False)


def one(warehouse: Warehouse, mart: str, where: str) -> Row:
    (row,) = warehouse.rows(f"select * from outgoing.marts.{mart} where {where}")
    return row


def test_subjects_of_new_events_are_changed_keys_from_the_instant_of_the_change(incremental):
    rows = incremental.rows("select subject_key, changed_from::varchar as changed_from from intermediate.int_subjects__changed")
    assert {row["subject_key"]: row["changed_from"] for row in rows} == CHANGED


def test_events_are_changed_keys_where_they_or_the_person_changed_before_them(incremental):
    """Or where the policy began at another instant, and all acts of who objected where one is new."""
    disclosures = {"of nobody either", "of somebody after all", "of nobody after all", "earlier"}
    assert changed_keys(incremental, "int_disclosures__changed", "event_id") == disclosures
    collections = {"ends the stop", "changes nothing else", "shown earlier"}
    assert changed_keys(incremental, "int_collections__changed", "event_id") == collections
    acts = {"foreseen", "mistaken", "since", "spoken", "after the decision", "objected to", "after it was collected again"}
    acts |= {"before the objection", "after the objection"}
    assert changed_keys(incremental, "int_processing__changed", "event_id") == acts


def test_a_consent_lapses_without_an_event(incremental):
    assert one(incremental, "fct_consents", "subject_key = 'lapsing' and lapsed")["valid_from"] == "2026-01-12T09:00:00+00:00"


def test_a_withdrawal_is_unconfirmed_once_its_hours_are_over(incremental):
    systems = incremental.rows("select subject_key, status from outgoing.marts.fct_withdrawal_systems order by all")
    assert [(row["subject_key"], row["status"]) for row in systems] == [
        *[("waiting", "unconfirmed")] * 2,
        *[("waiting on", "pending")] * 2,
    ]


def test_an_event_that_landed_before_it_happened_counts_once_it_has(incremental):
    disclosed = incremental.rows("select event_id from outgoing.marts.fct_processing where event_id in ('foreseen', 'far ahead')")
    assert [row["event_id"] for row in disclosed] == ["foreseen"]


def test_a_link_makes_the_consent_of_one_identifier_count_for_the_other(incremental):
    assert one(incremental, "fct_processing", "event_id = 'spoken'")["ok_consent"] is True


def test_a_corrected_subject_moves_the_event_to_that_subject_alone(incremental):
    assert one(incremental, "fct_processing", "event_id = 'mistaken'")["subject_key"] == "that one"


def test_a_late_arriving_policy_version_proves_the_consents_that_name_it(incremental):
    assert one(incremental, "fct_consents", "event_id = 'read'")["provable"] is True


def test_a_late_arriving_earlier_policy_version_is_the_notified_one(incremental):
    assert one(incremental, "fct_disclosures", "event_id = 'earlier'")["ok_told"] is True
    assert one(incremental, "fct_collections", "event_id = 'shown earlier'")["ok_notice"] is True


def test_a_request_fulfilled_before_it_landed_binds_later_events(incremental):
    assert one(incremental, "fct_processing", "event_id = 'objected to'")["ok_not_stopped"] is False


def test_an_earlier_act_that_lands_late_makes_a_later_one_be_on_another_basis(incremental):
    assert one(incremental, "fct_processing", "event_id = 'after the objection'")["bases_before_objection"] is not None


def test_a_late_collection_ends_the_stop_of_what_was_done_after_it(incremental):
    """Collections were taken for facts of their own once, and the act kept its stop until the person did anything else."""
    act_after = one(incremental, "fct_processing", "event_id = 'after it was collected again'")
    assert (act_after["occurred_at"], act_after["stopped_by"]) == ("2026-01-09T09:00:00+00:00", None)


def test_events_of_a_log_change_facts_of_another_by_these_models_alone():
    """int_subjects__changed follows what these models read. A further one is a further reason for which all facts change."""
    nodes = model_builds.project().nodes
    named = {node.name: node for node in nodes.values()}
    facts_of_persons = {"fct_consents", "fct_withdrawal_systems", "fct_disclosures", "fct_collections", "fct_processing"}
    found = {}
    for log in ("disclosures", "collections", "processing"):
        above, waiting = set[str](), facts_of_persons - {f"fct_{log}"}
        while waiting:
            above |= waiting
            reads = {one for name in waiting for one in named[name].reads if one in nodes}
            waiting = {nodes[one].name for one in reads} - above - {f"fct_{log}"}
        readers = {name for name in above if f"model.promisekept.stg_{log}__events" in named[name].reads}
        found[log] = {name for name in readers if not name.endswith("__recomputed")}
    assert found == {"disclosures": set(), "collections": {"int_stops__purposes"}, "processing": set()}


def test_disclosures_without_a_person_are_recomputed_one_by_one(incremental):
    alone = incremental.rows("select event_id from intermediate.int_disclosures__changed order by all")
    assert [row["event_id"] for row in alone] == ["earlier", "of nobody after all", "of nobody either", "of somebody after all"]
    disclosed = incremental.rows("select event_id, subject_key from outgoing.marts.fct_disclosures order by all")
    assert {row["event_id"]: row["subject_key"] for row in disclosed} == {
        "of nobody": None,
        "of nobody after all": None,
        "of nobody either": None,
        "of somebody after all": "somebody",
        "earlier": "of an earlier policy",
        "at the time": "of the policy",
    }
    assert len(disclosed) == 6


def test_the_incremental_build_equals_a_full_refresh(incremental):
    """The last case, since it builds the warehouse again."""
    daily = facts(incremental)
    assert facts(build(incremental, NEXT, full_refresh=True)) == daily
