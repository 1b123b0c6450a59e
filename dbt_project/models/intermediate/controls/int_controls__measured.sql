-- Each target with its figure, its interpretations and its evidence: every input of the verdict.
with
targets as (select * from {{ ref('int_controls__targets') }} where metric_code is not null),

figures as (select * from {{ ref('int_metrics__figures') }}),

catalogue as (select * from {{ ref('metric_catalogue') }}),

metric_evidence as (select * from {{ ref('int_controls__metric_evidence') }}),

log_evidence as (select * from {{ ref('int_controls__log_evidence') }}),

reviews as (select * from {{ ref('int_controls__reviews') }}),

ceilings as (select ways_out_ceiling from {{ source('pack', 'settings') }}),

instants as (select refused_rows as refused_rows_allowed, match_rate as match_rate_asked from {{ source('run', 'run_instants') }}),

-- Without the register of contract terms it is unknown what they cover; everything else depends on the schedule alone.
registers as (
    select coalesce(bool_or(present), false) as has_contract_terms
    from {{ source('pack', 'registers') }}
    where register = 'contract_terms'
),

matches as (
    select dimension_value as log, numerator as known_persons, denominator as persons_concerned
    from figures
    where metric_code = 'subject_match_rate' and dimension = 'log'
),

measured_targets as (
    select
        targets.*,
        coalesce(targets.operator = '=' and targets.target in (0, 1), false) as is_exact,
        catalogue.name as metric_name,
        catalogue.unit,
        catalogue.statistic,
        catalogue.by_rule,
        figures.numerator,
        figures.denominator,
        figures.value,
        case when catalogue.strict_metric <> '' then strict.value end as value_strict,
        figures.value_worst,
        figures.rule_confidence,
        coalesce(figures.units, 0) as units,
        coalesce(figures.unjudged_units, 0) as unjudged_units,
        coalesce(figures.undated_units, 0) as undated_units,
        coalesce(figures.unweighed_units, 0) as unweighed_units,
        coalesce(figures.denominator, 0) + coalesce(figures.undated_units, 0) as datable_units,
        coalesce(figures.undated_units, 0) > 0 and (
            figures.undated_units / (coalesce(figures.denominator, 0) + figures.undated_units) > instants.refused_rows_allowed
            or is_exact
        ) as lacks_due_dates,
        figures.worst_numerator,
        figures.worst_denominator,
        coalesce(figures.pending_units, 0) as pending_units,
        coalesce(figures.low_numerator, 0) as low_numerator,
        coalesce(figures.low_denominator, 0) as low_denominator,
        metric_evidence.absent_logs,
        metric_evidence.stale_sources,
        metric_evidence.failed_logs,
        case
            when targets.dimension = 'contract' and not registers.has_contract_terms
                then list_append(metric_evidence.missing_registers, 'contract_terms')
            else metric_evidence.missing_registers
        end as missing_registers,
        metric_evidence.quality_verdict,
        metric_evidence.has_control_total,
        matches.known_persons,
        matches.persons_concerned,
        coalesce(matches.known_persons / nullif(matches.persons_concerned, 0) < instants.match_rate_asked, false) as hardly_meets,
        -- Those that may belong to the period, or all of them where their share of the whole log is too great.
        case
            when log_evidence.refused_share > instants.refused_rows_allowed then log_evidence.refused_in_all
            else coalesce(log_evidence.refused_rows, 0)
        end as refused_rows,
        coalesce(log_evidence.rows_read, 0) as rows_read,
        coalesce(log_evidence.missing_events, 0) as missing_events,
        -- One event may be against an exact promise, also where it is no unit of the figure: a stop, or the end of a consent.
        missing_events > 0 and is_exact as misses_too_much,
        coalesce(log_evidence.unread_files, 0) as unread_files,
        coalesce(log_evidence.silence_is_evidenced, false) and not misses_too_much as silence_is_evidenced,
        coalesce(log_evidence.refused_share > instants.refused_rows_allowed, false)
            or (coalesce(log_evidence.refused_rows, 0) > 0 and is_exact) as refuses_too_much,
        ways_out.numerator as requests_off_the_clock,
        ways_out.denominator as requests_received,
        coalesce(ways_out.value > ceilings.ways_out_ceiling, false) as leaves_too_much,
        reviews.attested_on is not null as is_reviewed,
        case when leaves_too_much then reviews.attestation_result end as attestation_result,
        case when leaves_too_much then reviews.attested_on end as attested_on,
        case when leaves_too_much then reviews.attested_by end as attested_by,
        case when leaves_too_much then reviews.attestation_valid_to end as attestation_valid_to
    from targets
    cross join instants
    cross join ceilings
    cross join registers
    inner join catalogue on targets.metric_code = catalogue.metric_code
    inner join metric_evidence on targets.metric_code = metric_evidence.metric_code
    left join matches on catalogue.match_log = matches.log
    -- Each figure with its strict interpretation, and for an adherence the share of its slice that was excluded or paused.
    {%- for name, metric in {
        'figures': 'figures.metric_code = targets.metric_code',
        'strict': 'strict.metric_code = catalogue.strict_metric',
        'ways_out': "ways_out.metric_code = 'ways_out_rate' and targets.metric_code in " ~ known_codes(adherences_of_requests()),
    }.items() %}
    left join figures{{ ' as ' ~ name if name != 'figures' }}
        on
            {{ metric }}
            and targets.period_grain = {{ name }}.period_grain
            and targets.period_start is not distinct from {{ name }}.period_start
            and targets.dimension = {{ name }}.dimension
            and targets.dimension_value = {{ name }}.dimension_value
    {%- endfor %}
    left join log_evidence
        on
            targets.metric_code = log_evidence.metric_code
            and targets.period_grain = log_evidence.period_grain
            and targets.period_start is not distinct from log_evidence.period_start
    left join reviews
        on
            targets.control_id = reviews.control_id
            and targets.period_grain = reviews.period_grain
            and targets.period_start is not distinct from reviews.period_start
),

-- Empty: no denominator under a rate, no unit under a count or a statistic.
evaluated_targets as (
    select
        * replace (
            case when statistic = 'rate' then coalesce(numerator, 0) else numerator end as numerator,
            case when statistic = 'rate' then coalesce(denominator, 0) else denominator end as denominator,
            case when statistic in ('count', 'sum') and units = 0 then null else value end as value
        ),
        case statistic when 'rate' then coalesce(denominator, 0) = 0 else units = 0 end as is_empty,
        -- Undetermined units where there is no other, so that they are not mistaken for no case.
        greatest(unjudged_units, coalesce(case statistic when 'rate' then worst_denominator else worst_numerator end, 0)) as doubtful_units,
        -- The single cases against the promise.
        case
            when operator in ('>=', '>') or (operator = '=' and target = 1) then denominator - numerator
            when operator in ('<=', '<') or (operator = '=' and target = 0) then numerator
        end as breaches,
        {{ reaches('value') }} as is_reached,
        {{ reaches('coalesce(value_strict, value)') }} as is_reached_strictly,
        -- What is in a file that nobody could read may be any number of cases against the promise.
        unread_files = 0 and not misses_too_much and coalesce({{ reaches('value_worst') }}, false) as is_reached_at_worst,
        -- Whether rules of low confidence decide that the target is reached.
        case
            when not by_rule or low_denominator = 0 then false
            when statistic = 'rate'
                then {{ reaches('((numerator - low_numerator) / nullif(denominator, 0))') }}
                    is distinct from {{ reaches('((numerator - low_numerator + low_denominator) / nullif(denominator, 0))') }}
            else {{ reaches('(numerator - low_numerator)') }} is distinct from {{ reaches('(numerator - low_numerator + low_denominator)') }}
        end as hangs_on_weak_rules
    from measured_targets
)

select * from evaluated_targets
