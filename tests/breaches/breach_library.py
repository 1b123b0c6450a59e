"""The breach library as data: an honest organisation, and for each promise the ways in which it can be broken.

`honest.yml` holds the rows of an organisation that keeps every promise, and what an ordinary row of each log holds. Each file of
`promises/` is named after a clause and lists breaches of its sentence, the evasive ones first:

    - title: what is done, and how it is made to look
      rows: the rows of the logs that record it; `log`, `at` (= occurred_at; a date is noon UTC), and what is not ordinary about
        it (02-logs.md). `times: n` makes n rows with {n} in its place; null leaves out what an ordinary row has.
      finding: the code of the finding that has to name one of these rows; none where each row is lawful and their share is not
      status: what the control reads then, if not `missed`
      also: the clauses that fall with it: they promise the same, or more

Here: reading, and one dict of contract columns per row. Not here: what the rows mean (the product decides that) or how they are
built (breach_worlds.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
Row = dict[str, Any]


@dataclass(frozen=True)
class Breach:
    """One way to break one promise; `rows` by log, each with an event id that begins with `name`."""

    name: str
    clause: str
    title: str
    finding: str | None
    status: str
    also: frozenset[str]
    rows: dict[str, list[Row]] = field(repr=False)

    @property
    def event_ids(self) -> set[str]:
        """What its rows are called."""
        return {row["event_id"] for rows in self.rows.values() for row in rows}


@cache
def honest() -> dict[str, list[Row]]:
    """The rows of the honest organisation by log."""
    return _rows("honest", _read(HERE / "honest.yml")["rows"])


@cache
def breaches() -> tuple[Breach, ...]:
    """Every breach of the library."""
    return tuple(
        Breach(
            name=f"{file.stem}-{number:02d}",
            clause=file.stem,
            title=entry["title"],
            finding=entry.get("finding"),
            status=entry.get("status", "missed"),
            also=frozenset(entry.get("also", ())),
            rows=_rows(f"{file.stem}-{number:02d}", entry["rows"]),
        )
        for file in sorted((HERE / "promises").glob("*.yml"))
        for number, entry in enumerate(_read(file), start=1)
    )


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _rows(name: str, entries: list[Row]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for number, row in enumerate(entries):
        for copy in _copies(row):
            log = copy.pop("log")
            ordinary = _ordinary().get(log, {}) | _ordinary().get(f"{log}.{copy.get('event_type')}", {})
            at = _instant(copy.pop("at"))
            begun = {"event_id": f"{name}:{number}:{copy.pop('n')}", "occurred_at": at, "recorded_at": at}
            whole = {column: _instant(value) for column, value in (begun | ordinary | copy).items() if value is not None}
            rows.setdefault(log, []).append(whole)
    return rows


@cache
def _ordinary() -> dict[str, Row]:
    return dict(_read(HERE / "honest.yml")["ordinary"])


def _copies(row: Row) -> Iterator[Row]:
    for n in range(1, row.get("times", 1) + 1):
        one = {key: value for key, value in row.items() if key != "times"}
        yield json.loads(json.dumps(one, default=_instant).replace("{n}", str(n))) | {"n": n}


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value.isoformat()}T12:00:00+00:00" if isinstance(value, date) else value
