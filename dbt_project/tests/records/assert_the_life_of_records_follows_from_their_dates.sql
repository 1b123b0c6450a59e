-- A row here is a record set whose status contradicts the dates beside it.
select record_key, status, trigger_date, keep_until, delete_by, deleted_date
from {{ ref('fct_records') }}
where
    status is null
    or is_alive <> (deleted_at is null)
    or (deleted_at is null) <> (deletion_event_type is null)
    or (status = 'reappeared') <> (reappeared_at is not null)
    or (reappeared_at < deleted_at)
    or (starts_with(status, 'deleted_') and deleted_at is null)
    or (status in ('on_hold', 'not_started', 'over_retained', 'due_soon', 'within_period') and deleted_at is not null)
    or (status = 'on_hold' and not on_hold)
    or (schedule_id is null and (status not in ('unscheduled', 'reappeared', 'deleted_under_hold') or trigger_at is not null))
    or (trigger_at is null and (keep_until is not null or delete_by is not null))
    or (delete_by < keep_until)
    or (delete_by < unheld_delete_by)
    or ((status in ('over_retained', 'deleted_late')) <> (over_days is not null))
    or (over_days <= 0)
    or (status = 'deleted_late' and deleted_date <= delete_by)
    or (status = 'deleted_on_time' and deleted_date > delete_by)
    or (held_days < 0)
    or (records_left = 0) = is_alive
    or records_left + coalesce(deleted_record_count, 0) + coalesce(list_sum([part.record_count for part in partial_deletions]), 0) <> record_count
