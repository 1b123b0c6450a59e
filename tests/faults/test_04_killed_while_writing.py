"""Fault 4: kill during COPY: no half file stands under a final name, readers see old or new, and one rerun converges."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_snapshots import AT, publish, roll_back

from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_current
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.ledger import Ledger
from promisekept.sources.zone.storage import INCOMING, clear_incoming


def killed_everywhere(tmp_path, action):
    """Homes in which `action` was killed at every point, the last one finished."""
    template, folder = tmp_path / "template", tmp_path / "killed"
    folder.mkdir()
    script = Path(__file__).parents[1] / "publishing" / "kill_points.py"
    subprocess.run([sys.executable, str(script), str(template), str(folder), action], check=True)
    return sorted(folder.iterdir())


def restated(home):
    """By snapshot the numerators before and after, and that the history has a file for each snapshot and no other."""
    names = [snapshot.id for snapshot in reversed(SnapshotStore(home).list())]
    assert [path.name for path in sorted((home / "history").iterdir())] == [f"{name}.parquet" for name in names]
    with open_current(home) as snapshot:
        rows = snapshot.cursor().execute("select snapshot, old_numerator, new_numerator from history.fct_restatements")
        return rows.fetchall()


def figure(home):
    with open_current(home) as snapshot:
        cursor = snapshot.cursor().execute("select numerator from marts.fct_metrics where dimension = 'all'")
        return snapshot.id, cursor.fetchall()[0][0]


@pytest.mark.slow
def test_publishing_killed_at_every_step_leaves_old_or_new_and_a_rerun_converges(tmp_path):
    old = publish(tmp_path / "template", numerator=9)
    homes = killed_everywhere(tmp_path, "publish")
    assert len(homes) > 15
    seen = set()
    for home in homes:
        name, numerator = figure(home)
        assert (numerator == 9) == (name == old.id)
        seen.add(numerator)
        again = publish(home, numerator=8)
        assert figure(home) == (again.id, 8)
        assert again.sequence == 2
        assert [path.name for path in sorted((home / "snapshots").iterdir())] == [old.id, again.id]
        assert restated(home) == [(again.id, 9, 8)]
        assert fsck(home) == []
    assert seen == {8, 9}


@pytest.mark.slow
def test_the_first_publication_killed_at_every_step_leaves_nothing_or_all(tmp_path):
    (tmp_path / "template").mkdir()
    for home in killed_everywhere(tmp_path, "publish"):
        assert publish(home, numerator=8).sequence == 1
        assert fsck(home) == []
        assert figure(home)[1] == 8
        assert restated(home) == []


@pytest.mark.slow
def test_a_rollback_killed_at_every_step_leaves_old_or_new(tmp_path):
    first = publish(tmp_path / "template", numerator=9)
    second = publish(tmp_path / "template", numerator=8)
    for home in killed_everywhere(tmp_path, first.id):
        name, numerator = figure(home)
        assert (name, numerator) == (second.id, 8) if name == second.id else numerator == 9
        SnapshotStore(home).recover(Ledger.open(home))
        assert fsck(home) == []
        again = roll_back(home, first.id, AT)
        assert again.sequence in {3, 4}
        assert figure(home)[1] == 9
        assert [row[1:] for row in restated(home)] == [(9, 8), (8, 9)]


@pytest.mark.slow
def test_a_rejection_killed_at_every_step_leaves_the_good_snapshot(tmp_path):
    old = publish(tmp_path / "template", numerator=9)
    for home in killed_everywhere(tmp_path, "reject"):
        assert figure(home) == (old.id, 9)
        SnapshotStore(home).recover(Ledger.open(home))
        assert fsck(home) == []


COPY = """
import sys
import time
from pathlib import Path
import duckdb
from promisekept.sources.zone.storage import write_rows
Path(sys.argv[1]).mkdir(parents=True)
slow = "select range as n, sha256(range::varchar) as text from range(20_000_000)"
write_rows(duckdb.connect(config={"threads": 1}), Path(sys.argv[1]), "requests", slow, {})
"""


def test_a_copy_killed_half_way_leaves_its_bytes_under_a_temporary_name_only_and_the_next_run_sweeps_them(tmp_path):
    landing = tmp_path / "landing"
    with subprocess.Popen([sys.executable, "-c", COPY, str(landing)]) as process:
        deadline = time.monotonic() + 60
        while not [path for path in landing.glob("requests/*") if path.stat().st_size > 100_000]:
            assert process.poll() is None, "the copy ended before it could be killed"
            assert time.monotonic() < deadline, "nothing was written"
            time.sleep(0.01)
        process.kill()
    (half,) = (landing / "requests").iterdir()
    assert half.name.startswith(INCOMING)
    clear_incoming(landing)
    assert list((landing / "requests").iterdir()) == []
