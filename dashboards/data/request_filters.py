"""Which requests a question is about: the reader's filters, and what counts as open.

Here: pieces of SQL about requests alone, with the values that are bound to them. Not here: any question, filters of every page
(filters.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from dashboards.data.filters import Chosen


@dataclass(frozen=True, slots=True)
class Filters(Chosen):
    """The requests that a reader chose."""

    DIMENSIONS: ClassVar = {"right": "right_type", "jurisdiction": "jurisdiction", "regime": "regime_code", "channel": "channel"}
    right: tuple[str, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    regime: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()


OPEN = "closed_date is null and status not in ('excluded', 'closed_on_time', 'closed_late')"
TODAY = "cast(timezone(coalesce(time_zone, $zone), $as_of::timestamptz) as date)"
"""SQL: the local date of as_of where a request is answered."""


@dataclass(frozen=True, slots=True)
class SnapshotDate:
    """The as_of of a snapshot, and the zone of requests that have none of their own."""

    as_of: datetime
    zone: str

    def bound(self) -> dict[str, Any]:
        """The values as they are bound."""
        return {"as_of": self.as_of, "zone": self.zone}


DUE_BEFORE = "($before::date is null or due_date < $before::date)"
"""SQL: what is due before the day bound as $before, what is overdue included; or no such day is given."""
