"""Figures of the other logs in a bundle, computed again by DuckDB from the rows beside them, from the metric's definition.

Here: of each table of a bundle, and of each way in which a day or a period's end places its rows, at least one figure. Not here:
every metric, which tests/dbt_project/metrics computes in plain Python, or all figures of a bundle, which reperform.sh rebuilds
(test_reperforming.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

ZONE = "America/New_York"


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
# How long a record set was over at the end of an earlier month follows from its events alone (reperform.sh): here at as_of.
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
FIGURES = {
    "consent_opt_in_rate": Figure(
        "fct_consents", local("valid_from"), "event_type = 'given'", "event_type in ('given', 'refused')",
        where="is_first_decision", **CONSENTED,
    ),
    "active_consents": Figure(numerator="true", **ACTIVE),
    "withdrawal_unconfirmed": Figure(
        "fct_withdrawal_systems", local("withdrawn_at"), "not in_time", dimensions=("purpose_code", "source", "system")
    ),
    "within_policy_rate_by_records": Figure(
        numerator="within_policy::int * record_count", denominator="record_count", **SHARED
    ),
    "disclosure_after_stop": Figure(numerator="not ok_not_stopped", unnested=RIGHTS, **SHARED),
    "notice_at_collection_rate": Figure(numerator="ok_notice", denominator="ok_notice is not null", **COLLECTED),
    "processing_without_consent": Figure(numerator="not ok_consent", **DONE),
    "acts_while_pending": Figure(
        numerator="pending_request is not null and legal_basis <> 'unknown'",
        unnested={"right_type": "pending_right_types::json::varchar[]"}, **DONE,
    ),
    "deletion_timeliness": Figure(
        numerator="(status = 'deleted_on_time')::int * deleted_record_count",
        denominator="(status in ('deleted_on_time', 'deleted_late'))::int * deleted_record_count",
        **DELETED,
    ),
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
    "authority_notification_adherence": Figure(
        day=local("authority_due_at"), numerator="status = 'on_time'",
        denominator="status in ('on_time', 'late', 'open_overdue')", **INCIDENTS,
    ),
    "person_notification_adherence": Figure(
        day=local("persons_due_at"), numerator="persons_status = 'on_time'",
        denominator="persons_status in ('on_time', 'late', 'open_overdue')", **INCIDENTS,
    ),
    "incident_count": Figure(day="detected_date", numerator="true", **INCIDENTS),
    "policy_change_notice_coverage": Figure(
        "fct_policy_versions", "effective_date", "notified_before_effective_count", "audience_size",
        where="coalesce(material, published_at is null) and audience_size is not null",
    ),
    "policy_date_mismatch_count": Figure("fct_policy_versions", "published_date", "not last_updated_matches"),
    **{f"rows_{name}": Figure(numerator=name, **LANDED) for name in ("landed", "duplicate", "conflicting", "quarantined")},
    "late_rows": Figure(numerator="late", **LANDED),
}  # fmt: skip

OVERDUE = Figure(numerator="if(status = 'over_retained', over_days, null)", **OVER)


@pytest.fixture(scope="module")
def opened(auditors: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The record copies as tables; nothing but the bundle."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for file in [*(auditors / "data/tables").glob("fct_*.csv"), auditors / "data/landing/batches.csv"]:
            if not file.name.endswith(".excel-safe.csv"):
                connection.execute(f"create table {file.stem} as from read_csv('{file}', nullstr='')")
        yield connection


def compared(connection: duckdb.DuckDBPyConnection, metric: str, figure: Figure, select: str) -> list[tuple[object, ...]]:
    """Each figure that the bundle states of a metric, beside the one computed from its rows."""
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


def test_a_statistic_is_that_of_the_rows(opened):
    rows = compared(opened, "over_retention_p95_days", OVERDUE, f"quantile_cont({OVERDUE.numerator}, 0.95)")
    assert sum(row[-1] is not None for row in rows) > 5
    for *what, _, _, stated, computed in rows:
        assert stated == pytest.approx(computed), what
