-- What invented.py draws at random, and the traces that belong to it.
create table facts (
    request_key varchar, namespace varchar, source varchar, request_id varchar, right_type varchar, subject_key varchar,
        jurisdiction varchar,
    regime_code varchar, rule_id varchar, channel varchar, received_date date, base_due_date date, due_date date,
        conservative_due_date date,
    paused_days bigint, unpermitted_pause_days bigint, extension_status varchar, status varchar, strict_status varchar, closed_date date,
    outcome varchar, denial_reason varchar, exclusion_reason varchar, days_to_close bigint, days_open bigint, days_overdue bigint,
    ack_status varchar, batch_id varchar, row_number bigint
);
create table marts.fct_request_traces (request_key varchar, trace varchar, provenance varchar);
