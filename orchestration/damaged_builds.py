"""A build database that is damaged: recognising it, and beginning its build again from landing.

Here: which of DuckDB's errors mean damage, and repeating the stages that a build had come through. Not here: what a stage does
(pipeline.py). A build database is a cache of landing: it may be removed at any time. A file that another process has open is
not damaged.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import duckdb

from orchestration.progress import report
from promisekept.errors import LockHeld, PromisekeptError

Build = TypeVar("Build")
Result = TypeVar("Result")
_LOCKED = ("Could not set lock on file", "Conflicting lock is held")
_DAMAGED = (
    "Corrupt database file",
    "not a valid DuckDB database file",
    "does not match stored checksum",
    "Could not read from file",
    "Could not read enough bytes",
    "Could not read all bytes",
    "Failed to load metadata pointer",
    "is a directory",
    "Serialization Error",
    "Failed to deserialize",
    "INTERNAL Error",
    "database has been invalidated",
)


def is_damage(error: BaseException) -> bool:
    """Whether an error, or what caused it, means that a database file is damaged."""
    messages = "\n".join(str(one) for one in _chain(error)).casefold()
    return any(words.casefold() in messages for words in _DAMAGED) and not any(words.casefold() in messages for words in _LOCKED)


def require_readable(*databases: Path) -> None:
    """Open each of the files that are there and close it again.

    Raises:
        LockHeld: another process has one of them open.
        duckdb.Error: one of them is damaged.
    """
    for database in databases:
        try:
            with duckdb.connect(str(database)) as connection:
                connection.execute("select count(*) from duckdb_tables()").fetchall()
        except duckdb.IOException as error:
            if any(words in str(error) for words in _LOCKED):
                raise LockHeld(
                    f"{database}: another process has this build database open, so that it can't be built.\n"
                    f"  End that process and run again. DuckDB reports: {str(error).splitlines()[0]}"
                ) from error
            raise


def remove(database: Path) -> None:
    """Remove a build database with its write-ahead log; a folder in its place is nobody's cache and is renamed."""
    for path in (database, database.with_name(database.name + ".wal")):
        if path.is_dir() and not path.is_symlink():
            aside = path.with_name(f"{path.name}.aside")
            if aside.exists():
                shutil.rmtree(aside)
            path.rename(aside)
        else:
            path.unlink(missing_ok=True)


def report_damage() -> None:
    """Report that a build database is rebuilt."""
    report("rebuild", "a build database was damaged; both are built again from landing")


@dataclass(slots=True)
class Stages(Generic[Build]):
    """The stages of one build, begun again once where its database turns out to be damaged.

    Attributes:
        build: what the stages work on; another one after it was begun again.
        begin_again: removes the damaged databases and prepares a build from scratch.
        is_from_scratch: whether a build reads nothing that an earlier one wrote, so that beginning again would change nothing.
    """

    build: Build
    begin_again: Callable[[Build], Build]
    is_from_scratch: Callable[[Build], bool]
    _done: list[Callable[[Build], object]] = field(default_factory=list)

    def do(self, stage: Callable[[Build], Result]) -> Result:
        """Do the next stage.

        Returns:
            What it returns.

        Raises:
            Exception: whatever the stage raises that is not damage of an earlier build.
        """
        try:
            result = stage(self.build)
        except (PromisekeptError, duckdb.Error) as error:
            if self.is_from_scratch(self.build) or not is_damage(error):
                raise
            self.build = self.begin_again(self.build)
            for done in self._done:
                done(self.build)
            result = stage(self.build)
        self._done.append(stage)
        return result


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
