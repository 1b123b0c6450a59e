"""One file on its way to becoming a batch: its connection, and the temporary relations that its rows pass through.

Here: what each relation is called and what a row of it is. Not here: the steps that fill them (batch.py has their order), nor
the relations that a step makes for itself alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import duckdb

from promisekept.config.source import Source
from promisekept.sources.contract import Log
from promisekept.sources.extract.file_readers import SourceTable
from promisekept.sources.landing.mapping_failures import MappingFailure
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.tasks import LandingTask

BETWEEN_FILES = 2**40
"""Where files go together, the events of each are numbered from so much higher on than those of the file before it."""


@dataclass(frozen=True, slots=True)
class MappingResult:
    """What became of the rows that were read: `columns` are those of the events, with their types."""

    columns: Mapping[str, str]
    skipped: int = 0
    unmapped: int = 0
    unmapped_rows: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    failures: tuple[MappingFailure, ...] = ()
    ran: bool = False


@dataclass(frozen=True, slots=True)
class LandingBatch:
    """The rows of one file between reading and writing, or those of several plain ones that go together (file_groups.py).

    Attributes:
        run: the run that it belongs to.
        task: the file, or the first of them.
        connection: its own; the temporary relations go with it.
        table: what was read.
        events: what the mapping made of it.
    """

    run: Run
    task: LandingTask
    connection: duckdb.DuckDBPyConnection
    table: SourceTable
    events: MappingResult

    BROKEN: ClassVar[str] = "broken"
    """Rows that can't be split into the columns of the header: `_row`, `length`, `content`."""
    FAILING: ClassVar[str] = "failing"
    """Source rows on which the mapping raises; only where a mapping ran."""
    MAPPED: ClassVar[str] = "mapped"
    """Events as they came: `_n` (their order), `_row` (the row of the file) and the columns of `events`."""
    TYPED: ClassVar[str] = "typed"
    """Events with the contract's columns and types, persons not yet keyed, and `problem`: null, or `reason|column`."""
    PERSONS: ClassVar[str] = "persons"
    """One row per distinct identifier: `ref_type`, `ref`, `key` (null where nothing is left of it once trimmed), `key_id`."""
    REJECTED: ClassVar[str] = "rejected"
    """Events that break the contract: `_n`, `_row`, `reason`, `column_name`."""
    NEW_REJECTS: ClassVar[str] = "new_rejects"
    """The rows of the quarantine file, and `file`, from 0; only where something is rejected."""
    CONTENT: ClassVar[str] = "content"
    """Events with the columns of the landed file: persons as keys, and `_key_id` where there are earlier keys."""
    KEYED: ClassVar[str] = "keyed"
    """The persons of each event, once they are looked up: `_n`, and `key` and `key_id` with the position of each subject."""
    IDS: ClassVar[str] = "ids"
    """The ids of the events as hashes: `_n`, `id`."""
    OUTCOMES: ClassVar[str] = "outcomes"
    """Events whose id occurs more than once: `_n`, `outcome`, `collides`; only where there is one."""
    COMPARED: ClassVar[str] = "compared"
    """Rows of a table that keeps no history, against earlier deliveries: `_row`, `row_key`, `row_hash`, `change`."""
    GONE: ClassVar[str] = "gone"
    """Rows of such a table that earlier deliveries had: `row_key`, `event_id`."""
    GONE_EVENTS: ClassVar[str] = "gone_events"
    """The events of their disappearance: the columns of CONTENT, `_row` below 0."""

    @property
    def source(self) -> Source:
        """Whose file it is."""
        return self.task.source

    @property
    def log(self) -> Log:
        """The contract of its log."""
        return self.task.source.contract
