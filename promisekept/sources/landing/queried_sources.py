"""Landing a queried source from its watermark on, chunk by chunk, each landed before the next is read.

Here: the order of the steps, and going on after a read was cut off. A chunk counts when its ledger line stands; what was read
of the next one is dropped and read again, so a landing is retry-safe. Not here: reading a range as chunks (extract/queried.py)
or what becomes of a chunk (batch.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator

from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import LandingError
from promisekept.sources.extract.chunk_files import Chunk
from promisekept.sources.extract.cursors import CursorRange, advances, check_kind, next_range, queried_reader, range_of, watermark
from promisekept.sources.extract.files import Fingerprint, RejectedFileError, SourceFile
from promisekept.sources.extract.queried import extract_chunks
from promisekept.sources.extract.retry import Backoff, CutOffError
from promisekept.sources.landing.batch import NothingNewError, land_file, reject_file
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.table_changes import check_emptied
from promisekept.sources.landing.tasks import Landed, LandingTask, batch_body, is_tried_again
from promisekept.sources.zone.batches import Batch

NOTHING = Fingerprint(hashlib.sha256().hexdigest(), 0, plain_size=0)


def land_queried(run: Run, source: Source, most: int | None = None) -> Generator[Landed]:
    """Land what a source has that is new.

    Args:
        run: under the writer lock.
        source: one with a queried reader.
        most: no more than about so many rows, for a trial.

    Returns:
        One entry per chunk with something new, as it lands; one without a row where nothing is new and deliveries are expected.
        A chunk that is rejected is the last: what comes after it would hide that it is missing.

    Raises:
        ConfigError: a credential can't be had.
        LandingError: the source can't be read; what landed before stays landed.
    """
    reader = queried_reader(source)
    backoff = Backoff(reader.retries)
    fingerprint, is_empty_delivery = NOTHING, most is None and source.expect is not None
    while True:
        reached = watermark(run.zone, source)
        # Without a cursor a chunk that landed could not be distinguished from one that did not: all rows land together.
        chunk_rows = None if reader.cursor is None else reader.chunk_rows
        try:
            with extract_chunks(run.settings, source, next_range(source, reached), chunk_rows, most) as chunks:
                is_empty = True
                for chunk in chunks:
                    is_empty = False
                    fingerprint = chunk.found
                    if _is_rejected_already(run, source, chunk.found):
                        chunk.remove()
                        return
                    run.expect_to_compare(source)
                    landed = _land(run, source, chunk, reached)
                    if landed is not None:
                        is_empty_delivery = False
                        yield landed
                        backoff.reset()
                        if landed.held_back:
                            return
                if is_empty and most is None and (rejected := _reject_emptied(run, source)) is not None:
                    yield from rejected
                    return
            if is_empty_delivery:
                yield _record_empty_delivery(run, source, reached, fingerprint)
            return
        except CutOffError as error:
            backoff.wait(error)


def _record_empty_delivery(run: Run, source: Source, reached: CursorRange | None, fingerprint: Fingerprint) -> Landed:
    """Record in the ledger that a source was queried and had nothing new: as good a delivery as an empty file."""
    task = LandingTask(source, SourceFile("", 0, 0.0, "jsonl", gzipped=False), fingerprint, cursor_range=reached or CursorRange())
    batch_id = f"b-{run.number():04d}"
    body = batch_body(run.settings, task, batch_id, run.key.id)
    line = run.record("batch", body, fingerprint.sha256)
    return Landed(source.name, source.log, source.where, fingerprint.sha256, line.seq, batch_id, body["counts"])


def extract_again(settings: Settings, source: Source, batch: Batch) -> Chunk:
    """The rows of a batch, as the source gives them today; the caller removes them.

    Raises:
        LandingError: there are none any more.
    """
    cursor_range = range_of(batch.origin)
    backoff = Backoff(queried_reader(source).retries)
    while cursor_range is not None and cursor_range.column == queried_reader(source).cursor:
        try:
            with extract_chunks(settings, source, cursor_range, None) as chunks:
                chunk = next(chunks, None)
            if chunk is not None:
                return chunk
            break
        except CutOffError as error:
            backoff.wait(error)
    raise LandingError(
        f"sources.{source.name}: the rows of {batch.batch_id} can't be asked for again: "
        f"{batch.origin['path']}, SHA-256 {batch.origin['sha256']}.\n"
        "  The source has none of them any more, or is read by another cursor now; what landed of them stays."
    )


def _land(run: Run, source: Source, chunk: Chunk, reached: CursorRange | None) -> Landed | None:
    """Land a chunk; null where all its rows have landed before."""
    try:
        if chunk.cursor_range.kind is not None:
            check_kind(source, reached, chunk.cursor_range.kind)
        elif source.history is None and _has_landed(run, source, chunk):
            return None
        again = chunk.cursor_range.kind is None or not advances(chunk.cursor_range, reached)
        return land_file(run, LandingTask(source, chunk.file, chunk.found, cursor_range=chunk.cursor_range, only_if_new=again))
    except NothingNewError:
        return None
    finally:
        chunk.remove()


def _has_landed(run: Run, source: Source, chunk: Chunk) -> bool:
    """Whether all rows of a source without cursor are just what landed of it last."""
    own = [one for one in run.zone.active(source.log, source.namespace) if one.source == source.name]
    return bool(own) and own[-1].origin["sha256"] == chunk.found.sha256


def _reject_emptied(run: Run, source: Source) -> list[Landed] | None:
    """Reject an answer without any row where all landed rows would be gone; null where it is accepted.

    It is rejected once, like any other answer.
    """
    task = LandingTask(source, SourceFile("", 0, 0.0, "parquet", gzipped=False), NOTHING, cursor_range=CursorRange())
    try:
        check_emptied(run, task)
    except RejectedFileError as error:
        return [] if _is_rejected_already(run, source, NOTHING) else [reject_file(run, task, error)]
    return None


def _is_rejected_already(run: Run, source: Source, found: Fingerprint) -> bool:
    """Whether these rows are rejected already, which need not be tried again, and nothing landed since."""
    lines = [line for line in run.zone.rejected_files if line.body["source"] == source.name]
    landed = [batch.seq for batch in run.zone.batches if batch.source == source.name]
    if not lines or (landed and landed[-1] > lines[-1].seq):
        return False
    body = lines[-1].body
    return bool(body["origin"]["sha256"] == found.sha256 and not is_tried_again(source, body))
