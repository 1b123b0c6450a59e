"""Fault 21: 2+ dashboards read while publishing: no torn read, no error, and sequences that only grow.

Fault 22: reader holds old snapshot through GC: its query ends on its own snapshot, though that was retired meanwhile.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from aftermath import require_sound
from small_snapshots import publish

from promisekept.publishing.reader import open_current, read_current

READER = """
import sys, threading
from pathlib import Path
from promisekept.publishing.reader import open_current
home, wrong, ended = Path(sys.argv[1]), [], threading.Event()
reads = [0]

def read():
    last = 0
    while not ended.is_set():
        with open_current(home) as snapshot:
            figure, sequence = "select numerator from marts.fct_metrics where dimension = 'all'", snapshot.manifest["sequence"]
            (row,) = snapshot.cursor().execute(figure).fetchall()
            if row[0] != sequence or sequence < last:
                wrong.append((row[0], sequence, last))
            last = sequence
            reads[0] += 1

def guarded():
    try:
        read()
    except BaseException as error:
        wrong.append(error)

threads = [threading.Thread(target=guarded) for _ in range(3)]
for thread in threads:
    thread.start()
print("reading", flush=True)
sys.stdin.read()
ended.set()
for thread in threads:
    thread.join()
assert not wrong, wrong[:3]
assert reads[0] > 20, reads
"""


@pytest.mark.slow
def test_21_readers_of_two_processes_see_each_snapshot_whole_while_twelve_are_published(tmp_path):
    publish(tmp_path, numerator=1)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    readers = [subprocess.Popen([sys.executable, "-c", READER, str(tmp_path)], **pipes) for _ in range(2)]
    for reader in readers:
        assert reader.stdout.readline() == "reading\n"
    for numerator in range(2, 14):
        publish(tmp_path, numerator=numerator)
    for reader in readers:
        _, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
    assert read_current(tmp_path)["sequence"] == 13
    require_sound(tmp_path, allowed=())


def test_22_a_query_begun_before_ten_publications_ends_on_its_snapshot_though_its_files_are_gone(tmp_path):
    first = publish(tmp_path, numerator=1, fct_records="select range as record_key from range(200_000)")
    with open_current(tmp_path) as old:
        cursor = old.cursor().execute("select record_key from marts.fct_records order by record_key")
        assert cursor.fetchone() == (0,)
        for numerator in range(2, 12):
            publish(tmp_path, numerator=numerator)
        shutil.rmtree(tmp_path / "snapshots" / first.id)
        assert len(cursor.fetchall()) == 199_999
        again = old.cursor().execute("select numerator from marts.fct_metrics where dimension = 'all'").fetchall()
        assert (old.id, again) == (first.id, [(1,)])
    with open_current(tmp_path) as new:
        assert new.manifest["sequence"] == 11
