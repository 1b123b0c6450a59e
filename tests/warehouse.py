"""A warehouse that looks as if landing had filled it, for tests that care about nothing before it.

Here: schemas landing, pack and run as the models find them, events of any log in a few words, and dbt on top. Not here: any rule;
how files become rows (tests/sources) or packs become tables (tests/policy).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import model_builds

from orchestration.dbt_runner import DATABASE, OUTGOING
from orchestration.execution import NodeResult
from promisekept.policy import load_pack
from promisekept.policy.relations import attach_pack
from promisekept.sources.contract import contract
from promisekept.sources.zone.batches import COUNTS

LANDED_AT = "2030-01-01T00:00:00Z"
SOURCES = {log: {"requests": "helpdesk"}.get(log, log) for log in contract()}
DEADLINES = ("+fct_requests", "+fct_request_traces")


@dataclass
class Warehouse:
    """One DuckDB file below `folder`; every batch is a line of an imagined ledger.

    Attributes:
        folder: where everything lies.
        zone: the organisation's time zone.
        batches: how many landed.
        results: of the nodes of the last build.
    """

    folder: Path
    zone: str = "Europe/Dublin"
    batches: int = 0
    results: list[NodeResult] = field(default_factory=list)
    _standing: tuple[Any, ...] = ()

    @property
    def file(self) -> Path:
        """The build database."""
        return self.folder / DATABASE

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection in UTC; close it before dbt runs."""
        connection = duckdb.connect(str(self.file))
        connection.execute(f"set TimeZone = 'UTC'; attach '{self.file.with_name(OUTGOING)}' as outgoing")
        return connection

    def prepare(self, pack: Path | None = None) -> Warehouse:
        """Empty logs, nothing built yet, and the shipped law unless there is a pack."""
        with self.connect() as db:
            db.execute("create schema landing; create schema run")
            for log in contract().values():
                db.execute(
                    f"create table landing.{log.name} ({', '.join(f'{name} {kind}' for name, kind in log.landed.items())})"
                )
            db.execute(
                "create table landing.batches (seq bigint, batch_id varchar, source varchar, log varchar, landed_at timestamptz,"
                " origin_sha256 varchar, superseded boolean, landed_again boolean, first_event_at timestamptz,"
                f" last_event_at timestamptz, {', '.join(f'{name} bigint' for name in COUNTS)})"
            )
            db.execute("create table landing.sources (source varchar, log varchar, namespace varchar, declared_due varchar)")
            db.execute(
                "create table landing.quarantine (batch_id varchar, source varchar, namespace varchar, log varchar,"
                " row_number bigint, reason varchar, column_name varchar, event_id varchar, occurred_at"
                " timestamptz, landed_at timestamptz,"
                " request_id varchar, right_type varchar, jurisdiction varchar, channel varchar, event_type varchar,"
                " content_hash varchar)"
            )
            db.execute(
                "create table run.build_state (known_seq bigint, as_of timestamptz, known_at timestamptz, pack_sha256 varchar,"
                " code_version varchar)"
            )
            attach_pack(db, load_pack(pack or self._shipped_law()))
        return self

    def _shipped_law(self) -> Path:
        pack = self.folder / "pack"
        pack.mkdir()
        (pack / "pack.yml").write_text("name: shipped law\nversion: '1'\neffective_from: 2018-01-01\n", encoding="utf-8")
        return pack

    def place(self, code: str, regime_code: str | None, calendar: str | None, time_zone: str | None) -> str:
        """One more place in the register of jurisdictions."""
        with self.connect() as db:
            db.execute(
                "insert into pack.jurisdictions by name"
                " select ? as jurisdiction, ? as regime_code, ? as calendar, ? as time_zone",
                [code, regime_code, calendar, time_zone],
            )
        return code

    def land(self, events: Iterable[dict[str, Any]], at: str = LANDED_AT, log: str = "requests") -> str:
        """Land rows of a log as one batch; of the requests log, what a row leaves out is filled with what does not matter."""
        self.batches += 1
        batch = f"b-{self.batches:04d}"
        rows = [self._row(event, batch, number, at, log) for number, event in enumerate(events, start=1)]
        file = self.folder / f"{batch}.jsonl"
        with self.connect() as db:
            seen = set(db.execute(f"select namespace, event_id from landing.{log}").fetchall())
            for row in rows:
                row["collides"] = (row["namespace"], row["event_id"]) in seen
                seen.add((row["namespace"], row["event_id"]))
            file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
            if rows:
                db.execute(
                    f"insert into landing.{log} by name select * from read_json(?, format = 'newline_delimited', columns = ?)",
                    [str(file), dict(contract()[log].landed)],
                )
            db.execute(
                "insert into landing.batches by name select ? as seq, ? as batch_id, ? as source, ? as log, ? as landed_at,"
                " ? as origin_sha256, false as superseded, min(occurred_at) as first_event_at,"
                f" max(occurred_at) as last_event_at, count(*) as landed from landing.{log} where batch_id = ?",
                [self.batches, batch, SOURCES[log], log, at, batch, batch],
            )
        file.unlink()
        return batch

    def deliver(self, rows: Iterable[dict[str, Any]], dice: Random, log: str) -> None:
        """Land rows at its `landed_at`, those of one moment in any order."""
        delivered = list(rows)
        for landed_at in sorted({row["landed_at"] for row in delivered}):
            together = [row for row in delivered if row["landed_at"] == landed_at]
            dice.shuffle(together)
            self.land(together, at=landed_at.isoformat(), log=log)

    def _row(self, event: dict[str, Any], batch: str, number: int, at: str, log: str) -> dict[str, Any]:
        filling: dict[str, Any] = {}
        if log == "requests" and event["event_type"] == "received":
            filling = {"jurisdiction": "IE", "channel": "email", "subject_key": "0" * 32, "right_type": "access"}
        namespace = {"requests": "tickets"}.get(log, log)
        return (
            {"namespace": namespace, "event_id": f"{batch}-{number}", "revision": 0, "source": SOURCES[log], "key_id": "k1"}
            | filling
            | event
            | {"batch_id": batch, "landed_at": at, "row_number": number}
        )

    def build(
        self,
        as_of: str,
        *,
        full_refresh: bool = True,
        select: Iterable[str] = DEADLINES,
        unit_tests: bool = False,
    ) -> Warehouse:
        """Build for an instant, and remember it as the state that was built.

        Models with all that they read are made without the tests beside them; other selections are dbt's.
        """
        select = list(select)
        self._standing = ()
        self._fix(as_of)
        if not unit_tests and all(name.startswith("+") for name in select):
            with self.connect() as db:
                self.results = model_builds.make(db, [name.removeprefix("+") for name in select], full_refresh=full_refresh)
        else:
            mode = ["--full-refresh"] if full_refresh else []
            self.results = model_builds.by_dbt(self.folder, self.file, "--select", *select, *mode, unit_tests=unit_tests)
        with self.connect() as db:
            db.execute(
                "create or replace table run.build_state as"
                " select known_seq, as_of, known_at, pack_sha256, code_version from run.run_instants"
            )
        return self

    def _fix(self, as_of: str) -> None:
        instant = datetime.fromisoformat(as_of).astimezone(UTC)
        with self.connect() as db:
            db.execute(
                "create or replace table run.run_instants as select ?::timestamptz as as_of, ?::timestamptz as known_at,"
                " ?::bigint as known_seq, 'Example Ltd' as organisation, 'IE' as country, ?::varchar as time_zone,"
                " 7::bigint as due_soon_days, 30::bigint as record_due_soon_days, 30::bigint as erasure_grace_days,"
                " 10::bigint as small_cell, 0.001::double as refused_rows, 0.5::double as match_rate, '' as dimensions,"
                " 'pack' as pack_sha256, 'code' as code_version, null::date as kept_from",
                [instant, LANDED_AT, self.batches, self.zone],
            )

    def look_again(self, as_of: str) -> list[dict[str, Any]]:
        """The requests as they stand at another instant, by the compiled text of the mart alone: what is below it stays."""
        self._fix(as_of)
        return self.rows(model_builds.project().models.texts["fct_requests"])

    def rows(self, query: str, parameters: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Rows as dicts; dates and instants as ISO text."""
        with self.connect() as db:
            cursor = db.execute(query, list(parameters))
            names = [column[0] for column in cursor.description or ()]
            return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]

    def model(self, name: str, key: Sequence[str], as_of: datetime, *others: str) -> dict[tuple[Any, ...], dict[str, Any]]:
        """The rows of a model by their key, at an instant; built, with others, unless it stands as of that instant already."""
        asked = (name, *others), as_of, self.batches
        if self._standing != asked:
            self.build(as_of.isoformat(), select=[f"+{model}" for model in asked[0]])
            self._standing = asked
        schema = "intermediate" if name.startswith("int_") else "outgoing.marts"
        return by_key(self.rows(f"select * from {schema}.{name}"), *key)

    def led_astray(self, mart: str, log: str) -> int:
        """How many rows of a mart of events do not lead back to the landed row that they are of."""
        place = "batch_id, row_number, namespace, event_id, source, occurred_at"
        (lost,) = self.rows(f"select count(*) as rows from outgoing.marts.{mart} anti join landing.{log} using ({place})")
        return int(lost["rows"])

    def request(self, request_id: str, right_type: str = "access") -> dict[str, Any]:
        """The published row of one right of a request."""
        (row,) = self.rows(
            "select * from outgoing.marts.fct_requests where request_id = ? and right_type = ?", [request_id, right_type]
        )
        return row


def by_key(rows: Iterable[dict[str, Any]], *key: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by their grain, which is one."""
    listed = [{name: plain(value) for name, value in row.items()} for row in rows]
    found = {tuple(row[name] for name in key): row for row in listed}
    assert len(found) == len(listed)
    return found


def require_equal(
    found: dict[tuple[Any, ...], dict[str, Any]], expected: dict[tuple[Any, ...], dict[str, Any]], *, above: int = 0
) -> None:
    """The rows that an oracle computes are there, more than so many, with each of its values, and there are no others."""
    assert found.keys() == expected.keys(), list(found.keys() ^ expected.keys())[:3]
    for key, row in expected.items():
        assert {name: found[key][name] for name in row} == row, (key, found[key], row)
    assert len(expected) > above


def plain(value: Any) -> Any:
    """Dates and instants as ISO text."""
    return value.isoformat() if hasattr(value, "isoformat") else value
