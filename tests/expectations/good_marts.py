"""One small, sound row or two of every published mart, as SQL: what a test then corrupts is what it is about."""

from __future__ import annotations

from good_reports import GOOD_REPORTS

GOOD = GOOD_REPORTS | {
    "fct_requests": """
        select
            'tickets/r1/erasure' as request_key, 'tickets' as namespace, 'r1' as request_id, '0a1b2c3d' as subject_key,
            'erasure' as right_type, timestamptz '2026-01-05 09:00:00+00' as received_at, date '2026-01-05' as received_date,
            date '2026-02-05' as base_due_date, date '2026-02-05' as due_date, 0 as paused_days, 0 as days_overdue,
            'none' as extension_status, null::varchar as ack_status, 'fulfilled' as outcome, date '2026-02-01' as closed_date,
            false as closed_while_paused, 'closed_on_time' as status, 'closed_on_time' as strict_status,
            null::varchar as exclusion_reason, 'EU_GDPR/access' as rule_id, 'US-CA' as jurisdiction, 'US_CA_CCPA' as regime_code,
            timestamptz '2026-02-01 09:00:00+00' as closed_at, null::timestamptz as due_at
        union all
        select
            'tickets/r2/erasure', 'tickets', 'r2', '4e5f6a7b', 'erasure', timestamptz '2026-01-05 09:00:00+00', date '2026-01-05',
            date '2026-02-05', date '2026-02-05', 0, 24, 'late', 'open_overdue', null, null,
            false, 'open_overdue', 'open_overdue', null, 'EU_GDPR/erasure', 'IE', 'EU_GDPR', null, null
    """,
    "fct_request_traces": """
        select 'tickets/r1/erasure' as request_key, '[{"step":"received","says":"Received."}]' as trace
        union all select 'tickets/r2/erasure', '[{"step":"received","says":"Received."}]'
    """,
    "fct_consents": """
        select
            '0a1b2c3d' as subject_key, 'news' as purpose_code, 'active' as state,
            timestamptz '2026-01-05 09:00:00+00' as valid_from,
            timestamptz '2026-01-07 09:00:00+00' as valid_to, false as lapsed, true as provable, 'form' as mechanism,
            'IE' as jurisdiction, '2026-01' as policy_version, 'n1' as notice_id, 'banner' as source, 'consents' as namespace,
            'c1' as event_id, 'given' as event_type, true as is_first_decision, 'lapse' as ended_by, false as is_withdrawal,
            null::varchar as request_key, null::timestamptz as record_by, null::boolean as recorded_in_time
        union all
        select
            '0a1b2c3d', 'news', 'expired', timestamptz '2026-01-07 09:00:00+00', timestamptz '2026-01-09 09:00:00+00', true, null,
            'form', 'IE', '2026-01', 'n1', 'banner', 'consents', 'c1', 'given', false, 'decision', false, null, null, null
        union all
        select
            '0a1b2c3d', 'news', 'withdrawn', timestamptz '2026-01-09 09:00:00+00', null, false, null,
            'gpc', 'IE', null, null, 'banner', 'consents', 'c2', 'withdrawn', false, null, true, null, null, null
    """,
    "fct_withdrawal_systems": """
        select
            '0a1b2c3d' as subject_key, 'news' as purpose_code, timestamptz '2026-01-09 09:00:00+00' as withdrawn_at,
            'consents' as namespace, 'c2' as event_id, 'crm' as system, timestamptz '2026-01-09 12:00:00+00' as applied_at,
            3.0::double as hours, 'confirmed' as status, false as complete, null::double as propagation_hours,
            timestamptz '2026-01-12 09:00:00+00' as confirm_by, true as in_time, null::timestamptz as consented_again_at,
            null::varchar as request_key
        union all
        select
            '0a1b2c3d', 'news', timestamptz '2026-01-09 09:00:00+00', 'consents', 'c2', 'mail', null,
            null, 'unconfirmed', false, null, timestamptz '2026-01-12 09:00:00+00', false, null, null
    """,
    "fct_incidents": """
        select
            'siem/i1' as incident_key, 'siem' as namespace, 'i1' as incident_id, 'disclosure' as incident_type,
            timestamptz '2026-03-01 10:00:00+00' as detected_at, null::timestamptz as assessed_no_risk_at,
            timestamptz '2026-03-04 10:00:00+00' as authority_notified_at,
            timestamptz '2026-03-04 10:00:00+00' as authority_due_at,
            'on_time' as status, true as on_time, 12 as affected_subjects,
            timestamptz '2026-03-31 23:00:00+00' as persons_due_at, timestamptz '2026-03-05 10:00:00+00' as subjects_notified_at,
            'on_time' as persons_status, null::varchar as persons_doubt
        union all
        select
            'siem/i2', 'siem', 'i2', 'destruction', timestamptz '2026-03-01 10:00:00+00', null, null,
            timestamptz '2026-03-04 10:00:00+00', 'open_overdue', false, null, null, null, 'nothing_due', null
    """,
    "fct_policy_versions": """
        select
            'cms/v1' as policy_version_key, 'cms' as namespace, 'v1' as policy_version,
            timestamptz '2026-03-01 10:00:00+00' as published_at, date '2026-03-01' as published_date,
            timestamptz '2026-04-01 00:00:00+00' as effective_at, timestamptz '2026-05-01 00:00:00+00' as superseded_at,
            100 as audience_size, 130 as notified_count, 60 as notified_before_effective_count,
            true as notified_before_effective, 1.0::double as coverage, 0.6::double as coverage_before_effective,
            '2026-03' as last_updated_shown, true as last_updated_matches, false as in_force
        union all
        select
            'cms/v2', 'cms', 'v2', null, null, timestamptz '2026-05-01 00:00:00+00', null, null, 0, 0, false, null, null,
            null, null, true
    """,
    "fct_collections": """
        select
            'apps' as namespace, 'c1' as event_id, '0a1b2c3d' as subject_key, timestamptz '2026-03-01 10:00:00+00' as occurred_at,
            'feature' as collection_type, 'call_summary' as feature, ['contact', 'voice'] as data_categories,
            timestamptz '2026-03-01 10:00:00+00' as notice_shown_at, 'v1' as policy_version, null::varchar as notice_exemption,
            true as ok_notice, ['voice'] as unlisted_categories, false as ok_categories, true as ok_policy_version
        union all
        select
            'apps', 'c2', '4e5f6a7b', timestamptz '2026-03-01 10:00:00+00', 'automatic', null, ['contact'], null, null,
            'not_required', null, [], true, null
    """,
    "fct_disclosures": """
        select
            'crm' as namespace, 'd1' as event_id, '0a1b2c3d' as subject_key, timestamptz '2026-03-01 10:00:00+00' as occurred_at,
            'mailer' as recipient_id, 'service_provider' as recipient_kind, 'provide_service' as reason_code,
            ['contact', 'voice'] as data_categories, timestamptz '2026-03-01 10:00:00+00' as disclosed_to_subject_at,
            null::varchar as disclosure_exemption, null::varchar as authority_ref, 'US' as destination_country,
            'none' as consideration, 1 as record_count, true as ok_recipient, true as ok_reason, true as ok_agreement,
            null::boolean as ok_consent, null::boolean as ok_authority, false as ok_categories, true as ok_purpose,
            true as ok_transfer, true as ok_no_sale, true as ok_told, false as ok_not_stopped, false as within_policy,
            ['ok_categories', 'ok_not_stopped'] as failed_checks, false as exempt_told, false as needs_consent,
            'A-1' as agreement_ref,
            'clauses' as transfer_mechanism, ['voice'] as forbidden_categories, ['voice'] as unlisted_categories,
            'tickets/r1/objection' as stopped_by, 'objection' as stopped_right_type, ['objection'] as stopped_right_types,
            timestamptz '2026-03-01 09:59:59.999999+00' as stopped_at,
            []::varchar[] as possible_stop_right_types, ['objection'] as stops_in_force
        union all
        select
            'crm', 'd2', '4e5f6a7b', timestamptz '2026-03-01 10:00:00+00', 'court', 'legal_authority', 'required_by_law',
            ['contact'], null, 'legal_prohibition', 'order 7', null, 'none', 3, true, true, null, null, true, true, true, null,
            true, null, null, true, [], true, false, null, null, [], [], null, null, null, null, [], []
        union all
        select
            'crm', 'd3', null, timestamptz '2026-03-01 10:00:00+00', 'nobody', null, 'consented_or_requested',
            ['contact'], null, null, null, 'US', 'monetary', 40, false, null, null, false, null, null, null, false,
            false, null, null, false, ['ok_recipient', 'ok_consent', 'ok_transfer', 'ok_no_sale'], false, true,
            null, null, null, null,
            null, null, null, null, [], []
    """,
    "fct_processing": """
        select
            'crm' as namespace, 'p1' as event_id, '0a1b2c3d' as subject_key, timestamptz '2026-03-01 10:00:00+00' as occurred_at,
            'news' as purpose_code, 'crm' as system, ['contact', 'voice'] as data_categories, true as automated_decision,
            'consent' as legal_basis, true as ok_purpose, true as ok_basis, false as ok_consent, false as ok_not_stopped,
            false as ok_no_automated_decision, ['voice'] as unlisted_categories, false as ok_categories,
            'desk/r1/erasure' as stopped_by, 'erasure' as stopped_right_type, ['erasure'] as stopped_right_types,
            timestamptz '2026-03-01 09:59:59.999999+00' as stopped_at,
            'desk/r2/objection' as decision_stopped_by, 'objection' as decision_stopped_right_type,
            []::varchar[] as possible_stop_right_types, []::varchar[] as possible_decision_stop_right_types,
            ['erasure', 'objection'] as stops_in_force
        union all
        select
            'crm', 'p2', '4e5f6a7b', timestamptz '2026-03-01 10:00:00+00', 'taxes', 'erp', ['contact'], false,
            'legal_obligation', false, null, null, null, null, [], true, null, null, null, null, null, null, [], [], []
    """,
    "fct_metrics": """
        select
            'deadline_adherence' as metric_code, 'month' as period_grain, date '2026-02-01' as period_start,
            date '2026-03-01' as period_end, 'all' as dimension, 'all' as dimension_value, 1 as numerator, 2 as denominator,
            0.5::double as value, 0.5::double as value_worst, 'share' as unit,
            timestamptz '2026-03-01 00:00:00+00' as as_of, 'passed' as quality_verdict
        union all
        select
            'overdue_open', 'to_date', null, null, 'all', 'all', 1, null, 1, 1, 'requests',
            timestamptz '2026-03-01 00:00:00+00', 'passed'
    """,
    "rpt_waterfall": """
        select
            'to_date' as period_grain, null::date as period_start, 'all' as dimension, 'all' as dimension_value, 2 as received,
            0 as excluded, 0 as no_rule, 0 as no_deadline, 1 as closed_on_time, 0 as closed_late, 0 as paused,
            0 as open_in_time, 1 as open_overdue, 0 as balance
    """,
    "fct_records": """
        select
            'crm/R-1' as record_key, 'crm' as namespace, 'R-1' as record_id, '0a1b2c3d' as subject_key, 'mail' as data_category,
            3 as record_count, timestamptz '2026-01-05 09:00:00+00' as created_at, date '2026-01-05' as created_date,
            'SCH-MAIL' as schedule_id, 'created' as trigger, timestamptz '2026-01-05 09:00:00+00' as trigger_at,
            date '2026-01-10' as keep_until, date '2026-02-05' as delete_by, 4 as held_days, false as on_hold,
            timestamptz '2026-02-05 09:00:00+00' as deleted_at, date '2026-02-05' as deleted_date,
            'deleted' as deletion_event_type, null::timestamptz as reappeared_at, 'deleted_on_time' as status,
            null::bigint as over_days, false as is_alive
        union all
        select
            'crm/R-2', 'crm', 'R-2', null, 'mail', 40, timestamptz '2026-01-05 09:00:00+00', date '2026-01-05', 'SCH-MAIL',
            'created', timestamptz '2026-01-05 09:00:00+00', null, date '2026-02-05', 0, false, null, null, null, null,
            'over_retained', 24, true
        union all
        select
            'crm/R-3', 'crm', 'R-3', null, 'notes', 1, timestamptz '2026-01-05 09:00:00+00', date '2026-01-05', null, null,
            null, null, null, 0, false, null, null, null, null, 'unscheduled', null, true
    """,
    "fct_erasures": """
        select
            'tickets/r1/erasure' as request_key, 'tickets' as namespace, 'r1' as request_id, '0a1b2c3d' as subject_key,
            timestamptz '2026-02-01 09:00:00+00' as closed_at, date '2026-02-01' as closed_date,
            timestamptz '2026-03-03 23:59:59.999999+00' as judged_at, date '2026-03-03' as grace_ends_date,
            'incomplete' as status, 3 as record_sets, 1 as erased_sets, 1 as excused_sets, 1 as missed_records,
            40 as missed_record_count, ['crm/R-2'] as missed, 0 as reappeared_sets, ['crm', 'mail'] as expected_systems,
            ['mail'] as confirmed_systems, ['crm'] as unconfirmed_systems, 'e7' as event_id, []::varchar[] as recreated
    """,
    "fct_findings": """
        select
            'f1' as finding_key, 'overdue_open' as finding_code, 'high' as severity, 'fct_requests:tickets/r2/erasure' as entity,
            'g1' as group_key
    """,
    "fct_remediation_events": """
        select
            'office' as namespace, 'a1' as event_id, 'assigned' as event_type, 'g1' as group_key, 'Legal' as owner,
            false as is_withdrawn, null::varchar as withdrawn_event_id
        union all select 'office', 'a2', 'resolved', 'g2', null, true, null
        union all select 'office', 'a3', 'withdrawn', null, null, false, 'a2'
    """,
    "fct_remediations": """
        select
            'g1' as group_key, 'high' as severity, 1 as cases, 'overdue' as state, null::varchar as state_reason, true as is_open,
            'Legal' as owner, 3 as overdue_days, null::date as accepted_until, timestamptz '2026-03-01 10:00:00+00' as decided_at
        union all select 'g2', null, 0, 'resolved', 'no_case_left', false, null, null, null, null
    """,
    "rpt_finding_ages": """
        select
            'f1' as finding_key, 'overdue_open' as finding_code, 'high' as severity, 'by_fact' as closes,
            'requests/tickets/r2/erasure' as entity, timestamptz '2026-02-05 00:00:00+00' as opened_at,
            null::timestamptz as closed_at
        union all
        select
            'f2', 'overdue_open', 'high', 'by_fact', 'requests/tickets/r1/access', timestamptz '2026-01-05 00:00:00+00',
            timestamptz '2026-01-09 12:00:00+00'
    """,
    "fct_control_results": """
        select
            'CTL-1' as control_id, 'deadline_adherence' as metric_code, 'all' as dimension, 'all' as dimension_value,
            'month' as period_grain, date '2026-02-01' as period_start, 'missed' as status, 'passed' as quality_verdict,
            0.5::double as value, 1 as breaches, null::varchar as reason
        union all
        select
            'CTL-2', null, null, null, 'month', date '2026-02-01', 'insufficient_evidence', 'not_configured', null, null,
            'no attestation'
    """,
    "fct_control_status": """
        select 'CTL-1' as control_id, 'month' as period_grain, date '2026-02-01' as period_start, 'missed' as status
        union all select 'CTL-2', 'month', date '2026-02-01', 'insufficient_evidence'
    """,
    "dim_clauses": """
        select 'C-1' as clause_id, 'measured' as assessed_by, 'Write to privacy@example.org' as promise, '' as limits
    """,
    "dim_exceptions": """
        select
            'EX-1' as exception_id, 'CTL-1' as control_id, date '2026-02-01' as valid_from, date '2026-04-01' as valid_to,
            true as is_in_force, date '2026-03-01' as as_of_date, 'one system' as scope
        union all select 'EX-2', 'CTL-1', date '2026-04-01', date '2026-05-01', false, date '2026-03-01', null
    """,
    "dim_names": """
        select 'system' as dimension, 'crm' as code, 'Customer database' as name, true as is_in_force
        union all select 'purpose_code', 'news', 'News by mail', true
    """,
    "dim_agreements": """
        select
            'DPA-1' as agreement_ref, 'mail' as recipient_id, date '2026-01-01' as valid_from, date '2026-04-01' as valid_to,
            date '2026-03-31' as last_day, true as is_in_force, 30 as days_left, 'clauses' as transfer_mechanism,
            date '2026-03-01' as as_of_date
        union all select 'DPA-2', 'host', null, null, null, true, null, null, date '2026-03-01'
    """,
    "dim_metrics": """
        select 'deadline_adherence' as metric_code, 'on time / due' as description, ['all'] as dimensions
        union all select 'overdue_open', 'a count', ['all']
    """,
    "audit_source_verdicts": """
        select
            log, null::varchar as source, log as suite, 'passed' as verdict, 2 as declared, 2 as passed,
            []::varchar[] as failed_checks
        from (select unnest(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) as log)
    """,
    "audit_sources": """
        select
            'helpdesk' as source, 'requests' as log, 'tickets' as namespace, 0 as unaccounted_rows, 0 as unaccounted_source_rows,
            'unknown' as freshness
    """,
    "audit_quarantine": """
        select 'helpdesk' as source, 'requests' as log, 'unknown_code' as reason, 'channel' as column_name, 3 as rows
    """,
}
