-- One string of one device -> each opt-out that it states; where the choice was offered and not taken, that it was shown. The TCF part
-- of a GPP string is not read here: export it as a TC string. A section that is not known is quarantined by its number.
-- ? What does the pack call the purposes `sale`, `sharing` and `targeted_advertising`?
with
choices as (
    select
        *,
        unnest(
            case
                when gpp_string_problem is not null then ['unreadable: ' || gpp_string_problem]
                when gpp_string_sections is null then ['no string']
                else list_concat(
                    coalesce(gpp_string_opt_outs, []),
                    list_filter(coalesce(gpp_string_offered, []), lambda one: not list_contains(coalesce(gpp_string_opt_outs, []), one)),
                    list_transform(coalesce(gpp_string_unread, []), lambda one: 'section ' || one)
                )
            end
        ) as choice
    from source
)

select
    _row,
    'gpp:' || record_id || ':' || choice as event_id,
    recorded_at as occurred_at,
    device as subject_ref,
    case when choice in ('sale', 'sharing', 'targeted_advertising') then choice else 'unknown' end as purpose_code,
    case
        when choice not in ('sale', 'sharing', 'targeted_advertising') then choice
        when list_contains(gpp_string_opt_outs, choice) then 'refused'
        else 'shown'
    end as event_type,
    case when gpp_string_gpc = 'true' then 'gpc' end as mechanism,
    jurisdiction,
    notice_id,
    policy_version
from choices
