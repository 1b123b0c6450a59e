"""Landing rows again from their originals, after a mapping or a setting was corrected.

Here: finding the original of a batch by its hash and landing it again, or only its rejected rows; the ledger line names what it
supersedes or retries. A later batch of the same log and namespace dropped rows because they had landed before, as duplicates of
rows that may be gone now; such batches are landed again too. Not here: what one landing does (batch.py), or listing rejects
(quarantine.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from promisekept.config.readers import Files
from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import LandingError
from promisekept.sources.extract.chunk_files import Chunk
from promisekept.sources.extract.cursors import range_of
from promisekept.sources.extract.files import Fingerprint, SourceFile, at_hand, find_files, fingerprint
from promisekept.sources.landing.batch import land_file
from promisekept.sources.landing.quarantine import batch_with_rejects, rejected_row_numbers
from promisekept.sources.landing.queried_sources import extract_again
from promisekept.sources.landing.run import landing_run
from promisekept.sources.landing.tasks import Landed, LandingTask, origin_path
from promisekept.sources.zone.batches import Batch, Zone
from promisekept.sources.zone.ledger import Ledger


def reland(
    settings: Settings,
    ledger: Ledger,
    source: str,
    batch: str | None = None,
    *,
    reason: str,
    now: datetime,
    changed: bool = False,
) -> list[Landed]:
    """Land the originals of a source's batches again, under its settings of today.

    All originals are found before the first is landed: where one is missing nothing happens.

    Args:
        settings: the corrected ones.
        ledger: of `settings.home`; the caller holds the writer lock.
        source: its name.
        batch: one batch id; all active ones of the source where null.
        reason: why, in a person's words; stands in the ledger.
        now: `landed_at` of the new rows.
        changed: take what a source that is asked gives today, where that is not what it gave; the reason states it.

    Returns:
        One entry per file, in order of their first landing. A file that is rejected supersedes nothing: its old batch
        still counts.

    Raises:
        ConfigError: no such source, or the key can't be used.
        LandingError: no such batch, nothing to land again, or an original that is no longer there or no longer the same.
    """
    wanted = settings.source(source)
    if not reason.strip():
        raise LandingError("reland: a reason is needed.\n  State in --reason what was repaired; it stands in the ledger.")
    zone = Zone(settings.home, ledger)
    chosen = _chosen(zone, wanted, batch)
    affected = sorted([*chosen, *_leaning(zone, chosen)], key=lambda one: one.seq)
    ids = {one.batch_id for one in affected}
    waiting = set(ids)
    names = ", ".join(one.batch_id for one in chosen)
    done = []
    with landing_run(settings, ledger, now) as run:
        to_land = [one for one in affected if one.retries not in ids]
        for one, found in originals(settings, to_land, changed=changed):
            why = reason if one in chosen else f"{reason} (its duplicates leaned on {names})"
            if found.found.sha256 != one.origin["sha256"]:
                why += f" (the source gives other rows for {one.batch_id} now)"
            replaced = {one.batch_id, *_retries_of(zone, one.batch_id)}
            waiting -= replaced
            task = LandingTask(
                source=settings.source(one.source),
                file=found.file,
                found=found.found,
                supersedes=tuple(sorted(replaced)),
                waiting=tuple(sorted(waiting)),
                retries=one.retries,
                only_rows=one.only_rows,
                reason=why,
                cursor_range=range_of(one.origin),
            )
            done.append(land_file(run, task))
    return done


def retry_rejects(
    settings: Settings, ledger: Ledger, now: datetime, source: str | None = None, batch_id: str | None = None
) -> list[Landed]:
    """Read rejected rows again from their originals, under the settings of today; what has landed stays as it is.

    Args:
        settings: the corrected ones.
        ledger: of `settings.home`; the caller holds the writer lock.
        now: `landed_at` of the rows that land.
        source: only its batches.
        batch_id: only this batch.

    Returns:
        One entry per batch that had rejected rows. A retried batch's rejected rows are no longer listed; those that are
        rejected again are, under the new one.

    Raises:
        LandingError: no such batch, or an original that is no longer there; nothing was retried then.
    """
    zone = Zone(settings.home, ledger)
    batches = list(zone.batches_with_rejects(source)) if batch_id is None else [batch_with_rejects(zone, batch_id)]
    with landing_run(settings, ledger, now) as run:
        rows = {batch.batch_id: rejected_row_numbers(zone, batch) for batch in batches}
        return [
            land_file(
                run,
                LandingTask(
                    source=settings.source(batch.source),
                    file=found.file,
                    found=found.found,
                    retries=batch.batch_id,
                    only_rows=rows[batch.batch_id],
                    reason="retry of rejected rows",
                    cursor_range=range_of(batch.origin),
                ),
            )
            for batch, found in originals(settings, batches)
        ]


def _retries_of(zone: Zone, batch_id: str) -> Iterator[str]:
    """The batches that read rejected rows of a batch again: landing its whole file again replaces them too."""
    for one in zone.active():
        if one.retries == batch_id:
            yield one.batch_id
            yield from _retries_of(zone, one.batch_id)


def _chosen(zone: Zone, source: Source, batch: str | None) -> list[Batch]:
    active = [one for one in zone.active() if one.source == source.name and not _had_nothing(one)]
    chosen = active if batch is None else [one for one in active if one.batch_id == batch]
    if not chosen:
        listed = ", ".join(one.batch_id for one in active[-10:]) or "none"
        what = f"batch `{batch}`" if batch else "batch"
        raise LandingError(f"sources.{source.name}: no {what} that counts.\n  The latest that do: {listed}")
    return chosen


def _had_nothing(batch: Batch) -> bool:
    """Whether it records only that a source was queried and had nothing new."""
    return range_of(batch.origin) is not None and not batch.counts["source_rows"]


def _leaning(zone: Zone, chosen: list[Batch]) -> Iterator[Batch]:
    """Later batches that dropped duplicates, which may have been those of rows about to change."""
    first = {(one.log, one.namespace): one.seq for one in reversed(chosen)}
    for one in zone.active():
        since = first.get((one.log, one.namespace))
        if since is not None and one.seq > since and one.counts["duplicate"] and one not in chosen:
            yield one


@dataclass(frozen=True, slots=True)
class Original:
    """What a batch came from: a file of the source, or the rows that a source gave again."""

    file: SourceFile
    found: Fingerprint
    chunk: Chunk | None = None

    def remove(self) -> None:
        """Rows that were given again are no longer needed; a file stays where it is."""
        if self.chunk is not None:
            self.chunk.remove()


def originals(settings: Settings, batches: Sequence[Batch], *, changed: bool = False) -> Iterator[tuple[Batch, Original]]:
    """What batches came from, one after the other; all are looked for before the first is given.

    Rows of a source that is asked are asked for twice, so that no more than one batch of them lies on disk at a time.

    Args:
        settings: those of today.
        batches: landed once.
        changed: take rows of a source that is asked also where they are not the same any more.

    Raises:
        ConfigError: a source is no longer configured.
        LandingError: no file has the hash of a batch, or its source gives other rows.
    """
    files: dict[str, Original] = {}
    for batch in batches:
        found = _original(settings, batch, changed=changed)
        if found.chunk is None:
            files[batch.batch_id] = found
        found.remove()
    for batch in batches:
        found = files.get(batch.batch_id) or _original(settings, batch, changed=changed)
        try:
            yield batch, found
        finally:
            found.remove()


def _original(settings: Settings, batch: Batch, *, changed: bool) -> Original:
    """The file at its recorded path, or anywhere under the source's path with its hash; or the rows of its range."""
    source = settings.source(batch.source)
    if range_of(batch.origin) is not None:
        return _asked_for(settings, source, batch, changed=changed)
    files = find_files(source, batch.at, settle_seconds=0)
    path, sha256 = batch.origin["path"], batch.origin["sha256"]
    for file in sorted(files, key=lambda one: origin_path(settings, one) != path):
        if file.size == batch.origin["bytes"]:
            with at_hand(source, file, settings.home / "landing") as here:
                found = fingerprint(here, source.reader)
            if found.sha256 == sha256:
                return Original(file, found)
    raise LandingError(
        f"sources.{source.name}: the original of {batch.batch_id} is gone: {path}, SHA-256 {sha256}.\n"
        "  Put that file back under the source's path; landing keeps hashes, the content stays with the source."
    )


def _asked_for(settings: Settings, source: Source, batch: Batch, *, changed: bool) -> Original:
    if isinstance(source.reader, Files):
        raise LandingError(
            f"sources.{source.name}: {batch.batch_id} was read from {batch.origin['path']}, and the source has files now.\n"
            "  Give the files a source of their own, and this one the reader that it had."
        )
    chunk = extract_again(settings, source, batch)
    if chunk.found.sha256 != batch.origin["sha256"] and not changed:
        chunk.remove()
        raise LandingError(
            f"sources.{source.name}: the rows of {batch.batch_id} are not the same any more: {chunk.rows} come back where "
            f"{batch.counts['source_rows']} landed, or others.\n"
            "  What landed stays as it was. To take what the source holds today in its place:\n"
            f'  promisekept reland --source {source.name} --batch {batch.batch_id} --changed --reason "..."'
        )
    return Original(chunk.file, chunk.found, chunk)
