"""A control total that the source's own database states, by a query beside the one for its rows."""

import sqlite3

import pytest
from asked_project import asked, row

from promisekept.errors import ConfigError, LandingError

COLUMNS = "event_id, occurred_at, subject_ref, subject_ref_type, request_id, right_type, event_type, jurisdiction, channel"
QUERY = "select substr(occurred_at, 1, 10) as day, count(*) as count from events group by 1"


@pytest.fixture
def database(project, monkeypatch):
    file = project.folder / "desk.sqlite"
    monkeypatch.setenv("DESK_URL", f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        connection.execute(f"create table events (id integer, {COLUMNS})")
    return file


def fill(database, *numbers):
    with sqlite3.connect(database) as connection:
        connection.executemany(f"insert into events values (?{', ?' * 9})", [row(number) for number in numbers])


def counted(project, query=QUERY, **keys):
    reader = {"kind": "sql", "url_env": "DESK_URL", "query": "select * from events", "cursor": "id", "retries": 0}
    return asked(project, reader | {"ignore_columns": ["id"]}, control_query=query, **keys)


def totals(project):
    return project.query("select day::varchar, stated from landing.control_totals order by day")


def test_what_the_database_counts_is_recorded_when_it_changed(project, database):
    fill(database, 1, 2)
    counted(project)
    project.land()
    assert totals(project) == [("2026-03-02", 1), ("2026-03-03", 1)]
    (line,) = project.ledger.lines("control_total")
    assert line.body["origin"]["path"] == "sql:helpdesk (control_query)"
    project.land()
    assert len(list(project.ledger.lines("control_total"))) == 1
    fill(database, 3, 31)
    project.land()
    assert [dict(line.body["days"]) for line in project.ledger.lines("control_total")][1:] == [{"2026-03-04": 2}]
    assert project.query("select count(*) from landing.requests") == [(4,)]


def test_a_row_that_the_reader_never_asked_for_is_missed_by_the_total(project, database):
    fill(database, 1, 2)
    counted(project)
    project.sources[0]["reader"]["query"] = "select * from events where id > 1"
    project.land()
    assert totals(project) == [("2026-03-02", 1), ("2026-03-03", 1)]
    assert project.query("select occurred_at::date::varchar from landing.requests") == [("2026-03-03",)]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select count(*) as rows from events", "control_query: it yields rows"),
        ("select 'yesterday' as day, 1 as count", "a row that is no day with a count"),
        ("select '2026-03-01' as day, 1 as count union all select '2026-03-01', 2", "or a day twice"),
    ],
)
def test_a_query_that_counts_no_days_is_refused_and_what_landed_stays(project, database, query, says):
    fill(database, 1)
    counted(project, query)
    with pytest.raises(LandingError, match=rf"sources\.helpdesk\.{says}" if says.startswith("control") else says):
        project.land()
    assert project.query("select count(*) from landing.requests") == [(1,)]
    assert not list((project.folder / "home" / "landing").rglob(".incoming/*"))


def test_only_a_database_is_asked_for_its_count(project):
    project.source(control_query="select 1")
    with pytest.raises(ConfigError, match="`control_query` asks the database of the source"):
        assert project.settings
