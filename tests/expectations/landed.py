"""A build database as the source gate finds it: ten empty logs, and rows, batches and sources that a test adds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

from promisekept.sources.contract import contract

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
BATCHES = """
    seq bigint, batch_id varchar, source varchar, log varchar, namespace varchar, landed_at timestamptz,
    origin_sha256 varchar, sha256 varchar, source_rows bigint, mapped bigint, skipped bigint, unmapped bigint,
    held_back bigint, "read" bigint, landed bigint, duplicate bigint, superseding bigint, conflicting bigint,
    quarantined bigint, first_event_at timestamptz, last_event_at timestamptz, superseded boolean, landed_again boolean
"""
SOURCES = """
    source varchar, log varchar, namespace varchar, time_zone varchar, expect_every_seconds bigint,
    expect_grace_seconds bigint, expect_rows_min bigint, expect_rows_max bigint, has_control_total boolean
"""
HELD_BACK = """
    seq bigint, source varchar, log varchar, origin_name varchar, sha256 varchar, reason varchar,
    landed_at timestamptz, rows bigint
"""
RECEIVED = {
    "namespace": "tickets",
    "event_id": "e1",
    "revision": 0,
    "occurred_at": AS_OF,
    "subject_key": "0" * 32,
    "subject_ref_type": "email",
    "request_id": "r1",
    "right_type": "access",
    "event_type": "received",
    "jurisdiction": "IE",
    "channel": "email",
    "role": "controller",
    "source": "helpdesk",
    "batch_id": "b-0001",
    "landed_at": AS_OF,
    "row_number": 1,
    "collides": False,
}


class LandedWorld:
    def __init__(self, folder, refused_rows=0.001):
        self.path = folder / "warehouse.duckdb"
        with self._connect() as connection:
            for schema in ("landing", "run", "staging"):
                connection.execute(f"create schema {schema}")
            for name, log in contract().items():
                columns = ", ".join(f"{column} {kind}" for column, kind in log.landed.items())
                connection.execute(f"create table landing.{name} ({columns})")
            connection.execute(f"create table landing.batches ({BATCHES})")
            connection.execute(f"create table landing.sources ({SOURCES})")
            connection.execute(f"create table landing.held_back ({HELD_BACK})")
            connection.execute("create table landing.quarantine (source varchar, log varchar)")
            connection.execute("create table run.run_instants (as_of timestamptz, refused_rows double)")
            connection.execute("insert into run.run_instants values (?, ?)", [AS_OF, refused_rows])

    def _connect(self):
        return duckdb.connect(str(self.path))

    def insert(self, table, **values):
        with self._connect() as connection:
            names = ", ".join(f'"{name}"' for name in values)
            marks = ", ".join("?" for _ in values)
            connection.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))

    def source(self, name="helpdesk", log="requests", **expect):
        self.insert("landing.sources", source=name, log=log, namespace="tickets", **expect)

    def batch(self, source="helpdesk", log="requests", rows=1, quarantined=0, age=timedelta(0), superseded=False, **counts):
        facts = {"source_rows": rows, "mapped": rows, "skipped": 0, "unmapped": 0, "held_back": 0, "read": rows}
        facts |= {"landed": rows - quarantined, "duplicate": 0, "superseding": 0, "conflicting": 0, "quarantined": quarantined}
        self.insert("landing.batches", source=source, log=log, landed_at=AS_OF - age, superseded=superseded, **(facts | counts))

    def reject(self, rows, source="helpdesk", log="requests"):
        for _ in range(rows):
            self.insert("landing.quarantine", source=source, log=log)

    def event(self, log="requests", **changes):
        self.insert(f"landing.{log}", **(RECEIVED | changes))

    def events(self, rows, log="requests"):
        self.event(log)
        with self._connect() as connection:
            connection.execute(
                f"insert into landing.{log} select * exclude number replace (event_id || number as event_id)"
                f" from landing.{log} cross join range(1, {rows}) as numbers (number)"
            )

    def verdicts(self):
        with self._connect() as connection:
            rows = connection.execute("select log, source, verdict, failed_checks from run.source_verdicts").fetchall()
        return {(log, source): (verdict, failed) for log, source, verdict, failed in rows}
