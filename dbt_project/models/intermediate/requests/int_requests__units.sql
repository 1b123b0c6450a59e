-- One row per right of a request, with the person, the place and the rule that governs it.

with
events as (select * from {{ ref('int_requests__events') }}),

instants as (select * from {{ source('run', 'run_instants') }}),

jurisdictions as (select * from {{ source('pack', 'jurisdictions') }}),

rules as (select * from {{ ref('int_requests__rules') }}),

receipts as (
    select events.*
    from events
    {{ only_changed('int_requests__changed', ['namespace', 'request_id'], 'int_requests__deadlines') }}
    where events.event_type = 'received'
    qualify row_number() over (
        partition by events.namespace, events.request_id, events.right_type
        order by events.occurred_at, events.event_id
    ) = 1
),

-- The register's own dates begin at the organisation's midnight.
dated_receipts as (
    select
        receipts.*,
        instants.time_zone as organisation_zone,
        cast(timezone(instants.time_zone, receipts.occurred_at) as date) as register_date,
    from receipts
    cross join instants
),

receipt_places as (select distinct jurisdiction from dated_receipts),

-- A place is its own row of the register, else its country's, else the row `*`.
candidate_places as (
    select receipt_places.jurisdiction, registered.regime_code, registered.calendar, registered.time_zone, registered.valid_from, registered.valid_to, 1 as distance
    from receipt_places
    inner join jurisdictions as registered on receipt_places.jurisdiction = registered.jurisdiction
    union all
    select receipt_places.jurisdiction, registered.regime_code, registered.calendar, registered.time_zone, registered.valid_from, registered.valid_to, 2 as distance
    from receipt_places
    inner join jurisdictions as registered on split_part(receipt_places.jurisdiction, '-', 1) = registered.jurisdiction
    union all
    select receipt_places.jurisdiction, registered.regime_code, registered.calendar, registered.time_zone, registered.valid_from, registered.valid_to, 3 as distance
    from receipt_places
    inner join jurisdictions as registered on registered.jurisdiction = '*'
),

receipt_days as (select distinct jurisdiction, register_date from dated_receipts),

places as (
    select receipt_days.jurisdiction, receipt_days.register_date, registered.regime_code, registered.calendar, registered.time_zone
    from receipt_days
    inner join candidate_places as registered on receipt_days.jurisdiction = registered.jurisdiction
    where
        receipt_days.register_date >= coalesce(registered.valid_from, date '0001-01-01')
        and receipt_days.register_date < coalesce(registered.valid_to, date '9999-12-31')
    qualify row_number() over (
        partition by receipt_days.jurisdiction, receipt_days.register_date
        order by registered.distance, registered.valid_from desc nulls last
    ) = 1
),

located_receipts as (
    select
        dated_receipts.*,
        coalesce(dated_receipts.regime_code, places.regime_code) as governing_regime,
        places.calendar as place_calendar,
        coalesce(places.time_zone, dated_receipts.organisation_zone) as time_zone,
        cast(timezone(coalesce(places.time_zone, dated_receipts.organisation_zone), dated_receipts.occurred_at) as date) as received_date,
    from dated_receipts
    left join places on dated_receipts.jurisdiction = places.jurisdiction and dated_receipts.register_date = places.register_date
)

select
    cast(row_number() over () as integer) as unit_no,
    located_receipts.namespace || '/' || located_receipts.request_id || '/' || located_receipts.right_type as request_key,
    located_receipts.namespace,
    located_receipts.request_id,
    located_receipts.right_type,
    located_receipts.subject_key,
    located_receipts.jurisdiction,
    located_receipts.governing_regime as regime_code,
    located_receipts.regime_code is not null as regime_is_override,
    located_receipts.channel,
    coalesce(located_receipts.role, 'controller') as role,
    located_receipts.occurred_at as received_at,
    located_receipts.recorded_at,
    located_receipts.received_date,
    located_receipts.time_zone,
    rules.rule_no,
    case when rules.calendar = 'CONTROLLER' then located_receipts.place_calendar else rules.calendar end as calendar,
    located_receipts.place_calendar,
    located_receipts.dimensions,
    located_receipts.source,
    located_receipts.event_id,
    located_receipts.batch_id,
    located_receipts.row_number,
from located_receipts
left join rules
    on
        located_receipts.governing_regime = rules.regime_code
        and located_receipts.right_type = rules.right_type
        and located_receipts.received_date >= rules.valid_from
        and located_receipts.received_date < rules.valid_to
