"""Where each group of findings stands: open, overdue, accepted, resolved, for the board's page, the digest and the calendar.

Here: one question to `fct_remediations`, and its counts. Not here: how a state is reached (the mart derives it), or the acts
themselves (fct_remediation_events). No row names a person: an owner is a team of the pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from duckdb import DuckDBPyConnection

from promisekept.presentation.statuses import SEVERITIES
from promisekept.publishing.reader import LACKING, Row, rows

SOON = timedelta(days=31)
"""An acceptance that ends within so many days is named."""
UNRECORDED = "No remediation is recorded"
_GRAVITY = {severity: place for place, severity in enumerate(SEVERITIES)}


@dataclass(frozen=True, slots=True)
class Remediations:
    """The groups of findings of a snapshot, each a row of `fct_remediations` with the clauses that it counts against."""

    groups: Sequence[Row]

    @property
    def is_recorded(self) -> bool:
        """Whether anybody has recorded an act; an older snapshot has no such mart."""
        return any(row["acts"] for row in self.groups)

    @property
    def open(self) -> list[Row]:
        """Neither accepted nor resolved."""
        return [row for row in self.groups if row["is_open"]]

    @property
    def overdue(self) -> list[Row]:
        """Past their due date, the oldest first."""
        found = [row for row in self.groups if row["state"] == "overdue"]
        return sorted(found, key=lambda row: (-row["overdue_days"], _GRAVITY.get(row["severity"], 9), row["group_key"]))

    @property
    def accepted(self) -> list[Row]:
        """Accepted until a day, the first to end first."""
        found = [row for row in self.groups if row["state"] == "accepted"]
        return sorted(found, key=lambda row: (row["accepted_until"], row["group_key"]))

    @property
    def resolved(self) -> list[Row]:
        """Resolved by an act, or because no case is left."""
        return [row for row in self.groups if row["state"] == "resolved"]

    def due(self, first: date, last: date) -> list[Row]:
        """Assigned and due from one day to another, the first to be due first."""
        found = [row for row in self.groups if row["state"] == "assigned" and first <= row["due_date"] <= last]
        return sorted(found, key=lambda row: (row["due_date"], _GRAVITY.get(row["severity"], 9), row["group_key"]))

    def ending(self, today: date) -> list[Row]:
        """Accepted, and the acceptance ends soon."""
        return [row for row in self.accepted if row["accepted_until"] <= today + SOON]


def remediations(cursor: DuckDBPyConnection) -> Remediations:
    """Every group of a snapshot; none where it has no such mart. `clauses` is a list of references."""
    try:
        found = rows(
            cursor,
            """
            with owners as (
                select control_id, any_value(clause_id) as clause_id
                from (select clause_id, unnest(control_ids) as control_id from marts.dim_clauses) group by control_id
            ),

            clauses as (
                select groups.group_key, list_sort(list(distinct owners.clause_id)) as clauses
                from (select group_key, unnest(control_ids) as control_id from marts.fct_remediations) as groups
                inner join owners using (control_id)
                group by groups.group_key
            )

            select groups.*, coalesce(clauses.clauses, []) as clauses
            from marts.fct_remediations as groups left join clauses using (group_key)
            order by groups.group_key
            """,
        )
    except LACKING:
        return Remediations(())
    return Remediations(tuple(found))
