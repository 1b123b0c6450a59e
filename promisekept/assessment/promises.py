"""Each promise of a snapshot as assessed for a period: its verdict, the measure that made it, and what was found against it.

Here: `dim_clauses`, `fct_control_status`, `fct_control_results`, `fct_findings`. Not here: how a verdict is reached (the marts
hold it), or the order (worst_first.py).
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from promisekept.assessment.worst_first import DISTANCE, MEASURES, RANK, SEVERITY_RANK, place_of
from promisekept.presentation.periods import Period
from promisekept.publishing.reader import Row, rows

WITHIN = "period_grain = $grain and period_start is not distinct from $start::date"
"""SQL: verdicts and figures of the period."""

FINDINGS = """(
    select *, (occurred_at at time zone $zone)::date as day from marts.fct_findings
    where $start::date is null or (day >= $start::date and day < $end::date)
)"""
"""SQL: the findings whose cause happened in the period; one without a date belongs to no period but `to_date`."""


def promises(cursor: DuckDBPyConnection, zone: str, period: Period) -> list[Row]:
    """Every promise with its verdict in a period and the measure that made it, worst first.

    Args:
        cursor: into a snapshot.
        zone: of the organisation, in which the days of findings are counted.
        period: of the verdicts.

    Returns:
        A row per clause: its own columns; `status` and `reason`; of the measure that made the verdict the columns of
        `fct_control_results` and its `distance`; of its findings in the period `severity` (the gravest), `findings` (their
        number), `cause` (the commonest, in words) and `cause_findings` (of how many).
    """
    found = rows(
        cursor,
        f"""
        with results as (
            select *, {DISTANCE} as distance, row_number() over (partition by clause_id order by {MEASURES}) as place
            from marts.fct_control_results where {WITHIN}
        ),

        verdicts as (
            select clause_id, arg_min(status, {RANK}) as status, arg_min(reason, {RANK}) as reason
            from marts.fct_control_status where {WITHIN} group by clause_id
        ),

        deciding as (
            select results.* from results inner join verdicts using (clause_id)
            qualify row_number() over (
                partition by clause_id order by (results.status = verdicts.status) desc, results.place
            ) = 1
        ),

        owners as (select clause_id, unnest(control_ids) as control_id from marts.dim_clauses),

        findings_of_clauses as (
            select owners.clause_id, found.finding_key, any_value(found.severity) as severity, any_value(found.word) as word
            from (select *, unnest(control_ids) as owner from {FINDINGS}) as found
            inner join owners on found.owner = owners.control_id
            group by all
        ),

        findings as (
            select
                clause_id, count(*)::bigint as findings, arg_min(severity, {SEVERITY_RANK}) as severity,
                mode(word order by word) as cause, list_max(map_values(histogram(word)))::bigint as cause_findings
            from findings_of_clauses group by clause_id
        ),

        select
            clauses.*, coalesce(verdicts.status, 'insufficient_evidence') as status,
            coalesce(deciding.reason, verdicts.reason) as reason,
            deciding.control_id as deciding_control_id, deciding.metric_code, deciding.dimension, deciding.dimension_value,
            deciding.operator, deciding.target, deciding.unit, deciding.value, deciding.value_strict, deciding.value_worst,
            deciding.numerator, deciding.denominator, deciding.units, deciding.breaches, deciding.distance,
            findings.severity, coalesce(findings.findings, 0) as findings, findings.cause, findings.cause_findings
        from marts.dim_clauses clauses
        left join verdicts using (clause_id)
        left join deciding using (clause_id)
        left join findings using (clause_id)
        """,
        {"grain": period.grain, "start": period.start, "end": period.end, "zone": zone},
    )
    return sorted(
        found,
        key=lambda row: place_of(row["status"], row["distance"], row["severity"], row["breaches"], row["clause_id"]),
    )
