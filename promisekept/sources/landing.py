"""Landing: the finished files of every source become batches, each once or not at all, and so do rows that are asked for.

Here: which files are new, and who is asked (pulling/). Not here: what becomes of one (batch.py), the writer lock, which the
caller holds, and the clock: the caller passes the instant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

from promisekept.errors import LandingError, PromisekeptError
from promisekept.reading import Files
from promisekept.settings import Settings, Source
from promisekept.sources.batch import land_file
from promisekept.sources.classes import CLASSES
from promisekept.sources.files import SourceFile, find_files, fingerprint
from promisekept.sources.lanes import divide, side_by_side
from promisekept.sources.ledger import Ledger, Line
from promisekept.sources.pulling.pull import pull
from promisekept.sources.run import REMEMBER_AFTER, Run, landing_run
from promisekept.sources.tasks import Landed, Task, mapping_sha256, origin_path, settings_sha256
from promisekept.sources.zone import Zone

Progress = Callable[[str], None]
Origins = Mapping[tuple[str, str], list[Line]]


def land(
    settings: Settings,
    ledger: Ledger,
    now: datetime,
    progress: Progress | None = None,
    sources: Collection[str] | None = None,
) -> list[Landed]:
    """Land every finished file that has not landed yet, and the new rows of every source that is asked.

    Args:
        settings: whose sources.
        ledger: of `settings.home`; the caller holds the writer lock.
        now: `landed_at` of every row, aware.
        progress: called with one line per file or chunk.
        sources: names to land; all where null.

    Returns:
        One entry per new file or chunk, in the order of sources and paths. Files that landed before are not mentioned.

    Raises:
        ConfigError: the pseudonym key can't be used.
        LandingError: a source can't be listed or asked, or the disk can't be written; what landed before stays landed.
    """
    chosen = [source for source in settings.sources if sources is None or source.name in sources]
    with landing_run(settings, ledger, now) as run:
        origins = _origins(ledger)
        files = {source.name: find_files(source, now) for source in chosen if isinstance(source.reader, Files)}
        sizes = {
            source.name: sum(
                file.size for file in files.get(source.name, ()) if not _looks_known(settings, origins, source, file)
            )
            for source in chosen
        }
        lanes = divide(chosen, sizes)
        unread: list[PromisekeptError] = []
        work = [
            partial(_land_lane, one, lane, files, origins, progress=progress, unread=unread)
            for one, lane in zip([run] if len(lanes) == 1 else map(run.beside, range(len(lanes))), lanes, strict=True)
        ]
        landed = [one for done in side_by_side(work) for one in done]
    if unread:
        raise unread[0] if len(unread) == 1 else LandingError("\n".join(str(error) for error in unread))
    return sorted(landed, key=lambda one: one.seq)


def _land_lane(
    run: Run,
    sources: Iterable[Source],
    files: Mapping[str, Iterable[SourceFile]],
    origins: Origins,
    *,
    progress: Progress | None,
    unread: list[PromisekeptError],
) -> list[Landed]:
    done: list[Landed] = []
    try:
        for source in sources:
            if progress is not None and (hint := changed_since(run.zone, source)) is not None:
                progress(hint)
            new = _land_files(run, source, files[source.name], origins) if source.name in files else _ask(run, source, unread)
            for landed in new:
                done.append(landed)
                if progress is not None:
                    progress(told(landed))
    except BaseException:
        run.turns.give_up()
        raise
    return done


def _land_files(run: Run, source: Source, files: Iterable[SourceFile], origins: Origins) -> Iterator[Landed]:
    tasks = (_new(run.settings, origins, source, file) for file in files)
    for number, task in enumerate(task for task in tasks if task is not None):
        if number >= REMEMBER_AFTER:
            run.remember(run.zone.stored(source.log, source.namespace))
        yield land_file(run, task)


def _ask(run: Run, source: Source, unread: list[PromisekeptError]) -> Iterator[Landed]:
    """What a database or an API has that is new; where it can't be read, the other sources come first and then the error."""
    try:
        yield from pull(run, source)
    except PromisekeptError as error:
        if run.owes_a_line:
            raise
        unread.append(error)


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


def told(landed: Landed) -> str:
    """One line for a person."""
    if landed.held_back:
        return f"{landed.source}: {landed.path} held back ({landed.held_back}): {landed.says}"
    parts = ", ".join(f"{landed.counts[name]} {name}" for name in (*CLASSES, "quarantined") if landed.counts[name])
    return f"{landed.source}: {landed.path} -> {parts or 'no rows'}"


def _origins(ledger: Ledger) -> Origins:
    """The ledger's lines about files, by source and path."""
    origins: dict[tuple[str, str], list[Line]] = {}
    for line in ledger.lines():
        if line.kind in ("batch", "held_back"):
            origins.setdefault((line.body["source"], line.body["origin"]["path"]), []).append(line)
    return origins


def _looks_known(settings: Settings, origins: Origins, source: Source, file: SourceFile) -> bool:
    """By size and time alone; good enough to guess how much work there is."""
    lines = origins.get((source.name, origin_path(settings, file)), ())
    return any((line.body["origin"]["bytes"], line.body["origin"]["modified"]) == (file.size, file.modified) for line in lines)


def _new(settings: Settings, origins: Origins, source: Source, file: SourceFile) -> Task | None:
    """The file as a task, or None where the ledger knows it. A look at size and time spares hashing an old file."""
    known: set[str] = set()
    for line in origins.get((source.name, origin_path(settings, file)), ()):
        told_by = (line.body["settings_sha256"], line.body["mapping_sha256"])
        if line.kind == "held_back" and told_by != (settings_sha256(source), mapping_sha256(source)):
            continue
        origin = line.body["origin"]
        if (origin["bytes"], origin["modified"]) == (file.size, file.modified):
            return None
        known.add(origin["sha256"])
    found = fingerprint(file, source.reader.encoding)
    return None if found.sha256 in known else Task(source, file, found)
