"""A mapping is fixed: original bytes again, rejected rows again, months put together; nothing lost, nothing twice."""

from datetime import timedelta

import pytest
from source_project import answered, received

from promisekept.errors import LandingError
from promisekept.evidence.events import landed
from promisekept.publishing.fsck import fsck
from promisekept.sources.landing.land import land
from promisekept.sources.landing.quarantine import list_rejected_files, list_rejects, show_rejects
from promisekept.sources.landing.reland import reland, retry_rejects
from promisekept.sources.zone import compaction
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.compaction import compact

WRONG = """select _row, id as event_id, id as request_id, case state when 'done' then 'denied' else state end as event_type,
    day as occurred_at, 'exempt' as reason_code from source"""
RIGHT = WRONG.replace("'denied'", "'fulfilled'").replace(", 'exempt' as reason_code", "")
TICKETS = [{"id": "1", "day": "2026-03-01", "state": "done"}, {"id": "2", "day": "2026-03-02", "state": "gone"}]


def again(project, batch=None, source="helpdesk"):
    project.now += timedelta(days=1)
    return reland(project.settings, project.ledger, source, batch, reason="mapping fixed", now=project.now)


def retried(project, **which):
    project.now += timedelta(days=1)
    return retry_rejects(project.settings, project.ledger, project.now, **which)


def test_a_fixed_mapping_is_relanded_from_the_original_bytes_and_the_old_batch_no_longer_counts(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS)
    project.land()
    before = project.ledger.seq
    project.mapping(RIGHT, time_zone="UTC")
    (landed,) = again(project)
    assert landed.counts["landed"] == 1
    assert project.column("event_type") == ["fulfilled"]
    line = project.ledger.line(landed.seq)
    assert (line.body["supersedes"], line.body["reason"]) == (["b-0001"], "mapping fixed")
    assert project.query("select batch_id, superseded from landing.batches order by seq") == [("b-0001", True), ("b-0002", False)]
    assert project.query("select event_type from landing.requests", known_seq=before) == [("denied",)]
    assert project.land() == []


def test_rows_that_were_dropped_as_duplicates_of_a_relanded_batch_come_back(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS[:1])
    project.source("other", path="inbox/b*", namespace="helpdesk").source(
        "helpdesk", path="inbox/a*", mapping="map.sql", time_zone="UTC"
    )
    project.file(
        "b.csv",
        [answered(event_id="1", request_id="1", event_type="denied", reason_code="exempt", occurred_at="2026-03-01T00:00:00Z")],
    )
    assert sorted(landed.counts["duplicate"] for landed in project.land()) == [0, 1]
    project.mapping(RIGHT, path="inbox/a*", time_zone="UTC")
    source = next(line.body["source"] for line in project.ledger.lines("batch") if line.body["counts"]["duplicate"] == 0)
    assert len(again(project, source=source)) == 2
    assert sorted(project.column("event_type")) == ["denied", "fulfilled"]


def test_between_two_batches_of_one_reland_no_event_counts_twice_unseen(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS[:1])
    project.file("b.csv", [TICKETS[0] | {"day": "2026-03-05"}])
    project.land()
    project.mapping(RIGHT, time_zone="UTC")
    first, second = again(project)
    between = project.query("select batch_id, collides from landing.requests order by all", known_seq=first.seq)
    assert between == [("b-0002", True), ("b-0003", True)]
    assert (first.counts["landed"], second.counts["conflicting"]) == (1, 1)


def test_landing_says_that_a_fixed_mapping_leaves_what_landed_as_it_is(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS)
    project.land()
    project.mapping(RIGHT, time_zone="UTC")
    messages = []
    assert land(project.settings, project.ledger, project.now, messages.append) == []
    assert "1 of 1 batches" in messages[0]
    assert "promisekept reland --source helpdesk" in messages[0]
    again(project)
    messages.clear()
    land(project.settings, project.ledger, project.now, messages.append)
    assert messages == []


def test_one_batch_may_be_relanded_alone(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS[:1])
    project.file("b.csv", [TICKETS[0] | {"id": "9"}])
    project.land()
    project.mapping(RIGHT, time_zone="UTC")
    assert [landed.path for landed in again(project, "b-0002")] == ["inbox/b.csv"]
    assert sorted(project.column("event_type")) == ["denied", "fulfilled"]


def test_a_reland_finds_a_file_that_was_renamed_and_stops_when_it_is_gone(project):
    project.mapping(WRONG, time_zone="UTC")
    path = project.file("a.csv", TICKETS)
    project.land()
    path = path.rename(path.with_name("renamed.csv"))
    assert again(project)[0].counts["landed"] == 1
    path.write_text("id,day,state\n")
    before = project.ledger.seq
    with pytest.raises(LandingError, match=r"original of b-0002 is gone"):
        again(project)
    assert project.ledger.seq == before


def test_a_reland_that_is_held_back_leaves_the_old_batch_counting(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS)
    project.land()
    project.mapping("select 1 as x from source", time_zone="UTC")
    (landed,) = again(project)
    assert landed.held_back == "mapping_columns"
    assert project.column("event_type") == ["denied"]


def test_a_batch_that_does_not_exist_is_named_with_those_that_do(project):
    project.file("a.csv", [received()])
    project.land()
    with pytest.raises(LandingError, match=r"no batch `b-0009`.*\n.*b-0001"):
        again(project, "b-0009")


def test_rejected_rows_are_listed_shown_and_retried_alone(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS)
    project.land()
    (refused,) = list_rejects(project.settings, project.ledger)
    assert (refused.reason, refused.rows, refused.batch_id) == ("unknown_code", 1, "b-0001")
    (shown,) = show_rejects(project.settings, project.ledger, "b-0001")
    assert (shown["row_number"], shown["value"], shown["event_id"]) == (2, "gone", "2")
    project.mapping(WRONG.replace("else state", "when 'gone' then 'withdrawn' else state"), time_zone="UTC")
    (landed,) = retried(project)
    assert {name: n for name, n in landed.counts.items() if n} == {"source_rows": 1, "mapped": 1, "read": 1, "landed": 1}
    assert project.column("event_type") == ["denied", "withdrawn"]
    assert project.column("row_number") == [1, 2]
    assert list_rejects(project.settings, project.ledger) == []
    assert project.rejects() == []


def test_a_retry_that_is_rejected_again_is_listed_once(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS)
    project.land()
    retried(project)
    retried(project, source="helpdesk")
    assert [(one.batch_id, one.rows) for one in list_rejects(project.settings, project.ledger)] == [("b-0003", 1)]
    assert len(project.rejects()) == 1


def test_a_reland_replaces_the_retries_of_a_batch_too(project):
    project.mapping(WRONG, time_zone="UTC").file("a.csv", TICKETS)
    project.land()
    project.mapping(WRONG.replace("else state", "when 'gone' then 'withdrawn' else state"), time_zone="UTC")
    retried(project)
    project.mapping(RIGHT.replace("else state", "when 'gone' then 'withdrawn' else state"), time_zone="UTC")
    assert len(again(project)) == 1
    assert sorted(project.column("event_type")) == ["fulfilled", "withdrawn"]


def test_a_broken_rest_is_retried_from_the_same_bytes(project):
    project.file("a.csv", "event_id,occurred_at,request_id,event_type\ne1,2026-01-01T00:00Z,r,fulfilled\ne2,2026")
    project.land()
    assert retried(project)[0].quarantined == {"malformed_row": 1}
    assert len(project.rejects()) == 1


def test_files_that_are_held_back_are_listed_with_the_reason(project):
    project.file("a.csv", [received(mood="good")])
    project.land()
    (held,) = list_rejected_files(project.settings, project.ledger)
    assert (held.path, held.reason, held.rows) == ("inbox/a.csv", "unknown_column", 1)


def test_a_month_that_is_over_becomes_one_file_and_nothing_else_changes(project):
    for number in range(5):
        project.file(f"{number}.csv", [answered(event_id=f"e{number}"), answered(event_id="e", revision=number)])
        project.land()
    everything = "select * from landing.requests order by batch_id, row_number"
    before = project.query(everything)
    look_back = project.query(everything, known_seq=3)
    (compacted,) = compact(project.settings, project.ledger, project.now + timedelta(days=31))
    assert (compacted.inputs, compacted.month) == (5, "2026-07")
    assert project.query(everything) == before
    assert project.query(everything, known_seq=3) == look_back
    folder = project.folder / "home/landing/requests"
    assert len([*folder.iterdir()]) == 6, "somebody may be reading those that were put together"
    assert compact(project.settings, project.ledger, project.now + timedelta(days=32)) == []
    assert [path.name for path in folder.iterdir()] == [compacted.file.split("/")[1]]
    assert project.query(everything) == before
    assert fsck(project.folder / "home") == []


def test_a_batch_within_a_compacted_file_can_still_be_superseded(project):
    project.mapping(WRONG, time_zone="UTC")
    for number in (1, 3):
        project.file(f"{number}.csv", [TICKETS[0] | {"id": str(number)}])
    project.land()
    project.now += timedelta(days=40)
    compact(project.settings, project.ledger, project.now)
    project.mapping(RIGHT, time_zone="UTC")
    again(project, "b-0001")
    assert project.query("select event_id, event_type from landing.requests order by 1") == [("1", "fulfilled"), ("3", "denied")]


def test_a_month_that_is_not_over_stays_as_it_is(project):
    for number in range(3):
        project.file(f"{number}.csv", [answered(event_id=f"e{number}")])
    project.land()
    assert compact(project.settings, project.ledger, project.now + timedelta(days=1)) == []


def test_many_small_files_of_a_month_that_is_not_over_become_one_and_nothing_else_changes(project, monkeypatch):
    """Five thousand files of one row made a further day four times as long, until the month was over."""
    monkeypatch.setattr(compaction, "MOST_SMALL", 3)
    monkeypatch.setattr(compaction, "SMALL", 6)
    everything = "select * from landing.requests order by batch_id, row_number"

    def files() -> int:
        zone = Zone(project.folder / "home", project.ledger)
        return len({zone.where(batch) for batch in zone.batches})

    def compacted_after_landing(*names: str, rows: int = 1) -> list[int]:
        for name in names:
            project.file(f"{name}.csv", [answered(event_id=f"{name}-{row}") for row in range(rows)] + [answered(event_id="same")])
        project.land()
        before = project.query(everything)
        look_back = project.query(everything, known_seq=3)
        inputs = [one.inputs for one in compact(project.settings, project.ledger, project.now)]
        assert project.query(everything) == before
        assert project.query(everything, known_seq=3) == look_back
        assert fsck(project.folder / "home") == []
        return inputs

    assert compacted_after_landing("large", rows=6) == []
    assert compacted_after_landing("a", "b", "c") == []
    assert compacted_after_landing("d") == [4], "a large one is not written again"
    assert files() == 2
    assert compacted_after_landing("e", "f") == []
    assert compacted_after_landing("g") == [4], "what four have become is still small"
    assert compacted_after_landing("h", "i", "j") == [], "and what seven have become is not"
    assert files() == 5
    assert [one.inputs for one in compact(project.settings, project.ledger, project.now + timedelta(days=31))] == [5]
    assert project.query("select count(*), count(distinct batch_id) from landing.requests") == [(17, 11)]
    again(project, "b-0002")
    assert project.query("select count(*), count(distinct batch_id) from landing.requests") == [(17, 11)]


def test_a_large_file_of_a_month_that_is_over_stays_as_it_is(project, monkeypatch):
    """The first run of each month wrote every row of the last one again, which took longer than a day does."""
    monkeypatch.setattr(compaction, "LARGE", 3)
    for number, rows in enumerate((3, 1, 2)):
        project.file(f"{number}.csv", [answered(event_id=f"e{number}-{row}") for row in range(rows)])
        project.land()
    everything = project.query("select * from landing.requests order by batch_id, row_number")
    (compacted,) = compact(project.settings, project.ledger, project.now + timedelta(days=31))
    assert (compacted.inputs, compacted.rows) == (2, 3)
    assert compact(project.settings, project.ledger, project.now + timedelta(days=62)) == [], "what is large now stays, too"
    assert project.query("select * from landing.requests order by batch_id, row_number") == everything
    assert fsck(project.folder / "home") == []


def test_who_reads_landed_files_goes_on_while_a_run_puts_them_together(project):
    """An export takes no lock: files that were deleted under it were called lost, with the advice to restore a backup."""
    for number in range(3):
        project.file(f"{number}.csv", [answered(event_id=f"e{number}")])
        project.land()
    with landed(Zone(project.folder / "home", project.ledger), {}) as reading:
        assert [one.inputs for one in compact(project.settings, project.ledger, project.now + timedelta(days=31))] == [3]
        assert reading.execute("select count(*) from landed_requests").fetchall() == [(3,)]


def test_a_changed_file_is_not_compacted(project):
    for number in range(2):
        project.file(f"{number}.csv", [answered(event_id=f"e{number}")])
    project.land()
    path = next((project.folder / "home/landing/requests").iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(LandingError, match="not what the ledger recorded"):
        compact(project.settings, project.ledger, project.now + timedelta(days=40))
