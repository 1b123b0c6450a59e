"""Sources that could not be read: what the ledger records of them, until they can be.

Here: which errors are about a source, and the lines that begin and end its not being read. Not here: the other sources, which
land and are published meanwhile (land.py), or what such a line does to a verdict: the same as a rejected file.
"""

from __future__ import annotations

import hashlib

from promisekept.config.source import Source
from promisekept.errors import ConfigError, LandingError, MachineError, PromisekeptError
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.tasks import Landed, mapping_sha256, settings_sha256
from promisekept.sources.zone.batches import SOURCE_NOT_READ, SOURCE_READ
from promisekept.system_errors import is_disk_full


def is_about_a_source(error: PromisekeptError) -> bool:
    """Whether the other sources can go on: neither this machine nor the landing zone is in the way."""
    return isinstance(error, LandingError | ConfigError) and not isinstance(error, MachineError) and not is_disk_full(error)


def note_unread(run: Run, source: Source, error: PromisekeptError) -> list[Landed]:
    """Record in the ledger that a source could not be read, and why; nothing where its last line states that already."""
    if source.name in run.zone.unread_sources and not run.owes_a_line:
        return []
    stated = f"{SOURCE_NOT_READ}:{source.name}:{run.now.isoformat()}"
    sha256 = hashlib.sha256(stated.encode()).hexdigest()
    body: dict[str, object] = {
        "source": source.name,
        "log": source.log,
        "namespace": source.namespace,
        "origin": {"path": source.where, "sha256": sha256, "bytes": 0, "modified": None},
        "mapping_sha256": None if source.mapping is None or not source.mapping.is_file() else mapping_sha256(source),
        "settings_sha256": settings_sha256(source),
        "reason": SOURCE_NOT_READ,
        "says": " ".join(str(error).split()),
        "header": [],
        "rows": None,
    }
    line = run.record("held_back", body, sha256)
    counts = {"source_rows": 0, "held_back": 0}
    return [Landed(source.name, source.log, source.where, sha256, line.seq, None, counts, SOURCE_NOT_READ, str(error))]


def note_read(run: Run, source: Source) -> None:
    """Record in the ledger that a source could be read to its end, where a line before states that it could not."""
    if source.name in run.zone.unread_sources:
        _end(run, source.name, is_configured=True)


def note_removed(run: Run) -> None:
    """Record the same of each source that is not configured any more: nobody reads it."""
    for name in sorted(run.zone.unread_sources.keys() - {source.name for source in run.settings.sources}):
        _end(run, name, is_configured=False)


def _end(run: Run, source: str, *, is_configured: bool) -> None:
    stated = hashlib.sha256(f"{SOURCE_READ}:{source}:{run.now.isoformat()}".encode()).hexdigest()
    run.record(SOURCE_READ, {"source": source, "is_configured": is_configured}, stated)
