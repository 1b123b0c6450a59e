"""The yardstick measures the same work: log, lean script, oracle and product agree about every request.

Here: a small log through all of them. Not here: any time; `python -m benchmarks requests` prints those.
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

from benchmarks.compare import differences
from benchmarks.generate import AS_OF, write_delivery, write_inbox
from benchmarks.lean import ZONE, Task, compute
from benchmarks.measure import write_project
from orchestration import pipeline
from promisekept.config.loading import load_settings

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


def test_a_later_delivery_brings_as_many_events_as_were_asked_for(tmp_path: Path) -> None:
    write_inbox(tmp_path / "inbox", REQUESTS)
    assert write_delivery(tmp_path / "inbox", 20) == 20


def test_the_lean_script_and_the_oracle_agree_about_every_request(inbox: Path, tmp_path: Path) -> None:
    compute(Task(inbox, tmp_path, JUDGED_AT, KEY))
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


def test_the_product_and_the_lean_script_agree_about_every_request_and_figure(inbox: Path, tmp_path: Path) -> None:
    config = write_project(tmp_path / "project", inbox)
    key = (config.parent / "keys" / "pseudonym.key").read_bytes().strip()
    compute(Task(inbox, tmp_path / "lean", JUDGED_AT, key))
    settings = load_settings(config)
    pipeline.land_sources(settings, datetime(2026, 11, 20, tzinfo=UTC))
    build = pipeline.prepare(settings, pipeline.fix_instants(settings, JUDGED_AT, None), pipeline.read_pack(settings))
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    found = differences(tmp_path / "lean" / "snapshot.duckdb", build.outgoing)
    assert not found, "\n".join(str(difference) for difference in found)


def test_a_difference_is_told_with_its_column_and_an_example(inbox: Path, tmp_path: Path) -> None:
    compute(Task(inbox, tmp_path / "one", JUDGED_AT, KEY))
    compute(Task(inbox, tmp_path / "other", JUDGED_AT, KEY))
    other = tmp_path / "other" / "snapshot.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create schema marts")
        for mart in ("fct_requests", "fct_metrics", "rpt_waterfall"):
            connection.execute(f"create table marts.{mart} as from {mart}")
        connection.execute("update marts.fct_requests set due_date = due_date + 1 where status = 'open_overdue'")
    found = differences(tmp_path / "one" / "snapshot.duckdb", other)
    assert [(difference.mart, difference.column) for difference in found] == [("fct_requests", "due_date")]
    assert "open_overdue" not in str(found[0])
    assert "lean 20" in str(found[0])


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
