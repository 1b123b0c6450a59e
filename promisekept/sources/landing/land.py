"""Landing: the finished files of every source become batches, each once or not at all, and so do rows that are asked for.

Here: which files are new, and which sources are queried (queried_sources.py). Not here: what becomes of one (batch.py), the
writer lock, which the caller holds, and the clock: the caller passes the instant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any

from promisekept.config.readers import Files
from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import LandingError, PromisekeptError
from promisekept.paths import printable
from promisekept.sources.extract.files import SourceFile, at_hand, find_files_of, fingerprint
from promisekept.sources.landing.control_totals import nothing_stated, read_totals, record_totals
from promisekept.sources.landing.deduplication import OUTCOMES
from promisekept.sources.landing.file_groups import MOST_BYTES, MOST_FILES, is_plain, land_alone, land_together, weight
from promisekept.sources.landing.partitions import partition_sources, run_in_threads
from promisekept.sources.landing.program_faults import UNFORESEEN, keep_trace
from promisekept.sources.landing.queried_sources import land_queried
from promisekept.sources.landing.read_twice import read_twice
from promisekept.sources.landing.run import Run, landing_run
from promisekept.sources.landing.tasks import Landed, LandingTask, is_tried_again, mapping_sha256, origin_path, settings_sha256
from promisekept.sources.landing.unread_sources import is_about_a_source, note_read, note_removed, note_unread
from promisekept.sources.zone.batches import SOURCE_NOT_READ, Zone
from promisekept.sources.zone.ledger import Ledger, Line

ReportFile = Callable[[str], None]
Origins = Mapping[tuple[str, str], list[Line]]
Found = Mapping[str, list[SourceFile] | PromisekeptError]


class UnreadError(LandingError):
    """Some sources could not be read; the others are landed.

    Attributes:
        problems: what kept each from being read, complete in itself.
        landed: what landed of all, and an entry for each source that could not be read for the first time.
    """

    def __init__(self, problems: Iterable[PromisekeptError], landed: Iterable[Landed]) -> None:
        self.problems, self.landed = tuple(map(str, problems)), tuple(landed)
        super().__init__("\n".join(self.problems))


def land(
    settings: Settings,
    ledger: Ledger,
    now: datetime,
    progress: ReportFile | None = None,
    sources: Collection[str] | None = None,
    *,
    on_landed: Callable[[], None] | None = None,
) -> list[Landed]:
    """Land every finished file that has not landed yet, and the new rows of every source that is asked.

    Args:
        settings: whose sources.
        ledger: of `settings.home`; the caller holds the writer lock.
        now: `landed_at` of every row, aware.
        progress: called with one line per file or chunk.
        sources: names to land; all where null.
        on_landed: called each time that a file or chunk has landed: what comes next may get ready beside the others.

    Returns:
        One entry per new file or chunk, in the order of sources and paths. Files that landed before are not mentioned.

    Raises:
        ConfigError: the pseudonym key can't be used.
        UnreadError: a source or its control totals can't be read, or two sources read a file for two namespaces; what the others
            have is landed, and for each source that could not be read the ledger has a line.
        PromisekeptError: the disk can't be written, or this machine has no room; what landed before, and what the other sources
            have, stays landed.
    """
    chosen = [source for source in settings.sources if sources is None or source.name in sources]
    with landing_run(settings, ledger, now) as run:
        origins = _origins(ledger)
        unread: list[PromisekeptError] = []
        found = find_files_of([source for source in chosen if isinstance(source.reader, Files)], now)
        found |= read_twice(chosen, found)
        new = {
            source.name: {
                origin_path(settings, file): file.size
                for file in _files_of(found, source)
                if not _looks_landed(settings, origins, source, file)
            }
            for source in chosen
        }
        partitions = partition_sources(chosen, {name: sum(sizes.values()) for name, sizes in new.items()})
        reporting = _Reporting(progress, new, on_landed)
        work = [
            partial(_land_partition, one, partition, found, origins, reporting=reporting, unread=unread)
            for one, partition in zip(
                [run] if len(partitions) == 1 else map(run.for_partition, range(len(partitions))), partitions, strict=True
            )
        ]
        landed = [one for done in run_in_threads(work) for one in done]
        for source in chosen:
            try:
                _land_totals(run, source, progress)
            except PromisekeptError as error:
                unread.append(error)
        if sources is None:
            note_removed(run)
    landed.sort(key=lambda one: one.seq)
    if fatal := [error for error in unread if not is_about_a_source(error)]:
        raise fatal[0]
    if unread:
        raise UnreadError(unread, landed)
    return landed


def _files_of(found: Found, source: Source) -> list[SourceFile]:
    """The files that were found of a source; none where it is asked, or could not be listed."""
    files = found.get(source.name, [])
    return [] if isinstance(files, PromisekeptError) else files


class _Reporting:
    """Reports each file or chunk as it lands; of several files also how far the run has come, by rows and bytes."""

    def __init__(
        self, progress: ReportFile | None, new: Mapping[str, Mapping[str, int]], on_landed: Callable[[], None] | None
    ) -> None:
        """`new` has the bytes of each new file, by source and path."""
        self._progress = progress
        self._on_landed = on_landed
        self._new = new
        self._all = sum(sum(sizes.values()) for sizes in new.values())
        self._lock = Lock()
        self._rows = self._bytes = 0

    def report(self, sentence: str) -> None:
        """Report a sentence as it is."""
        if self._progress is not None:
            self._progress(sentence)

    def count(self, landed: Landed) -> None:
        """One more has landed."""
        if self._on_landed is not None:
            self._on_landed()
        with self._lock:
            self._rows += sum(landed.counts.get(name, 0) for name in (*OUTCOMES, "quarantined"))
            self._bytes += self._new[landed.source].get(landed.path, 0)
            rows, share = self._rows, self._bytes / self._all if self._all else 1
        several = sum(map(len, self._new.values())) > 1
        self.report(describe(landed) + (f" · {rows:,} rows so far, {share:.0%} of the new files' bytes" if several else ""))


def _land_partition(
    run: Run,
    sources: Iterable[Source],
    found: Found,
    origins: Origins,
    *,
    reporting: _Reporting,
    unread: list[PromisekeptError],
) -> list[Landed]:
    done: list[Landed] = []
    try:
        for source in sources:
            if (hint := changed_since(run.zone, source)) is not None:
                reporting.report(hint)
            try:
                for landed in _land_source(run, source, found, origins):
                    done.append(landed)
                    reporting.count(landed)
            except PromisekeptError as error:
                # A source that can't be read must not keep the others waiting: they come first and then the error.
                unread.append(error)
                if is_about_a_source(error):
                    done += note_unread(run, source, error)
                elif run.owes_a_line:
                    raise
            except UNFORESEEN as error:
                kind = keep_trace(f"sources.{source.name}", error)
                problem = LandingError(
                    f"sources.{source.name}: it could not be read ({kind}).\n"
                    "  This is a fault of the program. Please report it with the trace in the log."
                )
                unread.append(problem)
                done += note_unread(run, source, problem)
            else:
                note_read(run, source)
            for file in run.unfinished:
                reporting.report(f"{source.name}: {file.name} is still being written, or is gone; it lands once it is finished")
            run.unfinished.clear()
    except BaseException:
        run.sequencer.abandon()
        raise
    return done


def _land_source(run: Run, source: Source, found: Found, origins: Origins) -> Iterator[Landed]:
    """What a source has that is new."""
    files = found.get(source.name)
    if isinstance(files, PromisekeptError):
        raise files
    yield from land_queried(run, source) if files is None else _land_files(run, source, files, origins)


def _land_files(run: Run, source: Source, files: Iterable[SourceFile], origins: Origins) -> Iterator[Landed]:
    """Those of a source's files that the ledger does not name, in their order; plain ones together."""
    plain: list[LandingTask] = []
    for file in files:
        if _looks_landed(run.settings, origins, source, file):
            continue
        with at_hand(source, file, run.landing) as here:
            try:
                found = fingerprint(here, source.reader)
            except FileNotFoundError:
                run.unfinished.append(file)
                continue
            if found.sha256 in _landed_hashes(run.settings, origins, source, here):
                continue
            task = LandingTask(source, here, found)
            if is_plain(task):
                plain.append(task)
                if len(plain) == MOST_FILES or sum(map(weight, plain)) > MOST_BYTES:
                    yield from land_together(run, plain)
                    plain = []
                continue
            yield from land_together(run, plain)
            plain = []
            yield from land_alone(run, task)
    yield from land_together(run, plain)


def _land_totals(run: Run, source: Source, progress: ReportFile | None) -> None:
    totals = read_totals(run.settings, source) or nothing_stated(source)
    if record_totals(run, totals) and progress is not None:
        progress(f"{totals.source}: control total, {totals.summary}")


def changed_since(zone: Zone, source: Source) -> str | None:
    """A sentence where what landed of a source was mapped by other settings than today's; landing never maps it again."""
    today = (settings_sha256(source), mapping_sha256(source))
    old = [one for one in zone.active() if one.source == source.name]
    stale = [one.batch_id for one in old if (one.body["settings_sha256"], one.body["mapping_sha256"]) != today]
    if not stale:
        return None
    return (
        f"{source.name}: its settings or mapping changed since {len(stale)} of {len(old)} batches landed; those stay.\n"
        f'  To map them again:  promisekept reland --source {source.name} --reason "..."'
    )


def describe(landed: Landed) -> str:
    """One line for a person."""
    if landed.held_back:
        return f"{landed.source}: {landed.path} was rejected as a whole ({landed.held_back}): {landed.says}"
    parts = ", ".join(f"{landed.counts[name]} {name}" for name in (*OUTCOMES, "quarantined") if landed.counts[name])
    return f"{landed.source}: {landed.path} -> {parts or 'no rows'}"


def _origins(ledger: Ledger) -> Origins:
    """The ledger's lines about files, by source and path."""
    origins: dict[tuple[str, str], list[Line]] = {}
    for line in ledger.lines():
        if line.kind in ("batch", "held_back") and line.body.get("reason") != SOURCE_NOT_READ:
            origins.setdefault((line.body["source"], printable(line.body["origin"]["path"])), []).append(line)
    return origins


def _origins_of(settings: Settings, origins: Origins, source: Source, file: SourceFile) -> Iterator[Mapping[str, Any]]:
    """The origins of a path that the ledger records; a file that was rejected may be as good as new."""
    lines = origins.get((source.name, origin_path(settings, file)), [])
    # A table that is back in an earlier state is a change like any other: it differs from the last delivery.
    for line in lines if source.history is None else lines[-1:]:
        if line.kind != "held_back" or not is_tried_again(source, line.body):
            yield line.body["origin"]


def _looks_landed(settings: Settings, origins: Origins, source: Source, file: SourceFile) -> bool:
    """By size and time, or what its store calls its state: spares reading an old file."""

    def is_same(origin: Mapping[str, Any]) -> bool:
        state = "modified" if file.version is None or origin.get("version") is None else "version"
        return (origin["bytes"], origin[state]) == (file.size, getattr(file, state))

    return any(is_same(origin) for origin in _origins_of(settings, origins, source, file))


def _landed_hashes(settings: Settings, origins: Origins, source: Source, file: SourceFile) -> set[str]:
    """The SHA-256 of everything that lay at a file's path before."""
    return {origin["sha256"] for origin in _origins_of(settings, origins, source, file)}
