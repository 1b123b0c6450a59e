-- One string of one device -> an answer for each purpose that was asked for. A string that can't be read is quarantined with the reason.
-- ? Which of the TCF purposes does your banner ask for, and what does the pack call them? A bit of 0 is an answer only to a question.
with
purposes (number, purpose_code) as (
    values ('1', 'tcf_1'), ('2', 'tcf_2'), ('3', 'tcf_3'), ('4', 'tcf_4'), ('5', 'tcf_5'), ('6', 'tcf_6'), ('7', 'tcf_7'), ('8', 'tcf_8'),
    ('9', 'tcf_9'), ('10', 'tcf_10'), ('11', 'tcf_11')
)

select
    source._row,
    'tcf:' || source.record_id || ':' || purposes.number as event_id,
    source.recorded_at as occurred_at,
    source.device as subject_ref,
    purposes.purpose_code,
    case
        when source.tc_string_problem is not null then 'unreadable: ' || source.tc_string_problem
        when source.tc_string_purposes is null then 'no string'
        when list_contains(source.tc_string_purposes, purposes.number) then 'given'
        else 'refused'
    end as event_type,
    source.jurisdiction,
    source.notice_id,
    source.policy_version
from source, purposes
