"""Tables of a real PostgreSQL server that keep no history and are asked whole each time: what disappears from one is an event,
and only where the whole table was seen."""

from __future__ import annotations

import pytest
from api_server import api
from postgres_server import Postgres
from queried_project import nothing_spooled
from source_project import Project

from promisekept.errors import LandingError
from promisekept.publishing.fsck import fsck
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.land import land
from promisekept.sources.landing.reland import reland

INVENTORY = """
select _row, record || ':created:' || made as event_id, record as record_id, 'created' as event_type, made as occurred_at,
       who as subject_ref, 'email' as subject_ref_type, 'crm' as system, 'contact' as data_category, 'service' as purpose_code,
       1 as record_count
from source where _change <> 'same'
"""
WHOLE = {"kind": "snapshot", "key": ["record"], "gone": "deleted"}
TABLE = "create table inventory (record text, made timestamptz, who text)"


@pytest.fixture
def table(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    monkeypatch.setenv("CRM_DB", server.dsn)
    server.execute("drop table if exists inventory", TABLE)
    return server


def fill(server: Postgres, *records: str) -> None:
    """The whole table, overwritten."""
    rows = ((record, "2026-01-01T00:00:00Z", f"{record}@example.org") for record in records)
    server.execute("delete from inventory")
    server.fill("inventory", rows)


def crm(project: Project, **changes: object) -> Project:
    """A source that asks for the whole table."""
    keys = {name: changes.pop(name) for name in ("history", "expect") if name in changes}
    reader = {"kind": "postgres", "dsn_env": "CRM_DB", "query": "select * from inventory", "retries": 0} | changes
    (project.folder / "map.sql").write_text(INVENTORY)
    source = {"name": "crm", "log": "retention", "reader": reader, "mapping": "map.sql", "history": WHOLE}
    project.sources = [source | keys]
    return project


def events(project: Project) -> list[str]:
    rows = project.query("select record_id, event_type, strftime(occurred_at, '%m-%d') from landing.retention order by all")
    return [" ".join(row) for row in rows]


def test_a_row_that_a_database_no_longer_has_becomes_the_event_that_the_source_says_it_is(table: Postgres, project: Project):
    crm(project)
    fill(table, "a", "b")
    assert project.land_one().counts["landed"] == 2
    assert project.land() == []
    fill(table, "b", "c")
    second = project.land_one()
    assert {name: n for name, n in second.counts.items() if n} == {
        "source_rows": 2, "mapped": 1, "unmapped": 1, "read": 2, "landed": 2,
    }  # fmt: skip
    assert events(project) == ["a created 01-01", "a deleted 07-04", "b created 01-01", "c created 01-01"]
    assert project.query("select count(distinct subject_key) from landing.retention where record_id = 'a'") == [(1,)]
    fill(table, "c")
    assert project.land_one().counts["landed"] == 1
    assert [one for one in events(project) if "deleted" in one] == ["a deleted 07-04", "b deleted 07-05"]
    assert fsck(project.folder / "home") == [] and nothing_spooled(project)


def test_a_read_that_breaks_off_makes_nothing_disappear(table: Postgres, project: Project):
    """The rows that came before the connection broke are not the table."""
    crm(project)
    table.execute("insert into inventory select 'r' || n, '2026-01-01T00:00:00Z', 'x' from generate_series(1, 2000) as given (n)")
    project.land()
    before = project.query("select count(*) from landing.retention")
    dies = "case when record = 'r2000' then (select pg_terminate_backend(pg_backend_pid())::text) else who end"
    crm(project, query=f"select record, made, {dies} as who from inventory")
    with pytest.raises(LandingError, match="the connection broke"):
        project.land()
    crm(project)
    assert project.land() == []
    assert project.query("select count(*) from landing.retention") == before == [(2000,)]
    assert nothing_spooled(project)


def test_a_table_that_is_suddenly_empty_is_not_believed_and_said_once(table: Postgres, project: Project):
    crm(project, expect={"every": "P1D"})
    assert project.land_one().counts["source_rows"] == 0
    fill(table, "a", "b")
    project.land()
    table.execute("delete from inventory")
    emptied = project.land_one()
    assert (emptied.held_back, emptied.batch_id) == ("history_empty", None)
    assert "See whether the query and its account still reach the table" in (emptied.says or "")
    assert project.land() == []
    assert events(project) == ["a created 01-01", "b created 01-01"]
    fill(table, "b")
    project.land()
    assert [one for one in events(project) if "deleted" in one] == ["a deleted 07-06"]
    assert fsck(project.folder / "home") == []


def test_an_account_that_no_longer_sees_any_row_makes_nothing_disappear(
    table: Postgres, project: Project, monkeypatch: pytest.MonkeyPatch
):
    """Row security takes the rows away without an error."""
    table.execute("drop role if exists reader", "create role reader login password 'reader'")
    table.execute("grant select on inventory to reader")
    fill(table, "a", "b")
    monkeypatch.setenv("CRM_DB", table.dsn.replace("owner:", "reader:").replace("correct-horse-battery", "reader"))
    crm(project).land()
    table.execute("alter table inventory enable row level security")
    assert project.land_one().held_back == "history_empty"
    assert events(project) == ["a created 01-01", "b created 01-01"]


def test_rows_that_another_query_leaves_out_are_not_taken_for_gone(table: Postgres, project: Project):
    crm(project)
    fill(table, "a", "b")
    project.land()
    crm(project, query="select * from inventory where record = 'b'")
    project.land()
    assert events(project) == ["a created 01-01", "b created 01-01"]
    fill(table, "c", "b")
    crm(project)
    project.land()
    assert events(project) == ["a created 01-01", "a deleted 07-04", "b created 01-01", "c created 01-01"]


def test_a_dry_run_shows_the_first_rows_and_lets_nothing_disappear(table: Postgres, project: Project):
    crm(project)
    fill(table, "a", "b")
    project.land()
    fill(table, "b")
    tried = dry_run(project.settings, project.settings.sources[0], project.now)
    assert tried.sound and [event["event_type"] for event in tried.events] == ["created"]
    assert len(project.land()) == 1


def test_what_was_gone_can_be_mapped_again_while_the_table_is_the_same(table: Postgres, project: Project):
    crm(project)
    fill(table, "a", "b")
    project.land()
    fill(table, "b")
    (second,) = project.land()
    reland(project.settings, project.ledger, "crm", second.batch_id, reason="a test", now=project.now)
    assert events(project) == ["a created 01-01", "a deleted 07-03", "b created 01-01"]
    assert project.land() == []
    assert fsck(project.folder / "home") == []


def test_a_database_by_sqlalchemy_shows_what_is_gone_too(table: Postgres, project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CRM_URL", table.dsn.replace("postgresql://", "postgresql+psycopg2://"))
    crm(project)
    project.sources[0]["reader"] = {"kind": "sql", "url_env": "CRM_URL", "query": "select record, who, made from inventory"}
    fill(table, "a", "b")
    project.land()
    fill(table, "b")
    project.land()
    assert [one for one in events(project) if "deleted" in one] == ["a deleted 07-03"]


def test_one_page_of_an_api_shows_what_is_gone_and_several_are_rejected(project: Project):
    """A row that moves to a page that was read already would be missed, and taken for gone."""
    with api() as server:
        server.items = [{"record": key, "made": "2026-01-01T00:00:00Z", "who": f"{key}@example.org"} for key in ("a", "b")]
        reader = {"kind": "http", "url": server.url, "items": "data.items", "retries": 0}
        crm(project).sources[0]["reader"] = reader
        project.land()
        server.items.pop(0)
        project.land()
        server.items.pop()
        assert project.land_one().held_back == "history_empty"
        assert [one for one in events(project) if "deleted" in one] == ["a deleted 07-03"]
        project.sources[0]["reader"] = reader | {"paging": {"by": "page", "param": "page"}}
        with pytest.raises(LandingError, match=r"history\.gone: paging by `page` reads one page after the other"):
            project.land()


def test_rows_asked_for_by_a_cursor_are_never_the_whole_table(table: Postgres, project: Project):
    crm(project, cursor="made")
    with pytest.raises(LandingError, match=r"crm\.history\.gone: rows asked for by the cursor `made`.*\n.*Remove `reader"):
        project.land()


def test_a_server_killed_between_two_runs_is_asked_again(table: Postgres, project: Project):
    crm(project)
    fill(table, "a", "b")
    project.land()
    fill(table, "b")
    table.kill()
    with pytest.raises(LandingError, match="nothing listens"):
        land(project.settings, project.ledger, project.now)
    table.start()
    project.land()
    assert events(project) == ["a created 01-01", "a deleted 07-03", "b created 01-01"]
