"""What a snapshot's manifest states, and how a snapshot is named.

Here: names, instants as text, and of what a candidate is a function. Not here: writing a manifest (store.py,
restatement/restoring.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb

from promisekept.publishing.candidate import Candidate

IN_LEDGER = (
    *("id", "sequence", "file_sha256", "quality_sha256", "as_of", "known_at", "known_seq", "time_zone", "configuration"),
    *("pack", "holidays_version", "code_version", "duckdb_version", "lock_sha256", "restored"),
)
"""What the ledger line of a snapshot repeats of its manifest, so that it is there without the snapshot's files."""


def name(sequence: int, content_hash: str) -> str:
    """What a snapshot is called."""
    return f"{sequence:04d}-{content_hash[:6]}"


def instant(at: datetime) -> str:
    """An instant as manifests state it: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def identity(candidate: Candidate) -> dict[str, Any]:
    """The content of a snapshot and its inputs, leaving out when it was made."""
    provenance = candidate.provenance
    return {
        "as_of": instant(provenance.as_of),
        "organisation": provenance.organisation,
        "time_zone": provenance.time_zone,
        "configuration": dict(provenance.configuration),
        "pack": dict(provenance.pack),
        "code_version": provenance.code_version,
        "duckdb_version": duckdb.__version__,
        "holidays_version": provenance.holidays_version,
        "lock_sha256": provenance.lock_sha256,
        "models": models(candidate),
        "content_hash": candidate.content_hash,
        "tables": tables(candidate),
    }


def models(candidate: Candidate) -> dict[str, str]:
    """SHA-256 of the compiled text of every mart."""
    hashes = candidate.provenance.models
    return {name: hashes[name] for name in sorted(candidate.tables) if name in hashes}


def tables(candidate: Candidate) -> dict[str, Any]:
    """Rows and content hash of every mart."""
    return {name: {"rows": table.rows, "hash": table.hash} for name, table in candidate.tables.items()}
