"""Which requests a question is about: the reader's filters, the period, and what counts as open.

Here: the pieces of SQL that several questions share, with the values that are bound to them. Not here: any question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from promisekept.presentation.periods import Period


@dataclass(frozen=True, slots=True)
class Filters:
    """The values that a reader chose; an empty one chooses all."""

    right: tuple[str, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    regime: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """Every (filter, value) in force."""
        return tuple((name, value) for name in COLUMNS for value in getattr(self, name))

    @property
    def single(self) -> tuple[str, str] | None:
        """The dimension and value that `fct_metrics` holds figures for: all, or the only one chosen; else None."""
        if not self.chosen:
            return "all", "all"
        return (COLUMNS[self.chosen[0][0]], self.chosen[0][1]) if len(self.chosen) == 1 else None

    def by_name(self) -> dict[str, tuple[str, ...]]:
        """Every filter in force with its values, as the export log keeps them."""
        return {name: getattr(self, name) for name in COLUMNS if getattr(self, name)}

    def bound(self) -> dict[str, Any]:
        """The values as they are bound."""
        return {name: list(getattr(self, name)) for name in COLUMNS}


COLUMNS = {"right": "right_type", "jurisdiction": "jurisdiction", "regime": "regime_code", "channel": "channel"}
"""Filter (as in the address) -> column."""


FILTERED = " and ".join(
    f"(len(${name}::varchar[]) = 0 or list_contains(${name}::varchar[], {column}))" for name, column in COLUMNS.items()
)

OPEN = "closed_date is null and status not in ('excluded', 'closed_on_time', 'closed_late')"


TODAY = "cast(timezone(coalesce(time_zone, $zone), $as_of::timestamptz) as date)"
"""SQL: the local date of as_of where a request is answered."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The as_of of a snapshot, and the zone of requests that have none of their own."""

    as_of: datetime
    zone: str

    def bound(self) -> dict[str, Any]:
        """The values as they are bound."""
        return {"as_of": self.as_of, "zone": self.zone}


DUE_BEFORE = "($before::date is null or due_date < $before::date)"
"""SQL: what is due before the day bound as $before, what is overdue included; or no such day is asked for."""


def within(column: str) -> str:
    """SQL: a date lies in the period bound as $start and $end, or there are no bounds."""
    return f"($start::date is null or ({column} >= $start::date and {column} < $end::date))"


def bounds(period: Period) -> dict[str, date | None]:
    """The period as it is bound."""
    return {"start": period.start, "end": period.end}
