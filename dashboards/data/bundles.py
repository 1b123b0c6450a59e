"""The bundles of a home: what lies there, what the export log records of it, what was restated since, whether it is whole.

Here: from folders, log and history to rows. Not here: showing them (views/evidence/bundles.py), making one (bundling.py).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import snapshots
from dashboards.data.query import cached, rows
from dashboards.snapshots import Ref, Snapshot
from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import SIGNATURES, TAG_MANIFEST, fingerprint, read_info
from promisekept.evidence.export import FOLDER
from promisekept.evidence.scope import WITH_IDS, Scope, read_audience, read_period, read_regime
from promisekept.evidence.signing.signatures import Trust
from promisekept.evidence.signing.statement import Statement, read_statement
from promisekept.evidence.verifying import Verification, verify
from promisekept.evidence.zipping import zip_bundle
from promisekept.publishing import export_log
from promisekept.publishing.export_log import Entry, Export, record

BUILT, TAKEN = "bundle", "download"
"""Kinds of the export log."""


@dataclass(frozen=True, slots=True)
class BundleFolder:
    """One bundle below home.

    Attributes:
        path: its folder.
        scope: what it is of.
        fingerprint: SHA-512 of its tag manifest.
        size: bytes of all its files.
        state_of_files: changes whenever a file does; what was verified holds for one such state.
        built: the first line of the export log about it; None where the log holds none.
        releases: statements of who released it, unchecked; none = a draft.
    """

    path: Path
    scope: Scope
    fingerprint: str
    size: int
    state_of_files: str
    built: Entry | None
    releases: tuple[Statement, ...]

    @property
    def name(self) -> str:
        """As folder, address and export log call it."""
        return self.scope.name


def log(home: Path) -> list[Entry]:
    """Everything that was exported, oldest first; read again only when the log has grown.

    Raises:
        PublishingError: a line was changed, is missing or is out of order.
    """
    path = home / export_log.FILE
    stated = path.stat() if path.exists() else None
    return _log(str(home), (stated.st_size, stated.st_mtime_ns) if stated else None)


@st.cache_data(max_entries=4, show_spinner=False)
def _log(home: str, state: tuple[int, int] | None) -> list[Entry]:
    return export_log.entries(Path(home))


def found(home: Path, entries: list[Entry]) -> list[BundleFolder]:
    """The bundles below home, last built first."""
    entry_of_build: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.export.kind == BUILT:
            entry_of_build.setdefault((entry.export.content, entry.export.fingerprint), entry)
    bundles = [_read(path, scope, entry_of_build) for path, scope in _folders(home / FOLDER)]
    return sorted(bundles, key=lambda one: (one.built.seq if one.built else 0, one.name), reverse=True)


def _folders(place: Path) -> Iterator[tuple[Path, Scope]]:
    for path in place.iterdir() if place.is_dir() else ():
        scope = _scope(path)
        if scope is not None and (path / TAG_MANIFEST).is_file():
            yield path, scope


def _scope(path: Path) -> Scope | None:
    """Of what a folder of that name is; None where it is no bundle's name."""
    name = path.name.removesuffix(f".{WITH_IDS}")
    parts = name.split(".")
    if len(parts) not in (3, 4):
        return None
    try:
        kept_for = read_info(path).get("Ids-Kept-For", "") if name != path.name else None
        regime = read_regime(parts[3]) if parts[3:] else None
        return Scope(parts[0], read_period(parts[1]), read_audience(parts[2]), regime, kept_for)
    except EvidenceError:
        return None


def _read(path: Path, scope: Scope, entry_of_build: dict[tuple[str, str], Entry]) -> BundleFolder:
    mark = fingerprint(path)
    return BundleFolder(
        path,
        scope,
        mark,
        sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
        state_of_files(path),
        entry_of_build.get((scope.name, mark)),
        tuple(_statements(path / SIGNATURES)),
    )


def state_of_files(path: Path) -> str:
    """Of a bundle's folder: another one whenever a file was added, taken away or written."""
    state = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        stated = file.lstat()
        state.update(
            f"{file.relative_to(path)} {stated.st_mode} {stated.st_size} {stated.st_mtime_ns} {stated.st_ino}\n".encode()
        )
    return state.hexdigest()


def _statements(place: Path) -> Iterator[Statement]:
    for path in sorted(place.glob("*.statement.txt")) if place.is_dir() else ():
        try:
            yield read_statement(path.read_text(encoding="utf-8", errors="replace"))
        except EvidenceError:
            continue  # the verifier names what is wrong with it


def restated(snapshot: Snapshot, bundle: BundleFolder) -> int:
    """How many figures of a bundle's period were restated after its snapshot, up to the one that is shown."""
    if "history_bytes" not in snapshot.manifest:
        return 0
    return sum(
        row["figures"]
        for row in _restated(snapshot.ref, snapshots.sequence(bundle.scope.snapshot))
        if bundle.scope.period.start <= row["period_start"] and row["period_end"] <= bundle.scope.period.end
    )


@cached
def _restated(ref: Ref, after: int) -> list[dict[str, Any]]:
    return rows(
        ref,
        """
        select period_start, period_end, count(distinct (metric_code, period_grain, dimension, dimension_value)) as figures
        from history.fct_restatements where sequence > $after and period_start is not null group by all
        """,
        {"after": after},
    )


def checked(bundle: BundleFolder, trust: Trust | None) -> Verification:
    """Our verifier's verdict, the fingerprint compared with the one that the export log holds.

    Raises:
        EvidenceError: the bundle is not there any more.
    """
    return verify(bundle.path, expected=bundle.built.export.fingerprint if bundle.built else None, trust=trust)


def taken(home: Path, bundle: BundleFolder, who: str, role: str, at: datetime) -> bytes:
    """The bundle's ZIP, once its line is in the export log.

    Raises:
        EvidenceError: the export log names no such bundle.
        PublishingError: it can't be written down.
    """
    if bundle.built is None:
        raise EvidenceError(f"{bundle.name}: the export log names no such bundle, so it is not given out.\n  Build it here.")
    with tempfile.TemporaryDirectory(prefix="promisekept-") as temporary:
        packed = Path(temporary) / "bundle.zip"
        zip_bundle(bundle.path, packed)
        file = packed.read_bytes()
    logged = bundle.built.export
    export = Export(
        kind=TAKEN,
        content=bundle.name,
        snapshot=logged.snapshot,
        who=who,
        role=role,
        rows=logged.rows,
        of=logged.of,
        sha256=hashlib.sha256(file).hexdigest(),
        period=logged.period,
        filters=logged.filters,
        fingerprint=bundle.fingerprint,
    )
    record(home, export, at)
    return file
