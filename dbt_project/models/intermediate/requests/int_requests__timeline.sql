-- The events of each right of a request in one pass, as moments (see macros/requests/moments.sql) instead of rows.

with
events as (select * from {{ ref('int_requests__events') }}),

settings as (select late_record_days * {{ 86400 * 1000000 }} as late_record_microseconds from {{ source('pack', 'settings') }}),

units as (select * from {{ ref('int_requests__units') }}),

-- What they declare is due at that instant, not at the end of its day.
declaring_instants as (select source from {{ source('landing', 'sources') }} where declared_due = 'instant'),

-- When each batch was delivered, however often it was landed again. A source's first day brings its history along, in one
-- delivery or, where a run was ended, in several: those landings give no record time.
deliveries as (
    select batch_id, delivered_at
    from (
        select batch_id, source, min(landed_at) over (partition by source, coalesce(origin_sha256, batch_id)) as delivered_at
        from {{ ref('stg_batches') }}
        where log = 'requests'
    )
    qualify epoch_us(delivered_at) - min(epoch_us(delivered_at)) over (partition by source) >= {{ 86400 * 1000000 }}
),

numbered_events as (
    select
        events.namespace,
        events.request_id,
        events.right_type,
        {{ moment('events.occurred_at', 'events.event_type', 'events.reason_code') }} as moment,
        {{ event_number_of('events.event_type') }} as event_number,
        events.declared_due_at,
        events.source in (select declaring.source from declaring_instants as declaring) as is_instant,
        case
            when
                events.event_type in {{ known_codes(event_types('requests', 'answer')) }}
                and epoch_us(coalesce(events.recorded_at, deliveries.delivered_at)) - epoch_us(events.occurred_at) > settings.late_record_microseconds
                then coalesce(events.recorded_at, deliveries.delivered_at)
        end as tardily_recorded_at,
        events.batch_id,
        events.row_number,
    from events
    cross join settings
    left join deliveries on events.batch_id = deliveries.batch_id
    {{ only_changed('int_requests__changed', ['namespace', 'request_id'], 'int_requests__deadlines') }}
),

-- An event that names no right concerns every right of the request that had been received by then.
unit_events as (
    select
        units.unit_no,
        numbered_events.moment,
        numbered_events.event_number,
        numbered_events.tardily_recorded_at,
        case when numbered_events.declared_due_at is not null then row(numbered_events.moment, numbered_events.declared_due_at, numbered_events.is_instant) end as claim,
        {{ landed_row('numbered_events.moment', 'numbered_events.batch_id', 'numbered_events.row_number') }} as landed_row,
    from numbered_events
    inner join units on numbered_events.namespace = units.namespace and numbered_events.request_id = units.request_id
    where
        numbered_events.right_type = units.right_type
        or (numbered_events.right_type is null and numbered_events.moment >= {{ moment_of('units.received_at') }})
),

unit_moments as (
    select
        unit_no,
        min(moment) filter (
            where event_number in {{ event_numbers(['acknowledged'] + event_types('requests', 'answer')) }}
        ) as responded,
        min(moment) filter (where event_number = {{ event_number('forwarded_to_controller') }}) as forwarded,
        max(moment) filter (where event_number = {{ event_number('reopened') }}) as reopened,
        list(moment) filter (where event_number = {{ event_number('reopened') }}) as reopenings,
        max(moment) filter (where event_number = {{ event_number('extension_revoked') }}) as revoked,
        list(moment) filter (where event_number = {{ event_number('extended') }}) as notices,
        list(moment) filter (
            where event_number in {{ event_numbers(event_types('requests', 'answer') + event_types('requests', 'departure')) }}
        ) as endings,
        list(moment) filter (
            where event_number in {{ event_numbers(event_types('requests', 'question') + event_types('requests', 'reply')) }}
        ) as questions,
        list(struct_pack(moment := moment, recorded_at := tardily_recorded_at)) filter (where tardily_recorded_at is not null) as tardy_answers,
        max(claim) as last_claim,
        list(landed_row) as landed_rows,
    from unit_events
    group by unit_no
),

answered_units as (
    select *, {{ first_after('endings', event_types('requests', 'answer'), 'reopened') }} as closed
    from unit_moments
)

select
    unit_no,
    responded,
    forwarded,
    notices is not null as has_notice,
    {{ first_after('notices', ['extended'], 'revoked') }} as notice,
    closed,
    -- Of one answer in two events the earlier record time counts.
    case
        when
            tardy_answers is not null
            and len(list_filter(endings, lambda m: m = closed)) = len(list_filter(tardy_answers, lambda a: a.moment = closed))
            then list_min(list_transform(list_filter(tardy_answers, lambda a: a.moment = closed), lambda a: a.recorded_at))
    end as answer_recorded_at,
    {{ first_after('endings', ['excluded'], 'reopened') }} as excluded,
    {{ first_after('endings', ['withdrawn'], 'reopened') }} as withdrawn,
    case when reopened is not null then list_concat(endings, reopenings) end as turns,
    questions,
    last_claim[2] as declared_due_at,
    last_claim[3] as declares_instant,
    landed_rows,
from answered_units
