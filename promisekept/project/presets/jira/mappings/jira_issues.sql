-- One issue with its changelog -> its receipt, each resolution, and each time that a resolution was taken back.
-- Statuses are of your own workflow and are not read; a resolution that is not named here passes through and is quarantined by its name.
-- ? Which right does an issue ask for? It is read from a label such as `right-erasure`.
-- ? What do your resolutions mean in law? 'Done' may be 'fulfilled', 'Declined' may be 'denied' with a reason. State it in `meant`.
with
meant (resolution, event_type, reason_code) as (
    values ('Duplicate', 'excluded', 'duplicate')
),

issues as (
    select
        *,
        from_json(coalesce(nullif(fields -> '$.labels', 'null'), '[]'), '["VARCHAR"]') as labels,
        from_json(coalesce(nullif(changelog -> '$.histories', 'null'), '[]'), '["JSON"]') as histories
    from source
),

histories as (
    select _row, key, unnest(histories) as history from issues
),

changes as (
    select
        _row,
        key,
        history ->> '$.id' as id,
        history ->> '$.created' as occurred_at,
        unnest(from_json(history -> '$.items', '["JSON"]')) as item
    from histories
),

resolutions as (
    select *, nullif(item ->> '$.toString', '') as resolution from changes where item ->> '$.field' = 'resolution'
)

select
    _row,
    key || ':received' as event_id,
    fields ->> '$.updated' as revision,
    key as request_id,
    'received' as event_type,
    fields ->> '$.created' as occurred_at,
    coalesce(replace(list_filter(labels, lambda label: starts_with(label, 'right-'))[1], 'right-', ''), 'no label right-...') as right_type,
    upper(replace(list_filter(labels, lambda label: starts_with(label, 'place-'))[1], 'place-', '')) as jurisdiction,
    coalesce(fields ->> '$.reporter.emailAddress', fields ->> '$.reporter.accountId') as subject_ref,
    case when fields ->> '$.reporter.emailAddress' is null then 'other' end as subject_ref_type,
    null as reason_code
from issues
union all
select
    resolutions._row,
    'change:' || resolutions.id,
    null,
    resolutions.key,
    case when resolutions.resolution is null then 'reopened' else coalesce(meant.event_type, resolutions.resolution) end,
    resolutions.occurred_at,
    null,
    null,
    null,
    null,
    meant.reason_code
from resolutions
left join meant on resolutions.resolution = meant.resolution
