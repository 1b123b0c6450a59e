"""What was lost comes back as it was published, or not at all; and what can't come back can be given up."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from small_snapshots import AT, a_candidate, a_verdict, publish, roll_back

from promisekept.errors import PublishingError
from promisekept.publishing.fsck import fsck
from promisekept.publishing.history import HISTORY_LOST
from promisekept.publishing.publications import RESTORED
from promisekept.publishing.reader import open_current, read_current
from promisekept.publishing.store import SnapshotStore
from promisekept.restatement.restoring import Rebuilt, find_lost, give_up, point_to_newest, put_back
from promisekept.sources.zone.ledger import Ledger


@pytest.fixture
def lost(tmp_path):
    """Two snapshots, the second of which restates a figure, and nothing left but the ledger."""
    ids = [publish(tmp_path).id, publish(tmp_path, numerator=8, at=AT + timedelta(days=1)).id]
    kept = {file.name: file.read_bytes() for file in (tmp_path / "history").iterdir()}
    for folder in ("snapshots", "history"):
        shutil.rmtree(tmp_path / folder)
    (tmp_path / "CURRENT").unlink()
    return tmp_path, ids, kept


def again(home, one, **marts):
    candidate = a_candidate(home, **marts)
    ledger = Ledger.open(home)
    put_back(home, ledger, one, Rebuilt(candidate, a_verdict(candidate)), AT + timedelta(days=9))


def test_both_come_back_with_their_ids_and_the_history_byte_for_byte(lost):
    home, ids, kept = lost
    first, second = find_lost(home, Ledger.open(home))
    assert [(one.id, one.folder, one.history) for one in (first, second)] == [(name, True, True) for name in ids]
    again(home, first, numerator=9)
    again(home, second, numerator=8)
    point_to_newest(home, Ledger.open(home))
    assert {file.name: file.read_bytes() for file in (home / "history").iterdir()} == kept
    assert fsck(home) == []
    assert find_lost(home, Ledger.open(home)) == []
    assert [line.body["id"] for line in Ledger.open(home).lines(RESTORED)] == ids
    with open_current(home) as reader:
        assert reader.id == ids[1]
        assert reader.cursor().execute("select count(*) from history.fct_restatements").fetchall() == [(1,)]
    assert roll_back(home, ids[0], AT + timedelta(days=10)).restored == ids[0]


def test_marts_that_say_something_else_are_not_put_back(lost):
    home, ids, _ = lost
    one, _ = find_lost(home, Ledger.open(home))
    with pytest.raises(PublishingError, match=f"Snapshot {ids[0]}: built again it has another content"):
        again(home, one, numerator=7)
    assert len(find_lost(home, Ledger.open(home))) == 2
    assert list((home / "snapshots").iterdir()) == []


def test_the_second_does_not_come_back_before_the_first(lost):
    home, _, _ = lost
    _, second = find_lost(home, Ledger.open(home))
    with pytest.raises(PublishingError, match="what was published before is unknown"):
        again(home, second, numerator=8)


def test_only_a_lost_history_file_is_put_back_where_the_snapshot_is_there(tmp_path):
    ids = [publish(tmp_path).id, publish(tmp_path, numerator=8).id]
    (tmp_path / "history" / f"{ids[0]}.parquet").unlink()
    (one,) = find_lost(tmp_path, Ledger.open(tmp_path))
    assert (one.folder, one.history) == (False, True)
    again(tmp_path, one, numerator=9)
    assert fsck(tmp_path) == []
    assert not list(Ledger.open(tmp_path).lines(RESTORED))


def test_a_kill_before_the_ledgers_line_leaves_it_lost_and_the_next_restore_ends_it(lost, monkeypatch):
    home, ids, _ = lost
    one, _ = find_lost(home, Ledger.open(home))

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "append", die)
        with pytest.raises(KeyboardInterrupt):
            again(home, one, numerator=9)
    one, _ = find_lost(home, Ledger.open(home))
    assert (one.id, one.folder, one.history) == (ids[0], True, False)
    again(home, one, numerator=9)
    assert [left.id for left in find_lost(home, Ledger.open(home))] == ids[1:]


def test_what_is_given_up_is_retired_and_the_next_publication_is_compared_with_what_is_left(lost):
    home, ids, _ = lost
    first, _ = find_lost(home, Ledger.open(home))
    again(home, first, numerator=9)
    ledger = Ledger.open(home)
    give_up(home, ledger, find_lost(home, ledger), AT + timedelta(days=9), "the program is another one")
    (line,) = ledger.lines(HISTORY_LOST)
    assert line.body == {"files": [f"history/{ids[1]}.parquet"], "reason": "the program is another one"}
    assert fsck(home) != []  # CURRENT is gone until the next publication
    third = publish(home, numerator=7, at=AT + timedelta(days=10))
    assert fsck(home) == []
    assert read_current(home)["snapshot"] == third.id
    with open_current(home) as reader:
        rows = reader.cursor().execute("select compared_with, old_numerator, new_numerator from history.fct_restatements")
        assert rows.fetchall() == [(ids[0], 9.0, 7.0)]
    assert {one.id: one.retired for one in SnapshotStore(home).list()} == {third.id: False, ids[1]: True, ids[0]: False}
