"""A PostgreSQL database that can't be queried: the error, and what is written nowhere."""

from __future__ import annotations

import logging

import pytest
from postgres_server import PASSWORD, Postgres
from queried_project import asked, everything_written, nothing_spooled, private, row, table_reader, totals
from source_project import Project

from promisekept.errors import LandingError

SLOW = "select pg_sleep(4)::text, 1 as id"


def reader(**changes: object) -> dict[str, object]:
    return table_reader("HELPDESK_DB", "cases", **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"query": "select * from nowhere"},
            r'the database refuses it: relation "nowhere" does not exist \(SQLSTATE 42P01',
        ),
        ({"query": "selec"}, r"query: the database refuses it: syntax error"),
        ({"query": "delete from cases returning *"}, r"query: the database refuses it"),
        ({"query": "select cases_write() as id"}, r"query: the database refuses it: cannot execute INSERT in a read-only"),
        ({"query": "select 'jane@example.org'::text::int as id"}, r"query: the database could not finish it .*SQLSTATE 22P02"),
        ({"query": "select 1 as id, 2 as id"}, r"query: .*more than once"),
        ({"cursor": "nope"}, r"cursor: the query yields no column `nope`.*\n.*event_id"),
        ({"cursor": "half", "query": "select 0.5::float8 as half"}, r"cursor: `half` is a float8, by which"),
        ({"query": "select null::bigint as id"}, r"cursor: `id` is null or infinite in some rows"),
        ({"query": "select 'NaN'::numeric as id"}, r"cursor: `id` is null or infinite in some rows"),
        ({"query": "select 'infinity'::timestamptz as id"}, r"cursor: `id` is null or infinite in some rows"),
        (
            {"query": SLOW, "timeouts": {"connect": "PT0S", "read": "PT1S"}},
            "no more rows within `timeouts.read`",
        ),
        ({"query": SLOW, "timeouts": {"whole": "PT1S"}}, "not read within `timeouts.whole`"),
    ],
)
def test_what_goes_wrong_is_said_by_source_key_and_remedy_and_changes_nothing(
    table: Postgres, project: Project, changes: dict[str, object], message: str
):
    table.execute(
        """create or replace function cases_write() returns int language plpgsql as
        $$ begin insert into cases (id) values (1); return 1; end $$"""
    )
    asked(project, reader(**changes))
    with pytest.raises(LandingError, match=rf"^sources\.helpdesk\.reader[.:](?s:.)*{message}") as caught:
        project.land()
    assert "jane" not in str(caught.value)
    assert "\n  " in str(caught.value)
    assert table.fetch("select count(*) from cases") == [(0,)]
    assert list(project.ledger.lines("batch")) == []
    assert nothing_spooled(project)


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        ("postgresql://owner:{wrong}@127.0.0.1:{port}/postgres", r"refuses the user or the password"),
        ("postgresql://nobody:{wrong}@127.0.0.1:{port}/postgres", r"no connection: "),
        ("postgresql://owner:{right}@127.0.0.1:{port}/nowhere", r"no such database"),
        ("postgresql://owner:{wrong}@127.0.0.1:1/postgres", r"nothing listens at its host and port"),
        ("postgresql://owner:{wrong}@no-such-host.invalid/postgres", r"its host's name is not known"),
        ("host=127.0.0.1 {wrong}", r"the connection string can't be read"),
        ("postgresql://owner:{wrong}@127.0.0.1:{port}/postgres?nonsense={wrong}", r"connection string"),
    ],
)
def test_no_connection_is_explained_without_the_credential(
    table: Postgres, project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, dsn: str, message: str
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HELPDESK_DB", dsn.format(wrong="hunter2-secret", right=PASSWORD, port=table.port))
    asked(project, reader())
    with pytest.raises(LandingError, match=message) as caught:
        project.land()
    assert str(caught.value).startswith("sources.helpdesk.reader: no connection: ")
    shown = str(caught.value) + repr(caught.value.__cause__) + caplog.text
    assert "hunter2" not in shown and PASSWORD not in shown


def test_a_credential_that_cant_be_had_is_named_by_its_place(table: Postgres, project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HELPDESK_DB")
    asked(project, reader())
    with pytest.raises(LandingError, match=r"reader\.dsn_env: the environment variable HELPDESK_DB is not set.\n  Set it"):
        project.land()
    from_file = reader(dsn_file="db.dsn") | {"dsn_env": None}
    asked(project, from_file)
    with pytest.raises(LandingError, match=r"reader\.dsn_file: .*db\.dsn can't be read \(No such file"):
        project.land()
    file = private(project.folder / "db.dsn", "")
    with pytest.raises(LandingError, match=r"db\.dsn is empty"):
        project.land()
    private(file, table.dsn)
    file.chmod(0o644)
    with pytest.raises(LandingError, match=r"db\.dsn may be read by others \(mode 0644\).\n.*chmod 600") as caught:
        project.land()
    assert PASSWORD not in str(caught.value)
    file.chmod(0o600)
    table.fill("cases", [row(1)])
    assert project.land_one().counts["landed"] == 1


def test_no_credential_and_no_person_is_written_anywhere(
    table: Postgres, project: Project, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    table.fill("cases", [row(1), row(2, event_type="bogus"), row(3, jurisdiction=None)])
    asked(project, reader())
    project.land()
    written = everything_written(project) + caplog.text.encode() + "".join(capfd.readouterr()).encode()
    assert totals(project)["quarantined"] == 2
    for secret in (PASSWORD, "user1@", "user2@", "user3@", "@example.org"):
        assert secret.encode() not in written
    assert b"postgres:helpdesk" in written


def test_one_source_that_is_down_does_not_keep_the_others_from_landing(table: Postgres, project: Project, monkeypatch):
    monkeypatch.setenv("NO_DB", "postgresql://owner:hunter2@127.0.0.1:1/postgres")
    table.fill("cases", [row(1)])
    asked(project, table_reader("NO_DB", "cases"), name="down")
    asked(project, reader())
    with pytest.raises(LandingError, match=r"^sources\.down\.reader: no connection"):
        project.land()
    assert project.column("event_id") == ["e1"]
