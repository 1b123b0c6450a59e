"""Whether the snapshots of the product and of the lean script are equal.

Here: comparing every column that the lean script computes; for each difference how many rows and one example. Not here: which
of the two is right. A lean script that computed something else would prove nothing about speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

_EVENT = ("namespace", "event_id")
FACTS = {
    "fct_requests": ("request_key",),
    "fct_consents": (*_EVENT, "lapsed", "subject_key", "purpose_code"),
    "fct_withdrawal_systems": (*_EVENT, "purpose_code", "system"),
    "fct_disclosures": _EVENT,
    "fct_processing": _EVENT,
    "fct_collections": _EVENT,
    "fct_records": ("record_key",),
    "fct_erasures": ("request_key",),
    "fct_incidents": ("incident_key",),
    "fct_policy_versions": ("policy_version_key",),
}
"""The marts that both compute, with the key of each."""
_LOCATION = ("batch_id", "row_number")  # each lands in batches of its own
_FRACTIONS = ("hours", "propagation_hours", "authority_hours")


@dataclass(frozen=True)
class Difference:
    """Rows of a mart that differ: in which column, how many, and one of them."""

    mart: str
    column: str
    rows: int
    example: str

    def __str__(self) -> str:
        return f"{self.mart}.{self.column}: {self.rows:,} rows differ, e.g. {self.example}"


def differences(lean: Path, product: Path, memory_limit: str | None = None) -> list[Difference]:
    """Compare the facts of all logs.

    Args:
        lean: snapshot.duckdb of the lean script.
        product: snapshot.duckdb that the product published, as of the same instant and with the same key.
        memory_limit: of DuckDB, such as 8GB.

    Returns:
        Nothing where both are equal.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = '{lean.with_name('spilled')}'")
        if memory_limit:
            connection.execute(f"set memory_limit = '{memory_limit}'")
        connection.execute(f"attach '{lean}' as lean (read_only); attach '{product}' as product (read_only)")
        return [difference for mart, key in FACTS.items() for difference in _compare(connection, mart, key)]


def _compare(connection: duckdb.DuckDBPyConnection, mart: str, key: tuple[str, ...]) -> list[Difference]:
    columns = [name for name, *_ in connection.execute(f"describe lean.{mart}").fetchall() if name not in (*key, *_LOCATION)]
    same_key = " and ".join(f"l.{name} is not distinct from p.{name}" for name in key)
    name = "concat_ws(' ', " + ", ".join(f"coalesce(l.{column}, p.{column})" for column in key) + ")"
    checks = {
        "row": ("l.is_there is null or p.is_there is null", "if(l.is_there, 'only lean', 'only product')"),
        **{
            column: (
                f"l.is_there and p.is_there and not ({_same(column)})",
                f"concat('lean ', coalesce(l.{column}::varchar, 'null'), ', product ', coalesce(p.{column}::varchar, 'null'))",
            )
            for column in columns
        },
    }
    counts = ", ".join(
        f"count_if(({condition}) is true), any_value({name} || ': ' || {words}) filter (({condition}) is true)"
        for condition, words in checks.values()
    )
    row = connection.execute(
        f"select {counts} from (select *, true as is_there from lean.{mart}) as l"
        f" full join (select *, true as is_there from product.marts.{mart}) as p on {same_key}"
    ).fetchall()[0]
    found = zip(checks, row[::2], row[1::2], strict=True)
    return [Difference(mart, column, rows, example) for column, rows, example in found if rows]


def _same(column: str) -> str:
    same = f"l.{column} is not distinct from p.{column}"
    return f"{same} or abs(l.{column} - p.{column}) < 1e-9" if column in _FRACTIONS else same
