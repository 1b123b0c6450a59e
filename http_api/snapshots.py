"""Which published snapshots there are, and each of them open once for all callers.

Here: the current one, where that is damaged the newest intact one, as the dashboard shows it; any other by its id; and the
figures of each that the public may not see. Not here: a query (app.py).
"""

from __future__ import annotations

from collections import OrderedDict
from http import HTTPStatus
from pathlib import Path
from threading import Lock

from http_api.problems import Problem
from promisekept.errors import PublishingError
from promisekept.evidence.public import HiddenFigures, hidden_figures
from promisekept.publishing.last_good import find_shown
from promisekept.publishing.reader import SnapshotReader, open_snapshot, read_current, read_manifest

KEPT_OPEN = 8


class Snapshots:
    """The published snapshots of one home."""

    def __init__(self, home: Path) -> None:
        """Open none yet."""
        self.home = home
        self._opened: OrderedDict[str, SnapshotReader] = OrderedDict()
        self._hidden: dict[str, HiddenFigures] = {}
        self._lock, self._suppressing = Lock(), Lock()

    def ids(self) -> list[str]:
        """Of all whose files are kept, newest first."""
        folders = (path.name for path in (self.home / "snapshots").glob("[0-9]*-*"))
        return sorted((name for name in folders if read_manifest(self.home, name)), reverse=True)

    def current(self) -> str:
        """The id of the one that readers are shown.

        Raises:
            Problem: 503, nothing was published, or nothing of it is intact.
        """
        try:
            record = read_current(self.home)
            if record is not None and record["snapshot"] in self._opened:
                return str(record["snapshot"])
            return find_shown(self.home).id
        except PublishingError as error:
            detail = str(error).replace(f"{self.home}: ", "").replace(str(self.home), "home")
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "60"}) from None

    def open(self, snapshot: str | None) -> SnapshotReader:
        """One of them, by default the current one.

        Raises:
            Problem: 404, there is none of that id; 503, it can't be read.
        """
        name = self.current() if snapshot is None else snapshot
        with self._lock:
            if name in self._opened:
                self._opened.move_to_end(name)
                return self._opened[name]
            if name not in self.ids():
                raise Problem(HTTPStatus.NOT_FOUND, f"There is no snapshot `{name}`. /v1/snapshots lists them.")
            try:
                self._opened[name] = open_snapshot(self.home, name)
            except PublishingError:
                detail = f"Snapshot {name} is damaged. `promisekept fsck` names the remedy."
                raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None
            if len(self._opened) > KEPT_OPEN:  # who still reads it holds a cursor of its own
                self._opened.popitem(last=False)
            return self._opened[name]

    def hidden(self, snapshot: SnapshotReader) -> HiddenFigures:
        """The figures of a snapshot that no public bundle of it shows; computed once, while others are answered."""
        with self._suppressing:
            if snapshot.id not in self._hidden:
                threshold = int(snapshot.manifest["configuration"]["thresholds.small_cell"])
                self._hidden[snapshot.id] = hidden_figures(snapshot.cursor(), threshold)
            return self._hidden[snapshot.id]

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            while self._opened:
                self._opened.popitem()[1].close()
