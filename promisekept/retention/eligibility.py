"""Which lives are over, by what a published snapshot says of them: only these may fall out of `retention.landing`.

Here: one question per log, asked of its mart. Not here: how old a life has to be, or letting go of its rows
(landed_rows.py). Where in doubt a life is not over: one without a row in its mart, an opt-out or an erasure that binds
for good, a record under hold, a consent, refusal or withdrawal that stands.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from promisekept.publishing.reader import SnapshotReader

_ANSWERED_AND_DONE = "('access', 'portability', 'rectification', 'automated_decision', 'appeal')"
"""Rights that bind nobody once they are answered; an erasure, an objection or an opt-out binds for good."""

OVER: Mapping[str, str | None] = {
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
"""None: an act is over when it is done."""


class Judged:
    """The lives that are over by one snapshot, as `sources.retiring.retire_landed` asks for them."""

    def __init__(self, reader: SnapshotReader) -> None:
        self.reader = reader

    def __call__(self, connection: duckdb.DuckDBPyConnection, name: str, log: str) -> bool:
        """Make the relation `name` of the lives of a log that are over; False where each is, once it has happened."""
        question = OVER[log]
        if question is None:
            return False
        connection.register("arriving", self.reader.cursor().sql(question).to_arrow_table())
        connection.execute(f"create temp table {name} as select * from arriving")
        connection.unregister("arriving")
        return True
