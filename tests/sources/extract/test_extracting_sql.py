"""A database of any kind as a source, through SQLAlchemy: SQLite, which has no types, and PostgreSQL by another driver."""

from __future__ import annotations

from typing import Any

import pytest
from postgres_server import PASSWORD, Postgres
from queried_project import COLUMNS, TABLE, Shop, asked, everything_written, nothing_spooled, row, spans, totals
from source_project import Project, received

from promisekept.errors import LandingError
from promisekept.sources.landing import partitions
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.land import land


def reader(**changes: Any) -> dict[str, Any]:
    query = f"select {COLUMNS} from cases"
    usual = {"kind": "sql", "url_env": "SHOP_URL", "query": query, "cursor": "id", "ignore_columns": ["id"], "retries": 0}
    return usual | changes


def test_rows_land_in_chunks_each_once_and_ties_stay_together(shop: Shop, project: Project):
    shop.fill(*(row(number, id=number // 4) for number in range(1, 30)))
    asked(project, reader(chunk_rows=6))
    assert [landed.counts["landed"] for landed in project.land()] == [7, 8, 8, 6]
    assert project.land() == []
    shop.fill(row(30, id=7), row(31, id=8))
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (2, 2)
    assert spans(project)[-1] == (("from", "7"), "8")
    assert {line.body["origin"]["path"] for line in project.ledger.lines("batch")} == {"sql:helpdesk"}
    assert nothing_spooled(project)


def test_a_query_may_hold_colons_percents_and_a_semicolon(shop: Shop, project: Project):
    shop.fill(row(1, request_id="a:b"), row(2))
    query = f"select {COLUMNS} from cases where request_id like '%:b' and ':x' = ':' || 'x';"
    asked(project, reader(query=query))
    assert project.land_one().counts["landed"] == 1


def test_texts_are_a_cursor_too(shop: Shop, project: Project):
    shop.fill(row(1), row(2), row(3))
    asked(project, reader(cursor="occurred_at", chunk_rows=2))
    assert sum(landed.counts["landed"] for landed in project.land()) == 3
    shop.fill(row(4), row(3, event_id="e33"))
    assert [(landed.counts["landed"], landed.counts["duplicate"]) for landed in project.land()] == [(1, 1), (1, 0)]
    assert spans(project)[-2:] == [
        (("from", "2026-03-04 10:00:00+00"), "2026-03-04 10:00:00+00"),
        (("after", "2026-03-04 10:00:00+00"), "2026-03-05 10:00:00+00"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"query": "select * from nowhere"}, r"query: the database could not finish it \(sqlite3\.OperationalError\)"),
        ({"query": "select id, x'00ff' as raw from cases"}, r"query: `raw` holds values of the type bytes"),
        ({"cursor": "nope"}, r"cursor: the query yields no column `nope`"),
        ({"query": "select null as id from cases"}, r"cursor: `id` is null in some rows"),
        ({"query": "select 1.5 as id from cases"}, r"cursor: `id` has values by which"),
        ({"query": "select 1 as id union all select 'x' as id"}, r"cursor: `id` has values by which"),
    ],
)
def test_what_goes_wrong_is_said_by_key_and_remedy(shop: Shop, project: Project, changes: dict[str, Any], message: str):
    shop.fill(row(1))
    asked(project, reader(**changes))
    with pytest.raises(LandingError, match=rf"^sources\.helpdesk\.reader\.{message}(?s:.)*\n  "):
        project.land()
    assert list(project.ledger.lines("batch")) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("hunter2", "the URL can't be read"),
        ("oracle+oracledb://u:hunter2@h/d", "its driver `oracledb` is not installed"),
        ("nosuch://u:hunter2@h/d", "SQLAlchemy has no dialect `nosuch`"),
        ("postgresql+psycopg2://u:hunter2@127.0.0.1:1/d", r"no connection \(psycopg2\.OperationalError\)"),
        ("sqlite:////nowhere/hunter2.db", r"no connection \(sqlite3\.OperationalError\)"),
    ],
)
def test_no_connection_is_explained_without_the_credential(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, url: str, message: str
):
    asked(project, reader())
    with pytest.raises(LandingError, match=r"reader\.url_env: the environment variable SHOP_URL is not set"):
        project.land()
    monkeypatch.setenv("SHOP_URL", url)
    with pytest.raises(LandingError, match=rf"^sources\.helpdesk\.reader: {message}") as caught:
        project.land()
    assert "hunter2" not in str(caught.value) + caplog.text


def test_a_dry_run_shows_the_first_rows(shop: Shop, project: Project):
    shop.fill(*map(row, range(1, 5)))
    asked(project, reader())
    trial = dry_run(project.settings, project.settings.source("helpdesk"), project.now)
    assert trial.counts["landed"] == 4 and trial.sound
    assert not project.settings.home.exists()


@pytest.fixture
def big(server: Postgres, project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose source is a table of 60,000 rows behind a driver that streams."""
    monkeypatch.setenv("SHOP_URL", server.dsn.replace("postgresql://", "postgresql+psycopg2://"))
    server.execute(
        "drop table if exists cases",
        TABLE.format(name="cases"),
        """insert into cases select n, 'e' || n, '2026-03-01T00:00:00Z'::timestamptz + n * interval '1 second',
            n || '@example.org', 'email', 'r' || n, 'access', 'received', 'IE', 'email'
        from generate_series(1, 60000) as given (n)""",
    )
    return asked(project, reader(chunk_rows=10_000))


def test_a_server_killed_in_the_middle_is_resumed_by_the_next_run(server: Postgres, big: Project):
    def progress(_: str) -> None:
        if len(list(big.ledger.lines())) == 2:
            server.kill()

    with pytest.raises(LandingError, match=r"^sources\.helpdesk\.reader: the connection broke.*psycopg"):
        land(big.settings, big.ledger, big.now, progress)
    assert 2 <= len(spans(big)) < 6
    server.start()
    big.land()
    assert big.query("select count(*), count(distinct event_id) from landing.requests") == [(60_000, 60_000)]
    assert totals(big)["landed"] == 60_000 and totals(big)["duplicate"] == 1
    assert PASSWORD.encode() not in everything_written(big)


def test_values_arrive_as_texts_and_instants_are_a_cursor(server: Postgres, big: Project):
    server.execute("delete from cases where id > 3", "update cases set request_id = null where id = 1")
    asked(big, reader(cursor="occurred_at", overlap="PT1S", query=f"select {COLUMNS} from cases where id = any(array[1, 2, 3])"))
    counts = big.land_one().counts
    assert (counts["landed"], counts["quarantined"]) == (2, 1)
    assert spans(big) == [(None, "2026-03-01T00:00:03+00:00")]
    assert big.land() == []


def test_a_source_that_is_asked_lands_beside_files_of_other_logs(shop: Shop, project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(partitions, "WORTH_IT", 0)
    monkeypatch.setattr(partitions.os, "cpu_count", lambda: 2)
    shop.fill(*map(row, range(1, 40)))
    project.file("a.csv", [received(event_id="file", request_id="file")])
    project.file("b.jsonl", '{"event_id": "c1"}\n')
    project.source(path="inbox/*.csv").source("optins", log="consents", path="inbox/*.jsonl")
    asked(project, reader(chunk_rows=10), name="shop", namespace="helpdesk")
    asked(project, reader(url_env="NOWHERE"), name="down")
    with pytest.raises(LandingError, match=r"sources\.down\.reader\.url_env"):
        project.land()
    assert len(project.column("event_id")) == 40
    assert [line.seq for line in project.ledger.lines()] == list(range(1, 8))
    assert {line.body["source"] for line in project.ledger.lines("batch")} == {"helpdesk", "shop"}
    assert {line.body["source"] for line in project.ledger.lines("held_back")} == {"down", "optins"}
