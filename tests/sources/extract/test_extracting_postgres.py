"""A PostgreSQL database as a source: what comes of a real server's rows, and by which cursor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from postgres_server import Postgres
from queried_project import COLUMNS, asked, nothing_spooled, row, spans, table_reader
from source_project import Project

from promisekept.errors import ConfigError, LandingError
from promisekept.sources.landing.dry_run import dry_run
from promisekept.sources.landing.reland import reland

pytestmark = pytest.mark.slow


def reader(**changes: object) -> dict[str, object]:
    return table_reader("HELPDESK_DB", "cases", **changes)


def test_rows_land_in_chunks_and_each_once(table: Postgres, project: Project):
    table.fill("cases", map(row, range(1, 26)))
    asked(project, reader(chunk_rows=10))
    done = project.land()
    assert [landed.counts["landed"] for landed in done] == [10, 10, 5]
    assert {landed.path for landed in done} == {"postgres:helpdesk"}
    assert spans(project) == [(None, "10"), (("after", "10"), "20"), (("after", "20"), "25")]
    assert project.land() == []
    table.fill("cases", map(row, range(26, 29)))
    assert project.land_one().counts["landed"] == 3
    assert sorted(project.column("event_id")) == sorted(f"e{number}" for number in range(1, 29))
    assert nothing_spooled(project)


def test_rows_with_the_same_cursor_stay_together(table: Postgres, project: Project):
    table.fill("cases", (row(number, id=number // 8) for number in range(1, 40)))
    asked(project, reader(chunk_rows=10))
    assert [landed.counts["landed"] for landed in project.land()] == [15, 16, 8]
    assert spans(project) == [(None, "1"), (("after", "1"), "3"), (("after", "3"), "4")]


@pytest.mark.parametrize("cursor", ["id", None])
def test_a_source_that_was_asked_and_had_nothing_new_has_delivered_where_deliveries_are_expected(
    table: Postgres, project: Project, cursor: str | None
):
    """Without it a quiet day of a help desk would look like a help desk that is out of reach."""
    asked(project, reader(cursor=cursor), expect={"every": "P1D"})
    assert project.land_one().counts["source_rows"] == 0
    table.fill("cases", [row(1), row(2)])
    assert project.land_one().counts["landed"] == 2
    quiet = project.land_one()
    assert (set(quiet.counts.values()), quiet.batch_id) == ({0}, "b-0003")
    assert project.land_one().batch_id == "b-0004"
    (again,) = reland(project.settings, project.ledger, "helpdesk", "b-0002", reason="a test case", now=project.now)
    assert again.counts["landed"] == 2
    with pytest.raises(LandingError, match="no batch `b-0003` that counts"):
        reland(project.settings, project.ledger, "helpdesk", "b-0003", reason="a test case", now=project.now)
    table.fill("cases", [row(3)])
    assert project.land_one().counts["landed"] == 1


@pytest.mark.parametrize(("column", "kind"), [("id", "number"), ("occurred_at", "instant"), ("event_id", "text")])
@pytest.mark.parametrize("sign", [">", ">="])
def test_a_query_may_say_itself_from_where_it_reads(table: Postgres, project: Project, column: str, kind: str, sign: str):
    """The range stands around the query all the same, so `>` misses no row that came late with the last value."""
    query = f"select * from cases where {column} {sign} %(cursor)s"
    table.fill("cases", map(row, range(1, 10)))
    asked(project, reader(query=query, cursor=column, chunk_rows=4))
    assert sum(landed.counts["landed"] for landed in project.land()) == 9
    assert {line.body["origin"]["cursor"]["kind"] for line in project.ledger.lines("batch")} == {kind}
    assert project.land() == []
    table.fill("cases", [row(10, event_id="f1")] if kind == "text" else [row(10, id=9, occurred_at=row(9)[2]), row(11)])
    counts = [landed.counts["landed"] for landed in project.land()]
    assert sum(counts) == (1 if kind == "text" else 2)


def test_a_place_for_a_cursor_that_nobody_names_is_rejected(table: Postgres, project: Project):
    asked(project, reader(query="select * from cases where id > %(cursor)s", cursor=None))
    with pytest.raises(ConfigError, match=r"holds `%\(cursor\)s`; name the column"):
        project.land()


def test_a_row_that_comes_late_with_the_last_cursor_is_not_missed_and_none_counts_twice(table: Postgres, project: Project):
    table.fill("cases", [row(1), row(2, id=5)])
    asked(project, reader())
    project.land()
    table.fill("cases", [row(3, id=5)])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (1, 1)
    assert project.land() == []
    table.fill("cases", [row(4, id=5, event_type="bogus")])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"], counts["quarantined"]) == (0, 2, 1)
    assert project.land() == []
    table.fill("cases", [row(5, id=5)])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"], counts["quarantined"]) == (1, 3, 0)
    assert len(project.rejects()) == 1


@pytest.mark.parametrize(
    ("kind", "value", "overlap"),
    [
        ("timestamptz", "'2026-05-01T00:00:00Z'::timestamptz + n * interval '1 minute'", "PT10M"),
        ("timestamp", "'2026-05-01T00:00:00'::timestamp + n * interval '1 minute'", "PT10M"),
        ("date", "'2026-05-01'::date + n", "P10D"),
        ("numeric", "n * 1.5", 15),
        ("bigint", "n", 10),
    ],
)
def test_an_overlap_reads_back_for_rows_that_became_visible_late(
    table: Postgres, project: Project, kind: str, value: str, overlap: object
):
    def put(numbers: list[int]) -> None:
        values = ", ".join(f"({number})" for number in numbers)
        table.execute(f"insert into late select {value}, n from (values {values}) as given (n)")

    table.execute("drop table if exists late", f"create table late (changed {kind}, n int)")
    query = """select changed, 'e' || n as event_id, '2026-03-01T00:00:00Z' as occurred_at, n || '@example.org' as subject_ref,
        'email' as subject_ref_type, 'r' || n as request_id, 'access' as right_type, 'received' as event_type,
        'IE' as jurisdiction, 'email' as channel from late"""
    asked(project, reader(query=query, cursor="changed", overlap=overlap, ignore_columns=["changed"]))
    put([100, 110, 120])
    assert project.land_one().counts["landed"] == 3
    put([105, 115])  # committed late: the first before the overlap, where nobody looks any more
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (1, 2)
    assert project.land() == []
    put([130])
    assert project.land_one().counts["landed"] == 1
    assert sorted(project.column("event_id")) == ["e100", "e110", "e115", "e120", "e130"]


def test_an_overlap_that_is_no_distance_of_the_cursor_is_rejected(table: Postgres, project: Project):
    table.fill("cases", [row(1)])
    asked(project, reader())
    project.land()
    asked(project, reader(overlap="PT1H"))
    with pytest.raises(LandingError, match=r"sources\.helpdesk\.reader\.overlap: 1:00:00 is no distance .*`id`.*\n.*a number"):
        project.land()


def test_without_a_cursor_all_is_read_and_what_has_landed_is_dropped(table: Postgres, project: Project):
    table.fill("cases", [row(1), row(2), row(3, event_type="bogus")])
    asked(project, reader(cursor=None, chunk_rows=2))
    counts = project.land_one().counts
    assert (counts["landed"], counts["quarantined"]) == (2, 1)
    assert project.land() == []
    table.execute("delete from cases where id = 1")  # other rows than last time, none of them new
    assert project.land() == []
    table.fill("cases", [row(4)])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"], counts["quarantined"]) == (1, 2, 0)
    assert sorted(project.column("event_id")) == ["e1", "e2", "e4"]
    assert len(project.rejects()) == 1


def test_a_value_of_any_type_arrives_as_the_database_writes_it(table: Postgres, project: Project):
    table.execute(
        "drop table if exists odd",
        "drop type if exists mood",
        "create type mood as enum ('calm')",
        """create table odd as select 1 as id, 1234.50::numeric as amount, '{"b": 1.10}'::jsonb as body,
            'calm'::mood as mood, '10.0.0.1'::inet as address, interval '1 day' as span, array['x', 'y'] as tags,
            '5d7cbf2e-31c1-4b6e-9c9e-3d1fd8a70d1f'::uuid as token, '10:30'::time as clock, true as yes,
            '2026-03-10 10:00:00+02'::timestamptz as seen, 'infinity'::timestamptz as never, '\\x00ff'::bytea as raw,
            'infinity'::date as no_day""",
    )
    project.folder.joinpath("map.sql").write_text(
        """select _row, 'e1' as event_id, seen as occurred_at, token as subject_ref, 'customer_id' as subject_ref_type,
            concat_ws('|', amount, body, mood, address, span, array_to_string(tags, '+'), clock, yes, raw) as request_id,
            'access' as right_type, 'received' as event_type, 'IE' as jurisdiction, 'email' as channel
        from source"""
    )
    asked(project, reader(query="select * from odd", ignore_columns=["no_day"]), mapping="map.sql")
    with pytest.raises(LandingError, match=r"query: `never` is infinite in some rows.*\n.*nullif\(never, 'infinity'\)"):
        project.land()
    asked(project, reader(query="select * from odd", ignore_columns=["no_day", "never"]), mapping="map.sql")
    assert project.land_one().counts["landed"] == 1, project.rejects()
    assert project.column("request_id") == ['1234.50|{"b": 1.10}|calm|10.0.0.1/32|P1D|x+y|10:30:00|true|\\x00ff']
    assert project.column("occurred_at") == [datetime(2026, 3, 10, 8, tzinfo=UTC)]
    assert project.column("subject_key") == [project.key.subject("customer_id", "5d7cbf2e-31c1-4b6e-9c9e-3d1fd8a70d1f")]


def test_a_column_that_changes_its_type_goes_on_where_its_text_is_the_same(table: Postgres, project: Project):
    table.execute("alter table cases alter request_id type bigint using null")
    table.fill("cases", [row(1, request_id=17)])
    asked(project, reader())
    assert project.land_one().counts["landed"] == 1
    table.execute("alter table cases alter request_id type text")
    table.fill("cases", [row(2, request_id="A-18")])
    assert project.land_one().counts["landed"] == 1
    assert project.column("request_id") == ["17", "A-18"]


def test_a_cursor_that_changes_its_kind_stops_the_source_and_another_name_starts_it_again(table: Postgres, project: Project):
    table.fill("cases", [row(9), row(10)])
    asked(project, reader())
    project.land()
    for column_type, kind in (("timestamptz using '2026-05-01'", "instant"), ("text using id::text", "text")):
        table.execute(f"alter table cases alter id type {column_type}")
        with pytest.raises(LandingError, match=rf"reader\.cursor: `id` was of kind number when last read, now {kind}"):
            project.land()
    table.fill("cases", [row(11, id="11")])
    assert len(project.column("event_id")) == 2
    asked(project, reader(query=f"select *, 'k' || id as key from (select {COLUMNS} from cases) as c", cursor="key"))
    project.sources[0]["reader"]["ignore_columns"] = ["id", "key"]
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"]) == (1, 2)


def test_a_column_that_is_gone_holds_the_chunk_back_until_the_query_is_fixed(table: Postgres, project: Project):
    table.fill("cases", [row(1)])
    asked(project, reader())
    project.land()
    table.execute("alter table cases rename channel to kanal")
    table.fill("cases", [row(2), row(3)])
    asked(project, reader(query="select * from cases", chunk_rows=1))
    rejected = project.land_one()
    assert rejected.held_back == "unknown_column"
    assert project.land() == []  # reported once
    assert [one[0] for one in project.query("select source from landing.held_back")] == ["helpdesk"]
    asked(project, reader(query="select *, kanal as channel from cases", ignore_columns=["id", "kanal"], chunk_rows=1))
    assert [landed.counts["landed"] for landed in project.land()] == [1, 1]
    assert project.query("select source from landing.held_back") == []


def test_a_dry_run_shows_the_first_rows_and_writes_nothing(table: Postgres, project: Project):
    table.fill("cases", [row(1), row(2, event_type="bogus"), *map(row, range(3, 1500))])
    asked(project, reader())
    trial = dry_run(project.settings, project.settings.source("helpdesk"), project.now)
    assert trial.tried is not None and "postgres:helpdesk" in trial.tried
    assert trial.counts["source_rows"] == 1000
    assert trial.refused == {"unknown_code": 1}
    assert [event["event_id"] for event in trial.events] == ["e1", "e3", "e4"]
    assert not project.settings.home.exists()
    table.execute("delete from cases")
    assert dry_run(project.settings, project.settings.source("helpdesk"), project.now).tried is None


def test_nothing_is_due_before_the_daily_run(table: Postgres, project: Project):
    from orchestration.defs.schedules import listing

    asked(project, reader())
    table.fill("cases", [row(1)])
    found = listing(project.settings, project.now + timedelta(days=1), {})
    assert (found.seen, found.unlisted) == ({}, {})
