"""Sound rows of the regulators' tables and the reports, over the requests and incidents of good_marts.

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
            ('request_to_know_sold_or_shared', 0), ('request_to_opt_out_of_sale_sharing', 0), ('request_to_limit', 0)
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
            null::bigint as missing_numbers, null::bigint as missing_events
    """,
}
