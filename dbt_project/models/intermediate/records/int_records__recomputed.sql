-- The record sets that an incremental build recomputes, as int_records__scheduled has them. Empty in a full refresh, which reads all of
-- them there.
with
as_of as (
    select as_of as state_at, cast(timezone(time_zone, as_of) as date) as state_date
    from {{ source('run', 'run_instants') }}
),

records as (
    select timelines.*, as_of.state_at, as_of.state_date
    from {{ ref('int_records__timeline') }} as timelines
    cross join as_of
    {% if is_full_refresh() %}where false{% endif %}
),

changed_records as (
    select records.*
    from records
    semi join {{ ref('int_record_states__changed') }} as changed using (record_key)
),

periods as (
    {{ record_periods('changed_records') }}
)

select * from periods
