"""Guard the guards: each shipped suite passes sound marts, and sees what it is there to see."""

from __future__ import annotations

import shutil

import duckdb
import pytest
from good_marts import GOOD
from good_reports import SPOILED_REPORTS
from small_snapshots import a_provenance

from expectations.loading import SUITES
from expectations.publish_gate import run_publish_gate
from promisekept.publishing.candidate import write_candidate

PERSON = "no text looks like a person"
DATES = "the status follows from the dates beside it"
STOPPED = "a stop is named and closed before what it binds"
DECISIONS = "only an automated decision is judged as one"
FATES = "every record set was erased or excused or missed"
LISTED = "no address or phone number among the systems and records"
GRACE = "an erasure is judged at the end of its grace"
GONE = "what is deleted has a date and what is alive has none"
NAMED = "what failed is named in its order and nothing else"
REGISTER = "what the register says decides"
BESIDE = "each check follows from the columns beside it"
STOPS = "a stop binds what it may bind and is named"


LANDED = {"units": 2, "incidents": 2, "policy_versions": 2, "collections": 2, "disclosures": 3, "processing": 2, "records": 3}


def judge(home, mart=None, spoil=None, landed=LANDED):
    """The verdict of the shipped suites (of one, if a mart is named) on sound marts of which one is spoiled."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        for name, query in GOOD.items():
            connection.execute(f"create table marts.{name} as {query}")
        if spoil:
            connection.execute(spoil)
    suites = SUITES / "marts"
    if mart:
        suites = home / "suites"
        suites.mkdir()
        shutil.copy(SUITES / "marts" / f"{mart}.yml", suites)
    candidate = write_candidate(home / "warehouse.duckdb", home / "snapshots", a_provenance(home))
    return run_publish_gate(candidate, landed, suites)


def failed(verdict):
    return {check.column or check.type for suite in verdict.suites for check in suite.failed}


def test_sound_marts_pass_every_shipped_suite(tmp_path):
    verdict = judge(tmp_path)
    assert failed(verdict) == set()
    assert verdict.success
    assert {suite.suite for suite in verdict.suites} == set(GOOD)


SPOILED = [
    ("fct_requests", "delete from marts.fct_requests where request_id = 'r1'", "expect_table_row_count_to_equal"),
    ("fct_requests", "update marts.fct_requests set request_key = 'same'", "request_key"),
    ("fct_requests", "update marts.fct_requests set request_key = null", "request_key"),
    ("fct_requests", "update marts.fct_requests set status = 'lost' where request_id = 'r1'", "status"),
    ("fct_requests", "update marts.fct_requests set strict_status = 'lost'", "strict_status"),
    ("fct_requests", "update marts.fct_requests set extension_status = 'maybe'", "extension_status"),
    ("fct_requests", "update marts.fct_requests set ack_status = 'maybe'", "ack_status"),
    ("fct_requests", "update marts.fct_requests set outcome = 'forgotten'", "outcome"),
    ("fct_requests", "update marts.fct_requests set paused_days = -1", "paused_days"),
    ("fct_requests", "update marts.fct_requests set days_overdue = -1", "days_overdue"),
    ("fct_requests", "update marts.fct_requests set received_date = null", "received_date"),
    (
        "fct_requests",
        "update marts.fct_requests set closed_date = date '2026-02-06' where request_id = 'r1'",
        "the status follows from the dates beside it",
    ),
    (
        "fct_requests",
        "update marts.fct_requests set due_date = date '2026-01-04' where request_id = 'r2'",
        "the status follows from the dates beside it",
    ),
    (
        "fct_requests",
        "update marts.fct_requests set exclusion_reason = 'test' where request_id = 'r2'",
        "the status follows from the dates beside it",
    ),
    ("fct_requests", "update marts.fct_requests set subject_key = 'jane@example.org'", PERSON),
    ("fct_requests", "update marts.fct_requests set rule_id = '078-05-1120'", PERSON),
    ("fct_request_traces", "delete from marts.fct_request_traces", "expect_table_row_count_to_equal"),
    ("fct_request_traces", "update marts.fct_request_traces set trace = null", "trace"),
    ("fct_request_traces", "update marts.fct_request_traces set trace = 'Received.'", "a trace is a list of steps"),
    (
        "fct_request_traces",
        """update marts.fct_request_traces set trace = '[{"says":"Asked +353 86 123 4567."}]'""",
        "no address or phone number in a trace",
    ),
    (
        "fct_request_traces",
        """update marts.fct_request_traces set trace = '[{"says":"Asked jane@example.org."}]'""",
        "no address or phone number in a trace",
    ),
    (
        "fct_consents",
        "insert into marts.fct_consents select * from marts.fct_consents where lapsed",
        "namespace, event_id, lapsed",
    ),
    ("fct_consents", "update marts.fct_consents set event_id = null", "event_id"),
    ("fct_consents", "update marts.fct_consents set subject_key = null", "subject_key"),
    ("fct_consents", "update marts.fct_consents set state = 'perhaps' where event_id = 'c2'", "state"),
    ("fct_consents", "update marts.fct_consents set mechanism = 'nod'", "mechanism"),
    ("fct_consents", "update marts.fct_consents set state = 'refused' where event_id = 'c2'", "the state follows from what"),
    ("fct_consents", "update marts.fct_consents set valid_to = valid_from - interval 1 second", "the state follows from what"),
    ("fct_consents", "update marts.fct_consents set notice_id = null", "only a consent with a policy and a notice"),
    ("fct_consents", "update marts.fct_consents set provable = false where event_id = 'c2'", "only a consent with a policy"),
    ("fct_consents", "update marts.fct_consents set valid_to = null where lapsed", "a person is in one state at a time"),
    ("fct_consents", "delete from marts.fct_consents where not lapsed", "a lapse begins where its consent ends"),
    (
        "fct_consents",
        "update marts.fct_consents set valid_to = valid_to + interval 1 second where state = 'active'",
        "a lapse begins where its consent ends",
    ),
    ("fct_consents", "update marts.fct_consents set notice_id = 'jane@example.org'", PERSON),
    (
        "fct_withdrawal_systems",
        "insert into marts.fct_withdrawal_systems select * from marts.fct_withdrawal_systems",
        "namespace, event_id, system",
    ),
    ("fct_withdrawal_systems", "update marts.fct_withdrawal_systems set system = null", "system"),
    ("fct_withdrawal_systems", "update marts.fct_withdrawal_systems set status = 'perhaps'", "status"),
    (
        "fct_withdrawal_systems",
        "update marts.fct_withdrawal_systems set hours = -3 where system = 'crm'",
        "the status follows from the instants",
    ),
    (
        "fct_withdrawal_systems",
        "update marts.fct_withdrawal_systems set applied_at = withdrawn_at - interval 1 hour, hours = -1 where system = 'crm'",
        "the status follows from the instants",
    ),
    (
        "fct_withdrawal_systems",
        "update marts.fct_withdrawal_systems set applied_at = null where system = 'crm'",
        "the status follows from the instants",
    ),
    (
        "fct_withdrawal_systems",
        "update marts.fct_withdrawal_systems set consented_again_at = applied_at where system = 'crm'",
        "the status follows from the instants",
    ),
    ("fct_withdrawal_systems", "update marts.fct_withdrawal_systems set in_time = null", "the status follows from the instants"),
    (
        "fct_withdrawal_systems",
        "update marts.fct_withdrawal_systems set complete = true",
        "a withdrawal is as slow as its slowest",
    ),
    (
        "fct_withdrawal_systems",
        "update marts.fct_withdrawal_systems set propagation_hours = 3",
        "a withdrawal is as slow as its slowest",
    ),
    (
        "fct_withdrawal_systems",
        "update marts.fct_withdrawal_systems set event_id = 'c9'",
        "every withdrawal is one of the decisions",
    ),
    ("fct_withdrawal_systems", "update marts.fct_withdrawal_systems set system = 'jane@example.org'", PERSON),
    ("fct_incidents", "delete from marts.fct_incidents where incident_id = 'i1'", "expect_table_row_count_to_equal"),
    ("fct_incidents", "insert into marts.fct_incidents select * from marts.fct_incidents", "incident_key"),
    ("fct_incidents", "update marts.fct_incidents set incident_id = 'same'", "namespace, incident_id"),
    ("fct_incidents", "update marts.fct_incidents set status = 'lost' where incident_id = 'i2'", "status"),
    ("fct_incidents", "update marts.fct_incidents set incident_type = 'mishap'", "incident_type"),
    ("fct_incidents", "update marts.fct_incidents set affected_subjects = -1", "affected_subjects"),
    ("fct_incidents", "update marts.fct_incidents set detected_at = null", "detected_at"),
    (
        "fct_incidents",
        "update marts.fct_incidents set authority_notified_at = timestamptz '2026-03-04 10:00:01+00' where incident_id = 'i1'",
        "the status follows from the instants beside it",
    ),
    ("fct_incidents", "update marts.fct_incidents set on_time = null", "the status follows from the instants beside it"),
    ("fct_incidents", "update marts.fct_incidents set status = 'not_required'", "the status follows from the instants beside it"),
    ("fct_incidents", "update marts.fct_incidents set authority_due_at = null", "the status follows from the instants beside it"),
    ("fct_incidents", "update marts.fct_incidents set incident_id = 'jane@example.org' where incident_id = 'i1'", PERSON),
    (
        "fct_policy_versions",
        "delete from marts.fct_policy_versions where policy_version = 'v1'",
        "expect_table_row_count_to_equal",
    ),
    (
        "fct_policy_versions",
        "insert into marts.fct_policy_versions select * from marts.fct_policy_versions",
        "policy_version_key",
    ),
    ("fct_policy_versions", "update marts.fct_policy_versions set policy_version = 'same'", "namespace, policy_version"),
    (
        "fct_policy_versions",
        "update marts.fct_policy_versions set coverage = 1.3 where policy_version = 'v1'",
        "a version holds and is told of as its instants and counts say",
    ),
    ("fct_policy_versions", "update marts.fct_policy_versions set notified_count = -1", "notified_count"),
    ("fct_policy_versions", "update marts.fct_policy_versions set in_force = null", "in_force"),
    (
        "fct_policy_versions",
        "update marts.fct_policy_versions set in_force = false",
        "a version holds and is told of as its instants and counts say",
    ),
    (
        "fct_policy_versions",
        "update marts.fct_policy_versions set notified_before_effective_count = 101 where policy_version = 'v1'",
        "a version holds and is told of as its instants and counts say",
    ),
    (
        "fct_policy_versions",
        "update marts.fct_policy_versions set last_updated_shown = '2026-04' where policy_version = 'v1'",
        "a date that is shown is held against the day of publication",
    ),
    (
        "fct_policy_versions",
        "update marts.fct_policy_versions set last_updated_matches = null",
        "a date that is shown is held against the day of publication",
    ),
    ("fct_policy_versions", "update marts.fct_policy_versions set namespace = 'jane@example.org'", PERSON),
    ("fct_processing", "delete from marts.fct_processing where event_id = 'p1'", "expect_table_row_count_to_equal"),
    ("fct_processing", "insert into marts.fct_processing select * from marts.fct_processing", "namespace, event_id"),
    ("fct_processing", "update marts.fct_processing set event_id = null", "event_id"),
    ("fct_processing", "update marts.fct_processing set subject_key = null", "subject_key"),
    ("fct_processing", "update marts.fct_processing set occurred_at = null", "occurred_at"),
    ("fct_processing", "update marts.fct_processing set legal_basis = null where event_id = 'p1'", "legal_basis"),
    ("fct_processing", "update marts.fct_processing set legal_basis = 'habit' where event_id = 'p1'", "legal_basis"),
    (
        "fct_processing",
        "update marts.fct_processing set stopped_right_type = 'opt_out_sale_share' where event_id = 'p1'",
        "stopped_right_type",
    ),
    (
        "fct_processing",
        "update marts.fct_processing set decision_stopped_right_type = 'erasure' where event_id = 'p1'",
        "decision_stopped_right_type",
    ),
    *(
        ("fct_processing", f"update marts.fct_processing set {wrong}", rule)
        for wrong, rule in (
            ("ok_consent = null where event_id = 'p1'", "only what rests on consent is asked for it"),
            ("ok_consent = true where event_id = 'p2'", "only what rests on consent is asked for it"),
            ("ok_basis = false where event_id = 'p1'", "only what rests on consent is asked for it"),
            ("ok_purpose = false where event_id = 'p1'", "only what rests on consent is asked for it"),
            ("ok_not_stopped = true where event_id = 'p2'", STOPPED),
            ("ok_not_stopped = true where event_id = 'p1'", STOPPED),
            ("stopped_by = null where event_id = 'p1'", STOPPED),
            ("stopped_right_type = null where event_id = 'p1'", STOPPED),
            ("stopped_at = null where event_id = 'p1'", STOPPED),
            ("stopped_right_types = ['objection'] where event_id = 'p1'", STOPPED),
            ("stopped_at = occurred_at where event_id = 'p1'", STOPPED),
            ("ok_no_automated_decision = null where event_id = 'p1'", DECISIONS),
            ("ok_no_automated_decision = true where event_id = 'p2'", DECISIONS),
            ("decision_stopped_by = null where event_id = 'p1'", DECISIONS),
            ("ok_categories = true where event_id = 'p1'", "the categories follow from the columns beside them"),
            ("unlisted_categories = ['usage'] where event_id = 'p1'", "the categories follow from the columns beside them"),
            ("system = 'jane@example.org' where event_id = 'p1'", PERSON),
            (
                "data_categories = ['contact', 'jane@example.org'] where event_id = 'p2'",
                "no address or phone number among the categories",
            ),
        )
    ),
    ("fct_collections", "delete from marts.fct_collections where event_id = 'c1'", "expect_table_row_count_to_equal"),
    ("fct_collections", "insert into marts.fct_collections select * from marts.fct_collections", "namespace, event_id"),
    ("fct_collections", "update marts.fct_collections set subject_key = null", "subject_key"),
    ("fct_collections", "update marts.fct_collections set collection_type = 'covert'", "collection_type"),
    ("fct_collections", "update marts.fct_collections set notice_exemption = 'forgotten'", "notice_exemption"),
    (
        "fct_collections",
        "update marts.fct_collections set notice_shown_at = timestamptz '2026-03-01 10:00:01+00' where event_id = 'c1'",
        "a notice counts that came no later than the collection",
    ),
    (
        "fct_collections",
        "update marts.fct_collections set notice_exemption = null where event_id = 'c2'",
        "a notice counts that came no later than the collection",
    ),
    (
        "fct_collections",
        "update marts.fct_collections set ok_categories = true where event_id = 'c1'",
        "each check follows from the columns beside it",
    ),
    (
        "fct_collections",
        "update marts.fct_collections set policy_version = null where event_id = 'c1'",
        "each check follows from the columns beside it",
    ),
    ("fct_collections", "update marts.fct_collections set feature = 'jane@example.org' where event_id = 'c1'", PERSON),
    (
        "fct_collections",
        "update marts.fct_collections set data_categories = ['contact', 'jane@example.org'] where event_id = 'c2'",
        "no address or phone number among the categories",
    ),
    ("fct_disclosures", "delete from marts.fct_disclosures where event_id = 'd1'", "expect_table_row_count_to_equal"),
    ("fct_disclosures", "insert into marts.fct_disclosures select * from marts.fct_disclosures", "namespace, event_id"),
    ("fct_disclosures", "update marts.fct_disclosures set recipient_id = null", "recipient_id"),
    ("fct_disclosures", "update marts.fct_disclosures set within_policy = null", "within_policy"),
    ("fct_disclosures", "update marts.fct_disclosures set record_count = 0", "record_count"),
    ("fct_disclosures", "update marts.fct_disclosures set recipient_kind = 'friend' where event_id = 'd1'", "recipient_kind"),
    ("fct_disclosures", "update marts.fct_disclosures set reason_code = 'whim'", "reason_code"),
    ("fct_disclosures", "update marts.fct_disclosures set consideration = 'favour'", "consideration"),
    (
        "fct_disclosures",
        "update marts.fct_disclosures set disclosure_exemption = 'forgotten' where event_id = 'd2'",
        "disclosure_exemption",
    ),
    ("fct_disclosures", "update marts.fct_disclosures set within_policy = true where event_id = 'd1'", NAMED),
    ("fct_disclosures", "update marts.fct_disclosures set failed_checks = ['ok_categories'] where event_id = 'd1'", NAMED),
    (
        "fct_disclosures",
        "update marts.fct_disclosures set failed_checks = list_append(failed_checks, 'ok_told') where event_id = 'd1'",
        NAMED,
    ),
    ("fct_disclosures", "update marts.fct_disclosures set failed_checks = list_reverse(failed_checks)", NAMED),
    (
        "fct_disclosures",
        "update marts.fct_disclosures set failed_checks = list_append(failed_checks, 'ok_luck') where event_id = 'd1'",
        NAMED,
    ),
    ("fct_disclosures", "update marts.fct_disclosures set ok_transfer = true where event_id = 'd3'", NAMED),
    ("fct_disclosures", "update marts.fct_disclosures set recipient_kind = null where event_id = 'd1'", REGISTER),
    ("fct_disclosures", "update marts.fct_disclosures set agreement_ref = null where event_id = 'd1'", REGISTER),
    ("fct_disclosures", "update marts.fct_disclosures set ok_agreement = true where event_id = 'd2'", REGISTER),
    ("fct_disclosures", "update marts.fct_disclosures set ok_authority = null where event_id = 'd2'", REGISTER),
    ("fct_disclosures", "update marts.fct_disclosures set forbidden_categories = [] where event_id = 'd1'", REGISTER),
    ("fct_disclosures", "update marts.fct_disclosures set unlisted_categories = ['mood'] where event_id = 'd1'", REGISTER),
    ("fct_disclosures", "update marts.fct_disclosures set ok_consent = true where event_id = 'd3'", BESIDE),
    ("fct_disclosures", "update marts.fct_disclosures set ok_consent = true where event_id = 'd1'", BESIDE),
    (
        "fct_disclosures",
        "update marts.fct_disclosures set disclosed_to_subject_at = timestamptz '2026-03-01 10:00:01+00' where event_id = 'd1'",
        BESIDE,
    ),
    ("fct_disclosures", "update marts.fct_disclosures set disclosure_exemption = null where event_id = 'd2'", BESIDE),
    ("fct_disclosures", "update marts.fct_disclosures set consideration = 'none'", BESIDE),
    ("fct_disclosures", "update marts.fct_disclosures set destination_country = null where event_id = 'd3'", BESIDE),
    ("fct_disclosures", "update marts.fct_disclosures set transfer_mechanism = 'clauses'", BESIDE),
    ("fct_disclosures", "update marts.fct_disclosures set stopped_by = null where event_id = 'd1'", STOPS),
    ("fct_disclosures", "update marts.fct_disclosures set stopped_at = occurred_at where event_id = 'd1'", STOPS),
    ("fct_disclosures", "update marts.fct_disclosures set stopped_right_type = 'access' where event_id = 'd1'", STOPS),
    (
        "fct_disclosures",
        "update marts.fct_disclosures set stopped_right_type = 'opt_out_sale_share' where event_id = 'd1'",
        STOPS,
    ),
    ("fct_disclosures", "update marts.fct_disclosures set ok_not_stopped = true where event_id = 'd2'", STOPS),
    ("fct_disclosures", "update marts.fct_disclosures set authority_ref = 'jane@example.org'", PERSON),
    (
        "fct_disclosures",
        "update marts.fct_disclosures set data_categories = ['contact', 'jane@example.org'] where event_id = 'd2'",
        "no address or phone number among the categories",
    ),
    ("fct_records", "delete from marts.fct_records where record_id = 'R-1'", "expect_table_row_count_to_equal"),
    ("fct_records", "update marts.fct_records set record_key = 'same'", "record_key"),
    ("fct_records", "update marts.fct_records set record_key = null", "record_key"),
    ("fct_records", "update marts.fct_records set created_date = null", "created_date"),
    ("fct_records", "update marts.fct_records set status = 'lost' where record_id = 'R-1'", "status"),
    ("fct_records", "update marts.fct_records set trigger = 'whim' where record_id = 'R-1'", "trigger"),
    (
        "fct_records",
        "update marts.fct_records set deletion_event_type = 'mislaid' where record_id = 'R-1'",
        "deletion_event_type",
    ),
    ("fct_records", "update marts.fct_records set record_count = 0", "record_count"),
    ("fct_records", "update marts.fct_records set held_days = -1", "held_days"),
    ("fct_records", "update marts.fct_records set over_days = 0 where record_id = 'R-2'", "over_days"),
    ("fct_records", "update marts.fct_records set deleted_date = null where record_id = 'R-1'", GONE),
    ("fct_records", "update marts.fct_records set is_alive = true where record_id = 'R-1'", GONE),
    ("fct_records", "update marts.fct_records set status = 'reappeared' where record_id = 'R-1'", GONE),
    ("fct_records", "update marts.fct_records set status = 'within_period' where record_id = 'R-1'", GONE),
    ("fct_records", "update marts.fct_records set deleted_date = date '2026-02-06' where record_id = 'R-1'", DATES),
    ("fct_records", "update marts.fct_records set keep_until = date '2026-02-06' where record_id = 'R-1'", DATES),
    ("fct_records", "update marts.fct_records set schedule_id = null where record_id = 'R-2'", DATES),
    ("fct_records", "update marts.fct_records set over_days = null where record_id = 'R-2'", DATES),
    ("fct_records", "update marts.fct_records set subject_key = 'jane@example.org'", PERSON),
    ("fct_metrics", "delete from marts.fct_metrics", "expect_table_row_count_to_be_between"),
    ("fct_metrics", "insert into marts.fct_metrics select * from marts.fct_metrics", "metric_code, period_grain"),
    ("fct_metrics", "update marts.fct_metrics set value = 0.6", "the value is the numerator"),
    ("fct_metrics", "update marts.fct_metrics set value = null", "the value is the numerator"),
    ("fct_metrics", "update marts.fct_metrics set denominator = 0", "the value is the numerator"),
    ("fct_metrics", "update marts.fct_metrics set value_worst = 1.5", "the value is the numerator"),
    ("fct_metrics", "update marts.fct_metrics set numerator = -1", "numerator"),
    ("fct_metrics", "update marts.fct_metrics set dimension = 'mood'", "dimension"),
    ("fct_metrics", "update marts.fct_metrics set quality_verdict = 'fine'", "quality_verdict"),
    ("fct_metrics", "update marts.fct_metrics set period_start = null", "a period has a beginning before its end"),
    ("fct_metrics", "update marts.fct_metrics set period_end = period_start", "a period has a beginning before its end"),
    ("rpt_waterfall", "delete from marts.rpt_waterfall", "expect_table_row_count_to_be_between"),
    ("rpt_waterfall", "update marts.rpt_waterfall set paused = 1", "received is the sum of the statuses"),
    ("rpt_waterfall", "update marts.rpt_waterfall set balance = 1", "balance"),
    ("rpt_waterfall", "update marts.rpt_waterfall set received = 3, paused = 1", "every request stands in the waterfall"),
    ("fct_erasures", "insert into marts.fct_erasures select * from marts.fct_erasures", "request_key"),
    ("fct_erasures", "update marts.fct_erasures set request_key = null", "request_key"),
    ("fct_erasures", "update marts.fct_erasures set subject_key = null", "subject_key"),
    ("fct_erasures", "update marts.fct_erasures set closed_date = null", "closed_date"),
    ("fct_erasures", "update marts.fct_erasures set event_id = null", "event_id"),
    ("fct_erasures", "update marts.fct_erasures set status = null", "status"),
    ("fct_erasures", "update marts.fct_erasures set status = 'done'", "status"),
    ("fct_erasures", "update marts.fct_erasures set erased_sets = -1, record_sets = 1", "erased_sets"),
    ("fct_erasures", "update marts.fct_erasures set excused_sets = -1, record_sets = 1", "excused_sets"),
    ("fct_erasures", "update marts.fct_erasures set record_sets = 4", FATES),
    ("fct_erasures", "update marts.fct_erasures set missed = []", FATES),
    ("fct_erasures", "update marts.fct_erasures set missed_record_count = 0", FATES),
    ("fct_erasures", "update marts.fct_erasures set reappeared_sets = 2", FATES),
    ("fct_erasures", "update marts.fct_erasures set unconfirmed_systems = []", "an expected system confirmed or it did not"),
    ("fct_erasures", "update marts.fct_erasures set status = 'complete'", "the status follows from the counts"),
    ("fct_erasures", "update marts.fct_erasures set status = 'no_records_found'", "the status follows from the counts"),
    ("fct_erasures", "update marts.fct_erasures set judged_at = closed_at - interval 1 hour", GRACE),
    ("fct_erasures", "update marts.fct_erasures set judged_at = closed_at + interval 1 hour", GRACE),
    ("fct_erasures", "update marts.fct_erasures set judged_at = closed_at + interval 90 day", GRACE),
    ("fct_erasures", "update marts.fct_erasures set grace_ends_date = date '2026-01-31', status = 'pending'", GRACE),
    ("fct_erasures", "delete from marts.fct_erasures", "every erasure that was fulfilled is judged"),
    ("fct_erasures", "update marts.fct_requests set outcome = 'denied'", "every erasure that was fulfilled is judged"),
    ("fct_erasures", "update marts.fct_erasures set missed = ['crm/R-9']", "what was missed is one of the record sets"),
    ("fct_erasures", "update marts.fct_erasures set request_id = 'jane@example.org'", PERSON),
    ("fct_erasures", "update marts.fct_erasures set expected_systems = ['jane@example.org', 'mail']", LISTED),
    ("fct_erasures", "update marts.fct_erasures set missed = ['crm/jane@example.org']", LISTED),
    ("fct_findings", "delete from marts.fct_findings", "every open request past its due date is on the list"),
    ("fct_findings", "insert into marts.fct_findings select * from marts.fct_findings", "finding_key"),
    ("fct_findings", "update marts.fct_findings set severity = 'dire'", "severity"),
    ("fct_findings", "update marts.fct_findings set entity = 'jane@example.org'", PERSON),
    ("fct_control_results", "update marts.fct_control_results set status = 'fine'", "status"),
    ("fct_control_results", "update marts.fct_control_results set status = 'met'", "a verdict rests on a figure"),
    ("fct_control_results", "update marts.fct_control_results set reason = null", "a verdict rests on a figure"),
    ("fct_control_results", "update marts.fct_control_results set quality_verdict = 'failed'", "a verdict rests on a figure"),
    ("fct_control_results", "insert into marts.fct_control_results select * from marts.fct_control_results", "control_id, "),
    ("fct_control_status", "update marts.fct_control_status set status = 'met'", "a control with a missed metric is missed"),
    ("fct_control_status", "delete from marts.fct_control_status where control_id = 'CTL-2'", "every control that has results"),
    ("fct_control_status", "update marts.fct_control_status set control_id = 'CTL-9'", "every control that has results"),
    ("dim_clauses", "insert into marts.dim_clauses select * from marts.dim_clauses", "clause_id"),
    ("dim_clauses", "update marts.dim_clauses set clause_id = 'jane@example.org'", "no code looks like a person"),
    ("dim_metrics", "delete from marts.dim_metrics where metric_code = 'overdue_open'", "every figure is defined"),
    ("audit_source_verdicts", "delete from marts.audit_source_verdicts where log = 'a'", "expect_table_row_count_to_be_between"),
    ("audit_source_verdicts", "update marts.audit_source_verdicts set passed = 1", "a verdict follows from its counts"),
    (
        "audit_source_verdicts",
        "update marts.audit_source_verdicts set declared = 0, passed = 0",
        "a verdict follows from its counts",
    ),
    ("audit_sources", "delete from marts.audit_sources", "expect_table_row_count_to_be_between"),
    ("audit_sources", "update marts.audit_sources set unaccounted_rows = 1", "unaccounted_rows"),
    ("audit_sources", "update marts.audit_sources set unaccounted_source_rows = -1", "unaccounted_source_rows"),
    ("audit_quarantine", "update marts.audit_quarantine set reason = 'unknown channel jane@example.org'", PERSON),
    ("audit_quarantine", "insert into marts.audit_quarantine select * from marts.audit_quarantine", "source, log"),
    *SPOILED_REPORTS,
]


@pytest.mark.parametrize(("mart", "spoil", "check"), SPOILED, ids=[f"{mart}-{check}" for mart, _, check in SPOILED])
def test_a_spoiled_mart_fails_its_guard(tmp_path, mart, spoil, check):
    found = failed(judge(tmp_path, mart, spoil))
    assert any(name.startswith(check) for name in found), found


def test_an_empty_log_makes_empty_marts_rightly(tmp_path):
    empty = "; ".join(
        f"delete from marts.{mart}"
        for mart in (
            *("fct_requests", "fct_request_traces", "fct_consents", "fct_withdrawal_systems", "fct_records", "fct_incidents"),
            *("fct_erasures", "fct_policy_versions", "fct_collections", "fct_disclosures", "fct_processing"),
            *("rpt_waterfall", "fct_findings", "audit_sources", "rpt_ccpa_7101", "rpt_ccpa_7102", "rpt_gdpr_art12_requests"),
            *("rpt_gdpr_art33_incidents", "rpt_gdpr_art30", "rpt_roll_forward", "fct_source_completeness"),
        )
    )
    verdict = judge(tmp_path, spoil=empty, landed=dict.fromkeys(LANDED, 0))
    assert failed(verdict) == set()
    assert verdict.success


def test_every_shipped_suite_of_a_mart_has_a_spoiled_mart_here():
    assert {mart for mart, _, _ in SPOILED} == {path.stem for path in (SUITES / "marts").glob("*.yml")}
