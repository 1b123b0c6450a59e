"""The bundle before this one, and what has changed in pack, law and code since.

Here: finding the predecessor and `metadata/changes.json`. Not here: why a figure is another one now (restatement/causes.py states
it when a snapshot is published; here it is read).

The predecessor is the bundle of the same audience and filter whose period ends last before this one begins, as the ledger knew it
at the line of this snapshot. So it does not depend on when one exports.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from promisekept.durable import has_sha256
from promisekept.errors import EvidenceError
from promisekept.evidence.rules import PUBLIC_REGISTERS
from promisekept.evidence.scope import Scope, read_period
from promisekept.policy.pack_changes import compare_documents
from promisekept.publishing.export_log import Entry, known_at_line
from promisekept.publishing.publications import PUBLISHED
from promisekept.publishing.reader import rows
from promisekept.sources.zone.ledger import Ledger, Line

KIND = "bundle"
_STATED = ("pack", "code_version", "duckdb_version", "holidays_version", "time_zone", "configuration")


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The bundle before: its fingerprint, the snapshot that it was made of and its period's code."""

    fingerprint: str
    snapshot: str
    period: str


def filters_of(scope: Scope) -> dict[str, tuple[str, ...]]:
    """A scope's audience and filter as the export log holds them."""
    filters = (("audience", scope.audience), ("regime_code", scope.regime), ("ids", "kept" if scope.keeps_ids else None))
    return {name: (value,) for name, value in filters if value}


def published_line(ledger: Ledger, snapshot: str) -> Line:
    """The ledger line of a snapshot.

    Raises:
        EvidenceError: it was never published.
    """
    for line in ledger.lines():
        if line.kind in PUBLISHED and line.body["id"] == snapshot:
            return line
    raise EvidenceError(f"The ledger names no snapshot `{snapshot}`.\n  `promisekept snapshots list` shows those that there are.")


def predecessor(home: Path, ledger: Ledger, scope: Scope) -> Predecessor | None:
    """The bundle before this one, or None."""
    line = published_line(ledger, scope.snapshot)
    earlier = [entry for entry in known_at_line(home, ledger, line.seq) if _comes_before(entry, scope)]
    if not earlier:
        return None
    last = max(earlier, key=lambda entry: (read_period(entry.export.period).end, entry.seq)).export
    return Predecessor(last.fingerprint, last.snapshot, last.period)


def changes(
    home: Path, ledger: Ledger, scope: Scope, before: Predecessor | None, connection: duckdb.DuckDBPyConnection
) -> dict[str, Any]:
    """What changed between the snapshot of the bundle before and this one, and the figures that it changed.

    Args:
        home: holds the packs that were kept.
        ledger: of that home.
        scope: of this bundle.
        before: None = nothing to compare with.
        connection: to the snapshot with its `history`, where it has one.
    """
    if before is None:
        return {"predecessor": None, "stated": {}, "pack_rows": [], "figures": []}
    old, new = published_line(ledger, before.snapshot), published_line(ledger, scope.snapshot)
    stated = {name: {"before": old.body[name], "after": new.body[name]} for name in _STATED if old.body[name] != new.body[name]}
    pack_rows = []
    if old.body["pack"] != new.body["pack"]:
        for change in compare_documents(pack_document(home, ledger, old), pack_document(home, ledger, new)):
            if scope.audience == "public" and change.register not in PUBLIC_REGISTERS:
                continue
            entry = asdict(change)
            entry.pop("line")
            pack_rows.append(entry | {"valid_from": change.valid_from.isoformat() if change.valid_from else None})
    figures = [] if scope.audience == "public" else _figures(connection, old.body["sequence"], new.body["sequence"])
    return {"predecessor": asdict(before), "stated": stated, "pack_rows": pack_rows, "figures": figures}


def pack_document(home: Path, ledger: Ledger, published: Line) -> bytes:
    """The pack that a snapshot was computed by, as it was kept.

    Raises:
        EvidenceError: it is gone or is not what the ledger recorded.
    """
    sha256 = published.body["pack"]["sha256"]
    for line in ledger.lines("pack", until=published.seq):
        path = home / "landing" / str(line.body["file"])
        if line.content_hash == sha256 and has_sha256(path, sha256):
            return path.read_bytes()
    raise EvidenceError(
        f"The pack {sha256[:12]} that snapshot {published.body['id']} was computed by is gone or was changed.\n"
        "  Restore landing/packs from a backup of home; `promisekept fsck` lists everything that is missing."
    )


def _comes_before(entry: Entry, scope: Scope) -> bool:
    export = entry.export
    same = {name: tuple(values) for name, values in export.filters.items()} == filters_of(scope)
    return export.kind == KIND and same and read_period(export.period).end <= scope.period.start


def _figures(connection: duckdb.DuckDBPyConnection, after: int, until: int) -> list[dict[str, Any]]:
    """Restated figures of closed periods within the bundle's period, oldest restatement first."""
    there = connection.execute("select 1 from duckdb_databases() where database_name = 'history'").fetchall()
    if not there:
        return []
    found = rows(
        connection,
        "select snapshot, metric_code, period_grain, period_start::varchar as period_start, period_end::varchar as period_end,"
        " dimension, dimension_value, change, old_numerator, new_numerator, old_denominator, new_denominator, old_value,"
        " new_value, to_json(causes)::varchar as causes"
        " from history.fct_restatements as mart, scope"
        " where sequence > $after and sequence <= $until and mart.period_end <= scope.end_date"
        " and (scope.regime is null or (mart.dimension = 'regime_code' and mart.dimension_value = scope.regime))"
        " order by sequence, metric_code, mart.period_start, mart.period_end, dimension, dimension_value",
        {"after": after, "until": until},
    )
    return [row | {"causes": json.loads(row["causes"])} for row in found]
