"""A warehouse whose requests are written by hand, so that figures, findings and verdicts are tested without the engine.

Here: empty logs, a pack in a few words, rows of fct_requests with what does not matter filled in, and dbt for everything
that is made of them. Not here: how a request comes to its status (../deadlines), or any rule of a metric (oracle.py).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import model_builds

from orchestration import properties
from orchestration.compiled_project import Node
from orchestration.dbt_runner import DATABASE, OUTGOING, PROJECT
from orchestration.pipeline import STAGING
from promisekept.config.loading import load_settings
from promisekept.policy import load_pack
from promisekept.policy.relations import attach_pack
from promisekept.project.scaffold import scaffold
from promisekept.sources.contract import contract
from promisekept.sources.landing.relations import attach
from promisekept.sources.zone.batches import COUNTS
from promisekept.sources.zone.ledger import Ledger

LANDED_AT = datetime(2026, 9, 1, tzinfo=UTC)
ROOMS = (
    "models/intermediate/metrics", "models/intermediate/findings", "models/intermediate/controls",
    "models/marts/metrics", "models/marts/findings", "models/marts/controls", "models/audit",
    "tests/metrics", "tests/controls", "tests/audit",
)  # fmt: skip
MADE_OF_FACTS = {file.stem for room in ROOMS for file in (PROJECT / room).rglob("*.sql")}
# They compare with landed rows, which these requests don't have.
NEED_THE_LOG = ("assert_waterfall_holds_every_request", "assert_completeness_holds_every_row_of_the_ledger")
PACK = {
    "pack.yml": "name: test\nversion: '1'\neffective_from: 2018-01-01\n",
    "clauses.csv": "clause_id,section,promise,source,assessed_by,limits\n"
    "C-1,1,In time,law,measured,\nC-2,1,Guarded,policy,manual,\n",
    "controls.csv": "control_id,clause_id,logs\nCTL-TIME,C-1,requests\nCTL-HAND,C-2,\n",
    "control_metrics.csv": "control_id,metric_code,dimension,dimension_value,operator,target\n"
    "CTL-TIME,deadline_adherence,all,all,>=,0.5\n",
    "attestations.csv": "control_id,assessed_on,valid_to,result,assessor_role,evidence_ref\n",
}


@dataclass
class Warehouse:
    """One DuckDB file below `folder`.

    Attributes:
        plan: the models that are made of facts, with their singular tests, in the order in which they run.
        stale: those of them by unique id that read, however far back, what was changed since they ran.
    """

    folder: Path
    plan: tuple[Node, ...] = ()
    stale: set[str] = field(default_factory=set)

    @property
    def file(self) -> Path:
        """The build database."""
        return self.folder / DATABASE

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection in UTC; close it before models are made."""
        connection = duckdb.connect(str(self.file))
        connection.execute(f"set TimeZone = 'UTC'; attach '{self.file.with_name(OUTGOING)}' as outgoing")
        return connection

    def copy(self, folder: Path) -> Warehouse:
        """The same warehouse in another folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in (DATABASE, OUTGOING):
            shutil.copy(self.folder / name, folder / name)
        return Warehouse(folder, self.plan)

    def prepare(self) -> Warehouse:
        """Empty logs as tables that a test may fill, a small pack, and the fact table as the engine shapes it."""
        project = self.folder / "project"
        scaffold(project, organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
        settings = load_settings(project)
        pack = project / "pack"
        for name, text in PACK.items():
            (pack / name).write_text(text, encoding="utf-8")
        with self.connect() as db:
            attach(db, settings, Ledger.open(settings.home), 0)
            for view in (*contract(), "quarantine"):
                db.execute(f"create table landing.filled as from landing.{view}; drop view landing.{view}")
                db.execute(f"alter table landing.filled rename to {view}")
            db.execute("delete from landing.sources")
            attach_pack(db, load_pack(pack))
            db.execute("create schema if not exists run")
            db.execute(
                "create table run.source_verdicts (log varchar, source varchar, suite varchar, verdict varchar, declared bigint,"
                " passed bigint, failed_checks varchar[])"
            )
            db.execute(properties.TABLE)
            db.execute(
                "create table run.build_state (known_seq bigint, as_of timestamptz, known_at timestamptz, pack_sha256 varchar,"
                " code_version varchar)"
            )
        self.stand_at("2026-09-15")
        found = model_builds.project()
        with self.connect() as db:
            facts = [node.name for node in found.built.values() if node.is_mart and node.name not in MADE_OF_FACTS]
            model_builds.make(db, facts + [node.name for node in found.built.values() if node.schema in STAGING])
        made = MADE_OF_FACTS - set(NEED_THE_LOG) | {"stg_requests__versions", "int_requests__events", "fct_source_completeness"}
        self.plan = tuple(node for node in found.nodes.values() if node.name in made)
        self.stale = {node.unique_id for node in self.plan}
        with self.connect() as db:
            self._make(db, " ".join(made))
        return self

    def stand_at(self, as_of: str) -> Warehouse:
        """Choose the instant: noon UTC of a day."""
        with self.connect() as db:
            db.execute(
                "create or replace table run.run_instants as select ?::timestamptz as as_of, ?::timestamptz as known_at,"
                " 1::bigint as known_seq, 'Example Ltd' as organisation, 'IE' as country, 'Europe/Dublin' as time_zone,"
                " 7::bigint as due_soon_days, 30::bigint as record_due_soon_days, 30::bigint as erasure_grace_days,"
                " 10::bigint as small_cell, 0.001::double as refused_rows, 0.5::double as match_rate, '' as dimensions,"
                " 'pack' as pack_sha256, 'code' as code_version, null::date as kept_from",
                [f"{as_of}T12:00:00Z", LANDED_AT],
            )
        self._changed("run.run_instants")
        return self

    def insert(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Rows by column name; columns that are left out are null."""
        with self.connect() as db:
            types = {row[0]: row[1] for row in db.execute(f"describe {table}").fetchall()}
            for row in rows:
                named = ", ".join(f'cast(? as {types[name]}) as "{name}"' for name in row)
                db.execute(f"insert into {table} by name select {named}", list(row.values()))
        self._changed(table)

    def fill(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Many rows of one shape at once."""
        file = self.folder / "rows.jsonl"
        file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
        with self.connect() as db:
            types = {str(row[0]): str(row[1]) for row in db.execute(f"describe {table}").fetchall()}
            columns = {name: types[name] for name in rows[0]}
            db.execute(
                f"insert into {table} by name select * from read_json(?, format = 'newline_delimited', columns = ?)",
                [str(file), columns],
            )
        file.unlink()
        self._changed(table)

    def deliver(self, source: str, *, log: str = "requests", at: datetime = LANDED_AT, **counts: Any) -> str:
        """A delivery of a source, landed at a moment; the source is configured with its first one."""
        with self.connect() as db:
            known = db.execute("select count(*) from landing.sources where source = ?", [source]).fetchall()[0][0]
            seq = db.execute("select count(*) + 1 from landing.batches").fetchall()[0][0]
        if not known:
            self.insert("landing.sources", [{"source": source, "log": log, "namespace": source, "has_control_total": False}])
        zero = dict.fromkeys(COUNTS, 0)
        batch = f"b-{seq:04d}"
        row = {
            "seq": seq,
            "batch_id": batch,
            "source": source,
            "log": log,
            "namespace": source,
            "landed_at": at,
            "superseded": False,
        }
        self.insert("landing.batches", [row | {"origin_sha256": batch} | zero | counts])
        return batch

    def requests(self, rows: Sequence[dict[str, Any]]) -> None:
        """Rows of fct_requests; each column that does not matter is filled."""
        self.insert("outgoing.marts.fct_requests", [request(number, **row) for number, row in enumerate(rows)])

    def reject(self, source: str, **columns: Any) -> None:
        """A row of the requests log in quarantine."""
        row = {
            "source": source,
            "namespace": source,
            "log": "requests",
            "batch_id": "b-0001",
            "landed_at": LANDED_AT,
            "reason": "unknown_code",
        }
        with self.connect() as db:
            number = db.execute("select count(*) + 1 from landing.quarantine").fetchall()[0][0]
        self.insert("landing.quarantine", [row | {"row_number": number} | columns])

    def event(self, source: str, **columns: Any) -> None:
        """A landed row of the requests log that counts."""
        with self.connect() as db:
            number = db.execute("select count(*) + 1 from landing.requests").fetchall()[0][0]
        row = {
            "namespace": source, "source": source, "event_id": f"e{number}", "revision": 0, "collides": False,
            "batch_id": "b-0001", "row_number": number, "landed_at": LANDED_AT,
        }  # fmt: skip
        self.insert("landing.requests", [row | columns])

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows as dicts. The models that the query names are made anew where something was changed that they are made of."""
        with self.connect() as db:
            self._make(db, query)
            cursor = db.execute(query, list(parameters))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def change(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """An update, insert or delete of one table."""
        with self.connect() as db:
            db.execute(statement, list(parameters))
        self._changed(statement.split()[1 if statement.startswith("update ") else 2])

    def _changed(self, table: str) -> None:
        nodes, plan = model_builds.project().nodes.values(), {node.unique_id for node in self.plan}
        changed = {read for node in nodes for read in node.reads if read.split(".")[-1] == table.rsplit(".", maxsplit=1)[-1]}
        for node in nodes:
            if changed.intersection(node.reads) and (node.unique_id in plan or node.materialized == "view"):
                changed.add(node.unique_id)
        self.stale |= changed & plan

    def _make(self, db: duckdb.DuckDBPyConnection, query: str) -> None:
        """What is stale of the models that a query names, with the singular tests of what is not stale any more."""
        asked = {node.unique_id for node in self.plan if re.search(rf"\b{node.name}\b", query)}
        for node in reversed(self.plan):
            if node.unique_id in asked:
                asked.update(node.reads)
        for node in self.plan:
            if node.resource_type == "test" and node.unique_id in self.stale and self.stale.isdisjoint(node.reads):
                assert db.execute(node.text).fetchall() == [], f"{node.name}: {node.text}"
            elif node.unique_id in self.stale & asked:
                kind = "view" if node.materialized == "view" else "table"
                db.execute(f"create or replace {kind} {node.relation} as {node.text}")
            else:
                continue
            self.stale.remove(node.unique_id)

    def figure(self, metric_code: str, dimension_value: str = "all", period_start: date | None = None) -> dict[str, Any]:
        """One month's figure, or that of everything to date."""
        grain = "to_date" if period_start is None else "month"
        (row,) = self.rows(
            "from outgoing.marts.fct_metrics where metric_code = ? and dimension_value = ?"
            " and period_grain = ? and period_start is not distinct from ?",
            [metric_code, dimension_value, grain, period_start],
        )
        return row


def request(number: int, **row: Any) -> dict[str, Any]:
    """A row of fct_requests whose other columns follow from those that are given."""
    right = row.get("right_type", "access")
    namespace = row.get("namespace", row.get("source", "helpdesk"))
    request_id = row.get("request_id", f"r{number}")
    received = row.get("received_date", date(2026, 3, 1))
    closed = row.get("closed_date")
    status = row.get("status", "open_in_time")
    return {
        "namespace": namespace,
        "request_key": f"{namespace}/{request_id}/{right}",
        "request_id": request_id,
        "source": namespace,
        "right_type": right,
        "jurisdiction": "IE",
        "regime_code": "EU_GDPR",
        "channel": "email",
        "received_at": datetime(received.year, received.month, received.day, 10, tzinfo=UTC),
        "received_date": received,
        "status": status,
        "strict_status": row.get("strict_status", status),
        "extension_status": "none",
        "closed_while_paused": False,
        "withdrawn_overdue": False,
        "left_overdue": False,
        "days_to_close": None if closed is None else (closed - received).days,
        "rule_confidence": "high",
        "time_zone": "Europe/Dublin",
        "role": "controller",
        "regime_is_override": False,
        "unpermitted_pause_days": 0,
        "event_id": f"e-{number}",
        "batch_id": "b-0001",
        "row_number": number + 1,
    } | row
