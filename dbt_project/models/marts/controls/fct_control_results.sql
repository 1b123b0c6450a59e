-- The verdict on each control, metric and period: the first line of the table that applies.
with
measured_targets as (
    select measured_targets.*, broken.broken_properties
    from {{ ref('int_controls__measured') }} as measured_targets
    left join {{ ref('int_controls__broken_properties') }} as broken using (metric_code)
),

unmeasured_controls as (select * from {{ ref('int_controls__targets') }} where metric_code is null),

instants as (select as_of from {{ source('run', 'run_instants') }}),

-- Problems of the evidence, most basic first; an absent log has no further ones.
targets_with_problems as (
    select
        *,
        list_filter([
            case when len(absent_logs) > 0 then 'no log: ' || array_to_string(absent_logs, ', ') end,
            case when len(absent_logs) = 0 and len(stale_sources) > 0 then 'stale: ' || array_to_string(stale_sources, ', ') end,
            case when len(absent_logs) = 0 and len(failed_logs) > 0 then 'failed at the source gate: ' || array_to_string(failed_logs, ', ') end,
            case when len(broken_properties) > 0 then array_to_string(broken_properties, '; ') end,
            case
                when len(absent_logs) = 0 and refuses_too_much
                    then 'refused rows: ' || refused_rows || ' of ' || rows_read || ' read'
            end,
            case when lacks_due_dates then 'no declared due date: ' || undated_units || ' of ' || datable_units || ' cases' end,
            case when unweighed_units > 0 then 'no audience stated: ' || unweighed_units || if(unweighed_units = 1, ' change', ' changes') || ' of the policy' end,
            case when len(missing_registers) > 0 then 'no register: ' || array_to_string(missing_registers, ', ') end,
            case
                when hardly_meets
                    then 'identifiers hardly meet: ' || known_persons || ' of ' || persons_concerned || ' persons concerned are in the log'
            end,
            case
                when leaves_too_much and not is_reviewed
                    then requests_off_the_clock || ' of ' || requests_received || ' were excluded or paused'
            end,
            case when hangs_on_weak_rules then 'a rule of low confidence decides: ' || low_denominator || ' of ' || units || ' cases' end
        ], lambda problem: problem is not null) as problems,
        missing_events || if(missing_events = 1, ' event is', ' events are') || ' missing by an independent record count or a sequence' as missing_in_words,
        if(operator = '=' and statistic = 'count', 'no ' || unit || ' at risk', 'no case') as nothing_at_risk
    from measured_targets
),

verdicts as (
    select
        *,
        case
            when len(problems) > 0 then 'insufficient_evidence'
            when is_empty and pending_units > 0 then 'not_yet_due'
            when is_empty and doubtful_units = 0 and silence_is_evidenced then 'not_applicable'
            when is_empty then 'insufficient_evidence'
            when is_reached and is_reached_strictly and is_reached_at_worst and coalesce(breaches, 0) = 0 then 'met'
            when is_reached and is_reached_strictly and is_reached_at_worst then 'met_within_tolerance'
            when is_reached then 'met_on_main_reading'
            else 'missed'
        end as status
    from targets_with_problems
),

explained_verdicts as (
    select
        *,
        nullif(concat_ws(
            '; ',
            case status
                when 'insufficient_evidence' then case
                    when len(problems) > 0 then array_to_string(problems, '; ')
                    when doubtful_units > 0 then 'no case that can be assessed: ' || doubtful_units || ' that can''t'
                    when misses_too_much then nothing_at_risk || ', and ' || missing_in_words
                    else nothing_at_risk || ', and no delivery shows that nothing happened'
                end
                when 'not_yet_due' then pending_units || ' open, none fell due yet'
                when 'not_applicable' then nothing_at_risk || ', and every expected delivery came'
                when 'met_within_tolerance' then 'kept within tolerance, ' || breaches || if(breaches = 1, ' exception', ' exceptions')
                when 'met_on_main_reading' then case
                    when is_reached_strictly then 'not in the worst case'
                    when is_reached_at_worst then 'not by the strict interpretation'
                    else 'neither by the strict interpretation nor in the worst case'
                end
            end,
            case
                when status = 'met_on_main_reading' and missing_events > 0 and (unjudged_units > 0 or misses_too_much) then missing_in_words
                when status = 'met_on_main_reading' and unjudged_units >= {{ greatest_count() }}
                    then 'how many cases a rejected row holds can''t be read'
            end,
            case
                when status = 'met_on_main_reading' and unread_files > 0
                    then unread_files || if(unread_files = 1, ' file was rejected and never read', ' files were rejected and never read')
            end,
            case
                when leaves_too_much and is_reviewed
                    then requests_off_the_clock || ' of ' || requests_received || ' were excluded or paused, reviewed by ' || attested_by || ' on '
                        || attested_on || ': ' || attestation_result
            end
        ), '') as reason
    from verdicts
),

-- The last attestation made until the day whose registers apply.
attested_controls as (
    select
        unmeasured_controls.*,
        attestations.result as attestation_result,
        attestations.assessed_on as attested_on,
        attestations.valid_to as attestation_valid_to,
        attestations.assessor_role as attested_by
    from unmeasured_controls
    left join {{ ref('int_controls__attestations') }} as attestations
        on unmeasured_controls.control_id = attestations.control_id and attestations.assessed_on <= unmeasured_controls.register_date
    qualify row_number() over (
        partition by unmeasured_controls.control_id, unmeasured_controls.period_grain, unmeasured_controls.period_start
        order by attestations.assessed_on desc nulls last, attestations.valid_to, attestations.result, attestations.assessor_role
    ) = 1
),

manual_verdicts as (
    select
        *,
        case when assessed_by = 'manual' and register_date < attestation_valid_to then 'manual' else 'insufficient_evidence' end as status,
        case
            when assessed_by <> 'manual' then 'no target in force'
            when attested_on is null then 'no attestation'
            when register_date < attestation_valid_to then 'manual assessment: ' || attestation_result || ', stands until ' || attestation_valid_to
            else 'the attestation expired on ' || attestation_valid_to
        end as reason
    from attested_controls
),

all_verdicts as (
    select * from explained_verdicts
    union all by name
    select * from manual_verdicts
)

select
    all_verdicts.control_id,
    all_verdicts.clause_id,
    all_verdicts.metric_code,
    all_verdicts.dimension,
    all_verdicts.dimension_value,
    all_verdicts.period_grain,
    all_verdicts.period_start,
    all_verdicts.period_end,
    all_verdicts.operator,
    all_verdicts.target,
    all_verdicts.unit,
    all_verdicts.value,
    all_verdicts.value_worst,
    all_verdicts.value_strict,
    all_verdicts.numerator::bigint as numerator,
    all_verdicts.denominator::bigint as denominator,
    all_verdicts.breaches::bigint as breaches,
    all_verdicts.status,
    all_verdicts.reason,
    coalesce(all_verdicts.quality_verdict, 'not_configured') as quality_verdict,
    all_verdicts.units::bigint as units,
    all_verdicts.unjudged_units::bigint as unjudged_units,
    all_verdicts.pending_units::bigint as pending_units,
    all_verdicts.rule_confidence,
    all_verdicts.has_control_total,
    all_verdicts.attestation_result,
    all_verdicts.attested_on,
    all_verdicts.attested_by,
    all_verdicts.attestation_valid_to,
    instants.as_of
from all_verdicts
cross join instants
