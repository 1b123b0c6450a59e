"""The sum of a mart's rows that is carried from day to day is that of its rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import duckdb
import pytest
from all_logs import DAYS, FIRST_DAY, history, world_of_all_logs
from arrivals import deliver, untidily
from world import LONG_AFTER, World

from orchestration import changed_rows, mart_sums, pipeline
from orchestration.pipeline import Build
from promisekept.publishing import candidate as candidates
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.content import TableSum, mart_columns, row_sum, table_sum

EVENINGS = [FIRST_DAY + timedelta(days=day, hours=10) for day in range(12, DAYS + 12, 14)]


@pytest.fixture
def world(tmp_path, monkeypatch) -> World:
    """An organisation all of whose marts are large enough for sums of what changes."""
    monkeypatch.setattr(changed_rows, "LARGE_MART", 1)
    return world_of_all_logs(tmp_path)


def built(world: World, evening: datetime, number: int) -> Build:
    build = world.prepare(evening, now=LONG_AFTER + timedelta(days=number))
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    return build


def carried(build: Build) -> set[str]:
    with build.connect() as connection:
        return set(mart_sums.carried(connection))


def counted(candidate: Candidate) -> dict[str, TableSum]:
    with duckdb.connect(str(candidate.file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        columns = mart_columns(connection, candidate.file.stem)
        return {name: table_sum(connection, name, columns[name]) for name in columns}


def found_in_changed_rows(build: Build) -> dict[str, tuple[int, int]]:
    """By test that looked at changed rows alone: how many rows failed it, and how many of all rows do."""
    texts = {test.name: test.text for test in build.project.tests.values()}
    with build.connect() as connection:
        connection.execute(f"attach '{build.outgoing}' as outgoing")
        ran = connection.execute("select name, failures from run.model_tests where changed_only").fetchall()
        return {name: (failed, len(connection.execute(texts[name]).fetchall())) for name, failed in ran}


@pytest.mark.slow
def test_the_sums_of_each_day_are_those_of_all_rows_and_count_for_their_file_alone(world, monkeypatch):
    # A revised link would make a day a full refresh.
    arriving = untidily([row for row in history(seed=11) if row["log"] != "subject_links"], EVENINGS, Random(3))
    tested: set[str] = set()
    for number, (evening, rows) in enumerate(zip(EVENINGS, arriving, strict=True)):
        deliver(world, rows)
        build = built(world, evening, number)
        assert build.full_refresh == (number == 0)
        assert bool(carried(build)) == (number > 0)
        candidate = pipeline.write(build)
        assert candidate.tables == counted(candidate)
        found = found_in_changed_rows(build)
        assert {name: counts for name, counts in found.items() if counts[0] != counts[1]} == {}
        tested |= found.keys()
    assert len(tested) > 10

    # A candidate that could not be written leaves the sums of no file.
    build = built(world, EVENINGS[-1] + timedelta(days=1), len(EVENINGS))
    build = built(world, EVENINGS[-1] + timedelta(days=2), len(EVENINGS))
    assert not carried(build)
    pipeline.write(build)

    # What somebody else changed in the file is summed anew, also where no model changes it.
    with duckdb.connect(str(build.outgoing)) as connection:
        connection.execute("update marts.fct_requests set request_id = 'another' where request_id = 'req-1'")
    build = built(world, EVENINGS[-1] + timedelta(days=2), len(EVENINGS))
    assert not carried(build)
    other = pipeline.write(build)
    assert other.tables == counted(other)
    assert not carried(build)  # they count again once a build has begun on this very file

    # The rows of marts whose sums are carried are not read again.
    read: list[str] = []
    monkeypatch.setattr(
        candidates, "row_sum", lambda connection, name, *rest: read.append(name) or row_sum(connection, name, *rest)
    )
    build = built(world, EVENINGS[-1] + timedelta(days=3), len(EVENINGS))
    known = carried(build)
    assert known
    assert read == []
    assert pipeline.write(build).tables.keys() == known | set(read)
    assert known.isdisjoint(read)
