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
"""What the ledger line of a snapshot repeats of its manifest, so that it is known without the snapshot's files."""


def name(sequence: int, content_hash: str) -> str:
    """What a snapshot is called."""
    return f"{sequence:04d}-{content_hash[:6]}"


def instant(at: datetime) -> str:
    """An instant as manifests state it: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def identity(candidate: Candidate) -> dict[str, Any]:
    """What a snapshot says and of what it is a function, leaving out when it was made."""
    made = candidate.provenance
    return {
        "as_of": instant(made.as_of),
        "organisation": made.organisation,
        "time_zone": made.time_zone,
        "configuration": dict(made.configuration),
        "pack": dict(made.pack),
        "code_version": made.code_version,
        "duckdb_version": duckdb.__version__,
        "holidays_version": made.holidays_version,
        "lock_sha256": made.lock_sha256,
        "models": models(candidate),
        "content_hash": candidate.content_hash,
        "tables": tables(candidate),
    }


def models(candidate: Candidate) -> dict[str, str]:
    """SHA-256 of the compiled text of every mart."""
    made = candidate.provenance.models
    return {name: made[name] for name in sorted(candidate.tables) if name in made}


def tables(candidate: Candidate) -> dict[str, Any]:
    """Rows and content hash of every mart."""
    return {name: {"rows": table.rows, "hash": table.hash} for name, table in candidate.tables.items()}
