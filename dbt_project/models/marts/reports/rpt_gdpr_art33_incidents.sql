-- The documentation of personal data breaches, GDPR Art. 33(5), and the notification of Art. 33(3) as far as the logs record
-- them, with the names of the missing parts, which people write.
{% set unknown = [
    'categories_of_data_subjects', 'categories_of_records', 'records_concerned', 'contact_point', 'likely_consequences',
    'measures_taken',
] %}
with
incidents as (select * from {{ ref('fct_incidents') }}),

places as (select * from {{ source('pack', 'jurisdictions') }}),

incident_places as (
    select distinct jurisdiction, detected_date, split_part(jurisdiction, '-', 1) as country from incidents
),

-- The law of a place is its own row of the register, else its country's, else the row `*`.
regimes as (
    select incident_places.jurisdiction, incident_places.detected_date, places.regime_code
    from incident_places
    inner join places on places.jurisdiction in (incident_places.jurisdiction, incident_places.country, '*') and {{ in_force('places', 'incident_places.detected_date') }}
    qualify row_number() over (
        partition by incident_places.jurisdiction, incident_places.detected_date
        order by case places.jurisdiction when incident_places.jurisdiction then 1 when '*' then 3 else 2 end, places.valid_from desc nulls last
    ) = 1
)

select
    incidents.incident_key,
    incidents.namespace,
    incidents.source,
    incidents.incident_id,
    regimes.regime_code,
    incidents.jurisdiction,
    incidents.incident_type as nature_of_breach,
    incidents.occurred_at,
    incidents.detected_at as aware_at,
    incidents.detected_date as aware_date,
    incidents.affected_subjects,
    cast(null as varchar) as categories_of_data_subjects,
    cast(null as varchar) as categories_of_records,
    cast(null as bigint) as records_concerned,
    cast(null as varchar) as contact_point,
    cast(null as varchar) as likely_consequences,
    cast(null as varchar) as measures_taken,
    incidents.contained_at,
    incidents.assessed_no_risk_at,
    incidents.authority_due_at,
    incidents.authority_notified_at,
    incidents.authority_hours,
    incidents.status,
    incidents.on_time,
    cast(null as varchar) as delay_reasons,
    incidents.subjects_notified_at,
    incidents.closed_at,
    list_concat(
        {{ text_list(unknown) }},
        list_filter(
            [
                if(incidents.affected_subjects is null, 'affected_subjects', null),
                if(incidents.occurred_at is null, 'occurred_at', null),
                if(incidents.status in ('late', 'open_overdue'), 'delay_reasons', null),
            ],
            lambda name: name is not null
        )
    ) as missing,
    incidents.event_id,
    incidents.batch_id,
    incidents.row_number,
from incidents
inner join regimes on incidents.jurisdiction = regimes.jurisdiction and incidents.detected_date = regimes.detected_date
where regimes.regime_code in {{ gdpr_regimes() }}
