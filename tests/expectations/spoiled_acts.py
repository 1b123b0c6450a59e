"""Ways to spoil sound marts of consents and acts, each with the check that must see it.

Here: (mart, statement, check) of consents, withdrawals, disclosures, processing and collections.
Not here: the sound rows (good_marts.py) or running a suite (test_mart_suites.py).
"""

from __future__ import annotations

PERSON = "no text looks like a person"
STOPPED = "a stop is named and closed before what it binds"
DECISIONS = "only an automated decision is judged as one"
NAMED = "what failed is named in its order and nothing else"
REGISTER = "what the register says decides"
BESIDE = "each check follows from the columns beside it"
STOPS = "a stop binds what it may bind and is named"

SPOILED_ACTS = [
    ("fct_consents", "update marts.fct_consents set event_id = null", "event_id"),
    ("fct_consents", "update marts.fct_consents set subject_key = null", "subject_key"),
    ("fct_consents", "update marts.fct_consents set state = 'perhaps' where event_id = 'c2'", "state"),
    ("fct_consents", "update marts.fct_consents set mechanism = 'nod'", "mechanism"),
    ("fct_consents", "update marts.fct_consents set state = 'refused' where event_id = 'c2'", "the state follows from what"),
    ("fct_consents", "update marts.fct_consents set notice_id = null", "only a consent with a policy and a notice"),
    ("fct_consents", "update marts.fct_consents set provable = false where event_id = 'c2'", "only a consent with a policy"),
    ("fct_consents", "update marts.fct_consents set valid_to = null where lapsed", "a person is in one state at a time"),
    ("fct_consents", "delete from marts.fct_consents where not lapsed", "a lapse begins where its consent ends"),
    (
        "fct_consents",
        "update marts.fct_consents set valid_to = valid_to + interval 1 second where state = 'active'",
        "a lapse begins where its consent ends",
    ),
    ("fct_consents", "update marts.fct_consents set ended_by = 'nobody' where event_id = 'c1'", "ended_by"),
    ("fct_consents", "update marts.fct_consents set is_withdrawal = null where event_id = 'c1'", "is_withdrawal"),
    ("fct_consents", "update marts.fct_consents set request_key = 't/r' where event_id = 'c2'", "a request ends a consent"),
    ("fct_consents", "update marts.fct_consents set is_withdrawal = true where event_id = 'c1'", "a request ends a consent"),
    ("fct_consents", "update marts.fct_consents set notice_id = 'jane@example.org'", PERSON),
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
    ("fct_processing", "delete from marts.fct_processing where event_id = 'p1'", "expect_table_row_count_to_equal"),
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
            ("ok_basis = false where event_id = 'p1'", "only what rests on consent is asked for it"),
            ("ok_purpose = false where event_id = 'p1'", "only what rests on consent is asked for it"),
            ("stopped_by = null where event_id = 'p1'", STOPPED),
            ("stopped_right_type = null where event_id = 'p1'", STOPPED),
            ("stopped_at = null where event_id = 'p1'", STOPPED),
            ("stopped_right_types = ['objection'] where event_id = 'p1'", STOPPED),
            ("ok_no_automated_decision = null where event_id = 'p1'", DECISIONS),
            ("ok_no_automated_decision = true where event_id = 'p2'", DECISIONS),
            ("decision_stopped_by = null where event_id = 'p1'", DECISIONS),
            ("ok_categories = true where event_id = 'p1'", "the categories follow from the columns beside them"),
            ("unlisted_categories = ['usage'] where event_id = 'p1'", "the categories follow from the columns beside them"),
            ("system = 'jane@example.org' where event_id = 'p1'", PERSON),
            (
                "data_categories = ['contact', 'jane@example.org'] where event_id = 'p2'",
                "no address or phone number",
            ),
        )
    ),
    ("fct_collections", "delete from marts.fct_collections where event_id = 'c1'", "expect_table_row_count_to_equal"),
    ("fct_collections", "update marts.fct_collections set subject_key = null", "subject_key"),
    ("fct_collections", "update marts.fct_collections set collection_type = 'covert'", "collection_type"),
    ("fct_collections", "update marts.fct_collections set notice_exemption = 'forgotten'", "notice_exemption"),
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
        "no address or phone number",
    ),
    ("fct_disclosures", "delete from marts.fct_disclosures where event_id = 'd1'", "expect_table_row_count_to_equal"),
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
        "no address or phone number",
    ),
]
