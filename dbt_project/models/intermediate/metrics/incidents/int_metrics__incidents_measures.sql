-- Rates and counts of the incidents log by month and dimension. An assessment of no risk after the due instant or for many
-- persons, an answer before the detection (one of the two dates is wrong) and a notification of fewer persons than were
-- affected count in the figure and as missed in the worst case.
{{ measures_by_month(
    ref('int_metrics__incidents_unit_counts'),
    [
        {'code': 'authority_notification_adherence', 'basis': 'authority_due', 'population': "status <> 'nothing_due'",
         'denominator': "status in ('on_time', 'late', 'open_overdue')", 'numerator': "status = 'on_time'",
         'pending': "status = 'open_in_time'", 'doubtful': 'assessed_overdue or is_answered_too_early or no_risk_for_many'},
        {'code': 'person_notification_adherence', 'basis': 'persons_due', 'population': "persons_status <> 'nothing_due'",
         'denominator': "persons_status in ('on_time', 'late', 'open_overdue')", 'numerator': "persons_status = 'on_time'",
         'pending': "persons_status = 'open_in_time'", 'doubtful': 'persons_doubt is not null'},
        {'code': 'incident_count', 'basis': 'detected', 'numerator': 'true'},
        {'code': 'affected_subjects', 'basis': 'detected', 'numerator': 'true', 'weight': 'affected_subjects'},
    ],
    {'authority_due': 'authority_due_month', 'persons_due': 'persons_due_month', 'detected': 'detected_month'},
) }}
