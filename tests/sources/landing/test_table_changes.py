"""Tables that keep no history: each delivery is compared with those before it, and what changed becomes events."""

import json
from datetime import UTC, datetime

import duckdb
import pytest
from source_project import COMPARED, STATUSES

from promisekept.errors import ConfigError, LandingError
from promisekept.publishing.fsck import fsck
from promisekept.sources.landing.reland import reland, retry_rejects
from promisekept.sources.zone.ledger import Ledger

FIRST_RUN, SECOND_RUN, THIRD_RUN = ("2026-07-02T06:00:00+00:00", "2026-07-03T06:00:00+00:00", "2026-07-04T06:00:00+00:00")


def table(**statuses):
    return [{"id": key, "status": status} for key, status in statuses.items()]


def events(project, log="requests", entity="request_id"):
    rows = project.query(f"select {entity}, event_type, strftime(occurred_at, '%m-%d') from landing.{log} order by all")
    return [" ".join(row) for row in rows]


def test_what_did_not_change_gives_no_event_and_what_changed_is_known_no_better_than_the_run(project):
    project.mapping(STATUSES, history=COMPARED).file("day1.csv", table(r1="open", r2="open"))
    project.land_one()
    project.file("day2.csv", table(r1="open", r2="done", r3="open"))
    second = project.land_one()
    assert events(project) == ["r1 acknowledged 07-02", "r2 acknowledged 07-02", "r2 fulfilled 07-03", "r3 acknowledged 07-03"]
    assert (second.counts["unmapped"], second.counts["landed"]) == (1, 2)
    counted = [line.body["history"] for line in project.ledger.lines("batch")]
    assert [[one[name] for name in ("first", "changed", "same", "gone")] for one in counted] == [[2, 0, 0, 0], [1, 1, 1, 0]]
    assert fsck(project.folder / "home") == []


def test_the_same_file_overwritten_each_day_is_a_delivery_each_day_even_back_in_an_earlier_state(project):
    project.mapping(STATUSES, history=COMPARED)
    for status in ("open", "done", "open"):
        project.file("export.csv", table(r1=status))
        project.land_one()
    assert project.land() == []
    assert events(project) == ["r1 acknowledged 07-02", "r1 acknowledged 07-04", "r1 fulfilled 07-03"]


def test_a_row_that_says_when_it_changed_is_believed(project):
    project.mapping(STATUSES, history=COMPARED | {"changed_at": "updated"}, time_zone="Europe/Dublin")
    project.file("a.csv", [{"id": "r1", "status": "open", "updated": "2026-06-01T12:00:00"}])
    project.land()
    project.file("b.csv", [{"id": "r1", "status": "done", "updated": ""}])
    project.land()
    assert project.query("select occurred_at from landing.requests order by 1") == [
        (datetime(2026, 6, 1, 11, tzinfo=UTC),), (datetime.fromisoformat(SECOND_RUN),),
    ]  # fmt: skip


def test_a_source_with_a_format_of_its_own_gets_the_instant_written_in_it(project):
    project.mapping(STATUSES, history=COMPARED, formats={"occurred_at": "%d/%m/%Y %H:%M"}, time_zone="Europe/Dublin")
    project.file("a.csv", table(r1="open"))
    project.land()
    assert project.column("occurred_at") == [datetime.fromisoformat(FIRST_RUN)]


def test_a_column_that_is_not_watched_may_change_unseen(project):
    project.mapping(STATUSES, history=COMPARED).file("a.csv", [{"id": "r1", "status": "open", "note": "x"}])
    project.land()
    project.file("b.csv", [{"id": "r1", "status": "open", "note": "y"}])
    assert project.land_one().counts["landed"] == 0


def test_without_a_list_every_column_is_watched(project):
    history = {"kind": "snapshot", "key": ["id"]}
    project.mapping(STATUSES, history=history).file("a.csv", [{"id": "r1", "status": "open", "note": "x"}])
    project.land()
    project.file("b.csv", [{"id": "r1", "status": "open", "note": "y"}])
    assert project.land_one().counts["landed"] == 1


def test_nothing_of_a_row_can_be_read_from_what_is_remembered(project):
    history = {"kind": "snapshot", "key": ["email"]}
    sql = """select _row, 'e' || _row as event_id, 'r1' as request_id, 'acknowledged' as event_type, _changed_at as occurred_at
             from source"""
    project.mapping(sql, history=history).file("a.csv", [{"email": "jane@example.org", "status": "secretstatus"}])
    project.land()
    (line,) = project.ledger.lines("batch")
    note = project.folder / "home" / "landing" / line.body["history"]["file"]
    (row,) = duckdb.sql(f"select * from read_parquet('{note}')").fetchall()
    assert [len(value) for value in row] == [32, 32, 2, 6]
    kept = b"".join(path.read_bytes() for path in (project.folder / "home").rglob("*") if path.is_file())
    assert b"jane" not in kept and b"secretstatus" not in kept
    assert project.key.digest(json.dumps(["jane@example.org"])) == row[0]


INVENTORY = """
select _row, record || ':created' as event_id, record as record_id, 'created' as event_type, made as occurred_at,
       who as subject_ref, 'crm' as system, 'contact' as data_category, 'service' as purpose_code, 1 as record_count
from source
"""
LOST = {"kind": "snapshot", "key": ["record"], "gone": "deleted"}


def inventory(*records):
    return [{"record": record, "made": "2026-01-01T00:00:00Z", "who": f"{record}@example.org"} for record in records]


def test_a_row_that_disappears_becomes_the_event_that_the_source_says_it_is(project):
    project.mapping(INVENTORY, log="retention", history=LOST).file("1.csv", inventory("a", "b"))
    project.land()
    project.file("2.csv", inventory("b"))
    second = project.land_one()
    assert events(project, "retention", "record_id") == ["a created 01-01", "a deleted 07-03", "b created 01-01"]
    assert {name: n for name, n in second.counts.items() if n} == {
        "source_rows": 1, "mapped": 1, "read": 2, "landed": 1, "duplicate": 1,
    }  # fmt: skip
    assert project.query("select row_number from landing.retention where event_type = 'deleted'") == [(-1,)]
    assert project.query("select count(distinct subject_key) from landing.retention where record_id = 'a'") == [(1,)]
    assert project.query("select system, data_category, record_count from landing.retention where event_type = 'deleted'") == [
        (None, None, None)
    ]
    project.file("3.csv", inventory("b", "c"))
    assert project.land_one().counts["landed"] == 1
    assert fsck(project.folder / "home") == []


def test_a_row_that_comes_back_is_seen_for_the_first_time_again_and_can_go_again(project):
    project.mapping(INVENTORY, log="retention", history=LOST)
    for day, records in enumerate((("a", "b"), ("b",), ("a", "b"), ("b",))):
        project.file(f"{day}.csv", inventory(*records))
        project.land()
    assert [row for row in events(project, "retention", "record_id") if "deleted" in row] == [
        "a deleted 07-03",
        "a deleted 07-05",
    ]


def test_a_cut_or_an_empty_table_makes_nothing_disappear(project):
    project.mapping(INVENTORY, log="retention", history=LOST).file("1.csv", inventory("a", "b"))
    project.land()
    project.file("2.csv", "record,made,who\nb,2026-01-01T00:00:00Z,b@example.org\na,2026-01")
    project.land()
    project.file("3.csv", "record,made,who\n")
    assert project.land_one().held_back == "history_empty"
    assert events(project, "retention", "record_id") == ["a created 01-01", "b created 01-01"]


def test_a_run_that_dies_before_its_ledger_line_has_seen_nothing(project, monkeypatch):
    project.mapping(INVENTORY, log="retention", history=LOST).file("1.csv", inventory("a", "b"))
    project.land()
    project.file("2.csv", inventory("b", "c"))
    with monkeypatch.context() as dying, pytest.raises(OSError, match="the machine stopped"):
        dying.setattr(Ledger, "append", lambda *_: (_ for _ in ()).throw(OSError("the machine stopped")))
        project.land()
    assert events(project, "retention", "record_id") == ["a created 01-01", "b created 01-01"]
    project.land()
    assert events(project, "retention", "record_id") == [
        "a created 01-01",
        "a deleted 07-04",
        "b created 01-01",
        "c created 01-01",
    ]


def test_deliveries_that_wait_together_are_compared_one_after_the_other(project):
    project.mapping(INVENTORY, log="retention", history=LOST)
    for day, records in enumerate((("a", "b"), ("b",), ("a", "b"), ("b",))):
        project.file(f"{day}.csv", inventory(*records))
    project.land()
    deleted = project.query("select event_id from landing.retention where event_type = 'deleted'")
    assert len(deleted) == len(set(deleted)) == 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [([*table(r1="open"), *table(r1="done")], "history_key"), ([{"id": "", "status": "x"}], "history_key"),
     ([{"key": "r1", "status": "x"}], "history_column"), ([{"id": "r1", "status": "x", "_change": "y"}], "history_column")],
)  # fmt: skip
def test_a_table_that_can_not_be_compared_is_held_back(project, rows, reason):
    project.mapping(STATUSES, history=COMPARED).file("a.csv", rows)
    assert project.land_one().held_back == reason


def test_a_disappearance_can_only_be_an_event_that_needs_nothing_else(project):
    project.mapping(STATUSES, history=COMPARED | {"gone": "excluded"}).file("a.csv", table(r1="open"))
    with pytest.raises(LandingError, match="can't be `excluded`"):
        project.land()


def test_history_without_a_mapping_is_rejected(project):
    with pytest.raises(ConfigError, match="history: it adds columns for a mapping"):
        project.source(history=COMPARED).settings  # noqa: B018 - reading it is the act


def test_landing_an_old_delivery_again_compares_it_with_what_was_known_then(project):
    project.mapping(STATUSES, history=COMPARED)
    for day, status in enumerate(("open", "lost", "done")):
        project.file(f"{day}.csv", table(r1=status))
        project.land()
    assert events(project) == ["r1 acknowledged 07-02", "r1 fulfilled 07-04"]
    project.mapping(
        STATUSES.replace("when 'done'", "when 'lost' then 'clarification_requested' when 'done'"),
        history=COMPARED,
    )
    reland(project.settings, project.ledger, "helpdesk", reason="`lost` means a question", now=datetime(2026, 8, 1, tzinfo=UTC))
    assert events(project) == ["r1 acknowledged 07-02", "r1 clarification_requested 07-03", "r1 fulfilled 07-04"]
    project.file("9.csv", table(r1="done"))
    assert project.land_one().counts["landed"] == 0
    assert fsck(project.folder / "home") == []


def test_rejected_rows_are_read_again_as_the_changes_that_they_were(project):
    project.mapping(STATUSES, history=COMPARED).file("0.csv", table(r1="lost", r2="open"))
    project.land()
    project.file("1.csv", table(r1="done", r2="open"))
    project.land()
    project.mapping(
        STATUSES.replace("when 'done'", "when 'lost' then 'clarification_requested' when 'done'"),
        history=COMPARED,
    )
    retry_rejects(project.settings, project.ledger, datetime(2026, 8, 1, tzinfo=UTC))
    assert events(project) == ["r1 clarification_requested 07-02", "r1 fulfilled 07-03", "r2 acknowledged 07-02"]


def test_another_key_or_another_pseudonym_key_begins_a_new_history(project):
    project.mapping(STATUSES, history=COMPARED).file("0.csv", table(r1="open"))
    project.land()
    project.mapping(STATUSES, history=COMPARED | {"watch": ["status", "id"]}).file(
        "1.csv", [*table(r1="open"), *table(r2="open")]
    )
    project.land()
    assert [line.body["history"]["first"] for line in project.ledger.lines("batch")] == [1, 2]
