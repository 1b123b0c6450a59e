"""Which lives have ended according to a published snapshot: only their rows are eligible for a purge of landed rows.

Here: one query per log on its mart. Not here: how old a life has to be, or purging its rows (landed_rows.py). In case of doubt
a life has not ended: one without a row in its mart, an opt-out or an erasure that binds for good, a record under hold, a
consent, refusal or withdrawal that stands.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from promisekept.publishing.reader import SnapshotReader

_ANSWERED_AND_DONE = "('access', 'portability', 'rectification', 'automated_decision', 'appeal')"
"""Rights that bind nobody once they are answered; an erasure, an objection or an opt-out binds for good."""

ENDED: Mapping[str, str | None] = {
    "requests": f"""
        select namespace, request_id from marts.fct_requests group by all
        having bool_and(left_date is not null or (closed_at is not null and right_type in {_ANSWERED_AND_DONE}))""",
    "consents": """
        select subject_key, purpose_code from marts.fct_consents group by all
        having bool_and(valid_to is not null or state in ('expired', 'invalidated'))""",
    "retention": """
        select namespace, record_id from marts.fct_records
        where not is_alive and not on_hold and status not in ('reappeared', 'deleted_under_hold')""",
    "incidents": """
        select namespace, incident_id from marts.fct_incidents
        where closed_at is not null and status <> 'open_overdue'""",
    "disclosures": None,
    "collections": None,
    "processing": None,
}
"""None: an act ends when it is done."""


class EndedLives:
    """The lives that have ended by one snapshot, in the form that `landed_rows.purge_landed_rows` needs."""

    def __init__(self, reader: SnapshotReader) -> None:
        self.reader = reader

    def __call__(self, connection: duckdb.DuckDBPyConnection, name: str, log: str) -> bool:
        """Create the relation `name` with the ended lives of a log; False where each ends as soon as it has happened."""
        query = ENDED[log]
        if query is None:
            return False
        connection.register("arriving", self.reader.cursor().sql(query).to_arrow_table())
        connection.execute(f"create temp table {name} as select * from arriving")
        connection.unregister("arriving")
        return True
