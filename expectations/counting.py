"""Rows that break a rule are counted, never fetched.

Here: GX's UnexpectedRowsExpectation without its first half, which selects the rows themselves before it counts them: twice
the work, and values in memory that a log line could carry away; and the query for keys that are not unique, for which GX
joins all columns of every row with the count of its key: three times the work, and a key that is null in part never counts.
Imported only where GX is (engine.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from great_expectations.expectations.core import UnexpectedRowsExpectation

_COUNT = "unexpected_rows_query.row_count"


class UnexpectedRowCountExpectation(UnexpectedRowsExpectation):
    """As its parent, of which only the count is asked."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (_COUNT,)

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: dict[str, Any] | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        return {"success": metrics[_COUNT] == 0, "result": {"observed_value": metrics[_COUNT]}}


def sharing_a_key(columns: Sequence[str]) -> str:
    """The query for rows whose key is that of another row. A single column that is null is no key, as GX has it."""
    key = ", ".join(f'"{column}"' for column in columns)
    there = f"where {key} is not null" if len(columns) == 1 else ""
    return f"select unnest(range(count(*))) as one from {{batch}} {there} group by {key} having count(*) > 1"
