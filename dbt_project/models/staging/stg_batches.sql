-- What landed, batch by batch, with its rows by class.
select * from {{ source('landing', 'batches') }}
