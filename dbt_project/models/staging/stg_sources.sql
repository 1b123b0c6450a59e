-- What should land: the configured sources and what is expected of them.
select * from {{ source('landing', 'sources') }}
