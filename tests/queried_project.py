"""A project whose source is asked for its rows, and the rows that most tests put into a table.

Here: the reader's configuration, a table of requests that fits the log without a mapping, and what the ledger records of its
ranges. Not here: servers or expectations.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from source_project import Project

COLUMNS = "id, event_id, occurred_at, subject_ref, subject_ref_type, request_id, right_type, event_type, jurisdiction, channel"
TABLE = """create table {name} (
    id bigint not null, event_id text, occurred_at timestamptz, subject_ref text, subject_ref_type text, request_id text,
    right_type text, event_type text, jurisdiction text, channel text)"""


def row(number: int, **changes: Any) -> tuple[Any, ...]:
    """A valid first event, in the order of COLUMNS; `id` is its number."""
    values = {
        "id": number,
        "event_id": f"e{number}",
        "occurred_at": f"2026-03-{1 + number % 28:02d} 10:00:00+00",
        "subject_ref": f"user{number}@example.org",
        "subject_ref_type": "email",
        "request_id": f"r{number}",
        "right_type": "access",
        "event_type": "received",
        "jurisdiction": "IE",
        "channel": "email",
    }
    return tuple((values | changes).values())


class Shop:
    """A SQLite file with the table `cases`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.execute(TABLE.format(name="cases"))

    def execute(self, statement: str, *rows: tuple[Any, ...]) -> None:
        """Run one statement, for each row where there are some."""
        with closing(sqlite3.connect(self.path)) as connection:
            if rows:
                connection.executemany(statement, rows)
            else:
                connection.execute(statement)
            connection.commit()

    def fill(self, *rows: tuple[Any, ...]) -> None:
        """Put rows into it, in the order of its columns."""
        self.execute(f"insert into cases values ({', '.join('?' * len(rows[0]))})", *rows)


def asked(project: Project, reader: Mapping[str, Any], name: str = "helpdesk", **keys: Any) -> Project:
    """Declare a source that is asked; the reader is taken as it stands."""
    project.sources = [one for one in project.sources if one["name"] != name]
    project.sources.append({"name": name, "log": "requests", "reader": dict(reader), **keys})
    return project


def table_reader(variable: str, table: str, **changes: Any) -> dict[str, Any]:
    """A reader of one table of the kind above, by its id."""
    query = f"select {COLUMNS} from {table}"
    return {
        "kind": "postgres",
        "dsn_env": variable,
        "query": query,
        "cursor": "id",
        "ignore_columns": ["id"],
        "retries": 0,
    } | changes


def spans(project: Project, kind: str = "batch") -> list[tuple[Any, Any]]:
    """Where each line's range begins and ends, in order; the beginning as `from` or `after` and its value."""
    found = []
    for line in project.ledger.lines(kind):
        cursor = line.body["origin"]["cursor"]
        begins = next(((name, cursor[name]) for name in ("from", "after") if name in cursor), None)
        found.append((begins, cursor["upto"]))
    return found


def totals(project: Project) -> dict[str, int]:
    """The counts of all batches together, those that are not 0."""
    sums: dict[str, int] = {}
    for line in project.ledger.lines("batch"):
        for name, count in line.body["counts"].items():
            sums[name] = sums.get(name, 0) + count
    return {name: count for name, count in sums.items() if count}


def nothing_spooled(project: Project) -> bool:
    """Whether no raw row lies below home."""
    return not (project.folder / "home" / "landing" / ".incoming").exists()


def everything_written(project: Project) -> bytes:
    """All bytes below home, names included."""
    home = project.folder / "home"
    return b"".join(str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in sorted(home.rglob("*")))


def private(path: Path, text: str) -> Path:
    """A file that its owner alone can read."""
    path.write_text(text)
    path.chmod(0o600)
    return path
