-- Every rate and count of the incidents log by month and dimension. What was assessed as no risk after the due instant or for
-- many persons, what was answered before it was detected (one of the two is dated wrongly), and what was notified to fewer persons
-- than were affected, is believed in the figure and a miss at worst.
{{ counted(
    ref('int_metrics__incidents_cases'),
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
