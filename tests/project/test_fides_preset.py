"""A fides database whose truth is known: what each of its words becomes, and what its own figures get wrong comes out right."""

import pytest
from fides_database import ENUMS, Fides, hashed

DONE = "2026-03-20T10:00:00+00:00"


@pytest.fixture
def fides():
    return Fides()


@pytest.fixture
def project(created):
    return created("fides-csv")


def land(project, fides, name="1.csv"):
    fides.dump(project.folder / "inbox", name)
    return {one.source: one for one in project.land()}


NOT_ANSWERED = (
    "identity_unverified", "requires_input", "pending", "approved", "in_processing", "paused", "awaiting_email_send",
    "requires_manual_finalization", "pending_external", "error", "awaiting_pre_approval", "pre_approval_not_eligible",
)  # fmt: skip
ENDS = {status: [] for status in (*NOT_ANSWERED, "canceled", "invented_status")} | {
    "complete": ["fulfilled"],
    "denied": ["denied other"],
    "duplicate": ["excluded duplicate"],
}


def test_every_status_is_read_on_purpose_or_quarantined_by_its_name(project, fides):
    assert set(ENDS) == {*ENUMS["privacyrequeststatus"], "invented_status"}
    fides.widen("privacyrequeststatus", "invented_status")
    for status in ENDS:
        fides.request(status, status, finished_processing_at=DONE, reviewed_at=DONE, canceled_at=DONE, updated_at=DONE)
    land(project, fides)
    events_by_key = {request: [event for event in events if event != "received"] for request, events in project.events().items()}
    assert events_by_key == ENDS
    assert project.rejects() == {"canceled": ["event_type=canceled"], "invented_status": ["event_type=invented_status"]}


def test_every_origin_and_action_is_read_on_purpose_or_quarantined_by_its_name(project, fides):
    fides.widen("privacyrequestsource", "Smoke signal")
    for source in (*ENUMS["privacyrequestsource"], "Smoke signal"):
        fides.request(source, "pending", source=source)
    for action in (*ENUMS["actiontype"], "portability_of_a_later_release"):
        fides.request(f"a {action}", "pending", action)
    landed = land(project, fides)
    channels = dict(project.query("select request_id, channel from landing.requests where event_type = 'received'"))
    assert {source: channels.get(source) for source in ENUMS["privacyrequestsource"]} == {
        "Privacy Center": "web_form",
        "Fides.js": "web_form",
        "Janus SDK": "in_app",
        "Request Manager": "email",
        "Consent Webhook": "email",
        "Dataset Test": "email",
    }
    rights = dict(project.query("select request_id, right_type from landing.requests where request_id like 'a %'"))
    assert rights == {"a access": "access", "a erasure": "erasure", "a update": "rectification"}
    assert project.events()["Dataset Test"] == ["excluded test", "received"]
    assert landed["fides_requests"].counts["skipped"] == 1
    assert project.rejects() == {
        "Smoke signal": ["channel=Smoke signal"],
        "a portability_of_a_later_release": ["right_type=portability_of_a_later_release"],
    }


def test_a_verified_identity_is_dated_and_no_clock_waits_for_a_code(project, fides):
    fides.request("r", "pending", identity_verified_at="2026-03-04T10:00:00+00:00")
    land(project, fides)
    assert project.events()["r"] == ["received", "identity_verified"]


def test_completion_is_dated_by_the_request_or_by_the_audit_log_and_the_event_says_by_which(project, fides):
    fides.request("own", "complete", finished_processing_at=DONE)
    fides.request("audit", "complete")
    fides.add("auditlog", privacy_request_id="audit", action="finished", created_at="2026-03-21T10:00:00+00:00")
    fides.add("auditlog", privacy_request_id="audit", action="approved", created_at="2026-03-25T10:00:00+00:00")
    fides.request("refused", "denied")
    fides.add("auditlog", privacy_request_id="refused", action="denied", created_at="2026-03-22T10:00:00+00:00")
    fides.request("never", "complete")
    fides.request("failed", "error", finished_processing_at=DONE)
    land(project, fides)
    ends = project.query(
        "select request_id, occurred_at::date::text, evidence_ref from landing.requests"
        " where event_type in ('fulfilled', 'denied') order by 2"
    )
    assert ends == [
        ("own", "2026-03-20", "fides:privacyrequest/finished_processing_at"),
        ("audit", "2026-03-21", "fides:privacyrequest/auditlog.finished"),
        ("refused", "2026-03-22", "fides:privacyrequest/auditlog.denied"),
    ]
    assert project.rejects() == {"never": ["occurred_at=null"]}


def test_a_policy_with_two_actions_is_one_request_with_two_rights_and_a_duplicate_names_what_counts(project, fides):
    group = "00000000-0000-0000-0000-000000000001"
    fides.request("both", "complete", "access", "erasure", finished_processing_at=DONE, duplicate_request_group_id=group)
    fides.request("again", "duplicate", duplicate_request_group_id=group)
    land(project, fides)
    both = "select right_type from landing.requests where request_id = 'both' and event_type = 'fulfilled' order by 1"
    assert project.query(both) == [
        ("access",),
        ("erasure",),
    ]
    assert project.query("select duplicate_of from landing.requests where reason_code = 'duplicate'") == [("both",)]


def test_a_deletion_in_the_interface_leaves_the_request_in_the_population_and_is_said(project, fides):
    fides.request("gone", "pending", deleted_at=DONE, deleted_by="fid_1")
    land(project, fides)
    assert project.events() == {"gone": ["received"]}
    assert project.rejects() == {"gone": ["event_type=deleted"]}


def test_a_request_without_a_place_is_quarantined_and_regions_are_read_in_both_spellings(project, fides):
    for key, location in (("none", None), ("upper", "US-CA"), ("lower", "us_ca"), ("region", "eea_x_y")):
        fides.request(key, "pending", location=location)
    land(project, fides)
    assert dict(project.query("select request_id, jurisdiction from landing.requests")) == {"upper": "US-CA", "lower": "US-CA"}
    assert project.rejects() == {"none": ["jurisdiction=null"], "region": ["jurisdiction=EEA-X-Y"]}


def test_what_the_database_overwrites_is_seen_from_one_run_to_the_next(project, fides):
    fides.request("r", "pending")
    fides.request("s", "pending")
    land(project, fides)
    fides.set("r", status="duplicate", updated_at="2026-03-05T08:00:00+00:00")
    second = land(project, fides, "2.csv")["fides_requests"]
    assert (second.counts["skipped"], second.counts["mapped"]) == (1, 1)
    fides.set("r", status="complete", finished_processing_at=DONE, updated_at=DONE)
    land(project, fides, "3.csv")
    events = project.query(
        "select event_type, occurred_at::date::text from landing.requests where request_id = 'r' order by batch_id, 1"
    )
    assert ("excluded", "2026-03-05") in events and ("fulfilled", "2026-03-20") in events


def test_every_status_of_the_execution_log(project, fides):
    fides.widen("executionlogstatus", "teleported")
    for status in (*ENUMS["executionlogstatus"], "teleported"):
        fides.executed("r", status, status, DONE)
    for action in ENUMS["actiontype"]:
        fides.executed("r", f"by {action}", "complete", DONE, action)
    fides.executed("r", "two tables", "complete", "2026-03-03T10:00:00+00:00", collection="a")
    fides.executed("r", "two tables", "error", "2026-03-04T10:00:00+00:00", collection="b")
    fides.executed("r", "two tables", "complete", "2026-03-05T10:00:00+00:00", collection="b")
    fides.executed("r", "half", "complete", "2026-03-03T10:00:00+00:00", collection="a")
    fides.executed("r", "half", "retrying", "2026-03-04T10:00:00+00:00", collection="b")
    land(project, fides)
    done = project.query("select system, right_type, occurred_at::date::text from landing.requests order by 1")
    assert done == [
        ("by access", "access", "2026-03-20"),
        ("by erasure", "erasure", "2026-03-20"),
        ("by update", "rectification", "2026-03-20"),
        ("complete", "access", "2026-03-20"),
        ("two tables", "access", "2026-03-05"),
    ]
    assert project.rejects() == {"r": ["event_type=teleported"]}


def test_every_preference_method_mechanism_and_origin(project, fides):
    for enum in ("userconsentpreference", "consentmethod", "requestorigin"):
        fides.widen(enum, "of_a_later_release")
    for number, preference in enumerate((*ENUMS["userconsentpreference"], "of_a_later_release")):
        fides.preference(preference, DONE, f"p{number}", notice_key=f"preference {preference}")
    for method in (*ENUMS["consentmethod"], "of_a_later_release"):
        fides.preference("opt_in", DONE, method=method, notice_key=f"method {method}")
    for origin in (*ENUMS["requestorigin"], "of_a_later_release"):
        fides.preference("opt_in", DONE, request_origin=origin, notice_key=f"origin {origin}")
    for mechanism in ENUMS["consentmechanism"]:
        fides.preference("opt_out", DONE, notice_mechanism=mechanism, notice_key=f"mechanism {mechanism}")
    land(project, fides)
    events_by_key = project.events("consents", "purpose_code", "mechanism")
    shown, given = ["shown banner"], ["given banner"]
    assert {key: event for key, event in events_by_key.items() if event != given} == {
        "preference opt_out": ["refused banner"],
        "preference acknowledge": shown,
        "method script": ["given api"],
        "method external_provider": ["given api"],
        "method gpc": ["given gpc"],
        "method dismiss": shown,
        "origin privacy_center": ["given form"],
        "origin api": ["given api"],
        "mechanism opt_in": ["refused banner"],
        "mechanism opt_out": ["withdrawn banner"],
        "mechanism notice_only": shown,
    }
    assert {key for key, event in events_by_key.items() if event == given} == {
        "preference opt_in",
        *(f"method {one}" for one in ("button", "reject", "accept", "save", "individual_notice", "acknowledge")),
        *(f"origin {one}" for one in ("overlay", "modal", "banner_and_modal", "tcf_overlay", "headless")),
    }
    values = project.quarantine("select column_name, value from landing.quarantine order by all")
    assert values == [
        ("event_type", "of_a_later_release"),
        ("event_type", "of_a_later_release"),
        ("event_type", "tcf"),
        ("mechanism", "of_a_later_release"),
    ]


def test_purposes_of_tcf_and_what_was_served(project, fides):
    answered = {"purpose_consent_preferences": [{"id": 1, "preference": "opt_out"}, {"id": 7, "preference": "opt_in"}]}
    fides.preference("tcf", DONE, notice_key=None, notice_name="TCF", tcf_preferences=answered, method="save")
    for component in ENUMS["servingcomponent"]:
        fides.served(DONE, serving_component=component, notice_key=f"by {component}")
    fides.served(DONE, serving_component="tcf_banner", notice_key=None, tcf_served={"tcf_purpose_consents": [1, 7]})
    land(project, fides)
    events_by_key = project.events("consents", "purpose_code", "mechanism")
    assert events_by_key["tcf_1"] == ["refused banner", "shown banner"] and events_by_key["tcf_7"] == [
        "given banner",
        "shown banner",
    ]
    assert {key: events_by_key[key] for key in events_by_key if key.startswith("by ")} == {
        f"by {one}": ["shown form" if one == "privacy_center" else "shown banner"] for one in ENUMS["servingcomponent"]
    }
    assert project.rejects() == {}


def test_an_opt_out_after_an_opt_in_is_a_withdrawal_and_arrives_when_the_execution_log_says(project, fides):
    fides.preference("opt_in", "2026-03-01T10:00:00+00:00")
    fides.request("carry", "complete", "consent")
    fides.preference("opt_out", "2026-03-10T10:00:00+00:00", privacy_request_id="carry")
    fides.executed("carry", "mailer", "complete", "2026-03-10T11:00:00+00:00", "consent")
    fides.executed("carry", "crm", "error", "2026-03-10T11:00:00+00:00", "consent")
    fides.executed("carry", "shop", "skipped", "2026-03-10T11:00:00+00:00", "consent")
    land(project, fides)
    assert project.events("consents", "purpose_code", "system") == {
        "marketing": ["given", "withdrawn", "withdrawal_applied mailer"]
    }
    assert project.events() == {}


def test_two_identifiers_of_a_request_are_linked_and_no_identifier_is_kept(project, fides):
    fides.request("r", "pending")
    fides.identity("r", "phone_number", "+353 1 000 0000")
    fides.preference("opt_in", DONE, hashed_fides_user_device="d" * 64)
    land(project, fides)
    assert project.query("select count(*) from landing.subject_links") == [(2,)]
    received = "select subject_key from landing.requests where event_type = 'received'"
    ((person,),) = project.query(f"{received} union select subject_key from landing.consents")
    assert person in {key for row in project.query("select subject_key, other_key from landing.subject_links") for key in row}
    kept = b"".join(path.read_bytes() for path in project.settings.home.rglob("*") if path.is_file())
    assert hashed("jane@example.org").encode() not in kept
