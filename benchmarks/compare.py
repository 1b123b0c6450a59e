"""Whether two snapshots say the same: the product's and the lean script's.

Here: the columns and figures that must agree, and for each disagreement how many and one example. Not here: which of the
two is right. A lean script that computed something else would prove nothing about speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

FACTS = (
    *("subject_key", "regime_code", "rule_id", "channel", "received_at", "received_date", "start_date", "base_due_date"),
    *("due_date", "conservative_due_date", "paused_days", "unpermitted_pause_days", "extension_status", "acknowledged_date"),
    *("ack_due_date", "ack_status", "closed_at", "closed_date", "closed_while_paused", "outcome", "denial_reason", "status"),
    *("exclusion_reason", "withdrawn_overdue", "due_soon", "days_to_close", "days_open", "days_overdue", "declared_due_date"),
    *("declared_differs", "strict_status", "rule_confidence"),
)
WATERFALL = (
    *("received", "excluded", "no_rule", "no_deadline", "closed_on_time", "closed_late", "paused", "open_in_time"),
    *("open_overdue", "closed_while_paused", "withdrawn_overdue"),
)
FIGURES = ("numerator", "denominator", "value", "value_worst")
PERIOD = ("period_grain", "period_start", "dimension", "dimension_value")
ABOUT_LANDING = "('rows_landed', 'rows_duplicate', 'rows_conflicting', 'rows_quarantined', 'late_rows')"


@dataclass(frozen=True)
class Difference:
    """Rows of a mart on which the two disagree: in which column, how many, and one of them."""

    mart: str
    column: str
    rows: int
    example: str

    def __str__(self) -> str:
        return f"{self.mart}.{self.column}: {self.rows:,} rows differ, e.g. {self.example}"


@dataclass(frozen=True)
class _Mart:
    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    where: str = "true"


# A figure about nothing says nothing: the product tells it, the lean script leaves it out.
_SOMETHING = "coalesce(denominator > 0 or (denominator is null and value <> 0) or value_worst > 0, false)"
_MARTS = (
    _Mart("fct_requests", ("request_key",), FACTS),
    _Mart("rpt_waterfall", PERIOD, WATERFALL),
    _Mart("fct_metrics", ("metric_code", *PERIOD), FIGURES, f"metric_code not in {ABOUT_LANDING} and {_SOMETHING}"),
)


def differences(lean: Path, product: Path) -> list[Difference]:
    """Compare the facts, the waterfall and the figures.

    Args:
        lean: snapshot.duckdb of the lean script.
        product: snapshot.duckdb that the product published, judged at the same instant with the same key.

    Returns:
        Nothing where both agree.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{lean}' as lean (read_only); attach '{product}' as product (read_only)")
        return [difference for mart in _MARTS for difference in _compare(connection, mart)]


def _compare(connection: duckdb.DuckDBPyConnection, mart: _Mart) -> list[Difference]:
    same_key = " and ".join(f"l.{name} is not distinct from p.{name}" for name in mart.key)
    name = "concat_ws(' ', " + ", ".join(f"coalesce(l.{column}, p.{column})" for column in mart.key) + ")"
    checks = {
        "row": ("l.is_there is null or p.is_there is null", "if(l.is_there, 'only lean', 'only product')"),
        **{
            column: (
                f"l.is_there and p.is_there and not ({_same(column)})",
                f"concat('lean ', coalesce(l.{column}::varchar, 'null'), ', product ', coalesce(p.{column}::varchar, 'null'))",
            )
            for column in mart.columns
        },
    }
    counts = ", ".join(
        f"count_if(({condition}) is true), any_value({name} || ': ' || {words}) filter (({condition}) is true)"
        for condition, words in checks.values()
    )
    row = connection.execute(
        f"select {counts} from (select *, true as is_there from lean.{mart.name} where {mart.where}) as l"
        f" full join (select *, true as is_there from product.marts.{mart.name} where {mart.where}) as p on {same_key}"
    ).fetchall()[0]
    told = zip(checks, row[::2], row[1::2], strict=True)
    return [Difference(mart.name, column, rows, example) for column, rows, example in told if rows]


def _same(column: str) -> str:
    same = f"l.{column} is not distinct from p.{column}"
    return f"{same} or abs(l.{column} - p.{column}) < 1e-9" if column in ("value", "value_worst") else same
