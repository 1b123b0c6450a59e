"""What a database is asked for beside its rows: its own count per day, numbers without a gap, a second identifier."""

import pytest
from queried_project import asked, row

from promisekept.errors import ConfigError, LandingError

QUERY = "select substr(occurred_at, 1, 10) as day, count(*) as count from cases group by 1"


def counted(project, query=QUERY, **keys):
    reader = {"kind": "sql", "url_env": "SHOP_URL", "query": "select * from cases", "cursor": "id", "retries": 0}
    return asked(project, reader | {"ignore_columns": ["id"]}, control_query=query, **keys)


def totals(project):
    return project.query("select day::varchar, stated from landing.control_totals order by day")


def test_what_the_database_counts_is_recorded_when_it_changed(project, shop):
    shop.fill(row(1), row(2))
    counted(project)
    project.land()
    assert totals(project) == [("2026-03-02", 1), ("2026-03-03", 1)]
    (line,) = project.ledger.lines("control_total")
    assert line.body["origin"]["path"] == "sql:helpdesk (control_query)"
    project.land()
    assert len(list(project.ledger.lines("control_total"))) == 1
    shop.fill(row(3), row(31))
    project.land()
    assert [dict(line.body["days"]) for line in project.ledger.lines("control_total")][1:] == [{"2026-03-04": 2}]
    assert project.query("select count(*) from landing.requests") == [(4,)]


def test_a_row_that_the_reader_never_asked_for_is_missed_by_the_total(project, shop):
    shop.fill(row(1), row(2))
    counted(project)
    project.sources[0]["reader"]["query"] = "select * from cases where id > 1"
    project.land()
    assert totals(project) == [("2026-03-02", 1), ("2026-03-03", 1)]
    assert project.query("select occurred_at::date::varchar from landing.requests") == [("2026-03-03",)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select count(*) as rows from cases", "control_query: it yields rows"),
        ("select 'yesterday' as day, 1 as count", "a row that is no day with a count"),
        ("select '2026-03-01' as day, 1 as count union all select '2026-03-01', 2", "or a day twice"),
    ],
)
def test_a_query_that_counts_no_days_is_rejected_and_what_landed_stays(project, shop, query, message):
    shop.fill(row(1))
    counted(project, query)
    with pytest.raises(LandingError, match=rf"sources\.helpdesk\.{message}" if message.startswith("control") else message):
        project.land()
    assert project.query("select count(*) from landing.requests") == [(1,)]
    assert not list((project.folder / "home" / "landing").rglob(".incoming/*"))


def test_only_a_database_is_asked_for_its_count(project):
    project.source(control_query="select 1")
    with pytest.raises(ConfigError, match="`control_query` asks the database of the source"):
        assert project.settings


def test_the_cursor_of_a_database_may_be_its_sequence_whether_it_is_ignored_or_not(project, shop):
    shop.fill(row(1), row(2), row(5))
    counted(project, sequence="id")
    project.land()
    shop.fill(row(7))
    project.land()
    gaps = "select first_missing, last_missing, batch_id from landing.sequence_gaps order by 1"
    assert project.query(gaps) == [(3, 4, "b-0001"), (6, 6, "b-0003")]
    assert project.query("select count(*) from landing.requests") == [(4,)]


def test_links_of_a_database_are_asked_for_by_a_cursor_of_their_own(project, shop):
    shop.execute("alter table cases add column customer text")
    shop.fill(*((*row(number), f"C-{number}") for number in (1, 2)))
    counted(project, links={"column": "customer", "type": "customer_id"})
    assert [(one.source, one.counts["landed"]) for one in project.land()] == [("helpdesk", 2), ("helpdesk_links", 2)]
    shop.fill((*row(3), "C-3"))
    assert [(one.source, one.counts["landed"]) for one in project.land()] == [("helpdesk", 1), ("helpdesk_links", 1)]
    keys = {project.key.subject("customer_id", f"C-{number}") for number in (1, 2, 3)}
    assert set(project.column("other_key", "subject_links")) == keys
    assert b"C-1" not in b"".join(path.read_bytes() for path in (project.folder / "home").rglob("*") if path.is_file())
