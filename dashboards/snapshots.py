"""Which published snapshot a page run stands on, and a cursor into it.

Here: resolving CURRENT or a pinned id once per page run, one hardened connection per snapshot shared by all sessions.
Not here: any query (data/) or showing anything (frame.py). A page run and its fragments keep one `Ref`, so no page ever
mixes two snapshots.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from dashboards import arguments
from promisekept.errors import PublishingError
from promisekept.publishing.reader import SnapshotReader, open_current, open_snapshot, read_current, read_manifest


class Ref(NamedTuple):
    """A snapshot's name: the key of every cached query. What it points to never changes."""

    home: str
    id: str


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as a page shows it: what it is, when it is of, and whether the gate refused something newer.

    Attributes:
        ref: key for queries.
        manifest: as published.
        quality: the publish gate's verdict, counts only.
        current: the id that CURRENT names; differs from `ref.id` where an older one is pinned.
        refused: the record of a newer run that the gate refused, or None.
        rolled_back_to: the id whose content a rollback brought back, or None.
    """

    ref: Ref
    manifest: Mapping[str, Any]
    quality: Mapping[str, Any]
    current: str
    refused: Mapping[str, Any] | None
    rolled_back_to: str | None

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
        """The instant that everything is judged at."""
        return datetime.fromisoformat(self.manifest["as_of"])

    @property
    def published_at(self) -> datetime:
        """When it became current."""
        return datetime.fromisoformat(self.manifest["published_at"])


def home() -> Path:
    """The home that the app was started for."""
    return arguments.home(sys.argv[1:])


def resolve(at: Path, wanted: str | None) -> Snapshot:
    """The snapshot of this page run: the wanted one if it exists, else the current one.

    Raises:
        PublishingError: nothing has been published, or the current snapshot is not what CURRENT says.
    """
    record = read_current(at)
    if record is None or record["snapshot"] is None:
        open_current(at).close()
        raise PublishingError(f"{at}: CURRENT changed while it was read.\n  Load the page again.")
    current = str(record["snapshot"])
    chosen = _opened(Ref(str(at), current))
    if wanted not in (None, current):
        with contextlib.suppress(PublishingError):
            chosen = _opened(Ref(str(at), str(wanted)))
    return Snapshot(
        Ref(str(at), chosen.id),
        chosen.manifest,
        chosen.quality,
        current,
        record.get("refused"),
        record.get("rolled_back_to") or chosen.manifest.get("restored"),
    )


def newest(ref: Ref) -> str | None:
    """The id that CURRENT names now; None where it can't be read just now."""
    try:
        record = read_current(Path(ref.home))
    except PublishingError:
        return None
    return str(record["snapshot"]) if record and record["snapshot"] else None


def ids(ref: Ref) -> list[str]:
    """The ids of all snapshots whose files are kept, newest first."""
    return sorted((path.name for path in (Path(ref.home) / "snapshots").glob("[0-9]*-*")), reverse=True)


def before(ref: Ref) -> Mapping[str, Any] | None:
    """The manifest of the snapshot that was published before this one, if its files are kept."""
    earlier = [name for name in ids(ref) if sequence(name) < sequence(ref.id)]
    return read_manifest(Path(ref.home), earlier[0]) if earlier else None


def sequence(snapshot: str) -> int:
    """The number of a snapshot in the order of publication, from its id."""
    return int(snapshot.partition("-")[0])


def cursor(ref: Ref) -> Any:
    """A cursor of one's own into a snapshot."""
    return _opened(ref).cursor()


@st.cache_resource(max_entries=16, show_spinner=False)
def _opened(ref: Ref) -> SnapshotReader:
    at = Path(ref.home)
    record = read_current(at)
    if record is not None and record["snapshot"] == ref.id:
        reader = open_current(at)
        if reader.id == ref.id:
            return reader
        reader.close()
    return open_snapshot(at, ref.id)
