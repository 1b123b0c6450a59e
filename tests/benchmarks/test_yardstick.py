"""The yardstick measures the same work: log, lean script and oracle agree about every request.

Here: the requests log. Not here: the product beside the script (test_all_logs.py).
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

from benchmarks.lean import ZONE, Task, compute
from benchmarks.logs import AS_OF, requests_of, write_inboxes
from benchmarks.measure import write_project

pytestmark = pytest.mark.slow

EVENTS = 55_000
KEY = b"a key for tests, of thirty-two bytes"


def test_the_lean_script_and_the_oracle_agree_about_every_request(tmp_path: Path) -> None:
    assert write_inboxes(tmp_path / "inbox", EVENTS, one_file=True) == pytest.approx(EVENTS, rel=0.03)
    at = datetime.fromisoformat(AS_OF)
    pack = write_project(tmp_path / "project", tmp_path / "inbox").with_name("pack")
    compute(Task(tmp_path / "inbox", tmp_path, at, KEY, pack))
    with duckdb.connect(str(tmp_path / "snapshot.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        cursor = connection.execute("from fct_requests")
        names = [column[0] for column in cursor.description or ()]
        facts = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    law, lives, places = read_law(), dict(_lives(tmp_path / "inbox" / "requests")), _places()
    assert len(facts) > requests_of(EVENTS)
    assert 7 <= sum(map(len, lives.values())) / requests_of(EVENTS) <= 9
    for fact in facts:
        place = places.get(fact["jurisdiction"], places["*"])
        verdict = evaluate(lives[fact["request_id"]], fact["right_type"], place, law, at)
        assert verdict is not None
        computed = {name: fact[name] for name in verdict.as_dict()}
        assert computed == verdict.as_dict(), fact["request_key"]


def _lives(inbox: Path) -> Iterator[tuple[str, list[Event]]]:
    """The events of each request as the oracle reads them: the highest revision of each, unless two rows of it differ."""
    lives: dict[str, list[Event]] = defaultdict(list)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = connection.execute(
            """
            select request_id, event_type, occurred_at, right_type, reason_code, declared_due_at, regime_code, role, recorded_at
            from (select distinct * from read_parquet(?))
            qualify
                coalesce(revision, 0) = max(coalesce(revision, 0)) over (partition by event_id)
                and count(*) over (partition by event_id, coalesce(revision, 0)) = 1
            """,
            [str(inbox / "*.parquet")],
        ).fetchall()
    for request_id, event_type, occurred_at, *rest in rows:
        lives[request_id].append(Event(event_type, occurred_at.astimezone(UTC), *rest))
    yield from lives.items()


def _places() -> dict[str, Place]:
    """The rule of every place in the years of the log: its last row."""
    with (PACKAGED_LAW / "jurisdictions.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["jurisdiction"]: Place(row["regime_code"] or None, row["calendar"] or None, row["time_zone"] or ZONE)
            for row in csv.DictReader(lines)
        }
