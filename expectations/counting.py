"""Rows that break a rule are counted, never fetched.

Here: GX's UnexpectedRowsExpectation without its first half, which selects the rows themselves before it counts them: twice
the work, and values in memory that a log line could carry away. Imported only where GX is (engine.py).
"""

from __future__ import annotations

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
