"""Which snapshot readers are shown, also where the current one or the pointer to it is damaged.

Here: the newest published snapshot whose files are what the ledger recorded. Not here: opening it (reader.py), naming what is
wrong (fsck.py) or repairing it (store.py, restatement/restoring.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from promisekept.errors import PublishingError
from promisekept.publishing.publications import damage, published_snapshots
from promisekept.publishing.reader import open_current, read_current
from promisekept.sources.zone.ledger import Ledger, LedgerError

NONE_INTACT = (
    "No published snapshot can be read.\n"
    "  `promisekept fsck` names the damage; `promisekept restore` builds the snapshots again from landing."
)


@dataclass(frozen=True, slots=True)
class ShownSnapshot:
    """What readers see: `damaged` names what can't be read, the pointer or the newer snapshot; None where nothing is."""

    id: str
    damaged: str | None


def find_shown(home: Path) -> ShownSnapshot:
    """The current snapshot, or where that can't be opened the newest intact one.

    Raises:
        PublishingError: nothing was published yet, or nothing of it is intact.
    """
    try:
        with open_current(home) as snapshot:
            return ShownSnapshot(snapshot.id, None)
    except PublishingError:
        shown = instead(home)
        if shown is None:
            raise
        return shown


def instead(home: Path) -> ShownSnapshot | None:
    """The newest intact snapshot, where the current one can't be shown.

    Returns:
        None where nothing has been published.

    Raises:
        PublishingError: nothing of what was published is intact.
    """
    published = _published(home)
    if not published:
        return None
    for name, manifest_sha256 in published:
        if not damage(home / "snapshots" / name, manifest_sha256):
            return ShownSnapshot(name, _named(home, published[0][0]))
    raise PublishingError(NONE_INTACT)


def is_damaged(home: Path, snapshot: str) -> bool:
    """Whether the files of a published snapshot are not what the ledger recorded; reads all of them."""
    stated = dict(_published(home)).get(snapshot)
    return stated is None or bool(damage(home / "snapshots" / snapshot, stated))


def _named(home: Path, newest: str) -> str:
    try:
        record = read_current(home)
    except PublishingError:
        return "CURRENT"
    return str(record["snapshot"]) if record and record["snapshot"] == newest else "CURRENT"


def _published(home: Path) -> list[tuple[str, str]]:
    """Ids and the SHA-256 of manifests, newest first: from the ledger, or from the manifests where that can't be read."""
    try:
        snapshots = [one for one in published_snapshots(Ledger.open(home)) if not one.retired]
        return [(one.id, one.manifest_sha256) for one in sorted(snapshots, key=lambda one: -one.sequence)]
    except LedgerError:
        manifests = sorted((home / "snapshots").glob("[0-9]*-*/manifest.json"), reverse=True)
        return [(file.parent.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in manifests]
