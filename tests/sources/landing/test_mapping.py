"""A source owner's SQL: what it may see, what it must yield, and what becomes of a row that it can't take."""

import json

import pytest
from source_project import as_csv

CASES = [
    {"id": "1", "opened": "2026-03-01", "closed": "2026-03-05", "status": "Granted", "email": "jane@example.org", "updated": "7"},
    {"id": "2", "opened": "2026-03-02", "closed": "", "status": "Open", "email": "john@example.org", "updated": "8"},
    {"id": "3", "opened": "2026-03-03", "closed": "2026-03-09", "status": "Lost", "email": "jo@example.org", "updated": "9"},
]
WIDE = """
-- one case row -> received, and what closed it
select _row, id || ':received' as event_id, id as request_id, 'received' as event_type, opened as occurred_at,
       email as subject_ref, updated as revision
from source
union all
select _row, id || ':closed', id, case status when 'Granted' then 'fulfilled' else status end, closed, null, updated
from source where closed <> '';
"""
DEFAULTS = {"jurisdiction": "US-CA", "channel": "email", "subject_ref_type": "email", "right_type": "access"}
SET = {"defaults": DEFAULTS, "time_zone": "America/New_York"}
NARROW = "select _row, id as event_id, id as request_id, 'fulfilled' as event_type, opened as occurred_at"


def test_one_case_row_becomes_several_events_and_an_unknown_status_is_quarantined_by_its_name(project):
    project.mapping(WIDE, **SET).file("a.csv", CASES)
    landed = project.land_one()
    assert {name: n for name, n in landed.counts.items() if n} == {
        "source_rows": 3, "mapped": 3, "read": 5, "landed": 4, "quarantined": 1,
    }  # fmt: skip
    assert project.query("select row_number, event_id, revision from landing.requests order by all") == [
        (1, "1:closed", 7), (1, "1:received", 7), (2, "2:received", 8), (3, "3:received", 9),
    ]  # fmt: skip
    assert project.rejects() == [(3, "unknown_code", "event_type", "Lost")]


def test_rows_that_yield_no_event_are_unmapped_counted_and_listed(project):
    project.mapping(f"{NARROW} from source where closed <> ''", **SET).file("a.csv", CASES)
    landed = project.land_one()
    assert (landed.counts["mapped"], landed.counts["unmapped"], landed.counts["source_rows"]) == (2, 1, 3)
    (line,) = project.ledger.lines("batch")
    assert line.body["unmapped_rows"] == [2]


def test_rows_that_a_rule_skips_are_counted_by_it(project):
    project.mapping(f"{NARROW} from source", skip="status = 'Open'", **SET).file("a.csv", CASES)
    landed = project.land_one()
    assert (landed.counts["skipped"], landed.counts["unmapped"], landed.counts["landed"]) == (1, 0, 2)


def test_skip_works_without_a_mapping_and_an_unknown_is_no_reason_to_skip(project):
    project.source(skip="role = 'processor'").file(
        "a.csv",
        "event_id,occurred_at,request_id,event_type,role\n"
        "a,2026-01-01T00:00Z,r,fulfilled,processor\nb,2026-01-01T00:00Z,r,fulfilled,\n",
    )
    assert (project.land_one().counts["skipped"], project.column("event_id")) == (1, ["b"])


def test_rows_on_which_the_mapping_raises_stand_alone_in_quarantine_and_the_rest_lands(project):
    rows = [CASES[0] | {"id": str(n), "updated": "x" if n in (17, 40, 41) else "1"} for n in range(1, 61)]
    project.mapping(f"{NARROW}, updated::bigint as revision from source", **SET).file("a.csv", rows)
    landed = project.land_one()
    assert (landed.counts["landed"], landed.quarantined) == (57, {"mapping_failed": 3})
    assert [row[:3] for row in project.rejects()] == [(n, "mapping_failed", None) for n in (17, 40, 41)]
    assert landed.counts["unmapped"] == 0


def test_a_row_that_failed_is_kept_by_lengths_and_hashes_only(project):
    project.mapping(f"{NARROW}, updated::bigint as revision from source", **SET).file("a.csv", [CASES[0] | {"updated": "jane"}])
    project.land()
    ((content,),) = project.quarantine("select content from landing.quarantine")
    assert '"length":4' in content
    assert "jane" not in content


def test_a_mapping_that_fails_everywhere_holds_the_file_back(project):
    rows = [CASES[0] | {"id": str(n), "updated": "x"} for n in range(1100)]
    project.mapping(f"{NARROW}, updated::bigint as revision from source", **SET).file("a.csv", rows)
    assert project.land_one().held_back == "mapping_fails"


def test_a_lost_row_number_is_found_out(project):
    project.mapping(NARROW.replace("_row,", "_row + 100 as _row,") + " from source", **SET).file("a.csv", CASES)
    landed = project.land_one()
    assert landed.held_back == "mapping_row"
    project.mapping(NARROW.replace("_row,", "") + " from source", **SET)
    assert "does not return `_row`" in project.land_one().says


def test_a_column_that_the_mapping_does_not_yield_is_named_with_what_it_does(project):
    project.mapping(WIDE, time_zone="UTC", defaults={"channel": "email", "right_type": "access"}).file("a.csv", CASES)
    landed = project.land_one()
    assert landed.held_back == "mapping_columns"
    assert landed.says.startswith("map.sql yields no column `jurisdiction`, which `requests` needs on `received`.")
    assert "It yields: event_id, request_id, event_type" in landed.says


def test_a_column_that_only_some_events_need_may_be_left_out_where_none_of_them_comes(project):
    project.mapping(f"{NARROW} from source", time_zone="UTC").file("a.csv", CASES)
    assert project.land_one().counts["landed"] == 3


def test_a_column_unknown_to_the_contract_is_named_with_the_nearest(project):
    project.mapping(f"{NARROW}, 'mail' as chanel from source", **SET).file("a.csv", CASES)
    assert "Did you mean `channel`?" in project.land_one().says


def test_sql_that_does_not_fit_the_file_holds_it_back_and_says_why(project):
    project.mapping("select _row, ticket as event_id from source", **SET).file("a.csv", CASES)
    landed = project.land_one()
    assert landed.held_back == "mapping_broken"
    assert "ticket" in landed.says


@pytest.mark.parametrize(
    "sql",
    [
        "select _row, content as event_id from source, read_text('/etc/hostname')",
        "select _row, column0 as event_id from source, read_csv('/etc/hostname')",
        "select _row, file as event_id from source, glob('/etc/*')",
        "copy source to '/tmp/stolen.csv'",
        "attach '/tmp/stolen.db'; select * from source",
        "set enable_external_access = true",
        "install httpfs",
    ],
)
def test_a_mapping_reaches_nothing_but_its_source(project, sql):
    project.mapping(sql, **SET).file("a.csv", CASES)
    assert project.land_one().held_back == "mapping_broken"


def test_a_fixed_mapping_takes_up_a_file_that_was_held_back(project):
    project.mapping("select 1 as nothing from source", **SET).file("a.csv", CASES)
    assert project.land_one().held_back == "mapping_columns"
    project.mapping(WIDE, **SET)
    assert project.land_one().counts["landed"] == 4


def test_a_fixed_mapping_alone_lands_nothing_twice(project):
    project.mapping(WIDE, **SET).file("a.csv", CASES)
    project.land()
    project.mapping(WIDE.replace("'fulfilled'", "'denied'"), **SET)
    assert project.land() == []


def test_every_value_reaches_a_mapping_as_text_whatever_the_format(project):
    rows = [{"id": number, "opened": "2026-03-01", "tags": ["a", "b"], "done": True} for number in (1, 2)]
    project.mapping(
        """select _row, id || '-x' as event_id, id as request_id, 'fulfilled' as event_type, opened as occurred_at,
        tags as purpose_codes from source where done = 'true'""",
        **SET,
    ).file("a.jsonl", "\n".join(map(json.dumps, rows)))
    project.land()
    assert project.query("select event_id, purpose_codes from landing.requests") == [("1-x", ["a", "b"]), ("2-x", ["a", "b"])]


def test_the_rows_of_a_mapped_file_land_in_the_same_order_each_time(project, tmp_path):
    project.mapping(WIDE, **SET).file("a.csv", as_csv(CASES * 1))
    project.land()
    first = project.query("select event_id, row_number from landing.requests")
    assert first == sorted(first, key=lambda row: (row[1], row[0]))
