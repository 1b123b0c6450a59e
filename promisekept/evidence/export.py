"""A draft bundle of a published snapshot: made, written down, put in its place.

Here: the order of those three. Not here: what a bundle holds (contents.py), signing (release.py) or checking (verifying.py).

The bundle is made under a name of its own, then written down in the export log, then renamed: a killed export leaves nothing that
looks like a bundle, and no bundle is there of which the log knows nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from promisekept.durable import sync_folder
from promisekept.errors import EvidenceError, LockHeld
from promisekept.evidence.bagit import SIGNATURES, TAG_MANIFEST, file_sha512, files, fingerprint
from promisekept.evidence.changes import KIND, filters_of
from promisekept.evidence.contents import Makings, Progress, fill
from promisekept.evidence.rekeying import bundle_key
from promisekept.evidence.scope import Scope
from promisekept.evidence.zipping import zip_bundle
from promisekept.publishing.exports import Export, bind, record
from promisekept.publishing.lock import writer_lock
from promisekept.publishing.reader import SnapshotReader, open_snapshot
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.keys import Key
from promisekept.sources.ledger import Ledger

FOLDER = "evidence"
_PARTIAL = ".partial-"


@dataclass(frozen=True, slots=True)
class Models:
    """How the marts were computed: the version of the code, and the compiled text of every model by its name."""

    code_version: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taker:
    """Who exports, in which role, and when."""

    who: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle: where it lies, its fingerprint, how many rows its tables hold, and whether it lay there before."""

    path: Path
    scope: Scope
    fingerprint: str
    rows: int
    was_there: bool


def export(
    home: Path,
    scope: Scope,
    key: Key,
    models: Models,
    taker: Taker,
    *,
    out: Path | None = None,
    zipped: bool = False,
    progress: Progress | None = None,
) -> Bundle:
    """Write the draft bundle of a published snapshot.

    Args:
        home: of the snapshot, its landing zone and its ledger.
        scope: what it is of.
        key: the pseudonym key, of which the bundle's own is made.
        models: must be of the version that computed the snapshot.
        taker: for the export log.
        out: the folder in which the bundle is put, or the ZIP that it becomes; default `home/evidence`.
        zipped: a ZIP instead of a folder.
        progress: told what is being done.

    Returns:
        The bundle; where the same one lies there already, that one.

    Raises:
        EvidenceError: the snapshot is of other code, the period or regime is not in it, a landed file is not what the ledger
            recorded, or another bundle lies where this one belongs. Nothing was written.
    """
    tell = progress or (lambda _: None)
    ledger = Ledger.open(home)
    tell("checking the snapshot's bytes")
    SnapshotStore(home).intact_folder(scope.snapshot, ledger)
    is_file = out is not None and out.suffix == ".zip"
    place = out.parent if out is not None and is_file else out or home / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    with open_snapshot(home, scope.snapshot) as reader, _room(place, scope) as folder:
        _require(reader, scope, models)
        tables = fill(Makings(home, ledger, reader, scope, bundle_key(key, scope), models.texts, folder, tell))
        found = fingerprint(folder)
        ready = folder
        if zipped or is_file:
            tell("packing")
            ready = folder.with_name(f"{folder.name}.zip")
            zip_bundle(folder, ready)
        rows = sum(table.rows for table in tables)
        target = out if out is not None and is_file else place / ready.name
        there = _is_there(target, ready)
        of = sum(table["rows"] for table in reader.manifest["tables"].values())
        _write_down(home, scope, taker, folder, rows=rows, of=of)
        if not there:
            ready.rename(target)
            sync_folder(place)
    return Bundle(target, scope, found, rows, there)


def _require(reader: SnapshotReader, scope: Scope, models: Models) -> None:
    stated = reader.manifest["code_version"]
    if stated != models.code_version:
        raise EvidenceError(
            f"Snapshot {scope.snapshot} was computed by version {stated}, this is {models.code_version}: its SQL is not here.\n"
            "  Run `promisekept run` and export the new snapshot, or export with the version that computed this one."
        )
    as_of = datetime.fromisoformat(reader.manifest["as_of"]).astimezone(ZoneInfo(reader.manifest["time_zone"])).date()
    if scope.period.start > as_of:
        raise EvidenceError(
            f"--period: {scope.period.code} begins after {as_of}, at which snapshot {scope.snapshot} was judged.\n"
            "  Run `promisekept run` once the period has begun, or name an earlier one."
        )
    if scope.regime is not None:
        known = [
            row[0]
            for row in reader.cursor()
            .execute("select distinct regime_code from marts.fct_requests where regime_code is not null order by all")
            .fetchall()
        ]
        if scope.regime not in known:
            raise EvidenceError(f"--regime: no request falls under `{scope.regime}`.\n  There are: {', '.join(known) or 'none'}")


@contextlib.contextmanager
def _room(place: Path, scope: Scope) -> Iterator[Path]:
    """A folder of the bundle's own name below one that is removed in any case."""
    with tempfile.TemporaryDirectory(prefix=_PARTIAL, dir=place) as temporary:
        folder = Path(temporary) / scope.name
        folder.mkdir()
        yield folder


def _is_there(target: Path, ready: Path) -> bool:
    """Whether this very bundle lies there already, byte for byte, released or not."""
    if not target.exists():
        return False
    if not (_same_files(target, ready) if ready.is_dir() else target.is_file() and file_sha512(target) == file_sha512(ready)):
        raise EvidenceError(
            f"{target}: another bundle lies there, and none is ever overwritten.\n"
            "  Move it away, or name another folder with --out."
        )
    return True


def _same_files(target: Path, ready: Path) -> bool:
    there = [path for path in files(target) if not path.startswith(f"{SIGNATURES}/")]
    return there == files(ready) and all(file_sha512(target / path) == file_sha512(ready / path) for path in there)


def _write_down(home: Path, scope: Scope, taker: Taker, folder: Path, *, rows: int, of: int) -> None:
    """Into the export log, and the log into the ledger; where a run writes just now, that run takes it over when it ends."""
    written = Export(
        kind=KIND,
        content=scope.name,
        snapshot=scope.snapshot,
        who=taker.who,
        role=taker.role,
        rows=rows,
        of=of,
        sha256=hashlib.sha256((folder / TAG_MANIFEST).read_bytes()).hexdigest(),
        period=scope.period.code,
        filters=filters_of(scope),
        fingerprint=fingerprint(folder),
    )
    record(home, written, taker.at)
    with contextlib.suppress(LockHeld), writer_lock(home, 0, "export"):
        bind(home, taker.at)
