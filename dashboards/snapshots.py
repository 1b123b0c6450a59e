"""Which published snapshot a page run stands on, and a cursor into it.

Here: resolving CURRENT or a pinned id once per page run, one hardened connection per snapshot shared by all sessions.
Not here: any query (data/) or showing anything (layout.py). A page run and its fragments keep one `Ref`, so no page ever
mixes two snapshots.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from dashboards import arguments
from promisekept.errors import PublishingError
from promisekept.publishing.last_good import ShownSnapshot, instead
from promisekept.publishing.last_good import is_damaged as damaged_files
from promisekept.publishing.reader import (
    SnapshotReader,
    open_current,
    open_snapshot,
    reached_further,
    read_current,
    read_manifest,
)

_log = logging.getLogger("promisekept.dashboards")


class Ref(NamedTuple):
    """A snapshot's name: the key of every cached query. What it points to never changes."""

    home: str
    id: str


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as a page shows it: what it is, when it is of, and whether the gate rejected something newer.

    Attributes:
        ref: key for queries.
        manifest: as published.
        quality: the publish gate's verdict, counts only.
        current: the id that CURRENT names; differs from `ref.id` where an older one is pinned.
        refused: the record of a newer run that the gate rejected, or None.
        rolled_back_to: the id whose content a rollback brought back, or None.
        damaged: what can't be read, a newer snapshot or the pointer, so that `current` is the newest intact one; or None.
    """

    ref: Ref
    manifest: Mapping[str, Any]
    quality: Mapping[str, Any]
    current: str
    refused: Mapping[str, Any] | None
    rolled_back_to: str | None
    damaged: str | None = None

    @property
    def pinned(self) -> bool:
        """Is this another one than the newest?"""
        return self.ref.id != self.current

    @property
    def zone(self) -> str:
        """The organisation's time zone."""
        return str(self.manifest["time_zone"])

    @property
    def as_of(self) -> datetime:
        """The event time up to which events count."""
        return datetime.fromisoformat(self.manifest["as_of"])

    @property
    def published_at(self) -> datetime:
        """When it became current."""
        return datetime.fromisoformat(self.manifest["published_at"])


_damaged: set[tuple[Ref, int]] = set()


def home() -> Path:
    """The home that the app was started for."""
    return arguments.home(sys.argv[1:])


def resolve(at: Path, wanted: str | None) -> Snapshot:
    """The snapshot of this page run: the wanted one if it exists, else the current one.

    Raises:
        PublishingError: nothing has been published, or the current snapshot is not the one that CURRENT names.
    """
    shown = _shown(at)
    stated = _record(at) or {}
    record = stated if stated.get("snapshot") == shown.id else {}
    chosen = _opened(Ref(str(at), shown.id))
    if wanted not in (None, shown.id):
        with contextlib.suppress(PublishingError):
            chosen = _opened(Ref(str(at), str(wanted)))
    return Snapshot(
        Ref(str(at), chosen.id),
        chosen.manifest,
        chosen.quality,
        shown.id,
        record.get("refused"),
        record.get("rolled_back_to") or chosen.manifest.get("restored"),
        shown.damaged,
    )


def _shown(at: Path) -> ShownSnapshot:
    """The current snapshot, or the newest intact one where that or CURRENT is damaged.

    Raises:
        PublishingError: nothing has been published, or nothing of it is intact; the message names no place on this machine.
    """
    try:
        record = read_current(at)
        if record is not None and record["snapshot"] is not None:
            _opened(Ref(str(at), str(record["snapshot"])))
            return ShownSnapshot(str(record["snapshot"]), None)
    except PublishingError as error:
        _log.error("%s", str(error).replace("\n", " "))
    shown = _instead(str(at), _state(at))
    if shown is not None:
        return shown
    try:
        open_current(at).close()
    except PublishingError as error:
        raise PublishingError(str(error).removeprefix(f"{at}: ").replace(str(at), "home")) from None
    raise PublishingError("CURRENT changed while it was read.\n  Load the page again.")


@st.cache_resource(max_entries=4, show_spinner=False)
def _instead(at: str, state: tuple[object, ...]) -> ShownSnapshot | None:
    """Looked for once for each state of a home: it reads every byte of a snapshot."""
    return instead(Path(at))


def _state(at: Path) -> tuple[object, ...]:
    files = (
        at / "CURRENT",
        at / "snapshots",
        at / "landing" / "ledger.jsonl",
        *sorted((at / "snapshots").glob("*/snapshot.duckdb")),
    )
    return tuple((str(file), file.stat().st_mtime_ns, file.stat().st_ino) for file in files if file.exists())


def _record(at: Path) -> Mapping[str, Any] | None:
    try:
        return read_current(at)
    except PublishingError:
        return None


def is_damaged(wanted: str | None) -> bool:
    """Whether the snapshot that was just queried is damaged; if it is, it is opened no more while its file is the same."""
    at = home()
    ref = Ref(str(at), wanted or _shown(at).id)
    if not damaged_files(at, ref.id):
        return False
    _damaged.add((ref, _inode(ref)))
    _opened.clear()
    return True


def _inode(ref: Ref) -> int:
    file = Path(ref.home) / "snapshots" / ref.id / "snapshot.duckdb"
    return file.stat().st_ino if file.exists() else 0


def newest(ref: Ref) -> str | None:
    """The id that CURRENT names now; None where it can't be read just now."""
    try:
        return _shown(Path(ref.home)).id
    except PublishingError:
        return None


def ids(ref: Ref) -> list[str]:
    """The ids of all snapshots whose files are kept, newest first."""
    return sorted((path.name for path in (Path(ref.home) / "snapshots").glob("[0-9]*-*")), reverse=True)


def before(ref: Ref) -> Mapping[str, Any] | None:
    """The manifest of the snapshot that was published before this one, if its files are kept."""
    earlier = [name for name in ids(ref) if sequence(name) < sequence(ref.id)]
    return read_manifest(Path(ref.home), earlier[0]) if earlier else None


def further(shown: Snapshot) -> Mapping[str, Any] | None:
    """The manifest of a snapshot that was published before this one and holds what it leaves out, if any."""
    return _further(shown.ref)


@st.cache_data(max_entries=16, show_spinner=False)
def _further(ref: Ref) -> Mapping[str, Any] | None:
    return reached_further(Path(ref.home), _opened(ref).manifest)


def sequence(snapshot: str) -> int:
    """The number of a snapshot in the order of publication, from its id."""
    return int(snapshot.partition("-")[0])


def cursor(ref: Ref) -> Any:
    """A cursor of one's own into a snapshot."""
    return opened(ref).cursor()


def opened(ref: Ref) -> SnapshotReader:
    """A snapshot, open, shared by all readers."""
    return _opened(ref)


def zone(ref: Ref) -> str:
    """The organisation's time zone, as a snapshot records it."""
    return str(_opened(ref).manifest["time_zone"])


@st.cache_resource(max_entries=16, show_spinner=False)
def _opened(ref: Ref) -> SnapshotReader:
    at = Path(ref.home)
    if (ref, _inode(ref)) in _damaged:
        raise PublishingError(f"Snapshot {ref.id} is damaged.\n  `promisekept fsck` names the remedy.")
    record = _record(at)
    if record is not None and record["snapshot"] == ref.id:
        reader = open_current(at)
        if reader.id == ref.id:
            return reader
        reader.close()
    return open_snapshot(at, ref.id)
