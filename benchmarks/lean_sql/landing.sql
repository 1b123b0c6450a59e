-- From the inbox of the {log} log to landed Parquet: validate, key the persons, drop what came twice, flag what contradicts.
-- {log}, {inbox}, {landed}, {columns} and {valid} are filled in by lean.py.

create temp table {log}_suspects as
select id_hash from (select hash(event_id) as id_hash from read_parquet('{inbox}')) group by id_hash having count(*) > 1;

create temp view {log}_typed as
with
numbered as (
    select * exclude (filename), parse_filename(filename) as batch_id, file_row_number + 1 as row_number
    from read_parquet('{inbox}', filename = true, file_row_number = true)
)

select
    '{log}' as namespace, event_id, coalesce(revision, 0) as revision, occurred_at, recorded_at, {columns},
    '{log}' as source, batch_id, 'key-1' as key_id, getvariable('landed_at') as landed_at, row_number
from numbered
{joins}
where event_id is not null and occurred_at is not null and {valid};

create temp table {log}_contested as
with
once as (
    select * exclude (batch_id, row_number), min({{batch_id: batch_id, row_number: row_number}}) as place
    from {log}_typed semi join {log}_suspects on hash(event_id) = id_hash
    group by all
)

select
    * exclude (place), unnest(place),
    row_number() over (partition by event_id order by place) > 1 as collides,
    revision = max(revision) over (partition by event_id) and count(*) over (partition by event_id, revision) = 1 as counts
from once;

copy (
    select {log}_typed.*, false as collides, true as counts from {log}_typed anti join {log}_suspects on hash(event_id) = id_hash
    union all by name
    from {log}_contested
) to '{landed}' (format parquet, parquet_version v2, compression zstd, compression_level 1);

create view {log} as
from read_parquet('{landed}')
where counts and occurred_at <= getvariable('as_of');
