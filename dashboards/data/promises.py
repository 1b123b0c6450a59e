"""What became of each promise: its verdict, the measure that decides it, and how it was month by month.

Here: `dim_clauses`, `dim_exceptions`, `fct_control_status`, `fct_control_results`, `fct_findings`. Not here: how a
verdict is reached (the marts hold it), or which promise is worst (promisekept/assessment decides it for every surface).
"""

from __future__ import annotations

from datetime import date

from dashboards.data import changes
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref
from promisekept.assessment.promises import WITHIN
from promisekept.assessment.worst_first import DISTANCE, MEASURES, RANK
from promisekept.presentation.periods import Period

Histories = dict[tuple[str, str, str, str], list[float | None]]
"""Values by month, keyed by clause, metric, dimension and its value."""


@cached
def promises(ref: Ref, period: Period) -> list[Row]:
    """Every promise as `promisekept.assessment.promises` gives it, worst first; `to_date` is the number of all its findings."""
    to_date = _findings(ref)
    found = changes.assessment(ref, period, period.label).promises
    return [row | {"to_date": to_date.get(row["clause_id"], 0)} for row in found]


@cached
def _findings(ref: Ref) -> dict[str, int]:
    """How many findings each promise has, of all time; the same for every period."""
    found = rows(
        ref,
        """
        select owners.clause_id, count(distinct f.finding_key) as findings
        from (select finding_key, unnest(control_ids) as control_id from marts.fct_findings) f
        inner join (select distinct control_id, clause_id from marts.fct_control_status) owners using (control_id)
        group by owners.clause_id
        """,
    )
    return {row["clause_id"]: row["findings"] for row in found}


@cached
def verdicts_by_month(ref: Ref, first_month: date, last_month: date) -> list[Row]:
    """How many promises had each status at the end of each month: `month, status, promises`."""
    return rows(
        ref,
        f"""
        with verdicts as (
            select period_start as month, clause_id, arg_min(status, {RANK}) as status
            from marts.fct_control_status
            where period_grain = 'month' and period_start between $first and $last group by all
        )
        select month, status, count(*) as promises from verdicts group by all order by all
        """,
        {"first": first_month, "last": last_month},
    )


@cached
def histories(ref: Ref, first_month: date, last_month: date) -> Histories:
    """Values by month of every measure of every promise, keyed by clause, metric, dimension and its value."""
    found = rows(
        ref,
        """
        select clause_id, metric_code, dimension, dimension_value, list(value order by period_start) as points
        from marts.fct_control_results
        where period_grain = 'month' and period_start between $first and $last and metric_code is not null
        group by all
        """,
        {"first": first_month, "last": last_month},
    )
    return {(row["clause_id"], row["metric_code"], row["dimension"], row["dimension_value"]): row["points"] for row in found}


@cached
def promise(ref: Ref, clause_id: str, period: Period) -> tuple[Row, list[Row]]:
    """One promise with its limits, and every measure of it in a period, worst first."""
    about = first(ref, "select * from marts.dim_clauses where clause_id = $clause", {"clause": clause_id})
    measures = rows(
        ref,
        f"""
        select *, {DISTANCE} as distance from marts.fct_control_results where clause_id = $clause and {WITHIN}
        order by {MEASURES}
        """,
        {"clause": clause_id, "grain": period.grain, "start": period.start},
    )
    return about, measures


@cached
def exceptions(ref: Ref, clause_id: str) -> list[Row]:
    """The exceptions of a promise that are in force at the snapshot's as_of, by reference."""
    return rows(
        ref,
        "select * from marts.dim_exceptions where clause_id = $clause and is_in_force order by exception_id",
        {"clause": clause_id},
    )


@cached
def target_of(ref: Ref, metric_code: str, dimension: str, value: str) -> tuple[str, float] | None:
    """Operator and target that a promise sets for a metric, if one does."""
    row = first(
        ref,
        """
        select operator, target from marts.fct_control_results
        where metric_code = $code and dimension = $dimension and dimension_value = $value and target is not null
        order by period_start desc nulls last limit 1
        """,
        {"code": metric_code, "dimension": dimension, "value": value},
    )
    return (row["operator"], float(row["target"])) if row else None


@cached
def findings(ref: Ref) -> int:
    """How many findings there are."""
    return int(first(ref, "select count(*) as n from marts.fct_findings")["n"])
