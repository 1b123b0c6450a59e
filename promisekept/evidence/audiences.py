"""What each audience may have of a snapshot, and which rows of a mart belong to a period.

Here: one entry per mart: its key, the rows of a period, the rows of a regime. A condition speaks of the mart as `mart` and of
the one-row relation `scope(start_date, end_date, regime, zone)`; `kept_requests(request_key)` holds the requests of the bundle.
Not here: writing rows (tables.py) or which cells of a public table are shown (suppression.py).

A unit belongs to a period if it was there in it or a date that places it in a figure falls into it, so that each figure of the
period can be computed again from the rows beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promisekept.evidence.scope import Scope

_REQUEST_DATES = (
    "due_date, strict_due_date, base_due_date, ack_due_date, declared_due_date, closed_date, left_date, received_date"
)
_WHOLE_PERIODS = "mart.period_start >= scope.start_date and mart.period_end <= scope.end_date and mart.period_grain <> 'to_date'"
_OF_REQUESTS = "mart.request_key in (select request_key from kept_requests)"
_OF_REGIME = "mart.dimension = 'regime_code' and mart.dimension_value = scope.regime"


def _local(column: str) -> str:
    return f"(mart.{column} at time zone scope.zone)::date"


def _falls(day: str) -> str:
    return f"{day} >= scope.start_date and {day} < scope.end_date"


@dataclass(frozen=True, slots=True)
class Mart:
    """One mart of a bundle.

    Attributes:
        name: of the mart and of its files.
        key: the columns that identify its rows.
        within: which rows belong to the period; all of them where there is no condition.
        of_regime: which rows belong to a regime; None where no row names its regime, and the mart is left out then.
        for_public: the columns of a public bundle; none = the mart is no public one.
    """

    name: str
    key: tuple[str, ...]
    within: str = "true"
    of_regime: str | None = None
    for_public: tuple[str, ...] = ()


_PERIOD = ("period_grain", "period_start", "period_end")
MARTS: Sequence[Mart] = (
    Mart("fct_requests", ("request_key",), _OF_REQUESTS, "true"),
    Mart("fct_request_traces", ("request_key",), _OF_REQUESTS, "true"),
    Mart("fct_erasures", ("request_key",), _falls("mart.closed_date"), _OF_REQUESTS),
    Mart(
        "fct_consents",
        ("namespace", "event_id", "subject_key", "purpose_code", "valid_from"),
        f"{_local('valid_from')} < scope.end_date and coalesce({_local('valid_to')} >= scope.start_date, true)",
    ),
    Mart(
        "fct_withdrawal_systems",
        ("namespace", "event_id", "subject_key", "purpose_code", "system"),
        _falls(_local("withdrawn_at")),
    ),
    Mart("fct_disclosures", ("namespace", "event_id"), _falls("mart.occurred_date")),
    Mart("fct_collections", ("namespace", "event_id"), _falls("mart.occurred_date")),
    Mart("fct_processing", ("namespace", "event_id"), _falls("mart.occurred_date")),
    Mart(
        "fct_records",
        ("record_key",),
        "mart.created_date < scope.end_date and (mart.deleted_date is null or mart.deleted_date >= scope.start_date"
        f" or {_local('reappeared_at')} >= scope.start_date)",
    ),
    Mart(
        "fct_incidents",
        ("incident_key",),
        f"({_falls('mart.detected_date')}) or ({_falls(_local('authority_due_at'))}) or ({_falls(_local('persons_due_at'))})",
    ),
    Mart(
        "fct_policy_versions",
        ("policy_version_key",),
        for_public=("policy_version", "published_date", "effective_date", "in_force"),
    ),
    Mart(
        "fct_findings",
        ("finding_key",),
        f"mart.occurred_at is null or ({_falls(_local('occurred_at'))})",
        "mart.entity in (select 'requests/' || request_key from kept_requests)",
    ),
    Mart("fct_remediations", ("group_key",), f"coalesce({_local('first_at')} < scope.end_date, true)"),
    Mart("fct_remediation_events", ("namespace", "event_id"), "mart.occurred_date < scope.end_date"),
    Mart(
        "rpt_finding_ages",
        ("finding_key",),
        f"mart.opened_at is null or ({_local('opened_at')} < scope.end_date"
        f" and coalesce({_local('closed_at')} >= scope.start_date, true))",
        "mart.entity in (select 'requests/' || requests.request_key from marts.fct_requests as requests"
        " where requests.regime_code = scope.regime)",
    ),
    Mart(
        "fct_metrics",
        ("metric_code", *_PERIOD, "dimension", "dimension_value"),
        _WHOLE_PERIODS,
        _OF_REGIME,
        ("metric_code", *_PERIOD, "dimension", "dimension_value", "numerator", "denominator", "value", "unit", "as_of",
         "quality_verdict"),
    ),
    Mart("fct_control_results", ("control_id", "metric_code", "dimension", "dimension_value", *_PERIOD), _WHOLE_PERIODS),
    Mart(
        "fct_control_status",
        ("control_id", *_PERIOD),
        _WHOLE_PERIODS,
        for_public=("control_id", "clause_id", *_PERIOD, "status", "metric_code", "quality_verdict", "as_of"),
    ),
    Mart(
        "dim_metrics",
        ("metric_code",),
        of_regime="true",
        for_public=("metric_code", "name", "unit", "statistic", "period_by", "is_state", "description"),
    ),
    Mart(
        "dim_clauses",
        ("clause_id",),
        of_regime="true",
        for_public=("clause_id", "section", "promise", "source", "assessed_by", "limits"),
    ),
    Mart("dim_exceptions", ("exception_id",), "mart.valid_from < scope.end_date and mart.valid_to > scope.start_date", "true"),
    Mart("rpt_waterfall", (*_PERIOD, "dimension", "dimension_value"), _WHOLE_PERIODS, _OF_REGIME),
    Mart("rpt_roll_forward", (*_PERIOD, "right_type"), _WHOLE_PERIODS),
    Mart("rpt_scope", ("system", "log", "source", *_PERIOD), _WHOLE_PERIODS),
    # An event that is missing on an earlier day may be a case of the period, and a number that never came may be of any day.
    Mart(
        "fct_source_completeness",
        ("source", "day"),
        f"{_falls('mart.day')} or mart.missing_events > 0 or mart.missing_numbers > 0",
        "true",
    ),
    Mart(
        "rpt_ccpa_7101",
        ("request_key",),
        f"({_falls('mart.date_of_request')}) or ({_falls('mart.date_of_response')})",
        _OF_REQUESTS,
    ),
    Mart(
        "rpt_ccpa_7102",
        ("calendar_year", "request_type"),
        "mart.calendar_year = year(scope.start_date)",
        "scope.regime = 'US_CA_CCPA'",
        ("calendar_year", "request_type", "received", "complied_in_whole", "complied_in_part", "denied", "unanswered",
         "withdrawn", "not_counted", "median_days", "mean_days", "year_is_over", "as_of"),
    ),
    Mart(
        "rpt_gdpr_art12_requests",
        ("regime_code", "right_type", "month_start"),
        _falls("mart.month_start"),
        "mart.regime_code = scope.regime",
    ),
    Mart("rpt_gdpr_art30", ("purpose_code",)),
    Mart("rpt_gdpr_art33_incidents", ("incident_key",), _falls("mart.aware_date"), "mart.regime_code = scope.regime"),
    Mart("audit_sources", ("source", "log"), of_regime="true"),
    Mart("audit_source_verdicts", ("log", "source", "suite"), of_regime="true"),
    Mart("audit_quarantine", ("source", "log", "reason", "column_name"), of_regime="true"),
)  # fmt: skip

SCOPE = (
    "create or replace temp table scope as select ?::date as start_date, ?::date as end_date, ?::varchar as regime,"
    " ?::varchar as zone"
)
"""Binds the period's first day, the first day after it, a regime or null, and the organisation's zone."""

KEPT_REQUESTS = f"""
create or replace temp table kept_requests as
select mart.request_key
from marts.fct_requests as mart, scope
where
    (scope.regime is null or mart.regime_code = scope.regime)
    and least({_REQUEST_DATES}) < scope.end_date
    and (
        greatest({_REQUEST_DATES}) >= scope.start_date
        or (mart.closed_date is null and mart.left_date is null)
    )
"""


def marts_of(scope: Scope) -> list[Mart]:
    """The marts of a bundle: a public one holds counts and definitions, a regime's the rows that name it."""
    return [mart for mart in MARTS if left_out(mart, scope) is None]


def left_out(mart: Mart, scope: Scope) -> str | None:
    """Why a bundle does not have a mart; None where it has it."""
    if scope.audience == "public" and not mart.for_public:
        return "audience: the public gets counts and definitions only"
    if scope.regime is not None and mart.of_regime is None:
        return "regime: its rows do not name the regime that they fall under"
    return None
