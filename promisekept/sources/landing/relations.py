"""The landing zone as relations of the warehouse: schema `landing`, which dbt and the gates read.

Here: one view per log over the explicit files that the ledger names, the quarantine, and tables of batches, held-back
files, control totals, sequence gaps and sources, all as known at one ledger sequence. Superseded batches and compacted files
are resolved here and nowhere else. Not here: which version of an event counts (staging).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa

from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.durable import has_sha256
from promisekept.errors import LandingError
from promisekept.paths import printable
from promisekept.sources.contract import contract
from promisekept.sources.landing.control_totals import reaches_over
from promisekept.sources.landing.quarantine_relation import keep_quarantine
from promisekept.sources.landing.sequences import gaps
from promisekept.sources.zone.batches import COUNTS, Batch, Zone, have_same_columns, scan
from promisekept.sources.zone.ledger import Ledger, Line

_BATCHES = pa.schema(
    [("seq", pa.int64()), ("batch_id", pa.string()), ("source", pa.string()), ("log", pa.string()), ("namespace", pa.string()),
     ("landed_at", pa.timestamp("us", "UTC")), ("origin_path", pa.string()), ("origin_sha256", pa.string()),
     ("sha256", pa.string()),
     *((name, pa.int64()) for name in COUNTS),
     ("first_event_at", pa.timestamp("us", "UTC")), ("last_event_at", pa.timestamp("us", "UTC")),
     ("superseded", pa.bool_()), ("landed_again", pa.bool_()), ("reason", pa.string())]
)  # fmt: skip
_HELD_BACK = pa.schema(
    [("seq", pa.int64()), ("source", pa.string()), ("log", pa.string()), ("origin_name", pa.string()), ("sha256", pa.string()),
     ("reason", pa.string()), ("says", pa.string()), ("landed_at", pa.timestamp("us", "UTC")), ("rows", pa.int64()),
     ("is_replaced", pa.bool_())]
)  # fmt: skip
SOURCES = pa.schema(
    [("source", pa.string()), ("log", pa.string()), ("namespace", pa.string()), ("time_zone", pa.string()),
     ("expect_every_seconds", pa.int64()), ("expect_grace_seconds", pa.int64()), ("expect_rows_min", pa.int64()),
     ("expect_rows_max", pa.int64()), ("has_control_total", pa.bool_()), ("sequence_column", pa.string()),
     ("declared_due", pa.string())]
)  # fmt: skip
_CONTROL_TOTALS = pa.schema(
    [("source", pa.string()), ("day", pa.date32()), ("stated", pa.int64()), ("landed_at", pa.timestamp("us", "UTC"))]
)
_SEQUENCE_GAPS = pa.schema(
    [("source", pa.string()), ("column_name", pa.string()), ("first_missing", pa.int64()), ("last_missing", pa.int64()),
     ("missing", pa.int64()), ("batch_id", pa.string()), ("landed_at", pa.timestamp("us", "UTC"))]
)  # fmt: skip


def attach(
    connection: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger, known_seq: int, *, full_refresh: bool = True
) -> None:
    """Create the schema `landing` in a warehouse, as of a ledger sequence.

    Args:
        connection: the warehouse, writable.
        settings: whose home and sources.
        ledger: of that home.
        known_seq: only what stands in lines up to this one is seen.
        full_refresh: keep no rejected row that an earlier build read.

    Raises:
        LandingError: a file of landed rows is gone or is not what the ledger recorded; nothing is made from it.
    """
    zone = Zone(settings.home, ledger, known_seq)
    require_unchanged(zone)
    connection.execute("create schema if not exists landing")
    for log in contract().values():
        files = zone.stored(log.name)
        rows = scan(files, log, same_columns=have_same_columns(connection, files))
        columns = ", ".join(log.landed)
        connection.execute(f"create or replace view landing.{log.name} as select {columns} from ({rows})")
    attach_deliveries(connection, zone)
    keep_quarantine(connection, zone, full_refresh=full_refresh)
    _table(connection, "sources", SOURCES, [_source(settings, zone, source) for source in settings.sources])
    _table(connection, "control_totals", _CONTROL_TOTALS, list(_control_totals(zone)))
    _table(connection, "sequence_gaps", _SEQUENCE_GAPS, list(_sequence_gaps(settings, zone)))


def attach_deliveries(connection: duckdb.DuckDBPyConnection, zone: Zone) -> None:
    """Create the relations of deliveries in the schema `landing`: `batches` and `held_back`.

    A row that was delivered and rejected several times is one row of `quarantine`; the counts of each batch still hold every
    delivery of it.

    Args:
        connection: has the schema.
        zone: what had landed.
    """
    _table(connection, "batches", _BATCHES, [_batch(zone, index) for index in range(len(zone.batches))])
    _table(connection, "held_back", _HELD_BACK, [_held_back(zone, line) for line in zone.still_rejected()])


def require_unchanged(zone: Zone) -> None:
    """Hash every file of landed and of rejected rows again.

    Raises:
        LandingError: one is gone or is not what the ledger recorded.
    """
    recorded = recorded_files(zone)
    with ThreadPoolExecutor() as hashing:
        sound = hashing.map(has_sha256, recorded, recorded.values())
        changed = [path for path, is_sound in zip(recorded, sound, strict=True) if not is_sound]
    if changed:
        raise LandingError(
            "\n".join(f"{path}: not there, or not what the ledger recorded when it landed." for path in changed)
            + "\n  Nothing was built from it. `promisekept fsck` reports what changed; restore it from a backup of home."
        )


def recorded_files(zone: Zone) -> dict[Path, str]:
    """The files of landed and of rejected rows that count, each with its recorded SHA-256."""
    # A reader of Parquet does not notice a flipped byte or a row that somebody took out. Rejected rows count, too: without
    # them the worst case of a figure would be a better one.
    landed = {file.path: file.sha256 for log in contract() for file in zone.stored(log)}
    return landed | {zone.landing / file: sha256 for file, sha256 in zone.reject_files()}


def _batch(zone: Zone, index: int) -> dict[str, object]:
    batch = zone.batches[index]
    return {
        "seq": batch.seq,
        "batch_id": batch.batch_id,
        "source": batch.source,
        "log": batch.log,
        "namespace": batch.namespace,
        "landed_at": batch.at,
        # A ledger may hold a path from before its bytes were recorded as characters.
        "origin_path": printable(batch.origin["path"]),
        "origin_sha256": batch.origin["sha256"],
        "sha256": batch.body["sha256"],
        **{name: batch.counts[name] for name in COUNTS},
        "first_event_at": batch.first_event_at,
        "last_event_at": batch.last_event_at,
        "superseded": batch.batch_id in zone.superseded,
        "landed_again": batch.landed_again,
        "reason": batch.body["reason"],
    }


def _held_back(zone: Zone, line: Line) -> dict[str, object]:
    return {
        "seq": line.seq,
        "source": line.body["source"],
        "log": line.body["log"],
        "origin_name": printable(line.body["origin"]["path"]),
        "sha256": line.body["origin"]["sha256"],
        "reason": line.body["reason"],
        "says": line.body["says"],
        "landed_at": line.at,
        "rows": line.body["rows"],
        "is_replaced": zone.is_replaced(line),
    }


def _control_totals(zone: Zone) -> Iterator[dict[str, object]]:
    for source, days in zone.totals.items():
        for day, total in days.items():
            if total.count is not None:
                yield {"source": source, "day": day, "stated": total.count, "landed_at": total.at}


def _sequence_gaps(settings: Settings, zone: Zone) -> Iterator[dict[str, object]]:
    for source in settings.sources:
        total = [batch for batch in zone.active() if batch.source == source.name and _counts_by(batch, source.sequence)]
        for gap in gaps(total):
            yield {
                "source": gap.source,
                "column_name": gap.column,
                "first_missing": gap.first,
                "last_missing": gap.last,
                "missing": gap.missing,
                "batch_id": gap.batch.batch_id,
                "landed_at": gap.batch.at,
            }


def _counts_by(batch: Batch, column: str | None) -> bool:
    sequence = batch.body.get("sequence")
    return sequence is not None and sequence["column"] == column


def _source(settings: Settings, zone: Zone, source: Source) -> dict[str, object]:
    expect = source.expect
    return {
        "source": source.name,
        "log": source.log,
        "namespace": source.namespace,
        "time_zone": source.time_zone,
        "expect_every_seconds": int(expect.every.total_seconds()) if expect else None,
        "expect_grace_seconds": int(expect.grace.total_seconds()) if expect else None,
        "expect_rows_min": expect.rows[0] if expect and expect.rows else None,
        "expect_rows_max": expect.rows[1] if expect and expect.rows else None,
        # A total that was named but covers less than what landed does not confirm it.
        "has_control_total": reaches_over(settings, zone, source),
        "sequence_column": source.sequence,
        "declared_due": source.declared_due,
    }


def _table(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: list[dict[str, object]]) -> None:
    connection.execute(f"drop table if exists landing.{name}")
    connection.from_arrow(pa.Table.from_pylist(rows, schema=schema)).create(f"landing.{name}")
