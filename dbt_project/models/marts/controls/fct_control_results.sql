-- From a promise to a verdict, by the first line of the table that fits.
with
measured as (
    select measured.*, broken.broken_properties
    from {{ ref('int_controls__measured') }} as measured
    left join {{ ref('int_controls__broken_properties') }} as broken using (metric_code)
),
unmeasured as (select * from {{ ref('int_controls__targets') }} where metric_code is null),
instants as (select as_of from {{ source('run', 'run_instants') }}),

-- What is wrong with the evidence, most basic first; nothing further is said of a log that isn't there.
weighed as (
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
                    then requests_off_the_clock || ' of ' || requests_received || ' left the clock'
            end,
            case when hangs_on_weak_rules then 'a rule of low confidence decides: ' || low_denominator || ' of ' || units || ' cases' end
        ], lambda problem: problem is not null) as problems,
        if(operator = '=' and statistic = 'count', 'no ' || unit || ' at risk', 'no case') as nothing_at_risk
    from measured
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
    from weighed
),

explained as (
    select
        *,
        nullif(concat_ws(
            '; ',
            case status
                when 'insufficient_evidence' then case
                    when len(problems) > 0 then array_to_string(problems, '; ')
                    when doubtful_units > 0 then 'no case that can be judged: ' || doubtful_units || ' that can''t'
                    else nothing_at_risk || ', and the silence is not evidenced'
                end
                when 'not_yet_due' then pending_units || ' open, none fell due yet'
                when 'not_applicable' then nothing_at_risk || ', and every expected delivery came'
                when 'met_within_tolerance' then 'kept within tolerance, ' || breaches || if(breaches = 1, ' exception', ' exceptions')
                when 'met_on_main_reading' then 'not by ' || case
                    when is_reached_strictly then 'the worst reading'
                    when is_reached_at_worst then 'the strict reading'
                    else 'the strict and the worst reading'
                end
            end,
            case
                when leaves_too_much and is_reviewed
                    then requests_off_the_clock || ' of ' || requests_received || ' left the clock, reviewed by ' || attested_by || ' on '
                        || attested_on || ': ' || attestation_result
            end
        ), '') as reason
    from verdicts
),

-- The attestation of the day on which a period is judged: the last one made until then.
attested as (
    select
        unmeasured.*,
        attestations.result as attestation_result,
        attestations.assessed_on as attested_on,
        attestations.valid_to as attestation_valid_to,
        attestations.assessor_role as attested_by
    from unmeasured
    left join {{ source('pack', 'attestations') }} as attestations
        on unmeasured.control_id = attestations.control_id and attestations.assessed_on <= unmeasured.judged_on
    qualify row_number() over (
        partition by unmeasured.control_id, unmeasured.period_grain, unmeasured.period_start
        order by attestations.assessed_on desc nulls last
    ) = 1
),

assessed_otherwise as (
    select
        *,
        case when assessed_by = 'manual' and judged_on < attestation_valid_to then 'manual' else 'insufficient_evidence' end as status,
        case
            when assessed_by <> 'manual' then 'no target in force'
            when attested_on is null then 'no attestation'
            when judged_on < attestation_valid_to then 'assessed by hand: ' || attestation_result || ', stands until ' || attestation_valid_to
            else 'the attestation expired on ' || attestation_valid_to
        end as reason
    from attested
),

together as (
    select * from explained
    union all by name
    select * from assessed_otherwise
)

select
    together.control_id,
    together.clause_id,
    together.metric_code,
    together.dimension,
    together.dimension_value,
    together.period_grain,
    together.period_start,
    together.period_end,
    together.operator,
    together.target,
    together.unit,
    together.value,
    together.value_worst,
    together.value_strict,
    together.numerator::bigint as numerator,
    together.denominator::bigint as denominator,
    together.breaches::bigint as breaches,
    together.status,
    together.reason,
    coalesce(together.quality_verdict, 'not_configured') as quality_verdict,
    together.units::bigint as units,
    together.unjudged_units::bigint as unjudged_units,
    together.pending_units::bigint as pending_units,
    together.rule_confidence,
    together.has_control_total,
    together.attestation_result,
    together.attested_on,
    together.attested_by,
    together.attestation_valid_to,
    instants.as_of
from together
cross join instants
