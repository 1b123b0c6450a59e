"""What became of each promise in the period: its verdict, its measures and the single cases against it.

Here: questions to `dim_clauses`, `dim_exceptions`, `dim_metrics`, `fct_control_status`, `fct_control_results`, `fct_metrics`,
`fct_findings`, `fct_remediations`. Not here: how a verdict is reached (the models decide it) or what the report makes of it
(promise_pages.py, scorecard.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from promisekept.assessment.remediations import remediations
from promisekept.assessment.worst_first import DISTANCE, MEASURES
from promisekept.evidence.report.queries import GRAVEST, Answer, Inquiry
from promisekept.evidence.report.verdicts import RANKS
from promisekept.presentation import formats
from promisekept.presentation.labels import NO_OWNER
from promisekept.presentation.statuses import KEPT

SHOWN = 50
"""How many findings a promise shows at most."""

_LIKE = re.compile(r"^as ([A-Z]+-\d+)$")
"""Limits that are those of another clause."""

_MONTHS_BACK = 11
_WITHIN = "period_grain = $grain and period_start = $start"
_RANK = "list_position($ranks::varchar[], status)"
_KEY = ("control_id", "metric_code", "dimension", "dimension_value")


@dataclass(frozen=True, slots=True)
class Point:
    """A measure in one month."""

    month: date
    value: float | None
    numerator: int | None
    denominator: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of `fct_control_results` with the row of its metric in `dim_metrics`, and its months."""

    row: Answer
    months: tuple[Point, ...]

    @property
    def is_rate(self) -> bool:
        """Whether numerator and denominator make it."""
        return bool(self.row["statistic"] == "rate")

    @property
    def code(self) -> str:
        """`deadline_adherence[right_type=access]`."""
        row = self.row
        narrowed = "" if row["dimension"] == "all" else f"[{row['dimension']}={row['dimension_value']}]"
        return f"{row['metric_code']}{narrowed}"


@dataclass(frozen=True, slots=True)
class Promise:
    """A clause, its verdict in the period and what stands behind it. `measures` are worst first; none where people assess."""

    clause: Answer
    status: str
    reason: str | None
    breaches: int
    measures: tuple[Measure, ...]
    attestations: tuple[Answer, ...]
    exceptions: tuple[Answer, ...]
    accepted: tuple[Answer, ...]
    findings: tuple[Answer, ...]

    @property
    def ref(self) -> str:
        """The clause's own reference."""
        return str(self.clause["clause_id"])

    @property
    def owner(self) -> str:
        """Who answers for it, in the pack's words."""
        return str(self.clause["owner"] or NO_OWNER)

    @property
    def deciding(self) -> Measure | None:
        """The measure that decides the verdict."""
        return self.measures[0] if self.measures else None

    @property
    def is_short(self) -> bool:
        """Whether half a page is enough: kept, and nothing was found."""
        return self.status in KEPT and not self.findings


def promises(ask: Inquiry) -> tuple[Promise, ...]:
    """Every promise, in the order of its reference."""
    clauses = ask.rows("select * from marts.dim_clauses order by clause_id")
    limits = {clause["clause_id"]: clause["limits"] for clause in clauses}
    for clause in clauses:
        if like := _LIKE.match(clause["limits"] or ""):
            clause["limits"] = limits.get(like[1]) or clause["limits"]
    verdicts = {
        row["clause_id"]: row
        for row in ask.rows(
            f"""
            select clause_id, arg_min(status, {_RANK}) as status, arg_min(reason, {_RANK}) as reason,
                coalesce(sum(breaches), 0)::bigint as breaches
            from marts.fct_control_status where {_WITHIN} group by clause_id
            """,
            ranks=RANKS,
        )
    }
    measures, attestations = _results(ask)
    exceptions, accepted = _exceptions(ask), _accepted(ask)
    findings = _findings(ask)
    nothing = {"status": "insufficient_evidence", "reason": "no control was in force in the period", "breaches": 0}
    return tuple(
        Promise(
            clause,
            verdict["status"],
            verdict["reason"],
            verdict["breaches"],
            tuple(measures[clause["clause_id"]]),
            tuple(attestations[clause["clause_id"]]),
            tuple(exceptions[clause["clause_id"]]),
            tuple(accepted[clause["clause_id"]]),
            tuple(findings[clause["clause_id"]]),
        )
        for clause in clauses
        for verdict in [verdicts.get(clause["clause_id"], nothing)]
    )


def verdicts_by_period(ask: Inquiry, how_many: int = 8, grain: str | None = None) -> list[tuple[date, dict[str, int]]]:
    """How many promises had each status in the last periods of a length (of the scope's own by default), oldest first."""
    found = ask.rows(
        f"""
        with verdicts as (
            select period_start, clause_id, arg_min(status, {_RANK}) as status
            from marts.fct_control_status where period_grain = $grain and period_start <= $last group by all
        )
        select period_start, status, count(*)::bigint as promises from verdicts group by all order by all
        """,
        ranks=RANKS,
        grain=grain or ask.scope.period.grain,
    )
    periods: dict[date, dict[str, int]] = defaultdict(dict)
    for row in found:
        periods[row["period_start"]][row["status"]] = row["promises"]
    return sorted(periods.items())[-how_many:]


def gates(ask: Inquiry) -> dict[str, Answer]:
    """Per log: the checks of the source gate, and how many passed."""
    return {
        row["log"]: row
        for row in ask.rows(
            """
            select log, sum(declared)::bigint as declared, sum(passed)::bigint as passed
            from marts.audit_source_verdicts group by log order by log
            """
        )
    }


def matches(ask: Inquiry) -> dict[str, Answer]:
    """Per log: how many of the persons who stopped or erased something are found in it."""
    return {
        row["dimension_value"]: row
        for row in ask.rows(
            """
            select * from marts.fct_metrics
            where metric_code = 'subject_match_rate' and period_grain = 'to_date' and dimension = 'log' order by dimension_value
            """
        )
    }


def breakdown(ask: Inquiry, measure: Measure, dimension: str) -> list[Answer]:
    """A metric of the period by the values of a dimension, those that weigh most first."""
    return ask.rows(
        f"""
        select dimension_value, numerator, denominator, value, value_worst, units from marts.fct_metrics
        where metric_code = $metric and {_WITHIN} and dimension = $dimension
        order by coalesce(denominator, numerator, 0) desc, dimension_value
        """,
        metric=measure.row["metric_code"],
        dimension=dimension,
    )


def figures(ask: Inquiry, codes: list[str], dimension: str, value: str) -> dict[str, Answer]:
    """Figures of the period by their metric, for one value of a dimension."""
    found = ask.rows(
        f"""
        select * from marts.fct_metrics
        where {_WITHIN} and dimension = $dimension and dimension_value = $value and list_contains($codes::varchar[], metric_code)
        """,
        codes=codes,
        dimension=dimension,
        value=value,
    )
    return {row["metric_code"]: row for row in found}


def rules_applied(ask: Inquiry, right: str | None) -> list[Answer]:
    """The rules by which the requests of the period fell due, or were closed where nothing falls due, with their number."""
    return ask.rows(
        """
        select rule_id, any_value(rule_citation) as citation, any_value(rule_confidence) as confidence, count(*)::bigint as n
        from marts.fct_requests
        where rule_id is not null and coalesce(due_date, closed_date) >= $start and coalesce(due_date, closed_date) < $end
            and ($right::varchar is null or right_type = $right)
        group by rule_id order by n desc, rule_id
        """,
        right=right,
    )


def _results(ask: Inquiry) -> tuple[dict[str, list[Measure]], dict[str, list[Answer]]]:
    """Per clause its measures, that which decides first, and the attestations of what people assess."""
    found = ask.rows(
        f"""
        with results as (
            select *, {DISTANCE} as distance, row_number() over (partition by clause_id order by {MEASURES}) as place
            from marts.fct_control_results where period_grain = $grain and period_start = $start
        )

        select results.*, m.* exclude (metric_code, unit)
        from results left join marts.dim_metrics m using (metric_code)
        order by results.clause_id, results.place
        """
    )
    months: dict[tuple[str, ...], list[Point]] = defaultdict(list)
    for row in ask.rows(
        f"""
        select control_id, metric_code, dimension, dimension_value, period_start, value, numerator, denominator, status
        from marts.fct_control_results
        where period_grain = 'month' and metric_code is not null
            and period_start >= date_trunc('month', $last::date) - interval {_MONTHS_BACK} month and period_start <= $last
        order by period_start
        """
    ):
        key = tuple(row[name] for name in _KEY)
        months[key].append(Point(row["period_start"], row["value"], row["numerator"], row["denominator"], row["status"]))
    measures: dict[str, list[Measure]] = defaultdict(list)
    attestations: dict[str, list[Answer]] = defaultdict(list)
    for row in found:
        if row["metric_code"] is None:
            attestations[row["clause_id"]].append(row)
        else:
            measures[row["clause_id"]].append(Measure(row, tuple(months[tuple(row[name] for name in _KEY)])))
    return measures, attestations


def _exceptions(ask: Inquiry) -> dict[str, list[Answer]]:
    """Per clause the exceptions that were in force on a day of the period."""
    found = ask.rows("select * from marts.dim_exceptions where valid_from < $end and valid_to > $start order by exception_id")
    clauses: dict[str, list[Answer]] = defaultdict(list)
    for row in found:
        clauses[row["clause_id"]].append(row)
    return clauses


def _accepted(ask: Inquiry) -> dict[str, list[Answer]]:
    """Per clause the groups of findings that are accepted at `as_of` and had a case before the period ended."""
    clauses: dict[str, list[Answer]] = defaultdict(list)
    if ask.scope.regime is not None:  # No group names the law of its cases.
        return clauses
    for row in remediations(ask.reader.cursor()).accepted:
        if row["first_at"] is None or formats.local(row["first_at"], ask.zone).date() < ask.scope.period.end:
            for clause in row["clauses"]:
                clauses[clause].append(row)
    return clauses


def _findings(ask: Inquiry) -> dict[str, list[Answer]]:
    """Per clause the findings that count against its controls, with a cause in the period or without a date, gravest first."""
    found = ask.rows(
        f"""
        with owners as (select distinct control_id, clause_id from marts.fct_control_status where {_WITHIN}),
        counted as (
            select distinct owners.clause_id, f.finding_key, f.word, f.severity, f.occurred_at, f.detail
            from (select *, unnest(control_ids) as control from marts.fct_findings) f
            inner join owners on owners.control_id = f.control
            where f.occurred_at is null or (f.occurred_at >= $begins and f.occurred_at < $ends)
        )
        select * from counted order by clause_id, {GRAVEST}, occurred_at desc nulls last, finding_key
        """
    )
    clauses: dict[str, list[Answer]] = defaultdict(list)
    for row in found:
        clauses[row["clause_id"]].append(row)
    return clauses
