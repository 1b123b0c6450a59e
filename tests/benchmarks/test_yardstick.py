"""The yardstick measures the same work: log, lean script and oracle agree about every request.

Here: a small log of requests. Not here: the product beside the script, and all logs (test_all_logs.py).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from oracles.deadlines import evaluate
from oracles.events import Event, Place
from oracles.law import PACKAGED_LAW, read_law

from benchmarks.generate import AS_OF, write_inbox
from benchmarks.lean import ZONE, Task, compute_requests, opened

pytestmark = pytest.mark.slow

REQUESTS = 300
JUDGED_AT = datetime.fromisoformat(AS_OF)
KEY = b"a key for tests, of thirty-two bytes"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log") / "inbox"
    write_inbox(folder, REQUESTS)
    return folder


def test_the_same_number_of_requests_makes_the_same_log(inbox: Path, tmp_path: Path) -> None:
    write_inbox(tmp_path / "again", REQUESTS)
    for file in inbox.iterdir():
        with duckdb.connect() as connection:
            first, again = (
                connection.execute("from read_parquet(?)", [str(folder / file.name)]).fetchall()
                for folder in (inbox, tmp_path / "again")
            )
        assert first == again, file.name


def test_a_request_has_some_eight_events(inbox: Path) -> None:
    with duckdb.connect() as connection:
        events = connection.execute("select count(*) from read_parquet(?)", [str(inbox / "*.parquet")]).fetchall()[0][0]
    assert 7 <= events / REQUESTS <= 9


def test_the_lean_script_and_the_oracle_agree_about_every_request(inbox: Path, tmp_path: Path) -> None:
    task = Task(inbox, tmp_path, JUDGED_AT, KEY)
    with opened(task) as connection:
        compute_requests(connection, task)
    with duckdb.connect(str(tmp_path / "snapshot.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        cursor = connection.execute("from fct_requests")
        names = [column[0] for column in cursor.description or ()]
        facts = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    law, lives, places = read_law(), dict(_lives(inbox)), _places()
    assert len(facts) > REQUESTS
    for fact in facts:
        place = places.get(fact["jurisdiction"], places["*"])
        verdict = evaluate(lives[fact["request_id"]], fact["right_type"], place, law, JUDGED_AT)
        assert verdict is not None
        said = {name: fact[name] for name in verdict.as_dict()}
        assert said == verdict.as_dict(), fact["request_key"]


def _lives(inbox: Path) -> Iterator[tuple[str, list[Event]]]:
    """The events of each request as the oracle reads them, the highest revision of each."""
    lives: dict[str, list[Event]] = defaultdict(list)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = connection.execute(
            """
            select request_id, event_type, occurred_at, right_type, reason_code, declared_due_at, regime_code, role, recorded_at
            from read_parquet(?)
            qualify row_number() over (partition by event_id order by coalesce(revision, 0) desc) = 1
            """,
            [str(inbox / "*.parquet")],
        ).fetchall()
    for request_id, event_type, occurred_at, *rest in rows:
        lives[request_id].append(Event(event_type, occurred_at.astimezone(UTC), *rest))
    yield from lives.items()


def _places() -> dict[str, Place]:
    """Every place as it is judged in the years of the log: its last row."""
    with (PACKAGED_LAW / "jurisdictions.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["jurisdiction"]: Place(row["regime_code"] or None, row["calendar"] or None, row["time_zone"] or ZONE)
            for row in csv.DictReader(lines)
        }
