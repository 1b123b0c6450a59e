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
from promisekept.evidence.tables import BundleTable, described, write_table
from promisekept.publishing.reader import SnapshotReader
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.keys import Key
from promisekept.sources.zone.ledger import Ledger

_EVENTS = """\
   data/events/*.csv             the landed events behind each unit, people and cases under the names of this bundle: also
                                 earlier ones that decide about a unit, and units that can't be assessed
   data/landing/*.csv            deliveries, and rejected rows without the values that were rejected
"""
_REPERFORM = """\
5. The figures follow from the events

       sh BUNDLE/reperform.sh

   rebuilds the requests and the figures from data/events, data/landing and data/pack by the SQL in metadata/sql, and
   compares them with data/tables, row by row. It needs the duckdb command (1.4 or later, `pip install duckdb-cli`) and
   writes nothing into the bundle. It runs what lies in the bundle, so do 1 first; what it runs can be read in
   metadata/reperform. late_rows is not rebuilt: it counts rows by the day they landed, and most of them lie outside of
   the period; data/landing/batches.csv has the number of each delivery. Which events are missing by an independent record
   count is taken from data/tables/fct_source_completeness: the bundle holds a part of the events that were counted.

"""
_NO_NAMES = """\
   It holds no person and no case, only counts.
"""
_OWN_NAMES = """\
   Nobody can put two bundles together by the keys of people or by the ids of events, requests, records and incidents: each
   bundle has its own, made with a key that stays with {organisation}. What happened stands in each as it was: instants, places
   and codes, and the delivery that it came with. By those, the holder of two bundles of one time can see that two rows
   may be one case.
"""
_WITH_IDS = """\
   Nobody can put two bundles together by the keys of people: each has its own. The ids of events, requests, records and
   incidents are those of {organisation}'s own systems, the same in each bundle that keeps them. They were kept for:
   {reason}
"""
_PACK = """\
   data/pack, data/policy        the rules that the figures were computed by; the SHA-256 of data/pack/pack.json is
                                 the pack's own, {sha256}
"""
_PUBLIC_PACK = """\
   data/pack, data/policy        the law, the promises and the targets that the figures are held against
"""
ReportStep = Callable[[str], None]


@dataclass(frozen=True)
class BundleInputs:
    """What a bundle is made from.

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
    report: ReportStep
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
        """The threshold of the snapshot."""
        return int(self.reader.manifest["configuration"]["thresholds.small_cell"])

    @cached_property
    def hidden(self) -> HiddenFigures | None:
        """The figures that the public may not see; None where the audience may see all of them."""
        return hidden_figures(self.reader.cursor(), self.small_cell) if self.is_public else None

    def json(self, path: str, value: Mapping[str, object]) -> None:
        """Write one JSON file of the bundle."""
        (self.folder / path).write_bytes(json_bytes(value))


def fill(inputs: BundleInputs) -> list[BundleTable]:
    """Write everything that the bundle holds, and close the bag.

    Returns:
        The tables that were written.

    Raises:
        EvidenceError: a landed file or a pack is gone or not what the ledger recorded.
    """
    for name in ("data/tables", "data/pack", "data/policy", "metadata/sql"):
        (inputs.folder / name).mkdir(parents=True)
    cursor = inputs.reader.cursor()
    _set_scope(cursor, inputs)
    document = pack_document(inputs.home, inputs.ledger, published_line(inputs.ledger, inputs.scope.snapshot))
    tables, events = _tables(cursor, inputs, contracts_of(document))
    pack = write_pack(document, inputs.folder / "data/pack", is_public=inputs.is_public)
    write_policy(cursor, inputs.folder / "data/policy")
    for name, text in sorted(inputs.models.texts.items()):
        (inputs.folder / "metadata/sql" / f"{name}.sql").write_bytes(text.encode())
    _reperforming(inputs, [*tables, *events, *pack])
    inputs.report("lineage, changes, omissions")
    before = predecessor(inputs.home, inputs.ledger, inputs.scope)
    since = changes(inputs.home, inputs.ledger, inputs.scope, before, cursor)
    inputs.json("metadata/changes.json", since)
    _metadata(cursor, inputs, tables)
    package = described([*tables, *events, *pack], inputs.folder / "data", inputs.scope.name, inputs.title)
    inputs.json("data/datapackage.json", package)
    _explain(inputs, events)
    _prove(inputs, before)
    inputs.report("the report")
    fingerprint = before.fingerprint if before else None
    report = build_report(
        inputs.reader, inputs.scope, previous_tagmanifest=fingerprint, since=since, hidden=inputs.hidden, names=inputs.names
    )
    write_report(report, inputs.folder / "data")
    inputs.report("hashing")
    close_bag(inputs.folder, _info(inputs, before.fingerprint if before else NOTHING_BEFORE))
    return [*tables, *events]


def _set_scope(cursor: duckdb.DuckDBPyConnection, inputs: BundleInputs) -> None:
    period = inputs.scope.period
    cursor.execute(SCOPE, [period.start, period.end, inputs.scope.regime, inputs.reader.manifest["time_zone"]])
    cursor.execute(KEPT_REQUESTS)


def _tables(
    cursor: duckdb.DuckDBPyConnection, inputs: BundleInputs, contracts: Sequence[str]
) -> tuple[list[BundleTable], list[BundleTable]]:
    """The marts, and the events behind them where the audience may have them."""
    columns = {mart: metadata.columns_of(cursor, mart) for mart in marts_of(inputs.scope)}
    rows = {mart: _rows(mart, inputs.scope) for mart in columns if columns[mart]}
    if inputs.is_public:
        inputs.report("hiding small cells")
        attach_hidden_figures(cursor, inputs.hidden or frozenset())
        return _write_all(cursor, inputs, rows, columns), []
    relations = {mart.name: query for mart, query in rows.items()}
    logs = logs_of(relations)
    inputs.report("events: whether they are those that landed")
    with landed(inputs.zone, inputs.engine) as database:
        choose_units(database, cursor, relations, lambda what: inputs.report(f"events: {what}"))
        inputs.report("events: names of persons and cases for this bundle")
        rekey(
            database,
            cursor,
            inputs.key,
            events={log: given(log) for log in logs},
            rows=[query for mart, query in rows.items() if "row_number" in columns[mart]],
            traces=relations.get("fct_request_traces"),
            contracts=contracts,
            keeps_ids=inputs.scope.keeps_ids,
        )
        tables = _write_all(cursor, inputs, rows, columns)
        return tables, write_events(database, logs, inputs.folder / "data", inputs.report)


def _reperforming(inputs: BundleInputs, tables: Sequence[BundleTable]) -> None:
    rows = {mart.name: _rows(mart, inputs.scope) for mart in marts_of(inputs.scope) if mart.name in REBUILT}
    by_path = {f"{table.folder}/{table.name}": table for table in tables}
    write_reperforming(
        inputs.folder, inputs.scope, manifest=inputs.reader.manifest, models=inputs.models, tables=by_path, rows=rows
    )


def _rows(mart: Mart, scope: Scope) -> str:
    of_regime = f" and ({mart.of_regime})" if scope.regime is not None else ""
    return f"select mart.* from marts.{mart.name} as mart, scope where ({mart.within}){of_regime}"


def _write_all(
    cursor: duckdb.DuckDBPyConnection, inputs: BundleInputs, rows: Mapping[Mart, str], columns: Mapping[Mart, Mapping[str, str]]
) -> list[BundleTable]:
    written = []
    for number, (mart, query) in enumerate(rows.items(), 1):
        inputs.report(f"{number} of {len(rows)} tables · {mart.name}")
        written.append(_write(cursor, inputs, mart, query, columns[mart]))
    return written


def _write(
    cursor: duckdb.DuckDBPyConnection, inputs: BundleInputs, mart: Mart, rows: str, columns: Mapping[str, str]
) -> BundleTable:
    selected: Sequence[str] = [shown(name, kind) for name, kind in columns.items()]
    join = joined(columns)
    if inputs.is_public:
        selected, join = public_columns(mart)
        columns = {name: columns[name] for name in mart.for_public} | ({"is_suppressed": "BOOLEAN"} if join else {})
    query = f"select {', '.join(selected)} from ({rows}) as mart {join}"
    return write_table(cursor, query, inputs.folder / "data/tables", mart.name, key=mart.key, columns=columns)


def _metadata(cursor: duckdb.DuckDBPyConnection, inputs: BundleInputs, tables: Sequence[BundleTable]) -> None:
    scope = inputs.scope
    in_snapshot = {name: table["rows"] for name, table in inputs.reader.manifest["tables"].items()}
    in_bundle = {table.name: table.rows for table in tables}
    besides = metadata.public_omissions(inputs.small_cell) if inputs.is_public else [LEFT_OUT]
    if not inputs.is_public and not scope.keeps_ids:
        besides.append(IDS_LEFT_OUT)
    besides = [*besides, *metadata.purged_rows(inputs.ledger, counted=not inputs.is_public)]
    inputs.json("metadata/reconciliation.json", metadata.reconciliation(cursor, scope))
    inputs.json("metadata/quality.json", metadata.quality(cursor, inputs.reader))
    inputs.json("metadata/lineage.json", metadata.lineage(cursor, inputs.reader, inputs.zone, inputs.models.texts, scope))
    inputs.json(OMISSIONS, metadata.omissions(scope, in_snapshot, in_bundle, besides))


def _explain(inputs: BundleInputs, events: Sequence[BundleTable]) -> None:
    here = resources.files(__package__)
    instructions = (
        (here / "VERIFY.txt")
        .read_text(encoding="utf-8")
        .format(
            title=inputs.title,
            organisation=inputs.reader.manifest["organisation"],
            more=_EVENTS if events else "",
            reperform=_REPERFORM if events else "",
            names=_names(inputs),
            pack=_PUBLIC_PACK if inputs.is_public else _PACK.format(**inputs.reader.manifest["pack"]),
        )
    )
    (inputs.folder / "data/VERIFY.txt").write_bytes(instructions.encode())
    (inputs.folder / "data/verify.sh").write_bytes((here / "verify.sh").read_bytes())


def _names(inputs: BundleInputs) -> str:
    if inputs.is_public:
        return _NO_NAMES
    template = _WITH_IDS if inputs.scope.keeps_ids else _OWN_NAMES
    return template.format(organisation=inputs.reader.manifest["organisation"], reason=inputs.scope.ids_kept_for)


def _prove(inputs: BundleInputs, before: Predecessor | None) -> None:
    line = published_line(inputs.ledger, inputs.scope.snapshot).seq
    (inputs.folder / FILE).write_bytes(log_proof(inputs.home, line).encode())
    if before is not None:
        earlier = published_line(inputs.ledger, before.snapshot).seq
        (inputs.folder / CONSISTENCY_FILE).write_bytes(consistency_proof(inputs.home, earlier, line).encode())


def _info(inputs: BundleInputs, before: str) -> dict[str, str]:
    manifest, scope = inputs.reader.manifest, inputs.scope
    return {
        "Source-Organization": manifest["organisation"],
        "External-Identifier": scope.name,
        "External-Description": inputs.title,
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
