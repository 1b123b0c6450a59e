"""Sound rows of the regulators' tables and the reports, over the requests and incidents of good_marts, and ways to spoil them.

Here: what a test of their suites is about. Not here: running a suite (test_mart_suites.py).
"""

from __future__ import annotations

GOOD_REPORTS = {
    "rpt_ccpa_7101": """
        select
            'tickets/r1/erasure' as request_key, 'tickets' as namespace, 'r1' as request_id, 'request_to_delete' as request_type,
            date '2026-01-05' as date_of_request, 'request_to_delete' as nature_of_request, 'email' as manner_of_request,
            date '2026-02-01' as date_of_response, 'complied_in_whole' as nature_of_response, null::varchar as basis_of_denial,
            null::varchar as exclusion_reason, 27 as days_to_respond, date '2028-01-05' as kept_at_least_until
    """,
    "rpt_ccpa_7102": """
        select
            2026 as calendar_year, request_type, one as received, one as complied_in_whole, 0 as complied_in_part, 0 as denied,
            0 as unanswered, 0 as withdrawn, 0 as not_counted, if(one = 1, 27.0, null)::double as median_days,
            if(one = 1, 27.0, null)::double as mean_days, 0 as denied_in_whole_or_part, 0 as denied_identity_not_verified,
            0 as denied_exempt, 0 as denied_manifestly_unfounded, 0 as denied_excessive, 0 as denied_no_data,
            0 as denied_third_party_rights, 0 as denied_legal_obligation, 0 as denied_on_other_grounds
        from (
            values ('request_to_delete', 1), ('request_to_correct', 0), ('request_to_know', 0),
            ('request_to_opt_out_of_sale_sharing', 0), ('request_to_limit', 0)
        ) as types (request_type, one)
    """,
    "rpt_gdpr_art12_requests": """
        select
            'EU_GDPR' as regime_code, 'erasure' as right_type, date '2026-01-01' as month_start, 1 as received,
            0 as answered_in_time, 0 as answered_late, 0 as open_in_time, 1 as open_overdue, 0 as paused, 0 as excluded,
            0 as without_deadline, 0 as answered, 0 as denied, 0 as extended, 1 as fell_due, 1 as in_scope,
            0.0::double as in_time_share, 0.0::double as extended_share, null::double as denied_share
    """,
    "rpt_gdpr_art33_incidents": """
        select
            'siem/i1' as incident_key, 'EU_GDPR' as regime_code, timestamptz '2026-03-01 10:00:00+00' as aware_at,
            timestamptz '2026-03-04 10:00:00+00' as authority_notified_at, 'on_time' as status, 12 as affected_subjects,
            ['contact_point', 'likely_consequences', 'measures_taken'] as missing
    """,
    "rpt_gdpr_art30": """
        select
            'Example Ltd, privacy@example.org' as controller, 'news' as purpose_code, 'Newsletter' as purpose,
            true as is_declared,
            ['contact', 'health'] as data_categories, ['health'] as sensitive_categories, ['printer'] as recipients,
            ['service_provider'] as recipient_kinds, ['GB: adequate'] as transfers, ['crm'] as systems,
            ['controller_contact'] as missing, true as is_draft
    """,
    "rpt_roll_forward": """
        with
        rows as (
            select
                unnest(['month', 'month', 'to_date']) as period_grain,
                unnest([date '2026-01-01', date '2026-02-01', null]) as period_start,
                unnest([date '2026-02-01', date '2026-03-01', null]) as period_end,
                unnest([0, 2, 0]) as opening, unnest([2, 0, 2]) as received, unnest([0, 1, 1]) as answered,
                unnest([2, 1, 1]) as closing, unnest([0, 2, 2]) as fell_due, unnest([2, 0, 2]) as achievable
        )

        select
            rows.*, 'erasure' as right_type, 0 as reopened, 0 as excluded, 0 as balance, 0 as answered_reopened,
            0 as answered_excluded, 0 as answered_before_receipt, answered as closed, 0 as closed_without_deadline,
            0 as closed_declared, 0 as closed_due_elsewhere, 0 as due_closed_elsewhere, answered as due_open_overdue,
            0 as strictly_overdue_beyond, fell_due as fell_due_strictly, 0 as declared_fell_due, 0 as received_excluded,
            0 as received_without_deadline, received as received_no_ack, 0 as received_ack_running,
            0 as received_ack_due_elsewhere, 0 as ack_due_received_elsewhere, 0 as ack_fell_due
        from rows
    """,
    "rpt_scope": """
        select
            null::varchar as system, 'requests' as log, 'helpdesk' as source, 'to_date' as period_grain,
            null::date as period_start, 2 as events, timestamptz '2026-01-05 09:00:00+00' as first_event_at,
            timestamptz '2026-02-01 09:00:00+00' as last_event_at, true as in_scope, 'events' as reason
        union all
        select 'crm', 'processing', null, 'to_date', null, 0, null, null, false, 'no_source'
    """,
    "fct_source_completeness": """
        select
            'helpdesk' as source, date '2026-02-01' as day, false as has_control_total, null::bigint as stated, 3 as read,
            null::bigint as difference, 'no_control_total' as unstated_reason, 1 as deliveries, 3 as landed_rows,
            0 as duplicate_rows, 0 as superseding_rows, 0 as conflicting_rows, 0 as quarantined_rows, 2 as events, 0 as gaps,
            null::bigint as missing_numbers
    """,
}

PERSON = "no text looks like a person"
ONE_COLUMN = "every request received is in one column"
GROUND = "every denial has one ground"
FOLLOWS = "each share follows from its numerator and denominator"
REACHED = "each denominator is reached from the movements"
RECORD = "the record holds each request from California and none else"
NAMED = "what is not known is named"
WHOLE = "it begins with nothing and ends with what is open"
SCOPE = "what is in scope has events or an evidenced silence"
STATED = "a total that is not stated has a reason"
ANSWER = "a response has its date and a denial its basis"
BREACH = "what is documented is what the register says"

SPOILED_REPORTS = [
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set request_key = null", "request_key"),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set date_of_request = null", "date_of_request"),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set nature_of_request = null", "nature_of_request"),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set nature_of_response = 'shrug'", "nature_of_response"),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set nature_of_response = null", ANSWER),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set nature_of_response = 'denied'", ANSWER),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set days_to_respond = 26", ANSWER),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set kept_at_least_until = date '2027-01-05'", ANSWER),
    ("rpt_ccpa_7101", "delete from marts.rpt_ccpa_7101", RECORD),
    ("rpt_ccpa_7101", "update marts.fct_requests set jurisdiction = 'US-CO'", RECORD),
    ("rpt_ccpa_7101", "update marts.fct_requests set closed_date = date '2026-02-02'", RECORD),
    ("rpt_ccpa_7101", "update marts.rpt_ccpa_7101 set request_id = 'jane@example.org'", PERSON),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set calendar_year = null", "calendar_year"),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set received = null", "received"),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set request_type = 'wish' where received = 1", "request_type"),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set denied = 1 where received = 1", ONE_COLUMN),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set denied = -1, withdrawn = 1", ONE_COLUMN),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set denied = 1, complied_in_whole = 0 where received = 1", GROUND),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set denied_exempt = 1", GROUND),
    ("rpt_ccpa_7102", "update marts.rpt_ccpa_7102 set median_days = null", "days are known where there is an answer"),
    ("rpt_ccpa_7102", "delete from marts.rpt_ccpa_7102 where received = 0", "a year has a row for each request type"),
    (
        "rpt_ccpa_7102",
        "update marts.rpt_ccpa_7102 set received = 2, unanswered = 1 where received = 1",
        "the record and the metrics hold the same requests",
    ),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set regime_code = 'US_CA_CCPA'", "regime_code"),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set month_start = null", "month_start"),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set received = null", "received"),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set paused = 1", ONE_COLUMN),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set in_time_share = null", FOLLOWS),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set denied_share = 0", FOLLOWS),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set fell_due = 2", FOLLOWS),
    ("rpt_gdpr_art12_requests", "update marts.rpt_gdpr_art12_requests set denied = 1, answered = 0", FOLLOWS),
    ("rpt_gdpr_art12_requests", "delete from marts.rpt_gdpr_art12_requests", "every request under the GDPR is counted"),
    ("rpt_gdpr_art33_incidents", "update marts.rpt_gdpr_art33_incidents set aware_at = null", "aware_at"),
    ("rpt_gdpr_art33_incidents", "update marts.rpt_gdpr_art33_incidents set regime_code = 'none'", "regime_code"),
    ("rpt_gdpr_art33_incidents", "update marts.rpt_gdpr_art33_incidents set missing = null", "missing"),
    ("rpt_gdpr_art33_incidents", "update marts.rpt_gdpr_art33_incidents set incident_key = 'siem/i9'", BREACH),
    ("rpt_gdpr_art33_incidents", "update marts.rpt_gdpr_art33_incidents set status = 'open_in_time'", BREACH),
    ("rpt_gdpr_art33_incidents", "update marts.rpt_gdpr_art33_incidents set missing = ['contact_point']", NAMED),
    ("rpt_gdpr_art33_incidents", "update marts.rpt_gdpr_art33_incidents set status = 'late'", NAMED),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set purpose_code = null", "purpose_code"),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set missing = null", "missing"),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set missing = []", NAMED),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set is_declared = false", NAMED),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set recipients = []", NAMED),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set recipient_kinds = []", "every recipient has its kind"),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set sensitive_categories = ['voice']", "every recipient has its kind"),
    ("rpt_gdpr_art30", "update marts.rpt_gdpr_art30 set purpose_code = 'jane@example.org'", PERSON),
    (
        "rpt_gdpr_art30",
        "update marts.rpt_gdpr_art30 set recipients = ['jane@example.org']",
        "no address or phone number",
    ),
    ("rpt_roll_forward", "delete from marts.rpt_roll_forward", "expect_table_row_count_to_be_between"),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set right_type = null", "right_type"),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set balance = 1", "balance"),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set closing = closing + 1", "the movements lead from the opening"),
    (
        "rpt_roll_forward",
        "update marts.rpt_roll_forward set opening = -1, closing = closing - 1 where opening = 0",
        "the movements lead from the opening",
    ),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set closed = closed + 1", REACHED),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set fell_due = 3", REACHED),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set fell_due_strictly = 3", REACHED),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set achievable = 3", REACHED),
    ("rpt_roll_forward", "update marts.rpt_roll_forward set ack_fell_due = 3", REACHED),
    (
        "rpt_roll_forward",
        "update marts.rpt_roll_forward set opening = 1, closing = 0 where period_start = date '2026-02-01'",
        "a period opens as the one before it closed",
    ),
    ("rpt_roll_forward", "delete from marts.rpt_roll_forward where period_grain = 'to_date'", WHOLE),
    ("rpt_roll_forward", "update marts.fct_requests set closed_date = null", WHOLE),
    ("rpt_scope", "delete from marts.rpt_scope", "expect_table_row_count_to_be_between"),
    ("rpt_scope", "update marts.rpt_scope set log = null where source is null", "log"),
    ("rpt_scope", "update marts.rpt_scope set reason = 'mood' where source is null", "reason"),
    ("rpt_scope", "update marts.rpt_scope set period_grain = 'week'", "period_grain"),
    ("rpt_scope", "update marts.rpt_scope set in_scope = false", SCOPE),
    ("rpt_scope", "update marts.rpt_scope set events = 0", SCOPE),
    ("rpt_scope", "update marts.rpt_scope set last_event_at = first_event_at - interval 1 hour", SCOPE),
    ("rpt_scope", "update marts.rpt_scope set source = null", SCOPE),
    ("rpt_scope", "update marts.rpt_scope set source = 'jane@example.org'", PERSON),
    ("fct_source_completeness", "delete from marts.fct_source_completeness", "expect_table_row_count_to_be_between"),
    ("fct_source_completeness", "update marts.fct_source_completeness set day = null", "day"),
    ("fct_source_completeness", "update marts.fct_source_completeness set gaps = -1", "gaps"),
    ("fct_source_completeness", "update marts.fct_source_completeness set events = -1", "events"),
    ("fct_source_completeness", "update marts.fct_source_completeness set missing_numbers = -1", "missing_numbers"),
    ("fct_source_completeness", "update marts.fct_source_completeness set stated = -1", "stated"),
    ("fct_source_completeness", "update marts.fct_source_completeness set read = 4", "every row read is in one class"),
    ("fct_source_completeness", "update marts.fct_source_completeness set deliveries = 0", "every row read is in one class"),
    ("fct_source_completeness", "update marts.fct_source_completeness set unstated_reason = null", STATED),
    ("fct_source_completeness", "update marts.fct_source_completeness set has_control_total = true", STATED),
    ("fct_source_completeness", "update marts.fct_source_completeness set difference = 0", STATED),
]
