"""What a bundle holds, part by part, and the bag closed over it.

Here: filling an empty folder from an open snapshot. Not here: the parts themselves (tables.py, events.py, metadata.py ...), where
the folder lies or who is told of it (export.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib import resources
from pathlib import Path

import duckdb

from promisekept.durable import json_bytes
from promisekept.evidence import metadata
from promisekept.evidence.audiences import KEPT_REQUESTS, Mart, marts_of
from promisekept.evidence.bagit import NOTHING_BEFORE, close_bag
from promisekept.evidence.changes import Predecessor, changes, pack_document, predecessor, published_line
from promisekept.evidence.events import LEFT_OUT, write_events
from promisekept.evidence.proof import CONSISTENCY_FILE, FILE, consistency_proof, log_proof
from promisekept.evidence.public import make_hidden_figures, public_columns
from promisekept.evidence.rekeying import make_people
from promisekept.evidence.report import build_report, write_report
from promisekept.evidence.rules import write_pack, write_policy
from promisekept.evidence.scope import Scope
from promisekept.evidence.tables import Table, described, shown, write_table
from promisekept.publishing.reader import SnapshotReader
from promisekept.sources.keys import Key
from promisekept.sources.ledger import Ledger
from promisekept.sources.zone import Zone

_EVENTS = "   data/events/*.csv             the landed events behind each unit, people under the keys of this bundle\n"
_PACK = """\
   data/pack, data/policy        the rules that the figures were judged by; the SHA-256 of data/pack/pack.json is
                                 the pack's own, {sha256}
"""
_PUBLIC_PACK = """\
   data/pack, data/policy        the law, the promises and the targets that the figures were judged by
"""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Makings:
    """Of what a bundle is made.

    Attributes:
        home: of the landing zone.
        ledger: of that home.
        reader: the snapshot, open.
        scope: what the bundle is of.
        key: under which the bundle shows people.
        models: the compiled text of every model by its name.
        folder: empty, of the bundle's own name.
        tell: told what is being done.
    """

    home: Path
    ledger: Ledger
    reader: SnapshotReader
    scope: Scope
    key: Key
    models: Mapping[str, str]
    folder: Path
    tell: Progress

    @property
    def is_public(self) -> bool:
        """Whether it holds counts only."""
        return self.scope.audience == "public"

    @property
    def title(self) -> str:
        """What it is, in words."""
        under = f", {self.scope.regime}" if self.scope.regime else ""
        organisation = self.reader.manifest["organisation"]
        return f"{organisation}: evidence for {self.scope.period.code}{under}, for {self.scope.audience}"

    @cached_property
    def zone(self) -> Zone:
        """What had landed when the snapshot was made."""
        return Zone(self.home, self.ledger, published_line(self.ledger, self.scope.snapshot).body["known_seq"])

    @property
    def small_cell(self) -> int:
        """The threshold by which the snapshot was judged."""
        return int(self.reader.manifest["configuration"]["thresholds.small_cell"])

    def json(self, path: str, value: Mapping[str, object]) -> None:
        """Write one JSON file of the bundle."""
        (self.folder / path).write_bytes(json_bytes(value))


def fill(made: Makings) -> list[Table]:
    """Write everything that the bundle holds, and close the bag.

    Returns:
        The tables that were written.

    Raises:
        EvidenceError: a landed file or a pack is gone or not what the ledger recorded.
    """
    for name in ("data/tables", "data/pack", "data/policy", "metadata/sql"):
        (made.folder / name).mkdir(parents=True)
    cursor = made.reader.cursor()
    _set_scope(cursor, made)
    tables, events = _tables(cursor, made)
    pack = pack_document(made.home, made.ledger, published_line(made.ledger, made.scope.snapshot))
    write_pack(pack, made.folder / "data/pack", is_public=made.is_public)
    write_policy(cursor, made.folder / "data/policy")
    for name, text in sorted(made.models.items()):
        (made.folder / "metadata/sql" / f"{name}.sql").write_bytes(text.encode())
    made.tell("lineage, changes, omissions")
    before = predecessor(made.home, made.ledger, made.scope)
    made.json("metadata/changes.json", changes(made.home, made.ledger, made.scope, before, cursor))
    _metadata(cursor, made, tables)
    package = described([*tables, *events], made.folder / "data", made.scope.name, made.title)
    made.json("data/datapackage.json", package)
    _explain(made, events)
    _prove(made, before)
    made.tell("the report")
    said = build_report(made.reader, made.scope, previous_tagmanifest=before.fingerprint if before else None)
    write_report(said, made.folder / "data")
    made.tell("hashing")
    close_bag(made.folder, _info(made, before.fingerprint if before else NOTHING_BEFORE))
    return [*tables, *events]


def _set_scope(cursor: duckdb.DuckDBPyConnection, made: Makings) -> None:
    period = made.scope.period
    cursor.execute(
        "create or replace temp table scope as select ?::date as start_date, ?::date as end_date, ?::varchar as regime,"
        " ?::varchar as zone",
        [period.start, period.end, made.scope.regime, made.reader.manifest["time_zone"]],
    )
    cursor.execute(KEPT_REQUESTS)


def _tables(cursor: duckdb.DuckDBPyConnection, made: Makings) -> tuple[list[Table], list[Table]]:
    """The marts, and the events behind them where the audience may have them."""
    columns = {mart: metadata.columns_of(cursor, mart) for mart in marts_of(made.scope)}
    rows = {mart: _rows(mart, made.scope) for mart in columns if columns[mart]}
    if made.is_public:
        made.tell("hiding small cells")
        make_hidden_figures(cursor, made.small_cell)
        return [_write(cursor, made, mart, query, columns[mart]) for mart, query in rows.items()], []
    make_people(cursor, made.key, [f"({query})" for mart, query in rows.items() if "subject_key" in columns[mart]])
    tables = [_write(cursor, made, mart, query, columns[mart]) for mart, query in rows.items()]
    made.tell("events")
    folder = made.folder / "data/events"
    folder.mkdir()
    return tables, write_events(cursor, made.zone, made.key, {mart.name: query for mart, query in rows.items()}, folder)


def _rows(mart: Mart, scope: Scope) -> str:
    of_regime = f" and ({mart.of_regime})" if scope.regime is not None else ""
    return f"select mart.* from marts.{mart.name} as mart, scope where ({mart.within}){of_regime}"


def _write(cursor: duckdb.DuckDBPyConnection, made: Makings, mart: Mart, rows: str, columns: Mapping[str, str]) -> Table:
    made.tell(mart.name)
    selected: Sequence[str] = [shown(name, kind) for name, kind in columns.items()]
    join = "left join people on mart.subject_key = people.subject_key" if "subject_key" in columns else ""
    if made.is_public:
        selected, join = public_columns(mart)
        columns = {name: columns[name] for name in mart.for_public} | ({"is_suppressed": "BOOLEAN"} if join else {})
    query = f"select {', '.join(selected)} from ({rows}) as mart {join}"
    return write_table(cursor, query, made.folder / "data/tables", mart.name, key=mart.key, columns=columns)


def _metadata(cursor: duckdb.DuckDBPyConnection, made: Makings, tables: Sequence[Table]) -> None:
    scope = made.scope
    in_snapshot = {name: table["rows"] for name, table in made.reader.manifest["tables"].items()}
    in_bundle = {table.name: table.rows for table in tables}
    besides = metadata.public_omissions(made.small_cell) if made.is_public else [LEFT_OUT]
    besides = [*besides, *metadata.fallen_out(made.ledger, counted=not made.is_public)]
    made.json("metadata/reconciliation.json", metadata.reconciliation(cursor, scope))
    made.json("metadata/quality.json", metadata.quality(cursor, made.reader))
    made.json("metadata/lineage.json", metadata.lineage(cursor, made.reader, made.zone, made.models, scope))
    made.json("metadata/omissions.json", metadata.omissions(scope, in_snapshot, in_bundle, besides))


def _explain(made: Makings, events: Sequence[Table]) -> None:
    here = resources.files(__package__)
    told = (
        (here / "VERIFY.txt")
        .read_text(encoding="utf-8")
        .format(
            title=made.title,
            organisation=made.reader.manifest["organisation"],
            more=_EVENTS if events else "",
            pack=_PUBLIC_PACK if made.is_public else _PACK.format(**made.reader.manifest["pack"]),
        )
    )
    (made.folder / "data/VERIFY.txt").write_bytes(told.encode())
    (made.folder / "data/verify.sh").write_bytes((here / "verify.sh").read_bytes())


def _prove(made: Makings, before: Predecessor | None) -> None:
    line = published_line(made.ledger, made.scope.snapshot).seq
    (made.folder / FILE).write_bytes(log_proof(made.home, line).encode())
    if before is not None:
        earlier = published_line(made.ledger, before.snapshot).seq
        (made.folder / CONSISTENCY_FILE).write_bytes(consistency_proof(made.home, earlier, line).encode())


def _info(made: Makings, before: str) -> dict[str, str]:
    manifest, scope = made.reader.manifest, made.scope
    return {
        "Source-Organization": manifest["organisation"],
        "External-Identifier": scope.name,
        "External-Description": made.title,
        "Status": "a draft until signatures/ holds a signature over tagmanifest-sha512.txt",
        "Snapshot-Id": manifest["id"],
        "Snapshot-Content-SHA256": manifest["content_hash"],
        **({"Snapshot-Restores": manifest["restored"]} if manifest["restored"] else {}),
        "Period": scope.period.code,
        "Period-Start": scope.period.start.isoformat(),
        "Period-End": (scope.period.end - timedelta(days=1)).isoformat(),
        "Audience": scope.audience,
        "Filter": scope.filter or "none",
        "As-Of": manifest["as_of"],
        "Known-At": manifest["known_at"],
        "Previous-Tagmanifest-SHA512": before,
    }
