"""The fictional organisation, written to disk as a project folder that nobody would know from a real one.

Here: running the story (story/*.sql) and writing each source's view of it as files. Not here: what happens in the story,
nor anything that reads the result. Nothing depends on the clock or on chance: the same bytes each time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from promisekept.errors import ConfigError

AS_OF = datetime.fromisoformat("2026-09-30T23:59:00-04:00")
EARLIER_AS_OF = datetime.fromisoformat("2026-08-31T23:59:00-04:00")
"""The end of the month before: an earlier snapshot, so that there is something to compare the last one with."""
LANDED_AT = datetime.fromisoformat("2026-10-01T06:00:00-04:00")
_HERE = Path(__file__).parent
_KEY = hashlib.sha256(b"Larkfield Communications is a fictional organisation").hexdigest()
_CSV = "format csv, header"
_JSON = "format json"
_PARQUET = "format parquet, compression zstd"

# Source: what its files end in and how DuckDB writes them. The old ticket system is not here, it speaks cp1252.
FILES = {
    "helpdesk": ("csv", _CSV),
    "privacy_portal": ("jsonl", _JSON),
    "consent_platform": ("jsonl", _JSON),
    "disclosure_register": ("parquet", _PARQUET),
    "record_catalogue": ("csv.gz", f"{_CSV}, compression gzip"),
    "inventory_scanner": ("parquet", _PARQUET),
    "notice_log": ("csv", _CSV),
    "processing_register": ("parquet", _PARQUET),
    "incident_desk": ("csv", _CSV),
    "policy_site": ("jsonl", _JSON),
    "identity_links": ("csv", _CSV),
    "compliance_desk": ("jsonl", _JSON),
}
_LEGACY = "legacy_tickets"


def write_demo(folder: Path) -> None:
    """Write the project folder of the fictional organisation.

    Args:
        folder: new or empty; afterwards it holds promisekept.yml, pack, keys, mappings and inbox, about 100,000 events
            of 18 months (promisekept/demo/__init__.py lists its cases and the known answers).

    Raises:
        ConfigError: the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: this folder is not empty.\n  Name another one with --home, or remove it.")
    # Whole or not at all: what an interrupted one left would be taken for the organisation the next time.
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _write(unfinished)
    unfinished.replace(folder)


def _write(folder: Path) -> None:
    for part in ("pack", "mappings"):
        shutil.copytree(_HERE / part, folder / part)
    shutil.copyfile(_HERE / "promisekept.yml", folder / "promisekept.yml")
    _write_key(folder / "keys" / "pseudonym.key")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for chapter in sorted((_HERE / "story").glob("*.sql")):
            connection.execute(chapter.read_text(encoding="utf-8"))
        for source, (suffix, options) in FILES.items():
            _write_source(connection, source, folder / "inbox" / source, suffix, options)
        _write_legacy(connection, folder / "inbox" / _LEGACY)
    for file in (folder / "inbox").rglob("*.*"):
        os.utime(file, (AS_OF.timestamp(), AS_OF.timestamp()))


def _write_key(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.touch(mode=0o600)
    file.write_text(f"{_KEY}\n", encoding="ascii")


def _write_source(connection: duckdb.DuckDBPyConnection, source: str, folder: Path, suffix: str, options: str) -> None:
    folder.mkdir(parents=True)
    connection.execute(f"create temp table delivery as select * from {source}")
    for (part,) in connection.execute("select distinct delivered from delivery order by delivered").fetchall():
        rows = f"from delivery where delivered = {_literal(part)} order by moment, event_id"
        file = _literal(str(folder / f"{source}-{part}.{suffix}"))
        connection.execute(f"copy (select * exclude (delivered, moment) {rows}) to {file} ({options})")
    connection.execute("drop table delivery")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _write_legacy(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folder.mkdir(parents=True)
    rows = connection.execute(f"select * exclude (delivered, moment, event_id) from {_LEGACY} order by moment, event_id")
    lines = [";".join(column[0] for column in rows.description or ())]
    lines += [";".join(str(cell) for cell in row) for row in rows.fetchall()]
    (folder / "tickets-2026-06-30.csv").write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
