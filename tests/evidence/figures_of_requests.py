"""What each metric of requests says that it is, in words of the rows of a bundle: shared by the tests that compute it again."""

from __future__ import annotations

ANSWERED = "in ('closed_on_time', 'closed_late', 'open_overdue')"
DUE, CLOSED = "coalesce(due_date, closed_date)", "closed_date is not null and status <> 'excluded'"
GROUNDS = (
    "('identity_not_verified', 'exempt', 'manifestly_unfounded', 'excessive', 'no_data', 'third_party_rights',"
    " 'legal_obligation')"
)
OTHERS = "coalesce(regime_code, '') <> 'DECLARED'"
# metric: the date that places a request, which ones it speaks about, what is counted, out of what (nothing: a count)
METRICS = {
    "requests_received": ("received_date", "true", "true", None),
    "deadline_adherence": (DUE, OTHERS, "status = 'closed_on_time'", f"status {ANSWERED}"),
    "deadline_adherence_strict": (DUE, OTHERS, "strict_status = 'closed_on_time'", f"strict_status {ANSWERED}"),
    "declared_adherence": (DUE, "regime_code = 'DECLARED'", "status = 'closed_on_time'", f"status {ANSWERED}"),
    "acknowledgement_adherence": (
        "ack_due_date", "status <> 'excluded'", "ack_status = 'on_time'", "ack_status in ('on_time', 'late', 'open_overdue')",
    ),
    "exclusion_rate": ("received_date", "true", "status = 'excluded'", "true"),
    "ways_out_rate": (
        "received_date", "true",
        "status in ('excluded', 'no_rule') or (status = 'no_deadline' and (regime_code = 'DECLARED' or regime_is_override))"
        " or (status = 'paused' and date '2026-09-30' - paused_since::date > 60)",
        "true",
    ),
    "forwarding_rate": (
        "received_date", "true", "forwarding_status = 'on_time'", "forwarding_status in ('on_time', 'late', 'open_overdue')",
    ),
    "max_achievable_adherence": (
        "received_date", "true", "status in ('closed_on_time', 'open_in_time', 'paused')",
        "status in ('closed_on_time', 'open_in_time', 'paused', 'closed_late', 'open_overdue')",
    ),
    "extension_rate": ("received_date", "true", "extension_status = 'valid'", "true"),
    "invalid_extension_count": ("received_date", "true", "extension_status in ('late', 'not_permitted')", None),
    "intake_lag_unknown_rate": ("received_date", "true", "recorded_at is null", "true"),
    "declared_deadline_disagreement": ("received_date", "true", "declared_differs", "declared_differs is not null"),
    "denial_rate": ("closed_date", CLOSED, "outcome = 'denied'", "true"),
    "denial_without_ground_count": (
        "closed_date", CLOSED, f"outcome = 'denied' and coalesce(denial_reason, '') not in {GROUNDS}", None,
    ),
    "closed_while_paused_count": ("closed_date", CLOSED, "closed_while_paused", None),
}  # fmt: skip
STATISTICS = {
    "median_days_to_close": "quantile_cont(days_to_close, 0.5)",
    "p90_days_to_close": "quantile_cont(days_to_close, 0.9)",
    "mean_days_to_close": "avg(days_to_close)",
}
