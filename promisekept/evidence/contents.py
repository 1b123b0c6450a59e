"""What a bundle holds, part by part, and the bag closed over it.

Here: filling an empty folder from an open snapshot. Not here: the parts themselves (tables.py, events.py, metadata.py ...), where
the folder lies or where its export is recorded (export.py).
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
from promisekept.evidence.audiences import KEPT_REQUESTS, SCOPE, Mart, marts_of
from promisekept.evidence.bagit import NOTHING_BEFORE, OMISSIONS, close_bag
from promisekept.evidence.changes import Predecessor, changes, pack_document, predecessor, published_line
from promisekept.evidence.compiled_models import Models
from promisekept.evidence.event_selection import choose_units, logs_of
from promisekept.evidence.events import LEFT_OUT, given, landed, write_events
from promisekept.evidence.proof import CONSISTENCY_FILE, FILE, consistency_proof, log_proof
from promisekept.evidence.public import HiddenFigures, attach_hidden_figures, hidden_figures, public_columns
from promisekept.evidence.rekeying import IDS_KEPT, IDS_LEFT_OUT, Names, joined, rekey, shown
from promisekept.evidence.reperforming import REBUILT, write_reperforming
from promisekept.evidence.report import build_report, write_report
from promisekept.evidence.rules import contracts_of, write_pack, write_policy
from promisekept.evidence.scope import Scope
from promisekept.evidence.tables import Table, described, write_table
from promisekept.publishing.reader import SnapshotReader
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.keys import Key
from promisekept.sources.zone.ledger import Ledger

_EVENTS = """\
   data/events/*.csv             the landed events behind each unit, people and cases under the names of this bundle: also
                                 earlier ones that decide about a unit, and units that nobody can judge
   data/landing/*.csv            deliveries, and rejected rows without the values that were rejected
"""
_REPERFORM = """\
5. The figures follow from the events

       sh BUNDLE/reperform.sh

   rebuilds the requests and the figures from data/events, data/landing and data/pack by the SQL in metadata/sql, and
   compares them with data/tables, row by row. It needs the duckdb command (1.4 or later, `pip install duckdb-cli`) and
   writes nothing into the bundle. It runs what lies in the bundle, so do 1 first; what it runs can be read in
   metadata/reperform. late_rows is not rebuilt: it counts rows by the day they landed, and most of them lie outside of
   the period; data/landing/batches.csv has the number of each delivery.

"""
_NO_NAMES = """\
   It holds no person and no case, only counts.
"""
_OWN_NAMES = """\
   Nobody can put two bundles together by the keys of people or by the ids of events, requests, records and incidents: each
   bundle has its own, made with a key that stays with {organisation}. What happened stands in each as it was: instants, places
   and codes, and the delivery that it came with. Who has two bundles of one time can tell by those that two rows may be one case.
"""
_WITH_IDS = """\
   Nobody can put two bundles together by the keys of people: each has its own. The ids of events, requests, records and
   incidents are those of {organisation}'s own systems, the same in each bundle that keeps them. They were kept for:
   {reason}
"""
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
        key: under which the bundle shows people and cases.
        models: of the version that computed the snapshot.
        folder: empty, of the bundle's own name.
        report: called with what is being done.
        engine: what DuckDB may take of the machine.
    """

    home: Path
    ledger: Ledger
    reader: SnapshotReader
    scope: Scope
    key: Key
    models: Models
    folder: Path
    report: Progress
    engine: Mapping[str, str]

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

    @property
    def names(self) -> Names:
        """By which the bundle calls single cases."""
        return IDS_KEPT if self.scope.keeps_ids else Names(self.key)

    @cached_property
    def zone(self) -> Zone:
        """What had landed when the snapshot was made."""
        return Zone(self.home, self.ledger, published_line(self.ledger, self.scope.snapshot).body["known_seq"])

    @property
    def small_cell(self) -> int:
        """The threshold by which the snapshot was judged."""
        return int(self.reader.manifest["configuration"]["thresholds.small_cell"])

    @cached_property
    def hidden(self) -> HiddenFigures | None:
        """The figures that the public may not see; None where the audience may see all of them."""
        return hidden_figures(self.reader.cursor(), self.small_cell) if self.is_public else None

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
    document = pack_document(made.home, made.ledger, published_line(made.ledger, made.scope.snapshot))
    tables, events = _tables(cursor, made, contracts_of(document))
    pack = write_pack(document, made.folder / "data/pack", is_public=made.is_public)
    write_policy(cursor, made.folder / "data/policy")
    for name, text in sorted(made.models.texts.items()):
        (made.folder / "metadata/sql" / f"{name}.sql").write_bytes(text.encode())
    _reperforming(made, [*tables, *events, *pack])
    made.report("lineage, changes, omissions")
    before = predecessor(made.home, made.ledger, made.scope)
    since = changes(made.home, made.ledger, made.scope, before, cursor)
    made.json("metadata/changes.json", since)
    _metadata(cursor, made, tables)
    package = described([*tables, *events, *pack], made.folder / "data", made.scope.name, made.title)
    made.json("data/datapackage.json", package)
    _explain(made, events)
    _prove(made, before)
    made.report("the report")
    fingerprint = before.fingerprint if before else None
    said = build_report(
        made.reader, made.scope, previous_tagmanifest=fingerprint, since=since, hidden=made.hidden, names=made.names
    )
    write_report(said, made.folder / "data")
    made.report("hashing")
    close_bag(made.folder, _info(made, before.fingerprint if before else NOTHING_BEFORE))
    return [*tables, *events]


def _set_scope(cursor: duckdb.DuckDBPyConnection, made: Makings) -> None:
    period = made.scope.period
    cursor.execute(SCOPE, [period.start, period.end, made.scope.regime, made.reader.manifest["time_zone"]])
    cursor.execute(KEPT_REQUESTS)


def _tables(cursor: duckdb.DuckDBPyConnection, made: Makings, contracts: Sequence[str]) -> tuple[list[Table], list[Table]]:
    """The marts, and the events behind them where the audience may have them."""
    columns = {mart: metadata.columns_of(cursor, mart) for mart in marts_of(made.scope)}
    rows = {mart: _rows(mart, made.scope) for mart in columns if columns[mart]}
    if made.is_public:
        made.report("hiding small cells")
        attach_hidden_figures(cursor, made.hidden or frozenset())
        return [_write(cursor, made, mart, query, columns[mart]) for mart, query in rows.items()], []
    relations = {mart.name: query for mart, query in rows.items()}
    logs = logs_of(relations)
    made.report("events: whether they are those that landed")
    with landed(made.zone, made.engine) as database:
        made.report("events: which of them")
        choose_units(database, cursor, relations)
        rekey(
            database,
            cursor,
            made.key,
            events={log: given(log) for log in logs},
            rows=[query for mart, query in rows.items() if "row_number" in columns[mart]],
            traces=relations.get("fct_request_traces"),
            contracts=contracts,
            keeps_ids=made.scope.keeps_ids,
        )
        tables = [_write(cursor, made, mart, query, columns[mart]) for mart, query in rows.items()]
        return tables, write_events(database, logs, made.folder / "data", made.report)


def _reperforming(made: Makings, tables: Sequence[Table]) -> None:
    rows = {mart.name: _rows(mart, made.scope) for mart in marts_of(made.scope) if mart.name in REBUILT}
    by_path = {f"{table.folder}/{table.name}": table for table in tables}
    write_reperforming(made.folder, made.scope, manifest=made.reader.manifest, models=made.models, tables=by_path, rows=rows)


def _rows(mart: Mart, scope: Scope) -> str:
    of_regime = f" and ({mart.of_regime})" if scope.regime is not None else ""
    return f"select mart.* from marts.{mart.name} as mart, scope where ({mart.within}){of_regime}"


def _write(cursor: duckdb.DuckDBPyConnection, made: Makings, mart: Mart, rows: str, columns: Mapping[str, str]) -> Table:
    made.report(mart.name)
    selected: Sequence[str] = [shown(name, kind) for name, kind in columns.items()]
    join = joined(columns)
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
    if not made.is_public and not scope.keeps_ids:
        besides.append(IDS_LEFT_OUT)
    besides = [*besides, *metadata.purged_rows(made.ledger, counted=not made.is_public)]
    made.json("metadata/reconciliation.json", metadata.reconciliation(cursor, scope))
    made.json("metadata/quality.json", metadata.quality(cursor, made.reader))
    made.json("metadata/lineage.json", metadata.lineage(cursor, made.reader, made.zone, made.models.texts, scope))
    made.json(OMISSIONS, metadata.omissions(scope, in_snapshot, in_bundle, besides))


def _explain(made: Makings, events: Sequence[Table]) -> None:
    here = resources.files(__package__)
    instructions = (
        (here / "VERIFY.txt")
        .read_text(encoding="utf-8")
        .format(
            title=made.title,
            organisation=made.reader.manifest["organisation"],
            more=_EVENTS if events else "",
            reperform=_REPERFORM if events else "",
            names=_names(made),
            pack=_PUBLIC_PACK if made.is_public else _PACK.format(**made.reader.manifest["pack"]),
        )
    )
    (made.folder / "data/VERIFY.txt").write_bytes(instructions.encode())
    (made.folder / "data/verify.sh").write_bytes((here / "verify.sh").read_bytes())


def _names(made: Makings) -> str:
    if made.is_public:
        return _NO_NAMES
    template = _WITH_IDS if made.scope.keeps_ids else _OWN_NAMES
    return template.format(organisation=made.reader.manifest["organisation"], reason=made.scope.ids_kept_for)


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
        **({"Ids-Kept-For": scope.ids_kept_for} if scope.ids_kept_for else {}),
        "As-Of": manifest["as_of"],
        "Known-At": manifest["known_at"],
        "Previous-Tagmanifest-SHA512": before,
    }
