-- The dimensions of one's own that promisekept.yml declares, by the log that they are read from.
with
declarations as (
    select unnest(string_split(dimensions, ';')) as declaration
    from {{ source('run', 'run_instants') }}
),

parts as (
    select
        split_part(split_part(declaration, '=', 1), '.', 1) as kind,
        split_part(split_part(declaration, '=', 1), '.', 2) as dimension,
        split_part(declaration, '=', 2) as title,
    from declarations
    where declaration <> ''
)

select
    case kind when 'records' then 'retention' else kind end as log,
    dimension,
    title,
from parts
