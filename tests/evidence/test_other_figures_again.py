"""Every figure of the other logs in a bundle, computed again by DuckDB from the rows beside it, from what the metric says it is.

With test_figures_again.py these are all metrics: the last test sees to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import duckdb
import pytest
from evidence.figures_of_requests import METRICS as OF_REQUESTS
from evidence.figures_of_requests import STATISTICS as OF_CLOSED_REQUESTS

ZONE = "America/New_York"
TO_DATE = {"overdue_open", "subject_match_rate"}
"""Over all time, so in no bundle of a period."""


def local(instant: str) -> str:
    return f"({instant} at time zone '{ZONE}')::date"


@dataclass(frozen=True)
class Figure:
    """A metric in words of the rows: by which day it is placed, what is counted, out of what (nothing: a count)."""

    rows: str
    day: str
    numerator: str
    denominator: str | None = None
    dimensions: tuple[str, ...] = ("source",)
    where: str = "true"
    placed: str = "{day} >= m.period_start and {day} < m.period_end"
    of_periods: str = "true"
    unnested: dict[str, str] = field(default_factory=dict)
    """A dimension of which a row has several values, and the list that holds them."""


SHARED = {"rows": "fct_disclosures", "day": "occurred_date", "dimensions": ("recipient_id", "purpose_code", "source")}
COLLECTED = {"rows": "fct_collections", "day": "occurred_date", "dimensions": ("collection_type", "feature", "source")}
DONE = {"rows": "fct_processing", "day": "occurred_date", "dimensions": ("purpose_code", "system", "source")}
CONTRACT = (
    "case when has_contract_term then 'with_terms' when lacks_contract_terms then 'unknown' else 'without_terms' end as contract"
)
KEPT = {
    "rows": f"(select *, {CONTRACT} from fct_records)",
    "dimensions": ("data_category", "purpose_code", "system", "contract", "source"),
}
REMOVALS = f"""
(
    with sets as (select *, {CONTRACT} from fct_records)
    select contract, data_category, purpose_code, system, source, deleted_date, status, deleted_record_count from sets
    union all by name
    select contract, data_category, purpose_code, system, source, (part ->> 'deleted_date')::date as deleted_date,
        part ->> 'status' as status, (part ->> 'record_count')::bigint as deleted_record_count
    from (select *, unnest(partial_deletions::json[]) as part from sets)
)
"""
DELETED, AT_THE_END = (
    {**KEPT, "rows": REMOVALS, "day": "deleted_date"},
    "r.created_date < m.period_end and coalesce(r.deleted_date >= m.period_end, true)",
)
# How long a record set was over at the end of an earlier month is told by its events alone (reperform.sh): here at as_of.
OVER = {**KEPT, "day": "", "placed": AT_THE_END, "of_periods": "m.period_end >= date '2026-10-01'"}
CONSENTED = {"dimensions": ("purpose_code", "source")}
ACTIVE = {
    **CONSENTED,
    "rows": "fct_consents",
    "day": "",
    "where": "state = 'active'",
    "placed": f"{local('r.valid_from')} < m.period_end and coalesce({local('r.valid_to')} >= m.period_end, true)",
}
INCIDENTS = {"rows": "fct_incidents", "dimensions": ("jurisdiction", "incident_type", "source")}
LANDED = {"rows": "batches", "day": local("landed_at"), "where": "not superseded"}
RIGHTS = {"right_type": "if(not ok_not_stopped, stopped_right_types::json::varchar[], [])"}
UNLISTED = """
(
    select occurred_date, source, ok_categories, unlisted_categories from fct_collections
    union all select occurred_date, source, ok_categories, unlisted_categories from fct_processing
)
"""
USED = """
(
    select occurred_date, purpose_code, source, consent_provable, consent_version_in_force from fct_processing where ok_consent
    union all
    select occurred_date, purpose_code, source, consent_provable, consent_version_in_force from fct_disclosures where ok_consent
)
"""

ACTED_FOR = """
(
    select occurred_date, source, ok_purpose, purpose_code, null as system from fct_collections
    union all select occurred_date, source, ok_purpose, purpose_code, system from fct_processing
)
"""
NAMING = """
(
    select occurred_date, source, ok_purpose as is_declared, purpose_code from fct_collections
    union all select occurred_date, source, ok_purpose, purpose_code from fct_processing
    union all select occurred_date, source, purpose_declared, purpose_code from fct_disclosures
    union all select created_date, source, purpose_declared, purpose_code from fct_records
)
"""

FIGURES = {
    "consent_opt_in_rate": Figure(
        "fct_consents", local("valid_from"), "event_type = 'given'", "event_type in ('given', 'refused')",
        where="is_first_decision", **CONSENTED,
    ),
    "consent_opt_in_rate_of_shown": Figure("met", local("met_at"), "is_given", "true", where="was_shown", **CONSENTED),
    "consent_opt_in_rate_of_all": Figure("met", local("met_at"), "is_given", "true", **CONSENTED),
    "active_consents": Figure(numerator="true", **ACTIVE),
    "consent_provable_rate": Figure(numerator="provable", denominator="true", **ACTIVE),
    "withdrawal_unconfirmed": Figure(
        "fct_withdrawal_systems", local("withdrawn_at"), "not in_time", dimensions=("purpose_code", "source", "system")
    ),
    "withdrawal_not_recorded_count": Figure(
        "fct_consents", local("valid_from"), "not recorded_in_time",
        where="request_key is not null and is_withdrawal", **CONSENTED,
    ),
    "consent_provable_at_use": Figure(USED, "occurred_date", "consent_provable", "true", **CONSENTED),
    "consent_version_in_force_at_use": Figure(USED, "occurred_date", "consent_version_in_force", "true", **CONSENTED),
    "within_policy_rate": Figure(numerator="within_policy", denominator="true", **SHARED),
    "within_policy_rate_by_records": Figure(
        numerator="within_policy::int * record_count", denominator="record_count", **SHARED
    ),
    "disclosure_reason_rate": Figure(numerator="ok_reason", denominator="ok_reason is not null", **SHARED),
    "disclosure_told_rate": Figure(numerator="ok_told", denominator="ok_told is not null", **SHARED),
    "disclosure_told_rate_by_records": Figure(
        numerator="ok_told::int * record_count", denominator="(ok_told is not null)::int * record_count", **SHARED
    ),
    "authority_coverage": Figure(numerator="ok_authority", denominator="ok_authority is not null", **SHARED),
    "disclosure_purpose_coverage": Figure(numerator="ok_purpose", denominator="ok_purpose is not null", **SHARED),
    "disclosure_category_coverage": Figure(numerator="ok_categories", denominator="ok_categories is not null", **SHARED),
    "told_exempt_rate": Figure(numerator="exempt_told", denominator="true", **SHARED),
    "disclosure_reason_other_count": Figure(numerator="reason_code = 'other'", **SHARED),
    "sale_count": Figure(numerator="not ok_no_sale", **SHARED),
    "disclosure_after_stop": Figure(numerator="not ok_not_stopped", unnested=RIGHTS, **SHARED),
    "disclosure_without_consent": Figure(numerator="not ok_consent", **SHARED),
    "unlisted_recipient_count": Figure(numerator="not ok_recipient", **SHARED),
    "agreement_coverage": Figure(numerator="ok_agreement", denominator="ok_agreement is not null", **SHARED),
    "transfer_coverage": Figure(numerator="ok_transfer", denominator="ok_transfer is not null", **SHARED),
    "notice_at_collection_rate": Figure(numerator="ok_notice", denominator="ok_notice is not null", **COLLECTED),
    "notice_exempt_rate": Figure(numerator="notice_exemption is not null", denominator="true", **COLLECTED),
    "purpose_limitation_rate": Figure(
        ACTED_FOR, "occurred_date", "ok_purpose", "ok_purpose is not null", dimensions=("purpose_code", "system", "source")
    ),
    "undeclared_purpose_count": Figure(NAMING, "occurred_date", "not is_declared", dimensions=("purpose_code", "source")),
    "consent_required_on_other_basis": Figure(numerator="not ok_basis", **DONE),
    "processing_without_consent": Figure(numerator="not ok_consent", **DONE),
    "processing_after_stop": Figure(numerator="not ok_not_stopped", unnested=RIGHTS, **DONE),
    "acts_while_pending": Figure(
        numerator="pending_request is not null and legal_basis <> 'unknown'",
        unnested={"right_type": "pending_right_types::json::varchar[]"}, **DONE,
    ),
    "automated_decisions_after_objection": Figure(numerator="not ok_no_automated_decision", **DONE),
    "unlisted_category_count": Figure(
        UNLISTED, "occurred_date", "not ok_categories", unnested={"data_category": "unlisted_categories::json::varchar[]"}
    ),
    "deletion_timeliness": Figure(
        numerator="(status = 'deleted_on_time')::int * deleted_record_count",
        denominator="(status in ('deleted_on_time', 'deleted_late'))::int * deleted_record_count",
        **DELETED,
    ),
    "early_deletions": Figure(numerator="status = 'deleted_early'", **DELETED),
    "deletions_under_hold": Figure(numerator="status = 'deleted_under_hold'", **DELETED),
    "reappeared_records": Figure(numerator="status = 'reappeared'", day=local("reappeared_at"), **KEPT),
    "over_retention_rate": Figure(
        numerator="(status = 'over_retained')::int * records_left", denominator="(schedule_id is not null)::int * records_left",
        **OVER,
    ),
    "over_retained_records": Figure(numerator="(status = 'over_retained')::int * records_left", **OVER),
    "unscheduled_rate": Figure(
        numerator="(schedule_id is null)::int * record_count", denominator="record_count", day="", placed=AT_THE_END, **KEPT
    ),
    "record_sets_recreated": Figure(
        "(select * from fct_records where 'retention/' || record_key in"
        " (select entity from fct_findings where finding_code = 'record_set_recreated'))",
        "created_date", "true", dimensions=("data_category", "purpose_code", "system", "source"),
    ),
    "erasure_completeness": Figure(
        "fct_erasures", "closed_date", "status = 'complete'", "status in ('complete', 'incomplete')"
    ),
    "erasures_without_records": Figure("fct_erasures", "closed_date", "status = 'no_records_found'"),
    "authority_notification_adherence": Figure(
        day=local("authority_due_at"), numerator="status = 'on_time'",
        denominator="status in ('on_time', 'late', 'open_overdue')", **INCIDENTS,
    ),
    "person_notification_adherence": Figure(
        day=local("persons_due_at"), numerator="persons_status = 'on_time'",
        denominator="persons_status in ('on_time', 'late', 'open_overdue')", **INCIDENTS,
    ),
    "incident_count": Figure(day="detected_date", numerator="true", **INCIDENTS),
    "affected_subjects": Figure(day="detected_date", numerator="affected_subjects", **INCIDENTS),
    "policy_change_notice_coverage": Figure(
        "fct_policy_versions", "effective_date", "notified_before_effective_count", "audience_size",
        where="coalesce(material, published_at is null) and audience_size is not null",
    ),
    "policy_date_mismatch_count": Figure("fct_policy_versions", "published_date", "not last_updated_matches"),
    **{f"rows_{name}": Figure(numerator=name, **LANDED) for name in ("landed", "duplicate", "conflicting", "quarantined")},
    "late_rows": Figure(numerator="late", **LANDED),
}  # fmt: skip

OF_A_REQUEST = ("jurisdiction", "regime_code", "right_type", "channel", "source")
# metric: the rows with their amount, and what is made of the amounts; several where a dimension has rows of its own
STATISTICS = {
    "over_retention_p95_days": [(Figure(numerator="if(status = 'over_retained', over_days, null)", **OVER), 0.95)],
    "detection_lag_p95_days": [
        (Figure(day="detected_date", numerator="epoch(detected_at - occurred_at) / 86400", **INCIDENTS), 0.95)
    ],
    "intake_lag_p95_days": [
        (Figure("fct_requests", "received_date", "epoch(recorded_at - received_at) / 86400", dimensions=("channel",)), 0.95)
    ],
}  # fmt: skip


PROPAGATION = {"withdrawal_propagation_p50_hours": 0.5, "withdrawal_propagation_p95_hours": 0.95}


@pytest.fixture(scope="module")
def opened(auditors: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The record copies as tables; nothing but the bundle."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for file in [*(auditors / "data/tables").glob("fct_*.csv"), auditors / "data/landing/batches.csv"]:
            if not file.name.endswith(".excel-safe.csv"):
                connection.execute(f"create table {file.stem} as from read_csv('{file}', nullstr='')")
        connection.execute(f"create table asked as from read_csv('{auditors}/data/events/consents.csv', nullstr='')")
        # Who was asked is placed by the question, unless the decision came first; who was not, by the decision.
        connection.execute(
            """
            create table met as
            with shown as (
                select subject_key, purpose_code, min(occurred_at) as shown_at, arg_min(source, (occurred_at, event_id)) as source
                from asked where event_type = 'shown' group by all
            ),
            decided as (select * from fct_consents where is_first_decision)
            select purpose_code, shown.source, shown_at as met_at, true as was_shown,
                coalesce(event_type = 'given', false) as is_given
            from shown left join decided using (subject_key, purpose_code)
            where coalesce(valid_from >= shown_at, true)
            union all
            select purpose_code, decided.source, valid_from, false, event_type = 'given'
            from decided left join shown using (subject_key, purpose_code)
            where coalesce(valid_from < shown_at, true)
            """
        )
        yield connection


def compared(connection: duckdb.DuckDBPyConnection, metric: str, figure: Figure, select: str) -> list[tuple[object, ...]]:
    """Each figure that the bundle states of a metric, beside what its rows say."""
    day = f"r.{figure.day}" if figure.day.isidentifier() else figure.day
    placed = figure.placed.format(day=day)
    kinds = {"all": "'all'"} | {name: f"coalesce(r.{name}, 'unknown')" for name in figure.dimensions}
    parts = [
        f"""
        select m.period_grain, m.period_start, m.dimension, m.dimension_value, m.numerator, m.denominator, m.value, {select}
        from fct_metrics as m left join (select * from {figure.rows} where {figure.where}) as r
            on {placed} and m.dimension_value = {value}
        where m.metric_code = '{metric}' and m.dimension = '{dimension}' and {figure.of_periods}
        group by all
        """
        for dimension, value in kinds.items()
    ]
    for dimension, values in figure.unnested.items():
        each = f"(select *, unnest({values}) as unnested from {figure.rows} where {figure.where})"
        parts.append(
            f"""
            select m.period_grain, m.period_start, m.dimension, m.dimension_value, m.numerator, m.denominator, m.value, {select}
            from fct_metrics as m left join {each} as r on {placed} and m.dimension_value = r.unnested
            where m.metric_code = '{metric}' and m.dimension = '{dimension}' group by all
            """
        )
    return connection.execute(" union all ".join(parts)).fetchall()


@pytest.mark.parametrize("metric", FIGURES)
def test_a_count_or_rate_is_that_of_the_rows(metric, opened):
    figure = FIGURES[metric]
    sums = [
        f"sum(({counted})::bigint) filter (r.source is not null)" for counted in (figure.numerator, figure.denominator or "true")
    ]
    select = f"coalesce({sums[0]}, 0), coalesce({sums[1]}, 0)"
    rows = compared(opened, metric, figure, select)
    assert len(rows) > 3
    for *what, stated, out_of, _, counted, of in rows:
        assert (stated, out_of) == (counted, of if figure.denominator else None), what
    left = opened.execute(
        f"select distinct dimension from fct_metrics where metric_code = '{metric}' and not list_contains($1, dimension)",
        [["all", *figure.dimensions, *figure.unnested]],
    ).fetchall()
    assert left == []


@pytest.mark.parametrize("metric", STATISTICS)
def test_a_statistic_is_that_of_the_rows(metric, opened):
    rows = []
    for figure, share in STATISTICS[metric]:
        rows += [
            row
            for row in compared(opened, metric, figure, f"quantile_cont({figure.numerator}, {share})")
            if row[2] in figure.dimensions or (row[2] == "all" and figure.dimensions != ("system",))
        ]
    assert sum(row[-1] is not None for row in rows) > 5
    for *what, _, _, stated, computed in rows:
        assert stated == pytest.approx(computed), what


def test_the_median_with_open_requests_is_where_half_of_them_are_still_waiting(opened):
    figure = Figure(
        "fct_requests", "received_date", "", dimensions=OF_A_REQUEST,
        where="status <> 'excluded' and coalesce(days_to_close, days_open) is not null",
    )  # fmt: skip
    waits = "list((coalesce(r.days_to_close, r.days_open), r.closed_date is not null)) filter (r.request_key is not null)"
    rows = compared(opened, "km_median_days_open", figure, waits)
    assert len(rows) > 300
    for *what, _, _, stated, waited in rows:
        assert stated == few_waiting(waited or [], 0.5), what


def test_the_hours_until_passed_on_count_the_requests_that_never_were(opened):
    figure = Figure(
        "fct_requests", "received_date", "", dimensions=OF_A_REQUEST,
        where="role = 'processor' and (forwarded_at is not null or exclusion_reason = 'not_controller')",
    )  # fmt: skip
    hours = "(epoch_us(coalesce(r.forwarded_at, m.as_of)) - epoch_us(r.received_at)) / 3600000000"
    waits = f"list(({hours}, r.forwarded_at is not null)) filter (r.request_key is not null)"
    rows = compared(opened, "forwarding_p95_hours", figure, waits)
    assert len(rows) > 3
    for *what, _, _, stated, waited in rows:
        again = few_waiting(waited or [], 0.05)
        assert stated == (None if again is None else pytest.approx(again)), what


@pytest.mark.parametrize(("metric", "share"), PROPAGATION.items())
def test_the_hours_of_a_withdrawal_count_every_system_that_was_expected(metric, share, opened):
    """The percentiles were of those withdrawals that all systems had confirmed: a system that never did made them better."""
    figure = Figure("fct_withdrawal_systems", local("withdrawn_at"), "", dimensions=("purpose_code", "source", "system"))
    so_far = "(epoch_us(m.as_of) - epoch_us(r.withdrawn_at)) / 3600000000"
    waits = f"list((coalesce(r.hours, {so_far}), r.hours is not null)) filter (r.source is not null)"
    rows = compared(opened, metric, figure, waits)
    assert {stated is None for *_, stated, waited in rows if waited} == {True, False}
    for *what, _, _, stated, waited in rows:
        again = few_waiting(waited or [], 1 - share)
        assert stated == (None if again is None else pytest.approx(again)), what


def few_waiting(waited: list[tuple[float, bool]], share: float) -> float | None:
    """Kaplan and Meier: the first length after which at most that share of those who had waited so long is expected to wait."""
    left, waiting = len(waited), 1.0
    for days, together in groupby(sorted(waited), key=lambda one: one[0]):
        ended = [is_closed for _, is_closed in together]
        waiting *= 1 - sum(ended) / left
        if waiting <= share + 1e-9:
            return days
        left -= len(ended)
    return None


def test_there_is_no_figure_that_is_not_computed_again(opened):
    stated = {code for (code,) in opened.execute("select distinct metric_code from fct_metrics").fetchall()}
    again = {
        *OF_REQUESTS,
        *OF_CLOSED_REQUESTS,
        *FIGURES,
        *STATISTICS,
        *PROPAGATION,
        "km_median_days_open",
        "forwarding_p95_hours",
    }
    assert stated == again
    assert not stated & TO_DATE
