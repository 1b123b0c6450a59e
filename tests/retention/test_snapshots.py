"""Snapshots are purged by age, never the current one, and the ledger remembers them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from small_snapshots import publish, roll_back

from promisekept.config.durations import read_duration
from promisekept.config.settings import SnapshotRetention
from promisekept.errors import PublishingError
from promisekept.publishing.fsck import fsck
from promisekept.publishing.store import SnapshotStore
from promisekept.retention.purge_log import purges
from promisekept.retention.snapshots import purge_snapshots
from promisekept.sources.zone.ledger import Ledger

FIRST = datetime(2026, 1, 28, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """From 28 January to 6 February, a snapshot each morning: the home, and the ids of its snapshots."""
    home = tmp_path_factory.mktemp("published")
    days = [FIRST + timedelta(days=number) for number in range(10)]
    return home, [publish(home, at=day, provenance={"as_of": day}).id for day in days]


@pytest.fixture
def ids(published, tmp_path):
    """The ids of a copy of it."""
    home, ids = published
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    return ids


def left(home):
    return sorted(path.name for path in (home / "snapshots").iterdir())


def test_the_newest_days_and_the_first_of_each_month_are_kept(ids, tmp_path):
    retired = purge_snapshots(tmp_path, SnapshotRetention(daily=3), FIRST + timedelta(days=10))
    assert left(tmp_path) == [ids[0], ids[4], *ids[7:]]
    assert list(retired) == [name for name in ids if name not in left(tmp_path)]
    assert fsck(tmp_path) == []


def test_what_was_purged_together_is_listed_together_and_what_a_person_gave_up_by_itself(ids, tmp_path):
    assert purges(tmp_path, ids[-1]) == ()
    first, second = FIRST + timedelta(days=10), FIRST + timedelta(days=11)
    gone = purge_snapshots(tmp_path, SnapshotRetention(daily=3), first)
    ledger = Ledger.open(tmp_path)
    ledger.append("retired", {"id": ids[-2], "as_of": "2026-02-05T06:00:00Z", "reason": "Jane lost the disk"}, second, "0" * 64)
    lost, old = purges(tmp_path, ids[-1])
    assert (lost.what, lost.number, lost.at, lost.lines) == ("lost_snapshots", 1, second, (ledger.seq, ledger.seq))
    assert (old.what, old.number, old.at, old.lines) == ("snapshots", len(gone), first, (ledger.seq - len(gone), ledger.seq - 1))
    assert (old.is_counted, old.period, old.before) == (None, None, None)
    assert "Jane" not in str((lost, old))


def test_the_close_of_a_period_falls_out_after_its_own_time(ids, tmp_path):
    purge_snapshots(tmp_path, SnapshotRetention(daily=1, period_close="P5D"), FIRST + timedelta(days=9))
    assert left(tmp_path) == [ids[4], ids[9]]


def test_a_month_that_was_closed_is_kept_as_it_was_closed_last(ids, tmp_path):
    """The close is published after the first morning of the next month, and once more when late rows had come."""
    midnight = datetime(2026, 2, 1, tzinfo=UTC)
    closes = [publish(tmp_path, at=FIRST + timedelta(days=10 + n), provenance={"as_of": midnight}, landed=n) for n in range(2)]
    today = publish(tmp_path, at=FIRST + timedelta(days=13), provenance={"as_of": FIRST + timedelta(days=13)})
    purge_snapshots(tmp_path, SnapshotRetention(daily=1), FIRST + timedelta(days=13))
    assert left(tmp_path) == [ids[0], closes[1].id, today.id]


def test_the_current_snapshot_stays_even_if_it_is_old(ids, tmp_path):
    restored = roll_back(tmp_path, ids[2], FIRST + timedelta(days=10))
    purge_snapshots(tmp_path, SnapshotRetention(daily=1, period_close="P1D"), FIRST + timedelta(days=4000))
    assert left(tmp_path) == [restored.id]


def test_a_retired_snapshot_is_listed_and_can_not_be_rolled_back_to(ids, tmp_path):
    purge_snapshots(tmp_path, SnapshotRetention(daily=1), FIRST + timedelta(days=10))
    listed = {snapshot.id: snapshot.retired for snapshot in SnapshotStore(tmp_path).list()}
    assert set(listed) == set(ids)
    assert listed[ids[1]]
    with pytest.raises(PublishingError, match="were purged by our retention"):
        roll_back(tmp_path, ids[1], FIRST)


@pytest.mark.parametrize(
    ("period", "expected"),
    [("P6Y", "2022-02-28"), ("P1M", "2028-01-29"), ("P90D", "2027-12-01"), ("P1Y2W", "2027-02-14"), ("P4Y", "2024-02-29")],
)
def test_a_period_is_subtracted_by_the_calendar(period, expected):
    assert (datetime(2028, 2, 29, tzinfo=UTC) - read_duration(period)).date().isoformat() == expected
