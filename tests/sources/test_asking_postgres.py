"""A PostgreSQL database as a source: a real server, asked for what is new, killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asked_project import TABLE, asked, nothing_spooled, row, spans, table_reader
from postgres_server import Postgres, postgres
from source_project import Project


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture
def table(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty table; the variable HELPDESK_DB says how to come to it."""
    monkeypatch.setenv("HELPDESK_DB", server.dsn)
    server.execute("drop table if exists cases", TABLE.format(name="cases"))
    return "cases"


def reader(**changes: object) -> dict[str, object]:
    return table_reader("HELPDESK_DB", "cases", **changes)


def test_rows_land_in_chunks_and_each_once(server: Postgres, table: str, project: Project):
    server.fill(table, map(row, range(1, 26)))
    asked(project, reader(chunk_rows=10))
    done = project.land()
    assert [landed.counts["landed"] for landed in done] == [10, 10, 5]
    assert {landed.path for landed in done} == {"postgres:helpdesk"}
    assert spans(project) == [(None, "10"), (("after", "10"), "20"), (("after", "20"), "25")]
    assert project.land() == []
    server.fill(table, map(row, range(26, 29)))
    assert project.land_one().counts["landed"] == 3
    assert sorted(project.column("event_id")) == sorted(f"e{number}" for number in range(1, 29))
    assert nothing_spooled(project)


def test_rows_with_the_same_cursor_stay_together(server: Postgres, table: str, project: Project):
    server.fill(table, (row(number, id=number // 8) for number in range(1, 40)))
    asked(project, reader(chunk_rows=10))
    assert [landed.counts["landed"] for landed in project.land()] == [15, 16, 8]
    assert spans(project) == [(None, "1"), (("after", "1"), "3"), (("after", "3"), "4")]


def test_a_row_that_comes_late_with_the_last_cursor_is_not_missed(server: Postgres, table: str, project: Project):
    server.fill(table, [row(1), row(2, id=5)])
    asked(project, reader())
    project.land()
    server.fill(table, [row(3, id=5)])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (1, 1)
    assert project.land() == []
    server.fill(table, [row(4, id=5, event_type="bogus")])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"], counts["quarantined"]) == (0, 2, 1)
    assert project.land() == []
