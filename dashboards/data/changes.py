"""What changed between two assessments, for the overview and the page that compares them.

Here: an assessment per snapshot and period, remembered; the kinds of findings and what the figures rest on, on both sides.
Not here: which verdicts changed and why (promisekept/assessment decides it for every surface).
"""

from __future__ import annotations

from dataclasses import replace

from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref, cursor, zone
from promisekept.assessment import changes as compared
from promisekept.assessment.changes import Assessment, VerdictChange
from promisekept.assessment.promises import FINDINGS, WITHIN
from promisekept.presentation.periods import Period
from promisekept.presentation.statuses import NOT_YET_MEASURABLE


def assessment(ref: Ref, period: Period, label: str) -> Assessment:
    """Every promise of a snapshot as assessed for a period."""
    return replace(_assessed(ref, period), label=label)


@cached
def _assessed(ref: Ref, period: Period) -> Assessment:
    return compared.assess(cursor(ref), zone(ref), period, period.label)


def since(ref: Ref, period: Period) -> tuple[Assessment, tuple[VerdictChange, ...]] | None:
    """The period before with what changed since; None where there is none, or nothing in it could be assessed."""
    if period.before is None:
        return None
    base = assessment(ref, period.before, period.before.label)
    if all(row["status"] in (*NOT_YET_MEASURABLE, "insufficient_evidence") for row in base.promises):
        return None
    return base, compared.changed_verdicts(base, assessment(ref, period, period.label))


@cached
def kinds(ref: Ref, period: Period) -> dict[str, Row]:
    """The findings of a period by their code: `word`, `findings`, and the `clauses` that they count against."""
    found = rows(
        ref,
        f"""
        with owners as (select clause_id, unnest(control_ids) as control_id from marts.dim_clauses),
        found as (select finding_code, word, finding_key, unnest(control_ids) as control_id from {FINDINGS})
        select
            found.finding_code, any_value(found.word) as word, count(distinct found.finding_key)::bigint as findings,
            list_sort(list(distinct owners.clause_id) filter (owners.clause_id is not null)) as clauses
        from found left join owners using (control_id)
        group by found.finding_code
        """,
        {"start": period.start, "end": period.end, "zone": zone(ref)},
    )
    return {row["finding_code"]: row for row in found}


@cached
def basis(ref: Ref, period: Period) -> Row:
    """What the figures of a period rest on: rows `landed` of `read`, `gates` passed of `logs`, and verdicts by doubted `logs`."""
    return first(
        ref,
        f"""
        select
            (select sum(landed)::bigint from marts.audit_sources) as landed,
            (select sum(read)::bigint from marts.audit_sources) as read,
            (select count(*) from (
                select log from marts.audit_source_verdicts group by log having bool_and(verdict = 'passed')
            ))::bigint as gates,
            (select count(distinct log) from marts.audit_source_verdicts where verdict <> 'not_configured')::bigint as logs,
            count(*) filter (quality_verdict = 'failed')::bigint as doubted,
            count(*)::bigint as figures
        from marts.fct_control_results where {WITHIN} and metric_code is not null
        """,
        {"grain": period.grain, "start": period.start},
    )


@cached
def restated(ref: Ref, period: Period) -> Row:
    """Of the figures of a period that were published: how many were `restated`, of how many `figures`."""
    return first(
        ref,
        f"""
        select count(*)::bigint as figures, (
            select count(distinct (metric_code, dimension, dimension_value))::bigint
            from history.fct_restatements where {WITHIN} and change <> 'first'
        ) as restated
        from marts.fct_metrics where {WITHIN}
        """,
        {"grain": period.grain, "start": period.start},
    )
