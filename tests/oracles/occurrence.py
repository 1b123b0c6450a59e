"""Whether a row of any log had happened by an instant.

Here: the two instants that decide it. Not here: which of several versions of an event counts (deduplication), or what follows
from an event.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)


def by_then(rows: list[dict[str, Any]], as_of: datetime) -> list[dict[str, Any]]:
    """The rows that had happened; one dated more than five minutes after it landed is a slip of the pen."""
    return [row for row in rows if row["occurred_at"] <= as_of and row["occurred_at"] - row["landed_at"] <= CLOCKS_MAY_DIFFER_BY]
