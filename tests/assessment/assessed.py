"""A small assessment: only the columns of verdicts, in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import duckdb

from promisekept.presentation.periods import Period, parse

ZONE = "America/New_York"
Q2: Period = parse("2026-Q2")  # type: ignore[assignment]
Q3: Period = parse("2026-Q3")  # type: ignore[assignment]
_CREATED = """
    create schema marts;
    create table marts.dim_clauses (clause_id varchar, section varchar, promise varchar, source varchar, owner varchar,
        remedy_due date, control_ids varchar[]);
    create table marts.fct_control_results (control_id varchar, clause_id varchar, metric_code varchar, dimension varchar,
        dimension_value varchar, period_grain varchar, period_start date, operator varchar, target double, unit varchar,
        value double, value_strict double, value_worst double, numerator bigint, denominator bigint, units bigint,
        breaches bigint, status varchar, reason varchar, quality_verdict varchar);
    create table marts.fct_control_status (control_id varchar, clause_id varchar, period_grain varchar, period_start date,
        status varchar, reason varchar);
    create table marts.fct_findings (finding_key varchar, finding_code varchar, severity varchar, word varchar,
        occurred_at timestamptz, control_ids varchar[]);
"""


class Assessed:
    """Promises, their measures in a period and findings against them; a promise's verdict is given, as the marts give it."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(_CREATED)
        self._findings = 0

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.connection.execute(f"insert into marts.{table} ({names}) values ({marks})", list(row.values()))

    def promise(self, clause: str, status: str, *measures: dict[str, Any], period: Period = Q3, reason: str = "") -> None:
        """A promise with one control of the same name, its verdict in a period, and the measures of it."""
        if not self.connection.execute("select 1 from marts.dim_clauses where clause_id = ?", [clause]).fetchall():
            self._insert("dim_clauses", {"clause_id": clause, "promise": f"About {clause}", "control_ids": [clause]})
        named = {
            "control_id": clause,
            "clause_id": clause,
            "period_grain": period.grain,
            "period_start": period.start,
        }
        self._insert("fct_control_status", named | {"status": status, "reason": reason or None})
        for measure in measures or ({},):
            self._insert("fct_control_results", named | {"status": status, "reason": reason or None} | measure)

    def finding(self, clause: str, severity: str, word: str, day: date) -> None:
        """A case against a promise, at noon of a day."""
        self._findings += 1
        at = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
        self._insert(
            "fct_findings",
            {"finding_key": str(self._findings), "finding_code": word.casefold(), "word": word, "severity": severity,
             "occurred_at": at, "control_ids": [clause]},
        )  # fmt: skip


def rate(numerator: int, denominator: int, operator: str, target: float, **others: Any) -> dict[str, Any]:
    """A measure that is a share; `breaches` are what lies on the wrong side of it."""
    wrong = numerator if operator == "<=" else denominator - numerator
    return {
        "metric_code": "kept_rate",
        "dimension": "all",
        "dimension_value": "all",
        "operator": operator,
        "target": target,
        "unit": "share",
        "value": numerator / denominator,
        "numerator": numerator,
        "denominator": denominator,
        "units": denominator,
        "breaches": wrong,
    } | others


def count(number: int, units: int, **others: Any) -> dict[str, Any]:
    """A measure that counts what must not happen."""
    return {
        "metric_code": "broken_count",
        "dimension": "all",
        "dimension_value": "all",
        "operator": "=",
        "target": 0.0,
        "unit": "cases",
        "value": float(number),
        "numerator": number,
        "units": units,
        "breaches": number,
    } | others
