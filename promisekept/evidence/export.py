"""A draft bundle of a published snapshot: made, written down, put in its place.

Here: the order of those three. Not here: what a bundle holds (contents.py), signing (release.py) or checking (verifying.py).

The bundle is made under a name of its own, then written down in the export log, then renamed: a killed export leaves nothing that
looks like a bundle, and every bundle is in the log.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from promisekept.durable import sync_folder
from promisekept.errors import EvidenceError, LockHeld
from promisekept.evidence.bagit import SIGNATURES, TAG_MANIFEST, files, fingerprint, hashes
from promisekept.evidence.changes import KIND, filters_of
from promisekept.evidence.compiled_models import Models
from promisekept.evidence.contents import BundleInputs, ReportStep, fill
from promisekept.evidence.rekeying import bundle_key
from promisekept.evidence.scope import Scope
from promisekept.evidence.unpacking import unpack
from promisekept.evidence.workspace import workspace
from promisekept.evidence.zipping import zip_bundle
from promisekept.publishing.export_log import Export, bind, record
from promisekept.publishing.lock import writer_lock
from promisekept.publishing.reader import SnapshotReader, open_snapshot
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.keys import Key
from promisekept.sources.zone.ledger import Ledger

FOLDER = "evidence"
_DUCKDB_TAKES = "80%"
"""Of the machine's memory, where no limit is given."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """Who exports, in which role, and when."""

    who: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExportedBundle:
    """A bundle that was made: where it lies, its fingerprint, how many rows its tables hold.

    `was_there`: the very same one lay there already and was left as it is, perhaps released since.
    """

    path: Path
    scope: Scope
    fingerprint: str
    rows: int
    was_there: bool = False
    is_released: bool = False


def export(
    home: Path,
    scope: Scope,
    key: Key,
    models: Models,
    exporter: Exporter,
    *,
    out: Path | None = None,
    zipped: bool = False,
    progress: ReportStep | None = None,
    engine: Mapping[str, str] | None = None,
) -> ExportedBundle:
    """Write the draft bundle of a published snapshot.

    Args:
        home: of the snapshot, its landing zone and its ledger.
        scope: what it is of.
        key: the pseudonym key, of which the bundle's own is made.
        models: must be of the version that computed the snapshot.
        exporter: for the export log.
        out: the folder in which the bundle is put, or the ZIP that it becomes; default `home/evidence`.
        zipped: a ZIP instead of a folder.
        progress: called with what is being done.
        engine: what DuckDB may take of the machine (`settings.engine.config`); what does not fit into memory spills below `out`
            where no `temp_directory` is given.

    Returns:
        The bundle; where the same one lies there already, that one.

    Raises:
        EvidenceError: the snapshot is of other code, the period or regime is not in it, a landed file is not what the ledger
            recorded, or another bundle lies where this one belongs. Nothing was written.
    """
    report = progress or (lambda _: None)
    ledger = Ledger.open(home)
    report("checking the snapshot's bytes")
    SnapshotStore(home).intact_folder(scope.snapshot, ledger)
    is_file = out is not None and out.suffix == ".zip"
    place = out.parent if out is not None and is_file else out or home / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    with (
        workspace(place) as temporary,
        open_snapshot(home, scope.snapshot, limits := _limits(temporary, engine)) as reader,
    ):
        _require(reader, scope, models)
        folder = temporary / scope.name
        folder.mkdir()
        tables = fill(BundleInputs(home, ledger, reader, scope, bundle_key(key, scope), models, folder, report, limits))
        found = fingerprint(folder)
        rows = sum(table.rows for table in tables)
        zipped = zipped or is_file
        ready = folder.with_name(f"{folder.name}.zip") if zipped else folder
        target = out if out is not None and is_file else place / ready.name
        was_there, is_released = _is_there(target, folder, zipped=zipped)
        if zipped and not was_there:
            report("packing")
            zip_bundle(folder, ready)
        of = sum(table["rows"] for table in reader.manifest["tables"].values())
        _write_down(home, scope, exporter, folder, rows=rows, of=of)
        if not was_there:
            ready.rename(target)
            sync_folder(place)
    return ExportedBundle(target, scope, found, rows, was_there=was_there, is_released=is_released)


def _limits(temporary: Path, engine: Mapping[str, str] | None) -> dict[str, str]:
    """What each of two databases may take, that of the snapshot and that of what landed: half of the memory.

    By itself DuckDB would spill into the folder that it was started from, and leave it there when it is killed.
    """
    given = {"temp_directory": str(temporary / "spilled"), "memory_limit": _DUCKDB_TAKES} | dict(engine or {})
    number, unit = re.findall(r"[0-9.]+|[%A-Za-z]+", given["memory_limit"])
    return given | {"memory_limit": f"{float(number) / 2}{unit}"}


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
            f"--period: {scope.period.code} begins after {as_of}, as of which snapshot {scope.snapshot} was computed.\n"
            "  Run `promisekept run` once the period has begun, or name an earlier one."
        )
    if scope.regime is not None:
        regimes = [
            row[0]
            for row in reader.cursor()
            .execute("select distinct regime_code from marts.fct_requests where regime_code is not null order by all")
            .fetchall()
        ]
        if scope.regime not in regimes:
            raise EvidenceError(
                f"--regime: no request falls under `{scope.regime}`.\n  There are: {', '.join(regimes) or 'none'}"
            )


def _is_there(target: Path, folder: Path, *, zipped: bool) -> tuple[bool, bool]:
    """Whether this very bundle lies there already, byte for byte, and whether somebody released it since.

    Raises:
        EvidenceError: something else lies there.
    """
    if not target.exists():
        return False, False
    if target.is_file() == zipped:
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary, contextlib.suppress(EvidenceError):
            there = unpack(target, Path(temporary)) if zipped else target
            if there.name == folder.name and _same_files(there, folder):
                return True, (there / SIGNATURES).is_dir()
    raise EvidenceError(
        f"{target}: another bundle lies there, and none is ever overwritten.\n  Move it away, or name another folder with --out."
    )


def _same_files(there: Path, folder: Path) -> bool:
    paths = [path for path in files(there) if not path.startswith(f"{SIGNATURES}/")]
    return paths == files(folder) and hashes(there, paths) == hashes(folder, paths)


def _write_down(home: Path, scope: Scope, exporter: Exporter, folder: Path, *, rows: int, of: int) -> None:
    """Into the export log, and the log into the ledger; where a run writes just now, that run takes it over when it ends."""
    written = Export(
        kind=KIND,
        content=scope.name,
        snapshot=scope.snapshot,
        who=exporter.who,
        role=exporter.role,
        rows=rows,
        of=of,
        sha256=hashlib.sha256((folder / TAG_MANIFEST).read_bytes()).hexdigest(),
        period=scope.period.code,
        filters=filters_of(scope),
        fingerprint=fingerprint(folder),
    )
    record(home, written, exporter.at)
    with contextlib.suppress(LockHeld), writer_lock(home, 0, "export"):
        bind(home, exporter.at)
