-- What was asked for, by whom and where: one row per right of a request, with the rule that governs it.
{{ config(materialized='table', pre_hook=force_compression('uncompressed'), post_hook=force_compression('auto')) }}

with
events as (select * from {{ ref('stg_requests__events') }}),

instants as (select * from {{ source('run', 'run_instants') }}),

jurisdictions as (select * from {{ source('pack', 'jurisdictions') }}),

rules as (select * from {{ ref('int_requests__rules') }}),

received as (
    select events.*
    from events
    {{ only_changed('int_requests__changed', ['namespace', 'request_id'], 'int_requests__deadlines') }}
    where events.event_type = 'received' and {{ has_happened('events') }}
    qualify row_number() over (
        partition by events.namespace, events.request_id, events.right_type
        order by events.occurred_at, events.event_id
    ) = 1
),

-- The register's own dates begin at the organisation's midnight.
dated as (
    select
        received.*,
        instants.time_zone as organisation_zone,
        cast(timezone(instants.time_zone, received.occurred_at) as date) as register_date,
    from received
    cross join instants
),

asked_places as (select distinct jurisdiction from dated),

-- A place is its own row of the register, else its country's, else the row `*`.
known_places as (
    select asked_places.jurisdiction, known.regime_code, known.calendar, known.time_zone, known.valid_from, known.valid_to, 1 as distance
    from asked_places
    inner join jurisdictions as known on asked_places.jurisdiction = known.jurisdiction
    union all
    select asked_places.jurisdiction, known.regime_code, known.calendar, known.time_zone, known.valid_from, known.valid_to, 2 as distance
    from asked_places
    inner join jurisdictions as known on split_part(asked_places.jurisdiction, '-', 1) = known.jurisdiction
    union all
    select asked_places.jurisdiction, known.regime_code, known.calendar, known.time_zone, known.valid_from, known.valid_to, 3 as distance
    from asked_places
    inner join jurisdictions as known on known.jurisdiction = '*'
),

asked_days as (select distinct jurisdiction, register_date from dated),

places as (
    select asked_days.jurisdiction, asked_days.register_date, known.regime_code, known.calendar, known.time_zone
    from asked_days
    inner join known_places as known on asked_days.jurisdiction = known.jurisdiction
    where
        asked_days.register_date >= coalesce(known.valid_from, date '0001-01-01')
        and asked_days.register_date < coalesce(known.valid_to, date '9999-12-31')
    qualify row_number() over (
        partition by asked_days.jurisdiction, asked_days.register_date
        order by known.distance, known.valid_from desc nulls last
    ) = 1
),

placed as (
    select
        dated.*,
        coalesce(dated.regime_code, places.regime_code) as governing_regime,
        places.calendar as place_calendar,
        coalesce(places.time_zone, dated.organisation_zone) as time_zone,
        cast(timezone(coalesce(places.time_zone, dated.organisation_zone), dated.occurred_at) as date) as received_date,
    from dated
    left join places on dated.jurisdiction = places.jurisdiction and dated.register_date = places.register_date
)

select
    cast(row_number() over () as integer) as unit_no,
    placed.namespace || '/' || placed.request_id || '/' || placed.right_type as request_key,
    placed.namespace,
    placed.request_id,
    placed.right_type,
    placed.subject_key,
    placed.jurisdiction,
    placed.governing_regime as regime_code,
    placed.regime_code is not null as regime_is_override,
    placed.channel,
    coalesce(placed.role, 'controller') as role,
    placed.occurred_at as received_at,
    placed.recorded_at,
    placed.received_date,
    placed.time_zone,
    rules.rule_no,
    case when rules.calendar = 'CONTROLLER' then placed.place_calendar else rules.calendar end as calendar,
    placed.place_calendar,
    placed.source,
    placed.event_id,
    placed.batch_id,
    placed.row_number,
from placed
left join rules
    on
        placed.governing_regime = rules.regime_code
        and placed.right_type = rules.right_type
        and placed.received_date >= rules.valid_from
        and placed.received_date < rules.valid_to
