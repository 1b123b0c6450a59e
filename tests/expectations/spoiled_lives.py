"""Ways to spoil sound marts of lives, each with the check that must see it.

Here: (mart, statement, check) of record sets, erasures, incidents and versions of the policy.
Not here: the sound rows (good_marts.py) or running a suite (test_mart_suites.py).
"""

from __future__ import annotations

PERSON = "no text looks like a person"
DATES = "the status follows from the dates beside it"
FATES = "every record set was erased or excused or missed"
LISTED = "no address or phone number"
GRACE = "an erasure is judged at the end of its grace"
GONE = "what is deleted has a date and what is alive has none"

SPOILED_LIVES = [
    ("fct_incidents", "delete from marts.fct_incidents where incident_id = 'i1'", "expect_table_row_count_to_equal"),
    ("fct_incidents", "update marts.fct_incidents set status = 'lost' where incident_id = 'i2'", "status"),
    ("fct_incidents", "update marts.fct_incidents set incident_type = 'mishap'", "incident_type"),
    ("fct_incidents", "update marts.fct_incidents set affected_subjects = -1", "affected_subjects"),
    ("fct_incidents", "update marts.fct_incidents set detected_at = null", "detected_at"),
    (
        "fct_incidents",
        "update marts.fct_incidents set authority_notified_at = timestamptz '2026-03-04 10:00:01+00' where incident_id = 'i1'",
        "the status follows from the instants beside it",
    ),
    ("fct_incidents", "update marts.fct_incidents set status = 'not_required'", "the status follows from the instants beside it"),
    ("fct_incidents", "update marts.fct_incidents set authority_due_at = null", "the status follows from the instants beside it"),
    ("fct_incidents", "update marts.fct_incidents set persons_status = 'lost' where incident_id = 'i2'", "persons_status"),
    (
        "fct_incidents",
        "update marts.fct_incidents set persons_status = 'late'",
        "the status of the persons follows from the instants beside it",
    ),
    (
        "fct_incidents",
        "update marts.fct_incidents set persons_due_at = null",
        "the status of the persons follows from the instants beside it",
    ),
    ("fct_incidents", "update marts.fct_incidents set incident_id = 'jane@example.org' where incident_id = 'i1'", PERSON),
    (
        "fct_policy_versions",
        "delete from marts.fct_policy_versions where policy_version = 'v1'",
        "expect_table_row_count_to_equal",
    ),
    ("fct_policy_versions", "update marts.fct_policy_versions set notified_count = -1", "notified_count"),
    ("fct_policy_versions", "update marts.fct_policy_versions set in_force = null", "in_force"),
    (
        "fct_policy_versions",
        "update marts.fct_policy_versions set in_force = false",
        "a version is in force and notified as its instants and counts say",
    ),
    (
        "fct_policy_versions",
        "update marts.fct_policy_versions set notified_before_effective_count = 101 where policy_version = 'v1'",
        "a version is in force and notified as its instants and counts say",
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
    ("fct_records", "delete from marts.fct_records where record_id = 'R-1'", "expect_table_row_count_to_equal"),
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
    ("fct_erasures", "update marts.fct_erasures set request_key = null", "request_key"),
    ("fct_erasures", "update marts.fct_erasures set subject_key = null", "subject_key"),
    ("fct_erasures", "update marts.fct_erasures set closed_date = null", "closed_date"),
    ("fct_erasures", "update marts.fct_erasures set event_id = null", "event_id"),
    ("fct_erasures", "update marts.fct_erasures set status = null", "status"),
    ("fct_erasures", "update marts.fct_erasures set status = 'done'", "status"),
    ("fct_erasures", "update marts.fct_erasures set erased_sets = -1, record_sets = 1", "erased_sets"),
    ("fct_erasures", "update marts.fct_erasures set excused_sets = -1, record_sets = 1", "excused_sets"),
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
]
