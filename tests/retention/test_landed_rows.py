"""Landed rows and the values of rejected rows are purged at once: nothing before the line in the ledger, all after it."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from source_project import answered, received

from promisekept.errors import LandingError, PublishingError
from promisekept.publishing.fsck import fsck
from promisekept.publishing.provenance import landed_row
from promisekept.retention.landed_rows import purge_landed_rows
from promisekept.retention.rejects import purge_rejects
from promisekept.sources.contract import contract
from promisekept.sources.landing.quarantine import list_rejects, show_rejects
from promisekept.sources.landing.reland import reland, retry_rejects
from promisekept.sources.zone import compaction
from promisekept.sources.zone.batches import CLEARED, RETIRED, Zone
from promisekept.sources.zone.compaction import compact
from promisekept.sources.zone.storage import write_rows

MUCH_LATER = datetime(2032, 8, 20, 6, tzinfo=UTC)
"""More than six years after the first deliveries, and less than six years after the last."""


def over(*lives):
    """As in a snapshot: these requests are over."""

    def make(connection, name, log):
        if log != "requests":
            return False
        values = ", ".join(f"('helpdesk', '{life}')" for life in lives) or "(null, null)"
        connection.execute(f"create temp table {name} as select * from (values {values}) as lives (namespace, request_id)")
        return True

    return make


@pytest.fixture
def old(project):
    """Three requests in two files of 2026; r3 has another event in 2031."""
    project.file("a.csv", [received(), answered(), received(event_id="e3", request_id="r2")])
    project.land()
    project.file("b.csv", [answered(event_id="e4", request_id="r2"), received(event_id="e5", request_id="r3")])
    project.land()
    project.now = datetime(2031, 3, 1, 6, tzinfo=UTC)
    project.file("c.csv", [answered(event_id="e6", request_id="r3", occurred_at="2031-02-01T10:00:00Z")])
    project.land()
    return project


def retire(project, *lives, at=MUCH_LATER):
    return purge_landed_rows(project.settings, project.ledger, at, over(*lives))


def files(project):
    landing = project.folder / "home" / "landing"
    return sorted(path.relative_to(landing).as_posix() for path in landing.glob("*/*.parquet"))


def test_only_what_is_over_and_old_falls_out_and_never_a_part_of_it(old):
    before = files(old)
    retired = retire(old, "r1", "r3")
    assert (dict(retired.rows), dict(retired.lives)) == ({"requests": 2}, {"requests": 1})
    assert old.column("event_id") == ["e3", "e4", "e5", "e6"]
    (line,) = old.ledger.lines(RETIRED)
    (entry,) = line.body["files"]
    assert (line.body["period"], line.body["before"], line.body["kept_from"]) == (
        "P6Y", "2026-07-31T23:00:00.000000Z", "2026-03-21",
    )  # fmt: skip
    assert entry["file"] in before
    assert entry["file"] not in files(old)
    assert fsck(old.folder / "home") == []


def test_a_file_of_which_nothing_stays_leaves_its_hash_in_the_ledger_alone(old):
    retire(old, "r1", "r2")
    first = next(iter(old.ledger.lines("batch")))
    (line,) = old.ledger.lines(RETIRED)
    assert [entry["sha256"] for entry in line.body["files"] if entry["output"] is None] == [first.body["sha256"]]
    assert old.column("event_id") == ["e5", "e6"]
    assert fsck(old.folder / "home") == []


def test_nothing_falls_out_before_its_time_or_a_second_time_in_a_month(old):
    assert retire(old, "r1", at=datetime(2032, 7, 30, tzinfo=UTC)) is None
    assert retire(old) is None
    assert retire(old, "r1") is not None
    assert retire(old, "r1", "r2", at=MUCH_LATER + timedelta(days=5)) is None
    assert retire(old, "r1", "r2", at=MUCH_LATER + timedelta(days=30)) is not None


def test_a_look_back_sees_what_is_left_and_what_is_asked_of_a_fallen_row_is_none(old):
    retire(old, "r1")
    first = next(iter(old.ledger.lines("batch")))
    assert old.query("select event_id from landing.requests order by all", known_seq=first.seq) == [("e3",)]
    home = old.folder / "home"
    assert landed_row(home, first.body["batch_id"], 1) is None
    assert landed_row(home, first.body["batch_id"], 3)["event_id"] == "e3"
    with pytest.raises(PublishingError, match="holds no row 9"):
        landed_row(home, list(old.ledger.lines("batch"))[-1].body["batch_id"], 9)


def test_superseded_versions_go_by_age_and_contested_events_stay(project):
    project.file("a.csv", [received(), received(event_id="e9", request_id="r9")])
    project.land()
    reland(project.settings, project.ledger, "helpdesk", reason="fixed", now=project.now + timedelta(hours=1))
    project.file("b.csv", [received(event_id="e9", request_id="r8")])
    project.land()
    retired = retire(project, "r9", "r8")
    assert dict(retired.rows) == {"requests": 2}
    assert not retired.lives
    assert project.column("event_id") == ["e1", "e9", "e9"]


def test_what_is_left_is_compacted_like_any_other_month(old):
    retire(old, "r1")
    assert [(one.rows, one.inputs) for one in compact(old.settings, old.ledger, MUCH_LATER)] == [(3, 2)]
    assert old.column("event_id") == ["e3", "e4", "e5", "e6"]
    retire(old, "r2", at=MUCH_LATER + timedelta(days=31))
    assert old.column("event_id") == ["e5", "e6"]
    assert fsck(old.folder / "home") == []


def test_no_purged_row_stays_in_a_file_that_was_put_together_with_others(old):
    """Those stay for a day, for whoever reads them."""
    compact(old.settings, old.ledger, MUCH_LATER)
    assert len(files(old)) == 4
    retire(old, "r1")
    landing = old.folder / "home" / "landing"
    held = [duckdb.sql(f"select event_id from '{landing / file}' order by 1").fetchall() for file in files(old)]
    assert sorted(held) == [[("e3",), ("e4",), ("e5",)], [("e6",)]]


def test_a_file_that_counts_again_once_others_are_purged_stays(project, monkeypatch):
    """Without the rows of the last file, the second file to be put together is the first again, byte for byte."""
    monkeypatch.setattr(compaction, "MOST_SMALL", 1)
    made = []
    for number in (1, 2, 3):
        project.file(f"{number}.csv", [received(event_id=f"e{number}", request_id=f"r{number}")])
        project.land()
        made += [one.file for one in compact(project.settings, project.ledger, project.now)]
    retire(project, "r3")
    assert files(project) == made[:1]
    later = MUCH_LATER + timedelta(days=2)
    assert compact(project.settings, project.ledger, later) == []
    assert files(project) == made[:1]
    assert project.column("event_id") == ["e1", "e2"]
    assert fsck(project.folder / "home") == []


def test_a_changed_file_stops_it_and_nothing_is_gone(old):
    path = old.folder / "home" / "landing" / next(iter(old.ledger.lines("batch"))).body["file"]
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(LandingError, match="nothing was purged"):
        retire(old, "r1")
    assert not list(old.ledger.lines(RETIRED))


def killed(step, act):
    """Do something in a process of its own that dies at a step; whether it did."""
    child = os.fork()
    if child == 0:
        step(lambda: os.kill(os.getpid(), signal.SIGKILL))
        act()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def before_the_line(die):
    from promisekept.sources.zone.ledger import Ledger

    Ledger.append = lambda *_: die()


def after_the_line(die):
    from promisekept.sources.zone.ledger import Ledger

    written = Ledger.append
    Ledger.append = lambda *arguments: (written(*arguments), die())


@pytest.mark.parametrize("step", [before_the_line, after_the_line])
def test_a_kill_leaves_all_or_nothing_and_the_next_run_ends_it(old, step):
    assert killed(step, lambda: retire(old, "r1", "r2"))
    events = old.column("event_id")
    assert events == (["e1", "e2", "e3", "e4", "e5", "e6"] if step is before_the_line else ["e5", "e6"])
    left = [str(problem) for problem in fsck(old.folder / "home")]
    assert left
    assert all("a run was killed" in problem for problem in left)
    retire(old, "r1", "r2")
    assert old.column("event_id") == ["e5", "e6"]
    assert fsck(old.folder / "home") == []


@pytest.fixture
def rejected(project):
    """Two rejected rows of July, one of them with what looks like a person."""
    rows = [
        received(event_id="x1", request_id="r7", right_type="telepathy", regime_code="private words"),
        received(event_id="x2", subject_ref="", evidence_ref="urn:secret"),
    ]
    project.file("a.csv", rows)
    project.land()
    return project


def purge(project, days=120):
    return purge_rejects(project.settings, project.ledger, project.now + timedelta(days=days))


def test_a_purged_row_is_still_rejected_for_its_reason_and_its_values_are_gone(rejected):
    before = list_rejects(rejected.settings, rejected.ledger)
    counted = "select row_number, reason, column_name, event_id, occurred_at, request_id, event_type from landing.quarantine"
    rows = rejected.query(f"{counted} order by all")
    assert purge(rejected, days=60) == 0
    assert purge(rejected) == 2
    assert purge(rejected, days=130) == 0
    assert list_rejects(rejected.settings, rejected.ledger) == before
    assert rejected.query(f"{counted} order by all") == rows
    assert rejected.quarantine("select distinct value, subject_key from landing.quarantine") == [(None, None)]
    shown = str([row["content"] for row in show_rejects(rejected.settings, rejected.ledger, before[0].batch_id)])
    assert "telepathy" not in shown
    assert "private words" not in shown
    assert "urn:secret" not in shown
    (line,) = rejected.ledger.lines(CLEARED)
    assert (line.body["rule"], line.body["period"]) == ("retention.quarantine", "P90D")
    assert fsck(rejected.folder / "home") == []


def test_purged_rows_can_still_be_retried_from_their_original(rejected):
    purge(rejected)
    rejected.source(defaults={"regime_code": "x"}, skip="right_type = 'telepathy'")
    (landed,) = retry_rejects(rejected.settings, rejected.ledger, rejected.now + timedelta(days=121))
    assert landed.counts["skipped"] == 1


@pytest.mark.parametrize("step", [before_the_line, after_the_line])
def test_a_kill_while_purging_loses_no_row(rejected, step):
    assert killed(step, lambda: purge(rejected))
    assert len(rejected.query("select * from landing.quarantine")) == 2
    assert purge(rejected) in {0, 2}
    assert len(list(rejected.ledger.lines(CLEARED))) == 1
    assert fsck(rejected.folder / "home") == []


def test_rows_fall_out_of_a_file_that_landed_before_a_column_was_added_to_the_contract(project):
    log = contract()["requests"]
    columns = log.columns
    object.__setattr__(log, "columns", tuple(one for one in columns if one.name != "declared_due_at"))
    try:
        project.file("a.csv", [received(), received(event_id="e3", request_id="r2")])
        project.land()
    finally:
        object.__setattr__(log, "columns", columns)
    assert dict(retire(project, "r1").rows) == {"requests": 1}
    assert project.query("select event_id, declared_due_at from landing.requests") == [("e3", None)]


def test_a_full_disk_while_letting_go_leaves_everything(old, monkeypatch):
    def full(*_, **__):
        raise LandingError("no space")

    monkeypatch.setattr("promisekept.retention.landed_rows.write_rows", full)
    with pytest.raises(LandingError, match="no space"):
        retire(old, "r1")
    monkeypatch.setattr("promisekept.retention.landed_rows.write_rows", write_rows)
    assert len(old.column("event_id")) == 6
    assert Zone(old.folder / "home", old.ledger).kept_from is None
