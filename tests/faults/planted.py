"""Fifty invented people, put wherever a source could name one, and the search for them in whatever the product wrote.

Here: the identities, deliveries of all logs that are full of them, and reading files as whoever steals them would. Not here: any
run, and any expectation. A name or a postal address has no form by which a program could tell it from a ticket's id; both stand
where the contract has a person, and where nothing is kept: in unknown and ignored columns, headers, rows and files that are
rejected, and columns that the mapping does not yield.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import duckdb
from all_logs import DIMENSIONS, LOGS, history, source, world_of_all_logs
from world import World

from promisekept.sources.contract import contract

Row = dict[str, Any]
FORMED = ("email", "phone", "national_id")
MAPPING = """select _row, ticket as event_id, ticket as request_id, 'received' as event_type, opened as occurred_at,
    customer as subject_ref, 'access' as right_type, 'IE' as jurisdiction, 'email' as channel, copies::int as revision
from source"""


@dataclass(frozen=True)
class Person:
    """Who they are, in ways that occur nowhere else."""

    name: str
    email: str
    phone: str
    national_id: str
    address: str


PEOPLE = [
    Person(
        f"Quintessa{n:02d} Vandermoot",
        f"quintessa{n:02d}@vandermoot.invalid",
        f"+353 86 417 29{n:02d}",
        f"741-52-88{n:02d}",
        f"{n} Zorblehollow Terrace",
    )
    for n in range(50)
]
TRACES = re.compile(r"vandermoot|zorblehollow|quintessa|86[ -]?417[ -]?29\d\d|741-?52-?88\d\d", re.IGNORECASE)


def planted(folder: Path) -> World:
    """An organisation of all ten logs, every row of which is of one of the people, or is spoilt by one."""
    world = world_of_all_logs(folder)
    tickets = {"kind": "files", "path": "./inbox/tickets/*.csv", "ignore_columns": ["Notes"]}
    more = {"name": "tickets", "log": "requests", "reader": tickets, "mapping": "tickets.sql", "skip": "ticket like 'skip%'"}
    drop = {"name": "drop", "log": "requests", "reader": {"kind": "files", "path": "./inbox/drop/*"}}
    world.configure(*map(source, LOGS), more | {"time_zone": "Europe/Dublin"}, drop, dimensions=DIMENSIONS)
    (folder / "tickets.sql").write_text(MAPPING, encoding="utf-8")
    rows = [json.loads(_with_people(json.dumps(row))) for row in history(3)]
    for log in LOGS:
        own = [{name: value for name, value in row.items() if name != "log"} for row in rows if row["log"] == log]
        inbox = folder / "inbox" / log
        inbox.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(row) for row in [*own, *_spoilt(log, own)]]
        cut = f'{{"event_id": "cut", "subject_ref": "{PEOPLE[0].name}", "system": "{PEOPLE[1].address}'
        (inbox / "2026-03.jsonl").write_text("\n".join([*lines, cut]), encoding="utf-8")
    _tickets(folder / "inbox" / "tickets")
    _whole_files(folder / "inbox" / "drop")
    return world


def _with_people(row: str) -> str:
    """Each of the 25 persons of a history as two of ours: once by e-mail, once by what a form has in its place."""

    def other(n: int) -> str:
        person = PEOPLE[25 + n]
        return (person.name, person.phone, person.national_id, person.address)[n % 4]

    row = re.sub(r'"person(\d+)@example\.org"', lambda found: json.dumps(PEOPLE[int(found[1])].email), row)
    return re.sub(r'"C-(\d+)"', lambda found: json.dumps(other(int(found[1]))), row)


def _spoilt(log: str, rows: list[Row]) -> Iterator[Row]:
    """The first row of a log again and again, with somebody in another column each time; with the person's own name in a code."""
    whole, people = rows[0], cycle(PEOPLE)
    for column in contract()[log].columns:
        for number, kind in enumerate(FORMED if column.kind != "subject" else ()):
            value = getattr(next(people), kind)
            value = f"SSN-{value}" if kind == "national_id" else value
            value = [value] if column.kind == "list" else f"https://dms.example.org/{value}" if column.kind == "uri" else value
            yield whole | {"event_id": f"spoilt-{column.name}-{number}", column.name: value}
        if column.kind == "code" and "subject_ref" in whole:
            name = next(people).name
            yield whole | {"event_id": f"own-{column.name}", "subject_ref": name, column.name: name.upper()}


def _tickets(inbox: Path) -> None:
    """What a mapping takes a part of: notes that are ignored, cells that it does not yield, and a cell on which it raises."""
    header = "ticket,opened,customer,copies,address,Notes"
    lines = [
        f"{'skip' if n % 5 == 0 else 't'}{n},2026-02-{n % 27 + 1:02d} 10:00,{one.email},{one.phone if n % 7 == 0 else n},"
        f'{one.address},"{one.name}, {one.national_id}, {one.phone}"'
        for n, one in enumerate(PEOPLE)
    ]
    inbox.mkdir(parents=True)
    (inbox / "tickets.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    (inbox / f"{PEOPLE[3].email}.csv").write_text("\n".join([header, *lines[:5]]), encoding="utf-8")
    (inbox / "other.csv").write_text(f"ticket,{PEOPLE[4].name}\n1,2\n", encoding="utf-8")


def _whole_files(inbox: Path) -> None:
    """Files that are rejected as a whole: without a header, with somebody in it, and damaged in each way."""
    inbox.mkdir(parents=True)
    one, two = PEOPLE[7], PEOPLE[8]
    row = f"{one.name},{one.address},{two.name},open\n"
    (inbox / "headerless.csv").write_text(row * 3, encoding="utf-8")
    (inbox / "named.csv").write_text(f"event_id,{one.email}\n1,{two.email}\n", encoding="utf-8")
    (inbox / "unknown.jsonl").write_text(json.dumps({"event_id": "1", one.name: two.address}) + "\n", encoding="utf-8")
    (inbox / f"{two.phone}.csv").write_text(f"event_id,who\n1,{one.name}\n", encoding="utf-8")
    (inbox / "latin.csv").write_bytes(f"event_id\n{one.name} \xff\n".encode("latin-1"))
    (inbox / "cut.csv.gz").write_bytes(b"\x1f\x8b" + one.name.encode())
    (inbox / "cut.parquet").write_bytes(b"PAR1" + one.name.encode())
    (inbox / "long.csv").write_text("event_id\n" + (one.name + " ") * 300_000, encoding="utf-8")
    (inbox / "link.csv").symlink_to(inbox.parent.parent / f"{two.email}.csv")


def traces(root: Path) -> list[str]:
    """The files below a folder in whose name or content one of the people stands, read as what they are."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [str(path) for path in files if TRACES.search(path.name) or any(map(TRACES.search, _texts(path)))]


def _texts(path: Path) -> Iterator[str]:
    """A file's bytes as text, and whatever a format hides in them."""
    yield path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix == ".parquet":
        yield from _hits(duckdb.connect(), [f"read_parquet('{path}')"])
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            yield from _hits(connection, [f'"{schema}"."{table}"' for schema, table in found])
    elif path.suffix == ".db":
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            yield "\n".join(map(str, connection.iterdump()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(entry).decode("utf-8", errors="replace") for entry in archive.namelist())


def _hits(connection: duckdb.DuckDBPyConnection, relations: list[str]) -> Iterator[str]:
    for relation in relations:
        query = f"select t::varchar from {relation} as t where regexp_matches(t::varchar, $pattern, 'i') limit 1"
        yield from (str(row) for row in connection.execute(query, {"pattern": TRACES.pattern}).fetchall())
